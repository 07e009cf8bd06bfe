#include "base/recovery.h"

#include <stddef.h>

#include "base/mem.h"

static Recovery *recovery_innermost;

void
recovery_begin(Recovery *recovery)
{
    recovery->diag = (Diag){0};
    recovery->outer = recovery_innermost;
    recovery_innermost = recovery;
}

void
recovery_end(Recovery *recovery)
{
    recovery_innermost = recovery->outer;
}

void
recovery_abandon(void)
{
    while (recovery_innermost != NULL && (recovery_innermost->kind == RECOVERY_STAGING ||
                                          recovery_innermost->kind == RECOVERY_TABLE))
        recovery_innermost = recovery_innermost->outer;
}

static Recovery *
find(RecoveryKind kind)
{
    Recovery *recovery = recovery_innermost;

    while (recovery != NULL && recovery->kind != kind)
        recovery = recovery->outer;
    return recovery;
}

bool
recovery_is_open(RecoveryKind kind)
{
    return find(kind) != NULL;
}

static char *
copy_or_null(const char *text)
{
    return text != NULL ? mem_copy_string(text) : NULL;
}

void
recovery_throw(RecoveryKind kind, const Diag *diag)
{
    Recovery *recovery = find(kind);

    if (recovery == NULL)
        return;
    recovery->diag = (Diag){.message = copy_or_null(diag->message),
                            .detail = copy_or_null(diag->detail),
                            .hint = copy_or_null(diag->hint)};
    recovery_end(recovery);
    longjmp(recovery->place, 1);
}
