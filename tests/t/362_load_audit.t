# Images of the rows that a load changes: in audit_log, and in undo tables. They must be what
# an independent comparison of the tables before and after says, and be there exactly if the
# rows are.

use strict;
use warnings;

use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Load;
use PgSample::Test::Server;

my $server = PgSample::Test::Server->start;
my $db     = $server->create_database;
my @BOTH = ('--audit', '--undo');
my @STAGING = ('--staging=auto', '--staging=always');

# ---- a table, and its files

sub fill
{
    my ($definition, $rows, @more) = @_;
    $db->sql("DROP TABLE IF EXISTS t, u, audit_log CASCADE; DROP SCHEMA IF EXISTS _pg_sample_load CASCADE;"
            . "CREATE TABLE t ($definition)" . (@more ? shift @more : '')
            . ($rows ? "; INSERT INTO t VALUES $rows" : ''));
    $db->sql($_) for @more;
    return;
}

sub file
{
    my (@rows) = @_;
    return input_file('t.csv', csv(@rows));
}

sub lines
{
    return input_file('t.jsonl', join '', map { "$_\n" } @_);
}

# ---- what is kept

# Columns that are not generated, quoted.
sub columns_of
{
    my ($table) = @_;
    return @{ $db->column(<<"SQL") };
SELECT quote_ident(attname) FROM pg_attribute
 WHERE attrelid = '$table'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
 ORDER BY attnum
SQL
}

sub remember
{
    my (@tables) = @_;
    $db->sql("DROP TABLE IF EXISTS before_$_; CREATE TABLE before_$_ AS TABLE $_") for @tables;
    return;
}

# What a comparison by this key says: operation, old row and new row.
sub changes_of
{
    my ($table, $key) = @_;
    my @columns = columns_of($table);
    my ($old, $new) = map { my $alias = $_; 'ROW(' . join(', ', map { "$alias.$_" } @columns) . ')' } 'o', 'n';
    my $match = join ' AND ', map { "o.$_ = n.$_" } split /,/, $key;
    my ($first) = split /,/, $key;
    return $db->column(<<"SQL");
SELECT concat(CASE WHEN o.$first IS NULL THEN 'I' WHEN n.$first IS NULL THEN 'D' ELSE 'U' END,
              ' ', CASE WHEN o.$first IS NOT NULL THEN $old END, ' > ', CASE WHEN n.$first IS NOT NULL THEN $new END)
  FROM before_$table AS o FULL JOIN $table AS n ON $match
 WHERE o.$first IS NULL OR n.$first IS NULL OR $old\::record *<> $new\::record
 ORDER BY 1
SQL
}

# The undo table of the last load.
sub undo_of
{
    my ($table) = @_;
    return $db->rows(<<"SQL")->[0] || [];
SELECT '_pg_sample_load.' || quote_ident(undo_table), cardinality(columns), n_rows, undo_table, array_to_string(key, ',')
  FROM _pg_sample_load.undo WHERE table_name = '$table'::regclass::text OR table_name = 'public.' || '$table'::regclass::text
 ORDER BY undo_id DESC LIMIT 1
SQL
}

sub undone_of
{
    my ($table) = @_;
    my ($name, $n) = @{ undo_of($table) };
    my ($old, $new) = map { my $prefix = $_; 'ROW(' . join(', ', map { "i.$prefix$_" } 1 .. $n) . ')' } 'old_', 'new_';
    return $db->column(<<"SQL");
SELECT concat(op, ' ', CASE WHEN op <> 'I' THEN $old END, ' > ', CASE WHEN op <> 'D' THEN $new END)
  FROM $name AS i ORDER BY 1
SQL
}

# The same from the audit, for types that JSON has.
sub audited_of
{
    my ($table, $log) = @_;
    my @columns = columns_of($table);
    my ($old, $new) = map {
        my $json = $_;
        my @values = map { (my $name = $_) =~ s/\A"(.*)"\z/$1/s; $name =~ s/""/"/g; $name =~ s/'/''/g; "a.$json ->> '$name'" } @columns;
        'ROW(' . join(', ', @values) . ')';
    } 'old_values', 'new_values';
    $log ||= '_pg_sample_load.audit_log';
    return $db->column(<<"SQL");
SELECT concat(left(operation, 1), ' ', CASE WHEN old_values IS NOT NULL THEN $old END, ' > ',
              CASE WHEN new_values IS NOT NULL THEN $new END)
  FROM $log AS a WHERE table_name = '$table' OR table_name = 'public.$table' ORDER BY 1
SQL
}

# Loads, and compares all three.
sub keeps
{
    my ($name, $key, $expected, @arguments) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    remember('t');
    $db->sql('DELETE FROM _pg_sample_load.audit_log') if $db->value("SELECT to_regclass('_pg_sample_load.audit_log')");
    my $result = load($db, @BOTH, @arguments);
    return fail("$name: status") || diag $result->describe if $result->status != 0;
    my $changes = changes_of('t', $key);
    is_deeply([ map { substr $_, 0, 1 } @$changes ], [ sort split //, $expected ], "$name: changes")
        or diag explain $changes;
    is_deeply(undone_of('t'), $changes, "$name: undo") if @$changes;
    is_deeply([ map { s/\bt\b/true/r =~ s/\bf\b/false/r } @{ audited_of('t') } ],
        [ map { s/\bt\b/true/r =~ s/\bf\b/false/r } @$changes ], "$name: audit");
    is(undo_of('t')->[2], scalar @$changes, "$name: number");
    return $result;
}

# ---- each operation

subtest 'each operation, in each mode' => sub {
    for my $staging (@STAGING) {
        fill('id int PRIMARY KEY, v text, n int, g int GENERATED ALWAYS AS (id * 2) STORED', '');
        $db->sql(q{INSERT INTO t (id, v, n) SELECT i, 'old', i % 3 FROM generate_series(1, 12) i});
        keeps('incremental', 'id', 'IIU', $staging, file([ 'id', 'v', 'n' ], [ 1, 'new', 1 ], [ 2, 'old', 2 ], [ 20, 'x', 0 ], [ 21, undef, 0 ]));
        keeps('slice', 'id', 'DDDUI', $staging, '--slice=n=2', '--max-delete-pct=100', file([ 'id', 'v' ], [ 5, 'in' ], [ 30, 'in' ]));
        keeps('append', 'id', 'I', $staging, '--mode=append', file([ 'id', 'v', 'n' ], [ 40, 'x', 1 ]));
        keeps('update_only', 'id', 'U', $staging, '--strategy=update_only', file([ 'id', 'n' ], [ 40, 7 ], [ 41, 7 ]));
        keeps('full', 'id', 'IU' . 'D' x 12, $staging, '--mode=full', '--max-delete-pct=100', file([ 'id', 'v', 'n' ], [ 1, 'full', 1 ], [ 50, 'full', 5 ]));
        keeps('nothing', 'id', '', $staging, file([ 'id', 'v' ], [ 1, 'full' ]));
        is(undo_of('t')->[3], undef, 'and no undo table');
        is($db->value('SELECT count(*) FROM _pg_sample_load.audit_log'), 0, 'nor audit');
    }
};

subtest 'soft deletes are updates' => sub {
    fill('id int PRIMARY KEY, v text, deleted_at date, updated_at date', q{(1, 'a', NULL), (2, 'b', NULL), (3, 'c', '2020-01-01')});
    keeps('soft', 'id', 'UU', '--mode=full', '--soft-delete', '--max-delete-pct=100', '--updated-at-column=updated_at',
        file([ 'id', 'v' ], [ 2, 'b' ], [ 3, 'c' ]));
    is($db->value(q{SELECT string_agg(record_id || operation, ' ' ORDER BY record_id) FROM _pg_sample_load.audit_log}),
        '1UPDATE 3UPDATE', 'marked and unmarked');
};

subtest 'without a key there is an audit of inserts' => sub {
    fill('a int, b text', q{(1, 'x')});
    is(load($db, '--audit', file([ 'a', 'b' ], [ 1, 'x' ], [ 1, 'x' ], [ 2, 'y' ]))->status, 0, 'loaded');
    is($db->value(q{SELECT string_agg(concat_ws(' ', operation, coalesce(record_id, 'no id'), new_values), ', ' ORDER BY new_values)
                      FROM _pg_sample_load.audit_log}), 'INSERT no id {"a": 1, "b": "x"}, INSERT no id {"a": 2, "b": "y"}', 'two rows');
    is($db->value('SELECT count(*) FROM _pg_sample_load.undo'), 0, 'and no undo');
    is_deeply([ left_tables($db) ], [], 'images are dropped');
};

subtest 'a key that several rows can have' => sub {
    fill('k int, v text', q{(1, 'other')}, '', <<'SQL');
CREATE FUNCTION again() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE t SET v = v || '!' WHERE k = NEW.k; RETURN NULL; END $$;
CREATE TRIGGER again AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION again();
SQL
    is(load($db, '--audit', '--mode=append', '--natural-key=k', file([ 'k', 'v' ], [ 1, 'x' ]))->status, 0, 'a row is added');
    is($db->value(q{SELECT string_agg(new_values ->> 'v', ' ') FROM _pg_sample_load.audit_log}), 'x', 'the audit is not about the other one');
};

# ---- values

subtest 'json in other types is audited' => sub {
    $db->sql(<<'SQL');
DROP DOMAIN IF EXISTS document CASCADE; DROP TYPE IF EXISTS box_of_json CASCADE;
CREATE DOMAIN document AS json; CREATE TYPE box_of_json AS (j json);
SQL
    my $bad = q({"a":"\u0000"});
    fill('id int PRIMARY KEY, v text, d document, a document[], b box_of_json, c box_of_json[]', "(1, 'old', '$bad', ARRAY['$bad'::document],"
            . " ROW('$bad'), ARRAY[ROW('$bad')::box_of_json]), (2, 'old', '[1]', ARRAY['[1]'::document], ROW('[1]'), ARRAY[ROW('[1]')::box_of_json])");
    my $result = load($db, @BOTH, file([ 'id', 'v' ], [ 1, 'new' ], [ 2, 'new' ]));
    is($result->status, 0, 'loaded') or diag $result->describe;
    is($db->value(q{SELECT string_agg(jsonb_typeof(new_values -> n), ' ' ORDER BY record_id, n) FROM _pg_sample_load.audit_log, unnest('{a,b,c,d}'::text[]) n}),
        'string string string string array object array array', 'as text where it is no jsonb');
};

subtest 'undo is exact for every type' => sub {
    $db->sql(<<'SQL');
DROP DOMAIN IF EXISTS positive, names CASCADE; DROP TYPE IF EXISTS pair, color CASCADE;
CREATE DOMAIN positive AS numeric NOT NULL CHECK (VALUE > 0);
CREATE DOMAIN names AS text[] CHECK (cardinality(VALUE) < 9);
CREATE TYPE pair AS (x int, y text);
CREATE TYPE color AS ENUM ('red', 'green');
SQL
    fill('id positive PRIMARY KEY, j json, a int[], f float8, n numeric, r int4range, b bytea, p pair, c color, l names,'
            . ' s char(4), t timestamp, x xml, z varbit, m name');
    my @old = (q({"a":1, "a":2,"u":"\u0000 \ud83d"}), '[0:1]={1,NULL}', '-0', '1.10', '[1,5)', '\x00ff', '(1,"a ""b""")', 'red',
        '{"a b",NULL}', 'ab', 'infinity', '<a>1</a>', '0101', 'n');
    my @new = (q([1e999, 1E+05, 12345678901234567890.10]), '[2:2][3:3]={{7}}', 'NaN', 'NaN', 'empty', '', '(,)', 'green', '{}', '    ', '-infinity', '<b/>', '', '');
    $db->sql(q{INSERT INTO t VALUES (1.10, } . join(', ', map { s/'/''/gr =~ s/\A(.*)\z/'$1'/sr } @old) . '); INSERT INTO t VALUES (3)');
    remember('t');
    my @head = ('id', columns_of('t'));
    shift @head;
    my $full = load($db, @BOTH, '--mode=full', '--max-delete-pct=100', file(\@head, [ '1.1', @new ], [ '2.00', @old ]));
    is($full->status, 0, 'loaded') or diag $full->describe;
    my $changes = changes_of('t', 'id');
    is(scalar @$changes, 3, 'one of each');
    is_deeply(undone_of('t'), $changes, 'as text');
    is($db->value(q{SELECT count(*) FROM t JOIN } . undo_of('t')->[0] . q{ AS i ON i.new_1 = t.id
        WHERE ROW(} . join(', ', map { "i.new_$_" } 1 .. 15) . q{)::record *= ROW(} . join(', ', map { /\A(?:id)\z/ ? "$_\::numeric" : $_ eq 'l' ? "$_\::text[]" : $_ } columns_of('t')) . q{)::record}),
        2, 'and as bytes');
    is($db->value(q{SELECT string_agg(jsonb_typeof(coalesce(new_values, old_values) -> 'j'), ' ' ORDER BY operation, record_id) FROM _pg_sample_load.audit_log}),
        'null string string', 'json that is no jsonb is a string in the audit');
    is($db->value(q{SELECT string_agg(record_id, ' ' ORDER BY operation) FROM _pg_sample_load.audit_log}), '3 2.00 1.1', 'keys are texts');
    my $undone = load($db, '--undo-of=' . $full->metrics->{run_id});
    is($undone->status, 0, 'undone') or diag $undone->describe;
    is($db->value(q{SELECT string_agg(operation, ' ' ORDER BY operation) FROM _pg_sample_load.audit_log
        WHERE batch_id = '} . $undone->metrics->{run_id} . q{'}), 'DELETE INSERT UPDATE', 'which is audited, as the load was');
    is_deeply(changes_of('t', 'id'), [], 'byte for byte');
};

subtest 'names and values of attackers' => sub {
    my $name = q{x"'; DROP TABLE t; --\\};
    (my $quoted = $name) =~ s/"/""/g;
    fill(qq{"k ""1" text, "k 2" text, "$quoted" text, "old_1" int, op text, i int, PRIMARY KEY ("k ""1", "k 2")});
    $db->sql(q{INSERT INTO t VALUES ('a''b', E'tab\\t', 'old', 1, 'o', 5)});
    keeps('hostile', '"k ""1","k 2"', 'IU', file([ 'k "1', 'k 2', $name, 'old_1' ], [ q{a'b}, "tab\t", q{'); DROP TABLE t; --}, 2 ],
        [ q{"}, q{\\}, q{$$}, 3 ]));
    is($db->value(q{SELECT record_id FROM _pg_sample_load.audit_log WHERE operation = 'INSERT'}), q{["\"", "\\\\"]}, 'the key is JSON');
    $db->sql(qq{ALTER TABLE t RENAME TO "$quoted"});
    my $result = load($db, @BOTH, '"' . $quoted . '"=' . file([ 'k "1', 'k 2' ], [ 'q', 'q' ]));
    is($result->status, 0, 'also of the table') or diag $result->describe;
    is($db->value(q{SELECT count(*) FROM _pg_sample_load.audit_log WHERE table_name LIKE 'public."x%'}), 1, 'which is in the audit');
    $db->sql(qq{ALTER TABLE "$quoted" RENAME TO t});
};

# ---- what else writes

subtest 'images are what the commit has left' => sub {
    for my $when ('AFTER INSERT OR UPDATE OR DELETE ON t', 'AFTER INSERT OR UPDATE OR DELETE ON t DEFERRABLE INITIALLY DEFERRED') {
        my $kind = $when =~ /DEFER/ ? 'CONSTRAINT TRIGGER' : 'TRIGGER';
        fill('id int PRIMARY KEY, v text, w text', '', '', <<'SQL', "CREATE $kind again $when FOR EACH ROW WHEN (pg_trigger_depth() < 1) EXECUTE FUNCTION again()");
INSERT INTO t SELECT i, 'old', 'w' FROM generate_series(1, 9) i;
CREATE OR REPLACE FUNCTION again() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF tg_op = 'DELETE' THEN
        INSERT INTO t SELECT old.id, old.v, CASE old.id WHEN 6 THEN 'reborn' ELSE old.w END WHERE old.id > 5 AND old.id < 8;
    ELSIF new.v = 'again' THEN UPDATE t SET w = 'by trigger' WHERE id = new.id;
    ELSIF new.v = 'gone' THEN DELETE FROM t WHERE id = new.id;
    ELSIF new.v = 'back' THEN UPDATE t SET v = 'old' WHERE id = new.id;
    END IF;
    RETURN NULL;
END $$;
SQL
        keeps($kind, 'id', 'UUUDDDII', '--mode=full', '--max-delete-pct=100',
            file([ 'id', 'v' ], [ 1, 'again' ], [ 2, 'gone' ], [ 3, 'back' ], [ 4, 'plain' ], [ 5, 'old' ],
                [ 11, 'gone' ], [ 12, 'again' ], [ 13, 'plain' ]));
    }
    fill('id int PRIMARY KEY, v text', q{(1, 'a'), (2, 'b')}, '', <<'SQL');
CREATE OR REPLACE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN new.v = upper(new.v); RETURN new; END $$;
CREATE TRIGGER shout BEFORE INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION shout();
SQL
    keeps('BEFORE triggers', 'id', 'UI', file([ 'id', 'v' ], [ 1, 'x' ], [ 3, 'y' ]));
};

subtest 'a key that a trigger changes' => sub {
    fill('id int PRIMARY KEY, v text', '', '', <<'SQL', 'CREATE TRIGGER moves AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION moves()');
CREATE OR REPLACE FUNCTION moves() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    UPDATE t SET id = id + 1000 WHERE id = new.id AND v = 'moved';
    RETURN NULL;
END $$;
SQL
    my $result = load($db, @BOTH, file([ 'id', 'v' ], [ 1, 'moved' ], [ 2, 'stays' ]));
    is($result->status, 0, 'the rows are loaded') or diag $result->describe;
    is($db->value('SELECT string_agg(id::text, \' \' ORDER BY id) FROM t'), '2 1001', 'both');
    like($result->stderr, qr/warning: public[.]t: 1 row of the load was deleted by triggers, or got other keys/, 'which is reported');
    is($db->value('SELECT string_agg(record_id, \' \') FROM _pg_sample_load.audit_log'), '2', 'since it is not audited');
};

subtest 'a trigger of another table of the load' => sub {
    fill('id int PRIMARY KEY, n int', '(1, 0), (2, 0)', '', <<'SQL');
CREATE TABLE u (id int PRIMARY KEY, t int REFERENCES t);
CREATE OR REPLACE FUNCTION counted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    UPDATE t SET n = n + 100 WHERE id = new.t; RETURN NULL;
END $$;
CREATE TRIGGER counted AFTER INSERT ON u FOR EACH ROW EXECUTE FUNCTION counted();
SQL
    keeps('a summary', 'id', 'U', 't=' . file([ 'id', 'n' ], [ 1, 5 ]), 'u=' . input_file('u.csv', "id,t\n1,1\n2,1\n"));
    is($db->value('SELECT new_2 FROM ' . undo_of('t')->[0]), 205, 'with both');
};

subtest 'a key that is set to NULL before its row is updated' => sub {
    fill('id int PRIMARY KEY, code text UNIQUE', q{(1, 'a'), (2, 'b')}, '',
        q{CREATE TABLE u (id int PRIMARY KEY, t int REFERENCES t ON DELETE SET NULL); INSERT INTO u VALUES (10, 1)});
    remember('t', 'u');
    my $result = load($db, @BOTH, '--mode=full', '--max-delete-pct=100', 't=' . file([ 'id', 'code' ], [ 2, 'b' ], [ 3, 'a' ]),
        'u=' . input_file('u.csv', "id,t\n10,3\n"));
    is($result->status, 0, 'loaded') or diag $result->describe;
    is_deeply(undone_of('u'), ['U (10,1) > (10,3)'], 'the old image is that before the load');
    is(load($db, '--undo-of=' . $result->metrics->{run_id})->status, 0, 'undone');
    is_deeply([ @{ changes_of('t', 'id') }, @{ changes_of('u', 'id') } ], [], 'as before');
};

subtest 'cycles, partitions, identity, partial records, jobs' => sub {
    fill('id int PRIMARY KEY, o int NOT NULL', '', '', q{CREATE TABLE u (id int PRIMARY KEY, o int NOT NULL REFERENCES t);
        ALTER TABLE t ADD CONSTRAINT o FOREIGN KEY (o) REFERENCES u DEFERRABLE; BEGIN; SET CONSTRAINTS ALL DEFERRED;
        INSERT INTO t VALUES (1, 1); INSERT INTO u VALUES (1, 1); COMMIT; ALTER TABLE t ALTER CONSTRAINT o NOT DEFERRABLE});
    remember('t', 'u');
    my $result = load($db, @BOTH, 't=' . file([ 'id', 'o' ], [ 1, 2 ], [ 2, 1 ]), 'u=' . input_file('u.csv', "id,o\n1,2\n2,2\n"));
    is($result->status, 0, 'a cycle') or diag $result->describe;
    is_deeply(undone_of($_), changes_of($_, 'id'), "is kept: $_") for 't', 'u';
    fill('id int, k int, v text, PRIMARY KEY (id, k)', '', ' PARTITION BY RANGE (k)',
        q{CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10); CREATE TABLE t2 PARTITION OF t FOR VALUES FROM (10) TO (20);
        INSERT INTO t VALUES (1, 1, 'a'), (2, 11, 'b'), (3, 12, 'c')});
    keeps('partitions', 'id,k', 'UUID', '--mode=full', '--max-delete-pct=100', file([ 'id', 'k', 'v' ], [ 1, 1, 'x' ], [ 2, 11, 'y' ], [ 4, 5, 'z' ]));
    fill('id int PRIMARY KEY, k int, v text', '', '', q{INSERT INTO t VALUES (1, 1, 'a')});
    $db->sql('DROP TABLE t CASCADE; CREATE TABLE t (id int, k int, v text) PARTITION BY RANGE (k);'
            . 'CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10); CREATE TABLE t2 PARTITION OF t FOR VALUES FROM (10) TO (20);'
            . q{INSERT INTO t VALUES (1, 1, 'a'), (2, 2, 'b')});
    keeps('rows that move', 'id', 'U', '--natural-key=id', file([ 'id', 'k' ], [ 1, 15 ]));
    fill(q{id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, s serial, v text, d int DEFAULT 7}, '', '', q{INSERT INTO t (v) VALUES ('a'), ('b')});
    keeps('identity', 'id', 'UII', lines('{"id": 1, "v": "x"}', '{"id": 5, "v": null}', '{"id": 6, "d": null}'));
    my @files = map { my $file = $_; input_file("t.csv", csv([ 'id', 'v' ], map { [ $file * 1000 + $_, 'j' ] } 1 .. 500)) } 1 .. 4;
    keeps('jobs', 'id', 'I' x 2000, '-j3', '--staging=always', @files);
};

# ---- the transaction

subtest 'images are there exactly if the rows are' => sub {
    fill('id int PRIMARY KEY, v text', q{(1, 'a'), (2, 'b')}, '', <<'SQL');
CREATE OR REPLACE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;
CREATE CONSTRAINT TRIGGER fail AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (new.v = 'fail') EXECUTE FUNCTION fail();
CREATE OR REPLACE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_xact_lock_shared(4711); RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER hold AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (new.v = 'hold') EXECUTE FUNCTION hold();
SQL
    my $kept = sub {
        return $db->value(q{SELECT count(*) FROM _pg_sample_load.audit_log}) . ' ' . $db->value('SELECT count(*) FROM _pg_sample_load.undo') . ' '
            . $db->value(q{SELECT count(*) FROM pg_class WHERE relname ~ '_undo_[0-9a-f]{8}_'});
    };
    refuses($db, [ @BOTH, file([ 'id', 'v' ], [ 1, 'x' ], [ 3, 'fail' ]) ], 6, qr/no/, 'a commit that fails');
    is($kept->(), '0 0 0', 'leaves nothing');
    my $dry = load($db, @BOTH, '--dry-run=execute', file([ 'id', 'v' ], [ 1, 'x' ], [ 3, 'y' ]));
    is($dry->status, 0, 'a dry run that executes') or diag $dry->describe;
    is($kept->(), '0 0 0', 'leaves nothing');
    is(load($db, @BOTH, '--dry-run', file([ 'id', 'v' ], [ 1, 'x' ]))->status, 0, 'nor one that does not');
    is($kept->(), '0 0 0', 'leaves anything');
    for my $how ('KILL', 'terminate', 'cancel') {
        my $holder = hold_advisory($db);
        my $before = content($db, 't');
        my $run = start_load($db, @BOTH, '--staging=always', file([ 'id', 'v' ], [ 1, $how ], [ 3, 'hold' ]), { keep => 1 });
        my $session = wait_for_step($run, 'commit', lock => 1);
        ok(ref $session, "$how: it is held in the commit");
        $how eq 'KILL' ? $run->signal('KILL') : $db->sql("SELECT pg_${how}_backend($session->{pid})");
        $db->sql("SELECT pg_terminate_backend($session->{pid})") if $how eq 'KILL';
        wait_until(10, sub { return !load_sessions($db, "pid = $session->{pid} AND state <> 'idle'") });
        is($kept->() . content($db, 't'), "0 0 0$before", "$how: nothing is left by it");
        $holder->close;
        my $result = $run->finish;
        if ($how eq 'terminate') {
            is($result->status, 0, 'it connects again, and commits') or diag $result->describe;
            is($kept->(), '2 1 1', 'with images, once');
            is_deeply(undone_of('t'), [ 'I  > (3,hold)', 'U (1,a) > (1,terminate)' ], 'and these');
            $db->sql('TRUNCATE _pg_sample_load.audit_log, _pg_sample_load.undo; DROP TABLE ' . undo_of('t')->[0]
                    . q{; UPDATE t SET v = 'a' WHERE id = 1; DELETE FROM t WHERE id = 3}) if 1;
        }
        load($db, '--gc');
    }
};

# ---- where the audit is

my $ORIGINAL = 'audit_id serial PRIMARY KEY, table_name varchar(100), operation varchar(10), record_id varchar(255),'
    . ' old_values json, new_values json, batch_id varchar(100), changed_by varchar(100) DEFAULT \'system\', changed_at timestamp DEFAULT now()';

subtest 'a table audit_log of the user' => sub {
    fill('id int PRIMARY KEY, v text', q{(1, 'a')});
    $db->sql("CREATE TABLE audit_log ($ORIGINAL)");
    my $result = load($db, '--audit', file([ 'id', 'v' ], [ 1, 'b' ], [ 2, 'c' ]));
    is($result->status, 0, 'is used') or diag $result->describe;
    is_deeply(audited_of('t', 'audit_log'), [ 'I  > (2,c)', 'U (1,a) > (1,b)' ], 'for all rows');
    is($db->value(q{SELECT bool_and(batch_id = (SELECT run_id::text FROM _pg_sample_load.run) AND changed_by = session_user
        AND changed_at BETWEEN now() - interval '1 minute' AND now()) FROM audit_log}), 't', 'by the run, the user, and when');
    is($db->value('SELECT count(*) FROM _pg_sample_load.audit_log'), 0, 'and not the own one');
    $server->create_role('mallory') if !$db->value("SELECT count(*) FROM pg_roles WHERE rolname = 'mallory'");
    my @taints = (
        [ 'ALTER TABLE audit_log OWNER TO mallory', qr/it belongs to role "mallory"/ ],
        [ 'CREATE TRIGGER x BEFORE INSERT ON audit_log FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()', qr/it has triggers/ ],
        [ 'ALTER TABLE audit_log DROP old_values', qr/it has no column "old_values"/ ],
        [ 'ALTER TABLE audit_log ALTER record_id TYPE int USING 1', qr/column "record_id" is of type integer/ ],
    );
    for my $taint (@taints) {
        $db->sql("DROP TABLE audit_log; CREATE TABLE audit_log ($ORIGINAL); $taint->[0]");
        refuses($db, [ '--audit', file([ 'id', 'v' ], [ 1, 'c' ]) ], 3, [ qr/audit_log cannot be used/, $taint->[1] ], $taint->[0]);
    }
    is(load($db, file([ 'id', 'v' ], [ 1, 'c' ]))->status, 0, 'without --audit it does not matter');
};

# ---- where it is not possible

subtest 'what cannot be kept' => sub {
    my $refused = sub {
        my ($arguments, $problem, $name) = @_;
        for my $option (@BOTH) {
            my $what = $option eq '--audit' ? 'audited' : 'undone';
            refuses($db, [ $option, @$arguments ], 3, [ qr/changes of table public[.]t cannot be $what: $problem/, qr/hint: .*--no-undo/ ], "$name: $option");
        }
    };
    my $file = file([ 'id', 'v' ], [ 1, 'x' ]);
    fill('id int PRIMARY KEY, v text', q{(1, 'a')});
    for my $apply ('delete-insert', 'truncate', 'swap') {
        $refused->([ '--mode=full', "--apply=$apply", $file ], qr/its rows are replaced as a whole/, $apply);
    }
    refuses($db, [ $_, '--apply=direct', $file ], 1, qr/"$_" needs staging tables/, "direct: $_") for @BOTH;
    $db->sql('CREATE RULE also AS ON UPDATE TO t DO ALSO SELECT 1');
    $refused->([$file], qr/it has the rule "also"/, 'a rule');
    fill('id int PRIMARY KEY, v text', q{(1, 'a'), (2, 'b')}, '', 'CREATE TABLE u (id int REFERENCES t ON DELETE CASCADE)');
    $refused->([ '--mode=full', '--allow-cascade', $file ], qr/with --allow-cascade/, 'cascades');
    is(load($db, '--allow-cascade', @BOTH, $file)->status, 0, 'without deletes they do not matter');
    fill('id int, v text', q{(1, 'a')});
    refuses($db, [ '--undo', $file ], 3, qr/cannot be undone: it has no key/, 'no key');
    fill('id int UNIQUE, v text', q{(1, 'a')});
    refuses($db, [ '--undo', '--mode=append', '--natural-key=id', $file ], 3, qr/cannot be undone: it has no key/, 'a key that can be NULL');
    fill(join ', ', 'id int PRIMARY KEY', map { "c$_ int" } 1 .. 799);
    $refused->([ input_file('t.csv', "id\n1\n") ], qr/it has more than 798 columns/, 'columns');
    fill(join ', ', 'id int PRIMARY KEY', 'v text', map { "c$_ text" } 1 .. 796);
    keeps('798 columns', 'id', 'I', $file);
    keeps('798 columns', 'id', 'U', file([ 'id', 'v' ], [ 1, 'y' ]));
    my ($run) = map { $_->[0] } @{ $db->rows('SELECT run_id FROM _pg_sample_load.undo ORDER BY undo_id DESC LIMIT 1') };
    is(load($db, "--undo-of=$run")->status, 0, 'which is rolled back');
    is($db->value('SELECT v FROM t'), 'x', 'and is as before');
    fill(join ', ', 'id int PRIMARY KEY', map { "c$_ int8 NOT NULL DEFAULT 1" } 1 .. 700);
    $db->sql('INSERT INTO t VALUES (1)');
    refuses($db, [ '--undo', input_file('t.csv', "id,c1\n1,2\n") ], 6, [ qr/row is too big/, qr/--no-undo/ ], 'rows of half a page');
};

subtest 'privileges' => sub {
    fill('id int PRIMARY KEY, v text, secret text', q{(1, 'a', 's')});
    my $role = $server->create_role('loader');
    my $its = $db->as($role);
    $db->sql("GRANT CREATE ON DATABASE " . $db->name . " TO $role; GRANT INSERT ON t TO $role; GRANT SELECT (id, v) ON t TO $role");
    my @arguments = ('--mode=append', file([ 'id', 'v' ], [ 7, 'x' ]));
    refuses($its, [ $_, @arguments ], 3, qr/the role has no SELECT privilege on the whole table/, "$_ needs SELECT") for @BOTH;
    $db->sql("GRANT SELECT ON t TO $role; GRANT USAGE ON SCHEMA public TO $role");
    my $result = load($its, @BOTH, '--mode=append', file([ 'id', 'v' ], [ 8, 'x' ]));
    is($result->status, 0, 'with it, images are kept') or diag $result->describe;
    is($db->value(q{SELECT changed_by FROM _pg_sample_load.audit_log}), $role, 'by the role');
    is($db->value('SELECT has_table_privilege(\'public\', oid, \'SELECT\') FROM pg_class WHERE relname = \'' . undo_of('t')->[3] . q{'}), 'f',
        'and others cannot read them');
};

subtest 'undo is the default of batches' => sub {
    fill('id int PRIMARY KEY, v text', q{(1, 'a')});
    my $root = input_path('root');
    for my $id ('b1', 'b2', 'b3') {
        mkdir $_ for $root, "$root/staging", "$root/staging/$id", "$root/staging/$id/t";
        open my $out, '>', "$root/staging/$id/t/1.csv" or die $!;
        print {$out} "id,v\n1,$id\n";
        close $out or die $!;
    }
    my $batch = sub { return load($db, "--source=$root", @_) };
    is($batch->('--batch-id=b1')->status, 0, 'a batch');
    is($db->value('SELECT batch_id FROM _pg_sample_load.undo'), 'b1', 'keeps undo');
    is($batch->('--batch-id=b2', '--no-undo', '--audit')->status, 0, 'but with --no-undo');
    is($db->value(q{SELECT (SELECT count(*) FROM _pg_sample_load.undo) || batch_id FROM _pg_sample_load.audit_log}), '1b2', 'it does not');
    $db->sql('ALTER TABLE t DROP CONSTRAINT t_pkey; ALTER TABLE t ALTER id DROP NOT NULL');
    my $audited = $batch->('--batch-id=b3', '--audit');
    is($audited->status, 0, 'without a key there is an audit, and no undo');
    like($audited->stderr, qr/warning: batch cannot be rolled back: table public[.]t: it has no key/, 'with a warning');
    is($db->value(q{SELECT (SELECT count(*) FROM _pg_sample_load.undo) || operation FROM _pg_sample_load.audit_log WHERE batch_id = 'b3'}),
        '1INSERT', 'of what was inserted');
    $db->sql('TRUNCATE t; ALTER TABLE t ADD PRIMARY KEY (id)');
    $db->sql('CREATE RULE also AS ON DELETE TO t DO ALSO SELECT 1');
    my $result = $batch->('--batch-id=b3', '--force');
    is($result->status, 0, 'where it is not possible, the batch is loaded');
    like($result->stderr, qr/warning: batch cannot be rolled back: table public[.]t: it has the rule "also"/, 'with a warning');
    load($db, '--gc');
    is($db->value('SELECT count(*) FROM ' . undo_of('t')->[0]), 1, '--gc keeps undo tables');
};

done_testing;
