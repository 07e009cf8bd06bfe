/* Masks: between the finished sample and what is written of it. */
#include "programs/sample/run_internal.h"

#include "base/bigmem.h"
#include "mask/mask_lists.h"
#include "sample/masked/mask_hide.h"

enum
{
    SHARE_OF_ROWS = 8 /* of the memory; in direct mode raw rows have as much */
};

size_t
run_masking_get_memory(const Run *run)
{
    if (run->plan.masks == NULL)
        return 0;
    return (size_t)run->options->memory_limit / SHARE_OF_ROWS;
}

void
run_masking(Run *run)
{
    const MaskingOptions masking = {.is_ordered = run->options->order == PICK_NEWEST ||
                                                  run->options->order == PICK_OLDEST,
                                    .is_leak_fatal =
                                        run->options->mask.required != MASK_REQUIRED_NOT,
                                    .memory_limit = run_masking_get_memory(run)};

    if (run->plan.masks == NULL)
        return;
    if (run->rows.mode.is_staging)
        bigmem_set_limit((size_t)run->options->memory_limit - masking.memory_limit);
    run->rows.masking =
        masking_run(run->rows.sample, run->session, &run->rows.proof, &masking);
}

StringList
run_masking_list_limits(const Run *run)
{
    const RuleList *rules = &run->request.rules;
    StringList hidden = {0};

    if (run->plan.masks == NULL || run->options->limits.n_items == 0)
        return run->options->limits;
    /* the last one is the default */
    hidden.items = ARENA_ARRAY(run->request.arena, rules->n_rules, const char *);
    for (size_t i = 0; i + 1 < rules->n_rules; i++)
    {
        PQExpBufferData text;

        initPQExpBuffer(&text);
        mask_hide_append_rule(&text, &rules->rules[i]);
        hidden.items[hidden.n_items++] = arena_copy_string(run->request.arena, text.data);
        termPQExpBuffer(&text);
    }
    return hidden;
}

const char *
run_masking_describe(const Run *run)
{
    PQExpBufferData text;
    const char *copy;

    if (run->plan.masks == NULL)
        return NULL;
    initPQExpBuffer(&text);
    appendPQExpBuffer(&text, "key %s, lists %d", run->plan.masks->fingerprint,
                      MASK_LISTS_VERSION);
    copy = arena_copy_string(run->request.arena, text.data);
    termPQExpBuffer(&text);
    return copy;
}

void
run_masking_search(Run *run, const char *selection)
{
    Masking *masking = run->rows.masking;

    if (masking == NULL)
        return;
    masking_scan_text(masking, "the header of the dump", selection);
    if (run->schema.toc != NULL)
    {
        masking_scan_text(masking, "definitions", run->schema.ddl_text.pre_data);
        masking_scan_text(masking, "definitions", run->schema.ddl_text.post_data);
    }
    masking_report_leaks(masking);
}
