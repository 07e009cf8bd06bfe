package PgSample::Test::Session;

# A psql that stays connected and takes SQL through a pipe.

use strict;
use warnings;

use Carp qw(croak);
use File::Temp ();
use IPC::Open3 qw(open3);
use POSIX qw(WNOHANG);
use Time::HiRes qw(sleep time);

$Carp::Internal{ +__PACKAGE__ } = 1; # errors name the line of the test

# Rows come back unaligned; these bytes do not occur in the tests' data.
my $FIELD  = "\x1f";
my $RECORD = "\x1e";
my $NULL   = "\x1cNULL\x1c";

my %open; # address => Session, to close the processes at the end

sub new
{
    my ($class, %arg) = @_;
    my $self = bless { owner => $$, serial => 0, timeout => $arg{timeout} || 120 }, $class;
    $self->{errors} = File::Temp->new;
    my @command = (
        'psql', '-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-F', $FIELD, '-R',
        $RECORD, '-P', "null=$NULL", '-d', $arg{conninfo}
    );
    my ($to, $from);
    open my $errors, '>>', $self->{errors}->filename or croak "could not open: $!";
    {
        # many releases prune partitions that have rows: what a test asks for is to be there;
        # compiling expressions takes longer than few rows; a pooler takes no options
        local $ENV{PGOPTIONS} =
            '-c client_min_messages=warning -c enable_partition_pruning=off -c jit=off';
        delete local $ENV{PGOPTIONS} if $arg{is_pooled};
        $self->{pid} = open3($to, $from, '>&' . fileno $errors, @command);
    }
    binmode $to;
    binmode $from;
    @$self{qw(to from)} = ($to, $from);
    $open{$self} = $self;
    require Scalar::Util;
    Scalar::Util::weaken($open{$self});
    return $self;
}

# Sends SQL without waiting; finish() takes the rows.
sub begin
{
    my ($self, $sql) = @_;
    croak 'the session still works on another statement' if $self->{mark};
    $self->{mark} = sprintf "\x1dend-%d\x1d", ++$self->{serial};
    local $SIG{PIPE} = 'IGNORE';
    my $text = "$sql\n;\n\\echo '$self->{mark}'\n";
    my $sent = 0;
    while ($sent < length $text) {
        my $n = syswrite $self->{to}, $text, 65536, $sent;
        last if !defined $n;
        $sent += $n;
    }
    return;
}

sub finish
{
    my ($self, $timeout) = @_;
    my $mark = delete $self->{mark} or croak 'nothing was begun';
    my $deadline = time + ($timeout || $self->{timeout});
    my $answer = '';
    while (1) {
        my $end = rindex $answer, "$mark\n";
        if ($end >= 0) {
            substr($answer, $end) = '';
            return _rows($answer);
        }
        my $ready = '';
        vec($ready, fileno $self->{from}, 1) = 1;
        my $left = $deadline - time;
        if ($left <= 0 || !select $ready, undef, undef, $left) {
            $self->close;
            croak 'no answer from the server in time';
        }
        next if sysread $self->{from}, $answer, 65536, length $answer;
        $self->close;
        croak 'SQL failed: ' . $self->_error_text;
    }
}

# Runs SQL; returns the rows of all its statements as array references.
sub query
{
    my ($self, $sql, $timeout) = @_;
    $self->begin($sql);
    return $self->finish($timeout);
}

sub is_open { return defined $_[0]{pid} }

sub close
{
    my ($self) = @_;
    my $pid = delete $self->{pid} or return;
    delete $open{$self};
    return if $self->{owner} != $$;
    close $self->{to};
    close $self->{from};
    for (my $pause = 0.001; $pause < 1; $pause *= 1.2) {
        return if waitpid $pid, WNOHANG;
        sleep $pause;
    }
    kill 'KILL', $pid;
    waitpid $pid, 0;
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

sub _rows
{
    my ($answer) = @_;
    return [] if $answer eq '';
    # psql ends each result with a newline in place of the last record separator
    $answer =~ s/\n\z//;
    my @rows;
    for my $record ($answer eq '' ? ('') : split /$RECORD/, $answer, -1) {
        my @fields = $record eq '' ? ('') : split /$FIELD/, $record, -1;
        push @rows, [ map { $_ eq $NULL ? undef : $_ } @fields ];
    }
    return \@rows;
}

sub _error_text
{
    my ($self) = @_;
    open my $handle, '<', $self->{errors}->filename or return '(unknown)';
    local $/;
    my $text = <$handle>;
    return defined $text && $text ne '' ? $text : '(psql ended without a message)';
}

1;

__END__

=head1 NAME

PgSample::Test::Session - a connected psql

=head1 SYNOPSIS

    my $session = PgSample::Test::Session->new(conninfo => 'host=/tmp/x dbname=d');
    my $rows = $session->query('SELECT 1, NULL');   # [ ['1', undef] ]

    $session->begin('SELECT pg_sleep(3)');          # in the background
    $session->finish;

=head1 DESCRIPTION

Values are bytes in the encoding of the database. One query() should return the rows of
one statement; several statements may be sent, but only one that returns rows. After an
error the session is closed and the error is thrown. Bytes 0x1c to 0x1f in values are not
supported.

=cut
