# The staging schema: what it tells, --keep, --resume, --verify-only, --force, --cleanup, and
# several runs side by side.

use strict;
use warnings;

use File::Temp ();
use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Check;
use PgSample::Test::Faults;
use PgSample::Test::Oracle;
use PgSample::Test::Server;
use PgSample::Test::Session;
use PgSample::Test::Staging;

my $server    = PgSample::Test::Server->start(configuration => ["timezone = 'UTC'"]);
my $directory = File::Temp->newdir;
my $file      = "$directory/sample.sql";

my $SCHEMA = <<'SQL';
CREATE SCHEMA app;
CREATE EXTENSION citext;
CREATE TABLE app.country (code citext PRIMARY KEY, name text NOT NULL);
CREATE TABLE app.customer (id serial PRIMARY KEY, country citext REFERENCES app.country,
    friend int REFERENCES app.customer, file oid,
    upper_case text GENERATED ALWAYS AS (upper(country::text)) STORED);
CREATE TABLE app.orders (id int PRIMARY KEY, customer int REFERENCES app.customer, v text)
    PARTITION BY RANGE (id);
CREATE TABLE app.orders_high PARTITION OF app.orders FOR VALUES FROM (101) TO (1000);
CREATE TABLE app.orders_low PARTITION OF app.orders FOR VALUES FROM (0) TO (101);
CREATE TABLE customer (id int PRIMARY KEY, orders int REFERENCES app.orders);
CREATE TABLE loose (id int, country citext);
CREATE MATERIALIZED VIEW app.total AS SELECT count(*) FROM app.orders;
INSERT INTO app.country SELECT 'c' || i, 'country ' || i FROM generate_series(1, 30) i;
INSERT INTO app.customer (country, friend, file)
SELECT 'C' || 1 + i % 30, nullif(i - 1, 0), lo_from_bytea(20000 + i, '\x0102')
  FROM generate_series(1, 60) i;
INSERT INTO app.orders SELECT i, 1 + i % 60, 'v' || i FROM generate_series(1, 200) i;
INSERT INTO customer SELECT i, 201 - i FROM generate_series(1, 200) i;
INSERT INTO loose VALUES (1, 'c1'), (2, 'nowhere'), (3, NULL);
ALTER TABLE loose ADD FOREIGN KEY (country) REFERENCES app.country NOT VALID;
SQL

# One row that refers nowhere makes a key NOT VALID in the dump.
my @LIMIT = ('--limit=public.customer = 9, loose = *, 2');

sub new_source
{
    my (%option) = @_;
    my $source = $server->create_database(%option);
    $source->sql($SCHEMA);
    return $source;
}

sub has_schemas
{
    my ($db, $expected, $name) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    return is(join(' ', @{ staging_schemas($db) }), $expected, $name);
}

# Takes a sample that is kept.
sub kept
{
    my ($db, @argument) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $result = $db->sample('--keep', @argument ? @argument : @LIMIT);
    is($result->status, 0, 'a run with --keep') or diag $result->describe;
    return $result->stdout;
}

# Resumes, and must write this dump.
sub resumes
{
    my ($db, $expected, $name, @argument) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $result = $db->sample('--resume', @argument);
    is($result->status, 0, "$name: is resumed") or diag $result->describe;
    return same_bytes($result->stdout, $expected, "$name: the same dump");
}

sub refuses
{
    my ($db, $message, $name, @argument) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $before = join ' ', @{ staging_schemas($db) };
    my $result = $db->sample(@argument, '-f', $file);
    ends_with($result, 3, $message, "$name: is refused");
    ok(!-e $file && !-e "$file.part", "$name: nothing is written");
    return has_schemas($db, $before, "$name: the schemas are as before");
}

# A run that waits while it samples, and what it waits for.
sub run_that_waits
{
    my ($db, @argument) = @_;
    my $holder = hold($db);
    my $process = $db->start_sample(held('public.customer', 'id < 8'), '--limit=loose = *, 2',
        @argument);
    ok(wait_for_session($server, "wait_event = 'advisory' AND datname = '${\ $db->name }'"),
        'a run is at work');
    return ($process, $holder);
}

# Leaves the schema of a run that was killed while it sampled.
sub kill_a_run
{
    my ($db, @argument) = @_;
    my ($process, $holder) = run_that_waits($db, '--use-staging', @argument);
    $process->signal('KILL');
    $process->wait;
    $holder->close;
    wait_until(20, sub { return !sessions_of($server) });
    return;
}

# ---- what --keep keeps

subtest 'what a person finds in the schema' => sub {
    my $source = new_source();
    my $report = "$directory/report.json";
    my $dump   = kept($source, @LIMIT, "--report=$report");
    samples_ok($server->restore($dump), $source);
    has_schemas($source, '_pg_sample', 'the schema is there');
    my $comment = $source->value("SELECT obj_description('_pg_sample'::regnamespace)");
    like($comment, qr/\Apg-sample staging schema/, 'with a comment that says whose it is');

    my $run = $source->row('SELECT version, database, server_version, state, is_kept,
        run IS NOT NULL, started <= now() AND started > now() - interval \'10 minutes\',
        snapshot_time <= now() AND snapshot_time > now() - interval \'10 minutes\'
        FROM _pg_sample.manifest_run');
    my ($version) = $source->sample('--version', { no_database => 1 })->stdout =~ /(\d+\.\S+)/;
    is_deeply($run, [ $version, $source->name, $source->value('SHOW server_version'), 'kept',
        't', 't', 't', 't' ], 'one row tells of the run');
    like($source->value('SELECT options::text FROM _pg_sample.manifest_run'),
        qr/public\.customer = 9/, 'with its options');

    my $tables = $source->rows('SELECT source, staging, state, error, rows_picked,
        rows_referenced, first_pass, last_pass FROM _pg_sample.manifest ORDER BY 1');
    is(@$tables, 5, 'the manifest has a row for each table');
    is_deeply([ grep { $_->[2] ne 'complete' || defined $_->[3] } @$tables ], [],
        'each is complete');
    is(@{ $source->column('SELECT DISTINCT staging FROM _pg_sample.manifest') }, 5,
        'each has a staging table of its own');

    my $numbers = PgSample::Test::Oracle::read_report($report);
    for my $table (@{ $numbers->{tables} }) {
        my $name = "$table->{schema}.$table->{table}";
        my ($found) = grep { $_->[0] eq $name } @$tables;
        ok($found, "$name is in the manifest under its name") or next;
        is_deeply([ @$found[ 4, 5 ] ], [ @$table{qw(picked referenced)} ],
            'with the numbers of the report');
        is($source->value("SELECT count(*) FROM _pg_sample.\"$found->[1]\""),
            $table->{picked} + $table->{referenced}, 'and so many rows are there');
        like($source->value("SELECT obj_description('_pg_sample.\"$found->[1]\"'::regclass)"),
            qr/\b\Q$name\E\b/, 'a comment names the source');
        is($source->value("SELECT relpersistence FROM pg_class
            WHERE oid = '_pg_sample.\"$found->[1]\"'::regclass"), 'u', 'it is unlogged');
        my $n_same = $source->value("SELECT count(*) FROM _pg_sample.\"$found->[1]\" s
            JOIN $name t ON t.tableoid = s._leaf AND t.ctid = s._place");
        is($n_same, $table->{picked} + $table->{referenced}, 'each row is found in the source');
    }
    is($source->value('SELECT count(*) FROM _pg_sample.customer s JOIN app.customer t
        ON t.ctid = s._place AND (t.id, t.country, t.upper_case) = (s.id, s.country,
        s.upper_case) AND t.friend IS NOT DISTINCT FROM s.friend'),
        $source->value('SELECT count(*) FROM _pg_sample.customer'),
        'with all its columns') if $source->value(
        "SELECT staging FROM _pg_sample.manifest WHERE source = 'app.customer'") eq 'customer';
    my %first = map { $_->[0] => $_->[6] } @$tables;
    cmp_ok($first{'app.country'}, '>=', 0, 'passes are numbers');
    is($source->value('SELECT count(*) FROM _pg_sample.manifest WHERE last_pass < first_pass'),
        0, 'the last pass is not before the first');
    my $keys = $source->rows('SELECT foreign_key, referencing, referenced, n_dangling
        FROM _pg_sample.manifest_keys WHERE n_dangling > 0');
    is_deeply($keys, [ [ 'loose_country_fkey', 'public.loose', 'app.country', 1 ] ],
        'one key has a dangling reference');
};

# ---- --resume

# What the dump may look like, besides.
my @OUTPUT = (
    [], ['--inserts'], ['--rows-per-insert=3'], [ '-c', '--if-exists' ],
    [ '--owner', '--privileges' ], ['--tablespaces'], ['--superuser-objects'],
    ['--no-transaction'], ['--data-only'], [ '--data-only', '--inserts' ],
    [ '--data-only', '--disable-triggers' ],
);

subtest '--resume' => sub {
    my $source = new_source();
    my %direct;
    for my $options (@OUTPUT) {
        my $result = $source->sample('--no-staging', @LIMIT, @$options);
        is($result->status, 0, "direct mode: @$options") or diag $result->stderr;
        $direct{"@$options"} = $result->stdout;
    }
    same_bytes(kept($source), $direct{''}, 'the dump of the run that is kept');
    resumes($source, $direct{''}, 'at once');
    # From here on the source is another one.
    $source->sql(<<'SQL');
INSERT INTO app.customer (country) VALUES ('c1');
SELECT nextval('app.customer_id_seq') FROM generate_series(1, 100);
UPDATE app.country SET name = 'changed';
DELETE FROM public.customer;
SELECT lo_unlink(oid) FROM pg_largeobject_metadata;
ALTER TABLE app.orders ADD another int;
DROP TABLE loose;
CREATE TABLE newer AS SELECT 1 AS a;
SQL
    resumes($source, $direct{"@$_"}, "after changes, @$_", @$_) for @OUTPUT;
    $source->sql('DROP SCHEMA app CASCADE; DROP TABLE public.customer');
    resumes($source, $direct{''}, 'without the source');
    is($source->sample('--resume', '-f', $file)->status, 0, 'to a file');
    open my $handle, '<', $file or die "could not open $file: $!";
    same_bytes(do { local $/; <$handle> }, $direct{''}, 'the same');
    unlink $file;
    has_schemas($source, '_pg_sample', 'the schema stays');
    $source->sql('DROP EXTENSION citext CASCADE');
    my $without = $source->sample('--resume');
    like($without->status, qr/\A[03]\z/, 'without the types it either works or says so')
        or diag $without->describe;
};

subtest '--resume reads no source table' => sub {
    my $source = new_source();
    my $dump   = kept($source);
    my $holder = PgSample::Test::Session->new(conninfo => $source->conninfo);
    $holder->query('BEGIN;
        LOCK TABLE app.country, app.customer, app.orders, public.customer, loose');
    resumes($source, $dump, 'all tables are locked by others', '--lock-timeout=1');
    $holder->close;
};

subtest '--resume in another encoding' => sub {
    my $source = $server->create_database;
    $source->sql("CREATE TABLE t (id int PRIMARY KEY, v text);
        INSERT INTO t VALUES (1, '\xc3\xa9'), (2, '\xc3\x9f')");
    my $direct = $source->sample('--no-staging', '-E', 'LATIN1')->stdout;
    kept($source, '--limit=*');
    my $utf8 = $source->sample('--no-staging', '--limit=*')->stdout;
    resumes($source, $utf8, 'UTF8');
    my $other = $source->sample('--resume', '-E', 'LATIN1');
    if ($other->status == 0) {
        my $expected = $source->sample('--no-staging', '--limit=*', '-E', 'LATIN1')->stdout;
        same_bytes($other->stdout, $expected, 'LATIN1');
    } else {
        like($other->stderr, qr/encoding/, 'another encoding is refused, with the reason');
        is($other->stdout, '', 'and nothing is written');
    }
};

subtest '--resume of other choices of rows' => sub {
    my $source = new_source();
    for my $choice ([ '--ordered', '-a' ], [ '--random=7', '-a' ], [ '--random=stable', '-a' ],
        [ '-n', 'app' ], [ '-t', 'app.orders', '--limit=3' ], [ '-T', 'loose' ],
        [ '--limit=10%', '-a' ],
        [ '--exclude-table-data', 'loose' ])
    {
        my $direct = $source->sample('--no-staging', @$choice)->stdout;
        same_bytes(kept($source, @$choice, '--force'), $direct, "@$choice");
        my @rows = grep { $_ eq '-a' } @$choice;
        resumes($source, $direct, "@$choice", @rows);
        my $inserts = $source->sample('--no-staging', '--inserts', @$choice)->stdout;
        resumes($source, $inserts, "@$choice with --inserts", '--inserts', @rows);
    }
};

subtest '--resume with a report' => sub {
    my $source = new_source();
    my @report = map { "$directory/report$_.json" } 1, 2;
    kept($source, @LIMIT, "--report=$report[0]");
    is($source->sample('--resume', "--report=$report[1]")->status, 0, 'is written');
    my @numbers = map {
        [ map { [ @$_{qw(schema table picked referenced)} ] }
                @{ PgSample::Test::Oracle::read_report($_)->{tables} } ]
    } @report;
    is_deeply($numbers[1], $numbers[0], 'with the same numbers');
};

subtest '--resume is refused' => sub {
    my $source = new_source();
    refuses($source, qr/_pg_sample/, 'without a schema', '--resume');
    $source->sql('CREATE SCHEMA _pg_sample');
    refuses($source, qr/_pg_sample/, 'a schema that is not ours', '--resume');
    $source->sql('DROP SCHEMA _pg_sample');
    kill_a_run($source);
    has_schemas($source, '_pg_sample', 'a run was killed');
    refuses($source, qr/incomplete|not complete|unfinished/, 'an incomplete one', '--resume');
    my $dump = kept($source, '--force', @LIMIT);
    resumes($source, $dump, 'a complete one');
    $source->sql('DELETE FROM _pg_sample.country WHERE ctid IN
        (SELECT ctid FROM _pg_sample.country LIMIT 1)');
    refuses($source, qr/table country .*changed/, 'a row was deleted by hand', '--resume');
    kept($source, '--force', @LIMIT);
    $source->sql('INSERT INTO _pg_sample.loose SELECT * FROM _pg_sample.loose LIMIT 1');
    refuses($source, qr/table loose .*changed/, 'a row was added by hand', '--resume');
    kept($source, '--force', @LIMIT);
    $source->sql('DROP TABLE _pg_sample.loose');
    refuses($source, qr/loose/, 'a table was dropped by hand', '--resume');
};

subtest '--resume after the server crashed' => sub {
    my $source = new_source();
    kept($source);
    $server->restart('fast');
    is($source->sample('--resume')->status, 0, 'a restart does no harm');
    $server->restart('immediate');
    is($source->value('SELECT count(*) FROM _pg_sample.loose'), 0,
        'after a crash unlogged tables are empty');
    refuses($source, qr/crash/, 'which is noticed', '--resume');
    is($source->sample('--use-staging', '--force', @LIMIT)->status, 0,
        'a new run with --force succeeds');
    no_schema_is_left($source);
};

# Nobody reads the dump, and then the run is killed.
subtest '--resume of a run that was killed while it wrote' => sub {
    my $source = new_source();
    $source->sql("CREATE TABLE long (id int PRIMARY KEY, v text);
        INSERT INTO long SELECT i, repeat('x', 1000) FROM generate_series(1, 3000) i");
    my @limit = ('--limit=*');
    my $direct = $source->sample('--no-staging', @limit)->stdout;
    pipe my $reader, my $writer or die "could not create a pipe: $!";
    my $process = $source->start_sample('--use-staging', @limit, { stdout => $writer });
    close $writer;
    sysread $reader, my $byte, 1;
    is($byte, '-', 'the first byte arrives, then the pipe is full');
    $process->signal('KILL');
    is($process->wait->signal, 9, 'it is killed');
    close $reader;
    wait_until(20, sub { return !sessions_of($server) });
    my $left = join ' ', @{ staging_schemas($source) };
    if ($left eq '') {
        pass('the schema was dropped before the dump was written');
        return;
    }
    is($left, '_pg_sample', 'its schema is there');
    like($source->sample('--cleanup')->stdout, qr/_pg_sample/, '--cleanup lists it');
    resumes($source, $direct, 'it is complete');
    no_schema_is_left($source, 'the schema is dropped then');
};

# ---- --verify-only

subtest '--verify-only' => sub {
    my $source = new_source();
    my $result = $source->sample('--verify-only', @LIMIT);
    is($result->status, 0, 'succeeds') or diag $result->describe;
    is($result->stdout, '', 'and writes nothing');
    no_schema_is_left($source);
    like($result->stderr, qr/public\.customer/, 'the summary tells what was sampled');
    my $direct = $source->sample('--no-staging', @LIMIT)->stdout;
    $result = $source->sample('--verify-only', '--keep', @LIMIT);
    is($result->status, 0, 'with --keep') or diag $result->describe;
    is($result->stdout, '', 'nothing is written');
    has_schemas($source, '_pg_sample', 'and the schema stays');
    resumes($source, $direct, 'it');
};

# ---- schemas that are there

subtest 'a schema of that name is there' => sub {
    my $source = new_source();
    my @rows   = (@LIMIT, '--data-only');
    my $direct = $source->sample('--no-staging', @rows)->stdout;
    my @hints = map { qr/hint: .*\Q$_\E/s }
        '--force', '--cleanup=drop', '--resume', '--sample-schema';
    kept($source, @rows);
    my $auto = $source->sample('--staging-tables=1', @rows);
    is($auto->status, 0, 'a run that would stage by itself') or diag $auto->describe;
    like($auto->stderr, qr/warning: staging is not possible.*schema "_pg_sample" already exists/,
        'warns');
    same_bytes($auto->stdout, $direct, 'and takes direct mode');
    for my $mode ('--use-staging', '--keep', '--verify-only') {
        my $result = $source->sample($mode, @rows);
        ends_with($result, 3, qr/schema "_pg_sample" already exists/, "$mode stops");
        like($result->stderr, $_, 'and names the ways out') for @hints;
        is($result->stdout, '', 'nothing is written');
    }
    is($source->value('SELECT state FROM _pg_sample.manifest_run'), 'kept',
        'the schema is as it was');
    my $forced = $source->sample('--force', @rows);
    is($forced->status, 0, '--force drops it') or diag $forced->describe;
    unlike($forced->stderr, qr/direct mode/, 'and stages');
    same_bytes($forced->stdout, $direct, 'the same dump');
    no_schema_is_left($source);
    is($source->sample('--force', @rows)->status, 0, '--force without one');
    no_schema_is_left($source);
};

subtest 'a schema that is not ours' => sub {
    my $source = new_source();
    $source->sql('CREATE SCHEMA _pg_sample; CREATE TABLE _pg_sample.precious AS SELECT 1 AS a');
    my $direct = $source->sample('--no-staging', @LIMIT)->stdout;
    like($direct, qr/precious/, 'is sampled like others');
    for my $comment ('', "COMMENT ON SCHEMA _pg_sample IS 'mine; no pg-sample staging schema'") {
        $source->sql($comment) if $comment;
        my $result = $source->sample('--force', @LIMIT);
        ends_with($result, 3, qr/_pg_sample/, '--force does not touch it');
        is($result->stdout, '', 'and nothing is written');
        ends_with($source->sample('--use-staging', @LIMIT), 3, qr/_pg_sample/,
            'nor does --use-staging');
        $source->sample('--cleanup=drop');
        is($source->value('SELECT a FROM _pg_sample.precious'), 1, 'nor --cleanup=drop');
    }
    my $other = $source->sample('--use-staging', '--sample-schema=other',
        '--limit=public.customer = 9, loose = *, 2');
    is($other->status, 0, '--sample-schema is a way out') or diag $other->describe;
    samples_ok($server->restore($other->stdout), $source);
};

# ---- --cleanup

subtest '--cleanup' => sub {
    my $source = new_source();
    my $empty = $source->sample('--cleanup');
    is($empty->status, 0, 'where there is none') or diag $empty->describe;
    kept($source, @LIMIT, '--sample-schema=kept one');
    kill_a_run($source, '--sample-schema=dead');
    kill_a_run($source, '--sample-schema=Dead "2"');
    my ($live, $holder) = run_that_waits($source, '--use-staging', '--sample-schema=live');
    my @all = ('Dead "2"', 'dead', 'kept one', 'live');
    my $marked = sub { [ sort @{ $source->column("SELECT nspname FROM pg_namespace
        WHERE obj_description(oid, 'pg_namespace') LIKE 'pg-sample staging schema%'") } ] };
    is_deeply($marked->(), \@all, 'a kept schema, two dead ones, a live one');

    my $list = $source->sample('--cleanup');
    is($list->status, 0, '--cleanup') or diag $list->describe;
    like($list->stdout, qr/^dead +left over/m,      'lists a dead run');
    like($list->stdout, qr/^Dead "2" +left over/m, 'and another');
    like($list->stdout, qr/^kept one +kept/m,       'a kept one');
    like($list->stdout, qr/^live +in use/m,         'and a live one');
    is_deeply($marked->(), \@all, 'and drops none');

    my $drop = $source->sample('--cleanup=drop');
    is($drop->status, 0, '--cleanup=drop') or diag $drop->describe;
    is_deeply($marked->(), [ 'kept one', 'live' ], 'drops what is dead and not kept');
    $holder->close;
    is($live->wait->status, 0, 'the live run succeeds') or diag $live->wait->describe;
    is_deeply($marked->(), ['kept one'], 'and drops its own schema');
    is($source->sample('--cleanup=drop')->status, 0, 'once more');
    is_deeply($marked->(), ['kept one'], 'a kept schema stays for good');
    is($source->sample('--resume', '--sample-schema=kept one')->status, 0,
        'and can be resumed');
};

subtest '--cleanup by another role' => sub {
    my $source = new_source();
    kill_a_run($source);
    my $reader = $server->create_role;
    my $list = $source->as($reader)->sample('--cleanup');
    is($list->status, 0, 'lists') or diag $list->describe;
    like($list->stdout, qr/_pg_sample/, 'what others left');
    my $drop = $source->as($reader)->sample('--cleanup=drop');
    isnt($drop->status, 0, 'but may not drop it') or diag $drop->describe;
    like($drop->stderr, qr/_pg_sample/, 'and says so');
    has_schemas($source, '_pg_sample', 'it is there');
    is($source->sample('--cleanup=drop')->status, 0, 'the owner may');
    no_schema_is_left($source);
};

# ---- several runs

subtest 'runs side by side' => sub {
    my $source = new_source();
    my @rows   = (@LIMIT, '--data-only');
    my $direct = $source->sample('--no-staging', @rows)->stdout;
    my ($first, $holder) = run_that_waits($source, '--use-staging');
    has_schemas($source, '_pg_sample', 'the first has its schema');

    my $other = $source->sample('--use-staging', '--sample-schema=_pg_sample_2', @rows);
    is($other->status, 0, 'a second one under another name') or diag $other->describe;
    unlike($other->stderr, qr/direct mode/, 'stages');
    same_bytes($other->stdout, $direct, 'and writes the same dump as direct mode');
    has_schemas($source, '_pg_sample', 'and drops its own schema alone');

    for my $mode ('--use-staging', '--keep', '--verify-only', '--force') {
        ends_with($source->sample($mode, @rows), 3, qr/_pg_sample/,
            "$mode under the same name stops");
    }
    my $auto = $source->sample('--staging-tables=1', @rows);
    is($auto->status, 0, 'one that would stage by itself takes direct mode')
        or diag $auto->describe;
    like($auto->stderr, qr/schema "_pg_sample" is in use/, 'and says why');
    same_bytes($auto->stdout, $direct, 'the same dump');
    ends_with($source->sample('--resume'), 3, qr/_pg_sample/, 'nor can it be resumed');
    $source->sample('--cleanup=drop');
    has_schemas($source, '_pg_sample', 'or cleaned up');
    $holder->close;
    my $result = $first->wait;
    is($result->status, 0, 'the first run is not disturbed') or diag $result->describe;
    same_bytes($result->stdout =~ s/^-- limit: .*\n//mgr =~ s/^\\(un)?restrict .*\n//mgr,
        $source->sample('--no-staging', held('public.customer', 'id < 8'),
            '--limit=loose = *, 2')->stdout =~ s/^-- limit: .*\n//mgr
            =~ s/^\\(un)?restrict .*\n//mgr, 'its dump is that of direct mode');
    no_schema_is_left($source);
};

subtest 'many at the same time' => sub {
    my $source = new_source();
    my $direct = $source->sample('--no-staging', @LIMIT)->stdout;
    my @runs = map { $source->start_sample('--use-staging', "--sample-schema=run $_", @LIMIT) }
        1 .. 6;
    for my $run (@runs) {
        my $result = $run->wait;
        is($result->status, 0, 'one of six') or diag $result->describe;
        same_bytes($result->stdout, $direct, 'writes the dump of direct mode');
        unlike($result->stderr, qr/direct mode/, 'staged');
    }
    my @same = map { $source->start_sample('--use-staging', @LIMIT) } 1 .. 4;
    my @status = map { $_->wait->status } @same;
    is_deeply([ grep { !/\A[03]\z/ } @status ], [], 'under one name each succeeds or stops')
        or diag map { $_->wait->describe } @same;
    ok((grep { $_ == 0 } @status), 'at least one succeeds');
    is_deeply([ grep { $_->wait->status == 0 && $_->wait->stdout ne $direct } @same ], [],
        'with the right dump');
    is($source->value("SELECT count(*) FROM pg_namespace WHERE
        obj_description(oid, 'pg_namespace') LIKE 'pg-sample staging%'"), 0,
        'no schema is left');
};

unlike($server->log_text, qr/division by zero/, 'no error of the server stands for an answer');

done_testing;
