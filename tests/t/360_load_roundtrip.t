# The demonstration database: a sample of it, loaded into a copy that differs, makes the
# copy equal to the sample where the sample speaks, and changes nothing else. Dumps that are
# cut off, or of another kind, are refused.

use strict;
use warnings;

use FindBin;
use IO::Compress::Gzip qw(gzip $GzipError);
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Load;
use PgSample::Test::Server;

my $server = PgSample::Test::Server->start;
my $source = $server->create_database;
my $loaded =
    $source->psql('', '-v', 'scale=0.02', '-f', "$FindBin::Bin/../../fixtures/shop/shop.sql");
ok($loaded->is_ok, 'the shop is loaded') or BAIL_OUT($loaded->stderr);

my $dump = $source->sample('--limit=* = 40')->stdout;
like($dump, qr/The dump is complete/, 'there is a sample') or BAIL_OUT('no sample');
my $dump_file = input_file('sample.sql', $dump);
my $sample = $server->restore($dump);

# Tables with a primary key: all but the log, which has no key and an INSTEAD rule.
my @TABLES = map { { name => $_->[0], key => $_->[1], column => $_->[2], plain => $_->[3] } } @{ $source->rows(<<'SQL') };
SELECT c.oid::regclass::text,
       'ROW(' || (SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
                   WHERE attrelid = c.oid AND attnum = ANY (k.conkey)) || ')::text',
       (SELECT quote_ident(attname) FROM pg_attribute
         WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped AND NOT attnotnull
           AND attgenerated = '' AND attnum <> ALL (k.conkey) ORDER BY attnum DESC LIMIT 1),
       (SELECT nspname FROM pg_namespace WHERE oid = c.relnamespace) || '.' || c.relname
  FROM pg_class c
       JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'p'
 WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
   AND c.relnamespace IN ('shop'::regnamespace, 'warehouse'::regnamespace)
 ORDER BY 1
SQL
my @WANTED = map { ('-t', $_->{name}) } grep { index($dump, "COPY $_->{name} ") >= 0 } @TABLES;
cmp_ok(scalar @TABLES, '>', 25, 'most tables take part');

# Rows of a table by key, as text.
sub rows_of
{
    my ($database, $table) = @_;
    my $from = $table->{name} =~ /orders|order_item/ ? $table->{name} : "ONLY $table->{name}";
    return { map { $_->[0] => $_->[1] }
            @{ $database->rows("SELECT $table->{key}, x::text FROM $from AS x") } };
}

sub all_rows
{
    my ($database) = @_;
    return { map { $_->{name} => rows_of($database, $_) } @TABLES };
}

# A copy of the source in which rows are missing and columns are null.
sub differing_copy
{
    my $copy = $server->create_database(template => $source);
    my @sql = ("SET session_replication_role = replica");
    for my $table (@TABLES) {
        my $hash = "abs(hashtext($table->{key}))";
        my $from = $table->{name} =~ /orders|order_item/ ? $table->{name} : "ONLY $table->{name}";
        push @sql, "DELETE FROM $from WHERE $hash % 5 = 0";
        push @sql, "UPDATE $from SET $table->{column} = NULL WHERE $table->{column} IS NOT NULL AND $hash % 4 = 1"
            if defined $table->{column};
    }
    push @sql, 'SET session_replication_role = origin',
        # it would set the time of each change, which no second load could find unchanged
        'ALTER TABLE shop.product DISABLE TRIGGER product_touch',
        "SELECT setval(seqrelid::regclass, seqstart, false) FROM pg_sequence";
    $copy->sql(join ";\n", @sql);
    return $copy;
}

# Where tables differ from what is expected, in a few lines.
sub differences
{
    my ($got, $expected) = @_;
    my @differences;
    for my $table (map { $_->{name} } @TABLES) {
        my ($is, $should) = ($got->{$table}, $expected->{$table});
        my @keys = grep { ($is->{$_} // '(missing)') ne ($should->{$_} // '(missing)') }
            sort keys %{ { %$is, %$should } };
        push @differences, map { "$table $_: " . substr($is->{$_} // '(missing)', 0, 200) . ', expected '
                . substr($should->{$_} // '(missing)', 0, 200) } @keys[ 0 .. ($#keys < 2 ? $#keys : 2) ];
    }
    return @differences;
}

sub sequences
{
    my ($database) = @_;
    return { map { $_->[0] => $_->[1] } @{ $database->rows(<<'SQL') } };
SELECT seqrelid::regclass::text,
       coalesce(pg_sequence_last_value(seqrelid), seqstart) * sign(seqincrement)
  FROM pg_sequence
SQL
}

my $in_sample = all_rows($sample);
# how many there are, by the names of the metrics
my %n_sample = map { $_->{plain} => scalar keys %{ $in_sample->{ $_->{name} } } } @TABLES;

subtest 'a differing copy becomes equal where the sample speaks' => sub {
    for my $options ([ '--staging=auto', '--staging-min-rows=100000' ], [ '--staging=always', '--jobs=2' ]) {
        my $name = $options->[0];
        my $copy = differing_copy();
        my $before = all_rows($copy);
        cmp_ok(scalar(differences($before, $in_sample)), '>', 20, "$name: the copy differs");
        my %expected = map { $_ => { %{ $before->{$_} }, %{ $in_sample->{$_} } } } keys %$before;
        my $result = load($copy, @$options, @WANTED, $dump_file);
        is($result->status, 0, "$name: loaded") or diag $result->describe;
        my @differences = differences(all_rows($copy), \%expected);
        ok(!@differences, "$name: every row is as expected") or diag join "\n", splice @differences, 0, 20;
        my %wrong = map { $_ => $result->count('total_source_rows', $_) // 'none' }
            grep { $n_sample{$_} && ($result->count('total_source_rows', $_) // 0) != $n_sample{$_} } keys %n_sample;
        is_deeply(\%wrong, {}, "$name: all rows of the sample are counted");
        my ($sequences, $wanted) = (sequences($copy), sequences($sample));
        my @behind = grep { $sequences->{$_} < $wanted->{$_} } sort keys %$wanted;
        is("@behind", '', "$name: sequences are moved as far as the sample's");

        my $rows_before = all_rows($copy);
        my $again = load($copy, @$options, @WANTED, $dump_file);
        is($again->status, 0, "$name: again") or diag $again->describe;
        my @changed = grep { $n_sample{$_} && $again->summary($_) ne "unchanged $n_sample{$_}" } sort keys %n_sample;
        is(join(', ', map { "$_: " . $again->summary($_) } @changed), '', "$name: every row is unchanged");
        ok(!differences(all_rows($copy), $rows_before), "$name: really");
        is_deeply(sequences($copy), $sequences, "$name: sequences stay where they are");
        $server->drop_database($copy);
    }
};

subtest 'a full load makes the copy the sample' => sub {
    my $copy = differing_copy();
    my $result = load($copy, '--mode=full', '--max-delete-pct=100', '--min-rows=1', '--staging=always', @WANTED,
        $dump_file);
    is($result->status, 0, 'loaded') or diag $result->describe;
    my @differences = differences(all_rows($copy), $in_sample);
    ok(!@differences, 'every row is as expected') or diag join "\n", splice @differences, 0, 20;
    $server->drop_database($copy);
};

subtest 'sequences that are ahead stay there' => sub {
    my $copy = $server->create_database(template => $source);
    $copy->sql("SELECT setval('shop.product_id_seq', 100000), setval('shop.order_no', 9000000)");
    my $result = load($copy, @WANTED, $dump_file);
    is($result->status, 0, 'loaded') or diag $result->describe;
    is($copy->value("SELECT last_value FROM shop.product_id_seq"), 100_000, 'owned');
    is($copy->value("SELECT last_value FROM shop.order_no"), 9_000_000, 'not owned');
    my @changed = grep { $n_sample{$_} && $result->summary($_) ne "unchanged $n_sample{$_}" } sort keys %n_sample;
    is(join(', ', map { "$_: " . $result->summary($_) } @changed), '', 'an exact copy: every row is unchanged');
    $server->drop_database($copy);
};

# ---- dumps of all kinds

my $small = $server->create_database;
$small->sql(<<'SQL');
CREATE SCHEMA "S 1";
CREATE TABLE "S 1"."T,(x" ("id " int PRIMARY KEY, "v)" text);
CREATE TABLE u (id int PRIMARY KEY, t int REFERENCES "S 1"."T,(x", v text, g int GENERATED ALWAYS AS (id) STORED);
INSERT INTO "S 1"."T,(x" SELECT i, E'tab\t back\\ line\n \\. COPY x FROM stdin; ' || i FROM generate_series(1, 50) i;
INSERT INTO u SELECT i, i, CASE WHEN i % 2 = 0 THEN E'\\.' END FROM generate_series(1, 50) i;
SQL
my $small_dump = $small->sample('--limit=* = *')->stdout;

# Loads a dump into empty tables; the image of the result.
sub emptied
{
    my ($what, @arguments) = @_;
    $small->sql('TRUNCATE "S 1"."T,(x", u');
    return load($small, '--allow-same-database', @arguments, ref $what ? ('-', { stdin => $$what }) : $what);
}

my $whole = image($small);

subtest 'plain, compressed, from standard input' => sub {
    gzip(\$small_dump, \my $packed) or die "could not compress: $GzipError\n";
    my %kinds = (
        'a file'           => input_file('d.sql', $small_dump),
        'compressed'       => input_file('d.sql.gz', $packed),
        'any name'         => input_file('dump', $small_dump),
        'standard input'   => \$small_dump,
        'both'             => \$packed,
    );
    for my $kind (sort keys %kinds) {
        for my $staging ('--staging=auto', '--staging=always') {
            my $result = emptied($kinds{$kind}, $staging);
            is($result->status, 0, "$kind $staging") or diag $result->describe;
            is(image($small), $whole, "$kind $staging: rows");
        }
    }
    my $result = emptied(input_file('d.sql', $small_dump), '-t', '"S 1"."T,(x"');
    is($small->value('SELECT count(*) FROM u'), 0, '-t: only that table');
    is($small->value('SELECT count(*) FROM "S 1"."T,(x"'), 50, '-t: but all of it');
};

subtest 'a dump that was cut off' => sub {
    my $length = length $small_dump;
    my $block = index $small_dump, 'COPY ';
    my %cuts = map { $_ => 1 } $block + 30, $block + 300, int($length * 0.7), $length - 400, $length - 150;
    my $end = index $small_dump, "\n\\.\n", $block;
    $cuts{$_} = 1 for $end, $end + 1, $end + 2, $end + 3, $end + 4, index($small_dump, "\n\\.\n", $end + 5) + 4;
    for my $cut (sort { $a <=> $b } keys %cuts) {
        for my $staging ('--staging=auto', '--staging=always') {
            my $result = emptied(input_file('d.sql', substr $small_dump, 0, $cut), $staging);
            isnt($result->status, 0, "cut at $cut of $length: refused, $staging") or diag $result->describe;
            is($small->value('SELECT (SELECT count(*) FROM u) + (SELECT count(*) FROM "S 1"."T,(x")'), 0,
                "cut at $cut: nothing is loaded");
        }
    }
};

subtest 'dumps of other kinds' => sub {
    $small->sql('TRUNCATE "S 1"."T,(x", u; INSERT INTO "S 1"."T,(x" VALUES (1, 1)');
    my $full = $server->create_database(template => $small);
    $full->sql('INSERT INTO "S 1"."T,(x" VALUES (2, 2); INSERT INTO u VALUES (2, 2)');
    my $inserts = $full->sample('--inserts', '--limit=* = *')->stdout;
    refuses($small, [ input_file('i.sql', $inserts) ], [ 1, 2, 3 ], qr/insert/i, 'INSERT statements');
    my $schema = $full->sample('--schema-only')->stdout;
    refuses($small, [ input_file('s.sql', $schema) ], [ 1, 2, 3 ], qr/./, 'without rows');
    my $plain = PgSample::Test::Process->run(
        command => [ PgSample::Test::Server::program('pg_dump'), '-d', $full->conninfo ],
        env => { $server->environment })->stdout;
    my $result = load($small, '--format=pg-sample', input_file('p.sql', $plain));
    ok($result->status ? $small->value('SELECT count(*) FROM u') == 0
        : $small->value('SELECT count(*) FROM u') == 1, 'a dump of pg_dump: loaded whole, or refused')
        or diag $result->describe;
    $small->sql('DROP TABLE u');
    refuses($small, [ input_file('d.sql', $full->sample('--limit=* = *')->stdout) ], 3, qr/\bu\b/,
        'a table that is not there');
};

done_testing;
