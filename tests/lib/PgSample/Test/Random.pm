package PgSample::Test::Random;

# Pseudo-random choices that depend on the seed alone (Park and Miller's generator).

use strict;
use warnings;

use constant MODULUS => 2_147_483_647;

sub new
{
    my ($class, $seed) = @_;
    my $self = bless { state => 1 + ($seed * 7919 + 12_345) % (MODULUS - 1) }, $class;
    $self->_next for 1 .. 10;
    return $self;
}

sub _next
{
    my ($self) = @_;
    return $self->{state} = $self->{state} * 48_271 % MODULUS;
}

# 0 .. n - 1
sub below
{
    my ($self, $n) = @_;
    return int($self->_next / MODULUS * $n);
}

sub between
{
    my ($self, $low, $high) = @_;
    return $low + $self->below($high - $low + 1);
}

# True so many times out of a hundred.
sub percent
{
    my ($self, $percent) = @_;
    return $self->below(100) < $percent;
}

sub pick
{
    my ($self, @items) = @_;
    return $items[ $self->below(scalar @items) ];
}

sub shuffle
{
    my ($self, @items) = @_;
    for my $i (reverse 1 .. $#items) {
        my $j = $self->below($i + 1);
        @items[ $i, $j ] = @items[ $j, $i ];
    }
    return @items;
}

# Some of the items, in their order; at least one of a non-empty list.
sub some
{
    my ($self, @items) = @_;
    my $n = $self->between(1, scalar @items);
    my %chosen = map { $_ => 1 } ($self->shuffle(0 .. $#items))[ 0 .. $n - 1 ];
    return @items[ grep { $chosen{$_} } 0 .. $#items ];
}

1;
