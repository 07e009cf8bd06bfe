# The main job in short: sample, restore as an ordinary role, every key holds.

use strict;
use warnings;

use File::Temp ();
use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Check;
use PgSample::Test::DumpText;
use PgSample::Test::Server;

my $SCHEMA = <<'SQL';
CREATE TABLE team (id int PRIMARY KEY, name text NOT NULL, captain int);
CREATE TABLE player (
    id serial PRIMARY KEY,
    team int NOT NULL REFERENCES team,
    coach int REFERENCES player,
    name text UNIQUE
);
ALTER TABLE team ADD FOREIGN KEY (captain) REFERENCES player;
CREATE TABLE season (
    year int,
    division text,
    PRIMARY KEY (year, division),
    UNIQUE (division, year)
);
CREATE TABLE match (
    id int GENERATED ALWAYS AS IDENTITY,
    division text,
    year int,
    home int REFERENCES team,
    guest int REFERENCES team,
    FOREIGN KEY (division, year) REFERENCES season (division, year)
);
INSERT INTO team SELECT i, 'team ' || i FROM generate_series(1, 40) i;
INSERT INTO player (team, coach, name)
SELECT 1 + i % 40, nullif(i / 2, 0), 'O''Neill ' || i FROM generate_series(1, 400) i;
UPDATE team SET captain = 10 * id;
INSERT INTO season SELECT 2000 + i % 25, chr(65 + i / 25) FROM generate_series(0, 74) i;
INSERT INTO match (division, year, home, guest)
SELECT chr(65 + i % 3), 2024 - i % 25, 40 - i % 40, 1 + i % 40
  FROM generate_series(0, 599) i;
SQL
my $server    = PgSample::Test::Server->start;
my $directory = File::Temp->newdir;
my $file      = "$directory/sample.sql";
my $source    = $server->create_database;
$source->sql($SCHEMA);

my $version = $source->sample('--version', { no_database => 1 });
is($version->status, 0, '--version succeeds');
like($version->stdout, qr/\Apg-sample \d+\.\d+/, '--version tells the version');

my $result = $source->sample('--limit=match = 5, * = 0', '-f', $file);
is($result->status, 0, 'a sample is taken') or diag $result->stderr;
is($result->stdout, '', 'with -f nothing goes to standard output');
ok(-s $file, 'the file is there');
ok(!-e "$file.part", 'the file of the unfinished dump is gone');
like($result->stderr, qr/^\s+5\s+0\s+\S+ +\S+ +\S+ +\S+\s+public\.match$/m,
    'the summary tells picked and referenced rows');

my $target = $server->restore({ file => $file });
is($target->value("SELECT rolsuper FROM pg_roles WHERE rolname = '" . $server->restorer . "'"),
    'f', 'the role that restores is an ordinary one');
samples_ok($target, $source);
my $counts = table_counts($target);
is($counts->{'public.match'}, 5, 'as many rows are picked as the rule says');
cmp_ok($counts->{'public.season'}, '<=', 5, 'of the referenced table only what is needed');
cmp_ok($counts->{'public.season'}, '>', 0, 'and that is there');
is($target->value("SELECT count(*) FROM player p WHERE name = 'O''Neill 1'"), 1,
    'references are followed to the end of a chain');
is($target->value("INSERT INTO player (team) SELECT min(id) FROM team RETURNING id"), 401,
    'the sequence continues where the source is');

my $piped = $source->sample('--limit=match = 5, * = 0');
is($piped->status, 0, 'a sample goes to standard output');
open my $handle, '<', $file or die "could not open $file: $!";
my $written = do { local $/; <$handle> };
ok($piped->stdout eq $written, 'with the same bytes');
is(PgSample::Test::DumpText->new($written)->trailer_counts->{'public.match'}, 5,
    'the trailer counts the rows');

my $wrong = $source->sample('--limit=mtach = 5');
is($wrong->status, 1, 'a rule that matches no table is an error');
like($wrong->stderr, qr/hint: .*match/, 'which suggests the nearest table');
is($wrong->stdout, '', 'and nothing is written');

done_testing;
