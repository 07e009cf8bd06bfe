/*
 * Chooses between direct and staging mode, which write the same dump.
 *
 * Direct mode keeps rows and keys in memory or in a file here, and needs only SELECT.
 * Staging mode keeps them in tables on the server, so that memory here does not grow with
 * the sample: with 10 million rows it took 18 MB, direct mode 1.6 GB.
 *
 * An option that requires a mode decides; otherwise staging mode is used if more than
 * --staging-tables tables have rows, or if one of them has more than --staging-fks
 * foreign keys.
 *
 * Pure: no server, no output.
 */
#ifndef PROGRAMS_SAMPLE_MODE_H
#define PROGRAMS_SAMPLE_MODE_H

#include "model/plan.h"
#include "programs/sample/options.h"

typedef struct ModeChoice
{
    bool is_staging;
    bool is_required; /* if staging is not possible, the run fails */
    char reason[400];
} ModeChoice;

ModeChoice mode_choose(const Options *options, const Plan *plan);

/* Can the choice be staging mode, whatever the plan is? */
bool mode_may_stage(const Options *options);

/*
 * The tables that a database needs to have so that it is known before there is a plan
 * that staging mode will most probably be chosen, if it can be.
 */
int mode_guess_tables(const Options *options);

#endif
