# A connection that is cut at any statement of the commit, before or behind it: the rows are
# there once, the run knows it, and exit status 9 says that nobody can know.

use strict;
use warnings;

use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Load;
use PgSample::Test::Proxy;
use PgSample::Test::Server;

my $server = PgSample::Test::Server->start;
my $db = $server->create_database;
my $TRUTH = "1 new 5\n2 old 6\n4 new 7";

our $has_key = 1; # a foreign key is in the way of a swap

sub reset_tables
{
    $db->sql(<<'SQL');
DROP TABLE IF EXISTS c, t;
CREATE TABLE t (id serial PRIMARY KEY, v text);
CREATE TABLE c (id int PRIMARY KEY, t int REFERENCES t DEFERRABLE INITIALLY DEFERRED);
INSERT INTO t VALUES (1, 'old'), (2, 'old'), (3, 'old');
INSERT INTO c VALUES (5, 1), (6, 2);
SQL
    $db->sql('ALTER TABLE c DROP CONSTRAINT c_t_fkey') if !$has_key;
    return;
}

sub state { return content($db, '(SELECT t.id, t.v, c.id AS c FROM t JOIN c ON c.t = t.id)', q{id || ' ' || v || ' ' || c}) }

# A load of both tables through a proxy that cuts where it is told.
sub load_through
{
    my ($cut, @arguments) = @_;
    reset_tables();
    my $proxy = PgSample::Test::Proxy->start($server, $cut);
    my $result = load($db, '--mode=full', '--max-delete-pct=100', @arguments,
        't=' . input_file('t.csv', csv([qw(id v)], [ 1, 'new' ], [ 2, 'old' ], [ 4, 'new' ])),
        'c=' . input_file('c.csv', csv([qw(id t)], [ 5, 1 ], [ 6, 2 ], [ 7, 4 ])),
        { env => { PGHOST => $proxy->host }, keep => 1 });
    my @messages = $proxy->messages;
    $proxy->stop;
    return ($result, @messages);
}

# The numbers of the messages from the first of the commit's on to COMMIT.
sub find_commit
{
    my (@messages) = @_;
    my ($first) = grep { $messages[$_] =~ /last_value|setval|SET LOCAL lock_timeout/ } 0 .. $#messages;
    my ($last) = grep { $messages[$_] =~ /^COMMIT\b/ && $_ > $first } 0 .. $#messages;
    return ($first, $last);
}

my ($clean, @messages) = load_through(undef, '--staging=always');
is($clean->status, 0, 'without a cut') or diag $clean->describe;
is(state(), $TRUTH, 'this is what is loaded');
my ($first, $last) = find_commit(@messages);
ok($last > $first + 10, 'the commit has many statements') or diag join "\n", @messages;

for my $way ('diff', 'delete-insert', 'truncate', 'swap') {
    subtest "each statement of the commit: $way" => sub {
        my @apply = ('--staging=always', "--apply=$way", '--allow-cascade', '--transaction-timeout=60s');
        if ($way eq 'truncate' || $way eq 'swap') {
            @apply = ('--staging=always', "--apply=$way"); # both tables at once
        }
        local $has_key = $way ne 'swap';
        my ($result, @all) = load_through(undef, @apply);
        is($result->status, 0, 'without a cut') or diag $result->describe;
        my ($from, $to) = find_commit(@all);
        my $step = $way eq 'diff' ? 1 : 3;
        for (my $n = $from; $n <= $to; $n += $step) {
            for my $how ('before', 'after') {
                my ($cut) = load_through(sub { return $_[0] == $n ? $how : '' }, @apply);
                my $name = "$how " . substr $all[$n], 0, 60;
                is($cut->status, 0, "$name: loaded") or diag $cut->describe;
                is(state(), $TRUTH, "$name: rows");
                is($cut->metrics->{lock}{attempts}, $cut->stderr =~ /; retrying/ ? 2 : 1,
                    "$name: attempts");
            }
        }
    };
}

subtest 'the outcome can be asked, or not' => sub {
    for my $how ('before', 'after') {
        my ($result) = load_through(sub { return $_[1] =~ /^COMMIT\b/ && $_[0] > $first ? $how : '' }, '--staging=always');
        is($result->status, 0, "COMMIT, $how: done") or diag $result->describe;
        is(state(), $TRUTH, "COMMIT, $how: once");
    }
    my $dead = sub { return $_[1] =~ /^COMMIT\b/ && $_[0] > $first ? 'dead' : '' };
    my $other = $server->create_database; # where the role can have no schema
    my $role = $server->create_role;
    $other->sql("CREATE TABLE t (id int PRIMARY KEY, v text); GRANT ALL ON t TO $role");
    my $is_near;
    my $proxy = PgSample::Test::Proxy->start($server, sub {
        $is_near ||= $_[1] =~ /txid_current/;
        return $is_near && $_[1] =~ /^COMMIT\b/ ? 'dead' : '';
    });
    my $run = start_load($other->as($role), 't=' . input_file('t.csv', "id,v\n1,a\n"), { env => { PGHOST => $proxy->host } });
    my ($result) = load_through($dead, '--staging=always');
    is($result->status, 9, 'no connection after COMMIT: nobody knows') or diag $result->describe;
    like($result->stderr, qr/could not be asked whether it succeeded.*committed if table run of schema _pg_sample_load/s, 'it says so, and where to look');
    $result = $run->finish;
    $proxy->stop;
    is($result->status, 9, 'nor without a schema') or diag $result->describe;
    my ($transaction) = $result->stderr =~ /pg_catalog\.txid_status\((\d+)\)/;
    ok($transaction, 'it says how to ask') or diag $result->describe;
    like($other->value('SELECT txid_status(' . ($transaction // 0) . ')'), qr/committed|aborted/, 'which has an answer');
    drop_left($db);
};

subtest 'every connection is lost' => sub {
    # the backend is ended in COMMIT itself, by a deferred trigger, each time
    reset_tables();
    $db->sql(<<'SQL');
CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(1); RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER die AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION die();
SQL
    my $result = load($db, '--staging=always', '--max-retries=2', 't=' . input_file('t.csv', csv([qw(id v)], [ 9, 'x' ])));
    is($result->status, 6, 'a trigger that ends each attempt: given up') or diag $result->describe;
    is($result->metrics->{lock}{attempts}, 3, 'after all retries');
    is($db->value('SELECT count(*) FROM t WHERE id = 9'), 0, 'nothing was loaded');
    $db->sql('DROP TRIGGER die ON t; DROP FUNCTION die()');
};

subtest 'too few connections to explain a lock' => sub {
    my $role = $server->create_role('limited', 'CONNECTION LIMIT 1');
    $db->sql('DROP TABLE IF EXISTS l; CREATE TABLE l (id int PRIMARY KEY); CREATE SCHEMA _pg_sample_load_l AUTHORIZATION limited; GRANT ALL ON l TO limited');
    my $session = other_session($db);
    $session->query('BEGIN');
    $session->query('LOCK TABLE l IN ACCESS EXCLUSIVE MODE');
    my $run = start_load($db->as($role), '--schema-name=_pg_sample_load_l', '--staging=always', '--lock-timeout=300ms', '--max-retries=1',
        'l=' . input_file('l.csv', "id\n1\n"));
    sleep 1;
    $session->query('ROLLBACK');
    $session->query('BEGIN');
    $session->query('LOCK TABLE l IN SHARE MODE');
    my $result = $run->finish;
    is($result->status, 7, 'the lock is not obtained') or diag $result->describe;
    $session->query('ROLLBACK');
    $session->close;
};

$db->sql('DROP SCHEMA IF EXISTS _pg_sample_load CASCADE; DROP SCHEMA IF EXISTS _pg_sample_load_l CASCADE');
done_testing;
