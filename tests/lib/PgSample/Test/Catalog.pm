package PgSample::Test::Catalog;

# The tables and foreign keys of a database, with the SQL text that joins over each key.

use strict;
use warnings;

# Tables that a sample knows: ordinary ones and the roots of partitioned ones.
my $TABLES = <<'SQL';
SELECT c.oid,
       n.nspname,
       c.relname,
       pg_catalog.format('%I.%I', n.nspname, c.relname),
       c.relkind
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'p')
   AND NOT c.relispartition
   AND c.relpersistence <> 't'
   AND n.nspname !~ '^pg_'
   AND n.nspname <> 'information_schema'
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                    WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
                      AND d.objid = c.oid
                      AND d.deptype = 'e')
 ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C"
SQL

my $PARTITIONS = <<'SQL';
SELECT pg_catalog.pg_partition_root(c.oid)::oid,
       c.oid,
       n.nspname,
       c.relname,
       pg_catalog.format('%I.%I', n.nspname, c.relname),
       c.relkind,
       i.inhparent
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_inherits i ON i.inhrelid = c.oid
 WHERE c.relispartition
   AND c.relkind IN ('r', 'p')
 ORDER BY c.oid
SQL

# Both sides of a comparison are cast to the types of the constraint's own operator, and the
# collation is the referenced column's, as the server's own check does it. Constraints that
# the server made for partitions of a partitioned table (conparentid) repeat their parent.
# What is looked up in place of joined leaves little to plan, which is most of the time.
my $FOREIGN_KEYS = <<'SQL';
WITH pairs AS (
    SELECT k.oid,
           pg_catalog.string_agg(pg_catalog.format(
                   '("<parent>".%I%s)%s OPERATOR(%s.%s) ("<child>".%I%s)',
                   pa.attname,
                   CASE (SELECT t.typtype FROM pg_catalog.pg_type t WHERE t.oid = o.oprleft)
                        WHEN 'p' THEN ''
                        ELSE '::' || pg_catalog.format_type(o.oprleft, -1) END,
                   CASE WHEN pa.attcollation <> 0
                             AND (SELECT t.typcollation FROM pg_catalog.pg_type t
                                   WHERE t.oid = o.oprleft) <> 0
                        THEN (SELECT pg_catalog.format(' COLLATE %s.%I',
                                     co.collnamespace::pg_catalog.regnamespace, co.collname)
                                FROM pg_catalog.pg_collation co
                               WHERE co.oid = pa.attcollation) END,
                   o.oprnamespace::pg_catalog.regnamespace,
                   o.oprname,
                   ca.attname,
                   CASE (SELECT t.typtype FROM pg_catalog.pg_type t WHERE t.oid = o.oprright)
                        WHEN 'p' THEN ''
                        ELSE '::' || pg_catalog.format_type(o.oprright, -1) END),
               ' AND ' ORDER BY key.position) AS matches,
           pg_catalog.string_agg(pg_catalog.format('"<child>".%I', ca.attname),
               ', ' ORDER BY key.position) AS child_columns,
           pg_catalog.string_agg(pg_catalog.format('"<child>".%I IS NOT NULL', ca.attname),
               ' AND ') AS all_there,
           pg_catalog.string_agg(pg_catalog.format('"<child>".%I IS NOT NULL', ca.attname),
               ' OR ') AS any_there,
           pg_catalog.max(pg_catalog.format('"<child>".%I', ca.attname))
               FILTER (WHERE (pg_catalog.to_jsonb(k) ->> 'conperiod')::bool
                         AND key.position = pg_catalog.cardinality(k.conkey)) AS child_period,
           pg_catalog.max(pg_catalog.format('"<parent>".%I', pa.attname))
               FILTER (WHERE (pg_catalog.to_jsonb(k) ->> 'conperiod')::bool
                         AND key.position = pg_catalog.cardinality(k.conkey)) AS parent_period
      FROM pg_catalog.pg_constraint k
     CROSS JOIN LATERAL unnest(k.conkey, k.confkey, k.conpfeqop) WITH ORDINALITY
                AS key(child, parent, operator, position)
      JOIN pg_catalog.pg_attribute ca ON ca.attrelid = k.conrelid AND ca.attnum = key.child
      JOIN pg_catalog.pg_attribute pa ON pa.attrelid = k.confrelid AND pa.attnum = key.parent
      JOIN pg_catalog.pg_operator o ON o.oid = key.operator
     WHERE k.contype = 'f'
       AND k.conparentid = 0
     GROUP BY k.oid
)
SELECT k.oid,
       k.conname,
       pg_catalog.format('%I.%I', n.nspname, c.relname),
       pg_catalog.format('%s.%I', p.relnamespace::pg_catalog.regnamespace, p.relname),
       c.oid,
       p.oid,
       COALESCE(pg_catalog.pg_partition_root(c.oid)::oid, c.oid),
       COALESCE(pg_catalog.pg_partition_root(p.oid)::oid, p.oid),
       CASE c.relkind WHEN 'p' THEN '' ELSE 'ONLY ' END,
       CASE p.relkind WHEN 'p' THEN '' ELSE 'ONLY ' END,
       k.confmatchtype,
       k.convalidated,
       pairs.matches,
       pairs.child_columns,
       pairs.all_there,
       pairs.any_there,
       pairs.child_period,
       pairs.parent_period
  FROM pairs
  JOIN pg_catalog.pg_constraint k ON k.oid = pairs.oid
  JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_class p ON p.oid = k.confrelid
 ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C", k.conname COLLATE "C"
SQL

our $known; # rows of the catalogs by database and query, while they do not change
my %final;  # the same, of databases in which they never change

# Runs code that changes no schema: the catalogs of each database are read once.
sub unchanged
{
    my ($code) = @_;
    local $known = {};
    return $code->();
}

# The schema of this database changes no more.
sub is_final
{
    my ($database) = @_;
    $final{ $database->conninfo } ||= {};
    return;
}

# Rows of a query of catalogs, which are read once where they do not change.
sub facts
{
    my ($database, $query) = @_;
    my $name = $database->conninfo;
    my $rows = $final{$name} || $known && ($known->{$name} ||= {});
    return $rows ? $rows->{$query} ||= $database->rows($query) : $database->rows($query);
}

sub tables
{
    my ($database) = @_;
    return _hashes(facts($database, $TABLES), qw(oid schema name qname kind));
}

sub partitions
{
    my ($database) = @_;
    return _hashes(facts($database, $PARTITIONS),
        qw(root oid schema name qname kind parent));
}

sub foreign_keys
{
    my ($database) = @_;
    my @keys = _hashes(facts($database, $FOREIGN_KEYS),
        qw(oid name child parent child_oid parent_oid child_root parent_root child_only
            parent_only match validated matches child_columns all_there any_there
            child_period parent_period));
    for my $key (@keys) {
        $key->{child_from}  = "$key->{child_only}$key->{child} AS \"<child>\"";
        $key->{parent_from} = "$key->{parent_only}$key->{parent} AS \"<parent>\"";
        $key->{validated}   = $key->{validated} eq 't';
        $key->{label}       = "$key->{name} on $key->{child}";
    }
    return @keys;
}

# True where the row "<child>" has what it refers to, among the rows "<parent>" that satisfy
# the condition: a row that matches; with PERIOD, rows that together cover its own period.
sub is_held
{
    my ($key, $condition) = @_;
    my $rows = "FROM $key->{parent_from} WHERE $key->{matches}"
        . (defined $condition ? " AND ($condition)" : '');
    return "EXISTS (SELECT $rows)" if !defined $key->{child_period};
    return "COALESCE($key->{child_period} <@ (SELECT pg_catalog.range_agg($key->{parent_period})"
        . " $rows), false)";
}

# The rows of a table, without those of its inheritance children.
sub from
{
    my ($table) = @_;
    return ($table->{kind} eq 'p' ? '' : 'ONLY ') . $table->{qname};
}

# Rows of many queries of one shape, in statements of a size that the server likes.
sub union
{
    my ($database, @selects) = @_;
    my @rows;
    while (my @some = splice @selects, 0, 100) {
        push @rows, @{ $database->rows(join "\nUNION ALL\n", map { "($_)" } @some) };
    }
    return \@rows;
}

sub _hashes
{
    my ($rows, @names) = @_;
    return map { my $row = $_; +{ map { $names[$_] => $row->[$_] } 0 .. $#names } } @$rows;
}

1;

__END__

=head1 NAME

PgSample::Test::Catalog - tables and foreign keys of a database, for checks and oracle

=head1 FUNCTIONS

=over

=item tables(database)

Hashes: oid, schema, name, qname (quoted), kind (r or p). No partitions, no extension members.

=item partitions(database)

Hashes: root, oid, schema, name, qname, kind, parent.

=item foreign_keys(database)

Hashes: oid, name, label, child and parent (quoted names), child_from and parent_from (with
ONLY where it belongs, aliases C<< "<child>" >> and C<< "<parent>" >>), child_root and
parent_root (oids of the logical tables), match (s or f), validated, and SQL conditions:
matches, all_there (no referencing column is null), any_there. For a key with PERIOD child_period
and parent_period are its columns.

=item unchanged(code)

Runs the code, in which each of these reads the catalogs of a database once only.

=item is_final(database)

The same from now on, for a database whose schema does not change any more.

=item facts(database, query)

Rows of another query of the catalogs, kept in the same way.

=item is_held(key, condition)

=item from(table), union(database, selects...)

=back

=cut
