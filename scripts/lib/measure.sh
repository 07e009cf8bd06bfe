# shellcheck shell=bash
# Measuring time and memory, to be sourced by scripts.
#
#   now                  print the time in seconds
#   median               print the median of the numbers on standard input
#   timed COMMAND...     run it without output, and print the seconds that it took
#   ratio A B            print A / B
#   WATCH                perl -e "$WATCH" FILE COMMAND... runs it, and writes its peak memory in kB
#                        to the file, without child processes and its last milliseconds

now()
{
    date +%s.%N
}

median()
{
    sort -g | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

timed()
{
    local start end
    start=$(now)
    "$@" >/dev/null
    end=$(now)
    awk -v a="$start" -v b="$end" 'BEGIN { printf "%.3f\n", b - a }'
}

ratio()
{
    awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'
}

# shellcheck disable=SC2016,SC2034 # the variables are Perl's; the scripts use it
readonly WATCH='
    use POSIX qw(WNOHANG);
    my ($file, @command) = @ARGV;
    my $pid = fork() // die "could not fork: $!";
    if (!$pid) { exec { $command[0] } @command or die "could not run $command[0]: $!" }
    my $peak = 0;
    while (waitpid($pid, WNOHANG) == 0) {
        if (open my $status, "<", "/proc/$pid/status") {
            while (<$status>) { $peak = $1 if /^VmHWM:\s+(\d+)/ && $1 > $peak }
        }
        select undef, undef, undef, 0.005;
    }
    open my $out, ">", $file or die "could not open $file: $!";
    print $out "$peak\n";
    exit($? >> 8 || $? & 127);'
