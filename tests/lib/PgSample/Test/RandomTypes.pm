package PgSample::Test::RandomTypes;

# Types of key columns and of other columns, with values for them. Text is UTF-8 bytes.

use strict;
use warnings;

use POSIX qw(strftime);

# The objects that the types need.
sub setup
{
    return <<'SQL';
CREATE EXTENSION citext;
CREATE COLLATION public.ignoring_case
    (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE TYPE public.mood AS ENUM ('sad', 'it''s ok', 'very "happy"', 'über', 'a\b', '');
CREATE DOMAIN public.whole AS int CHECK (VALUE > -1000000);
CREATE DOMAIN public.words AS text CHECK (length(VALUE) < 1000);
CREATE TYPE public.pair AS (a int, b text);
SQL
}

my @NASTY = (
    'plain', "tab\there", "line\nfeed", 'back\\slash', '\\.', '\\N', '', q(it's "quoted"),
    "\xc3\xbcml\xc3\xa4ut", "\xe6\x97\xa5\xe6\x9c\xac", ' leading', 'trailing ', 'NULL',
    '{a,b}', 'com,ma', "return\rhere", '\\n', '%I.%s', '$1', '--x', '/*', "\xf0\x9f\x98\x80",
    '\\', "'", '"', '()', '\\x41', "a\\\nb"
);

sub nasty
{
    my ($i) = @_;
    my $text = $NASTY[ $i % @NASTY ];
    return $i < @NASTY ? $text : "$text-$i";
}

sub _letters { return "Key $_[0] b" }

sub _day { return strftime('%Y-%m-%d', gmtime(1_577_836_800 + 86_400 * $_[0])) }

sub _flip_case
{
    my ($text, $random) = @_;
    return join '', map { $random->percent(50) ? uc : lc } split //, $text;
}

# sql: the declaration. value: the i-th of distinct values. variant: another spelling of an
# equal value. few: how many distinct values there are, when they are few. from: how a type
# that may refer to this one writes its value; undef when it cannot.
my $same    = sub { return $_[0] };
my $integer = sub { return $_[0] =~ /\A(-?\d+)(?:\.0*)?\z/ ? $1 : undef };
my $int4 = sub { my $n = $integer->(@_); return defined $n && abs $n < 2**31 ? $n : undef };
my $int2 = sub { my $n = $integer->(@_); return defined $n && abs $n < 2**15 ? $n : undef };

my %TYPE = (
    int => {
        sql   => 'int',
        value => sub { 3 * $_[0] - 5 },
        from  => { int => $same, smallint => $int2, bigint => $same, whole => $same },
    },
    smallint => {
        sql   => 'smallint',
        value => $same,
        from  => { smallint => $same, int => $same, bigint => $same },
    },
    bigint => {
        sql   => 'bigint',
        value => sub { $_[0] % 3 ? $_[0] : 2**40 + $_[0] },
        from  => { bigint => $same, int => $int4, smallint => $int2 },
    },
    numeric => {
        sql     => 'numeric',
        value   => sub { $_[0] . ('', '.0', '.00', '.50')[ $_[0] % 4 ] },
        variant => sub { $_[0] =~ /\./ ? "$_[0]0" : "$_[0].000" },
        from    => { numeric => $same, int => $integer, bigint => $integer },
    },
    whole => {
        sql   => 'public.whole',
        value => sub { 2 * $_[0] },
        from  => { whole => $same, int => $same },
    },
    text => {
        sql   => 'text',
        value => \&nasty,
        from  => {
            text    => $same,
            varchar => sub { length $_[0] < 40 ? $_[0] : undef },
            words   => $same,
            citext  => $same
        },
    },
    words => {
        sql   => 'public.words',
        value => \&nasty,
        from  => { words => $same, text => $same },
    },
    varchar => {
        sql   => 'varchar(60)',
        value => \&nasty,
        from  => { varchar => $same, text => $same },
    },
    c_text => {
        sql   => 'text COLLATE "C"',
        value => \&nasty,
        from  => { c_text => $same, text => $same },
    },
    char => {
        sql   => 'char(24)',
        value => \&_letters,
        from  => { char => $same, text => sub { "$_[0]  " }, varchar => $same },
    },
    citext => {
        sql     => 'public.citext',
        value   => \&_letters,
        variant => \&_flip_case,
        from    => { citext => $same },
    },
    ci_text => {
        sql     => 'text COLLATE public.ignoring_case',
        value   => \&_letters,
        variant => \&_flip_case,
        from    => { ci_text => $same },
    },
    uuid => {
        sql   => 'uuid',
        value => sub {
            sprintf '%08x-0000-4000-8000-%012x', $_[0] * 2_654_435_761 % 2**32, $_[0];
        },
        variant => sub { uc $_[0] },
        from    => { uuid => $same },
    },
    date => {
        sql   => 'date',
        value => \&_day,
        from  => { date => $same, timestamptz => sub { "$_[0] 00:00:00+00" } },
    },
    timestamptz => {
        sql   => 'timestamptz',
        value => sub { _day($_[0]) . ($_[0] % 2 ? ' 00:00:00+00' : ' 11:22:33.456789+00') },
        from  => {
            timestamptz => $same,
            date        => sub { $_[0] =~ /\A(\S+) 00:00:00\+00\z/ ? $1 : undef }
        },
    },
    interval => {
        sql     => 'interval',
        value   => sub { "$_[0] days" },
        variant => sub { $_[0] =~ /(\d+)/ ? 24 * $1 . ' hours' : $_[0] },
        from    => { interval => $same },
    },
    float8 => {
        sql     => 'float8',
        value   => sub { $_[0] % 2 ? $_[0] . '.25' : $_[0] },
        variant => sub { $_[0] eq '0' ? '-0' : $_[0] },
        from    => { float8 => $same, float4 => $same, int => $integer },
    },
    jsonb => {
        sql     => 'jsonb',
        value   => sub { qq({"a": $_[0].0}) },
        variant => sub { $_[0] =~ s/\.0\}/.000}/r },
        from    => { jsonb => $same },
    },
    array => {
        sql   => 'int[]',
        value => sub { "{$_[0],NULL}" },
        from  => { array => $same },
    },
    range => {
        sql   => 'int4range',
        value => sub { '[' . $_[0] . ',' . ($_[0] + 5) . ')' },
        from  => { range => $same },
    },
    bytea => {
        sql   => 'bytea',
        value => sub { sprintf '\\x00ff%08x', $_[0] },
        from  => { bytea => $same },
    },
    inet => {
        sql   => 'inet',
        value => sub { sprintf '10.0.%d.%d', $_[0] / 256, $_[0] % 256 },
        from  => { inet => $same },
    },
    pair => {
        sql   => 'public.pair',
        value => sub { qq(($_[0],"x,\\\\ y")) },
        from  => { pair => $same },
    },
    mood => {
        sql   => 'public.mood',
        few   => 6,
        value => sub { ('sad', q(it's ok), 'very "happy"', "\xc3\xbcber", 'a\\b', '')[ $_[0] ] },
        from  => { mood => $same },
    },
    boolean => {
        sql   => 'boolean',
        few   => 2,
        value => sub { ('f', 't')[ $_[0] ] },
        from  => { boolean => $same },
    },
    float4 => {
        sql   => 'float4',
        value => sub { $_[0] % 2 ? $_[0] . '.5' : $_[0] },
        from  => { float4 => $same, int => $integer },
    },
);

# Common types come more often.
my @KEY_TYPES = (
    ('int') x 6, ('bigint') x 4, ('text') x 4, ('uuid') x 2, ('numeric') x 2,
    grep { $TYPE{$_}{value} && !$TYPE{$_}{few} } sort keys %TYPE
);
my @FEW_TYPES = grep { $TYPE{$_}{few} } sort keys %TYPE;

# A type for a key column; with few, one of few values may come.
sub key_type
{
    my ($random, $few) = @_;
    return $random->pick(@FEW_TYPES) if $few && $random->percent(25);
    return $random->pick(@KEY_TYPES);
}

sub declaration { return $TYPE{ $_[0] }{sql} }

# The i-th value of a type; equal numbers give equal values, unless the type has few.
sub value
{
    my ($name, $i) = @_;
    my $type = $TYPE{$name};
    return $type->{value}->($type->{few} ? $i % $type->{few} : $i);
}

# A type that can refer to the key type: often the same.
sub referencing_type
{
    my ($random, $name) = @_;
    return $name if $random->percent(60);
    return $random->pick(sort keys %{ $TYPE{$name}{from} });
}

# A key's value as the referencing type writes it, or undef; perhaps spelt differently.
sub reference
{
    my ($random, $name, $referencing, $value) = @_;
    my $type = $TYPE{$name};
    my $written = $type->{from}{$referencing}->($value);
    return $written
        if !defined $written
        || $referencing ne $name
        || !$type->{variant}
        || $random->percent(50);
    return $type->{variant}->($written, $random);
}

# Columns that are no keys: [declaration, value for a number].
my @PAYLOAD = (
    [ 'text',             \&nasty ],
    [ 'text',             \&nasty ],
    [ 'varchar',          \&nasty ],
    [ 'json',             sub { qq({"b": [$_[0], "x\\ty"], "b": 1}) } ],
    [ 'jsonb',            sub { qq({"b": [$_[0], "\\"q\\""]}) } ],
    [ 'xml',              sub { "<a n='$_[0]'>&lt;\n</a>" } ],
    [ 'point',            sub { "($_[0],-1.5)" } ],
    [ 'box',              sub { "((1,1),(0,-$_[0]))" } ],
    [ 'bytea',            sub { sprintf '\\x%02x5c0a00', $_[0] % 256 } ],
    [ 'boolean',          sub { $_[0] % 2 ? 't' : 'f' } ],
    [ 'numeric(12,3)',    sub { ('NaN', $_[0] / 8)[ $_[0] % 7 > 0 ] } ],
    [ 'float8',           sub { ('-Infinity', 1 / (1 + $_[0]))[ $_[0] % 5 > 0 ] } ],
    [ 'real',             sub { '1.1e-' . $_[0] % 30 } ],
    [ 'timestamp',        sub { ('infinity', '0044-03-15 12:00:00 BC')[ $_[0] % 2 ] } ],
    [ 'interval',         sub { "$_[0] mons -$_[0] days 00:00:01.5" } ],
    [ 'text[]',           sub { qq({a,NULL,"x\\"$_[0]","{,}",""}) } ],
    [ 'int[]',            sub { "[0:1][1:2]={{1,2},{3,$_[0]}}" } ],
    [ 'bit(5)',           sub { sprintf '%05b', $_[0] % 32 } ],
    [ 'tsvector',         sub { "'a$_[0]':1A 'it''s':2" } ],
    [ 'public.mood',      sub { value('mood', $_[0]) } ],
    [ 'public.pair',      sub { qq(($_[0],"\\"\\n")) } ],
    [ 'public.pair[]',    sub { qq({"($_[0],)"}) } ],
    [ 'int4range',        sub { "(,$_[0]]" } ],
    [ 'pg_catalog.regtype', sub { 'integer' } ],
);

sub payload
{
    my ($random) = @_;
    return $random->pick(@PAYLOAD);
}

1;

__END__

=head1 NAME

PgSample::Test::RandomTypes - types and values for L<PgSample::Test::RandomSchema>

=cut
