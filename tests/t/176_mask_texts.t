# Masks of values with parts, beside what the server makes of them: json, arrays, hstore,
# xml, and texts; in several encodings.

use strict;
use warnings;
use utf8;

use Encode qw(encode);
use File::Temp ();
use FindBin;
use JSON::PP ();
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Server;
use PgSample::Test::Staging;

my $server    = PgSample::Test::Server->start;
my $directory = File::Temp->newdir;
my $key_file  = "$directory/key";
my $random    = 176;

sub draw
{
    my ($n) = @_;
    $random = ($random * 1_103_515_245 + 12_345) % 2**31;
    return int($random / 65_536) % $n;
}

sub write_key
{
    open my $out, '>', $key_file or die "could not write $key_file: $!";
    print {$out} "0123456789abcdef0123456789abcdef\n";
    close $out or die "could not write $key_file: $!";
    chmod 0600, $key_file or die "could not change the mode of $key_file: $!";
    return;
}

# The masked copy of a database.
sub masked_copy
{
    my ($source, @rules) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $result =
        $source->sample('--limit=* = *', "--mask-key-file=$key_file", map { "--mask=$_" } @rules);
    ok($result->is_ok, "masked: $rules[0]") or do { diag $result->describe; return };
    return $server->restore($result->stdout);
}

# ---- random json, as text

my @STRINGS = (
    'ann@example.com', 'Ann Smith',  '+49 171 1234567', 'a "b" \\ c', "tab\tand\nline", "\x{e4}\x{f6}\x{fc}",
    "\x{1f418} \x{65e5}", 'x',       '2024-01-15',      '10.0.0.1',   'AB-12345',       '</script>'
);
my @NUMBERS = qw(0 1 -1 42 1.10 -12.500 12345678901234567890 1e10 2.5E-3 0.001);

sub random_string
{
    my $text = $STRINGS[ draw(scalar @STRINGS) ];
    my $json = JSON::PP->new->allow_nonref;
    $json->ascii if draw(2);
    return $json->encode($text);
}

sub random_leaf
{
    my $kind = draw(8);
    return random_string() if $kind < 4;
    return $NUMBERS[ draw(scalar @NUMBERS) ] if $kind < 6;
    return (qw(true false null))[ draw(3) ];
}

sub random_value
{
    my ($depth) = @_;
    my $kind = draw($depth > 3 ? 3 : 6);
    my $blank = (q{}, q{}, q{ }, "\n")[ draw(4) ];
    return random_leaf() if $kind < 3;
    my @parts = map { random_value($depth + 1) } 1 .. draw(4);
    return '[' . join(",$blank", @parts) . "$blank]" if $kind == 3;
    my @names = map { ('"a"', '"b"', '"email"', '"with blank"', "\"\x{e4}\"", '"\\u0061"')[ draw(6) ] } @parts;
    return "{$blank" . join(',', map { "$names[$_]$blank: $parts[$_]" } 0 .. $#parts) . '}';
}

sub create_documents
{
    my $source = $server->create_database;
    $source->sql('CREATE TABLE docs (id int PRIMARY KEY, j json, jb jsonb, marked json)');
    for my $id (1 .. 400) {
        my $value  = random_value(0);
        my $inner  = random_leaf();
        my $top    = "{\"a\": $inner, \"b\" :{\"c\":[$inner, {\"d\" : $inner}]},\"rest\": $value }";
        my $marked = "[$value , {\"a\" : \"\@\@$id\@\@\", \"b\": $value}]";
        $source->session->query(
            'INSERT INTO docs VALUES ('
                . join(', ', $id, map { quoted($_) } $value, $top, $marked) . ')');
    }
    return $source;
}

sub quoted
{
    my ($text) = @_;
    $text =~ s/'/''/g;
    utf8::encode($text);
    return "'$text'";
}

# What jsonb_set() makes of what is there and is not null.
sub set_path
{
    my ($column, $path, $value) = @_;
    return "CASE WHEN jsonb_typeof($column #> '$path') IN ('string', 'number', 'boolean')"
        . " THEN jsonb_set($column, '$path', $value) ELSE $column END";
}

write_key();
my $documents = create_documents();

subtest 'paths, and jsonb_set()' => sub {
    for my $case (
        [ '$.a',        '{a}',       '= fixed F',  q{'"F"'} ],
        [ '$.b.c[0]',   '{b,c,0}',   '= fixed F',  q{'"F"'} ],
        [ '$.b.c[*].d', '{b,c,1,d}', '= null',     q{'null'} ],
        [ '$.b..d',     '{b,c,1,d}', '= fixed xy', q{'"xy"'} ],
    ) {
        my ($path, $server_path, $mask, $value) = @$case;
        my $target = masked_copy($documents, "docs.jb $path $mask") // next;
        my $expected = set_path('jb', $server_path, $value);
        is_deeply(
            $target->rows('SELECT id, jb, j::text FROM docs ORDER BY id'),
            $documents->rows("SELECT id, $expected, j::text FROM docs ORDER BY id"),
            "$path is what the server makes of it"
        );
    }
};

subtest 'paths that lead nowhere' => sub {
    my $db = $server->create_database;
    $db->sql(<<'SQL');
CREATE EXTENSION hstore;
CREATE TABLE a (id int PRIMARY KEY, doc jsonb, pairs hstore);
CREATE TABLE b (id int PRIMARY KEY, doc json);
CREATE TABLE none (id int PRIMARY KEY, doc json);
INSERT INTO a VALUES (1, '{"mail": {"to": "x"}, "list": [1, null]}', 'k=>v'), (2, NULL, NULL);
INSERT INTO b VALUES (1, '{"other": 1}');
INSERT INTO none VALUES (1, NULL);
SQL
    my %rules = (
        'a.doc $.mial.to = hash' => 1, 'a.doc $.mail.from = hash' => 1, 'a.doc $.list[2] = hash' => 1, 'a.pairs $.l = hash' => 1,
        'a.doc $.mail = hash' => 0, 'a.doc $.list[1] = hash' => 0, 'a.doc $..to = keep' => 0, 'a.pairs $.k = hash' => 0,
        '*.doc $.other = hash' => 0, '*.doc $.another = hash' => 1, 'none.doc $.any = hash' => 0, 'a.doc $ = hash' => 0
    );
    for my $rule (sort keys %rules)
    {
        my $result = $db->sample("--mask=$rule");
        my @warnings = $result->stderr =~ /warning: mask rule "\Q$rule\E" masks nothing: no value in the sample has such a path/g;
        is($result->status . ' ' . @warnings, "0 $rules{$rule}", $rule) or diag($result->stderr);
    }
    like($db->sample('--mask=a.doc $.mail = hash, a.doc $.mail.to = hash')->stderr, qr/mask rule "a.doc \$.mail.to = hash" masks nothing/, 'a rule before it');
};

subtest 'all other bytes stay' => sub {
    my $target = masked_copy($documents, 'docs.marked $[1].a = fixed F') // return;
    is_deeply(
        $target->rows('SELECT id, marked::text FROM docs ORDER BY id'),
        $documents->rows(
            q{SELECT id, replace(marked::text, '"@@' || id || '@@"', '"F"') FROM docs ORDER BY id}),
        'in json as it was written'
    );
};

# The shape of a value: names, and types of leaves. Numbers stay numbers.
sub shape
{
    my ($value) = @_;
    return { map { $_ => shape($value->{$_}) } keys %$value } if ref $value eq 'HASH';
    return [ map { shape($_) } @$value ] if ref $value eq 'ARRAY';
    return defined $value ? "bool $value" : 'null' if !defined $value || ref $value;
    return JSON::PP->new->allow_nonref->encode($value) =~ /^"/ ? 'string' : 'number';
}

subtest 'json all' => sub {
    my $target = masked_copy($documents, 'docs.j = json all, docs.jb = json all, docs.marked = keep')
        // return;
    my $json = JSON::PP->new->allow_nonref->utf8;
    my $before = $documents->rows('SELECT j::text, jb::text FROM docs ORDER BY id');
    my $after  = $target->rows('SELECT j::text, jb::text FROM docs ORDER BY id');
    for my $column (0, 1) {
        is_deeply(
            [ map { shape($json->decode($_->[$column])) } @$after ],
            [ map { shape($json->decode($_->[$column])) } @$before ],
            'the shape stays'
        );
        my $all = join "\n", map { $_->[$column] } @$after;
        unlike($all, qr/ann\@example\.com|Ann Smith|1234567\b|AB-12345|10\.0\.0\.1/, 'no value does');
    }
    is(
        $target->value(q{SELECT count(*) FROM docs WHERE j::text LIKE '%@example.com%'}),
        $documents->value(q{SELECT count(*) FROM docs WHERE j::text LIKE '%@example.com%'}),
        'addresses become addresses'
    );
};

# ---- people

sub create_people
{
    my ($encoding, $name) = @_;
    my $source = $server->create_database(encoding => $encoding, locale => 'C');
    $source->sql(<<'SQL');
CREATE TABLE people (id int PRIMARY KEY, email text UNIQUE, name varchar(20), phone text, street varchar(16),
    note varchar(90), story text, emails text[], friends text[][], profile json);
SQL
    my $text = encode($encoding eq 'EUC_JP' ? 'euc-jp' : $encoding eq 'LATIN1' ? 'iso-8859-1' : 'utf-8', $name);
    for my $id (1 .. 60) {
        my $next = $id % 60 + 1;
        $source->session->query(<<"SQL");
INSERT INTO people VALUES ($id, 'p$id\@company.com', '$text $id', '+49 171 55501' || lpad('$id', 2, '0'),
    '$id $text', 'Call $text $id, or p$id\@company.com', 'Dear $text $id! p$next\@company.com, +49 171 5550123; $text.',
    ARRAY['p$id\@company.com', NULL, 'p$next\@company.com'], '[0:1][2:3]={{"$text, x",NULL},{"","a \\"b\\" \\\\"}}',
    '{"email": "p$id\@company.com", "name": "$text"}')
SQL
    }
    return $source;
}

for my $case ([ UTF8 => "\x{c4}nne Miller" ], [ LATIN1 => "\x{c4}nne Miller" ], [ EUC_JP => "\x{5c71}\x{7530} Taro" ]) {
    my ($encoding, $name) = @$case;

    subtest "texts and arrays in $encoding" => sub {
        plan skip_all => 'CREATE DATABASE takes no locale before version 13'
            if $server->version < 130_000;
        my $source = create_people($encoding, $name);
        my $target = masked_copy($source,
            'people.email = email',
            'people.name = name',
            'people.phone = phone',
            'people.street = street',
            'people.note = scrub',
            'people.story = words',
            'people.emails = email',
            'people.friends = name',
            'people.profile $.email = email, people.profile $.name = words') // return;

        is($target->value('SELECT count(*) FROM people p, people q WHERE q.id = p.id % 60 + 1
            AND p.emails = ARRAY[p.email, NULL, q.email]'), 60, 'elements are masked as columns are');
        is($target->value(q{SELECT count(*) FROM people WHERE profile ->> 'email' = email}), 60, 'so are parts of json');
        is($target->value(q{SELECT count(*) FROM people WHERE note = 'Call ' || name || ', or ' || email}),
            60, 'free texts have the masks of their row');
        is($target->value(q{SELECT count(*) FROM people WHERE friends[0][3] IS NULL AND friends[1][2] = ''
            AND array_dims(friends) = '[0:1][2:3]' AND friends[1][3] <> ''}), 60, 'arrays keep their shape');
        is_deeply(
            $target->column(q{SELECT cardinality(string_to_array(story, ' ')) FROM people ORDER BY id}),
            $source->column(q{SELECT cardinality(string_to_array(story, ' ')) FROM people ORDER BY id}),
            'as many words'
        );
        is($target->value(q{SELECT count(*) FROM people p WHERE p::text LIKE '%company.com%' OR p::text LIKE '%Miller%'
            OR p::text LIKE '%Taro%' OR p::text LIKE '%5550123%'}), 0, 'no value stays');
    };
}

subtest 'hstore and xml' => sub {
    plan skip_all => 'before version 13 hstore is restored by superusers only' if $server->version < 130_000;
    plan skip_all => 'before version 13 hstore is restored by superusers only'
        if $server->version < 130_000;
    my $source = $server->create_database;
    $source->sql('CREATE EXTENSION hstore; CREATE TABLE t (id int PRIMARY KEY, h hstore, x xml)');
    $source->sql(<<'SQL');
INSERT INTO t SELECT i, hstore(ARRAY['email', 'a "b" \', 'none', 'kept'], ARRAY['p' || i || '@company.com', 'x "y" \ ' || i, NULL, 'k']),
    xmlelement(name person, xmlattributes(i AS id, 'Ann &' AS title, 'urn:ann' AS "xmlns:a", 'Bob' AS _b), xmlelement(name name, 'Ann & Bob ' || i), xmlcomment('Ann'))
FROM generate_series(1, 50) i
SQL
    my $target = masked_copy($source, 't.h $.email = email, t.h $."a \"b\" \\\\" = fixed \'q"\\r\'', 't.x = words') // return;
    is($target->value(q{SELECT count(*) FROM t WHERE h -> 'email' LIKE '%@example.com' AND h -> 'a "b" \' = 'q"\r'
        AND h -> 'none' IS NULL AND h ? 'none' AND h -> 'kept' = 'k'}), 50, 'values of keys');
    is($target->value(q{SELECT count(*) FROM t WHERE x::text ~ '^<person id="[0-9]+" title="[A-Z][a-z]+ &amp;" xmlns:a="urn:ann" _b="[A-Z][a-z]+"><name>' AND x::text LIKE '%</name><!--%--></person>'
        AND x::text !~ 'Ann|Bob' AND xml_is_well_formed(x::text)}), 50, 'texts between tags and in attributes');
};

done_testing();
