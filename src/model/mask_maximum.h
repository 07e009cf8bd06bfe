/*
 * How far the keys of a class reach that the mask "key" permutes.
 *
 * Where their column has a sequence, it is the sequence's last value, so that masked keys
 * stay below what the sequence gives next; otherwise the next power of ten. No value of
 * the class is above it: the server is asked for the largest one of each column, except
 * for those whose values a valid foreign key finds in another one; so mostly of the
 * referenced key alone, whose index has it. Sequences are part of no snapshot; read in
 * it, or after it, they are beyond what it shows.
 */
#ifndef MODEL_MASK_MAXIMUM_H
#define MODEL_MASK_MAXIMUM_H

#include "db/answers.h"
#include "model/mask_check.h"

/* 0: it is unknown, since no table of the class can be read. */
int64_t mask_maximum_find(const MaskGroup *group, Answers *answers);

#endif
