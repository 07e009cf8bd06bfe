# The dump as a file: the same bytes again, its header, key and trailer.

use strict;
use warnings;

use Cwd ();
use Digest::SHA qw(sha256_hex);
use File::Temp ();
use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Check;
use PgSample::Test::DumpText;
use PgSample::Test::Server;

my $SHOP = Cwd::abs_path("$FindBin::Bin/../../fixtures/shop/shop.sql");

my $server    = PgSample::Test::Server->start;
my $directory = File::Temp->newdir;
my $shop      = $server->create_database;
my $loaded    = $shop->psql(undef, '-f', $SHOP, '-v', 'scale=0.02');
BAIL_OUT('the demonstration database does not load: ' . $loaded->describe)
    if !$loaded->is_ok;

sub dump_of
{
    my ($database, @argument) = @_;
    my $result = $database->sample(@argument);
    die $result->describe if !$result->is_ok;
    return PgSample::Test::DumpText->new($result->stdout);
}

# ok() that does not print two dumps when they differ.
sub same_bytes
{
    my ($got, $expected, $name) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    return 1 if ok($got eq $expected, $name);
    my ($got_lines, $expected_lines) = map { [ split /\n/, $_, -1 ] } $got, $expected;
    my ($line) = grep {
        $got_lines->[$_] !~ /^\\restrict/
            && $got_lines->[$_] ne ($expected_lines->[$_] // '(end)')
    } 0 .. $#$got_lines;
    diag "first difference in line $line:\n  $got_lines->[$line]\n  $expected_lines->[$line]"
        if defined $line;
    return 0;
}

subtest 'the same bytes' => sub {
    my @argument = ('--limit=shop.orders = 3%, 20');
    my $first = dump_of($shop, @argument)->text;
    same_bytes(dump_of($shop, @argument)->text, $first, 'from a second run');

    my $elsewhere = $server->create_database;
    $elsewhere->sql('CREATE TABLE t AS SELECT generate_series(1, 1000)');
    $shop->sql('BEGIN; CREATE TABLE shop.gone (id int); DELETE FROM shop.review; ROLLBACK');
    $shop->sql("CREATE TEMPORARY TABLE gone (id serial); SELECT txid_current()");
    $shop->sql("SET synchronize_seqscans = on; SELECT count(*) FROM shop.exchange_rate");
    same_bytes(dump_of($shop, @argument)->text, $first, 'after other activity');

    my $host = $server->host;
    my $name = $shop->name;
    my %way = (
        'a socket directory of another spelling' => [ '-h', "$host/../" . ($host =~ s{.*/}{}r),
            $name ],
        'a connection string' => [ "host=$host/. port=0" . $server->port . " dbname=$name" ],
        'a URI' => [ "postgresql:///$name?host=$host" ],
    );
    for my $what (sort keys %way) {
        same_bytes(dump_of($shop, @argument, @{ $way{$what} }, { no_database => 1 })->text,
            $first, "through $what");
    }
    my %settings = (
        PGTZ        => 'Asia/Tokyo',
        PGDATESTYLE => 'German',
        PGOPTIONS   => '-c intervalstyle=iso_8601 -c extra_float_digits=-3'
            . ' -c bytea_output=escape -c search_path=shop -c lc_monetary=C'
            . ' -c standard_conforming_strings=off -c xmlbinary=hex'
            . ' -c default_transaction_isolation=serializable'
            . ' -c quote_all_identifiers=on -c enable_seqscan=off',
        LC_ALL => 'C.UTF-8',
        TZ     => 'America/New_York',
    );
    same_bytes(dump_of($shop, @argument, { env => \%settings })->text, $first,
        'whatever the settings of the user are');
    my $file = "$directory/same.sql";
    is($shop->sample(@argument, '-f', $file)->status, 0, 'to a file');
    open my $handle, '<', $file or die "could not open $file: $!";
    same_bytes(do { local $/; <$handle> }, $first, 'the same');
};

subtest 'a restored copy gives the same dump' => sub {
    my $full = dump_of($shop, '--limit=*');
    my $copy = $server->restore($full->text);
    is_deeply([ row_differences(row_texts($copy), row_texts($shop)) ], [],
        'a full sample is a copy');
    # planner statistics of the source decide nothing
    my @rows = map { [ map { ($_->{table}, $_->{lines}) } dump_of($_, '--limit=7')->blocks ] }
        $shop, $copy;
    is_deeply($rows[1], $rows[0], 'and the same rows are sampled from it');
};

subtest 'the frame' => sub {
    my $dump = dump_of($shop, '--limit=shop.country = 3, 2', '-T', 'shop.setting');
    my $header = $dump->header;
    is_deeply($dump->header_values('database'), [ $shop->name ], 'the database');
    is_deeply($dump->header_values('limit'), ['shop.country = 3, 2'], 'the rules');
    is_deeply($dump->header_values('selection'), ['--exclude-table shop.setting'],
        'the selection');
    is_deeply($dump->header_values('rows'), ['first in heap order'], 'the order');
    is_deeply($dump->header_values('encoding'), ['UTF8'], 'the encoding');
    is($dump->header_values('server')->[0], $shop->value('SHOW server_version'),
        'the version of the server');
    like($header, qr/made by pg-sample \d/, 'the version of the program');
    is_deeply(dump_of($shop)->header_values('limit'), ['100'], 'the default rule');
    unlike($dump->text, qr/\Q${\ $server->host }\E/, 'the host is not told');
    my $year = 1900 + (localtime)[5];
    unlike($header . substr($dump->body, -1500), qr/\b$year-\d\d|\d\d:\d\d/, 'nor the time');

    is($dump->key, sha256_hex($dump->body), 'the key is the SHA-256 of the body');
    is($dump->end_key, $dump->key, 'and stands at its end');
    is($dump->rest, '', 'behind it there is nothing');
    my @commands = $dump->body =~ /^(\\[^.].*)$/mg;
    is_deeply(\@commands, [], 'no other psql command');
    my %rows = map { ($_->{table} => scalar @{ $_->{lines} }) } $dump->blocks;
    my $counts = $dump->trailer_counts;
    is_deeply({ map { $counts->{$_} ? ($_ => $counts->{$_}) : () } keys %$counts }, \%rows,
        'the trailer counts the rows of each table');
    ok(exists $counts->{'warehouse.claim'}, 'also of an empty one');
    like($dump->body, qr/^-- The dump is complete\.$/m, 'and says that the dump is complete');
};

subtest '--no-transaction' => sub {
    my $dump = dump_of($shop, '--no-transaction', '--limit=2');
    like($dump->header, qr/^-- not in one transaction/m, 'the header tells');
    ok($dump->body !~ /^(BEGIN|COMMIT);$|pg_sample_seal/m, 'there is no transaction');
    is($dump->key, sha256_hex($dump->body), 'the key is right');
    samples_ok($server->restore($dump->text), $shop);
};

done_testing;
