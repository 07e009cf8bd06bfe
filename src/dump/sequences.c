#include "dump/sequences.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "db/row.h"
#include "dump/do_block.h"

enum
{
    SEQUENCES_PER_QUERY = 200
};

/* What is known of one sequence. */
typedef struct SequenceValue
{
    bool is_read; /* the source has given the two below */
    int64_t last_value;
    bool is_called;
    bool has_sampled; /* rows of the sample hold drawn values up to this one */
    int64_t sampled;
} SequenceValue;

/* Without a schema in the dump: those of tables that are in it. */
static bool
is_wanted(const Plan *plan, const Sequence *sequence, const Toc *toc)
{
    if (sequence->extension != 0)
        return sequence->is_configuration &&
               (toc == NULL ||
                toc_is_kept(toc, CATALOG_PG_EXTENSION, sequence->extension));
    if (toc != NULL)
        return toc_is_kept(toc, CATALOG_PG_CLASS, sequence->oid);
    if (sequence->relation < 0)
        return !plan->has_selection;
    return plan->tables[sequence->relation].is_selected ||
           plan->tables[sequence->relation].is_needed;
}

static void
note_sequence_values(const PGresult *result, SequenceValue *values)
{
    RowReader row = row_reader(result);

    while (row_next(&row))
    {
        SequenceValue *value = &values[row_int(&row)];

        value->is_read = true;
        value->last_value = row_int64(&row);
        value->is_called = row_bool(&row);
    }
}

/*
 * Sequences are not locked, and one that was dropped since the snapshot cannot be read.
 * Leaves the positions of those that are there, and returns how many these are.
 */
static int
choose_existing(Session *session, const Catalog *catalog, int *positions, int n)
{
    PQExpBufferData sql;
    PGresult *result;
    RowReader row;
    int n_existing = 0;

    initPQExpBuffer(&sql);
    appendPQExpBufferStr(&sql, "SELECT w.position\n  FROM (VALUES ");
    for (int i = 0; i < n; i++)
    {
        const Sequence *sequence = &catalog->sequences[positions[i]];

        appendPQExpBuffer(&sql, "%s(%d, %u, ", i == 0 ? "" : ",\n       ", positions[i],
                          sequence->oid);
        copytext_append_string(&sql, sequence->qname, strlen(sequence->qname));
        appendPQExpBufferChar(&sql, ')');
    }
    appendPQExpBufferStr(&sql, ") AS w (position, oid, name)\n"
                               " WHERE pg_catalog.to_regclass(w.name)::pg_catalog.oid"
                               " OPERATOR(pg_catalog.=) w.oid::pg_catalog.oid\n"
                               " ORDER BY w.position");
    result = answers_query_on(session->answers, session->rows.db, sql.data);
    row = row_reader(result);
    while (row_next(&row))
        positions[n_existing++] = row_int(&row);
    PQclear(result);
    termPQExpBuffer(&sql);
    return n_existing;
}

/* Sequences are not part of any snapshot, so they are read when everything else is. */
static void
read_sequence_values(Session *session, const Catalog *catalog, int *positions, int n,
                     SequenceValue *values)
{
    Db *db = session->rows.db;
    PQExpBufferData sql;
    PGresult *result;

    initPQExpBuffer(&sql);
    db_set_context(db, "could not read the values of sequences");
    n = choose_existing(session, catalog, positions, n);
    for (int i = 0; i < n; i++)
        appendPQExpBuffer(&sql, "%sSELECT %d, last_value, is_called FROM %s\n",
                          i == 0 ? "" : "UNION ALL ", positions[i],
                          catalog->sequences[positions[i]].qname);
    result = n > 0 ? answers_query_on(session->answers, db, sql.data) : NULL;
    db_set_context(db, NULL);
    if (result != NULL && values != NULL)
        note_sequence_values(result, values);
    PQclear(result);
    termPQExpBuffer(&sql);
}

/* Reads the sequences that are wanted (NULL: all). */
static void
read_sequences(Session *session, const Catalog *catalog, const bool *is_read,
               SequenceValue *values)
{
    int positions[SEQUENCES_PER_QUERY];
    int n = 0;

    for (int i = 0; i < catalog->n_sequences; i++)
    {
        const Sequence *sequence = &catalog->sequences[i];

        /* a sequence of several columns has several entries; its first one is read */
        if (sequence->is_readable && (is_read == NULL || is_read[i]) &&
            (i == 0 || catalog->sequences[i - 1].oid != sequence->oid))
            positions[n++] = i;
        if (n == SEQUENCES_PER_QUERY || (n > 0 && i == catalog->n_sequences - 1))
        {
            read_sequence_values(session, catalog, positions, n, values);
            n = 0;
        }
    }
}

void
sequences_ask(Session *session)
{
    read_sequences(session, session->catalog, NULL, NULL);
}

/* The furthest value among the columns that draw from the sequence. */
static void
note_sampled(SequenceValue *value, const Sample *sample, const Sequence *sequence)
{
    const SampleTable *table;
    int64_t sampled;

    if (sequence->relation < 0)
        return;
    table = &sample->tables[sequence->relation];
    if (!table->has_sequence || !table->has_value[sequence->column])
        return;
    sampled = table->last_values[sequence->column];
    if (!value->has_sampled ||
        (sequence->is_descending ? sampled < value->sampled : sampled > value->sampled))
        value->sampled = sampled;
    value->has_sampled = true;
}

static bool
is_behind(const SequenceValue *value, const Sequence *sequence)
{
    if (!value->has_sampled)
        return false;
    return sequence->is_descending ? value->sampled < value->last_value
                                   : value->sampled > value->last_value;
}

/* The role that restores can lack privileges on a sequence of an extension. */
static void
write_setval(Sink *sink, const Sequence *sequence, const SequenceValue *value,
             bool keeps_further)
{
    PQExpBufferData call;
    PQExpBufferData block;

    initPQExpBuffer(&call);
    initPQExpBuffer(&block);
    appendPQExpBuffer(&call, "%s pg_catalog.setval(",
                      sequence->extension != 0 ? "PERFORM" : "SELECT");
    copytext_append_string(&call, sequence->qname, strlen(sequence->qname));
    appendPQExpBuffer(&call, ", %" PRId64 ", %s)", value->last_value,
                      value->is_called ? "true" : "false");
    if (keeps_further)
        appendPQExpBuffer(&call,
                          " FROM %s AS s WHERE NOT (s.is_called"
                          " AND s.last_value %s %" PRId64 ")",
                          sequence->qname,
                          sequence->is_descending ? "OPERATOR(pg_catalog.<)"
                                                  : "OPERATOR(pg_catalog.>)",
                          value->last_value);
    appendPQExpBufferStr(&call, ";\n");
    if (sequence->extension != 0)
        do_block_append_caught(&block, "setval", call.data, call.len,
                               "insufficient_privilege", "RAISE WARNING '%', SQLERRM");
    sink_write_string(sink, sequence->extension != 0 ? block.data : call.data);
    termPQExpBuffer(&call);
    termPQExpBuffer(&block);
}

static void
write_value(Sink *sink, const Sequence *sequence, SequenceValue *value,
            bool keeps_further)
{
    if (!value->is_read)
    {
        log_warning("sequence %s cannot be read; it continues after %s", sequence->qname,
                    value->has_sampled ? "the sampled values" : "its start");
        value->last_value = value->has_sampled ? value->sampled : sequence->start;
        value->is_called = value->has_sampled;
    }
    else if (is_behind(value, sequence))
    {
        value->last_value = value->sampled;
        value->is_called = true;
    }
    else if (value->has_sampled && value->sampled == value->last_value)
        value->is_called = true;
    write_setval(sink, sequence, value, keeps_further);
}

void
sequences_write(Sink *sink, const Sample *sample, Session *session, const Toc *toc,
                bool keeps_further)
{
    const Plan *plan = sample->plan;
    const Catalog *catalog = plan->catalog;
    SequenceValue *values =
        mem_alloc_zero((size_t)catalog->n_sequences, sizeof(SequenceValue));
    bool *is_read = mem_alloc_zero((size_t)catalog->n_sequences, sizeof(bool));
    const char *space = "\n"; /* before the first one that is written */

    for (int i = 0; i < catalog->n_sequences; i++)
        is_read[i] = answers_are_kept(session->answers) ||
                     is_wanted(plan, &catalog->sequences[i], toc);
    read_sequences(session, catalog, is_read, values);
    free(is_read);
    for (int i = 0; i < catalog->n_sequences;)
    {
        const Sequence *sequence = &catalog->sequences[i];
        SequenceValue *value = &values[i];

        for (; i < catalog->n_sequences && catalog->sequences[i].oid == sequence->oid;
             i++)
            note_sampled(value, sample, &catalog->sequences[i]);
        if (!is_wanted(plan, sequence, toc))
            continue;
        sink_write_string(sink, space);
        space = "";
        write_value(sink, sequence, value, keeps_further);
    }
    free(values);
}
