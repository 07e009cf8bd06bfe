package PgSample::Test::Undo;

# Undo tables made by hand, from the rows before and after changes in SQL: what the program
# must make of them does not depend on what it writes itself.

use strict;
use warnings;

use Exporter qw(import);

use PgSample::Test::Server;

our @EXPORT = qw(keep_undo);

my $n_runs = 0;

sub name_of { return PgSample::Test::Server::quote_identifier($_[0]) }
sub text_of { return defined $_[0] ? PgSample::Test::Server::quote_literal($_[0]) : 'NULL' }

# Makes the changes, and keeps undo of them as a load of the batch does; the batch can be
# undef. The hash has the key of each table, whose schema is public. Returns the id of the
# run.
sub keep_undo
{
    my ($db, $batch, $keys, $sql) = @_;
    my $run = sprintf '%08x-0000-4000-8000-000000000000', ++$n_runs;
    my @tables = sort keys %$keys;
    $db->sql(join ';', map { 'CREATE TABLE ' . name_of("before $_") . ' AS SELECT * FROM ' . name_of($_) } @tables);
    $db->sql($sql);
    $db->sql(_undo_of($db, $batch, $run, $_, @{ $keys->{$_} })) for @tables;
    return $run;
}

# Names of columns, and types below domains.
sub _columns
{
    my ($db, $qname) = @_;
    my $regclass = text_of($qname) . '::regclass';
    return @{ $db->rows(<<"SQL") };
WITH RECURSIVE t AS (
    SELECT attname, attnum, atttypid AS type, atttypmod AS mod FROM pg_attribute
     WHERE attrelid = $regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
    UNION ALL
    SELECT attname, attnum, typbasetype, typtypmod FROM t JOIN pg_type y ON y.oid = type AND typtype = 'd')
SELECT attname, format_type(type, mod) FROM t JOIN pg_type y ON y.oid = type AND typtype <> 'd' ORDER BY attnum
SQL
}

sub _undo_of
{
    my ($db, $batch, $run, $table, @key) = @_;
    my $qname = name_of($table);
    my @columns = _columns($db, $qname);
    my $definition = join ', ', map {
        my $when = $_;
        map { $when . '_' . ($_ + 1) . " $columns[$_][1]" } 0 .. $#columns
    } qw(old new);
    my $match = join ' AND ', map { 'o.' . name_of($_) . ' = n.' . name_of($_) } @key;
    my $old = join ', ', map { 'o.' . name_of($_->[0]) } @columns;
    my $new = join ', ', map { 'n.' . name_of($_->[0]) } @columns;
    my $first = name_of($key[0]);
    my $undo = "${table}_undo_" . substr $run, 0, 8;
    my $undo_name = name_of($undo);
    my $names = join ', ', map { text_of($_->[0]) } @columns;
    my $types = join ', ', map { text_of($_->[1]) } @columns;
    my $keys = join ', ', map { text_of($_) } @key;
    my ($id, $raw, $before) = (text_of($batch), text_of($undo), name_of("before $table"));
    my $full = "format('%I.%I', 'public', " . text_of($table) . ')';
    my $state = defined $batch ? <<"SQL" : '';
INSERT INTO _pg_sample_load.batch (batch_id, table_name, state, run_id, started_at, committed_at)
VALUES ($id, $full, 'committed', '$run', now(), now())
    ON CONFLICT (batch_id, table_name) DO UPDATE SET state = EXCLUDED.state, run_id = EXCLUDED.run_id;
SQL
    return <<"SQL";
CREATE TABLE _pg_sample_load.$undo_name (op "char", $definition);
COMMENT ON TABLE _pg_sample_load.$undo_name IS '{"what": "undo"}';
INSERT INTO _pg_sample_load.$undo_name
SELECT CASE WHEN o.$first IS NULL THEN 'I' WHEN n.$first IS NULL THEN 'D' ELSE 'U' END, $old, $new
  FROM $before o FULL JOIN $qname n ON $match
 WHERE o.$first IS NULL OR n.$first IS NULL OR ROW($old)::record *<> ROW($new)::record;
INSERT INTO _pg_sample_load.undo (run_id, batch_id, table_name, undo_table, columns, types, key, n_rows, committed_at)
SELECT '$run', $id, $full, $raw, ARRAY[$names], ARRAY[$types], ARRAY[$keys], count(*), now()
  FROM _pg_sample_load.$undo_name;
INSERT INTO _pg_sample_load.run (run_id, committed_at) VALUES ('$run', now()) ON CONFLICT DO NOTHING;
DROP TABLE $before;
$state
SQL
}

1;
