# shellcheck shell=bash
# A throwaway PostgreSQL server for scripts, to be sourced by them.
#
#   server_start         start one and make it the server of all that follows: PGHOST, PGPORT,
#                        PGUSER (postgres, the superuser), PATH (its own psql and pg_dump first)
#   server_stop          stop it and remove its directory; happens at EXIT by itself
#   server_keep          let it live on when the script ends
#   server_stop_command  print what a user types to get rid of a kept one
#   server_find_bin      print the directory of the server programs
#
# SERVER_MAJOR in the environment asks for a version; otherwise it is the newest installed one.
# SERVER_SETTINGS are more lines for its postgresql.conf.
# A script with an EXIT trap of its own sets it after server_start and calls server_stop in it.
#
# The server listens on a unix socket only, in a directory that is closed to others: so it needs
# no password and meets no other server. PostgreSQL refuses to run as root; root runs it as
# `postgres` or, where there is no such user, as `nobody`.

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

# Run a command as the user that the server belongs to, where that user may be.
server_run()
{
    if [[ -n $SERVER_USER ]]; then
        (cd "$SERVER_DIR" && runuser -u "$SERVER_USER" -- "$@")
    else
        (cd "$SERVER_DIR" && "$@")
    fi
}

# Make SERVER_DIR below $1, if the server's user can reach it there and the name of the socket
# fits into the 107 bytes that Linux grants it.
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

    # What is set for the user's own servers must not leak into this one.
    unset PGHOSTADDR PGDATABASE PGPASSWORD PGPASSFILE PGSERVICE PGSERVICEFILE PGOPTIONS \
        PGSSLMODE PGREQUIRESSL PGCLIENTENCODING PGTZ PGDATESTYLE PGDATA
    export PGHOST=$SERVER_DIR PGPORT=5432 PGUSER=postgres PATH=$SERVER_BIN:$PATH

    if ! server_run "$SERVER_BIN/initdb" -D "$SERVER_DIR/data" -U postgres -A trust -E UTF8 \
        --locale=C.UTF-8 --no-sync >"$SERVER_DIR/initdb.log" 2>&1; then
        cat "$SERVER_DIR/initdb.log" >&2
        return 1
    fi
    # Nobody wants these data back after a crash: no waiting for the disk.
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
