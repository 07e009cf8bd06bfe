# What a load means: modes, strategies, timestamps, keys and duplicates, with counts and
# rows that are worked out by hand.

use strict;
use warnings;

use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Load;
use PgSample::Test::Server;

my $server = PgSample::Test::Server->start;
my $db     = $server->create_database;

# A table of this definition, with rows.
sub fill
{
    my ($definition, $rows, $name) = @_;
    $name ||= 't';
    $db->sql("DROP TABLE IF EXISTS $name CASCADE; CREATE TABLE $name ($definition)"
            . ($rows ? "; INSERT INTO $name VALUES $rows" : ''));
    return;
}

sub file
{
    my (@rows) = @_;
    return input_file('t.csv', csv(@rows));
}

sub rows_are
{
    my ($expected, $name) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    return is(content($db, 't'), join("\n", sort @$expected), $name);
}

my $ITEM = 'id int PRIMARY KEY, v text, w text DEFAULT \'default\'';
my $THREE = "(1, 'a', 'x'), (2, 'b', 'y'), (3, 'c', NULL)";

# Each in one transaction with temporary tables, and with tables of the schema.
my @STAGING = ('--staging=auto', '--staging=always');

subtest 'incremental: new, changed and equal rows' => sub {
    for my $staging (@STAGING) {
        fill($ITEM, $THREE);
        my $file = file(['id', 'v', 'w'], [2, 'b', 'y'], [3, 'C', undef], [4, 'd', 'z']);
        loads($db, [$staging, $file], 'inserted 1, updated 1, unchanged 1', $staging);
        rows_are([ '(1,a,x)', '(2,b,y)', '(3,C,)', '(4,d,z)' ], "$staging: rows");
        my $again = loads($db, [$staging, $file], 'unchanged 3', "$staging: once more");
        is($again->count('total_written'), 0, "$staging: nothing is written");
    }
};

subtest 'unchanged rows are not rewritten' => sub {
    for my $staging (@STAGING) {
        fill($ITEM, $THREE);
        my $where = content($db, 't', 'ROW(id, ctid, xmin)::text');
        my $file = file(['id', 'v', 'w'], [1, 'a', 'x'], [2, 'b', 'y'], [3, 'c', undef]);
        loads($db, [$staging, $file], 'unchanged 3', $staging);
        loads($db, [$staging, '--mode=full', $file], 'unchanged 3', "$staging: full");
        is(content($db, 't', 'ROW(id, ctid, xmin)::text'), $where, "$staging: row versions are the same");
    }
};

subtest 'absent columns keep their values, and take defaults in new rows' => sub {
    for my $staging (@STAGING) {
        fill($ITEM, $THREE);
        loads($db, [$staging, file(['v', 'id'], ['A', 1], ['b', 2], ['n', 9])],
            'inserted 1, updated 1, unchanged 1', $staging);
        rows_are([ '(1,A,x)', '(2,b,y)', '(3,c,)', '(9,n,default)' ], "$staging: rows");
    }
};

subtest 'an empty field is NULL, a quoted one is an empty text' => sub {
    fill($ITEM, $THREE);
    my $file = input_file('t.csv', qq{id,v,w\n1,,""\n2,"",\n3,NULL,\\N\n});
    loads($db, [$file], 'updated 3', 'three rows');
    is(content($db, 't', q{id || ':' || coalesce(v, '<null>') || ':' || coalesce(w, '<null>')}),
        "1:<null>:\n2::<null>\n3:NULL:\\N", 'NULL and texts');
    fill($ITEM, $THREE);
    loads($db, ['--csv-null=NULL', input_file('t.csv', qq{id,v,w\n1,NULL,"NULL"\n2,,b\n})],
        'updated 2', '--csv-null');
    is(content($db, 't', q{id || ':' || coalesce(v, '<null>') || ':' || coalesce(w, '<null>')}),
        "1:<null>:NULL\n2::b\n3:c:<null>", 'only the unquoted text is NULL');
};

subtest 'full: absent rows are deleted' => sub {
    for my $staging (@STAGING) {
        fill($ITEM, $THREE);
        my $file = file(['id', 'v', 'w'], [2, 'B', 'y'], [3, 'c', undef], [4, 'd', 'z']);
        loads($db, [$staging, '--mode=full', '--max-delete-pct=50', $file],
            'inserted 1, updated 1, unchanged 1, deleted 1', $staging);
        rows_are([ '(2,B,y)', '(3,c,)', '(4,d,z)' ], "$staging: rows");
    }
};

subtest 'slice: only rows of the slice are replaced' => sub {
    for my $staging (@STAGING) {
        fill('id int PRIMARY KEY, dataset text, v text',
            "(1, 'a', 'x'), (2, 'a', 'y'), (3, 'b', 'z'), (4, NULL, 'n')");
        my $file = file(['id', 'dataset', 'v'], [1, 'a', 'X'], [5, 'a', 'new']);
        loads($db, [$staging, '--slice=dataset=a', '--max-delete-pct=50', $file],
            'inserted 1, updated 1, deleted 1', $staging);
        rows_are([ '(1,a,X)', '(3,b,z)', '(4,,n)', '(5,a,new)' ], "$staging: rows");
    }
    fill('id int PRIMARY KEY, a int, b text',
        "(1, 1, 'x'), (2, 2, 'x'), (3, 3, 'x'), (4, 1, 'y')");
    loads($db, ['--slice=a=1,2', '--slice=b=x', '--max-delete-pct=100',
            file(['id', 'a', 'b'], [2, 2, 'x'])],
        'unchanged 1, deleted 1', 'several values and columns');
    rows_are([ '(2,2,x)', '(3,3,x)', '(4,1,y)' ], 'rows of all conditions');
};

subtest 'slice: rows outside of it are rejected, keys of another slice stop the run' => sub {
    my $definition = 'id int PRIMARY KEY, dataset text, v text';
    my $rows = "(1, 'a', 'x'), (2, 'a', 'y'), (3, 'b', 'z')";
    fill($definition, $rows);
    my $outside = file(['id', 'dataset', 'v'], [1, 'a', 'X'], [2, 'a', 'y'], [7, 'b', 'no'],
        [8, undef, 'no']);
    my $result = refuses($db, ['--slice=dataset=a', $outside], 3, qr/slice/, 'outside');
    $result = load($db, '--slice=dataset=a', '--max-errors=2', $outside);
    is($result->status, 5, 'within --max-errors the rest is loaded') or diag $result->describe;
    is($result->summary, 'updated 1, unchanged 1, error 2', 'counts');
    rows_are([ '(1,a,X)', '(2,a,y)', '(3,b,z)' ], 'rows');
    fill($definition, $rows);
    refuses($db, ['--slice=dataset=a', '--max-errors=9',
            file(['id', 'dataset', 'v'], [1, 'a', 'x'], [2, 'a', 'y'], [3, 'a', 'stolen'])],
        3, qr/slice/, 'a key that another slice owns');
    refuses($db, ['--slice=nowhere=a', file(['id', 'dataset', 'v'], [1, 'a', 'x'])],
        [ 1, 3 ], qr/nowhere/, 'an unknown column');
};

subtest 'slice without a unique key: the slice is deleted and inserted' => sub {
    fill('dataset text, v text', "('a', 'x'), ('a', 'x'), ('b', 'z')");
    my $result = load($db, '--slice=dataset=a', '--max-delete-pct=100',
        file(['dataset', 'v'], ['a', 'n'], ['a', 'x'], ['a', 'x']));
    is($result->status, 0, 'loaded') or diag $result->describe;
    like($result->stderr, qr/deleted.*inserted/, 'it says so');
    rows_are([ '(a,n)', '(a,x)', '(a,x)', '(b,z)' ], 'rows, with repetitions');
};

subtest 'append: rows are added' => sub {
    for my $staging (@STAGING) {
        fill('v text, n int', "('a', 1)");
        loads($db, [$staging, '--mode=append', file(['n', 'v'], [1, 'a'], [2, 'b'], [2, 'b'])],
            'inserted 3', $staging);
        rows_are([ '(a,1)', '(a,1)', '(b,2)', '(b,2)' ], "$staging: rows");
        fill($ITEM, $THREE);
        my $clash = file(['id', 'v', 'w'], [3, 'new', 'n'], [4, 'd', 'z']);
        refuses($db, [$staging, '--mode=append', $clash], 3, qr/t_pkey|unique|key/i,
            "$staging: a key that is there");
        my $result = load($db, $staging, '--mode=append', '--max-errors=1', $clash);
        is($result->status, 5, "$staging: is rejected") or diag $result->describe;
        is($result->summary, 'inserted 1, error 1', "$staging: counts");
        rows_are([ '(1,a,x)', '(2,b,y)', '(3,c,)', '(4,d,z)' ], "$staging: rows");
    }
};

subtest 'without a key' => sub {
    fill('v text', "('a')");
    loads($db, [file(['v'], ['a'], ['b'], ['b'])], 'inserted 2, unchanged 1',
        'an upsert adds the rows that are not there, as often as the file has them');
    loads($db, [file(['v'], ['b'], ['a'], ['b'])], 'unchanged 3', 'and no second time');
    refuses($db, ['--strategy=update_only', file(['v'], ['b'])], 1, qr/natural-key|append/,
        'what is to be updated cannot be said');
    fill('v text', "('a')");
    loads($db, ['--mode=append', file(['v'], ['b'])], 'inserted 1', 'append goes');
    fill('a int NOT NULL, b int NOT NULL, v text, UNIQUE (a, b)', "(1, 1, 'x')");
    loads($db, [file(['a', 'b', 'v'], [1, 1, 'y'], [1, 2, 'z'])], 'inserted 1, updated 1',
        'the only unique index over NOT NULL columns is the key');
    rows_are([ '(1,1,y)', '(1,2,z)' ], 'rows');
    fill('a int, v text, UNIQUE (a)', "(1, 'x')");
    refuses($db, [file(['a', 'v'], [1, 'y'])], 3, qr/t_a_key/,
        'one over a column that may be NULL is not');
};

subtest 'natural keys' => sub {
    fill('id serial PRIMARY KEY, code text NOT NULL, sub int NOT NULL, v text,'
            . ' UNIQUE (code, sub)', "(1, 'a', 1, 'x'), (2, 'a', 2, 'y')");
    $db->sql("SELECT setval('t_id_seq', 2)");
    for my $option ('--natural-key=code,sub', '--natural-key=t=code,sub') {
        loads($db, [$option, file(['code', 'sub', 'v'], ['a', 2, 'Y'])],
            $option =~ /t=/ ? 'unchanged 1' : 'updated 1', $option);
    }
    loads($db, ['--natural-key=code,sub', file(['code', 'sub', 'v'], ['b', 1, 'n'])],
        'inserted 1', 'a new one');
    rows_are([ '(1,a,1,x)', '(2,a,2,Y)', '(3,b,1,n)' ], 'rows keep their ids');
    fill('code text, v text', "('a', 'x'), ('b', 'y')");
    my $result = load($db, '--natural-key=code', file(['code', 'v'], ['a', 'X'], ['c', 'z']));
    is($result->status, 0, 'without an index') or diag $result->describe;
    is($result->summary, 'inserted 1, updated 1', 'counts');
    rows_are([ '(a,X)', '(b,y)', '(c,z)' ], 'rows');
    like($result->stderr, qr/warning: no unique index on the natural key of table public[.]t: .*\n.*hint: Create a unique index/,
        'there is a warning');
    refuses($db, ['--natural-key=nowhere', file(['code', 'v'], ['a', 'X'])], [ 1, 3 ],
        qr/nowhere/, 'an unknown column');
};

subtest 'NULL in the key is rejected' => sub {
    fill('a int NOT NULL, b text, v text', "(1, 'x', 'old'), (1, NULL, 'null')");
    my $file = file(['a', 'b', 'v'], [1, undef, 'no'], [1, 'x', 'new']);
    refuses($db, ['--natural-key=a,b', $file], 3, qr/null|NULL/, 'refused');
    my $result = load($db, '--natural-key=a,b', '--max-errors=1', $file);
    is($result->status, 5, 'the others go on') or diag $result->describe;
    is($result->summary, 'updated 1, error 1', 'counts');
    is($result->table->{rejected}{null_key}, 1, 'counted as null_key');
    rows_are([ '(1,,null)', '(1,x,new)' ], 'rows');
};

subtest 'NULL in the key of a row of the table' => sub {
    for my $staging (@STAGING) {
        fill('a int UNIQUE, v text', "(1, 'old'), (2, 'gone'), (NULL, 'null')");
        # as NOT NULL with NOT VALID, which came with version 18, leaves it
        $db->sql("UPDATE pg_attribute SET attnotnull = true"
                . " WHERE attrelid = 't'::regclass AND attname = 'a'");
        refuses($db, [$staging, '--mode=full', '--max-delete-pct=100', file(['a', 'v'], [1, 'new'])],
            [ 1, 3 ], qr/NULL in the key/, "$staging: refused, even if the column is NOT NULL");
        rows_are([ '(,null)', '(1,old)', '(2,gone)' ], "$staging: rows");
    }
};

subtest 'strategies' => sub {
    my $file = file(['id', 'v', 'w'], [2, 'b', 'y'], [3, 'C', 'new'], [4, 'd', 'z']);
    for my $staging (@STAGING) {
        fill($ITEM, $THREE);
        my $result = loads($db, [$staging, '--strategy=insert_only', $file],
            'inserted 1, unchanged 1, skipped 1', "$staging: insert_only");
        is($result->count('skipped_conflict'), 1, "$staging: skipped_conflict");
        rows_are([ '(1,a,x)', '(2,b,y)', '(3,c,)', '(4,d,z)' ], "$staging: rows");
        fill($ITEM, $THREE);
        $result = loads($db, [$staging, '--strategy=update_only', $file],
            'updated 1, unchanged 1, skipped 1', "$staging: update_only");
        is($result->count('skipped_not_found'), 1, "$staging: skipped_not_found");
        rows_are([ '(1,a,x)', '(2,b,y)', '(3,C,new)' ], "$staging: rows");
        fill($ITEM, $THREE);
        loads($db, [$staging, '--strategy=upsert', $file],
            'inserted 1, updated 1, unchanged 1', "$staging: upsert");
    }
};

subtest 'duplicates in the batch' => sub {
    my $file = file(['id', 'v', 'w'], [1, 'p', 'p'], [5, 'q', 'q'], [1, 'r', 'r'],
        [1, 'a', 'x'], [5, 's', 's']);
    for my $staging (@STAGING) {
        fill($ITEM, $THREE);
        loads($db, [$staging, $file], 'inserted 1, unchanged 1, duplicate 3', "$staging: last");
        rows_are([ '(1,a,x)', '(2,b,y)', '(3,c,)', '(5,s,s)' ], "$staging: rows");
        fill($ITEM, $THREE);
        loads($db, [$staging, '--on-duplicate=first', $file],
            'inserted 1, updated 1, duplicate 3', "$staging: first");
        rows_are([ '(1,p,p)', '(2,b,y)', '(3,c,)', '(5,q,q)' ], "$staging: rows");
        refuses($db, [$staging, '--on-duplicate=error', $file], 3, qr/the key of another row/,
            "$staging: error");
        loads($db, [$staging, '--on-duplicate=error', file(['id', 'v'], [7, 'u'])],
            'inserted 1', "$staging: error without duplicates");
    }
    # order is that of the sources, also beyond one file
    fill($ITEM, $THREE);
    my @files = map { file(['id', 'v'], [1, $_], [8, $_]) } 'one', 'two', 'three';
    loads($db, [ map { "t=$_" } @files ], 'inserted 1, updated 1, duplicate 4', 'three files');
    rows_are([ '(1,three,x)', '(2,b,y)', '(3,c,)', '(8,three,default)' ], 'the last file wins');
};

# ---- timestamps

my $STAMPED = 'id int PRIMARY KEY, v text, captured_at timestamptz';
my ($OLD, $MID, $NEW) = map { "2025-01-0$_ 00:00:00+00" } 1 .. 3;

sub stamps
{
    return content($db, 't', q{id || ' ' || v || ' ' || coalesce(to_char(captured_at}
            . q{ AT TIME ZONE 'UTC', 'DD'), '-')});
}

subtest 'scenarios of the defensive upsert' => sub {
    for my $staging (@STAGING) {
        my $scenario = sub {
            my ($stamp, $v, $expected, $row, $name, @more) = @_;
            fill($STAMPED, "(1, 'live', '$MID')");
            my $result = loads($db,
                [$staging, @more, file(['id', 'v', 'captured_at'], [1, $v, $stamp])],
                $expected, "$staging: $name");
            is(stamps(), $row, "$staging: $name: the row");
            return $result;
        };
        $scenario->($NEW, 'new', 'updated 1', '1 new 03', 'newer');
        my $result = $scenario->($OLD, 'old', 'skipped 1', '1 live 02', 'older');
        is($result->count('skipped_older'), 1, 'counted as older');
        $scenario->($MID, 'same', 'updated 1', '1 same 02', 'equal time, other content');
        $scenario->($MID, 'live', 'unchanged 1', '1 live 02', 'equal time, equal content');
        $scenario->($MID, 'same', 'skipped 1', '1 live 02', 'equal time, >',
            '--timestamp-compare=>');
        $scenario->($MID, 'live', 'unchanged 1', '1 live 02', 'equal time and content, >',
            '--timestamp-compare=>');
        $scenario->($NEW, 'new', 'updated 1', '1 new 03', 'newer, >', '--timestamp-compare=>');
        $scenario->($OLD, 'old', 'updated 1', '1 old 01', 'older, switched off',
            '--timestamp-column=none');
        $scenario->($OLD, 'old', 'updated 1', '1 old 01', 'older, switched off for t',
            '--timestamp-column=t=none');
        fill($STAMPED);
        loads($db, [$staging, file(['id', 'v', 'captured_at'], [1, 'n', $OLD])], 'inserted 1',
            "$staging: new");
    }
};

subtest 'NULL timestamps' => sub {
    my @cases = (
        # target, batch, nulls, compare, expected
        [ undef, $OLD,  'oldest', '>=', 'updated 1' ],
        [ undef, $OLD,  'oldest', '>',  'updated 1' ],
        [ $OLD,  undef, 'oldest', '>=', 'skipped 1' ],
        [ undef, undef, 'oldest', '>=', 'updated 1' ],
        [ undef, undef, 'oldest', '>',  'skipped 1' ],
        [ undef, $NEW,  'newest', '>=', 'skipped 1' ],
        [ $NEW,  undef, 'newest', '>=', 'updated 1' ],
        [ $NEW,  undef, 'newest', '>',  'updated 1' ],
        [ undef, undef, 'newest', '>=', 'updated 1' ],
        [ undef, undef, 'newest', '>',  'skipped 1' ],
        [ $NEW,  'infinity', 'newest', '>', 'updated 1' ],
        [ undef, 'infinity', 'newest', '>=', 'skipped 1' ],
        [ undef, '-infinity', 'oldest', '>', 'updated 1' ],
        [ '-infinity', undef, 'oldest', '>=', 'skipped 1' ],
    );
    for my $case (@cases) {
        my ($target, $batch, $nulls, $compare, $expected) = @$case;
        fill($STAMPED, "(1, 'old', " . PgSample::Test::Server::quote_literal($target) . ')');
        my $name = join ' ', map { $_ // 'NULL' } @$case;
        loads($db, ["--timestamp-nulls=$nulls", "--timestamp-compare=$compare",
                file(['id', 'v', 'captured_at'], [1, 'new', $batch])], $expected, $name);
        my ($v) = $expected =~ /updated/ ? 'new' : 'old';
        is($db->value('SELECT v FROM t'), $v, "$name: the row");
    }
};

subtest 'the newest of several rows with a key wins' => sub {
    my @header = ['id', 'v', 'captured_at'];
    for my $staging (@STAGING) {
        fill($STAMPED, "(1, 'live', '$OLD')");
        loads($db, [$staging, file(@header, [1, 'new', $NEW], [1, 'mid', $MID],
                    [2, 'null', undef], [2, 'old', $OLD], [2, 'null', undef])],
            'inserted 1, updated 1, duplicate 3', "$staging: by timestamp");
        is(stamps(), "1 new 03\n2 old 01", "$staging: rows");
        fill($STAMPED);
        loads($db, [$staging, '--on-duplicate=first',
                file(@header, [1, 'mid', $MID], [1, 'first', $NEW], [1, 'second', $NEW])],
            'inserted 1, duplicate 2', "$staging: of equal ones the first");
        is(stamps(), '1 first 03', "$staging: the row");
        fill($STAMPED);
        loads($db, [$staging, '--timestamp-nulls=newest',
                file(@header, [1, 'null', undef], [1, 'new', $NEW])],
            'inserted 1, duplicate 1', "$staging: NULL is the newest");
        is(stamps(), '1 null -', "$staging: the row");
        fill($STAMPED);
        loads($db, [$staging, '--timestamp-column=none',
                file(@header, [1, 'new', $NEW], [1, 'old', $OLD])],
            'inserted 1, duplicate 1', "$staging: without timestamps the last");
        is(stamps(), '1 old 01', "$staging: the row");
    }
};

subtest 'the timestamp column' => sub {
    fill('id int PRIMARY KEY, v text, seen int', "(1, 'live', 10), (2, 'live', 9)");
    my $file = file(['id', 'v', 'seen'], [1, 'x', 9], [2, 'x', 10]);
    loads($db, ['--timestamp-column=seen', $file], 'updated 1, skipped 1',
        'another column, compared as a number');
    rows_are([ '(1,live,10)', '(2,x,10)' ], 'rows');
    loads($db, [$file], 'updated 1, unchanged 1', 'not by default');
    # a file without the column is not defensive
    fill($STAMPED, "(1, 'live', '$NEW')");
    loads($db, [file(['id', 'v'], [1, 'x'])], 'updated 1', 'a file without timestamps');
    is(stamps(), '1 x 03', 'the row keeps its timestamp');
    refuses($db, ['--timestamp-column=captured_at', file(['id', 'v'], [1, 'y'])], [ 1, 3 ],
        qr/captured_at/, 'a column that was asked for and is not in the file');
};

subtest 'full and slice are defensive, too' => sub {
    fill($STAMPED, "(1, 'live', '$NEW'), (2, 'gone', '$NEW'), (3, 'live', '$OLD')");
    loads($db, ['--mode=full', '--max-delete-pct=50',
            file(['id', 'v', 'captured_at'], [1, 'x', $OLD], [3, 'x', $MID])],
        'updated 1, skipped 1, deleted 1', 'full');
    is(stamps(), "1 live 03\n3 x 02", 'rows');
};

subtest 'two workers, both orders' => sub {
    my @files = map {
        my $stamp = $_;
        file(['id', 'v', 'captured_at'], map { [$_, $stamp, $stamp] } 1 .. 3)
    } $MID, $NEW;
    my @images;
    for my $order ([ 0, 1 ], [ 1, 0 ]) {
        fill($STAMPED, "(2, 'old', '$OLD'), (3, 'old', NULL)");
        load($db, $files[$_]) for @$order;
        push @images, content($db, 't');
    }
    is($images[0], $images[1], 'end the same');
    like($images[0], qr/\A(?:.*2025-01-03.*\n?){3}\z/, 'the newest wins');
};

done_testing;
