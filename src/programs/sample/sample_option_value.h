/*
 * The parsers of arguments that only pg-sample has. Each knows its member of Options.
 *
 * Pure: no output, no exit.
 */
#ifndef PROGRAMS_SAMPLE_SAMPLE_OPTION_VALUE_H
#define PROGRAMS_SAMPLE_SAMPLE_OPTION_VALUE_H

#include "cli/option_value.h"
#include "programs/sample/options.h"

/* In a row: the parser, and the member of Options that it stores into. */
#define STORE(parser, member) .parse = (parser), .target = offsetof(Options, member)

OPTION_PARSER(option_set_ordered); /* nothing, desc or asc */
OPTION_PARSER(option_set_newest);
OPTION_PARSER(option_set_oldest);
OPTION_PARSER(option_set_random); /* nothing, a seed or stable */
OPTION_PARSER(option_set_rows_per_insert);
OPTION_PARSER(option_set_cleanup);       /* nothing or drop */
OPTION_PARSER(option_set_missing);       /* error or warn */
OPTION_PARSER(option_set_mask_required); /* nothing or all */
OPTION_PARSER(option_set_lock_timeout);  /* seconds, or a number with a unit of time */

#endif
