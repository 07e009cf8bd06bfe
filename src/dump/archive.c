#include "dump/archive.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/die.h"
#include "base/mem.h"
#include "base/tempfile.h"

enum
{
    PART_BYTES = 64 * 1024,
    NUMBER_CHARACTERS = 32 /* room for the number of a part and what is around it */
};

static void
create_archive_table(Db *db, const char *qschema)
{
    char *sql = mem_format("CREATE UNLOGGED TABLE %s.resume_archive (\n"
                           "    part pg_catalog.int4 PRIMARY KEY,\n"
                           "    data pg_catalog.bytea\n"
                           ")",
                           qschema);

    db_execute(db, sql);
    free(sql);
}

/* A line of COPY: "12<tab>\\x0a1b...". */
static void
store_part(Db *db, int part, const unsigned char *data, size_t size)
{
    static const char digits[] = "0123456789abcdef";
    char line[NUMBER_CHARACTERS + 2 * PART_BYTES];
    size_t length = (size_t)snprintf(line, NUMBER_CHARACTERS, "%d\t\\\\x", part);

    for (size_t i = 0; i < size; i++)
    {
        line[length++] = digits[data[i] >> 4];
        line[length++] = digits[data[i] & 15];
    }
    line[length++] = '\n';
    db_copy_in(db, line, length);
}

static void
store_parts(int fd, Db *db)
{
    unsigned char data[PART_BYTES];
    struct stat status;
    off_t offset = 0;
    int part = 0;

    if (fstat(fd, &status) != 0)
        die_errno(EXIT_OUTPUT, "could not read a temporary file");
    while (offset < status.st_size)
    {
        off_t rest = status.st_size - offset;
        size_t size = rest < PART_BYTES ? (size_t)rest : PART_BYTES;

        tempfile_read_at(fd, data, size, offset);
        store_part(db, part++, data, size);
        offset += (off_t)size;
    }
}

void
archive_store(int fd, Db *db, const char *qschema)
{
    char *sql = mem_format("COPY %s.resume_archive (part, data) FROM STDIN", qschema);

    db_set_context(db, "could not store the definitions");
    create_archive_table(db, qschema);
    db_copy_in_begin(db, sql);
    store_parts(fd, db);
    db_copy_in_end(db);
    db_set_context(db, NULL);
    free(sql);
}

static unsigned char
hex_value(char digit)
{
    return (unsigned char)(digit <= '9' ? digit - '0' : digit - 'a' + 10);
}

/* Decodes the part in place: "0a1b...". */
static void
write_archive_part(int fd, char *digits, size_t length)
{
    for (size_t i = 0; i < length / 2; i++)
        digits[i] = (char)(hex_value(digits[2 * i]) << 4 | hex_value(digits[2 * i + 1]));
    tempfile_write_all(fd, "temporary file", digits, length / 2);
}

int
archive_load(Db *db, const char *qschema)
{
    char *sql = mem_format("COPY (SELECT part, pg_catalog.encode(data, 'hex')\n"
                           "        FROM %s.resume_archive ORDER BY part) TO STDOUT",
                           qschema);
    int fd = tempfile_open();
    ssize_t length;
    char *line;
    int n = 0;

    db_set_context(db, "could not read the stored definitions");
    db_copy_begin(db, sql);
    while ((length = db_copy_row(db, &line)) >= 0)
    {
        char *digits;

        if (strtol(line, &digits, 10) != n++)
            die_message(EXIT_SERVER, "a part of the stored definitions is missing");
        digits++; /* the tab */
        write_archive_part(fd, digits, (size_t)(length - (digits - line)));
    }
    db_set_context(db, NULL);
    if (n == 0)
        die_hint(EXIT_SERVER,
                 "A crash of the server leaves unlogged tables empty; sample again.",
                 "staging schema %s does not have the definitions any more", qschema);
    free(sql);
    return fd;
}
