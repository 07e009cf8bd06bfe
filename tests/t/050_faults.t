# Whatever goes wrong: the documented exit status, a clear message, nothing left behind.

use strict;
use warnings;

use File::Temp ();
use FindBin;
use IO::Socket::UNIX;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Faults;
use PgSample::Test::Process;
use PgSample::Test::Server;

my $server    = PgSample::Test::Server->start;
my $directory = File::Temp->newdir;
my $file      = "$directory/sample.sql";
chmod 0755, $directory;

# Rows enough that a dump fills any pipe.
my $db = $server->create_database;
$db->sql(<<'SQL');
CREATE TABLE parent (id int PRIMARY KEY);
INSERT INTO parent SELECT generate_series(1, 100);
CREATE TABLE slow (id int PRIMARY KEY, parent int REFERENCES parent, filler text);
INSERT INTO slow SELECT i, 1 + i % 100, repeat('x', 1000) FROM generate_series(1, 3000) i;
CREATE TABLE secret (id int PRIMARY KEY);
CREATE ROLE reader LOGIN;
GRANT SELECT ON parent, slow TO reader;
SQL

my @SLEEP  = ('--limit=slow = id <= 3 AND pg_sleep(20) IS NOT NULL');
my $SLEEPS = "wait_event = 'PgSleep'";
my @BIG    = ('--limit=*');

sub run_ends
{
    my ($status, $message, $name, @argument) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $process = $db->start_sample(@argument);
    ends_with($process->wait, $status, $message, $name);
    nothing_is_left($server, $process, $file, "$name: nothing is left");
    return;
}

sub content_of
{
    my ($path) = @_;
    open my $handle, '<', $path or return;
    local $/;
    return scalar <$handle>;
}

sub put
{
    my ($path, $text) = @_;
    open my $handle, '>', $path or die "could not open $path: $!";
    print {$handle} $text;
    close $handle or die "could not write $path: $!";
    return;
}

subtest 'output that cannot be written' => sub {
    run_ends(4, qr/No space left/, '-f /dev/full', @BIG, '-f', '/dev/full');
    ok(-c '/dev/full' && !-e '/dev/full.part', 'the device is as it was');
    open my $full, '>', '/dev/full' or die "could not open /dev/full: $!";
    run_ends(4, qr/standard output.*No space left/, 'standard output on /dev/full', @BIG,
        { stdout => $full });
    run_ends(4, qr/No space left/, '--help on /dev/full', '--help', { stdout => $full });
    run_ends(4, qr/No space left/, '--plan on /dev/full', '--plan', { stdout => $full });
    close $full;
    run_ends(4, qr{"\Q$directory\E/none/x\.part".*No such file}, 'no such directory', '-f',
        "$directory/none/x");
    run_ends(4, qr/\Q$directory\E/, 'the file is a directory', '-f', "$directory");

    my $locked = "$directory/locked";
    mkdir $locked, 0555 or die "could not create $locked: $!";
    my %as = $> == 0 ? (run_as => 'nobody') : ();
    my $program = PgSample::Test::Database::program();
    SKIP: {
        skip "nobody may run $program", 2
            if system PgSample::Test::Server::as_user($as{run_as}, 'test', '-x', $program);
        run_ends(4, qr/Permission denied/, 'a directory that may not be written', '-f',
            "$locked/x", \%as);
    }
};

subtest 'a pipe that is closed' => sub {
    pipe my $reader, my $writer or die "could not create a pipe: $!";
    my $process = $db->start_sample(@BIG, { stdout => $writer });
    close $writer;
    sysread $reader, my $byte, 1;
    is($byte, '-', 'the first byte arrives');
    close $reader;
    ends_with($process->wait, 4, qr/Broken pipe/, 'exit status 4, not a signal');
    nothing_is_left($server, $process, undef, 'nothing is left');

    pipe $reader, $writer or die "could not create a pipe: $!";
    close $reader;
    run_ends(4, qr/Broken pipe/, 'a pipe that was closed before', @BIG, { stdout => $writer });
};

subtest 'the file that was there' => sub {
    open my $old, '>', $file or die "could not write $file: $!";
    print {$old} 'old';
    close $old;
    my $result = $db->sample('--limit=slow = 1 / (id - 5) = 7', '-f', $file);
    is($result->status, 3, 'a run fails');
    is(content_of($file), 'old', 'the old file is kept');
    ok(!-e "$file.part", 'and no part of the new one');
    open my $part, '>', "$file.part" or die "could not write $file.part: $!";
    print {$part} 'left by a run that was killed ' x 100_000;
    close $part;
    symlink $file, "$directory/link" or die "could not link: $!";
    is($db->sample('--limit=2', '-f', "$directory/link")->status, 0, 'a run succeeds');
    like(content_of($file), qr/\A--\n-- Sample.*\\unrestrict \w+\n\z/s, 'it is replaced');
    ok(-l "$directory/link", 'through a link, which stays one');
    ok(!-e "$file.part" && !-e "$directory/link.part", 'and what was left is gone');
    unlink $file, "$directory/link";
};

subtest 'the report' => sub {
    run_ends(4, qr{none/report}, 'a report that cannot be written', '-f', $file,
        "--report=$directory/none/report.json");
    run_ends(4, qr{/dev/full.*No space left}, 'one without room', '-f', $file,
        '--report=/dev/full');

    # It turns into a directory, which no file can replace, while the run goes on.
    my $report = "$directory/report.json";
    for my $before (undef, "what was there\n") {
        my $name = defined $before ? 'a dump that is there' : 'a new dump';
        put($file, $before) if defined $before;
        my $holder  = hold_pg_dump($db);
        my $process = $db->start_sample('--limit=2', '-f', $file, "--report=$report");
        ok(wait_for_session($server, "application_name = 'pg_dump' AND wait_event_type = 'Lock'"),
            "$name: the run is held");
        mkdir $report;
        $holder->close;
        ends_with($process->wait, 4, qr/could not rename "[^"]*report\.json\.part"/,
            'a report that cannot get its name');
        is(content_of($file), $before, "$name is not shown");
        rmdir $report or fail("the directory is there: $!");
        unlink $file;
        nothing_is_left($server, $process, $file, 'nothing is left');
        ok(!-e "$report.part", 'nor of the report');
    }
    for my $before (undef, "what was there\n") {
        put($_, $before) for defined $before ? ($file, $report) : ();
        is($db->sample('--limit=2', '-f', $file, "--report=$report")->status, 0, 'both');
        like(content_of($file), qr/\\unrestrict/, 'are shown: the dump');
        like(content_of($report), qr/"tables"/, 'and the report');
        is_deeply([ grep { -e } "$file.part", "$report.part" ], [], 'and nothing else');
        unlink $file, $report;
    }

    my $fifo = "$directory/fifo";
    is(system('mkfifo', $fifo), 0, 'a named pipe');
    my $process = $db->start_sample('--limit=2', '-f', $file, "--report=$fifo");
    my $reader = PgSample::Test::Process->start(command => [ 'cat', $fifo ], timeout => 10);
    is($process->wait(10)->status, 0, 'a report to a named pipe');
    like($reader->wait(10)->stdout, qr/"tables"/, 'goes through it');
    ok(-p $fifo, 'and does not replace it');
    ok(!-e "$fifo.part", 'nor writes beside it');
    unlink $fifo, "$fifo.part", $file;
};

subtest 'temporary files' => sub {
    run_ends(4, qr{"/nonexistent"}, 'TMPDIR does not exist', '-f', $file,
        { env => { TMPDIR => '/nonexistent' } });
    run_ends(4, qr{"/nonexistent"}, 'the same to standard output', '-a',
        { env => { TMPDIR => '/nonexistent' } });

    # a limit on the size of files, in blocks of 512 bytes
    my @limited = ('sh', '-c', 'ulimit -f 2 && exec "$@"', 'sh');
    for my $argument ([ '-a', @BIG ], [ '-a', '-f', $file, @BIG ], ['-s'],
        [ '-f', $file, '--limit=2' ], [ '-a', '--ordered', @BIG ])
    {
        my $process = PgSample::Test::Process->start(
            command =>
                [ @limited, PgSample::Test::Database::program(), @$argument, $db->name ],
            env => { $server->environment }
        );
        ends_with($process->wait, 4, qr/File too large/, "a file that may not grow: @$argument");
        nothing_is_left($server, $process, $file, 'nothing is left');
    }

    # a small file system of our own, in a mount namespace that ends with the process
    my $small = "$directory/small";
    mkdir $small;
    my @mounted = ('unshare', '-m', 'sh', '-c',
        "mount -t tmpfs -o size=256k none $small && exec \"\$@\"", 'sh');
    SKIP: {
        skip 'mounting a file system is not allowed', 8
            if system(join(' ', 'unshare -m sh -c', "'mount -t tmpfs none $small'",
                '2>/dev/null'));
        my $to_file = "$small/sample.sql";
        for my $output ([ 'TMPDIR', '-a' ], [ 'TMPDIR', '-s' ], [ '', '-f', $to_file ],
            [ 'TMPDIR', '-f', $file, '--limit=2' ])
        {
            my ($variable, @argument) = @$output;
            my $size = $argument[-1] eq '--limit=2' ? '4k' : '256k'; # 4k: pg_dump fills it
            my $process = PgSample::Test::Process->start(
                command => [
                    (map { s/256k/$size/r } @mounted), PgSample::Test::Database::program(), @argument,
                    $argument[0] eq '-s' ? () : @BIG, $db->name
                ],
                env => { $server->environment, $variable ? ($variable => $small) : () }
            );
            my $result = $process->wait;
            if ($argument[0] eq '-s') {
                is($result->status, 0, 'a small file system is enough for a small dump')
                    or diag $result->stderr;
            } else {
                ends_with($result, 4, qr/No space left/, "a full disk: @$output");
            }
            nothing_is_left($server, $process, undef, 'nothing is left');
        }
    }
};

subtest 'no connection' => sub {
    my @quick = { env => { PGCONNECT_TIMEOUT => 3 } };
    run_ends(2, qr/No such file or directory/, 'no such socket', '-h', '/nonexistent', @quick);
    run_ends(2, qr/Connection refused/, 'nobody listens', '-h', '127.0.0.1', '-p', 1, @quick);
    run_ends(2, qr/No such file/, 'the wrong port', '-p', 1, @quick);
    run_ends(2, qr/database "none" does not exist/, 'no such database', '-d', 'none',
        { no_database => 1 });
    run_ends(2, qr/role "nobody_here" does not exist/, 'no such role', '-U', 'nobody_here');
    run_ends(2, qr/invalid/, 'a bad connection string', '-d', 'host=x nonsense=1',
        { no_database => 1 });
    run_ends(2, qr/service/, 'no such service', '-d', 'service=none',
        { no_database => 1 });
};

subtest 'privileges that are missing' => sub {
    my $reader = $db->as('reader');
    my $result = $reader->sample;
    ends_with($result, 3, qr/permission denied.*\bsecret\b.*hint: /s,
        'on a table: its name and a hint');
    is($result->stdout, '', 'and nothing is written');
    $db->sql('REVOKE USAGE ON SCHEMA public
              FROM PUBLIC, reader');
    ends_with($reader->sample('-t', 'slow'), 3, qr/permission denied.*\bpublic\b/s,
        'on a schema: its name');
    $db->sql('GRANT USAGE ON SCHEMA public TO PUBLIC');
};

subtest 'sessions that end' => sub {
    my $terminate = sub {
        my ($condition) = @_;
        my $session = wait_for_session($server, $condition) or return ok(0, 'it runs');
        return $server->database('postgres')
            ->value("SELECT pg_terminate_backend($session->{pid})");
    };
    my %session = (
        'the one that holds the snapshot' => "state <> 'active'
            AND application_name = 'pg-sample' AND EXISTS (SELECT FROM pg_stat_activity
            WHERE wait_event = 'advisory')",
        'the one that evaluates conditions' => "wait_event = 'advisory'",
    );
    for my $which (sort keys %session) {
        my $holder = hold($db);
        my $process = $db->start_sample('-f', $file, held('slow'));
        $terminate->($session{$which});
        $holder->close;
        ends_with($process->wait, 2, qr/lost the connection|terminating connection/,
            "pg_terminate_backend of $which");
        nothing_is_left($server, $process, $file, 'nothing is left');
    }
    my $holder = hold_pg_dump($db);
    my $process = $db->start_sample('-f', $file, '-t', 'parent');
    $terminate->("application_name = 'pg_dump' AND wait_event_type = 'Lock'");
    my $result = $process->wait;
    # 3 if the lock that it waited for is blamed
    like($result->status, qr/\A[34]\z/, 'pg_terminate_backend of pg_dump');
    like($result->stderr, qr/terminating connection.*pg_dump failed/s, 'and what it said');
    nothing_is_left($server, $process, $file, 'nothing is left');

    $process = $db->start_sample('-f', $file, '-t', 'parent');
    wait_for_session($server, "application_name = 'pg_dump' AND wait_event_type = 'Lock'");
    kill 'KILL', find_descendant($process->pid, 'pg_dump') || die 'there is no pg_dump';
    ends_with($process->wait, 4, qr/pg_dump was terminated by signal 9/,
        'pg_dump was killed');
    # while it waits for a lock the server does not see that its client is gone
    $holder->close;
    nothing_is_left($server, $process, $file, 'nothing is left');
};

subtest 'pg_dump' => sub {
    my $bin     = PgSample::Test::Server::bindir();
    my $real    = "$bin/pg_dump";
    my $version = qq{[ "\$1" = --version ] && exec "$real" --version};
    my $number  = 0;
    my $fake    = sub {
        my (@lines) = @_;
        my $place = "$directory/fake" . ++$number;
        mkdir $place;
        symlink "$bin/pg_restore", "$place/pg_restore";
        return '--pg-dump=' . write_program("$place/pg_dump", @lines);
    };
    my @to = ('-f', $file);
    run_ends(4, qr{could not (run|start) /nonexistent/pg_dump}, 'it does not exist', @to,
        '--pg-dump=/nonexistent/pg_dump');
    run_ends(4, qr/version 9, older than the server's.*hint: .*--pg-dump/s, 'it is too old',
        @to, $fake->('echo "pg_dump (PostgreSQL) 9.6.24"'));
    run_ends(4, qr/could not run/, 'it is something else', @to, $fake->('echo hello'));
    run_ends(4, qr/out of luck.*pg_dump failed/s, 'it fails', @to,
        $fake->($version, 'echo "out of luck" >&2', 'exit 7'));
    run_ends(4, qr/pg_restore failed/, 'it writes nothing', @to, $fake->($version, 'exit 0'));
    run_ends(4, qr/pg_restore failed/, 'it writes nonsense', @to,
        $fake->($version, 'echo PGDMP nonsense'));
    run_ends(4, qr/pg_restore failed/, 'what it writes is cut', @to,
        $fake->($version, "'$real' \"\$@\" | head -c 2000"));
    push @to, '--owner'; # which pg_restore writes
    my $without = $fake->($version, "exec '$real' \"\$@\"");
    unlink "$directory/fake$number/pg_restore";
    run_ends(4, qr/could not start .*pg_restore/, 'there is no pg_restore beside it', @to,
        $without);
};

subtest 'the server is gone' => sub {
    my $other = PgSample::Test::Server->start;
    my $there = $other->create_database;
    $there->sql('CREATE TABLE slow (id int PRIMARY KEY); INSERT INTO slow VALUES (1)');
    my $process = $there->start_sample('-f', $file, @SLEEP);
    ok(wait_for_session($other, $SLEEPS), 'a run reads');
    $other->stop('immediate');
    my $result = $process->wait(20);
    ends_with($result, 2, qr/lost the connection|terminating connection/, 'exit status 2');
    ok($process->group_is_empty && !-e $file && !-e "$file.part", 'nothing is left');
    ends_with($there->sample('-f', $file), 2, qr/No such file|refused/, 'and no new one');
    $other->remove;
};

done_testing;
