# Every example of README.md and of the manual pages runs, in order, on the shop database, and
# prints the output that is shown below it.

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

# A line that begins with "$ " is a command, which lines that begin with "> " continue; the lines up
# to the next one, or to the end of the block, are its output. Returns [COMMAND, LINE...] for each.
sub examples_of {
    my ($text) = @_;
    my @examples;
    my $is_open = 0;
    for my $line (split /\n/, $text) {
        if ($line =~ /^\$ (.+)/) {
            push @examples, [$1];
            $is_open = 1;
        }
        elsif ($is_open && @{ $examples[-1] } == 1 && $line =~ /^> ?(.*)/) {
            $examples[-1][0] .= "\n$1";
        }
        elsif ($line =~ /^(?:```|\.EE)/) {
            $is_open = 0;
        }
        elsif ($is_open) {
            push @{ $examples[-1] }, $line;
        }
    }
    return @examples;
}

# The line without what differs between runs: numbers, units and the width of columns.
sub without_numbers {
    my ($line) = @_;
    $line =~ s/\d+(?:\.\d+)?(?: (?:B|kB|MB|GB)\b)?/N/g;
    $line =~ s/\s+/ /g;
    return $line;
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
    my ($server, $what, @examples) = @_;
    my $directory = File::Temp->newdir;
    my $program   = PgSample::Test::Database::program();
    my $path      = join ':', dirname($program), PgSample::Test::Server::bindir(), $ENV{PATH};

    cmp_ok(scalar @examples, '>', 5, "$what has examples");
    for my $example (@examples) {
        my ($command, @shown) = @$example;
        my $result = PgSample::Test::Process->run(
            command   => ['bash', '-c', "set -o pipefail; $command"],
            directory => "$directory",
            env       => { $server->environment, PATH => $path },
        );
        is($result->status, 0, "$what: $command") or diag $result->describe;
        my %printed = map { without_numbers($_) => 1 } split /\n/,
            $result->stdout . $result->stderr;
        is_deeply([ grep { !$printed{ without_numbers($_) } } @shown ],
            [], '... prints what is shown')
            or diag $result->describe
            if @shown;
    }
}

my $server = PgSample::Test::Server->start;
my $shop   = $server->create_database(name => 'shop');
$shop->psql('', '-v', 'scale=0.1', '-f', "$ROOT/fixtures/shop/shop.sql");
run_examples($server, 'README.md', examples_of(read_file("$ROOT/README.md")));

for my $database (qw(shop_order shop_tour shop_masked)) {
    $shop->sql("DROP DATABASE IF EXISTS $database");
}
for my $page (qw(pg-sample pg-sample-load)) {
    run_examples($server, "$page(1)",
        examples_of(without_escapes(read_file("$ROOT/man/$page.1"))));
}

done_testing;
