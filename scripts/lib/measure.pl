#!/usr/bin/perl
# Runs a command, and appends to a file what it cost, as one line of numbers:
#
#   measure.pl FILE POSTMASTER COMMAND...
#
#   1  seconds
#   2  seconds of CPU of the command and its child processes
#   3  seconds of CPU of the server's processes that ended meanwhile
#   4  peak memory of the command in kB, without child processes and its last milliseconds
#   5  MB that the command and its child processes read from files
#   6  MB that these processes of the server read from files
#
# POSTMASTER is the process id of a server that is used by nothing else, or 0: then 3 and 6 are 0.
# Exits as the command did.
use strict;
use warnings;
use POSIX qw(WNOHANG sysconf _SC_CLK_TCK);
use Time::HiRes qw(sleep time);

my ($file, $postmaster, @command) = @ARGV;

sub read_proc
{
    my ($name) = @_;
    open my $in, '<', "/proc/$name" or return '';
    local $/;
    return readline($in) // '';
}

# MB that a process read, with those of its children that ended.
sub count_read
{
    my ($pid) = @_;
    return read_proc("$pid/io") =~ /^rchar: (\d+)/m ? $1 / 1e6 : 0;
}

# Seconds of CPU of the children of a process that ended.
sub count_cpu
{
    my ($pid) = @_;
    my @fields = split / /, read_proc("$pid/stat") =~ s/^.*\) //sr;
    return @fields ? ($fields[13] + $fields[14]) / sysconf(_SC_CLK_TCK) : 0;
}

sub count_children
{
    my ($pid) = @_;
    my @children = split ' ', read_proc("$pid/task/$pid/children");
    return scalar @children;
}

my @server_before = (count_cpu($postmaster), count_read($postmaster));
my $n_children = count_children($postmaster);
my $read_before = count_read('self');
my $start = time;
my $pid = fork() // die "could not fork: $!\n";
if (!$pid) { exec { $command[0] } @command or die "could not run $command[0]: $!\n" }
my $peak = 0;
while (waitpid($pid, WNOHANG) == 0)
{
    $peak = $1 if read_proc("$pid/status") =~ /^VmHWM:\s+(\d+)/m && $1 > $peak;
    sleep 0.003;
}
my $status = $?;
my $seconds = time - $start;
for (1 .. 1000)
{
    last if count_children($postmaster) <= $n_children;
    sleep 0.002;
}
my (undef, undef, $user, $system) = times;
open my $out, '>>', $file or die "could not open $file: $!\n";
printf $out "%.3f %.2f %.2f %d %.1f %.1f\n", $seconds, $user + $system,
    count_cpu($postmaster) - $server_before[0], $peak, count_read('self') - $read_before,
    count_read($postmaster) - $server_before[1];
close $out or die "could not write $file: $!\n";
exit($status >> 8 || $status & 127);
