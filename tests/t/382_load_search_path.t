# Every name, operator and type of a load is its own: a schema before pg_catalog in the
# search_path, in which all of them have doubles, changes nothing and runs no code.

use strict;
use warnings;

use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Hostile;
use PgSample::Test::Load;
use PgSample::Test::Server;

# type, and three values in the order of the type
my @TYPES = (
    [ 'int2', 1, 2, 3 ],
    [ 'int4', 1, 2, 3 ],
    [ 'int8', 1, 2, 3 ],
    [ 'numeric', '1.0', '2.5', '3' ],
    [ 'float8', 1, 2.5, 3 ],
    [ 'text', 'a', 'b', 'c' ],
    [ 'varchar(20)', 'a', 'b', 'c' ],
    [ 'char(3)', 'a', 'b', 'c' ],
    [ '"char"', 'a', 'b', 'c' ],
    [ 'name', 'a', 'b', 'c' ],
    [ 'oid', 1, 2, 3 ],
    [ 'date', '2026-01-01', '2026-01-02', '2026-01-03' ],
    [ 'timestamp', '2026-01-01 01:00', '2026-01-02', '2026-01-03' ],
    [ 'timestamptz', '2026-01-01 01:00+00', '2026-01-02 00:00+00', '2026-01-03 00:00+00' ],
    [ 'time', '01:00', '02:00', '03:00' ],
    [ 'interval', '1 day', '2 days', '3 days' ],
    [ 'uuid', map { sprintf '00000000-0000-0000-0000-%012d', $_ } 1 .. 3 ],
    [ 'bytea', '\x01', '\x02', '\x03' ],
    [ 'inet', '10.0.0.1', '10.0.0.2', '10.0.0.3' ],
    [ 'jsonb', '1', '2', '3' ],
    [ 'int4range', '[1,2)', '[2,3)', '[3,4)' ],
    [ 'text[]', '{a}', '{b}', '{c}' ],
    [ 'public.mood', 'sad', 'ok', 'glad' ],
    [ 'public.small', 1, 2, 3 ],
    [ 'public.feeling', 'sad', 'ok', 'glad' ],
    [ 'public.texts', '{a}', '{b}', '{c}' ],
    [ 'public.short', 'a', 'b', 'c' ],
);

my $SCHEMA = <<'SQL';
CREATE TYPE public.mood AS ENUM ('sad', 'ok', 'glad');
CREATE DOMAIN public.small AS int CHECK (VALUE < 100);
CREATE DOMAIN public.feeling AS public.mood;
CREATE DOMAIN public.texts AS text[];
CREATE DOMAIN public.short AS varchar(5);
CREATE SCHEMA app;
CREATE TABLE app.parent (
    id int PRIMARY KEY, code varchar(20) UNIQUE, kind "char" NOT NULL DEFAULT 'k',
    captured_at timestamptz, CHECK (kind <> 'x' AND code <> 'bad'));
CREATE TABLE app.child (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, parent int REFERENCES app.parent ON DELETE CASCADE,
    code varchar(20) REFERENCES app.parent (code) ON UPDATE CASCADE, n int DEFAULT 7,
    twice int GENERATED ALWAYS AS (id + id) STORED, note varchar(30) DEFAULT 'none',
    CHECK (length(note) > 1 OR note = '-'));
CREATE UNIQUE INDEX ON app.child (lower(note)) WHERE n = 3;
CREATE TABLE app.part (id int, region varchar(10), v text, at date, PRIMARY KEY (id, region, at))
    PARTITION BY LIST (region);
CREATE TABLE app.part_eu PARTITION OF app.part FOR VALUES IN ('eu') PARTITION BY RANGE (at);
CREATE TABLE app.part_eu_1 PARTITION OF app.part_eu FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE TABLE app.part_us PARTITION OF app.part FOR VALUES IN ('us', 'ca');
CREATE TABLE app.loose (a int, b varchar(10), c text);
CREATE TABLE app.counted (id serial PRIMARY KEY, v varchar(10) DEFAULT 'x', w text);
SQL

my $server = PgSample::Test::Server->start;
my ($plain, $hostile) = map { $server->create_database } 1 .. 2;
my @KEYS = grep { $TYPES[ $_ - 1 ][0] !~ /json/ } 1 .. @TYPES;
for my $database ($plain, $hostile) {
    $database->sql($SCHEMA);
    $database->sql('CREATE TABLE app.v (k int PRIMARY KEY, '
            . join(', ', map { "c$_ $TYPES[ $_ - 1 ][0]" } 1 .. @TYPES) . ')');
    $database->sql("CREATE TABLE app.k$_ (k $TYPES[ $_ - 1 ][0] PRIMARY KEY, v int)") for @KEYS;
}
my $like    = $plain->as($server->create_role(undef, 'SUPERUSER'));
my $attacked = $hostile->as(plant_doubles($hostile));
is(eval { $attacked->value('SELECT 1 = 1') }, undef, 'doubles are called where names are bare');
like($@, qr/a double was called: operator = \(integer, integer\)/, 'and say so');

# Both databases get the same, and are then the same.
sub same
{
    my ($name, $rows, @arguments) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my ($one, $other) = map { load($_, @arguments) } $like, $attacked;
    is($other->status, $one->status, "$name: exit status") or diag $other->describe;
    isnt($one->status, 1, "$name: it is a load") or diag $one->describe;
    is_deeply([ map { $other->summary($_) } @$rows ], [ map { $one->summary($_) } @$rows ], "$name: counts")
        if $one->status == 0;
    is(image($hostile), image($plain), "$name: rows");
    return;
}

sub both_sql
{
    my ($sql) = @_;
    $_->sql($sql) for $plain, $hostile;
    return;
}

my @FULL = ('--mode=full', '--max-delete-pct=100');
my @WAYS = (
    [ 'incremental' ],
    [ 'incremental, temporary tables', '--staging=auto' ],
    [ 'incremental, directly', '--no-staging' ],
    [ 'insert only', '--strategy=insert_only' ],
    [ 'update only', '--strategy=update_only' ],
    [ 'append', '--mode=append' ],
    [ 'full', @FULL ],
    [ 'delete and insert', @FULL, '--apply=delete-insert' ],
    [ 'truncate', @FULL, '--apply=truncate' ],
    [ 'swap', @FULL, '--apply=swap' ],
    [ 'directly, full', @FULL, '--no-staging' ],
    [ 'dry run', @FULL, '--dry-run' ],
    [ 'executed dry run', @FULL, '--dry-run=execute' ],
);

sub literal { my ($text) = @_; $text =~ s/'/''/g; return "'$text'" }

# The i-th value of each type, and a key.
sub row { my ($key, $i) = @_; return [ $key, map { $i ? $_->[$i] : undef } @TYPES ] }

sub insert
{
    my ($key, $i) = @_;
    return "INSERT INTO app.v VALUES ($key, " . join(', ', map { literal($_->[$i]) } @TYPES) . ')';
}

for my $way (@WAYS) {
    my ($name, @options) = @$way;
    subtest "all types: $name" => sub {
        both_sql('TRUNCATE app.v; ' . join '; ', $name eq 'append' ? 'SELECT 1' : map { insert($_, 1) } 1, 2, 4);
        same('values', ['app.v'], @options,
            'app.v=' . input_file('v.csv', csv([ 'k', map { "c$_" } 1 .. @TYPES ], row(1, 1), row(2, 2), row(3, 3), row(4, 0))));
        return if $name !~ /^(?:incremental|full|directly)/;
        both_sql(join '; ', map {
            my ($one, $two) = map { literal($_) } @{ $TYPES[ $_ - 1 ] }[ 1, 2 ];
            "TRUNCATE app.k$_; INSERT INTO app.k$_ VALUES ($one, 1), ($two, 1)"
        } @KEYS);
        same('keys', [ map { "app.k$_" } @KEYS ], @options,
            map { "app.k$_=" . input_file("k$_.csv", csv([qw(k v)], map { [ $_, 2 ] } @{ $TYPES[ $_ - 1 ] }[ 2, 3 ])) } @KEYS);
    };
}

sub file { my ($table, @rows) = @_; return "app.$table=" . input_file("$table.csv", csv(@rows)) }

subtest 'constraints, defaults and sequences' => sub {
    my @parent = ([qw(id code captured_at)], [ 1, 'a', '2026-01-01' ], [ 2, 'b', '2026-01-02' ], [ 3, 'c', '2026-01-03' ]);
    my @child = ([qw(id parent code n note)], [ 10, 1, 'a', 3, 'one' ], [ 11, 2, 'b', 3, 'two' ], [ 12, 3, 'c', 4, 'ONE' ]);
    same('first', [qw(app.parent app.child)], file('parent', @parent), file('child', @child));
    $parent[1] = [ 1, 'a2', '2025-01-01' ];
    $parent[2] = [ 2, 'b2', '2027-01-02' ];
    $child[2] = [ 11, 2, 'b2', 3, 'two' ];
    same('changed', [qw(app.parent app.child)], file('parent', @parent), file('child', @child));
    same('a row that breaks a CHECK', [], file('parent', [qw(id code kind)], [ 7, 'x', 'x' ]));
    same('rejected', ['app.parent'], '--max-errors=10', file('parent', [qw(id code kind)], [ 7, 'x', 'x' ], [ 8, 'bad', 'y' ], [ 9, 'z', 'z' ]));
    same('orphans', ['app.child'], '--max-errors=10', file('child', [qw(id parent note)], [ 20, 99, 'aa' ], [ 21, 1, '-' ]));
    same('unique values', ['app.child'], '--max-errors=10', file('child', [qw(id parent n note)], [ 22, 1, 3, 'TWO' ], [ 23, 1, 3, 'new' ]));
    same('duplicates', ['app.parent'], file('parent', [qw(id code)], [ 1, 'p' ], [ 1, 'q' ]));
    same('duplicates that are errors', [], '--on-duplicate=error', file('parent', [qw(id code)], [ 1, 'p' ], [ 1, 'q' ]));
    same('rows that others refer to', [], @FULL, file('parent', [qw(id code)], [ 2, 'b2' ]));
    same('both in full', [qw(app.parent app.child)], @FULL, file('parent', [qw(id code)], [ 2, 'b2' ]),
        file('child', [qw(id parent note)], [ 11, 2, 'two' ]));
    same('a natural key', ['app.parent'], '--natural-key=code', file('parent', [qw(id code)], [ 2, 'b2' ]));
    same('a natural key without an index', ['app.loose'], '--natural-key=a,b', file('loose', [qw(a b c)], [ 1, 'x', 'y' ]));
    same('the same again', ['app.loose'], '--natural-key=a,b', file('loose', [qw(a b c)], [ 1, 'x', 'z' ]));
    same('no key', ['app.loose'], file('loose', [qw(a b c)], [ 1, 'x', 'z' ], [ 1, 'x', 'z' ]));
    same('a slice', ['app.loose'], '--mode=slice', '--slice=b=x', '--natural-key=a', '--max-delete-pct=100',
        file('loose', [qw(a b c)], [ 5, 'x', 'z' ]));
    same('numbers of a sequence', ['app.counted'], file('counted', [qw(id w)], [ 5, 'a' ], [ 4000, 'b' ]));
    is($hostile->value(q{SELECT nextval('app.counted_id_seq')}), 4001, 'it was moved');
};

subtest 'partitions' => sub {
    my @rows = ([qw(id region v at)], [ 1, 'eu', 'a', '2026-03-01' ], [ 2, 'us', 'b', '2026-03-01' ]);
    same('new', ['app.part'], file('part', @rows));
    same('full', ['app.part'], @FULL, file('part', @rows, [ 3, 'ca', 'c', '2026-03-01' ]));
    same('no partition', [], file('part', [qw(id region v at)], [ 1, 'zz', 'a', '2026-03-01' ]));
    same('a slice', ['app.part'], '--mode=slice', '--slice=region=eu', '--max-delete-pct=100',
        file('part', [qw(id region v at)], [ 7, 'eu', 'a', '2026-03-01' ]));
};

subtest 'staged, looked at, committed later, cleaned up' => sub {
    my $result = load($attacked, '--stage-only', file('counted', [qw(id w)], [ 6000, 'late' ]), { keep => 1 });
    is($result->status, 0, 'staged') or diag $result->describe;
    chomp(my $name = $result->stdout);
    is(load($attacked, '--status', { keep => 1 })->status, 0, '--status');
    $result = load($attacked, "--commit-staged=$name");
    is($result->status, 0, 'committed') or diag $result->describe;
    is(load($attacked, '--gc')->status, 0, '--gc');
    is($hostile->value("SELECT count(*) FROM app.counted WHERE w = 'late'"), 1, 'the row is there');
};

done_testing;
