package PgSample::Test::SliceRules;

# The oracle's own reading of the options that cut out slices, from the manual.

use strict;
use warnings;

use Carp qw(croak);

$Carp::Internal{ +__PACKAGE__ } = 1; # errors name the line of the test

# Text up to a character, with literals and balanced parentheses.
my $STRING   = qr/'(?:[^']|'')*'/;
my $NAME     = qr/"(?:[^"]|"")*"/;
my $IN_PAREN = qr/(?<paren>\((?:[^()'"]++|$STRING|$NAME|(?&paren))*\))/;

# From the values of each option to { is_asked, roots, root_files, children, depth,
# lookup_rows, filters, references, ignored }.
sub parse
{
    my ($list) = @_;
    my %slice = map { $_->[0] => $list->{ $_->[1] } ? $list->{ $_->[1] }[-1] : undef }
        ([ depth => '--depth' ], [ lookup_rows => '--lookup-rows' ]);
    my $each = sub {
        my ($parse, $option) = @_;
        return [ map { $parse->($_) } @{ $list->{$option} || [] } ];
    };
    $slice{roots}      = $each->(\&_root,      '--root');
    $slice{root_files} = $each->(\&_root_file, '--root-file');
    $slice{children}   = $each->(\&_children,  '--children');
    $slice{filters}    = $each->(\&_filter,    '--where-column');
    $slice{references} = $each->(\&_reference, '--reference');
    $slice{ignored}    = $each->(\&_edge_pattern, '--ignore-fk');
    $slice{excluded} = [ map { PgSample::Test::Rules::pattern($_) }
            @{ $list->{'--exclude-table-data'} || [] } ];
    $slice{has_roots} = @{ $slice{roots} } + @{ $slice{root_files} } > 0;
    $slice{is_asked}  = $slice{has_roots} || @{ $slice{filters} } > 0;
    return \%slice;
}

# ---- roots

# A rule as in --limit; or { pattern, keys => [[value, ...], ...] }.
sub _root
{
    my ($text) = @_;
    $text =~ /\A((?:[^":=]|$NAME)+)([:=])(.*)\z/s or croak "not a root: $text";
    my ($pattern, $sign, $keys) = ($1, $2, $3);
    return PgSample::Test::Rules::rule($text) if $sign eq '=';
    return { pattern => PgSample::Test::Rules::pattern(_trim($pattern)), keys => _keys($keys) };
}

sub _trim { return $_[0] =~ s/\A\s+|\s+\z//gr }

sub _keys
{
    my ($text) = @_;
    my $value = qr/\s*($NAME|[^,()"]*?)\s*/s;
    my @keys;
    while (1) {
        if ($text =~ /\G\s*\(/gc) {
            push @keys, [];
            do {
                $text =~ /\G$value(?=[,)])/gc or croak "not a key: $text";
                push @{ $keys[-1] }, _value($1);
            } while ($text =~ /\G,/gc);
            $text =~ /\G\)\s*/gc or croak "not a key: $text";
        } else {
            $text =~ /\G$value(?=,|\z)/gc or croak "not a key: $text";
            push @keys, [ _value($1) ];
        }
        return \@keys if $text =~ /\G\z/gc;
        $text =~ /\G,/gc or croak "not a list of keys: $text";
    }
}

sub _value
{
    my ($text) = @_;
    return $text if $text !~ /\A"(.*)"\z/s;
    return $1 =~ s/""/"/gr;
}

sub _root_file
{
    my ($text) = @_;
    $text =~ /\A((?:[^"=]|$NAME)+)=(.*)\z/s or croak "not a file of roots: $text";
    return { pattern => PgSample::Test::Rules::pattern(_trim($1)), file => $2 };
}

# The records of a CSV file that is correct.
sub read_csv
{
    my ($text) = @_;
    $text =~ s/\A\xef\xbb\xbf//;
    my @records = ([]);
    while ($text =~ /\G(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|\z)/gc) {
        my ($quoted, $plain, $end) = ($1, $2, $3);
        push @{ $records[-1] }, defined $quoted ? $quoted =~ s/""/"/gr : $plain;
        next if $end eq ',';
        last if $text =~ /\G\z/gc;
        push @records, [];
    }
    return @records;
}

# ---- children, and other patterns of edges

sub _children
{
    my ($text) = @_;
    return map {
        /\A(.+?)\s*=\s*(\d+|\*)\s*\z/s or croak "not a rule for children: $_";
        { pattern => _edge_pattern($1), n => $2 }
    } PgSample::Test::Rules::fields($text);
}

sub _edge_pattern
{
    my ($text) = @_;
    my @parts = PgSample::Test::Rules::pattern_parts(_trim($text));
    croak "not a pattern: $text" if @parts > 2;
    return {
        text       => $text,
        table      => PgSample::Test::Rules::pattern(_trim($text)),
        is_literal => !grep({ !$_->{is_literal} } @parts),
        parts      => [ map { qr/\A$_->{regexp}\z/s } @parts ],
    };
}

# How well a pattern names an edge: 3 the constraint, 2 the table, 1 by wildcards, 0 not. An
# edge has tables => [[schema, name], ...], and a name if it is a foreign key.
sub rank
{
    my ($pattern, $edge) = @_;
    my @tables = @{ $edge->{tables} };
    my $is_named = defined $edge->{name} && grep { _names($pattern, $edge->{name}, @$_) } @tables;
    my $is_table = grep { PgSample::Test::Rules::matches($pattern->{table}, @$_) } @tables;
    return 0 if !$is_named && !$is_table;
    return !$pattern->{is_literal} ? 1 : $is_named ? 3 : 2;
}

sub _names
{
    my ($pattern, $name, $schema, $table) = @_;
    my ($last, $first) = reverse @{ $pattern->{parts} };
    return 0 if $name !~ $last;
    return 1 if !$first;
    return $schema =~ $first || $table =~ $first ? 1 : 0;
}

# How many children an edge brings; undef for all.
sub cap
{
    my ($rules, $edge) = @_;
    my ($best, %n) = (0);
    for my $rule (@$rules) {
        my $rank = rank($rule->{pattern}, $edge) or next;
        ($best, %n) = ($rank) if $rank > $best;
        $n{ $rule->{n} } = 1 if $rank == $best;
    }
    croak "rules for the children of $edge->{label} contradict each other" if keys %n > 1;
    my ($n) = keys %n;
    return defined $n && $n ne '*' ? $n : undef;
}

# ---- one filter for all tables

# { column => its raw name, condition }
sub _filter
{
    my ($text) = @_;
    return { column => _value($1), condition => $text } if $text =~ /\A\s*($NAME)/;
    $text =~ /\A\s*([^\W\d]\w*)/ or croak "no column: $text";
    return { column => lc $1, condition => $text };
}

# ---- declared references

# { child, parent: patterns; expressions, columns: SQL; condition }
sub _reference
{
    my ($text) = @_;
    my $table = qr/\s*((?:[^"(]|$NAME)+?)\s*/s;
    $text =~ /\A$table$IN_PAREN\s*->/gc or croak "not a reference: $text";
    my ($child, $expressions) = ($1, $+{paren});
    $text =~ /\G$table$IN_PAREN\s*(?:\bwhen\b\s*(?<when>.*))?\z/gcsi
        or croak "not a reference: $text";
    my ($parent, $columns, $condition) = ($1, $+{paren}, $+{when});
    return {
        text        => $text,
        child       => PgSample::Test::Rules::pattern($child),
        parent      => PgSample::Test::Rules::pattern($parent),
        expressions => [ _split($expressions) ],
        columns     => [ _split($columns) ],
        condition   => $condition,
    };
}

# Between the outer parentheses, by commas.
sub _split
{
    my ($text) = @_;
    $text =~ s/\A\(|\)\z//g;
    my @parts = ('');
    while ($text =~ /\G(?:(,)|($IN_PAREN|$STRING|$NAME|[^,()'"]+))/gc) {
        if (defined $1) {
            push @parts, '';
        } else {
            $parts[-1] .= $2;
        }
    }
    return map { _trim($_) } @parts;
}

1;

__END__

=head1 NAME

PgSample::Test::SliceRules - the oracle's reading of --root, --children and the like

=head1 DESCRIPTION

Written from the documentation, independent of the program, for input without mistakes.

=head1 FUNCTIONS

=over

=item parse(values of each option)

=item read_csv(text)

Lists of fields.

=item rank(pattern, edge), cap(rules, edge)

=back

=cut
