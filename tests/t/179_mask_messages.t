# Where values are masked, no message tells one: not that of an error in the data, of a
# function of the source, or of a notice.

use strict;
use warnings;

use File::Temp ();
use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Server;

my $server = PgSample::Test::Server->start;
my $source = $server->create_database;

$source->sql(<<'SQL');
CREATE TABLE people (id int PRIMARY KEY, email text, note text);
INSERT INTO people SELECT i, 'canary' || i || '@corp.org', 'canary note' FROM generate_series(1, 9) i;
CREATE FUNCTION noisy(text) RETURNS bool LANGUAGE plpgsql AS $$ BEGIN RAISE NOTICE 'saw %', $1; RETURN true; END $$;
CREATE FUNCTION failing(text) RETURNS bool LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'saw %', $1 USING ERRCODE = '55000', DETAIL = 'it is ' || $1; END $$;
CREATE FUNCTION dynamic(text) RETURNS bool LANGUAGE plpgsql AS $$
BEGIN EXECUTE format('SELECT missing(%L)', $1); RETURN true; END $$;
SQL

my @MASK = ('--mask=people.email = email, people.note = words');

for my $mode ([], ['--use-staging']) {
    for my $case (
        ['a condition',              '22P02', '--limit=people = email::int > 0'],
        ['a function',               '55000', '--limit=people = public.failing(email)'],
        ['the context of an error',  '42883', '--limit=people = public.dynamic(email)'],
        ['a mask that is SQL',       '22P02', '--mask=people.id = keep', '--mask=people.note = sql(email::int::text)'],
        )
    {
        my ($name, $sqlstate, @argument) = @$case;
        my $result = $source->sample('-vv', @$mode, @argument, @MASK);

        ok(!$result->is_ok, "$name @$mode: there is an error");
        unlike($result->stderr, qr/canary/, "$name @$mode: which tells no value");
        like($result->stderr, qr/$sqlstate/, "$name @$mode: but its SQLSTATE");
    }
    my $result = $source->sample(@$mode, '--limit=people = public.noisy(email)', @MASK);
    ok($result->is_ok, "notices @$mode do not matter") or diag $result->describe;
    unlike($result->stderr, qr/canary/, "notices @$mode tell no value");
    like($result->stderr, qr/notices, which are not shown/, "but @$mode it is said that there are some");
}

# Keys of a file are values, too.
my $file = File::Temp->new;
print {$file} "email\ncanary1\@corp.org\ncanary0\@corp.org\n";
close $file or die $!;
my $missing = $source->sample("--root-file=people=$file", @MASK);
ok(!$missing->is_ok, 'a key of a file without a row is an error');
unlike($missing->stderr, qr/canary/, 'which does not tell the key');
like($missing->stderr, qr/no row with the key \(\?\) in line 3/, 'but its line');

# Configuration rows of extensions go out without being sampled, and have no masks.
my $extended = $server->create_database;
$extended->sql(<<'SQL');
CREATE EXTENSION citext;
CREATE TABLE people (id int PRIMARY KEY, email text);
CREATE TABLE settings (id int PRIMARY KEY, email text);
INSERT INTO settings VALUES (1, 'canary@corp.org');
ALTER EXTENSION citext ADD TABLE settings;
UPDATE pg_extension SET extconfig = ARRAY['settings'::regclass::oid], extcondition = ARRAY[''] WHERE extname = 'citext';
SQL
for my $mode ('--no-staging', '--use-staging') {
    my $required = $extended->sample($mode, '--mask=*.email = email', '--mask-required');
    is($required->status, 7, "$mode: a column of configuration rows must have a mask, too");
    like($required->stderr, qr/public[.]settings[.]email [(]its table belongs to an extension[)]/, "$mode: the rule passed over it");
}

# Nor does what only masked columns refer to.
my $pictured = $server->create_database;
$pictured->sql(<<'SQL');
CREATE TABLE people (id int PRIMARY KEY, picture oid, letter oid);
INSERT INTO people SELECT 1, lo_from_bytea(0, 'canary'), lo_from_bytea(0, 'plain');
SQL
my ($canary, $letter) = map { unpack 'H*', $_ } 'canary', 'plain';
for my $mode ('--no-staging', '--use-staging') {
    my $seen = $pictured->sample($mode);
    like($seen->stdout, qr/$canary/, "$mode: without masks the dump has the large object");
    my $result = $pictured->sample($mode, '--mask=people.picture = null');
    ok($result->is_ok, "$mode: a reference to a large object is masked") or diag $result->describe;
    unlike($result->stdout, qr/$canary/, "$mode: the large object is left out");
    like($result->stdout, qr/$letter/, "$mode: the one of a column without a mask is there");
}

my $plain = $source->sample('--limit=people = email::int > 0');
like($plain->stderr, qr/canary1/, 'without masks the text of the server is shown');

done_testing;
