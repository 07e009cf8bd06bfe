# Every name, operator and type that pg-sample writes is its own: a schema before pg_catalog
# in the search_path, in which all of them have doubles, changes nothing and runs no code.

use strict;
use warnings;

use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Hostile;
use PgSample::Test::Load ();
use PgSample::Test::Server;
use PgSample::Test::Staging;

my $server = PgSample::Test::Server->start;
my $db = $server->create_database;
$db->sql(<<'SQL');
CREATE TYPE mood AS ENUM ('sad', 'ok', 'glad');
CREATE DOMAIN small AS int CHECK (VALUE < 100);
CREATE SCHEMA app;
CREATE TABLE app.customer (
    id int PRIMARY KEY, email varchar(20) UNIQUE, kind "char", mood mood, size small UNIQUE,
    tags text[], at timestamptz, CHECK (kind <> 'x'));
CREATE TABLE app.orders (
    id bigserial PRIMARY KEY, customer int REFERENCES app.customer, email varchar(20) REFERENCES app.customer (email),
    size small REFERENCES app.customer (size), subject varchar(10), subject_id varchar(10),
    total numeric(10, 2), parent bigint REFERENCES app.orders);
CREATE TABLE app.item (orders bigint REFERENCES app.orders, n int, note varchar(10), PRIMARY KEY (orders, n));
CREATE TABLE app.part (id int, region varchar(10), at date, customer int REFERENCES app.customer,
    PRIMARY KEY (id, region)) PARTITION BY LIST (region);
CREATE TABLE app.part_eu PARTITION OF app.part FOR VALUES IN ('eu');
CREATE TABLE app.part_us PARTITION OF app.part FOR VALUES IN ('us', 'ca');
CREATE TABLE app.a (id int PRIMARY KEY, b int);
CREATE TABLE app.b (id int PRIMARY KEY, a int REFERENCES app.a);
ALTER TABLE app.a ADD FOREIGN KEY (b) REFERENCES app.b;
CREATE MATERIALIZED VIEW app.sums AS SELECT customer, sum(total) AS total FROM app.orders GROUP BY 1;
INSERT INTO app.customer SELECT i, 'c' || i, 'k', 'ok', i, '{a}', now() FROM generate_series(1, 40) AS i;
INSERT INTO app.orders (customer, email, size, subject, subject_id, total, parent)
    SELECT i % 40 + 1, 'c' || (i % 30 + 1), i % 20 + 1, 'customer', i % 10 + 1, i, nullif(i / 2, 0)
      FROM generate_series(1, 300) AS i;
INSERT INTO app.item SELECT i, n, 'n' || n FROM generate_series(1, 300) AS i, generate_series(1, 3) AS n;
INSERT INTO app.part SELECT i, (ARRAY['eu', 'us', 'ca'])[i % 3 + 1], '2026-01-01', i % 40 + 1 FROM generate_series(1, 60) AS i;
INSERT INTO app.a SELECT i FROM generate_series(1, 20) AS i;
INSERT INTO app.b SELECT i, i FROM generate_series(1, 20) AS i;
UPDATE app.a SET b = id;
SELECT lo_from_bytea(0, 'large');
REFRESH MATERIALIZED VIEW app.sums;
ANALYZE;
SQL
my $attacked = $db->as(plant_doubles($db));
is(eval { $attacked->value('SELECT 1 = 1') }, undef, 'doubles are called where names are bare');

# The dump is the same as that of a role whose sessions know nothing of the doubles.
sub same
{
    my ($name, @arguments) = @_;
    my ($one, $other) = map { $_->sample('-n', 'app', @arguments) } $db, $attacked;
    is($other->status, 0, "$name: exit status") or diag $other->describe;
    is($other->stdout, $one->stdout, "$name: the dump");
    unlike($other->stderr, qr/warning/, "$name: without a warning") if $one->stderr !~ /warning/;
    return;
}

same('first rows', '--limit=*=5');
same('percent', '--limit=*=20%', '--random=7');
same('stable', '--limit=*=20%', '--random=stable');
same('ordered', '--limit=*=5', '--ordered');
same('all', '--limit=*=*', '--inserts');
same('data only', '--limit=*=5', '--data-only');
same('roots', '--root=app.orders:7', '--root=app.customer:3', '--children=*=2', '--depth=3');
same('roots by several columns', '--root=app.item:(7,2)', '--root=app.part:(3,eu)');
same('a file of roots', '--root-file=app.customer='
    . PgSample::Test::Load::input_file('roots.csv', "id,email\n3,c3\n5,c5\n"));
same('a declared reference', '--limit=app.item=5', '--reference=app.item(note) -> app.customer(email)');
same('small tables whole', '--root=app.orders:7', '--lookup-rows=30');
same('ignored keys', '--limit=app.orders=20', '--ignore-fk=orders_parent_fkey');
same('explained', '--root=app.orders:7', '--explain=app.customer:8', '--explain-edges') if !staging();
same('a limit', '--limit=*=5', '--max-rows=1000', '--max-size=10MB');
same('the plan', '--limit=*=5', '--plan');

subtest 'rows that are read under the path of the role' => sub {
    my $its = $server->create_database;
    $its->sql('ALTER DATABASE ' . $its->name . ' SET search_path = public, pg_catalog');
    $its->sql(<<'SQL');
CREATE FUNCTION inner_f(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1';
CREATE FUNCTION outer_f(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT inner_f(1) + $1';
CREATE DOMAIN uuid AS pg_catalog.uuid CHECK (false);
CREATE TABLE parent (id pg_catalog.uuid PRIMARY KEY, n int);
CREATE TABLE child (n int PRIMARY KEY, parent pg_catalog.uuid REFERENCES parent);
INSERT INTO parent SELECT gen_random_uuid(), i FROM generate_series(1, 50) AS i;
INSERT INTO child SELECT n, id FROM parent;
CREATE INDEX ON child (outer_f(n));
SQL
    for my $mode ('--no-staging', '--use-staging') {
        my $result = $its->sample($mode, '--limit=child=10,*=0');
        is($result->status, 0, "$mode: a type of a key is not one of the path")
            or diag $result->describe;
        like($result->stderr, qr/rows are read under search_path public, pg_catalog/,
            'under which rows are read');
    }
} if $server->version < 170_000; # later servers make indexes under a path of their own

subtest 'the staging schema' => sub {
    my @common = ('-n', 'app', '--limit=*=5');
    is($attacked->sample(@common, '--use-staging', '--keep')->status, 0, 'kept');
    my $resumed = $attacked->sample('--resume');
    is($resumed->status, 0, 'resumed') or diag $resumed->describe;
    is($attacked->sample('--cleanup')->status, 0, 'listed');
    is($attacked->sample('--cleanup=drop')->status, 0, 'dropped');
} if !staging();

done_testing;
