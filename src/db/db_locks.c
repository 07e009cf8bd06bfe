#include <stdlib.h>

#include "db/db_internal.h"

/* The first of those in poolers' sessions, which outlive their connections. */
static Db *first_locker;

static void
leave_at_exit(void)
{
    while (first_locker != NULL)
        db_locks_leave(first_locker);
}

void
db_locks_note(Db *db)
{
    static bool is_registered;

    if (!db->is_pooled || db->has_locks)
        return;
    if (!is_registered)
        (void)atexit(leave_at_exit);
    is_registered = true;
    db->has_locks = true;
    db->next_locker = first_locker;
    first_locker = db;
}

void
db_locks_leave(Db *db)
{
    Db **link = &first_locker;

    if (!db->has_locks)
        return;
    while (*link != NULL && *link != db)
        link = &(*link)->next_locker;
    if (*link != NULL)
        *link = db->next_locker;
    db->has_locks = false;
    if (db_recover(db))
        (void)db_attempt(db, "CLOSE ALL;\nDEALLOCATE ALL;\n"
                             "SELECT pg_catalog.pg_advisory_unlock_all()");
}
