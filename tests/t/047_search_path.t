# Functions that find others by the search_path of those who use them: what fails at the
# restore is told, and --restore-search-path makes it restore.

use strict;
use warnings;

use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Check;
use PgSample::Test::Server;

my $server = PgSample::Test::Server->start;

my $FUNCTIONS = <<'SQL';
CREATE FUNCTION inner_f(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT $1 + 1';
CREATE FUNCTION outer_sql(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT inner_f($1)';
CREATE FUNCTION outer_plpgsql(int) RETURNS int IMMUTABLE LANGUAGE plpgsql
    AS 'BEGIN RETURN inner_f($1); END';
CREATE FUNCTION fixed(int) RETURNS int IMMUTABLE LANGUAGE plpgsql SET search_path = public
    AS 'BEGIN RETURN inner_f($1); END';
CREATE FUNCTION broken(int) RETURNS int IMMUTABLE LANGUAGE plpgsql
    AS 'BEGIN IF $1 < 0 THEN RETURN nowhere($1); END IF; RETURN 0; END';
SQL

# Each needs the path in one way.
my %TABLE = (
    generated => 'CREATE TABLE generated (id int PRIMARY KEY,
        g int GENERATED ALWAYS AS (outer_plpgsql(id)) STORED);
        INSERT INTO generated SELECT generate_series(1, 9)',
    checked => 'CREATE TABLE checked (id int PRIMARY KEY, CHECK (outer_plpgsql(id) > 0));
        INSERT INTO checked SELECT generate_series(1, 9)',
    indexed => 'CREATE TABLE indexed (id int PRIMARY KEY, p int REFERENCES indexed);
        INSERT INTO indexed SELECT i, nullif(i - 1, 0) FROM generate_series(1, 9) i;
        CREATE INDEX by_f ON indexed (outer_sql(id))',
    partial => 'CREATE TABLE partial (id int PRIMARY KEY);
        INSERT INTO partial SELECT generate_series(1, 9);
        CREATE INDEX part_f ON partial (id) WHERE outer_sql(id) > 5',
    partitioned => 'CREATE TABLE partitioned (id int PRIMARY KEY, p int) PARTITION BY LIST (id);
        CREATE TABLE part PARTITION OF partitioned DEFAULT;
        INSERT INTO partitioned SELECT generate_series(1, 9);
        CREATE INDEX parts_f ON partitioned (outer_sql(id))',
    domains => 'CREATE DOMAIN positive AS int CHECK (outer_plpgsql(VALUE) > 0);
        CREATE TABLE domains (id positive PRIMARY KEY);
        INSERT INTO domains SELECT generate_series(1, 9)',
);

# Later servers make indexes and fill views under a path of their own, so that there are none
# that need another one.
my $has_indexes =
    $server->database('postgres')->value('SHOW server_version_num') < 170000;
delete @TABLE{qw(indexed partial partitioned)} if !$has_indexes;

sub source_with
{
    my ($sql) = @_;
    my $source = $server->create_database;
    $source->sql($FUNCTIONS . $sql);
    return $source;
}

sub dump_of
{
    my ($source, @arguments) = @_;
    my $result = $source->sample(@arguments);
    is($result->status, 0, "a sample is taken: @arguments") or diag $result->stderr;
    return $result;
}

for my $name (sort keys %TABLE) {
    subtest $name => sub {
        my $source = source_with($TABLE{$name});
        my $result = dump_of($source, '--limit=3');
        like($result->stderr, qr/warning: .* of table public\.$name cannot be restored under search_path .*inner_f/,
            'what will fail is told');
        like($result->stderr, qr/hint: Use --restore-search-path=source/, 'with what helps');
        my (undef, $failed) = $server->try_restore($result->stdout);
        is($failed->status, 3, 'it does fail');
        like($failed->stderr, qr/inner_f/, 'for that reason');
        for my $path ('source', '"$user", public') {
            $result = dump_of($source, '--limit=3', "--restore-search-path=$path");
            unlike($result->stderr, qr/warning/, 'no warning with a path');
            my ($target, $restore) = $server->try_restore($result->stdout);
            is($restore->status, 0, 'it is restored') or diag $restore->stderr;
            is($target->value("SELECT count(*) FROM $name"), 3, 'with its rows');
            samples_ok($target, $source);
        }
    };
}
subtest 'what does not fail' => sub {
    my $source = source_with(<<'SQL');
CREATE FUNCTION qualified(int) RETURNS int IMMUTABLE LANGUAGE plpgsql
    AS 'BEGIN RETURN public.inner_f($1); END';
CREATE TABLE t (id int PRIMARY KEY, g int GENERATED ALWAYS AS (qualified(id)) STORED,
    CHECK (fixed(id) > 0), CHECK (broken(id) = 0));
CREATE INDEX ON t (qualified(id), fixed(id)) WHERE broken(id) = 0;
INSERT INTO t SELECT generate_series(1, 9);
SQL
    my $result = dump_of($source);
    unlike($result->stderr, qr/warning|notice/, 'draws no warning');
    $server->restore($result->stdout);
};

subtest 'materialized views' => sub {
    my $source = source_with(<<'SQL');
CREATE TABLE t (id int PRIMARY KEY);
INSERT INTO t SELECT generate_series(1, 9);
CREATE MATERIALIZED VIEW m AS SELECT outer_sql(id) AS n FROM t;
SQL
    my $result = dump_of($source);
    like($result->stderr, qr/warning: materialized view public\.m cannot be refreshed .*inner_f/,
        'are told');
    my ($target, $restore) = $server->try_restore($result->stdout);
    is($restore->status, 0, 'the rows are restored');
    unlike(dump_of($source, '--exclude-table-data=m')->stderr, qr/warning/, 'not without it');
    $target = $server->restore(dump_of($source, '--restore-search-path=source')->stdout);
    is($target->value('SELECT count(*) FROM m'), 9, 'and refreshed under the path');
} if $has_indexes;

subtest 'triggers, which rows alone meet' => sub {
    my $source = source_with(<<'SQL');
CREATE TABLE t (id int PRIMARY KEY);
INSERT INTO t SELECT generate_series(1, 9);
CREATE FUNCTION fires() RETURNS trigger LANGUAGE plpgsql
    AS 'BEGIN PERFORM inner_f(NEW.id); RETURN NEW; END';
CREATE TRIGGER "when" BEFORE INSERT ON t FOR EACH ROW
    WHEN (outer_plpgsql(NEW.id) > 0 AND NEW.id > 0) EXECUTE FUNCTION fires();
CREATE TRIGGER later AFTER UPDATE ON t FOR EACH ROW
    WHEN (outer_plpgsql(OLD.id) > 0) EXECUTE FUNCTION fires();
SQL
    my $schema = dump_of($source, '-s')->stdout;
    my $result = dump_of($source, '-a', '--limit=3');
    is(() = $result->stderr =~ /warning/g, 1, 'one warning');
    like($result->stderr, qr/warning: trigger "when" of table public\.t cannot be restored/,
        'of the one that rows meet');
    unlike(dump_of($source)->stderr, qr/warning/, 'which come before triggers in a whole dump');
    my $target = $server->restore($schema);
    my $failed = $target->psql($result->stdout);
    like($failed->stderr, qr/inner_f/, 'it does fail');
    my $data     = dump_of($source, '-a', '--limit=3', '--restore-search-path=source');
    my $restored = $target->psql($data->stdout);
    is($restored->status, 0, 'not with a path') or diag $restored->stderr;
};

subtest 'a path decides nothing else' => sub {
    my $source = source_with("$TABLE{indexed}; $TABLE{partitioned};" . <<'SQL');
CREATE SCHEMA hostile;
CREATE FUNCTION hostile.never(int, int) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT false';
CREATE OPERATOR hostile.= (LEFTARG = int, RIGHTARG = int, FUNCTION = hostile.never);
CREATE FUNCTION hostile.no(tid, tid) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT false';
CREATE OPERATOR hostile.= (LEFTARG = tid, RIGHTARG = tid, FUNCTION = hostile.no);
CREATE FUNCTION hostile.noo(oid, oid) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT false';
CREATE OPERATOR hostile.= (LEFTARG = oid, RIGHTARG = oid, FUNCTION = hostile.noo);
CREATE FUNCTION hostile.count() RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT 7::bigint';
ALTER TABLE partitioned ADD FOREIGN KEY (p) REFERENCES indexed;
UPDATE partitioned SET p = id;
SQL
    my @arguments = ('--limit=partitioned = id OPERATOR(pg_catalog.>) 6, 0');
    my $plain = $source->sample(@arguments);
    $source->sql('ALTER DATABASE ' . $source->name . ' SET search_path = hostile, public, pg_catalog');
    $source->disconnect;
    my $result = $source->sample(@arguments);
    is($result->status, 0, 'a sample under a hostile path') or diag $result->stderr;
    like($result->stderr, qr/notice: rows are read under search_path hostile, public/, 'is told');
    is($result->stdout, $plain->stdout, 'has the same bytes');
    $source->sql('ALTER DATABASE ' . $source->name . ' RESET search_path');
    $source->disconnect;
    is($source->sample(@arguments, '--continue-on-error')->stdout, $plain->stdout,
        'and with --continue-on-error');
} if $has_indexes;

subtest 'code of others does not run with the rights of a superuser' => sub {
    my $role   = $server->create_role;
    my $source = $server->create_database(owner => $role);
    my $mark   = $server->data . '/mark';
    $source->as($role)->sql(<<"SQL");
CREATE SCHEMA theirs;
CREATE FUNCTION theirs.run(int) RETURNS bool LANGUAGE plpgsql AS \$\$
BEGIN
    IF (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user) THEN
        COPY (SELECT 1) TO PROGRAM 'touch $mark';
    END IF;
    RETURN true;
END \$\$;
CREATE TABLE theirs.t (id int PRIMARY KEY CHECK (theirs.run(id)));
INSERT INTO theirs.t VALUES (1);
SQL
    for my $mode ('--no-staging', '--use-staging') {
        my $result = dump_of($source, $mode, '--limit=3');
        ok(!-e $mark, "$mode: it has not run");
        like($result->stderr, qr/notice: functions of other roles were not run .*: those of constraint "t_id_check" of table theirs\.t\n/,
            'a notice names what was not run');
    }
};

subtest 'paths that are none' => sub {
    my $result = source_with('')->sample('--restore-search-path=a,,b');
    is($result->status, 1, 'are refused');
    like($result->stderr, qr/error: search_path "a,,b" is not valid/, 'with the reason');
};

done_testing;
