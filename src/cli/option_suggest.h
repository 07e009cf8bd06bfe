/*
 * What may be meant by a name that is no option: an option that is spelled like it, or
 * what other programs call by that name.
 *
 * Pure: no output, no exit.
 */
#ifndef CLI_OPTION_SUGGEST_H
#define CLI_OPTION_SUGGEST_H

#include "cli/option_table.h"

/*
 * Sets the hint, if there is one for the name, which has no dashes; what follows a "="
 * does not count. The dashes stand before names in the hint. Rows for which is_left_out,
 * unless it is NULL, are not suggested. False when there is none.
 */
bool option_suggest(const OptionTable *table, const char *name, const char *dashes,
                    bool (*is_left_out)(const OptionRow *row), Diag *diag);

/* Is the name, up to a "=", that of an option, of this program or another? */
bool option_suggest_is_known(const OptionTable *table, const char *name);

#endif
