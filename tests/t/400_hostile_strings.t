# Strings from outside never become SQL: names of encodings, and what others can store. Nor do
# they reach a terminal that obeys them, or look like messages of ours.

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

# ---- what is printed

# ESC, BEL, CR, DEL, C1, and a line that looks like ours.
my $EVIL = "\e]0;x\a\r\x7f\xc2\x9b\npg-sample: error: forged";

sub sql_name    { return PgSample::Test::Server::quote_identifier($_[0] . $EVIL) }
sub sql_literal { return PgSample::Test::Server::quote_literal($_[0] . $EVIL) }

# The texts of a run obey nobody and forge nothing, and yet say what there is.
sub is_harmless
{
    my ($result, $name, @shown) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $text = $result->stderr;
    $text .= $result->stdout if $result->stdout !~ /^-- Sample of a PostgreSQL database/m;
    my $ok = $text !~ /[\x00-\x08\x0b-\x1f\x7f]/ && $text !~ /\xc2[\x80-\x9f]/
        && $text !~ /^pg-sample: error: forged/m;
    ok($ok, "$name: nothing is obeyed, nothing forged") or diag $result->describe;
    like($text, qr/\\x1B\]0;x\\x07\\r\\x7F\\u009B/, "$name: it is written as psql does")
        or diag $result->describe;
    like($text, $_, "$name: $_") for @shown;
    return;
}

my $evil = $server->create_database;
my ($a, $b, $id, $fk) = map { sql_name($_) } 'a', 'b', 'id', 'fk';
$evil->sql(<<"SQL");
CREATE TABLE $a ($id text PRIMARY KEY);
CREATE TABLE $b (id int PRIMARY KEY, $id text CONSTRAINT $fk REFERENCES $a DEFERRABLE);
INSERT INTO $a VALUES ('a'), (@{[ sql_literal('v') ]});
INSERT INTO $b VALUES (1, 'a'), (2, @{[ sql_literal('v') ]});
ALTER TABLE $b DISABLE TRIGGER ALL;
INSERT INTO $b VALUES (3, @{[ sql_literal('gone') ]});
ALTER TABLE $b ENABLE TRIGGER ALL;
CREATE FUNCTION cry() RETURNS trigger LANGUAGE plpgsql AS \$\$ BEGIN
    RAISE NOTICE '%', @{[ sql_literal('notice') ]};
    IF NEW.id = 13 THEN
        RAISE EXCEPTION '%', @{[ sql_literal('message') ]}
            USING DETAIL = @{[ sql_literal('detail') ]}, HINT = @{[ sql_literal('hint') ]};
    END IF;
    RETURN NEW; END \$\$;
CREATE TABLE cries (id int PRIMARY KEY, v text, n int CONSTRAINT $fk CHECK (n > 0));
CREATE TRIGGER t BEFORE INSERT ON cries FOR EACH ROW EXECUTE FUNCTION cry();
SQL

subtest 'what pg-sample prints' => sub {
    for my $mode ('--no-staging', '--use-staging') {
        is_harmless($evil->sample($mode, '-v', '--limit=*', "--report=$directory/report"), $mode,
            qr/warning: .*broken|refer/);
        my $report = do { local (@ARGV, $/) = "$directory/report"; <> };
        unlike($report, qr/[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]/, 'the report');
        is_harmless($evil->sample($mode, "--explain=$b = 2", '--limit=*', '--explain-edges'),
            "$mode --explain");
        is_harmless($evil->sample($mode, "--limit=$b = cry($EVIL)"), "$mode: an error of the server");
    }
    is_harmless($evil->sample('--plan', "--limit=$a = $id <> '\n', * = 1"), '--plan');
    is_harmless($evil->sample("--limit=nothing$EVIL = 1"), 'a table that is not there');
    is_harmless($evil->sample("--table=nothing$EVIL"), 'another one');
    is_harmless($evil->sample("--nothing$EVIL"), 'an option');
    is_harmless($evil->sample("--file=/nonexistent/$EVIL"), 'a file');
    is_harmless($evil->sample({ env => { PGUSER => "nobody$EVIL" } }), 'a message of libpq');
    is_harmless($evil->sample('--keep', "--sample-schema=s$EVIL"), '--keep');
    is_harmless($evil->sample('--cleanup'), '--cleanup');
    is_harmless($evil->sample('--resume', "--sample-schema=none$EVIL"), '--resume');
    my $program = write_program("$directory/pg_dump",
        'case "$1" in --version) exec pg_dump --version;; esac',
        q{printf 'pg_dump: error: %b\npg-sample: error: forged\n' "$EVIL" >&2}, 'exit 1');
    is_harmless($evil->sample("--pg-dump=$program", '-v', { env => { EVIL => $EVIL } }), 'what pg_dump says',
        qr/^pg_dump: error: /m, qr/^    pg-sample: error: forged$/m);
};

subtest 'what pg-sample-load prints' => sub {
    my $quiet = sub { return load($evil, @_, { keep => 1 }) };
    my $b_file = input_file('b.csv', csv([ 'id', "id$EVIL" ], [ 5, "x$EVIL" ], [ 1, 'a' ]));
    is_harmless($quiet->("--max-errors=5", "$b=$b_file"), 'a reference', qr/rejected/);
    my $cries = 'cries=' . input_file('c.csv', csv([ 'id', 'v', 'n' ], [ "1$EVIL", 'v', 1 ], [ 2, 'v', 1 ]));
    my $rejects = "$directory/rejects.csv";
    is_harmless($quiet->('--max-errors=5', "--rejects-file=$rejects", $cries), 'a value', qr/rejected/);
    my $raised = 'cries=' . input_file('r.csv', csv([ 'id', 'v', 'n' ], [ 13, 'v', 1 ]));
    for my $staging ('--staging=always', '--no-staging') {
        is_harmless($quiet->($staging, $raised), "$staging: what a trigger raises",
            qr/error: .*message.*\\npg-sample: error: forged/, qr/detail: detail/);
    }
    my $check = 'cries=' . input_file('k.csv', csv([ 'id', 'v', 'n' ], [ 14, 'v', -1 ]));
    is_harmless($quiet->($check), 'a constraint');
    my $json = $quiet->('--log-format=json', $check);
    like($json->stderr, qr/^\{.*\\u001b.*\\u007f\\u009b\\u000a.*\}$/m, 'JSON log lines');
    unlike($json->stderr, qr/[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]/, 'obey nobody');
    is_harmless($quiet->("nothing$EVIL=$b_file"), 'a table that is not there');
    my $a_file = input_file('a.csv', csv(["id$EVIL"], ['z']));
    is_harmless($quiet->("--schema-name=s$EVIL", '--stage-only', "$a=$a_file"), '--stage-only');
    is_harmless($quiet->("--schema-name=s$EVIL", '--status'), '--status');
    my $other = PgSample::Test::Session->new(conninfo => $evil->conninfo);
    $other->query(q{SET application_name = 'pg-sample-load: forged'; SELECT '} . "\e]0;x\a\x7f\xc2\x9b'");
    my $status = $quiet->('--status');
    unlike($status->stdout, qr/[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]/, 'queries of others in --status');
    is_harmless($quiet->("--schema-name=s$EVIL", '--gc', '--older-than=0s'), '--gc');
};

done_testing;
