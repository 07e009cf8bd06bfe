package PgSample::Test::RandomPeriods;

# Tables whose keys have periods, and foreign keys with PERIOD to them, for a
# PgSample::Test::RandomSchema on servers 18 and later. They are not partitioned: the server
# itself has few tests of that, see 168_periods.t.

use strict;
use warnings;

use PgSample::Test::Random     ();
use PgSample::Test::RandomData ();
use PgSample::Test::Server     ();

# Periods are of days from here on, or of numbers.
my $EPOCH = 1_577_836_800;

# Adds them, with generators of their own: the other tables stay as they are.
sub add
{
    my ($schema, $seed) = @_;
    my $random = PgSample::Test::Random->new(7_000_000 + $seed);
    my $type = $random->pick('int4range', 'daterange', 'numrange', 'int4multirange',
        'datemultirange');
    my $self = { schema => $schema, random => $random, type => $type, sql => [] };
    my $parent = _add_parent($self);
    my @children = map { _add_child($self, "booking$_", $random->percent(60), $parent) }
        1 .. $random->between(1, 2);
    _add_child($self, 'detail', $random->percent(30), $_) for grep { $_->{runs} } @children;
    push @{ $schema->{period_sql} }, @{ $self->{sql} };
    return;
}

sub _table
{
    my ($self, $name, @columns) = @_;
    my $schema = $self->{random}->pick(@{ $self->{schema}{schemas} });
    my $table = {
        number    => scalar @{ $self->{schema}{tables} },
        schema    => $schema,
        name      => $name,
        qname     => join('.', map { PgSample::Test::Server::quote_identifier($_) } $schema, $name),
        columns   => [ $self->{random}->shuffle(@columns) ],
        keys      => [],
        rows      => [],
        shape     => 'plain',
        is_period => 1,
    };
    push @{ $self->{schema}{tables} }, $table;
    return $table;
}

sub _column
{
    my ($name, $type, %more) = @_;
    return { name => $name, quoted => $name, sql => $type, %more };
}

sub _create
{
    my ($self, $table) = @_;
    my $columns = join ', ', map {
        "$_->{quoted} $_->{sql}" . ($_->{is_not_null} ? ' NOT NULL' : '')
    } @{ $table->{columns} };
    push @{ $self->{sql} }, "CREATE TABLE $table->{qname} ($columns)";
    return;
}

sub _insert
{
    my ($self, $table, @rows) = @_;
    push @{ $self->{sql} }, PgSample::Test::RandomData::insert($table, @rows);
    return;
}

sub _identity { return "[$_[0]," . ($_[0] + 1) . ')' }

# The union of spans [from, to) as a value.
sub _period
{
    my ($self, @spans) = @_;
    my @texts = map {
        '[' . join(',', map { $self->{type} =~ /\Adate/ ? _date($_) : $_ } @$_) . ')'
    } @spans;
    return $self->{type} =~ /multi/ ? '{' . join(',', @texts) . '}' : $texts[0];
}

sub _date
{
    my (undef, undef, undef, $day, $month, $year) = gmtime($EPOCH + 86_400 * $_[0]);
    return sprintf '%04d-%02d-%02d', $year + 1900, $month + 1, $day;
}

# Each of some things has rows for spans that follow each other, with gaps.
sub _add_parent
{
    my ($self) = @_;
    my $random = $self->{random};
    my $is_primary = $random->percent(70);
    my @key = (_column('id', 'int4range', is_not_null => $is_primary),
        _column('valid', $self->{type}, is_not_null => $is_primary));
    my $table = _table($self, 'room', @key, _column('note', 'text'));
    for my $id (1 .. $random->between(2, 6)) {
        my @spans;
        my $at = $random->below(5);
        for (1 .. $random->between(1, 6)) {
            $at += $random->between(1, 3) if $random->percent(25);
            my $end = $at + $random->between(1, 6);
            push @spans, [ $at, $end ];
            $at = $end;
        }
        push @{ $table->{rows} }, map {
            { id => _identity($id), valid => _period($self, @$_), note => "n$id" }
        } _groups($self, @spans);
        $table->{runs}{$id} = [ _join(@spans) ];
    }
    @{ $table->{rows} } = $random->shuffle(@{ $table->{rows} });
    push @{ $table->{rows} }, { id => undef, valid => undef, note => 'nothing' }
        if !$is_primary;
    _create($self, $table);
    _insert($self, $table, @{ $table->{rows} });
    _add_key($self, $table, $is_primary, @key);
    return $table;
}

sub _add_key
{
    my ($self, $table, $is_primary, @columns) = @_;
    push @{ $self->{sql} }, "ALTER TABLE $table->{qname} ADD "
        . ($is_primary ? 'PRIMARY KEY' : 'UNIQUE')
        . " ($columns[0]{quoted}, $columns[1]{quoted} WITHOUT OVERLAPS)";
    push @{ $table->{keys} },
        { table => $table, lead => $columns[0], is_primary => 1, columns => \@columns }
        if $is_primary;
    $table->{period_key} = \@columns;
    return;
}

# A multirange may have spans that do not follow each other.
sub _groups
{
    my ($self, @spans) = @_;
    return map { [$_] } @spans if $self->{type} !~ /multi/;
    my @groups;
    push @{ $groups[ $self->{random}->below(3) ] }, $_ for @spans;
    return grep { $_ } @groups;
}

sub _join
{
    my (@spans) = @_;
    my @runs;
    for my $span (@spans) {
        if (@runs && $runs[-1][1] == $span->[0]) {
            $runs[-1] = [ $runs[-1][0], $span->[1] ];
        } else {
            push @runs, $span;
        }
    }
    return @runs;
}

# A part of a run of some thing, as its number and the part.
sub _part
{
    my ($self, $runs) = @_;
    my $random = $self->{random};
    my $id = $random->pick(sort { $a <=> $b } keys %$runs);
    my $run = $random->pick(@{ $runs->{$id} });
    my $from = $run->[0] + $random->below($run->[1] - $run->[0]);
    return ($id, [ $from, $random->between($from + 1, $run->[1]) ]);
}

# Rows that refer to it; with a key of their own, also to rows of their own table.
sub _add_child
{
    my ($self, $name, $has_key, $parent) = @_;
    my $random = $self->{random};
    $name .= "_$parent->{number}";
    my @key = (_column('cid', 'int4range', is_not_null => $has_key),
        _column('during', $self->{type}, is_not_null => $has_key));
    my $reference = _column('ref', 'int4range', is_not_null => 0);
    my $boss = _column('boss', 'int4range', is_not_null => 0);
    my $table = _table($self, $name, @key, $reference, $boss);
    my %runs;
    for my $number (1 .. $random->between(1, 30)) {
        my ($id, $span) = _part($self, $parent->{runs});
        my @bosses = grep { $runs{$_}[0][0] <= $span->[0] && $runs{$_}[0][1] >= $span->[1] }
            sort { $a <=> $b } keys %runs;
        my $is_null = !$has_key && $random->percent(10);
        push @{ $table->{rows} }, {
            cid    => _identity($number),
            during => $is_null ? undef : _period($self, $span),
            ref    => $random->percent(10) ? undef : _identity($id),
            boss   => @bosses && $random->percent(50) ? _identity($random->pick(@bosses)) : undef,
        };
        $runs{$number} = [$span];
    }
    _create($self, $table);
    _insert($self, $table, @{ $table->{rows} });
    _add_key($self, $table, 1, @key) if $has_key;
    _add_foreign_key($self, $table, $parent, "${name}_ref", $reference, $key[1]);
    _add_foreign_key($self, $table, $table, "${name}_boss", $boss, $key[1])
        if $has_key && $random->percent(60);
    $table->{runs} = \%runs if $has_key;
    return $table;
}

# One in five is broken by rows that refer to what is not there, or not all of the time.
sub _add_foreign_key
{
    my ($self, $table, $parent, $name, @columns) = @_;
    my $random = $self->{random};
    my $state = $random->percent(80) || $table == $parent ? 'valid'
        : $random->pick('not_valid', 'bypassed');
    my @to = @{ $parent->{period_key} };
    my $sql = "ALTER TABLE $table->{qname} ADD CONSTRAINT $name"
        . " FOREIGN KEY ($columns[0]{quoted}, PERIOD $columns[1]{quoted})"
        . " REFERENCES $parent->{qname} ($to[0]{quoted}, PERIOD $to[1]{quoted})"
        . $random->pick('', '', ' DEFERRABLE', ' DEFERRABLE INITIALLY DEFERRED');
    push @{ $self->{sql} }, $sql . ($state eq 'not_valid' ? ' NOT VALID' : '');
    _add_orphans($self, $table, $parent) if $state ne 'valid';
    push @{ $self->{schema}{keys} },
        { child => $table, parent => $parent, name => $name, state => $state,
          columns => \@columns };
    return;
}

sub _add_orphans
{
    my ($self, $table, $parent) = @_;
    my @rows = map {
        my ($id, $span) = _part($self, $parent->{runs});
        {
            cid    => _identity(1000 + $_),
            during => _period($self, [ $span->[0], $span->[1] + 100 ]),
            ref    => _identity($self->{random}->percent(30) ? 5000 : $id),
        }
    } 1 .. $self->{random}->between(1, 3);
    push @{ $self->{sql} }, 'SET session_replication_role = replica';
    _insert($self, $table, @rows);
    push @{ $self->{sql} }, 'RESET session_replication_role';
    return;
}

1;

__END__

=head1 NAME

PgSample::Test::RandomPeriods - foreign keys with PERIOD for a random schema

=head1 DESCRIPTION

add(schema, seed) adds tables C<room>, C<booking> and C<detail>: a parent whose rows follow each
other in time, with gaps; children whose periods are covered by several rows
of it, with keys of their own or without; references to the table itself; ranges and multiranges;
keys that are NOT VALID or were bypassed, with rows whose periods are covered in part.

=cut
