#include "load/findings.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"

typedef struct Finding
{
    char *text;
    char *hint; /* or NULL */
} Finding;

struct Findings
{
    Finding *items;
    size_t n_items;
    size_t capacity;
};

Findings *
findings_new(void)
{
    return mem_alloc_zero(1, sizeof(Findings));
}

void
findings_free(Findings *findings)
{
    if (findings == NULL)
        return;
    for (size_t i = 0; i < findings->n_items; i++)
    {
        free(findings->items[i].text);
        free(findings->items[i].hint);
    }
    free(findings->items);
    free(findings);
}

void
findings_add(Findings *findings, const char *hint, const char *format, ...)
{
    Finding finding = {.hint = hint != NULL ? mem_copy_string(hint) : NULL};
    va_list args;

    va_start(args, format);
    finding.text = mem_vformat(format, args);
    va_end(args);
    MEM_GROW(findings->items, findings->capacity, findings->n_items);
    findings->items[findings->n_items++] = finding;
}

size_t
findings_count(const Findings *findings)
{
    return findings->n_items;
}

void
findings_print(const Findings *findings)
{
    for (size_t i = 0; i < findings->n_items; i++)
    {
        const Finding *finding = &findings->items[i];

        log_error(&(Diag){.message = finding->text, .hint = finding->hint});
    }
}
