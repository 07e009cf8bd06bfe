# Random masks on all columns of the shop: each sample restores, every key holds, and the dump is
# that of the same sample without masks but for the values that were to be masked.
#
# PG_SAMPLE_TEST_SEEDS=1-40 runs other seeds.

use strict;
use warnings;

use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Check;
use PgSample::Test::Masks;
use PgSample::Test::Random;
use PgSample::Test::Server;
use PgSample::Test::Staging;

my $default = staging() ? '31-33' : '1-6';
my ($first, $last) = ($ENV{PG_SAMPLE_TEST_SEEDS} || $default) =~ /\A(\d+)(?:-(\d+))?\z/
    or die "PG_SAMPLE_TEST_SEEDS must be a number or a range, such as 41-80\n";
$last = $first if !defined $last;

my $server = PgSample::Test::Server->start;
# only a superuser can create the extensions on version 12
my @AS     = $server->version < 130_000 ? (as => undef, prepare => sub { $_[0]->sql('CREATE EXTENSION btree_gist') }) : ();
my $shop   = $server->create_database;
my $loaded = $shop->psql('', '-v', 'scale=0.02', '-f', "$FindBin::Bin/../../fixtures/shop/shop.sql");
ok($loaded->is_ok, 'the shop is loaded') or BAIL_OUT($loaded->stderr);

my @SAMPLE = ('--limit=audit_log = 5, * = 25');
my $raw = $shop->sample(@SAMPLE);
is($raw->status, 0, 'the sample without masks') or BAIL_OUT($raw->describe);
my $raw_counts = table_counts($server->restore($raw->stdout, @AS));

# What CHECK constraints leave of the masks of a type.
my %ALLOWED = (
    'shop.sku'   => qr/\Apattern\z/,
    'shop.stars' => qr/\Afixed\z/,
    'shop."Gift Card"."Card No"' => qr/\Anever\z/,
    'shop.document.issued_on'    => qr/\Adate year\z/,
);

sub choose
{
    my ($class, @masks) = @_;
    for my $column (@$class) {
        for my $allowed (grep { $_ } $ALLOWED{ $column->{type} }, $ALLOWED{"$column->{table}.$column->{column}"}) {
            @masks = grep { $_ =~ $allowed } @masks;
        }
    }
    return @masks;
}

sub rules
{
    my ($seed, $percent) = @_;
    return random_rules($shop, PgSample::Test::Random->new($seed), percent => $percent, choose => \&choose);
}

sub masked
{
    my ($key, $rules, @more) = @_;
    my $result = $shop->sample(@SAMPLE, @more, mask_arguments(key_file($key), @$rules));
    return $result->stdout if $result->status == 0;
    diag $result->describe;
    return;
}

# The rows in the dump, without what says how they were masked.
sub rows_of
{
    my ($dump) = @_;
    return join '', $dump =~ /^(COPY .*?^\\\.\n)/msg;
}

for my $seed ($first .. $last) {
    subtest "seed $seed" => sub {
        my @rules = rules($seed, $seed % 3 ? 80 : 30);
        note join ', ', map { $_->{rule} } @rules;
        my $dump = masked("key of seed $seed", \@rules);
        ok(defined $dump, 'masked') or return;
        cmp_ok(masked_alike($raw->stdout, $dump, \@rules, 'the same rows, masked by these rules'), '>', 200, 'many values are masked');
        my $target = $server->restore($dump, @AS);
        foreign_keys_hold($target, 'every key holds');
        constraints_are_valid($target, 'every constraint is valid');
        is_deeply(table_counts($target), $raw_counts, 'the same numbers of rows');
        same_bytes(rows_of(masked("key of seed $seed", \@rules) // ''), rows_of($dump), 'the same key gives the same values');
        my $other = masked("another key of $seed", \@rules) // '';
        ok(rows_of($other) ne rows_of($dump), 'another key gives others');
        masked_alike($raw->stdout, $other, \@rules, 'which are as good');
        my $mode = staging() ? '--no-staging' : '--use-staging';
        same_bytes(masked("key of seed $seed", \@rules, $mode) // '', $dump, "the same bytes with $mode");
        is(masked("key of seed $seed", [ reverse @rules ], '--inserts') =~ /^INSERT INTO/m ? 1 : 0, 1, 'INSERT commands as well');
        $target->disconnect;
        $server->drop_database($target);
    };
}

done_testing;
