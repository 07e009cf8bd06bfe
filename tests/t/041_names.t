# Names, rules and values that would do harm if they were read as commands.

use strict;
use warnings;

use File::Temp ();
use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Check;
use PgSample::Test::DumpText;
use PgSample::Test::Server;

my $server    = PgSample::Test::Server->start;
my $directory = File::Temp->newdir;
my $mark      = "$directory/mark";

# Breaks out of comments, strings, identifiers and data, if anything lets it.
my $EVIL = "x\n\\! touch $mark\nCREATE TABLE public.escaped (id int); -- '\"\$\$";

sub identifier { return PgSample::Test::Server::quote_identifier($_[0]) }
sub literal    { return PgSample::Test::Server::quote_literal($_[0]) }

# PostgreSQL cuts names at 63 bytes.
my $NAME = "t\n\\! touch $directory/m\n\"';--";
BAIL_OUT('the temporary directory has too long a name') if length $NAME > 60;

sub schema_sql
{
    my ($schema, $table, $column, $enum, $other, $domain, $view) =
        map { identifier("$_$NAME") } 'a' .. 'g';
    my ($text, $name) = map { literal($_) } $EVIL, $NAME;
    return <<"SQL";
CREATE SCHEMA $schema;
COMMENT ON SCHEMA $schema IS $text;
CREATE TYPE $schema.$enum AS ENUM ($name, 'plain');
CREATE FUNCTION $schema.$table() RETURNS text LANGUAGE sql AS $text;
CREATE DOMAIN $schema.$domain AS text DEFAULT $text CHECK (VALUE <> '');
CREATE TABLE $schema.$table (
    $column serial PRIMARY KEY,
    $enum text DEFAULT $text,
    kind $schema.$enum DEFAULT $name,
    dom $schema.$domain
);
COMMENT ON TABLE $schema.$table IS $text;
COMMENT ON COLUMN $schema.$table.$column IS $text;
CREATE TABLE $schema.$other ($column int CONSTRAINT $enum REFERENCES $schema.$table);
INSERT INTO $schema.$table ($enum)
VALUES (DEFAULT), (E'\\\\.\\n\\\\! touch $mark'), (E'\\\\.'), ('\\! touch $mark'),
       (E'\\n\\\\unrestrict\\n\\\\! touch $mark');
INSERT INTO $schema.$other VALUES (1), (5);
CREATE INDEX $domain ON $schema.$table ($enum);
CREATE VIEW $schema.$view AS SELECT ${text}::text AS $enum FROM $schema.$table;
CREATE MATERIALIZED VIEW $schema.m AS SELECT ${text}::text AS $enum;
CREATE STATISTICS $schema.$table ON $column, $enum FROM $schema.$table;
SQL
}

# What would show that something was run.
sub is_harmless
{
    my ($target, $name) = @_;
    local $Test::Builder::Level = $Test::Builder::Level + 1;
    my @marks = glob "$directory/m*";
    is("@marks", '', "$name: no command was run");
    unlink @marks;
    is($target->value("SELECT count(*) FROM pg_class WHERE relname = 'escaped'"), 0,
        'and no statement');
    return;
}

my $source = $server->create_database(name => "db$NAME");
$source->sql('SET standard_conforming_strings = on; SET check_function_bodies = off;'
        . schema_sql());

my $RELATIONS = q{SELECT relname FROM pg_class
    WHERE oid >= 16384 AND relname !~ '^pg_toast' ORDER BY 1};

subtest 'names' => sub {
    for my $options ([], ['--inserts'], [ '-c', '--if-exists' ], ['--owner'],
        ['--superuser-objects'])
    {
        my $result = $source->sample(@$options, '-v');
        is($result->status, 0, "@$options: a sample is taken") or diag $result->stderr;
        my ($target, $restored) = $server->try_restore($result->stdout,
            as => "@$options" =~ /owner/ ? 'postgres' : $server->restorer);
        is($restored->status, 0, 'and restored') or diag $restored->stderr;
        is_harmless($target, "@$options");
        samples_ok($target, $source);
        is_deeply(
            $target->column($RELATIONS),
            $source->column($RELATIONS),
            'the names are the same'
        );
        is($target->value("SELECT obj_description(oid) FROM pg_class WHERE relkind = 'r'
                            AND obj_description(oid) IS NOT NULL"), $EVIL, 'and the comments');
    }
};

subtest 'without the protection of \restrict' => sub {
    my $dump = PgSample::Test::DumpText->new($source->sample->stdout);
    my ($target, $restored) = $server->try_restore($dump->header . $dump->body);
    is($restored->status, 0, 'the dump restores') or diag $restored->stderr;
    is_harmless($target, 'header and body');
    is($dump->header_values('database')->[0] =~ tr/\n//, 0, 'the name is one line');
    like($dump->header, qr/\A(--.*\n)+\n\z/, 'the header is comments alone');
    my ($trailer) = $dump->body =~ /^(--\n-- Rows by table\n.*)\z/ms;
    like($trailer, qr/\A(--.*\n)+\n\z/, 'and so is the trailer');
};

subtest 'patterns and rules' => sub {
    my $table = identifier("b$NAME");
    my @argument = ('-t', '*.' . $table, '-n', identifier("a$NAME"), '-N', '"c"*',
        '--exclude-table-data', identifier("e$NAME"));
    # of these patterns some match nothing, which is an error that must be as harmless
    my $refused = $source->sample(@argument);
    is($refused->status, 1, 'a pattern that matches nothing');
    my $rule = "*.$table = 2 where \$q\$$EVIL\$q\$ <> ''\n/* $EVIL */";
    $rule =~ s/"/""/g;
    my $result = $source->sample('-t', "*.$table", qq{--limit="$rule"});
    is($result->status, 0, 'rules and patterns with such names') or diag $result->stderr;
    my $dump = PgSample::Test::DumpText->new($result->stdout);
    like($dump->header, qr/\A(--.*\n)+\n\z/, 'the header is comments alone');
    my ($target, $restored) = $server->try_restore($dump->header . $dump->body);
    is($restored->status, 0, 'the dump restores') or diag $restored->stderr;
    is_deeply([ values %{ table_counts($target) } ], [2], 'with the rows of the rule');
    is_harmless($target, 'the rules');
};

subtest 'a report with such names' => sub {
    require JSON::PP;
    my $file = "$directory/report.json";
    is($source->sample("--report=$file")->status, 0, 'is written');
    open my $handle, '<', $file or die "could not open $file: $!";
    my $report = JSON::PP::decode_json(do { local $/; <$handle> });
    is($report->{database}, "db$NAME", 'and holds them as they are');
    is_deeply([ sort map { $_->{table} } @{ $report->{tables} } ], [ "b$NAME", "e$NAME" ],
        'tables as well');
};

subtest '--plan with such names' => sub {
    my $result = $source->sample('--plan');
    is($result->status, 0, 'is printed');
    is_harmless($source, 'it');
};

done_testing;
