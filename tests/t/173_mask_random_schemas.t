# Databases made up from seeds, with random masks: what is accepted restores, and is the sample
# without masks but for the values that were to be masked.
#
# PG_SAMPLE_TEST_SEEDS=41-400 runs other seeds; PG_SAMPLE_TEST_KEEP=DIR leaves the SQL of the
# databases that fail there.

use strict;
use warnings;

use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Check;
use PgSample::Test::Masks;
use PgSample::Test::Random;
use PgSample::Test::RandomSchema;
use PgSample::Test::Server;
use PgSample::Test::Staging;

my $default = staging() ? '21-28' : '1-20';
my ($first, $last) = ($ENV{PG_SAMPLE_TEST_SEEDS} || $default) =~ /\A(\d+)(?:-(\d+))?\z/
    or die "PG_SAMPLE_TEST_SEEDS must be a number or a range, such as 41-80\n";
$last = $first if !defined $last;

my $server = PgSample::Test::Server->start(configuration => ["timezone = 'UTC'"]);
my ($n_values, $n_rules, $n_refused) = (0, 0, 0);

# The rules that are accepted: one that cannot be is refused when the run is planned, or when it
# meets a value that has no mask, such as a negative key; then it is left out.
sub accepted
{
    my ($source, $key, @rules) = @_;
    for my $try (0 .. @rules) {
        my $result = $source->sample('--limit=10', '--verify-only', mask_arguments($key, @rules));
        my $is_refused = $result->status == 1 || ($result->status == 5 && $result->stderr =~ /cannot be masked by/);
        return ($result, @rules) if !$is_refused || !@rules;
        my @kept = grep { index($result->stderr, $_->{rule}) < 0 } @rules;
        if (@kept == @rules || $result->stderr !~ /detail: |hint: /) {
            fail('a refusal names the rule and the reason');
            diag $result->describe;
            return ($result);
        }
        $n_refused += @rules - @kept;
        @rules = @kept;
    }
    return;
}

# Keys of these hold in the source already, or the sample says that they do not.
sub is_masked_well
{
    my ($seed, $source) = @_;
    my $random = PgSample::Test::Random->new($seed);
    my $key = key_file("seed $seed");
    my ($result, @rules) = accepted($source, $key, random_rules($source, $random, percent => 60));
    my $raw = $source->sample('--limit=10');
    my $masked = $source->sample('--limit=10', mask_arguments($key, @rules));
    is($raw->status, 0, "seed $seed: sampled") or return diag $raw->describe;
    is($masked->status, 0, "seed $seed: masked") or return diag $masked->describe;
    $n_rules += @rules;
    my $n = masked_alike($raw->stdout, $masked->stdout, \@rules, "seed $seed: the same rows, masked by these rules");
    $n_values += $n;
    my ($raw_target, $target) = map { $server->restore($_->stdout) } $raw, $masked;
    foreign_keys_hold($target, "seed $seed: every key holds") if !broken_foreign_keys($raw_target);
    is_deeply(table_counts($target), table_counts($raw_target), "seed $seed: the same numbers of rows");
    is_deeply([ not_valid_constraints($target) ], [ not_valid_constraints($raw_target) ], "seed $seed: the same keys are valid");
    return modes_agree($source, "seed $seed: the same bytes in both modes", '--limit=10', mask_arguments($key, @rules));
}

for my $seed ($first .. $last) {
    my $sql = PgSample::Test::RandomSchema->new($seed)->sql;
    my ($source, $loaded) = PgSample::Test::RandomSchema::load($server, $sql);
    if (!$loaded->is_ok) {
        fail "seed $seed: the generator's SQL is accepted";
        diag $loaded->stderr;
    } elsif (!eval { is_masked_well($seed, $source) }) {
        fail "seed $seed: $@" if $@;
        keep($seed, $sql);
    }
    drop_databases();
}
note "$n_rules rules masked $n_values values; $n_refused rules were refused";
cmp_ok($n_values, '>', 50 * ($last - $first + 1), 'many values are masked');
cmp_ok($n_refused, '<', $n_rules / 3, 'few rules are refused');

sub drop_databases
{
    my $admin = $server->database('postgres');
    $server->drop_database($server->database($_))
        for @{ $admin->column("SELECT datname FROM pg_database WHERE datname ~ '^db_'") };
    return;
}

sub keep
{
    my ($seed, $sql) = @_;
    my $directory = $ENV{PG_SAMPLE_TEST_KEEP} or return;
    open my $file, '>', "$directory/seed-$seed.sql" or die "could not write: $!\n";
    print {$file} $sql;
    close $file or die "could not write: $!\n";
    return;
}

done_testing;
