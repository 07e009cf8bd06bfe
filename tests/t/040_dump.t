# The dump as a file: the same bytes again, its frame, cut dumps, names that are commands.

use strict;
use warnings;

use Cwd ();
use Digest::SHA qw(sha256_hex);
use File::Temp ();
use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Check;
use PgSample::Test::DumpText;
use PgSample::Test::Process;
use PgSample::Test::Server;

my $SHOP = Cwd::abs_path("$FindBin::Bin/../../fixtures/shop/shop.sql");

my $server    = PgSample::Test::Server->start;
my $directory = File::Temp->newdir;
my $shop      = $server->create_database;
my $loaded    = $shop->psql(undef, '-f', $SHOP, '-v', 'scale=0.02');
BAIL_OUT('the demonstration database does not load: ' . $loaded->describe)
    if !$loaded->is_ok;

sub dump_of
{
    my ($database, @argument) = @_;
    my $result = $database->sample(@argument);
    die $result->describe if !$result->is_ok;
    return PgSample::Test::DumpText->new($result->stdout);
}

# ok() that does not print two dumps when they differ.
sub same_bytes
{
    my ($got, $expected, $name) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    return 1 if ok($got eq $expected, $name);
    my ($got_lines, $expected_lines) = map { [ split /\n/, $_, -1 ] } $got, $expected;
    my ($line) = grep {
        $got_lines->[$_] !~ /^\\restrict/
            && $got_lines->[$_] ne ($expected_lines->[$_] // '(end)')
    } 0 .. $#$got_lines;
    diag "first difference in line $line:\n  $got_lines->[$line]\n  $expected_lines->[$line]"
        if defined $line;
    return 0;
}

subtest 'the same bytes' => sub {
    my @argument = ('--limit=shop.orders = 3%, 20');
    my $first = dump_of($shop, @argument)->text;
    same_bytes(dump_of($shop, @argument)->text, $first, 'from a second run');

    my $elsewhere = $server->create_database;
    $elsewhere->sql('CREATE TABLE t AS SELECT generate_series(1, 1000)');
    $shop->sql('BEGIN; CREATE TABLE shop.gone (id int); DELETE FROM shop.review; ROLLBACK');
    $shop->sql("CREATE TEMPORARY TABLE gone (id serial); SELECT txid_current()");
    $shop->sql("SET synchronize_seqscans = on; SELECT count(*) FROM shop.exchange_rate");
    same_bytes(dump_of($shop, @argument)->text, $first, 'after other activity');

    my $host = $server->host;
    my $name = $shop->name;
    my %way = (
        'a socket directory of another spelling' => [ '-h', "$host/../" . ($host =~ s{.*/}{}r),
            $name ],
        'a connection string' => [ "host=$host/. port=0" . $server->port . " dbname=$name" ],
        'a URI' => [ "postgresql:///$name?host=$host" ],
    );
    for my $what (sort keys %way) {
        same_bytes(dump_of($shop, @argument, @{ $way{$what} }, { no_database => 1 })->text,
            $first, "through $what");
    }
    my %settings = (
        PGTZ        => 'Asia/Tokyo',
        PGDATESTYLE => 'German',
        PGOPTIONS   => '-c intervalstyle=iso_8601 -c extra_float_digits=-3'
            . ' -c bytea_output=escape -c search_path=shop -c lc_monetary=C'
            . ' -c standard_conforming_strings=off -c xmlbinary=hex'
            . ' -c default_transaction_isolation=serializable'
            . ' -c quote_all_identifiers=on -c enable_seqscan=off',
        LC_ALL => 'C.UTF-8',
        TZ     => 'America/New_York',
    );
    same_bytes(dump_of($shop, @argument, { env => \%settings })->text, $first,
        'whatever the settings of the user are');
    my $file = "$directory/same.sql";
    is($shop->sample(@argument, '-f', $file)->status, 0, 'to a file');
    open my $handle, '<', $file or die "could not open $file: $!";
    same_bytes(do { local $/; <$handle> }, $first, 'the same');
};

subtest 'a restored copy gives the same dump' => sub {
    my $full = dump_of($shop, '--limit=*');
    my $copy = $server->restore($full->text);
    is_deeply([ row_differences(row_texts($copy), row_texts($shop)) ], [],
        'a full sample is a copy');
    # planner statistics of the source decide nothing
    my @rows = map { [ map { ($_->{table}, $_->{lines}) } dump_of($_, '--limit=7')->blocks ] }
        $shop, $copy;
    is_deeply($rows[1], $rows[0], 'and the same rows are sampled from it');
};

subtest 'the frame' => sub {
    my $dump = dump_of($shop, '--limit=shop.country = 3, 2', '-T', 'shop.setting');
    my $header = $dump->header;
    is_deeply($dump->header_values('database'), [ $shop->name ], 'the database');
    is_deeply($dump->header_values('limit'), ['shop.country = 3, 2'], 'the rules');
    is_deeply($dump->header_values('selection'), ['--exclude-table shop.setting'],
        'the selection');
    is_deeply($dump->header_values('rows'), ['first in heap order'], 'the order');
    is_deeply($dump->header_values('encoding'), ['UTF8'], 'the encoding');
    is($dump->header_values('server')->[0], $shop->value('SHOW server_version'),
        'the version of the server');
    like($header, qr/made by pg-sample \d/, 'the version of the program');
    is_deeply(dump_of($shop)->header_values('limit'), ['100'], 'the default rule');
    unlike($dump->text, qr/\Q${\ $server->host }\E/, 'the host is not told');
    my $year = 1900 + (localtime)[5];
    unlike($header . substr($dump->body, -1500), qr/\b$year-\d\d|\d\d:\d\d/, 'nor the time');

    is($dump->key, sha256_hex($dump->body), 'the key is the SHA-256 of the body');
    is($dump->end_key, $dump->key, 'and stands at its end');
    is($dump->rest, '', 'behind it there is nothing');
    my @commands = $dump->body =~ /^(\\[^.].*)$/mg;
    is_deeply(\@commands, [], 'no other psql command');
    my %rows = map { ($_->{table} => scalar @{ $_->{lines} }) } $dump->blocks;
    my $counts = $dump->trailer_counts;
    is_deeply({ map { $counts->{$_} ? ($_ => $counts->{$_}) : () } keys %$counts }, \%rows,
        'the trailer counts the rows of each table');
    ok(exists $counts->{'warehouse.claim'}, 'also of an empty one');
    like($dump->body, qr/^-- The dump is complete\.$/m, 'and says that the dump is complete');
};

subtest '--no-transaction' => sub {
    my $dump = dump_of($shop, '--no-transaction', '--limit=2');
    like($dump->header, qr/^-- not in one transaction/m, 'the header tells');
    ok($dump->body !~ /^(BEGIN|COMMIT);$|pg_sample_seal/m, 'there is no transaction');
    is($dump->key, sha256_hex($dump->body), 'the key is right');
    samples_ok($server->restore($dump->text), $shop);
};

# ---- dumps that were cut

my $SECTIONS = <<'SQL';
CREATE SCHEMA s;
CREATE TYPE s.mood AS ENUM ('sad', 'happy');
CREATE FUNCTION s.f() RETURNS trigger LANGUAGE plpgsql AS $f$
BEGIN
    RAISE NOTICE 'it''s; %', NEW;
    RETURN NEW;
END $f$;
CREATE TABLE s.parent (id serial PRIMARY KEY, v text DEFAULT E'a;\nb', file oid);
CREATE TABLE s.child (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, parent int
    REFERENCES s.parent, m s.mood DEFAULT 'sad');
INSERT INTO s.parent (file) SELECT lo_from_bytea(0, '\x41') FROM generate_series(1, 2);
INSERT INTO s.parent (v) SELECT 'line ' || i FROM generate_series(1, 20) i;
INSERT INTO s.child (parent) SELECT i FROM generate_series(1, 22) i;
CREATE INDEX ON s.child (m);
CREATE TRIGGER t BEFORE UPDATE ON s.child FOR EACH ROW EXECUTE FUNCTION s.f();
CREATE MATERIALIZED VIEW s.v AS SELECT m, count(*) FROM s.child GROUP BY m;
COMMENT ON TABLE s.child IS 'A comment; with a semicolon';
SQL

# Objects that a restore may have made.
my $OBJECTS = <<'SQL';
SELECT (SELECT count(*) FROM pg_class WHERE oid >= 16384
           AND relnamespace <> pg_my_temp_schema())
     + (SELECT count(*) FROM pg_namespace WHERE oid >= 16384 AND nspname !~ '^pg_')
     + (SELECT count(*) FROM pg_proc WHERE oid >= 16384)
     + (SELECT count(*) FROM pg_type WHERE oid >= 16384)
     + (SELECT count(*) FROM pg_largeobject_metadata)
SQL

# Offsets at which a dump is cut: around each of these, and evenly over all of it.
my @LANDMARKS = (
    qr/^-- database/m, qr/^\\restrict /m, qr/^\\restrict \S{30}/m, qr/^BEGIN;\n/m,
    qr/CREATE TEMPORARY TABLE/, qr/pg_sample_seal VALUES \(1, 2\);\n/, qr/^CREATE SCHEMA/m,
    qr/AS ENUM \(\n/, qr/AS \$\$\nBEGIN\n/, qr/RAISE NOTICE 'it/, qr/END \$\$;\n/,
    qr/CREATE TABLE s\.parent \(\n/, qr/OWNED BY/, qr/^COPY s\.child \(id, /m,
    qr/^COPY s\.child .*;\n/m, qr/^COPY s\.child .*;\n(.*\n){5}/m,
    qr/^COPY s\.child .*;\n(.*\n){5}\d+\t/m, qr/^COPY s\.child .*;\n(\d.*\n)+/m,
    qr/^COPY s\.child .*;\n(\d.*\n)+\\/m, qr/^COPY s\.child .*;\n(\d.*\n)+\\\.\n/m,
    qr/^COPY s\.parent .*;\n(.*\n){3}/m, qr/lo_create\(\d+\);\n/, qr/lo_put\(\d+, 0, '/,
    qr/setval\('s\.child_id_seq/, qr/setval\('s\.child_id_seq.*\n/, qr/PRIMARY KEY/,
    qr/PRIMARY KEY \(id\);\n/, qr/^CREATE INDEX/m, qr/^CREATE TRIGGER .*\n/m,
    qr/FOREIGN KEY \(parent\)/, qr/REFERENCES s\.parent\(id\);\n/,
    qr/^REFRESH MATERIALIZED VIEW/m, qr/^REFRESH MATERIALIZED VIEW .*;\n/m,
    qr/pg_sample_seal VALUES \(2/,
);

sub cut_offsets
{
    my ($text) = @_;
    my %offset;
    my @missing = grep { $text =~ $_ ? ($offset{ $+[0] } = 1, 0)[1] : 1 } @LANDMARKS;
    is("@missing", '', 'the dump has every section');
    my $last = rindex $text, 'INSERT INTO pg_temp.pg_sample_seal';
    $offset{ int($last * $_ / 30) } = 1 for 0 .. 29;
    return (sort { $a <=> $b } keys %offset);
}

# How people restore: (name, command with the file's first bytes). The last one goes on after
# errors.
sub restore_commands
{
    my ($target, $file) = @_;
    my $psql = "psql -X -q -d '" . $target->conninfo =~ s/'/'\\''/gr . "'";
    return (
        'psql -f'    => "$psql -v ON_ERROR_STOP=1 -f $file",
        'psql -1 -f' => "$psql -v ON_ERROR_STOP=1 -1 -f $file",
        'a pipe'     => "cat $file | $psql",
    );
}

sub restore_cut
{
    my ($target, $text, $offset, $way) = @_;
    my $file = "$directory/cut.sql";
    open my $handle, '>', $file or die "could not write $file: $!";
    binmode $handle;
    print {$handle} substr $text, 0, $offset;
    close $handle or die "could not write $file: $!";
    my %command = restore_commands($target->as($server->restorer), $file);
    return PgSample::Test::Process->run(
        command => [ 'sh', '-c', $command{$way} ],
        env     => { $server->environment }
    );
}

my @WAYS = ('psql -f', 'psql -1 -f', 'a pipe');

my $sections = $server->create_database;
$sections->sql($SECTIONS);

subtest 'a cut dump restores nothing' => sub {
    my $text    = dump_of($sections)->text;
    my @offsets = cut_offsets($text);
    my $target  = $server->create_database(owner => $server->restorer);
    for my $way (@WAYS) {
        my @restored;
        for my $offset (@offsets) {
            restore_cut($target, $text, $offset, $way);
            next if $target->value($OBJECTS) == 0;
            push @restored, $offset;
            $server->drop_database($target);
            $target = $server->create_database(owner => $server->restorer);
        }
        is("@restored", '', "through $way");
        diag 'it ends with ' . substr $text, $_ - 40, 40 for @restored;
    }
};

subtest 'cut behind the last row: all or nothing' => sub {
    my $text  = dump_of($sections)->text;
    my $whole = length $text;
    my $from  = rindex($text, 'pg_sample_seal VALUES (2, 2)') + 28;
    my $commit = rindex $text, 'COMMIT;';
    my $everything = row_texts($sections);
    for my $way (@WAYS) {
        my %seen;
        for my $offset ($from, $from + 1, $commit, $commit + 3, $commit + 6, $commit + 7,
            $commit + 20, $whole - 10, $whole)
        {
            my $target = $server->create_database(owner => $server->restorer);
            my $result = restore_cut($target, $text, $offset, $way);
            my $is_nothing = $target->value($OBJECTS) == 0;
            my @differences =
                $is_nothing ? () : row_differences(row_texts($target), $everything);
            ok(!@differences, "$way, cut at $offset of $whole");
            is($result->status, 0, "$way: the whole dump restores") if $offset == $whole;
            ok(!$is_nothing, 'and is not nothing') if $offset == $whole;
            $server->drop_database($target);
        }
    }
};

subtest 'cut dumps of data alone' => sub {
    my $target = $server->restore(dump_of($sections, '-s')->text);
    my $rows = 'SELECT (SELECT count(*) FROM s.parent) + (SELECT count(*) FROM s.child)
                       + (SELECT count(*) FROM pg_largeobject_metadata)';
    for my $options ([], ['--inserts']) {
        my $text = dump_of($sections, '-a', @$options)->text;
        my $last = rindex $text, 'INSERT INTO pg_temp.pg_sample_seal';
        for my $way (@WAYS) {
            my @restored;
            for my $offset (map { int($last * $_ / 12) } 1 .. 12) {
                restore_cut($target, $text, $offset, $way);
                next if $target->value($rows) == 0;
                push @restored, $offset;
                $target->sql('TRUNCATE s.parent CASCADE;
                              SELECT lo_unlink(oid) FROM pg_largeobject_metadata');
            }
            is("@restored", '', "-a @$options: nothing through $way");
        }
    }
};

done_testing;
