/*
 * What of the source's schema goes into the dump.
 *
 * The entries of pg_dump's archive are chosen in these steps, each of which can only take
 * away from the steps before, except the first:
 *
 *     1. with a selection: the selected relations and all that they refer to, views,
 *        functions and types of the selected schemas, and what these need (toc_select);
 *        without one: everything
 *     2. less what needs tables that are missing (missing_objects.h)
 *     3. less what an ordinary role cannot restore, unless with --superuser-objects:
 *        extensions that are not trusted, functions in C ...
 *     4. less constraints and foreign keys that the dump writes itself (exclusions.h,
 *        late_checks.h, emit_schema.c)
 *
 * pg_dump's own options for selection are not used, since they omit what the selected
 * objects need. Dependencies that no catalog records, of a function on what its body
 * calls, are approximated: all functions of a schema stay together (step 1), and a
 * function that is left out while its name occurs in the body of one that stays is warned
 * of (step 3).
 */
#ifndef DUMP_SCHEMA_CHOICE_H
#define DUMP_SCHEMA_CHOICE_H

#include "base/strbuf.h"
#include "dump/toc.h"
#include "sample/proof.h"
#include "sample/sample.h"
#include "sample/session.h"

/*
 * Marks the entries of the table of contents. What is left out because of a table, or
 * because it needs a superuser (unless with_superuser_objects), is reported on stderr and
 * as comment lines in left_out. proof is NULL when the dump has no data.
 */
void schema_choice_make(Toc *toc, const Sample *sample, const Proof *proof,
                        Session *session, bool with_superuser_objects,
                        PQExpBuffer left_out);

/* Asks the source all that schema_choice_make() can ask, so that the answers are kept. */
void schema_choice_ask(Answers *answers);

#endif
