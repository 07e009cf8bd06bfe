package PgSample::Test::ObjectStoreServer;

# The server of ObjectStore: enough of S3 to read from it. Buckets are found in the path, or
# in the name of the host before ".localhost". What begins with "pub" needs no signature.
# A process takes each connection, so that one that waits does not delay others.
#
# What can go wrong, with the members of a fault that say more:
#
#     error       an error of S3: code, status, headers
#     close       the connection is closed without an answer; reset: and reset
#     truncate    half of the body, then it is closed; truncate_reset: and reset
#     stall       half of the body, then nothing for some seconds; slow: bytes one by one
#     silent      nothing for some seconds, then it is closed
#     long        a body that lacks bytes of its Content-Length; short: with too small a one
#     no_length   a body without a length, which ends with the connection, after half of it
#     ok_error    status 200, and an error of S3 as the body
#     damage      a byte of the body differs; wrong_etag: only the ETag does
#     replace     the object is another one from now on: content
#     body        this body instead; no_etag: without an ETag; header: with others: headers
#     chunks      half of the body in chunks, then it is closed
#     part        half of the part that was asked for, to the end of a line; size: said of the whole
#     redirect    to another region: region
#     list        members of the listing are replaced: token, truncated, prefix, size; no ETags: etag => ''

use strict;
use warnings;

use Digest::MD5 qw(md5_hex);
use Fcntl qw(LOCK_EX);
use IO::Handle ();
use IO::Socket::INET ();
use POSIX qw(strftime);
use Socket qw(IPPROTO_TCP SOL_SOCKET SO_LINGER TCP_NODELAY);
use Time::HiRes qw(sleep);

use PgSample::Test::ObjectStore qw(object_file read_json write_json);
use PgSample::Test::S3Signature qw(encode split_target verify);

use constant MOST_HEADERS => 65_536; # bytes

my ($directory, $settings);
my (%objects, %sorted, $index_position); # bucket => key => [size, etag]

# ---- what there is

sub _read_index
{
    open my $index, '<', "$directory/index" or return;
    seek $index, $index_position || 0, 0;
    while (my $line = <$index>) {
        last if $line !~ /\n\z/;
        my ($bucket, $key, $size, $etag) = split ' ', $line;
        $index_position = tell $index;
        $objects{$bucket} ||= {};
        next if $key eq '-';
        $key = pack 'H*', $key;
        delete $sorted{$bucket};
        if ($size < 0) { delete $objects{$bucket}{$key} }
        else           { $objects{$bucket}{$key} = [ $size, $etag ] }
    }
    return;
}

sub _read_object
{
    my ($bucket, $key) = @_;
    open my $file, '<:raw', object_file($directory, $bucket, $key) or return;
    local $/ = undef;
    return scalar <$file>;
}

# The first fault that is still to happen to such a request.
sub _take_fault
{
    my ($line) = @_;
    open my $lock, '>>', "$directory/lock" or die "could not open the lock: $!\n";
    flock $lock, LOCK_EX or die "could not lock: $!\n";
    my $faults = read_json("$directory/faults");
    for my $fault (@$faults) {
        next if !$fault->{times} || $line !~ /$fault->{request}/;
        my $is_due = $fault->{after} <= 0;
        if ($is_due) { $fault->{times}-- if $fault->{times} > 0 }
        else         { $fault->{after}-- }
        write_json("$directory/faults", $faults);
        return $fault if $is_due;
    }
    return;
}

sub _log
{
    my (@words) = @_;
    open my $log, '>>', "$directory/log" or return;
    syswrite $log, join(' ', grep { defined && $_ ne '' } @words) . "\n";
    close $log or return;
    return;
}

# ---- answers: status, headers and body

my %REASON = (200 => 'OK', 206 => 'Partial Content', 301 => 'Moved Permanently', 307 => 'Temporary Redirect',
    400 => 'Bad Request', 403 => 'Forbidden', 404 => 'Not Found', 412 => 'Precondition Failed',
    416 => 'Range Not Satisfiable', 429 => 'Too Many Requests', 500 => 'Internal Server Error',
    502 => 'Bad Gateway', 503 => 'Slow Down', 504 => 'Gateway Timeout');

sub _escape
{
    my ($text) = @_;
    my %entity = ('&' => '&amp;', '<' => '&lt;', '>' => '&gt;', '"' => '&quot;');
    $text =~ s/([&<>"])/$entity{$1}/g;
    return $text;
}

sub _error
{
    my ($code, $status, $message, %headers) = @_;
    return {
        status  => $status,
        headers => { 'content-type' => 'application/xml', %headers },
        body    => qq(<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>$code</Code><Message>)
            . _escape(defined $message ? $message : "This is $code.")
            . '</Message><RequestId>4442587FB7D0A2F9</RequestId></Error>'
    };
}

sub _find_range
{
    my ($range, $size) = @_;
    my ($first, $last) = ($range || '') =~ /\Abytes=(\d*)-(\d*)\z/ or return (0, $size - 1, 0);
    return ($size - $last, $size - 1, 1) if $first eq '';
    return ($first, $last eq '' || $last >= $size ? $size - 1 : $last, 1);
}

sub _get_object
{
    my ($request, $bucket, $key) = @_;
    my $object = $objects{$bucket}{$key}
        or return _error('NoSuchKey', 404, 'The specified key does not exist.');
    my ($size, $etag) = @$object;
    my $wanted = $request->{headers}{'if-match'};
    return _error('PreconditionFailed', 412, 'At least one of the pre-conditions you specified did not hold')
        if defined $wanted && $wanted ne qq("$etag") && $wanted ne $etag;
    my $body = _read_object($bucket, $key);
    my %headers = (etag => qq("$etag"), 'accept-ranges' => 'bytes', 'content-type' => 'binary/octet-stream',
        'last-modified' => 'Sun, 29 Nov 2026 10:00:00 GMT');
    my ($first, $last, $is_part) = _find_range($request->{headers}{range}, $size);
    return { status => 200, headers => \%headers, body => $body } if !$is_part;
    return _error('InvalidRange', 416, 'The requested range is not satisfiable') if $first >= $size;
    $headers{'content-range'} = "bytes $first-$last/$size";
    return { status => 206, headers => \%headers, body => substr $body, $first, $last - $first + 1 };
}

# A page of keys in byte order; the token is the last key of the page before, in hexadecimal.
sub _list_objects
{
    my ($bucket, $fault, %parameter) = @_;
    return _error('InvalidArgument', 400, 'Only list-type=2 is supported.') if ($parameter{'list-type'} || '') ne '2';
    my $change = $fault && $fault->{what} eq 'list' ? $fault : {};
    my $prefix = $parameter{prefix};
    $prefix = '' if !defined $prefix;
    my $token = $parameter{'continuation-token'};
    my $after = defined $token ? pack 'H*', $token : $parameter{'start-after'};
    my $most = $settings->{page_size};
    $most = $parameter{'max-keys'} if ($parameter{'max-keys'} || $most) < $most;
    my $is_encoded = ($parameter{'encoding-type'} || '') eq 'url';
    my $keys = $sorted{$bucket} ||= [ sort keys %{ $objects{$bucket} } ];
    my $i = _find_after($keys, defined $after && $after gt $prefix ? $after : $prefix, defined $after && $after ge $prefix);
    my @found;
    while ($i < @$keys && @found < $most && substr($keys->[$i], 0, length $prefix) eq $prefix) {
        push @found, $keys->[ $i++ ];
    }
    my $has_more = $i < @$keys && substr($keys->[$i], 0, length $prefix) eq $prefix;
    $has_more = $change->{truncated} if defined $change->{truncated};
    my $next = @found ? unpack 'H*', $found[-1] : '';
    $next = $change->{token} if defined $change->{token};
    my $contents = join '', map {
        my ($size, $etag) = @{ $objects{$bucket}{$_} };
        $size = $change->{size} if defined $change->{size};
        my $etag_element = "<ETag>&quot;$etag&quot;</ETag>";
        $etag_element = $change->{etag} if defined $change->{etag};
        my $key = ($change->{prefix} || '') . $_;
        $key = $is_encoded ? encode($key, '/') : _escape($key);
        "<Contents><Key>$key</Key><LastModified>2026-11-29T10:00:00.000Z</LastModified>"
            . "$etag_element<Size>$size</Size><StorageClass>STANDARD</StorageClass></Contents>"
    } @found;
    return {
        status  => 200,
        headers => { 'content-type' => 'application/xml' },
        body    => qq(<?xml version="1.0" encoding="UTF-8"?>\n)
            . '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
            . "<Name>$bucket</Name><Prefix>" . ($is_encoded ? encode($prefix, '/') : _escape($prefix)) . '</Prefix>'
            . '<KeyCount>' . @found . "</KeyCount><MaxKeys>$most</MaxKeys>"
            . ($is_encoded ? '<EncodingType>url</EncodingType>' : '')
            . '<IsTruncated>' . ($has_more ? 'true' : 'false') . '</IsTruncated>'
            . ($has_more && $next ne '' ? "<NextContinuationToken>$next</NextContinuationToken>" : '')
            . "$contents</ListBucketResult>"
    };
}

# The first index of a key at, or after, this one.
sub _find_after
{
    my ($keys, $wanted, $is_after) = @_;
    my ($low, $high) = (0, scalar @$keys);
    while ($low < $high) {
        my $middle = int(($low + $high) / 2);
        my $order = $keys->[$middle] cmp $wanted;
        if ($order < 0 || ($is_after && $order == 0)) { $low = $middle + 1 }
        else                                          { $high = $middle }
    }
    return $low;
}

sub _answer
{
    my ($request, $fault) = @_;
    my ($path, @parameters) = split_target($request->{target});
    my ($bucket) = ($request->{headers}{host} || '') =~ /\A(.+)[.]localhost(?::\d+)?\z/;
    my $key;
    if (defined $bucket) { $key = substr $path, 1 }
    else                 { ($bucket, $key) = $path =~ m{\A/([^/]*)/?(.*)\z}s }
    my $is_public = defined $bucket && $bucket =~ /\Apub/ && !defined $request->{headers}{authorization};
    my @error = $is_public ? () : verify($request, { %$settings, now => time + $settings->{clock} });
    return _error(@error, 'x-amz-bucket-region' => $settings->{region}) if @error;
    return _error('MethodNotAllowed', 405, 'Only GET is supported.') if $request->{method} ne 'GET';
    return _error('NoSuchBucket', 404, 'The specified bucket does not exist')
        if !defined $bucket || !$objects{$bucket};
    return _get_object($request, $bucket, $key) if $key ne '';
    return _list_objects($bucket, $fault, map { @$_ } @parameters);
}

# ---- faults of answers

sub _replace_object
{
    my ($fault) = @_;
    my $store = bless { directory => $directory }, 'PgSample::Test::ObjectStore';
    $store->put($fault->{bucket}, $fault->{key} => $fault->{content});
    _read_index();
    return;
}

sub _damage
{
    my ($answer, $fault) = @_;
    my $what = $fault->{what};
    return _error($fault->{code}, $fault->{status}, $fault->{message}, %{ $fault->{headers} || {} })
        if $what eq 'error';
    return { %{ _error($fault->{code} || 'InternalError', 200) } } if $what eq 'ok_error';
    return _error('PermanentRedirect', 301,
        'The bucket you are attempting to access must be addressed using the specified endpoint.',
        'x-amz-bucket-region' => $fault->{region}, location => "http://$fault->{region}.localhost/")
        if $what eq 'redirect';
    $answer->{body} = $fault->{body} if $what eq 'body';
    delete $answer->{headers}{etag} if $what eq 'no_etag';
    $answer->{headers} = { %{ $answer->{headers} }, %{ $fault->{headers} } } if $what eq 'header';
    _shorten_part($answer, $fault) if $what eq 'part';
    substr($answer->{body}, length($answer->{body}) / 2, 1) ^= "\1" if $what eq 'damage';
    $answer->{headers}{etag} = '"' . md5_hex('other') . '"' if $what eq 'wrong_etag';
    return $answer;
}

sub _shorten_part
{
    my ($answer, $fault) = @_;
    my ($first, $size) = $answer->{headers}{'content-range'} =~ m{\Abytes (\d+)-\d+/(\d+)\z}
        or die "no part was asked for\n";
    my $n = 1 + index $answer->{body}, "\n", length($answer->{body}) / 2;
    substr($answer->{body}, $n) = '';
    $answer->{headers}{'content-range'} = "bytes $first-" . ($first + $n - 1) . '/' . ($fault->{size} || $size);
    return;
}

# ---- sending

sub _send
{
    my ($socket, $data) = @_;
    while (length $data) {
        my $n = syswrite $socket, $data;
        POSIX::_exit(0) if !$n;
        substr $data, 0, $n, '';
    }
    return;
}

sub _reset
{
    my ($socket) = @_;
    setsockopt $socket, SOL_SOCKET, SO_LINGER, pack('ii', 1, 0);
    return;
}

# How the body is sent: false if the connection ends with it.
sub _send_body
{
    my ($socket, $body, $fault) = @_;
    my $what = $fault ? $fault->{what} : '';
    my $half = substr $body, 0, int(length($body) / 2);
    $half = sprintf("%x\r\n", length $half) . "$half\r\n" if $what eq 'chunks';
    if ($what =~ /\A(?:truncate|truncate_reset|stall|no_length|chunks)\z/) {
        _send($socket, $half);
        sleep($what eq 'stall' ? $fault->{seconds} || 30 : 0.05);
        _reset($socket) if $what eq 'truncate_reset';
        return 0;
    }
    if ($what eq 'slow') {
        for my $byte (split //, $body) { _send($socket, $byte); sleep($fault->{pause} || 0.01) }
        return 1;
    }
    _send($socket, $what eq 'short' ? substr $body, 0, length($body) - 3 : $body);
    return $what ne 'long';
}

sub _send_answer
{
    my ($socket, $answer, $fault) = @_;
    my $length = length $answer->{body};
    $length += 10 if $fault && $fault->{what} eq 'long';
    $length -= 3 if $fault && $fault->{what} eq 'short';
    my $reason = $REASON{ $answer->{status} } || 'Something';
    my %headers = (%{ $answer->{headers} }, server => 'ObjectStore',
        date => strftime('%a, %d %b %Y %H:%M:%S GMT', gmtime(time + $settings->{clock})), 'x-amz-request-id' => '4442587FB7D0A2F9');
    $headers{'content-length'} = $length if !$fault || $fault->{what} !~ /\A(?:no_length|chunks)\z/;
    $headers{'transfer-encoding'} = 'chunked' if $fault && $fault->{what} eq 'chunks';
    _send($socket, "HTTP/1.1 $answer->{status} $reason\r\n"
            . join('', map { "$_: $headers{$_}\r\n" } sort keys %headers) . "\r\n");
    return _send_body($socket, $answer->{body}, $fault);
}

# ---- connections

# The next request, or undef at the end.
sub _read_request
{
    my ($socket, $buffer) = @_;
    while ($$buffer !~ /\r\n\r\n/) {
        return if length $$buffer > MOST_HEADERS || !sysread $socket, $$buffer, 65_536, length $$buffer;
    }
    $$buffer =~ s/\A(.*?)\r\n\r\n//s;
    my ($first, @lines) = split /\r\n/, $1;
    my ($method, $target) = split / /, $first;
    my %headers;
    for my $line (@lines) {
        my ($name, $value) = $line =~ /\A([^:]+):\s*(.*?)\s*\z/ or return;
        $headers{ lc $name } = defined $headers{ lc $name } ? "$headers{lc $name},$value" : $value;
    }
    my $length = $headers{'content-length'} || 0;
    while (length $$buffer < $length) {
        return if !sysread $socket, $$buffer, 65_536, length $$buffer;
    }
    return { method => $method, target => $target, headers => \%headers, body => substr $$buffer, 0, $length, '' };
}

# False if the connection ends with it.
sub _serve_request
{
    my ($socket, $request) = @_;
    my $line = "$request->{method} $request->{target}";
    my $fault = _take_fault($line);
    my $what = $fault ? $fault->{what} : '';
    _read_index();
    _replace_object($fault) if $what eq 'replace';
    if ($what =~ /\A(?:close|reset|silent)\z/) {
        _log($line, '-', $what);
        sleep($fault->{seconds} || 30) if $what eq 'silent';
        _reset($socket) if $what eq 'reset';
        return 0;
    }
    sleep $settings->{delay} if $settings->{delay};
    my $answer = _answer($request, $fault);
    $answer = _damage($answer, $fault) if $fault;
    _log($line, $answer->{status}, $request->{headers}{range}, $what);
    return _send_answer($socket, $answer, $fault) && ($request->{headers}{connection} || '') ne 'close';
}

sub _serve
{
    my ($socket) = @_;
    my $buffer = '';
    setsockopt $socket, IPPROTO_TCP, TCP_NODELAY, 1;
    if ($settings->{tls}) {
        require IO::Socket::SSL;
        IO::Socket::SSL->start_SSL($socket, SSL_server => 1, SSL_cert_file => "$directory/certificate",
            SSL_key_file => "$directory/key") or return;
    }
    while (my $request = _read_request($socket, \$buffer)) {
        last if !_serve_request($socket, $request);
    }
    close $socket or return;
    return;
}

sub run
{
    ($directory) = @_;
    $settings = read_json("$directory/settings");
    my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Listen => 128)
        or die "could not listen: $!\n";
    $SIG{CHLD} = 'IGNORE';
    $SIG{PIPE} = 'IGNORE';
    open my $port, '>', "$directory/port.new" or die "could not write the port: $!\n";
    print {$port} $listener->sockport, "\n";
    close $port or die "could not write the port: $!\n";
    rename "$directory/port.new", "$directory/port" or die "could not write the port: $!\n";
    while (1) {
        my $socket = $listener->accept or next;
        my $pid = fork;
        if (defined $pid && !$pid) {
            close $listener;
            eval { _serve($socket); 1 } or print STDERR $@;
            POSIX::_exit(0);
        }
        close $socket;
    }
    return;
}

1;
