# Random records with random absent members, nulls and duplicates of keys, of many types,
# in all strategies and modes, alone and beside other writers: rows are those of a model in
# Perl that applies one record after the other. A second run changes nothing.

use strict;
use warnings;

use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Load;
use PgSample::Test::PartialModel;
use PgSample::Test::Server;

my $FIRST   = $ENV{PG_SAMPLE_TEST_SEED} || 1;
my $N_CASES = $ENV{PG_SAMPLE_TEST_CASES} || 50;

my $server = PgSample::Test::Server->start;
my $db     = $server->create_database;
$db->sql($PgSample::Test::PartialModel::PREPARATION);

sub table_text
{
    my ($case) = @_;
    my $rows = $db->rows('SELECT ' . join(', ', PgSample::Test::PartialModel::shown($case)) . ' FROM t');
    return join "\n", sort map { join '|', map { $_ // 'NULL' } @$_ } @$rows;
}

sub file_of
{
    my ($case) = @_;
    return input_file('t.csv', csv(PgSample::Test::PartialModel::csv_rows($case)))
        if $case->{source} eq 'csv';
    return input_file('t.jsonl', PgSample::Test::PartialModel::json_lines($case));
}

# Other sessions write while the commit waits for the row of the first key.
sub load_beside_writers
{
    my ($case, @arguments) = @_;
    my $holder = other_session($db);
    $holder->query("BEGIN; UPDATE t SET k1 = k1 WHERE k1 = 0");
    my $run = start_load($db, '--lock-timeout=50s', @arguments);
    my $step = wait_for_step($run, 'commit', lock => 1);
    $db->sql($_) for PgSample::Test::PartialModel::writes($case);
    $holder->query('COMMIT');
    $holder->close;
    my $result = $run->finish(30);
    diag "the commit did not wait: " . $result->describe if !ref $step;
    return $result;
}

sub is_count
{
    my ($case, $result, $name, $expected) = @_;
    my $got = $result->count($name);
    return 1 if $got == $expected;
    diag "$name: got $got, expected $expected";
    return 0;
}

my %n_of;
for my $seed ($FIRST .. $FIRST + $N_CASES - 1) {
    my $case = PgSample::Test::PartialModel::random_case($seed);
    my ($rows, $counts) = PgSample::Test::PartialModel::outcome($case);
    $db->sql(join ';', 'DROP TABLE IF EXISTS t',
        'CREATE TABLE t (' . PgSample::Test::PartialModel::definition($case) . ')',
        PgSample::Test::PartialModel::inserts($case));
    my @arguments = (PgSample::Test::PartialModel::options($case), file_of($case));
    my $before = table_text($case);
    my $result = $case->{has_writers} ? load_beside_writers($case, @arguments) : load($db, @arguments);
    my $expected = join "\n", sort map { PgSample::Test::PartialModel::show_row($case, $_) } values %$rows;
    my $got = table_text($case);
    my $is_good = $result->status == 0 && $got eq $expected;
    if ($result->status == 0) {
        $is_good = is_count($case, $result, 'duplicate_rows', $counts->{duplicate}) && $is_good;
        $is_good = is_count($case, $result, $_->[0], $counts->{ $_->[1] }) && $is_good
            for $case->{has_writers} ? () : ([ inserted_rows => 'inserted' ],
                [ deleted_rows => 'deleted' ], [ soft_deleted_rows => 'soft_deleted' ]);
    }
    if ($is_good && !$case->{has_writers} && $case->{apply} eq 'diff' && $seed % 2) {
        my $again = load($db, @arguments);
        my $n = $again->status == 0 ? $again->count('total_written') + $again->count('soft_deleted_rows') : 'no';
        $is_good = $n eq '0' && table_text($case) eq $got;
        diag "again: $n rows are written" if !$is_good;
    }
    ok($is_good, "seed $seed: " . join ' ', @arguments);
    $n_of{$_}++ for grep { $case->{$_} } qw(has_writers is_soft has_time is_immutable);
    next if $is_good;
    diag "PG_SAMPLE_TEST_SEED=$seed PG_SAMPLE_TEST_CASES=1: " . PgSample::Test::PartialModel::definition($case);
    diag "before:\n$before\nrecords:\n" . slurp($arguments[-1]) . "writes:\n"
        . join("\n", PgSample::Test::PartialModel::writes($case)) . "\ngot:\n$got\nexpected:\n$expected";
    diag $result->describe;
    last;
}
diag join ', ', map { "$_: $n_of{$_}" } sort keys %n_of if $ENV{PG_SAMPLE_TEST_VERBOSE};

done_testing;
