#include "load/source/source_name.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "store/store.h"

static bool
is_object(const char *path)
{
    return strncasecmp(path, "s3://", strlen("s3://")) == 0;
}

char *
source_name_make(const char *path)
{
    return store_is_url(path) ? store_make_name(path) : mem_copy_string(path);
}

/* ---- the last part */

static int
get_hex(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *found = c != '\0' ? strchr(digits, c | 0x20) : NULL;

    return found != NULL ? (int)(found - digits) : -1;
}

/* In place. What is not a code stays, and so does that of a zero. */
static void
decode(char *text)
{
    char *to = text;

    for (const char *from = text; *from != '\0'; from++)
    {
        int high = *from == '%' ? get_hex(from[1]) : -1;
        int low = high >= 0 ? get_hex(from[2]) : -1;

        if (low < 0 || high + low == 0)
            *to++ = *from;
        else
        {
            *to++ = (char)(high << 4 | low);
            from += 2;
        }
    }
    *to = '\0';
}

char *
source_name_make_file(const char *path)
{
    char *name = source_name_make(path);
    const char *start = store_is_url(path) ? strstr(name, "://") + 3 : name;
    const char *slash = strrchr(start, '/');
    char *file;

    if (slash != NULL)
        file = mem_copy_string(slash + 1);
    else
        file = mem_copy_string(store_is_url(path) ? "" : start);
    if (store_is_url(path) && !is_object(path))
        decode(file);
    free(name);
    return file;
}

bool
source_name_is_prefix(const char *path)
{
    const char *slash = strrchr(path, '/');

    return is_object(path) && (slash[1] == '\0' || slash < path + strlen("s3://"));
}
