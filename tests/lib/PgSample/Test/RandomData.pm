package PgSample::Test::RandomData;

# Rows for the tables of a PgSample::Test::RandomSchema.

use strict;
use warnings;

use PgSample::Test::RandomTypes ();

# A row is a hash of values by column name; undef is NULL.
sub fill
{
    my ($schema) = @_;
    my $random = $schema->random;
    for my $table ($schema->tables) {
        my $offset = $table->{inherits} ? 500 : 0;
        $table->{rows} = [ map { _row($random, $table, $_ + $offset) }
                $random->shuffle(0 .. $table->{n_rows} - 1) ];
        _refer($random, $_) for grep { $_->{child} == $table && $_->{is_early} }
            @{ $schema->{keys} };
        _compute($table, $_) for @{ $table->{rows} };
    }
    _refer($random, $_) for grep { !$_->{is_early} } @{ $schema->{keys} };
    _add_orphans($random, $_) for grep { $_->{state} ne 'valid' } @{ $schema->{keys} };
    _allow_nulls($_) for $schema->tables;
    return;
}

# A column that a later key, or a row that breaks one, left without a value is not NOT NULL.
sub _allow_nulls
{
    my ($table) = @_;
    my @rows = (@{ $table->{rows} }, @{ $table->{orphans} || [] });
    for my $column (grep { $_->{is_not_null} && $_->{is_referring} } @{ $table->{columns} }) {
        $column->{is_not_null} = 0 if grep { !defined $_->{ $column->{name} } } @rows;
    }
    return;
}

# Keys are distinct by their leading column; the others have few values.
sub _row
{
    my ($random, $table, $number) = @_;
    my %is_lead = map { $_->{lead}{name} => 1 } @{ $table->{keys} };
    my $inherited = $table->{inherits};
    $is_lead{ $_->{lead}{name} } = 1 for map { @{ $_->{keys} } } grep { $_ } $inherited;
    my %row;
    for my $column (PgSample::Test::RandomSchema::all_columns($table)) {
        next if $column->{is_referring} && !$inherited;
        my $i = $is_lead{ $column->{name} } ? $number : $random->below(12);
        my $is_null = $column->{is_nullable} || $column->{is_payload};
        $row{ $column->{name} } = $column->{fill}->($i)
            if !$is_null || !$random->percent(15);
    }
    $row{' number'} = $number;
    return \%row;
}

sub _compute
{
    my ($table, $row) = @_;
    for my $column (PgSample::Test::RandomSchema::all_columns($table)) {
        $row->{ $column->{name} } = $column->{compute}->($row) if $column->{compute};
    }
    return;
}

sub _holds
{
    my ($partition, $table, $row) = @_;
    return 1 if !$partition;
    return $partition->{holds}->($row->{ $table->{part}{column}{name} });
}

# ---- references

# Sets the referencing columns of all rows of the child.
sub _refer
{
    my ($random, $key) = @_;
    my ($child, $parent) = @$key{qw(child parent)};
    my @tuples = _key_values($key, grep { _holds($key->{parent_partition}, $parent, $_) }
            @{ $parent->{rows} });
    my $must = $key->{is_early} || ($key->{is_not_null} && !$key->{partition});
    my $n_missing = 0;
    for my $row (@{ $child->{rows} }) {
        my $values = !_holds($key->{partition}, $child, $row) ? _dangling($key, $row)
            : $must || !$random->percent(20) ? _reference($random, $key, @tuples)
            :                                  undef;
        $n_missing++ if !$values;
        $values ||= _nulls($random, $key);
        @$row{ map { $_->{name} } @{ $key->{columns} } } = @$values;
    }
    if ($key->{is_early} && $n_missing) {
        $child->{rows} = [];
    } elsif ($must && !$n_missing && !$child->{is_inherited}) {
        $_->{is_not_null} = 1 for @{ $key->{columns} };
    }
    return;
}

sub _key_values
{
    my ($key, @rows) = @_;
    my @names = map { $_->{name} } @{ $key->{key}{columns} };
    return grep { !grep { !defined } @$_ } map { [ @$_{@names} ] } @rows;
}

# Some of the tuples cannot be written in the referencing types.
sub _reference
{
    my ($random, $key, @tuples) = @_;
    return undef if !@tuples;
    for (1 .. 10) {
        my $tuple = $random->pick(@tuples);
        my @columns = @{ $key->{columns} };
        my @values = map {
            PgSample::Test::RandomTypes::reference($random, @{ $columns[$_] }{qw(type own)},
                $tuple->[$_])
        } 0 .. $#columns;
        return \@values if !grep { !defined } @values;
    }
    return undef;
}

# All null; or, under MATCH SIMPLE, only some of them, beside values that no key has.
sub _nulls
{
    my ($random, $key) = @_;
    my @columns = @{ $key->{columns} };
    return [ (undef) x @columns ] if $key->{full} || $random->percent(40);
    my $null = $random->below(scalar @columns);
    return [ map { $_ == $null ? undef : $columns[$_]{fill}->($_) } 0 .. $#columns ];
}

sub _dangling
{
    my ($key, $row) = @_;
    my @values = map { $_->{fill}->($row->{' number'}) } @{ $key->{columns} };
    return (grep { !defined } @values) ? undef : \@values;
}

# Rows that break the key, and if possible no other one.
sub _add_orphans
{
    my ($random, $key) = @_;
    my $table = $key->{child};
    return if !@{ $table->{rows} } || grep { $_->{is_filled_early} } @{ $table->{columns} };
    my @others = map { $_->{name} } grep { $_->{is_referring} } @{ $table->{columns} };
    for my $i (1 .. $random->between(1, 3)) {
        my $row = _row($random, $table, 1000 + 10 * $key->{number} + $i);
        @$row{@others} = @{ $random->pick(@{ $table->{rows} }) }{@others};
        if ($key->{partition}) {
            my @parts = grep { $key->{partition}{holds}->($_) } 0 .. 9;
            $row->{ $table->{part}{column}{name} } = $random->pick(@parts);
        }
        my $values = _dangling($key, $row) or next;
        $values->[0] = undef if $key->{full} && @$values > 1 && !$key->{columns}[0]{is_not_null};
        @$row{ map { $_->{name} } @{ $key->{columns} } } = @$values;
        _compute($table, $row);
        push @{ $table->{orphans} }, $row;
    }
    return;
}

# ---- SQL

sub insert
{
    my ($table, @rows) = @_;
    return () if !@rows;
    return ("INSERT INTO $table->{qname} DEFAULT VALUES") x @rows
        if $table->{shape} eq 'empty';
    my @columns = grep { !$_->{generated} }
        PgSample::Test::RandomSchema::all_columns($table);
    my @tuples = map {
        my $row = $_;
        '('
            . join(', ', map { PgSample::Test::Server::quote_literal($row->{ $_->{name} }) }
                @columns)
            . ')'
    } @rows;
    return "INSERT INTO $table->{qname} ("
        . join(', ', map { $_->{quoted} } @columns)
        . ") OVERRIDING SYSTEM VALUE VALUES\n"
        . join ",\n", @tuples;
}

1;
