# Declared references: rows bring all rows that they refer to by columns or expressions.

use strict;
use warnings;

use File::Temp ();
use FindBin;
use JSON::PP ();
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Check;
use PgSample::Test::DumpText;
use PgSample::Test::Rows;
use PgSample::Test::Server;
use PgSample::Test::Staging;

my $SCHEMA = <<'SQL';
CREATE EXTENSION citext;
CREATE SCHEMA a;
CREATE SCHEMA b;
CREATE TYPE mood AS ENUM ('good', 'bad');
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE TYPE pair AS (x int, y int);
CREATE COLLATION folded (provider = icu, locale = 'und-u-ks-level2', deterministic = false);

CREATE TABLE customers (id int PRIMARY KEY, email citext, tax varchar(20), mood mood);
INSERT INTO customers
SELECT i, 'Customer' || i || '@example.org', 'T' || i % 10,
       (CASE i % 2 WHEN 0 THEN 'good' ELSE 'bad' END)::mood
  FROM generate_series(1, 50) i;
CREATE TABLE orders (id bigint PRIMARY KEY, customer_email text, customer_tax text, v text);
INSERT INTO orders
SELECT i, CASE WHEN i % 5 > 0 THEN upper('customer' || i || '@EXAMPLE.org') END, 'T' || i % 3,
       'v' || i
  FROM generate_series(1, 100) i;
CREATE TABLE events (id int PRIMARY KEY, payload jsonb);
INSERT INTO events
SELECT i, CASE i % 4
            WHEN 0 THEN jsonb_build_object('order_id', i)
            WHEN 1 THEN jsonb_build_object('order_id', (1000 + i)::text)
            WHEN 2 THEN jsonb_build_object('other', 'x') END
  FROM generate_series(1, 40) i;

CREATE TABLE posts (id int PRIMARY KEY, title text);
CREATE TABLE photos (code uuid PRIMARY KEY, title text);
CREATE TABLE comments (id int PRIMARY KEY, subject_type text, subject_id text);
INSERT INTO posts SELECT i, 'post ' || i FROM generate_series(1, 9) i;
INSERT INTO photos
SELECT ('00000000-0000-0000-0000-00000000000' || i)::uuid, 'photo ' || i
  FROM generate_series(1, 9) i;
INSERT INTO comments VALUES
    (1, 'Post', '3'), (2, 'Photo', '00000000-0000-0000-0000-000000000004'),
    (3, 'Post', '5'), (4, NULL, '6'), (5, 'Post', NULL), (6, 'Post', '77');

CREATE TABLE node (id int PRIMARY KEY, next int, tag text);
INSERT INTO node SELECT i, i + 1, 'tag' || i % 3 FROM generate_series(1, 60) i;
CREATE TABLE hen (id int PRIMARY KEY, egg text);
CREATE TABLE egg (name text PRIMARY KEY, hen int REFERENCES hen);
INSERT INTO hen SELECT i, 'egg' || i FROM generate_series(1, 30) i;
INSERT INTO egg SELECT 'egg' || i, nullif((i + 1) % 31, 0) FROM generate_series(1, 30) i;
CREATE TABLE link1 (id int PRIMARY KEY, v int);
CREATE TABLE link2 (id int PRIMARY KEY, v int);
CREATE TABLE link3 (id int PRIMARY KEY);
INSERT INTO link1 SELECT i, i * 2 FROM generate_series(1, 9) i;
INSERT INTO link2 SELECT i, i * 2 FROM generate_series(1, 36) i;
INSERT INTO link3 SELECT generate_series(1, 72);

CREATE TABLE source (id int, region int, target int, PRIMARY KEY (id, region))
    PARTITION BY LIST (region);
CREATE TABLE source_2 (target int, region int NOT NULL, id int NOT NULL);
ALTER TABLE source ATTACH PARTITION source_2 FOR VALUES IN (2);
CREATE TABLE source_1 PARTITION OF source FOR VALUES IN (1);
CREATE TABLE target (id int, kind int, v text, PRIMARY KEY (id, kind))
    PARTITION BY LIST (kind);
CREATE TABLE target_2 PARTITION OF target FOR VALUES IN (2);
CREATE TABLE target_1 PARTITION OF target FOR VALUES IN (1);
INSERT INTO source SELECT i, 1 + i % 2, 100 + i FROM generate_series(1, 20) i;
INSERT INTO target SELECT 100 + i, k, 'v' FROM generate_series(1, 20) i,
    generate_series(1, 2) k WHERE i % 3 > 0 OR k = 1;

CREATE TABLE types (id int PRIMARY KEY, c char(5), n numeric, m mood, d positive, p pair,
    r int4range, t text COLLATE folded, i inet, arr int[], vc varchar(5), j json);
INSERT INTO types
SELECT i, 'c' || i, i / 2.0, (CASE i % 2 WHEN 0 THEN 'good' ELSE 'bad' END)::mood, i,
       ROW(i, i)::pair, int4range(i, i + 2), 'T' || i, ('10.0.0.' || i)::inet, ARRAY[i, 2],
       'v' || i, '{}'
  FROM generate_series(1, 20) i;
CREATE TABLE types2 (id int PRIMARY KEY, c text, n text, m text, d int8, x int, y int,
    t text, i text);
INSERT INTO types2 SELECT i, 'c' || i, (i / 2.0)::numeric(10, 3), 'bad', i, i, i,
    't' || i, '10.0.0.' || i FROM generate_series(1, 20) i;

CREATE TABLE a.twin (id int PRIMARY KEY);
CREATE TABLE b.twin (id int PRIMARY KEY);
CREATE TABLE secret (id int PRIMARY KEY);
INSERT INTO secret SELECT generate_series(1, 9);
SQL

my $server    = PgSample::Test::Server->start;
my $directory = File::Temp->newdir;
my $db        = $server->create_database;
$db->sql($SCHEMA);

sub references { return map { "--reference=$_" } @_ }

# Ids of the table that come with the rows of a limit rule.
sub brings
{
    my ($table, $limit, $references, @more) = @_;
    my $column = ref $table ? $table->[1] : 'id';
    $table = $table->[0] if ref $table;
    $table = "public.$table" if $table !~ /[.]/;
    my $result =
        $db->sample('--data-only', "--limit=$limit, * = 0", references(@$references), @more);
    return $result->describe if !$result->is_ok;
    my $dump = PgSample::Test::DumpText->new($result->stdout);
    return join ' ', sort { $a =~ /\A\d+\z/ && $b =~ /\A\d+\z/ ? $a <=> $b : $a cmp $b }
        @{ $dump->column($table, $column) };
}

my $n_refused = 0;

# A part of the runs has a pg_dump to end as well.
sub refuses
{
    my ($status, $arguments, $messages, $name) = @_;
    my $result = $db->sample($n_refused++ % 4 ? '--data-only' : (), @$arguments);
    my @missing = grep { $result->stderr !~ $_ } @$messages;
    my $ok = $result->status == $status && !@missing && $result->stdout eq '';
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    ok($ok, $name) or diag "expected status $status, @$messages\n" . $result->describe;
    return;
}

sub report_of
{
    my (@argument) = @_;
    my $file = "$directory/report.json";
    my $result = $db->sample("--report=$file", @argument);
    die $result->describe if !$result->is_ok;
    open my $handle, '<', $file or die "could not open $file: $!";
    return (JSON::PP::decode_json(do { local $/; <$handle> }), $result);
}

subtest 'columns' => sub {
    is(brings('customers', '"orders = id IN (3, 4, 5)"', ['orders(customer_email) -> customers(email)']),
        '3 4', 'citext is compared as citext, and NULL refers to nothing');
    is(brings('customers', 'orders = id = 3', ['Public.Orders(v) -> Customers(Email)']),
        '', 'names are folded; what matches nothing brings nothing');
    is(brings('customers', 'orders = id = 2', ['orders(customer_tax) -> customers(tax)']),
        '2 12 22 32 42', 'every row that matches comes along');
    is(brings('customers', 'orders = id = 2',
            ['orders(customer_tax, id) -> customers(tax, id)']), '2', 'several columns');
    is(brings('customers', 'orders = id = 2',
            ['orders("customer_tax", "orders".id + 10) -> customers("tax", "id")']),
        '12', 'quoted names, and the name of the table');
    is(brings('customers', 'orders = id = 2',
            ['orders(public.orders.customer_tax, id * 6) -> customers(tax, id)']),
        '12', 'with its schema');
    is(brings('customers', 'orders = id = 2',
            ['orders(customer_tax, id) -> customers(tax, id)',
             'orders(customer_tax, id + 20) -> customers(tax, id)']), '2 22', 'two of them');
    is(brings('customers', 'orders = 0', ['orders(customer_tax) -> customers(tax)']),
        '', 'no rows, no references');
    is(brings('customers', 'orders = id = 2, customers = 1', ['orders(id) -> customers(id)']),
        '1 2', 'beside picked rows');
    is(brings('customers', 'orders = id = 2, customers = id = 2', ['orders(id) -> customers(id)']),
        '2', 'a row that is there comes once');
};

subtest 'expressions' => sub {
    my $json = q{events((payload->>'order_id')::bigint) -> orders(id)};
    is(brings('orders', 'events = *', [$json]), '4 8 12 16 20 24 28 32 36 40', 'JSON');
    is(brings('orders', 'events = 9', [$json]), '4 8', 'of the sampled rows only');
    is(brings('customers', 'events = 9', [$json, 'orders(customer_email) -> customers(email)']),
        '4 8', 'a chain of references');
    is(brings('orders', 'events = id = 3', ["events((SELECT max(o.id) FROM orders o)) -> orders(id)"]),
        '100', 'a subquery');
    is(brings('orders', 'events = id = 3', ["events(id /* ) */ -- ) it's\n) -> orders(id)"]),
        '3', 'comments');
    is(brings('orders', 'events = id = 3', ["events(id + '1'::int) -> orders (id)"]), '4', 'literals');
};

subtest 'polymorphic' => sub {
    my @both = ("comments(subject_id::int) -> posts(id) when subject_type = 'Post'",
        "comments(subject_id) -> photos(code) when subject_type = 'Photo'");
    is(brings('posts', 'comments = *', \@both), '3 5', 'one side');
    is(brings(['photos', 'code'], 'comments = *', \@both),
        '00000000-0000-0000-0000-000000000004', 'the other side');
    my @texts;
    for my $order ([ 0, 1 ], [ 1, 0 ], [ 1, 0, 0, 1 ]) {
        my $result = $db->sample('--data-only', '--limit=comments = *, * = 0',
            references(@both[@$order]));
        push @texts, join "\n",
            map { ($_->{table}, @{ $_->{lines} }) } PgSample::Test::DumpText->new($result->stdout)->blocks;
    }
    ok($texts[0] =~ /photo 4/, 'a dump');
    same_bytes($texts[1], $texts[0], 'the order of references does not matter');
    same_bytes($texts[2], $texts[0], 'nor that they are there twice');
    refuses(3, [ '--limit=comments = *, * = 0', references('comments(subject_id::int) -> posts(id)') ],
        [ qr/error: .*reference "comments\(subject_id::int\) -> posts\(id\)"/, qr/invalid input syntax/ ],
        'without a condition the cast fails, and the reference is named');
    is(brings('posts', '"comments = id IN (1, 4)"', ['comments(subject_id::int) -> posts(id)']),
        '3 6', 'only rows of the sample are looked at');
};

subtest 'types' => sub {
    my %expected = (
        'types2(c) -> types(c)' => '1 3', 'types2(n::numeric) -> types(n)' => '1 3',
        'types2(d) -> types(d)' => '1 3', 'types2(ROW(x, y)) -> types(p)' => '1 3',
        q{types2('[' || x || ',' || x + 1 || ']') -> types(r)} => '1 3',
        'types2(t) -> types(t)' => '1 3', 'types2(i) -> types(i)' => '1 3',
        'types2(ARRAY[x, 2]) -> types(arr)' => '1 3',
        q{types2('v' || x) -> types(vc)} => '1 3',
        'types2(m) -> types(m)' => join(' ', map { $_ * 2 - 1 } 1 .. 10),
    );
    for my $reference (sort keys %expected) {
        is(brings('types', '"types2 = id IN (1, 3)"', [$reference]), $expected{$reference},
            $reference);
    }
    refuses(1, [ references('types2(c) -> types(j)') ],
        [ qr/column j of table public.types .*cannot be compared/, qr/Type (?:pg_catalog\.)?json has no/ ],
        'a type without equality');
    refuses(1, [ '--limit=0', references('types2(x) -> types(i)') ],
        [ qr/reference "types2\(x\) -> types\(i\)": cannot cast type integer to inet/ ],
        'a type that cannot be cast, though no row is looked at');
};

# As the manual says: what is no number is cast only where it is written.
subtest 'texts and numbers' => sub {
    $db->sql(<<'SQL');
CREATE TABLE users (id int PRIMARY KEY, big bigint, num numeric, day date, ref text, uid uuid);
INSERT INTO users
SELECT i, i, i, date '2020-01-01' + i, i, ('00000000-0000-0000-0000-00000000000' || i)::uuid
  FROM generate_series(1, 9) i;
CREATE TABLE uses (id int PRIMARY KEY, user_ref text, n bigint, half numeric, uid text);
INSERT INTO uses VALUES
    (1, '3', 3, 3.0, '00000000-0000-0000-0000-000000000003'), (2, 'x', 10000000003, 3.5, 'x'),
    (3, NULL, NULL, NULL, NULL), (4, '77', 77, 77, '00000000-0000-0000-0000-000000000077'),
    (5, repeat('9', 30), 5, 5, NULL);
SQL
    for my $column ('id', 'big', 'num', 'day') {
        refuses(1, [ '--limit=0', references("uses(user_ref) -> users($column)") ],
            [ qr/reference "uses\(user_ref\) -> users\($column\)": operator does not exist: .* text/,
              qr/hint: .*type casts/ ], "text and $column, though no row is looked at");
    }
    my @rule = ('--limit=uses = *, * = 0');
    my %expected = ( # what it brings, sampled references, dangling ones
        q{uses(user_ref::bigint) -> users(id) when user_ref ~ '^[0-9]{1,18}$'} => '3: 2, 1',
        q{uses(user_ref::numeric) -> users(big) when user_ref ~ '^[0-9]+$'} => '3: 3, 2',
        'uses(n) -> users(id)' => '3 5: 4, 2', 'uses(half) -> users(id)' => '3 5: 4, 2',
        'uses(n) -> users(ref)' => '3 5: 4, 2', 'uses(half) -> users(ref)' => '5: 4, 3',
        q{uses(uid) -> users(uid) when uid ~ '^[0-9a-f-]{36}$'} => '3: 2, 1',
    );
    for my $reference (sort keys %expected) {
        my ($report) = report_of(@rule, references($reference));
        my ($found) = @{ $report->{references} };
        is(brings('users', 'uses = *', [$reference]) . ": $found->{references}, $found->{dangling_in_source}",
            $expected{$reference}, $reference);
    }
    for my $reference ('uses(user_ref::int) -> users(id)', 'uses(uid) -> users(uid)') {
        refuses(3, [ $_, references($reference) ],
            [ qr/reference "\Q$reference\E": invalid input syntax for type \w+: "x"/ ], "$reference, $_")
            for @rule, '--root=users:3';
    }
    my $down = $db->sample('--data-only', '--root=users:3',
        references(q{uses(user_ref::bigint) -> users(id) when user_ref ~ '^[0-9]{1,18}$'}));
    is_deeply(PgSample::Test::DumpText->new($down->stdout)->column('public.uses', 'id'), ['1'], 'down')
        or diag $down->describe;
};

subtest 'cycles' => sub {
    is(brings('node', 'node = id = 50', ['node(next) -> node(id)']), join(' ', 50 .. 60),
        'a self reference, to its end');
    is(brings('node', 'node = id = 51', ['node(tag) -> node(tag)']),
        join(' ', map { $_ * 3 } 1 .. 20), 'one to itself and others');
    is(brings('hen', 'hen = id = 20', ['hen(egg) -> egg(name)']), join(' ', 20 .. 30),
        'a cycle with a foreign key');
    is(brings(['egg', 'name'], 'egg = name = $$egg25$$', ['hen(egg) -> egg(name)']),
        join(' ', map { "egg$_" } 25 .. 30), 'from its other side');
    is(brings('link3', 'link1 = id = 3', ['link1(v) -> link2(id)', 'link2(v) -> link3(id)']),
        '12', 'a chain');
    is(brings('link3', 'link1 = id = 3, link3 = id = 12', ['link1(v) -> link2(id)', 'link2(v) -> link3(id)',
                'link3(id / 6) -> link1(id)']),
        '4 8 12', 'a cycle of references alone');
};

subtest 'partitioned tables' => sub {
    is(brings('target', '"source = id IN (1, 2, 3)"', ['source(target) -> target(id)']),
        '101 101 102 102 103', 'on both sides');
    is(brings('target', '"source = id IN (1, 2, 3)"', ['source(source.target, region) -> target(id, kind)']),
        '101 102', 'with the name of the root');
    is(brings('orders', '"source = id IN (1, 2)"', [q{source((to_jsonb(source)->>'target')::int - 90) -> orders(id)}]),
        '11 12', 'the whole row is that of the root');
    is(brings('target', 'orders = id = 4', ['orders(id + 100) -> target(id)']), '104 104',
        'from an ordinary table');
};

subtest 'down' => sub {
    my $by_tax = 'orders(customer_tax) -> customers(tax)';
    my $below = sub {
        my ($table, $references, @argument) = @_;
        my $column = ref $table ? $table->[1] : 'id';
        $table = ref $table ? $table->[0] : $table;
        my $result = $db->sample('--data-only', references(@$references), @argument);
        return $result->describe if !$result->is_ok;
        my $dump = PgSample::Test::DumpText->new($result->stdout);
        return join ' ', sort { $a =~ /\A\d+\z/ && $b =~ /\A\d+\z/ ? $a <=> $b : $a cmp $b }
            @{ $dump->column("public.$table", $column) };
    };
    my $tax_2 = join ' ', grep { $_ % 3 == 2 } 1 .. 100;
    is($below->('orders', [$by_tax], '--root=customers:2'), $tax_2, 'children');
    is($below->('customers', [$by_tax], '--root=customers:2'), '2 12 22 32 42', 'bring all that they refer to');
    is($below->('orders', [$by_tax], '--root=customers:2', '--children=orders = 3'), '2 5 8', 'a cap');
    is($below->('orders', [$by_tax], '--root=customers:2,11', '--children=orders = 2'), '1 2 4 5', 'for each parent');
    is($below->('orders', [$by_tax], '--root=customers:2', '--children=orders = 3', '--ordered'), '92 95 98',
        'of the newest');
    is($below->('orders', [$by_tax], '--root=customers:2', '--children=orders = 0'), '', 'none');
    is($below->('orders', [$by_tax], '--root=customers:2', '--depth=0'), '', 'no depth');
    is($below->('orders', [$by_tax], '--root=customers:2', '--exclude-table=orders'), '', 'not selected');
    is($below->('orders', [$by_tax], '--root=customers:2', '--exclude-table-data=orders'), '', 'without data');
    is($below->('orders', [$by_tax], '--root=customers:2', q{--where-column=v IN ('v5', 'v6')}), '5', 'a filter');
    is($below->('orders', [$by_tax], '--root=customers:2', '--children=orders = 1', q{--where-column=v > 'v6'}),
        '8', 'a filter comes before the cap');
    is($below->('orders', ['orders(customer_email) -> customers(email)'], '--root=customers:2'), '2', 'citext');
    is($below->('events', [q{events((payload->>'order_id')::bigint) -> orders(id)}], '--root=orders:8,9'), '8',
        'an expression');
    my @both = ("comments(subject_id::int) -> posts(id) when subject_type = 'Post'",
        "comments(subject_id) -> photos(code) when subject_type = 'Photo'");
    is($below->('comments', \@both, '--root=posts:3,6'), '1', 'polymorphic');
    is($below->('comments', \@both, '--root=photos = *'), '2', 'on the other side');
    my $result = $db->sample('--root=posts:3', references('comments(subject_id::int) -> posts(id)'));
    ok($result->status == 3 && $result->stderr =~ /reference "comments\(subject_id::int\) -> posts\(id\)": invalid/,
        'an expression that fails on some row') or diag $result->describe;
    is($below->('node', ['node(next) -> node(id)'], '--root=node:60', '--depth=3'), '57 58 59 60', 'generations');
    is($below->('hen', ['hen(egg) -> egg(name)'], '--root=hen:30', '--depth=2'), '29 30', 'and foreign keys');
    is($below->('source', ['source(target) -> target(id)'], '--root=target:(103,1),(104,1)'), '3 4', 'partitions');
    is($below->(['target', 'kind'], ['target(id) -> source(target)'], '--root=source:(2,1),(3,2)'), '1 1 2', 'both ways');
    $result = $db->sample('--plan', '--root=customers:2', '--children=orders = 3', references($by_tax));
    like($result->stdout, qr/^  public.customers <- public.orders  \(orders\(customer_tax\) -> customers\(tax\), at most 3 each\)$/m,
        '--plan lists it');
    is($below->('customers', ['orders(id) -> customers(id)'], '--root=orders:1', '--lookup-rows=50'),
        join(' ', 1 .. 50), '--lookup-rows');
    $db->sql('CREATE TABLE k (id int PRIMARY KEY, k0 int, kk1 int); INSERT INTO k SELECT i, 7, i % 2 FROM generate_series(1, 9) i');
    is($below->('k', ['k(kk1, k0) -> k(id, k0)'], '--root=k:1', '--children=k = 2'), '1 3', "columns named like ours");
};

subtest 'dangling values' => sub {
    my $json = q{events((payload->>'order_id')::bigint) -> orders(id)};
    my ($report, $result) = report_of('--limit=events = *, * = 0', references($json));
    is_deeply($report->{references},
        [ { reference => $json, referencing => 'public.events', referenced => 'public.orders',
            references => 20, dangling_in_source => 10, into_lost_tables => 0 } ], 'the report');
    like($result->stderr, qr/notice: reference "events\(.*": 10 of 20 sampled references have no row in public.orders/,
        'and the notice');
    my $target = $server->restore($result->stdout);
    samples_ok($target, $db, 'the restored sample');
    ($report) = report_of('--limit=node = id > 55, * = 0', references('node(next) -> node(id)'));
    is_deeply([ @{ $report->{references}[0] }{qw(references dangling_in_source)} ], [ 5, 1 ],
        'each row of a cycle is counted once');
    ($report) = report_of('--limit=hen = id = 20, * = 0', references('hen(egg) -> egg(name)'));
    is($report->{references}[0]{references}, 11, 'with foreign keys in it');
    my ($hens) = grep { $_->{table} eq 'hen' } @{ $report->{tables} };
    is_deeply([ @$hens{qw(picked referenced)} ], [ 1, 10 ], 'picked and referenced rows');
    ($report) = report_of('--limit=hen = *, egg = *, * = 0', references('hen(egg) -> egg(name)'));
    is($report->{references}[0]{references}, 30, 'all of them at once');
};

subtest 'what does not exist' => sub {
    refuses(1, [ references('ordres(id) -> customers(id)') ],
        [ qr/no table matches "ordres" of the reference/, qr/hint: Did you mean "orders"\?/ ], 'a table');
    refuses(1, [ references('orders(id) -> public.custmers(id)') ],
        [ qr/no table matches "public.custmers"/, qr/hint: Did you mean "public.customers"\?/ ], 'the other');
    refuses(1, [ references('orders(id) -> twin(id)') ],
        [ qr/"twin" .*more than one table/, qr/hint: Name the schema: a.twin or b.twin/ ], 'two of them');
    refuses(1, [ references('source_1(id) -> target(id)') ],
        [ qr/no table matches "source_1"/, qr/partition; name its root public.source/ ], 'a partition');
    refuses(1, [ references('orders(customer_email) -> customers(emial)') ],
        [ qr/table public.customers .*has no column "emial"/, qr/hint: Did you mean "email"\?/ ], 'a column');
    refuses(1, [ references('orders(id, v) -> customers(email)') ],
        [ qr/2 expressions cannot refer to 1 column/ ], 'the number of columns');
    refuses(1, [ references('orders(nothing) -> customers(email)') ],
        [ qr/reference "orders\(nothing\).*column "nothing" does not exist/ ], 'a column of the expression');
    refuses(1, [ references('orders(id) -> customers(id) when nothing') ],
        [ qr/column "nothing" does not exist/ ], 'or of the condition');
    refuses(1, [ references('orders(id) -> customers(id) when 5') ],
        [ qr/must be type boolean/ ], 'a condition that is none');
    refuses(1, [ '--plan', references('ordres(id) -> customers(id)') ], [ qr/no table matches/ ],
        '--plan tells as well');
};

subtest 'hostile SQL' => sub {
    $db->sql(q{CREATE FUNCTION burn() RETURNS int LANGUAGE sql
        AS 'INSERT INTO secret VALUES (99) RETURNING id'});
    refuses(3, [ '--limit=orders = 1, * = 0', references('orders(burn()) -> secret(id)') ],
        [ qr/read-only transaction/ ], 'what writes');
    $db->sql('DROP FUNCTION burn');
    for my $expression ('max(id)', 'generate_series(1, 3)', 'rank() OVER ()', 'id) -- ',
        '(id', 'id; SELECT 1', 'id) IS NULL OR (true', 'id FROM orders --', '1) END, (SELECT 1')
    {
        my $result = $db->sample('--limit=0', references("orders($expression) -> secret(id)"));
        ok($result->status == 1 && $result->stdout eq '', $expression) or diag $result->describe;
    }
    is(brings('secret', 'orders = id = 3', ['orders(id + (random() * 0)::int) -> secret(id)']), '3',
        'volatile expressions are worked out for sampled rows');
    is(brings('secret', 'orders = id = 3', ['orders((12 / (4 - id))::int / 4) -> secret(id)']), '3',
        'and so are those that fail elsewhere');
    $db->sql('CREATE SCHEMA evil;
        CREATE FUNCTION evil.never(int, int) RETURNS bool LANGUAGE sql AS $$SELECT false$$;
        CREATE OPERATOR evil.= (LEFTARG = int, RIGHTARG = int, FUNCTION = evil.never);
        CREATE DOMAIN evil.int4 AS text;');
    $db->sql(sprintf 'ALTER DATABASE %s SET search_path = evil, public, pg_catalog', $db->name);
    is(brings('secret', 'events = id < 4', ['events(id) -> secret(id)']), '1 2 3',
        "the user's search_path does not change what we compare");
    $db->sql(sprintf 'ALTER DATABASE %s RESET search_path', $db->name);
};

subtest 'the selection' => sub {
    my $reference = 'orders(id) -> secret(id)';
    is(brings('secret', 'orders = id = 3', [$reference], '--table=orders'), '3',
        'references cross it, upwards');
    is(brings('secret', 'orders = id = 3', [$reference], '--exclude-table=secret'), '3', 'from all sides');
    is(brings('secret', 'orders = id = 3, secret = 1', [$reference], '--table=secret'), '1',
        'where the referencing table is not selected it has no rows');
    refuses(1, [ '--limit=orders = id = 3, * = 0', references($reference), '--exclude-table-data=secret' ],
        [ qr/data of table public.secret is excluded, but sampled rows refer to it/,
          qr/Rows of table public.orders refer to it by the reference/, qr/hint: Use --limit='public.secret = 0'/ ],
        'excluded data');
    is(brings('orders', 'orders = id = 50', [$reference], '--exclude-table-data=secret'), '50',
        'that nobody refers to');
};

subtest 'the oracle agrees' => sub {
    my @polymorphic = ("comments(subject_id::int) -> posts(id) when subject_type = 'Post'",
        "comments(subject_id::uuid) -> photos(code) when subject_type = 'Photo'");
    my @cycles = ('hen(egg) -> egg(name)', 'egg(hen) -> node(id)', 'node(id * 2) -> hen(id) when id < 12',
        'node(next) -> node(id)');
    my @links = ('link1(v) -> link2(id)', 'link2(v) -> link3(id)', 'link3(id / 6) -> link1(id)');
    my @parts = ('source(target) -> target(id)', 'source(target, region) -> target(id, kind)',
        'target(id - 100) -> source(id)');
    my @shop = ('orders(customer_email::citext) -> customers(email)', 'orders(customer_tax) -> customers(tax)',
        q{events((payload->>'order_id')::bigint) -> orders(id)});
    my @cases = (
        [ \@shop, '--limit=events = 7, * = 0' ],
        [ \@shop, '--root=customers = 2', '--children=* = 2' ],
        [ \@shop, '--root=customers:2', '--children=orders = 3, events = *', '--ordered' ],
        [ \@shop, '--root=orders = 3', '--where-column=id < 40', '--depth=1' ],
        [ \@polymorphic, '--root=posts = *', '--root=photos = 3' ],
        [ \@cycles, '--limit=node = 1 where id > 8, * = 0' ],
        [ \@cycles, '--root=egg = 2', '--depth=3', '--children=* = 1' ],
        [ \@cycles, '--root=node = 1', '--limit=hen = 2' ],
        [ \@links, '--root=link3 = 2', '--limit=link1 = 2' ],
        [ \@parts, '--root=target = 2', '--children=* = 1' ],
        [ \@parts, '--limit=source_2 = 3, * = 0' ],
        [ [ @shop, @polymorphic, @cycles, @links, @parts ], '--limit=3' ],
    );
    for my $case (@cases) {
        my ($references, @argument) = @$case;
        rows_are_exact($db, "@argument with " . @$references . ' references',
            references(@$references), @argument);
    }
};

subtest 'tables that are lost' => sub {
    my $role = $server->create_role;
    $db->sql("GRANT SELECT ON ALL TABLES IN SCHEMA public, a, b TO $role;
        GRANT USAGE ON SCHEMA a, b, evil TO $role; REVOKE SELECT ON secret FROM $role");
    $db->sql(sprintf 'GRANT CREATE ON DATABASE %s TO %s', $db->name, $role);
    my @argument = ('--continue-on-error', '--limit=orders = 3, * = 0', "--report=$directory/lost.json",
        references('orders(id) -> secret(id)', 'secret(id) -> customers(id)', 'orders(id) -> customers(id)'));
    my $result = $db->as($role)->sample(@argument);
    is($result->status, 6, 'the run goes on') or diag $result->describe;
    like($result->stderr, qr/"orders\(id\) -> secret\(id\)": 3 sampled references refer to table public.secret, which is skipped/,
        'the references into it are told');
    my $dump = PgSample::Test::DumpText->new($result->stdout);
    is(join(' ', @{ $dump->column('public.customers', 'id') }), '1 2 3', 'others are followed');
    $server->restore($result->stdout);
    $result = $db->as($role)->sample(grep { $_ ne '--continue-on-error' } @argument);
    ok($result->status == 3 && $result->stderr =~ /secret/, 'else it is an error') or diag $result->describe;
};

subtest '--plan' => sub {
    my $result = $db->sample('--plan', '--limit=orders = 5, * = 0',
        references('orders(customer_tax) -> customers(tax)', 'orders(id) -> customers(id) when id > 3',
            'node(next) -> node(id)'));
    like($result->stdout, qr/^Declared references:\n  public.node -> public.node  \(node\(next\) -> node\(id\)\)\n/m,
        'lists references');
    like($result->stdout, qr/public.customers  \(referenced rows\)/, 'and what they need');
    like($result->stderr, qr/warning: .*"orders\(customer_tax\) -> customers\(tax\)".* neither unique nor indexed/,
        'and warns where many rows may match, slowly');
    unlike($result->stderr, qr/warning: .*when id > 3/, 'but not of a key');
};

subtest 'few lock slots' => sub {
    my $small = PgSample::Test::Server->start(
        configuration => [ 'max_locks_per_transaction = 10', 'max_connections = 20' ]);
    my $crowded = $small->create_database;
    $crowded->sql("CREATE TABLE filler$_ (id int PRIMARY KEY)") for 1 .. 120;
    $crowded->sql('CREATE TABLE child (id int PRIMARY KEY, v text); CREATE TABLE parent (id int PRIMARY KEY);
        INSERT INTO child SELECT i, i FROM generate_series(1, 20) i;
        INSERT INTO parent SELECT generate_series(1, 20)');
    my $result = $crowded->sample('-v', '--data-only', '--limit=child = 3, * = 0', references('child(v::int + 1) -> parent(id)'));
    like($result->stderr, qr/reading in short transactions/, 'short transactions') or diag $result->describe;
    my $dump = PgSample::Test::DumpText->new($result->stdout);
    is(join(' ', @{ $dump->column('public.parent', 'id') }), '2 3 4', 'up');
    $result = $crowded->sample('--data-only', '--root=parent:4', references('child(v::int + 1) -> parent(id)'));
    $dump = PgSample::Test::DumpText->new($result->stdout);
    is(join(' ', @{ $dump->column('public.child', 'id') }), '3', 'and down') or diag $result->describe;
};

subtest 'many rows' => sub {
    my $big = $server->create_database;
    $big->sql(<<'SQL');
CREATE TABLE fact (id int PRIMARY KEY, payload jsonb);
CREATE TABLE dim (id int PRIMARY KEY, parent int);
INSERT INTO fact SELECT i, jsonb_build_object('d', i % 70000) FROM generate_series(1, 120000) i;
INSERT INTO dim SELECT i, i - 1 FROM generate_series(1, 80000) i;
SQL
    my @argument = ('--data-only', '--limit=fact = *, * = 0',
        references(q{fact((payload->'d')::int) -> dim(id)}));
    my $result = $big->sample(@argument);
    my $dump = PgSample::Test::DumpText->new($result->stdout);
    is(scalar @{ $dump->column('public.dim', 'id') }, 69999, 'in several batches')
        or diag $result->describe;
    $result = $big->sample('--data-only', '--limit=dim = id = 1500, * = 0', references('dim(parent) -> dim(id)'));
    $dump = PgSample::Test::DumpText->new($result->stdout);
    is(scalar @{ $dump->column('public.dim', 'id') }, 1500, 'a long chain');
};

if (staging()) {
    subtest '--keep and --resume' => sub {
        my @argument = ('--limit=events = *, * = 0',
            references(q{events((payload->>'order_id')::bigint) -> orders(id)}));
        my $file = "$directory/kept.json";
        my $first = $db->sample('--keep', "--report=$directory/first.json", @argument);
        $db->sql('DELETE FROM orders WHERE id = 4');
        my $again = $db->sample('--resume', "--report=$file");
        ok($again->is_ok, '--resume') or diag $again->describe;
        same_bytes($again->stdout, $first->stdout, 'the same dump');
        my @reports = map { open my $handle, '<', $_ or die $!; JSON::PP::decode_json(join '', <$handle>) }
            "$directory/first.json", $file;
        is_deeply($reports[1]{references}, $reports[0]{references}, 'the same counts');
        $db->sample('--cleanup=drop');
    };
}
else {
    subtest 'both modes agree' => sub {
        modes_agree($db, 'references', '--limit=events = *, comments = *, hen = 3, source = 5, node = 1, * = 0',
            references(q{events((payload->>'order_id')::bigint) -> orders(id)},
                "comments(subject_id::int) -> posts(id) when subject_type = 'Post'",
                'hen(egg) -> egg(name)', 'source(target) -> target(id)', 'node(next) -> node(id)',
                'orders(customer_tax) -> customers(tax)'));
    };
}

done_testing;
