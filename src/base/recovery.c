#include "base/recovery.h"

#include <stddef.h>

#include "base/mem.h"

static Rescue *rescue_innermost;

void
rescue_begin(Rescue *rescue)
{
    rescue->diag = (Diag){0};
    rescue->outer = rescue_innermost;
    rescue_innermost = rescue;
}

void
rescue_end(Rescue *rescue)
{
    rescue_innermost = rescue->outer;
}

void
rescue_abandon(void)
{
    while (rescue_innermost != NULL && (rescue_innermost->kind == RESCUE_STAGING ||
                                        rescue_innermost->kind == RESCUE_TABLE))
        rescue_innermost = rescue_innermost->outer;
}

static Rescue *
find(RescueKind kind)
{
    Rescue *rescue = rescue_innermost;

    while (rescue != NULL && rescue->kind != kind)
        rescue = rescue->outer;
    return rescue;
}

bool
rescue_is_open(RescueKind kind)
{
    return find(kind) != NULL;
}

static char *
copy_or_null(const char *text)
{
    return text != NULL ? mem_copy_string(text) : NULL;
}

void
rescue_throw(RescueKind kind, const Diag *diag)
{
    Rescue *rescue = find(kind);

    if (rescue == NULL)
        return;
    rescue->diag = (Diag){.message = copy_or_null(diag->message),
                          .detail = copy_or_null(diag->detail),
                          .hint = copy_or_null(diag->hint)};
    rescue_end(rescue);
    longjmp(rescue->place, 1);
}
