# A batch is loaded once and as a whole, whatever is killed: the client, its connection or
# the server, at every step. What the database says of the batch is then true, the log
# agrees with it, and the same command ends well.

use strict;
use warnings;

use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Faults qw(at_moments);
use PgSample::Test::Load;
use PgSample::Test::LoadBatch;
use PgSample::Test::Server;

# What was committed must survive a crash.
my $server = PgSample::Test::Server->start(configuration => ['synchronous_commit = on']);
my $db     = $server->create_database;
PgSample::Test::LoadBatch::use_database($db);
fresh();
$db->sql(QUEUE);
$db->sql(<<'SQL');
CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.v = 'hold' THEN
        PERFORM pg_catalog.pg_advisory_xact_lock_shared(4711);
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER hold AFTER INSERT OR UPDATE ON part DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION hold();
SQL

# Records 1 to 10 change rows, 11 to 20 are new; one of them holds the commit.
put(map { ("b1/item/$_.json" => qq({"id": $_, "v": "new"})) } 1 .. 20);
put('b1/part/1.csv' => csv([ 'id', 'item', 'v' ], map { [ $_, $_, $_ == 20 ? 'hold' : 'new' ] } 1 .. 20));

sub reset_tables
{
    $db->sql(<<'SQL');
TRUNCATE item, part, validation_queue;
INSERT INTO item SELECT i, 'old' FROM generate_series(1, 10) i;
INSERT INTO validation_queue VALUES ('b1', 'item'), ('b1', 'part');
DELETE FROM _pg_sample_load.batch;
DELETE FROM _pg_sample_load.batch_load_log;
SQL
    return;
}

is(load($db, '--init')->status, 0, 'the schema is there');
reset_tables();
my $before = rows();
my $clean = batch('b1');
is($clean->status, 0, 'the batch can be loaded') or BAIL_OUT($clean->describe);
my $after = rows();
my $LOADED = 'b1 load item 20 success, b1 load part 20 success';
is(logged(), $LOADED, 'and is logged');

# ---- where a run is held: code that starts it, and returns it and code that lets go

# The staging tables cannot be created.
sub held_in_stage
{
    my $holder = other_session($db);
    $holder->query('BEGIN; LOCK TABLE item');
    my $run = start_batch('b1');
    return ($run, wait_for_step($run, 'stage', lock => 1), sub { $holder->close });
}

# An assertion that waits.
sub held_in_assertion
{
    my $holder = hold_advisory($db);
    my $run = start_batch('b1',
        '--check=held: SELECT 1 WHERE pg_catalog.pg_advisory_xact_lock_shared(4711) IS NULL');
    return ($run, wait_for_step($run, 'check', lock => 1), sub { $holder->close });
}

sub held_before_writes
{
    my $holder = other_session($db);
    $holder->query('BEGIN; SELECT FROM item WHERE id = 1 FOR UPDATE');
    my $run = start_batch('b1', '--lock-timeout=50s');
    return ($run, wait_for_step($run, 'commit', lock => 1), sub { $holder->close });
}

# Rows, state, log and queue are written; the constraint trigger waits.
sub held_in_commit
{
    my $holder = hold_advisory($db);
    my $run = start_batch('b1', '--lock-timeout=50s');
    return ($run, wait_for_step($run, 'commit', lock => 1), sub { $holder->close });
}

# It is committed; the staging tables cannot be dropped.
sub held_in_clean
{
    my ($run, $session, $let_go) = held_before_writes();
    my $holder = other_session($db);
    $holder->query('BEGIN');
    $holder->query("SELECT count(*) FROM _pg_sample_load.\"$_\"") for left_tables($db);
    $let_go->();
    $session = wait_until(10, sub { return rows() eq $after })
        && wait_until(5, sub { return (load_sessions($db, "wait_event_type = 'Lock'"))[0] });
    return ($run, $session, sub { $holder->close });
}

my @PLACES = (
    [ 'while it stages',    \&held_in_stage ],
    [ 'while it checks',    \&held_in_assertion ],
    [ 'before it writes',   \&held_before_writes ],
    [ 'while it commits',   \&held_in_commit ],
    [ 'while it cleans up', \&held_in_clean ],
);

# ---- what may be true afterwards

# Rows, state, log and queue agree; returns what is wrong. The state can be "failed", with
# lines in the log, where nothing is loaded and the client could say so.
sub contradiction
{
    my ($result) = @_;
    my $is_loaded = rows() eq $after;
    return 'a part of the batch is loaded: ' . rows() if !$is_loaded && rows() ne $before;
    my $states = states();
    my $log = logged();
    my $queue = queue();
    return "loaded, but the state is $states"
        if $is_loaded && $states ne 'b1 public.item committed 20, b1 public.part committed 20';
    return "loaded, but the log is $log" if $is_loaded && $log ne $LOADED;
    return "loaded, but the queue is $queue" if $is_loaded && $queue ne 'b1 item loaded now, b1 part loaded now';
    return if $is_loaded && $result->status =~ /\A(?:0|137|130|143)\z/;
    return 'loaded, but the status is ' . $result->status if $is_loaded;
    return "not loaded, but the state is $states" if $states =~ /committed/;
    return "not loaded, but the log is $log" if $log =~ /success|partial/;
    return "not loaded, but the queue is $queue" if $queue ne 'b1 item pending, b1 part pending';
    return 'not loaded, but the status is 0' if $result->status == 0;
    my $is_failed = $states eq 'b1 public.item failed -, b1 public.part failed -';
    my $is_logged = $log eq 'b1 load item 0 failed, b1 load part 0 failed';
    return "state \"$states\" and log \"$log\" differ" if $is_failed != $is_logged || ($states ne '' && !$is_failed);
    return;
}

# The same command once more.
sub ends_well
{
    my ($name) = @_;
    my $was_loaded = rows() eq $after;
    load($db, '--gc', { keep => 1 });
    is(join(' ', drop_left($db)), '', "$name: --gc leaves nothing");
    my $next = batch('b1');
    is($next->status, 0, "$name: the next run succeeds") or diag $next->describe;
    like($next->stderr, $was_loaded ? qr/already loaded/ : qr/10 updated/, "$name: and does what is left to do");
    is(rows(), $after, "$name: everything is loaded");
    is($db->value("SELECT count(*) FROM _pg_sample_load.batch_load_log WHERE status = 'success'"), 2,
        "$name: once");
    return;
}

sub kills
{
    my ($place, $what, $kill) = @_;
    my $name = "$place->[0]: $what";
    reset_tables();
    my ($run, $session, $let_go) = $place->[1]->();
    ok($session && ref $session, "$name: it is there") or diag $run->process->stderr_so_far;
    $kill->($run, $session);
    $let_go->();
    my $result = $run->finish(40);
    ok(wait_until(20, sub { return !load_sessions($db) }), "$name: no session is left");
    my $problem = contradiction($result);
    ok(!$problem, "$name: status " . $result->status . ', ' . (rows() eq $after ? 'loaded' : 'not loaded'))
        or diag $problem, "\n", $result->describe;
    is(rows(), $after, "$name: it was committed before") if $place->[0] =~ /cleans/;
    is(rows(), $before, "$name: nothing was committed")
        if $what =~ /SIG|stop/ && $place->[0] =~ /stages|checks|writes/;
    return $result;
}

for my $place (@PLACES) {
    subtest "the client is killed $place->[0]" => sub {
        kills($place, 'SIGKILL', sub { $_[0]->signal('KILL') });
        is(logged(), '', 'who is killed says nothing') if $place->[0] =~ /stages|checks|writes/;
        ends_well("$place->[0]: SIGKILL");
        my $result = kills($place, 'SIGTERM', sub { $_[0]->signal('TERM') });
        if ($place->[0] =~ /stages|checks|writes/) {
            is($result->status, 143, 'the exit status');
            is(logged(), 'b1 load item 0 failed, b1 load part 0 failed', 'who is interrupted says so');
        }
        ends_well("$place->[0]: SIGTERM");
    };
    subtest "the connection is lost $place->[0]" => sub {
        kills($place, 'connection', sub {
            my ($run, $session) = @_;
            $server->database('postgres')->value("SELECT pg_terminate_backend($session->{pid})");
        });
        ends_well("$place->[0]: connection");
    };
    subtest "the server is killed $place->[0]" => sub {
        kills($place, 'immediate stop', sub { $server->restart('immediate') });
        ends_well("$place->[0]: immediate stop");
    };
}

subtest 'at random moments' => sub {
    my %n;
    reset_tables();
    my $whole = batch('b1')->seconds;
    my $start = sub {
        reset_tables();
        return start_batch('b1');
    };
    # to a fifth beyond the end of a run
    at_moments(24, 1.2 * $whole, 4, $start, sub {
        my ($i, $run) = @_;
        my $how = ('KILL', 'TERM', 'lost')[ $i % 3 ];
        my $is_hit = load_sessions($db);
        if ($how eq 'lost') {
            $is_hit = @{ $server->database('postgres')->rows("SELECT pg_terminate_backend(pid)"
                    . " FROM pg_stat_activity WHERE application_name LIKE 'pg-sample-load%'") };
        } else {
            $run->signal($how);
        }
        my $result = $run->finish;
        $is_hit = 0 if $how ne 'lost' && $result->status == 0;
        wait_until(20, sub { return !load_sessions($db) });
        my $problem = contradiction($result);
        ok(!$problem, "moment $i: $how: status " . $result->status) or diag $problem, $result->describe;
        $n{ rows() eq $after ? 'loaded' : 'not loaded' }++;
        ends_well("moment $i: $how");
        return $is_hit;
    });
    note join ', ', map { "$_ $n{$_}" } sort keys %n;
};

# ---- the outcome of COMMIT

sub set_standbys
{
    my ($names) = @_;
    $server->database('postgres')->sql("ALTER SYSTEM SET synchronous_standby_names = '$names'");
    $server->reload;
    return;
}

# A run whose COMMIT is written and not answered: it waits for a synchronous standby that does
# not exist. A commit waits only after the checkpointer has read the setting, too.
sub held_after_commit
{
    for my $try (1 .. 5) {
        reset_tables();
        my ($run, $session, $let_go) = held_before_writes();
        set_standbys('nobody');
        select undef, undef, undef, 0.3 * $try;
        $let_go->();
        my $waiting = wait_until(10, sub { return (load_sessions($db, "wait_event = 'SyncRep'"))[0] });
        return ($run, $waiting) if $waiting;
        set_standbys('');
        $run->finish(30);
    }
    die "no commit waits for a standby\n";
}

subtest 'a commit whose answer never came' => sub {
    my ($run, $waiting) = held_after_commit();
    $server->database('postgres')->value("SELECT pg_terminate_backend($waiting->{pid})");
    set_standbys('');
    my $result = $run->finish(30);
    is($result->status, 0, 'the run knows that it was committed') or diag $result->describe;
    is($result->metrics->{lock}{attempts}, 1, 'in one attempt');
    is(contradiction($result), undef, 'and so does the database');
    ends_well('unanswered');
};

# Nobody may say "failed" where the commit may have been done.
subtest 'an outcome that stays unknown' => sub {
    my ($run) = held_after_commit();
    $server->stop('immediate');
    my $result = $run->finish(100);
    $server->up;
    set_standbys('');
    is($result->status, 9, 'the server is gone while it commits') or diag $result->describe;
    is(rows(), $after, 'it was committed');
    is(logged(), $LOADED, 'and that is all that is logged');
    ends_well('unknown');

    reset_tables();
    ($run, my $session, my $let_go) = held_in_commit();
    $server->stop('immediate');
    $let_go->();
    $result = $run->finish(100);
    $server->up;
    is($result->status, 6, 'the server is gone before') or diag $result->describe;
    is(rows(), $before, 'nothing was committed');
    is(logged() . states(), '', 'and nothing could be logged');
    like($result->stderr, qr/warning: could not record in table \S+ that the load failed/, 'which is said');
    ends_well('gone');
};

# The same where the failure could be logged.
subtest 'an outcome that cannot be asked for' => sub {
    my ($run, $waiting) = held_after_commit();
    my $other = other_session($db);
    $other->query('SET synchronous_commit = local');
    $other->begin('ALTER TABLE _pg_sample_load.run RENAME TO away');
    wait_until(10, sub { return $db->value("SELECT count(*) FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock'") });
    $server->database('postgres')->value("SELECT pg_terminate_backend($waiting->{pid})");
    $other->finish;
    set_standbys('');
    my $result = $run->finish(60);
    is($result->status, 9, 'the outcome is unknown') or diag $result->describe;
    is(rows(), $after, 'it was committed');
    is(logged(), $LOADED, 'and nobody says that it failed');
    unlike($result->stderr, qr/Batch load failed/, 'the run does not, either');
    $other->query('ALTER TABLE _pg_sample_load.away RENAME TO run');
    $other->close;
    ends_well('not asked for');
};

done_testing;
