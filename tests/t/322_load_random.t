# Random tables, files and options: rows and counts are those of a model in Perl that knows
# nothing of SQL, a dry run says the same before, and a second run changes nothing.

use strict;
use warnings;

use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Load;
use PgSample::Test::LoadModel;
use PgSample::Test::Server;

my $FIRST   = $ENV{PG_SAMPLE_TEST_SEED} || 1;
my $N_CASES = $ENV{PG_SAMPLE_TEST_CASES} || 25;

my $server = PgSample::Test::Server->start;
my $db     = $server->create_database;
my @COLUMNS = @PgSample::Test::LoadModel::COLUMNS;
$db->sql("CREATE TABLE t ($PgSample::Test::LoadModel::DEFINITION)");

sub literal { return PgSample::Test::Server::quote_literal($_[0]) }

sub fill
{
    my (@rows) = @_;
    my @values = map { my $row = $_; '(' . join(',', map { literal($row->{$_}) } @COLUMNS) . ')' }
        @rows;
    $db->sql('TRUNCATE t'
            . (@values ? "; INSERT INTO t (@{[ join ',', @COLUMNS ]}) VALUES " . join(',', @values)
                : ''));
    return;
}

# Rows of the table, or of the model, in one form.
sub text
{
    my (@rows) = @_;
    return join "\n", sort map { my $row = $_; join '|', map { $_ // 'NULL' } @$row{@COLUMNS} }
        @rows;
}

sub table_text
{
    my $rows = $db->rows('SELECT ' . join(', ', @COLUMNS) . ' FROM t');
    return text(map { my %row; @row{@COLUMNS} = @$_; \%row } @$rows);
}

# The batch in several files, as operands.
sub files
{
    my ($case) = @_;
    my @rows = map { [ @$_{ @{ $case->{columns} } } ] } @{ $case->{batch} };
    my $size = int(@rows / $case->{n_files}) + 1;
    my @operands;
    while (my @part = splice @rows, 0, $size) {
        my @all = ($case->{columns}, @part);
        my $text = $case->{format} eq 'csv' ? csv(@all) : copy_text(@all);
        push @operands, 't=' . input_file("t.$case->{format}", $text);
    }
    return ($case->{format} eq 'copy' ? '--csv-header' : (), @operands);
}

for my $seed ($FIRST .. $FIRST + $N_CASES - 1) {
    my $case = PgSample::Test::LoadModel::random_case($seed);
    my ($rows, $counts) = PgSample::Test::LoadModel::apply(@$case{qw(target batch settings)});
    my @arguments = (@{ $case->{options} }, files($case));
    push @arguments, '--max-errors=100%' if $case->{has_rejects};
    fill(@{ $case->{target} });
    my $before = table_text();
    my @dry = $seed % 2 ? ('--dry-run') : ('--dry-run=execute');
    my $dry = load($db, @dry, @arguments);
    my $is_untouched = table_text() eq $before;
    my $result = load($db, @arguments);
    my %got = (
        status => $result->status,
        counts => $result->summary,
        dry => $dry->summary,
        rows => table_text(),
        dry_run => $is_untouched ? 'changes nothing' : 'changes rows'
    );
    my %expected = (
        status => $counts->{error} ? 5 : 0,
        counts => PgSample::Test::LoadModel::summary($counts),
        dry => PgSample::Test::LoadModel::summary($counts),
        rows => text(@$rows),
        dry_run => 'changes nothing'
    );
    is_deeply(\%got, \%expected, "seed $seed: @{ $case->{options} }")
        or diag join "\n", 'before:', $before, 'command: ' . $result->describe, 'dry run: '
        . $dry->describe;
    my $again = load($db, @arguments);
    is(table_text(), text(@$rows), "seed $seed: again") or diag $again->stderr;
    is(($again->count('updated_rows') // -1) + ($again->count('inserted_rows') // 0), 0,
        "seed $seed: and nothing is written");
}

done_testing;
