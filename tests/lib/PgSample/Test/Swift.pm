package PgSample::Test::Swift;

# OpenStack Swift on the loopback interface: an object store that is not ours, with the
# protocol of S3, its signatures, and pages of 100 keys. PG_SAMPLE_TEST_SWIFT names the
# directory that scripts/install-swift has filled; without it is_there() is false.

use strict;
use warnings;

use Carp qw(croak);
use File::Path qw(make_path);
use File::Temp ();
use IO::Socket::INET ();
use POSIX ();
use Time::HiRes qw(sleep);

use PgSample::Test::Process;
use PgSample::Test::S3Signature qw(encode signed_request);
use PgSample::Test::Server;

$Carp::Internal{ +__PACKAGE__ } = 1; # errors name the line of the test

use constant {
    ACCESS_KEY => 'test:tester',
    SECRET     => 'testing',
    REGION     => 'us-east-1',
    PAGE_SIZE  => 100,
    PYTHON     => '/usr/bin/python3',
};

my @SERVERS = qw(account container object proxy);

# As Swift's own programs, which read /etc/swift.
use constant SERVE => <<'PYTHON';
import sys
from swift.common.utils import set_swift_dir
from swift.common.wsgi import run_wsgi
directory, name = sys.argv[1:]
set_swift_dir(directory)
sys.exit(run_wsgi('%s/%s-server.conf' % (directory, name), name + '-server'))
PYTHON

# The rings say where a server is: one place for each.
use constant MAKE_RINGS => <<'PYTHON';
import sys
from swift.common.ring import RingBuilder
for i in range(2, len(sys.argv), 2):
    ring = RingBuilder(4, 1, 1)
    ring.add_dev({'region': 1, 'zone': 1, 'ip': '127.0.0.1', 'port': int(sys.argv[i + 1]),
                  'device': 'd1', 'weight': 1})
    ring.rebalance()
    ring.get_ring().save('%s/%s.ring.gz' % (sys.argv[1], sys.argv[i]))
PYTHON

sub is_there
{
    my $root = $ENV{PG_SAMPLE_TEST_SWIFT};
    return defined $root && -e "$root/complete" && -x PYTHON;
}

# ---- life

sub start
{
    my ($class) = @_;
    my $root = $ENV{PG_SAMPLE_TEST_SWIFT};
    my $directory = File::Temp->newdir('pgswiftXXXXX', TMPDIR => 1);
    my ($library) = grep { -d } glob "$root/usr/lib/*-linux-gnu";
    my $self = bless {
        directory   => $directory,
        root        => $root,
        user        => _find_user($root),
        environment => {
            (map { $_ => undef } grep { /_proxy\z/i } keys %ENV),
            PYTHONPATH              => "$root/usr/lib/python3/dist-packages",
            PYTHONDONTWRITEBYTECODE => 1,
            LD_LIBRARY_PATH         => $library,
        },
    }, $class;
    @{ $self->{port} }{@SERVERS} = _find_ports(scalar @SERVERS);
    make_path(map { "$directory/$_" } qw(etc node/d1 cache));
    $self->_configure;
    if ($self->{user} eq 'nobody') {
        my ($uid, $gid) = (getpwnam 'nobody')[ 2, 3 ];
        chown $uid, $gid, "$directory", map { "$directory/$_" } qw(etc node node/d1 cache);
    }
    $self->_make_rings;
    for my $name (@SERVERS) {
        $self->{processes}{$name} = $self->_start_python('-c', SERVE, "$directory/etc", $name);
    }
    $self->_wait_for($_) for @SERVERS;
    return $self;
}

# Of the servers: not root, unless others cannot read the tree.
sub _find_user
{
    my ($root) = @_;
    my $own = getpwuid $>;
    return $own if $> != 0;
    my @test = PgSample::Test::Server::as_user('nobody', 'test', '-r', "$root/complete");
    return PgSample::Test::Process->run(command => \@test)->status == 0 ? 'nobody' : $own;
}

# Ports that are free now.
sub _find_ports
{
    my ($n) = @_;
    my @sockets = map {
        IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Listen => 1, ReuseAddr => 1)
            or croak "could not find a port: $!"
    } 1 .. $n;
    return map { $_->sockport } @sockets;
}

sub _start_python
{
    my ($self, @argument) = @_;
    return PgSample::Test::Process->start(
        command   => [ PgSample::Test::Server::as_user($self->{user}, PYTHON, @argument) ],
        env       => $self->{environment},
        directory => '/',
        timeout   => 3600
    );
}

sub _wait_for
{
    my ($self, $name) = @_;
    for (1 .. 600) {
        return if IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $self->{port}{$name});
        croak "swift-$name-server does not run: " . $self->{processes}{$name}->stderr_so_far
            if !$self->{processes}{$name}->is_running;
        sleep 0.05;
    }
    croak "swift-$name-server does not listen";
}

# ---- configuration

sub _configure
{
    my ($self) = @_;
    my $etc = "$self->{directory}/etc";
    _write("$etc/swift.conf", "[swift-hash]\nswift_hash_path_prefix = a\nswift_hash_path_suffix = b\n");
    for my $name (grep { $_ ne 'proxy' } @SERVERS) {
        _write("$etc/$name-server.conf", $self->_common($name), <<"CONF");
devices = $self->{directory}/node
mount_check = false
recon_cache_path = $self->{directory}/cache
disable_fallocate = true
fallocate_reserve = 0
[pipeline:main]
pipeline = $name-server
[app:$name-server]
use = egg:swift#$name
CONF
    }
    _write("$etc/proxy-server.conf", $self->_common('proxy'), <<"CONF");
[pipeline:main]
pipeline = catch_errors cache listing_formats s3api tempauth proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:1
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:s3api]
use = egg:swift#s3api
location = ${\ REGION}
max_bucket_listing = ${\ PAGE_SIZE}
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = ${\ SECRET} .admin
CONF
    return;
}

sub _common
{
    my ($self, $name) = @_;
    return <<"CONF";
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = $self->{port}{$name}
swift_dir = $self->{directory}/etc
user = $self->{user}
workers = 0
log_level = WARNING
log_address = $self->{directory}/log
CONF
}

sub _make_rings
{
    my ($self) = @_;
    my $result = $self->_start_python('-c', MAKE_RINGS, "$self->{directory}/etc",
        map { ($_, $self->{port}{$_}) } grep { $_ ne 'proxy' } @SERVERS)->wait;
    croak $result->describe if !$result->is_ok;
    return;
}

sub _write
{
    my ($path, @text) = @_;
    open my $file, '>', $path or croak "could not write $path: $!";
    print {$file} @text;
    close $file or croak "could not write $path: $!";
    return;
}

# ---- for clients

sub endpoint { return "http://127.0.0.1:$_[0]{port}{proxy}" }

# What a client needs in its environment, and what must not leak in from ours.
sub environment
{
    my ($self, %other) = @_;
    return (
        (map { $_ => undef } grep { /\AAWS_|_proxy\z/i } keys %ENV),
        AWS_ACCESS_KEY_ID     => ACCESS_KEY,
        AWS_SECRET_ACCESS_KEY => SECRET,
        AWS_REGION            => REGION,
        AWS_ENDPOINT_URL_S3   => $self->endpoint,
        %other
    );
}

sub make_bucket
{
    my ($self, $bucket) = @_;
    return $self->_request('PUT', "/$bucket", '');
}

# Objects of a bucket by their keys. One whose content is undef is removed.
sub put
{
    my ($self, $bucket, %objects) = @_;
    for my $key (sort keys %objects) {
        my $content = $objects{$key};
        $self->_request(defined $content ? 'PUT' : 'DELETE', "/$bucket/" . encode($key, '/'),
            defined $content ? $content : '');
    }
    return;
}

# A request, signed. Dies unless it succeeds.
sub _request
{
    my ($self, $method, $target, $body) = @_;
    my %account = (host => "127.0.0.1:$self->{port}{proxy}", access_key => ACCESS_KEY, secret => SECRET,
        region => REGION);
    my $answer = $self->_exchange(signed_request(\%account, $method, $target, $body,
        'content-type' => 'application/octet-stream'));
    croak "$method $target failed: $answer" if $answer !~ m{\AHTTP/1.1 2};
    return;
}

# Over a connection that stays open, unless it was idle for longer than Swift likes.
sub _exchange
{
    my ($self, $request) = @_;
    delete $self->{socket} if time - ($self->{last_use} || 0) > 5;
    my $socket = $self->{socket} ||=
        IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $self->{port}{proxy})
        or croak "could not connect: $!";
    $self->{last_use} = time;
    print {$socket} $request or croak "could not send a request: $!";
    $socket->flush;
    my $answer = '';
    while ($answer !~ /\r\n\r\n/) {
        sysread $socket, $answer, 65_536, length $answer or croak "the connection was closed: $answer";
    }
    my ($length) = $answer =~ /^content-length: (\d+)/im;
    $length = 0 if !defined $length;
    my $end = index($answer, "\r\n\r\n") + 4 + $length;
    while (length $answer < $end) {
        sysread $socket, $answer, 65_536, length $answer or croak "the connection was closed: $answer";
    }
    return $answer;
}

# Runs the code once in each of some processes at once, each with a connection of its own.
sub in_parallel
{
    my ($self, $n, $code) = @_;
    my @children;
    for my $i (0 .. $n - 1) {
        my $pid = fork;
        croak "could not fork: $!" if !defined $pid;
        if (!$pid) {
            delete $self->{socket};
            my $is_good = eval { $code->($i); 1 };
            print STDERR $@ if !$is_good;
            POSIX::_exit($is_good ? 0 : 1);
        }
        push @children, $pid;
    }
    for my $pid (@children) {
        waitpid $pid, 0;
        croak 'a process failed' if $?;
    }
    return;
}

sub stop
{
    my ($self) = @_;
    kill 'KILL', -$_->pid for values %{ $self->{processes} };
    $_->wait for values %{ $self->{processes} };
    return;
}

1;
