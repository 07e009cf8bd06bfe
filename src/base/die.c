#include "base/die.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/recovery.h"

static void
die_of_memory(void)
{
    die(EXIT_OUTPUT, &(Diag){.message = (char[]){"out of memory"}});
}

void
die_init(void)
{
    mem_reserve(die_of_memory);
}

void
die(ExitCode status, const Diag *diag)
{
    recovery_throw(RECOVERY_ANY, diag);
    if (status == EXIT_SERVER)
        recovery_throw(RECOVERY_TABLE, diag);
    if (status == EXIT_CONNECTION)
        recovery_throw(RECOVERY_LOST, diag);
    log_error(diag);
    exit(status);
}

void
die_staging(const Diag *diag)
{
    recovery_throw(RECOVERY_STAGING, diag);
    die(EXIT_SERVER, diag);
}

void
die_message(ExitCode status, const char *format, ...)
{
    va_list args;
    Diag diag = {0};

    va_start(args, format);
    diag.message = mem_vformat(format, args);
    va_end(args);
    die(status, &diag);
}

void
die_hint(ExitCode status, const char *hint, const char *format, ...)
{
    va_list args;
    Diag diag = {.hint = mem_copy_string(hint)};

    va_start(args, format);
    diag.message = mem_vformat(format, args);
    va_end(args);
    die(status, &diag);
}

void
die_errno(ExitCode status, const char *format, ...)
{
    int error = errno;
    va_list args;
    Diag diag = {0};
    char *text;

    va_start(args, format);
    text = mem_vformat(format, args);
    va_end(args);
    diag.message = mem_format("%s: %s", text, strerror(error));
    die(status, &diag);
}
