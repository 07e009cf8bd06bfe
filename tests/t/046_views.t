# Materialized views: nothing else is lost where one cannot be refreshed at the restore.

use strict;
use warnings;

use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Check;
use PgSample::Test::Server;

my $server = PgSample::Test::Server->start;

my $SOURCE = <<'SQL';
CREATE TABLE t (id int PRIMARY KEY, v tsvector);
INSERT INTO t SELECT i, to_tsvector('simple', 'word' || i) FROM generate_series(1, 9) i;
CREATE TABLE secret (id int PRIMARY KEY REFERENCES t);
INSERT INTO secret SELECT generate_series(1, 9);
ALTER TABLE secret ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY few ON secret USING (id > 1);
CREATE SCHEMA m;
CREATE MATERIALIZED VIEW m."it's $refresh$ %" AS SELECT 1 / (count(*) - 3) AS n FROM t;
CREATE MATERIALIZED VIEW m.on_it AS SELECT n + 1 AS n FROM m."it's $refresh$ %";
CREATE MATERIALIZED VIEW m.policy AS SELECT count(*) AS n FROM secret;
CREATE MATERIALIZED VIEW m.plain AS SELECT count(*) AS n FROM t;
CREATE MATERIALIZED VIEW m.z_on_plain AS SELECT n + 1 AS n FROM m.plain;
CREATE UNIQUE INDEX ON m.z_on_plain (n);
SQL

my $source = $server->create_database;
$source->sql($SOURCE);

# later servers fill no such view at all
my $has_words = $source->value('SHOW server_version_num') < 170000;
$source->sql("CREATE MATERIALIZED VIEW m.words AS SELECT word FROM ts_stat('SELECT v FROM t')")
    if $has_words;

sub restored
{
    my (@arguments) = @_;
    my $result = $source->sample('--limit=3', @arguments);
    is($result->status, 0, "a sample is taken: @arguments") or diag $result->stderr;
    my ($target, $restore) = $server->try_restore($result->stdout);
    is($restore->status, 0, 'it is restored') or diag $restore->stderr;
    return ($target, $restore->stderr, $result->stderr);
}

sub populated
{
    my ($target) = @_;
    return join ' ', @{
        $target->column("SELECT relname FROM pg_class
            WHERE relkind = 'm' AND relispopulated ORDER BY relname COLLATE \"C\"")
    };
}

subtest 'views that cannot be refreshed' => sub {
    for my $options ([], ['--no-transaction']) {
        my ($target, $stderr) = restored(@$options);
        is($target->value('SELECT count(*) FROM t'), 3, 'all rows are there');
        samples_ok($target, $source);
        is(populated($target), 'plain policy z_on_plain', 'as are all other views');
        is($target->value('SELECT n FROM m.policy'), 2, 'policies are those of the source');
        is($target->value('SELECT n FROM m.z_on_plain'), 4, 'in the order of their needs');
        my @warnings = split /^(?=WARNING)/m, $stderr;
        is(@warnings, $has_words ? 3 : 2, 'each that failed is told') or diag $stderr;
        my @told = (
            qr/m\."it's \$refresh\$ %" stays unpopulated: division by zero/,
            qr/m\.on_it stays unpopulated: materialized view "it's .*" has not been populated/,
            qr/m\.words stays unpopulated: relation "t" does not exist/
        );
        like($warnings[$_], qr/materialized view $told[$_]/, 'by name, with the cause')
            for 0 .. $#warnings;
    }
};

subtest '--no-refresh' => sub {
    my ($target, $stderr) = restored('--no-refresh');
    is($stderr, '', 'no warnings');
    is(populated($target), '', 'no view is refreshed');
    is($target->value('SELECT count(*) FROM t'), 3, 'all rows are there');
};

subtest '--exclude-table-data takes views' => sub {
    my ($target, $stderr, $notices) =
        restored('--exclude-table-data=m.plain', '--exclude-table-data=m.it*',
            $has_words ? '--exclude-table-data=words' : ());
    is(populated($target), 'policy', 'those that match are not refreshed');
    like($notices, qr/m\.z_on_plain stays unpopulated: it reads m\.plain/,
        'nor those that read them');
    is($source->sample('--exclude-table-data=nothing')->status, 1,
        'a pattern without a match is an error');
};

done_testing;
