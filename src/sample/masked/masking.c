#include "sample/masked/masking.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/plural.h"
#include "sample/masked/leak_scan.h"
#include "sample/masked/mask_batch.h"
#include "sample/masked/mask_checks.h"
#include "sample/masked/mask_groups.h"
#include "sample/masked/mask_paths.h"
#include "sample/masked/mask_row.h"
#include "sample/masked/mask_tuple.h"
#include "sample/masked/masked_rows.h"
#include "sample/rowscan.h"

struct Masking
{
    const MaskPlan *plan;
    MaskingOptions options;
    Sample *sample;
    Session *session;
    MaskServer *server;
    MaskedRows *rows;
    MaskProof *proof;
    MaskChecks *checks;
    MaskGroups *groups;
    MaskRow *row;
    MaskBatch *batch;
    LeakScan *leaks;
    size_t n_reported; /* of its findings */
};

/* Of relations that have no mask, but take part in a proof, the rows stay as they are. */
static void
copy_lines(MaskBatch *batch)
{
    MaskLines *lines = &batch->sides[MASK_MASKED];

    for (size_t i = 0; i < batch->n_rows; i++)
    {
        size_t length;
        const char *line = mask_batch_get_line(batch, MASK_RAW, i, &length);

        appendBinaryPQExpBuffer(&lines->text, line, length);
        lines->starts[++lines->n] = lines->text.len;
    }
}

static void
keep_lines(Masking *masking)
{
    for (size_t i = 0; i < masking->batch->n_rows; i++)
    {
        size_t length;
        const char *line = mask_batch_get_line(masking->batch, MASK_MASKED, i, &length);

        masked_rows_append(masking->rows, line, length);
    }
}

static void
finish_batch(Masking *masking, bool is_masked)
{
    MaskBatch *batch = masking->batch;

    if (batch->n_rows == 0)
        return;
    mask_batch_split(batch, MASK_RAW);
    if (is_masked)
        mask_row_apply(masking->row, batch);
    else
        copy_lines(batch);
    mask_batch_split(batch, MASK_MASKED);
    mask_proof_add(masking->proof, batch);
    if (is_masked)
    {
        mask_checks_run(masking->checks, batch);
        mask_groups_add(masking->groups, batch);
        leak_scan_note(masking->leaks, batch);
        keep_lines(masking);
    }
    mask_batch_clear(batch);
}

static void
check_row_count(const Masking *masking, int relation)
{
    size_t n_sampled = masking->sample->tables[relation].n_rows;
    size_t n_masked = masked_rows_count(masking->rows, relation);

    if (n_masked != n_sampled)
        die_message(EXIT_INCONSISTENT,
                    "of table %s, %zu row%s masked, but %zu %s sampled",
                    masking->plan->catalog->relations[relation].qname, n_masked,
                    plural_choose(n_masked, " was", "s were"), n_sampled,
                    plural_choose(n_sampled, "was", "were"));
}

static void
mask_relation(Masking *masking, int relation, bool is_masked)
{
    const Relation *source = &masking->plan->catalog->relations[relation];
    RowScan scan =
        rowscan_begin_raw(masking->sample, masking->session, relation,
                          masking->options.is_ordered && !source->is_extension_member);
    const char *line;
    size_t length;

    mask_batch_begin(masking->batch, relation);
    if (is_masked)
    {
        masked_rows_begin(masking->rows, relation);
        mask_groups_begin(masking->groups, relation);
    }
    while ((line = rowscan_next(&scan, &length)) != NULL)
    {
        if (mask_batch_add(masking->batch, line, length))
            finish_batch(masking, is_masked);
    }
    finish_batch(masking, is_masked);
    if (is_masked)
    {
        mask_groups_finish(masking->groups);
        check_row_count(masking, relation);
        sample_forget_output(masking->sample, relation);
    }
}

static void
mask_relations(Masking *masking)
{
    int n = masking->plan->catalog->n_relations;

    for (int i = 0; i < n; i++)
    {
        bool is_masked = mask_plan_has_relation(masking->plan, i);

        if (masking->sample->tables[i].n_rows == 0 ||
            (!is_masked && !mask_proof_needs(masking->proof, i)))
            continue;
        log_progress("masking: %d of %d table%s", i + 1, n, plural(n));
        mask_relation(masking, i, is_masked);
    }
    log_progress_clear();
}

static void
report_masked(const Masking *masking)
{
    uint64_t n_values = 0;
    uint64_t n_references;
    int n_keys;

    for (int i = 0; i < masking->plan->n_columns; i++)
        n_values += mask_proof_count(masking->proof, &masking->plan->columns[i]).n_values;
    mask_proof_count_keys(masking->proof, &n_keys, &n_references);
    log_verbose("masked %" PRIu64 " value%s of %d column%s, and proved %" PRIu64
                " reference%s of %d foreign key%s again",
                n_values, plural(n_values), masking->plan->n_columns,
                plural(masking->plan->n_columns), n_references, plural(n_references),
                n_keys, plural(n_keys));
}

/* ---- leaks */

static char *
describe_place(const Masking *masking, const LeakFinding *finding)
{
    const Relation *relation;

    if (finding->relation < 0)
        return mem_copy_string(finding->place);
    relation = &masking->plan->catalog->relations[finding->relation];
    return mem_format("%s.%s", relation->qname,
                      relation->columns[finding->found_in].qname);
}

static void
report_leak(const Masking *masking, const LeakFinding *finding)
{
    const Relation *relation =
        &masking->plan->catalog->relations[finding->column->relation];
    char *place = describe_place(masking, finding);
    char *message =
        mem_format("masks: values of %s.%s occur %" PRIu64 " time%s in %s",
                   relation->qname, relation->columns[finding->column->column].qname,
                   finding->n, plural(finding->n), place);
    const char *hint = finding->relation < 0
                           ? "Change it in the source, or leave it out."
                           : "Mask that column as well, for example by scrub or json.";

    if (masking->options.is_leak_fatal)
        die_hint(EXIT_INCONSISTENT, hint, "%s; nothing was written", message);
    log_warning_hint(hint, "%s", message);
    free(message);
    free(place);
}

void
masking_report_leaks(Masking *masking)
{
    size_t n;
    const LeakFinding *findings = leak_scan_get_findings(masking->leaks, &n);

    for (; masking->n_reported < n; masking->n_reported++)
        report_leak(masking, &findings[masking->n_reported]);
}

void
masking_scan_text(Masking *masking, const char *place, const char *text)
{
    leak_scan_text(masking->leaks, place, text, strlen(text));
}

/* "a.b (e-mail addresses), ..." of columns without a mask; returns how many. */
static int
list_personal(const Masking *masking, PQExpBuffer names)
{
    const Catalog *catalog = masking->plan->catalog;
    int n = 0;

    for (int i = 0; i < catalog->n_relations; i++)
    {
        const Relation *relation = &catalog->relations[i];

        for (int j = 0; j < relation->n_columns; j++)
        {
            ContentKind kind = leak_scan_get_content(masking->leaks, i, j);

            if (kind != CONTENT_NONE)
                appendPQExpBuffer(names, "%s%s.%s (%s)", n++ > 0 ? ", " : "",
                                  relation->qname, relation->columns[j].qname,
                                  content_get_name(kind));
        }
    }
    return n;
}

static void
report_contents(const Masking *masking)
{
    static const char hint[] = "The rule COLUMN = keep leaves a column as it is.";
    PQExpBufferData names;
    int n;

    initPQExpBuffer(&names);
    n = list_personal(masking, &names);
    if (n > 0 && masking->options.is_leak_fatal)
        die_hint(EXIT_UNMASKED, hint, "%d column%s without a mask %s personal: %s", n,
                 plural(n), plural_choose(n, "looks", "look"), names.data);
    if (n > 0)
        log_warning_hint(hint, "%d column%s without a mask %s personal: %s", n, plural(n),
                         plural_choose(n, "looks", "look"), names.data);
    termPQExpBuffer(&names);
}

static void
search_relation(Masking *masking, int relation)
{
    const RowLayout *layout = &masking->sample->layouts[relation];
    RowScan scan = rowscan_begin(masking->sample, masking->session, relation,
                                 masking->options.is_ordered &&
                                     !layout->relation->is_extension_member);
    const char *line;
    size_t length;

    while ((line = rowscan_next(&scan, &length)) != NULL)
        leak_scan_line(masking->leaks, line, length);
}

/* All rows as they will be in the dump, masked or not. */
static void
search_rows(Masking *masking)
{
    int n = masking->plan->catalog->n_relations;

    leak_scan_seal(masking->leaks);
    if (leak_scan_is_partial(masking->leaks))
        log_warning("masks: not all values can be looked for elsewhere, but only %d of "
                    "them",
                    LEAK_SET_MAX_VALUES);
    for (int i = 0; i < n; i++)
    {
        if (masking->sample->tables[i].n_rows == 0 ||
            !leak_scan_begin(masking->leaks, &masking->sample->layouts[i]))
            continue;
        log_progress("searching: %d of %d table%s", i + 1, n, plural(n));
        search_relation(masking, i);
    }
    log_progress_clear();
    masking_report_leaks(masking);
    report_contents(masking);
}

Masking *
masking_run(Sample *sample, Session *session, const Proof *proof,
            const MaskingOptions *options)
{
    Masking *masking = mem_alloc_zero(1, sizeof(*masking));
    const MaskPlan *plan = sample->plan->masks;

    masking->plan = plan;
    masking->options = *options;
    masking->sample = sample;
    masking->session = session;
    masking->server = mask_server_new(session);
    masking->rows = masked_rows_new(options->memory_limit, plan->catalog->n_relations);
    masking->proof = mask_proof_new(plan, sample, proof);
    masking->checks = mask_checks_new(plan);
    masking->groups = mask_groups_new(plan);
    masking->row = mask_row_new(plan);
    masking->leaks = leak_scan_new(plan, &session->encoding);
    masking->batch =
        mask_batch_new(sample, plan, masking->server, mask_tuple_make_seed());
    mask_relations(masking);
    mask_proof_finish(masking->proof);
    mask_paths_report(plan, masking->proof);
    sample->masked = masking->rows;
    search_rows(masking);
    report_masked(masking);
    return masking;
}

void
masking_free(Masking *masking)
{
    if (masking == NULL)
        return;
    leak_scan_free(masking->leaks);
    mask_batch_free(masking->batch);
    mask_row_free(masking->row);
    mask_checks_free(masking->checks);
    mask_groups_free(masking->groups);
    mask_proof_free(masking->proof);
    masked_rows_free(masking->rows);
    mask_server_free(masking->server);
    free(masking);
}

MaskCounts
masking_count(const Masking *masking, const MaskColumn *column)
{
    return mask_proof_count(masking->proof, column);
}

void
masking_count_keys(const Masking *masking, int *n_keys, uint64_t *n_references)
{
    mask_proof_count_keys(masking->proof, n_keys, n_references);
}

const LeakFinding *
masking_get_findings(const Masking *masking, size_t *n)
{
    return leak_scan_get_findings(masking->leaks, n);
}

const MaskGrouping *
masking_get_groupings(const Masking *masking, size_t *n)
{
    return mask_groups_get(masking->groups, n);
}
