package PgSample::Test::Pooler;

# A PgBouncer in front of a test server: programs connect to it as to a server.

use strict;
use warnings;

use Carp qw(croak);
use File::Path ();
use File::Temp ();
use Time::HiRes qw(sleep);

use PgSample::Test::Process;
use PgSample::Test::Server;
use PgSample::Test::Session;

our @ISA = ('PgSample::Test::Server'); # for conninfo, environment, database, session

$Carp::Internal{ +__PACKAGE__ } = 1; # errors name the line of the test

my @poolers;

# Where distributions put it is not in everybody's PATH.
sub program
{
    my ($found) = grep { -x } map { "$_/pgbouncer" } split(/:/, $ENV{PATH} || ''),
        '/usr/sbin', '/usr/local/sbin';
    return $found;
}

# Mode: session, transaction or statement. Further settings are those of [pgbouncer].
sub start
{
    my ($class, $server, $mode, %setting) = @_;
    my $directory = File::Temp::tempdir('pgpXXXXXX', DIR => '/tmp');
    my $self = bless {
        directory => $directory,
        port      => 6432,
        server    => $server,
        size      => $setting{default_pool_size} || 4,
        owner     => $$,
    }, $class;
    push @poolers, $self;
    $self->_configure($mode, %setting);
    if ($> == 0) {
        my ($uid, $gid) = (getpwnam 'postgres')[ 2, 3 ];
        chown $uid, $gid, $directory, glob "$directory/*";
    }
    $self->{process} = PgSample::Test::Process->start(
        command => [
            PgSample::Test::Server::_as_server_user(program(), '-q', "$directory/ini")
        ],
        directory => '/',
        timeout   => 600
    );
    for (1 .. 200) {
        return $self if -S "$directory/.s.PGSQL.$self->{port}";
        sleep 0.05;
    }
    croak 'PgBouncer does not start: ' . $self->{process}->stderr_so_far;
}

sub _configure
{
    my ($self, $mode, %setting) = @_;
    my $directory = $self->{directory};
    my %all = (
        listen_port        => $self->{port},
        unix_socket_dir    => $directory,
        auth_type          => 'trust',
        auth_file          => "$directory/users",
        pool_mode          => $mode,
        default_pool_size  => $self->{size},
        # whoever leaves something behind is not cleaned up after
        server_reset_query => '',
        %setting
    );
    my $users = $self->{server}->database('postgres')
        ->column("SELECT rolname FROM pg_roles WHERE rolname !~ '^pg_'");
    _write("$directory/users", map { qq{"$_" ""\n} } @$users);
    _write("$directory/ini", "[databases]\n* = host=" . $self->{server}->host . " port="
            . $self->{server}->port . "\n[pgbouncer]\n",
        map { "$_ = $all{$_}\n" } sort keys %all);
    return;
}

sub _write
{
    my ($path, @text) = @_;
    open my $file, '>', $path or croak "could not write $path: $!";
    print {$file} @text;
    close $file or croak "could not write $path: $!";
    return;
}

sub new_session
{
    my ($self, $database, $user) = @_;
    return PgSample::Test::Session->new(
        conninfo  => $self->conninfo($database, $user),
        is_pooled => 1
    );
}

# What could be left in a session. PgBouncer itself sets the encoding and the name of each
# client, and settings with a dot come with the modules that were used.
my $STATE = <<'SQL';
SELECT pg_backend_pid()::text
UNION ALL SELECT name || ' = ' || setting || ' (' || source || ')' FROM pg_settings
 WHERE name NOT IN ('application_name', 'client_encoding') AND name !~ '[.]'
   AND source <> 'client'
UNION ALL SELECT 'client_encoding = ' || current_setting('client_encoding')
UNION ALL SELECT 'lock ' || l.locktype || ' ' || l.mode FROM pg_locks l
 WHERE l.pid = pg_backend_pid() AND l.locktype = 'advisory'
UNION ALL SELECT 'cursor ' || name FROM pg_cursors
UNION ALL SELECT 'prepared ' || name FROM pg_prepared_statements
UNION ALL SELECT 'channel ' || c FROM pg_listening_channels() c
UNION ALL SELECT 'temporary ' || relname FROM pg_class
 WHERE relnamespace = pg_my_temp_schema()
SQL

# The state of each session of the pool of a database and a role, as texts: all of them are
# taken at once.
sub states
{
    my ($self, $database, $user) = @_;
    $self->disconnect($database);
    my @sessions = map { $self->new_session($database, $user) } 1 .. $self->{size};
    # a role may have a timeout that ends this
    my $patience = defined $user ? 'SET LOCAL idle_in_transaction_session_timeout = 0;' : '';
    $_->begin("BEGIN;\n$patience$STATE") for @sessions;
    my %state;
    for my $session (@sessions) {
        my ($pid, @lines) = map { $_->[0] } @{ $session->finish };
        $state{$pid} = join "\n", sort @lines;
    }
    $_->query('COMMIT') for @sessions;
    $_->close for @sessions;
    return \%state;
}

sub log_text { return $_[0]{process}->stderr_so_far }

sub stop
{
    my ($self) = @_;
    return if !$self->{process} || $self->{owner} != $$;
    $self->disconnect;
    my $process = delete $self->{process};
    $process->signal('INT');
    $process->signal('TERM');
    $process->wait(10);
    File::Path::remove_tree($self->{directory});
    return;
}

sub remove { return $_[0]->stop }

END {
    local ($?, $@, $!);
    $_->stop for @poolers;
}

1;

__END__

=head1 NAME

PgSample::Test::Pooler - a PgBouncer in front of a test server

=head1 SYNOPSIS

    my $pooler = PgSample::Test::Pooler->start($server, 'transaction', default_pool_size => 3);
    my $before = $pooler->states($name);
    my $result = $pooler->database($name)->sample;
    is_deeply($pooler->states($name), $before);

=head1 DESCRIPTION

It listens on a socket of its own, runs as C<postgres> when the tests run as root, knows the
roles that the server has when it starts, and is stopped at the end of the test. Nothing
cleans its sessions up (C<server_reset_query> is empty), unless a setting says otherwise.

=cut
