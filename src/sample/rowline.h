/*
 * The fields of a row as it was fetched: a line of COPY text by the layout of its
 * relation (model/layout.h). Functions end the program when the line is not what it must
 * be.
 */
#ifndef SAMPLE_ROWLINE_H
#define SAMPLE_ROWLINE_H

#include "base/copytext.h"
#include "base/strbuf.h"
#include "model/layout.h"
#include "model/rowid.h"

/* The bytes of a line that go into the dump: those behind the prefix of its layout. */
const char *rowline_skip_prefix(const RowLayout *layout, const char *line,
                                size_t *length);

/* How many bytes that is in the dump, with its newline. */
size_t rowline_count_output(const RowLayout *layout, const char *line, size_t length);

/* Splits off the leading fields that the layout needs. */
void rowline_split(const RowLayout *layout, const char *line, size_t length,
                   CopyField *fields);

/* The row id in the first fields. */
RowId rowline_get_row_id(const RowLayout *layout, const CopyField *fields);

typedef enum KeyState
{
    KEY_NOTHING, /* NULLs, or not a row of the foreign key's: it refers to nothing */
    KEY_PARTIAL, /* MATCH FULL with some NULLs: broken */
    KEY_COMPLETE
} KeyState;

/* A key as key sets hold it: fields joined by tabs. */
typedef struct KeyValue
{
    const char *text;
    size_t length;
} KeyValue;

/*
 * The foreign key of a row in that leaf; it is valid until the fields and the buffer
 * change.
 */
KeyState rowline_get_reference(const RowLayout *layout, const CopyField *fields, int leaf,
                               const GraphKey *fk, PQExpBuffer buffer, KeyValue *value);

/* The referenced key of a row in that leaf; false: it has none. */
bool rowline_get_referenced_key(const RowLayout *layout, const CopyField *fields,
                                int leaf, const ReferencedKey *key, PQExpBuffer buffer,
                                KeyValue *value);

/*
 * The next of the rows in a field of referenced ids (query_parts.h), which is used up:
 * begin with a copy of the field. False: there is none.
 */
bool rowline_next_referenced_id(const Relation *referenced, CopyField *referenced_ids,
                                RowId *id);
/* Are these rows all that the foreign key needs, as far as the source has them? */
bool rowline_has_all_referenced(const CopyField *referenced_ids);

#endif
