/* What --help prints, made from an option table. */
#ifndef CLI_OPTION_HELP_H
#define CLI_OPTION_HELP_H

#include <stdio.h>

#include "cli/option_table.h"

/* Errors are left to the stream. */
void option_help_print(FILE *out, const OptionTable *table);

/* "=FILE", "[=SEED]" or nothing: the argument as it follows the long name. */
const char *option_help_format_argument(const OptionRow *row, char *text, size_t size);

#endif
