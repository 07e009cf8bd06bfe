package PgSample::Test::ObjectStore;

# An object store on the loopback interface that checks signatures, lists in small pages, and
# fails on demand. ObjectStoreServer is the program; what it knows is in a directory:
#
#     settings        JSON: credentials, region, page size
#     index           a line for each bucket and object, the last one counts
#     objects/        contents, by the SHA-256 of bucket and key
#     faults          JSON: what is to go wrong, and how often still
#     log             a line for each request: method, target, status and what went wrong

use strict;
use warnings;

use Carp qw(croak);
use Digest::MD5 qw(md5_hex);
use Digest::SHA qw(sha256_hex);
use File::Temp ();
use IO::Socket::INET ();
use JSON::PP ();
use Time::HiRes qw(sleep);

use PgSample::Test::Process;
use PgSample::Test::S3Signature qw(encode);

our @EXPORT_OK = qw(object_file read_json write_json);
use Exporter qw(import);

$Carp::Internal{ +__PACKAGE__ } = 1; # errors name the line of the test

use constant {
    ACCESS_KEY => 'test:tester', # with a colon, as other stores have them
    SECRET     => 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
};

# Settings: page_size, region, token, tls, clock (seconds that it is ahead), delay (seconds
# before each answer).
sub start
{
    my ($class, %setting) = @_;
    my $directory = File::Temp->newdir('pgobjectsXXXXX', TMPDIR => 1);
    my $self = bless { directory => $directory, tls => $setting{tls} }, $class;
    mkdir "$directory/objects" or croak "could not create a directory: $!";
    write_json("$directory/settings", {
        access_key => ACCESS_KEY, secret => SECRET, region => 'us-east-1', page_size => 2,
        clock => 0, delay => 0, %setting });
    write_json("$directory/faults", []);
    $self->_make_certificates if $setting{tls};
    my ($library) = $INC{'PgSample/Test/ObjectStore.pm'} =~ m{(.*)/PgSample/};
    $self->{process} = PgSample::Test::Process->start(
        command => [ $^X, "-I$library", '-MPgSample::Test::ObjectStoreServer', '-e',
            'PgSample::Test::ObjectStoreServer::run(shift)', "$directory" ],
        timeout => 3600
    );
    for (1 .. 500) {
        last if -s "$directory/port";
        croak 'the object store does not start: ' . $self->{process}->stderr_so_far
            if !$self->{process}->is_running;
        sleep 0.02;
    }
    open my $port, '<', "$directory/port" or croak "there is no port: $!";
    chomp($self->{port} = <$port>);
    return $self;
}

# A certificate of 127.0.0.1 and localhost, by an authority of its own.
sub _make_certificates
{
    my ($self) = @_;
    my $folder = $self->{directory};
    my @names = (qw(-subj /CN=localhost -addext),
        'subjectAltName=DNS:localhost,DNS:*.localhost,IP:127.0.0.1');
    my @key = qw(-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes);
    for my $command (
        [ qw(req -x509 -days 2 -subj /CN=authority), @key, '-keyout', "$folder/ca.key", '-out', "$folder/ca.pem" ],
        [ qw(req -x509 -days 2), @key, '-keyout', "$folder/key", '-out', "$folder/certificate",
            @names, '-CA', "$folder/ca.pem", '-CAkey', "$folder/ca.key" ])
    {
        my $result = PgSample::Test::Process->run(command => [ 'openssl', @$command ]);
        croak $result->describe if !$result->is_ok;
    }
    return;
}

# Perl's own modules cannot be a server of TLS.
sub is_able_to_use_tls { return eval { require IO::Socket::SSL; 1 } }

sub port        { return $_[0]{port} }
sub authority   { return "$_[0]{directory}/ca.pem" }

# With the name of a host, 127.0.0.1 by default.
sub endpoint
{
    my ($self, $host) = @_;
    return ($self->{tls} ? 'https' : 'http') . '://' . ($host || '127.0.0.1') . ":$self->{port}";
}

# What a client needs in its environment, and what must not leak in from ours.
sub environment
{
    my ($self, %other) = @_;
    return (
        (map { $_ => undef } grep { /\AAWS_|_proxy\z/i } keys %ENV),
        AWS_ACCESS_KEY_ID => ACCESS_KEY,
        AWS_SECRET_ACCESS_KEY => SECRET,
        AWS_REGION => 'us-east-1',
        AWS_ENDPOINT_URL_S3 => $self->endpoint,
        $self->{tls} ? (AWS_CA_BUNDLE => $self->authority) : (),
        %other
    );
}

# The URL of an object for plain HTTP.
sub url
{
    my ($self, $bucket, $key) = @_;
    return $self->endpoint . "/$bucket/" . encode($key, '/');
}

# The answer to a text, over a connection of its own.
sub ask
{
    my ($self, $request) = @_;
    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $self->{port})
        or croak "could not connect: $!";
    $request =~ s/\r\n/\r\nconnection: close\r\n/;
    print {$socket} $request or croak "could not send a request: $!";
    $socket->flush;
    local $/ = undef;
    my $answer = <$socket>;
    return defined $answer ? $answer : '';
}

# ---- objects

sub make_bucket
{
    my ($self, $bucket) = @_;
    return $self->_add_to_index($bucket, '', 0, '');
}

# Objects of a bucket by their keys. One whose content is undef is removed.
sub put
{
    my ($self, $bucket, %objects) = @_;
    for my $key (sort keys %objects) {
        my $content = $objects{$key};
        if (defined $content) {
            my $path = object_file($self->{directory}, $bucket, $key);
            open my $file, '>:raw', "$path.new" or croak "could not write an object: $!";
            print {$file} $content;
            close $file or croak "could not write an object: $!";
            rename "$path.new", $path or croak "could not write an object: $!";
        }
        $self->_add_to_index($bucket, $key, defined $content ? length $content : -1,
            md5_hex(defined $content ? $content : ''));
    }
    return;
}

sub _add_to_index
{
    my ($self, $bucket, $key, $size, $etag) = @_;
    open my $index, '>>', "$self->{directory}/index" or croak "could not open the index: $!";
    print {$index} join(' ', $bucket, unpack('H*', $key) || '-', $size, $etag || '-'), "\n";
    close $index or croak "could not write the index: $!";
    return;
}

sub object_file
{
    my ($directory, $bucket, $key) = @_;
    return "$directory/objects/" . sha256_hex("$bucket\0$key");
}

# ---- faults

# What is to go wrong (see ObjectStoreServer) with requests like this ("GET /bucket/key"):
# the next ones, or those after some, or all (times => -1).
sub fault
{
    my ($self, $request, $what, %more) = @_;
    my $faults = read_json("$self->{directory}/faults");
    push @$faults, { request => "$request", what => $what, times => 1, after => 0, %more };
    write_json("$self->{directory}/faults", $faults);
    return;
}

# Nothing goes wrong any more; what is still to happen.
sub end_faults
{
    my ($self) = @_;
    my @left = grep { $_->{times} > 0 } @{ read_json("$self->{directory}/faults") };
    write_json("$self->{directory}/faults", []);
    return scalar @left;
}

# ---- the log

# The requests since the last call, a line each: "GET /bucket/key 200", and the fault.
sub requests
{
    my ($self) = @_;
    my $file = "$self->{directory}/log";
    open my $log, '<', $file or return;
    seek $log, $self->{log_position} || 0, 0;
    chomp(my @lines = <$log>);
    $self->{log_position} = tell $log;
    return @lines;
}

sub stop
{
    my ($self) = @_;
    kill 'TERM', -$self->{process}->pid; # and those that serve connections
    $self->{process}->wait;
    return;
}

# ---- files

sub read_json
{
    my ($path) = @_;
    open my $file, '<:raw', $path or croak "could not open $path: $!";
    local $/ = undef;
    return JSON::PP->new->decode(<$file>);
}

sub write_json
{
    my ($path, $value) = @_;
    open my $file, '>:raw', "$path.$$" or croak "could not write $path: $!";
    print {$file} JSON::PP->new->encode($value);
    close $file or croak "could not write $path: $!";
    rename "$path.$$", $path or croak "could not rename $path: $!";
    return;
}

1;
