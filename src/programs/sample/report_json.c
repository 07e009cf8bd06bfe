#include "programs/sample/run_internal.h"

#include <jansson.h>
#include <stdlib.h>

#include "base/mem.h"

void *
report_json_make_text(const char *text)
{
    json_t *string = json_string(text);

    if (string == NULL)
    {
        char *ascii = mem_copy_string(text);

        for (char *c = ascii; *c != '\0'; c++)
        {
            if ((unsigned char)*c >= 0x80)
                *c = '?';
        }
        string = json_string(ascii);
        free(ascii);
    }
    return string;
}

void
report_json_set_text(void *object, const char *name, const char *text)
{
    json_object_set_new(object, name, report_json_make_text(text));
}
