# Loads of partitioned tables whose rows many releases of the server miss, since their
# pruning of range partitions is at fault: such a load is as right as any other.

use strict;
use warnings;

use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Check;
use PgSample::Test::Load;
use PgSample::Test::Server;

my $server = PgSample::Test::Server->start;
my $db = $server->create_database;
my @STAGING = ('--staging=auto', '--staging=always', '--no-staging');
my $WARNING = qr/^pg-sample-load: warning: server version \S.* can miss rows of table/m;

# the second row is in a DEFAULT partition below the first level
my $SCHEMA = <<'SQL';
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE t (k int PRIMARY KEY, v int REFERENCES p ON DELETE %s, name text)
    PARTITION BY LIST (k);
CREATE TABLE t_a PARTITION OF t FOR VALUES IN (3, 5, 9) PARTITION BY RANGE (k);
CREATE TABLE t_a1 PARTITION OF t_a FOR VALUES FROM (MINVALUE) TO (5);
CREATE TABLE t_a2 PARTITION OF t_a FOR VALUES FROM (5) TO (8);
CREATE TABLE t_ad PARTITION OF t_a DEFAULT;
CREATE TABLE t_b PARTITION OF t FOR VALUES IN (0, 4, 7);
INSERT INTO p VALUES (1), (2), (3);
INSERT INTO t VALUES (3, 1, 'three'), (9, 2, 'nine'), (0, 3, 'zero');
CREATE TABLE c (id int PRIMARY KEY, k int REFERENCES t);
CREATE TABLE lone (id int PRIMARY KEY, v text);
SQL

sub file
{
    my ($name, @rows) = @_;
    return input_file("$name.csv", csv(@rows));
}

sub setup
{
    my ($action) = @_;
    $db->sql('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
    $db->sql(sprintf $SCHEMA, $action || 'NO ACTION');
    return;
}

# Does this server miss the row? psql knows nothing of it.
setup();
my $is_missed = $db->psql("SELECT count(*) FROM t WHERE v = 2", '-At')->stdout eq "0\n";
note 'this server ', $is_missed ? 'misses rows' : 'is right';

# The batch's own warning, once, in the log and in the metrics.
sub warns_once
{
    my ($result, $tables, $name) = @_;
    my @expected = $is_missed && $tables ne '' ? $tables : ();
    my @told = $result->stderr =~ /${WARNING}s? (.*)$/mg;
    is_deeply(\@told, \@expected, "$name: warning") or diag $result->stderr;
    my @counted = grep { /can miss rows/ } @{ $result->metrics->{warnings} };
    is(scalar @counted, scalar @expected, "$name: warning in the metrics");
    return;
}

sub rows_of { my ($table) = @_; return content($db, $table) =~ s/\n/ /gr }

subtest 'rows that are there are found' => sub {
    for my $staging (@STAGING) {
        setup();
        my @rows = (['k', 'v', 'name'], [ 9, 1, 'new' ], [ 3, 1, 'three' ], [ 5, 2, 'five' ]);
        my $result = loads($db, [$staging, file('t', @rows)],
            'inserted 1, updated 1, unchanged 1', "$staging: incremental");
        warns_once($result, 'public.t', $staging);
        is(rows_of('t'), '(0,3,zero) (3,1,three) (5,2,five) (9,1,new)', "$staging: rows");
        loads($db, [$staging, file('t', @rows)], 'unchanged 3', "$staging: again");
        next if $staging eq '--no-staging';
        loads($db, [$staging, '--strategy=update_only', file('t', $rows[0], [ 9, 2, 'x' ])],
            'updated 1', "$staging: update_only");
        loads($db, [$staging, '--strategy=insert_only', file('t', $rows[0], [ 9, 2, 'x' ])],
            'unchanged 1', "$staging: insert_only");
    }
};

subtest 'rows that the input lacks are deleted' => sub {
    for my $staging (@STAGING[ 0, 1 ]) {
        for my $apply ('diff', 'delete-insert') {
            setup();
            my @full = ($staging, "--apply=$apply", '--mode=full', '--max-delete-pct=90');
            load($db, @full, file('t', ['k', 'v', 'name'], [ 3, 1, 'three' ], [ 0, 3, 'zero' ]));
            is(rows_of('t'), '(0,3,zero) (3,1,three)', "$staging: full, $apply");
            setup();
            load($db, $staging, "--apply=$apply", '--mode=slice', '--slice=v=2',
                '--max-delete-pct=100', file('t', ['k', 'v', 'name'], [ 5, 2, 'five' ]));
            is(rows_of('t'), '(0,3,zero) (3,1,three) (5,2,five)', "$staging: slice, $apply");
        }
    }
};

subtest 'references to the table' => sub {
    for my $staging (@STAGING) {
        setup();
        # the server checks more than a few of them by one plan for all
        my @rows = map { [ $_, 9 ] } 1 .. 20;
        my $result = loads($db, [$staging, file('c', ['id', 'k'], @rows)], 'inserted 20',
            "$staging: they are there");
        warns_once($result, 'public.t', $staging);
        refuses($db, [$staging, file('c', ['id', 'k'], [ 99, 7 ])], 3, qr/c_k_fkey/,
            "$staging: one is not");
    }
};

subtest 'references from the table' => sub {
    for my $staging (@STAGING[ 0, 1 ]) {
        my @full = ($staging, '--mode=full', '--max-delete-pct=90',
            file('p', ['id'], [ 1 ], [ 3 ]));
        setup();
        refuses($db, \@full, 3, qr/public\.t/, "$staging: a row is referred to");
        is(rows_of('p'), '(1) (2) (3)', "$staging: and stays");
        setup('CASCADE');
        refuses($db, \@full, 3, qr/allow-cascade/, "$staging: CASCADE");
        my $result = loads($db, [@full, '--allow-cascade'], 'unchanged 2, deleted 1',
            "$staging: --allow-cascade");
        warns_once($result, 'public.t', $staging);
        is(rows_of('t'), '(0,3,zero) (3,1,three)', "$staging: the server finds the row");
        foreign_keys_hold($db, "$staging: nothing dangles");
    }
};

subtest 'queries of --check' => sub {
    setup();
    my $lone = file('lone', ['id', 'v'], [ 9, 'x' ]);
    my $check = 'SELECT * FROM public.lone_staging';
    my $result = loads($db, ['--staging=always',
            '--check=SELECT * FROM t WHERE v IS NOT NULL AND k <> ALL (ARRAY[0, 3, 9])', $lone],
        'inserted 1', 'nothing is wrong');
    warns_once($result, 'public.t', '--check');
    refuses($db, ['--staging=always', '--check=SELECT * FROM t WHERE v = 2', $lone], 3,
        qr/check/i, 'what is wrong is found');
};

subtest 'a load that has nothing to do with it' => sub {
    setup();
    my $result = loads($db, ['--staging=always', file('lone', ['id', 'v'], [ 1, 'x' ])],
        'inserted 1', 'loaded');
    warns_once($result, '', 'lone');
};

subtest 'keys of the first level' => sub {
    for my $staging (@STAGING) {
        setup();
        $db->sql(<<'SQL');
CREATE TABLE m (a int, b int, captured_at date, PRIMARY KEY (a, b)) PARTITION BY RANGE (a, b);
CREATE TABLE m_1 PARTITION OF m FOR VALUES FROM (5, 1) TO (5, 2);
CREATE TABLE m_2 PARTITION OF m FOR VALUES FROM (5, 2) TO (9, 0);
CREATE TABLE m_3 PARTITION OF m FOR VALUES FROM (9, 0) TO (10, 0);
CREATE TABLE m_4 PARTITION OF m DEFAULT;
INSERT INTO m VALUES (5, 1, '2026-01-01'), (5, 9, '2026-01-01'), (77, 0, '2026-01-01');
SQL
        my @rows = ([ 5, 9, '2026-01-02' ], [ 77, 0, '2026-01-02' ], [ 5, 1, '2025-01-01' ]);
        loads($db, [$staging, file('m', ['a', 'b', 'captured_at'], @rows)],
            'updated 2, skipped 1', "$staging: incremental");
    }
};

done_testing;
