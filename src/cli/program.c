#include "cli/program.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <unistd.h>

#include "base/die.h"
#include "base/log.h"
#include "base/signals.h"

/*
 * A descriptor that is closed would be given to the next file or connection, and what is
 * meant for standard output would go there.
 */
static void
open_standard_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
    {
        int opened;

        if (fcntl(fd, F_GETFD) != -1 || errno != EBADF)
            continue;
        /* read-only, so that writing to it fails as it would have */
        opened = open("/dev/null", fd == STDOUT_FILENO ? O_RDONLY : O_RDWR);
        if (opened != fd)
            _exit(EXIT_OUTPUT);
    }
}

void
program_start(const char *name)
{
    open_standard_descriptors();
    /* patterns match characters, not bytes */
    setlocale(LC_CTYPE, "");
    log_init(name, 0);
    die_init();
    signals_init();
}
