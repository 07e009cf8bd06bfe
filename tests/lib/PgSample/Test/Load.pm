package PgSample::Test::Load;

# Running pg-sample-load: its files, its result, and what must hold after every run.

use strict;
use warnings;

use Carp qw(croak);
use Exporter qw(import);
use File::Basename ();
use File::Temp ();
use JSON::PP ();
use Test::Builder ();
use Time::HiRes qw(sleep time);

use PgSample::Test::Database;
use PgSample::Test::Process;
use PgSample::Test::Server;
use PgSample::Test::Session;

our @EXPORT = qw(
    SCHEMA load start_load load_program input_file input_path gz zst csv parse_csv copy_text slurp
    loads refuses content image left_tables drop_left
    wait_until load_sessions wait_for_step other_session hold_advisory
);

$Carp::Internal{ +__PACKAGE__ } = 1; # errors name the line of the test

# Where the loader's own tables are.
use constant SCHEMA => '_pg_sample_load';

my $test = Test::Builder->new;
my $directory = File::Temp->newdir;
my $n_files = 0;

# ---- files

# Compressed by gzip.
sub gz
{
    my ($text) = @_;
    require IO::Compress::Gzip; # which takes long, and few tests need it
    no warnings 'once'; # for the same reason
    IO::Compress::Gzip::gzip(\$text, \my $packed)
        or croak "could not compress: $IO::Compress::Gzip::GzipError";
    return $packed;
}

# A frame of zstd in blocks that are not compressed.
sub zst
{
    my ($text) = @_;
    my @block = length $text ? unpack('(a100000)*', $text) : (q{});
    my $frame = pack 'VCV', 0xFD2FB528, 0xA0, length $text;
    for my $i (0 .. $#block) {
        my $header = ($i == $#block ? 1 : 0) | length($block[$i]) << 3;
        $frame .= substr(pack('V', $header), 0, 3) . $block[$i];
    }
    return $frame;
}

# Writes a file of this name into a new folder; returns its path.
sub input_file
{
    my ($name, $content) = @_;
    my $path = input_path($name);
    open my $file, '>:raw', $path or croak "could not write $path: $!";
    print {$file} $content;
    close $file or croak "could not write $path: $!";
    return $path;
}

# A path of this name in a new folder.
sub input_path
{
    my ($name) = @_;
    my $folder = "$directory/" . ++$n_files;
    mkdir $folder or croak "could not create $folder: $!";
    return "$folder/$name";
}

sub slurp
{
    my ($path) = @_;
    open my $file, '<:raw', $path or croak "could not open $path: $!";
    local $/ = undef;
    my $text = <$file>;
    return defined $text ? $text : '';
}

# CSV of rows: undef is an empty field, an empty text is quoted.
sub csv
{
    my (@rows) = @_;
    return join '', map { join(',', map { _csv_field($_) } @$_) . "\n" } @rows;
}

sub _csv_field
{
    my ($value) = @_;
    return '' if !defined $value;
    return $value if $value ne '' && $value !~ /[",\r\n]|\A\s|\s\z|\A\\[.]\z/;
    $value =~ s/"/""/g;
    return qq{"$value"};
}

# Records of a CSV text with a header, as hashes.
sub parse_csv
{
    my ($text) = @_;
    my @records;
    my $fields = [];
    while ($text =~ /\G(?:"((?:[^"]|"")*)"|([^",\n]*))(,|\r?\n|\z)/g) {
        my ($value, $end) = (defined $1 ? $1 : $2, $3);
        $value =~ s/""/"/g;
        push @$fields, $value;
        next if $end eq ',';
        push @records, $fields if @$fields > 1 || $fields->[0] ne '';
        $fields = [];
        last if $end eq '';
    }
    my $header = shift @records || [];
    return map { my %record; @record{@$header} = @$_; \%record } @records;
}

my %ESCAPE = ("\\" => "\\\\", "\t" => '\t', "\n" => '\n', "\r" => '\r');

# Lines of COPY text.
sub copy_text
{
    my (@rows) = @_;
    return join '', map { join("\t", map { _copy_field($_) } @$_) . "\n" } @rows;
}

sub _copy_field
{
    my ($value) = @_;
    return '\N' if !defined $value;
    $value =~ s/([\\\t\n\r])/$ESCAPE{$1}/g;
    return $value;
}

# ---- running

# The program beside pg-sample.
sub load_program
{
    my $path =
        File::Basename::dirname(PgSample::Test::Database::program()) . '/pg-sample-load';
    croak "there is no $path: build it with make" if !-x $path;
    return $path;
}

# Starts pg-sample-load on a database. The last argument may be a hash of options: those of
# PgSample::Test::Process, and keep => 1: staging tables may stay.
sub start_load
{
    my ($database, @argument) = @_;
    my %option = @argument && ref $argument[-1] eq 'HASH' ? %{ pop @argument } : ();
    my %environment = (
        $database->server->environment($database->user),
        %{ delete $option{env} || {} }
    );
    my $keep = delete $option{keep};
    my $run_as = delete $option{run_as};
    my $metrics = input_path('metrics.json');
    my @metrics = (grep { /\A--(?:metrics-file|gc|status|init|print-ddl)/ } @argument) ? ()
        : ("--metrics-file=$metrics");
    my $process = PgSample::Test::Process->start(
        command => [
            PgSample::Test::Server::as_user($run_as, load_program(), '-d',
                $database->name, @metrics, @argument)
        ],
        env      => \%environment,
        database => $database,
        timeout  => 60,
        %option
    );
    return PgSample::Test::Load::Run->new($process, $database, $metrics, $keep);
}

# Runs it to its end.
sub load
{
    return start_load(@_)->finish;
}

# ---- what is in the database

sub _admin
{
    my ($database) = @_;
    return $database->server->database($database->name);
}

# Rows of a table as sorted texts, joined.
sub content
{
    my ($database, $from, $columns) = @_;
    $columns = 'row_of_it::text' if !defined $columns;
    return join "\n",
        sort @{ _admin($database)->column("SELECT $columns FROM $from AS row_of_it") };
}

# All rows of all tables that are not pg-sample-load's: a text to compare.
sub image
{
    my ($database) = @_;
    my $admin = _admin($database);
    my $tables = $admin->column(<<'SQL');
SELECT c.oid::pg_catalog.regclass::text
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind = 'r' AND n.nspname !~ '^_?pg_' AND n.nspname <> 'information_schema'
 ORDER BY 1
SQL
    return '' if !@$tables;
    my $query = join ' UNION ALL ', map {
        my $name = $_;
        (my $literal = $name) =~ s/'/''/g;
        qq{SELECT '$literal' || ': ' || count(*) || ' ' || }
            . qq{md5(coalesce(string_agg(x::text, E'\\n' ORDER BY x::text), ''))}
            . qq{ FROM ONLY $name AS x}
    } @$tables;
    return join "\n", @{ $admin->column("$query ORDER BY 1") };
}

# Tables that a run left: all in the schema but those of the loader itself, and what it
# has kept for a rollback.
sub left_tables
{
    my ($database, $schema) = @_;
    $schema = SCHEMA if !defined $schema;
    return @{ _admin($database)->column(<<"SQL") };
SELECT c.relname
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname = '$schema' AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
   AND c.relname NOT IN ('run', 'reject', 'batch', 'batch_load_log', 'undo', 'audit_log')
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                    WHERE d.objid = c.oid AND d.deptype IN ('a', 'i'))
   AND coalesce(pg_catalog.obj_description(c.oid, 'pg_class'), '') !~ '"what": "undo"'
 ORDER BY 1
SQL
}

# Drops what is left, so that one failure does not bring others.
sub drop_left
{
    my ($database) = @_;
    my @left = left_tables($database);
    for my $name (@left) {
        my $quoted = PgSample::Test::Server::quote_identifier($name);
        _admin($database)->psql('DROP TABLE IF EXISTS ' . SCHEMA . ".$quoted");
    }
    return @left;
}

# ---- assertions

# The run ends with status 0, and its tables have these counts, as summary() writes them:
# a text for the only table, or a hash. Returns the result.
sub loads
{
    my ($database, $arguments, $expected, $name) = @_;
    my $result = load($database, @$arguments);
    if ($result->status != 0) {
        $test->ok(0, $name);
        $test->diag($result->describe);
        return $result;
    }
    my %expected = ref $expected ? %$expected : ('' => $expected);
    my @problems;
    for my $table (sort keys %expected) {
        my $got = $result->summary($table eq '' ? undef : $table);
        push @problems, "$table: got      $got\n   expected $expected{$table}"
            if $got ne $expected{$table};
    }
    $test->ok(!@problems, $name);
    $test->diag($_) for @problems;
    $test->diag($result->stderr) if @problems;
    return $result;
}

# The run ends with this status (or one of them) and a message like this (or all of them),
# and no row of any table changes. Returns the result.
sub refuses
{
    my ($database, $arguments, $status, $message, $name) = @_;
    my $before = image($database);
    my $result = load($database, @$arguments);
    my @messages = ref $message eq 'ARRAY' ? @$message : ($message);
    my @problems = map { "no message like $_" } grep { $result->stderr !~ $_ } @messages;
    my @statuses = ref $status ? @$status : ($status);
    push @problems, "exit status @statuses expected"
        if !grep { $_ == $result->status } @statuses;
    push @problems, "tables have changed" if image($database) ne $before;
    $test->ok(!@problems, $name);
    $test->diag($_) for @problems;
    $test->diag($result->describe) if @problems;
    return $result;
}

# ---- for tests that disturb a run

# The first true value of the code, called again and again; undef after the seconds.
sub wait_until
{
    my ($seconds, $code) = @_;
    my $deadline = time + $seconds;
    while (1) {
        my $value = $code->();
        return $value if $value;
        return if time > $deadline;
        sleep 0.01;
    }
}

# Sessions of pg-sample-load on a database: hashes of pid, step, state and wait.
sub load_sessions
{
    my ($database, $condition) = @_;
    $condition = defined $condition ? "AND ($condition)" : '';
    my $name = PgSample::Test::Server::quote_literal($database->name);
    my $rows = $database->server->database('postgres')->rows(<<"SQL");
SELECT pid, substr(application_name, 17), state, wait_event_type, query
  FROM pg_catalog.pg_stat_activity
 WHERE application_name LIKE 'pg-sample-load%' AND datname = $name $condition
 ORDER BY backend_start
SQL
    return map {
        my %session;
        @session{qw(pid step state wait query)} = @$_;
        \%session;
    } @$rows;
}

# Waits for a session at this step ("commit"), waiting for a lock if asked to, or for as
# many of the database as are asked for (sessions => N). It is the first one, or undef.
sub wait_for_step
{
    my ($run, $step, %option) = @_;
    my $condition = "application_name = 'pg-sample-load: $step'";
    $condition .= " AND wait_event_type = 'Lock'" if $option{lock};
    return wait_until(
        $option{seconds} || 15,
        sub {
            my @sessions = load_sessions($run->database, $condition);
            return $sessions[0] if @sessions >= ($option{sessions} || 1);
            return ($run->process->is_running ? undef : 'gone');
        }
    );
}

# Another connection to the database, as superuser.
sub other_session
{
    my ($database) = @_;
    return PgSample::Test::Session->new(conninfo => _admin($database)->conninfo);
}

# A session that holds the advisory lock 4711 until it is closed.
sub hold_advisory
{
    my ($database) = @_;
    my $session = other_session($database);
    $session->query('SELECT pg_advisory_lock(4711)');
    return $session;
}

package PgSample::Test::Load::Run;

use strict;
use warnings;

sub new
{
    my ($class, $process, $database, $metrics, $keep) = @_;
    return bless {
        process  => $process,
        database => $database,
        metrics  => $metrics,
        keep     => $keep
    }, $class;
}

sub process  { return $_[0]{process} }
sub database { return $_[0]{database} }
sub signal   { return $_[0]{process}->signal($_[1]) }

# Waits for the end, and checks what must hold after each run.
sub finish
{
    my ($self, $timeout) = @_;
    my $result =
        PgSample::Test::Load::Result->new($self->{process}->wait($timeout), $self->{metrics});
    my @problems = $result->broken_promises;
    if (!$self->{keep}) {
        push @problems, map { "$_ is left in the schema" }
            PgSample::Test::Load::drop_left($self->{database});
    }
    if (@problems) {
        local $Test::Builder::Level = $Test::Builder::Level + 2;
        $test->ok(0, 'counts add up, and nothing is left behind');
        $test->diag($_) for @problems;
        $test->diag($result->describe);
    }
    return $result;
}

package PgSample::Test::Load::Result;

use strict;
use warnings;

our @ISA = ('PgSample::Test::Process::Result');

# The names of the counts in the metrics, and in a summary.
my @COUNTS = (
    [ inserted_rows  => 'inserted' ],
    [ updated_rows   => 'updated' ],
    [ unchanged_rows => 'unchanged' ],
    [ skipped_rows   => 'skipped' ],
    [ duplicate_rows => 'duplicate' ],
    [ error_rows     => 'error' ]
);

sub new
{
    my ($class, $result, $file) = @_;
    my $self = bless {%$result}, $class;
    if (-s $file) {
        $self->{metrics_text} = PgSample::Test::Load::slurp($file);
        # bytes, as everywhere in the tests
        $self->{metrics} = eval { JSON::PP->new->decode($self->{metrics_text}) };
    }
    return $self;
}

sub metrics      { return $_[0]{metrics} }
sub metrics_text { return $_[0]{metrics_text} }

# The metrics of a table: its name may lack the schema, or be left out if there is only one.
sub table
{
    my ($self, $name) = @_;
    my $tables = $self->{metrics} && $self->{metrics}{tables} || {};
    my @names = sort keys %$tables;
    if (defined $name) {
        @names = grep { $_ eq $name || /\A[^.]+[.]\Q$name\E\z/ } @names;
    }
    return @names == 1 ? $tables->{ $names[0] } : undef;
}

sub count
{
    my ($self, $field, $name) = @_;
    my $table = $self->table($name);
    return $table ? $table->{$field} : undef;
}

# "inserted 2, updated 1": all counts that are not zero; "nothing" if there are none.
sub summary
{
    my ($self, $name) = @_;
    my $table = $self->table($name) or return 'no such table in the metrics';
    my @parts = map { "$_->[1] $table->{$_->[0]}" } grep { $table->{ $_->[0] } } @COUNTS;
    push @parts, "deleted $table->{deleted_rows}" if $table->{deleted_rows};
    return @parts ? join(', ', @parts) : 'nothing';
}

# What a run promises and does not keep.
sub broken_promises
{
    my ($self) = @_;
    my @problems;
    push @problems, 'it did not end' if $self->timed_out;
    push @problems, 'it crashed' if $self->signal && $self->signal =~ /\A(?:4|6|7|8|11)\z/;
    my $metrics = $self->{metrics};
    if ($self->{metrics_text} && !$metrics) {
        return (@problems, "metrics are no JSON: $self->{metrics_text}");
    }
    my $is_done = $self->status == 0 || $self->status == 5;
    return @problems if !$metrics;
    if (($metrics->{success} ? 1 : 0) != ($is_done ? 1 : 0)) {
        push @problems, 'status ' . $self->status . ', but success is ' . $metrics->{success};
    }
    for my $name (sort keys %{ $metrics->{tables} || {} }) {
        push @problems, _broken_sum($name, $metrics->{tables}{$name}, $is_done);
    }
    return @problems;
}

# total = inserted + updated + unchanged + skipped + duplicate + error.
sub _broken_sum
{
    my ($name, $table, $is_done) = @_;
    my @names = map { $_->[0] } @COUNTS;
    my @missing = grep { !defined $table->{$_} } 'total_source_rows', @names;
    return "$name: the metrics lack @missing" if @missing;
    my @negative = grep { $table->{$_} < 0 } @names;
    return "$name: negative: @negative" if @negative;
    return if !$is_done;
    my $sum = 0;
    $sum += $table->{$_} for @names;
    return if $sum == $table->{total_source_rows};
    return "$name: total_source_rows = $table->{total_source_rows}, but the parts are $sum: "
        . join(', ', map { "$_ $table->{$_}" } @names);
}

1;

__END__

=head1 NAME

PgSample::Test::Load - running pg-sample-load

=head1 SYNOPSIS

    my $file = input_file('t.csv', csv(['id', 'v'], [1, 'a'], [2, undef]));
    my $result = loads($db, [$file], 'inserted 1, unchanged 1', 'two rows');
    refuses($db, ['--min-rows=3', $file], 3, qr/min-rows/, 'too few');
    is($result->count('total_written'), 1);

    my $run = start_load($db, '--staging=always', $file);
    wait_for_step($run, 'commit', lock => 1);
    $run->signal('KILL');
    my $result = $run->finish;

=head1 DESCRIPTION

Each run writes its metrics to a file of its own. When it ends the test fails if, for any
table, total_source_rows is not the sum of inserted, updated, unchanged, skipped, duplicate
and error rows; if C<success> contradicts the exit status; or if there are tables in the
schema SCHEMA besides C<run> and C<reject> (unless C<keep =E<gt> 1>; after a kill
too, where a test has to say C<keep>).

=head1 FUNCTIONS

=over

=item load(database, arguments..., {options}), start_load(...)

Result, or a Run with C<process>, C<signal(NAME)>, C<finish([seconds])>.

=item loads(database, [arguments], counts, name), refuses(database, [arguments], status, message(s), name)

Assertions that return the result.

=item input_file(name, content), input_path(name), csv(rows), copy_text(rows), slurp(path)

=item content(database, table[, columns]), image(database), left_tables(database), drop_left(database)

=item wait_until, load_sessions, wait_for_step(run, step, lock =E<gt> 1), other_session, hold_advisory

=back

=cut
