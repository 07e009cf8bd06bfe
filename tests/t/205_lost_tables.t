# Tables that cannot be read: a run stops and names the table; with --continue-on-error it
# goes on without it, says so in the dump, in the report and by exit status 6, and the dump
# restores.

use strict;
use warnings;

use File::Temp ();
use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Catalog;
use PgSample::Test::Check;
use PgSample::Test::DumpText;
use PgSample::Test::Faults;
use PgSample::Test::Oracle;
use PgSample::Test::Server;
use PgSample::Test::Session;
use PgSample::Test::Staging;

my $server    = PgSample::Test::Server->start;
my $directory = File::Temp->newdir;
my $file      = "$directory/sample.sql";
my $report    = "$directory/report.json";

my @MODES = ('--no-staging', '--use-staging');

# middle is lost: above it are rows that it refers to, below rows that refer to it.
my $SCHEMA = <<'SQL';
CREATE TABLE top (id int PRIMARY KEY, v text);
CREATE TABLE middle (id int PRIMARY KEY, top int REFERENCES top, middle int REFERENCES middle,
    v text);
CREATE TABLE bottom (id int PRIMARY KEY, middle int REFERENCES middle, top int REFERENCES top);
CREATE TABLE parts (id int, middle int REFERENCES middle) PARTITION BY RANGE (id);
CREATE TABLE parts1 PARTITION OF parts FOR VALUES FROM (0) TO (1000);
CREATE TABLE aside (id int PRIMARY KEY);
ALTER TABLE middle ALTER v SET STORAGE EXTERNAL;
INSERT INTO top SELECT i, 'v' FROM generate_series(1, 300) i;
INSERT INTO middle SELECT i, 301 - i, nullif(i - 1, 0), repeat(md5(i::text), 200)
  FROM generate_series(1, 300) i;
INSERT INTO bottom SELECT i, 1 + i * 7 % 300, i FROM generate_series(1, 300) i;
INSERT INTO parts SELECT i, 301 - i FROM generate_series(1, 300) i;
INSERT INTO aside SELECT generate_series(1, 300);
SQL

my @LIMIT = ('--limit=bottom = 20, parts = 10, aside = 5, 3');

sub new_source
{
    my (%option) = @_;
    my $source = $server->create_database(%option);
    $source->sql($SCHEMA);
    return $source;
}

# Without the option the run stops; with it public.middle is missing. The definition of a
# table that may not be read, or is locked, is missing as well. Rows are compared with a copy
# of the source, which may be damaged.
sub is_lost
{
    my ($db, $reason, $name, %option) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my @argument = (@LIMIT, @{ $option{arguments} || [] });
    my $copy = new_source();
    my @dumps;
    for my $mode (@MODES) {
        my $what = "$name $mode";
        my $process = $db->start_sample($mode, @argument, '-f', $file);
        ends_with($process->wait, 3, qr/\bmiddle\b/, "$what: the run stops");
        nothing_is_left($server, $process, $file, "$what: nothing is left");

        $process = $db->start_sample($mode, @argument, '--continue-on-error',
            "--report=$report");
        my $result = $process->wait;
        nothing_is_left($server, $process, undef, "$what: --continue-on-error leaves nothing");
        ends_with($result, 6, qr/public\.middle/, "$what: and goes on") or next;
        like($result->stderr, $reason, "$what: says why");
        unlike($result->stderr, qr/staging is not possible/, "$what: in its mode");
        my $dump = PgSample::Test::DumpText->new($result->stdout);
        like($dump->header, qr/^-- .*public\.middle.*$reason/m, "$what: the header tells");
        is_deeply(lost_tables(), ['public.middle'], "$what: the report lists it");
        my ($target, $restored) = $server->try_restore($result->stdout);
        is($restored->status, 0, "$what: the dump restores") or diag $restored->stderr;
        is_without($target, $copy, $what, %option) if $restored->is_ok;
        push @dumps, $result->stdout;
    }
    same_bytes(@dumps, "$name: both modes write the same dump") if @dumps == @MODES;
    return;
}

# Tables that the report calls lost; each has a reason.
sub lost_tables
{
    my $lost = PgSample::Test::Oracle::read_report($report)->{lost};
    return [ map { "$_->{schema}.$_->{table}" } grep { $_->{reason} =~ /\S/ } @$lost ];
}

sub is_without
{
    my ($target, $source, $what, %option) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $counts = table_counts($target);
    is($counts->{'public.aside'},  5,  "$what: others have their rows");
    is($counts->{'public.bottom'}, 20, "$what: those that refer to it, too");
    is($counts->{'public.parts'},  10, "$what: and partitions");
    foreign_keys_hold($target, "$what: every key that is valid holds");
    rows_are_from($target, $source, "$what: every row exists in the source");
    my @keys = map { $_->{name} } PgSample::Test::Catalog::foreign_keys($target);
    my %seen; # a partition has its table's
    my @not_valid = grep { !$seen{$_}++ } map { s/ on .*//r } not_valid_constraints($target);
    if ($option{has_no_definition}) {
        ok(!exists $counts->{'public.middle'}, "$what: the table is not there");
        is_deeply(\@keys, ['bottom_top_fkey'], "$what: nor are keys that refer to it");
        is_deeply(\@not_valid, [], "$what: the others are valid");
    } else {
        is($counts->{'public.middle'}, 0, "$what: the table is empty");
        # a partitioned table cannot have such a key before version 18
        my @of_parts = $server->version >= 180_000 ? ('parts_middle_fkey') : ();
        is_deeply(\@not_valid, [ 'bottom_middle_fkey', @of_parts ],
            "$what: keys that refer to it are NOT VALID");
        is_deeply([ grep { /parts/ } @keys ], \@of_parts, "$what: or left out");
        my @valid = sort grep { !/parts|bottom_middle/ } @keys;
        is_deeply(\@valid, [qw(bottom_top_fkey middle_middle_fkey middle_top_fkey)],
            "$what: the others are valid");
    }
    return;
}

subtest 'no SELECT' => sub {
    my $owner  = $server->create_role('the_owner');
    my $source = new_source(owner => $owner);
    $source->sql("GRANT SELECT ON top, bottom, parts, parts1, aside TO $owner");
    is_lost($source->as($owner), qr/permission denied|may not be read|SELECT/, 'no SELECT',
        has_no_definition => 1);
};

subtest 'a lock that is not had in time' => sub {
    my $source = new_source();
    my $holder = PgSample::Test::Session->new(conninfo => $source->conninfo);
    $holder->query('BEGIN; LOCK TABLE middle');
    is_lost($source, qr/lock/, 'a lock', arguments => ['--lock-timeout=1'],
        has_no_definition => 1);
    $holder->close;
};

# Writes over a relation's file, from a block on, while the server is down.
sub overwrite
{
    my ($source, $relation, $byte, $block) = @_;
    my $path = $server->data . '/'
        . $source->value("SELECT pg_relation_filepath($relation)");
    $source->sql('CHECKPOINT');
    $server->stop;
    open my $handle, '+<', $path or die "could not open $path: $!";
    binmode $handle;
    seek $handle, 8192 * ($block || 0), 0;
    print {$handle} $byte x ((-s $path) - 8192 * ($block || 0));
    close $handle or die "could not write $path: $!";
    $server->up;
    return;
}

subtest 'corrupt TOAST' => sub {
    my $source = new_source();
    my $toast = "(SELECT reltoastrelid FROM pg_class WHERE relname = 'middle')::regclass";
    overwrite($source, $toast, "\0");
    is_lost($source, qr/missing chunk|unexpected chunk/, 'TOAST');
    my $result = $source->sample('--use-staging', '--limit=middle = 0, top = 5, bottom = 0,
        parts = 0, 3');
    is($result->status, 0, 'where it is not needed it does not matter')
        or diag $result->describe;
};

subtest 'corrupt pages' => sub {
    my $source = new_source();
    overwrite($source, "'middle'::regclass", "\xa5");
    is_lost($source, qr/invalid page/, 'pages');
};

subtest 'a corrupt index' => sub {
    my $source = new_source();
    overwrite($source, "'middle_pkey'::regclass", "\xa5", 1);
    my $copy = new_source();
    for my $mode (@MODES) {
        my $result = $source->sample($mode, @LIMIT, '--continue-on-error',
            "--report=$report");
        like($result->status, qr/\A[06]\z/, "$mode: it is not read, or the table is lost")
            or diag $result->describe;
        is_deeply(lost_tables(), ['public.middle'], "$mode: which the report tells")
            if $result->status == 6;
        my ($target, $restored) = $server->try_restore($result->stdout);
        is($restored->status, 0, "$mode: the dump restores") or diag $restored->stderr;
        foreign_keys_hold($target, "$mode: every key that is valid holds");
        rows_are_from($target, $copy, "$mode: every row exists in the source");
    }
};

# What cannot be read is at the end of a chain of references, or all there is.
subtest 'other places' => sub {
    my $owner  = $server->create_role('another_owner');
    my $source = new_source(owner => $owner);
    my $mine   = $source->as($owner);
    my @argument = (@LIMIT, '--continue-on-error', "--report=$report");
    for my $mode (@MODES) {
        $source->sql("REVOKE SELECT ON ALL TABLES IN SCHEMA public FROM $owner;
            GRANT SELECT ON top, middle, parts, parts1, aside TO $owner");
        my $result = $mine->sample($mode, @argument);
        ends_with($result, 6, qr/public\.bottom/, "$mode: a table that nothing refers to");
        my $target = $server->restore($result->stdout);
        constraints_are_valid($target);
        foreign_keys_hold($target);
        is(table_counts($target)->{'public.parts'}, 10, 'the rest is there');

        $source->sql("REVOKE SELECT ON ALL TABLES IN SCHEMA public FROM $owner");
        $result = $mine->sample($mode, @argument);
        ends_with($result, 6, qr/public\.top/, "$mode: all tables");
        is(scalar @{ lost_tables() }, 5, 'each is in the report');
        $target = $server->restore($result->stdout);
        is_deeply(table_counts($target), {}, 'none is restored');

        $source->sql("GRANT SELECT ON ALL TABLES IN SCHEMA public TO $owner");
        $result = $mine->sample($mode, @argument);
        is($result->status, 0, "$mode: nothing is lost") or diag $result->describe;
        is_deeply(lost_tables(), [], 'says the report');
        same_bytes($result->stdout, $mine->sample('--no-staging', @LIMIT)->stdout,
            'the dump is the usual one');
        no_schema_is_left($source);
    }
};

# An error of the user's is none of the table's.
subtest 'other errors' => sub {
    my $source = new_source();
    for my $mode (@MODES) {
        ends_with($source->sample($mode, '--continue-on-error', '--limit=aside = 1 / id = id',
            '-f', '/dev/full'), 4, qr/No space/, "$mode: a full disk is still an error");
        my $result = $source->sample($mode, '--continue-on-error', '--limit=nowhere = 1');
        ends_with($result, 1, qr/nowhere/, "$mode: and so is a wrong rule");
        no_schema_is_left($source);
    }
};

# What is kept tells which tables are lost.
subtest '--keep and --resume' => sub {
    my $owner  = $server->create_role('keeping_owner');
    my $source = new_source(owner => $owner);
    $source->sql("GRANT SELECT ON top, bottom, parts, parts1, aside TO $owner");
    my $mine = $source->as($owner);
    my $result = $mine->sample('--keep', '--continue-on-error', @LIMIT);
    ends_with($result, 6, qr/public\.middle/, 'a run that is kept');
    is_deeply($source->column("SELECT source FROM _pg_sample.manifest
        WHERE state ~ '^lost' AND error ~ 'privilege'"), ['public.middle'],
        'the manifest names it, and says why');
    my $again = $mine->sample('--resume');
    is($again->status, 6, 'resumed, the status says it again') or diag $again->describe;
    same_bytes($again->stdout, $result->stdout, 'and the dump is the same');
};

done_testing;
