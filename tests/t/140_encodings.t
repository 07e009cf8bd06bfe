# Databases in encodings other than UTF-8, names included, and dumps in encodings other than
# the database's, those where a backslash may be the second byte of a character included.

use strict;
use warnings;
use utf8;

use Encode ();
use File::Temp ();
use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Check;
use PgSample::Test::Server;

my $server    = PgSample::Test::Server->start;
my $directory = File::Temp->newdir;

# How Perl calls the server's encodings, and words that each can hold.
my %PERL_NAME = (
    EUC_JP => 'euc-jp',
    LATIN1 => 'iso-8859-1',
    KOI8R  => 'koi8-r',
    UTF8   => 'UTF-8',
);
my %WORDS = (
    EUC_JP => [qw(表 ソ 能 日本語 カナ ｱｲｳ)],
    LATIN1 => [qw(été ÿ ß Ñandú ÷ ÀÖ)],
    KOI8R  => [qw(ключ Ъ я Щука ё слово)],
    UTF8   => [qw(表 é ключ 😀 ソ ÿ)],
);

# Keys are words; the first four children refer to the first four parents.
my $SCHEMA = <<'SQL';
CREATE TABLE "%1$s" ("%2$s" text PRIMARY KEY, "%3$s" text);
CREATE TABLE kid (id int PRIMARY KEY, "%1$s" text REFERENCES "%1$s" ON UPDATE CASCADE);
COMMENT ON TABLE kid IS '%1$s \ %2$s';
INSERT INTO "%1$s" VALUES ('%1$s', '%2$s\%3$s'), ('%2$s', E'%1$s\n\t'), ('%3$s', '\%1$s\'),
    ('%4$s', NULL), ('%5$s', '\N'), ('%6$s', '''%6$s''');
INSERT INTO kid VALUES (1, '%1$s'), (2, '%2$s'), (3, '%3$s'), (4, '%4$s'), (5, '%5$s');
SQL

sub source_of
{
    my ($encoding, @words) = @_;
    my $source = $server->create_database(encoding => $encoding);
    my $perl_name = $PERL_NAME{$encoding};
    $source->sql(Encode::encode($perl_name, sprintf($SCHEMA, @words), Encode::FB_CROAK));
    return $source;
}

# Everything with names, as the hexadecimal digits of UTF-8.
sub contents_of
{
    my ($database, @words) = @_;
    my $encoding = $database->value('SHOW server_encoding');
    my $name = Encode::encode($PERL_NAME{$encoding}, $words[0]);
    my $hex = sub { "encode(convert_to($_[0], 'UTF8'), 'hex')" };
    return [
        @{ $database->column('SELECT ' . $hex->('p::text') . qq{ FROM "$name" p ORDER BY 1}) },
        @{ $database->column('SELECT ' . $hex->('k::text') . ' FROM kid k ORDER BY 1') },
        @{ $database->column('SELECT ' . $hex->(q{obj_description('kid'::regclass)})) },
        @{ $database->column('SELECT '
                . $hex->(q{c.relname || '.' || a.attname})
                . ' FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid'
                . q{ WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'}
                . ' AND a.attnum > 0 ORDER BY 1') },
    ];
}

my %expected; # by name of the source

# What is left without the parents and children above four.
sub expected_of
{
    my ($source, @words) = @_;
    return $expected{ $source->name } if $expected{ $source->name };
    my $copy = $server->create_database(template => $source);
    my $encoding = $source->value('SHOW server_encoding');
    my $sql = qq{DELETE FROM kid WHERE id > 4;
        DELETE FROM "$words[0]" WHERE "$words[1]" NOT IN (SELECT "$words[0]" FROM kid)};
    $copy->sql(Encode::encode($PERL_NAME{$encoding}, $sql));
    return $expected{ $source->name } = contents_of($copy, @words);
}

sub file_text
{
    my ($file) = @_;
    open my $handle, '<:raw', $file or die "could not open $file: $!";
    local $/;
    return scalar <$handle>;
}

sub restores_equal
{
    my ($source, $words, $target_encoding, @argument) = @_;
    my $name   = join ' ', @argument, 'into', $target_encoding;
    my $file   = "$directory/sample.sql";
    my $result = $source->sample('--limit=kid = 4, * = 0', '-f', $file, @argument);
    is($result->status, 0, "$name: a sample is taken") or return diag $result->stderr;
    my ($target, $restored) =
        $server->try_restore({ file => $file }, encoding => $target_encoding);
    is($restored->status, 0, "$name: it restores") or return diag $restored->stderr;
    is_deeply(contents_of($target, @$words), expected_of($source, @$words), "$name: equal");
    foreign_keys_hold($target, "$name: every key holds");
    return;
}

for my $encoding (sort keys %WORDS) {
    subtest "a database in $encoding" => sub {
        my @words  = @{ $WORDS{$encoding} };
        my $source = source_of($encoding, @words);
        my %targets = map { $_ => 1 } $encoding, 'UTF8';
        for my $target (sort keys %targets) {
            restores_equal($source, \@words, $target);
            restores_equal($source, \@words, $target, '--inserts');
        }
        like(file_text("$directory/sample.sql"), qr/^SET client_encoding = '$encoding';$/m,
            'the dump is in the encoding of the database');
    };
}

for my $encoding ('LATIN1', 'EUC_JP', 'KOI8R') {
    subtest "a dump of a database in $encoding in UTF8" => sub {
        my @words  = @{ $WORDS{$encoding} };
        my $source = source_of($encoding, @words);
        for my $target ($encoding, 'UTF8') {
            restores_equal($source, \@words, $target, '-E', 'UTF8');
            restores_equal($source, \@words, $target, '-E', 'UTF8', '--inserts');
        }
        my $text = file_text("$directory/sample.sql");
        ok(defined eval { Encode::decode('UTF-8', $text, Encode::FB_CROAK) },
            'it is all valid UTF-8');
    };
}

subtest 'a backslash as second byte of a character' => sub {
    my @words  = qw(表 ソ 能 ソ\表 貼り能 十\\);
    my $source = source_of('UTF8', @words);
    for my $encoding ('SJIS', 'EUC_JP', 'SHIFT_JIS_2004') {
        for my $option (undef, '--inserts', '--rows-per-insert=1') {
            my @option = !defined $option ? ()
                : $option eq '--inserts' ? $option : ('--inserts', $option);
            restores_equal($source, \@words, 'UTF8', '-E', $encoding, @option);
        }
    }
    restores_equal($source, \@words, 'EUC_JP', '-E', 'SJIS');
    my $eucjp = source_of('EUC_JP', @words);
    restores_equal($eucjp, \@words, 'EUC_JP', '-E', 'SJIS', '--inserts');
    restores_equal($eucjp, \@words, 'UTF8',   '-E', 'SJIS');
    my $result = $source->sample('--limit=kid = 4, * = 0', '-E', 'SJIS');
    my $sjis   = Encode::encode('cp932', '表');
    like($result->stdout, qr/^1\t\Q$sjis\E$/m, 'the second byte is not escaped');
};

subtest 'all bytes in a database in SQL_ASCII' => sub {
    my $source = $server->create_database(encoding => 'SQL_ASCII');
    my $name = "t\xe9\xff\x80\x95";
    $source->sql(<<"SQL");
CREATE TABLE "$name" (k text PRIMARY KEY, "\xfe\\" text);
CREATE TABLE kid (id int PRIMARY KEY, k text REFERENCES "$name");
INSERT INTO "$name" SELECT chr(i) || chr(92) || chr(i), chr(i) FROM generate_series(128, 255) i;
INSERT INTO "$name" SELECT string_agg(chr(i), '' ORDER BY i), 'all'
  FROM generate_series(1, 255) i;
INSERT INTO "$name" VALUES ('not referred to', NULL);
INSERT INTO kid SELECT row_number() OVER (), k FROM "$name" WHERE k <> 'not referred to';
SQL
    my $contents = sub {
        my ($database) = @_;
        return [
            @{ $database->column(qq{SELECT encode(convert_to(k || '|' || "\xfe\\",
                'SQL_ASCII'), 'hex') FROM "$name" WHERE k <> 'not referred to' ORDER BY 1}) },
            @{ $database->column(q{SELECT id || encode(convert_to(k, 'SQL_ASCII'), 'hex')
                FROM kid ORDER BY id}) } ];
    };
    my $expected = $contents->($source);
    is(@$expected, 258, 'as many values as there are bytes, and one with all');
    for my $option ([], ['--inserts'], [ '-E', 'SQL_ASCII' ]) {
        my $file = "$directory/ascii.sql";
        my $result = $source->sample('--limit=kid = *, * = 0', '-f', $file, @$option,
            "--report=$directory/report.json");
        is($result->status, 0, "a sample is taken: @$option") or diag $result->stderr;
        my $target = $server->restore({ file => $file }, encoding => 'SQL_ASCII');
        is_deeply($contents->($target), $expected, 'and restores byte for byte');
        is($target->value(qq{SELECT count(*) FROM "$name" WHERE k = 'not referred to'}), 0,
            'without the row that nothing refers to');
    }
};

subtest 'an unknown encoding' => sub {
    my $source = $server->create_database;
    $source->sql('CREATE TABLE t AS SELECT 1 AS a');
    for my $encoding ('klingon', '') {
        my $file = "$directory/unknown.sql";
        my $result = $source->sample('-E', $encoding, '-f', $file);
        is($result->status, 1, "-E '$encoding' is an error");
        like($result->stderr, qr/encoding/, 'that says so');
        ok(!-e $file && !-e "$file.part", 'nothing is written');
    }
    my $result = $source->sample('-E', 'klingon');
    like($result->stderr, qr/klingon/, 'the message has its name');
    is($result->stdout, '', 'nothing is written to standard output');
};

sub is_not_convertible
{
    my ($source, $name, @argument) = @_;
    my $file = "$directory/inconvertible.sql";
    for my $output ([], [ '-f', $file ]) {
        my $result = $source->sample('-E', 'LATIN1', @argument, @$output);
        is($result->status, 3, "$name: exit status 3 @$output") or diag $result->stderr;
        like(
            $result->stderr,
            qr/has no equivalent in encoding "LATIN1"/,
            "$name: the server's message"
        );
        is($result->stdout, '', "$name: nothing is written") if !@$output;
        ok(!-e $file && !-e "$file.part", "$name: no file is left") if @$output;
    }
    return;
}

subtest 'a character that the encoding does not have' => sub {
    my $kanji  = Encode::encode('UTF-8', '表');
    my $source = $server->create_database;
    $source->sql("CREATE TABLE t (id int PRIMARY KEY, v text);
        INSERT INTO t SELECT i, CASE i WHEN 900 THEN '$kanji' ELSE 'x' END
          FROM generate_series(1, 1000) i");
    is($source->sample('-E', 'LATIN1', '--limit=800')->status, 0,
        'does not matter where it is not sampled');
    is_not_convertible($source, 'in a value', '--limit=*');
    is_not_convertible($source, 'in a value of INSERT', '--limit=*', '--inserts');

    $source = $server->create_database;
    $source->sql("CREATE TABLE t (k text PRIMARY KEY); INSERT INTO t VALUES ('$kanji');
        CREATE TABLE kid (k text REFERENCES t); INSERT INTO kid VALUES ('$kanji')");
    is_not_convertible($source, 'in a key', '--limit=kid = *, * = 0');

    $source = $server->create_database;
    $source->sql(qq{CREATE TABLE "$kanji" (id int)});
    is_not_convertible($source, 'in a name');

    $source = $server->create_database;
    $source->sql("CREATE TABLE t (id int DEFAULT length('$kanji'))");
    my $result = $source->sample('-E', 'LATIN1', '-s');
    is($result->status, 4, 'in a default pg_dump meets it: exit status 4');
    like($result->stderr, qr/has no equivalent in encoding "LATIN1".*pg_dump failed/s,
        'with its message');
    is($result->stdout, '', 'and nothing is written');
};

done_testing;
