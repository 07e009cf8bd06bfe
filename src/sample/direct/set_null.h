/*
 * What becomes NULL in rows because of ignored foreign keys, in direct mode; in staging
 * mode the server does the same (model/query_set_null.h).
 *
 * An ignored foreign key is not followed, so the row that it refers to may not be in the
 * sample. Its columns then become NULL in the dump, except those that must stay, such as
 * columns of the key (IgnoredKey.set_null). Whether the row is there is known when the
 * sample is complete, so rows are changed as they are read, not as they come. Each
 * foreign key is looked up by the values of the source, so their order does not matter.
 *
 * Example: orders (1, customer 7, agent 3) with --ignore-fk for agent; without agent 3 in
 * the sample the dump has (1, 7, NULL).
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
 * For a row of the complete sample, whose fields are in sample->fields, and a foreign key
 * by its position in graph->ignored_of.
 */
SetNullState set_null_find(Sample *sample, const RowLayout *layout, RowId id,
                           int position);

/*
 * The line as it goes into the dump: the same, or one that is valid until the next call.
 */
const char *set_null_apply(Sample *sample, int relation, const char *line,
                           size_t *length);

#endif
