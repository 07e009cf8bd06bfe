# Where dumps come from: they name their database without telling it, do not go back into it
# unasked, and rows of two databases do not meet without a warning.

use strict;
use warnings;

use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Load;
use PgSample::Test::Server;

my $server = PgSample::Test::Server->start;
my $SQL    = <<'SQL';
CREATE TABLE t (id int PRIMARY KEY, v text);
INSERT INTO t VALUES (1, 'a'), (2, 'b');
CREATE SCHEMA other;
CREATE TABLE other.u (id int PRIMARY KEY);
INSERT INTO other.u VALUES (1);
SQL

sub database
{
    my $db = $server->create_database;
    $db->sql($SQL);
    return $db;
}

sub dump_of
{
    my ($db, @argument) = @_;
    my $result = $db->sample(@argument);
    is($result->status, 0, 'sampled') or diag $result->stderr;
    return $result->stdout;
}

sub source_of
{
    my ($dump) = @_;
    return $dump =~ /\A.*?^-- source: (\S+)$/ms ? $1 : 'none';
}

my ($one, $two, $target) = map { database() } 1 .. 3;
my $dump = dump_of($one);
my $file = input_file('one.sql', $dump);
my $SAME = qr/one\.sql is a sample of this database.*hint: Use --allow-same-database/s;

subtest 'the source of a dump' => sub {
    my $source = source_of($dump);
    like($source, qr/\A[0-9a-f]{32}\z/, 'is a number');
    is(source_of(dump_of($one, '--data-only', '--use-staging')), $source, 'is the same in all dumps of a database');
    isnt(source_of(dump_of($two)), $source, 'and another in those of another one');
    my $identifier = $one->value('SELECT system_identifier FROM pg_control_system()');
    unlike($dump, qr/$identifier/, 'the identifier of the cluster is not told');
    my $role = $server->create_role;
    $one->sql('REVOKE EXECUTE ON FUNCTION pg_catalog.pg_control_system() FROM PUBLIC');
    $one->sql("GRANT SELECT ON ALL TABLES IN SCHEMA public TO $role");
    is(source_of(dump_of($one->as($role), '-n', 'public')), 'none', 'a role that may not know it makes dumps without');
    $one->sql('GRANT EXECUTE ON FUNCTION pg_catalog.pg_control_system() TO PUBLIC');
};

subtest 'a dump does not go back unasked' => sub {
    $one->sql(q{UPDATE t SET v = 'changed' WHERE id = 1});
    for my $staging ('auto', 'always', 'never') {
        refuses($one, [ "--staging=$staging", $file ], 3, $SAME, "$staging: refused");
    }
    refuses($one, [ '--dry-run', $file ], 3, $SAME, 'a dry run tells it as well');
    refuses($one, [ '-t', 'other.u', $file ], 3, $SAME, 'and a part of it');
    my $result = load($one, '--allow-same-database', $file);
    is($result->status, 0, 'asked for') or diag $result->describe;
    is($one->value('SELECT v FROM t WHERE id = 1'), 'a', 'it does');
    loads($target, [$file], { t => 'unchanged 2', 'other.u' => 'unchanged 1' }, 'another database takes it');
    # rows that look like the header say nothing
    (my $forged = $dump) =~ s/^-- source: .*\n//m;
    $forged =~ s/^1\ta$/1\t-- source: ${\ source_of($dump) }/m;
    loads($one, [ input_file('forged.sql', $forged) ], { t => 'updated 1, unchanged 1', 'other.u' => 'unchanged 1' }, 'only the header counts');
};

subtest 'rows of two databases' => sub {
    my $db = database();
    my $warning = qr/warning: tables of schema "public" were loaded from another database before/;
    my $other = input_file('two.sql', dump_of($two, '-n', 'public'));
    unlike(load($db, $file)->stderr, qr/another database/, 'the first source');
    unlike(load($db, $file)->stderr, qr/another database/, 'the same again');
    unlike(load($db, 't=' . input_file('t.csv', "id,v\n3,c\n"))->stderr, qr/another database/, 'a file of no database');
    for my $staging ('--dry-run', '--staging=never', '--staging=always') {
        my $result = load($db, $staging, $other);
        is($result->status, 0, "$staging: loaded");
        like($result->stderr, $warning, "$staging: a warning");
        like($result->stderr, qr/source ${\ source_of($dump) }, and now ${\ source_of(slurp($other)) }/, "$staging: both are named");
        unlike($result->stderr, qr/schema "other"/, "$staging: not of another schema");
        load($db, $file) if $staging ne '--dry-run';
    }
    load($db, $other);
    unlike(load($db, $other)->stderr, $warning, 'the last source counts');
    # a table of runs that an earlier version has made
    $db->sql('ALTER TABLE ' . SCHEMA . '.run DROP COLUMN sources');
    unlike(load($db, $file)->stderr, $warning, 'nothing is known of earlier runs');
    like(load($db, $other)->stderr, $warning, 'but of later ones');
    my $result = load($db, $file, $other);
    like($result->stderr, qr/rows of table public\.t come from several databases/, 'in one run');
};

subtest 'rows that were staged know where they come from' => sub {
    my $stage = sub {
        my ($db, @argument) = @_;
        my $result = load($db, '--stage-only', @argument, { keep => 1 });
        is($result->status, 0, 'staged') or diag $result->describe;
        return map { "--commit-staged=$_" } grep { /_staging_/ } left_tables($db);
    };
    my $db = database();
    my $file_of_public = input_file('public.sql', dump_of($one, '-n', 'public'));
    load($db, input_file('two.sql', dump_of($two)));
    my $result = load($db, $stage->($db, $file_of_public), { keep => 1 });
    is($result->status, 0, 'committed') or diag $result->describe;
    like($result->stderr, qr/schema "public" were loaded from another database before.* and now ${\ source_of($dump) }/, 'a warning');
    is($db->value('SELECT sources[1] FROM ' . SCHEMA . '.run ORDER BY committed_at DESC LIMIT 1'), source_of($dump), 'and a record');
    my ($staged) = $stage->($one, '--allow-same-database', $file_of_public);
    refuses($one, [ $staged, { keep => 1 } ], 3, qr/is a sample of this database.*--allow-same-database/s, 'not back unasked');
    is(load($one, '--allow-same-database', $staged)->status, 0, 'but when asked');
};

done_testing;
