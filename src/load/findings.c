#include "load/findings.h"

#include <stdarg.h>

#include "base/log.h"
#include "base/mem.h"

struct Findings
{
    Diag *items;
    size_t n_items;
    size_t capacity;
};

Findings *
findings_new(void)
{
    return mem_alloc_zero(1, sizeof(Findings));
}

void
findings_add(Findings *findings, const char *hint, const char *format, ...)
{
    Diag finding = {.hint = mem_copy_or_null(hint)};
    va_list args;

    va_start(args, format);
    finding.message = mem_vformat(format, args);
    va_end(args);
    MEM_GROW(findings->items, findings->capacity, findings->n_items);
    findings->items[findings->n_items++] = finding;
}

size_t
findings_count(const Findings *findings)
{
    return findings->n_items;
}

const Diag *
findings_get(const Findings *findings, size_t i)
{
    return &findings->items[i];
}

void
findings_print(const Findings *findings)
{
    for (size_t i = 0; i < findings->n_items; i++)
    {
        const Diag *finding = &findings->items[i];

        log_error(finding);
    }
}
