# A batch is rolled back: what it has changed is exactly as before, and what others have
# changed since is not lost.

use strict;
use warnings;

use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Load;
use PgSample::Test::LoadBatch;
use PgSample::Test::Server;
use PgSample::Test::Undo;

my $server = PgSample::Test::Server->start;
my $db     = $server->create_database;
PgSample::Test::LoadBatch::use_database($db);

sub rollback
{
    my ($id, @argument) = @_;
    return load($db, "--batch-id=$id", '--rollback', @argument);
}

sub status_is
{
    my ($result, $status, $message, $name) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    ok($result->status == $status && $result->stderr =~ $message, $name)
        or diag "status $status and $message expected: ", $result->describe;
    return $result;
}

fresh();
load($db, '--init');

subtest 'a batch and back' => sub {
    $db->sql(<<'SQL');
INSERT INTO item SELECT i, 'old' FROM generate_series(1, 6) i;
INSERT INTO part SELECT i, i, 'old' FROM generate_series(1, 6) i;
SQL
    my $before = rows();
    keep_undo($db, 'b1', { item => ['id'], part => ['id'] }, <<'SQL');
DELETE FROM part WHERE id = 6;
DELETE FROM item WHERE id = 6;
UPDATE item SET v = 'new' WHERE id < 3;
INSERT INTO item VALUES (7, 'new'), (8, 'new');
INSERT INTO part VALUES (7, 7, 'new');
SQL
    my $after = rows();
    for my $how ('plan', 'execute') {
        my $result = rollback('b1', "--dry-run=$how");
        status_is($result, 0, qr/public\.item: 2 deleted, 2 restored, 1 inserted again, 0 skipped, 0 unchanged/,
            "--dry-run=$how");
        like($result->stderr, qr/public\.part: 1 deleted, 0 restored, 1 inserted again/, 'of each table');
        like($result->stderr, qr/Batch rollback dry run complete: 3 deleted, 2 restored, 2 inserted again/, 'and in all');
        is($result->metrics->{mode}, 'rollback', 'the metrics know what it was');
        is(rows(), $after, 'changes nothing');
    }
    is(logged(), '', 'and is not logged');
    my $result = rollback('b1');
    status_is($result, 0, qr/Rolling back batch: b1\n.*Batch rollback complete: 3 deleted, 2 restored, 2 inserted/s, 'it is done');
    is(rows(), $before, 'everything is as before');
    is(states(), 'b1 public.item rolled_back -, b1 public.part rolled_back -', 'the state');
    is(logged(), 'b1 rollback public.item 5 success, b1 rollback public.part 2 success', 'the log');
    is($db->value('SELECT count(*) FROM _pg_sample_load.undo WHERE undone_at IS NOT NULL AND undo_table IS NULL'),
        2, 'the undo tables are gone');
    status_is(rollback('b1'), 0, qr/batch b1 is already rolled back: table public\.item at 20/, 'once more');
    is(rows(), $before, 'does nothing');
};

subtest 'what cannot be rolled back' => sub {
    status_is(rollback('b9'), 4, qr/error: batch b9 was never loaded\n.*hint: .*--status/s, 'an unknown batch');
    status_is(load($db, '--undo-of=' . ('0' x 8) . '-0000-0000-0000-' . ('0' x 12)), 4, qr/there is no run 0000/,
        'an unknown run');
    status_is(load($db, '--undo-of=1'), 1, qr/run_id/, 'no run');
    status_is(load($db, '--rollback'), 1, qr/"--rollback" needs option "--batch-id"/, 'no batch');
    status_is(load($db, '--rollback-conflicts=skip', 'item=x.csv'), 1, qr/needs "--rollback" or "--undo-of"/,
        'a load has no such conflicts');
    $db->sql("INSERT INTO _pg_sample_load.batch (batch_id, table_name, state) VALUES ('b8', 'public.item', 'failed')");
    status_is(rollback('b8'), 4, qr/batch b8 is not loaded: its state is failed/, 'a batch that failed');
    $db->sql("UPDATE _pg_sample_load.batch SET state = 'committed' WHERE batch_id = 'b8'");
    status_is(rollback('b8'), 4, qr/batch b8 cannot be rolled back: table public\.item was loaded without undo/,
        'a batch without undo');
    is(logged(), 'b1 rollback public.item 5 success, b1 rollback public.part 2 success', 'nothing of this is logged');
};

subtest 'rows that have changed since' => sub {
    $db->sql('TRUNCATE item, part; INSERT INTO item VALUES (1, $$a$$), (2, $$a$$), (3, $$a$$), (4, $$a$$)');
    my $before = rows();
    keep_undo($db, 'c1', { item => ['id'] }, <<'SQL');
UPDATE item SET v = 'b' WHERE id IN (1, 2);
DELETE FROM item WHERE id = 3;
INSERT INTO item VALUES (5, 'b'), (6, 'b');
SQL
    $db->sql(<<'SQL');
UPDATE item SET v = 'c' WHERE id = 1;
DELETE FROM item WHERE id = 2;
INSERT INTO item VALUES (3, 'c');
UPDATE item SET v = 'c' WHERE id = 5;
SQL
    my $after = rows();
    my $result = rollback('c1');
    status_is($result, 8, qr/error: nothing was rolled back: 4 rows are not as batch c1 left them/, 'prevent it');
    like($result->stderr, qr/row \(1\) was changed since\n/, 'a row that was changed');
    like($result->stderr, qr/row \(2\) was deleted since\n/, 'a row that was deleted');
    like($result->stderr, qr/row \(3\) exists again\n/, 'a row that exists again');
    like($result->stderr, qr/row \(5\) was changed since\n/, 'a new row that was changed');
    is(rows(), $after, 'nothing has changed');
    status_is(rollback('c1', '--rollback-conflicts=skip', '--dry-run'), 0,
        qr/1 deleted, 0 restored, 0 inserted again, 4 skipped, 0 unchanged/, 'skip');
    status_is(rollback('c1', '--rollback-conflicts=force'), 0,
        qr/warning: 4 rows are not as the load left them: .*: 2 deleted, 2 restored, 1 inserted again, 0 skipped/s, 'force');
    is(rows(), $before, 'everything is as before');
};

done_testing;
