# Several records of one key in a load: they end as if they were applied one after the
# other, in one file or in many runs, whatever each of them lacks.

use strict;
use warnings;

use FindBin;
use Test::More;
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

sub lines
{
    return input_file('t.jsonl', join '', map { "$_\n" } @_);
}

sub rows_are
{
    my ($expected, $name, $columns) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    return is(content($db, 't', $columns), join("\n", sort @$expected), $name);
}

# Loads the same records in one file and one after the other, which must end the same.
sub folds
{
    my ($name, $arguments, $rows, @records) = @_;
    my @outcomes;
    for my $how ('together', 'one by one') {
        $db->sql('TRUNCATE t RESTART IDENTITY' . ($rows ? "; INSERT INTO t VALUES $rows" : ''));
        for my $file ($how eq 'together' ? lines(@records) : map { lines($_) } @records) {
            my $result = load($db, @$arguments, $file);
            is($result->status, 0, "$name, $how") or diag $result->describe;
            is($result->summary =~ /duplicate (\d+)/ ? $1 : 0, @records - keys %{ { map { /"id": (\d+)/, 1 } @records } },
                'records that were folded are duplicates') if $how eq 'together';
        }
        push @outcomes, content($db, 't');
    }
    is($outcomes[0], $outcomes[1], "$name: as if applied one by one");
    return $outcomes[0];
}

subtest 'records of one key fold in their order' => sub {
    for my $staging (@STAGING) {
        fill(q{id int PRIMARY KEY, a text, b int DEFAULT 5, "c ""C" int[], d json, e int[] DEFAULT '{9}'}, '');
        my $old = q{(1, 'old', 1, '{1}', '1', '{{1,2},{3,4}}')};
        my @one = ('{"id": 1, "a": "x"}', '{"id": 1, "b": 2}', '{"id": 2}');
        is(folds('replace', [$staging], '', @one), "(1,x,2,,,{9})\n(2,,5,,,{9})", 'both are there');
        folds('replace, the other order', [$staging], $old, reverse @one);
        folds('replace, an existing row', [$staging], $old, @one);
        next if $staging ne '--staging=auto';
        my @nulls = ('{"id": 1, "a": "x", "c \"C": [1, null], "e": [[1], [2]]}', '{"id": 1, "b": null, "d": {"a":1, "a":2}}',
            '{"id": 1, "a": null, "e": [[5, 6]]}', '{"id": 1, "c \"C": null}', '{"id": 2, "e": null}', '{"id": 2, "b": 7}');
        for my $rows ('', $old) {
            for my $records ($rows eq '' ? \@nulls : [ reverse @nulls ]) {
                folds('replace and null', [$staging], $rows, @$records);
                folds('merge and null', [ $staging, '--conflict=merge' ], $rows, @$records);
                folds('immutable columns', [ $staging, '--immutable-fields=a,e' ], $rows, @$records);
                folds('immutable columns and merge', [ $staging, '--immutable-fields=b,d', '--conflict=merge' ],
                    $rows, @$records);
                folds('skip', [ $staging, '--conflict=skip' ], $rows, @$records);
                folds('insert_only', [ $staging, '--strategy=insert_only' ], $rows, @$records);
                folds('update_only', [ $staging, '--strategy=update_only' ], $rows, @$records);
            }
        }
    }
};

subtest 'whole records fold where merge or immutable columns need it' => sub {
    fill('id int PRIMARY KEY, a text, b int', '');
    my @full = ('{"id": 1, "a": "x", "b": null}', '{"id": 1, "a": null, "b": 2}');
    for my $rows ('', "(1, 'o', 9)") {
        for my $records ($rows eq '' ? \@full : [ reverse @full ]) {
            folds('merge', ['--conflict=merge'], $rows, @$records);
            folds('immutable', ['--immutable-fields=a'], $rows, @$records);
            folds('replace', [], $rows, @$records);
            folds('skip', ['--conflict=skip'], $rows, @$records);
        }
    }
    $db->sql('TRUNCATE t');
    my $file = file([ 'id', 'a', 'b' ], [ 1, 'x', undef ], [ 1, undef, 2 ], [ 2, 'y', 1 ]);
    loads($db, [ '--conflict=merge', $file ], 'inserted 2, duplicate 1', 'CSV');
    rows_are([ '(1,x,2)', '(2,y,1)' ], 'rows');
    refuses($db, [ '--conflict=merge', '--on-duplicate=error', $file ], 3, qr/has the key of another row/,
        '--on-duplicate=error is one');
    $db->sql('TRUNCATE t');
    loads($db, [ '--conflict=merge', '--on-duplicate=first', $file ], 'inserted 2, duplicate 1', 'first');
    rows_are([ '(1,x,)', '(2,y,1)' ], 'nothing is folded then');
};

subtest 'keys of several spellings, identity columns' => sub {
    fill('id numeric PRIMARY KEY, i int GENERATED ALWAYS AS IDENTITY, a int, b int', '');
    my @records = ('{"id": 1, "i": 7, "a": 1}', '{"id": 1.0, "i": 8, "b": 2}', '{"id": 1.00, "a": 3}');
    for my $options ([], ['--conflict=merge']) {
        $db->sql('TRUNCATE t');
        loads($db, [ @$options, lines(@records) ], 'inserted 1, duplicate 2', "@$options: a new row");
        rows_are(['(1.00,7,3,2)'], 'has the last spelling, and the first identity');
    }
};

subtest 'tables with many arrays' => sub {
    my @names = map { "c$_" } 1 .. 200;
    fill('id int PRIMARY KEY, ' . join(', ', map { ("$_ int[]", "n$_ int") } @names), '');
    my @records = map {
        my $i = $_;
        sprintf '{"id": %d%s}', 1 + $i % 2, join '', map { ($_ + $i) % 3 ? qq(, "c$_": [$i, $_], "nc$_": $i) : '' } 1 .. 200
    } 1 .. 4;
    my $row = folds('arrays', ['--staging=always'], '', @records);
    like($row, qr/[(]1,"[{]4,1[}]",4,"[{]2,2[}]",2,/, 'of several records');
};

# A new row has the default; each further record has the key return.
subtest 'marks of deleted rows, which can have a default' => sub {
    fill("id int PRIMARY KEY, a text, b int, deleted_at date DEFAULT '2001-01-01'", '');
    my @records = ('{"id": 1, "a": "x"}', '{"id": 1, "b": 2}', '{"id": 2, "a": "x", "deleted_at": "2002-02-02"}',
        '{"id": 2, "b": 2}', '{"id": 3, "b": 3}', '{"id": 4, "a": "x"}', '{"id": 4, "deleted_at": "2003-03-03"}');
    for my $options (['--soft-delete'], [ '--soft-delete', '--conflict=merge' ], [ '--soft-delete', '--immutable-fields=a' ]) {
        is(folds("@$options", $options, '', @records), "(1,x,2,)\n(2,x,2,)\n(3,,3,2001-01-01)\n(4,x,,2003-03-03)",
            'the last record marks the row or not');
    }
    folds('existing rows', ['--soft-delete'], "(1, 'o', 1, '2000-01-01'), (2, 'o', 1, NULL), (4, 'o', 1, NULL)", @records);
};

subtest 'timestamps order what is folded, and older records take no part' => sub {
    fill('id int PRIMARY KEY, a text, b int, captured_at timestamptz', '');
    my @records = map { qq({"id": 1, $_}) } '"captured_at": "2020-01-03Z", "a": "c"',
        '"captured_at": "2020-01-01Z", "a": "a", "b": 1', '"captured_at": "2020-01-02Z", "b": 2',
        '"captured_at": "2020-01-02Z", "b": null';
    for my $old ('', "(1, 'o', 0, '2020-01-01Z')", "(1, 'o', 0, '2020-01-02 12:00Z')", "(1, 'o', 0, '2020-01-09Z')",
        "(1, 'o', 0, NULL)")
    {
        my @sorted = @records[ 1, 2, 3, 0 ];
        for my $conflict ('replace', 'merge') {
            my $expected = folds("sorted, $conflict", ["--conflict=$conflict"], $old, @sorted);
            for my $try ([ 2, 0, 3, 1 ]) {
                $db->sql('TRUNCATE t' . ($old ? "; INSERT INTO t VALUES $old" : ''));
                load($db, "--conflict=$conflict", lines(@records[@$try]));
                is(content($db, 't'), $expected, "$conflict, @$try, $old");
            }
        }
    }
};

subtest 'a row that changes before records are folded into it' => sub {
    for my $staging ('--staging=always', '--staging-min-rows=5000') {
        fill('id int PRIMARY KEY, a text, b int, captured_at timestamptz',
            "(0, 'o', 0, NULL), (1, 'o', 0, '2020-01-01Z'), (2, 'o', 0, '2020-01-01Z')");
        my $holder = other_session($db);
        $holder->query("BEGIN; UPDATE t SET a = 'held' WHERE id = 0");
        my $run = start_load($db, '--lock-timeout=50s', $staging, lines('{"id": 0, "a": "n", "b": 1}',
            map { (qq({"id": $_, "captured_at": "2020-01-02Z", "a": "second"}),
                   qq({"id": $_, "captured_at": "2020-01-04Z", "b": 4})) } 1, 2));
        ok(ref wait_for_step($run, 'commit', lock => 1), "$staging: it stands before its writes");
        $db->sql("UPDATE t SET a = 'third', captured_at = '2020-01-03Z' WHERE id = 1");
        $holder->query('COMMIT');
        $holder->close;
        my $result = $run->finish(30);
        is($result->summary, 'updated 3, duplicate 2', 'loaded') or diag $result->describe;
        is($db->value('SELECT a || b FROM t WHERE id = 1'), 'third4', 'the record that is older now takes no part');
        is($db->value('SELECT a || b FROM t WHERE id = 2'), 'second4', 'others do');
    }
};

subtest 'a key that others insert before records of it are folded' => sub {
    for my $staging ('--staging=always', '--staging-min-rows=5000') {
        fill('id int PRIMARY KEY, a text, b int, c text DEFAULT \'d\', captured_at timestamptz', "(0, 'o', 0, 'o', NULL)");
        my $holder = other_session($db);
        $holder->query("BEGIN; UPDATE t SET c = 'held' WHERE id = 0");
        my $run = start_load($db, '--lock-timeout=50s', $staging, lines('{"id": 0, "a": "n"}',
            '{"id": 5, "captured_at": "2020-01-02Z", "a": "second"}', '{"id": 5, "captured_at": "2020-01-04Z", "b": 4}'));
        ok(ref wait_for_step($run, 'commit', lock => 1), "$staging: it stands before its writes");
        $db->sql("INSERT INTO t VALUES (5, 'third', 3, 'theirs', '2020-01-03Z')");
        $holder->query('COMMIT');
        $holder->close;
        my $result = $run->finish(30);
        is($result->summary, 'updated 2, duplicate 1', 'loaded') or diag $result->describe;
        is($result->metrics->{lock}{attempts}, 2, 'in a second attempt');
        is($db->value("SELECT concat_ws(' ', a, b, c) FROM t WHERE id = 5"), 'third 4 theirs', 'by the row as it is now');
        is($db->value("SELECT concat_ws(' ', a, b, c) FROM t WHERE id = 0"), 'n 0 held', 'and others too');
    }
};

subtest 'a folded row that is rejected' => sub {
    fill('id int PRIMARY KEY, a int CHECK (a < 10), b int', '(3, 3, 3)');
    my $file = lines('{"id": 1, "a": 1}', '{"id": 1, "a": 11}', '{"id": 1, "b": 1}', '{"id": 2, "a": 12}',
        '{"id": 2, "a": 2}', '{"id": 3, "b": 4}', '{"id": 3, "a": 4}');
    my $result = load($db, '--max-errors=1', $file);
    is($result->status, 5, 'rejected') or diag $result->describe;
    is($result->summary, 'inserted 1, updated 1, duplicate 4, error 1', 'counts');
    like($result->stderr, qr/record 3: violates CHECK|violates CHECK constraint "t_a_check".*record 3/s,
        'under the number of its last record');
    rows_are([ '(2,2,)', '(3,4,4)' ], 'rows');
};

# Whether others are folded has nothing to do with it.
subtest 'rows whose records are rejected are not absent' => sub {
    for my $staging (@STAGING) {
        for my $mode ('--mode=full', '--slice=g=1') {
            for my $soft ([], ['--soft-delete']) {
                for my $more ([], ['{"id": 4, "g": 1, "a": 9}']) {
                    fill('id int PRIMARY KEY, g int, f int, a int CHECK (a < 10), deleted_at date',
                        '(1, 1, 1, 1), (2, 1, 2, 2), (3, 1, 3, 3), (4, 1, 4, 4), (5, 1, 5, 5)');
                    my $result = load($db, $staging, $mode, @$soft, '--max-delete-pct=100', '--max-errors=9',
                        '--immutable-fields=f', '--immutable=reject',
                        lines('{"id": 1, "g": 1, "f": 9}', '{"id": 2, "g": 1, "a": 11}', '{"id": 3, "g": 1, "a": 6}',
                            '{"id": 4, "g": 1, "f": 4}', '{"id": 3, "g": 1, "a": 12}', @$more));
                    my $n = @$more;
                    is($result->status, 5, "$staging $mode @$soft, $n more records") or diag $result->describe;
                    is($db->value('SELECT string_agg(id::text, \' \' ORDER BY id) FROM t WHERE deleted_at IS NULL'), '1 2 3 4',
                        'only the absent row goes');
                    is($result->count(@$soft ? 'soft_deleted_rows' : 'deleted_rows'), 1, 'as is counted');
                }
            }
        }
    }
};

subtest 'the other ways to apply fold, too' => sub {
    for my $apply (qw(delete-insert truncate swap)) {
        fill('id int PRIMARY KEY, s text DEFAULT 1, c text', "(1, 1, 'a'), (2, 2, 'b')");
        loads($db, [ '--mode=full', "--apply=$apply", '--max-delete-pct=100',
                lines('{"id": 1, "s": 11}', '{"id": 1, "c": null}', '{"id": 3, "c": "n"}') ],
            'inserted 2, duplicate 1, deleted 2', $apply);
        rows_are([ '(1,11,)', '(3,1,n)' ], "$apply: rows");
    }
};

# Of a row type IS NULL is true if all fields are NULL, and IS NOT NULL if none is.
subtest 'values of row types with fields that are NULL are values' => sub {
    $db->sql('DROP TABLE IF EXISTS t CASCADE; CREATE TYPE pair AS (x int, y text);'
            . ' CREATE TABLE t (id int PRIMARY KEY, p pair NOT NULL, q pair, r pair)');
    my @options = ('--staging=always', '--conflict=merge', '--immutable-fields=r');
    my $file = input_file('t.jsonl', <<'JSON');
{"id": 1, "p": "(1,a)", "q": "(1,a)", "r": "(1,a)"}
{"id": 1, "p": "(2,)", "q": "(,)", "r": null}
{"id": 2, "p": "(,)", "q": "(,b)"}
{"id": 2, "p": null, "q": null, "r": "(,)"}
JSON
    loads($db, [ @options, $file ], 'inserted 2, duplicate 2', 'they are inserted');
    is(content($db, 't', q{concat_ws('|', id, p::text, q::text, r::text)}), "1|(2,)|(,)|(1,a)\n2|(,)|(,b)",
        'fields are NULL, rows are not');
    loads($db, [ @options, $file ], 'unchanged 2, duplicate 2', 'and are the same again');
    my $result = load($db, @options, 't=' . input_file('t.csv', qq(id,p,r\n1,"(,)","(,)"\n)));
    is($result->summary, 'updated 1', 'CSV') or diag $result->describe;
    like($result->stderr, qr/Attempted to change immutable field 'r': \(1,a\) -> \(,\)/, 'also for an immutable column');
    $db->sql('DROP TABLE t; DROP TYPE pair');
};

done_testing;
