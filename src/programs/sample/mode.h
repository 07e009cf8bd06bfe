/*
 * Direct or staging mode, and why. Both give the same dump; staging keeps its rows on the
 * server.
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
    bool is_required; /* staging or nothing: --keep, --force, --verify-only */
    char reason[400];
} ModeChoice;

ModeChoice mode_choose(const Options *options, const Plan *plan);

#endif
