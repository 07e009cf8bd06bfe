# Domains over types whose operators are those of a pseudo-type, of which an enum's do not
# take a domain: wherever either program compares values, they are those of the base type.

use strict;
use warnings;

use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Load;
use PgSample::Test::Server;

my $server = PgSample::Test::Server->start;
my $db     = $server->create_database;

my $has_multirange = $db->value('SHOW server_version_num') >= 140_000;
my %DOMAIN = ( # domain, two values
    paint     => [qw(red green)],
    paint_too => [qw(red green)],
    ints      => [ '{1,2}', '{1,3}' ],
    span      => [ '[1,3)', '[3,5)' ],
    pair      => [ '(1,a)', '(1,b)' ],
    $has_multirange ? (spans => [ '{[1,3)}', '{[3,5)}' ]) : (),
);

$db->sql(<<'SQL');
CREATE SCHEMA "T y";
CREATE TYPE "T y"."Colour" AS ENUM ('green', 'red', 'blue');
CREATE DOMAIN paint AS "T y"."Colour";
CREATE DOMAIN paint_too AS paint CHECK (VALUE::text <> 'blue');
CREATE DOMAIN ints AS int[];
CREATE DOMAIN span AS int4range;
CREATE TYPE two AS (a int, b text);
CREATE DOMAIN pair AS two;
SQL
$db->sql('CREATE DOMAIN spans AS int4multirange') if $has_multirange;

# A table with the domain as its key, in another unique key, and as a value.
sub fill
{
    my ($domain) = @_;
    my ($one, $two) = @{ $DOMAIN{$domain} };
    $db->sql(<<"SQL");
DROP TABLE IF EXISTS t, other;
CREATE TABLE t (k $domain, id int, u $domain, v $domain, PRIMARY KEY (k, id), UNIQUE (u, id));
CREATE UNIQUE INDEX ON t ((COALESCE(v, k)), id);
CREATE TABLE other (id int PRIMARY KEY, k $domain);
INSERT INTO t VALUES ('$one', 1, '$one', '$one'), ('$two', 2, '$two', '$two'), ('$two', 3, NULL, NULL);
INSERT INTO other VALUES (1, '$one'), (2, '$two'), (3, NULL);
SQL
    return ($one, $two);
}

for my $domain (sort keys %DOMAIN) {
    subtest "$domain: loaded" => sub {
        my ($one, $two) = @{ $DOMAIN{$domain} };
        my $rows = csv([ 'k', 'id', 'u', 'v' ], [ $one, 1, $one, $two ], [ $two, 2, $two, $two ],
            [ $one, 4, $two, undef ]);
        my $file = input_file('t.csv', $rows);
        for my $staging ('auto', $domain =~ /paint/ ? ('always', 'never') : ()) {
            fill($domain);
            loads($db, [ "--staging=$staging", $file ], 'inserted 1, updated 1, unchanged 1', "$staging: by the key");
            loads($db, [ "--staging=$staging", $file ], 'unchanged 3', "$staging: again");
            is($db->value('SELECT count(*) FROM t'), 4, "$staging: rows");
        }
        for my $apply ('diff', $domain eq 'paint' ? ('delete-insert', 'truncate', 'swap') : ()) {
            fill($domain);
            my $result = load($db, '--mode=full', '--max-delete-pct=100', "--apply=$apply", $file);
            is($result->status, 0, "$apply: the whole table") or diag $result->describe;
            is(content($db, 't', 'id'), "1\n2\n4", "$apply: rows");
        }
        fill($domain);
        loads($db, [ '--mode=slice', "--slice=k=$two", '--max-delete-pct=100',
            input_file('t.csv', csv([ 'k', 'id', 'u', 'v' ], [ $two, 2, $one, $one ])) ],
            'updated 1, deleted 1', 'a slice') if $domain =~ /paint/;
        fill($domain);
        loads($db, [ '--natural-key=k,id', '--timestamp-column=v', $file ], 'inserted 1, unchanged 1, skipped 1',
            'green is older than red') if $domain =~ /paint/;
        refuses($db, [ input_file('t.csv', csv([ 'k', 'id', 'u', 'v' ], [ $one, 2, $two, undef ])) ], 3,
            qr/unique|duplicate|key/, 'a unique value that another row has');
        loads($db, [ '--natural-key=k', input_file('other.csv', csv([ 'id', 'k' ], [ 9, $one ])) ], 'updated 1',
            'a key without an index');
    };

    subtest "$domain: sampled" => sub {
        my ($one) = fill($domain);
        for my $mode ('--no-staging', '--use-staging') {
            my $result = $db->sample($mode, qq{--root=t:("$one",1)}, '--data-only');
            is($result->status, 0, "$mode: a root") or diag $result->stderr;
            like($result->stdout, qr/^COPY public\.t [^\n]+\n[^\n]+\t1\t[^\n]+\n\\\.$/m, "$mode: one row");
            my $file = input_file('root.csv', csv([ 'u', 'id' ], [ $DOMAIN{$domain}[0], 1 ]));
            $result = $db->sample($mode, "--root-file=t=$file", '--data-only');
            is($result->status, 0, "$mode: a file of roots") or diag $result->stderr;
            $result = $db->sample($mode, '--root=other:1', '--reference=other(k) -> t(k)',
                qq{--explain=t:("$one",1)}, '--data-only');
            is($result->status, 0, "$mode: a reference up, explained") or diag $result->stderr;
            like($result->stdout . $result->stderr, qr/other.*\bt\b/s, "$mode: it is told");
            $result = $db->sample($mode, qq{--root=t:("$one",1)}, '--reference=other(k) -> t(k)', '--data-only');
            like($result->stdout, qr/^COPY public\.other [^\n]+\n1\t[^\n]+\n\\\.$/m, "$mode: a reference down")
                or diag $result->stderr;
        }
    };
}

# An enum's domain can have no foreign key; those of the others can.
subtest 'foreign keys' => sub {
    for my $domain (grep { !/paint/ } sort keys %DOMAIN) {
        my ($one, $two) = fill($domain);
        $db->sql(<<"SQL");
DROP TABLE other;
CREATE TABLE parent (k $domain PRIMARY KEY, n int);
CREATE TABLE child (id int PRIMARY KEY, k $domain REFERENCES parent);
INSERT INTO parent VALUES ('$one', 1), ('$two', 2);
INSERT INTO child VALUES (1, '$one');
SQL
        my $child = input_file('child.csv', csv([ 'id', 'k' ], [ 1, $two ], [ 2, $one ]));
        loads($db, [$child], 'inserted 1, updated 1', "$domain: children");
        refuses($db, [ '--mode=full', '--max-delete-pct=100',
            input_file('parent.csv', csv([ 'k', 'n' ], [ $one, 1 ])) ], 3, qr/child/, "$domain: a parent that is needed");
        for my $mode ('--no-staging', '--use-staging') {
            my $result = $db->sample($mode, '--limit=child = 1, * = 0', '--data-only');
            like($result->stderr, qr/proved: 1 reference/, "$domain: $mode: sampled") or diag $result->stderr;
        }
        $db->sql('DROP TABLE child, parent');
    }
};

done_testing;
