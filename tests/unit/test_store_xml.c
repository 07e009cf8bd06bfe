/* Listings and errors of object stores, also of hostile ones. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/strbuf.h"
#include "store/store_xml.h"
#include "tap.h"

#define BEGIN                                                                            \
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"                                         \
    "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
#define COMPLETE "<IsTruncated>false</IsTruncated>"
#define URL "<EncodingType>url</EncodingType>"
#define END "</ListBucketResult>"
#define OBJECT(key, size, etag)                                                          \
    "<Contents><Key>" key "</Key><LastModified>2026-11-29T10:00:00.000Z</LastModified>"  \
    "<ETag>" etag "</ETag><Size>" size "</Size><Owner><ID>x</ID><Key>y</Key></Owner>"    \
    "<StorageClass>STANDARD</StorageClass></Contents>"

static Arena *arena;

static const char *
parse(const char *text, StoreDocument *document)
{
    return store_xml_parse(text, strlen(text), arena, document);
}

static void
check_problem(const char *text, const char *problem)
{
    StoreDocument document;

    is_str(parse(text, &document), problem, "%.120s", text);
}

static void
test_listing(void)
{
    StoreDocument document;

    is_str(parse(BEGIN "<Name>b</Name><Prefix>a</Prefix><KeyCount>2</KeyCount>"
                       "<IsTruncated>true</IsTruncated>"
                       "<NextContinuationToken>1/+=&amp;</NextContinuationToken>" OBJECT(
                           "a/1", "0", "&quot;0123&quot;")
                           OBJECT("a/2&lt;", "18446744073709551614", "&#34;x-2&#x22;")
                               END,
                 &document),
           NULL, "a listing");
    ok(!document.is_error, "it is no error");
    ok(document.is_truncated, "there are more pages");
    is_str(document.token, "1/+=&", "the token");
    if (!is_int((intmax_t)document.n_objects, 2, "two objects"))
        return;
    is_str(document.objects[0].key, "a/1", "a key, not that of its owner");
    is_str(document.objects[0].etag, "\"0123\"", "its ETag");
    is_int((intmax_t)document.objects[0].size, 0, "its size");
    is_str(document.objects[1].key, "a/2<", "a key with an entity");
    is_str(document.objects[1].etag, "\"x-2\"", "an ETag with references");
    ok(document.objects[1].size == UINT64_MAX - 1, "the largest size");
}

static void
test_empty(void)
{
    StoreDocument document;

    is_str(parse(BEGIN COMPLETE END, &document), NULL, "an empty listing");
    is_int((intmax_t)document.n_objects, 0, "no objects");
    ok(!document.is_truncated, "it is complete");
    is_str(document.token, "", "no token");
}

static void
check_key(const char *encoding, const char *key, const char *expected)
{
    char *text =
        mem_format(BEGIN COMPLETE "<Contents><Key>%s</Key><Size>1</Size></Contents>"
                                  "%s" END,
                   key, encoding);
    StoreDocument document;

    is_str(parse(text, &document), NULL, "the key %s", key);
    if (is_int((intmax_t)document.n_objects, 1, "an object"))
    {
        is_str(document.objects[0].key, expected, "its key");
        is_str(document.objects[0].etag, "", "without an ETag");
    }
    free(text);
}

static void
test_keys(void)
{
    check_key(URL, "a%20b+c%2Bd%2fe", "a b c+d/e");
    check_key(URL, "%C3%BC%01%7F%25%0A", "\xC3\xBC\x01\x7F%\n");
    check_key(URL, "\xC3\xBC\xE2\x82\xAC", "\xC3\xBC\xE2\x82\xAC");
    check_key("", "a%20b+c", "a%20b+c");
    check_key("<EncodingType>none</EncodingType>", "%41", "%41");
    check_key("", "<![CDATA[a<b]]>&amp;c", "a<b&c");
    check_key("", "  a  ", "  a  ");
    check_key("", "a<!-- b -->c", "ac");
    check_key("", "a<b>x</b>c", "ac");
}

static void
test_all_bytes(void)
{
    for (int byte = 1; byte < 256; byte++)
    {
        char *text =
            mem_format(BEGIN COMPLETE URL
                       "<Contents><Key>a%%%02Xb</Key><Size>1</Size></Contents>" END,
                       (unsigned)byte);
        const char expected[] = {'a', (char)byte, 'b', '\0'};
        StoreDocument document;
        bool is_good = parse(text, &document) == NULL && document.n_objects == 1 &&
                       strcmp(document.objects[0].key, expected) == 0;

        ok(is_good, "byte %d in a key", byte);
        free(text);
    }
}

static void
test_error(void)
{
    StoreDocument document;
    const char *text = "<Error><Code>NoSuchKey</Code><Message>No &amp; no.</Message>"
                       "<Region>eu-west-1</Region><Contents><Key>x</Key></Contents>"
                       "</Error>";

    is_str(parse(text, &document), NULL, "an error");
    ok(document.is_error, "it is one");
    is_str(document.code, "NoSuchKey", "its code");
    is_str(document.message, "No & no.", "its message");
    is_str(document.region, "eu-west-1", "its region");
    ok(store_xml_is_error(text, strlen(text)), "it is seen");
    is_str(parse("<Error/>", &document), NULL, "an empty error");
    is_str(document.code, "", "without a code");
    ok(!store_xml_is_error("<Error>", 7), "not closed: none");
    ok(!store_xml_is_error(BEGIN COMPLETE END, strlen(BEGIN COMPLETE END)),
       "a listing is none");
    ok(!store_xml_is_error("{\"<Error/>\": 1}", 15), "JSON is none");
    ok(!store_xml_is_error("", 0), "nothing is none");
}

static void
test_invalid(void)
{
    check_problem("", "is no valid XML");
    check_problem("{}", "is no valid XML");
    check_problem(BEGIN COMPLETE, "is no valid XML");
    check_problem(BEGIN COMPLETE END "x", "is no valid XML");
    check_problem(BEGIN COMPLETE "<Key>\x01</Key>" END, "is no valid XML");
    check_problem(BEGIN COMPLETE "<Key>\xFF</Key>" END, "is no valid XML");
    check_problem(BEGIN COMPLETE "<Key>&nbsp;</Key>" END, "is no valid XML");
    check_problem("<html/>", "is no listing");
    check_problem(BEGIN END, "does not say whether it is complete");
    check_problem(BEGIN "<IsTruncated>maybe</IsTruncated>" END,
                  "does not say whether it is complete");
    check_problem(BEGIN COMPLETE "<Contents><Size>1</Size></Contents>" END,
                  "has an object without a key");
    check_problem(BEGIN COMPLETE OBJECT("", "1", "x") END, "has an object without a key");
    check_problem(BEGIN COMPLETE "<Contents><Key>a</Key></Contents>" END,
                  "has an object without a size");
    check_problem(BEGIN COMPLETE OBJECT("a", "-1", "x") END,
                  "has an object without a size");
    check_problem(BEGIN COMPLETE OBJECT("a", "1 ", "x") END,
                  "has an object without a size");
    check_problem(BEGIN COMPLETE OBJECT("a", "18446744073709551615", "x") END,
                  "has an object without a size");
    check_problem(BEGIN COMPLETE OBJECT("a", "1", "x&#13;&#10;X: y") END,
                  "has an object with an invalid ETag");
    check_problem(BEGIN COMPLETE OBJECT("a", "1", "") END,
                  "has an object with an invalid ETag");
    check_problem(BEGIN COMPLETE URL OBJECT("a%0", "1", "x") END,
                  "has a key that is not encoded properly");
    check_problem(BEGIN COMPLETE URL OBJECT("a%zz", "1", "x") END,
                  "has a key that is not encoded properly");
    check_problem(BEGIN COMPLETE URL OBJECT("a%00b", "1", "x") END,
                  "has a key that is not encoded properly");
}

/* Entities of entities, a file, a server. */
static void
test_entities(void)
{
    check_problem("<!DOCTYPE ListBucketResult [<!ENTITY a \"aaaaaaaaaa\">"
                  "<!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\">]>"
                  "<ListBucketResult><Key>&b;</Key>" COMPLETE END,
                  "has a document type");
    check_problem("<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>"
                  "<ListBucketResult>" COMPLETE OBJECT("&x;", "1", "x") END,
                  "has a document type");
    check_problem("<!DOCTYPE a SYSTEM \"http://example.com/a.dtd\">"
                  "<ListBucketResult>" COMPLETE END,
                  "has a document type");
}

static void
append_times(PQExpBuffer out, const char *text, size_t n)
{
    while (n-- > 0)
        appendPQExpBufferStr(out, text);
}

static void
test_bounds(void)
{
    PQExpBufferData text;
    StoreDocument document;

    initPQExpBuffer(&text);
    appendPQExpBufferStr(&text, BEGIN COMPLETE "<Contents><Key>");
    append_times(&text, "k", 8192);
    appendPQExpBufferStr(&text, "</Key><Size>1</Size></Contents>" END);
    is_str(parse(text.data, &document), NULL, "a key of 8 kB");
    is_int((intmax_t)strlen(document.objects[0].key), 8192, "all of it");
    resetPQExpBuffer(&text);
    appendPQExpBufferStr(&text, BEGIN COMPLETE "<Contents><Key>");
    append_times(&text, "k", 8193);
    appendPQExpBufferStr(&text, "</Key><Size>1</Size></Contents>" END);
    check_problem(text.data, "has a value that is too long");
    resetPQExpBuffer(&text);
    appendPQExpBufferStr(&text, BEGIN);
    append_times(&text, "<a>", 100000);
    check_problem(text.data, "has too many elements in elements");
    termPQExpBuffer(&text);
}

int
main(void)
{
    arena = arena_new();
    test_listing();
    test_empty();
    test_keys();
    test_all_bytes();
    test_error();
    test_invalid();
    test_entities();
    test_bounds();
    arena_free(arena);
    return done_testing();
}
