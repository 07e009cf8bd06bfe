#define ZLIB_CONST /* input is const */
#include "load/source/unpack.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "base/mem.h"

enum
{
    GZIP_ONLY = 15 + 16 /* zlib's window bits: the largest window, and gzip's header */
};

struct Unpack
{
    bool is_inside;
    z_stream zlib;
    ZSTD_DStream *zstd; /* NULL: it is gzip */
};

/* ---- by magic number */

static bool
has_magic(const unsigned char *start, size_t length, const char *magic, size_t n)
{
    return length >= n && memcmp(start, magic, n) == 0;
}

static bool
is_zstd(const unsigned char *start, size_t length)
{
    /* a frame that is skipped can come first: 50 to 5f 2a 4d 18 */
    return has_magic(start, length, "\x28\xb5\x2f\xfd", 4) ||
           (length >= 4 && (start[0] & 0xF0) == 0x50 &&
            memcmp(start + 1, "\x2a\x4d\x18", 3) == 0);
}

static bool
is_gzip(const unsigned char *start, size_t length)
{
    return has_magic(start, length, "\x1f\x8b", 2);
}

bool
unpack_is_packed(const unsigned char *start, size_t length)
{
    return is_gzip(start, length) || is_zstd(start, length);
}

const char *
unpack_find_other(const unsigned char *start, size_t length)
{
    if (has_magic(start, length,
                  "\xfd"
                  "7zXZ",
                  5))
        return "xz";
    if (has_magic(start, length, "BZh", 3))
        return "bzip2";
    if (has_magic(start, length, "\x04\x22\x4d\x18", 4))
        return "lz4";
    return NULL;
}

Unpack *
unpack_open(const unsigned char *start, size_t length)
{
    Unpack *unpack;

    if (!unpack_is_packed(start, length))
        return NULL;
    unpack = mem_alloc_zero(1, sizeof(*unpack));
    if (is_gzip(start, length))
    {
        if (inflateInit2(&unpack->zlib, GZIP_ONLY) != Z_OK)
            mem_die();
    }
    else if ((unpack->zstd = ZSTD_createDStream()) == NULL)
        mem_die();
    return unpack;
}

void
unpack_close(Unpack *unpack)
{
    if (unpack == NULL)
        return;
    if (unpack->zstd != NULL)
        (void)ZSTD_freeDStream(unpack->zstd);
    else
        (void)inflateEnd(&unpack->zlib);
    free(unpack);
}

bool
unpack_is_inside(const Unpack *unpack)
{
    return unpack->is_inside;
}

const char *
unpack_get_program(const Unpack *unpack)
{
    return unpack->zstd != NULL ? "zstd" : "gzip";
}

/* ---- a piece */

static const char *
run_gzip(Unpack *unpack, UnpackPiece *piece)
{
    z_stream *zlib = &unpack->zlib;
    int result;

    zlib->next_in = piece->from;
    zlib->avail_in = (uInt)piece->n_from;
    zlib->next_out = (unsigned char *)piece->to;
    zlib->avail_out = (uInt)piece->n_to;
    result = inflate(zlib, Z_NO_FLUSH);
    piece->n_from -= zlib->avail_in;
    piece->n_to -= zlib->avail_out;
    unpack->is_inside = result != Z_STREAM_END;
    if (result == Z_MEM_ERROR)
        mem_die();
    if (result == Z_STREAM_END)
        (void)inflateReset(zlib);
    else if (result != Z_OK && result != Z_BUF_ERROR)
        return "is damaged";
    return NULL;
}

static const char *
run_zstd(Unpack *unpack, UnpackPiece *piece)
{
    ZSTD_inBuffer in = {.src = piece->from, .size = piece->n_from};
    ZSTD_outBuffer out = {.dst = piece->to, .size = piece->n_to};
    size_t result = ZSTD_decompressStream(unpack->zstd, &out, &in);

    piece->n_from = in.pos;
    piece->n_to = out.pos;
    unpack->is_inside = result != 0;
    if (!ZSTD_isError(result))
        return NULL;
    switch (ZSTD_getErrorCode(result))
    {
        case ZSTD_error_memory_allocation:
            mem_die();
        case ZSTD_error_frameParameter_windowTooLarge:
            return "needs more than 128 MB of memory";
        default:
            return "is damaged";
    }
}

const char *
unpack_run(Unpack *unpack, UnpackPiece *piece)
{
    return unpack->zstd != NULL ? run_zstd(unpack, piece) : run_gzip(unpack, piece);
}
