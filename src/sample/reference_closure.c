#include "sample/reference_closure.h"

#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/plural.h"
#include "model/query_reference.h"
#include "sample/fetch.h"

static void
set_context(Db *db, const Reference *reference)
{
    db_set_context(db, "reference \"%s\"", reference->text);
}

/* The connection for the user's SQL, over the locks of both tables. */
static Db *
get_reader(Session *session, const Plan *plan, const Reference *reference)
{
    const Relation *relations = plan->catalog->relations;

    if (!plan->tables[reference->referenced].is_skipped)
        session_get_user_reader(session, &relations[reference->referenced]);
    return session_get_user_reader(session, &relations[reference->referencing]);
}

static void
check_one(Session *session, const Plan *plan, const Reference *reference)
{
    Db *db = get_reader(session, plan, reference);
    PQExpBufferData sql;
    PGresult *result;

    initPQExpBuffer(&sql);
    query_reference_check(&sql, plan->catalog, reference);
    set_context(db, reference);
    result = db_try(db, sql.data);
    if (!db_succeeded(result))
        db_error_die_rule(db, result);
    PQclear(result);
    db_set_context(db, NULL);
    termPQExpBuffer(&sql);
}

void
reference_closure_check(Session *session, const Plan *plan)
{
    const Catalog *catalog = plan->catalog;

    for (int i = 0; i < catalog->n_references; i++)
    {
        const Reference *reference = &catalog->references[i];

        if (!plan->tables[reference->referencing].is_skipped &&
            !plan->tables[reference->referenced].is_skipped)
            check_one(session, plan, reference);
    }
}

/* ---- following */

static _Noreturn void
die_excluded(const Plan *plan, const Reference *reference)
{
    const Relation *relations = plan->catalog->relations;
    const char *referenced = relations[reference->referenced].qname;
    Diag diag = {0};

    diag_set_message(&diag,
                     "the data of table %s is excluded, but sampled rows refer to it",
                     referenced);
    diag_set_detail(&diag, "Rows of table %s do so by the reference \"%s\".",
                    relations[reference->referencing].qname, reference->text);
    diag_set_hint(&diag,
                  "--limit='%s = 0' instead of --exclude-table-data keeps the rows that "
                  "are needed and no others; without the --reference none are needed.",
                  referenced);
    die(EXIT_USAGE, &diag);
}

/* Can the referenced table be looked into? One without data can, to tell of it. */
static bool
is_followed(const Plan *plan, const Reference *reference)
{
    const Relation *referenced = &plan->catalog->relations[reference->referenced];

    return !plan->tables[reference->referenced].is_skipped &&
           !(referenced->is_unlogged && plan->catalog->is_standby);
}

typedef struct Following
{
    const Plan *plan;
    const Reference *reference;
    SampleReference *counts;
    bool is_followed;
    ReferenceFound found;
    void *context;
} Following;

/* A line "n leaf place" (query_reference.h). */
static void
read_line(const Following *following, const char *line, size_t length)
{
    const Plan *plan = following->plan;
    const char *tab = memchr(line, '\t', length);
    size_t used = tab != NULL ? (size_t)(tab - line) + 1 : length;

    if (line[0] != '\\')
    {
        size_t n = strtoull(line, NULL, 10);

        following->counts->n_references += n;
        if (!following->is_followed)
            following->counts->n_skipped += n;
        return;
    }
    if (used < length && line[used] == '\\')
    {
        following->counts->n_dangling++;
        return;
    }
    if (plan->tables[following->reference->referenced].is_data_excluded)
        die_excluded(plan, following->reference);
    following->found(
        following->context, following->reference,
        fetch_parse_row_id(&plan->catalog->relations[following->reference->referenced],
                           line + used, length - used));
}

static void
follow_batch(const Following *following, Session *session, const RowId *ids, size_t n)
{
    Db *db = get_reader(session, following->plan, following->reference);
    PQExpBufferData sql;
    char *line;
    ssize_t length;

    initPQExpBuffer(&sql);
    query_reference_find(&sql, following->plan->catalog, following->reference, ids, n,
                         following->is_followed);
    set_context(db, following->reference);
    db_copy_begin(db, sql.data);
    while ((length = db_copy_row(db, &line)) >= 0)
        read_line(following, line, (size_t)length);
    db_set_context(db, NULL);
    termPQExpBuffer(&sql);
}

void
reference_closure_find(Sample *sample, Session *session, int reference, const RowId *ids,
                       size_t n, ReferenceFound found, void *context)
{
    const Plan *plan = sample->plan;
    const Reference *followed = &plan->catalog->references[reference];
    const Following following = {.plan = plan,
                                 .reference = followed,
                                 .counts = &sample->references[reference],
                                 .is_followed = is_followed(plan, followed),
                                 .found = found,
                                 .context = context};

    for (size_t i = 0; i < n;)
    {
        size_t batch = fetch_count_batch(ids + i, n - i);

        follow_batch(&following, session, ids + i, batch);
        i += batch;
    }
}

static void
want_row(void *context, const Reference *reference, RowId id)
{
    Sample *sample = context;

    sample_want_row(sample, reference->referenced, id);
}

/* The rows that came since it was called last. */
static void
find_new_references(Sample *sample, Session *session, int reference)
{
    const Reference *followed = &sample->plan->catalog->references[reference];
    const RowStore *rows = sample->tables[followed->referencing].rows;
    size_t first = sample->references[reference].n_looked_at;
    size_t n = rowstore_count(rows) - first;
    RowId *ids;

    if (n == 0)
        return;
    ids = mem_alloc(n * sizeof(*ids));
    for (size_t i = 0; i < n; i++)
        ids[i] = rowstore_get_id(rows, first + i);
    sample->references[reference].n_looked_at += n;
    fetch_sort_ids(ids, n);
    reference_closure_find(sample, session, reference, ids, n, want_row, sample);
    free(ids);
}

void
reference_closure_component(Sample *sample, Session *session, const Component *component)
{
    for (int i = 0; i < component->relations.n_items; i++)
    {
        int relation = component->relations.items[i];
        const IntList *references = &sample->graph->references_from[relation];

        for (int j = 0; j < references->n_items; j++)
            find_new_references(sample, session, references->items[j]);
    }
}

void
reference_closure_report(const Sample *sample)
{
    const Catalog *catalog = sample->plan->catalog;

    for (int i = 0; i < catalog->n_references; i++)
    {
        const Reference *reference = &catalog->references[i];
        const SampleReference *counts = &sample->references[i];
        const char *referenced = catalog->relations[reference->referenced].qname;

        if (counts->n_dangling > 0)
            log_notice("reference \"%s\": %zu of %zu sampled reference%s %s no row in "
                       "%s",
                       reference->text, counts->n_dangling, counts->n_references,
                       plural(counts->n_references),
                       plural_choose(counts->n_dangling, "has", "have"), referenced);
        if (counts->n_skipped > 0)
            log_warning("reference \"%s\": %zu sampled reference%s to table %s, "
                        "which is missing",
                        reference->text, counts->n_skipped,
                        plural_choose(counts->n_skipped, " leads", "s lead"), referenced);
    }
}
