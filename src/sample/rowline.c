#include "sample/rowline.h"

#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "sample/row_ids.h"

static _Noreturn void
die_malformed(const Relation *relation)
{
    die_message(EXIT_SERVER, "unexpected format of a row of table %s", relation->qname);
}

void
rowline_split(const RowLayout *layout, const char *line, size_t length, CopyField *fields)
{
    CopyLine rest = copytext_line(line, length);

    for (int i = 0; i < layout->n_fields; i++)
    {
        if (!copytext_next_field(&rest, &fields[i]))
            die_malformed(layout->relation);
    }
}

const char *
rowline_skip_prefix(const RowLayout *layout, const char *line, size_t *length)
{
    const char *end = line + *length;

    for (int i = 0; i < layout->n_prefix; i++)
    {
        const char *tab = memchr(line, '\t', (size_t)(end - line));

        if (tab == NULL && (layout->n_output > 0 || i + 1 < layout->n_prefix))
            die_malformed(layout->relation);
        line = tab != NULL ? tab + 1 : end;
    }
    *length = (size_t)(end - line);
    return line;
}

size_t
rowline_count_output(const RowLayout *layout, const char *line, size_t length)
{
    (void)rowline_skip_prefix(layout, line, &length);
    return length + 1;
}

RowId
rowline_get_row_id(const RowLayout *layout, const CopyField *fields)
{
    uint32_t block;
    uint32_t offset;

    if (layout->has_tableoid)
        return row_ids_make(layout->relation, fields[0].text, fields[1].text,
                            fields[1].length);
    if (!rowid_parse_ctid(fields[0].text, fields[0].length, &block, &offset))
        die_malformed(layout->relation);
    return rowid_make(0, block, offset);
}

static KeyState
get_key(const RowLayout *layout, const CopyField *fields, const int *columns,
        int n_columns, PQExpBuffer buffer, KeyValue *value)
{
    int n_null = 0;

    for (int i = 0; i < n_columns; i++)
        n_null += fields[layout->field_of_column[columns[i]]].is_null ? 1 : 0;
    if (n_null > 0)
        return n_null < n_columns ? KEY_PARTIAL : KEY_NOTHING;
    if (n_columns == 1)
    {
        const CopyField *field = &fields[layout->field_of_column[columns[0]]];

        *value = (KeyValue){field->text, field->length};
        return KEY_COMPLETE;
    }
    resetPQExpBuffer(buffer);
    for (int i = 0; i < n_columns; i++)
    {
        const CopyField *field = &fields[layout->field_of_column[columns[i]]];

        if (i > 0)
            appendPQExpBufferChar(buffer, '\t');
        appendBinaryPQExpBuffer(buffer, field->text, field->length);
    }
    *value = (KeyValue){buffer->data, buffer->len};
    return KEY_COMPLETE;
}

KeyState
rowline_get_reference(const RowLayout *layout, const CopyField *fields, int leaf,
                      const GraphKey *fk, PQExpBuffer buffer, KeyValue *value)
{
    const ForeignKey *key = fk->foreign_key;
    KeyState state;

    if (leaf < fk->first_leaf || leaf >= fk->first_leaf + fk->n_leaves)
        return KEY_NOTHING;
    state =
        get_key(layout, fields, key->referencing_columns, key->n_columns, buffer, value);
    return state == KEY_PARTIAL && !key->is_match_full ? KEY_NOTHING : state;
}

bool
rowline_get_referenced_key(const RowLayout *layout, const CopyField *fields, int leaf,
                           const ReferencedKey *key, PQExpBuffer buffer, KeyValue *value)
{
    return leaf >= key->first_leaf && leaf < key->first_leaf + key->n_leaves &&
           get_key(layout, fields, key->foreign_key->referenced_columns,
                   key->foreign_key->n_columns, buffer, value) == KEY_COMPLETE;
}

static void
skip_bytes(CopyField *field, size_t n)
{
    field->text += n;
    field->length -= n;
}

bool
rowline_next_referenced_id(const Relation *referenced, CopyField *referenced_ids,
                           RowId *id)
{
    const char *end;
    const char *ctid;
    size_t length;

    if (referenced_ids->is_null)
        return false;
    while (referenced_ids->length > 0 && strchr("+- ", referenced_ids->text[0]) != NULL)
        skip_bytes(referenced_ids, 1);
    if (referenced_ids->length == 0)
        return false;
    end = memchr(referenced_ids->text, ' ', referenced_ids->length);
    length = end != NULL ? (size_t)(end - referenced_ids->text) : referenced_ids->length;
    ctid = memchr(referenced_ids->text, '(', length);
    if (ctid == NULL)
        die_malformed(referenced);
    else
        *id = row_ids_make(referenced, referenced_ids->text, ctid,
                           length - (size_t)(ctid - referenced_ids->text));
    skip_bytes(referenced_ids, length);
    return true;
}

bool
rowline_has_all_referenced(const CopyField *referenced_ids)
{
    return !referenced_ids->is_null && referenced_ids->length > 0 &&
           referenced_ids->text[0] != '-';
}
