#include <inttypes.h>
#include <stdlib.h>

#include "base/die.h"
#include "base/mem.h"
#include "base/plural.h"
#include "db/db.h"
#include "load/check/check.h"
#include "load/commit/apply.h"
#include "load/commit/diff.h"
#include "load/load_session.h"
#include "load/registry/registry.h"
#include "programs/load/load_run_internal.h"

/* The checks that need the diffs, which can have been made again. */
static void
check_diffs(LoadRun *run)
{
    LoadBatch *batch = &run->batch;

    check_references(batch, run->rejects, run->findings);
    for (int i = 0; i < batch->n_tables; i++)
    {
        if (!diff_count(batch->db, &batch->tables[i]))
            die_message(EXIT_CONNECTION, "lost the connection to the server");
    }
    check_children(batch, run->findings);
}

/* Ends the program if findings prevent the commit. */
static void
die_of_findings(LoadRun *run)
{
    bool is_too_much = rejects_exceed(run->rejects);
    size_t n_findings = findings_count(run->findings);

    /* the file is that of this run, even without rejects */
    if (rejects_count(run->rejects) > 0 || run->batch.settings->rejects_file != NULL)
        rejects_file_report(run->rejects);
    if (!is_too_much && n_findings == 0)
        return;
    if (n_findings > 1 || is_too_much)
        findings_print(run->findings);
    rejects_store(run->rejects);
    if (!is_too_much && n_findings == 1)
        die(EXIT_SERVER, findings_get(run->findings, 0));
    if (is_too_much)
        die_hint(EXIT_SERVER,
                 "Use --max-errors to allow rejected rows, and --rejects-file to list "
                 "them.",
                 "%" PRId64 " row%s cannot be loaded; nothing was loaded",
                 rejects_count(run->rejects), plural(rejects_count(run->rejects)));
    die_message(EXIT_SERVER, "nothing was loaded, for %zu reason%s; the first: %s",
                n_findings, plural((int64_t)n_findings),
                findings_get(run->findings, 0)->message);
}

/* A new diff, after others have changed keys, must pass the same checks as the first. */
bool
load_run_check_again(void *context)
{
    LoadRun *run = context;
    LoadBatch *batch = &run->batch;

    check_diffs(run);
    apply_changes_check(batch, run->findings);
    check_guards(batch, run->findings);
    check_assertions(batch, run->findings);
    die_of_findings(run);
    return true;
}

void
load_run_check(LoadRun *run)
{
    LoadBatch *batch = &run->batch;

    load_phase_begin(run, PHASE_CHECK);
    for (int i = 0; i < batch->n_tables; i++)
    {
        load_session_analyze(batch->db, batch->tables[i].stage);
        check_rows(batch, &batch->tables[i], run->rejects, run->findings);
    }
    load_phase_begin(run, PHASE_DIFF);
    for (int i = 0; i < batch->n_tables; i++)
        diff_build(batch, &batch->tables[i]);
    load_phase_begin(run, PHASE_CHECK);
    check_diffs(run);
    check_swap(batch, run->findings);
    apply_changes_check(batch, run->findings);
    check_guards(batch, run->findings);
    marks_check(batch, run->findings);
    check_assertions(batch, run->findings);
    die_of_findings(run);
}
