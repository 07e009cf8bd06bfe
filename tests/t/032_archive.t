# The archive of pg_dump is read by the program itself: its text must be the one that
# pg_restore makes of it, byte for byte. Wrappers of both programs mark the archive as one of
# an unknown release, which the program leaves to pg_restore, and take the mark away again.

use strict;
use warnings;

use Cwd ();
use File::Temp ();
use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::DumpText;
use PgSample::Test::Faults;
use PgSample::Test::RandomSchema;
use PgSample::Test::Server;
use PgSample::Test::Staging;

my $server    = PgSample::Test::Server->start;
my $directory = File::Temp->newdir;
my $log       = "$directory/log";

# The archive's version is in bytes 5 (1), 6 and 7 (0). Places: pg_dump, and beside it
# pg_restore, which counts its calls. { marks } is what pg_dump does with its archive.
sub programs
{
    my ($name, $marks) = @_;
    my $place = "$directory/$name";
    mkdir $place or die "could not create $place: $!\n";
    my ($dump, $restore) = map { PgSample::Test::Server::program($_) } qw(pg_dump pg_restore);
    write_program("$place/pg_dump", "case \$1 in --version) exec $dump --version;; esac",
        "$dump \"\$@\" | $^X -0777 -pe '$marks'");
    write_program("$place/pg_restore", "echo \"\$*\" >>'$log'",
        "cat >'$place/archive'",
        "$^X -0777 -pi -e 's/\\A(PGDMP\\x01)\\x63(.)/\$1\$2\\x00/s' '$place/archive'",
        "exec $restore \"\$@\" '$place/archive'");
    return "--pg-dump=$place/pg_dump";
}

my $known   = programs('known',   '');
my $unknown = programs('unknown', 's/\A(PGDMP\x01)(.)\x00/$1\x63$2/s');

sub restore_calls
{
    open my $file, '<', $log or return 0;
    my @calls = <$file>;
    close $file or die "could not read $log: $!\n";
    unlink $log;
    return scalar @calls;
}

# The header has the time of the snapshot, \restrict a key.
sub body
{
    my ($result) = @_;
    die $result->describe if !$result->is_ok;
    return PgSample::Test::DumpText->new($result->stdout)->body;
}

sub same_text
{
    my ($database, $name, $calls, @argument) = @_;
    my $own = $database->sample($known, @argument);
    is(restore_calls(), $calls, "$name: pg_restore runs $calls times");
    my $theirs = $database->sample($unknown, @argument);
    is(restore_calls(), 3 + ("@argument" =~ /--clean/ ? 1 : 0),
        "$name: it makes all of an unknown archive");
    return same_bytes(body($own), body($theirs), "$name: the same dump");
}

my $HARD = <<'SQL';
CREATE SCHEMA "a b";
CREATE SCHEMA "ACL table x";
CREATE FUNCTION "a b".two(x int) RETURNS text LANGUAGE sql AS $$ SELECT '--
-- Name: forged; Type: TABLE; Schema: public; Owner: -
--
' $$;
CREATE FUNCTION "a b".log_it() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE EVENT TRIGGER watch ON ddl_command_end WHEN TAG IN ('CREATE VIEW')
    EXECUTE FUNCTION "a b".log_it();
COMMENT ON EVENT TRIGGER watch IS 'of all';
CREATE TYPE mood AS ENUM ('so', 'la');
CREATE TABLE "a b"."new
line; Type" (id serial PRIMARY KEY, feeling mood DEFAULT 'so');
CREATE TABLE parted (id int, day date NOT NULL, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
CREATE INDEX ON parted (day);
CREATE MATERIALIZED VIEW sums AS SELECT day, count(*) AS n FROM parted GROUP BY day;
CREATE UNIQUE INDEX ON sums (day);
CREATE VIEW moods AS SELECT feeling FROM "a b"."new
line; Type";
CREATE RULE nothing AS ON DELETE TO parted DO INSTEAD NOTHING;
CREATE STATISTICS parted_s ON id, day FROM parted;
ALTER TABLE parted_1 ENABLE ROW LEVEL SECURITY;
CREATE POLICY few ON parted_1 USING (id > 0);
CREATE PUBLICATION news FOR TABLE parted_1;
COMMENT ON TABLE parted IS E'two\nlines';
COMMENT ON DATABASE :name IS 'of the database';
GRANT SELECT ON parted TO PUBLIC;
GRANT CONNECT ON DATABASE :name TO PUBLIC;
ALTER DEFAULT PRIVILEGES IN SCHEMA "a b" GRANT SELECT ON TABLES TO PUBLIC;
INSERT INTO parted VALUES (1, '2026-01-02');
REFRESH MATERIALIZED VIEW sums;
SQL

my $hard = $server->create_database;
$hard->sql($HARD =~ s/:name/$hard->name/egr);
my $shop = $server->create_database;
$shop->load_file(Cwd::abs_path("$FindBin::Bin/../../fixtures/shop/shop.sql"));

for my $case ([ shop => $shop ], [ 'hard names' => $hard ]) {
    my ($name, $database) = @$case;
    same_text($database, "$name: all",         0, '--limit=5');
    same_text($database, "$name: privileges",  0, '--limit=5', '--privileges');
    same_text($database, "$name: owners",      2, '--limit=5', '--owner', '--privileges');
    same_text($database, "$name: tablespaces", 2, '--limit=5', '--tablespaces');
    same_text($database, "$name: drops",       1, '--limit=5', '--clean', '--if-exists');
}
same_text($shop, 'one schema',     0, '--schema=shop', '--limit=2', '--privileges');
same_text($shop, 'definitions',    0, '--schema-only');
same_text($hard, 'another encoding', 0, '--encoding=LATIN1', '--limit=5');

for my $seed (1 .. 3) {
    my $database = $server->create_database;
    $database->sql(PgSample::Test::RandomSchema->new($seed)->sql);
    same_text($database, "random schema $seed", 0, '--limit=3', '--privileges');
}

done_testing();
