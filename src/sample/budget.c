#include "sample/budget.h"

#include "sample/rowline.h"

uint64_t
budget_count_rows(const Sample *sample)
{
    return sample->n_down > sample->n_rows ? sample->n_down : sample->n_rows;
}

bool
budget_is_exceeded(const Sample *sample)
{
    const Budget *budget = sample->budget;

    return budget != NULL &&
           ((budget->max_rows > 0 &&
             budget_count_rows(sample) > (uint64_t)budget->max_rows) ||
            (budget->max_size > 0 && sample->n_bytes > (uint64_t)budget->max_size));
}

void
budget_check(Sample *sample)
{
    if (budget_is_exceeded(sample))
        sample->budget->exceeded(sample->budget->context, sample);
}

void
budget_note_row(Sample *sample, int relation, const char *line, size_t length)
{
    sample->n_rows++;
    if (sample->graph->ignored_of[relation].n_items == 0)
        sample->n_bytes += rowline_count_output(&sample->layouts[relation], line, length);
    budget_check(sample);
}
