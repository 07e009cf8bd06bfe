# CHECK constraints and triggers that look at other rows: rows are restored one by one, in
# an order in which these need not hold, and a sample may not satisfy them at all.

use strict;
use warnings;

use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Check;
use PgSample::Test::DumpText;
use PgSample::Test::Server;
use PgSample::Test::Staging;

my $server = PgSample::Test::Server->start;

# A tree whose parents must be there, and rooms with at most two guests.
my $SCHEMA = <<'SQL';
CREATE TABLE node (id int PRIMARY KEY, parent int REFERENCES node);
CREATE FUNCTION is_there(int) RETURNS bool LANGUAGE sql AS
    'SELECT $1 IS NULL OR EXISTS (SELECT FROM public.node WHERE id = $1)';
CREATE FUNCTION claims_to_be_immutable(int) RETURNS bool LANGUAGE plpgsql IMMUTABLE AS
    'BEGIN RETURN $1 IS NULL OR EXISTS (SELECT FROM public.node WHERE id = $1); END';
CREATE FUNCTION is_positive(int) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT $1 > 0';
CREATE FUNCTION is_equal_node(int, int) RETURNS bool LANGUAGE sql STABLE AS
    'SELECT $1 = $2 AND public.is_there($1)';
CREATE OPERATOR === (LEFTARG = int, RIGHTARG = int, FUNCTION = is_equal_node);
INSERT INTO node SELECT i, nullif(i / 2, 0) FROM generate_series(1, 200) i;
ALTER TABLE node ADD CONSTRAINT parent_is_there CHECK (is_there(parent));
ALTER TABLE node ADD CONSTRAINT claimed CHECK (claims_to_be_immutable(parent));
ALTER TABLE node ADD CONSTRAINT by_operator CHECK (parent === parent);
ALTER TABLE node ADD CONSTRAINT pure CHECK (is_positive(id));
COMMENT ON CONSTRAINT parent_is_there ON node IS 'it''s a tree';
CREATE TABLE guest (id int PRIMARY KEY, room int);
CREATE FUNCTION n_guests(int) RETURNS bigint LANGUAGE sql STABLE AS
    'SELECT count(*) FROM public.guest WHERE room = $1';
INSERT INTO guest SELECT i, i / 2 FROM generate_series(0, 199) i;
ALTER TABLE guest ADD CONSTRAINT two CHECK (n_guests(room) <= 2);
CREATE DOMAIN node_id AS int CONSTRAINT known CHECK (is_there(value));
COMMENT ON CONSTRAINT known ON DOMAIN node_id IS 'of a domain';
CREATE TABLE mark (id int PRIMARY KEY, node node_id);
INSERT INTO mark SELECT i, i FROM generate_series(1, 200) i;
CREATE TABLE parts (id int, node int CONSTRAINT part_node CHECK (is_there(node)))
    PARTITION BY RANGE (id);
CREATE TABLE parts1 PARTITION OF parts (CONSTRAINT own CHECK (is_there(node)))
    FOR VALUES FROM (0) TO (1000);
INSERT INTO parts SELECT i, i FROM generate_series(1, 200) i;
CREATE TABLE parent (id int, node int, CONSTRAINT inherited CHECK (is_there(node)));
CREATE TABLE child (CONSTRAINT inherited CHECK (is_there(node))) INHERITS (parent);
CREATE TABLE grandchild () INHERITS (child);
CREATE TABLE alone (id int, CONSTRAINT childless CHECK (is_there(id)) NO INHERIT);
INSERT INTO grandchild SELECT i, i FROM generate_series(1, 200) i;
INSERT INTO child SELECT i, i FROM generate_series(1, 200) i;
SQL

# Constraints as they are, but for what is valid.
my $CONSTRAINTS = <<'SQL';
SELECT con.conname, COALESCE(nullif(conrelid, 0)::regclass::text, contypid::regtype::text),
       regexp_replace(pg_get_constraintdef(con.oid), ' NOT VALID', ''), coninhcount,
       conislocal, connoinherit, obj_description(con.oid, 'pg_constraint')
  FROM pg_constraint con JOIN pg_namespace n ON n.oid = connamespace
 WHERE contype = 'c' AND nspname = 'public' ORDER BY 1, 2
SQL

my $source = $server->create_database;
$source->sql($SCHEMA);

sub is_the_same
{
    my ($target, $name) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    is_deeply($target->rows($CONSTRAINTS), $source->rows($CONSTRAINTS), "$name: all are there");
    foreign_keys_hold($target);
    rows_are_from($target, $source);
    return;
}

for my $arguments ([ '--limit=*', '--ordered' ], ['--limit=*'], [ '--ordered', '--inserts' ]) {
    subtest "rows that satisfy them, @$arguments" => sub {
        my @argument = (@$arguments, '--limit=guest = 50, node = *, 80');
        my $dump = modes_agree($source, 'both modes write the same', @argument) // return;
        my ($target, $restored) = $server->try_restore($dump);
        is($restored->status, 0, 'the dump restores') or diag $restored->stderr;
        is($restored->stderr, '', 'without a warning');
        is_the_same($target, 'constraints');
        is_deeply([ not_valid_constraints($target) ], [], 'all are valid');
        isnt($target->psql('INSERT INTO node VALUES (901, 900)')->status, 0, 'they count');
    };
}

subtest 'rows that do not satisfy them' => sub {
    my $dump = modes_agree($source, 'both modes write the same', '--limit=mark = 150, 20')
        // return;
    my ($target, $restored) = $server->try_restore($dump);
    is($restored->status, 0, 'the dump restores') or diag $restored->stderr;
    like($restored->stderr, qr/WARNING: .*known of public\.node_id stays NOT VALID/,
        'with a warning');
    is_the_same($target, 'constraints');
    is_deeply($target->column("SELECT conname FROM pg_constraint WHERE NOT convalidated"),
        ['known'], 'the others are valid');
    like($dump, qr/^-- Constraints that can depend on other rows/m, 'the dump says so');
    my @notices = $source->sample('--limit=2')->stderr =~ /notice: constraint (\S+) of/g;
    is_deeply([ sort @notices ],
        [qw(by_operator childless claimed inherited inherited known own
            parent_is_there part_node two)], 'and a notice each');
    like($dump, qr/CONSTRAINT pure CHECK[^;]*\);/, 'others are where they were');
};

subtest 'only what is selected' => sub {
    my $dump = modes_agree($source, 'both modes write the same', '-t', 'guest', '--limit=3')
        // return;
    my $target = $server->restore($dump);
    is($target->value("SELECT count(*) FROM pg_constraint WHERE conname = 'two'"), 1,
        'it is there');
    unlike($dump, qr/parent_is_there/, 'the others are not');
};

subtest 'with --clean, and without rows or schema' => sub {
    my @argument = ('--clean', '--if-exists', '--limit=mark = 150, 20');
    my $dump = modes_agree($source, 'both modes write the same', @argument) // return;
    my $target = $server->restore($dump);
    my $again = $target->as($server->restorer)->psql($dump);
    is($again->status, 0, 'it replaces itself') or diag $again->stderr;
    is_the_same($target, 'constraints');
    unlike($source->sample('--schema-only')->stdout, qr/DROP CONSTRAINT/,
        'nothing is in the way of no rows');
    unlike($source->sample('--data-only')->stdout, qr/DROP CONSTRAINT/,
        'and tables that are there are left as they are');
};

subtest 'one that pg_dump adds by itself' => sub {
    my $db = $server->create_database;
    $db->sql(<<'SQL');
CREATE TABLE loop (id int PRIMARY KEY, up int);
CREATE FUNCTION fits(loop) RETURNS bool LANGUAGE sql AS
    'SELECT $1.up IS NULL OR EXISTS (SELECT FROM public.loop WHERE id = $1.up)';
INSERT INTO loop SELECT i, nullif(i - 1, 0) FROM generate_series(1, 50) i;
ALTER TABLE loop ADD CONSTRAINT whole_row CHECK (fits(loop));
SQL
    for my $limit ('*', 'id > 20') {
        my $dump = modes_agree($db, "$limit: both modes write the same", "--limit=loop = $limit")
            // next;
        my ($target, $restored) = $server->try_restore($dump);
        is($restored->status, 0, 'the dump restores') or diag $restored->stderr;
        is_deeply($target->column('SELECT convalidated FROM pg_constraint WHERE contype = \'c\'
            AND connamespace = \'public\'::regnamespace'), [ $limit eq '*' ? 't' : 'f' ],
            'it is there, and valid if it can be');
    }
};

subtest 'triggers and constraint triggers come behind the rows' => sub {
    my $db = $server->create_database;
    $db->sql(<<'SQL');
CREATE TABLE seat (id int PRIMARY KEY, room int);
CREATE FUNCTION looks() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF new.id > 1 AND NOT EXISTS (SELECT FROM public.seat WHERE id = new.id - 1) THEN
        RAISE 'no neighbour'; END IF; RETURN new; END $$;
CREATE TRIGGER before BEFORE INSERT ON seat FOR EACH ROW EXECUTE FUNCTION looks();
CREATE CONSTRAINT TRIGGER later AFTER INSERT ON seat DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION looks();
ALTER TABLE seat DISABLE TRIGGER USER;
INSERT INTO seat SELECT 3 * i, i FROM generate_series(1, 50) i;
ALTER TABLE seat ENABLE TRIGGER USER;
SQL
    my $dump = modes_agree($db, 'both modes write the same', '--ordered', '--limit=20') // return;
    my ($target, $restored) = $server->try_restore($dump);
    is($restored->status, 0, 'the dump restores') or diag $restored->stderr;
    is($target->value('SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal'), 2,
        'with both triggers');
};

done_testing();
