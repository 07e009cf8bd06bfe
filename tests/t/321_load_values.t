# Values and tables of every kind: what is stored is what the server reads from the text,
# equal rows are told from different ones, and sequences only move forward.

use strict;
use warnings;

use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Load;
use PgSample::Test::Server;

my $server = PgSample::Test::Server->start;
my $db     = $server->create_database;
my @STAGING = ('--staging=auto', '--staging=always');

sub file
{
    my (@rows) = @_;
    return input_file('t.csv', csv(@rows));
}

sub column_is
{
    my ($expected, $name, $table) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    return is(content($db, $table || 't'), join("\n", @$expected), $name);
}

# ---- types

$db->sql(<<'SQL');
CREATE EXTENSION citext;
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE TYPE pair AS (a int, b text);
CREATE DOMAIN positive AS numeric CHECK (VALUE > 0);
CREATE DOMAIN short AS varchar(5) NOT NULL;
CREATE DOMAIN words AS text[] CHECK (cardinality(VALUE) < 4);
CREATE TYPE floats AS RANGE (subtype = float8);
SQL

# Type, a value, and one that differs from it.
my @TYPES = (
    [ text => 'plain', "tab\tnew\nline\r\\ \"quoted\" 'it' \\N \\." ],
    [ text => '',      ' ' ],
    [ text => "\xc3\xa9\xf0\x9f\x98\x80", 'e' ],
    [ 'varchar(10)' => 'a', 'a ' ],
    [ 'char(5)'     => 'a', 'b' ],
    [ citext => 'Case', 'case' ],
    [ bigint => '9223372036854775807', '9223372036854775806' ],
    [ smallint => '-32768', '0' ],
    [ numeric => '1.0', '1.00' ],
    [ numeric => '12345678901234567890123.4567890123456789', 'NaN' ],
    [ 'numeric(10,2)' => '1.25', '1.26' ],
    [ float8 => '0.1', '0.10000000000000002' ],
    [ float8 => 'NaN', 'Infinity' ],
    [ float8 => '0', '-0' ],
    [ boolean => 't', 'f' ],
    [ date => '2025-02-28', 'infinity' ],
    [ timestamp => '2025-02-28 12:00:00.123456', '2025-02-28 12:00:00.123457' ],
    [ timestamptz => '2025-02-28 12:00:00+02', '2025-02-28 12:00:00+03' ],
    [ interval => '1 mon', '30 days' ],
    [ timetz => '12:00:00+01', '11:00:00+00' ],
    [ json => '{"a":1}', '{"a": 1}' ],
    [ json => '{"a":1,"a":2}', '{"a":2}' ],
    [ jsonb => '{"a": 1}', '{"a": 1.0}' ],
    [ jsonb => '{"n": 123456789012345678901234567890.5}', '{}' ],
    [ xml => '<a>1</a>', '<a>2</a>' ],
    [ bytea => '\\x00ff5c', '\\x' ],
    [ uuid => 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a12' ],
    [ point => '(1,2)', '(1,2.0000000001)' ],
    [ polygon => '((0,0),(1,1),(1,0))', '((0,0),(2,2),(2,0))' ],
    [ box => '(1,1),(0,0)', '(2,1),(1,0)' ],
    [ circle => '<(0,0),1>', '<(5,5),1>' ],
    [ path => '[(0,0),(1,1)]', '((0,0),(1,1))' ],
    [ 'int[]' => '{1,NULL,3}', '[0:2]={1,NULL,3}' ],
    [ 'text[]' => '{"a b","\\"",NULL,"NULL",""}', '{}' ],
    [ 'point[]' => '{"(1,2)"}', '{"(1,3)"}' ],
    [ 'json[]' => '{"{\\"a\\":1}"}', '{"{\\"a\\":2}"}' ],
    [ pair => '(1,"a,b")', '(1,)' ],
    [ 'pair[]' => '{"(1,a)"}', '{"(1,b)",NULL}' ],
    [ mood => 'ok', 'happy' ],
    [ positive => '0.1', '0.10' ],
    [ short => 'abcde', '' ],
    [ words => '{a,b}', '{b,a}' ],
    [ int4range => '[1,5)', 'empty' ],
    [ floats => '[1,2]', '[1,2)' ],
    [ tsvector => "'a':1 'b':2", "'a':1A" ],
    [ inet => '10.0.0.1/8', '10.0.0.1/16' ],
    [ macaddr => '08:00:2b:01:02:03', '08:00:2b:01:02:04' ],
    [ 'bit(3)' => '101', '100' ],
    [ 'bit varying' => '1', '10' ],
    [ money => '$1.00', '$2.00' ],
    [ oid => '4294967295', '0' ],
    [ 'pg_lsn' => '16/B374D848', '0/0' ],
    [ 'regclass' => 'pg_class', 'pg_type' ],
);

# The text that the server makes of a literal.
sub stored
{
    my ($type, $value) = @_;
    return $db->value('SELECT ' . PgSample::Test::Server::quote_literal($value)
            . "::${type}::text");
}

subtest 'types: exact values, equal and different ones' => sub {
    my $columns = join ', ', map { "c$_ $TYPES[$_][0]" } 0 .. $#TYPES;
    $db->sql("CREATE TABLE types (id int PRIMARY KEY, $columns)");
    my @header = ('id', map { "c$_" } 0 .. $#TYPES);
    my @first = map { $_->[1] } @TYPES;
    # one row for each column that differs
    my @changed = map {
        my $n = $_;
        [ $n, map { $TYPES[$_][ $_ == $n ? 2 : 1 ] } 0 .. $#TYPES ]
    } 0 .. $#TYPES;
    my $n = @TYPES;
    my %format = (csv => \&csv, copy => \&copy_text);
    for my $format (sort keys %format) {
        my $make = sub {
            my @rows = ((($format eq 'csv') ? [@header] : ()), @_);
            return 'types=' . input_file("types.$format", $format{$format}->(@rows));
        };
        for my $staging (@STAGING) {
            my $name = "$format $staging";
            $db->sql('TRUNCATE types');
            my $file = $make->(map { [ $_, @first ] } 0 .. $#TYPES);
            loads($db, [$staging, $file], "inserted $n", "$name: inserted");
            loads($db, [$staging, $file], "unchanged $n", "$name: equal");
            loads($db, [$staging, $make->(@changed)], "updated $n", "$name: all differ");
            loads($db, [$staging, $make->(@changed)], "unchanged $n", "$name: and are equal then");
            for my $i (0 .. $#TYPES) {
                my ($type, @values) = @{ $TYPES[$i] };
                is($db->value("SELECT c$i\::text FROM types WHERE id = $i"),
                    stored($type, $values[1]), "$name: $type")
                    if $format eq 'csv' && $staging =~ /always/;
            }
        }
    }
};

subtest 'long values out of line' => sub {
    $db->sql('CREATE TABLE long (id int PRIMARY KEY, v text, j json, n int);'
            . 'ALTER TABLE long ALTER v SET STORAGE EXTERNAL');
    my $text = join '', map { chr(97 + $_ * 7 % 26) } 1 .. 20_000;
    (my $other = $text) =~ s/.\z/!/;
    my $json = '{"k": "' . 'x' x 9000 . '"}';
    for my $staging (@STAGING) {
        $db->sql('TRUNCATE long');
        my $file = sub { return input_file('long.csv', csv(['id', 'v', 'j', 'n'], @_)) };
        loads($db, [$staging, $file->([1, $text, $json, 1], [2, $text, $json, 1])],
            'inserted 2', $staging);
        loads($db, [$staging, $file->([1, $text, $json, 1], [2, $other, $json, 1])],
            'updated 1, unchanged 1', "$staging: the last character differs");
        ok($db->value("SELECT v = '$other' FROM long WHERE id = 2") eq 't', "$staging: stored");
    }
};

subtest 'session settings do not change values' => sub {
    my $name = $db->name;
    $db->sql("CREATE TABLE t (id int PRIMARY KEY, d date, s timestamptz, i interval, f float8,"
            . " b bytea); ALTER DATABASE $name SET datestyle = 'German, DMY';"
            . " ALTER DATABASE $name SET intervalstyle = 'sql_standard';"
            . " ALTER DATABASE $name SET extra_float_digits = 0;"
            . " ALTER DATABASE $name SET bytea_output = 'escape'");
    my @row = (1, '2025-03-04', '2025-03-04 05:06:07.089+00', '1 day 02:00:00',
        '0.30000000000000004', '\\x0102');
    my $file = file(['id', 'd', 's', 'i', 'f', 'b'], \@row);
    for my $staging (@STAGING) {
        $db->sql('TRUNCATE t');
        loads($db, [$staging, $file], 'inserted 1', $staging);
        is($db->value("SELECT d = DATE '2025-03-04' AND f = 0.30000000000000004::float8"
                    . " AND s = '2025-03-04 05:06:07.089+00'::timestamptz AND b = '\\x0102' FROM t"),
            't', "$staging: stored");
        loads($db, [$staging, $file], 'unchanged 1', "$staging: again");
    }
    $db->sql("ALTER DATABASE $name RESET ALL; DROP TABLE t");
};

# ---- keys of unusual types

subtest 'keys compare as their index does' => sub {
    $db->sql(<<'SQL');
CREATE COLLATION nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE TABLE ci (k citext PRIMARY KEY, v text);
CREATE TABLE co (k text COLLATE nocase PRIMARY KEY, v text);
CREATE TABLE nu (k numeric PRIMARY KEY, v text);
CREATE TABLE fl (k float8 PRIMARY KEY, v text);
CREATE TABLE ch (k char(4) PRIMARY KEY, v text);
CREATE TABLE ar (k text[] PRIMARY KEY, v text);
INSERT INTO ci VALUES ('Ab', 'old'); INSERT INTO co VALUES ('Ab', 'old');
INSERT INTO nu VALUES (1.0, 'old'); INSERT INTO fl VALUES ('-0', 'old'), ('NaN', 'old');
INSERT INTO ch VALUES ('a', 'old'); INSERT INTO ar VALUES ('{a,NULL}', 'old');
SQL
    my %case = (
        ci => [ 'aB',       'updated 1',            '(aB,new)' ],
        co => [ 'aB',       'updated 1',            '(aB,new)' ],
        nu => [ '1.00',     'updated 1',            '(1.00,new)' ],
        fl => [ 'nan',      'updated 1',            "(-0,old)\n(NaN,new)" ],
        ch => [ 'a   ',     'updated 1',            '("a   ",new)' ],
        ar => [ '{a,NULL}', 'updated 1',            '("{a,NULL}",new)' ],
    );
    for my $table (sort keys %case) {
        my ($key, $counts, $rows) = @{ $case{$table} };
        my $file = input_file("$table.csv", csv(['k', 'v'], [$key, 'new']));
        loads($db, ['--staging=always', $file], $counts, "$table: the same key");
        column_is([ split /\n/, $rows ], "$table: rows", $table);
        loads($db, [$file], 'unchanged 1', "$table: again");
    }
    loads($db, [input_file('ci.csv', csv(['k', 'v'], ['X', 1], ['x', 2], ['AB', 3]))],
        'inserted 1, updated 1, duplicate 1', 'duplicates compare so, too');
    loads($db, [input_file('nu.csv', csv(['k', 'v'], ['5', 1], ['5.0', 2]))],
        'inserted 1, duplicate 1', 'numbers as well');
};

# ---- generated columns, identities, sequences

subtest 'generated columns' => sub {
    $db->sql('CREATE TABLE t (id int PRIMARY KEY, n int,'
            . ' twice int GENERATED ALWAYS AS (n * 2) STORED); INSERT INTO t VALUES (1, 1)');
    for my $staging (@STAGING) {
        $db->sql('TRUNCATE t; INSERT INTO t VALUES (1, 1)');
        loads($db, [$staging, file(['id', 'n'], [1, 5], [2, 6])], 'inserted 1, updated 1',
            $staging);
        column_is([ '(1,5,10)', '(2,6,12)' ], "$staging: rows");
        my $file = file(['id', 'n', 'twice'], [1, 5, 99], [3, 7, 14]);
        refuses($db, [$staging, $file], [ 1, 3 ], qr/twice/, "$staging: a file that has one");
        loads($db, [$staging, '--ignore-unknown-columns', $file], 'inserted 1, unchanged 1',
            "$staging: is ignored if asked for");
        column_is([ '(1,5,10)', '(2,6,12)', '(3,7,14)' ], "$staging: rows");
    }
    $db->sql('DROP TABLE t');
};

subtest 'identities keep the values of the file' => sub {
    for my $kind ('ALWAYS', 'BY DEFAULT') {
        for my $staging (@STAGING) {
            $db->sql('DROP TABLE IF EXISTS t; CREATE TABLE t'
                    . " (id int GENERATED $kind AS IDENTITY PRIMARY KEY, v text);"
                    . " INSERT INTO t (v) VALUES ('a'), ('b')");
            loads($db, [$staging, file(['id', 'v'], [2, 'B'], [50, 'c'])],
                'inserted 1, updated 1', "$kind $staging");
            column_is([ '(1,a)', '(2,B)', '(50,c)' ], "$kind $staging: rows");
            is($db->value('INSERT INTO t (v) VALUES (1) RETURNING id'), 51,
                "$kind $staging: the next value is free");
        }
    }
    $db->sql('DROP TABLE t');
};

subtest 'absent serial columns take values of the sequence' => sub {
    for my $staging (@STAGING) {
        $db->sql('DROP TABLE IF EXISTS t; CREATE TABLE t (id serial PRIMARY KEY,'
                . " code text NOT NULL UNIQUE, v text); INSERT INTO t (code, v) VALUES ('a', 'x')");
        loads($db, [$staging, '--natural-key=code', file(['code', 'v'], ['b', 'y'], ['a', 'X'])],
            'inserted 1, updated 1', $staging);
        column_is([ '(1,a,X)', '(2,b,y)' ], "$staging: no value of the sequence is burnt");
    }
    $db->sql('DROP TABLE t');
};

subtest 'sequences move forward, never back' => sub {
    my $next = sub { return $db->value("SELECT nextval('t_id_seq')") };
    for my $staging (@STAGING) {
        $db->sql('DROP TABLE IF EXISTS t; CREATE TABLE t (id serial PRIMARY KEY, v text)');
        loads($db, [$staging, file(['id', 'v'], [7, 'a'], [3, 'b'])], 'inserted 2', $staging);
        is($next->(), 8, "$staging: beyond the greatest");
        $db->sql("SELECT setval('t_id_seq', 100)");
        loads($db, [$staging, file(['id', 'v'], [20, 'a'])], 'inserted 1', $staging);
        is($next->(), 101, "$staging: not back");
        loads($db, [$staging, file(['id', 'v'], [20, 'A'])], 'updated 1', $staging);
        is($next->(), 102, "$staging: not moved without need");
        loads($db, [$staging, '--strategy=update_only', file(['id', 'v'], [5000, 'A'])],
            'skipped 1', $staging);
        is($next->(), 103, "$staging: not by rows that are skipped");
    }
    # sequences that go down, and owned ones under other names
    $db->sql('DROP TABLE t; CREATE SEQUENCE "down" INCREMENT -1 START -1;'
            . ' CREATE TABLE t (id int DEFAULT nextval(\'"down"\') PRIMARY KEY, v text);'
            . ' ALTER SEQUENCE "down" OWNED BY t.id');
    loads($db, [file(['id', 'v'], [-10, 'a'], [5, 'b'])], 'inserted 2', 'a sequence going down');
    is($db->value(q{SELECT nextval('"down"')}), -11, 'is beyond the least');
    # a sequence that has cached values and is never called
    $db->sql('DROP TABLE t; CREATE TABLE t (id bigserial PRIMARY KEY, v text)');
    loads($db, [file(['id', 'v'], [1, 'a'])], 'inserted 1', 'the first value');
    is($db->value("SELECT nextval('t_id_seq')"), 2, 'is taken');
    my $before = $db->value("SELECT last_value || ' ' || is_called FROM t_id_seq");
    refuses($db, ['--min-rows=5', file(['id', 'v'], [900, 'a'])], 3, qr/row/, 'a refused load');
    is($db->value("SELECT last_value || ' ' || is_called FROM t_id_seq"), $before,
        'does not move it');
    load($db, '--dry-run', file(['id', 'v'], [900, 'a']));
    is($db->value("SELECT last_value || ' ' || is_called FROM t_id_seq"), $before,
        'nor does a dry run');
    $db->sql('DROP TABLE t');
};

# ---- names and kinds of tables

subtest 'odd names' => sub {
    $db->sql(<<'SQL');
CREATE SCHEMA "Odd ""Schema""";
CREATE TABLE "Odd ""Schema"""."it's a ""Table""; --" (
    "Key" int, "sub key" text, "select" text, "%s $1 \ " text DEFAULT 'd', "_present" int,
    PRIMARY KEY ("Key", "sub key")
);
CREATE TABLE "größe" ("ä" int PRIMARY KEY, "日本" text);
CREATE TABLE "Upper" (id int PRIMARY KEY, v text);
CREATE TABLE upper (id int PRIMARY KEY, v text);
CREATE SCHEMA other;
CREATE TABLE other.t (id int PRIMARY KEY, v text);
CREATE TABLE public.t (id int PRIMARY KEY, v text);
SQL
    $db->sql('CREATE TABLE "' . 'x' x 63 . '" (id int PRIMARY KEY, v text)');
    my $odd = q{"Odd ""Schema"""."it's a ""Table""; --"};
    my $file = input_file('x.csv', csv([ 'Key', 'sub key', 'select', '%s $1 \\ ' ],
            [ 1, "a'b", 'x', 'y' ], [ 2, '$$', undef, '%s' ]));
    for my $staging (@STAGING) {
        $db->sql("DELETE FROM $odd");
        loads($db, [$staging, "$odd=$file"], 'inserted 2', "$staging: everything quoted");
        loads($db, [$staging, '--mode=full', "--file", "$odd=$file"], 'unchanged 2',
            "$staging: again");
        is(content($db, $odd), qq{(1,a'b,x,y,)\n(2,\$\$,,%s,)}, "$staging: rows");
        my $long = 'x' x 63;
        $db->sql(qq{TRUNCATE "$long", "größe"});
        loads($db, [$staging, "$long=" . file(['id', 'v'], [1, 'a'])], 'inserted 1',
            "$staging: 63 bytes");
        loads($db, [$staging, input_file('größe.csv', csv(['ä', '日本'], [1, 'ß']))],
            'inserted 1', "$staging: letters");
    }
    loads($db, ['"Upper"=' . file(['id', 'v'], [1, 'quoted'])], 'inserted 1', 'quoted');
    loads($db, ['Upper=' . file(['id', 'v'], [1, 'folded'])], 'inserted 1', 'not quoted');
    is(content($db, '"Upper"') . content($db, 'upper'), '(1,quoted)(1,folded)', 'rows');
    loads($db, ['other.t=' . file(['id', 'v'], [1, 'other'])], 'inserted 1', 'with a schema');
    loads($db, [input_file('other.t.csv', csv(['id', 'v'], [2, 'other']))], 'inserted 1',
        'a file named so');
    loads($db, ['t=' . file(['id', 'v'], [1, 'public'])], 'inserted 1', 'without');
    is(content($db, 'other.t') . '/' . content($db, 't'), "(1,other)\n(2,other)/(1,public)",
        'rows');
    refuses($db, ['tt=' . file(['id', 'v'], [1, 'x'])], 3, qr/tt/, 'a table that is not there');
    is($db->value("SELECT to_regclass('tt') IS NULL"), 't', 'and is not created');
    $db->sql('CREATE VIEW view AS SELECT * FROM t');
    refuses($db, ['view=' . file(['id', 'v'], [1, 'x'])], 3, qr/view/, 'a view');
};

subtest 'a table with the columns of our own tables' => sub {
    $db->sql('CREATE TABLE clash (key int PRIMARY KEY, target_xid text, record text, op text,'
            . ' reason text, t text, s text, d text)');
    my @header = ('key', 'target_xid', 'record', 'op', 'reason', 't', 's', 'd');
    for my $staging (@STAGING) {
        $db->sql('TRUNCATE clash; INSERT INTO clash (key) VALUES (1), (3)');
        my $file = input_file('clash.csv', csv(\@header, [1 .. 8], [2 .. 9]));
        loads($db, [$staging, '--mode=full', '--max-delete-pct=50', $file],
            'inserted 1, updated 1, deleted 1', $staging);
        column_is([ '(1,2,3,4,5,6,7,8)', '(2,3,4,5,6,7,8,9)' ], "$staging: rows", 'clash');
    }
};

subtest 'a table of key columns only' => sub {
    $db->sql('CREATE TABLE pairs (a int, b int, PRIMARY KEY (a, b)); INSERT INTO pairs VALUES (1, 1)');
    loads($db, [input_file('pairs.csv', csv(['b', 'a'], [1, 1], [2, 1]))],
        'inserted 1, unchanged 1', 'incremental');
    column_is([ '(1,1)', '(1,2)' ], 'rows', 'pairs');
};

subtest 'partitioned tables' => sub {
    $db->sql(<<'SQL');
CREATE TABLE p (id int, region text, v text, PRIMARY KEY (id, region)) PARTITION BY LIST (region);
CREATE TABLE p_a PARTITION OF p FOR VALUES IN ('a');
CREATE TABLE p_b (v text, region text NOT NULL, gone int, id int NOT NULL);
ALTER TABLE p_b DROP gone;
ALTER TABLE p ATTACH PARTITION p_b FOR VALUES IN ('b');
CREATE TABLE q (id int PRIMARY KEY, v text) PARTITION BY HASH (id);
CREATE TABLE q0 PARTITION OF q FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE q1 PARTITION OF q FOR VALUES WITH (MODULUS 2, REMAINDER 1);
SQL
    for my $staging (@STAGING) {
        $db->sql("TRUNCATE p, q; INSERT INTO p VALUES (1, 'a', 'x'), (2, 'b', 'y'), (3, 'b', 'z')");
        my $file = input_file('p.csv', csv(['id', 'region', 'v'], [1, 'a', 'X'],
                [2, 'b', 'y'], [4, 'b', 'new']));
        loads($db, [$staging, '--mode=full', '--max-delete-pct=50', $file],
            'inserted 1, updated 1, unchanged 1, deleted 1', $staging);
        column_is([ '(1,a,X)', '(2,b,y)', '(4,b,new)' ], "$staging: rows", 'p');
        refuses($db, [$staging, input_file('p.csv', csv(['id', 'region', 'v'], [9, 'c', 'n']))],
            [ 3, 6 ], qr/partition/, "$staging: no partition for a row");
        loads($db, [$staging, input_file('q.csv', csv(['id', 'v'], map { [$_, "v$_"] } 1 .. 20))],
            'inserted 20', "$staging: by hash");
        loads($db, [$staging, input_file('q.csv', csv(['id', 'v'], map { [$_, "w$_"] } 11 .. 30))],
            'inserted 10, updated 10', "$staging: and updated");
        is($db->value("SELECT count(*) || ' ' || count(*) FILTER (WHERE v ~ 'w') FROM q"), '30 20',
            "$staging: rows");
    }
};

subtest 'rows that move between partitions' => sub {
    $db->sql(<<'SQL');
CREATE TABLE m (id int, region text, v text) PARTITION BY LIST (region);
CREATE TABLE m_a PARTITION OF m FOR VALUES IN ('a');
CREATE TABLE m_b PARTITION OF m FOR VALUES IN ('b');
INSERT INTO m VALUES (1, 'a', 'x'), (2, 'b', 'y');
CREATE TABLE n (id int, region text, v text, PRIMARY KEY (id, region)) PARTITION BY LIST (region);
CREATE TABLE n_a PARTITION OF n FOR VALUES IN ('a');
CREATE TABLE n_b PARTITION OF n FOR VALUES IN ('b');
CREATE TABLE of_n (id int, region text, FOREIGN KEY (id, region) REFERENCES n ON DELETE CASCADE ON UPDATE CASCADE);
INSERT INTO n VALUES (1, 'a', 'x');
INSERT INTO of_n VALUES (1, 'a');
SQL
    my $result = loads($db, ['--staging=always', '--natural-key=id',
            input_file('m.csv', csv(['id', 'region', 'v'], [1, 'b', 'x'], [2, 'b', 'y']))],
        'updated 1, unchanged 1', 'a row moves');
    is(join(' ', @{ $db->column('SELECT tableoid::regclass || id::text FROM m ORDER BY id') }),
        'm_b1 m_b2', 'and is where it belongs');
    # servers before 15 delete it from a partition, with what refers to it
    my @referenced = ('--natural-key=id', input_file('n.csv', csv([ 'id', 'region', 'v' ], [ 1, 'b', 'x' ])));
    if ($db->value('SHOW server_version_num') < 150_000) {
        refuses($db, \@referenced, 3, qr/1 row changes columns of the partition key, and other rows refer to the table/,
            'a row that others refer to does not');
    } else {
        loads($db, \@referenced, 'updated 1', 'a row that others refer to moves');
        is(content($db, 'of_n'), '(1,b)', 'and they with it');
    }
};

subtest 'inheritance: rows of children are not the table\'s' => sub {
    $db->sql('CREATE TABLE parent (id int PRIMARY KEY, v text);'
            . ' CREATE TABLE child () INHERITS (parent);'
            . " INSERT INTO parent VALUES (1, 'p'); INSERT INTO child VALUES (2, 'c'), (1, 'c')");
    for my $staging (@STAGING) {
        $db->sql("TRUNCATE ONLY parent; INSERT INTO parent VALUES (1, 'p'), (4, 'gone')");
        loads($db, [$staging, '--mode=full', '--max-delete-pct=100',
                input_file('parent.csv', csv(['id', 'v'], [1, 'P'], [2, 'n']))],
            'inserted 1, updated 1, deleted 1', $staging);
        is(content($db, 'ONLY parent') . '/' . content($db, 'child'),
            "(1,P)\n(2,n)/(1,c)\n(2,c)", "$staging: rows");
    }
};

done_testing;
