/*
 * Takes a record apart with yajl: gives its members to a handler, one after the other,
 * each with its value as it is written, so that numbers and nested values keep their
 * exact text. Strings come decoded.
 *
 * An envelope is an object with a member of a given name ("data"): then the record is the
 * value of this one. The other members can precede it: what the handler was given until
 * then is withdrawn.
 *
 * The bytes are checked before yajl sees them (json_bytes.h). yajl's own limit for
 * nesting is the memory, so there is one here.
 *
 * Pure: no server, no output.
 */
#ifndef LOAD_SOURCE_JSON_RECORD_H
#define LOAD_SOURCE_JSON_RECORD_H

#include <stdbool.h>
#include <stddef.h>

typedef enum JsonType
{
    JSON_NULL,
    JSON_BOOLEAN,
    JSON_NUMBER,
    JSON_STRING,
    JSON_OBJECT,
    JSON_LIST
} JsonType;

/* Valid within the call. */
typedef struct JsonValue
{
    JsonType type;
    const char *text; /* of a string: decoded; otherwise raw */
    size_t length;
    const char *raw; /* as it is written */
    size_t raw_length;
} JsonValue;

typedef struct JsonHandler
{
    /* Returns why the record is rejected, for the reader to free, or NULL. */
    char *(*member)(void *context, const char *name, size_t length,
                    const JsonValue *value);
    /* Forgets all members: there is an envelope. */
    void (*withdraw)(void *context);
    void *context;
} JsonHandler;

typedef struct JsonRecord JsonRecord;

/* The handler is copied. Without an envelope its name is NULL; it must last. */
JsonRecord *json_record_new(const JsonHandler *handler, const char *envelope);
void json_record_free(JsonRecord *record);

/* Returns NULL, or why the record is rejected, for the caller to free. */
char *json_record_read(JsonRecord *record, const char *text, size_t length)
    __attribute__((warn_unused_result));

/* What yajl says that is wrong, in words of ours. */
const char *json_record_describe_error(const char *error);

#endif
