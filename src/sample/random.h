/*
 * Uniform random rows at a cost that does not grow with the table.
 *
 * Row ids (block, offset) are drawn at random, and those accepted where the snapshot has
 * a row: rejection sampling (F. Olken, Random sampling from databases, 1993, section 3).
 * Each id is equally likely to be drawn, so each row is equally likely to be accepted,
 * whether its block is full or nearly empty. A block of 8 kB has at most 291 rows, so
 * where it has 100, about one of three draws is accepted. Draws are accepted in the order
 * in which they were made, so that a smaller sample is the beginning of a larger one.
 *
 * ORDER BY random() reads and sorts the whole table: for 100 of 30 million rows 26 s,
 * drawing them takes 9 ms. TABLESAMPLE SYSTEM takes whole blocks, whose rows resemble
 * each other, and TABLESAMPLE with LIMIT cuts off the end of the table.
 *
 * In small tables, or when a large part of the rows is wanted, it would cost more than to
 * order the whole table by a hash, and is left to the caller.
 */
#ifndef SAMPLE_RANDOM_H
#define SAMPLE_RANDOM_H

#include "sample/sample.h"
#include "sample/session.h"

/*
 * How many blocks the leaves that the pick covers have now: by leaf of the relation, in
 * an array for free(), 0 for those that it does not cover; and all of them.
 */
int64_t *random_count_blocks(Session *session, const Plan *plan, const Pick *pick,
                             int64_t *total);

/* The same for n picks with one question: an array of all their leaves, for free(). */
int64_t *random_count_blocks_of_many(Session *session, const Plan *plan,
                                     const Pick *const *picks, size_t n);

/*
 * The ids of n rows, in an array for bigmem_free(); NULL when the whole table should
 * be ordered by a hash instead.
 */
RowId *random_draw(const Sample *sample, Session *session, const Pick *pick, size_t n)
    __attribute__((warn_unused_result));

#endif
