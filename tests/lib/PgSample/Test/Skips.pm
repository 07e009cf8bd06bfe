package PgSample::Test::Skips;

# What is not tested: where PG_SAMPLE_TEST_SKIPS names a file, each test that is skipped, in
# subtests as well, adds a line to it: the file of the test, and the reason.

use strict;
use warnings;

use Carp qw(croak);
use File::Basename qw(basename);
use Test2::API qw(test2_stack);

my $file = $ENV{PG_SAMPLE_TEST_SKIPS};
test2_stack()->top->listen(\&_note_event, inherit => 1) if defined $file;

sub _note_event
{
    my ($hub, $event) = @_;
    return if !$event->isa('Test2::Event::Skip') && !_is_skipped_file($hub, $event);
    my $staging = $ENV{PG_SAMPLE_TEST_STAGING} ? 'staging_' : '';
    open my $skips, '>>', $file or croak "could not open $file: $!";
    print {$skips} $staging, basename($0), ': ', $event->reason, "\n";
    close $skips or croak "could not write $file: $!";
    return;
}

# A subtest that is skipped as a whole is an event of its own besides.
sub _is_skipped_file
{
    my ($hub, $event) = @_;
    return $event->isa('Test2::Event::Plan') && $event->directive eq 'SKIP'
        && !$hub->isa('Test2::Hub::Subtest');
}

1;
