#include "load/settings.h"

#include <string.h>

const char *
settings_get_word(const char *words, int value, int *length)
{
    while (value-- > 0)
        words = strchr(words, '|') + 1;
    *length = (int)strcspn(words, "|");
    return words;
}
