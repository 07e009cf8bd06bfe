# --ignore-fk: rows are not followed along these foreign keys, and become NULL where their
# row is missing; but only columns that can do without a value.

use strict;
use warnings;

use File::Temp ();
use FindBin;
use JSON::PP ();
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Check;
use PgSample::Test::DumpText;
use PgSample::Test::Server;
use PgSample::Test::Staging;

my $server    = PgSample::Test::Server->start;
my $directory = File::Temp->newdir;

# Departments and their people refer to each other.
my $CYCLE = <<'SQL';
CREATE TABLE dept (id int PRIMARY KEY, name text NOT NULL, manager int);
CREATE TABLE emp (id int PRIMARY KEY, dept int NOT NULL REFERENCES dept, boss int REFERENCES emp);
INSERT INTO dept SELECT i, 'dept ' || i, 10 * i FROM generate_series(1, 20) i;
INSERT INTO emp SELECT i, 1 + i % 20, nullif(i / 2, 0) FROM generate_series(1, 300) i;
ALTER TABLE dept ADD CONSTRAINT dept_manager FOREIGN KEY (manager) REFERENCES emp;
SQL

sub new_source
{
    my ($sql) = @_;
    my $source = $server->create_database;
    $source->sql($sql);
    return $source;
}

# The dump, which is the same in both modes: the test of staging mode compares them.
sub dump_of
{
    my ($source, @argument) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    return modes_agree($source, "both modes write the same: @argument", @argument)
        // die 'there is no dump'
        if staging();
    my $result = $source->sample('--no-staging', @argument);
    die $result->describe if !$result->is_ok;
    return $result->stdout;
}

# Restores it; every key must hold, and be valid.
sub restored
{
    my ($source, @argument) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $target = $server->restore(dump_of($source, @argument));
    foreign_keys_hold($target);
    constraints_are_valid($target);
    is($target->value("SELECT count(*) FROM pg_constraint WHERE contype = 'f'"),
        $source->value("SELECT count(*) FROM pg_constraint WHERE contype = 'f'"),
        'all foreign keys are there');
    return $target;
}

my $n_refused = 0;

# Fails with this exit status and message, and writes nothing. A part of the runs has a pg_dump
# to end as well.
sub refused
{
    my ($source, $status, $message, $name, @argument) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $result = $source->sample($n_refused++ % 4 ? '--data-only' : (), @argument);
    is($result->status, $status, "$name: exit status $status") or diag $result->describe;
    like($result->stderr, $message, "$name: message");
    is($result->stdout, '', "$name: nothing is written");
    no_schema_is_left($source);
    return $result;
}

# ---- what becomes NULL

subtest 'a cycle that is cut' => sub {
    my $source = new_source($CYCLE);
    my @limit  = ('--limit="emp = id IN (7, 21, 40)", * = 0');
    my $whole  = $server->restore(dump_of($source, @limit));
    cmp_ok($whole->value('SELECT count(*) FROM dept'), '>', 6, 'followed, it goes on and on');
    my $target = restored($source, @limit, '--ignore-fk=dept_manager');
    # bosses: 7, 3, 1; 21, 10, 5, 2; 40, 20
    is_deeply($target->rows('SELECT id, dept, boss FROM emp ORDER BY id'),
        $source->rows('SELECT id, dept, boss FROM emp
                        WHERE id IN (1, 2, 3, 5, 7, 10, 20, 21, 40) ORDER BY id'),
        'the other keys are followed');
    is_deeply(
        $target->rows('SELECT id, name, manager FROM dept ORDER BY id'),
        $source->rows('SELECT id, name, CASE WHEN manager IN (10, 20, 40) THEN manager END
                         FROM dept WHERE id IN (2, 3, 4, 6, 8, 11, 1) ORDER BY id'),
        'departments lose managers that are not there, and keep those that are');
};

subtest 'how keys are named' => sub {
    my $source = new_source($CYCLE);
    my @limit  = ('--limit=emp = id < 4, * = 0');
    my $body =
        sub { PgSample::Test::DumpText->new(dump_of($source, @limit, '--data-only', @_)) };
    my $expect = $body->('--ignore-fk=dept_manager')->rows('public.dept');
    for my $pattern ('dept', 'dept.dept_manager', 'public.dept_manager', 'DEPT_*', 'public.dept')
    {
        is_deeply($body->("--ignore-fk=$pattern")->rows('public.dept'), $expect, $pattern);
    }
    my $dump = $body->('--ignore-fk=dept', '--ignore-fk=emp_boss_fkey');
    like($dump->header_values('selection')->[0], qr/--ignore-fk dept --ignore-fk emp_boss_fkey/,
        'the header');
    is_deeply($dump->rows('public.emp'),
        [ [ 1, 2, '\N' ], [ 2, 3, '1' ], [ 3, 4, '1' ] ], 'a self reference within the sample');
    my $hint = refused($source, 1, qr/no foreign key matches "dept_manger" of --ignore-fk/,
        'a name with a mistake', '--ignore-fk=dept_manger');
    like($hint->stderr, qr/Did you mean "dept_manager"\?/, 'the nearest key');
    $hint = refused($source, 1, qr/no foreign key matches "emq"/, 'a table', '--ignore-fk=emq');
    like($hint->stderr, qr/Did you mean "emp"\?/, 'the nearest table');
    refused($source, 1, qr/no foreign key matches "xyzzy123"/, 'nothing near',
        '--ignore-fk=xyzzy123');
};

subtest 'self references' => sub {
    my $source = new_source($CYCLE);
    my $target = restored($source, '--limit="emp = id IN (5, 10, 21, 43, 100)", * = 0',
        '--ignore-fk=emp_boss_fkey', '--ignore-fk=dept_manager');
    is_deeply($target->rows('SELECT id, boss FROM emp ORDER BY id'),
        [ [ 5, undef ], [ 10, 5 ], [ 21, 10 ], [ 43, 21 ], [ 100, undef ] ],
        'only what is in the sample is referred to');
};

subtest 'roots and their children' => sub {
    my $source = new_source($CYCLE);
    my $target = restored($source, '--root=emp:2', '--depth=2', '--ignore-fk=dept_manager');
    is_deeply($target->column('SELECT id FROM emp ORDER BY id'),
        [ 1, 2, 4, 5, 8, 9, 10, 11 ], 'children come along other keys');
    is_deeply($target->rows('SELECT id, manager FROM dept WHERE manager IS NOT NULL'),
        [], 'and no others');
    $target = restored($source, '--root=emp:40,20', '--ignore-fk=emp_boss_fkey');
    is($target->value('SELECT count(*) FROM dept WHERE id IN (2, 4)'), 2,
        'a key that is followed down');
    $target = restored($source, '--root=dept:3', '--ignore-fk=emp_boss_fkey',
        '--ignore-fk=dept_manager', '--depth=1');
    is_deeply(
        $target->rows('SELECT * FROM emp ORDER BY id'),
        $source->rows('SELECT id, dept, CASE WHEN boss % 20 = 2 THEN boss END
                         FROM emp WHERE dept = 3 ORDER BY id'),
        'children lose what is not with them');
    is_deeply($target->rows('SELECT id, manager FROM dept'), [ [ 3, undef ] ], 'as the root');
};

subtest 'declared references' => sub {
    my $source = new_source($CYCLE
            . 'ALTER TABLE emp DROP CONSTRAINT emp_boss_fkey, ALTER dept DROP NOT NULL');
    my @options = ('--limit=emp = id = 21, dept = id = 2, * = 0', '--ignore-fk=dept_manager',
        '--reference=emp(boss) -> emp(id)');
    my $ids = 'SELECT id FROM emp ORDER BY id';
    is_deeply(restored($source, @options)->column($ids), [ 1, 2, 5, 10, 21 ], 'are followed');
    is_deeply(restored($source, @options, '--ignore-fk=EM?')->column($ids), [21],
        'but not those of tables that are named');
    my $target = restored($source, @options, '--reference=dept(id) -> emp(id)',
        '--ignore-fk=public.emp');
    is_deeply($target->column($ids), [ 2, 21 ], 'only of these');
    refused($source, 1, qr/column manager cannot become NULL.*\n.*refers to it/, 'a target',
        @options, '--reference=emp(dept) -> dept(manager)');
};

my $COMPOSITE = <<'SQL';
CREATE TABLE tenant (id int PRIMARY KEY);
CREATE TABLE customer (tenant int NOT NULL REFERENCES tenant, id int, name text,
    PRIMARY KEY (tenant, id));
CREATE TABLE note (id int PRIMARY KEY, tenant int NOT NULL REFERENCES tenant, customer int,
    CONSTRAINT note_customer FOREIGN KEY (tenant, customer) REFERENCES customer);
CREATE TABLE pair (id int PRIMARY KEY, x int, y int,
    CONSTRAINT pair_full FOREIGN KEY (x, y) REFERENCES customer MATCH FULL);
INSERT INTO tenant SELECT generate_series(1, 5);
INSERT INTO customer SELECT t, i, t || '/' || i
  FROM generate_series(1, 5) t, generate_series(1, 10) i;
INSERT INTO note SELECT i, 1 + i % 5, nullif(1 + i % 10, 4) FROM generate_series(1, 60) i;
INSERT INTO pair SELECT i, 1 + i % 5, 1 + i % 10 FROM generate_series(1, 60) i;
INSERT INTO pair VALUES (61, NULL, NULL);
SQL

subtest 'keys of several columns' => sub {
    my $source = new_source($COMPOSITE);
    my @limit  = ('--limit="customer = id IN (2, 3)", note = *, pair = *, * = 0');
    my $target = restored($source, @limit, '--ignore-fk=note_customer', '--ignore-fk=pair');
    is_deeply(
        $target->rows('SELECT * FROM note ORDER BY id'),
        $source->rows('SELECT id, tenant, CASE WHEN customer IN (2, 3) THEN customer END
                         FROM note ORDER BY id'),
        'MATCH SIMPLE: what can be NULL becomes NULL');
    is_deeply(
        $target->rows('SELECT * FROM pair ORDER BY id'),
        $source->rows('SELECT id, CASE WHEN y IN (2, 3) THEN x END,
                              CASE WHEN y IN (2, 3) THEN y END FROM pair ORDER BY id'),
        'MATCH FULL: all columns');
    is($target->value('SELECT count(*) FROM tenant'), 5, 'other keys bring their rows');
};

subtest 'keys that share a column' => sub {
    my $source = new_source($COMPOSITE . <<'SQL');
CREATE TABLE a (id int PRIMARY KEY);
CREATE TABLE twice (id int PRIMARY KEY, c int REFERENCES a, x int,
    CONSTRAINT twice_customer FOREIGN KEY (c, x) REFERENCES customer);
INSERT INTO a SELECT generate_series(1, 5);
INSERT INTO twice SELECT i, 1 + i % 5, 1 + i % 10 FROM generate_series(1, 40) i;
SQL
    my @limit = ('--limit="customer = id IN (2, 3)", a = id < 4, twice = *, * = 0');
    my $target = restored($source, @limit, '--ignore-fk=twice');
    is_deeply(
        $target->rows('SELECT * FROM twice ORDER BY id'),
        $source->rows('SELECT id, CASE WHEN c < 4 AND x IN (2, 3) THEN c END,
                              CASE WHEN x IN (2, 3) THEN x END FROM twice ORDER BY id'),
        'each takes what is its own');
    my $result = refused($source, 1,
        qr/twice_customer of table public.twice cannot be ignored, since column c cannot/,
        'only one of them', @limit, '--ignore-fk=twice_customer');
    like($result->stderr, qr/It belongs to foreign key twice_c_fkey as well/, 'says why');
    $source->sql('ALTER TABLE twice DROP CONSTRAINT twice_customer, ADD CONSTRAINT twice_full
        FOREIGN KEY (c, x) REFERENCES customer MATCH FULL');
    $result = refused($source, 1, qr/foreign key twice_c_fkey .* since column c cannot/,
        'MATCH FULL would keep half of it', @limit, '--ignore-fk=twice');
    like($result->stderr, qr/twice_full as well, which is MATCH FULL/, 'says why');
};

subtest 'keys that only the server can compare' => sub {
    my $source = new_source(<<'SQL');
CREATE EXTENSION citext;
CREATE TABLE country (code citext PRIMARY KEY);
CREATE TABLE price (value numeric PRIMARY KEY);
CREATE TABLE t (id int PRIMARY KEY, country citext REFERENCES country,
    price numeric REFERENCES price, parent numeric);
INSERT INTO country SELECT 'Code ' || i FROM generate_series(1, 20) i;
INSERT INTO price SELECT i + 0.10 FROM generate_series(1, 20) i;
INSERT INTO t SELECT i, CASE WHEN i % 2 = 0 THEN 'CODE ' ELSE 'code ' END || 1 + i % 20,
    1 + i % 20 + CASE WHEN i % 2 = 0 THEN 0.1 ELSE 0.100 END FROM generate_series(1, 50) i;
SQL
    my @limit = ('--limit=t = *, "country = code IN (\'code 3\', \'CODE 4\')", price = value < 5');
    for my $options ([ '--ignore-fk=t' ], [ '--ignore-fk=t_price_fkey' ]) {
        my $target = restored($source, @limit, @$options);
        my $country = @$options == 1 && $options->[0] =~ /price/ ? 'country'
            : "CASE WHEN country IN ('code 3', 'code 4') THEN country END";
        is_deeply(
            $target->rows('SELECT id, country, price FROM t ORDER BY id'),
            $source->rows("SELECT id, $country, CASE WHEN price < 5 THEN price END
                             FROM t ORDER BY id"),
            "@$options");
    }
    my $target = restored($source, '--limit=t = *, * = 0', '--ignore-fk=t');
    is($target->value('SELECT count(country) + count(price) FROM t'), 0,
        'a table that nobody needs has no rows');
    is($target->value('SELECT count(*) FROM country'), 0, 'and is there all the same');
};

subtest 'partitions' => sub {
    my $source = new_source(<<'SQL');
CREATE TABLE users (id int PRIMARY KEY);
CREATE TABLE event (id int PRIMARY KEY, u int REFERENCES users, v int)
    PARTITION BY RANGE (id);
CREATE TABLE event_b PARTITION OF event FOR VALUES FROM (51) TO (101);
CREATE TABLE event_a (v int, u int, id int NOT NULL);
ALTER TABLE event ATTACH PARTITION event_a FOR VALUES FROM (1) TO (51);
ALTER TABLE event_b ADD CONSTRAINT b_only FOREIGN KEY (v) REFERENCES users;
CREATE TABLE mark (id int PRIMARY KEY, e int REFERENCES event, b int REFERENCES event_b (id));
INSERT INTO users SELECT generate_series(1, 20);
INSERT INTO event SELECT i, 1 + i % 20, 1 + i % 20 FROM generate_series(1, 100) i;
INSERT INTO mark SELECT i, i, 51 + i % 50 FROM generate_series(1, 100) i;
SQL
    my @limit = ('--limit=users = id < 6, event = *, event_a = id > 40, event_b = id < 61,
        mark = *, * = 0');
    my $target = restored($source, @limit, '--ignore-fk=event', '--ignore-fk=mark');
    my $user = 'CASE WHEN %s < 6 THEN %s END';
    is_deeply(
        $target->rows('SELECT id, u, v FROM event ORDER BY id'),
        $source->rows('SELECT id, CASE WHEN u < 6 THEN u END,
                              CASE WHEN v < 6 OR id < 51 THEN v END
                         FROM event WHERE id BETWEEN 41 AND 60 ORDER BY id'),
        'keys of the table and of one partition');
    is_deeply(
        $target->rows('SELECT id, e, b FROM mark ORDER BY id'),
        $source->rows('SELECT id, CASE WHEN e BETWEEN 41 AND 60 THEN e END,
                              CASE WHEN b BETWEEN 51 AND 60 THEN b END
                         FROM mark ORDER BY id'),
        'keys to the table and to one partition');
    $target = restored($source, @limit, '--ignore-fk=event_b', '--ignore-fk=mark');
    is_deeply(
        $target->rows('SELECT id, u, v FROM event ORDER BY id'),
        $source->rows('SELECT id, u, CASE WHEN v IN (SELECT u FROM event
                                  WHERE id BETWEEN 41 AND 60) OR v < 6 OR id < 51 THEN v END
                         FROM event WHERE id BETWEEN 41 AND 60 ORDER BY id'),
        'a key that is named by its partition');
};

subtest 'what the source breaks itself' => sub {
    my $source = new_source(<<'SQL');
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE c (id int PRIMARY KEY, p int, q int);
INSERT INTO p SELECT generate_series(1, 5);
INSERT INTO c SELECT i, i, i FROM generate_series(1, 9) i;
ALTER TABLE c ADD CONSTRAINT c_p FOREIGN KEY (p) REFERENCES p NOT VALID;
ALTER TABLE c ADD CONSTRAINT c_q FOREIGN KEY (q) REFERENCES p NOT VALID;
UPDATE pg_constraint SET convalidated = true WHERE conname = 'c_p';
SQL
    my $target = $server->restore(dump_of($source, '--limit=*', '--ignore-fk=c_p'));
    is_deeply($target->rows('SELECT id, p, q FROM c ORDER BY id'),
        [ map { [ $_, $_ <= 5 ? $_ : undef, $_ ] } 1 .. 9 ], 'becomes NULL');
    constraints_are_valid($target, 'and the key is valid', 'c_q on public.c');
};

# ---- how it is written

subtest 'INSERT and --data-only' => sub {
    my $source = new_source($CYCLE);
    my @limit = ('--limit="emp = id IN (7, 21, 40)", * = 0', '--ignore-fk=dept_manager',
        '--ignore-fk=emp_boss_fkey');
    my $expected = restored($source, @limit);
    my $emp      = 'SELECT * FROM emp ORDER BY id';
    my $dept     = 'SELECT * FROM dept ORDER BY id';
    for my $options (['--inserts'], ['--inserts', '--rows-per-insert=2'], ['--ordered']) {
        my $target = restored($source, @limit, @$options);
        is_deeply($target->rows($emp),  $expected->rows($emp),  "@$options: emp");
        is_deeply($target->rows($dept), $expected->rows($dept), "@$options: dept");
    }
    my $schema = $source->sample('--schema-only', '--no-staging')->stdout;
    my @wider = ('--limit="emp = id IN (7, 21, 40, 70)", * = 0', '--ignore-fk=dept_manager',
        '--ignore-fk=emp_boss_fkey');
    for my $options ([@limit], [ @limit, '--inserts' ], [@wider], [ @wider, '--inserts' ],
        [ @wider, '--inserts', '--no-transaction' ]) {
        my $target = $server->restore($schema);
        my $dump   = dump_of($source, '--data-only', @$options);
        my $loaded = $target->as($server->restorer)->psql($dump);
        is($loaded->status, 0, "--data-only @$options") or diag $loaded->stderr;
        my $reference = restored($source, @$options);
        is_deeply($target->rows($dept), $reference->rows($dept), 'managers are the same');
        is_deeply($target->rows($emp),  $reference->rows($emp),  'people are the same');
    }
};

subtest 'a selection' => sub {
    my $source = new_source($CYCLE);
    my $target = $server->restore(
        dump_of($source, '--table=dept', '--limit=5', '--ignore-fk=dept_manager'));
    is($target->value('SELECT count(*) FROM dept WHERE manager IS NULL'), 5, 'all NULL');
    is($target->value('SELECT count(*) FROM emp'), 0, 'the definition comes along');
    is($target->value("SELECT convalidated FROM pg_constraint WHERE conname = 'dept_manager'"),
        't', 'and the key');
    my $failed = $source->sample('--exclude-table-data=emp', '--limit=3');
    like($failed->stderr, qr/--ignore-fk='dept_manager'/, '--exclude-table-data tells of it');
    $target = restored($source, '--exclude-table-data=emp', '--limit=3', '--ignore-fk=dept');
    is($target->value('SELECT count(*) FROM dept WHERE manager IS NULL'), 3, 'the way out');
};

subtest 'sequences and large objects' => sub {
    my $source = new_source(<<'SQL');
CREATE TABLE file (id oid PRIMARY KEY);
CREATE TABLE p (id serial PRIMARY KEY);
CREATE TABLE c (id int PRIMARY KEY, p serial, f oid REFERENCES file);
ALTER TABLE c ALTER p DROP NOT NULL, ADD FOREIGN KEY (p) REFERENCES p;
SELECT lo_from_bytea(1000 + i, '\x01') FROM generate_series(1, 20) i;
INSERT INTO file SELECT 1000 + i FROM generate_series(1, 20) i;
INSERT INTO p SELECT generate_series(1, 20);
INSERT INTO c SELECT i, i, 1000 + i FROM generate_series(1, 20) i;
SQL
    my $reader = $server->create_role;
    $source->sql("GRANT SELECT ON ALL TABLES IN SCHEMA public TO $reader");
    my @options = ('--limit=c = *, p = id < 4, "file = id IN (1002, 1003)", * = 0',
        '--ignore-fk=c');
    my $target = restored($source, @options);
    is_deeply($target->column('SELECT oid FROM pg_largeobject_metadata ORDER BY 1'),
        [ 1002, 1003 ], 'only large objects that rows still name');
    # who may not read sequences gets what the sampled rows have
    my $result = $source->as($reader)->sample('--no-staging', '--data-only', @options);
    like($result->stdout, qr/setval\('public.c_p_seq', 3,/, 'a sequence counts what is left');
};

# ---- what is said

subtest '--plan and the report' => sub {
    my $source = new_source($CYCLE);
    my @options = ('--limit="emp = id IN (7, 21, 40)", * = 0', '--ignore-fk=dept_manager');
    my $plan = $source->sample('--plan', @options)->stdout;
    like($plan, qr/Ignored foreign keys, and columns that are set to NULL.*\n  public.dept -> public.emp  \(dept_manager\): manager\n/,
        '--plan');
    unlike($plan, qr/dept_manager\)\n/, 'it is not followed');
    my $result = $source->sample(@options, "--report=$directory/report.json");
    like($result->stderr, qr/ignored: foreign key dept_manager of public.dept; 4 of 7 references/,
        'the report in words');
    like($result->stdout,
        qr/^-- Rows with NULL for what .*\n--\n-- +4 public.dept \(dept_manager: manager\)$/m,
        'the trailer');
    open my $file, '<', "$directory/report.json" or die;
    my $report = JSON::PP::decode_json(do { local $/; <$file> });
    my ($key) = grep { $_->{name} eq 'dept_manager' } @{ $report->{foreign_keys} };
    is_deeply([ @$key{qw(ignored references nulled)} ], [ JSON::PP::true, 7, 4 ],
        'the report in JSON');
    my ($table) = grep { $_->{table} eq 'dept' } @{ $report->{tables} };
    my ($block) = $result->stdout =~ /^COPY public\.dept [^\n]*\n(.*?)^\\\.$/ms;
    is($table->{bytes}, length $block, 'bytes are those of the dump');
};

subtest 'resuming' => sub {
    my $source = new_source($CYCLE);
    my @options = ('--limit="emp = id IN (7, 21, 40)", * = 0', '--ignore-fk=dept_manager');
    my $direct = $source->sample('--no-staging', @options)->stdout;
    my $kept   = $source->sample('--keep', @options);
    same_bytes($kept->stdout, $direct, '--keep writes the same');
    $source->sql('UPDATE dept SET manager = NULL; ALTER TABLE dept ALTER name TYPE varchar');
    same_bytes($source->sample('--resume')->stdout, $direct, '--resume as well');
    my $result = $source->sample('--resume', '--ignore-fk=emp_boss_fkey');
    is($result->status, 1, 'the option belongs to the first run');
    $result = $source->sample('--verify-only', '--force', '--limit=emp = 3, * = 0',
        '--ignore-fk=dept_manager');
    is($result->status, 0, '--verify-only') or diag $result->describe;
};

# ---- what is refused

subtest 'columns that must keep their values' => sub {
    my $refused = sub {
        my ($sql, $pattern, $column, $detail, $name) = @_;
        my $source = new_source("CREATE TABLE p (id int PRIMARY KEY, k int, UNIQUE (k, id));
            INSERT INTO p VALUES (1, 1); $sql");
        my $result = refused($source, 1, qr/cannot be ignored, since $column\b.*NULL/, $name,
            "--ignore-fk=$pattern");
        like($result->stderr, $detail, "$name: reason");
        like($result->stderr, qr/hint: /, "$name: hint");
        is($source->sample('--plan', "--ignore-fk=$pattern")->status, 1, "$name: --plan");
        is($source->sample("--ignore-fk=$pattern", '--limit=c = 0', '--data-only')->status, 0,
            "$name: not without rows")
            if $name !~ /referred/;
        return;
    };
    $refused->('CREATE TABLE c (id int PRIMARY KEY, p int NOT NULL REFERENCES p)', 'c_p_fkey',
        'column p', qr/Column p is NOT NULL/, 'NOT NULL');
    $refused->('CREATE TABLE c (id int NOT NULL, p int NOT NULL,
        CONSTRAINT c_two FOREIGN KEY (p, id) REFERENCES p (k, id))', 'c_two',
        'none of its columns', qr/is NOT NULL/, 'NOT NULL, both');
    $refused->('CREATE TABLE c (id int NOT NULL, p int,
        CONSTRAINT c_two FOREIGN KEY (p, id) REFERENCES p (k, id) MATCH FULL)', 'c_two',
        'column id', qr/NOT NULL, and the key is MATCH FULL/, 'MATCH FULL');
    $refused->('CREATE TABLE c (id int PRIMARY KEY REFERENCES p)', 'c_id_fkey', 'column id',
        qr/NOT NULL/, 'a primary key');
    $refused->('CREATE TABLE c (id int PRIMARY KEY, p int UNIQUE REFERENCES p);
        CREATE TABLE g (p int REFERENCES c (p))', 'c_p_fkey', 'column p',
        qr/Foreign key g_p_fkey of table public.g refers to it/, 'a key that is referred to');
    $refused->('CREATE TABLE c (id int PRIMARY KEY, p int REFERENCES p,
        CONSTRAINT again FOREIGN KEY (p) REFERENCES p)', 'c_p_fkey', 'column p',
        qr/foreign key again as well/, 'another key');
    $refused->('CREATE TABLE c (id int PRIMARY KEY, p int REFERENCES p,
        g int GENERATED ALWAYS AS (p + 1) STORED)', 'c_p_fkey', 'column p',
        qr/generated column g is computed from it/, 'a generated column');
    $refused->('CREATE TABLE c (id int, g int GENERATED ALWAYS AS (id + 1) STORED REFERENCES p)',
        'c_g_fkey', 'column g', qr/Column g is generated/, 'being a generated column');
    $refused->('CREATE TABLE c (id int, p int REFERENCES p) PARTITION BY LIST (p);
        CREATE TABLE c1 PARTITION OF c FOR VALUES IN (1)', 'c_p_fkey', 'column p',
        qr/the partitions of c depend on it/, 'a partition key');
    $refused->('CREATE TABLE c (id int, p int REFERENCES p) PARTITION BY LIST ((p + 1));
        CREATE TABLE c1 PARTITION OF c FOR VALUES IN (1)', 'c_p_fkey', 'column p',
        qr/the partitions of c depend on it/, 'an expression as partition key');
    $refused->('CREATE TABLE c (id int, p int REFERENCES p) PARTITION BY LIST (id);
        CREATE TABLE c1 PARTITION OF c FOR VALUES IN (1);
        ALTER TABLE c1 ALTER p SET NOT NULL', 'c_p_fkey', 'column p',
        qr/NOT NULL in partition c1/, 'NOT NULL in a partition');
    $refused->('CREATE DOMAIN given AS int CHECK (VALUE IS NOT NULL);
        CREATE TABLE c (id int PRIMARY KEY, p given REFERENCES p)', 'c_p_fkey', 'column p',
        qr/its type public.given allows no NULL/, 'a domain');
    $refused->('CREATE TABLE c (id int PRIMARY KEY, p int REFERENCES p, v int);
        CREATE UNIQUE INDEX one ON c (v) WHERE p IS NULL', 'c_p_fkey', 'column p',
        qr/unique index one has it in an expression or condition/, 'a condition of an index');
    $refused->('CREATE TABLE c (id int PRIMARY KEY, p int REFERENCES p,
        CONSTRAINT apart EXCLUDE (coalesce(p, 0) WITH =))', 'c_p_fkey', 'column p',
        qr/exclusion constraint apart has it in an expression/, 'an exclusion constraint');
    SKIP: {
        my $version = $server->database('postgres')->value('SHOW server_version_num');
        skip 'NULLS NOT DISTINCT came with version 15', 1 if $version < 150_000;
        $refused->('CREATE TABLE c (id int PRIMARY KEY, p int REFERENCES p,
            CONSTRAINT alone UNIQUE NULLS NOT DISTINCT (p))', 'c_p_fkey', 'column p',
            qr/index alone is unique with NULLS NOT DISTINCT/, 'NULLS NOT DISTINCT');
    }
    my $source = new_source('CREATE TABLE p (id int PRIMARY KEY);
        CREATE TABLE c (id int PRIMARY KEY, p int UNIQUE REFERENCES p, EXCLUDE (p WITH =));
        CREATE UNIQUE INDEX ON c (p) WHERE p IS NOT NULL;
        INSERT INTO p SELECT generate_series(1, 9);
        INSERT INTO c SELECT i, i FROM generate_series(1, 9) i');
    my $target = restored($source, '--limit=c = *, * = 0', '--ignore-fk=c');
    is($target->value('SELECT count(*) FROM c WHERE p IS NULL'), 9,
        'unique indexes and exclusion constraints of the column itself know NULL');
};

subtest 'CHECK constraints' => sub {
    my $source = new_source(<<'SQL');
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE q (id int PRIMARY KEY);
CREATE TABLE c (id int PRIMARY KEY, gone int, kind text, p int REFERENCES p,
    q int REFERENCES q, CONSTRAINT one_of_them CHECK (num_nonnulls(p, q) >= 1),
    CONSTRAINT positive CHECK (p > 0));
INSERT INTO p SELECT generate_series(1, 9);
INSERT INTO q SELECT generate_series(1, 9);
ALTER TABLE c DROP COLUMN gone;
INSERT INTO c SELECT i, 'k', i, i FROM generate_series(1, 9) i;
SQL
    my @some = ('--limit=c = *, p = id < 4, "q = id IN (4, 5, 6)"');
    my $target = restored($source, @some, '--ignore-fk=c_p_fkey');
    is($target->value('SELECT count(*) FROM c WHERE p IS NULL'), 6, 'that NULL satisfies');
    my $result = refused($source, 5,
        qr/rows of table public.c would violate CHECK constraint one_of_them/,
        'that NULL breaks', @some, '--ignore-fk=c');
    like($result->stderr, qr/c_q_fkey is ignored .* row with key \(7\)/, 'names a row');
    $target = restored($source, '--limit=c = id < 7, p = id < 4, "q = id IN (4, 5, 6)"',
        '--ignore-fk=c');
    is($target->value('SELECT count(*) FROM c WHERE p IS NULL'), 3, 'not in the sample');
    $source->sql("CREATE FUNCTION fine(c) RETURNS boolean LANGUAGE sql IMMUTABLE
                      AS 'SELECT \$1.p IS NOT NULL OR \$1.id <> 8';
                  ALTER TABLE c DROP CONSTRAINT one_of_them,
                      ADD CONSTRAINT whole CHECK (fine(c))");
    refused($source, 5, qr/CHECK constraint whole.*\n.*row with key \(8\)/,
        'a function of the whole row', @some, '--ignore-fk=c');
    $source->sql("ALTER TABLE c DROP CONSTRAINT whole, ADD CONSTRAINT bad
                      CHECK (p IS NOT NULL AND kind <> 'k') NOT VALID");
    restored_with_not_valid($source, @some, '--ignore-fk=c');
    $source = new_source(<<'SQL');
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE c (id int PRIMARY KEY, p int REFERENCES p, "from" text) PARTITION BY RANGE (id);
CREATE TABLE c2 PARTITION OF c FOR VALUES FROM (5) TO (10);
CREATE TABLE c1 PARTITION OF c FOR VALUES FROM (1) TO (5);
ALTER TABLE c2 ADD CONSTRAINT only_here CHECK (p IS NOT NULL OR "from" = 'x');
INSERT INTO p SELECT generate_series(1, 9);
INSERT INTO c SELECT i, i, CASE WHEN i < 8 THEN 'x' ELSE 'y' END FROM generate_series(1, 9) i;
SQL
    $target = restored($source, '--limit=c = id < 8, p = id < 3', '--ignore-fk=c');
    is($target->value('SELECT count(*) FROM c WHERE p IS NULL'), 5, 'of a partition');
    $result = refused($source, 5, qr/rows of table public.c2 would violate .* only_here/,
        'of a partition', '--limit=c = *, p = id < 3', '--ignore-fk=c');
    like($result->stderr, qr/row with key \(8\)/, 'names a row');
};

# What rows break already says nothing against NULL.
sub restored_with_not_valid
{
    my ($source, @argument) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $target = $server->restore(dump_of($source, @argument));
    return is($target->value('SELECT count(*) FROM c WHERE p IS NULL'), 6,
        'a constraint that is NOT VALID and broken anyway');
}

subtest 'rules and tables that are not read' => sub {
    my $source = new_source($CYCLE);
    my $reader = $server->create_role;
    $source->sql("GRANT SELECT ON dept TO $reader; GRANT CREATE ON DATABASE
        \"@{[$source->name]}\" TO $reader");
    my @options = ('--data-only', '--limit=dept = *, * = 0', '--ignore-fk=dept');
    my $dump = PgSample::Test::DumpText->new(dump_of($source->as($reader), @options));
    is_deeply($dump->column('public.dept', 'manager'), [ ('\N') x 20 ],
        'a table that may not be read');
    $source->sql("GRANT SELECT ON emp TO $reader; REVOKE SELECT ON dept FROM $reader;
        CREATE TABLE aside (id int PRIMARY KEY, name text, dept numeric, emp int REFERENCES emp);
        ALTER TABLE dept ADD num numeric UNIQUE;
        UPDATE dept SET num = id;
        INSERT INTO aside SELECT i, 'aside', i, i FROM generate_series(1, 9) i;
        ALTER TABLE aside ADD FOREIGN KEY (dept) REFERENCES dept (num);
        GRANT SELECT ON aside TO $reader");
    my $result = $source->as($reader)->sample('--continue-on-error', '--data-only',
        '--limit=aside = *, * = 0', '--ignore-fk=aside');
    is($result->status, 0, 'that nobody needs any more is no loss') or diag $result->describe;
    is_deeply(PgSample::Test::DumpText->new($result->stdout)->rows('public.aside'),
        [ map { [ $_, 'aside', '\N', '\N' ] } 1 .. 9 ], 'its rows are missing');
    $result = $source->as($reader)->sample('--continue-on-error', '--data-only',
        '--limit=aside = *, dept = *, * = 0', '--ignore-fk=aside_dept_fkey');
    is($result->status, 6, 'a table that is lost') or diag $result->describe;
    is_deeply(PgSample::Test::DumpText->new($result->stdout)->rows('public.aside'),
        [ map { [ $_, 'aside', '\N', $_ ] } 1 .. 9 ], 'has no rows to refer to');
};

done_testing;
