#include "base/diag.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/mem.h"

static void __attribute__((format(printf, 2, 0)))
diag_replace(char **part, const char *format, va_list args)
{
    free(*part);
    *part = mem_vformat(format, args);
}

#define DIAG_SETTER(name, part)                                                          \
    void name(Diag *diag, const char *format, ...)                                       \
    {                                                                                    \
        va_list args;                                                                    \
                                                                                         \
        va_start(args, format);                                                          \
        diag_replace(&diag->part, format, args);                                         \
        va_end(args);                                                                    \
    }

DIAG_SETTER(diag_set_message, message)
DIAG_SETTER(diag_set_detail, detail)
DIAG_SETTER(diag_set_hint, hint)

void
diag_free(Diag *diag)
{
    free(diag->message);
    free(diag->detail);
    free(diag->hint);
    *diag = (Diag){0};
}
