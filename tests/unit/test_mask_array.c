/* Arrays: each element is masked, and everything else stays. */
#include <stdlib.h>
#include <string.h>

#include "mask_tester.h"
#include "tap.h"

static const MaskTarget array_target = {.type = MASK_TYPE_TEXT, .is_array = true};

static MaskTester *array_tester;
static MaskTester *element_tester;

/* In value and expected, which has the masks of elements, these are % in order. */
static void
check_array(const char *value, const char *pattern, const char *const *elements)
{
    PQExpBufferData expected;

    initPQExpBuffer(&expected);
    for (const char *next = pattern; *next != '\0'; next++)
    {
        if (*next == '%')
            appendPQExpBufferStr(&expected,
                                 mask_tester_apply(element_tester, *elements++));
        else
            appendPQExpBufferChar(&expected, *next);
    }
    is_str(mask_tester_apply(array_tester, value), expected.data, "%s", value);
    termPQExpBuffer(&expected);
}

#define TEXTS(...) ((const char *const[]){__VA_ARGS__})

static void
check_shapes(void)
{
    check_array("{}", "{}", TEXTS(NULL));
    check_array("{a,b}", "{%,%}", TEXTS("a", "b"));
    check_array("{NULL,null,a}", "{NULL,NULL,%}", TEXTS("a"));
    check_array("{\"NULL\",\"\"}", "{%,\"\"}", TEXTS("NULL"));
    check_array("{\"a b\",\"c\\\"d\\\\e\",\"f,g}\"}", "{%,%,%}",
                TEXTS("a b", "c\"d\\e", "f,g}"));
    check_array("{{a,b},{c,NULL}}", "{{%,%},{%,NULL}}", TEXTS("a", "b", "c"));
    check_array("[2:3]={a,b}", "[2:3]={%,%}", TEXTS("a", "b"));
    check_array("[0:0][-1:0]={{a,b}}", "[0:0][-1:0]={{%,%}}", TEXTS("a", "b"));
    check_array("{a\\,b}", "{%}", TEXTS("a,b"));
    is_str(mask_tester_apply(array_tester, "a"), NULL, "what is no array is refused");
    is_str(array_tester->problem, "it is no array", "with the reason");
    is_str(mask_tester_apply(array_tester, ""), NULL, "as is nothing");
}

/* Whatever comes, nothing is read behind its end; the sanitizers look. */
static void
check_damaged(void)
{
    static const char whole[] = "[1:2]={\"a\\\"b\",{NULL,\\c}}";

    for (size_t length = 0; length < sizeof(whole); length++)
    {
        char *copy = mem_copy_part(whole, length);

        (void)mask_tester_apply_bytes(array_tester, copy, length);
        free(copy);
    }
    ok(true, "damaged arrays are read to their ends");
}

static void
check_quotes(void)
{
    MaskTester *fixed = mask_tester_new("city", &array_target, "key");
    const char *masked = mask_tester_apply(fixed, "{a}");

    ok(strchr(masked, '"') == NULL, "%s has no quotes", masked);
    mask_tester_free(fixed);
    fixed = mask_tester_new("street", &array_target, "key");
    masked = mask_tester_apply(fixed, "{a}");
    ok(strncmp(masked, "{\"", 2) == 0, "%s has quotes", masked);
    mask_tester_free(fixed);
}

/* Elements whose canonical form is given are masked by it. */
static void
check_canonical(void)
{
    static const char value[] = "{Ann@Example.com,NULL,\"B c\"}";
    static const char lower[] = "{ann@example.com,null,\"b c\"}";
    MaskInput input = {.value = {value, strlen(value)},
                       .canonical = {lower, strlen(lower)}};
    const char *problem;

    resetPQExpBuffer(&array_tester->out);
    is_int(masker_apply(array_tester->masker, &input, &array_tester->out, &problem),
           MASK_DONE, "an array with a canonical form");
    check_array(lower, array_tester->out.data, NULL);
}

/* "1.50" and "1.5" are equal, as are "a" and "a " of char(n). */
static void
check_equal_elements(void)
{
    MaskTarget target = array_target;
    MaskTester *tester;
    const char *masked;

    target.is_padded = true;
    tester = mask_tester_new("email", &target, "key");
    masked = mask_tester_apply(tester, "{\"a  \",\"a\"}");
    ok(strncmp(masked + 1, strchr(masked, ',') + 1, strlen(masked) / 2 - 1) == 0,
       "%s: blanks at the end do not count", masked);
    mask_tester_free(tester);
}

int
main(void)
{
    array_tester = mask_tester_new("email", &array_target, "key");
    element_tester =
        mask_tester_new("email", &(MaskTarget){.type = MASK_TYPE_TEXT}, "key");
    check_shapes();
    check_damaged();
    check_quotes();
    check_canonical();
    check_equal_elements();
    mask_tester_free(array_tester);
    mask_tester_free(element_tester);
    return done_testing();
}
