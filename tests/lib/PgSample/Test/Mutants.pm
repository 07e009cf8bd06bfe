package PgSample::Test::Mutants;

# The program with a fault in it, built in a copy of the tree.

use strict;
use warnings;

use Carp qw(croak);
use File::Basename qw(dirname);
use File::Temp ();

use PgSample::Test::Database;
use PgSample::Test::Process;

$Carp::Internal{ +__PACKAGE__ } = 1; # errors name the line of the test

# Why there can be no mutants here, or undef.
sub reason_to_skip
{
    return 'building takes minutes; set PG_SAMPLE_SLOW_TESTS=1' if !$ENV{PG_SAMPLE_SLOW_TESTS};
    my $tree = _tree();
    return 'pg-sample is not in a tree that was built where its sources are'
        if !-f "$tree/Makefile" || !-f "$tree/src/mask/masker.c";
    return undef;
}

sub _tree { return dirname(dirname(PgSample::Test::Database::program())) }

sub new
{
    my ($class) = @_;
    my $self = bless { directory => File::Temp->newdir }, $class;
    $self->{copy} = "$self->{directory}/tree";
    my $result = _run('/', 'cp', '-a', _tree(), $self->{copy});
    croak 'could not copy the tree: ' . $result->describe if !$result->is_ok;
    return $self;
}

sub program { return "$_[0]{copy}/src/pg-sample" }

# Calls the code with the result of a build in which each change, [ file, text, what takes its
# place ], is made; the files are as before afterwards. Dies if a text is not there, or is there
# twice.
sub with
{
    my ($self, $changes, $code) = @_;
    my %before;
    for my $change (@$changes) {
        my ($path, $from, $to) = @$change;
        my $text = _read("$self->{copy}/$path");
        $before{$path} = $text if !defined $before{$path};
        my $n = () = $text =~ /\Q$from\E/g;
        croak "$path has the text $n times: $from" if $n != 1;
        $text =~ s/\Q$from\E/$to/;
        _write("$self->{copy}/$path", $text);
    }
    $code->(_run($self->{copy}, 'make', '-s', 'CFLAGS=-O1 -w', 'src/pg-sample'));
    _write("$self->{copy}/$_", $before{$_}) for keys %before;
    return;
}

sub _run
{
    my ($directory, @command) = @_;
    return PgSample::Test::Process->run(
        command   => \@command,
        directory => $directory,
        timeout   => 600
    );
}

sub _read
{
    my ($path) = @_;
    open my $file, '<', $path or croak "could not open $path: $!";
    local $/;
    return scalar <$file>;
}

sub _write
{
    my ($path, $text) = @_;
    open my $file, '>', $path or croak "could not write $path: $!";
    print {$file} $text;
    close $file or croak "could not write $path: $!";
    return;
}

1;

__END__

=head1 NAME

PgSample::Test::Mutants - the program with a fault in it

=head1 SYNOPSIS

    my $reason = PgSample::Test::Mutants->reason_to_skip;
    plan skip_all => $reason if $reason;
    my $mutants = PgSample::Test::Mutants->new;
    $mutants->with([ [ 'src/x.c', 'a < b', 'a <= b' ] ], sub {
        my ($built) = @_;           # the result of make
        # run $mutants->program
    });
