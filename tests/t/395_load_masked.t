# Masked dumps: they never go back into the database that they are of, and rows that are masked
# differently do not meet unasked.

use strict;
use warnings;

use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Load;
use PgSample::Test::Server;

my $server = PgSample::Test::Server->start;
my $SQL    = <<'SQL';
CREATE TABLE person (id int PRIMARY KEY, email text);
CREATE TABLE purchase (id int PRIMARY KEY, person int REFERENCES person, note text);
CREATE TABLE other (id int PRIMARY KEY);
INSERT INTO person VALUES (1, 'a@shop'), (2, 'b@shop');
INSERT INTO purchase VALUES (10, 1, 'x');
INSERT INTO other VALUES (7);
SQL

my ($A, $B) = map { 'key ' . $_ x 16 . ', lists 1' } 'a', 'b';
my $MIXED = qr/hint: Load into empty tables.*--allow-mixed-masks/s;
my @STAGING = map { "--staging=$_" } 'auto', 'always', 'never';

sub database
{
    my ($sql) = @_;
    my $db = $server->create_database;
    $db->sql($SQL);
    $db->sql($sql) if defined $sql;
    return $db;
}

sub empty_database
{
    return database('TRUNCATE person, purchase, other');
}

sub dump_of
{
    my ($db, @argument) = @_;
    my $result = $db->sample(@argument);
    is($result->status, 0, 'sampled') or diag $result->stderr;
    return $result->stdout;
}

# What a masked dump says of itself, at its beginning and its end.
sub masked
{
    my ($dump, $mark) = @_;
    $dump =~ s/^(-- server: )/-- masked: $mark\n$1/m or die 'no header';
    $dump =~ s/^(-- The dump is complete)/-- masked: $mark\n$1/m or die 'no end';
    return $dump;
}

my $n_files = 0;

sub file
{
    my ($dump) = @_;
    return input_file(++$n_files . '.sql', $dump);
}

sub marks_of
{
    my ($db) = @_;
    return join '; ', map { join ' ', @$_ } @{ $db->rows(<<'SQL') };
SELECT DISTINCT ON (u.name) u.name, u.mark FROM _pg_sample_load.run r, unnest(r.tables, r.marks) u (name, mark)
 WHERE u.mark IS NOT NULL ORDER BY u.name, r.committed_at DESC
SQL
}

my $source = database();
my $plain = dump_of($source);
my ($a, $b) = map { masked($plain, $_) } $A, $B;
my @person = ('-t', 'public.person');

subtest 'never back into its source' => sub {
    my $file = file($a);
    my $message = qr/is a masked sample of this database.*hint: Load it into another database/s;
    for my $options (map { [$_] } @STAGING, '--dry-run', '--allow-same-database', '--allow-unknown-source', '--allow-mixed-masks') {
        refuses($source, [ @$options, $file ], 3, $message, "@$options: refused");
    }
    refuses($source, [ '--allow-same-database', '--allow-mixed-masks', @person, $file ], 3, $message, 'a part of it as well');
    refuses($source, [ '--mode=full', '--apply=truncate', '--allow-same-database', $file ], 3, $message, 'even if it would replace all');
    my $stage = load($source, '--stage-only', $file);
    is($stage->status, 3, 'not even staged') or diag $stage->describe;
    is_deeply([ left_tables($source) ], [], 'nothing is left');
};

subtest 'a source that is not known' => sub {
    (my $anonymous = $a) =~ s/^-- source: .*\n//m;
    my $db = empty_database();
    my $file = file($anonymous);
    my $message = qr/is masked, and it is not known whether it is a sample of this database.*does not say of which database.*--allow-unknown-source/s;
    refuses($_, [$file], 3, $message, 'refused') for $db, $source;
    refuses($db, [ '--allow-same-database', $file ], 3, $message, 'the option for unmasked dumps does not help');
    loads($db, [ '--allow-unknown-source', $file ], { person => 'inserted 2' }, 'unless asked for');
    (my $unmasked = $plain) =~ s/^-- source: .*\n//m;
    loads(empty_database(), [ file($unmasked) ], { person => 'inserted 2' }, 'an unmasked one is as before');
    # a target that must not be asked
    my $role = $server->create_role;
    my $target = empty_database();
    $target->sql("GRANT ALL ON ALL TABLES IN SCHEMA public TO $role; GRANT CREATE ON DATABASE " . $target->name . " TO $role");
    $target->sql('REVOKE EXECUTE ON FUNCTION pg_catalog.pg_control_system() FROM PUBLIC');
    refuses($target->as($role), [ file($a) ], 3, qr/The role may not execute pg_control_system.*--allow-unknown-source/s, 'a role that may not ask');
    loads($target->as($role), [ '--allow-unknown-source', file($a) ], { person => 'inserted 2' }, 'unless asked for');
};

subtest 'masked rows into tables of other rows' => sub {
    for my $staging (@STAGING, '--dry-run', '--dry-run=execute') {
        my $db = database();
        refuses($db, [ $staging, @person, file($a) ], 3,
            qr/public[.]person: its rows are not known to be masked, but those to be loaded are masked with \Q$A\E.*$MIXED/s, "$staging: refused");
        my $result = load($db, $staging, '--allow-mixed-masks', @person, file($a));
        is($result->status, 0, "$staging: unless asked for") or diag $result->describe;
        next if $staging =~ /dry-run/;
        is(marks_of($db), "public.person $A", "$staging: and recorded");
        loads($db, [ @person, file($a) ], { person => 'unchanged 2' }, "$staging: from then on it may be loaded");
        refuses($db, [ $staging, @person, file($b) ], 3, qr/its rows are masked with \Q$A\E, but those to be loaded are masked with \Q$B\E.*$MIXED/s, "$staging: others not");
        refuses($db, [ $staging, @person, file($plain) ], 3, qr/its rows are masked with \Q$A\E, but those to be loaded are unmasked.*$MIXED/s, "$staging: unmasked ones neither");
    }
    my $db = database();
    load($db, @person, file($plain));
    refuses($db, [ @person, file($a) ], 3, qr/its rows are unmasked, but/, 'what was loaded unmasked is known');
};

subtest 'tables that are empty, or replaced' => sub {
    for my $staging (@STAGING) {
        my $db = empty_database();
        loads($db, [ $staging, file($a) ], { person => 'inserted 2', purchase => 'inserted 1', other => 'inserted 1' }, "$staging: into empty tables");
        is(marks_of($db), join('; ', map { "public.$_ $A" } 'other', 'person', 'purchase'), "$staging: each is recorded");
        loads($db, [ $staging, file($a) ], { person => 'unchanged 2' }, "$staging: the same again") if $staging !~ /never/;
        $db->sql('TRUNCATE person, purchase, other');
        loads($db, [ $staging, file($b) ], { person => 'inserted 2' }, "$staging: emptied, others are welcome");
        is(marks_of($db), join('; ', map { "public.$_ $B" } 'other', 'person', 'purchase'), "$staging: and replace them");
    }
    for my $apply ('truncate', 'swap', 'delete-insert') {
        my $db = database('ALTER TABLE purchase DROP CONSTRAINT purchase_person_fkey');
        my @full = ('--staging=always', '--mode=full', '--max-delete-pct=100', "--apply=$apply", '-t', 'public.person');
        is(load($db, @full, file($a))->status, 0, "$apply: all rows are replaced");
        is(marks_of($db), "public.person $A", "$apply: recorded");
        is(load($db, @full, file($b))->status, 0, "$apply: and again");
        is(marks_of($db), "public.person $B", "$apply: only the last ones are there");
        is(load($db, @full[ 0 .. 3 ], 'person=' . input_file('p.csv', "id,email\n5,e\n"))->status, 0, "$apply: by those of a file");
        is(marks_of($db), 'public.person unknown', "$apply: of which nothing is known");
        is(load($db, @person, file($plain))->status, 0, "$apply: so unmasked ones can follow");
    }
    my $db = empty_database();
    load($db, @person, file($a));
    refuses($db, [ '--mode=full', '--max-delete-pct=100', @person, file($b) ], 3, $MIXED, 'a diff replaces nothing for certain');
};

subtest 'tables that foreign keys connect' => sub {
    my @purchase = ('-t', 'public.purchase');
    for my $staging (@STAGING) {
        my $db = database('TRUNCATE purchase');
        my $connected = qr/public[.]purchase: rows to be loaded are masked with \Q$A\E, but those of public[.]person, which a foreign key connects with them, are/;
        refuses($db, [ $staging, @purchase, file($a) ], 3, qr/$connected not known to be masked/, "$staging: referenced rows that are not known");
        load($db, @person, file($plain));
        refuses($db, [ $staging, @purchase, file($a) ], 3, qr/$connected unmasked/, "$staging: unmasked ones");
        is(load($db, $staging, '-t', 'public.other', '--allow-mixed-masks', file($a))->status, 0, "$staging: others do not matter");
        $db->sql('TRUNCATE person, purchase');
        is(load($db, $staging, @person, file($a))->status, 0, "$staging: masked alike");
        is(load($db, $staging, @purchase, file($a))->status, 0, "$staging: they may meet");
        $db->sql('TRUNCATE person, purchase');
        $db->sql(q{INSERT INTO person VALUES (1, 'c')});
        refuses($db, [ $staging, @purchase, file($b) ], 3, qr/are masked with \Q$A\E/, "$staging: the other key");
    }
};

subtest 'several sources in a run' => sub {
    my $db = empty_database();
    refuses($db, [ @person, file($a), file($b) ], 3, qr/rows of table public[.]person are masked in another way than those before/, 'of a table');
    my ($person, $other) = (masked(dump_of($source, @person), $A), dump_of($source, '-t', 'other'));
    refuses($db, [ file($person), file($other) ], 3, qr/public[.]person: rows to be loaded.*public[.]other.* unmasked/s, 'of two tables');
    is(load($db, '--allow-mixed-masks', file($person), file($other))->status, 0, 'unless asked for');
    is(load($db, file($a), 'other=' . input_file('o.csv', "id\n8\n"))->status, 3, 'unmasked rows of a file count by what is there');
};

subtest 'files that do not say what they are' => sub {
    my $db = empty_database();
    load($db, file($a));
    loads($db, [ 'person=' . input_file('p.csv', "id,email\n3,new\n") ], { person => 'inserted 1' }, 'are loaded');
    is(marks_of($db), join('; ', map { "public.$_ $A" } 'other', 'person', 'purchase'), 'and change nothing');
    loads($db, [ file($a) ], { person => 'unchanged 2' }, 'masked ones can follow');
};

subtest 'a header that is not as it was written' => sub {
    my $db = empty_database();
    (my $cut = $a) =~ s/\A.*?(?=^SET )//ms;
    refuses($db, [ '--format=pg-sample', file($cut) ], 2, qr/is not a dump/, 'cut off');
    for my $staging (@STAGING) {
        refuses($db, [ $staging, file("--\n-- PostgreSQL database dump\n--\n\n$cut") ], 3,
            qr/rows before this line are masked, but the header of the dump does not say so.*cut off/s, "$staging: replaced by that of pg_dump");
    }
    (my $half = $a) =~ s/^-- masked: .*\n//m;
    refuses($db, [ file($half) ], 3, qr/the header of the dump does not say so/, 'without its line');
    (my $no_end = $a) =~ s/^-- masked: .*\n(?=-- The dump)//m;
    refuses($db, [ file($no_end) ], 3, qr/header says that the dump is masked, but its end does not/, 'without the line at its end');
    (my $no_comments = $a) =~ s/^--.*\n//mg;
    refuses($db, [ '--format=pg-sample', file($no_comments) ], 2, qr/is not a dump/, 'without all comments');
    refuses($db, [ file((split /^(?=SET )/m, $a)[0] . $no_comments) ], 3, qr/the dump is truncated/, 'but the header');
    for my $mark ('', 'key', 'key x, lists 1', "$A.", 'key ABCDEF, lists 1', 'none') {
        refuses($db, [ file(masked($plain, $mark)) ], 3, qr/it is not understood how the dump was masked/, "masked: $mark");
    }
    (my $other = $a) =~ s/^-- masked: \K\Q$A\E/$B/m;
    refuses($db, [ file($other) ], 3, qr/rows before this line are masked with \Q$B\E, and others with \Q$A\E/, 'another key');
    refuses($db, [ file("$plain$a") ], 3, qr/does not say so|not say so/, 'behind an unmasked dump');
    refuses($db, [ file("$a$plain") ], 3, qr/header says that the dump is masked, but its end/, 'before one');
    refuses($db, [ file("$a$b") ], 3, qr/masked with \Q$A\E, and others with \Q$B\E/, 'before another key');
    is(load($db, file("$a$a"))->status, 0, 'the same twice');
    # a line of the header can be written by rows and names only behind others
    my $forger = $server->create_database;
    $forger->sql(qq{CREATE TABLE "t\n-- masked: $A\n" (id int PRIMARY KEY, v text); INSERT INTO "t\n-- masked: $A\n" VALUES (1, E'\\n-- masked: $A\\n-- The dump is complete')});
    my $forged = dump_of($forger);
    my $copy = $server->restore($forged);
    is(load($copy, file($forged))->status, 0, 'names and values say nothing');
    is(marks_of($copy) =~ /(\S+)\z/ ? $1 : '', 'unmasked', 'of masks') or diag marks_of($copy);
};

subtest 'rows that were staged know their masks' => sub {
    my $db = empty_database();
    is(load($db, '--stage-only', @person, file($a), { keep => 1 })->status, 0, 'staged');
    my ($staged) = map { "--commit-staged=$_" } grep { /_staging_/ } left_tables($db);
    $db->sql(q{INSERT INTO person VALUES (9, 'mine')});
    refuses($db, [ $staged, { keep => 1 } ], 3, $MIXED, 'refused');
    $db->sql('DELETE FROM person');
    is(load($db, $staged)->status, 0, 'committed');
    is(marks_of($db), "public.person $A", 'recorded');
};

subtest 'dumps of which a part is missing' => sub {
    my $role = $server->create_role;
    my $from = database("GRANT SELECT ON purchase, other TO $role");
    my $part = $from->as($role)->sample('--continue-on-error');
    is($part->status, 6, 'a table is left out') or diag $part->describe;
    my $file = file(masked($part->stdout, $A));
    refuses(database('TRUNCATE purchase, other'), [$file], 3,
        qr/public[.]purchase: rows to be loaded.*public[.]person.*not known to be masked/, 'its rows count where they are');
    my $db = database('TRUNCATE purchase, other; ALTER TABLE person ENABLE ROW LEVEL SECURITY; '
            . "GRANT ALL ON ALL TABLES IN SCHEMA public TO $role; GRANT EXECUTE ON FUNCTION pg_control_system() TO $role");
    refuses($db->as($role), [ '--staging=never', $file ], 3, qr/public[.]person.*not known to be masked/, 'also if they are hidden');
    refuses($from, [$file], 3, qr/is a masked sample of this database/, 'it never goes back');
    load($db = empty_database(), '--max-errors=1', $file);
    is(marks_of($db), "public.other $A; public.purchase $A", 'the others are recorded');
};

subtest 'encodings in which a letter ends with a backslash' => sub {
    my ($from, $db) = map { $server->create_database } 1, 2;
    $_->sql(q{CREATE TABLE U&"\8868" (id int PRIMARY KEY, U&"\8868" text)}) for $from, $db;
    $from->sql(q{INSERT INTO U&"\8868" VALUES (1, U&'\8868')});
    my ($one, $other) = map { file(masked(dump_of($from, '--encoding=SJIS'), $_)) } $A, $B;
    for my $encoding ('UTF8', 'SJIS') {
        local $ENV{PGCLIENTENCODING} = $encoding;
        refuses($from, [$one], 3, qr/is a masked sample of this database/, "$encoding: never back");
        is(load($db, $one)->status, 0, "$encoding: loaded");
        refuses($db, [$other], 3, $MIXED, "$encoding: others not");
    }
    is($db->value(q{SELECT U&"\8868" = U&'\8868' FROM U&"\8868"}), 't', 'the row');
};

subtest 'two runs at once' => sub {
    my $db = empty_database();
    my $holder = hold_advisory($db);
    $db->sql(<<'SQL');
CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM pg_catalog.pg_advisory_xact_lock_shared(4711); RETURN NULL; END $$;
CREATE TRIGGER wait AFTER INSERT ON other FOR EACH STATEMENT EXECUTE FUNCTION wait();
SQL
    my $different = masked(dump_of(database('TRUNCATE person, purchase, other; INSERT INTO person SELECT 3; INSERT INTO other SELECT 3')), $B);
    my @runs = map { start_load($db, '--lock-timeout=50s', file($_)) } $a, $different;
    ok(ref wait_for_step($runs[0], 'commit', lock => 1, sessions => 2), 'both commit');
    $holder->close;
    my @results = map { $_->finish } @runs;
    my @status = sort map { $_->status } @results;
    is($status[0], 0, 'one is committed') or diag map { $_->describe } @results;
    isnt($status[1], 0, 'the other is not');
    like(join('', map { $_->stderr } @results), qr/another run has loaded rows that are masked differently/, 'and says why');
    like($db->value(q{SELECT string_agg(id::text, ',' ORDER BY id) FROM person}), qr/\A(?:1,2|3)\z/, 'no rows are mixed');
};

subtest 'what is shown and kept' => sub {
    my $db = empty_database();
    unlike(load($db, '--status')->stdout, qr/masked with/, 'nothing yet');
    load($db, @person, file($a));
    load($db, '-t', 'public.other', '--allow-mixed-masks', file($plain));
    my $status = load($db, '--status')->stdout;
    like($status, qr/^table +masked with +loaded\npublic[.]person +\Q$A\E +\d{4}-/m, '--status lists masked tables');
    unlike($status, qr/public[.]other/, 'and no others');
    is(load($db, '--allow-mixed-masks', @person, file($b))->status, 0, 'mixed when asked');
    is(marks_of($db), "public.other unmasked; public.person $A and $B", 'both are there');
    is(load($db, @person, file($_))->status, 0, 'more of what is there') for $a, $b;
    # a table of runs that an earlier version has made
    $db->sql('ALTER TABLE ' . SCHEMA . '.run DROP COLUMN marks');
    unlike(load($db, '--status')->stdout, qr/masked with/, 'an older table of runs');
    refuses($db, [ @person, file($a) ], 3, qr/not known to be masked/, 'knows nothing');
    is(load($db, @person, file($plain))->status, 0, 'and gets the column');
    is(marks_of($db), 'public.person unmasked', 'for later ones');
};

done_testing;
