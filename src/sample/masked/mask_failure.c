#include "sample/masked/mask_failure.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/die.h"
#include "base/mem.h"

void
mask_failure_die(const char *detail, const char *format, ...)
{
    Diag diag = {0};
    va_list args;
    char *problem;

    va_start(args, format);
    problem = mem_vformat(format, args);
    va_end(args);
    diag_set_message(&diag, "the proof of masks failed: %s; nothing was written",
                     problem);
    if (detail != NULL)
        diag_set_detail(&diag, "%s", detail);
    diag_set_hint(
        &diag,
        "Use another mask for the column, or \"keep\". If the mask "
        "should keep what is broken, this is a bug in pg-sample: please report it with "
        "the definitions of the tables.");
    free(problem);
    die(EXIT_INCONSISTENT, &diag);
}
