# Passwords reach pg_dump from wherever they come, and are seen nowhere.

use strict;
use warnings;

use File::Basename qw(basename);
use File::Temp ();
use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Faults;
use PgSample::Test::Process;
use PgSample::Test::Server;

my $server    = PgSample::Test::Server->start;
my $directory = File::Temp->newdir;
my $password  = q{s3cret'"\\ #:=%@/&?ö};
my $role      = $server->create_role('careful');
my $db        = $server->create_database(owner => $role);
$server->database('postgres')->sql(
    "ALTER ROLE careful PASSWORD " . PgSample::Test::Server::quote_literal($password));
$server->prepend_hba('local all careful scram-sha-256');
$server->reload;
$db->sql(<<'SQL');
CREATE TABLE parent (id int PRIMARY KEY);
INSERT INTO parent SELECT generate_series(1, 100);
CREATE TABLE child (id int PRIMARY KEY, parent int REFERENCES parent);
INSERT INTO child SELECT i, i FROM generate_series(1, 100) i;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO careful;
SQL

# By role, since the connection string may set application_name.
my $N_WAITING = "SELECT count(*) FROM pg_stat_activity
    WHERE usename = 'careful' AND wait_event_type = 'Lock'";

my ($host, $port, $name) = ($server->host, $server->port, $db->name);

sub write_file
{
    my ($path, $text, $mode) = @_;
    open my $handle, '>', $path or die "could not write $path: $!";
    print {$handle} $text;
    close $handle or die "could not write $path: $!";
    chmod $mode || 0600, $path or die "could not chmod $path: $!";
    return $path;
}

sub in_uri   { return $_[0] =~ s/([^A-Za-z0-9])/sprintf '%%%02X', ord $1/ger }
sub in_conninfo { return "'" . ($_[0] =~ s/(['\\])/\\$1/gr) . "'" }
sub in_passfile { return $_[0] =~ s/([:\\])/\\$1/gr }

mkdir "$directory/home";
write_file("$directory/home/.pgpass", "*:*:*:careful:" . in_passfile($password) . "\n");
my $passfile = write_file("$directory/passfile",
    "$host:$port:$name:careful:" . in_passfile($password) . "\n");
my $services = write_file("$directory/services", <<"INI");
[shop]
host=$host
port=$port
user=careful
dbname=$name
password=$password
keepalives_idle=33
options=-c work_mem=2MB

[no_password]
host=$host
port=$port
user=careful
dbname=$name
INI
my $uri = 'postgresql://careful:' . in_uri($password) . "@/$name?host=$host&port=$port";

# Arguments and environment; nothing of the connection is set but by them.
my %WAY = (
    'PGPASSWORD'                => [ [$name], { PGPASSWORD => $password } ],
    '~/.pgpass'                 => [
        [$name], { HOME => "$directory/home", PGPASSFILE => undef }
    ],
    'PGPASSFILE'                => [ [$name], { PGPASSFILE => $passfile } ],
    'passfile in the connection string' => [ ["dbname=$name passfile=$passfile"], {} ],
    'password in the connection string' => [
        [ "dbname=$name password=" . in_conninfo($password) ], {}
    ],
    'a URI'                     => [ [$uri], {} ],
    'a URI with other settings' => [
        ["$uri&keepalives_idle=33&tcp_user_timeout=90000&application_name=other"], {}
    ],
    'PGSERVICE'                 => [
        [],
        {
            PGSERVICE => 'shop', PGSERVICEFILE => $services, PGHOST => undef,
            PGPORT => undef, PGUSER => undef
        }
    ],
    'a service in the connection string' => [
        ['service=shop'],
        { PGSERVICEFILE => $services, PGHOST => undef, PGPORT => undef, PGUSER => undef }
    ],
    'a service without and PGPASSWORD' => [
        ['service=no_password'], { PGSERVICEFILE => $services, PGPASSWORD => $password }
    ],
    'several hosts'             => [
        [ '-h', "/nonexistent,$host", '-p', "1,$port", $name ], { PGPASSWORD => $password }
    ],
);

sub start
{
    my ($way, @argument) = @_;
    my ($connection, $environment) = @{ $WAY{$way} };
    return $db->as('careful')->start_sample(@argument, @$connection,
        { no_database => 1, env => { %$environment } });
}

# Command lines of all processes but one.
sub command_lines
{
    my ($own_pid) = @_;
    my %lines;
    for my $path (glob '/proc/[0-9]*/cmdline') {
        my ($pid) = $path =~ m{/proc/(\d+)/};
        next if $pid == $own_pid;
        open my $handle, '<', $path or next;
        local $/;
        $lines{$pid} = <$handle>;
    }
    return grep { defined } values %lines;
}

sub hides
{
    my ($text, $name) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my @found = grep { index($text, $_) >= 0 } 's3cret', in_uri($password);
    is("@found", '', $name);
    return;
}

for my $way (sort keys %WAY) {
    subtest $way => sub {
        # it is made to wait, so that it can be looked at
        my $holder = hold_pg_dump($db);
        my $report = "$directory/report.json";
        my $process = start($way, '-v', "--report=$report",
            '--limit=child = 5 where id > 10, 0');
        my $waits = wait_until(20,
            sub { return !$process->is_running || $db->value($N_WAITING) });
        my $pg_dump = find_descendant($process->pid, 'pg_dump');
        ok($waits && $pg_dump, 'pg_dump gets in');
        hides(join("\n", command_lines($process->pid)), 'no command line tells the password');
        $holder->close;
        my $result = $process->wait;
        is($result->status, 0, 'the run succeeds') or diag $result->describe;
        hides($result->stderr, 'messages do not tell it');
        hides($result->stdout, 'nor the dump');
        open my $handle, '<', $report or die "could not open $report: $!";
        hides(do { local $/; <$handle> }, 'nor the report');
        my ($target, $restored) = $server->try_restore($result->stdout);
        is($restored->status, 0, 'the dump restores') or diag $restored->stderr;
        is($target->value('SELECT count(*) FROM child'), 5, 'with its rows');
    };
}

subtest 'a password that is wrong or missing' => sub {
    my $as = $db->as('careful');
    my $wrong = $as->sample({ env => { PGPASSWORD => 'wr0ng' } });
    ends_with($wrong, 2, qr/password authentication failed/, 'a wrong one');
    unlike($wrong->stderr, qr/wr0ng/, 'is not told');
    ends_with($as->sample('-w'), 2, qr/no password supplied/, 'none, and -w');
    $wrong = $as->sample("postgresql://careful:wr0ng@/$name?host=$host&port=$port",
        { no_database => 1 });
    ends_with($wrong, 2, qr/password authentication failed/, 'a wrong one in a URI');
    unlike($wrong->stderr, qr/wr0ng/, 'is not told');
};

# Without a terminal of its own a program asks standard input.
sub start_alone
{
    my ($stdin, @argument) = @_;
    return PgSample::Test::Process->start(
        command => [ 'setsid', '-w', PgSample::Test::Database::program(), @argument, $name ],
        stdin   => $stdin,
        env     => { $server->environment('careful') }
    );
}

subtest 'a password that is asked for' => sub {
    for my $options ([], ['-W']) {
        my $result = start_alone("$password\n", @$options)->wait;
        is($result->status, 0, "@$options: read from standard input") or diag $result->stderr;
        like($result->stderr, qr/Password for user careful: /, 'after a prompt')
            if !@$options;
        hides($result->stderr, 'which does not tell it');
    }
    ends_with(start_alone('')->wait(15), 2, qr/could not read a password.*hint: /s,
        'nobody answers');
    pipe my $reader, my $writer or die "could not create a pipe: $!";
    my $process = start_alone($reader);
    ok(wait_until(10, sub { $process->stderr_so_far =~ /Password/ }), 'it asks and waits');
    my $asking =
        find_descendant($process->pid, basename(PgSample::Test::Database::program()));
    ok($asking && kill('INT', $asking), 'it gets SIGINT');
    is($process->wait(15)->status, 130, 'SIGINT ends the waiting');
    close $writer;

    SKIP: {
        skip 'there is no script(1)', 3 if system('script -qec true /dev/null >/dev/null 2>&1');
        my $program = PgSample::Test::Database::program();
        # the terminal passes on what comes before the prompt, so the prompt comes first
        my $typed = PgSample::Test::Process->start(
            command => [
                'sh', '-c',
                '{ while ! grep -qs Password "$0"; do sleep 0.02; done; printf "%s\r" "$1"; }'
                    . ' | script -qefc "$2" "$0"',
                "$directory/terminal", $password, "'$program' -W -s '$name' >$directory/out.sql"
            ],
            env => { $server->environment('careful') }
        );
        my $result = $typed->wait(20);
        is($result->status, 0, 'typed at a terminal') or diag $result->describe;
        like($result->stdout, qr/Password/, 'which shows the prompt');
        hides($result->stdout, 'and not the password');
    }
};

hides($server->log_text, 'the log of the server does not tell it');

done_testing;
