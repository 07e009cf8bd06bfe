# Rollbacks of loads that are not the last ones to have changed a row, and of the runs of
# a batch one by one.

use strict;
use warnings;

use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Load;
use PgSample::Test::LoadBatch;
use PgSample::Test::Process;
use PgSample::Test::Server;

my $server = PgSample::Test::Server->start;
my $db     = $server->create_database;
PgSample::Test::LoadBatch::use_database($db);

sub fill
{
    my (@rows) = @_;
    fresh();
    $db->sql("INSERT INTO item VALUES ($_)") for @rows;
    return;
}

# Loads a batch of rows of item.
sub loaded
{
    my ($id, $rows, @argument) = @_;
    put("$id/item/1.csv", "id,v\n" . join '', map { "$_\n" } @$rows);
    my $result = batch($id, @argument);
    is($result->status, 0, "$id is loaded") or diag $result->describe;
    return $result->metrics->{run_id};
}

sub rollback
{
    my ($id, @argument) = @_;
    return load($db, "--batch-id=$id", '--rollback', @argument);
}

sub status_is
{
    my ($result, $status, $message, $name) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    return ok($result->status == $status && $result->stderr =~ $message, $name)
        || diag "status $status and $message expected: ", $result->describe;
}

sub items { return $db->value(q{SELECT string_agg(id || v, ' ' ORDER BY id) FROM item}) }
sub state { return $db->value(q{SELECT state FROM _pg_sample_load.batch WHERE batch_id = '} . shift() . q{'}) }

subtest 'a later load has made rows what they were before' => sub {
    fill(q{1, 'a'}, q{2, 'a'}, q{3, 'a'});
    loaded('b1', [ '1,b', '2,b', '9,n' ]);
    loaded('b2', ['1,a']);
    my $full = load($db, '--undo', '--mode=full', '--max-delete-pct=100', input_file('item.csv', "id,v\n1,a\n2,b\n3,a\n"));
    my $run = $full->metrics->{run_id};
    is($full->status, 0, 'rows are deleted') or diag $full->describe;
    my $before = items();
    my $result = rollback('b1');
    status_is($result, 8, qr/2 rows are not as batch b1 left them/, 'a conflict, although there is nothing to be restored');
    like($result->stderr, qr/row \(1\) was changed since, by batch b2\n/, 'of an update');
    like($result->stderr, qr/row \(9\) was deleted since, by run $run\n/, 'of an insert');
    is(items(), $before, 'nothing has changed');
    status_is(rollback('b1', '--dry-run', "--rollback-conflicts=$_->[0]"), 0, $_->[1], $_->[0])
        for [ 'skip', qr/1 restored, 0 inserted again, 2 skipped, 0 unchanged/ ], [ 'force', qr/1 restored, 0 inserted again, 0 skipped, 2 unchanged/ ];
    status_is(load($db, "--undo-of=$run"), 0, qr/1 inserted again/, 'the last load first');
    status_is(rollback('b2'), 0, qr/1 restored/, 'then the one before');
    status_is(rollback('b1'), 0, qr/1 deleted, 2 restored/, 'and now it is possible');
    is(items(), '1a 2a 3a', 'all is as before');
};

subtest 'what does not matter' => sub {
    fill(q{1, 'a'}, q{2, 'a'});
    loaded('b1', ['1,b']);
    $db->sql(q{UPDATE item SET v = 'a' WHERE id = 1});
    loaded('b2', ['2,b']);
    status_is(rollback('b1'), 0, qr/0 restored, 0 inserted again, 0 skipped, 1 unchanged/, 'changes of others, and other rows of a load');
    loaded('b3', ['2,c']);
    loaded('b4', ['2,a']);
    $db->sql(q{ALTER TABLE item ALTER id TYPE bigint});
    status_is(rollback('b2'), 3, qr/another type/, 'another type of the key is another matter');
    $db->sql(q{ALTER TABLE item ALTER id TYPE int});
    loaded('b5', ['2,b']);
    status_is(rollback($_->[0]), $_->[1], qr//, "$_->[0]: the newest one first") for [ b4 => 8 ], [ b5 => 0 ], [ b4 => 0 ], [ b3 => 0 ], [ b2 => 0 ];
    is(items(), '1a 2a', 'all is as before');
};

subtest 'the runs of a batch one by one' => sub {
    fill(q{1, 'a'});
    my @runs = map { loaded('b1', ["1,$_"], '--force') } 'b', 'c', 'c';
    my $result = load($db, "--undo-of=$runs[0]");
    status_is($result, 8, qr/row \(1\) was changed since, by run $runs[1]\n/, 'the first one is not possible yet');
    like($result->stderr, qr/hint: Roll back run $runs[1] before\./, 'with what to do');
    status_is(load($db, "--undo-of=$runs[1]"), 0, qr/1 restored/, 'the one that has changed something');
    is(state('b1'), 'committed', 'the batch is still loaded');
    status_is(load($db, "--undo-of=$runs[0]"), 0, qr/1 restored/, 'the first one');
    is(state('b1'), 'rolled_back', 'and now it is not');
    is(items(), '1a', 'all is as before');
    loaded('b1', ['1,c']);
    is(items(), '1c', 'it can be loaded again');

    fill(q{1, 'a'});
    @runs = (loaded('b1', ['1,b']), loaded('b1', ['1,c'], '--force', '--no-undo'));
    $db->sql(q{UPDATE item SET v = 'b'});
    status_is(load($db, "--undo-of=$runs[0]"), 0, qr/1 restored/, 'a run before one without undo');
    is(state('b1'), 'committed', 'which is still loaded');
};

subtest 'two rollbacks of a run at once' => sub {
    fill(q{1, 'a'});
    my $loaded = load($db, '--undo', input_file('item.csv', "id,v\n1,b\n"));
    my $other = other_session($db);
    $other->query('BEGIN; LOCK TABLE item IN SHARE MODE');
    my @runs = map { start_load($db, '--undo-of=' . $loaded->metrics->{run_id}, '--lock-timeout=30s', { keep => 1 }) } 1, 2;
    ok(wait_until(15, sub { return 2 == load_sessions($db, "wait_event_type = 'Lock'") }), 'both wait');
    $other->query('COMMIT');
    my @results = sort { $a->status <=> $b->status } map { $_->finish } @runs;
    status_is($results[0], 0, qr/1 restored/, 'one of them does it');
    status_is($results[1], 4, qr/it was rolled back by another session/, 'the other one tells why it does not');
    is(items(), '1a', 'once');
};

subtest 'an undo table that is being read' => sub {
    fill(q{1, 'a'});
    loaded('b1', ['1,b']);
    my $name = '_pg_sample_load.' . $db->value('SELECT quote_ident(undo_table) FROM _pg_sample_load.undo');
    my $other = other_session($db);
    $other->query("BEGIN; SELECT FROM $name");
    status_is(rollback('b1', '--max-retries=0'), 0, qr/other sessions use the undo tables; --gc drops them later\n/, 'does not prevent the rollback');
    is(items(), '1a', 'which is done');
    status_is(rollback('b1'), 0, qr/already rolled back/, 'once');
    $other->query('COMMIT');
    loaded('b1', ['1,b']);
    is(load($db, '--gc')->stdout, "no staging tables\ndropped $name: batch b1 is rolled back (table public.item)\n", '--gc drops it, and no other');
    status_is(rollback('b1'), 0, qr/1 restored/, 'what is loaded can be rolled back');
};

done_testing;
