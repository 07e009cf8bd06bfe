/* What --help prints, made from the option table. */
#ifndef APP_OPTION_HELP_H
#define APP_OPTION_HELP_H

#include <stdio.h>

#include "app/option_table.h"

/* Errors are left to the stream. */
void option_help_print(FILE *out);

/* "=FILE", "[=SEED]" or nothing: the argument as it follows the long name. */
const char *option_format_argument(const OptionRow *row, char *text, size_t size);

#endif
