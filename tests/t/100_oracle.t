# The rows of samples of the shop, exactly as an independent recursive query computes them.

use strict;
use warnings;

use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Oracle;
use PgSample::Test::Server;

my $server = PgSample::Test::Server->start;
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
    ['-t', 'order*', '-T', 'order_item', '--limit=6'],
    ['-N', 'shop', '--limit=4'],
);

for my $rules (@RULES) {
    eval { sample_is_exact($shop, "@$rules", @$rules); 1 } or fail("@$rules: $@");
}
for my $random (['--random=11', '--limit=4'], ['--random=stable', '--limit=2%']) {
    eval { picked_is_enough($shop, "@$random", @$random); 1 } or fail("@$random: $@");
}

done_testing;
