# JSON: which values become what, which records are records, and what hostile ones do.

use strict;
use warnings;

use FindBin;
use List::Util qw(shuffle);
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Load;
use PgSample::Test::Server;

my $server  = PgSample::Test::Server->start;
my $db      = $server->create_database;
my @STAGING = ('--staging=auto', '--staging=always');

$db->sql(<<'SQL');
CREATE TABLE t (id numeric PRIMARY KEY, v text, g int GENERATED ALWAYS AS (1) STORED);
CREATE DOMAIN positive AS numeric CHECK (VALUE > 0);
CREATE DOMAIN document AS jsonb;
CREATE DOMAIN words AS text[];
CREATE DOMAIN label AS varchar(20);
CREATE TYPE mood AS ENUM ('calm', 'storm');
SQL

# The rejects of a run: by record, { reason, raw }.
sub read_rejects
{
    my ($path) = @_;
    my $text = slurp($path);
    my (%found, @fields);
    $text =~ s/\A[^\n]*\n//;
    while ($text =~ /\G(?:"([^"]*(?:""[^"]*)*)"|([^",\n]*))([,\n])/g) {
        my ($value, $end) = (defined $1 ? $1 : $2, $3);
        $value =~ s/""/"/g;
        push @fields, $value;
        next if $end eq ',';
        $found{ $fields[1] } = { reason => $fields[5], raw => $fields[6] };
        @fields = ();
    }
    return \%found;
}

# Loads the text into t, or another table; returns the result and its rejects.
sub load_json
{
    my ($file, $text, @options) = @_;
    my $rejects = input_path('rejects.csv');
    my $result = load($db, '--max-errors=100%', "--rejects-file=$rejects", @options,
        input_file($file, $text));
    return ($result, -e $rejects ? read_rejects($rejects) : {});
}

# ---- the table of the manual

# [JSON, text of the column; or the reason, as a regular expression]
my %VALUES = (
    'json' => [
        [ '"a\tb"', '"a\tb"', 'string' ],
        [ '1.10', '1.10', 'number' ],
        [ 'true', 'true', 'true' ],
        [ 'null', undef, 'null' ],
        [ '{ "b" :1e0,"b":[] }', '{ "b" :1e0,"b":[] }', 'object, with its duplicates' ],
        [ '[ 1,"\u00e4" ]', '[ 1,"\u00e4" ]', 'array' ],
    ],
    'jsonb' => [
        [ '"x"', '"x"', 'string' ],
        [ '-0', '0', 'number' ],
        [ 'false', 'false', 'false' ],
        [ 'null', undef, 'null' ],
        [ '{"b":1,"a":{}}', '{"a": {}, "b": 1}', 'object' ],
        [ '[1,2]', '[1, 2]', 'array' ],
    ],
    'document' => [ [ '"x"', '"x"', 'string of a domain' ], [ '{"a":1}', '{"a": 1}', 'object of a domain' ] ],
    'text' => [
        [ '"a\tb\n\\\\ \" \/ \u00e4\ud83d\ude00"', "a\tb\n\\ \" / \xc3\xa4\xf0\x9f\x98\x80", 'string' ],
        [ '"\\\\N"', '\N', 'string that is not NULL' ],
        [ '""', '', 'empty string' ],
        [ '-1.50E+3', '-1.50E+3', 'number' ],
        [ 'true', 'true', 'true' ],
        [ 'null', undef, 'null' ],
        [ '{"a": [1]}', '{"a": [1]}', 'object' ],
        [ '[1, "\n"]', '[1, "\n"]', 'array' ],
    ],
    'varchar(20)' => [
        [ '"x"', 'x', 'string' ],
        [ '{"a":1}', '{"a":1}', 'object' ],
        [ '[]', '[]', 'array' ],
        [ '"123456789012345678901"', qr/too long/, 'string that is too long' ],
    ],
    'char(3)' => [ [ '"x"', 'x', 'string' ], [ '{}', qr/cannot take an object/, 'object' ] ],
    'numeric' => [
        [ '123456789012345678901234567890.10', '123456789012345678901234567890.10', '30 digits' ],
        [ '1E400', '1' . '0' x 400, 'beyond double precision' ],
        [ '-0', '0', 'minus zero' ],
        [ '"1.10"', '1.10', 'string' ],
        [ '"NaN"', 'NaN', 'NaN as a string' ],
        [ 'true', qr/invalid input syntax/, 'true' ],
        [ 'null', undef, 'null' ],
        [ '{}', qr/column "v" cannot take an object/, 'object' ],
        [ '[1]', qr/column "v" cannot take an array/, 'array' ],
    ],
    'positive' => [ [ '1.10', '1.10', 'number of a domain' ], [ '-1', qr/violates check/, 'and its CHECK' ] ],
    'double precision' => [ [ '1.5', '1.5', 'number' ], [ '-0', '-0', 'minus zero' ],
        [ '1e400', qr/out of range/, 'beyond' ], [ '"Infinity"', 'Infinity', 'string' ] ],
    'integer' => [ [ '7', '7', 'number' ], [ '7.0', qr/invalid input syntax/, 'fraction' ],
        [ '99999999999', qr/out of range/, 'beyond' ] ],
    'boolean' => [ [ 'true', 'true', 'true' ], [ '"f"', 'false', 'string' ], [ '1', 'true', 'number' ],
        [ '2', qr/invalid input syntax/, 'other number' ] ],
    'bytea' => [ [ '"\\\\x00ff"', '\x00ff', 'string' ], [ '[0]', qr/cannot take an array/, 'array' ] ],
    'timestamptz' => [ [ '"2026-01-02T03:04:05Z"', '2026-01-02 03:04:05+00', 'string' ],
        [ '1767322800', qr/date\/time|out of range/, 'number' ] ],
    'mood' => [ [ '"storm"', 'storm', 'string' ], [ '"x"', qr/enum/, 'other string' ] ],
    'int[]' => [
        [ '[1,null,-3]', '{1,NULL,-3}', 'array' ],
        [ '[]', '{}', 'empty array' ],
        [ '[[1,2],[3,4]]', '{{1,2},{3,4}}', 'dimensions' ],
        [ '[[1,2],[3]]', qr/malformed array|multidimensional/i, 'dimensions that differ' ],
        [ '[1,[2]]', qr/malformed array|multidimensional/i, 'mixed' ],
        [ '["1"," 2"]', '{1,2}', 'strings' ],
        [ '"[0:1]={1,2}"', '[0:1]={1,2}', 'string' ],
        [ '[{}]', qr/object cannot be an element/, 'objects' ],
        [ '{}', qr/cannot take an object/, 'object' ],
        [ '7', qr/malformed array/, 'number' ],
        [ 'null', undef, 'null' ],
    ],
    'text[]' => [
        [ '["a b","","NULL","\"\\\\{},",null,"null"," x "]',
            '{"a b","","NULL","\"\\\\{},",NULL,"null"," x "}', 'strings' ],
        [ '[true,1.10,{"a":"\""}]', '{true,1.10,"{\"a\":\"\\\\\"\"}"}', 'others' ],
        [ '[["a"],["b"]]', '{{a},{b}}', 'dimensions' ],
    ],
    'varchar(20)[]' => [ [ '["a",{"b": 1}]', '{a,"{\"b\": 1}"}', 'objects as written' ] ],
    'label' => [ [ '{"a": 1}', '{"a": 1}', 'object of a domain' ], [ '[1, 2]', '[1, 2]', 'array of a domain' ] ],
    'words' => [ [ '["a","b"]', '{a,b}', 'array of a domain' ] ],
    'positive[]' => [ [ '[1,2.50]', '{1,2.50}', 'array over a domain' ], [ '[-1]', qr/violates check/, 'its CHECK' ] ],
    'box[]' => [ [ '["(1,1),(0,0)","(3,3),(2,2)"]', '{(1,1),(0,0);(3,3),(2,2)}', 'another delimiter' ] ],
    'jsonb[]' => [ [ '[1,"x",null,[1,2],{"a":"b"}]', '{1,"\"x\"",NULL,"[1, 2]","{\"a\": \"b\"}"}', 'elements as written' ] ],
    'json[]' => [ [ '[[1, 2], "a\"b"]', '{"[1, 2]","\"a\\\\\"b\""}', 'elements as written' ] ],
    'document[]' => [ [ '[[1],{}]', '{[1],"{}"}', 'array over a domain over jsonb' ] ],
);

subtest 'values' => sub {
    for my $type (sort keys %VALUES) {
        my @cases = @{ $VALUES{$type} };
        $db->sql("DROP TABLE IF EXISTS v; CREATE TABLE v (id int PRIMARY KEY, v $type)");
        my $text = join '', map { qq({"id":$_,"v":$cases[$_ - 1][0]}\n) } 1 .. @cases;
        my ($result, $rejects) = load_json('v.jsonl', $text);
        for my $i (1 .. @cases) {
            my ($json, $expected, $name) = @{ $cases[$i - 1] };
            if (ref $expected) {
                like($rejects->{$i}{reason}, $expected, "$type: $name: $json");
                is($db->value("SELECT count(*) FROM v WHERE id = $i"), 0, "$type: $name: rejected");
                next;
            }
            my $row = $db->rows("SELECT v::text FROM v WHERE id = $i");
            is(@$row ? $row->[0][0] : 'no row', $expected, "$type: $name: $json")
                or diag $result->describe;
        }
        next if grep { ref $_->[1] } @cases;
        loads($db, ["--staging=always", 'v=' . input_file('v.json', $text)],
            'unchanged ' . @cases, "$type: once more");
    }
};

# ---- random records, as the server's own functions read them

sub pick { return $_[ int rand @_ ] }

sub blank { return join '', map { pick(q{ }, "\t", "\n", "\r\n") } 1 .. pick(0, 0, 0, 1, 2) }

sub random_string
{
    my @piece = ('a' .. 'e', 'NULL', '\\\\N', '\\\\.', '{', '}', '[', ']', ',', ':', '\\"', '\\\\', '\\/', '\\n', '\\t', '\\u0041',
        '\\u20aC', '\\ud83d\\ude00', "\xc3\xa4", "\xf0\x9f\x98\x80", "'", q{ }, "\x7f");
    return '"' . join('', map { pick(@piece) } 1 .. int rand 8) . '"';
}

sub random_scalar
{
    return pick(random_string(), random_string(), 'true', 'false', 'null', '-0', '1.10', '1E400', int rand 1e9,
        '-123456789012345678901234567890.5e-7');
}

sub random_list
{
    my ($open, $close, @item) = @_;
    return $open . blank() . join(blank() . ',' . blank(), @item) . blank() . $close;
}

sub random_value
{
    my ($depth) = @_;
    my $kind = $depth > 0 ? int rand 3 : 0;
    return random_scalar() if !$kind;
    my @item = map { random_value($depth - 1) } 1 .. int rand 4;
    return random_list('[', ']', @item) if $kind == 1;
    return random_list('{', '}', map { random_string() . blank() . ':' . blank() . $_ } @item);
}

subtest 'random records' => sub {
    my $seed = $ENV{PG_SAMPLE_TEST_SEED} || 4711;
    srand $seed;
    note "PG_SAMPLE_TEST_SEED=$seed";
    $db->sql('CREATE TABLE r (id int PRIMARY KEY, t text, j json, a text[]); CREATE TABLE line (id int, v json)');
    my @records = map {
        my @member = (qq("id":$_), '"t":' . random_value(2), '"j":' . random_value(3),
            '"a":' . random_list('[', ']', map { random_scalar() } 1 .. int rand 4));
        random_list('{', '}', shuffle(@member))
    } 1 .. 2000;
    loads($db, [ '--staging=always', 'r=' . input_file('r.json', random_list('[', ']', @records)) ], 'inserted 2000',
        'are loaded');
    loads($db, [ '--mode=append', 'line=' . input_file('line.copy', copy_text(map { [ $_, $records[ $_ - 1 ] ] } 1 .. 2000)) ],
        'inserted 2000', 'and the server reads them');
    is($db->value(<<'SQL'), 0, 'to the same values');
SELECT count(*)
  FROM r JOIN line USING (id)
 WHERE t IS DISTINCT FROM v ->> 't'
    OR j::text IS DISTINCT FROM CASE WHEN json_typeof(v -> 'j') <> 'null' THEN (v -> 'j')::text END
    OR a IS DISTINCT FROM ARRAY(SELECT e FROM json_array_elements_text(v -> 'a') WITH ORDINALITY AS x (e, n) ORDER BY n)
SQL
    is($db->value(q{SELECT count(*) FROM r JOIN line USING (id) WHERE (v ->> 'id')::int = id}), 2000, 'each its own');
};

# ---- which records there are

# The file becomes these rows of t, "id v".
sub becomes
{
    my ($file, $text, $expected, $name, @options) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    for my $staging (@STAGING) {
        $db->sql('TRUNCATE t');
        my $result = load($db, $staging, @options, 't=' . input_file($file, $text));
        is($result->status, 0, "$name: loaded") or diag $result->describe;
        is(content($db, 't', q{concat_ws(' ', id, v)}), join("\n", @$expected), "$name: rows");
    }
    return;
}

subtest 'records' => sub {
    my @three = ('1 a', '2 b', '3 c');
    my @records = map { my ($id, $v) = split / /; qq({"id":$id,"v":"$v"}) } @three;
    becomes('t.json', join('', @records), \@three, 'concatenated');
    becomes('t.json', join("\n", @records), \@three, 'with line ends');
    becomes('t.json', '[' . join(",\n", @records) . "]\n", \@three, 'an array');
    becomes('t.json', "[$records[0]]$records[1] [] [$records[2]]", \@three, 'several arrays');
    becomes('t.json', "\xef\xbb\xbf {\n \"id\" : 1 ,\r\n\t\"v\" : \"a\" }", ['1 a'], 'one, with a byte order mark');
    becomes('t.jsonl', join("\n", @records), \@three, 'lines');
    becomes('t.ndjson', "\xef\xbb\xbf\n\n" . join(" \r\n \n", @records) . "\r\n", \@three, 'lines with CR LF');
    becomes('t.json.gz', gz(join "\n", @records), \@three, 'compressed');
    becomes('t.jsonl.zst', zst(join "\n", @records), \@three, 'compressed by zstd');
    becomes('t.any', "\n [" . join(',', @records) . ']', \@three, 'recognized by its beginning');
    becomes('t.any', join("\n", @records), \@three, 'the same, lines');
    becomes('t.txt', join("\n", @records), \@three, '--format', '--format=jsonl');
    becomes('t.json', '{"v":"a","id":1} {"ID":2,"v":"b"}', [ @three[ 0, 1 ] ], 'any order, folded names');
    becomes('t.json', '{"key":1,"v":"a"} {"id":2,"w":"b"}', [ @three[ 0, 1 ] ], '--map', '--map=key:id,w:v');
    becomes('t.json', '{"id":1,"x":[],"v":"a","g":7}', ['1 a'], '--ignore-unknown-columns',
        '--ignore-unknown-columns');
    $db->sql('TRUNCATE t');
    my $result = load($db, '--staging=always', 't=-', { stdin => join "\n", @records });
    is($result->summary, 'inserted 3', 'standard input') or diag $result->describe;

    for my $empty ('', " \n", '[]', '[ ] [ ]') {
        my $path = input_file('t.json', $empty);
        my $run = refuses($db, ["t=$path"], 3, qr/0 rows were read from \Q$path\E, fewer than --min-rows=1/,
            "no record: '$empty'");
        is($run->count('total_source_rows', 't'), 0, 'counted as none');
    }
};

subtest 'envelopes' => sub {
    becomes('t.json', '{"data":{"id":1,"v":"a"}} {"id":2,"v":"b"}', [ '1 a', '2 b' ], 'with and without');
    becomes('t.json', '{"meta":{"data":1},"id":7,"data":{"v":"a","id":1},"v":[]}', ['1 a'], 'other members');
    becomes('t.json', '{"id":7,"v":"old","data":{"id":1}}', ['1'], 'members before it are none of the record');
    becomes('t.json', '{"data":{"id":1},"v":"new","id":7,"x":{"v":"x"}}', ['1'], 'nor are those behind it');
    becomes('t.json', '{"payload":{"id":1,"v":{"data":1}}}', ['1 {"data":1}'], '--data-member',
        '--data-member=t=payload');
    my ($result, $rejects) = load_json('t.json',
        '{"data":1}{"data":null}{"data":[{"id":1}]}{"data":"{}"}{"data":{},"data":{}}{"data":{"data":{}}}');
    is($rejects->{$_}{reason}, 'member "data" is not an object', "record $_") for 1 .. 4;
    is($rejects->{5}{reason}, 'member "data" occurs twice', 'twice');
    is($rejects->{6}{reason}, 'the table has no column "data"', 'only one level');
    ($result, $rejects) = load_json('t.json', '{"data":{"id":1}}', '--data-member=none');
    is($rejects->{1}{reason}, 'the table has no column "data"', 'none');

    $db->sql('CREATE TABLE d (id int PRIMARY KEY, data jsonb)');
    loads($db, [ 'd=' . input_file('d.json', '{"id":1,"data":{"id":2}}') ], 'inserted 1', 'a column of that name');
    is(content($db, 'd'), '(1,"{""id"": 2}")', 'is a column');
    loads($db, [ '--data-member=data', 'd=' . input_file('d.json', '{"x":1,"data":{"id":2,"data":3}}') ],
        'inserted 1', 'unless --data-member names it');
    is(content($db, 'd'), qq{(1,"{""id"": 2}")\n(2,3)}, 'then it has the record');
};

# ---- what records lack

subtest 'presence' => sub {
    $db->sql('CREATE TABLE p (a int PRIMARY KEY, b text, c text)');
    my $text = qq({"c":"x","a":1}\n{"a":2,"b":null,"c":"y"}\n{"a":3}\n);
    my $result = start_load($db, '--stage-only', 'p=' . input_file('p.jsonl', $text), { keep => 1 })->finish;
    is($result->status, 0, 'staged') or diag $result->describe;
    my ($name) = left_tables($db);
    is(join(' ', @{ $db->column(qq{SELECT coalesce(_pg_sample_load_present::text, '-')
        FROM _pg_sample_load."$name" ORDER BY _pg_sample_load_record}) }), '101 - 100', 'which columns a record has');
    is($db->value("SELECT atttypid::regtype FROM pg_attribute WHERE attrelid = '_pg_sample_load.\"$name\"'::regclass"
                . " AND attname = '_pg_sample_load_present'"), 'bit varying', 'as bits');
    $result = load($db, "--commit-staged=$name");
    is($result->summary, 'inserted 3', '--commit-staged') or diag $result->describe;
    is(content($db, 'p'), "(1,,x)\n(2,,y)\n(3,,)", 'rows');

    $db->sql('TRUNCATE p');
    loads($db, [ '--slice=b=north', 'p=' . input_file('p.jsonl', qq({"a":1,"c":"x"}\n{"a":2,"b":"north","c":"y"}\n)) ],
        'inserted 2', '--slice');
    is(content($db, 'p'), "(1,north,x)\n(2,north,y)", 'its value is that of records without the column');

    refuses($db, [ 'p=' . input_file('p.json', '{"a":1}'), 'p=' . input_file('p.csv', "a,b\n1,2\n") ], 3,
        qr/p[.]csv is not JSON, in contrast to the previous files/, 'JSON, then CSV');
    refuses($db, [ 'p=' . input_file('p.csv', "a,b,c\n1,2,3\n"), 'p=' . input_file('p.json', '{"a":1}') ], 3,
        qr/p[.]json is JSON, in contrast to the previous files/, 'CSV, then JSON');
};

subtest 'without staging tables' => sub {
    my $file = 't=' . input_file('t.json', '{"id":1}');
    for my $option ('--no-staging', '--staging=never', '--apply=direct') {
        refuses($db, [ $option, $file ], 1, qr/without staging tables/, $option);
    }
    refuses($db, [ '--encoding=LATIN1', $file ], 1, qr/JSON.*UTF-8.*LATIN1/, 'another encoding');
    $db->sql('TRUNCATE t');
    loads($db, [ '--encoding=utf-8', $file ], 'inserted 1', 'this encoding');
};

subtest 'neither staging tables nor temporary ones' => sub {
    my $role = $db->as($server->create_role('poor'));
    my $name = $db->name;
    $db->sql("REVOKE ALL ON DATABASE $name FROM PUBLIC; GRANT CONNECT ON DATABASE $name TO poor; GRANT ALL ON t TO poor");
    my $file = input_file('t.json', '{"id":5}');
    refuses($role, ["t=$file"], 3, qr/cannot load \Q$file\E into table public[.]t without staging tables/,
        'are refused');
    refuses($role, [ 't=-', { stdin => '{"id":5}' } ], 3, qr/cannot load .* without staging tables/,
        'also standard input');
    $db->sql("GRANT TEMPORARY ON DATABASE $name TO PUBLIC");
};

subtest 'several files' => sub {
    $db->sql('TRUNCATE t');
    my @files = map {
        my $n = $_;
        't=' . input_file("$n.jsonl", join '', map { sprintf qq({"id":%d,"v":"%d"}\n), $n * 1000 + $_, $n } 1 .. 500)
    } 1 .. 4;
    push @files, 't=' . input_file('t.json', '[{"id":1},{"id":"x"}]');
    my $result = load($db, '-j', 3, '--staging=always', '--max-errors=1', @files);
    is($result->summary, 'inserted 2001, error 1', '-j') or diag $result->describe;
    is($db->value(q{SELECT string_agg(n::text, ' ') FROM (SELECT count(*) AS n FROM t GROUP BY v ORDER BY v) AS c}),
        '500 500 500 500 1', 'all of them');
};

# ---- rows that the server refuses

subtest 'refused values' => sub {
    $db->sql('CREATE TABLE n (id int PRIMARY KEY, d double precision, w text)');
    my @records = map {
        my $d = $_ % 3 == 0 ? '1e400' : $_ % 7 == 0 ? '"x"' : '-1.5';
        $_ % 2 ? qq({"id": $_, "d":$d}) : qq({"d":$d,"w":"\\n\u00e4","id":$_})
    } 1 .. 1500;
    my ($result, $rejects) = load_json('n.jsonl', join("\n", @records), '--staging=always');
    my @bad = grep { $_ % 3 == 0 || $_ % 7 == 0 } 1 .. 1500;
    is($result->summary, 'inserted ' . (1500 - @bad) . ', error ' . @bad, 'many of them') or diag $result->describe;
    is(join(' ', sort { $a <=> $b } keys %$rejects), "@bad", 'these records');
    is(join("\n", map { $rejects->{$_}{raw} } @bad), join("\n", map { $records[ $_ - 1 ] } @bad),
        'as they were written');
    like($rejects->{3}{reason}, qr/"1e400" is out of range for type double precision/, 'why');
    is($db->value('SELECT count(*) FROM _pg_sample_load.reject WHERE raw LIKE \'%"d":1e400%\''),
        scalar(grep { $_ % 3 == 0 } @bad), 'in the table of rejects, too');
};

# ---- hostile records

# One record between two good ones, in both formats.
sub rejected
{
    my ($record, $reason, $name, $raw) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my %text = (
        't.json' => qq([{"id":1},\n$record\n,{"id":3}]),
        't.jsonl' => qq({"id":1}\n$record\n{"id":3}\n)
    );
    delete $text{'t.jsonl'} if $record =~ /\n/;
    for my $file (sort keys %text) {
        $db->sql('TRUNCATE t');
        my $path = input_file($file, $text{$file});
        refuses($db, ["t=$path"], 3, qr/\Q$path\E, line 2: record 2/, "$name: refused, with file, line and record")
            if $file eq 't.json';
        my ($result, $rejects) = load_json($file, $text{$file});
        is($result->status, 5, "$name: $file: rejected") or diag $result->describe;
        like($result->stderr, qr/[(]\S+\Q$file\E, line 2: record 2[)]/, "$name: $file: where");
        is($result->table->{rejected}{parse}, 1, "$name: $file: counted as parse");
        is(content($db, 't', 'id'), "1\n3", "$name: $file: the others are loaded");
        like($rejects->{2}{reason}, $reason, "$name: $file: why");
        is($rejects->{2}{raw}, defined $raw ? $raw : $record, "$name: $file: its text");
    }
    return;
}

subtest 'hostile records' => sub {
    rejected('{"id":2,"v":1,"v":2}', qr/\Amember "v" occurs twice\z/, 'a member twice');
    rejected('{"id":2,"v":1,"\u0076":2}', qr/\Amember "v" occurs twice\z/, 'twice, written in two ways');
    rejected('{"id":2,"V":1,"v":2}', qr/\Atwo members are for column "v"\z/, 'two names of a column');
    rejected('{"id":2,"v":1,"V":2}', qr/\Atwo members are for column "v"\z/, 'in the other order');
    rejected('{"id":2,"w":1}', qr/\Athe table has no column "w"/, 'an unknown member');
    rejected('{"id":2,"g":1}', qr/\Acolumn "g" is generated/, 'a generated column');
    rejected('{"id":2,}', qr/near byte \d+: the name of a member is missing/, 'a trailing comma');
    rejected('{"id":[2,]}', qr/near byte \d+: a value is missing/, 'a trailing comma in an array');
    rejected('{"id":NaN}', qr/near byte \d+: invalid character/, 'NaN');
    rejected('{"id":-Infinity}', qr/near byte \d+: invalid number/, 'Infinity');
    rejected('{"id":02}', qr/near byte \d+:/, 'a leading zero');
    rejected("{'id':2}", qr/near byte \d+: invalid character/, 'other quotes');
    rejected("{\"id\":2,\"v\":\"a\tb\"}", qr/near byte \d+: control character in a string/, 'a raw tab');
    rejected("{\"id\":2,\"v\":\"a\nb\"}", qr/near byte \d+: control character in a string/, 'a raw line end');
    rejected("{\"id\":2,\"v\":\"a\x01b\"}", qr/at byte 15: control character/, 'another control character');
    rejected("{\"id\":\f2}", qr/at byte 7: control character/, 'a form feed');
    rejected('{"id":2,"v":"\ud800"}', qr/at byte 14: high surrogate/, 'half of a pair');
    rejected('{"id":2,"v":"\udc00x"}', qr/at byte 14: low surrogate/, 'the other half');
    rejected('{"id":2,"v":"\u0000"}', qr/at byte 14: \\u0000/, '\u0000');
    rejected('{"id":2,"v":"' . "\xff" . '"}', qr/at byte 14: invalid UTF-8/, 'invalid UTF-8',
        '{"id":2,"v":"' . "\xff" . '"}');
    rejected('{"id":2,"v":"' . "\xc0\xaf" . '"}', qr/at byte 14: invalid UTF-8/, 'overlong UTF-8',
        '{"id":2,"v":"' . "\xc0\xaf" . '"}');
    rejected('{"v":' . '[' x 100_000 . ']' x 100_000 . '}', qr/deeper than 1000 levels/, 'depth 100,000');
    rejected('2', qr/\Athe record is not an object\z/, 'a number');
    rejected('"x"', qr/\Athe record is not an object\z/, 'a string');
    rejected('null', qr/\Athe record is not an object\z/, 'null');
};

subtest 'where records are not certain' => sub {
    my @cases = (
        [ qq({"id":1}\n{"id":2]}\n{"id":3}), 2, 2, 'does not close', 'brackets that do not match' ],
        [ qq({"id":1}\n{"id":2\n{"id":3}), 2, 2, 'bracket of the record is not closed', 'a bracket that is open' ],
        [ qq({"id":1}\n{"id":2,"v":"x}\n), 2, 2, 'string of the record is not closed', 'a string that is open' ],
        [ qq({"id":1}\n}), 2, 2, '"}" is where a record should begin', 'one too many' ],
        [ qq({"id":1},\n{"id":2}), 1, 2, '"," is where a record should begin', 'a comma without an array' ],
        [ qq([{"id":1}\n{"id":2}]), 2, 2, 'a comma or the end of the array', 'an array without a comma' ],
        [ qq([{"id":1}), 1, 2, 'the array of the records is not closed', 'an array that is cut off' ],
    );
    for my $case (@cases) {
        my ($text, $line, $record, $problem, $name) = @$case;
        my $path = input_file('t.json', $text);
        refuses($db, [ $_, '--max-errors=100%', "t=$path" ], 3,
            qr/\Q$path\E, line $line: record $record: .*\Q$problem\E/, "$name, $_")
            for @STAGING;
    }
    my ($result, $rejects) = load_json('t.jsonl', qq({"id":11}\n{"id":2]}\n{"id":2\n"x\n{"id":12}{"id":13}\n{"id":14}\n));
    is($result->summary, 'inserted 2, error 4', 'of lines only these are rejected') or diag $result->describe;
    like($rejects->{5}{reason}, qr/more after the record in its line, at byte 10/, 'two records in a line');
    ($result, $rejects) = load_json('t.json', qq([{"id":21},,{"id":22},]));
    is($result->summary, 'inserted 2, error 2', 'commas without elements are rejected') or diag $result->describe;
    like($rejects->{4}{reason}, qr/no element before or after a comma/, 'and why');
};

subtest 'a NUL byte' => sub {
    my ($result) = load_json('t.jsonl', qq({"id":31}\n{"id":32,"v":"a\0b"}\n{"id":33}\n));
    is($result->summary, 'inserted 2, error 1', 'rejects the record') or diag $result->describe;
    like($result->stderr, qr/NUL byte.*line 2: record 2/, 'with its number');
};

subtest 'byte order marks' => sub {
    my $mark = "\xef\xbb\xbf";
    my ($result, $rejects) = load_json('t.jsonl', qq($mark$mark\n{"id":41}\n$mark\{"id":42}\n{"id":43,"v":"$mark"}\n));
    is($result->summary, 'inserted 2, error 2', 'reject lines that are not the first') or diag $result->describe;
    is($rejects->{$_}{reason}, 'a byte order mark can only be at the beginning', "record $_") for 1, 3;
    is($db->value('SELECT v FROM t WHERE id = 43'), $mark, 'in a string it is a character');
    ($result, $rejects) = load_json('t.json', qq($mark\{"id":44}\n$mark\{"id":45}));
    is($result->summary, 'inserted 2, error 1', 'of files that were put together') or diag $result->describe;
    is($rejects->{2}{reason}, 'a byte order mark can only be at the beginning', 'the second one');
};

subtest 'other encodings' => sub {
    my $wide = join '', map { "$_\0" } split //, qq({"id":1}\n{"id":2}\n);
    my $other = join '', map { "\0$_" } split //, qq([{"id":1}]);
    for my $text ("\xff\xfe$wide", $wide, "\xfe\xff$other", $other) {
        for my $file ('t.json', 't.jsonl') {
            my $path = input_file($file, $text);
            my $result = refuses($db, [ '--max-errors=100%', "t=$path" ], 3,
                qr/\Q$path\E, line 1: the text is in UTF-16 or UTF-32, not in UTF-8/, "$file: UTF-16");
            like($result->stderr, qr/hint: Convert it with "iconv/, "$file: a hint");
        }
    }
};

subtest 'compressed twice' => sub {
    for my $file ('t.json.gz', 't.csv.gz', 't.copy.gz') {
        my $path = input_file($file, gz(gz(qq({"id":1}\n) x 1000)));
        refuses($db, [ '--max-errors=100%', "t=$path" ], 2, qr/could not read \Q$path\E: it is compressed twice/, $file);
        $path = input_file($file, gz(zst('{"id":1}')));
        refuses($db, [ '--max-errors=100%', "t=$path" ], 2, qr/could not read \Q$path\E: it is compressed twice/, "$file: zstd");
    }
};

# Where the server refuses a value, and of other formats.
subtest 'lines of rejected records' => sub {
    my %text = (
        't.json' => qq([{"id":1,\n"v":"a"},\n\n{"id":"x"},\n{"w":1}]),
        't.csv' => qq(id,v\n1,"a\nb\nc"\nx,y\n7\n),
        't.copy' => "1\ta\\\nb\\\nc\nx\ty\n7\n",
        't.sql' => "--\n-- PostgreSQL database dump\n--\nCOPY public.t (id, v) FROM stdin;\n1\ta\nx\ty\n9e999999\tz\n\\.\n"
            . "--\n-- PostgreSQL database dump complete\n--\n"
    );
    my %line = ('t.json' => [ 4, 5 ], 't.csv' => [ 5, 6 ], 't.copy' => [ 4, 5 ], 't.sql' => [ 6, 7 ]);
    for my $file (sort keys %text) {
        for my $options (@STAGING, '--staging=always --batch-size=1', '--staging=always --jobs=2') {
            $db->sql('TRUNCATE t');
            my ($result) = load_json($file, $text{$file}, split / /, $options);
            is($result->summary, 'inserted 1, error 2', "$file, $options: loaded") or diag $result->describe;
            for my $i (0, 1) {
                my $where = "$file, line $line{$file}[$i]: record " . ($i + 2);
                like($result->stderr, qr/\Q$where\E[)]/, "$options: $where");
            }
        }
    }
};

subtest 'a string of 200 MB' => sub {
    my $path = input_path('t.json');
    open my $file, '>:raw', $path or die "could not write $path: $!\n";
    print {$file} '{"id":1,"v":"';
    print {$file} 'x' x 1_000_000 for 1 .. 200;
    print {$file} '"}{"id":2}';
    close $file or die "could not write $path: $!\n";
    $db->sql('TRUNCATE t');
    my $result = load($db, '--staging=always', "t=$path");
    is($result->summary, 'inserted 2', 'is loaded') or diag $result->describe;
    is(content($db, 't', q{id || ' ' || length(coalesce(v, ''))}), "1 200000000\n2 0", 'as it is');
};

done_testing();
