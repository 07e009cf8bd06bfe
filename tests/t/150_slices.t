# Slices: root rows, what comes down from them, and what all of these refer to. Small databases
# whose slices were worked out by hand hold the oracle, and the oracle holds the program.

use strict;
use warnings;

use File::Temp ();
use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Catalog;
use PgSample::Test::DumpText;
use PgSample::Test::Oracle;
use PgSample::Test::Process;
use PgSample::Test::Rows;
use PgSample::Test::Server;
use PgSample::Test::Staging;

my $server    = PgSample::Test::Server->start;
my $directory = File::Temp->newdir;
my $SAME      = 'roots and children are found before anything is staged';

# A database whose schema is final when the oracle is asked.
sub source_with
{
    my ($sql) = @_;
    my $source = $server->create_database;
    $source->sql($sql);
    PgSample::Test::Catalog::is_final($source);
    return $source;
}

# The first columns of the rows that the oracle has of each table of schema public.
sub expected_by_oracle
{
    my $texts = $_[0]->row_texts;
    my %ids;
    for my $table (grep { %{ $texts->{$_} } } keys %$texts) {
        my @ids = map { (first_column($_)) x $texts->{$table}{$_} } keys %{ $texts->{$table} };
        my $is_text = grep { !/\A\d+\z/ } @ids;
        $ids{ $table =~ s/\Apublic\.//r } =
            join ' ', sort { $is_text ? $a cmp $b : $a <=> $b } @ids;
    }
    return \%ids;
}

sub first_column
{
    my ($text) = @_;
    return $text =~ /\A\("([^"]*)|\A\(([^,)]*)/ ? $1 // $2 : '';
}

# These rows by hand, and no others; the same by the program. The modes share the oracle.
sub slice
{
    my ($source, $name, $expected, @argument) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $oracle = !staging() && eval { PgSample::Test::Oracle->new($source, @argument) };
    my $got = staging() ? $expected
        : $oracle && eval { expected_by_oracle($oracle) } || "oracle: $@";
    is_deeply($got, $expected, "$name: by hand") or diag explain $got;
    return program_is_exact($source, $name, (grep { !ref } @argument),
        { oracle => $oracle, map { %$_ } grep { ref } @argument });
}

sub program_is_exact
{
    my ($source, $name, @argument) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    eval { rows_are_exact($source, "$name: by the program", @argument); 1 }
        or fail("$name: $@");
    return;
}

sub file_with
{
    my ($name, $text) = @_;
    open my $file, '>:raw', "$directory/$name" or die "could not write: $!\n";
    print {$file} $text;
    close $file or die "could not write: $!\n";
    return "$directory/$name";
}

subtest 'two self references: parent and thread' => sub {
    my $db = source_with(<<'SQL');
CREATE TABLE person (id int PRIMARY KEY);
CREATE TABLE post (id int PRIMARY KEY, parent int REFERENCES post,
    thread int NOT NULL REFERENCES post, author int NOT NULL REFERENCES person);
INSERT INTO person SELECT generate_series(1, 4);
INSERT INTO post VALUES (1, NULL, 1, 1), (2, 1, 1, 2), (3, 2, 1, 1), (4, NULL, 4, 2),
    (5, 4, 4, 3), (6, 5, 4, 1), (7, 3, 4, 3), (8, NULL, 8, 3), (9, 7, 8, 2);
SQL
    my %most = (post => '1 2 3 4 7 8 9', person => '1 2 3');
    slice($db, 'an answer',    {%most}, '--root=post:2');
    slice($db, 'a first post', {%most}, '--root=post:1');
    slice($db, 'one generation', { post => '1 2 3', person => '1 2' }, '--root=post:2',
        '--depth=1');
    slice($db, 'one edge', { post => '1 2 3', person => '1 2' }, '--root=post:1',
        '--children=post_parent_fkey = 0');
    slice($db, 'the other edge', {%most}, '--root=post:1', '--children=post_thread_fkey=0');
    slice($db, 'two of a thread', { post => '4 5 6', person => '1 2 3' }, '--root=post:4',
        '--children=post_thread_fkey = 2');
    slice($db, 'the newest two', { post => '1 2 3 4 5 6 7 8 9', person => '1 2 3' },
        '--root=post:4', '--children=post_thread_fkey = 2', '--ordered');
    slice($db, 'who wrote nothing', { person => '4' }, '--root=person:4');
    slice($db, 'both edges cut, by their table', { post => '1 2', person => '1 2' },
        '--root=post:2', '--children=post = 0');
};

subtest 'a diamond: customer, payment method, invoice' => sub {
    my $db = source_with(<<'SQL');
CREATE TABLE customer (id int PRIMARY KEY);
CREATE TABLE method (id int PRIMARY KEY, customer int NOT NULL REFERENCES customer);
CREATE TABLE invoice (id int PRIMARY KEY, customer int NOT NULL REFERENCES customer,
    method int REFERENCES method);
INSERT INTO customer VALUES (1), (2), (3);
INSERT INTO method VALUES (10, 1), (20, 2), (11, 1);
INSERT INTO invoice VALUES (100, 1, 10), (101, 1, 20), (102, 2, 20), (103, 2, 11),
    (104, 3, NULL);
SQL
    my @root = ('--root=customer:1');
    slice($db, 'all that is below',
        { customer => '1 2', method => '10 11 20', invoice => '100 101 103' }, @root);
    slice($db, 'depth 1', { customer => '1 2', method => '10 11 20', invoice => '100 101' },
        @root, '--depth=1');
    slice($db, 'depth 0', { customer => '1' }, @root, '--depth=0');
    slice($db, 'from its bottom', { customer => '1 2', method => '11', invoice => '103' },
        '--root=invoice:103');
    slice($db, 'from the middle', { customer => '1 2', method => '20', invoice => '101 102' },
        '--root=method:20');
    slice($db, 'roots add up',
        { customer => '1 2 3', method => '20', invoice => '101 102 104' },
        '--root=method:20', '--root=customer = id > 2', '--root=customer:3');
};

subtest 'a cycle of two tables without NULLs' => sub {
    my $db = source_with(<<'SQL');
CREATE TABLE dept (id int PRIMARY KEY, head int NOT NULL);
CREATE TABLE emp (id int PRIMARY KEY, dept int NOT NULL REFERENCES dept DEFERRABLE);
INSERT INTO dept VALUES (1, 1), (2, 3), (3, 5);
INSERT INTO emp VALUES (1, 1), (2, 1), (3, 2), (4, 2), (5, 1), (6, 3);
ALTER TABLE dept ADD FOREIGN KEY (head) REFERENCES emp DEFERRABLE INITIALLY DEFERRED;
SQL
    slice($db, 'one employee', { dept => '2', emp => '3 4' }, '--root=emp:4');
    slice($db, 'one department', { dept => '1 3', emp => '1 2 5 6' }, '--root=dept:1');
    slice($db, 'depth 1', { dept => '1', emp => '1 2 5' }, '--root=dept:1', '--depth=1');
    slice($db, 'depth 2', { dept => '1 3', emp => '1 2 5' }, '--root=dept:1', '--depth=2');
    slice($db, 'depth 3', { dept => '1 3', emp => '1 2 5 6' }, '--root=dept:1', '--depth=3');
    slice($db, 'one employee each', { dept => '1', emp => '1' }, '--root=dept:1',
        '--children=emp = 1');
    slice($db, 'the newest each', { dept => '1 3', emp => '1 5 6' }, '--root=dept:1',
        '--children=emp = 1', '--ordered');
};

subtest 'a composite key that contains a foreign key' => sub {
    my $db = source_with(<<'SQL');
CREATE TABLE tenant (label text, id int PRIMARY KEY);
CREATE TABLE project (label text, tenant int REFERENCES tenant, no int, PRIMARY KEY (tenant, no));
CREATE TABLE task (label text, tenant int REFERENCES tenant, project int, no int,
    PRIMARY KEY (tenant, project, no), FOREIGN KEY (tenant, project) REFERENCES project);
INSERT INTO tenant VALUES ('t1', 1), ('t2', 2);
INSERT INTO project VALUES ('p11', 1, 1), ('p12', 1, 2), ('p21', 2, 1);
INSERT INTO task VALUES ('111', 1, 1, 1), ('112', 1, 1, 2), ('121', 1, 2, 1), ('211', 2, 1, 1);
SQL
    slice($db, 'a project', { tenant => 't1', project => 'p11', task => '111 112' },
        '--root=project:(1,1)');
    slice($db, 'a task', { tenant => 't2', project => 'p21', task => '211' },
        '--root=task:(2,1,1)');
    slice($db, 'several keys', { tenant => 't1 t2', project => 'p11 p12 p21',
            task => '112 121 211' }, '--root=task:(2,1,1), ( 1 , 1,2),(1,2,1)');
    slice($db, 'a tenant', { tenant => 't1', project => 'p11 p12', task => '111 112 121' },
        '--root=tenant:(1)');
    slice($db, 'by one branch', { tenant => 't1', project => 'p11', task => '111 112' },
        '--root=tenant:1', '--children=task_tenant_fkey = 0, project = 1');
};

subtest 'foreign keys to different keys of one table' => sub {
    my $db = source_with(<<'SQL');
CREATE TABLE part (id int PRIMARY KEY, code text UNIQUE, serial int NOT NULL UNIQUE);
CREATE TABLE usage (id int PRIMARY KEY, code text REFERENCES part (code),
    serial int REFERENCES part (serial), part int REFERENCES part);
INSERT INTO part VALUES (1, 'a', 10), (2, 'b', 20), (3, NULL, 30);
INSERT INTO usage VALUES (1, 'a', 20, NULL), (2, 'b', 10, NULL), (3, NULL, 30, 3),
    (4, 'b', NULL, 1), (5, NULL, NULL, NULL);
SQL
    slice($db, 'along all', { part => '1 2', usage => '1 2 4' }, '--root=part:1');
    slice($db, 'not along one', { part => '1 2', usage => '1 4' }, '--root=part:1',
        '--children=usage_serial_fkey = 0');
    slice($db, 'one row by two keys', { part => '3', usage => '3' }, '--root=part:3');
    slice($db, 'an edge less', { part => '1', usage => '1 2 4' }, '--root=part:1',
        '--ignore-fk=usage_code_fkey', '--children=usage_serial_fkey = *',
        '--ignore-fk=usage_serial_fkey', '--root=usage = id < 3');
};

subtest 'pgbench, one branch of it' => sub {
    my $db = source_with('');
    my $made = PgSample::Test::Process->run(
        command => [ PgSample::Test::Server::program('pgbench'), qw(-i -q -s 3 --foreign-keys) ],
        env => { $server->environment, PGDATABASE => $db->name });
    ok($made->is_ok, 'is made') or return diag $made->describe;
    $db->sql(<<'SQL');
SET session_replication_role=replica; DELETE FROM pgbench_accounts WHERE aid % 1000 <> 0;
RESET session_replication_role; VACUUM FULL pgbench_accounts;
INSERT INTO pgbench_history (tid, bid, aid, delta, mtime)
SELECT i % 30 + 1, i % 3 + 1, (i % 100 + 1) * 1000 + 100000 * (i % 2), i, '2026-01-01'
  FROM generate_series(1, 600) i;
SQL
    # a row of the history comes by its branch, its teller or its account
    my $n = $db->value(<<'SQL');
SELECT count(*) FROM pgbench_history h
 WHERE h.bid = 1
    OR EXISTS (SELECT FROM pgbench_tellers WHERE tid = h.tid AND bid = 1)
    OR EXISTS (SELECT FROM pgbench_accounts WHERE aid = h.aid AND bid = 1)
SQL
    my $counts = PgSample::Test::Oracle->new($db, '--root=pgbench_branches:1')->counts;
    is($counts->{'public.pgbench_history'}, $n, 'the history of one branch');
    cmp_ok($counts->{'public.pgbench_accounts'}, '>', 100, 'with accounts of others');
    is($counts->{'public.pgbench_branches'}, 3, 'and other branches');
    program_is_exact($db, 'branch 1', '--root=pgbench_branches:1');
    program_is_exact($db, 'ten lines each', '--root=pgbench_branches:1',
        '--children=pgbench_history = 10, pgbench_accounts = 20');
    my @strict = ('--root=pgbench_branches:1',
        '--children=pgbench_history = 0, pgbench_history_bid_fkey = *',
        '--where-column=bid = 1');
    is(PgSample::Test::Oracle->new($db, @strict)->counts->{'public.pgbench_history'}, 200,
        'by one edge');
    program_is_exact($db, 'by one edge and with a filter', @strict);
};

subtest 'down and up, picked and root' => sub {
    my $db = source_with(<<'SQL');
CREATE TABLE p (id int PRIMARY KEY);
CREATE TABLE c (id int PRIMARY KEY, p int NOT NULL REFERENCES p);
CREATE TABLE g (id int PRIMARY KEY, c int REFERENCES c);
INSERT INTO p VALUES (1), (2);
INSERT INTO c VALUES (1, 1), (2, 1), (3, 1), (4, 2);
INSERT INTO g VALUES (1, 3), (2, 1), (3, 4), (4, NULL);
SQL
    my @one = ('--root=p:1', '--children=c = 1');
    slice($db, 'a capped child comes up as well', { p => '1', c => '1 3', g => '1 2' }, @one,
        '--limit=g = id = 1');
    slice($db, 'picked, and a root', { p => '1 2', c => '1', g => '2' }, @one, '--limit=p = *');
    slice($db, 'a root by two rules', { p => '1', c => '1', g => '2' }, @one,
        '--root=p = id = 1');
    slice($db, 'picked rows bring no children', { p => '1 2', c => '1 2 3 4', g => '1 2' },
        '--root=p:1', '--limit=c = *');
    slice($db, 'a bare number for all', { p => '1 2', c => '1 2 3', g => '1 2' }, '--root=p:1',
        '--limit=2');
    slice($db, 'a child that is a root', { p => '1', c => '1 3', g => '1 2' }, @one,
        '--root=c:3');
    my $file = "$directory/report.json";
    my $result = $db->sample('--limit=c = id = 2', '--root=p:1', "--report=$file");
    is($result->status, 0, 'a child that was picked') or return diag $result->stderr;
    my $report = PgSample::Test::Oracle::read_report($file);
    my %rows = map { $_->{table} => "$_->{picked} $_->{children} $_->{referenced}" }
        @{ $report->{tables} };
    is_deeply(\%rows, { p => '1 0 0', c => '1 2 0', g => '0 2 0' }, 'is counted once');
};

subtest 'roots by their keys' => sub {
    plan skip_all => $SAME if staging();
    my $db = source_with(<<'SQL');
CREATE EXTENSION citext;
CREATE SCHEMA "S.1";
CREATE TABLE words (k text PRIMARY KEY);
INSERT INTO words VALUES ('a,b'), ('c"d'), ('(e)'), (' f '), ('x:y'), ('p=q'), ('g h'), (''),
    ('NULL'), ('\N');
CREATE TABLE other (b int NOT NULL, a text NOT NULL, c int);
CREATE UNIQUE INDEX ON other (a, b);
INSERT INTO other VALUES (1, 'x'), (2, 'x'), (1, 'y');
CREATE TABLE "S.1"."T:x = y" (id int PRIMARY KEY);
INSERT INTO "S.1"."T:x = y" VALUES (1), (2);
CREATE TABLE typed (n numeric, u uuid, d timestamptz, t citext, c char(5), b bool,
    PRIMARY KEY (n, u, d, t, c, b));
INSERT INTO typed VALUES (1.50, '11111111-2222-3333-4444-555555555555',
    '2026-01-01 12:00:00+00', 'MiXed', 'ab', true), (2, gen_random_uuid(), now(), '', '', false);
CREATE TABLE part (id int PRIMARY KEY, v text) PARTITION BY RANGE (id);
CREATE TABLE part_2 PARTITION OF part FOR VALUES FROM (11) TO (21);
CREATE TABLE part_1 PARTITION OF part FOR VALUES FROM (1) TO (11);
CREATE TABLE part_3 PARTITION OF part FOR VALUES FROM (21) TO (99) PARTITION BY LIST (id);
CREATE TABLE part_3a PARTITION OF part_3 DEFAULT;
INSERT INTO part SELECT i, 'v' || i % 3 FROM generate_series(30, 1, -1) i;
SQL
    slice($db, 'texts', { words => ' f  (e) a,b c p=q x:y' },
        '--root=words:"a,b","c""d","(e)"," f ",x:y,p=q');
    slice($db, 'words', { words => 'NULL \\\\N g h' }, '--root=words: g h , NULL, \N');
    slice($db, 'an empty text', { words => '' }, '--root=words:""');
    slice($db, 'in parentheses', { words => '(e) a,b' }, '--root=words:("a,b"),("(e)")');
    slice($db, 'another key', { other => '1 2' }, '--root=other:(x,2),("y",1)');
    slice($db, 'a name in quotes', { '"S.1"."T:x = y"' => '2' }, '--root="S.1"."T:x = y":2');
    slice($db, 'and a rule', { '"S.1"."T:x = y"' => '1' },
        '--root="S.1"."T:x = y" = 1 where id < 9');
    slice($db, 'types', { typed => '1.50' }, '--root=typed:(1.5,'
            . '{11111111-2222-3333-4444-555555555555},"2026-01-01 14:00:00+02",mixed,"ab ",yes)');
    slice($db, 'partitions', { part => '5 15 25' }, '--root=part:5,15,25');
    slice($db, 'a count of one partition', { part => '10 19 20 25 26 27 28 29 30' },
        '--root=part_2 = 2', '--root=part_3 = 6', '--root=part_1 = id > 9');
    slice($db, 'of all of them', { part => '8 9 10 20' }, '--root=part = 3',
        '--root=part_2 = 1');
    slice($db, 'and the newest', { part => '10 28 29 30' }, '--root=part = 3',
        '--root=part_1 = 1', '--ordered');
    program_is_exact($db, 'percent', '--root=part = 10%');
    slice($db, 'a pattern', { part => '9 10', other => '1 1 2' }, '--root=other = *',
        '--root=*part = 2');
};

subtest 'roots from CSV' => sub {
    plan skip_all => $SAME if staging();
    my $db = source_with(<<'SQL');
CREATE TABLE "order" (id int PRIMARY KEY, "Kind of" text, day date);
CREATE TABLE line (id int PRIMARY KEY, o int REFERENCES "order");
INSERT INTO "order" SELECT i, 'kind ' || i % 4, DATE '2026-01-01' + i % 5
  FROM generate_series(1, 20) i;
INSERT INTO "order" VALUES (21, E'a "b",\nc', NULL), (22, '', NULL);
INSERT INTO line SELECT i, i FROM generate_series(1, 22) i;
SQL
    my %file = (
        plain   => "id\n3\n5\n",
        crlf    => "id\r\n3\r\n5\r\n",
        bom     => "\xef\xbb\xbfid\n3\n5",
        quoted  => qq("id"\n"3"\n"5"\n"5"\n),
    );
    for my $name (sort keys %file) {
        my $path = file_with("$name.csv", $file{$name});
        slice($db, $name, { '"order"' => '3 5', line => '3 5' }, qq(--root-file="order"=$path));
    }
    slice($db, 'standard input', { '"order"' => '3 5', line => '3 5' },
        '--root-file=public.order=-', { stdin => $file{plain} });
    slice($db, 'standard input and a file', { '"order"' => '3 5 9', line => '3 5 9' },
        '--root-file=order=-', "--root-file=order=$directory/crlf.csv", { stdin => "id\n9\n" });
    slice($db, 'any columns', { '"order"' => '1 13', line => '1 13' }, '--root-file=order='
            . file_with('columns.csv', qq(day,Kind of\n2026-01-02,"kind 1"\n2026-01-04,kind 1\n)));
    slice($db, 'hard text', { '"order"' => '21 22', line => '21 22' }, '--root-file=order='
            . file_with('hard.csv', qq("Kind of"\n"a ""b"",\nc"\n""\n)));
    my $many = source_with('CREATE TABLE t (id int PRIMARY KEY);'
            . 'CREATE TABLE c (id int REFERENCES t);'
            . 'INSERT INTO t SELECT generate_series(1, 9000);'
            . 'INSERT INTO c SELECT id FROM t; CREATE INDEX ON c (id)');
    slice($many, 'many keys', { map { $_ => join ' ', 1 .. 5000 } qw(t c) },
        '--root-file=t=' . file_with('many.csv', join '', map { "$_\n" } 'id', 1 .. 5000));
    for my $missing (['--root=order:3,99'], [ '--root-file=order='
                . file_with('missing.csv', "id\n99\n3\n") ]) {
        my $result = $db->sample('--missing=warn', @$missing);
        is($result->status, 0, '--missing=warn goes on') or diag $result->describe;
        like($result->stderr, qr/warning: .*99/s, 'and says what is missing');
    }
};

subtest 'declared references' => sub {
    my $db = source_with(<<'SQL');
CREATE TABLE customers (id int PRIMARY KEY, email text);
CREATE TABLE orders (id int PRIMARY KEY, customer_email text);
CREATE TABLE events (id int PRIMARY KEY, payload jsonb);
CREATE TABLE posts (id int PRIMARY KEY);
CREATE TABLE comments (id int PRIMARY KEY, subject_type text, subject_id text);
CREATE TABLE range_part (id int, a int, b text) PARTITION BY RANGE (id);
CREATE TABLE range_part_1 PARTITION OF range_part DEFAULT;
INSERT INTO customers VALUES (1, 'a@x'), (2, 'a@x'), (3, 'b@x');
INSERT INTO orders VALUES (10, 'a@x'), (11, 'b@x'), (12, 'zz'), (13, NULL);
INSERT INTO events VALUES (100, '{"order_id": 10}'), (101, '{"order_id": "11"}'), (102, '{}'),
    (103, '{"order_id": 99}');
INSERT INTO posts VALUES (1), (2);
INSERT INTO comments VALUES (200, 'Post', '1'), (201, 'Order', '10'), (202, 'Post', '2'),
    (203, 'Post', '10'), (204, 'Other', 'n/a'), (205, 'Post', '02'), (206, NULL, '1');
CREATE TABLE number (id int PRIMARY KEY, n numeric, b bigint);
INSERT INTO range_part VALUES (1, 1, 'Post'), (2, 2, 'Post'), (3, 10, 'Order');
INSERT INTO number VALUES (1, 10.4, 10), (2, 11.0, 5000000000);
SQL
    my $email  = '--reference=orders(customer_email) -> customers(email)';
    my $event  = q(--reference=events((payload->>'order_id')::bigint) -> orders(id));
    my $post   = q(--reference=comments(subject_id::int) -> posts(id) when subject_type = 'Post');
    my $order  = q(--reference=comments(subject_id::int)->orders(id) when subject_type = 'Order');
    my $double = '--reference=public.range_part(a::text, b) -> comments(subject_id, subject_type)';
    slice($db, 'all that match', { orders => '10', customers => '1 2' }, '--root=orders:10',
        $email);
    slice($db, 'down and up', { orders => '10', customers => '1 2' }, '--root=customers:1',
        $email);
    slice($db, 'nothing matches', { orders => '12 13' }, '--root=orders:12,13', $email);
    slice($db, 'JSON, down', { orders => '10', events => '100' }, '--root=orders:10', $event);
    slice($db, 'JSON, up', { orders => '11', events => '101 102 103', customers => '3' },
        '--root=events = id > 100', $email, $event);
    slice($db, 'polymorphic', { orders => '10', comments => '201' }, '--root=orders:10', $post,
        $order);
    slice($db, 'the other kind', { posts => '2', comments => '202 205' }, '--root=posts:2',
        $order, $post);
    slice($db, 'up from all',
        { posts => '1 2', orders => '10', comments => '200 201 202 203 204 205 206' },
        '--root=comments = *', $post, $order);
    slice($db, 'with a cap', { posts => '2', comments => '202' }, '--root=posts:2', $post,
        '--children=comments = 1');
    slice($db, 'two columns', { range_part => '1', comments => '200' }, '--root=comments:200',
        $double);
    slice($db, 'two columns, up', { range_part => '1 2 3', comments => '200 201 202' },
        '--root=range_part = *', $double);
    # compared as they are: 10.4 is not 10, and what does not fit into an int dangles
    slice($db, 'numeric', { number => '1 2', orders => '11' }, '--root=number = *',
        '--reference=number(n) -> orders(id)');
    slice($db, 'bigint', { number => '1 2', orders => '10' }, '--root=number = *',
        '--reference=number(b) -> orders(id)');
    slice($db, 'bigint, down', { number => '1', orders => '10' }, '--root=orders:10',
        '--reference=number(b) -> orders(id)');
    slice($db, 'picked rows follow it, too', { orders => '11', customers => '3' },
        '--limit=orders = id = 11, 0', $email);
};

my $CAPS = <<'SQL';
CREATE TABLE owner (id int PRIMARY KEY);
CREATE TABLE item (id int PRIMARY KEY, owner int REFERENCES owner, kind int);
CREATE TABLE log (n int, owner int REFERENCES owner);
CREATE TABLE plog (n int, owner int REFERENCES owner) PARTITION BY RANGE (n);
CREATE TABLE plog_high PARTITION OF plog FOR VALUES FROM (10) TO (20);
CREATE TABLE plog_low PARTITION OF plog FOR VALUES FROM (0) TO (10);
CREATE TABLE paper (id int NOT NULL, owner int REFERENCES owner, UNIQUE (id, owner));
CREATE UNIQUE INDEX ON paper (id);
CREATE TABLE node (id int PRIMARY KEY, parent int REFERENCES node);
INSERT INTO owner VALUES (1), (2);
INSERT INTO item SELECT i, i % 2 + 1, i % 4 FROM generate_series(20, 1, -1) i;
INSERT INTO log SELECT i, i / 10 + 1 FROM generate_series(19, 1, -1) i;
INSERT INTO plog SELECT i, 1 FROM generate_series(19, 0, -1) i;
INSERT INTO paper SELECT i, i % 2 + 1 FROM generate_series(6, 1, -1) i;
INSERT INTO node VALUES (4, NULL), (3, 4), (2, 4), (1, 4), (5, 1), (6, 1), (7, 5), (8, 4);
SQL

subtest 'caps' => sub {
    plan skip_all => $SAME if staging();
    my $db = source_with($CAPS);
    my @root = ('--root=owner:1', '--children=* = 0');
    my $items = sub { return { owner => '1', item => $_[0] } };
    slice($db, 'the first by key', $items->('2 4 6'), @root, '--children=item = 3');
    slice($db, 'the newest', $items->('16 18 20'), @root, '--children=item = 3', '--ordered');
    slice($db, 'the oldest', $items->('2 4 6'), @root, '--children=item = 3',
        '--ordered=asc');
    slice($db, 'all', $items->('2 4 6 8 10 12 14 16 18 20'), @root, '--children=item=*');
    slice($db, 'more than there are', $items->('2 4 6 8 10 12 14 16 18 20'), @root,
        '--children=item = 1000');
    slice($db, 'the constraint comes before the table', $items->('2 4'), @root,
        '--children=item_owner_fkey = 2, item = 0');
    slice($db, 'in any order', $items->('2 4'), '--root=owner = id = 1', '--children=item = 0',
        '--children=public.item_owner_fkey = 2', '--children=* = 0');
    slice($db, 'by table and name', $items->('2'), @root, '--children=item.item_owner_fkey = 1');
    slice($db, 'of those that pass the filter', $items->('2 6'), @root, '--children=item = 2',
        '--where-column=kind = 2');
    slice($db, 'whatever else is in the sample', $items->('2 20'), @root,
        '--children=item = 1', '--limit=item = id = 20');
    slice($db, 'of each parent', { owner => '1 2', item => '1 2 3 4' }, '--root=owner = *',
        '--children=item = 2', '--children=* = 0');
    slice($db, 'without a key', { owner => '1', log => '7 8 9' }, @root, '--children=log = 3');
    slice($db, 'whatever the order', { owner => '1', log => '7 8 9' }, @root,
        '--children=log = 3', '--ordered');
    slice($db, 'partitions without a key',
        { owner => '1', plog => '0 1 2 3 4 5 6 7 8 9 18 19' }, @root, '--children=plog = 12');
    slice($db, 'another key than the primary one', { owner => '1', paper => '2 4' }, @root,
        '--children=paper = 2');
    slice($db, 'and its newest', { owner => '1', paper => '4 6' }, @root,
        '--children=paper = 2', '--ordered');
    slice($db, 'two wildcards',
        { owner => '1', log => '8 9', plog => '8 9', item => '2 4', paper => '2 4' },
        '--root=owner:1', '--children=*log = 2, *e* = 2');
    slice($db, 'roots do not count', { node => '1 2 4 5 6 7 8' }, '--root=node:8,4,5',
        '--children=node = 2');
    slice($db, 'on a tree, the newest', { node => '3 4 8' }, '--root=node:4',
        '--children=node = 2', '--ordered');
    slice($db, 'depth and cap', { node => '1 4 5' }, '--root=node:4', '--children=node = 1',
        '--depth=2');
    program_is_exact($db, "stable, $_", @root, '--random=stable', "--children=$_ = 3")
        for 'item', 'paper', 'node_parent_fkey';
    my $random = sub {
        my $result = $db->sample(@root, '--data-only', '--children=item = 3', @_);
        is($result->status, 0, "@_") or diag $result->stderr;
        return PgSample::Test::DumpText->new($result->stdout)->column('public.item', 'id');
    };
    is(@{ $random->("--random=$_") }, 3, 'three children') for 1 .. 2;
    is_deeply($random->('--random=7'), $random->('--random=7'), 'the same seed');
    my %drawn = map { join(' ', @{ $random->("--random=$_") }) => 1 } 11 .. 15;
    cmp_ok(scalar keys %drawn, '>', 1, 'other seeds');
};

subtest 'lookup tables' => sub {
    my $db = source_with(<<'SQL');
CREATE TABLE country (id int PRIMARY KEY);
CREATE TABLE kind (id int PRIMARY KEY, parent int REFERENCES kind);
CREATE TABLE big (id int PRIMARY KEY);
CREATE TABLE lonely (id int PRIMARY KEY);
CREATE TABLE tree (id int PRIMARY KEY, parent int REFERENCES tree);
CREATE TABLE main (id int PRIMARY KEY, country int REFERENCES country,
    kind int REFERENCES kind, big int REFERENCES big);
INSERT INTO country VALUES (1), (2), (3);
INSERT INTO kind VALUES (1, NULL), (2, 1);
INSERT INTO big SELECT generate_series(1, 50);
INSERT INTO lonely VALUES (1);
INSERT INTO tree VALUES (1, NULL);
INSERT INTO main SELECT i, i % 3 + 1, i % 2 + 1, i FROM generate_series(1, 50) i;
SQL
    my %whole = (country => '1 2 3', kind => '1 2');
    slice($db, 'up to three rows', { %whole, main => '1', big => '1' }, '--root=main:1',
        '--lookup-rows=3');
    slice($db, 'up to two rows', { country => '2', kind => '1 2', main => '1', big => '1' },
        '--root=main:1', '--lookup-rows=2');
    slice($db, 'none', { country => '2', kind => '1 2', main => '1', big => '1' },
        '--root=main:1', '--lookup-rows=0');
    slice($db, 'but for a rule', { country => '1 2', kind => '1 2', main => '1', big => '1' },
        '--root=main:1', '--lookup-rows=9', '--limit=country = 1');
    slice($db, 'a rule for all does not count', { %whole, main => '1', big => '1' },
        '--limit=main = 1, * = 0', '--lookup-rows=3');
    slice($db, 'whole tables are no roots', { %whole }, '--lookup-rows=5', '--limit=0');
    slice($db, 'within the filter', { country => '2 3', kind => '1 2', main => '4', big => '4' },
        '--root=main:4', '--lookup-rows=9', '--where-column=id <> 1');
    slice($db, 'that nobody needs', {}, '--limit=0', '--lookup-rows=9', qw(-t country -t tree));
    slice($db, 'of a selection', { %whole, main => '7', big => '7' },
        '--root=main:7', '--lookup-rows=3', qw(-t main -t country -t kind));
};

subtest 'one filter for all tables' => sub {
    my $db = source_with(<<'SQL');
CREATE TABLE customer (id int PRIMARY KEY, tenant int);
CREATE TABLE product (id int PRIMARY KEY, tenant int);
CREATE TABLE orders (id int PRIMARY KEY, tenant int, customer int REFERENCES customer, kind int);
CREATE TABLE line (id int PRIMARY KEY, o int REFERENCES orders, product int REFERENCES product);
CREATE TABLE setting (key text PRIMARY KEY, tenant text, "Mixed" int);
INSERT INTO customer VALUES (1, 7), (2, 7), (3, 8), (4, NULL);
INSERT INTO product VALUES (50, 7), (51, 7), (52, 8), (53, 7);
INSERT INTO orders VALUES (10, 7, 1, 1), (11, 7, 2, 2), (12, 8, 3, 1), (13, 8, 1, 1), (14, 7, 3, 2);
INSERT INTO line VALUES (100, 10, 50), (101, 11, 51), (102, 12, 52), (103, 13, 50), (104, 14, 52);
INSERT INTO setting VALUES ('a', '7', 1), ('b', '8', 2);
SQL
    my %all = (customer => '1 2 3', orders => '10 11 13 14', line => '100 101 103 104',
        product => '50 51 52 53', setting => 'a');
    my @seven = (q(--where-column=tenant = '7'));
    slice($db, 'its rows are roots', {%all}, @seven);
    slice($db, 'in any case', {%all}, q(--where-column=TENANT IN ('7', '9')));
    slice($db, 'two filters', {%all}, @seven, '--where-column=kind = 2');
    slice($db, 'a name in quotes', { setting => 'b' }, '--where-column="Mixed" > 1');
    slice($db, 'with a root', { customer => '1', orders => '10', line => '100', product => '50' },
        '--root=customer:1', @seven);
    slice($db, 'and a limit', { customer => '1', orders => '10', line => '100',
            product => '50 51' }, '--root=customer:1', @seven, '--limit=product = 2');
    slice($db, 'a limit of another table', { customer => '1 3', orders => '10 12',
            product => '50 52', line => '100 102' }, '--root=customer:1', @seven,
        '--limit=line = id = 102');
    slice($db, 'a count of roots', { customer => '2', orders => '11', line => '101',
            product => '51' }, '--root=customer = 1 where id > 1', @seven);
    slice($db, 'no children', { customer => '1 2 3', orders => '10 11 14',
            product => '50 51 53', setting => 'a' }, @seven, '--depth=0');
};

subtest 'ignored keys' => sub {
    my $db = source_with(<<'SQL');
CREATE TABLE emp (id int PRIMARY KEY, boss int REFERENCES emp);
CREATE TABLE pair (a int, b int, PRIMARY KEY (a, b));
CREATE TABLE strict (id int PRIMARY KEY, a int, b int,
    FOREIGN KEY (a, b) REFERENCES pair MATCH FULL);
CREATE TABLE half (id int PRIMARY KEY, a int NOT NULL, b int, note text,
    twice int GENERATED ALWAYS AS (id * 2) STORED, FOREIGN KEY (a, b) REFERENCES pair);
CREATE TABLE parted (id int PRIMARY KEY, emp int REFERENCES emp) PARTITION BY HASH (id);
CREATE TABLE parted_0 PARTITION OF parted FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE parted_1 (gone int, emp int, id int NOT NULL);
ALTER TABLE parted_1 DROP gone;
ALTER TABLE parted ATTACH PARTITION parted_1 FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO emp VALUES (1, NULL), (2, 1), (3, 2);
INSERT INTO pair VALUES (1, 2), (1, 3);
INSERT INTO strict VALUES (1, 1, 2), (2, NULL, NULL);
INSERT INTO half VALUES (1, 1, 2, 'a,"b"'), (2, 1, NULL, NULL), (3, 1, 3, '');
INSERT INTO parted SELECT i, i % 3 + 1 FROM generate_series(1, 9) i;
SQL
    my $texts = sub {
        my ($name, $table, $expected, @argument) = @_;
        my $got = eval { PgSample::Test::Oracle->new($db, @argument)->row_texts } || {};
        is_deeply([ sort keys %{ $got->{"public.$table"} } ], $expected, "$name: by hand")
            or diag $@, explain $got;
        program_is_exact($db, $name, @argument);
    };
    for my $pattern ('emp_boss_fkey', 'public.emp_boss_fkey', 'emp.emp_boss_fkey', 'emp', 'e*') {
        $texts->("by $pattern", 'emp', ['(3,)'], '--root=emp:3', "--ignore-fk=$pattern");
    }
    $texts->('kept where it can be', 'emp', [ '(2,)', '(3,2)' ], '--root=emp:3',
        '--limit=emp = id = 2', '--ignore-fk=emp');
    $texts->('MATCH FULL', 'strict', [ '(1,,)', '(2,,)' ], '--root=strict = *',
        '--ignore-fk=strict_a_b_fkey');
    $texts->('MATCH FULL, kept', 'strict', [ '(1,1,2)', '(2,,)' ], '--root=strict = *',
        '--ignore-fk=strict_a_b_fkey', '--limit=pair = b = 2');
    $texts->('only what may be NULL', 'half', [ '(1,1,,"a,""b""",2)', '(2,1,,,4)', '(3,1,3,"",6)' ],
        '--root=half = *', '--ignore-fk=half_a_b_fkey', '--limit=pair = b = 3');
    $texts->('partitions', 'parted', [ '(4,2)', '(5,)', '(6,1)' ],
        '--root=parted = id between 4 and 6', '--ignore-fk=parted', '--limit=emp = id = 2');
    $texts->('all of them', 'half', [ '(1,1,,"a,""b""",2)' ], '--root=half:1', '--root=emp:2',
        '--ignore-fk=*');
    $texts->('no children along it', 'emp', ['(2,)'], '--root=emp:2', '--ignore-fk=emp_*',
        '--children=parted = 0');
};

done_testing;
