# What brought each row: --explain and --explain-edges, line by line on schemas made by hand
# and against a search of our own on a larger one.

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

# Standard error without the line that says where staging mode writes.
sub said
{
    my ($result) = @_;
    return $result->stderr =~ s/^pg-sample: staging mode \(.*\): writing to .*\n//mr;
}

# What a run says before its table of rows.
sub told
{
    my ($db, @argument) = @_;
    my $result = $db->sample('--data-only', @argument);
    diag $result->describe if $result->status != 0;
    my ($text) = said($result) =~ /\A(.*?)^ +picked +(?:children +)?referenced /ms;
    return $text // '';
}

sub explains
{
    my ($db, $argument, $expected, $name) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    return is(told($db, @$argument), $expected, $name);
}

sub json
{
    open my $handle, '<', $report or die "could not open $report: $!";
    my $text = do { local $/; <$handle> };
    close $handle;
    return JSON::PP->new->utf8->decode($text);
}

# ---- chains

subtest 'of equal distances the name of the edge decides, then the place' => sub {
    my $db = $server->create_database;
    $db->sql(<<'SQL');
CREATE TABLE top (id int PRIMARY KEY);
CREATE TABLE b (id int PRIMARY KEY, top int REFERENCES top);
CREATE TABLE c (id int PRIMARY KEY, top int REFERENCES top);
CREATE TABLE start (id int PRIMARY KEY, c int REFERENCES c, b int REFERENCES b, far int);
CREATE TABLE two (id int PRIMARY KEY, x int CONSTRAINT z_fk REFERENCES top,
    y int CONSTRAINT a_fk REFERENCES top);
CREATE TABLE late (id int PRIMARY KEY, top int REFERENCES top);
INSERT INTO top SELECT generate_series(1, 6);
INSERT INTO b VALUES (1, 1);
INSERT INTO c VALUES (1, 1), (2, 6);
INSERT INTO start VALUES (1, 1, 1), (2, 2, NULL);
INSERT INTO two VALUES (1, 2, 2);
INSERT INTO late VALUES (9, 3), (8, 3), (7, 4), (6, 6);
SQL
    explains($db, [ '--limit=start = 1, * = 0', '--explain=top:1' ], <<'TEXT', 'a diamond');
why public.top (1) is in the sample:
  public.top (1)
  <- public.b (1), which references it by b_top_fkey
  <- public.start (1), which references it by start_b_fkey
  picked by rule "start = 1"
TEXT
    explains($db, [ '--limit=two = *, * = 0', '--explain=top:2' ],
        <<'TEXT', 'two foreign keys of one table');
why public.top (2) is in the sample:
  public.top (2)
  <- public.two (1), which references it by a_fk
  picked by rule "two = *"
TEXT
    explains($db, [ '--limit=late = *, * = 0', '--explain=top:3', '--explain', 'late:8' ],
        <<'TEXT', 'the row that comes first in the table, and one that was picked');
why public.top (3) is in the sample:
  public.top (3)
  <- public.late (9), which references it by late_top_fkey
  picked by rule "late = *"
why public.late (8) is in the sample:
  public.late (8)
  picked by rule "late = *"
TEXT
    explains($db, [ '--limit=late = *, start = *, * = 0', '--explain=top:6' ],
        <<'TEXT', 'a shorter way counts more than a name');
why public.top (6) is in the sample:
  public.top (6)
  <- public.late (6), which references it by late_top_fkey
  picked by rule "late = *"
TEXT
    explains($db, [ '--limit=late = id = 7, * = 0', '--explain=top:1,99', '--explain=b:1' ],
        <<'TEXT', 'rows that are not there');
public.top (1) is not in the sample; it exists in the source
public.top (99) is not in the sample; it does not exist in the source
public.b (1) is not in the sample; it exists in the source
TEXT
    for my $case (
        [ 'nosuch:1',   qr/no table matches "nosuch" of --explain/ ],
        [ 'top:(1,2)',  qr/has 2 values for a key, but the key of table public.top has 1/ ],
        [ 'top:x',      qr/--explain "top:x": invalid key \(x\) of table public.top/ ],
        [ 'top = id > 1', qr/--explain/ ]
    ) {
        my $result = $db->sample("--explain=$case->[0]", '-f', $file);
        is($result->status, 1, "--explain=$case->[0] is wrong") or diag $result->describe;
        like($result->stderr, $case->[1], 'and says so');
        ok(!-e $file, 'nothing is written');
    }
};

subtest 'chains, cycles, keys and places of all kinds' => sub {
    my $db = $server->create_database;
    $db->sql(<<'SQL');
CREATE EXTENSION citext;
CREATE TABLE node (id int PRIMARY KEY, parent int REFERENCES node);
CREATE TABLE man (id int PRIMARY KEY, wife int);
CREATE TABLE wife (id int PRIMARY KEY, man int REFERENCES man);
ALTER TABLE man ADD FOREIGN KEY (wife) REFERENCES wife;
CREATE TABLE pair (a citext, b text, PRIMARY KEY (a, b));
CREATE TABLE uses (id numeric PRIMARY KEY, pb text, pa citext, FOREIGN KEY (pa, pb) REFERENCES pair);
CREATE TABLE part (id int PRIMARY KEY, node int REFERENCES node) PARTITION BY RANGE (id);
CREATE TABLE part_high PARTITION OF part FOR VALUES FROM (100) TO (200);
CREATE TABLE part_low PARTITION OF part FOR VALUES FROM (0) TO (100);
CREATE TABLE loose (v int, node int REFERENCES node);
CREATE TABLE "Odd ""T" ("The Key" text PRIMARY KEY, loose int);
INSERT INTO node SELECT i, nullif(i - 1, 0) FROM generate_series(1, 300) i;
INSERT INTO node VALUES (1000, 1000), (1001, NULL);
INSERT INTO man VALUES (1, NULL);
INSERT INTO wife VALUES (1, 1);
UPDATE man SET wife = 1;
INSERT INTO pair VALUES ('Ab', E'tab\there'), ('x', 'y');
INSERT INTO uses VALUES (1.50, E'tab\there', 'aB');
INSERT INTO part VALUES (150, 1001), (50, 1001);
INSERT INTO loose VALUES (1, 7);
INSERT INTO "Odd ""T" VALUES ('a,(b)"', 1);
SQL
    explains($db, [ '--limit=node = id = 3, * = 0', '--explain=node:1' ],
        <<'TEXT', 'a chain through one table');
why public.node (1) is in the sample:
  public.node (1)
  <- public.node (2), which references it by node_parent_fkey
  <- public.node (3), which references it by node_parent_fkey
  picked by rule "node = id = 3"
TEXT
    my $text = told($db, '--limit=node = id = 300, * = 0', '--explain=node:1');
    like($text, qr/ \(50\), which .*\n  \.\.\. 200 more rows \.\.\.\n  <- public\.node \(251\), /,
        'the middle of a long one is left out');
    is(() = $text =~ /<-/g, 99, 'both ends are told');
    explains($db, [ '--limit=node = id = 1000, * = 0', '--explain=node:1000' ],
        <<'TEXT', 'a row that refers to itself');
why public.node (1000) is in the sample:
  public.node (1000)
  picked by rule "node = id = 1000"
TEXT
    explains($db, [ '--limit=wife = 1, * = 0', '--explain=wife:1', '--explain=man:1' ],
        <<'TEXT', 'a cycle');
why public.wife (1) is in the sample:
  public.wife (1)
  picked by rule "wife = 1"
why public.man (1) is in the sample:
  public.man (1)
  <- public.wife (1), which references it by wife_man_fkey
  picked by rule "wife = 1"
TEXT
    explains($db, [ '--limit=uses = 1, * = 0', "--explain=pair:(AB,tab\there)",
            '--explain=uses:1.5' ],
        <<'TEXT', 'composite keys, compared as their types say, told as COPY writes them');
why public.pair (Ab,tab\there) is in the sample:
  public.pair (Ab,tab\there)
  <- public.uses (1.50), which references it by uses_pa_pb_fkey
  picked by rule "uses = 1"
why public.uses (1.50) is in the sample:
  public.uses (1.50)
  picked by rule "uses = 1"
TEXT
    explains($db, [ '--limit=part = *, * = 0', '--explain=node:1001', '--explain=part:150' ],
        <<'TEXT', 'partitions go by their bounds');
why public.node (1001) is in the sample:
  public.node (1001)
  <- public.part (50), which references it by part_node_fkey
  picked by rule "part = *"
why public.part (150) is in the sample:
  public.part (150)
  picked by rule "part = *"
TEXT
    explains($db, [ '--limit=part_high = 1, * = 0', '--explain=part:150,50' ],
        <<'TEXT', 'the rule of a partition');
why public.part (150) is in the sample:
  public.part (150)
  picked by rule "part_high = 1"
public.part (50) is not in the sample; it exists in the source
TEXT
    explains($db, [ '--limit=loose = *, * = 0', '--explain=node:7' ],
        <<'TEXT', 'a table without a key');
why public.node (7) is in the sample:
  public.node (7)
  <- public.loose (ctid 0,1), which references it by loose_node_fkey
  picked by rule "loose = *"
TEXT
    explains($db, [ '--limit=*', '--explain', '"Odd ""T":"a,(b)"""' ],
        <<'TEXT', 'quoted names and values');
why public."Odd ""T" (a,(b)") is in the sample:
  public."Odd ""T" (a,(b)")
  picked by rule "*"
TEXT
};

subtest 'down from roots' => sub {
    my $db = $server->create_database;
    $db->sql(<<'SQL');
CREATE TABLE country (id int PRIMARY KEY);
CREATE TABLE customer (id int PRIMARY KEY, country int REFERENCES country,
    friend int REFERENCES customer);
CREATE TABLE orders (id int PRIMARY KEY, customer int REFERENCES customer,
    payer int REFERENCES customer, tenant int);
INSERT INTO country SELECT generate_series(1, 3);
INSERT INTO customer VALUES (1, 1, NULL), (2, 2, NULL), (3, 3, 2);
INSERT INTO orders VALUES (10, 1, 2, 7), (11, 1, 3, 7), (12, 2, 1, 8), (13, 3, NULL, 7);
SQL
    my @root = ('--root=customer:1', '--children=orders_payer_fkey = 0, customer = 0');
    explains($db, [ @root, '--explain=customer:1,2', '--explain=orders:10,12' ], <<'TEXT', 'chains');
why public.customer (1) is in the sample:
  public.customer (1)
  a root row
why public.customer (2) is in the sample:
  public.customer (2)
  <- public.orders (10), which references it by orders_payer_fkey
  <- public.customer (1), whose child it is by orders_customer_fkey
  a root row
why public.orders (10) is in the sample:
  public.orders (10)
  <- public.customer (1), whose child it is by orders_customer_fkey
  a root row
public.orders (12) is not in the sample; it exists in the source
TEXT
    explains($db, [ @root, '--limit="orders = id IN (10, 12)"', '--explain=orders:10,11' ],
        <<'TEXT', 'what is picked is there for that, children of roots too');
why public.orders (10) is in the sample:
  public.orders (10)
  picked by rule "orders = id IN (10, 12)"
why public.orders (11) is in the sample:
  public.orders (11)
  <- public.customer (1), whose child it is by orders_customer_fkey
  a root row
TEXT
    explains($db, [ @root, '--limit=customer = *', '--explain=customer:1' ],
        <<'TEXT', 'and what is a root, for that');
why public.customer (1) is in the sample:
  public.customer (1)
  a root row
TEXT
    explains($db, [ @root, '--explain-edges', '--report', $report ], <<'TEXT', 'edges');
provenance of 8 rows: 0 picked, 1 as roots, 7 by references
      rows       from       most  share  along
         3          3          1  12.5%  public.customer up to public.country by customer_country_fkey, most from (1)
         2          1          6  75.0%  public.customer down to public.orders by orders_customer_fkey, most from (1)
         2          2          2  25.0%  public.orders up to public.customer by orders_payer_fkey, most from (10)
public.customer (1) brings 100.0% of the sample (8 rows)
public.orders (10) brings 37.5% of the sample (3 rows)
public.orders (11) brings 37.5% of the sample (3 rows)
public.customer (2) brings 25.0% of the sample (2 rows)
public.customer (3) brings 25.0% of the sample (2 rows)
TEXT
    is_deeply(
        json()->{edges}[1],
        {
            name         => 'orders_customer_fkey',
            referencing  => 'public.orders',
            referenced   => 'public.customer',
            direction    => 'down',
            rows         => 2,
            bringers     => 1,
            largest_key  => '(1)',
            largest_rows => 6
        },
        'the same in the report'
    );
    is(json()->{largest_bringers}[0]{share}, 1, 'with those who bring most');

    # 10 and 11 are of the tenant; 2 and 3 are there for them, and friends are not children
    my $result = $db->sample('--where-column=tenant = 7', '--children=* = 0',
        '--explain-edges', '--report', $report);
    is($result->status, 0, 'a filter') or diag $result->describe;
    ok(!grep({ $_->{outside_filter} } @{ json()->{edges} }), 'nobody is outside of it');
    $db->sql('ALTER TABLE customer ADD tenant int; UPDATE customer SET tenant = 6 + id');
    $result = $db->sample('--where-column=tenant = 7', '--children=* = 0', '--report', $report);
    is($result->status, 0, 'a filter that others cross') or diag $result->describe;
    is(
        join(' ', map { "$_->{name}=$_->{outside_filter}" }
                grep { $_->{outside_filter} } @{ json()->{edges} }),
        'orders_customer_fkey=1 orders_payer_fkey=1',
        'the report counts by the edge that brought them'
    );
};

subtest 'declared references' => sub {
    my $db = $server->create_database;
    $db->sql(<<'SQL');
CREATE TABLE post (id int PRIMARY KEY, tag text);
CREATE TABLE remark (id int PRIMARY KEY, kind text, subject int, tag text, post int REFERENCES post)
    PARTITION BY RANGE (id);
CREATE TABLE remark_2 PARTITION OF remark FOR VALUES FROM (10) TO (20);
CREATE TABLE remark_1 PARTITION OF remark FOR VALUES FROM (0) TO (10);
INSERT INTO post VALUES (1, 'x'), (2, 'x'), (3, 'y'), (4, 'z');
INSERT INTO remark VALUES (11, 'Post', 1, 'x', NULL), (2, 'Post', 3, 'x', NULL),
    (3, 'Other', 4, 'y', NULL), (4, NULL, NULL, NULL, 4);
SQL
    my @reference = ("--reference=remark(subject) -> post(id) when kind = 'Post'",
        '--reference=remark(tag) -> post(tag)');
    my $subject = qq{reference "remark(subject) -> post(id) when kind = 'Post'"};
    my $tag     = 'reference "remark(tag) -> post(tag)"';
    explains($db, [ @reference, '--limit=remark = *, * = 0', '--explain=post:1,2,3,4',
            '--explain-edges' ], <<"TEXT", 'go up to all that match');
why public.post (1) is in the sample:
  public.post (1)
  <- public.remark (11), which references it by $subject
  picked by rule "remark = *"
why public.post (2) is in the sample:
  public.post (2)
  <- public.remark (2), which references it by $tag
  picked by rule "remark = *"
why public.post (3) is in the sample:
  public.post (3)
  <- public.remark (2), which references it by $subject
  picked by rule "remark = *"
why public.post (4) is in the sample:
  public.post (4)
  <- public.remark (4), which references it by remark_post_fkey
  picked by rule "remark = *"
provenance of 8 rows: 4 picked, 0 as roots, 4 by references
      rows       from       most  share  along
         2          2          1  12.5%  public.remark up to public.post by $subject, most from (2)
         1          1          1  12.5%  public.remark up to public.post by remark_post_fkey, most from (4)
         1          1          1  12.5%  public.remark up to public.post by $tag, most from (2)
public.remark (2) brings 37.5% of the sample (3 rows)
public.remark (4) brings 25.0% of the sample (2 rows)
public.remark (11) brings 25.0% of the sample (2 rows)
TEXT
    explains($db, [ @reference, '--root=post:2', '--depth=1', '--explain=remark:2',
            '--explain=post:3' ], <<"TEXT", 'and down');
why public.remark (2) is in the sample:
  public.remark (2)
  <- public.post (2), whose child it is by $tag
  a root row
why public.post (3) is in the sample:
  public.post (3)
  <- public.remark (2), which references it by $subject
  <- public.post (2), whose child it is by $tag
  a root row
TEXT
};

# ---- against a search of our own

# [[table, key, place]...], {edge => [from table, to table]}, [[edge, from key, to key]...]
my $LARGE = <<'SQL';
CREATE TABLE a (id int PRIMARY KEY, a1 int, b1 int, c1 int);
CREATE TABLE b (id int PRIMARY KEY, a2 int, b2 int);
CREATE TABLE c (id int, a3 int, b3 int, c3 int, PRIMARY KEY (id)) PARTITION BY HASH (id);
CREATE TABLE c_0 PARTITION OF c FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE c_1 PARTITION OF c FOR VALUES WITH (MODULUS 2, REMAINDER 1);
SELECT setseed(0.5);
INSERT INTO a SELECT i, 1 + 400 * random(), 1 + 400 * random(), 1 + 400 * random()
  FROM generate_series(401, 1, -1) i;
INSERT INTO b SELECT i, CASE WHEN random() < 0.5 THEN 1 + 400 * random() END,
       CASE WHEN random() < 0.8 THEN greatest(1, i - 1) END
  FROM generate_series(1, 401) i ORDER BY random();
INSERT INTO c SELECT i, CASE WHEN random() < 0.2 THEN 1 + 400 * random() END,
       CASE WHEN random() < 0.2 THEN 1 + 400 * random() END,
       CASE WHEN random() < 0.9 THEN greatest(1, i - 2) END
  FROM generate_series(1, 401) i ORDER BY random();
ALTER TABLE a ADD FOREIGN KEY (a1) REFERENCES a, ADD FOREIGN KEY (b1) REFERENCES b,
    ADD FOREIGN KEY (c1) REFERENCES c;
ALTER TABLE b ADD FOREIGN KEY (a2) REFERENCES a, ADD FOREIGN KEY (b2) REFERENCES b;
ALTER TABLE c ADD FOREIGN KEY (a3) REFERENCES a, ADD FOREIGN KEY (b3) REFERENCES b,
    ADD FOREIGN KEY (c3) REFERENCES c;
SQL
my %COLUMNS = (
    a => { a1 => 'a', b1 => 'b', c1 => 'c' },
    b => { a2 => 'a', b2 => 'b' },
    c => { a3 => 'a', b3 => 'b', c3 => 'c' }
);

# What brought each row that is reached from the picked ones: {row => [edge, from]}.
sub search
{
    my ($db, @picked) = @_;
    my (%place, %target);
    for my $table (sort keys %COLUMNS) {
        my @column = sort keys %{ $COLUMNS{$table} };
        my $n      = 0;
        for my $row (@{ $db->rows("SELECT id, @{[join ', ', @column]} FROM $table
                ORDER BY tableoid::regclass::text, ctid") }) {
            my $name = "$table:$row->[0]";
            $place{$name} = $n++;
            for my $i (0 .. $#column) {
                $target{$name}{"${table}_$column[$i]_fkey"} =
                    "$COLUMNS{$table}{$column[$i]}:$row->[$i + 1]"
                    if defined $row->[ $i + 1 ];
            }
        }
    }
    my %why = map { $_ => [ '', '' ] } @picked;
    my @now = @picked;
    while (@now) {
        my %next;
        for my $from (@now) {
            for my $edge (keys %{ $target{$from} }) {
                my $to = $target{$from}{$edge};
                next if $why{$to};
                my $best = $next{$to};
                $next{$to} = [ $edge, $from ]
                    if !$best || $edge lt $best->[0]
                    || $edge eq $best->[0] && $place{$from} < $place{ $best->[1] };
            }
        }
        $why{$_} = $next{$_} for keys %next;
        @now = sort keys %next;
    }
    return \%why;
}

# The text that --explain prints for all of these rows.
sub expected_text
{
    my ($why, $rule, @row) = @_;
    my $text = '';
    my $tell = sub { return $_[0] =~ s/(.):(.*)/public.$1 ($2)/r };
    for my $row (@row) {
        $text .= "why @{[$tell->($row)]} is in the sample:\n  @{[$tell->($row)]}\n";
        for (my $at = $row; ; $at = $why->{$at}[1]) {
            if ($why->{$at}[0] eq '') {
                $text .= "  picked by rule \"$rule\"\n";
                last;
            }
            $text .= "  <- @{[$tell->($why->{$at}[1])]}, which references it by $why->{$at}[0]\n";
        }
    }
    return $text;
}

subtest 'chains and edges of a larger sample' => sub {
    my $db = $server->create_database;
    $db->sql($LARGE);
    my $rule = 'b = id IN (17, 42, 300)';
    my $why  = search($db, 'b:17', 'b:42', 'b:300');
    my @row  = map { [/(.):(\d+)/] } keys %$why;
    @row = map { "$_->[0]:$_->[1]" }
        sort { $a->[0] cmp $b->[0] || $a->[1] <=> $b->[1] } @row;
    my @argument = map {
        my $table = $_;
        '--explain=' . "$table:" . join ',', map { /$table:(\d+)/ ? $1 : () } @row
    } 'a' .. 'c';
    my $text = told($db, "--limit=\"$rule\", * = 0", @argument);
    ok($text eq expected_text($why, $rule, @row), scalar(@row) . ' chains');
    my $random = told($db, "--limit=\"$rule\", * = 0", '--ordered', @argument);
    ok($text eq $random, 'the same with another order of the dump');

    my (%n, %from, %brought);
    for my $row (@row) {
        my ($edge, $from) = @{ $why->{$row} };
        for (my $at = $row; ; $at = $why->{$at}[1]) {
            my ($along, $bringer) = @{ $why->{$at} };
            last if $along eq '';
            $from{$along}{$bringer}++;
        }
        $n{$edge}++ if $edge ne '';
    }
    my $result =
        $db->sample("--limit=\"$rule\", * = 0", '--explain-edges', '--ordered', '--report', $report);
    my $edges = json()->{edges};
    is(
        join(' ', map { "$_->{name}=$_->{rows}/$_->{bringers}/$_->{largest_rows}" } @$edges),
        join(
            ' ',
            map {
                my $count = $from{$_};
                my ($most) = sort { $b <=> $a } values %$count;
                "$_=$n{$_}/" . keys(%$count) . "/$most"
            } sort { $n{$b} <=> $n{$a} || $a cmp $b } keys %n
        ),
        'numbers of edges, the most first'
    );
    is_deeply(
        [ grep { my $e = $_; $from{ $e->{name} }{ ($e->{referencing} =~ /(.)\z/)[0] . ':'
                        . ($e->{largest_key} =~ /(\d+)/)[0] } != $e->{largest_rows} } @$edges ],
        [],
        'the row that brings most along an edge does bring so many'
    );
};

subtest 'both modes tell the same' => sub {
    plan skip_all => 'one run of this is enough' if staging();
    my $db = $server->create_database;
    $db->sql($LARGE);
    for my $choice (
        [ '--limit=* = 3' ],
        [ '--root=b:5,6', '--depth=2', '--children=* = 2' ],
        [ '--root=c:400', '--children=c_a3_fkey = 0', '--limit=a = 4' ],
        [ '--limit=c = 5, * = 0', '--max-rows=60' ]
    ) {
        my @told = map {
            my $result =
                $db->sample($_, @$choice, '--explain-edges', '--explain=a:1,2,3,4,5', '--report',
                $report);
            my ($edges) = said($result) =~ /\A(.*?)^(?: +picked +(?:children +)?referenced |pg-sample: error)/ms;
            $choice->[-1] =~ /max-rows/ ? $result->status : $edges;
        } '--no-staging', '--use-staging';
        same_bytes($told[1], $told[0], "@$choice");
    }
};

subtest 'it is kept with the rest' => sub {
    plan skip_all => 'staging is asked for already' if staging();
    my $db = $server->create_database;
    $db->sql($LARGE);
    my $result = $db->sample('--keep', '--explain-edges', '--limit=b = id = 42, * = 0', '-f',
        $file);
    is($result->status, 0, 'a run') or diag $result->describe;
    my $why = search($db, 'b:42');
    is($db->value('SELECT count(*) FROM _pg_sample.why'), scalar keys %$why, 'a line for each row');
    my %n;
    $n{ $_->[0] }++ for values %$why;
    is_deeply(
        { map { @$_ } @{ $db->rows(<<'SQL') } }, \%n, 'edges have names');
SELECT coalesce(e.name, ''), count(*) FROM _pg_sample.why w
  LEFT JOIN _pg_sample.why_edges e USING (edge) GROUP BY 1
SQL
    is($db->value(<<'SQL'), 2, 'nothing else of it stays');
SELECT count(*) FROM pg_class WHERE relnamespace = '_pg_sample'::regnamespace
   AND relkind = 'r' AND relname LIKE 'why%'
SQL
    my $dump = $db->sample('--resume');
    is($dump->status, 0, 'and it can be dumped') or diag $dump->describe;
    unlink $file;
};

done_testing();
