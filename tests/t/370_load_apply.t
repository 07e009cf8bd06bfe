# How a load is applied: every way ends with the same rows or says why it is not possible;
# staging in all its kinds, manual steps, dry runs, what is left of dead runs.

use strict;
use warnings;

use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Faults;
use PgSample::Test::Load;
use PgSample::Test::Server;

my $server = PgSample::Test::Server->start;
my $db     = $server->create_database;
my @STAGING = ('--staging=auto', '--staging=always');

sub file
{
    my ($name, @rows) = @_;
    return input_file("$name.csv", csv(@rows));
}

sub fill
{
    my ($sql) = @_;
    $db->sql("DROP SCHEMA IF EXISTS public CASCADE; CREATE SCHEMA public;"
            . " GRANT ALL ON SCHEMA public TO PUBLIC; $sql");
    return;
}

my $TABLE = <<'SQL';
CREATE TABLE t (id int PRIMARY KEY, dataset text, v text UNIQUE, n serial, w text DEFAULT 'd',
    CHECK (id > 0), g int GENERATED ALWAYS AS (id * 2) STORED);
CREATE INDEX t_dataset ON t (dataset);
COMMENT ON TABLE t IS 'a comment';
INSERT INTO t (id, dataset, v, n, w) SELECT i, CASE WHEN i <= 10 THEN 'a' ELSE 'b' END, 'v' || i, i, 'w'
  FROM generate_series(1, 12) i;
SELECT setval('t_n_seq', 12);
SQL

sub whole
{
    return file('t', [ 'id', 'dataset', 'v', 'n', 'w' ], [ 1, 'a', 'v1', 1, 'w' ], [ 2, 'a', 'new2', 2, 'w' ],
        (map { [ $_, $_ <= 10 ? 'a' : 'b', "v$_", $_, 'w' ] } 4 .. 12), [ 20, 'a', 'v20', 20, undef ]);
}

my @WHOLE = ('--mode=full', '--max-delete-pct=50');

sub expected_whole
{
    return join "\n", sort '(1,a,v1,1,w,2)', '(2,a,new2,2,w,4)',
        (map { sprintf '(%d,%s,v%d,%d,w,%d)', $_, $_ <= 10 ? 'a' : 'b', $_, $_, 2 * $_ } 4 .. 12), '(20,a,v20,20,,40)';
}

# What the catalogs say of a table, without its oid and names of its files.
sub definition
{
    my ($name) = @_;
    return join "\n", map { $_ // 'NULL' } @{ $db->column(<<"SQL") };
SELECT pg_get_constraintdef(oid) || conname FROM pg_constraint WHERE conrelid = '$name'::regclass
 UNION ALL SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = '$name'::regclass
 UNION ALL SELECT attname || format_type(atttypid, atttypmod) || attnotnull || attidentity::text || attgenerated::text
       || coalesce(pg_get_expr(adbin, adrelid), '') || attstorage::text || coalesce(attstattarget, -1)
  FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
 WHERE attrelid = '$name'::regclass AND attnum > 0 AND NOT attisdropped
 UNION ALL SELECT obj_description('$name'::regclass) UNION ALL SELECT relacl::text FROM pg_class
 WHERE oid = '$name'::regclass UNION ALL SELECT pg_get_serial_sequence('$name', 'n')
 UNION ALL SELECT pg_get_userbyid(relowner) || relpersistence::text FROM pg_class WHERE oid = '$name'::regclass
 ORDER BY 1
SQL
}

# Whether it is another table, or in another file, and how many of its rows are untouched.
sub traces
{
    my ($before) = @_;
    my ($oid, $file) = @{ $db->row("SELECT oid, relfilenode FROM pg_class WHERE oid = 't'::regclass") };
    my %rows = map { $_ => 1 } @{ $db->column("SELECT id || ' ' || xmin || ' ' || ctid FROM t") };
    my $now = { oid => $oid, file => $file, rows => \%rows };
    return $now if !$before;
    return join ' ', $oid == $before->{oid} ? 'same table' : 'other table', $file == $before->{file} ? 'same file' : 'other file',
        scalar grep { $before->{rows}{$_} } keys %rows;
}

subtest 'all ways end with the same rows' => sub {
    my %trace = (
        (map { $_ => 'same table same file 10' } 'auto', 'diff'),
        (map { $_ => 'same table same file 0' } 'delete-insert', 'direct'),
        truncate => 'same table other file 0', swap => 'other table other file 0'
    );
    for my $apply ('auto', 'diff', 'delete-insert', 'truncate', 'swap', 'direct') {
        for my $staging ($apply eq 'direct' ? '' : @STAGING) {
            fill($TABLE);
            my ($before, $rows) = (definition('t'), traces());
            my @arguments = (($staging ? $staging : ()), @WHOLE, "--apply=$apply");
            my $result = load($db, @arguments, whole());
            my $name = "$apply $staging";
            is($result->status, 0, "$name: loaded") or diag $result->describe;
            is(content($db, 't'), expected_whole(), "$name: rows");
            is(definition('t'), $before, "$name: the table is as it was");
            is(traces($rows), $trace{$apply}, "$name: it is done as asked for");
            is($result->metrics->{apply}, $apply eq 'auto' ? 'diff' : $apply, "$name: in the metrics");
            is($db->value("INSERT INTO t (id) VALUES (99) RETURNING n"), 21, "$name: the sequence is beyond");
            my $again = load($db, @arguments, whole());
            is($again->status, 0, "$name: again") or diag $again->describe;
            is(content($db, 't'), expected_whole(), "$name: the same rows");
        }
    }
};

subtest 'rows in the order of the key are merged' => sub {
    my $create = 'CREATE TABLE t (id int PRIMARY KEY, v text, n numeric); INSERT INTO t SELECT i, \'v\' || i, 1.0'
        . ' FROM generate_series(1, 3000) i; ANALYZE t';
    my $trigger = '; CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS \'BEGIN RETURN NULL; END\';'
        . ' CREATE TRIGGER g AFTER UPDATE ON t EXECUTE FUNCTION f()';
    my @rows = map { [ $_, $_ % 7 ? "v$_" : "new$_", $_ % 11 ? '1.0' : '1.00' ] } 101 .. 3100;
    for my $case (
        [ 'in order',      \@rows,            '',       'diff lock update' ],
        [ 'with triggers', \@rows,            $trigger, 'diff lock' ],
        [ 'out of order',  [ reverse @rows ], '',       '' ],
        )
    {
        my ($name, $rows, $more, $merged) = @$case;
        fill($create . $more);
        my $before = length $server->log_text;
        my $result = load($db, @WHOLE, file('t', [ 'id', 'v', 'n' ], @$rows),
            { env => { PGOPTIONS => '-c log_statement=all' } });
        my $log = substr $server->log_text, $before;
        my %statement = (diff => 'CREATE UNLOGGED TABLE \S+t_diff', lock => 'SELECT [^;]* FOR NO KEY UPDATE',
            update => 'UPDATE ONLY');
        is($result->status, 0, "$name: loaded") or diag $result->describe;
        is(content($db, 't'), join("\n", sort map { "($_->[0],$_->[1],$_->[2])" } @rows), "$name: rows");
        is(join(' ', grep { $log =~ /enable_hashjoin = off(?:(?!enable_hashjoin).)*?$statement{$_}/s }
                'diff', 'lock', 'update'), $merged, "$name: what is merged");
    }
};

subtest 'a slice, each way' => sub {
    for my $apply ('diff', 'delete-insert', 'direct') {
        fill($TABLE);
        my $slice = file('t', [ 'id', 'dataset', 'v', 'n', 'w' ], [ 1, 'a', 'x', 1, 'w' ], [ 30, 'a', 'v2', 2, 'w' ]);
        my $result = load($db, '--slice=dataset=a', '--max-delete-pct=100', "--apply=$apply", $slice);
        is($result->status, 0, "$apply: loaded") or diag $result->describe;
        is(content($db, 't'), "(1,a,x,1,w,2)\n(11,b,v11,11,w,22)\n(12,b,v12,12,w,24)\n(30,a,v2,2,w,60)",
            "$apply: rows");
    }
    for my $apply ('truncate', 'swap') {
        fill($TABLE);
        refuses($db, [ '--slice=dataset=a', '--max-delete-pct=100', "--apply=$apply",
                file('t', [ 'id', 'dataset', 'v' ], [ 1, 'a', 'x' ]) ], [ 1, 3 ], qr/$apply|slice/,
            "$apply: not for a slice");
    }
};

subtest 'incremental, each way' => sub {
    for my $apply ('diff', 'direct', 'delete-insert', 'truncate', 'swap') {
        fill($TABLE);
        my $result = load($db, "--apply=$apply", file('t', [ 'id', 'v' ], [ 1, 'x' ], [ 50, 'y' ]));
        my $rows = $db->value("SELECT count(*) || ' ' || count(*) FILTER (WHERE v IN ('x', 'y')) || ' '"
                . " || count(*) FILTER (WHERE w = 'w') FROM t");
        if ($apply eq 'diff' || $apply eq 'direct') {
            is($result->status, 0, "$apply: loaded") or diag $result->describe;
            is($rows, '13 2 12', "$apply: rows");
        } else {
            ok($result->status == 1 || $result->status == 3 || $rows =~ /\A13 2 /,
                "$apply: refused, or no other row is lost") or diag $result->describe, $rows;
        }
    }
};

subtest 'delete-insert: referenced tables, metrics' => sub {
    for my $action ('CASCADE', 'SET NULL') {
        fill("$TABLE CREATE TABLE child (id int PRIMARY KEY, t int REFERENCES t ON DELETE $action);"
                . ' INSERT INTO child VALUES (1, 1)');
        refuses($db, [ @WHOLE, '--apply=delete-insert', whole() ], 3, [ qr/child/, qr/allow-cascade/ ],
            "refused where rows refer to it: $action");
    }
    fill("$TABLE CREATE TABLE child (id int PRIMARY KEY, t int REFERENCES t);"
            . ' INSERT INTO child VALUES (1, 1)');
    my $result = load($db, @WHOLE, '--apply=delete-insert', whole());
    is($result->status, 3, 'NO ACTION: refused') or diag $result->describe;
    like($result->stderr, qr/1 row of public[.]child refers to rows that would be deleted.*hint: With --apply=diff/s, 'and why');
    $db->sql('ALTER TABLE child ALTER CONSTRAINT child_t_fkey DEFERRABLE');
    $result = load($db, @WHOLE, '--apply=delete-insert', whole());
    is($result->status, 0, 'DEFERRABLE: the commit defers it') or diag $result->describe;
    is($db->value('SELECT count(*) FROM child c JOIN t ON t.id = c.t'), 1, 'and the child has its parent');
    is($result->count('deleted_rows'), 12, 'all rows were deleted before');
    is($result->metrics->{lock}{attempts}, 1, 'without a second attempt, in one statement');
    fill($TABLE);
    $result = load($db, @WHOLE, '--apply=delete-insert', whole());
    my $table = $result->table || {};
    is($table->{rows_deleted}, 12, 'rows_deleted: all of them');
    is($table->{rows_inserted}, 12, 'rows_inserted');
    cmp_ok($table->{$_}, '>=', 0, $_) for qw(delete_duration insert_duration total_duration);
    cmp_ok($result->metrics->{lock}{exclusive_ms}, '==', 0, 'nobody but writers waits');
};

subtest 'truncate: warning, no CASCADE' => sub {
    fill("$TABLE CREATE TABLE child (id int PRIMARY KEY, t int REFERENCES t); INSERT INTO child VALUES (1, 1)");
    refuses($db, [ @WHOLE, '--apply=truncate', whole() ], 3, qr/child/, 'refused where a key refers to it');
    fill($TABLE);
    my $result = load($db, @WHOLE, '--apply=truncate', whole());
    is($result->status, 0, 'loaded') or diag $result->describe;
    like($result->stderr, qr/warning:.*(?:wait|snapshot|lock)/i, 'with a warning');
    cmp_ok($result->metrics->{lock}{exclusive_ms}, '>', 0, 'the wait of readers is measured');
    like($result->stderr, qr/Nobody could read for \d+\.\d+s/, 'and said');
};

subtest 'swap: refused where something would be lost' => sub {
    my %what = (
        'CREATE VIEW seen AS SELECT id FROM t' => qr/\bseen\b/,
        'CREATE MATERIALIZED VIEW seen AS SELECT id FROM t' => qr/\bseen\b/,
        'GRANT SELECT ON t TO PUBLIC' => qr/grant|privilege/i,
        'GRANT SELECT (id) ON t TO PUBLIC' => qr/grant|privilege/i,
        'CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS \'BEGIN RETURN NEW; END\';'
            . ' CREATE TRIGGER trig AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()' => qr/\btrig\b/,
        'CREATE POLICY pol ON t USING (true)' => qr/\bpol\b/,
        'CREATE PUBLICATION pub FOR TABLE t' => qr/\bpub\b/,
        'CREATE TABLE child (id int PRIMARY KEY, t int REFERENCES t)' => qr/child/,
        'CREATE FUNCTION takes(t) RETURNS int LANGUAGE sql AS \'SELECT 1\'' => qr/takes/,
        'CREATE TABLE other (t t)' => qr/other/,
        'CREATE TABLE heir () INHERITS (t)' => qr/heir|inherit/i,
        'CREATE FUNCTION uses() RETURNS bigint BEGIN ATOMIC SELECT count(*) FROM public.t; END' => qr/uses/,
    );
    for my $sql (sort keys %what) {
        next if $sql =~ /ATOMIC/ && $db->value('SHOW server_version_num') < 140_000;
        fill("$TABLE $sql");
        my $before = definition('t');
        refuses($db, [ @WHOLE, '--apply=swap', whole() ], 3, $what{$sql}, $sql);
        is(definition('t'), $before, "$sql: the table is as it was");
        $db->psql('DROP PUBLICATION IF EXISTS pub');
    }
    fill("$TABLE CREATE STATISTICS stat ON id, dataset FROM t; ALTER TABLE t ALTER v SET STATISTICS 77;"
            . ' CLUSTER t USING t_dataset; ALTER TABLE t REPLICA IDENTITY FULL; ALTER TABLE t SET (fillfactor = 70)');
    my $what = "SELECT (SELECT count(*) FROM pg_statistic_ext) || ' ' || relreplident::text || reloptions::text"
        . " || (SELECT count(*) FROM pg_index WHERE indisclustered AND indrelid = 't'::regclass)"
        . " FROM pg_class WHERE oid = 't'::regclass";
    my ($before, $more) = (definition('t'), $db->value($what));
    my $result = load($db, @WHOLE, '--apply=swap', whole());
    ok($result->status == 0 || $result->status == 3, 'statistics and storage parameters') or diag $result->describe;
    is($db->value($what) . definition('t'), $more . $before, 'are kept, or the swap is refused');
};

# ---- kinds of staging

subtest 'temporary, unlogged or no staging' => sub {
    fill('CREATE TABLE t (id int PRIMARY KEY, v text)');
    my $seen = sub {
        my (@options) = @_;
        my $holder = hold_advisory($db);
        my $run = start_load($db, @options, file('t', [ 'id', 'v' ], map { [ $_, 'x' ] } 1 .. 20),
            '--check=held: SELECT 1 WHERE pg_catalog.pg_advisory_xact_lock_shared(4711) IS NULL');
        my $session = wait_for_step($run, 'check', lock => 1);
        my @tables = left_tables($db);
        my $comments = $db->column("SELECT obj_description(c.oid) FROM pg_class c WHERE relnamespace ="
                . " to_regnamespace('_pg_sample_load') AND relkind = 'r' AND relname ~ '_staging_'");
        my $kinds = $db->column("SELECT DISTINCT relpersistence FROM pg_class WHERE relnamespace ="
                . " to_regnamespace('_pg_sample_load') AND relkind = 'r' AND relname ~ '^t_'");
        $holder->close;
        my $result = $run->finish;
        is($result->status, 0, "@options: loaded") or diag $result->describe;
        return (\@tables, $comments, "@$kinds", $result);
    };
    my ($tables, $comments, $kinds) = $seen->('--staging=auto');
    is("@$tables", '', 'few rows: temporary tables');
    ($tables, $comments, $kinds) = $seen->('--staging-min-rows=20');
    my ($staging) = grep { /_staging_/ } @$tables;
    like($staging || '', qr/\At_staging_[0-9a-f]{8}_\d{8}_\d{6}\z/, 'more: a table of the schema, with its name');
    is($kinds, 'u', 'which is unlogged');
    like($comments->[0] || '', qr/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/,
        'and has the run in its comment');
    ($tables) = $seen->('--staging=always');
    isnt("@$tables", '', '--staging=always');
    ($tables) = $seen->('--staging=always', '--schema-name=_pg_sample_load');
    isnt("@$tables", '', '--schema-name');
    $db->sql('TRUNCATE t');
    for my $option ('--no-staging', '--staging=never', '--apply=direct') {
        $db->sql('TRUNCATE t');
        my $direct = loads($db, [ $option, file('t', [ 'id', 'v' ], [ 1, 'a' ], [ 2, 'b' ]) ], 'inserted 2', $option);
        is($direct->metrics->{apply}, 'direct', "$option: written directly");
        unlike($direct->stderr, qr/staging|temporary/i, "$option: without any other table");
        is(content($db, 't'), "(1,a)\n(2,b)", "$option: rows");
        refuses($db, [ $option, file('t', [ 'id', 'v' ], [ 3, 'a' ], [ 'x', 'b' ]) ], [ 3, 6 ], qr/x/,
            "$option: one transaction");
    }
    load($db, '--schema-name=Our Schema', '--staging=always', file('t', [ 'id', 'v' ], [ 5, 'a' ]));
    is($db->value(q{SELECT count(*) FROM "Our Schema".run}), 1, '--schema-name with any name');
    is(join(' ', left_tables($db, 'Our Schema')), '', 'nothing is left there');
    my $long = 'ä' x 31;
    $db->sql(qq{CREATE TABLE "$long" (id int PRIMARY KEY)});
    my $kept = load($db, '--staging=always', '--keep', "\"$long\"=" . file('t', ['id'], [1]), { keep => 1 });
    my ($name) = grep { /_staging_/ } left_tables($db);
    like($name || '', qr/\A(?:\xc3\xa4)+_staging_[0-9a-f]{8}_\d{8}_\d{6}\z/, 'long names are cut between characters');
    cmp_ok(length($name || ''), '<=', 63, 'to 63 bytes');
    drop_left($db);
};

subtest 'fallback where staging cannot be created' => sub {
    my $name = $db->name;
    $db->sql('DROP SCHEMA IF EXISTS _pg_sample_load CASCADE');
    fill('CREATE TABLE t (id int PRIMARY KEY, v text)');
    $db->sql("REVOKE ALL ON DATABASE $name FROM PUBLIC; GRANT CONNECT ON DATABASE $name TO PUBLIC");
    my @file = file('t', [ 'id', 'v' ], [ 1, 'a' ], [ 2, 'b' ]);
    my $role = $server->create_role('no_schema');
    $db->sql("GRANT SELECT, INSERT, UPDATE, DELETE ON t TO $role; GRANT TEMP ON DATABASE $name TO $role");
    refuses($db->as($role), [ '--staging=always', @file ], 3, qr/could not create staging tables/, 'always means always');
    my $result = load($db->as($role), '--staging-min-rows=0', @file);
    is($result->status, 0, 'no right to make a schema: loaded') or diag $result->describe;
    like($result->stderr, qr/permission denied|CREATE/, 'it is said');
    like($result->stderr, qr/temporary/i, 'through a temporary table');
    is(content($db, 't'), "(1,a)\n(2,b)", 'rows');
    my $none = $server->create_role('no_temp');
    $db->sql("TRUNCATE t; GRANT SELECT, INSERT, UPDATE, DELETE ON t TO $none");
    refuses($db->as($none), [ '--staging=always', @file ], 3, qr/could not create staging tables/, 'without temporary tables, too');
    $result = load($db->as($none), '--staging-min-rows=0', @file);
    is($result->status, 0, 'nor temporary tables: loaded') or diag $result->describe;
    like($result->stderr, qr/Staging approach failed: .*privilege TEMPORARY/, 'it is said why');
    like($result->stderr, qr/Falling back to direct write/, 'and what follows');
    $db->sql('TRUNCATE t');
    like(load($db->as($none), '-q', '--staging-min-rows=0', @file)->stderr, qr/Falling back to direct write/, 'also with -q');
    is(content($db, 't'), "(1,a)\n(2,b)", 'rows');
    refuses($db->as($none), [ file('t', [ 'id', 'v' ], [ 3, 'a' ], [ 'x', 'b' ]) ], [ 3, 6 ], qr/x/,
        'it is one transaction');
    # no fallback after a load, check or commit error
    my @good = ('--staging-min-rows=0', file('t', [ 'id', 'v' ], [ 3, 'a' ], [ 4, 'b' ]));
    my @no_direct_write = (
        [ 'a bad row', [ file('t', [ 'id', 'v' ], [ 3, 'a' ], [ 'x', 'b' ]) ], 3 ],
        [ 'a check', [ '--min-rows=9', @good ], 3 ],
        [ 'an error in the commit', [@good], 6, 'ALTER TABLE t ADD FOREIGN KEY (id) REFERENCES t (id);'
            . " CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''no''; END';"
            . ' CREATE TRIGGER no AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION no()' ]
    );
    for my $case (@no_direct_write) {
        my ($what, $arguments, $status, $sql) = @$case;
        $db->sql($sql) if $sql;
        $result = refuses($db->as($role), $arguments, $status, qr/./, $what);
        unlike($result->stderr, qr/Falling back to direct|Direct write/, "$what does not lead to a direct write");
    }
    $db->sql("GRANT ALL ON DATABASE $name TO PUBLIC");
};

subtest '--jobs gives the same result' => sub {
    fill('CREATE TABLE a (id int PRIMARY KEY, v text); CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES a);'
            . ' CREATE TABLE c (id int PRIMARY KEY, v text)');
    my @files;
    for my $part (0 .. 3) {
        push @files, 'a=' . file('a', [ 'id', 'v' ], map { [ $_ % 50, "$part.$_" ] } 1 .. 60),
            'b=' . file('b', [ 'id', 'a' ], map { [ $_ + 100 * $part, $_ % 50 ] } 1 .. 60);
    }
    push @files, 'c=' . file('c', [ 'id', 'v' ], [ 1, 'x' ], [ 'bad', 'x' ], [ 2, 'y' ]);
    my %images;
    for my $jobs (1, 2, 4, 16) {
        for my $staging (@STAGING) {
            $db->sql('TRUNCATE a, b, c');
            my $result = load($db, $staging, "--jobs=$jobs", '--max-errors=1', '--batch-size=7', @files);
            is($result->status, 5, "$jobs $staging: loaded, with one reject") or diag $result->describe;
            $images{ join "\n", image($db), map { $result->summary($_) } 'a', 'b', 'c' } = "$jobs $staging";
        }
    }
    is(scalar(keys %images), 1, 'the same rows and counts') or diag join "\n\n", %images;
    is($db->value("SELECT string_agg(DISTINCT left(v, 1), ' ') FROM a"), '3', 'the last file wins, whoever is first');
};

# ---- manual steps, status, leftovers

subtest '--stage-only and --commit-staged' => sub {
    fill("CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t VALUES (1, 'a'), (2, 'b')");
    my $before = image($db);
    my $result = load($db, '--stage-only', file('t', [ 'id', 'v' ], [ 2, 'B' ], [ 3, 'c' ]), { keep => 1 });
    is($result->status, 0, 'staged') or diag $result->describe;
    is(image($db), $before, 'the target is not touched');
    my ($name) = grep { /_staging_/ } left_tables($db);
    ok(defined $name, 'there is a staging table') or return;
    like($result->stdout . $result->stderr, qr/\Q$name\E/, 'the name of the table is printed');
    is($db->value("SELECT count(*) FROM _pg_sample_load.\"$name\""), 2, 'it can be queried');
    my $status = load($db, '--status', { keep => 1 });
    like($status->stdout, qr/^\Q$name\E .* staged +2 /m, '--status lists it, with its records');
    load($db, '--gc', '--older-than=1d', { keep => 1 });
    ok(scalar(grep { $_ eq $name } left_tables($db)), '--gc lets it be while it is young');
    refuses($db, [ "--commit-staged=$name", '--min-rows=9', { keep => 1 } ], 3, qr/min-rows/, 'it is checked');
    $result = load($db, "--commit-staged=$name");
    is($result->status, 0, 'committed') or diag $result->describe;
    is($result->summary, 'inserted 1, updated 1', 'counts');
    is(content($db, 't'), "(1,a)\n(2,B)\n(3,c)", 'rows');
    refuses($db, ["--commit-staged=$name"], 3, qr/\Q$name\E/, 'a second time');
    refuses($db, ['--commit-staged=t'], 3, qr/\bt\b/, 'a table that is none of ours');
    refuses($db, [ '--commit-staged=x', file('t', ['id'], [1]) ], 1, qr/commit-staged|source/,
        'together with sources');
};

subtest '--status and --gc' => sub {
    fill('CREATE TABLE t (id int PRIMARY KEY, v text)');
    $db->sql('CREATE TABLE IF NOT EXISTS _pg_sample_load.mine (id int)');
    my $file = file('t', [ 'id', 'v' ], [ 1, 'a' ]);
    my $holder = hold_advisory($db);
    my $run = start_load($db, '--staging=always', $file,
        '--check=held: SELECT 1 WHERE pg_catalog.pg_advisory_xact_lock_shared(4711) IS NULL', { keep => 1 });
    wait_for_step($run, 'check', lock => 1);
    my @alive = grep { $_ ne 'mine' } left_tables($db);
    my $status = load($db, '--status', { keep => 1 });
    is($status->status, 0, '--status');
    like($status->stdout, qr/^\Q$_\E +public[.]t +[0-9a-f-]{36} +alive /m, "lists the tables of a run: $_") for @alive;
    is(load($db, '--gc', { keep => 1 })->status, 0, '--gc');
    is(join(' ', grep { $_ ne 'mine' } left_tables($db)), "@alive", 'keeps what a live run works with');
    $run->signal('KILL');
    $holder->close;
    $run->finish;
    wait_until(10, sub { return !load_sessions($db) });
    is(join(' ', grep { $_ ne 'mine' } left_tables($db)), "@alive", 'a killed run leaves them');
    $status = load($db, '--status', { keep => 1 });
    like($status->stdout, qr/^\Q$_\E .* dead /m, '--status says that it is dead') for @alive;
    is(load($db, '--staging=always', $file, { keep => 1 })->status, 0, 'they are in the way of no other run');
    is(join(' ', grep { $_ ne 'mine' } left_tables($db)), "@alive", 'which drops its own');
    load($db, '--gc', { keep => 1 });
    is(join(' ', left_tables($db)), 'mine', '--gc drops them, and nothing else');
    $db->sql('DROP TABLE _pg_sample_load.mine');
    my $fresh = $server->create_database;
    for my $option ('--status', '--gc') {
        my $result = load($fresh, $option);
        is($result->status, 0, "$option where there is no schema") or diag $result->describe;
        is($fresh->value("SELECT to_regnamespace('_pg_sample_load') IS NULL"), 't', "$option makes none");
    }
    $server->drop_database($fresh);
};

# Each run checks that nothing is left but with "keep".
subtest 'staging tables are dropped however a run ends' => sub {
    fill("CREATE TABLE t (id int PRIMARY KEY, v text CHECK (v <> 'bad')); INSERT INTO t VALUES (1, 'a')");
    my $file = file('t', [ 'id', 'v' ], [ 1, 'b' ]);
    my $check = '--check=held: SELECT 1 WHERE pg_catalog.pg_advisory_xact_lock_shared(4711) IS NULL';
    my %end = (
        'after the commit' => [ 0, [$file], sub { } ],
        'after a check' => [ 3, [ $file, '--min-rows=2' ], sub { } ],
        'after a bad row' => [ 3, [ file('t', [ 'id', 'v' ], [ 1, 'bad' ]) ], sub { } ],
        'after an error in the commit' => [ 6, [$file], sub { $db->sql('ALTER TABLE t ADD x int') } ],
        'after SIGTERM' => [ 143, [$file], sub { $_[0]->signal('TERM') } ],
        'after SIGINT' => [ 130, [$file], sub { $_[0]->signal('INT') } ],
    );
    for my $when (sort keys %end) {
        my ($status, $arguments, $disturb) = @{ $end{$when} };
        my $holder = hold_advisory($db);
        my $run = start_load($db, '--staging=always', @$arguments, $check, { keep => 1 });
        wait_for_step($run, 'check', lock => 1);
        isnt(join(' ', left_tables($db)), '', "$when: they are there while it works") if $when !~ /bad row/;
        $disturb->($run);
        $holder->close;
        is($run->finish->status, $status, "$when: exit status");
        is(join(' ', drop_left($db)), '', "$when: none is left");
    }
};

subtest 'an advisory lock marks the live run' => sub {
    fill('CREATE TABLE t (id int PRIMARY KEY, v text)');
    my $holder = hold_advisory($db);
    my $run = start_load($db, '--staging=always', file('t', [ 'id', 'v' ], [ 1, 'a' ]),
        '--check=held: SELECT 1 WHERE pg_catalog.pg_advisory_xact_lock_shared(4711) IS NULL');
    wait_for_step($run, 'check', lock => 1);
    is($db->value("SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE locktype = 'advisory'"
                . " AND granted AND application_name LIKE 'pg-sample-load%'"), 1, 'it is held');
    $holder->close;
    is($run->finish->status, 0, 'the run ends well');
    # its backend may end a moment after it
    ok(wait_until(20, sub {
        return $db->value("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == 0;
    }), 'and lets it go');
};

subtest 'rows that a trigger keeps' => sub {
    fill(<<'SQL');
CREATE TABLE a (id int PRIMARY KEY, b int);
CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES a);
ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b;
INSERT INTO a VALUES (1), (9);
INSERT INTO b VALUES (1, 1);
CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN CASE WHEN OLD.id < 9 THEN OLD END; END';
CREATE TRIGGER keep BEFORE DELETE ON a FOR EACH ROW EXECUTE FUNCTION keep();
SQL
    my $KEPT = qr/1 old row of table public\.a is still there/;
    refuses($db, [ '--staging=always', '--mode=full', '--apply=delete-insert', '--max-delete-pct=100',
            file('a', [ 'id', 'b' ], [ 1, 1 ]), file('b', [ 'id', 'a' ], [ 1, 1 ]) ], 6, $KEPT, 'are noticed');
    fill('CREATE TABLE a (id int PRIMARY KEY); INSERT INTO a VALUES (1), (9)');
    $db->sql("CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN CASE WHEN OLD.id < 9 THEN OLD END; END';"
            . ' CREATE TRIGGER keep BEFORE DELETE ON a FOR EACH ROW EXECUTE FUNCTION keep()');
    refuses($db, [ '--staging=never', '--mode=full', file('a', ['id'], [1], [2]) ], 3, $KEPT, 'and by a direct write');
};

subtest 'dry runs count what a load then does' => sub {
    for my $mode ('incremental', 'full', 'slice') {
        for my $staging (@STAGING) {
            my @mode = $mode eq 'slice' ? ('--slice=dataset=a') : ("--mode=$mode");
            my @arguments = ($staging, @mode, '--max-delete-pct=100', '--max-errors=1',
                file('t', [ 'id', 'dataset', 'v' ], [ 1, 'a', 'v1' ], [ 2, 'a', 'x' ], [ 2, 'a', 'y' ],
                    [ 30, 'a', 'z' ], [ -5, 'a', 'z' ]));
            fill($TABLE);
            my %summary;
            for my $dry ('--dry-run', '--dry-run=plan', '--check-only', '--dry-run=execute') {
                my $before = image($db);
                my $result = load($db, $dry, @arguments);
                ok($result->status == 0 || $result->status == 5, "$mode $dry: status") or diag $result->describe;
                ok($result->metrics->{dry_run}, "$mode $dry: in the metrics");
                is(image($db), $before, "$mode $dry: nothing changes");
                $summary{ $result->summary } = $dry;
            }
            my $result = load($db, @arguments);
            is(join(' | ', sort keys %summary), $result->summary, "$mode $staging: the same counts");
        }
    }
    for my $apply ([ 'delete-insert', '--slice=dataset=a' ], map { [ $_, '--mode=full' ] } 'delete-insert', 'truncate', 'swap') {
        my ($how, $mode) = @$apply;
        my @arguments = ('--staging=always', $mode, "--apply=$how", '--max-delete-pct=100', file('t', [ 'id', 'dataset', 'v' ], [ 1, 'a', 'x' ]));
        fill($TABLE);
        my %summary = map { load($db, $_, @arguments)->summary => 1 } '--dry-run=plan', '--dry-run=execute';
        my $result = load($db, @arguments);
        cmp_ok($result->table('t')->{deleted_rows}, '>', 0, "$how, $mode: rows are deleted");
        is(join(' | ', keys %summary), $result->summary, "$how, $mode: the same counts");
    }
};

done_testing;
