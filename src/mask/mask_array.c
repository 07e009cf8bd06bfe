#include "mask/mask_array.h"

#include <stdlib.h>
#include <string.h>

#include "mask/mask_ascii.h"
#include "mask/mask_chars.h"

struct MaskArray
{
    PQExpBufferData element;
    PQExpBufferData canonical;
    PQExpBufferData masked;
};

typedef enum ArrayToken
{
    ARRAY_TOKEN_END,
    ARRAY_TOKEN_MARK, /* a brace or comma */
    ARRAY_TOKEN_NULL,
    ARRAY_TOKEN_ELEMENT
} ArrayToken;

typedef struct ArrayReader
{
    const char *next;
    const char *end;
    const CopyEncoding *encoding;
    char mark;
} ArrayReader;

MaskArray *
mask_array_new(void)
{
    MaskArray *array = mem_alloc(sizeof(*array));

    initPQExpBuffer(&array->element);
    initPQExpBuffer(&array->canonical);
    initPQExpBuffer(&array->masked);
    return array;
}

void
mask_array_free(MaskArray *array)
{
    if (array == NULL)
        return;
    termPQExpBuffer(&array->element);
    termPQExpBuffer(&array->canonical);
    termPQExpBuffer(&array->masked);
    free(array);
}

/* ---- reading */

static bool
is_mark(char c)
{
    return c == '{' || c == '}' || c == ',';
}

/* Passes the bounds of an array; returns how many bytes these are. */
static size_t
skip_bounds(ArrayReader *reader)
{
    const char *start = reader->next;
    const char *brace = memchr(start, '{', (size_t)(reader->end - start));

    if (brace != NULL && *start == '[')
        reader->next = brace;
    return (size_t)(reader->next - start);
}

/* Reads on to the quote at the end of an element, or to the mark behind it. */
static void
read_array_element(ArrayReader *reader, PQExpBuffer element, bool is_quoted)
{
    resetPQExpBuffer(element);
    while (reader->next < reader->end)
    {
        const char *start = reader->next;
        size_t step;

        if (is_quoted ? *start == '"' : is_mark(*start))
            break;
        if (*start == '\\' && start + 1 < reader->end)
            start++;
        step = mask_chars_step(reader->encoding, start, reader->end);
        appendBinaryPQExpBuffer(element, start, step);
        reader->next = start + step;
    }
    if (is_quoted && reader->next < reader->end)
        reader->next++;
}

static bool
is_null_element(const char *text, size_t length)
{
    return length == 4 && mask_ascii_to_upper(text[0]) == 'N' &&
           mask_ascii_to_upper(text[1]) == 'U' && mask_ascii_to_upper(text[2]) == 'L' &&
           mask_ascii_to_upper(text[3]) == 'L';
}

static ArrayToken
read_array_token(ArrayReader *reader, PQExpBuffer element)
{
    const char *start = reader->next;

    if (start == reader->end)
        return ARRAY_TOKEN_END;
    if (is_mark(*start))
    {
        reader->mark = *reader->next++;
        return ARRAY_TOKEN_MARK;
    }
    if (*start == '"')
    {
        reader->next++;
        read_array_element(reader, element, true);
        return ARRAY_TOKEN_ELEMENT;
    }
    read_array_element(reader, element, false);
    return is_null_element(start, (size_t)(reader->next - start)) ? ARRAY_TOKEN_NULL
                                                                  : ARRAY_TOKEN_ELEMENT;
}

/* ---- writing */

static bool
needs_array_quotes(const PQExpBufferData *element)
{
    if (element->len == 0 || is_null_element(element->data, element->len))
        return true;
    for (size_t i = 0; i < element->len; i++)
    {
        char c = element->data[i];

        if (is_mark(c) || c == '"' || c == '\\' || mask_ascii_is_blank(c))
            return true;
    }
    return false;
}

static void
append_array_element(PQExpBuffer out, const PQExpBufferData *element,
                     const CopyEncoding *encoding)
{
    const char *next = element->data;
    const char *end = next + element->len;

    if (!needs_array_quotes(element))
    {
        appendBinaryPQExpBuffer(out, next, element->len);
        return;
    }
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

/* ---- elements */

/* What the type takes for equal becomes the same bytes. */
static void
make_canonical(const MaskTarget *target, MaskValue *value)
{
    if (target->is_padded)
    {
        while (value->length > 0 && value->text[value->length - 1] == ' ')
            value->length--;
    }
    if (target->type == MASK_TYPE_NUMERIC)
        mask_ascii_trim_fraction(value->text, &value->length);
}

/* The element is in the array's buffer; so is its canonical form, or it is the same. */
static MaskResult
mask_element(MaskArray *array, Masker *masker, const MaskInput *input, bool is_canonical,
             const char **problem)
{
    MaskInput element = *input;

    element.value = (MaskValue){array->element.data, array->element.len};
    element.canonical = is_canonical
                            ? element.value
                            : (MaskValue){array->canonical.data, array->canonical.len};
    make_canonical(&masker->target, &element.canonical);
    resetPQExpBuffer(&array->masked);
    return masker->spec->kind->apply(masker, &element, &array->masked, problem);
}

static MaskResult
apply_to_elements(MaskArray *array, Masker *masker, const MaskInput *input,
                  ArrayReader *reader, ArrayReader *canonical, PQExpBuffer out,
                  const char **problem)
{
    bool is_canonical = canonical == NULL;
    ArrayToken token;

    while ((token = read_array_token(reader, &array->element)) != ARRAY_TOKEN_END)
    {
        MaskResult result = MASK_NULL;

        /* two texts that differ in more than their elements' letters have no pairs */
        if (!is_canonical && read_array_token(canonical, &array->canonical) != token)
            is_canonical = true;
        if (token == ARRAY_TOKEN_MARK)
        {
            appendPQExpBufferChar(out, reader->mark);
            continue;
        }
        if (token == ARRAY_TOKEN_ELEMENT)
            result = mask_element(array, masker, input, is_canonical, problem);
        if (result == MASK_REFUSED)
            return result;
        if (result == MASK_NULL)
            appendPQExpBufferStr(out, "NULL");
        else
            append_array_element(out, &array->masked, reader->encoding);
    }
    return MASK_DONE;
}

MaskResult
mask_array_apply(MaskArray *array, Masker *masker, const MaskInput *input,
                 PQExpBuffer out, const char **problem)
{
    const CopyEncoding *encoding = masker->target.encoding;
    ArrayReader reader = {.next = input->value.text,
                          .end = input->value.text + input->value.length,
                          .encoding = encoding};
    ArrayReader canonical = {.next = input->canonical.text,
                             .end = input->canonical.text + input->canonical.length,
                             .encoding = encoding};
    bool is_canonical = input->canonical.text == input->value.text;
    size_t start = out->len;
    MaskResult result;

    appendBinaryPQExpBuffer(out, input->value.text, skip_bounds(&reader));
    (void)skip_bounds(&canonical);
    if (reader.next == reader.end || *reader.next != '{')
    {
        *problem = "it is no array";
        result = MASK_REFUSED;
    }
    else
        result = apply_to_elements(array, masker, input, &reader,
                                   is_canonical ? NULL : &canonical, out, problem);
    if (result == MASK_REFUSED)
    {
        out->len = start;
        out->data[start] = '\0';
    }
    return result;
}
