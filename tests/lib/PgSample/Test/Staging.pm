package PgSample::Test::Staging;

# Both modes: running a test of direct mode a second time in staging mode, and what the
# tests of staging mode have in common.

use strict;
use warnings;

use Exporter qw(import);
use Test::Builder ();

our @EXPORT = qw(staging staging_schemas no_schema_is_left same_bytes modes_agree falls_back
    agrees_with_direct);

$Carp::Internal{ +__PACKAGE__ } = 1; # errors name the line of the test

my $test = Test::Builder->new;

# Calls that take no sample, or that say themselves which mode they want.
my $NO_STAGING = qr/\A(?:--help|-[?]|--version|-V|--schema-only|-s|--resume|--cleanup(?:=.*)?
    |--mask-list|--new-mask-key=.*
    |--use-staging|--no-staging|--keep|--force|--verify-only)\z/x;

# A fallback would make a test of staging mode one of direct mode.
my $FALLBACK = qr/warning: staging is not possible, direct mode is used instead: (.*)/;
my @fallbacks;

# ---- the second run of a test

# Does this test run in staging mode?
sub staging { return $ENV{PG_SAMPLE_TEST_STAGING} ? 1 : 0 }

# What a call of pg-sample gets in addition.
sub more_arguments
{
    my (@argument) = @_;
    return () if !staging() || grep { $_ =~ $NO_STAGING } @argument;
    return ('--use-staging');
}

# Called with the end of each call. Who may not create a schema has to fall back, and so has
# a run that would wait for somebody who waits for it.
sub note_result
{
    my ($database, $result) = @_;
    return if !staging() || $result->stderr !~ $FALLBACK;
    my $reason = $1;
    my $is_expected = defined $database->user && $reason =~ /CREATE privilege/
        || $database->server->is_standby && $reason =~ /standby/
        || $reason =~ /waits for an exclusive lock/;
    push @fallbacks, $reason if !$is_expected;
    return;
}

# After the tests, like a test that failed.
END {
    for my $reason (@fallbacks) {
        $test->diag("a run in staging mode fell back to direct mode: $reason");
        $? ||= 1;
    }
}

# ---- facts

# Names of schemas in a database that carry the mark of pg-sample.
sub staging_schemas
{
    my ($database) = @_;
    return $database->column(<<'SQL');
SELECT nspname FROM pg_catalog.pg_namespace
 WHERE pg_catalog.obj_description(oid, 'pg_namespace') LIKE 'pg-sample staging schema%'
    OR nspname LIKE '%pg\_sample%'
 ORDER BY nspname COLLATE "C"
SQL
}

# Drops them, so that one failure does not bring others; returns their names.
sub drop_staging_schemas
{
    my ($database) = @_;
    my $names = staging_schemas($database);
    for my $name (@$names) {
        my $quoted = PgSample::Test::Server::quote_identifier($name);
        $database->psql("SET lock_timeout = '5s'; DROP SCHEMA $quoted CASCADE");
    }
    return $names;
}

# ---- assertions

sub no_schema_is_left
{
    my ($database, $name) = @_;
    return $test->is_eq(join(' ', @{ staging_schemas($database) }),
        '', $name || 'no staging schema is left');
}

# ok() that does not print two dumps when they differ.
sub same_bytes
{
    my ($got, $expected, $name) = @_;
    return 1 if $test->ok($got eq $expected, $name);
    my ($got_lines, $expected_lines) = map { [ split /\n/, $_, -1 ] } $got, $expected;
    my $n = @$got_lines > @$expected_lines ? @$got_lines : @$expected_lines;
    my ($line) = grep {
        ($got_lines->[$_] // '(end)') ne ($expected_lines->[$_] // '(end)')
            && ($got_lines->[$_] // '') !~ /^\\restrict/
    } 0 .. $n - 1;
    return 0 if !defined $line;
    $test->diag(sprintf "first difference in line %d:\n got      %s\n expected %s", $line + 1,
        map { substr $_->[$line] // '(end)', 0, 300 } $got_lines, $expected_lines);
    return 0;
}

# The dumps of both modes are the same, byte for byte; returns it, or undef.
sub modes_agree
{
    my ($database, $name, @argument) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    return agrees_with_direct($database, $database->sample('--use-staging', @argument), $name,
        @argument);
}

# The same, of a run in staging mode that was taken before.
sub agrees_with_direct
{
    my ($database, $staged, $name, @argument) = @_;
    my $direct = $database->sample('--no-staging', @argument);
    my @problems = map { $_->describe } grep { !$_->is_ok } $direct, $staged;
    push @problems, "it fell back: $1" if $staged->stderr =~ $FALLBACK;
    push @problems, map { "schema $_ is left" } @{ staging_schemas($database) };
    if (@problems) {
        $test->ok(0, $name);
        $test->diag($_) for @problems;
        return;
    }
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    return same_bytes($staged->stdout, $direct->stdout, $name) ? $direct->stdout : undef;
}

# A run fell back with one warning that matches and the hint, and wrote this dump.
sub falls_back
{
    my ($database, $result, $reason, $expected, $name) = @_;
    my @warnings = $result->stderr =~ /$FALLBACK/g;
    my $ok = $result->status == 0 && @warnings == 1 && $warnings[0] =~ $reason
        && $result->stderr =~ /hint: .*--no-staging/;
    if (!$test->ok($ok, "$name: one warning that says why")) {
        $test->diag("expected exit status 0 and one warning with $reason");
        $test->diag($result->describe);
    }
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    same_bytes($result->stdout, $expected, "$name: the dump is that of direct mode");
    return no_schema_is_left($database, "$name: no staging schema is left");
}

1;

__END__

=head1 NAME

PgSample::Test::Staging - the tests in both modes

=head1 SYNOPSIS

    use PgSample::Test::Staging;

    my $dump = modes_agree($source, 'five orders', '--limit=orders = 5');
    is($source->sample('--limit=3')->status, 0) if !staging();

=head1 DESCRIPTION

L<PgSample::Test::Twin> runs a test file with C<PG_SAMPLE_TEST_STAGING> in the environment.
L<PgSample::Test::Database> then adds C<--use-staging> to every call that takes a sample, and
the test fails when such a call falls back to direct mode without a reason. Where the modes
must differ the test asks C<staging()>.

=head1 FUNCTIONS

=over

=item staging, more_arguments(arguments), note_result(database, result)

=item staging_schemas(database), drop_staging_schemas(database)

Names of the schemas with the mark, or with a name as pg-sample gives it.

=item no_schema_is_left(database[, name]), same_bytes(got, expected, name)

=item modes_agree(database, name, arguments)

Runs with --no-staging and --use-staging; returns the dump.

=item falls_back(database, result, reason, expected dump, name)

=back

=cut
