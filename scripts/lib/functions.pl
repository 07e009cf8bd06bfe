#!/usr/bin/perl
# Finds functions whose names do not lead to their files, files that call each other, and
# members of structs that are never read.
# Reads C code from standard input as FILE:LINE:TEXT, without comments and strings, which
# scripts/lint prepares; prints FILE:LINE: MESSAGE.
#
#     functions.pl names      external functions begin with the stem of their file; a name
#                             is given once in the program, to a file or a function
#     functions.pl circles    files of the program do not call each other in a circle
#     functions.pl members    each member of a struct is read somewhere
#     functions.pl guide      what CONTRIBUTING.md names in backquotes exists: files of the
#                             program, and functions, as name()
use strict;
use warnings;

# Circles that stay, by one of their files, and why.
my %is_allowed = ();

my (%is_there, %text, %definition, %statics);

sub stem
{
    my ($file) = @_;
    return $file =~ m{([^/]+)\.[ch]$} ? $1 : $file;
}

# The type stands on the line before the name, which begins its own.
sub read_code
{
    my ($last_file, $last_text) = ('', '');

    while (my $row = <STDIN>)
    {
        my ($file, $line, $code) = $row =~ /^([^:]*):(\d+):(.*)$/ or next;

        $is_there{$file} = 1;
        $last_text = '' if $file ne $last_file;
        push @{ $text{$file} }, [ $line, $code ] if $file =~ m{^src/};
        if ($file =~ m{^src/.*\.c$} && $last_text =~ /^(static\b|\w)/)
        {
            my $is_static = $1 eq 'static';
            my ($name) = $code =~ /^([a-z_][a-z0-9_]*)\(/;

            if    (!defined $name) { }
            elsif ($is_static)     { $statics{$name}{$file} = $line }
            else                   { $definition{$name} = [ $file, $line ] }
        }
        ($last_file, $last_text) = ($file, $code);
    }
}

sub check_functions
{
    for my $name (sort keys %definition)
    {
        my ($file, $line) = @{ $definition{$name} };
        my $stem = stem($file);

        print "$file:$line: $name() does not begin with \"$stem\"\n"
            if $name ne 'main' && $name !~ /^\Q$stem\E(?:_|$)/;
        print "$_:$statics{$name}{$_}: $name() is also in $file\n"
            for sort keys %{ $statics{$name} // {} };
    }
    for my $name (sort keys %statics)
    {
        my @files = sort keys %{ $statics{$name} };

        print "$_:$statics{$name}{$_}: another file has a $name(), too\n"
            for @files > 1 ? @files : ();
    }
}

sub check_files
{
    my %files;

    push @{ $files{ (m{([^/]+)$})[0] } }, $_ for sort keys %text;
    for my $name (sort keys %files)
    {
        next if $name eq 'main.c' || @{ $files{$name} } == 1;
        print "$_:1: another folder has a $name, too\n" for @{ $files{$name} };
    }
}

# By file: the files that it calls, and an example of a call.
sub find_calls
{
    my %calls;

    for my $file (keys %text)
    {
        for my $row (@{ $text{$file} })
        {
            my ($line, $code) = @$row;

            while ($code =~ /(?<![\w.>])([a-z_][a-z0-9_]*) ?\(/g)
            {
                my $name = $1;
                my $called = $definition{$name} or next;

                next if $statics{$name} && $statics{$name}{$file} || $called->[0] eq $file;
                $calls{$file}{ $called->[0] } //= "$line: it calls $name()";
            }
        }
    }
    return \%calls;
}

# All files that can be reached along the calls.
sub reach
{
    my ($calls, $file) = @_;
    my (%is_reached, @open);

    @open = ($file);
    while (defined(my $next = pop @open))
    {
        push @open, grep { !$is_reached{$_}++ } keys %{ $calls->{$next} // {} };
    }
    return \%is_reached;
}

sub check_circles
{
    my $calls = find_calls();
    my %reached = map { $_ => reach($calls, $_) } keys %$calls;

    for my $file (sort keys %$calls)
    {
        next if $is_allowed{ stem($file) };
        for my $called (sort keys %{ $calls->{$file} })
        {
            next if $is_allowed{ stem($called) };
            print "$file:$calls->{$file}{$called}, and $called calls back\n"
                if $reached{$called} && $reached{$called}{$file};
        }
    }
}

# By name, the first declaration of a member: in a struct of a line of its own.
sub find_members
{
    my %members;

    for my $file (sort keys %text)
    {
        my $is_struct = 0;

        for my $row (@{ $text{$file} })
        {
            my ($line, $code) = @$row;

            $is_struct = 1 if $code =~ /^(?:typedef )?struct \w+$/;
            $is_struct = 0 if $code =~ /^\}/;
            next unless $is_struct;
            $code =~ s/ *: \d+;/;/;
            $members{$1} //= "$file:$line" if $code =~ /^ +.*?(\w+)(?:\[.*\])?;\s*$/;
            $members{$1} //= "$file:$line" if $code =~ /^ +.*\(\*(\w+)\)\(/;
        }
    }
    return \%members;
}

# A member is read where it follows a dot or an arrow and is not what is assigned to; and
# where offsetof() or a macro names it.
sub check_members
{
    my $members = find_members();
    my %is_read;

    for my $file (keys %text)
    {
        for my $row (@{ $text{$file} })
        {
            my $code = $row->[1];

            $is_read{$1} = 1 while $code =~ /(?:\.|->)(\w+)\b(?!(?:\[[^\]]*\])? = )/g;
            $is_read{$1} = 1 while $code =~ /^ *\*\w+(?:->|\.)(\w+) = /g;
            $is_read{$1} = 1 while $code =~ /(?:offsetof|sizeof)\([^)]*?(\w+)\)/g;
            $is_read{$1} = 1 while $code =~ /[(,] *(\w+)(?=[,)])/g;
        }
    }
    for my $name (sort { $members->{$a} cmp $members->{$b} } keys %$members)
    {
        print "$members->{$name}: the member $name is never read\n" unless $is_read{$name};
    }
}

sub check_guide
{
    my %file = map { $_ => 1, m{([^/]+)$} => 1, s{^src/}{}r => 1 } keys %is_there,
        'src/db/sql_text.h';    # which is made

    open my $guide, '<', 'CONTRIBUTING.md' or die "could not open CONTRIBUTING.md: $!\n";
    while (my $row = <$guide>)
    {
        while ($row =~ /`([^`]+)`/g)
        {
            my $name = $1;
            my ($function) = $name =~ /^([a-z]+_[a-z_]+)\(\)$/;
            my $is_missing =
                defined $function              ? !$definition{$function}
              : $name =~ /^[a-z_\/]+\.[ch]$/   ? !$file{$name} && !-f $name
              :                                  0;

            print "CONTRIBUTING.md:$.: there is no $name\n" if $is_missing;
        }
    }
}

my $wanted = shift @ARGV // '';
die "usage: functions.pl names|circles|members|guide <CODE\n"
    unless $wanted =~ /^(?:names|circles|members|guide)$/;
read_code();
if    ($wanted eq 'names')   { check_functions(); check_files() }
elsif ($wanted eq 'circles') { check_circles() }
elsif ($wanted eq 'guide')   { check_guide() }
else                         { check_members() }
