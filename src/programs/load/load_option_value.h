/*
 * The parsers of arguments that only pg-sample-load has. Those with a target store into
 * that member; the others know their members.
 *
 * Pure: no output, no exit.
 */
#ifndef PROGRAMS_LOAD_LOAD_OPTION_VALUE_H
#define PROGRAMS_LOAD_LOAD_OPTION_VALUE_H

#include "cli/option_value.h"
#include "programs/load/load_options.h"

/* In a row: the parser, and the member of LoadOptions that it stores into. */
#define STORE(parser, member) .parse = (parser), .target = offsetof(LoadOptions, member)

OPTION_PARSER(load_add_source); /* as an operand */
OPTION_PARSER(load_add_file);   /* TABLE=PATH */
OPTION_PARSER(load_add_table);  /* of --table-name */
OPTION_PARSER(load_set_batch_id);
OPTION_PARSER(load_set_run_id);    /* a uuid */
OPTION_PARSER(load_set_character); /* target: char; "tab" and "\t" are the tabulator */
/* A setting of tables, by the row's name: of all tables, ... */
OPTION_PARSER(load_set_setting);
/* ... or, as T=VALUE, of one. */
OPTION_PARSER(load_set_table_setting);
OPTION_PARSER(load_set_no_undo);
OPTION_PARSER(load_set_jobs);
OPTION_PARSER(load_set_work_mem);
OPTION_PARSER(load_set_dry_run);       /* nothing, plan or execute */
OPTION_PARSER(load_set_age);           /* target: int64_t, seconds */
OPTION_PARSER(load_set_fetch_timeout); /* target: int, seconds */
OPTION_PARSER(load_set_max_errors);    /* N or N% */
OPTION_PARSER(load_set_percent);       /* target: double, from 0 to 100 */

/* "N" or "N%"; the other one of the two is then -1 or 0. */
bool load_option_value_max_errors(const char *text, LoadSettings *settings);

#endif
