/*
 * Captures what the commit changes: old and new images of rows, for the audit and undo.
 *
 *     capture_begin   creates a table of images for each table that will change
 *     apply_changes   each change inserts its images there, in the same statement
 *     capture_end     images are compared with the rows, and become
 *                       rows of audit_log
 *                       an undo table, and its row in the table undo (registry/undo.h)
 *
 * An old image is the row as it was locked, a new one what RETURNING has: BEFORE triggers
 * are in it. Whatever writes the row again until the end of the transaction, an AFTER
 * trigger, a deferred one or a foreign key, is found by the server's own count of the
 * rows that the transaction has written: if it is that of the load, nothing else has.
 * Then no row is read again, and otherwise all images are compared with the rows.
 *
 * The audit is made from the images, since the same JSON made in the changes would have
 * to be corrected in a table that may have the changes of years.
 */
#ifndef LOAD_COMMIT_CAPTURE_H
#define LOAD_COMMIT_CAPTURE_H

#include "load/commit/attempt.h"

/* After the rows are locked, before they change. */
bool capture_begin(Attempt *attempt) __attribute__((warn_unused_result));

/* After all changes and deferred triggers. */
bool capture_end(Attempt *attempt) __attribute__((warn_unused_result));

#endif
