# What needs a superuser is left out, or kept, together with the functions that call it in
# their bodies, which no catalog records.

use strict;
use warnings;

use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Check;
use PgSample::Test::Server;

my $server = PgSample::Test::Server->start;

sub source_with
{
    my ($sql) = @_;
    my $source = $server->create_database;
    $source->sql($sql);
    return $source;
}

sub dump_of
{
    my ($source, @arguments) = @_;
    my $result = $source->sample('--limit=3', @arguments);
    is($result->status, 0, "a sample is taken: @arguments") or diag $result->stderr;
    return $result;
}

sub functions
{
    my ($database) = @_;
    return join ' ', @{
        $database->column(
            "SELECT proname FROM pg_proc WHERE oid >= 16384 AND NOT EXISTS (
                SELECT FROM pg_depend d WHERE d.objid = pg_proc.oid AND d.deptype = 'e')
              ORDER BY proname COLLATE \"C\""
        )
    };
}

my $LIBRARY = <<'SQL';
CREATE SCHEMA lib;
CREATE FUNCTION lib."Raw Len"(text) RETURNS int IMMUTABLE STRICT LANGUAGE internal AS 'textlen';
CREATE FUNCTION lib.raw_octets(text) RETURNS int IMMUTABLE STRICT LANGUAGE internal AS 'textoctetlen';
CREATE FUNCTION lib.raw_upper(text) RETURNS text IMMUTABLE STRICT LANGUAGE internal AS 'upper';
CREATE FUNCTION lib.unused(text) RETURNS text IMMUTABLE STRICT LANGUAGE internal AS 'lower';
CREATE FUNCTION lib.norm(text) RETURNS int IMMUTABLE LANGUAGE sql
    AS 'SELECT lib.raw_octets ($1)';
CREATE FUNCTION lib.norm_too(text) RETURNS int IMMUTABLE LANGUAGE plpgsql
    AS 'BEGIN RETURN lib.RAW_OCTETS($1); END';
CREATE FUNCTION lib.says(text) RETURNS text IMMUTABLE LANGUAGE sql
    AS 'SELECT ''not called: unused '' || $1';
CREATE TABLE t (id int PRIMARY KEY, v text);
INSERT INTO t SELECT i, 'v' || i FROM generate_series(1, 9) i;
CREATE INDEX ON t (lib.norm(v));
SQL

subtest 'kept functions that call what is left out' => sub {
    my $source = source_with($LIBRARY);
    my $result = dump_of($source);
    like(
        $result->stderr,
        qr/warning: FUNCTION lib\.raw_octets\(text\) is left out, but may be called by FUNCTION lib\.norm\(text\) and 1 more\n.*hint: .*--superuser-objects/,
        'are told, with what helps'
    );
    is(() = $result->stderr =~ /warning/g, 1, 'and no others');
    my (undef, $failed) = $server->try_restore($result->stdout);
    like($failed->stderr, qr/function lib\.raw_octets\(text\) does not exist/, 'it does fail');
    $result = dump_of($source, '--superuser-objects');
    unlike($result->stderr, qr/warning/, 'no warning when all is kept');
    my ($target) = $server->try_restore($result->stdout, as => 'postgres');
    samples_ok($target, $source);
};

subtest 'where a superuser has to restore' => sub {
    my $source = source_with($LIBRARY . <<'SQL');
ALTER TABLE t ADD g text GENERATED ALWAYS AS (lib.raw_upper(v)) STORED;
CREATE FUNCTION lib.chain(text) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT lib."Raw Len"($1)';
SQL
    my $result = dump_of($source);
    like($result->stderr, qr/warning: FUNCTION lib raw_upper\(text\) .*needs a superuser/,
        'since a table needs it');
    like($result->stderr, qr/warning: FUNCTION lib raw_octets\(text\) .*needs a superuser/,
        'what others call is kept as well');
    my ($target, $restore) = $server->try_restore($result->stdout, as => 'postgres');
    is($restore->status, 0, 'it is restored') or diag $restore->stderr;
    samples_ok($target, $source);
    is(functions($target), 'Raw Len chain norm norm_too raw_octets raw_upper says',
        'all but what nothing calls');
};

subtest 'functions of extensions that are left out' => sub {
    my $source = source_with(<<'SQL');
CREATE EXTENSION dblink;
CREATE TABLE t (id int PRIMARY KEY);
INSERT INTO t SELECT generate_series(1, 9);
CREATE FUNCTION far() RETURNS text LANGUAGE sql AS 'SELECT dblink_connect(''x'', ''y'')';
SQL
    my $result = dump_of($source);
    like($result->stderr,
        qr/warning: EXTENSION dblink is left out, but may be called by FUNCTION public\.far\(\)\n/,
        'are told by the extension');
    $server->restore($result->stdout);
};

subtest 'an extension that is made beforehand needs no superuser' => sub {
    my $extensions = 'CREATE EXTENSION cube; CREATE EXTENSION earthdistance;';
    my $source = source_with($extensions . $LIBRARY . <<'SQL');
DROP INDEX t_norm_idx;
CREATE TABLE place (id int PRIMARY KEY, at earth);
SQL
    my $result = dump_of($source);
    unlike($result->stdout, qr/^CREATE FUNCTION lib\.raw_octets/m,
        'functions stay left out');
    my ($target, $restore) = $server->try_restore($result->stdout,
        prepare => sub { $_[0]->sql($extensions) });
    is($restore->status, 0, 'it is restored') or diag $restore->stderr;
};

done_testing;
