# Dumps of tables in a circle, rows that no partition takes, and the loader's own schema in
# samples.

use strict;
use warnings;

use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Database;
use PgSample::Test::Load;
use PgSample::Test::Server;

my $server  = PgSample::Test::Server->start;
my $db      = $server->create_database;
my @STAGING = ('--staging=auto', '--staging=always');

sub file
{
    my ($name, @rows) = @_;
    return input_file("$name.csv", csv(@rows));
}

sub setup
{
    my ($sql) = @_;
    $db->sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public; GRANT ALL ON SCHEMA public TO PUBLIC; $sql");
    return;
}

# ---- rows in two parts

my $CIRCLE = <<'SQL';
CREATE TABLE "A b" (x varchar(5), "Y" numeric, up text, "to" int, plus int, PRIMARY KEY (x, "Y"));
CREATE TABLE b (id int PRIMARY KEY, ax varchar(5), ay numeric, v text,
                FOREIGN KEY (ax, ay) REFERENCES "A b" (x, "Y"));
ALTER TABLE "A b" ADD FOREIGN KEY ("to") REFERENCES b, ADD FOREIGN KEY (plus) REFERENCES b;
SQL
my $ROWS = <<'SQL';
INSERT INTO b SELECT i, NULL, NULL, 'v' || i FROM generate_series(1, 30) i;
INSERT INTO "A b" SELECT E'\\' || i, i + 0.10, E'\t', i, CASE WHEN i % 3 = 0 THEN i % 7 + 1 END
  FROM generate_series(1, 30) i;
UPDATE b SET ax = E'\\' || (id % 30 + 1), ay = id % 30 + 1.10 WHERE id % 4 > 0;
SQL

sub dump_circle
{
    my ($change) = @_;
    my $source = $server->create_database;
    $source->sql("$CIRCLE $ROWS " . (defined $change ? $change : ''));
    my $path = input_path('dump.sql');
    $source->sample('--data-only', '--limit=*', "--file=$path");
    return ($source, $path);
}

sub image_of
{
    my ($database) = @_;
    return content($database, '"A b"') . '/' . content($database, 'b');
}

subtest 'a dump of tables in a circle' => sub {
    my ($source, $dump) = dump_circle();
    like(slurp($dump), qr/pg_sample_postponed/, 'has rows in two parts');
    # few rows are peeked; from the third on the limit lies within rows that complete others
    my @ways = (@STAGING, map { "--staging-min-rows=$_" } 30, 31, 60, 61);
    for my $way (@ways) {
        setup($CIRCLE);
        loads($db, [ $way, $dump ], { 'A b' => 'inserted 30', b => 'inserted 30' }, "$way: loaded");
        is(image_of($db), image_of($source), "$way: equal");
        loads($db, [ $way, $dump ], { 'A b' => 'unchanged 30', b => 'unchanged 30' }, "$way: again");
    }
    setup("$CIRCLE INSERT INTO b VALUES (1, NULL, NULL, 'old'), (99, NULL, NULL, NULL)");
    my ($other, $second) = dump_circle(q{UPDATE b SET ax = '\1', ay = 1.10 WHERE id < 4});
    loads($db, [ '--mode=full', '--jobs=2', '--max-delete-pct=100', '--staging=always', $dump, $second ],
        { 'A b' => 'inserted 30, duplicate 30', b => 'inserted 29, updated 1, duplicate 30, deleted 1' },
        'two dumps: each completes its own rows');
    is(image_of($db), image_of($other), 'the last one wins');
    loads($db, [ '-t', 'b', $dump ], { b => 'updated 3, unchanged 27' }, '--table-name');
    is(image_of($db), image_of($source), 'the others stay');
};

subtest 'what is wrong with rows in two parts' => sub {
    my ($source, $dump) = dump_circle();
    my $text = slurp($dump);
    setup($CIRCLE);
    refuses($db, [ '--no-staging', $dump ], 3, [ qr/two parts/, qr/staging/ ], 'direct: not possible');
    (my $lost = $text) =~ s/^(COPY pg_temp[^\n]*\n)[^\t]+/${1}none/m or die;
    for my $staging (@STAGING) {
        refuses($db, [ $staging, input_file('lost.sql', $lost) ], 3, qr/complete.* of these were found/,
            "$staging: a row that is not there");
        (my $bad = $text) =~ s/^(COPY pg_temp[^\n]*\n.*?)\t[0-9]+\n/$1\tx\n/m or die;
        refuses($db, [ $staging, input_file('bad.sql', $bad) ], 3, qr/record 1 .*complete.*integer: "x"/,
            "$staging: a value that is none");
        setup($CIRCLE . 'ALTER TABLE b ADD CHECK (v <> \'v4\'); ALTER TABLE b ALTER v TYPE varchar(2)');
        my $result = load($db, $staging, '--max-errors=99', $dump);
        is($result->status, 5, "$staging: rejected rows need not be completed") or diag $result->describe;
        setup($CIRCLE);
    }
    # the key of the foreign key is told by its columns
    setup($CIRCLE =~ s/PRIMARY KEY \(x, "Y"\)/UNIQUE (x, "Y"), n int PRIMARY KEY GENERATED ALWAYS AS IDENTITY/r);
    loads($db, [ '--natural-key=public."A b"=x,Y', $dump ], { 'A b' => 'inserted 30', b => 'inserted 30' },
        'another primary key');
    is(content($db, '"A b"', 'x || to_char("to", \'000\')'),
        content($source, '"A b"', 'x || to_char("to", \'000\')'), 'equal');
};

# ---- rows that no partition takes

my %PARTS = (
    # name => [ partition key, partitions, rows that fit, those that do not ]
    range => [
        q{RANGE (at)},
        q{CREATE TABLE p1 PARTITION OF m FOR VALUES FROM ('2024-01-01') TO ('2024-02-01')},
        [ [ 1, '2024-01-01', 'x' ], [ 2, '2024-01-31', undef ] ],
        [ [ 3, '2024-02-01', 'x' ], [ 4, undef, 'x' ] ]
    ],
    'list and expression' => [
        q{LIST (lower(place))},
        q{CREATE TABLE p1 PARTITION OF m FOR VALUES IN ('a', 'b'); CREATE TABLE p2 PARTITION OF m FOR VALUES IN (NULL)},
        [ [ 1, '2024-01-01', 'A' ], [ 2, '2024-01-31', undef ] ],
        [ [ 3, '2024-02-01', 'c' ], [ 4, undef, '' ] ]
    ],
    'two levels, hash and another order of columns' => [
        q{RANGE (at)},
        q{CREATE TABLE p1 (v text, place text, at date, id int NOT NULL) PARTITION BY LIST (place);
          ALTER TABLE m ATTACH PARTITION p1 FOR VALUES FROM (MINVALUE) TO ('2024-02-01');
          CREATE TABLE p1a PARTITION OF p1 FOR VALUES IN ('a');
          CREATE TABLE p1b PARTITION OF p1 DEFAULT PARTITION BY HASH (id);
          CREATE TABLE p1b0 PARTITION OF p1b FOR VALUES WITH (MODULUS 1, REMAINDER 0);
          CREATE TABLE p2 PARTITION OF m FOR VALUES FROM ('2024-03-01') TO (MAXVALUE) PARTITION BY LIST (place);
          CREATE TABLE p2a PARTITION OF p2 FOR VALUES IN ('a')},
        [ [ 1, '2024-01-01', 'z' ], [ 2, '2024-01-31', undef ], [ 5, '2025-01-01', 'a' ] ],
        [ [ 3, '2024-02-01', 'a' ], [ 4, '2024-03-01', 'z' ] ]
    ],
    'no partition at all' => [ q{RANGE (at)}, '', [], [ [ 3, '2024-02-01', 'a' ], [ 4, '2024-03-01', 'z' ] ] ],
);

subtest 'rows that no partition takes' => sub {
    for my $name (sort keys %PARTS) {
        my ($key, $partitions, $good, $bad) = @{ $PARTS{$name} };
        my $head = [ 'id', 'at', 'place' ];
        my $rows = file('m', $head, @$good, @$bad);
        for my $arguments ((map { [$_] } @STAGING), [ '--mode=full', '--apply=delete-insert' ]) {
            setup("CREATE TABLE m (id int NOT NULL, at date, place text, v text) PARTITION BY $key; $partitions");
            my @arguments = (@$arguments, '--natural-key=id', '--min-rows=0');
            refuses($db, [ @arguments, $rows ], 3, qr/no partition of table public.m found for the row/,
                "$name, @$arguments: found before the commit");
            my $result = load($db, @arguments, '--max-errors=2', $rows);
            is($result->summary, (@$good ? 'inserted ' . @$good . ', ' : '') . 'error 2',
                "$name, @$arguments: the others") or diag $result->describe;
            is($result->table('m')->{rejected}{check}, 2, "$name, @$arguments: counted");
        }
    }
    $db->sql('CREATE TABLE rest PARTITION OF m DEFAULT');
    loads($db, [ '--natural-key=id', file('m', [ 'id', 'at' ], [ 7, undef ]) ], 'inserted 1', 'a default partition');
};

subtest 'columns of the partition key that the input lacks' => sub {
    for my $staging (@STAGING) {
        setup(q{CREATE TABLE m (id int NOT NULL, k int DEFAULT 5, w int DEFAULT 1, v text) PARTITION BY RANGE (k, w);
                CREATE TABLE p1 PARTITION OF m FOR VALUES FROM (0, 0) TO (5, 0);
                INSERT INTO m VALUES (1, 4, 9), (2, 3, 3)});
        my @arguments = ($staging, '--natural-key=id');
        refuses($db, [ @arguments, file('m', [ 'id', 'v' ], [ 1, 'new' ], [ 3, 'new' ]) ], 3, qr/no partition/,
            "$staging: the default does not fit");
        loads($db, [ @arguments, file('m', [ 'id', 'v' ], [ 1, 'new' ], [ 2, 'new' ]) ], 'updated 2',
            "$staging: the row's own does");
        refuses($db, [ @arguments, file('m', [ 'id', 'k' ], [ 1, 5 ], [ 2, 4 ]) ], 3, qr/no partition/,
            "$staging: an update moves the row");
        loads($db, [ @arguments, file('m', [ 'id', 'w' ], [ 1, -5 ]) ], 'updated 1', "$staging: not out");
    }
};

# ---- the loader's own tables

subtest 'samples leave out what the loader made' => sub {
    setup('CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE run (id int); INSERT INTO t VALUES (2)');
    my $rows = file('t', ['id'], [1]);
    load($db, '--stage-only', $rows, { keep => 1 });
    for my $mode ([], ['--data-only'], ['--use-staging'], [ '-T', 'public.run' ]) {
        my @mode = @$mode;
        my $result = $db->sample(@mode, '--limit=*');
        like($result->stderr, qr/notice: schema _pg_sample_load is left out: /, "@mode: a notice");
        unlike($result->stdout, qr/_pg_sample_load/, "@mode: nothing of it is in the sample");
        like($result->stdout, qr/COPY public[.]t /, "@mode: the rest is");
    }
    for my $options ([ '-n', 'public' ], [ '-t', 'run' ], [ '-N', '_pg_sample_load' ]) {
        my $result = $db->sample(@$options);
        unlike($result->stdout . $result->stderr, qr/COPY _pg_sample_load|left out/, "@$options");
    }
    for my $options ([ '-n', '_pg_sample_load' ], [ '-t', '_pg_sample_load.run' ]) {
        my $result = $db->sample(@$options);
        like($result->stdout, qr/CREATE TABLE _pg_sample_load[.]run/, "@$options: it is meant");
        unlike($result->stderr, qr/left out/, "@$options: no notice");
    }
    is_deeply([ left_tables($db) ? 1 : 0, drop_left($db) ? 1 : 0 ], [ 1, 1 ], 'staged rows were there');
    # where users have tables, all is theirs
    my $shared = $server->create_database;
    $shared->sql('CREATE TABLE t (id int PRIMARY KEY); CREATE SCHEMA made_before;
        CREATE SCHEMA theirs; CREATE TABLE theirs.own ()');
    load($shared, '--schema-name=theirs', $rows);
    load($shared, '--schema-name=made_before', $rows);
    is($shared->value(q{SELECT string_agg(nspname, ' ') FROM pg_namespace
                         WHERE obj_description(oid, 'pg_namespace') LIKE 'pg-sample-load schema%'}),
        'made_before', 'only an empty schema is marked');
    like($shared->sample->stdout, qr/COPY theirs[.]run /, 'tables of another one are sampled');
};

done_testing;
