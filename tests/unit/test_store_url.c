/* URLs of users, of requests and of endpoints; what is encoded, byte by byte. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/store_url.h"
#include "tap.h"

/* RFC 3986, 2.3: what stays as it is, written out. */
static const char unreserved[] = "-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_"
                                 "abcdefghijklmnopqrstuvwxyz~";
static const char hex[] = "0123456789ABCDEF";

static bool
is_unreserved(int byte)
{
    for (size_t i = 0; i < sizeof(unreserved) - 1; i++)
    {
        if (unreserved[i] == byte)
            return true;
    }
    return false;
}

static void
check_byte(int byte, StoreUrlSlash slash)
{
    const char text[] = {'a', (char)byte, 'b', '\0'};
    char expected[] = {'a', '%', hex[byte / 16], hex[byte % 16], 'b', '\0'};
    PQExpBufferData out;

    if (is_unreserved(byte) || (byte == '/' && slash == STORE_URL_KEEP_SLASH))
        memcpy(expected, text, sizeof(text));
    initPQExpBuffer(&out);
    store_url_append_encoded(&out, text, slash);
    if (strcmp(out.data, expected) != 0)
        is_str(out.data, expected, "byte %d", byte);
    else
        ok(true, "byte %d", byte);
    termPQExpBuffer(&out);
}

static void
test_encoding(void)
{
    for (int byte = 1; byte < 256; byte++)
    {
        check_byte(byte, STORE_URL_KEEP_SLASH);
        check_byte(byte, STORE_URL_ENCODE_SLASH);
    }
}

static void
test_parameters(void)
{
    PQExpBufferData out;

    initPQExpBuffer(&out);
    appendPQExpBufferStr(&out, "http://h/b/");
    store_url_append_parameter(&out, "continuation-token", "a+/=");
    store_url_append_parameter(&out, "delimiter", "");
    store_url_append_parameter(&out, "prefix", "a b/\xC3\xBC");
    is_str(out.data,
           "http://h/b/?continuation-token=a%2B%2F%3D&delimiter=&prefix=a%20b%2F%C3%BC",
           "parameters are encoded, and each has its =");
    termPQExpBuffer(&out);
}

static void
test_kinds(void)
{
    is_int(store_url_find_kind("s3://b/k"), STORE_URL_S3, "s3://");
    is_int(store_url_find_kind("S3://b/k"), STORE_URL_S3, "S3://");
    is_int(store_url_find_kind("https://h"), STORE_URL_HTTPS, "https://");
    is_int(store_url_find_kind("HTTP://h"), STORE_URL_HTTP, "HTTP://");
    is_int(store_url_find_kind("ftp://h"), STORE_URL_NONE, "ftp://");
    is_int(store_url_find_kind("file:///etc/passwd"), STORE_URL_NONE, "file://");
    is_int(store_url_find_kind("s3:/b"), STORE_URL_NONE, "s3:/ is a path");
    is_int(store_url_find_kind(" s3://b"), STORE_URL_NONE, "a blank before it");
    is_int(store_url_find_kind(""), STORE_URL_NONE, "nothing");
}

static void
check_split(const char *url, const char *bucket, const char *key)
{
    StoreObjectUrl parts;
    Diag diag = {0};

    if (!ok(store_url_split(url, &parts, &diag), "%s", url))
        return;
    is_str(parts.bucket, bucket, "the bucket");
    is_str(parts.key, key, "the key");
    free(parts.bucket);
}

static void
check_no_split(const char *url)
{
    StoreObjectUrl parts;
    Diag diag = {0};

    ok(!store_url_split(url, &parts, &diag) && diag.message != NULL, "%.80s: no", url);
    diag_free(&diag);
}

static void
test_split(void)
{
    char *longest = mem_format("s3://b/%01024d", 0);
    char *longer = mem_format("s3://b/%01025d", 0);

    check_split("s3://bucket/key", "bucket", "key");
    check_split("s3://bucket", "bucket", "");
    check_split("s3://bucket/", "bucket", "");
    check_split("s3://b.c_d-E1//a/../%20?x#y\x7f", "b.c_d-E1", "/a/../%20?x#y\x7f");
    check_split(longest, "b", longest + 7);
    check_no_split(longer);
    check_no_split("s3://");
    check_no_split("s3:///key");
    check_no_split("s3://../key");
    check_no_split("s3://./key");
    check_no_split("s3://user:password@host/key");
    check_no_split("s3://bucket?x/key");
    check_no_split("s3://b\xC3\xBC/key");
    free(longest);
    free(longer);
}

static void
check_http(const char *url, const char *problem)
{
    Diag diag = {0};
    bool is_good = store_url_check(url, &diag);

    if (problem == NULL)
        ok(is_good, "%s", url);
    else if (ok(!is_good && diag.message != NULL, "%s: no", url))
    {
        ok(strstr(diag.message, problem) != NULL, "%s", problem);
        ok(strstr(diag.message, "secret") == NULL, "without what is secret");
    }
    diag_free(&diag);
}

static void
test_http(void)
{
    check_http("https://example.com/a.csv", NULL);
    check_http("https://example.com:8443/a.csv?x=a@b", NULL);
    check_http("http://[::1]:80/", NULL);
    check_http("https://user:secret@example.com/", "user names and passwords");
    check_http("https://secret@example.com", "user names and passwords");
    check_http("https://a@secret@example.com?x", "user names and passwords");
    check_http("https:///a", "no host");
    check_http("https://", "no host");
    check_http("https://:80/", "no host");
    check_http("https://example.com/a b?secret", "space");
    check_http("https://example.com/a\x01y", "control character");
}

static void
check_name(const char *url, const char *expected)
{
    char *name = store_url_make_name(url);

    is_str(name, expected, "the name of %s", url);
    free(name);
}

static void
test_names(void)
{
    check_name("s3://b/a?b#c@d", "s3://b/a?b#c@d");
    check_name("https://h/a?token=secret", "https://h/a");
    check_name("https://h/a#b", "https://h/a");
    check_name("https://h?token=a@b", "https://h");
    check_name("https://u:p@h:1/a@b?c", "https://h:1/a@b");
    check_name("https://u@h", "https://h");
}

static void
check_endpoint(const char *url, const char *expected)
{
    StoreEndpoint endpoint = {0};
    Diag diag = {0};
    PQExpBufferData out;

    initPQExpBuffer(&out);
    if (store_url_parse_endpoint(url, &endpoint, &diag))
    {
        store_url_append_bucket(&out, &endpoint, "bu", false);
        appendPQExpBufferChar(&out, ' ');
        store_url_append_bucket(&out, &endpoint, "bu", true);
    }
    is_str(out.data, expected, "the endpoint %s", url);
    ok((diag.message != NULL) == (*expected == '\0'), "with a message if it is invalid");
    ok(diag.message == NULL || strstr(diag.message, "secret") == NULL,
       "without what is secret");
    store_url_free_endpoint(&endpoint);
    termPQExpBuffer(&out);
    diag_free(&diag);
}

static void
test_endpoints(void)
{
    check_endpoint("https://s3.example.com", "https://s3.example.com/bu/ "
                                             "https://bu.s3.example.com/");
    check_endpoint("http://127.0.0.1:9000/",
                   "http://127.0.0.1:9000/bu/ http://bu.127.0.0.1:9000/");
    check_endpoint("https://h/s3/x//", "https://h/s3/x/bu/ https://bu.h/s3/x/");
    check_endpoint("http://[::1]:9000", "http://[::1]:9000/bu/ http://bu.[::1]:9000/");
    check_endpoint("h:9000", "");
    check_endpoint("s3://h", "");
    check_endpoint("ftp://h", "");
    check_endpoint("https://", "");
    check_endpoint("https://user:secret@h", "");
    check_endpoint("https://h/?secret", "");
    check_endpoint("https://h/#secret", "");
    check_endpoint("https://h /", "");
    check_endpoint("https://h\x01y/", "");
}

static void
check_amazon(const char *region, const char *host)
{
    StoreEndpoint endpoint = {0};

    store_url_make_amazon(region, &endpoint);
    is_str(endpoint.host, host, "the host of %s", region);
    ok(endpoint.is_amazon, "it is that of Amazon");
    store_url_free_endpoint(&endpoint);
}

static void
test_amazon(void)
{
    check_amazon("eu-west-1", "s3.eu-west-1.amazonaws.com");
    check_amazon("cn-north-1", "s3.cn-north-1.amazonaws.com.cn");
    ok(store_url_is_host_label("my-bucket1"), "a bucket in a host name");
    ok(!store_url_is_host_label("my.bucket"), "not with a dot: the certificate");
    ok(!store_url_is_host_label("My"), "not in upper case");
    ok(!store_url_is_host_label("a_b"), "not with an underscore");
    ok(!store_url_is_host_label("-a") && !store_url_is_host_label("a-"), "nor these");
}

int
main(void)
{
    test_encoding();
    test_parameters();
    test_kinds();
    test_split();
    test_http();
    test_names();
    test_endpoints();
    test_amazon();
    return done_testing();
}
