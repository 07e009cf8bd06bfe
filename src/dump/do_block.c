#include "dump/do_block.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void
do_block_append(PQExpBuffer out, const char *what, const char *body)
{
    char *tag = mem_format("$%s$", what);

    for (int i = 0; strstr(body, tag) != NULL; i++)
    {
        free(tag);
        tag = mem_format("$%s%d$", what, i);
    }
    appendPQExpBuffer(out, "DO %s BEGIN\n%sEND %s;\n", tag, body, tag);
    free(tag);
}

void
do_block_append_caught(PQExpBuffer out, const char *what, const char *statement,
                       size_t length, const char *conditions, const char *then)
{
    PQExpBufferData body;

    while (length > 0 && statement[length - 1] == '\n')
        length--;
    initPQExpBuffer(&body);
    appendBinaryPQExpBuffer(&body, statement, length);
    appendPQExpBuffer(&body, "\nEXCEPTION WHEN %s THEN %s;\n", conditions, then);
    do_block_append(out, what, body.data);
    termPQExpBuffer(&body);
}
