/* What is printed has no control characters but the newline; JSON stays JSON. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/display.h"
#include "base/mem.h"
#include "fuzz.h"
#include "load/stage/copy_error.h"

static void
check_escaped(const char *text)
{
    char *escaped = display_escape(text, NULL);

    for (const char *c = escaped; *c != '\0'; c++)
        fuzz_expect((unsigned char)*c >= ' ' || *c == '\n' || *c == '\t',
                    "no control character is printed");
    free(escaped);
}

static void
check_json(const char *text)
{
    json_t *string = json_string(text);
    char *json = string != NULL ? json_dumps(string, JSON_ENCODE_ANY) : NULL;
    char *escaped;
    json_t *back;

    if (json == NULL)
        return;
    escaped = display_escape_json(json);
    back = json_loads(escaped, JSON_DECODE_ANY, NULL);
    fuzz_expect(back != NULL && json_equal(string, back), "JSON means the same");
    json_decref(back);
    json_decref(string);
    free(escaped);
    free(json);
}

static void
find_places(const char *text)
{
    const char *names[] = {"a", "b c"};
    size_t line;

    if (copy_error_find_line(text, "a1b2c3d4_20250930_143022", 10, &line))
        fuzz_expect(line >= 1 && line <= 10, "the line is one of those that were sent");
    if (copy_error_find_line_of(text, "t", 10, &line))
        fuzz_expect(line >= 1 && line <= 10, "the line is one of those that were sent");
    fuzz_expect(copy_error_find_column(text, "a1b2c3d4_20250930_143022", names, 2) < 2,
                "the column is one of the table's");
}

int
fuzz_display(const uint8_t *data, size_t size)
{
    char *text = fuzz_copy_text(data, size);

    check_escaped(text);
    check_json(text);
    find_places(text);
    free(text);
    return 0;
}
