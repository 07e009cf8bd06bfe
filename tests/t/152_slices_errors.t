# What is said about slices that make no sense: one message with the place and a hint, and
# nothing is left behind.

use strict;
use warnings;

use File::Temp ();
use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Server;
use PgSample::Test::Staging;

my $server    = PgSample::Test::Server->start;
my $directory = File::Temp->newdir;
my $db        = $server->create_database;
$db->sql(<<'SQL');
CREATE SCHEMA a;
CREATE TABLE customers (id int PRIMARY KEY, email text, day date, tenant int);
CREATE TABLE orders (id int, line int, customer int NOT NULL REFERENCES customers,
    tenant text, PRIMARY KEY (id, line));
CREATE TABLE notes (id int PRIMARY KEY, customer int REFERENCES customers,
    CONSTRAINT whose CHECK (customer IS NOT NULL));
CREATE TABLE no_key (a int, b int);
CREATE TABLE events (id int PRIMARY KEY, payload jsonb);
CREATE TABLE a.same (id int PRIMARY KEY);
CREATE TABLE "B c" (id int PRIMARY KEY);
CREATE SCHEMA b;
CREATE TABLE b.same (id int PRIMARY KEY);
CREATE VIEW seen AS SELECT * FROM customers;
CREATE TABLE shared (id int PRIMARY KEY, line int, o int, customer int REFERENCES customers,
    next int UNIQUE REFERENCES customers, day int, twice int GENERATED ALWAYS AS (day * 2) STORED,
    FOREIGN KEY (day) REFERENCES customers,
    FOREIGN KEY (o, line) REFERENCES orders, FOREIGN KEY (line, customer) REFERENCES orders);
CREATE TABLE of_shared (id int PRIMARY KEY, next int REFERENCES shared (next));
INSERT INTO customers SELECT i, 'c' || i, DATE '2026-01-01' + i, 6 + i FROM generate_series(1, 4) i;
INSERT INTO orders SELECT i, 1, i, i::text FROM generate_series(1, 4) i;
INSERT INTO notes VALUES (1, 1), (2, 2);
INSERT INTO events VALUES (1, '{"n": "1"}'), (2, '{"n": "two"}');
SQL

my $n_runs = 0;

# A part of the runs has a pg_dump to end as well.
sub some_without_schema { return $n_runs++ % 4 ? '--data-only' : () }

# The run must fail with the status, say all of it in one message, and leave nothing.
sub refuses
{
    my ($status, $arguments, $messages, $name, @last) = @_;
    my $file = "$directory/out.sql";
    my $result = $db->sample("--file=$file", some_without_schema(), @$arguments, @last);
    my $stderr = $result->stderr;
    my @problems = map { "no $_" } grep { $stderr !~ $_ } @$messages;
    my $n = () = $stderr =~ /^pg-sample: error:/mg;
    push @problems, "$n errors" if $n != 1;
    push @problems, 'status ' . $result->status . ", not $status"
        if $result->status !~ /\A(?:$status)\z/;
    push @problems, 'output' if $result->stdout ne '';
    push @problems, 'a very long message' if length $stderr > 3000;
    push @problems, map { "$_ is left" } grep { -e } $file, "$file.part";
    push @problems, map { "schema $_ is left" }
        @{ PgSample::Test::Staging::drop_staging_schemas($db) };
    unlink $file, "$file.part";
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    ok(!@problems, $name) or diag join "\n", @problems, substr $result->describe, 0, 1500;
    return;
}

# The same for one option, or one option several times.
sub refuses_each
{
    my ($option, $status, $values, @more) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    return refuses($status, [ map { "$option=$_" } ref $values ? @$values : $values ], @more);
}

sub root { return refuses_each('--root', @_) }
sub filter { return refuses_each('--where-column', @_) }
sub children { return refuses_each('--children', 1, @_, '--root=customers:1') }
sub reference { return refuses_each('--reference', @_, '--limit=*') }
sub ignore { return refuses_each('--ignore-fk', @_, '--limit=*') }

subtest 'tables of roots' => sub {
    root(1, 'custmers:1', [ qr/custmers/, qr/hint: .*customers/ ], 'a typing error');
    root(1, 'custmers = 1', [ qr/custmers/, qr/hint: .*customers/ ], 'in a rule');
    root(1, 'cust* = nosuch = 1', [qr/nosuch/], 'a pattern');
    root(1, 'x* = 1', [qr/x\*/], 'a pattern that matches nothing');
    root(1, 'cust*:1', [qr/cust\*/], 'no key for a pattern');
    root(1, 'same:1', [ qr/same/, qr/hint: / ], 'two tables of that name');
    root(1, 'B c:1', [ qr/b c/i, qr/hint: / ], 'quotes are missing');
    root(1, 'seen:1', [qr/seen/], 'a view');
    root(1, 'no_key:1', [ qr/no_key/, qr/key/, qr/hint: / ], 'a table without a key');
    refuses(1, [ '--root=customers:1', '--table=orders' ], [qr/customers/], 'not selected');
    refuses(1, [ '--root=customers:1', '--exclude-table-data=customers' ], [qr/customers/],
        'without data');
    root(1, [ 'orders:(1,1)', 'custmers:1' ], [qr/custmers/], 'one of several');
};

subtest 'roots that find no row' => sub {
    open my $file, '>', "$directory/empty.csv" or die "could not write: $!\n";
    print {$file} "id\n";
    close $file or die "could not write: $!\n";
    my $empty = "--root-file=customers=$directory/empty.csv";
    my @nothing = (qr/takes no row of table (?:\w+\.)?\w+/, qr/hint: .*--missing=warn/);
    root(1, 'customers = id = 99', \@nothing, 'a condition');
    root(1, 'customers = 5 where id > 99', \@nothing, 'a count');
    root(1, [ 'customers:1', 'orders = false' ], [ qr/"orders = false"/, @nothing ],
        'one of several');
    root(1, 'customers* = email = NULL', \@nothing, 'a pattern');
    filter(1, 'id = 99', [ qr/no row satisfies --where-column/, $nothing[1] ], 'a filter');
    for my $root ('--root=customers = id = 99', '--where-column=id = 99', $empty) {
        my $result = $db->sample($root, $root eq $empty ? () : '--missing=warn');
        is($result->status, 0, "--missing=warn, $root") or diag $result->stderr;
        like($result->stderr, qr/^pg-sample: warning: .*no row/m, '... with a warning');
    }
    my $some = $db->sample('--root=*s = true', '--children=* = 0');
    is($some->status, 0, 'some of the tables have none') or diag $some->stderr;
    is($db->sample('--root=customers = 0', '--limit=orders = 1')->status, 0, 'none are wanted');
};

subtest 'keys of roots' => sub {
    root(1, 'customers:99', [ qr/customers/, qr/99/, qr/hint: .*--missing=warn/ ], 'no such row');
    root(1, 'customers:1,77,88', [ qr/77/, qr/88/ ], 'no such rows');
    root(1, 'customers:one', [ qr/customers/, qr/one/, qr/integer|id/ ], 'not a number');
    root(1, 'customers:99999999999', [ qr/customers/, qr/99999999999/ ], 'out of range');
    root(1, 'customers:""', [qr/customers/], 'an empty text');
    root(1, q(customers:1'), [qr/customers/], 'a quote');
    root(1, 'customers:1) OR (true', [qr/customers/], 'an injection');
    root(1, 'customers:(1,2)', [ qr/customers/, qr/hint: |id/ ], 'too many values');
    root(1, 'orders:1', [ qr/orders/, qr/id, line|\(id|2/ ], 'too few');
    root(1, 'orders:(1,1),(2)', [qr/orders/], 'too few in one key');
    root(1, 'orders:(1,2,3)', [qr/orders/], 'too many in a key');
    root(1, $_, [qr/\Q$_\E|root/], "malformed: $_")
        for 'customers:', 'customers:1,', 'customers:(1', 'orders:(1,1', 'customers:"1',
        'customers', '', '=5', ':5', 'customers:1 2"', 'orders:((1,1))', 'customers:1)';
};

subtest 'conditions of roots' => sub {
    root(1, 'customers = id = ', [ qr/customers/, qr/id =/ ], 'a syntax error');
    root(1, 'customers = nosuch = 1', [ qr/customers/, qr/nosuch/ ], 'no such column');
    root(1, 'customers = id = 1) OR (true', [qr/customers/], 'parentheses');
    root(1, 'customers = id = 1; DROP TABLE notes', [qr/customers/], 'two statements');
    root(1, 'customers = id', [qr/customers/], 'not a truth value');
    root(1, 'customers = -1', [qr/customers/], 'a negative number');
    root(1, 'customers = 5 where', [qr/customers/], 'nothing behind where');
    root(3, 'customers = 1 / (id - 2) > 0', [ qr/customers/, qr/division by zero/ ],
        'an expression that fails on some rows');
    root(3, 'customers = 3 where email::date > day', [ qr/customers/, qr/c1/ ], 'a cast');
};

sub root_file
{
    my ($status, $text, $messages, $name, @more) = @_;
    my $path = "$directory/roots.csv";
    open my $file, '>', $path or die "could not write: $!\n";
    binmode $file;
    print {$file} $text;
    close $file or die "could not write: $!\n";
    my $table = @more && !ref $more[0] ? shift @more : 'customers';
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    return refuses($status, ["--root-file=$table=$path"], [ qr/roots\.csv/, @$messages ], $name,
        @more);
}

subtest 'files of roots' => sub {
    refuses('1|4', ["--root-file=customers=$directory/none.csv"], [qr/none\.csv/], 'no file');
    refuses('1|4', ["--root-file=customers=$directory"], [qr/\Q$directory\E/], 'a directory');
    refuses(1, ['--root-file=customers'], [qr/customers/], 'no name');
    refuses(1, ['--root-file=customers='], [qr/customers/], 'an empty name');
    refuses(1, [ '--root-file=customers=-', '--root-file=notes=-' ], [qr/-/],
        'standard input twice', { stdin => "id\n1\n" });
    refuses(1, ['--root-file=customers=-'], [ qr/standard input|stdin|-/, qr/99/ ],
        'standard input', { stdin => "id\n99\n" });
    refuses(1, ["--root-file=custmers=$directory/none.csv"],
        [ qr/custmers/, qr/hint: .*customers/ ], 'a table that is not there');
    root_file(1, '', [qr/empty|header/], 'an empty file');
    root_file(1, "\xef\xbb\xbf", [qr/empty|header/], 'nothing but a mark');
    root_file(1, "idd\n1\n", [ qr/idd/, qr/hint: .*id/ ], 'no such column');
    root_file(1, "id,id\n1,1\n", [qr/id/], 'a column twice');
    root_file(1, "id,\n1,1\n", [], 'a column without a name');
    root_file(1, "id,email\n1,c1\n2\n", [qr/line 3|:3/], 'a field is missing');
    root_file(1, "id,email\n1,c1\n2,c2,\n", [qr/line 3|:3/], 'a field too many');
    root_file(1, "id\n1\n\"2\n3\n", [qr/line [345]|:[345]/], 'a quote that is not closed');
    root_file(1, "id\n1\n2\"3\n", [qr/line 3|:3/], 'a quote inside');
    root_file(1, "id\n\"1\"\n\"2\"3\n", [qr/line 3|:3/], 'text behind a quote');
    root_file(1, "id\n1\n2\0\n", [ qr/line 3|:3/, qr/NUL|zero|null/i ], 'a NUL byte');
    root_file(1, "id\n1\n\"2\0\"\n", [qr/line 3|:3/], 'in quotes');
    root_file(1, "i\0d\n1\n", [qr/line 1|:1|header/], 'in the header');
    root_file(1, "id,email\n1,c1\n2,\n", [ qr/line 3|:3/, qr/missing/ ], 'no value');
    root_file(1, "id\r\n1\r\nx\r\n", [ qr/line 3|:3/, qr/x/ ], 'not a number');
    root_file(1, "email,id\n\"a\nb\",1\n\"c\nd\",x\n", [qr/line [45]|:[45]/],
        'lines are those of the file');
    root_file(1, "id\n1\n99\n", [ qr/99/, qr/hint: .*--missing=warn/ ], 'no such row');
    root_file(1, "email\nnobody\n", [qr/nobody/], 'of any column');
    root_file(1, "email\n\xff\xfe\n", [qr/line 2|:2|encoding/], 'not UTF-8');
    root_file(1, "id\n1\n" . '9' x 1_000_000 . "\n", [qr/line 3|:3/], 'a field of a megabyte');
    root_file(1, "email\n" . 'x' x 1_000_000 . "\n", [qr/line 2|:2|no row/], 'and a text of it');
    root_file(1, '"' . 'x' x 1_000_000, [], 'a header of a megabyte');
    root_file(1, "a;b\n1;2\n", [qr/a;b/], 'another separator', 'no_key');
};

subtest 'children' => sub {
    children([ 'orders = 1', 'orders = 2' ], [ qr/orders = 1/, qr/orders = 2/, qr/conflict/i ],
        'two numbers for one table');
    children(['orders = 1, public.orders = *'], [qr/orders/], 'in one list');
    children([ '* = 1', 'ord* = 2' ], [ qr/\* = 1/, qr/ord\* = 2/ ], 'two wildcards');
    children([ 'orders_customer_fkey = 0', 'orders.orders_customer_fkey=3' ],
        [qr/orders_customer_fkey/], 'two numbers for one foreign key');
    children(['ordrs = 1'], [ qr/ordrs/, qr/hint: .*orders/ ], 'a typing error');
    children(['order_customer_fkey = 1'], [qr/order_customer_fkey/], 'in the name of a key');
    children(['x* = 1'], [qr/x\*/], 'a pattern that matches nothing');
    children(['customers = 1'], [qr/customers/], 'a table without references');
    children([$_], [qr/children|\Q$_\E/], "malformed: $_")
        for 'orders', 'orders = ', 'orders = x', 'orders = -1', 'orders = 5%', '= 1', '',
        'orders = 1,', 'orders = 1.5', 'orders = 99999999999999999999', '"orders = 1';
    my $result = $db->sample('--root=customers:1', '--children=orders = 2',
        '--children=public.orders = 2, * = 0');
    is($result->status, 0, 'the same number twice is no contradiction') or diag $result->stderr;
    refuses(1, [ '--root=customers:1', "--depth=$_" ], [qr/depth/], "depth $_")
        for '-1', 'x', '1.5', '';
    refuses(1, [ '--root=customers:1', "--lookup-rows=$_" ], [qr/lookup-rows/], "lookup $_")
        for '-1', 'many';
    refuses(1, [ '--root=customers:1', '--missing=ignore' ], [qr/missing/], 'missing');
};

subtest 'a filter' => sub {
    filter(1, 'tenent = 7', [ qr/tenent/, qr/hint: / ], 'no table has the column');
    filter(1, 'tenant = 7', [ qr/tenant/, qr/orders/, qr/text = integer/ ],
        'a type error names the table');
    filter(1, q(tenant = 'x'), [ qr/customers/, qr/integer/ ], 'in a value');
    filter(1, 'tenant = ', [qr/tenant/], 'a syntax error');
    filter(1, 'tenant IS NULL) OR (true', [qr/tenant/], 'parentheses');
    filter(1, 'tenant IS NULL; DROP TABLE notes', [qr/tenant/], 'two statements');
    filter(1, 'tenant IS NULL UNION SELECT true', [qr/tenant/], 'two queries');
    filter(1, $_, [qr/column|\Q$_\E/], "malformed: $_")
        for '= 5', '1 = tenant', '(tenant) = 1', '', '"tenant = 1';
    filter(1, 'tenant', [qr/tenant/], 'no condition');
    filter(3, 'tenant::int / (tenant::int - 8) > 0', [ qr/tenant/, qr/division by zero/ ],
        'an expression that fails on some rows');
    my @eight = (q(--where-column=tenant = '8'), '--children=* = 0');
    refuses(1, [ '--root=customers:1', @eight ], [ qr/customers/, qr/tenant/ ],
        'a root outside of it');
    refuses(1, [ '--root=customers:2,1', @eight ], [qr/customers/], 'one of two');
    refuses(1, [ '--root=customers = id < 3', @eight ], [qr/customers/], 'by a condition');
    refuses(1, [ '--root-file=customers=-', @eight ], [qr/customers/], 'in a file',
        { stdin => "id\n2\n3\n" });
};

subtest 'references' => sub {
    reference(1, 'custmers(id) -> orders(id)', [ qr/custmers/, qr/hint: .*customers/ ],
        'no such table');
    reference(1, 'events(id) -> custmers(id)', [ qr/custmers/, qr/hint: .*customers/ ],
        'on the right');
    reference(1, 'events(idd) -> customers(id)', [ qr/events/, qr/idd/ ], 'no such column');
    reference(1, 'events(id) -> customers(idd)', [ qr/customers/, qr/idd/ ], 'on the right');
    reference(1, 'events(id) -> customers(id + 1)', [qr/id \+ 1/], 'an expression there');
    reference(1, 'events(id, id) -> customers(id)', [qr/events/], 'two columns for one');
    reference(1, 'customers(email) -> events(id)', [qr/text/], 'types that do not compare');
    reference(1, 'events(count(*)) -> customers(id)', [qr/events|aggregate/], 'an aggregate');
    reference(1, 'events(id +) -> customers(id)', [qr/events/], 'a syntax error');
    reference(1, 'events(id) -> customers(id) when id >', [qr/events/], 'in the condition');
    reference(1, 'events(id) -> customers(id) when id', [qr/events/], 'not a truth value');
    reference(1, 'events(id), true AS (x) -> customers(id)', [qr/events/], 'more than a list');
    reference(1, 'events(id) -> customers(id) when true) OR (true', [qr/events/], 'parentheses');
    reference(1, 'events(id) -> customers(id) when true; DROP TABLE notes', [qr/events/],
        'two statements');
    reference(1, 'events((SELECT 1; SELECT 2)) -> customers(id)', [qr/events/], 'in a query');
    reference(1, 'events(id) -> same(id)', [qr/same/], 'two tables of that name');
    reference(1, $_, [qr/reference|\Q$_\E/], "malformed: $_")
        for 'events', 'events(id)', 'events(id) customers(id)', 'events -> customers',
        'events(id) -> customers', 'events() -> customers()', 'events(id -> customers(id)',
        'ev*(id) -> customers(id)', '', 'events(id) -> customers(id) where true',
        'events(id) -> customers(id) when';
    reference(3, q[events((payload->>'n')::int) -> customers(id)], [ qr/events/, qr/two/ ],
        'an expression that fails on some rows');
    refuses(3, [q[--reference=events((payload->>'n')::int) -> customers(id)]],
        [ qr/events/, qr/two/ ], 'on the way down', '--root=customers:2');
};

subtest 'ignored keys' => sub {
    ignore(1, 'note', [ qr/note/, qr/hint: .*notes/ ], 'a typing error');
    ignore(1, 'x*', [qr/x\*/], 'a pattern that matches nothing');
    ignore(1, 'customers', [qr/customers/], 'a table without references');
    ignore(1, 'orders', [ qr/orders/, qr/customer/, qr/NULL/ ], 'a column that is NOT NULL');
    ignore(1, 'shared_o_line_fkey', [ qr/shared/, qr/line/ ], 'a column of two keys');
    ignore(1, 'shared_day_fkey', [ qr/shared/, qr/day/ ], 'a column of a generated one');
    ignore(1, 'shared_next_fkey', [ qr/shared/, qr/next/ ], 'a column that others refer to');
    ignore(1, '', [qr/ignore-fk|pattern/], 'nothing');
    refuses('1|5', [ '--root=notes:1', '--ignore-fk=notes' ], [ qr/notes/, qr/whose/ ],
        'a CHECK constraint that would be broken');
};

subtest 'nothing is harmed' => sub {
    is($db->value('SELECT count(*) FROM notes'), 2, 'the tables are there');
    my $result = $db->sample('--root-file=customers=-', '--data-only', { stdin => "id\n" });
    is($result->status, 0, 'a file without keys is no mistake') or diag $result->stderr;
};

subtest 'other options' => sub {
    refuses(1, [ @$_, '--schema-only' ], [ qr{--}, qr/schema-only/ ],
        "@$_ without rows")
        for ['--root=customers:1'], ['--depth=1'], ['--where-column=id = 1'];
    refuses(1, [ '--root=customers:1', '--children=nosuch = 1', '--ignore-fk=nosuch' ],
        [qr/nosuch/], 'one message for two mistakes');
};

done_testing;
