# Objects that others drop while a run goes on: each moment is held by a lock. A run ends with an
# error only where it needs what is locked, and names who locks it.

use strict;
use warnings;

use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Faults;
use PgSample::Test::Server;
use PgSample::Test::Session;
use PgSample::Test::Staging;

my $server = PgSample::Test::Server->start;
my $db     = $server->create_database;
$db->sql(<<'SQL');
CREATE TABLE kept (id int PRIMARY KEY);
INSERT INTO kept SELECT generate_series(1, 20);
-- a staging schema of another run, as far as this one can see
CREATE SCHEMA _pg_sample_other;
COMMENT ON SCHEMA _pg_sample_other IS 'pg-sample staging schema, made by a test';
CREATE UNLOGGED TABLE _pg_sample_other.one (id int PRIMARY KEY, note text);
CREATE UNLOGGED TABLE _pg_sample_other.two (id int PRIMARY KEY, note text);
CREATE SEQUENCE kept_sequence;
CREATE FOREIGN DATA WRAPPER nothing;
CREATE SERVER nowhere FOREIGN DATA WRAPPER nothing;
SQL

# The schema "gone", which is dropped.
sub make_gone
{
    $db->sql(<<'SQL');
CREATE SCHEMA gone;
CREATE SEQUENCE gone.number;
CREATE FUNCTION gone.count_kept(int) RETURNS int LANGUAGE sql VOLATILE
    AS 'SELECT count(*)::int FROM public.kept';
CREATE DOMAIN gone.domain AS int CHECK (gone.count_kept(VALUE) > 0);
CREATE FOREIGN TABLE gone.foreign_table (id int CHECK (gone.count_kept(id) > 0)) SERVER nowhere;
CREATE MATERIALIZED VIEW gone.materialized AS SELECT id FROM public.kept;
CREATE TABLE gone.parent (id int PRIMARY KEY);
CREATE TABLE gone.child (id int PRIMARY KEY, parent int REFERENCES gone.parent,
    CHECK (gone.count_kept(id) > 0));
CREATE INDEX ON gone.child ((id + 1)) WHERE id > 0;
CREATE TABLE gone.parts (id int PRIMARY KEY) PARTITION BY RANGE (id);
CREATE TABLE gone.part1 PARTITION OF gone.parts FOR VALUES FROM (0) TO (10);
CREATE TABLE gone.part2 PARTITION OF gone.parts FOR VALUES FROM (10) TO (20);
SQL
    return;
}

sub begun
{
    my ($sql) = @_;
    my $session = PgSample::Test::Session->new(conninfo => $db->conninfo);
    $session->query("BEGIN; $sql");
    return $session;
}

sub slurp
{
    my ($file) = @_;
    open my $in, '<', $file or return '';
    local $/;
    return readline($in) // '';
}

# Has its child, pg_dump, ended? It is not waited for before the sample is complete.
sub has_dumped
{
    my ($pid) = @_;
    return !grep { slurp("/proc/$_/stat") =~ /\) [^Z]/ }
        split ' ', slurp("/proc/$pid/task/$pid/children");
}

# Before, such a run waited for the end of the DROP, and failed after --lock-timeout.
subtest 'another run drops its staging schema' => sub {
    for my $drop ('DROP TABLE _pg_sample_other.two', 'DROP SCHEMA _pg_sample_other CASCADE') {
        my $session = begun($drop);
        my $result  = $db->sample('--lock-timeout=2s');
        ok($result->is_ok, "$drop: not waited for") or diag $result->describe;
        cmp_ok($result->seconds, '<', 20, "$drop: at all");
        $session->query('ROLLBACK');
        $session->close;
    }
};

subtest 'while rows are read' => sub {
    for my $drop ('DROP SCHEMA _pg_sample_other CASCADE', 'DROP SEQUENCE gone.number',
        'DROP FOREIGN TABLE gone.foreign_table', 'DROP DOMAIN gone.domain',
        'DROP MATERIALIZED VIEW gone.materialized') {
        make_gone();
        my $held    = hold($db);
        my $process = $db->start_sample(held('public.kept'), '--limit=5');
        ok(wait_for_session($server, "wait_event = 'advisory'"), "$drop: a run reads");
        ok(wait_until(20, sub { return has_dumped($process->pid) }), "$drop: pg_dump has ended");
        $db->sql($drop);
        $held->close;
        my $result = $process->wait;
        ok($result->is_ok, "$drop: the run goes on") or diag $result->describe;
        like($result->stderr, qr/sequence gone[.]number cannot be read/, 'and warns')
            if $drop =~ /SEQUENCE/;
        $db->sql('DROP SCHEMA gone CASCADE');
    }
};

# Before: "cache lookup failed for attribute 2 of relation 16405", or "permission denied".
subtest 'while catalogs are read' => sub {
    for my $arguments ([], ['--data-only'], [ '--data-only', '--continue-on-error' ]) {
        for my $drop ('DROP SCHEMA gone CASCADE', 'DROP TABLE gone.child',
            'DROP TABLE gone.part1') {
            make_gone();
            my $session = begun('LOCK TABLE pg_catalog.pg_inherits IN ACCESS EXCLUSIVE MODE');
            my $process = $db->start_sample('--limit=5', @$arguments);
            ok(wait_for_session($server, "wait_event = 'relation'"),
                "@$arguments $drop: a run reads catalogs");
            $session->query("$drop; COMMIT");
            $session->close;
            my $result = $process->wait;
            ok($result->is_ok, "@$arguments $drop: the run goes on") or diag $result->describe;
            $db->sql('DROP SCHEMA IF EXISTS gone CASCADE');
        }
    }
};

subtest 'what is locked and needed is named' => sub {
    my $session = begun('DROP SEQUENCE kept_sequence');
    my $result  = $db->sample('--data-only', '--lock-timeout=1s', '--limit=5');
    is($result->status, 3, 'a run that needs it ends');
    like($result->stderr,
        qr/could[ ]not[ ](?:read[ ]the[ ]values[ ]of[ ]sequences|lock[ ]the[ ]tables).*
            detail:.*DROP[ ]SEQUENCE[ ]kept_sequence/sx, 'with the statement that locks it');
    $session->close;
};

done_testing;
