#include "sample/masked/leak_content.h"

#include <stdlib.h>

#include "base/mem.h"
#include "model/personal.h"

enum
{
    MAX_LOOKED_AT = 10000, /* values of a column */
    MIN_LOOKED_AT = 5,     /* fewer say nothing */
    MIN_PERCENT = 60
};

typedef struct ContentCounts
{
    bool is_open; /* a text without a mask, and without a rule that it stays */
    uint32_t n;
    uint32_t kinds[CONTENT_N_KINDS];
} ContentCounts;

struct LeakContent
{
    const Catalog *catalog;
    ContentCounts **columns; /* by relation, then by column */
};

/* The run has warned of those whose names show it. */
static bool
is_known_personal(const Relation *relation, int column)
{
    return personal_find(relation, &relation->columns[column], false).is_certain;
}

/* text, char(n), varchar(n) and types like citext, which have no fixed oids. */
static bool
is_told_by_form(const Column *column)
{
    return !column->is_generated && !column->is_number &&
           (column->type == 25 || column->type == 1042 || column->type == 1043 ||
            column->type >= 16384);
}

LeakContent *
leak_content_new(const MaskPlan *plan)
{
    const Catalog *catalog = plan->catalog;
    LeakContent *content = mem_alloc_zero(1, sizeof(*content));

    content->catalog = catalog;
    content->columns =
        mem_alloc_zero((size_t)catalog->n_relations, sizeof(*content->columns));
    for (int i = 0; i < catalog->n_relations; i++)
    {
        const Relation *relation = &catalog->relations[i];
        MaskColumn *const *masks = plan->column_of[i];

        content->columns[i] =
            mem_alloc_zero((size_t)relation->n_columns, sizeof(ContentCounts));
        for (int j = 0; j < relation->n_columns; j++)
            content->columns[i][j].is_open = (masks == NULL || masks[j] == NULL) &&
                                             is_told_by_form(&relation->columns[j]) &&
                                             !is_known_personal(relation, j);
    }
    for (int i = 0; i < plan->n_kept; i++)
        content->columns[plan->kept[i].relation][plan->kept[i].column].is_open = false;
    return content;
}

void
leak_content_free(LeakContent *content)
{
    if (content == NULL)
        return;
    for (int i = 0; i < content->catalog->n_relations; i++)
        free(content->columns[i]);
    free(content->columns);
    free(content);
}

bool
leak_content_wants(const LeakContent *content, int relation, int column)
{
    const ContentCounts *counts = &content->columns[relation][column];

    return counts->is_open && counts->n < MAX_LOOKED_AT;
}

void
leak_content_add(LeakContent *content, int relation, int column, const char *text,
                 size_t length)
{
    ContentCounts *counts = &content->columns[relation][column];

    counts->n++;
    counts->kinds[content_classify(text, length)]++;
}

ContentKind
leak_content_find(const LeakContent *content, int relation, int column)
{
    const ContentCounts *counts = &content->columns[relation][column];

    for (int kind = CONTENT_NONE; counts->n >= MIN_LOOKED_AT && kind < CONTENT_N_KINDS;
         kind++)
    {
        if (content_is_personal((ContentKind)kind) &&
            (uint64_t)counts->kinds[kind] * 100 >= (uint64_t)counts->n * MIN_PERCENT)
            return (ContentKind)kind;
    }
    return CONTENT_NONE;
}
