# SIGINT, SIGTERM, SIGHUP and SIGKILL, wherever the run is: the exit status within a second,
# the server's work cancelled, nothing left behind.

use strict;
use warnings;

use File::Temp ();
use FindBin;
use IO::Socket::UNIX;
use Test::More;
use Time::HiRes qw(time);
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Faults;
use PgSample::Test::Process;
use PgSample::Test::Server;
use PgSample::Test::Staging;

# A second is what we promise; a busy machine gets another one.
my $SOON = 2;

my $PG_DUMP_WAITS = "application_name = 'pg_dump' AND wait_event_type = 'Lock'";

my %STATUS = (INT => 130, TERM => 143, HUP => 129);

my $server    = PgSample::Test::Server->start;
my $directory = File::Temp->newdir;
my $file      = "$directory/sample.sql";

my $db = $server->create_database;
$db->sql(<<'SQL');
CREATE TABLE parent (id int PRIMARY KEY);
INSERT INTO parent SELECT generate_series(1, 100);
CREATE TABLE slow (id int PRIMARY KEY, parent int REFERENCES parent, filler text);
INSERT INTO slow SELECT i, 1 + i % 100, repeat('x', 1000) FROM generate_series(1, 3000) i;
SQL

# The run gets the signal and must end as promised.
sub ends_by_signal
{
    my ($process, $signal, $name, $on) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $start = time;
    $process->signal($signal);
    my $result = $process->wait(15);
    my $seconds = time - $start;
    is($result->status, $STATUS{$signal}, "$name: SIG$signal gives $STATUS{$signal}")
        or diag $result->describe;
    is($result->signal, 0, 'by an exit, which cleans up');
    cmp_ok($seconds, '<', $SOON, 'soon');
    like($result->stderr, qr/interrupted|signal/, 'and says why') if $result->status != 130;
    nothing_is_left($on || $server, $process, $file, "$name: nothing is left");
    return;
}

subtest 'while a condition is evaluated' => sub {
    for my $signal (sort keys %STATUS) {
        my $process = $db->start_sample('-f', $file,
            '--limit=slow = id <= 3 AND pg_sleep(20) IS NOT NULL');
        ok(wait_for_session($server, "wait_event = 'PgSleep'"), 'a query runs');
        ends_by_signal($process, $signal, 'a condition');
    }
    my $process = $db->start_sample('-f', $file,
        '--limit=slow = pg_sleep(0.002) IS NOT NULL');
    ok(wait_for_session($server, "wait_event = 'PgSleep'"), 'a query runs');
    ends_by_signal($process, 'INT', 'a condition with many short waits');
};

subtest 'while a lock is awaited' => sub {
    my $holder = PgSample::Test::Session->new(conninfo => $db->conninfo);
    $holder->query('BEGIN; LOCK TABLE slow');
    for my $signal (sort keys %STATUS) {
        my $process = $db->start_sample('-f', $file, '--limit=5');
        ok(wait_for_session($server, "wait_event_type = 'Lock'"), 'it waits for a table');
        ends_by_signal($process, $signal, 'a lock');
    }
    $holder->close;
    $holder = hold_pg_dump($db);
    for my $signal (sort keys %STATUS) {
        my $process = $db->start_sample('-f', $file, '--limit=5');
        ok(wait_for_session($server, $PG_DUMP_WAITS), 'pg_dump waits');
        ends_by_signal($process, $signal, 'a lock that pg_dump needs');
    }
    $holder->close;
};

subtest 'while a child process works' => sub {
    my $bin = PgSample::Test::Server::bindir();
    my $fake = write_program("$directory/pg_dump",
        qq{[ "\$1" = --version ] && exec "$bin/pg_dump" --version},
        "touch $directory/started", 'exec sleep 30');
    symlink "$bin/pg_restore", "$directory/pg_restore";
    for my $signal (sort keys %STATUS) {
        unlink "$directory/started";
        my $process = $db->start_sample('-f', $file, "--pg-dump=$fake", '--limit=5');
        ok(wait_until(20, sub { -e "$directory/started" }), 'pg_dump runs');
        ends_by_signal($process, $signal, 'pg_dump');
    }

    my $stubborn = write_program("$directory/stubborn",
        qq{[ "\$1" = --version ] && exec "$bin/pg_dump" --version},
        "trap '' INT TERM HUP", "touch $directory/started", 'sleep 4');
    unlink "$directory/started";
    my $process = $db->start_sample('-f', $file, "--pg-dump=$stubborn", '--limit=5');
    ok(wait_until(20, sub { -e "$directory/started" }), 'a pg_dump that ignores signals');
    $process->signal('TERM');
    is($process->wait(15)->status, 143, 'SIGTERM ends the run all the same');
    nothing_is_left($server, $process, $file, 'and nothing is left');

    my $slow_version = write_program("$directory/slow_version",
        "touch $directory/started", 'exec sleep 30');
    unlink "$directory/started";
    $process = $db->start_sample('-f', $file, "--pg-dump=$slow_version");
    ok(wait_until(20, sub { -e "$directory/started" }), 'pg_dump --version hangs');
    ends_by_signal($process, 'INT', 'pg_dump --version');
};

subtest 'to the whole process group, as a terminal sends it' => sub {
    my $holder = hold_pg_dump($db);
    my $process = $db->start_sample('-f', $file, '--limit=5');
    ok(wait_for_session($server, $PG_DUMP_WAITS), 'pg_dump waits');
    kill 'INT', -$process->pid;
    my $result = $process->wait(15);
    is($result->status, 130, 'SIGINT gives 130') or diag $result->describe;
    unlike($result->stderr, qr/pg_dump (failed|was terminated)/,
        'and does not blame the child');
    nothing_is_left($server, $process, $file, 'nothing is left');
    $holder->close;
};

subtest 'while the server does not answer' => sub {
    my $port = 5999;
    my $socket = IO::Socket::UNIX->new(
        Type   => SOCK_STREAM,
        Local  => "$directory/.s.PGSQL.$port",
        Listen => 5
    ) or die "could not listen: $!";
    for my $signal (sort keys %STATUS) {
        my $process = $db->start_sample('-h', "$directory", '-p', $port, '-f', $file);
        my $client = $socket->accept or die "could not accept: $!";
        ok($client->sysread(my $startup, 4), 'it connects');
        my $start = time;
        $process->signal($signal);
        is($process->wait(15)->status, $STATUS{$signal}, "SIG$signal gives $STATUS{$signal}");
        cmp_ok(time - $start, '<', $SOON, 'soon');
        ok($process->group_is_empty && !-e $file && !-e "$file.part", 'nothing is left');
    }
};

subtest 'while nobody reads the output' => sub {
    for my $signal (sort keys %STATUS) {
        pipe my $reader, my $writer or die "could not create a pipe: $!";
        my $process = $db->start_sample('--limit=*', { stdout => $writer });
        close $writer;
        sysread $reader, my $byte, 1;
        is($byte, '-', 'the first byte arrives, then the pipe is full');
        ends_by_signal($process, $signal, 'a full pipe');
    }
};

subtest 'two signals, and one that comes too late' => sub {
    my $process = $db->start_sample('-f', $file,
        '--limit=slow = id <= 3 AND pg_sleep(20) IS NOT NULL');
    ok(wait_for_session($server, "wait_event = 'PgSleep'"), 'a query runs');
    $process->signal('INT');
    $process->signal('TERM');
    $process->signal('INT');
    like($process->wait(15)->status, qr/\A(130|143)\z/, 'either status');
    nothing_is_left($server, $process, $file, 'nothing is left');
};

# At any moment, whatever the run does then: either it ends as promised or it is done.
subtest 'at random moments' => sub {
    my $start = time;
    is($db->sample('-f', $file, '--limit=*')->status, 0, 'an undisturbed run');
    my $whole = time - $start;
    unlink $file;
    at_moments(16, $whole, 4, sub { return $db->start_sample('-f', $file, '--limit=*') }, sub {
        my ($i, $process) = @_;
        my $signal = (sort keys %STATUS)[ $i % 3 ];
        my $is_connected = sessions_of($server);
        $process->signal($signal);
        my $result = $process->wait(15);
        my $is_hit = $is_connected && $result->status != 0;
        if ($result->status == 0) {
            ok(-s $file, "moment $i: it was done already");
            unlink $file;
        } elsif ($result->signal && $result->stderr eq '') {
            # before main(); whether it had begun with anything is seen below
            pass("moment $i: it had not begun");
        } else {
            is($result->status, $STATUS{$signal}, "moment $i: SIG$signal")
                or diag $result->describe;
        }
        nothing_is_left($server, $process, $file, "moment $i: nothing is left");
        return $is_hit;
    });
};

subtest 'SIGKILL' => sub {
    my $holder = hold($db);
    my $process = $db->start_sample('-f', $file, held('slow'));
    ok(wait_for_session($server, "wait_event = 'advisory'"), 'a query runs');
    ok(-e "$file.part", 'the dump is begun');
    $process->signal('KILL');
    is($process->wait(15)->signal, 9, 'it is killed');
    $holder->close;
    ok(!-e $file, 'there is no file');
    ok(wait_until(10, sub { return !live_processes($process->pid) }),
        'its children end, too');
    is($db->sample('--cleanup=drop')->status, 0, 'the staging schema is dropped') if staging();
    my $again = $db->sample('-f', $file, '--limit=2');
    is($again->status, 0, 'the next run succeeds') or diag $again->stderr;
    ok(!-e "$file.part", 'and takes over the unfinished file');
    ok(wait_until(20, sub { return !sessions_of($server) }), 'the server ends its sessions');
    unlink $file;
};

subtest 'two runs to one file' => sub {
    my $holder = hold($db);
    my $first = $db->start_sample('-f', $file, held('slow'));
    ok(wait_for_session($server, "wait_event = 'advisory'"), 'one run writes');
    # in staging mode they would meet in the schema before
    my @schema = staging() ? ('--sample-schema=another') : ();
    ends_with($db->sample('-f', $file, '--limit=2', @schema), 4, qr/another process.*hint: /s,
        'a second one is refused');
    $holder->close;
    is($first->wait->status, 0, 'and does not disturb the first');
    ok(-s $file && !-e "$file.part", 'which writes its file');
};

done_testing;
