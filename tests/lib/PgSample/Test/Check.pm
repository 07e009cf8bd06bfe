package PgSample::Test::Check;

# What must hold in a restored sample, computed from the catalogs alone.

use strict;
use warnings;

use Exporter qw(import);
use Test::Builder ();

use PgSample::Test::Catalog;

our @EXPORT = qw(
    foreign_keys_hold constraints_are_valid rows_are_from samples_ok
    broken_foreign_keys not_valid_constraints table_counts row_texts row_differences
);

my $test = Test::Builder->new;

# ---- facts

# Broken keys as text; those that are NOT VALID count only when asked for.
sub broken_foreign_keys
{
    my ($database, %option) = @_;
    my @keys = PgSample::Test::Catalog::foreign_keys($database);
    @keys = grep { $_->{validated} } @keys if !$option{not_valid_too};
    my @counts = map { _dangling_rows($keys[$_], $_) } 0 .. $#keys;
    my $rows = PgSample::Test::Catalog::union($database, @counts);
    return map { "$keys[$_->[0]]{label}: $_->[1] dangling rows" }
        sort { $a->[0] <=> $b->[0] } grep { $_->[1] } @$rows;
}

# Under MATCH FULL a row with some null columns is broken as well.
sub _dangling_rows
{
    my ($key, $number) = @_;
    my $refers = $key->{match} eq 'f' ? $key->{any_there} : $key->{all_there};
    return "SELECT $number, pg_catalog.count(*) FROM $key->{child_from} WHERE ($refers)"
        . " AND NOT (($key->{all_there}) AND " . PgSample::Test::Catalog::is_held($key) . ')';
}

# Constraints that are NOT VALID, as 'name on table'.
sub not_valid_constraints
{
    my ($database) = @_;
    return @{ $database->column(<<'SQL') };
SELECT pg_catalog.format('%s on %I.%I', k.conname, n.nspname, c.relname)
  FROM pg_catalog.pg_constraint k
  JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE NOT k.convalidated
 ORDER BY 1
SQL
}

# Rows by table: { 'schema.table' => n }, quoted names.
sub table_counts
{
    my ($database) = @_;
    my @tables = PgSample::Test::Catalog::tables($database);
    my $rows = PgSample::Test::Catalog::union(
        $database,
        map {
            "SELECT $_, pg_catalog.count(*) FROM "
                . PgSample::Test::Catalog::from($tables[$_])
        } 0 .. $#tables
    );
    return { map { $tables[ $_->[0] ]{qname} => $_->[1] } @$rows };
}

# Each row as text: { 'schema.table' => { text => how often } }.
sub row_texts
{
    my ($database) = @_;
    my @tables = PgSample::Test::Catalog::tables($database);
    my $rows = PgSample::Test::Catalog::union(
        $database,
        map {
            qq{SELECT $_, "<row>"::pg_catalog.text, pg_catalog.count(*) FROM }
                . PgSample::Test::Catalog::from($tables[$_])
                . qq{ AS "<row>" GROUP BY 2}
        } 0 .. $#tables
    );
    my %texts = map { $_->{qname} => {} } @tables;
    $texts{ $tables[ $_->[0] ]{qname} }{ $_->[1] } = $_->[2] for @$rows;
    return \%texts;
}

# How two results of row_texts() differ, as text; what is only in $more may be allowed.
sub row_differences
{
    my ($less, $more, %option) = @_;
    my @differences;
    my %names = (%$less, %$more);
    for my $table (sort keys %names) {
        my ($a, $b) = ($less->{$table} || {}, $more->{$table} || {});
        push @differences, _surplus($table, 'unexpected', $a, $b);
        push @differences, _surplus($table, 'missing', $b, $a) if !$option{subset};
    }
    return @differences;
}

# The first three rows that are more often in $a than in $b.
sub _surplus
{
    my ($table, $what, $a, $b) = @_;
    my @texts = grep { $a->{$_} > ($b->{$_} || 0) } sort keys %$a;
    my $n = @texts;
    splice @texts, 3;
    return map {
        "$table: $what (of $n): "
            . substr($_, 0, 300)
            . " ($a->{$_} times, not " . ($b->{$_} || 0) . ')'
    } @texts;
}

# ---- assertions

sub foreign_keys_hold
{
    my ($database, $name) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    return _none($name || 'every foreign key holds', broken_foreign_keys($database));
}

# No constraint is NOT VALID but those named, as 'name on schema.table'.
sub constraints_are_valid
{
    my ($database, $name, @expected) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $got = join "\n", sort(not_valid_constraints($database));
    return $test->is_eq($got, join("\n", sort @expected),
        $name || 'every constraint is valid');
}

sub rows_are_from
{
    my ($database, $source, $name) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    return _none($name || 'every row exists in the source',
        row_differences(row_texts($database), row_texts($source), subset => 1));
}

# All three.
sub samples_ok
{
    my ($database, $source, $name) = @_;
    $name = defined $name ? "$name: " : '';
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $ok = foreign_keys_hold($database, "${name}every foreign key holds");
    $ok &= constraints_are_valid($database, "${name}the same constraints are not valid",
        not_valid_constraints($source));
    $ok &= rows_are_from($database, $source, "${name}every row exists in the source");
    return $ok;
}

sub _none
{
    my ($name, @problems) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $ok = $test->ok(!@problems, $name);
    my $n = @problems;
    splice @problems, 20;
    $test->diag($_) for @problems;
    $test->diag("... $n in all") if $n > 20;
    return $ok;
}

1;

__END__

=head1 NAME

PgSample::Test::Check - what must hold in a restored sample

=head1 SYNOPSIS

    use PgSample::Test::Check;

    foreign_keys_hold($target, 'nothing dangles');
    constraints_are_valid($target, 'one key is not valid', 'a_b_fkey on public.a');
    rows_are_from($target, $source, 'no row is invented');
    samples_ok($target, $source, 'limit 5');      # all three
    is(table_counts($target)->{'public.t'}, 5);

=head1 DESCRIPTION

Foreign keys are checked by an anti-join for each, with the constraint's own operators, the
referenced column's collation, MATCH SIMPLE or FULL, and ONLY under plain inheritance; what
the server believes about the constraint plays no part. Rows are compared as multisets of
their text. The assertions print what is wrong; the functions C<broken_foreign_keys>,
C<not_valid_constraints>, C<table_counts>, C<row_texts> and C<row_differences> return it.

=cut
