package PgSample::Test::LoadBatch;

# Batches of files with an id: writing them, loading them, and what is known of them.

use strict;
use warnings;

use Exporter qw(import);
use File::Path qw(make_path);
use Test::Builder ();

use PgSample::Test::Load;

our @EXPORT = qw(
    root set_root new_root put fresh batch start_batch batch_is batch_refused rows states logged
    queue QUEUE ITEMS PARTS
);

my $test = Test::Builder->new;
my ($db, $root);

use constant ITEMS => "id,v\n1,a\n2,b\n";
use constant PARTS => "id,item,v\n10,1,x\n11,3,y\n";

# A queue as users of other loaders have it.
use constant QUEUE => <<'SQL';
CREATE TABLE validation_queue (batch_id varchar(100), table_name text,
    status varchar(20) DEFAULT 'pending', loaded_at timestamp);
SQL

# That the functions are about from now on.
sub use_database
{
    ($db) = @_;
    return;
}

# ---- files

# The directory that contains that of the batches.
sub root { return $root }

sub set_root
{
    ($root) = @_;
    return;
}

sub new_root
{
    $root = input_path('root');
    make_path("$root/staging");
    return $root;
}

# Writes files of a batch, by their paths below staging.
sub put
{
    my (%files) = @_;
    for my $path (sort keys %files) {
        my ($folder) = "$root/staging/$path" =~ m{(.*)/};
        make_path($folder);
        open my $file, '>:raw', "$root/staging/$path" or die "could not create $path: $!\n";
        print {$file} $files{$path};
        close $file or die "could not write $path: $!\n";
    }
    return;
}

# New tables, and no batches.
sub fresh
{
    $db->sql(<<'SQL');
DROP SCHEMA IF EXISTS _pg_sample_load CASCADE;
DROP TABLE IF EXISTS part, item, validation_queue, batch_load_log CASCADE;
CREATE TABLE item (id int PRIMARY KEY, v text CHECK (v <> 'bad'));
CREATE TABLE part (id int PRIMARY KEY, item int NOT NULL REFERENCES item, v text);
SQL
    new_root();
    return;
}

# ---- loading

sub batch
{
    my ($id, @argument) = @_;
    return load($db, "--batch-id=$id", "--source=$root", @argument);
}

# Others can be loading at the same time.
sub start_batch
{
    my ($id, @argument) = @_;
    my %option = @argument && ref $argument[-1] eq 'HASH' ? %{ pop @argument } : ();
    return start_load($db, "--batch-id=$id", "--source=$root", @argument, { keep => 1, %option });
}

# The run has this status and a message like this.
sub batch_is
{
    my ($id, $arguments, $status, $message, $name) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $result = batch($id, @$arguments);
    # in a list, a match that fails would be no argument at all, and the name the condition
    my $is_good = $result->status == $status && $result->stderr =~ $message;
    $test->ok($is_good, $name)
        or $test->diag("status $status and $message expected: ", $result->describe);
    return $result;
}

# And no row of the user's tables changes.
sub batch_refused
{
    my ($id, $arguments, $status, $message, $name) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $before = rows();
    my $result = batch_is($id, $arguments, $status, $message, $name);
    $test->is_eq(rows(), $before, "$name: nothing has changed");
    return $result;
}

# ---- what is in the database

sub rows { return content($db, 'item') . "\n--\n" . content($db, 'part') }

# Batch, table, state and records.
sub states
{
    return join ', ', @{ $db->column(<<'SQL') };
SELECT batch_id || ' ' || table_name || ' ' || state || ' ' || coalesce(records::text, '-')
  FROM _pg_sample_load.batch ORDER BY batch_id, table_name
SQL
}

# The lines of the log, or of another one.
sub logged
{
    my ($table) = @_;
    $table ||= '_pg_sample_load.batch_load_log';
    return join ', ', @{ $db->column(<<"SQL") };
SELECT concat_ws(' ', batch_id, operation, table_name, records_affected, status)
  FROM $table ORDER BY loaded_at, table_name
SQL
}

sub queue
{
    return join ', ', @{ $db->column(<<'SQL') };
SELECT concat_ws(' ', batch_id, table_name, status,
                 CASE WHEN loaded_at > now() - interval '1 minute' THEN 'now' END)
  FROM validation_queue ORDER BY 1
SQL
}

1;
