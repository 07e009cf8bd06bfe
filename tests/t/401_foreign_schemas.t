# Schemas with names of ours that another role made, or put code into: nothing in them is read,
# written or dropped. The other role may do no more than create things in the database.

use strict;
use warnings;
no warnings qw(redundant);

use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Faults;
use PgSample::Test::Load;
use PgSample::Test::Server;

my $server = PgSample::Test::Server->start;
my $MARK   = 'pg-sample staging schema: see the tables manifest and manifest_run';
$server->create_role('mallory');
$server->create_role('alice');

# A table to sample and to load, and a function that takes what it can get.
sub new_database
{
    our $template ||= new_template();
    my $db = $server->create_database(template => $template);
    $db->sql('ALTER ROLE mallory NOSUPERUSER; GRANT CREATE ON DATABASE ' . $db->name
        . ' TO mallory, alice');
    return $db;
}

sub new_template
{
    my $db = $server->create_database;
    my $name = $db->name;
    $db->sql(<<"SQL");
CREATE TABLE t (id int PRIMARY KEY, v text);
INSERT INTO t SELECT i, 'v' || i FROM generate_series(1, 5) i;
GRANT ALL ON t TO alice;
GRANT CREATE ON DATABASE $name TO mallory;
SQL
    $db->as('mallory')->sql(<<'SQL');
CREATE SCHEMA trap;
CREATE TABLE trap.prey (who text);
GRANT USAGE ON SCHEMA trap TO PUBLIC;
GRANT SELECT, INSERT ON trap.prey TO PUBLIC;
CREATE FUNCTION trap.spring() RETURNS bool LANGUAGE plpgsql AS $$
BEGIN
    IF current_user <> 'mallory' THEN
        BEGIN INSERT INTO trap.prey VALUES (current_user); EXCEPTION WHEN OTHERS THEN NULL; END;
        BEGIN ALTER ROLE mallory SUPERUSER; EXCEPTION WHEN OTHERS THEN NULL; END;
    END IF;
    RETURN true;
END $$;
CREATE FUNCTION trap.of_index(uuid) RETURNS bool LANGUAGE plpgsql IMMUTABLE AS
    'BEGIN RETURN trap.spring(); END';
CREATE FUNCTION trap.on_row() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN PERFORM trap.spring(); RETURN NEW; END';
CREATE DOMAIN trap.text AS text CHECK (trap.spring());
SQL
    return $db;
}

sub nothing_ran
{
    my ($db, $name) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $prey = join ' ', @{ $db->column('SELECT DISTINCT who FROM trap.prey') };
    my $power = $db->value("SELECT rolsuper FROM pg_roles WHERE rolname = 'mallory'");
    is("$prey$power", 'f', "$name: no code of the other role ran");
    return;
}

# ---- pg-sample

my $RUN_VIEW = <<'SQL';
CREATE VIEW _pg_sample.manifest_run AS
    SELECT 'x' AS database, '15' AS server_version, now() AS snapshot_time, true AS is_kept,
           'kept' AS state, now() AS started
     WHERE trap.spring();
GRANT SELECT ON _pg_sample.manifest_run TO PUBLIC;
SQL

my $RUN_POLICY = <<'SQL';
CREATE TABLE _pg_sample.manifest_run (database text, server_version text,
    snapshot_time timestamptz, is_kept bool, state text, started timestamptz);
INSERT INTO _pg_sample.manifest_run VALUES ('x', '15', now(), true, 'kept', now());
ALTER TABLE _pg_sample.manifest_run ENABLE ROW LEVEL SECURITY;
CREATE POLICY p ON _pg_sample.manifest_run USING (trap.spring());
GRANT SELECT ON _pg_sample.manifest_run TO PUBLIC;
SQL

for my $victim ('postgres', 'alice') {
    for my $case ([ 'a view', $RUN_VIEW ], [ 'a policy', $RUN_POLICY ]) {
        my ($what, $sql) = @$case;
        subtest "pg-sample of $victim meets $what" => sub {
            my $db = new_database();
            $db->as('mallory')->sql("CREATE SCHEMA _pg_sample; $sql
                GRANT USAGE ON SCHEMA _pg_sample TO PUBLIC;
                COMMENT ON SCHEMA _pg_sample IS '$MARK'");
            my $its = $db->as($victim);
            my $direct = $its->sample('--no-staging')->stdout;

            my $list = $its->sample('--cleanup');
            is($list->status, 0, '--cleanup') or diag $list->describe;
            like($list->stdout, qr/^_pg_sample +of another role .* mallory$/m, 'lists it');
            nothing_ran($db, '--cleanup');
            my $drop = $its->sample('--cleanup=drop');
            ends_with($drop, 3, qr/"_pg_sample" belongs to role "mallory", and is not dropped/,
                '--cleanup=drop leaves it alone');
            nothing_ran($db, '--cleanup=drop');
            for my $option ('--resume', '--use-staging', '--force', '--keep') {
                my $result = $its->sample($option);
                ends_with($result, 3, qr/error: schema "_pg_sample" belongs to role "mallory"/,
                    $option);
                like($result->stderr, qr/hint: .*--sample-schema/, "$option names the way out");
                nothing_ran($db, $option);
            }
            my $auto = $its->sample('--staging-tables=0');
            is($auto->status, 0, 'a run that would stage by itself') or diag $auto->describe;
            like($auto->stderr,
                qr/warning: .*belongs to role "mallory"\npg-sample: detail: What is in it/, 'warns');
            ok($auto->stdout eq $direct, 'and takes direct mode');
            is($its->sample('--use-staging', '--sample-schema=own')->status,
                0, '--sample-schema is a way out');
            nothing_ran($db, 'none of them');
            is($db->value("SELECT nspowner::regrole FROM pg_namespace WHERE nspname = '_pg_sample'"),
                'mallory', 'the schema is still there');
        };
    }
}

subtest 'our mark on a schema of another role with what is to be sampled' => sub {
    my $db = new_database();
    $db->as('mallory')->sql(<<"SQL");
CREATE SCHEMA shop;
CREATE TABLE shop.orders (id int PRIMARY KEY);
CREATE SCHEMA "Other";
COMMENT ON SCHEMA shop IS '$MARK';
COMMENT ON SCHEMA "Other" IS '$MARK';
SQL
    my $notice = qr/notice: schema shop of role mallory is left out: by its comment/;
    for my $options ([], ['--data-only'], ['--use-staging']) {
        my $result = $db->sample(@$options);
        is($result->status, 0, "@$options: a sample") or diag $result->describe;
        unlike($result->stdout, qr/shop/, 'without the schema');
        like($result->stderr, $notice, 'which a notice names');
        like($result->stderr, qr/notice: schema Other of role mallory/, 'as well as one without tables');
        unlike($result->stderr, qr/schema _pg_sample/, 'but not our own');
    }
    unlike($db->sample('-N', 'shop')->stderr, $notice, 'no notice of what is not asked for');
    $db->sql('CREATE TABLE item (id int PRIMARY KEY, o int REFERENCES shop.orders)');
    like($db->sample->stderr, qr/warning: schema shop of role mallory is left out, and foreign keys that refer/,
        'a warning where the dump does not restore without it');
};

# What our own role made, with something of another role in it, or code.
my @TAINTS = (
    [ 'a trigger',   'CREATE TRIGGER g BEFORE INSERT ON %s EXECUTE FUNCTION trap.on_row()', qr/it has triggers/ ],
    [ 'a rule',      'CREATE RULE r AS ON INSERT TO %s DO ALSO SELECT trap.spring()',       qr/it has rules/ ],
    [ 'a policy',    'CREATE POLICY p ON %s USING (trap.spring())',           qr/it is under row security/ ],
    [ 'a default',   'ALTER TABLE %s ADD COLUMN more bool DEFAULT trap.spring()', qr/it has a default/ ],
    [ 'a built-in default', q{ALTER TABLE %s ADD COLUMN more xml DEFAULT query_to_xml('SELECT 1', true, true, '')},
        qr/it has a default/ ],
    [ 'a CHECK',     'ALTER TABLE %s ADD CHECK (trap.spring())',              qr/it has a CHECK/ ],
    [ 'an index',    'CREATE INDEX ON %s (trap.of_index(run_id))',            qr/it has an index/, 'run_id' ],
    [ 'a domain',    'ALTER TABLE %s ADD COLUMN typed trap.text',              qr/it has a column of a type/ ],
    [ 'a child',     'CREATE TABLE trap.child () INHERITS (%s)',              qr/it has a parent or children/ ],
    [ 'a privilege', 'GRANT TRIGGER ON %s TO mallory',                        qr/other roles have privileges/ ],
    [ 'a privilege on a column', 'GRANT UPDATE (%2$s) ON %1$s TO mallory',    qr/other roles have privileges/ ],
    [ 'a table of another role', 'ALTER TABLE %s OWNER TO mallory',           qr/it belongs to role "mallory"/ ],
);

subtest 'a kept schema into which code was put' => sub {
    for my $taint (@TAINTS) {
        my ($what, $sql, $message, $needs) = @$taint;
        next if $needs;
        my $db = new_database();
        is($db->sample('--keep')->status, 0, 'a sample is kept');
        $db->sql(sprintf $sql, '_pg_sample.manifest_run', 'state');
        $db->sql('TRUNCATE trap.prey; ALTER ROLE mallory NOSUPERUSER');
        ends_with($db->sample('--resume'), 3, qr/"manifest_run" in schema "_pg_sample".*$message/,
            "--resume: $what");
        like($db->sample('--cleanup')->stdout, qr/^_pg_sample +kept, unreadable/m, '--cleanup');
        nothing_ran($db, $what);
    }
    my $db = new_database();
    is($db->sample('--keep')->status, 0, 'a sample is kept');
    $db->sql('CREATE RULE r AS ON INSERT TO _pg_sample.t DO ALSO SELECT trap.spring()');
    ends_with($db->sample('--resume'), 3, qr/"t" in schema "_pg_sample".*it has rules/,
        'tables of rows, too');
    is($db->sample('--force')->status, 0, '--force drops what is our own');
};

subtest 'a schema of our own with something of another role in it' => sub {
    for my $sql (
        'CREATE TABLE _pg_sample.more ()',
        'CREATE FUNCTION _pg_sample.f() RETURNS int LANGUAGE sql RETURN 1',
        'CREATE DOMAIN _pg_sample.d AS int')
    {
        next if $sql =~ /FUNCTION/ && $server->database('postgres')->value('SHOW server_version_num') < 140_000;
        my $db = new_database();
        $db->sql("CREATE SCHEMA _pg_sample; COMMENT ON SCHEMA _pg_sample IS '$MARK';
            GRANT USAGE, CREATE ON SCHEMA _pg_sample TO mallory");
        $db->as('mallory')->sql($sql);
        for my $option ('--cleanup=drop', '--force') {
            ends_with($db->sample($option), 3, qr/"_pg_sample" has objects of other roles/,
                "$option: $sql");
        }
        is($db->value("SELECT count(*) FROM pg_namespace WHERE nspname = '_pg_sample'"), 1,
            'it stays');
    }
};

my $OPEN = <<'SQL';
ALTER DEFAULT PRIVILEGES GRANT USAGE ON SCHEMAS TO mallory;
ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO mallory;
SQL

subtest 'default privileges that open what we make' => sub {
    my $db = new_database();
    $db->sql($OPEN);
    ends_with($db->sample('--use-staging'), 3,
        qr/other roles can change new tables in schema "_pg_sample"/, '--use-staging');
    is($db->value("SELECT count(*) FROM pg_namespace WHERE nspname = '_pg_sample'"), 0,
        'nothing is left');
    my $auto = $db->sample('--staging-tables=0');
    is($auto->status, 0, 'direct mode writes nothing') or diag $auto->describe;
    my $result = load($db, '--staging=auto', 't=' . input_file('t.csv', "id,v\n6,a\n"));
    is($result->status, 0, 'a load falls back') or diag $result->describe;
    like($result->stderr, qr/other roles can change new tables in schema "_pg_sample_load"/,
        'and says why');
    is($db->value(q{SELECT to_regclass('_pg_sample_load.reject') IS NULL OR
            NOT EXISTS (SELECT FROM _pg_sample_load.run)}), 't', 'nothing is written there');
};

# ---- pg-sample-load

my $TABLES = <<'SQL';
CREATE SCHEMA _pg_sample_load;
CREATE TABLE _pg_sample_load.run (run_id uuid PRIMARY KEY, started_at timestamptz,
    committed_at timestamptz, application text, tables text[], mode text, rows_written int8);
CREATE TABLE _pg_sample_load.reject (run_id uuid, table_name text, source text, record int8,
    column_name text, sqlstate text, message text, raw text,
    rejected_at timestamptz DEFAULT clock_timestamp());
SQL
my $GRANTS = <<'SQL';
GRANT ALL ON SCHEMA _pg_sample_load TO PUBLIC;
GRANT ALL ON ALL TABLES IN SCHEMA _pg_sample_load TO PUBLIC;
SQL

# A load that works, and two that reject rows, write nothing into the schema of the other.
sub load_avoids
{
    my ($its, $db, $message, $name) = @_;
    my $good = 't=' . input_file('good.csv', "id,v\n11,a\n12,b\n");
    my $bad  = 't=' . input_file('bad.csv', "id,v\nx,a\n13,b\n");
    for my $case ([ 0, $good ], [ 5, $bad ]) {
        my ($status, $file) = @$case;
        my $result = load($its, '--max-errors=5', $file);
        is($result->status, $status, "$name: the rows are loaded") or diag $result->describe;
        like($result->stderr, $message, 'with a warning');
        like($result->stderr, qr/hint: .*--schema-name/, 'that names the way out');
    }
    my $own = load($its, '--schema-name=own', '--staging=always', $good);
    is($own->status, 0, '--schema-name is a way out') or diag $own->describe;
    nothing_ran($db, $name);
    $db->sql('DELETE FROM t WHERE id > 10; DROP SCHEMA own CASCADE');
    return;
}

for my $victim ('postgres', 'alice') {
    subtest "pg-sample-load of $victim meets a schema of another role" => sub {
        my @its = map { sprintf $_->[1], '_pg_sample_load.run' }
            grep { $_->[0] !~ /another role|privilege|built-in/ } @TAINTS;
        my $more = join '; ', @its, 'ALTER TABLE _pg_sample_load.run ENABLE ROW LEVEL SECURITY';
        for my $taints ('', "$more;") {
            my $db = new_database();
            $db->as('mallory')->sql("$TABLES $taints $GRANTS");
            load_avoids($db->as($victim), $db, qr/"_pg_sample_load" belongs to role "mallory"/,
                $taints ? 'full of code' : 'of plain tables');
        }
    };
}

subtest 'tables of our own into which code was put' => sub {
    for my $taint (@TAINTS) {
        my ($what, $sql, $message) = @$taint;
        my $db = new_database();
        $db->sql($TABLES . sprintf $sql, '_pg_sample_load.run', 'mode');
        $db->sql('TRUNCATE trap.prey; ALTER ROLE mallory NOSUPERUSER');
        my $result = load($db, 't=' . input_file('t.csv', "id,v\n11,a\n"));
        is($result->status, 0, "$what: the rows are loaded") or diag $result->describe;
        like($result->stderr, qr/"run" in schema "_pg_sample_load" cannot be trusted: $message/,
            'with a warning');
        nothing_ran($db, $what);
    }
};

subtest 'a role that several share' => sub {
    my $db = new_database();
    $db->sql('CREATE ROLE team NOLOGIN; GRANT team TO alice; GRANT ALL ON t TO team;
        GRANT CREATE ON DATABASE ' . $db->name . ' TO team; GRANT SELECT ON trap.prey TO team');
    my $env = { PGOPTIONS => '-c role=team' };
    my $rows = 't=' . input_file('t.csv', "id,v\n11,a\n");
    my $result = load($db->as('alice'), '--staging=always', $rows, { env => $env });
    is($result->status, 0, 'owns the schema') or diag $result->describe;
    is($db->value(q{SELECT nspowner::regrole FROM pg_namespace WHERE nspname = '_pg_sample_load'}),
        'team', 'by its name');
    $result = load($db->as('alice'), $rows);
    like($result->stderr, qr/belongs to role "team"/, 'its members by themselves do not');
    $result = $db->as('alice')->sample('--use-staging', { env => $env });
    is($result->status, 0, 'the same for samples') or diag $result->describe;
};

subtest '--status, --gc and --commit-staged' => sub {
    my $db = new_database();
    my $table = '_pg_sample_load.t_staging_0123abcd_20200101_000000';
    my $comment = q({"tool": "pg-sample-load", "state": "kept", "run": "r", "target": "public.t",)
        . q( "what": "staging", "lock": 1, "rows": 0, "columns": ["id", "v"], "started": "2020-01-01"});
    my $staged = "CREATE TABLE $table (id int, v text); COMMENT ON TABLE $table IS '$comment';";
    $db->as('mallory')->sql("$TABLES $staged $GRANTS");
    for my $arguments ([ '--status' ], [ '--gc', '--older-than=1d' ],
        [ '--commit-staged=t_staging_0123abcd_20200101_000000' ])
    {
        my $result = load($db, @$arguments, { keep => 1 });
        ends_with($result, 3, qr/schema "_pg_sample_load" belongs to role "mallory"/, $arguments->[0]);
    }
    is($db->value("SELECT count(*) FROM $table"), 0, 'the table is there');
    nothing_ran($db, 'none of them');

    $db->sql('DROP SCHEMA _pg_sample_load CASCADE');
    $db->sql("$TABLES $GRANTS");
    $db->as('mallory')->sql($staged);
    my $status = load($db, '--status', { keep => 1 });
    unlike($status->stdout, qr/t_staging/, "another role's table in our schema is none of ours");
    load($db, '--gc', '--older-than=1d', { keep => 1 });
    is($db->value("SELECT count(*) FROM $table"), 0, 'and --gc leaves it');
};

done_testing;
