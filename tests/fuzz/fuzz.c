#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/mem.h"

static int file = -1;

void
fuzz_expect(bool holds, const char *property)
{
    if (holds)
        return;
    fprintf(stderr, "fuzz: it does not hold that %s\n", property);
    abort();
}

char *
fuzz_copy_text(const uint8_t *data, size_t size)
{
    char *text = mem_alloc(size + 1);

    memcpy(text, data, size);
    text[size] = '\0';
    return text;
}

const char *
fuzz_open_file(const uint8_t *data, size_t size)
{
    static char path[64];

    file = memfd_create("fuzz", 0);
    fuzz_expect(file >= 0 && write(file, data, size) == (ssize_t)size,
                "a file can be made");
    snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
    return path;
}

bool
fuzz_is_compressed(const uint8_t *data, size_t size)
{
    return (size >= 2 && memcmp(data, "\x1f\x8b", 2) == 0) ||
           (size >= 4 && memcmp(data, "\x28\xb5\x2f\xfd", 4) == 0);
}

void
fuzz_close_file(void)
{
    close(file);
}
