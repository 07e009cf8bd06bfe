# The dump of staging mode is that of direct mode, byte for byte, whatever the options are.

use strict;
use warnings;

use Cwd ();
use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Check;
use PgSample::Test::Server;
use PgSample::Test::Staging;

my $SHOP = Cwd::abs_path("$FindBin::Bin/../../fixtures/shop/shop.sql");

my $server = PgSample::Test::Server->start(configuration => ["timezone = 'UTC'"]);

sub source_with
{
    my ($sql, %option) = @_;
    my $source = $server->create_database(%option);
    $source->sql($sql);
    return $source;
}

# ---- the demonstration database, with all kinds of options: which rows, and how they and
# the definitions are written

my @CHOICES = (
    ['--limit=*'],
    ['--limit=orders = 7, * = 0'],
    ['--limit=orders = 5%, customer = 1%, * = 0'],
    ['--limit=order_item = quantity > 3, * = 1'],
    ['--limit="site = id IN (1, 2, 3)", employee = 2 where id > 3, * = 0'],
    ['--limit=orders_2024 = 4, orders = 2, shop.* = 1, * = 0'],
    [ '--ordered', '--limit=9' ],
    [ '--ordered=asc', '--limit=9' ],
    [ '--random=7', '--limit=11' ],
    [ '--random=7', '--limit=10%' ],
    [ '--random=stable', '--limit=5%' ],
);

my @OPTIONS = (
    ['--limit=100'],
    [ '--limit=0', '-a' ],
    [ '-n', 'warehouse', '--limit=5' ],
    [ '-N', 'shop', '--limit=4' ],
    [ '-t', 'orders', '-t', 'order_item', '--limit=6' ],
    [ '-T', 'shop.review', '-T', 'warehouse.claim' ],
    [ '--exclude-table-data', 'shop.review', '--limit=5' ],
    [ '--inserts', '--limit=8' ],
    [ '--rows-per-insert=3', '--limit=8' ],
    [ '--clean', '--if-exists', '--limit=8' ],
    [ '--owner', '--privileges', '--tablespaces', '--superuser-objects', '--limit=2' ],
    [ '--no-transaction', '--limit=3' ],
    [ '-E', 'UTF8', '--limit=3', '-a' ],
);

subtest 'the demonstration database' => sub {
    my $shop   = $server->create_database;
    my $loaded = $shop->psql(undef, '-f', $SHOP, '-v', 'scale=0.02');
    is($loaded->status, 0, 'is loaded') or diag $loaded->stderr;
    modes_agree($shop, "@$_", @$_) for @OPTIONS;
    modes_agree($shop, "@$_", @$_, '--data-only') for @CHOICES;
};

# ---- names that the staging schema must not stumble over

my $LONG = 'n' x 60;

my $NAMES = <<"SQL";
CREATE SCHEMA a;
CREATE SCHEMA "a.b";
CREATE SCHEMA "$LONG";
CREATE TABLE a.t (id int PRIMARY KEY);
CREATE TABLE "a.b".t (id int PRIMARY KEY, a int REFERENCES a.t);
CREATE TABLE a."b.t" (id int PRIMARY KEY, t int REFERENCES "a.b".t);
CREATE TABLE "a.t" (id int PRIMARY KEY, t int REFERENCES a."b.t");
CREATE TABLE "$LONG"."${LONG}123" (id int PRIMARY KEY, t int REFERENCES "a.t");
CREATE TABLE a."${LONG}123" (id int PRIMARY KEY, t int REFERENCES "$LONG"."${LONG}123");
CREATE TABLE "a.b"."${LONG}123" (id int PRIMARY KEY, t int REFERENCES a."${LONG}123");
CREATE TABLE manifest (id int PRIMARY KEY, t int REFERENCES "a.b"."${LONG}123");
CREATE TABLE manifest_run (id int PRIMARY KEY, t int REFERENCES manifest);
CREATE TABLE manifest_keys (id int PRIMARY KEY, t int REFERENCES manifest_run);
CREATE TABLE resume_facts (id int PRIMARY KEY, t int REFERENCES manifest_keys);
CREATE TABLE resume_archive (id int PRIMARY KEY, t int REFERENCES resume_facts);
CREATE TABLE resume_large_objects (id int PRIMARY KEY, t int REFERENCES resume_archive);
CREATE TABLE "it's ""quoted"" \\ and; --" ("_leaf" int, "_place" text, "_pass" int,
    "__leaf" int, ctid2 tid, "select" int PRIMARY KEY,
    "_pass_" int REFERENCES resume_large_objects);
CREATE TABLE "end" ("_leaf" int REFERENCES "it's ""quoted"" \\ and; --" ("select"),
    "_Pass" int);
DO \$\$ DECLARE name text; BEGIN
    FOR name IN SELECT format('%s', oid::regclass) FROM pg_class WHERE relkind = 'r'
        AND relnamespace >= 16384 OR relkind = 'r' AND relnamespace = 'public'::regnamespace
    LOOP
        CONTINUE WHEN name ~ '^"(it|end)' OR name = 'a.t';
        EXECUTE format('ALTER TABLE %s ADD v text DEFAULT %L', name, name);
    END LOOP;
END \$\$;
INSERT INTO a.t SELECT i FROM generate_series(20, 1, -1) i;
INSERT INTO "a.b".t SELECT i, 21 - i FROM generate_series(1, 20) i;
INSERT INTO a."b.t" SELECT i, 21 - i FROM generate_series(1, 20) i;
INSERT INTO "a.t" SELECT i, 21 - i FROM generate_series(1, 20) i;
INSERT INTO "$LONG"."${LONG}123" SELECT i, 21 - i FROM generate_series(1, 20) i;
INSERT INTO a."${LONG}123" SELECT i, 21 - i FROM generate_series(1, 20) i;
INSERT INTO "a.b"."${LONG}123" SELECT i, 21 - i FROM generate_series(1, 20) i;
INSERT INTO manifest SELECT i, 21 - i FROM generate_series(1, 20) i;
INSERT INTO manifest_run SELECT i, 21 - i FROM generate_series(1, 20) i;
INSERT INTO manifest_keys SELECT i, 21 - i FROM generate_series(1, 20) i;
INSERT INTO resume_facts SELECT i, 21 - i FROM generate_series(1, 20) i;
INSERT INTO resume_archive SELECT i, 21 - i FROM generate_series(1, 20) i;
INSERT INTO resume_large_objects SELECT i, 21 - i FROM generate_series(1, 20) i;
INSERT INTO "it's ""quoted"" \\ and; --"
SELECT i, 'p' || i, i, i, ctid, i, 21 - i FROM a.t, LATERAL (SELECT a.t.id) AS x(i);
INSERT INTO "end" SELECT i, -i FROM generate_series(1, 20) i;
SQL

subtest 'names' => sub {
    my $source = source_with($NAMES);
    modes_agree($source, "@$_", @$_)
        for ['--limit=*'], [ '-a', '--limit=3' ], [ '-a', '--limit="""end"" = 4", * = 0' ],
        [ '--limit="""end"" = 4", * = 0', '--inserts' ], [ '-a', '--limit=3', '--ordered' ];
    my $direct = modes_agree($source, 'few rows', '--limit=2');
    for my $name ('Stage "1"; --', "it's", 'm' x 63) {
        my $result = $source->sample('--use-staging', "--sample-schema=$name", '--limit=2');
        is($result->status, 0, "a staging schema called $name") or diag $result->stderr;
        same_bytes($result->stdout, $direct, 'the same dump');
        unlike($result->stderr, qr/direct mode/, 'of staging mode');
    }
    no_schema_is_left($source);
};

# ---- types, shapes and keys

my %SCHEMA = (
    'keys of several types' => <<'SQL',
CREATE EXTENSION citext;
CREATE TYPE pair AS (a int, b text);
CREATE DOMAIN code AS text CHECK (VALUE <> '');
CREATE TYPE mood AS ENUM ('sad', 'happy');
CREATE COLLATION ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE TABLE c (k citext PRIMARY KEY);
CREATE TABLE n (k numeric PRIMARY KEY);
CREATE TABLE p (k pair PRIMARY KEY);
CREATE TABLE d (k code PRIMARY KEY);
CREATE TABLE m (k mood PRIMARY KEY);
CREATE TABLE i (k text COLLATE ci PRIMARY KEY);
CREATE TABLE b (k char(5) PRIMARY KEY);
CREATE TABLE f (k float8 PRIMARY KEY);
CREATE TABLE y (k bytea PRIMARY KEY);
CREATE TABLE t (k timestamptz PRIMARY KEY);
CREATE TABLE a (k int[] PRIMARY KEY);
CREATE TABLE child (id int PRIMARY KEY, c citext REFERENCES c, n int REFERENCES n,
    n2 numeric REFERENCES n, p pair REFERENCES p, d code REFERENCES d,
    m mood REFERENCES m, i text COLLATE "C" REFERENCES i, b varchar(9) REFERENCES b,
    f float4 REFERENCES f, y bytea REFERENCES y, t timestamptz REFERENCES t,
    a int[] REFERENCES a);
INSERT INTO c VALUES ('One'), ('Two'), ('Three');
INSERT INTO n VALUES (1), (2.00), (3.000);
INSERT INTO p VALUES ((1, 'a')), ((2, NULL)), ((3, 'c')), ((NULL, NULL)), ((5, 'e'));
INSERT INTO d VALUES ('x'), ('y'), ('z');
INSERT INTO m VALUES ('happy'), ('sad');
INSERT INTO i VALUES ('ABC'), ('Def'), ('x');
INSERT INTO b VALUES ('a'), ('b  '), ('c');
INSERT INTO f VALUES (1), ('-0'), ('NaN');
INSERT INTO y VALUES ('\x00'), ('\x'), ('\xff5c');
INSERT INTO t VALUES ('2024-01-01 00:00+00'), ('infinity'), ('0044-03-15 BC');
INSERT INTO a VALUES ('{}'), ('{1,NULL}'), ('{{1},{2}}');
INSERT INTO child VALUES
    (1, 'oNE', 1, 1.0, (1, 'a'), 'x', 'sad', 'abc', 'a', 1, '\x00', '2024-01-01 01:00+01', '{}'),
    (2, 'TWO', 2, 2, (2, NULL), 'y', 'happy', 'DEF', 'b', 0, '\x', 'infinity', '{1,NULL}'),
    (3, NULL, 3, NULL, NULL, 'z', NULL, NULL, 'c', 'NaN', NULL, NULL, '{{1},{2}}');
INSERT INTO child (id, p) VALUES (4, ROW(NULL, NULL)), (5, NULL), (6, (2, NULL));
SQL
    'composite keys, MATCH FULL, columns in another order' => <<'SQL',
CREATE TABLE p (a int, b text, c int, PRIMARY KEY (a, b), UNIQUE (c, a, b));
CREATE TABLE s (id int PRIMARY KEY, b text, a int, FOREIGN KEY (a, b) REFERENCES p);
CREATE TABLE f (id int PRIMARY KEY, x int, y int, z text,
    FOREIGN KEY (z, y, x) REFERENCES p (b, a, c) MATCH FULL);
INSERT INTO p SELECT i % 10, 'b' || i / 10, i FROM generate_series(0, 99) i;
INSERT INTO s SELECT i, 'b' || i % 10, CASE WHEN i % 3 > 0 THEN i / 10 END
  FROM generate_series(0, 99) i;
INSERT INTO f SELECT id, c, a, b FROM p, LATERAL (SELECT p.c + 1000) AS x(id) WHERE c % 2 = 0;
INSERT INTO f VALUES (1, NULL, NULL, NULL);
SQL
    'partitions' => <<'SQL',
CREATE TABLE r (id int, k int, v text, PRIMARY KEY (id, k)) PARTITION BY LIST (k);
CREATE TABLE r2 (v text, k int NOT NULL, gone int, id int NOT NULL);
ALTER TABLE r2 DROP gone;
ALTER TABLE r ATTACH PARTITION r2 FOR VALUES IN (2);
CREATE TABLE r1 PARTITION OF r FOR VALUES IN (1, 3) PARTITION BY RANGE (id);
CREATE TABLE r1b PARTITION OF r1 FOR VALUES FROM (50) TO (1000);
CREATE TABLE r1a PARTITION OF r1 FOR VALUES FROM (0) TO (50);
CREATE TABLE rd PARTITION OF r DEFAULT;
CREATE TABLE c (id int PRIMARY KEY, r int, k int, FOREIGN KEY (r, k) REFERENCES r)
    PARTITION BY HASH (id);
CREATE TABLE c0 PARTITION OF c FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE c1 PARTITION OF c FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO r SELECT i, i % 5, 'v' || i FROM generate_series(199, 0, -1) i;
INSERT INTO c SELECT i, i, i % 5 FROM generate_series(0, 199) i;
SQL
    'inheritance' => <<'SQL',
CREATE TABLE elder (id int PRIMARY KEY, v text);
CREATE TABLE younger (w text) INHERITS (elder);
CREATE TABLE t (id int PRIMARY KEY, elder int REFERENCES elder);
INSERT INTO elder SELECT i, 'e' FROM generate_series(1, 20) i;
INSERT INTO younger SELECT i, 'y', 'w' FROM generate_series(10, 30) i;
INSERT INTO t SELECT i, 21 - i FROM generate_series(1, 20) i;
SQL
    'cycles and chains' => <<'SQL',
CREATE TABLE egg (id int PRIMARY KEY, hen int NOT NULL);
CREATE TABLE hen (id int PRIMARY KEY, egg int NOT NULL REFERENCES egg DEFERRABLE);
INSERT INTO egg SELECT i, 301 - i FROM generate_series(1, 300) i;
INSERT INTO hen SELECT i, 1 + i % 300 FROM generate_series(1, 300) i;
ALTER TABLE egg ADD FOREIGN KEY (hen) REFERENCES hen DEFERRABLE;
CREATE TABLE chain (id int PRIMARY KEY, next int REFERENCES chain, other int REFERENCES egg);
INSERT INTO chain SELECT i, nullif(i, 1000) + 1, 1 + i % 300 FROM generate_series(1000, 1, -1) i;
SQL
    'tables without a key, with equal rows, without rows, without columns' => <<'SQL',
CREATE TABLE p (k int UNIQUE, v text);
CREATE TABLE twice (k int REFERENCES p (k), v text);
CREATE TABLE nothing ();
CREATE TABLE empty (k int REFERENCES p (k));
CREATE TABLE generated (id int GENERATED ALWAYS AS IDENTITY, a int,
    g int GENERATED ALWAYS AS (a * 2) STORED, h text GENERATED ALWAYS AS ('x') STORED);
CREATE TABLE only_generated (g int GENERATED ALWAYS AS (1) STORED);
CREATE TABLE refers (k int GENERATED ALWAYS AS (5) STORED REFERENCES p (k));
CREATE TABLE dropped (a int, b text, c int, d text);
INSERT INTO p SELECT nullif(i, 3), 'v' FROM generate_series(1, 20) i;
INSERT INTO twice SELECT 1 + i % 5 + 5, 'same' FROM generate_series(1, 40) i;
INSERT INTO nothing SELECT FROM generate_series(1, 4);
INSERT INTO generated (a) SELECT generate_series(1, 30);
INSERT INTO only_generated SELECT FROM generate_series(1, 3);
INSERT INTO refers SELECT FROM generate_series(1, 3);
INSERT INTO dropped SELECT i, 'b', i, 'd' FROM generate_series(1, 9) i;
ALTER TABLE dropped DROP a, DROP c;
ALTER TABLE dropped ADD e int DEFAULT 7;
SQL
    'values that are hard to write, and large ones' => <<'SQL',
CREATE TYPE pair AS (a text, b int[]);
CREATE DOMAIN positive AS int NOT NULL CHECK (VALUE > 0);
CREATE TABLE t (id int PRIMARY KEY, a text, b bytea, c float8, d jsonb, e text[], f "char",
    h interval, i bit varying, j money, k pair, l positive, m xml, n tsvector, o json,
    p pair[], q numeric, r date, s real);
INSERT INTO t VALUES
    (1, E'back\\slash \t\n\r\b\f\v', '\x00ff5c27', 'NaN', '{"a": "\\"}', '{NULL,"","NULL"}',
     'x', '1 year -3 days', '1011', 5, ('a,"(', '{1,NULL}'), 1, '<a>&amp;</a>', 'a:1A b',
     '{"z": 1,  "a": 2}', ARRAY[('x', NULL)::pair], 'NaN', 'infinity', 1e38),
    (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 2, NULL, NULL, NULL,
     NULL, NULL, NULL, NULL),
    (3, E'\\.', '\x', 1e-300, '[]', '{{1,2},{3,4}}', E'\\', '-1 mon', '0', -1.5,
     (E'\\N', '{}'), 3, NULL, '', '""', '{}', 1e-30, '0044-03-15 BC', '-0');
CREATE TABLE large (id int PRIMARY KEY, t int REFERENCES t, v text, w bytea,
    raw text);
ALTER TABLE large ALTER raw SET STORAGE EXTERNAL;
INSERT INTO large SELECT i, 1 + i % 3, repeat(md5(i::text), 3000),
    decode(repeat(md5(i::text), 5000), 'hex'), repeat(i::text, 20000)
  FROM generate_series(1, 12) i;
SQL
    'dangling references' => <<'SQL',
CREATE TABLE p (id int PRIMARY KEY) PARTITION BY RANGE (id);
CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (100);
CREATE TABLE q (id int PRIMARY KEY);
CREATE TABLE c (id int PRIMARY KEY, p int REFERENCES p, q int REFERENCES q);
CREATE TABLE d (id int PRIMARY KEY, q int);
CREATE TABLE e (id int PRIMARY KEY, q int REFERENCES q) PARTITION BY RANGE (id);
CREATE TABLE e1 PARTITION OF e FOR VALUES FROM (0) TO (100);
INSERT INTO p SELECT generate_series(1, 20);
INSERT INTO q SELECT generate_series(1, 20);
INSERT INTO d SELECT i, i + 5 FROM generate_series(1, 20) i;
ALTER TABLE d ADD FOREIGN KEY (q) REFERENCES q NOT VALID;
SET session_replication_role = replica;
INSERT INTO c SELECT i, i + 10, i + 15 FROM generate_series(1, 20) i;
INSERT INTO e SELECT i, i + 15 FROM generate_series(1, 20) i;
SQL
    'dangling references of so many rows that both connections count them' => <<'SQL',
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE c (id int PRIMARY KEY, p int, q int REFERENCES p);
CREATE TABLE d (id int PRIMARY KEY, p int REFERENCES p, c int REFERENCES c);
INSERT INTO p SELECT generate_series(1, 8000);
INSERT INTO c SELECT i, i + 5, i FROM generate_series(1, 8000) i;
INSERT INTO d SELECT i, i, 8001 - i FROM generate_series(1, 8000) i;
ALTER TABLE c ADD FOREIGN KEY (p) REFERENCES p NOT VALID;
SQL
    'large objects' => <<'SQL',
CREATE TABLE t (id int PRIMARY KEY, file oid, other oid);
INSERT INTO t SELECT i, lo_from_bytea(20000 + i, convert_to(repeat('x' || i, 3000), 'UTF8')),
    nullif(i, 3) FROM generate_series(1, 9) i;
COMMENT ON LARGE OBJECT 20001 IS 'a comment';
CREATE DOMAIN lo AS oid;
CREATE TABLE u (id int PRIMARY KEY, t int REFERENCES t, file lo);
INSERT INTO u SELECT i, 1 + i % 9, 20001 + i % 4 FROM generate_series(1, 9) i;
SELECT lo_from_bytea(30000, '\x00');
SQL
    'sequences, views, triggers, row types, statistics' => <<'SQL',
CREATE SEQUENCE free START 50;
CREATE TABLE t (id serial PRIMARY KEY, v text, n int DEFAULT nextval('free'));
INSERT INTO t (v) SELECT 'v' || i FROM generate_series(1, 50) i;
CREATE TABLE whole (id int PRIMARY KEY, t t);
INSERT INTO whole SELECT t.id, t FROM t;
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''fired''; END';
CREATE TRIGGER a BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();
ALTER TABLE t ENABLE ALWAYS TRIGGER a;
CREATE RULE r AS ON DELETE TO t DO INSTEAD NOTHING;
CREATE MATERIALIZED VIEW m AS SELECT count(*) FROM t;
CREATE VIEW w AS SELECT * FROM whole;
CREATE STATISTICS s ON id, v FROM t;
CREATE UNLOGGED TABLE u (id int PRIMARY KEY, t int REFERENCES t) WITH (fillfactor = 50);
SQL
);

my @ARGUMENTS = (
    ['--limit=3'],
    ['--limit=*'],
    [ '--limit=2', '--ordered' ],
    [ '--limit=30%', '--random=7' ],
    [ '--limit=4', '--random=stable', '--inserts' ],
);

# Rules that pick from one table alone, so that all else is there because of its keys.
sub rules_of_tables
{
    my ($source) = @_;
    return map { "--limit=$_ = 7, * = 0" } @{ $source->column(<<'SQL') };
SELECT DISTINCT conrelid::regclass::text COLLATE "C" FROM pg_constraint
 WHERE contype = 'f' AND conparentid = 0 ORDER BY 1
SQL
}

# since version 18 both columns of a key have the collation that is not deterministic
$SCHEMA{'keys of several types'} =~ s/COLLATE "C" REFERENCES i/COLLATE ci REFERENCES i/
    if $server->version >= 180_000;

for my $what (sort keys %SCHEMA) {
    subtest $what => sub {
        my $source = source_with($SCHEMA{$what});
        # definitions are the same whatever the rows are, unless these break keys
        my ($arguments, @more) = (@ARGUMENTS, map { [$_] } rules_of_tables($source));
        modes_agree($source, "@$arguments", @$arguments);
        modes_agree($source, "@$_", @$_, $what =~ /dangling/ ? () : '--data-only') for @more;
    };
}

# ---- the rest

subtest 'rules for partitions' => sub {
    my $source = source_with($SCHEMA{partitions});
    modes_agree($source, "@$_", @$_, '--data-only')
        for ['--limit=r2 = 3, r = 2, 0'], ['--limit=r1b = *, r = 1 where id > 20, 0'],
        [ '--limit=c1 = 5, 0', '--ordered' ], [ '--limit=r1 = 5%, c = 1%', '--random=3' ];
};

subtest 'data alone' => sub {
    for my $what ('cycles and chains', 'keys of several types', 'partitions',
        'large objects')
    {
        my $source = source_with($SCHEMA{$what});
        modes_agree($source, "$what: @$_", @$_)
            for [ '-a', '--limit=5' ], [ '-a', '--limit=5', '--inserts' ],
            [ '-a', '--limit=7', '--disable-triggers' ];
    }
};

subtest 'encodings' => sub {
    my $latin = source_with(<<"SQL", encoding => 'LATIN1');
CREATE TABLE "\xe9t\xe9" ("\xff" text PRIMARY KEY);
INSERT INTO "\xe9t\xe9" VALUES ('\xe9'), ('\xdf'), ('x');
CREATE TABLE kid (id int PRIMARY KEY, p text REFERENCES "\xe9t\xe9");
INSERT INTO kid VALUES (1, '\xe9'), (2, '\xdf');
SQL
    modes_agree($latin, "LATIN1 @$_", @$_)
        for ['--limit=kid = 1, 0'], [ '-E', 'UTF8' ], [ '-E', 'LATIN1', '-a' ],
        [ '-E', 'UTF8', '--inserts', '-a' ];
    my $unicode = source_with(<<"SQL");
CREATE TABLE "\xc3\xa9" (id int PRIMARY KEY, v text);
INSERT INTO "\xc3\xa9" VALUES (1, '\xc3\xa9'), (2, '\xc3\x9f');
SQL
    modes_agree($unicode, "UTF8 @$_", @$_) for [ '-E', 'LATIN1' ], [ '-E', 'SQL_ASCII' ];
    my $ascii = source_with("CREATE TABLE t (a text PRIMARY KEY);
        INSERT INTO t SELECT chr(i) FROM generate_series(1, 255) i", encoding => 'SQL_ASCII');
    modes_agree($ascii, 'SQL_ASCII', '--limit=*');
};

subtest 'configuration rows of an extension' => sub {
    plan skip_all => 'no cube here' if !$server->database('postgres')->value(
        "SELECT count(*) FROM pg_available_extensions WHERE name = 'cube'");
    my $source = source_with(<<'SQL');
CREATE EXTENSION cube;
CREATE TABLE settings (id int PRIMARY KEY, v text);
ALTER EXTENSION cube ADD TABLE settings;
UPDATE pg_extension
   SET extconfig = ARRAY['settings'::regclass::oid], extcondition = ARRAY['WHERE id > 2']
 WHERE extname = 'cube';
INSERT INTO settings SELECT i, 'v' || i FROM generate_series(1, 5) i;
CREATE TABLE t (id int PRIMARY KEY, c cube);
INSERT INTO t SELECT i, cube(i, i + 1) FROM generate_series(1, 9) i;
SQL
    like(modes_agree($source, "@$_", @$_) || '', qr/^(?:5\tv5$|.*\(5, 'v5'\))/m,
        'they are in the dump')
        for ['--limit=1'], [ '--limit=1', '--inserts' ], [ '-a', '--limit=2' ];
};

subtest 'what is there of earlier runs is not sampled' => sub {
    my $source = source_with($SCHEMA{partitions});
    my $before = modes_agree($source, 'before', '--limit=4');
    my $kept = $source->sample('--keep', '--limit=2');
    is($kept->status, 0, 'a run with --keep') or diag $kept->stderr;
    is_deeply(staging_schemas($source), ['_pg_sample'], 'its schema is there');
    my $direct = $source->sample('--no-staging', '--limit=4');
    same_bytes($direct->stdout, $before, 'and not in a dump of direct mode');
    my $staged = $source->sample('--use-staging', '--sample-schema=other', '--limit=4');
    same_bytes($staged->stdout, $before, 'nor in one of staging mode');
    is_deeply(staging_schemas($source), ['_pg_sample'], 'it is still there');
};

subtest 'a role that owns the database, not a superuser' => sub {
    my $role   = $server->create_role;
    my $source = $server->create_database(owner => $role);
    my $mine   = $source->as($role);
    $mine->sql($SCHEMA{'cycles and chains'});
    modes_agree($mine, "@$_", @$_) for ['--limit=3'], [ '--limit=3', '-a', '--inserts' ];
    my $other = $server->create_role;
    $source->sql("GRANT CREATE ON DATABASE \"${\ $source->name }\" TO $other;
        GRANT SELECT ON ALL TABLES IN SCHEMA public TO $other");
    modes_agree($source->as($other), 'with SELECT and CREATE on the database', '--limit=3');
};

subtest 'row security' => sub {
    my $role   = $server->create_role;
    my $source = source_with(<<"SQL");
CREATE TABLE parent (id int PRIMARY KEY, who text);
INSERT INTO parent SELECT i, CASE WHEN i % 2 = 0 THEN '$role' ELSE 'other' END
  FROM generate_series(1, 100) i;
CREATE TABLE child (id int PRIMARY KEY, parent int REFERENCES parent);
INSERT INTO child SELECT i, i FROM generate_series(1, 100) i;
ALTER TABLE parent ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON parent USING (who = current_user);
GRANT SELECT ON parent, child TO $role;
SQL
    $source->sql("GRANT CREATE ON DATABASE \"${\ $source->name }\" TO $role");
    my $restricted = $source->as($role);
    modes_agree($restricted, "hidden rows, @$_", '--enable-row-security', @$_)
        for ['--limit=20'], [ '--limit=child = 10, 0', '-a' ],
        [ '--limit=parent = id > 50, 3', '-a' ], [ '--limit=4', '--random=stable', '-a' ];
    my $refused = $restricted->sample('--use-staging', '--limit=20');
    is($refused->status, 3, 'without the option they are an error') or diag $refused->describe;
    like($refused->stderr, qr/row-level security.*"parent"/, 'that names the table');
    no_schema_is_left($source);
};

done_testing;
