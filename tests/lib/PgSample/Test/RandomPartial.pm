package PgSample::Test::RandomPartial;

# Random cases of loads whose records lack members: a table, its rows, records, options, and
# what other sessions write meanwhile; as SQL, files and options. What should become of them
# is in PgSample::Test::PartialModel.
#
# Values are the texts that the server shows, undef is NULL. A record has only the columns
# that it carries, each as a pair of text and JSON.

use strict;
use warnings;

use JSON::PP ();

use PgSample::Test::PartialModel;
use PgSample::Test::Random;
use PgSample::Test::Server;

# By type: its definition, values, and their JSON.
my %TYPES = (
    int  => [ 'int',  map { [ $_, $_ ] } qw(-1 0 1 7) ],
    text => [ 'text', map { [ $_, JSON::PP->new->allow_nonref->encode($_) ] } 'a', '', "q'\"\\", "l\nl" ],
    numeric => [ 'numeric', map { [ $_, $_ ] } qw(1 1.0 1.10 -0.5 123456789012345678901234567890) ],
    bool    => [ 'bool',    [ 'true', 'true' ], [ 'false', 'false' ] ],
    json => [ 'json', map { [ $_, $_ ] } '{"a": 1, "a": 2}', '1.10', '"x"', '[1, null]', '{"a":1}' ],
    jsonb => [ 'jsonb', map { [ $_, $_ ] } '{"a": 1}', '[]', '"x"' ],
    array => [
        'int[]', [ '{}', '[]' ], [ '{1,NULL}', '[1, null]' ], [ '{2}', '[2]' ],
        [ '{{1,2},{3,4}}', '[[1,2],[3,4]]' ]
    ],
    texts  => [ 'text[]', [ '{a,""}', '["a", ""]' ], [ '{"x,y"}', '["x,y"]' ] ],
    domain => [ 'word', map { [ $_, qq("$_") ] } qw(one two three) ],
    words  => [ 'words', [ '{one}', '["one"]' ], [ '{one,two}', '["one","two"]' ] ],
);

# Run once in the database.
our $PREPARATION = <<'SQL';
CREATE DOMAIN word AS text CHECK (value <> 'bad');
CREATE DOMAIN words AS text[];
CREATE COLLATION nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
SQL

# Defaults: SQL and text. The second ones of a type are no constants.
my %DEFAULTS = (
    int  => [ [ '5', '5' ], [ '(2 + 4)', '6' ] ],
    text => [ [ "'dflt'", 'dflt' ], [ "pg_catalog.lower('DFLT')", 'dflt' ] ],
    json => [ [ q('{"d":1}'), '{"d":1}' ] ],
    array  => [ [ "'{9}'",   '{9}' ], [ 'array_append(NULL, 8)', '{8}' ] ],
    domain => [ [ "'three'", 'three' ] ],
    mark => [ [ "'2001-01-07'", '2001-01-07' ] ],
);

# ---- random cases

# What is combined with each other, whatever the other choices are: so many seeds have all.
my @DIMENSIONS = (
    [ conflict  => qw(replace merge skip) ],
    [ strategy  => qw(upsert insert_only update_only) ],
    [ mode      => qw(incremental full slice) ],
    [ immutable => qw(none keep reject) ],
    [ writers   => qw(none row table) ]
);
our $N_COMBINATIONS = 3**@DIMENSIONS;

sub random_case
{
    my ($seed) = @_;
    my $random = PgSample::Test::Random->new($seed);
    my $case = { seed => $seed, random => $random };
    _combine($case);
    _choose_settings($case);
    _choose_columns($case);
    _choose_rows($case);
    _choose_records($case);
    _choose_writers($case);
    return $case;
}

# Numbers that follow each other differ in all.
sub _combine
{
    my ($case) = @_;
    my $n = $case->{seed} * 100 % $N_COMBINATIONS;
    for my $dimension (@DIMENSIONS) {
        my ($name, @values) = @$dimension;
        $case->{$name} = $values[ $n % @values ];
        $n = int($n / @values);
    }
    $case->{combination} = join ' ', map { $case->{ $_->[0] } } @DIMENSIONS;
    # what is never updated cannot stop the commit, and what is never written neither
    my $is_kept = $case->{strategy} eq 'insert_only' || $case->{conflict} eq 'skip';
    $case->{writers} = 'table' if $case->{writers} eq 'row' && $is_kept;
    $case->{writers} = 'none' if $case->{strategy} eq 'update_only' && $case->{conflict} eq 'skip';
    return;
}

sub _choose_settings
{
    my ($case) = @_;
    my $random = $case->{random};
    my $has_writers = $case->{writers} ne 'none';
    $case->{staging}    = $random->pick(qw(auto always));
    $case->{source}     = $random->pick(qw(partial partial partial json csv));
    $case->{is_soft}    = $random->percent(40);
    $case->{has_time}   = $random->percent(50);
    $case->{is_strict}  = $case->{has_time} && $random->percent(30);
    $case->{is_newest}  = $case->{has_time} && $random->percent(30);
    $case->{is_marked}  = $random->percent(40); # updated_at
    $case->{duplicates} = $random->pick(qw(last last last first));
    $case->{key}        = $random->pick(qw(primary primary spelled natural));
    $case->{key}        = 'primary' if $case->{key} eq 'natural' && $case->{writers} eq 'row';
    $case->{is_limited} = !$has_writers && $random->percent(50); # NOT NULL and CHECK
    $case->{has_bad}    = $case->{mode} eq 'incremental' && $random->percent(20);
    $case->{n_files}    = $random->pick(1, 1, 2, 3);
    $case->{apply}      = 'diff';
    if ($case->{mode} eq 'full' && $case->{conflict} eq 'replace' && $case->{immutable} eq 'none'
        && $case->{strategy} eq 'upsert' && !$has_writers && $random->percent(60))
    {
        $case->{apply} = $random->pick(qw(delete-insert truncate swap));
        $case->{is_soft} = $case->{is_marked} = $case->{is_limited} = 0;
    }
    return;
}

sub _choose_columns
{
    my ($case) = @_;
    my $random = $case->{random};
    my @columns;
    for my $i (1 .. $random->between(2, 5)) {
        my $type = $random->pick(sort keys %TYPES);
        my %column = (name => $random->pick("c$i", qq(C "$i), "select$i"), type => $type);
        $column{is_immutable} = $case->{immutable} ne 'none' && ($i == 1 || $random->percent(20));
        my @defaults = @{ $DEFAULTS{$type} || [] };
        $#defaults = 0 if @defaults && $column{is_immutable}; # its value is known before the commit
        @column{qw(default_sql default)} = @{ $random->pick(@defaults) } if @defaults && $random->percent(60);
        push @columns, \%column;
    }
    push @columns, map { { name => $_, type => 'int', is_limited => 1 } } qw(lo hi nn) if $case->{is_limited};
    push @columns, { name => 'captured_at', type => 'time' } if $case->{has_time};
    my %mark = (name => 'deleted_at', type => 'mark');
    @mark{qw(default_sql default)} = @{ $DEFAULTS{mark}[0] } if $random->percent(30);
    push @columns, \%mark;
    # a new row with it looks deleted, and returns when it is loaded again
    $case->{is_stable} = !$case->{is_soft} || !$mark{default};
    $case->{columns} = [ $random->shuffle(@columns) ];
    $case->{is_immutable} = grep { $_->{is_immutable} } @columns;
    return;
}

sub _pair
{
    my ($case, $column) = @_;
    my $random = $case->{random};
    return [ undef, 'null' ] if $random->percent(25);
    my $date = sub { my $text = sprintf '%s-01-0%d', $_[0], $random->between(1, 4); return [ $text, qq("$text") ] };
    return $date->(2010) if $column->{type} eq 'time';
    return $date->(2001) if $column->{type} eq 'mark';
    my ($definition, @pairs) = @{ $TYPES{ $column->{type} } };
    return $random->pick(@pairs);
}

# In another spelling than that of other rows and records, where there are several.
sub _spell_key
{
    my ($case, $k1, $k2) = @_;
    my $random = $case->{random};
    return ($k1, $k2) if $case->{key} ne 'spelled';
    return ($random->pick($k1, "$k1.0"), $random->pick($k2, uc $k2));
}

sub _key { return PgSample::Test::PartialModel::row_key($_[0]) }

sub _random_row
{
    my ($case, $k1, $k2) = @_;
    my $random = $case->{random};
    my ($s1, $s2) = _spell_key($case, $k1, $k2);
    my $row = { k1 => $s1, k2 => $s2, g => $k1 > 10 ? 'B' : 'A', updated_at => undef };
    $row->{ $_->{name} } = _pair($case, $_)->[0] for @{ $case->{columns} };
    $row->{deleted_at} = undef if $random->percent(50);
    if ($case->{is_limited}) {
        $row->{nn} = 3 if !defined $row->{nn};
        @$row{qw(lo hi)} = @$row{qw(hi lo)} if PgSample::Test::PartialModel::is_violation($case, $row);
    }
    return $row;
}

# Keys of slice A are 1 to 4, those of slice B larger.
sub _choose_rows
{
    my ($case) = @_;
    my %rows;
    for my $k1 (1 .. 4, 11, 12) {
        for my $k2 ('x', 'y z') {
            next if !$case->{random}->percent(60);
            my $row = _random_row($case, $k1, $k2);
            $rows{ _key($row) } = $row;
        }
    }
    # one that no record can mean; without knowing that, rows cannot be deleted
    $rows{null} = { %{ _random_row($case, 3, 'x') }, k2 => undef }
        if $case->{key} eq 'natural' && $case->{mode} eq 'incremental';
    $case->{rows} = \%rows;
    return;
}

sub _choose_records
{
    my ($case) = @_;
    my $random = $case->{random};
    my %is_lacking = map { $_->{name} => !$_->{is_limited} && $case->{source} eq 'partial' && $random->percent(15) }
        @{ $case->{columns} };
    my $absent = $random->pick(10, 40, 80);
    my @records;
    for my $i (1 .. $random->between(1, 14)) {
        my ($k1, $k2) = _spell_key($case, $random->between(1, 4), $random->pick('x', 'y z'));
        my %record = (k1 => $k1, k2 => $k2, g => 'A');
        for my $column (@{ $case->{columns} }) {
            next if $is_lacking{ $column->{name} };
            next if $case->{source} eq 'partial' && $random->percent($absent) && ($i > 1 || !$column->{is_limited});
            $record{ $column->{name} } = _pair($case, $column);
        }
        @record{qw(k1 is_bad)} = ('bad', 1) if $i > 1 && $case->{has_bad} && $random->percent(20);
        push @records, \%record;
    }
    $case->{records} = \@records;
    return;
}

# ---- other sessions

# A row that is updated, so that the commit waits for its lock, or for that of the table.
sub _add_stopping_row
{
    my ($case) = @_;
    my %other = map { $_->{name} => undef } @{ $case->{columns} };
    $other{captured_at} = '2010-01-01' if $case->{has_time};
    $case->{rows}{'0 x'} =
        { k1 => 0, k2 => 'x', g => 'A', updated_at => undef, %other, deleted_at => '2001-01-01' };
    my %record = (k1 => 0, k2 => 'x', g => 'A', deleted_at => [ '2001-01-09', '"2001-01-09"' ]);
    for my $column (@{ $case->{columns} }) {
        next if $column->{name} eq 'deleted_at' || $case->{source} eq 'partial';
        $record{ $column->{name} } = $column->{is_immutable} ? [ undef, 'null' ] : _pair($case, $column);
    }
    $record{captured_at} = [ '2010-01-09', '"2010-01-09"' ] if $case->{has_time};
    unshift @{ $case->{records} }, \%record;
    return;
}

# Or one that is inserted.
sub _add_stopping_record
{
    my ($case) = @_;
    my %record = (k1 => 5, k2 => 'x', g => 'A');
    for my $column (@{ $case->{columns} }) {
        $record{ $column->{name} } = _pair($case, $column) if $case->{source} ne 'partial';
    }
    unshift @{ $case->{records} }, \%record;
    return;
}

sub _random_write
{
    my ($case) = @_;
    my $random = $case->{random};
    return 'delete' if $random->percent(15);
    my @columns = $random->shuffle(@{ $case->{columns} });
    $#columns = $random->below(2);
    return { map { $_->{name} => _pair($case, $_)->[0] } @columns };
}

# Other sessions change, delete and insert rows between diff and commit.
sub _choose_writers
{
    my ($case) = @_;
    my $random = $case->{random};
    return if $case->{writers} eq 'none';
    if ($case->{writers} eq 'row' || $case->{strategy} eq 'update_only') {
        _add_stopping_row($case);
    }
    else {
        _add_stopping_record($case);
    }
    for my $key (sort keys %{ $case->{rows} }) {
        $case->{writes}{$key} = _random_write($case) if $key !~ /\A(?:0 x|null)\z/ && $random->percent(50);
    }
    my $n_new = $random->pick(0, 0, 1, 2);
    for my $i (1 .. $n_new) {
        my $row = _random_row($case, $random->between(1, 4), $random->pick('x', 'y z'));
        $case->{writes}{ _key($row) } = { insert => $row } if !$case->{rows}{ _key($row) };
    }
    return;
}

# ---- as SQL, files and options

sub _quote_name { my ($name) = @_; $name =~ s/"/""/g; return qq("$name") }
sub _quote { return PgSample::Test::Server::quote_literal($_[0]) }

sub definition
{
    my ($case) = @_;
    my @columns = $case->{key} eq 'spelled' ? ('k1 numeric', 'k2 text COLLATE nocase') : ('k1 int', 'k2 text');
    push @columns, 'g text';
    for my $column (@{ $case->{columns} }) {
        my $type = $TYPES{ $column->{type} } ? $TYPES{ $column->{type} }[0] : 'date';
        push @columns, _quote_name($column->{name}) . " $type"
            . ($column->{default_sql} ? " DEFAULT $column->{default_sql}" : '')
            . ($column->{name} eq 'nn' ? ' NOT NULL' : '');
    }
    push @columns, 'updated_at timestamptz';
    push @columns, 'PRIMARY KEY (k1, k2)' if $case->{key} ne 'natural';
    push @columns, 'CHECK (lo <= hi)' if $case->{is_limited};
    return join ', ', @columns;
}

sub _insert
{
    my ($row) = @_;
    my @names = sort keys %$row;
    return 'INSERT INTO t (' . join(', ', map { _quote_name($_) } @names) . ') VALUES ('
        . join(', ', map { defined $row->{$_} ? _quote($row->{$_}) : 'NULL' } @names) . ')';
}

sub inserts
{
    my ($case) = @_;
    return map { _insert($case->{rows}{$_}) } sort keys %{ $case->{rows} };
}

sub _write
{
    my ($key, $write) = @_;
    my ($k1, $k2) = split / /, $key, 2;
    my $where = "WHERE k1 = $k1 AND k2 = " . _quote($k2);
    return "DELETE FROM t $where" if !ref $write;
    return _insert($write->{insert}) if $write->{insert};
    return 'UPDATE t SET ' . join(', ', map {
        _quote_name($_) . ' = ' . (defined $write->{$_} ? _quote($write->{$_}) : 'NULL')
    } sort keys %$write) . " $where";
}

sub writes
{
    my ($case) = @_;
    return map { _write($_, $case->{writes}{$_}) } sort keys %{ $case->{writes} || {} };
}

# The records, in as many parts as there are files.
sub _parts
{
    my ($case) = @_;
    my @parts = map { [] } 1 .. $case->{n_files};
    my @records = @{ $case->{records} };
    push @{ $parts[ int($_ * @parts / @records) ] }, $records[$_] for 0 .. $#records;
    return grep { @$_ } @parts;
}

sub _json_line
{
    my ($case, $record) = @_;
    my $json = JSON::PP->new->allow_nonref;
    my @members = map { $json->encode($_) . ': ' . $record->{$_}[1] }
        grep { ref $record->{$_} } sort keys %$record;
    unshift @members, map { qq("$_": ) . $json->encode($record->{$_}) } qw(k1 k2 g);
    return '{' . join(', ', $case->{random}->shuffle(@members)) . "}\n";
}

# The texts of files of JSON lines.
sub json_files
{
    my ($case) = @_;
    return map { join '', map { _json_line($case, $_) } @$_ } _parts($case);
}

# The rows of files of CSV, to be written by the caller.
sub csv_files
{
    my ($case) = @_;
    my @names = ('k1', 'k2', 'g', map { $_->{name} } @{ $case->{columns} });
    return map {
        [ \@names, map { my $record = $_; [ map { ref $record->{$_} ? $record->{$_}[0] : $record->{$_} } @names ] } @$_ ]
    } _parts($case);
}

sub options
{
    my ($case) = @_;
    my @options = (
        "--conflict=$case->{conflict}", "--strategy=$case->{strategy}", "--mode=$case->{mode}",
        "--staging=$case->{staging}", "--apply=$case->{apply}", "--on-duplicate=$case->{duplicates}",
        '--max-delete-pct=100', '--max-errors=99'
    );
    push @options, '--natural-key=k1,k2' if $case->{key} eq 'natural';
    push @options, '--timestamp-compare=>' if $case->{is_strict};
    push @options, '--timestamp-nulls=newest' if $case->{is_newest};
    push @options, '--immutable=reject' if $case->{immutable} eq 'reject';
    push @options, '--jobs=3' if $case->{n_files} > 1;
    push @options, '--slice=g=A' if $case->{mode} eq 'slice';
    push @options, '--soft-delete' if $case->{is_soft};
    push @options, '--updated-at-column=updated_at' if $case->{is_marked};
    my @immutable = map { _quote_name($_->{name}) } grep { $_->{is_immutable} } @{ $case->{columns} };
    push @options, '--immutable-fields=k1,' . join ',', @immutable if @immutable;
    return @options;
}

# What SELECT has to show of the table, as model rows are shown.
sub shown
{
    my ($case) = @_;
    my @columns = ('k1', 'k2', 'g', map { _quote_name($_->{name}) . '::text' } grep { $_->{type} ne 'mark' }
            @{ $case->{columns} });
    return (
        @columns,
        q(CASE WHEN deleted_at > '2015-01-01' THEN 'now' ELSE deleted_at::text END),
        q(CASE WHEN updated_at IS NOT NULL THEN 'now' END)
    );
}

sub show_row
{
    my ($case, $row) = @_;
    return join '|', map { defined $row->{$_} ? $row->{$_} : 'NULL' } 'k1', 'k2', 'g',
        (map { $_->{name} } grep { $_->{type} ne 'mark' } @{ $case->{columns} }), 'deleted_at', 'updated_at';
}

1;
