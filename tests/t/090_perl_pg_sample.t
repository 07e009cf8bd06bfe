# Command lines and habits of the Perl program pg_sample, whose users should feel at home: the
# calls it is made with, rows in heap order without --ordered and in key order with it, and
# schemas that are hard on names.

use strict;
use warnings;

use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Check;
use PgSample::Test::Server;

my $N_CHILDREN = 10;
my $LONG       = 'x' x 63;

my $server = PgSample::Test::Server->start;
my $source = $server->create_database;

sub create_family {
    $source->sql('CREATE TABLE elder (id int PRIMARY KEY, name text UNIQUE, favourite int)');
    $source->sql("INSERT INTO elder SELECT i, 'elder ' || i FROM generate_series(1, 1000) i");
    for my $i (1 .. $N_CHILDREN) {
        $source->sql("CREATE TABLE child$i (id int PRIMARY KEY,
            elder int REFERENCES elder ON UPDATE CASCADE)");
        $source->sql("INSERT INTO child$i SELECT i, i + 100 * ($i - 1)
            FROM generate_series(1, 100) i");
    }
    $source->sql('ALTER TABLE elder ADD FOREIGN KEY (favourite) REFERENCES child1');
    $source->sql('UPDATE elder SET favourite = 100 WHERE id = 1000');
    $source->sql(q{UPDATE elder SET name = E'\\\\.' WHERE id = 1});
}

sub create_hard_names {
    $source->sql(<<'SQL');
CREATE SCHEMA "it's ""quoted""";
CREATE TABLE "it's ""quoted"""."table" ("select" text PRIMARY KEY);
CREATE TABLE "it's ""quoted"""."user" (
    id serial PRIMARY KEY,
    "select" text NOT NULL REFERENCES "it's ""quoted"""."table" ON DELETE CASCADE
);
INSERT INTO "it's ""quoted"""."table" VALUES ('a'), ('b');
INSERT INTO "it's ""quoted"""."user" ("select") VALUES ('b'), ('a');
SQL
    $source->sql("CREATE SCHEMA $LONG");
    $source->sql("CREATE TABLE $LONG.$LONG (id int PRIMARY KEY)");
    $source->sql("CREATE TABLE $LONG.b (id int REFERENCES $LONG.$LONG)");
    $source->sql("INSERT INTO $LONG.$LONG SELECT generate_series(1, 10)");
    $source->sql("INSERT INTO $LONG.b SELECT generate_series(1, 10)");
}

sub create_odd_tables {
    $source->sql(<<'SQL');
CREATE TABLE clustered (id int PRIMARY KEY, name text);
CREATE INDEX by_name ON clustered (name);
INSERT INTO clustered VALUES (1, 'b'), (2, 'a');
CLUSTER clustered USING by_name;
CREATE TABLE numbers (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    base int,
    twice int GENERATED ALWAYS AS (base * 2) STORED,
    other text
);
INSERT INTO numbers (base, other) SELECT i, rpad('a', i, 'x') FROM generate_series(1, 10) i;
CREATE TABLE ancestor (id int PRIMARY KEY);
CREATE TABLE descendant (name text) INHERITS (ancestor);
ALTER TABLE ancestor ADD COLUMN title text;
INSERT INTO descendant (id, title, name) VALUES (1, 'title', 'name');
CREATE TABLE whole (id int PRIMARY KEY) PARTITION BY RANGE (id);
CREATE TABLE part PARTITION OF whole FOR VALUES FROM (0) TO (100);
INSERT INTO whole VALUES (10);
SQL
}

sub order_of_ids {
    my ($database) = @_;
    return $database->value(q{SELECT string_agg(id::text, ',') FROM clustered});
}

create_family();
create_hard_names();
create_odd_tables();

my $result = $source->sample('--limit=100');
is($result->status, 0, 'pg_sample --limit=100 DB') or diag $result->stderr;
my $first = $server->restore($result->stdout);
foreign_keys_hold($first);
constraints_are_valid($first);
my $counts = table_counts($first);
is($counts->{"public.child$_"}, 100, "child$_ has its 100 rows") for 1 .. $N_CHILDREN;
is($counts->{'public.elder'}, 1000, 'and all elders that they refer to');
is($first->value('SELECT name FROM elder WHERE id = 1'), '\\.', 'the end-of-data mark is text');
is(order_of_ids($first), '2,1', 'rows keep their order in the heap');
is($first->value("SELECT count(*) FROM $LONG.$LONG"), 10, 'names of 63 bytes');
is($first->value('SELECT count(*) FROM "it\'s ""quoted"""."user"'), 2, 'quotes in names');
is($first->value('SELECT count(*) FROM numbers WHERE twice = base * 2'), 10,
    'generated columns come out the same');
is($first->value('SELECT title FROM descendant'), 'title',
    'columns that were added to an ancestor keep their values');
is($first->value('SELECT id FROM whole'), 10, 'partitions');

my $ordered = $source->sample('--ordered');
is($ordered->status, 0, 'pg_sample --ordered DB') or diag $ordered->stderr;
is(order_of_ids($server->restore($ordered->stdout)), '1,2', 'rows come in the order of the key');

my %environment = (PGDATABASE => $source->name);
my $default = $source->sample({ no_database => 1, env => \%environment });
is($default->status, 0, 'the database may come from PGDATABASE') or diag $default->stderr;
ok($default->stdout eq $result->stdout, 'and 100 rows are the default');

for my $limit ('child1 = *', 'child1 = 10', 'child1 = NOT id > 5', 'public.* = *',
    'child1=*,*=30', 'public.* = 50%, child1 = NOT id > 5, * = 300') {
    my $sample = $source->sample("--limit=$limit");
    is($sample->status, 0, "--limit='$limit'") or diag $sample->stderr;
}

done_testing;
