# Strings from outside never become SQL: names of encodings, and what others can store.

use strict;
use warnings;

use File::Temp ();
use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Faults;
use PgSample::Test::Load;
use PgSample::Test::Server;

my $server    = PgSample::Test::Server->start;
my $directory = File::Temp->newdir;
my $db        = $server->create_database;

$db->sql(<<'SQL');
CREATE TABLE t (id int PRIMARY KEY, v text);
INSERT INTO t SELECT i, 'v' || i FROM generate_series(1, 5) i;
CREATE TABLE keepme ();
SQL

my $is_there   = q{SELECT to_regclass('public.keepme') IS NOT NULL};
my $injection  = q{UTF8'; DROP TABLE public.keepme; --};
my $no_letters = q{UTF-8';'}; # libpq ignores what is no letter or digit

sub is_kept
{
    my ($name) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    is($db->value($is_there), 't', "$name: nothing was dropped");
    $db->sql('CREATE TABLE IF NOT EXISTS keepme ()');
    return;
}

# A file with the text; its path.
sub written
{
    my ($name, $text) = @_;
    my $path = "$directory/$name";
    open my $file, '>', $path or die "could not open $path: $!";
    print {$file} $text;
    close $file or die "could not write $path: $!";
    return $path;
}

subtest 'names of encodings: pg-sample' => sub {
    my $config = written('sample.json', qq({"encoding": "$injection"}));
    for my $argument ([ '-E', $injection ], [ "--config=$config" ]) {
        for my $mode ('--plan', '--no-staging', '--use-staging') {
            ends_with($db->sample($mode, @$argument), 1,
                qr/error: the server cannot convert to encoding "UTF8'; DROP/,
                "$mode @$argument");
            is_kept("$mode @$argument");
        }
    }
    isnt($db->sample({ env => { PGCLIENTENCODING => $injection } })->status,
        0, 'PGCLIENTENCODING');
    is_kept('PGCLIENTENCODING');
    for my $mode ('--no-staging', '--use-staging') {
        my $result = $db->sample($mode, '-E', $no_letters);
        is($result->status, 0, "$mode: names are those of libpq, letters and digits only")
            or diag $result->describe;
        like($result->stdout, qr/^SET client_encoding = 'UTF8';$/m, 'and sent as the server has them');
    }
};

subtest 'names of encodings: pg-sample-load' => sub {
    my $file   = input_file('t.csv', "id,v\n6,a\n");
    for my $mode ('--dry-run', '--no-staging', '--staging=always') {
        refuses($db, [ $mode, '-E', $injection, "t=$file" ], 1,
            qr/the server cannot convert to encoding "UTF8'; DROP/, $mode);
        is_kept($mode);
    }
    loads($db, [ '-E', $no_letters, "t=$file" ], 'inserted 1', 'names are those of libpq');
};

subtest 'the encoding that a staging schema stores' => sub {
    is($db->sample('--keep')->status, 0, 'a sample is kept');
    my $text = PgSample::Test::Server::quote_literal($injection);
    $db->sql("UPDATE _pg_sample.resume_facts SET answer[3] = $text WHERE question = 0 AND line = 1");
    ends_with($db->sample('--resume'), 1,
        qr/error: the server cannot convert to encoding "UTF8'; DROP/, '--resume');
    is_kept('--resume');
    is($db->sample('--cleanup=drop')->status, 0, 'the schema goes');
};

done_testing;
