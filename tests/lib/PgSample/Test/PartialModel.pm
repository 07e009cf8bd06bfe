package PgSample::Test::PartialModel;

# What loads of records that lack members should make of a table: each record applied by
# itself, one after the other, in Perl, from the rules of the manual alone. The cases are
# those of PgSample::Test::RandomPartial.

use strict;
use warnings;

use List::Util qw(any none sum0);

# What all spellings of a key have in common.
sub row_key
{
    my ($row) = @_;
    return join ' ', $row->{k1} + 0, lc $row->{k2};
}

# ---- what the records are

# Of all columns that some record has: does another one lack it?
sub _is_partial
{
    my ($case, @records) = @_;
    for my $column (@{ $case->{columns} }) {
        my $n = grep { exists $_->{ $column->{name} } } @records;
        return 1 if $n > 0 && $n < @records;
    }
    return 0;
}

# Settles which rules there are. Only with some of them each record contributes to its row.
sub _settle
{
    my ($case, @records) = @_;
    my $is_partial = _is_partial($case, @records);
    my $is_merge = $case->{conflict} eq 'merge';
    my $is_skip = $case->{conflict} eq 'skip';
    my $is_insert_only = $case->{strategy} eq 'insert_only';
    my $is_contributing = $is_partial || $is_merge || $case->{is_immutable};
    $case->{uses_time} = $case->{has_time} && any { exists $_->{captured_at} } @records;
    $case->{is_whole} = !$is_contributing && !$case->{is_soft} && !$case->{is_marked};
    $case->{is_first_kept} = $is_skip || $is_contributing && $is_insert_only;
    $case->{is_folded} =
        $is_contributing && $case->{duplicates} eq 'last' && !$is_insert_only && !$is_skip;
    return;
}

# ---- timestamps

# A record without a timestamp is as old as one with NULL.
sub _time
{
    my ($record) = @_;
    my $time = $record->{captured_at};
    return ref $time ? $time->[0] : undef;
}

sub _compare_times
{
    my ($case, $left, $right) = @_;
    my $null = $case->{is_newest} ? '~' : '';
    return ($left // $null) cmp ($right // $null);
}

# With --timestamp-compare='>', an equal one does not overwrite a row either.
sub _is_older
{
    my ($case, $record, $row) = @_;
    return 0 if !$case->{uses_time};
    return _compare_times($case, _time($record), $row->{captured_at}) < ($case->{is_strict} ? 1 : 0);
}

# The records of a key in the order in which they are applied.
sub _sorted
{
    my ($case, @records) = @_;
    return @records if !$case->{uses_time};
    my %place = map { $records[$_] => $_ } 0 .. $#records;
    return sort { _compare_times($case, _time($a), _time($b)) || $place{$a} <=> $place{$b} } @records;
}

# Those of them that count.
sub _chosen
{
    my ($case, @records) = @_;
    my @sorted = _sorted($case, @records);
    return @sorted if $case->{is_folded};
    return $sorted[0] if $case->{is_first_kept};
    return $sorted[-1] if $case->{duplicates} eq 'last';
    my @newest = grep { !$case->{uses_time} || !_compare_times($case, _time($_), _time($sorted[-1])) } @sorted;
    return $newest[0];
}

# ---- what a record makes of a row

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
    my %new = (%$row, k1 => $record->{k1}, k2 => $record->{k2});
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

sub _is_equal { return ($_[0] // "\0") eq ($_[1] // "\0") }

sub _is_same
{
    my ($left, $right) = @_;
    return none { !_is_equal($left->{$_}, $right->{$_}) } keys %$left;
}

# Does it violate NOT NULL or CHECK?
sub is_violation
{
    my ($case, $row) = @_;
    return 0 if !$case->{is_limited};
    return !defined $row->{nn}
        || defined $row->{lo} && defined $row->{hi} && $row->{lo} > $row->{hi} ? 1 : 0;
}

# What the records of a key make of a row, and what that is called. Records that are older
# than the row take no part; if all are, the last one is compared.
sub _apply
{
    my ($case, $old, @records) = @_;
    return _apply_new($case, @records) if !$old || $case->{apply} ne 'diff';
    my @applied = grep { !_is_older($case, $_, $old) } @records;
    my $new = $old;
    $new = _update($case, $new, $_) for @applied ? @applied : $records[-1];
    return ($old, 'unchanged') if _is_same($new, $old);
    return ($old, 'skipped')
        if !@applied || $case->{strategy} eq 'insert_only' || $case->{conflict} eq 'skip';
    return ($old, 'error') if is_violation($case, $new);
    $new->{updated_at} = 'now' if $case->{is_marked};
    return ($new, 'updated');
}

sub _apply_new
{
    my ($case, $first, @others) = @_;
    return (undef, 'skipped') if $case->{strategy} eq 'update_only';
    my $new = _insert($case, $first);
    $new = _update($case, $new, $_) for @others;
    return is_violation($case, $new) ? (undef, 'error') : ($new, 'inserted');
}

# What becomes of a key without records.
sub _absent
{
    my ($case, $row) = @_;
    return ($row, 'kept') if $case->{mode} eq 'incremental' || $case->{mode} eq 'slice' && $row->{g} ne 'A';
    return (undef, 'deleted') if !$case->{is_soft};
    return ($row, 'kept') if defined $row->{deleted_at};
    return ({ %$row, deleted_at => 'now', $case->{is_marked} ? (updated_at => 'now') : () }, 'soft_deleted');
}

# ---- rejects

# The immutable columns for which the record has another value than the row.
sub _changes
{
    my ($case, $record, $row) = @_;
    return grep {
        my $value = $record->{ $_->{name} };
        $_->{is_immutable} && $value && (defined $value->[0] || $case->{conflict} ne 'merge')
            && !_is_equal($value->[0], $row->{ $_->{name} })
    } @{ $case->{columns} };
}

# By key: the records that would change an immutable column, and how many columns.
sub _attempts
{
    my ($case, $old, @records) = @_;
    return () if $case->{strategy} eq 'insert_only' || $case->{conflict} eq 'skip';
    my @compared = @records;
    my $row = $old;
    if ($old) {
        @compared = grep { !_is_older($case, $_, $old) } @records;
    }
    else {
        return () if $case->{strategy} eq 'update_only' || !$case->{is_folded};
        (my $first, @compared) = _sorted($case, @records);
        $row = _insert($case, $first);
    }
    return grep { $_->[1] > 0 } map { [ $_, scalar(() = _changes($case, $_, $row)) ] } @compared;
}

# The records that are left of all, by key.
sub _accepted
{
    my ($case, $counts) = @_;
    my @read = grep { !$_->{is_bad} } @{ $case->{records} };
    my %records;
    _settle($case, @read);
    $counts->{error} = @{ $case->{records} } - @read;
    for my $record (@read) {
        my $list = $records{ row_key($record) } ||= [];
        # where rows are what the records have, each of these is checked
        my $is_rejected = $case->{is_whole} && is_violation($case, _insert($case, $record));
        $counts->{error} += $is_rejected;
        push @$list, $record if !$is_rejected;
    }
    for my $key (keys %records) {
        my @attempts = _attempts($case, $case->{rows}{$key}, @{ $records{$key} });
        my $is_rejecting = $case->{immutable} eq 'reject';
        $counts->{immutable} += $is_rejecting ? @attempts : sum0(map { $_->[1] } @attempts);
        next if !$is_rejecting;
        my %is_rejected = map { $_->[0] => 1 } @attempts;
        $records{$key} = [ grep { !$is_rejected{$_} } @{ $records{$key} } ];
        $counts->{error} += @attempts;
    }
    return \%records;
}

# ---- all of it

# Of all keys of these rows and records: the row, and what happens. A row whose records are
# all rejected is not absent.
sub _decide
{
    my ($case, $rows, $records) = @_;
    my %decisions;
    for my $key (keys %{ { %$rows, %$records } }) {
        my $list = $records->{$key};
        $decisions{$key} =
              !$list ? [ _absent($case, $rows->{$key}) ]
            : !@$list ? [ $rows->{$key}, 'rejected' ]
            : [ _apply($case, $rows->{$key}, _chosen($case, @$list)) ];
    }
    return \%decisions;
}

# The rows as other sessions leave them.
sub _written
{
    my ($case) = @_;
    my %rows = %{ $case->{rows} };
    for my $key (keys %{ $case->{writes} }) {
        my $write = $case->{writes}{$key};
        if (ref $write) {
            $rows{$key} = $write->{insert} || { %{ $rows{$key} }, %$write };
        }
        else {
            delete $rows{$key};
        }
    }
    return \%rows;
}

# Updates of rows that were changed are decided again, and other rows that were changed are
# kept; if a row to be inserted is there, all is compared again.
sub _decide_again
{
    my ($case, $records, $decisions) = @_;
    my $now = _written($case);
    return _decide($case, $now, $records)
        if any { $now->{$_} && $decisions->{$_} && $decisions->{$_}[1] eq 'inserted' } keys %{ $case->{writes} };
    my $again = _decide($case, $now, $records);
    my %settled = %$decisions;
    for my $key (keys %{ $case->{writes} }) {
        my $is_update = $decisions->{$key} && $decisions->{$key}[1] eq 'updated';
        $settled{$key} = $is_update ? $again->{$key} : [ $now->{$key}, 'kept' ];
    }
    return \%settled;
}

# The rows after the load, by key, and counts.
sub outcome
{
    my ($case) = @_;
    my %counts =
        map { $_ => 0 } qw(inserted updated unchanged skipped error duplicate immutable deleted soft_deleted);
    my $records = _accepted($case, \%counts);
    my $decisions = _decide($case, $case->{rows}, $records);
    $counts{duplicate} += @$_ - 1 for grep { @$_ } values %$records;
    $counts{ $_->[1] }++ for values %$decisions;
    $counts{deleted} = keys %{ $case->{rows} } if $case->{apply} ne 'diff';
    $decisions = _decide_again($case, $records, $decisions) if $case->{writes};
    my %rows = map { $_ => $decisions->{$_}[0] } grep { $decisions->{$_}[0] } keys %$decisions;
    return (\%rows, \%counts);
}

1;
