# Which rows a count takes: the first, the newest, the oldest, random ones; and their order
# in the dump.

use strict;
use warnings;

use FindBin;
use List::Util qw(sum);
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::DumpText;
use PgSample::Test::Server;

# In the heap rows lie in an order that is neither that of a key nor its reverse.
my $SCHEMA = <<'SQL';
CREATE TABLE scattered (id int PRIMARY KEY, ref int);
INSERT INTO scattered SELECT i * 37 % 1000, i * 13 % 300 FROM generate_series(1, 999) i;
CREATE TABLE composite (a int, b text COLLATE "C", v int, PRIMARY KEY (b, a));
INSERT INTO composite
SELECT i * 37 % 100, chr(65 + i * 7 % 3), i FROM generate_series(1, 299) i
    ON CONFLICT DO NOTHING;
CREATE TABLE no_key (id int);
INSERT INTO no_key SELECT i * 37 % 1000 FROM generate_series(1, 999) i;
CREATE TABLE part (id int PRIMARY KEY) PARTITION BY HASH (id);
CREATE TABLE part_1 PARTITION OF part FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE part_2 PARTITION OF part FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO part SELECT i * 37 % 1000 FROM generate_series(1, 999) i;
CREATE TABLE parent (id int PRIMARY KEY);
INSERT INTO parent SELECT i * 37 % 300 FROM generate_series(0, 299) i;
ALTER TABLE scattered ADD FOREIGN KEY (ref) REFERENCES parent;
CREATE TABLE german (name text COLLATE "de-x-icu" PRIMARY KEY);
INSERT INTO german VALUES ('Zebra'), ('ähnlich'), ('Apfel'), ('zart'), ('Äpfel'), ('bunt');
-- many blocks, most rows of the middle gone
CREATE TABLE holey (id int PRIMARY KEY, filler text);
INSERT INTO holey SELECT i, repeat('x', 60) FROM generate_series(1, 60000) i;
DELETE FROM holey WHERE id BETWEEN 10001 AND 50000 AND id % 20 <> 0;
ANALYZE;
SQL

my $server = PgSample::Test::Server->start;
my $db     = $server->create_database;
$db->sql($SCHEMA);

sub dump_from
{
    my ($database, @argument) = @_;
    my $result = $database->sample('--data-only', @argument);
    die $result->describe if !$result->is_ok;
    return PgSample::Test::DumpText->new($result->stdout);
}

sub ids
{
    my ($table, @argument) = @_;
    return dump_from($db, @argument)->column("public.$table");
}

sub ascending { return [ sort { $a <=> $b } @{ $_[0] } ] }

# Elements of the first list that the second one does not have.
sub surplus
{
    my ($some, $all) = @_;
    my %all = map { $_ => 1 } @$all;
    return [ grep { !$all{$_} } @$some ];
}

subtest 'heap order' => sub {
    my $heap = $db->column('SELECT id FROM scattered ORDER BY ctid');
    is_deeply(ids('scattered', '--limit=* = 20'), [ @$heap[ 0 .. 19 ] ],
        'the first rows of the heap are taken, in their order');
    is_deeply(ids('scattered', '--limit=scattered = * where id < 50, 0'),
        $db->column('SELECT id FROM scattered WHERE id < 50 ORDER BY ctid'),
        'whatever was taken lies in heap order');
    is_deeply(ids('parent', '--limit=scattered = id < 50, 0'),
        $db->column('SELECT id FROM parent WHERE id IN (SELECT ref FROM scattered
                      WHERE id < 50) ORDER BY ctid'),
        'and so do rows that others refer to');
};

subtest '--ordered' => sub {
    is_deeply(ids('scattered', '--ordered', '--limit=5'), [ 995 .. 999 ],
        'the newest rows, in ascending order');
    is_deeply(ids('scattered', '--ordered=desc', '--limit=5'), [ 995 .. 999 ], '=desc');
    is_deeply(ids('scattered', '--ordered-desc', '--limit=5'), [ 995 .. 999 ], '-desc');
    is_deeply(ids('scattered', '--ordered=asc', '--limit=5'), [ 1 .. 5 ], '=asc');
    is_deeply(ids('scattered', '--ordered-asc', '--limit=5'), [ 1 .. 5 ], '-asc');
    is_deeply(ids('scattered', '--ordered', '--limit=scattered = 3 where id % 2 = 0'),
        [ 994, 996, 998 ], 'with a condition');
    is_deeply(ids('scattered', '--ordered', '--limit=1%'), [ 990 .. 999 ], 'a percent');
    is_deeply(ids('scattered', '--ordered', '--limit=*'), [ 1 .. 999 ], 'all');
    is_deeply(ids('part', '--ordered', '--limit=5'), [ 995 .. 999 ], 'across partitions');
    is_deeply(ids('part', '--ordered', '--limit=part_1 = 3, part = 3'),
        ascending([
            @{ $db->column('SELECT id FROM part_1 ORDER BY id DESC LIMIT 3') },
            @{ $db->column('SELECT id FROM part_2 ORDER BY id DESC LIMIT 3') }
        ]),
        'partitions with rules of their own');
    is_deeply(ids('no_key', '--ordered', '--limit=5'),
        $db->column('SELECT id FROM no_key ORDER BY ctid LIMIT 5'),
        'without a key it stays the order of the heap');
    my $referenced = ids('parent', '--ordered', '--limit=scattered = 30, 0');
    cmp_ok(@$referenced, '>', 10, 'rows come along');
    is_deeply($referenced, ascending($referenced), 'in ascending order as well');
    is_deeply(ids('german', '--ordered', '--limit=*'),
        [ 'ähnlich', 'Apfel', 'Äpfel', 'bunt', 'zart', 'Zebra' ],
        'the collation of the key decides');
};

subtest '--ordered by several columns' => sub {
    my $all = $db->rows('SELECT a, b, v FROM composite ORDER BY b, a');
    is_deeply(dump_from($db, '--ordered', '--limit=7')->rows('public.composite'),
        [ @$all[ -7 .. -1 ] ], 'the newest, by the columns in the order of the key');
    is_deeply(dump_from($db, '--ordered=asc', '--limit=7')->rows('public.composite'),
        [ @$all[ 0 .. 6 ] ], 'the oldest');
};

subtest '--random=SEED' => sub {
    for my $table ('scattered', 'holey', 'no_key', 'part') {
        my @limit = "--limit=$table = 50, 0";
        my $first = ids($table, '--random=42', @limit);
        is(@$first, 50, "$table: as many as wanted");
        is_deeply(surplus($first, $db->column("SELECT id FROM $table")), [],
            'all of them are rows of the table');
        is_deeply(ids($table, '--random=42', @limit), $first, 'the same seed, the same rows');
        isnt(join(' ', @{ ids($table, '--random=43', @limit) }), join(' ', @$first),
            'another seed, other rows');
    }
    is_deeply(ascending(ids('scattered', '--random=1', '--limit=5000')), [ 1 .. 999 ],
        'all rows of a table that has fewer');
    is(@{ ids('scattered', '--random=1', '--limit=scattered = 5 where id < 20') }, 5,
        'with a condition');
    is(@{ ids('holey', '--random=1', '--limit=holey = 1%, 0') }, 220, 'a percent');
    my $heap = $db->column('SELECT id FROM holey ORDER BY ctid LIMIT 50');
    isnt(join(' ', @{ ids('holey', '--random', '--limit=holey = 50, 0') }), join(' ', @$heap),
        'without a seed they are random, too');
};

subtest 'a seed that was drawn' => sub {
    my $drawn = dump_from($db, '--random', '--limit=50');
    my ($seed) = @{ $drawn->header_values('seed') };
    like($seed, qr/\A\d+\z/, 'is in the header');
    my $again = dump_from($db, "--random=$seed", '--limit=50');
    is_deeply($again->rows("public.$_"), $drawn->rows("public.$_"), "$_: and gives the rows")
        for 'scattered', 'holey';
    my $other = dump_from($db, '--random', '--limit=50');
    isnt($other->header_values('seed')->[0], $seed, 'each run draws its own');
};

# The rows in ten parts of equal size: each part should get a tenth of the draws.
sub chi_square
{
    my ($taken, $all) = @_;
    my %part;
    $part{ $all->[$_] } = int(10 * $_ / @$all) for 0 .. $#$all;
    my @hits = (0) x 10;
    $hits[ $part{$_} ]++ for @$taken;
    my $expected = @$taken / 10;
    return sum(map { ($_ - $expected)**2 / $expected } @hits);
}

subtest 'random rows are uniform' => sub {
    my $all = $db->column('SELECT id FROM holey ORDER BY ctid');
    my $blocks = $db->value("SELECT pg_relation_size('holey') / 8192");
    cmp_ok($blocks, '>', 500, 'a table of many blocks');
    cmp_ok(@$all, '<', 25_000, 'in most of which few rows are left');
    # with 9 degrees of freedom more than 40 comes once in 100,000 times
    for my $seed (1 .. 3) {
        my $taken = ids('holey', "--random=$seed", '--limit=holey = 2000, 0');
        cmp_ok(chi_square($taken, $all), '<', 40, "seed $seed");
        my %seen;
        $seen{$_}++ for @$taken;
        is(scalar(keys %seen), 2000, 'and no row twice');
    }
    my $taken = ids('scattered', '--random=5', '--limit=scattered = 500, 0');
    cmp_ok(chi_square($taken, $db->column('SELECT id FROM scattered ORDER BY id')), '<', 40,
        'in a small table');
};

subtest '--random=stable' => sub {
    for my $table ('scattered', 'holey', 'no_key', 'part') {
        my @few  = ('--random=stable', "--limit=$table = 1%, 0");
        my @more = ('--random=stable', "--limit=$table = 5%, 0");
        my ($few, $more) = (ids($table, @few), ids($table, @more));
        my $n = $db->value("SELECT count(*) FROM $table");
        cmp_ok(abs(@$few - $n / 100), '<=', 1, "$table: 1 %");
        cmp_ok(abs(@$more - $n / 20), '<=', 1, '5 %');
        is_deeply(surplus($few, $more), [], 'the first is a part of the second');
        is_deeply(surplus(ids($table, '--random=stable', "--limit=$table = 7, 0"), $few), [],
            'and a count a part of both') if @$few > 7;
    }
    my $taken = ids('scattered', '--random=stable', '--limit=scattered = 500, 0');
    cmp_ok(chi_square($taken, $db->column('SELECT id FROM scattered ORDER BY id')), '<', 40,
        'it is uniform');
    my $before = ids('holey', '--random=stable', '--limit=holey = 100, 0');
    $db->sql("UPDATE holey SET filler = 'y' WHERE id % 3 = 0");
    is_deeply(ascending(ids('holey', '--random=stable', '--limit=holey = 100, 0')),
        ascending($before), 'updates of other columns, and other places, change nothing');
};

subtest '--random=stable in another database' => sub {
    my $target = $server->create_database;
    my $dump   = $db->sample('--limit=*', '--random=1');
    is($dump->status, 0, 'a full copy') or diag $dump->stderr;
    is($target->psql($dump->stdout)->status, 0, 'is restored');
    # another heap order, as a restore from anywhere may have it
    $target->sql("CREATE TABLE copy AS SELECT * FROM $_ ORDER BY 1 DESC; TRUNCATE $_ CASCADE;
                  INSERT INTO $_ SELECT * FROM copy; DROP TABLE copy")
        for 'holey', 'composite', 'part';
    for my $table ('holey', 'composite', 'part') {
        my @argument = ('--random=stable', "--limit=$table = 5%, 0");
        my @rows = map { [ sort map { join "\t", @$_ } @{ $_->rows("public.$table") } ] }
            map { dump_from($_, @argument) } $db, $target;
        cmp_ok(@{ $rows[0] }, '>', 5, "$table: some rows");
        is_deeply($rows[1], $rows[0], 'are the same there');
    }
};

done_testing;
