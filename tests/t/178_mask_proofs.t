# What is proved of masked rows before anything is written: constraints that masks break end
# the run with status 5, and no message names a value; raw values that are left elsewhere
# are found.

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
my $key       = "$directory/key";

my $source = $server->create_database;
$source->sql(<<'SQL');
CREATE DOMAIN company_mail AS text CHECK (VALUE LIKE '%@corp.org');
CREATE DOMAIN given AS text NOT NULL;
CREATE TABLE people (
    id int PRIMARY KEY, email text, work company_mail, given given, name varchar(24), short varchar(12), code text NOT NULL,
    no int, twice int GENERATED ALWAYS AS (no * 2) STORED, tags varchar(8)[], extra text, more text,
    CONSTRAINT code_form CHECK (code ~ '^[a-z]{6}-[0-9]+$'),
    CONSTRAINT never_both CHECK (twice > 0 OR name IS NULL));
CREATE UNIQUE INDEX first_letter ON people ("left"(name, 1));
CREATE UNIQUE INDEX only_few ON people (length(extra)) WHERE id <= 2;
CREATE UNIQUE INDEX only_one ON people (length(more)) WHERE id <= 1;
ALTER TABLE people ADD CONSTRAINT late CHECK (email LIKE '%@corp.org') NOT VALID;
CREATE TABLE days (id int, day date, who text, PRIMARY KEY (id, day)) PARTITION BY RANGE (day);
CREATE TABLE days_1 PARTITION OF days (CONSTRAINT days_1_who CHECK (who LIKE 'secret%')) FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
CREATE TABLE days_2 PARTITION OF days DEFAULT;
CREATE FUNCTION picky(text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE
    AS $$ BEGIN IF $1 LIKE 'secret%' THEN RETURN true; END IF; RAISE EXCEPTION 'not picked'; END $$;
CREATE TABLE sums (id int, who text, a int, b int GENERATED ALWAYS AS (a + 1) STORED, CONSTRAINT who_b CHECK (b > 100 OR who LIKE 'secret%'));
CREATE TABLE wholes (id int, who text);
CREATE FUNCTION seen(wholes) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1.who LIKE ''secret%''';
ALTER TABLE wholes ADD CONSTRAINT seen CHECK (public.seen(wholes.*));
CREATE TABLE odd (id int, who text CHECK (public.picky(who)), whole text, CONSTRAINT row_check CHECK (odd.* IS NOT NULL));
INSERT INTO people (id, email, work, given, name, short, code, no, tags, extra, more)
SELECT i, 'secret' || i || '@corp.org', 'secret.' || i || '@corp.org', 'secret one', chr(64 + i) || 'secret', 'secret' || i,
       'secret-' || i, i, ARRAY['secret' || i], 'secret' || repeat('x', i), 'secret more' || i FROM generate_series(1, 50) i;
INSERT INTO days SELECT i, date '2020-06-01' + 10 * i, 'secret ' || i FROM generate_series(1, 40) i;
INSERT INTO sums SELECT i, 'secret ' || i, i FROM generate_series(1, 10) i;
INSERT INTO wholes SELECT i, 'secret ' || i FROM generate_series(1, 10) i;
INSERT INTO odd SELECT i, 'secret ' || i, 'secret whole' FROM generate_series(1, 10) i;
SQL
ok($source->sample("--new-mask-key=$key")->is_ok, 'a key is made');

sub masked
{
    my ($rules, @argument) = @_;
    return $source->sample('--limit=* = *', "--mask=$rules", "--mask-key-file=$key", @argument);
}

sub fails
{
    my ($rules, $message, $name) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $result = masked($rules);
    is($result->status, 5, "$name: status 5") or diag $result->describe;
    like($result->stderr, qr/error: the proof of masks failed: $message; nothing was written$/m, "$name: message")
        or diag $result->stderr;
    is($result->stdout, '', "$name: nothing is written");
    unlike($result->stderr, qr/secr(?:et)?[.\d]|\@corp/, "$name: no value");
    return;
}

sub works
{
    my ($rules, $name, @argument) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $result = masked($rules, @argument);
    ok($result->is_ok, $name) or diag $result->describe;
    return $result;
}

# ---- constraints

fails('people.code = hash 16', 'masked rows do not satisfy CHECK constraint code_form of table public[.]people', 'a CHECK');
like(masked('people.code = hash 16')->stderr, qr/^pg-sample: detail: The masked columns that it uses: code \(people[.]code = hash 16\)[.]$/m,
    'and the column with its rule');
works('people.code = pattern', 'a mask that keeps it');
fails('people.work = email', 'masked rows do not satisfy constraint "company_mail_check" of domain company_mail, in table public[.]people',
    'a domain');
works('people.work = email corp.org', 'one that keeps the domain');
fails('people.given = sql(CASE WHEN id < 9 THEN given END)',
    'masked rows do not satisfy NOT NULL of domain given, in table public[.]people|a masked value of column given .* is NULL', 'NOT NULL of a domain');
fails('people.code = sql(NULL)', 'a masked value of column code of table public[.]people is NULL', 'NOT NULL');
fails(q{people.short = sql(repeat('x', id))}, 'a masked value of column short of table public[.]people is longer than 12 characters', 'a length');
fails(q{people.tags = sql(ARRAY['short', repeat('x', id)])}, 'a masked value of column tags of table public[.]people is longer than 8 characters',
    'a length in an array');
fails('people.name = hash', 'masked rows do not satisfy unique index public[.]first_letter of table public[.]people',
    'a unique index with an expression');
fails('people.extra = hash', 'masked rows do not satisfy unique index public[.]only_few of table public[.]people', 'a partial unique index');
works('people.more = hash', 'rows that are not in it');
fails('people.no = sql(-no)', 'masked rows do not satisfy CHECK constraint never_both of table public[.]people', 'a CHECK of a generated column');
fails('days.who = words', 'masked rows do not satisfy CHECK constraint days_1_who of table public[.]days', 'a CHECK of a partition');
works(q{days.who = sql(CASE WHEN day < '2021-01-01' THEN 'secret' ELSE 'else' END)}, 'rows of other partitions');
fails('odd.who = words', '\S+ cannot be evaluated for masked rows of table public[.]odd', 'a CHECK that fails');
fails('odd.whole = sql(NULL)', 'masked rows do not satisfy CHECK constraint row_check of table public[.]odd', 'a CHECK of whole rows');

fails('sums.who = hash', 'masked rows do not satisfy CHECK constraint who_b of table public[.]sums', 'a CHECK of a generated column that stays');
fails('wholes.who = hash', 'masked rows do not satisfy CHECK constraint seen of table public[.]wholes', 'a CHECK by a function of whole rows');

# What the source breaks already, masks may break.
fails('people.email = email', 'masked rows do not satisfy CHECK constraint late of table public[.]people', 'a constraint that is not valid');
$source->sql(<<'SQL');
ALTER TABLE people DROP CONSTRAINT late;
UPDATE people SET email = 'secret' || id || '@else.org' WHERE id < 40;
ALTER TABLE people ADD CONSTRAINT late CHECK (email LIKE '%@corp.org') NOT VALID;
SQL
works(q{people.email = sql(CASE WHEN id < 40 THEN 'x@else.org' ELSE 'x@corp.org' END)}, 'rows that break it unmasked may break it masked');
$source->sql(<<'SQL');
UPDATE people SET short = NULL WHERE id > 45;
UPDATE pg_attribute SET attnotnull = true WHERE attrelid = 'people'::regclass AND attname = 'short'; -- as NOT NULL with NOT VALID does
SQL
works('people.short = words', 'NULL where it is not allowed any more may stay');
fails('people.short = sql(CASE WHEN id <> 45 THEN short END)', 'a masked value of column short of table public[.]people is NULL', '... alone');

# ---- leaks

my $leaky = $server->create_database;
$leaky->sql(<<'SQL');
CREATE TABLE customer (id int PRIMARY KEY, email text UNIQUE, name text, phone text);
CREATE TABLE log (id int PRIMARY KEY, new_row jsonb, line text, words text[], n bigint);
CREATE TABLE other (a text, b varchar(40));
COMMENT ON TABLE other IS 'ask zoe.unique7@corp.org';
INSERT INTO customer SELECT i, 'zoe.unique' || i || '@corp.org', 'Zoë Uni' || chr(97 + i % 26) || i, '+49 30 55' || 10000 + i FROM generate_series(1, 90) i;
INSERT INTO log SELECT i, jsonb_build_object('email', upper('zoe.unique' || i || '@corp.org')),
    E'call Zoë Uni' || chr(97 + i % 26) || i || ', or +49-30-55' || 10000 + i, ARRAY['x', 'zoe.unique' || i || '@corp.org'], 5510000 + i FROM generate_series(1, 31) i;
INSERT INTO other SELECT 'a' || i || '@else.org', 'nothing' FROM generate_series(1, 20) i;
SQL

sub leaks
{
    my (@argument) = @_;
    return $leaky->sample('--limit=* = *', "--mask-key-file=$key", @argument);
}

my $result = leaks('--mask=customer.email = email, customer.name = name, customer.phone = phone');
ok($result->is_ok, 'leaks are warnings') or diag $result->describe;
for (['email', 'log[.]new_row', 31], ['email', 'log[.]words', 31], ['name', 'log[.]line', 31], ['phone', 'log[.]line', 31],
    ['email', 'definitions', 1])
{
    my ($column, $place, $n) = @$_;
    like($result->stderr, qr/warning: masks: values of public[.]customer[.]$column occur $n times? in (?:public[.])?$place$/m, "$column in $place");
}
is(() = $result->stderr =~ /masks: values of/g, 5, 'nothing else is found');
unlike($result->stderr, qr/unique\d|Uni[a-z]\d|55100/i, 'no value is named');
like($result->stderr, qr/warning: 1 column without a mask looks personal: public[.]other[.]a \(e-mail addresses\)$/m, 'contents are looked at');

$result = leaks('--mask=customer.email = email, customer.name = name, customer.phone = phone, other.a = keep', '--mask-required');
is($result->status, 5, 'with --mask-required they are errors');
is($result->stdout, '', 'and nothing is written');

$result = leaks('--mask=customer.email = email, customer.name = name, customer.phone = phone, '
        . 'log.new_row = json all, log.line = scrub, log.words = words, other.a = keep');
unlike($result->stderr, qr/occur \d+ times? in public|looks personal/, 'masks of these columns help') or diag $result->stderr;

done_testing();
