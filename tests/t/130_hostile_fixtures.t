# Foreign keys, types and tables that are hard to sample, each in a small database of its own:
# exactly the rows that are needed come, and the constraints come back as they were.

use strict;
use warnings;

use File::Temp ();
use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Check;
use PgSample::Test::Oracle;
use PgSample::Test::Server;

my $server    = PgSample::Test::Server->start;
my $directory = File::Temp->newdir;

# Temporary tables of a session that has just ended may still be there.
my $CONSTRAINTS = <<'SQL';
SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
  FROM pg_constraint
 WHERE conrelid <> 0 AND connamespace NOT IN (SELECT oid FROM pg_namespace WHERE nspname ~ '^pg_temp_')
 ORDER BY 1
SQL

sub source_with
{
    my ($sql) = @_;
    my $source = $server->create_database;
    $source->sql($sql);
    return $source;
}

# One subtest: the exact rows, their numbers by table, and the same constraints. Returns the
# restored database and the source.
sub exact
{
    my ($name, $sql, $limit, $counts, @argument) = @_;
    my ($target, $source);
    subtest $name => sub {
        $source = source_with($sql);
        $target = sample_is_exact($source, 'the exact rows', "--limit=$limit", @argument)
            or return;
        my $found = table_counts($target);
        is($found->{"public.$_"}, $counts->{$_}, "rows of $_") for sort keys %$counts;
        is_deeply($target->column($CONSTRAINTS), $source->column($CONSTRAINTS),
            'the same constraints');
        constraints_are_valid($target, 'all of them valid');
    };
    return ($target, $source);
}

subtest 'a chain of 100,000 rows' => sub {
    my $source = source_with(<<'SQL');
CREATE TABLE chain (id int PRIMARY KEY, next int REFERENCES chain);
INSERT INTO chain SELECT i, nullif(i, 100000) + 1 FROM generate_series(1, 100000) i;
ANALYZE chain;
SQL
    my $name = $source->name;
    $source->sql("ALTER DATABASE \"$name\" SET log_statement = 'all'");
    my $result = $source->sample('--limit=chain = 1');
    is($result->status, 0, 'is followed') or return diag $result->stderr;
    my $n = () = $server->log_text =~ /\] \Q$name\E LOG:  (?:statement|execute)/g;
    cmp_ok($n, '>', 5, 'statements are logged');
    cmp_ok($n, '<', 160, 'few of them');
    is($source->sample('--limit=chain = 1', '--memory-limit=64kB')->stdout, $result->stdout,
        'the same bytes when rows and keys are in files');
    my $target = $server->restore($result->stdout);
    is($target->value('SELECT count(*) FROM chain'), 100_000, 'to its end');
    constraints_are_valid($target, 'the key is valid');
    $result = $source->sample('--limit=chain = id > 99990');
    is($server->restore($result->stdout)->value('SELECT count(*) FROM chain'), 10,
        'from wherever it starts');
};

exact('a cycle of two tables', <<'SQL', 'a = id = 1, * = 0', { a => 10, b => 10 });
CREATE TABLE a (id int PRIMARY KEY, b int);
CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES a);
ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b;
SET session_replication_role = replica;
INSERT INTO a SELECT i, i + 100 FROM generate_series(1, 30) i;
INSERT INTO b SELECT i + 100, i / 10 * 10 + (i + 1) % 10 FROM generate_series(1, 30) i
  WHERE true;
UPDATE b SET a = 1 WHERE id = 110;
UPDATE b SET a = id - 99 WHERE id < 110;
SET session_replication_role = DEFAULT;
UPDATE b SET a = 11 WHERE a = 0 OR a > 30;
SQL

exact('a cycle of three tables', <<'SQL', 'x = 1, * = 0', { x => 5, y => 5, z => 5 });
CREATE TABLE x (id int PRIMARY KEY, y int);
CREATE TABLE y (id int PRIMARY KEY, z int);
CREATE TABLE z (id int PRIMARY KEY, x int REFERENCES x);
INSERT INTO x SELECT i, i FROM generate_series(1, 20) i;
INSERT INTO y SELECT i, i FROM generate_series(1, 20) i;
INSERT INTO z SELECT i, (i - 1) / 5 * 5 + i % 5 + 1 FROM generate_series(1, 20) i;
ALTER TABLE x ADD FOREIGN KEY (y) REFERENCES y DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE y ADD FOREIGN KEY (z) REFERENCES z;
SQL

exact('a self reference with two keys', <<'SQL', 'n = id = 40', { n => 6 });
CREATE TABLE n (id int PRIMARY KEY, parent_id int REFERENCES n, root_id int REFERENCES n);
INSERT INTO n SELECT i, nullif(i / 2, 0), CASE WHEN i > 1 THEN i % 2 + 1 END
  FROM generate_series(1, 60) i;
SQL

exact('composite keys, reversed and with NULLs', <<'SQL',
CREATE TABLE p (a int, b int, c int, PRIMARY KEY (a, b), UNIQUE (c, a, b));
CREATE TABLE simple (id int PRIMARY KEY, a int, b int, FOREIGN KEY (b, a) REFERENCES p (b, a));
CREATE TABLE swapped (id int PRIMARY KEY, x int, y int, FOREIGN KEY (x, y) REFERENCES p (b, a));
CREATE TABLE whole (id int PRIMARY KEY, a int, b int, c int,
    FOREIGN KEY (b, c, a) REFERENCES p (b, c, a) MATCH FULL);
INSERT INTO p SELECT i, j, i + j FROM generate_series(1, 9) i, generate_series(1, 9) j;
INSERT INTO simple VALUES (1, 1, 2), (2, NULL, 3), (3, 7, NULL), (4, NULL, NULL), (5, 99, NULL);
INSERT INTO swapped VALUES (1, 5, 6), (2, 6, 5), (3, NULL, 1);
INSERT INTO whole VALUES (1, 8, 9, 17), (2, NULL, NULL, NULL);
SQL
    'p = 0, *', { p => 4, simple => 5, swapped => 3, whole => 2 });

exact('several keys between two tables', <<'SQL', 'c = 2, p = 0', { p => 5, c => 2 });
CREATE TABLE p (id int PRIMARY KEY, code text UNIQUE, nr int NOT NULL UNIQUE);
CREATE TABLE c (id int PRIMARY KEY, p1 int REFERENCES p, p2 int REFERENCES p,
    code text REFERENCES p (code), nr int REFERENCES p (nr), p3 int REFERENCES p);
INSERT INTO p SELECT i, 'code ' || i, -i FROM generate_series(1, 50) i;
INSERT INTO p VALUES (51, NULL, 0);
INSERT INTO c VALUES (1, 1, 2, 'code 3', -4, 1), (2, 4, 5, NULL, NULL, NULL), (3, 6, 7, NULL, 0, 1);
SQL

exact('partitioned tables that refer and are referred to', <<'SQL',
CREATE TABLE p (a int, b int, c text, PRIMARY KEY (a, b)) PARTITION BY LIST (a);
CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1) PARTITION BY RANGE (b);
CREATE TABLE p1_low PARTITION OF p1 FOR VALUES FROM (0) TO (10);
CREATE TABLE p1_rest PARTITION OF p1 DEFAULT;
CREATE TABLE p_rest (c text, gone int, b int NOT NULL, a int NOT NULL, PRIMARY KEY (a, b));
ALTER TABLE p_rest DROP gone;
ALTER TABLE p ATTACH PARTITION p_rest DEFAULT;
INSERT INTO p SELECT i, j, i || ' ' || j FROM generate_series(1, 3) i, generate_series(1, 20) j;
CREATE TABLE q (id int PRIMARY KEY);
INSERT INTO q SELECT generate_series(1, 20);
CREATE TABLE c (id int, part int, b int, a int, q int, PRIMARY KEY (id, part),
    FOREIGN KEY (a, b) REFERENCES p) PARTITION BY HASH (part);
CREATE TABLE c0 PARTITION OF c FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE c1 (q int, gone text, a int, b int, part int NOT NULL, id int NOT NULL);
ALTER TABLE c1 DROP gone;
ALTER TABLE c ATTACH PARTITION c1 FOR VALUES WITH (MODULUS 2, REMAINDER 1);
ALTER TABLE c1 ADD CONSTRAINT only_here FOREIGN KEY (q) REFERENCES q;
INSERT INTO c SELECT i, i, i, i % 3 + 1, i FROM generate_series(1, 20) i;
UPDATE c SET q = -q WHERE tableoid = 'c0'::regclass;
CREATE TABLE one (id int PRIMARY KEY, a int, b int, FOREIGN KEY (a, b) REFERENCES p_rest);
INSERT INTO one VALUES (1, 3, 20), (2, 3, 1), (3, 2, NULL);
SQL
    'c = id > 6, one = 1, * = 0', { c => 14, one => 1 });

exact('partitioned tables that refer and are referred to', <<'SQL',
CREATE TABLE p (a int, b int, c text, PRIMARY KEY (a, b)) PARTITION BY LIST (a);
CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1) PARTITION BY RANGE (b);
CREATE TABLE p1_low PARTITION OF p1 FOR VALUES FROM (0) TO (10);
CREATE TABLE p1_rest PARTITION OF p1 DEFAULT;
CREATE TABLE p_rest (c text, gone int, b int NOT NULL, a int NOT NULL, PRIMARY KEY (a, b));
ALTER TABLE p_rest DROP gone;
ALTER TABLE p ATTACH PARTITION p_rest DEFAULT;
INSERT INTO p SELECT i, j, i || ' ' || j FROM generate_series(1, 3) i, generate_series(1, 20) j;
CREATE TABLE q (id int PRIMARY KEY);
INSERT INTO q SELECT generate_series(1, 20);
CREATE TABLE c (id int, part int, b int, a int, q int, PRIMARY KEY (id, part),
    FOREIGN KEY (a, b) REFERENCES p) PARTITION BY HASH (part);
CREATE TABLE c0 PARTITION OF c FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE c1 (q int, gone text, a int, b int, part int NOT NULL, id int NOT NULL);
ALTER TABLE c1 DROP gone;
ALTER TABLE c ATTACH PARTITION c1 FOR VALUES WITH (MODULUS 2, REMAINDER 1);
ALTER TABLE c1 ADD CONSTRAINT only_here FOREIGN KEY (q) REFERENCES q;
INSERT INTO c SELECT i, i, i, i % 3 + 1, i FROM generate_series(1, 20) i;
UPDATE c SET q = -q WHERE tableoid = 'c0'::regclass;
CREATE TABLE one (id int PRIMARY KEY, a int, b int, FOREIGN KEY (a, b) REFERENCES p_rest);
INSERT INTO one VALUES (1, 3, 20), (2, 3, 1), (3, 2, NULL);
SQL
    'c = id > 6, one = 1, * = 0', { c => 14, one => 1 });

my @KEY_TYPES = (
    [ 'int to bigint',     'bigint',      'int',         '1',     '1' ],
    [ 'bigint to int',     'int',         'bigint',      '1',     '1' ],
    [ 'smallint to bigint', 'bigint',     'smallint',    '-1',    '-1' ],
    [ 'int to numeric',    'numeric',     'int',         '1.00',  '1' ],
    [ 'numeric scales',    'numeric',     'numeric',     '1.00',  '1' ],
    [ 'varchar to text',   'text',        'varchar(9)',  'a\\b',  'a\\b' ],
    [ 'char(n) to text',   'text',        'char(9)',     'ab',    'ab' ],
    [ 'text to char(n)',   'char(9)',     'text',        'ab',    'ab' ],
    [ 'char(n) to char(m)', 'char(9)',    'char(5)',     'ab',    'ab' ],
    [ 'char(n)',           'char(5)',     'char(5)',     'ä b',   'ä b  ' ],
    [ 'char(n) of blanks', 'char(5)',     'char(5)',     '',      '  ' ],
    [ 'char(n) of a domain', 'short',     'short',       'ab',    'ab ' ],
    [ 'char without n',    'bpchar',      'bpchar',      'ab',    'ab  ' ],
    [ 'char without n of a domain', 'padded', 'padded',  'ab',    'ab  ' ],
    [ 'char(n) to char without n', 'bpchar', 'char(5)',  'ab',    'ab' ],
    [ 'uuid',              'uuid',        'uuid',        'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
        'A0EEBC999C0B4EF8BB6D6BB9BD380A11' ],
    [ 'timestamptz', 'timestamptz', 'timestamptz', '2001-01-01 12:00:00.000001+00',
        '2001-01-01 14:00:00.000001+02' ],
    [ 'interval',         'interval',    'interval',  '1 day',  '24:00:00' ],
    [ 'float with -0',    'float8',      'float8',    '0',      '-0' ],
    [ 'float, the reverse', 'float8',    'float4',    '-0',     '0' ],
    [ 'float with NaN',   'float8',      'float8',    'NaN',    'NaN' ],
    [ 'float with all digits', 'float8', 'float8', '0.1000000000000000055', '0.1' ],
    [ 'citext',            'citext',      'citext',      'Abc',   'aBC' ],
    [ 'enum',              'mood',        'mood',        'so so', 'so so' ],
    [ 'domain',            'positive',    'positive',    '7',     '7' ],
    [ 'domain to its base', 'int',        'positive',    '7',     '7' ],
    [ 'int to a domain',   'positive',    'int',         '7',     '7' ],
    [ 'bytea',             'bytea',       'bytea',       '\\x005c27', '\\x005C27' ],
    [ 'inet',              'inet',        'inet',        '10.0.0.1/32', '10.0.0.1' ],
    [ 'array',             'text[]',      'text[]',      '{a,NULL,"b,\\\\"}', '{"a",NULL,"b,\\\\"}' ],
    [ 'range',             'int4range',   'int4range',   '[1,5)', '[1,4]' ],
    [ 'bit',               'varbit',      'varbit',      '0101',  '0101' ],
    [ 'a composite type',  'pair',        'pair',        '(1,")")', '(1,")")' ],
    [ 'jsonb',             'jsonb',       'jsonb',       '{"a": 1.0}', '{"a": 1}' ],
);

# One pair of tables for each, all in one database
my ($key_types, %key_counts) = (<<'SQL');
CREATE EXTENSION citext;
CREATE TYPE mood AS ENUM ('sad', 'so so');
CREATE TYPE pair AS (a int, b text);
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE DOMAIN short AS char(5);
CREATE DOMAIN padded AS bpchar;
SQL
for my $i (0 .. $#KEY_TYPES) {
    my ($name, $parent, $child, $key, $reference) = @{ $KEY_TYPES[$i] };
    my ($k, $r) = map { "'$_'" } $key, $reference;
    $name = lc $name;
    $name =~ tr/a-z0-9/_/c;
    $key_types .= <<"SQL";
CREATE TABLE p_$name (id $parent PRIMARY KEY, v int);
CREATE TABLE c_$name (id int PRIMARY KEY, p $child REFERENCES p_$name);
INSERT INTO p_$name VALUES ($k, 1);
INSERT INTO c_$name VALUES (1, $r), (2, NULL), (3, $r);
SQL
    $key_counts{"p_$name"} = $key_counts{"c_$name"} = 1;
}
# so many tables would be staged
exact('types of keys', $key_types, 'c_* = 1, p_* = 0', \%key_counts, '--staging-tables=1000');

my $set_columns = $server->database('postgres')->value('SHOW server_version_num') >= 150_000
    ? 'SET NULL (b)' : 'SET NULL';
exact('deferrable keys and actions', <<"SQL", 'c = 3, p = 0', { p => 3, c => 3 });
CREATE TABLE p (a int, b int DEFAULT 1, PRIMARY KEY (a, b), UNIQUE (b), UNIQUE (a));
INSERT INTO p SELECT i, i FROM generate_series(1, 9) i;
CREATE TABLE c (a int DEFAULT 1, b int,
    CONSTRAINT k1 FOREIGN KEY (a) REFERENCES p (a) ON DELETE CASCADE ON UPDATE RESTRICT,
    CONSTRAINT k2 FOREIGN KEY (b) REFERENCES p (b) ON DELETE SET DEFAULT ON UPDATE SET NULL
        DEFERRABLE,
    CONSTRAINT k3 FOREIGN KEY (a, b) REFERENCES p ON DELETE $set_columns
        DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT k4 FOREIGN KEY (a) REFERENCES p (a) MATCH FULL ON DELETE RESTRICT
        ON UPDATE CASCADE);
INSERT INTO c SELECT i, i FROM generate_series(4, 8) i;
SQL

exact('tables without key, types without equality', <<'SQL',
CREATE TABLE p (id int UNIQUE, j json, x xml, pt point, l line, j2 json[]);
INSERT INTO p SELECT i, '{"a" :1,"a":2}', '<a> &lt;</a>', point(i, 0.1), '{1,2,3}', '{1}'
  FROM generate_series(1, 5) i;
INSERT INTO p VALUES (NULL, 'null', NULL, NULL, NULL, NULL);
CREATE TABLE c (p int REFERENCES p (id), j json);
INSERT INTO c VALUES (3, '1'), (3, '1'), (3, '1'), (NULL, NULL), (NULL, NULL), (4, '1');
SQL
    'c = 5, p = 2', { p => 3, c => 5 });

# Rows that refer to nothing under a key that the server believes
sub orphaned
{
    my ($sql, @argument) = @_;
    my $source = source_with($sql);
    my $report = "$directory/report.json";
    my $result = $source->sample(@argument, "--report=$report");
    is($result->status, 0, 'a sample is taken') or diag $result->stderr;
    my %dangling = map { $_->{name} => $_->{dangling_in_source} }
        @{ PgSample::Test::Oracle::read_report($report)->{foreign_keys} };
    return ($source, $result, \%dangling);
}

subtest 'orphans in the source' => sub {
    my @argument = ('--limit=c = *, * = 0');
    my ($source, $result, $dangling) = orphaned(<<'SQL', @argument);
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE c (id int PRIMARY KEY, p int, q int REFERENCES p);
ALTER TABLE c ADD CONSTRAINT "The key" FOREIGN KEY (p) REFERENCES p ON DELETE CASCADE;
COMMENT ON CONSTRAINT "The key" ON c IS 'it''s commented';
INSERT INTO p VALUES (1), (2);
SET session_replication_role = replica;
INSERT INTO c VALUES (1, 1, 1), (2, 77, 1), (3, 78, 1);
SQL
    like($result->stderr, qr/warning: .*"?The key"?/, 'stderr names the key');
    is_deeply($dangling, { 'The key' => 2, c_q_fkey => 0 }, 'the report has the number');
    my $target = sample_is_exact($source, 'the exact rows', @argument) or return;
    constraints_are_valid($target, 'the key is NOT VALID', 'The key on public.c');
    is($target->value(q{SELECT pg_get_constraintdef(oid) || '|' || obj_description(oid)
        FROM pg_constraint WHERE conname = 'The key'}),
        q{FOREIGN KEY (p) REFERENCES p(id) ON DELETE CASCADE NOT VALID|it's commented},
        'and as it was otherwise');
    $result = $source->sample('--limit=c = 1, * = 0');
    unlike($result->stderr, qr/warning/, 'rows that are not sampled do not count');
    constraints_are_valid($server->restore($result->stdout), 'the key is valid');
};

subtest 'rows that break MATCH FULL' => sub {
    my @argument = ('--limit=c = *, * = 0');
    my ($source, $result, $dangling) = orphaned(<<'SQL', @argument);
CREATE TABLE p (a int, b int, PRIMARY KEY (a, b));
CREATE TABLE c (id int PRIMARY KEY, a int, b int,
    CONSTRAINT k FOREIGN KEY (a, b) REFERENCES p MATCH FULL);
INSERT INTO p VALUES (1, 1), (2, 2);
SET session_replication_role = replica;
INSERT INTO c VALUES (1, 1, 1), (2, 1, NULL), (3, NULL, NULL), (4, NULL, 5);
SQL
    like($result->stderr, qr/warning: .*\bk\b/, 'stderr names the key');
    is($dangling->{k}, 2, 'the report has the number');
    my $target = sample_is_exact($source, 'the exact rows', @argument) or return;
    constraints_are_valid($target, 'the key is NOT VALID', 'k on public.c');
};

subtest 'orphans in a partitioned table' => sub {
    my @argument = ('--limit=c = *, * = 0');
    my ($source, $result, $dangling) = orphaned(<<'SQL', @argument);
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE c (id int, p int, CONSTRAINT k FOREIGN KEY (p) REFERENCES p) PARTITION BY LIST (id);
CREATE TABLE c1 PARTITION OF c FOR VALUES IN (1);
CREATE TABLE c2 PARTITION OF c DEFAULT;
INSERT INTO p VALUES (1), (2);
SET session_replication_role = replica;
INSERT INTO c VALUES (1, 1), (2, 77);
SQL
    like($result->stderr, qr/warning: .*\bk\b/, 'stderr names the key');
    is($dangling->{k}, 1, 'the report has the number');
    plan skip_all => 'NOT VALID on partitioned tables'
        if $source->value('SHOW server_version_num') >= 180_000;
    like($result->stdout, qr/^-- [^\n]*ADD CONSTRAINT k FOREIGN KEY/m, 'a comment has the key');
    my $target = sample_is_exact($source, 'the exact rows', @argument) or return;
    is($target->value(q{SELECT count(*) FROM pg_constraint WHERE contype = 'f'}), 0,
        'which is left out');
};

exact('plain inheritance', <<'SQL',
CREATE TABLE base (id int PRIMARY KEY, v text);
CREATE TABLE derived (extra int, PRIMARY KEY (id)) INHERITS (base);
INSERT INTO base SELECT i, 'base' FROM generate_series(1, 5) i;
INSERT INTO derived SELECT i, 'derived', i FROM generate_series(1, 5) i;
CREATE TABLE r (id int PRIMARY KEY, b int REFERENCES base);
CREATE TABLE rd (d int REFERENCES derived) INHERITS (r);
INSERT INTO r VALUES (1, 1), (2, 2);
INSERT INTO rd VALUES (1, 99, 4);
SQL
    'r = *, rd = *, * = 0', { base => 2, derived => 1, r => 2, rd => 1 });

exact('generated columns in keys', <<'SQL', 'c = 2, * = 0', { p => 2, c => 2 });
CREATE TABLE p (a int, k int GENERATED ALWAYS AS (a * 10) STORED UNIQUE, v text);
INSERT INTO p SELECT i FROM generate_series(1, 9) i;
CREATE TABLE c (a int, p int GENERATED ALWAYS AS (a * 20) STORED REFERENCES p (k));
INSERT INTO c SELECT i FROM generate_series(1, 4) i;
SQL

for my $option ([], ['--inserts'], [ '--inserts', '--rows-per-insert=1' ]) {
    exact("tables without columns to load @$option", <<'SQL', '2', { zero => 2, g => 2 }, @$option);
CREATE TABLE zero ();
INSERT INTO zero SELECT FROM generate_series(1, 3);
CREATE TABLE g (a int GENERATED ALWAYS AS (1) STORED,
    b text GENERATED ALWAYS AS ('x') STORED);
INSERT INTO g SELECT FROM generate_series(1, 3);
CREATE TABLE was (a int, b int);
INSERT INTO was VALUES (1, 2), (3, 4);
ALTER TABLE was DROP a, DROP b;
SQL
}

subtest 'configuration rows of an extension' => sub {
    plan skip_all => 'no cube here' if !$server->database('postgres')->value(
        "SELECT count(*) FROM pg_available_extensions WHERE name = 'cube'");
    my $table = 'CREATE EXTENSION cube; CREATE TABLE settings (id int PRIMARY KEY, v text);'
        . 'ALTER EXTENSION cube ADD TABLE settings;';
    my $source = source_with($table . <<'SQL');
UPDATE pg_extension
   SET extconfig = ARRAY['settings'::regclass::oid], extcondition = ARRAY['WHERE id > 2']
 WHERE extname = 'cube';
INSERT INTO settings SELECT i, 'v' || i FROM generate_series(1, 5) i;
CREATE TABLE t (id int PRIMARY KEY);
INSERT INTO t SELECT generate_series(1, 9);
SQL
    my $result = $source->sample('--limit=1');
    is($result->status, 0, 'a sample is taken') or diag $result->stderr;
    my $role = $server->restorer;
    my $target = $server->restore($result->stdout,
        prepare => sub { $_[0]->as($role)->sql($table) });
    is_deeply($target->column('SELECT id FROM settings ORDER BY id'), [ 3, 4, 5 ],
        'all that the extension calls its users\' come');
    is($target->value('SELECT count(*) FROM t'), 1, 'whatever the limit is');

    my $rows = $source->sample('--limit=1', '--data-only', '--on-conflict-do-nothing');
    is($target->as($role)->psql($rows->stdout)->status, 0,
        'with --on-conflict-do-nothing they may be there') or diag $rows->describe;
    $target->sql('DELETE FROM settings WHERE id = 4');
    is($target->as($role)->psql($rows->stdout)->status, 0, 'or some of them');
    is_deeply($target->column('SELECT id FROM settings ORDER BY id'), [ 3, 4, 5 ],
        'the others come');
};

subtest 'statistics objects, replica identity, states of triggers' => sub {
    my $source = source_with(<<'SQL');
CREATE TABLE t (id int PRIMARY KEY, a int NOT NULL, b text, p int);
INSERT INTO t SELECT i, i, 'b', i FROM generate_series(1, 9) i;
CREATE STATISTICS st (ndistinct, dependencies) ON a, b FROM t;
CREATE STATISTICS ex ON (a + 1), b FROM t;
ALTER STATISTICS st SET STATISTICS 77;
CREATE UNIQUE INDEX by_a ON t (a);
ALTER TABLE t REPLICA IDENTITY USING INDEX by_a;
CREATE TABLE u (id int REFERENCES t);
INSERT INTO u VALUES (8), (9);
ALTER TABLE u REPLICA IDENTITY FULL;
CREATE TABLE v (id int PRIMARY KEY);
ALTER TABLE v REPLICA IDENTITY NOTHING;
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''fired''; END';
CREATE TRIGGER t_o BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();
CREATE TRIGGER t_a BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();
CREATE TRIGGER t_r AFTER INSERT ON t FOR EACH STATEMENT EXECUTE FUNCTION f();
CREATE TRIGGER t_d AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();
ALTER TABLE t ENABLE ALWAYS TRIGGER t_a;
ALTER TABLE t ENABLE REPLICA TRIGGER t_r;
ALTER TABLE t DISABLE TRIGGER t_d;
CREATE TABLE w (id int) PARTITION BY LIST (id);
CREATE TABLE w1 PARTITION OF w FOR VALUES IN (1);
CREATE TABLE w2 PARTITION OF w DEFAULT;
CREATE TRIGGER w_t AFTER INSERT ON w FOR EACH ROW EXECUTE FUNCTION f();
ALTER TABLE w1 DISABLE TRIGGER w_t;
ALTER TABLE w2 ENABLE ALWAYS TRIGGER w_t;
SQL
    my $target = sample_is_exact($source, 'the exact rows', '--limit=u = 1, t = 2, 0')
        or return;
    my %queries = (
        'statistics objects' => 'SELECT stxname, stxstattarget, pg_get_statisticsobjdef(oid)
            FROM pg_statistic_ext ORDER BY stxname',
        'replica identity' => "SELECT relname, relreplident FROM pg_class
            WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') ORDER BY 1",
        'its index' => 'SELECT indexrelid::regclass FROM pg_index
            WHERE indisreplident AND indexrelid >= 16384',
        'states of triggers' => 'SELECT tgrelid::regclass, tgname, tgenabled FROM pg_trigger
            WHERE NOT tgisinternal OR tgparentid <> 0 ORDER BY tgname, tgrelid::regclass::text',
    );
    is_deeply($target->rows($queries{$_}), $source->rows($queries{$_}), $_)
        for sort keys %queries;
};

done_testing;
