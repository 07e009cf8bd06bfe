# Databases made up at random, sampled by rules made up at random, held against the oracle.
# PG_SAMPLE_SEEDS=FROM-TO in the environment tries others; a failure names its seed.

use strict;
use warnings;

use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Oracle;
use PgSample::Test::Random;
use PgSample::Test::RandomSchema;
use PgSample::Test::Server;

my ($FROM, $TO) = ($ENV{PG_SAMPLE_SEEDS} || '1-30') =~ /\A(\d+)-(\d+)\z/
    or die "PG_SAMPLE_SEEDS is not FROM-TO\n";

# A rule for some of the tables, and one for the rest.
sub random_limit {
    my ($random, $schema) = @_;
    my @rules;
    for my $table ($schema->tables) {
        next if !$random->percent(30);
        my $rows = $random->pick('0', '1', '3', '50%', '*', '2 where true', 'true');
        my $pattern = join '.', map { s/"/""/gr =~ s/\A|\z/"/gr } $table->{schema}, $table->{name};
        my $rule = "$pattern = $rows";
        $rule =~ s/"/""/g;
        push @rules, qq{"$rule"};
    }
    push @rules, '* = ' . $random->pick(0, 1, 2, 5, '*');
    return '--limit=' . join ',', @rules;
}

sub random_order {
    my ($random) = @_;
    return $random->pick([], [], ['--ordered'], ['--ordered=asc']);
}

my $server = PgSample::Test::Server->start;
for my $seed ($FROM .. $TO) {
    my $random = PgSample::Test::Random->new($seed + 1_000_000);
    my $schema = PgSample::Test::RandomSchema->new($seed);
    my $source = $server->create_database;
    my $loaded = $source->psql($schema->sql);

    if (!$loaded->is_ok) {
        fail("seed $seed: the schema loads");
        diag $loaded->stderr;
        next;
    }
    for my $arguments (
        [random_limit($random, $schema), @{ random_order($random) }],
        ['--limit=' . $random->between(1, 4)],
    ) {
        my $what = "seed $seed: @$arguments";
        eval { sample_is_exact($source, $what, @$arguments); 1 } or fail("$what: $@");
    }
    $source->disconnect;
    $server->drop_database($source);
}

done_testing;
