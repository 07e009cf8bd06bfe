#include "model/personal_content.h"

#include <string.h>

#include "db/row.h"
#include "db/sql_text.h"
#include "mask/content.h"

enum
{
    MIN_VALUES = 3, /* fewer say nothing */
    MIN_PERCENT = 60
};

struct PersonalContents
{
    ContentKind **kinds; /* by relation, then by column */
};

/* The values of one column. */
typedef struct Counting
{
    int relation;
    int column;
    int n_values;
    int counts[CONTENT_N_KINDS];
} Counting;

/* Notes what most of the values are. */
static void
conclude(const PersonalContents *contents, const Counting *counting)
{
    if (counting->column < 0 || counting->n_values < MIN_VALUES)
        return;
    for (int i = CONTENT_NONE + 1; i < CONTENT_N_KINDS; i++)
    {
        if (content_is_personal((ContentKind)i) &&
            counting->counts[i] * 100 >= counting->n_values * MIN_PERCENT)
            contents->kinds[counting->relation][counting->column] = (ContentKind)i;
    }
}

static void
count_value(Counting *counting, const char *value)
{
    if (value == NULL || *value == '\0')
        return;
    counting->n_values++;
    counting->counts[content_classify(value, strlen(value))]++;
}

PersonalContents *
personal_content_load(const Catalog *catalog, Answers *answers)
{
    PersonalContents *contents = arena_alloc(catalog->arena, sizeof(*contents));
    Counting counting = {.relation = -1, .column = -1};
    PGresult *result = answers_query(answers, sql_personal_values);
    RowReader row = row_reader(result);

    contents->kinds = ARENA_ARRAY(catalog->arena, catalog->n_relations, ContentKind *);
    for (int i = 0; i < catalog->n_relations; i++)
        contents->kinds[i] =
            ARENA_ARRAY(catalog->arena, catalog->relations[i].n_columns, ContentKind);
    while (row_next(&row))
    {
        int relation = catalog_find_relation(catalog, row_oid(&row));
        const char *name = row_text(&row);
        int column =
            relation < 0 ? -1 : catalog_find_column(&catalog->relations[relation], name);

        if (relation != counting.relation || column != counting.column)
        {
            conclude(contents, &counting);
            counting = (Counting){.relation = relation, .column = column};
        }
        count_value(&counting, row_text(&row));
    }
    conclude(contents, &counting);
    PQclear(result);
    return contents;
}

void
personal_content_refine(const PersonalContents *contents, int relation, int column,
                        PersonalHit *hit)
{
    ContentKind kind = contents->kinds[relation][column];

    if (kind == CONTENT_NONE)
        return;
    *hit = (PersonalHit){.kind = content_get_name(kind),
                         .mask = content_get_mask(kind),
                         .because = "content",
                         .is_certain = true};
}
