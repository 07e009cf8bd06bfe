/*
 * Rows as they come in direct mode: each is kept once, the values of its referenced keys
 * are noted as present, and those of its foreign keys as wanted, or the ids of the rows
 * that it refers to where the server has found them (model/layout.h). What is wanted for
 * the first time becomes pending; the closure fetches it.
 */
#ifndef SAMPLE_DIRECT_COLLECT_H
#define SAMPLE_DIRECT_COLLECT_H

#include "sample/rowline.h"
#include "sample/sample.h"

/* Adds a row as it was fetched by its layout; false: it is there already. */
bool collect_row(Sample *sample, int relation, const char *line, size_t length);

/*
 * Keys of collected rows wait in a queue (model/keyqueue.h). This notes them, and must
 * come before anything looks at keys.
 */
void collect_flush(Sample *sample);

/* Makes the row pending, unless it is there or was pending before. */
void collect_want_row(Sample *sample, int relation, RowId id);

typedef enum CollectState
{
    COLLECT_HAS,   /* all rows that the foreign key needs are in the sample */
    COLLECT_LACKS, /* the sample lacks one that the server has just found in the source */
    COLLECT_DANGLES /* ... or one that the source may lack, too */
} CollectState;

/* Does a row of the sample have the key? Only the proof knows. */
bool collect_has_key(const KeySet *keys, const char *key, size_t length);

/* What a row refers to; referenced_ids is the foreign key's field of ids, or NULL. */
CollectState collect_find_referenced(const Sample *sample, const GraphKey *fk,
                                     const CopyField *referenced_ids,
                                     const KeyValue *value);

#endif
