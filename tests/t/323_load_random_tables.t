# Random batches of tables that refer to each other, random unique values, and random
# writers beside a load: what is there afterwards is what the rules say, worked out in Perl.

use strict;
use warnings;

use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Load;
use PgSample::Test::Random;
use PgSample::Test::Server;

my $FIRST   = $ENV{PG_SAMPLE_TEST_SEED}  || 1;
my $N_CASES = $ENV{PG_SAMPLE_TEST_CASES} || 12;

my $server = PgSample::Test::Server->start;
my $db     = $server->create_database;

sub values_of { return join ',', map { '(' . join(',', map { $_ // 'NULL' } @$_) . ')' } @_ }

sub text { return join ' ', sort map { join '/', map { $_ // '-' } @$_ } @_ }

sub table_text
{
    my ($table) = @_;
    return text(@{ $db->rows("SELECT * FROM $table") });
}

# ---- references

# Table => [ columns that refer, each to a table ]; the first column is the key, the last a value.
my %REFERS = (a => [], b => ['a'], c => [ 'b', 'a' ], d => ['d']);

# Which rows of a batch are loaded: of those with one key the last, and then, again and
# again, not those that lack a row to refer to.
sub surviving
{
    my ($target, $batch) = @_;
    my %chosen;
    for my $table (keys %$batch) {
        $chosen{$table}{ $_->[0] } = $_ for grep { $_->[-1] < 90 } @{ $batch->{$table} };
    }
    my $n_gone;
    do {
        $n_gone = 0;
        for my $table (keys %REFERS) {
            for my $key (keys %{ $chosen{$table} || {} }) {
                my $row = $chosen{$table}{$key};
                my @missing = grep {
                    my ($to, $value) = ($REFERS{$table}[$_], $row->[ $_ + 1 ]);
                    defined $value && !$target->{$to}{$value} && !$chosen{$to}{$value}
                } 0 .. $#{ $REFERS{$table} };
                next if !@missing;
                delete $chosen{$table}{$key};
                $n_gone++;
            }
        }
    } while ($n_gone);
    return \%chosen;
}

sub random_row
{
    my ($random, $table) = @_;
    my @references = map { $random->percent(15) ? undef : $random->between(1, 12) } @{ $REFERS{$table} };
    return [ $random->between(1, 12), @references, $random->percent(10) ? 95 : $random->below(3) ];
}

subtest 'references' => sub {
    for my $deferrable ('', ' DEFERRABLE') {
        $db->sql("DROP TABLE IF EXISTS a, b, c, d; CREATE TABLE a (id int PRIMARY KEY, v int CHECK (v < 90));"
                . " CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES a$deferrable, v int CHECK (v < 90));"
                . " CREATE TABLE c (id int PRIMARY KEY, b int REFERENCES b$deferrable, a int REFERENCES a$deferrable,"
                . " v int CHECK (v < 90));"
                . " CREATE TABLE d (id int PRIMARY KEY, up int REFERENCES d$deferrable, v int CHECK (v < 90))");
        my %columns = (a => [qw(id v)], b => [qw(id a v)], c => [qw(id b a v)], d => [qw(id up v)]);
        for my $seed ($FIRST .. $FIRST + $N_CASES - 1) {
            my $random = PgSample::Test::Random->new($seed);
            my (%target, %batch);
            for my $table ('a' .. 'd') {
                # rows of the table refer to the first six
                $target{$table}{$_} = [ $_, map({ 1 + $random->below(6) } @{ $REFERS{$table} }), $random->below(3) ]
                    for 1 .. 6;
                $batch{$table} = [ map { random_row($random, $table) } 1 .. $random->between(1, 10) ];
            }
            $db->sql('TRUNCATE a, b, c, d; ' . join ';',
                map { "INSERT INTO $_ VALUES " . values_of(values %{ $target{$_} }) } 'a' .. 'd');
            my $chosen = surviving(\%target, \%batch);
            my @files = map { input_file("$_.csv", csv($columns{$_}, @{ $batch{$_} })) } $random->shuffle('a' .. 'd');
            my $result = load($db, $random->percent(50) ? '--staging=always' : (), '--max-errors=100%',
                '--min-rows=0', @files);
            my %expected = map {
                my $table = $_;
                $table => text(values %{ { %{ $target{$table} }, %{ $chosen->{$table} || {} } } })
            } 'a' .. 'd';
            my %got = map { $_ => table_text($_) } 'a' .. 'd';
            is_deeply(\%got, \%expected, "seed $seed$deferrable: rows") or diag $result->describe;
        }
    }
};

# ---- unique values

subtest 'unique values' => sub {
    for my $deferrable ('', ' DEFERRABLE') {
        $db->sql("DROP TABLE IF EXISTS u; CREATE TABLE u (id int PRIMARY KEY, v int UNIQUE$deferrable)");
        my %n = (loaded => 0, refused => 0);
        for my $seed ($FIRST .. $FIRST + 2 * $N_CASES - 1) {
            my $random = PgSample::Test::Random->new(1000 + $seed);
            my @values = $random->shuffle(1 .. 8);
            my %target = map { $_ => [ $_, $values[ $_ - 1 ] ] } 1 .. 5;
            my %batch;
            for (1 .. $random->between(2, 6)) {
                my $id = $random->between(1, 7);
                # mostly the values that are there, handed around
                $batch{$id} = [ $id, $random->percent(85) ? $values[ $random->below(7) ] : undef ];
            }
            my $is_full = $random->percent(50);
            $db->sql('TRUNCATE u; INSERT INTO u VALUES ' . values_of(values %target));
            my %final = $is_full ? %batch : (%target, %batch);
            my %seen;
            my $is_valid = !grep { defined $_->[1] && $seen{ $_->[1] }++ } values %final;
            my $before = table_text('u');
            my $result = load($db, $random->percent(50) ? '--staging=always' : (),
                $is_full ? ('--mode=full', '--max-delete-pct=100') : (),
                input_file('u.csv', csv([ 'id', 'v' ], map { $batch{$_} } $random->shuffle(sort keys %batch))));
            my $name = "seed $seed$deferrable" . ($is_full ? ' full' : '');
            my $got = table_text('u');
            if ($result->status == 0) {
                $n{loaded}++;
                is($got, text(values %final), "$name: loaded") or diag $result->describe;
            } else {
                $n{refused}++;
                is($got, $before, "$name: refused, and nothing changes");
                ok(!$is_valid || !$deferrable, "$name: with reason")
                    or diag "before $before, expected " . text(values %final), $result->describe;
            }
            ok($is_valid || $result->status, "$name: what cannot be is not loaded");
        }
        cmp_ok($n{$_}, '>', 0, "some are $_$deferrable") for 'loaded', 'refused';
    }
};

# ---- writers beside a load

subtest 'writers beside a load' => sub {
    $db->sql('DROP TABLE IF EXISTS w; CREATE TABLE w (id int PRIMARY KEY, v text, other int DEFAULT 0, captured_at int)');
    my $n_beside = 0;
    for my $seed ($FIRST .. $FIRST + $N_CASES - 1) {
        my $random = PgSample::Test::Random->new(2000 + $seed);
        my %newest = map { $_ => [ 10, 'old' ] } 1 .. 200;
        my %other = map { $_ => 0 } 1 .. 260;
        $db->sql("TRUNCATE w; INSERT INTO w SELECT i, 'old', 0, 10 FROM generate_series(1, 200) i");
        my @batch = map { [ $_, 'batch', $random->pick(5, 20) ] } grep { $random->percent(80) } 1 .. 230;
        my $run = start_load($db, $seed % 2 ? '--staging=always' : (), '--timestamp-column=captured_at',
            '--max-retries=20', input_file('w.csv', csv([ 'id', 'v', 'captured_at' ], @batch)));
        my $n = 0;
        while ($run->process->is_running || $n < 5) {
            my @statements;
            for (1 .. 3) {
                my ($id, $stamp) = ($random->between(1, 250), $random->pick(7, 15, 30));
                if ($random->percent(50)) {
                    $n++;
                    push @statements, "INSERT INTO w (id, v, captured_at) VALUES ($id, 'w$n', $stamp) ON CONFLICT (id)"
                        . ' DO UPDATE SET v = EXCLUDED.v, captured_at = EXCLUDED.captured_at'
                        . ' WHERE EXCLUDED.captured_at > w.captured_at';
                    $newest{$id} = [ $stamp, "w$n" ] if !$newest{$id} || $stamp > $newest{$id}[0];
                } elsif ($id <= 200) {
                    push @statements, "UPDATE w SET other = other + 1 WHERE id = $id";
                    $other{$id}++;
                }
            }
            # they are committed one by one: the loader may wait for them, but they for it only a moment
            $db->sql($_) for @statements;
            last if $n > 400;
        }
        $n_beside += $n;
        my $result = $run->finish;
        is($result->status, 0, "seed $seed: loaded") or diag $result->describe;
        for my $row (@batch) {
            my ($id, $v, $stamp) = @$row;
            $newest{$id} = [ $stamp, $v ] if !$newest{$id} || $stamp > $newest{$id}[0];
        }
        my $expected = text(map { [ $_, $newest{$_}[1], $newest{$_}[0] ] } keys %newest);
        is(text(@{ $db->rows('SELECT id, v, captured_at FROM w') }), $expected, "seed $seed: the newest rows")
            or diag $result->stderr;
        my @lost = grep { $_->[1] != $other{ $_->[0] } } @{ $db->rows('SELECT id, other FROM w WHERE id <= 200') };
        is(text(@lost), '', "seed $seed: no count of the other column is lost");
    }
    note "$n_beside writes beside the loads";
};

# ---- several tables, one moment

subtest 'readers see all tables change at once' => sub {
    $db->sql('DROP TABLE IF EXISTS x, y; CREATE TABLE x (id int PRIMARY KEY, v int);'
            . ' CREATE TABLE y (id int PRIMARY KEY, x int REFERENCES x, v int);'
            . ' INSERT INTO x SELECT i, 0 FROM generate_series(1, 300) i; INSERT INTO y SELECT i, i, 0 FROM'
            . ' generate_series(1, 300) i');
    my %seen;
    for my $version (1 .. 4) {
        my $run = start_load($db, $version % 2 ? '--staging=always' : (),
            input_file('x.csv', csv([ 'id', 'v' ], map { [ $_, $version ] } 1 .. 300)),
            input_file('y.csv', csv([ 'id', 'x', 'v' ], map { [ $_, $_, $version ] } 1 .. 300)));
        while ($run->process->is_running) {
            $seen{ $db->value("SELECT string_agg(DISTINCT v::text, ',') FROM (SELECT v FROM x UNION ALL"
                        . ' SELECT v FROM y) AS z') }++;
        }
        is($run->finish->status, 0, "version $version");
    }
    is(join(' ', grep { /,/ } sort keys %seen), '', 'never two versions');
};

done_testing;
