# Many bad rows: they are found at once, and are then the same ones, for the same reasons and
# in the same order, as where the server finds one after the other.

use strict;
use warnings;

use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Load;
use PgSample::Test::Server;

my $server  = PgSample::Test::Server->start(configuration => [ "log_statement = 'all'", "log_duration = off" ]);
my $db      = $server->create_database;
my $name    = $db->name;
my $version = $db->value('SHOW server_version_num');

# Where it may not use PL/pgSQL each bad row is found by a COPY of its own.
my $role = $db->as($server->create_role('loader'));
$db->sql("GRANT ALL ON DATABASE $name TO loader; REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC");

sub find_at_once   { return $db->sql('GRANT USAGE ON LANGUAGE plpgsql TO loader') }
sub find_one_by_one { return $db->sql('REVOKE USAGE ON LANGUAGE plpgsql FROM loader') }

sub count_statements
{
    my $n = () = $server->log_text =~ / \Q$name\E LOG:  (?:statement|execute <unnamed>): /g;
    return $n;
}

# What a run says of bad rows, what it leaves in the table, and its statements.
sub run
{
    my ($table, $files, @options) = @_;
    $db->sql("TRUNCATE $table");
    my $rejects = input_path('rejects.csv');
    my $before  = count_statements();
    my $result = load($role, '-v', '--max-errors=100%', "--rejects-file=$rejects", @options,
        map { "$table=$_" } @$files);
    my $after = count_statements();
    is($result->status, 5, "@options: bad rows are left out") or diag $result->describe;
    my ($verbose) = $result->stderr =~ /(Bad rows of .* will be found one at a time: .*)/;
    return {
        rejects  => slurp($rejects),
        said     => join("\n", $result->stderr =~ /^.* rows? rejected.*$/mg),
        summary  => $result->summary,
        content  => content($db, $table),
        n        => $after - $before,
        fallback => defined $verbose ? $verbose : '',
    };
}

# Both ways lead to the same, the one with at most that share of the other's statements.
sub same
{
    my ($table, $files, $share, $what, @options) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    find_at_once();
    my $many = run($table, $files, @options);
    find_one_by_one();
    my $one = run($table, $files, @options);
    is($many->{fallback}, '', "$what: found at once");
    like($one->{fallback}, qr/one at a time: permission denied for language plpgsql/, "$what: found one by one");
    cmp_ok($many->{n}, '<', $one->{n} * $share, "$what: with fewer statements");
    is($many->{$_}, $one->{$_}, "$what: $_") for qw(rejects said summary content);
    return $many;
}

# ---- how many statements it takes

$db->sql(<<'SQL');
CREATE DOMAIN positive AS int NOT NULL CHECK (VALUE > 0);
CREATE TABLE t (id int PRIMARY KEY, v int, w varchar(5), d date, n numeric(5,2), p positive);
GRANT ALL ON t TO loader;
SQL

my $N = 6000;
my @GOOD = (1, 'abc', '2020-01-31', '1.25', 7);
my %SHAPE = ( # which rows are bad, and what is in them
    'every third row'    => [ sub { $_[0] % 3 == 0 }, 'x12' ],
    'a third, at random' => [ sub { rand() < 1 / 3 }, 'x12' ],
    'all rows'           => [ sub { 1 }, 'x12' ],
    'the second half'    => [ sub { $_[0] > $N / 2 }, 'x12' ],
    'too long'           => [ sub { $_[0] % 3 == 0 }, 1, 'abcdef' ],
    'no date'            => [ sub { $_[0] % 3 == 0 }, 1, 'abc', '2020-13-01' ],
    'an overflow'        => [ sub { $_[0] % 3 == 0 }, 1, 'abc', '2020-01-31', '1000' ],
    'NULL of a domain'   => [ sub { $_[0] % 3 == 0 }, 1, 'abc', '2020-01-31', '1.25', '' ],
    'several columns'    => [ sub { $_[0] % 3 == 0 }, 'x', 'abcdef', 'x', 'x', '-1' ],
    'invalid bytes'      => [ sub { $_[0] % 3 == 0 }, 1, "a\xff" ],
    'too many fields'    => [ sub { $_[0] % 3 == 0 }, @GOOD, 8 ],
);

srand 4;
subtest 'statements for each thousand rows' => sub {
    my $clean;
    find_at_once();
    for my $shape ('', sort keys %SHAPE) {
        my ($is_bad, @bad) = $shape eq '' ? sub { $_[0] == 1 } : @{ $SHAPE{$shape} };
        @bad = 'x' if !@bad;
        my $text = join '', "id,v,w,d,n,p\n",
            map { join(',', $_, $is_bad->($_) ? (@bad, @GOOD[ @bad .. $#GOOD ]) : @GOOD) . "\n" } 1 .. $N;
        my $run = run('t', [ input_file('t.csv', $text) ], '--staging=always');
        $clean = $run->{n} if !defined $clean;
        cmp_ok($run->{n} - $clean, '<=', 20 * $N / 1000, ($shape || 'one row') . ": $run->{n} statements");
        my ($n_errors) = $run->{summary} =~ /error (\d+)/;
        my $n_bad = () = $run->{rejects} =~ /^"t",|^"[^"]*t[.]csv",/mg;
        is($n_bad, $n_errors, ($shape || 'one row') . ': each of them is rejected');
    }
};

# ---- the same rows for the same reasons

$db->sql(<<'SQL');
CREATE SCHEMA hidden;
CREATE TYPE colour AS ENUM ('red', 'green', 'blue');
CREATE TYPE pair AS (a int, b varchar(3));
CREATE FUNCTION is_even(int) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    IF $1 = 13 THEN RAISE EXCEPTION 'unlucky: %', $1; END IF;
    RETURN $1 % 2 = 0;
END $$;
CREATE DOMAIN even AS int NOT NULL CHECK (VALUE < 100) CHECK (is_even(VALUE));
CREATE DOMAIN paint AS colour CHECK (VALUE <> 'red');
CREATE DOMAIN two AS pair;
SET client_min_messages = 'warning';
CREATE TYPE hidden.number;
CREATE FUNCTION hidden.number_in(cstring) RETURNS hidden.number LANGUAGE internal STRICT IMMUTABLE AS 'int4in';
CREATE FUNCTION hidden.number_out(hidden.number) RETURNS cstring LANGUAGE internal STRICT IMMUTABLE AS 'int4out';
CREATE TYPE hidden.number (INPUT = hidden.number_in, OUTPUT = hidden.number_out, LIKE = int4);
CREATE CAST (text AS hidden.number) WITH INOUT AS ASSIGNMENT;
GRANT USAGE ON SCHEMA hidden TO loader;
SQL

my $has_xml = eval { $db->value(q{SELECT pg_catalog.xml_is_well_formed('<a/>')}); 1 };
my $has_multirange = $version >= 140_000;

# Values of COPY text: good ones, bad ones.
my @TYPES = (
    [ 'int',             [ '1', '-5', ' 7 ', '\N' ], [ 'x', '99999999999', '1.5', 'c2: x', '"q"', '' ] ],
    [ 'numeric(5,2)',    [ '1.2', '999.99', '1.234567', 'NaN' ], [ '1000', 'x', '1e10', '999.999' ] ],
    [ 'varchar(5)',      [ 'abc', 'abcde', 'abcde   ', '' ],     [ 'abcdef', "\xc3\xa4" x 6 ] ],
    [ 'char(3)',         [ 'a', 'abc', 'abc  ' ],                ['abcd'] ],
    [ 'bit(3)',          ['101'],                                [ '1', '10101', '12x' ] ],
    [ 'varbit(4)',       [ '1', '1010' ],                        [ '10101', '2' ] ],
    [ 'date',            [ '2020-01-01', '\N', 'infinity' ],     [ '2020-13-01', 'x', '99999999-01-01' ] ],
    [ 'timestamptz(1)',  [ '2020-01-01 00:00:00+00', 'infinity' ], [ '2020-01-01 25:00', 'x' ] ],
    [ 'time(2)',         ['12:34:56.789'],                       [ '25:00', 'x' ] ],
    [ 'interval year',   [ '5', '2 years' ],                     [ 'x', '99999999999 years' ] ],
    [ 'json',            [ '{"a":1}', '[]', '\N' ],              [ '{a', '\\\\x', '{"a":"\\\\u12"}', '[' ] ],
    [ 'jsonb',           ['{"a":1}'],                            [ '{"a":"\\\\u0000"}', 'x' ] ],
    [ 'uuid',            ['a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'], ['x'] ],
    [ 'colour',          [ 'red', 'blue' ],                      [ 'z', '' ] ],
    [ 'even',            [ '2', '98' ],                          [ '\N', '200', '3', '13', 'x' ] ],
    [ 'paint',           [ 'blue', '\N' ],                       [ 'red', 'z' ] ],
    [ 'pair',            [ '(1,abc)', '(,)' ],                   [ '(1,abcd)', 'x', '(x,a)', '(1,2,3)' ] ],
    [ 'two',             ['(1,abc)'],                            [ '(1,abcd)', 'x' ] ],
    [ 'int[]',           [ '{1,2}', '{}' ],                      [ '{1,x}', 'x', '{1' ] ],
    [ 'varchar(3)[]',    ['{abc,d}'],                            ['{abcd}'] ],
    [ 'even[]',          ['{2,4}'],                              [ '{2,3}', '{NULL}' ] ],
    [ 'int4range',       [ '[1,5)', 'empty' ],                   [ '[5,1)', 'x', '[x,1)' ] ],
    [ 'bytea',           [ '\\\\x0102', 'abc' ],                 [ '\\\\xzz', '\\\\x1', 'a\\\\b' ] ],
    [ 'hidden.number',   ['5'],                                  ['x'] ],
    [ '"char"',          [ 'x', 'xyz' ],                         [] ],
    [ 'boolean',         [ 't', 'no' ],                          ['maybe'] ],
    [ 'inet',            ['10.0.0.1/8'],                         [ 'x', '1.2.3.4.5' ] ],
    [ 'point',           ['(1,2)'],                              ['(1'] ],
    [ 'oidvector',       ['1 2'],                                ['1 x'] ],
    [ 'text',            [ 'text', 'tab\\tx', '\\\\', "\xc3\xa4" ], [] ],
    [ 'regtype',         [ 'int', '23' ],                        [ 'no_such', 'a b c' ] ],
    [ 'tsquery',         ['a & b'],                              ['a & '] ],
    [ 'float8',          ['1e5'],                                [ '1e999', 'x' ] ],
    $has_xml        ? [ 'xml', [ '<a/>', 'text' ], [ '<a>', '<a></b>' ] ] : (),
    $has_multirange ? [ 'int4multirange', ['{[1,2),[3,4)}'], [ '{[2,1)}', 'x' ] ] : (),
);
$db->sql('CREATE TABLE h (id int PRIMARY KEY, '
        . join(', ', map { qq{"c$_: ""x" $TYPES[$_][0]} } 0 .. $#TYPES) . ')');
$db->sql('GRANT ALL ON h TO loader');

my @ODD = ("\xff", "\xc3", "a\xe4b", "\xed\xa0\x80", '\\xff', '\\000', "\xf0\x90", "\xe2\x82\xac");

sub pick { return $_[ rand @_ ] }

# Rows of h: so many have bad values, up to three each, or bytes that may be invalid.
sub hostile
{
    my ($n, $first, $bad, $bytes) = @_;
    my $text = '';
    for my $id ($first .. $first + $n - 1) {
        my @row = map { pick(@{ $_->[1] }) } @TYPES;
        if (rand() < $bad) {
            for (0 .. rand 3) {
                my $i = int rand @TYPES;
                $row[$i] = pick(@{ $TYPES[$i][2] }) if @{ $TYPES[$i][2] };
            }
        }
        $row[ rand @TYPES ] = pick(@ODD) if rand() < $bytes;
        $text .= join("\t", $id, @row) . "\n";
    }
    return input_file('h.copy', $text);
}

subtest 'values of all types' => sub {
    for my $staging ('--staging=always', '--staging=auto') {
        same('h', [ hostile(1500, 1, 0.5, 0) ], 0.4, "half of the rows, $staging", $staging);
        same('h', [ hostile(1500, 1, 0.2, 0.2) ], 0.6, "and bytes, $staging", $staging);
    }
    same('h', [ hostile(1500, 1, 1, 0.01) ], 0.4, 'nearly all of the rows', '--staging=always');
    same('h', [ map { hostile(1000, 1 + 1000 * $_, 0.5, 0) } 0 .. 2 ], 0.6,
        '--jobs', '--staging=always', '--jobs=2');
};

subtest 'other reasons among them' => sub {
    # too many fields, rows that no page has room for, and invalid bytes behind an escape
    my @columns = map { "c$_ text" } 1 .. 500;
    $db->sql('CREATE TABLE wide (id int PRIMARY KEY, v int, ' . join(', ', @columns) . ')');
    $db->sql('GRANT ALL ON wide TO loader');
    my $huge = join ',', map { join '', map { chr 97 + rand 26 } 1 .. 17 } 1 .. 500;
    my $text = join ',', 'id', 'v', map { "c$_" } 1 .. 500;
    for my $id (1 .. 1500) {
        my $v = rand() < 0.3 ? 'x' : 1;
        $text .= "\n$id,$v," . ($id % 800 == 400 ? $huge : ',' x 499) . (rand() < 0.02 ? ',1' : '');
    }
    my $run = same('wide', [ input_file('wide.csv', "$text\n") ], 0.6, 'rows that are too big', '--staging=always');
    like($run->{rejects}, qr/"54000"/, 'there are such rows');
    $text = join '', map { "$_\t" . (rand() < 0.3 ? 'x' : 1) . "\t" . (rand() < 0.01 ? '\\xff' : 'a') . "\t\\N\t\\N\t1\n" } 1 .. 2000;
    $run = same('t', [ input_file('t.copy', $text) ], 0.4, 'escapes', '--staging=always');
    like($run->{rejects}, qr/"22021"/, 'there are such rows');
};

subtest 'encodings' => sub {
    my @parts = ('a', "\xc3\xa4", "\xe2\x82\xac", "\xe8\xa1\xa8", "\xff", "\xc3", "\xe2\x82\xac\xff", "\x95\\", "\x83\\");
    my $text = join '', "id,v,w,d,n,p\n",
        map { "$_," . (rand() < 0.3 ? 'x' : 1) . ',' . pick(@parts) . pick(@parts) . ",,,1\n" } 1 .. 3000;
    my $file = input_file('t.csv', $text);
    same('t', [$file], /UTF8|LATIN1/ ? 0.4 : 1, "$_ to UTF8", '--staging=always', "--encoding=$_") for qw(UTF8 LATIN1 SJIS EUC_JP);
};

subtest 'under a search_path with other functions and types' => sub {
    $db->sql(<<'SQL');
CREATE SCHEMA evil;
CREATE DOMAIN evil.text AS pg_catalog.text CHECK (false);
CREATE DOMAIN evil.int4 AS pg_catalog.int4 CHECK (false);
CREATE FUNCTION evil.fail(anyelement, anyelement) RETURNS boolean LANGUAGE plpgsql AS
    'BEGIN RAISE EXCEPTION ''it looks at the search_path''; END';
CREATE OPERATOR evil.= (LEFTARG = anyelement, RIGHTARG = anyelement, FUNCTION = evil.fail);
CREATE FUNCTION evil.num_nulls(VARIADIC "any") RETURNS int LANGUAGE internal AS 'pg_num_nonnulls';
CREATE FUNCTION evil.int4in(cstring) RETURNS pg_catalog.int4 LANGUAGE internal AS 'int2in';
CREATE FUNCTION evil.textout(pg_catalog.text) RETURNS cstring LANGUAGE internal AS 'byteaout';
GRANT USAGE ON SCHEMA evil TO loader;
ALTER ROLE loader SET search_path = evil, pg_catalog, public;
SQL
    same('h', [ hostile(800, 1, 0.5, 0.1) ], 0.7, 'another one', '--staging=always');
    $db->sql('ALTER ROLE loader RESET search_path');
};

subtest 'a type whose input function is not for everybody' => sub {
    find_at_once();
    $db->sql('REVOKE USAGE ON SCHEMA hidden FROM loader');
    my $file = hostile(1000, 1, 0.5, 0);
    my $one  = run('h', [$file], '--staging=always');
    like($one->{fallback}, qr/one at a time: permission denied for schema hidden/, 'bad rows are found one by one');
    $db->sql('GRANT USAGE ON SCHEMA hidden TO loader');
    my $many = run('h', [$file], '--staging=always');
    is($many->{$_}, $one->{$_}, $_) for qw(rejects said summary content);
};

subtest 'reading ends early' => sub {
    my $file = input_file('t.csv', "id,v,p\n" . join '', map { "$_,x$_,1\n" } 1 .. 5000);
    my @runs;
    for my $find (\&find_at_once, \&find_one_by_one) {
        $find->();
        my $rejects = input_path('rejects.csv');
        my $result = load($role, '--staging=always', '--max-errors=5', "--rejects-file=$rejects", "t=$file");
        is($result->status, 3, 'too many bad rows') or diag $result->describe;
        push @runs, join "\n", slurp($rejects), $result->stderr =~ /^.* rejected.*$/mg;
    }
    is($runs[0], $runs[1], 'after the same row');
};

done_testing;
