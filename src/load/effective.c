#include "load/effective.h"

#include <ctype.h>
#include <string.h>

#include "base/sqltext.h"

/* ---- defaults */

/* The length of the constant without quotes that the text begins with. */
static size_t
count_word(const char *text)
{
    static const char *const words[] = {"true", "false", "NULL"};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
    {
        if (strncmp(text, words[i], strlen(words[i])) == 0)
            return strlen(words[i]);
    }
    return 0;
}

bool
effective_is_constant(const char *expression)
{
    const char *rest = expression;
    const char *start;
    bool is_negative;

    while (*rest == '(')
        rest++;
    is_negative = *rest == '-';
    rest += is_negative;
    start = rest;
    if (*rest == '\'')
        rest = sqltext_skip_quoted(rest, false);
    else if (isdigit((unsigned char)*rest))
        rest += strspn(rest, "0123456789.");
    else if (!is_negative)
        rest += count_word(rest);
    if (rest == NULL || rest == start)
        return false;
    rest += strspn(rest, ")");
    if (*rest == '\0')
        return true;
    /* a cast to a type; operators and quotes would be more than that */
    return strncmp(rest, "::", 2) == 0 && strpbrk(rest, "'+-*/<>=~!@#%^&|`?") == NULL;
}

bool
effective_is_default_known(const LoadTable *table, int column)
{
    const TargetColumn *found = &table->target->columns[column];

    return !found->has_default ||
           (!found->is_identity && found->default_expression != NULL &&
            effective_is_constant(found->default_expression));
}

/* ---- what applies to a column */

bool
effective_is_needed(const LoadTable *table)
{
    return table->is_partial || table->rules != NULL;
}

static bool
is_matching_column(const LoadTable *table, int column)
{
    for (int i = 0; table->key != NULL && i < table->key->n_parts; i++)
    {
        if (table->key->parts[i].column == column)
            return true;
    }
    return false;
}

bool
effective_is_kept(const LoadTable *table, int column)
{
    if (is_matching_column(table, column))
        return false;
    return table->target->relation->columns[column].is_always_identity ||
           (table->rules != NULL && table->rules->is_immutable[column]);
}

bool
effective_is_updated_at(const LoadTable *table, int column)
{
    return table->rules != NULL && table->rules->updated_at == column;
}

bool
effective_is_deleted_at(const LoadTable *table, int column)
{
    return table->rules != NULL && table->rules->deleted_at == column;
}

bool
effective_has_soft_delete(const LoadTable *table)
{
    return table->rules != NULL && table->rules->deleted_at >= 0;
}

bool
effective_may_be_absent(const LoadTable *table, int column)
{
    return table->is_partial && batch_has_column(table, column) &&
           !is_matching_column(table, column) &&
           (table->lacking == NULL || table->lacking[column]);
}

static bool
is_contributing(const LoadTable *table)
{
    return table->is_partial || (table->rules != NULL &&
                                 (table->rules->is_merge || table->rules->has_immutable));
}

bool
effective_is_folded(const LoadTable *table)
{
    return is_contributing(table) && table->key != NULL &&
           table->settings->duplicates == DUPLICATES_LAST &&
           table->settings->strategy != STRATEGY_INSERT_ONLY &&
           table->settings->conflict != CONFLICT_SKIP;
}

bool
effective_is_first_kept(const LoadTable *table)
{
    return table->settings->conflict == CONFLICT_SKIP ||
           (is_contributing(table) && table->settings->strategy == STRATEGY_INSERT_ONLY);
}

/* ---- SQL */

static int
find_bit(const LoadTable *table, int column)
{
    const int *staged = table->staged != NULL ? table->staged : table->columns;
    int bit = 0;

    while (staged[bit] != column)
        bit++;
    return bit;
}

void
effective_append_presence(PQExpBuffer sql, const LoadTable *table, const char *alias,
                          int column)
{
    appendPQExpBuffer(sql,
                      "COALESCE(pg_catalog.get_bit(%s." PRESENT_COLUMN
                      ", %d) OPERATOR(pg_catalog.=) 1, true)",
                      alias, find_bit(table, column));
}

void
effective_append_known(PQExpBuffer sql, const LoadTable *table, const int *columns, int n,
                       const char *alias)
{
    for (int i = 0; i < n; i++)
    {
        if (effective_is_default_known(table, columns[i]) ||
            !batch_writes_column(table, columns[i]))
            continue;
        if (!batch_has_column(table, columns[i]))
            appendPQExpBufferStr(sql, " AND false");
        else if (effective_may_be_absent(table, columns[i]))
        {
            appendPQExpBufferStr(sql, " AND ");
            effective_append_presence(sql, table, alias, columns[i]);
        }
    }
}

/* The default of a column that has one. */
static void
append_default(PQExpBuffer sql, const LoadTable *table, int column)
{
    appendPQExpBuffer(sql, "(%s)::%s", table->target->columns[column].default_expression,
                      table->target->relation->columns[column].declared_type);
}

/* "CASE WHEN alias has c THEN alias.c ELSE the default END" */
static void
append_or_default(PQExpBuffer sql, const LoadTable *table, const char *alias, int column)
{
    appendPQExpBufferStr(sql, "CASE WHEN ");
    effective_append_presence(sql, table, alias, column);
    appendPQExpBuffer(sql, " THEN %s.%s ELSE ", alias,
                      table->target->relation->columns[column].qname);
    append_default(sql, table, column);
    appendPQExpBufferStr(sql, " END");
}

static bool
has_default_now(const LoadTable *table, int column, bool has_all)
{
    return table->target->columns[column].default_expression != NULL &&
           (has_all || effective_is_default_known(table, column));
}

void
effective_append_new(PQExpBuffer sql, const LoadTable *table, const char *alias,
                     int column, bool has_all)
{
    const Column *found = &table->target->relation->columns[column];

    if (effective_may_be_absent(table, column) && has_default_now(table, column, has_all))
        append_or_default(sql, table, alias, column);
    else if (batch_has_column(table, column))
        appendPQExpBuffer(sql, "%s.%s", alias, found->qname);
    else if (has_default_now(table, column, has_all))
        append_default(sql, table, column);
    else
        appendPQExpBuffer(sql, "NULL::%s", found->type_name);
}

void
effective_append_inserted(PQExpBuffer sql, const LoadTable *table, int column)
{
    if (effective_may_be_absent(table, column) && has_default_now(table, column, true) &&
        !effective_is_default_known(table, column))
        append_or_default(sql, table, "d", column);
    else
        appendPQExpBuffer(sql, "d.%s", table->target->relation->columns[column].qname);
}

/* Does an update write what the record has, whatever the row has? */
static bool
is_taken_as_it_is(const LoadTable *table, int column)
{
    bool is_merge = table->rules != NULL && table->rules->is_merge;

    if (is_matching_column(table, column) || effective_is_deleted_at(table, column))
        return true;
    return !effective_is_kept(table, column) && !is_merge &&
           !effective_may_be_absent(table, column);
}

/* Where the row exists. */
static void
append_existing(PQExpBuffer sql, const LoadTable *table, int column)
{
    const Column *found = &table->target->relation->columns[column];
    const char *qname = found->qname;

    if (effective_is_updated_at(table, column))
        appendPQExpBuffer(sql, "pg_catalog.now()::%s", found->type_name);
    else if (effective_is_deleted_at(table, column) && !batch_has_column(table, column))
        appendPQExpBuffer(sql, "NULL::%s", found->type_name);
    else if (is_taken_as_it_is(table, column))
        appendPQExpBuffer(sql, "s.%s", qname);
    else if (effective_is_kept(table, column))
        appendPQExpBuffer(sql, "t.%s", qname);
    else if (table->rules != NULL && table->rules->is_merge)
        appendPQExpBuffer(sql, "COALESCE(s.%s, t.%s)", qname, qname);
    else
    {
        appendPQExpBufferStr(sql, "CASE WHEN ");
        effective_append_presence(sql, table, "s", column);
        appendPQExpBuffer(sql, " THEN s.%s ELSE t.%s END", qname, qname);
    }
}

void
effective_append_value(PQExpBuffer sql, const LoadTable *table, int column)
{
    PQExpBufferData new;
    PQExpBufferData existing;

    initPQExpBuffer(&new);
    initPQExpBuffer(&existing);
    effective_append_new(&new, table, "s", column, false);
    append_existing(&existing, table, column);
    if (strcmp(new.data, existing.data) == 0)
        appendPQExpBufferStr(sql, new.data);
    else
        appendPQExpBuffer(sql, "CASE WHEN t." XID_COLUMN " IS NULL THEN %s ELSE %s END",
                          new.data, existing.data);
    termPQExpBuffer(&new);
    termPQExpBuffer(&existing);
}

bool
effective_is_changed(const LoadTable *table, int column)
{
    const char *qname = table->target->relation->columns[column].qname;
    PQExpBufferData value;
    bool is_changed;

    if (!effective_is_needed(table))
        return false;
    initPQExpBuffer(&value);
    effective_append_value(&value, table, column);
    is_changed = strncmp(value.data, "s.", 2) != 0 || strcmp(value.data + 2, qname) != 0;
    termPQExpBuffer(&value);
    return is_changed;
}
