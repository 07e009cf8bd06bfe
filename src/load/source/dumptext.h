/*
 * Parses the few statements of a dump that the loader evaluates, just as pg-sample and
 * pg_dump write them: COPY, setval(), SET, and the temporary table of postponed rows.
 * Texts are without the semicolon. Returns false or NULL for any other statement. This is
 * no parser of SQL: a statement that was edited by hand may not be recognized, and then
 * reading the dump fails.
 *
 * Pure: no server, no output.
 */
#ifndef LOAD_SOURCE_DUMPTEXT_H
#define LOAD_SOURCE_DUMPTEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "load/source/names.h"

typedef struct DumpCopy
{
    char *name; /* as in the statement */
    NameList names;
    bool is_postponed;
} DumpCopy;

void dumptext_free(DumpCopy *copy);

/* COPY schema.table ("a", b) FROM stdin */
bool dumptext_read_copy(const char *text, DumpCopy *copy);

/* CREATE TEMPORARY TABLE pg_sample_postponed AS SELECT a, b FROM x.y WITH NO DATA */
bool dumptext_is_postponed(const char *text);
bool dumptext_read_postponed(const char *text, DumpCopy *copy);

/* SELECT pg_catalog.setval('x.y', 1, true): the name, for the caller to free */
char *dumptext_read_setval(const char *text, int64_t *value, bool *is_called);

/* SET name = 'value': the value, for the caller to free */
char *dumptext_read_setting(const char *text, const char *name);

/* "key 0123456789abcdef, lists 1": what a dump says of its masks */
bool dumptext_is_mark(const char *text);

#endif
