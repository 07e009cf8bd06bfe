# What a run asks of the server: privileges, a standby, locks, row security.

use strict;
use warnings;

use File::Temp ();
use FindBin;
use Test::More;
use Time::HiRes qw(time);
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Check;
use PgSample::Test::DumpText;
use PgSample::Test::Faults;
use PgSample::Test::Server;
use PgSample::Test::Session;

my $server    = PgSample::Test::Server->start;
my $directory = File::Temp->newdir;
my $db        = $server->create_database;

# What app.child refers to is read after it.
my $TABLES = <<'SQL';
CREATE TABLE app.last (id int PRIMARY KEY);
INSERT INTO app.last SELECT generate_series(1, 50);
CREATE TABLE app.child (
    id int PRIMARY KEY,
    parent int REFERENCES app.parent,
    last int REFERENCES app.last ON DELETE CASCADE
);
INSERT INTO app.child SELECT i, 1 + i % 200, 1 + i % 50 FROM generate_series(1, 400) i;
SQL

$db->sql(<<"SQL");
CREATE SCHEMA app;
CREATE TABLE app.parent (id serial PRIMARY KEY, v text);
INSERT INTO app.parent (v) SELECT 'v' || i FROM generate_series(1, 200) i;
CREATE UNLOGGED TABLE app.unlogged (id int PRIMARY KEY);
INSERT INTO app.unlogged SELECT generate_series(1, 50);
CREATE SCHEMA aside;
CREATE TABLE aside.unused (id int PRIMARY KEY);
$TABLES
SQL

sub reset_tables
{
    $db->sql("DROP TABLE IF EXISTS app.last, app.child CASCADE; $TABLES");
    return;
}

sub other_session
{
    return PgSample::Test::Session->new(conninfo => $db->conninfo);
}

sub is_waiting
{
    my ($relation) = @_;
    return wait_until(
        20,
        sub {
            return $db->value(
                "SELECT count(*) FROM pg_locks WHERE relation = '$relation'::regclass
                    AND NOT granted") > 0;
        }
    );
}

subtest 'a role with SELECT alone' => sub {
    my $reader = $server->create_role('reader');
    $db->sql("GRANT USAGE ON SCHEMA app TO $reader;
              GRANT SELECT ON ALL TABLES IN SCHEMA app TO $reader");
    my $used = 'SELECT pg_snapshot_xmax(pg_current_snapshot())';
    my $before = $db->value($used);
    my $result = $db->as($reader)->sample('-n', 'app', '--limit=20, app.last = id > 5');
    is($result->status, 0, 'takes a sample') or diag $result->stderr;
    is($db->value($used), $before, 'which costs the server no transaction number');
    samples_ok($server->restore($result->stdout), $db);
    is($db->value("SELECT count(*) FROM pg_class WHERE relname ~ 'pg_sample'"), 0,
        'and writes nothing');
    $db->sql("GRANT USAGE ON SCHEMA aside TO $reader");
    $result = $db->as($reader)->sample;
    ends_with($result, 3, qr/permission denied.*unused.*hint: .*SELECT/s,
        'without SELECT on a table it says so');
    $result = $db->as($reader)->sample('--limit=aside.unused = 0, 20');
    like($result->status, qr/\A[34]\z/, 'pg_dump needs it even where no row is wanted');
    like($result->stderr, qr/(permission denied|may not be read)/, 'and says so');
    like($result->stderr, qr/\baside\.unused\b/, 'with its name');
};

subtest 'row security' => sub {
    my $reader = $server->create_role('restricted');
    my $secured = $server->create_database;
    $secured->sql(<<"SQL");
CREATE TABLE parent (id int PRIMARY KEY, who text);
INSERT INTO parent SELECT i, CASE WHEN i % 2 = 0 THEN 'restricted' ELSE 'other' END
  FROM generate_series(1, 100) i;
CREATE TABLE child (id int PRIMARY KEY, parent int REFERENCES parent);
INSERT INTO child SELECT i, i FROM generate_series(1, 100) i;
ALTER TABLE parent ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON parent USING (who = current_user);
GRANT SELECT ON parent, child TO restricted;
SQL
    my $result = $secured->as($reader)->sample('--limit=child = 0, 20');
    ends_with($result, 3, qr/row-level security policy for table "parent"/,
        'that hides rows is an error that names the table');
    like($result->stderr, qr/--enable-row-security/, 'and the way out');
    is($result->stdout, '', 'nothing is written');
    ends_with($secured->as($reader)->sample('--limit=parent = id > 0, 0'), 3,
        qr/row-level security policy for table "parent"/, 'also with a condition');
    $result = $secured->as($reader)->sample('--limit=child = 0, 20', '--enable-row-security');
    is($result->status, 0, '--enable-row-security accepts it') or diag $result->stderr;
    my $target = $server->restore($result->stdout);
    is_deeply($target->column('SELECT id FROM parent ORDER BY id'),
        [ map { 2 * $_ } 1 .. 20 ], 'and picks among the visible rows');
    is($target->value("SELECT relrowsecurity FROM pg_class WHERE relname = 'parent'"), 't',
        'the table is still under row security');
    my $owner = $secured->sample('--limit=20');
    is($owner->status, 0, 'who sees all rows needs no option') or diag $owner->stderr;
    samples_ok($server->restore($owner->stdout), $secured);
    $result = $secured->as($reader)->sample('--limit=child = 10, 0', '--enable-row-security');
    is($result->status, 0, 'references to hidden rows') or diag $result->stderr;
    like($result->stderr, qr/warning: .*child_parent_fkey/, 'are dangling, with a warning');
    $target = $server->restore($result->stdout);
    constraints_are_valid($target, 'and the key is NOT VALID',
        'child_parent_fkey on public.child');
};

subtest 'a hot standby' => sub {
    my $standby = $server->start_standby;
    $standby->catch_up;
    my $there = $standby->database($db->name);
    my @argument = ('--limit=20, app.last = id > 5', '-T', 'app.unlogged');
    my $result = $there->sample(@argument);
    is($result->status, 0, 'takes a sample') or diag $result->stderr;
    ok($result->stdout eq $db->sample(@argument)->stdout,
        'of the same bytes as on the primary');
    $result = $there->sample('--limit=20');
    is($result->status, 0, 'with an unlogged table') or diag $result->stderr;
    like($result->stderr, qr/notice: .*app\.unlogged/, 'a notice names it');
    my $target = $server->restore($result->stdout);
    samples_ok($target, $db);
    my $counts = table_counts($target);
    is($counts->{'app.unlogged'}, 0, 'it has no rows');
    cmp_ok($counts->{'app.last'}, '>=', 20, 'others do');
    is($there->sample('--random=stable', '--limit=5%')->status, 0, 'random rows as well');
    $db->sql('INSERT INTO app.last VALUES (1000)');
    $standby->catch_up;
    is(PgSample::Test::DumpText->new($there->sample('--limit=app.last = id = 1000, 0')->stdout)
            ->column('app.last')->[0],
        1000, 'what is replicated is seen');
    $db->sql('DELETE FROM app.last WHERE id = 1000');
    $standby->remove;
};

subtest '--lock-timeout' => sub {
    my $holder = other_session();
    $holder->query('BEGIN; LOCK TABLE app.parent');
    my $pid = $holder->query('SELECT pg_backend_pid()')->[0][0];
    for my $timeout ('1', '500ms') {
        my $start = time;
        my $process = $db->start_sample("--lock-timeout=$timeout", '--limit=5');
        my $result = $process->wait(20);
        my $seconds = time - $start;
        ends_with($result, 3, qr/could not lock.*hint: .*--lock-timeout/s,
            "$timeout: exit status 3");
        like($result->stderr, qr/\b$pid\b.*app\.parent/s, 'it says who blocks, and where');
        cmp_ok($seconds, '>', 0.4, 'it waited');
        cmp_ok($seconds, '<', 5, 'but not for long');
        nothing_is_left($server, $process, undef, 'nothing is left');
    }
    my $process = $db->start_sample('--limit=5');
    ok(is_waiting('app.parent'), 'without the option it waits');
    $holder->query('ROLLBACK');
    is($process->wait->status, 0, 'and goes on');

    $holder->query('BEGIN; LOCK TABLE aside.unused');
    my $result = $db->sample('--lock-timeout=500ms', '--limit=5', '-n', 'app');
    like($result->status, qr/\A[34]\z/, 'a lock that only pg_dump waits for is an error too');
    like($result->stderr, qr/LOCK TABLE aside\.unused/, 'that tells of the lock');
    like($result->stderr, qr/\b$pid\b/, 'and of who blocks');
    $holder->close;
    ends_with($db->sample("--lock-timeout=$_"), 1, qr/lock-timeout/, "not '$_'")
        for '', '-1', 'soon', '5 parsecs';
};

# A run that waits while it reads app.child, after its pg_dump has ended; and what it waits for.
sub run_that_waits
{
    my $holder = hold($db);
    my $process = $db->start_sample(held('app.child', 'id <= 60'), '--lock-timeout=20');
    ok(wait_for_session($server, "wait_event = 'advisory'"), 'a run reads');
    ok(wait_until(20, sub { return !find_descendant($process->pid, 'pg_dump') }),
        'and its pg_dump is done');
    return ($process, $holder);
}

# ALTER TABLE waits for our lock, and everybody who comes later waits for ALTER TABLE.
subtest 'somebody queues behind our locks' => sub {
    my $alter = other_session();
    my ($process, $holder) = run_that_waits();
    $alter->begin('ALTER TABLE app.last ADD COLUMN later int');
    ok(is_waiting('app.last'), 'ALTER TABLE waits for a table that is read later');
    $holder->close;
    my $result = $process->wait(60);
    is($result->status, 0, 'the run goes on') or diag $result->describe;
    $alter->finish;
    unlike($result->stdout, qr/later/, 'and does not see the new column');
    $db->sql('ALTER TABLE app.last DROP COLUMN later');
    samples_ok($server->restore($result->stdout), $db);
    $alter->close;
};

subtest 'somebody queues before pg_dump has its locks' => sub {
    my $bin = PgSample::Test::Server::bindir();
    my $late = write_program("$directory/pg_dump",
        qq{[ "\$1" = --version ] && exec "$bin/pg_dump" --version},
        "touch $directory/started",
        "while [ ! -e $directory/go ]; do sleep 0.05; done",
        qq{exec "$bin/pg_dump" "\$@"});
    symlink "$bin/pg_restore", "$directory/pg_restore";
    my $alter = other_session();
    my $process = $db->start_sample("--pg-dump=$late", '--limit=5', '--lock-timeout=3');
    ok(wait_until(20, sub { -e "$directory/started" }), 'a run has locks, its pg_dump none');
    $alter->begin('ALTER TABLE app.last ADD COLUMN later int');
    ok(is_waiting('app.last'), 'ALTER TABLE waits');
    write_program("$directory/go");
    my $start = time;
    my $result = $process->wait(60);
    my $seconds = time - $start;
    cmp_ok($seconds, '<', 30, 'the run ends, and does not wait for itself for ever');
    if ($result->status == 0) {
        pass('it ends well');
    } else {
        ends_with($result, 3, qr/lock.*app\.last/s, 'or names the table that it cannot lock');
    }
    $alter->finish;
    $db->sql('ALTER TABLE app.last DROP COLUMN later');
    $alter->close;
};

subtest 'tables that change during a run' => sub {
    my %change = (
        'TRUNCATE'      => 'TRUNCATE app.last CASCADE',
        'DROP TABLE'    => 'DROP TABLE app.last CASCADE',
        'a new type'    => 'ALTER TABLE app.last ALTER id TYPE bigint',
        'VACUUM FULL'   => 'VACUUM FULL app.last',
        'DELETE'        => 'DELETE FROM app.last; INSERT INTO app.last VALUES (-1)',
    );
    for my $what (sort keys %change) {
        my $rows = $db->column('SELECT id FROM app.last ORDER BY id');
        my $session = other_session();
        my ($process, $holder) = run_that_waits();
        $session->begin($change{$what});
        ok(is_waiting('app.last'), "$what waits") if $what ne 'DELETE';
        $session->finish if $what eq 'DELETE';
        $holder->close;
        my $result = $process->wait(60);
        is($result->status, 0, "$what: the run goes on") or diag $result->describe;
        is_deeply(
            [ sort { $a <=> $b } @{ PgSample::Test::DumpText->new($result->stdout)
                        ->column('app.last', 'id') } ],
            $rows, 'and sees what was there at its beginning');
        $session->finish if $what ne 'DELETE';
        $session->close;
        reset_tables();
    }
    is($db->value('SELECT count(*) FROM app.last'), 50, 'the table is there again');
};

subtest 'a table that changes while its lock is awaited' => sub {
    my %change = (
        'a new column' => 'ALTER TABLE app.last ADD COLUMN v int DEFAULT 7',
        'a new key' => 'LOCK TABLE app.last;
             ALTER TABLE app.last ADD FOREIGN KEY (id) REFERENCES app.parent',
        'TRUNCATE' => 'TRUNCATE app.last CASCADE; INSERT INTO app.last VALUES (77)',
        'another table of the name' =>
            'DROP TABLE app.last CASCADE; CREATE TABLE app.last (v text, id int PRIMARY KEY);
             INSERT INTO app.last VALUES (NULL, 99)',
    );
    for my $what (sort keys %change) {
        my $session = other_session();
        $session->query("BEGIN; $change{$what}");
        my $process = $db->start_sample('--limit=app.last = *, 10');
        ok(wait_for_session($server, "application_name = 'pg-sample'
            AND wait_event_type = 'Lock'"), 'a run waits');
        $session->query('COMMIT');
        my $result = $process->wait(60);
        if ($result->status == 0) {
            samples_ok($server->restore($result->stdout), $db, $what);
            is(PgSample::Test::DumpText->new($result->stdout)->trailer_counts->{'app.last'},
                $db->value('SELECT count(*) FROM app.last'), 'with all rows of the new one');
        } else {
            ends_with($result, 3, qr/schema changed|does not exist|app\.last/,
                "$what: is noticed");
        }
        $session->close;
        reset_tables();
    }
};

done_testing;
