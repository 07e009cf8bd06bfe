#include "cli/json_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum
{
    MAX_FILE_BYTES = 16 * 1024 * 1024,
    READ_BYTES = 64 * 1024
};

static const char byte_order_mark[] = "\xef\xbb\xbf";

static void
reject_file(const char *path, const char *problem, const char *hint, Diag *diag)
{
    diag_set_message(diag, "configuration file \"%s\" %s", path, problem);
    diag_set_hint(diag, "%s", hint);
}

/* All bytes, which the caller frees, or NULL with errno; EFBIG when they are too many. */
static char *
read_all_bytes(FILE *file, size_t *size)
{
    char *bytes = NULL;
    size_t n_read;
    int problem;

    *size = 0;
    do
    {
        bytes = mem_resize(bytes, *size + READ_BYTES, 1);
        n_read = fread(bytes + *size, 1, READ_BYTES, file);
        *size += n_read;
    } while (n_read == READ_BYTES && *size <= MAX_FILE_BYTES);
    if (!ferror(file) && *size <= MAX_FILE_BYTES)
        return bytes;
    problem = *size > MAX_FILE_BYTES ? EFBIG : errno;
    free(bytes);
    errno = problem;
    return NULL;
}

static char *
read_opened_file(const char *path, size_t *size, Diag *diag)
{
    FILE *file = fopen(path, "rb");
    char *bytes = file != NULL ? read_all_bytes(file, size) : NULL;

    if (bytes == NULL)
        diag_set_message(diag, "could not read configuration file \"%s\": %s", path,
                         strerror(errno));
    if (file != NULL)
        fclose(file);
    return bytes;
}

json_t *
json_file_load(const char *path, const char *hint, Diag *diag)
{
    /* what is no object, or has a NUL in a text, gets a message of this program */
    const size_t flags = JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL;
    const size_t mark_size = strlen(byte_order_mark);
    json_error_t error;
    json_t *root;
    size_t size;
    size_t start = 0;
    char *bytes = read_opened_file(path, &size, diag);

    if (bytes == NULL)
        return NULL;
    if (size >= mark_size && memcmp(bytes, byte_order_mark, mark_size) == 0)
        start = mark_size;
    root = json_loadb(bytes + start, size - start, flags, &error);
    free(bytes);
    if (root == NULL)
    {
        char *problem = mem_format("is not valid: line %d, column %d: %s", error.line,
                                   error.column, error.text);

        reject_file(path, problem, hint, diag);
        free(problem);
    }
    else if (!json_is_object(root))
    {
        reject_file(path, "is not a JSON object", hint, diag);
        json_decref(root);
        root = NULL;
    }
    return root;
}

const char *
json_file_get_text(const json_t *value, int kinds, Arena *arena, const char **problem)
{
    char number[32];

    if (json_is_string(value) &&
        strlen(json_string_value(value)) == json_string_length(value))
        return arena_copy_string(arena, json_string_value(value));
    if (json_is_boolean(value) && (kinds & JSON_FILE_BOOLEAN) != 0)
        return json_is_true(value) ? "true" : "false";
    if (json_is_integer(value) && (kinds & JSON_FILE_NUMBER) != 0)
    {
        snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT,
                 json_integer_value(value));
        return arena_copy_string(arena, number);
    }
    if (json_is_string(value))
        *problem = "must not contain the character \\u0000";
    else
        *problem = kinds == JSON_FILE_NUMBER ? "must be a whole number or a string"
                                             : "must be a string";
    return NULL;
}
