/* What the files of rejects.h share. */
#ifndef LOAD_STAGE_REJECTS_INTERNAL_H
#define LOAD_STAGE_REJECTS_INTERNAL_H

#include "base/strbuf.h"
#include "load/stage/rejects.h"

/* Set of the records that are rejected: an open-addressing hash table. */
typedef struct RejectSet
{
    struct RejectSetEntry
    {
        int64_t record;
        int table; /* plus one; 0: free */
    } * entries;
    size_t n_slots; /* a power of two, or 0 */
    size_t n_entries;
} RejectSet;

struct Rejects
{
    LoadBatch *batch;
    int fd; /* of the temporary file; -1: not created yet */
    int64_t n_bytes;
    int64_t n_reasons;
    PQExpBufferData pending; /* not yet in the file */
    RejectSet set;
};

/* Reads them back in order. */
typedef struct RejectReader
{
    const Rejects *rejects;
    int64_t offset;
    char *text; /* of the current one */
    size_t capacity;
} RejectReader;

RejectReader rejects_reader(const Rejects *rejects);
/* Texts are valid until the next call. False after the last one. */
bool rejects_next(RejectReader *reader, Reject *reject);
void rejects_reader_free(RejectReader *reader);

#endif
