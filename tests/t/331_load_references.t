# Tables that refer to each other: order, cycles, rows of other tables; triggers, rules,
# row security and privileges of the target.

use strict;
use warnings;

use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Load;
use PgSample::Test::Server;

my $server = PgSample::Test::Server->start;
my $db     = $server->create_database;
my @STAGING = ('--staging=auto', '--staging=always');

sub file
{
    my ($name, @rows) = @_;
    return input_file("$name.csv", csv(@rows));
}

sub setup
{
    my ($sql) = @_;
    $db->sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public; GRANT ALL ON SCHEMA public TO PUBLIC; $sql");
    return;
}

my $FAMILY = <<'SQL';
CREATE TABLE parent (id int PRIMARY KEY, v text);
CREATE TABLE child (id int PRIMARY KEY, parent int NOT NULL REFERENCES parent, v text);
INSERT INTO parent VALUES (1, 'p1'), (2, 'p2'), (3, 'p3');
INSERT INTO child VALUES (1, 1, 'c1'), (2, 2, 'c2');
SQL

subtest 'order: parents come before children, children go before parents' => sub {
    for my $staging (@STAGING) {
        for my $jobs (1, 2) {
            setup($FAMILY);
            my @files = (file('child', ['id', 'parent', 'v'], [ 1, 9, 'new parent' ], [ 5, 9, 'n' ]),
                file('parent', ['id', 'v'], [ 9, 'p9' ], [ 2, 'p2' ]));
            my $name = "$staging --jobs=$jobs";
            loads($db, [$staging, "--jobs=$jobs", @files],
                { child => 'inserted 1, updated 1', parent => 'inserted 1, unchanged 1' }, $name);
            loads($db, [$staging, "--jobs=$jobs", '--mode=full', '--max-delete-pct=100',
                    file('parent', ['id', 'v'], [ 9, 'p9' ]),
                    file('child', ['id', 'parent', 'v'], [ 5, 9, 'n' ])],
                { child => 'unchanged 1, deleted 2', parent => 'unchanged 1, deleted 3' },
                "$name: full");
            is(content($db, 'parent') . content($db, 'child'), '(9,p9)(5,9,n)', "$name: rows");
        }
    }
};

subtest 'children that lack a parent are rejected' => sub {
    for my $staging (@STAGING) {
        setup($FAMILY);
        my @files = (file('child', ['id', 'parent', 'v'], [ 8, 77, 'x' ], [ 9, 1, 'ok' ]),
            file('parent', ['id', 'v'], [ 4, 'p4' ]));
        refuses($db, [$staging, @files], 3, qr/child_parent_fkey/, "$staging: refused");
        my $result = load($db, $staging, '--max-errors=1', @files);
        is($result->status, 5, "$staging: within --max-errors") or diag $result->describe;
        is($result->summary('child'), 'inserted 1, error 1', "$staging: counts");
        is($result->table('child')->{rejected}{fk}, 1, "$staging: counted as fk");
    }
    # a rejected parent takes its children along, down to the grandchildren
    setup(<<'SQL');
CREATE TABLE a (id int PRIMARY KEY, v varchar(2));
CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES a);
CREATE TABLE c (id int PRIMARY KEY, b int REFERENCES b);
SQL
    my $result = load($db, '--staging=always', '--max-errors=3',
        file('c', ['id', 'b'], [ 1, 1 ], [ 2, 2 ], [ 3, undef ]), file('b', ['id', 'a'], [ 1, 1 ], [ 2, 2 ]),
        file('a', ['id', 'v'], [ 1, 'long' ], [ 2, 'ok' ]));
    is($result->status, 5, 'a chain of rejects') or diag $result->describe;
    is(join(' ', map { content($db, $_) =~ s/\n/ /gr } 'a', 'b', 'c'), '(2,ok) (2,2) (2,2) (3,)', 'rows');
};

subtest 'children that a full load would orphan' => sub {
    for my $staging (@STAGING) {
        setup($FAMILY);
        refuses($db, [$staging, '--mode=full', '--max-delete-pct=90', file('parent', ['id', 'v'],
                    [ 2, 'p2' ], [ 3, 'p3' ])], 3, qr/child/, "$staging: NO ACTION, one is referred to");
        loads($db, [$staging, '--mode=full', '--max-delete-pct=90', file('parent', ['id', 'v'],
                    [ 1, 'p1' ], [ 2, 'p2' ])], 'unchanged 2, deleted 1', "$staging: one is not");
        setup($FAMILY);
        loads($db, [$staging, '--mode=full', '--max-delete-pct=90', file('parent', ['id', 'v'],
                    [ 2, 'p2' ], [ 3, 'p3' ]), file('child', ['id', 'parent', 'v'], [ 1, 3, 'c1' ])],
            { parent => 'unchanged 2, deleted 1', child => 'updated 1, deleted 1' },
            "$staging: the children are in the batch");
    }
};

subtest 'CASCADE, SET NULL and SET DEFAULT stop the run' => sub {
    my %after = ('CASCADE' => '(2,2)', 'SET NULL' => "(1,)\n(2,2)", 'SET DEFAULT' => "(1,2)\n(2,2)");
    for my $action (sort keys %after) {
        for my $staging (@STAGING) {
            setup("CREATE TABLE parent (id int PRIMARY KEY); CREATE TABLE child (id int PRIMARY KEY,"
                    . " parent int DEFAULT 2 REFERENCES parent ON DELETE $action);"
                    . ' INSERT INTO parent VALUES (1), (2); INSERT INTO child VALUES (1, 1), (2, 2)');
            my @arguments = ($staging, '--mode=full', '--max-delete-pct=90', file('parent', ['id'], [ 2 ]));
            refuses($db, \@arguments, 3, [ qr/child/, qr/\b1\b/, qr/allow-cascade/ ],
                "$action $staging: table and count are said");
            loads($db, [@arguments, '--allow-cascade'], 'unchanged 1, deleted 1',
                "$action $staging: --allow-cascade");
            is(content($db, 'child'), $after{$action}, "$action $staging: rows");
        }
    }
    # cascades that go on to a third table
    setup(<<'SQL');
CREATE TABLE a (id int PRIMARY KEY);
CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES a ON DELETE CASCADE);
CREATE TABLE c (id int PRIMARY KEY, b int REFERENCES b ON DELETE CASCADE);
INSERT INTO a VALUES (1), (2); INSERT INTO b VALUES (1, 1); INSERT INTO c VALUES (1, 1);
SQL
    refuses($db, ['--mode=full', '--max-delete-pct=90', file('a', ['id'], [ 2 ]),
            file('b', ['id', 'a'], [ 2, 2 ])], 3, qr/\bc\b/, 'a third table that is not in the batch');
    setup($FAMILY);
    refuses($db, ['--mode=slice', '--slice=v=p1', '--max-delete-pct=100', '--min-rows=0',
            file('parent', ['id', 'v'], [ 8, 'p1' ])], 3, qr/child/, 'a slice as well');
};

subtest 'the table refers to itself' => sub {
    for my $staging (@STAGING) {
        setup('CREATE TABLE tree (id int PRIMARY KEY, up int REFERENCES tree, v text);'
                . ' INSERT INTO tree VALUES (1, NULL, 1), (2, 1, 1), (3, 2, 1)');
        loads($db, [$staging, file('tree', ['id', 'up', 'v'], [ 9, 8, 'a' ], [ 8, 7, 'a' ],
                    [ 7, 9, 'a' ], [ 3, 9, 'a' ])], 'inserted 3, updated 1', "$staging: a ring");
        is(content($db, 'tree'), "(1,,1)\n(2,1,1)\n(3,9,a)\n(7,9,a)\n(8,7,a)\n(9,8,a)", "$staging: rows");
        loads($db, [$staging, '--mode=full', '--max-delete-pct=100', file('tree', ['id', 'up', 'v'],
                    [ 1, undef, 1 ])], 'unchanged 1, deleted 5', "$staging: all others go");
        refuses($db, [$staging, file('tree', ['id', 'up', 'v'], [ 4, 44, 'x' ])], 3, qr/tree_up_fkey/,
            "$staging: nobody there");
        my $result = load($db, $staging, '--max-errors=3', file('tree', ['id', 'up', 'v'], [ 1, undef, 'w' ],
                [ 4, 44, 'x' ], [ 5, 4, 'x' ], [ 6, 5, 'x' ]));
        is($result->summary, 'updated 1, error 3', "$staging: rejected down the chain")
            or diag $result->describe;
    }
};

subtest 'cycles of tables' => sub {
    for my $kind ('NOT NULL', 'NULL', 'NOT NULL DEFERRABLE') {
        my ($null, $deferrable) = $kind =~ /\A((?:NOT )?NULL)(.*)\z/;
        for my $staging (@STAGING) {
            setup("CREATE TABLE a (id int PRIMARY KEY, b int $null);"
                    . " CREATE TABLE b (id int PRIMARY KEY, a int $null REFERENCES a $deferrable);"
                    . " ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b $deferrable");
            my @files = (file('a', ['id', 'b'], [ 1, 2 ], [ 2, 1 ]), file('b', ['id', 'a'], [ 1, 1 ], [ 2, 2 ]));
            my $name = "$kind $staging";
            loads($db, [$staging, @files], { a => 'inserted 2', b => 'inserted 2' }, $name);
            loads($db, [$staging, @files], { a => 'unchanged 2', b => 'unchanged 2' }, "$name: again");
            loads($db, [$staging, '--mode=full', '--max-delete-pct=100',
                    file('a', ['id', 'b'], [ 3, 3 ], [ 1, 3 ]), file('b', ['id', 'a'], [ 3, 1 ])],
                { a => 'inserted 1, updated 1, deleted 1', b => 'inserted 1, deleted 2' },
                "$name: replaced");
            is(content($db, 'a') . '/' . content($db, 'b'), "(1,3)\n(3,3)/(3,1)", "$name: rows");
        }
    }
};

subtest 'keys to columns that are not the primary key' => sub {
    setup(<<'SQL');
CREATE TABLE parent (id int PRIMARY KEY, x int, y text, UNIQUE (x, y));
CREATE TABLE child (id int PRIMARY KEY, y text, x int, FOREIGN KEY (x, y) REFERENCES parent (x, y) MATCH FULL);
CREATE TABLE simple (id int PRIMARY KEY, y text, x int, FOREIGN KEY (x, y) REFERENCES parent (x, y));
INSERT INTO parent VALUES (1, 1, 'a'), (2, 2, 'b'); INSERT INTO child VALUES (1, 'a', 1);
SQL
    for my $staging (@STAGING) {
        refuses($db, [$staging, file('child', ['id', 'x', 'y'], [ 2, 1, undef ])], 3, qr/fkey/,
            "$staging: MATCH FULL");
        refuses($db, [$staging, file('child', ['id', 'x', 'y'], [ 2, 1, 'b' ])], 3, qr/fkey/,
            "$staging: not together");
        refuses($db, [$staging, file('parent', ['id', 'x', 'y'], [ 1, 1, 'changed' ])], [ 3, 6 ], qr/fkey/,
            "$staging: a value that is referred to changes");
    }
    loads($db, [file('simple', ['id', 'x', 'y'], [ 2, 77, undef ])], 'inserted 1', 'MATCH SIMPLE');
    my $result = load($db, file('child', ['id', 'x', 'y'], [ 2, 9, 'n' ], [ 1, 2, 'b' ]),
        file('parent', ['id', 'x', 'y'], [ 1, 9, 'n' ]));
    my $rows = content($db, 'child') . '/' . content($db, 'parent');
    ok($result->status == 0 ? $rows eq "(1,b,2)\n(2,n,9)/(1,9,n)\n(2,2,b)"
        : $rows eq "(1,a,1)/(1,1,a)\n(2,2,b)",
        'parent and children change together, or nothing does') or diag $result->describe, $rows;
};

# ---- triggers, rules, row security, privileges

subtest 'BEFORE triggers' => sub {
    for my $staging (@STAGING) {
        setup(<<'SQL');
CREATE TABLE t (id int PRIMARY KEY, v text NOT NULL, stamp text NOT NULL);
CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN NEW.stamp := TG_OP; NEW.v := coalesce(NEW.v, 'filled'); RETURN NEW; END $$;
CREATE TRIGGER fill BEFORE INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION fill();
INSERT INTO t VALUES (1, 'a', '');
SQL
        my $result = loads($db, [$staging, file('t', ['id', 'v'], [ 1, 'b' ], [ 2, undef ])],
            'inserted 1, updated 1', "$staging: NOT NULL is filled in");
        is(content($db, 't'), "(1,b,UPDATE)\n(2,filled,INSERT)", "$staging: rows");
        like($result->stderr, qr/warning:.*trigger/i, "$staging: a warning");
        # a trigger that drops rows: counts differ, so the whole is rolled back
        $db->sql('CREATE FUNCTION drop() RETURNS trigger LANGUAGE plpgsql AS'
                . ' $$ BEGIN IF NEW.id = 4 THEN RETURN NULL; END IF; RETURN NEW; END $$;'
                . ' CREATE TRIGGER a_drop BEFORE INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION drop()');
        my $dropped = file('t', ['id', 'v'], [ 3, 'c' ], [ 4, 'd' ]);
        my @mismatch = (qr/Row count mismatch! Staging: 2, Inserted: 1/, qr/hint: A trigger that skips rows, or a rule/);
        refuses($db, [$staging, $dropped], 6, \@mismatch, "$staging: a row that a trigger drops");
        refuses($db, [$staging, '--mode=full', '--max-delete-pct=100', "--apply=$_", $dropped], 6, \@mismatch,
            "$staging --apply=$_: the same") for 'delete-insert', 'truncate';
        refuses($db, ['--no-staging', $dropped], 3, qr/a trigger skips rows/, '--no-staging: the same');
    }
};

subtest 'a trigger that raises an error' => sub {
    for my $staging (@STAGING) {
        setup(<<'SQL');
CREATE TABLE t (id int PRIMARY KEY, v text);
CREATE TABLE log (line text);
INSERT INTO t VALUES (1, 'a'), (2, 'b');
CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO log VALUES (TG_OP || NEW.id);
    IF NEW.id = 3 THEN RAISE 'id % is not wanted', NEW.id; END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER no AFTER INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION no();
SQL
        my $file = file('t', ['id', 'v'], [ 1, 'x' ], [ 3, 'c' ]);
        my $result = refuses($db, [$staging, $file], 6, qr/id 3 is not wanted/, "$staging: in the commit");
        like($result->metrics && $result->metrics->{error}, qr/id 3 is not wanted/,
            "$staging: the metrics say why");
        refuses($db, [$staging, '--dry-run=execute', $file], [ 3, 6 ], qr/id 3 is not wanted/,
            "$staging: --dry-run=execute finds it");
        refuses($db, [$staging, '--mode=full', '--max-delete-pct=100', "--apply=$_", $file], 6, qr/id 3 is not wanted/,
            "$staging: --apply=$_ restores what it has deleted") for 'delete-insert', 'truncate';
        loads($db, [$staging, file('t', ['id', 'v'], [ 1, 'x' ], [ 2, 'b' ], [ 4, 'd' ])],
            'inserted 1, updated 1, unchanged 1', "$staging: others");
        is(content($db, 'log'), "(INSERT4)\n(UPDATE1)", "$staging: triggers fire for written rows only");
        $db->sql('ALTER TABLE t DISABLE TRIGGER no');
        loads($db, [$staging, $file], 'inserted 1, unchanged 1', "$staging: disabled");
        is($db->value("SELECT tgenabled FROM pg_trigger WHERE tgname = 'no'"), 'D', "$staging: and stays so");
    }
};

subtest 'rules' => sub {
    setup('CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t VALUES (1, 1);'
            . ' CREATE RULE nothing AS ON INSERT TO t DO INSTEAD NOTHING');
    refuses($db, [file('t', ['id', 'v'], [ 2, 'b' ])], 3, qr/rule.*nothing|nothing.*rule/i,
        'a table with an INSTEAD rule is refused');
};

subtest 'row security' => sub {
    my $role = $server->create_role('loader');
    my $name = $db->name;
    $db->sql('DROP SCHEMA IF EXISTS _pg_sample_load CASCADE');
    setup(<<"SQL");
CREATE TABLE t (id int PRIMARY KEY, v text);
INSERT INTO t VALUES (1, 'mine'), (2, 'theirs');
ALTER TABLE t ENABLE ROW LEVEL SECURITY;
CREATE POLICY mine ON t USING (v = 'mine');
GRANT ALL ON t TO $role;
GRANT CREATE, TEMP ON DATABASE $name TO $role;
SQL
    for my $staging (@STAGING, '--staging=never') {
        for my $mode ('incremental', 'full') {
            my $before = image($db);
            my $result = load($db->as($role), $staging, "--mode=$mode", '--max-delete-pct=100',
                file('t', ['id', 'v'], [ 1, 'mine' ], [ 3, 'mine' ]));
            is($result->status, 3, "$staging $mode: refused") or diag $result->describe;
            like($result->stderr, qr/row.(?:level )?security/i, "$staging $mode: it says so");
            is(image($db), $before, "$staging $mode: nothing changes");
        }
    }
    loads($db, [file('t', ['id', 'v'], [ 1, 'mine' ], [ 2, 'x' ])], 'updated 1, unchanged 1',
        'a superuser may');
    $db->sql('DROP SCHEMA IF EXISTS _pg_sample_load CASCADE');
};

subtest 'privileges' => sub {
    my $role = $server->create_role('weak');
    my $name = $db->name;
    for my $grant ('SELECT', 'SELECT, UPDATE', 'INSERT, UPDATE, DELETE') {
        setup("CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t VALUES (1, 'a');"
                . " GRANT CREATE, TEMP ON DATABASE $name TO $role; GRANT $grant ON t TO $role");
        my $before = image($db);
        my $result = load($db->as($role), '--mode=full', '--max-delete-pct=100',
            file('t', ['id', 'v'], [ 1, 'b' ], [ 2, 'c' ]));
        is($result->status, 3, "only $grant: refused") or diag $result->describe;
        like($result->stderr, qr/permission|privilege|INSERT|SELECT|DELETE/, "only $grant: it says so");
        is(image($db), $before, "only $grant: nothing changes");
    }
    setup("CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t VALUES (1, 'a');"
            . " GRANT SELECT, INSERT, UPDATE ON t TO $role");
    loads($db->as($role), [file('t', ['id', 'v'], [ 1, 'b' ], [ 2, 'c' ])],
        'inserted 1, updated 1', 'DELETE is not asked for where nothing is deleted');
    $db->sql('DROP SCHEMA IF EXISTS _pg_sample_load CASCADE');
};

done_testing;
