#include "model/reference.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/strbuf.h"
#include "db/row.h"
#include "db/sql_text.h"
#include "model/nearest_name.h"
#include "model/plan.h"

/* ---- tables and columns */

/* The root of a partition that the pattern names, or -1. */
static int
find_root_of_partition(const Catalog *catalog, const Pattern *pattern)
{
    for (int i = 0; i < catalog->n_partitions; i++)
    {
        const Partition *partition = &catalog->partitions[i];

        if (partition->relation >= 0 &&
            pattern_matches(pattern, partition->schema, partition->name))
            return partition->relation;
    }
    return -1;
}

static bool
check_table(const Catalog *catalog, const ReferenceRule *rule, const Pattern *pattern,
            int found, Diag *diag)
{
    int root = found < 0 ? find_root_of_partition(catalog, pattern) : -1;

    if (found >= 0 && catalog->relations[found].is_extension_member)
    {
        diag_set_message(diag, "table %s of the reference \"%s\" belongs to an extension",
                         catalog->relations[found].qname, rule->text);
        diag_set_detail(diag, "Its rows are left to CREATE EXTENSION.");
        return false;
    }
    if (found >= 0)
        return true;
    diag_set_message(diag, "no table matches \"%s\" of the reference \"%s\"",
                     pattern->text, rule->text);
    plan_find_set_table_hint(catalog, pattern, diag);
    if (root >= 0)
        diag_set_hint(diag, "It is a partition; name its root %s here.",
                      catalog->relations[root].qname);
    return false;
}

/* The one relation that the pattern names, or -1 with the reason in diag. */
static int
find_reference_table(const Catalog *catalog, const ReferenceRule *rule,
                     const Pattern *pattern, Diag *diag)
{
    int found = -1;

    for (int i = 0; i < catalog->n_relations; i++)
    {
        const Relation *relation = &catalog->relations[i];

        if (!pattern_matches(pattern, relation->schema, relation->name))
            continue;
        if (found >= 0)
        {
            diag_set_message(diag,
                             "\"%s\" of the reference \"%s\" is the name of more than "
                             "one table",
                             pattern->text, rule->text);
            diag_set_hint(diag, "Name the schema: %s or %s.",
                          catalog->relations[found].qname, relation->qname);
            return -1;
        }
        found = i;
    }
    return check_table(catalog, rule, pattern, found, diag) ? found : -1;
}

static bool
find_columns(Reference *reference, const Catalog *catalog, const ReferenceRule *rule,
             Diag *diag)
{
    const Relation *referenced = &catalog->relations[reference->referenced];

    for (int i = 0; i < reference->n_columns; i++)
    {
        reference->referenced_columns[i] =
            catalog_find_column(referenced, rule->columns[i]);
        if (reference->referenced_columns[i] >= 0)
            continue;
        diag_set_message(diag, "table %s of the reference \"%s\" has no column \"%s\"",
                         referenced->qname, rule->text, rule->columns[i]);
        nearest_name_set_hint(diag,
                              nearest_name_of_column(referenced, 1, rule->columns[i]),
                              NULL);
        return false;
    }
    return true;
}

static bool
resolve_reference(Reference *reference, const Catalog *catalog, const ReferenceRule *rule,
                  Diag *diag)
{
    size_t n = (size_t)rule->n_columns;

    *reference = (Reference){
        .text = arena_copy_string(catalog->arena, rule->text),
        .n_columns = rule->n_columns,
        .expressions = rule->expressions,
        .condition = rule->condition,
        .referenced_columns = ARENA_ARRAY(catalog->arena, n, int),
        .operators = ARENA_ARRAY(catalog->arena, n, char *),
        .casts = ARENA_ARRAY(catalog->arena, n, char *),
        .collations = ARENA_ARRAY(catalog->arena, n, char *),
    };
    reference->referencing =
        find_reference_table(catalog, rule, &rule->referencing, diag);
    if (reference->referencing < 0)
        return false;
    reference->referenced = find_reference_table(catalog, rule, &rule->referenced, diag);
    if (reference->referenced < 0)
        return false;
    return find_columns(reference, catalog, rule, diag);
}

/* ---- operators */

static void
append_wanted(PQExpBuffer sql, const Catalog *catalog)
{
    int n = 0;

    appendPQExpBufferStr(
        sql, "WITH wanted (reference, position, type, relation, attnum) AS (VALUES");
    for (int i = 0; i < catalog->n_references; i++)
    {
        const Reference *reference = &catalog->references[i];
        const Relation *referenced = &catalog->relations[reference->referenced];

        for (int j = 0; j < reference->n_columns; j++)
        {
            const Column *column = &referenced->columns[reference->referenced_columns[j]];

            appendPQExpBuffer(sql,
                              "%s (%d, %d, %u::pg_catalog.oid, %u::pg_catalog.oid,"
                              " %d::pg_catalog.int2)",
                              n++ == 0 ? "" : ",", i, j, column->type, referenced->oid,
                              column->attnum);
        }
    }
    appendPQExpBuffer(sql, ")\n%s", sql_reference_columns);
}

/* What the server returned for one column. */
static void
read_reference_column(Catalog *catalog, RowReader *row)
{
    Reference *reference = &catalog->references[row_int(row)];
    int i = row_int(row);
    const char *equality = row_text(row);
    const Column *column = &catalog->relations[reference->referenced]
                                .columns[reference->referenced_columns[i]];

    if (equality != NULL)
        reference->operators[i] = arena_copy_string(catalog->arena, equality);
    reference->casts[i] = arena_copy_string(catalog->arena, row_text(row));
    reference->collations[i] = column->collation;
    reference->is_unique = row_bool(row);
    reference->is_indexed = row_bool(row);
}

static bool
check_operators(const Catalog *catalog, Diag *diag)
{
    for (int i = 0; i < catalog->n_references; i++)
    {
        const Reference *reference = &catalog->references[i];
        const Relation *referenced = &catalog->relations[reference->referenced];

        for (int j = 0; j < reference->n_columns; j++)
        {
            const Column *column = &referenced->columns[reference->referenced_columns[j]];

            if (reference->operators[j] != NULL)
                continue;
            diag_set_message(diag,
                             "column %s of table %s of the reference \"%s\" cannot be "
                             "compared",
                             column->qname, referenced->qname, reference->text);
            diag_set_detail(diag, "Type %s has no default equality operator.",
                            column->type_name);
            return false;
        }
    }
    return true;
}

static bool
load_reference_operators(Catalog *catalog, Answers *answers, Diag *diag)
{
    PQExpBufferData sql;
    PGresult *result;
    RowReader row;

    initPQExpBuffer(&sql);
    append_wanted(&sql, catalog);
    answers_set_context(answers, "could not read the catalogs");
    result = answers_query(answers, sql.data);
    answers_set_context(answers, NULL);
    row = row_reader(result);
    while (row_next(&row))
        read_reference_column(catalog, &row);
    PQclear(result);
    termPQExpBuffer(&sql);
    return check_operators(catalog, diag);
}

/* ---- all of them */

static int
compare_texts(const void *left, const void *right)
{
    return strcmp(((const Reference *)left)->text, ((const Reference *)right)->text);
}

static int
drop_repeated(Reference *references, int n)
{
    int n_kept = 0;

    qsort(references, (size_t)n, sizeof(*references), compare_texts);
    for (int i = 0; i < n; i++)
    {
        if (n_kept == 0 || strcmp(references[n_kept - 1].text, references[i].text) != 0)
            references[n_kept++] = references[i];
    }
    return n_kept;
}

bool
reference_load(Catalog *catalog, Answers *answers, const ReferenceRule *rules, size_t n,
               Diag *diag)
{
    if (n == 0)
        return true;
    catalog->references = ARENA_ARRAY(catalog->arena, n, Reference);
    for (size_t i = 0; i < n; i++)
    {
        if (!resolve_reference(&catalog->references[i], catalog, &rules[i], diag))
            return false;
    }
    catalog->n_references = drop_repeated(catalog->references, (int)n);
    return load_reference_operators(catalog, answers, diag);
}
