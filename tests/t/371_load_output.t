# What a load says: the log lines of the systems that it replaces, metrics with all their
# names, alerts, exit statuses, and the file of table settings.

use strict;
use warnings;

use FindBin;
use JSON::PP ();
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Load;
use PgSample::Test::Server;

my $server = PgSample::Test::Server->start;
my $db     = $server->create_database;

sub file
{
    my ($name, @rows) = @_;
    return input_file("$name.csv", csv(@rows));
}

sub fill
{
    my ($definition, $rows) = @_;
    $db->sql("DROP TABLE IF EXISTS entity CASCADE; CREATE TABLE entity ($definition);" . ($rows || ''));
    return;
}

my $ENTITY = 'id int PRIMARY KEY, dataset text, v text';
my $SIX = "INSERT INTO entity SELECT i, CASE WHEN i < 4 THEN 'a' ELSE 'b' END, 'v' || i"
    . ' FROM generate_series(1, 6) i';
my $T = qr/(?:public\.)?entity/;

# The lines are there, in this order, each with the prefix.
sub says
{
    my ($result, $lines, $name) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my @text = map { s/\Apg-sample-load: (?:info: )?//r } split /\n/, $result->stderr;
    my @missing;
    for my $line (@$lines) {
        my ($at) = grep { $text[$_] =~ /\A\s*(?:$T: )?$line/ } 0 .. $#text;
        push @missing, $line if !defined $at;
        splice @text, 0, $at + 1 if defined $at;
    }
    ok(!@missing, $name) or diag join "\n", 'missing, or out of order:', @missing, $result->stderr;
    my @other = grep { !/\Apg-sample-load: / } split /\n/, $result->stderr;
    is(join("\n", @other), '', "$name: every line has the prefix");
    return;
}

my @UTF8 = (env => { LC_ALL => 'C.UTF-8' });

# ---- log lines

subtest 'log lines of a slice' => sub {
    for my $apply ('diff', 'delete-insert') {
        fill($ENTITY, $SIX);
        my @rows = map { [ $_, 'a', "new$_" ] } 1 .. 2, 8;
        my $result = load($db, '--slice=dataset=a', '--max-delete-pct=50', '--staging=always', "--apply=$apply",
            file('entity', [ 'id', 'dataset', 'v' ], @rows), {@UTF8});
        is($result->status, 0, "$apply: loaded") or diag $result->describe;
        my ($deleted, $inserted) = $apply eq 'diff' ? (1, 1) : (3, 3);
        says($result, [
                qr/Using STAGING TABLE pattern for $T table/,
                qr/This minimizes lock contention on production table/,
                qr/Step 1\/3 - Creating staging table/,
                qr/Created staging table: \S*entity_staging_[0-9a-f]{8}_\d{8}_\d{6}/,
                qr/Step 2\/3 - Writing [\d,]* ?rows to staging table/,
                qr/Writing to staging table, skipping create_table/,
                qr/Successfully wrote data to \S*entity_staging_[0-9a-f]{8}_\d{8}_\d{6}/,
                qr/Step 3\/3 - Committing staging data to production $T table/,
                qr/Deleted $deleted old rows? in \d+\.\d\ds/,
                qr/Inserted $inserted new rows? in \d+\.\d\ds/,
                qr/\xe2\x9c\x93 Transaction committed successfully/,
                qr/\xe2\x9c\x93 STAGING COMMIT SUCCESSFUL/,
                qr/Lock time on $T table: ~\d+\.\d\ds/
            ], "$apply: the lines");
    }
};

subtest 'log lines of a full load' => sub {
    fill($ENTITY, $SIX);
    my $file = file('entity', [ 'id', 'dataset', 'v' ], map { [ $_, 'a', "new$_" ] } 1 .. 6);
    my $result = load($db, '--mode=full', '--staging=always', $file, {@UTF8});
    says($result, [
            qr/- Creating staging table\.\.\./, qr/- Loading data to staging\.\.\./,
            qr/- Beginning atomic swap\.\.\./, qr/- \xe2\x9c\x93 Swap complete/,
            qr/\xe2\x9c\x93 Transaction committed \(atomic swap complete\)/, qr/\xe2\x9c\x85 Sync completed!/
        ], 'success');
    $db->sql("CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE \$\$not wanted\$\$; END';"
            . ' CREATE TRIGGER no AFTER INSERT OR UPDATE ON entity FOR EACH STATEMENT EXECUTE FUNCTION no()');
    $result = load($db, '--mode=full', '--staging=always', file('entity', [ 'id', 'dataset', 'v' ],
            map { [ $_, 'a', "again$_" ] } 1 .. 6), {@UTF8});
    is($result->status, 6, 'a trigger stops the commit') or diag $result->describe;
    says($result, [
            qr/- Beginning atomic swap\.\.\./, qr/\xe2\x9c\x97 Atomic swap failed, rolling back/,
            qr/\xe2\x9c\x93 Production data restored \(unchanged\)/,
            qr/\xe2\x9d\x8c Sync failed, but production data is safe!/
        ], 'failure');
    unlike($result->stderr, qr/Sync completed|Swap complete/, 'and no success');
    $result = refuses($db, [ '--mode=full', '--staging=always', '--expect=9', $file, {@UTF8} ], 3,
        qr/Data validation failed! public[.]entity: 9 rows were expected, 6 read$/m, 'another number of rows than expected');
    like($result->stderr, qr/\xe2\x9d\x8c Sync failed, but production data is safe!/, 'and no swap');
    $db->sql('DROP FUNCTION no() CASCADE');
};

subtest 'log lines of an upsert' => sub {
    fill("id int PRIMARY KEY, v text, captured_at timestamptz", "INSERT INTO entity SELECT i, 'old',"
            . " CASE WHEN i <= 50 THEN '2025-01-01' ELSE '2025-03-01' END::timestamptz FROM generate_series(1, 60) i");
    my $file = file('entity', [ 'id', 'v', 'captured_at' ], map { [ $_, 'new', '2025-02-01 00:00:00' ] } 1 .. 100);
    my $result = load($db, '--staging=always', $file, {@UTF8});
    is($result->summary, 'inserted 40, updated 50, skipped 10', 'counts');
    says($result, [
            qr/Upserting [\d,]+ rows to $T/, qr/Writing to temporary table \S*entity_(?:temp|staging)_\S+/,
            qr/Executing defensive MERGE/, qr/\xe2\x9c\x93 Upsert complete: 40 inserted, 50 updated, 10 skipped/
        ], 'the lines');
    like($result->stderr, qr/Cleaning up temporary table/, 'and the clean-up');
    $result = load($db, '-q', $file);
    is($result->stderr, '', '-q says nothing');
    fill($ENTITY, $SIX);
    $result = load($db, '--staging=always', file('entity', [ 'id', 'v' ], map { [ $_, 'x' ] } 1 .. 1500));
    like($result->stderr, qr/1,500 rows/, 'numbers have commas');
};

subtest '--log-format=json' => sub {
    my $result = load($db, '--log-format=json', file('entity', [ 'id', 'v' ], [ 1, 'json "line"' ]));
    is($result->status, 0, 'loaded') or diag $result->describe;
    my @bad = grep { !eval { JSON::PP->new->utf8->decode($_) } } split /\n/, $result->stderr;
    is(join("\n", @bad), '', 'every line is a JSON object');
    $result = load($db, '--log-format=json', file('entity', [ 'id', 'v' ], [ 'bad', "x" ]));
    @bad = grep { !eval { JSON::PP->new->utf8->decode($_) } } split /\n/, $result->stderr;
    is(join("\n", @bad), '', 'errors as well');
};

# ---- metrics

my @TABLE_NUMBERS = qw(
    fragments bytes total_records total_source_rows inserted_rows updated_rows unchanged_rows
    skipped_rows skipped_older skipped_conflict skipped_not_found deleted_rows soft_deleted_rows
    immutable_conflicts duplicate_rows moved_rows kept_moved
    error_rows total_written records_loaded records_updated records_skipped errors
    rows_deleted rows_inserted delete_duration insert_duration update_duration total_duration
);

sub is_number { return defined $_[0] && !ref $_[0] && $_[0] =~ /\A\d+(?:\.\d+)?(?:e-?\d+)?\z/i }

subtest 'metrics: names and types' => sub {
    fill('id int PRIMARY KEY, v text CHECK (length(v) < 6)', "INSERT INTO entity VALUES (1, 'a'), (2, 'b'), (3, 'c')");
    my $result = load($db, '--staging=always', '--mode=full', '--max-delete-pct=50', '--max-errors=1',
        file('entity', [ 'id', 'v' ], [ 1, 'a' ], [ 2, 'x' ], [ 2, 'new' ], [ 4, 'd' ], [ 5, 'too long' ]));
    is($result->status, 5, 'loaded with a reject') or diag $result->describe;
    my $metrics = $result->metrics or return fail('there are metrics');
    is($metrics->{tool}, 'pg-sample-load', 'tool');
    ok(defined $metrics->{$_} && !ref $metrics->{$_}, $_) for qw(version batch_id run_id status);
    like($metrics->{run_id}, qr/\A[0-9a-f-]{36}\z/, 'run_id is a uuid');
    is($metrics->{batch_id}, $metrics->{run_id}, 'and the batch_id');
    is($metrics->{mode}, 'full', 'mode');
    is($metrics->{apply}, 'diff', 'apply');
    ok(JSON::PP::is_bool($metrics->{$_}), "$_ is true or false") for qw(success dry_run);
    ok(JSON::PP::is_bool($metrics->{lock}{alert}), 'lock.alert is true or false');
    ok(is_number($metrics->{$_}), $_)
        for qw(exit_status duration_seconds total_records records_loaded records_updated records_skipped errors rows_deleted rows_inserted);
    ok(is_number($metrics->{lock}{$_}), "lock.$_") for qw(exclusive_ms row_ms wait_ms attempts);
    ok(is_number($metrics->{phases}{$_}), "phases.$_") for qw(discover stage check diff commit clean);
    is(ref $metrics->{warnings}, 'ARRAY', 'warnings');
    ok(exists $metrics->{error} && !defined $metrics->{error}, 'error is null');
    my $table = $result->table('entity') or return fail('there is a table');
    like($table->{table_name}, $T, 'table_name');
    ok(is_number($table->{$_}), "table: $_") for @TABLE_NUMBERS;
    ok(is_number($table->{rejected}{$_}), "rejected: $_") for qw(parse null_key check fk);
    is($table->{rejected}{check}, 1, 'the reason of the reject');
    my %expected = (
        total_source_rows => 5, total_records => 5, inserted_rows => 1, updated_rows => 1, unchanged_rows => 1,
        skipped_rows => 0, duplicate_rows => 1, error_rows => 1, deleted_rows => 1, total_written => 2,
        records_loaded => 1, records_updated => 1, errors => 1, rows_deleted => 1, rows_inserted => 1
    );
    is_deeply({ map { $_ => $table->{$_} } keys %expected }, \%expected, 'numbers of the table');
    is($metrics->{total_records}, 5, 'total_records of all');
    is($metrics->{errors}, 1, 'errors of all');
    cmp_ok($metrics->{lock}{row_ms}, '>', 0, 'row locks are measured');
    cmp_ok($metrics->{duration_seconds}, '>=', $metrics->{phases}{stage}, 'the whole is longer than a part');
    is($db->value("SELECT count(*) FROM _pg_sample_load.run WHERE run_id = '$metrics->{run_id}'"
                . ' AND committed_at IS NOT NULL AND rows_written >= 2'), 1, 'the run is in the table run');
};

subtest 'metrics on standard output, and of failures' => sub {
    fill($ENTITY, $SIX);
    my $result = load($db, '--metrics-file=-', file('entity', [ 'id', 'v' ], [ 1, "\xc3\xa4\"\\" ]));
    my $metrics = eval { JSON::PP->new->utf8->decode($result->stdout) };
    ok($metrics && $metrics->{success}, 'one object, and nothing else') or diag $result->stdout;
    $result = load($db, '--min-rows=5', file('entity', [ 'id', 'v' ], [ 1, 'x' ]));
    ok($result->metrics, 'there are some when a load is refused') or return;
    ok(!$result->metrics->{success}, 'success is false');
    like($result->metrics->{error}, qr/min-rows/, 'and the error says why');
    my $before = image($db);
    $result = load($db, '--metrics-file=/nonexistent/metrics.json', file('entity', [ 'id', 'v' ], [ 1, 'y' ]));
    is($result->status, 4, 'a file that cannot be written') or diag $result->describe;
    is(image($db), $before, 'is found out before anything is loaded');
    $result = load($db, '--max-errors=1', '--rejects-file=/nonexistent/r.csv', file('entity', [ 'id', 'v' ], [ 'x', 'y' ], [ 1, 'y' ]));
    is($result->status, 4, 'so is a file of rejects') or diag $result->describe;
    is(image($db), $before, 'nothing is loaded');
};

subtest 'alerts' => sub {
    my $stamped = 'id int PRIMARY KEY, v text, captured_at timestamptz';
    fill($stamped, "INSERT INTO entity SELECT i, 'live', '2025-05-05' FROM generate_series(1, 4) i");
    my $result = load($db, file('entity', [ 'id', 'v', 'captured_at' ], map { [ $_, 'x', '2025-01-01' ] } 1 .. 4));
    like($result->stderr, qr/warning:.*(?:older|skipped|clock|stale)/i, 'all rows are older');
    like("@{ $result->metrics->{warnings} }", qr/more than half of the rows for table public[.]entity are older/,
        'in the metrics, too');
    $result = load($db, file('entity', [ 'id', 'v', 'captured_at' ], map({ [ $_, 'x', '2025-01-01' ] } 1, 2),
            map({ [ $_, 'x', '2025-06-06' ] } 3, 4)));
    unlike($result->stderr, qr/warning/, 'half of them are no reason');
    $result = load($db, file('entity', [ 'id', 'v', 'captured_at' ], map { [ $_, 'live', '2025-05-05' ] } 1 .. 4));
    like($result->stderr, qr/warning: nothing was inserted or updated: /m, 'neither updates nor inserts');
    $result = load($db, '--max-errors=1', file('entity', [ 'id', 'v' ], [ 9, 'x' ], [ 'bad', 'x' ]));
    like($result->stderr, qr/warning: public[.]entity: 1 row rejected: .*"bad"/, 'rows were rejected');
    like("@{ $result->metrics->{warnings} }", qr/1 row rejected/, 'in the metrics, too');
};

# ---- exit statuses

subtest 'exit statuses' => sub {
    fill($ENTITY, $SIX);
    my $good = file('entity', [ 'id', 'v' ], [ 1, 'x' ]);
    is(load($db, $good)->status, 0, '0: loaded');
    is(load($db, '--dry-run', $good)->status, 0, '0: a clean dry run');
    is(load($db, $_, $good)->status, 1, "1: $_")
        for '--nonsense', '--mode=none', '--strategy=none', '--apply=none', '--staging=perhaps', '--jobs=0',
        '--batch-size=0', '--lock-timeout=soon', '--dry-run=maybe', '--format=xml', '--timestamp-compare=<',
        '--timestamp-nulls=middle', '--on-duplicate=random', '--metrics-format=xml', '--conflict=none', '--csv-escape=\\',
        '--max-delete-pct=101', '--work-mem=lots', '--slice=', '--csv-delimiter=ab', '--mode=slice';
    is(load($db, '-d', 'no_such_database', $good)->status, 2, '2: no connection');
    is(load($db, '-p', '1', $good)->status, 2, '2: no server');
    is(load($db, '/nonexistent.csv')->status, 2, '2: no source');
    is(load($db, '--min-rows=5', $good)->status, 3, '3: refused');
    is(load($db, '--max-errors=1', file('entity', [ 'id', 'v' ], [ 1, 'x' ], [ 'a', 'x' ]))->status, 5,
        '5: loaded with rejects');
    my $help = load($db, '--help');
    is($help->status, 0, '--help');
    like($help->stdout, qr/--commit-staged/, 'has the options');
    like(load($db, '--version')->stdout, qr/\Apg-sample-load /, '--version');
};

# ---- the file of settings

sub config
{
    my ($text) = @_;
    return '--config=' . input_file('config.json', $text);
}

subtest '--config' => sub {
    fill("id serial PRIMARY KEY, code text NOT NULL UNIQUE, v text, seen int", "INSERT INTO entity (code, v, seen) VALUES ('a', 'x', 5)");
    my $file = input_file('data.csv', csv([ 'Code', 'v', 'seen' ], [ 'a', 'old', 4 ], [ 'b', 'new', 4 ]));
    my $json = <<'JSON';
{ "_defaults": { "on_duplicate": "last", "timestamp_nulls": "oldest" },
  "entity": { "natural_key": ["code"], "timestamp_column": "seen", "timestamp_compare": ">=",
              "columns": { "Code": "code" }, "mode": "incremental",
              "checks": [ { "name": "positive", "sql": "SELECT * FROM {staging} WHERE seen < 0", "severity": "error" } ] } }
JSON
    loads($db, [ config($json), "entity=$file" ], 'inserted 1, skipped 1', 'a table with its settings');
    is($db->value("SELECT string_agg(code || v || seen, ' ' ORDER BY code) FROM entity"), 'ax5 bnew4', 'rows');
    my $bad = input_file('data.csv', csv([ 'Code', 'v', 'seen' ], [ 'c', 'x', -1 ]));
    refuses($db, [ config($json), "entity=$bad" ], 3, qr/positive/, 'its checks');
    my %wrong = (
        '{ "entity": { "natural_keys": ["code"] } }' => qr/entity.*natural_keys/,
        '{ "_defaults": { "nonsense": 1 } }' => qr/_defaults.*nonsense/,
        '{ "entity": { "mode": "sometimes" } }' => qr/mode/,
        '{ "entity": { "checks": [ { "nme": "x" } ] } }' => qr/checks.*nme/,
        '{ "entity": ' => qr/config\.json/,
        '[]' => qr/config\.json/,
        '{ "entity": { "mode": "full", "mode": "append" } }' => qr/mode|duplicate/
    );
    for my $text (sort keys %wrong) {
        refuses($db, [ config($text), "entity=$file" ], 1, $wrong{$text}, $text);
    }
};

done_testing;
