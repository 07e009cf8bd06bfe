/* Where records of JSON begin and end, whatever chunks the bytes come in. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/strbuf.h"
#include "load/source/json_split.h"
#include "tap.h"

/*
 * Reads the text in chunks of that size, the rest of each being kept, and writes down the
 * records: "LINE<record>", and the error or the end.
 */
static void
split_in_chunks(bool is_lines, const char *text, size_t length, size_t chunk,
                PQExpBuffer found)
{
    JsonSplit split;
    JsonSplitStatus status;
    size_t start = 0;
    size_t end = 0;

    json_split_init(&split, is_lines);
    for (;;)
    {
        /* a copy of just these bytes, so that the sanitizer sees what is read beyond */
        char *part = mem_copy_part(text + start, end - start);

        status = json_split_next(&split, part, end - start, end == length);
        if (status == SPLIT_RECORD)
            appendPQExpBuffer(found, "%d<%.*s>", (int)split.line, (int)split.length,
                              part + split.start);
        free(part);
        if (status == SPLIT_ERROR || status == SPLIT_END)
            break;
        start += split.n_used;
        if (status == SPLIT_MORE)
            end = end + chunk > length ? length : end + chunk;
    }
    if (status == SPLIT_ERROR)
        appendPQExpBuffer(found, "line %d: %s", (int)split.line, split.problem);
}

static void
check_split(bool is_lines, const char *text, const char *expected)
{
    size_t length = strlen(text);

    for (size_t chunk = 1; chunk <= length + 1; chunk++)
    {
        PQExpBufferData found;

        initPQExpBuffer(&found);
        split_in_chunks(is_lines, text, length, chunk, &found);
        if (strcmp(found.data, expected) != 0 || chunk > length)
            is_str(found.data, expected, "%s, %zu at once", text, chunk);
        termPQExpBuffer(&found);
    }
}

static void
test_values(void)
{
    check_split(false, "", "");
    check_split(false, " \n\t\r", "");
    check_split(false, "{}", "1<{}>");
    check_split(false, "{\"a\":1}{\"b\":2}\n {\"c\":3} ",
                "1<{\"a\":1}>1<{\"b\":2}>2<{\"c\":3}>");
    check_split(false, "{\"a\":\"}{\",\"b\":\"\\\"}\\\\\"}{}",
                "1<{\"a\":\"}{\",\"b\":\"\\\"}\\\\\"}>1<{}>");
    check_split(false, "{\n\"a\":[1,{\"b\":[]}]\n}\n{}",
                "1<{\n\"a\":[1,{\"b\":[]}]\n}>4<{}>");
    check_split(false, "1 true\"a b\"\"\\\"\" NaN",
                "1<1>1<true>1<\"a b\">1<\"\\\"\">1<NaN>");
    check_split(false, "1{}2", "1<1>1<{}>1<2>");
}

static void
test_arrays(void)
{
    check_split(false, "[]", "");
    check_split(false, "[ ] {} [{}]", "1<{}>1<{}>");
    check_split(false, "[{\"a\":1},\n{\"a\":2}\n,[{}],3 , \"x\" ]{}",
                "1<{\"a\":1}>2<{\"a\":2}>3<[{}]>3<3>3<\"x\">3<{}>");
    check_split(false, "[{},]", "1<{}>1<>");
    check_split(false, "[,]", "1<>1<>");
    check_split(false, "[,{}]", "1<>1<{}>");
    check_split(false, "[{},,{}]{}", "1<{}>1<>1<{}>1<{}>");
}

static void
test_errors(void)
{
    check_split(false, "{}\n}", "1<{}>line 2: \"}\" is where a record should begin");
    check_split(false, "{},{}", "1<{}>line 1: \",\" is where a record should begin");
    check_split(false, ":", "line 1: \":\" is where a record should begin");
    check_split(false, "{}\n{\"a\":[}\n",
                "1<{}>line 2: \"}\" does not close the last open "
                "bracket");
    check_split(false, "{\"a\":[1)}]}",
                "line 1: \"}\" does not close the last open bracket");
    check_split(false, "{}\n {\"a\":\n\"}",
                "1<{}>line 2: a string of the record is not closed");
    check_split(false, "{}\n {\"a\":\n",
                "1<{}>line 2: a bracket of the record is not closed");
    check_split(false, "\"", "line 1: a string of the record is not closed");
    check_split(false, "\"\\\"", "line 1: a string of the record is not closed");
    check_split(false, "[{}\n", "1<{}>line 2: the array of the records is not closed");
    check_split(false, "[", "line 1: the array of the records is not closed");
    check_split(false, "[{},", "1<{}>line 1: the array of the records is not closed");
    check_split(false, "[{} {}]",
                "1<{}>line 1: \"{\" is where a comma or the end of the "
                "array should be");
    check_split(false, "[}", "line 1: \"}\" is where an element should begin");
}

static void
test_lines(void)
{
    check_split(true, "", "");
    check_split(true, "\n \r\n", "");
    check_split(true, "{}\n{\"a\":1}\r\n\n  [ \n\"", "1<{}>2<{\"a\":1}>4<[>5<\">");
    check_split(true, "{} {}\n", "1<{} {}>");
    check_split(true, "{}\n{}\n", "1<{}>2<{}>");
}

/* Deeper than what is remembered of the brackets. */
static void
test_depth(void)
{
    const size_t depth = 100000;
    char *text = mem_alloc(2 * depth + 3);
    JsonSplit split;

    memset(text, '[', depth);
    text[0] = '{';
    memset(text + depth, ']', depth);
    text[2 * depth - 1] = '}';
    text[2 * depth] = '{';
    text[2 * depth + 1] = '}';
    json_split_init(&split, false);
    ok(json_split_next(&split, text, 2 * depth + 2, true) == SPLIT_RECORD &&
           split.length == 2 * depth,
       "deep brackets are one record");
    ok(json_split_next(&split, text + split.n_used, 2, true) == SPLIT_RECORD &&
           split.length == 2,
       "and the next one follows");
    free(text);
}

int
main(void)
{
    test_values();
    test_arrays();
    test_errors();
    test_lines();
    test_depth();
    return done_testing();
}
