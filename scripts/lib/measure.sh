# shellcheck shell=bash
# Measuring time and memory, to be sourced by scripts.
#
#   now                  print the time in seconds
#   median               print the median of the numbers on standard input
#   timed COMMAND...     run it without output, and print the seconds that it took
#   ratio A B            print A / B
#   measure FILE POSTMASTER COMMAND...   run it, and append what it cost to the file (measure.pl)
#   peak FILE            print the peak memory in kB of the last command measured in it

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

measure()
{
    perl "$(dirname "${BASH_SOURCE[0]}")/measure.pl" "$@"
}

peak()
{
    tail -n 1 "$1" | cut -d ' ' -f 4
}
