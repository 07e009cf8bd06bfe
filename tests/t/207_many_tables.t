# Many small tables: how often the server is asked, that one of them which cannot be read is
# the only one that is skipped, and that pg_dump does not wait for the catalogs.

use strict;
use warnings;

use File::Temp ();
use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Check;
use PgSample::Test::Faults;
use PgSample::Test::Oracle;
use PgSample::Test::Server;
use PgSample::Test::Session;
use PgSample::Test::Staging;

my $server = PgSample::Test::Server->start;
my $report = File::Temp->newdir;
my @MODE   = staging() ? '--use-staging' : '--no-staging';

$server->append_configuration("log_line_prefix = '%a|'");
$server->reload;

# Tables t1 to tN of three rows; each references the one before.
sub new_source
{
    my ($n) = @_;
    my $source = $server->create_database;
    $source->sql(<<"SQL");
DO \$\$
BEGIN
    FOR i IN 1 .. $n LOOP
        EXECUTE format('CREATE TABLE t%s (id int PRIMARY KEY, parent int%s, name text)', i,
            CASE WHEN i > 1 THEN format(' REFERENCES t%s', i - 1) END);
        EXECUTE format('INSERT INTO t%s SELECT j, 4 - j, %L || j FROM generate_series(1, 3) j',
            i, 'row of ' || i || ' ');
    END LOOP;
END \$\$;
SQL
    return $source;
}

# The query strings of a run, by program; and its result.
sub logged
{
    my ($source, @argument) = @_;
    $server->database('postgres')->sql('ALTER DATABASE ' . $source->name . " SET log_statement = 'all'");
    my $before = length $server->log_text;
    my $result = $source->sample(@MODE, @argument);
    my $text = substr $server->log_text, $before;
    $server->database('postgres')->sql('ALTER DATABASE ' . $source->name . ' RESET log_statement');
    my @sent = grep { defined } map { /\A(pg[-_]\w+)\|LOG:  (?:statement|execute [^:]*): (.*)\z/s ? [ $1, $2 ] : undef }
        split /^(?=pg[-_]\w+\|LOG)/m, $text;
    return ($result, @sent);
}

sub count_sent
{
    my ($source, $name, @argument) = @_;
    my ($result, @sent) = logged($source, @argument);
    is($result->status, 0, "$name: a sample is taken") or diag $result->describe;
    return ($result->stdout, scalar grep { $_->[0] eq 'pg-sample' } @sent);
}

my $small = new_source(100);
my $large = new_source(400);

# As many as are for all tables together, and some for each hundred.
subtest 'the server is asked once for many tables' => sub {
    my $per_table = sub {
        my ($name, $most, @argument) = @_;
        my (undef, $few) = count_sent($small, "$name, 100 tables", @argument);
        my ($dump, $many) = count_sent($large, "$name, 400 tables", @argument);
        cmp_ok(($many - $few) / 300, '<', $most, "$name: 300 more tables take less than $most round trips for each")
            or diag "$few and $many";
        return $dump;
    };
    my $dump = $per_table->('all rows', staging() ? 0.2 : 0.03, '--limit=10');
    my $target = $server->restore($dump);
    is($target->value('SELECT count(*) FROM t400'), 3, 'the last table has its rows');
    foreign_keys_hold($target, 'every key holds');
    rows_are_from($target, $large, 'every row is one of the source');
    $per_table->('--continue-on-error', staging() ? 0.2 : 0.03, '--limit=10', '--continue-on-error');
    # rows that others refer to are fetched table by table
    $dump = $per_table->('few rows', staging() ? 2.2 : 1.1, '--limit=1');
    $target = $server->restore($dump);
    is($target->value('SELECT count(*) FROM t1'), 2, 'each has those that the next one needs');
    foreign_keys_hold($target, 'few rows: every key holds');
    # counted together, and then picked from together
    $per_table->('percentages', 1.1, '--limit=* = 34%') unless staging();
};

subtest 'rows of all modes and ways are the same' => sub {
    for my $argument ([ '--limit=1' ], [ '--limit=2', '--ordered=desc' ], [ '--limit=* = *' ],
        [ '--limit=t1?0 = 2, t2* = 50%, t3* = 0, t4 = 1 where id = 2, * = 1' ], [ '--root=t50:2' ])
    {
        modes_agree($small, "@$argument", @$argument);
        my $one_by_one = $small->sample('--no-staging', @$argument, '--max-rows=100000');
        same_bytes($small->sample('--no-staging', @$argument)->stdout, $one_by_one->stdout,
            "@$argument: with a budget tables are asked one by one");
    }
};

# Staging tables are for rows: of tables that are empty, or that no row refers to, there are none.
subtest 'tables without rows' => sub {
    my $source = new_source(100);
    $source->sql('TRUNCATE t61 CASCADE');    # with all behind it
    my ($result, @sent) = logged($source, '--limit=t1? = 2, t2? = 0, *');
    is($result->status, 0, 'a sample is taken') or diag $result->describe;
    my $counts = table_counts($server->restore($result->stdout));
    is_deeply([ map { $counts->{"public.t$_"} } 15, 25, 60, 61, 100 ], [ 3, 3, 3, 0, 0 ], 'of tables with rows');
    if (staging()) {
        my %created = map { $_ => 1 } map { $_->[1] =~ /^\t?CREATE UNLOGGED TABLE "_pg_sample"\."(t\d+)"/mg } @sent;
        ok(!(grep { $created{"t$_"} } 61 .. 100), 'empty ones have no staging table');
        ok(!(grep { !$created{"t$_"} } 1 .. 60), 'the others have, picked from or referred to');
        ($result, @sent) = logged($source, '--root=t50:2', '--children=* = 0');
        %created = map { $_ => 1 } map { $_->[1] =~ /^\t?CREATE UNLOGGED TABLE "_pg_sample"\."(t\d+)"/mg } @sent;
        is_deeply([ sort keys %created ], [ sort map { "t$_" } 1 .. 50 ], 'a slice has those that it comes to');
    }
    modes_agree($source, 'limits', '--limit=t1? = 2, t2? = 0, *');
    modes_agree($source, 'a slice', '--root=t50:2');
};

# Writes over the first page of a table, while the server is down.
sub destroy
{
    my ($source, @tables) = @_;
    my @paths = map { $server->data . '/' . $source->value("SELECT pg_relation_filepath('$_')") } @tables;
    $source->sql('CHECKPOINT');
    $server->stop;
    for my $path (@paths) {
        open my $handle, '+<', $path or die "could not open $path: $!";
        binmode $handle;
        print {$handle} "\xa5" x -s $path;
        close $handle or die "could not write $path: $!";
    }
    $server->up;
    return;
}

subtest 'one of them cannot be read' => sub {
    my $source = new_source(120);
    my $copy   = new_source(120);
    my @lost   = ('t37', 't90');
    destroy($source, @lost);
    my $result = $source->sample(@MODE, '--limit=2');
    is($result->status, 3, 'the run stops');
    like($result->stderr, qr/could not read table public\.(?:t37|t90): .*invalid page/, 'and names a table');
    no_schema_is_left($source);
    $result = $source->sample(@MODE, '--limit=* = 67%');
    like($result->stderr, qr/rule "\* = 67%" on table public\.(?:t37|t90): .*invalid page/, 'or a rule that counts it');
    no_schema_is_left($source);
    my $percent = $source->sample(@MODE, '--limit=* = 67%', '--continue-on-error');
    is($percent->status, 6, 'with --continue-on-error it counts the others') or diag $percent->describe;
    $result = $source->sample(@MODE, '--limit=2', '--continue-on-error', "--report=$report/r.json");
    is($result->status, 6, 'with --continue-on-error it goes on') or diag $result->describe;
    unlike($result->stderr, qr/staging is not possible/, 'in its mode');
    no_schema_is_left($source);
    my $lost = PgSample::Test::Oracle::read_report("$report/r.json")->{lost};
    is_deeply([ sort map { $_->{table} } @$lost ], \@lost, 'without these tables alone');
    my $target = $server->restore($result->stdout);
    my $counts = table_counts($target);
    is_deeply(table_counts($server->restore($percent->stdout)), $counts, 'as many rows by percentage');
    is_deeply([ grep { !$counts->{$_} } sort keys %$counts ], [ map { "public.$_" } @lost ],
        'all others have rows');
    foreign_keys_hold($target, 'every key that is valid holds');
    rows_are_from($target, $copy, 'every row is one of the source');
};

subtest 'pg_dump begins before the catalogs are read' => sub {
    my ($result, @sent) = logged($small, '--limit=1');
    my ($first) = grep { $sent[$_][0] eq 'pg_dump' } 0 .. $#sent;
    my ($catalog) = grep { $sent[$_][0] eq 'pg-sample' && $sent[$_][1] =~ /FROM pg_catalog\.pg_constraint/ } 0 .. $#sent;
    ok(defined $first && defined $catalog, 'both ask the server');
    my @begins = grep { $_->[0] eq 'pg-sample' && $_->[1] =~ /pg_export_snapshot/ } @sent;
    is(scalar @begins, 1, 'there is one snapshot');
    my ($export) = grep { $sent[$_][1] =~ /pg_export_snapshot/ } 0 .. $#sent;
    cmp_ok($export, '<', $catalog, 'in which the catalogs are read');
};

# It is a matter of time only: whoever has a lock is waited for as always.
subtest 'a table that is locked' => sub {
    my $holder = PgSample::Test::Session->new(conninfo => $small->conninfo);
    my $expected = $small->sample('--no-staging', '--limit=1')->stdout;
    $holder->query('BEGIN; LOCK TABLE t50');
    my $result = $small->sample(@MODE, '--limit=1', '--lock-timeout=1');
    is($result->status, 3, 'the run waits, and ends');
    like($result->stderr, qr/lock/, 'and says why');
    no_schema_is_left($small);
    my $process = $small->start_sample(@MODE, '--limit=1', '--lock-timeout=60');
    ok(wait_until(20, sub { $small->value('SELECT count(*) FROM pg_locks WHERE NOT granted') > 0 }), 'it waits');
    $holder->query('ALTER TABLE t50 ADD later int; COMMIT');
    $result = $process->wait(60);
    is($result->status, 0, 'when the lock is free it goes on') or diag $result->describe;
    like($result->stdout, qr/^    later integer/m, 'with the table as it is then');
    same_bytes($small->sample('--no-staging', '--limit=1')->stdout, $result->stdout, 'and its rows');
    $holder->query('ALTER TABLE t50 DROP later');
    $holder->close;
};

done_testing;
