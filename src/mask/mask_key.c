#include "mask/mask_key.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/outfile.h"
#include "mask/mask_internal.h"

enum
{
    SHORTEST_KEY = 32,
    LONGEST_KEY = 4096,
    FEWEST_BYTES = 8, /* that differ */
    N_RANDOM = 32
};

static const char key_hint[] = "--new-mask-key=FILE makes a key file.";

MaskKey *
mask_key_new(const void *bytes, size_t length)
{
    MaskKey *key = mem_alloc(sizeof(*key));

    key->mac = mask_mac_new_of_bytes(bytes, length);
    return key;
}

void
mask_key_free(MaskKey *key)
{
    if (key == NULL)
        return;
    mask_mac_free(key->mac);
    free(key);
}

void
mask_key_get_fingerprint(MaskKey *key, char fingerprint[MASK_FINGERPRINT_SIZE])
{
    static const char text[] = "pg-sample fingerprint";
    static const char digits[] = "0123456789abcdef";
    uint8_t mac[MASK_MAC_SIZE];

    mask_mac_compute(key->mac, text, strlen(text), mac);
    for (size_t i = 0; i < MASK_FINGERPRINT_SIZE - 1; i++)
        fingerprint[i] = digits[mac[i / 2] >> (i % 2 == 0 ? 4 : 0) & 0x0F];
    fingerprint[MASK_FINGERPRINT_SIZE - 1] = '\0';
}

/* ---- files */

static bool
report_key_file(Diag *diag, const char *path, const char *problem)
{
    diag_set_message(diag, "mask key file \"%s\" %s", path, problem);
    return false;
}

/* As of a password file: its owner alone may read it. */
static bool
check_key_file(int fd, const char *path, Diag *diag)
{
    struct stat status;

    if (fstat(fd, &status) != 0)
        return report_key_file(diag, path, "cannot be examined");
    if (!S_ISREG(status.st_mode))
        return report_key_file(diag, path, "is not a regular file");
    if (status.st_uid != geteuid() && status.st_uid != 0)
        return report_key_file(diag, path, "belongs to another user");
    if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    {
        diag_set_hint(diag, "Its permissions must be u=rw (0600) or less.");
        return report_key_file(diag, path, "has group or world access");
    }
    return true;
}

static int
count_different(const uint8_t *bytes, size_t length)
{
    bool is_there[256] = {false};
    int n = 0;

    for (size_t i = 0; i < length; i++)
    {
        n += !is_there[bytes[i]];
        is_there[bytes[i]] = true;
    }
    return n;
}

static bool
check_key_bytes(const uint8_t *bytes, size_t length, const char *path, Diag *diag)
{
    if (length <= LONGEST_KEY && length >= SHORTEST_KEY &&
        count_different(bytes, length) >= FEWEST_BYTES)
        return true;
    diag_set_hint(diag, "%s", key_hint);
    if (length > LONGEST_KEY)
        return report_key_file(diag, path, "is longer than 4096 bytes");
    if (length < SHORTEST_KEY)
        return report_key_file(diag, path, "is shorter than 32 bytes");
    return report_key_file(diag, path, "has fewer than 8 different bytes");
}

/* Reads until the end, or until size bytes are there; -1: errno. */
static ssize_t
read_bytes(int fd, uint8_t *bytes, size_t size)
{
    size_t length = 0;

    while (length < size)
    {
        ssize_t n = read(fd, bytes + length, size - length);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (n == 0)
            break;
        length += (size_t)n;
    }
    return (ssize_t)length;
}

static size_t
trim_newline(const uint8_t *bytes, size_t length)
{
    if (length > 0 && bytes[length - 1] == '\n')
        length--;
    if (length > 0 && bytes[length - 1] == '\r')
        length--;
    return length;
}

static MaskKey *
read_key(int fd, const char *path, Diag *diag)
{
    uint8_t bytes[LONGEST_KEY + 3]; /* with a newline, and more than allowed */
    ssize_t length = read_bytes(fd, bytes, sizeof(bytes));
    MaskKey *key = NULL;

    if (length < 0)
        diag_set_message(diag, "could not read mask key file \"%s\": %s", path,
                         strerror(errno));
    else
    {
        size_t trimmed = trim_newline(bytes, (size_t)length);

        if (check_key_bytes(bytes, trimmed, path, diag))
            key = mask_key_new(bytes, trimmed);
    }
    OPENSSL_cleanse(bytes, sizeof(bytes));
    return key;
}

/*
 * Links are followed, but not those of other users where everybody may write. All that
 * counts is checked by the descriptor; O_NONBLOCK, since a FIFO would wait for a writer.
 */
MaskKey *
mask_key_read(const char *path, Diag *diag)
{
    char *target = outfile_follow(path, diag);
    MaskKey *key = NULL;
    int fd;

    if (target == NULL)
        return NULL;
    fd = open(target, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
    {
        diag_set_message(diag, "could not open mask key file \"%s\": %s", path,
                         strerror(errno));
        diag_set_hint(diag, "%s", key_hint);
    }
    else if (check_key_file(fd, path, diag))
        key = read_key(fd, path, diag);
    if (fd >= 0)
        close(fd);
    free(target);
    return key;
}

/* ---- new keys */

static bool
get_random(uint8_t bytes[N_RANDOM], Diag *diag)
{
    if (RAND_priv_bytes(bytes, N_RANDOM) == 1)
        return true;
    diag_set_message(diag, "could not make a mask key: there are no random numbers");
    return false;
}

MaskKey *
mask_key_make_random(Diag *diag)
{
    uint8_t bytes[N_RANDOM];
    MaskKey *key = get_random(bytes, diag) ? mask_key_new(bytes, sizeof(bytes)) : NULL;

    OPENSSL_cleanse(bytes, sizeof(bytes));
    return key;
}

static bool
write_text(int fd, const char *text, size_t length)
{
    while (length > 0)
    {
        ssize_t n = write(fd, text, length);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        text += n;
        length -= (size_t)n;
    }
    return fsync(fd) == 0;
}

/* Writes the key and closes the file, which is removed if that fails. */
static bool
write_key(int fd, const char *path, const uint8_t bytes[N_RANDOM], Diag *diag)
{
    static const char digits[] = "0123456789abcdef";
    char text[2 * N_RANDOM + 1];
    bool is_written;

    for (size_t i = 0; i < (size_t)2 * N_RANDOM; i++)
        text[i] = digits[bytes[i / 2] >> (i % 2 == 0 ? 4 : 0) & 0x0F];
    text[2 * N_RANDOM] = '\n';
    is_written = write_text(fd, text, sizeof(text));
    OPENSSL_cleanse(text, sizeof(text));
    if (!is_written)
    {
        diag_set_message(diag, "could not write mask key file \"%s\": %s", path,
                         strerror(errno));
        if (outfile_is_at(fd, path))
            (void)unlink(path);
    }
    if (close(fd) != 0 && is_written)
    {
        diag_set_message(diag, "could not write mask key file \"%s\": %s", path,
                         strerror(errno));
        return false;
    }
    return is_written;
}

bool
mask_key_create(const char *path, Diag *diag)
{
    uint8_t bytes[N_RANDOM];
    bool is_created = false;
    int fd;

    if (get_random(bytes, diag) && (fd = outfile_create(path, diag)) >= 0)
        is_created = write_key(fd, path, bytes, diag);
    OPENSSL_cleanse(bytes, sizeof(bytes));
    return is_created;
}
