# A dry run answers what the load will do, and who waits for the load is counted.

use strict;
use warnings;

use FindBin;
use Test::More;
use Time::HiRes qw(sleep time);
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Load;
use PgSample::Test::Server;

my $server = PgSample::Test::Server->start;
my $db = $server->create_database;

sub file { my ($table, @rows) = @_; return "$table=" . input_file("$table.csv", csv(@rows)) }

# Both end the same, and a run that is refused changes nothing. Returns the status.
sub same_answer
{
    my ($database, $name, @arguments) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $before = image($db);
    my $dry = load($database, '--dry-run', @arguments);
    is(image($db), $before, "$name: a dry run changes nothing");
    my $result = load($database, @arguments);
    is($result->status, $dry->status, "$name: the dry run and the load end with " . $dry->status)
        or diag $dry->describe, $result->describe;
    is(image($db), $before, "$name: nothing has changed") if $result->status != 0;
    return $result->status;
}

subtest 'privileges' => sub {
    my @grants = (
        [ 'SELECT, INSERT, UPDATE, DELETE ON g', 'i u d f' ],
        [ 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON g', 'i u d f t' ],
        [ 'SELECT, INSERT ON g', '' ],
        [ 'SELECT (id, v), INSERT (id, v), UPDATE (v) ON g', '' ],
        [ 'SELECT, INSERT, UPDATE (v) ON g', 'i u' ],
        [ 'SELECT, INSERT, UPDATE (w) ON g', '' ],
        [ 'SELECT, INSERT (id, v), UPDATE ON g', 'i u' ],
        [ 'SELECT, INSERT (id), UPDATE ON g', 'u' ],
        [ 'SELECT (id, v), INSERT, UPDATE, DELETE ON g', '' ],
        [ 'SELECT, UPDATE ON g', 'u' ],
    );
    my %way = (
        i => [], u => ['--strategy=update_only'], d => ['--mode=slice', '--slice=v=x', '--max-delete-pct=100'],
        f => [ '--mode=full', '--max-delete-pct=100' ], t => [ '--mode=full', '--apply=truncate', '--max-delete-pct=100' ],
    );
    for my $grant (@grants) {
        my ($privileges, $may) = @$grant;
        $db->sql('DROP TABLE IF EXISTS g; CREATE TABLE g (id int PRIMARY KEY, v text, w text)');
        my $role = $server->create_role;
        $db->sql("GRANT $privileges TO $role; GRANT CREATE, TEMP ON DATABASE " . $db->name . " TO $role");
        for my $way (sort keys %way) {
            $db->sql("TRUNCATE g; INSERT INTO g VALUES (1, 'x', 'x')");
            my $status = same_answer($db->as($role), "$privileges: $way", "--schema-name=_pg_sample_load_$role", @{ $way{$way} },
                file('g', [qw(id v)], [ 1, 'x' ], [ 2, 'x' ]));
            is($status, $may =~ /$way/ ? 0 : 3, "$privileges: $way");
        }
    }
};

subtest 'a rule that does more, and a circle' => sub {
    $db->sql(<<'SQL');
CREATE TABLE a (id int PRIMARY KEY, b int);
CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES a);
ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b;
CREATE TABLE log (what text);
CREATE RULE more AS ON INSERT TO a DO ALSO INSERT INTO log VALUES ('a');
SQL
    my @files = (file('a', [qw(id b)], [ 1, 1 ]), file('b', [qw(id a)], [ 1, 1 ]));
    is(same_answer($db, 'the circle', @files), 3, 'is refused by both');
    $db->sql('DROP RULE more ON a');
    is(same_answer($db, 'without the rule', @files), 0, 'is loaded');
};

subtest 'TRUNCATE lets readers go on until the lock is there' => sub {
    $db->sql('CREATE TABLE w (id int PRIMARY KEY); INSERT INTO w VALUES (1)');
    my $reader = other_session($db);
    my $other = other_session($db);
    $reader->query('BEGIN');
    $reader->query('SELECT * FROM w');
    my $run = start_load($db, '--mode=full', '--apply=truncate', '--max-delete-pct=100', '--staging=always', '--lock-timeout=20s',
        file('w', ['id'], [2], [3]));
    wait_for_step($run, 'commit');
    my ($longest, $n, $end) = (0, 0, time + 2.5);
    while (time < $end) {
        my $start = time;
        $other->query('SELECT count(*) FROM w');
        my $took = time - $start;
        $longest = $took if $took > $longest;
        $n++;
        sleep 0.01;
    }
    cmp_ok($longest, '<', 0.7, "$n readers waited behind it for a moment only");
    ok($run->process->is_running, 'it is still waiting');
    $reader->query('COMMIT');
    my $result = $run->finish;
    is($result->status, 0, 'then it is loaded') or diag $result->describe;
    is(content($db, 'w', 'id::text'), "2\n3", 'rows');
    cmp_ok($result->metrics->{lock}{exclusive_ms}, '>=', 200, 'the tries count as time in which nobody could read');
    cmp_ok($result->metrics->{lock}{wait_ms}, '>=', 1500, 'and its own waiting');
    is($result->metrics->{lock}{attempts}, 1, 'in one attempt');
    $_->close for $reader, $other;
};

done_testing;
