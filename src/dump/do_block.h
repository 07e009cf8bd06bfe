/*
 * Statements that may fail where a dump is restored, wrapped so that nothing else does.
 *
 * Pure: no server, no output.
 */
#ifndef DUMP_DO_BLOCK_H
#define DUMP_DO_BLOCK_H

#include "base/strbuf.h"

/*
 * Appends DO $what$ ... $what$; around a body in PL/pgSQL, which ends with a newline. The
 * tag becomes another one where the body contains it.
 */
void do_block_append(PQExpBuffer out, const char *what, const char *body);

/*
 * The same around one statement of the given length, with or without the newline at its
 * end; conditions are those of EXCEPTION WHEN, joined by OR, and what is done then is one
 * more statement.
 */
void do_block_append_caught(PQExpBuffer out, const char *what, const char *statement,
                            size_t length, const char *conditions, const char *then);

#endif
