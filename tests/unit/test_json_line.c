/* JSON records as lines of COPY text: envelopes, names, values, and what is rejected. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/mem.h"
#include "load/source/json_line.h"
#include "load/source/json_split.h"
#include "tap.h"

#define EURO_2 "\xe2\x82\xac\xe2\x82\xac"
#define EURO_22                                                                          \
    EURO_2 EURO_2 EURO_2 EURO_2 EURO_2 EURO_2 EURO_2 EURO_2 EURO_2 EURO_2 EURO_2
#define EURO_66 EURO_22 EURO_22 EURO_22
#define EURO_70 EURO_66 EURO_2 EURO_2

static const JsonColumn columns[] = {
    {.name = "id"},
    {.name = "t", .kind = JSON_KIND_TEXT},
    {.name = "j", .kind = JSON_KIND_JSON},
    {.name = "a", .kind = JSON_KIND_ARRAY, .element = JSON_KIND_TEXT, .delimiter = ','},
    {.name = "Mixed"},
};
static const JsonName names[] = {
    {.text = "key", .length = 3, .column = 0, .is_mapped = true},
    {.text = "list", .length = 4, .column = 3, .is_mapped = true},
    {.text = "id", .length = 2, .column = 0},
    {.text = "t", .length = 1, .column = 1},
    {.text = "j", .length = 1, .column = 2},
    {.text = "a", .length = 1, .column = 3},
    {.text = "Mixed", .length = 5, .column = 4},
    {.text = "g", .length = 1, .column = JSON_GENERATED},
};

static JsonMembers
make_members(Arena *arena)
{
    JsonMembers members = {.columns = columns,
                           .n_columns = sizeof(columns) / sizeof(columns[0]),
                           .envelope = "data",
                           .names = names,
                           .n_names = sizeof(names) / sizeof(names[0])};

    json_members_prepare(&members, arena);
    return members;
}

/* The line, with | for tabs; or "reject: " and the reason. */
static void
read_record(const JsonMembers *members, const char *text, PQExpBuffer found)
{
    JsonLine *line = json_line_new(members);
    JsonHandler handler = json_line_get_handler(line);
    JsonRecord *record = json_record_new(&handler, members->envelope);
    Lines lines;

    lines_init(&lines);
    /* once more: the second time names are guessed, and the parser is used again */
    for (int i = 0; i < 2; i++)
    {
        char *copy = mem_alloc(strlen(text) + 1);
        char *reason;

        memcpy(copy, text, strlen(text));
        lines_reset(&lines);
        resetPQExpBuffer(found);
        json_line_begin(line);
        reason = json_record_read(record, copy, strlen(text));
        if (reason == NULL)
            reason = json_line_end(line, 77, &lines);
        if (reason != NULL)
            appendPQExpBuffer(found, "reject: %s", reason);
        for (size_t j = 0; j + 1 < lines.text.len; j++)
            appendPQExpBufferChar(found,
                                  lines.text.data[j] == '\t' ? '|' : lines.text.data[j]);
        free(reason);
        free(copy);
    }
    lines_free(&lines);
    json_record_free(record);
    json_line_free(line);
}

static void
check_with(const JsonMembers *members, const char *text, const char *expected)
{
    PQExpBufferData found;

    initPQExpBuffer(&found);
    read_record(members, text, &found);
    is_str(found.data, expected, "%.100s", text);
    termPQExpBuffer(&found);
}

static void
check_record(const char *text, const char *expected)
{
    Arena *arena = arena_new();
    JsonMembers members = make_members(arena);

    check_with(&members, text, expected);
    arena_free(arena);
}

static void
test_values(void)
{
    check_record("{\"id\":1,\"t\":\"x\",\"j\":{},\"a\":[],\"Mixed\":null}",
                 "1|x|{}|{}|\\N|\\N|77");
    check_record("{}", "\\N|\\N|\\N|\\N|\\N|00000|77");
    check_record("{\"id\":null}", "\\N|\\N|\\N|\\N|\\N|10000|77");
    check_record("{ \"id\" : -1.10E+400 , \"t\":true}",
                 "-1.10E+400|true|\\N|\\N|\\N|11000|77");
    check_record("{\"id\":123456789012345678901234567890,\"t\":false}",
                 "123456789012345678901234567890|false|\\N|\\N|\\N|11000|77");
    check_record("{\"t\":\"a\\tb\\n\\\\ \\\" \\/ \\u00e4\\ud83d\\ude00\"}",
                 "\\N|a\\tb\\n\\\\ \" / \xc3\xa4\xf0\x9f\x98\x80|\\N|\\N|\\N|01000|77");
    check_record("{\"j\":\"a\\tb\"}", "\\N|\\N|\"a\\\\tb\"|\\N|\\N|00100|77");
    check_record("{\"j\":[ 1,{\"b\" :1e0,\"b\":\"]\"} ]}",
                 "\\N|\\N|[ 1,{\"b\" :1e0,\"b\":\"]\"} ]|\\N|\\N|00100|77");
    check_record("{\"t\":{\"x\":\n[1]},\"j\":1.0}",
                 "\\N|{\"x\":\\n[1]}|1.0|\\N|\\N|01100|77");
    check_record("{\"id\":[1]}", "reject: column \"id\" cannot take an array");
    check_record("{\"id\":{}}", "reject: column \"id\" cannot take an object");
    check_record("{\"a\":{}}", "reject: column \"a\" cannot take an object");
    check_record("{\"a\":\"{1}\"}", "\\N|\\N|\\N|{1}|\\N|00010|77");
    check_record("{\"a\":[1,null,\"\",\"a\\\"\\\\b\",true,[],{\"x\":[\"y\"]}]}",
                 "\\N|\\N|\\N|{1,NULL,\"\",\"a\\\\\"\\\\\\\\b\",true,{},"
                 "\"{\\\\\"x\\\\\":[\\\\\"y\\\\\"]}\"}|\\N|00010|77");
    check_record("{\"a\":[[1,2],[3,4]]}", "\\N|\\N|\\N|{{1,2},{3,4}}|\\N|00010|77");
}

static void
test_names(void)
{
    check_record("{\"ID\":1,\"Mixed\":2}", "1|\\N|\\N|\\N|2|10001|77");
    check_record("{\"\\u0069d\":1}", "1|\\N|\\N|\\N|\\N|10000|77");
    check_record("{\"key\":1}", "1|\\N|\\N|\\N|\\N|10000|77");
    check_record("{\"KEY\":1}", "reject: the table has no column \"KEY\"");
    check_record("{\"mixd\":1}",
                 "reject: the table has no column \"mixd\"; perhaps \"Mixed\" is meant");
    check_record("{\"mixed\":1}",
                 "reject: the table has no column \"mixed\"; perhaps \"Mixed\" is meant");
    check_record("{\"" EURO_70 "\":1}",
                 "reject: the table has no column \"" EURO_66 "...\"");
    check_record("{\"\":1}", "reject: the table has no column \"\"");
    check_record("{\"g\":1}", "reject: column \"g\" is generated by the server");
    check_record("{\"t\":1,\"t\":1}", "reject: member \"t\" occurs twice");
    check_record("{\"t\":1,\"\\u0074\":1}", "reject: member \"t\" occurs twice");
    check_record("{\"t\":null,\"T\":1}", "reject: two members are for column \"t\"");
    check_record("{\"list\":[1],\"key\":1}", "1|\\N|\\N|{1}|\\N|10010|77");
    check_record("{\"List\":[1]}", "reject: the table has no column \"List\"");
    check_record("{\"id\":1,\"key\":1}", "reject: two members are for column \"id\"");
}

static void
test_envelopes(void)
{
    check_record("{\"data\":{\"id\":1}}", "1|\\N|\\N|\\N|\\N|10000|77");
    check_record("{\"x\":{\"data\":1},\"t\":\"y\",\"data\":{\"id\":1,\"j\":{\"data\":1}},"
                 "\"x\":[{\"id\":2}],\"id\":3}",
                 "1|\\N|{\"data\":1}|\\N|\\N|10100|77");
    check_record("{\"id\":7,\"t\":\"y\",\"data\":{\"id\":1}}",
                 "1|\\N|\\N|\\N|\\N|10000|77");
    check_record("{\"data\":{\"id\":1},\"t\":\"y\",\"id\":7}",
                 "1|\\N|\\N|\\N|\\N|10000|77");
    check_record("{\"data\":{\"id\":1},\"x\":{\"t\":\"y\"}}",
                 "1|\\N|\\N|\\N|\\N|10000|77");
    check_record("{\"t\":1,\"t\":2,\"data\":{}}", "\\N|\\N|\\N|\\N|\\N|00000|77");
    check_record("{\"d\\u0061ta\":{}}", "\\N|\\N|\\N|\\N|\\N|00000|77");
    check_record("{\"data\":1}", "reject: member \"data\" is not an object");
    check_record("{\"data\":null}", "reject: member \"data\" is not an object");
    check_record("{\"data\":[{\"id\":1}]}", "reject: member \"data\" is not an object");
    check_record("{\"data\":\"{}\"}", "reject: member \"data\" is not an object");
    check_record("{\"data\":{},\"data\":{}}", "reject: member \"data\" occurs twice");
    check_record("{\"data\":{\"data\":{}}}", "reject: the table has no column \"data\"");
    check_record("{\"data\":{\"t\":1,\"t\":2}}", "reject: member \"t\" occurs twice");
}

static void
test_settings(void)
{
    Arena *arena = arena_new();
    JsonMembers members = make_members(arena);
    JsonColumn others[sizeof(columns) / sizeof(columns[0])];

    members.envelope = NULL;
    check_with(&members, "{\"data\":{}}", "reject: the table has no column \"data\"");
    members.ignores_unknown = true;
    check_with(&members, "{\"data\":{\"id\":2},\"g\":1,\"\":[],\"id\":1}",
               "1|\\N|\\N|\\N|\\N|10000|77");
    memcpy(others, columns, sizeof(columns));
    others[1].constant = "c\\\\";
    members.columns = others;
    check_with(&members, "{\"id\":1,\"j\":2,\"a\":[],\"Mixed\":0}",
               "1|c\\\\|2|{}|0|\\N|77");
    check_with(&members, "{\"t\":null}", "\\N|\\N|\\N|\\N|\\N|01000|77");
    check_with(&members, "{\"id\":1}", "1|c\\\\|\\N|\\N|\\N|11000|77");
    others[3].element = JSON_KIND_JSON;
    others[3].delimiter = ';';
    check_with(&members, "{\"a\":[1,null,\"x\\\\\\\"\",[1,\"]\"],{}]}",
               "\\N|c\\\\|\\N|{1;NULL;\"\\\\\"x\\\\\\\\\\\\\\\\\\\\\\\\\\\\\"\\\\\"\";"
               "\"[1,\\\\\"]\\\\\"]\";\"{}\"}|\\N|01010|77");
    others[3].element = JSON_KIND_SCALAR;
    check_with(&members, "{\"a\":[1,{}]}",
               "reject: an object cannot be an element of the array");
    arena_free(arena);
}

static void
test_bad_json(void)
{
    check_record("", "reject: there is no element before or after a comma");
    check_record("1", "reject: the record is not an object");
    check_record("[]", "reject: the record is not an object");
    check_record("null", "reject: the record is not an object");
    check_record("{\"id\":1,}",
                 "reject: invalid JSON near byte 9: the name of a member is "
                 "missing, or no string");
    check_record("{\"a\":[1,]}", "reject: invalid JSON near byte 9: a value is missing");
    check_record("{\"id\":01}", "reject: invalid JSON near byte 7: a comma or the end of "
                                "the object is missing");
    check_record("{\"id\":NaN}", "reject: invalid JSON near byte 7: invalid character");
    check_record("{\"id\":Infinity}",
                 "reject: invalid JSON near byte 7: invalid character");
    check_record("{\"id\":nul}", "reject: invalid JSON near byte 9: invalid word");
    check_record("{\"id\":1.}", "reject: invalid JSON near byte 8: invalid number");
    check_record("{\"t\":\"a\nb\"}",
                 "reject: invalid JSON near byte 7: control character in a string");
    check_record("{\"t\":\"\\x\"}",
                 "reject: invalid JSON near byte 7: a backslash is before "
                 "a character that it cannot escape");
    check_record("{\"t\":\"\\u12x4\"}", "reject: invalid JSON near byte 10: \\u is not "
                                        "followed by four hexadecimal digits");
    check_record("{\"t\":\"\\ud800\"}", "reject: invalid JSON at byte 7: high surrogate "
                                        "without a low surrogate behind it");
    check_record("{\"t\":\"\xc3\"}", "reject: invalid JSON at byte 7: invalid UTF-8");
    check_record("{\"t\" 1}",
                 "reject: invalid JSON near byte 6: a colon is missing between "
                 "name and value");
    check_record("{\"t\":1 /* x */}",
                 "reject: invalid JSON near byte 7: comments are not allowed");
    check_record("{\"id\":1} {\"id\":2}",
                 "reject: there is more after the record in its line, at byte 9");
    check_record("{\"id\":1} x",
                 "reject: there is more after the record in its line, at byte 9");
    check_record("{\"id\":1", "reject: invalid JSON: its line ends before it does");
    check_record("{\"id\":\"1", "reject: invalid JSON: its line ends before it does");
}

/* Values of a row whose lengths are claimed; their bytes are not looked at. */
static void
test_length(void)
{
    Arena *arena = arena_new();
    JsonMembers members = make_members(arena);
    JsonLine *line = json_line_new(&members);
    JsonHandler handler = json_line_get_handler(line);
    JsonValue value = {.type = JSON_NUMBER,
                       .raw = "1",
                       .raw_length = (size_t)1024 * 1024 * 1024};
    char *reason = handler.member(handler.context, "id", 2, &value);

    is_str(reason, "a row must have less than 1 GB", "a value of 1 GB");
    free(reason);
    json_line_free(line);
    arena_free(arena);
}

static void
check_depth(int depth, const char *expected)
{
    PQExpBufferData text;

    initPQExpBuffer(&text);
    appendPQExpBufferStr(&text, "{\"t\":");
    for (int i = 1; i < depth; i++)
        appendPQExpBufferChar(&text, '[');
    for (int i = 1; i < depth; i++)
        appendPQExpBufferChar(&text, ']');
    appendPQExpBufferChar(&text, '}');
    if (expected != NULL)
        check_record(text.data, expected);
    else
    {
        PQExpBufferData line;

        initPQExpBuffer(&line);
        appendPQExpBuffer(&line, "\\N|%.*s|\\N|\\N|\\N|01000|77", (int)text.len - 6,
                          text.data + 5);
        check_record(text.data, line.data);
        termPQExpBuffer(&line);
    }
    termPQExpBuffer(&text);
}

int
main(void)
{
    test_values();
    test_names();
    test_envelopes();
    test_settings();
    test_bad_json();
    test_length();
    check_depth(JSON_MAX_DEPTH, NULL);
    check_depth(JSON_MAX_DEPTH + 1, "reject: it is nested deeper than 1000 levels");
    check_depth(100000, "reject: it is nested deeper than 1000 levels");
    return done_testing();
}
