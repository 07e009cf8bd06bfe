/*
 * Columns without a mask that hold what looks personal: their values are known by their
 * form (mask/content.h). The first values of each column are looked at; where most of
 * them are of one kind, it is a finding.
 *
 * Pure: no server, no output.
 */
#ifndef SAMPLE_MASKED_LEAK_CONTENT_H
#define SAMPLE_MASKED_LEAK_CONTENT_H

#include "mask/content.h"
#include "model/mask_plan.h"

typedef struct LeakContent LeakContent;

LeakContent *leak_content_new(const MaskPlan *plan);
void leak_content_free(LeakContent *content);

/* Are values of the column looked at, still? */
bool leak_content_wants(const LeakContent *content, int relation, int column);
void leak_content_add(LeakContent *content, int relation, int column, const char *text,
                      size_t length);

/* The kind that most values of a column are of; CONTENT_NONE: none is personal. */
ContentKind leak_content_find(const LeakContent *content, int relation, int column);

#endif
