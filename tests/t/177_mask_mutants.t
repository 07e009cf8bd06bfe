# Mutants: the engine with a fault in it, built in a copy of the tree. The proof of masks finds
# each of them, and nothing is written.

use strict;
use warnings;

use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Masks;
use PgSample::Test::Mutants;
use PgSample::Test::Process;
use PgSample::Test::Server;

my $reason = PgSample::Test::Mutants->reason_to_skip;
plan skip_all => $reason if $reason;

my $server = PgSample::Test::Server->start;
my $shop   = $server->create_database;
my $loaded = $shop->psql('', '-v', 'scale=0.02', '-f', "$FindBin::Bin/../../fixtures/shop/shop.sql");
ok($loaded->is_ok, 'the shop is loaded') or BAIL_OUT($loaded->stderr);

my @RULES = ('--mask=customer.id = key, product.brand_name = hash, employee.badge = mac, customer.email = email',
    '--mask=customer.born_on = date, address.postcode = pattern, "customer\'s ""saved"" cart".seen_from = ip',
    '--limit=30');
my $UNCHANGED = 'masks have changed less than half of the values of';
my $APPLY = ['src/mask/masker.c', 'return masker->spec->kind->apply(masker, input, out, problem);'];
my $TOGETHER = 'if (masker->array == NULL && kind->apply_all != NULL)';

# A fault in what masks of integers return, one by one.
sub integers
{
    my ($condition, $code) = @_;
    return ([ @$APPLY, "if (masker->target.type == MASK_TYPE_INTEGER$condition) { $code return MASK_DONE; } $APPLY->[1]" ],
        [ $APPLY->[0], $TOGETHER, 'if (masker->target.type != MASK_TYPE_INTEGER && kind->apply_all != NULL)' ]);
}

# What is wrong, what the proof says, and changes: the file, a text in it, and what takes its place.
my @MUTANTS = (
    [ 'a mask that is no function of the value', qr/different masks for equal values/,
        [ @$APPLY, "static unsigned n; MaskResult r = masker->spec->kind->apply(masker, input, out, problem);"
            . ' if (masker->target.type == MASK_TYPE_TEXT) appendPQExpBuffer(out, "%u", n++ % 7); return r;' ] ],
    [ 'citext without lower()', qr/different masks for equal values/,
        [ 'src/sample/masked/mask_row.c', '.canonical = canonical[i]', '.canonical = values[i]' ] ],
    [ 'a value that is left as it is', qr/one mask for different values/,
        integers(' && input->value.length == 2', 'appendBinaryPQExpBuffer(out, input->value.text, input->value.length);') ],
    [ 'a column that its class lacks', qr/masked rows do not satisfy foreign key/,
        [ 'src/model/mask_class.c', 'for (int i = 0; i < key->n_columns; i++)',
            'for (int i = key->n_columns == 1 && key->number % 2 ? 1 : 0; i < key->n_columns; i++)' ] ],
    [ 'a key that is not injective', qr/one mask for different values/,
        integers('', 'appendPQExpBuffer(out, "%d", 1 + input->value.text[0] % 5);') ],
    [ 'the same, and a class that is not known to be unique', qr/masked rows do not satisfy unique index/,
        integers('', 'appendPQExpBuffer(out, "%d", 1 + input->value.text[0] % 5);'),
        [ 'src/model/mask_plan.c', '.is_unique = group->is_unique', '.is_unique = false' ] ],
    [ 'letters and digits that stay', qr/$UNCHANGED shop\.address\.postcode/,
        [ 'src/mask/mask_symbols.c', 'text[symbols->offsets[i]] = mask_symbols_get(symbols, i);', ';' ] ],
    [ 'days that stay', qr/$UNCHANGED shop\.customer\.born_on/,
        [ 'src/mask/mask_date.c', 'time.day = choose_day(', 'choose_day(' ] ],
    [ 'addresses that stay', qr/$UNCHANGED .*\.seen_from/,
        [ 'src/mask/mask_ip.c', 'memcpy(address->bytes + kept, mac, address->n_bytes - kept);', '(void)kept;' ] ],
);

my $mutants = PgSample::Test::Mutants->new;

sub run_sample
{
    my @command = ($mutants->program, @RULES, '--mask-key-file=' . key_file('mutants'), $shop->name);
    return PgSample::Test::Process->run(command => \@command, env => { $server->environment });
}

is(run_sample()->status, 0, 'the engine as it is passes');

for my $mutant (@MUTANTS) {
    my ($name, $says, @changes) = @$mutant;
    $mutants->with(\@changes, sub {
        my ($built) = @_;
        is($built->status, 0, "$name: built") or diag $built->describe;
        my $result = run_sample();
        is($result->status, 5, "$name: found") or diag $result->describe;
        like($result->stderr, qr/the proof of masks failed/, "$name: by the proof");
        like($result->stderr, $says, "$name: and it says what");
        is($result->stdout, '', "$name: nothing is written");
    });
}

done_testing;
