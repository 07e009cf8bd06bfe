/*
 * Marks: how rows are masked. A dump of pg-sample has one, "key 01ef, lists 1" if it is
 * masked, and else "unmasked"; other sources have none. Rows with different marks must
 * not meet: one person would be two, and a masked key can be that of somebody else.
 *
 * The table run has for each run and table which marks its rows have then, joined by
 * MARK_AND, since they stay together once they were allowed to meet:
 *
 *     before        the load      rows before         afterwards
 *     (nothing)     key a         none                key a
 *     key a         key a         any                 key a
 *     key a         key b         some: refused       key a and key b, if allowed
 *     key a         key b         none, or replaced   key b
 *     (nothing)     key a         some: refused       key a, if allowed
 *     key a         no mark       any                 key a
 *
 * Where nothing is recorded but there are rows, they are somebody's own, or were restored
 * by psql: what they are is not known, and masked rows are not added to them unasked.
 * Tables that foreign keys connect with the loaded ones are looked at as well, since
 * their keys are masked alike.
 */
#include "load/registry/registry_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/copytext.h"
#include "base/die.h"
#include "base/mem.h"
#include "db/db.h"
#include "db/row.h"
#include "db/sql_text.h"

#define MARK_AND " and "
#define MARK_UNKNOWN "unknown" /* rows of other sources have replaced those with marks */

/* What is recorded of a table. */
typedef struct RecordedMark
{
    const char *table; /* as in the table run */
    const char *mark;
} RecordedMark;

typedef struct RecordedMarks
{
    RecordedMark *items;
    int n_items;
} RecordedMarks;

/* ---- marks */

static bool
is_masked_mark(const char *mark)
{
    return mark != NULL && strcmp(mark, INPUT_UNMASKED) != 0;
}

/* Is the mark one of these? They can be NULL. */
static bool
has_mark(const char *marks, const char *mark)
{
    size_t length = strlen(mark);

    while (marks != NULL)
    {
        const char *end = strstr(marks, MARK_AND);

        if (strncmp(marks, mark, length) == 0 &&
            (end != NULL ? end == marks + length : marks[length] == '\0'))
            return true;
        marks = end != NULL ? end + strlen(MARK_AND) : NULL;
    }
    return false;
}

/* "masked with key a", "unmasked"; owned by the caller. */
static char *
describe_mark(const char *marks)
{
    if (marks == NULL)
        return mem_copy_string("not known to be masked");
    if (strstr(marks, MARK_AND) != NULL)
        return mem_format("masked in several ways (%s)", marks);
    return is_masked_mark(marks) ? mem_format("masked with %s", marks)
                                 : mem_copy_string(INPUT_UNMASKED);
}

/* ---- what is recorded */

char *
marks_format_query(const LoadBatch *batch)
{
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    appendPQExpBuffer(&sql, "WITH run AS (SELECT r.* FROM %s.run AS r WHERE r.run_id",
                      batch->schema);
    appendPQExpBufferStr(&sql, " OPERATOR(pg_catalog.<>) ");
    copytext_append_string(&sql, batch->run_id, strlen(batch->run_id));
    appendPQExpBufferStr(&sql, ")\n");
    appendPQExpBufferStr(&sql, sql_load_marks);
    return sql.data;
}

static const RecordedMarks *
read_marks(const LoadBatch *batch, PGresult *result)
{
    RecordedMarks *marks = arena_alloc(batch->arena, sizeof(*marks));
    RowReader row = row_reader(result);

    marks->n_items = 0;
    marks->items = ARENA_ARRAY(batch->arena, PQntuples(result), RecordedMark);
    while (row_next(&row))
    {
        RecordedMark *item = &marks->items[marks->n_items++];

        item->table = arena_copy_string(batch->arena, row_text(&row));
        item->mark = arena_copy_string(batch->arena, row_text(&row));
        if (strcmp(item->mark, MARK_UNKNOWN) == 0)
            item->mark = NULL;
    }
    return marks;
}

static const RecordedMarks *
ask_marks(const LoadBatch *batch)
{
    static const RecordedMarks none;
    const RecordedMarks *marks;
    PGresult *result;
    char *sql;

    if (batch->schema == NULL || !batch->has_origins)
        return &none;
    sql = marks_format_query(batch);
    result = db_query(batch->db, sql);
    free(sql);
    marks = read_marks(batch, result);
    PQclear(result);
    return marks;
}

/* Or NULL: nothing is known. */
static const char *
find_recorded(const RecordedMarks *marks, const char *qname)
{
    for (int i = 0; i < marks->n_items; i++)
    {
        if (strcmp(marks->items[i].table, qname) == 0)
            return marks->items[i].mark;
    }
    return NULL;
}

/* ---- rows that are there */

static bool
has_rows(const LoadBatch *batch, const char *rows)
{
    char *sql = mem_format("SELECT EXISTS (SELECT FROM %s AS t)", rows);
    char *answer = db_query_value(batch->db, sql);
    bool has_any = answer[0] == 't';

    free(answer);
    free(sql);
    return has_any;
}

/* Rows that the role cannot see may be there. */
static bool
can_have_rows(const LoadBatch *batch, const Relation *relation)
{
    char *sql = mem_format("SELECT pg_catalog.row_security_active('%u'::pg_catalog.oid)",
                           relation->oid);
    char *is_hidden = relation->is_readable ? db_query_value(batch->db, sql) : NULL;
    char *rows =
        mem_format("%s%s", relation->is_partitioned ? "" : "ONLY ", relation->qname);
    bool has_any = is_hidden == NULL || is_hidden[0] == 't' || has_rows(batch, rows);

    free(rows);
    free(is_hidden);
    free(sql);
    return has_any;
}

void
marks_look(LoadBatch *batch, LoadTable *table)
{
    if (batch->marks == NULL)
        batch->marks = ask_marks(batch);
    table->old_mark = find_recorded(batch->marks, table->qname);
    if (is_masked_mark(table->mark) || table->old_mark != NULL)
        table->has_old_rows = !table->target->may_select || has_rows(batch, table->rows);
}

/* Does no old row remain? */
static bool
is_replaced(const LoadTable *table)
{
    return table->settings->mode == MODE_FULL && table->apply != APPLY_DIFF;
}

static bool
keeps_old_rows(const LoadTable *table)
{
    return table->has_old_rows && !is_replaced(table);
}

/* ---- the check */

/* Must rows with the mark not meet rows with these? */
static bool
is_mixture(const char *mark, const char *marks)
{
    return marks != NULL ? !has_mark(marks, mark) : is_masked_mark(mark);
}

/* Rows of the other table, or old ones of the table itself. */
static void
add_mixture(Findings *findings, const LoadTable *table, const char *other,
            const char *marks)
{
    static const char hint[] =
        "Load into empty tables, or replace all rows with --mode=full --apply=truncate. "
        "--allow-mixed-masks loads them nevertheless.";
    char *old = describe_mark(marks);
    char *new = describe_mark(table->mark);

    if (other == NULL)
        findings_add(findings, hint, "%s: its rows are %s, but those to be loaded are %s",
                     table->name, old, new);
    else
        findings_add(findings, hint,
                     "%s: rows to be loaded are %s, but those of %s, which a foreign key "
                     "connects with them, are %s",
                     table->name, new, other, old);
    free(old);
    free(new);
}

/* Are there rows with the same mark already? Then others were allowed to meet them. */
static bool
has_met(const LoadTable *table)
{
    return table->has_old_rows && has_mark(table->old_mark, table->mark);
}

/* The table of the batch whose new rows a key connects with the relation; or NULL. */
static const LoadTable *
find_partner(const LoadBatch *batch, const ForeignKey *key, int other)
{
    const LoadTable *partner = NULL;

    if (key->referencing == key->referenced)
        return NULL;
    if (key->referencing == other)
        partner = batch_find_table(batch, key->referenced);
    else if (key->referenced == other)
        partner = batch_find_table(batch, key->referencing);
    if (partner == NULL || partner->mark == NULL || has_met(partner))
        return NULL;
    return partner;
}

/* Has the relation rows that the load keeps? Asked only where it matters. */
static bool
has_other_rows(const LoadBatch *batch, int relation)
{
    const LoadTable *table = batch_find_table(batch, relation);

    if (table != NULL && is_replaced(table))
        return false;
    return can_have_rows(batch, &batch->catalog->relations[relation]);
}

/*
 * The table of the batch whose rows a foreign key connects with those of the relation,
 * which gets no rows with a mark; NULL: there is none that must not meet these.
 */
static const LoadTable *
find_mixed(const LoadBatch *batch, int relation, const char *marks)
{
    const Catalog *catalog = batch->catalog;
    const LoadTable *own = batch_find_table(batch, relation);

    if (own != NULL && own->mark != NULL)
        return NULL;
    for (int i = 0; i < catalog->n_foreign_keys; i++)
    {
        const LoadTable *partner =
            find_partner(batch, &catalog->foreign_keys[i], relation);

        if (partner != NULL && is_mixture(partner->mark, marks))
            return partner;
    }
    return NULL;
}

static void
check_connected(const LoadBatch *batch, int relation, Findings *findings)
{
    const char *qname = batch->catalog->relations[relation].qname;
    const char *marks = find_recorded(batch->marks, qname);
    const LoadTable *table = find_mixed(batch, relation, marks);

    if (table != NULL && has_other_rows(batch, relation))
        add_mixture(findings, table, qname, marks);
}

/* Two tables of the batch that get rows with different marks. */
static void
check_together(const LoadBatch *batch, Findings *findings)
{
    const LoadTable *first = NULL;

    for (int i = 0; i < batch->n_tables; i++)
    {
        const LoadTable *table = &batch->tables[i];

        if (table->mark == NULL)
            continue;
        if (first == NULL)
            first = table;
        else if (strcmp(first->mark, table->mark) != 0)
            add_mixture(findings, first, table->name, table->mark);
    }
}

void
marks_check(const LoadBatch *batch, Findings *findings)
{
    if (batch->marks == NULL || batch->settings->allow_mixed_masks)
        return;
    check_together(batch, findings);
    for (int i = 0; i < batch->n_tables; i++)
    {
        const LoadTable *table = &batch->tables[i];

        if (table->mark != NULL && keeps_old_rows(table) &&
            is_mixture(table->mark, table->old_mark))
            add_mixture(findings, table, NULL, table->old_mark);
    }
    for (int i = 0; i < batch->catalog->n_relations; i++)
        check_connected(batch, i, findings);
}

/* ---- the row of the run */

/* NULL: nothing changes. */
static char *
format_new_marks(const LoadTable *table)
{
    if (table->mark == NULL)
        return is_replaced(table) ? mem_copy_string(MARK_UNKNOWN) : NULL;
    if (!keeps_old_rows(table) || table->old_mark == NULL)
        return mem_copy_string(table->mark);
    return has_mark(table->old_mark, table->mark)
               ? mem_copy_string(table->old_mark)
               : mem_format("%s" MARK_AND "%s", table->old_mark, table->mark);
}

void
marks_append(PQExpBuffer sql, const LoadBatch *batch)
{
    if (!batch->has_origins)
        return;
    appendPQExpBufferStr(sql, ", ARRAY[");
    for (int i = 0; i < batch->n_tables; i++)
    {
        char *marks = format_new_marks(&batch->tables[i]);

        appendPQExpBufferStr(sql, i > 0 ? ", " : "");
        if (marks != NULL)
            copytext_append_string(sql, marks, strlen(marks));
        else
            appendPQExpBufferStr(sql, "NULL");
        free(marks);
    }
    appendPQExpBufferStr(sql, "]::pg_catalog.text[]");
}

static bool
is_same_mark(const char *one, const char *other)
{
    return one == NULL ? other == NULL : other != NULL && strcmp(one, other) == 0;
}

/* Was something recorded of the table since, other than what this run records? */
static bool
has_moved(const LoadTable *table, const char *marks)
{
    char *new = format_new_marks(table);
    bool is_moved = !is_same_mark(marks, table->old_mark) && !is_same_mark(marks, new);

    free(new);
    return is_moved;
}

bool
marks_have_changed(const LoadBatch *batch, PGresult *result)
{
    const RecordedMarks *now = read_marks(batch, result);

    for (int i = 0; i < batch->catalog->n_relations; i++)
    {
        const char *qname = batch->catalog->relations[i].qname;
        const char *marks = find_recorded(now, qname);
        const LoadTable *table = batch_find_table(batch, i);

        if (table != NULL && table->mark != NULL && has_moved(table, marks))
            return true;
        if (!batch->settings->allow_mixed_masks &&
            !is_same_mark(marks, find_recorded(batch->marks, qname)) &&
            find_mixed(batch, i, marks) != NULL)
            return true;
    }
    return false;
}

bool
marks_are_masked(const LoadBatch *batch)
{
    for (int i = 0; i < batch->n_tables; i++)
    {
        if (is_masked_mark(batch->tables[i].mark))
            return true;
    }
    return false;
}

/* ---- --status */

/* The table run in SQL, owned by the caller; NULL: there is none that has marks. */
static char *
find_runs(Db *db, const char *schema_name)
{
    Diag diag = {0};

    if (registry_trust(db, schema_name, "{run}", NULL, &diag) == TRUST_FOREIGN)
        die(EXIT_SERVER, &diag);
    return db_query_take_value(db_query_params(
        db,
        "SELECT (SELECT a.attrelid::pg_catalog.regclass\n"
        "          FROM pg_catalog.pg_attribute AS a\n"
        "         WHERE a.attrelid OPERATOR(pg_catalog.=) pg_catalog.to_regclass(\n"
        "                 pg_catalog.quote_ident($1::pg_catalog.text)"
        " OPERATOR(pg_catalog.||) '.run')\n"
        "           AND a.attname OPERATOR(pg_catalog.=) 'marks'\n"
        "           AND NOT a.attisdropped)",
        1, &schema_name));
}

PGresult *
marks_list(Db *db, const char *schema_name)
{
    char *runs = find_runs(db, schema_name);
    char *sql;
    PGresult *result;

    if (runs == NULL)
        return NULL;
    sql = mem_format("WITH run AS (SELECT r.* FROM %s AS r)\n%s", runs, sql_load_marks);
    result = db_query(db, sql);
    free(sql);
    free(runs);
    return result;
}
