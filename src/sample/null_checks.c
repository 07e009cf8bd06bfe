#include "sample/null_checks.h"

#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/mem.h"
#include "model/ignored.h"
#include "model/query_set_null.h"
#include "sample/direct/set_null.h"
#include "sample/fetch.h"
#include "sample/masked/mask_hide.h"
#include "sample/row_ids.h"
#include "sample/rowline.h"
#include "sample/staging/staging.h"

enum
{
    MAX_KEYS = 64,       /* bits in SetNullRow.keys */
    FIELDS_OF_ROW_ID = 2 /* in a line of query_set_null_row_ids() */
};

/* A row, and a bit for each key in graph->ignored_of that has no row in the sample. */
typedef struct SetNullRow
{
    RowId id;
    uint64_t keys;
} SetNullRow;

typedef struct Checking
{
    Sample *sample;
    Session *session;
    int relation;
    const RowLayout *layout;
    SetNullRow *rows; /* FETCH_MAX_KEYS of them */
    size_t n_rows;
    RowId *ids; /* scratch for as many */
} Checking;

/* Does the constraint see a column that the keys set to NULL? */
static bool
concerns(const Checking *checking, const CheckConstraint *check, uint64_t keys)
{
    int n = checking->sample->graph->ignored_of[checking->relation].n_items;

    for (int i = 0; i < n; i++)
    {
        if ((keys >> i & 1) != 0 &&
            ignored_concerns(graph_get_ignored(checking->sample->graph,
                                               checking->relation, i),
                             check))
            return true;
    }
    return false;
}

static _Noreturn void
die_violated(const Checking *checking, const CheckConstraint *check, uint64_t keys,
             const char *row)
{
    const Relation *relation = checking->layout->relation;
    const char *names = "";
    Diag diag = {0};

    if (mask_hide_concerns(checking->sample->plan, checking->relation, relation->key,
                           relation->n_key))
        row = "?";
    for (int i = 0; i < checking->sample->graph->ignored_of[checking->relation].n_items;
         i++)
    {
        const GraphKey *ignored =
            graph_get_ignored(checking->sample->graph, checking->relation, i);

        if ((keys >> i & 1) != 0 && ignored_concerns(ignored, check))
            names = ignored->foreign_key->qname;
    }
    diag_set_message(&diag, "rows of table %s would violate CHECK constraint %s",
                     check->table_qname, check->qname);
    diag_set_detail(
        &diag,
        "Foreign key %s is ignored and its columns become NULL, for example in "
        "the row with %s (%s).",
        names, relation->n_key > 0 ? "key" : "ctid", row);
    diag_set_hint(&diag, "Remove the foreign key from --ignore-fk, or exclude such "
                         "rows by a condition in --limit.");
    die(EXIT_INCONSISTENT, &diag);
}

static void
mark_null_columns(const Checking *checking, uint64_t keys, bool *is_set_null)
{
    int n = checking->sample->graph->ignored_of[checking->relation].n_items;

    for (int i = 0; i < n; i++)
    {
        const GraphKey *ignored =
            graph_get_ignored(checking->sample->graph, checking->relation, i);

        for (int j = 0; (keys >> i & 1) != 0 && j < ignored->n_set_null; j++)
            is_set_null[ignored->set_null[j]] = true;
    }
}

/* In the rows with the ids, all in one leaf, the same columns become NULL. */
static void
check_rows_with_null(const Checking *checking, const CheckConstraint *check,
                     uint64_t keys, size_t n)
{
    const Relation *relation = checking->layout->relation;
    bool *is_set_null = mem_alloc_zero((size_t)relation->n_columns, sizeof(*is_set_null));
    Db *db = session_get_reader(checking->session, relation);
    PQExpBufferData sql;
    PGresult *result;

    mark_null_columns(checking, keys, is_set_null);
    initPQExpBuffer(&sql);
    query_set_null_check(&sql, checking->layout, check, is_set_null, checking->ids, n);
    db_set_context(db, "could not evaluate CHECK constraint %s of table %s", check->qname,
                   check->table_qname);
    result = db_query(db, sql.data);
    if (PQntuples(result) > 0)
        die_violated(checking, check, keys, PQgetvalue(result, 0, 0));
    db_set_context(db, NULL);
    PQclear(result);
    termPQExpBuffer(&sql);
    free(is_set_null);
}

static int
compare_set_null_rows(const void *left, const void *right)
{
    const SetNullRow *a = left;
    const SetNullRow *b = right;

    if (a->keys != b->keys)
        return (a->keys > b->keys) - (a->keys < b->keys);
    return rowid_compare(&a->id, &b->id);
}

/* How many rows from the first one are in its leaf and lack the same rows. */
static size_t
count_alike(const SetNullRow *rows, size_t n)
{
    size_t alike = 1;

    while (alike < n && rows[alike].keys == rows[0].keys &&
           rowid_leaf(rows[alike].id) == rowid_leaf(rows[0].id))
        alike++;
    return alike;
}

static void
flush(Checking *checking)
{
    const Catalog *catalog = checking->sample->plan->catalog;

    if (checking->n_rows > 0)
        qsort(checking->rows, checking->n_rows, sizeof(SetNullRow),
              compare_set_null_rows);
    for (size_t i = 0; i < checking->n_rows;)
    {
        const SetNullRow *first = &checking->rows[i];
        size_t n = count_alike(first, checking->n_rows - i);
        int leaf = rowid_leaf(first->id);

        for (size_t j = 0; j < n; j++)
            checking->ids[j] = first[j].id;
        for (int j = 0; j < catalog->n_checks; j++)
        {
            const CheckConstraint *check = &catalog->checks[j];

            if (check->relation == checking->relation && leaf >= check->first_leaf &&
                leaf < check->first_leaf + check->n_leaves &&
                concerns(checking, check, first->keys))
                check_rows_with_null(checking, check, first->keys, n);
        }
        i += n;
    }
    checking->n_rows = 0;
}

static void
add_set_null_row(Checking *checking, RowId id, uint64_t keys)
{
    checking->rows[checking->n_rows++] = (SetNullRow){.id = id, .keys = keys};
    if (checking->n_rows == FETCH_MAX_KEYS)
        flush(checking);
}

static void
add_kept_rows(Checking *checking)
{
    Sample *sample = checking->sample;
    const RowStore *rows = sample->tables[checking->relation].rows;
    int n_keys = sample->graph->ignored_of[checking->relation].n_items;

    for (size_t i = 0; i < rowstore_count(rows); i++)
    {
        size_t length;
        const char *line = rowstore_get(rows, i, &length);
        uint64_t keys = 0;
        RowId id;

        rowline_split(checking->layout, line, length, sample->fields);
        id = rowline_get_row_id(checking->layout, sample->fields);
        for (int j = 0; j < n_keys; j++)
        {
            if (set_null_find(sample, checking->layout, id, j) == SET_NULL_MISSING)
                keys |= (uint64_t)1 << j;
        }
        if (keys != 0)
            add_set_null_row(checking, id, keys);
    }
}

static void
add_staged_rows(Checking *checking)
{
    Staging *staging = checking->sample->staging;
    const Relation *relation = checking->layout->relation;
    PQExpBufferData sql;
    char *line;
    ssize_t length;

    initPQExpBuffer(&sql);
    query_set_null_row_ids(&sql, &staging->names, staging->graph, checking->relation);
    db_copy_begin(staging->staging_db, sql.data);
    while ((length = db_copy_row(staging->staging_db, &line)) >= 0)
    {
        CopyLine rest = copytext_line(line, (size_t)length);
        CopyField field = {0};
        uint64_t keys = 0;

        for (int i = 0; i < FIELDS_OF_ROW_ID; i++)
            (void)copytext_next_field(&rest, &field);
        length = field.text + field.length - line;
        for (int i = 0; copytext_next_field(&rest, &field); i++)
            keys |= field.text[0] == 't' ? (uint64_t)1 << i : 0;
        add_set_null_row(checking, row_ids_parse(relation, line, (size_t)length), keys);
    }
    termPQExpBuffer(&sql);
}

/* Is there a constraint that may be broken? */
static bool
is_checked(const Sample *sample, int relation)
{
    const FkGraph *graph = sample->graph;
    const IntList *ignored = &graph->ignored_of[relation];

    if (sample->tables[relation].n_rows == 0)
        return false;
    for (int i = 0; i < ignored->n_items; i++)
    {
        for (int j = 0; j < graph->catalog->n_checks; j++)
        {
            if (ignored_concerns(&graph->ignored[ignored->items[i]],
                                 &graph->catalog->checks[j]))
                return true;
        }
    }
    return false;
}

static void
check_relation(Checking *checking)
{
    const Sample *sample = checking->sample;

    if (sample->graph->ignored_of[checking->relation].n_items > MAX_KEYS)
        die_message(EXIT_USAGE, "cannot ignore more than %d foreign keys of table %s",
                    MAX_KEYS, checking->layout->relation->qname);
    if (sample->staging != NULL)
        add_staged_rows(checking);
    else
        add_kept_rows(checking);
    flush(checking);
}

void
null_checks_run(Sample *sample, Session *session)
{
    Checking checking = {.sample = sample, .session = session};

    if (sample->graph->n_ignored == 0)
        return;
    checking.rows = mem_alloc(FETCH_MAX_KEYS * sizeof(SetNullRow));
    checking.ids = mem_alloc(FETCH_MAX_KEYS * sizeof(RowId));
    for (int i = 0; i < sample->plan->catalog->n_relations; i++)
    {
        if (!is_checked(sample, i))
            continue;
        checking.relation = i;
        checking.layout = &sample->layouts[i];
        check_relation(&checking);
    }
    free(checking.rows);
    free(checking.ids);
}
