# Batches with an id: whose tables are used, limits, variables and options, metrics, the
# schema and who may do what, and the list of batches.

use strict;
use warnings;

use FindBin;
use JSON::PP ();
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Load;
use PgSample::Test::LoadBatch;
use PgSample::Test::Process;
use PgSample::Test::Server;

my $server = PgSample::Test::Server->start;
my $db     = $server->create_database;
PgSample::Test::LoadBatch::use_database($db);

# ---- tables of others

subtest 'tables of others are not used' => sub {
    fresh();
    $server->create_role('mallory') if !$db->value("SELECT count(*) FROM pg_roles WHERE rolname = 'mallory'");
    put('b1/item/1.csv' => ITEMS);
    my @log = ('batch_load_log', 'batch_id text, operation text, table_name text, records_affected int,'
            . ' status text, error_message text, loaded_at timestamptz');
    my @queue = ('validation_queue', "batch_id text, table_name text, status text DEFAULT 'pending', loaded_at timestamptz");
    for my $case (\@log, \@queue) {
        my ($name, $columns) = @$case;
        my $create = "CREATE TABLE $name ($columns)";
        my $trap = q{CREATE FUNCTION trap() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''trapped''; END'};
        my @cases = (
            [ "$create; ALTER TABLE $name OWNER TO mallory", qr/it belongs to role "mallory"/ ],
            [ "CREATE SCHEMA m AUTHORIZATION mallory; CREATE TABLE m.$name ($columns)", qr/its schema belongs to role "mallory"/ ],
            [ "CREATE TABLE x ($columns); CREATE VIEW $name AS SELECT * FROM x", qr/it is not an ordinary table/ ],
            [ "$create; CREATE RULE r AS ON INSERT TO $name DO ALSO SELECT 1", qr/it has rules/ ],
            [ "$create; $trap; CREATE TRIGGER t BEFORE INSERT ON $name FOR EACH ROW EXECUTE FUNCTION trap()", qr/it has triggers/ ],
            [ "$create; ALTER TABLE $name ENABLE ROW LEVEL SECURITY", qr/it is under row security/ ],
            [ "$create; GRANT TRIGGER ON $name TO mallory", qr/other roles can create triggers on it/ ],
            [ "$create; GRANT ALL ON $name TO PUBLIC", qr/other roles can create triggers on it/ ],
            [ "$create; ALTER TABLE $name DROP COLUMN status", qr/it has no column "status"/ ],
            [ "CREATE DOMAIN d AS text CHECK (VALUE <> 'x'); $create; ALTER TABLE $name ALTER status DROP DEFAULT, ALTER status TYPE d",
                qr/its column "status" is of a domain/ ],
            [ "$create; CREATE TABLE y () INHERITS ($name)", qr/it has a parent or children/ ]
        );
        for my $taint (@cases) {
            my ($sql, $message) = @$taint;
            $db->sql($sql);
            my $path = { env => { PGOPTIONS => '-c search_path=public,m' } };
            batch_refused('b1', [$path], 3, qr/table (?:public|m)[.]$name cannot be used: $message/, "$name: $message");
            $db->sql("DROP TABLE IF EXISTS x CASCADE; DROP TABLE IF EXISTS y; DROP TABLE IF EXISTS $name CASCADE; DROP SCHEMA IF EXISTS m CASCADE;"
                    . ' DROP FUNCTION IF EXISTS trap; DROP DOMAIN IF EXISTS d CASCADE');
        }
    }
    batch_is('b1', [], 0, qr/2 loaded/, 'without them the batch is loaded');
};

# ---- limits, variables, options

subtest 'the maximum number of records' => sub {
    fresh();
    put('b1/item/1.csv' => ITEMS, 'b1/part/1.csv' => "id,item,v\n10,1,x\n",
        'big/item/1.csv' => "id,v\n" . join '', map { "$_,x\n" } 1 .. 10_001);
    batch_refused('b1', ['--max-records=2'], 3, qr/batch b1 has 3 records, more than the maximum of 2; nothing was loaded.*--max-records/s, 'too many');
    batch_refused('b1', [ { env => { MAX_RECORDS_PER_BATCH => 2 } } ], 3, qr/more than the maximum of 2/, 'by the variable');
    batch_is('b1', [ '--max-records=3', { env => { MAX_RECORDS_PER_BATCH => 2 } } ], 0, qr/3 loaded/, 'the option counts more');
    batch_refused('big', [], 3, qr/has 10001 records, more than the maximum of 10000/, 'the default');
    batch_is('big', ['--max-records=0'], 0, qr/9999 loaded/, '0 allows any number');
    my $result = load($db, 'item=' . input_file('item.csv', "id,v\n" . join '', map { "$_,x\n" } 1 .. 10_001),
        { env => { MAX_RECORDS_PER_BATCH => 2, REQUIRE_APPROVAL => 'true', DRY_RUN => 'true', BATCH_SIZE => 1,
            MAX_RETRIES => 'x', LOG_LEVEL => 'x' } });
    is($result->status, 0, 'the variables count only for batches') or diag $result->describe;
    is($result->summary, 'unchanged 10001', 'so that a load without an id is made');
};

subtest 'variables of the environment' => sub {
    fresh();
    put('b1/item/1.csv' => ITEMS);
    my $result = batch_refused('b1', [ '-q', { env => { DRY_RUN => 'true' } } ], 0,
        qr/warning: this is a dry run, since the environment variable DRY_RUN is "true"; nothing will be loaded/,
        'DRY_RUN is said aloud');
    is($result->metrics->{dry_run} ? 1 : 0, 1, 'and is a dry run');
    for my $case ([ DRY_RUN => 'perhaps' ], [ REQUIRE_APPROVAL => '2' ], [ MAX_RETRIES => '-1' ],
        [ MAX_RECORDS_PER_BATCH => 'many' ], [ TRANSACTION_TIMEOUT => '5min' ], [ BATCH_SIZE => '' . '1.5' ],
        [ LOG_LEVEL => 'LOUD' ]) {
        my ($name, $value) = @$case;
        batch_refused('b1', [ { env => { $name => $value } } ], 1,
            qr/invalid value "\Q$value\E" of the environment variable $name.*hint: It takes/s, "$name=$value");
    }
    batch_is('b1', [ { env => { LOG_LEVEL => 'DEBUG', DRY_RUN => 'FALSE', BATCH_SIZE => 100, MAX_RETRIES => 0,
        TRANSACTION_TIMEOUT => 300, REQUIRE_APPROVAL => 'no', DB_POOL_MIN => 2 } } ], 0,
        qr/Created staging table.*2 loaded/s, 'all of them');
    put('b2/item/1.csv' => "id,v\n9,x\n");
    $result = batch('b2', { env => { LOG_LEVEL => 'WARNING' } });
    is($result->stderr, '', 'LOG_LEVEL=WARNING is --quiet');
    # TRANSACTION_TIMEOUT in seconds, MAX_RETRIES
    put('b3/item/1.csv' => "id,v\n9,y\n");
    my $holder = other_session($db);
    $holder->query('BEGIN; SELECT FROM item WHERE id = 9 FOR UPDATE');
    batch_refused('b3', [ '--lock-timeout=50s', { env => { TRANSACTION_TIMEOUT => 1 } } ], 6,
        qr/--transaction-timeout/, 'TRANSACTION_TIMEOUT in seconds');
    batch_refused('b3', [ '--lock-timeout=100ms', { env => { TRANSACTION_TIMEOUT => 0, MAX_RETRIES => 0 } } ], 7,
        qr/There was 1 attempt/, 'TRANSACTION_TIMEOUT=0 is none');
    batch_refused('b3', [ '--lock-timeout=100ms', { env => { MAX_RETRIES => 1 } } ], 7, qr/There were 2 attempts/, 'MAX_RETRIES');
    $holder->close;
};

subtest 'options that do not go with a batch' => sub {
    fresh();
    put('b1/item/1.csv' => ITEMS);
    my $file = input_file('item.csv', ITEMS);
    my @cases = (
        [ [$file], qr/option "--batch-id" takes no source as an argument [(]first is/ ],
        [ ['--source=' . root()], qr/option "--source" can be given only once with "--batch-id"/ ],
        [ ["--file=item=$file"], qr/"--batch-id" and "--file" contradict each other/ ],
        [ ['--format=csv'], qr/"--batch-id" and "--format" contradict each other/ ],
        [ ['--stage-only'], qr/"--stage-only" and "--batch-id" contradict each other/ ],
        [ ['--commit-staged=x'], qr/contradict each other/ ],
        [ ['--no-staging'], qr/"--batch-id" and "--no-staging" contradict each other/ ],
        [ ['--staging=never'], qr/"--batch-id" and "--staging=never" contradict each other/ ],
        [ ['--apply=direct'], qr/contradict each other/ ],
        [ ['--approve', '--dry-run'], qr/"--approve" and "--dry-run" contradict each other/ ],
        [ ['--approve', '--force'], qr/"--approve" and "--force" contradict each other/ ],
        [ ['--gc'], qr/"--gc" and "--batch-id" contradict each other/ ]
    );
    for my $case (@cases) {
        my ($options, $message) = @$case;
        batch_refused('b1', $options, 1, $message, "@$options");
    }
    for my $option ('--force', '--approve', '--require-approval', '--require-queue', '--max-records=5') {
        my $result = load($db, $option, $file);
        is($result->status, 1, "$option alone");
        like($result->stderr, qr/needs? (?:option )?"--batch-id"/, 'is an error');
    }
    for my $source ('-', "item=$file", 'https://127.0.0.1:1/x?X-Amz-Signature=5ecret') {
        my $result = load($db, '--batch-id=b1', "--source=$source");
        is($result->status, 1, "--source=$source");
        like($result->stderr, qr{"--source" must be a directory or s3://BUCKET with "--batch-id"}, 'is no directory');
    }
    my $config = input_file('c.json', '{"item": {"apply": "direct"}}');
    batch_refused('b1', ["--config=$config"], 1, qr/"--apply=direct" and "--staging=always" contradict/, 'apply in a file');
};

subtest 'the current directory is the default' => sub {
    fresh();
    put('b1/item/1.csv' => ITEMS);
    my $result = load($db, '--batch-id=b1', { directory => root() });
    is($result->status, 0, 'it is loaded') or diag $result->describe;
    is($result->summary, 'inserted 2', 'from there');
};

# The table settings of the loader that this one replaces, as its users have them.
subtest 'the configuration of the original' => sub {
    fresh();
    $db->sql('ALTER TABLE item ADD created_at timestamptz, ADD created_by text, ADD updated_at timestamptz');
    my $config = input_file('table_configs.json', <<'JSON');
{
  "item": {
    "natural_key": ["id"],
    "immutable_fields": ["created_at", "created_by"],
    "update_strategy": "upsert",
    "conflict_resolution": "merge",
    "audit_changes": true,
    "soft_delete": false
  },
  "part": {
    "natural_key": ["id"],
    "immutable_fields": [],
    "update_strategy": "insert_only",
    "conflict_resolution": "skip",
    "audit_changes": false,
    "soft_delete": true
  },
  "elsewhere": {
    "natural_key": ["site", "number"],
    "immutable_fields": ["site"],
    "update_strategy": "update_only",
    "conflict_resolution": "replace",
    "audit_changes": false,
    "soft_delete": true
  }
}
JSON
    put('b1/item/1.json' => '{"data": {"id": 1, "v": "a", "created_by": "me"}}');
    batch_is('b1', ["--config=$config"], 0, qr/1 loaded/, 'it is loaded unchanged');
    is($db->value("SELECT concat_ws(' ', table_name, operation, record_id, new_values ->> 'v', batch_id) FROM _pg_sample_load.audit_log"),
        'public.item INSERT 1 a b1', 'and audited');
    put('b2/item/1.json' => '{"data": {"id": 1, "v": null, "created_by": "you"}}');
    batch_is('b2', ["--config=$config"], 0, qr/Batch load complete/, 'merged');
    is($db->value("SELECT v || ' ' || created_by FROM item"), 'a me', 'null keeps, and immutable fields stay');
    is($db->value('SELECT updated_at FROM item'), undef, 'without a change there is no time of one');
    put('b3/item/1.json' => '{"data": {"id": 1, "v": "c", "updated_at": "2000-01-01Z"}}');
    batch_is('b3', ["--config=$config"], 0, qr/0 loaded, 1 updated/, 'changed');
    is($db->value("SELECT v || ' ' || (updated_at > '2020-01-01') FROM item"), 'c true', 'at the time of the update');
};

# None of it is only read.
subtest 'settings of a table are followed' => sub {
    fresh();
    $db->sql("ALTER TABLE item ADD deleted_at date; INSERT INTO item VALUES (1, 'old'), (2, 'old')");
    put('b1/item/1.csv' => "id,v\n1,new\n3,new\n");
    my %becomes = (
        '"update_strategy": "insert_only"' => '1 old, 2 old, 3 new',
        '"update_strategy": "update_only"' => '1 new, 2 old',
        '"conflict_resolution": "skip"'    => '1 old, 2 old, 3 new',
        '"immutable_fields": ["v"]'        => '1 old, 2 old, 3 new',
        '"mode": "full"'                   => '1 new, 3 new',
        '"mode": "full", "soft_delete": true' => '1 new, 2 old deleted, 3 new',
        '"timestamp_column": "id"'         => '1 new, 2 old, 3 new',
        '"natural_key": ["v"]'             => '1 old, 2 old', # refused: two rows have it
    );
    my $rows = q{SELECT string_agg(concat_ws(' ', id, v, CASE WHEN deleted_at IS NOT NULL THEN 'deleted' END), ', ' ORDER BY id) FROM item};
    for my $settings (sort keys %becomes) {
        my $config = input_file('c.json', qq({"item": {$settings}}));
        $db->sql("TRUNCATE item, part; INSERT INTO item VALUES (1, 'old'), (2, 'old')");
        batch('b1', '--force', '--max-delete-pct=100', "--config=$config");
        is($db->value($rows), $becomes{$settings}, $settings);
    }
};

# NULL keeps values by default, also in CSV, which has each column.
subtest 'conflict resolution of batches' => sub {
    fresh();
    $db->sql("INSERT INTO item VALUES (1, 'old')");
    put(map { ("$_/item/1.csv" => "id,v\n1,\n2,$_\n") } 'none', 'merge', 'replace', 'skip');
    batch_is('none', [], 0, qr/1 loaded, 0 updated/, 'the default');
    is($db->value('SELECT v FROM item WHERE id = 1'), 'old', 'is merge');
    batch_is('merge', ['--conflict=merge'], 0, qr/0 loaded, 1 updated/, 'merge');
    is($db->value('SELECT v FROM item WHERE id = 1'), 'old', 'NULL keeps the value');
    batch_is('skip', ['--conflict=skip'], 0, qr/0 loaded, 0 updated/, 'skip');
    is($db->value('SELECT v FROM item WHERE id = 2'), 'merge', 'rows stay as they are');
    batch_is('replace', ['--conflict=replace'], 0, qr/0 loaded, 2 updated/, 'replace');
    is($db->value('SELECT v IS NULL FROM item WHERE id = 1'), 't', 'NULL is a value');
    my $config = input_file('c.json', '{"item": {"conflict_resolution": "overwrite"}}');
    batch_refused('none', ["--config=$config"], 1, qr/Unknown conflict resolution strategy: overwrite$/m, 'another one');
};

# ---- metrics

subtest 'metrics of a batch' => sub {
    fresh();
    $db->sql("INSERT INTO item SELECT i, 'old' FROM generate_series(1, 7) i");
    # 1 and 2 change, 3 to 5 do not, 11 to 14 are new, 15 is bad
    put('b1/item/1.csv' => csv([ 'id', 'v' ], map { [ $_, 'new' ] } 1, 2, 11 .. 14),
        'b1/item/2.csv' => csv([ 'id', 'v' ], [ 15, 'bad' ], map { [ $_, 'old' ] } 3 .. 5), 'b1/part/1.csv' => "id,item,v\n10,1,x\n");
    my $result = batch_is('b1', ['--max-errors=1'], 5, qr/Batch load complete: 5 loaded, 2 updated, 1 error in \d/, 'it is loaded');
    my $metrics = $result->metrics;
    is($metrics->{batch_id}, 'b1', 'batch_id is that of the batch');
    like($metrics->{run_id}, qr/\A[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\z/, 'run_id is that of the run');
    my @names = qw(total_records records_loaded records_updated records_skipped errors);
    is("@$metrics{@names}", '11 5 2 3 1', 'result of the batch');
    like($metrics->{duration_seconds}, qr/\A[0-9.]+\z/, 'its duration');
    is(join(' ', sort keys %{ $metrics->{tables} }), 'public.item public.part', 'its tables');
    my $table = $metrics->{tables}{'public.item'};
    is("@$table{'table_name', @names, 'fragments'}", 'public.item 10 4 2 3 1 2', 'result of a table');
    $table = $metrics->{tables}{'public.part'};
    is("@$table{'table_name', @names, 'fragments'}", 'public.part 1 1 0 0 0 1', 'and of the other');
    is_deeply(JSON::PP->new->decode($db->value("SELECT metrics FROM _pg_sample_load.batch WHERE table_name = 'public.item'")), {
        total_records => 10, records_loaded => 4, records_updated => 2, records_skipped => 3, errors => 1,
        rows_deleted => 0, rows_soft_deleted => 0 }, 'the table batch has it, too');
    is(logged(), 'b1 load item 6 partial, b1 load part 1 success', 'the log has the rows that were changed');
};

# ---- the schema

# As pg_dump sees it, but for the key of \restrict.
sub definition_of_schema
{
    my $result = PgSample::Test::Process->run(
        command => [ PgSample::Test::Server::program('pg_dump'), '-s', '-n', '_pg_sample_load', '-d', $db->conninfo ],
        env     => { $server->environment }
    );
    is($result->status, 0, 'pg_dump') or diag $result->describe;
    return $result->stdout =~ s/^\\(?:un)?restrict .*//mgr;
}

subtest '--init and --print-ddl' => sub {
    fresh();
    my $ddl = load($db, '--print-ddl');
    is($ddl->status, 0, 'the SQL is printed');
    is($db->value("SELECT to_regnamespace('_pg_sample_load') IS NULL"), 't', 'and nothing is changed');
    my $init = load($db, '--init');
    is($init->status, 0, '--init creates it');
    my $of_init = definition_of_schema();
    like($of_init, qr/CREATE TABLE _pg_sample_load[.]$_ /, "$_, too") for qw(audit_log batch batch_load_log reject run undo);
    like($of_init, qr/COMMENT ON SCHEMA _pg_sample_load IS 'pg-sample-load schema/, 'and its mark');
    is(load($db, '--init')->status, 0, 'again');
    $db->sql('DROP SCHEMA _pg_sample_load CASCADE');
    $db->psql($ddl->stdout);
    is(definition_of_schema(), $of_init, 'the SQL does the same');
    $db->psql($ddl->stdout);
    is(definition_of_schema(), $of_init, 'also where it is there');
    my $role = $server->create_role('O\'x "y"');
    $db->sql('DROP SCHEMA _pg_sample_load CASCADE');
    my $its = load($db->as($role), '--print-ddl');
    is($its->status, 0, 'a role that could not create it') or diag $its->describe;
    $db->psql($its->stdout);
    (my $of_role = $of_init) =~ s/ OWNER TO postgres;| AUTHORIZATION postgres;//g;
    (my $of_ddl = definition_of_schema()) =~ s/ OWNER TO "O'x ""y""";| AUTHORIZATION "O'x ""y""";//g;
    s/Owner: \S.*//g for $of_role, $of_ddl;
    is($of_ddl, $of_role, 'and for another role');
    $db->sql('DROP SCHEMA _pg_sample_load CASCADE');
    is(load($db, '--init')->status, 0, 'once more');
    put('b1/item/1.csv' => ITEMS);
    batch_is('b1', [], 0, qr/2 loaded/, 'and what it has made is used');
    my $both = load($db, '--init', '--print-ddl', '--schema-name=o"dd');
    is($both->status, 0, 'both print');
    like($both->stdout, qr/CREATE TABLE IF NOT EXISTS "o""dd"[.]batch /, 'with the name of --schema-name');
};

subtest 'a schema of an earlier version' => sub {
    fresh();
    $db->sql(<<'SQL');
CREATE SCHEMA _pg_sample_load;
CREATE TABLE _pg_sample_load.run (run_id uuid PRIMARY KEY, started_at timestamptz,
    committed_at timestamptz, application text, tables text[], mode text, rows_written int8);
CREATE TABLE _pg_sample_load.reject (run_id uuid, table_name text, source text, record int8,
    column_name text, sqlstate text, message text, raw text,
    rejected_at timestamptz DEFAULT clock_timestamp());
SQL
    put('b1/item/1.csv' => ITEMS);
    batch_is('b1', [], 0, qr/2 loaded/, 'gets the new tables');
    is(states(), 'b1 public.item committed 2', 'which are used');
    is($db->value("SELECT to_regclass('_pg_sample_load.undo') || ' ' || to_regclass('_pg_sample_load.audit_log')"),
        '_pg_sample_load.undo _pg_sample_load.audit_log', 'also those of later versions');
};

subtest 'the privileges that a role needs' => sub {
    fresh();
    my $role = $server->create_role('loader');
    $db->sql("REVOKE CREATE ON SCHEMA public FROM PUBLIC; REVOKE TEMPORARY ON DATABASE " . $db->name . ' FROM PUBLIC');
    my $its = $db->as($role);
    put('b1/item/1.csv' => ITEMS, 'b2/item/1.csv' => "id,v\n1,z\n3,y\n");
    $db->sql("GRANT SELECT, INSERT, UPDATE ON item TO $role");
    my $result = load($its, '--batch-id=b1', '--source=' . root());
    is($result->status, 3, 'no schema: the batch is refused');
    like($result->stderr, qr/a batch needs staging tables: permission denied for database/, 'with the obstacle');
    like($result->stderr, qr/CREATE SCHEMA _pg_sample_load AUTHORIZATION/, 'and the way out');
    my $ddl = load($its, '--print-ddl');
    is($ddl->status, 0, 'the role can print the SQL');
    $db->psql($ddl->stdout);
    is($db->value("SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname = '_pg_sample_load'"), $role,
        'an administrator runs it');
    $result = load($its, '--batch-id=b1', '--source=' . root());
    is($result->status, 0, 'then SELECT, INSERT and UPDATE on the table are enough') or diag $result->describe;
    $db->sql(QUEUE . "GRANT SELECT, UPDATE ON validation_queue TO $role; INSERT INTO validation_queue VALUES ('b2', 'item')");
    $result = load($its, '--batch-id=b2', '--source=' . root());
    is($result->status, 0, 'and SELECT and UPDATE on the queue') or diag $result->describe;
    is(queue(), 'b2 item loaded now', 'which is written');
    $db->sql("REVOKE UPDATE ON validation_queue FROM $role");
    put('b3/item/1.csv' => "id,v\n1,q\n");
    $result = load($its, '--batch-id=b3', '--source=' . root());
    is($result->status, 3, 'not less');
    like($result->stderr, qr/validation_queue cannot be used: role "$role" has no privilege UPDATE on it/, 'which is said');
    $db->sql('DROP TABLE validation_queue');
    $db->sql('CREATE TABLE batch_load_log (log_id serial, batch_id text, operation text, table_name text, records_affected int,'
            . " status text, error_message text, loaded_at timestamptz); GRANT INSERT ON batch_load_log TO $role");
    $result = load($its, '--batch-id=b3', '--source=' . root());
    is($result->status, 3, 'a log with a column of type serial needs more');
    like($result->stderr, qr/role "$role" has no privilege USAGE on its sequence public[.]batch_load_log_log_id_seq/, 'which is said');
    $db->sql("GRANT USAGE ON SEQUENCE batch_load_log_log_id_seq TO $role");
    is(load($its, '--batch-id=b3', '--source=' . root())->status, 0, 'and is enough');
    $db->sql('DROP TABLE batch_load_log');
    put('b4/item/1.csv' => "id,v\n1,r\n");
    for my $privilege ('SELECT', 'INSERT', 'UPDATE') {
        $db->sql("REVOKE $privilege ON item FROM $role");
        $result = load($its, '--batch-id=b4', '--source=' . root());
        like($result->stderr, qr/permission denied for table public[.]item: no $privilege privilege/, "without $privilege");
        $db->sql("GRANT $privilege ON item TO $role");
    }
    $db->sql('REVOKE USAGE ON SCHEMA public FROM PUBLIC');
    $result = load($its, '--batch-id=b4', '--source=' . root());
    like($result->stderr, qr/table "item" does not exist.*hint: Perhaps you mean public.item, but the role "$role" has no privilege USAGE on schema "public"/s,
        'without USAGE on the schema');
    $db->sql('GRANT USAGE ON SCHEMA public TO PUBLIC');
    put('b3/item/1.csv' => "id,v\n1,s\n");
    $db->sql("DELETE FROM _pg_sample_load.batch WHERE batch_id = 'b3'");
    my $other = $server->create_role('approver');
    $db->sql("GRANT $role TO $other");
    $result = load($db->as($other), '--batch-id=b3', '--approve', '--source=' . root(), { env => { PGOPTIONS => "-c role=$role" } });
    is($result->status, 0, 'a member of the role approves') or diag $result->describe;
    is($db->value("SELECT approved_by FROM _pg_sample_load.batch WHERE batch_id = 'b3'"), $other, 'under its own name');
    $result = load($its, '--batch-id=b3', '--require-approval', '--source=' . root());
    is($result->status, 0, 'what the role loads') or diag $result->describe;
};

subtest '--status and --gc' => sub {
    fresh();
    put('b1/item/1.csv' => ITEMS, 'b2/item/1.csv' => "id,v\n1,bad\n", 'b3/item/1.csv' => "id,v\n1,z\n");
    batch_is('b1', [], 0, qr/2 loaded/, 'one batch is loaded');
    batch_refused('b2', [], 3, qr/nothing was loaded/, 'one fails');
    batch_refused('b3', ['--approve'], 0, qr/Approved/, 'one is approved');
    my $status = load($db, '--status');
    is($status->status, 0, '--status');
    like($status->stdout, qr/^batch +table +state +fragments +records +changed +approved by$/m, 'has batches');
    like($status->stdout, qr/^b1 +public[.]item +committed +1 +2 +20\S+ \S+ *$/m, 'that are loaded');
    like($status->stdout, qr/^b2 +public[.]item +failed +1 +20/m, 'failed');
    like($status->stdout, qr/^b3 +public[.]item +approved +1 +20\S+ \S+ +postgres$/m, 'and approved');
    my $one = load($db, '--status', '--batch-id=b3');
    unlike($one->stdout, qr/^b[12]/m, 'or one of them');
    like($one->stdout, qr/^b3/m, 'namely that');
    like(load($db, '--status', '--batch-id=b9')->stdout, qr/nothing is known of batch b9/, 'or none');
    is(load($db, '--gc')->status, 0, '--gc');
    is(states(), 'b1 public.item committed 2, b2 public.item failed -, b3 public.item approved -', 'keeps them');
    is(load($db, '--gc', '--older-than=1h')->status, 0, '--older-than');
    is(states(), 'b1 public.item committed 2, b2 public.item failed -, b3 public.item approved -', 'keeps new ones');
    $db->sql("UPDATE _pg_sample_load.batch SET started_at = now() - interval '1 day', committed_at = now() - interval '1 day',"
            . " approved_at = approved_at - interval '1 day'");
    my $gc = load($db, '--gc', '--older-than=1h');
    is($gc->status, 0, 'and later');
    like($gc->stdout, qr/^forgot batch b2 [(]table public[.]item, failed[)]$/m, 'forgets what failed');
    like($gc->stdout, qr/^forgot batch b3 [(]table public[.]item, approved[)]$/m, 'and what was approved');
    is(states(), 'b1 public.item committed 2', 'but never what is loaded');
    batch_is('b1', [], 0, qr/already loaded/, 'which stays so');
};

done_testing;
