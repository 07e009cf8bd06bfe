#include "db/db_relay.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/die.h"
#include "base/mem.h"
#include "base/signals.h"
#include "db/db_internal.h"
#include "db/environment.h"

enum
{
    PORT = 5432,
    WAIT_MILLISECONDS = 100,
    MAX_MESSAGE = 64 * 1024 * 1024,
    PROTOCOL_MAJOR = 3
};

#define SAVEPOINT "pg_sample_relay"

struct DbRelay
{
    Db *db;
    char *directory;
    char *path;
    int listener;
    int client;
    PQExpBufferData out;
    PQExpBufferData prepared; /* statements that take away what it has prepared */
};

/* Parameters that the child receives at its start, and whenever it changes. */
static const char *const parameters[] = {
    "server_version",        "server_encoding",
    "client_encoding",       "is_superuser",
    "session_authorization", "DateStyle",
    "IntervalStyle",         "TimeZone",
    "integer_datetimes",     "standard_conforming_strings"};

enum
{
    N_PARAMETERS = sizeof(parameters) / sizeof(parameters[0])
};

/* ---- the socket */

static void
remove_socket(DbRelay *relay)
{
    (void)unlink(relay->path);
    (void)rmdir(relay->directory);
    if (relay->listener >= 0)
        close(relay->listener);
    relay->listener = -1;
}

static DbRelay *open_relay; /* whose socket is to be removed at exit */

static void
remove_at_exit(void)
{
    if (open_relay != NULL)
        remove_socket(open_relay);
}

DbRelay *
db_relay_open(Db *db)
{
    const char *folder = getenv("TMPDIR");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    DbRelay *relay = mem_alloc_zero(1, sizeof(*relay));

    relay->db = db;
    relay->client = -1;
    relay->directory =
        mem_format("%s/pg-sample-XXXXXX",
                   folder != NULL && strlen(folder) < 60 && *folder == '/' ? folder
                                                                           : "/tmp");
    if (mkdtemp(relay->directory) == NULL)
        die_errno(EXIT_OUTPUT, "could not create a temporary directory");
    relay->path = mem_format("%s/.s.PGSQL.%d", relay->directory, PORT);
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", relay->path);
    open_relay = relay;
    (void)atexit(remove_at_exit);
    relay->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (relay->listener < 0 ||
        bind(relay->listener, (struct sockaddr *)&address, sizeof(address)) != 0 ||
        listen(relay->listener, 1) != 0)
        die_errno(EXIT_OUTPUT, "could not open socket \"%s\"", relay->path);
    initPQExpBuffer(&relay->out);
    initPQExpBuffer(&relay->prepared);
    return relay;
}

char **
db_relay_environment(const DbRelay *relay)
{
    Environment environment;
    char *port = mem_format("%d", PORT);
    int service_fd;

    environment_init(&environment);
    environment_set(&environment, "PGHOST", "host", relay->directory);
    environment_set(&environment, "PGPORT", "port", port);
    environment_set(&environment, "PGUSER", "user", db_user(relay->db));
    environment_set(&environment, "PGDATABASE", "dbname", db_name(relay->db));
    free(port);
    return environment_finish(&environment, &service_fd);
}

/* Until there is something to read; false: the child has ended, and nothing will come. */
static bool
wait_for_child(int fd, pid_t child)
{
    struct pollfd input = {.fd = fd, .events = POLLIN};
    siginfo_t info = {0};
    int ready;

    do
    {
        signals_check();
        ready = poll(&input, 1, WAIT_MILLISECONDS);
        if (ready > 0)
            return true;
        info.si_pid = 0;
    } while (waitid(P_PID, (id_t)child, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
             info.si_pid == 0);
    return poll(&input, 1, 0) > 0;
}

static bool
accept_child(DbRelay *relay, pid_t child)
{
    struct ucred peer = {0};
    socklen_t length = sizeof(peer);

    while (wait_for_child(relay->listener, child))
    {
        relay->client = accept(relay->listener, NULL, NULL);
        if (relay->client >= 0 &&
            getsockopt(relay->client, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 &&
            peer.uid == geteuid())
            return true;
        if (relay->client >= 0)
            close(relay->client);
    }
    return false;
}

/* ---- messages */

static bool
read_from_child(const DbRelay *relay, pid_t child, void *data, size_t size)
{
    char *next = data;

    while (size > 0)
    {
        ssize_t n;

        if (!wait_for_child(relay->client, child))
            return false;
        n = read(relay->client, next, size);
        if (n <= 0 && !(n < 0 && errno == EINTR))
            return false;
        if (n > 0)
        {
            next += n;
            size -= (size_t)n;
        }
    }
    return true;
}

/* What is behind the length, with a zero byte; NULL: there is no more. */
static char *
read_message(const DbRelay *relay, pid_t child, size_t *size)
{
    uint32_t length;
    char *text;

    if (!read_from_child(relay, child, &length, sizeof(length)))
        return NULL;
    length = ntohl(length);
    if (length < sizeof(length) || length > MAX_MESSAGE)
        return NULL;
    *size = length - sizeof(length);
    text = mem_alloc_zero(*size + 1, 1);
    if (read_from_child(relay, child, text, *size))
        return text;
    free(text);
    return NULL;
}

static bool
send_all(DbRelay *relay)
{
    const char *next = relay->out.data;
    size_t left = relay->out.len;

    while (left > 0)
    {
        ssize_t n = send(relay->client, next, left, MSG_NOSIGNAL);

        if (n < 0 && errno != EINTR)
            return false;
        next += n > 0 ? n : 0;
        left -= n > 0 ? (size_t)n : 0;
    }
    resetPQExpBuffer(&relay->out);
    return true;
}

static void
append_network_number(PQExpBuffer out, uint32_t number)
{
    number = htonl(number);
    appendBinaryPQExpBuffer(out, (const char *)&number, sizeof(number));
}

static void
append_short(PQExpBuffer out, int number)
{
    uint16_t value = htons((uint16_t)number);

    appendBinaryPQExpBuffer(out, (const char *)&value, sizeof(value));
}

static void
append_c_string(PQExpBuffer out, const char *text)
{
    appendBinaryPQExpBuffer(out, text, strlen(text) + 1);
}

/* Returns where the length belongs. */
static size_t
begin_message(PQExpBuffer out, char kind)
{
    appendPQExpBufferChar(out, kind);
    append_network_number(out, 0);
    return out->len - sizeof(uint32_t);
}

static void
end_message(PQExpBuffer out, size_t place)
{
    uint32_t length = htonl((uint32_t)(out->len - place));

    memcpy(out->data + place, &length, sizeof(length));
}

static void
append_parameters(DbRelay *relay, char **reported)
{
    for (int i = 0; i < N_PARAMETERS; i++)
    {
        const char *value = PQparameterStatus(relay->db->connection, parameters[i]);
        size_t place;

        if (value == NULL || (reported[i] != NULL && strcmp(reported[i], value) == 0))
            continue;
        place = begin_message(&relay->out, 'S');
        append_c_string(&relay->out, parameters[i]);
        append_c_string(&relay->out, value);
        end_message(&relay->out, place);
        free(reported[i]);
        reported[i] = mem_copy_string(value);
    }
}

static void
append_ready(DbRelay *relay)
{
    size_t place = begin_message(&relay->out, 'Z');
    bool is_failed = PQtransactionStatus(relay->db->connection) == PQTRANS_INERROR;

    appendPQExpBufferChar(&relay->out, is_failed ? 'E' : 'T');
    end_message(&relay->out, place);
}

static void
append_error(PQExpBuffer out, const PGresult *result)
{
    static const char fields[] = "SVCMDHPpqWsctdnFLR";
    size_t place = begin_message(out, 'E');

    for (const char *field = fields; *field != '\0'; field++)
    {
        const char *text = PQresultErrorField(result, *field);

        if (text != NULL)
        {
            appendPQExpBufferChar(out, *field);
            append_c_string(out, text);
        }
    }
    appendPQExpBufferChar(out, '\0');
    end_message(out, place);
}

static void
append_row_description(PQExpBuffer out, const PGresult *result)
{
    size_t place = begin_message(out, 'T');

    append_short(out, PQnfields(result));
    for (int i = 0; i < PQnfields(result); i++)
    {
        append_c_string(out, PQfname(result, i));
        append_network_number(out, PQftable(result, i));
        append_short(out, PQftablecol(result, i));
        append_network_number(out, PQftype(result, i));
        append_short(out, PQfsize(result, i));
        append_network_number(out, (uint32_t)PQfmod(result, i));
        append_short(out, 0);
    }
    end_message(out, place);
}

static void
append_data_row(PQExpBuffer out, const PGresult *result, int row)
{
    size_t place = begin_message(out, 'D');

    append_short(out, PQnfields(result));
    for (int i = 0; i < PQnfields(result); i++)
    {
        int length = PQgetlength(result, row, i);

        if (PQgetisnull(result, row, i))
        {
            append_network_number(out, UINT32_MAX);
            continue;
        }
        append_network_number(out, (uint32_t)length);
        appendBinaryPQExpBuffer(out, PQgetvalue(result, row, i), (size_t)length);
    }
    end_message(out, place);
}

static void
append_tag(PQExpBuffer out, const char *tag)
{
    size_t place = begin_message(out, 'C');

    append_c_string(out, tag);
    end_message(out, place);
}

static bool
append_result(DbRelay *relay, PGresult *result)
{
    PQExpBuffer out = &relay->out;

    if (!db_succeeded(result))
        append_error(out, result);
    else
    {
        if (PQresultStatus(result) == PGRES_TUPLES_OK)
            append_row_description(out, result);
        for (int i = 0; i < PQntuples(result); i++)
            append_data_row(out, result, i);
        append_tag(out, PQcmdStatus(result));
    }
    return !PQExpBufferBroken(out);
}

/* ---- the conversation */

/* Refuses the encryption that libpq asks for first. */
static bool
start(DbRelay *relay, pid_t child, char **reported)
{
    size_t place;

    for (;;)
    {
        size_t size;
        char *message = read_message(relay, child, &size);
        uint32_t version = 0;

        if (message != NULL && size >= sizeof(version))
            memcpy(&version, message, sizeof(version));
        free(message);
        version = ntohl(version) >> 16;
        if (version == PROTOCOL_MAJOR)
            break;
        if (version != 1234 || send(relay->client, "N", 1, MSG_NOSIGNAL) != 1)
            return false;
    }
    place = begin_message(&relay->out, 'R'); /* without a password */
    append_network_number(&relay->out, 0);
    end_message(&relay->out, place);
    append_parameters(relay, reported);
    append_ready(relay);
    return send_all(relay);
}

/* What it prepares would stay in the session, whatever becomes of the transaction. */
static void
note_prepared(DbRelay *relay, const char *sql)
{
    size_t length;

    if (strncmp(sql, "PREPARE ", strlen("PREPARE ")) != 0)
        return;
    sql += strlen("PREPARE ");
    length = strcspn(sql, " (\n");
    appendPQExpBuffer(&relay->prepared, "DEALLOCATE %.*s;", (int)length, sql);
}

/* The connection's transaction is its transaction. */
static const char *
find_own_answer(const char *sql)
{
    if (strncmp(sql, "BEGIN", strlen("BEGIN")) == 0)
        return "BEGIN";
    if (strncmp(sql, "SET TRANSACTION", strlen("SET TRANSACTION")) == 0)
        return "SET";
    return NULL;
}

static bool
answer_query(DbRelay *relay, const char *sql, char **reported)
{
    const char *own = find_own_answer(sql);
    bool is_good = true;

    if (own != NULL)
        append_tag(&relay->out, own);
    else
    {
        PGresult *result;

        result = db_try(relay->db, sql);
        if (db_succeeded(result))
            note_prepared(relay, sql);
        is_good = append_result(relay, result);
        PQclear(result);
    }
    append_parameters(relay, reported);
    append_ready(relay);
    return is_good && send_all(relay);
}

static void
serve(DbRelay *relay, pid_t child)
{
    char *reported[N_PARAMETERS] = {NULL};
    bool goes_on = start(relay, child, reported);

    while (goes_on)
    {
        char kind;
        size_t size;
        char *message = NULL;

        goes_on = read_from_child(relay, child, &kind, 1) && kind == 'Q' &&
                  (message = read_message(relay, child, &size)) != NULL &&
                  answer_query(relay, message, reported);
        free(message);
    }
    for (int i = 0; i < N_PARAMETERS; i++)
        free(reported[i]);
}

void
db_relay_run(DbRelay *relay, pid_t child)
{
    db_execute(relay->db, "SAVEPOINT " SAVEPOINT);
    if (accept_child(relay, child))
    {
        serve(relay, child);
        close(relay->client);
    }
    remove_socket(relay);
    db_execute(relay->db,
               "ROLLBACK TO SAVEPOINT " SAVEPOINT ";\nRELEASE SAVEPOINT " SAVEPOINT);
    if (relay->prepared.len > 0)
        db_execute(relay->db, relay->prepared.data);
    open_relay = NULL;
    termPQExpBuffer(&relay->out);
    termPQExpBuffer(&relay->prepared);
    free(relay->directory);
    free(relay->path);
    free(relay);
}
