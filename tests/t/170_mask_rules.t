# Which columns a rule of --mask is for, and which rules are refused, with the columns named,
# before any row is read.

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
CREATE EXTENSION citext;
CREATE EXTENSION btree_gist;
CREATE TYPE mood AS ENUM ('sad', 'ok', 'O''Hara', 'very "happy"');
CREATE DOMAIN code AS varchar(4);
CREATE DOMAIN strict_code AS code NOT NULL CHECK (VALUE <> 'none');
CREATE COLLATION either (provider = icu, locale = 'und-u-ks-level2', deterministic = false);

CREATE TABLE customers (id serial PRIMARY KEY, email citext UNIQUE, name text NOT NULL, phone varchar(20),
    born date, mood mood, profile jsonb, tags text[], code code, strict strict_code DEFAULT 'x',
    slug text COLLATE either UNIQUE, active boolean, fee numeric(8, 2), sum numeric(8, 2) GENERATED ALWAYS AS (fee * 2) STORED);
CREATE UNIQUE INDEX ON customers ((lower(name)), active);
CREATE INDEX ON customers (born);
CREATE TABLE orders (id bigint PRIMARY KEY, customer_id int NOT NULL REFERENCES customers, customer_email citext
    REFERENCES customers (email), small smallint, note text, extra jsonb UNIQUE, placed timestamptz);
CREATE TABLE items (id int PRIMARY KEY, order_id bigint REFERENCES orders, small int UNIQUE);
ALTER TABLE orders ADD FOREIGN KEY (small) REFERENCES items (small);
CREATE TABLE legacy (id int, owner text, lower_mail text, at date, cust int);
CREATE TABLE "Odd ""name"
(
    "col.with dot" text, "a
newline" text, "$.x" text, "=" text, "Ümläut" text
);
CREATE SCHEMA other;
CREATE TABLE other.customers (id int PRIMARY KEY, email text, phone int);
CREATE TABLE logs (day date NOT NULL, level int NOT NULL, phone text, note text) PARTITION BY RANGE (day, (level % 3));
CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM ('2026-01-01', 0) TO ('2027-01-01', 0) PARTITION BY LIST (phone);
CREATE TABLE logs_1_a PARTITION OF logs_1 DEFAULT;
ALTER TABLE logs_1_a ALTER note SET NOT NULL;
CREATE TABLE rooms (id int PRIMARY KEY, who uuid, guest text, span tsrange, EXCLUDE USING gist (who WITH =, guest WITH =, span WITH &&));
CREATE TABLE base (id int PRIMARY KEY, mail text);
CREATE TABLE derived (extra text) INHERITS (base);
CREATE TABLE parts (no int PRIMARY KEY, sku text GENERATED ALWAYS AS ('P' || no) STORED UNIQUE);
CREATE TABLE stock (sku text REFERENCES parts (sku));
CREATE VIEW seen AS SELECT * FROM customers;
INSERT INTO customers (email, name) SELECT 'c' || i || '@example.org', 'Name ' || i FROM generate_series(1, 30) i;
INSERT INTO orders (id, customer_id) SELECT 70 * i, i FROM generate_series(1, 30) i;
SQL

sub rules { return map { "--mask=$_" } @_ }

# The lines that --plan prints about masks.
sub masks
{
    my (@argument) = @_;
    my $result = $db->sample('--plan', @argument);
    return $result->stderr if $result->status != 0;
    my ($masks) = $result->stdout =~ /^Masks[^\n]*:\n(.*?)(?:\n\n|\z)/ms;
    return $masks // '';
}

sub masks_are
{
    my ($rules, $expected, $name, @argument) = @_;
    is(masks(rules(@$rules), @argument) . "\n", $expected, $name // $rules->[0]);
    return;
}

# The run must fail before anything is written, in one message with all of these.
sub refuses
{
    my ($rules, @messages) = @_;
    my $file = "$directory/out.sql";
    my @argument = map { ref $_ ? @$_ : rules($_) } ref $rules ? @$rules : $rules;
    my $result = $db->sample("--file=$file", @argument);
    my $stderr = $result->stderr;
    my $n = () = $stderr =~ /^pg-sample: error:/mg;
    my @problems = map { "no $_" } grep { $stderr !~ $_ } @messages;
    push @problems, "$n errors" if $n != 1;
    push @problems, 'status ' . $result->status if $result->status != 1;
    push @problems, map { "$_ is left" } grep { -e } $file, "$file.part";
    push @problems, map { "schema $_ is left" } @{ PgSample::Test::Staging::drop_staging_schemas($db) };
    is(join("\n", @problems), '', ref $rules ? "@$rules" : $rules) or diag($stderr);
    return;
}

subtest 'what is masked' => sub {
    masks_are([ 'public.customers.email = email' ], <<'TEXT');
  public.customers.email = email
    and with it 1 column: public.orders.customer_email
TEXT
    masks_are([ 'orders.customer_email = email' ], <<'TEXT', 'a rule for the other side');
  public.orders.customer_email = email
    and with it 1 column: public.customers.email
TEXT
    masks_are([ 'base.mail = email', 'derived.extra = words' ], <<'TEXT', 'inherited columns');
  public.base.mail = email
    and with it 1 column: public.derived.mail
  public.derived.extra = words
TEXT
    masks_are([ 'other.customers.email = keep, *.email = email' ], <<'TEXT', 'the first rule that matches');
  public.customers.email = email
    and with it 1 column: public.orders.customer_email
  other.customers.email = keep
TEXT
    masks_are([ 'customers.profile $.a = email, customers.profile $.b = phone, customers.profile = keep, customers.profile $.a = hash' ],
        <<'TEXT', 'paths');
  public.customers.profile $.a = email, $.b = phone
TEXT
    masks_are([ 'customers.profile $.a = keep, customers.profile = json all' ], <<'TEXT', 'all but a path');
  public.customers.profile = json all, $.a = keep
TEXT
    masks_are([ q{"Odd ""name"."col.with dot" = hash, "Odd ""name"."$.x" = hash, "Odd ""name"."=" = hash,
        "Odd ""name"."a
newline" = hash, "Odd ""name"."Ümläut" = hash} ], <<'TEXT', 'odd names');
  public."Odd ""name"."col.with dot" = hash
  public."Odd ""name"."a\nnewline" = hash
  public."Odd ""name"."$.x" = hash
  public."Odd ""name"."=" = hash
  public."Odd ""name"."Ümläut" = hash
TEXT
    masks_are([ q{customers.mood = pick 'very "happy"'|'O''Hara', customers.tags = words} ], <<'TEXT', 'quotes in values');
  public.customers.mood = pick 'very "happy"'|'O''Hara'
  public.customers.tags = words
TEXT
    masks_are([ 'logs.note = words', 'rooms.who = uuid' ], <<'TEXT', 'partitions, exclusion constraints');
  public.logs.note = words
  public.rooms.who = uuid
TEXT
};

subtest 'how far keys reach' => sub {
    like(masks(rules('customers.id = key')), qr/customers[.]id = key \(1 to 30\)/, 'the last value of the sequence');
    like(masks(rules('orders.id = key')), qr/orders[.]id = key \(1 to 10000\)/, 'the next power of ten');
    like(masks(rules('orders.id = key 5000')), qr/orders[.]id = key 5000(?!.*1 to)/, 'a number of the rule');
    $db->sql('INSERT INTO customers (id, name) VALUES (500, $$late$$)');
    like(masks(rules('customers.id = key')), qr/customers[.]id = key \(1 to 500\)/, 'values beyond the sequence');
    $db->sql('DELETE FROM customers WHERE id = 500');
    $db->sql('INSERT INTO items (id, small) VALUES (1, 32000)');
    like(masks(rules('items.small = key')), qr/items[.]small = key \(1 to 32767\)/, 'the narrowest column decides');
    $db->sql('INSERT INTO derived VALUES (77)');
    like(masks(rules('base.id = key')), qr/base[.]id = key \(1 to 100\)/, 'values of a child that no key covers');
    $db->sql('DELETE FROM derived');
    like(masks(rules('parts.no = keep, base.id = key')), qr/base[.]id = key \(1 to 10\)/, 'an empty table');
};

subtest 'references that are declared' => sub {
    my @plain = ('--reference', 'legacy(cust) -> public.customers(id)');
    masks_are([ 'public.customers.id = key 1000' ], <<'TEXT', 'a column alone', @plain);
  public.customers.id = key 1000; there are fewer than a million keys, so who knows the masks of some has few to choose from for the others
    and with it 2 columns: public.legacy.cust, public.orders.customer_id
TEXT
    my @computed = [ '--reference', 'legacy(lower(lower_mail)) -> other.customers(email)' ];
    refuses([ @computed, $_ ], qr/column public[.]legacy[.]lower_mail cannot be masked/, qr/declared reference "legacy.*keep/s)
        for 'legacy.lower_mail = email', '*.lower_mail = email';
    refuses([ @computed, 'other.customers.email = email' ], qr/column other[.]customers[.]email cannot be masked/);
    masks_are([ 'legacy.lower_mail = keep, legacy.owner = name' ], <<'TEXT', 'what is kept, and others', @{ $computed[0] });
  public.legacy.owner = name
  public.legacy.lower_mail = keep
TEXT
    my @ignored = ('--ignore-fk', 'orders_customer_email_fkey');
    masks_are([ 'public.customers.email = email' ], <<'TEXT', 'a foreign key that is ignored counts', @ignored);
  public.customers.email = email
    and with it 1 column: public.orders.customer_email
TEXT
};

subtest 'rules that match nothing' => sub {
    refuses('customer.email = email', qr/no table matches "customer"/, qr/Did you mean "customers"/);
    refuses('customers.emial = email', qr/table other[.]customers has no column that matches "emial"/, qr/Did you mean "email"/);
    refuses('public.customers.emial = email', qr/table public[.]customers has no column/, qr/Did you mean "email"/);
    refuses('seen.email = email', qr/no table matches "seen"/);
    refuses('logs_1.note = words', qr/matches only partitions/, qr/logs_1 is part of public[.]logs/);
    refuses('Customers."Email" = email', qr/has a column that matches|has no column/, qr/Did you mean "email"/);
    refuses('*.phoone = phone', qr/no table that matches "[*]" has a column that matches "phoone"/, qr/Did you mean "phone"/);
    refuses('customers = email', qr/mask rule 1 .*the column has no table before it/);
    refuses('customers.email', qr/there is no "COLUMN =" in it/);
    refuses('customers.email = emial', qr/there is no mask "emial"/, qr/Did you mean "email"/);
};

subtest 'what a column cannot have' => sub {
    my $no = qr/cannot be masked by rule/;
    refuses('customers.sum = null', $no, qr/public[.]customers[.]sum/, qr/it is generated/);
    refuses('logs.day = date year', $no, qr/public[.]logs[.]day/, qr/to which partition a row belongs/);
    refuses('logs.level = noise 10%', $no, qr/to which partition/);
    refuses('logs.phone = phone', $no, qr/to which partition/);
    refuses('logs.note = null', $no, qr/it is NOT NULL/);
    refuses('customers.name = null', $no, qr/it is NOT NULL/);
    refuses('customers.strict = null', $no, qr/it is NOT NULL/);
    refuses('customers.born = email', $no, qr/mask "email" does not take type date/);
    refuses('other.customers.phone = email', $no, qr/mask "email" does not take type integer/);
    refuses('customers.name $.a = email', $no, qr/type text has no paths/);
    refuses('customers.profile = email', $no, qr/mask "email" does not take type jsonb/);
    refuses('customers.code = email', $no, qr/customers[.]code/);
    refuses('rooms.guest = name', $no, qr/exclusion constraint public[.]rooms_who_guest_span_excl/);
    refuses('rooms.guest = hash', $no, qr/Only the masks key and uuid/);
    refuses('orders.placed = shift 30d by nobody', $no, qr/its table has no column "nobody"/);
    refuses('parts.no = key', $no, qr/a generated column of a foreign key is computed from it/);
};

subtest 'values that a rule has' => sub {
    my $no = qr/cannot be masked by rule/;
    refuses('customers.born = fixed tomorrow-ish', $no, qr/type date does not take the value "tomorrow-ish".*invalid input syntax/);
    refuses('customers.mood = fixed happy', $no, qr/mood/);
    refuses('customers.code = fixed abcde', $no, qr/abcde|longer than 4/);
    refuses('customers.code = fixed äöüßé', $no, qr/no room for the value "äöüßé"/);
    refuses('customers.strict = fixed none', $no, qr/does not take the value "none".*check constraint/);
    refuses('customers.active = fixed maybe', $no, qr/boolean|unique/);
    refuses('customers.mood = pick sad|glad', $no, qr/glad/);
    refuses('customers.fee = fixed 12345678', $no, qr/numeric field overflow/);
    like(masks(rules('customers.code = fixed äöüß')), qr/code = fixed äöüß/, 'as many letters as there is room for');
    like(masks(rules("customers.tags = fixed '{a,b}'")), qr/tags = fixed/, 'an element of an array');
};

subtest 'keys' => sub {
    my $no = qr/cannot be masked by rule/;
    refuses('customers.email = name', $no, qr/a column of a unique or referenced key, and mask "name"/);
    refuses('orders.customer_email = name', $no, qr/public[.]orders[.]customer_email/, qr/it refers to public[.]customers[.]email/);
    refuses('customers.name = name', $no, qr/hint: Masks for it: email, user_name, name unique, .*keep; --mask-list describes them/);
    refuses('rooms.who = key', $no, qr/hint: Masks for it: uuid, fixed, null, keep, sql;/);
    refuses('customers.fee = email', $no, qr/hint: Masks for it: key, noise, bucket, fixed, null, keep, sql;/);
    refuses('customers.active = pick t|f', $no, qr/unique/);
    refuses('orders.extra = json all', $no);
    refuses('orders.extra $.a = hash', $no, qr/a rule for a path cannot be for a column of a key/);
    refuses('customers.email = null', $no, qr/a column of a key/);
    refuses('customers.email = sql(lower(email))', $no, qr/an SQL expression need not keep/);
    refuses('customers.id = hash', $no, qr/does not take type integer/);
    refuses('customers.slug = hash', $no, qr/nondeterministic/);
    like(masks(rules('customers.slug = keep')), qr/slug = keep/, 'but it can be kept');
};

# Expressions are tried for no row, so a sample without rows fails as well.
subtest 'expressions' => sub {
    my @no_rows = ([ '--limit=* = 0' ]);
    my $could_not = qr/could not compute mask "derived[.]extra = sql[(].*of column extra of table public[.]derived: /;
    refuses([ 'derived.extra = sql(nosuch(extra))', @no_rows ], qr/${could_not}function nosuch/);
    refuses([ 'derived.extra = sql(nosuch)', @no_rows ], qr/${could_not}column "nosuch" does not exist/);
    refuses([ 'derived.extra = sql(tableoid)', @no_rows ], qr/${could_not}column "tableoid" does not exist/);
    refuses([ 'derived.extra = sql(extra ||)', @no_rows ], qr/${could_not}syntax error/);
    refuses([ 'customers.fee = sql(now())', @no_rows ], qr/cannot cast type timestamp with time zone to/);
    like(masks(rules('derived.extra = sql(nosuch(extra))')), qr/${could_not}function nosuch/, '--plan says it, too');
    like(masks(rules('derived.extra = sql(upper(derived.extra))')), qr/extra = sql/, 'a good one');
};

subtest 'conflicts' => sub {
    my $same = qr/columns public[.]\S+ and public[.]\S+ must have the same mask/;
    refuses('customers.id = key, orders.customer_id = keep', $same, qr/customers[.]id = key.*orders[.]customer_id = keep/);
    refuses('customers.email = email, orders.customer_email = hash', $same, qr/"customers[.]email = email".*"orders[.]customer_email = hash"/);
    refuses('base.mail = email, derived.mail = hash', $same, qr/inheritance/);
    refuses('customers.email = email, *.customer_email = email example.net', $same);
    like(masks(rules('customers.id = key, *.* = keep')), qr/customers[.]id = key.*\n    and with it \d+ columns?: .*orders[.]customer_id/,
        'to keep the rest is no conflict');
    like(masks(rules('orders.customer_id = key, *.*id = keep')), qr/customers[.]id = key.*\n    and with it \d+ columns?: .*orders[.]customer_id/, 'nor by the other side');
    refuses('*.id = keep, orders.customer_id = key', $same);
    like(masks(rules('customers.email = email, *.customer_email = email')), qr/email = email/, 'the same rule twice');
    refuses('customers.profile = null, customers.profile $.a = hash', qr/column public[.]customers[.]profile has rule "customers[.]profile = null", and for a path/);
};

subtest 'wildcards' => sub {
    my $result = $db->sample('--plan', rules('*.*phone* = phone, *.phone = keep'));
    is($result->status, 0, 'columns that cannot have the mask are passed over');
    like($result->stderr, qr/notice: rule "[*][.][*]phone[*] = phone" does not apply to 1 column that it matches: public[.]logs[.]phone \(it decides/,
        'and named');
    like($result->stdout, qr/customers[.]phone = phone\n/, 'others are masked');
    like($result->stdout, qr/public[.]logs[.]phone = keep\n/, 'and the next rule is for the column');
    like($db->sample('--plan', rules('customers.s* = null'))->stderr, qr/NOT NULL|key/, 'what its values would break is an error');
    $result = $db->sample('--plan', rules('*.* = keep'));
    is($result->status, 0, 'everything can be kept');
    unlike($result->stderr, qr/notice: rule|never applies/, 'without a word');
    like($db->sample('--plan', rules('*.* = keep, customers.email = email'))->stderr,
        qr/warning: mask rule "customers[.]email = email" never applies, since "[*][.][*] = keep" comes before it\n.*specific rules/, 'a rule that comes too late');
    unlike($db->sample('--plan', rules($_))->stderr, qr/never applies/, "but not: $_")
        for 'customers.email = email, customers.email = keep', '*.email = keep, customers.e* = email, other.* = keep', '*.* = keep, customers.profile $.a = hash';
};

subtest 'the configuration file' => sub {
    my $path = "$directory/masks.json";
    my $write = sub {
        open my $file, '>', $path or die "$path: $!";
        print {$file} $_[0];
        close $file or die "$path: $!";
    };
    $write->('{"mask": ["public.customers.email = email", "legacy.owner = name, legacy.at = date year"]}');
    is(masks("--config=$path") . "\n", <<'TEXT', 'an array of rules');
  public.customers.email = email
    and with it 1 column: public.orders.customer_email
  public.legacy.owner = name
  public.legacy.at = date year
TEXT
    $write->('{"mask": ["customers.email = email", "legacy.owner = nam"]}');
    refuses([ [ "--config=$path" ] ], qr/there is no mask "nam"/, qr/member "mask\[1\]"/);
    $write->('{"mask": "customers.email = email", "mask-key-file": "/nowhere/at all", "mask-required": true}');
    refuses([ [ "--config=$path" ] ], qr{/nowhere/at all});
};

subtest 'the key' => sub {
    my $key = "$directory/key";
    my $result = $db->sample("--new-mask-key=$key");
    is($result->status, 0, '--new-mask-key') or diag($result->stderr);
    is((stat $key)[2] & 0777, 0600, 'for its owner alone');
    is($db->sample("--new-mask-key=$key")->status, 4, 'never over a file that is there');
    $result = $db->sample('--plan', "--mask-key-file=$key", rules('legacy.owner = name'));
    like($result->stdout, qr/^Masks, by the key [0-9a-f]{8,16}:$/m, 'its fingerprint is in the plan');
    like($db->sample('--plan', rules('legacy.owner = name'))->stdout, qr/^Masks, by a random key:$/m, 'or that there is none');
    chmod 0644, $key or die $!;
    refuses([ [ "--mask-key-file=$key" ], 'legacy.owner = name' ], qr/\Q$key\E/);
    my $list = $db->sample('--mask-list');
    is($list->status, 0, '--mask-list');
    like($list->stdout, qr/^$_\b/m, "it has $_") for qw(keep null fixed key email name phone hash uuid);
};

subtest 'labels' => sub {
    my $label = sub {
        my ($column, $text) = @_;
        $db->sql(<<"SQL");
DELETE FROM pg_seclabel;
INSERT INTO pg_seclabel
SELECT attrelid, 'pg_class'::regclass, attnum, p, '$text' FROM pg_attribute, (VALUES ('anon'), ('other')) AS x (p)
 WHERE attrelid = 'legacy'::regclass AND attname = '$column'
SQL
    };
    $label->(owner => 'MASKED WITH FUNCTION anon.fake_email()');
    is(masks('--mask-labels') . "\n", <<'TEXT', 'a label');
  public.legacy.owner = email
TEXT
    is(masks('--mask-labels', rules('legacy.owner = hash')) . "\n", <<'TEXT', 'a rule comes first');
  public.legacy.owner = hash
TEXT
    is(masks(rules('legacy.cust = keep')) . "\n", <<'TEXT', 'no label without the option');
  public.legacy.cust = keep
TEXT
    $label->(owner => 'MASKED WITH FUNCTION public.own_mask(owner)');
    refuses([ ['--mask-labels'] ], qr/label of column owner of table public[.]legacy: MASKED WITH FUNCTION public[.]own_mask/, qr/hint: A rule of --mask/);
    like(masks('--mask-labels', rules('legacy.owner = keep')), qr/owner = keep/, 'which a rule replaces');
    $label->(at => 'MASKED WITH FUNCTION anon.fake_email()');
    refuses([ ['--mask-labels'] ], qr/column public[.]legacy[.]at cannot be masked/, qr/does not take type date/);
    $db->sql('DELETE FROM pg_seclabel');
};

# The manifest has the rules and what tells keys apart; the key itself is given again.
subtest 'a kept sample' => sub {
    my @keys = map { "$directory/resume.$_" } 1, 2;
    $db->sample("--new-mask-key=$_") for @keys;
    my ($first, $second) = map { "--file=$directory/kept.$_.sql" } 1, 2;
    my $slurp = sub {
        open my $file, '<', "$directory/kept.$_[0].sql" or die $!;
        local $/ = undef;
        return <$file>;
    };
    my $run = $db->sample('--keep', $first, "--mask-key-file=$keys[0]", rules('customers.email = email, customers.name = name unique'));
    is($run->status, 0, 'a masked sample') or diag($run->stderr);
    like($run->stderr, qr/warning: the kept schema is not masked/, 'a warning that what is kept is not');
    my $without = $db->sample('--resume', $second);
    is($without->status, 1, 'no --resume without the key');
    like($without->stderr, qr/error: the sample is to be masked with the key whose fingerprint is [0-9a-f]+\n.*--mask-key-file/, 'and it says which');
    is($db->sample('--resume', $second, "--mask-key-file=$keys[1]")->status, 1, 'nor with another one');
    ok(!-e "$directory/kept.2.sql", 'no dump');
    is($db->sample('--resume', $second, '--mask=legacy.owner = name')->status, 1, 'and no other rules');
    my $again = $db->sample('--resume', $second, "--mask-key-file=$keys[0]");
    is($again->status, 0, 'with the key') or diag($again->stderr);
    is($slurp->(2), $slurp->(1), 'the dump is the same');
    unlike($slurp->(1), qr{Name \d|\@example[.]org}, 'without the values');
    PgSample::Test::Staging::drop_staging_schemas($db);

    $run = $db->sample('--keep', $first, rules('customers.name = name unique'));
    is($run->status, 0, 'a random key') or diag($run->stderr);
    like($run->stderr, qr/notice: masks differ from run to run/, 'and a notice');
    $again = $db->sample('--resume', $second);
    is($again->status, 0, 'another random key') or diag($again->stderr);
    like($again->stderr, qr/notice: masks differ from run to run/, 'and a notice again');
    isnt($slurp->(2), $slurp->(1), 'so masks differ');
    PgSample::Test::Staging::drop_staging_schemas($db);
};

done_testing();
