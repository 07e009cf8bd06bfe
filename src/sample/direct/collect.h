/*
 * Rows as they come in direct mode: each is kept once, its keys are noted, and the rows
 * that it refers to are asked for.
 */
#ifndef SAMPLE_DIRECT_COLLECT_H
#define SAMPLE_DIRECT_COLLECT_H

#include "sample/rowline.h"
#include "sample/sample.h"

/* Adds a row as it was fetched by its layout. False when it was there already. */
bool collect_row(Sample *sample, int relation, const char *line, size_t length);

/* The row is to be fetched, unless it is there or was asked for in this way before. */
void collect_want_row(Sample *sample, int relation, RowId id);

typedef enum CollectState
{
    COLLECT_HAS,   /* all rows that the foreign key needs are in the sample */
    COLLECT_LACKS, /* the sample lacks one that the server has just found in the source */
    COLLECT_DANGLES /* ... or one that may be nowhere */
} CollectState;

/* What a complete foreign key of a row refers to; referenced_ids is its field of them. */
CollectState collect_find_referenced(const Sample *sample, const GraphKey *fk,
                                     const CopyField *referenced_ids,
                                     const KeyValue *value);

#endif
