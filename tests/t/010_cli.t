#!/usr/bin/perl

# The command line as far as it needs no server: help, version, messages, freshness of docs.

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Temp ();
use Test::More;

my $SRCDIR  = $ENV{SRCDIR} || abs_path(dirname(__FILE__) . '/../..');
my $PROGRAM = abs_path($ENV{PG_SAMPLE} || "$SRCDIR/src/pg-sample");
my $DOCS    = dirname($PROGRAM) . '/pg-sample-docs';

# Nothing here may reach a server that happens to run.
$ENV{PGHOST} = '/nonexistent';
delete @ENV{qw(PGSERVICE PGHOSTADDR POSIXLY_CORRECT)};

my $scratch = File::Temp->newdir;
chdir $scratch or die "could not enter $scratch: $!";
END { chdir '/' }

sub slurp
{
    my ($path) = @_;
    open my $file, '<:raw', $path or die "could not open $path: $!";
    local $/ = undef;
    my $text = <$file>;
    return $text;
}

# Runs a program; returns exit status, standard output and standard error.
sub run
{
    my ($program, @arguments) = @_;
    my $pid = fork;
    die "could not fork: $!" if !defined $pid;
    if (!$pid) {
        open STDIN,  '<', '/dev/null'    or die;
        open STDOUT, '>', "$scratch/out" or die;
        open STDERR, '>', "$scratch/err" or die;
        exec {$program} $program, @arguments or exit 127;
    }
    waitpid $pid, 0;
    my $status = $? & 127 ? 128 + ($? & 127) : $? >> 8;
    return ($status, slurp("$scratch/out"), slurp("$scratch/err"));
}

# The command line is refused with exactly this message and hint, and nothing else happens.
sub refused
{
    my ($arguments, $message, $hint) = @_;
    my ($status, $out, $err) = run($PROGRAM, @$arguments);
    my $expected = "pg-sample: error: $message\n";
    $expected .= 'pg-sample: hint: ' . ($hint || 'Try "pg-sample --help".') . "\n";
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    is("$status $out$err", "1 $expected", join ' ', 'refused:', @$arguments);
}

# The command line is read well: the error that follows is that of the connection.
sub accepted
{
    my (@arguments) = @_;
    my ($status, $out, $err) = run($PROGRAM, '-w', @arguments);
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    is("$status $out", '2 ', join ' ', 'accepted:', @arguments) or diag $err;
}

# ---- help and version

my ($status, $help, $err) = run($PROGRAM, '--help');
is($status, 0, '--help succeeds');
is($err, '', '--help says nothing on standard error');
like($help, qr/^Usage:\n  pg-sample \[OPTION\]\.\.\. \[DBNAME \| CONNINFO \| URI\]\n/m,
    '--help shows the usage');
is_deeply([ grep { length > 80 } split /\n/, $help ], [], '--help fits 80 columns');
for my $arguments ([ '-?' ], [ '--help' ], [ 'db', '--help' ], [ '-v?' ], [ '--help', '--no' ]) {
    is((run($PROGRAM, @$arguments))[1], $help, "@$arguments is the same");
}

my ($version) = slurp("$SRCDIR/configure.ac") =~ /AC_INIT\(\[pg-sample\], \[([^]]+)\]/;
for my $option ('--version', '-V') {
    is(join('|', run($PROGRAM, $option)), "0|pg-sample $version\n|", $option);
}

SKIP: {
    skip 'there is no /dev/full', 1 if !-w '/dev/full';
    system "'$PROGRAM' --help >/dev/full 2>'$scratch/err'";
    is($? >> 8, 4, 'help that cannot be written is exit status 4');
}

# ---- unknown and abbreviated options

refused([ '--limt=5', 'db' ], 'unknown option "--limt"', 'Did you mean "--limit"?');
refused([ '--data_only' ], 'unknown option "--data_only"', 'Did you mean "--data-only"?');
refused([ '--lock-timout', '3' ], 'unknown option "--lock-timout"',
    'Did you mean "--lock-timeout"?');
refused([ '-limit=5' ], 'unknown option "-l"', 'Did you mean "--limit"?');
refused([ '--wonderland' ], 'unknown option "--wonderland"');
refused([ '-X' ], 'unknown option "-X"');
refused([ '-vX' ], 'unknown option "-X"');
refused([ "-\xc3\xa9" ], 'unknown option "-\303"');
refused([ '--order' ], 'unknown option "--order"', 'Did you mean "--ordered"?');
refused([ '--explain-e' ], 'unknown option "--explain-e"', 'Did you mean "--explain-edges"?');
refused([ '--no', 'db' ], 'unknown option "--no"',
    'It could be "--no-sync", "--no-password", "--no-transaction", "--no-refresh", "--no-owner", '
        . '"--no-privileges", "--no-tablespaces", "--no-staging".');

# A name is written in full, whether its argument is with it, behind it, missing or too much.
refused([ @$_, 'db' ], 'unknown option "--limi"', 'Did you mean "--limit"?')
    for [ '--limi=5' ], [ '--limi', '5' ];
refused([ '--limi' ], 'unknown option "--limi"', 'Did you mean "--limit"?');
refused([ @$_ ], 'unknown option "--data-o"', 'Did you mean "--data-only"?')
    for [ '--data-o' ], [ '--data-o=5' ], [ 'db', '-v', '--data-o' ];
refused([ '--rand' ], 'unknown option "--rand"', 'Did you mean "--random"?');

# What other programs call something gets the sentence that helps.
my $limit = q{--limit=100 picks 100 rows of each table, --limit='orders = 5%, * = 10' }
    . 'other numbers of others.';
refused([ '--rows', '10', 'db' ], 'unknown option "--rows"', $limit);
refused([ '--tables', 'orders' ], 'unknown option "--tables"',
    'Use -t/--table=PATTERN, once for each pattern.');
refused([ '--seed=7' ], 'unknown option "--seed"', 'Use --random=SEED.');
refused([ '--dry-run' ], 'unknown option "--dry-run"', 'Use --plan, which prints what would be done.');
refused([ "$_->[0]" ], "unknown option \"$_->[1]\"",
    'Pipe the dump into a compressor: pg-sample ... | gzip > FILE.gz')
    for [ '--compress=9', '--compress' ], [ '-Z9', '-Z' ], [ '-Z', '-Z' ];
refused([ "$_->[0]" ], "unknown option \"$_->[1]\"",
    'A sample is read without parallel jobs; leave the option out.')
    for [ '--jobs=3', '--jobs' ], [ '-j3', '-j' ], [ '-jobs', '-j' ];
for my $foreign (qw(masking format F target q output o rows count where)) {
    my $dashes = length $foreign > 1 ? '--' : '-';
    my ($exit, $out, $errors) = run($PROGRAM, "$dashes$foreign");
    is("$exit$out", '1', "$dashes$foreign is refused");
    unlike($errors, qr/Try "|Did you mean|It could be/, '... with more than a name');
}

# A letter and its argument that together are a name: one dash is missing.
refused([ "-$_", 'db' ], "unknown option \"-$_\"", "Did you mean \"--$_\"?") for qw(file table host);
refused([ '-plan' ], 'unknown option "-plan"', 'Did you mean "--plan"?');
refused([ '-clean' ], 'unknown option "-l"', 'Did you mean "--clean"?');
refused([ '-format=c' ], 'unknown option "-format"',
    'The dump is an SQL script for psql; --inserts writes INSERT commands.');
accepted('-tab', '-nfil', '-p7');
accepted('--ordered', '--exclude-table=x', '--schema=y');

# ---- arguments of options

refused([ '-f' ], 'option "-f/--file" needs an argument', 'Write --file=FILE.');
refused([ '--limit' ], 'option "--limit" needs an argument', 'Write --limit=RULES.');
refused([ '--verbose=3' ], 'option "-v/--verbose" takes no argument');
for my $option (qw(file report pg-dump encoding sample-schema)) {
    refused([ "--$option=" ], "invalid value \"\" for option \"--$option\"",
        'It must not be empty.');
}

for my $ending ([ 'gz', 'gzip' ], [ 'bz2', 'bzip2' ], [ 'xz', 'xz' ], [ 'zst', 'zstd' ], [ 'lz4', 'lz4' ]) {
    my $name = "x.sql.$ending->[0]";
    refused([ '-f', $name ], "invalid value \"$name\" for option \"--file\"",
        "The dump is not compressed; pipe it: pg-sample ... | $ending->[1] > $name");
}
refused(['--report=r.gz'], 'invalid value "r.gz" for option "--report"',
    'The file is not compressed; leave out the ".gz".');
refused([ '-f', 'x', '--report=x.part' ], 'dump and report cannot both be written to "x"');
accepted('-f', 'gz', '--report=x.gz.json');

for my $value ('0', '-1', '2147483648', 'ten', '1.5', '1 ', '') {
    refused([ "--rows-per-insert=$value" ],
        "invalid value \"$value\" for option \"--rows-per-insert\"",
        'It takes a whole number from 1 to 2147483647.');
}
accepted("--rows-per-insert=$_") for 1, 2147483647;

for my $value ('-1', '18446744073709551616', 'Stable', '0x10', '') {
    refused([ "--random=$value" ], "invalid value \"$value\" for option \"--random\"",
        'It takes a whole number from 0 to 18446744073709551615, or the word stable.');
}
accepted(@$_)
    for [ '--random' ], [ '--random=0' ], [ '--random=18446744073709551615' ], [ '--random=stable' ];

refused([ '--ordered=up' ], 'invalid value "up" for option "--ordered"',
    'It takes desc (the newest rows, the default) or asc (the oldest).');
accepted($_) for '--ordered', '--ordered=asc', '--ordered=desc', '--ordered-asc', '--ordered-desc';

for my $value ('', 'soon', '-1', '1.5s', '3 weeks', '30S', '25d') {
    refused([ "--lock-timeout=$value" ],
        "invalid value \"$value\" for option \"--lock-timeout\"",
        'It takes whole seconds, or a number with ms, s, min, h or d, up to 24 days;'
            . ' 0 disables the timeout.');
}
for my $option (qw(staging-tables staging-fks)) {
    for my $value ('-1', '2147483648', 'many', '') {
        refused([ "--$option=$value" ], "invalid value \"$value\" for option \"--$option\"",
            'It takes a whole number from 0 to 2147483647.');
    }
    accepted("--$option=$_") for 0, 2147483647;
}

for my $value ('all', 'Drop', '') {
    refused([ "--cleanup=$value" ], "invalid value \"$value\" for option \"--cleanup\"",
        'It takes drop, or nothing to list only.');
}
accepted('--cleanup');
accepted('--cleanup=drop');

accepted("--lock-timeout=$_") for 0, 30, '500ms', '30s', '2min', '1h', '24d';

# ---- options that do not go together

for my $pair (
    [ '-a/--data-only',     '-s/--schema-only' ],
    [ '-c/--clean',         '-a/--data-only' ],
    [ '--ordered',          '--random' ],
    [ '--ordered-asc',      '--random' ],
    [ '--ordered-asc',      '--ordered-desc' ],
    [ '-O/--no-owner',      '--owner' ],
    [ '-x/--no-privileges', '--privileges' ],
    [ '--no-tablespaces',   '--tablespaces' ],
    [ '-w/--no-password',   '-W/--password' ],
  )
{
    my ($first, $second) = map { m{([^/]+)$} } @$pair;
    my $message = "options \"$pair->[0]\" and \"$pair->[1]\" contradict each other";
    refused([ $first, $second ], $message);
    refused([ 'db', $second, $first ], $message);
}
refused([ '--plan', '-fx' ], 'options "--plan" and "-f/--file" contradict each other',
    'The plan goes to standard output.');
refused([ '--plan', '--report=x' ], 'options "--plan" and "--report" contradict each other',
    'The plan goes to standard output.');
refused([ '-s', '--limit=5' ], 'options "--limit" and "-s/--schema-only" contradict each other',
    'Without rows there is nothing to limit.');
refused([ '--cleanup', '--inserts' ], 'options "--cleanup" and "--inserts" contradict each other',
    'It takes no sample.');
refused([ '--verify-only', '--clean' ], 'options "--verify-only" and "-c/--clean" contradict each other',
    'It writes no dump.');
refused([ '--random', '-s' ], 'options "-s/--schema-only" and "--random" contradict each other',
    'The dump has no rows.');
refused([ '--if-exists' ], 'option "--if-exists" needs option "-c/--clean"');
refused([ '--disable-triggers' ], 'option "--disable-triggers" needs option "-a/--data-only"');
refused([ '-f', 'x', '--report=x' ], 'dump and report cannot both be written to "x"');
ok(!-e 'x', 'nothing was written');
accepted('-c', '--if-exists', '-Ox', '--no-tablespaces');
accepted('-a', '--disable-triggers', '--inserts');

# ---- the database

refused([ 'one', 'two' ], 'too many command-line arguments (first is "two")');
refused([ '--random', '42', 'db' ], 'too many command-line arguments (first is "db")',
    'Write the argument of --ordered or --random after "=", without a space.');
refused([ '-d', 'one', 'two' ], 'the database is specified twice: by --dbname and as "two"');
accepted('-d', 'one');
accepted('one', '--limit=5');
accepted('--', 'one');
accepted("host=$scratch port=7 dbname=one");
accepted("postgresql:///one?host=$scratch");

# ---- what is generated from the option table

for my $option ($help =~ /--([a-z][a-z0-9-]*)/g) {
    like(slurp("$SRCDIR/completions/pg-sample.bash"), qr/ --\Q$option\E[ \n]/,
        "the completion knows --$option")
        or last;
}
SKIP: {
    skip "there is no $DOCS", 1 if !-x $DOCS;
    my ($stale, $out, $why) = run("$SRCDIR/scripts/update-docs", '--check', $DOCS);
    is("$stale $out$why", '0 ', 'manual page, README and completion are up to date');
}

# ---- completion

# What bash offers for the last of these words, as it splits them.
sub complete
{
    my (@words) = @_;
    my $script = <<'BASH';
. "$1"
shift
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_pg_sample
printf '%s\n' "${COMPREPLY[@]}"
BASH
    my (undef, $out, $errors) =
        run('/bin/bash', '-c', $script, 'bash', "$SRCDIR/completions/pg-sample.bash", @words);
    return join ' ', sort split /\n/, "$out$errors";
}

SKIP: {
    skip 'there is no bash', 6 if !-x '/bin/bash';
    is(complete('pg-sample', '--ord'), '--ordered --ordered-asc --ordered-desc',
        'an option is completed');
    is(complete('pg-sample', '--ordered', '='), 'asc desc', 'an optional argument, from nothing');
    is(complete('pg-sample', '--random', '=', 'st'), 'stable', 'an optional argument');
    is(complete('pg-sample', '--limit', '=', '1'), '', 'rules are left alone');
    is(complete('pg-sample', '--lock-timeout', '-'), '', 'no option in place of an argument');
    is(complete('pg-sample', '-f', "$SRCDIR/CONTRIB"), "$SRCDIR/CONTRIBUTING.md",
        'the name of a file');
}

done_testing();
