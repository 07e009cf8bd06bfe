# Runs in staging mode that are interrupted, killed, or lose a connection or the server, at
# many moments: no half file, the documented exit status, and no schema is left; where
# nobody could drop it, --cleanup=drop does. A second run right after works.

use strict;
use warnings;

use File::Temp ();
use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Faults;
use PgSample::Test::Server;
use PgSample::Test::Session;
use PgSample::Test::Staging;

my $N_TABLES = 24;

my %STATUS = (INT => 130, TERM => 143, HUP => 129);

my $server    = PgSample::Test::Server->start;
my $directory = File::Temp->newdir;
my $file      = "$directory/sample.sql";

# Rows enough that a dump fills any pipe.
my $db = $server->create_database;
$db->sql(<<"SQL");
CREATE TABLE last (id int PRIMARY KEY, filler text);
INSERT INTO last SELECT i, repeat('x', 1000) FROM generate_series(1, 500) i;
DO \$\$ BEGIN
    FOR i IN 1 .. $N_TABLES LOOP
        EXECUTE format('CREATE TABLE t%s (id int PRIMARY KEY, before int, last int)', i);
        EXECUTE format('INSERT INTO t%s SELECT j, 101 - j, j FROM generate_series(1, 100) j', i);
        EXECUTE format('ALTER TABLE t%s ADD FOREIGN KEY (last) REFERENCES last', i);
        IF i > 1 THEN
            EXECUTE format('ALTER TABLE t%s ADD FOREIGN KEY (before) REFERENCES t%s', i, i - 1);
        END IF;
    END LOOP;
END \$\$
SQL

my @QUICK = ('--limit=5');
my $direct = $db->sample('--no-staging', @QUICK)->stdout;
my $rows   = $db->sample('--no-staging', @QUICK, '--data-only')->stdout;
my $n_next = 0;

# So slow that there is time between two tables, and yet a matter of a second or two.
my @SLOW = ("--limit=last = 0, * = id < 4 AND pg_sleep(0.02) IS NOT NULL");

sub start_run
{
    my (@argument) = @_;
    return $db->start_sample('--use-staging', '-f', $file, @argument);
}

sub n_staged
{
    return $db->value("SELECT count(*) FROM pg_tables WHERE schemaname = '_pg_sample'");
}

# Waits until the run has so many staging tables; false when it is done before.
sub reach
{
    my ($process, $n) = @_;
    return wait_until(30, sub { return n_staged() >= $n || !$process->is_running })
        && $process->is_running;
}

# No half file, no session; and the schema is gone, or --cleanup finds and drops it.
sub leaves_nothing
{
    my ($process, $name, %option) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    ok($process->group_is_empty, "$name: no child process is left");
    ok(!-e $file, "$name: there is no file");
    ok(!-e "$file.part", "$name: and no part of it") if !$option{killed};
    ok(wait_until(20, sub { return !sessions_of($server) }), "$name: all sessions end");
    my $left = join ' ', @{ staging_schemas($db) };
    return pass("$name: the schema is gone") if $left eq '';
    if (!$option{may_stay}) {
        fail("$name: the schema is gone");
    } else {
        is($left, '_pg_sample', "$name: the schema is left");
        my $list = $db->sample('--cleanup');
        is($list->status, 0, "$name: --cleanup") or diag $list->describe;
        like($list->stdout, qr/_pg_sample/, "$name: lists it");
        is(join(' ', @{ staging_schemas($db) }), '_pg_sample', "$name: and lets it be");
    }
    my $drop = $db->sample('--cleanup=drop');
    is($drop->status, 0, "$name: --cleanup=drop") or diag $drop->describe;
    no_schema_is_left($db, "$name: drops it");
    return PgSample::Test::Staging::drop_staging_schemas($db);
}

sub next_run_succeeds
{
    my ($name) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    # what another run left has no part in definitions: some of them will do
    my $is_whole = $n_next++ % 8 == 0;
    my $next = $db->sample('--use-staging', @QUICK, $is_whole ? () : '--data-only');
    is($next->status, 0, "$name: the next run succeeds") or diag $next->describe;
    unlike($next->stderr, qr/direct mode/, "$name: in staging mode");
    same_bytes($next->stdout, $is_whole ? $direct : $rows, "$name: with the right dump");
    return no_schema_is_left($db, "$name: and drops its schema");
}

# Ends the run by a signal, and looks at what it leaves.
sub ends_by
{
    my ($process, $signal, $name) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    $process->signal($signal);
    my $result = $process->wait(20);
    if ($signal eq 'KILL') {
        is($result->signal, 9, "$name: SIGKILL ends the run");
        wait_until(10, sub { return !live_processes($process->pid) });
    } else {
        is($result->status, $STATUS{$signal}, "$name: SIG$signal gives $STATUS{$signal}")
            or diag $result->describe;
        cmp_ok($result->seconds, '<', 60, "$name: in time");
    }
    leaves_nothing($process, "$name: SIG$signal", may_stay => $signal eq 'KILL',
        killed => $signal eq 'KILL');
    next_run_succeeds("$name: SIG$signal");
    unlink "$file.part";
    return;
}

# ---- signals

subtest 'while it waits for the lock of a table' => sub {
    for my $signal (sort keys %STATUS, 'KILL') {
        my $holder = PgSample::Test::Session->new(conninfo => $db->conninfo);
        $holder->query('BEGIN; LOCK TABLE t3');
        my $process = start_run(@QUICK);
        ok(wait_for_session($server, "wait_event_type = 'Lock'"), 'a run waits');
        $process->signal($signal);
        $process->wait(20);
        $holder->close;
        ends_by($process, $signal, 'a lock');
    }
};

subtest 'while a table is sampled' => sub {
    for my $signal (sort keys %STATUS, 'KILL') {
        my $holder = hold($db);
        my $process = start_run(held('t5'), '--limit=5');
        ok(wait_for_session($server, "wait_event = 'advisory'"), 'a run samples');
        is(join(' ', @{ staging_schemas($db) }), '_pg_sample', 'into its schema');
        $process->signal($signal);
        $process->wait(20);
        $holder->close;
        ends_by($process, $signal, 'a condition');
    }
};

subtest 'when there are so many staging tables' => sub {
    my $n_interrupted = 0;
    my @signals = ('INT', 'TERM', 'KILL');
    for my $n (1, 5, 10, 15, 20, $N_TABLES) {
        my $signal = $signals[ $n % 3 ];
        my $process = start_run(@SLOW);
        if (reach($process, $n)) {
            $n_interrupted++;
            ends_by($process, $signal, "$n tables");
        } else {
            is($process->wait->status, 0, "$n tables: it was done before");
            unlink $file;
        }
    }
    cmp_ok($n_interrupted, '>', 3, 'most runs were interrupted');
};

subtest 'while nobody reads the dump' => sub {
    for my $signal (sort keys %STATUS, 'KILL') {
        pipe my $reader, my $writer or die "could not create a pipe: $!";
        my $process = $db->start_sample('--use-staging', '--limit=*', { stdout => $writer });
        close $writer;
        sysread $reader, my $byte, 1;
        is($byte, '-', 'the first byte arrives, then the pipe is full');
        ends_by($process, $signal, 'a full pipe');
        close $reader;
    }
};

# Whatever it does then: it ends as promised, or it is done.
subtest 'at random moments' => sub {
    my $whole = $db->sample('--use-staging', @SLOW)->seconds;
    at_moments(10, $whole, 3, sub { return start_run(@SLOW) }, sub {
        my ($i, $process) = @_;
        my $signal = ('INT', 'TERM', 'KILL')[ $i % 3 ];
        my $is_connected = sessions_of($server);
        $process->signal($signal);
        my $result = $process->wait(20);
        if ($result->status == 0) {
            ok(-s $file, "moment $i: it was done already");
            no_schema_is_left($db);
            unlink $file;
            return 0;
        }
        if ($signal ne 'KILL' && $result->signal && $result->stderr eq '') {
            pass("moment $i: it had not begun");
            return 0;
        }
        is($result->status, $STATUS{$signal} || 137, "moment $i: SIG$signal")
            or diag $result->describe;
        leaves_nothing($process, "moment $i", may_stay => $signal eq 'KILL',
            killed => $signal eq 'KILL');
        unlink "$file.part";
        return $is_connected;
    });
    next_run_succeeds('after all');
};

# ---- connections

sub terminate
{
    my ($session) = @_;
    $server->database('postgres')->value("SELECT pg_terminate_backend($session->{pid})");
    return wait_until(20, sub { return !grep { $_->{pid} == $session->{pid} }
            sessions_of($server) });
}

subtest 'each connection is lost while a table is sampled' => sub {
    my $n = 1;
    for (my $i = 0; $i < $n; $i++) {
        my $holder = hold($db);
        my $process = start_run(held('t5'), '--limit=5');
        ok(wait_for_session($server, "wait_event = 'advisory'"), 'a run samples');
        ok(wait_until(20, sub { return !find_descendant($process->pid, 'pg_dump') }),
            'and its pg_dump is done');
        my @sessions = sessions_of($server);
        $n = @sessions;
        my $name = "connection $i of $n ($sessions[$i]{state})";
        terminate($sessions[$i]);
        $holder->close;
        my $result = $process->wait(30);
        ends_with($result, 2, qr/lost the connection|terminating connection/, $name);
        leaves_nothing($process, $name, may_stay => 1);
        next_run_succeeds($name);
    }
    cmp_ok($n, '>=', 3, 'there are several');
};

subtest 'each connection is lost between two tables' => sub {
    my ($n, $n_lost) = (1, 0);
    for (my $i = 0; $i < $n; $i++) {
        my $process = start_run(@SLOW);
        my @sessions = reach($process, 8) ? sessions_of($server, "application_name <> 'pg_dump'")
            : ();
        $n = @sessions if @sessions > $n;
        my $name = "connection $i of $n";
        if (!$sessions[$i]) {
            $process->wait;
            unlink $file;
            next;
        }
        terminate($sessions[$i]);
        my $result = $process->wait(30);
        ends_with($result, 2, qr/lost the connection|terminating connection/, $name);
        $n_lost++;
        leaves_nothing($process, $name, may_stay => 1);
        next_run_succeeds($name);
    }
    cmp_ok($n_lost, '>=', 3, 'several were lost');
};

# What is written by then is whole, or the run says that it is not.
subtest 'each connection is lost while nobody reads the dump' => sub {
    my $whole = $db->sample('--no-staging', '--limit=*')->stdout;
    my ($n, $n_lost) = (1, 0);
    for (my $i = 0; $i < $n; $i++) {
        pipe my $reader, my $writer or die "could not create a pipe: $!";
        my $process = $db->start_sample('--use-staging', '--limit=*', { stdout => $writer });
        close $writer;
        sysread $reader, my $text, 1;
        my @sessions = sessions_of($server);
        $n = @sessions if @sessions > $n;
        $n_lost++ if $sessions[$i] && terminate($sessions[$i]);
        my $rest = do { local $/; <$reader> };
        my $result = $process->wait(30);
        my $name = "connection $i of $n";
        if ($result->status == 0) {
            same_bytes("$text$rest", $whole, "$name: the dump is whole");
        } else {
            ends_with($result, 2, qr/lost the connection|terminating connection/, $name);
        }
        leaves_nothing($process, $name, may_stay => 1);
        next_run_succeeds($name);
    }
    cmp_ok($n_lost, '>=', 2, "of $n, several were lost");
};

# ---- the server

subtest 'the server stops' => sub {
    for my $mode ('fast', 'immediate') {
        for my $n (0, 3, 12) {
            my $holder = $n ? undef : hold($db);
            my $process = $n ? start_run(@SLOW) : start_run(held('t5'), '--limit=5');
            my $is_there = $n ? reach($process, $n)
                : wait_for_session($server, "wait_event = 'advisory'");
            ok($is_there, "$mode: a run is at work");
            $server->restart($mode);
            $holder->close if $holder;
            my $name = "$mode stop at $n tables";
            ends_with($process->wait(30), 2, qr/lost the connection|terminating connection/,
                $name);
            leaves_nothing($process, $name, may_stay => 1);
            next_run_succeeds($name);
        }
    }
};

done_testing;
