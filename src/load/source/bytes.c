#include "load/source/bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "base/mem.h"
#include "load/source/source_name.h"
#include "load/source/unpack.h"
#include "store/store.h"

enum
{
    RAW_SIZE = 256 * 1024,
    N_PEEK = 512
};

struct Bytes
{
    char *name; /* for messages */
    BytesObject object;
    StoreFetch *fetch; /* or NULL: it is a file */
    int file;
    struct stat state; /* of the file, when it was opened */
    bool is_at_end;    /* of the file itself */
    uint64_t n_read;
    size_t most;
    Unpack *unpack;     /* or NULL: it is not compressed */
    EVP_MD_CTX *hash;   /* or NULL: no hash was asked for */
    unsigned char *raw; /* of the file itself */
    size_t raw_start;
    size_t raw_end;
    bool has_failed;
    Diag failure; /* until it is reported */
    char peeked[N_PEEK];
    size_t peeked_start;
    size_t peeked_end;
};

const char *
bytes_get_name(const Bytes *bytes)
{
    return bytes->name;
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
fail_change(const Bytes *bytes, Diag *diag)
{
    diag_set_message(diag, "could not read %s: it was changed while it was being read",
                     bytes->name);
    return false;
}

/*
 * Whoever writes in place instead of renaming a new file may be writing still. So a file
 * that is as it was when it was opened is at its end after as many bytes as it has: there
 * is no need to read once more.
 */
static bool
check_end_of_file(Bytes *bytes, bool has_ended, Diag *diag)
{
    const struct stat *before = &bytes->state;
    struct stat now;

    bytes->is_at_end = has_ended;
    if (!S_ISREG(before->st_mode) ||
        (!has_ended && bytes->n_read != (uint64_t)before->st_size))
        return true;
    if (fstat(bytes->file, &now) != 0 || now.st_size != before->st_size ||
        now.st_mtim.tv_sec != before->st_mtim.tv_sec ||
        now.st_mtim.tv_nsec != before->st_mtim.tv_nsec)
        return fail_change(bytes, diag);
    bytes->is_at_end = true;
    return true;
}

static bool
read_file(Bytes *bytes, void *to, size_t room, size_t *n_read, Diag *diag)
{
    ssize_t n;

    do
        n = read(bytes->file, to, room);
    while (n < 0 && errno == EINTR);
    if (n < 0)
    {
        diag_set_message(diag, "could not read %s: %s", bytes->name, strerror(errno));
        return false;
    }
    *n_read = (size_t)n;
    return true;
}

/* An object is at its end when that was verified, after the last byte. */
static bool
check_end(Bytes *bytes, bool has_ended, Diag *diag)
{
    if (bytes->fetch == NULL)
        return check_end_of_file(bytes, has_ended, diag);
    bytes->is_at_end = has_ended;
    if (has_ended && bytes->object.etag != NULL && bytes->n_read != bytes->object.size)
        return fail_change(bytes, diag);
    return true;
}

static bool
read_raw(Bytes *bytes, void *to, size_t room, size_t *n_read, Diag *diag)
{
    if (!(bytes->fetch != NULL ? store_fetch_read(bytes->fetch, to, room, n_read, diag)
                               : read_file(bytes, to, room, n_read, diag)))
        return false;
    bytes->n_read += *n_read;
    if (bytes->hash != NULL && EVP_DigestUpdate(bytes->hash, to, *n_read) != 1)
        mem_die();
    return check_end(bytes, *n_read == 0, diag);
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

/* ---- decompressed */

static bool
fail_unpack(const Bytes *bytes, const char *problem, Diag *diag)
{
    diag_set_message(diag, "could not read %s: its compressed data %s", bytes->name,
                     problem);
    diag_set_hint(diag, "\"%s -t\" checks a file.", unpack_get_program(bytes->unpack));
    return false;
}

/* After the last raw byte there can be more to come, which was read before. */
static bool
read_unpacked(Bytes *bytes, char *to, size_t room, size_t *n_read, Diag *diag)
{
    *n_read = 0;
    while (*n_read == 0)
    {
        UnpackPiece piece = {.to = to, .n_to = room < RAW_SIZE ? room : RAW_SIZE};
        const char *problem;

        if (!fill_raw(bytes, diag))
            return false;
        if (bytes->raw_start == bytes->raw_end && !unpack_is_inside(bytes->unpack))
            return true;
        piece.from = bytes->raw + bytes->raw_start;
        piece.n_from = bytes->raw_end - bytes->raw_start;
        problem = unpack_run(bytes->unpack, &piece);
        if (problem == NULL && bytes->raw_start == bytes->raw_end && piece.n_to == 0 &&
            unpack_is_inside(bytes->unpack))
            problem = "is cut off";
        bytes->raw_start += piece.n_from;
        *n_read = piece.n_to;
        if (problem != NULL)
            return fail_unpack(bytes, problem, diag);
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

/* What was read before a failure comes first, however much is read at once. */
static bool
report_failure(Bytes *bytes, size_t n_read, Diag *diag)
{
    if (!bytes->has_failed || n_read > 0)
        return true;
    *diag = bytes->failure;
    bytes->failure = (Diag){0};
    return false;
}

bool
bytes_read(Bytes *bytes, char *to, size_t room, size_t *n_read, Diag *diag)
{
    bool has_more = true;

    if (bytes->most > 0 && room > bytes->most)
        room = bytes->most;
    *n_read = take_peeked(bytes, to, room);
    while (*n_read < room && has_more && !bytes->has_failed)
    {
        size_t n = 0;

        bytes->has_failed = !(bytes->unpack != NULL ? read_unpacked : read_uncompressed)(
            bytes, to + *n_read, room - *n_read, &n, &bytes->failure);
        *n_read += n;
        has_more = n > 0;
    }
    return report_failure(bytes, *n_read, diag);
}

bool
bytes_finish_hash(Bytes *bytes, BytesHash *hash, Diag *diag)
{
    while (!bytes->is_at_end)
    {
        size_t n_read;

        if (!read_raw(bytes, bytes->raw, RAW_SIZE, &n_read, diag))
            return false;
    }
    hash->size = bytes->n_read;
    if (EVP_DigestFinal_ex(bytes->hash, hash->sha256, NULL) != 1)
        mem_die();
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
open_path(Bytes *bytes, const char *path, Diag *diag)
{
    if (strcmp(path, "-") == 0)
    {
        bytes->file = STDIN_FILENO;
        (void)fstat(bytes->file, &bytes->state);
        return true;
    }
    if (store_is_url(path))
    {
        bytes->fetch = store_fetch_open(path, bytes->object.etag, diag);
        return bytes->fetch != NULL;
    }
    bytes->file = open(path, O_RDONLY | O_CLOEXEC);
    if (bytes->file < 0 || fstat(bytes->file, &bytes->state) != 0)
    {
        diag_set_message(diag, "could not open %s: %s", path, strerror(errno));
        return false;
    }
    if (S_ISDIR(bytes->state.st_mode))
    {
        diag_set_message(diag, "could not open %s: it is a directory", path);
        return false;
    }
    return true;
}

static void
begin_hash(Bytes *bytes)
{
    bytes->hash = EVP_MD_CTX_new();
    if (bytes->hash == NULL || EVP_DigestInit_ex(bytes->hash, EVP_sha256(), NULL) != 1)
        mem_die();
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

/* What comes out must not be compressed itself. */
static bool
check_unpacked(const Bytes *bytes, Diag *diag)
{
    if (bytes->unpack == NULL ||
        !unpack_is_packed((const unsigned char *)bytes->peeked, bytes->peeked_end))
        return true;
    diag_set_message(diag, "could not read %s: it is compressed twice", bytes->name);
    diag_set_hint(diag, "Decompress it with %s once, and load the result.",
                  unpack_get_program(bytes->unpack));
    return false;
}

static bool
open_and_peek(Bytes *bytes, const char *path, Diag *diag)
{
    const char *program;

    if (!open_path(bytes, path, diag) || !fill_start(bytes, diag))
        return false;
    program = unpack_find_other(bytes->raw, bytes->raw_end);
    if (program != NULL)
    {
        diag_set_message(diag, "could not read %s: compression by %s is not supported",
                         bytes->name, program);
        diag_set_hint(diag, "Decompress it with %s, and load standard input (\"-\").",
                      program);
        return false;
    }
    bytes->unpack = unpack_open(bytes->raw, bytes->raw_end);
    return bytes_read(bytes, bytes->peeked, N_PEEK, &bytes->peeked_end, diag) &&
           report_failure(bytes, 0, diag) && check_unpacked(bytes, diag);
}

Bytes *
bytes_open(const char *path, const BytesObject *object, bool is_hashed, Diag *diag)
{
    Bytes *bytes = mem_alloc_zero(1, sizeof(Bytes));

    bytes->name = strcmp(path, "-") == 0 ? mem_copy_string("standard input")
                                         : source_name_make(path);
    bytes->object = *object;
    bytes->file = -1;
    bytes->raw = mem_alloc(RAW_SIZE);
    if (is_hashed)
        begin_hash(bytes);
    if (open_and_peek(bytes, path, diag))
        return bytes;
    bytes_close(bytes);
    return NULL;
}

bool
bytes_expect(const char *path, const BytesObject *object)
{
    return !store_is_url(path) || store_expect(path, object->etag);
}

void
bytes_close(Bytes *bytes)
{
    if (bytes == NULL)
        return;
    if (bytes->file > STDIN_FILENO)
        (void)close(bytes->file);
    store_fetch_close(bytes->fetch);
    unpack_close(bytes->unpack);
    diag_free(&bytes->failure);
    EVP_MD_CTX_free(bytes->hash);
    free(bytes->raw);
    free(bytes->name);
    free(bytes);
}
