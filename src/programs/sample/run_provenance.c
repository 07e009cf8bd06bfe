#include "programs/sample/run_internal.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/die.h"
#include "base/display.h"
#include "base/mem.h"
#include "base/plural.h"
#include "model/plan.h"
#include "sample/root.h"

/* ---- limits */

/* The table shows the provenance of the rows so far. */
static _Noreturn void
die_of_budget(void *context, Sample *sample)
{
    const Run *run = context;
    const SubsetOptions *subset = &run->options->subset;
    Provenance *provenance = provenance_build(sample, run->session, false);
    ProvenanceCounts *fks = provenance_count(provenance);
    uint64_t n_rows = budget_count_rows(sample);
    Diag diag = {0};

    provenance_print_counts(fks, sample);
    if (subset->max_rows > 0 && n_rows > (uint64_t)subset->max_rows)
    {
        diag_set_message(&diag,
                         "the sample has more than %" PRId64
                         " row%s (--max-rows); nothing was written",
                         subset->max_rows, plural(subset->max_rows));
        diag_set_detail(&diag,
                        "There %s %" PRIu64 " row%s when the run ended; the table "
                        "shows their provenance.",
                        plural_choose(n_rows, "was", "were"), n_rows, plural(n_rows));
    }
    else
    {
        diag_set_message(&diag,
                         "the sample has more than %" PRId64
                         " byte%s (--max-size); nothing was written",
                         subset->max_size, plural(subset->max_size));
        diag_set_detail(&diag,
                        "There were %" PRIu64 " bytes in %" PRIu64
                        " row%s when the run ended; the table shows their provenance.",
                        sample->n_bytes, sample->n_rows, plural(sample->n_rows));
    }
    diag_set_hint(&diag, "Use --children or --depth to include fewer children, or "
                         "--ignore-fk to ignore a foreign key.");
    die(EXIT_INCONSISTENT, &diag);
}

static void
exceed_budget(void *context, Sample *sample)
{
    die_of_budget(context, sample);
}

void
run_provenance_set_budget(Run *run)
{
    const SubsetOptions *subset = &run->options->subset;

    run->rows.budget = (Budget){.max_rows = subset->max_rows,
                                .max_size = subset->max_size,
                                .exceeded = exceed_budget,
                                .context = run};
    if (subset->max_rows > 0 || subset->max_size > 0)
        run->rows.sample->budget = &run->rows.budget;
}

bool
run_provenance_is_wanted(const Run *run)
{
    const SubsetOptions *subset = &run->options->subset;

    return subset->max_rows > 0 || subset->max_size > 0 || subset->explain_keys ||
           subset->explain.n_items > 0 || run->options->report != NULL;
}

/* ---- rows to explain */

/* The rows of one --explain, found in the source before the sample is taken. */
struct Explained
{
    RootRule rule;
    int relation;
    RootKeys keys;
    FoundRow *rows;
    size_t n_rows;
};

static void
check_explained_keys(const RootRule *rule, const Relation *relation)
{
    int n = rule->keys[0].n_values;

    if (relation->n_key == 0)
        die_message(EXIT_USAGE,
                    "--explain \"%s\": table %s has neither a primary key nor another "
                    "key without NULLs",
                    rule->text, relation->qname);
    if (n != relation->n_key)
        die_hint(EXIT_USAGE,
                 relation->n_key > 1 ? "A key of several columns is written in "
                                       "parentheses: lines:(42,1),(42,2)."
                                     : "Keys are separated by commas: t:42,43.",
                 "--explain \"%s\" has %d value%s for a key, but the key of table %s has "
                 "%d column%s",
                 rule->text, n, plural(n), relation->qname, relation->n_key,
                 plural(relation->n_key));
}

static void
find_explained(Run *run, Explained *explained, const char *argument)
{
    const Relation *relation;
    Diag diag = {0};
    char *source;

    if (!root_rule_parse_keys(&explained->rule, run->request.arena, argument, "--explain",
                              &diag))
        die(EXIT_USAGE, &diag);
    explained->relation =
        plan_find_table(run->catalog, &explained->rule.pattern, "--explain", &diag);
    if (explained->relation < 0)
        die(EXIT_USAGE, &diag);
    relation = &run->catalog->relations[explained->relation];
    check_explained_keys(&explained->rule, relation);
    source = mem_format("--explain \"%s\"", explained->rule.text);
    root_keys_init(&explained->keys, run->session, relation, relation->key,
                   relation->n_key, arena_copy_string(run->request.arena, source));
    free(source);
    root_keys_add_rule(&explained->keys, &run->session->encoding, &explained->rule);
    /* rows of a skipped table are not in the sample */
    if (!run->plan.tables[explained->relation].is_skipped)
        explained->rows =
            root_keys_find(&explained->keys, run->session, &explained->n_rows);
}

void
run_provenance_find_rows(Run *run)
{
    const StringList *texts = &run->options->subset.explain;

    run->why.explained = mem_alloc_zero(texts->n_items, sizeof(*run->why.explained));
    run->why.n_explained = texts->n_items;
    for (size_t i = 0; i < texts->n_items; i++)
        find_explained(run, &run->why.explained[i], texts->items[i]);
}

/* Prints the references to all rows with the key: none, or one in each leaf. */
static void
explain_key(Run *run, const Explained *explained, size_t key)
{
    const Relation *relation = &run->catalog->relations[explained->relation];
    char *described = root_keys_describe(&explained->keys, key);
    bool is_known = false;

    for (size_t i = 0; i < explained->n_rows; i++)
    {
        const ProvenanceRow row = {explained->relation, explained->rows[i].id};
        ProvenanceChain chain;

        if (explained->rows[i].key != key)
            continue;
        is_known = true;
        if (provenance_follow(run->why.provenance, row, &chain))
            provenance_print_chain(run->why.provenance, &chain, run->rows.sample);
        else
            display(stderr, "%s %s is not in the sample; it exists in the source\n",
                    relation->qname, described);
        provenance_free_chain(&chain);
    }
    if (run->plan.tables[explained->relation].is_skipped)
        display(stderr, "%s %s is not in the sample; its table is missing\n",
                relation->qname, described);
    else if (!is_known)
        display(stderr, "%s %s is not in the sample; it does not exist in the source\n",
                relation->qname, described);
    free(described);
}

/* ---- provenance */

/* Are there rows that do not satisfy --where-column? They are counted by provenance. */
static bool
has_outside(const Sample *sample)
{
    for (int i = 0; sample->outside != NULL && i < sample->graph->catalog->n_relations;
         i++)
    {
        if (sample->outside[i] != NULL && idset_count(sample->outside[i]) > 0)
            return true;
    }
    return false;
}

static void
note_outside(Run *run)
{
    const Sample *sample = run->rows.sample;

    for (int i = 0; sample->outside != NULL && i < sample->graph->catalog->n_relations;
         i++)
    {
        size_t n = sample->outside[i] != NULL ? idset_count(sample->outside[i]) : 0;
        RowId *ids;

        if (n == 0)
            continue;
        ids = mem_alloc(n * sizeof(*ids));
        idset_list(sample->outside[i], ids);
        provenance_note_outside(run->why.provenance, run->why.counts, i, ids, n);
        free(ids);
    }
}

void
run_provenance_find(Run *run)
{
    const Options *options = run->options;
    bool has_keys = options->subset.explain_keys ||
                    (options->report != NULL && has_outside(run->rows.sample));

    if (has_keys || options->subset.explain.n_items > 0)
        run->why.provenance = provenance_build(run->rows.sample, run->session, true);
    if (!has_keys)
        return;
    run->why.counts = provenance_count(run->why.provenance);
    note_outside(run);
    run->output.summary.fks = run->why.counts;
}

void
run_provenance_report(Run *run)
{
    for (size_t i = 0; i < run->why.n_explained; i++)
    {
        const Explained *explained = &run->why.explained[i];

        for (size_t key = 0; key < keyset_count(explained->keys.keys); key++)
            explain_key(run, explained, key);
    }
    if (run->options->subset.explain_keys)
        provenance_print_counts(run->why.counts, run->rows.sample);
    provenance_free(run->why.provenance);
    run->why.provenance = NULL;
}

void
run_provenance_forget(Run *run)
{
    provenance_counts_free(run->why.counts);
    provenance_free(run->why.provenance);
    run->why.counts = NULL;
    run->why.provenance = NULL;
    run->output.summary.fks = NULL;
}

void
run_provenance_free_rows(Run *run)
{
    for (size_t i = 0; i < run->why.n_explained; i++)
    {
        root_keys_free(&run->why.explained[i].keys);
        free(run->why.explained[i].rows);
    }
    free(run->why.explained);
}
