# Timeouts that a role or a database has do not count, from the first statement of each
# connection on, in both programs, their children and the user's own SQL.

use strict;
use warnings;

use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Load;
use PgSample::Test::Server;
use PgSample::Test::Staging;

my $server = PgSample::Test::Server->start;
my $version = $server->database('postgres')->value('SHOW server_version_num');
my @TIMEOUTS = (
    'statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout',
    ($version >= 140_000 ? 'idle_session_timeout' : ()),
    ($version >= 170_000 ? 'transaction_timeout'  : ())
);

my $owner  = $server->create_role('impatient');
my $source = $server->create_database(owner => $owner);
$source->sql(<<"SQL");
SET ROLE $owner;
CREATE TABLE a (id int PRIMARY KEY, v text);
CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES a, v text);
INSERT INTO a SELECT i, 'v' || i FROM generate_series(1, 100) i;
INSERT INTO b SELECT i, 101 - i, 'w' FROM generate_series(1, 100) i;
CREATE FUNCTION slowly(x int) RETURNS int LANGUAGE plpgsql AS \$\$
    BEGIN PERFORM pg_sleep(0.02); RETURN x; END \$\$;
CREATE FUNCTION slow_trigger() RETURNS trigger LANGUAGE plpgsql AS \$\$
    BEGIN PERFORM pg_sleep(0.1); RETURN NEW; END \$\$;
CREATE TRIGGER slow BEFORE INSERT OR UPDATE ON b FOR EACH ROW
    EXECUTE FUNCTION slow_trigger();
SQL
my $before = $source->sample('--no-staging', '--limit=b = slowly(id) < 20, a = 3')->stdout;

my $name = $source->name;
my @settings = map { "SET $_ = '50ms'" } @TIMEOUTS;
my %places = (
    'the role'     => "ALTER ROLE $owner",
    'the database' => "ALTER DATABASE \"$name\"",
);

for my $place (sort keys %places) {
    subtest "timeouts of $place" => sub {
        $server->database('postgres')->sql(join ';', map { "$places{$place} $_" } @settings);
        my $mine = $source->as($owner);
        for my $mode ('--no-staging', '--use-staging') {
            my $result = $mine->sample($mode, '--limit=b = slowly(id) < 20, a = 3');
            is($result->status, 0, "$mode: exit status") or diag $result->describe;
            same_bytes($result->stdout, $before, "$mode: the dump");
            unlike($result->stderr, qr/warning|timeout/, "$mode: no warning");
        }
        my $n = 100;
        for my $option ('--staging=auto', '--staging=always', '--no-staging', '-j2') {
            $n += 10;
            my $rows = csv([ 'id', 'a', 'v' ], map { [ $n + $_, $_, 'x' ] } 1 .. 5);
            loads($mine, [ $option, input_file('b.csv', $rows) ], 'inserted 5',
                "load $option");
        }
        $source->sql('DELETE FROM b WHERE id > 100');
        my $plan = $mine->sample('--plan', '--limit=b = slowly(id) < 20');
        is($plan->status, 0, '--plan') or diag $plan->describe;
        my $status = load($mine, '--status');
        is($status->status, 0, 'load --status') or diag $status->describe;
        $server->database('postgres')->sql("$places{$place} RESET ALL");
    };
}

# What comes before could be ended by them.
subtest 'the first statement of each connection' => sub {
    my $postgres = $server->database('postgres');
    $postgres->sql("ALTER ROLE $owner SET log_statement = 'all'");
    my $mine = $source->as($owner);
    my @runs = (
        [ '--no-staging', '--limit=b = slowly(id) < 5' ],
        [ '--use-staging', '--limit=b = slowly(id) < 5' ],
        [ '--keep' ], ['--resume'], [ '--cleanup=drop' ], ['--plan']
    );
    my $start = length $server->log_text;
    for my $run (@runs) {
        my $result = $mine->sample(@$run);
        is($result->status, 0, "@$run") or diag $result->describe;
    }
    $source->sql('DROP SCHEMA _pg_sample CASCADE');
    my $file = input_file('a.csv', csv([ 'id', 'v' ], [ 1, 'x' ], [ 2, 'y' ]));
    my $more = input_file('b.csv', csv([ 'id', 'v' ], [ 1, 'x' ]));
    for my $run ([ '--staging=always', '-j2', $file, $more ], ['--status'], ['--gc']) {
        my $result = load($mine, @$run);
        is($result->status, 0, "load @$run") or diag $result->describe;
    }
    $postgres->sql("ALTER ROLE $owner RESET ALL");
    my %first;
    for (split /\n/, substr $server->log_text, $start) {
        next if !/ \[(\d+)\] \Q$name\E LOG:  statement: (.*)/;
        $first{$1} = $2 if !defined $first{$1};
    }
    my %seen = map { $_ => 1 } values %first;
    cmp_ok(scalar keys %first, '>', 12, 'there were many connections');
    is_deeply([ sort keys %seen ],
        [ 'SELECT pg_catalog.pg_backend_pid(),', # with the timeouts
            q{SELECT pg_catalog.set_config('search_path', '', false);} ], # of pg_dump
        'all begin with the timeouts');
};

# A lock that is not to be had is waited for as long as --lock-timeout says.
subtest '--lock-timeout counts' => sub {
    $server->database('postgres')->sql("ALTER ROLE $owner SET lock_timeout = '50ms'");
    my $holder = PgSample::Test::Session->new(conninfo => $source->conninfo);
    $holder->query('BEGIN; LOCK TABLE a IN ACCESS EXCLUSIVE MODE');
    my $process = $source->as($owner)->start_sample('--lock-timeout=60s', '--limit=2');
    ok(wait_until(20, sub { $server->database('postgres')->value(
            'SELECT count(*) FROM pg_locks WHERE NOT granted') > 0 }), 'it waits');
    select undef, undef, undef, 0.3;
    $holder->query('COMMIT');
    $holder->close;
    my $result = $process->wait;
    is($result->status, 0, 'and gets the lock') or diag $result->describe;
    $server->database('postgres')->sql("ALTER ROLE $owner RESET ALL");
};

done_testing;
