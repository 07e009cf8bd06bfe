package PgSample::Test::Database;

# A database of a test server: SQL, pg-sample, restoring.

use strict;
use warnings;

use Carp qw(croak);
use Cwd ();
use File::Basename ();

use PgSample::Test::Process;
use PgSample::Test::Restorer ();
use PgSample::Test::Staging ();

$Carp::Internal{ +__PACKAGE__ } = 1; # errors name the line of the test

sub new
{
    my ($class, $server, $name, $user) = @_;
    return bless { server => $server, name => $name, user => $user }, $class;
}

sub name   { return $_[0]{name} }
sub server { return $_[0]{server} }
sub user   { return $_[0]{user} }

# The same database seen by another role.
sub as
{
    my ($self, $user) = @_;
    return (ref $self)->new($self->{server}, $self->{name}, $user);
}

sub conninfo
{
    my ($self) = @_;
    return $self->{server}->conninfo($self->{name}, $self->{user});
}

# ---- SQL

sub session
{
    my ($self) = @_;
    return $self->{server}->session($self->{name}, $self->{user});
}

sub disconnect
{
    my ($self) = @_;
    return $self->{server}->disconnect($self->{name});
}

sub sql
{
    my ($self, $sql) = @_;
    $self->session->query($sql);
    return;
}

sub rows
{
    my ($self, $sql) = @_;
    return $self->session->query($sql);
}

sub row
{
    my ($self, $sql) = @_;
    my $rows = $self->rows($sql);
    croak 'one row expected, got ' . @$rows . " from: $sql" if @$rows != 1;
    return $rows->[0];
}

sub value
{
    my ($self, $sql) = @_;
    my $row = $self->row($sql);
    croak 'one column expected, got ' . @$row . " from: $sql" if @$row != 1;
    return $row->[0];
}

sub column
{
    my ($self, $sql) = @_;
    return [ map { $_->[0] } @{ $self->rows($sql) } ];
}

# Result of a psql run of its own; nothing dies.
sub psql
{
    my ($self, $input, @argument) = @_;
    return PgSample::Test::Process->run(
        command => [
            'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', @argument, '-d', $self->conninfo
        ],
        stdin => $input,
        env   => { $self->{server}->environment($self->{user}) }
    );
}

sub load_file
{
    my ($self, $file) = @_;
    my $result = $self->psql(undef, '-f', $file);
    croak "could not load $file: " . $result->describe if !$result->is_ok;
    return;
}

# ---- pg-sample

# The program under test.
sub program
{
    our $program;
    return $program if $program;
    my $top = Cwd::abs_path(File::Basename::dirname(__FILE__) . '/../../../..');
    my @candidates = $ENV{PG_SAMPLE} || (
        ($ENV{abs_top_builddir} ? "$ENV{abs_top_builddir}/src/pg-sample" : ()),
        'src/pg-sample', "$top/src/pg-sample", glob("$top/build{,/}*/src/pg-sample")
    );
    for my $candidate (@candidates) {
        return $program = Cwd::abs_path($candidate) if -x $candidate && !-d _;
    }
    croak 'pg-sample is not there (looked for '
        . join(', ', @candidates)
        . '): build it with make, or set PG_SAMPLE';
}

# Starts pg-sample on this database; the last argument may be a hash of options.
sub start_sample
{
    my ($self, @argument) = @_;
    my %option = @argument && ref $argument[-1] ? %{ pop @argument } : ();
    my $run_as = delete $option{run_as};
    my @database = delete $option{no_database} ? () : ($self->{name});
    my %environment =
        ($self->{server}->environment($self->{user}), %{ delete $option{env} || {} });
    my @more = PgSample::Test::Staging::more_arguments(@argument);
    return PgSample::Test::Process->start(
        command => [
            PgSample::Test::Server::as_user($run_as, program(), @more, @argument, @database)
        ],
        env      => \%environment,
        database => $self,
        at_end   => sub { PgSample::Test::Staging::note_result($self, $_[0]) },
        %option
    );
}

sub sample
{
    my ($self, @argument) = @_;
    return $self->start_sample(@argument)->wait;
}

# ---- restoring: methods of the server

package PgSample::Test::Server;

# Restores a dump (text, or {file => name}) into a new empty database. Returns the database
# and the result of psql.
sub try_restore
{
    my ($self, $dump, %arg) = @_;
    my $role = exists $arg{as} ? $arg{as} : $self->restorer;
    my $prepare = delete $arg{prepare};
    my $arguments = delete $arg{psql} || [];
    my $target = $self->create_database(
        owner => $role,
        map { exists $arg{$_} ? ($_ => $arg{$_}) : () } qw(encoding locale template)
    );
    $prepare->($target) if $prepare;
    my $result = @$arguments ? $target->as($role)->psql($dump, @$arguments)
        : $self->_restore_into($target->as($role), $dump);
    return ($target, $result);
}

# Restores rows, as the role that owns what the database got from a dump; returns the result.
sub load_into
{
    my ($self, $target, $dump) = @_;
    return $self->_restore_into($target->as($self->restorer), $dump);
}

sub _restore_into
{
    my ($self, $target, $dump) = @_;
    my $conninfo = $target->conninfo;
    return $target->psql($dump) if !PgSample::Test::Restorer->can_connect($conninfo);
    $self->{restoring} ||= PgSample::Test::Restorer->new($self->environment);
    return $self->{restoring}->restore($conninfo, PgSample::Test::Process::input($dump));
}

# The same, for a dump that must restore.
sub restore
{
    my ($self, $dump, %arg) = @_;
    my ($target, $result) = $self->try_restore($dump, %arg);
    Carp::croak('the dump does not restore: ' . $result->describe) if !$result->is_ok;
    return $target;
}

1;

__END__

=head1 NAME

PgSample::Test::Database - a database of a PgSample::Test::Server

=head1 SYNOPSIS

    $db->sql('CREATE TABLE t(a int, b text)');
    my $n = $db->value('SELECT count(*) FROM t');
    for my $row (@{ $db->rows('SELECT a, b FROM t') }) { ... }   # NULL is undef
    my $names = $db->column('SELECT b FROM t');

    my $result = $db->sample('--limit=t = 5', { timeout => 30 });
    is($result->status, 0) or diag $result->stderr;
    my $target = $db->server->restore($result->stdout);

=head1 METHODS

=over

=item sql(text), rows(text), row(text), value(text), column(text)

Through a connection that stays open. They die with the server's message. Values are bytes in
the database's encoding.

=item psql(input[, arguments]), load_file(file)

A psql of its own with ON_ERROR_STOP; C<psql> returns the result, C<load_file> dies.

=item as(role)

The same database for another role: its SQL and its C<sample> connect as that role.

=item session, disconnect

The L<PgSample::Test::Session> behind sql(). Another one:
C<< PgSample::Test::Session->new(conninfo => $db->conninfo) >>.

=item sample(arguments..., {options}), start_sample(arguments..., {options})

pg-sample with the server's connection in the environment and the database as last argument.
Options: C<env>, C<stdin>, C<stdout>, C<stderr>, C<timeout>, C<directory> as in
L<PgSample::Test::Process>; C<run_as>, a user of the operating system; C<no_database>.
C<sample> returns the result, C<start_sample> the running process.

=item $server->try_restore(dump, ...), $server->restore(dump, ...)

Restores text or C<{file =E<gt> name}> with C<psql -X -q -v ON_ERROR_STOP=1> as an ordinary
role that owns the new, empty database. Options: C<as>, another role; C<encoding>, C<locale>,
C<template> of the database; C<psql>, further arguments; C<prepare>, code called with the
empty database. C<try_restore> returns (database, result of psql).

=item $server->load_into(database, dump)

Restores rows into a database that was restored before; returns the result of psql.

=back

=cut
