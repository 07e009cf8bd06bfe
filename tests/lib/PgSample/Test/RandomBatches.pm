package PgSample::Test::RandomBatches;

# Random tables that reference each other, with values of awkward types, and random batches
# for them. Rows whose column "other" is true are of others, and no batch has them.

use strict;
use warnings;

use Encode ();
use JSON::PP ();

use PgSample::Test::Load qw(csv);
use PgSample::Test::Random;
use PgSample::Test::RandomTypes;
use PgSample::Test::Server;

our $PREPARATION = <<'SQL';
CREATE TYPE pair AS (a numeric, b text);
CREATE DOMAIN price AS numeric(10,3) CHECK (VALUE >= 0);
CREATE DOMAIN pairs AS pair;
SQL

# Declarations of keys, and the i-th value.
my %KEY = (
    int     => [ 'int',         sub { $_[0] } ],
    text    => [ 'text',        sub { PgSample::Test::RandomTypes::nasty($_[0]) } ],
    numeric => [ 'numeric',     sub { $_[0] . ('', '.0', '.00')[ $_[1]->below(3) ] } ],
    char    => [ 'char(8)',     sub { "k$_[0]" . ' ' x $_[1]->below(2) } ],
    date    => [ 'timestamptz', sub { sprintf '2024-01-01 00:%02d:%02d.5+00', $_[0] / 60, $_[0] % 60 } ],
);

# Values of other columns: equal ones that look different, and some that are unlike others.
my %VALUES = (
    json        => [ '{"a": 1, "a": 2}', '{"a":2}', '[]', '1.10', '1.1', '"x"', 'null' ],
    jsonb       => [ '{"a": 1.10}', '{"a": 1.1}', '[1, 2]', '{}' ],
    numeric     => [ '1', '1.0', '1.00', 'NaN', '-0.50', '123456789012345678901234567890.1' ],
    float8      => [ '0', '-0', 'NaN', '1e300', 'Infinity' ],
    'int[]'     => [ '{1,2}', '[0:1]={1,2}', '{}', '{NULL}', '{{1},{2}}' ],
    'text[]'    => [ '{a,NULL}', '{"",NULL}', '[5:5]={x}' ],
    pair        => [ '(1,x)', '(1.0,x)', '(,)', '(2,"a ""b"" ,c")' ],
    pairs       => [ '(1,x)', '(1.00,x)', '(,"")' ],
    price       => [ '1', '1.5', '99.999' ],
    bytea       => [ '\\x00ff', '\\x', '\\xdeadbeef' ],
    'char(6)'   => [ 'a', 'ab', '' ],
    varbit      => [ '101', '', '0' ],
    interval    => [ '1 day', '24:00:00', '-1 mon' ],
    int4range   => [ '[1,5)', 'empty', '(,3]' ],
    xml         => [ '<a/>', '<a></a>' ],
    text        => [ map { PgSample::Test::RandomTypes::nasty($_) } 0 .. 15 ],
    'varchar(9)' => [ 'a', 'a ', '' ],
);

sub name_of { return PgSample::Test::Server::quote_identifier($_[0]) }
sub literal { return defined $_[0] ? PgSample::Test::Server::quote_literal($_[0]) : 'NULL' }

sub new
{
    my ($class, $seed) = @_;
    my $random = PgSample::Test::Random->new($seed);
    my $self = bless { random => $random, n_keys => 24, has_writers => $random->percent(40) }, $class;
    $self->{key} = $random->pick(sort keys %KEY);
    my $n = $random->between(1, 3);
    $self->_add_table($_, $n) for 0 .. $n - 1;
    return $self;
}

sub _add_table
{
    my ($self, $i, $n) = @_;
    my $random = $self->{random};
    my @types = map { $random->pick(sort keys %VALUES) } 1 .. $random->between(1, 4);
    my %table = (
        name           => 't' . $i,
        is_partitioned => $random->percent(15),
        has_updated_at => $random->percent(40),
        has_deleted_at => $random->percent(40),
        has_identity   => $random->percent(25),
        types          => \@types,
        columns        => [ map { $random->percent(20) ? "Old_$_\"'" : "p$_" } 1 .. @types ],
    );
    $table{has_unique} = !$table{is_partitioned} && $random->percent(60);
    # itself, one before, or the next one, which makes a cycle
    $table{refers} = 't' . $random->pick($i, $i > 0 ? $i - 1 : $i, $i + 1 < $n ? $i + 1 : $i)
        if $random->percent(70);
    $table{is_deferrable} = $random->percent(50);
    push @{ $self->{tables} }, \%table;
    return;
}

sub tables { return @{ $_[0]{tables} } }

sub _key { my ($self, $i) = @_; return $KEY{ $self->{key} }[1]->($i, $self->{random}) }

# ---- the schema and its rows

sub definition
{
    my ($self) = @_;
    my $type = $KEY{ $self->{key} }[0];
    my @sql;
    for my $table ($self->tables) {
        my $name = $table->{name};
        my @columns = ("id $type PRIMARY KEY", "r $type", $table->{has_unique} ? 'u int UNIQUE' : 'u int');
        push @columns, map { name_of($table->{columns}[$_]) . ' ' . $table->{types}[$_] } 0 .. $#{ $table->{types} };
        push @columns, 'updated_at timestamptz' if $table->{has_updated_at};
        push @columns, 'deleted_at timestamp'   if $table->{has_deleted_at};
        push @columns, 'n int GENERATED ALWAYS AS IDENTITY' if $table->{has_identity};
        push @columns, 'w int DEFAULT 7', 'g text GENERATED ALWAYS AS (w::text) STORED', 'other bool NOT NULL DEFAULT false';
        my $partitions = $table->{is_partitioned} ? ' PARTITION BY HASH (id)' : '';
        push @sql, "CREATE TABLE $name (" . join(', ', @columns) . ")$partitions";
        push @sql, map { "CREATE TABLE ${name}_$_ PARTITION OF $name FOR VALUES WITH (MODULUS 2, REMAINDER $_)" } 0, 1
            if $partitions;
    }
    for my $table (grep { $_->{refers} } $self->tables) {
        push @sql, "ALTER TABLE $table->{name} ADD FOREIGN KEY (r) REFERENCES $table->{refers}"
            . ($table->{is_deferrable} ? ' DEFERRABLE' : '');
    }
    return join ';', @sql;
}

# A row with some of the columns, or all: a hash.
sub _row
{
    my ($self, $table, $i, $is_whole) = @_;
    my $random = $self->{random};
    my %row = (id => $self->_key($i));
    my $has = sub { return $is_whole || $random->percent(60) };
    $row{u} = $random->percent(80) ? $random->below(40) : undef if $has->();
    for my $c (0 .. $#{ $table->{types} }) {
        next if !$has->();
        $row{ $table->{columns}[$c] } = $random->percent(15) ? undef : $random->pick(@{ $VALUES{ $table->{types}[$c] } });
    }
    $row{r} = $random->percent(25) ? $self->_key($random->below($self->{n_keys} / 2)) : undef
        if $table->{refers} && $has->();
    return \%row;
}

sub inserts
{
    my ($self) = @_;
    my @sql = ('SET CONSTRAINTS ALL DEFERRED');
    for my $table ($self->tables) {
        my %used;
        for my $i (0 .. $self->{n_keys} / 2 - 1) {
            my $row = $self->_row($table, $i, 1);
            $row->{u} = undef if defined $row->{u} && $used{ $row->{u} }++;
            $row->{r} = undef;
            push @sql, _insert($table, $row);
        }
        push @sql, _insert($table, { id => $self->_key(1000 + $_), other => 't' }) for 1 .. 3;
    }
    for my $table (grep { $_->{refers} } $self->tables) {
        push @sql, "UPDATE $table->{name} SET r = " . literal($self->_key($_)) . ' WHERE id = ' . literal($self->_key($_ - 1))
            for 1 .. 2;
    }
    return join ';', @sql;
}

sub _insert
{
    my ($table, $row) = @_;
    my @columns = sort keys %$row;
    return "INSERT INTO $table->{name} (" . join(', ', map { name_of($_) } @columns) . ') VALUES ('
        . join(', ', map { literal($row->{$_}) } @columns) . ')';
}

# What others do all the time.
sub writes
{
    my ($self) = @_;
    my $changes = join ' ', map {
        "UPDATE $_->{name} SET w = w + 1 WHERE other; COMMIT; DELETE FROM $_->{name} WHERE other AND w % 5 = 0;"
            . " INSERT INTO $_->{name} (id, other) VALUES (" . literal($self->_key(1001)) . ", true) ON CONFLICT DO NOTHING; COMMIT;"
    } $self->tables;
    return "DO \$\$ BEGIN LOOP $changes PERFORM pg_sleep(0.003); END LOOP; END \$\$";
}

# ---- batches

# The options, and the contents of files by their names.
sub batch
{
    my ($self) = @_;
    my $random = $self->{random};
    my @options = ('--max-errors=100%', '--max-delete-pct=100',
        '--strategy=' . $random->pick(qw(upsert upsert insert_only update_only)),
        '--conflict=' . $random->pick(qw(merge replace replace skip)));
    my @tables = $random->some($self->tables);
    my $is_slice = $random->percent(45);
    push @options, '--slice=other=false' if $is_slice;
    push @options, map { "--soft-delete=$_->{name}=true" } grep { $_->{has_deleted_at} && $random->percent(70) } @tables;
    my %files;
    for my $table (@tables) {
        my @keys = grep { $random->percent($is_slice ? 85 : 40) } 0 .. $self->{n_keys} - 1;
        @keys = (1) if !@keys;
        my ($format, $text) = $random->percent(60) ? ('jsonl', $self->_json($table, @keys)) : ('csv', $self->_csv($table, @keys));
        $files{"$table->{name}/1.$format"} = $text;
    }
    return (\@options, %files);
}

sub _csv
{
    my ($self, $table, @keys) = @_;
    my @rows = map { $self->_row($table, $_, 1) } @keys;
    my @columns = sort keys %{ $rows[0] };
    return csv(\@columns, map { my $row = $_; [ map { $row->{$_} } @columns ] } @rows);
}

# Values of json are as they are; others are strings.
sub _json
{
    my ($self, $table, @keys) = @_;
    my $json = JSON::PP->new->allow_nonref;
    my %is_json = map { $table->{columns}[$_] => ($table->{types}[$_] =~ /\Ajson/ ? 1 : 0) } 0 .. $#{ $table->{types} };
    my $string = sub { return Encode::encode('UTF-8', $json->encode(Encode::decode('UTF-8', $_[0]))) };
    my $text = '';
    for my $key (@keys, $self->{random}->percent(30) ? $keys[0] : ()) {
        my $row = $self->_row($table, $key, 0);
        $text .= '{' . join(', ', map {
            my $value = $row->{$_};
            $string->($_) . ': ' . (!defined $value ? 'null' : $is_json{$_} ? $value : $string->($value))
        } sort keys %$row) . "}\n";
    }
    return $text;
}

1;
