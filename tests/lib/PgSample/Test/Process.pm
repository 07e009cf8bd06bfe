package PgSample::Test::Process;

# One child process: started, signalled, waited for, its output collected in files.

use strict;
use warnings;

use Carp qw(croak);
use POSIX qw(WNOHANG);
use Time::HiRes qw(sleep time);

our $DEFAULT_TIMEOUT = $ENV{PG_SAMPLE_TEST_TIMEOUT} || 120;

# Files are in memory if there is room, and programs can be there: to make and remove
# thousands of files and folders takes a disk a part of what the tests need.
our $MEMORY = '/dev/shm';
$ENV{TMPDIR} = $MEMORY if !defined $ENV{TMPDIR} && _has_room() && !_is_noexec();

my %running; # pid => Process, of this process's own children only

sub start
{
    my ($class, %arg) = @_;
    my @command = @{ $arg{command} or croak 'Process->start needs a command' };
    my $self = bless {
        command  => \@command,
        timeout  => $arg{timeout} || $DEFAULT_TIMEOUT,
        started  => time,
        owner    => $$,
        at_end   => $arg{at_end},
        database => $arg{database},
    }, $class;
    my $stdin = input($arg{stdin});
    $self->{out} = $arg{stdout} ? undef : _unnamed_file();
    $self->{err} = $arg{stderr} ? undef : _unnamed_file();
    my $stdout = $arg{stdout} || $self->{out};
    my $stderr = $arg{stderr} || $self->{err};

    my $pid = fork;
    croak "could not fork: $!" if !defined $pid;
    if (!$pid) {
        _exec_child(\%arg, \@command, $stdin, $stdout, $stderr);
    }
    setpgrp $pid, $pid; # the child does it too: whoever comes first
    $self->{pid} = $pid;
    $running{$pid} = $self;
    return $self;
}

sub run
{
    my ($class, %arg) = @_;
    return $class->start(%arg)->wait;
}

sub pid      { return $_[0]{pid} }
sub database { return $_[0]{database} }

sub signal
{
    my ($self, $name) = @_;
    return defined $self->{result} ? 0 : kill $name, $self->{pid};
}

sub is_running
{
    my ($self) = @_;
    $self->_reap;
    return !defined $self->{wait_status};
}

sub group_is_empty
{
    my ($self) = @_;
    $self->_reap;
    for (1 .. 50) {
        return 1 if !kill 0, -$self->{pid};
        sleep 0.02;
    }
    return 0;
}

# Waits for the end; after the timeout the whole process group is killed.
sub wait
{
    my ($self, $timeout) = @_;
    return $self->{result} if $self->{result};
    my $deadline = time + ($timeout || $self->{timeout});
    my $pause = 0.001;
    while ($self->is_running) {
        if (time > $deadline) {
            $self->{timed_out} = 1;
            kill 'KILL', -$self->{pid};
            waitpid $self->{pid}, 0;
            $self->{wait_status} = $?;
            delete $running{ $self->{pid} };
            last;
        }
        sleep $pause;
        $pause *= 1.5 if $pause < 0.02;
    }
    $self->{result} = PgSample::Test::Process::Result->new($self);
    $self->{at_end}->($self->{result}) if $self->{at_end};
    return $self->{result};
}

sub stdout_so_far { return _slurp($_[0]{out}) }
sub stderr_so_far { return _slurp($_[0]{err}) }

# Kills what still runs; only the process that started a child may do so.
sub kill_all
{
    for my $child (values %running) {
        next if $child->{owner} != $$;
        kill 'KILL', -$child->{pid};
        waitpid $child->{pid}, 0;
    }
    %running = ();
    return;
}

sub _reap
{
    my ($self) = @_;
    return if defined $self->{wait_status};
    my $found = waitpid $self->{pid}, WNOHANG;
    return if $found == 0;
    $self->{wait_status} = $found > 0 ? $? : -1;
    $self->{seconds} = time - $self->{started};
    delete $running{ $self->{pid} };
    return;
}

sub _has_room
{
    return 0 if !-d $MEMORY || !-w _;
    open my $df, '-|', 'df', '-Pk', $MEMORY or return 0;
    my @lines = <$df>;
    close $df or return 0;
    my $free = (split ' ', $lines[-1])[3];
    return $free > 4 * 1024 * 1024;
}

sub _is_noexec
{
    open my $mounts, '<', '/proc/mounts' or return 1;
    return scalar grep { m{\A\S+ \Q$MEMORY\E \S+ \S*noexec} } <$mounts>;
}

sub _unnamed_file
{
    open my $file, '+>', undef or croak "could not open a temporary file: $!";
    binmode $file;
    return $file;
}

# A handle to read from: of a string, of {file => name}, or as given.
sub input
{
    my ($input) = @_;
    my $source = '/dev/null';
    if (ref $input eq 'HASH') {
        $source = $input->{file};
    } elsif (ref $input) {
        return $input;
    } elsif (defined $input) {
        my $file = _unnamed_file();
        print {$file} $input;
        seek $file, 0, 0; # which flushes
        return $file;
    }
    open my $handle, '<', $source or croak "could not open $source: $!";
    return $handle;
}

sub _exec_child
{
    my ($arg, $command, $stdin, $stdout, $stderr) = @_;
    setpgrp 0, 0;
    $SIG{$_} = 'DEFAULT' for qw(INT TERM HUP PIPE QUIT);
    my %environment = %{ $arg->{env} || {} };
    for my $name (keys %environment) {
        if (defined $environment{$name}) {
            $ENV{$name} = $environment{$name};
        } else {
            delete $ENV{$name};
        }
    }
    if (defined $arg->{directory}) {
        chdir $arg->{directory} or _give_up("could not change to $arg->{directory}: $!");
    }
    POSIX::dup2(fileno $stdin, 0);
    POSIX::dup2(fileno $stdout, 1);
    POSIX::dup2(fileno $stderr, 2);
    exec { $command->[0] } @$command or _give_up("could not run $command->[0]: $!");
    return;
}

sub _give_up
{
    my ($message) = @_;
    syswrite STDERR, "$message\n";
    POSIX::_exit(127);
}

sub _slurp
{
    my ($file) = @_;
    return '' if !$file;
    # another position than the child's
    open my $handle, '<', "/proc/$$/fd/" . fileno $file or croak "could not read output: $!";
    binmode $handle;
    local $/;
    my $content = <$handle>;
    return defined $content ? $content : '';
}

package PgSample::Test::Process::Result;

use strict;
use warnings;

sub new
{
    my ($class, $process) = @_;
    my $wait_status = $process->{wait_status};
    return bless {
        status    => $wait_status & 127 ? 128 + ($wait_status & 127) : $wait_status >> 8,
        signal    => $wait_status & 127,
        stdout    => $process->stdout_so_far,
        stderr    => $process->stderr_so_far,
        seconds   => $process->{seconds} || 0,
        timed_out => $process->{timed_out} ? 1 : 0,
        command   => $process->{command},
    }, $class;
}

# Of its parts.
sub made_of
{
    my ($class, %part) = @_;
    return bless \%part, $class;
}

sub status    { return $_[0]{status} }
sub signal    { return $_[0]{signal} }
sub stdout    { return $_[0]{stdout} }
sub stderr    { return $_[0]{stderr} }
sub seconds   { return $_[0]{seconds} }
sub timed_out { return $_[0]{timed_out} }
sub is_ok     { return $_[0]{status} == 0 && !$_[0]{timed_out} }

# What ran and what became of it, for diag() and die.
sub describe
{
    my ($self) = @_;
    my $end = $self->{timed_out} ? sprintf('killed after %.0f s', $self->{seconds})
        : $self->{signal}        ? "signal $self->{signal}"
        :                          "exit status $self->{status}";
    return "@{ $self->{command} }: $end\n" . substr $self->{stderr}, 0, 4000;
}

1;

__END__

=head1 NAME

PgSample::Test::Process - a child process with a timeout

=head1 SYNOPSIS

    my $result = PgSample::Test::Process->run(command => ['sort'], stdin => "b\na\n");
    print $result->status, $result->stdout, $result->stderr;

    my $process = PgSample::Test::Process->start(command => ['sleep', 60]);
    $process->signal('INT');
    my $result = $process->wait(5);

=head1 METHODS

=over

=item start(command => [...], ...) and run(...)

C<run> is C<start> and C<wait>. Further arguments: C<stdin> (a string, C<{file =E<gt> NAME}>
or an open handle; default /dev/null), C<stdout> and C<stderr> (open handles; by default
both are collected), C<env> (hash; undef removes a variable), C<directory>, C<timeout>
(seconds; default 120, or C<$PG_SAMPLE_TEST_TIMEOUT>), C<at_end> (called with the result), C<database> (for
C<database>). The child leads a process group of
its own.

=item signal(NAME), is_running, pid, database, stdout_so_far, stderr_so_far

=item group_is_empty

After the end: true when none of the processes that the child started is left.

=item wait([seconds])

The result, with C<status> (exit status; 128 + signal when a signal ended it), C<signal>,
C<stdout>, C<stderr>, C<seconds>, C<timed_out>, C<is_ok>, C<describe>.

=back

=cut
