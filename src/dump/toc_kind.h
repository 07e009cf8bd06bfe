/*
 * The kinds of entries in the archives of pg_dump 12 to 18, and what each belongs to.
 *
 * Pure: no server, no output.
 */
#ifndef DUMP_TOC_KIND_H
#define DUMP_TOC_KIND_H

#include <stddef.h>
#include <stdint.h>

/* When is an entry kept that was not named and that nothing kept depends on? */
typedef enum TocBelonging
{
    TOC_ALONE,        /* never */
    TOC_ALWAYS,       /* always: settings of the archive */
    TOC_OF_ALL,       /* all that it depends on are kept */
    TOC_OF_RELATIONS, /* all relations that it depends on are kept, and there is one */
    TOC_OF_ANY,       /* one relation that it depends on is kept */
    TOC_OF_TYPES,     /* all types that it depends on are kept, and there is one */
    TOC_OF_OWNER      /* the relation or domain that its own label names is kept */
} TocBelonging;

/* What others can belong to. */
typedef enum TocRole
{
    TOC_PLAIN,
    TOC_RELATION,  /* has columns and a row type */
    TOC_TYPE,      /* a type or what has types */
    TOC_ANNOTATION /* describes another entry */
} TocRole;

enum
{
    TOC_ANY_CLASS = -1
};

typedef struct TocKind
{
    const char *name;
    int class_oid; /* of the entry's catalog, or TOC_ANY_CLASS */
    TocBelonging belonging;
    TocRole role;
} TocKind;

/* The kind of that name; one without belonging where the name is unknown. */
const TocKind *toc_kind_get(const char *name);

/*
 * The kind that a line of the listing begins with, its class being known: so a table in a
 * schema "DATA" differs from the data of a table. NULL for an unknown kind.
 */
const TocKind *toc_kind_find_prefix(const char *text, uint32_t class_oid);

#endif
