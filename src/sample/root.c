/*
 * The set R: the rows that root rules, keys and files name; all other rows of D come down
 * from these.
 *
 * Rules with a count or a condition are picks (pick.h), keys and files are looked up many
 * at a time (root_keys.h). What is named must be there: a key without a row ends the
 * program, or is a warning with --missing=warn; a rule for several tables may take no row
 * of some of them, but not of all. Named rows must satisfy --where-column as well, while
 * rules take only rows that do.
 */
#include "sample/root.h"

#include <stdlib.h>

#include "base/bigmem.h"
#include "base/die.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/plural.h"
#include "sample/masked/mask_hide.h"
#include "sample/outside.h"
#include "sample/pick.h"

enum
{
    MAX_SHOWN = 5 /* keys without a row that are named */
};

typedef struct Rooting
{
    Sample *sample;
    Session *session;
    IdSet **named; /* by relation: rows that were named, not taken by a rule; or NULL */
    bool *takes_rows; /* by root rule with a count or condition: of some table */
    const Pick *
        *empty; /* picks that took no row, except those of rules with the count 0 */
    size_t n_empty;
    size_t capacity;
} Rooting;

/* A warning with --missing=warn, else an error. Releases the diag. */
static void
report_nothing(const Subset *subset, Diag *diag)
{
    if (!subset->warns_of_missing)
    {
        diag_set_hint(diag, "Use --missing=warn to continue without such rows.");
        die(EXIT_USAGE, diag);
    }
    log_warning("%s", diag->message);
    diag_free(diag);
}

static void
add_root(Rooting *rooting, int relation, RowId id, bool is_named)
{
    const DownRow row = {.id = id, .fk = DOWN_ROOT};

    downset_add(&rooting->sample->down[relation], &row);
    if (!is_named || rooting->sample->plan->tables[relation].filter == NULL)
        return;
    if (rooting->named[relation] == NULL)
        rooting->named[relation] = idset_new();
    idset_add(rooting->named[relation], id);
}

/* Are the root rows all rows that satisfy the filter? */
static bool
is_filter_alone(const Subset *subset)
{
    return subset->n_roots == 0 && subset->n_files == 0;
}

/* The number of the root rule; subset->n_roots if it is the filter. */
static size_t
find_root_rule(const Subset *subset, const Rule *rule)
{
    size_t i = 0;

    while (i < subset->n_roots && &subset->roots[i].rule != rule)
        i++;
    return i;
}

static void
note_rows(Rooting *rooting, const Pick *pick, size_t n)
{
    const Subset *subset = rooting->sample->plan->subset;
    size_t root = find_root_rule(subset, pick->rule);

    if (root == subset->n_roots ||
        (pick->rule->kind == RULE_COUNT && pick->rule->count == 0))
        return;
    rooting->takes_rows[root] = rooting->takes_rows[root] || n > 0;
    if (n > 0)
        return;
    MEM_GROW(rooting->empty, rooting->capacity, rooting->n_empty);
    rooting->empty[rooting->n_empty++] = pick;
}

/* A rule for several tables may take no row of some of them, but not of all. */
static void
report_empty(const Rooting *rooting)
{
    const Plan *plan = rooting->sample->plan;
    Diag diag = {0};

    for (size_t i = 0; i < rooting->n_empty; i++)
    {
        const Pick *pick = rooting->empty[i];

        diag_set_message(&diag, "root rule \"%s\" takes no row of table %s",
                         pick->rule->text,
                         plan->catalog->relations[pick->relation].qname);
        if (!rooting->takes_rows[find_root_rule(plan->subset, pick->rule)])
            report_nothing(plan->subset, &diag);
        else
            log_warning("%s", diag.message);
        diag_free(&diag);
    }
}

static void
find_by_rule(Rooting *rooting, const Pick *pick)
{
    size_t n;
    RowId *ids = pick_row_ids(rooting->sample, rooting->session, pick, &n);

    for (size_t i = 0; i < n; i++)
        add_root(rooting, pick->relation, ids[i], pick->is_unfiltered);
    bigmem_free(ids);
    note_rows(rooting, pick, n);
}

/* ---- keys */

static void
report_missing_keys(const Rooting *rooting, const RootKeys *keys, const size_t *missing,
                    size_t n)
{
    PQExpBufferData list;
    Diag diag = {0};

    initPQExpBuffer(&list);
    for (size_t i = 0; i < n && i < MAX_SHOWN; i++)
    {
        char *key = root_keys_describe(keys, missing[i]);

        appendPQExpBuffer(&list, "%s%s", i == 0 ? "" : ", ", key);
        free(key);
    }
    if (n > MAX_SHOWN)
        appendPQExpBuffer(&list, " and %zu more", n - MAX_SHOWN);
    diag_set_message(&diag, "%s: table %s has no row with the key%s %s", keys->source,
                     keys->columns.relation->qname, plural(n), list.data);
    termPQExpBuffer(&list);
    report_nothing(rooting->sample->plan->subset, &diag);
}

static void
find_by_keys(Rooting *rooting, int relation, const RootKeys *keys)
{
    size_t n_keys = keyset_count(keys->keys);
    bool *is_found = mem_alloc_zero(n_keys + 1, sizeof(*is_found));
    size_t *missing = mem_alloc((n_keys + 1) * sizeof(*missing));
    size_t n_missing = 0;
    size_t n;
    FoundRow *found = root_keys_find(keys, rooting->session, &n);

    for (size_t i = 0; i < n; i++)
    {
        is_found[found[i].key] = true;
        add_root(rooting, relation, found[i].id, true);
    }
    for (size_t i = 0; i < n_keys; i++)
    {
        if (!is_found[i])
            missing[n_missing++] = i;
    }
    if (n_missing > 0)
        report_missing_keys(rooting, keys, missing, n_missing);
    free(found);
    free(missing);
    free(is_found);
}

static void
find_by_key_rule(Rooting *rooting, const RootRule *rule, int relation)
{
    const Relation *source = &rooting->sample->plan->catalog->relations[relation];
    char *where = mem_format("--root \"%s\"", rule->text);
    RootKeys keys;

    root_keys_init(&keys, rooting->session, source, source->key, source->n_key, where);
    root_keys_add_rule(&keys, &rooting->session->encoding, rule);
    find_by_keys(rooting, relation, &keys);
    root_keys_free(&keys);
    free(where);
}

static void
find_by_file(Rooting *rooting, const RootFile *file, int relation)
{
    const Relation *source = &rooting->sample->plan->catalog->relations[relation];
    char *where = mem_format("--root-file \"%s\"", file->text);
    RootKeys keys;

    root_csv_read(&keys, rooting->session, source, file, where);
    keys.is_hidden = mask_hide_concerns(rooting->sample->plan, relation,
                                        keys.columns.columns, keys.columns.n_columns);
    if (keyset_count(keys.keys) == 0)
        log_warning("%s names no rows", where);
    find_by_keys(rooting, relation, &keys);
    root_keys_free(&keys);
    free(where);
}

/* ---- the filter */

static _Noreturn void
die_outside(const Rooting *rooting, int relation, size_t n)
{
    const Plan *plan = rooting->sample->plan;
    Diag diag = {0};

    diag_set_message(&diag,
                     "%zu root row%s of table %s %s not satisfy --where-column "
                     "\"%s\"",
                     n, plural(n), plan->catalog->relations[relation].qname,
                     plural_choose(n, "does", "do"), plan->tables[relation].filter->text);
    diag_set_hint(&diag, "Name other root rows, or omit --where-column.");
    die(EXIT_USAGE, &diag);
}

static void
check_filter(const Rooting *rooting, int relation)
{
    const DownSet *set = &rooting->sample->down[relation];
    RowId *ids = bigmem_alloc((set->found.n_rows + 1) * sizeof(*ids));
    size_t n = 0;
    IdSet *outside;

    for (size_t i = 0; i < set->found.n_rows; i++)
    {
        if (idset_contains(rooting->named[relation], set->found.rows[i].id))
            ids[n++] = set->found.rows[i].id;
    }
    outside = outside_check(rooting->sample->plan, rooting->session, relation, ids, n);
    if (idset_count(outside) > 0)
        die_outside(rooting, relation, idset_count(outside));
    idset_free(outside);
    bigmem_free(ids);
}

/* One message when no table has a row that satisfies the filter. */
static void
check_filtered(const Sample *sample)
{
    const Plan *plan = sample->plan;
    Diag diag = {0};

    for (int i = 0; i < plan->catalog->n_relations; i++)
    {
        if (sample->down[i].found.n_rows > 0)
            return;
    }
    diag_set_message(&diag, "no row satisfies --where-column");
    report_nothing(plan->subset, &diag);
}

void
root_find_all(Sample *sample, Session *session)
{
    const Plan *plan = sample->plan;
    int n_relations = plan->catalog->n_relations;
    Rooting rooting = {.sample = sample, .session = session};

    rooting.named = mem_alloc_zero((size_t)n_relations, sizeof(*rooting.named));
    rooting.takes_rows = mem_alloc_zero(plan->subset->n_roots + 1, sizeof(bool));
    for (int i = 0; i < n_relations; i++)
    {
        for (int j = 0; j < plan->tables[i].n_roots; j++)
            find_by_rule(&rooting, &plan->tables[i].roots[j]);
    }
    report_empty(&rooting);
    free(rooting.takes_rows);
    free(rooting.empty);
    for (size_t i = 0; i < plan->subset->n_roots; i++)
    {
        if (plan->root_relations[i] >= 0 &&
            !plan->tables[plan->root_relations[i]].is_skipped)
            find_by_key_rule(&rooting, &plan->subset->roots[i], plan->root_relations[i]);
    }
    for (size_t i = 0; i < plan->subset->n_files; i++)
    {
        if (!plan->tables[plan->file_relations[i]].is_skipped)
            find_by_file(&rooting, &plan->subset->files[i], plan->file_relations[i]);
    }
    for (int i = 0; i < n_relations; i++)
    {
        if (rooting.named[i] != NULL)
            check_filter(&rooting, i);
        idset_free(rooting.named[i]);
    }
    free(rooting.named);
    if (is_filter_alone(plan->subset))
        check_filtered(sample);
}
