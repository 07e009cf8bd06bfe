/*
 * Picks rows and closes the sample in staging mode.
 *
 * As in direct mode (direct/closure.h) components are visited referencing tables first,
 * so that without cycles each foreign key is resolved once, when all rows that refer by
 * it are staged, and with it those that refer to the same rows (model/key_group.h): the
 * staging connection selects the keys that staged rows refer to and that no staged row
 * has, and the source connection stages the rows with these keys. Keys are compared by
 * the server, with the operators of the constraint, so there are no key sets here; a
 * batch of keys is all that is in memory. The server joins by hash wherever it can: it
 * has no statistics of staging tables, and what it chooses without is often much slower.
 *
 * Each staged row has the number of the pass that staged it; 0: it was picked. In a
 * cyclic component a pass looks only at rows of the last one, until one adds nothing, and
 * long chains are left to a recursive query (staging_recursion.c).
 *
 * The alternative, INSERT ... SELECT with both sides in one statement, would see the
 * source as it is now (staging.h).
 */
#ifndef SAMPLE_STAGING_STAGING_CLOSURE_H
#define SAMPLE_STAGING_STAGING_CLOSURE_H

#include "sample/closure_parts.h"
#include "sample/staging/staging.h"

void staging_closure_run(Sample *sample, Session *session, ClosureStatistics *statistics);

/* ---- staging_missing.c */

/*
 * Can rows of that pass (-1: of all) refer by foreign keys of the group to rows that the
 * source has and that are not staged?
 */
bool staging_missing_is_possible(const Sample *sample, const KeyGroup *group, int pass);

/*
 * Where it is: calls found with the keys that staged rows refer to and that no staged row
 * has, in batches for one statement, and one of the foreign keys; only for rows of that
 * pass, or for all. Returns the sum of what found returns.
 */
typedef size_t (*StagingKeysFound)(void *context, const GraphKey *fk,
                                   const KeyBatch *keys);
size_t staging_missing_find(const Sample *sample, const KeyGroup *group, int pass,
                            StagingKeysFound found, void *context);

/* The COPY of these keys, for which all tables exist, and what an error is about. */
void staging_missing_append(PQExpBuffer sql, const Sample *sample, const KeyGroup *group,
                            int pass);
void staging_missing_set_context(const Staging *staging, const KeyGroup *group);

/* ---- staging_pending.c */

typedef struct StagingPending StagingPending;

StagingPending *staging_pending_new(Sample *sample);
void staging_pending_free(StagingPending *pending);

/*
 * The keys that staged rows refer to by foreign keys of the group and that no staged row
 * has, all that there are; NULL: ask for them. The component is the one that is being
 * closed: if the server is asked, then about foreign keys to the next ones as well. The
 * keys belong to pending, until the next call.
 */
const KeySet *staging_pending_find(StagingPending *pending, const KeyGroup *group,
                                   const Component *component);

/* Staged rows have been removed. */
void staging_pending_forget(StagingPending *pending);

/* ---- staging_references.c */

/*
 * Stages the rows that rows of the pass refer to, or (pass -1) rows of all passes before
 * the present one of the referenced relation. Returns how many.
 */
size_t staging_references_run(Sample *sample, Session *session, int reference, int pass);

/*
 * The same for all references inside of the component, and for the rows that are reached
 * in this way, as far as such references go. The ids of these rows are in memory
 * meanwhile.
 */
size_t staging_references_recurse(Sample *sample, Session *session,
                                  const Component *component, int pass);

/* ---- staging_recursion.c */

/*
 * Stages all rows of the component that rows of the pass refer to, directly or through
 * others, by foreign keys inside of the component. Returns how many.
 */
size_t staging_recursion_run(Sample *sample, Session *session, const Component *component,
                             int pass);

/* Creates the table "reached", or empties it. */
void staging_recursion_prepare(Staging *staging);
/* Stages the rows of the relation with ids in it, except those that are staged. */
size_t staging_recursion_fetch(Sample *sample, Session *session, int relation);

#endif
