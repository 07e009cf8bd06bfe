# Samples taken while others write: each of them restores with every foreign key valid.

use strict;
use warnings;

use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Check;
use PgSample::Test::Server;
use PgSample::Test::Session;
use PgSample::Test::Staging;

my $N_SAMPLES = staging() ? 25 : 50;
my $N_WRITERS = 2;

# Inserts the newest, deletes the oldest, and moves references, in small transactions. Their
# pauses are shorter than any step of a run, and leave it the processor.
my $SCHEMA = <<'SQL';
CREATE TABLE parent (id bigserial PRIMARY KEY, note text);
CREATE TABLE child (
    id bigserial PRIMARY KEY,
    parent bigint NOT NULL REFERENCES parent ON DELETE CASCADE,
    other bigint REFERENCES parent ON DELETE SET NULL
);
CREATE TABLE grandchild (
    id bigserial PRIMARY KEY,
    child bigint NOT NULL REFERENCES child ON DELETE CASCADE,
    previous bigint REFERENCES grandchild ON DELETE SET NULL
);
CREATE INDEX ON child (parent);
CREATE INDEX ON child (other);
CREATE INDEX ON grandchild (child);
CREATE INDEX ON grandchild (previous);
INSERT INTO parent (note) SELECT 'parent ' || i FROM generate_series(1, 2000) i;
INSERT INTO child (parent, other) SELECT i, 2001 - i FROM generate_series(1, 2000) i;
INSERT INTO grandchild (child) SELECT i FROM generate_series(1, 2000) i;
UPDATE grandchild SET previous = id - 1 WHERE id > 1;
CREATE PROCEDURE write_for(seconds float) LANGUAGE plpgsql AS $$
DECLARE
    stop timestamptz := clock_timestamp() + seconds * interval '1 second';
    p bigint;
    c bigint;
BEGIN
    WHILE clock_timestamp() < stop LOOP
        BEGIN
            INSERT INTO parent (note) VALUES ('new') RETURNING id INTO p;
            INSERT INTO child (parent, other) VALUES (p, p - 1000 - (random() * 5)::int)
                RETURNING id INTO c;
            INSERT INTO grandchild (child, previous)
                SELECT c, max(id) FROM grandchild;
        EXCEPTION WHEN foreign_key_violation OR deadlock_detected THEN
            NULL;
        END;
        COMMIT;
        PERFORM pg_sleep(0.001);
        BEGIN
            DELETE FROM parent WHERE id = (SELECT min(id) FROM parent);
            UPDATE child SET parent = (SELECT max(id) FROM parent)
             WHERE id IN (SELECT id FROM child ORDER BY id DESC OFFSET 20 LIMIT 3);
        EXCEPTION WHEN foreign_key_violation OR deadlock_detected THEN
            NULL;
        END;
        COMMIT;
        PERFORM pg_sleep(0.001);
    END LOOP;
END $$;
SQL

my @LIMITS = ('*', '100', 'grandchild = 300, * = 0', 'child = 10%, * = 5');

my $server = PgSample::Test::Server->start;
my $source = $server->create_database;
$source->sql($SCHEMA);

my @writers;
for my $i (1 .. $N_WRITERS) {
    my $session = PgSample::Test::Session->new(conninfo => $source->conninfo);
    $session->begin('CALL write_for(300)');
    push @writers, $session;
}

# The first dumps have the definitions, each limit's; the last of these databases takes the
# rows of the others, which its foreign keys check one by one.
my $taker;

sub restore_sample
{
    my ($dump, $is_whole) = @_;
    if (!$is_whole) {
        $taker->sql('TRUNCATE parent, child, grandchild');
        return ($taker, $server->load_into($taker, $dump));
    }
    $server->drop_database($taker) if $taker;
    ($taker, my $restore) = $server->try_restore($dump);
    return ($taker, $restore);
}

my ($n_sampled, $n_restored, $n_valid) = (0, 0, 0);
my $first = $source->value('SELECT last_value FROM parent_id_seq');
for my $i (1 .. $N_SAMPLES) {
    my $is_whole = $i <= @LIMITS;
    my $result = $source->sample('--limit=' . $LIMITS[ $i % @LIMITS ],
        $is_whole ? () : '--data-only');
    if ($result->status != 0) {
        diag $result->stderr;
        next;
    }
    $n_sampled++;
    my ($target, $restore) = restore_sample($result->stdout, $is_whole);
    if (!$restore->is_ok) {
        diag $restore->stderr;
        next;
    }
    $n_restored++;
    my @broken = (
        PgSample::Test::Check::broken_foreign_keys($target),
        PgSample::Test::Check::not_valid_constraints($target),
    );
    $n_valid++ if !@broken;
    diag "sample $i: @broken" if @broken;
}
my $last = $source->value('SELECT last_value FROM parent_id_seq');
$source->sql("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query ~ '^CALL write'");

is($n_sampled,  $N_SAMPLES, "$N_SAMPLES of $N_SAMPLES samples are taken");
is($n_restored, $N_SAMPLES, 'all of them restore');
is($n_valid,    $N_SAMPLES, 'with every foreign key valid');
cmp_ok($last - $first, '>', 20 * $N_SAMPLES, 'while others were writing');

done_testing;
