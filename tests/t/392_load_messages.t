# Names of columns that files have, and messages that say what is so.

use strict;
use warnings;
use utf8;

use Encode ();
use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Load;
use PgSample::Test::Server;

my $server  = PgSample::Test::Server->start;
my $db      = $server->create_database;
my @STAGING = ('--staging=auto', '--staging=always', '--staging=never');

sub fill
{
    my ($sql) = @_;
    $db->sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public; $sql");
    return;
}

subtest 'columns without a name, or with the same' => sub {
    fill('CREATE TABLE t (id int PRIMARY KEY, v text)');
    my $ignore = '--ignore-unknown-columns';
    for my $name ('t.csv', 't.copy') {
        my @header = $name eq 't.csv' ? () : ('--csv-header');
        my $file = sub {
            my ($text) = @_;
            $text =~ s/,/\t/g if $name eq 't.copy';
            return input_file($name, $text);
        };
        for my $staging (@STAGING) {
            $db->sql('DELETE FROM t');
            loads($db, [ $staging, $ignore, @header, $file->("id,v,,\n1,a,,\n") ], 'inserted 1', "$name, $staging: empty ones at the end");
            loads($db, [ $staging, $ignore, @header, $file->("id,note,v,note,\n1,x,b,y,z\n") ], 'updated 1', "$name, $staging: ignored twice");
            is(content($db, 't'), '(1,b)', "$name, $staging: rows");
        }
        refuses($db, [ @header, $file->("id,v,\n1,a,\n") ], 3, qr/the name of column 3 is empty.*hint: Use --ignore-unknown-columns/s,
            "$name: not ignored");
        for my $option (@{ [ [], [$ignore] ] }) {
            refuses($db, [ @$option, @header, $file->("id,v,v\n1,a,b\n") ], 3, qr/two columns are for column "v"/, "$name: a column twice");
        }
    }
};

subtest 'names in encodings with backslashes in characters' => sub {
    # the second byte of each of these characters is one that means something in ASCII
    my %names = (SJIS => [ "\x{30bd}", "\x{8868}\x{793a}", "\x{80fd}a" ], GBK => [ "\x{6c25}x", "\x{6f9a}" ], BIG5 => [ "\x{529f}", "\x{8a31}" ]);
    my %perl  = (SJIS => 'shiftjis', GBK => 'cp936', BIG5 => 'big5-eten');
    for my $encoding (sort keys %names) {
        my @columns = @{ $names{$encoding} };
        fill(Encode::encode_utf8('CREATE TABLE t (id int PRIMARY KEY, ' . join(', ', map { "\"$_\" text" } @columns) . ')'));
        my $text = Encode::encode($perl{$encoding}, csv([ 'id', @columns ], [ 1, @columns ]), Encode::FB_CROAK);
        like($text, qr/[\x80-\xff][\\\x40-\x7e]/, "$encoding: such a character");
        my $file = input_file('t.csv', $text);
        for my $staging (@STAGING) {
            $db->sql('DELETE FROM t');
            loads($db, [ '-E', $encoding, $staging, $file ], 'inserted 1', "$encoding: $staging");
            my $row = $db->row('SELECT * FROM t');
            is(join('|', @$row), Encode::encode_utf8(join '|', 1, @columns), "$encoding: $staging: values");
        }
        $db->sql('DELETE FROM t');
        load($db, '-E', $encoding, '--stage-only', $file, { keep => 1 });
        my ($name) = grep { /_staging_/ } left_tables($db);
        loads($db, [ '-E', $encoding, "--commit-staged=$name" ], 'inserted 1', "$encoding: staged before");
    }
    # no letters in lower case are made of the second bytes
    fill(Encode::encode_utf8("CREATE TABLE t (id int PRIMARY KEY, \"\x{30a2}\" text, \"\x{30c4}\" text)"));
    my $ascii = Encode::encode('shiftjis', "ID,\x{30a1}\n1,x\n");
    my $result = load($db, '-E', 'SJIS', input_file('t.csv', $ascii));
    is($result->status, 3, 'another character is another column');
};

subtest 'the number of a record' => sub {
    fill(<<'SQL');
CREATE TABLE t (id int PRIMARY KEY, v text);
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- some
    -- lines
    IF NEW.v = 'bad' THEN
        RAISE EXCEPTION 'not this t, line 1';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER refuse BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION refuse();
SQL
    my $file = input_file('t.csv', csv([ 'id', 'v' ], map { [ $_, $_ == 8 ? 'bad' : 'good' ] } 1 .. 20));
    refuses($db, [ '--no-staging', '--mode=append', $file ], 3, qr/t\.csv, record 8: not this/, 'is that of the file, whatever a trigger says');
};

subtest 'why nothing was written' => sub {
    fill('CREATE TABLE t (id int PRIMARY KEY, v int CHECK (v < 5)); INSERT INTO t VALUES (1, 1)');
    my $reason = sub {
        my (@rows) = @_;
        my $result = load($db, '--max-errors=9', input_file('t.csv', csv([ 'id', 'v' ], @rows)));
        return $result->stderr =~ /nothing was inserted or updated: (.*)/ ? $1 : $result->describe;
    };
    is($reason->([ 2, 6 ], [ 3, 'x' ]), 'all rows were rejected', 'all are rejected');
    is($reason->([ 1, 1 ]), 'the rows are there already', 'all are there');
    is($reason->([ 1, 1 ], [ 2, 6 ]), 'rows are unchanged, skipped or rejected', 'both');
};

subtest 'only what others may have caused is tried again' => sub {
    # the key of a single partition is left to the commit
    fill(<<'SQL');
CREATE TABLE parent (id int PRIMARY KEY);
CREATE TABLE t (id int PRIMARY KEY, parent int) PARTITION BY RANGE (id);
CREATE TABLE t_all PARTITION OF t DEFAULT;
ALTER TABLE t_all ADD FOREIGN KEY (parent) REFERENCES parent;
CREATE FUNCTION twice() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO u VALUES (NEW.id) ON CONFLICT DO NOTHING;
    RETURN NEW;
END $$;
CREATE TABLE u (id int PRIMARY KEY);
CREATE TRIGGER twice BEFORE INSERT ON u FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION twice();
SQL
    for my $try ([ 't', "id,parent\n1,7\n", qr/t_all_parent_fkey/ ], [ 'u', "id\n1\n", qr/u_pkey/ ]) {
        my ($table, $text, $message) = @$try;
        my $result = refuses($db, [ '--max-retries=5', input_file("$table.csv", $text) ], 6, $message, "$table: refused");
        cmp_ok($result->metrics->{lock}{attempts}, '<=', 2, "$table: the same twice is no race");
    }
};

done_testing;
