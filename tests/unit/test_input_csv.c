/* CSV, how fields make up lines, and compressed files. */
#include <zlib.h>
#include <zstd.h>

#include "base/mem.h"
#include "read_input.h"

static const InputSpec csv = {.path = "f", .format = INPUT_CSV};

static void
check_records(void)
{
    check_read(&csv, 0, "a,b\n1,x\n2,\n3,\"\"\n", "(a,b)\n1|x|1\n2|\\N|2\n3||3\n");
    check_read(&csv, 0, "a,b\r\n1,\"x\r\ny\"\r\n", "(a,b)\n1|x\\r\\ny|1\n");
    check_read(&csv, 0, "a\n\"x\ty\\\"\n\\.\n\\N\n",
               "(a)\nx\\ty\\\\|1\n\\\\.|2\n\\\\N|3\n");
    check_read(&csv, 0, "a,b\n \\., \"\"\n",
               "(a,b)\nwrong: f, line 2: a double quote in a "
               "field that does not begin with one\n");
    check_read(&csv, 0, "\xef\xbb\xbf\"a\nb\",c\n1,2", "(a\nb,c)\n1|2|1\n");
    check_read(&csv, 0, "a,b\n\n1,2\n\r\n3,4\n\n", "(a,b)\n1|2|1\n3|4|2\n");
    check_read(&csv, 0, "a\n\n\"\"\n", "(a)\n\\N|1\n|2\n");
    check_read(&csv, 0, "\r\na\r\n\r\n1\r\n\r\n", "(a)\n\\N|1\n1|2\n\\N|3\n");
    check_read(&csv, 0, "a\n\xff\xfe\x80\n", "(a)\n\xff\xfe\x80|1\n");
    check_read(&csv, 0, "a,b\n", "(a,b)\n");
    check_read(&csv, 0, "a,b", "(a,b)\n");
}

static void
check_errors(void)
{
    check_read(&csv, 0, "a,b\n1\n2,3\n4,\"x\ty\",\n",
               "(a,b)\nreject 1: it has 1 field, but there are 2 columns: 1\n2|3|2\n"
               "reject 3: it has 3 fields, but there are 2 columns: 4\tx\\ty\t\\N\n");
    check_read(&csv, 0, "", "wrong: f, line 1: there is no header\n");
    check_read(&csv, 0, "\n\n", "wrong: f, line 3: there is no header\n");
    check_read(&csv, 0, "a,b,a\n1,2,3\n", "(a,b,a)\n1|2|3|1\n");
    check_read(&csv, 0, "a,\n1,2\n", "(a,)\n1|2|1\n");
    check_read(&csv, 0, "a\n1\n\"2\n3\n",
               "(a)\n1|1\nwrong: f, line 3: the double quote that begins a field here is "
               "not closed\n");
    check_bytes_read(&csv, 0, "a\0\n1\n", 5, "wrong: f, line 1: a NUL byte\n");
    check_bytes_read(&csv, 0,
                     "\xff\xfe"
                     "a\0\n\0",
                     6, "wrong: f, line 1: a NUL byte\n");
}

static void
check_options(void)
{
    InputSpec spec = {.path = "f", .format = INPUT_CSV, .null_text = "NULL"};

    check_read(&spec, 0, "a,b\nNULL,\n\"NULL\",\"\"\n", "(a,b)\n\\N||1\nNULL||2\n");
    spec =
        (InputSpec){.path = "f", .format = INPUT_CSV, .delimiter = '\t', .quote = '\''};
    check_read(&spec, 0, "a\tb\n'x\ty'\t\"z\"\n", "(a,b)\nx\\ty|\"z\"|1\n");
    spec = (InputSpec){.path = "f", .format = INPUT_CSV, .has_no_header = true};
    check_read(&spec, 2, "a,b\n1,2\n3\n4,5\n",
               "()\na|b|1\n1|2|2\nreject 3: it has 1 field, but there are 2 columns: 3\n"
               "4|5|4\n");
    check_read(&spec, 2, "", "()\n");
    spec = (InputSpec){.path = "f", .format = INPUT_CSV, .delimiter = '"'};
    check_read(&spec, 0, "a", "unreadable: delimiter and quote of CSV are both \"\"\"\n");
    spec = (InputSpec){.path = "f", .format = INPUT_CSV, .null_text = "a,b"};
    check_read(&spec, 0, "a",
               "unreadable: the text for NULL has a delimiter, quote or line "
               "end\n");
}

static int
find_length(const char *text, int encoding)
{
    (void)encoding;
    return (*text & 0x80) != 0 ? 2 : 1;
}

/* The second byte of a character may look like a backslash. */
static void
check_encoding(void)
{
    InputSpec spec = {.path = "f",
                      .format = INPUT_CSV,
                      .encoding = {.char_length = find_length}};

    check_read(&spec, 0, "a\n\x83\x5c\\\n", "(a)\n\x83\x5c\\\\|1\n");
    spec.format = INPUT_COPY;
    check_read(&spec, 2, "\x83\x5c\tx\\\\\n", "()\n\x83\x5c|x\\\\|1\n");
}

static void
check_projection(void)
{
    const int fields[] = {2, -1, 0, 2};
    const char *constants[] = {NULL, "c\\tx", NULL, NULL};
    InputSpec spec = {.path = "f"};
    InputTable table;
    Lines lines;
    Diag diag = {0};
    Input *input;

    write_file("f", "a,b,c\n1,2,\n4,5,6\n", 17);
    lines_init(&lines);
    for (int i = 0; i < 2; i++)
    {
        spec.format = i == 0 ? INPUT_CSV : INPUT_COPY;
        if (i == 1)
            write_file("f", "1\t2\t\\N\n4\t5\t6\n", 13);
        input = input_open(&spec, &diag);
        is_int(input_get_format(input), spec.format, "the format is as asked for");
        is_int(input_next_table(input, &table, &diag), INPUT_TABLE, "there is a table");
        input_project(input, 3, fields, constants, 4, 100);
        is_int(input_read(input, &lines, 10, 1000, &diag), INPUT_ROWS, "it has rows");
        is_str(lines.text.data, "\\N\tc\\tx\t1\t\\N\t101\n6\tc\\tx\t4\t6\t102\n",
               "fields in another order, twice, and a constant");
        is_int((intmax_t)lines.ends[0], 17, "the first line ends there");
        is_int((intmax_t)lines.ends[1], (intmax_t)lines.text.len, "and the second");
        is_int((intmax_t)lines.records[1], 102, "the number of the second one");
        is_int(input_read(input, &lines, 10, 1000, &diag), INPUT_END, "then it ends");
        is_int(input_next_table(input, &table, &diag), INPUT_END, "no other table");
        is_int((intmax_t)input_count_bytes(input), i == 0 ? 17 : 13, "bytes are counted");
        lines_reset(&lines);
        input_close(input);
    }
    lines_free(&lines);
}

/* ---- compressed files */

static size_t
compress_text(const char *text, size_t length, char *to, size_t room)
{
    z_stream zlib = {0};
    char *from = mem_copy_string(text);

    if (deflateInit2(&zlib, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        abort();
    zlib.next_in = (unsigned char *)from;
    zlib.avail_in = (uInt)length;
    zlib.next_out = (unsigned char *)to;
    zlib.avail_out = (uInt)room;
    if (deflate(&zlib, Z_FINISH) != Z_STREAM_END)
        abort();
    (void)deflateEnd(&zlib);
    free(from);
    return room - zlib.avail_out;
}

static void
check_gzip(void)
{
    char data[2000];
    size_t one = compress_text("a,b\n1,", 6, data, sizeof(data));
    size_t two = one + compress_text("2\n3,4\n", 6, data + one, sizeof(data) - one);

    check_bytes_read(&csv, 0, data, two, "(a,b)\n1|2|1\n3|4|2\n");
    check_bytes_read(&csv, 0, data, two - 1,
                     "unreadable: could not read f: its compressed data is cut off\n");
    check_bytes_read(&csv, 0, data, one + 5,
                     "unreadable: could not read f: its compressed data is cut off\n");
    memcpy(data + two, "x", 1);
    check_bytes_read(&csv, 0, data, two + 1,
                     "unreadable: could not read f: its compressed data is cut off\n");
    memcpy(data + two, "no gzip", 7);
    check_bytes_read(&csv, 0, data, two + 7,
                     "unreadable: could not read f: its compressed data is damaged\n");
    data[one - 6] ^= 1;
    check_bytes_read(&csv, 0, data, one,
                     "unreadable: could not read f: its compressed data is damaged\n");
    check_bytes_read(&csv, 0, "BZh91AY&", 8,
                     "unreadable: could not read f: compression by bzip2 is not "
                     "supported\n");
}

static size_t
compress_zstd(const char *text, size_t length, char *to, size_t room)
{
    size_t n = ZSTD_compress(to, room, text, length, 3);

    if (ZSTD_isError(n))
        abort();
    return n;
}

/* Frames; one that is skipped comes first where several processors were at work. */
static void
check_zstd(void)
{
    static const char skipped[] = "\x50\x2a\x4d\x18\x04\0\0\0abcd";
    char data[2000];
    size_t one = compress_zstd("a,b\n1,", 6, data, sizeof(data));
    size_t two = one + compress_zstd("2\n3,4\n", 6, data + one, sizeof(data) - one);
    char many[4000];
    size_t n_many = sizeof(skipped) - 1;

    check_bytes_read(&csv, 0, data, two, "(a,b)\n1|2|1\n3|4|2\n");
    for (size_t n = 4; n < two; n++)
        if (n != one)
            check_bytes_read(&csv, 0, data, n,
                             "unreadable: could not read f: its compressed data is cut "
                             "off\n");
    memcpy(many, skipped, n_many);
    memcpy(many + n_many, data, two);
    check_bytes_read(&csv, 0, many, n_many + two, "(a,b)\n1|2|1\n3|4|2\n");
    check_bytes_read(&csv, 0, many, n_many - 1,
                     "unreadable: could not read f: its compressed data is cut off\n");
    memcpy(data + two, "no zstd", 7);
    check_bytes_read(&csv, 0, data, two + 7,
                     "unreadable: could not read f: its compressed data is damaged\n");
    check_bytes_read(&csv, 0, "\x28\xb5\x2f\xfd\x20\x05\xff\xff--------", 16,
                     "unreadable: could not read f: its compressed data is damaged\n");
    /* a window of 4 TB */
    check_bytes_read(&csv, 0, "\x28\xb5\x2f\xfd\x04\xff----------", 16,
                     "unreadable: could not read f: its compressed data needs more than "
                     "128 MB of memory\n");
}

/* Output that is left when all input was read, in a frame without a check sum. */
static void
check_zstd_tail(void)
{
    size_t size = 4000000;
    char *text = mem_alloc_zero(size + 1, 1);
    char *data = mem_alloc_zero(size, 1);
    size_t used = (size_t)snprintf(text, size, "a,b\n");
    PQExpBufferData expected;

    initPQExpBuffer(&expected);
    appendPQExpBufferStr(&expected, "(a,b)\n");
    for (unsigned i = 1; used < size - 1000; i++)
    {
        used += (size_t)snprintf(text + used, size - used, "%u,%0900d\n", i, 7);
        appendPQExpBuffer(&expected, "%u|%0900d|%u\n", i, 7, i);
    }
    check_bytes_read(&csv, 0, data, compress_zstd(text, used, data, size), expected.data);
    termPQExpBuffer(&expected);
    free(text);
    free(data);
}

/* ---- a file that is being written */

static InputStatus
read_changed(void (*change)(const char *path), Diag *diag)
{
    InputSpec spec = {.path = "f"};
    const int fields[] = {0};
    InputTable table;
    InputStatus status;
    Lines lines;
    Input *input;
    size_t size = 3000000; /* more than opening it reads */
    char *text = mem_alloc(size);

    memset(text, '\n', size);
    text[0] = 'a';
    write_file("f", text, size);
    lines_init(&lines);
    input = input_open(&spec, diag);
    if (input == NULL)
        abort();
    change("f");
    if ((status = input_next_table(input, &table, diag)) == INPUT_TABLE)
    {
        input_project(input, 1, fields, NULL, 1, 0);
        while ((status = input_read(input, &lines, 100, 1 << 20, diag)) == INPUT_ROWS)
            lines_reset(&lines);
    }
    input_close(input);
    lines_free(&lines);
    free(text);
    return status;
}

static void
append_row(const char *path)
{
    FILE *file = fopen(path, "a");

    (void)(file == NULL || fputs("2\n", file) < 0 || fclose(file) != 0);
}

static void
rename_over(const char *path)
{
    write_file("g", "a\n1\n2\n", 6);
    (void)rename("g", path);
}

static void
check_changes(void)
{
    Diag diag = {0};

    is_int(read_changed(append_row, &diag), INPUT_ERROR, "a file that grows is an error");
    is_str(diag.message, "could not read f: it was changed while it was being read",
           "its message");
    diag_free(&diag);
    is_int(read_changed(rename_over, &diag), INPUT_END, "one that is replaced is not");
    diag_free(&diag);
}

/* ---- what identifies a file */

static void
check_hash_of(const char *data, size_t length, size_t n_read, const char *expected)
{
    Diag diag = {0};
    char buffer[1000];
    char text[65];
    size_t n;
    BytesHash hash;
    Bytes *bytes;

    write_file("f", data, length);
    bytes = bytes_open("f", &(BytesObject){0}, true, &diag);
    ok(bytes_read(bytes, buffer, n_read, &n, &diag), "it is read");
    ok(bytes_finish_hash(bytes, &hash, &diag), "there is a hash");
    for (int i = 0; i < 32; i++)
        (void)snprintf(text + 2 * i, 3, "%02x", hash.sha256[i]);
    is_str(text, expected, "sha256");
    is_int((intmax_t)hash.size, (intmax_t)length, "size");
    bytes_close(bytes);
}

/* As sha256sum says; of the file, not of what is in it. */
static void
check_hash(void)
{
    static const char abc[] =
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    static const char empty[] =
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    static const char a_million[] =
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";
    static const unsigned char gzipped[] = {0x1f, 0x8b, 8,    0,    0, 0, 0,
                                            0,    0,    3,    0x4b, 4, 0, 0x43,
                                            0xbe, 0xb7, 0xe8, 1,    0, 0, 0};
    char *data = mem_alloc(1000000);

    memset(data, 'a', 1000000);
    check_hash_of("abc", 3, 1000, abc);
    check_hash_of("abc", 3, 0, abc);
    check_hash_of("", 0, 1000, empty);
    check_hash_of(data, 1000000, 10, a_million);
    check_hash_of((const char *)gzipped, sizeof(gzipped), 1000,
                  "9ece04efd6adc1778cc4024be41f13e96c38d05bd31e980076cb40b777498e33");
    free(data);
}

/* What is beyond the first bytes is read while rows come. */
static void
check_late_damage(void)
{
    InputSpec spec = {.path = "f"};
    size_t size = 3000000;
    char *text = mem_alloc_zero(size + 1, 1);
    char *data = mem_alloc_zero(size, 1);
    InputTable table;
    Lines lines;
    InputStatus status;
    Diag diag = {0};
    Input *input;
    size_t used = 0;
    size_t length;
    size_t n_lines = 0;
    const int fields[] = {0};

    used += (size_t)snprintf(text, size, "a\n");
    for (unsigned i = 1; used < size - 20; i++)
        used += (size_t)snprintf(text + used, size - used, "%u\n", i * 2654435761U);
    length = compress_text(text, used, data, size);
    write_file("f", data, length - 100000);
    lines_init(&lines);
    input = input_open(&spec, &diag);
    is_int(input_next_table(input, &table, &diag), INPUT_TABLE, "there is a table");
    input_project(input, 1, fields, NULL, 1, 0);
    while ((status = input_read(input, &lines, 100, 1 << 20, &diag)) == INPUT_ROWS)
    {
        n_lines += lines.n_lines;
        lines_reset(&lines);
    }
    is_int(status, INPUT_ERROR, "it ends with an error");
    ok(n_lines > 1000, "after many lines");
    ok(input_is_unreadable(input), "it is unreadable");
    is_str(diag.message, "could not read f: its compressed data is cut off", "message");
    input_close(input);
    lines_free(&lines);
    diag_free(&diag);
    free(text);
    free(data);
}

int
main(void)
{
    char folder[] = "/tmp/test_input_XXXXXX";

    enter_folder(folder);
    check_records();
    check_errors();
    check_options();
    check_encoding();
    check_projection();
    check_gzip();
    check_late_damage();
    check_zstd();
    check_zstd_tail();
    check_changes();
    check_hash();
    (void)unlink("f");
    (void)rmdir(folder);
    return done_testing();
}
