package PgSample::Test::DumpText;

# What is written in a dump, found without a server.

use strict;
use warnings;

use Carp qw(croak);

sub new
{
    my ($class, $text) = @_;
    return bless { text => $text }, $class;
}

sub text { return $_[0]{text} }

# ---- the frame: header, \restrict, body, \unrestrict

sub _frame
{
    my ($self) = @_;
    return $self->{frame} if $self->{frame};
    my ($header, $key, $body, $end_key, $rest) =
        $self->{text} =~ /\A(.*?)^\\restrict (\S+)\n(.*)^\\unrestrict (\S+)\n(.*)\z/ms
        or croak 'the dump is not a header and a body between \restrict and \unrestrict';
    return $self->{frame} = {
        header  => $header,
        key     => $key,
        body    => $body,
        end_key => $end_key,
        rest    => $rest,
    };
}

sub header  { return $_[0]->_frame->{header} }
sub key     { return $_[0]->_frame->{key} }
sub body    { return $_[0]->_frame->{body} }
sub end_key { return $_[0]->_frame->{end_key} }
sub rest    { return $_[0]->_frame->{rest} }

# What the header says on lines such as "-- limit: 5".
sub header_values
{
    my ($self, $label) = @_;
    return [ $self->header =~ /^-- \Q$label\E: (.*)$/mg ];
}

# Rows by table, as the trailer counts them.
sub trailer_counts
{
    my ($self) = @_;
    my ($list) = $self->body =~ /^-- Rows by table\n--\n(.*?)^-- The dump is complete/ms
        or croak 'the dump has no trailer';
    return { map { /^-- +(\d+) (.*)$/ ? ($2 => $1) : () } split /\n/, $list };
}

# ---- the rows

# Blocks in their order: { table => qname, columns => [...], lines => [...] }.
sub blocks
{
    my ($self) = @_;
    return @{ $self->{blocks} } if $self->{blocks};
    my $text = $self->{text};
    my @blocks;
    while ($text =~ /^COPY (.+?) \((.*)\) FROM stdin;\n/mg) {
        my %block = (table => $1, columns => [ split /, /, $2 ]);
        $text =~ /\G(.*?)^\\\.\n/gms or croak "the COPY of $block{table} does not end";
        $block{lines} = [ split /\n/, $1 ];
        push @blocks, \%block;
    }
    $self->{blocks} = \@blocks;
    return @blocks;
}

sub tables { return [ map { $_->{table} } $_[0]->blocks ] }

# The block of a table, with no lines when there is none.
sub block
{
    my ($self, $table) = @_;
    my @found = grep { $_->{table} eq $table } $self->blocks;
    croak "table $table has several blocks" if @found > 1;
    return @found ? $found[0] : { table => $table, columns => [], lines => [] };
}

sub rows
{
    my ($self, $table) = @_;
    return [ map { [ split /\t/, $_, -1 ] } @{ $self->block($table)->{lines} } ];
}

# Values of one column; of the first one without a name.
sub column
{
    my ($self, $table, $name) = @_;
    my $columns = $self->block($table)->{columns};
    my ($position) = defined $name ? grep { $columns->[$_] eq $name } 0 .. $#$columns : 0;
    return [] if !@$columns;
    croak "the COPY of $table has no column $name" if !defined $position;
    return [ map { $_->[$position] } @{ $self->rows($table) } ];
}

1;

__END__

=head1 NAME

PgSample::Test::DumpText - what is written in a dump

=head1 SYNOPSIS

    my $dump = PgSample::Test::DumpText->new($db->sample('--limit=5')->stdout);
    is_deeply($dump->column('public.t', 'id'), [ 1 .. 5 ]);
    is_deeply($dump->header_values('limit'), ['5']);

=head1 METHODS

=over

=item header, key, body, end_key, rest

The text up to C<\restrict>, its key, what is between that line and C<\unrestrict>, the key
there, and what follows.

=item header_values(label), trailer_counts

=item tables, blocks, block(table), rows(table), column(table[, name])

Of the COPY blocks: names are quoted and qualified as in the dump, values are as COPY writes
them. A table without a block has no rows.

=back

=cut
