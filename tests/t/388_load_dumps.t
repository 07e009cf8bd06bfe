# Dumps of pg_dump: rows of partitions under their own names, tables in the order of names,
# tables without rows.

use strict;
use warnings;

use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Load;
use PgSample::Test::Process;
use PgSample::Test::Server;

my $server  = PgSample::Test::Server->start;
my $db      = $server->create_database;
my @STAGING = ('--staging=auto', '--staging=always', '--staging=never');

sub setup
{
    my ($sql) = @_;
    $db->sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public; DROP SCHEMA IF EXISTS s CASCADE; $sql");
    return;
}

sub pg_dump
{
    my (@argument) = @_;
    my $result = PgSample::Test::Process->run(
        command => [ PgSample::Test::Server::program('pg_dump'), '-d', $db->name, '-N', SCHEMA, @argument ],
        env     => { $server->environment },
    );
    die $result->stderr if !$result->is_ok;
    return input_file('dump.sql', $result->stdout);
}

# Blocks of rows as pg_dump writes them: name, columns, rows.
sub dump_of
{
    my (@block) = @_;
    my $text = "--\n-- PostgreSQL database dump\n--\n\nSET client_encoding = 'UTF8';\n";
    for my $block (@block) {
        my ($name, $columns, @rows) = @$block;
        $text .= "COPY $name ($columns) FROM stdin;\n" . copy_text(@rows) . "\\.\n\n";
    }
    return input_file('dump.sql', "$text--\n-- PostgreSQL database dump complete\n--\n\n");
}

my $PARTITIONED = <<'SQL';
CREATE TABLE p (id int, region text, v text, PRIMARY KEY (region, id)) PARTITION BY LIST (region);
CREATE TABLE p_asia PARTITION OF p FOR VALUES IN ('asia') PARTITION BY RANGE (id);
CREATE TABLE p_asia_low PARTITION OF p_asia FOR VALUES FROM (0) TO (10);
CREATE TABLE p_asia_high PARTITION OF p_asia FOR VALUES FROM (10) TO (100);
CREATE TABLE p_rest (v text, region text NOT NULL, id int NOT NULL);
ALTER TABLE p ATTACH PARTITION p_rest DEFAULT;
INSERT INTO p SELECT i, CASE WHEN i % 3 = 0 THEN 'europe' ELSE 'asia' END, 'v' || i FROM generate_series(1, 20) i;
SQL

subtest 'rows of partitions go through the root' => sub {
    setup($PARTITIONED);
    my $dump = pg_dump();
    like(slurp($dump), qr/^COPY public\.p_asia_low .*^COPY public\.p_rest /ms, 'the dump has the partitions');
    my $whole = image($db);
    my $through_root = pg_dump('--load-via-partition-root');
    for my $staging (@STAGING) {
        for my $path ($dump, $through_root) {
            $db->sql(q{DELETE FROM p WHERE id % 4 = 0; UPDATE p SET v = 'other' WHERE id % 4 = 1});
            my $result = loads($db, [ $staging, $path ], 'inserted 5, updated 5, unchanged 10', "$staging: loaded");
            is(image($db), $whole, "$staging: all rows are as they were");
            is($result->table->{fragments}, 1, "$staging: of one file");
        }
        $db->sql(q{INSERT INTO p SELECT i, 'asia', 'more' FROM generate_series(60, 62) i});
        my $result = load($db, $staging, '--mode=full', '--max-delete-pct=100', $dump);
        is($result->status, 0, "$staging: the whole table") or diag $result->describe;
        is(image($db), $whole, "$staging: what the dump lacks goes");
    }
};

subtest 'a dump of some partitions deletes no rows of others' => sub {
    setup($PARTITIONED);
    $db->sql(q{DELETE FROM p WHERE id = 12; UPDATE p SET v = 'other' WHERE id IN (15, 16)});
    my @block = ('public.p_asia_high', 'id, region, v', map { [ $_, 'asia', "v$_" ] } 10, 11, 13, 14, 16, 17, 19, 20);
    my $dump = dump_of(\@block);
    for my $staging (@STAGING) {
        for my $apply ($staging eq '--staging=never' ? 'auto' : ('auto', 'truncate')) {
            refuses($db, [ $staging, '--mode=full', '--max-delete-pct=100', "--apply=$apply", $dump ], 3,
                qr/p: there are rows of some partitions only, and those of public\.p_\w+ would be deleted/, "$staging, $apply");
        }
    }
    loads($db, [$dump], 'updated 1, unchanged 7', 'without deleting');
    $db->sql(q{DELETE FROM p WHERE tableoid::regclass::text <> 'p_asia_high'; DELETE FROM p WHERE id = 20});
    loads($db, [ '--mode=full', $dump ], 'inserted 1, unchanged 7', 'others without rows lose none');
    refuses($db, [ 'p_asia_high=' . input_file('x.csv', "id,region,v\n1,asia,x\n") ], 3, qr/partition.*hint: Load public\.p,/s,
        'a file for a partition');
};

subtest 'records of several blocks are told apart' => sub {
    setup($PARTITIONED);
    my $dump = dump_of([ 'public.p_asia_low', 'id, region, v', map { [ $_, 'asia', 'x' ] } 1, 2, 4 ],
        [ 'public.p_rest', 'v, region, id', [ 'x', 'europe', 3 ], [ 'y', 'europe', 'bad' ], [ 'x', undef, 6 ], [ 'x', 'europe', 9 ] ],
        [ 'public.p_asia_high', 'id, region, v', [ undef, 'asia', 'x' ], [ 11, 'asia', 'x' ] ]);
    for my $staging (@STAGING[ 0, 1 ]) {
        my $rejects = input_path('rejects.csv');
        my $result = load($db, $staging, '--max-errors=3', "--rejects-file=$rejects", $dump);
        is($result->status, 5, "$staging: loaded but for three") or diag $result->describe;
        is($result->summary, 'updated 6, error 3', "$staging: no other row is lost")
            or diag $result->stderr;
        like($result->stderr, qr/"bad".*record 5\b/, "$staging: the fifth record of the table");
        is(join(' ', sort map { /dump\.sql",(\d+),/ } split /\n/, slurp($rejects)), '5 6 8', "$staging: all three")
            or diag slurp($rejects);
        setup($PARTITIONED);
    }
};

subtest 'without staging, referenced tables come first' => sub {
    my $definition = <<'SQL';
CREATE TABLE d (id int PRIMARY KEY);
CREATE TABLE c (id int PRIMARY KEY, d int REFERENCES d);
CREATE TABLE b (id int PRIMARY KEY, c int REFERENCES c, up int REFERENCES b);
CREATE TABLE a (id int PRIMARY KEY, b int REFERENCES b, d int REFERENCES d);
SQL
    setup("$definition INSERT INTO d VALUES (1); INSERT INTO c VALUES (1, 1);"
            . ' INSERT INTO b VALUES (1, 1, NULL), (2, 1, 1); INSERT INTO a VALUES (1, 2, 1)');
    my $dump  = pg_dump();
    my $image = image($db);
    like(slurp($dump), qr/^COPY public\.a .*^COPY public\.b .*^COPY public\.c .*^COPY public\.d /ms, 'the order of names');
    setup($definition);
    loads($db, [ '--no-staging', $dump ], { map { $_->[0] => "inserted $_->[1]" } [ a => 1 ], [ b => 2 ], [ c => 1 ], [ d => 1 ] },
        'loaded');
    is(image($db), $image, 'all rows');
    loads($db, [ '--no-staging', '--mode=full', $dump ], { map { $_->[0] => "inserted $_->[1], deleted $_->[1]" } [ a => 1 ], [ b => 2 ], [ c => 1 ], [ d => 1 ] },
        'and again, anew');
    is(image($db), $image, 'all rows');
    setup($definition);
    my $others = dump_of([ 'public.a', 'id, b, d', [ 1, 2, 1 ] ], [ 'public.d', 'id', [1] ]);
    my $result = load($db, '--no-staging', '-t', 'a', '-t', 'b', '-t', 'c', '-t', 'd', $others, 'b=' . input_file('b.csv', "id,c\n2,1\n"),
        'c=' . input_file('c.csv', "id,d\n1,1\n"));
    is($result->status, 0, 'tables of several files') or diag $result->describe;
    is($db->value('SELECT count(*) FROM a JOIN b ON b.id = a.b JOIN c ON c.id = b.c'), 1, 'rows');
};

subtest 'tables without rows' => sub {
    setup('CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE u (id int PRIMARY KEY); INSERT INTO u VALUES (1)');
    my $dump = pg_dump();
    for my $staging (@STAGING) {
        my $result = load($db, $staging, '--mode=full', $dump);
        is($result->status, 0, "$staging: an empty table stays empty") or diag $result->describe;
        $db->sql('INSERT INTO t VALUES (1)');
        refuses($db, [ $staging, '--mode=full', '--max-delete-pct=100', $dump ], 3,
            qr/t: there are no rows to load, and all rows of the table would be deleted/, "$staging: one with rows");
        $db->sql('DELETE FROM t');
    }
};

subtest '--exclude-table' => sub {
    setup('CREATE TABLE t1 (id int PRIMARY KEY); CREATE TABLE t2 (id serial PRIMARY KEY); CREATE TABLE "T3" (id int PRIMARY KEY);'
            . ' CREATE SCHEMA s; CREATE TABLE s.t1 (id int PRIMARY KEY); INSERT INTO t1 VALUES (1); INSERT INTO t2 VALUES (DEFAULT);'
            . ' INSERT INTO "T3" VALUES (1); INSERT INTO s.t1 VALUES (1)');
    my $dump = pg_dump();
    my %all  = ('public.t1' => 't1', 'public.t2' => 't2', 'public.T3' => '"T3"', 's.t1' => 's.t1');
    my $loaded = sub {
        my (@argument) = @_;
        $db->sql('DELETE FROM t1; DELETE FROM t2; DELETE FROM "T3"; DELETE FROM s.t1; ALTER SEQUENCE t2_id_seq RESTART');
        my $result = load($db, @argument);
        is($result->status, 0, "@argument[0 .. $#argument - 1]") or diag $result->describe;
        return join ' ', grep { $db->value("SELECT count(*) FROM $all{$_}") } sort keys %all;
    };
    for my $staging (@STAGING[ 0, 2 ]) {
        is($loaded->($staging, '-T', 't*', $dump), 'public.T3', 'any schema');
        is($db->value('SELECT is_called FROM t2_id_seq'), 'f', 'nor are its sequences moved');
        is($loaded->($staging, '-T', 's.*', '-T', 't2', $dump), 'public.T3 public.t1', 'one schema');
        is($loaded->($staging, '--exclude-table="T3"', '-t', 't1', '-t', '"T3"', $dump), 'public.t1', 'before --table-name');
    }
    $db->sql('ALTER TABLE t2 RENAME TO gone');
    refuses($db, [$dump], 3, qr/"public\.t2" does not exist/, 'a table that is not there');
    $all{'public.t2'} = 'gone';
    my $result = load($db, '-T', 't2', $dump);
    is($result->status, 0, 'is no matter if it is left out') or diag $result->describe;
    refuses($db, [ '-T', 't9', '-T', 't2', $dump ], 3, qr/no table of the sources matches "t9" of --exclude-table/, 'a typing error');
    refuses($db, [ '-T', 'a.b.c', $dump ], 1, qr/a\.b\.c/, 'no pattern');
    my $folder = input_file('t1.csv', "id\n7\n") =~ s/\/t1\.csv\z//r;
    for my $name ('T3', 's.t1') {
        open my $file, '>', "$folder/$name.csv" or die "could not write: $!\n";
        print {$file} "id\n7\n";
        close $file or die "could not write: $!\n";
    }
    my %rest = ('"T3"' => [ 'public.t1', 's.t1' ], 's.t1' => [ 'public.t1', 'T3' ], 't1' => ['T3'], 'public.t1' => [ 'T3', 's.t1' ]);
    for my $pattern (sort keys %rest) {
        $db->sql('DELETE FROM t1; DELETE FROM "T3"; DELETE FROM s.t1');
        loads($db, [ '-T', $pattern, $folder ], { map { $_ => 'inserted 1' } @{ $rest{$pattern} } }, "a directory: $pattern");
    }
};

done_testing;
