# Foreign keys with PERIOD, and keys WITHOUT OVERLAPS: a row needs every row whose period
# overlaps its own, and the proof is that their union covers it.

use strict;
use warnings;

use File::Temp ();
use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Check;
use PgSample::Test::DumpText;
use PgSample::Test::Faults;
use PgSample::Test::Oracle;
use PgSample::Test::Server;
use PgSample::Test::Staging;

my $server = PgSample::Test::Server->start;
plan skip_all => 'keys with periods came with version 18'
    if $server->database('postgres')->value('SHOW server_version_num') < 180000;

my $directory = File::Temp->newdir;

# 20 rooms with 10 prices each that follow one another, and bookings that need up to 4 of
# them; columns stand in another order than in the keys.
my $SCHEMA = <<'SQL';
CREATE TABLE price (valid daterange, note text, room int4range,
    PRIMARY KEY (room, valid WITHOUT OVERLAPS));
CREATE TABLE booking (during daterange, no int PRIMARY KEY, room int4range,
    FOREIGN KEY (room, PERIOD during) REFERENCES price (room, PERIOD valid));
CREATE TABLE guest (id int PRIMARY KEY, booking int REFERENCES booking);
INSERT INTO price SELECT daterange(date '2024-01-01' + 10 * j, date '2024-01-11' + 10 * j),
        'p', int4range(i, i, '[]')
  FROM generate_series(1, 20) i, generate_series(0, 9) j;
INSERT INTO booking SELECT daterange(date '2024-01-01' + i % 60, date '2024-01-01' + i % 60 + 27),
        i, int4range(1 + i % 20, 1 + i % 20, '[]')
  FROM generate_series(1, 200) i;
INSERT INTO booking VALUES (NULL, 1001, '[1,2)'), ('[2024-01-01,2024-01-02)', 1002, NULL);
INSERT INTO guest SELECT i, 1 + i % 200 FROM generate_series(1, 300) i;
SQL

sub new_source
{
    my ($more) = @_;
    my $source = $server->create_database;
    $source->sql($SCHEMA . ($more || ''));
    return $source;
}

# The rows are the oracle's, the dump is the same in both modes.
sub is_exact
{
    my ($source, $name, @argument) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    modes_agree($source, "$name: both modes write the same", @argument);
    return sample_is_exact($source, "$name: exactly the oracle's rows", @argument);
}

my $source = new_source();

subtest 'a row needs all rows that its period overlaps' => sub {
    my $target = is_exact($source, 'bookings', '--limit=booking = 7, * = 0') or return;
    is($target->value('SELECT count(*) FROM price'),
        $source->value('SELECT count(*) FROM price p WHERE EXISTS (SELECT FROM booking b
            WHERE b.no <= 7 AND b.room = p.room AND b.during && p.valid)'), 'as many as those');
    constraints_are_valid($target);
    is_exact($source, 'some are there already', '--limit=booking = 50, price = 30, * = 0');
    is_exact($source, 'rows that refer to nothing', '--limit=booking = no > 1000, * = 0');
    is_exact($source, 'two steps up', '--limit=guest = 20, * = 0', '--ordered');
    is_exact($source, 'at random', '--limit=booking = 20, * = 0', '--random=stable');
};

subtest 'slices' => sub {
    is_exact($source, 'all children', '--root=price = room = \'[3,4)\' and isempty(valid * '
            . '\'[2024-01-01,2024-02-01)\')');
    for my $n (0, 1, 3) {
        is_exact($source, "$n children of each row", '--root=price = 5', "--children=booking = $n");
    }
    is_exact($source, 'children of a key', '--root=price:("[2,3)","[2024-01-01,2024-01-11)")',
        '--children=booking_room_during_fkey = 2');
    is_exact($source, 'one step down', '--root=price = 2', '--depth=1', '--ordered');
};

subtest 'keys that are ignored' => sub {
    my $target = is_exact($source, 'nothing is there',
        '--ignore-fk=booking_room_during_fkey', '--limit=booking = 9, * = 0') or return;
    is($target->value('SELECT count(*) FROM booking WHERE room IS NOT NULL'), 0, 'all are NULL');
    $target = is_exact($source, 'some is there', '--ignore-fk=booking_room_during_fkey',
        '--limit=booking = *, price = note is not null and lower(valid) < \'2024-02-15\', * = 0')
        or return;
    my ($n_kept, $n_nulled) = @{ $target->row('SELECT count(room), count(*) - count(room)
        FROM booking') };
    ok($n_kept > 20 && $n_nulled > 20, 'those that are covered in part become NULL')
        or diag "$n_kept kept, $n_nulled NULL";
};

subtest 'keys that the source breaks' => sub {
    my $broken = new_source(<<'SQL');
ALTER TABLE booking DROP CONSTRAINT booking_room_during_fkey;
INSERT INTO booking VALUES ('[2024-03-20,2024-05-01)', 2001, '[1,2)'),
    ('empty', 2002, '[1,2)'), ('[2024-01-01,2024-01-02)', 2003, '[77,78)');
ALTER TABLE booking ADD CONSTRAINT fk FOREIGN KEY (room, PERIOD during)
    REFERENCES price (room, PERIOD valid) NOT VALID;
SQL
    $broken->sql("UPDATE pg_constraint SET convalidated = true WHERE conname = 'fk'");
    for my $limit ('no > 2000', 'no % 2 = 1', 'no < 20') {
        my $target = is_exact($broken, $limit, "--limit=booking = $limit, * = 0") or next;
        is_deeply([ not_valid_constraints($target) ],
            [ $limit eq 'no < 20' ? () : 'fk on public.booking' ], 'the key is as its rows are');
    }
    my $result = $broken->sample('--limit=booking = no > 2000, * = 0');
    like($result->stderr, qr/warning: .*\bfk\b.*3 of 3 sampled references/, 'a warning tells');
};

subtest 'data that is excluded' => sub {
    my $file = "$directory/dump.sql";
    my $process = $source->start_sample('--exclude-table-data=price', '-f', $file);
    ends_with($process->wait, 1, qr/the data of table public\.price is excluded.*--ignore-fk/s,
        'a reference to data that is excluded');
    nothing_is_left($server, $process, $file, 'and nothing is left');
};

# ---- other shapes

subtest 'a table that refers to itself, and chains' => sub {
    my $db = new_source(<<'SQL');
CREATE TABLE post (id int4range, during daterange, boss int4range,
    PRIMARY KEY (id, during WITHOUT OVERLAPS));
INSERT INTO post SELECT int4range(i, i, '[]'),
        daterange(date '2024-01-01' + 10 * j, date '2024-01-11' + 10 * j),
        CASE WHEN i > 1 THEN int4range(i - 1, i - 1, '[]') END
  FROM generate_series(1, 40) i, generate_series(0, 5) j;
ALTER TABLE post ADD CONSTRAINT boss FOREIGN KEY (boss, PERIOD during)
    REFERENCES post (id, PERIOD during) DEFERRABLE;
SQL
    is_exact($db, 'a long chain', '--limit=post = lower(id) = 40 and lower(during) < '
            . '\'2024-01-20\', * = 0');
    is_exact($db, 'down', '--root=post = lower(id) = 37', '--children=post = 1');
    my $dump = modes_agree($db, '--data-only: both modes write the same', '--data-only',
        '--limit=post = lower(id) = 20, booking = 5, * = 0') // return;
    my ($target, $restored) = $server->try_restore($dump, as => undef, prepare => sub {
        $_[0]->sql($db->sample('--schema-only')->stdout =~ s/^\\.*//gmr);
        $_[0]->sql('RESET search_path');
    });
    is($restored->status, 0, 'it restores') or diag $restored->stderr;
    foreign_keys_hold($target);
    $dump = $db->sample('--data-only', '--inserts', '--limit=booking = 5, * = 0')->stdout;
    my @tables = $dump =~ /^INSERT INTO public\.(\w+)/mg;
    is($tables[0], 'price', 'what is referred to comes first');
};

subtest 'multiranges, other types of keys, and partitions that refer' => sub {
    my $has_gist = $server->database('postgres')->value(
        "SELECT count(*) FROM pg_available_extensions WHERE name = 'btree_gist'");
    my $key = $has_gist ? 'numeric' : 'numrange';
    my $one = $has_gist ? 'i::numeric' : 'numrange(i, i + 0.5)';
    my $same = $has_gist ? "(i || '.00')::numeric" : 'numrange(i, i + 0.50)';
    my $db = $server->create_database;
    $db->sql('CREATE EXTENSION btree_gist') if $has_gist;
    $db->sql(<<"SQL");
CREATE DOMAIN span AS int4multirange;
CREATE TABLE shift (who $key, at span, UNIQUE (who, at WITHOUT OVERLAPS));
INSERT INTO shift SELECT $one, int4multirange(int4range(20 * j, 20 * j + 5),
        int4range(20 * j + 10, 20 * j + 15))
  FROM generate_series(1, 9) i, generate_series(0, 4) j;
INSERT INTO shift SELECT $one, int4multirange(int4range(20 * j + 5, 20 * j + 10),
        int4range(20 * j + 15, 20 * j + 20))
  FROM generate_series(1, 9) i, generate_series(0, 4) j;
CREATE TABLE task (id int, who $key, at int4multirange) PARTITION BY RANGE (id);
CREATE TABLE task1 (at int4multirange, id int NOT NULL, who $key);
ALTER TABLE task ATTACH PARTITION task1 FOR VALUES FROM (0) TO (10);
CREATE TABLE task2 PARTITION OF task FOR VALUES FROM (10) TO (100);
INSERT INTO task SELECT i, $same, int4multirange(int4range(8, 12), int4range(40 + i, 44 + i))
  FROM generate_series(1, 9) i;
INSERT INTO task SELECT 10 + i, $same, int4multirange(int4range(i, 30 + i))
  FROM generate_series(1, 9) i;
ALTER TABLE task ADD CONSTRAINT who FOREIGN KEY (who, PERIOD at) REFERENCES shift (who, PERIOD at);
SQL
    is_exact($db, 'task by task', '--limit=task = 3, * = 0');
    is_exact($db, 'a partition', '--limit=task2 = 2, * = 0');
    is_exact($db, 'down', '--root=shift = 4', '--children=task = 2');
};

subtest 'what brought a row' => sub {
    my @argument = ('--limit=booking = no = 5, * = 0', '--explain-edges');
    my @said = map { $source->sample($_, @argument)->stderr } '--no-staging', '--use-staging';
    for my $i (0, 1) {
        like($said[$i], qr/\b4\b.*booking_room_during_fkey/, 'the edge brought four rows')
            or diag $said[$i];
    }
    my $explain = q{--explain=price:("[6,7)","[2024-01-21,2024-01-31)")};
    my @explained = map {
        $source->sample($_, '--limit=booking = no = 5, * = 0', $explain)->stderr
            =~ /^(why .*?\n) +picked/ms
    } '--no-staging', '--use-staging';
    like($explained[0], qr/booking \(5\), which references it by booking_room_during_fkey/,
        'one that is not the first is explained') or diag $source->sample($explain)->describe;
    is($explained[1], $explained[0], 'in both modes');
};

subtest 'a sample that is kept, and one without a table' => sub {
    my $kept = $source->sample('--keep', '--limit=booking = 7, * = 0');
    is($kept->status, 0, 'kept') or diag $kept->describe;
    same_bytes($source->sample('--resume')->stdout, $kept->stdout, 'and written again');
    $source->sql('DROP SCHEMA _pg_sample CASCADE');
    my $reader = $server->create_role;
    $source->sql("GRANT SELECT ON booking, guest TO $reader;
        GRANT CREATE ON DATABASE \"@{[$source->name]}\" TO $reader");
    for my $mode ('--no-staging', '--use-staging') {
        my $result = $source->as($reader)->sample($mode, '--continue-on-error',
            '--limit=booking = 7, * = 0');
        is($result->status, 6, "$mode: the table is missing") or diag $result->describe;
        my ($target, $restored) = $server->try_restore($result->stdout);
        is($restored->status, 0, 'and the dump restores') or diag $restored->stderr;
        is($target->value('SELECT count(*) FROM booking'), 7, 'with the other rows');
    }
};

subtest 'partitioned tables' => sub {
    my $db = $server->create_database;
    $db->sql(<<'SQL');
CREATE TABLE room (id int4range, valid daterange,
    CONSTRAINT room_key PRIMARY KEY (id, valid WITHOUT OVERLAPS)) PARTITION BY HASH (id);
CREATE TABLE room0 PARTITION OF room FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE room1 PARTITION OF room FOR VALUES WITH (MODULUS 2, REMAINDER 1)
    PARTITION BY LIST (id);
CREATE TABLE room1_all PARTITION OF room1 DEFAULT;
CREATE TABLE stay (room int4range, during daterange,
    FOREIGN KEY (room, PERIOD during) REFERENCES room (id, PERIOD valid));
CREATE TABLE seat (a int4range, b int4range, EXCLUDE USING gist (a WITH =, b WITH &&))
    PARTITION BY LIST (a);
CREATE TABLE seat_all PARTITION OF seat DEFAULT;
COMMENT ON CONSTRAINT room_key ON room IS 'the key';
INSERT INTO room SELECT int4range(i, i, '[]'), daterange(date '2024-01-01' + 10 * j,
    date '2024-01-11' + 10 * j) FROM generate_series(1, 9) i, generate_series(0, 4) j;
INSERT INTO stay SELECT int4range(i, i, '[]'), daterange('2024-01-05', '2024-02-05')
  FROM generate_series(1, 9) i;
INSERT INTO seat SELECT int4range(i, i, '[]'), int4range(i, i, '[]') FROM generate_series(1, 9) i;
SQL
    my $target = is_exact($db, 'rows', '--limit=stay = 4, seat = 3, * = 0') or return;
    my $constraints = "SELECT conrelid::regclass, conname, pg_get_constraintdef(oid),
        obj_description(oid, 'pg_constraint') FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace AND contype IN ('p', 'u', 'x')
        ORDER BY 1, 2";
    is_deeply($target->rows($constraints), $db->rows($constraints), 'all constraints are there');
    my $dump = $db->sample('--clean', '--if-exists', '--limit=3')->stdout;
    $target = $server->restore($dump);
    my $again = $target->as($server->restorer)->psql($dump);
    is($again->status, 0, 'with --clean it replaces itself') or diag $again->stderr;
    ok($server->restore($db->sample('--schema-only')->stdout), 'and the schema restores alone');
    is($db->sample('-t', 'stay', '--limit=1')->is_ok, 1, 'or some tables');
};

done_testing();
