# A rollback is done once and as a whole, whatever is killed: the client, its connection or
# the server, at every step of it or of the load before. Rows, state, log and undo tables
# agree, and the same command ends well.

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
$db->sql(<<'SQL');
CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.v = 'hold' THEN
        PERFORM pg_catalog.pg_advisory_xact_lock_shared(4711);
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER hold AFTER DELETE ON part DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION hold();
SQL

# Records 1 to 10 change rows, 11 to 20 are new; one of them holds the commit of a rollback.
put('b1/item/1.csv' => csv([ 'id', 'v' ], map { [ $_, 'new' ] } 1 .. 20));
put('b1/part/1.csv' => csv([ 'id', 'item', 'v' ], map { [ $_, $_, $_ == 20 ? 'hold' : 'new' ] } 1 .. 20));

sub reset_rows
{
    $db->sql(<<'SQL');
TRUNCATE item, part;
INSERT INTO item SELECT i, 'old' FROM generate_series(1, 10) i;
DELETE FROM _pg_sample_load.batch;
DELETE FROM _pg_sample_load.batch_load_log;
SQL
    my @undo = @{ $db->column("SELECT format('%I.%I', '_pg_sample_load', undo_table) FROM _pg_sample_load.undo WHERE undo_table IS NOT NULL") };
    $db->sql("DROP TABLE IF EXISTS $_") for @undo;
    $db->sql('DELETE FROM _pg_sample_load.undo');
    return;
}

sub reset_loaded
{
    reset_rows();
    my $result = batch('b1');
    BAIL_OUT($result->describe) if $result->status != 0;
    return;
}

is(load($db, '--init')->status, 0, 'the schema is there');
reset_rows();
my $before = rows();
reset_loaded();
my $after = rows();
my $LOADED  = 'b1 load item 20 success, b1 load part 20 success';
my $STATES  = 'b1 public.item STATE 20, b1 public.part STATE 20';
is(logged(), $LOADED, 'the batch is loaded');

sub start_rollback { return start_load($db, '--batch-id=b1', '--rollback', @_, { keep => 1 }) }

# Undo tables that can be applied, and those that were: both must be there or not.
sub undo_is
{
    return $db->value(<<'SQL');
SELECT concat_ws(', ', 'pending ' || count(*) FILTER (WHERE undone_at IS NULL),
    'tables ' || count(*) FILTER (WHERE to_regclass('_pg_sample_load.' || quote_ident(undo_table)) IS NOT NULL),
    'done ' || count(*) FILTER (WHERE undone_at IS NOT NULL AND undo_table IS NULL))
  FROM _pg_sample_load.undo
SQL
}

sub undo_tables
{
    return $db->value("SELECT count(*) FROM pg_class WHERE relnamespace = '_pg_sample_load'::regnamespace"
            . " AND relkind = 'r' AND relname ~ '_undo_[0-9a-f]{8}_'");
}

# ---- where a rollback is held: code that starts it, and returns it and code that lets go

# An undo table cannot be read.
sub held_in_stage
{
    my $table = $db->value('SELECT undo_table FROM _pg_sample_load.undo ORDER BY undo_id LIMIT 1');
    my $holder = other_session($db);
    $holder->query("BEGIN; LOCK TABLE _pg_sample_load.\"$table\"");
    my $run = start_rollback();
    return ($run, scalar wait_for_step($run, 'stage', lock => 1), sub { $holder->close });
}

# The table cannot be looked at.
sub held_in_plan
{
    my $holder = other_session($db);
    $holder->query('BEGIN; LOCK TABLE item');
    my $run = start_rollback();
    my $session = wait_until(15, sub { return (load_sessions($db, "wait_event_type = 'Lock'"))[0] });
    return ($run, $session, sub { $holder->close });
}

sub held_before_writes
{
    my $holder = other_session($db);
    $holder->query('BEGIN; SELECT FROM item WHERE id = 1 FOR UPDATE');
    my $run = start_rollback('--lock-timeout=50s');
    return ($run, scalar wait_for_step($run, 'commit', lock => 1), sub { $holder->close });
}

# Rows, state, log and undo are written; the constraint trigger waits.
sub held_in_commit
{
    my $holder = hold_advisory($db);
    my $run = start_rollback('--lock-timeout=50s');
    return ($run, scalar wait_for_step($run, 'commit', lock => 1), sub { $holder->close });
}

my @PLACES = (
    [ 'while it plans',             \&held_in_plan ],
    [ 'while it reads undo tables', \&held_in_stage ],
    [ 'before it writes',           \&held_before_writes ],
    [ 'while it commits',           \&held_in_commit ],
);

# ---- what may be true afterwards

sub is_done { return rows() eq $before }

# Returns what is wrong, if anything.
sub contradiction
{
    my ($result) = @_;
    my $is_done = is_done();
    return 'a part is rolled back: ' . rows() if !$is_done && rows() ne $after;
    my ($states, $log, $undo, $n) = (states(), logged(), undo_is(), undo_tables());
    my $expected = $STATES =~ s/STATE/$is_done ? 'rolled_back' : 'committed'/ger;
    return "rolled back: " . ($is_done ? 'yes' : 'no') . ", but the state is $states" if $states ne $expected;
    my $is_logged = $log =~ /b1 rollback \S*item 20 success, b1 rollback \S*part 20 success/;
    return "rolled back: " . ($is_done ? 'yes' : 'no') . ", but the log is $log" if $is_done != ($is_logged ? 1 : 0);
    my $expected_undo = $is_done ? 'pending 0, tables 0, done 2' : 'pending 2, tables 2, done 0';
    return "rolled back: " . ($is_done ? 'yes' : 'no') . ", but undo is $undo" if $undo ne $expected_undo;
    return "$n undo tables are there" if $n != ($is_done ? 0 : 2);
    return 'not rolled back, but the status is 0' if !$is_done && $result->status == 0;
    return 'rolled back, but the status is ' . $result->status
        if $is_done && $result->status !~ /\A(?:0|137|130|143)\z/;
    return;
}

# The same command once more.
sub ends_well
{
    my ($name) = @_;
    my $was_done = is_done();
    load($db, '--gc', { keep => 1 });
    is(join(' ', drop_left($db)), '', "$name: --gc leaves nothing");
    my $next = load($db, '--batch-id=b1', '--rollback');
    is($next->status, 0, "$name: the next run succeeds") or diag $next->describe;
    like($next->stderr, $was_done ? qr/already rolled back/ : qr/20 deleted, 10 restored|: 10 deleted/,
        "$name: and does what is left to do");
    is(rows(), $before, "$name: everything is as before");
    is($db->value("SELECT count(*) FROM _pg_sample_load.batch_load_log WHERE operation = 'rollback' AND status = 'success'"),
        2, "$name: once");
    return;
}

sub kills
{
    my ($place, $what, $kill) = @_;
    my $name = "$place->[0]: $what";
    reset_loaded();
    my ($run, $session, $let_go) = $place->[1]->();
    ok($session && ref $session, "$name: it is there") or diag $run->process->stderr_so_far;
    $kill->($run, $session);
    $let_go->();
    my $result = $run->finish(40);
    ok(wait_until(20, sub { return !load_sessions($db) }), "$name: no session is left");
    my $problem = contradiction($result);
    ok(!$problem, "$name: status " . $result->status . ', ' . (is_done() ? 'rolled back' : 'not rolled back'))
        or diag $problem, "\n", $result->describe;
    ends_well($name);
    return $result;
}

for my $place (@PLACES) {
    subtest "killed $place->[0]" => sub {
        kills($place, 'SIGKILL', sub { $_[0]->signal('KILL') });
        my $result = kills($place, 'SIGTERM', sub { $_[0]->signal('TERM') });
        is($result->status, 143, 'the exit status') if $place->[0] !~ /commits/;
        kills($place, 'connection', sub {
            my ($run, $session) = @_;
            $server->database('postgres')->value("SELECT pg_terminate_backend($session->{pid})");
        });
        kills($place, 'immediate stop', sub { $server->restart('immediate') });
    };
}

sub disturb
{
    my ($how, $run) = @_;
    my $is_hit = load_sessions($db);
    if ($how eq 'lost') {
        $is_hit = @{ $server->database('postgres')->rows("SELECT pg_terminate_backend(pid)"
                . " FROM pg_stat_activity WHERE application_name LIKE 'pg-sample-load%'") };
    } elsif ($how eq 'stop') {
        $server->restart('immediate');
    } else {
        $run->signal($how);
    }
    my $result = $run->finish;
    wait_until(20, sub { return !load_sessions($db) });
    $is_hit = 0 if $how =~ /KILL|TERM/ && $result->status == 0;
    return ($is_hit, $result);
}

my @HOW = qw(KILL TERM lost stop);

subtest 'a rollback at random moments' => sub {
    reset_loaded();
    my $whole = load($db, '--batch-id=b1', '--rollback')->seconds;
    at_moments(16, 1.2 * $whole, 4, sub { reset_loaded(); return start_rollback() }, sub {
        my ($i, $run) = @_;
        my ($is_hit, $result) = disturb($HOW[ $i % 4 ], $run);
        my $problem = contradiction($result);
        ok(!$problem, "moment $i: $HOW[ $i % 4 ]: status " . $result->status) or diag $problem, $result->describe;
        ends_well("moment $i");
        return $is_hit;
    });
};

# What was loaded can be rolled back, and what was not has left no undo.
subtest 'a load at random moments' => sub {
    reset_rows();
    my $whole = batch('b1')->seconds;
    at_moments(12, 1.2 * $whole, 3, sub { reset_rows(); return start_batch('b1') }, sub {
        my ($i, $run) = @_;
        my ($is_hit, $result) = disturb($HOW[ $i % 4 ], $run);
        my $is_loaded = rows() eq $after;
        ok($is_loaded || rows() eq $before, "moment $i: $HOW[ $i % 4 ]: all or nothing");
        is(undo_is(), $is_loaded ? 'pending 2, tables 2, done 0' : 'pending 0, tables 0, done 0', 'undo agrees');
        is(undo_tables(), $is_loaded ? 2 : 0, 'and so do its tables');
        load($db, '--gc', { keep => 1 });
        my $next = load($db, '--batch-id=b1', '--rollback');
        is($next->status, $is_loaded ? 0 : 4, 'rolled back, if it was loaded') or diag $next->describe;
        is(rows(), $before, 'nothing is left of it');
        return $is_hit;
    });
};

done_testing;
