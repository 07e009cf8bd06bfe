/* Scripts of pg_dump and lists of archives are taken apart, or refused. */
#include <stdlib.h>
#include <string.h>

#include "base/sqlscript.h"
#include "dump/ddl_text.h"
#include "dump/toc.h"
#include "fuzz.h"
#include "model/sql_expression.h"

static void
scan_lines(const char *text)
{
    SqlScript script;

    sqlscript_init(&script);
    while (*text != '\0')
    {
        const char *end = strchr(text, '\n');

        if (end == NULL)
            break;
        end++;
        while (sqlscript_next(&script, &text, end) != SQLSCRIPT_MORE)
            ;
        text = end;
    }
    sqlscript_free(&script);
}

static void
take_ddl_apart(const char *text)
{
    DdlParts parts;

    if (ddl_text_split(text, &parts))
    {
        free(ddl_text_take_drops(parts.body, true));
        free(ddl_adapt(parts.body));
        free(parts.settings);
        free(parts.body);
    }
    free(ddl_adapt(text));
}

static void
scan_expression(const char *text)
{
    const char *place;
    const char *end = sql_expression_find_end(text);

    fuzz_expect(end == NULL || (end >= text && end <= text + strlen(text)),
                "an expression ends in its text");
    if (sql_expression_find_problem(text, &place) != NULL)
        fuzz_expect(place >= text && place <= text + strlen(text),
                    "a problem is at a place of the text");
}

int
fuzz_script(const uint8_t *data, size_t size)
{
    char *text = fuzz_copy_text(data, size);

    scan_lines(text);
    take_ddl_apart(text);
    scan_expression(text);
    toc_free(toc_parse(text));
    free(text);
    return 0;
}
