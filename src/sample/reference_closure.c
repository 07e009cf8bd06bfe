#include "sample/reference_closure.h"

#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/log.h"
#include "base/plural.h"
#include "model/query_reference.h"
#include "sample/fetch.h"
#include "sample/row_ids.h"

static void
set_reference_context(Db *db, const Reference *reference)
{
    db_set_context(db, "reference \"%s\"", reference->text);
}

/* The connection for the user's SQL, with both tables locked. */
static Db *
get_reference_reader(Session *session, const Plan *plan, const Reference *reference)
{
    const Relation *relations = plan->catalog->relations;

    if (!plan->tables[reference->referenced].is_skipped)
        session_get_user_reader(session, &relations[reference->referenced]);
    return session_get_user_reader(session, &relations[reference->referencing]);
}

static void
check_one(Session *session, const Plan *plan, const Reference *reference)
{
    Db *db = get_reference_reader(session, plan, reference);
    PQExpBufferData sql;

    initPQExpBuffer(&sql);
    query_reference_check(&sql, plan->catalog, reference);
    set_reference_context(db, reference);
    PQclear(db_query_rule(db, sql.data));
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
    diag_set_detail(&diag, "Rows of table %s refer to it by the reference \"%s\".",
                    relations[reference->referencing].qname, reference->text);
    diag_set_hint(&diag,
                  "Use --limit='%s = 0' instead of --exclude-table-data to "
                  "keep only the rows that are needed, or remove the "
                  "--reference.",
                  referenced);
    die(EXIT_USAGE, &diag);
}

/* Can the referenced table be read? Excluded data is, so that the error names it. */
static bool
is_followed(const Plan *plan, const Reference *reference)
{
    const Relation *referenced = &plan->catalog->relations[reference->referenced];

    return !plan->tables[reference->referenced].is_skipped &&
           !(referenced->is_unlogged && plan->catalog->is_standby);
}

/* A line "n tableoid ctid" (query_reference.h). */
static void
read_found_reference(const ReferenceSearch *search, bool is_readable, const char *line,
                     size_t length)
{
    const Plan *plan = search->sample->plan;
    const Reference *reference = &plan->catalog->references[search->reference];
    SampleReference *counts = &search->sample->references[search->reference];
    const char *tab = memchr(line, '\t', length);
    size_t used = tab != NULL ? (size_t)(tab - line) + 1 : length;

    if (line[0] != '\\')
    {
        size_t n = strtoull(line, NULL, 10);

        counts->n_references += n;
        if (!is_readable)
            counts->n_skipped += n;
        return;
    }
    if (used < length && line[used] == '\\')
    {
        counts->n_dangling++;
        return;
    }
    if (plan->tables[reference->referenced].is_data_excluded)
        die_excluded(plan, reference);
    search->found(search->context, reference,
                  row_ids_parse(&plan->catalog->relations[reference->referenced],
                                line + used, length - used));
}

static void
follow_batch(const ReferenceSearch *search, const RowId *ids, size_t n)
{
    const Plan *plan = search->sample->plan;
    const Reference *reference = &plan->catalog->references[search->reference];
    bool is_readable = is_followed(plan, reference);
    Db *db = get_reference_reader(search->session, plan, reference);
    PQExpBufferData sql;
    char *line;
    ssize_t length;

    initPQExpBuffer(&sql);
    query_reference_find(&sql, plan->catalog, reference, ids, n, is_readable);
    set_reference_context(db, reference);
    db_copy_begin(db, sql.data);
    while ((length = db_copy_row(db, &line)) >= 0)
        read_found_reference(search, is_readable, line, (size_t)length);
    db_set_context(db, NULL);
    termPQExpBuffer(&sql);
}

void
reference_closure_find(const ReferenceSearch *search, const RowId *ids, size_t n)
{
    for (size_t i = 0; i < n;)
    {
        size_t batch = fetch_count_batch(ids + i, n - i);

        follow_batch(search, ids + i, batch);
        i += batch;
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
            log_notice("reference \"%s\": %zu of %zu sampled reference%s %s no "
                       "row in %s",
                       reference->text, counts->n_dangling, counts->n_references,
                       plural(counts->n_references),
                       plural_choose(counts->n_dangling, "has", "have"), referenced);
        if (counts->n_skipped > 0)
            log_warning("reference \"%s\": %zu sampled reference%s %s to table %s, "
                        "which is skipped",
                        reference->text, counts->n_skipped, plural(counts->n_skipped),
                        plural_choose(counts->n_skipped, "refers", "refer"), referenced);
    }
}
