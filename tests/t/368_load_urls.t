# URLs as sources: files of HTTP servers and objects of stores, in any format, plain or
# compressed, and what they are called in messages.

use strict;
use warnings;

use FindBin;
use IO::Compress::Gzip ();
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Load;
use PgSample::Test::ObjectStore;
use PgSample::Test::Process;
use PgSample::Test::Server;

my $server = PgSample::Test::Server->start;
my $db     = $server->create_database;
my $store  = PgSample::Test::ObjectStore->start(page_size => 1000);

my $csv = "id,v\n1,a\n2,b\n";

sub fresh
{
    $db->sql('DROP TABLE IF EXISTS item, other, "My Table"; DROP SCHEMA IF EXISTS _pg_sample_load CASCADE');
    $db->sql("CREATE TABLE $_ (id int PRIMARY KEY, v text)") for 'item', 'other', '"My Table"';
    return;
}

sub gzip
{
    my ($text) = @_;
    IO::Compress::Gzip::gzip(\$text, \my $packed);
    return $packed;
}

sub zstd { return PgSample::Test::Process->run(command => [ 'zstd', '-q', '-c' ], stdin => $_[0])->stdout }

# The arguments, with the environment that the store needs.
sub with_store
{
    my ($arguments, %other) = @_;
    return [ @$arguments, { env => { $store->environment(%other) } } ];
}

subtest 'formats and compression' => sub {
    my %file = (
        'item.csv'      => $csv,
        'item.copy'     => "1\ta\n2\tb\n",
        'item.json'     => '[{"id": 1, "v": "a"}, {"id": 2, "v": "b"}]',
        'item.jsonl'    => qq({"id": 1, "v": "a"}\n{"id": 2, "v": "b"}\n),
        'public.item.csv' => $csv,
        'dump.sql'      => "--\n-- PostgreSQL database dump\n--\n\nCOPY public.item (id, v) FROM stdin;\n1\ta\n2\tb\n\\.\n\n"
            . "--\n-- PostgreSQL database dump complete\n--\n",
    );
    for my $name (sort keys %file) {
        my %packed = ($name => $file{$name}, "$name.gz" => gzip($file{$name}), "$name.zst" => zstd($file{$name}));
        $store->put('pub', %packed);
        $store->put('data', map { ("some/$_" => $packed{$_}) } keys %packed);
        for my $key (sort keys %packed) {
            fresh();
            loads($db, with_store([ $store->url('pub', $key) ]), 'inserted 2', "http, $key");
            loads($db, with_store([ "s3://data/some/$key" ]), 'unchanged 2', "s3, $key");
        }
    }
};

subtest 'names of tables' => sub {
    fresh();
    $store->put('pub', 'My Table.csv' => $csv, 'x' => $csv, 'export' => $csv, 'a=b.csv' => $csv);
    $store->put('data', 'a/My Table.csv' => $csv, 'a/a%20b' => $csv, 'item=1.csv' => $csv);
    loads($db, with_store([ $store->url('pub', 'My Table.csv') ]), { 'My Table' => 'inserted 2' }, 'of https:// it is decoded');
    loads($db, with_store(['s3://data/a/My Table.csv']), { 'My Table' => 'unchanged 2' }, 'of s3:// it is as it is');
    loads($db, with_store(['item=s3://data/a/a%20b']), { item => 'inserted 2' }, 'TABLE=URL');
    loads($db, with_store([ '--file', 'item=' . $store->url('pub', 'x') . '?a=b&c=/d.csv#e' ]), { item => 'unchanged 2' },
        'TABLE=URL with parameters');
    loads($db, with_store([ $store->url('pub', 'My Table.csv') . '?x=/other.csv', ]), { 'My Table' => 'unchanged 2' },
        'parameters are no part of the name');
    loads($db, with_store([ 'other=' . $store->url('pub', 'a=b.csv'), 'item=' . $store->url('pub', 'x') ]),
        { item => 'unchanged 2', other => 'inserted 2' }, 'several');
    refuses($db, with_store(['s3://data/item=1.csv']), 3, qr{item=1}, 'an equals sign is part of a key');
    refuses($db, with_store([ $store->endpoint . '/' ]), 2,
        qr{the URL http://127[.]0[.]0[.]1:\d+/ does not end with the name of a table.*hint: Use TABLE=URL}s, 'no name');
    refuses($db, with_store([ 'item=' . $store->url('pub', 'none') ]), 2, qr{could not read http.*/pub/none: it does not exist}, 'no such file');
};

subtest 'a file whose name begins like a URL' => sub {
    fresh();
    my $folder = input_path('cwd');
    mkdir $_ or die "could not create $_: $!" for $folder, "$folder/s3:", "$folder/s3:/data";
    open my $file, '>', "$folder/s3:/data/item.csv" or die "could not write: $!";
    print {$file} "id,v\n7,local\n";
    close $file or die "could not write: $!";
    my %in = (directory => $folder);
    $store->put('data', 'item.csv' => $csv);
    my $result = load($db, 's3://data/item.csv', { env => { $store->environment }, %in });
    is($result->summary, 'inserted 2', 'is not looked for') or diag $result->describe;
    $result = load($db, './s3://data/item.csv', { env => { $store->environment }, %in });
    is($result->summary, 'inserted 1', 'unless it is named otherwise') or diag $result->describe;
};

subtest 'the bucket in the path, and in the name of the host' => sub {
    fresh();
    $store->put('data', 'item.csv' => $csv);
    $store->requests;
    loads($db, with_store(['s3://data/item.csv']), 'inserted 2', 'in the path of another store');
    loads($db, with_store([ '--s3-path-style=no', '--s3-endpoint=' . $store->endpoint('localhost'), 's3://data/item.csv' ],
        AWS_ENDPOINT_URL_S3 => undef), 'unchanged 2', 'in the host');
    is_deeply([ $store->requests ], [ 'GET /data/item.csv 200', 'GET /item.csv 200' ], 'as the requests show');
};

subtest 'credentials' => sub {
    fresh();
    $store->put('data', 'item.csv' => $csv);
    $store->put('public', 'item.csv' => $csv);
    for my $missing (qw(AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY)) {
        $store->requests;
        refuses($db, with_store([ 's3://data/item.csv' ], $missing => undef), 2,
            qr{there are no credentials for the object store.*$missing is not set}s, "without $missing");
        is(scalar $store->requests, 0, 'nothing is asked');
    }
    refuses($db, with_store([ 's3://data/item.csv' ], AWS_SECRET_ACCESS_KEY => 'no'), 2,
        qr{could not read s3://data/item[.]csv: the object store does not accept the signature}, 'a wrong secret');
    is(scalar $store->requests, 1, 'is not tried again');
    loads($db, with_store([ '--s3-anonymous', 's3://public/item.csv' ], AWS_ACCESS_KEY_ID => undef), 'inserted 2',
        '--s3-anonymous');
    my $with_token = PgSample::Test::ObjectStore->start(token => 'to+ken/=');
    $with_token->put('data', 'item.csv' => $csv);
    my %environment = $with_token->environment(AWS_SESSION_TOKEN => 'to+ken/=');
    loads($db, [ 's3://data/item.csv', { env => \%environment } ], 'unchanged 2', 'a session token');
    refuses($db, [ 's3://data/item.csv', { env => { %environment, AWS_SESSION_TOKEN => 'x' } } ], 2,
        qr{the session token is invalid}, 'a wrong one');
    my $late = PgSample::Test::ObjectStore->start(clock => 3600);
    $late->put('data', 'item.csv' => $csv);
    refuses($db, [ 's3://data/item.csv', { env => { $late->environment } } ], 2, qr{the clock of this computer is 36\d\d seconds behind}, 'another clock');
    my $elsewhere = PgSample::Test::ObjectStore->start(region => 'eu-central-1');
    $elsewhere->put('data', 'item.csv' => $csv);
    refuses($db, [ 's3://data/item.csv', { env => { $elsewhere->environment } } ], 2, qr{the bucket is in the region "eu-central-1"}, 'another region');
    loads($db, [ '--s3-region=eu-central-1', 's3://data/item.csv', { env => { $elsewhere->environment } } ],
        'unchanged 2', '--s3-region');
};

# A signed URL is a password.
subtest 'parameters of URLs are not shown' => sub {
    fresh();
    $store->put('pub', 'item.csv' => "id,v\n1,a\nx,b\n");
    my $rejects = input_path('rejects.csv');
    my $url = $store->url('pub', 'item.csv');
    for my $arguments ([], [ '--jobs=2', '--staging=always', "$url?X-Amz-Signature=5ecret2" ]) {
        my $result = load($db, '-v', '--max-errors=5', "--rejects-file=$rejects", @$arguments, "$url?X-Amz-Signature=5ecret",
            { env => { $store->environment } });
        is($result->status, 5, "a reject, @$arguments") or diag $result->describe;
        like(slurp($rejects), qr{\Q$url\E}, 'the rejects have the URL');
        unlike($_, qr/5ecret/, 'and nowhere are its parameters')
            for $result->stdout, $result->stderr, slurp($rejects), $result->metrics_text;
    }
    unlike(load($db, '-v', '--staging=never', "$url?X-Amz-Signature=5ecret", { env => { $store->environment } })->stderr, qr/5ecret/,
        'nor without staging tables');
    is($db->value(q{SELECT count(*) FROM _pg_sample_load.reject WHERE reject::text ~ '5ecret'}), 0, 'nor in the database');
    my $result = load($db, "$url?X-Amz-Signature=5ecret", "$url.no?X-Amz-Signature=5ecret", { env => { $store->environment } });
    is($result->status, 2, 'one that does not exist') or diag $result->describe;
    unlike($result->stderr, qr/5ecret/, 'the message does not show them');
    my $secret = 'https://user:5ecret@127.0.0.1:1/x.csv?X-Amz-Signature=5ecret';
    for my $arguments ([ '--status', $secret ], [ '--batch-id=b', $secret ], [ '--batch-id=b', "--source=$secret" ],
        ["--file=$secret"], [$secret], ["item=$secret"], [ "--s3-endpoint=$secret", 's3://b/x.csv' ],
        [ '--s3-endpoint=ftp://user:5ecret@127.0.0.1', 's3://b/x.csv' ])
    {
        $result = load($db, @$arguments, { env => { $store->environment } });
        cmp_ok($result->status, '>', 0, "$arguments->[0] is refused");
        unlike($result->stderr, qr/5ecret/, 'without showing more of it than its path');
    }
};

subtest 'https' => sub {
    plan skip_all => 'IO::Socket::SSL is missing' if !PgSample::Test::ObjectStore::is_able_to_use_tls();
    fresh();
    my $secure = PgSample::Test::ObjectStore->start(tls => 1);
    $secure->put('pub', 'item.csv' => $csv);
    $secure->put('data', 'item.csv' => $csv);
    my %environment = $secure->environment;
    for my $url ($secure->url('pub', 'item.csv'), 's3://data/item.csv') {
        loads($db, [ $url, { env => \%environment } ], $url =~ /^s3/ ? 'unchanged 2' : 'inserted 2', "AWS_CA_BUNDLE, $url");
        refuses($db, [ '--fetch-retries=0', $url, { env => { %environment, AWS_CA_BUNDLE => undef } } ], 2,
            qr{could not read \Q$url\E:.*certificate}i, 'an unknown authority');
    }
    $secure->fault('GET /pub/', 'error', code => 'x', status => 302, headers => { location => $store->url('pub', 'item.csv') });
    $store->requests;
    refuses($db, [ $secure->url('pub', 'item.csv'), { env => \%environment } ], 2,
        qr{it is redirected to a URL that is not https://}, 'a redirect to http://');
    is(scalar $store->requests, 0, 'is not followed');
};

subtest 'many objects of a prefix' => sub {
    fresh();
    $store->put('dir', 'in/item.csv' => $csv, 'in/other.jsonl.gz' => gzip(qq({"id": 5}\n)), 'in/' => '', 'in/.x' => 'y',
        'inner.csv' => $csv);
    loads($db, with_store(['s3://dir/in/']), { item => 'inserted 2', other => 'inserted 1' }, 'like a directory');
    $store->put('dir', 'in/deep/item.csv' => $csv);
    refuses($db, with_store(['s3://dir/in/']), 2, qr{s3://dir/in/deep/item[.]csv is not a file of a table}, 'nothing is deeper');
    refuses($db, with_store(['s3://dir/none/']), 2, qr{directory s3://dir/none/ contains no files}, 'none');
    refuses($db, with_store(['item=s3://dir/in/']), 2, qr{s3://dir/in/ is a directory, not the file of table item}, 'of one table');
};

subtest 'a key that begins with a slash' => sub {
    fresh();
    $store->put('slash', '/item.csv' => $csv, 'other.csv' => $csv, 'a//other.csv' => $csv, 'a/item.csv' => $csv);
    loads($db, with_store(['s3://slash//']), 'inserted 2', 'its prefix is a slash');
    loads($db, with_store(['s3://slash/a//']), { other => 'inserted 2' }, 'two of them are not one');
};

subtest 'a listing without ETags' => sub {
    fresh();
    $store->put('bare', 'in/item.csv' => $csv);
    $store->fault('list-type', 'list', etag => '', times => -1);
    loads($db, with_store(['s3://bare/in/']), 'inserted 2', 'any version is read');
    $store->end_faults;
    $store->fault('list-type', 'list', etag => '', size => 3, times => -1);
    refuses($db, with_store(['s3://bare/in/']), 2, qr{in/item[.]csv: it was changed}, 'but not one of another size');
    $store->end_faults;
};

subtest 'contents that are encoded' => sub {
    fresh();
    $store->put('pub', 'item.csv' => $csv, 'packed.csv' => gzip($csv));
    $store->fault('GET /pub/', 'header', headers => { 'content-encoding' => 'gzip' });
    loads($db, with_store([ 'item=' . $store->url('pub', 'packed.csv') ]), 'inserted 2', 'by gzip');
    $store->fault('GET /pub/', 'header', headers => { 'content-encoding' => 'br' });
    refuses($db, with_store([ $store->url('pub', 'item.csv') ]), 2, qr{its Content-Encoding is not supported}, 'by another program');
    is($store->end_faults, 0, 'as the headers say');
};

subtest 'redirects' => sub {
    fresh();
    $store->put('pub', 'item.csv' => $csv);
    my $url = $store->url('pub', 'moved.csv');
    my $redirect = sub { $store->fault('GET .*/moved.csv', 'error', code => 'x', status => 302, headers => { location => $_[0] }, times => $_[1] || 1) };
    $redirect->($store->url('pub', 'item.csv'));
    loads($db, with_store(["item=$url"]), 'inserted 2', 'are followed');
    $redirect->('http://127.0.0.1:1/', 2);
    refuses($db, with_store([ '--fetch-retries=1', "item=$url" ]), 2, qr{moved[.]csv: Failed to connect.*tried 1 more time}s, 'to no server');
    $redirect->('ftp://127.0.0.1/');
    refuses($db, with_store(["item=$url"]), 2, qr{it is redirected to a URL that is not https://}, 'to another protocol');
    $redirect->($url, -1);
    refuses($db, with_store(["item=$url"]), 2, qr{redirects followed}, 'without an end');
    $store->end_faults;
};

# The first source of a range is opened by the parent, and read on by the child.
subtest 'many objects, in several processes' => sub {
    fresh();
    $store->put('many', map { ("p/" . sprintf('%03d', $_) => join '', "id,v\n", map { "$_,x\n" } $_ * 1000 .. $_ * 1000 + 99) } 1 .. 60);
    my @sources = map { 'item=s3://many/p/' . sprintf '%03d', $_ } 1 .. 60;
    for my $jobs (1, 3) {
        $store->requests;
        loads($db, with_store([ "-j$jobs", '--staging=always', @sources ]), $jobs == 1 ? 'inserted 6000' : 'unchanged 6000', "--jobs=$jobs");
        my %count;
        $count{$_}++ for $store->requests;
        is(scalar keys %count, 60, 'each is fetched');
        cmp_ok(scalar(grep { $_ > 1 } values %count), '<=', $jobs == 1 ? 0 : 60, 'and only once, unless processes begin');
    }
    loads($db, with_store([ '--staging=never', @sources ]), 'unchanged 6000', 'directly');
};

done_testing;
