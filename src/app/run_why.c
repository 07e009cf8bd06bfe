#include "app/run_state.h"

#include <inttypes.h>

#include "app/why_print.h"
#include "base/log.h"

/* ---- budgets */

/* What blew it up is told over the rows that are there so far. */
static _Noreturn void
die_of_budget(void *context, Sample *sample)
{
    const Run *run = context;
    const SliceOptions *slice = &run->options->slice;
    Why *why = why_build(sample);
    WhyEdges *edges = why_count_edges(why);
    Diag diag = {0};

    why_print_edges(why, edges, sample);
    if (slice->max_rows > 0 && sample->n_rows > (uint64_t)slice->max_rows)
    {
        diag_set_message(&diag,
                         "the sample has more than %" PRId64
                         " rows (--max-rows); nothing was written",
                         slice->max_rows);
        diag_set_detail(&diag,
                        "There were %" PRIu64 " rows when the run ended; the "
                        "table tells what brought them.",
                        sample->n_rows);
    }
    else
    {
        diag_set_message(&diag,
                         "the sample has more than %" PRId64
                         " bytes (--max-size); nothing was written",
                         slice->max_size);
        diag_set_detail(&diag,
                        "There were %" PRIu64 " bytes in %" PRIu64
                        " rows when the run ended; the table tells what brought "
                        "them.",
                        sample->n_bytes, sample->n_rows);
    }
    diag_set_hint(&diag, "--children and --depth bring fewer rows down, --ignore-fk "
                         "keeps a foreign key from being followed.");
    die(EXIT_INCONSISTENT, &diag);
}

static void
exceed_budget(void *context, Sample *sample)
{
    die_of_budget(context, sample);
}

void
run_set_budget(Run *run)
{
    const SliceOptions *slice = &run->options->slice;

    run->budget = (Budget){.max_rows = slice->max_rows,
                           .max_size = slice->max_size,
                           .exceeded = exceed_budget,
                           .context = run};
    if (slice->max_rows > 0 || slice->max_size > 0)
        run->sample->budget = &run->budget;
}

/* ---- what brought the rows */

void
run_find_why(Run *run)
{
    const Options *options = run->options;

    if (options->slice.explain_edges || options->slice.explain.n_items > 0 ||
        options->keep)
        run->why = why_build(run->sample);
    if (options->slice.explain_edges)
        run->facts.edges = run->edges = why_count_edges(run->why);
}

void
run_tell_why(Run *run)
{
    if (run->edges != NULL)
        why_print_edges(run->why, run->edges, run->sample);
}
