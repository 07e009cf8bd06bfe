/*
 * The configuration file of pg-sample-load: a JSON object whose members are tables, and
 * "_defaults" for all of them; each is an object of settings.
 *
 *     {"_defaults": {"on_duplicate": "error"},
 *      "orders": {"natural_key": ["order_no"], "mode": "slice", "slice": {"shop": "7"}}}
 */
#ifndef PROGRAMS_LOAD_LOAD_CONFIG_H
#define PROGRAMS_LOAD_LOAD_CONFIG_H

#include "programs/load/load_options.h"

/*
 * Stores the contents of the file in the config members of the options, and settings of
 * the whole run unless is_max_errors_given. False, with a message that names file and
 * member, if anything is wrong.
 */
bool load_config_read(const char *path, bool is_max_errors_given, LoadOptions *options,
                      Diag *diag) __attribute__((warn_unused_result));

#endif
