package PgSample::Test::Proxy;

# Stands between a program and the server, and cuts one connection at one message: before
# it is passed on, or when its answer has come, which is not passed on then.

use strict;
use warnings;

use Carp qw(croak);
use File::Temp ();
use IO::Select ();
use IO::Socket::UNIX ();
use POSIX ();
use Socket qw(SOCK_STREAM);

# cut: a reference to code that gets the number and the text of each message of the program,
# and returns 'before' or 'after' to cut the connection, once; 'dead' cuts it and takes no
# other connection any more.
sub start
{
    my ($class, $server, $cut) = @_;
    my $directory = File::Temp->newdir('pgproxyXXXXX', TMPDIR => 1);
    chmod 0755, $directory;
    my $self = bless { directory => $directory, log => "$directory/log" }, $class;
    my $listener = IO::Socket::UNIX->new(
        Type => SOCK_STREAM, Local => "$directory/.s.PGSQL." . $server->port, Listen => 20)
        or croak "could not listen: $!";
    $self->{pid} = fork;
    croak "could not fork: $!" if !defined $self->{pid};
    if (!$self->{pid}) {
        eval { _serve($listener, $server, $cut, $self->{log}) };
        POSIX::_exit(0);
    }
    close $listener;
    return $self;
}

sub host { return "$_[0]{directory}" }

# What the program has sent, a line each.
sub messages
{
    my ($self) = @_;
    open my $log, '<', $self->{log} or return;
    chomp(my @lines = <$log>);
    return @lines;
}

sub stop
{
    my ($self) = @_;
    return if !$self->{pid};
    kill 'KILL', $self->{pid};
    waitpid $self->{pid}, 0;
    delete $self->{pid};
    return;
}

sub DESTROY { local ($?, $!); $_[0]->stop; return }

sub _serve
{
    my ($listener, $server, $cut, $log_file) = @_;
    my $address = $server->host . '/.s.PGSQL.' . $server->port;
    my $select = IO::Select->new($listener);
    my (%peer, %buffer, %is_client, %is_started, %waits);
    my ($n, $is_dead) = (0, 0);
    open my $log, '>', $log_file or die;
    $log->autoflush(1);
    my $end = sub {
        for my $socket (grep { defined } $_[0], $peer{ $_[0] }) {
            $select->remove($socket);
            delete @{ $_ }{"$socket"} for \%buffer, \%is_client, \%is_started, \%waits;
            close $socket;
        }
    };
    while (1) {
        for my $ready ($select->can_read) {
            next if !defined fileno $ready;
            if ($ready == $listener) {
                my $client = $listener->accept or next;
                my $backend = $is_dead ? undef
                    : IO::Socket::UNIX->new(Type => SOCK_STREAM, Peer => $address);
                if (!$backend) { close $client; next }
                @peer{ $client, $backend } = ($backend, $client);
                $is_client{$client} = 1;
                $buffer{$client} = '';
                $select->add($client, $backend);
                next;
            }
            my $length = sysread $ready, my $data, 65536;
            if (!$length) { $end->($ready); next }
            if (!$is_client{$ready}) {
                # an answer that nobody gets
                if ($waits{ $peer{$ready} }) { $end->($ready) }
                else { syswrite $peer{$ready}, $data }
                next;
            }
            $buffer{$ready} .= $data;
            while (1) {
                my $start = $is_started{$ready} ? 1 : 0;
                last if length $buffer{$ready} < $start + 4;
                my $size = $start + unpack 'N', substr $buffer{$ready}, $start, 4;
                last if length $buffer{$ready} < $size;
                my $message = substr $buffer{$ready}, 0, $size, '';
                my $how = '';
                if ($is_started{$ready} && $message =~ /^[QP]/) {
                    (my $text = substr $message, 5) =~ tr/\n\0/  /;
                    print {$log} "$text\n";
                    $how = $cut ? $cut->($n, $text) : '';
                    $n++;
                }
                $is_started{$ready} = 1;
                if ($how eq 'dead') { $is_dead = 1; $how = 'before' }
                undef $cut if $how;
                if ($how eq 'before') { $end->($ready); last }
                $waits{$ready} = 1 if $how eq 'after';
                syswrite $peer{$ready}, $message;
            }
        }
    }
    return;
}

1;
