#include "store/store_xml.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <expat.h>

#include "base/mem.h"
#include "base/strbuf.h"
#include "store/store_answer.h"

enum
{
    MAX_DEPTH = 32,
    MAX_VALUE = 8 * 1024, /* a key has 1024 bytes, three times as many encoded */
    N_LOOKED_AT = 512     /* bytes in which an Error begins */
};

/* What is read: elements of a parent, each into a text. */
typedef enum XmlValue
{
    XML_NONE,
    XML_KEY,
    XML_SIZE,
    XML_ETAG,
    XML_IS_TRUNCATED,
    XML_TOKEN,
    XML_ENCODING,
    XML_CODE,
    XML_MESSAGE,
    XML_REGION,
    N_XML_VALUES
} XmlValue;

static const struct
{
    const char *parent;
    const char *name;
    XmlValue value;
} xml_elements[] = {
    {"Contents", "Key", XML_KEY},
    {"Contents", "Size", XML_SIZE},
    {"Contents", "ETag", XML_ETAG},
    {"ListBucketResult", "IsTruncated", XML_IS_TRUNCATED},
    {"ListBucketResult", "NextContinuationToken", XML_TOKEN},
    {"ListBucketResult", "EncodingType", XML_ENCODING},
    {"Error", "Code", XML_CODE},
    {"Error", "Message", XML_MESSAGE},
    {"Error", "Region", XML_REGION},
};

typedef struct XmlReader
{
    XML_Parser parser;
    Arena *arena;
    StoreDocument *document;
    size_t capacity;            /* of objects */
    StoreObject *objects;       /* on the heap while it grows */
    const char *problem;        /* or NULL */
    int depth;                  /* of the element that is open */
    const char *parent;         /* among xml_elements, or NULL: they are not looked at */
    int parent_depth;           /* whose children are looked at */
    XmlValue value;             /* which is being read */
    PQExpBufferData text;       /* of it */
    char *values[N_XML_VALUES]; /* which were read; in the arena, or NULL */
} XmlReader;

static void
stop_reading(XmlReader *reader, const char *problem)
{
    if (reader->problem == NULL)
        reader->problem = problem;
    (void)XML_StopParser(reader->parser, XML_FALSE);
}

/* ---- objects */

static bool
is_etag(const char *text)
{
    for (const char *c = text; *c != '\0'; c++)
    {
        if ((unsigned char)*c <= ' ' || (unsigned char)*c > '~')
            return false;
    }
    return *text != '\0';
}

static void
add_object(XmlReader *reader)
{
    StoreDocument *document = reader->document;
    const char *key = reader->values[XML_KEY];
    const char *size = reader->values[XML_SIZE];
    const char *etag = reader->values[XML_ETAG];
    StoreObject object = {.key = key, .etag = etag != NULL ? etag : ""};
    const char *rest = size != NULL ? store_answer_read_size(size, &object.size) : NULL;

    if (key == NULL || *key == '\0')
        stop_reading(reader, "has an object without a key");
    else if (rest == NULL || *rest != '\0')
        stop_reading(reader, "has an object without a size");
    else if (etag != NULL && !is_etag(etag))
        stop_reading(reader, "has an object with an invalid ETag");
    else
    {
        MEM_GROW(reader->objects, reader->capacity, document->n_objects);
        reader->objects[document->n_objects++] = object;
    }
    reader->values[XML_KEY] = reader->values[XML_SIZE] = reader->values[XML_ETAG] = NULL;
}

static int
read_hex(const char *text)
{
    static const char digits[] = "0123456789ABCDEF0123456789abcdef";
    const char *high = text[0] != '\0' ? strchr(digits, text[0]) : NULL;
    const char *low = high != NULL && text[1] != '\0' ? strchr(digits, text[1]) : NULL;

    return low != NULL ? (int)((high - digits) % 16 * 16 + (low - digits) % 16) : -1;
}

/* In place; false: it is not encoded properly, or has a NUL byte. */
static bool
decode_url(char *key)
{
    char *to = key;

    for (const char *c = key; *c != '\0'; c++)
    {
        int byte = *c == '+' ? ' ' : (unsigned char)*c;

        if (*c == '%')
        {
            byte = read_hex(c + 1);
            if (byte <= 0)
                return false;
            c += 2;
        }
        *to++ = (char)byte;
    }
    *to = '\0';
    return true;
}

/* ---- elements */

static XmlValue
find_element_value(const char *parent, const char *name)
{
    for (size_t i = 0; i < sizeof(xml_elements) / sizeof(xml_elements[0]); i++)
    {
        if (strcmp(xml_elements[i].parent, parent) == 0 &&
            strcmp(xml_elements[i].name, name) == 0)
            return xml_elements[i].value;
    }
    return XML_NONE;
}

static void
begin_root(XmlReader *reader, const char *name)
{
    reader->document->is_error = strcmp(name, "Error") == 0;
    if (!reader->document->is_error && strcmp(name, "ListBucketResult") != 0)
        stop_reading(reader, "is no listing");
    reader->parent = reader->document->is_error ? "Error" : "ListBucketResult";
    reader->parent_depth = 1;
}

static void XMLCALL
begin_element(void *context, const char *name, const char **attributes)
{
    XmlReader *reader = context;

    (void)attributes;
    reader->depth++;
    if (reader->depth > MAX_DEPTH)
        stop_reading(reader, "has too many elements in elements");
    else if (reader->depth == 1)
        begin_root(reader, name);
    else if (reader->depth == 2 && !reader->document->is_error &&
             strcmp(name, "Contents") == 0)
    {
        reader->parent = "Contents";
        reader->parent_depth = 2;
    }
    else if (reader->depth == reader->parent_depth + 1)
    {
        reader->value = find_element_value(reader->parent, name);
        resetPQExpBuffer(&reader->text);
    }
}

static void XMLCALL
end_element(void *context, const char *name)
{
    XmlReader *reader = context;

    (void)name;
    if (reader->depth == reader->parent_depth + 1 && reader->value != XML_NONE)
    {
        reader->values[reader->value] =
            arena_copy_string(reader->arena, reader->text.data);
        reader->value = XML_NONE;
    }
    else if (reader->depth == 2 && reader->parent_depth == 2)
    {
        add_object(reader);
        reader->parent = "ListBucketResult";
        reader->parent_depth = 1;
    }
    reader->depth--;
}

/* Text of elements within a value is not its own. */
static void XMLCALL
take_text(void *context, const char *text, int length)
{
    XmlReader *reader = context;

    if (reader->value == XML_NONE || reader->depth != reader->parent_depth + 1)
        return;
    if (reader->text.len + (size_t)length > MAX_VALUE)
        stop_reading(reader, "has a value that is too long");
    else
        appendBinaryPQExpBuffer(&reader->text, text, (size_t)length);
}

static void XMLCALL
refuse_doctype(void *context, const char *name, const char *system_id,
               const char *public_id, int has_subset)
{
    (void)name;
    (void)system_id;
    (void)public_id;
    (void)has_subset;
    stop_reading(context, "has a document type");
}

/* ---- documents */

static const char *
get_value(const XmlReader *reader, XmlValue value)
{
    return reader->values[value] != NULL ? reader->values[value] : "";
}

static const char *
finish_objects(XmlReader *reader)
{
    StoreDocument *document = reader->document;
    bool is_encoded = strcmp(get_value(reader, XML_ENCODING), "url") == 0;

    document->objects = ARENA_ARRAY(reader->arena, document->n_objects, StoreObject);
    for (size_t i = 0; i < document->n_objects; i++)
    {
        char *key = arena_copy_string(reader->arena, reader->objects[i].key);

        if (is_encoded && !decode_url(key))
            return "has a key that is not encoded properly";
        document->objects[i] = reader->objects[i];
        document->objects[i].key = key;
    }
    return NULL;
}

static const char *
finish_document(XmlReader *reader)
{
    StoreDocument *document = reader->document;
    const char *is_truncated = get_value(reader, XML_IS_TRUNCATED);

    document->code = get_value(reader, XML_CODE);
    document->message = get_value(reader, XML_MESSAGE);
    document->region = get_value(reader, XML_REGION);
    document->token = get_value(reader, XML_TOKEN);
    if (document->is_error)
        return NULL;
    document->is_truncated = strcmp(is_truncated, "true") == 0;
    if (!document->is_truncated && strcmp(is_truncated, "false") != 0)
        return "does not say whether it is complete";
    return finish_objects(reader);
}

static const char *
run_parser(XmlReader *reader, const char *text, size_t length)
{
    if (length > INT_MAX)
        return "is too long";
    if (XML_Parse(reader->parser, text, (int)length, XML_TRUE) == XML_STATUS_OK &&
        reader->problem == NULL)
        return finish_document(reader);
    if (reader->problem != NULL)
        return reader->problem;
    if (XML_GetErrorCode(reader->parser) == XML_ERROR_NO_MEMORY)
        mem_die();
    return "is no valid XML";
}

const char *
store_xml_parse(const char *text, size_t length, Arena *arena, StoreDocument *document)
{
    XmlReader reader = {.parser = XML_ParserCreate(NULL),
                        .arena = arena,
                        .document = document};
    const char *problem;

    if (reader.parser == NULL)
        mem_die();
    *document = (StoreDocument){0};
    initPQExpBuffer(&reader.text);
    XML_SetUserData(reader.parser, &reader);
    XML_SetElementHandler(reader.parser, begin_element, end_element);
    XML_SetCharacterDataHandler(reader.parser, take_text);
    XML_SetStartDoctypeDeclHandler(reader.parser, refuse_doctype);
    problem = run_parser(&reader, text, length);
    XML_ParserFree(reader.parser);
    termPQExpBuffer(&reader.text);
    free(reader.objects);
    return problem;
}

bool
store_xml_is_error(const char *text, size_t length)
{
    size_t n = length < N_LOOKED_AT ? length : N_LOOKED_AT;
    StoreDocument document;
    Arena *arena;
    bool is_error;

    if (memmem(text, n, "<Error", 6) == NULL)
        return false;
    arena = arena_new();
    is_error =
        store_xml_parse(text, length, arena, &document) == NULL && document.is_error;
    arena_free(arena);
    return is_error;
}
