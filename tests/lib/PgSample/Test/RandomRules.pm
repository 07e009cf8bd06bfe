package PgSample::Test::RandomRules;

# Command lines made up for a PgSample::Test::RandomSchema.

use strict;
use warnings;

use PgSample::Test::RandomSchema ();
use PgSample::Test::Server ();

# Arguments of pg-sample; the same at each call with the same state of the generator.
sub arguments
{
    my ($schema) = @_;
    my $random = $schema->random;
    my @arguments = _limits($random, $schema->tables);
    push @arguments, $random->pick('--ordered', '--ordered=desc', '--ordered=asc')
        if $random->percent(30);
    push @arguments, _selection($random, $schema->tables) if $random->percent(20);
    push @arguments, '--inserts', '--rows-per-insert=' . $random->between(1, 5)
        if $random->percent(15);
    return @arguments;
}

# The same with picks that have no oracle.
sub random_arguments
{
    my ($schema) = @_;
    my $random = $schema->random;
    return ('--limit=* = ' . $random->pick($random->between(1, 9), '30%'),
        $random->pick('--random', '--random=' . $random->below(1000), '--random=stable'));
}

# Rules in one or two arguments; none now and then.
sub _limits
{
    my ($random, @tables) = @_;
    return () if $random->percent(5);
    my @rules = map { _rule($random, $random->pick(@tables)) } 1 .. $random->between(1, 4);
    push @rules, $random->pick('', '* = ') . $random->pick(0, 0, 1, 3, 7, '*')
        if $random->percent(75);
    my $cut = $random->below(scalar @rules);
    my @arguments = ([ @rules[ 0 .. $cut ] ], [ @rules[ $cut + 1 .. $#rules ] ]);
    return map { '--limit=' . join ', ', map { _csv_field($_) } @$_ } grep { @$_ } @arguments;
}

sub _csv_field
{
    my ($rule) = @_;
    return $rule if $rule !~ /[",\n\r]/;
    return PgSample::Test::Server::quote_identifier($rule);
}

# With a condition the pattern must be for one table.
sub _rule
{
    my ($random, $table) = @_;
    my $partitions = $table->{part} ? $table->{part}{partitions} : [];
    my $named = @$partitions && $random->percent(40) ? $random->pick(@$partitions) : $table;
    my $one = _quoted_name($named->{schema}) . '.' . _quoted_name($named->{name});
    my $condition = condition($random, $table);
    return "$one = $condition" if $random->percent(20);
    return "$one = " . $random->below(9) . $random->pick(' where ', ' WHERE ') . $condition
        if $random->percent(20);
    my $rows = $random->pick('*', 0, 1, 2, $random->below(20), $random->below(20));
    my $pattern = $named == $table ? _pattern($random, $table, $one) : $one;
    return "$one = " . $random->pick('5%', '20%', '33.3%')
        if !@$partitions && $random->percent(10);
    return "$pattern = $rows";
}

# Quoted when it must be, and sometimes when it need not.
sub _quoted_name
{
    my ($name) = @_;
    return $name if $name =~ /\A[a-z_][a-z0-9_]*\z/;
    return PgSample::Test::Server::quote_identifier($name);
}

sub _pattern
{
    my ($random, $table, $exact) = @_;
    my $letter = $table->{name} =~ /\A([a-z])/ ? $1 : undef;
    return $random->pick(
        $exact, $exact,
        _quoted_name($table->{name}),
        _quoted_name($table->{schema}) . '.*',
        ($letter ? ("$letter*", "*.$letter*", "\U$letter\E*") : ()),
        ($table->{name} =~ /\At\d\z/ ? ('t?', 'T' . substr $table->{name}, 1) : ()),
    );
}

# Conditions that any table can answer; of a column where it has one.
sub condition
{
    my ($random, $table) = @_;
    my @columns = PgSample::Test::RandomSchema::all_columns($table);
    my @conditions = ('true', 'NULL', 'not false', '1 IN (2, 1)');
    if (@columns) {
        my $column = $random->pick(@columns)->{quoted};
        push @conditions, "$column IS NOT NULL", "length($column\::text) % 2 = 0",
            "$column\::text > 'a,b' or $column\::text < '1' -- \"comment\"",
            "coalesce($column\::text, '') not in ('x', '=', E'\\n')",
            "md5($column\::text) < '8'";
        push @conditions, "$table->{part}{column}{quoted} between 2 and 7" if $table->{part};
    }
    return $random->pick(@conditions);
}

# Up crosses each of these.
sub _selection
{
    my ($random, @tables) = @_;
    my $table = $random->pick(@tables);
    my $one = _quoted_name($table->{schema}) . '.' . _quoted_name($table->{name});
    return $random->pick(
        [ '-t', $one ],
        [ '-t', $one, '-t', _pattern($random, $random->pick(@tables), $one) ],
        [ '-n', _quoted_name($table->{schema}) ],
        ['--table=' . $one],
        (@tables > 2 ? ([ '-T', $one ]) : ()),
    )->@*;
}

1;

__END__

=head1 NAME

PgSample::Test::RandomRules - command lines made up for a random schema

=head1 FUNCTIONS

=over

=item arguments(schema)

--limit with rules of every form, patterns and conditions, --ordered, a selection, --inserts.

=item random_arguments(schema)

With --random, for picked_is_enough().

=back

=cut
