# Output files in directories where others can write: no link, FIFO or file of another user
# decides where the dump, the report, the metrics or the rejects go, and nothing of others is
# changed or removed.

use strict;
use warnings;

use File::Temp ();
use FindBin;
use POSIX qw(mkfifo);
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Faults;
use PgSample::Test::Load;
use PgSample::Test::Server;

my $server    = PgSample::Test::Server->start;
my $directory = File::Temp->newdir;
my $db        = $server->create_database;
my $OTHER     = 12_345; # some other user of the system

$db->sql(q{CREATE TABLE t (id int PRIMARY KEY, v text);
    INSERT INTO t SELECT i, 'v' || i FROM generate_series(1, 5) i});

# A new directory; where everybody may write, like /tmp, if it is public.
sub new_directory
{
    my ($is_public) = @_;
    my $path = "$directory/" . ++our $n;
    mkdir $path or die "could not create $path: $!";
    chmod 01777, $path or die "could not chmod $path: $!" if $is_public;
    return $path;
}

sub write_file
{
    my ($path, $text) = @_;
    open my $file, '>', $path or die "could not open $path: $!";
    print {$file} $text;
    close $file or die "could not write $path: $!";
    return;
}

sub mode_of { return sprintf '%04o', (stat $_[0])[2] & 07777 }

# What may lie in the way of FILE.part.
my %OBSTACLES = (
    'a symbolic link' => sub { symlink $_[1], $_[0] or die "symlink: $!" },
    'a hard link'     => sub { link $_[1], $_[0] or die "link: $!" },
    'a FIFO'          => sub { mkfifo($_[0], 0666) or die "mkfifo: $!" },
    'a directory'     => sub { mkdir $_[0] or die "mkdir: $!" },
    'a dangling link' => sub { symlink "$_[1].new", $_[0] or die "symlink: $!" },
);
if ($> == 0) {
    $OBSTACLES{'a file of another user'} =
        sub { write_file($_[0], 'precious'); chown $OTHER, $OTHER, $_[0] or die "chown: $!" };
}

subtest 'what is in the way of FILE.part' => sub {
    for my $name (sort keys %OBSTACLES) {
        for my $option ('--file', '--report') {
            my $where = new_directory();
            my ($victim, $file) = ("$where/victim", "$where/out");
            write_file($victim, 'precious');
            chmod 0600, $victim;
            $OBSTACLES{$name}->("$file.part", $victim);
            my $what = join ' ', (lstat "$file.part")[ 1, 2, 4 ];
            my $result = $db->sample("$option=$file");
            ends_with($result, 4, qr/error: .*"\Q$file\E\.part"(?: exists and is not an unfinished file|: Is a directory)/,
                "$option: $name is refused");
            is($result->stdout, '', 'nothing is written');
            is(slurp($victim) . mode_of($victim), 'precious0600', 'the victim is as it was');
            is(join(' ', (lstat "$file.part")[ 1, 2, 4 ]), $what, 'and so is what was in the way');
            ok(!-e $file && !-e "$victim.new", 'no file is made');
        }
    }
};

subtest 'modes' => sub {
    my $where = new_directory();
    my $file  = "$where/out";
    umask 022;
    write_file("$file.part", 'left by a run that was killed');
    chmod 0666, "$file.part";
    my $left = (stat "$file.part")[1];
    open my $kept, '+<', "$file.part" or die "could not open: $!";
    is($db->sample("--file=$file")->status, 0, 'what an earlier run of ours left is replaced');
    syswrite $kept, 'forged';
    isnt((stat $file)[1], $left, 'by a new file, which no other process has open');
    unlike(slurp($file), qr/forged/, 'for writing');
    is(mode_of($file), '0644', 'a new file has the mode that umask leaves');
    chmod 0600, $file;
    is($db->sample("--file=$file")->status, 0, 'a file is replaced');
    is(mode_of($file), '0600', 'with the mode that it had');
    ok(!-e "$file.part", 'nothing is left');
    my ($holder, $process) = (hold($db), undef);
    $process = $db->start_sample("--file=$file", held('t'));
    wait_for_session($server, q{wait_event = 'advisory'});
    is(mode_of("$file.part"), '0600', 'while it is written only we can read it');
    $holder->close;
    is($process->wait->status, 0, 'it is finished');
  SKIP: {
        skip 'only root can give files to others', 1 if $> != 0;
        chmod 0666, $file;
        chown $OTHER, $OTHER, $file or die "chown: $!";
        is($db->sample("--file=$file")->status, 0, "another user's file is replaced");
        is(mode_of($file), '0644', 'without its mode');
        is((stat $file)[4], $>, 'by one of our own');
    }
};

# Runs that write to the path; name, program's arguments.
sub writers
{
    my ($path) = @_;
    my $rows = 't=' . input_file('t.csv', "id,v\nx,1\n1,a\n");
    return (
        [ 'the dump',    sub { $db->sample("--file=$path") } ],
        [ 'the report',  sub { $db->sample("--report=$path", '--file=/dev/null') } ],
        [ 'the metrics', sub { load_to("--metrics-file=$path", $rows) } ],
        [ 'the rejects', sub { load_to("--rejects-file=$path", $rows) } ],
    );
}

sub load_to
{
    my (@argument) = @_;
    return PgSample::Test::Process->run(
        command => [ load_program(), '-d', $db->name, '--max-errors=5', @argument ],
        env     => { $server->environment });
}

subtest 'links of one\'s own' => sub {
    for my $i (0 .. 3) {
        my $where = new_directory(1);
        my ($target, $path) = ("$where/target", "$where/link");
        write_file($target, 'old');
        symlink 'target', $path or die "symlink: $!";
        my ($name, $run) = @{ (writers($path))[$i] };
        like($run->()->status, qr/\A[05]\z/, "$name through a link");
        ok(-l $path, 'which stays');
        isnt(slurp($target), 'old', 'and the file is written');
    }
};

subtest 'what others made in a public directory' => sub {
    plan skip_all => 'only root can give files to others' if $> != 0;
    my %kinds = (
        'a symbolic link' => sub { symlink $_[1], $_[0] or die "symlink: $!" },
        'a hard link'     => sub { link $_[1], $_[0] or die "link: $!" },
        'a file'          => sub { write_file($_[0], 'theirs') },
        'a FIFO'          => sub { mkfifo($_[0], 0666) or die "mkfifo: $!" },
    );
    for my $kind (sort keys %kinds) {
        for my $i (0 .. 3) {
            my $where = new_directory(1);
            my ($victim, $path) = (new_directory() . '/victim', "$where/out");
            write_file($victim, 'precious');
            $kinds{$kind}->($path, $victim);
            system('chown', '-h', $OTHER, $path) == 0 or die 'chown';
            system('chown', '0', $victim) == 0 or die 'chown' if $kind eq 'a hard link';
            my $reader;
            open $reader, '+<', $path or die "could not open $path: $!" if $kind eq 'a FIFO';
            my ($name, $run) = @{ (writers($path))[$i] };
            my $status = $run->()->status;
            is(slurp($victim), 'precious', "$name, $kind: the victim is as it was");
            # files that are renamed replace others; these are not written to
            if ($kind =~ /link|FIFO/ && !($kind eq 'a hard link' && $i < 2)) {
                is($status, 4, 'the run is refused');
                ok(-l $path || -p $path || (stat $path)[3] == 2, 'what was there stays');
            } elsif ($i < 2) {
                is((stat $path)[4], 0, 'the file is ours');
            } else {
                is($status, 4, 'the run is refused');
                is(slurp($path), 'theirs', 'and their file is as it was');
            }
        }
    }
};

subtest 'devices' => sub {
    for my $file ('/dev/stdout', '/dev/fd/1', '/dev/null') {
        my $result = $db->sample("--file=$file");
        is($result->status, 0, $file) or diag $result->describe;
        is($result->stdout ne '', $file ne '/dev/null', 'has the dump');
    }
    # a file without a name, longer than the dump
    open my $file, '+>', undef or die "could not open a file: $!\n";
    my $dump = $db->sample->stdout;
    print {$file} $dump, 'x' x 1000;
    $file->flush;
    my $unnamed = $db->sample('--file=/dev/stdout', { stdout => $file });
    is($unnamed->status, 0, 'a file without a name') or diag $unnamed->describe;
    seek $file, 0, 0;
    is(do { local $/ = undef; <$file> }, $dump, 'has the dump and nothing else');
    my $result = load_to('--metrics-file=/dev/stdout', 't=' . input_file('t.csv', "id,v\n1,a\n"));
    is($result->status, 0, 'metrics to /dev/stdout') or diag $result->describe;
    like($result->stdout, qr/"success": true/, 'are there');
};

done_testing;
