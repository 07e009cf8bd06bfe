#include "mask/mask_hstore.h"

#include <string.h>

#include "mask/mask_chars.h"

typedef struct HstoreReader
{
    const char *next;
    const char *end;
    const CopyEncoding *encoding;
} HstoreReader;

/* Reads what is in double quotes into out, its escapes resolved. */
static bool
read_hstore_string(HstoreReader *reader, PQExpBuffer out)
{
    resetPQExpBuffer(out);
    if (reader->next == reader->end || *reader->next != '"')
        return false;
    reader->next++;
    while (reader->next < reader->end && *reader->next != '"')
    {
        size_t step;

        if (*reader->next == '\\' && reader->next + 1 < reader->end)
            reader->next++;
        step = mask_chars_step(reader->encoding, reader->next, reader->end);
        appendBinaryPQExpBuffer(out, reader->next, step);
        reader->next += step;
    }
    if (reader->next == reader->end)
        return false;
    reader->next++;
    return true;
}

/* Passes the text, if it comes next. */
static bool
skip_hstore_text(HstoreReader *reader, const char *text)
{
    size_t length = strlen(text);

    if ((size_t)(reader->end - reader->next) < length ||
        memcmp(reader->next, text, length) != 0)
        return false;
    reader->next += length;
    return true;
}

static void
append_hstore_string(PQExpBuffer out, const PQExpBufferData *text,
                     const CopyEncoding *encoding)
{
    const char *next = text->data;
    const char *end = next + text->len;

    appendPQExpBufferChar(out, '"');
    while (next < end)
    {
        size_t step = mask_chars_step(encoding, next, end);

        if (*next == '"' || *next == '\\')
            appendPQExpBufferChar(out, '\\');
        appendBinaryPQExpBuffer(out, next, step);
        next += step;
    }
    appendPQExpBufferChar(out, '"');
}

/* The value of a key, which is next and is not NULL. */
static bool
mask_hstore_value(HstoreReader *reader, MaskJsonLeaf *leaf, const MaskInput *whole,
                  PQExpBuffer out, const char **problem)
{
    const char *start = reader->next;
    MaskInput input = *whole;
    MaskResult result;

    if (!read_hstore_string(reader, &leaf->value))
        return false;
    if (leaf->is_keep)
    {
        appendBinaryPQExpBuffer(out, start, (size_t)(reader->next - start));
        return true;
    }
    input.value = (MaskValue){leaf->value.data, leaf->value.len};
    input.canonical = input.value;
    result = mask_json_leaf_mask_string(leaf, &input, problem);
    if (result == MASK_DONE)
        append_hstore_string(out, &leaf->masked, reader->encoding);
    else
        appendPQExpBufferStr(out, "NULL");
    return result != MASK_REFUSED;
}

static bool
mask_hstore_pair(HstoreReader *reader, MaskJsonRules *rules, const MaskInput *input,
                 PQExpBuffer out, const char **problem)
{
    const char *start = reader->next;
    PQExpBuffer key = &rules->name;
    bool is_null;
    size_t leaf;

    if (!read_hstore_string(reader, key) || !skip_hstore_text(reader, "=>"))
        return false;
    is_null = skip_hstore_text(reader, "NULL");
    appendBinaryPQExpBuffer(out, start, (size_t)(reader->next - start));
    leaf = mask_json_rules_find_member(rules, key->data, key->len);
    rules->have_led[leaf] = true;
    if (!is_null && !mask_hstore_value(reader, &rules->leaves[leaf], input, out, problem))
        return false;
    if (reader->next == reader->end)
        return true;
    if (!skip_hstore_text(reader, ", "))
        return false;
    appendPQExpBufferStr(out, ", ");
    return true;
}

MaskResult
mask_hstore_apply(MaskJsonRules *rules, const MaskInput *input,
                  const CopyEncoding *encoding, PQExpBuffer out, const char **problem)
{
    HstoreReader reader = {input->value.text, input->value.text + input->value.length,
                           encoding};
    size_t start = out->len;
    bool is_done = true;

    *problem = "it is not valid hstore";
    while (is_done && reader.next < reader.end)
        is_done = mask_hstore_pair(&reader, rules, input, out, problem);
    if (is_done)
        return MASK_DONE;
    out->len = start;
    out->data[start] = '\0';
    return MASK_REFUSED;
}
