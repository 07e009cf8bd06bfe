#include "sample/masked/mask_hide.h"

#include <inttypes.h>
#include <string.h>

#include "base/sqltext.h"
#include "model/sql_expression.h"
#include "sample/masked/mask_canonical.h"
#include "sample/masked/mask_row.h"

static const MaskColumn *
get_mask(const Plan *plan, int relation, int column)
{
    if (plan->masks == NULL || plan->masks->column_of[relation] == NULL)
        return NULL;
    return plan->masks->column_of[relation][column];
}

bool
mask_hide_concerns(const Plan *plan, int relation, const int *columns, int n)
{
    for (int i = 0; i < n; i++)
    {
        if (get_mask(plan, relation, columns[i]) != NULL)
            return true;
    }
    return false;
}

/* ---- values */

/* False: it takes the server, other columns, or there is no mask for it. */
static bool
append_mask(PQExpBuffer text, const MaskColumn *column, const MaskInput *input)
{
    PQExpBufferData masked;
    const char *problem;
    MaskResult result;

    if (!mask_row_is_function(column) || (column->canonical == MASK_CANONICAL_LOWERED &&
                                          !mask_canonical_is_lower(input->canonical)))
        return false;
    initPQExpBuffer(&masked);
    result = masker_apply(column->masker, input, &masked, &problem);
    if (result == MASK_DONE)
        copytext_append_escaped(text, masked.data, masked.len, column->target.encoding);
    else if (result == MASK_NULL)
        appendPQExpBufferStr(text, "\\N");
    termPQExpBuffer(&masked);
    return result != MASK_REFUSED;
}

void
mask_hide_append_field(PQExpBuffer text, const Plan *plan, int relation, int column,
                       const CopyField *field)
{
    const MaskColumn *masked = get_mask(plan, relation, column);
    PQExpBufferData value;
    MaskInput input = {0};
    Arena *arena;

    if (masked == NULL || field->is_null)
    {
        appendBinaryPQExpBuffer(text, field->text, field->length);
        return;
    }
    arena = arena_new();
    initPQExpBuffer(&value);
    copytext_unescape(&value, field, masked->target.encoding);
    input.value = (MaskValue){.text = value.data, .length = value.len};
    input.canonical = mask_canonical_make(masked->canonical, input.value, arena);
    if (!append_mask(text, masked, &input))
        appendPQExpBufferChar(text, '?');
    termPQExpBuffer(&value);
    arena_free(arena);
}

/* ---- rules */

/* Does the piece hold what may be a value, or a comment, which may as well? */
static bool
is_hidden_piece(const char *piece, const char *end)
{
    bool is_string = *piece == '\'' || (*piece == '$' && end > piece + 1);
    bool is_comment =
        end > piece + 1 && (strncmp(piece, "--", 2) == 0 || strncmp(piece, "/*", 2) == 0);

    return is_string || is_comment || sqltext_is_digit(*piece) ||
           (end > piece && end[-1] == '\'' && *piece != '"');
}

void
mask_hide_append_sql(PQExpBuffer text, const char *sql)
{
    while (*sql != '\0')
    {
        const char *end = sql_expression_skip_piece(sql);

        if (end == NULL)
            end = sql + strlen(sql);
        if (is_hidden_piece(sql, end))
            appendPQExpBufferChar(text, '?');
        else
            appendBinaryPQExpBuffer(text, sql, (size_t)(end - sql));
        sql = end;
    }
}

void
mask_hide_append_rule(PQExpBuffer text, const Rule *rule)
{
    if (rule->condition == NULL)
    {
        appendPQExpBufferStr(text, rule->text);
        return;
    }
    appendPQExpBuffer(text, "%s = ", rule->pattern.text);
    if (rule->kind == RULE_COUNT)
        appendPQExpBuffer(text, "%" PRId64 " where ", rule->count);
    else if (rule->kind == RULE_PERCENT)
        appendPQExpBuffer(text, "%g%% where ", rule->percent);
    mask_hide_append_sql(text, rule->condition);
}
