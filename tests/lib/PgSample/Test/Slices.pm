package PgSample::Test::Slices;

# The oracle's part for slices: lookup tables, roots, children, filters, declared references
# and ignored keys. The functions take a PgSample::Test::Oracle.

use strict;
use warnings;

use Carp qw(croak);

use PgSample::Test::Catalog  ();
use PgSample::Test::Rules    ();
use PgSample::Test::Server   ();
use PgSample::Test::SliceRules ();

$Carp::Internal{ +__PACKAGE__ } = 1; # errors name the line of the test

# The columns of each relation, and of the key that orders its rows: the primary key, else
# the smallest unique key without NULLs.
my $COLUMNS = <<'SQL';
SELECT a.attrelid, a.attname, pg_catalog.quote_ident(a.attname),
       pg_catalog.format_type(a.atttypid, -1)
  FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
 WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p')
   AND c.relnamespace::pg_catalog.regnamespace::text !~ '^(pg_|information_schema)'
 ORDER BY a.attrelid, a.attnum
SQL

my $KEYS = <<'SQL';
SELECT k.indrelid, pg_catalog.quote_ident(a.attname)
  FROM (SELECT i.*, pg_catalog.row_number() OVER (PARTITION BY i.indrelid
               ORDER BY NOT i.indisprimary, i.indnkeyatts, x.relname COLLATE "C") AS place
          FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
         WHERE i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
           AND (SELECT pg_catalog.bool_and(a.attnotnull) FROM pg_catalog.pg_attribute a
                 WHERE a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey))) k
 CROSS JOIN LATERAL unnest(k.indkey::int2[]) WITH ORDINALITY AS c(attnum, position)
  JOIN pg_catalog.pg_attribute a ON a.attrelid = k.indrelid AND a.attnum = c.attnum
 WHERE k.place = 1 AND c.position <= k.indnkeyatts
 ORDER BY k.indrelid, c.position
SQL

# Reads what else is needed of the catalogs, and makes { edges }: foreign keys and declared
# references that are followed; and { ignored }, foreign keys that are not.
sub prepare
{
    my ($oracle) = @_;
    for my $row (@{ PgSample::Test::Catalog::facts($oracle, $COLUMNS) }) {
        push @{ $oracle->{columns}{ $row->[0] } }, { name => $row->[1], quoted => $row->[2],
            type => $row->[3] };
    }
    push @{ $oracle->{key_columns}{ $_->[0] } }, $_->[1]
        for @{ PgSample::Test::Catalog::facts($oracle, $KEYS) };
    my %table = map { $_->{oid} => $_ } @{ $oracle->{tables} }, @{ $oracle->{partitions} };
    for my $key (@{ $oracle->{keys} }) {
        $key->{tables} = [ map { [ @{ $table{$_} }{qw(schema name)} ] }
                @$key{qw(child_oid child_root)} ];
    }
    my @references = map { _declared_edge($oracle, $_) } @{ $oracle->{slice}{references} };
    my $is_ignored = sub {
        my ($edge) = @_;
        return grep { PgSample::Test::SliceRules::rank($_, $edge) }
            @{ $oracle->{slice}{ignored} };
    };
    $oracle->{edges} = [ grep { !$is_ignored->($_) } @{ $oracle->{keys} }, @references ];
    $oracle->{ignored} = [ grep { $is_ignored->($_) } @{ $oracle->{keys} } ];
    $oracle->rows('CREATE TEMP TABLE oracle_roots (root oid, leaf oid, tid tid);'
            . 'CREATE TEMP TABLE oracle_down (root oid, leaf oid, tid tid, depth int,'
            . ' PRIMARY KEY (leaf, tid));'
            . 'CREATE TEMP TABLE oracle_pairs (parent_leaf oid, parent_tid tid,'
            . ' root oid, leaf oid, tid tid)');
    return;
}

# A reference in the shape of a foreign key of PgSample::Test::Catalog. The child is the
# table with the expressions as further columns.
sub _declared_edge
{
    my ($oracle, $reference) = @_;
    my ($child, $parent) = map { _one_table($oracle, $reference->{$_}) } qw(child parent);
    my @expressions = map {
        defined $reference->{condition} ? "CASE WHEN (\n$reference->{condition}\n) THEN $_ END"
            : $_
    } @{ $reference->{expressions} };
    my @columns = @{ $reference->{columns} };
    my @parts = map {
        "(\n$expressions[$_]\n) AS \"<expression $_>\""
    } 0 .. $#expressions;
    return {
        label      => $reference->{text},
        tables     => [ [ @$child{qw(schema name)} ] ],
        child      => $child->{qname},
        child_oid  => $child->{oid},
        child_root => $child->{oid},
        child_from => join(', ', '(SELECT tableoid, ctid', @parts)
            . ' FROM ' . PgSample::Test::Catalog::from($child) . ') AS "<child>"',
        parent_root => $parent->{oid},
        parent_from => PgSample::Test::Catalog::from($parent) . ' AS "<parent>"',
        matches     => join(' AND ',
            map { "\"<parent>\".$columns[$_] = \"<child>\".\"<expression $_>\"" }
                0 .. $#columns),
    };
}

sub _one_table
{
    my ($oracle, $pattern) = @_;
    my @tables = grep { PgSample::Test::Rules::matches($pattern, @$_{qw(schema name)}) }
        @{ $oracle->{tables} };
    croak @tables . ' tables where there must be one' if @tables != 1;
    return $tables[0];
}

sub _is_open
{
    my ($oracle, $table) = @_;
    my @name = @$table{qw(schema name)};
    return PgSample::Test::Rules::is_selected($oracle->{selection}, @name)
        && !grep { PgSample::Test::Rules::matches($_, @name) } @{ $oracle->{slice}{excluded} };
}

# ---- the filter

# The conditions of --where-column whose columns the relation has.
sub _conditions
{
    my ($oracle, $relation) = @_;
    my %has = map { $_->{name} => 1 } @{ $oracle->{columns}{ $relation->{oid} } || [] };
    return map { $_->{condition} } grep { $has{ $_->{column} } }
        @{ $oracle->{slice}{filters} };
}

sub filter
{
    my ($oracle, $relation) = @_;
    return join ' AND ', map { "(\n$_\n) IS TRUE" } _conditions($oracle, $relation);
}

# ---- lookup tables, part of P

sub pick_lookups
{
    my ($oracle) = @_;
    my $n = $oracle->{slice}{lookup_rows} or return;
    my %is_needed = map { $_->{oid} => 1 } grep {
        PgSample::Test::Rules::is_selected($oracle->{selection}, @$_{qw(schema name)})
    } @{ $oracle->{tables} };
    my %is_selected = %is_needed;
    my ($before, $after) = (0, 1);
    while ($before != $after) {
        $before = keys %is_needed;
        $is_needed{ $_->{parent_root} } = 1
            for grep { $is_needed{ $_->{child_root} } } @{ $oracle->{edges} };
        $after = keys %is_needed;
    }
    for my $table (grep { _is_open($oracle, $_) } @{ $oracle->{tables} }) {
        my @name = @$table{qw(schema name)};
        next if !grep {
            $_->{parent_root} eq $table->{oid} && $_->{child_root} ne $table->{oid}
                && $is_needed{ $_->{child_root} }
        } @{ $oracle->{edges} };
        next if grep { !$_->{is_general}
                && PgSample::Test::Rules::matches($_->{pattern}, @name) } @{ $oracle->{rules} };
        my $from = PgSample::Test::Catalog::from($table);
        next if $oracle->rows("SELECT count(*) > $n FROM $from")->[0][0] eq 't';
        my $condition = filter($oracle, $table) || 'true';
        $oracle->rows("DELETE FROM oracle_picked WHERE root = $table->{oid};"
                . " INSERT INTO oracle_picked SELECT $table->{oid}, tableoid, ctid FROM $from"
                . " WHERE $condition");
        $oracle->{is_whole}{ $table->{oid} } = $condition eq 'true';
    }
    return;
}

# ---- R, the root rows

sub pick_roots
{
    my ($oracle) = @_;
    my $slice = $oracle->{slice};
    return if !$slice->{is_asked};
    if (!$slice->{has_roots}) {
        for my $table (grep { _is_open($oracle, $_) } @{ $oracle->{tables} }) {
            _insert_roots($oracle, $table, $table, filter($oracle, $table))
                if _conditions($oracle, $table);
        }
    }
    for my $root (@{ $slice->{roots} }, @{ $slice->{root_files} }) {
        for my $found (_named_relations($oracle, $root->{pattern})) {
            my ($relation, $table) = @$found;
            if ($root->{keys}) {
                my $key = $oracle->{key_columns}{ $relation->{oid} };
                _insert_roots($oracle, $relation, $table,
                    _is_one_of($oracle, $relation, $key, @{ $root->{keys} }));
            } elsif (defined $root->{file}) {
                my ($header, @records) = _records($oracle, $relation, $root->{file});
                _insert_roots($oracle, $relation, $table,
                    _is_one_of($oracle, $relation, $header, @records));
            } else {
                $oracle->pick({ %$relation, rule => $root,
                        leaves => $oracle->leaves($relation) }, $table, 'oracle_roots');
            }
        }
    }
    return;
}

# Tables, and partitions that a pattern without wildcards names, each with its root.
sub _named_relations
{
    my ($oracle, $pattern) = @_;
    my %root = map { $_->{oid} => $_ } @{ $oracle->{tables} };
    my @found = map { [ $_, $root{ $_->{root} || $_->{oid} } ] }
        grep { PgSample::Test::Rules::matches($pattern, @$_{qw(schema name)}) }
        (@{ $oracle->{tables} }, $pattern->{is_literal} ? @{ $oracle->{partitions} } : ());
    @found = grep { $_->[1] && _is_open($oracle, $_->[1]) } @found;
    croak 'a root that matches no table' if !@found;
    return @found;
}

sub _records
{
    my ($oracle, $relation, $file) = @_;
    my $text = $oracle->{stdin};
    if ($file ne '-') {
        open my $handle, '<', $file or croak "could not open $file: $!";
        binmode $handle;
        $text = do { local $/; <$handle> };
    }
    my ($header, @records) = PgSample::Test::SliceRules::read_csv($text);
    my %quoted = map { $_->{name} => $_->{quoted} } @{ $oracle->{columns}{ $relation->{oid} } };
    return ([ map { $quoted{$_} } @$header ], @records);
}

sub _is_one_of
{
    my ($oracle, $relation, $columns, @tuples) = @_;
    croak 'a key that is not there' if !$columns || !@$columns;
    return 'false' if !@tuples;
    my %type = map { $_->{quoted} => $_->{type} } @{ $oracle->{columns}{ $relation->{oid} } };
    my $values = join ', ', map {
        my $tuple = $_;
        croak 'a key of another size' if @$tuple != @$columns;
        '(' . join(', ', map {
            PgSample::Test::Server::quote_literal($tuple->[$_]) . "::$type{ $columns->[$_] }"
        } 0 .. $#$tuple) . ')'
    } @tuples;
    return '(' . join(', ', @$columns) . ") IN ($values)";
}

sub _insert_roots
{
    my ($oracle, $relation, $table, $condition) = @_;
    $oracle->rows("INSERT INTO oracle_roots SELECT $table->{oid}, tableoid, ctid FROM "
            . PgSample::Test::Catalog::from($relation) . " WHERE $condition");
    return;
}

# ---- D, what comes down from the roots

sub go_down
{
    my ($oracle) = @_;
    $oracle->rows('INSERT INTO oracle_down SELECT root, leaf, tid, 0 FROM oracle_roots'
            . ' ON CONFLICT DO NOTHING');
    my $depth = $oracle->{slice}{depth};
    return if defined $depth && $depth == 0;
    _insert_pairs($oracle, $_) for _edges_down($oracle);
    my $limit = defined $depth ? "EXIT WHEN level >= $depth;" : '';
    $oracle->rows(<<"SQL");
CREATE INDEX ON oracle_pairs (parent_leaf, parent_tid);
CREATE INDEX ON oracle_down (depth);
ANALYZE oracle_pairs;
DO \$\$
DECLARE level int := 0; n bigint;
BEGIN
    LOOP
        $limit
        INSERT INTO oracle_down
        SELECT p.root, p.leaf, p.tid, level + 1
          FROM oracle_down d
          JOIN oracle_pairs p ON p.parent_leaf = d.leaf AND p.parent_tid = d.tid
         WHERE d.depth = level
            ON CONFLICT DO NOTHING;
        GET DIAGNOSTICS n = ROW_COUNT;
        EXIT WHEN n = 0;
        level := level + 1;
    END LOOP;
END \$\$
SQL
    return;
}

# Edges along which rows may come down, of the tables that can be reached at all.
sub _edges_down
{
    my ($oracle) = @_;
    my %table = map { $_->{oid} => $_ } @{ $oracle->{tables} };
    my @edges;
    for my $edge (@{ $oracle->{edges} }) {
        my $child = $table{ $edge->{child_root} };
        next if !$child || !_is_open($oracle, $child);
        my $cap = PgSample::Test::SliceRules::cap($oracle->{slice}{children}, $edge);
        push @edges, { %$edge, cap => $cap, table => $child } if !defined $cap || $cap > 0;
    }
    my %is_reached = map { $_->[0] => 1 }
        @{ $oracle->rows('SELECT DISTINCT root FROM oracle_roots') };
    for (0 .. @edges) {
        $is_reached{ $_->{child_root} } = 1 for grep { $is_reached{ $_->{parent_root} } } @edges;
    }
    return grep { $is_reached{ $_->{parent_root} } } @edges;
}

# All followed pairs of an edge, whatever is in the sample.
sub _insert_pairs
{
    my ($oracle, $edge) = @_;
    my $children = _numbered_children($oracle, $edge->{table});
    my $cap = defined $edge->{cap} ? "WHERE number <= $edge->{cap}" : '';
    $oracle->rows(<<"SQL");
SET enable_hashjoin = on;
INSERT INTO oracle_pairs
SELECT parent_leaf, parent_tid, $edge->{child_root}, leaf, tid
  FROM (SELECT "<parent>".tableoid AS parent_leaf, "<parent>".ctid AS parent_tid, "<order>".*,
               pg_catalog.row_number() OVER (PARTITION BY "<parent>".tableoid,
                   "<parent>".ctid ORDER BY "<order>".place) AS number
          FROM $edge->{child_from}
          JOIN $children AS "<order>"
               ON "<order>".leaf = "<child>".tableoid AND "<order>".tid = "<child>".ctid
          JOIN $edge->{parent_from} ON $edge->{matches}) AS numbered
 $cap;
SET enable_hashjoin = off
SQL
    return;
}

# A table (leaf, tid, place) with the rows that pass the filter, in the order in which caps
# take them.
sub _numbered_children
{
    my ($oracle, $table) = @_;
    my $name = "oracle_order_$table->{oid}";
    return $name if $oracle->{is_numbered}{ $table->{oid} }++;
    my $condition = filter($oracle, $table) || 'true';
    my $order = order($oracle, $table);
    $oracle->rows("CREATE TEMP TABLE $name AS SELECT \"<leaf>\" AS leaf, \"<tid>\" AS tid,"
            . " pg_catalog.row_number() OVER ($order) AS place"
            . " FROM (SELECT tableoid AS \"<leaf>\", ctid AS \"<tid>\", *,"
            . " pg_catalog.row_number() OVER () AS \"<scan>\", $condition AS \"<fits>\" FROM "
            . PgSample::Test::Catalog::from($table)
            . ") AS scanned WHERE \"<fits>\"; ANALYZE $name");
    return $name;
}

sub order
{
    my ($oracle, $table) = @_;
    my @key = @{ $oracle->{key_columns}{ $table->{oid} } || [] };
    my $direction = $oracle->{ordered} || 'asc';
    my @by = defined $oracle->{random} ? hash($oracle, $table) : map { "$_ $direction" } @key;
    return 'ORDER BY ' . join ', ', @by, '"<scan>"';
}

# What --random=stable goes by.
sub hash
{
    my ($oracle, $table) = @_;
    my $key = $oracle->{key_columns}{ $table->{oid} }
        || [ map { $_->{quoted} } @{ $oracle->{columns}{ $table->{oid} } } ];
    return 'pg_catalog.hashtextextended(ROW(' . join(', ', @$key) . ')::text COLLATE "C", 0)';
}

# ---- answers

# The text of a row "<child>" of the sample: columns of ignored keys are NULL where the row
# that they refer to is not there, those that may be; all of them if MATCH FULL.
sub row_text
{
    my ($oracle, $table) = @_;
    my %when;
    for my $key (grep { $_->{child_root} eq $table->{oid} } @{ $oracle->{ignored} }) {
        my $lost = _is_lost($oracle, $key);
        push @{ $when{$_} }, $lost for _cut_columns($oracle, $key);
    }
    return '"<child>"::pg_catalog.text' if !%when;
    my @columns = map {
        my $lost = $when{ $_->{quoted} };
        $lost ? 'CASE WHEN ' . join(' OR ', @$lost) . " THEN NULL ELSE \"<child>\".$_->{quoted} END"
            : "\"<child>\".$_->{quoted}"
    } @{ $oracle->{columns}{ $table->{oid} } };
    return 'ROW(' . join(', ', @columns) . ')::pg_catalog.text';
}

sub _is_lost
{
    my ($oracle, $key) = @_;
    my $refers = $key->{match} eq 'f' ? $key->{any_there} : $key->{all_there};
    my $leaves = join ',', $key->{child_oid}, @{ $oracle->leaves({ oid => $key->{child_oid} }) };
    return "(\"<child>\".tableoid = ANY ('{$leaves}'::oid[]) AND ($refers)"
        . ' AND NOT ' . PgSample::Test::Catalog::is_held($key,
            '("<parent>".tableoid, "<parent>".ctid) IN (SELECT leaf, tid FROM oracle_sample)')
        . ')';
}

sub _cut_columns
{
    my ($oracle, $key) = @_;
    my $nullable = $key->{match} eq 'f' ? '' : 'AND NOT a.attnotnull';
    return map { $_->[0] } @{ $oracle->rows(<<"SQL") };
SELECT pg_catalog.quote_ident(a.attname)
  FROM pg_catalog.pg_constraint k
  JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey)
 WHERE k.oid = $key->{oid} $nullable
SQL
}

1;

__END__

=head1 NAME

PgSample::Test::Slices - the oracle's part for slices

=head1 DESCRIPTION

R is inserted into oracle_roots, and D into oracle_down, level by level, by joins with
oracle_pairs: all pairs (parent, child) of each edge, as the caps leave them, over the whole
database. Nothing of this depends on an order of work.

Not covered: --random with a seed, rules that contradict each other, mistakes of any kind.

=head1 FUNCTIONS

All take the oracle first: prepare, pick_lookups, pick_roots, go_down; filter(relation),
order(table), hash(table), row_text(table) are SQL.

=cut
