/*
 * Finds many bad lines at once. COPY names one and ends, so that bad lines that are close
 * to each other cost several statements each. A probe sends lines to a temporary table of
 * texts instead, and a function there makes the calls of input functions that COPY would
 * make, catching what they raise: code and message are those that COPY would have given.
 *
 * Nothing of it stays, and nothing depends on it: lines that no probe found bad still go
 * through COPY, and where a probe is not possible (it needs the privilege TEMPORARY and
 * PL/pgSQL), COPY finds one line after the other.
 */
#ifndef LOAD_STAGE_STAGE_PROBE_H
#define LOAD_STAGE_STAGE_PROBE_H

#include <stdbool.h>
#include <stddef.h>

typedef struct StageCopy StageCopy; /* load/stage/stage_internal.h */
typedef struct pg_result PGresult;  /* libpq-fe.h */

typedef struct StageVerdict
{
    size_t line;
    int column;           /* of the staging table, or -1 */
    const char *sqlstate; /* NULL, as long as the probe lasts: COPY has to tell */
    const char *reason;
} StageVerdict;

typedef enum ProbeKind
{
    PROBE_BYTES,  /* are they valid in the encoding? */
    PROBE_VALUES, /* does each column take its value? */
    N_PROBE_KINDS
} ProbeKind;

/* The temporary table, and the function. */
#define PROBE_NAME "pg_sample_load_probe"

/* What is known of the lines that are being sent. */
typedef struct StageProbe
{
    StageVerdict *verdicts; /* ordered by line */
    size_t n_verdicts;
    size_t capacity;
    PGresult *results[N_PROBE_KINDS]; /* where the texts are */
    char *create[N_PROBE_KINDS];      /* SQL; "" where there is nothing to find */
    size_t end;                       /* lines before this one need no probe */
    size_t size;                      /* lines of the next probe; 0: COPY will do */
    size_t first_failure;             /* since when failures are counted */
    size_t n_failures;
    size_t n_vain;      /* probes, one after the other, that were not worth it */
    bool has_bad_bytes; /* such lines were found */
    bool is_off;
} StageProbe;

void stage_probe_free(StageProbe *probe);

/* Other lines are going to be sent. */
void stage_probe_reset(StageProbe *probe);

/* A COPY failed at the line. */
void stage_probe_count_failure(StageProbe *probe, size_t line, const char *sqlstate);

/* Probes lines before "to" if that is worth it. Returns how many, from "from" on. */
size_t stage_probe_ahead(StageCopy *copy, size_t from, size_t to);

/* How many of the lines are known to be bad, and the first of them. */
size_t stage_probe_count(const StageProbe *probe, size_t from, size_t to,
                         const StageVerdict **first);

/* Sends the others, as data of COPY. */
void stage_probe_send_others(const StageCopy *copy, size_t from, size_t to);

/* Which line is that number (from 1) of those that were sent. */
size_t stage_probe_find_sent(const StageProbe *probe, size_t from, size_t number);

/* ---- stage_probe_create.c */

/* SQL that makes table and function; "" where lines of the kind cannot be bad. */
char *stage_probe_create(const StageCopy *copy, ProbeKind kind);
/* The encoding of the lines, as a literal; released by PQfreemem(). */
char *stage_probe_create_quote_encoding(const StageCopy *copy);

#endif
