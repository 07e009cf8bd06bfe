package PgSample::Test::Restorer;

# A psql that restores one dump after the other: to start one takes longer than most dumps.

use strict;
use warnings;

use Carp qw(croak);
use Time::HiRes qw(sleep time);

use PgSample::Test::Process ();

$Carp::Internal{ +__PACKAGE__ } = 1; # errors name the line of the test

my $MARK = "\x1drestored\x1d";

sub new
{
    my ($class, %environment) = @_;
    return bless { environment => \%environment }, $class;
}

# Can psql be given this connection without any quoting?
sub can_connect { return $_[1] =~ /\A[\w\/.\-=' ]+\z/ }

# The result of psql -X -q -v ON_ERROR_STOP=1 with the dump, a handle, as its input. After an
# error psql has ended, and the next dump gets another one.
sub restore
{
    my ($self, $conninfo, $dump) = @_;
    my $text = "\\i /proc/$$/fd/" . fileno($dump) . "\n\\echo '$MARK'\n";
    my $seen = $self->{process} ? length $self->{process}->stderr_so_far : 0;
    if (!$self->{process}) {
        $self->_start($conninfo);
    } elsif ($conninfo eq $self->{conninfo}) {
        $text = "DISCARD ALL;\n$text"; # as good as a new connection
    } else {
        $text = "\\connect -reuse-previous=off \"$conninfo\"\n$text";
    }
    $self->{conninfo} = $conninfo;
    my $start = time;
    local $SIG{PIPE} = 'IGNORE';
    syswrite $self->{to}, $text;
    my $output = $self->_read_output($start + $PgSample::Test::Process::DEFAULT_TIMEOUT);
    my $process = $self->{process};
    my $result = $output =~ s/\Q$MARK\E\n\z// ? { status => 0 } : $self->end;
    my $errors = substr $process->stderr_so_far, $seen;
    return PgSample::Test::Process::Result->made_of(
        signal    => 0,
        timed_out => 0,
        command   => ['psql'],
        %$result,
        stdout  => $output,
        stderr  => $errors =~ s/^psql:[^:\n]*:\d+: //mgr,
        seconds => time - $start
    );
}

sub _start
{
    my ($self, $conninfo) = @_;
    pipe my $stdin, $self->{to} or croak "could not create a pipe: $!";
    pipe $self->{from}, my $stdout or croak "could not create a pipe: $!";
    $self->{process} = PgSample::Test::Process->start(
        command => [ qw(psql -X -q -v ON_ERROR_STOP=1 -d), $conninfo ],
        stdin   => $stdin,
        stdout  => $stdout,
        env     => $self->{environment}
    );
    return;
}

# Is its connection to this database?
sub is_in
{
    my ($self, $name) = @_;
    return $self->{process} && $self->{conninfo} =~ /dbname='\Q$name\E'/;
}

# Ends its connection to a database, if it is there: DROP DATABASE would wait for 100 ms. The
# next dump gets another one.
sub leave
{
    my ($self, $admin, $name) = @_;
    return if !$self->is_in($name);
    my $sessions =
        'FROM pg_stat_activity WHERE datname = ' . PgSample::Test::Server::quote_literal($name);
    $admin->sql("SELECT pg_terminate_backend(pid) $sessions");
    for (1 .. 500) {
        last if $admin->value("SELECT count(*) $sessions") == 0;
        sleep 0.002;
    }
    $self->{conninfo} = '';
    return;
}

# Up to the mark, or the end.
sub _read_output
{
    my ($self, $deadline) = @_;
    my $output = '';
    while ($output !~ /\Q$MARK\E\n\z/) {
        my $ready = '';
        vec($ready, fileno $self->{from}, 1) = 1;
        last if time > $deadline;
        next if select($ready, undef, undef, 1) < 1;
        last if !sysread $self->{from}, $output, 65_536, length $output;
    }
    return $output;
}

# Ends psql; returns its result.
sub end
{
    my ($self) = @_;
    my $process = delete $self->{process} or return {};
    close delete $self->{to};
    close delete $self->{from};
    return $process->wait(5);
}

1;

__END__

=head1 NAME

PgSample::Test::Restorer - a psql that restores dumps

=head1 METHODS

=over

=item new(environment), restore(conninfo, handle of a dump), end

=item is_in(name), leave(admin database, name)

=back

=cut
