# The rows of samples of the shop, exactly as an independent recursive query computes them;
# and before that, that this oracle and the checks of restored samples see what is wrong.

use strict;
use warnings;

use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Check;
use PgSample::Test::Oracle;
use PgSample::Test::Rows;
use PgSample::Test::Rules;
use PgSample::Test::Server;

my $server = PgSample::Test::Server->start;

# ---- the oracle and the checks themselves, against results worked out by hand

subtest 'rules and patterns are read as the manual says' => sub {
    my @rules = PgSample::Test::Rules::parse(
        'A.b? = 5 where x > 1, "t = id IN (1, 2)"', '"""Q.x"" = *", 3%');
    is(@rules, 5, 'four rules and the default');
    is_deeply([ map { $_->{kind} } @rules ], [qw(count all all percent count)], 'kinds');
    is($rules[0]{condition}, 'x > 1', 'a count and a condition');
    is($rules[1]{condition}, 'id IN (1, 2)', 'a condition with a comma');
    my $matches = \&PgSample::Test::Rules::matches;
    ok($matches->($rules[0]{pattern}, 'a', 'bc'), 'case is folded, ? is one character');
    ok(!$matches->($rules[0]{pattern}, 'a', 'b'),   '? is not none');
    ok(!$matches->($rules[0]{pattern}, 'xa', 'bc'), 'a pattern matches the whole name');
    ok($matches->($rules[2]{pattern}, 's', 'Q.x'), 'quotes keep case and dot');
    ok(!$matches->($rules[2]{pattern}, 'q', 'x'), 'and do not split');
};

my $SMALL = <<'SQL';
CREATE EXTENSION citext;
CREATE TABLE team (id numeric PRIMARY KEY, name citext UNIQUE, boss int);
CREATE TABLE person (id int PRIMARY KEY, team numeric REFERENCES team,
    knows int REFERENCES person, a int, b int);
ALTER TABLE team ADD FOREIGN KEY (boss) REFERENCES person;
CREATE TABLE pair (a int, b int, PRIMARY KEY (a, b));
ALTER TABLE person ADD FOREIGN KEY (b, a) REFERENCES pair (b, a);
CREATE TABLE strict (id int, a int, b int, FOREIGN KEY (a, b) REFERENCES pair MATCH FULL);
CREATE TABLE parted (id int, p int, team citext REFERENCES team (name))
    PARTITION BY RANGE (p);
CREATE TABLE parted_high PARTITION OF parted FOR VALUES FROM (10) TO (20);
CREATE TABLE parted_low PARTITION OF parted FOR VALUES FROM (0) TO (10);
CREATE TABLE heir () INHERITS (pair);
INSERT INTO pair VALUES (1, 2), (2, 1), (3, 3);
INSERT INTO heir VALUES (9, 9);
INSERT INTO team VALUES (1, 'One'), (2.0, 'Two'), (3, 'Three');
INSERT INTO person VALUES (1, 1.00, 2, 1, 2), (2, 2, 3, NULL, 7), (3, NULL, 1, 2, 1),
    (4, 3, 4, NULL, NULL), (5, NULL, NULL, 3, 3);
UPDATE team SET boss = 4 WHERE id = 2;
INSERT INTO strict VALUES (1, 1, 2), (2, NULL, NULL);
INSERT INTO parted VALUES (1, 15, 'tWO'), (2, 5, 'ONE'), (3, 4, NULL);
SQL

sub oracle_counts
{
    my ($source, @argument) = @_;
    my $counts = PgSample::Test::Oracle->new($source, @argument)->counts;
    return join ' ', map { s/public\.//r . "=$counts->{$_}" }
        grep { $counts->{$_} } sort keys %$counts;
}

subtest 'the oracle follows references' => sub {
    my $small = $server->create_database;
    $small->sql($SMALL);
    my %expected = (
        'person = id = 1, 0'     => 'pair=2 person=4 team=3',
        'person = id = 4, 0'     => 'person=1 team=1',
        'person = id = 5, 0'     => 'pair=1 person=1',
        'strict = *, 0'          => 'pair=1 strict=2',
        'parted = 2, 0'          => 'parted=2 team=1',
        'parted = 1, 0'          => 'parted=1 team=1',
        'parted_high = *, 0'     => 'parted=1 person=1 team=2',
        'parted_low = 0, parted = *, 0' => 'parted=1 person=1 team=2',
        'heir = *, 0'            => 'heir=1',
        'pair = 1 where a > 1, 0' => 'pair=1',
    );
    is(oracle_counts($small, "--limit=$_"), $expected{$_}, $_) for sort keys %expected;
    is(oracle_counts($small, '--limit=pair = 1, 0', '-t', 'team'), '', 'not selected');
    is(oracle_counts($small, '-t', 'strict'), 'pair=1 strict=2', 'across the selection');
    my $newest = PgSample::Test::Oracle->new($small, '--ordered', '--limit=pair = 1, 0');
    is_deeply($newest->row_texts->{'public.pair'}, { '(3,3)' => 1 }, 'the highest key');
    my $oldest = PgSample::Test::Oracle->new($small, '--ordered=asc', '--limit=pair = 2, 0');
    is_deeply($oldest->row_texts->{'public.pair'}, { '(1,2)' => 1, '(2,1)' => 1 },
        'the lowest keys');
};

subtest 'the oracle sees a row more, a row less, and a row twice' => sub {
    my $small = $server->create_database;
    $small->sql($SMALL);
    my $copy = $server->create_database(template => $small);
    my $oracle = PgSample::Test::Oracle->new($small, '--limit=*');
    is(join("\n", $oracle->differences($copy), $oracle->schema_differences($copy)), '',
        'a whole copy is equal');
    $copy->sql('DELETE FROM strict WHERE id = 2; INSERT INTO parted SELECT * FROM parted_high;'
            . 'ALTER TABLE parted DROP CONSTRAINT parted_team_fkey');
    my @differences = $oracle->differences($copy);
    is(@differences, 2, 'two differences');
    like($differences[0], qr/parted: unexpected .*tWO.*2 times, not 1/, 'twice');
    like($differences[1], qr/strict: missing .*\(2,,\).*1 times, not 0/, 'missing');
    is(join("\n", $oracle->schema_differences($copy)),
        'parted_team_fkey on public.parted is missing, not valid', 'the key');
};

subtest 'the checks see every broken key' => sub {
    my $small = $server->create_database;
    $small->sql($SMALL);
    is(join("\n", broken_foreign_keys($small)), '', 'none is broken');
    $small->sql(<<'SQL');
SET session_replication_role = replica;
INSERT INTO strict VALUES (3, 1, NULL);
INSERT INTO strict VALUES (4, 9, 9);
INSERT INTO person VALUES (6, 4, 6, 9, NULL), (7, NULL, 8, 9, 9);
DELETE FROM team WHERE name = 'one';
ALTER TABLE parted DROP CONSTRAINT parted_team_fkey;
ALTER TABLE parted_low ADD CONSTRAINT low FOREIGN KEY (team) REFERENCES team (name) NOT VALID;
SQL
    my @broken = broken_foreign_keys($small);
    is(join("\n", @broken), <<'TEXT' =~ s/\n\z//r, 'all that are valid, and no other');
person_b_a_fkey on public.person: 1 dangling rows
person_knows_fkey on public.person: 1 dangling rows
person_team_fkey on public.person: 2 dangling rows
strict_a_b_fkey on public.strict: 2 dangling rows
TEXT
    is(join("\n", broken_foreign_keys($small, not_valid_too => 1)),
        join("\n", 'low on public.parted_low: 1 dangling rows', @broken), 'and NOT VALID ones');
    is(join(',', not_valid_constraints($small)), 'low on public.parted_low', 'which are found');
    is(table_counts($small)->{'public.pair'}, 3, 'rows of heirs do not count');
    my $source = $server->create_database;
    $source->sql($SMALL);
    my @invented = row_differences(row_texts($small), row_texts($source), subset => 1);
    is(@invented, 4, 'rows that are not in the source') or diag join "\n", @invented;
};

# ---- the program

my $shop   = $server->create_database;
my $loaded =
    $shop->psql('', '-v', 'scale=0.05', '-f', "$FindBin::Bin/../../fixtures/shop/shop.sql");
ok($loaded->is_ok, 'the shop is loaded') or BAIL_OUT($loaded->stderr);

my @RULES = (
    ['--limit=100'],
    ['--limit=3'],
    ['--limit=*'],
    ['--limit=orders = 7, * = 0'],
    ['--limit=orders = 5%, customer = 1%, * = 0'],
    ['--limit=order_item = quantity > 3, * = 0'],
    ['--limit="site = id IN (1, 2, 3)", employee = 2, * = 0'],
    ['--limit=orders_2024 = 4, orders = 2, shop.* = 1, * = 0'],
    ['--limit=orders = 20 where note IS NULL, * = 1'],
    ['--limit=warehouse.* = *, * = 0'],
    ['--ordered', '--limit=9'],
    ['--ordered=asc', '--limit=9'],
    ['-n', 'warehouse', '--limit=5'],
    ['-t', 'orders', '-t', 'order_item', '--limit=6'],
    ['-N', 'shop', '--limit=4'],
);

for my $rules (@RULES) {
    eval { rows_are_exact($shop, "@$rules", @$rules); 1 } or fail("@$rules: $@");
}
for my $random (['--random=11', '--limit=4'], ['--random=stable', '--limit=2%']) {
    eval { picked_is_enough($shop, "@$random", @$random); 1 } or fail("@$random: $@");
}

done_testing;
