/* What values look like. */
#include "mask/content.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "mask/mask_kind.h"
#include "tap.h"

static void
check_kind(ContentKind kind, const char *text)
{
    is_int(content_classify(text, strlen(text)), kind, "\"%s\": %s", text,
           content_get_name(kind));
}

static void
check_kinds(ContentKind kind, const char *const *texts)
{
    for (; *texts != NULL; texts++)
        check_kind(kind, *texts);
}

#define TEXTS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void
check_personal(void)
{
    check_kinds(CONTENT_EMAIL,
                TEXTS("ann@example.com", "A.B+c@x-y.example.org", " a@b.de ",
                      "m\xc3\xbcller@example.de", "2024-01-15@x.io"));
    check_kinds(CONTENT_PHONE,
                TEXTS("+49 171 1234567", "+1 (555) 123-4567", "(555) 123-4567",
                      "555-123-4567", "030/1234567", "0171 1234567", "01711234567",
                      "+441632960961", "0049 30 123456", "555 123 45 67 89", "555-0123",
                      "555.123.4567", "1-800-555-0123"));
    check_kinds(CONTENT_IBAN,
                TEXTS("DE89370400440532013000", "GB82 WEST 1234 5698 7654 32",
                      "fr1420041010050500013M02606", "NO9386011117947"));
    check_kinds(CONTENT_CARD,
                TEXTS("4111111111111111", "5500 0055 5555 5559", "3782-822463-10005"));
    check_kinds(CONTENT_IP, TEXTS("192.168.0.1", "2001:db8::1", "::1.2.3.4", "fe80::1",
                                  "1:2:3:4:5:6:7:8"));
    check_kinds(CONTENT_MACADDR, TEXTS("08:00:2b:01:02:03", "a8-00-2b-01-02-03"));
    check_kind(CONTENT_JWT, "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl_-");
    check_kinds(CONTENT_NATIONAL, TEXTS("123-45-6789", "QQ 12 34 56 C", "AB123456D"));
    check_kinds(CONTENT_FIRST_NAME, TEXTS("Anna", "anna", "ZUZANA", "Ada"));
    check_kinds(CONTENT_NAME, TEXTS("Anna Smith", "Smith, Anna", "Anna M. O'Neil",
                                    "Anna M\xc3\xbcller"));
}

static void
check_others(void)
{
    check_kind(CONTENT_UUID, "123e4567-e89b-12d3-a456-426614174000");
    check_kinds(CONTENT_DATE,
                TEXTS("2024-01-15", "15.01.2024", "2024-01-15 10:11:12.5+02",
                      "2024-01-15T10:11:12Z", "2024-01-15 10:11"));
    check_kinds(CONTENT_NUMBER, TEXTS("12345678", "4111111111111112", "0123456789123"));
    check_kinds(CONTENT_NONE,
                TEXTS("", " ", "1", "a", "12.50", "a@b", "@example.com", "a@b.c1",
                      "12:30:45", "DE89370400440532013001", "1.2.3", "256.1.1.1",
                      "978-3-16-148410-0", "ann@example.com, bob@example.com",
                      "Springfield", "green anna", "::", "1234567.89", "2024-13",
                      "2024-000123", "2024-01-000123", "12-3456789", "3-16-148410-0",
                      "1.234.567.890", "0.12345678", "1 234 567", "Anna likes apples",
                      "000-12-3456x"));
    ok(!content_is_personal(CONTENT_UUID) && !content_is_personal(CONTENT_NONE),
       "UUIDs are not personal by themselves");
}

static void
check_found(const char *text, const char *expected)
{
    ContentMatch match;
    size_t from = 0;
    PQExpBufferData found;

    initPQExpBuffer(&found);
    while (content_find(text, strlen(text), from, NULL, &match))
    {
        appendPQExpBuffer(&found, "[%.*s]", (int)match.length, text + match.start);
        from = match.start + match.length;
    }
    is_str(found.data, expected, "in \"%s\"", text);
    termPQExpBuffer(&found);
}

static void
check_finding(void)
{
    check_found("Mail <ann@example.com>, or bob@example.org.",
                "[ann@example.com][bob@example.org]");
    check_found("call +49 171 1234567 or (555) 123-4567!", "[+49 171 1234567]"
                                                           "[(555) 123-4567]");
    check_found("IBAN DE89 3704 0044 0532 0130 00 today",
                "[DE89 3704 0044 0532 0130 00]");
    check_found("id=12345678;ip=10.0.0.1", "[12345678][10.0.0.1]");
    check_found("on 2024-01-15 10:11:12 at 12:30", "[2024-01-15 10:11:12]");
    check_found("v1.2.3 of x_y@z and 7 others", "");
    check_found("{\"mail\":\"a.b@example.com\"}", "[a.b@example.com]");
}

/* Texts that end where their memory ends. */
static void
check_ends(void)
{
    static const char *const texts[] = {"(555) 123-4567",
                                        "DE89370400440532013000",
                                        "2024-01-15T10:11:12.5+02:00",
                                        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
                                        "QQ 12 34 56 C",
                                        "a.b@c.de",
                                        "fe80::1"};

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
    {
        for (size_t length = 0; length <= strlen(texts[i]); length++)
        {
            char *copy = mem_alloc(length + 1);

            copy[length] = '\0';
            memcpy(copy, texts[i], length);
            copy = mem_resize(copy, length > 0 ? length : 1, 1);
            (void)content_classify(copy, length);
            free(copy);
        }
    }
    ok(true, "nothing is read behind the end");
}

/* Each mask that is named is one. */
static void
check_masks(void)
{
    for (int kind = 0; kind < CONTENT_N_KINDS; kind++)
    {
        const char *mask = content_get_mask((ContentKind)kind);

        ok(mask == NULL || strlen(mask) > 0, "%s", content_get_name((ContentKind)kind));
    }
}

int
main(void)
{
    check_personal();
    check_others();
    check_finding();
    check_ends();
    check_masks();
    return done_testing();
}
