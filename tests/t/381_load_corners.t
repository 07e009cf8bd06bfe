# Corners where rows could be lost or changed silently.

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

sub fill
{
    my ($sql) = @_;
    $db->sql("DROP TABLE IF EXISTS t CASCADE; $sql");
    return;
}

subtest 'dropped columns, columns in another order' => sub {
    for my $apply ('diff', 'delete-insert', 'truncate', 'swap', 'direct') {
        fill('CREATE TABLE t (gone int, b text, id int PRIMARY KEY, lost text, a text);'
                . " INSERT INTO t VALUES (1, 'b1', 1, 'x', 'a1'), (2, 'b2', 2, 'y', 'a2');"
                . ' ALTER TABLE t DROP gone, DROP lost; ALTER TABLE t ADD c int DEFAULT 7');
        my $result = load($db, '--mode=full', '--max-delete-pct=100', "--apply=$apply",
            file([ 'a', 'c', 'id', 'b' ], [ 'A1', 1, 1, 'B1' ], [ 'a3', undef, 3, 'b3' ]));
        is($result->status, 0, "$apply: loaded") or diag $result->describe;
        is($db->value("SELECT string_agg(concat_ws('|', id, a, b, c), ' ' ORDER BY id) FROM t"), '1|A1|B1|1 3|a3|b3',
            "$apply: every value is in its column");
    }
};

subtest 'columns that swap their names by --map' => sub {
    for my $staging (@STAGING) {
        fill('CREATE TABLE t (id int PRIMARY KEY, a text, b text)');
        loads($db, [ $staging, '--map=a:b,b:a', file([ 'id', 'a', 'b' ], [ 1, 'to b', 'to a' ]) ], 'inserted 1', $staging);
        is(content($db, 't'), '(1,"to a","to b")', "$staging: the row");
    }
};

subtest 'the table changes while rows are staged' => sub {
    my $definition = 'CREATE TABLE t (id int PRIMARY KEY, v text, captured_at int);'
        . " INSERT INTO t VALUES (1, 'old', 1), (2, 'old', 1), (3, 'old', 1)";
    fill($definition);
    my $file = file([ 'id', 'v', 'captured_at' ], [ 1, 'new', 5 ], [ 2, 'new', 5 ], [ 4, 'new', 5 ]);
    load($db, '--stage-only', $file, { keep => 1 });
    my ($name) = grep { /_staging_/ } left_tables($db);
    $db->sql("UPDATE t SET v = 'newer', captured_at = 9 WHERE id = 2; INSERT INTO t VALUES (4, 'older', 2)");
    my $result = load($db, "--commit-staged=$name");
    is($result->status, 0, 'committed') or diag $result->describe;
    is($result->summary, 'updated 2, skipped 1', 'decided by what is there then');
    is(content($db, 't'), "(1,new,5)\n(2,newer,9)\n(3,old,1)\n(4,new,5)", 'rows');
    for my $ddl ('ALTER TABLE t DROP v', 'ALTER TABLE t ALTER v TYPE varchar(2) USING left(v, 2)',
        'ALTER TABLE t RENAME v TO w', 'DROP TABLE t')
    {
        fill($definition);
        load($db, '--stage-only', $file, { keep => 1 });
        my ($staged) = grep { /_staging_/ } left_tables($db);
        $db->sql($ddl);
        my $before = image($db);
        my $late = load($db, "--commit-staged=$staged", { keep => 1 });
        isnt($late->status, 0, "$ddl: refused") or diag $late->describe;
        is(image($db), $before, "$ddl: nothing changes");
        drop_left($db);
    }
    # a staging table that somebody has changed
    fill($definition);
    load($db, '--stage-only', $file, { keep => 1 });
    ($name) = grep { /_staging_/ } left_tables($db);
    $db->sql("DELETE FROM _pg_sample_load.\"$name\" WHERE id = 1");
    $result = refuses($db, [ "--commit-staged=$name", { keep => 1 } ], 3, qr/\b[23]\b/,
        'rows that are missing are noticed');
    drop_left($db);
};

subtest 'rejects of several files name their source and record' => sub {
    fill('CREATE TABLE t (id int PRIMARY KEY, n int NOT NULL CHECK (n > 0))');
    for my $options ([], ['--staging=always'], [ '--staging=always', '--jobs=3' ]) {
        $db->sql('TRUNCATE t');
        my @files = map {
            my $part = $_;
            input_file("part$part.csv", csv([ 'id', 'n' ], map {
                        my $id = $part * 10 + $_;
                        [ $id, $_ == $part ? 'bad' : $_ == $part + 4 ? -1 : $id ]
                    } 1 .. 8))
        } 1 .. 3;
        my $rejected = input_path('rejects.csv');
        my $result = load($db, @$options, '--max-errors=6', '--batch-size=3', "--rejects-file=$rejected",
            map { "t=$_" } @files);
        is($result->summary, 'inserted 18, error 6', "@$options: counts") or diag $result->describe;
        my @lines = grep { /part\d/ } split /\n/, slurp($rejected);
        my @found = sort map { /part(\d)\.csv"?,"?(\d+)/ ? "$1:$2" : $_ } @lines;
        is("@found", '1:1 1:5 2:2 2:6 3:3 3:7', "@$options: sources and records");
    }
};

subtest 'a deferred trigger and a foreign key added meanwhile see the final rows' => sub {
    fill('CREATE TABLE t (id int PRIMARY KEY, up int REFERENCES t DEFERRABLE INITIALLY IMMEDIATE, v text);'
            . ' CREATE OR REPLACE FUNCTION public.g() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN'
            . " IF (SELECT count(*) FROM public.t WHERE v = 'head') > 1 THEN RAISE 'two heads'; END IF;"
            . ' RETURN NULL; END $$; CREATE CONSTRAINT TRIGGER g AFTER INSERT OR UPDATE ON t DEFERRABLE INITIALLY'
            . " DEFERRED FOR EACH ROW EXECUTE FUNCTION public.g(); INSERT INTO t VALUES (1, NULL, 'head'), (2, 1, 'x')");
    for my $staging (@STAGING) {
        loads($db, [ $staging, file([ 'id', 'up', 'v' ], [ 1, 2, 'x' ], [ 2, undef, 'head' ]) ], 'updated 2',
            "$staging: the head moves");
        loads($db, [ $staging, file([ 'id', 'up', 'v' ], [ 1, undef, 'head' ], [ 2, 1, 'x' ]) ], 'updated 2',
            "$staging: and back");
        refuses($db, [ $staging, file([ 'id', 'up', 'v' ], [ 2, 1, 'head' ]) ], [ 3, 6 ], qr/two heads/, "$staging: two");
    }
};

subtest 'names in every case of a user\'s search_path' => sub {
    my $name = $db->name;
    fill('CREATE TABLE t (id int PRIMARY KEY, v text); CREATE SCHEMA IF NOT EXISTS first;'
            . ' CREATE TABLE IF NOT EXISTS first.t (id int PRIMARY KEY, v text); TRUNCATE first.t;'
            # operators and functions that would be found before those of the server
            . ' CREATE OR REPLACE FUNCTION first.lower(text) RETURNS text LANGUAGE sql AS $$ SELECT \'trap\'::text $$;'
            . ' CREATE OR REPLACE FUNCTION first.never(int, int) RETURNS boolean LANGUAGE sql AS \'SELECT false\';'
            . ' DROP OPERATOR IF EXISTS first.= (int, int);'
            . ' CREATE OPERATOR first.= (FUNCTION = first.never, LEFTARG = int, RIGHTARG = int);'
            . " ALTER DATABASE $name SET search_path = first, public, pg_catalog");
    for my $staging (@STAGING) {
        $db->sql('TRUNCATE first.t, public.t');
        loads($db, [ $staging, 't=' . file([ 'id', 'v' ], [ 1, 'a' ], [ 2, 'b' ]) ], 'inserted 2', "$staging: the first t");
        loads($db, [ $staging, 't=' . file([ 'id', 'v' ], [ 1, 'a' ], [ 2, 'c' ], [ 2, 'd' ]) ],
            'updated 1, unchanged 1, duplicate 1', "$staging: keys are told by the server's operators");
        is(content($db, 'first.t') . content($db, 'public.t'), "(1,a)\n(2,d)", "$staging: rows");
        loads($db, [ $staging, '--mode=full', '--max-delete-pct=50', 't=' . file([ 'id', 'v' ], [ 2, 'd' ]) ],
            'unchanged 1, deleted 1', "$staging: full");
    }
    $db->sql("ALTER DATABASE $name RESET search_path; DROP SCHEMA first CASCADE");
};

subtest 'keys that no index could have' => sub {
    fill("CREATE TABLE t (k json, p point, v text); INSERT INTO t VALUES ('{}', '(1,1)', 'a')");
    for my $key ('k', 'p', 'v,k') {
        my $result = refuses($db, [ "--natural-key=$key", file([ 'k', 'p', 'v' ], [ '{}', '(1,1)', 'b' ]) ], [ 1, 3 ],
            qr/cannot be compared/, "$key: has no equality");
    }
};

subtest 'many columns, many files, empty files' => sub {
    my @columns = map { "c$_" } 1 .. 1500;
    fill('CREATE TABLE t (id int PRIMARY KEY, ' . join(', ', map { "$_ smallint" } @columns) . ')');
    loads($db, [ file([ 'id', @columns ], [ 1, map { $_ % 7 } 1 .. 1500 ]) ], 'inserted 1', '1,501 columns');
    loads($db, [ '--staging=always', file([ 'id', @columns ], [ 1, map { $_ == 1500 ? 6 : $_ % 7 } 1 .. 1500 ]) ],
        'updated 1', 'the last one differs');
    fill('CREATE TABLE t (id int PRIMARY KEY)');
    my @files = map { 't=' . file(['id'], [$_]) } 1 .. 60;
    loads($db, [ '--jobs=4', '--staging=always', @files ], 'inserted 60', '60 files');
    loads($db, [ 't=' . file(['id']), 't=' . file(['id'], [61]), 't=' . file(['id']) ], 'inserted 1', 'empty files between');
};

subtest 'ways that write all rows anew say what is lost' => sub {
    for my $apply ('diff', 'delete-insert', 'truncate', 'swap', 'direct') {
        fill("CREATE TABLE t (id int PRIMARY KEY, v text, other text DEFAULT 'd'); INSERT INTO t VALUES (1, 'a', 'keep')");
        my $result = load($db, '--mode=full', "--apply=$apply", file([ 'id', 'v' ], [ 1, 'x' ]));
        ok($db->value('SELECT other FROM t') eq 'keep' || $result->stderr =~ /(?:warning|error):.*other/,
            "$apply: values of a column that the file lacks are kept, or it is said") or diag $result->describe;
        fill("CREATE TABLE t (id int PRIMARY KEY, v text, captured_at date); INSERT INTO t VALUES (1, 'newer', '2025-01-01')");
        $result = load($db, '--mode=full', "--apply=$apply", file([ 'id', 'v', 'captured_at' ], [ 1, 'older', '2024-01-01' ]));
        ok($db->value('SELECT v FROM t') eq 'newer' || $result->stderr =~ /(?:warning|error):.*captured_at/,
            "$apply: older rows do not overwrite newer ones, or it is said") or diag $result->describe;
    }
};

subtest 'writers beside a swap' => sub {
    fill("CREATE TABLE t (id int PRIMARY KEY, v text, n int DEFAULT 0); INSERT INTO t SELECT i, 'a', 0 FROM"
            . ' generate_series(1, 2000) i');
    my $n_writes = 0;
    for my $i (1 .. 3) {
        my $run = start_load($db, '--mode=full', '--apply=swap', '--max-retries=50',
            file([ 'id', 'v' ], map { [ $_, "v$i" ] } 1 .. 2000));
        my $n_done = 0;
        while ($run->process->is_running) {
            $n_done++ if eval { $db->sql('UPDATE t SET n = n + 1 WHERE id = 1'); 1 };
        }
        my $result = $run->finish;
        is($result->status, 0, "swap $i") or diag $result->describe;
        $n_writes += $n_done;
        $db->sql('UPDATE t SET n = n + 1 WHERE id = 2');
        is($db->value('SELECT n FROM t WHERE id = 2') > 0, 1, "swap $i: the table can be written");
        is($db->value("SELECT count(*) FROM t WHERE v = 'v$i'"), 2000, "swap $i: all rows are there");
    }
    cmp_ok($n_writes, '>', 0, 'writers were never shut out by an error');
};

done_testing;
