/* What becomes of a program that has no memory left. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/die.h"
#include "base/exitcode.h"
#include "base/log.h"
#include "base/mem.h"
#include "tap.h"

enum
{
    LEAST_ROOM = 64 * 1024 * 1024
};

static int to_parent;

/* Stands for what drops tables and removes files at the end. */
static void
clean_up(void)
{
    char *text = mem_format("%s", "it was called");
    ssize_t n = write(to_parent, text, 1);

    (void)n;
    free(text);
}

/* And this for one that needs more than there can be. */
static void
want_too_much(void)
{
    free(mem_alloc_zero(LEAST_ROOM, 1));
}

static void
exhaust(void)
{
    const struct rlimit limit = {LEAST_ROOM, LEAST_ROOM};
    static void *volatile last;

    setrlimit(RLIMIT_AS, &limit);
    for (size_t size = LEAST_ROOM; size > 0; size /= 2)
    {
        do
            last = malloc(size);
        while (last != NULL);
    }
}

static _Noreturn void
run_child(int to)
{
    to_parent = to;
    log_init("test", 0);
    die_init();
    if (freopen("/dev/null", "w", stderr) == NULL || atexit(clean_up) != 0 ||
        atexit(want_too_much) != 0)
        _exit(1);
    exhaust();
    (void)mem_copy_string("text");
    _exit(0);
}

int
main(void)
{
    int ends[2];
    char called = '\0';
    int status = -1;
    pid_t child;

#ifdef __SANITIZE_ADDRESS__
    /* its shadow needs more than any limit that runs out */
    puts("1..0 # SKIP the address sanitizer has no limit of memory");
    return 0;
#endif
    if (pipe(ends) != 0)
        return 1;
    child = fork();
    if (child == 0)
        run_child(ends[1]);
    close(ends[1]);
    is_int(read(ends[0], &called, 1), 1, "what is to be done at the exit is done");
    is_int(called, 'i', "and has memory for it");
    waitpid(child, &status, 0);
    ok(WIFEXITED(status), "it does not crash");
    is_int(WEXITSTATUS(status), EXIT_OUTPUT, "but ends with a status");
    return done_testing();
}
