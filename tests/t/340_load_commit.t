# A load is all or nothing: the client, its connections and the server are killed at every
# step. The tables are then exactly as before or exactly as after, the exit status says
# which, --gc removes what is left, and the next run succeeds.

use strict;
use warnings;

use FindBin;
use IO::Socket::UNIX ();
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Faults qw(at_moments);
use PgSample::Test::Load;
use PgSample::Test::Process;
use PgSample::Test::Server;

# What was committed must survive a crash.
my $server = PgSample::Test::Server->start(configuration => ['synchronous_commit = on']);
my $db     = $server->create_database;
$db->sql(<<'SQL');
CREATE TABLE p (id int PRIMARY KEY, v text, other text DEFAULT 'none');
CREATE TABLE c (id int PRIMARY KEY, p int REFERENCES p, v text);
CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.v = 'hold' THEN
        PERFORM pg_catalog.pg_advisory_xact_lock_shared(4711);
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER hold AFTER INSERT OR UPDATE ON c DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION hold();
SQL

# Rows 1 to 40 are there; the files change 1 to 10, lack 31 to 40, and have 41 to 50.
sub reset_tables
{
    $db->sql(<<'SQL');
TRUNCATE p, c;
INSERT INTO p SELECT i, 'old' || i, 'o' FROM generate_series(1, 40) i;
INSERT INTO c SELECT i, i, 'old' FROM generate_series(1, 40) i;
SQL
    return;
}

my @header = ('id', 'v');
my $p_file = input_file('p.csv', csv(\@header, map { [ $_, $_ <= 10 ? "new$_" : "old$_" ] } 1 .. 30,
        41 .. 50));
my $c_text = csv([ 'id', 'p', 'v' ], map { [ $_, $_, $_ <= 10 ? 'new' : 'old' ] } 1 .. 30, 41 .. 50)
    . "99,1,hold\n";
my $c_file = input_file('c.csv', $c_text);
my @ARGUMENTS = ('--mode=full', '--max-delete-pct=90', '--batch-size=5', '--lock-timeout=50s',
    '--timestamp-column=none', $p_file);

sub tables { return content($db, 'p') . "\n--\n" . content($db, 'c') }

reset_tables();
my $before = tables();
my $clean = load($db, @ARGUMENTS, $c_file);
is($clean->status, 0, 'the load itself is fine') or BAIL_OUT($clean->describe);
my $after = tables();
is($db->value("SELECT (SELECT count(*) FROM p WHERE v ~ 'new' OR id > 40) || ' ' || (SELECT count(*)"
            . " FROM p) || ' ' || (SELECT count(*) FROM c WHERE v IN ('new', 'hold') OR id > 40)"
            . " || ' ' || (SELECT count(*) FROM c) || ' ' || (SELECT count(*) FROM p WHERE other = 'o')"),
    '20 40 21 41 30', 'and does what is expected');

# A run that has lost its server waits a minute for it: meanwhile there are other tests.
my $gone = PgSample::Test::Server->start;
my $unreachable = do {
    my $other = $gone->create_database;
    $other->sql('CREATE TABLE p (id int PRIMARY KEY, v text); INSERT INTO p VALUES (1, 1)');
    my $holder = other_session($other);
    $holder->query('BEGIN; SELECT FROM p WHERE id = 1 FOR UPDATE');
    my $run = start_load($other, '--staging=always', '--lock-timeout=50s', $p_file,
        { timeout => 100 });
    wait_for_step($run, 'commit', lock => 1);
    $gone->stop('immediate');
    $run;
};

# So does one that waits for a server that never answers, half a minute.
my $silent = IO::Socket::UNIX->new(Listen => 1, Local => $gone->host . '/.s.PGSQL.1') or die "could not listen: $!\n";
my $unanswered = PgSample::Test::Process->start(
    command => [ load_program(), '-h', $gone->host, '-p', 1, '-d', 'x', $p_file ], timeout => 100);

# ---- where a run is held: code that starts it, and returns it and code that lets go

sub held_in_stage
{
    my ($staging) = @_;
    pipe my $reader, my $writer or die "could not create a pipe: $!";
    my $run = start_load($db, $staging, @ARGUMENTS, 'c=-', { stdin => $reader, keep => 1 });
    close $reader;
    syswrite $writer, substr $c_text, 0, length($c_text) / 2;
    return ($run, wait_for_step($run, 'stage'), sub { close $writer });
}

# An assertion that waits.
sub held_in_assertion
{
    my ($staging) = @_;
    my $holder = hold_advisory($db);
    my $run = start_load($db, $staging, @ARGUMENTS, $c_file,
        '--check=held: SELECT 1 WHERE pg_catalog.pg_advisory_xact_lock_shared(4711) IS NULL',
        { keep => 1 });
    return ($run, wait_for_step($run, 'check', lock => 1), sub { $holder->close });
}

# The first statement that reads the table waits.
sub held_before_diff
{
    my ($staging) = @_;
    pipe my $reader, my $writer or die "could not create a pipe: $!";
    my $run = start_load($db, $staging, @ARGUMENTS, 'c=-', { stdin => $reader, keep => 1 });
    close $reader;
    syswrite $writer, $c_text;
    wait_for_step($run, 'stage');
    wait_until(10, sub { return scalar left_tables($db) });
    my $holder = other_session($db);
    $holder->query('BEGIN; LOCK TABLE p');
    close $writer;
    my $session = wait_until(10, sub { return (load_sessions($db, "wait_event_type = 'Lock'"))[0] });
    return ($run, $session, sub { $holder->close });
}

sub held_before_writes
{
    my ($staging) = @_;
    my $holder = other_session($db);
    $holder->query('BEGIN; SELECT FROM p WHERE id = 1 FOR UPDATE');
    my $run = start_load($db, $staging, @ARGUMENTS, $c_file, { keep => 1 });
    return ($run, wait_for_step($run, 'commit', lock => 1), sub { $holder->close });
}

# Everything is written; the constraint trigger waits.
sub held_in_commit
{
    my ($staging) = @_;
    my $holder = hold_advisory($db);
    my $run = start_load($db, $staging, @ARGUMENTS, $c_file, { keep => 1 });
    return ($run, wait_for_step($run, 'commit', lock => 1), sub { $holder->close });
}

# It is committed; the staging tables cannot be dropped.
sub held_in_clean
{
    my ($staging) = @_;
    my ($run, $session, $let_go) = held_before_writes($staging);
    my $holder = other_session($db);
    $holder->query('BEGIN');
    $holder->query("SELECT count(*) FROM _pg_sample_load.\"$_\"") for left_tables($db);
    $let_go->();
    $session = wait_until(10, sub { return tables() eq $after })
        && wait_until(5, sub { return (load_sessions($db, "wait_event_type = 'Lock'"))[0] });
    return ($run, $session, sub { $holder->close });
}

my @PLACES = (
    [ 'while it stages',    \&held_in_stage,      [ '--staging=always', '--staging=auto' ] ],
    [ 'while it checks',    \&held_in_assertion,  [ '--staging=always', '--staging=auto' ] ],
    [ 'before the diff',    \&held_before_diff,   ['--staging=always'] ],
    [ 'before it writes',   \&held_before_writes, [ '--staging=always', '--staging=auto' ] ],
    [ 'while it commits',   \&held_in_commit,     [ '--staging=always', '--staging=auto' ] ],
    [ 'while it cleans up', \&held_in_clean,      ['--staging=always'] ],
);

# ---- what may be true afterwards

# Is the promise of the exit status kept? Returns what is wrong.
sub lie
{
    my ($result, $place, $state) = @_;
    my $status = $result->status;
    return "the tables are $state" if $state ne 'before' && $state ne 'after';
    return "status $status, but nothing is loaded" if $status == 0 && $state ne 'after';
    return "status $status, but everything is loaded"
        if $status =~ /\A[2367]\z/ && $state ne 'before';
    return "status $status, but everything is loaded"
        if $status =~ /\A1(?:30|43)\z/ && $state ne 'before' && $place !~ /cleans/;
    return "status $status is not documented" if $status !~ /\A(?:0|2|3|6|9|130|137|143)\z/;
    return;
}

sub state_of_tables
{
    my $now = tables();
    return $now eq $before ? 'before' : $now eq $after ? 'after' : "neither:\n$now";
}

# Holds a run at the place, kills it by the code, and looks at what there is.
sub kills
{
    my ($place, $staging, $what, $kill) = @_;
    my $name = "$place->[0], $staging: $what";
    reset_tables();
    my ($run, $session, $let_go) = $place->[1]->($staging);
    ok($session && ref $session, "$name: it is there") or diag $run->process->stderr_so_far;
    $kill->($run, $session);
    $let_go->();
    my $result = $run->finish(40);
    ok(wait_until(20, sub { return !load_sessions($db) }), "$name: no session is left");
    my $state = state_of_tables();
    my $lie = lie($result, $place->[0], $state);
    ok(!$lie, "$name: status " . $result->status . ", tables as $state") or diag $lie, "\n",
        $result->describe;
    is($state, 'after', "$name: it was committed before") if $place->[0] =~ /cleans/;
    is($state, 'before', "$name: nothing was committed") if $place->[0] =~ /stages|checks|diff/;
    my $gc = load($db, '--gc', { keep => 1 });
    is($gc->status, 0, "$name: --gc") or diag $gc->describe;
    is(join(' ', drop_left($db)), '', "$name: leaves nothing");
    my $next = load($db, @ARGUMENTS, $staging, $c_file);
    is($next->status, 0, "$name: the next run succeeds") or diag $next->describe;
    is(state_of_tables(), 'after', "$name: and loads");
    return $result;
}

for my $place (@PLACES) {
    for my $staging (@{ $place->[2] }) {
        my $is_short = $staging =~ /auto/ ? 1 : 0;
        subtest "the client is killed $place->[0], $staging" => sub {
            for my $signal ('KILL', 'TERM', $is_short ? () : 'INT') {
                my $result = kills($place, $staging, "SIG$signal", sub { $_[0]->signal($signal) });
                next if $signal eq 'KILL' || $place->[0] =~ /commits|cleans/;
                is($result->status, $signal eq 'INT' ? 130 : 143, "SIG$signal: the exit status");
            }
        };
        subtest "the connection is lost $place->[0], $staging" => sub {
            for my $which (0, $is_short ? () : -1) {
                my $result = kills(
                    $place, $staging,
                    "connection $which",
                    sub {
                        my @sessions = load_sessions($db);
                        $server->database('postgres')
                            ->value("SELECT pg_terminate_backend($sessions[$which]{pid})");
                        wait_until(5, sub {
                            return !grep { $_->{pid} == $sessions[$which]{pid} } load_sessions($db);
                        });
                    }
                );
                like($result->stderr, qr/connection/, 'it is said') if $result->status != 0;
            }
        };
    }
    subtest "the server is killed $place->[0]" => sub {
        for my $staging ($place->[2][-1]) {
            kills($place, $staging, 'immediate stop', sub { $server->restart('immediate') });
        }
    };
}

# Whatever it does then.
subtest 'at random moments' => sub {
    my %n;
    reset_tables();
    my $whole = load($db, @ARGUMENTS, $c_file)->seconds;
    my $start = sub {
        my ($i) = @_;
        reset_tables();
        return start_load($db, $i % 2 ? '--staging=always' : '--staging=auto', @ARGUMENTS, $c_file, { keep => 1 });
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
        my $state = state_of_tables();
        # a signal before anything is set up ends it as usual
        my $lie = lie($result, '', $state);
        ok(!$lie, "moment $i: $how: " . $result->status . " $state") or diag $lie, $result->describe;
        $n{$state}++;
        load($db, '--gc', { keep => 1 });
        is(join(' ', drop_left($db)), '', "moment $i: $how: nothing is left");
        return $is_hit;
    });
    note join ', ', map { "$_ $n{$_}" } sort keys %n;
};

# ---- the commit's outcome is found out

subtest 'a commit whose answer never came' => sub {
    # the backend is killed only when it has committed: a synchronous standby that does not
    # exist makes COMMIT wait after it is written
    reset_tables();
    my $admin = $server->database('postgres');
    my ($run, $session, $let_go) = held_before_writes('--staging=always');
    $admin->sql("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
    $server->reload;
    $let_go->();
    my $waiting = wait_until(10, sub {
        return (load_sessions($db, "wait_event = 'SyncRep'"))[0];
    });
    SKIP: {
        skip 'it does not wait for a standby', 4 if !$waiting;
        $admin->value("SELECT pg_terminate_backend($waiting->{pid})");
        $admin->sql('ALTER SYSTEM RESET synchronous_standby_names');
        $server->reload;
        my $result = $run->finish(30);
        is(tables(), $after, 'it was committed') or diag $result->describe;
        is($result->status, 0, 'and the run knows it') or diag $result->describe;
        # it would end so, too, if it took the commit for lost and did it once more
        is($result->metrics->{lock}{attempts}, 1, 'without a second attempt');
        is($result->table('p')->{updated_rows}, 10, 'which would find nothing to do');
    }
    $admin->sql('ALTER SYSTEM RESET synchronous_standby_names');
    $server->reload;
    $run->finish(30) if !$waiting;
    wait_until(10, sub { return !load_sessions($db) });
    load($db, '--gc', { keep => 1 });
    drop_left($db);
};

subtest 'staging tables that a crash emptied are not loaded' => sub {
    reset_tables();
    my $stage = load($db, '--stage-only', '--staging=always', @ARGUMENTS, $c_file, { keep => 1 });
    is($stage->status, 0, 'staged') or diag $stage->describe;
    my @staged = left_tables($db);
    ok(scalar(@staged), 'there are tables') or return;
    $server->restart('immediate');
    my $result = load($db, '--mode=full', '--max-delete-pct=100', '--min-rows=0',
        map({ "--commit-staged=$_" } grep { /_staging_/ } @staged), { keep => 1 });
    is($result->status, 3, 'refused') or diag $result->describe;
    is(state_of_tables(), 'before', 'nothing changes');
    select undef, undef, undef, 1.1;
    my $gc = load($db, '--gc', '--older-than=0s', { keep => 1 });
    is(join(' ', drop_left($db)), '', '--gc removes them') or diag $gc->describe, $gc->stdout;
};

subtest 'the server does not come back' => sub {
    my $result = $unreachable->process->wait(90);
    like($result->status, qr/\A[269]\z/, 'the outcome is not known') or diag $result->describe;
    like($result->stderr, qr/unknown|not known|could not be reached/, 'it is said');
};

subtest 'the server never answers' => sub {
    my $result = $unanswered->wait;
    is($result->status, 2, 'connecting ends after the default of 30 s') or diag $result->describe;
    like($result->stderr, qr/timeout expired/, 'and says why');
};

unlike($server->log_text, qr/division by zero/, 'no error of the server stands for an answer');

done_testing;
