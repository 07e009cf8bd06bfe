/*
 * The table of contents of a pg_dump archive, and which entries of it a sample keeps.
 *
 * An entry is an object (a table, an index, a comment ...) with a dump id and the dump
 * ids of the entries that it depends on. These dependencies are the ones that pg_dump
 * orders its output by, so what is kept together with all that it depends on can be
 * restored. toc_select.c finds that closure, and beyond it what belongs to a kept entry
 * although that does not depend on it, such as an index of a table (toc_kind.h).
 *
 * Pure: it is read from the archive, or where that is of an unknown release from the text
 * of "pg_restore --list --verbose", and needs no server.
 */
#ifndef DUMP_TOC_H
#define DUMP_TOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

typedef enum TocSection
{
    TOC_NO_SECTION, /* that of the entry before it */
    TOC_PRE_DATA,
    TOC_DATA,
    TOC_POST_DATA
} TocSection;

/* What pg_restore makes the text of an entry from; all but the name can be NULL. */
typedef struct TocText
{
    TocSection section;
    const char *name;
    const char *schema;
    const char *definition;
    bool has_storage; /* a table's, by the access method heap */
} TocText;

typedef struct TocEntry
{
    int dump_id;
    uint32_t class_oid; /* catalog that the object is in (pg_class is 1259), 0: none */
    uint32_t oid;
    char *kind;        /* TABLE, INDEX, FK CONSTRAINT, ... */
    char *label;       /* schema, name and owner as listed; see toc_format_name() */
    int *dependencies; /* dump ids; some may name entries that are not in the archive */
    size_t n_dependencies;
    bool is_kept;
    bool is_replaced; /* by what the dump writes itself: only its DROP is kept */
    TocText text;     /* only of an archive that was read */
} TocEntry;

typedef struct Toc
{
    TocEntry *entries; /* in the archive's order */
    size_t n_entries;
    TocEntry **by_id;     /* the same, by dump id */
    TocEntry **by_object; /* the same, by class and oid */
    Arena *arena;         /* has the texts; NULL if there are none */
    int dump_major;       /* of the pg_dump that made the archive, if it was read */
} Toc;

/* An object of a system catalog. */
typedef struct TocObject
{
    uint32_t class_oid;
    uint32_t oid;
    const char *reason; /* of toc_select_leave_out(), or NULL: it needs a superuser */
} TocObject;

/* A function, and what its body may call: a function, or an extension that has one. */
typedef struct TocCall
{
    uint32_t caller;
    uint32_t class_oid;
    uint32_t oid;
} TocCall;

typedef struct TocCalls
{
    TocCall *items;
    size_t n;
} TocCalls;

/*
 * Called for each entry that is left out, with a reason, in the archive's order, but not
 * for their comments, labels and privileges. The reason is released when it returns.
 */
typedef void (*TocLeftOut)(void *context, const TocEntry *entry, const char *reason);

/*
 * Parses the listing; every entry is kept at first. Two dependencies that pg_dump does
 * not record are added: of a user mapping on its server, of a shell type on the type that
 * it becomes. The caller owns the result.
 */
Toc *toc_parse(const char *listing);

/*
 * The same from an archive in pg_dump's custom format, with the texts; NULL if it is not
 * of a release whose archives and texts are known, or has more than a schema.
 */
Toc *toc_archive_read(const char *archive, size_t size);

void toc_free(Toc *toc);

/* Is it that of an archive that was read? */
bool toc_has_texts(const Toc *toc);

/*
 * Removes privileges and security labels, which an archive that was made for other runs,
 * too, has in any case; then it is as if they had never been asked for.
 */
void toc_remove_privileges(Toc *toc);

/*
 * Resets every choice made before, so it is the first to be called. Keeps only the named
 * objects, what belongs to a kept relation (indexes, constraints, triggers, rules,
 * policies, defaults, owned sequences, comments, privileges, attached partitions,
 * statistics, publication members ...) and everything that these depend on. An entry that
 * belongs to several is kept only if all of them are: a foreign key is kept only with
 * both of its tables, and does not add one. Tables can be kept that were not named: those
 * that a view, a rule or a policy reads; ask toc_is_kept(). User mappings, event triggers
 * and publications of all tables are kept only if named.
 */
void toc_select(Toc *toc, const TocObject *objects, size_t n_objects);

/*
 * Leaves out the named objects, which an ordinary role cannot restore, and all entries
 * that depend on them; but when a table or materialized view depends on one, it and its
 * dependents stay (the dump would not restore at all otherwise), and left_out gets a
 * reason that begins with "kept: ". Then a superuser has to restore, unless it is an
 * extension, which can exist before; so all that kept functions can call stays, too.
 */
void toc_select_leave_out(Toc *toc, const TocObject *objects, size_t n_objects,
                          const TocCalls *calls, TocLeftOut left_out, void *context);

/*
 * Leaves out the named objects and all entries that depend on them, but no tables. For
 * the named ones left_out gets their own reason.
 */
void toc_select_remove(Toc *toc, const TocObject *objects, size_t n_objects,
                       TocLeftOut left_out, void *context);

/*
 * Leaves out one object and its comment, nothing else, and reports nothing. When it is
 * replaced (the dump writes it itself, after all of these), its DROP stays.
 */
void toc_select_drop(Toc *toc, uint32_t class_oid, uint32_t oid, bool is_replaced);

/* Is the object among the kept entries? */
bool toc_is_kept(const Toc *toc, uint32_t class_oid, uint32_t oid);

/* The entry of an object, or of a dump id; NULL if the archive has none. */
TocEntry *toc_find(const Toc *toc, uint32_t class_oid, uint32_t oid);
TocEntry *toc_find_id(const Toc *toc, int dump_id);

/*
 * The entry's kind and name as "FUNCTION lib.check(integer)", for messages: blanks in a
 * schema's or owner's name can confuse it. Owned by the caller.
 */
char *toc_format_name(const TocEntry *entry);

/* The list for pg_restore -L: the kept entries in order. Owned by the caller. */
char *toc_format_list(const Toc *toc);

/*
 * The same, for the DROP statements of pg_restore --clean: without the constraints of
 * partitions, which go with those of their parents and cannot be dropped alone.
 */
char *toc_format_drop_list(const Toc *toc);

/* ---- toc_archive.c builds on these of toc.c */

void toc_add_dependency(TocEntry *entry, size_t *capacity, int dump_id);

/* After the last entry: adds the dependencies that are not recorded, and sorts. */
void toc_complete(Toc *toc);

/* ---- toc_script.c: only with the texts of an archive */

/*
 * What pg_restore prints with --no-owner, --no-tablespaces and the list of the kept
 * entries: the statements before all others, and a section. Both end with a newline or
 * are empty, and are owned by the caller.
 */
char *toc_script_format_settings(const Toc *toc, bool enable_row_security);
char *toc_script_format_section(const Toc *toc, TocSection section);

#endif
