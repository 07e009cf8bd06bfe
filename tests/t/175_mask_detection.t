# What looks personal: by name, type, comment and content; the warning about it, the rules
# that are suggested, and --mask-required, which fails before anything is read.

use strict;
use warnings;

use File::Temp ();
use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Check;
use PgSample::Test::Server;
use PgSample::Test::Staging;

my $server    = PgSample::Test::Server->start;
my $directory = File::Temp->newdir;

# By column of --plan: NOT MASKED, not masked, kept, or masked and how.
sub states
{
    my ($db, @argument) = @_;
    my $result = $db->sample('--plan', @argument);
    is($result->status, 0, "--plan @argument") or diag($result->stderr);
    my ($text) = $result->stdout =~ /^Columns that look personal:\n(.*)/ms;
    my %states;
    for (split /\n/, $text // '')
    {
        $states{$1} = "$2$3" if /^  (?:public[.])?(\S.*?) +(NOT MASKED|not masked|kept|masked: .*?)((?:  \(.*\))?)\z/;
    }
    return \%states;
}

sub database
{
    my ($sql) = @_;
    my $db = $server->create_database;
    $db->sql($sql);
    return $db;
}

my $people = database(<<'SQL');
CREATE TABLE customers (id int PRIMARY KEY, name text, "firstName" text, last_name2 text, "E-Mail" text, emailAddress text,
    email_verified boolean, email_type text, phone_count int, mobile text, born_on date, created_at timestamp, ip text,
    last_login inet, card_type text, card_number text, iban varchar(34), description text, password_hash bytea, city text,
    notes text, profile jsonb, photo bytea, geo point, badge macaddr, vorname text, telefonnummer text, mailbox text,
    shipping_address text, address_id int, passport_no char(9), sex text, salary numeric);
CREATE TABLE product (id int PRIMARY KEY, name text, title text, ip_rating text, colour text, vendor_email text);
CREATE TABLE customer_group (id int PRIMARY KEY, name text);
CREATE TABLE codes (id int PRIMARY KEY, a text, b text, c text, d int, plain text);
COMMENT ON COLUMN codes.a IS 'internal; PII: yes';
COMMENT ON COLUMN codes.b IS 'piics are no such thing';
COMMENT ON COLUMN codes.d IS 'pii';
INSERT INTO codes SELECT i, 'a', 'b', 'user.' || i || '@example.org', i, 'word' || i FROM generate_series(1, 300) i;
INSERT INTO customers (id, name) VALUES (1, 'x');
INSERT INTO product VALUES (1, 'x', 'y');
INSERT INTO customer_group VALUES (1, 'x');
ANALYZE;
SQL

subtest 'names, types, comments and contents' => sub {
    my $states = states($people);
    my %certain = (name => 'name of a person', firstName => 'first name', last_name2 => 'last name', 'E-Mail' => 'e-mail address',
        emailaddress => 'e-mail address', mobile => 'phone number', born_on => 'date of birth', ip => 'IP address',
        card_number => 'card number', iban => 'IBAN', password_hash => 'secret', vorname => 'first name',
        telefonnummer => 'phone number', shipping_address => 'address', passport_no => 'national number');
    for my $name (sort keys %certain)
    {
        my $quoted = $name =~ /[^a-z0-9_]/ ? qq{"$name"} : $name;
        is($states->{"customers.$quoted"}, "NOT MASKED  ($certain{$name}, by its name)", "customers.$name");
    }
    is($states->{"customers.$_"} // 'none', 'NOT MASKED  (' . { last_login => 'IP address', geo => 'place', badge => 'MAC address' }->{$_} . ', by its type)', $_)
        for qw(last_login geo badge);
    like($states->{"customers.$_"} // 'none', qr/^not masked  /, "$_ is worth a look") for qw(city notes profile photo sex salary);
    is($states->{"customers.$_"}, undef, "$_ is nothing")
        for qw(id email_verified email_type phone_count created_at card_type description mailbox address_id);
    is($states->{"product.$_"}, undef, "$_ of products is nothing") for qw(id name title ip_rating colour);
    is($states->{'product.vendor_email'}, 'NOT MASKED  (e-mail address, by its name)', 'but an address is, wherever it is');
    is($states->{'customer_group.name'}, undef, 'a group is no person');
    is($states->{'codes.a'}, 'NOT MASKED  (personal, by its comment)', 'a comment');
    is($states->{'codes.d'}, 'NOT MASKED  (personal, by its comment)', 'a comment on a number');
    is($states->{'codes.b'}, undef, 'a word that begins like it');
    is($states->{'codes.c'}, 'NOT MASKED  (e-mail addresses, by its content)', 'what statistics show');
    is($states->{'codes.plain'}, undef, 'words are nothing');
};

subtest 'what rules make of it' => sub {
    my $states = states($people, q{--mask=customers."E-Mail" = email, *.mobile = keep, codes.c = hash});
    like($states->{'customers."E-Mail"'}, qr/^masked: email/, 'masked');
    is($states->{'customers.mobile'}, 'kept', 'kept');
    like($states->{'codes.c'}, qr/^masked: hash/, 'by its content');
    like($states->{'customers.ip'}, qr/^NOT MASKED/, 'others are not');
    $states = states($people, '--exclude-table-data=customers', '-T', 'codes');
    is_deeply([ sort keys %$states ], ['product.vendor_email'], 'tables without rows are left out');
    is_deeply([ sort keys %{ states($people, '-t', 'customer_group') } ], [], 'nothing');
};

subtest 'the warning' => sub {
    my $warning = qr/^pg-sample: warning: (\d+) columns? that looks? personal (?:is|are) not masked$/m;
    my $result = $people->sample;
    is($result->status, 0, 'a sample without masks');
    like($result->stderr, $warning, 'warns in one line');
    my $states = states($people, '--mask=*.a = keep, *.c = keep, *.d = keep');
    my $n = grep { /^NOT MASKED/ } values %$states;
    is(($result->stderr =~ $warning)[0], $n, 'with the number of what the catalog alone shows');
    unlike($people->sample('--schema-only')->stderr, $warning, 'not without rows');
    unlike($people->sample('-t', 'customer_group')->stderr, $warning, 'not where nothing is personal');
    like($people->sample('-t', 'product')->stderr, qr/warning: 1 column that looks personal is not masked/, 'one column');
    unlike($people->sample('-t', 'product', '--mask=product.vendor_email = keep')->stderr, $warning, 'not of what is kept');
    unlike($people->sample('--plan')->stderr, $warning, 'not with --plan');
};

# Ends with status 7 before a dump is begun, and names the columns.
sub requires
{
    my ($db, $name, $messages, @argument) = @_;
    my $file = "$directory/required.sql";
    my $result = $db->sample("--file=$file", @argument);
    my @problems = map { "no $_" } grep { $result->stderr !~ $_ } @$messages;
    push @problems, 'status ' . $result->status if $result->status != 7;
    push @problems, map { "$_ is left" } grep { -e } $file, "$file.part";
    push @problems, map { "schema $_ is left" } @{ PgSample::Test::Staging::drop_staging_schemas($db) };
    is("@problems", '', $name) or diag($result->stderr);
    return;
}

subtest 'masks that are required' => sub {
    my $db = database(<<'SQL');
CREATE TABLE users (id int PRIMARY KEY, email text, bio text, data jsonb, raw bytea, tags text[], n int, at timestamp,
    twice text GENERATED ALWAYS AS (bio || bio) STORED);
CREATE TABLE other (id int PRIMARY KEY, phone text);
INSERT INTO users VALUES (1, 'someone@example.org', 'text', '{}', '\x00', '{}', 1);
INSERT INTO other VALUES (1, '+49 151 5550000');
SQL
    requires($db, 'two columns', [ qr/error: 2 columns have no mask/, qr/public[.]other[.]phone \(phone number\), public[.]users[.]email/, qr/--suggest-masks/ ],
        '--mask-required');
    requires($db, 'one column', [qr/error: 1 column has no mask/], '--mask-required', '--mask=users.email = email');
    requires($db, 'in staging mode', [qr/error: 2 columns/], '--mask-required', '--use-staging');
    is($db->sample('--mask-required', '--mask=users.email = email, other.phone = keep')->status, 0, 'all have rules');
    is($db->sample('--mask-required', '-t', 'users', '--mask=users.email = email')->status, 0, 'all that have rows');
    requires($db, 'all texts', [ qr/error: 4 columns/, qr/users[.]bio \(free text\), .*users[.]data .*users[.]raw \(bytea\), .*users[.]tags \(text\[\]\)/ ],
        '--mask-required=all', '--mask=*.email = email, *.phone = phone');
    is($db->sample('--mask-required=all', '--mask=*.email = email, *.phone = phone, users.* = keep')->status, 0, 'all of them have rules');
    my $result = $db->sample('--mask-required=some');
    is($result->status, 1, 'a word that is none');
    like($result->stderr, qr/It takes all, or nothing/, 'and a hint');
};

# The rules that are printed can be used as they are, and nothing certain is left.
sub suggestions_work
{
    my ($db, $name, @more) = @_;
    my $result = $db->sample('--suggest-masks');
    is($result->status, 0, "$name: rules are suggested") or diag($result->stderr);
    my $rules = $result->stdout;
    my $states = states($db, "--mask=$rules");
    is_deeply([ grep { $states->{$_} =~ /^NOT MASKED/ } sort keys %$states ], [@more], 'nothing is left open');
    my $plan = $db->sample('--plan', "--mask=$rules");
    unlike($plan->stderr, qr/notice: rule/, 'each applies to its column');
    my $again = $db->sample('--suggest-masks', "--mask=$rules");
    is($again->stdout, '', 'there is nothing more to suggest');
    return $rules;
}

subtest 'suggestions' => sub {
    my $rules = suggestions_work($people, 'people');
    like($rules, qr/^public[.]customers[.]"E-Mail" = email,?$/m, 'a mask for the kind');
    like($rules, qr/^public[.]customers[.]iban = iban,?$/m, 'and for another');
    unlike($rules, qr/profile|notes/, 'what is only worth a look is left to the user');
    like($people->sample('--suggest-masks')->stderr, qr/notice: \d+ more columns might be personal/, 'and counted');

    my $odd = database(<<'SQL');
CREATE TABLE users (email varchar(12) PRIMARY KEY, phone bigint UNIQUE, name text UNIQUE, ip inet UNIQUE, iban text UNIQUE NOT NULL,
    full_name text[], username char(5), geo point NOT NULL, mac macaddr UNIQUE, born_on date UNIQUE NOT NULL);
CREATE TABLE logins (email varchar(10) REFERENCES users, client_ip inet REFERENCES users (ip), "Phone, No = 1" text,
    "tel""
no" text);
CREATE TABLE "a.b" ("first.name" text, "E=Mail" text, "phone
$.x" text);
CREATE TABLE parts (phone text, email text) PARTITION BY LIST (phone);
CREATE TABLE parts_1 PARTITION OF parts DEFAULT;
SQL
    $rules = suggestions_work($odd, 'odd columns', 'parts.phone', 'users.born_on');
    like($rules, qr/^public[.]users[.]email = /m, 'a rule names the key of a class');
    unlike($rules, qr/logins[.]email|client_ip/, 'and there is one for the class');
    is((() = $rules =~ /[^\n[:print:]]/g), 0, 'no control characters');
    like($rules, qr/^public[.]users[.]name = name unique/m, 'the form of a mask that is unique');
    is($odd->sample('--suggest-masks', '--mask=users.email = keep')->stdout =~ /users[.]email/, '', 'none for what is kept');

    my $shop = $server->clone_of_file("$FindBin::Bin/../../fixtures/shop/shop.sql");
    $rules = suggestions_work($shop, 'the shop');
    like($rules, qr/shop[.]customer[.]email = email/, 'its customers');
};

done_testing();
