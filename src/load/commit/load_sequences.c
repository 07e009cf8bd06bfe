/*
 * Sequences that columns of the batch use, and those of a dump.
 *
 * They are moved forward before the commit, never back, and stay there if it fails: a
 * number that is not used does no harm, but one that is used twice does. A sequence
 * cannot be moved back later: under concurrent nextval() that would give the same numbers
 * again.
 */
#include "load/commit/commit_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "db/db.h"

enum
{
    FEW = 1000 /* numbers that are drawn one by one: see move_to */
};

/*
 * Moves the sequence to a value that is beyond its own. Between reading the sequence and
 * setval(), another session can draw numbers and pass the value, and setval() would set
 * the sequence back. So if few numbers are missing, they are drawn: nextval() never goes
 * back. For more, which take time to draw, no other session is likely to pass them in
 * that moment. Numbers up to the value are drawn and no more, since the sequence can end
 * there.
 */
static const char move_to[] =
    "SELECT CASE WHEN s.missing OPERATOR(pg_catalog.>) %d\n"
    "            THEN pg_catalog.setval(%s::pg_catalog.regclass, %" PRId64 ")\n"
    "            ELSE (SELECT pg_catalog.max(\n"
    "                           pg_catalog.nextval(%s::pg_catalog.regclass))\n"
    "                    FROM pg_catalog.generate_series(1, s.missing))\n"
    "       END\n"
    "  FROM (SELECT CASE WHEN q.last_value OPERATOR(pg_catalog.>) %" PRId64 " THEN 0\n"
    "                    ELSE (%" PRId64 " OPERATOR(pg_catalog.-) q.last_value)\n"
    "                         OPERATOR(pg_catalog./) p.seqincrement\n"
    "                         OPERATOR(pg_catalog.+) (NOT q.is_called)::pg_catalog.int4\n"
    "               END AS missing\n"
    "          FROM %s AS q\n"
    "               JOIN pg_catalog.pg_sequence AS p\n"
    "                 ON p.seqrelid OPERATOR(pg_catalog.=) %s::pg_catalog.regclass)"
    " AS s\n"
    " WHERE s.missing OPERATOR(pg_catalog.>) 0";

static const char move_down_to[] =
    "SELECT pg_catalog.setval(%s::pg_catalog.regclass, %" PRId64 ")\n"
    "  FROM %s AS q\n"
    " WHERE q.last_value OPERATOR(pg_catalog.>) %" PRId64;

/* Does the role have the privileges to read and move it? */
static bool
is_movable(Db *db, const Sequence *sequence)
{
    char *literal = db_quote_literal(db, sequence->qname);
    char *sql =
        mem_format("SELECT pg_catalog.has_sequence_privilege(q.oid, 'SELECT')\n"
                   "       AND pg_catalog.has_sequence_privilege(q.oid, 'UPDATE')\n"
                   "  FROM (SELECT %s::pg_catalog.regclass::pg_catalog.oid AS oid) AS q",
                   literal);
    char *answer = db_query_value(db, sql);
    bool is_allowed = strcmp(answer, "t") == 0;

    free(answer);
    free(sql);
    PQfreemem(literal);
    return is_allowed;
}

static void
move_sequence(Db *db, const Sequence *sequence, int64_t value)
{
    const char *qname = sequence->qname;
    char *literal;
    char *sql;

    if (value < sequence->minimum || value > sequence->maximum)
        return;
    if (!is_movable(db, sequence))
    {
        log_warning_hint(
            "Its next value might be in use already. Grant SELECT and UPDATE on it.",
            "could not move sequence %s forward to %" PRId64 ": permission denied", qname,
            value);
        return;
    }
    literal = db_quote_literal(db, qname);
    sql = sequence->is_descending ? mem_format(move_down_to, literal, value, qname, value)
                                  : mem_format(move_to, FEW, literal, value, literal,
                                               value, value, qname, literal);
    db_execute(db, sql);
    free(sql);
    PQfreemem(literal);
}

/* The last value that rows will have, in the direction of the sequence; false: none. */
static bool
find_farthest(LoadBatch *batch, const LoadTable *table, const Sequence *sequence,
              int64_t *value)
{
    const Column *column = &table->target->relation->columns[sequence->column];
    bool is_diff = table->apply == APPLY_DIFF && table->diff != NULL;
    char *sql =
        mem_format("SELECT pg_catalog.%s(s.%s)::pg_catalog.int8 FROM %s AS s%s",
                   sequence->is_descending ? "min" : "max", column->qname,
                   is_diff ? table->diff : table->stage,
                   is_diff ? " WHERE s." OP_COLUMN " OPERATOR(pg_catalog.=) ANY ('{I,U}')"
                           : "");
    char *text = db_query_value(batch->db, sql);
    bool is_found = text != NULL;

    if (is_found)
        *value = strtoll(text, NULL, 10);
    free(text);
    free(sql);
    return is_found;
}

static void
advance_to_rows(LoadBatch *batch)
{
    const Catalog *catalog = batch->catalog;

    for (int i = 0; i < catalog->n_sequences; i++)
    {
        const Sequence *sequence = &catalog->sequences[i];
        int64_t value;

        for (int j = 0; j < batch->n_tables; j++)
        {
            const LoadTable *table = &batch->tables[j];

            if (table->target->relation_index == sequence->relation &&
                batch_has_column(table, sequence->column) && table->stage != NULL &&
                find_farthest(batch, table, sequence, &value))
                move_sequence(batch->db, sequence, value);
        }
    }
}

/* Is it of no column, or of one of a table that is loaded? */
static bool
is_concerned(const LoadBatch *batch, const Sequence *sequence)
{
    for (int i = 0; i < batch->n_tables && sequence->relation >= 0; i++)
    {
        if (batch->tables[i].target->relation_index == sequence->relation)
            return true;
    }
    return sequence->relation < 0;
}

static const Sequence *
find_sequence(const LoadBatch *batch, const char *qname)
{
    const Catalog *catalog = batch->catalog;

    for (int i = 0; i < catalog->n_sequences; i++)
    {
        const Sequence *sequence = &catalog->sequences[i];

        if (strcmp(sequence->qname, qname) == 0 && is_concerned(batch, sequence))
            return sequence;
    }
    return NULL;
}

static void
advance_to_dump(LoadBatch *batch)
{
    for (size_t i = 0; i < batch->n_sequences; i++)
    {
        const InputSequence *sequence = &batch->sequences[i];
        const Sequence *found = find_sequence(batch, sequence->name);

        /* a sequence that was never used has no number that could occur twice */
        if (found != NULL && sequence->is_called)
            move_sequence(batch->db, found, sequence->value);
    }
}

void
load_sequences_advance(LoadBatch *batch)
{
    advance_to_rows(batch);
    advance_to_dump(batch);
}
