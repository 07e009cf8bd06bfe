#include <stdlib.h>

#include "base/arena.h"
#include "load/plan/target_internal.h"

Target *
target_list_find(const TargetList *list, CatalogOid oid)
{
    for (int i = 0; i < list->n_targets; i++)
    {
        if (list->targets[i].relation->oid == oid)
            return &list->targets[i];
    }
    return NULL;
}

const char *
target_list_copy(const TargetList *list, const char *text)
{
    return text != NULL ? arena_copy_string(list->catalog->arena, text) : NULL;
}

void
target_list_read_columns(const TargetList *list, const Target *target,
                         const char *attnums, int **columns, int *n_columns)
{
    const char *next = attnums;
    size_t n = 1;

    for (const char *c = attnums; *c != '\0'; c++)
        n += *c == ',';
    *columns = ARENA_ARRAY(list->catalog->arena, n, int);
    *n_columns = 0;
    while (*next != '\0')
    {
        char *end;
        long attnum = strtol(next, &end, 10);
        int column;

        if (end == next)
        {
            next++;
            continue;
        }
        next = end;
        column = catalog_find_attnum(target->relation, (int)attnum);
        if (attnum > 0 && column >= 0)
            (*columns)[(*n_columns)++] = column;
    }
}

PGresult *
target_list_query(const TargetList *list, const char *sql)
{
    const char *values[] = {list->oids};

    return db_query_params(list->db, sql, 1, values);
}
