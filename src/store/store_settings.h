/*
 * Where the object store is, and who asks: from the settings and, once, the environment.
 */
#ifndef STORE_STORE_SETTINGS_H
#define STORE_STORE_SETTINGS_H

#include "store/store.h"
#include "store/store_url.h"

/* The strings are those of the environment or of the settings. */
typedef struct StoreAccount
{
    StoreEndpoint endpoint;
    const char *region;
    const char *access_key; /* NULL: requests are not signed */
    const char *secret_key;
    const char *session_token; /* or NULL */
} StoreAccount;

void store_settings_set(const StoreSettings *settings);
const StoreSettings *store_settings_get(void);

/* NULL with diag: something is missing or invalid. No message has a secret in it. */
const StoreAccount *store_settings_get_account(Diag *diag)
    __attribute__((warn_unused_result));

const char *store_settings_get_region(void);

/* The file of certificates, or NULL: those of the system. */
const char *store_settings_get_certificates(void);

#endif
