#include "dump/largeobjects.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "db/row.h"
#include "db/sql_text.h"

enum
{
    BYTES_PER_CALL = 256 * 1024
};

bool
largeobjects_exist(Session *session)
{
    char *answer =
        db_query_value(session->holder,
                       "SELECT EXISTS (SELECT FROM pg_catalog.pg_largeobject_metadata)");
    bool has_any = answer[0] == 't';

    free(answer);
    return has_any;
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
            sink_format(sink, "SELECT pg_catalog.lo_put(%u, %lld, '%s');\n", oid, offset,
                        bytes);
        free(bytes);
        free(sql);
        if (n < BYTES_PER_CALL)
            return;
    }
}

size_t
largeobjects_write(Sink *sink, const Sample *sample, Session *session, bool is_clean)
{
    Db *db = session->holder;
    PGresult *result;
    RowReader row;
    size_t n = 0;
    size_t n_unreadable = 0;

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
        if (n++ == 0)
            sink_write_string(sink, "\n--\n-- Large objects\n--\n\n");
        if (is_clean)
            sink_format(sink,
                        "SELECT pg_catalog.lo_unlink(m.oid)"
                        " FROM pg_catalog.pg_largeobject_metadata AS m"
                        " WHERE m.oid = %u;\n",
                        oid);
        sink_format(sink, "SELECT pg_catalog.lo_create(%u);\n", oid);
        write_contents(sink, db, oid);
    }
    PQclear(result);
    db_set_context(db, NULL);
    if (n_unreadable > 0)
        log_warning("%zu large objects that sampled rows refer to may not be read; they "
                    "are missing from the dump",
                    n_unreadable);
    return n;
}
