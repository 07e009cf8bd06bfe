package PgSample::Test::RandomSlices;

# Command lines that cut slices out of a PgSample::Test::RandomSchema.

use strict;
use warnings;

use PgSample::Test::RandomRules  ();
use PgSample::Test::RandomSchema ();
use PgSample::Test::Server       ();

# Arguments of pg-sample without contradictions; files go into the directory.
sub arguments
{
    my ($schema, $directory) = @_;
    my $random = $schema->random;
    my @tables = grep { @{ $_->{rows} } } $schema->tables;
    return ('--limit=3') if !@tables;
    my @filter = $random->percent(30) ? _filters($random, @tables) : ();
    my @roots = map { _root($random, $directory, scalar @filter, $_) }
        @filter && $random->percent(50) ? () : $random->some(@tables);
    splice @roots, 3;
    # conditions may be true of no row
    my @arguments = (@filter, @roots, (@filter || @roots) ? '--missing=warn' : ());
    my $ignored = $random->percent(30) ? _some_key($random, $schema) : undef;
    push @arguments, _children($random, $schema, $ignored) if $random->percent(60);
    push @arguments, '--depth=' . $random->below(4) if $random->percent(30);
    push @arguments, '--lookup-rows=' . $random->between(1, 40) if $random->percent(20);
    push @arguments, '--ignore-fk=' . _key_name($ignored) if $ignored;
    push @arguments, _references($random, $ignored, @tables) if $random->percent(40);
    push @arguments, $random->pick('--ordered', '--ordered=asc') if $random->percent(30);
    push @arguments, '--limit=' . _csv_field(_table($random->pick(@tables)) . ' = 3')
        if $random->percent(25);
    return @arguments;
}

sub _table
{
    my ($table) = @_;
    return join '.', map { PgSample::Test::Server::quote_identifier($_) } @$table{qw(schema name)};
}

# One field of a list of rules.
sub _csv_field
{
    my ($rule) = @_;
    return $rule if $rule !~ /[",\n\r]/;
    return PgSample::Test::Server::quote_identifier($rule);
}

# ---- roots

sub _root
{
    my ($random, $directory, $is_filtered, $table) = @_;
    my $partitions = $table->{part} ? $table->{part}{partitions} : [];
    my $named = @$partitions && $random->percent(30) ? $random->pick(@$partitions) : $table;
    my $n = $random->between(1, 4);
    return '--root=' . _table($named) . ' = ' . $random->between(1, 4) if $random->percent(25);
    my $condition = PgSample::Test::RandomRules::condition($random, $table);
    return '--root=' . _table($named) . " = $n where $condition"
        if $is_filtered || $random->percent(20);
    return '--root=' . _table($named) . " = $condition" if $random->percent(15);
    return _root_by_key($random, $directory, $table) || '--root=' . _table($named) . ' = *';
}

# In the short form, or in a file.
sub _root_by_key
{
    my ($random, $directory, $table) = @_;
    my ($key) = grep { $_->{is_primary} } @{ $table->{keys} } or return;
    my @names = map { $_->{name} } @{ $key->{columns} };
    my @rows = splice @{ [ $random->some(@{ $table->{rows} }) ] }, 0, 5;
    my @keys = map { [ @$_{@names} ] } @rows;
    if ($random->percent(50)) {
        my @texts = map {
            my $text = join ',', map { _key_value($_) } @$_;
            @$_ > 1 ? "($text)" : $text
        } @keys;
        return '--root=' . _table($table) . ':' . join ',', @texts;
    }
    my $path = "$directory/roots-" . ++our $n_files . '.csv';
    open my $file, '>', $path or die "could not write $path: $!\n";
    binmode $file;
    print {$file} join(',', map { _csv_value($_) } @$_), "\n" for \@names, @keys;
    close $file or die "could not write $path: $!\n";
    return '--root-file=' . _table($table) . "=$path";
}

sub _key_value
{
    my ($text) = @_;
    return $text if $text ne '' && $text !~ /[,()"]|\A\s|\s\z/;
    return _csv_value($text);
}

sub _csv_value { return '"' . $_[0] =~ s/"/""/gr . '"' }

# ---- the rest

# A column that one table has, or several.
sub _filters
{
    my ($random, @tables) = @_;
    my @columns = map { PgSample::Test::RandomSchema::all_columns($_) } @tables;
    return () if !@columns;
    my $column = PgSample::Test::Server::quote_identifier($random->pick(@columns)->{name});
    return '--where-column='
        . $random->pick("$column IS NOT NULL", "${column}::text > '1'",
        "$column\::text ~ '[0-5a-k]' or false", "${column}::text IS DISTINCT FROM '5'");
}

# At most one rule of each rank matches an edge: a name is that of a table, or of keys. Rules
# that only match what is ignored are refused.
sub _children
{
    my ($random, $schema, $ignored) = @_;
    my $n = sub { return $random->pick(0, 1, 1, 2, 3, 5, '*') };
    my @keys = grep { !$_->{partition} && $_ != ($ignored || 0) } @{ $schema->{keys} };
    my %is_constraint = map { $_->{name} => 1 } @{ $schema->{keys} };
    my @tables = grep { my $table = $_; !$is_constraint{ $table->{name} }
            && grep { $_->{child} == $table } @keys } $schema->tables;
    my @rules;
    push @rules, '* = ' . $n->() if @keys && $random->percent(60);
    push @rules, map { _table($_) . ' = ' . $n->() } $random->some(@tables)
        if @tables && $random->percent(60);
    push @rules, map { _key_name($_) . ' = ' . $n->() } $random->some(@keys)
        if @keys && $random->percent(50);
    return map { '--children=' . _csv_field($_) } $random->shuffle(@rules);
}

sub _key_name
{
    my ($key) = @_;
    return join '.', map { PgSample::Test::Server::quote_identifier($_) }
        $key->{child}{name}, $key->{name};
}

# A key to ignore: all of its columns can be NULL, and belong to nothing else.
sub _some_key
{
    my ($random, $schema) = @_;
    my @keys = grep {
        my $key = $_;
        $key->{state} eq 'valid' && !$key->{is_early} && !$key->{is_double}
            && !$key->{partition} && !grep { $_->{is_not_null} } @{ $key->{columns} }
    } @{ $schema->{keys} };
    return @keys ? $random->pick(@keys) : undef;
}

# Between whole numbers, whether they mean each other or not; but a column that becomes NULL
# cannot be referred to.
sub _references
{
    my ($random, $ignored, @tables) = @_;
    my @columns = map {
        my $table = $_;
        map { [ $table, $_->{quoted} ] } grep { $_->{sql} =~ /\A(?:int|bigint|smallint)\z/ }
            PgSample::Test::RandomSchema::all_columns($table)
    } @tables;
    return () if !@columns;
    my ($child, $column) = @{ $random->pick(@columns) };
    my ($parent, $key) = @{ $random->pick(@columns) };
    my $expression = $random->pick($column, "$column % 7", "mod(${column}::bigint + 3, 9)",
        "coalesce($column, 1)::bigint");
    my $is_lost = $ignored && $ignored->{child} == $parent
        && grep { $_->{quoted} eq $key } @{ $ignored->{columns} };
    my $when = $random->pick('', '', " when $column > 2", " WHEN $column IS NOT NULL or true");
    return () if $is_lost;
    return '--reference=' . _table($child) . "($expression) -> " . _table($parent) . "($key)$when";
}

1;

__END__

=head1 NAME

PgSample::Test::RandomSlices - command lines that cut slices out of a random schema

=head1 FUNCTIONS

=over

=item arguments(schema, directory)

Roots of every form, --children with caps, --depth, --where-column, --lookup-rows,
--ignore-fk, --reference, --ordered. None of them contradicts another, and no root lies
outside of the filter.

=back

=cut
