package PgSample::Test::Rules;

# The oracle's own reading of limit rules and name patterns, from the manual.

use strict;
use warnings;

use Carp qw(croak);

use PgSample::Test::SliceRules ();

$Carp::Internal{ +__PACKAGE__ } = 1; # errors name the line of the test

# The rules of all --limit arguments in order, and the default behind them.
sub parse
{
    my (@argument) = @_;
    return (_rules(@argument), rule('* = 100'));
}

sub _rules { return map { rule($_) } map { fields($_) } @_ }

# One line of CSV.
sub fields
{
    my ($text) = @_;
    my @fields;
    while (1) {
        if ($text =~ /\G\s*"((?:[^"]|"")*)"\s*(,|\z)/gc) {
            my ($field, $end) = ($1, $2);
            $field =~ s/""/"/g;
            push @fields, $field;
            return @fields if $end eq '';
        } elsif ($text =~ /\G\s*([^,]*?)\s*(,|\z)/gc) {
            push @fields, $1;
            return @fields if $2 eq '';
        } else {
            croak "not CSV: $text";
        }
    }
}

# is_general: the pattern is just *.
sub rule
{
    my ($text) = @_;
    $text =~ s/\A\s+|\s+\z//g;
    my ($pattern, $value) = ('*', $text);
    if (!_rows($text)) {
        $text =~ /\A((?:[^"=]|"(?:[^"]|"")*")+?)\s*=\s*(.*)\z/s
            or croak "not a rule: $text";
        ($pattern, $value) = ($1, $2);
    }
    my $rows = _rows($value) || { kind => 'all', condition => $value };
    return {
        %$rows,
        text       => $text,
        pattern    => pattern($pattern),
        is_general => $pattern eq '*'
    };
}

sub _rows
{
    my ($text) = @_;
    my $where = qr/(?:\s*\bwhere\b\s*(.+))?\s*\z/is;
    return { kind => 'all', condition => $1 } if $text =~ /\A\*$where/;
    return { kind => 'count', count => $1, condition => $2 } if $text =~ /\A(\d+)$where/;
    return { kind => 'percent', percent => $1, condition => $2 }
        if $text =~ /\A(\d*\.?\d+)\s*%$where/;
    return undef;
}

# { schema, name: regular expressions; schema may be missing; is_literal: no wildcard }
sub pattern
{
    my ($text) = @_;
    my @parts = pattern_parts($text);
    croak "not a pattern: $text" if @parts < 1 || @parts > 2;
    my $name = pop @parts;
    return {
        name       => qr/\A$name->{regexp}\z/s,
        is_literal => $name->{is_literal},
        (@parts ? (schema => qr/\A$parts[0]{regexp}\z/s) : ()),
    };
}

sub pattern_parts
{
    my ($text) = @_;
    my @parts = ({ regexp => '', is_literal => 1 });
    while ($text =~ /\G(?:("(?:[^"]|"")*")|(\.)|([*?])|([^".*?]+))/gc) {
        my $part = $parts[-1];
        if (defined $1) {
            my $quoted = substr $1, 1, -1;
            $quoted =~ s/""/"/g;
            $part->{regexp} .= quotemeta $quoted;
        } elsif (defined $2) {
            push @parts, { regexp => '', is_literal => 1 };
        } elsif (defined $3) {
            $part->{regexp} .= $3 eq '*' ? '.*' : '.';
            $part->{is_literal} = 0;
        } else {
            (my $plain = $4) =~ tr/A-Z/a-z/;
            $part->{regexp} .= quotemeta $plain;
        }
    }
    return @parts;
}

sub matches
{
    my ($pattern, $schema, $name) = @_;
    return 0 if $pattern->{schema} && $schema !~ $pattern->{schema};
    return $name =~ $pattern->{name} ? 1 : 0;
}

sub first_match
{
    my ($rules, $schema, $name, %option) = @_;
    for my $rule (@$rules) {
        next if $option{literal} && !$rule->{pattern}{is_literal};
        return $rule if matches($rule->{pattern}, $schema, $name);
    }
    return undef;
}

# What -n -N -t -T leave: true when the table may be picked from.
sub is_selected
{
    my ($selection, $schema, $name) = @_;
    my $any = sub { return scalar grep { $_[1]->($_) } @{ $selection->{ $_[0] } || [] } };
    my $by_table  = sub { matches(pattern($_[0]), $schema, $name) };
    my $by_schema = sub { $schema =~ pattern($_[0])->{name} };
    return 0 if $any->('-T', $by_table) || $any->('-N', $by_schema);
    return $any->('-t', $by_table) if @{ $selection->{'-t'} || [] };
    return $any->('-n', $by_schema) if @{ $selection->{'-n'} || [] };
    return 1;
}

# Options by what becomes of their values: lists, and single values.
my %LIST = map { $_ => 1 } qw(--limit -n -N -t -T --exclude-table-data --root --root-file
    --children --where-column --reference --ignore-fk);
my %SINGLE = map { $_ => 1 } qw(--depth --lookup-rows);
my %SHORT  = ('--schema' => '-n', '--exclude-schema' => '-N', '--table' => '-t',
    '--exclude-table' => '-T');

# Reads the options of pg-sample that decide about rows; the others are passed over.
sub from_arguments
{
    my (@argument) = @_;
    my (%choice, %list);
    while (@argument) {
        my $argument = shift @argument;
        last if ref $argument;
        my ($option, $value) = $argument =~ /\A(--[a-z-]+)=(.*)\z/s ? ($1, $2)
            : ($argument, undef);
        $option = $SHORT{$option} || $option;
        if ($LIST{$option} || $SINGLE{$option}) {
            $value = shift @argument if !defined $value;
            push @{ $list{$option} }, $value;
        } elsif ($option eq '--ordered') {
            $choice{ordered} = defined $value ? $value : 'desc';
        } elsif ($option eq '--random') {
            $choice{random} = defined $value ? $value : 'any';
        }
    }
    $choice{slice} = PgSample::Test::SliceRules::parse(\%list);
    $choice{rules} = [
        _rules(@{ $list{'--limit'} || [] }),
        rule($choice{slice}{is_asked} ? '* = 0' : '* = 100')
    ];
    $choice{selection} = { map { $_ => $list{$_} } grep { $list{$_} } qw(-n -N -t -T) };
    return \%choice;
}

1;

__END__

=head1 NAME

PgSample::Test::Rules - the oracle's reading of rules, patterns and selections

=head1 DESCRIPTION

Written from the documentation, independent of the program. Stricter than the program: a
field with quotes must be correct CSV. Options of slices are read by
L<PgSample::Test::SliceRules>.

=cut
