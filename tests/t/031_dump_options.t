# What the dump holds besides rows: -c, owners, privileges, objects for superusers, --inserts.

use strict;
use warnings;

use Cwd ();
use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Check;
use PgSample::Test::DumpText;
use PgSample::Test::Faults;
use PgSample::Test::Server;

my $SHOP = Cwd::abs_path("$FindBin::Bin/../../fixtures/shop/shop.sql");

my $server = PgSample::Test::Server->start;
my $shop   = $server->create_database;
my $loaded = $shop->psql(undef, '-f', $SHOP, '-v', 'scale=0.02');
BAIL_OUT('the demonstration database does not load: ' . $loaded->describe)
    if !$loaded->is_ok;

sub sample_of
{
    my ($database, @argument) = @_;
    my $result = $database->sample(@argument);
    die $result->describe if !$result->is_ok;
    return $result;
}

sub restores
{
    my ($database, $dump, $name, $role) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $result = $database->as($role || $server->restorer)->psql($dump);
    is($result->status, 0, $name) or diag $result->stderr;
    return;
}

subtest '-c' => sub {
    my $plain = sample_of($shop, '--limit=5')->stdout;
    my $clean = sample_of($shop, '--limit=5', '-c')->stdout;
    my $sure  = sample_of($shop, '--limit=5', '-c', '--if-exists')->stdout;
    my $target = $server->restore($sure);
    samples_ok($target, $shop, '-c --if-exists into an empty database');
    my $counts = table_counts($target);
    restores($target, $sure, 'and once more into the same one');
    is_deeply(table_counts($target), $counts, 'there are as many rows as before');
    samples_ok($target, $shop, 'restored twice');
    restores($target, $clean, '-c over what is there');
    is_deeply(table_counts($target), $counts, 'as many rows again');
    my ($empty, $result) = $server->try_restore($clean);
    isnt($result->status, 0, '-c alone fails in an empty database');
    is(keys %{ table_counts($empty) }, 0, 'and leaves nothing');
    isnt($target->as($server->restorer)->psql($plain)->status, 0,
        'without -c what is there is in the way');
    is_deeply(table_counts($target), $counts, 'and stays');
    ends_with($shop->sample('--if-exists'), 1, qr/"--if-exists" needs option "-c/,
        '--if-exists needs -c');
};

subtest '-c and half of what it drops' => sub {
    my $target = $server->restore(sample_of($shop, '--limit=5')->stdout);
    $target->sql('DROP TABLE shop.review, warehouse.claim;
                  DROP VIEW shop.order_total CASCADE');
    restores($target, sample_of($shop, '--limit=5', '-c', '--if-exists')->stdout,
        'restores with --if-exists');
    samples_ok($target, $shop);
};

my $OWNED = <<'SQL';
CREATE SCHEMA owned AUTHORIZATION the_owner;
CREATE TABLE owned.t (id serial PRIMARY KEY, v text);
ALTER TABLE owned.t OWNER TO the_owner;
CREATE FUNCTION owned.f() RETURNS int LANGUAGE sql AS 'SELECT 1';
ALTER FUNCTION owned.f() OWNER TO the_owner;
GRANT SELECT ON owned.t TO the_reader;
GRANT UPDATE (v) ON owned.t TO the_reader;
REVOKE EXECUTE ON FUNCTION owned.f() FROM PUBLIC;
SQL

sub facts_of
{
    my ($database) = @_;
    return $database->row(<<'SQL');
SELECT pg_get_userbyid(c.relowner),
       pg_get_userbyid(p.proowner),
       has_table_privilege('the_reader', c.oid, 'SELECT'),
       has_column_privilege('the_reader', c.oid, 'v', 'UPDATE'),
       has_function_privilege('the_reader', p.oid, 'EXECUTE')
  FROM pg_class c, pg_proc p WHERE c.relname = 't' AND p.proname = 'f'
SQL
}

subtest 'owners and privileges' => sub {
    $server->create_role($_) for 'the_owner', 'the_reader';
    my $source = $server->create_database;
    $source->sql($OWNED);
    my $me = $server->restorer;
    my @none = ('f', 'f', 't');
    my @all  = ('t', 't', 'f');
    my %expected = (
        ''                     => [ $me, $me, @none ],
        '-O -x'                => [ $me, $me, @none ],
        '--no-tablespaces'     => [ $me, $me, @none ],
        '--owner'              => [ 'the_owner', 'the_owner', @none ],
        '--privileges'         => [ $me, $me, @all ],
        '--owner --privileges' => [ 'the_owner', 'the_owner', @all ],
    );
    for my $options (sort keys %expected) {
        my $dump = sample_of($source, split ' ', $options);
        my $as = $options =~ /--owner/ ? 'postgres' : $me;
        my ($target, $result) = $server->try_restore($dump->stdout, as => $as);
        is($result->status, 0, "'$options' restores as $as") or diag $result->stderr;
        is_deeply(facts_of($target), $expected{$options}, 'with these owners and privileges')
            if $result->is_ok;
    }
    $source->sql('ALTER DEFAULT PRIVILEGES IN SCHEMA owned
                  GRANT SELECT ON TABLES TO the_reader');
    my $dump = sample_of($source, '--privileges')->stdout;
    my $target = $server->restore($dump, as => 'postgres');
    is($target->value('SELECT count(*) FROM pg_default_acl'), 1, 'default privileges, too');
    for my $pair ([ '-O', '--owner' ], [ '-x', '--privileges' ],
        [ '--no-tablespaces', '--tablespaces' ])
    {
        ends_with($source->sample(@$pair), 1, qr/contradict/, "@$pair contradict each other");
    }
};

subtest 'tablespaces' => sub {
    my $location = $server->data . '/../space';
    mkdir $location or die "could not create $location: $!";
    chown((stat $server->data)[ 4, 5 ], $location) if $> == 0;
    my $path = Cwd::abs_path($location);
    $server->database('postgres')->sql("CREATE TABLESPACE elsewhere LOCATION '$path'");
    my $source = $server->create_database;
    $source->sql('CREATE TABLE t (id int PRIMARY KEY) TABLESPACE elsewhere;
                  INSERT INTO t VALUES (1)');
    my $where = "SELECT reltablespace <> 0 FROM pg_class WHERE relname = 't'";
    is($server->restore(sample_of($source)->stdout)->value($where), 'f', 'are left out');
    my $dump = sample_of($source, '--tablespaces')->stdout;
    is($server->restore($dump, as => 'postgres')->value($where), 't',
        'and come with --tablespaces');
};

my $SUPERUSER = <<'SQL';
CREATE FUNCTION on_ddl() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN NULL; END';
CREATE EVENT TRIGGER watch_ddl ON ddl_command_end EXECUTE FUNCTION on_ddl();
ALTER EVENT TRIGGER watch_ddl DISABLE;
CREATE PUBLICATION all_tables FOR ALL TABLES;
CREATE SCHEMA s;
CREATE PUBLICATION of_schema FOR TABLES IN SCHEMA s;
CREATE FUNCTION untrusted(float8) RETURNS float8 LANGUAGE internal IMMUTABLE STRICT AS 'dsin';
CREATE FUNCTION uses_untrusted(float8) RETURNS float8 LANGUAGE sql
BEGIN ATOMIC SELECT untrusted($1); END;
CREATE FUNCTION trusted(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1';
CREATE TABLE plain (id int PRIMARY KEY, v int DEFAULT trusted(1));
INSERT INTO plain SELECT generate_series(1, 5);
CREATE PUBLICATION of_table FOR TABLE plain;
CREATE SUBSCRIPTION production CONNECTION 'host=/nowhere dbname=production'
    PUBLICATION p WITH (connect = false);
SQL

subtest 'objects that need a superuser' => sub {
    my $source = $server->create_database;
    $source->sql($SUPERUSER);
    my @left_out = (
        [ 'EVENT TRIGGER', 'watch_ddl' ],
        [ 'PUBLICATION',   'all_tables' ],
        [ 'PUBLICATION',   'of_schema' ],
        [ 'FUNCTION',      'untrusted' ],
        [ 'FUNCTION',      'uses_untrusted' ]
    );
    my $result = sample_of($source);
    my $dump = PgSample::Test::DumpText->new($result->stdout);
    for (@left_out) {
        my ($kind, $name) = @$_;
        like($result->stderr, qr/left out: $kind .*\b$name\b/, "$name is named on stderr");
        like($dump->header, qr/^-- left out: $kind .*\b$name\b/m, 'and in the header');
        unlike($dump->body, qr/CREATE $kind .*\b$name\b/, 'and not created');
    }
    my $target = $server->restore($result->stdout);
    is($target->value("SELECT string_agg(pubname, ' ') FROM pg_publication"), 'of_table',
        'a publication of tables stays');
    is($target->value('SELECT trusted(7)'), 7, 'functions in trusted languages stay');

    $result = sample_of($source, '--superuser-objects');
    unlike($result->stderr, qr/left out/, 'with --superuser-objects none is left out');
    $target = $server->restore($result->stdout, as => 'postgres');
    is($target->value('SELECT evtenabled FROM pg_event_trigger'), 'D', 'the event trigger');
    is($target->value("SELECT string_agg(pubname, ' ' ORDER BY pubname) FROM pg_publication"),
        'all_tables of_schema of_table', 'the publications');
    is($target->value('SELECT uses_untrusted(0)'), 0, 'and the functions are there');
    unlike($_, qr/CREATE SUBSCRIPTION|host=.nowhere/, 'a subscription never comes along')
        for $result->stdout, $dump->text;
    # a subscription is in the way when the database is dropped
    $source->sql('ALTER SUBSCRIPTION production SET (slot_name = NONE);
                  DROP SUBSCRIPTION production');
};

subtest 'a table that needs such an object' => sub {
    my $source = $server->create_database;
    $source->sql(<<'SQL');
CREATE FUNCTION untrusted(float8) RETURNS float8 LANGUAGE internal IMMUTABLE STRICT AS 'dsin';
CREATE TABLE t (id int PRIMARY KEY, v float8 DEFAULT untrusted(0));
INSERT INTO t VALUES (1);
SQL
    my $result = sample_of($source);
    like($result->stderr, qr/warning: FUNCTION .*untrusted.* tables depend on it.*hint: /s,
        'keeps it, with a warning');
    like($result->stdout, qr/^-- needs a superuser: FUNCTION .*untrusted/m, 'in the header too');
    my $target = $server->restore($result->stdout, as => 'postgres');
    is($target->value('INSERT INTO t VALUES (2) RETURNING v'), 0, 'a superuser restores it');
};

# The values of one INSERT stand on lines of their own.
sub rows_by_statement
{
    my ($dump, $table) = @_;
    return [
        map { scalar(my @rows = /^ *\(/mg) }
            $dump =~ /^INSERT INTO \Q$table\E \(.*?VALUES\s*\n?(.*?);$/msg
    ];
}

subtest '--inserts' => sub {
    my @limit = ('--limit=25');
    my $copied   = $server->restore(sample_of($shop, @limit)->stdout);
    my $dump     = sample_of($shop, '--inserts', @limit)->stdout;
    unlike($dump, qr/^COPY /m, 'no COPY');
    my $inserted = $server->restore($dump);
    samples_ok($inserted, $shop);
    is_deeply([ row_differences(row_texts($inserted), row_texts($copied)) ], [],
        'the rows are those of COPY');
    $dump = sample_of($shop, '--rows-per-insert=7', @limit)->stdout;
    is_deeply([ row_differences(row_texts($server->restore($dump)), row_texts($copied)) ], [],
        '--rows-per-insert: the same rows');
    is_deeply(rows_by_statement($dump, 'shop.review'), [ 7, 7, 7, 4 ],
        'so many in each statement');
    my $single = sample_of($shop, '--rows-per-insert=1', '--limit=shop.review = 3, 0')->stdout;
    is_deeply(rows_by_statement($single, 'shop.review'), [ 1, 1, 1 ], 'one in each');
    ends_with($shop->sample("--rows-per-insert=$_"), 1, qr/rows-per-insert/, "not '$_'")
        for '0', '-1', 'x', '1.5', '';
};

subtest 'values that are hard to write' => sub {
    my $source = $server->create_database;
    $source->sql(<<'SQL');
CREATE TABLE t (
    id int GENERATED ALWAYS AS IDENTITY,
    g int GENERATED ALWAYS AS (id * 2) STORED,
    a text, b bytea, c float8, d jsonb, e text[], f "char", h interval, i bit varying, j money
);
INSERT INTO t (a, b, c, d, e, f, h, i, j) VALUES
    (E'back\\slash \t\n\r\b\f\v', '\x00ff5c27', 'NaN', '{"a": "\\"}', '{NULL,"","NULL"}', 'x',
     '1 year -3 days', '1011', 5),
    (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    ('', '', '-Infinity', 'null', '{}', '', '0', '', 0),
    (E'\\.', '\x', 1e-300, '[]', '{{1,2},{3,4}}', E'\\', '-1 mon', '0', -1.5),
    (E'\\N', '\x5c4e', 0.1::float8 + 0.2, '"\u00e9"', '{"\"","\\"}', '''', '24:00', '1', 1);
CREATE TABLE no_columns ();
INSERT INTO no_columns SELECT FROM generate_series(1, 3);
CREATE TABLE only_generated (g int GENERATED ALWAYS AS (7) STORED);
INSERT INTO only_generated SELECT FROM generate_series(1, 3);
SQL
    for my $option ('--rows-per-insert=2', '--ordered') {
        my ($target, $result) = $server->try_restore(sample_of($source, $option)->stdout);
        is($result->status, 0, "$option restores") or diag $result->stderr;
        is_deeply([ row_differences(row_texts($target), row_texts($source)) ], [],
            'the same values');
    }
};

done_testing;
