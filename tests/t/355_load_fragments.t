# Many small sources: thousands of them are staged by a few COPYs, and it is as if each had
# been read alone. Which record of which source a row is of is never mixed up.

use strict;
use warnings;

use FindBin;
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep);
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Load;
use PgSample::Test::Process;
use PgSample::Test::Server;

my $server  = PgSample::Test::Server->start;
my $db      = $server->create_database;
my @STAGING = ('--staging=auto', '--staging=always');
my $seed    = $ENV{PG_SAMPLE_TEST_SEED} || 355;
srand $seed;
note "PG_SAMPLE_TEST_SEED=$seed";

$server->database($db->name)->sql('ALTER DATABASE ' . $db->name . " SET log_statement = 'mod'");

# How many COPYs into staging tables the server has seen since the offset in its log.
sub count_copies
{
    my ($offset) = @_;
    my $text = substr $server->log_text, $offset;
    return scalar(() = $text =~ /^(?:.*LOG: +statement: |\t)COPY .*_staging_.* FROM STDIN/mg);
}

# ---- 2,000 fragments

my %COLUMN = (a => [ 'id', 'v' ], b => [ 'id', 'a', 'v' ], c => [ 'id', 'v' ], d => [ 'id', 'v' ]);
my @TABLES = sort keys %COLUMN;

sub make_tables
{
    $db->sql(<<'SQL');
DROP TABLE IF EXISTS a, b, c, d;
CREATE TABLE a (id int PRIMARY KEY, v text);
CREATE TABLE b (id int PRIMARY KEY, a int, v text);
CREATE TABLE c (id int, v text, PRIMARY KEY (id));
CREATE TABLE d (id int PRIMARY KEY, v text);
SQL
    return;
}

# Records of JSON: one after the other, or in an array.
sub json
{
    my (@rows) = @_;
    my @records = map { qq({"id": $_->[0], "v": "$_->[1]"}) } @rows;
    return int(rand 2) ? join("\n", @records) : '[' . join(', ', @records) . ']';
}

# One fragment of a table: its path. The format is the table's; some are compressed.
sub fragment
{
    my ($table, @rows) = @_;
    my %text = (b => \&copy_text, d => \&json);
    my %extension = (b => 'copy', d => 'json');
    my $text = $text{$table} ? $text{$table}->(@rows) : csv($COLUMN{$table}, @rows);
    my $extension = $extension{$table} || 'csv';
    my $chance = rand;
    return input_file("f.$extension.gz", gz($text)) if $chance < 0.2;
    return input_file("f.$extension.zst", zst($text)) if $chance < 0.4;
    return input_file("f.$extension", $text);
}

# Fragments of random sizes, and what they must make of empty tables: of the records of a
# key the last one, in the order of the sources.
my (@fragments, %rows, %n_records, %n_fragments, %n_bytes);
for my $table (@TABLES) {
    for my $i (0 .. ($table eq 'a' ? 1099 : 299)) {
        my $n = $i % 50 == 7 ? 0 : $i == 200 ? 3000 : 1 + int rand 5;
        my @rows = map {
            my $id = int rand 2000;
            my @more = $table eq 'b' ? int rand 10 : ();
            [ $id, @more, "$table.$i.$_" ]
        } 1 .. $n;
        $rows{$table}{ $_->[0] } = '(' . join(',', @$_) . ')' for @rows;
        my $path = fragment($table, @rows);
        push @fragments, "$table=$path";
        $n_records{$table} += $n;
        $n_fragments{$table}++;
        $n_bytes{$table} += -s $path;
    }
}

subtest scalar(@fragments) . ' fragments' => sub {
    my %images;
    for my $options (
        ['--staging=auto'], ['--staging=always'],
        [ '--staging=auto', '--staging-min-rows=1000000' ],
        [ '--staging=auto', '--staging-min-rows=500', '--batch-size=7' ],
        [ '--staging=always', '--batch-size=7' ],
        map { [ '--staging=always', "--jobs=$_" ] } 2, 4
    ) {
        my $name = "@$options";
        make_tables();
        my $log = length $server->log_text;
        my $result = load($db, @$options, @fragments);
        is($result->status, 0, $name) or diag $result->describe;
        for my $table (@TABLES) {
            is(content($db, $table), join("\n", sort values %{ $rows{$table} }), "$name: the rows of $table");
            is($result->count($_->[0], $table), $_->[1]{$table}, "$name: $_->[0] of $table")
                for [ total_source_rows => \%n_records ], [ fragments => \%n_fragments ], [ bytes => \%n_bytes ];
        }
        next if "@$options" =~ /batch-size/;
        my $n = count_copies($log);
        cmp_ok($n, '>=', @TABLES, "$name: each table is copied");
        cmp_ok($n, '<=', $name =~ /jobs=(\d)/ ? 8 * $1 + 9 : 9, "$name: by few COPYs ($n)");
    }
};

# ---- which record it is

# Bad records of all kinds at known places: [fragment, record, reason].
sub bad_fragments
{
    my (@bad, @files);
    for my $i (0 .. 299) {
        my @lines = map { ($i * 10 + $_) . ",v$i.$_" } 1 .. 1 + $i % 4;
        my $file = $i;
        if ($i % 17 == 3) {
            splice @lines, $#lines, 0, "1,2,3";
            push @bad, [ $file, scalar @lines - 1, 'it has 3 fields, but there are 2 columns' ];
        }
        if ($i % 23 == 5) {
            push @lines, 'x,y';
            push @bad, [ $file, scalar @lines, 'invalid input syntax for type integer: "x"' ];
        }
        if ($i == 100) {
            push @lines, map { "y$_,z" } 1 .. 80;
            push @bad, map { [ $file, scalar(@lines) - 80 + $_, qq(invalid input syntax for type integer: "y$_") ] } 1 .. 80;
        }
        if ($i == 250) {
            push @lines, 'null,key', ',key';
            push @bad, [ $file, scalar(@lines) - 1, 'invalid input syntax for type integer: "null"' ];
        }
        push @files, input_file("f$i.csv", join '', map { "$_\n" } 'id,v', @lines);
    }
    return (\@bad, \@files);
}

# What the rejects file says, in its order.
sub rejects_of
{
    my ($path) = @_;
    return map { "$_->{source} $_->{record} $_->{reason}" } parse_csv(slurp($path));
}

subtest 'rejects name their fragment and record' => sub {
    my ($bad, $files) = bad_fragments();
    my @expected = map { "$files->[$_->[0]] $_->[1] $_->[2]" } @$bad, [ 250, 5, 'null value in the key' ];
    $db->sql('DROP TABLE IF EXISTS t; CREATE TABLE t (id int PRIMARY KEY, v text)');
    my %counts;
    for my $options (
        (map { my $staging = $_; map { [ $staging, $_ ] } '--batch-size=7', '--batch-size=10000' } @STAGING),
        (map { [ '--staging=always', "--jobs=$_" ] } 2, 4),
        [ '--staging=always', '--jobs=4', '--batch-size=7' ]
    ) {
        my $name = "@$options";
        my $rejects = input_path('rejects.csv');
        $db->sql('TRUNCATE t');
        my $result = load($db, @$options, '--max-errors=1000', "--rejects-file=$rejects", map { "t=$_" } @$files);
        is($result->status, 5, "$name: loaded, with rejects") or diag $result->describe;
        is(join("\n", rejects_of($rejects)), join("\n", @expected), "$name: rejects, in their order");
        $counts{ $result->summary . "\n" . image($db) } = $name;
    }
    is(scalar keys %counts, 1, 'the same counts and rows') or diag join "\n", %counts;
    is($db->value("SELECT count(*) FROM t WHERE v = 'v' || id / 10 || '.' || id % 10"),
        $db->value('SELECT count(*) FROM t'), 'good records are whole');
};

# Records of JSON have no header: nothing has to be looked at for each source.
subtest 'JSON' => sub {
    $db->sql('DROP TABLE IF EXISTS t; CREATE TABLE t (id int PRIMARY KEY, v text)');
    my (@files, @expected);
    for my $i (0 .. 299) {
        my @records = map { sprintf '{"id": %d, "v": "v%d.%d"}', $i * 10 + $_, $i, $_ } 1 .. 1 + $i % 4;
        splice @records, 1, 0, '{"id": 1, "other": 2}' if $i % 17 == 3;
        push @records, '{"id": "x"}' if $i % 23 == 5;
        push @files, input_file("f$i." . ($i % 3 ? 'json' : 'jsonl'), join '', map { "$_\n" } @records);
        push @expected, map { "$files[$i] " . ($_ + 1) }
            grep { $records[$_] !~ /"id": \d+, "v"/ } 0 .. $#records;
    }
    for my $options (map { ref ? $_ : [$_] } @STAGING, [ '--staging=always', '--batch-size=7' ],
        [ '--staging=always', '--jobs=3' ])
    {
        my $rejects = input_path('rejects.csv');
        $db->sql('TRUNCATE t');
        my $log = length $server->log_text;
        my $result = load($db, @$options, '--max-errors=1000', "--rejects-file=$rejects", map { "t=$_" } @files);
        is($result->status, 5, "@$options: loaded, with rejects") or diag $result->describe;
        is(join("\n", map { s/ \d+\K .*//r } rejects_of($rejects)), join("\n", @expected), "@$options: which");
        is($db->value("SELECT count(*) FROM t WHERE v = 'v' || id / 10 || '.' || id % 10"), 750, "@$options: the others");
        cmp_ok(count_copies($log), '<', 100, "@$options: by few COPYs") if "@$options" !~ /batch-size/;
    }
};

# A foreign key and a duplicate are found by queries; they name the record, too.
subtest 'checks name the fragment and record' => sub {
    $db->sql(<<'SQL');
DROP TABLE IF EXISTS t, parent;
CREATE TABLE parent (id int PRIMARY KEY);
INSERT INTO parent SELECT generate_series(0, 500);
CREATE TABLE t (id int PRIMARY KEY, parent int REFERENCES parent, CHECK (id <> 177));
SQL
    my @files = map {
        input_file("f$_.csv", csv([ 'id', 'parent' ], map { [ $_, $_ == 93 ? 777 : $_ ] } $_ * 2, $_ * 2 + 1))
    } 0 .. 99;
    for my $staging (@STAGING) {
        my $rejects = input_path('rejects.csv');
        $db->sql('TRUNCATE t');
        my $result = load($db, $staging, '--max-errors=2', "--rejects-file=$rejects", map { "t=$_" } @files);
        is($result->status, 5, "$staging: loaded, with rejects") or diag $result->describe;
        is(join("\n", sort map { s/ \d\K .*//r } rejects_of($rejects)), "$files[46] 2\n$files[88] 2", "$staging: which");
    }
};

# ---- order of columns, other headers, empty ones

subtest 'headers' => sub {
    $db->sql('DROP TABLE IF EXISTS t; CREATE TABLE t (id int PRIMARY KEY, v text)');
    my @files = map {
        my @columns = $_ % 5 == 4 ? ('v', 'id') : ('id', 'v');
        my %value = (id => $_, v => "v$_");
        input_file('f.csv', csv(\@columns, [ @value{@columns} ]));
    } 0 .. 199;
    for my $options (map { [$_] } @STAGING, [ '--staging=always', '--jobs=3' ], [ '--staging=auto', '--staging=never' ]) {
        my @options = map { ref ? @$_ : $_ } @$options;
        $db->sql('TRUNCATE t');
        loads($db, [ @options, map { "t=$_" } @files ], 'inserted 200', "@options: columns in another order");
        is($db->value("SELECT count(*) FROM t WHERE v = 'v' || id"), 200, "@options: values");
    }
    splice @files, 150, 1, input_file('other.csv', csv([ 'id', 'w' ], [ 1, 'a' ]));
    $db->sql('TRUNCATE t');
    refuses($db, [ @$_, map { "t=$_" } @files ], 3, qr/other\.csv/, "@$_: another column")
        for map { ref ? $_ : [$_] } @STAGING, [ '--staging=always', '--jobs=3' ];
};

subtest 'fragments without rows' => sub {
    $db->sql('DROP TABLE IF EXISTS t; CREATE TABLE t (id int PRIMARY KEY, v text)');
    my @files = map { input_file('f.copy', $_ % 3 ? '' : copy_text([ $_, "v$_" ])) } 0 .. 299;
    for my $options (map { ref ? $_ : [$_] } @STAGING, [ '--staging=always', '--jobs=3' ]) {
        $db->sql('TRUNCATE t');
        my $result = loads($db, [ @$options, map { "t=$_" } @files ], 'inserted 100', "@$options: of 0 bytes");
        is($result->count('fragments'), 300, "@$options: they count as fragments");
        loads($db, [ @$options, '--min-rows=0', map { "t=$_" } grep { !-s } @files ], 'nothing', "@$options: nothing else");
    }
    my @more = (input_file('f.csv', "id,v\n1,a\n"), input_file('empty.csv', ''), input_file('g.csv', "id,v\n2,a\n"));
    refuses($db, [ $_, map { "t=$_" } @more ], 3, qr/empty\.csv, line 1: there is no header/, "$_: CSV of 0 bytes")
        for @STAGING;
};

# ---- fragments that cannot be read

subtest 'one that cannot be read' => sub {
    $db->sql("DROP TABLE IF EXISTS t; CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t VALUES (1, 'live')");
    my @files = map { input_file("f$_.csv", csv([ 'id', 'v' ], [ $_, "v$_" ])) } 2 .. 401;
    my $text = csv([ 'id', 'v' ], map { [ $_, "v$_" ] } 1000 .. 1099);
    my $dangling = input_path('dangling.csv');
    symlink '/nonexistent', $dangling or die "could not make $dangling: $!\n";
    my $folder = input_path('folder.csv');
    mkdir $folder or die "could not create $folder: $!\n";
    my @bad = (
        [ input_file('cut.csv.gz', substr gz($text), 0, -9), 2, qr/cut\.csv\.gz: its compressed data is cut off/ ],
        [ input_file('cut.csv.zst', substr zst($text), 0, -9), 2, qr/cut\.csv\.zst: its compressed data is cut off/ ],
        [ input_file('bad.csv.gz', gz($text) . 'more bytes than that'), 2, qr/bad\.csv\.gz: .* is damaged/ ],
        [ input_file('quote.csv', qq{id,v\n5,"a\n}), 3, qr/quote\.csv, line 2/ ],
        [ $dangling, 2, qr/could not find .*dangling\.csv: No such file/ ],
        [ $folder, 2, qr/folder\.csv is a directory/ ],
    );
    for my $options (map { ref ? $_ : [$_] } @STAGING, [ '--staging=auto', '--staging-min-rows=50' ],
        [ '--staging=always', '--jobs=3' ])
    {
        for my $bad (@bad) {
            my ($path, $status, $message) = @$bad;
            my @sources = map { "t=$_" } @files;
            splice @sources, 300, 0, "t=$path";
            my $name = "@$options: " . ($path =~ s{.*/}{}r);
            my $result = refuses($db, [ @$options, @sources ], $status, $message, $name);
            like($result->metrics->{error}, $message, "$name: error in the metrics") if $result->metrics;
        }
    }
};

subtest 'one that vanishes, or is being written' => sub {
    my @files = map { input_file("f$_.csv", csv([ 'id', 'v' ], [ $_, "v$_" ])) } 2 .. 401;
    my $big = input_file('big.csv', csv([ 'id', 'v' ], map { [ $_, 'v' ] } 1000 .. 200_000));
    for my $options (map { ref ? $_ : [$_] } @STAGING, [ '--staging=always', '--jobs=3' ]) {
        my $writer = fork // die "could not fork: $!\n";
        if ($writer == 0) {
            open my $file, '>>', $big or POSIX::_exit(1);
            while (syswrite $file, "\n") { sleep 0.001 }
            POSIX::_exit(1);
        }
        my @sources = map { "t=$_" } @files[ 0 .. 199 ], $big, @files[ 200 .. 399 ];
        refuses($db, [ @$options, @sources ], 2, qr/big\.csv: it was changed while it was being read/,
            "@$options: it grows");
        kill KILL => $writer;
        waitpid $writer, 0;
    }
    # the first source is a pipe, whose writer removes another one
    my $pipe = input_path('pipe.csv');
    POSIX::mkfifo($pipe, 0600) or die "could not make $pipe: $!\n";
    my $run = start_load($db, '--staging=always', "t=$pipe", map { "t=$_" } @files);
    open my $writer, '>', $pipe or die "could not open $pipe: $!\n";
    my $gone = $files[250];
    unlink $gone or die "could not remove $gone: $!\n";
    print {$writer} "id,v\n900,x\n";
    close $writer or die "could not write $pipe: $!\n";
    my $before = image($db);
    my $result = $run->finish;
    is($result->status, 2, 'one is removed before it is read') or diag $result->describe;
    like($result->stderr, qr/could not open \Q$gone\E: No such file/, 'its message');
    is(image($db), $before, 'nothing is loaded');
};

subtest 'sources are not all open' => sub {
    my @sources = map { 't=' . input_file("f$_.csv", csv([ 'id', 'v' ], [ $_, "v$_" ])) } 1 .. 1500;
    for my $options (map { ref ? $_ : [$_] } @STAGING, [ '--staging=always', '--jobs=3' ], '--staging=never') {
        $db->sql('TRUNCATE t');
        my $result = PgSample::Test::Process->run(
            command => [
                'sh', '-c', 'ulimit -n 60 && exec "$@"', 'sh', load_program(), '-d', $db->name, @$options, @sources
            ],
            env => { $server->environment($db->user) }
        );
        is($result->status, 0, "@$options: 1,500 sources, 60 open files at most") or diag $result->describe;
        is($db->value('SELECT count(*) FROM t'), 1500, "@$options: rows");
    }
};

done_testing;
