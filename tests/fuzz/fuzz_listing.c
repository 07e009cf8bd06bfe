/*
 * Whatever an object store answers: it is refused with a reason, or its objects have what
 * they must have. Lines of headers come through the same bytes.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "store/store_answer.h"
#include "store/store_xml.h"

static void
check_object(const StoreObject *object)
{
    fuzz_expect(object->key != NULL && *object->key != '\0', "an object has a key");
    for (const char *c = object->etag; c != NULL && *c != '\0'; c++)
        fuzz_expect(*c > ' ' && *c <= '~', "an ETag can be part of a header");
}

static void
check_document(const uint8_t *data, size_t size)
{
    Arena *arena = arena_new();
    StoreDocument document;
    const char *problem = store_xml_parse((const char *)data, size, arena, &document);

    if (problem != NULL)
        fuzz_expect(*problem != '\0', "a reason is given");
    else if (document.is_error)
        fuzz_expect(strlen(document.code) + strlen(document.message) <= size,
                    "texts are part of the document");
    else
    {
        fuzz_expect(strlen(document.token) <= size, "the token is part of the document");
        for (size_t i = 0; i < document.n_objects; i++)
            check_object(&document.objects[i]);
    }
    fuzz_expect(!store_xml_is_error((const char *)data, size) ||
                    (problem == NULL && document.is_error),
                "what is an error is one");
    arena_free(arena);
}

static void
check_headers(const char *text)
{
    StoreAnswer answer;
    unsigned char md5[16];

    store_answer_init(&answer);
    for (const char *line = text; *line != '\0';)
    {
        size_t n = strcspn(line, "\n");

        store_answer_take(&answer, line, n);
        line += n + (line[n] == '\n');
    }
    fuzz_expect(answer.status >= 0 && answer.status < 1000, "a status has three digits");
    fuzz_expect(!store_answer_read_md5(answer.etag, md5) ||
                    store_answer_is_strong(answer.etag),
                "a sum is a strong ETag");
}

int
fuzz_listing(const uint8_t *data, size_t size)
{
    char *text = fuzz_copy_text(data, size);

    check_document(data, size);
    check_headers(text);
    free(text);
    return 0;
}
