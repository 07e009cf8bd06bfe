#!/usr/bin/perl
# Writes the SQL of the lower bounds of scripts/bench, from a dump that took its rows by limit.
#
#   bench-bounds.pl DUMP REPORT KEYS DIRECTORY
#
# KEYS has lines of: table, quoted as in the dump; columns of its primary key, and their types, as
# JSON arrays. In DIRECTORY it writes
#
#   limit.sql   as many rows of each table, wherever they are
#   key.sql     what a program must send that knows all keys: picked rows by LIMIT, the others
#               by primary key
#   find.sql    prints table and ctid of the rows of key.sql
#
# A dump has rows in the order of the source, so that the picked ones are the first ones of a table.
use strict;
use warnings;
use JSON::PP qw(decode_json);

use constant KEYS_PER_STATEMENT => 50_000;

my ($dump, $report, $keys, $directory) = @ARGV;

sub open_file
{
    my ($mode, $name) = @_;
    open my $file, $mode, $name or die "could not open $name: $!\n";
    return $file;
}

sub slurp
{
    my ($name) = @_;
    local $/;
    return readline open_file('<', $name);
}

my %n_picked = map { ("$_->{schema}.$_->{table}" => $_->{picked}) }
    @{ decode_json(slurp($report))->{tables} };
my %key_of;
my $key_lines = open_file('<', $keys);
while (<$key_lines>)
{
    chomp;
    my ($table, $columns, $types) = split /\t/;
    $key_of{$table} = { columns => decode_json($columns), types => decode_json($types) };
}
my %sql = map { ($_ => open_file('>', "$directory/$_.sql")) } qw(limit key find);

# An element of an array literal in an SQL literal, of a field of COPY.
sub element
{
    my ($field) = @_;
    my %escape = (b => "\b", f => "\f", n => "\n", r => "\r", t => "\t", v => "\013");
    return $field if $field =~ /^-?\d+$/;
    $field =~ s/\\(.)/$escape{$1} \/\/ $1/ges;
    $field =~ s/(["\\])/\\$1/g;
    $field =~ s/'/''/g;
    return qq("$field");
}

sub print_by_key
{
    my ($table, $key, @rows) = @_;
    my @arrays = map {
        my $i = $_;
        sprintf "'{%s}'::%s[]", join(',', map { element($_->[$i]) } @rows), $key->{types}[$i];
    } 0 .. $#{ $key->{columns} };
    my $condition =
        @arrays == 1
        ? "$key->{columns}[0] = ANY($arrays[0])"
        : sprintf '(%s) IN (SELECT * FROM unnest(%s))', join(', ', @{ $key->{columns} }),
        join(', ', @arrays);
    printf { $sql{key} } "COPY (SELECT * FROM %s WHERE %s) TO STDOUT;\n", $table, $condition;
    printf { $sql{find} } "COPY (SELECT '%s', ctid FROM %s WHERE %s) TO STDOUT;\n", $table, $table,
        $condition;
    return;
}

# The rows of one COPY of the dump, up to its end.
sub read_table
{
    my ($in, $table, @columns) = @_;
    my $key = $key_of{$table};
    my $n_picked = $n_picked{ $table =~ s/"//gr } // 0;
    my %position = map { ($columns[$_] => $_) } 0 .. $#columns;
    my $n_rows = 0;
    my @rows;
    while (<$in>)
    {
        chomp;
        last if $_ eq '\.';
        next if ++$n_rows <= $n_picked;
        my @fields = split /\t/, $_, -1;
        push @rows, [ @fields[ @position{ @{ $key->{columns} } } ] ];
    }
    printf { $sql{limit} } "COPY (SELECT * FROM %s LIMIT %d) TO STDOUT;\n", $table, $n_rows;
    printf { $sql{key} } "COPY (SELECT * FROM %s LIMIT %d) TO STDOUT;\n", $table, $n_picked;
    printf { $sql{find} } "COPY (SELECT '%s', ctid FROM %s LIMIT %d) TO STDOUT;\n", $table, $table,
        $n_picked;
    print_by_key($table, $key, splice @rows, 0, KEYS_PER_STATEMENT) while @rows;
    return;
}

my $in = open_file('<', $dump);
while (<$in>)
{
    read_table($in, $1, split /, /, $2) if /^COPY (\S+) \((.*)\) FROM stdin;$/;
}
close $_ or die "could not write: $!\n" for values %sql;
