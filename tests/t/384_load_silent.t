# No value is lost, changed or taken for another one without a word: encodings, identity
# columns, empty lines, and columns that are only called like timestamps.

use strict;
use warnings;

use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Load;
use PgSample::Test::Server;

my $server = PgSample::Test::Server->start;
my $db = $server->create_database;
my @WAYS = ([ '--staging=always' ], [ '--staging=auto' ], ['--no-staging'], [ '--no-staging', '--mode=append' ]);

sub dump_of
{
    my ($encoding, @copies) = @_;
    return join("\n", '--', '-- PostgreSQL database dump', '--', '', "SET client_encoding = '$encoding';",
        "SET standard_conforming_strings = on;", '', @copies, '',
        '--', '-- PostgreSQL database dump complete', '--', '', '');
}

subtest 'a dump has its own encoding' => sub {
    $db->sql(qq{CREATE TABLE t (id int PRIMARY KEY, v text); CREATE TABLE "Stra\xc3\x9fe" (id serial PRIMARY KEY, "gr\xc3\xb6\xc3\x9fe" text)});
    my $rows = "COPY public.t (id, v) FROM stdin;\n1\tcaf\xe9 \xc3\xa9\n2\tx\n\\.\n";
    my $names = "COPY public.\"Stra\xdfe\" (id, \"gr\xf6\xdfe\") FROM stdin;\n7\t\xe4\n\\.\n"
        . "\nSELECT pg_catalog.setval('public.\"Stra\xdfe_id_seq\"', 70, true);\n";
    for my $way (@WAYS) {
        my $name = "@$way";
        $db->sql(qq{TRUNCATE t, "Stra\xc3\x9fe" RESTART IDENTITY});
        my $result = load($db, @$way, input_file('latin.sql', dump_of('LATIN1', $rows, $names)));
        is($result->status, 0, "$name: loaded") or diag $result->describe;
        is($db->value('SELECT encode(convert_to(v, $$UTF8$$), $$hex$$) FROM t WHERE id = 1'), '636166c3a920c383c2a9', "$name: values");
        is(content($db, qq{"Stra\xc3\x9fe"}, qq{id || "gr\xc3\xb6\xc3\x9fe"}), "7\xc3\xa4", "$name: names");
        is($db->value(qq{SELECT nextval('"Stra\xc3\x9fe_id_seq"')}), 71, "$name: the sequence");
    }
    $db->sql('TRUNCATE t');
    my $sjis = "COPY public.t (id, v) FROM stdin;\n1\t\x83\x5c\x95\\\\\n\\.\n";
    $sjis = "COPY public.t (id, v) FROM stdin;\n1\t\x83\x5c\x95\x5c\n\\.\n";
    loads($db, [input_file('sjis.sql', dump_of('SJIS', $sjis))], { 'public.t' => 'inserted 1' }, 'bytes of characters that look like backslashes');
    is($db->value('SELECT v FROM t'), "\xe3\x82\xbd\xe8\xa1\xa8", 'are none');
    refuses($db, [input_file('bad.sql', dump_of('KLINGON', $rows))], 3, qr/encoding "KLINGON" does not exist/, 'an unknown encoding');
    refuses($db, [input_file('evil.sql', dump_of("x''); DROP TABLE t; --", $rows))], 3, qr/encoding/, 'SQL as an encoding');
    my $result = load($db, '--encoding=LATIN2', input_file('latin.sql', dump_of('LATIN1', $rows)));
    like($result->stderr, qr/latin\.sql is read in encoding LATIN2 of --encoding instead of its own encoding LATIN1/, '--encoding wins, with a warning');
    $result = load($db, '--max-errors=1', input_file('win.sql', dump_of('EUC_JP', "COPY public.t (id, v) FROM stdin;\n5\ta\n6\t\xe9 \n\\.\n")));
    is($result->status, 5, 'bytes that are no character of it') or diag $result->describe;
    is($result->table('public.t')->{rejected}{parse}, 1, 'are a row that is rejected');
};

subtest 'GENERATED ALWAYS AS IDENTITY besides the key' => sub {
    my $with = 'CREATE TABLE g (code text PRIMARY KEY, id int GENERATED ALWAYS AS IDENTITY, v text)';
    my $file = sub { 'g=' . input_file('g.csv', csv([qw(code id v)], @_)) };
    my $warning = qr/table public\.g: (\d+) rows? ha(?:s|ve) another value for an identity column/;
    for my $way (@WAYS[ 0 .. 2 ]) {
        my $name = "@$way";
        $db->sql("DROP TABLE IF EXISTS g; $with; INSERT INTO g (code, v) VALUES ('a', 'x'), ('b', 'x')");
        my $result = loads($db, [ @$way, $file->([ 'a', 1, 'x' ], [ 'c', 77, 'x' ]) ], 'inserted 1, unchanged 1', "$name: the same");
        unlike($result->stderr, $warning, "$name: no warning");
        is(content($db, 'g', "code || id"), "a1\nb2\nc77", "$name: new rows have the file's");
        $result = loads($db, [ @$way, $file->([ 'a', 50, 'x' ], [ 'b', 51, 'y' ], [ 'c', 77, 'x' ]) ],
            'updated 1, unchanged 2', "$name: others");
        like($result->stderr, $warning, "$name: a warning");
        is(($result->stderr =~ $warning)[0], 2, "$name: with their number");
        is(content($db, 'g', "code || id || v"), "a1x\nb2y\nc77x", "$name: the table's own");
    }
    $db->sql("DROP TABLE g; $with; INSERT INTO g (code, v) VALUES ('a', 'x')");
    my $result = load($db, '--dry-run', $file->([ 'a', 50, 'x' ]));
    like($result->stderr, $warning, 'a dry run says it');
    loads($db, [ '--mode=full', "--apply=$_", $file->([ 'a', 50, 'x' ]) ], 'inserted 1, deleted 1', "all rows anew: $_")
        for qw(delete-insert truncate);
    is(content($db, 'g', "code || id"), 'a50', 'have the values of the file');
};

subtest 'one column' => sub {
    $db->sql('CREATE TABLE one (v text)');
    my @lines = ("a\n", "\n", "\"\"\n", "b\n", "\n");
    for my $way ([ '--staging=always' ], [ '--staging=auto' ], ['--no-staging']) {
        for my $end ("\n", "\r\n") {
            $db->sql('TRUNCATE one');
            my $text = join '', 'v', $end, map { my $x = $_; $x =~ s/\n/$end/; $x } @lines;
            loads($db, [ @$way, '--mode=append', 'one=' . input_file('one.csv', $text) ], 'inserted 5', "@$way: empty lines");
            is(content($db, 'one', "coalesce(v, '<null>')"), "\n<null>\n<null>\na\nb", "@$way: are NULL");
        }
        $db->sql('TRUNCATE one');
        loads($db, [ @$way, '--mode=append', '--no-csv-header', 'one=' . input_file('one.csv', "a\n\nb\n") ], 'inserted 3',
            "@$way: without a header");
    }
    $db->sql('TRUNCATE one');
    loads($db, [ '--mode=append', '--csv-null=NA', 'one=' . input_file('one.csv', "v\nNA\n\n") ], 'inserted 2', 'another NULL');
    is(content($db, 'one', "coalesce(v, '<null>')"), "\n<null>", 'an empty line is an empty text then');
    my $copied = $db->value(q{SELECT string_agg(coalesce(v, ''), E'\n') FROM one});
    refuses($db, [ '--mode=append', 't=' . input_file('t.csv', "id\n1\n\n2\n") ], 3, qr/id/, 'NULL in a key is an error');
};

subtest 'columns that are called captured_at' => sub {
    my %type = (
        timestamptz => ['2026-01-10', '2026-01-9'], date => ['2026-01-10', '2026-1-9'], int => [10, 9], numeric => [10, 9], time => ['10:00', '9:00'],
    );
    for my $type (sort keys %type) {
        my ($new, $old) = @{ $type{$type} };
        $db->sql("DROP TABLE IF EXISTS c; CREATE TABLE c (id int PRIMARY KEY, captured_at $type); INSERT INTO c VALUES (1, '$new')");
        my $result = loads($db, [ 'c=' . input_file('c.csv', csv([qw(id captured_at)], [ 1, $old ])) ], 'skipped 1', "$type decides");
        unlike($result->stderr, qr/captured_at/, "$type: no warning");
    }
    for my $type ('text', 'varchar(20)', 'jsonb') {
        my ($old, $new) = $type eq 'jsonb' ? (9, 10) : ('2026-1-9', '2026-1-10');
        $db->sql("DROP TABLE c; CREATE TABLE c (id int PRIMARY KEY, captured_at $type); INSERT INTO c VALUES (1, '$old')");
        my @file = ('c=' . input_file('c.csv', csv([qw(id captured_at)], [ 1, $new ])));
        my $result = loads($db, \@file, 'updated 1', "$type does not decide");
        like($result->stderr, qr/table public\.c: column "captured_at" is not used as the timestamp/, "$type: with a warning");
        $db->sql("TRUNCATE c; INSERT INTO c VALUES (1, '$old')");
        $result = loads($db, [ '--timestamp-column=captured_at', @file ], $type eq 'jsonb' ? 'updated 1' : 'skipped 1', "$type does if it is named");
        like($result->stderr, qr/column "captured_at" is used as the timestamp, although/, "$type: with a warning, too");
        $result = loads($db, [ '--timestamp-column=none', @file ], $type eq 'jsonb' ? 'unchanged 1' : 'updated 1', "$type: none");
        unlike($result->stderr, qr/captured_at/, "$type: no warning");
    }
};

done_testing;
