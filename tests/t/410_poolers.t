# Behind a pooler sessions belong to others, before and after: nothing may be left in them,
# whatever ran. A real PgBouncer in all three modes, which does not clean up itself.

use strict;
use warnings;

use File::Temp ();
use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Load;
use PgSample::Test::Pooler;
use PgSample::Test::Server;
use PgSample::Test::Staging;

plan skip_all => 'PgBouncer is not installed' if !PgSample::Test::Pooler::program();

my $server = PgSample::Test::Server->start;
my $source = $server->create_database(name => 'pooled');
$source->sql(<<'SQL');
CREATE TABLE a (id int PRIMARY KEY, v text);
CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES a, t timestamptz DEFAULT now());
CREATE VIEW va AS SELECT v FROM a;
CREATE FUNCTION twice(x int) RETURNS int LANGUAGE sql AS 'SELECT x * 2';
INSERT INTO a SELECT i, 'v' || i FROM generate_series(1, 200) i;
INSERT INTO b SELECT i, 201 - i, '2026-01-01' FROM generate_series(1, 200) i;
SQL
my $owner = $server->create_role('impatient');
$source->sql("GRANT SELECT ON ALL TABLES IN SCHEMA public TO $owner;
    ALTER ROLE $owner SET statement_timeout = '50ms';
    ALTER ROLE $owner SET idle_in_transaction_session_timeout = '50ms';
    ALTER ROLE $owner SET search_path = public, pg_catalog;
    ALTER ROLE $owner SET quote_all_identifiers = on;
    ALTER ROLE $owner SET standard_conforming_strings = off");
my $target = $server->create_database(name => 'target', template => $source);
my $csv = input_file('a.csv', "id,v\n1,changed\n500,new\n");

# The bytes do not depend on the way to the server.
my @LIMIT = ('--limit=b = id < 20, a = 5');
my $expected = $source->sample('--no-staging', @LIMIT)->stdout;
like($expected, qr/CREATE VIEW/, 'there is a dump to compare with');

# Runs it with a new pooler, all of whose sessions are then as they were.
sub with_pooler
{
    my ($mode, $setting, $code) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $pooler = PgSample::Test::Pooler->start($server, $mode, %$setting);
    my @before = $mode eq 'statement' ? () : values %{ $pooler->states('pooled') };
    $code->($pooler->database('pooled'));
    my @after = $mode eq 'statement' ? () : values %{ $pooler->states('pooled') };
    is($_, $before[0], 'a session is as it was') for @after;
    $pooler->stop;
    no_schema_is_left($source);
    is_deeply([ left_tables($source) ], [], 'no table of a load is left');
    return;
}

sub samples
{
    my ($db, $name, @argument) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my $result = $db->sample(@LIMIT, @argument);
    is($result->status, 0, "$name: exit status") or diag $result->describe;
    same_bytes($result->stdout, $expected, "$name: the dump");
    unlike($result->stderr, qr/warning/i, "$name: no warning")
        if !grep { /--staging-tables/ } @argument;
    return $result;
}

sub refuses_pooler
{
    my ($result, $name) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    is($result->status, 2, "$name: exit status 2") or diag $result->describe;
    like($result->stderr,
        qr/error: .* is not possible: the connection pooler is in transaction mode\n/,
        "$name: one clear message");
    like($result->stderr, qr/hint: Connect to the server itself/, "$name: a hint");
    return;
}

for my $round_robin (0, 1) {
    subtest "transaction mode, round robin $round_robin" => sub {
        with_pooler('transaction', { server_round_robin => $round_robin }, sub {
            my ($db) = @_;
            samples($db, 'direct mode');
            my $result = samples($db, 'auto', '--staging-tables=1');
            like($result->stderr,
                qr/used instead: the connection pooler is in transaction mode\n/,
                'auto falls back, with the reason');
            my $plan = $db->sample('--plan', @LIMIT);
            is($plan->stdout, $source->sample('--plan', @LIMIT)->stdout, '--plan')
                or diag $plan->describe;
            for my $option ('--use-staging', '--keep', '--resume', '--cleanup') {
                refuses_pooler($db->sample($option), $option);
            }
            for my $option ('--staging=auto', '--no-staging', '--dry-run') {
                refuses_pooler(load($db, $option, "--file=a=$csv"), "load $option");
            }
            refuses_pooler(load($db, $_), "load $_") for '--status', '--gc';
        });
    };
}

subtest 'transaction mode, in a crowd' => sub {
    with_pooler('transaction', { default_pool_size => 6 }, sub {
        my ($db) = @_;
        my @others = map { $db->server->new_session('pooled') } 1 .. 2;
        my $noise = "SELECT pg_sleep(0.002);\n" x 400;
        $_->begin($noise) for @others;
        samples($db, 'direct mode');
        refuses_pooler($db->sample('--use-staging'), '--use-staging');
        $_->finish, $_->close for @others;
    });
};

subtest 'lock slots are few' => sub {
    my $small = PgSample::Test::Server->start(
        configuration => [ 'max_locks_per_transaction = 10', 'max_connections = 15' ]);
    my $many = $small->create_database(name => 'many');
    $many->sql("CREATE TABLE t$_ (id int PRIMARY KEY, v int); INSERT INTO t$_ VALUES (1, 2)")
        for 1 .. 40;
    my $direct = $many->sample('--no-staging', '--limit=* = v = 2');
    my $pooler = PgSample::Test::Pooler->start($small, 'transaction');
    my ($before) = values %{ $pooler->states('many') };
    my $result = $pooler->database('many')->sample('--limit=* = v = 2', '-v');
    like($result->stderr, qr/reading in short transactions/, 'in short transactions');
    same_bytes($result->stdout, $direct->stdout, 'the same dump');
    is($_, $before, 'a session is as it was') for values %{ $pooler->states('many') };
    $pooler->stop;
    $small->remove;
};

subtest 'a pool of one session' => sub {
    my @one = (default_pool_size => 1, query_wait_timeout => 2);
    my $few = $source->sample('--no-staging', '--limit=3')->stdout;
    with_pooler('transaction', {@one}, sub {
        my ($db) = @_;
        my $result = $db->sample('--limit=3');
        is($result->status, 0, 'is enough') or diag $result->describe;
        same_bytes($result->stdout, $few, 'for the same dump');
        $result = $db->sample(@LIMIT);
        is($result->status, 2, 'but not for conditions') or diag $result->describe;
        like($result->stderr,
            qr/the connection pooler gives no further session\n.*query_wait_timeout/,
            'with the reason');
        refuses_pooler(load($db, "--file=a=$csv"), 'a load');
    });
    with_pooler('session', { default_pool_size => 1 }, sub {
        my ($db) = @_;
        my $result = $db->sample('--limit=3');
        is($result->status, 0, 'session mode: is enough') or diag $result->describe;
        $result = $db->sample('--limit=3', '--staging-tables=1');
        is($result->status, 0, 'session mode: falls back') or diag $result->describe;
        same_bytes($result->stdout, $few, 'with the same dump');
        like($result->stderr, qr/used instead: the connection pooler gives no further session/,
            'with the reason');
    });
};

subtest 'a role with timeouts' => sub {
    with_pooler('transaction', {}, sub {
        my ($db) = @_;
        # what is quoted would be read in another way before it can be set
        my $refused = $db->as($owner)->sample;
        is($refused->status, 2, 'backslashes that escape: exit status 2');
        like($refused->stderr, qr/standard_conforming_strings is off/, 'with the reason');
    });
    $source->sql("ALTER ROLE $owner RESET standard_conforming_strings");
    with_pooler('transaction', {}, sub {
        my ($db) = @_;
        my ($before) = values %{ $db->server->states('pooled', $owner) };
        samples($db->as($owner), 'direct mode');
        my $slow = $db->as($owner)->sample('--limit=b = id < 5 AND pg_sleep(0.1) IS NOT NULL');
        is($slow->status, 0, 'a slow condition') or diag $slow->describe;
        is($_, $before, 'a session of the role is as it was')
            for values %{ $db->server->states('pooled', $owner) };
    });
};

# pg_dump asks what it asks over our connection: much, and of every kind.
subtest 'the demonstration database' => sub {
    my $shop = $server->create_database(name => 'shop');
    my $loaded = $shop->psql(undef, '-f', "$FindBin::Bin/../../fixtures/shop/shop.sql", '-v',
        'scale=0.02');
    is($loaded->status, 0, 'it is there') or diag $loaded->stderr;
    my $pooler = PgSample::Test::Pooler->start($server, 'transaction');
    my ($before) = values %{ $pooler->states('shop') };
    for my $options ([], [ '--limit=* = 5 %', '--ordered', '--owner', '--privileges', '--clean' ],
        [ '--schema-only', '--superuser-objects' ], [ '--data-only', '--random=stable' ],
        [ '--root=shop.orders: 7', '--children=* = 2', '--explain-edges' ],
        [ '--root=shop.orders: 7', '--explain=shop.orders: 7', '--no-staging' ],
        [ '-E', 'LATIN1', '--limit=* = ctid IS NOT NULL' ])
    {
        my $name = "options @$options";
        my $direct = $shop->sample('--no-staging', @$options);
        my $result = $pooler->database('shop')->sample('--no-staging', @$options);
        is($result->status, $direct->status, "$name: exit status") or diag $result->describe;
        same_bytes($result->stdout, $direct->stdout, "$name: the dump");
        next if "@$options" !~ /explain/;
        (my $told = $direct->stderr) =~ s/ \d+[.]\d\d / 0.00 /g;
        (my $also = $result->stderr) =~ s/ \d+[.]\d\d / 0.00 /g;
        is($also, $told, "$name: what is told");
    }
    is($_, $before, 'a session is as it was') for values %{ $pooler->states('shop') };
    $pooler->stop;
};

subtest 'encodings' => sub {
    my $kana = $server->create_database(name => 'kana');
    my $hyo = "\xe8\xa1\xa8"; # 0x5C is its second byte in SJIS
    $kana->sql(qq{CREATE TABLE "$hyo" (id int PRIMARY KEY, v text);
        INSERT INTO "$hyo" VALUES (1, '\xe3\x82\xbd$hyo'), (2, '\\')});
    for my $mode ('transaction', 'session') {
        my $pooler = PgSample::Test::Pooler->start($server, $mode);
        my ($before) = values %{ $pooler->states('kana') };
        for my $encoding ('UTF8', 'SJIS', 'EUC_JP', 'GB18030') {
            my $direct = $kana->sample('--no-staging', '-E', $encoding);
            is($direct->status, 0, $encoding) or diag $direct->describe;
            my $result = $pooler->database('kana')->sample('-E', $encoding);
            same_bytes($result->stdout, $direct->stdout, "$mode mode: $encoding: the dump");
        }
        if ($mode eq 'session') {
            my $kept = $pooler->database('kana')->sample('--keep', '-E', 'SJIS');
            is($kept->status, 0, 'SJIS: --keep') or diag $kept->describe;
            my $resumed = $pooler->database('kana')->sample('--resume');
            same_bytes($resumed->stdout, $kept->stdout, 'SJIS: --resume');
            $kana->sql('DROP SCHEMA _pg_sample CASCADE');
        }
        my $result = $pooler->database('kana')->sample('-E', 'KLINGON');
        is($result->status, 1, 'no encoding: exit status 1') or diag $result->describe;
        is($_, $before, 'a session is as it was') for values %{ $pooler->states('kana') };
        $pooler->stop;
    }
};

subtest 'a signal' => sub {
    with_pooler('transaction', {}, sub {
        my ($db) = @_;
        my $process = $db->start_sample('--limit=b = pg_sleep(1) IS NOT NULL');
        my $sleeping = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'";
        ok(wait_until(20, sub { $source->value($sleeping) > 0 }), 'a run reads');
        $process->signal('TERM');
        is($process->wait(20)->status, 143, 'it ends');
        ok(wait_until(5, sub { $source->value($sleeping) == 0 }), 'and so does its query');
    });
    with_pooler('session', {}, sub {
        my ($db) = @_;
        my $process =
            $db->start_sample('--use-staging', '--limit=b = pg_sleep(0.1) IS NOT NULL');
        ok(wait_until(20, sub { $source->value("SELECT count(*) FROM pg_namespace
                WHERE nspname = '_pg_sample'") > 0 }), 'a run has staged');
        $process->signal('TERM');
        is($process->wait(20)->status, 143, 'it ends');
        $target->sql('CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN PERFORM pg_sleep(60); RETURN NEW; END $$;
            CREATE TRIGGER wait BEFORE UPDATE ON a FOR EACH ROW EXECUTE FUNCTION wait()');
        for my $staging ('always', 'never') {
            my $load = start_load($db->server->database('target'), "--staging=$staging",
                "--file=a=$csv");
            ok(wait_until(20, sub { $target->value("SELECT count(*) FROM pg_stat_activity
                    WHERE wait_event = 'PgSleep'") > 0 }), 'a load commits');
            $load->signal('TERM');
            is($load->finish->status, 143, "it ends: --staging=$staging");
        }
        $target->sql('DROP TRIGGER wait ON a');
        my ($normal) = values %{ $db->server->states('pooled') };
        is($_, $normal, 'a session of the target is as any other')
            for values %{ $db->server->states('target') };
        is_deeply([ left_tables($target) ], [], 'no table of the load is left');
    });
};

subtest 'session mode' => sub {
    with_pooler('session', {}, sub {
        my ($db) = @_;
        samples($db, 'direct mode');
        samples($db, 'staging mode', '--use-staging');
        my $result = $db->sample(@LIMIT, '--keep');
        is($result->status, 0, '--keep') or diag $result->describe;
        $result = $db->sample('--resume');
        is($result->status, 0, '--resume') or diag $result->describe;
        same_bytes($result->stdout, $expected, 'the dump of --resume');
        $result = $db->sample('--cleanup');
        like($result->stdout, qr/^_pg_sample +kept/m, '--cleanup') or diag $result->describe;
        $source->sql('DROP SCHEMA _pg_sample CASCADE');
        # settings of the database do not count, as without a pooler
        $target->sql("ALTER DATABASE target SET default_transaction_isolation = serializable;
            CREATE FUNCTION check_level() RETURNS trigger LANGUAGE plpgsql AS \$\$ BEGIN
                IF current_setting('transaction_isolation') <> 'read committed' THEN
                    RAISE EXCEPTION 'the level is wrong'; END IF; RETURN NEW; END \$\$;
            CREATE TRIGGER check_level BEFORE INSERT OR UPDATE ON a FOR EACH STATEMENT
                EXECUTE FUNCTION check_level()");
        $target->disconnect;
        my ($state) = values %{ $db->server->states('target') };
        my $pooled = $db->server->database('target');
        for my $option ('--staging=auto', '--staging=always', '--no-staging') {
            loads($pooled, [ $option, "--file=a=$csv" ], 'inserted 1, updated 1',
                "load $option");
            $target->sql("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL
                READ COMMITTED;
                DELETE FROM a WHERE id = 500; UPDATE a SET v = 'x' WHERE id = 1");
        }
        my $more = input_file('b.csv', "id,a\n1,3\n");
        loads($pooled, [ '--staging=always', '-j2', "--file=a=$csv", "--file=b=$more" ],
            { 'public.a' => 'inserted 1, updated 1', 'public.b' => 'updated 1' },
            'load -j2');
        is($_, $state, 'a session of the target is as it was')
            for values %{ $db->server->states('target') };
        $target->sql('DROP TRIGGER check_level ON a;
            ALTER DATABASE target RESET default_transaction_isolation');
        $target->disconnect;
    });
};

# Poolers, and some proxies, take no options at the start of a session.
subtest 'options for pg_dump' => sub {
    my $folder  = File::Temp->newdir;
    for my $name ('pg_dump', 'pg_restore') {
        open my $file, '>', "$folder/$name" or die $!;
        print {$file} "#!/bin/sh\n",
            'case $1 in --schema-only) echo "[$PGOPTIONS]" >&2 ;; esac',
            "\nexec ", PgSample::Test::Server::program($name), " \"\$@\"\n";
        close $file or die $!;
        chmod 0755, "$folder/$name", $folder;
    }
    my @run = ('--no-staging', "--pg-dump=$folder/pg_dump", '--limit=1');
    my $none = $source->sample(@run);
    is($none->status, 0, 'pg_dump is called') or diag $none->describe;
    like($none->stderr, qr/^ *\[\]$/m, 'there are none');
    my $some = $source->sample(@run, { env => { PGOPTIONS => '-c work_mem=1MB' } });
    like($some->stderr, qr/\[-c work_mem=1MB\]/, 'but those of the user');
    $source->sql("ALTER ROLE $owner SET standard_conforming_strings = off");
    my $needed = $source->as($owner)->sample(@run);
    like($needed->stderr, qr/\[ -c quote_all_identifiers=off -c standard_conforming_strings=on\]/,
        'and those that the text depends on');
    same_bytes($needed->stdout, $none->stdout, 'which is the same');
};

subtest 'statement mode' => sub {
    with_pooler('statement', {}, sub {
        my ($db) = @_;
        for my $result ($db->sample, $db->sample('--use-staging'), $db->sample('--plan'),
            load($db, "--file=a=$csv"))
        {
            is($result->status, 2, 'exit status 2') or diag $result->describe;
            like($result->stderr,
                qr/error: the connection pooler allows no transactions\n.*not allowed in stat/,
                'the reason')
                or diag $result->stderr;
            my $n = () = $result->stderr =~ /error:/g;
            is($n, 1, 'one error');
        }
    });
};

done_testing;
