# shellcheck shell=bash
# A temporary PostgreSQL server, to be sourced by scripts.
#
#   server_start         start a server, and set PGHOST, PGPORT, PGUSER (postgres, the superuser)
#                        and PATH (with its psql and pg_dump first) for it
#   server_stop          stop it and remove its directory; this is done at EXIT automatically
#   server_keep          keep it running when the script ends
#   server_stop_command  print the command that stops and removes a kept server
#   server_find_bin      print the directory of the server programs
#
# The environment variable SERVER_MAJOR selects a major version; the default is the newest installed
# one. SERVER_SETTINGS contains additional lines for postgresql.conf.
# A script with its own EXIT trap must set it after server_start, and call server_stop in it.
#
# The server listens only on a Unix-domain socket in a directory that other users cannot access, so it
# needs no password and does not conflict with other servers. Since PostgreSQL cannot be run as root,
# root runs it as `postgres` or, if that user does not exist, as `nobody`.

SERVER_MAJOR=${SERVER_MAJOR:-}
SERVER_SETTINGS=${SERVER_SETTINGS:-}
SERVER_BIN=     # directory of initdb, pg_ctl and postgres
SERVER_DIR=     # everything the server has: data/, log, the socket
SERVER_USER=    # whom it runs as, if root started it

server_find_bin()
{
    local dir newest=
    while read -r dir; do
        if [[ -z $SERVER_MAJOR || $dir == */"$SERVER_MAJOR"/bin ]] &&
            [[ -x $dir/initdb && -x $dir/pg_ctl && -x $dir/postgres ]]; then
            newest=$dir
        fi
    done < <(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V)
    if [[ -z $newest ]]; then
        echo "could not find a PostgreSQL $SERVER_MAJOR server in /usr/lib/postgresql" >&2
        return 1
    fi
    echo "$newest"
}

# Run a command as the server's user, in a directory that this user can access.
server_run()
{
    if [[ -n $SERVER_USER ]]; then
        (cd "$SERVER_DIR" && runuser -u "$SERVER_USER" -- "$@")
    else
        (cd "$SERVER_DIR" && "$@")
    fi
}

# Create SERVER_DIR below $1, if the server's user can access it and the path of the socket does not
# exceed the limit of 107 bytes.
server_make_dir()
{
    SERVER_DIR=$(mktemp -d "$1/pg-sample.XXXXXX") || return 1
    local socket=$SERVER_DIR/.s.PGSQL.5432
    if [[ -n $SERVER_USER ]]; then
        chown "$SERVER_USER" "$SERVER_DIR"
    fi
    if (($(printf %s "$socket" | wc -c) <= 107)) && server_run test -w . 2>/dev/null; then
        return 0
    fi
    rmdir "$SERVER_DIR"
    SERVER_DIR=
    return 1
}

server_start()
{
    SERVER_BIN=$(server_find_bin) || return 1
    SERVER_USER=
    if [[ $EUID -eq 0 ]]; then
        SERVER_USER=nobody
        if id postgres >/dev/null 2>&1; then
            SERVER_USER=postgres
        fi
    fi
    if ! server_make_dir "${TMPDIR:-/tmp}" && ! server_make_dir /tmp; then
        echo "could not make a directory for the server in /tmp" >&2
        return 1
    fi
    trap server_stop EXIT

    # Settings for other servers must not affect this one.
    unset PGHOSTADDR PGDATABASE PGPASSWORD PGPASSFILE PGSERVICE PGSERVICEFILE PGOPTIONS \
        PGSSLMODE PGREQUIRESSL PGCLIENTENCODING PGTZ PGDATESTYLE PGDATA
    export PGHOST=$SERVER_DIR PGPORT=5432 PGUSER=postgres PATH=$SERVER_BIN:$PATH

    if ! server_run "$SERVER_BIN/initdb" -D "$SERVER_DIR/data" -U postgres -A trust -E UTF8 \
        --locale=C.UTF-8 --no-sync >"$SERVER_DIR/initdb.log" 2>&1; then
        cat "$SERVER_DIR/initdb.log" >&2
        return 1
    fi
    # The data need not survive a crash, so nothing is flushed to disk.
    cat >>"$SERVER_DIR/data/postgresql.conf" <<CONF
listen_addresses = ''
unix_socket_directories = '$SERVER_DIR'
port = 5432
fsync = off
full_page_writes = off
synchronous_commit = off
max_wal_size = 4GB
$SERVER_SETTINGS
CONF
    if ! server_run "$SERVER_BIN/pg_ctl" -D "$SERVER_DIR/data" -l "$SERVER_DIR/log" -w -s \
        start >"$SERVER_DIR/start.log" 2>&1; then
        cat "$SERVER_DIR/start.log" "$SERVER_DIR/log" >&2
        return 1
    fi
}

server_stop()
{
    local dir=$SERVER_DIR
    if [[ -z $dir ]]; then
        return 0
    fi
    if [[ -f $dir/data/postmaster.pid ]]; then
        server_run "$SERVER_BIN/pg_ctl" -D "$dir/data" -m immediate -w -s stop || return 1
    fi
    SERVER_DIR=
    rm -rf "$dir"
}

server_keep()
{
    trap - EXIT
}

server_stop_command()
{
    local stop="$SERVER_BIN/pg_ctl -D $SERVER_DIR/data -m immediate -s stop"
    if [[ -n $SERVER_USER ]]; then
        stop="runuser -u $SERVER_USER -- $stop"
    fi
    echo "$stop && rm -r $SERVER_DIR"
}
