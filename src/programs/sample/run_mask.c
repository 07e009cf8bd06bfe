/*
 * The masks of a run: from the options to the MaskPlan, and its messages.
 *
 *     run_mask_read_key      before the connection: the key of the file, or a random one
 *     run_mask_make          in the snapshot: labels, model, plan, required masks
 *     run_mask_check_resume  the key is the one of the run that was kept
 */
#include "programs/sample/run_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/log.h"
#include "base/plural.h"
#include "base/strbuf.h"
#include "model/mask_labels.h"
#include "model/mask_model.h"
#include "sample/masked/mask_server.h"

enum
{
    MAX_NAMED = 5 /* columns in a notice */
};

/* ---- the key */

static bool
is_masking(const Run *run)
{
    return run->options->mask.rules.n_items > 0 || run->options->mask.labels;
}

static MaskKey *
read_key_file(const char *path)
{
    Diag diag = {0};
    MaskKey *key = mask_key_read(path, &diag);

    if (key == NULL)
        die(EXIT_USAGE, &diag);
    return key;
}

void
run_mask_read_key(Run *run)
{
    if (is_masking(run))
        db_hide_values();
    if (run->options->mask.key_file == NULL)
        return;
    run->masks.key = read_key_file(run->options->mask.key_file);
    if (!is_masking(run) && !run->options->resume &&
        run->options->mask.required == MASK_REQUIRED_NOT)
        log_warning("--mask-key-file has no effect, since no column is masked");
}

/* Without a file, once it is known that there are masks. */
static void
make_random_key(Run *run)
{
    Diag diag = {0};

    run->masks.is_random = true;
    run->masks.key = mask_key_make_random(&diag);
    if (run->masks.key == NULL)
        die(EXIT_OUTPUT, &diag);
}

void
run_mask_check_resume(const Run *run)
{
    const MaskOptions *options = &run->options->mask;
    char fingerprint[MASK_FINGERPRINT_SIZE];

    if (is_masking(run))
        db_hide_values();
    if (run->masks.key == NULL && options->fingerprint != NULL)
        die_hint(EXIT_USAGE, "Give it again with --mask-key-file.",
                 "the sample is to be masked with the key whose fingerprint is %s",
                 options->fingerprint);
    if (run->masks.key == NULL || options->fingerprint == NULL)
        return;
    mask_key_get_fingerprint(run->masks.key, fingerprint);
    if (strcmp(fingerprint, options->fingerprint) != 0)
        die_hint(
            EXIT_USAGE, "Use the key of the run that was kept.",
            "the sample is to be masked with the key whose fingerprint is %s, and not "
            "%s",
            options->fingerprint, fingerprint);
}

/* ---- messages about the plan */

/* Do rows of it go out? Configuration rows of extensions do, without being sampled. */
static bool
is_sampled(const Run *run, int relation)
{
    const PlanTable *table = &run->plan.tables[relation];

    return (table->is_needed || run->catalog->relations[relation].is_configuration) &&
           !table->is_data_excluded;
}

/* One notice for all columns that a rule passed over; returns the next decision. */
static int
report_skipped_by_rule(const Run *run, int first)
{
    const MaskPlan *plan = run->masks.plan;
    const char *rule = plan->skipped[first].rule;
    PQExpBufferData names;
    int n = 0;
    int i;

    initPQExpBuffer(&names);
    for (i = first; i < plan->n_skipped && plan->skipped[i].rule == rule; i++)
    {
        const MaskDecision *skipped = &plan->skipped[i];
        const Relation *relation = &run->catalog->relations[skipped->relation];

        if (!is_sampled(run, skipped->relation) || n++ >= MAX_NAMED)
            continue;
        appendPQExpBuffer(&names, "%s%s.%s (%s)", n > 1 ? ", " : "", relation->qname,
                          relation->columns[skipped->column].qname, skipped->reason);
    }
    if (n > 0)
        log_notice("rule \"%s\" does not apply to %d column%s that it matches: %s%s",
                   rule, n, plural(n), names.data, n > MAX_NAMED ? ", ..." : "");
    termPQExpBuffer(&names);
    return i;
}

static void
report_plan(const Run *run)
{
    const MaskPlan *plan = run->masks.plan;

    for (int i = 0; i < plan->n_skipped;)
        i = report_skipped_by_rule(run, i);
    for (int i = 0; i < plan->n_shadows; i++)
        log_warning_hint("The first rule that matches a column applies; write specific "
                         "rules before general ones.",
                         "mask rule \"%s\" never applies, since \"%s\" comes before it",
                         plan->shadows[i].rule, plan->shadows[i].earlier);
    if (plan->is_random && plan->n_columns > 0 && !run->options->plan &&
        !run->options->mask.is_suggesting)
        log_notice("masks differ from run to run, since there is no --mask-key-file");
    if (run->options->keep)
        log_warning("the kept schema is not masked: it has the rows as they are in the "
                    "source");
}

/* ---- what must be masked */

MaskState
run_mask_get_state(const Run *run, int relation, int column)
{
    const MaskPlan *plan = run->masks.plan;

    if (plan == NULL)
        return MASK_STATE_OPEN;
    if (plan->column_of[relation] != NULL && plan->column_of[relation][column] != NULL)
        return MASK_STATE_MASKED;
    for (int i = 0; i < plan->n_kept; i++)
    {
        if (plan->kept[i].relation == relation && plan->kept[i].column == column)
            return MASK_STATE_KEPT;
    }
    return MASK_STATE_OPEN;
}

PersonalHit
run_mask_find_personal(const Run *run, int relation, int column)
{
    const Relation *table = &run->catalog->relations[relation];
    const MaskModel *model = run->masks.model;
    PersonalHit hit;

    if (!is_sampled(run, relation))
        return (PersonalHit){0};
    hit = personal_find(table, &table->columns[column],
                        model != NULL &&
                            model->facts->columns[relation][column].is_commented);
    if (!hit.is_certain && run->masks.contents != NULL)
        personal_content_refine(run->masks.contents, relation, column, &hit);
    return hit;
}

static bool
is_mask_missing(const Run *run, int relation, int column)
{
    const Column *found = &run->catalog->relations[relation].columns[column];

    if (run_mask_get_state(run, relation, column) != MASK_STATE_OPEN)
        return false;
    if (run->options->mask.required == MASK_REQUIRED_ALL && is_sampled(run, relation) &&
        !found->is_generated && personal_is_text(found))
        return true;
    return run_mask_find_personal(run, relation, column).is_certain;
}

/* "table.column (kind)" of all columns that must be masked and are not. */
static int
list_missing(const Run *run, PQExpBuffer names)
{
    int n = 0;

    for (int i = 0; i < run->catalog->n_relations; i++)
    {
        const Relation *relation = &run->catalog->relations[i];

        for (int j = 0; j < relation->n_columns; j++)
        {
            const PersonalHit hit = run_mask_find_personal(run, i, j);

            if (!is_mask_missing(run, i, j))
                continue;
            appendPQExpBuffer(names, "%s%s.%s (%s)", n++ > 0 ? ", " : "", relation->qname,
                              relation->columns[j].qname,
                              hit.kind != NULL
                                  ? hit.kind
                                  : mask_facts_show_type(&relation->columns[j]));
        }
    }
    return n;
}

static void
require_masks(const Run *run)
{
    PQExpBufferData names;
    Diag diag = {0};
    int n;

    initPQExpBuffer(&names);
    n = list_missing(run, &names);
    if (n > 0)
    {
        diag_set_message(&diag, "%d column%s %s no mask", n, plural(n),
                         plural_choose(n, "has", "have"));
        diag_set_detail(&diag, "They are: %s.", names.data);
        diag_set_hint(&diag, "--suggest-masks prints rules for columns that look "
                             "personal; the rule COLUMN = keep leaves one as it is.");
        termPQExpBuffer(&names);
        die(EXIT_UNMASKED, &diag);
    }
    termPQExpBuffer(&names);
}

int
run_mask_count_personal(const Run *run)
{
    int n = 0;

    for (int i = 0; i < run->catalog->n_relations; i++)
    {
        for (int j = 0; j < run->catalog->relations[i].n_columns; j++)
            n += run_mask_get_state(run, i, j) == MASK_STATE_OPEN &&
                         run_mask_find_personal(run, i, j).is_certain
                     ? 1
                     : 0;
    }
    return n;
}

/* ---- all of it */

static void
build_plan(Run *run)
{
    MaskRequest request = {.rules = &run->request.masks,
                           .encoding = &run->session->encoding};
    Diag diag = {0};

    if (run->masks.key == NULL)
        make_random_key(run);
    request.key = run->masks.key;
    request.is_random = run->masks.is_random;
    run->masks.key = NULL; /* the plan's from here on */
    run->masks.plan =
        mask_plan_build(run->masks.model, run->session->answers, &request, &diag);
    if (run->masks.plan == NULL)
        die(EXIT_USAGE, &diag);
    if (!run->masks.is_random)
        run->request.translated.mask.fingerprint =
            arena_copy_string(run->request.arena, run->masks.plan->fingerprint);
    if (run->masks.plan->n_columns > 0)
        run->plan.masks = run->masks.plan;
    report_plan(run);
    if (!answers_are_replayed(run->session->answers))
        mask_server_try_expressions(run->session, run->masks.plan,
                                    layout_build(run->plan.graph));
}

static void
append_labels(Run *run)
{
    Diag diag = {0};

    if (!mask_labels_append(&run->request.masks, run->request.arena, run->catalog,
                            run->session->answers, &diag))
        die(EXIT_USAGE, &diag);
}

void
run_mask_make(Run *run)
{
    const MaskOptions *options = &run->options->mask;
    Answers *answers = run->session->answers;

    if (!is_masking(run) && options->required == MASK_REQUIRED_NOT &&
        !options->is_suggesting && !run->options->plan)
        return;
    run->masks.model = mask_model_load(run->catalog, answers, &run->session->encoding);
    if (options->labels)
        append_labels(run);
    if (run->options->plan || options->is_suggesting)
        run->masks.contents = personal_content_load(run->catalog, answers);
    if (run->request.masks.n_rules > 0)
        build_plan(run);
    if (options->required != MASK_REQUIRED_NOT && !run->options->resume &&
        !run->options->plan && !options->is_suggesting)
        require_masks(run);
}

void
run_mask_free(Run *run)
{
    mask_plan_free(run->masks.plan);
    if (run->masks.key != NULL)
        mask_key_free(run->masks.key);
    mask_rule_free(&run->request.masks);
}
