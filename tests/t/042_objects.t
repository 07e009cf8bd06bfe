# What must survive besides rows: sequences, materialized views, large objects, the states of
# triggers, generated columns and more.

use strict;
use warnings;

use Cwd ();
use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Check;
use PgSample::Test::Server;

my $SHOP = Cwd::abs_path("$FindBin::Bin/../../fixtures/shop/shop.sql");

my $server = PgSample::Test::Server->start;

sub restored
{
    my ($database, @argument) = @_;
    my $result = $database->sample(@argument);
    die $result->describe if !$result->is_ok;
    return ($server->restore($result->stdout), $result);
}

# The same query in both databases.
sub is_same
{
    my ($target, $source, $name, $sql) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $expected = $source->rows($sql);
    cmp_ok(@$expected, '>', 0, "$name: the source has some");
    is_deeply($target->rows($sql), $expected, "$name: the same");
    return;
}

# ---- the demonstration database

subtest 'definitions' => sub {
    my $shop   = $server->create_database;
    my $loaded = $shop->psql(undef, '-f', $SHOP, '-v', 'scale=0.02');
    is($loaded->status, 0, 'the demonstration database') or diag $loaded->stderr;
    # a rule that was disabled, too
    $shop->sql('ALTER TABLE warehouse.audit_log DISABLE RULE audit_log_stays');
    my ($target) = restored($shop, '--limit=20');
    samples_ok($target, $shop);
    is_same($target, $shop, 'triggers', <<'SQL');
SELECT t.tgrelid::regclass, t.tgname, t.tgenabled, pg_get_triggerdef(t.oid),
       obj_description(t.oid, 'pg_trigger')
  FROM pg_trigger t WHERE NOT t.tgisinternal ORDER BY 1::text, 2
SQL
    is($target->value("SELECT string_agg(tgenabled::text, '' ORDER BY tgenabled)
                        FROM pg_trigger WHERE tgname IN ('stock_audit', 'transfer_audit')"),
        'AD', 'one always fires, one is disabled');
    is_same($target, $shop, 'rules', <<'SQL');
SELECT rulename, ev_enabled, pg_get_ruledef(oid)
  FROM pg_rewrite WHERE ev_class = 'warehouse.audit_log'::regclass
SQL
    is_same($target, $shop, 'tables', <<'SQL');
SELECT c.oid::regclass, c.relreplident, c.relpersistence, c.relkind, c.relrowsecurity,
       c.relforcerowsecurity, c.relispopulated, pg_get_expr(c.relpartbound, c.oid),
       obj_description(c.oid, 'pg_class'), c.reloptions
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname IN ('shop', 'warehouse') AND c.relkind <> 'S'
 ORDER BY c.oid::regclass::text
SQL
    is_same($target, $shop, 'columns', <<'SQL');
SELECT a.attrelid::regclass, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
       a.attidentity, a.attgenerated, pg_get_expr(d.adbin, d.adrelid), a.attstattarget,
       a.attcollation::regcollation, col_description(a.attrelid, a.attnum)
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
 WHERE n.nspname IN ('shop', 'warehouse') AND a.attnum > 0 AND NOT a.attisdropped
   AND c.relkind IN ('r', 'p', 'v', 'm', 'c')
 ORDER BY a.attrelid::regclass::text, a.attname
SQL
    is_same($target, $shop, 'constraints', <<'SQL');
SELECT conrelid::regclass, conname, pg_get_constraintdef(oid), convalidated, conislocal
  FROM pg_constraint WHERE conrelid <> 0 AND conrelid >= 16384
 ORDER BY conrelid::regclass::text, conname
SQL
    is_same($target, $shop, 'indexes', <<'SQL');
SELECT i.indrelid::regclass, pg_get_indexdef(i.indexrelid), i.indisclustered,
       i.indisreplident, i.indisvalid
  FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname IN ('shop', 'warehouse')
 ORDER BY i.indexrelid::regclass::text
SQL
    is_same($target, $shop, 'statistics objects', <<'SQL');
SELECT stxname, pg_get_statisticsobjdef(oid), obj_description(oid, 'pg_statistic_ext')
  FROM pg_statistic_ext
SQL
    is_same($target, $shop, 'policies', <<'SQL');
SELECT polrelid::regclass, polname, polcmd, pg_get_expr(polqual, polrelid) FROM pg_policy
SQL
    is_same($target, $shop, 'functions and types', <<'SQL');
SELECT p.oid::regprocedure::text, md5(pg_get_functiondef(p.oid))
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
 WHERE n.nspname IN ('shop', 'warehouse')
 UNION ALL
SELECT t.oid::regtype::text, (SELECT string_agg(enumlabel, ',' ORDER BY enumsortorder)
                                FROM pg_enum WHERE enumtypid = t.oid)
  FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
 WHERE n.nspname IN ('shop', 'warehouse')
 ORDER BY 1
SQL
    my $values = 'SELECT gross_price, net_price FROM shop.product WHERE id < 5 ORDER BY id';
    is_same($target, $shop, 'values of generated columns', $values);
    is_deeply($target->column('SELECT month FROM shop.best_month'),
        $target->column('SELECT month FROM shop.sales_by_month
                          ORDER BY total DESC, month LIMIT 1'),
        'materialized views are refreshed, one after the other');
    cmp_ok($target->value('SELECT count(*) FROM shop.sales_by_month'), '>', 0, 'with rows');
};

subtest 'materialized views on views on materialized views' => sub {
    my $source = $server->create_database;
    $source->sql(<<'SQL');
CREATE TABLE t (id int PRIMARY KEY);
INSERT INTO t SELECT generate_series(1, 500);
CREATE MATERIALIZED VIEW z AS SELECT count(*) AS n FROM t;
CREATE VIEW y AS SELECT n + 1 AS n FROM z;
CREATE VIEW x AS SELECT n + 1 AS n FROM y;
CREATE MATERIALIZED VIEW w AS SELECT n FROM x;
CREATE MATERIALIZED VIEW a AS SELECT n + 1 AS n FROM w;
CREATE UNIQUE INDEX ON a (n);
CREATE MATERIALIZED VIEW never AS SELECT 1 / (n - n) FROM a WITH NO DATA;
SQL
    my ($target) = restored($source, '--limit=7');
    is($target->value('SELECT n FROM a'), 10, 'are refreshed in the order of their needs');
    is($target->value("SELECT relispopulated FROM pg_class WHERE relname = 'never'"), 'f',
        'and one that never was populated stays so');
};

subtest 'a materialized view that reads another one through a function' => sub {
    my $source = $server->create_database;
    $source->sql(<<'SQL');
CREATE TABLE t (id int PRIMARY KEY);
INSERT INTO t SELECT generate_series(1, 500);
CREATE MATERIALIZED VIEW z AS SELECT count(*) AS n FROM t;
CREATE FUNCTION f() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT n + 1 FROM z; END;
CREATE MATERIALIZED VIEW a AS SELECT f() AS n;
SQL
    my ($target, $result) = $server->try_restore($source->sample('--limit=7')->stdout);
    is($result->status, 0, 'is restored') or diag $result->stderr;
    is($target->value('SELECT n FROM a'), 8, 'after that one') if $result->is_ok;
};

# ---- sequences

my $SEQUENCES = <<'SQL';
CREATE SEQUENCE loose START 7;
SELECT nextval('loose'), nextval('loose');
CREATE SEQUENCE never_called START 42;
CREATE SEQUENCE down INCREMENT -2 START -10 MINVALUE -10000 MAXVALUE -1;
CREATE SEQUENCE used_by_two;
CREATE TABLE s (id serial PRIMARY KEY, v int);
CREATE TABLE always (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, v int);
CREATE TABLE by_default (
    id int GENERATED BY DEFAULT AS IDENTITY (START 100 INCREMENT 10), v int);
CREATE TABLE ahead (id serial PRIMARY KEY, v int);
CREATE TABLE descending (id int DEFAULT nextval('down') PRIMARY KEY, v int);
CREATE TABLE one (id int DEFAULT nextval('used_by_two') PRIMARY KEY, v int);
CREATE TABLE two (id int DEFAULT nextval('used_by_two') PRIMARY KEY, v int);
CREATE TABLE none (id serial PRIMARY KEY, v int);
CREATE TABLE "Mixed ""Case""" ("The Id" serial PRIMARY KEY, v int);
INSERT INTO s (v) SELECT generate_series(1, 150);
INSERT INTO always (v) SELECT generate_series(1, 150);
INSERT INTO by_default (v) SELECT generate_series(1, 150);
INSERT INTO descending (v) SELECT generate_series(1, 150);
INSERT INTO one (v) SELECT generate_series(1, 20);
INSERT INTO two (v) SELECT generate_series(1, 20);
INSERT INTO "Mixed ""Case""" (v) SELECT generate_series(1, 20);
-- loaded with ids of their own: the sequence was never told
INSERT INTO ahead SELECT i, i FROM generate_series(1, 150) i;
SQL

my @SERIAL = ('s', 'always', 'by_default', 'descending', 'one', 'two', 'none',
    '"Mixed ""Case"""', 'ahead');

subtest 'sequences' => sub {
    my $source = $server->create_database;
    $source->sql($SEQUENCES);
    for my $options ([], ['--ordered'], ['--limit=*'], ['--limit=0']) {
        my ($target) = restored($source, @$options);
        for my $table (@SERIAL) {
            my $inserted = $target->as($server->restorer)
                ->psql("INSERT INTO $table (v) VALUES (0)");
            is($inserted->status, 0, "@$options: the next INSERT into $table succeeds")
                or diag $inserted->stderr;
        }
        is_deeply($target->row(q{SELECT nextval('loose'), nextval('never_called')}), [ 9, 42 ],
            'sequences of no table continue as in the source');
        is($target->value("SELECT max(id) FROM by_default WHERE v = 0"), 1600,
            'increments are kept');
        is($target->value("SELECT min(id) FROM descending WHERE v = 0"), -310,
            'downwards as well');
    }
};

subtest 'sequences that may not be read' => sub {
    my $source = $server->create_database;
    $source->sql($SEQUENCES);
    my $reader = $server->create_role;
    $source->sql("GRANT SELECT ON ALL TABLES IN SCHEMA public TO $reader;
                  REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM $reader");
    my ($target, $result) = restored($source->as($reader), '--limit=30');
    like($result->stderr, qr/warning: .*\bs_id_seq\b/, 'draw a warning');
    for my $table (@SERIAL) {
        my $inserted = $target->psql("INSERT INTO $table (v) VALUES (0)");
        is($inserted->status, 0, "the next INSERT into $table succeeds")
            or diag $inserted->stderr;
    }
    is($target->value('SELECT max(id) FROM s'), 31, 'they continue after the sampled rows');
};

# ---- large objects

subtest 'large objects' => sub {
    my $source = $server->create_database;
    $source->sql(<<'SQL');
CREATE DOMAIN file AS oid;
CREATE TABLE page (id int PRIMARY KEY, doc oid, also file);
SELECT lo_from_bytea(1000 + i, convert_to(repeat(i || E'\\\n\t''', 10 * i), 'UTF8'))
  FROM generate_series(1, 40) i;
SELECT lo_from_bytea(2001, decode(repeat('00ff5c27', 150000), 'hex'));
SELECT lo_create(2002);
SELECT lo_from_bytea(2003, '\x01');
SELECT lo_put(2003, 700000, '\x02');
INSERT INTO page SELECT i, 1000 + i FROM generate_series(1, 30) i;
INSERT INTO page VALUES (31, 2001, 2003), (32, 2002, 1040), (33, 999999, NULL);
COMMENT ON LARGE OBJECT 2001 IS 'a long one';
SQL
    my $digests = 'SELECT oid, md5(lo_get(oid)) FROM pg_largeobject_metadata';
    my ($target) = restored($source, '--limit=page = id > 30 OR id = 7');
    is_deeply($target->rows("$digests ORDER BY 1"),
        $source->rows("$digests WHERE oid IN (1007, 1040, 2001, 2002, 2003) ORDER BY 1"),
        'those that sampled rows name, and no others');
    is($target->value('SELECT count(*) FROM page WHERE doc = 999999'), 1,
        'a row may name one that does not exist');
    ($target) = restored($source, '--limit=*');
    is($target->value('SELECT count(*) FROM pg_largeobject_metadata'), 34, 'all rows');
    ($target) = restored($source, '--limit=0');
    is($target->value('SELECT count(*) FROM pg_largeobject_metadata'), 0, 'no rows');
    is($target->value("SELECT rolname FROM pg_roles r JOIN pg_database d ON d.datdba = r.oid
                        WHERE datname = current_database()"), $server->restorer,
        'and an ordinary role restores it');
};

# ---- odd tables

subtest 'odd tables' => sub {
    my $source = $server->create_database;
    $source->sql(<<'SQL');
CREATE TABLE no_columns ();
INSERT INTO no_columns SELECT FROM generate_series(1, 3);
CREATE TABLE dropped (a int, gone text, b text);
INSERT INTO dropped SELECT i, 'x', 'b' || i FROM generate_series(1, 3) i;
ALTER TABLE dropped DROP COLUMN gone;
ALTER TABLE dropped ADD COLUMN c int DEFAULT 5;
CREATE TABLE generated_from_other (
    a int, g text GENERATED ALWAYS AS (a::text || '!') STORED PRIMARY KEY);
INSERT INTO generated_from_other SELECT generate_series(1, 3);
CREATE TABLE refers (g text REFERENCES generated_from_other);
INSERT INTO refers VALUES ('2!');
CREATE TABLE root (id int, at date) PARTITION BY LIST (id);
CREATE TABLE leaf_b (at date, junk int, id int);
ALTER TABLE leaf_b DROP COLUMN junk;
ALTER TABLE root ATTACH PARTITION leaf_b FOR VALUES IN (2);
CREATE TABLE leaf_null PARTITION OF root FOR VALUES IN (NULL) PARTITION BY RANGE (at);
CREATE TABLE leaf_null_1 PARTITION OF leaf_null DEFAULT;
INSERT INTO root VALUES (2, '2024-01-01'), (NULL, '2024-01-02');
CREATE TABLE parent (a int);
CREATE TABLE child (b int) INHERITS (parent);
INSERT INTO parent VALUES (1); INSERT INTO child VALUES (2, 3);
CREATE UNLOGGED TABLE unlogged (a int); INSERT INTO unlogged VALUES (1);
CREATE TABLE with_storage (a text) WITH (fillfactor = 50, autovacuum_enabled = false);
ALTER TABLE with_storage ALTER a SET STORAGE external, ALTER a SET COMPRESSION lz4;
CREATE TYPE pair AS (x int, y text);
CREATE TABLE typed OF pair (x PRIMARY KEY);
INSERT INTO typed VALUES (1, 'one');
SQL
    my ($target) = restored($source, '--limit=*');
    is_deeply([ row_differences(row_texts($target), row_texts($source)) ], [],
        'their rows survive');
    is_same($target, $source, 'partitions', 'SELECT tableoid::regclass, * FROM root
        ORDER BY 1::text, 2');
    is_same($target, $source, 'settings', "SELECT c.relname, c.reloptions, c.relpersistence,
        c.reloftype::regtype, a.attstorage, a.attcompression FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = 1
       WHERE c.relkind = 'r' AND c.oid >= 16384 ORDER BY 1");
};

done_testing;
