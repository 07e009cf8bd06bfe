#include "store/store_answer.h"

#include <string.h>
#include <strings.h>

#include <curl/curl.h>

enum
{
    MAX_LINE = 1024 /* of the headers that are read here */
};

void
store_answer_init(StoreAnswer *answer)
{
    *answer = (StoreAnswer){.length = STORE_UNKNOWN,
                            .range_start = STORE_UNKNOWN,
                            .range_total = STORE_UNKNOWN};
}

/* ---- values */

const char *
store_answer_read_size(const char *text, uint64_t *size)
{
    uint64_t value = 0;
    const char *c = text;

    for (; *c >= '0' && *c <= '9'; c++)
    {
        uint64_t digit = (uint64_t)(*c - '0');

        if (value > (STORE_UNKNOWN - 1 - digit) / 10)
            return NULL;
        value = value * 10 + digit;
    }
    if (c == text)
        return NULL;
    *size = value;
    return c;
}

static void
take_length(StoreAnswer *answer, const char *value)
{
    uint64_t length;
    const char *rest = store_answer_read_size(value, &length);

    if (rest != NULL && *rest == '\0')
        answer->length = length;
}

/* "bytes 5-9/10" or "bytes 5-9/" and an asterisk */
static void
take_range(StoreAnswer *answer, const char *value)
{
    uint64_t start;
    uint64_t end;
    const char *rest;

    if (strncmp(value, "bytes ", 6) != 0)
        return;
    rest = store_answer_read_size(value + 6, &start);
    if (rest == NULL || *rest != '-')
        return;
    rest = store_answer_read_size(rest + 1, &end);
    if (rest == NULL || *rest != '/')
        return;
    answer->range_start = start;
    (void)store_answer_read_size(rest + 1, &answer->range_total);
}

/* Too long or with other characters than ETags have, it is none. */
static void
take_etag(StoreAnswer *answer, const char *value)
{
    size_t length = strlen(value);

    answer->etag[0] = '\0';
    if (length >= sizeof(answer->etag))
        return;
    for (const char *c = value; *c != '\0'; c++)
    {
        if ((unsigned char)*c <= ' ' || (unsigned char)*c > '~')
            return;
    }
    memcpy(answer->etag, value, length + 1);
}

static void
take_region(StoreAnswer *answer, const char *value)
{
    size_t length = strlen(value);

    if (length < sizeof(answer->region))
        memcpy(answer->region, value, length + 1);
}

static void
take_date(StoreAnswer *answer, const char *value)
{
    time_t time = curl_getdate(value, NULL);

    answer->time = time > 0 ? time : 0;
}

static void
take_retry_after(StoreAnswer *answer, const char *value)
{
    uint64_t seconds;
    const char *rest = store_answer_read_size(value, &seconds);

    if (rest != NULL && *rest == '\0')
        answer->retry_after = (double)seconds;
}

static void
take_encoding(StoreAnswer *answer, const char *value)
{
    answer->is_chunked = strcasecmp(value, "chunked") == 0;
}

/* What gzip or zstd compressed says so itself. "aws-chunked" is left from an upload. */
static void
take_content_encoding(StoreAnswer *answer, const char *value)
{
    static const char *const known[] = {"",       "identity", "gzip",
                                        "x-gzip", "zstd",     "aws-chunked"};

    answer->is_encoded = true;
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
    {
        if (strcasecmp(value, known[i]) == 0)
            answer->is_encoded = false;
    }
}

/* AES256 is with keys of the store: there the ETag is the MD5 sum. */
static void
take_encryption(StoreAnswer *answer, const char *value)
{
    if (strcmp(value, "AES256") != 0)
        answer->is_encrypted = true;
}

static void
take_customer_key(StoreAnswer *answer, const char *value)
{
    (void)value;
    answer->is_encrypted = true;
}

/* ---- lines */

static const struct
{
    const char *name;
    void (*take)(StoreAnswer *answer, const char *value);
} answer_headers[] = {
    {"content-encoding", take_content_encoding},
    {"content-length", take_length},
    {"content-range", take_range},
    {"date", take_date},
    {"etag", take_etag},
    {"retry-after", take_retry_after},
    {"transfer-encoding", take_encoding},
    {"x-amz-bucket-region", take_region},
    {"x-amz-server-side-encryption", take_encryption},
    {"x-amz-server-side-encryption-customer-algorithm", take_customer_key},
};

/* "HTTP/1.1 200 OK" */
static void
take_status(StoreAnswer *answer, const char *line)
{
    const char *digits = strchr(line, ' ');
    uint64_t status = 0;

    store_answer_init(answer);
    if (digits != NULL && store_answer_read_size(digits + 1, &status) != NULL &&
        status < 1000)
        answer->status = (int)status;
}

static void
take_header_field(StoreAnswer *answer, const char *line)
{
    const char *colon = strchr(line, ':');

    if (colon == NULL)
        return;
    for (size_t i = 0; i < sizeof(answer_headers) / sizeof(answer_headers[0]); i++)
    {
        const char *name = answer_headers[i].name;

        if (strlen(name) == (size_t)(colon - line) &&
            strncasecmp(line, name, strlen(name)) == 0)
            answer_headers[i].take(answer, colon + 1 + strspn(colon + 1, " \t"));
    }
}

void
store_answer_take(StoreAnswer *answer, const char *line, size_t length)
{
    char text[MAX_LINE];

    while (length > 0 && strchr("\r\n \t", line[length - 1]) != NULL)
        length--;
    if (length >= sizeof(text))
        return;
    memcpy(text, line, length);
    text[length] = '\0';
    if (strncmp(text, "HTTP/", 5) == 0)
        take_status(answer, text);
    else
        take_header_field(answer, text);
}

/* ---- ETags */

bool
store_answer_is_strong(const char *etag)
{
    return etag[0] == '"' && etag[1] != '\0' && etag[strlen(etag) - 1] == '"';
}

static int
read_digit(char digit)
{
    const char *digits = "0123456789abcdef0123456789ABCDEF";
    const char *found = digit != '\0' ? strchr(digits, digit) : NULL;

    return found != NULL ? (int)((found - digits) % 16) : -1;
}

bool
store_answer_read_md5(const char *etag, unsigned char md5[16])
{
    if (strlen(etag) != 34 || !store_answer_is_strong(etag))
        return false;
    for (int i = 0; i < 16; i++)
    {
        int high = read_digit(etag[1 + 2 * i]);
        int low = read_digit(etag[2 + 2 * i]);

        if (high < 0 || low < 0)
            return false;
        md5[i] = (unsigned char)(high << 4 | low);
    }
    return true;
}
