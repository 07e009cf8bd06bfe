# The effective row: what rows become where the record is not all of it. Merge, immutable
# columns, the time of updates, soft deletes; records that lack members, alone, together and
# beside other writers.

use strict;
use warnings;

use FindBin;
use Test::More;
use Time::HiRes qw(time);
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Load;
use PgSample::Test::Server;

my $server = PgSample::Test::Server->start;
my $db     = $server->create_database;
my @STAGING = ('--staging=auto', '--staging=always');

sub fill
{
    my ($definition, $rows) = @_;
    $db->sql("DROP TABLE IF EXISTS t CASCADE; CREATE TABLE t ($definition)"
            . ($rows ? "; INSERT INTO t VALUES $rows" : ''));
    return;
}

sub file
{
    my (@rows) = @_;
    return input_file('t.csv', csv(@rows));
}

sub rows_are
{
    my ($expected, $name, $columns) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    return is(content($db, 't', $columns), join("\n", sort @$expected), $name);
}

# ---- merge

subtest 'merge: NULL does not overwrite, in updates; new rows have it' => sub {
    for my $staging (@STAGING) {
        fill('id int PRIMARY KEY, a text, "B b" int, j json, k int[]',
            q{(1, 'a', 1, '{"a":1}', '{1}'), (2, 'b', NULL, NULL, '{2}'), (3, 'c', 3, '3', '{3}')});
        my $file = file(
            [ 'id', 'a', 'B b', 'j', 'k' ],
            [ 1, undef, 2, undef, undef ],
            [ 2, 'B', undef, '[2]', undef ],
            [ 3, undef, undef, undef, undef ],
            [ 4, undef, 4, undef, '{4}' ]
        );
        loads($db, [ $staging, '--conflict=merge', $file ],
            'inserted 1, updated 2, unchanged 1', $staging);
        my @expected = (
            '(1,a,2,"{""a"":1}",{1})', '(2,B,,[2],{2})', '(3,c,3,3,{3})', '(4,,4,,{4})');
        rows_are(\@expected, "$staging: rows");
        loads($db, [ $staging, '--conflict=merge', $file ], 'unchanged 4', "$staging: again");
        loads($db, [ $staging, '--conflict=skip', $file ], 'unchanged 1, skipped 3',
            "$staging: skip leaves rows as they are");
        rows_are(\@expected, "$staging: the same rows");
    }
};

subtest 'merge: NOT NULL and CHECK look at what the row becomes' => sub {
    fill('id int PRIMARY KEY, a int NOT NULL, b int, CHECK (a < b)', '(1, 1, 5), (2, 2, 9)');
    my $file = file([ 'id', 'a', 'b' ], [ 1, undef, 6 ], [ 2, 3, undef ]);
    loads($db, [ '--conflict=merge', $file ], 'updated 2', 'NULL keeps the value');
    rows_are([ '(1,1,6)', '(2,3,9)' ], 'rows');
    refuses(
        $db, [ '--conflict=merge', file([ 'id', 'a', 'b' ], [ 1, 7, undef ], [ 3, undef, 1 ]) ],
        3,
        [ qr/violates CHECK constraint "t_check"/, qr/null value in column "a", which is NOT NULL/ ],
        'the kept value is checked, and a new row has none'
    );
    my $result = load($db, '--conflict=merge', '--max-errors=9',
        file([ 'id', 'a', 'b' ], [ 1, 7, undef ], [ 2, 4, undef ], [ 3, undef, 1 ]));
    is($result->status, 5, 'with rejects');
    is($result->summary, 'updated 1, error 2', 'the others are loaded');
    rows_are([ '(1,1,6)', '(2,4,9)' ], 'rows');
};

# ---- immutable columns

subtest 'immutable columns keep their values, NULL as well' => sub {
    for my $staging (@STAGING) {
        fill('id int PRIMARY KEY, a text, "f ""x" text, n int',
            q{(1, 'a', 'one', 1), (2, 'b', NULL, 2), (3, 'c', 'three', 3)});
        my $file = file(
            [ 'id', 'a', 'f "x', 'n' ],
            [ 1, 'A', 'uno',   1 ],
            [ 2, 'b', 'dos',   2 ],
            [ 3, 'C', 'three', 4 ],
            [ 4, 'd', 'four',  5 ]
        );
        my @arguments = ($staging, '--immutable-fields=id,"f ""x"', $file);
        my $result = loads($db, \@arguments, 'inserted 1, updated 2, unchanged 1', $staging);
        my @expected = ('(1,A,one,1)', '(2,b,,2)', '(3,C,three,4)', '(4,d,four,5)');
        rows_are(\@expected, "$staging: rows");
        like($result->stderr, qr/Attempted to change immutable field 'f "x': one -> uno \(.*record 1\)/,
            'each is said');
        like($result->stderr, qr/immutable field 'f "x': NULL -> dos/, 'NULL is a value');
        is($result->count('immutable_conflicts'), 2, 'and counted');
        refuses($db, [ @arguments, '--immutable=reject' ], 3,
            [ map { qr/Immutable field 'f "x' changed: $_/ } 'one -> uno', 'NULL -> dos' ],
            "$staging: or it is a reject");
    }
};

subtest 'immutable columns: examples, hostile values, timestamps, several records' => sub {
    fill('id int PRIMARY KEY, f text, j json, a text, captured_at date',
        "(0, 'o', NULL, 'o', NULL); INSERT INTO t SELECT i, 'old', '{\"a\": 1}', 'a', '2020-01-02' FROM generate_series(1, 9) i");
    my $result = loads($db, [ '--immutable-fields=f,j', '--max-errors=9', file([ 'id', 'f', 'j', 'captured_at' ],
                map { [ $_, "new$_", '{"a": 1}', '2020-01-03' ] } 1 .. 9) ], 'updated 9', 'nine');
    my @shown = $result->stderr =~ /Attempted to change immutable field 'f': old -> new\d/g;
    is(@shown, 3, 'three are shown');
    like($result->stderr, qr/6 more records would change immutable field 'f'/, 'the others counted');
    unlike($result->stderr, qr/field 'j'/, 'the same json is no change');
    my $hostile = "\e[31m\nx\ty\\z'" . 'l' x 200;
    $result = load($db, '--immutable-fields=f', file([ 'id', 'f', 'captured_at' ], [ 1, $hostile, '2020-01-04' ]));
    unlike($result->stderr, qr/\e|\ny/, 'values are escaped');
    unlike($result->stderr, qr/l{150}/, 'and cut');
    my $file = input_path('rejects.csv');
    $result = load($db, '--immutable-fields=f', '--immutable=reject', '--max-errors=1', "--rejects-file=$file",
        file([ 'id', 'f', 'captured_at', 'a' ], [ 1, $hostile, '2020-01-04', 'A' ], [ 2, 'old', '2020-01-05', 'A' ]));
    is($result->status, 5, 'one is rejected') or diag $result->describe;
    is($result->summary, 'updated 1, error 1', 'and the other loaded');
    like(slurp($file), qr/,"f",,"Immutable field 'f' changed: old -> \\x1B.*l"/, 'with its reason') or diag slurp($file);
    loads($db, [ '--immutable-fields=f', '--immutable=reject', file([ 'id', 'f', 'captured_at' ], [ 1, 'x', '2001-01-01' ]) ],
        'skipped 1', 'an older record is no attempt');
    $result = load($db, '--immutable-fields=f', lines('{"id": 20, "f": "one", "a": "x"}', '{"id": 20, "f": "two"}', '{"id": 20, "a": "y"}',
            '{"id": 3, "captured_at": "2021-01-01"}', '{"id": 20, "f": "one"}'));
    is($result->summary, 'inserted 1, updated 1, duplicate 3', 'several records of a new key');
    is($result->count('immutable_conflicts'), 1, 'one tries to change it');
    like($result->stderr, qr/immutable field 'f': one -> two/, 'which is said');
    is($db->value("SELECT concat_ws(' ', f, a) FROM t WHERE id = 20"), 'one y', 'the first one counts');
    $result = load($db, '--immutable-fields=f', '--immutable=reject', '--max-errors=1',
        lines('{"id": 21, "f": "one", "a": "x"}', '{"id": 21, "a": "y"}', '{"id": 21, "f": "two", "a": "z"}'));
    is($result->status, 5, 'or is rejected');
    is($db->value("SELECT concat_ws(' ', f, a) FROM t WHERE id = 21"), 'one y', 'and takes no part');
    is($result->summary, 'inserted 1, duplicate 1, error 1', 'the others are folded');
    my @twice = ('{"id": 22, "f": "one"}', '{"id": 22, "f": "two"}');
    for my $case ([ '--strategy=update_only' => 'skipped 1, duplicate 1' ], [ '--on-duplicate=first' => 'inserted 1, duplicate 1' ]) {
        my $changed = loads($db, [ $case->[0], '--immutable-fields=f', '--immutable=reject', lines(@twice) ], $case->[1],
            "$case->[0]: the second record changes no row");
        is($changed->count('immutable_conflicts'), 0, 'which is no attempt');
    }
};

# ---- the time of updates

subtest 'updated_at is set where something else differs' => sub {
    for my $type ('timestamptz', 'timestamp(0)', 'date') {
        fill("id int PRIMARY KEY, a text, u $type DEFAULT '2001-01-01'",
            q{(1, 'a', '2000-01-01'), (2, 'b', '2000-01-01')});
        for my $columns ([ 'id', 'a' ], [ 'id', 'a', 'u' ]) {
            $db->sql("UPDATE t SET u = '2000-01-01'");
            $db->sql('DELETE FROM t WHERE id = 3');
            my @u = @$columns > 2 ? ('1999-09-09') : ();
            my $old = "x$#$columns";
            my $file = file($columns, [ 1, $old, @u ], [ 2, 'b', @u ], [ 3, 'c', @u ]);
            loads($db, [ '--updated-at-column=u', $file ], 'inserted 1, updated 1, unchanged 1',
                "$type, @$columns");
            is($db->value('SELECT u >= now() - interval \'1 day\' FROM t WHERE id = 1'), 't',
                'the time of the update');
            is($db->value('SELECT u::date FROM t WHERE id = 2'), '2000-01-01', 'unchanged');
            is($db->value('SELECT u::date FROM t WHERE id = 3'),
                @u ? '1999-09-09' : '2001-01-01', 'a new row has that of the record, or the default');
        }
    }
};

# ---- soft deletes

subtest 'absent rows are marked, returning ones unmarked' => sub {
    for my $staging (@STAGING) {
        fill('id int PRIMARY KEY, a text, deleted_at timestamptz, updated_at timestamptz',
            q{(1, 'a', NULL, NULL), (2, 'b', NULL, NULL), (3, 'c', '2020-01-01Z', NULL),
              (4, 'd', '2020-01-01Z', '2020-01-01Z')});
        my $file = file([ 'id', 'a' ], [ 1, 'a' ], [ 4, 'd' ]);
        my @full = ($staging, '--mode=full', '--soft-delete', '--max-delete-pct=50');
        my $result = loads($db, [ @full, '--updated-at-column=updated_at', $file ],
            'updated 1, unchanged 1', "$staging: one returns, one is absent");
        is($result->count('soft_deleted_rows'), 1, 'one is marked');
        is($result->count('deleted_rows'), 0, 'none deleted');
        like($result->stderr, qr/0 deleted, 1 soft-deleted, 0 duplicates/, 'and it is said');
        rows_are(
            [ '1 a f f', '2 b t t', '3 c t f', '4 d f t' ], "$staging: rows",
            "concat_ws(' ', id, a, deleted_at IS NOT NULL, updated_at IS NOT NULL)"
        );
        is($db->value("SELECT deleted_at = '2020-01-01Z' FROM t WHERE id = 3"), 't',
            'an old mark stays');
        loads($db, [ @full, $file ], 'unchanged 2', "$staging: again")
            ->count('soft_deleted_rows');
        loads($db, [ $staging, '--soft-delete', '--conflict=merge',
                file([ 'id', 'a', 'deleted_at' ], [ 2, undef, undef ], [ 3, 'c', '2021-01-01Z' ]) ],
            'updated 2', "$staging: a key that returns in an incremental load");
        is($db->value('SELECT deleted_at IS NULL FROM t WHERE id = 2'), 't', 'unmarked by merge');
        is($db->value("SELECT deleted_at = '2021-01-01Z' FROM t WHERE id = 3"), 't',
            'the mark of a record counts');
    }
};

subtest 'soft deletes are guarded, and ask no children' => sub {
    fill('id int PRIMARY KEY, a text, gone date',
        "(1, 'a', NULL), (2, 'b', NULL), (3, 'c', '2020-01-01'), (4, 'd', '2020-01-01')");
    $db->sql('CREATE TABLE child (t_id int REFERENCES t ON DELETE CASCADE);'
            . ' INSERT INTO child VALUES (2)');
    my $file = file([ 'id', 'a' ], [ 1, 'a' ]);
    my @soft = ('--mode=full', '--soft-delete', '--deleted-at-column=gone');
    refuses($db, [ @soft, $file ], 3, qr/1 of 2 rows of the table would be deleted, more than 20/,
        'rows that are marked already do not count');
    my $result = loads($db, [ @soft, '--max-delete-pct=50', $file ], 'unchanged 1', 'marked');
    is($result->count('soft_deleted_rows'), 1, 'one row');
    is($db->value('SELECT count(*) FROM child'), 1, 'its child stays');
    $db->sql('DROP TABLE child');
    refuses($db, [ @soft, file([ 'id', 'a' ]) ], 3, qr/fewer than --min-rows|no rows to load/,
        'an empty file');
};

subtest 'soft deletes of a slice' => sub {
    fill('id int PRIMARY KEY, shop int, deleted_at timestamp',
        '(1, 1, NULL), (2, 1, NULL), (3, 2, NULL)');
    my $result = loads($db, [ '--slice=shop=1', '--soft-delete', '--max-delete-pct=50',
            file([ 'id', 'shop' ], [ 1, 1 ]) ], 'unchanged 1', 'a slice');
    is($result->count('soft_deleted_rows'), 1, 'one of the slice');
    is($db->value('SELECT string_agg(id::text, \',\') FROM t WHERE deleted_at IS NOT NULL'), '2',
        'others are not touched');
};

subtest 'partial unique indexes' => sub {
    for my $staging (@STAGING) {
        my $table = 'id int PRIMARY KEY, code text, deleted_at timestamptz';
        my $index = 'CREATE UNIQUE INDEX alive ON t (code) WHERE deleted_at IS NULL';
        my @full = ($staging, '--mode=full', '--soft-delete', '--max-delete-pct=100');
        fill($table, "(1, 'a', NULL), (2, 'b', NULL), (3, 'a', '2020-01-01Z')");
        $db->sql($index);
        loads($db, [ @full, file([ 'id', 'code' ], [ 2, 'a' ], [ 4, 'b' ]) ],
            'inserted 1, updated 1', "$staging: values of a row that leaves the index are free");
        rows_are([ '1 a t', '2 a f', '3 a t', '4 b f' ], "$staging: rows",
            "concat_ws(' ', id, code, deleted_at IS NOT NULL)");
        refuses($db, [ $staging, '--soft-delete', file([ 'id', 'code' ], [ 3, 'a' ]) ], 3,
            qr/has values of another row in unique key "alive"/,
            "$staging: a row that returns enters the index");
        $db->sql('DROP INDEX alive; CREATE UNIQUE INDEX all_of_them ON t (code, id)');
        fill($table, "(1, 'a', NULL), (2, 'b', NULL)");
        $db->sql('CREATE UNIQUE INDEX always ON t (code)');
        refuses($db, [ @full, file([ 'id', 'code' ], [ 2, 'b' ], [ 4, 'a' ]) ], 3,
            qr/has values of another row in unique key "always"/,
            "$staging: a marked row keeps its values in other indexes");
    }
};

subtest 'a row that changes before its soft delete is kept' => sub {
    for my $staging ('--staging=always', '--staging-min-rows=5000') {
        fill('id int PRIMARY KEY, a text, deleted_at timestamptz',
            "(0, 'o', NULL), (1, 'a', NULL), (2, 'b', NULL), (3, 'c', NULL)");
        my $holder = other_session($db);
        $holder->query("BEGIN; UPDATE t SET a = 'held' WHERE id = 0");
        my $run = start_load($db, '--lock-timeout=50s', $staging, '--mode=full', '--soft-delete',
            '--max-delete-pct=100', file([ 'id', 'a' ], [ 0, 'x' ]));
        ok(ref wait_for_step($run, 'commit', lock => 1), "$staging: it stands before its writes");
        $db->sql("UPDATE t SET a = 'B' WHERE id = 2");
        $holder->query('COMMIT');
        $holder->close;
        my $result = $run->finish(30);
        is($result->summary, 'updated 1', 'loaded') or diag $result->describe;
        is($result->count('soft_deleted_rows'), 2, 'two are marked');
        is($result->count('kept_moved'), 1, 'one is kept');
        is($db->value('SELECT string_agg(id::text, \',\' ORDER BY id) FROM t WHERE deleted_at IS NULL'),
            '0,2', 'which it is');
    }
};

# ---- absent members

sub lines
{
    return input_file('t.jsonl', join '', map { "$_\n" } @_);
}

subtest 'an absent member leaves the value, null overwrites it' => sub {
    for my $staging (@STAGING) {
        fill(q{id int PRIMARY KEY, a text, "b ""B" numeric DEFAULT 1.50, j json, k int[]},
            q{(1, 'a', 1.0, '{"x": 1}', '{1}'), (2, 'b', 2, '2', '{2}'), (3, 'c', 3, '3', NULL)});
        my $file = lines(
            '{"id": 1, "a": "A"}', '{"id": 2, "b \"B": null, "j": null}',
            '{"id": 3, "k": [3]}', '{"id": 4}', '{"id": 5, "b \"B": null, "k": [null]}',
            '{"id": 6, "a": "f", "b \"B": 6.00, "j": [ 1 ], "k": []}'
        );
        loads($db, [ $staging, $file ], 'inserted 3, updated 3', $staging);
        my @rows = ('(1,A,1.0,"{""x"": 1}",{1})', '(2,b,,,{2})', '(3,c,3,3,{3})',
            '(4,,1.50,,)', '(5,,,,{NULL})', '(6,f,6.00,"[ 1 ]",{})');
        rows_are(\@rows, "$staging: rows");
        loads($db, [ $staging, $file ], 'unchanged 6', "$staging: again");
        my $keep = '--stage-only';
        my $staged = load($db, $keep, $file, { keep => 1 });
        chomp(my $name = $staged->stdout);
        loads($db, [ "--commit-staged=$name" ], 'unchanged 6', "$staging: staged before");
    }
};

subtest 'members that no record has are as columns that a file lacks' => sub {
    fill('id int PRIMARY KEY, a text, n int NOT NULL DEFAULT 7, u float DEFAULT random(),'
            . ' captured_at date', q{(1, 'a', 1, NULL, '2020-01-01')});
    my $result = loads($db, [ lines('{"id": 1, "a": "x"}', '{"id": 2, "a": "y"}') ],
        'inserted 1, updated 1', 'the timestamp is one of them');
    rows_are([ '1 x 1', '2 y 7' ], 'rows', q{concat_ws(' ', id, a, n)});
    refuses($db, [ '--timestamp-column=captured_at', lines('{"id": 1, "a": "x"}') ], 3,
        qr/the rows for table public[.]t have no column "captured_at", which is the timestamp/,
        'unless it is named');
    loads($db, [ lines('{"id": 1, "captured_at": "2019-01-01"}', '{"id": 2, "a": "z"}') ],
        'updated 1, skipped 1', 'where some have it, none is the oldest');
    rows_are([ '1 x 1', '2 z 7' ], 'rows', q{concat_ws(' ', id, a, n)});
};

subtest 'defaults of new rows are evaluated where they are needed' => sub {
    for my $staging (@STAGING) {
        fill('id int PRIMARY KEY, s serial, i int GENERATED BY DEFAULT AS IDENTITY,'
                . ' a int GENERATED ALWAYS AS IDENTITY, t timestamptz DEFAULT now(),'
                . ' c text DEFAULT \'x\' || 1, n text NOT NULL, d date DEFAULT \'2020-02-02\'', '');
        my $file = lines(
            '{"id": 1, "n": "n"}',
            '{"id": 2, "n": "n", "s": 20, "i": 20, "a": 20, "t": "2000-01-01Z", "c": "c", "d": null}',
            '{"id": 3, "n": "n", "s": 30}', '{"id": 4, "n": "n", "a": 40, "c": null}'
        );
        loads($db, [ $staging, $file ], 'inserted 4', $staging);
        is($db->value('SELECT count(*) FROM t WHERE t = (SELECT t FROM t WHERE id = 1)'), 3,
            'now() is the same in all rows');
        rows_are(
            [ '1 31 21 41 x1 2020-02-02', '2 20 20 20 c ', '3 30 22 42 x1 2020-02-02',
              '4 32 23 40  2020-02-02' ],
            "$staging: rows", q{concat_ws(' ', id, s, i, a, coalesce(c, ''), coalesce(d::text, ''))}
        );
        is($db->value("SELECT nextval('t_s_seq')"), 33, 'numbers are drawn for two rows only');
        refuses($db, [ $staging, lines('{"id": 5, "c": "c"}', '{"id": 6, "n": "n"}') ], 3,
            qr/null value in column "n", which is NOT NULL/, 'NOT NULL without a default');
        my $result = load($db, $staging, '--max-errors=1', '--rejects-file=' . input_path('r'),
            lines('{"id": 1, "c": "c"}', '{"id": 5, "c": "c"}', '{"id": 6, "n": "n"}'));
        is($result->status, 5, 'rejected');
        is($result->summary, 'inserted 1, updated 1, error 1', 'but for an update it is no problem');
    }
};

subtest 'the other ways to apply insert with defaults, too' => sub {
    for my $apply (qw(delete-insert truncate swap)) {
        fill('id int PRIMARY KEY, s serial, c text DEFAULT \'x\', n text NOT NULL DEFAULT md5(\'1\')',
            "(1, 1, 'a', 'a'), (2, 2, 'b', 'b')");
        loads($db, [ '--mode=full', "--apply=$apply", '--max-delete-pct=100',
                lines('{"id": 1, "s": 11}', '{"id": 2, "s": 12, "c": null}', '{"id": 3, "n": "n"}') ],
            'inserted 3, deleted 2', $apply);
        rows_are([ '1 11 x c4ca4238a0b923820dcc509a6f75849b', '2 12  c4ca4238a0b923820dcc509a6f75849b',
                '3 13 x n' ], "$apply: rows", q{concat_ws(' ', id, s, coalesce(c, ''), n)});
    }
    fill('id int PRIMARY KEY, a int, b int', '(1, 1, 1)');
    my $result = loads($db, [ '--mode=full', '--apply=swap', lines('{"id": 1, "a": 2}') ],
        'inserted 1, deleted 1', 'a column that no record has');
    like($result->stderr, qr/with the defaults of columns that are missing in the file: b\n/, 'is lost, and said so');
    fill('c text DEFAULT \'x\', n int', "('x', 1), ('y', 2)");
    loads($db, [ lines('{"n": 1}', '{"c": "y", "n": 2}', '{"c": "z"}') ], 'inserted 1, unchanged 2',
        'rows without a key are compared with their defaults');
    rows_are([ '(x,1)', '(y,2)', '(z,)' ], 'rows');
    loads($db, [ '--mode=append', lines('{"n": 3}', '{"c": null, "n": 4}') ], 'inserted 2', 'append');
    rows_are([ '(x,1)', '(y,2)', '(z,)', '(x,3)', '(,4)' ], 'rows');
};

subtest 'checks look at the effective row' => sub {
    fill('id int PRIMARY KEY, a int DEFAULT 5, b int DEFAULT (random() * 0)::int,'
            . ' CONSTRAINT ordered CHECK (a > b), r int REFERENCES t, u text DEFAULT \'u\' UNIQUE',
        "(1, 3, 2, NULL, 'one'), (2, 9, 8, NULL, 'two')");
    for my $case (
        [ '{"id": 1, "a": 2}',              qr/violates CHECK constraint "ordered"/, 'with the old value' ],
        [ '{"id": 3, "b": 5}',              qr/violates CHECK constraint "ordered"/, 'with the default' ],
        [ '{"id": 4, "a": -1}',             qr/violates check constraint "ordered"/i, 'an unknown default: the commit' ],
        [ '{"id": 4, "r": 5}',              qr/referenced row is missing/,  'a foreign key' ],
        [ '{"id": 4, "u": "two"}',          qr/unique key "t_u_key"/, 'a unique key' ],
        [ "{\"id\": 5}\n{\"id\": 6}",      qr/unique key "t_u_key"/, 'the default twice' ],
        )
    {
        refuses($db, [ lines($case->[0], '{"id": 7, "a": 3, "b": 2, "r": 1, "u": "7"}') ],
            [ 3, 6, 8 ], $case->[1], $case->[2]);
    }
    loads($db, [ lines('{"id": 1, "a": 4}', '{"id": 2, "r": 9}', '{"id": 9, "u": "nine", "b": 0}') ],
        'inserted 1, updated 2', 'what is right is loaded');
};

subtest 'an absent member beside a concurrent writer: none of 1,000 values is lost' => sub {
    for my $staging ('--staging=always', '--staging-min-rows=5000') {
        fill('id int PRIMARY KEY, v text, other text, j json',
            "(0, 'old', 'o', NULL); INSERT INTO t SELECT i, 'old', 'o', '{}' FROM generate_series(1, 1000) i");
        my $file = lines('{"id": 0, "v": "new0", "other": "x"}',
            map { qq({"id": $_, "v": "new$_"}) } 1 .. 1000);
        my $holder = other_session($db);
        $holder->query("BEGIN; UPDATE t SET other = 'held' WHERE id = 0");
        my $run = start_load($db, '--lock-timeout=50s', $staging, $file);
        ok(ref wait_for_step($run, 'commit', lock => 1), "$staging: it stands before its writes");
        $db->sql("UPDATE t SET other = 'concurrent ' || id WHERE id = $_") for 1 .. 10;
        $db->sql("UPDATE t SET other = 'concurrent ' || id WHERE id > 10");
        $holder->query('COMMIT');
        $holder->close;
        my $result = $run->finish(30);
        is($result->summary, 'updated 1001', "$staging: loaded") or diag $result->describe;
        is($result->count('moved_rows'), 1001, 'all were decided again');
        is($db->value("SELECT count(*) FROM t WHERE other = 'concurrent ' || id AND v = 'new' || id"), 1000,
            "$staging: none is lost");
        is($db->value('SELECT other FROM t WHERE id = 0'), 'x', 'and what the record has is written');
    }
};

subtest 'a dry run says what a run does' => sub {
    fill('id int PRIMARY KEY, a text DEFAULT \'d\', b int, deleted_at date',
        "(1, 'a', 1, NULL), (2, 'b', 2, NULL), (3, 'c', 3, '2020-01-01'), (4, 'd', 4, NULL)");
    my @arguments = ('--mode=full', '--soft-delete', '--max-delete-pct=100', '--immutable-fields=b',
        lines('{"id": 1, "b": 7}', '{"id": 3, "a": "C"}', '{"id": 3, "b": 3}', '{"id": 5}', '{"id": 4, "a": "D"}'));
    my @summaries;
    for my $how ([], ['--dry-run'], ['--dry-run=execute'], []) {
        my $before = image($db);
        my $result = load($db, @$how, @arguments);
        is($result->status, 0, "@$how") or diag $result->describe;
        push @summaries, $result->summary . ' ' . join ' ', map { $result->count($_) } qw(soft_deleted_rows immutable_conflicts);
        is(image($db), $before, 'nothing has changed') if @$how;
        $db->sql("TRUNCATE t; INSERT INTO t VALUES (1, 'a', 1, NULL), (2, 'b', 2, NULL), (3, 'c', 3, '2020-01-01'), (4, 'd', 4, NULL)");
    }
    is($_, 'inserted 1, updated 2, unchanged 1, duplicate 1 1 1', 'counts') for @summaries;
};

subtest 'partitions, triggers, keys without an index or with several spellings, cycles' => sub {
    fill('id int, a int, b text DEFAULT \'b\', deleted_at date, PRIMARY KEY (id, a)) PARTITION BY RANGE (a', '');
    $db->sql('CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);'
            . ' CREATE TABLE t2 PARTITION OF t FOR VALUES FROM (10) TO (20);'
            . " INSERT INTO t VALUES (1, 1, 'x'), (2, 12, 'x'), (3, 3, 'x')");
    loads($db, [ '--mode=full', '--soft-delete', '--max-delete-pct=100',
            lines('{"id": 1, "a": 1, "b": null}', '{"id": 4, "a": 14}', '{"id": 4, "a": 14, "deleted_at": null}') ],
        'inserted 1, updated 1, duplicate 1', 'partitions');
    rows_are([ '1  f', '2 x t', '3 x t', '4 b f' ], 'rows', q{concat_ws(' ', id, coalesce(b, ''), deleted_at IS NOT NULL)});
    fill('id int PRIMARY KEY, a int NOT NULL, b text', "(1, 1, 'x')");
    $db->sql("CREATE FUNCTION fill_a() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.a := coalesce(NEW.a, 42);"
            . " RETURN NEW; END'; CREATE TRIGGER f BEFORE INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION fill_a()");
    my $result = loads($db, [ lines('{"id": 1, "b": "c"}', '{"id": 2, "b": "d"}', '{"id": 3, "a": 5}') ],
        'inserted 2, updated 1', 'a trigger');
    like($result->stderr, qr/1 row: null value in column "a".*\n.*trigger of the table may change that/, 'which is not known');
    rows_are([ '(1,1,c)', '(2,42,d)', '(3,5,)' ], 'rows');
    fill('id int, a int, b text', "(1, 1, 'x'), (NULL, 2, 'n')");
    loads($db, [ '--natural-key=id', '--conflict=merge',
            lines('{"id": 1, "a": 5}', '{"id": 1, "b": "y", "a": null}', '{"id": 4, "a": 1}') ],
        'inserted 1, updated 1, duplicate 1', 'a natural key without a unique index');
    rows_are([ '(,2,n)', '(1,5,y)', '(4,1,)' ], 'rows');
    fill('id int PRIMARY KEY, p int NOT NULL REFERENCES t, b text, deleted_at date', "(1, 1, 'x'), (2, 2, 'y')");
    loads($db, [ '--mode=full', '--soft-delete', '--max-delete-pct=100', lines('{"id": 1, "b": "z"}', '{"id": 3, "p": 4, "b": "q"}',
            '{"id": 4, "p": 3}') ], 'inserted 2, updated 1', 'a cycle');
    rows_are([ '1 1 f', '2 2 t', '3 4 f', '4 3 f' ], 'rows', q{concat_ws(' ', id, p, deleted_at IS NOT NULL)});
};

# ---- what cannot be done is said before rows are read

subtest 'settings that do not fit the table' => sub {
    fill('id int PRIMARY KEY, a text, b bool, u timestamptz NOT NULL DEFAULT now(),'
            . ' g date GENERATED ALWAYS AS (\'2000-01-01\'::date) STORED, captured_at timestamptz', '');
    my $file = file([ 'id', 'a', 'captured_at' ], [ 1, 'a', '2020-01-01' ]);
    for my $case (
        [ '--immutable-fields=id,x', qr/table public[.]t has no column "x" for immutable fields/ ],
        [ '--updated-at-column=x',   qr/table public[.]t has no column "x" for --updated-at-column/ ],
        [ '--updated-at-column=a',   qr/"a" of table public[.]t cannot be used .* its type is not a point/ ],
        [ '--updated-at-column=g',   qr/cannot be used .* generated by the server/ ],
        [ '--updated-at-column=captured_at', qr/cannot be both the timestamp and set by updates/ ],
        [ '--soft-delete', qr/table public[.]t has no column "deleted_at" for --soft-delete/ ],
        [ '--soft-delete --deleted-at-column=b', qr/"b" .* its type is not a point/ ],
        [ '--soft-delete --deleted-at-column=u', qr/cannot be used for --soft-delete: it is NOT NULL/ ],
        [ '--immutable-fields=u --updated-at-column=u', qr/is named for two purposes/ ],
        [ '--mode=full --apply=delete-insert --immutable-fields=a', qr/--immutable-fields has no meaning/ ],
        [ '--mode=full --apply=truncate --conflict=merge', qr/--conflict=merge has no meaning/ ],
        )
    {
        refuses($db, [ split(/ /, $case->[0]), $file ], 3, $case->[1], $case->[0]);
    }
    refuses($db, [ '--conflict=merge', '--no-staging', $file ], 1,
        qr/option "--conflict=merge" needs staging tables/, 'merge without staging');
    fill('a text, deleted_at date', '');
    refuses($db, [ '--soft-delete', file(['a'], ['x']) ], 3, qr/has no key, which --soft-delete needs/,
        'no key');
};

subtest 'columns with names of the loader' => sub {
    for my $name (qw(_pg_sample_load_place _pg_sample_load_first _pg_sample_load_x)) {
        fill("id int PRIMARY KEY, a text, $name int", "(1, 'a', 1)");
        refuses($db, [ '--immutable-fields=a', lines('{"id": 2, "a": "x"}', qq({"id": 2, "$name": 1})) ], 3,
            qr/table public[.]t has a column "$name", and staging tables have columns of such names/, $name);
    }
};

subtest 'privileges on columns are needed for those that records have' => sub {
    my $role = 'columns_' . $$;
    $db->sql("CREATE ROLE $role LOGIN; CREATE SCHEMA own AUTHORIZATION $role");
    for my $staging (@STAGING) {
        fill('id int PRIMARY KEY, a text, b int', "(1, 'a', 1)");
        $db->sql("GRANT SELECT, INSERT, UPDATE (a) ON t TO $role");
        my @as = ("--username=$role", '--schema-name=own', $staging);
        loads($db, [ @as, lines('{"id": 1, "a": "x"}', '{"id": 2}') ], 'inserted 1, updated 1', "$staging: none has b");
        refuses($db, [ @as, lines('{"id": 1, "a": "y"}', '{"id": 3, "b": 3}') ], 3,
            qr/permission denied for column "b" of table public[.]t: no UPDATE privilege/, "$staging: one has it");
        loads($db, [ @as, '--strategy=insert_only', lines('{"id": 1, "a": "y"}', '{"id": 3, "b": 3}') ],
            'inserted 1, skipped 1', "$staging: without updates");
        $db->sql("REVOKE INSERT ON t FROM $role; GRANT INSERT (id, a) ON t TO $role; GRANT DELETE ON t TO $role");
        loads($db, [ @as, lines('{"id": 4, "a": "x"}') ], 'inserted 1', "$staging: the same of INSERT");
        refuses($db, [ @as, lines('{"id": 5, "a": "x"}', '{"id": 6, "b": null}') ], 3,
            qr/permission denied for column "b" of table public[.]t: no INSERT privilege/, "$staging: of which NULL is one");
    }
    $db->sql("DROP TABLE t; DROP OWNED BY $role CASCADE; DROP ROLE $role");
};

subtest 'direct writes are refused where rules apply' => sub {
    fill('id int PRIMARY KEY, a text', "(1, 'a')");
    my $role = 'writer_' . $$;
    $db->sql("CREATE ROLE $role LOGIN; GRANT SELECT, INSERT, UPDATE ON t TO $role;"
            . ' REVOKE TEMPORARY ON DATABASE ' . $db->name . " FROM PUBLIC");
    my $result = load($db, "--username=$role", '--conflict=merge',
        file([ 'id', 'a' ], [ 1, undef ]), { keep => 1 });
    is($result->status, 3, 'refused') or diag $result->describe;
    like($result->stderr, qr/cannot be written directly/, 'and why');
    rows_are(['(1,a)'], 'nothing is lost');
};

done_testing;
