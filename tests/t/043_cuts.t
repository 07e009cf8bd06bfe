# A dump that was cut off restores nothing, wherever it was cut and however it is restored.

use strict;
use warnings;

use File::Temp ();
use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Check;
use PgSample::Test::Process;
use PgSample::Test::Server;
use PgSample::Test::Staging;

my $server    = PgSample::Test::Server->start;
my $directory = File::Temp->newdir;

sub dump_of
{
    my ($database, @argument) = @_;
    my $result = $database->sample(@argument);
    die $result->describe if !$result->is_ok;
    return $result->stdout;
}

my $SECTIONS = <<'SQL';
CREATE SCHEMA s;
CREATE TYPE s.mood AS ENUM ('sad', 'happy');
CREATE FUNCTION s.f() RETURNS trigger LANGUAGE plpgsql AS $f$
BEGIN
    RAISE NOTICE 'it''s; %', NEW;
    RETURN NEW;
END $f$;
CREATE TABLE s.parent (id serial PRIMARY KEY, v text DEFAULT E'a;\nb', file oid);
CREATE TABLE s.child (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, parent int
    REFERENCES s.parent, m s.mood DEFAULT 'sad');
INSERT INTO s.parent (file) SELECT lo_from_bytea(0, '\x41') FROM generate_series(1, 2);
INSERT INTO s.parent (v) SELECT 'line ' || i FROM generate_series(1, 20) i;
INSERT INTO s.child (parent) SELECT i FROM generate_series(1, 22) i;
CREATE INDEX ON s.child (m);
CREATE TRIGGER t BEFORE UPDATE ON s.child FOR EACH ROW EXECUTE FUNCTION s.f();
CREATE MATERIALIZED VIEW s.v AS SELECT m, count(*) FROM s.child GROUP BY m;
COMMENT ON TABLE s.child IS 'A comment; with a semicolon';
SQL

# Objects that a restore may have made.
my $OBJECTS = <<'SQL';
SELECT (SELECT count(*) FROM pg_class WHERE oid >= 16384
           AND relnamespace <> pg_my_temp_schema())
     + (SELECT count(*) FROM pg_namespace WHERE oid >= 16384 AND nspname !~ '^pg_')
     + (SELECT count(*) FROM pg_proc WHERE oid >= 16384)
     + (SELECT count(*) FROM pg_type WHERE oid >= 16384)
     + (SELECT count(*) FROM pg_largeobject_metadata)
SQL

# Offsets at which a dump is cut: around each of these, and evenly over all of it.
my @LANDMARKS = (
    qr/^-- database/m, qr/^\\restrict /m, qr/^\\restrict \S{30}/m, qr/^BEGIN;\n/m,
    qr/CREATE TEMPORARY TABLE/, qr/pg_sample_seal VALUES \(1, 2\);\n/, qr/^ *CREATE SCHEMA/m,
    qr/AS ENUM \(\n/, qr/AS \$\$\nBEGIN\n/, qr/RAISE NOTICE 'it/, qr/END \$\$;\n/,
    qr/CREATE TABLE s\.parent \(\n/, qr/OWNED BY/, qr/^COPY s\.child \(id, /m,
    qr/^COPY s\.child .*;\n/m, qr/^COPY s\.child .*;\n(.*\n){5}/m,
    qr/^COPY s\.child .*;\n(.*\n){5}\d+\t/m, qr/^COPY s\.child .*;\n(\d.*\n)+/m,
    qr/^COPY s\.child .*;\n(\d.*\n)+\\/m, qr/^COPY s\.child .*;\n(\d.*\n)+\\\.\n/m,
    qr/^COPY s\.parent .*;\n(.*\n){3}/m, qr/lo_create\(\d+\);\n/, qr/lo_put\(\d+, 0, '/,
    qr/setval\('s\.child_id_seq/, qr/setval\('s\.child_id_seq.*\n/, qr/PRIMARY KEY/,
    qr/PRIMARY KEY \(id\);\n/, qr/^CREATE INDEX/m, qr/^CREATE TRIGGER .*\n/m,
    qr/FOREIGN KEY \(parent\)/, qr/REFERENCES s\.parent\(id\);\n/,
    qr/pg_sample_seal VALUES \(2/,
);

sub cut_offsets
{
    my ($text) = @_;
    my %offset;
    my @missing = grep { $text =~ $_ ? ($offset{ $+[0] } = 1, 0)[1] : 1 } @LANDMARKS;
    is("@missing", '', 'the dump has every section');
    my $last = rindex $text, 'INSERT INTO pg_temp.pg_sample_seal';
    $offset{ int($last * $_ / 16) } = 1 for 0 .. 15;
    return (sort { $a <=> $b } keys %offset);
}

# How people restore; the last one goes on after errors.
sub restore_commands
{
    my ($target, $file) = @_;
    my $psql = "psql -X -q -d '" . $target->conninfo =~ s/'/'\\''/gr . "'";
    return (
        'psql -f'    => "$psql -v ON_ERROR_STOP=1 -f $file",
        'psql -1 -f' => "$psql -v ON_ERROR_STOP=1 -1 -f $file",
        'a pipe'     => "cat $file | $psql",
    );
}

sub restore_cut
{
    my ($target, $text, $offset, $way) = @_;
    my $file = "$directory/cut.sql";
    open my $handle, '>', $file or die "could not write $file: $!";
    binmode $handle;
    print {$handle} substr $text, 0, $offset;
    close $handle or die "could not write $file: $!";
    my %command = restore_commands($target->as($server->restorer), $file);
    return PgSample::Test::Process->run(
        command => [ 'sh', '-c', $command{$way} ],
        env     => { $server->environment }
    );
}

# the dump of staging mode is the same one
my @WAYS = staging() ? ('psql -1 -f') : ('psql -f', 'psql -1 -f', 'a pipe');

my $sections = $server->create_database;
$sections->sql($SECTIONS);

# A database to restore into, empty as long as nothing is restored.
my $empty;

sub new_empty
{
    $server->drop_database($empty) if $empty;
    return $empty = $server->create_database(owner => $server->restorer);
}

subtest 'a cut dump restores nothing' => sub {
    my $text    = dump_of($sections);
    my @offsets = cut_offsets($text);
    new_empty();
    for my $way (@WAYS) {
        my @restored;
        for my $offset (@offsets) {
            restore_cut($empty, $text, $offset, $way);
            next if $empty->value($OBJECTS) == 0;
            push @restored, $offset;
            new_empty();
        }
        is("@restored", '', "through $way");
        diag 'it ends with ' . substr $text, $_ - 40, 40 for @restored;
    }
};

subtest 'cut behind the last row: all or nothing' => sub {
    my $text   = dump_of($sections);
    my $whole  = length $text;
    my $seal   = rindex($text, 'pg_sample_seal VALUES (2, 2)') + 28;
    my $commit = rindex $text, 'COMMIT;';
    my @after  = map { index $text, $_, $commit }
        'SET row_security = on', 'DO $refresh$', 'REFRESH MATERIALIZED', 'EXCEPTION', "\n--\n-- Rows";
    cmp_ok($_, '>', $commit, 'views are refreshed after the commit') for @after;
    my $rows   = row_texts($sections);
    my $objects = $sections->value($OBJECTS);
    for my $way (@WAYS) {
        for my $offset ($seal, $commit, $commit + 3, $commit + 6, $commit + 7, @after,
            $whole - 10, $whole)
        {
            my $result = restore_cut($empty, $text, $offset, $way);
            my $n = $empty->value($OBJECTS);
            like($n, qr/\A(0|$objects)\z/, "$way, cut at $offset of $whole");
            next if !$n;
            is_deeply([ row_differences(row_texts($empty), $rows) ], [], 'with all rows');
            is($result->status, 0, 'and a psql that succeeds') if $offset == $whole;
            new_empty();
        }
    }
};

subtest 'cut dumps of data alone' => sub {
    my $target = $server->restore(dump_of($sections, '-s'));
    my $rows = 'SELECT (SELECT count(*) FROM s.parent) + (SELECT count(*) FROM s.child)
                       + (SELECT count(*) FROM pg_largeobject_metadata)';
    for my $options ([], ['--inserts']) {
        my $text = dump_of($sections, '-a', @$options);
        my $last = rindex $text, 'INSERT INTO pg_temp.pg_sample_seal';
        for my $way (@WAYS) {
            my @restored;
            for my $offset (map { int($last * $_ / 8) } 1 .. 8) {
                restore_cut($target, $text, $offset, $way);
                next if $target->value($rows) == 0;
                push @restored, $offset;
                $target->sql('TRUNCATE s.parent CASCADE;
                              SELECT lo_unlink(oid) FROM pg_largeobject_metadata');
            }
            is("@restored", '', "-a @$options: nothing through $way");
        }
    }
};

done_testing;
