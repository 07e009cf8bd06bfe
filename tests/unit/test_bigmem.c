#include "base/bigmem.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "tap.h"

enum
{
    MB = 1024 * 1024
};

/* Memory of the process in kB that no file holds. */
static long
count_anonymous(void)
{
    FILE *status = fopen("/proc/self/status", "r");
    char line[200];
    long n = -1;

    while (status != NULL && fgets(line, sizeof(line), status) != NULL)
        (void)sscanf(line, "RssAnon: %ld kB", &n);
    if (status != NULL)
        fclose(status);
    return n;
}

static size_t
count_other(const unsigned char *bytes, size_t n, unsigned char expected)
{
    size_t n_other = 0;

    for (size_t i = 0; i < n; i++)
        n_other += bytes[i] != expected;
    return n_other;
}

static void
check_resize(const char *where)
{
    unsigned char *bytes = bigmem_alloc(10);

    is_int((intmax_t)count_other(bytes, 10, 0), 0, "zeros at first, %s", where);
    for (size_t size = 10; size < 32 * MB; size *= 8)
    {
        memset(bytes, 7, size);
        bytes = bigmem_resize(bytes, size * 8);
        if (count_other(bytes, size, 7) > 0)
            ok(false, "bytes are kept when it grows");
    }
    bytes = bigmem_resize(bytes, 5);
    is_int((intmax_t)count_other(bytes, 5, 7), 0, "it grows and shrinks, %s", where);
    bigmem_free(bytes);
}

static void
check_limit(void)
{
    long before = count_anonymous();
    unsigned char *many[16];
    size_t n_other = 0;

    for (int i = 0; i < 16; i++)
    {
        many[i] = bigmem_alloc(4 * MB);
        n_other += count_other(many[i], 4 * MB, 0);
        memset(many[i], i, 4 * MB);
    }
    ok(before > 0 && count_anonymous() - before < 20 * 1024,
       "64 MB do not exceed the limit by more than the program");
    for (int i = 0; i < 16; i++)
        n_other += count_other(many[i], 4 * MB, (unsigned char)i);
    is_int((intmax_t)n_other, 0, "all of them keep their bytes");
    for (int i = 0; i < 16; i++)
        bigmem_free(many[i]);
}

int
main(void)
{
    int *numbers = NULL;
    size_t capacity = 0;
    size_t n_wrong = 0;

    check_resize("in memory");
    bigmem_set_limit(16 * MB);
    check_resize("at the limit");
    check_limit();
    check_limit();
    bigmem_set_limit(1);
    check_resize("in the file");
    for (int i = 0; i < 5 * MB; i++)
    {
        BIGMEM_GROW(numbers, capacity, (size_t)i);
        numbers[i] = i;
    }
    for (int i = 0; i < 5 * MB; i++)
        n_wrong += numbers[i] != i;
    is_int((intmax_t)n_wrong, 0, "an array grows");
    bigmem_free(numbers);
    bigmem_free(NULL);
    return done_testing();
}
