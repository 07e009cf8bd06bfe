# Loads of tables that are in use: readers, writers between diff and commit, other loaders,
# locks, deadlocks and DDL.

use strict;
use warnings;

use FindBin;
use Test::More;
use Time::HiRes qw(time);
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Load;
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
    my ($definition, $rows) = @_;
    $db->sql("DROP TABLE IF EXISTS t CASCADE; CREATE TABLE t ($definition); $rows");
    return;
}

# Starts a run that stands in its commit, with its diff made, waiting for the row with id 0
# that a session has changed; calls the code, lets go, and returns the result.
sub between
{
    my ($arguments, $code) = @_;
    my $holder = other_session($db);
    $holder->query("BEGIN; UPDATE t SET other = 'held' WHERE id = 0");
    my $run = start_load($db, '--lock-timeout=50s', @$arguments);
    my $session = wait_for_step($run, 'commit', lock => 1);
    my $is_there = ok($session && ref $session, "@{$arguments}[0]: it stands before its writes");
    diag $run->process->stderr_so_far if !$is_there;
    $code->();
    $holder->query('COMMIT');
    $holder->close;
    return $run->finish(30);
}

my $ITEM = "id int PRIMARY KEY, v text, other text DEFAULT 'o', captured_at timestamptz";

# Rows from 0 to n, all of them changed by a file made by changes(n).
sub items
{
    my ($n) = @_;
    fill($ITEM, "INSERT INTO t SELECT i, 'old' || i, 'o', '2025-01-05' FROM generate_series(0, $n) i");
    return;
}

sub changes
{
    my ($n) = @_;
    return file([ 'id', 'v' ], map { [ $_, "new$_" ] } 0 .. $n);
}

# ---- writers between diff and commit

subtest '1,000 of 1,000 concurrent updates of other columns survive' => sub {
    for my $staging ('--staging=always', '--staging-min-rows=5000') {
        items(1000);
        my $result = between(
            [$staging, changes(1000)],
            sub {
                $db->sql("UPDATE t SET other = 'concurrent' WHERE id = $_") for 1 .. 10;
                $db->sql("UPDATE t SET other = 'concurrent' WHERE id > 10");
            }
        );
        is($result->status, 0, "$staging: loaded") or diag $result->describe;
        is($result->summary, 'updated 1001', "$staging: counts");
        is($db->value("SELECT count(*) FROM t WHERE other = 'concurrent' AND id > 0"), 1000,
            "$staging: none is lost");
        is($db->value("SELECT other FROM t WHERE id = 0"), 'held', "$staging: nor the holder's");
        is($db->value("SELECT count(*) FROM t WHERE v = 'new' || id"), 1001,
            "$staging: and the batch is there");
    }
};

subtest 'the same column: the batch wins without a timestamp' => sub {
    for my $staging (@STAGING) {
        items(5);
        my $result = between([$staging, changes(5)],
            sub { $db->sql("UPDATE t SET v = 'theirs', other = 'theirs' WHERE id IN (1, 2)") });
        is($result->summary, 'updated 6', "$staging: counts") or diag $result->describe;
        is($db->value("SELECT string_agg(v || other, ' ' ORDER BY id) FROM t WHERE id < 4"),
            'new0held new1theirs new2theirs new3o', "$staging: rows");
        # what the other wrote may be what the batch says
        items(5);
        $result = between([$staging, changes(5)], sub { $db->sql("UPDATE t SET v = 'new1' WHERE id = 1") });
        is($result->summary, 'updated 5, unchanged 1', "$staging: already so");
    }
};

subtest 'the same column: the newer timestamp wins' => sub {
    for my $staging (@STAGING) {
        items(4);
        my $file = file([ 'id', 'v', 'captured_at' ], map { [ $_, "new$_", '2025-01-10' ] } 0 .. 4);
        my $result = between([$staging, $file], sub {
            $db->sql("UPDATE t SET v = 'newer', captured_at = '2025-01-11' WHERE id = 1");
            $db->sql("UPDATE t SET v = 'older', captured_at = '2025-01-09' WHERE id = 2");
            $db->sql("UPDATE t SET v = 'same', captured_at = '2025-01-10' WHERE id = 3");
        });
        is($result->status, 0, "$staging: loaded") or diag $result->describe;
        is($result->summary, 'updated 4, skipped 1', "$staging: counts");
        is($db->value("SELECT string_agg(v, ' ' ORDER BY id) FROM t"), 'new0 newer new2 new3 new4',
            "$staging: rows");
    }
};

subtest 'rows that moved are not deleted' => sub {
    for my $staging (@STAGING) {
        items(12);
        my $result = between(
            [$staging, '--mode=full', '--max-delete-pct=90', file([ 'id', 'v' ], [ 0, 'new0' ], [ 1, 'old1' ])],
            sub {
                $db->sql("UPDATE t SET other = 'moved' WHERE id IN (3, 4)");
                $db->sql('UPDATE t SET id = 105 WHERE id = 5');
                $db->sql('DELETE FROM t WHERE id = 6');
                $db->sql("INSERT INTO t (id, v) VALUES (50, 'inserted')");
                $db->sql("DELETE FROM t WHERE id = 7; INSERT INTO t VALUES (7, 'again')");
            }
        );
        is($result->status, 0, "$staging: loaded") or diag $result->describe;
        is(join(' ', @{ $db->column('SELECT id FROM t ORDER BY id') }), '0 1 3 4 7 50 105',
            "$staging: rows that changed since the diff stay");
        is($result->count('deleted_rows'), 6, "$staging: the others are deleted and counted");
        my ($kept) = grep { /kept_moved/ } sort keys %{ $result->table || {} };
        ok(defined $kept, "$staging: kept_moved is counted");
        cmp_ok($result->count($kept || ''), '>=', 2, "$staging: and says how many") if $kept;
    }
};

subtest 'keys that others insert' => sub {
    my @header = ('id', 'v', 'captured_at');
    for my $staging (@STAGING) {
        for my $case (
            [ 'upsert',      'inserted 1, updated 2', '7:new7:theirs 8:new8:o' ],
            [ 'insert_only', 'inserted 1, skipped 2', '7:theirs:theirs 8:new8:o' ]
            )
        {
            my ($strategy, $counts, $rows) = @$case;
            items(0);
            my $holder = other_session($db);
            # uncommitted until the run waits for it
            $holder->query("BEGIN; INSERT INTO t (id, v, other) VALUES (7, 'theirs', 'theirs')");
            my $run = start_load($db, $staging, '--lock-timeout=50s', "--strategy=$strategy",
                file([ 'id', 'v' ], [ 0, 'new0' ], [ 7, 'new7' ], [ 8, 'new8' ]));
            my $session = wait_for_step($run, 'commit', lock => 1);
            ok(ref $session, "$staging $strategy: it waits for the other");
            $holder->query('COMMIT');
            $holder->close;
            my $result = $run->finish(30);
            is($result->summary, $counts, "$staging $strategy: counts") or diag $result->describe;
            is($db->value("SELECT string_agg(id || ':' || v || ':' || other, ' ' ORDER BY id) FROM t WHERE id > 0"),
                $rows, "$staging $strategy: rows");
        }
        items(0);
        my $result = between([$staging, file(\@header, [ 0, 'n', '2025-02-02' ], [ 7, 'n', '2025-02-02' ],
                    [ 8, 'n', '2025-02-02' ])], sub {
            $db->sql("INSERT INTO t VALUES (7, 'newer', 'o', '2025-03-03'), (8, 'older', 'o', '2025-01-01')");
        });
        is($result->summary, 'updated 2, skipped 1', "$staging: by timestamp") or diag $result->describe;
        is($db->value("SELECT string_agg(v, ' ' ORDER BY id) FROM t"), 'n newer n', "$staging: rows");
    }
};

# A second attempt compares again with all that is there by then.
subtest 'limits and assertions hold for each attempt' => sub {
    my @limits = (
        [ '--max-delete-pct=20', qr/40 of 5[12] rows of the table would be deleted, more than 20 percent/ ],
        [ '--max-delete-pct=20', qr/40 of 5[12] rows of the table would be deleted, more than 20 percent/, '--soft-delete' ],
        [ '--max-delete-pct=100', qr/check "theirs" found 41 rows/, q(--check=theirs: SELECT 1 FROM {target} WHERE other = 'theirs') ]
    );
    for my $staging ('--staging=always', '--staging-min-rows=5000') {
        for my $limit (@limits) {
            my ($percent, $message, @more) = @$limit;
            items(10);
            $db->sql('ALTER TABLE t ADD deleted_at date');
            my $result = between(
                [ $staging, '--mode=full', $percent, @more, file([ 'id', 'v' ], map { [ $_, "new$_" ] } 0 .. 10, 20) ],
                sub { $db->sql("INSERT INTO t SELECT i, 'theirs', 'theirs' FROM generate_series(20, 60) i") }
            );
            is($result->status, 3, "$staging $percent @more: refused") or diag $result->describe;
            like($result->stderr, $message, 'since others have inserted rows');
            is($db->value("SELECT count(*) FROM t WHERE v LIKE 'new%' OR deleted_at IS NOT NULL"), 0, 'nothing is written');
            is($db->value('SELECT count(*) FROM t'), 52, 'nor deleted');
        }
    }
};

subtest 'rows that others delete' => sub {
    for my $staging (@STAGING) {
        items(3);
        my $result = between([$staging, changes(3)], sub { $db->sql('DELETE FROM t WHERE id = 2') });
        is($result->summary, 'inserted 1, updated 3', "$staging: upsert inserts them") or diag $result->describe;
        is($db->value('SELECT v || other FROM t WHERE id = 2'), 'new2o', "$staging: with defaults");
        items(3);
        $result = between([$staging, '--strategy=update_only', changes(3)],
            sub { $db->sql('DELETE FROM t WHERE id = 2') });
        is($result->summary, 'updated 3, skipped 1', "$staging: update_only does not") or diag $result->describe;
        is($db->value('SELECT count(*) FROM t'), 3, "$staging: rows");
    }
};

subtest 'parents that others delete, unique values that others take' => sub {
    for my $staging (@STAGING) {
        $db->sql('DROP TABLE IF EXISTS up CASCADE; CREATE TABLE up (id int PRIMARY KEY);'
                . ' INSERT INTO up VALUES (1), (2)');
        fill("$ITEM, up int REFERENCES up, code text UNIQUE", "INSERT INTO t (id, v) VALUES (0, 'old'), (1, 'old')");
        my $result = between([$staging, file([ 'id', 'v', 'up' ], [ 0, 'new', 1 ], [ 1, 'new', 2 ])],
            sub { $db->sql('DELETE FROM up WHERE id = 2'); });
        like($result->status, qr/\A[36]\z/, "$staging: the parent is gone") or diag $result->describe;
        is($db->value("SELECT string_agg(v, ' ') FROM t"), 'old old', "$staging: nothing is loaded");
        $result = between([$staging, file([ 'id', 'v', 'code' ], [ 0, 'new', 'a' ], [ 1, 'new', 'b' ])],
            sub { $db->sql("INSERT INTO t (id, code) VALUES (9, 'b')") });
        like($result->status, qr/\A[36]\z/, "$staging: the value is taken") or diag $result->describe;
        is($db->value("SELECT string_agg(v, ' ') FROM t WHERE id < 9"), 'old old', "$staging: nothing is loaded");
        $db->sql('DELETE FROM t WHERE id = 9');
        $result = between([$staging, '--max-errors=1', file([ 'id', 'v', 'code' ], [ 0, 'new', 'a' ], [ 1, 'new', 'b' ])],
            sub { $db->sql("INSERT INTO t (id, code) VALUES (9, 'b')") });
        is($result->status, 5, "$staging: found by another diff, and rejected") or diag $result->describe;
        is($result->summary, 'updated 1, error 1', "$staging: counts");
        is($db->value("SELECT string_agg(v, ' ' ORDER BY id) FROM t WHERE id < 9"), 'new old', "$staging: rows");
    }
    $db->sql('DROP TABLE t; DROP TABLE up');
};

subtest 'a unique value that is handed on by a row that moved' => sub {
    fill("$ITEM, code text UNIQUE", "INSERT INTO t (id, v, code) VALUES (0, 'old', 'z'), (5, 'x', 'b')");
    my $result = between(['--staging=always', file([ 'id', 'v', 'code' ], [ 0, 'new', 'y' ], [ 5, 'x', 'c' ],
                [ 1, 'new', 'b' ])], sub { $db->sql("UPDATE t SET other = 'moved' WHERE id = 5") });
    is($result->status, 0, 'loaded') or diag $result->describe;
    is($db->value("SELECT string_agg(id || code, ' ' ORDER BY id) FROM t"), '0y 1b 5c', 'rows');
};

# ---- readers

subtest 'readers see the old rows or the new ones' => sub {
    for my $mode ('incremental', 'full', 'delete-insert') {
        fill($ITEM, "INSERT INTO t SELECT i, 'old', 'o' FROM generate_series(1, 3000) i");
        my $file = file([ 'id', 'v' ], map { [ $_, 'new' ] } 1 .. 3000);
        my @mode = $mode eq 'delete-insert' ? ('--mode=full', '--apply=delete-insert') : ("--mode=$mode");
        my $snapshot = other_session($db);
        $snapshot->query('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM t');
        my $run = start_load($db, '--staging=always', @mode, $file);
        my (%seen, $longest);
        my $n = 0;
        while ($run->process->is_running) {
            my $start = time;
            $seen{ $db->value("SELECT string_agg(DISTINCT v, ',') || ' ' || count(*) FROM t") // 'empty' }++;
            $longest = time - $start if !$longest || time - $start > $longest;
            $n++;
        }
        my $result = $run->finish;
        is($result->status, 0, "$mode: loaded") or diag $result->describe;
        $seen{ $db->value("SELECT string_agg(DISTINCT v, ',') || ' ' || count(*) FROM t") }++;
        is(join('; ', grep { $_ ne 'old 3000' } sort keys %seen), 'new 3000', "$mode: $n readings");
        is($snapshot->query("SELECT string_agg(DISTINCT v, ',') || ' ' || count(*) FROM t")->[0][0],
            'old 3000', "$mode: an older snapshot still sees the old rows");
        $snapshot->close;
        cmp_ok($result->metrics->{lock}{exclusive_ms}, '==', 0, "$mode: nobody is locked out");
    }
};

subtest 'the table is not locked before the commit' => sub {
    items(100);
    my $holder = hold_advisory($db);
    my $run = start_load($db, '--staging=always', changes(100),
        '--check=held: SELECT 1 WHERE pg_catalog.pg_advisory_xact_lock_shared(4711) IS NULL');
    ok(ref wait_for_step($run, 'check', lock => 1), 'it checks');
    my $locks = $db->column("SELECT mode FROM pg_locks WHERE relation = 't'::regclass"
            . " AND mode <> 'AccessShareLock'");
    is("@$locks", '', 'no lock but ACCESS SHARE');
    $db->sql("UPDATE t SET other = 'free'");
    $db->sql('CREATE INDEX i ON t (v)');
    $holder->close;
    is($run->finish->status, 0, 'and goes on');
};

# ---- loaders

subtest 'two loaders end the same in 50 of 50 races' => sub {
    my @stamps = ('2025-01-01', '2025-01-02', '2025-01-03');
    my ($n_same, $n_done) = (0, 0);
    my (@problems, %expected);
    for my $race (1 .. 50) {
        my @ids = 1 .. 40;
        # who is newer differs by row; some rows are only in one file, or not in the table
        my %newer = map { $_ => ($_ * 7 + $race) % 2 } @ids;
        my @inputs;
        for my $worker (0, 1) {
            my @mine = grep { $_ % 10 != $worker } @ids;
            @mine = reverse @mine if $worker;
            push @inputs, file([ 'id', 'v', 'captured_at' ],
                map { [ $_, "w$worker", $newer{$_} == $worker ? $stamps[2] : $stamps[1] ] } @mine);
        }
        $db->sql("DROP TABLE IF EXISTS t; CREATE TABLE t ($ITEM); INSERT INTO t"
                . " SELECT i, 'old', 'o', '$stamps[0]' FROM generate_series(1, 20) i") if $race == 1;
        $db->sql("TRUNCATE t; INSERT INTO t SELECT i, 'old', 'o', '$stamps[0]' FROM generate_series(1, 20) i");
        my @staging = $race % 2 ? ('--staging=always') : ();
        my @runs = map { start_load($db, @staging, $_, { keep => 1 }) } @inputs;
        my @results = map { $_->finish } @runs;
        my @bad = grep { $_->status != 0 } @results;
        push @problems, map { $_->describe } @bad;
        $n_done++ if !@bad;
        my $expected = join ' ', map {
            my $worker = $_ % 10 == 0 ? 1 : $_ % 10 == 1 ? 0 : $newer{$_};
            # id % 10 == 0 is not in the file of worker 0, == 1 not in that of worker 1
            "$_:w$worker"
        } @ids;
        my $got = $db->value("SELECT string_agg(id || ':' || v, ' ' ORDER BY id) FROM t");
        $n_same++ if $got eq $expected;
        push @problems, "race $race: $got" if $got ne $expected;
    }
    is($n_done, 50, 'all are loaded');
    is($n_same, 50, 'and the newest rows win');
    diag $_ for @problems[ 0 .. ($#problems < 3 ? $#problems : 3) ];
    is(join(' ', drop_left($db)), '', 'nothing is left');
};

subtest 'eight loaders of new rows at once' => sub {
    fill($ITEM, '');
    my @runs = map {
        my $worker = $_;
        start_load($db, $worker % 2 ? '--staging=always' : '--staging=auto', '--max-retries=20',
            file([ 'id', 'v', 'captured_at' ], map { [ $_, "w$worker", "2025-01-01 00:00:0$worker+00" ] } 1 .. 30),
            { keep => 1 })
    } 1 .. 8;
    my @bad = grep { $_->status != 0 } map { $_->finish } @runs;
    is(scalar(@bad), 0, 'all succeed') or diag $bad[0]->describe;
    is($db->value("SELECT string_agg(DISTINCT v, ' ') || count(*) FROM t"), 'w830', 'the newest wins');
    is(join(' ', drop_left($db)), '', 'nothing is left');
};

# ---- locks

subtest 'a lock that is not obtained' => sub {
    for my $staging (@STAGING) {
        items(3);
        my $holder = other_session($db);
        for my $lock ('UPDATE t SET other = 1 WHERE id = 2', 'LOCK TABLE t IN SHARE MODE') {
            $holder->query("BEGIN; $lock");
            my $result = refuses($db, [$staging, '--lock-timeout=50ms', '--max-retries=2', changes(3)], 7,
                qr/lock/, "$staging: $lock: status 7");
            is($result->metrics && $result->metrics->{lock}{attempts}, 3, "$staging: three attempts");
            $holder->query('ROLLBACK');
        }
        $holder->query('BEGIN; UPDATE t SET other = 1 WHERE id = 2');
        my $run = start_load($db, $staging, '--lock-timeout=100ms', '--max-retries=20', changes(3));
        wait_until(10, sub { return load_sessions($db, "application_name ~ 'commit'") });
        select undef, undef, undef, 0.4;
        $holder->query('COMMIT');
        $holder->close;
        my $result = $run->finish;
        is($result->status, 0, "$staging: obtained by another attempt") or diag $result->describe;
        cmp_ok($result->metrics->{lock}{attempts}, '>', 1, "$staging: it is counted");
        is($db->value("SELECT count(*) FROM t WHERE v = 'new' || id"), 4, "$staging: rows");
        is($db->value('SELECT other FROM t WHERE id = 2'), 1, "$staging: the other's change stays");
    }
};

subtest 'a deadlock is tried again' => sub {
    for my $staging (@STAGING) {
        items(9);
        my $other = other_session($db);
        $other->query("SET deadlock_timeout = '60s'; BEGIN; UPDATE t SET other = 'theirs' WHERE id = 8");
        my $run = start_load($db, $staging, '--lock-timeout=50s', changes(9));
        ok(ref wait_for_step($run, 'commit', lock => 1), "$staging: it waits for row 8");
        # the run holds row 1, and is the one to find the deadlock
        $other->query("UPDATE t SET other = 'theirs' WHERE id = 1; COMMIT", 20);
        $other->close;
        my $result = $run->finish(30);
        is($result->status, 0, "$staging: loaded") or diag $result->describe;
        is($result->metrics->{lock}{attempts}, 2, "$staging: by the second attempt");
        is($db->value("SELECT count(*) FROM t WHERE v = 'new' || id"), 10, "$staging: rows");
        is($db->value("SELECT string_agg(id::text, ' ' ORDER BY id) FROM t WHERE other = 'theirs'"), '1 8',
            "$staging: and the other's changes");
    }
};

subtest 'DDL between diff and commit' => sub {
    my %ddl = (
        'a new column'      => "ALTER TABLE t ADD extra text DEFAULT 'x'",
        'a column is gone'  => 'ALTER TABLE t DROP other',
        'another type'      => 'ALTER TABLE t ALTER v TYPE varchar(3) USING left(v, 3)',
        'another table'     => 'ALTER TABLE t RENAME TO t_old; CREATE TABLE t (LIKE t_old INCLUDING ALL);'
            . ' INSERT INTO t SELECT * FROM t_old; DROP TABLE t_old',
        'columns swapped'   => 'ALTER TABLE t RENAME v TO x; ALTER TABLE t RENAME other TO v;'
            . ' ALTER TABLE t RENAME x TO other',
        'a new constraint'  => 'ALTER TABLE t ADD CHECK (length(v) < 5)',
        'no table any more' => 'DROP TABLE t',
    );
    for my $what (sort keys %ddl) {
        items(3);
        my $holder = hold_advisory($db);
        my $run = start_load($db, '--staging=always', changes(3),
            '--check=held: SELECT 1 WHERE pg_catalog.pg_advisory_xact_lock_shared(4711) IS NULL');
        ok(ref wait_for_step($run, 'check', lock => 1), "$what: it stands before the commit");
        $db->sql($ddl{$what});
        my $now = image($db);
        $holder->close;
        my $result = $run->finish(30);
        is($result->status, 6, "$what: status 6") or diag $result->describe;
        is(image($db), $now, "$what: nothing changes");
    }
};

# Records of a key are folded without those that are older than the target's row, which is
# read again to be compared.
subtest 'a row that becomes newer between folding and comparing' => sub {
    $db->sql(<<'SQL');
CREATE TABLE folded (id int, a int, b int, ts int);
INSERT INTO folded VALUES (1, 0, 0, 4), (2, 0, 0, 4), (4, 0, 0, 6);
CREATE FUNCTION wait_for_test() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_query() ~ '_diff_' THEN PERFORM pg_advisory_xact_lock_shared(42); END IF;
END $$;
CREATE EVENT TRIGGER wait_for_test ON ddl_command_start WHEN TAG IN ('DROP TABLE') EXECUTE FUNCTION wait_for_test();
SQL
    my $file = input_file('folded.jsonl', <<'JSON');
{"id": 1, "a": 1, "ts": 5}
{"id": 1, "b": 2, "ts": 8}
{"id": 2, "a": 1, "ts": 5}
{"id": 2, "b": 2, "ts": 8}
{"id": 3, "a": 3, "ts": 9}
{"id": 4, "a": 1, "ts": 5}
{"id": 4, "b": 2, "ts": 8}
JSON
    my ($holder, $gate) = (other_session($db), other_session($db));
    $gate->query('SELECT pg_advisory_lock(42)');
    $holder->query('BEGIN; INSERT INTO folded VALUES (3, 0, 0, 1)');
    my $run = start_load($db, '--natural-key=id', '--timestamp-column=ts', '--staging=always', '--lock-timeout=50s',
        $file, { keep => 1 });
    wait_for_step($run, 'commit', lock => 1);
    $holder->query('COMMIT');
    # its row makes a new diff necessary; now the records are folded again, and the old diff is to be dropped
    wait_until(15, sub { return scalar load_sessions($db, "wait_event = 'advisory'") });
    $db->sql('UPDATE folded SET a = 10, ts = 6 WHERE id = 1; DELETE FROM folded WHERE id = 4');
    $gate->close;
    my $result = $run->finish;
    is($result->status, 0, 'loaded') or diag $result->describe;
    is(content($db, 'folded'), "(1,10,2,8)\n(2,1,2,8)\n(3,3,0,9)\n(4,1,2,8)",
        'a record that is older than it then is not applied, and all are where it is gone');
    $db->sql('DROP EVENT TRIGGER wait_for_test; DROP TABLE folded');
};
done_testing;
