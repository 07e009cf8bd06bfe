package PgSample::Test::Session;

# A connection that takes SQL. It speaks the protocol of the server itself: a psql for each of
# thousands of connections would be a fifth of what the tests take of the processor.

use strict;
use warnings;

use Carp qw(croak);
use Errno qw(EINTR);
use Socket qw(AF_UNIX SOCK_STREAM pack_sockaddr_un);
use Time::HiRes qw(time);

use PgSample::Test::Statements ();

$Carp::Internal{ +__PACKAGE__ } = 1; # errors name the line of the test

my %open; # address => Session, to close the connections at the end

# many releases prune partitions that have rows: what a test asks for is to be there;
# compiling expressions takes longer than few rows; a pooler takes no options
my $OPTIONS = '-c client_min_messages=warning -c enable_partition_pruning=off -c jit=off';

sub new
{
    my ($class, %arg) = @_;
    my $self = bless { owner => $$, timeout => $arg{timeout} || 120, errors => '' }, $class;
    $self->{is_open} = 1;
    @$self{qw(in pending)} = ('', 1); # what was read; answers to come, of the connection first
    my %parameter = _parse_conninfo($arg{conninfo});
    if ($self->_connect("$parameter{host}/.s.PGSQL.$parameter{port}")) {
        my @startup = (user => $parameter{user}, database => $parameter{dbname},
            application_name => 'tests', $arg{is_pooled} ? () : (options => $OPTIONS));
        my $text = pack('N', 196_608) . join('', map { "$_\0" } @startup) . "\0";
        $self->_send(pack('N', 4 + length $text) . $text);
    }
    $open{$self} = $self;
    require Scalar::Util;
    Scalar::Util::weaken($open{$self});
    return $self;
}

# "host='/tmp/x' port='5432' ..."
sub _parse_conninfo
{
    my ($conninfo) = @_;
    my %parameter;
    while ($conninfo =~ /\G\s*(\w+)='((?:[^'\\]|\\.)*)'/gcs) {
        my ($key, $value) = ($1, $2);
        $parameter{$key} = $value =~ s/\\(.)/$1/grs;
    }
    return %parameter;
}

# Whatever goes wrong is an error of the first statement.
sub _connect
{
    my ($self, $path) = @_;
    return 1 if socket($self->{socket}, AF_UNIX, SOCK_STREAM, 0)
        && connect $self->{socket}, pack_sockaddr_un($path);
    $self->{errors} = "connection to server on socket \"$path\" failed: $!\n";
    $self->{is_lost} = 1;
    return 0;
}

# Sends all of it, and reads meanwhile: the server may wait for that.
sub _send
{
    my ($self, $bytes) = @_;
    local $SIG{PIPE} = 'IGNORE';
    my $sent = 0;
    while ($sent < length $bytes && !$self->{is_lost}) {
        my ($readable, $writable) = ('', '');
        vec($readable, fileno $self->{socket}, 1) = 1;
        vec($writable, fileno $self->{socket}, 1) = 1;
        next if select($readable, $writable, undef, undef) < 0;
        if (vec $readable, fileno $self->{socket}, 1) {
            $self->_read;
        } else {
            # not more than there is room for, in which case it would block
            my $n = syswrite $self->{socket}, $bytes, 16_384, $sent;
            $self->{is_lost} = 1 if !defined $n && $! != EINTR;
            $sent += $n || 0;
        }
    }
    return;
}

sub _read
{
    my ($self) = @_;
    my $n = sysread $self->{socket}, $self->{in}, 65_536, length $self->{in};
    $self->{is_lost} = 1 if defined $n ? $n == 0 : $! != EINTR;
    return;
}

# Sends SQL without waiting; finish() takes the rows.
sub begin
{
    my ($self, $sql) = @_;
    croak 'the session still works on another statement' if $self->{rows};
    $self->{rows} = [];
    my @statements = PgSample::Test::Statements::split_sql($sql);
    $self->{pending} += @statements;
    $self->_send(join '', map { 'Q' . pack('N', 5 + length $_) . "$_\0" } @statements);
    return;
}

sub finish
{
    my ($self, $timeout) = @_;
    croak 'nothing was begun' if !$self->{rows};
    my $deadline = time + ($timeout || $self->{timeout});
    while (1) {
        $self->_take_messages;
        last if !$self->{pending} || $self->{is_lost} || $self->{has_failed};
        my $ready = '';
        vec($ready, fileno $self->{socket}, 1) = 1;
        my $left = $deadline - time;
        my $n = $left > 0 ? select $ready, undef, undef, $left : 0;
        if ($n == 0) {
            $self->close;
            croak 'no answer from the server in time';
        }
        $self->_read if $n > 0;
    }
    return delete $self->{rows} if !$self->{pending} && !$self->{has_failed};
    $self->close;
    croak 'SQL failed: ' . ($self->{errors} || "server closed the connection unexpectedly\n");
}

# Those that have come as a whole.
sub _take_messages
{
    my ($self) = @_;
    my $at = 0;
    while (length($self->{in}) - $at >= 5) {
        my ($type, $length) = unpack "x$at a N", $self->{in};
        last if length($self->{in}) - $at < 1 + $length;
        if ($type eq 'D') {
            push @{ $self->{rows} }, _fields(substr $self->{in}, $at + 5, $length - 4);
        } elsif ($type eq 'Z') {
            $self->{pending}--;
        } elsif ($type ne 'T' && $type ne 'C') {
            $self->_take_other($type, substr $self->{in}, $at + 5, $length - 4);
        }
        $at += 1 + $length;
    }
    substr($self->{in}, 0, $at) = '';
    return;
}

# The fields of a row; NULL is undef.
sub _fields
{
    my ($data) = @_;
    my ($n, $at) = (unpack('n', $data), 2);
    my @fields;
    for (1 .. $n) {
        my $length = unpack 'N', substr $data, $at, 4;
        $at += 4;
        if ($length == 0xffffffff) {
            push @fields, undef;
            next;
        }
        push @fields, substr $data, $at, $length;
        $at += $length;
    }
    return \@fields;
}

# What is not asked for: authentication but trust, COPY.
sub _take_other
{
    my ($self, $type, $data) = @_;
    if ($type eq 'E' || $type eq 'N') {
        $self->{errors} .= _message_text($data);
        $self->{has_failed} = 1 if $type eq 'E';
    } elsif ($type eq 'R' && unpack('N', $data) != 0 || $type =~ /[GHW]/) {
        $self->{errors} .= "the tests' sessions have no passwords and no COPY\n";
        $self->{has_failed} = 1;
    }
    return;
}

# As psql prints it.
sub _message_text
{
    my ($data) = @_;
    my %field = map { substr($_, 0, 1) => substr $_, 1 } grep { length } split /\0/, $data;
    my $text = "$field{S}:  $field{M}\n";
    my %label = (D => 'DETAIL:  ', H => 'HINT:  ', W => 'CONTEXT:  ');
    $text .= "$label{$_}$field{$_}\n" for grep { defined $field{$_} } qw(D H W);
    return $text;
}

# Runs SQL; returns the rows of all its statements as array references.
sub query
{
    my ($self, $sql, $timeout) = @_;
    $self->begin($sql);
    return $self->finish($timeout);
}

sub is_open { return $_[0]{is_open} && !$_[0]{is_lost} }

# Until the server has closed it as well: a database in use cannot be copied or dropped.
sub close
{
    my ($self) = @_;
    return if !delete $self->{is_open};
    delete $open{$self};
    if ($self->{owner} == $$ && !$self->{is_lost}) {
        $self->_send(pack 'aN', 'X', 4);
        my $deadline = time + ($self->{pending} ? 0 : 1);
        while (!$self->{is_lost} && time < $deadline) {
            my $ready = '';
            vec($ready, fileno $self->{socket}, 1) = 1;
            $self->_read if select($ready, undef, undef, 0.1) > 0;
        }
    }
    close delete $self->{socket};
    return;
}

sub close_all
{
    $_ && $_->close for values %open;
    return;
}

sub DESTROY
{
    my ($self) = @_;
    local ($@, $!, $?);
    $self->close if $self->{owner} == $$;
    return;
}

1;

__END__

=head1 NAME

PgSample::Test::Session - a connection

=head1 SYNOPSIS

    my $session = PgSample::Test::Session->new(conninfo => "host='/tmp/x' port='1' dbname='d'");
    my $rows = $session->query('SELECT 1, NULL');   # [ ['1', undef] ]

    $session->begin('SELECT pg_sleep(3)');          # in the background
    $session->finish;

=head1 DESCRIPTION

On a Unix socket that trusts everybody. Values are bytes in the encoding of the database. Each
statement is sent by itself, as psql does it. After an error the session is closed and the
error is thrown; statements after it may still run, each as it would after ROLLBACK.

=cut
