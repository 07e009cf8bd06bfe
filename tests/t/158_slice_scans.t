# How often tables without an index are read for a slice, and that it is the same slice however
# they are read.

use strict;
use warnings;

use File::Temp ();
use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::DumpText;
use PgSample::Test::Oracle;
use PgSample::Test::RandomSchema;
use PgSample::Test::RandomSlices;
use PgSample::Test::Server;
use PgSample::Test::Staging;

# Small tables are read by parallel workers, too.
my $server = PgSample::Test::Server->start(configuration => [
    "timezone = 'UTC'", 'min_parallel_table_scan_size = 0', 'parallel_setup_cost = 0' ]);

# In a session that ends, so that its own scans are counted before.
sub load_tables
{
    my ($db, $sql) = @_;
    my $loaded = $db->psql($sql);
    ok($loaded->is_ok, 'the tables are made') or diag $loaded->stderr;
    return;
}

# Sequential scans of tables so far, by sessions that have ended: [ name, scans ]...
sub scans
{
    my ($db) = @_;
    return $db->rows('SELECT relname, seq_scan FROM pg_stat_user_tables ORDER BY 1');
}

# Samples, and returns the scans of each table that it took. Staging mode looks first whether there
# is a row at all where no statistics say so: that counts as a scan, which ends at the first row.
sub count_scans
{
    my ($db, $name, @arguments) = @_;
    $db->sql('SELECT pg_stat_reset()');
    select undef, undef, undef, 0.6;
    my %before = map { @$_ } @{ scans($db) };
    my %is_known = map { @$_ } @{ $db->rows("SELECT relname, (reltuples > 0)::int FROM pg_class WHERE relkind = 'r'") };
    my $result = $db->sample(@arguments);
    ok($result->is_ok, "$name: it is sampled") or diag $result->describe;
    select undef, undef, undef, 1.2;
    return { map { $_->[0] => $_->[1] - ($before{ $_->[0] } // 0) - (staging() && !$is_known{ $_->[0] } ? 1 : 0) } @{ scans($db) } };
}

sub ids
{
    my ($db, $table, @arguments) = @_;
    my $dump = PgSample::Test::DumpText->new($db->sample(@arguments, '--data-only')->stdout);
    return [ sort { $a <=> $b } @{ $dump->column("public.$table", 'id') } ];
}

# A parallel scan counts once for each process.
sub avoid_workers
{
    my ($db) = @_;
    $db->sql('ALTER DATABASE ' . $db->name . ' SET max_parallel_workers_per_gather = 0');
    return;
}

subtest 'a table without indexes is read once' => sub {
    my $db = $server->create_database;
    load_tables($db, <<'SQL');
CREATE TABLE top (id int PRIMARY KEY);
CREATE TABLE side (id int PRIMARY KEY, top int REFERENCES top);
CREATE TABLE deep (id int PRIMARY KEY, side int REFERENCES side);
CREATE TABLE middle (id int PRIMARY KEY, top int REFERENCES top, side int REFERENCES side,
    deep int REFERENCES deep);
CREATE TABLE leaf (id int PRIMARY KEY, middle int REFERENCES middle, deep int REFERENCES deep);
INSERT INTO top VALUES (1), (2);
INSERT INTO side VALUES (1, 1), (2, 2);
INSERT INTO deep VALUES (1, 1), (2, 2);
INSERT INTO middle VALUES (1, 1, NULL, NULL), (2, NULL, 1, NULL), (3, NULL, NULL, 1), (4, 2, 2, 2);
INSERT INTO leaf VALUES (1, 1, NULL), (2, 2, NULL), (3, 3, NULL), (4, 4, 2), (5, NULL, 1);
SQL
    avoid_workers($db);
    my $scans = count_scans($db, 'a graph without cycles', '--root=top:1', '--data-only');
    is($scans->{leaf}, 1, 'one scan for two foreign keys and three generations of parents');
    is($scans->{middle}, 1, 'one scan for three foreign keys');
    is_deeply(ids($db, 'leaf', '--root=top:1'), [ 1, 2, 3, 5 ], 'with all rows');
};

# Addresses refer to customers by an index, customers to addresses without one.
subtest 'indexes are used first within a cycle' => sub {
    my $db = $server->create_database;
    load_tables($db, <<'SQL');
CREATE TABLE customer (id int PRIMARY KEY, address int, referrer int REFERENCES customer);
CREATE TABLE address (id int PRIMARY KEY, customer int NOT NULL REFERENCES customer);
INSERT INTO customer SELECT i, NULL, NULLIF(i - 1, 0) FROM generate_series(1, 12) AS i;
INSERT INTO address SELECT i, i FROM generate_series(1, 12) AS i;
INSERT INTO customer VALUES (20, 3, NULL), (21, 9, NULL);
INSERT INTO address VALUES (20, 20);
-- so many that an index is worth while
INSERT INTO customer SELECT i FROM generate_series(100, 30000) AS i;
INSERT INTO address SELECT i, i FROM generate_series(100, 30000) AS i;
ALTER TABLE customer ADD FOREIGN KEY (address) REFERENCES address;
CREATE INDEX ON address (customer);
CREATE INDEX ON customer (referrer);
ANALYZE;
SQL
    avoid_workers($db);
    my $scans = count_scans($db, 'a cycle', '--root=customer:1', '--data-only');
    # the second one finds that no more customers have these addresses
    is($scans->{customer}, 2, 'twelve generations, and two scans');
    is_deeply(ids($db, 'customer', '--root=customer:1'), [ 1 .. 12, 20, 21 ], 'with all rows');
    is_deeply(ids($db, 'customer', '--root=customer:1', '--depth=4'), [ 1 .. 5, 20 ],
        'and with fewer generations');
};

subtest 'a long chain without an index' => sub {
    my $db = $server->create_database;
    load_tables($db, <<'SQL');
CREATE TABLE message (id int PRIMARY KEY, reply_to int REFERENCES message,
    moved_from int REFERENCES message);
INSERT INTO message SELECT i, NULLIF(i - 1, 0) FROM generate_series(1, 200) AS i;
INSERT INTO message SELECT 1000 + i, i FROM generate_series(10, 190, 10) AS i;
INSERT INTO message VALUES (2000, NULL, 15), (2001, 3, 2000), (3000, NULL, NULL);
SQL
    avoid_workers($db);
    my $scans = count_scans($db, 'a chain', '--root=message:1', '--data-only');
    # after six scans, all pairs are read: by a join of the table with itself, for each key
    cmp_ok($scans->{message}, '<=', 6 + 2 * 2, 'no scan for each of 200 generations');
    my @all = (1 .. 200, (map { 1000 + $_ * 10 } 1 .. 19), 2000, 2001);
    is_deeply(ids($db, 'message', '--root=message:1'), \@all, 'all rows');
    is_deeply(ids($db, 'message', '--root=message:1', '--depth=20'), [ 1 .. 21, 1010, 1020, 2000, 2001 ],
        'the depth counts generations, however the rows are read');
    is_deeply(ids($db, 'message', '--root=message:1', '--children=message_reply_to_fkey = 1'),
        [ 1 .. 200, 2000, 2001 ], 'caps are those of each row');
    for my $arguments ([], ['--depth=20'], ['--children=* = 1'], ['--ordered', '--children=* = 1'],
        ['--where-column=id <> 120']) {
        sample_is_exact($db, "the oracle's rows: @$arguments", '--root=message:1', @$arguments);
    }
    my $why = $db->sample('--root=message:1', '--explain=message:2001', '--data-only')->stderr;
    is(scalar(() = $why =~ /<-/g), 3, 'the shortest chain is told') or diag $why;
    my $large = $db->sample('--root=message:1', '--explain-edges', '--max-rows=50', '--data-only');
    is($large->status, 5, 'a budget ends it');
    like($large->stderr, qr/message_reply_to_fkey/, 'with the foreign key that brought the rows');
};

subtest 'parallel workers find the same' => sub {
    my $directory = File::Temp->newdir;
    for my $seed (staging() ? 60 .. 65 : 50 .. 57) {
        my $db     = $server->create_database;
        my $schema = PgSample::Test::RandomSchema->new(1000 + $seed);
        $db->sql($schema->sql);
        sample_is_exact($db, "seed $seed: exactly the oracle's rows",
            PgSample::Test::RandomSlices::arguments($schema, $directory));
        $server->drop_database($db);
    }
};

done_testing;
