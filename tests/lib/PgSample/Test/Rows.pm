package PgSample::Test::Rows;

# Many samples of one database against the oracle. The first one is restored with its schema
# into an empty database, which then takes the rows of the others: pg_dump and its definitions
# would be more than half of what each of them costs.

use strict;
use warnings;

use Carp qw(croak);
use Exporter qw(import);

use PgSample::Test::Catalog;
use PgSample::Test::Check ();
use PgSample::Test::Oracle;

our @EXPORT = qw(rows_are_exact);

$Carp::Internal{ +__PACKAGE__ } = 1; # errors name the line of the test

# Source by conninfo => the database that takes its rows; 0 when there cannot be one.
my %taker;

# Options on which the definitions in the dump depend.
my $SELECTION = qr/\A(?:-[nNtTsacCOx]|--(?:exclude-)?(?:schema|table)(?:=|\z)|--schema-only
    |--data-only|--clean|--restrict)/x;

# What fires or is rewritten where rows come into a table: full dumps add it after the rows.
my $REACTIONS = <<'SQL';
SELECT pg_catalog.format('ALTER TABLE %s DISABLE TRIGGER %I', tgrelid::regclass, tgname)
  FROM pg_catalog.pg_trigger AS t
 WHERE NOT tgisinternal AND coalesce(to_jsonb(t) ->> 'tgparentid', '0') = '0' -- none on version 12
 UNION ALL
SELECT pg_catalog.format('ALTER TABLE %s DISABLE RULE %I', ev_class::regclass, rulename)
  FROM pg_catalog.pg_rewrite WHERE ev_type <> '1' AND oid >= 16384
SQL

# sample_is_exact(), but for what it returns: true when the sample is.
sub rows_are_exact
{
    my ($source, $name, @argument) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $into = $taker{ $source->conninfo };
    PgSample::Test::Catalog::is_final($source);
    return _with_schema($source, $name, @argument)
        if !$into || grep { !ref && /$SELECTION/ } @argument;
    _clear($into);
    my %option = @argument && ref $argument[-1] ? %{ pop @argument } : ();
    return sample_is_exact($source, $name, @argument, { %option, into => $into }) ? 1 : 0;
}

sub _with_schema
{
    my ($source, $name, @argument) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $target = sample_is_exact($source, $name, @argument) or return 0;
    $taker{ $source->conninfo } //= _is_fit($source) ? undef : 0;
    if (!defined $taker{ $source->conninfo } && _has_all_of($target, $source)) {
        PgSample::Test::Catalog::is_final($target);
        $target->sql($_) for @{ $target->column($REACTIONS) };
        $taker{ $source->conninfo } = $target;
    } else {
        $target->server->drop_database($target);
    }
    return 1;
}

# Every key must hold in the source: one that rows of a sample break is not in its dump as it
# is in that of another.
sub _is_fit
{
    my ($source) = @_;
    return $source->value('SELECT count(extconfig) FROM pg_catalog.pg_extension') == 0
        && !PgSample::Test::Check::not_valid_constraints($source)
        && !PgSample::Test::Check::broken_foreign_keys($source);
}

sub _has_all_of
{
    my ($target, $source) = @_;
    my ($there, $expected) = map {
        join "\0", map({ $_->{qname} } PgSample::Test::Catalog::tables($_)),
            map({ "$_->{label} $_->{validated}" } PgSample::Test::Catalog::foreign_keys($_))
    } $target, $source;
    return $there eq $expected;
}

sub _clear
{
    my ($database) = @_;
    $database->sql(join '; ', 'SELECT lo_unlink(oid) FROM pg_largeobject_metadata',
        'SET session_replication_role = replica',
        map { 'DELETE FROM ' . PgSample::Test::Catalog::from($_) }
            PgSample::Test::Catalog::tables($database));
    return;
}

1;

__END__

=head1 NAME

PgSample::Test::Rows - many samples of one database against the oracle

=head1 SYNOPSIS

    use PgSample::Test::Rows;

    rows_are_exact($source, "orders:$_", "--root=orders:$_") for 1 .. 9;

=head1 DESCRIPTION

Like C<sample_is_exact> of L<PgSample::Test::Oracle>, for a source whose schema does not change
any more. The first sample that has all tables and keys of the source is restored as there.
The others are taken with C<--data-only>, and restored into that database, without its rows:
their order must satisfy its foreign keys then. Where the definitions may differ it is
C<sample_is_exact> each time: with options that select tables, and for a source with keys that
do not hold, or with configuration tables of extensions. The same where no order of rows
satisfies the keys. The database that takes rows must not be dropped; its triggers and rules
are disabled, as full dumps add them after the rows.

=cut
