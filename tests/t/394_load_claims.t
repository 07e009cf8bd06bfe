# What a load claims of itself, counted and not timed: the locks of its phases, its
# transactions, statements and connections, what its numbers of seconds contain, its defaults.

use strict;
use warnings;

use FindBin;
use List::Util qw(sum);
use Test::More;
use Time::HiRes qw(sleep);
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Load;
use PgSample::Test::Server;

my $server = PgSample::Test::Server->start;
my $db     = $server->create_database;
my @STAGING = ('--staging=auto', '--staging=always');

$server->database('postgres')->sql('ALTER DATABASE ' . $db->name . " SET log_statement = 'mod'");
$db->sql(<<'SQL');
CREATE FUNCTION hold() RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN PERFORM pg_catalog.pg_advisory_xact_lock_shared(4711); RETURN true; END $$;
SQL

sub file
{
    my ($name, @rows) = @_;
    return "$name=" . input_file("$name.csv", csv(@rows));
}

# A table of rows 1 to 9 with this key, and a file that changes 1, lacks 9 and has 10.
sub fill
{
    my ($key) = @_;
    $db->sql("DROP TABLE IF EXISTS t CASCADE; CREATE TABLE t (id int $key, v varchar(9) DEFAULT 'd' CHECK (v <> ''));"
            . " INSERT INTO t SELECT i, 'old' FROM generate_series(1, 9) i");
    return file('t', [ 'id', 'v' ], [ 1, 'new' ], map({ [ $_, 'old' ] } 2 .. 8), [ 10, 'new' ]);
}

my @FULL = ('--mode=full', '--max-delete-pct=100');

# ---- locks

# EXCLUSIVE stands in the way of all locks but ACCESS SHARE.
subtest 'before the commit ACCESS SHARE is enough' => sub {
    for my $options (['--staging=auto'], ['--staging=always'], [ '--staging=always', '--jobs=2' ],
        map { [ '--staging=always', "--apply=$_" ] } 'delete-insert', 'truncate', 'swap')
    {
        my $name = "@$options";
        my $file = fill('PRIMARY KEY');
        my $holder = other_session($db);
        $holder->query('BEGIN; LOCK TABLE t IN EXCLUSIVE MODE');
        my $run = start_load($db, @$options, @FULL, '--lock-timeout=50s', $file);
        ok(ref wait_for_step($run, 'commit', lock => 1), "$name: it stages, checks and compares beside EXCLUSIVE");
        if ($name =~ /always/) {
            my ($staged) = grep { /_staging_/ } left_tables($db);
            my $shape = sub {
                return $db->value("SELECT string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' ORDER BY attnum)"
                        . " FROM pg_attribute WHERE attrelid = '$_[0]'::regclass AND attnum > 0 AND attname !~ '^_pg_sample_load_'");
            };
            my $relation = "_pg_sample_load.$staged";
            is($shape->($relation), $shape->('t'), "$name: the staging table has the columns of the target");
            is($db->value("SELECT count(*) FROM pg_constraint WHERE conrelid = '$relation'::regclass"), 0,
                "$name: no constraints");
            is($db->value("SELECT count(*) FROM pg_attribute WHERE attrelid = '$relation'::regclass"
                        . " AND attnum > 0 AND (attnotnull OR atthasdef) AND attname !~ '^_pg_sample_load_'"), 0, "$name: and no defaults");
            is($db->value("SELECT count(*) FROM $relation"), 9, "$name: and the records");
        }
        $holder->close;
        is($run->finish->status, 0, "$name: it goes on");
    }
};

my @MODES = map { "${_}Lock" } qw(AccessShare RowShare RowExclusive ShareUpdateExclusive Share ShareRowExclusive
    Exclusive AccessExclusive); # from the weakest one

# Writers of other rows are blocked where nothing else would do, and readers by truncate only.
subtest 'locks of the commit' => sub {
    my @cases = (
        [ 'PRIMARY KEY', ['--staging=auto'], 'RowExclusiveLock' ],
        [ 'PRIMARY KEY', ['--staging=always'], 'RowExclusiveLock' ],
        [ 'PRIMARY KEY', [ '--staging=always', '--apply=delete-insert' ], 'RowExclusiveLock' ],
        [ 'PRIMARY KEY', ['--no-staging'], 'RowExclusiveLock' ],
        # nothing else keeps others from inserting the same key
        [ '', [ '--staging=always', '--natural-key=id' ], 'ShareRowExclusiveLock' ],
        # while the new table is filled
        [ 'PRIMARY KEY', [ '--staging=always', '--apply=swap' ], 'ShareRowExclusiveLock' ],
        [ 'PRIMARY KEY', [ '--staging=always', '--apply=truncate' ], 'AccessExclusiveLock' ],
    );
    for my $case (@cases) {
        my ($key, $options, $expected) = @$case;
        my $name = "@$options";
        my $file = fill($key);
        $db->sql('ALTER TABLE t ADD held boolean DEFAULT hold()'); # rows are inserted last
        my $holder = hold_advisory($db);
        my $run = start_load($db, @$options, @FULL, '--lock-timeout=50s', $file);
        my $session = wait_for_step($run, 'commit', lock => 1);
        ok(ref $session, "$name: it inserts") or diag $run->process->stderr_so_far;
        my %has = map { $_ => 1 } @{ $db->column("SELECT mode FROM pg_locks WHERE relation = 't'::regclass"
                . " AND pid = $session->{pid}") };
        is((grep { $has{$_} } @MODES)[-1], $expected, "$name: the strongest lock of the table");
        my $is_exclusive = $expected =~ /Access/;
        my $reader = other_session($db);
        $reader->query("SET lock_timeout = '" . ($is_exclusive ? '50ms' : '20s') . "'");
        my $seen = eval { $reader->query("SELECT string_agg(id || v, ' ' ORDER BY id) FROM t WHERE id IN (1, 9, 10)")->[0][0] };
        is($seen, $is_exclusive ? undef : '1old 9old', "$name: what a reader sees");
        $reader->close;
        $holder->close;
        my $result = $run->finish;
        is($result->status, 0, "$name: loaded") or diag $result->describe;
        my $lock = $result->metrics->{lock};
        cmp_ok($lock->{row_ms}, '>', 0, "$name: row locks are measured");
        cmp_ok($lock->{exclusive_ms}, $name =~ /truncate|swap/ ? '>' : '==', 0, "$name: and the lock-out of readers");
    }
};

# ---- transactions and statements

subtest 'one transaction, one statement for each kind of change' => sub {
    for my $options (['--staging=auto'], ['--staging=always'], [ '--staging=always', '--jobs=2' ],
        [ '--staging=always', '--apply=delete-insert' ], ['--no-staging'])
    {
        my $name = "@$options";
        $db->sql(<<'SQL');
DROP TABLE IF EXISTS a, b, seen CASCADE;
CREATE TABLE a (id int PRIMARY KEY, v text);
CREATE TABLE b (id int PRIMARY KEY, a int NOT NULL REFERENCES a, v text);
CREATE TABLE seen (what text, xid bigint);
INSERT INTO a SELECT i, 'old' FROM generate_series(1, 2000) i;
INSERT INTO b SELECT i, i, 'old' FROM generate_series(1, 2000) i;
CREATE OR REPLACE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN INSERT INTO public.seen VALUES (TG_TABLE_NAME || ' ' || TG_OP, txid_current()); RETURN NULL; END $$;
CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON a FOR EACH STATEMENT EXECUTE FUNCTION note();
CREATE TRIGGER note AFTER INSERT OR UPDATE OR DELETE ON b FOR EACH STATEMENT EXECUTE FUNCTION note();
SQL
        my @rows = (1001 .. 3000);
        my $result = load($db, @$options, @FULL, file('a', [ 'id', 'v' ], map { [ $_, 'new' ] } @rows),
            file('b', [ 'id', 'a', 'v' ], map { [ $_, $_, 'new' ] } @rows));
        is($result->status, 0, "$name: loaded") or diag $result->describe;
        is($db->value("SELECT count(DISTINCT xid) FROM seen"), 1, "$name: one transaction for all tables");
        is($db->value(q{SELECT count(DISTINCT what) FROM seen WHERE what ~ ' (?:DELETE|INSERT)'}), 4, "$name: of deletes and inserts");
        my $twice = join ', ', @{ $db->column('SELECT what FROM seen GROUP BY what HAVING count(*) > 1 ORDER BY 1') };
        is($twice, '', "$name: no statement is repeated") if $name !~ /no-staging/;
        # the row that says that it was committed
        is($db->value("SELECT (SELECT xmin FROM _pg_sample_load.run WHERE run_id = '$result->{metrics}{run_id}')"
                    . ' = (SELECT DISTINCT xid::text::xid FROM seen)'), 't', "$name: the run is recorded in it")
            if $name =~ /always/;
    }
};

sub count_copies
{
    my ($offset) = @_;
    return scalar(() = substr($server->log_text, $offset) =~ /statement: COPY .*_staging_.* FROM STDIN/g);
}

subtest 'rows are sent by COPY, --batch-size at a time' => sub {
    for my $case ([ [], 1 ], [ ['--batch-size=1000'], 1 ], [ ['--batch-size=100'], 10 ], [ ['--batch-size=300'], 4 ]) {
        my ($options, $n) = @$case;
        $db->sql('DROP TABLE IF EXISTS t CASCADE; CREATE TABLE t (id int PRIMARY KEY, v text)');
        my $log = length $server->log_text;
        loads($db, [ '--staging=always', @$options, file('t', [ 'id', 'v' ], map { [ $_, 'x' ] } 1 .. 1000) ], 'inserted 1000',
            "1,000 rows @$options");
        is(count_copies($log), $n, "@$options: COPYs");
        unlike(substr($server->log_text, $log), qr/INSERT INTO \S*_staging_\S* .*VALUES/, "@$options: no rows one by one");
    }
};

# Values of the domain wait; so each connection that stages does.
subtest '--jobs connections stage at once' => sub {
    $db->sql('CREATE DOMAIN held AS int CHECK (hold())');
    for my $jobs (1, 2, 3) {
        $db->sql('DROP TABLE IF EXISTS t CASCADE; CREATE TABLE t (id int PRIMARY KEY, v held)');
        my $holder = hold_advisory($db);
        my $run = start_load($db, '--staging=always', "--jobs=$jobs", map { file('t', [ 'id', 'v' ], [ $_, 1 ]) } 1 .. 5);
        my $waiting = "wait_event_type = 'Lock' AND application_name LIKE '%stage'";
        ok(wait_until(15, sub { return load_sessions($db, $waiting) == $jobs }), "--jobs=$jobs: so many")
            or diag explain [ load_sessions($db) ];
        is(scalar(() = load_sessions($db, $waiting)), $jobs, "--jobs=$jobs: no more");
        $holder->close;
        is($run->finish->summary, 'inserted 5', "--jobs=$jobs: they fill the same table");
    }
    $db->sql('DROP DOMAIN held CASCADE');
};

# ---- times

subtest 'times are measured, and add up' => sub {
    for my $options (['--staging=auto'], ['--staging=always'], ['--no-staging'], [ '--staging=always', '--apply=delete-insert' ]) {
        my $name = "@$options";
        my $file = fill('PRIMARY KEY');
        $db->sql("CREATE FUNCTION rest() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.2); RETURN NULL; END';"
                . ' CREATE TRIGGER rest AFTER INSERT OR DELETE ON t FOR EACH STATEMENT EXECUTE FUNCTION rest()');
        my $holder = other_session($db);
        $holder->query('BEGIN; LOCK TABLE t IN SHARE MODE');
        my @check = $name =~ /no-staging/ ? () : '--check=slow: SELECT 1 WHERE pg_sleep(0.2) IS NULL';
        my $run = start_load($db, @$options, @check, @FULL, '--lock-timeout=50s', $file);
        wait_until(15, sub { return scalar load_sessions($db, "wait_event_type = 'Lock'") });
        sleep 0.2;
        $holder->close;
        my $result = $run->finish;
        is($result->status, 0, "$name: loaded") or diag $result->describe;
        my ($metrics, $table) = ($result->metrics, $result->table);
        my ($lock, $phases) = @$metrics{qw(lock phases)};
        cmp_ok($lock->{row_ms}, '>=', 400, "$name: two statements of 200 ms hold the rows");
        cmp_ok($table->{delete_duration}, '>=', 0.2, "$name: one deletes");
        cmp_ok($table->{insert_duration}, '>=', 0.2, "$name: one inserts");
        cmp_ok($lock->{wait_ms}, '>=', 200, "$name: the table is waited for");
        # each number is rounded to milliseconds
        my $parts = sum(@$table{qw(delete_duration insert_duration update_duration)});
        cmp_ok($parts, '<=', $table->{total_duration} + 0.003, "$name: statements are a part of the lock time");
        cmp_ok(abs($table->{total_duration} * 1000 - $lock->{row_ms}), '<=', 1, "$name: which is said twice");
        cmp_ok($table->{total_duration}, '<=', $phases->{commit} + 0.002, "$name: that is a part of the commit") if $name !~ /no-staging/;
        cmp_ok(sum(values %$phases), '<=', $metrics->{duration_seconds} + 0.004, "$name: phases are parts of the run");
        cmp_ok($phases->{commit}, '>=', 0.6, "$name: with all of that") if $name !~ /no-staging/;
        cmp_ok($phases->{check}, '>=', 0.2, "$name: the check is a phase of its own") if $name !~ /no-staging/;
        cmp_ok($metrics->{duration_seconds}, '<=', $result->seconds + 0.001, "$name: which took as long");
        my ($said) = $result->stderr =~ /Lock time on \S+ table: ~([\d.]+)s/;
        cmp_ok(abs($said - $table->{total_duration}), '<=', 0.006, "$name: the log says the same") if defined $said;
        $db->sql('DROP FUNCTION rest CASCADE');
    }
};

# ---- defaults

subtest 'defaults' => sub {
    my $file = fill('PRIMARY KEY');
    $db->sql(<<'SQL');
DROP TABLE IF EXISTS seen;
CREATE TABLE seen (name text PRIMARY KEY, value bigint);
CREATE FUNCTION look() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO public.seen SELECT name, setting::bigint FROM pg_catalog.pg_settings
     WHERE name IN ('lock_timeout', 'statement_timeout', 'idle_in_transaction_session_timeout') ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER look AFTER INSERT OR UPDATE ON t FOR EACH STATEMENT EXECUTE FUNCTION look();
SQL
    for my $staging (@STAGING) {
        $db->sql("TRUNCATE seen; UPDATE t SET v = 'old'; TRUNCATE seen");
        is(load($db, $staging, $file)->status, 0, "$staging: loaded");
        my %seen = map { @$_ } @{ $db->rows('SELECT name, value FROM seen') };
        is($seen{lock_timeout}, 2000, "$staging: --lock-timeout is 2 s");
        is($seen{idle_in_transaction_session_timeout}, 300_000, "$staging: an idle transaction ends after 300 s");
        cmp_ok($seen{statement_timeout}, '>', 200_000, "$staging: --transaction-timeout is 300 s");
        cmp_ok($seen{statement_timeout}, '<=', 300_000, "$staging: of which some have gone by");
    }
    my $holder = other_session($db);
    $holder->query("BEGIN; UPDATE t SET v = 'held' WHERE id = 1");
    my $result = refuses($db, [ '--lock-timeout=10ms', file('t', [ 'id', 'v' ], [ 1, 'again' ]) ], 7, qr/lock/, 'a lock');
    is($result->metrics->{lock}{attempts}, 4, '--max-retries is 3');
    $holder->close;
    for my $case ([ 999, 0 ], [ 1000, 1 ]) {
        my ($n, $has_tables) = @$case;
        my $advisory = hold_advisory($db);
        my $run = start_load($db, file('t', [ 'id', 'v' ], map { [ $_, 'x' ] } 1 .. $n),
            '--check=held: SELECT 1 WHERE NOT public.hold()');
        ok(ref wait_for_step($run, 'check', lock => 1), "$n rows are staged");
        is(scalar(grep { /\At_staging_/ } left_tables($db)), $has_tables, '--staging-min-rows is 1000');
        $advisory->close;
        is($run->finish->status, 0, 'and loaded');
    }
};

done_testing;
