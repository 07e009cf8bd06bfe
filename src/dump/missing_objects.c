#include "dump/missing_objects.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/copytext.h"
#include "base/log.h"
#include "base/mem.h"
#include "db/row.h"
#include "db/sql_text.h"
#include "sample/skipped.h"

/* An object that cannot be made without another one; texts are the query result's. */
typedef struct Dependency
{
    uint32_t needed_class;
    uint32_t needed;
    uint32_t class_oid;
    uint32_t oid;
    const char *type; /* "view", "function", ... */
    const char *schema;
    const char *name;
    const char *identity; /* quoted, with the schema */
} Dependency;

/* An object that is missing. */
typedef struct Missing
{
    uint32_t class_oid;
    uint32_t oid;
    int cause;                    /* the table that it needs, directly or not */
    const Dependency *dependency; /* NULL: the table itself */
} Missing;

typedef struct Search
{
    const Plan *plan;
    PGresult *result;
    Dependency *dependencies; /* ordered by what is needed, then by type and name */
    size_t n_dependencies;
    Missing *missing; /* in the order in which they are found */
    size_t n_missing;
    size_t capacity;
} Search;

static void
read_dependencies(Search *search, Answers *answers)
{
    RowReader row;

    search->result = answers_query(answers, sql_missing_dependencies);
    search->dependencies =
        mem_alloc_zero((size_t)PQntuples(search->result), sizeof(Dependency));
    row = row_reader(search->result);
    while (row_next(&row))
    {
        Dependency *dependency = &search->dependencies[search->n_dependencies++];

        dependency->needed_class = row_oid(&row);
        dependency->needed = row_oid(&row);
        dependency->class_oid = row_oid(&row);
        dependency->oid = row_oid(&row);
        dependency->type = row_text(&row);
        dependency->schema = row_text(&row);
        dependency->name = row_text(&row);
        dependency->identity = row_text(&row);
    }
}

static void
add_missing(Search *search, Missing missing)
{
    for (size_t i = 0; i < search->n_missing; i++)
    {
        if (search->missing[i].oid == missing.oid &&
            search->missing[i].class_oid == missing.class_oid)
            return;
    }
    MEM_GROW(search->missing, search->capacity, search->n_missing);
    search->missing[search->n_missing++] = missing;
}

static void
add_tables(Search *search)
{
    const Catalog *catalog = search->plan->catalog;

    for (int i = 0; i < catalog->n_relations; i++)
    {
        if (search->plan->tables[i].has_no_definition)
            add_missing(search,
                        (Missing){CATALOG_PG_CLASS, catalog->relations[i].oid, i, NULL});
    }
    for (int i = 0; i < catalog->n_partitions; i++)
    {
        const Partition *partition = &catalog->partitions[i];

        if (partition->relation >= 0 &&
            search->plan->tables[partition->relation].has_no_definition)
            add_missing(search, (Missing){CATALOG_PG_CLASS, partition->oid,
                                          partition->relation, NULL});
    }
}

/* The index of the first dependency on the object, or where it would be. */
static size_t
find_first(const Search *search, const Missing *missing)
{
    size_t low = 0;
    size_t high = search->n_dependencies;

    while (low < high)
    {
        size_t middle = low + (high - low) / 2;
        const Dependency *other = &search->dependencies[middle];

        if (other->needed_class < missing->class_oid ||
            (other->needed_class == missing->class_oid && other->needed < missing->oid))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Finds all that needs the tables that pg_dump cannot read. */
static Search
search_begin(const Plan *plan, Answers *answers)
{
    Search search = {.plan = plan};

    read_dependencies(&search, answers);
    add_tables(&search);
    for (size_t i = 0; i < search.n_missing; i++)
    {
        Missing missing = search.missing[i];

        for (size_t j = find_first(&search, &missing); j < search.n_dependencies; j++)
        {
            const Dependency *dependency = &search.dependencies[j];

            if (dependency->needed_class != missing.class_oid ||
                dependency->needed != missing.oid)
                break;
            add_missing(&search, (Missing){dependency->class_oid, dependency->oid,
                                           missing.cause, dependency});
        }
    }
    return search;
}

static void
search_end(Search *search)
{
    PQclear(search->result);
    free(search->dependencies);
    free(search->missing);
}

static bool
has_undefined_table(const Plan *plan)
{
    for (int i = 0; i < plan->catalog->n_relations; i++)
    {
        if (plan->tables[i].has_no_definition)
            return true;
    }
    return false;
}

/* ---- before pg_dump runs */

/* The table that the object is, or is a partition of; -1: it is something else. */
static int
find_missing_table(const Catalog *catalog, const Missing *missing)
{
    int relation;

    if (missing->class_oid != CATALOG_PG_CLASS)
        return -1;
    relation = catalog_find_relation(catalog, missing->oid);
    return relation >= 0 ? relation : catalog_find_root(catalog, missing->oid);
}

/*
 * Skips tables whose definitions need a missing one. True when there were any, on which
 * others can depend.
 */
static bool
skip_undefined_tables(const Search *search)
{
    const Catalog *catalog = search->plan->catalog;
    bool *is_dumped = skipped_mark_dumped(search->plan);
    bool has_skipped = false;

    for (size_t i = 0; i < search->n_missing; i++)
    {
        int relation = find_missing_table(catalog, &search->missing[i]);
        char *reason;

        if (relation < 0 || search->plan->tables[relation].has_no_definition ||
            catalog->relations[relation].is_extension_member)
            continue;
        reason = mem_format("its definition needs table %s, which is missing",
                            catalog->relations[search->missing[i].cause].qname);
        if (is_dumped[relation])
            skipped_add(search->plan, relation, reason, NULL);
        else
            log_notice("table %s is left out: %s", catalog->relations[relation].qname,
                       reason);
        search->plan->tables[relation].has_no_definition = true;
        has_skipped = true;
        free(reason);
    }
    free(is_dumped);
    return has_skipped;
}

static bool
is_view(const Dependency *dependency)
{
    return dependency != NULL && (strcmp(dependency->type, "view") == 0 ||
                                  strcmp(dependency->type, "materialized view") == 0);
}

StringList
missing_objects_spread(const Plan *plan, Answers *answers)
{
    StringList views = {0};
    Search search;

    if (!has_undefined_table(plan))
        return views;
    search = search_begin(plan, answers);
    while (skip_undefined_tables(&search))
    {
        search_end(&search);
        search = search_begin(plan, answers);
    }
    for (size_t i = 0; i < search.n_missing; i++)
    {
        const Dependency *dependency = search.missing[i].dependency;

        if (!is_view(dependency))
            continue;
        MEM_GROW(views.items, views.capacity, views.n_items);
        views.items[views.n_items++] =
            arena_copy_string(plan->catalog->arena, dependency->identity);
    }
    search_end(&search);
    return views;
}

void
missing_objects_ask(const Catalog *catalog, Answers *answers)
{
    for (int i = 0; i < catalog->n_relations; i++)
    {
        if (catalog->relations[i].is_of_loader)
        {
            PQclear(answers_query(answers, sql_missing_dependencies));
            return;
        }
    }
}

/* ---- when its archive is there */

/*
 * The archive has what pg_dump did not leave out, in this run or the one that was kept.
 */
static void
mark_undefined(const Plan *plan, const Toc *toc)
{
    for (int i = 0; i < plan->catalog->n_relations; i++)
    {
        const Relation *relation = &plan->catalog->relations[i];

        plan->tables[i].has_no_definition =
            !relation->is_extension_member &&
            toc_find(toc, CATALOG_PG_CLASS, relation->oid) == NULL;
    }
}

static void
report_missing_object(const Plan *plan, const Missing *missing, PQExpBuffer left_out)
{
    const char *cause = plan->catalog->relations[missing->cause].qname;
    PQExpBufferData text;

    initPQExpBuffer(&text);
    appendPQExpBuffer(&text, "%s %s (needs table %s, which is missing)",
                      missing->dependency->type, missing->dependency->identity, cause);
    log_notice("left out: %s", text.data);
    appendPQExpBufferStr(left_out, "-- left out: ");
    copytext_append_comment(left_out, text.data);
    appendPQExpBufferChar(left_out, '\n');
    termPQExpBuffer(&text);
}

/* Would the object have been in the dump? */
static bool
would_be_dumped(const Search *search, const Toc *toc, const Missing *missing)
{
    const TocEntry *entry = toc_find(toc, missing->class_oid, missing->oid);

    if (entry != NULL)
        return entry->is_kept;
    return is_view(missing->dependency) &&
           plan_is_selected(search->plan, missing->dependency->schema,
                            missing->dependency->name);
}

typedef struct Reporting
{
    TocLeftOut report;
    void *context;
} Reporting;

static void
report_dependent(void *context, const TocEntry *entry, const char *reason)
{
    const Reporting *reporting = context;

    /* the others were reported before */
    if (reason[0] != '\0')
        reporting->report(reporting->context, entry, reason);
}

void
missing_objects_leave_out(Toc *toc, const Plan *plan, Answers *answers, TocLeftOut report,
                          PQExpBuffer left_out)
{
    Reporting reporting = {.report = report, .context = left_out};
    TocObject *objects;
    size_t n = 0;
    Search search;

    mark_undefined(plan, toc);
    if (!has_undefined_table(plan))
        return;
    search = search_begin(plan, answers);
    objects = mem_alloc_zero(search.n_missing, sizeof(*objects));
    for (size_t i = 0; i < search.n_missing; i++)
    {
        const Missing *missing = &search.missing[i];

        if (missing->dependency == NULL ||
            find_missing_table(plan->catalog, missing) >= 0 ||
            !would_be_dumped(&search, toc, missing))
            continue;
        report_missing_object(plan, missing, left_out);
        objects[n++] = (TocObject){.class_oid = missing->class_oid,
                                   .oid = missing->oid,
                                   .reason = ""};
    }
    toc_select_remove(toc, objects, n, report_dependent, &reporting);
    free(objects);
    search_end(&search);
}
