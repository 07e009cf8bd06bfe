#!/usr/bin/perl
# Finds SQL whose meaning depends on the search_path: operators that are not written
# OPERATOR(schema.op), constructs that look one up by its bare name (IN, IS DISTINCT FROM,
# BETWEEN, LIKE, NULLIF, USING, ...), and functions and types without their schema.
# Prints FILE:LINE: MESSAGE.
#
#     bare-sql.pl FILE ...            checks files of SQL, and the strings of C files
#     bare-sql.pl --names FILE ...    checks functions and types only
use strict;
use warnings;

# Words that look like calls but are not, or are calls that SQL itself defines.
my %is_keyword = map { $_ => 1 } qw(
    abort add all analyze and any array as asc begin by cascade case cast check close
    cluster coalesce collate column comment commit concurrently constraint constraints copy
    create cross current_role current_user data database declare default deferrable
    deferred delete desc disable distinct do drop each else enable end escape except
    exclusive execute exists explain extract false fetch filter first for foreign from full grant
    greatest group having identity if immediate in index inherits initially inner insert
    intersect into is isolation join key lateral least left level like limit local lock
    materialized mode natural not notify nowait null nulls of off offset on only operator
    option or order outer over overriding owned partition precision prepare primary
    procedure public recursive references refresh reindex release rename repeatable replace
    reset restrict returning right role rollback row rows rule savepoint schema select
    sequence session session_user set share show skip some stdin stdout storage system
    table tablespace temp temporary then to transaction trigger true truncate type union
    unique unlisten unlogged update user using vacuum value values verbose view wait when
    where window with without work write);

# Types that the grammar resolves in pg_catalog.
my %is_grammar_type = map { $_ => 1 } qw(int integer smallint bigint real float boolean
    numeric decimal dec character varchar char bit time timestamp interval national nchar);

my ($file, %said);
my $is_names_only = @ARGV && $ARGV[0] eq '--names' ? shift @ARGV : undef;

sub report
{
    my ($line, $message) = @_;
    return if $is_names_only && $message !~ /^(?:function|type) /;
    print "$file:$line: $message\n" unless $said{"$file:$line: $message"}++;
}

# [KIND, TEXT, LINE] of the words, operators and signs of a piece of SQL.
sub scan
{
    my ($sql, $line) = @_;
    my @tokens;
    while ($sql =~ /\G(?:
          (?<space>\s+|--[^\n]*)
        | (?<literal>[eE]?'(?:[^']|'')*(?:'|\z))
        | (?<name>"(?:[^"]|"")*(?:"|\z))
        | (?<word>[A-Za-z_][A-Za-z_0-9\$]*|\$\d+|\x01)
        | (?<number>[0-9][0-9.]*)
        | (?<sign>::|:=|[(),.;\[\]{}:])
        | (?<operator>[-+*\/<>=~!@#%^&|`?]+)
        | (?<other>.))/gsx)
    {
        my ($kind) = keys %+;
        push @tokens, [$kind, $+{$kind}, $line] unless $kind eq 'space';
        $line += ($+{$kind} =~ tr/\n//);
    }
    return @tokens;
}

sub look_at_operator
{
    my ($tokens, $i, $is_setting) = @_;
    my ($text, $line) = @{ $tokens->[$i] }[1, 2];
    my @before = map { $i >= $_ ? lc $tokens->[ $i - $_ ][1] : '' } 1 .. 4;
    my $after = $tokens->[ $i + 1 ] // ['', '', 0];
    return if $before[0] eq '.' && $before[2] eq '(' && $before[3] eq 'operator';
    return if $text eq '*' && $before[0] =~ /^(?:[(.,]|select|returning|distinct|)$/;
    return if $text eq '-' && $after->[0] eq 'number'
        && $before[0] =~ /^(?:[(,)]|then|else|and|or|select|when|)$/;
    return if $text eq '=' && $is_setting;
    report($line, "operator without a schema: $text");
}

sub look_at_word
{
    my ($tokens, $i) = @_;
    my ($kind, $text, $line) = @{ $tokens->[$i] };
    my ($before, $before2) = map { $i >= $_ ? $tokens->[ $i - $_ ][1] : '' } 1, 2;
    my @after = map { lc +($tokens->[ $i + $_ ] // ['', ''])->[1] } 1 .. 3;
    my $word = lc $text;
    if ($kind eq 'word')
    {
        report($line, 'IN looks for an operator =') if $word eq 'in' && $after[0] eq '(';
        report($line, "\U$word\E looks for an operator")
            if $word =~ /^(?:between|like|ilike|similar|nullif|overlaps)$/;
        report($line, 'IS DISTINCT FROM looks for an operator =')
            if $word eq 'distinct' && $after[0] eq 'from' && $after[1] ne 'null';
        report($line, 'CASE with a value looks for an operator =')
            if $word eq 'case' && $after[0] !~ /^(?:when|)$/;
        report($line, 'USING looks for an operator =')
            if $word eq 'using' && $after[0] eq '(';
        report($line, 'collation without a schema')
            if $word eq 'collate' && $after[1] ne '.' && $after[0] ne "\x01";
        report($line, 'NATURAL looks for an operator =') if $word eq 'natural';
    }
    return if $before eq '.' || $text eq "\x01";
    if ($before eq '::')
    {
        report($line, "type without a schema: $text")
            if $after[0] ne '.' && !($kind eq 'word' && $is_grammar_type{$word});
    }
    elsif ($after[0] eq '(' && $kind eq 'word' && !$is_keyword{$word})
    {
        return if lc $before eq 'as' || lc $before2 eq 'as' || $before eq ')';
        return if lc($before) =~ /^(?:into|table|with|recursive|index|prepare|unique|,|on)$/
            && $word !~ /^(?:count|max|min|lower|format|quote)/;
        report($line, "function without a schema: $text");
    }
}

# In the list of an UPDATE's SET, in SET of a parameter and in WITH (...), = is no operator.
sub look_at
{
    my ($sql, $line) = @_;
    my @tokens = scan($sql, $line);
    my ($depth, $set_depth) = (0, $sql =~ /^\x01+ = \w+\.\x01$/ ? 0 : undef);
    for my $i (0 .. $#tokens)
    {
        my ($kind, $text) = @{ $tokens[$i] };
        my $word = lc $text;
        $depth++ if $text eq '(';
        $depth-- if $text eq ')';
        $set_depth = $depth
            if $word eq 'set' || $text eq '(' && $i > 0 && lc $tokens[ $i - 1 ][1] eq 'with';
        undef $set_depth
            if defined $set_depth
            && ($depth < $set_depth || $word =~ /^(?:from|where|returning|;)$/);
        my $is_setting = defined $set_depth && $depth == $set_depth;
        look_at_operator(\@tokens, $i, $is_setting) if $kind eq 'operator';
        look_at_word(\@tokens, $i) if $kind eq 'word' || $kind eq 'name';
    }
}

# Calls whose strings are SQL; other strings are SQL if they begin like it.
my $builders = qr/^(?:append(?:Binary)?PQExpBuffer(?:Str|Char)?|db_(?!set_context)\w+
    |attempt_(?!fail)\w+|registry_attempt)$/x;
my $statements = qr/^\s*(?:SELECT|WITH|INSERT|UPDATE|DELETE|COPY|CREATE|ALTER|DROP|SET|FROM
    |WHERE|AND|OR|LEFT|JOIN|ON|ORDER|GROUP|LOCK|TRUNCATE|RETURNING|VALUES|CASE)\b/x;

# Adjacent strings are one piece; a \x01 takes the place of a value.
sub look_at_c
{
    my ($text) = @_;
    my ($line, @calls, $piece, $piece_line, $last) = (1);
    my $flush = sub {
        my $call = @calls ? $calls[-1] // '' : '';
        look_at($piece, $piece_line)
            if defined $piece && ($call =~ $builders || $piece =~ $statements);
        undef $piece;
    };
    while ($text =~ /\G(?:(?<comment>\/\*.*?\*\/|\/\/[^\n]*|^\#[^\n]*)
        |"(?<string>(?:[^"\\]|\\.)*)"
        |(?<char>'(?:[^'\\]|\\.)*')
        |(?<word>[A-Za-z_]\w*)
        |(?<space>\s+)
        |(?<other>.))/gmsx)
    {
        my ($kind) = keys %+;
        my $found = $+{$kind};
        my $n_lines = ($found =~ tr/\n//);
        if ($kind eq 'string')
        {
            $found =~ s/\\[nt]/ /g;
            $found =~ s/\\(.)/$1/g;
            $found =~ s/%[-0-9.*]*(?:ll|l|z)?[sducgfxX]/\x01/g;
            $found =~ s/%%/%/g;
            $found =~ s/%$/\x01/;
            if (defined $piece) { $piece .= $found }
            else { ($piece, $piece_line) = ($found, $line) }
        }
        elsif ($kind eq 'word' && defined $piece && $found =~ /^[A-Z][A-Z_0-9]+$/)
        {
            $piece .= "\x01" unless $found =~ /^PRI/;
        }
        elsif ($kind eq 'word' || $kind eq 'other' || $kind eq 'char')
        {
            $flush->();
            push @calls, $last if $found eq '(';
            pop @calls if $found eq ')';
            $last = $kind eq 'word' ? $found : undef;
        }
        $line += $n_lines;
    }
    $flush->();
}

for (@ARGV)
{
    $file = $_;
    open my $in, '<', $file or die "$file: $!\n";
    my $text = do { local $/; <$in> };
    $file =~ /\.sql$/ ? look_at($text, 1) : look_at_c($text);
}
