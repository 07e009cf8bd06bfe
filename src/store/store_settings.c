#include "store/store_settings.h"

#include <stdlib.h>
#include <string.h>

static StoreSettings store_settings = STORE_DEFAULT_SETTINGS;
static StoreAccount account;
static bool is_account_known;

void
store_settings_set(const StoreSettings *settings)
{
    store_url_free_endpoint(&account.endpoint);
    account = (StoreAccount){0};
    is_account_known = false;
    store_settings = *settings;
}

const StoreSettings *
store_settings_get(void)
{
    return &store_settings;
}

/* ---- the environment */

/* An empty variable is like none. */
static const char *
read_variable(const char *name)
{
    const char *value = getenv(name);

    return value != NULL && *value != '\0' ? value : NULL;
}

const char *
store_settings_get_certificates(void)
{
    return read_variable("AWS_CA_BUNDLE");
}

/* It becomes part of a header: a newline would begin another one. */
static bool
read_credential(const char *name, const char **value, Diag *diag)
{
    *value = read_variable(name);
    if (*value == NULL)
        return true;
    for (const char *c = *value; *c != '\0'; c++)
    {
        if ((unsigned char)*c > ' ' && *c != '\x7f')
            continue;
        diag_set_message(diag,
                         "the environment variable %s contains a space or a control "
                         "character",
                         name);
        diag_set_hint(diag, "Is there a newline at its end?");
        return false;
    }
    return true;
}

static bool
find_credentials(Diag *diag)
{
    if (store_settings.is_anonymous)
        return true;
    if (!read_credential("AWS_ACCESS_KEY_ID", &account.access_key, diag) ||
        !read_credential("AWS_SECRET_ACCESS_KEY", &account.secret_key, diag) ||
        !read_credential("AWS_SESSION_TOKEN", &account.session_token, diag))
        return false;
    if (account.access_key != NULL && account.secret_key != NULL)
        return true;
    diag_set_message(diag, "there are no credentials for the object store");
    diag_set_detail(diag, "The environment variable %s is not set.",
                    account.access_key == NULL ? "AWS_ACCESS_KEY_ID"
                                               : "AWS_SECRET_ACCESS_KEY");
    diag_set_hint(diag, "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and for "
                        "temporary credentials AWS_SESSION_TOKEN.");
    return false;
}

const char *
store_settings_get_region(void)
{
    const char *region = store_settings.region;

    if (region == NULL)
        region = read_variable("AWS_REGION");
    if (region == NULL)
        region = read_variable("AWS_DEFAULT_REGION");
    return region != NULL ? region : "us-east-1";
}

/* It becomes part of a host name and of what is signed. */
static bool
check_region(const char *region, Diag *diag)
{
    size_t length =
        strspn(region,
               "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    if (length > 0 && length < 64 && region[length] == '\0')
        return true;
    diag_set_message(diag, "invalid region \"%s\" of the object store", region);
    diag_set_hint(diag, "Regions are called like eu-central-1.");
    return false;
}

static bool
find_endpoint(Diag *diag)
{
    const char *endpoint = store_settings.endpoint;

    if (endpoint == NULL)
        endpoint = read_variable("AWS_ENDPOINT_URL_S3");
    if (endpoint == NULL)
        endpoint = read_variable("AWS_ENDPOINT_URL");
    if (endpoint != NULL)
        return store_url_parse_endpoint(endpoint, &account.endpoint, diag);
    store_url_make_amazon(account.region, &account.endpoint);
    return true;
}

const StoreAccount *
store_settings_get_account(Diag *diag)
{
    if (is_account_known)
        return &account;
    account.region = store_settings_get_region();
    if (!check_region(account.region, diag) || !find_credentials(diag) ||
        !find_endpoint(diag))
        return NULL;
    is_account_known = true;
    return &account;
}
