# Canaries: a database in which every personal value holds a word that is nowhere else. None of
# them is in a masked dump, its report or its messages; and copies in columns without a mask are
# found.

use strict;
use warnings;

use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use File::Temp ();

use PgSample::Test::Masks;
use PgSample::Test::Server;
use PgSample::Test::Staging;

my $server    = PgSample::Test::Server->start;
# only a superuser can create the extension on version 12
my @AS        = $server->version < 130_000 ? (as => undef) : ();
my $directory = File::Temp->newdir;
my $db        = $server->create_database;
my $has_hstore = $db->value(q{SELECT count(*) FROM pg_available_extensions WHERE name = 'hstore'});
my $KEY       = key_file('canaries');

# The i-th canary of a column; matched in any case.
sub canary { return "zqx$_[0]wren" }
my $CANARY = qr/zqx\w*wren|wrxenqz/i;

# Name, type, SQL of the value of row i (with the canary as c), mask.
my @COLUMNS = (
    [ 'email',    'public.citext UNIQUE',  q{c || '@Real.Example'},                         'email' ],
    [ 'login',    'text UNIQUE',           q{c},                                            'user_name' ],
    [ 'name',     'text',                  q{'Dr. ' || c || ' ' || c || 'son'},             'name' ],
    [ 'first',    'varchar(40)',           q{c},                                            'first_name' ],
    [ 'last',     'name',                  q{c},                                            'last_name' ],
    [ 'padded',   'char(30)',              q{c},                                            'pattern' ],
    [ 'street',   'text',                  q{c || 'road 7'},                                'street' ],
    [ 'town',     'text',                  q{c || 'ville'},                                 'city' ],
    [ 'firm',     'text',                  q{c || ' Ltd.'},                                 'company' ],
    [ 'digest',   'text',                  q{c},                                            'hash' ],
    [ 'code',     'text COLLATE "C"',      q{'AB-' || c},                                   'pattern' ],
    [ 'constant', 'text',                  q{c},                                            'fixed nobody' ],
    [ 'gone',     'text',                  q{c},                                            'null' ],
    [ 'empty',    'text',                  q{c},                                            'empty' ],
    [ 'picked',   'text',                  q{c},                                            'pick a|b|c' ],
    [ 'prose',    'text',                  q{'Somebody, ' || c || ' by name, wrote this.'}, 'words' ],
    [ 'memo',     'text',                  q{'Call ' || c || '@real.example, or Dr. ' || c || ' ' || c || 'son.'}, 'fixed none' ],
    [ 'old_mail', 'text[]',                q{ARRAY[c || '@a.example', NULL, c || '"@b.example']}, 'email' ],
    [ 'matrix',   'text[]',                q{ARRAY[ARRAY[c, c], ARRAY['x', c]]},            'hash' ],
    [ 'profile',  'jsonb',                 q{jsonb_build_object('a', c, 'b', jsonb_build_array(c, 1.10, jsonb_build_object('d', c)))}, 'json all' ],
    [ 'as_was',   'json',                  q{('{"b": "' || c || '", "b" : ["' || c || '", 1e400]}')::json}, 'json all' ],
    [ 'page',     'xml',                   q{('<p n="' || c || '">' || c || '</p>')::xml},  'null' ],
    [ 'picture',  'bytea',                 q{convert_to(c, 'UTF8')},                        'empty' ],
    [ 'print',    'bytea',                 q{convert_to(c, 'UTF8')},                        'hash' ],
    [ 'search',   'tsvector',              q{to_tsvector('simple', c)},                     'empty' ],
    ($has_hstore ? [ 'pairs', 'public.hstore', q{public.hstore(ARRAY['k', c])},             'null' ] : ()),
);
my $N = 30;

sub rows_sql
{
    my ($table, $first) = @_;
    my $names = join ', ', 'id', map { $_->[0] } @COLUMNS;
    my $values = join ', ', map { "($_->[2])" } @COLUMNS;
    return "INSERT INTO $table ($names) SELECT i, $values FROM generate_series($first, $first + $N - 1) i,"
        . q{ LATERAL (SELECT 'zqx' || translate(i::text, '0123456789', 'abcdefghij') || 'wren') AS w (c)};
}

my $definitions = join ', ', map { "$_->[0] $_->[1]" } @COLUMNS;
(my $plain = $definitions) =~ s/ UNIQUE//g;
my $result = $db->psql(join ";\n",
    'CREATE EXTENSION citext', ($has_hstore ? 'CREATE EXTENSION hstore' : ()),
    "CREATE TABLE person (id int PRIMARY KEY, $definitions, shown text GENERATED ALWAYS AS (upper(login)) STORED)",
    rows_sql('person', 1),
    # by key, in a partition, in a child
    'CREATE TABLE session (id int PRIMARY KEY, login text REFERENCES person (login), mail public.citext REFERENCES person (email))',
    q{INSERT INTO session SELECT id, login, upper(email::text) FROM person},
    "CREATE TABLE visit (id int, day date, $plain) PARTITION BY RANGE (day)",
    'CREATE TABLE visit_old PARTITION OF visit FOR VALUES FROM (MINVALUE) TO (\'2024-01-01\')',
    'CREATE TABLE visit_new PARTITION OF visit DEFAULT',
    rows_sql('visit', 100), q{UPDATE visit SET day = '2023-12-01'::date + id},
    'DELETE FROM visit WHERE day IS NULL',
    "CREATE TABLE document (id int, $plain)", 'CREATE TABLE letter (more text) INHERITS (document)',
    rows_sql('document', 200), rows_sql('letter', 300), q{UPDATE letter SET more = email::text},
    'CREATE TABLE tree (name text PRIMARY KEY, parent text REFERENCES tree)',
    q{INSERT INTO tree SELECT 'zqxtreewren' || i, 'zqxtreewren' || nullif(i - 1, 0) FROM generate_series(1, 9) i},
    '');
ok($result->is_ok, 'the database is made') or BAIL_OUT($result->describe);
# a partition key is no value to be masked, and neither is a row without one
$db->sql(rows_sql('visit_new', 400) =~ s/INSERT INTO visit_new \(id/INSERT INTO visit (day, id/r =~ s/SELECT i,/SELECT '2024-02-01'::date + i, i,/r);

my @RULES = (
    (map { "*.$_->[0] = $_->[3]" } grep { $_->[0] ne 'name' } @COLUMNS),
    'person.name = name', 'visit.name = name', 'document.name = name', 'tree.name = hash', 'letter.more = email',
);

sub arguments
{
    return ("--mask-key-file=$KEY", map { "--mask=$_" } @_);
}

sub canaries_in
{
    my ($text) = @_;
    my %seen;
    $seen{ lc $_ }++ for $text =~ /$CANARY/g;
    # bytea is written in hexadecimal digits
    $seen{'in hexadecimal'}++ if $text =~ /\\\\x[0-9a-f]*7a7178[0-9a-f]*7772656e/i;
    return join ', ', (sort keys %seen)[ 0 .. (keys %seen > 5 ? 4 : keys(%seen) - 1) ];
}

sub slurp
{
    my ($path) = @_;
    open my $file, '<', $path or return '';
    local $/ = undef;
    return scalar <$file>;
}

subtest 'the canaries are there' => sub {
    my $raw = $db->sample('--limit=1000');
    is($raw->status, 0, 'sampled') or diag $raw->describe;
    my %seen = map { lc $_ => 1 } $raw->stdout =~ /$CANARY/g;
    cmp_ok(scalar keys %seen, '>', 4 * $N, 'in a dump without masks');
    isnt(canaries_in($raw->stdout), '', 'and are found there');
};

my $n_reports = 0;

# Nothing that a run writes has a canary.
sub is_silent
{
    my ($name, @argument) = @_;
    my $report = "$directory/report" . ++$n_reports . '.json';
    my $run = $db->sample("--report=$report", @argument, arguments(@RULES));
    is($run->status, 0, "$name: masked") or diag $run->describe =~ s/$CANARY/(canary)/gr;
    is(canaries_in($run->stdout), '', "$name: none in the dump");
    is(canaries_in($run->stderr), '', "$name: none in messages");
    ok(-s $report, "$name: there is a report");
    is(canaries_in(slurp($report)), '', "$name: none in it");
    return $run;
}

subtest 'nothing that a run writes has a canary' => sub {
    my $one = 'zqx' . 'b' . 'wren';
    my $run = is_silent('all', '--limit=1000', '-v');
    my $target = $server->restore($run->stdout, @AS);
    is($target->value('SELECT count(*) FROM person'), $N, 'it restores');
    is($target->value('SELECT count(*) FROM session JOIN person USING (login) WHERE mail = email'), $N, 'and its keys hold');
    is($target->value('SELECT count(DISTINCT (email, login, digest)) FROM person'), $N, 'and are distinct');
    unlike($run->stdout, qr/Dr\.|\@real|\@a[.]example/i, 'nothing beside the canaries either');
    is_silent('--inserts', '--limit=1000', '--inserts');
    is_silent('--data-only', '--limit=1000', '--data-only');
    is_silent('a condition', "--limit=person = login = '$one', * = 0");
    is_silent('several conditions', "--limit=person = 3 where name LIKE '%$one%', session = 2 where mail = '$one\@real.example', * = 1");
    is_silent('a root rule', "--root=person = login = '$one'", '-v');
    is_silent('a column of all tables', "--where-column=login = '$one'");
    is_silent('the provenance of a row', '--root=person = 5', '--explain=person:1', '--explain-edges');
    is_silent('the provenance of a row with such a key', '--root=tree:zqxtreewren1', '--explain=tree:zqxtreewren9', '--explain-edges');
    my $csv = "$directory/roots.csv";
    open my $file, '>', $csv or die "could not write: $!\n";
    print {$file} "login\n$one\n";
    close $file or die "could not write: $!\n";
    is_silent('roots of a file', "--root-file=person=$csv");
    is_silent('missing ones', '--limit=2', '--continue-on-error');
};

subtest 'copies in other columns are found' => sub {
    $db->sql(<<'SQL');
CREATE TABLE leak (id int PRIMARY KEY, plain text, inside text, listed text[], jb jsonb, j json, x xml, harmless text);
INSERT INTO leak SELECT p.id, p.email::text, 'Mail to ' || p.login || ', please', ARRAY['x', p.login], jsonb_build_object('k', jsonb_build_array(p.login)),
       ('{"k": {"mail": "' || p.email::text || '"}}')::json, ('<a>' || p.login || '</a>')::xml, 'nothing'
  FROM person p WHERE p.id <= 7;
SQL
    my $run = $db->sample('--limit=1000', arguments(@RULES));
    is($run->status, 0, 'a warning is enough') or diag $run->describe;
    for my $column (qw(plain inside listed jb j x)) {
        like($run->stderr, qr/warning: .*leak[.]$column\b.*\b7\b|warning: .*\b7\b.*leak[.]$column\b/, "$column: found, with how often");
    }
    unlike($run->stderr, qr/leak[.]harmless/, 'and nowhere else');
    unlike($run->stderr, $CANARY, 'no value is shown');
    my $required = $db->sample('--limit=1000', '--mask-required', arguments(@RULES, 'leak.* = keep'));
    is($required->status, 5, 'with --mask-required it is an error') or diag $required->describe;
    is($required->stdout, '', 'and nothing is written');
    is(canaries_in($required->stderr), '', 'no value is shown');
    my $masked = $db->sample('--limit=1000', arguments(@RULES, 'leak.plain = email', 'leak.inside = words', 'leak.listed = hash', 'leak.jb = json all',
        'leak.j = json all', 'leak.x = null'));
    is($masked->status, 0, 'masked');
    unlike($masked->stderr, qr/leak[.]\w+ *$|occur/m, 'nothing is found any more');
    is(canaries_in($masked->stdout), '', 'and nothing is there');
    $db->sql('DROP TABLE leak');
};

done_testing;
