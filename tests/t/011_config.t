# The configuration file: the same dump as the same options on the command line, in every
# encoding; the command line wins; and what each error says.

use strict;
use warnings;
use utf8;

use Encode ();
use File::Temp ();
use FindBin;
use JSON::PP ();
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Server;

my $server    = PgSample::Test::Server->start;
my $directory = File::Temp->newdir;
my $n_files   = 0;

# A file with these bytes, or with these members as JSON.
sub config_file
{
    my ($content) = @_;
    my $name = "$directory/config" . ++$n_files . '.json';
    open my $file, '>:raw', $name or die "could not open $name: $!";
    print {$file} ref $content ? JSON::PP->new->utf8->pretty->encode($content) : $content;
    close $file or die "could not write $name: $!";
    return $name;
}

sub same_dump
{
    my ($database, $members, $arguments, $name, $option) = @_;
    my $expected = $database->sample(@$arguments, $option || {});
    my $actual   = $database->sample('--config', config_file($members), $option || {});
    is($expected->status, 0, "$name: a dump")         or diag $expected->stderr;
    is($actual->status,   0, "$name: with a file")    or diag $actual->stderr;
    is($actual->stdout, $expected->stdout, "$name: the same");
    return $actual;
}

my $shop = $server->create_database;
$shop->sql(<<'SQL');
CREATE TABLE customer (id int PRIMARY KEY, name text);
CREATE TABLE orders (id int PRIMARY KEY, customer int REFERENCES customer);
CREATE TABLE audit (id int PRIMARY KEY);
INSERT INTO customer SELECT i, 'name ' || i FROM generate_series(1, 200) i;
INSERT INTO orders SELECT i, i % 200 + 1 FROM generate_series(1, 300) i;
INSERT INTO audit SELECT generate_series(1, 10);
CREATE SCHEMA other CREATE TABLE thing (id int PRIMARY KEY);
SQL

subtest 'the same as on the command line' => sub {
    same_dump($shop, {}, [], 'nothing');
    same_dump(
        $shop,
        { limit => [ 'orders = 3', '* = 1' ], inserts => JSON::PP::true },
        [ '--limit=orders = 3', '--limit=* = 1', '--inserts' ], 'a list and a flag'
    );
    same_dump(
        $shop,
        { limit => '20', random => 42, 'rows-per-insert' => 7, keep => JSON::PP::false },
        [ '--limit=20', '--random=42', '--rows-per-insert=7' ], 'numbers'
    );
    same_dump(
        $shop,
        { ordered => 'asc', schema => ['public'], 'exclude-table' => 'aud*',
            'data-only' => JSON::PP::true, 'lock-timeout' => '10s' },
        [ '--ordered=asc', '-n', 'public', '-T', 'aud*', '-a' ], 'a selection'
    );
    my $result = same_dump(
        $shop,
        { limit => '20', 'use-staging' => JSON::PP::true, 'sample-schema' => 'elsewhere',
            verbose => 1 },
        [ '--limit=20' ], 'staging mode'
    );
    like($result->stderr, qr/staging/, 'is what -v speaks of');
};

subtest 'where to connect' => sub {
    my $file = config_file({ dbname => $shop->name, host => $server->host,
        port => $server->port + 0, username => 'postgres' });
    my %option = (no_database => 1, env => { PGHOST => '/nonexistent', PGPORT => 1, PGUSER => 'x' });
    my $result = $shop->sample('--config', $file, {%option});
    is($result->status, 0, 'is in the file') or diag $result->stderr;
    is($result->stdout, $shop->sample->stdout, 'the same dump');
    $file = config_file({ dbname => 'nonexistent' });
    is($shop->sample('--config', $file)->status, 0, 'a named database wins');
    is($shop->sample('--config', $file, '-d', $shop->name, { no_database => 1 })->status, 0,
        'in any form');
    is($shop->sample('--config', $file, { no_database => 1 })->status, 2, 'or counts');
};

subtest 'the command line wins' => sub {
    my $file = config_file({ limit => [ 'orders = 9', '* = 9' ], inserts => JSON::PP::true,
        file => "$directory/unwanted.sql", ordered => 'asc' });
    my $result = $shop->sample('--limit=2', '--config', $file, '-f', "$directory/wanted.sql",
        '--ordered-desc');
    is($result->status, 0, 'a sample') or diag $result->stderr;
    ok(!-e "$directory/unwanted.sql", 'not into the file of the file');
    open my $dump, '<', "$directory/wanted.sql" or die "no dump: $!";
    local $/;
    is(<$dump>, $shop->sample('--limit=2', '--inserts', '--ordered')->stdout,
        'a list is replaced, the rest is added');
};

# A table with a name and a row that are not ASCII; the rule takes a row by its value.
sub encoded_source
{
    my ($encoding, $perl_name) = @_;
    my $source = $server->create_database(encoding => $encoding);
    my $sql = <<'SQL';
CREATE TABLE "Größe" (id int PRIMARY KEY, "été" text);
CREATE TABLE plain (id int PRIMARY KEY);
INSERT INTO "Größe" SELECT i, CASE i WHEN 5 THEN 'ÿ' ELSE 'y' END FROM generate_series(1, 9) i;
INSERT INTO plain VALUES (1);
SQL
    $source->sql(Encode::encode($perl_name, $sql));
    return $source;
}

subtest 'texts that are not ASCII' => sub {
    my %databases = (
        UTF8   => encoded_source('UTF8',   'UTF-8'),
        LATIN1 => encoded_source('LATIN1', 'iso-8859-1'),
    );
    my $rule    = qq{"""Größe"" = ""été"" = 'ÿ'",* = 0};
    my $members = { limit => $rule, table => [qq{"Größe"}], 'sample-schema' => 'Prübe' };
    my @typed   = map { Encode::encode('UTF-8', $_) } "--limit=$rule", '-t', qq{"Größe"};
    for my $encoding (sort keys %databases) {
        my $source = $databases{$encoding};
        for my $dump ('UTF8', 'LATIN1') {
            my %option = (env => { LC_ALL => 'C.UTF-8' });
            my $expected = $source->sample(@typed, '-E', $dump, {%option});
            like($expected->stdout, qr/^5\t[^\n]+$/m, "$encoding as $dump: one row")
                or diag $expected->stderr;
            for my $locale ('C', 'C.UTF-8', 'POSIX') {
                for my $mode ('--no-staging', '--use-staging') {
                    my $result = $source->sample('--config', config_file($members), '-E',
                        $dump, $mode, { env => { LC_ALL => $locale } });
                    is($result->stdout, $expected->stdout,
                        "$encoding as $dump under $locale, $mode")
                        or diag $result->stderr;
                    unlike($result->stderr, qr/warning/, 'without a warning');
                }
            }
        }
    }
    my $file   = config_file($members);
    my $result = $databases{LATIN1}->sample('--config', $file,
        { env => { LC_ALL => 'C', PGCLIENTENCODING => 'LATIN1' } });
    like($result->stdout, qr/^5\t\xff$/m, 'a file is UTF-8 whatever PGCLIENTENCODING says');

    $file = config_file({ limit => [ '5', q{"plain = 'Ж' = 'Ж'"} ] });
    for my $encoding ('UTF8', 'LATIN1') {
        $result = $databases{$encoding}->sample('--config', $file, '-E', 'LATIN1');
        is($result->status, 1, "a character that a dump of $encoding does not have");
        is($result->stderr,
            qq{pg-sample: error: member "limit" in "$file" has characters that the database}
                . qq{ or the dump (encoding "LATIN1") does not have\n},
            'is an error');
    }
};

# The file is refused with this message and, if given, detail and hint; before connecting.
sub refused
{
    my ($content, $message, $hint, @arguments) = @_;
    my $file   = config_file($content);
    my $result = $shop->sample('--config', $file, @arguments);
    s/FILE/$file/ for $message, $hint;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    is($result->status . $result->stdout . $result->stderr,
        "1pg-sample: error: $message\npg-sample: hint: $hint\n", $message);
    return;
}

subtest 'errors' => sub {
    my $form = 'It must be one JSON object in UTF-8, such as {"limit": "* = 10"}.';
    my $help = 'Try "pg-sample --help".';
    refused('{"limti": 5}', 'unknown member "limti" in "FILE"', 'Did you mean "limit"?');
    refused('{"--table": "x"}', 'unknown member "--table" in "FILE"', 'Did you mean "table"?');
    refused('{"jobs": 5}', 'unknown member "jobs" in "FILE"',
        'A sample is read without parallel jobs; leave the option out.');
    refused('{"quantum": 5}', 'unknown member "quantum" in "FILE"',
        'Members are the long names of options, without dashes.');
    refused('{"version": true}', 'member "version" in "FILE" is only for the command line',
        $help);
    refused('{"limit": ["1", "2", 3]}', 'member "limit[2]" in "FILE" must be a string',
        'Write "limit": ["RULES", ...].');
    refused('{"plan": 1}', 'member "plan" in "FILE" must be true or false',
        'Write "plan": true.');
    refused('{"staging-fks": -1}',
        'member "staging-fks" in "FILE": invalid value "-1" for option "--staging-fks"',
        'It takes a whole number from 0 to 2147483647.');
    refused('{"table": "a\u0000b"}',
        'member "table" in "FILE" must not contain the character \u0000', $help);
    refused('[]', 'configuration file "FILE" is not a JSON object', $form);
    refused("{\n  \"plan\" true\n}",
        'configuration file "FILE" is not valid: line 2, column 13: \':\' expected near \'true\'',
        $form);
    refused('{"plan": true, "plan": true}', 'configuration file "FILE" is not valid: line 1,'
            . ' column 21: duplicate object key near \'"plan"\'', $form);
    refused(
        '{"ordered": true}',
        'options "--ordered" and "--random" contradict each other'
            . "\npg-sample: detail: Option \"--ordered\" is in the configuration file \"FILE\".",
        $help, '--random'
    );
    my $result = $shop->sample('--config', "$directory/nothing.json");
    is($result->status . $result->stderr,
        "1pg-sample: error: could not read configuration file \"$directory/nothing.json\":"
            . " No such file or directory\npg-sample: hint: $help\n",
        'no file');
    my $file = config_file({ limit => [ '* = 5', 'orders' ] });
    $result = $shop->sample('--config', $file);
    is($result->status, 1, 'a rule that is wrong');
    like($result->stderr,
        qr/rule 1 \(orders\): .*\n.*detail: It is in member "limit\[1\]" in "\Q$file\E"\.\n/,
        'is said with its place');
    is($shop->sample('--config', '-')->status, 1, '- is the name of a file');
    is($shop->sample('--config')->status, 1, 'a file is needed');
};

done_testing;
