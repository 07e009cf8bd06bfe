package PgSample::Test::RandomSchema;

# A database made up from a seed: tables, keys, foreign keys of every shape, and rows.

use strict;
use warnings;

use Carp qw(croak);

use PgSample::Test::Random;
use PgSample::Test::RandomData ();
use PgSample::Test::RandomPeriods ();
use PgSample::Test::RandomTypes ();
use PgSample::Test::Server ();

my @NASTY_NAMES = (
    'Mixed Case', 'with"quote', "new\nline", 'select', 'user', "\xc3\xbcn\xc3\xafcode",
    'x' x 63, "tab\tname", 'dot.ted', 'a=b', 'com,ma', '100%', q(it's), 'back\\slash', '*',
    'wh?t', '%I', ' blank ', '--', '\\.', "\xd1\x82\xd0\xb0\xd0\xb1\xd0\xbb", '$1', '1'
);

my %template; # by server

# With {periods => 1} some tables have keys with periods, which servers know since 18.
sub new
{
    my ($class, $seed, %option) = @_;
    my $self = bless {
        seed    => $seed,
        random  => PgSample::Test::Random->new($seed),
        tables  => [],
        keys    => [],
        serial  => 0,
        is_used => {},
    }, $class;
    my $n = $self->{random}->between(2, 12);
    my @schemas = ('public', map { $self->_name('', "s$_") } 1 .. 2);
    $self->{schemas} = [ @schemas[ 0 .. $self->{random}->below(3) ] ];
    $self->_add_table for 1 .. $n;
    $self->_add_foreign_keys($_) for @{ $self->{tables} };
    PgSample::Test::RandomData::fill($self);
    PgSample::Test::RandomPeriods::add($self, $seed) if $option{periods};
    return $self;
}

sub tables { return @{ $_[0]{tables} } }
sub random { return $_[0]{random} }

sub _quote { return PgSample::Test::Server::quote_identifier($_[0]) }

# A name not yet used in the scope; sometimes one that is hard to quote.
sub _name
{
    my ($self, $scope, $plain) = @_;
    my $name = $self->{random}->percent(20) ? $self->{random}->pick(@NASTY_NAMES) : $plain;
    my $serial = ++$self->{serial};
    $name = "${plain}_$serial" if $self->{is_used}{"$scope\0$name"}++;
    return $name;
}

# ---- tables

sub _add_table
{
    my ($self) = @_;
    my $random = $self->{random};
    my $number = @{ $self->{tables} };
    my $schema = $random->pick(@{ $self->{schemas} });
    my $name = $self->_name($schema, "t$number");
    my $table = {
        number  => $number,
        schema  => $schema,
        name    => $name,
        qname   => _quote($schema) . '.' . _quote($name),
        columns => [],
        keys    => [],
        rows    => [],
        n_rows  => $random->percent(10) ? 0 : $random->between(1, 40),
        shape   => 'plain',
    };
    push @{ $self->{tables} }, $table;
    return $table->{shape} = 'empty' if $number > 1 && $random->percent(6);
    return if $number > 1 && $random->percent(10) && $self->_inherit($table);
    $self->_add_partitions($table) if $random->percent(25);
    $self->_add_primary_key($table) if $random->percent(88);
    $self->_add_unique_key($table) if $random->percent(30);
    $self->_add_payload($table) for 1 .. $random->below(5);
    $self->_add_payload($table) if !@{ $table->{columns} };
    return;
}

sub _add_column
{
    my ($self, $table, $plain, %column) = @_;
    # a name that an ancestor has, now or later, would be merged with the ancestor's column
    my $name = $table->{inherits}
        ? "own$table->{number}_" . ++$self->{serial}
        : $self->_name("column $table->{number}", $plain);
    my $column = { name => $name, %column };
    $column->{quoted} = _quote($column->{name});
    push @{ $table->{columns} }, $column;
    return $column;
}

sub _add_key_column
{
    my ($self, $table, $plain, $type) = @_;
    return $self->_add_column(
        $table, $plain,
        type => $type,
        sql  => PgSample::Test::RandomTypes::declaration($type),
        fill => sub { PgSample::Test::RandomTypes::value($type, $_[0]) }
    );
}

# Its own columns behind those of another table; the other's foreign keys are not inherited.
sub _inherit
{
    my ($self, $table) = @_;
    my @parents = grep { $_->{shape} eq 'plain' && @{ $_->{keys} } && !$_->{inherits} }
        grep { $_ != $table } @{ $self->{tables} };
    @parents = grep { !grep { $_->{is_filled_early} } @{ $_->{columns} } } @parents;
    return 0 if !@parents;
    $table->{inherits} = $self->{random}->pick(@parents);
    $table->{inherits}{is_inherited} = 1;
    $self->_add_payload($table);
    $self->_add_unique_key($table) if $self->{random}->percent(50);
    return 1;
}

sub all_columns
{
    my ($table) = @_;
    return (
        ($table->{inherits} ? all_columns($table->{inherits}) : ()),
        @{ $table->{columns} }
    );
}

sub _add_payload
{
    my ($self, $table) = @_;
    my ($sql, $fill) = @{ PgSample::Test::RandomTypes::payload($self->{random}) };
    $self->_add_column($table, 'p', sql => $sql, fill => $fill, is_payload => 1);
    return;
}

sub _add_primary_key
{
    my ($self, $table) = @_;
    my $random = $self->{random};
    my $width = $random->pick(1, 1, 1, 2, 2, 3);
    my @columns = map {
        $self->_add_key_column($table, "id$_",
            PgSample::Test::RandomTypes::key_type($random, $_ > 1))
    } 1 .. $width;
    my $lead = $columns[0];
    push @columns, $self->_identifying_columns($table);
    push @columns, $table->{part}{column} if $table->{part};
    $lead->{identity} = $random->pick('ALWAYS', 'BY DEFAULT')
        if $lead->{sql} =~ /\A(?:int|bigint)\z/ && !$table->{part} && $random->percent(30);
    $self->_add_key($table, $lead, is_primary => 1, columns => [ $random->shuffle(@columns) ]);
    $self->_add_generated_key($table, $lead)
        if $lead->{sql} eq 'int' && !$table->{part} && $random->percent(20);
    return;
}

sub _add_key
{
    my ($self, $table, $lead, %key) = @_;
    push @{ $table->{keys} }, { table => $table, lead => $lead, %key };
    return;
}

sub _add_generated_key
{
    my ($self, $table, $base) = @_;
    my $column = $self->_add_key_column($table, 'gen', 'int');
    $column->{generated} = "$base->{quoted} + 1000";
    $column->{compute} = sub { $_[0]{ $base->{name} } + 1000 };
    $self->_add_key($table, $column, columns => [$column]);
    return;
}

sub _add_unique_key
{
    my ($self, $table) = @_;
    my $random = $self->{random};
    my @columns = map {
        $self->_add_key_column($table, "u$_",
            PgSample::Test::RandomTypes::key_type($random, $_ > 1))
    } 1 .. $random->pick(1, 1, 2);
    $_->{is_nullable} = $random->percent(40) for @columns;
    my $lead = $columns[0];
    push @columns, $table->{part}{column} if $table->{part};
    $self->_add_key($table, $lead, columns => [ $random->shuffle(@columns) ],
        is_index_only => $random->percent(30));
    return;
}

# ---- partitions, by a column of ten values

sub _add_partitions
{
    my ($self, $table) = @_;
    my $random = $self->{random};
    my $column = $self->_add_key_column($table, 'part', 'smallint');
    $column->{fill} = sub { $_[0] % 10 };
    $table->{part} = $self->_partitioning($table, $column, 0);
    $table->{shape} = 'partitioned';
    return;
}

sub _partitioning
{
    my ($self, $table, $column, $level) = @_;
    my $random = $self->{random};
    my $strategy = $random->pick('LIST', 'RANGE', 'HASH');
    my @bounds = $strategy eq 'LIST' ? _list_bounds($random)
        : $strategy eq 'RANGE'       ? _range_bounds($random)
        :                              _hash_bounds($random);
    my @partitions;
    for my $bound ($random->shuffle(@bounds)) {
        my $name = $self->_name($table->{schema}, "t$table->{number}_p");
        my $partition = {
            %$bound,
            schema => $table->{schema},
            name   => $name,
            qname  => _quote($table->{schema}) . '.' . _quote($name),
            is_attached => $random->percent(30),
        };
        $partition->{part} = $self->_partitioning($table, $column, 1)
            if !$level && $random->percent(20);
        push @partitions, $partition;
    }
    return { strategy => $strategy, column => $column, partitions => \@partitions };
}

sub _list_bounds
{
    my ($random) = @_;
    my @values = $random->shuffle(0 .. 9);
    my @groups = ([ splice @values, 0, 3 ], [ splice @values, 0, 3 ], \@values);
    my @bounds = map {
        my %is_in = map { $_ => 1 } @$_;
        { sql => 'FOR VALUES IN (' . join(', ', @$_) . ')', holds => sub { $is_in{ $_[0] } } }
    } @groups;
    $bounds[2]{sql} = 'DEFAULT' if $random->percent(40);
    return @bounds;
}

sub _range_bounds
{
    my ($random) = @_;
    my $cut = $random->between(2, 6);
    my @bounds = (
        {
            sql   => "FOR VALUES FROM (MINVALUE) TO ($cut)",
            holds => sub { $_[0] < $cut }
        },
        {
            sql   => "FOR VALUES FROM ($cut) TO (8)",
            holds => sub { $_[0] >= $cut && $_[0] < 8 }
        },
        { sql => 'FOR VALUES FROM (8) TO (MAXVALUE)', holds => sub { $_[0] >= 8 } },
    );
    $bounds[2]{sql} = 'DEFAULT' if $random->percent(40);
    return @bounds;
}

sub _hash_bounds
{
    my ($random) = @_;
    my $n = $random->between(2, 3);
    return map { { sql => "FOR VALUES WITH (MODULUS $n, REMAINDER $_)" } } 0 .. $n - 1;
}

# Partitions of which the generator knows which rows they hold.
sub _known_partitions
{
    my ($table) = @_;
    return () if !$table->{part};
    return grep { $_->{holds} } @{ $table->{part}{partitions} };
}

# ---- foreign keys

# Columns of the primary key that refer to an earlier table.
sub _identifying_columns
{
    my ($self, $table) = @_;
    my @keys = map { @{ $_->{keys} } }
        grep { $_->{number} < $table->{number} && $_->{n_rows} } @{ $self->{tables} };
    @keys = grep { !grep { $_->{is_nullable} } @{ $_->{columns} } } @keys;
    return () if !@keys || !$self->{random}->percent(20);
    my $key = $self->{random}->pick(@keys);
    my @columns = $self->_referencing_columns($table, $key, 'f');
    $_->{is_filled_early} = 1 for @columns;
    $self->_add_foreign_key($table, $key, \@columns, is_early => 1);
    return @columns;
}

sub _referencing_columns
{
    my ($self, $table, $key, $plain) = @_;
    my $random = $self->{random};
    return map {
        my $type = $_->{own} || $_->{type};
        my $own = PgSample::Test::RandomTypes::referencing_type($random, $type);
        $self->_add_column(
            $table, $plain,
            type        => $type,
            own         => $own,
            sql         => PgSample::Test::RandomTypes::declaration($own),
            is_referring => 1,
            fill        => sub { _dangling_value($random, $type, $own, $_[0]) }
        );
    } @{ $key->{columns} };
}

# A value that no key has.
sub _dangling_value
{
    my ($random, $type, $own, $i) = @_;
    for my $try (0 .. 8) {
        my $value = PgSample::Test::RandomTypes::value($type, 5000 + 10 * $i + $try);
        $value = PgSample::Test::RandomTypes::reference($random, $type, $own, $value);
        return $value if defined $value;
    }
    return undef;
}

sub _add_foreign_keys
{
    my ($self, $table) = @_;
    my $random = $self->{random};
    return if $table->{shape} eq 'empty';
    my @keys = map { @{ $_->{keys} } } @{ $self->{tables} };
    return if !@keys;
    for my $number (1 .. $random->pick(0, 1, 1, 1, 2, 2, 3)) {
        my @own = @{ $table->{keys} };
        my $key = @own && $random->percent(20) ? $random->pick(@own) : $random->pick(@keys);
        my @columns = $self->_referencing_columns($table, $key, "r$number");
        $self->_add_foreign_key($table, $key, \@columns);
    }
    return;
}

sub _add_foreign_key
{
    my ($self, $table, $key, $columns, %more) = @_;
    my $random = $self->{random};
    my $foreign_key = {
        child   => $table,
        parent  => $key->{table},
        key     => $key,
        columns => $columns,
        order   => [ $random->shuffle(0 .. $#$columns) ],
        name    => $self->_name("constraint $table->{number}", "fk$self->{serial}"),
        full    => $random->percent(20),
        number  => scalar @{ $self->{keys} },
        state   => 'valid',
        options => $random->pick('', '', 'ON DELETE CASCADE', 'ON UPDATE SET NULL',
            'DEFERRABLE', 'ON DELETE SET DEFAULT DEFERRABLE INITIALLY DEFERRED'),
        is_not_null => $random->percent(25),
        is_double   => $random->percent(5),
        %more
    };
    $self->_narrow($foreign_key) if !$more{is_early};
    if (!$more{is_early} && $random->percent(20)) {
        $foreign_key->{state} = 'bypassed';
        $foreign_key->{state} = 'not_valid'
            if $random->percent(50) && !($foreign_key->{partition} || $table)->{part};
    }
    push @{ $self->{keys} }, $foreign_key;
    return;
}

# Keys on, or to, one partition only.
sub _narrow
{
    my ($self, $foreign_key) = @_;
    my $random = $self->{random};
    my @from = _known_partitions($foreign_key->{child});
    my @to = _known_partitions($foreign_key->{parent});
    $foreign_key->{partition} = $random->pick(@from) if @from && $random->percent(30);
    # PostgreSQL does not let a table refer to a partition of its own
    # The server cannot make a key from a partitioned table to a partition of its own.
    $foreign_key->{parent_partition} = $random->pick(@to)
        if $foreign_key->{child} != $foreign_key->{parent} && @to && $foreign_key->{child} != $foreign_key->{parent} && !$foreign_key->{key}{is_index_only} && $random->percent(20);
    return;
}

# ---- SQL

# The statements that make the database.
sub sql
{
    my ($self) = @_;
    my @tables = grep { !$_->{is_period} } @{ $self->{tables} };
    my @sql = (
        'SET enable_partition_pruning = off', # see PgSample::Test::Session
        PgSample::Test::RandomTypes::setup(),
        (map { 'CREATE SCHEMA ' . _quote($_) } grep { $_ ne 'public' } @{ $self->{schemas} }),
        (map { _create_table($self->{random}, $_) } @tables),
        'SET session_replication_role = replica',
        (map { PgSample::Test::RandomData::insert($_, @{ $_->{rows} }) } @tables),
        (map { $self->_move_rows($_) } @tables),
        'RESET session_replication_role',
        (map { _add_keys($_) } @tables),
        (map { _add_constraint($_) } grep { !$_->{child}{is_period} } @{ $self->{keys} }),
        'SET session_replication_role = replica',
        (map { PgSample::Test::RandomData::insert($_, @{ $_->{orphans} || [] }) } @tables),
        'RESET session_replication_role',
        @{ $self->{period_sql} || [] },
        # not of the catalogs too, which takes longer than all the rest
        ($self->{random}->percent(50)
            ? 'ANALYZE ' . join ', ', map { $_->{qname} } @{ $self->{tables} }
            : ()),
    );
    return join ";\n", @sql, '';
}

# Loads that into a new database; returns the database and the result of psql. What all of
# them begin with is loaded once.
sub load
{
    my ($server, $sql) = @_;
    my $setup = PgSample::Test::RandomTypes::setup();
    croak 'not the SQL of a random schema' if $sql !~ s/\Q$setup\E//;
    if (!$template{$server}) {
        $template{$server} = $server->create_database(name => 'random_types');
        $template{$server}->sql($setup);
    }
    my $source = $server->create_database(template => $template{$server});
    return ($source, $source->psql($sql));
}

sub _create_table
{
    my ($random, $table) = @_;
    my @columns = map { _column_definition($_) } @{ $table->{columns} };
    my @sql = ("CREATE TABLE $table->{qname} (\n" . join(",\n", @columns) . ')');
    $sql[0] .= " INHERITS ($table->{inherits}{qname})" if $table->{inherits};
    $sql[0] .= _partition_by($table->{part}) if $table->{part};
    push @sql, _create_partitions($random, $table, $table->{qname}, $table->{part})
        if $table->{part};
    return @sql;
}

sub _column_definition
{
    my ($column) = @_;
    my $sql = "$column->{quoted} $column->{sql}";
    $sql .= ' NOT NULL' if $column->{is_not_null} || $column->{identity};
    $sql .= " GENERATED $column->{identity} AS IDENTITY" if $column->{identity};
    $sql .= " GENERATED ALWAYS AS ($column->{generated}) STORED" if $column->{generated};
    return $sql;
}

sub _partition_by
{
    my ($part) = @_;
    return " PARTITION BY $part->{strategy} ($part->{column}{quoted})";
}

sub _create_partitions
{
    my ($random, $table, $root, $part) = @_;
    my @sql;
    for my $partition (@{ $part->{partitions} }) {
        my $by = $partition->{part} ? _partition_by($partition->{part}) : '';
        if ($partition->{is_attached}) {
            push @sql, _create_attached($random, $table, $partition, $by),
                "ALTER TABLE $root ATTACH PARTITION $partition->{qname} $partition->{sql}";
        } else {
            push @sql, "CREATE TABLE $partition->{qname} PARTITION OF $root $partition->{sql}$by";
        }
        push @sql, _create_partitions($random, $table, $partition->{qname},
            $partition->{part})
            if $partition->{part};
    }
    return @sql;
}

# A table with its columns in another order, and the hole of a dropped one.
sub _create_attached
{
    my ($random, $table, $partition, $by) = @_;
    my @columns = map { _column_definition($_) } $random->shuffle(@{ $table->{columns} });
    return (
        "CREATE TABLE $partition->{qname} (\ndropped_column int,\n"
            . join(",\n", @columns) . ")$by",
        "ALTER TABLE $partition->{qname} DROP COLUMN dropped_column"
    );
}

# Some rows move to the end of the heap.
sub _move_rows
{
    my ($self, $table) = @_;
    my ($column) = grep { !$_->{generated} && !$_->{identity} } all_columns($table);
    return () if !$column || $self->{random}->percent(50);
    return "UPDATE ONLY $table->{qname} SET $column->{quoted} = $column->{quoted}"
        . ' WHERE (ctid::text::point)[1]::int % 3 = ' . $self->{random}->below(3)
        if !$table->{part};
    return "UPDATE $table->{qname} SET $column->{quoted} = $column->{quoted}"
        . ' WHERE (ctid::text::point)[1]::int % 2 = 0';
}

sub _add_keys
{
    my ($table) = @_;
    return map {
        my $columns = join ', ', map { $_->{quoted} } @{ $_->{columns} };
        $_->{is_index_only} ? "CREATE UNIQUE INDEX ON $table->{qname} ($columns)"
            : "ALTER TABLE $table->{qname} ADD "
            . ($_->{is_primary} ? 'PRIMARY KEY' : 'UNIQUE') . " ($columns)"
    } @{ $table->{keys} };
}

sub _add_constraint
{
    my ($key) = @_;
    my $child = $key->{partition} ? $key->{partition}{qname} : $key->{child}{qname};
    my $parent = $key->{parent_partition} || $key->{parent};
    my @order = @{ $key->{order} };
    my $from = join ', ', map { $_->{quoted} } @{ $key->{columns} }[@order];
    my $to = join ', ', map { $_->{quoted} } @{ $key->{key}{columns} }[@order];
    my $sql = "FOREIGN KEY ($from) REFERENCES $parent->{qname} ($to)"
        . ($key->{full} ? ' MATCH FULL ' : ' ') . $key->{options}
        . ($key->{state} eq 'not_valid' ? ' NOT VALID' : '');
    my $name = _quote($key->{name});
    my @sql = ("ALTER TABLE $child ADD CONSTRAINT $name $sql");
    push @sql, "ALTER TABLE $child ADD $sql" if $key->{is_double};
    return @sql;
}

1;

__END__

=head1 NAME

PgSample::Test::RandomSchema - a database made up from a seed

=head1 SYNOPSIS

    my $schema = PgSample::Test::RandomSchema->new(17);
    $source->psql($schema->sql);
    my @arguments = PgSample::Test::RandomRules::arguments($schema);

=head1 DESCRIPTION

2 to 12 tables in 1 to 3 schemas: keys of many types, composite ones included; unique keys,
some of them bare indexes; foreign keys to any of them with the columns in another order, of
other types, MATCH FULL, to the table itself, in cycles, twice between two tables, to and from
partitioned tables and single partitions; NOT VALID keys with dangling rows and validated
ones that were bypassed; plain inheritance, tables without columns and without keys, generated
columns, identity columns, names and values that are hard to quote. All of it depends on the
seed alone.

=cut
