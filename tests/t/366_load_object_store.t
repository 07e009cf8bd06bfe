# Batches in an object store: OpenStack Swift, which is not ours and checks signatures.

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use FindBin;
use IO::Compress::Gzip ();
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Load;
use PgSample::Test::LoadBatch;
use PgSample::Test::Process;
use PgSample::Test::Server;
use PgSample::Test::Swift;

plan skip_all => 'PG_SAMPLE_TEST_SWIFT does not name a directory with Swift: see scripts/install-swift'
    if !PgSample::Test::Swift::is_there();

my $server = PgSample::Test::Server->start;
my $db     = $server->create_database;
my $swift  = PgSample::Test::Swift->start;
$swift->make_bucket('load-tests');
PgSample::Test::LoadBatch::use_database($db);

use constant BUCKET => 'load-tests';

# A batch in the bucket, under a prefix of its own.
my $n_prefixes = 0;

sub put_objects
{
    my (%objects) = @_;
    my $prefix = 'p' . ++$n_prefixes;
    fresh();
    set_root('s3://' . BUCKET . "/$prefix");
    $swift->put(BUCKET, map { ("$prefix/$_" => $objects{$_}) } keys %objects);
    return $prefix;
}

# The last argument of a run.
sub store
{
    my (%more) = @_;
    return { env => { $swift->environment(%more) } };
}

sub gzip
{
    my ($text) = @_;
    IO::Compress::Gzip::gzip(\$text, \my $packed);
    return $packed;
}

sub zstd { return PgSample::Test::Process->run(command => [ 'zstd', '-q', '-c' ], stdin => $_[0])->stdout }

subtest 'a batch of several tables, formats and compressions' => sub {
    my $prefix = put_objects(
        'staging/b1/item/1.csv'      => ITEMS,
        'staging/b1/item/2.copy.gz'  => gzip("3\tc\n"),
        'staging/b1/part/1.json'     => '{"data": {"id": 10, "item": 1, "v": "x"}}',
        'staging/b1/part/2.jsonl.zst' => zstd(qq({"id": 11, "item": 3, "v": "y"}\n{"id": 12, "item": 2}\n)),
        'staging/b1/item/.hidden'    => 'x',
        'staging/b1/.git/config'     => 'x',
        'staging/b1/item/'           => '',
        'staging/b10/item/1.csv'     => "id,v\n99,other\n",
        'staging/b1x'                => 'y',
    );
    my $result = batch_is('b1', [store()], 0, qr/Batch load complete: 6 loaded, 0 updated, 0 errors in /, 'the batch is loaded');
    is($result->summary('item'), 'inserted 3', 'item');
    is($result->summary('part'), 'inserted 3', 'part, whose rows reference those of item');
    is(states(), 'b1 public.item committed 3, b1 public.part committed 3', 'the state of each table');
    like($result->stderr, qr/^pg-sample-load: Loading batch b1: 2 tables, 4 fragments$/m, 'log: Loading batch');
    is_deeply($db->column('SELECT DISTINCT source FROM _pg_sample_load.batch'), ["s3://load-tests/$prefix/staging/b1"],
        'the URL is kept');
    like(load($db, '--status', store())->stdout, qr{s3://load-tests/$prefix/staging/b1|b1}, '--status shows it');
    my $image = rows();
    batch_is('b1', [store()], 0, qr/batch b1 is already loaded/, 'loaded is loaded');
    is(rows(), $image, 'and nothing changes');
    $swift->put(BUCKET, "$prefix/staging/b1/item/1.csv" => "id,v\n1,z\n");
    batch_refused('b1', [store()], 4, qr/loaded with other contents/, 'another object in place of one');
    $swift->put(BUCKET, "$prefix/staging/b1/item/1.csv" => ITEMS);
    batch_is('b1', [store()], 0, qr/batch b1 is already loaded/, 'the same contents again');
    $swift->put(BUCKET, "$prefix/staging/b1/item/1.csv" => undef);
    batch_refused('b1', [store()], 4, qr/loaded with other contents/, 'one that was removed');
};

subtest 'the same files in a directory are the same batch' => sub {
    my %files = ('b1/item/1.csv' => ITEMS, 'b1/item/x y+%41.csv' => "id,v\n3,c\n", 'b1/part/1.csv' => PARTS);
    put_objects(map { ("staging/$_" => $files{$_}) } keys %files);
    my $url = root();
    batch_is('b1', [store()], 0, qr/5 loaded/, 'from the store');
    my $sums = $db->column('SELECT manifest_sha256 FROM _pg_sample_load.batch ORDER BY table_name');
    new_root();
    put(%files);
    batch_is('b1', [], 0, qr/batch b1 is already loaded/, 'then from the directory');
    $db->sql('TRUNCATE part, item; DELETE FROM _pg_sample_load.batch');
    batch_is('b1', [], 0, qr/5 loaded/, 'from the directory');
    is_deeply($db->column('SELECT manifest_sha256 FROM _pg_sample_load.batch ORDER BY table_name'), $sums, 'the same sums');
    set_root($url);
    batch_is('b1', [store()], 0, qr/batch b1 is already loaded/, 'then from the store');
};

subtest 'names of objects' => sub {
    my @names = ('a b', 'a+b', 'a%20b', 'a%b', 'a?b=c&d', 'a#b', "\x{c3}\x{bc}", "\x{e2}\x{82}\x{ac}", "\x{f0}\x{9f}\x{98}\x{80}",
        'a..b', 'a&amp;b', "a'b\"c", '(a)!*,;:@=$', '<a>', "a\tb", '-', '~', '\\', 'a' x 200);
    my $i = 0;
    my %objects = map { ("staging/b1/item/$_.csv" => 'id,v' . "\n" . $i++ . ",x\n") } @names;
    put_objects(%objects);
    my $result = batch_is('b1', [store()], 0, qr/1 table, @{[ scalar @names ]} fragments/, 'the batch is loaded');
    is($result->summary, 'inserted ' . @names, 'each is read');
    my $content = sha256_hex(join '', map { my $text = $objects{$_}; my ($name) = m{([^/]*)\z};
        "$name\0" . length($text) . "\0" . sha256_hex($text) . "\0" } sort keys %objects);
    is($db->value('SELECT content_sha256 FROM _pg_sample_load.batch'), $content, 'under its own name, in the order of bytes');
    for my $name ("a b/c d", 'x+y', "\x{c3}\x{a4}&=", 'dot/../x', 'a//b', '.', 'a%2Fb') {
        fresh();
        $swift->put(BUCKET, "$name/staging/b1/item/1.csv" => ITEMS);
        set_root('s3://' . BUCKET . "/$name");
        batch_is('b1', [store()], 0, qr/2 loaded/, "prefix $name");
    }
};

subtest 'what does not fit' => sub {
    for my $case (
        [ 'x.csv'        => qr{/staging/b1/x[.]csv is not the directory of a table} ],
        [ 'item/d/x.csv' => qr{/staging/b1/item/d is a directory in the directory of a table} ],
        [ 'item//x.csv'  => qr{/staging/b1/item/ is a directory in the directory of a table} ],
        [ 'item/x.txt'   => qr{/staging/b1/item/x[.]txt is not a file of a batch} ])
    {
        my ($name, $message) = @$case;
        put_objects('staging/b1/item/1.csv' => ITEMS, "staging/b1/$name" => ITEMS);
        batch_refused('b1', [store()], 2, $message, $name);
    }
    put_objects('staging/b1/nosuch/1.csv' => ITEMS);
    batch_refused('b1', [store()], 3, qr/nosuch/, 'a table that does not exist');
    put_objects('staging/b2/item/1.csv' => ITEMS);
    batch_refused('b1', [store()], 3, qr/Batch validation failed: No fragments found for batch b1/, 'no objects');
};

subtest 'credentials, buckets' => sub {
    put_objects('staging/b1/item/1.csv' => ITEMS);
    batch_refused('b1', [ store(AWS_SECRET_ACCESS_KEY => 'wrong') ], 2,
        qr{could not read the list of s3://load-tests/.*: the object store does not accept the signature}, 'a wrong secret');
    batch_refused('b1', [ store(AWS_ACCESS_KEY_ID => 'test:other') ], 2, qr{the access key is unknown|does not accept the signature}, 'a wrong key');
    batch_refused('b1', [ store(AWS_ACCESS_KEY_ID => undef) ], 2, qr{there are no credentials}, 'none');
    set_root('s3://no-such-bucket/x');
    batch_refused('b1', [store()], 2, qr{no-such-bucket.*the bucket does not exist}, 'no such bucket');
    fresh();
    $swift->put(BUCKET, 'staging/b1/item/1.csv' => ITEMS);
    my $result = load($db, '--batch-id=b1', store(S3_BUCKET => BUCKET));
    is($result->summary, 'inserted 2', 'S3_BUCKET in place of --source') or diag $result->describe;
    $swift->put(BUCKET, 'staging/b1/item/1.csv' => undef);
};

subtest 'more keys than a page has' => sub {
    my $prefix = put_objects();
    $swift->in_parallel(4, sub {
        my ($part) = @_;
        $swift->put(BUCKET, map { (sprintf("$prefix/staging/b1/item/%04d.json", $_) => qq({"id": $_, "v": "v$_"})) }
            grep { $_ % 4 == $part } 1 .. 205);
    });
    my $result = batch_is('b1', [store()], 0, qr/1 table, 205 fragments/, 'the batch is loaded');
    is($result->summary, 'inserted 205', 'all of them');
    is($db->value('SELECT count(*) FROM item WHERE v = \'v\' || id'), 205, 'with their contents');
};

subtest 'several processes' => sub {
    my $prefix = put_objects(map { ("staging/b1/item/$_.json" => qq({"id": $_, "v": "v$_"})) } 100 .. 150);
    my $result = batch_is('b1', [ '--jobs=2', store() ], 0, qr/1 table, 51 fragments/, 'load the batch');
    is($result->summary, 'inserted 51', 'all of it');
    batch_is('b1', [store()], 0, qr/batch b1 is already loaded/, 'and it is the same as by one');
    $swift->put(BUCKET, "$prefix/staging/b1/item/140.json" => '{"id": 1, "v": ');
    batch_refused('b1', [ '--force', '--jobs=2', store() ], 3, qr{/140[.]json}, 'a damaged object');
};

# The listing has the ETag of what is there then. The first objects are fetched ahead.
subtest 'an object that is replaced during the load' => sub {
    my $prefix = put_objects(map { ("staging/b1/item/$_.csv" => "id,v\n$_,c\n") } 10 .. 50);
    batch_is('b1', [ '--approve', store() ], 0, qr/Approved/, 'it is approved');
    my $holder = other_session($db);
    $holder->query('BEGIN; LOCK TABLE item');
    my $run = start_batch('b1', '--require-approval', '--batch-size=1', store());
    wait_until(15, sub { return scalar load_sessions($db, "wait_event_type = 'Lock'") });
    $swift->put(BUCKET, "$prefix/staging/b1/item/50.csv" => "id,v\n4,d\n");
    $holder->close;
    my $result = $run->finish;
    is($result->status, 2, 'the change is noticed') or diag $result->describe;
    like($result->stderr, qr{could not read s3://load-tests/$prefix/staging/b1/item/50[.]csv: the object was replaced},
        'and said');
    is(rows(), "\n--\n", 'nothing is loaded');
    is(states(), 'b1 public.item approved -', 'and the batch can be loaded');
};

done_testing;
