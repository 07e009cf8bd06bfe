#include "model/mask_labels.h"

#include <string.h>

#include "base/sqltext.h"
#include "db/row.h"
#include "db/sql_text.h"
#include "mask/mask_label.h"

/* Is one of the first n rules for the column as a whole? */
static bool
has_rule(const MaskRuleList *rules, size_t n, const Relation *relation,
         const char *column)
{
    for (size_t i = 0; i < n; i++)
    {
        if (rules->rules[i].path == NULL &&
            mask_rule_matches(&rules->rules[i], relation->schema, relation->name, column))
            return true;
    }
    return false;
}

static void
append_label_name(PQExpBuffer text, const char *name)
{
    sqltext_append_quoted(text, name, strlen(name));
}

static bool
append_label(MaskRuleList *rules, Arena *arena, const Relation *relation,
             const char *column, const char *label, Diag *diag)
{
    PQExpBufferData text;
    bool is_good;

    initPQExpBuffer(&text);
    append_label_name(&text, relation->schema);
    appendPQExpBufferChar(&text, '.');
    append_label_name(&text, relation->name);
    appendPQExpBufferChar(&text, '.');
    append_label_name(&text, column);
    appendPQExpBufferChar(&text, '=');
    is_good = mask_label_translate(&text, label, diag) &&
              mask_rule_append(rules, arena, text.data, diag);
    if (!is_good)
    {
        diag_set_detail(diag, "It is the label of column %s of table %s: %s", column,
                        relation->qname, label);
        diag_set_hint(diag, "A rule of --mask for the column replaces the label.");
    }
    termPQExpBuffer(&text);
    return is_good;
}

bool
mask_labels_append(MaskRuleList *rules, Arena *arena, const Catalog *catalog,
                   Answers *answers, Diag *diag)
{
    size_t n = rules->n_rules;
    PGresult *result = answers_query(answers, sql_mask_labels);
    RowReader row = row_reader(result);
    bool is_good = true;

    while (is_good && row_next(&row))
    {
        int relation = catalog_find_relation(catalog, row_oid(&row));
        const char *column = row_text(&row);

        if (relation < 0 || has_rule(rules, n, &catalog->relations[relation], column))
            continue;
        is_good = append_label(rules, arena, &catalog->relations[relation], column,
                               row_text(&row), diag);
    }
    PQclear(result);
    return is_good;
}
