#include <inttypes.h>

#include "base/die.h"
#include "db/db.h"
#include "db/sqlstate.h"
#include "load/direct/direct_internal.h"

void
direct_error_die(const DirectRows *rows, size_t first, size_t end, const PGresult *result,
                 const char *reason)
{
    const uint64_t *records = rows->lines->records;
    int64_t first_record = batch_get_record_number((int64_t)records[first]);
    int64_t last_record = batch_get_record_number((int64_t)records[end - 1]);
    const char *text = reason;
    Diag diag = {0};

    if (result != NULL)
    {
        text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
        diag.detail = db_error_detail(rows->batch->db, result);
    }
    if (text == NULL)
        text = result != NULL ? PQresultErrorMessage(result) : "";
    if (end - first == 1)
        diag_set_message(&diag, "%s, record %" PRId64 ": %s", rows->source, first_record,
                         text);
    else
        diag_set_message(&diag, "%s, records %" PRId64 " to %" PRId64 ": %s",
                         rows->source, first_record, last_record, text);
    diag_set_hint(&diag, "Nothing was loaded. Rows can be rejected with --max-errors "
                         "only if staging tables are used.");
    die(result != NULL && sqlstate_is(result, SQLSTATE_LOCK_NOT_AVAILABLE) ? EXIT_LOCKED
                                                                           : EXIT_SERVER,
        &diag);
}
