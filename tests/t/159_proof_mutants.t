# Mutants: closures that lose rows or keys. The proof of the mode finds each of them, and nothing
# is written.

use strict;
use warnings;

use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Mutants;
use PgSample::Test::Process;
use PgSample::Test::Server;

my $reason = PgSample::Test::Mutants->reason_to_skip;
plan skip_all => $reason if $reason;

my $server = PgSample::Test::Server->start;
my $shop   = $server->create_database;
my $loaded = $shop->psql('', '-v', 'scale=0.02', '-f', "$FindBin::Bin/../../fixtures/shop/shop.sql");
ok($loaded->is_ok, 'the shop is loaded') or BAIL_OUT($loaded->stderr);

# chains long enough for recursive queries, and keys that only the server compares
$shop->sql(<<'SQL');
CREATE TABLE link (id int PRIMARY KEY, previous int REFERENCES link);
INSERT INTO link SELECT n, nullif(n - 1, 0) FROM generate_series(1, 200) AS n;
CREATE COLLATION ignoring_case (provider = icu, deterministic = false, locale = 'und-u-ks-level2');
CREATE TABLE word (w text COLLATE ignoring_case PRIMARY KEY);
CREATE TABLE saying (id int PRIMARY KEY, w text COLLATE ignoring_case REFERENCES word);
INSERT INTO word SELECT 'Word ' || n FROM generate_series(1, 40) AS n;
INSERT INTO saying SELECT n, 'wORD ' || n FROM generate_series(1, 40) AS n;
SQL

my $COUNT     = 'static unsigned n;';
my $NOT_MUCH  = qr/the sample is not consistent; nothing was written/;
my $MISCOUNTS = qr/the staging table of \S+ has/;

# The mode, what is wrong, what the proof says, and changes.
my @MUTANTS = (
    [ 'direct', 'keys that are taken for present', $NOT_MUCH,
        [ 'src/sample/direct/collect.c', 'if ((old_flags & (KEY_WANTED | KEY_HAVE)) != 0)',
            "$COUNT if (++n % 5 == 0 || (old_flags & (KEY_WANTED | KEY_HAVE)) != 0)" ] ],
    [ 'direct', 'foreign keys that are not followed', $NOT_MUCH,
        [ 'src/sample/direct/collect.c', '&value) != KEY_COMPLETE)',
            '&value) != KEY_COMPLETE || fk->foreign_key->number % 3 == 1)' ] ],
    [ 'direct', 'rows that are counted, but not stored', $NOT_MUCH,
        [ 'src/sample/direct/collect.c', 'if (!rowstore_add(table->rows, id, line, length))',
            "$COUNT if (++n % 10 == 0) { note_own_keys(sample, layout, rowid_leaf(id)); return true; }"
                . ' if (!rowstore_add(table->rows, id, line, length))' ] ],
    [ 'direct', 'pending keys that are lost', $NOT_MUCH,
        [ 'src/sample/direct/closure.c', '    keys->n_pending = n;', '    keys->n_pending = n = n > 1 ? n - 1 : n;' ] ],
    [ 'direct', 'row ids that are not wanted', $NOT_MUCH,
        [ 'src/sample/direct/collect.c', 'if (rowstore_contains(table->rows, id) || !idset_add(table->wanted_ids, id))',
            "$COUNT if (++n % 4 == 0 || rowstore_contains(table->rows, id) || !idset_add(table->wanted_ids, id))" ] ],
    [ 'direct', 'tables that are not looked at', $NOT_MUCH,
        [ 'src/sample/direct/closure.c', 'if (closure->sample->plan->tables[relation].is_data_excluded)',
            'if (relation % 4 == 1 || closure->sample->plan->tables[relation].is_data_excluded)' ] ],
    [ 'staging', 'keys that are not fetched', $NOT_MUCH,
        [ 'src/sample/staging/staging_missing.c', 'keyset_add(batch.keys, line, (size_t)length, KEY_WANTED, NULL);',
            "$COUNT if (++n % 5 != 0) keyset_add(batch.keys, line, (size_t)length, KEY_WANTED, NULL);" ] ],
    [ 'staging', 'foreign keys that are not resolved', $NOT_MUCH,
        [ 'src/sample/staging/staging_closure.c', 'if (!staging_missing_is_possible(closure->sample, group, pass))',
            'if (key->number % 3 == 1 || !staging_missing_is_possible(closure->sample, group, pass))' ] ],
    [ 'staging', 'rows that are staged twice', $MISCOUNTS,
        [ 'src/sample/staging/staging_closure.c', 'n_new = staging_insert(closure->sample, key->relation, sql.data);',
            'n_new = staging_insert(closure->sample, key->relation, sql.data);'
                . ' n_new += staging_insert(closure->sample, key->relation, sql.data);' ] ],
    [ 'staging', 'rows that are counted, but not staged', $MISCOUNTS,
        [ 'src/sample/staging/staging.c', 'sample->tables[relation].n_rows += n;', 'sample->tables[relation].n_rows += n + (n > 1);' ] ],
    [ 'staging', 'chains that are left', $NOT_MUCH,
        [ 'src/sample/staging/staging_recursion.c', 'if (!sample->plan->tables[component->relations.items[i]].is_data_excluded)',
            'if (component->relations.n_items > 1)' ] ],
);

my %OPTION  = (direct => '--no-staging', staging => '--use-staging');
my $mutants = PgSample::Test::Mutants->new;

sub run_sample
{
    my ($mode) = @_;
    my @command = ($mutants->program, '--limit=link = id = 200', '--limit=5', $OPTION{$mode}, $shop->name);
    return PgSample::Test::Process->run(command => \@command, env => { $server->environment });
}

is(run_sample($_)->status, 0, "$_ mode as it is passes") for qw(direct staging);

for my $mutant (@MUTANTS) {
    my ($mode, $name, $says, @changes) = @$mutant;
    $mutants->with(\@changes, sub {
        my ($built) = @_;
        is($built->status, 0, "$mode: $name: built") or diag $built->describe;
        my $result = run_sample($mode);
        is($result->status, 5, "$mode: $name: found") or diag $result->describe;
        like($result->stderr, $says, "$mode: $name: and it says what");
        is($result->stdout, '', "$mode: $name: nothing is written");
    });
}

done_testing;
