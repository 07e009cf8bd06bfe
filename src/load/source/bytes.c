#include "load/source/bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/mem.h"

enum
{
    RAW_SIZE = 256 * 1024,
    N_PEEK = 512,
    GZIP_ONLY = 15 + 16 /* zlib's window bits: the largest window, and gzip's header */
};

struct Bytes
{
    const char *path;
    int file;
    bool is_gzip;
    bool is_at_end;    /* of the file itself */
    bool is_in_member; /* of a gzip file: it is not complete yet */
    uint64_t n_read;
    size_t most;
    z_stream zlib;
    unsigned char *raw; /* of the file itself */
    size_t raw_start;
    size_t raw_end;
    char peeked[N_PEEK];
    size_t peeked_start;
    size_t peeked_end;
};

const char *
bytes_get_name(const Bytes *bytes)
{
    return strcmp(bytes->path, "-") == 0 ? "standard input" : bytes->path;
}

uint64_t
bytes_count(const Bytes *bytes)
{
    return bytes->n_read;
}

void
bytes_set_most(Bytes *bytes, size_t most)
{
    bytes->most = most;
}

/* ---- the file itself */

static bool
read_raw(Bytes *bytes, void *to, size_t room, size_t *n_read, Diag *diag)
{
    ssize_t n;

    do
        n = read(bytes->file, to, room);
    while (n < 0 && errno == EINTR);
    if (n < 0)
    {
        diag_set_message(diag, "could not read %s: %s", bytes_get_name(bytes),
                         strerror(errno));
        return false;
    }
    bytes->is_at_end = n == 0;
    bytes->n_read += (uint64_t)n;
    *n_read = (size_t)n;
    return true;
}

/* Makes sure that there are raw bytes, unless the file is at its end. */
static bool
fill_raw(Bytes *bytes, Diag *diag)
{
    size_t n_read;

    if (bytes->raw_start < bytes->raw_end || bytes->is_at_end)
        return true;
    if (!read_raw(bytes, bytes->raw, RAW_SIZE, &n_read, diag))
        return false;
    bytes->raw_start = 0;
    bytes->raw_end = n_read;
    return true;
}

static bool
read_uncompressed(Bytes *bytes, char *to, size_t room, size_t *n_read, Diag *diag)
{
    size_t n_raw = bytes->raw_end - bytes->raw_start;

    *n_read = 0;
    if (n_raw == 0)
        return bytes->is_at_end || read_raw(bytes, to, room, n_read, diag);
    *n_read = n_raw < room ? n_raw : room;
    memcpy(to, bytes->raw + bytes->raw_start, *n_read);
    bytes->raw_start += *n_read;
    return true;
}

/* ---- gzip */

static bool
fail_gzip(const Bytes *bytes, const char *problem, Diag *diag)
{
    diag_set_message(diag, "could not read %s: its compressed data %s",
                     bytes_get_name(bytes), problem);
    diag_set_hint(diag, "\"gzip -t\" checks a file.");
    return false;
}

static bool
inflate_some(Bytes *bytes, char *to, size_t room, size_t *n_read, Diag *diag)
{
    z_stream *zlib = &bytes->zlib;
    int result;

    zlib->next_in = bytes->raw + bytes->raw_start;
    zlib->avail_in = (uInt)(bytes->raw_end - bytes->raw_start);
    zlib->next_out = (unsigned char *)to;
    zlib->avail_out = (uInt)room;
    result = inflate(zlib, Z_NO_FLUSH);
    bytes->raw_start = bytes->raw_end - zlib->avail_in;
    *n_read = room - zlib->avail_out;
    if (result == Z_MEM_ERROR)
        mem_die();
    if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
        return fail_gzip(bytes, "is damaged", diag);
    if (result == Z_STREAM_END)
    {
        bytes->is_in_member = false;
        (void)inflateReset(zlib);
    }
    return true;
}

static bool
read_gzip(Bytes *bytes, char *to, size_t room, size_t *n_read, Diag *diag)
{
    *n_read = 0;
    if (room > RAW_SIZE)
        room = RAW_SIZE;
    while (*n_read == 0)
    {
        if (!fill_raw(bytes, diag))
            return false;
        if (bytes->raw_start == bytes->raw_end)
            return !bytes->is_in_member || fail_gzip(bytes, "is cut off", diag);
        bytes->is_in_member = true;
        if (!inflate_some(bytes, to, room, n_read, diag))
            return false;
    }
    return true;
}

/* ---- both */

static size_t
take_peeked(Bytes *bytes, char *to, size_t room)
{
    size_t n = bytes->peeked_end - bytes->peeked_start;

    if (n > room)
        n = room;
    memcpy(to, bytes->peeked + bytes->peeked_start, n);
    bytes->peeked_start += n;
    return n;
}

bool
bytes_read(Bytes *bytes, char *to, size_t room, size_t *n_read, Diag *diag)
{
    if (bytes->most > 0 && room > bytes->most)
        room = bytes->most;
    *n_read = take_peeked(bytes, to, room);
    while (*n_read < room)
    {
        size_t n = 0;

        if (!(bytes->is_gzip ? read_gzip : read_uncompressed)(bytes, to + *n_read,
                                                              room - *n_read, &n, diag))
            return false;
        if (n == 0)
            break;
        *n_read += n;
    }
    return true;
}

const char *
bytes_peek(const Bytes *bytes, size_t *length)
{
    *length = bytes->peeked_end;
    return bytes->peeked;
}

/* ---- opening */

static bool
open_path(Bytes *bytes, Diag *diag)
{
    struct stat state;

    if (strcmp(bytes->path, "-") == 0)
        return true;
    bytes->file = open(bytes->path, O_RDONLY | O_CLOEXEC);
    if (bytes->file < 0 || fstat(bytes->file, &state) != 0)
    {
        diag_set_message(diag, "could not open %s: %s", bytes->path, strerror(errno));
        return false;
    }
    if (S_ISDIR(state.st_mode))
    {
        diag_set_message(diag, "could not open %s: it is a directory", bytes->path);
        return false;
    }
    return true;
}

static bool
has_magic(const Bytes *bytes, const char *magic, size_t length)
{
    return bytes->raw_end >= length && memcmp(bytes->raw, magic, length) == 0;
}

/* The other program that compressed the file, by its magic number; or NULL. */
static const char *
find_other_program(const Bytes *bytes)
{
    if (has_magic(bytes, "\x28\xb5\x2f\xfd", 4))
        return "zstd";
    if (has_magic(bytes,
                  "\xfd"
                  "7zXZ",
                  5))
        return "xz";
    if (has_magic(bytes, "BZh", 3))
        return "bzip2";
    if (has_magic(bytes, "\x04\x22\x4d\x18", 4))
        return "lz4";
    return NULL;
}

/* Through a pipe the magic number may come in two reads. */
static bool
fill_start(Bytes *bytes, Diag *diag)
{
    while (bytes->raw_end < 8 && !bytes->is_at_end)
    {
        size_t n_read;

        if (!read_raw(bytes, bytes->raw + bytes->raw_end, RAW_SIZE - bytes->raw_end,
                      &n_read, diag))
            return false;
        bytes->raw_end += n_read;
    }
    return true;
}

static bool
open_and_peek(Bytes *bytes, Diag *diag)
{
    const char *program;

    if (!open_path(bytes, diag) || !fill_start(bytes, diag))
        return false;
    program = find_other_program(bytes);
    if (program != NULL)
    {
        diag_set_message(diag, "could not read %s: compression by %s is not supported",
                         bytes_get_name(bytes), program);
        diag_set_hint(diag, "Decompress it with %s, and load standard input (\"-\").",
                      program);
        return false;
    }
    bytes->is_gzip = has_magic(bytes, "\x1f\x8b", 2);
    if (bytes->is_gzip && inflateInit2(&bytes->zlib, GZIP_ONLY) != Z_OK)
        mem_die();
    return bytes_read(bytes, bytes->peeked, N_PEEK, &bytes->peeked_end, diag);
}

Bytes *
bytes_open(const char *path, Diag *diag)
{
    Bytes *bytes = mem_alloc_zero(1, sizeof(Bytes));

    bytes->path = path;
    bytes->file = strcmp(path, "-") == 0 ? STDIN_FILENO : -1;
    bytes->raw = mem_alloc(RAW_SIZE);
    if (open_and_peek(bytes, diag))
        return bytes;
    bytes_close(bytes);
    return NULL;
}

void
bytes_close(Bytes *bytes)
{
    if (bytes == NULL)
        return;
    if (bytes->file > STDIN_FILENO)
        (void)close(bytes->file);
    if (bytes->is_gzip)
        (void)inflateEnd(&bytes->zlib);
    free(bytes->raw);
    free(bytes);
}
