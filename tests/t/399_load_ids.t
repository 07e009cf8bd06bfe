# Every requirement of loading is shown by tests that are there.

use strict;
use warnings;

use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::LoadIds;

# How many the systems 000, 001, 003 and 004 require, the scenarios, and the mistakes.
my %LAST = (
    '000-F' => 15, '000-O' => 3, '000-M' => 2, '000-L' => 5, '000-E' => 5, '000-N' => 2, '000-P' => 4,
    '001-F' => 12, '001-O' => 2, '001-L' => 2, '001-E' => 6, '001-N' => 2,
    '003-F' => 15, '003-O' => 2, '003-M' => 1, '003-L' => 1, '003-P' => 1, '003-E' => 3, '003-S' => 2,
    '004-F' => 26, '004-O' => 3, '004-M' => 1, '004-L' => 1, '004-E' => 6,
    'B' => 37
);

# What is not there yet.
my @LATER = (
    '003-F11', # skipped rows in an audit table
    '003-F13', # timestamps of several columns
    '003-F14', # metrics for Prometheus
);

sub slurp
{
    my ($path) = @_;
    open my $file, '<:raw', $path or die "could not open $path: $!\n";
    local $/ = undef;
    return scalar <$file>;
}

my @records = PgSample::Test::LoadIds::records();
my %is_there = map { $_->{id} => 1 } @records;
my @required = map { my $prefix = $_; map { sprintf '%s%02d', $prefix, $_ } 1 .. $LAST{$prefix} } sort keys %LAST;
is(join(' ', grep { !$is_there{$_} } @required), "@LATER", 'every requirement is in the table but what comes later');
is(scalar(keys %is_there), scalar(@records), 'each once');
cmp_ok(scalar(grep { /\AC-/ } keys %is_there), '>', 25, 'the contract, too');

my %texts;
for my $record (@records) {
    cmp_ok(scalar @{ $record->{tests} }, '>', 0, "$record->{id}: there are tests");
    for my $test (@{ $record->{tests} }) {
        my ($file, $name) = @$test;
        my ($path) = glob "$FindBin::Bin/" . ($file =~ /\A\d/ ? "${file}_*.t" : "../$file.c");
        if (!defined $path || !-e $path) {
            fail("$record->{id}: there is a file $file");
            next;
        }
        $texts{$path} //= slurp($path);
        # or the name of a test in a loop
        like($texts{$path}, qr/['"]\Q$name\E['":]/, "$record->{id}: $file: $name");
    }
}

done_testing;
