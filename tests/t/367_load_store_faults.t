# Object stores that fail: what is tried again, what is said, and that nothing is loaded. The
# store is our own, so the beginning shows that it refuses what a real one refuses.

use strict;
use warnings;

use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

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

done_testing;
