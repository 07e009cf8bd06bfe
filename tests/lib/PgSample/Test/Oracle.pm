package PgSample::Test::Oracle;

# Which rows a sample must have, computed by SQL in the source database.

use strict;
use warnings;

use Carp qw(croak);
use JSON::PP ();
use Test::Builder ();

use PgSample::Test::Catalog;
use PgSample::Test::Check ();
use PgSample::Test::Rules;
use PgSample::Test::Slices;

use Exporter qw(import);
our @EXPORT = qw(sample_is_exact picked_is_enough);

$Carp::Internal{ +__PACKAGE__ } = 1; # errors name the line of the test

# One plan shape only, so that heap order is what a scan without WHERE returns, and a chain
# of many rows costs one index probe each.
my %SETTINGS = (
    synchronize_seqscans => 'off', max_parallel_workers_per_gather => 0,
    enable_hashjoin      => 'off', enable_mergejoin                => 'off',
    enable_material      => 'off', enable_memoize                  => 'off',
    enable_indexonlyscan => 'off', jit                             => 'off',
    row_security         => 'off', work_mem                        => '64MB',
);

# Further arguments are those of pg-sample; a hash at the end may hold {picked => {table
# => n}}, the numbers that percent rules took, and {stdin => text}.
sub new
{
    my ($class, $source, @argument) = @_;
    my %option = @argument && ref $argument[-1] ? %{ pop @argument } : ();
    my $choice = PgSample::Test::Rules::from_arguments(@argument);
    croak 'random picks have no oracle; see picked_is_enough()'
        if $choice->{random} && $choice->{random} ne 'stable';
    my $self = bless {
        %$choice,
        numbers => $option{picked} || {},
        stdin   => $option{stdin},
        source  => $source,
        session => $source->server->borrow_session($source->name, $source->user),
    }, $class;
    $self->{tables}     = [ PgSample::Test::Catalog::tables($self) ];
    $self->{partitions} = [ PgSample::Test::Catalog::partitions($self) ];
    $self->{keys}       = [ PgSample::Test::Catalog::foreign_keys($self) ];
    $self->_compute;
    return $self;
}

# What the functions of Catalog need of a database.
sub rows { my ($self, $sql) = @_; return $self->{session}->query($sql, 600) }
sub conninfo { return $_[0]{source}->conninfo }

sub DESTROY
{
    my ($self) = @_;
    return if ${^GLOBAL_PHASE} eq 'DESTRUCT';
    local ($@, $!, $?);
    my $source = $self->{source};
    eval {
        $source->server->give_back_session($self->{session}, $source->name, $source->user);
    };
    return;
}

sub _compute
{
    my ($self) = @_;
    # as far as this version of the server knows them
    $self->rows('SELECT set_config(name, value, false) FROM (VALUES '
            . join(', ', map { "('$_', '$SETTINGS{$_}')" } sort keys %SETTINGS)
            . ') AS setting(name, value) WHERE current_setting(name, true) IS NOT NULL');
    $self->rows('CREATE TEMP TABLE oracle_picked (root oid, leaf oid, tid tid);'
            . 'CREATE TEMP TABLE oracle_sample (leaf oid, tid tid)');
    PgSample::Test::Slices::prepare($self);
    for my $table (@{ $self->{tables} }) {
        next if !PgSample::Test::Rules::is_selected($self->{selection}, $table->{schema},
            $table->{name});
        my @units = $self->_units($table);
        $self->pick($_, $table, 'oracle_picked') for @units;
        # Nothing can be added to a table that was picked as a whole.
        $self->{is_whole}{ $table->{oid} } = !grep {
            $_->{rule}{kind} ne 'all' || defined $_->{rule}{condition}
                || PgSample::Test::Slices::filter($self, $_) ne ''
        } @units;
    }
    PgSample::Test::Slices::pick_lookups($self);
    PgSample::Test::Slices::pick_roots($self);
    PgSample::Test::Slices::go_down($self);
    $self->_close;
    return;
}

# ---- P, the picked rows

# The table, without the partitions that a rule names, and each of those: a partition
# belongs to the nearest of its ancestors that is named.
sub _units
{
    my ($self, $table) = @_;
    my $rule = PgSample::Test::Rules::first_match($self->{rules}, $table->{schema},
        $table->{name});
    my %unit = ($table->{oid} => { %$table, rule => $rule, leaves => [] });
    my %partition = map { $_->{oid} => $_ }
        grep { $_->{root} eq $table->{oid} } @{ $self->{partitions} };
    for my $oid (keys %partition) {
        my $named = PgSample::Test::Rules::first_match($self->{rules},
            $partition{$oid}{schema}, $partition{$oid}{name}, literal => 1);
        $unit{$oid} = { %{ $partition{$oid} }, rule => $named, leaves => [] } if $named;
    }
    for my $leaf (grep { $_->{kind} eq 'r' } values %partition) {
        my $owner = $leaf->{oid};
        $owner = $partition{$owner}{parent} while !$unit{$owner};
        push @{ $unit{$owner}{leaves} }, $leaf->{oid};
    }
    push @{ $unit{ $table->{oid} }{leaves} }, $table->{oid} if $table->{kind} eq 'r';
    return map { $unit{$_} } sort { $a <=> $b } keys %unit;
}

# All rows are numbered, then those are taken that satisfy the condition, as many as the
# rule says: the planner has no choice.
sub pick
{
    my ($self, $unit, $table, $into) = @_;
    my $rule = $unit->{rule};
    my $condition = join ' AND ', grep { $_ ne '' }
        PgSample::Test::Slices::filter($self, $unit),
        defined $rule->{condition} ? "(\n$rule->{condition}\n) IS TRUE" : 'true';
    my $order = $self->_order($unit);
    my $leaves = join ',', @{ $unit->{leaves} };
    my $limit = $rule->{kind} eq 'count' ? $rule->{count}
        : $rule->{kind} eq 'percent' ? $self->_reported($table, $unit)
        :                              undef;
    return if $leaves eq '';
    $self->rows("INSERT INTO $into"
            . " SELECT $table->{oid}, leaf, tid FROM ("
            . " SELECT tableoid AS leaf, ctid AS tid,"
            . " pg_catalog.row_number() OVER ($order) AS number, $condition AS fits"
            . ' FROM ' . PgSample::Test::Catalog::from($unit) . ') AS numbered'
            . " WHERE fits AND leaf = ANY ('{$leaves}') ORDER BY number"
            . (defined $limit ? " LIMIT $limit" : ''));
    return;
}

sub _reported
{
    my ($self, $table, $unit) = @_;
    my $n = $self->{numbers}{ $table->{qname} };
    croak "the report has no number of rows picked from $table->{qname}" if !defined $n;
    croak "rules for partitions of $table->{qname}" if $unit->{oid} ne $table->{oid};
    return $n;
}

sub _order
{
    my ($self, $unit) = @_;
    return 'ORDER BY ' . PgSample::Test::Slices::hash($self, $unit) if $self->{random};
    return '' if !$self->{ordered};
    my $columns = $self->rows(<<"SQL");
SELECT pg_catalog.format('%I', a.attname)
  FROM pg_catalog.pg_index i
 CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS key(attnum, position)
  JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = key.attnum
 WHERE i.indrelid = $unit->{oid} AND i.indisprimary AND key.position <= i.indnkeyatts
 ORDER BY key.position
SQL
    return '' if !@$columns;
    return 'ORDER BY ' . join ', ', map { "$_->[0] $self->{ordered}" } @$columns;
}

# ---- S, its closure

# The least set that holds P and D and, with a row, every row that it refers to.
sub _close
{
    my ($self) = @_;
    my @steps = map { $self->_step($_) }
        grep { !$self->{is_whole}{ $_->{parent_root} } } @{ $self->{edges} };
    my $steps = @steps ? join "\nUNION ALL\n", @steps
        : 'SELECT NULL::oid, NULL::tid WHERE false';
    # Sequential scans are off here only: numbering needs them. UNION starts with a hash table
    # as large as work_mem, whatever there is.
    $self->rows("SET enable_seqscan = off; SET work_mem = '1MB'");
    $self->rows(<<"SQL");
INSERT INTO oracle_sample
WITH RECURSIVE sample (leaf, tid) AS (
    (SELECT leaf, tid FROM oracle_picked UNION ALL SELECT leaf, tid FROM oracle_down)
    UNION
    SELECT referenced.leaf, referenced.tid
      FROM sample CROSS JOIN LATERAL ($steps) AS referenced (leaf, tid)
)
SELECT leaf, tid FROM sample
SQL
    $self->rows("SET enable_seqscan = on; SET work_mem = '$SETTINGS{work_mem}';"
            . ' SET enable_hashjoin = on; ANALYZE oracle_sample');
    return;
}

sub _step
{
    my ($self, $key) = @_;
    my $leaves = join ',', @{ $self->leaves({ oid => $key->{child_oid} }) }, $key->{child_oid};
    return 'SELECT "<parent>".tableoid, "<parent>".ctid'
        . " FROM $key->{child_from} JOIN $key->{parent_from} ON $key->{matches}"
        . " WHERE sample.leaf = ANY ('{$leaves}'::oid[])"
        . ' AND "<child>".tableoid = sample.leaf AND "<child>".ctid = sample.tid';
}

# The partitions with rows of a relation, itself if it is an ordinary table.
sub leaves
{
    my ($self, $relation) = @_;
    my @leaves = grep { $_->{kind} eq 'r' } $self->_descendants($relation->{oid});
    push @leaves, $relation if ($relation->{kind} || '') eq 'r';
    return [ map { $_->{oid} } @leaves ];
}

sub _descendants
{
    my ($self, $oid) = @_;
    return map { ($_, $self->_descendants($_->{oid})) }
        grep { $_->{parent} eq $oid } @{ $self->{partitions} };
}

# ---- answers

# { 'schema.table' => { row as text => how often } }, every table.
sub row_texts
{
    my ($self) = @_;
    return $self->{texts} if $self->{texts};
    my @tables = @{ $self->{tables} };
    my $rows = PgSample::Test::Catalog::union(
        $self,
        map {
            "SELECT $_, "
                . PgSample::Test::Slices::row_text($self, $tables[$_])
                . ' AS text, pg_catalog.count(*) FROM '
                . PgSample::Test::Catalog::from($tables[$_])
                . ' AS "<child>" WHERE ("<child>".tableoid, "<child>".ctid) IN'
                . ' (SELECT leaf, tid FROM oracle_sample) GROUP BY 2'
        } 0 .. $#tables
    );
    my %texts = map { $_->{qname} => {} } @tables;
    $texts{ $tables[ $_->[0] ]{qname} }{ $_->[1] } = $_->[2] for @$rows;
    return $self->{texts} = \%texts;
}

# { 'schema.table' => n }: rows of P or R, and those of D that are not picked.
sub picked
{
    my ($self) = @_;
    return $self->_by_table('SELECT root, leaf, tid FROM oracle_picked'
            . ' UNION SELECT root, leaf, tid FROM oracle_roots');
}

sub children
{
    my ($self) = @_;
    return $self->_by_table('SELECT root, leaf, tid FROM oracle_down WHERE depth > 0'
            . ' EXCEPT SELECT root, leaf, tid FROM oracle_picked');
}

sub _by_table
{
    my ($self, $rows) = @_;
    my %n = map { $_->[0] => $_->[1] }
        @{ $self->rows("SELECT root, pg_catalog.count(*) FROM ($rows) AS r GROUP BY 1") };
    return { map { $_->{qname} => $n{ $_->{oid} } || 0 } @{ $self->{tables} } };
}

sub counts
{
    my ($self) = @_;
    my $texts = $self->row_texts;
    my %counts;
    for my $table (keys %$texts) {
        $counts{$table} = 0;
        $counts{$table} += $_ for values %{ $texts->{$table} };
    }
    return \%counts;
}

# How a restored sample differs, as text. Tables that it need not have may be missing.
sub differences
{
    my ($self, $target) = @_;
    return PgSample::Test::Check::row_differences(
        PgSample::Test::Check::row_texts($target), $self->row_texts);
}

# Selected tables that are not there, and foreign keys that are not there or not in the
# state that they must have: a key that rows of the sample break is NOT VALID, or left out of
# a partitioned table, which cannot have such a key before version 18.
sub schema_differences
{
    my ($self, $target) = @_;
    my %there = map { $_->{qname} => 1 } PgSample::Test::Catalog::tables($target);
    my %state = map { $_->{label} => $_->{validated} ? 'valid' : 'not valid' }
        PgSample::Test::Catalog::foreign_keys($target);
    my @problems = map { "$_->{qname} is missing" }
        grep { $self->_must_be_there($_) && !$there{ $_->{qname} } } @{ $self->{tables} };
    my %name = map { $_->{oid} => $_->{qname} } @{ $self->{tables} };
    my $is_version_18 = $self->rows('SHOW server_version_num')->[0][0] >= 180000;
    for my $key (grep { $there{ $name{ $_->{child_root} } } } @{ $self->{keys} }) {
        my $expected = !$self->_is_broken($key) ? ($key->{validated} ? 'valid' : 'not valid')
            : $key->{child_only} || $is_version_18 ? 'not valid'
            :                      'missing';
        my $got = delete $state{ $key->{label} } || 'missing';
        push @problems, "$key->{label} is $got, not $expected" if $got ne $expected;
    }
    return (@problems, map { "$_ is not in the source" } sort keys %state);
}

sub _must_be_there
{
    my ($self, $table) = @_;
    return $self->counts->{ $table->{qname} }
        || PgSample::Test::Rules::is_selected($self->{selection}, @$table{qw(schema name)});
}

# Does a row of the sample refer to nothing?
sub _is_broken
{
    my ($self, $key) = @_;
    return 0 if grep { $_ == $key } @{ $self->{ignored} };
    my $refers = $key->{match} eq 'f' ? $key->{any_there} : $key->{all_there};
    return $self->rows("SELECT EXISTS (SELECT FROM $key->{child_from} WHERE ($refers)"
            . ' AND ("<child>".tableoid, "<child>".ctid) IN'
            . ' (SELECT leaf, tid FROM oracle_sample)'
            . " AND NOT (($key->{all_there}) AND "
            . PgSample::Test::Catalog::is_held($key) . '))')->[0][0] eq 't';
}

# ---- assertions

# Runs pg-sample with the arguments, restores, compares with the oracle. Returns the restored
# database, or nothing when it went wrong. {restore => [...]} are options of restore(),
# {oracle => ...} is one of the same arguments, {into => ...} a database that has the schema
# already, and no rows; {result => \my $result} gets what pg-sample did.
sub sample_is_exact
{
    my ($source, $name, @argument) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my ($target, $report, $problem) = _sample_and_restore($source, @argument);
    return _judge(undef, $name, \@argument, $problem) if !$target;
    my @problems = PgSample::Test::Catalog::unchanged(
        sub { _problems($source, $target, $report, @argument) });
    return _judge($target, $name, \@argument, @problems);
}

sub _problems
{
    my ($source, $target, $report, @argument) = @_;
    my $picked = reported($source, $report, 'picked');
    my %option = @argument && ref $argument[-1] ? %{ pop @argument } : ();
    my $oracle = $option{oracle} || (__PACKAGE__)->new($source, @argument,
        { picked => $picked, stdin => $option{stdin} });
    return ($oracle->differences($target), $oracle->_wrong_numbers($report),
        ($target == ($option{into} || 0) ? () : $oracle->schema_differences($target)),
        PgSample::Test::Check::broken_foreign_keys($target));
}

# Where the report's numbers are not those of the oracle.
sub _wrong_numbers
{
    my ($self, $report) = @_;
    my $counts   = $self->counts;
    my %expected = (picked => $self->picked, children => $self->children);
    my %said = map { $_ => reported($self, $report, $_) } qw(picked children referenced);
    my @problems;
    for my $table (sort keys %$counts) {
        if (!defined $said{picked}{$table}) {
            push @problems, "$table: not in the report" if $counts->{$table};
            next;
        }
        my %n = map { $_ => $said{$_}{$table} || 0 } keys %said;
        push @problems, map { "$table: $n{$_} $_, not $expected{$_}{$table}" }
            grep { $n{$_} != $expected{$_}{$table} } sort keys %expected;
        my $rows = $n{picked} + $n{children} + $n{referenced};
        push @problems, "$table: the report says $rows rows, not $counts->{$table}"
            if $rows != $counts->{$table};
    }
    return @problems;
}

# Random picks: whatever was picked, the rows of the sample that no other row needs must
# have been picked, and what is not needed cannot be more than what was picked.
sub picked_is_enough
{
    my ($source, $name, @argument) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my ($target, $report, $problem) = _sample_and_restore($source, @argument);
    my @problems = $problem ? ($problem) : ();
    if ($target) {
        my $picked = reported($source, $report, 'picked');
        @problems = (
            _unneeded_rows($target, $source, $picked),
            PgSample::Test::Check::broken_foreign_keys($target),
            PgSample::Test::Check::row_differences(
                PgSample::Test::Check::row_texts($target),
                PgSample::Test::Check::row_texts($source), subset => 1)
        );
    }
    return _judge($target, $name, \@argument, @problems);
}

# The keys are the source's: the restored database may lack one that its rows break.
sub _unneeded_rows
{
    my ($target, $source, $picked) = @_;
    my @keys = PgSample::Test::Catalog::foreign_keys($source);
    my %oid = map { $_->{qname} => $_->{oid} } PgSample::Test::Catalog::tables($source);
    my @problems;
    for my $table (PgSample::Test::Catalog::tables($target)) {
        my @needed = map { "SELECT \"<parent>\".tableoid, \"<parent>\".ctid"
                . " FROM $_->{parent_from} JOIN $_->{child_from} ON $_->{matches}"
                . ($_->{parent_root} eq $_->{child_root}
                ? ' WHERE ("<parent>".tableoid, "<parent>".ctid) <>'
                    . ' ("<child>".tableoid, "<child>".ctid)' : '') }
            grep { $_->{parent_root} eq $oid{ $table->{qname} } } @keys;
        my $needed = join ' UNION ALL ', 'SELECT NULL::oid, NULL::tid WHERE false', @needed;
        my $from = PgSample::Test::Catalog::from($table);
        my ($rows, $unneeded) = @{ $target->row("SELECT pg_catalog.count(*),"
                . " pg_catalog.count(*) FILTER (WHERE (tableoid, ctid) NOT IN ($needed))"
                . " FROM $from") };
        my $n = $picked->{ $table->{qname} } || 0;
        push @problems, "$table->{qname}: $unneeded rows that no row needs, but $n picked"
            if $unneeded > $n;
        push @problems, "$table->{qname}: $rows rows, but $n picked" if $rows < $n;
    }
    return @problems;
}

sub _judge
{
    my ($target, $name, $arguments, @problems) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $test = Test::Builder->new;
    my $n = @problems;
    splice @problems, 20;
    push @problems, "... $n in all" if $n > @problems;
    $test->ok(!@problems, $name);
    $test->diag(join "\n", 'arguments: ' . join(' ', grep { !ref } @$arguments), @problems)
        if @problems;
    return @problems ? undef : $target;
}

# ---- running

sub _sample_and_restore
{
    my ($source, @argument) = @_;
    my %option = @argument && ref $argument[-1] ? %{ pop @argument } : ();
    my ($restore, $into, $to) = delete @option{qw(restore into result oracle)};
    my $file = File::Temp->new(SUFFIX => '.json');
    my $result = $source->sample(@argument, $into ? '--data-only' : (),
        '--report=' . $file->filename, \%option);
    $$to = $result if $to;
    return _sample_and_restore($source, @argument, { %option, restore => $restore })
        if $into && $result->stderr =~ /^pg-sample: error: no order of rows satisfies/m;
    return (undef, undef, $result->describe) if !$result->is_ok;
    my $report = read_report($file->filename);
    my ($target, $restored) = $into ? ($into, $source->server->load_into($into, $result->stdout))
        : $source->server->try_restore($result->stdout, @{ $restore || [] });
    return (undef, $report, 'the dump does not restore: ' . $restored->describe)
        if !$restored->is_ok;
    return ($target, $report);
}

sub read_report
{
    my ($path) = @_;
    open my $file, '<', $path or croak "could not open $path: $!";
    binmode $file;
    local $/;
    return JSON::PP->new->utf8->decode(<$file>);
}

# One number of each table of a report: { 'schema.table' => n }, names quoted.
sub reported
{
    my ($database, $report, $what) = @_;
    my %tables = map { ("$_->{schema}\0$_->{name}" => $_->{qname}) }
        PgSample::Test::Catalog::tables($database);
    my %numbers;
    for my $table (@{ $report->{tables} }) {
        my $qname = $tables{ join "\0", map { _bytes($_) } @$table{qw(schema table)} };
        $numbers{$qname} = $table->{$what} if defined $qname;
    }
    return \%numbers;
}

sub _bytes
{
    my ($text) = @_;
    utf8::encode($text);
    return $text;
}

1;

__END__

=head1 NAME

PgSample::Test::Oracle - the rows that a sample must have

=head1 SYNOPSIS

    use PgSample::Test::Oracle;

    sample_is_exact($source, 'five orders', '--limit=orders = 5, * = 0');
    picked_is_enough($source, 'random', '--limit=10', '--random=7');

    my $oracle = PgSample::Test::Oracle->new($source, '--limit=orders = 5, * = 0');
    my @differences = $oracle->differences($target);
    my $counts = $oracle->counts;      # { 'public.orders' => 5, ... }

=head1 DESCRIPTION

Independent of the program: the arguments are read by L<PgSample::Test::Rules>, the picked
rows P are numbered by a scan of each table (heap order, partitions in bound order, or the
order of the primary key), roots and children are found by L<PgSample::Test::Slices>, and the
sample S is one recursive query over (tableoid, ctid) in the source database that closes them
under every foreign key, joined with the constraint's own operators, and every declared
reference. It uses temporary tables only, in a session of its own. The source must not change
between the sample and the oracle.

The sample is equal when each table has the same multiset of rows as text (generated columns
included), and when the report says the same numbers.

Arguments that decide about rows: --limit, --ordered, --random=stable, -n -N -t -T,
--exclude-table-data, and those that cut out slices. A percent takes its number of rows from
the report: give it as C<{picked =E<gt> {table =E<gt> n}}>; sample_is_exact() does. For
--random, picked_is_enough() asserts what holds whatever was picked: every foreign key holds,
every row is from the source, a table has at least the picked rows, and those that no other row
of the sample refers to are at most as many as were picked.

=cut
