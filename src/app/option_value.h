/*
 * What an option's argument means: the parsers that the option table names. Those that
 * say so store into the row's target member; the others know their members.
 *
 * Pure: no output, no exit.
 */
#ifndef APP_OPTION_VALUE_H
#define APP_OPTION_VALUE_H

#include "app/option_table.h"

#define OPTION_PARSER(name)                                                              \
    bool name(const OptionRow *row, const char *argument, Options *options,              \
              Arena *arena, Diag *diag)

OPTION_PARSER(option_set_flag); /* target: bool */
OPTION_PARSER(option_set_text); /* target: const char *; may be empty, as libpq allows */
OPTION_PARSER(option_set_name); /* target: const char *; must not be empty */
OPTION_PARSER(option_append);   /* target: StringList */
OPTION_PARSER(option_count);    /* target: int, which is raised by one */

OPTION_PARSER(option_prompt_never);
OPTION_PARSER(option_prompt_always);
OPTION_PARSER(option_set_ordered); /* nothing, desc or asc */
OPTION_PARSER(option_set_newest);
OPTION_PARSER(option_set_oldest);
OPTION_PARSER(option_set_random); /* nothing, a seed or stable */
OPTION_PARSER(option_set_rows_per_insert);
/* A number from 0 on, into an int. */
OPTION_PARSER(option_set_number);
/* Nothing or "drop". */
OPTION_PARSER(option_set_cleanup);
OPTION_PARSER(option_set_missing); /* error or warn */
OPTION_PARSER(option_set_max_rows);
OPTION_PARSER(option_set_max_size);     /* bytes, or a number with a unit */
OPTION_PARSER(option_set_lock_timeout); /* seconds, or a number with a unit of time */

#endif
