# Which mode a run takes, and what it says about that.

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
use PgSample::Test::Staging;

my $server    = PgSample::Test::Server->start;
my $directory = File::Temp->newdir;

# So many tables, each of which refers to the one before it; one has more keys.
sub create_tables
{
    my ($n, $n_keys) = @_;
    my $db = $server->create_database;
    $db->sql(<<"SQL");
DO \$\$ BEGIN
    FOR i IN 1 .. $n LOOP
        EXECUTE format('CREATE TABLE t%s (id int PRIMARY KEY, before int)', i);
        EXECUTE format('INSERT INTO t%s SELECT j, 21 - j FROM generate_series(1, 20) j', i);
        IF i > 1 THEN
            EXECUTE format('ALTER TABLE t%s ADD FOREIGN KEY (before) REFERENCES t%s', i, i - 1);
        END IF;
    END LOOP;
    FOR i IN 2 .. $n_keys LOOP
        EXECUTE format('ALTER TABLE t$n ADD k%s int REFERENCES t1', i);
    END LOOP;
    UPDATE t$n SET before = before;
END \$\$
SQL
    return $db;
}

my $small = create_tables(12, 3);
my $large = create_tables(51, 1);

my $STAGING = qr/^(?:pg-sample: )?staging mode: /m;
my $DIRECT  = qr/^(?:pg-sample: )?direct mode: /m;

sub says
{
    my ($db, $message, $name, @argument) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $result = $db->sample('-v', @argument);
    ends_with($result, 0, qr/^(?:pg-sample: )?\Q$message\E/m, "$name: $message");
    unlike($result->stderr, qr/warning:/, "$name: no warning");
    no_schema_is_left($db, "$name: no schema is left");
    return $result->stdout;
}

# ---- the five command lines

subtest 'a small database: direct mode' => sub {
    says($small, 'direct mode: 12 tables get rows, at most 3 foreign keys on one', 'small',
        '--limit=5');
    unlike($small->sample('--limit=5')->stderr, qr/mode/, 'nothing is said without -v');
};

subtest 'a large one: staging mode' => sub {
    my $direct = says($large, 'direct mode: --no-staging', 'asked for', '--limit=5',
        '--no-staging');
    my $staged = says($large, 'staging mode: 51 tables get rows (--staging-tables is 50)',
        'large', '--limit=5');
    same_bytes($staged, $direct, 'the same dump');
    samples_ok($server->restore($staged), $large);
};

subtest '--use-staging on a small one' => sub {
    my $direct = says($small, 'direct mode: ', 'small', '--limit=5');
    my $report = "$directory/report.json";
    my $staged = says($small, 'staging mode: --use-staging', 'asked for', '--limit=5',
        '--use-staging', "--report=$report");
    same_bytes($staged, $direct, 'the same dump');
    is(PgSample::Test::Oracle::read_report($report)->{mode}, 'staging', 'the report tells');
};

subtest 'a role with SELECT alone' => sub {
    my $reader = $server->create_role('reader');
    for my $db ($small, $large) {
        $db->sql('GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader');
        my $direct = $db->as($reader)->sample('--no-staging', '--limit=5');
        is($direct->status, 0, 'direct mode') or diag $direct->stderr;
        unlike($direct->stderr, qr/warning/, 'without a warning');
        my $name   = $db->name;
        my $reason = qr/no CREATE privilege on database "$name"/;
        falls_back($db, $db->as($reader)->sample('--use-staging', '--limit=5'),
            $reason, $direct->stdout, '--use-staging');
        next if $db == $small;
        for my $verbose ([], ['-v']) {
            my $result = $db->as($reader)->sample(@$verbose, '--limit=5');
            same_bytes($result->stdout, $direct->stdout, "@$verbose: the same");
            unlike($result->stderr, qr/warning/, 'without a warning, too');
            my $n = () = $result->stderr =~ /direct mode is used instead: $reason/g;
            is($n, scalar @$verbose, 'as nobody asked for staging');
        }
    }
};

subtest '--use-staging --keep' => sub {
    my $db = create_tables(3, 1);
    my $direct = says($db, 'direct mode: ', 'before', '--limit=5');
    my $result = $db->sample('--use-staging', '--keep', '--limit=5');
    is($result->status, 0, 'takes a sample') or diag $result->stderr;
    my $name = $db->name;
    my $writes = "pg-sample: staging mode (--use-staging): writing to schema \"_pg_sample\" of "
        . "database \"$name\"\n";
    is(substr($result->stderr, 0, length $writes), $writes, 'the first line says that it writes');
    same_bytes($result->stdout, $direct, 'the same dump');
    is_deeply(staging_schemas($db), ['_pg_sample'], 'and keeps the schema');
    is($db->value('SELECT count(*) FROM _pg_sample.t3'), 5, 'with the rows');
};

# ---- the thresholds

subtest 'tables' => sub {
    says($large, 'direct mode: 50 tables get rows, at most 1 foreign key', '50 of 51 tables',
        '--limit=5', '-T', 't51');
    says($large, 'direct mode: 50 tables get rows', 'one has no rows by its rule',
        '--limit=t51 = 0, 5');
    says($large, 'staging mode: 51 tables', 'one has only rows that others need',
        '--limit=t1 = 0, 5');
    says($large, 'direct mode: 51 tables', 'a higher number', '--limit=5',
        '--staging-tables=51');
    says($large, 'staging mode: 3 tables get rows (--staging-tables is 2)', 'a lower one',
        '--limit=t3 = 5, 0', '--staging-tables=2');
    says($large, 'direct mode: 3 tables', 'just as many', '--limit=t3 = 5, 0',
        '--staging-tables=3');
    says($small, 'staging mode: ', 'zero', '--staging-tables=0', '--limit=5');
};

subtest 'foreign keys' => sub {
    my $five = create_tables(3, 5);
    my $six  = create_tables(3, 6);
    my $direct =
        says($five, 'direct mode: 3 tables get rows, at most 5 foreign keys', 'five', '--limit=5');
    says($six, 'staging mode: table public.t3 has 6 foreign keys (--staging-fks is 5)', 'six',
        '--limit=5');
    modes_agree($six, 'the same dump', '--limit=5');
    says($six, 'direct mode: ', 'a higher number', '--staging-fks=6', '--limit=5');
    says($five, 'staging mode: table public.t3 has 5 foreign keys (--staging-fks is 4)',
        'a lower one', '--staging-fks=4', '--limit=5');
    says($six, 'direct mode: ', 'a table without rows does not count', '--limit=t3 = 0, 5');
};

subtest 'keys of partitions' => sub {
    my $db = create_tables(3, 1);
    $db->sql(<<'SQL');
CREATE TABLE part (id int, t int REFERENCES t1) PARTITION BY RANGE (id);
DO $$ BEGIN FOR i IN 0 .. 59 LOOP
    EXECUTE format('CREATE TABLE part%s PARTITION OF part FOR VALUES FROM (%s) TO (%s)',
        i, i, i + 1);
END LOOP; END $$;
INSERT INTO part SELECT i, 1 FROM generate_series(0, 59) i;
SQL
    says($db, 'direct mode: 4 tables get rows, at most 1 foreign key',
        'a partitioned table is one table, and its key one key', '--limit=5');
};

subtest '--schema-only' => sub {
    my $result = $large->sample('-s', '-v');
    is($result->status, 0, 'needs no staging') or diag $result->stderr;
    unlike($result->stderr, $STAGING, 'and takes none');
};

# ---- --plan

subtest '--plan' => sub {
    my %mode = (
        '' => [ $small, qr/^Mode: direct \(12 tables get rows, at most 3 foreign keys/m ],
        '--use-staging'      => [ $small, qr/^Mode: staging \(.*--use-staging/m ],
        '--keep'             => [ $small, qr/^Mode: staging \(/m ],
        '--no-staging'       => [ $large, qr/^Mode: direct \(.*--no-staging/m ],
        '-v'                 => [ $large, qr/^Mode: staging \(51 tables get rows/m ],
        '--staging-fks=0'    => [ $small, qr/^Mode: staging \(.*foreign key/m ],
        '--staging-tables=5' => [ $small, qr/^Mode: staging \(12 tables get rows/m ],
    );
    for my $argument (sort keys %mode) {
        my ($db, $pattern) = @{ $mode{$argument} };
        my $result = $db->sample('--plan', '--limit=5', length $argument ? $argument : ());
        is($result->status, 0, "--plan $argument") or diag $result->stderr;
        like($result->stdout, $pattern, 'names the mode and why');
        no_schema_is_left($db);
    }
    my $plan = $large->as('reader')->sample('--plan', '--limit=5');
    is($plan->status, 0, '--plan where staging is not possible');
};

# ---- options that contradict each other

my @MODE = qw(--use-staging --keep --force --verify-only);

sub contradict
{
    my (@argument) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my ($first) = $argument[0] =~ /\A([^=]+)/;
    my $result = $small->sample(@argument);
    ends_with($result, 1, qr/\Q$first\E/, "@argument contradict each other");
    ok($result->stdout eq '', 'nothing is written');
    return;
}

subtest 'contradictions' => sub {
    contradict($_, '--no-staging')  for @MODE;
    contradict($_, '--schema-only') for @MODE;
    contradict('--resume', $_)
        for '--no-staging', '--schema-only', @MODE[ 0, 2, 3 ], '--limit=5', '--ordered',
        '--random', '--random=7', '--continue-on-error', '--schema=public', '--table=t1',
        '--exclude-schema=x', '--exclude-table=t1', '--exclude-table-data=t1';
    contradict('--cleanup', '--resume');
    contradict('--verify-only', '-f', "$directory/none.sql");
    no_schema_is_left($small);
};

subtest 'arguments that make no sense' => sub {
    for my $argument ('--staging-tables=x', '--staging-tables=-1', '--staging-tables=',
        '--staging-fks=1.5', '--staging-fks=', '--cleanup=all', '--sample-schema=')
    {
        my ($option) = $argument =~ /--([a-z-]+)/;
        ends_with($small->sample($argument), 1, qr/$option/, $argument);
    }
    for my $name ('pg_mine', 'x' x 64) {
        my $result = $small->sample('--keep', "--sample-schema=$name", '--limit=1');
        like($result->status, qr/\A[13]\z/, "a schema cannot be called $name")
            or diag $result->stderr;
        ok($result->stdout eq '', 'nothing is written');
        is_deeply($small->column("SELECT nspname FROM pg_namespace WHERE nspname ~ '^(x|pg_m)'"),
            [], 'and no other is made');
    }
};

done_testing;
