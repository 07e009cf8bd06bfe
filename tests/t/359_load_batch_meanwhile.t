# Batches with an id whose approval, queue or state others change, or have written by hand;
# and what is kept of a batch that marks rows instead of deleting them.

use strict;
use warnings;

use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Load;
use PgSample::Test::LoadBatch;
use PgSample::Test::Server;

my $server = PgSample::Test::Server->start;
my $db     = $server->create_database;
PgSample::Test::LoadBatch::use_database($db);

# Starts the batch, and has the SQL run when the commit waits for a row.
sub load_meanwhile
{
    my ($sql, @argument) = @_;
    my $holder = other_session($db);
    $holder->query('BEGIN; SELECT FROM item WHERE id = 1 FOR UPDATE');
    my $run = start_batch('b1', '--lock-timeout=50s', @argument);
    wait_for_step($run, 'commit', lock => 1);
    $db->sql($sql);
    $holder->close;
    return $run->finish;
}

sub fresh_item
{
    fresh();
    put('b0/item/1.csv' => ITEMS, 'b1/item/1.csv' => "id,v\n1,new\n");
    batch_is('b0', [], 0, qr/2 loaded/, 'the tables are there');
    return;
}

subtest 'an approval that is withdrawn before the commit' => sub {
    for my $sql ('DELETE FROM _pg_sample_load.batch', "UPDATE _pg_sample_load.batch SET manifest_sha256 = 'other'",
        "UPDATE _pg_sample_load.batch SET state = 'failed'")
    {
        fresh_item();
        batch_is('b1', ['--approve'], 0, qr/Approved/, 'it is approved');
        my $result = load_meanwhile("$sql WHERE batch_id = 'b1'", '--require-approval');
        is($result->status, 4, "$sql: the commit is refused") or diag $result->describe;
        like($result->stderr, qr/rolled back; the target is unchanged: batch b1 is not approved any more: table public.item/,
            'which is said');
        is($db->value('SELECT v FROM item WHERE id = 1'), 'a', 'nothing is written');
        is($db->value("SELECT count(*) FROM _pg_sample_load.batch WHERE batch_id = 'b1' AND state = 'committed'"), 0,
            'and the batch does not count as loaded');
        is(logged(), 'b0 load item 2 success', 'nor is it logged');
    }
};

subtest 'what is approved has all that is known of a load' => sub {
    fresh_item();
    batch_is('b1', ['--approve'], 0, qr/Approved/, 'it is approved');
    batch_is('b1', ['--require-approval'], 0, qr/1 updated/, 'and loaded');
    is($db->value(<<'SQL'), 1, 'all columns are set');
SELECT count(*) FROM _pg_sample_load.batch
 WHERE batch_id = 'b1' AND state = 'committed' AND records = 1 AND fragments = 1 AND bytes = 11
   AND source LIKE '%staging/b1' AND run_id IS NOT NULL AND started_at <= committed_at
   AND approved_by = 'postgres' AND app_user = 'postgres' AND metrics->>'records_updated' = '1' AND error IS NULL
SQL
};

subtest 'entries of the queue that fail before the commit' => sub {
    fresh_item();
    $db->sql(QUEUE . "INSERT INTO validation_queue VALUES ('b1', 'item'), ('b1', 'item')");
    my $result = load_meanwhile("UPDATE validation_queue SET status = 'failed' WHERE ctid = '(0,1)'");
    is($result->status, 6, 'the commit is rolled back') or diag $result->describe;
    like($result->stderr, qr/Batch has 1 failed validations[.] Review and fix before loading[.]/, 'since one has failed');
    is($db->value('SELECT v FROM item WHERE id = 1'), 'a', 'nothing is written');
    is(queue(), 'b1 item failed, b1 item pending', 'the others stay pending');
};

subtest 'rows of the table batch that were written by hand' => sub {
    fresh_item();
    my $sql = "INSERT INTO _pg_sample_load.batch (batch_id, table_name, state) VALUES ('b1', 'public.item', 'committed')";
    $db->sql($sql);
    batch_refused('b1', [], 4, qr/batch b1 was loaded with other contents: table public.item, 0 records at an unknown time/,
        'a batch without a manifest is not loaded again');
    batch_is('b1', ['--force'], 0, qr/1 updated/, 'but with --force');
    batch_is('b1', [], 0, qr/already loaded: table public.item, 1 record at 20/, 'from then on it is known');
    $db->sql("DELETE FROM _pg_sample_load.batch; UPDATE item SET v = 'a' WHERE id = 1; $sql");
    my $result = load_meanwhile("UPDATE _pg_sample_load.batch SET run_id = 'b5d9a6a0-0000-4000-8000-000000000000'", '--force');
    is($result->status, 4, 'nor over the load of another session') or diag $result->describe;
};

# The lock of a lost session is free at once.
subtest 'a connection is lost, and another session takes the batch' => sub {
    fresh_item();
    my $holder = other_session($db);
    $holder->query('BEGIN; SELECT FROM item WHERE id = 1 FOR UPDATE');
    my $run = start_batch('b1', '--lock-timeout=50s');
    my $session = wait_for_step($run, 'commit', lock => 1);
    my $lock = $db->value("SELECT (classid::bigint << 32) | objid::bigint FROM pg_locks"
            . " WHERE pid = $session->{pid} AND locktype = 'advisory' AND objsubid = 1");
    my $other = other_session($db);
    $other->begin("SELECT pg_advisory_lock($lock)");
    wait_until(10, sub { return $db->value("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted") });
    $db->sql("SELECT pg_terminate_backend($session->{pid})");
    $other->finish;
    $holder->close;
    my $result = $run->finish;
    is($result->status, 6, 'the run does not go on') or diag $result->describe;
    like($result->stderr, qr/target is unchanged: .*batch b1 is being loaded by another session/, 'and says why');
    is($db->value('SELECT v FROM item WHERE id = 1'), 'a', 'nothing is written');
    $other->close;
    batch_is('b1', [], 0, qr/1 updated/, 'later it is loaded');
};

subtest 'options that decide where records are' => sub {
    fresh();
    put('b1/item/1.json' => '{"data": {"id": 1, "v": "a"}, "other": {"id": 1, "v": "b"}}',
        'b2/item/1.json' => '{"id": 2, "v": "a"}');
    batch_is('b1', ['--approve'], 0, qr/Approved/, 'approved');
    batch_refused('b1', [ '--require-approval', '--data-member=other' ], 4, qr/approved with other contents or options/,
        'another member was not approved');
    batch_is('b2', ['--data-member=none'], 0, qr/1 loaded/, 'loaded without envelopes');
    batch_refused('b2', [], 4, qr/loaded with other options/, 'with them it is another batch');
};

subtest 'rows that are marked as deleted' => sub {
    fresh();
    $db->sql("ALTER TABLE item ADD deleted_at timestamptz; INSERT INTO item VALUES (1, 'a'), (2, 'b'), (3, 'c')");
    put('b1/item/1.csv' => "id,v\n1,A\n");
    batch_is('b1', [ '--mode=full', '--soft-delete', '--max-delete-pct=100' ], 0, qr/1 updated, .* 2 soft-deleted/, 'loaded');
    is(logged(), 'b1 load item 3 success', 'they are rows that were affected');
    is($db->value("SELECT metrics->>'rows_soft_deleted' FROM _pg_sample_load.batch"), 2, 'and in the metrics');
};

# A connection that replaces a lost one reads literals as every other does.
subtest 'a failure that is recorded over a new connection' => sub {
    fresh();
    my $name = q{x\'); DROP TABLE item; --};
    my $role = $server->create_role(undef, 'SUPERUSER');
    $db->sql("ALTER ROLE $role SET standard_conforming_strings = off");
    $db->sql(qq{CREATE TABLE "$name" (id int PRIMARY KEY)});
    $db->sql(qq{INSERT INTO "$name" VALUES (1)});
    put("b0/$name/1.csv" => "id\n1\n", "b1/$name/1.csv" => "id\n1\n2\n");
    my $as = $db->as($role);
    my $result = load($as, '--batch-id=b0', '--source=' . root());
    is($result->status, 0, 'the role can load') or diag $result->describe;
    my $holder = other_session($db);
    $holder->query(qq{BEGIN; LOCK TABLE "$name" IN EXCLUSIVE MODE});
    my $run = start_load($as, '--batch-id=b1', '--source=' . root(), '--lock-timeout=50s', '--max-retries=0', { keep => 1 });
    my $session = wait_for_step($run, 'commit', lock => 1);
    $db->sql("SELECT pg_terminate_backend($session->{pid})");
    $result = $run->finish;
    $holder->close;
    isnt($result->status, 0, 'the connection is lost') or diag $result->describe;
    is($db->value("SELECT to_regclass('item') IS NOT NULL"), 't', 'names are no SQL');
    is($db->value("SELECT table_name FROM _pg_sample_load.batch_load_log WHERE status = 'failed'"), $name,
        'the failure is recorded');
    $db->sql(qq{DROP TABLE "$name"});
};

done_testing;
