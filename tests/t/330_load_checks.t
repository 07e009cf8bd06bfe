# What is checked before the commit: all that is wrong is said at once, nothing is loaded
# then, and rows that are rejected are kept with their reasons.

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

sub file
{
    my ($name, @rows) = @_;
    return input_file("$name.csv", csv(@rows));
}

# What a run with rejected rows does: status 5, counts, and the rest is loaded.
sub rejects
{
    my ($arguments, $counts, $name, $table) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $result = load($db, @$arguments);
    is($result->status, 5, "$name: status") or diag $result->describe;
    is($result->summary($table), $counts, "$name: counts") or diag $result->stderr;
    return $result;
}

# ---- rows by themselves

subtest 'all findings at once' => sub {
    $db->sql(<<'SQL');
CREATE TABLE parent (id int PRIMARY KEY);
INSERT INTO parent VALUES (1);
CREATE TABLE child (
    id int PRIMARY KEY, parent int REFERENCES parent, name varchar(4) NOT NULL,
    code text UNIQUE, n int CONSTRAINT n_positive CHECK (n > 0)
);
INSERT INTO child VALUES (1, 1, 'one', 'c1', 1);
SQL
    my @bad = (
        [ 2, 1, undef,   'c2', 1 ],      # NOT NULL
        [ 3, 1, 'three', 'c3', 1 ],      # too long
        [ 4, 1, 'four',  'c4', 'x' ],    # no number
        [ 5, 1, 'five',  'c5', -1 ],     # CHECK
        [ 6, 99, 'six',  'c6', 1 ],      # FOREIGN KEY
        [ 7, 1, 'sev',   'c1', 1 ],      # UNIQUE, of the target
        [ undef, 1, 'k', 'c8', 1 ],      # NULL key
        [ 8, 1, 'a',     'c9', 1 ],      # UNIQUE, of the batch
        [ 9, 1, 'b',     'c9', 1 ],
        [ 10, 1, 'long name', 'c10', 'y' ]
    );
    my $file = file('child', ['id', 'parent', 'name', 'code', 'n'], @bad, [ 20, 1, 'ok', 'ok', 5 ]);
    for my $staging (@STAGING) {
        my $rejected = input_path('rejects.csv');
        my $result = refuses($db, [$staging, "--rejects-file=$rejected", $file], 3, [
                qr/name/, qr/character varying\(4\)|varchar\(4\)/, qr/invalid input syntax/,
                qr/n_positive/, qr/child_parent_fkey/, qr/child_code_key/
            ], "$staging: refused, and everything is named");
        my @records = parse_csv(-e $rejected ? slurp($rejected) : '');
        my %found = map { $_->{record} => 1 } @records;
        is(join(' ', grep { !$found{$_} } 1 .. 7, 10), '', "$staging: each bad row is in the file");
        ok($found{8} || $found{9}, "$staging: one of two equal ones at least");
        ok(!$found{11}, "$staging: the good one is not");
        $db->sql('DELETE FROM child WHERE id > 1');
    }
    my $result = load($db, '--max-errors=20', $file);
    is($result->status, 5, 'within --max-errors the good rows are loaded')
        or diag $result->describe;
    ok($db->value('SELECT count(*) = 2 + (SELECT count(*) FROM child WHERE id IN (8, 9))'
                . ' AND (SELECT count(*) FROM child WHERE id IN (8, 9)) < 2'
                . ' FROM child WHERE id IN (1, 20, 8, 9)') eq 't', 'and no bad one')
        or diag content($db, 'child');
    is($db->value('SELECT count(*) FROM child WHERE id NOT IN (1, 8, 9, 20)'), 0, 'really none');
};

subtest 'rejects: the file and the table' => sub {
    $db->sql('CREATE TABLE r (id int PRIMARY KEY, v varchar(3), d date)');
    my $file = file('r', ['id', 'v', 'd'], [1, 'a', '2025-01-01'], [2, "x,\"y\"\nz", '2025-01-01'],
        [3, 'c', '2025-13-01'], [4, 'd', undef], [undef, 'e', undef]);
    for my $staging (@STAGING) {
        $db->sql('TRUNCATE r');
        my $rejected = input_path('rejects.csv');
        rejects([$staging, '--max-errors=3', "--rejects-file=$rejected", $file],
            'inserted 2, error 3', $staging);
        my $text = -e $rejected ? slurp($rejected) : '';
        is((split /\n/, $text)[0], 'source,record,table,column,sqlstate,reason,raw',
            "$staging: header");
        my %record = map { $_->{record} => $_ } parse_csv($text);
        is(join(' ', sort keys %record), '2 3 5', "$staging: the records") or diag $text;
        like($record{2}{source}, qr/r\.csv\z/, "$staging: source");
        like($record{2}{table}, qr/\A(?:public\.)?r\z/, "$staging: table");
        is($record{2}{column}, 'v', "$staging: column");
        is($record{2}{sqlstate}, '22001', "$staging: too long");
        is($record{3}{column}, 'd', "$staging: the date's column");
        is($record{3}{sqlstate}, '22008', "$staging: no such date");
        like($record{3}{raw}, qr/2025-13-01/, "$staging: raw");
        like($record{5}{reason}, qr/null/i, "$staging: NULL key");
        my $rows = $db->rows('SELECT record, column_name, sqlstate, source FROM'
                . ' _pg_sample_load.reject ORDER BY rejected_at, record') if $staging =~ /always/;
        next if !$rows;
        is(join(' ', map { $_->[0] } @$rows[ -3 .. -1 ]), '2 3 5', "$staging: in the table reject");
        is($rows->[-3][1], 'v', "$staging: with their column") if @$rows >= 3;
        $db->sql('DELETE FROM _pg_sample_load.reject');
    }
};

subtest '--max-errors: numbers and percents' => sub {
    $db->sql('CREATE TABLE e (id int PRIMARY KEY, n int NOT NULL)');
    my $file = file('e', ['id', 'n'], map { [ $_, $_ % 10 ? $_ : 'bad' ] } 1 .. 100);
    my $null = file('e', ['id', 'n'], map { [ $_, $_ % 10 ? $_ : undef ] } 1 .. 100);
    for my $case (['0', 0], ['9', 0], ['10', 1], ['9%', 0], ['10%', 1], ['100%', 1], ['9.5%', 0]) {
        my ($limit, $is_good) = @$case;
        for my $input ($file, $null) {
            $db->sql('TRUNCATE e');
            my $staging = $STAGING[ $is_good ? 1 : 0 ];
            if ($is_good) {
                rejects([$staging, "--max-errors=$limit", $input], 'inserted 90, error 10', $limit);
                is($db->value('SELECT count(*) FROM e'), 90, "$limit: rows");
            } else {
                refuses($db, [$staging, "--max-errors=$limit", $input], 3, qr/reject|error/i,
                    "$limit: too many");
            }
        }
    }
    refuses($db, ["--max-errors=$_", $file], 1, qr/max-errors/, "--max-errors=$_")
        for '-1', 'many', '101%', '5 %%';
};

subtest 'bad rows at every place of a batch' => sub {
    my @rows = map { [ $_, $_ ] } 1 .. 12;
    for my $bad ([ 1 ], [ 12 ], [ 4, 5 ], [ 5, 6 ], [ 1, 2, 3, 4, 5 ], [ 2, 4, 6, 8, 10, 12 ], [ 1 .. 12 ]) {
        my %is_bad = map { $_ => 1 } @$bad;
        my @input = map { [ $_, $is_bad{$_} ? "bad$_" : $_ ] } 1 .. 12;
        for my $size (1, 5, 12) {
            $db->sql('TRUNCATE e');
            my $rejected = input_path('rejects.csv');
            my $result = load($db, '--staging=' . ($size % 2 ? 'auto' : 'always'), '--max-errors=12',
                "--batch-size=$size", "--rejects-file=$rejected", '--min-rows=0', file('e', ['id', 'n'], @input));
            my @good = grep { !$is_bad{$_} } 1 .. 12;
            is(join(' ', @{ $db->column('SELECT id FROM e WHERE n = id ORDER BY id') }),
                join(' ', @good), "@$bad by $size: the good rows are there");
            is(join(' ', map { $_->{record} } parse_csv(-e $rejected ? slurp($rejected) : '')),
                "@$bad", "@$bad by $size: the others are rejected") or diag $result->stderr;
        }
    }
};

subtest 'CHECK constraints as the table has them' => sub {
    $db->sql(<<'SQL');
CREATE DOMAIN even AS int CHECK (VALUE % 2 = 0);
CREATE FUNCTION is_low(int) RETURNS boolean LANGUAGE sql AS 'SELECT $1 < 100';
CREATE TABLE ck (
    id int PRIMARY KEY, a int DEFAULT 1, b int, e even,
    CONSTRAINT a_low CHECK (a < b), CONSTRAINT low CHECK (public.is_low(b)),
    CONSTRAINT gone CHECK (ck IS NOT NULL OR true)
);
INSERT INTO ck VALUES (1, 1, 50, 2), (2, 40, 50, 2);
SQL
    my $result = rejects(['--max-errors=9', '--staging=always', file('ck', ['id', 'b', 'e'],
                [ 1, 60, 4 ], [ 2, 45, 2 ], [ 3, 2, 3 ], [ 4, 200, 2 ], [ 5, undef, undef ], [ 6, 1, 2 ])],
        'inserted 1, updated 2, error 3', 'NULL passes, a missing column has its default');
    is(content($db, 'ck'), "(1,1,60,4)\n(2,40,45,2)\n(5,1,,)", 'rows');
    # an update of one column must keep to the other, which stays
    refuses($db, ['--staging=always', file('ck', ['id', 'b'], [ 2, 30 ])], [ 3, 6 ], qr/a_low/,
        'with the value that stays');
    # NOT VALID constraints hold for new rows
    $db->sql('ALTER TABLE ck ADD CONSTRAINT late CHECK (id < 1000) NOT VALID');
    refuses($db, [file('ck', ['id', 'b'], [ 1000, 30 ])], 3, qr/late/, 'NOT VALID');
};

subtest 'NOT NULL columns that the file lacks' => sub {
    $db->sql('CREATE TABLE nn (id int PRIMARY KEY, v text NOT NULL, w text NOT NULL DEFAULT 1);'
            . " INSERT INTO nn VALUES (1, 'a', 'b')");
    loads($db, [file('nn', ['id', 'w'], [ 1, 'c' ])], 'updated 1', 'do not matter for updates');
    refuses($db, [file('nn', ['id', 'w'], [ 2, 'c' ])], 3, qr/"?v"?/, 'matter for new rows');
};

# ---- other unique keys

subtest 'other unique keys' => sub {
    $db->sql(<<'SQL');
CREATE TABLE u (id int PRIMARY KEY, code text UNIQUE, a int, b int, v text);
CREATE UNIQUE INDEX u_a ON u (a) WHERE b > 0;
CREATE UNIQUE INDEX u_lower ON u (lower(v));
INSERT INTO u VALUES (1, 'one', 1, 1, 'X'), (2, 'two', 1, 0, 'Y'), (3, 'three', 3, 3, 'Z');
SQL
    my @header = ('id', 'code', 'a', 'b', 'v');
    for my $staging (@STAGING) {
        my $file = file('u', \@header, [ 4, 'one', 4, 4, 'p' ]);
        refuses($db, [$staging, $file], 3, qr/u_code_key/, "$staging: a value of the target");
        refuses($db, [$staging, file('u', \@header, [ 4, 'n', 1, 4, 'p' ])], 3, qr/u_a/,
            "$staging: a partial index");
        refuses($db, [$staging, file('u', \@header, [ 4, 'n', 4, 4, 'x' ])], 3, qr/u_lower/,
            "$staging: an index on an expression");
        refuses($db, [$staging, file('u', \@header, [ 4, 'n', 4, 4, 'p' ], [ 5, 'n', 5, 5, 'q' ])], 3,
            qr/u_code_key/, "$staging: twice in the batch");
        refuses($db, [$staging, file('u', \@header, [ 1, 'two', 1, 1, 'X' ])], 3, qr/u_code_key/,
            "$staging: an update to a value of the target");
        refuses($db, [$staging, file('u', \@header, [ 2, 'two', 1, 1, 'Y' ])], 3, qr/u_a/,
            "$staging: an update into a partial index");
        refuses($db, [$staging, file('u', \@header, [ 3, 'one', 3, 3, 'Z' ], [ 1, 'one', 1, 1, 'N' ])],
            3, qr/u_code_key.*record 1|record 1.*u_code_key/s, "$staging: a value that its row keeps");
    }
    loads($db, [file('u', \@header, [ 1, 'one', 1, 1, 'x' ])], 'updated 1', 'its own values');
    loads($db, [file('u', \@header, [ 1, 'uno', 9, 1, 'w' ], [ 4, 'one', 1, 4, 'x' ])],
        'inserted 1, updated 1', 'a value that becomes free in the same batch');
    is(content($db, 'u'), "(1,uno,9,1,w)\n(2,two,1,0,Y)\n(3,three,3,3,Z)\n(4,one,1,4,x)", 'rows');
    loads($db, ['--mode=full', '--max-delete-pct=80', file('u', \@header, [ 7, 'two', 3, 3, 'y' ],
                [ 1, 'three', 9, 1, 'w' ])],
        'inserted 1, updated 1, deleted 3', 'values of rows that are deleted');
    is(content($db, 'u'), "(1,three,9,1,w)\n(7,two,3,3,y)", 'rows');
};

subtest 'unique values that can be equal and not the same' => sub {
    $db->sql(<<'SQL');
CREATE TABLE ut (id int PRIMARY KEY, n numeric UNIQUE, f float8 UNIQUE, c char(5) UNIQUE, v int);
INSERT INTO ut VALUES (1, 1.0, 0, 'a', 1), (2, 2, 1, 'b', 1);
SQL
    my @header = ('id', 'n', 'f', 'c', 'v');
    for my $staging (@STAGING) {
        loads($db, [$staging, file('ut', \@header, [ 1, '1.00', '-0', 'a ', $staging =~ /auto/ ? 2 : 3 ])],
            'updated 1', "$staging: its own values");
        refuses($db, [$staging, file('ut', \@header, [ 1, '2.0', 0, 'a', 9 ])], 3, qr/ut_n_key/,
            "$staging: numeric");
        refuses($db, [$staging, file('ut', \@header, [ 1, 1, '1.0', 'a', 9 ])], 3, qr/ut_f_key/,
            "$staging: float8");
        refuses($db, [$staging, file('ut', \@header, [ 1, 1, 0, 'b  ', 9 ])], 3, qr/ut_c_key/,
            "$staging: character");
    }
};

subtest 'unique values that swap' => sub {
    for my $deferrable ('', 'DEFERRABLE', 'DEFERRABLE INITIALLY DEFERRED') {
        for my $staging (@STAGING) {
            $db->sql("DROP TABLE IF EXISTS s; CREATE TABLE s (id int PRIMARY KEY, v text UNIQUE"
                    . " $deferrable); INSERT INTO s VALUES (1, 'a'), (2, 'b'), (3, 'c')");
            my $swap = file('s', ['id', 'v'], [ 1, 'b' ], [ 2, 'a' ]);
            my $chain = file('s', ['id', 'v'], [ 1, 'b' ], [ 2, 'c' ], [ 3, 'd' ]);
            my $name = "$staging $deferrable";
            if ($deferrable) {
                loads($db, [$staging, $swap], 'updated 2', "$name: swapped");
                is(content($db, 's'), "(1,b)\n(2,a)\n(3,c)", "$name: rows");
                loads($db, [$staging, file('s', ['id', 'v'], [ 1, 'c' ], [ 2, 'b' ], [ 3, 'a' ])],
                    'updated 3', "$name: a ring");
                is(content($db, 's'), "(1,c)\n(2,b)\n(3,a)", "$name: rows");
            } else {
                refuses($db, [$staging, $swap], 3, [ qr/s_v_key/, qr/[12]/ ], "$name: refused");
                my $result = load($db, $staging, $chain);
                my $rows = content($db, 's');
                ok(($result->status == 0 && $rows eq "(1,b)\n(2,c)\n(3,d)")
                        || ($result->status == 3 && $rows eq "(1,a)\n(2,b)\n(3,c)"),
                    "$name: a chain is loaded whole or refused") or diag $result->describe, $rows;
            }
        }
    }
    # the key itself may be deferrable: it cannot be an arbiter
    $db->sql("DROP TABLE s; CREATE TABLE s (id int PRIMARY KEY DEFERRABLE INITIALLY DEFERRED,"
            . " v text); INSERT INTO s VALUES (1, 'a')");
    for my $staging (@STAGING) {
        load($db, $staging, file('s', ['id', 'v'], [ 1, $staging ], [ 2, 'b' ]));
        is(content($db, 's'), "(1,$staging)\n(2,b)", "$staging: a deferrable primary key");
    }
};

subtest 'exclusion constraints' => sub {
    $db->sql('CREATE TABLE x (id int PRIMARY KEY, during int4range, EXCLUDE USING gist (during WITH &&));'
            . " INSERT INTO x VALUES (1, '[1,5)')");
    refuses($db, [file('x', ['id', 'during'], [ 2, '[4,6)' ])], [ 3, 6 ], qr/x_during_excl/,
        'refused, and nothing changes');
    loads($db, [file('x', ['id', 'during'], [ 2, '[5,6)' ])], 'inserted 1', 'others are loaded');
};

# ---- guards

subtest 'guards' => sub {
    $db->sql('CREATE TABLE g (id int PRIMARY KEY, v text);'
            . ' INSERT INTO g SELECT i, i FROM generate_series(1, 10) i');
    my $rows = sub { return file('g', ['id', 'v'], map { [ $_, $_ ] } @_) };
    for my $staging (@STAGING) {
        refuses($db, [$staging, '--mode=full', $rows->(1 .. 7)], 3, [ qr/max-delete-pct/, qr/\b3 of 10\b/ ],
            "$staging: 30 % would be deleted");
        refuses($db, [$staging, file('g', ['id', 'v'])], 3, qr/empty|no row|min-rows/i,
            "$staging: an empty file");
        refuses($db, [$staging, '--mode=full', '--max-delete-pct=100', file('g', ['id', 'v'])], 3,
            qr/empty|no row|min-rows/i, "$staging: an empty file as the whole table");
        refuses($db, [$staging, '--min-rows=5', $rows->(1 .. 4)], 3, qr/min-rows/,
            "$staging: --min-rows");
        for my $option ('--expect=5', '--expect=g=5') {
            refuses($db, [$staging, $option, $rows->(1 .. 4)], 3, qr/expect/i, "$staging: $option");
            loads($db, [$staging, $option, $rows->(1 .. 5)], 'unchanged 5', "$staging: $option");
        }
        my $result = refuses($db, [$staging, '--mode=full', '--min-rows=9', '--expect=8',
                $rows->(1 .. 7)], 3, [ qr/max-delete-pct/, qr/min-rows/, qr/expect/i ],
            "$staging: all of them are said");
    }
    loads($db, ['--mode=full', $rows->(1 .. 8)], 'unchanged 8, deleted 2', 'exactly 20 %');
    loads($db, ['--min-rows=0', file('g', ['id', 'v'])], 'nothing', '--min-rows=0');
    $db->sql("CREATE TABLE gs (id int PRIMARY KEY, ds text); INSERT INTO gs SELECT i, 'a' FROM"
            . " generate_series(1, 4) i; INSERT INTO gs SELECT i, 'b' FROM generate_series(5, 100) i");
    refuses($db, ['--slice=ds=a', file('gs', ['id', 'ds'], map { [ $_, 'a' ] } 1 .. 2)], 3,
        qr/max-delete-pct/, 'counted over the rows of the slice');
    refuses($db, ['--mode=full', '--max-delete-pct=0', file('gs', ['id', 'ds'],
                (map { [ $_, 'a' ] } 1 .. 4), (map { [ $_, 'b' ] } 5 .. 99))], 3,
        qr/max-delete-pct/, 'none may be deleted');
};

subtest 'a row that is rejected does not delete its old one' => sub {
    $db->sql('CREATE TABLE k (id int PRIMARY KEY, v text CHECK (v <> \'bad\'));'
            . ' INSERT INTO k SELECT i, i FROM generate_series(1, 10) i');
    for my $staging (@STAGING) {
        my $result = load($db, $staging, '--mode=full', '--max-errors=5', file('k', ['id', 'v'],
                [ 1, 'bad' ], map { [ $_, $_ ] } 2 .. 10));
        is($db->value('SELECT count(*) FROM k WHERE id = 1'), 1,
            "$staging: the row whose new version is bad stays") or diag $result->describe;
        $db->sql("INSERT INTO k VALUES (1, '1') ON CONFLICT DO NOTHING");
    }
};

subtest 'assertions of the user' => sub {
    $db->sql('CREATE TABLE a (id int PRIMARY KEY, n int); INSERT INTO a VALUES (1, 1);'
            . ' CREATE FUNCTION writes() RETURNS int LANGUAGE sql AS'
            . " 'INSERT INTO public.a VALUES (77, 1) RETURNING id'");
    my $file = file('a', ['id', 'n'], [ 1, -5 ], [ 2, 5 ]);
    for my $staging (@STAGING) {
        refuses($db, [$staging, '--check=positive: SELECT * FROM {staging} WHERE n < 0', $file], 3,
            qr/positive/, "$staging: on the staged rows");
        refuses($db, [$staging, '--check=SELECT 1 FROM {target} WHERE n = 1', $file], 3, qr/check/i,
            "$staging: on the target");
        refuses($db, [$staging, '--check=one: SELECT 1', '--check=two: SELECT 2', $file], 3,
            [ qr/one/, qr/two/ ], "$staging: all that fail");
        refuses($db, [$staging, '--check=SELECT nonsense', $file], [ 1, 3 ], qr/nonsense/,
            "$staging: an error in it");
        refuses($db, [$staging, '--check=SELECT public.writes()', $file], [ 1, 3 ], qr/read-only/,
            "$staging: it cannot write");
        for my $sql ('DELETE FROM public.a RETURNING 1', 'SELECT 1 WHERE false; DELETE FROM public.a',
            'COMMIT', 'SELECT 1 WHERE false) TO STDOUT; COMMIT; DELETE FROM public.a; COPY (SELECT 1',
            'WITH d AS (DELETE FROM public.a RETURNING 1) SELECT * FROM d')
        {
            refuses($db, [$staging, "--check=$sql", $file], [ 1, 3 ], qr/./, "$staging: $sql");
        }
        $db->sql('TRUNCATE a');
        loads($db, [$staging, '--check=none: SELECT * FROM {staging} WHERE n > 100', $file],
            'inserted 2', "$staging: one that holds");
        $db->sql('TRUNCATE a; INSERT INTO a VALUES (1, 1)');
    }
};

done_testing;
