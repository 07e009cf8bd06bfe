# Object stores that fail: what is tried again, the messages, and that nothing is loaded. The
# store is part of the tests, so the beginning shows that it refuses what a real one refuses.

use strict;
use warnings;

use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Load;
use PgSample::Test::ObjectStore;
use PgSample::Test::S3Signature qw(sign signed_request verify);
use PgSample::Test::Server;

my $store = PgSample::Test::ObjectStore->start;
$store->put('bucket', 'a' => 'one', "b \x{c3}\x{bc}+%&?/c" => 'two', 'c' => 'three');

# ---- the store

subtest 'the signature that AWS publishes' => sub {
    my %request = (
        method  => 'GET',
        target  => '/test.txt',
        body    => '',
        headers => {
            host                   => 'examplebucket.s3.amazonaws.com',
            range                  => 'bytes=0-9',
            'x-amz-content-sha256' => 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
            'x-amz-date'           => '20130524T000000Z',
        }
    );
    my %account = (access_key => 'AKIAIOSFODNN7EXAMPLE', secret => 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
        region => 'us-east-1', now => 1_369_353_600);
    my $signature = 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41';
    my $scope = '20130524/us-east-1/s3/aws4_request';
    is(sign(\%request, [qw(host range x-amz-content-sha256 x-amz-date)], '20130524T000000Z', $scope, $account{secret}),
        $signature, 'is computed');
    $request{headers}{authorization} = "AWS4-HMAC-SHA256 Credential=$account{access_key}/$scope,"
        . "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,Signature=$signature";
    is_deeply([ verify(\%request, \%account) ], [], 'and accepted');
    my %case = (
        'another secret'  => [ 'SignatureDoesNotMatch', sub { $_[1]{secret} .= 'x' } ],
        'another path'    => [ 'SignatureDoesNotMatch', sub { $_[0]{target} = '/test.tx' } ],
        'another range'   => [ 'SignatureDoesNotMatch', sub { $_[0]{headers}{range} = 'bytes=0-8' } ],
        'another method'  => [ 'SignatureDoesNotMatch', sub { $_[0]{method} = 'HEAD' } ],
        'a clock that is ahead' => [ 'RequestTimeTooSkewed', sub { $_[1]{now} += 16 * 60 } ],
        'another region'  => [ 'AuthorizationHeaderMalformed', sub { $_[1]{region} = 'eu-central-1' } ],
        'another key'     => [ 'InvalidAccessKeyId', sub { $_[1]{access_key} = 'OTHER' } ],
        'no hash of the body' => [ 'InvalidRequest', sub { delete $_[0]{headers}{'x-amz-content-sha256'} } ],
        'another body'    => [ 'XAmzContentSHA256Mismatch', sub { $_[0]{body} = 'x' } ],
        'a header that is not signed' => [ 'AccessDenied', sub { $_[0]{headers}{'x-amz-acl'} = 'private' } ],
        'a token that is not signed'  => [ 'AccessDenied', sub { $_[0]{headers}{'x-amz-security-token'} = 't' } ],
        'no token'        => [ 'InvalidAccessKeyId', sub { $_[1]{token} = 't' } ],
        'no signature'    => [ 'AccessDenied', sub { delete $_[0]{headers}{authorization} } ],
    );
    for my $name (sort keys %case) {
        my ($code, $change) = @{ $case{$name} };
        my %other = (%request, headers => { %{ $request{headers} } });
        my %other_account = %account;
        $change->(\%other, \%other_account);
        is((verify(\%other, \%other_account))[0], $code, $name);
    }
};

sub ask
{
    my ($target, %more) = @_;
    my %account = (host => '127.0.0.1', access_key => $store->ACCESS_KEY, secret => $store->SECRET,
        region => 'us-east-1', %more);
    return $store->ask(signed_request(\%account, 'GET', $target, ''));
}

subtest 'what the store of these tests answers' => sub {
    like(ask('/bucket/a'), qr{\AHTTP/1[.]1 200 OK\r\n.*^etag: "[0-9a-f]{32}"\r\n.*\r\n\r\none\z}ms, 'an object');
    like(ask('/bucket/b%20%C3%BC%2B%25%26%3F/c'), qr/\r\n\r\ntwo\z/, 'a key that needs to be encoded');
    like(ask('/bucket/a', secret => 'x'), qr{ 403 .*<Code>SignatureDoesNotMatch<}s, 'a wrong secret');
    like(ask('/bucket/a', access_key => 'x'), qr{ 403 .*<Code>InvalidAccessKeyId<}s, 'a wrong key');
    like(ask('/bucket/a', now => time - 3600), qr{ 403 .*<Code>RequestTimeTooSkewed<}s, 'a clock that is late');
    like(ask('/bucket/a', host => 'bucket.localhost'), qr{ 404 .*<Code>NoSuchKey<}s, 'the bucket in the name of the host');
    like(ask('/a', host => 'bucket.localhost:99'), qr{\r\n\r\none\z}, 'and the key alone in the path');
    like(ask('/other/a'), qr{ 404 .*<Code>NoSuchBucket<}s, 'no such bucket');
    my $page = ask('/bucket?encoding-type=url&list-type=2&prefix=');
    like($page, qr{<IsTruncated>true<.*<Key>a</Key>.*<Key>b%20%C3%BC%2B%25%26%3F/c</Key>}s, 'a page of two keys, encoded');
    my ($token) = $page =~ m{<NextContinuationToken>(.*?)<};
    $page = ask("/bucket?continuation-token=$token&encoding-type=url&list-type=2&prefix=");
    like($page, qr{<IsTruncated>false<.*<Key>c</Key><.*<Size>5<}s, 'and the last page');
    unlike($page, qr{<Key>[ab]}, 'without the keys of the first');
    is(scalar $store->requests, 10, 'the requests are logged');
    $store->fault('GET /bucket/a', 'error', code => 'SlowDown', status => 503, times => 2, after => 1);
    is(join(' ', map { ask('/bucket/a') =~ m{\AHTTP/1.1 (\d+)} } 1 .. 4), '200 503 503 200', 'it fails when it is to');
    is($store->end_faults, 0, 'and no more');
};

# ---- loads

my $server = PgSample::Test::Server->start;
my $db     = $server->create_database;
$db->sql('CREATE TABLE item (id int PRIMARY KEY, v text)');

use constant N => 6; # objects of the batch

# One is larger than what is fetched ahead of an object.
sub object_text
{
    my ($i) = @_;
    return join '', "id,v\n", map { "$i$_," . 'x' x 100 . "\n" } 1000 .. ($i == 3 ? 6000 : 1001);
}

my %objects = map { ("staging/b1/item/$_.csv" => object_text($_)) } 1 .. N;
my $n_rows = 5 * 2 + 5001;

sub fresh
{
    $db->sql('TRUNCATE item; DROP SCHEMA IF EXISTS _pg_sample_load CASCADE');
    $store->end_faults;
    $store->put('data', %objects);
    $store->requests;
    return;
}

sub load_batch
{
    my (@argument) = @_;
    return load($db, '--batch-id=b1', '--source=s3://data', '--max-records=0', '--fetch-timeout=1s', @argument,
        { env => { $store->environment } });
}

sub count_requests
{
    my (@lines) = @_;
    return scalar grep { m{/item/|list-type} } @lines;
}

use constant LISTINGS => 3; # of the batch, two keys a page

subtest 'without a fault' => sub {
    fresh();
    my $result = load_batch();
    is($result->summary, "inserted $n_rows", 'all is loaded') or diag $result->describe;
    is(count_requests($store->requests), N + LISTINGS, 'by one request for each page and object');
};

# The fault; how often; what the requests are besides.
my @temporary = (
    [ 'error 500' => 'error', code => 'InternalError', status => 500 ],
    [ 'error 502, not from the store' => 'error', code => '', status => 502 ],
    [ 'error 503' => 'error', code => 'SlowDown', status => 503, headers => { 'retry-after' => 1 } ],
    [ 'error 429' => 'error', code => 'TooManyRequests', status => 429 ],
    [ 'an answer that is cut off' => 'truncate' ],
    [ 'a connection that is reset in an answer' => 'truncate_reset' ],
    [ 'a connection that is closed'  => 'close' ],
    [ 'a connection that is reset'   => 'reset' ],
    [ 'too large a Content-Length'   => 'long' ],
    [ 'an answer that stops'         => 'stall' ],
    [ 'no answer'                    => 'silent' ],
    [ 'an error in place of the answer' => 'ok_error' ],
    [ 'contents that do not match the ETag' => 'damage' ],
);

for my $case (@temporary) {
    my ($name, $what, %more) = @$case;
    for my $request ('item/2.csv', 'item/3.csv', 'list-type') {
        # a listing has no ETag, and a byte in it may be anything
        next if $what eq 'damage' && $request ne 'item/2.csv';
        # the rest of an object whose length is another one is that of another object
        next if $what eq 'long' && $request eq 'item/3.csv';
        subtest "$name, $request" => sub {
            fresh();
            $store->fault("GET .*$request", $what, times => 2, %more);
            my $result = load_batch();
            is($result->status, 0, 'is tried again') or diag $result->describe;
            is($db->value('SELECT count(*) FROM item'), $n_rows, 'all is loaded');
            is($store->end_faults, 0, 'the fault has happened');
            my @requests = $store->requests;
            is(count_requests(@requests), N + LISTINGS + 2, 'the requests are as many as needed') or diag join "\n", @requests;
        };
    }
}

# Retries, and no end to it.
for my $case (@temporary) {
    my ($name, $what, %more) = @$case;
    next if $what =~ /\A(?:stall|silent)\z/ && !$ENV{PG_SAMPLE_SLOW_TESTS};
    subtest "$name, without an end" => sub {
        fresh();
        $store->fault('GET .*item/2.csv', $what, times => -1, %more);
        # what fails while it is fetched ahead is not counted
        my $result = load_batch('--fetch-retries=1');
        refused($result, qr{could not read s3://data/staging/b1/item/2[.]csv: .*});
        like($result->stderr, qr{detail: .*1 }, 'which says that it was tried again');
        # libcurl itself sends a request again if a connection that it has kept turns out to be closed
        my $more = $what =~ /\A(?:close|reset)\z/ ? 5 : 0;
        cmp_ok(count_requests($store->requests), '<=', N + LISTINGS + 2 + $more, 'and it is not asked for too often');
    };
}

# One message, and nothing is loaded.
sub refused
{
    my ($result, $message, $status) = @_;
    is($result->status, $status || 2, 'the load fails') or diag $result->describe;
    like($result->stderr, $message, 'with a message');
    is(scalar(() = $result->stderr =~ /: error: /g), 1, 'and no other one');
    is($db->value('SELECT count(*) FROM item'), 0, 'nothing is loaded');
    return;
}

my @permanent = (
    [ 'no such bucket' => 'list-type', 'error', 1, qr{the bucket does not exist}, code => 'NoSuchBucket', status => 404 ],
    [ 'no such key'    => 'item/2', 'error', 1, qr{item/2[.]csv: the object does not exist}, code => 'NoSuchKey', status => 404 ],
    [ 'no permission'  => 'item/2', 'error', 1, qr{item/2[.]csv: the object store denies access}, code => 'AccessDenied', status => 403 ],
    [ 'another region' => 'list-type', 'redirect', 1, qr{the bucket is in the region "eu-north-1".*hint: .*eu-north-1}s, region => 'eu-north-1' ],
    [ 'a token that repeats' => 'list-type', 'list', -1, qr{could not read the list of}, token => '612f', truncated => 1 ],
    [ 'a page without a token' => 'list-type', 'list', -1, qr{could not read the list of}, token => '', truncated => 1 ],
    [ 'keys of other prefixes' => 'list-type', 'list', -1, qr{could not read the list of}, prefix => 'zz' ],
    [ 'no XML'  => 'list-type', 'body', -1, qr{could not read the list of}, body => '<html><body>Hello</body></html>' ],
    [ 'XML that is cut off' => 'list-type', 'body', -1, qr{could not read the list of}, body => '<ListBucketResult><Contents><Key>sta' ],
    [ 'entities' => 'list-type', 'body', -1, qr{could not read the list of}, body => '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">'
        . join('', map { '<!ENTITY ' . chr(97 + $_) . ' "' . ('&' . chr(96 + $_) . ';') x 10 . '">' } 1 .. 20)
        . ']><ListBucketResult><Contents><Key>&u;</Key></Contents></ListBucketResult>' ],
);

for my $case (@permanent) {
    my ($name, $request, $what, $times, $message, %more) = @$case;
    subtest $name => sub {
        fresh();
        $store->fault("GET .*$request", $what, times => $times, %more);
        my $result = load_batch('--fetch-retries=2');
        refused($result, $message);
        cmp_ok(count_requests($store->requests), '<=', N + LISTINGS + 2, 'it is not asked for often');
        unlike($result->stderr, qr/wJalrXUtnFEMI|test:tester/, 'no message has the credentials');
    };
}

subtest 'an object that is replaced after it was listed' => sub {
    for my $i (2, 3) {
        fresh();
        $store->fault("GET .*item/$i.csv", 'replace', bucket => 'data', key => "staging/b1/item/$i.csv", content => "id,v\n1,new\n");
        refused(load_batch(), qr{item/$i[.]csv: the object was replaced during the run});
    }
};

# Of the large object, half was read by then.
subtest 'an object that is replaced while it is read' => sub {
    fresh();
    $store->fault('GET .*item/3.csv', 'truncate');
    $store->fault('GET .*item/3.csv', 'replace', bucket => 'data', key => 'staging/b1/item/3.csv', content => object_text(4));
    refused(load_batch(), qr{item/3[.]csv: the object was replaced during the run});
};

subtest 'what broke off is continued' => sub {
    fresh();
    $store->fault('GET .*item/3.csv', 'truncate', times => 3);
    my $result = load_batch();
    is($result->status, 0, 'the batch is loaded') or diag $result->describe;
    my @ranges = map { /bytes=(\d+)-/ } grep { m{item/3} } $store->requests;
    is(scalar @ranges, 3, 'by asking for the rest');
    cmp_ok($ranges[0], '<', $ranges[1], 'which becomes less');
};

# Without the MD5 sum of an object store it is only the headers that tell.
subtest 'what broke off cannot be continued by anything' => sub {
    fresh();
    my $text = object_text(3);
    $store->put('pub', 'item.csv' => $text);
    my $url = $store->url('pub', 'item.csv');
    my @load = ('--fetch-retries=2', $url, { env => { $store->environment } });
    for my $first ('truncate', 'chunks') {
        $store->fault('GET .*item.csv', $first);
        $store->fault('GET .*item.csv', 'part');
        my $result = load($db, @load);
        is($result->status, 0, "a shorter part, $first") or diag $result->describe;
        is($db->value('SELECT count(*) FROM item'), 5001, 'is followed by the rest');
        is($store->end_faults, 0, 'of which there was one');
        fresh();
        $store->fault('GET .*item.csv', $first);
        $store->fault('GET .*item.csv', 'no_etag');
        refused(load($db, @load), qr{the server does not say which object it goes on with});
    }
    fresh();
    $store->fault('GET .*item.csv', 'chunks');
    $store->fault('GET .*item.csv', 'part', size => '*');
    refused(load($db, @load), qr{the server does not say how long it is});
    fresh();
    $store->fault('GET .*item.csv', 'truncate');
    $store->fault('GET .*item.csv', 'part', size => length($text) + 1);
    refused(load($db, @load), qr{the object was replaced during the run});
};

subtest 'several processes' => sub {
    fresh();
    $store->fault('GET .*item/[1-6].csv', 'error', code => 'SlowDown', status => 503, times => 4);
    my $result = load_batch('--jobs=3');
    is($result->summary, "inserted $n_rows", 'each tries again') or diag $result->describe;
    fresh();
    $store->fault('GET .*item/5.csv', 'error', code => 'AccessDenied', status => 403, times => -1);
    refused(load_batch('--jobs=3'), qr{item/5[.]csv: the object store denies access});
};

subtest 'a load that is interrupted while it waits' => sub {
    fresh();
    $store->fault('GET .*item/2.csv', 'stall', seconds => 30, times => -1);
    my $run = start_load($db, '--batch-id=b1', '--source=s3://data', '--max-records=0', { env => { $store->environment } });
    ok(wait_until(15, sub { return scalar grep { m{item/2.csv} } $store->requests }), 'the object is asked for');
    $run->signal('TERM');
    my $result = $run->finish(10);
    is($result->status, 143, 'it ends at once') or diag $result->describe;
    is($db->value('SELECT count(*) FROM item'), 0, 'nothing is loaded');
};

subtest 'a server that crawls' => sub {
    fresh();
    $store->put('data', 'staging/b1/item/2.csv' => "id,v\n1,a\n2,b\n");
    $store->fault('GET .*item/2.csv', 'slow', pause => 0.2, times => -1);
    refused(load_batch('--fetch-retries=0'), qr{item/2[.]csv: .*hardly anything});
    # each of its bytes can be taken at once
    fresh();
    $store->fault('GET .*item/3.csv', 'slow', pause => 0.2, times => -1);
    refused(load_batch('--fetch-retries=0'), qr{item/3[.]csv: .*hardly anything});
};

# The most memory that the run has needed at any time, in kB.
sub watch_memory
{
    my ($run) = @_;
    my $peak = 0;
    while ($run->process->is_running) {
        my ($now) = slurp_or_nothing('/proc/' . $run->process->pid . '/status') =~ /^VmHWM:\s+(\d+) kB/m;
        $peak = $now if defined $now && $now > $peak;
        select undef, undef, undef, 0.02;
    }
    return $peak;
}

sub slurp_or_nothing
{
    my ($path) = @_;
    open my $file, '<', $path or return '';
    local $/ = undef;
    return scalar(<$file>) // '';
}

# 5,000 objects of 4 kB are 20 MB.
subtest 'memory does not grow with the number of objects' => sub {
    fresh();
    my $large = PgSample::Test::ObjectStore->start(page_size => 1000);
    my %peak;
    for my $n (500, 5000) {
        my $text = 'x' x 4000;
        $large->put("data$n", map { (sprintf('staging/b1/item/%05d.csv', $_) => "id,v\n$_,$text\n") } 1 .. $n);
        my $run = start_load($db, '--batch-id=b1', "--source=s3://data$n", '--max-records=0', '--force',
            { env => { $large->environment } });
        $peak{$n} = watch_memory($run);
        my $result = $run->finish;
        is($result->status, 0, "$n objects") or diag $result->describe;
        is($db->value('SELECT count(*) FROM item'), $n, 'are loaded');
    }
    cmp_ok($peak{500}, '>', 1000, 'memory is measured');
    # 18 MB more are read; how full the window of 4 MB gets depends on the machine
    cmp_ok($peak{5000} - $peak{500}, '<', 10_000, 'ten times as many objects need about the same') or diag explain \%peak;
};

done_testing;
