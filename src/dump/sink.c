#include "dump/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <openssl/evp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/die.h"
#include "base/mem.h"
#include "base/outfile.h"
#include "base/signals.h"
#include "base/tempfile.h"

enum
{
    BUFFER_SIZE = 1024 * 1024,
    MAX_SINKS = 2,  /* the dump and the report */
    KEY_LENGTH = 64 /* hexadecimal digits of SHA-256 */
};

struct Sink
{
    char *path;       /* NULL: standard output */
    char *part_path;  /* NULL: the dump is collected in an unnamed file */
    const char *what; /* for messages */
    int fd;
    bool is_synced;
    bool is_shown;     /* the file has its name */
    bool is_exchanged; /* ... and the .part file is what had it before */
    char *buffer;
    size_t n_buffered;
    uint64_t size;
    bool is_in_body;
    uint64_t key_offset;
    EVP_MD_CTX *digest;
};

/* The .part files that are not finished, for the exit handler. */
static char *sink_parts[MAX_SINKS];

static void
sink_remove_parts(void)
{
    for (int i = 0; i < MAX_SINKS; i++)
    {
        if (sink_parts[i] != NULL)
            unlink(sink_parts[i]);
    }
}

static void
sink_remember_part(char *path)
{
    static bool is_registered;
    int i = 0;

    if (!is_registered)
    {
        atexit(sink_remove_parts);
        signals_register_cleanup(sink_remove_parts);
    }
    is_registered = true;
    while (i < MAX_SINKS - 1 && sink_parts[i] != NULL)
        i++;
    sink_parts[i] = path;
}

static void
sink_forget_part(const char *path)
{
    for (int i = 0; i < MAX_SINKS; i++)
    {
        if (sink_parts[i] == path)
            sink_parts[i] = NULL;
    }
}

/*
 * A destination that can be renamed to: it does not exist, or is an ordinary file. One
 * without a name can be reached by /dev/stdout.
 */
static bool
is_ordinary(const char *path)
{
    struct stat status;

    if (stat(path, &status) != 0)
        return errno == ENOENT;
    return S_ISREG(status.st_mode) && status.st_nlink > 0;
}

/*
 * A file of this user that is replaced keeps its mode; a new one gets what umask leaves.
 */
static mode_t
get_file_mode(const char *path)
{
    struct stat status;
    mode_t mask;

    if (lstat(path, &status) == 0 && S_ISREG(status.st_mode) &&
        status.st_uid == geteuid())
        return status.st_mode & 0777;
    mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

static void
open_part(Sink *sink)
{
    Diag diag = {0};

    sink->part_path = mem_format("%s.part", sink->path);
    sink->fd = outfile_open_part(sink->part_path, &diag);
    if (sink->fd < 0)
        die(EXIT_OUTPUT, &diag);
    sink_remember_part(sink->part_path);
}

Sink *
sink_open(const char *path, bool is_synced)
{
    Sink *sink = mem_alloc_zero(1, sizeof(*sink));
    Diag diag = {0};

    sink->is_synced = is_synced;
    sink->buffer = mem_alloc(BUFFER_SIZE);
    sink->digest = EVP_MD_CTX_new();
    if (sink->digest == NULL || EVP_DigestInit_ex(sink->digest, EVP_sha256(), NULL) != 1)
        die_message(EXIT_OUTPUT, "could not start a SHA-256 digest");
    /* the rename replaces the file and not a link to it */
    if (path != NULL && strcmp(path, "-") != 0)
        sink->path = outfile_follow(path, &diag);
    if (diag.message != NULL)
        die(EXIT_OUTPUT, &diag);
    if (sink->path != NULL && is_ordinary(sink->path))
        open_part(sink);
    else
        sink->fd = tempfile_open();
    sink->what = sink->part_path != NULL ? sink->part_path : tempfile_name;
    return sink;
}

/* The digest is of large pieces: single lines take four times as long. */
static void
write_out(Sink *sink, const void *data, size_t length)
{
    if (sink->is_in_body && EVP_DigestUpdate(sink->digest, data, length) != 1)
        die_message(EXIT_OUTPUT, "could not compute a SHA-256 digest");
    tempfile_write_all(sink->fd, sink->what, data, length);
}

static void
sink_flush(Sink *sink)
{
    write_out(sink, sink->buffer, sink->n_buffered);
    sink->n_buffered = 0;
}

void
sink_write(Sink *sink, const void *data, size_t length)
{
    sink->size += length;
    if (sink->n_buffered + length > BUFFER_SIZE)
        sink_flush(sink);
    if (length > BUFFER_SIZE)
    {
        write_out(sink, data, length);
        return;
    }
    memcpy(sink->buffer + sink->n_buffered, data, length);
    sink->n_buffered += length;
}

void
sink_write_string(Sink *sink, const char *text)
{
    sink_write(sink, text, strlen(text));
}

void
sink_format(Sink *sink, const char *format, ...)
{
    va_list args;
    char *text;

    va_start(args, format);
    text = mem_vformat(format, args);
    va_end(args);
    sink_write_string(sink, text);
    free(text);
}

void
sink_begin_body(Sink *sink)
{
    char placeholder[KEY_LENGTH + 1];

    memset(placeholder, '0', KEY_LENGTH);
    placeholder[KEY_LENGTH] = '\0';
    sink_write_string(sink, "\\restrict ");
    sink->key_offset = sink->size;
    sink_format(sink, "%s\n", placeholder);
    sink_flush(sink);
    sink->is_in_body = true;
}

static void
write_at(const Sink *sink, const char *data, size_t length, off_t offset)
{
    while (length > 0)
    {
        ssize_t n = pwrite(sink->fd, data, length, offset);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            die_errno(EXIT_OUTPUT, "could not write to %s", sink->what);
        data += n;
        length -= (size_t)n;
        offset += n;
    }
}

void
sink_end_body(Sink *sink)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    char key[KEY_LENGTH + 1];

    sink_flush(sink);
    sink->is_in_body = false;
    if (EVP_DigestFinal_ex(sink->digest, digest, NULL) != 1)
        die_message(EXIT_OUTPUT, "could not compute a SHA-256 digest");
    for (size_t i = 0; i < KEY_LENGTH / 2; i++)
        snprintf(key + 2 * i, 3, "%02x", digest[i]);
    write_at(sink, key, KEY_LENGTH, (off_t)sink->key_offset);
    sink_format(sink, "\\unrestrict %s\n", key);
}

uint64_t
sink_get_size(const Sink *sink)
{
    return sink->size;
}

/* The rename itself must survive a crash, too. */
static void
sync_directory(const char *path)
{
    char *copy = mem_copy_string(path);
    int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    free(copy);
    if (fd >= 0 && (fsync(fd) == 0 || errno == EINVAL))
        close(fd);
    else
        die_errno(EXIT_OUTPUT, "could not synchronize the directory of \"%s\"", path);
}

/* Everything that can fail because of lack of space comes before anything is visible. */
static void
complete_part(Sink *sink)
{
    sink_flush(sink);
    if (sink->part_path == NULL)
        return;
    if (fchmod(sink->fd, get_file_mode(sink->path)) != 0)
        die_errno(EXIT_OUTPUT, "could not set the mode of \"%s\"", sink->part_path);
    if (sink->is_synced && fsync(sink->fd) != 0)
        die_errno(EXIT_OUTPUT, "could not synchronize \"%s\"", sink->part_path);
}

/* What the file held is in the .part file then, where the file system can do that. */
static bool
show_part(Sink *sink)
{
    struct stat status;

    sink->is_exchanged =
        lstat(sink->path, &status) == 0 && S_ISREG(status.st_mode) &&
        renameat2(AT_FDCWD, sink->part_path, AT_FDCWD, sink->path, RENAME_EXCHANGE) == 0;
    sink->is_shown = sink->is_exchanged || rename(sink->part_path, sink->path) == 0;
    return sink->is_shown;
}

static void
hide_part(Sink *sink)
{
    if (sink->is_exchanged)
        (void)renameat2(AT_FDCWD, sink->path, AT_FDCWD, sink->part_path, RENAME_EXCHANGE);
    else if (sink->is_shown)
        (void)rename(sink->path, sink->part_path);
}

/* Files show up together, or none does. */
static void
show_parts(Sink *const *sinks, size_t n)
{
    for (size_t i = 0; i < n; i++)
    {
        if (sinks[i]->part_path != NULL &&
            !outfile_is_at(sinks[i]->fd, sinks[i]->part_path))
            die_message(EXIT_OUTPUT, "\"%s\" was removed or replaced",
                        sinks[i]->part_path);
    }
    for (size_t i = 0; i < n; i++)
    {
        Sink *sink = sinks[i];
        int error;

        if (sink->part_path == NULL || show_part(sink))
            continue;
        error = errno;
        while (i-- > 0)
            hide_part(sinks[i]);
        errno = error;
        die_errno(EXIT_OUTPUT, "could not rename \"%s\" to \"%s\"", sink->part_path,
                  sink->path);
    }
}

static void
keep_part(Sink *sink)
{
    if (sink->is_exchanged)
        unlink(sink->part_path);
    sink_forget_part(sink->part_path);
    if (sink->is_synced)
        sync_directory(sink->path);
}

static void
copy_to_destination(Sink *sink)
{
    const char *what = sink->path != NULL ? sink->path : "standard output";
    Diag diag = {0};
    int fd = STDOUT_FILENO;
    uint64_t offset = 0;

    if (sink->path != NULL)
        fd = outfile_open(sink->path, &diag);
    if (fd < 0)
        die(EXIT_OUTPUT, &diag);
    if (sink->path != NULL)
        (void)!ftruncate(fd, 0); /* devices have no size */
    while (offset < sink->size)
    {
        uint64_t rest = sink->size - offset;
        size_t n = rest < BUFFER_SIZE ? (size_t)rest : BUFFER_SIZE;

        tempfile_read_at(sink->fd, sink->buffer, n, (off_t)offset);
        tempfile_write_all(fd, what, sink->buffer, n);
        offset += n;
    }
    /* the last chance of a network file system to report an error */
    if (fd != STDOUT_FILENO && close(fd) != 0)
        die_errno(EXIT_OUTPUT, "could not close \"%s\"", what);
}

static void
sink_free(Sink *sink)
{
    close(sink->fd);
    EVP_MD_CTX_free(sink->digest);
    free(sink->buffer);
    free(sink->part_path);
    free(sink->path);
    free(sink);
}

void
sink_finish(Sink *const *sinks, size_t n)
{
    for (size_t i = 0; i < n; i++)
        complete_part(sinks[i]);
    for (size_t i = 0; i < n; i++)
    {
        if (sinks[i]->part_path == NULL)
            copy_to_destination(sinks[i]);
    }
    show_parts(sinks, n);
    for (size_t i = 0; i < n; i++)
    {
        if (sinks[i]->part_path != NULL)
            keep_part(sinks[i]);
    }
    for (size_t i = 0; i < n; i++)
        sink_free(sinks[i]);
}
