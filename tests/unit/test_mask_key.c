/* Keys of masks and their macs: RFC 4231's test cases, and files of keys. */
#include "mask/mask_key.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tap.h"

typedef struct MacCase
{
    int number;
    uint8_t key_byte; /* repeated; 0: the key is key_text */
    const char *key_text;
    size_t key_length;
    const char *data; /* NULL: data_byte, repeated */
    uint8_t data_byte;
    size_t data_length;
    const char *mac; /* what the RFC has of it */
} MacCase;

static const MacCase mac_cases[] = {
    {1, 0x0b, NULL, 20, "Hi There", 0, 8,
     "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
    {2, 0, "Jefe", 4, "what do ya want for nothing?", 0, 28,
     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
    {3, 0xaa, NULL, 20, NULL, 0xdd, 50,
     "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
    {4, 0,
     "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14"
     "\x15\x16\x17\x18\x19",
     25, NULL, 0xcd, 50,
     "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
    {5, 0x0c, NULL, 20, "Test With Truncation", 0, 20,
     "a3b6167473100ee06e0c796c2955552b"},
    {6, 0xaa, NULL, 131, "Test Using Larger Than Block-Size Key - Hash Key First", 0, 54,
     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
    {7, 0xaa, NULL, 131,
     "This is a test using a larger than block-size key and a larger than block-size "
     "data. The key needs to be hashed before being used by the HMAC algorithm.",
     0, 152, "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
};

static void
write_hex(char *text, const uint8_t *bytes, size_t n_digits)
{
    for (size_t i = 0; i < n_digits; i++)
        text[i] = "0123456789abcdef"[bytes[i / 2] >> (i % 2 == 0 ? 4 : 0) & 0x0F];
    text[n_digits] = '\0';
}

static void
check_mac(const MacCase *a)
{
    uint8_t key_bytes[256];
    uint8_t data[256];
    uint8_t digest[MASK_MAC_SIZE];
    char hex[2 * MASK_MAC_SIZE + 1];
    MaskKey *key;
    MaskMac *mac;

    memset(key_bytes, a->key_byte, sizeof(key_bytes));
    memset(data, a->data_byte, sizeof(data));
    if (a->key_text != NULL)
        memcpy(key_bytes, a->key_text, a->key_length);
    if (a->data != NULL)
        memcpy(data, a->data, a->data_length);
    key = mask_key_new(key_bytes, a->key_length);
    mac = mask_mac_new(key, NULL, NULL);
    for (int i = 0; i < 2; i++)
    {
        mask_mac_compute(mac, data, a->data_length, digest);
        write_hex(hex, digest, strlen(a->mac));
        is_str(hex, a->mac, "RFC 4231, case %d, time %d", a->number, i + 1);
    }
    mask_mac_free(mac);
    mask_key_free(key);
}

/* Kind and domain are hashed before the value, each with a zero behind it. */
static void
check_domains(void)
{
    static const char bytes[] = "0123456789abcdef0123456789abcdef";
    static const char whole[] = "email\0in x\0a@b";
    MaskKey *key = mask_key_new(bytes, strlen(bytes));
    MaskMac *plain = mask_mac_new(key, NULL, NULL);
    MaskMac *mac = mask_mac_new(key, "email", "in x");
    uint8_t a[MASK_MAC_SIZE];
    uint8_t b[MASK_MAC_SIZE];

    mask_mac_compute(plain, whole, sizeof(whole) - 1, a);
    mask_mac_compute(mac, "a@b", 3, b);
    ok(memcmp(a, b, sizeof(a)) == 0, "kind \\0 domain \\0 value");
    mask_mac_derive(key, "cipher", "email", "in x", a);
    ok(memcmp(a, b, sizeof(a)) != 0, "a derived key is another");
    mask_mac_derive(key, "permutation", "email", "in x", b);
    ok(memcmp(a, b, sizeof(a)) != 0, "for another purpose, too");
    mask_mac_free(mac);
    mask_mac_free(plain);
    mask_key_free(key);
}

/* ---- files */

static void
write_key(const char *name, const char *text, size_t length, mode_t mode)
{
    FILE *file = fopen(name, "w");

    if (file == NULL || fwrite(text, 1, length, file) != length || fclose(file) != 0 ||
        chmod(name, mode) != 0)
        abort();
}

static void
check_refused(const char *name, const char *message)
{
    Diag diag = {0};

    ok(mask_key_read(name, &diag) == NULL, "%s is refused", name);
    is_str(diag.message, message, "with a message");
    diag_free(&diag);
}

static void
check_same_fingerprint(const char *name, const char *expected)
{
    char fingerprint[MASK_FINGERPRINT_SIZE];
    Diag diag = {0};
    MaskKey *key = mask_key_read(name, &diag);

    is_str(diag.message, NULL, "%s is read", name);
    if (!ok(key != NULL, "and is a key"))
        return;
    mask_key_get_fingerprint(key, fingerprint);
    is_int(strlen(fingerprint), MASK_FINGERPRINT_SIZE - 1, "its fingerprint");
    if (expected != NULL)
        is_str(fingerprint, expected, "is that of the same bytes");
    mask_key_free(key);
}

static void
check_read(void)
{
    static const char text[] = "0123456789abcdef0123456789abcdef\n";
    static const char same[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    static char much[5000];
    char fingerprint[MASK_FINGERPRINT_SIZE];
    MaskKey *key = mask_key_new(text, 32);

    mask_key_get_fingerprint(key, fingerprint);
    mask_key_free(key);
    write_key("good", text, 33, 0600);
    write_key("bare", text, 32, 0400);
    write_key("short", text, 31, 0600);
    write_key("group", text, 33, 0640);
    write_key("world", text, 33, 0604);
    write_key("same", same, sizeof(same) - 1, 0600);
    for (size_t i = 0; i < sizeof(much); i++)
        much[i] = (char)('a' + i % 26);
    write_key("long", much, sizeof(much), 0600);
    check_same_fingerprint("good", fingerprint);
    check_same_fingerprint("bare", fingerprint);
    check_refused("short", "mask key file \"short\" is shorter than 32 bytes");
    check_refused("group", "mask key file \"group\" has group or world access");
    check_refused("world", "mask key file \"world\" has group or world access");
    check_refused("same", "mask key file \"same\" has fewer than 8 different bytes");
    check_refused("long", "mask key file \"long\" is longer than 4096 bytes");
    check_refused("none",
                  "could not open mask key file \"none\": No such file or directory");
    if (mkdir("folder", 0700) != 0 || mkfifo("fifo", 0600) != 0 ||
        symlink("good", "link") != 0)
        abort();
    check_refused("folder", "mask key file \"folder\" is not a regular file");
    check_refused("fifo", "mask key file \"fifo\" is not a regular file");
    check_same_fingerprint("link", fingerprint);
    if (geteuid() == 0 && chown("bare", 1, (gid_t)-1) == 0)
        check_refused("bare", "mask key file \"bare\" belongs to another user");
}

static void
check_create(void)
{
    struct stat status;
    Diag diag = {0};

    ok(mask_key_create("new", &diag), "a key is made");
    ok(stat("new", &status) == 0 && (status.st_mode & 07777) == 0600, "of mode 0600");
    is_int(status.st_size, 65, "64 digits and a newline");
    check_same_fingerprint("new", NULL);
    ok(!mask_key_create("new", &diag), "it is not overwritten");
    is_str(diag.message, "could not open \"new\": File exists", "with a message");
    diag_free(&diag);
    if (symlink("elsewhere", "dangling") != 0)
        abort();
    ok(!mask_key_create("dangling", &diag), "no link is followed");
    ok(access("elsewhere", F_OK) != 0, "and nothing made where it leads");
    diag_free(&diag);
}

static void
check_random(void)
{
    char first[MASK_FINGERPRINT_SIZE];
    char second[MASK_FINGERPRINT_SIZE];
    Diag diag = {0};
    MaskKey *key = mask_key_make_random(&diag);

    mask_key_get_fingerprint(key, first);
    mask_key_free(key);
    key = mask_key_make_random(&diag);
    mask_key_get_fingerprint(key, second);
    mask_key_free(key);
    ok(strcmp(first, second) != 0, "random keys differ");
}

int
main(void)
{
    char folder[] = "/tmp/test_mask_key.XXXXXX";

    if (mkdtemp(folder) == NULL || chdir(folder) != 0)
        abort();
    for (size_t i = 0; i < sizeof(mac_cases) / sizeof(mac_cases[0]); i++)
        check_mac(&mac_cases[i]);
    check_domains();
    check_read();
    check_create();
    check_random();
    return done_testing();
}
