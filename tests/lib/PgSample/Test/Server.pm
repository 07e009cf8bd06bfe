package PgSample::Test::Server;

# A throwaway PostgreSQL server on a Unix socket, removed at the end of the test.

use strict;
use warnings;

use Carp qw(croak);
use Cwd ();
use Fcntl qw(LOCK_EX);
use File::Temp ();
use Time::HiRes qw(sleep time);

use PgSample::Test::Database;
use PgSample::Test::Process;
use PgSample::Test::Session;
use PgSample::Test::Skips;

$Carp::Internal{ +__PACKAGE__ } = 1; # errors name the line of the test

my @CONFIGURATION = (
    'fsync = off',
    'synchronous_commit = off',
    'full_page_writes = off',
    'autovacuum = off',
    'wal_level = replica',
    'wal_init_zero = off',
    'max_wal_size = 1GB', # as with segments of 16 MB
    'max_wal_senders = 4',
    'shared_buffers = 64MB',
    'log_line_prefix = \'%m [%p] %d \'',
);

my @servers;     # in order of start, of this process
my $n_names = 0; # databases and roles named by the harness

# The servers run as this user when the tests run as root, which PostgreSQL refuses.
my $SERVER_USER = 'postgres';

# ---- programs

# psql, pg_dump and pg_restore are those of the server's version, and not Debian's wrappers,
# which take longer than what they run.
$ENV{PATH} = bindir() . ":$ENV{PATH}";

sub bindir
{
    our $bindir;
    return $bindir if $bindir;
    return $bindir = $ENV{PG_BINDIR} if $ENV{PG_BINDIR};
    my @found = sort { _major($b) <=> _major($a) }
        grep { -x "$_/initdb" } glob '/usr/lib/postgresql/*/bin';
    croak 'no PostgreSQL server programs found: install postgresql, or set PG_BINDIR'
        if !@found;
    return $bindir = $found[0];
}

sub _major { return $_[0] =~ m{/(\d+)/bin\z} ? $1 : 0 }

sub program
{
    my ($name) = @_;
    my $path = bindir() . "/$name";
    return -x $path ? $path : $name;
}

# A command line that runs as another user of the operating system.
sub as_user
{
    my ($user, @command) = @_;
    return @command if !defined $user || (getpwuid $>)[0] eq $user;
    croak "only root can run a program as $user" if $> != 0;
    return ('setpriv', "--reuid=$user", "--regid=" . (getpwnam $user)[3],
        '--clear-groups', '--', @command);
}

sub _as_server_user
{
    my (@command) = @_;
    return $> == 0 ? as_user($SERVER_USER, @command) : @command;
}

# ---- life

sub start
{
    my ($class, %arg) = @_;
    my $self = $class->_new;
    $self->_make_cluster('-N', '-A', 'trust', '-U', 'postgres', '--wal-segsize=1', '-E',
        $arg{encoding} || 'UTF8', '--locale=' . ($arg{locale} || 'C.UTF-8'));
    $self->append_configuration(@CONFIGURATION, $self->_addresses,
        @{ $arg{configuration} || [] });
    $self->up;
    return $self;
}

# What initdb makes. Where PG_SAMPLE_TEST_TEMPLATES names a directory, it is made once and
# unpacked from then on: many tests spend more time on this than on what they test.
sub _make_cluster
{
    my ($self, @arguments) = @_;
    my $templates = $ENV{PG_SAMPLE_TEST_TEMPLATES};
    if (!defined $templates) {
        $self->_run_program('initdb', @arguments, '-D', $self->{data});
        return;
    }
    my $archive = join '_', bindir(), @arguments;
    $archive =~ s/[^\w.]+/_/g;
    $archive = "$templates/$archive.tar";
    open my $lock, '>', "$archive.lock" or croak "could not open $archive.lock: $!";
    flock $lock, LOCK_EX or croak "could not lock $archive.lock: $!";
    if (!-e $archive) {
        $self->_run_program('initdb', @arguments, '-D', $self->{data});
        $self->_drop_descriptions;
        _tar('-cf', "$archive.new", '-C', $self->{directory}, 'data');
        rename "$archive.new", $archive or croak "could not rename $archive.new: $!";
        return;
    }
    close $lock or croak "could not unlock $archive.lock: $!";
    _tar('-xf', $archive, '-C', $self->{directory});
    return;
}

# Thousands of comments on what is built in, which each pg_dump would read.
sub _drop_descriptions
{
    my ($self) = @_;
    $self->_run_program('postgres', '--single', '-D', $self->{data}, 'template1',
        { stdin => <<'SQL' });
DELETE FROM pg_description WHERE classoid::regclass::text IN ('pg_proc', 'pg_operator', 'pg_type', 'pg_collation', 'pg_opclass', 'pg_opfamily', 'pg_ts_dict')
VACUUM FULL pg_description
SQL
    return;
}

sub _tar
{
    my (@arguments) = @_;
    system('tar', @arguments) == 0 or croak "tar @arguments failed";
    return;
}

sub start_standby
{
    my ($self, %arg) = @_;
    my $standby = (ref $self)->_new;
    $self->_run_program('pg_basebackup', '-D', $standby->{data}, '-R', '-c', 'fast', '-X',
        'stream', '-d', $self->conninfo('postgres'));
    $standby->append_configuration($standby->_addresses, 'hot_standby = on',
        @{ $arg{configuration} || [] });
    $standby->{primary} = $self;
    $standby->up;
    return $standby;
}

sub _new
{
    my ($class) = @_;
    my $directory = File::Temp::tempdir('pgsXXXXXX', DIR => _short_directory());
    my $self = bless {
        directory => $directory,
        data      => "$directory/data",
        port      => 20_000 + ($$ + 997 * @servers) % 20_000,
        owner     => $$,
    }, $class;
    push @servers, $self;
    chmod 0755, $directory;
    if ($> == 0) {
        my ($uid, $gid) = (getpwnam $SERVER_USER)[2, 3];
        croak "there is no user $SERVER_USER to run the server" if !defined $uid;
        chown $uid, $gid, $directory;
    }
    return $self;
}

# A socket's path may have 107 bytes.
sub _short_directory
{
    my $directory = File::Spec->tmpdir;
    return length $directory > 60 ? '/tmp' : $directory;
}

sub _addresses
{
    my ($self) = @_;
    return ("listen_addresses = ''", "port = $self->{port}",
        "unix_socket_directories = '$self->{directory}'");
}

sub append_configuration
{
    my ($self, @lines) = @_;
    return $self->_append('postgresql.conf', @lines);
}

# Lines that come before the ones that trust everybody; call reload() after.
sub prepend_hba
{
    my ($self, @lines) = @_;
    my $file = "$self->{data}/pg_hba.conf";
    open my $in, '<', $file or croak "could not open $file: $!";
    my @old = <$in>;
    close $in;
    open my $out, '>', $file or croak "could not open $file: $!";
    print {$out} map({ "$_\n" } @lines), @old;
    close $out or croak "could not write $file: $!";
    return;
}

sub _append
{
    my ($self, $name, @lines) = @_;
    open my $file, '>>', "$self->{data}/$name" or croak "could not open $name: $!";
    print {$file} map { "$_\n" } @lines;
    close $file or croak "could not write $name: $!";
    return;
}

sub up
{
    my ($self) = @_;
    $self->_run_program('pg_ctl', '-w', '-t', 60, '-l', $self->log_file, '-D',
        $self->{data}, 'start');
    $self->{is_up} = 1;
    return;
}

# Mode: fast (default), smart or immediate.
sub stop
{
    my ($self, $mode) = @_;
    return if !$self->{is_up};
    $self->disconnect;
    $self->{is_up} = 0;
    $self->_run_program('pg_ctl', '-w', '-t', 60, '-m', $mode || 'fast', '-D',
        $self->{data}, 'stop');
    return;
}

sub restart
{
    my ($self, $mode) = @_;
    $self->stop($mode);
    $self->up;
    return;
}

sub reload
{
    my ($self) = @_;
    $self->_run_program('pg_ctl', '-D', $self->{data}, 'reload');
    return;
}

# Makes a standby a primary.
sub promote
{
    my ($self) = @_;
    $self->_run_program('pg_ctl', '-w', '-t', 60, '-D', $self->{data}, 'promote');
    return;
}

# Stops the server whatever its state, and removes its files.
sub remove
{
    my ($self) = @_;
    return if !$self->{directory} || $self->{owner} != $$;
    $self->disconnect;
    if (-e "$self->{data}/postmaster.pid") {
        PgSample::Test::Process->run(
            command => [
                _as_server_user(program('pg_ctl'), '-w', '-m', 'immediate', '-D',
                    $self->{data}, 'stop')
            ],
            directory => '/'
        );
    }
    system 'rm', '-rf', '--', delete $self->{directory};
    return;
}

# A standby: waits until it has replayed what its primary has written.
sub catch_up
{
    my ($self) = @_;
    my $position = $self->{primary}->database('postgres')
        ->value('SELECT pg_catalog.pg_current_wal_insert_lsn()');
    for (1 .. 600) {
        return if $self->database('postgres')->value(
            "SELECT pg_catalog.pg_last_wal_replay_lsn() >= '$position'") eq 't';
        sleep 0.05;
    }
    croak 'the standby does not catch up';
}

sub _run_program
{
    my ($self, $name, @argument) = @_;
    my %option = @argument && ref $argument[-1] ? %{ pop @argument } : ();
    my $result = PgSample::Test::Process->run(
        command   => [ _as_server_user(program($name), @argument) ],
        directory => '/',
        env       => { LC_ALL => 'C' },
        %option
    );
    return if $result->is_ok;
    croak $result->describe . $self->log_text;
}

# ---- facts

sub host     { return $_[0]{directory} }
sub port     { return $_[0]{port} }
sub data     { return $_[0]{data} }
sub log_file { return "$_[0]{data}/server.log" }

sub is_standby { return defined $_[0]{primary} }

sub log_text
{
    my ($self) = @_;
    open my $file, '<', $self->log_file or return '';
    local $/;
    return <$file> // '';
}

sub conninfo
{
    my ($self, $database, $user) = @_;
    $user = 'postgres' if !defined $user;
    return join ' ', map { _conninfo_pair(@$_) } [ host => $self->host ],
        [ port => $self->port ], [ user => $user ], [ dbname => $database ];
}

sub _conninfo_pair
{
    my ($key, $value) = @_;
    $value =~ s/(['\\])/\\$1/g;
    return "$key='$value'";
}

# What a client needs in its environment, and what must not leak in from ours.
sub environment
{
    my ($self, $user) = @_;
    my %environment = map { $_ => undef } grep { /\APG(?!_)/ } keys %ENV;
    return (
        %environment,
        PGHOST        => $self->host,
        PGPORT        => $self->port,
        PGUSER        => defined $user ? $user : 'postgres',
        PGDATABASE    => undef,
        PGPASSFILE    => $self->host . '/no-passwords',
        PGSERVICEFILE => $self->host . '/no-services',
        LC_ALL        => 'C',
    );
}

# ---- databases and roles

sub database
{
    my ($self, $name, $user) = @_;
    return PgSample::Test::Database->new($self, $name, $user);
}

# As a number: 150018 is 15.18.
sub version
{
    my ($self) = @_;
    return $self->{version} ||= $self->database('postgres')->value('SHOW server_version_num');
}

# Options: template, encoding, locale, owner, name.
sub create_database
{
    my ($self, %arg) = @_;
    my $name = defined $arg{name} ? $arg{name} : $self->_fresh_name('db');
    my $sql = 'CREATE DATABASE ' . quote_identifier($name);
    $sql .= ' OWNER ' . quote_identifier($arg{owner}) if defined $arg{owner};
    # half the time of copying block by block through WAL, which came with version 15
    $sql .= ' STRATEGY file_copy' if $self->version >= 150_000;
    if (defined $arg{encoding}) {
        my $locale = defined $arg{locale} ? $arg{locale} : 'C';
        $sql .= " TEMPLATE template0 ENCODING '$arg{encoding}' LOCALE '$locale'";
    } elsif (defined $arg{template}) {
        my $template = ref $arg{template} ? $arg{template}->name : $arg{template};
        $self->disconnect($template);
        $sql .= ' TEMPLATE ' . quote_identifier($template);
    }
    $self->database('postgres')->sql($sql);
    return $self->database($name);
}

sub drop_database
{
    my ($self, $database) = @_;
    $self->_close_sessions($database->name);
    $self->{restoring}->leave($self->database('postgres'), $database->name)
        if $self->{restoring};
    my $force = $self->version >= 130000 ? ' WITH (FORCE)' : '';
    $self->database('postgres')->sql('DROP DATABASE ' . quote_identifier($database->name) . $force);
    return;
}

# A copy of a database into which the SQL file was loaded once.
sub clone_of_file
{
    my ($self, $file) = @_;
    my $path = Cwd::abs_path($file) or croak "there is no $file";
    if (!$self->{templates}{$path}) {
        my $template = $self->create_database;
        $template->load_file($path);
        $self->{templates}{$path} = $template;
    }
    return $self->create_database(template => $self->{templates}{$path});
}

# A role that can log in; options are SQL, such as 'SUPERUSER' or 'BYPASSRLS'.
sub create_role
{
    my ($self, $name, $options) = @_;
    $name = $self->_fresh_name('role') if !defined $name;
    $self->database('postgres')
        ->sql('CREATE ROLE ' . quote_identifier($name) . ' LOGIN ' . ($options || ''));
    return $name;
}

# The ordinary role that owns the databases which dumps are restored into.
sub restorer
{
    my ($self) = @_;
    $self->{restorer} ||= $self->create_role('ordinary_owner');
    return $self->{restorer};
}

sub _fresh_name { return sprintf '%s_%d_%d', $_[1], $$ % 10_000, ++$n_names }

sub session
{
    my ($self, $database, $user) = @_;
    my $key = defined $user ? "$user\0$database" : "\0$database";
    my $session = $self->{sessions}{$key};
    return $session if $session && $session->is_open;
    return $self->{sessions}{$key} = $self->new_session($database, $user);
}

# One that nobody else has until it is given back, as good as new.
sub borrow_session
{
    my ($self, $database, $user) = @_;
    my $session = pop @{ $self->{idle}{$database}{ $user // '' } || [] };
    return $session && $session->is_open ? $session : $self->new_session($database, $user);
}

sub give_back_session
{
    my ($self, $session, $database, $user) = @_;
    return if !$session->is_open;
    $session->query('DISCARD ALL');
    push @{ $self->{idle}{$database}{ $user // '' } }, $session;
    return;
}

# Another one, which the caller closes.
sub new_session
{
    my ($self, $database, $user) = @_;
    return PgSample::Test::Session->new(conninfo => $self->conninfo($database, $user));
}

# Closes the harness's own connections (to one database).
sub disconnect
{
    my ($self, $database) = @_;
    $self->{restoring}->end
        if $self->{restoring} && (!defined $database || $self->{restoring}->is_in($database));
    return $self->_close_sessions($database);
}

sub _close_sessions
{
    my ($self, $database) = @_;
    for my $key (keys %{ $self->{sessions} || {} }) {
        next if defined $database && $key !~ /\0\Q$database\E\z/;
        my $session = delete $self->{sessions}{$key};
        $session->close;
    }
    for my $name (defined $database ? $database : keys %{ $self->{idle} || {} }) {
        $_->close for map { @$_ } values %{ delete $self->{idle}{$name} || {} };
    }
    return;
}

sub quote_identifier
{
    my ($name) = @_;
    $name =~ s/"/""/g;
    return qq{"$name"};
}

sub quote_literal
{
    my ($text) = @_;
    return 'NULL' if !defined $text;
    my $escape = $text =~ s/\\/\\\\/g ? ' E' : '';
    $text =~ s/'/''/g;
    return "$escape'$text'";
}

# ---- the end, however it comes

sub remove_all
{
    local ($?, $@, $!);
    PgSample::Test::Process::kill_all();
    PgSample::Test::Session::close_all();
    for my $server (reverse @servers) {
        $server->remove if $server->{owner} == $$;
    }
    @servers = ();
    return;
}

$SIG{INT}  = sub { exit 130 };
$SIG{TERM} = sub { exit 143 };
$SIG{HUP}  = sub { exit 129 };
END { remove_all() }

1;

__END__

=head1 NAME

PgSample::Test::Server - a throwaway PostgreSQL server

=head1 SYNOPSIS

    use FindBin;
    use lib "$FindBin::Bin/../lib";
    use PgSample::Test::Server;

    my $server = PgSample::Test::Server->start(configuration => ['work_mem = 1MB']);
    my $source = $server->create_database;
    $source->sql('CREATE TABLE t(id int PRIMARY KEY)');
    my $result = $source->sample('--limit=5');              # runs pg-sample
    my $target = $server->restore($result->stdout);         # as an ordinary role

=head1 DESCRIPTION

C<start> takes 1 second: each test file has a server of its own. It runs as C<postgres> when
the tests run as root. fsync and autovacuum are off; everything else that matters is at its
default. Server and files are removed at the end of the test, also after die, SIGINT, SIGTERM.

Environment: C<PG_BINDIR>, the directory of the server's programs (default: the newest of
/usr/lib/postgresql/*/bin); C<PG_SAMPLE>, the program under test.

=head1 METHODS

=over

=item start(configuration => [lines], encoding => 'UTF8', locale => 'C.UTF-8')

=item start_standby(configuration => [lines]), catch_up, is_standby

A streaming hot standby of this server; C<catch_up> on the standby waits for the replay.

=item stop([mode]), up, restart([mode]), reload, promote, remove

=item append_configuration(lines), prepend_hba(lines)

Not in force before restart() or reload().

=item host, port, data, log_file, log_text, conninfo(database[, user]), environment([user])

=item create_database(template =>, encoding =>, locale =>, owner =>, name =>)

A L<PgSample::Test::Database>. With an encoding the locale is C unless given.

=item database(name[, user]), drop_database(database)

=item clone_of_file(file.sql)

A copy of a database into which the file was loaded once by this test.

=item create_role([name[, options]]), restorer

Names are invented when missing. C<restorer> is the ordinary role that owns the databases
of restore().

=item restore(dump, ...), try_restore(dump, ...)

See L<PgSample::Test::Database>.

=item Functions: program(name), as_user(user, command...), quote_identifier, quote_literal

=back

=cut
