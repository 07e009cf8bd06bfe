/* Provenance on standard error: for --explain, --explain-edges, and exceeded limits. */
#include "programs/sample/run_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/display.h"
#include "base/log.h"
#include "base/plural.h"

enum
{
    SHOWN_AT_ENDS = 50 /* steps of a long chain of references, at each end of it */
};

static double
percent_of(uint64_t n, uint64_t total)
{
    return total > 0 ? 100.0 * (double)n / (double)total : 0;
}

static const char *
get_qname(const Sample *sample, int relation)
{
    return sample->plan->catalog->relations[relation].qname;
}

/* The quote around the text of a declared reference. */
static const char *
get_quote(const FkName *name, const char *quote)
{
    return name->is_declared ? quote : "";
}

static void
print_key(const ProvenanceCounts *fks, const ProvenanceKey *fk, const Sample *sample)
{
    const FkName *name = &fks->order->names[fk->fk];

    display(stderr,
            "%10" PRIu64 " %10" PRIu64 " %10" PRIu64 " %5.1f%%  %s %s %s by %s%s%s, "
            "most from %s",
            fk->n_rows, fk->n_origins, fk->n_largest,
            percent_of(fk->n_largest, fks->n_rows),
            get_qname(sample, fk->is_down ? name->referenced : name->referencing),
            fk->is_down ? "down to" : "up to",
            get_qname(sample, fk->is_down ? name->referencing : name->referenced),
            get_quote(name, "reference \""), name->name, get_quote(name, "\""),
            fk->largest_key);
    if (fk->n_outside > 0)
        display(stderr, "; %" PRIu64 " outside of the filter", fk->n_outside);
    display(stderr, "\n");
}

void
provenance_print_counts(const ProvenanceCounts *fks, const Sample *sample)
{
    log_progress_clear();
    display(stderr,
            "provenance of %" PRIu64 " row%s: %" PRIu64 " picked, %" PRIu64
            " as roots, %" PRIu64 " by references\n",
            fks->n_rows, plural(fks->n_rows), fks->n_picked, fks->n_roots,
            fks->n_rows - fks->n_picked - fks->n_roots);
    if (fks->n_fks > 0)
        display(stderr, "%10s %10s %10s %6s  %s\n", "rows", "from", "most", "share",
                "along");
    for (size_t i = 0; i < fks->n_fks; i++)
        print_key(fks, &fks->fks[i], sample);
    for (size_t i = 0; i < fks->n_origins; i++)
    {
        const ProvenanceOrigin *origin = &fks->origins[i];

        display(stderr, "%s %s brings %.1f%% of the sample (%" PRIu64 " row%s)\n",
                get_qname(sample, origin->row.relation), origin->key,
                percent_of(origin->n_rows, fks->n_rows), origin->n_rows,
                plural(origin->n_rows));
    }
}

/* The rule by which the row was picked: that of its table or of a partition. */
static const char *
find_rule(const Plan *plan, ProvenanceRow row)
{
    const PlanTable *table = &plan->tables[row.relation];

    for (int i = 0; i < table->n_picks; i++)
    {
        if (plan_covers_leaf(plan, &table->picks[i], rowid_leaf(row.id)))
            return table->picks[i].rule->text;
    }
    return NULL;
}

static void
print_origin(const ProvenanceStep *step, const Sample *sample)
{
    const char *rule = find_rule(sample->plan, step->row);

    if (step->fk == PROVENANCE_ROOT)
        display(stderr, "  a root row\n");
    else if (rule != NULL)
        display(stderr, "  picked by rule \"%s\"\n", rule);
    else
        display(stderr, "  picked\n");
}

void
provenance_print_chain(Provenance *provenance, const ProvenanceChain *chain,
                       const Sample *sample)
{
    const FkOrder *order = provenance_get_fk_order(provenance);

    for (size_t i = 0; i < chain->n_steps; i++)
    {
        const ProvenanceStep *step = &chain->steps[i];
        const char *qname = get_qname(sample, step->row.relation);
        const FkName *name = NULL;
        char *key;

        if (i == SHOWN_AT_ENDS && chain->n_steps > 2 * SHOWN_AT_ENDS)
        {
            i = chain->n_steps - SHOWN_AT_ENDS - 1;
            display(stderr, "  ... %zu more row%s ...\n",
                    chain->n_steps - 2 * SHOWN_AT_ENDS,
                    plural(chain->n_steps - 2 * SHOWN_AT_ENDS));
            continue;
        }
        if (i > 0)
            name = &order->names[step[-1].fk];
        key = provenance_format_key(provenance, step->row);
        if (i == 0)
            display(stderr, "why %s %s is in the sample:\n  %s %s\n", qname, key, qname,
                    key);
        else
            display(stderr,
                    step[-1].is_down ? "  <- %s %s, whose child it is by %s%s%s\n"
                                     : "  <- %s %s, which references it by %s%s%s\n",
                    qname, key, get_quote(name, "reference \""), name->name,
                    get_quote(name, "\""));
        free(key);
        if (i + 1 == chain->n_steps)
            print_origin(step, sample);
    }
}
