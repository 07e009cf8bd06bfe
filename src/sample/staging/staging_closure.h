/*
 * Picking and closing the sample in staging mode. As in direct mode the relations are
 * visited by components, referencing before referenced (closure.h), so that without
 * cycles each foreign key is resolved once, in one pass over the staged rows; in a cyclic
 * component passes are repeated over what the last one added, until nothing is added, and
 * a long chain is followed by the server in one recursive query over the source.
 */
#ifndef SAMPLE_STAGING_STAGING_CLOSURE_H
#define SAMPLE_STAGING_STAGING_CLOSURE_H

#include "sample/closure_parts.h"
#include "sample/staging/staging.h"

void staging_closure_run(Sample *sample, Session *session, ClosureStatistics *statistics);

/*
 * Calls found with the keys that staged rows refer to along the edge and that no staged
 * row has, in batches that fit into one statement; only those of rows that came in the
 * pass, or all (-1). Returns the sum of what it returns.
 */
typedef size_t (*StagingKeysFound)(void *context, const GraphKey *fk, const KeySet *keys,
                                   const size_t *indexes, size_t n);
size_t staging_missing_find(Staging *staging, const GraphKey *fk, int pass,
                            StagingKeysFound found, void *context);

#endif
