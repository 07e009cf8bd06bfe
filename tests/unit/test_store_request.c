/* Settings, environment, and the URLs that are requested. No request is made. */
#include <stdlib.h>
#include <string.h>

#include "store/store_request.h"
#include "store/store_settings.h"
#include "tap.h"

static const char *const variables[] = {"AWS_ACCESS_KEY_ID",  "AWS_SECRET_ACCESS_KEY",
                                        "AWS_SESSION_TOKEN",  "AWS_REGION",
                                        "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL_S3",
                                        "AWS_ENDPOINT_URL",   "AWS_CA_BUNDLE"};

/* With credentials alone. */
static void
reset_environment(void)
{
    for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++)
        unsetenv(variables[i]);
    setenv("AWS_ACCESS_KEY_ID", "key", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "secret", 1);
}

static void
check_url(StoreSettings settings, const char *url, const char *expected)
{
    StoreRequest request;
    Diag diag = {0};

    store_settings_set(&settings);
    if (ok(store_request_make(url, NULL, &request, &diag), "%s: %s", url,
           diag.message != NULL ? diag.message : "good"))
    {
        is_str(request.url, expected, "its URL");
        store_request_free(&request);
    }
    diag_free(&diag);
}

static void
check_problem(StoreSettings settings, const char *url, const char *problem)
{
    StoreRequest request;
    Diag diag = {0};

    store_settings_set(&settings);
    if (ok(!store_request_make(url, NULL, &request, &diag) && diag.message != NULL,
           "%s: no", url))
    {
        ok(strstr(diag.message, problem) != NULL, "%s: %s", problem, diag.message);
        ok(strstr(diag.message, "secret") == NULL &&
               (diag.detail == NULL || strstr(diag.detail, "secret") == NULL),
           "without what is secret");
    }
    diag_free(&diag);
}

static void
test_amazon(void)
{
    StoreSettings settings = STORE_DEFAULT_SETTINGS;

    check_url(settings, "s3://bucket/a b",
              "https://bucket.s3.us-east-1.amazonaws.com/a%20b");
    check_url(settings, "s3://my.bucket/../k",
              "https://s3.us-east-1.amazonaws.com/my.bucket/../k");
    setenv("AWS_DEFAULT_REGION", "eu-west-1", 1);
    check_url(settings, "s3://bucket/k", "https://bucket.s3.eu-west-1.amazonaws.com/k");
    setenv("AWS_REGION", "eu-west-2", 1);
    check_url(settings, "s3://bucket/k", "https://bucket.s3.eu-west-2.amazonaws.com/k");
    settings.region = "eu-west-3";
    check_url(settings, "s3://bucket/k", "https://bucket.s3.eu-west-3.amazonaws.com/k");
    settings.style = STORE_STYLE_PATH;
    check_url(settings, "s3://bucket/k", "https://s3.eu-west-3.amazonaws.com/bucket/k");
    setenv("AWS_REGION", "", 1);
    settings.region = NULL;
    check_url(settings, "s3://bucket/k", "https://s3.eu-west-1.amazonaws.com/bucket/k");
    reset_environment();
}

static void
test_endpoints(void)
{
    StoreSettings settings = STORE_DEFAULT_SETTINGS;

    setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9000/", 1);
    check_url(settings, "s3://bucket/a//b", "http://127.0.0.1:9000/bucket/a//b");
    setenv("AWS_ENDPOINT_URL_S3", "https://s3.example.com", 1);
    check_url(settings, "s3://bucket/k", "https://s3.example.com/bucket/k");
    settings.endpoint = "https://store.example.com/s3";
    check_url(settings, "s3://bucket/k", "https://store.example.com/s3/bucket/k");
    settings.style = STORE_STYLE_HOST;
    check_url(settings, "s3://bucket/k", "https://bucket.store.example.com/s3/k");
    check_url(settings, "https://h/a%20b?c=d#e", "https://h/a%20b?c=d#e");
    settings.endpoint = "https://user:secret@h";
    check_problem(settings, "s3://bucket/k", "invalid endpoint");
    check_url(settings, "https://h/k", "https://h/k");
    reset_environment();
}

static void
test_credentials(void)
{
    StoreSettings settings = STORE_DEFAULT_SETTINGS;
    Diag diag = {0};

    setenv("AWS_SECRET_ACCESS_KEY", "", 1);
    check_problem(settings, "s3://bucket/k", "no credentials");
    settings.is_anonymous = true;
    check_url(settings, "s3://bucket/k", "https://bucket.s3.us-east-1.amazonaws.com/k");
    settings.is_anonymous = false;
    unsetenv("AWS_ACCESS_KEY_ID");
    check_problem(settings, "s3://bucket/k", "no credentials");
    check_url(settings, "http://h/k", "http://h/k");
    reset_environment();
    setenv("AWS_SECRET_ACCESS_KEY", "secret\n", 1);
    check_problem(settings, "s3://bucket/k", "AWS_SECRET_ACCESS_KEY contains a space");
    reset_environment();
    setenv("AWS_SESSION_TOKEN", "secret\r\nX: y", 1);
    check_problem(settings, "s3://bucket/k", "AWS_SESSION_TOKEN contains a space");
    reset_environment();
    store_settings_set(&settings);
    ok(store_settings_get_account(&diag) != NULL &&
           strcmp(store_settings_get_account(&diag)->access_key, "key") == 0,
       "the credentials of the environment");
}

static void
test_invalid(void)
{
    StoreSettings settings = STORE_DEFAULT_SETTINGS;
    StoreRequest request;
    Diag diag = {0};

    settings.region = "eu/../x";
    check_problem(settings, "s3://bucket/k", "invalid region");
    settings.region = "";
    check_problem(settings, "s3://bucket/k", "invalid region");
    settings.region = NULL;
    check_problem(settings, "s3://b?x/k", "invalid bucket name");
    check_problem(settings, "https://u:secret@h/k", "user names and passwords");
    ok(!store_request_make("s3://bucket/k", "\"a\"\r\nX: y", &request, &diag),
       "an ETag that is more than a header");
    diag_free(&diag);
}

static void
test_listing(void)
{
    StoreSettings settings = STORE_DEFAULT_SETTINGS;
    StoreRequest request;
    Diag diag = {0};

    settings.endpoint = "http://h";
    store_settings_set(&settings);
    if (ok(store_request_make_list("bucket", "a b/", NULL, &request, &diag), "a page"))
    {
        is_str(request.url,
               "http://h/bucket/?encoding-type=url&list-type=2&prefix=a%20b%2F",
               "the first one, parameters in order");
        is_str(request.name, "the list of s3://bucket/a b/", "its name");
        store_request_free(&request);
    }
    if (ok(store_request_make_list("bucket", "", "t/+=", &request, &diag),
           "another page"))
    {
        is_str(request.url,
               "http://h/bucket/?continuation-token=t%2F%2B%3D&encoding-type=url&"
               "list-type=2&prefix=",
               "a further one, with an empty parameter");
        store_request_free(&request);
    }
}

int
main(void)
{
    reset_environment();
    test_amazon();
    test_endpoints();
    test_credentials();
    test_invalid();
    test_listing();
    return done_testing();
}
