package PgSample::Test::Statements;

# Takes a script apart into statements, as psql does it.

use strict;
use warnings;

# A string, a quoted name, a text between dollars, a comment or a word; else one character.
my $PIECE = qr/
    '(?:[^']|'')*'
  | [eE]'(?:[^'\\]|\\.|'')*'
  | "(?:[^"]|"")*"
  | (\$(?:[A-Za-z_\x80-\xff][\w\x80-\xff]*)?\$) .*? \g{-1}
  | --[^\n]*
  | (\/\*(?:[^\/*]|\/(?!\*)|\*(?!\/)|(?-1))*\*\/)
  | [A-Za-z_\x80-\xff][\w\$\x80-\xff]*
  | [^'"\$\-\/();A-Za-z_\x80-\xff]+
  | .
/xs;

sub split_sql
{
    my ($sql) = @_;
    $sql =~ s/\s+\z//;
    return _trim($sql) if $sql !~ /;./s;
    my @statements;
    my ($start, $parentheses, $begins, $is_routine) = (0, 0, 0, 0);
    while ($sql =~ /\G($PIECE)/gc) {
        my $piece = $1;
        if ($piece eq '(') {
            $parentheses++;
        } elsif ($piece eq ')') {
            $parentheses--;
        } elsif ($piece eq ';' && $parentheses <= 0 && !$begins) {
            push @statements, _trim(substr $sql, $start, pos($sql) - $start);
            ($start, $parentheses, $is_routine) = (pos $sql, 0, 0);
        } elsif ($piece =~ /\A(?:function|procedure)\z/i) {
            $is_routine ||= substr($sql, $start, pos($sql) - $start) =~ /\A\s*create\b/i;
        } elsif ($is_routine && $piece =~ /\A(?:begin|case)\z/i) {
            $begins++ if $begins || lc $piece eq 'begin';
        } elsif ($begins && lc $piece eq 'end') {
            $begins--;
        }
    }
    return @statements, _trim(substr $sql, $start);
}

# Nothing, or the statement from its first word on.
sub _trim
{
    my ($text) = @_;
    $text =~ s/\A(?:\s+|--[^\n]*(?:\n|\z)|;)+//;
    return $text eq '' ? () : ($text);
}

1;

__END__

=head1 NAME

PgSample::Test::Statements - the statements of a script

=head1 FUNCTIONS

=over

=item split_sql(text)

Semicolons within strings, names, comments, parentheses and bodies of functions do not end a
statement. Strings are those of standard_conforming_strings. No empty statement is among them.

=back

=cut
