/* Masks of texts: persons, places, firms and words. */
#include <string.h>

#include "mask/mask_kind.h"
#include "mask/mask_lists.h"
#include "mask_tester.h"
#include "tap.h"

static const char key[] = "0123456789abcdef0123456789abcdef";
static const MaskTarget text_target = {.type = MASK_TYPE_TEXT};

static MaskTarget
make_target(int max_length)
{
    MaskTarget target = text_target;

    target.max_length = max_length;
    return target;
}

/* Checks the mask of a value, which is frozen. */
static void
check_mask(const char *rule, int max_length, const char *value, const char *expected)
{
    MaskTarget target = make_target(max_length);
    MaskTester *tester = mask_tester_new(rule, &target, key);

    is_str(mask_tester_apply(tester, value), expected, "[%s] of \"%s\" in %d characters",
           rule, value, max_length);
    mask_tester_free(tester);
}

static void
check_everything(const char *rule)
{
    static const int lengths[] = {0, 20, 25, 40};

    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
    {
        MaskTarget target = make_target(lengths[i]);

        mask_tester_check(rule, &target, mask_tester_make_utf8);
        mask_tester_check(rule, &target, mask_tester_make_euc);
    }
}

static MaskUniqueness
get_uniqueness(const char *rule, int max_length)
{
    MaskTarget target = make_target(max_length);
    MaskTester *tester = mask_tester_new(rule, &target, key);
    MaskUniqueness uniqueness = mask_spec_get_uniqueness(&tester->spec, &target);

    mask_tester_free(tester);
    return uniqueness;
}

static void
check_uniqueness(void)
{
    MaskTarget narrow = make_target(24);

    is_int(get_uniqueness("email", 0), MASK_UNIQUE, "email is unique");
    is_int(get_uniqueness("email", 25), MASK_UNIQUE, "in 25 characters");
    is_int(get_uniqueness("email", 24), MASK_NOT_UNIQUE, "but not in 24");
    is_int(get_uniqueness("user_name", 13), MASK_UNIQUE, "user_name in 13");
    is_int(get_uniqueness("user_name", 12), MASK_NOT_UNIQUE, "but not in 12");
    is_int(get_uniqueness("name", 0), MASK_NOT_UNIQUE, "name is not");
    is_int(get_uniqueness("name unique", 20), MASK_UNIQUE, "with a number it is");
    narrow.is_unique = true;
    mask_tester_check_refused(
        "email", &narrow,
        "mask \"email\" does not keep different values of a key different",
        "Masks that do, for this type: user_name, name unique, postcode, phone, "
        "pattern, card, iban, uuid, hash, keep.");
}

static void
check_refusals(void)
{
    MaskTarget narrow = make_target(19);
    MaskTarget number = {.type = MASK_TYPE_INTEGER, .size = 4};

    mask_tester_check_refused("email", &narrow,
                              "mask \"email\" does not fit into 19 characters",
                              "It needs 20 characters.");
    mask_tester_check_refused("email mail.example.org", &narrow,
                              "mask \"email mail.example.org\" does not fit into 19 "
                              "characters",
                              "It needs 25 characters.");
    mask_tester_check_refused("email a..b", &text_target,
                              "\"a..b\" is not the domain of an e-mail address",
                              "Write it like \"email example.org\".");
    mask_tester_check_refused("email a b", &text_target,
                              "mask \"email\" does not take the argument \"b\"",
                              "Write \"email [DOMAIN]\".");
    mask_tester_check_refused("name uniqe", &text_target,
                              "mask \"name\" does not take the argument \"uniqe\"",
                              "Write \"name [unique]\".");
    mask_tester_check_refused("city", &number,
                              "mask \"city\" does not take columns of this type",
                              "It takes: text.");
    narrow.max_length = 7;
    mask_tester_check_refused("user_name", &narrow,
                              "mask \"user_name\" does not fit into 7 characters",
                              "It needs 8 characters.");
}

/* All words of a list have the length that they are listed under. */
static void
check_words(void)
{
    int n_wrong = 0;

    for (size_t length = 1; length <= MASK_LISTS_LONGEST_WORD; length++)
    {
        for (unsigned i = 0; i < 16; i++)
            n_wrong += strlen(mask_lists_get_word(length, i)) != length;
    }
    is_int(n_wrong, 0, "words are as long as they are said to be");
}

/* The lists are frozen, and so are these masks. */
static void
check_known(void)
{
    check_mask("email", 0, "ann@example.com",
               "jakub.roltesson.x5hqv9b1xms91@example.com");
    check_mask("email", 32, "ann@example.com", "x5hqv9b1xms91@example.com");
    check_mask("email", 30, "ann@example.com", "x5hqv9b1xms91@example.com");
    check_mask("email", 20, "ann@example.com", "x5hqv9b1@example.com");
    check_mask("email Example.ORG", 0, "ann@example.com",
               "renata.malgesson.55ybyglqjs4xm@example.org");
    check_mask("email", 0, "", "");
    check_mask("user_name", 0, "ann", "dalfadelnhbtlrpnlqp");
    check_mask("user_name", 13, "ann", "nhbtlrpnlqpmf");
    check_mask("user_name", 8, "ann", "nhbtlrpn");
    check_mask("first_name", 0, "Ann", "Mikael");
    check_mask("first_name", 3, "Ann", "Mik");
    check_mask("last_name", 0, "Smith", "Lunlasko");
    check_mask("name", 0, "Ann", "Leopold");
    check_mask("name", 0, "Ann Smith", "Yasemin Malkovar");
    check_mask("name", 0, "Smith, Ann B.", "Silbovic, Gerlinde Joana");
    check_mask("name", 0, "a b c d e f g h i j",
               "Allegra Michael Leila Linnea Leticia Domenico Frederik Welradan");
    check_mask("name", 0, "  ", "");
    check_mask("name", 12, "Ann Smith", "Yasemin Malk");
    check_mask("name unique", 0, "Ann Smith", "Jarek Torfadel 6385988491592328618");
    check_mask("name unique", 22, "Ann Smith", "6385988491592328618");
    check_mask("street", 0, "Main Street", "Amber Park");
    check_mask("street", 0, "12 Main Street", "188 Barley Street");
    check_mask("street", 0, "Hauptstr. 5a", "Orchard Street 81");
    check_mask("street", 8, "Hauptstr. 5a", "Orchard");
    check_mask("city", 0, "Paris", "Balhaven");
    check_mask("city", 0, "", "");
    check_mask("company", 0, "Smith Ltd", "Ilrinda Health");
}

int
main(void)
{
    check_known();
    check_everything("email");
    check_everything("user_name");
    check_everything("first_name");
    check_everything("last_name");
    check_everything("name");
    check_everything("name unique");
    check_everything("street");
    check_everything("city");
    check_everything("company");
    check_everything("words");
    check_uniqueness();
    check_refusals();
    check_words();
    return done_testing();
}
