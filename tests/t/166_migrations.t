# Applications whose schema is made by migrations: what the tools have noted comes along
# whole, and rows can be restored beside those that migrations have made.

use strict;
use warnings;

use File::Temp ();
use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Check;
use PgSample::Test::DumpText;
use PgSample::Test::Server;
use PgSample::Test::Staging;

my $server = PgSample::Test::Server->start;

# The tables of the tools, with their names and the columns that they have.
my %TOOLS = (
    'public.schema_migrations'             => 'version varchar PRIMARY KEY',
    'public.ar_internal_metadata'          => 'key varchar PRIMARY KEY, value varchar',
    'ecto.schema_migrations'               => 'version bigint PRIMARY KEY, inserted_at timestamp',
    'public.django_migrations'             => 'id int PRIMARY KEY, app text, name text, applied timestamptz',
    'public.flyway_schema_history'         => 'installed_rank int PRIMARY KEY, version text, script text',
    'public.alembic_version'               => 'version_num varchar PRIMARY KEY',
    'public.knex_migrations'               => 'id int PRIMARY KEY, name text, batch int, migration_time timestamptz',
    'public.knex_migrations_lock'          => 'index int PRIMARY KEY, is_locked int',
    'public._prisma_migrations'            => 'id text PRIMARY KEY, checksum text, migration_name text',
    'laravel.migrations'                   => 'id int PRIMARY KEY, migration text, batch int',
    'typeorm.migrations'                   => 'id int PRIMARY KEY, timestamp bigint, name text',
    'public."SequelizeMeta"'               => 'name text PRIMARY KEY',
    'public.goose_db_version'              => 'id int PRIMARY KEY, version_id bigint, is_applied bool',
    'public.__diesel_schema_migrations'    => 'version text PRIMARY KEY, run_on timestamp',
    'public."__EFMigrationsHistory"'       =>
        '"MigrationId" text PRIMARY KEY, "ProductVersion" text',
    'public.databasechangelog'             => 'id text PRIMARY KEY, author text, filename text',
    'public.databasechangeloglock'         => 'id int PRIMARY KEY, locked bool, lockgranted timestamp',
    'public._sqlx_migrations'              => 'version bigint PRIMARY KEY, checksum bytea',
);

my $N = 120; # more than the 100 that are picked without a rule

sub new_source
{
    my $source = $server->create_database;
    my $sql = 'CREATE SCHEMA ecto; CREATE SCHEMA laravel; CREATE SCHEMA typeorm;';
    for my $table (sort keys %TOOLS) {
        my ($column) = $TOOLS{$table} =~ /\A(\S+)/;
        $sql .= "CREATE TABLE $table ($TOOLS{$table}); INSERT INTO $table ($column)
            SELECT i FROM generate_series(1, $N) i;";
    }
    # of the same names, and something else
    $source->sql($sql . <<"SQL");
CREATE TABLE migrations (id int PRIMARY KEY, bird text);
CREATE TABLE "Schema_Migrations" (version int PRIMARY KEY);
CREATE TABLE t (id int PRIMARY KEY);
CREATE TABLE u (id int PRIMARY KEY, t int REFERENCES t);
INSERT INTO migrations SELECT i FROM generate_series(1, $N) i;
INSERT INTO "Schema_Migrations" SELECT i FROM generate_series(1, $N) i;
INSERT INTO t SELECT i FROM generate_series(1, $N) i;
INSERT INTO u SELECT i, i FROM generate_series(1, $N) i;
SQL
    return $source;
}

my $source = new_source();

# Rows by table of the dump, which is the same in both modes.
sub counts_of
{
    my (@argument) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $dump = modes_agree($source, "@argument: both modes write the same", @argument)
        // return {};
    return table_counts($server->restore($dump));
}

subtest 'what migration tools have noted' => sub {
    for my $arguments ([], ['--limit=3'], ['--limit=* = 0'], [ '--random=1', '--limit=5%' ],
        ['--root=u:7'])
    {
        my $counts = counts_of(@$arguments);
        is_deeply([ grep { ($counts->{$_} // -1) != $N } sort keys %TOOLS ], [],
            "@$arguments: is there, all of it");
        ok($counts->{'public.migrations'} < $N, 'a table with other columns is like others');
        ok($counts->{'public."Schema_Migrations"'} < $N, 'and one with another name');
    }
    my @notices = $source->sample('--limit=1')->stderr =~ /^.*notice: (.*migration tools.*)$/mg;
    is(scalar @notices, 1, 'one notice tells');
    is_deeply([ sort $notices[0] =~ /[\w]+\."?\w+"?/g ], [ sort keys %TOOLS ], 'of all of them');
    like($source->sample('--plan')->stdout, qr/public\.schema_migrations .*migration tables/,
        '--plan tells, too');
};

subtest 'unless a rule names them' => sub {
    my $counts = counts_of('--limit=schema_migrations = 5, laravel.mig* = 0, '
            . 'public."__EF"* = 7, * = 3');
    is($counts->{'public.schema_migrations'}, 5,  'by its name');
    is($counts->{'ecto.schema_migrations'},   5,  'in any schema');
    is($counts->{'laravel.migrations'},       0,  'by a pattern');
    is($counts->{'public."__EFMigrationsHistory"'}, 7, 'with quotes');
    is($counts->{'public.alembic_version'},  $N, 'but others are taken whole');
    $counts = counts_of('--limit=public.* = 3');
    is($counts->{'public.schema_migrations'}, $N, 'all tables of a schema are no name');
};

subtest 'or the selection leaves them out' => sub {
    my $counts = counts_of('-t', 'u', '--limit=3');
    is_deeply($counts, { 'public.t' => 3, 'public.u' => 3 }, 'with -t');
    $counts = counts_of('-n', 'ecto', '-n', 'laravel', '-T', 'migrations');
    is_deeply($counts, { 'ecto.schema_migrations' => $N }, 'with -n and -T');
    $counts = counts_of('--exclude-table-data=*migrations');
    is($counts->{'public.schema_migrations'}, 0, 'with --exclude-table-data');
    unlike($source->sample('-t', 'u', '--limit=3')->stderr, qr/migration tools/,
        'without a notice');
};

# ---- --on-conflict-do-nothing

# What the application's migrations make; then a few rows by hand.
my $MIGRATIONS = <<'SQL';
CREATE TABLE schema_migrations (version varchar PRIMARY KEY);
CREATE TABLE ar_internal_metadata (key varchar PRIMARY KEY, value varchar);
CREATE TABLE country (code text PRIMARY KEY, name text NOT NULL);
CREATE TABLE account (id serial PRIMARY KEY, country text REFERENCES country, name text,
    owner int);
CREATE TABLE person (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account int REFERENCES account, name text UNIQUE);
ALTER TABLE account ADD FOREIGN KEY (owner) REFERENCES person;
CREATE TABLE empty ();
CREATE TABLE parts (id int PRIMARY KEY, v text) PARTITION BY RANGE (id);
CREATE TABLE parts1 PARTITION OF parts FOR VALUES FROM (0) TO (1000);
INSERT INTO schema_migrations SELECT i FROM generate_series(2001, 2150) i;
INSERT INTO ar_internal_metadata VALUES ('environment', 'production');
INSERT INTO country VALUES ('de', 'Germany'), ('fr', 'France');
SQL

my $ROWS = <<'SQL';
INSERT INTO country VALUES ('it', 'Italy');
INSERT INTO account (country, name) SELECT 'it', 'a' || i FROM generate_series(1, 20) i;
INSERT INTO person (account, name) SELECT i, 'p' || i FROM generate_series(1, 20) i;
UPDATE account SET owner = id;
INSERT INTO empty SELECT FROM generate_series(1, 2);
INSERT INTO parts SELECT i, 'source' FROM generate_series(1, 5) i;
SQL

sub migrated
{
    my ($target) = @_;
    $target->sql($MIGRATIONS);
    $target->sql(<<'SQL');
UPDATE ar_internal_metadata SET value = 'test';
INSERT INTO account (id, country, name) VALUES (3, 'fr', 'mine'), (4, NULL, 'mine, too');
INSERT INTO parts VALUES (2, 'target');
SELECT setval('account_id_seq', 500);
SQL
    return;
}

subtest '--on-conflict-do-nothing' => sub {
    my $origin = $server->create_database;
    $origin->sql($MIGRATIONS . $ROWS);
    my @argument = ('--data-only', '--limit=*');
    my $said = $origin->sample(@argument)->stderr;
    like($said, qr/notice: .*ar_internal_metadata, public.schema_migrations.*--on-conflict-do/,
        'a notice says when it is needed');
    push @argument, '--on-conflict-do-nothing';
    unlike($origin->sample(@argument)->stderr, qr/--on-conflict/, 'and not if it is there');

    for my $more ([], ['--rows-per-insert=1'], ['--no-transaction']) {
        my $dump = modes_agree($origin, "@$more: both modes write the same", @argument, @$more)
            // next;
        my ($target, $restored) = $server->try_restore($dump, as => undef,
            prepare => \&migrated);
        is($restored->status, 0, "@$more: it restores into a migrated database")
            or diag $restored->stderr;
        is_deeply(table_counts($target), table_counts($origin), 'all rows are there');
        is($target->value('SELECT value FROM ar_internal_metadata'), 'test',
            'rows that were there stay as they are');
        is_deeply($target->rows('SELECT id, country, name, owner FROM account
                                  WHERE id IN (3, 4, 5) ORDER BY id'),
            [ [ 3, 'fr', 'mine', 3 ], [ 4, undef, 'mine, too', 4 ], [ 5, 'it', 'a5', 5 ] ],
            'a key of a cycle is set where it is NULL') if !"@$more";
        is($target->value('SELECT v FROM parts WHERE id = 2'), 'target', 'of partitions');
        foreign_keys_hold($target);
        is($target->value("INSERT INTO account (name) VALUES ('new') RETURNING id"), 501,
            'a sequence that is further stays');
        is($target->value("INSERT INTO person (name) VALUES ('new') RETURNING id"), 21,
            'the others are set');
    }
    my ($target, $restored) = $server->try_restore($origin->sample('--data-only')->stdout,
        as => undef, prepare => \&migrated);
    isnt($restored->status, 0, 'without it the dump does not restore there');
};

subtest '--on-conflict-do-nothing: keys of a cycle that share a column' => sub {
    my $origin = $server->create_database;
    my $tables = <<'SQL';
CREATE TABLE x (id int PRIMARY KEY, t int, y int, z int);
CREATE TABLE y (id int PRIMARY KEY, t int NOT NULL, x int NOT NULL REFERENCES x, UNIQUE (t, id));
CREATE TABLE z (id int PRIMARY KEY, t int NOT NULL, x int NOT NULL REFERENCES x, UNIQUE (t, id));
ALTER TABLE x ADD FOREIGN KEY (t, y) REFERENCES y (t, id);
ALTER TABLE x ADD FOREIGN KEY (t, z) REFERENCES z (t, id);
SQL
    $origin->sql($tables . <<'SQL');
INSERT INTO x (id, t) VALUES (1, 7);
INSERT INTO y VALUES (2, 7, 1);
INSERT INTO z VALUES (3, 7, 1);
UPDATE x SET y = 2, z = 3;
SQL
    my $dump = modes_agree($origin, 'both modes write the same', '--data-only',
        '--on-conflict-do-nothing') // return;
    my ($target, $restored) = $server->try_restore($dump, as => undef,
        prepare => sub { $_[0]->sql($tables) });
    is($restored->status, 0, 'it restores') or diag $restored->stderr;
    is_deeply($target->rows('SELECT * FROM x'), [ [ 1, 7, 2, 3 ] ], 'with both references');
};

subtest 'with the schema' => sub {
    my $dump = modes_agree($source, 'both modes write the same', '--limit=2',
        '--on-conflict-do-nothing') // return;
    samples_ok($server->restore($dump), $source);
    unlike($dump, qr/^COPY /m, 'it implies --inserts');
};

done_testing();
