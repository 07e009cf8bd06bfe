# Sources that have what the role may not read: what to do is said before anything is
# locked, and foreign keys to such tables can be cut.

use strict;
use warnings;

use File::Temp ();
use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Check;
use PgSample::Test::DumpText;
use PgSample::Test::Faults;
use PgSample::Test::Server;
use PgSample::Test::Staging;

my $server    = PgSample::Test::Server->start;
my $directory = File::Temp->newdir;

# As on managed servers: accounts are in a schema of the provider's.
my $SCHEMA = <<'SQL';
CREATE SCHEMA auth;
CREATE TABLE auth.users (id int PRIMARY KEY, email text);
CREATE TABLE profile (id int PRIMARY KEY REFERENCES auth.users, name text);
CREATE TABLE post (id serial PRIMARY KEY, author int REFERENCES auth.users,
    profile int NOT NULL REFERENCES profile, file oid);
CREATE TABLE parts (id int, owner int REFERENCES auth.users) PARTITION BY RANGE (id);
CREATE TABLE parts1 PARTITION OF parts FOR VALUES FROM (0) TO (1000);
CREATE VIEW account AS SELECT * FROM auth.users;
INSERT INTO auth.users SELECT i, 'e' || i FROM generate_series(1, 30) i;
INSERT INTO profile SELECT i, 'p' || i FROM generate_series(1, 30) i;
SELECT lo_from_bytea(5000 + i, '\x00') FROM generate_series(1, 2) i;
INSERT INTO post (author, profile, file) SELECT i, 31 - i, 5001 + i % 2
  FROM generate_series(1, 30) i;
INSERT INTO parts SELECT i, i FROM generate_series(1, 30) i;
SQL

my @KEYS = qw(parts_owner_fkey post_author_fkey profile_id_fkey);
my @CUT  = map { "--ignore-fk=$_" } @KEYS;

# A source, as a role that may read the tables of public, but not those of auth: for want of
# USAGE on the schema, or of SELECT on the table.
sub source_without
{
    my ($privilege) = @_;
    my $source = $server->create_database;
    my $reader = $server->create_role;
    $source->sql($SCHEMA);
    $source->sql("GRANT SELECT ON ALL TABLES IN SCHEMA public TO $reader;
        GRANT CREATE ON DATABASE \"@{[$source->name]}\" TO $reader");
    $source->sql($privilege eq 'USAGE' ? "GRANT SELECT ON auth.users TO $reader"
                                       : "GRANT USAGE ON SCHEMA auth TO $reader");
    return $source->as($reader);
}

sub key_names
{
    my ($db) = @_;
    return $db->column("SELECT conname FROM pg_constraint
                         WHERE contype = 'f' AND conparentid = 0 ORDER BY 1");
}

for my $privilege ('USAGE', 'SELECT') {
    my $source = source_without($privilege);

    subtest "without $privilege the ways out are named" => sub {
        for my $arguments ([], [ '-n', 'public' ], [ '--exclude-table-data=auth.users' ],
            [ '--data-only', '-n', 'public' ], ['--schema-only'], [ '-t', 'p*' ])
        {
            my $file = "$directory/dump.sql";
            my $process = $source->start_sample(@$arguments, '-f', $file);
            my $result = $process->wait;
            ends_with($result, 3, qr/error: permission denied for table auth\.users/,
                "@$arguments: the run stops");
            like($result->stderr, qr/hint: Grant USAGE .* SELECT /, 'grant');
            like($result->stderr, qr/hint: .*--ignore-fk='post_author_fkey' /, 'cut');
            like($result->stderr, qr/hint: .*--ignore-fk='profile_id_fkey'/, 'each key');
            like($result->stderr, qr/hint: .*--exclude-table='public\.profile'/, 'leave out');
            like($result->stderr, qr/hint: .*--continue-on-error/, 'go on without it');
            nothing_is_left($server, $process, $file, 'and leaves nothing');
        }
    };

    subtest "without $privilege keys can be cut" => sub {
        for my $arguments ([ '-n', 'public' ], [ '-T', 'auth.users' ], [ '-N', 'auth' ]) {
            my $dump = modes_agree($source, "@$arguments: both modes write the same",
                @$arguments, @CUT, '--limit=post = 10, 20')
                // next;
            my $target = $server->restore($dump);
            is_deeply(table_counts($target),
                { 'public.post' => 10, 'public.profile' => 30, 'public.parts' => 20 },
                'all rows are there, and those that they need');
            is($target->value('SELECT count(*) FROM post WHERE author = 31 - profile'), 10,
                'with their values');
            is_deeply(key_names($target), ['post_profile_fkey'], 'the keys are cut');
            constraints_are_valid($target);
            foreign_keys_hold($target);
            rows_are_from($target, $source->server->database($source->name));
            like(PgSample::Test::DumpText->new($dump)->header,
                qr/^-- left out: .*post_author_fkey.*auth\.users/m, 'the header tells');
        }
        my $result = $source->sample('-n', 'public', @CUT);
        for my $key (@KEYS) {
            like($result->stderr, qr/warning: .*\b$key .*auth\.users, which the role cannot read/,
                "a warning tells of $key");
        }
        like($result->stderr, qr/warning: sequence public\.post_id_seq cannot be read/,
            'and of the sequence');
        like($result->stderr, qr/warning: 2 large objects .* cannot be read/,
            'and of the large objects');
    };

    subtest "without $privilege, only rows" => sub {
        my $dump = modes_agree($source, 'both modes write the same', '--data-only',
            '-n', 'public', @CUT, '--limit=5') // return;
        my $text = PgSample::Test::DumpText->new($dump);
        is_deeply($text->column('public.post', 'author'), [ ('\N') x 5 ],
            'what can be NULL becomes NULL');
        is($text->column('public.profile', 'id')->[0], 1, 'what cannot keeps its value');
        like($source->sample('--data-only', '-n', 'public', @CUT)->stderr,
            qr/warning: .*profile_id_fkey.*the database into which .* restored must have that table/,
            'with a warning');
    };

    subtest "without $privilege, resumed" => sub {
        my $kept = $source->sample('--keep', '-n', 'public', @CUT, '--limit=5');
        is($kept->status, 0, 'the sample is kept') or diag $kept->describe;
        my $resumed = $source->sample('--resume');
        same_bytes($resumed->stdout, $kept->stdout, 'and written again');
        my $rows = $source->sample('--resume', '--data-only');
        is($rows->status, 0, 'or only its rows') or diag $rows->describe;
        $source->sql('DROP SCHEMA _pg_sample CASCADE');
    };
}

subtest 'a key that is cut may be one of several' => sub {
    my $source = source_without('USAGE');
    my $result = $source->sample('-n', 'public', '--ignore-fk=profile_id_fkey');
    ends_with($result, 3, qr/detail: Foreign key parts_owner_fkey/, 'the next one is named');
    unlike($result->stderr, qr/hint: .*profile_id_fkey/, 'the one that is cut is not');
};

done_testing();
