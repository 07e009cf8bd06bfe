package PgSample::Test::Masks;

# Random rules of --mask for any database, and a proof of a masked dump from outside: it is held
# against the dump of the same sample without masks, row by row.

use strict;
use warnings;

use Digest::SHA ();
use Encode ();
use Exporter qw(import);
use File::Temp ();
use Test::Builder ();

use PgSample::Test::DumpText;
use PgSample::Test::Process;

our @EXPORT = qw(columns_of classes_of random_rules mask_arguments key_file masked_alike);

$Carp::Internal{ +__PACKAGE__ } = 1; # errors name the line of the test

my $test = Test::Builder->new;
my $directory = File::Temp->newdir;
my $n_keys = 0;

# ---- what there is to mask

# Columns of tables with rows, partitions and members of extensions left out: hashes.
sub columns_of
{
    my ($database) = @_;
    my @names = qw(table column type base length is_not_null is_unique is_fixed);
    my $rows = $database->rows(<<'SQL');
WITH RECURSIVE base (oid, type, typmod) AS (
       SELECT t.oid, t.oid, -1 FROM pg_type t
       UNION ALL
       SELECT b.oid, t.typbasetype, t.typtypmod FROM base b JOIN pg_type t ON t.oid = b.type AND t.typtype = 'd'
     ),
     below AS (SELECT b.* FROM base b JOIN pg_type t ON t.oid = b.type AND t.typtype <> 'd')
SELECT format('%I.%I', n.nspname, c.relname),
       quote_ident(a.attname),
       format_type(a.atttypid, a.atttypmod),
       CASE WHEN t.typtype = 'e' THEN 'enum' WHEN t.typtype = 'c' THEN 'composite' WHEN t.typelem <> 0 AND t.typlen = -1 THEN 'array'
            ELSE t.typname END,
       CASE WHEN t.typname IN ('varchar', 'bpchar') THEN greatest(a.atttypmod, b.typmod) - 4 END,
       a.attnotnull,
       EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisunique AND a.attnum = ANY (i.indkey::int2[])),
       -- nothing but keep is possible: partition keys, what is computed, excluded or in an expression
       a.attgenerated <> ''
         OR EXISTS (SELECT FROM pg_partition_tree(c.oid) p JOIN pg_partitioned_table pt ON pt.partrelid = p.relid
                          JOIN pg_attribute pa ON pa.attrelid = p.relid AND pa.attnum = ANY (pt.partattrs::int2[])
                     WHERE pa.attname = a.attname)
         OR EXISTS (SELECT FROM pg_constraint x WHERE x.conrelid = c.oid AND x.contype = 'x' AND a.attnum = ANY (x.conkey))
         OR EXISTS (SELECT FROM pg_attrdef d JOIN pg_attribute g ON g.attrelid = d.adrelid AND g.attnum = d.adnum AND g.attgenerated <> ''
                          JOIN pg_depend dp ON dp.classid = 'pg_attrdef'::regclass AND dp.objid = d.oid AND dp.refobjid = c.oid
                     WHERE d.adrelid = c.oid AND dp.refobjsubid = a.attnum)
         OR EXISTS (SELECT FROM pg_depend dp -- of version 12
                          JOIN pg_attribute g ON g.attrelid = dp.objid AND g.attnum = dp.objsubid AND g.attgenerated <> ''
                     WHERE dp.classid = 'pg_class'::regclass AND dp.objid = c.oid AND dp.refobjid = c.oid AND dp.refobjsubid = a.attnum)
  FROM pg_class c
       JOIN pg_namespace n ON n.oid = c.relnamespace
       JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
       JOIN below b ON b.oid = a.atttypid
       JOIN pg_type t ON t.oid = b.type
 WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
   AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND n.nspname !~ '^_pg_sample'
   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
 ORDER BY 1, a.attnum
SQL
    my @columns = map { my %column; @column{@names} = @$_; \%column } @$rows;
    for my $column (@columns) {
        $column->{$_} = $column->{$_} eq 't' for qw(is_not_null is_unique is_fixed);
    }
    return @columns;
}

# Pairs of "table.column" that must have the same mask: of foreign keys, also of partitions, and
# of tables that inherit.
sub _pairs
{
    my ($database) = @_;
    return @{ $database->rows(<<'SQL') };
WITH named AS (SELECT c.oid, format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace)
SELECT format('%s.%I', t1.name, a.attname), format('%s.%I', t2.name, b.attname)
  FROM pg_constraint c
       CROSS JOIN unnest(c.conkey, c.confkey) AS k (own, other)
       JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.own
       JOIN pg_attribute b ON b.attrelid = c.confrelid AND b.attnum = k.other
       JOIN named t1 ON t1.oid = coalesce(pg_partition_root(c.conrelid), c.conrelid)
       JOIN named t2 ON t2.oid = coalesce(pg_partition_root(c.confrelid), c.confrelid)
 WHERE c.contype = 'f'
UNION
SELECT format('%s.%I', t1.name, a.attname), format('%s.%I', t2.name, a.attname)
  FROM pg_inherits i
       JOIN pg_class c ON c.oid = i.inhparent AND c.relkind = 'r'
       JOIN named t1 ON t1.oid = i.inhrelid
       JOIN named t2 ON t2.oid = i.inhparent
       JOIN pg_attribute a ON a.attrelid = i.inhparent AND a.attnum > 0 AND NOT a.attisdropped
 ORDER BY 1, 2
SQL
}

# By "table.column" the members of its class, itself included, as lists of columns.
sub classes_of
{
    my ($database, @columns) = @_;
    my %column = map { ("$_->{table}.$_->{column}" => $_) } @columns;
    my %class = map { ($_ => [ $column{$_} ]) } keys %column;
    for my $pair (_pairs($database)) {
        my ($one, $other) = map { $class{$_} } @$pair;
        next if !$one || !$other || $one == $other;
        push @$one, @$other;
        $class{"$_->{table}.$_->{column}"} = $one for @$other;
    }
    return \%class;
}

# ---- rules

# Masks that different values of a class of keys survive, and others.
my %UNIQUE = (
    (map { ($_ => [ 'hash', 'pattern', 'user_name', 'uuid', 'phone', 'email' ]) } qw(text citext varchar)),
    bpchar => [ 'pattern', 'hash' ],
    (map { ($_ => ['key']) } qw(int2 int4 int8)),
    numeric => [],
    uuid    => ['uuid'],
    inet    => ['ip prefix'],
    macaddr => ['mac'],
    bytea   => ['hash'],
);
my @DATES = ('date year', 'date month', 'shift 30d', 'shift 5d', 'bucket 1y');
my %OTHER = (
    (map { ($_ => [ 'first_name', 'last_name', 'name', 'street', 'city', 'company', 'words', 'scrub', 'fixed x', 'pick a|b|c',
        'postcode', 'phone keep 1', 'pattern keep 2', 'hash 12', 'email example.org' ]) } qw(text citext varchar)),
    bpchar => [ 'pattern keep 1', 'fixed x' ],
    (map { ($_ => [ 'noise 10%', 'bucket 10', 'bucket 3' ]) } qw(int2 int4 int8 numeric float4 float8)),
    date        => \@DATES,
    timestamp   => \@DATES,
    timestamptz => \@DATES,
    (map { ($_ => ['json all']) } qw(json jsonb)),
    inet    => ['ip'],
    macaddr => ['mac'],
    uuid    => ['uuid'],
    bytea   => [ 'empty', 'hash' ],
    bool    => ['fixed t'],
    enum    => ['pick enum'],
    tsvector => ['empty'],
    xml => ['words'],

);

sub _masks_for
{
    my ($column, $is_unique) = @_;
    my @masks = @{ $UNIQUE{ $column->{base} } || [] };
    return grep { _fits($column, $_) } @masks if $is_unique;
    push @masks, @{ $OTHER{ $column->{base} } || [] };
    push @masks, 'null' if !$column->{is_not_null};
    return grep { _fits($column, $_) } @masks;
}

# The program says which are too long for a column; the test asks for what is known to fit.
sub _fits
{
    my ($column, $mask) = @_;
    my $length = $column->{length};
    return 1 if !defined $length;
    return $length >= 40 || $mask =~ /\A(?:pattern|phone|postcode|fixed|pick|null)/ || ($mask =~ /\Ahash/ && $length >= 16);
}

# Has each value a digit or a letter? Those of pattern and the like must have one.
sub _has_symbols
{
    my ($database, $class) = @_;
    for my $column (@$class) {
        return 0 if $database->value("SELECT EXISTS (SELECT FROM $column->{table} AS t WHERE t.$column->{column}::text"
                . q{ COLLATE "C" !~ '[0-9A-Za-z]')}) eq 't';
    }
    return 1;
}

sub _quote_csv
{
    my ($text) = @_;
    $text =~ s/"/""/g;
    return qq{"$text"};
}

# Rules for a random part of all classes; percent: how large it is. Of each class one member is
# named. Returns a list of { rule, mask, columns }.
sub random_rules
{
    my ($database, $random, %option) = @_;
    my @columns = columns_of($database);
    my $classes = classes_of($database, @columns);
    my (%is_done, @rules);
    for my $column (@columns) {
        my $class = $classes->{"$column->{table}.$column->{column}"};
        next if $is_done{$class}++ || !$random->percent($option{percent} || 70);
        next if grep { $_->{is_fixed} } @$class;
        my $is_unique = grep { $_->{is_unique} } @$class;
        $is_unique = 1 if @$class > 1;
        my %count;
        $count{$_}++ for map { _masks_for($_, $is_unique) } @$class;
        my @masks = grep { $count{$_} == @$class } sort keys %count;
        @masks = grep { $_ !~ /\A(?:pattern|phone|postcode)/ } @masks if !_has_symbols($database, $class);
        @masks = $option{choose}->($class, @masks) if $option{choose};
        next if !@masks;
        my $mask = $random->pick(@masks);
        my $member = $random->pick(@$class);
        my $text = "$member->{table}.$member->{column} = $mask";
        push @rules, { rule => $text, mask => $mask, columns => $class };
    }
    return @rules;
}

# The options that mask by these rules.
sub mask_arguments
{
    my ($key_file, @rules) = @_;
    return ("--mask-key-file=$key_file", map { '--mask=' . _quote_csv($_->{rule}) } @rules);
}

# A key made of the text; a new file for each call.
sub key_file
{
    my ($text) = @_;
    my $path = "$directory/" . ++$n_keys . '.key';
    open my $file, '>:raw', $path or die "could not write $path: $!\n";
    print {$file} Digest::SHA::sha256($text);
    close $file or die "could not write $path: $!\n";
    chmod 0600, $path;
    return $path;
}

# ---- the proof from outside

# Are values of the class compared as those of the type: all are of it, or a key is?
sub _is_compared_as
{
    my ($class, $base) = @_;
    return (grep { $_->{base} eq $base && $_->{is_unique} } @$class) || !grep { $_->{base} ne $base } @$class;
}

# Equal for values that are equal in the class.
sub _canonical
{
    my ($class, $column, $text) = @_;
    $text =~ s/ +\z// if $column->{base} eq 'bpchar' || _is_compared_as($class, 'bpchar');
    $text = lc Encode::decode('UTF-8', $text) if _is_compared_as($class, 'citext');
    $text =~ s/(\.\d*?)0+\z/$1/, $text =~ s/\.\z// if $column->{base} eq 'numeric';
    return $text;
}

# Compares the blocks of the two dumps. Masked columns: NULL stays NULL (but for the mask null),
# equal values of a class stay equal, and different ones different if it has a key. All others: the
# same bytes. Returns problems.
sub _problems
{
    my ($raw, $masked, $rules) = @_;
    my %rule_of = map { my $rule = $_; map { ("$_->{table}.$_->{column}" => [ $rule, $_ ]) } @{ $rule->{columns} } } @$rules;
    my @raw = PgSample::Test::DumpText->new($raw)->blocks;
    my @masked = PgSample::Test::DumpText->new($masked)->blocks;
    my (@problems, %seen, %count);
    return 'other blocks of rows: ' . join(' ', map { "$_->{table}:" . @{ $_->{lines} } } @masked)
        if join("\n", map { "$_->{table} @{$_->{columns}}" } @raw) ne join("\n", map { "$_->{table} @{$_->{columns}}" } @masked);
    for my $i (0 .. $#raw) {
        my ($block, $other) = ($raw[$i], $masked[$i]);
        push @problems, "$block->{table} has another number of rows" if @{ $block->{lines} } != @{ $other->{lines} };
        next if $block->{table} =~ /pg_sample_postponed/;
        _compare_block($block, $other, \%rule_of, \%seen, \%count, \@problems);
    }
    for my $rule (@$rules) {
        my $changed = $count{$rule}{changed} || 0;
        my $n = $count{$rule}{values} || 0;
        push @problems, "nothing of $n values is masked by $rule->{rule}" if $n > 20 && !$changed && $rule->{mask} !~ /\A(?:keep|fixed|noise|bucket|scrub)/;
    }
    return (\@problems, \%count);
}

sub _compare_block
{
    my ($block, $other, $rule_of, $seen, $count, $problems) = @_;
    my @found = map { $rule_of->{"$block->{table}.$_"} } @{ $block->{columns} };
    for my $j (0 .. $#{ $block->{lines} }) {
        my @raw = split /\t/, $block->{lines}[$j], -1;
        my @masked = split /\t/, ($other->{lines}[$j] // ''), -1;
        for my $k (0 .. $#raw) {
            my $name = "$block->{table}.$block->{columns}[$k]";
            my $problem = !$found[$k] ? ($raw[$k] eq ($masked[$k] // '') ? undef : 'is not to be masked, and has changed')
                : _compare_value($found[$k], $raw[$k], $masked[$k] // '', $seen, $count);
            push @$problems, "$name, line $j: $problem: $raw[$k] -> " . ($masked[$k] // 'nothing') if defined $problem;
            return if @$problems > 10;
        }
    }
    return;
}

sub _compare_value
{
    my ($found, $raw, $masked, $seen, $count) = @_;
    my ($rule, $column) = @$found;
    return $masked eq '\N' ? undef : 'should be NULL' if $rule->{mask} eq 'null';
    return $raw eq $masked ? undef : 'NULL has not stayed NULL' if $raw eq '\N' || $masked eq '\N';
    $count->{$rule}{values}++;
    $count->{$rule}{changed}++ if $raw ne $masked;
    return if $rule->{mask} =~ /\b(?:by|scrub)\b/; # depends on other columns of the row
    my ($from, $to) = map { _canonical($rule->{columns}, $column, $_) } $raw, $masked;
    my $is_key = grep { $_->{is_unique} } @{ $rule->{columns} };
    my $map = $seen->{$rule} ||= {};
    my $base = $column->{base};
    return 'the same value has two masks' if defined $map->{to}{"$base $from"} && $map->{to}{"$base $from"} ne $to;
    return 'two values have the same mask' if $is_key && @{ $rule->{columns} } == 1 && _is_lone_key($rule)
        && defined $map->{from}{$to} && $map->{from}{$to} ne $from;
    $map->{to}{"$base $from"} = $to;
    $map->{from}{$to} = $from;
    return;
}

sub _is_lone_key { return $_[0]{mask} =~ /\A(?:key|uuid|hash\z|pattern\z|user_name|email|mac|ip prefix)/ }

# The assertion. Returns the number of values that were masked, or 0.
sub masked_alike
{
    my ($raw, $masked, $rules, $name) = @_;
    my ($problems, $count) = _problems($raw, $masked, $rules);
    $problems = [$problems] if !ref $problems;
    $test->ok(!@$problems, $name);
    $test->diag($_) for @$problems;
    my $n = 0;
    $n += $_->{values} || 0 for values %{ $count || {} };
    return @$problems ? 0 : $n;
}

1;

__END__

=head1 NAME

PgSample::Test::Masks - random masks, and a proof of them from outside

=head1 SYNOPSIS

    my @rules = random_rules($db, PgSample::Test::Random->new(7), percent => 50);
    my @arguments = mask_arguments(key_file('a'), @rules);
    my $raw = $db->sample('--limit=20')->stdout;
    my $masked = $db->sample('--limit=20', @arguments)->stdout;
    masked_alike($raw, $masked, \@rules, 'masked, and nothing else');

=head1 DESCRIPTION

C<random_rules> reads the catalogs for itself: columns, keys, and the classes that foreign keys
make of them. It asks only for masks that must be accepted: injective ones for classes with a key
or more than one column, none for partition keys, generated columns and what these depend on.

C<masked_alike> compares the COPY blocks of two dumps of the same sample line by line: columns
without a rule have the same bytes; NULL stays NULL; equal values of a class (canonical ones for
citext, char(n) and numeric) have equal masks, and different ones of a key different masks.

=cut
