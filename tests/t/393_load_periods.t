# Keys of periods: WITHOUT OVERLAPS and foreign keys with PERIOD (server 18).

use strict;
use warnings;

use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Load;
use PgSample::Test::Server;

my $server = PgSample::Test::Server->start;
my $db     = $server->create_database;
plan skip_all => 'keys with periods came with version 18' if $db->value('SHOW server_version_num') < 180_000;

my @STAGING = ('--staging=auto', '--staging=always');

# Scalars of ranges, so that no extension is needed.
sub fill
{
    $db->sql(<<'SQL');
DROP SCHEMA public CASCADE;
CREATE SCHEMA public;
CREATE DOMAIN span AS int4range;
CREATE TABLE price (item int4range, valid int4range, v int, PRIMARY KEY (item, valid WITHOUT OVERLAPS));
CREATE TABLE sale (id int PRIMARY KEY, item int4range, during span,
    FOREIGN KEY (item, PERIOD during) REFERENCES price (item, PERIOD valid));
INSERT INTO price VALUES ('[1,2)', '[0,10)', 1), ('[1,2)', '[10,20)', 2), ('[2,3)', '[0,5)', 3), ('[2,3)', '[7,9)', 4);
INSERT INTO sale VALUES (1, '[1,2)', '[5,15)');
SQL
    return;
}

sub price { return 'price=' . input_file('price.csv', csv([ 'item', 'valid', 'v' ], @_)) }
sub sale  { return 'sale=' . input_file('sale.csv', csv([ 'id', 'item', 'during' ], @_)) }

subtest 'references of periods' => sub {
    for my $staging (@STAGING) {
        fill();
        my $uncovered = qr/rows of public\.price do not cover its period \(foreign key "sale_item_during_fkey"\)/;
        loads($db, [ $staging, sale([ 2, '[1,2)', '[0,20)' ], [ 3, '[2,3)', '[1,3)' ], [ 4, undef, '[99,100)' ], [ 5, '[1,2)', undef ]) ],
            'inserted 4', "$staging: covered by one row, by several, or nothing to refer to");
        for my $during ('[6,8)', '[0,9)', '[15,25)', 'empty', '[30,31)') {
            my $item = $during =~ /15|30/ ? '[1,2)' : '[2,3)';
            refuses($db, [ $staging, sale([ 6, $item, $during ]) ], 3, $uncovered, "$staging: not covered: $during");
        }
        my $result = load($db, $staging, '--max-errors=1', sale([ 7, '[2,3)', '[3,8)' ], [ 8, '[2,3)', '[7,8)' ]));
        is($result->summary, 'inserted 1, error 1', "$staging: only that row is rejected") or diag $result->describe;
        loads($db, [ $staging, price([ '[2,3)', '[5,7)', 5 ]), sale([ 9, '[2,3)', '[1,9)' ]) ],
            { price => 'inserted 1', sale => 'inserted 1' }, "$staging: by rows of the same batch");
    }
};

subtest 'rows that are referred to' => sub {
    for my $staging (@STAGING) {
        my @all = ([ '[2,3)', '[0,5)', 3 ], [ '[2,3)', '[7,9)', 4 ]);
        my @full = ($staging, '--mode=full', '--max-delete-pct=100');
        fill();
        refuses($db, [ @full, price(@all, [ '[1,2)', '[0,10)', 1 ]) ], 3, qr/1 row of public\.sale refers/, "$staging: one is needed");
        loads($db, [ @full, price(@all, [ '[1,2)', '[0,7)', 1 ], [ '[1,2)', '[7,30)', 2 ]) ],
            'inserted 2, unchanged 2, deleted 2', "$staging: others cover the same time");
        is($db->value(q{SELECT count(*) FROM price WHERE item = '[1,2)'}), 2, "$staging: rows");
    }
};

subtest 'keys without overlaps' => sub {
    for my $staging (@STAGING) {
        fill();
        loads($db, [ $staging, price([ '[1,2)', '[0,10)', 7 ], [ '[2,3)', '[5,7)', 8 ], [ '[1,2)', '[10,20)', 2 ]) ],
            'inserted 1, updated 1, unchanged 1', "$staging: the key tells which rows are the same");
        my $overlap = qr/overlaps another row in key "price_pkey"/;
        refuses($db, [ $staging, price([ '[1,2)', '[19,21)', 7 ]) ], 3, $overlap, "$staging: a row of the table");
        my $result = load($db, $staging, '--max-errors=1', price([ '[3,4)', '[1,5)', 1 ], [ '[3,4)', '[4,6)', 2 ], [ '[3,4)', '[6,7)', 3 ]));
        is($result->summary, 'inserted 2, error 1', "$staging: one of the batch") or diag $result->describe;
        loads($db, [ $staging, price([ '[4,5)', '[1,5)', 1 ], [ '[4,5)', '[1,5)', 2 ]) ], 'inserted 1, duplicate 1', "$staging: the same key twice");
    }
    refuses($db, [ '--mode=append', price([ '[1,2)', '[0,10)', 7 ]) ], 3, qr/overlaps another row/, 'rows that are only added');
};

done_testing;
