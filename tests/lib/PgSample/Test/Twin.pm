package PgSample::Test::Twin;

# Runs a test of direct mode once more, in staging mode. It loads next to nothing: all else is
# loaded by the test that it runs.

use strict;
use warnings;

use FindBin;

# Runs the test file of that name in the place of this one.
sub run_original
{
    my ($name) = @_;
    local $ENV{PG_SAMPLE_TEST_STAGING} = 1;
    my @include = map { "-I$_" } grep { !ref } @INC;
    exec $^X, @include, "$FindBin::Bin/$name.t" or die "could not run $name.t: $!\n";
}

1;

__END__

=head1 NAME

PgSample::Test::Twin - the second run of a test, in staging mode

=head1 SYNOPSIS

    # tests/t/staging_100_oracle.t
    use PgSample::Test::Twin;
    PgSample::Test::Twin::run_original('100_oracle');

=head1 DESCRIPTION

Runs another test file with C<PG_SAMPLE_TEST_STAGING> in the environment, which
L<PgSample::Test::Staging> asks for.

=cut
