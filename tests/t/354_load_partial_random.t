# Random records with random absent members, nulls and duplicates of keys, of many types,
# in all strategies, modes and ways to resolve conflicts, alone and beside other writers:
# rows and counts are those of a model in Perl that applies one record after the other. Dry
# runs say the same, and a second run changes nothing.

use strict;
use warnings;

use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Load;
use PgSample::Test::PartialModel;
use PgSample::Test::RandomPartial;
use PgSample::Test::Server;

my $FIRST   = $ENV{PG_SAMPLE_TEST_SEED} || 1;
my $N_CASES = $ENV{PG_SAMPLE_TEST_CASES} || 60;

my $server = PgSample::Test::Server->start;
my $db     = $server->create_database;
$db->sql($PgSample::Test::RandomPartial::PREPARATION);

sub table_text
{
    my ($case) = @_;
    my $rows = $db->rows('SELECT ' . join(', ', PgSample::Test::RandomPartial::shown($case)) . ' FROM t');
    return join "\n", sort map { join '|', map { $_ // 'NULL' } @$_ } @$rows;
}

sub files_of
{
    my ($case) = @_;
    return map { 't=' . input_file('t.csv', csv(@$_)) } PgSample::Test::RandomPartial::csv_files($case)
        if $case->{source} eq 'csv';
    return map { 't=' . input_file('t.jsonl', $_) } PgSample::Test::RandomPartial::json_files($case);
}

# Other sessions write while the commit waits for a row, or for the table.
sub load_beside_writers
{
    my ($case, @arguments) = @_;
    my $is_row = $case->{writers} eq 'row';
    my $holder = other_session($db);
    $holder->query($is_row ? 'BEGIN; UPDATE t SET k1 = k1 WHERE k1 = 0' : 'BEGIN; LOCK TABLE t IN SHARE MODE');
    my $run = start_load($db, '--lock-timeout=50s', @arguments);
    my $step = wait_for_step($run, 'commit', lock => 1);
    for my $write (PgSample::Test::RandomPartial::writes($case)) {
        $is_row ? $db->sql($write) : $holder->query($write);
    }
    $holder->query('COMMIT');
    $holder->close;
    my $result = $run->finish(30);
    diag "the commit did not wait: " . $result->describe if !ref $step;
    return $result;
}

my @COUNTS = (
    [ inserted_rows => 'inserted' ], [ updated_rows => 'updated' ], [ unchanged_rows => 'unchanged' ],
    [ skipped_rows => 'skipped' ], [ deleted_rows => 'deleted' ], [ soft_deleted_rows => 'soft_deleted' ]
);
my @SETTLED = ([ duplicate_rows => 'duplicate' ], [ error_rows => 'error' ], [ immutable_conflicts => 'immutable' ]);

# What differs from the model.
sub differences
{
    my ($case, $result, $counts) = @_;
    my $status = $counts->{error} > 0 ? 5 : 0;
    return "status $status was expected" if $result->status != $status;
    return map { "$_->[0]: got " . $result->count($_->[0]) . ", expected $counts->{ $_->[1] }" }
        grep { $result->count($_->[0]) != $counts->{ $_->[1] } }
        @SETTLED, $case->{writers} eq 'none' ? @COUNTS : ();
}

# Dry runs have the counts of the load, and write nothing.
sub dry_differences
{
    my ($case, $counts, $before, @arguments) = @_;
    my @problems;
    for my $how ('plan', 'execute') {
        my $result = load($db, "--dry-run=$how", @arguments);
        push @problems, map { "--dry-run=$how: $_" } differences($case, $result, $counts);
        push @problems, "--dry-run=$how: rows have changed" if table_text($case) ne $before;
    }
    return @problems;
}

# The same again writes nothing.
sub again_differences
{
    my ($case, $counts, $after, @arguments) = @_;
    my $again = load($db, @arguments);
    my $n = $again->metrics ? $again->count('total_written') + $again->count('soft_deleted_rows') : 'no';
    return "again: $n rows are written" if $n ne '0';
    return table_text($case) ne $after ? 'again: rows have changed' : ();
}

my (%n_of, %has_combination);
for my $seed ($FIRST .. $FIRST + $N_CASES - 1) {
    my $case = PgSample::Test::RandomPartial::random_case($seed);
    my ($rows, $counts) = PgSample::Test::PartialModel::outcome($case);
    $db->sql(join ';', 'DROP TABLE IF EXISTS t',
        'CREATE TABLE t (' . PgSample::Test::RandomPartial::definition($case) . ')',
        PgSample::Test::RandomPartial::inserts($case));
    my @files = files_of($case);
    my @arguments = (PgSample::Test::RandomPartial::options($case), @files);
    my $before = table_text($case);
    my $has_writers = $case->{writers} ne 'none';
    my @problems = !$has_writers && $seed % 3 == 0 ? dry_differences($case, $counts, $before, @arguments) : ();
    my $result = $has_writers ? load_beside_writers($case, @arguments) : load($db, @arguments);
    my $expected = join "\n", sort map { PgSample::Test::RandomPartial::show_row($case, $_) } values %$rows;
    my $got = table_text($case);
    push @problems, differences($case, $result, $counts);
    push @problems, 'rows are other ones' if $got ne $expected;
    push @problems, again_differences($case, $counts, $got, @arguments)
        if !@problems && !$has_writers && $case->{is_stable} && $case->{apply} eq 'diff' && $seed % 2;
    ok(!@problems, "seed $seed: " . join ' ', @arguments);
    $has_combination{ $case->{combination} } = 1;
    $n_of{$_}++ for map { "$_ " . ($case->{$_} || 0) } qw(writers key source is_soft uses_time is_folded is_limited);
    $n_of{'second attempts'}++ if $result->metrics && $result->metrics->{lock}{attempts} > 1;
    next if !@problems;
    diag $_ for @problems;
    diag "PG_SAMPLE_TEST_SEED=$seed PG_SAMPLE_TEST_CASES=1: " . PgSample::Test::RandomPartial::definition($case);
    diag "before:\n$before\nrecords:\n" . join('', map { slurp(s/\At=//r) } @files) . "writes:\n"
        . join("\n", PgSample::Test::RandomPartial::writes($case)) . "\ngot:\n$got\nexpected:\n$expected";
    diag $result->describe;
    last;
}
is(keys %has_combination, $PgSample::Test::RandomPartial::N_COMBINATIONS, 'all combinations were tried')
    if $N_CASES >= $PgSample::Test::RandomPartial::N_COMBINATIONS && Test::More->builder->is_passing;
diag join ', ', map { "$_: $n_of{$_}" } sort keys %n_of if $ENV{PG_SAMPLE_TEST_VERBOSE};

done_testing;
