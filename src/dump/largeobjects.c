#include "dump/largeobjects.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/plural.h"
#include "db/row.h"
#include "db/sql_text.h"
#include "sample/staging/staging.h"

enum
{
    BYTES_PER_CALL = 256 * 1024
};

bool
largeobjects_exist(Session *session)
{
    char *answer =
        answers_query_value(session->answers, "SELECT EXISTS (SELECT FROM"
                                              " pg_catalog.pg_largeobject_metadata)");
    bool has_any = answer[0] == 't';

    free(answer);
    return has_any;
}

static void
write_chunk(Sink *sink, CatalogOid oid, long long offset, const char *digits)
{
    sink_format(sink, "SELECT pg_catalog.lo_put(%u, %lld, '\\x%s');\n", oid, offset,
                digits);
}

static void
write_contents(Sink *sink, Db *db, CatalogOid oid)
{
    for (long long offset = 0;; offset += BYTES_PER_CALL)
    {
        char *sql = mem_format("SELECT pg_catalog.lo_get(%u, %lld, %d)", oid, offset,
                               BYTES_PER_CALL);
        char *bytes = db_query_value(db, sql); /* \x... */
        size_t n = (strlen(bytes) - 2) / 2;

        if (n > 0)
            write_chunk(sink, oid, offset, bytes + 2);
        free(bytes);
        free(sql);
        if (n < BYTES_PER_CALL)
            return;
    }
}

static void
write_creation(Sink *sink, CatalogOid oid, bool is_clean, bool is_first)
{
    if (is_first)
        sink_write_string(sink, "\n--\n-- Large objects\n--\n\n");
    if (is_clean)
        sink_format(sink,
                    "SELECT pg_catalog.lo_unlink(m.oid)"
                    " FROM pg_catalog.pg_largeobject_metadata AS m"
                    " WHERE m.oid OPERATOR(pg_catalog.=) %u;\n",
                    oid);
    sink_format(sink, "SELECT pg_catalog.lo_create(%u);\n", oid);
}

static void
warn_unreadable(size_t n)
{
    if (n > 0)
        log_warning("%zu large object%s that sampled rows refer to cannot be read; "
                    "missing from the dump",
                    n, plural(n));
}

size_t
largeobjects_write(Sink *sink, const Sample *sample, Session *session, bool is_clean)
{
    Db *db = session->snapshot_db;
    PGresult *result;
    RowReader row;
    size_t n = 0;
    size_t n_unreadable = 0;

    if (sample->staging != NULL)
        return largeobjects_write_stored(sink, sample->staging->staging_db,
                                         sample->staging->names.qschema, is_clean);
    if (sample->large_objects == NULL || idset_count(sample->large_objects) == 0)
        return 0;
    db_set_context(db, "could not read large objects");
    result = db_query(db, sql_large_objects);
    row = row_reader(result);
    while (row_next(&row))
    {
        CatalogOid oid = row_oid(&row);

        if (!idset_contains(sample->large_objects, oid))
            continue;
        if (!row_bool(&row))
        {
            n_unreadable++;
            continue;
        }
        write_creation(sink, oid, is_clean, n++ == 0);
        write_contents(sink, db, oid);
    }
    PQclear(result);
    db_set_context(db, NULL);
    warn_unreadable(n_unreadable);
    return n;
}

void
largeobjects_create_table(Db *db, const char *qschema)
{
    char *sql = mem_format("CREATE UNLOGGED TABLE %s.resume_large_objects (\n"
                           "    loid pg_catalog.oid,\n"
                           "    place pg_catalog.int8,\n"
                           "    data pg_catalog.bytea\n"
                           ")",
                           qschema);

    db_execute(db, sql);
    free(sql);
}

/*
 * Only lo_lseek64() returns the size of a large object to an ordinary role. The steps are
 * materialized, since a join can memoize what it got for a descriptor of that number.
 */
void
largeobjects_store(Db *db, const char *qschema, const char *numbers)
{
    enum
    {
        INV_READ = 0x40000,
        SEEK_TO_END = 2
    };
    char *literal = db_quote_literal(db, numbers);
    char *sql = mem_format(
        "WITH opened AS MATERIALIZED (\n"
        "       SELECT m.oid, m.is_readable,\n"
        "              CASE WHEN m.is_readable THEN pg_catalog.lo_open(m.oid, %d) END"
        " AS fd\n"
        "         FROM (%s) AS m\n"
        "        WHERE m.oid OPERATOR(pg_catalog.=) ANY (%s::pg_catalog.oid[])),\n"
        "     measured AS MATERIALIZED (\n"
        "       SELECT o.oid, o.is_readable, o.fd,\n"
        "              pg_catalog.lo_lseek64(o.fd, 0, %d) AS size\n"
        "         FROM opened AS o),\n"
        "     closed AS MATERIALIZED (\n"
        "       SELECT m.oid, m.is_readable, m.size, pg_catalog.lo_close(m.fd)\n"
        "         FROM measured AS m)\n"
        "INSERT INTO %s.resume_large_objects (loid, place, data)\n"
        "SELECT c.oid, p.place,\n"
        "       CASE WHEN c.is_readable"
        " THEN pg_catalog.lo_get(c.oid, p.place, %d) END\n"
        "  FROM closed AS c\n"
        "       CROSS JOIN LATERAL pg_catalog.generate_series("
        "0::pg_catalog.int8, GREATEST(c.size OPERATOR(pg_catalog.-) 1, 0),"
        " %d::pg_catalog.int8)"
        " AS p (place)",
        INV_READ, sql_large_objects, literal, SEEK_TO_END, qschema, BYTES_PER_CALL,
        BYTES_PER_CALL);

    db_set_context(db, "could not store large objects");
    db_execute(db, sql);
    db_set_context(db, NULL);
    free(sql);
    PQfreemem(literal);
}

/* What is known while stored chunks are written. */
typedef struct ChunkWriter
{
    Sink *sink;
    bool is_clean;
    bool has_last;
    CatalogOid last_oid;
    long long last_place;
    size_t n;
    size_t n_unreadable;
} ChunkWriter;

/* "oid<tab>place<tab>digits" */
static void
write_stored_chunk(ChunkWriter *writer, char *line)
{
    char *next;
    CatalogOid oid = (CatalogOid)strtoul(line, &next, 10);
    long long place = strtoll(next, &next, 10);
    const char *digits = *next == '\t' ? next + 1 : next;
    bool is_new = !writer->has_last || oid != writer->last_oid;

    /* two batches had the same number */
    if (!is_new && place == writer->last_place)
        return;
    writer->has_last = true;
    writer->last_oid = oid;
    writer->last_place = place;
    if (strcmp(digits, "\\N") == 0)
    {
        writer->n_unreadable++;
        return;
    }
    if (is_new)
        write_creation(writer->sink, oid, writer->is_clean, writer->n++ == 0);
    if (digits[0] != '\0')
        write_chunk(writer->sink, oid, place, digits);
}

size_t
largeobjects_write_stored(Sink *sink, Db *db, const char *qschema, bool is_clean)
{
    /* sorts pointers to the data, not the data */
    char *sql = mem_format("COPY (SELECT l.loid, l.place,"
                           " pg_catalog.encode(l.data, 'hex')\n"
                           "        FROM (SELECT loid, place, data\n"
                           "                FROM %s.resume_large_objects\n"
                           "               ORDER BY loid, place OFFSET 0) AS l)"
                           " TO STDOUT",
                           qschema);
    ChunkWriter writer = {.sink = sink, .is_clean = is_clean};
    char *line;

    db_set_context(db, "could not read the stored large objects");
    db_copy_begin(db, sql);
    while (db_copy_row(db, &line) >= 0)
        write_stored_chunk(&writer, line);
    db_set_context(db, NULL);
    free(sql);
    warn_unreadable(writer.n_unreadable);
    return writer.n;
}
