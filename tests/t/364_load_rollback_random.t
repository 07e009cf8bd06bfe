# Random batches for random tables, alone and in stacks of three, beside other writers:
# rolled back, newest first, they leave the database as it was, byte by byte.

use strict;
use warnings;

use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Load;
use PgSample::Test::LoadBatch;
use PgSample::Test::Process;
use PgSample::Test::RandomBatches;
use PgSample::Test::Server;

my $FIRST   = $ENV{PG_SAMPLE_TEST_SEED} || 1;
my $N_CASES = $ENV{PG_SAMPLE_TEST_CASES} || 5;

my $server = PgSample::Test::Server->start;

# All rows but those of others, in one order.
sub dump_of
{
    my ($db) = @_;
    my $dump = PgSample::Test::Process->run(
        command => [ 'pg_dump', '--data-only', '--exclude-schema=_pg_sample_load', '-d', $db->conninfo ],
        env     => { $server->environment }
    );
    die $dump->describe if $dump->status != 0;
    my $table = '';
    my @lines;
    for my $line (split /\n/, $dump->stdout) {
        $table = $line if $line =~ /\ACOPY /;
        push @lines, "$table: $line" if $line !~ /\tt\z|\A\\(?:un)?restrict |\ASELECT pg_catalog.setval/;
    }
    return join "\n", sort @lines;
}

sub start_writers
{
    my ($db, $case) = @_;
    return PgSample::Test::Process->start(
        command => [ 'psql', '-X', '-q', '-c', $case->writes, '-d', $db->conninfo ],
        env     => { $server->environment },
        timeout => 300
    );
}

sub stop_writers
{
    my ($writers, $db) = @_;
    is($db->value("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                . " AND query LIKE 'DO %' AND state <> 'idle' AND pid <> pg_backend_pid()"), 1, 'the writers were there');
    $db->value("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database()"
            . " AND query LIKE 'DO %' AND pid <> pg_backend_pid()");
    $writers->wait(20);
    return;
}

my %n_of = map { $_ => 0 } qw(loaded refused deleted inserted updated);

# What is different, line by line: the first lines.
sub difference
{
    my ($got, $expected) = @_;
    my %count;
    $count{$_}++ for split /\n/, $got;
    $count{$_}-- for split /\n/, $expected;
    my @lines = map { ($count{$_} > 0 ? '+ ' : '- ') . $_ } grep { $count{$_} } sort keys %count;
    return join "\n", @lines > 10 ? @lines[ 0 .. 9 ] : @lines;
}

sub load_next
{
    my ($case, $id) = @_;
    my ($options, %files) = $case->batch;
    put(map { ("$id/$_" => $files{$_}) } keys %files);
    my $result = batch($id, @$options);
    my $is_loaded = $result->status == 0 || $result->status == 5;
    $n_of{ $is_loaded ? 'loaded' : 'refused' }++;
    ok($is_loaded || $result->status == 3 || $result->status == 6, "$id: loaded, or refused") or diag $result->describe;
    note $result->stderr if !$is_loaded;
    return $is_loaded ? join(' ', @$options) : undef;
}

sub roll_back
{
    my ($db, $id, $expected, $options) = @_;
    my $dry = load($db, "--batch-id=$id", '--rollback', '--dry-run');
    my $result = load($db, "--batch-id=$id", '--rollback');
    my $got = dump_of($db);
    my @promised = $dry->stderr =~ /^pg-sample-load: dry run, nothing written: (.*)$/mg;
    my @done     = $result->stderr =~ /^pg-sample-load: (\S+: \d+ deleted, .*)$/mg;
    is_deeply(\@done, \@promised, "$id: a dry run says what is done");
    ok($result->status == 0 && $got eq $expected, "$id: exactly as before")
        or diag $options, "\n", difference($got, $expected), "\n", $result->describe;
    if ($result->stderr =~ /complete: (\d+) deleted, (\d+) restored, (\d+) inserted again/) {
        $n_of{deleted} += $1;
        $n_of{updated} += $2;
        $n_of{inserted} += $3;
    }
    return;
}

for my $seed ($FIRST .. $FIRST + $N_CASES - 1) {
    subtest "seed $seed" => sub {
        my $case = PgSample::Test::RandomBatches->new($seed);
        my $db = $server->create_database;
        PgSample::Test::LoadBatch::use_database($db);
        new_root();
        $db->sql($PgSample::Test::RandomBatches::PREPARATION . $case->definition);
        $db->sql('BEGIN;' . $case->inserts . ';COMMIT');
        my $writers = $case->{has_writers} && start_writers($db, $case);
        my @stack;
        for my $i (1 .. ($seed % 2 ? 3 : 1)) {
            my $before = dump_of($db);
            my $options = load_next($case, "b$i");
            if (defined $options) { push @stack, [ "b$i", $before, $options ] }
            else                  { is(dump_of($db), $before, "b$i: nothing was changed") }
        }
        roll_back($db, @$_) for reverse @stack;
        if (@stack && $seed % 3 == 0) {
            my ($id, $before, $options) = @{ $stack[0] };
            my $result = batch($id, split / /, $options);
            ok($result->status == 0 || $result->status == 5, "$id: loaded again") or diag $result->describe;
            roll_back($db, $id, $before, $options);
        }
        stop_writers($writers, $db) if $writers;
        $server->drop_database($db);
    };
}

note join ', ', map { "$n_of{$_} $_" } sort keys %n_of;
cmp_ok($n_of{loaded}, '>=', $N_CASES, 'most batches are loaded');
cmp_ok($n_of{$_}, '>', 0, "rows were $_ by rollbacks") for qw(deleted updated inserted);

done_testing;
