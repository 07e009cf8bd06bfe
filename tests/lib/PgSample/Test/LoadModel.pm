package PgSample::Test::LoadModel;

# What a load should make of a table: worked out row by row in Perl, from the rules alone,
# and random cases to hold against it.

use strict;
use warnings;

use PgSample::Test::Random;

# The columns of the table of random cases: k1, k2 are its key.
our @COLUMNS = qw(k1 k2 a n b captured_at);
our $DEFINITION = <<'SQL';
    k1 int, k2 text, a text, n numeric NOT NULL DEFAULT 3 CHECK (n < 90),
    b text DEFAULT 'dflt', captured_at date, PRIMARY KEY (k1, k2)
SQL
my %DEFAULT = (n => '3', b => 'dflt');

# ---- the rules

# $target and $batch are lists of hashes; the batch's have the columns of the file. Returns
# the table's new rows and the counts.
sub apply
{
    my ($target, $batch, $settings) = @_;
    my %counts =
        map { $_ => 0 } qw(inserted updated unchanged skipped duplicate error deleted);
    my %rows = map { _key($_) => {%$_} } @$target;
    my @good = grep { _is_good($_) } @$batch;
    $counts{error} = @$batch - @good;
    my $chosen = _choose(\@good, $settings);
    $counts{duplicate} = @good - keys %$chosen;
    my %is_doomed = map { $_ => 1 } grep { !$chosen->{$_} } _in_scope(\%rows, $settings);
    for my $key (keys %$chosen) {
        my ($row, $old) = ($chosen->{$key}, $rows{$key});
        my $what = _decide($row, $old, $settings);
        $counts{$what}++;
        $rows{$key} = { %DEFAULT, %$row } if $what eq 'inserted';
        $rows{$key} = { %$old, %$row } if $what eq 'updated';
    }
    delete @rows{ keys %is_doomed };
    $counts{deleted} = keys %is_doomed;
    return ([ values %rows ], \%counts);
}

sub _key { return "$_[0]{k1}/$_[0]{k2}" }

# Neither NULL in the key, nor a value that the table does not take.
sub _is_good
{
    my ($row) = @_;
    return 0 if !defined $row->{k1} || !defined $row->{k2};
    return 1 if !exists $row->{n};
    return 0 if !defined $row->{n} || $row->{n} !~ /\A[\d.]+\z/;
    return $row->{n} < 90;
}

# By key, the row that counts.
sub _choose
{
    my ($rows, $settings) = @_;
    my %chosen;
    for my $row (@$rows) {
        my $other = $chosen{ _key($row) };
        my $order = $other ? _compare_stamps($row, $other, $settings) : 1;
        $order ||= $settings->{duplicates} eq 'first' ? -1 : 1;
        $chosen{ _key($row) } = $row if $order > 0;
    }
    return \%chosen;
}

sub _has_stamps
{
    my ($row, $settings) = @_;
    return $settings->{stamps} && exists $row->{captured_at};
}

sub _compare_stamps
{
    my ($row, $other, $settings) = @_;
    return 0 if !_has_stamps($row, $settings);
    my $null = $settings->{nulls} eq 'newest' ? '9999' : '';
    return ($row->{captured_at} // $null) cmp ($other->{captured_at} // $null);
}

# Keys of the rows that an absent batch row deletes.
sub _in_scope
{
    my ($rows, $settings) = @_;
    return keys %$rows if $settings->{mode} eq 'full';
    return () if $settings->{mode} ne 'slice';
    return grep { $rows->{$_}{k1} == $settings->{slice} } keys %$rows;
}

sub _decide
{
    my ($row, $old, $settings) = @_;
    my $strategy = $settings->{strategy};
    return $strategy eq 'update_only' ? 'skipped' : 'inserted' if !$old;
    my $is_same = !grep { ($row->{$_} // "\0") ne ($old->{$_} // "\0") } keys %$row;
    return 'unchanged' if $is_same;
    return 'skipped' if $strategy eq 'insert_only';
    return 'updated' if !_has_stamps($row, $settings);
    my $order = _compare_stamps($row, $old, $settings);
    return $order > 0 || $order == 0 && $settings->{compare} eq '>=' ? 'updated' : 'skipped';
}

# Counts as PgSample::Test::Load's summary() writes them.
sub summary
{
    my ($counts) = @_;
    my @parts = map { "$_ $counts->{$_}" }
        grep { $counts->{$_} } qw(inserted updated unchanged skipped duplicate error deleted);
    return @parts ? join(', ', @parts) : 'nothing';
}

# ---- random cases

# Settings, rows of the table, columns and rows of the file, and options.
sub random_case
{
    my ($seed) = @_;
    my $random = PgSample::Test::Random->new($seed);
    my %settings = (
        mode => $random->pick('incremental', 'incremental', 'full', 'slice'),
        duplicates => $random->pick('last', 'last', 'first'),
        stamps => $random->percent(75),
        nulls => $random->pick('oldest', 'newest'),
        compare => $random->pick('>=', '>'),
        strategy => 'upsert',
        slice => 1
    );
    $settings{strategy} = $random->pick('upsert', 'upsert', 'insert_only', 'update_only')
        if $settings{mode} eq 'incremental';
    my %target;
    for (1 .. $random->below(25)) {
        my $row = _random_row($random, \%settings, [@COLUMNS], 0);
        $target{ _key($row) } = $row;
    }
    my @columns = ('k1', 'k2', grep { $random->percent(70) } 'a', 'n', 'b', 'captured_at');
    my $n = 1 + $random->below(30);
    my $bad = $settings{mode} eq 'incremental' && $random->percent(50) ? 8 : 0;
    my @batch = map {
        my @known = values %target;
        my $row = _random_row($random, \%settings, \@columns, $bad, 1);
        # often a row that is there, or nearly so
        if (%target && $random->percent(50)) {
            my $old = $target{ $random->pick(sort keys %target) };
            my $is_in = $settings{mode} ne 'slice' || $old->{k1} == 1;
            my ($change) = $random->pick(@columns[ 1 .. $#columns ]);
            $row = { map { $_ => $old->{$_} } @columns } if $is_in;
            $row->{$change} = _random_value($random, $change, $bad) if $random->percent(70);
        }
        $row;
    } 1 .. $n;
    push @batch, { map { $_ => { k1 => 1, k2 => 'sure', n => 1 }->{$_} } @columns };
    return {
        seed => $seed, settings => \%settings, target => [ map { $target{$_} } sort keys %target ],
        columns => [ $random->shuffle(@columns) ], batch => \@batch,
        options => _options($random, \%settings), n_files => $random->pick(1, 1, 2, 3),
        format => $random->pick('csv', 'copy'), has_rejects => $bad
    };
}

sub _random_row
{
    my ($random, $settings, $columns, $bad, $is_batch) = @_;
    my %row = map { $_ => _random_value($random, $_, $bad) } @$columns;
    $row{k1} = 1 if $settings->{mode} eq 'slice' && ($is_batch || $random->percent(60));
    return \%row;
}

my %VALUES = (
    k1 => [ 1, 2, 3 ],
    k2 => [ 'a', 'b', 'C', 'c', '', "tab\ttab" ],
    a => [ 'x', 'y', '', undef, 'NULL', '\N', 'a,"b"' ],
    n => [ '1', '1.0', '1.00', '89' ],
    b => [ 'x', 'dflt', undef, "two\nlines", '\.' ],
    captured_at => [ map({ "2025-01-0$_" } 1 .. 4), undef ]
);
my %BAD = (k1 => [undef], k2 => [undef], n => [ undef, '95', 'abc' ]);

sub _random_value
{
    my ($random, $column, $bad) = @_;
    return $random->pick(@{ $BAD{$column} }) if $BAD{$column} && $random->percent($bad);
    return $random->pick(@{ $VALUES{$column} });
}

sub _options
{
    my ($random, $settings) = @_;
    my @options = ("--mode=$settings->{mode}", "--strategy=$settings->{strategy}",
        "--on-duplicate=$settings->{duplicates}", "--timestamp-nulls=$settings->{nulls}",
        "--timestamp-compare=$settings->{compare}", '--max-delete-pct=100');
    @options = grep { !/--mode/ } @options, '--slice=k1=1' if $settings->{mode} eq 'slice';
    push @options, '--timestamp-column=none' if !$settings->{stamps};
    push @options, '--staging=' . $random->pick('auto', 'always');
    push @options, '--batch-size=' . $random->pick(1, 2, 3, 1000) if $random->percent(70);
    push @options, '--jobs=2' if $random->percent(30);
    return \@options;
}

1;

__END__

=head1 NAME

PgSample::Test::LoadModel - the rules of loading, in Perl

=head1 SYNOPSIS

    my $case = PgSample::Test::LoadModel::random_case($seed);
    my ($rows, $counts) =
        PgSample::Test::LoadModel::apply(@$case{qw(target batch settings)});

=cut
