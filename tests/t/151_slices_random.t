# Slices of databases made up from seeds, held against the oracle.
#
# PG_SAMPLE_TEST_SEEDS=41-400 runs other seeds, PG_SAMPLE_TEST_SEEDS=17 one of them;
# PG_SAMPLE_TEST_KEEP=DIR leaves the SQL of the databases that fail there.

use strict;
use warnings;

use File::Temp ();
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;

use PgSample::Test::DumpText;
use PgSample::Test::Oracle;
use PgSample::Test::RandomSchema;
use PgSample::Test::RandomSlices;
use PgSample::Test::Server;
use PgSample::Test::Staging;

# each mode has seeds of its own
my $default = staging() ? '26-45' : '1-25';
my ($first, $last) = ($ENV{PG_SAMPLE_TEST_SEEDS} || $default) =~ /\A(\d+)(?:-(\d+))?\z/
    or die "PG_SAMPLE_TEST_SEEDS must be a number or a range, such as 41-80\n";
$last = $first if !defined $last;

my $server = PgSample::Test::Server->start(configuration => ["timezone = 'UTC'"]);
my $directory = File::Temp->newdir;
my $has_periods = $server->database('postgres')->value('SHOW server_version_num') >= 180000;
note "seeds $first to $last" . ($has_periods ? ', with periods' : '');

for my $seed ($first .. $last) {
    my $schema = PgSample::Test::RandomSchema->new(1000 + $seed, periods => $has_periods);
    my $sql = $schema->sql;
    my ($source, $loaded) = PgSample::Test::RandomSchema::load($server, $sql);
    if (!$loaded->is_ok) {
        fail "seed $seed: the generator's SQL is accepted";
        diag $loaded->stderr;
    } else {
        my @arguments = PgSample::Test::RandomSlices::arguments($schema, $directory);
        my $result;
        my $ok = eval { sample_is_exact($source, "seed $seed: exactly the oracle's rows",
                @arguments, { result => \$result }) };
        fail "seed $seed: $@" if $@;
        $ok = agrees_with_direct($source, $result, "seed $seed: the same bytes in both modes",
            @arguments) && $ok
            if staging();
        $ok = order_means_nothing($source, $seed, $schema->random, $result, @arguments) && $ok
            if $seed % 3 == 0;
        $ok or keep($seed, $sql, @arguments);
    }
    drop_databases();
}

# The header of the dump may name the options in their order.
sub order_means_nothing
{
    my ($source, $seed, $random, $result, @arguments) = @_;
    my @dumps = ($result, $source->sample($random->shuffle(@arguments)));
    my @bodies = map { $_->is_ok ? PgSample::Test::DumpText->new($_->stdout)->body : '' } @dumps;
    return same_bytes(@bodies, "seed $seed: the order of options means nothing");
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
    my ($seed, $sql, @arguments) = @_;
    my $to = $ENV{PG_SAMPLE_TEST_KEEP} or return;
    open my $file, '>', "$to/slice-$seed.sql" or die "could not write: $!\n";
    print {$file} $sql;
    print {$file} map { "-- $_\n" } map { split /\n/ } @arguments;
    close $file or die "could not write: $!\n";
    return;
}

done_testing;
