# Databases and command lines made up from seeds, held against the oracle.
#
# PG_SAMPLE_TEST_SEEDS=41-400 runs other seeds, PG_SAMPLE_TEST_SEEDS=17 one of them;
# PG_SAMPLE_TEST_KEEP=DIR leaves the SQL of the databases that fail there.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;

use PgSample::Test::Server;
use PgSample::Test::Check;
use PgSample::Test::Oracle;
use PgSample::Test::RandomRules;
use PgSample::Test::RandomSchema;
use PgSample::Test::Staging;

# each mode has seeds of its own
my $default = staging() ? '41-60' : '1-40';
my ($first, $last) = ($ENV{PG_SAMPLE_TEST_SEEDS} || $default) =~ /\A(\d+)(?:-(\d+))?\z/
    or die "PG_SAMPLE_TEST_SEEDS must be a number or a range, such as 41-80\n";
$last = $first if !defined $last;

my $server = PgSample::Test::Server->start(configuration => ["timezone = 'UTC'"]);
my $has_periods = $server->database('postgres')->value('SHOW server_version_num') >= 180000;
note "seeds $first to $last" . ($has_periods ? ', with periods' : '');

for my $seed ($first .. $last) {
    my $schema = PgSample::Test::RandomSchema->new($seed, periods => $has_periods);
    my $sql = $schema->sql;
    my ($source, $loaded) = PgSample::Test::RandomSchema::load($server, $sql);
    if (!$loaded->is_ok) {
        fail "seed $seed: the generator's SQL is accepted";
        diag $loaded->stderr;
    } else {
        my @arguments = PgSample::Test::RandomRules::arguments($schema);
        my $ok = sample_is_exact($source, "seed $seed: exactly the oracle's rows", @arguments,
            { result => \my $result });
        my @random = PgSample::Test::RandomRules::random_arguments($schema);
        $ok = picked_is_enough($source, "seed $seed: random rows are closed", @random) && $ok
            if $seed % 4 == 0;
        $ok = agrees_with_direct($source, $result, "seed $seed: the same bytes in both modes",
            @arguments) && $ok
            if staging();
        $ok or keep($seed, $sql);
    }
    drop_databases();
}

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
