# Servers with few lock slots, and databases with more tables than slots.

use strict;
use warnings;

use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Check;
use PgSample::Test::DumpText;
use PgSample::Test::Faults;
use PgSample::Test::Server;
use PgSample::Test::Session;

# Many tables with a primary key and another index each; tables refer to earlier ones.
sub create_tables
{
    my ($db, $n, $has_keys) = @_;
    $has_keys = $has_keys ? 'true' : 'false';
    $db->sql(<<"SQL");
DO \$\$ BEGIN
    FOR i IN 1 .. $n LOOP
        EXECUTE format('CREATE TABLE t%s (id int PRIMARY KEY, parent int, v text)', i);
        EXECUTE format('CREATE INDEX ON t%s (parent)', i);
        EXECUTE format('INSERT INTO t%s SELECT j, 4 - j, j FROM generate_series(1, 3) j', i);
        IF $has_keys AND i > 2 THEN
            EXECUTE format('ALTER TABLE t%s ADD FOREIGN KEY (parent) REFERENCES t%s', i,
                           1 + i / 2);
        END IF;
        IF i % 20 = 0 THEN
            COMMIT;
        END IF;
    END LOOP;
END \$\$
SQL
    return;
}

sub start_small
{
    return PgSample::Test::Server->start(
        configuration => [ 'max_locks_per_transaction = 10', 'max_connections = 20' ]);
}

my $small = start_small();
my $large = PgSample::Test::Server->start;

subtest 'a server with few lock slots' => sub {
    my $db = $small->create_database;
    create_tables($db, 150, 1);
    my $process = $db->start_sample('--limit=1', '-v');
    my $result = $process->wait;
    is($result->status, 0, '150 tables with two indexes each') or diag $result->stderr;
    like($result->stderr, qr/short transactions/, 'are read in short transactions');
    nothing_is_left($small, $process, undef, 'nothing is left');
    my $target = $large->restore($result->stdout);
    samples_ok($target, $db);
    is($target->value('SELECT count(*) FROM t150'), 1, 'rows are picked');
    is($target->value('SELECT count(*) FROM t76'), 2, 'and those they need come along');
    is($db->sample('--limit=1 where id = 2')->status, 0, 'conditions as well');
    my $writes = $db->sample('--limit=1 where lo_create(0) > 0');
    is($db->value('SELECT count(*) FROM pg_largeobject_metadata'), 0,
        'whose side effects are rolled back');
};

# What is locked for a moment only can change in between.
subtest 'tables that change between short transactions' => sub {
    my $db = $small->create_database;
    create_tables($db, 150, 1);
    for my $change ('TRUNCATE t150', 'DROP TABLE t150', 'ALTER TABLE t150 DROP COLUMN v',
        'ALTER TABLE t150 ALTER parent TYPE bigint', 'ALTER TABLE t150 RENAME TO other',
        'VACUUM FULL t150', 'ALTER TABLE t150 ADD COLUMN w int')
    {
        my $holder = hold($db);
        my $process = $db->start_sample(held('t1'), '--limit=3');
        ok(wait_for_session($small, "wait_event = 'advisory'"), 'a run reads one table');
        ok(wait_until(20, sub { return !find_descendant($process->pid, 'pg_dump') }),
            'pg_dump is done');
        $db->sql("SET lock_timeout = '10s'");
        $db->sql($change);
        $holder->close;
        my $end = $process->wait;
        if ($end->status == 0) {
            my $rows = PgSample::Test::DumpText->new($end->stdout)->rows('public.t150');
            is_deeply($rows, [ [ 1, 3, 1 ], [ 2, 2, 2 ], [ 3, 1, 3 ] ],
                "$change: the rows of the snapshot are there");
        } else {
            ends_with($end, 3, qr/t150/, "$change: is noticed, with the name of the table");
            is($end->stdout, '', 'and nothing is written');
        }
        $db->sql('DROP TABLE IF EXISTS t150, other; CREATE TABLE t150 (id int PRIMARY KEY,
            parent int REFERENCES t76, v text);
            INSERT INTO t150 SELECT j, 4 - j, j FROM generate_series(1, 3) j');
    }
};

subtest 'as many tables as pg_dump can lock' => sub {
    # a fresh one: lock slots that were used once are kept
    my $fresh = start_small();
    my $db = $fresh->create_database;
    create_tables($db, 300);
    $fresh->disconnect;
    my @pg_dump = (PgSample::Test::Server::program('pg_dump'), '-s', '-d', $db->conninfo);
    for my $attempt (1 .. 3) {
        my $dump = PgSample::Test::Process->run(command => \@pg_dump);
        is($dump->status, 0, 'pg_dump alone has slots enough') or diag $dump->stderr;
    }
    for my $attempt (1 .. 3) {
        my $result = $db->sample('--limit=1');
        is($result->status, 0, 'and so has pg-sample') or diag $result->stderr;
    }
    $fresh->remove;
};

subtest '5,000 tables with two indexes each' => sub {
    plan skip_all => 'creating them takes half a minute; set PG_SAMPLE_SLOW_TESTS=1'
        if !$ENV{PG_SAMPLE_SLOW_TESTS};
    my $server = PgSample::Test::Server->start;
    my $db = $server->create_database;
    create_tables($db, 5000, 1);
    my $process = $db->start_sample('--limit=1');
    my $result = $process->wait;
    is($result->status, 0, 'on a server with default settings') or diag $result->stderr;
    like($result->stderr, qr/warning: .*not a single transaction/,
        'they are too many for one transaction, as a warning says');
    cmp_ok($result->seconds, '<', 60, 'in a minute');
    my $target = $server->restore($result->stdout);
    foreign_keys_hold($target);
    is(keys %{ table_counts($target) }, 5000, 'and are restored');
};

done_testing;
