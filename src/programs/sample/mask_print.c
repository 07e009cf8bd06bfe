/* What --plan and --suggest-masks print of masks. */
#include "programs/sample/run_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/display.h"
#include "base/log.h"
#include "base/plural.h"
#include "base/strbuf.h"
#include "mask/mask_kind.h"
#include "model/mask_suggest.h"

enum
{
    MAX_NAME_WIDTH = 44 /* longer names move the rest of their line */
};

static void
print_name(const Run *run, int relation, int column, int width)
{
    const Relation *table = &run->catalog->relations[relation];
    int length = (int)(strlen(table->qname) + 1 + strlen(table->columns[column].qname));

    display(stdout, "  %s.%s%*s", table->qname, table->columns[column].qname,
            length < width ? width - length : 0, "");
}

/* ---- masks */

/* The column that the rule matched. */
static const MaskColumn *
find_decider(const MaskClass *class)
{
    for (int i = 0; i < class->n_columns; i++)
    {
        if (!class->columns[i]->is_derived)
            return class->columns[i];
    }
    return class->columns[0];
}

static void
print_mask(const MaskColumn *column)
{
    const char *note = NULL;

    if (column->spec != NULL)
    {
        display(stdout, "%s", column->spec->text);
        note = mask_spec_get_note(column->spec, &column->target);
    }
    if (column->spec != NULL && strcmp(column->spec->kind->name, "key") == 0 &&
        column->spec->function[strcspn(column->spec->function, "0123456789")] == '\0')
        display(stdout, " (1 to %lld)", (long long)column->target.maximum);
    for (int i = 0; i < column->n_path_rules; i++)
        display(stdout, "%s%s = %s", i > 0 || column->spec != NULL ? ", " : "",
                column->path_rules[i]->path, column->path_rules[i]->spec.text);
    if (note != NULL)
        display(stdout, "; %s", note);
}

static void
print_others(const Run *run, const MaskClass *class, const MaskColumn *decider)
{
    const Relation *relations = run->catalog->relations;
    int n = class->n_columns - 1;

    if (n == 0)
        return;
    display(stdout, "\n    and with it %d column%s: ", n, plural(n));
    for (int i = 0, printed = 0; i < class->n_columns; i++)
    {
        const MaskColumn *other = class->columns[i];

        if (other != decider)
            display(stdout, "%s%s.%s", printed++ > 0 ? ", " : "",
                    relations[other->relation].qname,
                    relations[other->relation].columns[other->column].qname);
    }
}

static void
print_masks(const Run *run)
{
    const MaskPlan *plan = run->masks.plan;

    if (plan->is_random)
        display(stdout, "\nMasks, by a random key:\n");
    else
        display(stdout, "\nMasks, by the key %s:\n", plan->fingerprint);
    for (int i = 0; i < plan->n_classes; i++)
    {
        const MaskColumn *decider = find_decider(&plan->classes[i]);

        print_name(run, decider->relation, decider->column, 0);
        display(stdout, decider->spec != NULL ? " = " : " ");
        print_mask(decider);
        print_others(run, &plan->classes[i], decider);
        display(stdout, "\n");
    }
    for (int i = 0; i < plan->n_kept; i++)
    {
        print_name(run, plan->kept[i].relation, plan->kept[i].column, 0);
        display(stdout, " = keep\n");
    }
}

/* ---- what looks personal */

static void
print_state(const Run *run, int relation, int column, const PersonalHit *hit)
{
    const MaskColumn *masked;

    switch (run_mask_get_state(run, relation, column))
    {
        case MASK_STATE_MASKED:
            masked = run->masks.plan->column_of[relation][column];
            display(stdout, "masked: ");
            print_mask(masked);
            display(stdout, "%s", masked->target.is_unique ? " (unique)" : "");
            break;
        case MASK_STATE_KEPT:
            display(stdout, "kept");
            break;
        case MASK_STATE_OPEN:
            display(stdout, "%s  (%s, by its %s)",
                    hit->is_certain ? "NOT MASKED" : "not masked", hit->kind,
                    hit->because);
            break;
    }
    display(stdout, "\n");
}

static int
find_width(const Run *run)
{
    int width = 0;

    for (int i = 0; i < run->catalog->n_relations; i++)
    {
        const Relation *relation = &run->catalog->relations[i];

        for (int j = 0; j < relation->n_columns; j++)
        {
            int length =
                (int)(strlen(relation->qname) + 3 + strlen(relation->columns[j].qname));

            if (length > width && run_mask_find_personal(run, i, j).kind != NULL)
                width = length;
        }
    }
    return width < MAX_NAME_WIDTH ? width : MAX_NAME_WIDTH;
}

static void
print_personal(const Run *run)
{
    int width = find_width(run);

    if (width > 0)
        display(stdout, "\nColumns that look personal:\n");
    for (int i = 0; i < run->catalog->n_relations; i++)
    {
        for (int j = 0; j < run->catalog->relations[i].n_columns; j++)
        {
            PersonalHit hit = run_mask_find_personal(run, i, j);

            if (hit.kind == NULL)
                continue;
            print_name(run, i, j, width);
            print_state(run, i, j, &hit);
        }
    }
    if (run_mask_count_personal(run) > 0)
        display(stdout,
                "  --suggest-masks prints rules; COLUMN = keep says that a column "
                "is not personal.\n");
}

static void
finish_output(void)
{
    if (fflush(stdout) != 0 || ferror(stdout))
        die_errno(EXIT_OUTPUT, "could not write to standard output");
}

void
mask_print_plan(const Run *run)
{
    if (run->masks.plan != NULL)
        print_masks(run);
    print_personal(run);
    finish_output();
}

/* ---- suggestions */

/* Does a CHECK constraint or a domain say what values are possible? */
static bool
is_restricted(const Run *run, int relation, int column)
{
    const MaskFacts *facts = run->masks.model->facts;

    for (int i = 0; i < facts->n_checks; i++)
    {
        const MaskCheckFacts *check = &facts->checks[i];

        if (check->check.relation == relation &&
            (check->has_whole_row ||
             catalog_has_column(check->columns, check->n_columns, column)))
            return true;
    }
    return facts->columns[relation][column].has_domain;
}

/* What has been printed. */
typedef struct Suggested
{
    MaskSuggest *suggestions;
    int n;
    int n_uncertain;
    PQExpBufferData restricted; /* names of columns */
} Suggested;

/* Of an open column: the rule is printed, unless its class has one. */
static void
suggest(const Run *run, Suggested *suggested, int relation, int column,
        const PersonalHit *hit)
{
    const Relation *table = &run->catalog->relations[relation];
    const char *rule = mask_suggest_find(suggested->suggestions, relation, column, hit);

    if (rule == NULL)
        return;
    display(stdout, suggested->n++ > 0 ? ",\n%s" : "%s", rule);
    if (is_restricted(run, relation, column))
        appendPQExpBuffer(&suggested->restricted, "%s%s.%s",
                          suggested->restricted.len > 0 ? ", " : "", table->qname,
                          table->columns[column].qname);
}

static void
suggest_all(const Run *run, Suggested *suggested)
{
    for (int i = 0; i < run->catalog->n_relations; i++)
    {
        for (int j = 0; j < run->catalog->relations[i].n_columns; j++)
        {
            PersonalHit hit = run_mask_find_personal(run, i, j);

            if (hit.kind == NULL || run_mask_get_state(run, i, j) != MASK_STATE_OPEN)
                continue;
            if (hit.is_certain)
                suggest(run, suggested, i, j, &hit);
            else
                suggested->n_uncertain++;
        }
    }
}

static MaskKey *
make_trial_key(void)
{
    Diag diag = {0};
    MaskKey *key = mask_key_make_random(&diag);

    if (key == NULL)
        die(EXIT_OUTPUT, &diag);
    return key;
}

void
mask_print_suggestions(const Run *run)
{
    MaskKey *key = make_trial_key();
    Suggested suggested = {.suggestions = mask_suggest_new(run->masks.model, key)};

    initPQExpBuffer(&suggested.restricted);
    suggest_all(run, &suggested);
    if (suggested.n > 0)
        display(stdout, "\n");
    finish_output();
    mask_key_free(key);
    if (suggested.restricted.len > 0)
        log_notice("CHECK constraints or domains restrict the values of some of these "
                   "columns, and masked values are only proved with a sample: %s",
                   suggested.restricted.data);
    if (suggested.n_uncertain > 0)
        log_notice("%d more column%s might be personal; --plan lists %s",
                   suggested.n_uncertain, plural(suggested.n_uncertain),
                   plural_choose(suggested.n_uncertain, "it", "them"));
    termPQExpBuffer(&suggested.restricted);
}
