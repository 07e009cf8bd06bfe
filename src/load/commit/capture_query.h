/*
 * The SQL of captured images (capture.h): between the table of images (i), whose columns
 * are those of registry/undo.h, and the target (t). Where a statement is returned, it is
 * without a semicolon and owned by the caller.
 *
 * Rows are found again by the key, which is that of the load. Images are compared as the
 * bytes that are stored, as by the diff.
 *
 * Pure: no server, no output.
 */
#ifndef LOAD_COMMIT_CAPTURE_QUERY_H
#define LOAD_COMMIT_CAPTURE_QUERY_H

#include <stdbool.h>

#include "base/strbuf.h"
#include "load/batch.h"
#include "load/registry/undo.h"

/* Creates the table of images: logged if it stays as the undo table. */
char *capture_query_create(const LoadTable *table);

/*
 * Appends "w1 AS (change RETURNING images), c1 AS (INSERT ... RETURNING 1)" for a change
 * of the target, to follow WITH; c1 has as many rows as the change.
 */
void capture_query_append(PQExpBuffer sql, const LoadTable *table, UndoOp op,
                          const char *change, size_t number);

/*
 * The statements, in their order, that make images of what is in the target by now, for
 * a table with a key; NULL after the last one.
 */
char *capture_query_settle(const LoadTable *table, size_t number);
/* Does that statement affect rows that are not there by now? */
bool capture_query_is_about_lost(size_t number);

/* The texts are SQL. */
typedef struct CaptureAudit
{
    const char *audit_log;
    const char *table_name;
    const char *batch_id;
} CaptureAudit;

/* Inserts the images into the audit. */
char *capture_query_audit(const LoadTable *table, const CaptureAudit *audit);

#endif
