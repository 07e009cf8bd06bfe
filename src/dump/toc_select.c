/*
 * Which entries of a table of contents are kept: closures over their dependencies, in
 * both directions. Dependencies are kept as arrays of positions, with the reverse ones
 * beside them, so that a closure costs time linear in entries and dependencies: a stack
 * has what was added and not yet looked at.
 *
 * Selecting adds, for each entry on the stack, what it needs, and each of its users that
 * is then complete, by the rule of its kind (toc_kind.h): an index when its table is
 * kept, a foreign key when both tables are. Leaving out marks first what tables need,
 * transitively, and then removes what is not marked with all of its users. For example,
 * to leave out a function in C that a column default of table t and a view v use: t needs
 * it, so it stays, and so do its users.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "dump/toc.h"
#include "dump/toc_kind.h"

enum
{
    NO_ENTRY = -1,
    PG_PROC = 1255
};

/*
 * The dependencies, by position in the table of contents. The entries that entry i needs
 * are needs[needs_start[i]] up to needs[needs_start[i + 1]], and its users likewise.
 */
typedef struct TocGraph
{
    const Toc *toc;
    const TocKind **kinds;
    size_t *needs_start;
    size_t *needs;
    size_t *users_start;
    size_t *users;
    size_t *stack; /* room for every entry once */
    size_t n_stack;
} TocGraph;

/* Positions of the dependencies that are in the archive. */
static void
graph_add_needs(TocGraph *graph, size_t position)
{
    const Toc *toc = graph->toc;
    const TocEntry *entry = &toc->entries[position];
    size_t next = graph->needs_start[position];

    for (size_t i = 0; i < entry->n_dependencies; i++)
    {
        const TocEntry *need = toc_find_id(toc, entry->dependencies[i]);

        if (need != NULL && need != entry)
            graph->needs[next++] = (size_t)(need - toc->entries);
    }
    graph->needs_start[position + 1] = next;
}

/* Reverses the dependencies: counts the users of each entry, then lists them. */
static void
graph_add_users(TocGraph *graph)
{
    const size_t n = graph->toc->n_entries;
    size_t *next = mem_alloc_zero(n + 1, sizeof(*next));

    for (size_t i = 0; i < graph->needs_start[n]; i++)
        graph->users_start[graph->needs[i] + 1]++;
    for (size_t i = 0; i < n; i++)
        graph->users_start[i + 1] += graph->users_start[i];
    memcpy(next, graph->users_start, (n + 1) * sizeof(*next));
    for (size_t i = 0; i < n; i++)
    {
        for (size_t j = graph->needs_start[i]; j < graph->needs_start[i + 1]; j++)
            graph->users[next[graph->needs[j]]++] = i;
    }
    free(next);
}

static void
graph_init(TocGraph *graph, const Toc *toc)
{
    const size_t n = toc->n_entries;
    size_t n_needs = 0;

    for (size_t i = 0; i < n; i++)
        n_needs += toc->entries[i].n_dependencies;
    *graph = (TocGraph){.toc = toc};
    graph->kinds = mem_alloc_zero(n, sizeof(*graph->kinds));
    graph->needs_start = mem_alloc_zero(n + 1, sizeof(size_t));
    graph->needs = mem_alloc_zero(n_needs, sizeof(size_t));
    graph->users_start = mem_alloc_zero(n + 1, sizeof(size_t));
    graph->users = mem_alloc_zero(n_needs, sizeof(size_t));
    graph->stack = mem_alloc_zero(n, sizeof(size_t));
    for (size_t i = 0; i < n; i++)
    {
        graph->kinds[i] = toc_kind_get(toc->entries[i].kind);
        graph_add_needs(graph, i);
    }
    graph_add_users(graph);
}

static void
graph_free(TocGraph *graph)
{
    free(graph->kinds);
    free(graph->needs_start);
    free(graph->needs);
    free(graph->users_start);
    free(graph->users);
    free(graph->stack);
}

/*
 * Does the label of a part ("app orders t1 owner") begin with schema and name and end
 * with the owner of this one ("app orders owner")? Each may contain blanks.
 */
static bool
label_is_owner(const char *part, const char *whole)
{
    size_t part_length = strlen(part);

    for (const char *blank = strrchr(whole, ' '); blank != NULL && blank > whole;)
    {
        size_t prefix_length = (size_t)(blank - whole) + 1;
        size_t suffix_length = strlen(blank);

        if (part_length >= prefix_length + suffix_length &&
            strncmp(part, whole, prefix_length) == 0 &&
            strcmp(part + part_length - suffix_length, blank) == 0)
            return true;
        do
            blank--;
        while (blank > whole && *blank != ' ');
    }
    return false;
}

/* Is the one that part needs also the one that it belongs to by its label? */
static bool
graph_has_owner(const TocGraph *graph, size_t part, size_t whole)
{
    const TocEntry *entries = graph->toc->entries;
    bool may_own = graph->kinds[whole]->role == TOC_RELATION ||
                   strcmp(entries[whole].kind, "DOMAIN") == 0;

    return may_own && label_is_owner(entries[part].label, entries[whole].label);
}

/* What an entry needs, counted by what the entry could belong to. */
typedef struct NeedCount
{
    size_t n_all;
    size_t n_relations;
    size_t n_types; /* relations are types as well */
    size_t n_owners;
} NeedCount;

static void
count_need(NeedCount *count, TocRole role, bool is_owner)
{
    count->n_all++;
    count->n_relations += role == TOC_RELATION;
    count->n_types += role == TOC_RELATION || role == TOC_TYPE;
    count->n_owners += is_owner;
}

static void
count_needs(const TocGraph *graph, size_t position, NeedCount *all, NeedCount *kept)
{
    for (size_t i = graph->needs_start[position]; i < graph->needs_start[position + 1];
         i++)
    {
        size_t need = graph->needs[i];
        TocRole role = graph->kinds[need]->role;
        bool is_owner = graph_has_owner(graph, position, need);

        count_need(all, role, is_owner);
        if (graph->toc->entries[need].is_kept)
            count_need(kept, role, is_owner);
    }
}

/* Is the entry kept, now that some of what it needs is? */
static bool
is_complete(const TocGraph *graph, size_t position)
{
    const TocBelonging belonging = graph->kinds[position]->belonging;
    NeedCount all = {0};
    NeedCount kept = {0};

    if (belonging == TOC_ALONE)
        return false;
    count_needs(graph, position, &all, &kept);
    switch (belonging)
    {
        case TOC_ALONE:
            break;
        case TOC_ALWAYS:
            return true;
        case TOC_OF_ALL:
            return all.n_all > 0 && kept.n_all == all.n_all;
        case TOC_OF_ANY:
            return kept.n_relations > 0;
        case TOC_OF_TYPES:
            return all.n_types > 0 && kept.n_types == all.n_types;
        case TOC_OF_OWNER:
            if (all.n_owners > 0)
                return kept.n_owners == all.n_owners;
            return all.n_relations > 0 && kept.n_relations == all.n_relations;
        case TOC_OF_RELATIONS:
            return all.n_relations > 0 && kept.n_relations == all.n_relations;
    }
    return false;
}

static void
select_keep(TocGraph *graph, size_t position)
{
    TocEntry *entry = &graph->toc->entries[position];

    if (entry->is_kept)
        return;
    entry->is_kept = true;
    graph->stack[graph->n_stack++] = position;
}

/* Keeps what the kept entries on the stack need, and what belongs to them. */
static void
select_close(TocGraph *graph)
{
    while (graph->n_stack > 0)
    {
        size_t position = graph->stack[--graph->n_stack];

        for (size_t i = graph->needs_start[position];
             i < graph->needs_start[position + 1]; i++)
            select_keep(graph, graph->needs[i]);
        for (size_t i = graph->users_start[position];
             i < graph->users_start[position + 1]; i++)
        {
            if (!graph->toc->entries[graph->users[i]].is_kept &&
                is_complete(graph, graph->users[i]))
                select_keep(graph, graph->users[i]);
        }
    }
}

void
toc_select(Toc *toc, const TocObject *objects, size_t n_objects)
{
    TocGraph graph;

    graph_init(&graph, toc);
    for (size_t i = 0; i < toc->n_entries; i++)
        toc->entries[i].is_kept = false;
    for (size_t i = 0; i < toc->n_entries; i++)
    {
        if (graph.kinds[i]->belonging == TOC_ALWAYS)
            select_keep(&graph, i);
    }
    for (size_t i = 0; i < n_objects; i++)
    {
        const TocEntry *entry = toc_find(toc, objects[i].class_oid, objects[i].oid);

        if (entry != NULL)
            select_keep(&graph, (size_t)(entry - toc->entries));
    }
    select_close(&graph);
    graph_free(&graph);
}

/* The reasons to leave entries out, or to keep them; by position. */
typedef struct LeaveOut
{
    TocGraph graph;
    const char **reason; /* of the objects that need a superuser, or NULL */
    int *needed_by;      /* a kept table or materialized view, or NO_ENTRY */
    int *missing_need;   /* what is left out and was needed, or NO_ENTRY */
} LeaveOut;

static void
leave_out_init(LeaveOut *leave_out, const Toc *toc, const TocObject *objects,
               size_t n_objects)
{
    graph_init(&leave_out->graph, toc);
    leave_out->reason = mem_alloc_zero(toc->n_entries, sizeof(*leave_out->reason));
    leave_out->needed_by = mem_alloc_zero(toc->n_entries, sizeof(int));
    leave_out->missing_need = mem_alloc_zero(toc->n_entries, sizeof(int));
    for (size_t i = 0; i < toc->n_entries; i++)
    {
        leave_out->needed_by[i] = NO_ENTRY;
        leave_out->missing_need[i] = NO_ENTRY;
    }
    for (size_t i = 0; i < n_objects; i++)
    {
        const TocEntry *entry = toc_find(toc, objects[i].class_oid, objects[i].oid);

        if (entry != NULL && entry->is_kept)
            leave_out->reason[entry - toc->entries] =
                objects[i].reason != NULL ? objects[i].reason : "needs a superuser";
    }
}

static void
leave_out_free(LeaveOut *leave_out)
{
    graph_free(&leave_out->graph);
    free(leave_out->reason);
    free(leave_out->needed_by);
    free(leave_out->missing_need);
}

/* Marks an entry that another one needs, with all that it needs, directly or not. */
static void
leave_out_mark_needed(LeaveOut *leave_out, size_t needed, size_t by)
{
    TocGraph *graph = &leave_out->graph;

    if (leave_out->needed_by[needed] != NO_ENTRY)
        return;
    leave_out->needed_by[needed] = (int)by;
    graph->stack[graph->n_stack++] = needed;
    while (graph->n_stack > 0)
    {
        size_t position = graph->stack[--graph->n_stack];

        for (size_t i = graph->needs_start[position];
             i < graph->needs_start[position + 1]; i++)
        {
            size_t need = graph->needs[i];

            if (leave_out->needed_by[need] != NO_ENTRY)
                continue;
            leave_out->needed_by[need] = (int)by;
            graph->stack[graph->n_stack++] = need;
        }
    }
}

static void
leave_out_mark_all_needed(LeaveOut *leave_out)
{
    const Toc *toc = leave_out->graph.toc;

    for (size_t i = 0; i < toc->n_entries; i++)
    {
        const TocEntry *entry = &toc->entries[i];

        if (entry->is_kept && (strcmp(entry->kind, "TABLE") == 0 ||
                               strcmp(entry->kind, "MATERIALIZED VIEW") == 0))
            leave_out_mark_needed(leave_out, i, i);
    }
}

/* Is something kept that only a superuser can restore or create beforehand? */
static bool
leave_out_needs_superuser(const LeaveOut *leave_out)
{
    const Toc *toc = leave_out->graph.toc;

    for (size_t i = 0; i < toc->n_entries; i++)
    {
        if (leave_out->reason[i] != NULL && leave_out->needed_by[i] != NO_ENTRY &&
            strcmp(toc->entries[i].kind, "EXTENSION") != 0)
            return true;
    }
    return false;
}

/* Marks what functions that stay may call; true if there was any. */
static bool
leave_out_mark_called(LeaveOut *leave_out, const TocCalls *calls)
{
    const Toc *toc = leave_out->graph.toc;
    bool has_any = false;

    for (size_t i = 0; i < calls->n; i++)
    {
        const TocCall *call = &calls->items[i];
        const TocEntry *caller = toc_find(toc, PG_PROC, call->caller);
        const TocEntry *called = toc_find(toc, call->class_oid, call->oid);
        size_t by = caller != NULL ? (size_t)(caller - toc->entries) : 0;
        size_t needed = called != NULL ? (size_t)(called - toc->entries) : 0;

        if (caller == NULL || called == NULL || !caller->is_kept || !called->is_kept ||
            leave_out->needed_by[needed] != NO_ENTRY ||
            (leave_out->reason[by] != NULL && leave_out->needed_by[by] == NO_ENTRY))
            continue;
        leave_out_mark_needed(leave_out, needed, by);
        has_any = true;
    }
    return has_any;
}

/* Leaves out what no table needs, and all that depends on it: no table among that. */
static void
leave_out_close(LeaveOut *leave_out)
{
    TocGraph *graph = &leave_out->graph;
    TocEntry *entries = graph->toc->entries;

    for (size_t i = 0; i < graph->toc->n_entries; i++)
    {
        if (leave_out->reason[i] == NULL || leave_out->needed_by[i] != NO_ENTRY)
            continue;
        entries[i].is_kept = false;
        graph->stack[graph->n_stack++] = i;
    }
    while (graph->n_stack > 0)
    {
        size_t position = graph->stack[--graph->n_stack];

        for (size_t i = graph->users_start[position];
             i < graph->users_start[position + 1]; i++)
        {
            size_t user = graph->users[i];

            if (!entries[user].is_kept || strcmp(entries[user].kind, "TABLE") == 0)
                continue;
            entries[user].is_kept = false;
            leave_out->missing_need[user] = (int)position;
            graph->stack[graph->n_stack++] = user;
        }
    }
}

/* The reason to give for one entry, owned by the caller, or NULL if there is none. */
static char *
leave_out_format_reason(const LeaveOut *leave_out, size_t position)
{
    const TocEntry *entries = leave_out->graph.toc->entries;
    const char *reason = leave_out->reason[position];
    int other = leave_out->missing_need[position];
    char *name;
    char *text;

    if (reason != NULL)
    {
        if (!entries[position].is_kept)
            return mem_copy_string(reason);
        other = leave_out->needed_by[position];
    }
    if (other == NO_ENTRY || leave_out->graph.kinds[position]->role == TOC_ANNOTATION)
        return NULL;
    name = toc_format_name(&entries[other]);
    if (reason != NULL)
        text = mem_format("kept: needed by %s; %s", name, reason);
    else
        text = mem_format("needs %s", name);
    free(name);
    return text;
}

static void
leave_out_report(const LeaveOut *leave_out, TocLeftOut left_out, void *context)
{
    const Toc *toc = leave_out->graph.toc;

    for (size_t i = 0; i < toc->n_entries; i++)
    {
        char *reason = leave_out_format_reason(leave_out, i);

        if (reason != NULL)
            left_out(context, &toc->entries[i], reason);
        free(reason);
    }
}

void
toc_select_leave_out(Toc *toc, const TocObject *objects, size_t n_objects,
                     const TocCalls *calls, TocLeftOut left_out, void *context)
{
    LeaveOut leave_out;

    leave_out_init(&leave_out, toc, objects, n_objects);
    leave_out_mark_all_needed(&leave_out);
    if (leave_out_needs_superuser(&leave_out))
    {
        while (leave_out_mark_called(&leave_out, calls))
            ;
    }
    leave_out_close(&leave_out);
    leave_out_report(&leave_out, left_out, context);
    leave_out_free(&leave_out);
}

void
toc_select_remove(Toc *toc, const TocObject *objects, size_t n_objects,
                  TocLeftOut left_out, void *context)
{
    LeaveOut leave_out;

    leave_out_init(&leave_out, toc, objects, n_objects);
    leave_out_close(&leave_out);
    leave_out_report(&leave_out, left_out, context);
    leave_out_free(&leave_out);
}

void
toc_select_drop(Toc *toc, uint32_t class_oid, uint32_t oid, bool is_replaced)
{
    TocEntry *dropped = toc_find(toc, class_oid, oid);

    if (dropped == NULL)
        return;
    dropped->is_replaced = is_replaced && dropped->is_kept;
    dropped->is_kept = false;
    for (size_t i = 0; i < toc->n_entries; i++)
    {
        TocEntry *entry = &toc->entries[i];

        for (size_t j = 0; j < entry->n_dependencies; j++)
        {
            if (entry->dependencies[j] == dropped->dump_id &&
                toc_kind_get(entry->kind)->role == TOC_ANNOTATION)
                entry->is_kept = false;
        }
    }
}
