# Dumps restore where people restore them: in databases that an administrator has prepared,
# by roles that own nothing there, on servers of other minor releases, and a second time.

use strict;
use warnings;

use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Check;
use PgSample::Test::Server;

my $server  = PgSample::Test::Server->start;
my $managed = $server->create_role('managed');

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
    my $result = $source->sample(@arguments);
    is($result->status, 0, "a sample is taken: @arguments") or diag $result->stderr;
    return $result;
}

# A role that may only use what an administrator gives it: it does not even own the database.
sub restored_as_managed
{
    my ($dump, $preparation) = @_;
    my ($target, $result) = $server->try_restore(
        $dump,
        as      => $managed,
        prepare => sub {
            my ($database) = @_;
            $database->sql('ALTER DATABASE ' . $database->name . ' OWNER TO postgres;'
                    . "GRANT ALL ON SCHEMA public TO $managed; $preparation");
        }
    );
    is($result->status, 0, 'it is restored') or diag $result->stderr;
    return ($target, $result);
}

my @EXTENSIONS = qw(hstore citext ltree pg_trgm uuid-ossp);

sub extensions_in
{
    my ($schema) = @_;
    return "CREATE SCHEMA $schema; GRANT USAGE ON SCHEMA $schema TO PUBLIC;"
        . join '', map { qq{CREATE EXTENSION "$_" SCHEMA $schema;} } @EXTENSIONS;
}

subtest 'extensions, schemas and comments of an administrator' => sub {
    my $odd    = q{"it's $schema$ ""odd"""};
    my $source = source_with(extensions_in('extensions') . <<"SQL");
COMMENT ON SCHEMA public IS 'ours';
COMMENT ON SCHEMA extensions IS '; CREATE SCHEMA x; \$comment\$';
CREATE SCHEMA app;
CREATE SCHEMA $odd;
CREATE FUNCTION public.f() RETURNS void LANGUAGE plpgsql AS \$\$
BEGIN
    EXECUTE '
CREATE SCHEMA looks_alike;
COMMENT ON SCHEMA looks_alike IS NULL;
';
END \$\$;
CREATE TABLE public.t (id int PRIMARY KEY, h extensions.hstore, c extensions.citext UNIQUE,
    l extensions.ltree, u uuid DEFAULT extensions.uuid_generate_v4());
CREATE INDEX ON public.t USING gin ((c::text) extensions.gin_trgm_ops);
INSERT INTO public.t SELECT i, 'a=>1', ('c' || i)::extensions.citext, ('l.' || i)::extensions.ltree FROM generate_series(1, 9) i;
CREATE TABLE app.t (id int PRIMARY KEY REFERENCES public.t);
INSERT INTO app.t SELECT generate_series(1, 9);
CREATE TABLE $odd.t (id int);
SQL
    my $dump = dump_of($source, '--limit=3')->stdout;
    my ($target, $result) =
        restored_as_managed($dump, extensions_in('extensions') . <<"SQL");
CREATE SCHEMA app AUTHORIZATION $managed;
CREATE SCHEMA $odd AUTHORIZATION $managed;
SQL
    is($result->stderr, '', 'without a warning');
    samples_ok($target, $source);
    # extensions are trusted since server 13
    my $role =
        $source->value('SHOW server_version_num') >= 130000 ? $server->restorer : 'postgres';
    ($target, $result) = $server->try_restore($dump, as => $role);
    is($result->status, 0, 'in an empty database, too') or diag $result->stderr;
    is($target->value("SELECT obj_description('extensions'::regnamespace, 'pg_namespace')"),
        '; CREATE SCHEMA x; $comment$', 'with the comments that its owner may make');
    ($target) = $server->try_restore($dump, as => 'postgres');
    is($target->value("SELECT obj_description('public'::regnamespace, 'pg_namespace')"),
        'ours', 'and all of them where a superuser restores');
    my $body = 'SELECT md5(prosrc) FROM pg_proc WHERE proname = \'f\'';
    is($target->value($body), $source->value($body), 'bodies stay as they are');
};

subtest 'an extension that only a superuser can make' => sub {
    my $extensions = extensions_in('e')
        . 'CREATE EXTENSION cube SCHEMA e; CREATE EXTENSION earthdistance SCHEMA e;';
    my $source = source_with($extensions . <<'SQL');
CREATE TABLE place (id int PRIMARY KEY, at e.earth);
SET search_path = e, public;
INSERT INTO place SELECT i, e.ll_to_earth(i, i) FROM generate_series(1, 9) i;
SQL
    my $result = dump_of($source, '--limit=2');
    like($result->stderr, qr/warning: EXTENSION .*earthdistance.* needs a superuser to restore/,
        'it is told');
    like($result->stderr, qr/hint: .*superuser, or let one create the extension .*same schema/,
        'with a hint that helps');
    my ($target) = restored_as_managed($result->stdout, $extensions);
    is($target->value('SELECT count(*) FROM place'), 2, 'with its rows');
};

subtest 'configuration rows of an extension of others' => sub {
    my $extension = <<'SQL';
CREATE EXTENSION cube;
CREATE TABLE settings (id int PRIMARY KEY, v text);
CREATE SEQUENCE numbers;
ALTER EXTENSION cube ADD TABLE settings;
ALTER EXTENSION cube ADD SEQUENCE numbers;
SQL
    my $source = source_with($extension . <<'SQL');
UPDATE pg_extension SET extconfig = ARRAY['settings'::regclass::oid, 'numbers'::regclass],
       extcondition = ARRAY['WHERE id > 2', '']
 WHERE extname = 'cube';
INSERT INTO settings SELECT i, 'it''s $configuration$ ' || i FROM generate_series(1, 5) i;
SELECT setval('numbers', 77);
CREATE TABLE t (id int PRIMARY KEY, c cube);
INSERT INTO t SELECT i, cube(i) FROM generate_series(1, 9) i;
SQL
    my $dump = dump_of($source, '--limit=2')->stdout;
    my ($target, $result) = restored_as_managed($dump, $extension);
    like($result->stderr, qr/^WARNING:  .* rows are left out: permission denied for table/m,
        'rows that may not be written are told');
    like($result->stderr, qr/^WARNING:  permission denied for sequence numbers/m,
        'as are sequences');
    is($target->value('SELECT count(*) FROM t'), 2, 'the rows are there');
    my $granted = "$extension GRANT ALL ON settings, numbers TO $managed;";
    ($target, $result) = restored_as_managed($dump, $granted);
    is($result->stderr, '', 'no warning where the role may write');
    my $rows = 'SELECT id, v FROM settings WHERE id > 2 ORDER BY id';
    is_deeply($target->rows($rows), $source->rows($rows), 'the same rows');
    is($target->value('SELECT last_value FROM numbers'), 77, 'and value');
    ($target, $result) = restored_as_managed($dump,
        "$granted INSERT INTO settings VALUES (3, 'theirs')");
    like($result->stderr, qr/WARNING:  configuration rows are left out: duplicate key/,
        'rows that are there stay');
};

subtest '--clean in a database of others' => sub {
    my $source = source_with(extensions_in('extensions') . <<'SQL');
CREATE TABLE t (id int PRIMARY KEY, h extensions.hstore);
INSERT INTO t SELECT i, 'a=>1' FROM generate_series(1, 9) i;
SQL
    for my $options ([ '--clean', '--if-exists' ], ['--clean']) {
        my $first = dump_of($source, '--limit=2')->stdout;
        my ($target) = restored_as_managed($first, extensions_in('extensions'));
        my $second = dump_of($source, '--limit=4', @$options)->stdout;
        my $result = $target->as($managed)->psql($second);
        is($result->status, 0, 'it is restored over the first') or diag $result->stderr;
        like($result->stderr, qr/WARNING:  must be owner of extension hstore/,
            'what stays is told');
        is($target->value('SELECT count(*) FROM t'), 4, 'with its rows');
    }
};

subtest 'foreign keys that are written as NOT VALID' => sub {
    my $source = source_with(<<'SQL');
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE c (id int PRIMARY KEY, p int);
INSERT INTO p SELECT generate_series(1, 9);
INSERT INTO c SELECT i, i FROM generate_series(1, 9) i;
ALTER TABLE c ADD CONSTRAINT "The key" FOREIGN KEY (p) REFERENCES p;
COMMENT ON CONSTRAINT "The key" ON c IS 'with a comment';
CREATE TABLE parts (id int, p int, CONSTRAINT k FOREIGN KEY (p) REFERENCES p)
    PARTITION BY LIST (id);
CREATE TABLE part PARTITION OF parts DEFAULT;
INSERT INTO parts SELECT i, i FROM generate_series(1, 9) i;
SET session_replication_role = replica;
DELETE FROM p WHERE id = 2;
SQL
    my ($target) = $server->try_restore(dump_of($source, '--limit=5')->stdout);
    for my $options ([ '--clean', '--if-exists' ], ['--clean']) {
        my $dump = dump_of($source, '--limit=5', @$options)->stdout;
        for my $time ('first', 'second') {
            my $result = $target->as($server->restorer)->psql($dump);
            is($result->status, 0, "the $time time with @$options") or diag $result->stderr;
            is($target->value("SELECT obj_description(oid, 'pg_constraint')
                FROM pg_constraint WHERE conname = 'The key'"), 'with a comment', 'it is there');
        }
    }
};

subtest 'what a server keeps for itself' => sub {
    my $source = source_with(<<'SQL');
CREATE SCHEMA "ALTER COLUMN x SET (pg_no=1)";
CREATE TABLE "ALTER COLUMN x SET (pg_no=1)"."set" ("set" int PRIMARY KEY, b int, "c SET (pg_x=1" int);
INSERT INTO "ALTER COLUMN x SET (pg_no=1)"."set" SELECT i, i, i FROM generate_series(1, 9) i;
UPDATE pg_attribute
   SET attoptions = CASE attnum WHEN 1 THEN '{pg_attver=1}'::text[]
                                WHEN 2 THEN '{n_distinct=5,pg_attver=2,n_distinct_inherited=-0.5}'
                                ELSE '{n_distinct=7}' END
 WHERE attrelid = '"ALTER COLUMN x SET (pg_no=1)"."set"'::regclass AND attnum > 0;
SQL
    my ($target, $result) = $server->try_restore(dump_of($source, '--limit=2')->stdout);
    is($result->status, 0, 'is not in the dump') or diag $result->stderr;
    is_deeply(
        $target->column("SELECT attoptions FROM pg_attribute
            WHERE attrelid = (SELECT oid FROM pg_class WHERE relname = 'set') AND attnum > 0
            ORDER BY attnum"),
        [ undef, '{n_distinct=5,n_distinct_inherited=-0.5}', '{n_distinct=7}' ],
        'what its users said is'
    );
};

done_testing;
