# What the tests stand on: their connections, and the psql that restores dumps.

use strict;
use warnings;

use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Faults;
use PgSample::Test::Server;
use PgSample::Test::Statements;

my $server = PgSample::Test::Server->start;
my $db     = $server->create_database;

sub dies
{
    my ($code, $message, $name) = @_;
    my $is_alive = eval { $code->(); 1 };
    ok(!$is_alive && $@ =~ $message, $name) or diag $is_alive ? 'it did not die' : $@;
    return;
}

subtest 'statements' => sub {
    my @expected = (
        q{SELECT ';', E'a\\';', "x;y" -- ;} . "\n;",
        'CREATE FUNCTION a() RETURNS int LANGUAGE sql AS $x$ a; $1; b $$; $x$;',
        'CREATE FUNCTION b() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; END;',
        'BEGIN;',
        'CREATE RULE r AS ON DELETE TO t DO (SELECT 1; SELECT 2);',
        'SELECT /* ; /* ; */ ; */ $1',
    );
    is_deeply([ PgSample::Test::Statements::split_sql("-- ;\n ;" . join "\n", @expected) ],
        \@expected, 'are split where psql does it');
    is_deeply([ PgSample::Test::Statements::split_sql(" ; -- nothing\n") ], [], 'none is empty');
};

subtest 'a connection' => sub {
    is_deeply($db->rows("SELECT NULL, '', E'a\\nb\x{1f}', 3 UNION ALL SELECT 1::text, 'x', '', 4"),
        [ [ undef, '', "a\nb\x{1f}", 3 ], [ 1, 'x', '', 4 ] ], 'rows');
    is_deeply($db->rows('SELECT WHERE false'), [], 'no rows');
    is($db->value("SELECT length(repeat('x', 5000000))"), 5_000_000, 'a large answer');
    is($db->value("SELECT length('" . 'x' x 5_000_000 . "')"), 5_000_000, 'a large statement');
    $db->sql('CREATE TABLE t (a int); INSERT INTO t VALUES (1)');
    dies(sub { $db->sql('SELECT 1 / 0') }, qr/SQL failed: ERROR: +division by zero/, 'an error');
    dies(sub { $db->sql('SELECT 1; SELECT 1 / 0; SELECT 2') }, qr/division by zero/, 'one of many');
    dies(sub { $db->sql('BEGIN; DELETE FROM t; SELECT x; COMMIT') }, qr/"x" does not exist/,
        'one within a transaction');
    is($db->value('SELECT count(*) FROM t'), 1, 'which is rolled back');
    dies(sub { $db->sql(q{SELECT pg_terminate_backend(pg_backend_pid())}) },
        qr/terminating connection/, 'the end of the connection');
    dies(sub { $server->database('nowhere')->sql('SELECT 1') }, qr/"nowhere" does not exist/,
        'no connection');
    dies(sub { $db->session->query('SELECT pg_sleep(20)', 0.2) }, qr/no answer/, 'a timeout');
    my ($one, $two) = map { $server->new_session($db->name) } 1 .. 2;
    $one->query('BEGIN; LOCK TABLE t');
    $two->begin('INSERT INTO t VALUES (2)');
    ok(wait_until(10, sub { $one->query('SELECT count(*) FROM pg_locks WHERE NOT granted')->[0][0] }),
        'it works in the background');
    $one->query('COMMIT');
    $two->finish;
    is($one->query('SELECT count(*) FROM t')->[0][0], 2, 'to its end');
};

subtest 'a restore' => sub {
    for my $round (1 .. 2) {
        my ($target, $result) = $server->try_restore("CREATE TABLE a ();\nCREATE TABLE a ();\n"
                . "CREATE TABLE b ();\n");
        is($result->status, 3, 'an error ends it');
        is($result->stderr, qq{ERROR:  relation "a" already exists\n}, 'and is printed');
        is($target->value("SELECT count(*) FROM pg_class WHERE relname IN ('a', 'b')"), 1,
            'what follows is not restored');
        for my $other (1 .. 2) {
            my $new = $server->restore("CREATE TABLE a (x int);\nCOPY a FROM stdin;\n$other\n\\.\n"
                    . 'SELECT x FROM a');
            is($new->value('SELECT x FROM a'), $other, 'each goes to its own database');
            is($new->value("SELECT tableowner FROM pg_tables WHERE tablename = 'a'"),
                $server->restorer, 'as an ordinary role');
            $server->drop_database($new);
        }
    }
    dies(sub { $server->restore("\\restrict x\nSELECT 1;\n") }, qr/does not restore/,
        'a dump that is cut off');
};

done_testing;
