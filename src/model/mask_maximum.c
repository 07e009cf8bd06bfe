#include "model/mask_maximum.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/strbuf.h"

/* The largest value that all columns of the class have room for. */
static int64_t
find_room(const MaskGroup *group)
{
    int64_t room = INT64_MAX;
    int n_digits = group->target.precision - group->target.scale;

    if (group->target.size == 4)
        room = INT32_MAX;
    if (group->target.size == 2)
        room = INT16_MAX;
    if (n_digits > 0 && n_digits < 19)
    {
        int64_t power = 1;

        for (int i = 0; i < n_digits; i++)
            power *= 10;
        room = power - 1 < room ? power - 1 : room;
    }
    return room;
}

static int64_t
find_power_above(int64_t value)
{
    int64_t power = 10;

    while (power <= value && power <= INT64_MAX / 10)
        power *= 10;
    return power > value ? power : INT64_MAX;
}

/* ---- which columns have all values of the class */

/* Does the foreign key say that each value of its column is one of the other column? */
static bool
is_covering(const ForeignKey *key)
{
    /* of several columns, NULL in one makes the others mean nothing */
    return key->is_validated && key->period < 0 && key->referencing_partition == 0 &&
           key->n_columns == 1;
}

/*
 * Marks what is covered by a column that is not, or by one that is marked: at the end, by
 * number of a column, everything that no value of the class is missing without. Columns
 * that only refer to each other in a circle stay unmarked.
 */
static bool
cover_once(const MaskGroup *group, const bool *is_referencing, bool *is_covered)
{
    const Catalog *catalog = group->catalog;
    bool is_changed = false;

    for (int i = 0; i < catalog->n_foreign_keys; i++)
    {
        const ForeignKey *key = &catalog->foreign_keys[i];
        int from;
        int to;

        if (!is_covering(key))
            continue;
        from = mask_class_number(group->classes, key->referencing,
                                 key->referencing_columns[0]);
        to = mask_class_number(group->classes, key->referenced,
                               key->referenced_columns[0]);
        if (from == to || is_covered[from] || (is_referencing[to] && !is_covered[to]))
            continue;
        is_covered[from] = is_changed = true;
    }
    return is_changed;
}

static bool *
find_covered(const MaskGroup *group)
{
    const Catalog *catalog = group->catalog;
    int n = group->classes->n;
    bool *is_covered = ARENA_ARRAY(catalog->arena, n, bool);
    bool *is_referencing = ARENA_ARRAY(catalog->arena, n, bool);

    for (int i = 0; i < catalog->n_foreign_keys; i++)
    {
        const ForeignKey *key = &catalog->foreign_keys[i];
        int from = mask_class_number(group->classes, key->referencing,
                                     key->referencing_columns[0]);

        if (is_covering(key) && from != mask_class_number(group->classes, key->referenced,
                                                          key->referenced_columns[0]))
            is_referencing[from] = true;
    }
    while (cover_once(group, is_referencing, is_covered))
        continue;
    return is_covered;
}

/* "SELECT max(c) ..." for each column that another does not cover, or "". */
static void
append_columns(PQExpBuffer sql, const MaskGroup *group)
{
    const bool *is_covered = find_covered(group);

    for (int i = 0; i < group->n_members; i++)
    {
        const Relation *relation;
        int position;
        int column;

        mask_class_locate(group->classes, group->members[i], &position, &column);
        relation = &group->catalog->relations[position];
        if (!relation->is_readable || is_covered[group->members[i]])
            continue;
        appendPQExpBuffer(
            sql,
            "%sSELECT pg_catalog.max(t.%s)::pg_catalog.numeric AS value FROM %s%s AS t\n",
            sql->len > 0 ? " UNION ALL " : "", relation->columns[column].qname,
            relation->is_partitioned ? "" : "ONLY ", relation->qname);
    }
}

/* The same for the sequences of these columns. */
static void
append_sequences(PQExpBuffer sql, const MaskGroup *group)
{
    const Catalog *catalog = group->catalog;

    for (int i = 0; i < catalog->n_sequences; i++)
    {
        const Sequence *sequence = &catalog->sequences[i];
        bool is_of_class = false;

        if (sequence->relation < 0 || !sequence->is_readable)
            continue;
        for (int j = 0; !is_of_class && j < group->n_members; j++)
            is_of_class =
                group->members[j] ==
                mask_class_number(group->classes, sequence->relation, sequence->column);
        if (is_of_class)
            appendPQExpBuffer(
                sql, "%sSELECT last_value::pg_catalog.numeric AS value FROM %s\n",
                sql->len > 0 ? " UNION ALL " : "", sequence->qname);
    }
}

/* The largest of the values, at most INT64_MAX; below 1: there is none. */
static int64_t
ask_largest(PQExpBuffer values, Answers *answers)
{
    char *sql;
    char *text;
    int64_t largest;

    if (values->len == 0)
        return 0;
    sql =
        mem_format("SELECT pg_catalog.trunc(LEAST(COALESCE(pg_catalog.max(v.value), 0), "
                   "9223372036854775807))\n  FROM (%s) AS v",
                   values->data);
    answers_set_context(answers, "could not find the largest key to mask");
    text = answers_query_value(answers, sql);
    answers_set_context(answers, NULL);
    largest = strtoll(text, NULL, 10);
    free(text);
    free(sql);
    return largest;
}

int64_t
mask_maximum_find(const MaskGroup *group, Answers *answers)
{
    PQExpBufferData columns;
    PQExpBufferData sequences;
    int64_t value;
    int64_t last;
    int64_t room = find_room(group);
    bool is_unknown;

    initPQExpBuffer(&columns);
    initPQExpBuffer(&sequences);
    append_columns(&columns, group);
    append_sequences(&sequences, group);
    is_unknown = columns.len == 0 && sequences.len == 0;
    value = ask_largest(&columns, answers);
    last = ask_largest(&sequences, answers);
    if (sequences.len == 0)
        last = find_power_above(value);
    if (last < value)
        last = value;
    if (last < 1)
        last = 1;
    termPQExpBuffer(&columns);
    termPQExpBuffer(&sequences);
    if (is_unknown)
        return 0;
    return last < room ? last : room;
}
