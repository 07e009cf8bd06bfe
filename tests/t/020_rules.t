# What --limit takes from which tables, and what is said about rules that make no sense.

use strict;
use warnings;

use File::Temp ();
use FindBin;
use JSON::PP ();
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::DumpText;
use PgSample::Test::Faults;
use PgSample::Test::Server;

# Rows lie in the heap in descending order of their ids, unlike in any index.
my $SCHEMA = <<'SQL';
CREATE SCHEMA a;
CREATE SCHEMA "B c";
CREATE TABLE goods (id int PRIMARY KEY, kind text, price int, day date);
INSERT INTO goods
SELECT i, 'kind ' || i % 7, i * 37 % 1000, DATE '2024-01-01' + i
  FROM generate_series(1000, 1, -1) i;
CREATE INDEX ON goods (price);
CREATE TABLE a.item (id int PRIMARY KEY);
INSERT INTO a.item SELECT generate_series(20, 1, -1);
CREATE TABLE a.items (id int PRIMARY KEY);
INSERT INTO a.items SELECT generate_series(20, 1, -1);
CREATE TABLE "B c"."Item" (id int PRIMARY KEY);
INSERT INTO "B c"."Item" SELECT generate_series(20, 1, -1);
CREATE TABLE "B c"."it*m, ""quoted""" (id int PRIMARY KEY);
INSERT INTO "B c"."it*m, ""quoted""" SELECT generate_series(20, 1, -1);
CREATE TABLE empty (id int PRIMARY KEY);
CREATE TABLE part (id int PRIMARY KEY, v int) PARTITION BY RANGE (id);
CREATE TABLE part_2 PARTITION OF part FOR VALUES FROM (101) TO (201);
CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM (1) TO (101);
CREATE TABLE part_rest PARTITION OF part DEFAULT;
INSERT INTO part SELECT i, i % 10 FROM generate_series(300, 1, -1) i;
CREATE TABLE wide (id int PRIMARY KEY, filler text) WITH (fillfactor = 10);
INSERT INTO wide SELECT i, repeat('x', 1000) FROM generate_series(4500, 1, -1) i;
CREATE SEQUENCE counter;
CREATE FUNCTION write_row() RETURNS bool LANGUAGE sql
AS $$ INSERT INTO empty VALUES (1) RETURNING true $$;
CREATE FUNCTION a.is_cheap(int) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT $1 < 20';
SQL

my $server    = PgSample::Test::Server->start;
my $directory = File::Temp->newdir;
my $db        = $server->create_database;
$db->sql($SCHEMA);

sub dump_of
{
    my (@argument) = @_;
    my $result = $db->sample('--data-only', @argument);
    die $result->describe if !$result->is_ok;
    return PgSample::Test::DumpText->new($result->stdout);
}

# The ids that the rules take from a table, in the order of the dump.
sub ids
{
    my ($table, @rules) = @_;
    my @last = ref $rules[-1] ? pop @rules : ();
    return dump_of(map({ "--limit=$_" } @rules), @last)->column($table, 'id');
}

sub down
{
    my ($from, $to) = @_;
    return [ reverse $to .. $from ];
}

sub report_of
{
    my ($table, @argument) = @_;
    my $file = "$directory/report.json";
    my $result = $db->sample('--data-only', "--report=$file", @argument);
    die $result->describe if !$result->is_ok;
    open my $handle, '<', $file or die "could not open $file: $!";
    my $report = JSON::PP::decode_json(do { local $/; <$handle> });
    my ($found) = grep { "$_->{schema}.$_->{table}" eq $table } @{ $report->{tables} };
    return ($found, $result);
}

my $n_refused = 0;

# The run must fail with the status, write nothing and say all of it. A part of the runs has a
# pg_dump to end as well.
sub refuses
{
    my ($status, $rules, $messages, $name, @last) = @_;
    my @limits = map { "--limit=$_" } ref $rules ? @$rules : $rules;
    my $result = $db->sample($n_refused++ % 4 ? '--data-only' : (), @limits, @last);
    my @missing = grep { $result->stderr !~ $_ } @$messages;
    my $ok = $result->status == $status && !@missing && $result->stdout eq '';
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    ok($ok, $name) or diag "expected status $status, @$messages\n" . $result->describe;
    return;
}

subtest 'counts' => sub {
    is_deeply(ids('public.goods'), down(1000, 901), 'without rules 100 rows in heap order');
    is_deeply(ids('public.goods', 'goods = 5'), down(1000, 996), 'a count');
    is_deeply(ids('public.goods', 'goods=5'), down(1000, 996), 'without blanks');
    is_deeply(ids('a.item', 'public.goods = 5, 3'), down(20, 18), 'a bare number is for all');
    is_deeply(ids('a.items', 'public.goods = 5'), down(20, 1),
        'a table without a rule of its own has up to 100');
    is_deeply(ids('public.goods', 'goods = 0'), [], 'zero');
    is_deeply(ids('public.goods', 'goods = *'), down(1000, 1), '* takes all');
    is_deeply(ids('public.goods', 'goods = 5000'), down(1000, 1), 'more than there are');
    is_deeply(dump_of('--limit=0')->tables, [], 'zero for all tables');
    is_deeply(ids('public.empty', 'empty = 5'), [], 'an empty table');
};

subtest 'percent' => sub {
    is_deeply(ids('public.goods', 'goods = 10%'), down(1000, 901), 'a percent');
    is_deeply(ids('public.goods', 'goods = 2.5 %'), down(1000, 976), 'a fraction, a blank');
    is_deeply(ids('public.goods', 'goods = 0.001%'), [1000], 'at least one row');
    is_deeply(ids('public.goods', 'goods = 0%'), [], 'zero percent');
    is_deeply(ids('public.goods', 'goods = 100%'), down(1000, 1), 'all of it');
    is_deeply(ids('public.empty', 'empty = 50%'), [], 'of an empty table none');
    is_deeply(ids('a.item', '10%'), down(20, 19), 'a bare percent is for all');
    is_deeply(ids('public.goods', 'goods = 10% where id <= 50'), down(50, 46),
        'a percent of the rows that satisfy a condition');
    is_deeply(ids('public.goods', 'goods = 0.1% where id <= 50'), [50],
        'of those at least one as well');
    is_deeply(ids('public.goods', 'goods = 50% where false'), [], 'and of none none');

    my ($goods, $result) = report_of('public.goods', '--limit=goods = 10%', '-v');
    is($goods->{percent_of}, 1000, 'the report tells what it is a percent of');
    ok(!$goods->{percent_of_is_estimated}, 'which was counted');
    is($goods->{picked}, 100, 'and how many rows that makes');
    like($result->stderr, qr/public\.goods: picked 100 of 1000 rows/,
        '-v says it as well');
};

subtest 'percent of a large table' => sub {
    my $near = sub {
        my ($number, $what) = @_;
        my ($wide) = report_of('public.wide', '--limit=wide = 10%, 0');
        ok($wide->{percent_of_is_estimated}, "$what: it is not counted");
        cmp_ok(abs($wide->{percent_of} - $number), '<', $number / 10, "$what: the estimate is near");
        cmp_ok(abs($wide->{picked} - $wide->{percent_of} / 10), '<=', 1, "$what: the rows are a percent of it");
    };
    $near->(4500, 'without statistics');
    $db->sql('ANALYZE wide');
    $near->(4500, 'with statistics');
    $db->sql(q{INSERT INTO wide SELECT i, repeat('x', 1000) FROM generate_series(4501, 9000) i});
    $near->(9000, 'twice as large since then');
    $db->sql(q{UPDATE pg_class SET reltuples = reltuples * 3 WHERE relname = 'wide'});
    $near->(27_000, 'whatever the statistics say');
};

subtest 'percent of a table of 700 blocks' => sub {
    $db->sql(q{CREATE TABLE middle (id int PRIMARY KEY, t text);
        INSERT INTO middle SELECT i, repeat('x', 1000) FROM generate_series(1, 5000) i});
    my ($middle) = report_of('public.middle', '--limit=middle = 10%, 0');
    ok(!$middle->{percent_of_is_estimated}, 'without statistics it is counted');
    is($middle->{picked}, 500, 'exactly');
    $db->sql('ANALYZE middle');
    ($middle) = report_of('public.middle', '--limit=middle = 10%, 0');
    ok($middle->{percent_of_is_estimated}, 'with statistics it is not');
    is($middle->{picked}, 500, 'and they are exact if they are new');
    $db->sql('DROP TABLE middle');
};

subtest 'conditions' => sub {
    is_deeply(ids('public.goods', 'goods = id > 997'), down(1000, 998), 'a comparison');
    is_deeply(ids('public.goods', '"goods = id IN (1, 2, 3)"'), [ 3, 2, 1 ],
        'one with commas, quoted as a field of CSV');
    is_deeply(ids('public.goods', '"goods = id IN (1, 2)", a.item = 3'), [ 2, 1 ],
        'and another rule after it');
    is_deeply(ids('public.goods', 'goods = "id" < 3'), [ 2, 1 ], 'a quoted name');
    is_deeply(ids('public.goods', '"goods = ""id"" IN (1, 2)"'), [ 2, 1 ],
        'a quoted name in a quoted field');
    is_deeply(ids('public.goods', q{goods = kind = 'kind 3' AND id < 20}), [ 17, 10, 3 ],
        'a string');
    is_deeply(ids('public.goods', 'goods = id < 3 -- not many'), [ 2, 1 ],
        'a comment at the end');
    is_deeply(ids('public.goods', 'goods = id < 3 /* not many */'), [ 2, 1 ],
        'another comment');
    is_deeply(ids('public.goods', "goods = id < 5 -- five\n AND id > 2\n"), [ 4, 3 ],
        'several lines');
    is_deeply(ids('public.goods', 'goods = goods.id < 3'), [ 2, 1 ],
        'columns may be qualified with the table');
    is_deeply(ids('public.goods', 'goods = NOT id > 2'), [ 2, 1 ], 'NOT');
    is_deeply(ids('public.goods',
            'goods = EXISTS (SELECT FROM a.item x WHERE x.id = goods.id)'),
        down(20, 1), 'a subquery');
    is_deeply(ids('public.goods', 'goods = NULL'), [], 'NULL is not true');
    is_deeply(ids('public.goods', '* = id < 3'), [ 2, 1 ], 'for all tables');
};

subtest 'count where condition' => sub {
    is_deeply(ids('public.goods', 'goods = 3 where price < 100'),
        $db->column('SELECT id FROM goods WHERE price < 100 ORDER BY ctid LIMIT 3'),
        'the first ones in the heap, whatever index there is');
    is_deeply(ids('public.goods', 'goods = 3 WHERE id < 10'), [ 9, 8, 7 ], 'in capitals');
    is_deeply(ids('public.goods', 'goods = * where id < 3'), [ 2, 1 ], '* where');
    is_deeply(ids('public.goods', 'goods = 0 where id < 3'), [], '0 where');
    is_deeply(ids('public.goods', '2 where id < 10'), [ 9, 8 ], 'without a pattern');
};

subtest 'the first rule that matches counts' => sub {
    is_deeply(ids('public.goods', 'goods = 1, goods = 5'), [1000], 'in one list');
    is_deeply(ids('public.goods', 'goods = 2', 'goods = 5'), down(1000, 999), 'in two');
    is_deeply(ids('public.goods', '* = 3, goods = 5'), down(1000, 998), '* matches as well');
    is_deeply(ids('a.item', 'public.* = 1, a.* = 4, 2'), down(20, 17), 'by schema');
};

subtest 'patterns' => sub {
    my $dump = dump_of('--limit=GOODS = 1, it* = 2, 0');
    is(@{ $dump->column('public.goods') }, 1, 'case is folded');
    is(@{ $dump->column('a.items') }, 2, 'a star');
    is(@{ $dump->column('"B c"."Item"') }, 0, 'a folded name is not "Item"');
    is(@{ ids('"B c"."Item"', '"""Item"" = 4", 0') }, 4, 'a quoted name, in CSV');
    is(@{ ids('"B c"."Item"', '"Item" = 4, 0') }, 4, 'and plain');
    is(@{ ids('"B c"."Item"', '"B c".* = 5, 0') }, 5, 'a quoted schema');
    is(@{ ids('a.items', 'a.item? = 6, 0') }, 6, 'a question mark');
    is(@{ ids('a.item', 'a.item? = 6, 0') }, 0, 'stands for exactly one character');
    is(@{ ids('"B c"."it*m, ""quoted"""', '"""it*m, """"quoted"""""" = 7", 0') }, 7,
        'a name with a star, a comma and quotes');
    is(@{ ids('public.goods', '"""it*m, """"quoted"""""" = 7", 0') }, 0,
        'a quoted star stands for itself');
};

subtest 'partitions' => sub {
    is_deeply(ids('public.part', 'part = 3'), [ 100, 99, 98 ],
        'heap order, partition after partition in the order of their bounds');
    is_deeply(ids('public.part', 'part = 250'), [ reverse(1 .. 100), reverse(101 .. 200),
        reverse(251 .. 300) ], 'across partitions');
    is_deeply(ids('public.part', 'part_2 = 2, part = 3'), [ 100, 99, 98, 200, 199 ],
        'a partition that is named has its own rule');
    is_deeply(ids('public.part', 'part = 3, public.part_2 = 2'),
        [ 100, 99, 98, 200, 199 ], 'wherever it stands');
    is_deeply(ids('public.part', 'part_1 = 0, part_2 = 0, part = 2'), [ 300, 299 ],
        'and leaves that of its root');
    is_deeply(ids('public.part', 'part_rest = id % 50 = 0, part = 0'), [ 300, 250 ],
        'also with a condition');
    is_deeply(ids('public.part', 'part_2 = 1%, part = 1%'), [ 100, 99, 200 ],
        'percents are of the rows that the rule covers');
    is_deeply(ids('public.part', 'part = v = 3 AND id BETWEEN 90 AND 110'), [ 93, 103 ],
        'a condition on the root');
    refuses(1, 'part_* = 2', [qr/part_\*/], 'a pattern with a star matches no partition');
};

subtest 'commas' => sub {
    is_deeply(ids('public.goods', 'goods = id IN (1,2), * = 5'), [ 2, 1 ], 'in parentheses');
    is_deeply(ids('a.item', 'goods = id IN (1,2), * = 5'), down(20, 16), 'and then a rule');
    is_deeply(ids('public.goods', q{goods = kind || ',x' = $$kind 1,x$$ AND id < 10 /* , */, 0}),
        [ 8, 1 ], 'in strings and comments');
    is_deeply(ids('public.goods', '"goods = id IN (1,2)", * = 5'), [ 2, 1 ], 'or quoted as CSV');
};

subtest 'rules that never count' => sub {
    my $warns = sub {
        my ($rules, $never, $earlier, @last) = @_;
        my $result = $db->sample("--limit=$rules", @last);
        is($result->status, 0, "$rules is done") or diag $result->stderr;
        my @expected = defined $never
            ? "warning: limit rule \"$never\" never applies, since \"$earlier\" comes before it"
            : ();
        is_deeply([ $result->stderr =~ /(warning: limit rule .*)/g ], \@expected, '... and told');
    };
    $warns->('* = 10, goods = 5', 'goods = 5', '* = 10', $_) for '--data-only', '--plan';
    $warns->('7, goods = 5', 'goods = 5', '7');
    $warns->('it* = 1, a.items = 2, 0', 'a.items = 2', 'it* = 1', '-a');
    $warns->('goods = 1 where id > 3, goods = 2, 0', 'goods = 2', 'goods = 1 where id > 3', '-a');
    $warns->('a.* = 1, a.* = 2, 0', 'a.* = 2', 'a.* = 1', '-a');
    $warns->('part_1 = 1, part_1 = 2, part = 3, 0', 'part_1 = 2', 'part_1 = 1', '-a');
    $warns->('* = 1, 0', '0', '* = 1', '-a');
    $warns->($_, undef, undef, '-a')
        for 'goods = 5, * = 10', 'part = 1, part_1 = 2, 0', '* = 1, part_1 = 2',
        'a.item* = 1, a.* = 2, 0', 'public.* = 1, a.* = 2, "B c".* = 3, * = 0';
};

subtest 'rules that make no sense' => sub {
    refuses(1, 'gods = 5', [ qr/gods/, qr/hint: .*\bgoods\b/ ], 'an unknown table');
    refuses(1, 'public.gods = 5', [qr/hint: .*public\.goods\b/], 'with a schema');
    refuses(1, 'a.nothing_like_it = 5', [qr/nothing_like_it/], 'nothing is near');
    refuses(1, 'goods = -1', [ qr/limit rule 1 \(goods = -1\)/ ], 'a negative count');
    refuses(1, 'goods = 1, a.item = 200%', [ qr/limit rule 2 \(a\.item = 200%\)/ ],
        'too many percent');
    refuses(1, 'goods = 1.5', [ qr/limit rule 1/, qr/hint/ ], 'half a row');
    refuses(1, 'goods =', [qr/limit rule 1/], 'nothing behind the =');
    refuses(1, 'goods', [qr/limit rule 1/], 'no =');
    refuses(1, 'goods = 1,', [qr/limit rule 2/], 'an empty rule');
    refuses(1, '', [qr/limit rule 1/], 'no rule at all');
    refuses(1, '"goods = id IN (1, 2', [qr/quote/], 'a quote that stays open');
    refuses(1, 'goods = id IN (1, 2, item = 3',
        [qr/limit rule 1 \(goods = id IN \(1, 2, item = 3\): unclosed parenthesis at "\(1/],
        'a parenthesis that stays open');
    refuses(1, 'goods = 5 where', [qr/limit rule 1/], 'where without a condition');
};

subtest 'conditions that make no sense' => sub {
    refuses(1, 'goods = id <', [qr/rule "goods = id <" on table public\.goods/], 'syntax');
    refuses(1, 'goods = idd < 3', [ qr/rule "goods = idd < 3"/, qr/hint: .*goods\.id/s ],
        'an unknown column, with the hint of the server');
    refuses(1, 'goods = id + 1', [qr/rule "goods = id \+ 1"/], 'not a boolean');
    refuses(1, 'goods = 5 where id', [qr/rule "goods = 5 where id"/], 'not one either');
    refuses(1, 'goods = true) OR (true', [qr/\): closing parenthesis too many at "\) OR/],
        'parentheses that close ours');
    refuses(1, 'goods = true) ORDER BY (id', [qr/closing parenthesis too many/],
        'a clause of its own');
    refuses(1, 'goods = true); DROP TABLE goods; SELECT (true', [qr/closing parenthesis too many/],
        'a statement of its own');
    refuses(1, 'goods = true /*', [qr{\): unterminated comment at "/\*"}], 'an open comment');
    refuses(1, q{goods = kind = 'open}, [qr/\): unterminated string at "'open"/],
        'an open string');
    refuses(1, 'goods = count(*) > 1', [qr/rule "goods = count/], 'an aggregate');
    refuses(1, '* = price > 3', [qr/rule "\* = price > 3" on table/],
        'a column that not every table has');
    refuses(3, 'goods = 10 / (id - 500) > 0',
        [ qr/rule "goods = 10 \/ \(id - 500\) > 0" on table public\.goods/, qr/division/ ],
        'an error that some row raises');
    refuses(3, 'goods = 5 where 10 / (id - 500) > 0', [qr/rule "goods = 5 where/],
        'the same behind where');
};

subtest 'conditions under the settings of the user' => sub {
    my $function = 'goods = is_cheap(id)';
    refuses(1, $function, [qr/rule "\Q$function\E"/], 'a name that is not on search_path');
    is_deeply(
        ids('public.goods', $function, { env => { PGOPTIONS => '-c search_path=a,public' } }),
        down(19, 1), 'the search_path of PGOPTIONS holds');
    $server->create_role('pathfinder', 'SUPERUSER');
    $db->sql('ALTER ROLE pathfinder SET search_path = a');
    my $result = $db->as('pathfinder')->sample('--data-only', "--limit=public.$function");
    is_deeply(PgSample::Test::DumpText->new($result->stdout)->column('public.goods', 'id'),
        down(19, 1), 'and that of the role');
    is_deeply(
        ids('public.goods', q{goods = day = '03/01/2024'},
            { env => { PGDATESTYLE => 'ISO, DMY' } }),
        [2], 'the DateStyle of the environment holds');

    # what is generated around the condition must not fall for names on the search_path
    $db->sql(<<'SQL');
CREATE SCHEMA trap;
CREATE FUNCTION trap.no(oid, oid) RETURNS bool LANGUAGE sql AS 'SELECT false';
CREATE OPERATOR trap.= (leftarg = oid, rightarg = oid, function = trap.no);
CREATE OPERATOR trap.<> (leftarg = oid, rightarg = oid, function = trap.no);
CREATE FUNCTION trap.no(tid, tid) RETURNS bool LANGUAGE sql AS 'SELECT false';
CREATE OPERATOR trap.= (leftarg = tid, rightarg = tid, function = trap.no);
CREATE FUNCTION trap.array_position(oid[], oid) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE TABLE trap.part (id int PRIMARY KEY);
SQL
    is_deeply(
        ids('public.part', 'part_2 = id > 199, public.part = 5 where id > 98, 0',
            { env => { PGOPTIONS => '-c search_path=trap,pg_catalog,public' } }),
        [ 100, 99, 200, 300, 299, 298 ], 'operators and tables of the user do not matter');
    $db->sql('DROP SCHEMA trap CASCADE');
};

subtest 'conditions cannot write' => sub {
    refuses(3, 'goods = write_row()', [ qr/rule "goods = write_row\(\)"/, qr/read-only/ ],
        'INSERT in a function');
    refuses(3, q{goods = nextval('counter') > 0}, [qr/read-only/], 'nextval()');
    my $switch = q{goods = set_config('transaction_read_only', 'off', true) = 'off'};
    refuses(3, qq{"$switch AND write_row()"}, [qr/rule "goods = set_config/],
        'switching to read-write');
    $switch = q{goods = set_config('default_transaction_read_only', 'off', false) = 'off'};
    refuses(3, [ qq{"$switch"}, 'a.item = write_row()' ], [qr/read-only/],
        'switching for later transactions');
    my $result = $db->sample('--limit=goods = 1 where lo_create(4711) > 0');
    is($db->value('SELECT count(*) FROM pg_largeobject_metadata'), 0,
        'what a read-only transaction allows is rolled back');
    is($db->value('SELECT count(*) FROM empty'), 0, 'no row was written');
    is($db->value('SELECT is_called FROM counter'), 'f', 'no sequence was advanced');
};

done_testing;
