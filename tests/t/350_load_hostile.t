# Input that is broken or unusual: it is loaded exactly, rejected with its record, or
# refused; it never becomes other rows.

use strict;
use warnings;

use FindBin;
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep);
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Load;
use PgSample::Test::Server;

my $server = PgSample::Test::Server->start;
my $db     = $server->create_database;
my @STAGING = ('--staging=auto', '--staging=always');

$db->sql('CREATE TABLE t (id int PRIMARY KEY, v text, w text)');

# A file of this name and content is loaded into the empty table, which is then so.
sub becomes
{
    my ($file, $content, $expected, $name, @more) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    for my $staging (@STAGING) {
        $db->sql('TRUNCATE t');
        my $result = load($db, $staging, @more, 't=' . input_file($file, $content));
        is($result->status, 0, "$name: loaded") or diag $result->describe;
        is(content($db, 't', q{id || '|' || coalesce(v, '<null>') || '|' || coalesce(w, '<null>')}),
            join("\n", @$expected), "$name: rows");
    }
    return;
}

sub refused
{
    my ($file, $content, $status, $message, $name, @more) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    $db->sql("TRUNCATE t; INSERT INTO t VALUES (1, 'live', 'live')");
    return refuses($db, [@more, 't=' . input_file($file, $content)], $status, $message, $name);
}

# ---- CSV

subtest 'CSV as it may be' => sub {
    becomes('t.csv', "id,v,w\r\n1,a,b\r\n2,c,d", [ '1|a|b', '2|c|d' ], 'CR LF, no last line end');
    becomes('t.csv', "\xef\xbb\xbfid,v,w\n1,a,b\n", ['1|a|b'], 'a byte order mark');
    becomes('t.csv', "id,v,w\n\n1,a,b\n\n\n2,c,d\n\n", [ '1|a|b', '2|c|d' ], 'blank lines');
    becomes('t.csv', qq{id,v,w\n1,"a\nb\r\nc","d,""e"""\n}, [ "1|a\nb\r\nc|d,\"e\"" ], 'line breaks in quotes');
    becomes('t.csv', "id,v,w\n1, a ,\tb\t\n", [ "1| a |\tb\t" ], 'blanks are kept');
    becomes('t.csv', qq{id,v,w\n1,\\.,\\N\n2,"\\.",\\\\\n}, [ '1|\\.|\\N', '2|\\.|\\\\' ], 'backslashes are text');
    becomes('t.csv', qq{v,id,w\n\\.,1,x\n"\\.",2,x\n"a\n\\.\nb",3,x\n}, [ '1|\\.|x', "2|\\.|x", "3|a\n\\.\nb|x" ],
        'a line \\. is data');
    becomes('t.csv', "id;v;w\n1;a,b;'c;d'\n", [ '1|a,b|c;d' ], 'another delimiter and quote',
        '--csv-delimiter=;', "--csv-quote='");
    becomes('t.csv', "id\tv\tw\n1\ta\tb\n", ['1|a|b'], 'a tab', "--csv-delimiter=\t");
    becomes('t.csv', "1,a,b\n2,c,d\n", [ '1|a|b', '2|c|d' ], 'no header', '--no-csv-header');
    becomes('t.csv', "ID,V,w\n1,a,b\n", ['1|a|b'], 'a header in capitals', '--map=ID:id,V:v');
    becomes('t.csv', qq{"id","v","w"\n"1","",\n}, ['1||<null>'], 'a quoted header');
    becomes('t.csv', "w,extra,id\nb,x,1\n", ['1|<null>|b'], '--ignore-unknown-columns',
        '--ignore-unknown-columns');
    becomes('t.csv', "the id,text v\n1,a\n", ['1|a|<null>'], '--map', '--map=the id:id,text v:v');
    becomes('t.csv', "id,v,w\n1,--,; DROP TABLE t; --\n2,')--,\$1\n", [ '1|--|; DROP TABLE t; --', "2|')--|\$1" ],
        'SQL is text');
};

subtest 'records that are no rows' => sub {
    my @bad = (
        [ "1,a\n", 'too few fields' ], [ "1,a,b,c\n", 'too many' ], [ "\"\"\n", 'one empty field' ],
        [ "1,a,b,\n", 'a delimiter at the end' ], [ "x,a,b\n", 'no number' ], [ "99999999999,a,b\n", 'out of range' ],
        [ "1.0,a,b\n", 'a fraction' ],
    );
    for my $case (@bad) {
        my ($line, $name) = @$case;
        my $text = "id,v,w\n7,ok,ok\n${line}8,ok,ok\n";
        refused('t.csv', $text, 3, qr/record 2/, "$name: refused, with its record");
        my $result = load($db, '--max-errors=1', 't=' . input_file('t.csv', $text));
        is($result->status, 5, "$name: rejected") or diag $result->describe;
        is($result->summary, 'inserted 2, error 1', "$name: counts");
        is($result->table->{rejected}{parse}, 1, "$name: counted as parse");
        is($db->value("SELECT string_agg(id || v, ' ' ORDER BY id) FROM t"), '1live 7ok 8ok', "$name: rows");
    }
    # COPY writes NULL of a single column as an empty line
    $db->sql('CREATE TABLE one (v text); TRUNCATE one');
    loads($db, ['--mode=append', input_file('one.csv', "v\n\"\"\n\nx\n")], 'inserted 3', 'one column');
    is(content($db, 'one', "coalesce(v, '<null>')"), "\n<null>\nx", 'an empty line is NULL');
};

subtest 'headers that cannot be' => sub {
    refused('t.csv', "id,v,id\n1,a,2\n", [ 1, 3 ], qr/\bid\b/, 'a column twice');
    refused('t.csv', "id,v,nope\n1,a,2\n", [ 1, 3 ], qr/nope/, 'an unknown column');
    refused('t.csv', "id,v,\n1,a,2\n", [ 1, 3 ], qr/column/, 'an empty name');
    refused('t.csv', "v,w\na,b\n", [ 1, 3 ], qr/\bid\b|key/, 'no key');
    refused('t.csv', "1,a,b\n", [ 1, 3 ], qr/column/, 'there is none');
    refused('t.csv', "id,v,x\n1,a,b\n", [ 1, 3 ], qr/\bv\b/, 'two columns go to one', '--map=x:v');
    refused('t.csv', "id,v\n1,a\n", [ 1, 3 ], qr/nope/, '--map from a column that is not there', '--map=nope:w');
    refused('t.csv', "id,ctid\n1,a\n", [ 1, 3 ], qr/ctid/, 'a system column');
    refused('t.csv', "id,_pg_sample_load_record\n1,5\n", [ 1, 3 ], qr/_pg_sample_load_record/, 'our own column');
    refused('t.csv', '', [ 2, 3 ], qr/empty|header|no row/i, 'an empty file');
};

subtest 'quotes that do not fit' => sub {
    refused('t.csv', qq{id,v,w\n2,"a,b\n3,c,d\n}, [ 2, 3 ], qr/quote|end/i, 'no end');
    refused('t.csv', qq{id,v,w\n2,"a"b,c\n3,c,d\n}, [ 2, 3 ], qr/quote|record 1|line 2/i, 'text after a quote');
    refused('t.csv', qq{id,v,w\n2,a"b,c\n3,c,d\n}, [ 2, 3 ], qr/quote|record 1|line 2/i, 'a quote in the middle');
};

subtest 'bytes that no text may have' => sub {
    for my $name ('t.csv', 't.copy') {
        my ($d, $header) = $name =~ /csv/ ? (',', "id,v,w\n") : ("\t", '');
        refused($name, "${header}2${d}a\0b${d}c\n", [ 2, 3 ], qr/NUL|null|zero/i, "$name: a NUL byte");
        my $text = "${header}2${d}ok${d}ok\n3${d}\xff\xfe${d}x\n4${d}\xc3${d}x\n5${d}\xed\xa0\x80${d}x\n6${d}\xc3\xa4${d}x\n";
        refused($name, $text, 3, qr/encoding|UTF8/, "$name: invalid UTF-8");
        my $result = load($db, '--max-errors=3', "t=" . input_file($name, $text));
        is($result->status, 5, "$name: is rejected") or diag $result->describe;
        is($db->value("SELECT string_agg(id::text, ' ' ORDER BY id) FROM t"), '1 2 6', "$name: the others are loaded");
    }
    # a file of another encoding
    for my $staging (@STAGING) {
        $db->sql('TRUNCATE t');
        loads($db, [$staging, '--encoding=LATIN1', 't=' . input_file('t.csv', "id,v,w\n1,\xe4\xdf,\xa4\n")],
            'inserted 1', "$staging: --encoding");
        is($db->value('SELECT v || w FROM t'), "\xc3\xa4\xc3\x9f\xc2\xa4", "$staging: converted");
    }
    refused('t.csv', "id,v\n2,a\n", [ 1, 3 ], qr/KLINGON/, 'an unknown encoding', '--encoding=KLINGON');
    # an encoding whose bytes look like backslashes and quotes
    $db->sql('TRUNCATE t');
    loads($db, ['--encoding=SJIS', 't=' . input_file('t.csv', "id,v,w\n1,\x95\x5c,\"\x83\x5c\"\n")], 'inserted 1',
        'SJIS');
    is(content($db, 't', 'v || w'), "\xe8\xa1\xa8\xe3\x82\xbd", 'is read by characters');
};

subtest 'a large field' => sub {
    my $mb = 30;
    my $path = input_path('t.csv');
    open my $file, '>:raw', $path or die "could not write: $!\n";
    print {$file} "id,v,w\n1,\"";
    print {$file} 'x""' x 512 . "\n" x 512 for 1 .. $mb * 512;
    print {$file} "\",end\n2,small,row\n";
    close $file or die "could not write: $!\n";
    $db->sql('TRUNCATE t');
    my $result = loads($db, ["t=$path"], 'inserted 2', "$mb MB");
    is($db->value('SELECT length(v) || w FROM t WHERE id = 1'), 1536 * $mb * 512 . 'end', 'stored');
    is($db->value(q{SELECT v = repeat(repeat('x"', 512) || repeat(E'\n', 512), }
                . $mb * 512 . q{) FROM t WHERE id = 1}), 't', 'every byte');
    unlink $path;
    $db->sql('TRUNCATE t');
};

# ---- COPY text

subtest 'COPY text as it may be' => sub {
    becomes('t.copy', "1\ta\\tb\\nc\\\\d\t\\N\n", [ "1|a\tb\nc\\d|<null>" ], 'escapes');
    becomes('t.copy', "1\t\\x41\\102\\v\t\\q\n", [ "1|AB\013|q" ], 'other escapes');
    becomes('t.txt', "1\ta\tb\n2\t\t\\N\n", [ '1|a|b', '2||<null>' ], '.txt');
    becomes('t.tsv', "1\t\\\\N\t\\\\.\n", [ '1|\\N|\\.' ], 'escaped backslashes');
    becomes('t.copy', "1\ta\tb\n2\tc\td", [ '1|a|b', '2|c|d' ], 'no last line end');
    becomes('t.copy', "1\ta\tb\n\\.\n", ['1|a|b'], 'an end mark at the end');
    becomes('t.dat', "1\ta\tb\n", ['1|a|b'], '--format=copy', '--format=copy');
    refused('t.copy', "2\ta\tb\n\\.\n3\tc\td\n", [ 2, 3 ], qr/\\\./, 'rows after the end mark are not lost silently');
    refused('t.copy', "2\ta\n", 3, qr/record 1/, 'too few fields');
    refused('t.copy', "2\ta\tb\tc\n", 3, qr/record 1/, 'too many');
    refused('t.copy', "2\ta\tb\\", [ 2, 3 ], qr/./, 'a backslash at the end');
    refused('t.copy', "2\ta\\000b\tc\n", 3, qr/./, 'an escaped NUL byte');
};

# ---- files

subtest 'compressed files' => sub {
    becomes('t.csv.gz', gz("id,v,w\n1,a,b\n"), ['1|a|b'], 'gzip');
    becomes('t.csv', gz("id,v,w\n1,a,b\n"), ['1|a|b'], 'gzip under another name');
    becomes('t.csv.gz', gz("id,v,w\n1,a,b\n") . gz("2,c,d\n"), [ '1|a|b', '2|c|d' ], 'two members');
    becomes('t.copy.gz', gz("1\ta\tb\n"), ['1|a|b'], 'COPY text');
    my $whole = gz(join '', "id,v,w\n", map { "$_,v$_,w" . $_ * 7 . "\n" } 2 .. 3000);
    for my $staging (@STAGING) {
        refused('t.csv.gz', substr($whole, 0, length($whole) - $_), 2, qr/t\.csv\.gz/, "$staging: cut by $_ bytes",
            $staging) for 1, 8, 100, length($whole) - 12;
    }
    my $damaged = $whole;
    substr($damaged, length($damaged) - 7, 1) ^= "\x55";
    refused('t.csv.gz', $damaged, 2, qr/t\.csv\.gz/, 'a wrong check sum');
};

subtest 'compressed by zstd' => sub {
    becomes('t.csv.zst', zst("id,v,w\n1,a,b\n"), ['1|a|b'], 'zstd');
    becomes('t.csv', zst("id,v,w\n1,a,b\n"), ['1|a|b'], 'zstd under another name');
    becomes('t.copy.zst', zst("1\ta\tb\n"), ['1|a|b'], 'COPY text');
    becomes('t.csv.zst', zst("id,v,w\n1,a,b\n") . zst("2,c,d\n"), [ '1|a|b', '2|c|d' ], 'two frames');
    my $whole = zst(join '', "id,v,w\n", map { "$_,v$_,w" . $_ * 7 . "\n" } 2 .. 30_000);
    for my $staging (@STAGING) {
        refused('t.csv.zst', substr($whole, 0, length($whole) - $_), 2, qr/t\.csv\.zst: .* is cut off/,
            "$staging: cut by $_ bytes", $staging) for 1, 8, 300_000, length($whole) - 12;
    }
    refused('t.csv.zst', "$whole--------", 2, qr/t\.csv\.zst: .* is damaged/, 'something else after it');
};

subtest 'a file that is being written' => sub {
    my $path = input_file('t.csv', "id,v,w\n" . join '', map { "$_,v,w\n" } 2 .. 300_000);
    for my $staging (@STAGING) {
        $db->sql("TRUNCATE t; INSERT INTO t VALUES (1, 'live', 'live')");
        my $writer = fork // die "could not fork: $!\n";
        if ($writer == 0) {
            open my $file, '>>', $path or POSIX::_exit(1);
            while (syswrite $file, "\n") { sleep 0.001 }
            POSIX::_exit(1);
        }
        refuses($db, [ $staging, "t=$path" ], 2, qr/t\.csv: it was changed while it was being read/, $staging);
        kill KILL => $writer;
        waitpid $writer, 0;
    }
};

subtest 'standard input' => sub {
    for my $staging (@STAGING) {
        for my $operand ('t=-', '--file=t=-', '--source=t=-') {
            $db->sql('TRUNCATE t');
            my $result = load($db, $staging, $operand, { stdin => "id,v,w\n1,a,b\n" });
            is($result->status, 0, "$staging $operand") or diag $result->describe;
            is(content($db, 't'), '(1,a,b)', "$staging $operand: rows");
        }
        $db->sql('TRUNCATE t');
        my $result = load($db, $staging, 't=-', { stdin => gz("id,v,w\n1,a,b\n") });
        is($result->status, 0, "$staging: compressed") or diag $result->describe;
        $result = load($db, $staging, '--format=copy', 't=-', { stdin => "5\ta\tb\n" });
        is($result->status, 0, "$staging: COPY text") or diag $result->describe;
        is(content($db, 't'), "(1,a,b)\n(5,a,b)", "$staging: rows");
    }
    my $result = load($db, '-', { stdin => "id,v\n1,a\n" });
    isnt($result->status, 0, 'CSV from standard input needs a table');
    $result = load($db, 't=-', 't=-', { stdin => "id,v\n1,a\n" });
    is($result->status, 1, 'standard input twice') or diag $result->describe;
};

subtest 'directories' => sub {
    $db->sql('CREATE SCHEMA s; CREATE TABLE s.u (id int PRIMARY KEY, v text)');
    my $folder = input_path('data');
    mkdir $folder or die "could not create: $!\n";
    my $put = sub {
        my ($name, $text) = @_;
        open my $file, '>:raw', "$folder/$name" or die "could not write: $!\n";
        print {$file} $text;
        close $file or die "could not write: $!\n";
    };
    $put->('t.csv', "id,v,w\n1,a,b\n");
    $put->('s.u.copy.gz', gz("1\tx\n"));
    $put->('.hidden', 'nothing to load');
    for my $operand ($folder, "--source=$folder", "$folder/") {
        $db->sql('TRUNCATE t, s.u');
        loads($db, [$operand], { t => 'inserted 1', 's.u' => 'inserted 1' }, "a directory: $operand");
    }
    is(content($db, 't') . content($db, 's.u'), '(1,a,b)(1,x)', 'rows');
    loads($db, ['-t', 't', $folder], { t => 'unchanged 1' }, 'only some tables');
    refuses($db, ['-t', 'nope', $folder], [ 1, 2, 3 ], qr/nope/, 'a table that is in no source');
    $put->('notes.md', 'x');
    refuses($db, [$folder], [ 1, 2 ], qr/notes\.md/, 'a file of another kind');
    unlink "$folder/notes.md";
    $put->('missing.csv', "id\n1\n");
    refuses($db, [$folder], 3, qr/missing/, 'a file of a table that is not there');
    unlink "$folder/missing.csv";
    refuses($db, [ "t=$folder" ], [ 1, 2 ], qr/directory/, 'a directory for one table');
    my $empty = input_path('empty');
    mkdir $empty or die "could not create: $!\n";
    refuses($db, [$empty], [ 1, 2, 3 ], qr/empty|no file|nothing/i, 'an empty directory');
};

subtest 'files that cannot be read' => sub {
    my $missing = input_path('t.csv');
    refuses($db, [$missing], 2, qr/t\.csv.*No such file/, 'a file that is not there');
    refuses($db, [input_file('t.xyz', 'x')], [ 1, 2, 3 ], qr/t\.xyz/, 'a file of an unknown kind');
    refuses($db, [], 1, qr/source|file/i, 'no source');
    my $good = input_file('t.csv', "id,v,w\n50,a,b\n");
    refuses($db, [$good, $missing], 2, qr/No such file/, 'one of two');
    refuses($db, ['--staging=always', '--jobs=2', $good, $missing], 2, qr/No such file/, 'with --jobs');
    SKIP: {
        skip 'root may read everything', 1 if $> == 0;
        chmod 0, $good;
        refuses($db, [$good], 2, qr/Permission denied/, 'a file without permission');
    }
};

done_testing;
