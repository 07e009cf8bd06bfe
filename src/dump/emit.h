/*
 * The dump itself, put together from the proven sample, the schema and what belongs to
 * both. It restores with psql -X -v ON_ERROR_STOP=1 into an empty database.
 *
 * All of it but the refreshes is one transaction with a seal, so that a dump that was cut
 * off restores nothing: psql takes the end of its input inside of COPY for the end of the
 * data, and psql -1 would then commit. The seal is a temporary table whose first row
 * refers, by a deferred key, to a row that the last statement before COMMIT inserts. A
 * dump that was cut off among the refreshes restores all rows; a view that was not
 * refreshed says so to all who read it.
 */
#ifndef DUMP_EMIT_H
#define DUMP_EMIT_H

#include "base/stringlist.h"
#include "dump/ddl.h"
#include "dump/emit_rows.h"
#include "dump/sink.h"
#include "sample/proof.h"
#include "sample/sample.h"
#include "sample/session.h"

typedef struct EmitOptions
{
    const char *version; /* of this program */
    const char *database;
    const char *server_version;
    const StringList *limits; /* as given, for the header */
    const char *selection;    /* the options that select, for the header, or "" */
    const char *left_out;     /* lines for the header, or "" */
    bool has_schema;          /* not --data-only */
    bool has_data;            /* not --schema-only */
    bool is_clean;            /* it replaces what an earlier dump restored */
    bool has_refreshes;       /* of materialized views */
    const char *restore_path; /* search_path from the rows on, or NULL: an empty one */
    bool is_in_transaction;   /* with BEGIN, seal and COMMIT */
    RowStyle rows;
} EmitOptions;

/*
 * Writes header, body and trailer. toc and ddl are NULL without a schema. The rows of the
 * sample are sorted by it. Dies with EXIT_USAGE when --data-only has no valid order.
 */
void emit_dump(Sink *sink, const EmitOptions *options, Sample *sample, const Proof *proof,
               Session *session, const Toc *toc, const DdlText *ddl);

#endif
