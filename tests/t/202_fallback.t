# Where staging is not possible, or fails in its own machinery, direct mode takes over: with
# one warning, with the same bytes, on the same snapshot. --keep, --verify-only and --force
# stop instead.

use strict;
use warnings;

use File::Temp ();
use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Faults;
use PgSample::Test::Server;
use PgSample::Test::Session;
use PgSample::Test::Staging;

# A mount namespace of our own: what we mount goes with us, however we end.
if (!$ENV{PG_SAMPLE_TEST_NAMESPACE} && !system 'unshare -m true 2>/dev/null') {
    local $ENV{PG_SAMPLE_TEST_NAMESPACE} = 1;
    exec 'unshare', '-m', $^X, map({ "-I$_" } grep { !ref } @INC), $0, @ARGV
        or die "could not run unshare: $!\n";
}

my $server    = PgSample::Test::Server->start;
my $directory = File::Temp->newdir;
my $file      = "$directory/sample.sql";

my $SCHEMA = <<'SQL';
CREATE TABLE a (id int PRIMARY KEY, v text);
CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES a);
CREATE TABLE c (id int PRIMARY KEY, b int REFERENCES b, a int REFERENCES a);
CREATE TABLE d (id int PRIMARY KEY, c int REFERENCES c, d int REFERENCES d);
CREATE TABLE e (id int PRIMARY KEY, d int REFERENCES d);
INSERT INTO a SELECT i, 'v' || i FROM generate_series(1, 200) i;
INSERT INTO b SELECT i, 201 - i FROM generate_series(1, 200) i;
INSERT INTO c SELECT i, 1 + i * 7 % 200, 1 + i * 3 % 200 FROM generate_series(1, 200) i;
INSERT INTO d SELECT i, 1 + i * 11 % 200, nullif(i - 1, 0) FROM generate_series(1, 200) i;
INSERT INTO e SELECT i, 1 + i * 13 % 200 FROM generate_series(1, 200) i;
SQL

my @LIMIT = ('--limit=e = 20, 3');
my @ROWS  = (@LIMIT, '--data-only'); # where one of the kind has the definitions as well

sub new_source
{
    my ($sql, %option) = @_;
    my $source = $server->create_database(%option);
    $source->sql($SCHEMA . ($sql || ''));
    return $source;
}

# Runs in staging mode, which must fall back; then with options that must not.
sub falls_back_or_stops
{
    my ($db, $reason, $name, %option) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my @argument = (@{ $option{arguments} || \@LIMIT }, $option{is_brief} ? '--data-only' : ());
    my $expected = $option{expected};
    if (!defined $expected) {
        my $direct = $db->sample('--no-staging', @argument);
        is($direct->status, 0, "$name: direct mode") or diag $direct->stderr;
        $expected = $direct->stdout;
    }
    falls_back($db, $db->sample('--use-staging', @argument), $reason, $expected, $name);
    if ($option{is_unfit}) {
        my $rows = $db->sample('--no-staging', @argument, '--data-only');
        is($rows->status, 0, "$name: direct mode, rows") or diag $rows->stderr;
        is_no_surprise($db, $reason, $rows->stdout, "$name, staging mode by itself", @argument,
            '--data-only');
    } elsif (!$option{is_brief}) {
        falls_back($db, $db->sample('--staging-tables=1', @argument), $reason, $expected,
            "$name, staging mode by itself");
    }
    my @modes = ([ '--keep' ], [ '--verify-only' ], [ '--force' ]);
    for my $mode ($option{is_brief} ? $modes[0] : @modes) {
        stops($db, $reason, "$name: @$mode", @$mode, @argument,
            $option{is_brief} || $mode == $modes[0] ? () : '--data-only');
    }
    return;
}

# Where nobody asked for staging only -v says that a role or a server is not fit for it.
sub is_no_surprise
{
    my ($db, $reason, $expected, $name, @argument) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $result = $db->sample('--staging-tables=1', @argument);
    is($result->status, 0, $name) or diag $result->stderr;
    same_bytes($result->stdout, $expected, "$name: the dump is that of direct mode");
    unlike($result->stderr, qr/staging|direct/, "$name: nothing is told");
    like($db->sample('--staging-tables=1', '-v', @argument)->stderr,
        qr/^pg-sample: staging is not possible, direct mode is used instead: .*$reason/m,
        "$name: but with -v");
    return;
}

sub stops
{
    my ($db, $reason, $name, @argument) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my @file = grep({ $_ eq '--verify-only' } @argument) ? () : ('-f', $file);
    my $process = $db->start_sample(@argument, @file);
    my $result = $process->wait;
    ends_with($result, 3, $reason, "$name: exit status 3, with the reason");
    ok($result->stdout eq '', "$name: nothing is written");
    unlike($result->stderr, qr/direct mode is used/, "$name: no fallback");
    nothing_is_left($db->server, $process, $file, "$name: nothing is left");
    return;
}

subtest 'a role with SELECT alone' => sub {
    my $source = new_source();
    my $reader = $server->create_role('reader');
    $source->sql("GRANT SELECT ON ALL TABLES IN SCHEMA public TO $reader");
    my $name = $source->name;
    falls_back_or_stops($source->as($reader), qr/no CREATE privilege on database "$name"/,
        'SELECT alone', is_unfit => 1);
};

subtest 'read-only transactions' => sub {
    my $reason = qr/transactions are read-only by default/;
    my $owner  = $server->create_role('owner_of_database');
    my $source = new_source(undef, owner => $owner);
    $source->sql("GRANT SELECT ON ALL TABLES IN SCHEMA public TO $owner");
    my $name = $source->name;
    $source->sql("ALTER ROLE $owner SET default_transaction_read_only = on");
    falls_back_or_stops($source->as($owner), $reason, 'by ALTER ROLE', is_unfit => 1);
    $source->sql("ALTER ROLE $owner RESET ALL;
        ALTER DATABASE \"$name\" SET default_transaction_read_only = on");
    falls_back_or_stops($source->as($owner), $reason, 'by ALTER DATABASE', is_unfit => 1);
};

subtest 'a standby' => sub {
    my $source = new_source();
    my $expected = $source->sample('--no-staging', @LIMIT)->stdout;
    my $standby = $server->start_standby;
    $standby->catch_up;
    falls_back_or_stops($standby->database($source->name), qr/the server is a standby/,
        'a standby', expected => $expected, is_unfit => 1);
    $standby->remove;
};

# ---- failures in the middle

# Forbids a command in the staging schema when it has so many tables.
sub forbid
{
    my ($tag, $n) = @_;
    return <<"SQL";
CREATE FUNCTION forbid() RETURNS event_trigger LANGUAGE plpgsql AS \$\$ BEGIN
    IF (SELECT count(*) FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace
         WHERE n.nspname = '_pg_sample' AND relkind = 'r') >= $n THEN
        RAISE EXCEPTION 'this is forbidden here';
    END IF;
END \$\$;
CREATE EVENT TRIGGER forbid ON ddl_command_end WHEN TAG IN ('$tag')
    EXECUTE FUNCTION forbid();
SQL
}

subtest 'a command that fails' => sub {
    for my $command ([ 'CREATE SCHEMA', 0 ], map({ [ 'CREATE TABLE', $_ ] } 1, 2, 4, 6),
        [ 'COMMENT', 0 ], [ 'COMMENT', 3 ])
    {
        my ($tag, $n) = @$command;
        my $source = new_source(forbid($tag, $n));
        falls_back_or_stops($source, qr/this is forbidden here/, "$tag number $n",
            is_brief => $n != 2);
    }
};

# Only for reasons that are known: privileges, read-only servers, resources, limits, locks,
# disks, event triggers that forbid it.
subtest 'an error that is no reason' => sub {
    my %falls_back = (P0001 => 1, '42501' => 1, '53200' => 1, '54011' => 1);
    for my $sqlstate ('P0001', '42501', '53200', '54011', 'XX000', '22012', '40P01', '42704')
    {
        my $sql = forbid('CREATE TABLE', 4);
        $sql =~ s/(is forbidden here')/$1 USING ERRCODE = '$sqlstate'/;
        my $source = new_source($sql);
        if ($falls_back{$sqlstate}) {
            falls_back($source, $source->sample('--use-staging', @ROWS),
                qr/this is forbidden here/, $source->sample('--no-staging', @ROWS)->stdout,
                "SQLSTATE $sqlstate");
        } else {
            stops($source, qr/this is forbidden here/, "SQLSTATE $sqlstate", $_, @ROWS)
                for '--use-staging', '--staging-tables=1';
            no_schema_is_left($source);
        }
    }
};

subtest 'a full disk' => sub {
    my $small = "$directory/small";
    mkdir $small;
    plan skip_all => 'mounting a file system is not allowed'
        if !$ENV{PG_SAMPLE_TEST_NAMESPACE}
        || system "mount -t tmpfs -o size=1m,mode=0777 none $small 2>/dev/null";
    chmod 0755, $directory;
    chown((stat $server->data)[ 4, 5 ], $small) if $> == 0;
    my $owner = $server->create_role('owner_on_small_disk');
    $server->database('postgres')->sql("CREATE TABLESPACE small LOCATION '$small';
        GRANT CREATE ON TABLESPACE small TO $owner;
        ALTER ROLE $owner SET default_tablespace = small");
    my $source = new_source(<<'SQL', owner => $owner);
CREATE TABLE large (id int PRIMARY KEY, e int REFERENCES e, v text);
INSERT INTO large SELECT i, i, (SELECT string_agg(md5(i || ' ' || j), '')
    FROM generate_series(1, 600) j) FROM generate_series(1, 200) i;
SQL
    $source->sql("GRANT SELECT ON ALL TABLES IN SCHEMA public TO $owner");
    falls_back_or_stops($source->as($owner), qr/No space left on device/, 'a full disk',
        arguments => ['--limit=large = *, 3']);
    my $fits = $source->as($owner)->sample('--use-staging', '--limit=large = 1, a = 2, 0');
    is($fits->status, 0, 'a sample that fits') or diag $fits->stderr;
    unlike($fits->stderr, qr/direct mode/, 'is taken in staging mode');
    $server->drop_database($source);
    $server->database('postgres')->sql('DROP TABLESPACE small');
    is(system('umount', $small), 0, 'the disk is taken away');
};

subtest 'more columns than a table may have' => sub {
    my $columns = join ', ', map { "c$_ int" } 2 .. 1600;
    my $source = new_source(<<"SQL");
CREATE TABLE wide (id int PRIMARY KEY, $columns);
INSERT INTO wide (id) SELECT generate_series(1, 5);
SQL
    falls_back_or_stops($source, qr/tables can have at most 1600 columns/, '1,600 columns');
};

subtest 'types that may not be used' => sub {
    my $owner  = $server->create_role('owner_without_types');
    my $source = new_source(<<"SQL", owner => $owner);
CREATE TYPE mood AS ENUM ('sad', 'happy');
CREATE TABLE typed (id int PRIMARY KEY, mood mood);
INSERT INTO typed VALUES (1, 'sad'), (2, 'happy');
REVOKE USAGE ON TYPE mood FROM PUBLIC;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO $owner;
SQL
    falls_back_or_stops($source->as($owner), qr/permission denied for type/, 'a type');
};

my $TOO_WIDE = do {
    my $columns = join ', ', map { "c$_ bigint" } 2 .. 1016;
    my $values  = join ', ', map { 'i' } 2 .. 1016;
    <<"SQL";
CREATE TABLE wide (id bigint PRIMARY KEY, $columns);
INSERT INTO wide SELECT i, $values FROM generate_series(1, 5) i;
SQL
};

subtest 'rows that leave no room' => sub {
    falls_back_or_stops(new_source($TOO_WIDE), qr/row is too big/, 'a wide row');
};

subtest 'the snapshot is the same' => sub {
    my $source = new_source($TOO_WIDE);
    my @argument = (held('a', 'id < 5'), '--limit=2');
    my $expected = $source->sample('--no-staging', @argument)->stdout;
    my $holder = hold($source);
    my $process = $source->start_sample('--use-staging', @argument);
    ok(wait_for_session($server, "wait_event = 'advisory'"), 'a run reads');
    # the tables of others are changed while it waits, whichever mode it is in then
    $source->sql("UPDATE $_ SET id = 100000 + id WHERE id < 50") for 'e', 'wide';
    $source->sql('DELETE FROM e WHERE id < 100');
    $holder->close;
    falls_back($source, $process->wait, qr/row is too big/, $expected,
        'a fallback while others write');
};

# ---- others in the way

sub other_session
{
    my ($source) = @_;
    return PgSample::Test::Session->new(conninfo => $source->conninfo);
}

subtest 'ALTER TABLE queues behind our locks' => sub {
    my $source = new_source();
    my @argument = (held('e', 'id < 20'), '--limit=3');
    my $expected = $source->sample('--no-staging', @argument)->stdout;
    for my $table ('a', 'c', 'e') {
        my $holder = hold($source);
        my $process =
            $source->start_sample('--use-staging', '--lock-timeout=2', @argument);
        ok(wait_for_session($server, "wait_event = 'advisory'"), 'a run reads');
        ok(wait_until(20, sub { !find_descendant($process->pid, 'pg_dump') }),
            'its pg_dump has ended');
        my $alter = other_session($source);
        $alter->begin("ALTER TABLE $table ADD later int");
        ok(wait_until(20, sub { $source->value('SELECT count(*) FROM pg_locks
            WHERE NOT granted') > 0 }), "ALTER TABLE $table waits for it");
        $holder->close;
        my $result = $process->wait(60);
        is($result->status, 0, 'the run neither waits for ever nor fails')
            or diag $result->describe;
        same_bytes($result->stdout, $expected, 'the dump is that of direct mode');
        my $n_warnings = () = $result->stderr =~ /warning:/g;
        cmp_ok($n_warnings, '<=', 1, 'with one warning at most') or diag $result->stderr;
        $alter->finish;
        $alter->close;
        nothing_is_left($server, $process, undef, 'nothing is left');
        $source = new_source();
        $expected = $source->sample('--no-staging', @argument)->stdout;
    }
};

# Who may open so many connections needs no more for direct mode.
subtest 'no room for further connections' => sub {
    my $owner  = $server->create_role('owner_of_few_connections');
    my $source = new_source(undef, owner => $owner);
    $source->sql("GRANT SELECT ON ALL TABLES IN SCHEMA public TO $owner");
    my $expected = $source->sample('--no-staging', @LIMIT)->stdout;
    my $mine = $source->as($owner);
    for my $n (2 .. 5) {
        $source->sql("ALTER ROLE $owner CONNECTION LIMIT $n");
        # the server counts sessions that are about to end
        wait_until(5, sub { !sessions_of($server) });
        my $direct = $mine->sample('--no-staging', @LIMIT);
        is($direct->status, 0, "$n connections are enough for direct mode")
            or diag $direct->stderr;
        wait_until(5, sub { !sessions_of($server) });
        my $result = $mine->sample('--use-staging', @LIMIT);
        if ($n == 2) {
            falls_back($source, $result, qr/connection/, $expected,
                "$n connections");
            wait_until(5, sub { !sessions_of($server) });
            stops($mine, qr/connection/, "$n connections: --keep", '--keep',
                @LIMIT);
        } else {
            is($result->status, 0, "$n connections: a sample is taken")
                or diag $result->describe;
            same_bytes($result->stdout, $expected, 'the same dump');
            no_schema_is_left($source);
        }
    }
};

done_testing;
