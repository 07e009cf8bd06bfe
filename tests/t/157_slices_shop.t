# Slices of the shop: exactly the oracle's rows, whatever the order of the options and of the
# foreign keys in the catalog.

use strict;
use warnings;

use File::Temp ();
use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::DumpText;
use PgSample::Test::Oracle;
use PgSample::Test::Rows;
use PgSample::Test::Server;
use PgSample::Test::Staging;

my $server    = PgSample::Test::Server->start;
my $directory = File::Temp->newdir;
my $shop      = $server->create_database;
my $loaded =
    $shop->psql('', '-v', 'scale=0.02', '-f', "$FindBin::Bin/../../fixtures/shop/shop.sql");
ok($loaded->is_ok, 'the shop is loaded') or BAIL_OUT($loaded->stderr);

my ($busy) = @{ $shop->column('SELECT customer_id FROM shop.orders GROUP BY 1'
        . ' ORDER BY count(*) DESC, 1 LIMIT 1') };
my ($order, $day) = @{ $shop->row("SELECT order_id, ordered_on FROM shop.orders"
        . " WHERE customer_id = $busy ORDER BY 1 LIMIT 1") };
my $csv = "$directory/orders.csv";
open my $file, '>', $csv or die "could not write: $!\n";
print {$file} map { join(',', @$_) . "\n" } ['ordered_on', 'order_id'],
    @{ $shop->rows('SELECT ordered_on, order_id FROM shop.orders ORDER BY 2 LIMIT 50') };
close $file or die "could not write: $!\n";

my @narrow = ("--root=shop.orders:($order,$day)", '--children=customer = 0, address = 0');
my @wide = ("--root=customer:$busy",
    '--children=* = 2, orders = 5, order_item_order_id_ordered_on_fkey = *');
my @REFERENCES = ('--reference=shop.invoice(customer_id) -> shop.customer(id)',
    '--reference=credit_note(customer_id) -> customer(id)');
my @SLICES = (
    ['an order',       @narrow],
    ['a customer',     "--root=customer:$busy"],
    ['with caps',      @wide],
    ['the newest',     @wide, '--ordered'],
    ['stable',         @wide, '--random=stable'],
    (map { [ "depth $_", "--root=customer:$busy", "--depth=$_" ] } 1 .. 2),
    ['a count',        '--root=orders = 3', '--root=orders_2024 = 2', '--children=* = 3'],
    ['a subpartition', '--root=shop.orders_2025 = 3', '--depth=1'],
    ['from a file',    "--root-file=orders=$csv", '--depth=1', '--children=payment = 0'],
    ['lookup tables',        @narrow, '--lookup-rows=300', '--limit=country = 3, brand = 2'],
    ['one customer everywhere', "--where-column=customer_id = $busy"],
    ['with a root', "--root=customer:$busy", "--where-column=customer_id = $busy",
        '--where-column=quantity > 1'],
    ['two columns',    '--where-column=site_id IN (1, 2)', '--where-column=pieces > 5',
        '--children=* = 4'],
    ['references',     "--root=customer:$busy", '--children=* = 3', @REFERENCES],
    ['without clerks', @narrow, '--ignore-fk=orders_clerk_id_fkey',
        '--ignore-fk="redeemed in"', '--ignore-fk=payment_currency_rate_date_fkey'],
    ['without a cycle', "--root=customer:$busy", '--children=* = 3',
        '--ignore-fk=customer_default_address_id_fkey', '--ignore-fk=customer_referred_by_fkey'],
    ['a thread',       '--root=message = 1 where reply_to IS NULL'],
    ['the head of the firm', '--root=employee = id = boss_id', '--children=employee = 2, * = 1'],
    ['a selection',    "--root=customer:$busy", qw(-t customer -t orders -t order_item)],
    ['without data',   "--root=customer:$busy", '--children=* = 3', qw(-T review),
        '--exclude-table-data=message'],
);

for my $slice (@SLICES) {
    my ($name, @arguments) = @$slice;
    eval { rows_are_exact($shop, $name, @arguments); 1 } or fail("$name: $@");
}

# What the oracle says, for one of them, by other means.
subtest 'a slice of depth 1, counted by hand' => sub {
    my $counts = PgSample::Test::Oracle->new($shop, "--root=customer:$busy", '--depth=1',
        '--children=* = 0, orders = *, message = *')->counts;
    is($counts->{'shop.orders'}, $shop->value(<<"SQL"), 'orders, and those of messages');
SELECT count(*) FROM shop.orders o
 WHERE customer_id = $busy
    OR EXISTS (SELECT FROM shop.message m
                WHERE m.customer_id = $busy
                  AND (m.about_order_id, m.about_ordered_on) = (o.order_id, o.ordered_on))
SQL
    is($counts->{'shop.order_item'}, 0, 'but not what is below');
};

subtest 'the order of options means nothing' => sub {
    for my $order ('--ordered', '--random=stable', '--random=5') {
        # definitions depend on no order: one of them will do
        my @rows = $order eq '--ordered' ? () : ('--data-only');
        my @arguments = (@wide, @REFERENCES, "--root=orders = 2", "--root-file=orders=$csv",
            '--ignore-fk=orders_clerk_id_fkey', '--ignore-fk=shipment_packed*', '--lookup-rows=50',
            '--where-column=quantity > 1', '--where-column=pieces > 5',
            '--children=shipment = 0', '--depth=4', $order);
        my @rotated = (@arguments[ 6 .. $#arguments ], @arguments[ 0 .. 5 ]);
        my @bodies = map { body($shop, @rows, @$_) } \@arguments, [ reverse @arguments ], \@rotated;
        like($bodies[0], qr/^COPY shop\.order/m, "$order: rows");
        same_bytes($bodies[1], $bodies[0], "$order: backwards");
        same_bytes($bodies[2], $bodies[0], "$order: from the middle");
    }
};

subtest 'the order of foreign keys means nothing' => sub {
    my @arguments = (@wide, @REFERENCES, '--where-column=quantity > 1');
    my $before = body($shop, @arguments, '--data-only');
    my $n = 0;
    for my $key (reverse @{ $shop->rows(<<'SQL') }) {
SELECT conrelid::regclass, quote_ident(conname), pg_get_constraintdef(oid)
  FROM pg_constraint
 WHERE contype = 'f' AND conparentid = 0
 ORDER BY oid
SQL
        my ($table, $name, $definition) = @$key;
        $shop->sql("ALTER TABLE $table DROP CONSTRAINT $name;"
                . " ALTER TABLE $table ADD CONSTRAINT $name $definition");
        $n++;
    }
    cmp_ok($n, '>', 40, 'all are made again, the last one first');
    same_bytes(body($shop, @arguments, '--data-only'), $before, 'the same bytes');
};

# The header of the dump may name the options in their order.
sub body
{
    my ($database, @arguments) = @_;
    my $result = $database->sample(@arguments);
    return $result->describe if !$result->is_ok;
    return PgSample::Test::DumpText->new($result->stdout)->body;
}

subtest '--plan names the indexes that spare scans' => sub {
    my $db = $server->create_database;
    $db->sql(<<'SQL');
CREATE SCHEMA "s p";
CREATE TABLE owner (a int, b int, PRIMARY KEY (a, b));
CREATE TABLE pet (id int PRIMARY KEY, owner_a int, owner_b int, "Vet" int REFERENCES pet,
    FOREIGN KEY (owner_a, owner_b) REFERENCES owner);
ALTER TABLE pet ADD CONSTRAINT again FOREIGN KEY (owner_a, owner_b) REFERENCES owner;
CREATE TABLE "s p".toy (id int PRIMARY KEY, pet int REFERENCES pet, spare int REFERENCES pet,
    old int REFERENCES pet);
CREATE INDEX ON "s p".toy (spare);
SQL
    my @argument = ('--plan', '--root=owner:(1,1)', '--children=toy_old_fkey = 0');
    my $plan = $db->sample(@argument)->stdout;
    my @indexes = $plan =~ /^ +(CREATE INDEX .*;)$/mg;
    is_deeply([ sort @indexes ], [ sort
        'CREATE INDEX ON public.pet (owner_a, owner_b);', 'CREATE INDEX ON public.pet ("Vet");',
        'CREATE INDEX ON "s p".toy (pet);' ], 'one for each scan');
    $db->sql($_) for @indexes;
    unlike($db->sample(@argument)->stdout, qr/CREATE INDEX|no index/, 'and none is left then');
    unlike($db->sample('--plan', '--limit=5')->stdout, qr/CREATE INDEX/, 'limits need none');
};

done_testing;
