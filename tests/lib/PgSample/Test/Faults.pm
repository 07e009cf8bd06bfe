package PgSample::Test::Faults;

# For tests that disturb a run: waiting for its states, and what it must not leave behind.

use strict;
use warnings;

use Exporter qw(import);
use Test::Builder ();
use Time::HiRes qw(sleep time);

use PgSample::Test::Session;
use PgSample::Test::Staging ();

our @EXPORT = qw(
    wait_until at_moments sessions_of wait_for_session hold held hold_pg_dump
    descendants find_descendant live_processes write_program ends_with nothing_is_left
);

my $test = Test::Builder->new;

# The first true value of the code, called again and again; undef after the seconds.
sub wait_until
{
    my ($seconds, $code) = @_;
    my $deadline = time + $seconds;
    while (1) {
        my $value = $code->();
        return $value if $value;
        return if time > $deadline;
        sleep 0.01;
    }
}

# Disturbs runs at N moments that are spread over their duration in seconds, and fails if
# fewer than the least number hit a run at work. START gets the number of the moment and
# gives the run; DISTURB gets that number and the run, and says whether it was at work:
# begun, and not done.
sub at_moments
{
    my ($n, $seconds, $least, $start, $disturb) = @_;
    my $n_hit = 0;
    for my $i (1 .. $n) {
        my $run = $start->($i);
        # here the moment is the point
        sleep $seconds * $i / $n;
        $n_hit++ if $disturb->($i, $run);
    }
    $test->note("$n_hit of $n moments hit a run at work");
    return $test->cmp_ok($n_hit, '>=', $least, 'several moments hit a run at work');
}

# ---- on the server

# Sessions of pg-sample and its children: hashes of pid, program, state, wait and query.
sub sessions_of
{
    my ($server, $condition) = @_;
    $condition = defined $condition ? "AND ($condition)" : '';
    my $rows = $server->database('postgres')->rows(<<"SQL");
SELECT pid, application_name, state, wait_event_type || ':' || wait_event, query
  FROM pg_catalog.pg_stat_activity
 WHERE application_name IN ('pg-sample', 'pg_dump', 'pg_restore') $condition
 ORDER BY backend_start
SQL
    return map {
        my %session;
        @session{qw(pid program state wait query)} = @$_;
        \%session;
    } @$rows;
}

# Waits for one that satisfies the condition.
sub wait_for_session
{
    my ($server, $condition, $seconds) = @_;
    return wait_until($seconds || 20, sub { return (sessions_of($server, $condition))[0] });
}

# A rule that waits at its first row until the session that hold() gave is closed.
sub held
{
    my ($table, $condition) = @_;
    $condition = defined $condition ? "($condition) AND" : '';
    return "--limit=$table = $condition pg_advisory_xact_lock_shared(4711) IS NOT NULL";
}

sub hold
{
    my ($database) = @_;
    my $session = PgSample::Test::Session->new(conninfo => $database->conninfo);
    $session->query('SELECT pg_advisory_lock(4711)');
    return $session;
}

# The same for pg_dump: it reads this catalog, and pg-sample does not before pg_dump's end.
sub hold_pg_dump
{
    my ($database) = @_;
    my $session = PgSample::Test::Session->new(conninfo => $database->conninfo);
    $session->query('BEGIN; LOCK TABLE pg_catalog.pg_transform');
    return $session;
}

# ---- on this machine

# Processes below this one, with their command lines: { pid => [arguments] }.
sub descendants
{
    my ($pid) = @_;
    my %found;
    for my $child (_children($pid)) {
        $found{$child} = [ split /\0/, _read("/proc/$child/cmdline") ];
        %found = (%found, %{ descendants($child) });
    }
    return \%found;
}

sub find_descendant
{
    my ($pid, $name) = @_;
    my $found = descendants($pid);
    my ($child) = grep { ($found->{$_}[0] || '') =~ m{(\A|/)\Q$name\E\z} } sort keys %$found;
    return $child;
}

# Processes of a group that are no zombies (nobody may be there to reap them).
sub live_processes
{
    my ($group) = @_;
    return grep { _read("/proc/$_/stat") =~ /\) [^ZX] \d+ $group / }
        map { m{(\d+)\z} } glob '/proc/[0-9]*';
}

sub _children
{
    my ($pid) = @_;
    return map { split ' ', _read($_) } glob "/proc/$pid/task/*/children";
}

sub _read
{
    my ($name) = @_;
    open my $file, '<', $name or return '';
    local $/;
    my $text = <$file>;
    return defined $text ? $text : '';
}

# A shell script to run in the place of a program; returns its path.
sub write_program
{
    my ($path, @lines) = @_;
    open my $file, '>', $path or die "could not write $path: $!";
    print {$file} map { "$_\n" } '#!/bin/sh', @lines;
    close $file or die "could not write $path: $!";
    chmod 0755, $path or die "could not chmod $path: $!";
    return $path;
}

# ---- assertions

# Exit status and message.
sub ends_with
{
    my ($result, $status, $message, $name) = @_;
    my $has_message = $result->stderr =~ $message;
    return 1 if $test->ok($result->status == $status && $has_message, $name);
    $test->diag("expected exit status $status and a message like $message");
    $test->diag($result->describe);
    return 0;
}

# After the end of the process: no child, no session, no staging schema, and neither FILE
# nor FILE.part.
sub nothing_is_left
{
    my ($server, $process, $file, $name) = @_;
    my @left;
    push @left, 'a child process' if !$process->group_is_empty;
    push @left, grep { defined $_ && -e $_ } $file, defined $file ? "$file.part" : undef;
    # the server notices the end of a client a moment later
    wait_until(3, sub { return !sessions_of($server) });
    push @left, map { "session $_->{pid} of $_->{program}: $_->{state}: $_->{query}" }
        sessions_of($server);
    push @left, map { "schema $_" } @{ PgSample::Test::Staging::drop_staging_schemas($_) }
        for grep { defined } $process->database;
    my $ok = $test->ok(!@left, $name);
    $test->diag("left behind: $_") for @left;
    return $ok;
}

1;

__END__

=head1 NAME

PgSample::Test::Faults - for tests that disturb a run

=head1 FUNCTIONS

=over

=item wait_until(seconds, code)

=item at_moments(n, seconds, least, start, disturb)

Disturbs C<n> runs, each later than the one before; at least C<least> of them have to be at
work then.

=item sessions_of(server[, condition]), wait_for_session(server, condition[, seconds])

Sessions of pg-sample and pg_dump in pg_stat_activity; the condition is SQL on that view.

=item hold(database), held(table[, condition])

C<held> is an option --limit that makes a run wait inside of a condition, visible as
C<wait_event = 'advisory'>, until the session that C<hold> returned is closed.

=item hold_pg_dump(database)

A session that makes pg_dump wait, visible as C<wait_event_type = 'Lock'>, until it is closed.

=item descendants(pid), find_descendant(pid, program), live_processes(group)

=item write_program(path, lines)

=item ends_with(result, status, message, name), nothing_is_left(server, process, file, name)

Assertions; C<nothing_is_left> needs a process that has ended.

=back

=cut
