#include "dump/schema_choice.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/plural.h"
#include "base/stringlist.h"
#include "db/row.h"
#include "db/sql_text.h"
#include "dump/emit.h"
#include "dump/exclusions.h"
#include "dump/late_checks.h"
#include "dump/missing_objects.h"
#include "dump/user_functions.h"

#define SQL_SCHEMAS "SELECT oid, nspname FROM pg_catalog.pg_namespace"

typedef struct ObjectList
{
    TocObject *objects;
    size_t n;
    size_t capacity;
} ObjectList;

static void
append_object(ObjectList *list, uint32_t class_oid, uint32_t oid, const char *reason)
{
    MEM_GROW(list->objects, list->capacity, list->n);
    list->objects[list->n++] =
        (TocObject){.class_oid = class_oid, .oid = oid, .reason = reason};
}

static void
append_partitions(ObjectList *list, const Catalog *catalog, const bool *is_kept)
{
    for (int i = 0; i < catalog->n_partitions; i++)
    {
        const Partition *partition = &catalog->partitions[i];

        if (partition->relation >= 0 && is_kept[partition->relation])
            append_object(list, CATALOG_PG_CLASS, partition->oid, NULL);
    }
}

static void
report_unselected(const Relation *relation, size_t n_rows)
{
    if (n_rows > 0)
        log_notice("table %s is not selected, but is dumped with %zu row%s that selected "
                   "tables refer to",
                   relation->qname, n_rows, plural(n_rows));
    else
        log_verbose("table %s is not selected, but its definition is dumped",
                    relation->qname);
}

/* What selected tables refer to is added, with the rows that are needed. */
static void
append_relations(ObjectList *list, const Sample *sample)
{
    const Plan *plan = sample->plan;
    const Catalog *catalog = plan->catalog;
    bool *is_kept = ARENA_ARRAY(catalog->arena, catalog->n_relations, bool);

    for (int i = 0; i < catalog->n_relations; i++)
        is_kept[i] = plan->tables[i].is_selected;
    graph_mark_defined(plan->graph, is_kept);
    for (int i = 0; i < catalog->n_relations; i++)
    {
        const Relation *relation = &catalog->relations[i];
        size_t n_rows = sample->tables[i].n_rows;

        if (!is_kept[i])
            continue;
        if (!plan->tables[i].is_selected)
            report_unselected(relation, n_rows);
        append_object(list, CATALOG_PG_CLASS, relation->oid, NULL);
    }
    append_partitions(list, catalog, is_kept);
}

/* Is the relation a logical table or one of its partitions, already decided on? */
static bool
is_table(const Catalog *catalog, uint32_t class_oid, uint32_t oid)
{
    return class_oid == CATALOG_PG_CLASS &&
           (catalog_find_relation(catalog, oid) >= 0 ||
            catalog_find_partition(catalog, oid) != NULL);
}

/*
 * Views, functions, types ... of the schemas that are selected; with -t only relations
 * that a pattern names.
 */
static void
append_schema_objects(ObjectList *list, const Plan *plan, Answers *answers)
{
    PGresult *result = answers_query_once(answers, sql_schema_objects);
    RowReader row = row_reader(result);

    while (row_next(&row))
    {
        uint32_t class_oid = row_oid(&row);
        uint32_t oid = row_oid(&row);
        const char *schema = row_text(&row);
        const char *name = row_text(&row);
        bool is_relation = class_oid == CATALOG_PG_CLASS;

        if (is_table(plan->catalog, class_oid, oid) ||
            (plan->has_table_selection && !is_relation))
            continue;
        if (is_relation ? plan_is_selected(plan, schema, name)
                        : plan_is_schema_selected(plan, schema))
            append_object(list, class_oid, oid, NULL);
    }
    PQclear(result);
}

static void
append_schemas(ObjectList *list, const Plan *plan, Answers *answers)
{
    PGresult *result = answers_query(answers, SQL_SCHEMAS);
    RowReader row = row_reader(result);

    while (row_next(&row))
    {
        uint32_t oid = row_oid(&row);

        if (plan_is_schema_selected(plan, row_text(&row)))
            append_object(list, CATALOG_PG_NAMESPACE, oid, NULL);
    }
    PQclear(result);
}

/* What is in no schema stays when schemas or tables are only excluded. */
static void
append_global_objects(ObjectList *list, const Toc *toc)
{
    static const uint32_t classes[] = {
        826,  /* pg_default_acl */
        1417, /* pg_foreign_server */
        1418, /* pg_user_mapping */
        2328, /* pg_foreign_data_wrapper */
        2601, /* pg_am */
        2605, /* pg_cast */
        2612, /* pg_language */
        3079, /* pg_extension */
        3466, /* pg_event_trigger */
        3576, /* pg_transform */
        6104, /* pg_publication */
    };

    for (size_t i = 0; i < toc->n_entries; i++)
    {
        const TocEntry *entry = &toc->entries[i];

        for (size_t j = 0; j < sizeof(classes) / sizeof(classes[0]); j++)
        {
            if (entry->class_oid == classes[j])
                append_object(list, entry->class_oid, entry->oid, NULL);
        }
    }
}

static void
append_constraint_needs(ObjectList *list, const Toc *toc, Answers *answers)
{
    PGresult *result = answers_query(answers, sql_constraint_needs);
    RowReader row = row_reader(result);

    while (row_next(&row))
    {
        bool is_kept = toc_is_kept(toc, CATALOG_PG_CLASS, row_oid(&row));
        uint32_t class_oid = row_oid(&row);

        if (is_kept)
            append_object(list, class_oid, row_oid(&row), NULL);
    }
    PQclear(result);
}

static bool
is_in_schemas(const StringList *schemas, const char *schema)
{
    for (size_t i = 0; i < schemas->n_items; i++)
    {
        if (strcmp(schemas->items[i], schema) == 0)
            return true;
    }
    return false;
}

/* Schemas of the functions that are kept; the texts are the result's. */
static StringList
list_function_schemas(const Toc *toc, const PGresult *result)
{
    RowReader row = row_reader(result);
    StringList schemas = {0};

    while (row_next(&row))
    {
        uint32_t class_oid = row_oid(&row);
        bool is_kept = toc_is_kept(toc, class_oid, row_oid(&row));
        const char *schema = row_text(&row);

        if (class_oid != CATALOG_PG_PROC || !is_kept || is_in_schemas(&schemas, schema))
            continue;
        MEM_GROW(schemas.items, schemas.capacity, schemas.n_items);
        schemas.items[schemas.n_items++] = schema;
    }
    return schemas;
}

/* Would the entry need a relation that is not kept? */
static bool
needs_other_relation(const Toc *toc, const TocEntry *entry)
{
    for (size_t i = 0; i < entry->n_dependencies; i++)
    {
        const TocEntry *needed = toc_find_id(toc, entry->dependencies[i]);

        if (needed != NULL && needed->class_oid == CATALOG_PG_CLASS && !needed->is_kept)
            return true;
    }
    return false;
}

/*
 * What a function calls in its body is recorded nowhere. So other functions of its schema
 * are added, unless they need more tables. True when there were any.
 */
static bool
append_neighbours(ObjectList *list, const Toc *toc, const PGresult *result)
{
    StringList schemas = list_function_schemas(toc, result);
    RowReader row = row_reader(result);
    size_t n_before = list->n;

    while (row_next(&row))
    {
        uint32_t class_oid = row_oid(&row);
        uint32_t oid = row_oid(&row);
        const TocEntry *entry =
            class_oid == CATALOG_PG_PROC ? toc_find(toc, class_oid, oid) : NULL;

        if (entry != NULL && !entry->is_kept && is_in_schemas(&schemas, row_text(&row)) &&
            !needs_other_relation(toc, entry))
            append_object(list, class_oid, oid, NULL);
    }
    free(schemas.items);
    return list->n > n_before;
}

static void
select_objects(Toc *toc, const Sample *sample, Answers *answers)
{
    const Plan *plan = sample->plan;
    PGresult *result;
    ObjectList list = {0};

    append_relations(&list, sample);
    append_schema_objects(&list, plan, answers);
    if (!plan->has_table_selection)
        append_schemas(&list, plan, answers);
    if (!plan->has_table_selection && !plan->has_schema_selection)
        append_global_objects(&list, toc);
    toc_select(toc, list.objects, list.n);
    append_constraint_needs(&list, toc, answers);
    toc_select(toc, list.objects, list.n);
    result = answers_query_once(answers, sql_schema_objects);
    while (append_neighbours(&list, toc, result))
        toc_select(toc, list.objects, list.n);
    PQclear(result);
    free(list.objects);
}

static void
report_left_out_entry(void *context, const TocEntry *entry, const char *reason)
{
    static const char kept[] = "kept: ";
    bool is_kept = strncmp(reason, kept, strlen(kept)) == 0;
    PQExpBuffer text = context;

    if (is_kept)
    {
        log_warning_hint(strcmp(entry->kind, "EXTENSION") == 0
                             ? "Restore as a superuser, or let one create the extension "
                               "in the database, in the same schema, beforehand."
                             : "Restore as a superuser.",
                         "%s %s needs a superuser to restore, and tables depend on it",
                         entry->kind, entry->label);
        appendPQExpBufferStr(text, "-- needs a superuser: ");
    }
    else
    {
        log_notice("left out: %s %s (%s)", entry->kind, entry->label, reason);
        appendPQExpBufferStr(text, "-- left out: ");
    }
    copytext_append_comment(text, entry->kind);
    appendPQExpBufferChar(text, ' ');
    copytext_append_comment(text, entry->label);
    if (!is_kept)
    {
        appendPQExpBufferStr(text, " (");
        copytext_append_comment(text, reason);
        appendPQExpBufferChar(text, ')');
    }
    appendPQExpBufferChar(text, '\n');
}

typedef struct CallList
{
    TocCalls calls; /* ordered by what is called */
    bool *is_kept;  /* what is called, before anything was left out */
} CallList;

static CallList
read_calls(const Toc *toc, Answers *answers)
{
    PGresult *result = user_functions_query(answers, sql_body_calls);
    size_t n = (size_t)PQntuples(result);
    CallList list = {.calls = {.items = mem_alloc_zero(n, sizeof(TocCall))},
                     .is_kept = mem_alloc_zero(n, sizeof(bool))};
    RowReader row = row_reader(result);

    for (size_t i = 0; row_next(&row); i++)
    {
        TocCall *call = &list.calls.items[list.calls.n++];

        call->caller = row_oid(&row);
        call->class_oid = row_oid(&row);
        call->oid = row_oid(&row);
        list.is_kept[i] = toc_is_kept(toc, call->class_oid, call->oid);
    }
    PQclear(result);
    return list;
}

static void
warn_of_call(const Toc *toc, const TocCall *call, size_t n_callers)
{
    char *called = toc_format_name(toc_find(toc, call->class_oid, call->oid));
    char *caller = toc_format_name(toc_find(toc, CATALOG_PG_PROC, call->caller));
    char *more = n_callers > 1 ? mem_format(" and %zu more", n_callers - 1) : NULL;

    log_warning_hint("Use --superuser-objects to keep it, and restore as a superuser.",
                     "%s is left out, but may be called by %s%s", called, caller,
                     more != NULL ? more : "");
    free(called);
    free(caller);
    free(more);
}

/* Of what is left out although the body of a function that is kept names it. */
static void
warn_of_calls(const Toc *toc, const CallList *list)
{
    for (size_t i = 0; i < list->calls.n;)
    {
        const TocCall *called = &list->calls.items[i];
        bool is_skipped =
            list->is_kept[i] && !toc_is_kept(toc, called->class_oid, called->oid);
        const TocCall *first = NULL;
        size_t n_callers = 0;

        for (; i < list->calls.n && list->calls.items[i].class_oid == called->class_oid &&
               list->calls.items[i].oid == called->oid;
             i++)
        {
            if (!is_skipped ||
                !toc_is_kept(toc, CATALOG_PG_PROC, list->calls.items[i].caller))
                continue;
            if (n_callers++ == 0)
                first = &list->calls.items[i];
        }
        if (first != NULL)
            warn_of_call(toc, first, n_callers);
    }
}

static void
leave_out_superuser_objects(Toc *toc, Answers *answers, PQExpBuffer left_out)
{
    PGresult *result = answers_query(answers, sql_superuser_objects);
    RowReader row = row_reader(result);
    CallList calls = read_calls(toc, answers);
    ObjectList list = {0};

    while (row_next(&row))
    {
        uint32_t class_oid = row_oid(&row);
        uint32_t oid = row_oid(&row);

        append_object(&list, class_oid, oid, row_text(&row));
    }
    toc_select_leave_out(toc, list.objects, list.n, &calls.calls, report_left_out_entry,
                         left_out);
    warn_of_calls(toc, &calls);
    free(calls.calls.items);
    free(calls.is_kept);
    free(list.objects);
    PQclear(result);
}

void
schema_choice_ask(Answers *answers)
{
    PQclear(answers_query_once(answers, sql_schema_objects));
    PQclear(answers_query(answers, SQL_SCHEMAS));
    PQclear(answers_query(answers, sql_constraint_needs));
    PQclear(answers_query(answers, sql_superuser_objects));
    PQclear(user_functions_query(answers, sql_body_calls));
}

void
schema_choice_make(Toc *toc, const Sample *sample, const Proof *proof, Session *session,
                   bool with_superuser_objects, PQExpBuffer left_out)
{
    const Catalog *catalog = sample->plan->catalog;

    if (sample->plan->has_selection)
        select_objects(toc, sample, session->answers);
    missing_objects_leave_out(toc, sample->plan, session->answers, report_left_out_entry,
                              left_out);
    if (!with_superuser_objects)
        leave_out_superuser_objects(toc, session->answers, left_out);
    exclusions_leave_out(toc, session->answers);
    if (proof->keys != NULL) /* there are rows */
        late_checks_leave_out(toc, session->answers);
    for (int i = 0; i < catalog->n_foreign_keys; i++)
    {
        const ForeignKey *key = &catalog->foreign_keys[i];

        if (emit_schema_is_broken_key(sample->plan, proof, i))
            toc_select_drop(toc, CATALOG_PG_CONSTRAINT, key->oid,
                            emit_schema_can_write_broken_key(catalog, key));
    }
}
