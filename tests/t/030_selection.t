# Which tables, and what of them: -n -N -t -T --exclude-table-data, -s and -a.

use strict;
use warnings;

use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Check;
use PgSample::Test::DumpText;
use PgSample::Test::Faults;
use PgSample::Test::Server;

my $SCHEMA = <<'SQL';
CREATE SCHEMA app;
CREATE SCHEMA lib;
CREATE SCHEMA "Odd Schema";
CREATE TYPE lib.mood AS ENUM ('sad', 'ok', 'happy');
CREATE DOMAIN lib.positive AS int CHECK (VALUE > 0);
CREATE FUNCTION lib.twice(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 2 * $1';
CREATE FUNCTION lib.neighbour(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 3 * $1';
CREATE SCHEMA idle;
CREATE FUNCTION idle.unused(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 3 * $1';
CREATE SEQUENCE lib.ticket START 500;
CREATE TABLE lib.country (code text PRIMARY KEY, mood lib.mood);
INSERT INTO lib.country SELECT 'C' || i, 'ok' FROM generate_series(1, 50) i;
CREATE TABLE lib.unrelated (id int PRIMARY KEY);
INSERT INTO lib.unrelated SELECT generate_series(1, 50);
CREATE TABLE app.customer (
    id serial PRIMARY KEY,
    country text REFERENCES lib.country,
    level lib.positive
);
INSERT INTO app.customer (country, level)
SELECT 'C' || 1 + i % 50, i FROM generate_series(1, 200) i;
CREATE TABLE app.orders (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer int NOT NULL REFERENCES app.customer,
    ticket bigint DEFAULT nextval('lib.ticket'),
    doubled int GENERATED ALWAYS AS (lib.twice(customer)) STORED,
    mood lib.mood DEFAULT 'happy'
);
INSERT INTO app.orders (customer) SELECT 201 - i FROM generate_series(1, 200) i;
CREATE INDEX orders_twice ON app.orders (lib.twice(customer));
CREATE TABLE app.log (line text);
INSERT INTO app.log SELECT 'line ' || i FROM generate_series(1, 200) i;
CREATE VIEW app.order_view AS
SELECT o.id, c.country, lib.twice(o.id)
  FROM app.orders o JOIN app.customer c ON c.id = o.customer;
CREATE MATERIALIZED VIEW app.tickets AS SELECT ticket FROM app.orders;
CREATE TABLE "Odd Schema"."Odd.Table" (id int PRIMARY KEY);
INSERT INTO "Odd Schema"."Odd.Table" SELECT generate_series(1, 50);
SQL

my $server = PgSample::Test::Server->start;
my $db     = $server->create_database;
$db->sql($SCHEMA);

# Samples and restores; returns the target, the dump and what was said.
sub sampled
{
    my (@argument) = @_;
    my $result = $db->sample(@argument);
    die $result->describe if !$result->is_ok;
    my $target = $server->restore($result->stdout);
    return ($target, PgSample::Test::DumpText->new($result->stdout), $result->stderr);
}

# Names of relations of some kinds in a restored database.
sub relations
{
    my ($database, $kinds) = @_;
    return $database->column(<<"SQL");
SELECT c.oid::regclass FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ($kinds) AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
 ORDER BY c.oid::regclass::text
SQL
}

sub tables_of { return relations($_[0], "'r'") }

my @ALL = ('"Odd Schema"."Odd.Table"', 'app.customer', 'app.log', 'app.orders',
    'lib.country', 'lib.unrelated');
my @NEEDED = ('app.customer', 'app.log', 'app.orders', 'lib.country');

sub refuses
{
    my ($status, $arguments, $message, $name) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $result = $db->sample(@$arguments);
    ends_with($result, $status, $message, $name);
    is($result->stdout, '', 'and nothing is written');
    return;
}

subtest '-n' => sub {
    my ($target, $dump, $said) = sampled('-n', 'app', '--limit=10');
    is_deeply(tables_of($target), \@NEEDED, 'the schema, and what its rows refer to');
    samples_ok($target, $db);
    like($said, qr/notice: table lib\.country is not selected.*\b20 rows/,
        'a notice tells what came along');
    is(table_counts($target)->{'app.orders'}, 10, 'rows are picked in the schema');
    is_deeply(relations($target, "'v', 'm'"), [ 'app.order_view', 'app.tickets' ],
        'with its views');
    is($target->value("SELECT lib.twice(4) || 'happy'::lib.mood::text"), '8happy',
        'functions and types that are used come along');
    is($target->value('SELECT lib.neighbour(4)'), 12,
        'and their neighbours, which bodies of functions may call');
    is($target->value("SELECT count(*) FROM pg_namespace WHERE nspname = 'idle'"), 0,
        'other schemas do not');
    is($target->value('INSERT INTO app.orders (customer) SELECT min(id) FROM app.customer
                       RETURNING ticket'), 700, 'a sequence elsewhere comes along');
    is_deeply($dump->header_values('selection'), ['--schema app'], 'the header tells it');

    ($target) = sampled('-n', 'app', '-n', '"O"*', '--limit=10');
    is_deeply(tables_of($target), [ $ALL[0], @NEEDED ], 'several, one a pattern');
    refuses(1, [ '-n', 'Odd*' ], qr/Odd\*.*--schema/, 'case is folded');
    refuses(1, [ '-n', 'apq' ], qr/apq.*hint: .*app/s, 'the nearest is suggested');
};

subtest '-N' => sub {
    my ($target, undef, $said) = sampled('-N', 'lib', '--limit=10');
    is_deeply(tables_of($target), [ $ALL[0], @NEEDED ], 'all but the schema');
    samples_ok($target, $db);
    like($said, qr/notice: table lib\.country/, 'with a notice on what is needed of it');
    refuses(1, [ '-N', '"O*' ], qr/quote/, 'a quote that stays open');
    refuses(1, [ '-N', 'lob' ], qr/lob.*hint: .*lib/s, 'a pattern that matches no schema');
};

subtest '-t' => sub {
    my ($target, undef, $said) = sampled('-t', 'app.orders', '--limit=10');
    is_deeply(tables_of($target), [ 'app.customer', 'app.orders', 'lib.country' ],
        'the table, and what its rows refer to');
    samples_ok($target, $db);
    is_deeply(table_counts($target),
        { 'app.orders' => 10, 'app.customer' => 10, 'lib.country' => 10 },
        'of others only the rows that are needed');
    like($said, qr/notice: table app\.customer .*notice: table lib\.country/s, 'two notices');
    is_deeply(relations($target, "'v', 'm'"), [], 'no views');
    is_deeply(relations($target, "'i'"),
        [ 'app.customer_pkey', 'app.orders_pkey', 'app.orders_twice', 'lib.country_pkey' ],
        'indexes belong to the table');

    ($target) = sampled('-t', 'o*s', '--limit=1');
    is_deeply(tables_of($target), [ 'app.customer', 'app.orders', 'lib.country' ],
        'a pattern without a schema');
    ($target) = sampled('-t', '"Odd Schema"."Odd.Table"');
    is_deeply(tables_of($target), [ $ALL[0] ], 'a quoted name');
    ($target) = sampled('-t', 'app.orders', '-t', 'app.customer', '--limit=customer = 0, 3');
    is(table_counts($target)->{'app.customer'}, 3, 'two tables, rules hold for both');
    ($target) = sampled('-t', 'app.log', '-n', 'lib', '-N', 'app');
    is_deeply(tables_of($target), ['app.log'], '-t wins over -n and -N');
    refuses(1, [ '-t', 'app.ordres' ], qr/app\.ordres.*hint: .*app\.orders/s,
        'the nearest is suggested');
    refuses(1, [ '-t', 'a.b.c' ], qr/dots/, 'too many dots');
};

subtest '-t for views and sequences' => sub {
    my ($target) = sampled('-t', 'app.order_view');
    is_deeply(relations($target, "'v', 'm'"), ['app.order_view'], 'a view');
    is($target->value('SELECT count(*) FROM app.order_view'), 0,
        'what it reads comes along, without rows');
    ($target) = sampled('-t', 'app.order_view', '-t', 'app.orders', '--limit=7');
    is($target->value('SELECT count(*) FROM app.order_view'), 7, 'a view and its table');
    ($target) = sampled('-t', 'app.tickets', '-t', 'app.orders', '--limit=7');
    is($target->value('SELECT count(*) FROM app.tickets'), 7,
        'a materialized view is filled from the sample');
    ($target) = sampled('-t', 'lib.ticket');
    is_deeply(relations($target, "'S', 'r', 'v', 'm'"), ['lib.ticket'], 'a sequence');
    is($target->value("SELECT nextval('lib.ticket')"), 700, 'with its value');
};

subtest '-T' => sub {
    my ($target) = sampled('-T', 'app.log', '--limit=10');
    is_deeply(tables_of($target), [ grep { $_ ne 'app.log' } @ALL ], 'a table is left out');
    samples_ok($target, $db);
    ($target) = sampled('-t', 'app.*', '-T', '*.log', '--limit=10');
    is_deeply(tables_of($target), [ 'app.customer', 'app.orders', 'lib.country' ],
        '-T wins over -t');
    my (undef, undef, $said) = sampled('-T', 'lib.country', '--limit=10');
    like($said, qr/notice: table lib\.country is not selected/,
        'what is needed comes along all the same');
    refuses(1, [ '-T', 'app.logs' ], qr/app\.logs.*hint: .*app\.log/s,
        'a pattern that matches nothing');
};

subtest '--exclude-table-data' => sub {
    my ($target) = sampled('--exclude-table-data=app.log', '--limit=10');
    is_deeply(tables_of($target), \@ALL, 'all tables are there');
    is(table_counts($target)->{'app.log'}, 0, 'one without rows');
    is(table_counts($target)->{'app.orders'}, 10, 'others with them');
    refuses(
        1,
        [ '--exclude-table-data=lib.country', '--limit=10' ],
        qr/lib\.country.*customer_country_fkey.*hint: .*lib\.country = 0/s,
        'a row that refers to excluded ones is an error with a way out'
    );
    ($target) = sampled('--limit=lib.country = 0, 10');
    is(table_counts($target)->{'lib.country'}, 20, 'which works');
    ($target) = sampled('--exclude-table-data=lib.country', '--limit=app.* = 0, 10');
    is(table_counts($target)->{'lib.country'}, 0, 'the other way as well');
    refuses(1, ['--exclude-table-data=lib.cuontry'], qr/hint: .*lib\.country/s,
        'a pattern that matches nothing');
};

subtest 'the table is not what was named' => sub {
    refuses(1, [ '-t', 'public.orders' ],
        qr/no table matches "public\.orders" of --table\n.*hint: Did you mean "app\.orders"\?/,
        'another schema');
    my $source = $server->create_database;
    $source->sql(<<'SQL');
CREATE TABLE "ABC" (id int);
CREATE TABLE measure (id int) PARTITION BY RANGE (id);
CREATE TABLE measure_1 PARTITION OF measure FOR VALUES FROM (1) TO (10);
CREATE TABLE animal (id int);
CREATE TABLE dog () INHERITS (animal);
CREATE TABLE puppy () INHERITS (dog);
CREATE TABLE cat () INHERITS (animal);
INSERT INTO puppy VALUES (1);
SQL
    my $try = sub {
        my ($arguments, $status, $message, $name) = @_;
        my $result = $source->sample(@$arguments);
        ends_with($result, $status, $message, $name);
    };
    $try->([ '-t', 'ABC' ], 1, qr/hint: Did you mean "public\."ABC""\?/, 'capital letters');
    my $partition = qr/hint: public\.measure_1 is part of public\.measure, which is one table/;
    $try->([ '-t', $_ ], 1, qr/"\Q$_\E" of --table matches only partitions\n.*$partition/, $_)
        for 'measure_1', 'public.measure_?';
    $try->(['--limit=measure_* = 5'], 1, qr/matches only partitions\n.*$partition/, 'in a rule');

    my $warning = qr/^pg-sample: warning: the sample has no rows of tables that inherit from/m;
    my $hint = qr/hint: Each of them is a table of its own/;
    $try->([ '-t', 'animal' ], 0, qr/$warning public\.animal: public\.cat, public\.dog, public\.puppy\n.*$hint/,
        'a parent alone');
    $try->([ '-t', 'animal', '-t', 'dog' ], 0, qr/$warning public\.animal: public\.cat, public\.puppy\n/,
        'with one child');
    $try->(['--limit=animal = 5, * = 0'], 0, qr/$warning public\.animal: public\.cat, /, 'in a rule');
    for my $arguments ([], [ '-t', 'animal', '-t', 'dog', '-t', 'cat', '-t', 'puppy' ],
        [ '-T', 'dog', '-T', 'puppy' ], ['--limit=dog = 0, puppy = 0, 5'], [ '-t', 'puppy' ])
    {
        unlike($source->sample(@$arguments)->stderr, $warning, "no warning: @$arguments");
    }
};

subtest '-s' => sub {
    my ($target, $dump) = sampled('-s');
    is_deeply(tables_of($target), \@ALL, 'all tables');
    is_deeply($dump->tables, [], 'no rows');
    is($target->value("SELECT nextval('lib.ticket')"), 500, 'sequences at their start');
    is($target->value("SELECT relispopulated FROM pg_class WHERE relname = 'tickets'"), 'f',
        'materialized views are not refreshed');
    ($target) = sampled('-s', '-t', 'app.orders');
    is_deeply(tables_of($target), [ 'app.customer', 'app.orders', 'lib.country' ],
        '-s -t: the table, and those that it refers to');
    is($target->value("SELECT count(*) FROM pg_constraint WHERE contype = 'f'"), 2,
        'with the foreign keys');
};

subtest '-a' => sub {
    my $schema = $db->sample('-s');
    my $data   = $db->sample('-a', '--limit=10');
    is($data->status, 0, 'the data alone') or diag $data->stderr;
    my $target = $server->restore($schema->stdout . $data->stdout);
    is(table_counts($target)->{'app.orders'}, 10, 'goes into a schema that exists');
    samples_ok($target, $db);
    is($target->value("SELECT nextval('lib.ticket')"), 700, 'sequences are set');
    unlike($data->stdout, qr/CREATE (?!TEMPORARY)/, 'it creates nothing');
    $target = $server->restore($schema->stdout
            . $db->sample('-a', '--limit=10', '--inserts')->stdout);
    samples_ok($target, $db, '--inserts');

    my $selected = PgSample::Test::DumpText->new($db->sample('-a', '-t', 'app.orders')->stdout);
    is_deeply($selected->tables, [ 'lib.country', 'app.customer', 'app.orders' ],
        '-a -t: in the order in which they refer to each other');
};

my $CYCLES = <<'SQL';
CREATE TABLE egg (id int PRIMARY KEY, hen int NOT NULL);
CREATE TABLE hen (id int PRIMARY KEY, egg int NOT NULL REFERENCES egg %s);
INSERT INTO egg SELECT i, 101 - i FROM generate_series(1, 100) i;
INSERT INTO hen SELECT i, i FROM generate_series(1, 100) i;
ALTER TABLE egg ADD FOREIGN KEY (hen) REFERENCES hen %s;
CREATE TABLE person (id int PRIMARY KEY, parent int REFERENCES person);
INSERT INTO person SELECT i, nullif(i - 1, 0) FROM generate_series(1, 50) i;
SQL

subtest '-a with cycles' => sub {
    for my $clauses ([ 'DEFERRABLE', '' ], [ '', 'DEFERRABLE INITIALLY DEFERRED' ]) {
        my $source = $server->create_database;
        $source->sql(sprintf $CYCLES, @$clauses);
        my ($schema, $data) = ($source->sample('-s'), $source->sample('-a', '--limit=5'));
        is($data->status, 0, "a cycle with a key that is $clauses->[0]$clauses->[1]")
            or diag $data->stderr;
        my $target = $server->restore($schema->stdout . $data->stdout);
        samples_ok($target, $source);
        cmp_ok(table_counts($target)->{'public.egg'}, '>=', 10, 'with rows');
    }
    my $source = $server->create_database;
    $source->sql(sprintf $CYCLES, '', '');
    my $refused = $source->sample('-a', '--limit=5');
    ends_with($refused, 1, qr/egg.*hen.*hint: .*--disable-triggers/s,
        'one without a deferrable key is an error with a way out');
    is($refused->stdout, '', 'and nothing is written');
    is($source->sample('-a', '--limit=person = 5, 0')->status, 0,
        'unless no row of it is in the sample');
    my $forced = $source->sample('-a', '--disable-triggers', '--limit=5');
    my $target = $server->restore($source->sample('-s')->stdout . $forced->stdout,
        as => 'postgres');
    samples_ok($target, $source, '--disable-triggers');
    is($target->value("SELECT count(*) FROM pg_trigger WHERE tgenabled <> 'O'"), 0,
        'the triggers are enabled again');
};

done_testing;
