#include "base/copytext.h"

#include <string.h>

#include "tap.h"

static const CopyEncoding ascii_safe = {0};

/* Like SJIS, as far as it matters: a character that begins with 0x83 has two bytes. */
static int
two_byte_length(const char *text, int encoding)
{
    return encoding == 1 && (unsigned char)*text == 0x83 ? 2 : 1;
}

static const CopyEncoding two_byte = {two_byte_length, 1};

typedef void (*AppendField)(PQExpBuffer out, const CopyField *field,
                            const CopyEncoding *encoding);

static void
check_append(AppendField append, const char *text, const CopyEncoding *encoding,
             const char *expected, const char *name)
{
    CopyLine line = copytext_line(text, strlen(text));
    CopyField field;
    PQExpBuffer out = createPQExpBuffer();

    if (ok(copytext_next_field(&line, &field), "there is a field"))
        append(out, &field, encoding);
    is_str(out->data, expected, "%s", name);
    destroyPQExpBuffer(out);
}

static void
check_fields(void)
{
    static const char text[] = "a\t\\N\t\t\\\\N\tbc\n";
    CopyLine line = copytext_line(text, strlen(text));
    CopyField field;

    ok(copytext_next_field(&line, &field) && field.length == 1 && !field.is_null, "a");
    ok(copytext_next_field(&line, &field) && field.is_null, "a NULL");
    ok(copytext_next_field(&line, &field) && field.length == 0 && !field.is_null,
       "an empty string");
    ok(copytext_next_field(&line, &field) && field.length == 3 && !field.is_null,
       "a value that looks like a NULL");
    ok(copytext_next_field(&line, &field) && field.length == 2,
       "the newline is left out");
    ok(field.text == text + 10, "fields point into the line");
    ok(!copytext_next_field(&line, &field), "no field is left");
    ok(!copytext_next_field(&line, &field), "and none comes back");

    line = copytext_line("", 0);
    ok(copytext_next_field(&line, &field) && field.length == 0, "one field if empty");
    ok(!copytext_next_field(&line, &field), "and no other one");
    line = copytext_line("x\t", 2);
    ok(copytext_next_field(&line, &field) && copytext_next_field(&line, &field) &&
           field.length == 0 && !copytext_next_field(&line, &field),
       "an empty field at the end");
}

static void
check_unescape(void)
{
    AppendField unescape = copytext_unescape;

    check_append(unescape, "plain", &ascii_safe, "plain", "a plain value");
    check_append(unescape, "\\b\\f\\n\\r\\t\\v\\\\", &ascii_safe, "\b\f\n\r\t\v\\",
                 "letters for controls");
    check_append(unescape, "\\101\\60\\7x\\1011", &ascii_safe, "A0\ax\x41\x31",
                 "octal digits");
    check_append(unescape, "\\x41\\x4a\\x4A\\x7z\\x414", &ascii_safe, "AJJ\az\x41\x34",
                 "hexadecimal digits");
    check_append(unescape, "\\xg\\8\\q\\.\\'\\\"\\Na", &ascii_safe, "xg8q.'\"Na",
                 "other characters");
    check_append(unescape, "\\\xc3\xa4\\\\n", &ascii_safe, "\xc3\xa4\\n",
                 "a backslash before UTF-8");
    check_append(unescape, "a\\", &ascii_safe, "a\\", "a backslash at the end");
    check_append(unescape, "\x83\\n\\n", &ascii_safe, "\x83\n\n", "bytes one by one");
    check_append(unescape, "\x83\\n\\n", &two_byte, "\x83\\n\n", "a trail byte");
    check_append(unescape, "\\\x83\\n", &two_byte, "\x83\\n", "an escaped character");
    check_append(unescape, "a\x83", &two_byte, "a\x83", "a character that is cut off");
}

static void
check_quoting(void)
{
    AppendField element = copytext_append_element;
    AppendField literal = copytext_append_literal;

    check_append(element, "1x", &ascii_safe, "\"1x\"", "an element");
    check_append(element, "-120", &ascii_safe, "-120", "an integer");
    check_append(element, "0", &two_byte, "0", "an integer of one digit");
    check_append(element, "-", &ascii_safe, "\"-\"", "a sign alone");
    check_append(element, "1.5", &ascii_safe, "\"1.5\"", "a number that is no integer");
    check_append(element, "", &ascii_safe, "\"\"", "an empty element");
    check_append(element, "\\N", &ascii_safe, "NULL", "a NULL element");
    check_append(element, "NULL", &ascii_safe, "\"NULL\"", "an element NULL");
    check_append(element, "a\"b\\\\c'd,{}\\n", &ascii_safe, "\"a\\\"b\\\\c''d,{}\n\"",
                 "all layers of an element");
    check_append(element, "\\x22\\x5c\\x27\\\"\\'", &ascii_safe, "\"\\\"\\\\''\\\"''\"",
                 "escaped quotes in an element");
    check_append(element, "\x83\\\x83\x5c", &two_byte, "\"\x83\\\x83\x5c\"",
                 "trail bytes in an element");
    check_append(literal, "it's \"\\\\\"\\t", &ascii_safe, "'it''s \"\\\"\t'",
                 "a literal");
    check_append(literal, "\\N", &ascii_safe, "NULL", "a NULL literal");
    check_append(literal, "\x83\\'\x83\\", &two_byte, "'\x83\\''\x83\\'",
                 "trail bytes in a literal");
}

static void
check_texts(void)
{
    PQExpBuffer out = createPQExpBuffer();

    copytext_append_string(out, "it's \\n \\N", strlen("it's \\n \\N"));
    is_str(out->data, "'it''s \\n \\N'", "a string that is not escaped");
    resetPQExpBuffer(out);
    copytext_append_comment(out, "a\nb\r\tc\x1b[0m\x7f \\n \xc3\xa4");
    is_str(out->data, "a\\nb\\r\\tc\\x1b[0m\\x7f \\n \xc3\xa4", "a comment");
    destroyPQExpBuffer(out);
}

static void
check_encodings(void)
{
    ok(copytext_needs_char_length("SJIS"), "SJIS has to be stepped over");
    ok(copytext_needs_char_length("GB18030"), "GB18030 too");
    ok(!copytext_needs_char_length("UTF8"), "not so UTF-8");
    ok(!copytext_needs_char_length("EUC_JP"), "nor EUC_JP");
    ok(!copytext_needs_char_length("SQL_ASCII"), "nor SQL_ASCII");
}

int
main(void)
{
    check_fields();
    check_unescape();
    check_quoting();
    check_texts();
    check_encodings();
    return done_testing();
}
