# Every example of README.md and of the manual pages runs, in order, on the shop database.

use strict;
use warnings;

use File::Basename qw(dirname);
use File::Temp ();
use FindBin;
use Test::More;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Process;
use PgSample::Test::Server;

my $ROOT = "$FindBin::Bin/../..";

sub read_file {
    my ($name) = @_;
    open my $file, '<', $name or die "could not open $name: $!";
    local $/;
    return <$file>;
}

# A line that begins with "$ " is a command.
sub examples_of {
    my ($text) = @_;
    return $text =~ /^\$ (.+)$/mg;
}

# What the formatter makes of a line of the manual page.
sub without_escapes {
    my ($text) = @_;
    $text =~ s/\\\(aq/'/g;
    $text =~ s/\\-/-/g;
    $text =~ s/\\e/\\/g;
    $text =~ s/\\&//g;
    return $text;
}

sub run_examples {
    my ($server, $what, @commands) = @_;
    my $directory = File::Temp->newdir;
    my $program   = PgSample::Test::Database::program();
    my $path      = join ':', dirname($program), PgSample::Test::Server::bindir(), $ENV{PATH};

    cmp_ok(scalar @commands, '>', 5, "$what has examples");
    for my $command (@commands) {
        my $result = PgSample::Test::Process->run(
            command   => ['bash', '-c', "set -o pipefail; $command"],
            directory => "$directory",
            env       => { $server->environment, PATH => $path },
        );
        is($result->status, 0, "$what: $command") or diag $result->describe;
    }
}

my $server = PgSample::Test::Server->start;
my $shop   = $server->create_database(name => 'shop');
$shop->psql('', '-v', 'scale=0.1', '-f', "$ROOT/fixtures/shop/shop.sql");
run_examples($server, 'README.md', examples_of(read_file("$ROOT/README.md")));

for my $database (qw(shop_order shop_tour)) {
    $shop->sql("DROP DATABASE IF EXISTS $database");
}
for my $page (qw(pg-sample pg-sample-load)) {
    run_examples($server, "$page(1)",
        examples_of(without_escapes(read_file("$ROOT/man/$page.1"))));
}

done_testing;
