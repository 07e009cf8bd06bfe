/*
 * Masks that promise to keep different values different: each kind for a million of
 * them, or for all that there are of a form. What comes out is remembered by 64 bits of a
 * hash; that two of a million are equal by chance has a probability of 3e-8.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "mask_tester.h"
#include "tap.h"

enum
{
    N_SLOTS = 1 << 21,
    MILLION = 1000000
};

/* Open addressing; 0: the slot is free. */
static uint64_t *slots;

static uint64_t
hash_text(const char *text)
{
    uint64_t hash = UINT64_C(14695981039346656037);

    for (; *text != '\0'; text++)
        hash = (hash ^ (unsigned char)*text) * UINT64_C(1099511628211);
    hash ^= hash >> 32;
    return hash != 0 ? hash : 1;
}

/* False if it is there already. */
static bool
remember(const char *text)
{
    uint64_t hash = hash_text(text);
    size_t slot = hash % N_SLOTS;

    for (; slots[slot] != 0; slot = (slot + 1) % N_SLOTS)
        if (slots[slot] == hash)
            return false;
    slots[slot] = hash;
    return true;
}

typedef struct Domain
{
    const char *rule;
    MaskTarget target;
    int n;
    void (*make)(char *text, int number);
} Domain;

/* ---- values: a different one for each number */

static void
make_around_zero(char *text, int number)
{
    snprintf(text, 64, "%d", number - 300000);
}

static void
make_all_of_two_bytes(char *text, int number)
{
    snprintf(text, 64, "%d", number - 32768);
}

static void
make_plain(char *text, int number)
{
    snprintf(text, 64, "%d", number);
}

static void
make_from_one(char *text, int number)
{
    snprintf(text, 64, "%d", number + 1);
}

static void
make_signed(char *text, int number)
{
    snprintf(text, 64, "%d", number - 32768);
}

static void
make_long(char *text, int number)
{
    snprintf(text, 64, "%" PRId64, INT64_MAX - number);
}

static void
make_phone(char *text, int number)
{
    snprintf(text, 64, "+49 171 %07d", number);
}

static void
make_code(char *text, int number)
{
    snprintf(text, 64, "%c%c-%c%d/%c", 'A' + number % 26, 'A' + number / 26 % 26,
             'a' + number / 676 % 26, number / 17576 % 10, 'A' + number / 175760 % 26);
}

static void
make_long_code(char *text, int number)
{
    snprintf(text, 80, "%026d some words that are many %07d", number % 7, number);
}

static void
make_postcode(char *text, int number)
{
    snprintf(text, 64, "%05d", number);
}

/* All check digits, right and wrong. */
static void
make_card(char *text, int number)
{
    snprintf(text, 64, "411111111%07d", number);
}

/* All check digits of few accounts. */
static void
make_iban(char *text, int number)
{
    snprintf(text, 64, "NO%02d8601%07d", number % 100, number / 100);
}

static void
make_ip(char *text, int number)
{
    snprintf(text, 64, "10.%d.%d.%d", number >> 16, number >> 8 & 255, number & 255);
}

static void
make_ip6(char *text, int number)
{
    snprintf(text, 64, "2001:db8:%x::%x", 1 + number / 65535, 1 + number % 65535);
}

static void
make_mac(char *text, int number)
{
    snprintf(text, 64, "08:00:2b:%02x:%02x:%02x", number >> 16, number >> 8 & 255,
             number & 255);
}

static void
make_unique(char *text, int number)
{
    snprintf(text, 64, "value %d", number);
}

#define TEXT                                                                             \
    {                                                                                    \
        .type = MASK_TYPE_TEXT, .is_unique = true                                        \
    }
#define INTEGER(n)                                                                       \
    {                                                                                    \
        .type = MASK_TYPE_INTEGER, .size = (n), .is_unique = true                        \
    }

static const Domain domains[] = {
    {"key 1000000", INTEGER(4), MILLION, make_from_one},
    {"key 65535", INTEGER(4), 65535, make_from_one},
    {"key 7", INTEGER(2), 7, make_from_one},
    {"key 9223372036854775807", INTEGER(8), 100000, make_long},
    {"key 70123", INTEGER(4), 600000, make_around_zero},
    {"key 12345", INTEGER(2), 65536, make_all_of_two_bytes},
    {"phone", TEXT, 200000, make_phone},
    {"phone keep 0", TEXT, MILLION, make_plain},
    {"phone", INTEGER(2), 65536, make_signed},
    {"phone keep 0", INTEGER(4), 200000, make_plain},
    {"phone", INTEGER(8), 100000, make_long},
    {"pattern", TEXT, MILLION, make_code},
    {"pattern keep 2", TEXT, 200000, make_code},
    {"pattern", TEXT, 100000, make_long_code},
    {"postcode", TEXT, 100000, make_postcode},
    {"postcode keep 4", TEXT, 100000, make_postcode},
    {"card", TEXT, MILLION, make_card},
    {"iban", TEXT, MILLION, make_iban},
    {"ip prefix", {.type = MASK_TYPE_INET, .is_unique = true}, MILLION, make_ip},
    {"ip prefix", TEXT, 100000, make_ip6},
    {"mac", {.type = MASK_TYPE_MACADDR, .size = 6, .is_unique = true}, MILLION, make_mac},
    {"uuid", TEXT, 200000, make_unique},
    {"hash", TEXT, 200000, make_unique},
};

static void
check_domain(const Domain *domain)
{
    MaskTester *tester = mask_tester_new(domain->rule, &domain->target, "a key");
    int n_twice = 0;
    int n_refused = 0;

    memset(slots, 0, N_SLOTS * sizeof(*slots));
    for (int i = 0; i < domain->n; i++)
    {
        char text[128];
        const char *masked;

        domain->make(text, i);
        masked = mask_tester_apply(tester, text);
        n_refused += masked == NULL;
        n_twice += masked != NULL && !remember(masked);
    }
    is_int(n_refused, 0, "[%s] masks all %d values", domain->rule, domain->n);
    is_int(n_twice, 0, "and no two alike");
    mask_tester_free(tester);
}

int
main(void)
{
    slots = mem_alloc_zero(N_SLOTS, sizeof(*slots));
    for (size_t i = 0; i < sizeof(domains) / sizeof(domains[0]); i++)
        check_domain(&domains[i]);
    free(slots);
    return done_testing();
}
