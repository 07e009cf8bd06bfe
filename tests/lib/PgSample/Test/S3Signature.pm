package PgSample::Test::S3Signature;

# Checks the signature of a request to an object store (AWS Signature Version 4) as the
# store does it: everything is computed from the request as it was received. A path and a
# query are decoded and encoded again, so that what a client signs must be what it sends.
#
#     my @error = verify(\%request, \%account);   # (code, HTTP status, message), or none
#
# request: method, target (as in the request line), headers (lower-case names; trimmed
# values) and body. account: access_key, secret, region, and token if it has one; now is
# the time in seconds, by default that of the clock.

use strict;
use warnings;

use Digest::SHA qw(hmac_sha256 hmac_sha256_hex sha256_hex);
use Exporter qw(import);
use POSIX qw(strftime);
use Time::Local qw(timegm);

our @EXPORT_OK = qw(verify encode sign signed_request split_target);

use constant MOST_SKEW => 15 * 60; # seconds

# ---- texts

# RFC 3986: everything but unreserved characters.
sub encode
{
    my ($text, $kept) = @_;
    $kept = '' if !defined $kept;
    $text =~ s/([^A-Za-z0-9._~\-\Q$kept\E])/sprintf '%%%02X', ord $1/ge;
    return $text;
}

sub decode
{
    my ($text) = @_;
    $text =~ s/%([0-9A-Fa-f]{2})/chr hex $1/ge;
    return $text;
}

# The path, decoded, and the parameters, as pairs of decoded texts.
sub split_target
{
    my ($target) = @_;
    my ($path, $query) = split /[?]/, $target, 2;
    my @parameters = map {
        my ($name, $value) = split /=/, $_, 2;
        [ decode($name), decode(defined $value ? $value : '') ]
    } split /&/, defined $query ? $query : '';
    return (decode($path), @parameters);
}

# ---- the signature

sub _canonical_query
{
    my (@parameters) = @_;
    return join '&', sort map { encode($_->[0]) . '=' . encode($_->[1]) } @parameters;
}

# The text that is signed, for the signed headers in their order.
sub _text_to_sign
{
    my ($request, $signed, $time, $scope) = @_;
    my ($path, @parameters) = split_target($request->{target});
    my $headers = join '', map {
        my $value = defined $request->{headers}{$_} ? $request->{headers}{$_} : '';
        $value =~ s/\s+/ /g;
        "$_:$value\n"
    } @$signed;
    my $canonical = join "\n", $request->{method}, encode($path, '/'),
        _canonical_query(@parameters), $headers, join(';', @$signed),
        $request->{headers}{'x-amz-content-sha256'};
    return join "\n", 'AWS4-HMAC-SHA256', $time, $scope, sha256_hex($canonical);
}

# The signature, in hexadecimal. Scope: DATE/REGION/SERVICE/aws4_request.
sub sign
{
    my ($request, $signed, $time, $scope, $secret) = @_;
    my $key = "AWS4$secret";
    $key = hmac_sha256($_, $key) for split m{/}, $scope;
    return hmac_sha256_hex(_text_to_sign($request, $signed, $time, $scope), $key);
}

# For clients: a request with its signature, as text. The account has host, access_key,
# secret and region; more headers can be given.
sub signed_request
{
    my ($account, $method, $target, $body, %more) = @_;
    my $time = strftime('%Y%m%dT%H%M%SZ', gmtime(defined $account->{now} ? $account->{now} : time));
    my $scope = substr($time, 0, 8) . "/$account->{region}/s3/aws4_request";
    my %headers = (
        host                   => $account->{host},
        'x-amz-content-sha256' => sha256_hex($body),
        'x-amz-date'           => $time,
        %more
    );
    my @signed = sort keys %headers;
    my $signature = sign({ method => $method, target => $target, headers => \%headers },
        \@signed, $time, $scope, $account->{secret});
    $headers{authorization} = "AWS4-HMAC-SHA256 Credential=$account->{access_key}/$scope, SignedHeaders="
        . join(';', @signed) . ", Signature=$signature";
    $headers{'content-length'} = length $body;
    return "$method $target HTTP/1.1\r\n" . join('', map { "$_: $headers{$_}\r\n" } sort keys %headers)
        . "\r\n$body";
}

# ---- checks

# Seconds of 20130524T000000Z; undef: no such time.
sub _parse_time
{
    my ($text) = @_;
    my @part = ($text || '') =~ /\A(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z\z/ or return;
    return eval { timegm(@part[ 5, 4, 3, 2 ], $part[1] - 1, $part[0]) };
}

sub _parse_authorization
{
    my ($text) = @_;
    $text =~ s/\AAWS4-HMAC-SHA256\s+// or return;
    my %part = map { /\A(\w+)=(.*)\z/ ? ($1, $2) : () } split /\s*,\s*/, $text;
    return if grep { !defined $part{$_} } qw(Credential SignedHeaders Signature);
    my ($access_key, $scope) = $part{Credential} =~ m{\A(.*?)/([^/]+/[^/]+/[^/]+/aws4_request)\z}
        or return;
    return {
        access_key => $access_key,
        scope      => $scope,
        signed     => [ split /;/, $part{SignedHeaders}, -1 ],
        signature  => $part{Signature},
    };
}

# Headers that have to be signed and are not.
sub _find_unsigned
{
    my ($request, $signed) = @_;
    my %is_signed = map { $_ => 1 } @$signed;
    return grep { !$is_signed{$_} } 'host', sort grep { /\Ax-amz-/ } keys %{ $request->{headers} };
}

sub _check_token
{
    my ($headers, $account) = @_;
    my $token = $headers->{'x-amz-security-token'};
    return if !defined $account->{token} && !defined $token;
    return ('InvalidAccessKeyId', 403, 'The AWS Access Key Id you provided does not exist in our records.')
        if !defined $token;
    return ('InvalidToken', 400, 'The provided token is malformed or otherwise invalid.')
        if !defined $account->{token} || $token ne $account->{token};
    return;
}

sub _check_scope
{
    my ($scope, $time, $region) = @_;
    my ($day, $signed_region, $service) = split m{/}, $scope;
    return ('AuthorizationHeaderMalformed', 400,
        "The authorization header is malformed; the region '$signed_region' is wrong; expecting '$region'")
        if $signed_region ne $region;
    return ('AuthorizationHeaderMalformed', 400, 'The authorization header is malformed; incorrect service or date.')
        if $service ne 's3' || $day ne substr $time, 0, 8;
    return;
}

sub _check_body
{
    my ($request) = @_;
    my $hash = $request->{headers}{'x-amz-content-sha256'};
    return ('InvalidRequest', 400, 'Missing required header for this request: x-amz-content-sha256')
        if !defined $hash;
    return if $hash eq 'UNSIGNED-PAYLOAD' || $hash eq sha256_hex($request->{body});
    return ('XAmzContentSHA256Mismatch', 400, "The provided 'x-amz-content-sha256' header does not match what was computed.");
}

sub verify
{
    my ($request, $account) = @_;
    my $headers = $request->{headers};
    my @denied = ('AccessDenied', 403, 'Access Denied.');
    return @denied if !defined $headers->{authorization};
    my $given = _parse_authorization($headers->{authorization})
        or return ('AuthorizationHeaderMalformed', 400, 'The authorization header is malformed.');
    my $time = $headers->{'x-amz-date'};
    my $seconds = _parse_time($time);
    return @denied if !defined $seconds;
    my $now = defined $account->{now} ? $account->{now} : time;
    return ('RequestTimeTooSkewed', 403, 'The difference between the request time and the current time is too large.')
        if abs($now - $seconds) > MOST_SKEW;
    return ('InvalidAccessKeyId', 403, 'The AWS Access Key Id you provided does not exist in our records.')
        if $given->{access_key} ne $account->{access_key};
    my @unsigned = _find_unsigned($request, $given->{signed});
    return ('AccessDenied', 403, "There were headers present in the request which were not signed: @unsigned")
        if @unsigned;
    my @error = _check_scope($given->{scope}, $time, $account->{region});
    @error = _check_body($request) if !@error;
    @error = _check_token($headers, $account) if !@error;
    return @error if @error;
    return if $given->{signature} eq sign($request, $given->{signed}, $time, $given->{scope}, $account->{secret});
    return ('SignatureDoesNotMatch', 403,
        'The request signature we calculated does not match the signature you provided.'
            . ' Check your key and signing method.');
}

1;
