/*
 * The set of raw values while it grows, also where hashes crowd at the end of the table:
 * all that was added is found, with its first column, and nothing else.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "sample/masked/leak_set.h"
#include "tap.h"

enum
{
    N_COLUMNS = 5
};

/* Different for each number; of some of them the lowest bits are nearly all ones. */
static uint64_t
make_hash(uint64_t number, unsigned n_crowded)
{
    uint64_t hash = (number + 1) * UINT64_C(0x9e3779b97f4a7c15);

    if (n_crowded > 0 && number % n_crowded == 0)
        return hash << 22 | UINT64_C(0x3ffffe) | (number & 1);
    return hash;
}

static void
check_set(uint64_t n, unsigned n_crowded)
{
    LeakSet *set = leak_set_new();
    int n_missing = 0;
    int n_wrong = 0;
    int n_found = 0;

    for (uint64_t i = 0; i < 2 * n; i++) /* each twice, at last in another column */
        leak_set_add(set, make_hash(i % n, n_crowded), make_hash(i % n, n_crowded),
                     (int)((i % n + i / n) % N_COLUMNS));
    leak_set_seal(set);
    for (uint64_t i = 0; i < n; i++)
    {
        int column = leak_set_find(set, make_hash(i, n_crowded));

        n_missing +=
            column == LEAK_SET_NONE || !leak_set_may_have(set, make_hash(i, n_crowded));
        n_wrong += column != LEAK_SET_NONE && column != (int)(i % N_COLUMNS);
        n_found += leak_set_find(set, make_hash(n + i, 0)) != LEAK_SET_NONE;
    }
    is_int((intmax_t)leak_set_count(set), (intmax_t)n, "%d values", (int)n);
    is_int(n_missing, 0, "all are found");
    is_int(n_wrong, 0, "in the column that was first");
    is_int(n_found, 0, "and no others");
    leak_set_free(set);
}

static void
check_beginnings(void)
{
    LeakSet *set = leak_set_new();

    leak_set_add(set, make_hash(1, 0), make_hash(1, 0), 0);
    leak_set_add(set, make_hash(2, 0), make_hash(3, 0), 0);
    leak_set_seal(set);
    ok(leak_set_may_have(set, make_hash(3, 0)), "the first word of several");
    ok(leak_set_find(set, make_hash(3, 0)) == LEAK_SET_NONE, "is no value");
    ok(!leak_set_may_have(set, make_hash(4, 0)), "others are not there");
    leak_set_free(set);
}

int
main(void)
{
    static const uint64_t numbers[] = {1, 63, 64, 767, 768, 769, 50000, 400000};

    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
    {
        check_set(numbers[i], 0);
        check_set(numbers[i], numbers[i] > 1000 ? 500 : 3);
    }
    check_beginnings();
    return done_testing();
}
