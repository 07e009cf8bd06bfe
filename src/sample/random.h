/*
 * Uniform random rows at a cost that does not grow with the table: places are drawn at
 * random and those accepted where a row is visible (rejection sampling; F. Olken, Random
 * sampling from databases, 1993, section 3). Each place (block, offset) is equally
 * likely, so each row is. Draws are accepted in the order in which they were made, so
 * that the number wanted does not bias the choice.
 */
#ifndef SAMPLE_RANDOM_H
#define SAMPLE_RANDOM_H

#include "sample/sample.h"
#include "sample/session.h"

/*
 * Blocks in the main forks of what the pick covers, now. With n_blocks (room for each of
 * the relation's leaves), also by leaf; leaves that the pick leaves out have 0.
 */
int64_t random_count_blocks(Session *session, const Plan *plan, const Pick *pick,
                            int64_t *n_blocks);

/*
 * The places of n rows, in an array of the caller's. NULL when drawing would cost more
 * than to order the whole table by a hash, which is then for the caller to do.
 */
RowId *random_draw(const Sample *sample, Session *session, const Pick *pick, size_t n)
    __attribute__((warn_unused_result));

#endif
