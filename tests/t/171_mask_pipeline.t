# Masked samples: they restore, keys match, sequences go on behind what was written, both
# modes and all formats write the same rows, and nothing else that goes out tells a value.

use strict;
use warnings;

use File::Temp ();
use FindBin;
use JSON::PP ();
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Check;
use PgSample::Test::DumpText;
use PgSample::Test::Server;
use PgSample::Test::Staging;

my $server    = PgSample::Test::Server->start;
my $directory = File::Temp->newdir;
my $key       = "$directory/key";
my $source    = $server->create_database;

# Before version 13 an ordinary role cannot create citext.
my @AS = $server->version < 130_000 ? (as => undef) : ();

$source->sql(<<'SQL');
CREATE EXTENSION citext;
CREATE DOMAIN mail AS citext CHECK (VALUE ~ '@');
CREATE TABLE people (
    id serial PRIMARY KEY, n int NOT NULL, email mail UNIQUE, name varchar(40) NOT NULL CHECK (length(name) > 2),
    badge char(20) UNIQUE, boss int REFERENCES people, born date, phone text, note text);
CREATE UNIQUE INDEX people_lower ON people (lower(email::text)) WHERE id > 3;
CREATE TABLE letters (
    n int PRIMARY KEY, person int NOT NULL REFERENCES people, email citext REFERENCES people (email),
    badge char(20) REFERENCES people (badge), text text);
CREATE TABLE shelves (tenant numeric, id bigserial, n int, PRIMARY KEY (tenant, id));
CREATE TABLE boxes (n int PRIMARY KEY, tenant numeric, shelf bigint, FOREIGN KEY (tenant, shelf) REFERENCES shelves MATCH FULL);
CREATE TABLE visits (n int, day date NOT NULL, person int REFERENCES people, who varchar(30), PRIMARY KEY (n, day)) PARTITION BY RANGE (day);
CREATE TABLE visits_old PARTITION OF visits FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
CREATE TABLE visits_new PARTITION OF visits DEFAULT;
ALTER TABLE visits_old ADD CONSTRAINT old_only CHECK (who <> 'nobody');
CREATE TABLE animal (n int PRIMARY KEY, owner text, uid uuid);
CREATE TABLE dog (race text) INHERITS (animal);
CREATE TABLE empty (n int, email text UNIQUE);
INSERT INTO people (n, email, name, badge, boss, born, phone, note)
SELECT i, 'User.' || i || '@Corp.org', 'Per son' || i, 'B' || i, nullif(i / 2, 0), date '1970-01-01' + i,
       '+49 30 ' || 1000000 + i * 37, E'tab\t back\\ slash \n of ' || i FROM generate_series(1, 400) i;
INSERT INTO people (n, name) SELECT i, 'no mail' || i FROM generate_series(401, 420) i;
INSERT INTO letters SELECT i, 1 + i % 400, upper('user.' || 1 + i % 400 || '@corp.org'), 'B' || 1 + i * 7 % 400, 'dear ' || i
  FROM generate_series(1, 900) i;
INSERT INTO shelves (tenant, n) SELECT i % 5, i FROM generate_series(1, 100) i;
INSERT INTO boxes SELECT i, (i % 5)::text::numeric(10, 2), 5 * (i % 20) + (CASE WHEN i % 5 = 0 THEN 5 ELSE i % 5 END) FROM generate_series(1, 300) i;
INSERT INTO boxes SELECT i FROM generate_series(301, 310) i;
INSERT INTO visits SELECT i, date '2020-06-01' + i * 10, 1 + i % 400, 'Guest Number' || i FROM generate_series(1, 200) i;
INSERT INTO animal SELECT i, 'Owner ' || i, md5(i::text)::uuid FROM generate_series(1, 30) i;
INSERT INTO dog SELECT i, 'Owner ' || i, md5(i::text)::uuid, 'mutt' FROM generate_series(31, 60) i;
ANALYZE;
SQL

my $RULES = 'people.id = key, people.email = email, people.name = name, people.badge = hash 16, '
    . 'people.born = date year, people.phone = phone, shelves.id = key, visits.who = name, '
    . '*.owner = name, *.uid = uuid, empty.email = email';
my @MASK = ("--mask=$RULES", "--mask-key-file=$key");
my @ALL  = ('--limit=* = *', @MASK);

ok($source->sample("--new-mask-key=$key")->is_ok, 'a key is made');

# The dump, which is the same in both modes.
sub dump_of
{
    my (@argument) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    return modes_agree($source, "both modes write the same: @argument[2 .. $#argument]", @argument)
        // die 'there is no dump'
        if !staging();
    my $result = $source->sample(@argument);
    die $result->describe if !$result->is_ok;
    return $result->stdout;
}

my %COLUMNS = (
    people  => [qw(id email name badge boss born phone)],
    letters => [qw(person email badge)],
    shelves => ['id'],
    boxes   => ['shelf'],
    visits  => [qw(person who)],
    animal  => [qw(owner uid)],
);

# ---- the rows

my $dump   = dump_of(@ALL);
my $target = $server->restore($dump, @AS);
foreign_keys_hold($target);
constraints_are_valid($target);

for my $table (sort keys %COLUMNS)
{
    is($target->value("SELECT count(*) FROM $table"), $source->value("SELECT count(*) FROM $table"), "$table: all rows");
    for my $column (@{ $COLUMNS{$table} })
    {
        my $count = "SELECT count($column) FROM $table";
        is($target->value($count), $source->value($count), "$table.$column: NULL stays NULL");
        my %raw    = map { $_->[0] => $_->[1] } @{ $source->rows("SELECT n, ${column}::text FROM $table WHERE $column IS NOT NULL") };
        my %masked = map { $_->[0] => $_->[1] } @{ $target->rows("SELECT n, ${column}::text FROM $table WHERE $column IS NOT NULL") };
        my (%mask_of, $n_unequal, $n_same);
        for my $n (keys %raw)
        {
            my $canonical = $column eq 'email' ? lc $raw{$n} : $raw{$n};
            $n_unequal++ if ($mask_of{$canonical} //= $masked{$n}) ne $masked{$n};
            $n_same++    if $raw{$n} eq $masked{$n};
        }
        ok(!$n_unequal, "$table.$column: equal values have equal masks");
        cmp_ok($n_same // 0, '<', keys(%raw) / 4, "$table.$column: nearly all values have changed");
    }
}
for (qw(people.email people.id people.badge shelves.id animal.uid))
{
    my ($table, $column) = split /[.]/;
    my $count = "SELECT count(DISTINCT $column) FROM $table";
    is($target->value($count), $source->value($count), "$_: different values have different masks");
}
is($target->value("SELECT count(*) FROM letters l JOIN people p ON p.id = l.person AND p.n = 1 + l.n % 400"),
    900, 'references lead to the same rows');
is($target->value("SELECT string_agg(note, '' ORDER BY n) FROM people"),
    $source->value("SELECT string_agg(note, '' ORDER BY n) FROM people"), 'other columns are as they were');
is($target->value("SELECT count(*) FROM people WHERE extract(year FROM born) < 1970"), 0, 'the year stays');

# ---- sequences are set behind what was written

my $few = $server->restore(dump_of('--limit=people = 7, shelves = 3, * = 0', @MASK), @AS);
cmp_ok($few->value('SELECT last_value FROM people_id_seq'), '>=', $few->value('SELECT max(id) FROM people'),
    'setval() of masked keys');
$few->sql("INSERT INTO people (n, name) SELECT 0, 'more' || i FROM generate_series(1, 100) i");
$few->sql('INSERT INTO shelves (tenant) SELECT 1 FROM generate_series(1, 30) i');
pass('new rows get new keys');

# ---- other formats

sub contents
{
    my ($db) = @_;
    return { map { $_ => $db->column("SELECT t::text FROM $_ t ORDER BY 1") } sort(keys %COLUMNS), 'dog' };
}
my $expected = contents($target);

for (['--inserts'], ['--inserts', '--rows-per-insert=7'], ['--on-conflict-do-nothing'],
    ['--ordered=asc'], ['--ordered'], ['--memory-limit=1MB'])
{
    is_deeply(contents($server->restore(dump_of(@ALL, @$_), @AS)), $expected, "@$_: the same rows");
}

# Rows of a cycle of keys that are not deferrable come in two steps.
my $cyclic = $server->create_database;
$cyclic->sql(<<'SQL');
CREATE TABLE dept (id int PRIMARY KEY, name text NOT NULL, manager int);
CREATE TABLE emp (id int PRIMARY KEY, dept int NOT NULL REFERENCES dept, boss int REFERENCES emp, mail text UNIQUE);
INSERT INTO dept SELECT i, 'dept ' || i, 10 * i FROM generate_series(1, 20) i;
INSERT INTO emp SELECT i, 1 + i % 20, nullif(i / 2, 0), 'm' || i || '@corp.org' FROM generate_series(1, 300) i;
ALTER TABLE dept ADD CONSTRAINT dept_manager FOREIGN KEY (manager) REFERENCES emp;
SQL
for my $format (['--inserts'], [])
{
    my @argument = ('--limit=emp = 30, * = 0', "--mask-key-file=$key", '--mask=dept.id = key, emp.id = key, emp.mail = email', @$format);
    my $schema = $cyclic->sample('--schema-only');
    my $data   = $cyclic->sample(@argument, '--data-only');
    ok($_->is_ok, 'a dump in two parts') or diag $_->describe for $schema, $data;
    my $restored = $server->restore($schema->stdout);
    my $result   = $restored->psql($data->stdout);
    ok($result->is_ok, 'the data restores behind the schema') or diag $result->describe;
    foreign_keys_hold($restored);
    is($restored->value('SELECT count(*) FROM emp WHERE boss IS NOT NULL'),
        $server->restore($cyclic->sample(@argument)->stdout)->value('SELECT count(*) FROM emp WHERE boss IS NOT NULL'),
        'postponed references are there');
}

# ---- kept, resumed, verified

{
    my @schema = ('--sample-schema=kept');
    my $kept = $source->sample(@ALL, '--keep', @schema);
    ok($kept->is_ok, 'a sample is kept') or diag $kept->describe;
    like($kept->stderr, qr/kept schema is not masked/, '... which is not masked');
    my $resumed = $source->sample('--resume', @schema, "--mask-key-file=$key");
    ok($resumed->is_ok, 'and resumed') or diag $resumed->describe;
    same_bytes($resumed->stdout, $dump, 'masked alike');
    my $without = $source->sample('--resume', @schema);
    is($without->status, 1, '--resume needs the key');
    my $verified = $source->sample(@ALL, '--verify-only', '-v');
    ok($verified->is_ok, '--verify-only') or diag $verified->describe;
    like($verified->stderr, qr/^masked: \d+ values of \d+ columns; proved again: \d+ references of 6 foreign keys$/m,
        '... proves the masks as well');
    $source->sql('DROP SCHEMA kept CASCADE');
}

# ---- what else goes out

{
    my $report = "$directory/report.json";
    my $result = $source->sample(
        @MASK, "--report=$report", '--explain=people:3', '--explain-edges', '--root=people:5',
        q{--limit=people = email = 'User.3@Corp.org' AND id <> 4711},
        '--limit=letters = 50, * = 0', q{--where-column=day > '2020-01-01'},
        q{--reference=visits(who) -> animal(owner) when n <> 4712});
    ok($result->is_ok, 'a sample with a report') or diag $result->describe;
    my $header = PgSample::Test::DumpText->new($result->stdout)->header;
    unlike($header, qr/User|4711|4712|2020|people:5/, 'the header has no literal');
    like($header, qr/^-- limit: people = email = [?] AND id <> [?]$/m, '... but the rules');
    like($header, qr/^-- masked: key [0-9a-f]{16}, lists \d+$/m,      '... and the key');
    open my $file, '<', $report or die "$report: $!";
    my $text = do { local $/; <$file> };
    close $file;
    unlike($text, qr/User[.]|Per son|4711|4712/i, 'the report has no value');
    my $json   = JSON::PP->new->decode($text);
    my %column = map { ("$_->{table}.$_->{column}" => $_) } @{ $json->{masks}{columns} };
    is($column{'letters.email'}{mask}, 'email', 'it has the mask of each column');
    is($column{'letters.email'}{rule}, 'people.email = email', '... and who decided it');
    ok($column{'letters.email'}{by_class}, '... by its class');
    ok($column{'people.email'}{proved_unique}, '... and what is proved');
    cmp_ok($column{'people.email'}{values}, '>', 50, '... of how many values');
    like($header, qr/key $json->{masks}{key},/, '... by which key');
    is_deeply($json->{masks}{generalised}, [], '... and no groups where nothing is generalised');
    my $masked_3 = $target->value('SELECT id FROM people WHERE n = 3');
    like($result->stderr, qr/why public[.]people \($masked_3\) is in the sample/, '--explain shows keys as they are in the dump');
    for (@{ $json->{edges} })
    {
        next if $_->{referencing} !~ /letters|people/ || $_->{referenced} !~ /people/;
        my ($id) = $_->{largest_key} =~ /\A\((\d+)\)\z/ or next;
        is($target->value("SELECT count(*) FROM people WHERE id = $id"), 1, 'so does the report');
    }
}

# Rows that are equal in what was generalised: NULL is one of the values.
{
    my $crowd = $server->create_database;
    $crowd->sql(<<'SQL');
CREATE TABLE crowd (id int PRIMARY KEY, "Born On" date, income numeric, note text);
INSERT INTO crowd SELECT i, '1980-01-01'::date + i % 4000, 1000 * (i % 3), 'n' || i FROM generate_series(1, 3000) i;
INSERT INTO crowd VALUES (4001, NULL, 5000, ''), (4002, NULL, 5999, ''), (4003, '1980-05-05', 9000, 'alone');
SQL
    my %expected = (
        'crowd."Born On" = bucket 5y, crowd.income = bucket 1000' => ['"Born On", income', q{date_part('year', "Born On")::int / 5}, 'floor(income / 1000)'],
        'crowd.income = bucket 5000'                              => ['income',            'id * 0',    'floor(income / 5000)']);
    for my $rules (sort keys %expected)
    {
        my ($columns, $year, $number) = @{ $expected{$rules} };
        my ($n, $smallest) = split /[|]/, $crowd->value("SELECT count(*) || '|' || min(n) FROM (SELECT count(*) AS n FROM crowd GROUP BY $year, $number) g");
        my $report = "$directory/crowd.json";
        my $result = $crowd->sample("--mask-key-file=$key", '--data-only', '--limit=*', "--report=$report", map { "--mask=$_" } split /, /, $rules);
        ok($result->is_ok, $rules) or diag $result->describe;
        my ($line) = $result->stderr =~ /^(generalised: .*)$/m;
        my $rows = $smallest == 1 ? '1 row' : "$smallest rows";
        is($line, "generalised: of public.crowd ($columns), the smallest of $n groups of equal rows has $rows", '... how far it hides rows');
        open my $file, '<', $report or die "$report: $!";
        my $json = JSON::PP->new->utf8->decode(do { local $/; <$file> });
        close $file;
        is_deeply([ @{ $json->{masks}{generalised}[0] }{qw(table groups smallest)} ], [ 'crowd', $n, $smallest ], '... in the report as well');
    }
}

done_testing();
