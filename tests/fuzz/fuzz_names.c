/*
 * URLs, paths and names of files, which are those of users, directories and object
 * stores. No name for messages has what may be secret, what is encoded for a request can
 * be decoded, and the files of a batch are all there or refused.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "fuzz.h"
#include "load/source/batch_files.h"
#include "load/source/discover_batch.h"
#include "load/source/format.h"
#include "load/source/source_name.h"
#include "store/store_url.h"

/* ---- URLs */

static void
check_object_url(const char *url, Diag *diag)
{
    StoreObjectUrl parts;

    if (!store_url_split(url, &parts, diag))
    {
        fuzz_expect(diag->message != NULL, "what is refused has a message");
        return;
    }
    fuzz_expect(strchr(parts.bucket, '/') == NULL, "a bucket has no slash");
    fuzz_expect(parts.key >= url && parts.key <= url + strlen(url),
                "the key is in the URL");
    free(parts.bucket);
}

static void
check_url_name(const char *url)
{
    char *name = store_url_make_name(url);

    fuzz_expect(strpbrk(name, "?#") == NULL, "a name has no parameters");
    fuzz_expect(memchr(strstr(name, "://") + 3, '@',
                       strcspn(strstr(name, "://") + 3, "/")) == NULL,
                "a name has no user");
    free(name);
}

static void
check_endpoint(const char *url, Diag *diag)
{
    StoreEndpoint endpoint = {0};
    char *whole;
    size_t length;

    if (!store_url_parse_endpoint(url, &endpoint, diag))
    {
        fuzz_expect(diag->message != NULL, "what is refused has a message");
        return;
    }
    whole = mem_format("%s%s%s", endpoint.scheme, endpoint.host, endpoint.path);
    length = strlen(whole);
    fuzz_expect(strncmp(whole, url, length) == 0 &&
                    url[length + strspn(url + length, "/")] == '\0',
                "an endpoint is its parts");
    free(whole);
    store_url_free_endpoint(&endpoint);
}

static void
check_url(const char *url)
{
    Diag diag = {0};

    check_endpoint(url, &diag);
    diag_free(&diag);
    switch (store_url_find_kind(url))
    {
        case STORE_URL_S3:
            check_object_url(url, &diag);
            break;
        case STORE_URL_HTTP:
        case STORE_URL_HTTPS:
            check_url_name(url);
            fuzz_expect(store_url_check(url, &diag) || diag.message != NULL,
                        "what is refused has a message");
            break;
        case STORE_URL_NONE:
            break;
    }
    diag_free(&diag);
}

/* ---- what is encoded */

static void
append_decoded(PQExpBuffer out, const char *text)
{
    for (; *text != '\0'; text++)
    {
        const char digits[] = {*text == '%' ? text[1] : '0', *text == '%' ? text[2] : '0',
                               '\0'};

        appendPQExpBufferChar(out,
                              *text == '%' ? (char)strtoul(digits, NULL, 16) : *text);
        text += *text == '%' ? 2 : 0;
    }
}

static void
check_encoded(const char *text, StoreUrlSlash slash)
{
    PQExpBufferData encoded;
    PQExpBufferData back;

    initPQExpBuffer(&encoded);
    initPQExpBuffer(&back);
    store_url_append_encoded(&encoded, text, slash);
    append_decoded(&back, encoded.data);
    fuzz_expect(strcmp(back.data, text) == 0, "what is encoded can be decoded");
    fuzz_expect(strpbrk(encoded.data, "?#&=+ \n") == NULL, "nothing in it has a meaning");
    fuzz_expect(slash == STORE_URL_KEEP_SLASH || strchr(encoded.data, '/') == NULL,
                "a parameter has no slash");
    termPQExpBuffer(&encoded);
    termPQExpBuffer(&back);
}

/* ---- files */

static void
check_source(const char *path)
{
    char *name = source_name_make(path);
    char *file = source_name_make_file(path);
    size_t stem;

    fuzz_expect(strlen(name) <= strlen(path), "a name is not longer than the path");
    fuzz_expect(strlen(file) <= strlen(path), "nor is that of a file");
    (void)source_name_is_prefix(path);
    (void)format_of_name(file, &stem);
    fuzz_expect(stem <= strlen(file), "a stem is part of the name");
    free(name);
    free(file);
}

static void
check_contents(const uint8_t *data, size_t size)
{
    Diag diag = {0};

    fuzz_expect((format_of_contents("f", (const char *)data, size, &diag) ==
                 INPUT_AUTO) == (diag.message != NULL),
                "contents have a format, or there is a message");
    diag_free(&diag);
}

static size_t
count_fragments(const BatchFiles *files)
{
    size_t n = 0;

    for (size_t i = 0; i < files->n_directories; i++)
    {
        const BatchDirectory *directory = &files->directories[i];

        fuzz_expect(directory->n_fragments > 0, "a directory has files");
        fuzz_expect(*directory->table != '\0' && strchr(directory->table, '/') == NULL,
                    "a table has a name");
        n += directory->n_fragments;
    }
    return n;
}

/* A line for each name, as they are listed. */
static void
collect_files(char *names)
{
    Arena *arena = arena_new();
    BatchCollector collector = {.path = "staging/b", .arena = arena};
    BytesObject object = {.etag = "\"e\"", .size = 1};
    BatchFiles files = {0};
    Diag diag = {0};
    size_t n = 0;
    char *name;

    while ((name = strsep(&names, "\n")) != NULL)
    {
        if (batch_files_collect(&collector, name, &object, &diag))
            n += *name != '.' && strstr(name, "/.") == NULL;
        else
            fuzz_expect(diag.message != NULL, "what is refused has a message");
        diag_free(&diag);
    }
    batch_files_end(&collector, &files);
    fuzz_expect(count_fragments(&files) >= n, "all files are there");
    arena_free(arena);
}

int
fuzz_names(const uint8_t *data, size_t size)
{
    char *text = fuzz_copy_text(data, size);

    check_url(text);
    check_encoded(text, STORE_URL_KEEP_SLASH);
    check_encoded(text, STORE_URL_ENCODE_SLASH);
    check_source(text);
    check_contents(data, size);
    (void)store_url_is_host_label(text);
    if (discover_batch_is_id(text))
        fuzz_expect(strpbrk(text, "/%\n ") == NULL, "an id is the name of a file");
    collect_files(text);
    free(text);
    return 0;
}
