#include "load/registry/registry_name.h"

#include <string.h>

/* The length of a text in UTF-8 that is truncated to at most size bytes. */
static size_t
cut_between_characters(const char *text, size_t size)
{
    size_t length = strlen(text);

    if (length <= size)
        return length;
    while (size > 0 && ((unsigned char)text[size] & 0xC0) == 0x80)
        size--;
    return size;
}

void
registry_name_append(PQExpBuffer out, const char *table, const char *what,
                     const char *tail, bool is_utf8)
{
    size_t used = strlen(what) + strlen(tail) + 2;
    size_t room = used < TABLE_NAME_MAX ? TABLE_NAME_MAX - used : 0;
    size_t length = cut_between_characters(table, room);

    for (size_t i = 0; i < length; i++)
        appendPQExpBufferChar(out,
                              is_utf8 || (unsigned char)table[i] < 0x80 ? table[i] : '_');
    appendPQExpBuffer(out, "_%s_%s", what, tail);
}

bool
registry_name_find_tail(const char *qname, char tail[TABLE_NAME_TAIL_SIZE])
{
    size_t size = TABLE_NAME_TAIL_SIZE - 1;
    size_t length = strlen(qname);

    if (length > 0 && qname[length - 1] == '"')
        length--;
    if (length < size)
        return false;
    memcpy(tail, qname + length - size, size);
    tail[size] = '\0';
    return strspn(tail, "0123456789abcdef") == 8 && tail[8] == '_' && tail[17] == '_';
}
