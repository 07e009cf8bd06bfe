package PgSample::Test::PartialModel;

# What loads of records that lack members should make of a table: each record applied by
# itself, one after the other, in Perl, from the rules of the manual alone; and random cases
# to hold against it.
#
# Values are the texts that the server shows, undef is NULL. A record has only the columns
# that it carries.

use strict;
use warnings;

use JSON::PP ();

use PgSample::Test::Random;

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
SQL

# Defaults: SQL and text. The second ones of a type are no constants.
my %DEFAULTS = (
    int  => [ [ '5', '5' ], [ '(2 + 4)', '6' ] ],
    text => [ [ "'dflt'", 'dflt' ], [ "pg_catalog.lower('DFLT')", 'dflt' ] ],
    json => [ [ q('{"d":1}'), '{"d":1}' ] ],
    array  => [ [ "'{9}'",   '{9}' ], [ 'array_append(NULL, 8)', '{8}' ] ],
    domain => [ [ "'three'", 'three' ] ],
);

# ---- random cases

sub random_case
{
    my ($seed) = @_;
    my $random = PgSample::Test::Random->new($seed);
    my $case = { seed => $seed, random => $random };
    _choose_settings($case);
    _choose_columns($case);
    _choose_rows($case);
    _choose_records($case);
    _choose_writers($case);
    return $case;
}

sub _choose_settings
{
    my ($case) = @_;
    my $random = $case->{random};
    $case->{conflict}  = $random->pick(qw(merge replace replace skip));
    $case->{strategy}  = $random->pick(qw(upsert upsert upsert insert_only update_only));
    $case->{mode}      = $random->pick(qw(incremental incremental full slice));
    $case->{staging}   = $random->pick(qw(auto always));
    $case->{source}    = $random->pick(qw(partial partial partial json csv));
    $case->{is_soft}   = $random->percent(40);
    $case->{has_time}  = $random->percent(50);
    $case->{is_marked} = $random->percent(40); # updated_at
    $case->{apply}     = 'diff';
    if ($case->{mode} eq 'full' && $case->{conflict} eq 'replace' && $random->percent(40)) {
        $case->{apply} = $random->pick(qw(delete-insert truncate swap));
        $case->{strategy} = 'upsert';
        $case->{is_soft} = $case->{is_marked} = 0;
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
        if ($DEFAULTS{$type} && $random->percent(60)) {
            @column{qw(default_sql default)} = @{ $random->pick(@{ $DEFAULTS{$type} }) };
        }
        $column{is_immutable} = $case->{apply} eq 'diff' && $random->percent(20);
        push @columns, \%column;
    }
    push @columns, { name => 'captured_at', type => 'time' } if $case->{has_time};
    push @columns, { name => 'deleted_at', type => 'mark' };
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

sub _key { return join ' ', @{ $_[0] }{qw(k1 k2)} }

# Keys of slice A are 1 to 4, those of slice B larger.
sub _choose_rows
{
    my ($case) = @_;
    my $random = $case->{random};
    my %rows;
    for my $k1 (1 .. 4, 11, 12) {
        for my $k2 ('x', 'y z') {
            next if !$random->percent(60);
            my $row = { k1 => $k1, k2 => $k2, g => $k1 > 10 ? 'B' : 'A', updated_at => undef };
            $row->{ $_->{name} } = _pair($case, $_)->[0] for @{ $case->{columns} };
            $row->{deleted_at} = undef if $random->percent(50);
            $rows{ _key($row) } = $row;
        }
    }
    $case->{rows} = \%rows;
    return;
}

sub _choose_records
{
    my ($case) = @_;
    my $random = $case->{random};
    my %is_lacking = map { $_->{name} => $case->{source} eq 'partial' && $random->percent(15) }
        @{ $case->{columns} };
    my $absent = $random->pick(10, 40, 80);
    my @records;
    for my $i (1 .. $random->between(1, 14)) {
        my %record = (
            k1 => $random->between(1, 4),
            k2 => $random->pick('x', 'y z'),
            g  => 'A'
        );
        for my $column (@{ $case->{columns} }) {
            next if $is_lacking{ $column->{name} };
            next if $case->{source} eq 'partial' && $random->percent($absent);
            $record{ $column->{name} } = _pair($case, $column);
        }
        push @records, \%record;
    }
    $case->{records} = \@records;
    return;
}

# Other sessions change rows between diff and commit. The row that stops the commit there
# has the first key, and a record that changes it.
sub _choose_writers
{
    my ($case) = @_;
    my $random = $case->{random};
    return if $case->{apply} ne 'diff' || $case->{strategy} eq 'insert_only' || $case->{conflict} eq 'skip'
        || !$random->percent(40);
    $case->{has_writers} = 1;
    my %other = map { $_->{name} => undef } @{ $case->{columns} };
    $case->{rows}{'0 x'} =
        { k1 => 0, k2 => 'x', g => 'A', updated_at => undef, %other, deleted_at => '2001-01-01' };
    my %record = (k1 => 0, k2 => 'x', g => 'A', deleted_at => [ '2001-01-09', '"2001-01-09"' ]);
    $record{ $_->{name} } = _pair($case, $_)
        for grep { $_->{name} ne 'deleted_at' && $case->{source} ne 'partial' } @{ $case->{columns} };
    unshift @{ $case->{records} }, \%record;
    for my $key (sort keys %{ $case->{rows} }) {
        next if $key eq '0 x' || !$random->percent(50);
        if ($random->percent(15)) {
            $case->{writes}{$key} = 'delete';
            next;
        }
        my @columns = $random->shuffle(@{ $case->{columns} });
        $#columns = $random->below(2);
        $case->{writes}{$key} = { map { $_->{name} => _pair($case, $_)->[0] } @columns };
    }
    return;
}

# ---- as SQL, files and options

sub _quote_name { my ($name) = @_; $name =~ s/"/""/g; return qq("$name") }
sub _quote { return PgSample::Test::Server::quote_literal($_[0]) }

sub definition
{
    my ($case) = @_;
    my @columns = ('k1 int', 'k2 text', 'g text');
    for my $column (@{ $case->{columns} }) {
        my $type = $TYPES{ $column->{type} } ? $TYPES{ $column->{type} }[0] : 'date';
        push @columns, _quote_name($column->{name}) . " $type"
            . ($column->{default_sql} ? " DEFAULT $column->{default_sql}" : '');
    }
    return join(', ', @columns, 'updated_at timestamptz', 'PRIMARY KEY (k1, k2)');
}

sub inserts
{
    my ($case) = @_;
    return map {
        my $row = $_;
        my @names = sort keys %$row;
        'INSERT INTO t (' . join(', ', map { _quote_name($_) } @names) . ') VALUES ('
            . join(', ', map { defined $row->{$_} ? _quote($row->{$_}) : 'NULL' } @names) . ')'
    } map { $case->{rows}{$_} } sort keys %{ $case->{rows} };
}

sub writes
{
    my ($case) = @_;
    return map {
        my ($k1, $k2) = split / /, $_, 2;
        my $where = "WHERE k1 = $k1 AND k2 = " . _quote($k2);
        my $write = $case->{writes}{$_};
        ref $write
            ? 'UPDATE t SET ' . join(', ', map {
                  _quote_name($_) . ' = ' . (defined $write->{$_} ? _quote($write->{$_}) : 'NULL')
              } sort keys %$write) . " $where"
            : "DELETE FROM t $where"
    } sort keys %{ $case->{writes} || {} };
}

# The name of the file and its text; the rows of CSV, to be written by the caller.
sub json_lines
{
    my ($case) = @_;
    my $json = JSON::PP->new->allow_nonref;
    return join '', map {
        my $record = $_;
        my @members = map { $json->encode($_) . ': ' . $record->{$_}[1] }
            grep { ref $record->{$_} } sort keys %$record;
        unshift @members, map { qq("$_": ) . $json->encode($record->{$_}) } qw(k1 k2 g);
        '{' . join(', ', $case->{random}->shuffle(@members)) . "}\n"
    } @{ $case->{records} };
}

sub csv_rows
{
    my ($case) = @_;
    my @names = ('k1', 'k2', 'g', map { $_->{name} } @{ $case->{columns} });
    return \@names, map {
        my $record = $_;
        [ map { ref $record->{$_} ? $record->{$_}[0] : $record->{$_} } @names ]
    } @{ $case->{records} };
}

sub options
{
    my ($case) = @_;
    my @options = (
        "--conflict=$case->{conflict}", "--strategy=$case->{strategy}", "--mode=$case->{mode}",
        "--staging=$case->{staging}", "--apply=$case->{apply}", '--max-delete-pct=100'
    );
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

# ---- the rules

# Of all columns that some record has: does another one lack it?
sub _is_partial
{
    my ($case) = @_;
    for my $column (@{ $case->{columns} }) {
        my $n = grep { exists $_->{ $column->{name} } } @{ $case->{records} };
        return 1 if $n > 0 && $n < @{ $case->{records} };
    }
    return 0;
}

# NULL is the oldest, and so is no timestamp.
sub _time
{
    my ($case, $record) = @_;
    my $time = $record->{captured_at};
    return ref $time ? $time->[0] : $time;
}

sub _is_older
{
    my ($case, $record, $row) = @_;
    return 0 if !$case->{uses_time} || !defined $row->{captured_at};
    my $time = _time($case, $record);
    return !defined $time || $time lt $row->{captured_at};
}

sub _insert
{
    my ($case, $record) = @_;
    my %row = (k1 => $record->{k1}, k2 => $record->{k2}, g => $record->{g}, updated_at => undef);
    for my $column (@{ $case->{columns} }) {
        my $value = $record->{ $column->{name} };
        $row{ $column->{name} } = $value ? $value->[0] : $column->{default};
    }
    return \%row;
}

sub _update
{
    my ($case, $row, $record) = @_;
    my %new = %$row;
    for my $column (@{ $case->{columns} }) {
        my ($name, $value) = ($column->{name}, $record->{ $column->{name} });
        next if $column->{is_immutable};
        if ($column->{type} eq 'mark' && $case->{is_soft}) {
            $new{$name} = $value ? $value->[0] : undef;
        }
        elsif ($value && (defined $value->[0] || $case->{conflict} ne 'merge')) {
            $new{$name} = $value->[0];
        }
    }
    return \%new;
}

# The row after one record; undef where there is none.
sub _apply_record
{
    my ($case, $row, $record) = @_;
    return $case->{strategy} eq 'update_only' ? undef : _insert($case, $record) if !$row;
    return $row if $case->{strategy} eq 'insert_only' || $case->{conflict} eq 'skip'
        || _is_older($case, $record, $row);
    return _update($case, $row, $record);
}

sub _is_same
{
    my ($left, $right) = @_;
    return !grep { ($left->{$_} // "\0") ne ($right->{$_} // "\0") } keys %$left;
}

# The records of a key in the order in which they are applied.
sub _sorted
{
    my ($case, @records) = @_;
    return @records if !$case->{uses_time};
    my %place = map { $records[$_] => $_ } 0 .. $#records;
    return sort { (_time($case, $a) // '') cmp (_time($case, $b) // '') || $place{$a} <=> $place{$b} } @records;
}

sub _apply_all
{
    my ($case, $old, @records) = @_;
    my $row = $case->{apply} eq 'diff' ? $old : undef;
    $row = _apply_record($case, $row, $_) for @records;
    $row = {%$row, updated_at => 'now'}
        if $row && $old && $case->{is_marked} && !_is_same($row, $old);
    return $row;
}

# What becomes of a key without records.
sub _absent
{
    my ($case, $row) = @_;
    return $row if $case->{mode} eq 'incremental' || $case->{mode} eq 'slice' && $row->{g} ne 'A';
    return if !$case->{is_soft};
    return $row if defined $row->{deleted_at};
    return { %$row, deleted_at => 'now', $case->{is_marked} ? (updated_at => 'now') : () };
}

# The rows after the load, by key, and counts.
sub outcome
{
    my ($case) = @_;
    my %records;
    push @{ $records{ _key($_) } }, $_ for @{ $case->{records} };
    $case->{uses_time} = $case->{has_time} && grep { exists $_->{captured_at} } @{ $case->{records} };
    my $is_whole = !_is_partial($case) && $case->{conflict} eq 'replace' && !$case->{is_immutable};
    my %counts = (inserted => 0, soft_deleted => 0, deleted => 0,
        duplicate => @{ $case->{records} } - keys %records);
    my %new;
    for my $key (sort keys %{ { %{ $case->{rows} }, %records } }) {
        my $old = $case->{rows}{$key};
        my @sorted = _sorted($case, @{ $records{$key} || [] });
        # of whole records only the last one matters, also where none is updated
        @sorted = $sorted[-1] if @sorted && $is_whole;
        my $row = @sorted ? _apply_all($case, $old, @sorted) : _absent($case, $old);
        my $write = $case->{writes}{$key};
        if ($write && $old) {
            my $is_written = !$row || !_is_same($row, $old);
            my $now = ref $write ? { %$old, %$write } : undef;
            # what was to be written is decided again; rows that are absent are kept
            $row = $is_written && @sorted ? _apply_all($case, $now, @sorted) : $now;
            $counts{moved}++;
        }
        else {
            $counts{inserted}++ if $row && (!$old || $case->{apply} ne 'diff');
            $counts{deleted}++ if $old && (!$row || $case->{apply} ne 'diff');
            $counts{soft_deleted}++ if $old && !@sorted && $row && !_is_same($row, $old);
        }
        $new{$key} = $row if $row;
    }
    return (\%new, \%counts);
}

1;
