#include "load/stage/rejects.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/die.h"
#include "base/mem.h"
#include "base/tempfile.h"
#include "load/stage/rejects_internal.h"

enum
{
    /* after the limit reading continues, so that one run reports these errors too */
    MORE_TO_REPORT = 1000,
    WRITE_SIZE = 256 * 1024,
    N_TEXTS = 4
};

/* Precedes the texts in the file, each of which ends with a NUL. */
typedef struct RejectHeader
{
    int64_t record;
    uint64_t line;
    int64_t size; /* of the texts */
    int table;
    int kind;
    bool has[N_TEXTS]; /* column, sqlstate, reason, raw */
} RejectHeader;

Rejects *
rejects_new(LoadBatch *batch)
{
    Rejects *rejects = mem_alloc_zero(1, sizeof(*rejects));

    rejects->batch = batch;
    rejects->fd = -1;
    initPQExpBuffer(&rejects->pending);
    return rejects;
}

/* ---- which records they are */

static size_t
find_reject_slot(const RejectSet *set, int table, int64_t record)
{
    uint64_t hash = ((uint64_t)record + ((uint64_t)table << 56)) * 0x9E3779B97F4A7C15U;
    size_t slot = (size_t)(hash >> 20) & (set->n_slots - 1);

    while (set->entries[slot].table != 0 &&
           (set->entries[slot].table != table + 1 || set->entries[slot].record != record))
        slot = (slot + 1) & (set->n_slots - 1);
    return slot;
}

static void
enlarge_set(RejectSet *set)
{
    RejectSet larger = {.n_slots = set->n_slots > 0 ? set->n_slots * 2 : 64,
                        .n_entries = set->n_entries};

    larger.entries = mem_alloc_zero(larger.n_slots, sizeof(*larger.entries));
    for (size_t i = 0; i < set->n_slots; i++)
    {
        const struct RejectSetEntry *entry = &set->entries[i];

        if (entry->table != 0)
            larger.entries[find_reject_slot(&larger, entry->table - 1, entry->record)] =
                *entry;
    }
    free(set->entries);
    *set = larger;
}

/* False if the set has the record already. */
static bool
add_to_set(RejectSet *set, int table, int64_t record)
{
    size_t slot;

    if (set->n_entries * 2 >= set->n_slots)
        enlarge_set(set);
    slot = find_reject_slot(set, table, record);
    if (set->entries[slot].table != 0)
        return false;
    set->entries[slot].table = table + 1;
    set->entries[slot].record = record;
    set->n_entries++;
    return true;
}

/* ---- the file */

static void
flush_pending(Rejects *rejects)
{
    if (rejects->pending.len == 0)
        return;
    if (rejects->fd < 0)
        rejects->fd = tempfile_open();
    tempfile_write_all(rejects->fd, tempfile_name, rejects->pending.data,
                       rejects->pending.len);
    resetPQExpBuffer(&rejects->pending);
}

static void
keep_reject(Rejects *rejects, const Reject *reject)
{
    const char *const texts[N_TEXTS] = {reject->column, reject->sqlstate, reject->reason,
                                        reject->raw};
    RejectHeader header;

    memset(&header, 0, sizeof(header));
    header.record = reject->record;
    header.line = reject->line;
    header.table = reject->table;
    header.kind = (int)reject->kind;
    for (int i = 0; i < N_TEXTS; i++)
    {
        header.has[i] = texts[i] != NULL;
        header.size += texts[i] != NULL ? (int64_t)strlen(texts[i]) + 1 : 0;
    }
    appendBinaryPQExpBuffer(&rejects->pending, (const char *)&header, sizeof(header));
    for (int i = 0; i < N_TEXTS; i++)
    {
        if (texts[i] != NULL)
            appendBinaryPQExpBuffer(&rejects->pending, texts[i], strlen(texts[i]) + 1);
    }
    rejects->n_bytes += (int64_t)sizeof(header) + header.size;
    rejects->n_reasons++;
    if (rejects->pending.len >= WRITE_SIZE)
        flush_pending(rejects);
}

static int64_t *
find_counter(LoadCounts *counts, RejectKind kind)
{
    switch (kind)
    {
        case REJECT_NULL_KEY:
            return &counts->rejected_null_key;
        case REJECT_CHECK:
            return &counts->rejected_check;
        case REJECT_FK:
            return &counts->rejected_fk;
        case REJECT_PARSE:
            break;
    }
    return &counts->rejected_parse;
}

void
rejects_add(Rejects *rejects, const Reject *reject)
{
    LoadTable *table = &rejects->batch->tables[reject->table];

    keep_reject(rejects, reject);
    if (add_to_set(&rejects->set, reject->table, reject->record))
        ++*find_counter(&table->counts, reject->kind);
}

RejectReader
rejects_reader(const Rejects *rejects)
{
    return (RejectReader){.rejects = rejects};
}

static void
read_at(const RejectReader *reader, void *data, size_t size, int64_t offset)
{
    const Rejects *rejects = reader->rejects;
    int64_t n_in_file = rejects->n_bytes - (int64_t)rejects->pending.len;

    /* entries are never split between file and buffer */
    if (offset >= n_in_file)
        memcpy(data, rejects->pending.data + (offset - n_in_file), size);
    else
        tempfile_read_at(rejects->fd, data, size, (off_t)offset);
}

bool
rejects_next(RejectReader *reader, Reject *reject)
{
    const char **texts[N_TEXTS] = {&reject->column, &reject->sqlstate, &reject->reason,
                                   &reject->raw};
    RejectHeader header;
    const char *text;

    if (reader->offset >= reader->rejects->n_bytes)
        return false;
    read_at(reader, &header, sizeof(header), reader->offset);
    reader->offset += (int64_t)sizeof(header);
    if ((size_t)header.size > reader->capacity)
    {
        reader->capacity = (size_t)header.size;
        reader->text = mem_resize(reader->text, reader->capacity, 1);
    }
    if (header.size > 0)
        read_at(reader, reader->text, (size_t)header.size, reader->offset);
    reader->offset += header.size;
    text = reader->text;
    for (int i = 0; i < N_TEXTS; i++)
    {
        *texts[i] = header.has[i] ? text : NULL;
        text += header.has[i] ? strlen(text) + 1 : 0;
    }
    reject->table = header.table;
    reject->record = header.record;
    reject->line = header.line;
    reject->kind = (RejectKind)header.kind;
    return true;
}

void
rejects_reader_free(RejectReader *reader)
{
    free(reader->text);
}

/* ---- how many */

int64_t
rejects_count(const Rejects *rejects)
{
    return (int64_t)rejects->set.n_entries;
}

bool
rejects_exceed(const Rejects *rejects)
{
    const LoadBatch *batch = rejects->batch;
    double n_read = 0;

    if (batch->settings->max_errors_pct < 0)
        return rejects_count(rejects) > batch->settings->max_errors;
    for (int i = 0; i < batch->n_tables; i++)
        n_read += (double)batch->tables[i].counts.n_source;
    return (double)rejects_count(rejects) * 100 >
           batch->settings->max_errors_pct * n_read;
}

bool
rejects_are_hopeless(const Rejects *rejects)
{
    const LoadSettings *settings = rejects->batch->settings;
    int64_t allowed = settings->max_errors;

    if (settings->max_errors_pct > 0)
        return false; /* the percentage can still fall */
    if (settings->max_errors_pct == 0)
        allowed = 0;
    return rejects_count(rejects) - MORE_TO_REPORT >= allowed;
}

/* ---- from one process to another */

void
rejects_write(const Rejects *rejects, int fd)
{
    RejectReader reader = rejects_reader(rejects);
    char buffer[16 * 1024];

    tempfile_write_all(fd, tempfile_name, &rejects->n_bytes, sizeof(rejects->n_bytes));
    while (reader.offset < rejects->n_bytes)
    {
        int64_t n_in_file = rejects->n_bytes - (int64_t)rejects->pending.len;
        int64_t end = reader.offset < n_in_file ? n_in_file : rejects->n_bytes;
        int64_t size = end - reader.offset;

        if (size > (int64_t)sizeof(buffer))
            size = (int64_t)sizeof(buffer);
        read_at(&reader, buffer, (size_t)size, reader.offset);
        tempfile_write_all(fd, tempfile_name, buffer, (size_t)size);
        reader.offset += size;
    }
}

void
rejects_read(Rejects *rejects, int fd)
{
    off_t start = lseek(fd, 0, SEEK_CUR);
    Rejects others = {.fd = fd};
    RejectReader reader = rejects_reader(&others);
    Reject reject = {0};

    if (start < 0)
        die_errno(EXIT_OUTPUT, "could not read from a temporary file");
    tempfile_read_at(fd, &others.n_bytes, sizeof(others.n_bytes), start);
    reader.offset = start + (off_t)sizeof(others.n_bytes);
    others.n_bytes += reader.offset;
    while (rejects_next(&reader, &reject))
        rejects_add(rejects, &reject);
    rejects_reader_free(&reader);
    lseek(fd, (off_t)others.n_bytes, SEEK_SET);
}
