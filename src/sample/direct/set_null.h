/*
 * What becomes NULL in rows because of ignored foreign keys, in direct mode; in staging
 * mode the server does the same (model/query_set_null.h). Each key looks at the row as
 * the source has it, so that the order of keys means nothing.
 */
#ifndef SAMPLE_DIRECT_SET_NULL_H
#define SAMPLE_DIRECT_SET_NULL_H

#include "sample/sample.h"

typedef enum SetNullState
{
    SET_NULL_NO_REFERENCE, /* the row does not refer to anything */
    SET_NULL_PRESENT,      /* the row that it refers to is in the sample */
    SET_NULL_MISSING       /* it is not, so the key's columns become NULL */
} SetNullState;

/*
 * For a row of the finished sample, whose fields are in sample->fields, and one of the
 * keys in graph->ignored_of, by its place there.
 */
SetNullState set_null_find(Sample *sample, const RowLayout *layout, RowId id, int place);

/*
 * The line as it goes into the dump: the same, or one that is valid until the next call.
 */
const char *set_null_apply(Sample *sample, int relation, const char *line,
                           size_t *length);

#endif
