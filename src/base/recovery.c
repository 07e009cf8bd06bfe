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
find_recovery(RecoveryKind kind)
{
    Recovery *recovery = recovery_innermost;

    while (recovery != NULL && recovery->kind != kind)
        recovery = recovery->outer;
    return recovery;
}

bool
recovery_is_open(RecoveryKind kind)
{
    return find_recovery(kind) != NULL;
}

void
recovery_throw(RecoveryKind kind, const Diag *diag)
{
    Recovery *recovery = find_recovery(kind);

    if (recovery == NULL)
        return;
    recovery->diag = (Diag){.message = mem_copy_or_null(diag->message),
                            .detail = mem_copy_or_null(diag->detail),
                            .hint = mem_copy_or_null(diag->hint)};
    recovery_end(recovery);
    longjmp(recovery->place, 1);
}
