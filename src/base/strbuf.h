/*
 * PQExpBuffer, libpq's growing string, as the one string builder of the project. This
 * header alone includes it, because it wants pg_attribute_printf defined before.
 */
#ifndef BASE_STRBUF_H
#define BASE_STRBUF_H

#include <stddef.h> /* pqexpbuffer.h wants size_t */
#include <string.h>

#ifndef pg_attribute_printf
#define pg_attribute_printf(f, a) __attribute__((format(printf, f, a)))
#endif

#include <internal/pqexpbuffer.h> /* IWYU pragma: export */

#include "base/mem.h"

/*
 * libpq leaves a buffer empty when memory runs out and goes on; a text that is silently
 * short would be the worst of all results, so every append is checked.
 */
static inline void
strbuf_check(PQExpBuffer buffer)
{
    if (PQExpBufferBroken(buffer))
        mem_die();
}

/* Where there is room, libpq need not be called: most of what is appended is small. */
static inline void
strbuf_append(PQExpBuffer buffer, const char *data, size_t length)
{
    if (length < buffer->maxlen - buffer->len)
    {
        memcpy(buffer->data + buffer->len, data, length);
        buffer->len += length;
        buffer->data[buffer->len] = '\0';
        return;
    }
    appendBinaryPQExpBuffer(buffer, data, length);
    strbuf_check(buffer);
}

static inline void
strbuf_append_char(PQExpBuffer buffer, char character)
{
    strbuf_append(buffer, &character, 1);
}

#define initPQExpBuffer(buffer) ((initPQExpBuffer)(buffer), strbuf_check(buffer))
#define appendPQExpBuffer(buffer, ...)                                                   \
    ((appendPQExpBuffer)((buffer), __VA_ARGS__), strbuf_check(buffer))
#define appendPQExpBufferStr(buffer, text)                                               \
    ((appendPQExpBufferStr)((buffer), (text)), strbuf_check(buffer))
#define appendPQExpBufferChar(buffer, character) strbuf_append_char((buffer), (character))
#define appendBinaryPQExpBuffer(buffer, data, length)                                    \
    strbuf_append((buffer), (data), (length))

#endif
