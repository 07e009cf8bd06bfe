#!/usr/bin/perl

# The command line of pg-sample-load as far as it needs no server: help, version, messages,
# where the connection comes from, freshness of docs.

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Temp ();
use Test::More;

my $SRCDIR  = $ENV{SRCDIR} || abs_path(dirname(__FILE__) . '/../..');
my $FOLDER  = dirname(abs_path($ENV{PG_SAMPLE} || "$SRCDIR/src/pg-sample"));
my $PROGRAM = "$FOLDER/pg-sample-load";
my $DOCS    = "$FOLDER/pg-sample-docs";

# Nothing here may reach a server that happens to run.
delete @ENV{ grep { /^(PG(?!_|PATH)|DB_)/ } keys %ENV };
delete $ENV{POSIXLY_CORRECT};
$ENV{PGHOST} = '/nonexistent';

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

sub spew
{
    my ($path, $text) = @_;
    open my $file, '>:raw', $path or die "could not open $path: $!";
    print {$file} $text;
    close $file or die "could not write $path: $!";
    return $path;
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
    my $expected = "pg-sample-load: error: $message\n";
    $expected .= 'pg-sample-load: hint: ' . ($hint || 'Try "pg-sample-load --help".') . "\n";
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

spew('x', "id\n1\n");

# ---- help and version

my ($status, $help, $err) = run($PROGRAM, '--help');
is($status, 0, '--help succeeds');
is($err, '', '--help says nothing on standard error');
like($help, qr/^Usage:\n  pg-sample-load \[OPTION\]\.\.\. SOURCE\.\.\.\n/m,
    '--help shows the usage');
is_deeply([ grep { length > 80 } split /\n/, $help ], [], '--help fits 80 columns');
for my $arguments ([ '-?' ], [ '--help' ], [ 'x', '--help' ], [ '-q?' ], [ '--help', '--no' ]) {
    is((run($PROGRAM, @$arguments))[1], $help, "@$arguments is the same");
}

my ($version) = slurp("$SRCDIR/configure.ac") =~ /AC_INIT\(\[pg-sample\], \[([^]]+)\]/;
is(join('|', run($PROGRAM, $_)), "0|pg-sample-load $version\n|", $_) for '--version', '-V';

SKIP: {
    skip 'there is no /dev/full', 1 if !-w '/dev/full';
    system "'$PROGRAM' --help >/dev/full 2>'$scratch/err'";
    is($? >> 8, 4, 'help that cannot be written is exit status 4');
}

# ---- options and their arguments

refused([ '--natural-kye=id', 'x' ],
    'unknown option "--natural-kye"', 'Did you mean "--natural-key"?');
refused([ '--metrics=x', 'x' ], 'unknown option "--metrics"',
    'It could be "--metrics-file", "--metrics-format".');
refused([ '--colour=5', 'x' ], 'unknown option "--colour"');
refused([ '--limit=5', 'x' ], 'unknown option "--limit"', 'Only pg-sample takes limits; load the sample that it writes.');
refused([ @$_, 'x' ], 'unknown option "--natural"', 'Did you mean "--natural-key"?')
    for [ '--natural=id' ], [ '--natural', 'id' ];
refused([ '--schema', 's', 'x' ], 'unknown option "--schema"',
    'Name the table as SCHEMA.TABLE; --schema-name is the schema of staging tables.');
refused([ '--delimiter=;', 'x' ], 'unknown option "--delimiter"', 'Use --csv-delimiter=C.');
refused([ '-f', 'x' ], 'unknown option "-f"',
    'Name the file as an argument, FILE or TABLE=FILE.');
refused([ '-dbname', 'x' ], 'unknown option "-dbname"', 'Did you mean "--dbname"?');
refused([ '--file' ], 'option "--file" needs an argument', 'Write --file=TABLE=PATH.');
refused([ '--keep=1', 'x' ], 'option "--keep" takes no argument');

refused([ "--$_=x.gz", 'x' ], "invalid value \"x.gz\" for option \"--$_\"",
    'The file is not compressed; leave out the ".gz".') for 'metrics-file', 'rejects-file';

for my $try (
    [ mode => 'some', 'It takes incremental, full, slice or append.' ],
    [ mode => 'ful',  'Did you mean "full"? It takes incremental, full, slice or append.' ],
    [ strategy => 'insert-only',
        'Did you mean "insert_only"? It takes upsert, insert_only or update_only.' ],
    [ apply => 'swop',
        'Did you mean "swap"? It takes auto, diff, delete-insert, truncate, swap or direct.' ],
    [ staging => '', 'It takes auto, always or never.' ],
    [ format  => 'xml', 'It takes auto, csv, copy, pg-sample, json or jsonl.' ],
    [ 'on-duplicate' => 'newest', 'It takes last, first or error.' ],
    [ 'timestamp-compare' => '=', 'It takes >= or >.' ],
    [ 'timestamp-nulls' => 'first', 'It takes oldest or newest.' ],
    [ 'dry-run' => 'yes', 'It takes plan or execute.' ],
    [ 'csv-delimiter' => '::', 'It takes one ASCII character, or tab.' ],
    [ 'map' => 'a', 'It takes FILECOLUMN:COLUMN, separated by commas.' ],
    [ 'slice' => 'a', 'It takes COLUMN=VALUE, or COLUMN=VALUE,VALUE...' ],
    [ 'natural-key' => 't=a,', 'It takes names of columns, separated by commas.' ],
    [ 'timestamp-column' => 't=', 'It takes the name of a column, or none.' ],
    [ 'data-member' => 't=', 'It takes the name of a member, or none.' ],
    [ 'expect' => 't=', 'It takes a whole number of rows from 0 on.' ],
    [ 'file' => 'x', 'It takes TABLE=PATH.' ],
    [ 'table-name' => 'a.b.c', 'It takes TABLE or SCHEMA.TABLE.' ],
    [ 'jobs' => '0', 'It takes a whole number from 1 to 1000.' ],
    [ 'batch-size' => '0', 'It takes a whole number from 1 on.' ],
    [ 'min-rows' => '-1', 'It takes a whole number from 0 on.' ],
    [ 'max-delete-pct' => '101', 'It takes a number from 0 to 100.' ],
    [ 'max-errors' => '1x', 'It takes a whole number of rows, or a percentage such as 0.5%.' ],
    [ 'work-mem' => '256',
        'It takes a whole number with the unit kB, MB, GB or TB, at least 64kB, such as 256MB.' ],
    [ 'lock-timeout' => 'soon',
        'It takes whole seconds, or a number with ms, s, min, h or d, up to 24 days;'
            . ' 0 disables the timeout.' ],
    [ 'older-than' => 'old', 'It takes whole seconds, or a number with the unit s, min, h or d, such as 1d.' ],
  )
{
    my ($option, $value, $hint) = @$try;
    refused([ "--$option=$value", 'x' ],
        "invalid value \"$value\" for option \"--$option\"", $hint);
}
for my $line (
    '--mode=full --apply=swap x', '--slice=a=1,2 --slice=b=3 --apply=delete-insert x',
    '--natural-key=s.t=a,b --expect=7 --timestamp-column=none x', '--dry-run=execute x',
    '-j4 --work-mem=1GB --lock-timeout=0 -t a -t b.c x', '--no-staging --apply=direct x',
    '--file t=x --file u=- --source x x', '--status', '--gc --older-than 2h',
    '--commit-staged a --mode full', '--csv-quote=! --csv-escape=! x', '--mode full -- x',
  )
{
    accepted(split ' ', $line);
}

# ---- what does not go together

refused([], 'no source specified',
    'Specify a file, a directory, TABLE=FILE, or - for standard input.');
refused([ '-', 't=-' ], 'standard input cannot be a source more than once');
refused([ '--status', 'x' ], 'option "--status" takes no source (first is "x")');
refused([ '--gc', '--source=x' ], 'option "--gc" takes no source (first is "x")');
refused([ '--commit-staged=t', 'x' ], 'option "--commit-staged" takes no source (first is "x")');
refused([ '--slice=a=1', '--mode=full', 'x' ],
    'options "--slice" and "--mode=full" contradict each other');
refused([ '--mode=slice', 'x' ], 'option "--mode=slice" needs option "--slice"',
    'Write --slice=COLUMN=VALUE.');
refused([ "--apply=$_", 'x' ], "option \"--apply=$_\" needs \"--mode=full\"")
    for 'truncate', 'swap';
refused([ '--apply=delete-insert', 'x' ],
    'option "--apply=delete-insert" needs "--mode=full" or "--mode=slice"');
refused([ '--apply=diff', '--no-staging', 'x' ],
    'options "--apply" and "--no-staging" contradict each other',
    'Without staging there is only --apply=direct.');
refused([ '--staging=auto', '--no-staging', 'x' ],
    'options "--staging" and "--no-staging" contradict each other');
refused([ '--stage-only', '--dry-run', 'x' ],
    'options "--stage-only" and "--dry-run" contradict each other',
    'It commits nothing.');
refused([ '--gc', '--jobs=4', '--format=csv' ],
    'options "--gc" and "--format" contradict each other', 'It loads nothing.');
refused([ '--commit-staged=t', '--csv-null=x' ],
    'options "--commit-staged" and "--csv-null" contradict each other',
    'The rows are staged already.');
refused([ '--check-only', '--dry-run=execute', 'x' ],
    'options "--check-only" and "--dry-run=execute" contradict each other');
refused([ '--older-than=1d', 'x' ], 'option "--older-than" needs option "--gc"');
refused([ '--csv-escape=\\', 'x' ],
    'option "--csv-escape" can only be the same as "--csv-quote"',
    'Within quotes, the quote character is doubled.');
refused([ '--rejects-file=y', '--metrics-file=y', 'x' ],
    'metrics and rejects cannot both be written to "y"');
ok(!-e 'y', 'nothing was written');

# ---- the configuration file

spew('c.json', '{"orders": {"mode": "full", "aply": "swap"}}');
refused([ '--config=c.json', 'x' ], 'unknown member "orders.aply" in "c.json"',
    'Did you mean "apply"?');
spew('c.json', '{"orders": {"checks": [{"sql": "SELECT 1", "severity": "bad"}]}}');
refused([ '--config=c.json', 'x' ],
    'member "orders.checks" in "c.json": invalid value "bad"', 'It takes error or warning.');
spew('c.json', '{"orders": {"undo": "never"}}');
refused([ '--config=c.json', 'x' ],
    'member "orders.undo" in "c.json": invalid value "never"', 'It takes false or true.');
spew('c.json', '{"orders": {"conflict_resolution": "overwrite"}}');
refused(
    [ '--config=c.json', 'x' ],
    'member "orders.conflict_resolution" in "c.json": Unknown conflict resolution'
        . ' strategy: overwrite',
    'It takes merge, replace or skip.'
);
spew('c.json',
    '{"orders": {"natural_key": ["id"], "immutable_fields": ["id", "created_at"],'
        . ' "update_strategy": "upsert", "conflict_resolution": "merge",'
        . ' "audit_changes": true, "undo": false, "soft_delete": false}}');
accepted('--config=c.json', 'x');
spew('c.json', '{"orders": {"immutable_fields": ["a", "a"]}}');
refused([ '--config=c.json', 'x' ],
    'member "orders.immutable_fields" in "c.json": invalid value "a"',
    'Column "a" is listed twice.');
spew('c.json', '{"_defaults": {"mode": "slice"}, "orders": {"slice": {"a": ["b", 7]}}}');
accepted('--config=c.json', 'x');
spew('c.json', '{"_default": {"mode": "full"}}');
refused([ '--config=c.json', 'x' ], 'unknown member "_default" in "c.json"',
    'Did you mean "_defaults"? A table of such a name is written with its schema.');
spew('c.json', '{"public._default": {"mode": "full"}}');
accepted('--config=c.json', 'x');
refused([ '--config=none.json', 'x' ],
    'could not read configuration file "none.json": No such file or directory');

# ---- where the connection comes from

# What it says that it cannot connect to.
sub destination
{
    my ($variables, @arguments) = @_;
    local @ENV{ keys %$variables } = values %$variables;
    delete $ENV{PGHOST} if !defined $variables->{PGHOST};
    my (undef, undef, $errors) = run($PROGRAM, '-w', @arguments, 'x');
    return $errors =~ m{"(/[^"]*)/\.s\.PGSQL\.(\d+)"} ? "$1 $2" : $errors;
}

is(destination({ DB_HOST => '/a', DB_PORT => 7 }), '/a 7', 'DB_HOST and DB_PORT');
is(destination({ DB_HOST => '/a', PGHOST => '/b', DB_PORT => 7 }), '/b 7', 'PGHOST before DB_HOST');
is(destination({ DB_HOST => '/a', DB_PORT => 7 }, '-h', '/c', '-p', '8'), '/c 8',
    'options before both');
is(destination({ DB_HOST => '/a' }, '-d', 'host=/d port=9'), '/d 9', 'and connection strings');

($status, undef, $err) = run($PROGRAM, '--password-file=none', 'x');
is("$status $err", "1 pg-sample-load: error: could not read password file \"none\": "
        . "No such file or directory\n", 'a password file that is not there');
spew('empty', '');
($status, undef, $err) = run($PROGRAM, '--password-file=empty', 'x');
is("$status $err", "1 pg-sample-load: error: password file \"empty\" is empty\n",
    'and one that is empty');

# ---- what is generated from the option table

for my $option ($help =~ /^  (?:-., )?--([a-z][a-z0-9-]*)/mg) {
    like(slurp("$SRCDIR/completions/pg-sample-load.bash"), qr/ --\Q$option\E[ \n]/,
        "the completion knows --$option");
}
SKIP: {
    skip "there is no $DOCS", 2 if !-x $DOCS;
    my ($stale, $out, $why) = run("$SRCDIR/scripts/update-docs", '--check', $DOCS);
    is("$stale $out$why", '0 ', 'manual page, README and completion are up to date');
    my (undef, $readme) = run($DOCS, 'pg-sample-load', 'readme-options');
    is($readme, "```text\n$help```\n", 'README.md has the help');
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
_pg_sample_load
printf '%s\n' "${COMPREPLY[@]}"
BASH
    my (undef, $out, $errors) =
        run('/bin/bash', '-c', $script, 'bash', "$SRCDIR/completions/pg-sample-load.bash", @words);
    return join ' ', sort split /\n/, "$out$errors";
}

SKIP: {
    skip 'there is no bash', 20 if !-x '/bin/bash';
    is(complete('pg-sample-load', '--max'), '--max-delete-pct --max-errors --max-records --max-retries',
        'an option is completed');
    is(complete('pg-sample-load', '--mode', 'f'), 'full', 'a word');
    is(complete('pg-sample-load', '--dry-run', '=', ''), 'execute plan', 'an optional one');
    is(complete('pg-sample-load', '--dry-run', 'em'), 'empty', 'which needs its "="');
    is(complete('pg-sample-load', 'c'), 'c.json', 'a source');
    is(complete('pg-sample-load', 't', '=', 'c'), 'c.json', 'the file of a table');
    is(complete('pg-sample-load', '--slice', '-'), '', 'no option in place of an argument');

    # every option with words has them completed
    while ($help =~ /^  (?:-., )?--([a-z-]+)(?:=|\[=)([a-z_-]+(?:\|[a-z_-]+)+)\]?\s/mg) {
        my ($option, $words) = ($1, $2);
        is(complete('pg-sample-load', "--$option", '=', ''),
            join(' ', sort split /\|/, $words), "the words of --$option");
    }
}

done_testing();
