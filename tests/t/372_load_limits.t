# Limits of a load: timeouts, attempts, connections, privileges and advice.

use strict;
use warnings;

use FindBin;
use Test::More;
use Time::HiRes qw(time);
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Load;
use PgSample::Test::Process;
use PgSample::Test::Server;

my $server = PgSample::Test::Server->start;
my $db     = $server->create_database;
my @STAGING = ('--staging=auto', '--staging=always');

sub file
{
    my (@rows) = @_;
    return input_file('t.csv', csv(@rows));
}

sub fill
{
    my ($sql) = @_;
    $db->sql("DROP TABLE IF EXISTS t CASCADE; CREATE TABLE t (id int PRIMARY KEY, v text, dataset text);"
            . " INSERT INTO t SELECT i, 'old', 'a' FROM generate_series(1, 5) i; $sql");
    return;
}

# A trigger that runs this for each statement that writes the table.
sub trigger
{
    my ($body) = @_;
    return "CREATE OR REPLACE FUNCTION public.f() RETURNS trigger LANGUAGE plpgsql AS \$f\$ BEGIN $body; RETURN NULL;"
        . ' END $f$; CREATE TRIGGER f AFTER INSERT OR UPDATE OR DELETE ON t FOR EACH STATEMENT EXECUTE FUNCTION f()';
}

subtest 'settings of the commit' => sub {
    fill('DROP TABLE IF EXISTS seen; CREATE TABLE seen (name text, value text); '
            . trigger("INSERT INTO public.seen SELECT name, setting FROM pg_catalog.pg_settings WHERE name IN"
                . " ('lock_timeout', 'statement_timeout', 'idle_in_transaction_session_timeout', 'row_security',"
                . " 'session_replication_role', 'work_mem')"));
    for my $staging (@STAGING) {
        $db->sql('TRUNCATE seen');
        loads($db, [ $staging, '--lock-timeout=3s', '--transaction-timeout=77s', '--work-mem=5MB',
                file([ 'id', 'v' ], [ 1, $staging ]) ], 'updated 1', $staging);
        my %seen = map { @$_ } @{ $db->rows('SELECT DISTINCT name, value FROM seen') };
        is($seen{lock_timeout}, 3000, "$staging: lock_timeout");
        cmp_ok($seen{statement_timeout}, '<=', 77_000, "$staging: statement_timeout");
        cmp_ok($seen{statement_timeout}, '>', 0, "$staging: it is set");
        cmp_ok($seen{idle_in_transaction_session_timeout}, '>', 0, "$staging: an idle transaction ends");
        is($seen{row_security}, 'off', "$staging: row_security");
        is($seen{session_replication_role}, 'origin', "$staging: triggers are not switched off");
        is($seen{work_mem}, 5 * 1024, "$staging: work_mem");
    }
};

subtest 'a commit without a limit' => sub {
    fill('DROP TABLE IF EXISTS seen; CREATE TABLE seen (name text, value text); '
            . trigger("INSERT INTO public.seen SELECT name, setting FROM pg_catalog.pg_settings WHERE name IN"
                . " ('statement_timeout', 'idle_in_transaction_session_timeout')"));
    # 0 is none, and more than the server takes is as much as it takes
    for my $limit ('0', '2147483647ms') {
        for my $staging (@STAGING) {
            $db->sql('TRUNCATE seen');
            loads($db, [ $staging, "--transaction-timeout=$limit", file([ 'id', 'v' ], [ 1, "$staging $limit" ]) ], 'updated 1',
                "$staging: --transaction-timeout=$limit");
            my %seen = map { @$_ } @{ $db->rows('SELECT DISTINCT name, value FROM seen') };
            cmp_ok($seen{statement_timeout}, '>', 86_400_000, "$staging: more than a day");
            is($seen{idle_in_transaction_session_timeout}, 0, "$staging: also without statements") if $limit eq '0';
        }
    }
};

subtest 'a commit that takes too long' => sub {
    fill(trigger('PERFORM pg_catalog.pg_sleep(20)'));
    for my $staging (@STAGING) {
        my $start = time;
        refuses($db, [ $staging, '--transaction-timeout=300ms', '--max-retries=0', file([ 'id', 'v' ], [ 1, 'new' ]) ],
            [ 3, 6 ], [ qr/statement timeout|transaction.timeout/, qr/--transaction-timeout/ ],
            "$staging: it is said which option to raise");
        cmp_ok(time - $start, '<', 10, "$staging: in time");
    }
};

# Seconds of the day at which the server has cancelled a statement for its lock, since the offset in its log.
sub cancelled_at
{
    my ($offset) = @_;
    my $text = substr $server->log_text, $offset;
    return map { my ($h, $m, $s) = split /:/; ($h * 60 + $m) * 60 + $s }
        $text =~ /^\S+ (\d+:\d+:\d+\.\d+) .*canceling statement due to lock timeout/mg;
}

subtest 'attempts back off' => sub {
    fill('');
    my $holder = other_session($db);
    $holder->query('BEGIN; SELECT FROM t WHERE id = 1 FOR UPDATE');
    for my $retries (0, 4) {
        my $log = length $server->log_text;
        my $result = refuses($db, [ '--lock-timeout=10ms', "--max-retries=$retries", file([ 'id', 'v' ], [ 1, 'n' ]) ],
            7, qr/lock/, "--max-retries=$retries");
        is($result->metrics->{lock}{attempts}, $retries + 1, "--max-retries=$retries: attempts");
        my @at = cancelled_at($log);
        is(scalar(@at), $retries + 1, "--max-retries=$retries: so many have waited");
        cmp_ok(($at[$_] - $at[ $_ - 1 ]) * 1000, '>=', 50 * 2**($_ - 1), "pause $_ is twice the one before, or more")
            for 1 .. $#at;
    }
    $holder->close;
};

# It says so until it is a primary.
subtest 'a server that is starting' => sub {
    fill('');
    my $starting = $server->start_standby(configuration => ['hot_standby = off']);
    my $there = $starting->database($db->name);
    my $rejected = sub { return scalar(() = $starting->log_text =~ /FATAL:  the database system is/g) };
    my $file = file([ 'id', 'v' ], [ 1, 'new' ]);
    my $start = sub {
        return PgSample::Test::Process->start(command => [ load_program(), '-d', $db->name, @_, $file ],
            env => { $starting->environment($db->user) });
    };
    my $n = $rejected->();
    is($start->('--max-retries=0')->wait->status, 2, '--max-retries=0: no connection');
    my $once = $rejected->() - $n;
    is($start->('--max-retries=1')->wait->status, 2, '--max-retries=1: nor the second time');
    cmp_ok($rejected->() - $n - $once, '>', $once, 'which was tried');
    $n = $rejected->();
    my $run = $start->('--max-retries=8');
    wait_until(10, sub { return $rejected->() > $n + $once });
    $starting->promote;
    my $result = $run->wait;
    is($result->status, 0, 'loaded when it has started') or diag $result->describe;
    is($there->value('SELECT v FROM t WHERE id = 1'), 'new', 'the row');
    $starting->remove;
};

subtest 'connection by the environment, and a file of the password' => sub {
    fill('');
    my $role = $server->create_role('guarded', "PASSWORD 'se cret'");
    $db->sql("GRANT ALL ON t TO $role; GRANT ALL ON DATABASE " . $db->name . " TO $role");
    $server->prepend_hba('local all guarded md5');
    $server->reload;
    my $run = sub {
        my ($environment, @argument) = @_;
        return PgSample::Test::Process->run(
            command => [ load_program(), @argument, file([ 'id', 'v' ], [ 1, rand ]) ],
            env => { $server->environment($role), %$environment }
        );
    };
    my $result = $run->({ PGDATABASE => $db->name, PGPASSWORD => 'se cret' });
    is($result->status, 0, 'PGDATABASE and PGPASSWORD') or diag $result->describe;
    $result = $run->({
        map({ $_ => undef } qw(PGHOST PGPORT PGUSER)), DB_HOST => $server->host, DB_PORT => $server->port,
        DB_NAME => $db->name, DB_USER => $role, DB_PASSWORD => 'se cret'
    });
    is($result->status, 0, 'DB_HOST, DB_PORT, DB_NAME, DB_USER and DB_PASSWORD') or diag $result->describe;
    my $secret = input_file('password', "se cret\n");
    chmod 0600, $secret;
    $result = $run->({}, '-d', $db->name, '-w', '--password-file', $secret);
    is($result->status, 0, '--password-file') or diag $result->describe;
    $result = $run->({}, '-d', $db->name, '-w');
    is($result->status, 2, 'no password') or diag $result->describe;
    unlike($result->stderr, qr/se cret/, 'no password is printed');
    $result = $run->({}, '-d', $db->name, '-w', '--password-file', '/nonexistent');
    isnt($result->status, 0, 'no file of the password');
    $db->sql('DROP SCHEMA IF EXISTS _pg_sample_load CASCADE');
};

subtest 'two runs in the same second do not meet' => sub {
    fill('CREATE TABLE IF NOT EXISTS u (LIKE t INCLUDING ALL)');
    my @runs = map { start_load($db, '--staging=always', "$_=" . file([ 'id', 'v' ], [ 7, 'x' ]), { keep => 1 }) }
        ('t', 'u') x 4;
    my @bad = grep { $_->status != 0 } map { $_->finish } @runs;
    is(scalar @bad, 0, 'all succeed') or diag $bad[0]->describe;
    is(join(' ', drop_left($db)), '', 'and leave nothing');
};

subtest 'advice: an index on the column of the slice' => sub {
    fill("INSERT INTO t SELECT i, 'old', 'b' FROM generate_series(6, 20000) i; ANALYZE t");
    my $result = load($db, '--slice=dataset=a', '--max-delete-pct=100', '--staging=always',
        file([ 'id', 'v', 'dataset' ], [ 1, 'x', 'a' ]));
    is($result->status, 0, 'loaded') or diag $result->describe;
    like($result->stderr, qr/CREATE INDEX/, 'is given where there is none');
    fill("INSERT INTO t SELECT i, 'old', 'b' FROM generate_series(6, 20000) i; CREATE INDEX ON t (dataset); ANALYZE t");
    $result = load($db, '--slice=dataset=a', '--max-delete-pct=100', '--staging=always',
        file([ 'id', 'v', 'dataset' ], [ 1, 'x', 'a' ]));
    unlike($result->stderr, qr/CREATE INDEX/, 'and not where there is one');
};

# Another way is taken for a privilege, a full disk, or what a server does not support.
subtest 'only some reasons let a load fall back' => sub {
    my %falls_back = map { $_ => 1 } '42501', '53100', '0A000';
    for my $sqlstate (sort(keys %falls_back), '25006', 'P0001', 'XX000', '53200', '40P01') {
        fill(<<"SQL");
CREATE FUNCTION forbid() RETURNS event_trigger LANGUAGE plpgsql AS \$\$ BEGIN
    IF current_query() ~ '_staging_' THEN
        RAISE EXCEPTION 'this is forbidden here' USING ERRCODE = '$sqlstate';
    END IF;
END \$\$;
CREATE EVENT TRIGGER forbid ON ddl_command_start WHEN TAG IN ('CREATE TABLE AS')
    EXECUTE FUNCTION forbid()
SQL
        my $file = file([ 'id', 'v' ], [ 1, 'new' ]);
        for my $staging (@STAGING) {
            if ($falls_back{$sqlstate}) {
                next if $staging eq '--staging=always';
                my $result = loads($db, [ $staging, $file ], 'updated 1',
                    "SQLSTATE $sqlstate");
                like($result->stderr, qr/Falling back to direct write to (?:public\.)?t table/, "SQLSTATE $sqlstate: falls back");
                $db->sql("UPDATE t SET v = 'old'");
            } else {
                my $result = refuses($db, [ $staging, $file ], 3, qr/this is forbidden here/,
                    "$sqlstate with $staging");
                unlike($result->stderr, qr/Falling back/, "$sqlstate: no fallback");
            }
        }
        $db->sql('DROP EVENT TRIGGER forbid; DROP FUNCTION forbid()');
    }
};

# COPY fails with the values of the domain.
subtest 'a server without space' => sub {
    fill(<<'SQL');
CREATE FUNCTION fill_disk() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full';
END $$;
CREATE DOMAIN large AS text CHECK (VALUE IS NULL OR fill_disk());
ALTER TABLE t ADD w large
SQL
    my $file = file([ 'id', 'v', 'w' ], [ 1, 'new', undef ], [ 2, 'new', 'x' ]);
    for my $staging (@STAGING) {
        my $result = refuses($db, [ $staging, '--max-errors=9', $file ], 3,
            [ qr/error: could not stage rows of public[.]t: .*No space left/, qr/^pg-sample-load: hint: Free space, or load one table at a time/m ],
            "$staging: ends the load");
        unlike($result->stderr, qr/rejected|Falling back/, "$staging: is no bad row, nor a reason to write directly");
    }
    $db->sql('DROP DOMAIN large CASCADE; DROP FUNCTION fill_disk()');
};

subtest 'a standby' => sub {
    fill('');
    my $standby = $server->start_standby;
    $standby->catch_up;
    my $there = $standby->database($db->name);
    my $file  = file([ 'id', 'v' ], [ 1, 'new' ]);
    for my $option (@STAGING, '--no-staging', '--dry-run', '--stage-only') {
        my $result = load($there, $option, $file);
        is($result->status, 3, "$option: exit status 3") or diag $result->describe;
        is($result->stderr, "pg-sample-load: error: cannot load into a standby server\n",
            "$option: one line");
    }
    $standby->remove;
};

# With a limit on the size of files, in blocks of 512 bytes.
sub load_limited
{
    my (@argument) = @_;
    return PgSample::Test::Process->start(
        command => [ 'sh', '-c', 'ulimit -f 2 && exec "$@"', 'sh',
            PgSample::Test::Load::load_program(), '-d', $db->name, @argument ],
        env      => { $server->environment($db->user) },
        database => $db,
        timeout  => 60
    )->wait;
}

subtest 'files that may not grow' => sub {
    fill('');
    my @bad = map { [ "x$_", 'a bad row' ] } 1 .. 5000;
    my $before = content($db, 't');
    my $many = input_file('t.csv', csv([ 'id', 'v' ], @bad));
    my $few = input_file('few.csv', csv([ 'id', 'v' ], [ 77, 'new' ], @bad[ 0 .. 30 ]));
    my $rejected = input_path('rejected.csv');
    for my $try ([ '--max-errors=100%', $many ], [ '--max-errors=100%', '-j2', "t=$many" ],
        [ '--max-errors=50', "--rejects-file=$rejected", "t=$few" ])
    {
        my $result = load_limited(@$try);
        is($result->status, 4, "exit status 4: @$try") or diag $result->describe;
        like($result->stderr, qr/could not write .*: File too large$/m, 'and the cause');
        is(content($db, 't'), $before, 'nothing is loaded');
        is_deeply([ drop_left($db) ], [], 'nothing is left on the server');
    }
};

done_testing;
