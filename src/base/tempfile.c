#include "base/tempfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/die.h"
#include "base/mem.h"
#include "base/signals.h"

enum
{
    ROOM = 64 * 1024 /* more than a child process has in its buffers */
};

const char tempfile_name[] = "a temporary file";

static const char *
tempfile_directory(void)
{
    const char *directory = getenv("TMPDIR");

    return directory != NULL && directory[0] != '\0' ? directory : "/tmp";
}

int
tempfile_open(void)
{
    char *path = mem_format("%s/pg-sample-XXXXXX", tempfile_directory());
    int fd = mkostemp(path, O_CLOEXEC);

    if (fd < 0)
        die_errno(EXIT_OUTPUT, "could not create a temporary file in \"%s\"",
                  tempfile_directory());
    unlink(path);
    free(path);
    return fd;
}

int
tempfile_open_in_memory(void)
{
    int fd = memfd_create("pg-sample", MFD_CLOEXEC);

    return fd >= 0 ? fd : tempfile_open();
}

/* With what helps, if that is known. */
static _Noreturn void
die_of_write(const char *what)
{
    int error = errno;
    Diag diag = {0};

    diag_set_message(&diag, "could not write to %s: %s", what, strerror(error));
    if (error == EFBIG)
        diag_set_hint(&diag, "\"ulimit -f\" shows the limit on the size of files.");
    else if (what == tempfile_name)
        diag_set_hint(&diag, "Temporary files are in \"%s\"; TMPDIR names the directory.",
                      tempfile_directory());
    die(EXIT_OUTPUT, &diag);
}

void
tempfile_write_all(int fd, const char *what, const void *data, size_t size)
{
    const char *next = data;

    while (size > 0)
    {
        ssize_t n = write(fd, next, size);

        signals_check();
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            die_of_write(what);
        next += n;
        size -= (size_t)n;
    }
}

void
tempfile_check_room(int fd)
{
    static const char zeros[ROOM];
    struct stat status;

    if (fstat(fd, &status) != 0 || lseek(fd, status.st_size, SEEK_SET) < 0)
        die_errno(EXIT_OUTPUT, "could not read a temporary file");
    tempfile_write_all(fd, tempfile_name, zeros, sizeof(zeros));
    if (ftruncate(fd, status.st_size) != 0)
        die_errno(EXIT_OUTPUT, "could not truncate a temporary file");
}

void
tempfile_read_at(int fd, void *data, size_t size, off_t offset)
{
    char *next = data;

    while (size > 0)
    {
        ssize_t n = pread(fd, next, size, offset);

        signals_check();
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            die_errno(EXIT_OUTPUT, "could not read from a temporary file");
        if (n == 0)
            die_message(EXIT_OUTPUT, "a temporary file is shorter than what was written");
        next += n;
        size -= (size_t)n;
        offset += n;
    }
}

char *
tempfile_read_all(int fd, size_t *size)
{
    struct stat status;
    char *text;

    if (fstat(fd, &status) != 0)
        die_errno(EXIT_OUTPUT, "could not read a temporary file");
    *size = (size_t)status.st_size;
    text = mem_alloc(*size + 1);
    tempfile_read_at(fd, text, *size, 0);
    text[*size] = '\0';
    return text;
}
