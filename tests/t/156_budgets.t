# The budgets of --max-rows and --max-size: exact, with nothing left when they are exceeded.

use strict;
use warnings;

use File::Temp ();
use FindBin;
use JSON::PP ();
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Server;
use PgSample::Test::Staging;

my $server    = PgSample::Test::Server->start;
my $directory = File::Temp->newdir;
my $file      = "$directory/sample.sql";
my $report    = "$directory/report.json";

sub json
{
    open my $handle, '<', $report or die "could not open $report: $!";
    my $text = do { local $/; <$handle> };
    close $handle;
    return JSON::PP->new->utf8->decode($text);
}

sub exceeds
{
    my ($db, $pattern, $name, @argument) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    unlink $file, $report;
    my $result = $db->sample(@argument, '-f', $file, '--report', $report);
    is($result->status, 5, "$name: exit status 5") or diag $result->describe;
    like($result->stderr, $pattern, "$name: the message");
    like($result->stderr, qr/^provenance of \d+ rows: /m, "$name: with the table of edges");
    is(join(' ', glob "$directory/*"), '', "$name: no file is left");
    no_schema_is_left($db, "$name: no schema is left");
    return $result->stderr;
}

# The size of the sample is allowed, and one byte less is not.
sub size_is_exact
{
    my ($db, $name, @argument) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $result = $db->sample(@argument, '--report', $report);
    is($result->status, 0, "a sample $name") or diag $result->describe;
    my $size = 0;
    $size += $_->{bytes} for @{ json()->{tables} };
    $result = $db->sample(@argument, "--max-size=$size");
    is($result->status, 0, "$size bytes are allowed $name") or diag $result->describe;
    return exceeds($db, qr/more than @{[$size - 1]} bytes \(--max-size\)/,
        "one byte less $name", @argument, '--max-size=' . ($size - 1));
}

subtest 'budgets are exact' => sub {
    my $db = $server->create_database;
    $db->sql(<<'SQL');
CREATE TABLE top (id int PRIMARY KEY, tag text);
CREATE TABLE node (id int PRIMARY KEY, parent int REFERENCES node, top int REFERENCES top,
    tag text);
INSERT INTO top SELECT i, 'even' FROM generate_series(1, 20) i;
INSERT INTO node SELECT i, nullif(i / 2, 0), 1 + i % 20, 'even' FROM generate_series(1, 200) i;
SQL
    # 100 and what it refers to: 50, 25, 12, 6, 3, 1, and top 1, 11, 6, 13, 7, 4, 2
    my @choice = ('--limit=node = id = 100, * = 0');
    is($db->sample(@choice, '--max-rows=14')->status, 0, '14 rows are allowed');
    exceeds($db, qr/more than 13 rows \(--max-rows\)/, 'one less', @choice, '--max-rows=13');
    # 3 to 199 come down from 1, and all of top up
    @choice = ('--root=node:1');
    is($db->sample(@choice, '--max-rows=220')->status, 0, 'all rows are allowed');
    my $text = exceeds($db, qr/more than 219 rows/, 'what is referred to counts', @choice,
        '--max-rows=219');
    like($text, qr/^public\.node \(1\) brings /m, 'the root is named');
    $text = exceeds($db, qr/more than 10 rows/, 'children that were not read yet', @choice,
        '--max-rows=10');
    like($text, qr/^public\.node \(1\) brings 100\.0% of the sample/m, 'are told with keys');
    exceeds($db, qr/more than 1 row /, 'several roots', '--root=node:1,2', '--max-rows=1');
    is($db->sample(@choice, '--depth=1', '--max-rows=6')->status, 0, 'few children are few');
    my $reference = '--reference=node(tag) -> top(tag)';
    $text = exceeds($db, qr/more than 26 rows/, 'declared references', $reference,
        '--limit=node = id = 100, * = 0', '--max-rows=26');
    like($text, qr/by reference "node\(tag\)/, 'are told as well');

    # values that become NULL count as such
    my $nulled = $server->create_database;
    $nulled->sql(<<'SQL');
CREATE TABLE far (id int PRIMARY KEY);
CREATE TABLE near (id int PRIMARY KEY, far int REFERENCES far);
INSERT INTO far VALUES (1), (12345);
INSERT INTO near VALUES (1, 1), (2, 1), (3, 12345), (4, NULL);
SQL
    size_is_exact($nulled, 'with an ignored key', '--limit=near = *, far = id > 1',
        '--ignore-fk=near');

    # all that COPY writes in another way than a cast to text would
    my $hard = $server->create_database(encoding => 'UTF8');
    $hard->sql(<<'SQL');
CREATE TYPE two AS (x int, y text);
CREATE TABLE hard (id int PRIMARY KEY, flag bool, pad char(5), data bytea, list text[], two two,
    f float8, n numeric, t timestamptz, i interval, j jsonb, v text, nothing text, "char" "char",
    made int GENERATED ALWAYS AS (id * 1000) STORED);
INSERT INTO hard VALUES (1, true, 'a', '\x00ff5c0a', ARRAY['a"b', E'tab\t\\'], ROW(1, E'n\nl'),
    0.1, 1.50, now(), '1 day 2 s', '{"a": "b\\n"}', E'\\ \b\f\n\r\t\v\a \x7f', NULL, 'x'),
    (2, NULL, NULL, NULL, NULL, ROW(NULL, NULL), 'NaN', NULL, NULL, NULL, NULL, 'äöü€', NULL, ''),
    (3, false, '', '', '{}', NULL, 1e300, -0.0, 'infinity', '-1 year', 'null', '', '', NULL);
CREATE TABLE none ();
INSERT INTO none DEFAULT VALUES;
SQL
    size_is_exact($hard, "in $_", '--limit=* = *', "--encoding=$_") for 'UTF8', 'LATIN9';
    is($hard->sample('--limit=*', '--max-size=1MB', '--max-rows=4')->status, 0, 'both at once');
};

done_testing();
