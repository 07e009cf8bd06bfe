/*
 * Reads the table of contents of an archive in pg_dump's custom format, which begins with
 * it, in place of a pg_restore --list: each pg_restore is 5 ms of loading libpq and all
 * that it needs.
 *
 * The archive is a sequence of bytes, of integers (a byte for the sign, then as many as
 * the header says, the lowest first) and of strings (their length as an integer, -1 for
 * NULL, then their bytes), as pg_backup_archiver.c of PostgreSQL writes it:
 *
 *     "PGDMP", version (3 bytes), sizes of integers and offsets, format, compression,
 *     time (7 integers), database, versions of server and pg_dump, number of entries,
 *     entries
 *
 * It has not changed since version 1.13 but for what is named below. Another one, one of
 * a later pg_dump, or an entry whose text is not its definition alone is refused; the
 * caller asks pg_restore then. So what is read here is known.
 *
 * Pure: no server, no output.
 */
#include "dump/toc.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum
{
    OLDEST_FORMAT = 13, /* of 1.x: names do not depend on search_path */
    WITH_ACCESS_METHOD = 14,
    WITH_COMPRESSION_BYTE = 15,
    WITH_RELKIND = 16,
    NEWEST_FORMAT = 16,
    NEWEST_MAJOR = 18, /* of a pg_dump whose texts are known */
    CUSTOM_FORMAT = 1,
    N_TIME_FIELDS = 7
};

/* A read beyond the end, or of what cannot be, makes it broken; zeros are read then. */
typedef struct Reader
{
    const char *next;
    size_t left;
    bool is_broken;
    int format; /* the version without its "1." */
    int integer_size;
    int offset_size;
    Arena *arena;
} Reader;

static const char *
archive_read_bytes(Reader *reader, size_t n)
{
    const char *bytes = reader->next;

    if (reader->is_broken || n > reader->left)
    {
        reader->is_broken = true;
        return NULL;
    }
    reader->next += n;
    reader->left -= n;
    return bytes;
}

static int
archive_read_byte(Reader *reader)
{
    const char *byte = archive_read_bytes(reader, 1);

    return byte != NULL ? (unsigned char)*byte : 0;
}

static int
archive_read_integer(Reader *reader)
{
    bool is_negative = archive_read_byte(reader) != 0;
    uint64_t value = 0;

    for (int i = 0; i < reader->integer_size; i++)
        value |= (uint64_t)archive_read_byte(reader) << (8 * i);
    if (value > INT_MAX)
        reader->is_broken = true;
    return reader->is_broken ? 0 : is_negative ? -(int)value : (int)value;
}

/* In the arena, or NULL. */
static const char *
archive_read_string(Reader *reader)
{
    int length = archive_read_integer(reader);
    const char *bytes;
    char *text;

    if (length < 0)
        return NULL;
    bytes = archive_read_bytes(reader, (size_t)length);
    if (bytes == NULL)
        return NULL;
    text = arena_alloc(reader->arena, (size_t)length + 1);
    memcpy(text, bytes, (size_t)length);
    return text;
}

/* As a number; false at the end of a list. */
static bool
archive_read_number(Reader *reader, uint32_t *number)
{
    const char *text = archive_read_string(reader);

    *number = text != NULL ? (uint32_t)strtoul(text, NULL, 10) : 0;
    return text != NULL;
}

/* Passes the header; returns the major version of pg_dump, or 0. */
static int
archive_read_header(Reader *reader)
{
    const char *magic = archive_read_bytes(reader, 5);
    const char *dump_version;
    bool is_known;

    if (magic == NULL || memcmp(magic, "PGDMP", 5) != 0 || archive_read_byte(reader) != 1)
        return 0;
    reader->format = archive_read_byte(reader);
    archive_read_byte(reader); /* the revision */
    reader->integer_size = archive_read_byte(reader);
    reader->offset_size = archive_read_byte(reader);
    is_known = reader->format >= OLDEST_FORMAT && reader->format <= NEWEST_FORMAT &&
               reader->integer_size <= (int)sizeof(int64_t) &&
               archive_read_byte(reader) == CUSTOM_FORMAT;
    if (!is_known)
        return 0;
    if (reader->format >= WITH_COMPRESSION_BYTE)
        archive_read_byte(reader);
    else
        archive_read_integer(reader);
    for (int i = 0; i < N_TIME_FIELDS; i++)
        archive_read_integer(reader);
    archive_read_string(reader); /* the database */
    archive_read_string(reader); /* the server's version */
    dump_version = archive_read_string(reader);
    return dump_version != NULL ? (int)strtol(dump_version, NULL, 10) : 0;
}

static const char *
text_or(const char *text, const char *otherwise)
{
    return text != NULL ? text : otherwise;
}

/* As in a listing: "schema name owner". */
static char *
make_label(const TocText *text, const char *owner)
{
    char *label = mem_format("%s %s %s", text_or(text->schema, "-"), text->name,
                             text_or(owner, ""));

    for (char *c = label; *c != '\0'; c++)
    {
        if (*c == '\n' || *c == '\r')
            *c = ' ';
    }
    return label;
}

static TocSection
archive_read_section(Reader *reader)
{
    switch (archive_read_integer(reader))
    {
        case 1:
            return TOC_NO_SECTION;
        case 2:
            return TOC_PRE_DATA;
        case 3:
            return TOC_DATA;
        case 4:
            return TOC_POST_DATA;
        default:
            reader->is_broken = true;
            return TOC_NO_SECTION;
    }
}

static void
archive_read_dependencies(Reader *reader, TocEntry *entry)
{
    size_t capacity = 0;
    uint32_t dump_id;

    while (archive_read_number(reader, &dump_id))
        toc_add_dependency(entry, &capacity, (int)dump_id);
}

/* What is not NULL or zero only in entries with data, or in old archives. */
static bool
archive_read_data_offset(Reader *reader)
{
    archive_read_byte(reader);
    return archive_read_bytes(reader, (size_t)reader->offset_size) != NULL;
}

/* Its table access method; false if the entry names it in a statement of its own. */
static bool
archive_read_access_method(Reader *reader, TocEntry *entry)
{
    const char *name =
        reader->format >= WITH_ACCESS_METHOD ? archive_read_string(reader) : NULL;
    bool is_partitioned =
        reader->format >= WITH_RELKIND && archive_read_integer(reader) == 'p';

    entry->text.has_storage = name != NULL;
    return name == NULL || (strcmp(name, "heap") == 0 && !is_partitioned);
}

/* Does pg_restore print more of the entry than its definition? */
static bool
has_more_text(const TocEntry *entry)
{
    return strncmp(entry->kind, "BLOB", 4) == 0 ||
           strcmp(entry->kind, "STATISTICS DATA") == 0;
}

/* False when the entry is not known; then it is only good for toc_free(). */
static bool
archive_read_entry(Reader *reader, TocEntry *entry)
{
    bool has_data, is_known;
    const char *owner, *with_oids;

    *entry = (TocEntry){.is_kept = true};
    entry->dump_id = archive_read_integer(reader);
    has_data = archive_read_integer(reader) != 0;
    archive_read_number(reader, &entry->class_oid);
    archive_read_number(reader, &entry->oid);
    entry->text.name = text_or(archive_read_string(reader), "");
    entry->kind = mem_copy_string(text_or(archive_read_string(reader), ""));
    entry->text.section = archive_read_section(reader);
    entry->text.definition = archive_read_string(reader);
    archive_read_string(reader); /* the DROP */
    archive_read_string(reader); /* the COPY */
    entry->text.schema = archive_read_string(reader);
    archive_read_string(reader); /* the tablespace */
    is_known = archive_read_access_method(reader, entry);
    owner = archive_read_string(reader);
    with_oids = archive_read_string(reader);
    is_known = is_known && (with_oids == NULL || strcmp(with_oids, "true") != 0);
    archive_read_dependencies(reader, entry);
    entry->label = make_label(&entry->text, owner);
    return archive_read_data_offset(reader) && is_known && !has_data &&
           !has_more_text(entry);
}

static bool
archive_read_entries(Reader *reader, Toc *toc)
{
    int n = archive_read_integer(reader);

    /* each has more than a byte */
    if (n < 0 || (size_t)n > reader->left)
        return false;
    toc->entries = mem_alloc_zero((size_t)n + 1, sizeof(*toc->entries));
    for (int i = 0; i < n; i++)
    {
        if (!archive_read_entry(reader, &toc->entries[toc->n_entries++]))
            return false;
    }
    return true;
}

Toc *
toc_archive_read(const char *archive, size_t size)
{
    Toc *toc = mem_alloc_zero(1, sizeof(*toc));
    Reader reader = {.next = archive, .left = size, .arena = arena_new()};

    toc->arena = reader.arena;
    toc->dump_major = archive_read_header(&reader);
    if (toc->dump_major == 0 || toc->dump_major > NEWEST_MAJOR ||
        !archive_read_entries(&reader, toc) || reader.is_broken)
    {
        toc_free(toc);
        return NULL;
    }
    toc_complete(toc);
    return toc;
}
