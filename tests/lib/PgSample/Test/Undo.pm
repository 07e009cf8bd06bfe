package PgSample::Test::Undo;

# Undo tables made by hand, from the rows before and after changes in SQL.

use strict;
use warnings;

use Exporter qw(import);

our @EXPORT = qw(keep_undo);

my $n_runs = 0;

# Makes the changes, and keeps undo of them as a load of the batch does; the batch can be
# undef. Keys are those of the hash of tables. Returns the id of the run.
sub keep_undo
{
    my ($db, $batch, $keys, $sql) = @_;
    my $run = sprintf '%08x-0000-4000-8000-000000000000', ++$n_runs;
    my @tables = sort keys %$keys;
    $db->sql(join ';', map { "CREATE TABLE before_$_ AS SELECT * FROM $_" } @tables);
    $db->sql($sql);
    $db->sql(_undo_of($db, $batch, $run, $_, @{ $keys->{$_} })) for @tables;
    return $run;
}

sub _undo_of
{
    my ($db, $batch, $run, $table, @key) = @_;
    my @columns = @{ $db->column(<<"SQL") };
SELECT quote_ident(attname) FROM pg_attribute
 WHERE attrelid = '$table'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum
SQL
    my @types = @{ $db->column(<<"SQL") };
WITH RECURSIVE t AS (
    SELECT attnum, atttypid AS type, atttypmod AS mod FROM pg_attribute
     WHERE attrelid = '$table'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
    UNION ALL
    SELECT attnum, typbasetype, typtypmod FROM t JOIN pg_type y ON y.oid = type AND typtype = 'd')
SELECT format_type(type, mod) FROM t JOIN pg_type y ON y.oid = type AND typtype <> 'd' ORDER BY attnum
SQL
    my @numbers = 1 .. @columns;
    my $definition = join ', ', map { my $when = $_; map { "${when}_$_ $types[$_ - 1]" } @numbers } qw(old new);
    my $match = join ' AND ', map { "o.$_ = n.$_" } @key;
    my $old = join ', ', map { "o.$_" } @columns;
    my $new = join ', ', map { "n.$_" } @columns;
    my $name = "${table}_undo_" . substr $run, 0, 8;
    my $list = join ', ', map { "'" . s/^"|"$//gr . "'" } @columns;
    my $keys = join ', ', map { "'$_'" } @key;
    my $id = defined $batch ? "'$batch'" : 'NULL';
    my $state = defined $batch ? <<"SQL" : '';
INSERT INTO _pg_sample_load.batch (batch_id, table_name, state, run_id, started_at, committed_at)
VALUES ($id, 'public.$table', 'committed', '$run', now(), now())
    ON CONFLICT (batch_id, table_name) DO UPDATE SET state = EXCLUDED.state, run_id = EXCLUDED.run_id;
SQL
    return <<"SQL";
CREATE TABLE _pg_sample_load.$name (op "char", $definition);
COMMENT ON TABLE _pg_sample_load.$name IS '{"what": "undo"}';
INSERT INTO _pg_sample_load.$name
SELECT CASE WHEN o.$key[0] IS NULL THEN 'I' WHEN n.$key[0] IS NULL THEN 'D' ELSE 'U' END, $old, $new
  FROM before_$table o FULL JOIN $table n ON $match
 WHERE o.$key[0] IS NULL OR n.$key[0] IS NULL OR ROW($old)::record *<> ROW($new)::record;
INSERT INTO _pg_sample_load.undo (run_id, batch_id, table_name, undo_table, columns, types, key, n_rows, committed_at)
SELECT '$run', $id, 'public.$table', '$name', ARRAY[$list], ARRAY[$list], ARRAY[$keys], count(*), now()
  FROM _pg_sample_load.$name;
INSERT INTO _pg_sample_load.run (run_id, committed_at) VALUES ('$run', now()) ON CONFLICT DO NOTHING;
DROP TABLE before_$table;
$state
SQL
}

1;
