# Every requirement of loading is shown by a test that is there.

use strict;
use warnings;

use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::LoadIds;

# What the systems 000, 001, 003 and 004 require (what is for the future has no number here:
# of 004, audit, rollback and object stores), and the mistakes that name them.
my @REQUIRED = (
    numbers('000-F', 1 .. 15), numbers('000-O', 1 .. 3), numbers('000-M', 1, 2), numbers('000-L', 1 .. 5),
    numbers('000-E', 1 .. 5), numbers('000-N', 1, 2), numbers('000-P', 1 .. 4),
    numbers('001-F', 1 .. 7, 11, 12), numbers('001-O', 1, 2), numbers('001-L', 1, 2), numbers('001-E', 1 .. 6),
    numbers('001-N', 1, 2),
    numbers('003-F', 1 .. 10, 15), numbers('003-O', 1, 2), numbers('003-M', 1), numbers('003-L', 1),
    numbers('003-P', 1), numbers('003-E', 1 .. 3), numbers('003-S', 1, 2),
    numbers('004-F', 1 .. 16, 18, 19, 21, 22, 24 .. 26), numbers('004-O', 1 .. 3), numbers('004-M', 1),
    numbers('004-L', 1), numbers('004-E', 1 .. 6),
    numbers('B', 1 .. 37)
);

sub numbers
{
    my ($prefix, @numbers) = @_;
    return map { sprintf '%s%02d', $prefix, $_ } @numbers;
}

sub slurp
{
    my ($path) = @_;
    open my $file, '<:raw', $path or die "could not open $path: $!\n";
    local $/ = undef;
    return scalar <$file>;
}

my @records = PgSample::Test::LoadIds::records();
my %is_there = map { $_->{id} => 1 } @records;
is(join(' ', grep { !$is_there{$_} } @REQUIRED), '', 'every requirement is in the table');
is(scalar(keys %is_there), scalar(@records), 'each once');
cmp_ok(scalar(grep { /\AC-/ } keys %is_there), '>', 25, 'the contract, too');

my %texts;
for my $record (@records) {
    my ($path) = glob "$FindBin::Bin/$record->{file}_*.t";
    if (!defined $path) {
        fail("$record->{id}: there is a file $record->{file}_*.t");
        next;
    }
    $texts{$path} //= slurp($path);
    # a subtest, or the name of a test in a loop
    like($texts{$path}, qr/(?:subtest |")['"]?\Q$record->{subtest}\E['":]/,
        "$record->{id}: $record->{file} $record->{subtest}");
}

done_testing;
