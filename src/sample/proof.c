#include "sample/proof.h"

#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/plural.h"
#include "model/query.h"
#include "sample/masked/mask_hide.h"

Proving
proof_begin(Proof *proof, Sample *sample, Session *session)
{
    int n = sample->plan->catalog->n_foreign_keys;

    *proof = (Proof){.n_keys = n};
    proof->keys = mem_alloc_zero((size_t)n, sizeof(ProvenKey));
    return (Proving){.proof = proof, .sample = sample, .session = session};
}

ProvenKey *
proof_get_key(const Proving *proving, const ForeignKey *key)
{
    return &proving->proof->keys[key->number];
}

/* The key, for messages; "?" where it is not to be seen. Owned by the caller. */
static char *
describe_key(const Plan *plan, const ForeignKey *key, const char *value, size_t length)
{
    if (mask_hide_concerns(plan, key->referencing, key->referencing_columns,
                           key->n_columns))
        return mem_copy_string("?");
    return mem_format("%.*s", (int)length, value);
}

_Noreturn void
proof_die_excluded(const Sample *sample, const ForeignKey *key, const char *value,
                   size_t length)
{
    const Catalog *catalog = sample->plan->catalog;
    const Relation *referenced = &catalog->relations[key->referenced];
    const Relation *referencing = &catalog->relations[key->referencing];
    Diag diag = {0};

    diag_set_message(&diag,
                     "the data of table %s is excluded, but sampled rows refer to it",
                     referenced->qname);
    diag_set_detail(&diag, "Foreign key %s of table %s refers to the key (%s).",
                    key->qname, referencing->qname,
                    describe_key(sample->plan, key, value, length));
    diag_set_hint(&diag,
                  "Use --limit='%s = 0' instead of --exclude-table-data to "
                  "keep only the rows that are needed, --limit='%s = 0' to "
                  "leave out the rows that refer to it, or --ignore-fk='%s' "
                  "to ignore the foreign key.",
                  referenced->qname, referencing->qname, key->qname);
    die(EXIT_USAGE, &diag);
}

_Noreturn void
proof_die_inconsistent(const Sample *sample, const ForeignKey *key, const char *value,
                       size_t length)
{
    const Catalog *catalog = sample->plan->catalog;
    Diag diag = {0};

    diag_set_message(&diag, "the sample is not consistent; nothing was written");
    diag_set_detail(&diag,
                    "A row of table %s refers by foreign key %s to key (%s) "
                    "of table %s, which exists in the source but not in the "
                    "sample.",
                    catalog->relations[key->referencing].qname, key->qname,
                    describe_key(sample->plan, key, value, length),
                    catalog->relations[key->referenced].qname);
    diag_set_hint(&diag, "This is a bug in pg-sample. Please report it with the "
                         "definitions of both tables.");
    die(EXIT_INCONSISTENT, &diag);
}

void
proof_check_absent(const Proving *proving, const GraphKey *fk, const KeyBatch *keys)
{
    const FkGraph *graph = proving->sample->graph;
    const ReferencedKey *key = &graph->referenced_keys[fk->referenced_key];
    const RowLayout *layout = &proving->sample->layouts[key->relation];
    const char *example = proof_get_key(proving, fk->foreign_key)->example;
    PQExpBufferData sql;
    char *found;

    initPQExpBuffer(&sql);
    query_fetch_count_keys(&sql, graph, layout, key, keys, &proving->session->encoding);
    found =
        db_query_value(session_get_reader(proving->session, layout->relation), sql.data);
    if (found[0] != '0')
        proof_die_inconsistent(proving->sample, fk->foreign_key, example,
                               strlen(example));
    free(found);
    termPQExpBuffer(&sql);
}

void
proof_note_partial(ProvenKey *proven)
{
    if (proven->example == NULL)
        proven->example =
            mem_copy_string("some columns are NULL, which MATCH FULL forbids");
}

static void
warn_broken(const Session *session, const Plan *plan, const ForeignKey *key,
            const ProvenKey *proven)
{
    const Catalog *catalog = plan->catalog;
    char *example = describe_key(plan, key, proven->example, strlen(proven->example));

    log_warning("%s foreign key %s of table %s: %zu of %zu sampled "
                "reference%s %s no row in %s, for example (%s)",
                session->enable_row_security
                    ? "the source, as far as row security shows it, violates"
                    : "the source violates",
                key->qname, catalog->relations[key->referencing].qname,
                proven->n_dangling, proven->n_references, plural(proven->n_references),
                plural_choose(proven->n_dangling, "has", "have"),
                catalog->relations[key->referenced].qname, example);
    free(example);
}

static void
report_skipped(const Catalog *catalog, const ForeignKey *key, const ProvenKey *proven)
{
    log_warning("%zu of %zu sampled reference%s of foreign key %s of table %s %s "
                "to table %s, which is skipped",
                proven->n_skipped, proven->n_references, plural(proven->n_references),
                key->qname, catalog->relations[key->referencing].qname,
                plural_choose(proven->n_skipped, "refers", "refer"),
                catalog->relations[key->referenced].qname);
}

void
proof_report(Proof *proof, const Plan *plan, const Session *session)
{
    const Catalog *catalog = plan->catalog;

    for (int i = 0; i < catalog->n_foreign_keys; i++)
    {
        if (proof->keys[i].n_skipped > 0)
            report_skipped(catalog, &catalog->foreign_keys[i], &proof->keys[i]);
        proof->n_skipped += proof->keys[i].n_skipped;
        if (proof->keys[i].n_dangling == 0)
            continue;
        proof->n_broken++;
        warn_broken(session, plan, &catalog->foreign_keys[i], &proof->keys[i]);
    }
}

void
proof_free(Proof *proof)
{
    for (int i = 0; i < proof->n_keys; i++)
        free(proof->keys[i].example);
    free(proof->keys);
    *proof = (Proof){0};
}
