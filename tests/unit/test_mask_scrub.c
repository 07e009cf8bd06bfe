/* Free texts: what is found in them is masked in place, and the rest stays. */
#include <string.h>

#include "mask/mask_chars.h"
#include "mask_tester.h"
#include "tap.h"

static const char key[] = "0123456789abcdef0123456789abcdef";
static const MaskTarget text_target = {.type = MASK_TYPE_TEXT};

static MaskTester *scrub;
static PQExpBufferData expected;

typedef struct Part
{
    const char *mask; /* NULL: the text stays */
    const char *text;
} Part;

static void
append_masked(const Part *part)
{
    MaskTester *column = mask_tester_new(part->mask, &text_target, key);

    appendPQExpBufferStr(&expected, mask_tester_apply(column, part->text));
    mask_tester_free(column);
}

/* The text is that of the parts, one behind the other. */
static void
check_text(const Part *parts)
{
    PQExpBufferData text;

    initPQExpBuffer(&text);
    resetPQExpBuffer(&expected);
    for (; parts->text != NULL; parts++)
    {
        appendPQExpBufferStr(&text, parts->text);
        if (parts->mask != NULL)
            append_masked(parts);
        else
            appendPQExpBufferStr(&expected, parts->text);
    }
    is_str(mask_tester_apply(scrub, text.data), expected.data, "%s", text.data);
    termPQExpBuffer(&text);
}

#define PARTS(...) ((const Part[]){__VA_ARGS__, {0}})

static void
check_contents(void)
{
    check_text(PARTS({NULL, "Mail to "}, {"email", "ann@example.com"}, {NULL, ", or "},
                     {"phone", "+49 171 1234567"}, {NULL, "!"}));
    check_text(PARTS({"iban", "DE89 3704 0044 0532 0130 00"}, {NULL, " and "},
                     {"card", "4111 1111 1111 1111"}));
    check_text(PARTS({NULL, "From "}, {"ip", "192.168.10.20"}, {NULL, " on 2024-01-15 "},
                     {NULL, "10:11:12, order "}, {"pattern", "123456789"}));
    check_text(PARTS({NULL, "id "}, {"uuid", "123e4567-e89b-12d3-a456-426614174000"}));
    check_text(PARTS({NULL, "Nothing here at 12:30, for 42 EUR, \xc3\xa4nd a@b"}));
    check_text(PARTS({NULL, ""}));
    check_text(PARTS({NULL, "<"}, {"email", "ann@example.com"}, {NULL, ">;"},
                     {"email", "bob@example.com"}));
}

/* ---- other values of the row */

static const MaskReplacement others[] = {
    {{"Ann M\xc3\xbcller", 11}, {"Zoe Balkander", 13}},
    {{"ann@example.com", 15}, {"masked@example.org", 18}},
    {{"12345", 5}, {"54321", 5}},
    {{"7", 1}, {"8", 1}},
    {{"new", 3}, {"old", 3}},
    {{"\xe5\xb1\xb1\xe7\x94\xb0", 6}, {"Tanaka", 6}},
};

static void
check_others(const char *text, const char *masked)
{
    MaskInput input = {.value = {text, strlen(text)},
                       .canonical = {text, strlen(text)},
                       .others = others,
                       .n_others = sizeof(others) / sizeof(others[0])};
    const char *problem;

    resetPQExpBuffer(&scrub->out);
    (void)masker_apply(scrub->masker, &input, &scrub->out, &problem);
    is_str(scrub->out.data, masked, "%s", text);
}

static void
check_row(void)
{
    check_others("Dear Ann M\xc3\xbcller, ann m\xc3\xbcller", "Dear Zoe Balkander, Zoe "
                                                              "Balkander");
    check_others("Ann's and M\xc3\xbcller's, but Annual", "Zoe's and Balkander's, but "
                                                          "Annual");
    check_others("ANN@Example.COM", "masked@example.org");
    check_others("order 12345 or 123456, 7 new ones",
                 "order 54321 or 123456, 7 new ones");
    check_others("\xe5\xb1\xb1\xe7\x94\xb0\xe6\xa7\x98", "Tanaka\xe6\xa7\x98");
    check_others("", "");
}

static void
check_lengths(void)
{
    MaskTarget target = {.type = MASK_TYPE_TEXT, .max_length = 12};
    MaskTester *narrow = mask_tester_new("scrub", &target, key);

    is_str(mask_tester_apply(narrow, "no more than"), "no more than", "what fits stays");
    is_int(strlen(mask_tester_apply(narrow, "a@bcde.de ok")), 12, "what does not is cut");
    is_str(mask_tester_apply(narrow, "\xc3\xa4\xc3\xb6\xc3\xbc a@b.de"),
           "\xc3\xa4\xc3\xb6"
           "\xc3\xbc adele.da",
           "by characters");
    mask_tester_free(narrow);
}

static int
get_pair_length(const char *text, int encoding)
{
    (void)encoding;
    return (unsigned char)*text >= 0x80 ? 2 : 1;
}

static void
check_cut(const CopyEncoding *encoding, const char *text, size_t n, size_t n_bytes)
{
    is_int(mask_chars_cut(encoding, text, strlen(text), n), n_bytes,
           "%zu characters of [%s]", n, text);
}

/* Characters are not cut, whatever the encoding. */
static void
check_cuts(void)
{
    static const CopyEncoding bytewise = {0};
    static const CopyEncoding pairs = {.char_length = get_pair_length};

    check_cut(&bytewise, "abc", 2, 2);
    check_cut(&bytewise, "a\xc3\xa4\xe6\x97\xa5z", 2, 3);
    check_cut(&bytewise, "a\xc3\xa4\xe6\x97\xa5z", 3, 6);
    check_cut(&bytewise, "a\xc3\xa4\xe6\x97\xa5z", 9, 7);
    check_cut(&bytewise, "a\xc6\xfc\xcb\xdcz", 2, 1);
    check_cut(&bytewise, "a\xc6\xfc\xcb\xdcz", 9, 6);
    check_cut(&bytewise, "\xe4\xf6\xfc", 2, 0);
    check_cut(&pairs, "a\x81\x5c\x82\x7bz", 2, 3);
    check_cut(&pairs, "a\x81\x5c\x82\x7bz", 3, 5);
    ok(!mask_chars_is_utf8("\xed\xa0\x80", 3), "half a surrogate pair is not UTF-8");
    ok(!mask_chars_is_utf8("\xc0\x80", 2), "nor is a long form");
    ok(!mask_chars_is_utf8("\xf4\x90\x80\x80", 4), "nor what is beyond Unicode");
    ok(!mask_chars_is_utf8("\xe6\x97", 2), "nor a part of a character");
    ok(mask_chars_is_utf8("\xf4\x8f\xbf\xbf", 4), "the last character is");
}

/* Random texts have hardly anything to be found, so most are the same by each key. */
static void
check_random(MaskTesterMake make)
{
    MaskTarget target = {.type = MASK_TYPE_TEXT, .max_length = 60};

    mask_tester_check_valid("scrub", &target, make);
}

int
main(void)
{
    initPQExpBuffer(&expected);
    scrub = mask_tester_new("scrub", &text_target, key);
    check_contents();
    check_row();
    check_lengths();
    check_cuts();
    check_random(mask_tester_make_utf8);
    check_random(mask_tester_make_euc);
    mask_tester_free(scrub);
    termPQExpBuffer(&expected);
    return done_testing();
}
