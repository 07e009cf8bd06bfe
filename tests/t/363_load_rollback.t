# A batch is rolled back: what it has changed is exactly as before, and what others have
# changed since is not lost.

use strict;
use warnings;

use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Load;
use PgSample::Test::LoadBatch;
use PgSample::Test::Process;
use PgSample::Test::Server;
use PgSample::Test::Undo;

my $server = PgSample::Test::Server->start;
my $db     = $server->create_database;
PgSample::Test::LoadBatch::use_database($db);

sub rollback
{
    my ($id, @argument) = @_;
    return load($db, "--batch-id=$id", '--rollback', @argument);
}

sub status_is
{
    my ($result, $status, $message, $name) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    ok($result->status == $status && $result->stderr =~ $message, $name)
        or diag "status $status and $message expected: ", $result->describe;
    return $result;
}

fresh();
load($db, '--init');

subtest 'a batch and back' => sub {
    $db->sql(<<'SQL');
INSERT INTO item SELECT i, 'old' FROM generate_series(1, 6) i;
INSERT INTO part SELECT i, i, 'old' FROM generate_series(1, 6) i;
SQL
    my $before = rows();
    keep_undo($db, 'b1', { item => ['id'], part => ['id'] }, <<'SQL');
DELETE FROM part WHERE id = 6;
DELETE FROM item WHERE id = 6;
UPDATE item SET v = 'new' WHERE id < 3;
INSERT INTO item VALUES (7, 'new'), (8, 'new');
INSERT INTO part VALUES (7, 7, 'new');
SQL
    my $after = rows();
    for my $how ('plan', 'execute') {
        my $result = rollback('b1', "--dry-run=$how");
        status_is($result, 0, qr/public\.item: 2 deleted, 2 restored, 1 inserted again, 0 skipped, 0 unchanged/,
            "--dry-run=$how");
        like($result->stderr, qr/public\.part: 1 deleted, 0 restored, 1 inserted again/, 'of each table');
        like($result->stderr, qr/Batch rollback dry run complete: 3 deleted, 2 restored, 2 inserted again/, 'and in all');
        is($result->metrics->{mode}, 'rollback', 'the metrics know what it was');
        is(rows(), $after, 'changes nothing');
    }
    is(logged(), '', 'and is not logged');
    my $result = rollback('b1');
    status_is($result, 0, qr/Rolling back batch: b1\n.*Batch rollback complete: 3 deleted, 2 restored, 2 inserted/s, 'it is done');
    is(rows(), $before, 'everything is as before');
    is(states(), 'b1 public.item rolled_back -, b1 public.part rolled_back -', 'the state');
    is(logged(), 'b1 rollback public.item 5 success, b1 rollback public.part 2 success', 'the log');
    is($db->value('SELECT count(*) FROM _pg_sample_load.undo WHERE undone_at IS NOT NULL AND undo_table IS NULL'),
        2, 'the undo tables are gone');
    status_is(rollback('b1'), 0, qr/batch b1 is already rolled back: table public\.item at 20/, 'once more');
    is(rows(), $before, 'does nothing');
};

subtest 'what cannot be rolled back' => sub {
    status_is(rollback('b9'), 4, qr/error: batch b9 was never loaded\n.*hint: .*--status/s, 'an unknown batch');
    status_is(load($db, '--undo-of=' . ('0' x 8) . '-0000-0000-0000-' . ('0' x 12)), 4, qr/there is no run 0000/,
        'an unknown run');
    status_is(load($db, '--undo-of=1'), 1, qr/run_id/, 'no run');
    status_is(load($db, '--rollback'), 1, qr/"--rollback" needs option "--batch-id"/, 'no batch');
    status_is(load($db, '--rollback-conflicts=skip', 'item=x.csv'), 1, qr/needs "--rollback" or "--undo-of"/,
        'a load has no such conflicts');
    $db->sql("INSERT INTO _pg_sample_load.batch (batch_id, table_name, state) VALUES ('b8', 'public.item', 'failed')");
    status_is(rollback('b8'), 4, qr/batch b8 is not loaded: its state is failed/, 'a batch that failed');
    $db->sql("UPDATE _pg_sample_load.batch SET state = 'committed' WHERE batch_id = 'b8'");
    status_is(rollback('b8'), 4, qr/batch b8 cannot be rolled back: table public\.item was loaded without undo/,
        'a batch without undo');
    is(logged(), 'b1 rollback public.item 5 success, b1 rollback public.part 2 success', 'nothing of this is logged');
};

subtest 'rows that have changed since' => sub {
    $db->sql('TRUNCATE item, part; INSERT INTO item VALUES (1, $$a$$), (2, $$a$$), (3, $$a$$), (4, $$a$$)');
    my $before = rows();
    keep_undo($db, 'c1', { item => ['id'] }, <<'SQL');
UPDATE item SET v = 'b' WHERE id IN (1, 2);
DELETE FROM item WHERE id = 3;
INSERT INTO item VALUES (5, 'b'), (6, 'b');
SQL
    $db->sql(<<'SQL');
UPDATE item SET v = 'c' WHERE id = 1;
DELETE FROM item WHERE id = 2;
INSERT INTO item VALUES (3, 'c');
UPDATE item SET v = 'c' WHERE id = 5;
SQL
    my $after = rows();
    my $result = rollback('c1');
    status_is($result, 8, qr/error: nothing was rolled back: 4 rows are not as batch c1 left them/, 'prevent it');
    like($result->stderr, qr/row \(1\) was changed since\n/, 'a row that was changed');
    like($result->stderr, qr/row \(2\) was deleted since\n/, 'a row that was deleted');
    like($result->stderr, qr/row \(3\) exists again\n/, 'a row that exists again');
    like($result->stderr, qr/row \(5\) was changed since\n/, 'a new row that was changed');
    is(rows(), $after, 'nothing has changed');
    status_is(rollback('c1', '--rollback-conflicts=skip', '--dry-run'), 0,
        qr/1 deleted, 0 restored, 0 inserted again, 4 skipped, 0 unchanged/, 'skip');
    status_is(rollback('c1', '--rollback-conflicts=force'), 0,
        qr/warning: 4 rows are not as the load left them: .*: 2 deleted, 2 restored, 1 inserted again, 0 skipped/s, 'force');
    is(rows(), $before, 'everything is as before');
};

# Everything of a table, byte by byte.
sub dump_of
{
    my ($table) = @_;
    my $dump = PgSample::Test::Process->run(
        command => [ 'pg_dump', '--data-only', "--table=$table", '-d', $db->conninfo ],
        env     => { $server->environment });
    my $text = $dump->stdout;
    return join "\n", sort grep { !/^\\(?:un)?restrict / } split /\n/, $text;
}

subtest 'values of all types' => sub {
    my $kinds = <<'SQL';
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TYPE pair AS (a numeric, b text);
CREATE DOMAIN price AS numeric(10,2) CHECK (VALUE >= 0);
CREATE DOMAIN pairs AS pair;
CREATE DOMAIN code AS char(5) NOT NULL;
CREATE DOMAIN codes AS text[];
CREATE TABLE kinds (
    id int PRIMARY KEY, j json, jb jsonb, i int[], f float8, f4 float4, n numeric, n2 numeric(8,3), r int4range,
    mr nummultirange, b bytea, p pair, ps pair[], d price, dp pairs, c code, cs codes, ch char(7), v varchar(9),
    big text, e mood, es mood[], x xml, bv varbit, b3 bit(3), ti interval, ts timestamptz, pt point, pa path,
    ce "char", nm name, tv tsvector, ip inet, m money, "select" text, "Old_1" text, old_1 text, "new_1" text,
    g int GENERATED ALWAYS AS (id * 2) STORED);
INSERT INTO kinds (id, c) VALUES (1, 'a'), (2, 'b');
INSERT INTO kinds SELECT 3, '{"a": 1,  "a": 2}', '{"b": 1.10}', '[0:1]={1,2}', '-0', 'NaN', 'NaN', 1.1, '[1,5)',
    '{[1,2),[3.50,4)}', '\x00ff', ROW(1.10, NULL)::pair, ARRAY[ROW(1.0, 'x')::pair, NULL], 1.1, ROW(-0.0, 'y')::pair, 'c', '{a,NULL}',
    'ab', 'cd ', (SELECT string_agg(md5(i::text), '') FROM generate_series(1, 4000) i), 'sad', '{sad,ok}', '<a/>',
    '1011', '101', '1 mon -1 day', 'infinity', '(1,-0)', '[(0,0),(1,1)]', 'x', 'nm', 'a:1 b:2', '10.0.0.0/8', 12.34,
    'q', 'w', 'e', 'r';
INSERT INTO kinds SELECT 4, '[1,1]', '[]', '{}', '0', '-0', '1.100', -1, 'empty', '{}', '', ROW(NULL, NULL)::pair, '{}', 0,
    NULL, 'd', NULL, 'ab    ', '', repeat('x', 10000), NULL, NULL, NULL, '', '000', '-1:00', '-infinity', NULL, NULL,
    '', '', '', '::1', -1, '', NULL, NULL, '';
SQL
    $kinds =~ s/nummultirange/text/ if $server->version < 140000;
    $db->sql($kinds);
    my $before = dump_of('kinds');
    my %changes = (
        'deletes' => 'DELETE FROM kinds',
        'equal values' => <<'SQL',
UPDATE kinds SET n = 1.1, f = 0, j = '{"a": 2}', i = '{1,2}', p = ROW(1.1, NULL), n2 = 1.10 WHERE id > 2
SQL
        'other values' => <<'SQL',
UPDATE kinds SET (j, jb, i, f, n, r, b, p, ps, dp, cs, ch, v, big, e, ti, pt, "select", "Old_1", old_1, new_1)
    = (SELECT j, jb, i, f, n, r, b, p, ps, dp, cs, ch, v, big || 'x', e, ti, pt, "select", "Old_1", old_1, new_1
         FROM kinds k WHERE k.id = 7 - kinds.id)
SQL
        'inserts' => "INSERT INTO kinds (id, c, j) SELECT i, 'z', '{}' FROM generate_series(10, 20) i",
    );
    my $i = 0;
    for my $name (sort keys %changes) {
        my $id = 't' . $i++;
        keep_undo($db, $id, { kinds => ['id'] }, $changes{$name});
        isnt(dump_of('kinds'), $before, "$name: a difference");
        status_is(rollback($id), 0, qr/Batch rollback complete/, "$name: rolled back");
        is(dump_of('kinds'), $before, "$name: exactly as before");
    }
    $db->sql('SELECT 1');
    keep_undo($db, 'tc', { kinds => ['id'] }, "UPDATE kinds SET v = 'other' WHERE id = 3");
    for my $change ("f = 0", "j = '{\"a\": 1, \"a\": 2}'", 'n2 = n2', 'p = ROW(1.1, NULL)', "i = '{1,2}'", "ch = 'ab'") {
        my $is_same = $change =~ /n2|ch/;
        $db->sql("CREATE TABLE kept AS TABLE kinds; UPDATE kinds SET $change WHERE id = 3");
        status_is(rollback('tc', '--dry-run'), $is_same ? 0 : 8, $is_same ? qr/1 restored/ : qr/row \(3\) was changed/,
            "$change: " . ($is_same ? 'the same image' : 'another image'));
        $db->sql("UPDATE kinds SET (f, j, p, i) = (SELECT f, j, p, i FROM kept WHERE id = 3) WHERE id = 3; DROP TABLE kept");
    }
    status_is(rollback('tc'), 0, qr/1 restored/, 'rolled back');
    is(dump_of('kinds'), $before, 'exactly');
};

subtest 'the table has changed since' => sub {
    my $make = sub {
        my ($id) = @_;
        $db->sql(<<'SQL');
DROP TABLE IF EXISTS alt;
CREATE TABLE alt (id int PRIMARY KEY, v varchar(5), w numeric(8,2));
INSERT INTO alt VALUES (1, 'a', 1), (2, 'b', 2), (3, 'c', 3);
SQL
        keep_undo($db, $id, { alt => ['id'] }, "UPDATE alt SET v = 'x' WHERE id = 1; DELETE FROM alt WHERE id = 2;"
                . " INSERT INTO alt VALUES (4)");
        return;
    };
    my @refused = (
        [ 'dropped', 'ALTER TABLE alt DROP COLUMN w', qr/column "w" of table public\.alt was dropped or renamed/ ],
        [ 'renamed', 'ALTER TABLE alt RENAME w TO u', qr/column "w" of table public\.alt was dropped or renamed/ ],
        [ 'retyped', 'ALTER TABLE alt ALTER w TYPE numeric(8,1)', qr/"w" .* has another type .*: numeric\(8,1\), and then numeric\(8,2\)/ ],
        [ 'table dropped', 'DROP TABLE alt', qr/table public\.alt does not exist any more/ ],
        [ 'table renamed', 'ALTER TABLE alt RENAME TO alt2', qr/table public\.alt does not exist any more/ ],
        [ 'rule', 'CREATE RULE r AS ON UPDATE TO alt DO INSTEAD NOTHING', qr/INSTEAD rule "r"/ ],
        [ 'NOT NULL column', "ALTER TABLE alt ADD n int NOT NULL DEFAULT 1; ALTER TABLE alt ALTER n DROP DEFAULT",
            qr/1 row would be inserted without "n", which is NOT NULL/ ],
    );
    my $i = 0;
    for my $case (@refused) {
        my ($name, $sql, $message) = @$case;
        my $id = 'a' . $i++;
        $make->($id);
        $db->sql($sql);
        status_is(rollback($id), 3, $message, $name);
        is($db->value("SELECT state FROM _pg_sample_load.batch WHERE batch_id = '$id'"), 'committed', "$name: the state stays");
    }
    is($db->value("SELECT status FROM _pg_sample_load.batch_load_log WHERE batch_id = 'a1'"), 'failed', 'it is logged');
    $db->sql(<<'SQL');
DROP TABLE alt, alt2;
CREATE TABLE alt (id int PRIMARY KEY, v text, u text);
INSERT INTO alt VALUES (1, 'v', 'u');
SQL
    keep_undo($db, 'exchanged', { alt => ['id'] }, 'DELETE FROM alt');
    $db->sql('ALTER TABLE alt RENAME v TO x; ALTER TABLE alt RENAME u TO v; ALTER TABLE alt RENAME x TO u');
    status_is(rollback('exchanged'), 3, qr/columns of table public[.]alt have exchanged their names/, 'columns exchanged');
    $db->sql('ALTER TABLE alt RENAME v TO x; ALTER TABLE alt RENAME u TO v; ALTER TABLE alt RENAME x TO u');
    status_is(rollback('exchanged'), 0, qr/1 inserted again/, 'and back');
    is(content($db, 'alt'), '(1,v,u)', 'as it was');
    $make->('added');
    $db->sql("ALTER TABLE alt ADD n int DEFAULT 7; UPDATE alt SET n = 5 WHERE id IN (1, 3)");
    status_is(rollback('added'), 0, qr/1 deleted, 1 restored, 1 inserted again/, 'a column was added');
    is(content($db, 'alt'), "(1,a,1.00,5)\n(2,b,2.00,7)\n(3,c,3.00,5)", 'it keeps its values, and else has its default');
};

subtest 'triggers' => sub {
    $db->sql(<<'SQL');
CREATE TABLE trig (id int PRIMARY KEY, v text);
CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.v := upper(NEW.v); RETURN NEW; END $$;
INSERT INTO trig VALUES (1, 'a'), (2, 'b'), (3, '7');
SQL
    keep_undo($db, 'g1', { trig => ['id'] }, "UPDATE trig SET v = 'x'");
    $db->sql('CREATE TRIGGER shout BEFORE UPDATE ON trig FOR EACH ROW EXECUTE FUNCTION shout()');
    my $warned = qr/warning: public\.trig: 2 rows are not as they were before the load: triggers/;
    status_is(rollback('g1', '--dry-run=execute'), 0, $warned, 'a dry run that executes knows');
    status_is(rollback('g1'), 0, $warned, 'rows that a trigger has changed are counted');
    is(content($db, 'trig'), "(1,A)\n(2,B)\n(3,7)", 'and are as the trigger made them');
    $db->sql('ALTER TABLE trig DISABLE TRIGGER shout; DELETE FROM trig');
    keep_undo($db, 'g2', { trig => ['id'] }, "INSERT INTO trig VALUES (1, 'a'), (2, 'b')");
    $db->sql(<<'SQL');
CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TRIGGER keep BEFORE DELETE ON trig FOR EACH ROW EXECUTE FUNCTION keep();
SQL
    status_is(rollback('g2'), 6, qr/Row count mismatch! .*Deleted: 0/, 'one that prevents a delete is noticed');
};

subtest 'rows of others' => sub {
    fresh();
    load($db, '--init');
    keep_undo($db, 'r1', { item => ['id'] }, "INSERT INTO item VALUES (1, 'a'), (2, 'a')");
    $db->sql("INSERT INTO part VALUES (1, 1, 'x')");
    status_is(rollback('r1'), 3, qr/1 row of public\.part refers to rows that would be deleted, and the foreign key forbids/,
        'NO ACTION');
    $db->sql('ALTER TABLE part DROP CONSTRAINT part_item_fkey, ADD FOREIGN KEY (item) REFERENCES item ON DELETE CASCADE');
    status_is(rollback('r1'), 3, qr/ON DELETE CASCADE would delete them, too.*hint: Use --allow-cascade/s, 'CASCADE');
    is(content($db, 'part'), '(1,1,x)', 'nothing has changed');
    status_is(rollback('r1', '--allow-cascade'), 0, qr/2 deleted/, 'unless it is allowed');
    is(rows(), "\n--\n", 'then they are gone');
    $db->sql("INSERT INTO item VALUES (1, 'a')");
    $db->sql("INSERT INTO part VALUES (1, 1, 'x')");
    keep_undo($db, 'r2', { part => ['id'] }, 'DELETE FROM part');
    $db->sql('DELETE FROM item');
    status_is(rollback('r2'), 3, qr/1 row to be restored refers to rows of public\.item that do not exist/, 'a row without its referenced row');
    $db->sql("INSERT INTO item VALUES (1, 'b')");
    status_is(rollback('r2'), 0, qr/1 inserted again/, 'with it');
    $db->sql('ALTER TABLE item ADD u int UNIQUE');
    $db->sql('UPDATE item SET u = 5');
    keep_undo($db, 'r3', { item => ['id'] }, 'UPDATE item SET u = 6');
    $db->sql("INSERT INTO item VALUES (9, 'z', 5)");
    status_is(rollback('r3'), 3, qr/1 row to be restored has values that other rows have in unique key "item_u_key"/,
        'a unique value that is in use');
};

subtest 'several runs of a batch' => sub {
    fresh();
    load($db, '--init');
    $db->sql('INSERT INTO item SELECT i, $$0$$ FROM generate_series(1, 9) i');
    my $before = rows();
    my @steps = (
        "UPDATE item SET v = '1' WHERE id IN (1, 2, 3); DELETE FROM item WHERE id IN (4, 5, 6);"
            . " INSERT INTO item VALUES (10, '1'), (11, '1'), (12, '1')",
        "UPDATE item SET v = '2' WHERE id IN (1, 10, 7); DELETE FROM item WHERE id IN (2, 11);"
            . " INSERT INTO item VALUES (4, '2'), (5, '0'), (13, '2')",
        "UPDATE item SET v = '3' WHERE id IN (1, 4); DELETE FROM item WHERE id IN (10, 5); UPDATE item SET v = '0' WHERE id = 7",
    );
    my @runs = map { keep_undo($db, 'm1', { item => ['id'] }, $_) } @steps;
    $db->sql("UPDATE item SET v = 'mine' WHERE id = 9; INSERT INTO item VALUES (11, 'mine'); UPDATE item SET v = 'mine' WHERE id = 7");
    my $result = status_is(rollback('m1', '--dry-run'), 0,
        qr/public\.item: 2 deleted, 3 restored, 3 inserted again, 0 skipped, 0 unchanged/, 'are one change of each row')
        or return;
    status_is(rollback('m1'), 0, qr/rollback complete: 2 deleted, 3 restored, 3 inserted again/, 'it is done');
    $db->sql("DELETE FROM item WHERE id = 11; UPDATE item SET v = '0' WHERE v = 'mine'");
    is(rows(), $before, 'everything is as before, but for what others have done');

    keep_undo($db, 'm2', { item => ['id'] }, "UPDATE item SET v = '1' WHERE id < 4");
    $db->sql("UPDATE item SET v = 'mine' WHERE id = 2");
    my $run = keep_undo($db, 'm2', { item => ['id'] }, "UPDATE item SET v = '2' WHERE id < 4");
    $result = status_is(rollback('m2'), 8, qr/row \(2\) was changed by others between two runs of the batch\n/,
        'what others have done in between');
    status_is(rollback('m2', '--rollback-conflicts=skip'), 0, qr/0 deleted, 2 restored, 0 inserted again, 1 skipped/, 'is skipped');
    is($db->value('SELECT v FROM item WHERE id = 2'), '2', 'if wanted');

    $db->sql("UPDATE item SET v = '0'");
    my $first = keep_undo($db, 'm3', { item => ['id'] }, "UPDATE item SET v = '1' WHERE id < 4");
    my $last = keep_undo($db, 'm3', { item => ['id'] }, "UPDATE item SET v = '2' WHERE id < 3");
    status_is(load($db, "--undo-of=$first"), 8, qr/2 rows are not as run \S+ left them/, 'the first of two runs alone');
    status_is(load($db, "--undo-of=$last"), 0, qr/Rolling back run: $last\n.*2 restored.*Run rollback complete/s, 'the last one alone');
    like(states(), qr/m3 public\.item committed/, 'the batch is still loaded');
    status_is(load($db, "--undo-of=$last"), 0, qr/run $last is already rolled back/, 'once');
    status_is(rollback('m3'), 0, qr/3 restored/, 'the rest of the batch');
    like(states(), qr/m3 public\.item rolled_back/, 'is not loaded any more');
    is(rows(), $before, 'everything is as before');
};

subtest 'a load without a batch, and later ones' => sub {
    my $before = rows();
    my $run = keep_undo($db, undef, { item => ['id'] }, "UPDATE item SET v = '1' WHERE id < 4");
    keep_undo($db, 'later', { item => ['id'] }, "UPDATE item SET v = '2' WHERE id = 2");
    my $result = load($db, "--undo-of=$run");
    status_is($result, 8, qr/row \(2\) was changed since, by batch later\n/, 'a later batch is named');
    like($result->stderr, qr/hint: Roll back batch later before\./, 'with what to do');
    keep_undo($db, 'apart', { item => ['id'] }, "UPDATE item SET v = '2' WHERE id = 8");
    status_is(rollback('later'), 0, qr/1 restored/, 'which does it');
    status_is(load($db, "--undo-of=$run"), 0, qr/3 restored/, 'a batch about other rows does not matter');
    status_is(rollback('apart'), 0, qr/1 restored/, 'nor does the order then');
    is(rows(), $before, 'everything is as before');
};

subtest 'rows that change meanwhile' => sub {
    $db->sql("UPDATE item SET v = '0'");
    keep_undo($db, 'w1', { item => ['id'] }, "UPDATE item SET v = '1' WHERE id < 4");
    my $other = other_session($db);
    $other->query("BEGIN; UPDATE item SET v = 'theirs' WHERE id = 2");
    my $run = start_load($db, '--batch-id=w1', '--rollback', '--lock-timeout=30s', { keep => 1 });
    ok(wait_for_step($run, 'commit', lock => 1), 'it waits for a row');
    $other->query('COMMIT');
    my $result = $run->finish;
    status_is($result, 8, qr/row \(2\) was changed since\n/, 'a row that was changed then is a conflict');
    is($db->value("SELECT count(*) FROM item WHERE v = '1'"), 2, 'nothing has changed');
    $db->sql("UPDATE item SET v = '1' WHERE id = 2");
    $other->query('BEGIN; UPDATE item SET v = v WHERE id = 1');
    $run = start_load($db, '--batch-id=w1', '--rollback', '--lock-timeout=30s', { keep => 1 });
    ok(wait_for_step($run, 'commit', lock => 1), 'it waits again');
    $other->query('COMMIT');
    $result = status_is($run->finish, 0, qr/other sessions have changed 1 row of table public\.item; retrying\n.*3 restored/s,
        'a row that is as it was is none');
    keep_undo($db, 'w2', { item => ['id'] }, 'DELETE FROM item WHERE id = 9');
    $other->query("BEGIN; INSERT INTO item VALUES (9, 'theirs')");
    $run = start_load($db, '--batch-id=w2', '--rollback', '--lock-timeout=30s', { keep => 1 });
    ok(wait_for_step($run, 'commit', lock => 1), 'it waits for a key');
    $other->query('COMMIT');
    status_is($run->finish, 8, qr/row \(9\) exists again\n/, 'which exists again');
};

subtest 'keys and columns of all kinds' => sub {
    $db->sql(<<'SQL');
CREATE COLLATION nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE TABLE "A.""b" (id numeric, "k'2" text COLLATE nocase, "%s" int GENERATED ALWAYS AS IDENTITY, "op" text,
    PRIMARY KEY ("k'2", id));
INSERT INTO "A.""b" (id, "k'2", op) VALUES (1.0, 'Abc', 'x'), (2, 'abc', 'y'), (3.00, 'DEF', 'z');
CREATE TABLE piece (id int, day date, v text, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
CREATE TABLE piece_1 PARTITION OF piece FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE piece_2 (v text, day date NOT NULL, id int NOT NULL);
ALTER TABLE piece ATTACH PARTITION piece_2 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
INSERT INTO piece VALUES (1, '2024-05-01', 'a'), (2, '2025-05-01', 'b'), (3, '2024-06-01', 'c');
CREATE TABLE place (id int PRIMARY KEY, d date, v text);
CREATE TABLE tree (id int PRIMARY KEY, parent int REFERENCES tree, u text UNIQUE);
INSERT INTO tree VALUES (1, NULL, 'a'), (2, 1, 'b'), (3, 2, 'c');
CREATE TABLE egg (id int PRIMARY KEY, hen int);
CREATE TABLE hen (id int PRIMARY KEY, egg int NOT NULL REFERENCES egg, u int UNIQUE);
ALTER TABLE egg ADD FOREIGN KEY (hen) REFERENCES hen;
INSERT INTO egg VALUES (1, NULL), (2, NULL);
INSERT INTO hen VALUES (1, 1, 7), (2, 2, 8);
UPDATE egg SET hen = id;
SQL
    my $before = content($db, '"A.""b"') . content($db, 'piece', 'tableoid::regclass, row_of_it') . content($db, 'tree')
        . content($db, 'egg') . content($db, 'hen');
    keep_undo($db, 'k1', { 'A."b' => [ 'id', q(k'2) ] }, <<'SQL');
UPDATE "A.""b" SET id = 1.000, "k'2" = 'ABC', op = 'new' WHERE id = 1;
DELETE FROM "A.""b" WHERE id = 2;
INSERT INTO "A.""b" (id, "k'2") VALUES (4.50, 'é');
SQL
    status_is(rollback('k1'), 0, qr/A\."b: 1 deleted, 1 restored, 1 inserted again/, 'a key that looks different, identity, names');
    keep_undo($db, 'k2', { piece => [ 'id', 'day' ] }, <<'SQL');
DELETE FROM piece WHERE id = 1;
UPDATE piece SET v = 'new' WHERE id > 1;
INSERT INTO piece VALUES (1, '2025-05-01', 'new');
SQL
    status_is(rollback('k2'), 0, qr/piece: 1 deleted, 2 restored, 1 inserted again/, 'partitions');
    keep_undo($db, 'k3', { tree => ['id'] }, <<'SQL');
UPDATE tree SET parent = NULL WHERE id = 3;
DELETE FROM tree WHERE id = 2;
INSERT INTO tree VALUES (5, 1, 'b'), (6, 5, 'e');
UPDATE tree SET parent = 6 WHERE id = 3;
SQL
    status_is(rollback('k3'), 0, qr/tree: 2 deleted, 1 restored, 1 inserted again/, 'rows that refer to each other, unique values that return');
    keep_undo($db, 'k4', { egg => ['id'], hen => ['id'] }, <<'SQL');
UPDATE egg SET hen = NULL WHERE id = 1;
DELETE FROM hen WHERE id = 1;
DELETE FROM egg WHERE id = 1;
INSERT INTO egg VALUES (9, 2);
INSERT INTO hen VALUES (9, 9, 7);
UPDATE egg SET hen = 9 WHERE id = 9;
SQL
    status_is(rollback('k4'), 0, qr/rollback complete: 2 deleted, 0 restored, 2 inserted again/, 'a cycle of tables');
    is(content($db, '"A.""b"') . content($db, 'piece', 'tableoid::regclass, row_of_it') . content($db, 'tree')
        . content($db, 'egg') . content($db, 'hen'), $before, 'everything is exactly as before');
};

subtest 'more than one rollback, and many conflicts' => sub {
    $db->sql('TRUNCATE item, part; INSERT INTO item SELECT i, $$0$$ FROM generate_series(1, 50) i');
    keep_undo($db, 'x1', { item => ['id'] }, "UPDATE item SET v = '1'");
    $db->sql("UPDATE item SET v = '2' WHERE id > 5");
    my $result = status_is(rollback('x1', '--dry-run'), 8, qr/45 rows are not as batch x1 left them/, 'a dry run says so, too');
    is(() = $result->stderr =~ /was changed since/g, 20, '20 of them are listed');
    like($result->stderr, qr/public\.item: and 25 more rows\n/, 'and the others counted');
    is($db->value("SELECT count(*) FROM _pg_sample_load.batch_load_log WHERE batch_id = 'x1'"), 0, 'it is not logged');
    $db->sql("UPDATE item SET v = '1'");
    my $holder = other_session($db);
    $holder->query('BEGIN; SELECT FROM item WHERE id = 1 FOR UPDATE');
    my $run = start_load($db, '--batch-id=x1', '--rollback', '--lock-timeout=30s', { keep => 1 });
    wait_for_step($run, 'commit', lock => 1);
    status_is(load($db, '--batch-id=x1', '--rollback', { keep => 1 }), 4, qr/batch x1 is being loaded by another session/, 'at once');
    put('x1/item/1.csv' => ITEMS);
    status_is(batch('x1', { keep => 1 }), 4, qr/batch x1 is being loaded by another session/, 'nor can it be loaded meanwhile');
    $holder->query('COMMIT');
    status_is($run->finish, 0, qr/50 restored/, 'the first one is done');
    is($db->value("SELECT count(*) FROM item WHERE v = '0'"), 50, 'once');
    status_is(batch('x1'), 0, qr/Batch load complete/, 'the batch can be loaded then');
    like(states(), qr/x1 public\.item committed 2/, 'which is its state');
};

subtest 'roles' => sub {
    my $role = $server->create_role;
    $db->sql('CREATE TABLE guarded (id int PRIMARY KEY, v text)');
    keep_undo($db, 'p1', { guarded => ['id'] }, "INSERT INTO guarded VALUES (1, 'a')");
    my $result = load($db->as($role), '--batch-id=p1', '--rollback', { keep => 1 });
    status_is($result, 3, qr/error: /, 'another role cannot');
    is(content($db, 'guarded'), '(1,a)', 'nothing has changed');
};

subtest '--status and --gc' => sub {
    $db->sql("CREATE TABLE feels (id int PRIMARY KEY, e mood, b text); INSERT INTO feels VALUES (1, 'sad', 'x')");
    keep_undo($db, 's1', { feels => ['id'] }, "UPDATE feels SET e = 'ok'");
    my $status = load($db, '--status', { keep => 1 });
    like($status->stdout, qr/^s1 +\S+ +public\.feels +kept +1 +\d+ kB +\S+ +(?:public\.)?mood$/m, '--status lists it, and the type');
    like($status->stdout, qr/^w1 +\S+ +public\.item +rolled back/m, 'and what was rolled back');
    like(load($db, '--status', '--batch-id=s1', { keep => 1 })->stdout, qr/s1/, 'of a batch');
    unlike(load($db, '--status', '--batch-id=s1', { keep => 1 })->stdout, qr/w1/, 'only');
    unlike(load($db, '--gc', { keep => 1 })->stdout, qr/feels/, '--gc drops nothing of it');
    unlike(load($db, '--gc', '--older-than=1h', { keep => 1 })->stdout, qr/feels/, 'nor if it is new');
    $db->sql("UPDATE _pg_sample_load.undo SET committed_at = now() - interval '2 days' WHERE batch_id = 's1'");
    like(load($db, '--gc', '--older-than=1d', { keep => 1 })->stdout,
        qr/^dropped _pg_sample_load\.feels_undo_\S+: batch s1 cannot be rolled back any more \(table public\.feels\)$/m, 'but if it is old');
    status_is(rollback('s1'), 4, qr/batch s1 cannot be rolled back: table public\.feels has no undo table any more\n.*hint: --gc/,
        'it cannot be rolled back then');
    $db->sql('ALTER TABLE feels DROP COLUMN e; DROP TYPE mood CASCADE');
    pass('the type can be dropped');
};

subtest 'what loads have kept' => sub {
    fresh();
    put('l1/item/1.csv' => ITEMS, 'l1/part/1.csv' => "id,item,v\n10,1,x\n");
    $db->sql("INSERT INTO item VALUES (1, 'old')");
    my $before = rows();
    is(batch('l1')->status, 0, 'a batch is loaded');
    status_is(rollback('l1', '--audit'), 0, qr/2 deleted, 1 restored/, 'and rolled back, audited');
    is(rows(), $before, 'everything is as before');
    is(join(', ', @{ $db->column("SELECT concat_ws(' ', operation, record_id, batch_id) FROM _pg_sample_load.audit_log ORDER BY audit_id") }),
        'UPDATE 1 l1, DELETE 2 l1, DELETE 10 l1', 'with the id of the batch');
    is($db->value('SELECT count(*) FROM _pg_sample_load.undo WHERE undone_at IS NULL'), 0, 'a rollback keeps no undo');
    is(batch('l1')->status, 0, 'loaded again');
    status_is(rollback('l1'), 0, qr/2 deleted, 1 restored/, 'and rolled back again');
    is(rows(), $before, 'everything is as before');

    is(batch('l1', '--no-undo')->status, 0, 'loaded without undo');
    status_is(rollback('l1'), 4, qr/batch l1 cannot be rolled back: table public\.item was loaded without undo\n.*hint: /s, 'it stays');
    is(batch('l1', '--force')->status, 0, 'loaded once more, which changes nothing');
    status_is(rollback('l1'), 0, qr/rollback complete: 0 deleted, 0 restored, 0 inserted again/, 'of which nothing is to be undone');

    $db->sql('TRUNCATE item, part');
    my $file = input_file('item.csv', ITEMS);
    my $result = load($db, '--undo', "item=$file");
    is($result->status, 0, 'a load without a batch');
    my $run = $result->metrics->{run_id};
    status_is(load($db, "--undo-of=$run"), 0, qr/Run rollback complete: 2 deleted/, 'is undone by its run_id');
    is(rows(), "\n--\n", 'nothing is left of it');
    $result = load($db, "item=$file");
    status_is(load($db, '--undo-of=' . $result->metrics->{run_id}), 4, qr/cannot be rolled back: it was loaded without undo/,
        'unless it has kept nothing');
};

done_testing;
