# Batches with an id: files in a directory for each table, loaded once. What is known of a
# batch in the database, approval, the validation queue, and the log.

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use File::Path qw(make_path);
use FindBin;
use IO::Compress::Gzip ();
use JSON::PP ();
use POSIX ();
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Load;
use PgSample::Test::LoadBatch;
use PgSample::Test::Server;

my $server = PgSample::Test::Server->start;
my $db     = $server->create_database;
PgSample::Test::LoadBatch::use_database($db);

# ---- files

subtest 'a batch of several tables in one commit' => sub {
    fresh();
    # part comes before item if another order than that of foreign keys counts
    put('b1/part/1.csv' => PARTS, 'b1/item/1.csv' => ITEMS, 'b1/item/2.copy' => "3\tc\n",
        'b1/item/.hidden' => 'x', 'b1/.git/x' => 'x');
    IO::Compress::Gzip::gzip(\qq({"id": 4, "v": "d"}\n{"id": 5, "v": null}\n),
        root() . "/staging/b1/part.gz.tmp");
    unlink root() . "/staging/b1/part.gz.tmp";
    my $result = batch_is('b1', [], 0, qr/^pg-sample-load: Batch load complete: 5 loaded, 0 updated, 0 errors in \d+[.]\d\ds$/m,
        'the batch is loaded');
    is($result->summary('item'), 'inserted 3', 'files of two formats for one table');
    is($result->summary('part'), 'inserted 2', 'rows that reference rows of the batch');
    is(states(), 'b1 public.item committed 3, b1 public.part committed 2', 'the state of each table');
    is($db->value('SELECT count(DISTINCT run_id) FROM _pg_sample_load.batch'), 1, 'one run');
    is($db->value('SELECT count(*) FROM _pg_sample_load.run'), 1, 'and one commit');
    like($result->stderr, qr/^pg-sample-load: Validating batch: b1$/m, 'log: Validating');
    like($result->stderr, qr/^pg-sample-load: Loading batch b1: 2 tables, 3 fragments$/m, 'log: Loading batch');
    like($result->stderr, qr/^pg-sample-load: Loading table: item [(]2 fragments[)]$/m, 'log: Loading table');
    like($result->stderr, qr/^pg-sample-load: Loading table: part [(]1 fragment[)]$/m, 'log: and the other');
};

subtest 'fragments of JSON, one record a file' => sub {
    fresh();
    put(map { ("b1/item/$_.json" => qq({"data": {"id": $_, "v": "v$_"}})) } 1 .. 20);
    put('b1/item/more.jsonl' => qq({"id": 21, "v": "x"}\n{"id": 22, "v": "y"}\n));
    my $result = batch_is('b1', ['--batch-size=3'], 0, qr/1 table, 21 fragments/, 'the batch is loaded');
    is($result->summary, 'inserted 22', 'all of them');
    is($db->value("SELECT string_agg(v, ',' ORDER BY id) FROM item WHERE id > 19"), 'v20,x,y', 'with their values');
    put('b2/item/1.json' => '{"data": {"id": 30, "v": "a"}}', 'b2/item/2.json' => '{"data": {"id": 31, "v": "b"}',
        'b2/part/1.csv' => "id,item,v\n9,1,x\n");
    batch_refused('b2', ['--max-errors=100%'], 3, qr{b2/item/2[.]json, line 1: record 1: .* is not closed.*Batch load failed: }s,
        'one that cannot be read ends it');
    is(logged(), 'b1 load item 22 success, b2 load item 0 failed, b2 load part 0 failed', 'which is logged');
};

subtest 'the order of files is that of the bytes of their names' => sub {
    fresh();
    put('b1/item/a.csv' => "id,v\n1,third\n", 'b1/item/B.csv' => "id,v\n1,second\n",
        'b1/item/10.csv' => "id,v\n1,first\n");
    my $result = batch('b1', { env => { LC_ALL => 'en_US.UTF-8' } });
    is($result->status, 0, 'the batch is loaded') or diag $result->describe;
    is($db->value('SELECT v FROM item'), 'third', 'the last one wins');
};

subtest 'what does not fit into the layout' => sub {
    fresh();
    batch_refused('none', [], 3, qr/Batch validation failed: No fragments found for batch none$/m, 'no directory');
    make_path(root() . "/staging/empty/item");
    batch_refused('empty', [], 3, qr/Batch validation failed: No fragments found for batch empty$/m, 'no files');
    is($db->value("SELECT to_regclass('_pg_sample_load.batch') IS NULL"), 't', 'nothing is created for it');
    my @cases = (
        [ 'b/x.json', qr{staging/b/x.json is not the directory of a table}, 'a file above the tables' ],
        [ 'b/item/deep/x.csv', qr{item/deep is a directory in the directory of a table}, 'a file below a table' ],
        [ 'b/item/x.txt', qr{item/x.txt is not a file of a batch}, 'another file' ],
        [ 'b/item/x.csv.bz2', qr{x.csv.bz2 is not a file of a batch}, 'another compression' ]
    );
    for my $case (@cases) {
        my ($path, $message, $name) = @$case;
        new_root();
        put('b/item/1.csv' => ITEMS, $path => ITEMS);
        my $result = batch_refused('b', [], 2, $message, $name);
        like($result->stderr, qr/^pg-sample-load: hint: /m, "$name: with a hint");
    }
    new_root();
    put('b/item/1.csv' => ITEMS, 'b/nothing/1.csv' => ITEMS);
    batch_refused('b', [], 3, qr/table "nothing" does not exist/, 'the directory of no table');
    new_root();
    put('b/Item/1.csv' => ITEMS);
    batch_refused('b', [], 3, qr/table "Item" does not exist.*hint: Perhaps you mean item/s, 'a name in other letters');
    new_root();
    make_path(root() . "/staging/b/\xff");
    put("b/\xff/1.csv" => ITEMS);
    batch_refused('b', [], 3, qr/error: "[^\n]*" is not valid in encoding UTF8\n.*hint: Names of tables, files and directories /, 'a name that is no text');
    new_root();
    put('b/item/1.json' => '{"id": 1}', 'b/item/2.csv' => ITEMS);
    batch_refused('b', [], 3, qr/2[.]csv is not JSON, in contrast to the previous files of table public[.]item.*hint: .*must all be JSON/s,
        'files of both kinds');
    new_root();
    put('b/item/1.csv' => ITEMS, 'b/item/2.json' => '{"id": 1}');
    batch_refused('b', [], 3, qr/2[.]json is JSON, in contrast to/, 'in the other order');
    new_root();
    put('b/item/1.csv' => ITEMS, 'b/item/2.csv' => "id\n1\n");
    batch_refused('b', [], 3, qr/2[.]csv has other columns than the previous files.*hint: The files of a table in a batch must/s,
        'other columns');
    new_root();
    make_path(root() . '/staging/b/nothing');
    put('b/item/1.csv' => ITEMS);
    batch_is('b', ['--dry-run'], 0, qr/1 table, 1 fragment/, 'an empty directory is none');
    new_root();
    put('b/item/1.csv' => ITEMS, 'b/public.item/1.csv' => ITEMS);
    batch_refused('b', [], 2, qr/directories item and public[.]item of batch b are of one table/, 'two directories');
    set_root(root() . '/nowhere');
    batch_refused('b', [], 2, qr/could not find .*nowhere/, 'no root');
    for my $id ('..', '.', 'a/b', '', 'a b', 'x' x 201) {
        my $result = load($db, "--batch-id=$id");
        is($result->status, 1, "id \"$id\"");
        like($result->stderr, qr/invalid value|must not be empty/, 'is invalid');
    }
};

subtest 'links and pipes' => sub {
    fresh();
    put('b/item/1.csv' => ITEMS, 'elsewhere/part/1.csv' => PARTS, 'elsewhere/3.csv' => "id,v\n3,c\n");
    my $staging = root() . '/staging';
    my $make = sub { symlink $_[0], "$staging/$_[1]" or die "could not make $_[1]: $!\n" };
    $make->("$staging/elsewhere/3.csv", 'b/item/3.csv');
    batch_is('b', ['--dry-run'], 0, qr/dry run complete: 3 loaded/, 'a link to a file is followed');
    $make->('nowhere', 'b/item/4.csv');
    batch_refused('b', [], 2, qr{could not find .*item/4[.]csv: No such file}, 'one that leads nowhere');
    unlink "$staging/b/item/4.csv";
    POSIX::mkfifo("$staging/b/item/4.csv", 0600) or die "could not make a pipe: $!\n";
    batch_refused('b', [], 2, qr{item/4[.]csv is not a file}, 'a pipe, which nobody writes');
    unlink "$staging/b/item/4.csv";
    $make->("$staging/elsewhere/part", 'b/part');
    batch_refused('b', [], 2, qr{b/part is a symbolic link, which is not followed}, 'a link to a directory');
    $make->("$staging/b", 'c');
    batch_refused('c', [], 2, qr{staging/c is a symbolic link, which is not followed}, 'a link to a batch');
    put('d' => 'x');
    batch_refused('d', [], 2, qr{staging/d is not the directory of a batch}, 'a file in its place');
};

# Who may write files must not decide what was approved, or what a rollback does.
subtest 'the own tables are not loaded' => sub {
    fresh();
    batch_is('none', ['--init'], 1, qr/contradict/, 'no batch is needed for it');
    is(load($db, '--init')->status, 0, 'the tables are there');
    for my $schema ('_pg_sample_load', 'own') {
        $db->sql("COMMENT ON SCHEMA _pg_sample_load IS NULL") if $schema eq 'own';
        $db->sql("ALTER SCHEMA _pg_sample_load RENAME TO $schema") if $schema eq 'own';
        for my $table (qw(run reject batch batch_load_log undo audit_log)) {
            new_root();
            put("b/$schema.$table/1.json" => '{"batch_id": "x", "table_name": "public.item", "state": "approved"}');
            my @named = ("--schema-name=$schema");
            batch_refused('b', [@named], 3, qr/$schema[.]$table is a table of pg-sample-load itself/, "$schema: $table");
            batch_refused('b', ['--schema-name=another'], 3, qr/is a table of pg-sample-load itself/, "$schema: $table: from another schema")
                if $schema ne 'own';
            batch_refused('b', [ '--approve', @named ], 3, qr/is a table of pg-sample-load itself/, "$schema: $table: approval");
        }
        refuses($db, [ "--schema-name=$schema", "$schema.batch=" . input_file('x.json', '{"batch_id": "x", "table_name": "t"}') ],
            3, qr/$schema[.]batch is a table of pg-sample-load itself/, 'nor by an ordinary load');
        is($db->value("SELECT count(*) FROM $schema.batch"), 0, 'nothing is written');
    }
    $db->sql('DROP SCHEMA own, another CASCADE');
};

subtest 'names of directories are no SQL' => sub {
    fresh();
    $db->sql(q{CREATE TABLE "It's; ""x""" (id int PRIMARY KEY); CREATE SCHEMA "S x"; }
            . q{CREATE TABLE "S x"."T" (id int PRIMARY KEY)});
    put(q{b/It's; "x"/1.csv} => "id\n1\n", 'b/S x.T/1.csv' => "id\n2\n");
    my $result = batch_is('b', [], 0, qr/2 tables, 2 fragments/, 'odd names are loaded');
    is($db->value(q{SELECT (SELECT id FROM "It's; ""x""") || ' ' || (SELECT id FROM "S x"."T")}), '1 2', 'rightly');
    batch_is('b', [], 0, qr/already loaded/, 'and recognized');
    put(q{c/x'); DROP TABLE item; --/1.csv} => "id\n1\n");
    batch_refused('c', [], 3, qr/does not exist/, 'a name that would be SQL');
    $db->sql(q{DROP TABLE "It's; ""x"""; DROP SCHEMA "S x" CASCADE});
};

subtest 'some tables of a batch, and the others later' => sub {
    fresh();
    put('b1/part/1.csv' => PARTS, 'b1/item/1.csv' => "id,v\n1,a\n3,c\n");
    batch_refused('b1', ['--table-name=missing'], 3, qr/table "missing" does not exist/, 'no such table');
    $db->sql('CREATE TABLE other (id int)');
    batch_refused('b1', ['--table-name=other'], 3, qr/Table other not found in batch/, 'not in the batch');
    my $result = batch_is('b1', ['--table-name=item'], 0, qr/1 table, 1 fragment\b/, 'one table');
    is(states(), 'b1 public.item committed 2', 'only that');
    $result = batch_is('b1', [], 0, qr/is already loaded: table public.item, 2 records/, 'then all');
    like($result->stderr, qr/Loading batch b1: 1 table, 1 fragment$/m, 'loads the rest');
    is(states(), 'b1 public.item committed 2, b1 public.part committed 2', 'and both are loaded');
    put('b2/part/1.csv' => PARTS, 'b2/item/1.csv' => ITEMS);
    batch_is('b2', ['--exclude-table=part'], 0, qr/1 table, 1 fragment\b/, 'a table can be left out');
    batch_refused('b2', ['--exclude-table=*'], 3, qr/No fragments found/, 'but not all');
    $db->sql('DROP TABLE other');
};

# ---- once

subtest 'a batch is loaded once' => sub {
    fresh();
    put('b1/item/1.csv' => ITEMS, 'b1/item/2.csv' => "id,v\n3,c\n");
    batch_is('b1', [], 0, qr/3 loaded/, 'first');
    $db->sql("UPDATE item SET v = 'changed since'");
    my $before = rows();
    my $result = batch_is('b1', [], 0, qr/batch b1 is already loaded: table public.item, 3 records at 20/, 'again');
    is(rows(), $before, 'nothing is written');
    unlike($result->stderr, qr/Loading batch/, 'nothing is staged');
    is($result->metrics->{batch_id}, 'b1', 'metrics');
    is($result->metrics->{total_records}, 0, 'without rows');
    is(logged(), 'b1 load item 3 success', 'and there is no second line in the log');

    my $old = root();
    new_root();
    put('b1/item/1.csv' => ITEMS, 'b1/item/2.csv' => "id,v\n3,c\n");
    utime 1, 1, root() . "/staging/b1/item/1.csv";
    batch_is('b1', [], 0, qr/already loaded/, 'a copy elsewhere, with other times');
    is(rows(), $before, 'nothing is written');
    put('b1/item/2.csv' => "id,v\n3,d\n");
    batch_refused('b1', [], 4, qr/batch b1 was loaded with other contents: table public.item, 3 records/,
        'a file has changed');
    unlink root() . "/staging/b1/item/2.csv";
    batch_refused('b1', [], 4, qr/other contents/, 'a file is missing');
    put('b1/item/2.csv' => "id,v\n3,c\n", 'b1/item/3.csv' => "id,v\n");
    batch_refused('b1', [], 4, qr/other contents/, 'there is one more');
    unlink root() . "/staging/b1/item/3.csv";
    rename root() . "/staging/b1/item/2.csv", root() . "/staging/b1/item/4.csv";
    batch_refused('b1', [], 4, qr/other contents.*hint: .*--force/s, 'a file has another name');
    set_root($old);
    batch_refused('b1', ['--strategy=insert_only'], 4, qr/was loaded with other options/, 'other options');
    batch_refused('b1', ['--csv-null=b'], 4, qr/was loaded with other options/, 'also about the files');
    is(logged(), 'b1 load item 3 success', 'what is refused is not logged');
    batch_is('b1', ['--jobs=2', '--lock-timeout=9s'], 0, qr/already loaded/, 'options that do not change the result');
    batch_is('b1', ['--force'], 0, qr/0 loaded, 3 updated/, '--force loads it again');
    is($db->value("SELECT string_agg(v, '' ORDER BY id) FROM item"), 'abc', 'and writes');
    is(logged(), 'b1 load item 3 success, b1 load item 3 success', 'which is in the log');
    is(states(), 'b1 public.item committed 3', 'there is one state');
    my $known = content($db, '_pg_sample_load.batch');
    batch_refused('b1', [ '--force', '--max-records=1' ], 3, qr/nothing was loaded/, 'where that fails');
    is(content($db, '_pg_sample_load.batch'), $known, 'what is known of the batch stays as it was');
    is(logged(), join(', ', ('b1 load item 3 success') x 2, 'b1 load item 0 failed'), 'and the failure is in the log');
    batch_is('b1', ['--force', '--strategy=insert_only'], 0, qr/Batch load complete/, '--force with other options');
    batch_is('b1', ['--strategy=insert_only'], 0, qr/already loaded/, 'these count from then on');
    put('b2/item/1.csv' => "id,v\n3,e\n");
    batch_is('b2', [], 0, qr/1 updated/, 'another batch is another batch');
};

subtest 'what is kept of a batch' => sub {
    fresh();
    my @files = ([ '1.csv', ITEMS ], [ 'z.csv', "id,v\n3,c\n" ], [ 'B.csv', "id,v\n" ]);
    put(map { ("b1/item/$_->[0]" => $_->[1]) } @files);
    my $result = batch_is('b1', ['--timestamp-column=none'], 0, qr/3 loaded/, 'the batch is loaded');
    my $content = sha256_hex(join '', map { "$_->[0]\0" . length($_->[1]) . "\0" . sha256_hex($_->[1]) . "\0" }
            sort { $a->[0] cmp $b->[0] } @files);
    my $row = $db->row('SELECT content_sha256, manifest_sha256, options, fragments, bytes, records, source,'
            . ' run_id, started_at <= committed_at, approved_by, app_user, metrics, error'
            . ' FROM _pg_sample_load.batch');
    my $options = '{"has_no_timestamp":true}';
    is($row->[0], $content, 'the SHA-256 of names, sizes and contents');
    is($row->[1], sha256_hex("$content\0$options\0"), 'and options');
    is_deeply(JSON::PP->new->decode($row->[2]), { has_no_timestamp => JSON::PP::true }, 'the options');
    is("@$row[3 .. 6]", '3 27 3 ' . root() . '/staging/b1', 'numbers of files, bytes and records, and where it was');
    is($row->[7], $result->metrics->{run_id}, 'the run');
    is($row->[8], 't', 'times');
    is($row->[9], undef, 'nobody has approved it');
    is($row->[10], 'postgres', 'who loaded it');
    is_deeply(JSON::PP->new->decode($row->[11]), {
        total_records => 3, records_loaded => 3, records_updated => 0, records_skipped => 0, errors => 0,
        rows_deleted => 0, rows_soft_deleted => 0 }, 'what was done');
    is($row->[12], undef, 'no error');
};

subtest 'another session has the batch' => sub {
    fresh();
    put('b1/item/1.csv' => ITEMS, 'b2/item/1.csv' => "id,v\n7,x\n");
    batch_is('b1', [], 0, qr/2 loaded/, 'the tables are there');
    put('b3/item/1.csv' => "id,v\n1,held\n");
    my $holder = other_session($db);
    $holder->query('BEGIN; SELECT FROM item WHERE id = 1 FOR UPDATE');
    my $run = start_batch('b3', '--lock-timeout=50s');
    my $session = wait_for_step($run, 'commit', lock => 1);
    my $result = batch('b3', { keep => 1 });
    is($result->status, 4, 'a second run ends at once') or diag $result->describe;
    like($result->stderr, qr{batch b3 is being loaded by another session \(pid $session->{pid}\)},
        'and says who has it');
    $result = batch('b3', '--force', { keep => 1 });
    is($result->status, 4, 'also with --force');
    $result = batch('b3', '--approve', { keep => 1 });
    is($result->status, 4, 'and to approve it');
    $result = batch('b2', { keep => 1 });
    is($result->status, 0, 'another batch is loaded meanwhile') or diag $result->describe;
    $result = batch('b3', '--schema-name=another', '--dry-run', { keep => 1 });
    is($result->status, 0, 'and one of another schema is not held up') or diag $result->describe;
    $db->sql('DROP SCHEMA another CASCADE');
    $holder->close;
    is($run->finish->status, 0, 'the first run ends well');
    is(logged(), 'b1 load item 2 success, b2 load item 1 success, b3 load item 1 success', 'nothing is logged as failed');
    batch_is('b3', [], 0, qr/already loaded/, 'then it is loaded');
};

subtest 'two loaders of a batch at once' => sub {
    fresh();
    put(map { ("b$_/item/1.csv" => "id,v\n$_,a\n", "b$_/item/2.csv" => "id,v\n-$_,b\n") } 1 .. 40);
    my @bad;
    for my $i (1 .. 40) {
        my @runs = map { start_batch("b$i") } 1, 2;
        my @results = map { $_->finish } @runs;
        my @loaded = grep { $_->status == 0 && $_->stderr =~ /Batch load complete: 2 loaded/ } @results;
        my @others = grep { ($_->status == 0 && $_->stderr =~ /already loaded/)
                || ($_->status == 4 && $_->stderr =~ /being loaded by another session/) } @results;
        push @bad, map { $_->describe } @results if @loaded != 1 || @others != 1;
    }
    is(join("\n", @bad), '', 'in each of 40 rounds it is loaded once');
    is(join(' ', left_tables($db)), '', 'nothing is left');
    is($db->value(q{SELECT count(*) || ' ' || count(DISTINCT batch_id) FROM _pg_sample_load.batch_load_log}),
        '40 40', 'and logged once');
};

subtest 'the schema is created by several runs at once' => sub {
    my @bad;
    for my $i (1 .. 5) {
        fresh();
        put(map { ("b$_/item/1.csv" => "id,v\n$_,a\n") } 1 .. 4);
        push @bad, map { $_->describe } grep { $_->status != 0 } map { $_->finish } map { start_batch("b$_") } 1 .. 4;
        push @bad, states() if states() ne join ', ', map { "b$_ public.item committed 1" } 1 .. 4;
    }
    is(join("\n", @bad), '', 'in each of 5 rounds all of them load');
    # a table is looked for before its row type is: the other run commits in between
    $db->sql('ALTER TABLE _pg_sample_load.reject SET SCHEMA public');
    my $holder = other_session($db);
    $holder->query('BEGIN; LOCK TABLE pg_catalog.pg_type IN SHARE ROW EXCLUSIVE MODE');
    $holder->query('CREATE TABLE _pg_sample_load.reject (LIKE public.reject INCLUDING ALL)');
    my $run = start_load($db, '--init');
    wait_until(15, sub { return scalar load_sessions($db, "wait_event_type = 'Lock'") });
    $holder->query('COMMIT');
    $holder->close;
    my $result = $run->finish;
    is($result->status, 0, 'a row type that is there before its table') or diag $result->describe;
    $db->sql('DROP TABLE public.reject');
};

# The lock is a courtesy; the row in the commit is what counts.
subtest 'a batch that somebody else has loaded meanwhile' => sub {
    fresh();
    put('b0/item/1.csv' => ITEMS, 'b1/item/1.csv' => "id,v\n1,new\n");
    batch_is('b0', [], 0, qr/2 loaded/, 'the tables are there');
    my $holder = other_session($db);
    $holder->query('BEGIN; SELECT FROM item WHERE id = 1 FOR UPDATE');
    my $run = start_batch('b1', '--lock-timeout=50s');
    wait_for_step($run, 'commit', lock => 1);
    $db->sql("INSERT INTO _pg_sample_load.batch (batch_id, table_name, state) VALUES ('b1', 'public.item', 'committed')");
    $holder->close;
    my $result = $run->finish;
    is($result->status, 4, 'the commit is refused') or diag $result->describe;
    like($result->stderr, qr/rolled back; the target is unchanged: batch b1 was loaded by another session/, 'which is said');
    is($db->value('SELECT v FROM item WHERE id = 1'), 'a', 'nothing is written');
    is(logged(), 'b0 load item 2 success', 'and nothing logged');
};

subtest 'files that change while they are read' => sub {
    fresh();
    put('b1/item/1.csv' => ITEMS, 'b1/item/2.csv' => "id,v\n3,c\n");
    batch_is('b1', ['--approve'], 0, qr/Approved batch b1: table public.item, 2 fragments/, 'it is approved');
    my $holder = other_session($db);
    $holder->query('BEGIN; LOCK TABLE item');
    # files were compared with the approval, and are now read; the staging table waits
    my $run = start_batch('b1', '--require-approval', '--batch-size=1');
    wait_until(15, sub { return scalar load_sessions($db, "wait_event_type = 'Lock'") });
    put('b1/item/2.csv' => "id,v\n3,d\n");
    $holder->close;
    my $result = $run->finish;
    is($result->status, 2, 'the change is noticed') or diag $result->describe;
    like($result->stderr, qr/files of batch b1 were changed while they were being read: table public.item/, 'and said');
    is(rows(), "\n--\n", 'nothing is loaded');
};

# ---- approval

subtest 'approval' => sub {
    fresh();
    put('b1/item/1.csv' => ITEMS, 'b1/part/1.csv' => "id,item,v\n10,1,x\n");
    batch_refused('b1', ['--require-approval'], 4, qr/batch b1 is not approved.*hint: .*--approve --batch-id=b1/s, 'needed');
    batch_is('b1', [ '--dry-run' ], 0, qr/dry run complete: 3 loaded/, 'but not for a dry run');
    batch_is('b1', [ '--require-approval', '--dry-run=execute' ], 0, qr/dry run complete: 3 loaded/, 'which asks for it');
    my $result = batch_refused('b1', ['--approve'], 0, qr/Approved batch b1: table public.item, 1 fragment, sha256 [0-9a-f]{64}/, 'given');
    is(states(), 'b1 public.item approved -, b1 public.part approved -', 'in the state of each table');
    is($db->value('SELECT count(*) FROM _pg_sample_load.batch WHERE approved_by = session_user'
            . ' AND approved_at > now() - interval \'1 minute\''), 2, 'with who and when');
    is(logged(), '', 'nothing is loaded');
    batch_refused('b1', [ '--require-approval', '--strategy=insert_only' ], 4, qr/approved with other contents or options/,
        'other options than the approved ones');
    put('b1/part/1.csv' => "id,item,v\n10,1,y\n");
    batch_refused('b1', ['--require-approval'], 4, qr/approved with other contents or options: table public.part/, 'other files');
    batch_is('b1', ['--approve'], 0, qr/Approved/, 'approved again');
    $db->sql('ALTER TABLE part ADD CHECK (v <> \'y\')');
    batch_refused('b1', ['--require-approval'], 3, qr/nothing was loaded/, 'a load that fails');
    is(states(), 'b1 public.item approved -, b1 public.part approved -', 'does not take the approval back');
    is($db->value('SELECT count(*) FROM _pg_sample_load.batch WHERE coalesce(run_id::text, app_user, error) IS NOT NULL'), 0,
        'nor does it change anything of it');
    $db->sql('ALTER TABLE part DROP CONSTRAINT part_v_check');
    batch_is('b1', ['--require-approval'], 0, qr/3 loaded/, 'loaded as approved');
    is(states(), 'b1 public.item committed 2, b1 public.part committed 1', 'then it is committed');
    is($db->value('SELECT count(*) FROM _pg_sample_load.batch WHERE approved_by IS NOT NULL'), 2, 'and who approved it is kept');
    batch_is('b1', ['--require-approval'], 0, qr/already loaded/, 'loaded is loaded');
    batch_is('b1', ['--approve'], 0, qr/already loaded/, 'and needs no approval any more');
    put('b1/item/1.csv' => "id,v\n1,z\n");
    batch_refused('b1', ['--approve'], 4, qr/loaded with other contents/, 'other contents cannot be approved');
    batch_is('b1', ['--force'], 0, qr/Batch load complete/, 'but be loaded with --force');
    is(join(' ', @{ $db->column("SELECT table_name || coalesce(' by ' || approved_by, '') || coalesce(' at ' || approved_at::date, '')"
            . ' FROM _pg_sample_load.batch ORDER BY 1') }) =~ s/ at \d\S+/ at/r, 'public.item public.part by postgres at',
        'then nobody has approved what was not approved');
    put('b2/item/1.csv' => "id,v\n1,q\n");
    batch_is('b2', [ '--require-approval', '--force' ], 0, qr/1 updated/, '--force needs no approval');
    put('b3/item/1.csv' => "id,v\n1,p\n");
    my @variable = (env => { REQUIRE_APPROVAL => 'true' });
    batch_refused('b3', [ {@variable} ], 4, qr/batch b3 is not approved/, 'the variable REQUIRE_APPROVAL');
    batch_is('b3', [ '--approve', {@variable} ], 0, qr/Approved/, 'approved in the same environment');
    batch_is('b3', [ {@variable} ], 0, qr/1 updated/, 'and loaded');
};

# ---- the queue

subtest 'the validation queue' => sub {
    fresh();
    put('b1/item/1.csv' => ITEMS, 'b1/part/1.csv' => "id,item,v\n10,1,x\n", 'b2/item/1.csv' => "id,v\n1,z\n");
    batch_refused('b1', ['--require-queue'], 3, qr/Batch validation failed: there is no table validation_queue/, 'needed');
    $db->sql(QUEUE);
    batch_refused('b1', [], 3, qr/Batch validation failed: No pending queue entries for batch b1$/m, 'empty');
    $db->sql("INSERT INTO validation_queue VALUES ('b1', 'item', 'pending'), ('b1', 'item', 'failed'),"
            . " ('b1', 'part', 'failed'), ('b2', 'item', 'pending')");
    batch_refused('b1', [], 3,
        qr/Batch validation failed: Batch has 2 failed validations[.] Review and fix before loading[.]$/m, 'failed');
    batch_refused('b1', ['--force'], 3, qr/Batch has 2 failed validations/, 'whatever is forced');
    $db->sql("UPDATE validation_queue SET status = 'pending'");
    batch_is('b1', ['--dry-run=execute'], 0, qr/dry run complete: 3 loaded/, 'a dry run');
    is(queue(), 'b1 item pending, b1 item pending, b1 part pending, b2 item pending', 'does not touch it');
    is(logged(), join(', ', ('b1 load item 0 failed', 'b1 load part 0 failed') x 4),
        'failures are logged, dry runs are not');
    $db->sql("UPDATE item SET v = 'x'; ALTER TABLE part ADD CONSTRAINT never CHECK (false) NOT VALID");
    batch_refused('b1', [], 3, qr/nothing was loaded/, 'a load that fails');
    is(queue(), 'b1 item pending, b1 item pending, b1 part pending, b2 item pending', 'does not touch it either');
    $db->sql('ALTER TABLE part DROP CONSTRAINT never');
    batch_is('b1', ['--table-name=item'], 0, qr/2 loaded/, 'one table');
    is(queue(), 'b1 item loaded now, b1 item loaded now, b1 part pending, b2 item pending', 'its entries are loaded');
    batch_is('b1', ['--require-queue'], 0, qr/1 loaded/, 'the other one');
    is(queue(), 'b1 item loaded now, b1 item loaded now, b1 part loaded now, b2 item pending', 'and its entry');
    batch_is('b1', [], 0, qr/already loaded/, 'loaded is loaded, without pending entries');
    batch_is('b1', ['--force'], 0, qr/Batch load complete/, '--force needs none');
    $db->sql("INSERT INTO validation_queue VALUES ('b3', 'public.item'), ('b3', 'part')");
    put('b3/item/1.csv' => "id,v\n5,z\n");
    batch_is('b3', [], 0, qr/1 loaded/, 'names with a schema');
    is($db->value("SELECT string_agg(status, ' ' ORDER BY table_name) FROM validation_queue WHERE batch_id = 'b3'"),
        'pending loaded', 'only those of the tables that were loaded');
    put('b4/item/1.csv' => "id,v\n6,z\n");
    $db->sql("INSERT INTO validation_queue VALUES ('b4', 'part', 'pending')");
    batch_refused('b4', [], 3, qr/No pending queue entries for batch b4/, 'an entry of a table that is not loaded');
    $db->sql("INSERT INTO validation_queue VALUES ('b4', 'item', 'pending'), ('b4', 'elsewhere', 'failed')");
    batch_refused('b4', [], 3, qr/Batch has 1 failed validations/, 'one that failed counts nevertheless');
    $db->sql("CREATE TYPE st AS ENUM ('pending', 'failed', 'loaded'); ALTER TABLE validation_queue"
            . " ALTER status DROP DEFAULT, ALTER status TYPE st USING status::st; UPDATE validation_queue SET status = 'pending'");
    batch_is('b2', [], 0, qr/1 updated/, 'a status of an enum');
    is($db->value("SELECT status FROM validation_queue WHERE batch_id = 'b2'"), 'loaded', 'is set as well');
    $db->sql('DROP TABLE validation_queue; DROP TYPE st');
};

# ---- the log

subtest 'the log' => sub {
    fresh();
    put('b1/item/1.csv' => "id,v\n1,a\n2,bad\n", 'b1/part/1.csv' => "id,item,v\n10,1,x\n");
    batch_refused('b1', [], 3, qr/^pg-sample-load: Batch load failed: 1 row cannot be loaded; nothing was loaded$/m, 'a failure');
    is(logged(), 'b1 load item 0 failed, b1 load part 0 failed', 'is logged for each table, after the rollback');
    is($db->value('SELECT DISTINCT error_message FROM _pg_sample_load.batch_load_log'),
        '1 row cannot be loaded; nothing was loaded', 'with the message');
    is(states(), 'b1 public.item failed -, b1 public.part failed -', 'and is the state of the batch');
    is($db->value('SELECT DISTINCT error FROM _pg_sample_load.batch'), '1 row cannot be loaded; nothing was loaded', 'with the message');
    batch_is('b1', ['--dry-run', '--max-errors=1'], 5, qr/dry run complete/, 'a dry run');
    batch_refused('b1', ['--dry-run'], 3, qr/nothing was loaded/, 'also one that fails');
    is(logged(), 'b1 load item 0 failed, b1 load part 0 failed', 'is not logged');
    my $result = batch_is('b1', ['--max-errors=1'], 5, qr/2 loaded, 0 updated, 1 error in/, 'a load without bad rows');
    is(logged(), 'b1 load item 0 failed, b1 load part 0 failed, b1 load item 1 partial, b1 load part 1 success', 'is partial');
    is(states(), 'b1 public.item committed 2, b1 public.part committed 1', 'and committed');
    is($db->value('SELECT count(*) FROM _pg_sample_load.batch WHERE error IS NOT NULL'), 0, 'without the error of the first time');
    is($result->metrics->{status}, 'partial', 'as in the metrics');
    $db->sql("DELETE FROM _pg_sample_load.batch_load_log");
    $db->sql(<<'SQL');
CREATE TABLE batch_load_log (log_id serial, batch_id varchar(50), operation varchar(20), table_name varchar(50),
    records_affected int, status varchar(20), error_message text, loaded_at timestamptz DEFAULT now())
SQL
    put('b2/item/1.csv' => "id,v\n3,c\n");
    batch_is('b2', [], 0, qr/1 loaded/, "a log that was there before");
    is(logged(), '', 'is used instead of the own one');
    is(logged('public.batch_load_log'), 'b2 load item 1 success', 'and has the columns of the original');
    put('b3/item/1.csv' => "id,v\n3,bad\n");
    batch_refused('b3', [], 3, qr/nothing was loaded/, 'a failure');
    is(logged('public.batch_load_log'), 'b2 load item 1 success, b3 load item 0 failed', 'is there, too');
    $db->sql('TRUNCATE public.batch_load_log; ALTER TABLE public.batch_load_log ALTER error_message TYPE varchar(9)');
    put('b3/item/1.csv' => "id,v\n4,bad\n");
    batch_refused('b3', [], 3, qr/nothing was loaded/, 'one with less room for the message');
    is($db->value('SELECT error_message FROM public.batch_load_log ORDER BY loaded_at DESC LIMIT 1'), '1 row can', 'has its beginning');
    $db->sql('ALTER TABLE public.batch_load_log ALTER batch_id TYPE varchar(2)');
    put('b33/item/1.csv' => "id,v\n4,bad\n", 'b34/item/1.csv' => "id,v\n4,c\n");
    batch_refused('b33', [], 3, qr/warning: could not record in table public[.]batch_load_log that the load failed
.*detail: value too long for type character varying[(]2[)]/, 'none for the id');
    is($db->value("SELECT state || ': ' || error FROM _pg_sample_load.batch WHERE batch_id = 'b33'"),
        'failed: 1 row cannot be loaded; nothing was loaded', 'but the state is recorded');
    batch_refused('b34', [], 6, qr/could not write to table public[.]batch_load_log: value too long/, 'and what cannot be logged is not loaded');
    $db->sql('DROP TABLE public.batch_load_log');
    # what is not valid in UTF-8 does not keep a failure from being logged
    new_root();
    make_path(root() . "/staging/b4/item");
    put("b4/item/\xff.csv" => "id,v\nx,y\n");
    batch_refused('b4', [], 3, qr/nothing was loaded/, 'a name that is no text');
    like(logged(), qr/b4 load item 0 failed/, 'is logged');
};

done_testing;
