#include "mask/content_match.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>

#include "mask/mask_ascii.h"

enum
{
    LONGEST_LOCAL = 128, /* bytes of an address before its @ */
    LONGEST_DOMAIN = 253,
    SHORTEST_IBAN = 15,
    LONGEST_IBAN = 34,
    SHORTEST_CARD = 13,
    LONGEST_CARD = 19,
    SHORTEST_PHONE = 7, /* digits */
    LONGEST_PHONE = 15,
    LOCAL_PHONE = 9, /* digits of one that begins with 0 and has nothing between */
    LONGEST_LOCAL_PHONE = 12,
    US_PHONE = 11,       /* digits of one that begins with 1 */
    UNMARKED_PHONE = 10, /* digits of one that has nothing but blanks between */
    LONGEST_JWT = 8192,
    LONGEST_JWT_HEADER = 512,
    UUID_LENGTH = 36,
    MACADDR_LENGTH = 17,
    SSN_LENGTH = 11,
    ISBN_LENGTH = 13, /* digits */
    DATE_LENGTH = 10
};

/* The byte at i, or 0 behind the end. */
static char
at(const char *text, size_t length, size_t i)
{
    return i < length ? text[i] : '\0';
}

/* Does a word end before i? */
static bool
ends_word(const char *text, size_t length, size_t i)
{
    return i >= length || (!mask_ascii_is_alnum(text[i]) && text[i] != '_');
}

/* Compares with a pattern in which d is a digit, x a hexadecimal one. */
static bool
has_shape(const char *text, size_t length, const char *shape)
{
    size_t n = strlen(shape);

    if (length < n)
        return false;
    for (size_t i = 0; i < n; i++)
    {
        if (shape[i] == 'd'   ? !mask_ascii_is_digit(text[i])
            : shape[i] == 'x' ? !mask_ascii_is_hex(text[i])
                              : text[i] != shape[i])
            return false;
    }
    return true;
}

/* ---- e-mail addresses */

static bool
is_local(char c, bool allows_high)
{
    return mask_ascii_is_alnum(c) || (c != '\0' && strchr("._%+'-&=~", c) != NULL) ||
           (allows_high && (unsigned char)c >= 0x80);
}

/* The domain at the start of the text: labels with points between, at least two. */
static size_t
match_domain(const char *text, size_t length)
{
    size_t end = 0;
    size_t label = 0;
    size_t i = 0;
    size_t n_labels = 0;

    while (i < length && i < LONGEST_DOMAIN)
    {
        while (mask_ascii_is_alnum(at(text, length, i)) || at(text, length, i) == '-')
            i++;
        if (i == label)
            break;
        end = i;
        n_labels++;
        if (at(text, length, i) != '.')
            break;
        label = ++i;
    }
    return n_labels >= 2 && mask_ascii_is_letter(text[end - 1]) ? end : 0;
}

static size_t
match_email(const char *text, size_t length, bool allows_high)
{
    size_t i = 0;
    size_t domain;

    while (i < length && i < LONGEST_LOCAL && is_local(text[i], allows_high))
        i++;
    if (i == 0 || at(text, length, i) != '@' || text[0] == '.')
        return 0;
    domain = match_domain(text + i + 1, length - i - 1);
    return domain > 0 ? i + 1 + domain : 0;
}

/* ---- numbers with check digits */

/* Takes one more character of an IBAN into its remainder by 97. */
static unsigned
add_to_remainder(unsigned remainder, char c)
{
    if (mask_ascii_is_digit(c))
        return (remainder * 10 + (unsigned)(c - '0')) % 97;
    return (remainder * 100 + (unsigned)(mask_ascii_to_upper(c) - 'A') + 10) % 97;
}

/* Country and check digits count as if they were behind the rest. */
static bool
is_valid_iban(const char *compact, size_t n)
{
    unsigned remainder = 0;

    for (size_t i = 0; i < n; i++)
        remainder = add_to_remainder(remainder, compact[(i + 4) % n]);
    return remainder == 1;
}

/* Blanks may be between groups of four; the longest that is valid is taken. */
static size_t
match_iban(const char *text, size_t length)
{
    char compact[LONGEST_IBAN];
    size_t n = 0;
    size_t matched = 0;
    size_t i = 0;

    if (length < SHORTEST_IBAN || !mask_ascii_is_letter(text[0]) ||
        !mask_ascii_is_letter(text[1]) || !mask_ascii_is_digit(text[2]) ||
        !mask_ascii_is_digit(text[3]))
        return 0;
    while (i < length && n < LONGEST_IBAN)
    {
        if (text[i] == ' ' && n % 4 == 0)
            i++;
        if (!mask_ascii_is_alnum(at(text, length, i)))
            break;
        compact[n++] = text[i++];
        if (n >= SHORTEST_IBAN && ends_word(text, length, i) && is_valid_iban(compact, n))
            matched = i;
    }
    return matched;
}

static bool
is_valid_card(const char *digits, size_t n)
{
    unsigned sum = 0;

    for (size_t i = 0; i < n; i++)
    {
        unsigned digit = (unsigned)(digits[n - 1 - i] - '0');

        if (i % 2 == 1)
            digit = digit > 4 ? 2 * digit - 9 : 2 * digit;
        sum += digit;
    }
    return sum % 10 == 0;
}

static size_t
match_card(const char *text, size_t length)
{
    char digits[LONGEST_CARD];
    size_t n = 0;
    size_t i = 0;

    if (text[0] < '2' || text[0] > '6')
        return 0;
    while (i < length && n < LONGEST_CARD)
    {
        if (n > 0 && (text[i] == ' ' || text[i] == '-') &&
            mask_ascii_is_digit(at(text, length, i + 1)))
            i++;
        if (!mask_ascii_is_digit(text[i]))
            break;
        digits[n++] = text[i++];
    }
    return n >= SHORTEST_CARD && ends_word(text, length, i) && is_valid_card(digits, n)
               ? i
               : 0;
}

/* ---- addresses of machines */

static size_t
match_ip(const char *text, size_t length)
{
    char copy[INET6_ADDRSTRLEN];
    unsigned char address[sizeof(struct in6_addr)];
    size_t n = 0;
    size_t n_colons = 0;

    while (n < length && n + 1 < sizeof(copy) &&
           (mask_ascii_is_hex(text[n]) || text[n] == ':' || text[n] == '.'))
        n_colons += text[n++] == ':';
    while (n > 0 && text[n - 1] == '.')
        n--;
    if (n < 7 - 3 * (n_colons > 1) || !ends_word(text, length, n))
        return 0;
    memcpy(copy, text, n);
    copy[n] = '\0';
    return inet_pton(n_colons > 1 ? AF_INET6 : AF_INET, copy, address) == 1 ? n : 0;
}

static size_t
match_macaddr(const char *text, size_t length)
{
    bool is_one = has_shape(text, length, "xx:xx:xx:xx:xx:xx") ||
                  has_shape(text, length, "xx-xx-xx-xx-xx-xx");

    return is_one && ends_word(text, length, MACADDR_LENGTH) ? MACADDR_LENGTH : 0;
}

static size_t
match_uuid(const char *text, size_t length)
{
    return has_shape(text, length, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx") &&
                   ends_word(text, length, UUID_LENGTH)
               ? UUID_LENGTH
               : 0;
}

/* Three parts in base64url; the first is an object, so that it begins with {" there. */
static size_t
match_jwt(const char *text, size_t length)
{
    size_t n_points = 0;
    size_t i = 3;

    if (length < 20 || memcmp(text, "eyJ", 3) != 0)
        return 0;
    while (i < length && i < LONGEST_JWT && (n_points > 0 || i < LONGEST_JWT_HEADER) &&
           (mask_ascii_is_alnum(text[i]) || text[i] == '-' || text[i] == '_' ||
            (text[i] == '.' && n_points < 2)))
        n_points += text[i++] == '.';
    return n_points == 2 ? i : 0;
}

/* ---- dates, numbers of persons, phones, other numbers */

/* A time behind a date, as ISO 8601 and PostgreSQL write it. */
static size_t
match_time(const char *text, size_t length)
{
    size_t i = 9;

    if ((at(text, length, 0) != ' ' && at(text, length, 0) != 'T') ||
        !has_shape(text + 1, length - 1, "dd:dd"))
        return 0;
    if (!has_shape(text + 1, length - 1, "dd:dd:dd"))
        return 6;
    if (at(text, length, i) == '.')
        i++;
    while (mask_ascii_is_digit(at(text, length, i)))
        i++;
    if (at(text, length, i) == 'Z')
        return i + 1;
    if (at(text, length, i) == '+' || at(text, length, i) == '-')
    {
        for (i++; mask_ascii_is_digit(at(text, length, i)) || at(text, length, i) == ':';)
            i++;
    }
    return i;
}

static size_t
match_date(const char *text, size_t length)
{
    static const char *const shapes[] = {"dddd-dd-dd", "dd.dd.dddd", "dd/dd/dddd",
                                         "dddd/dd/dd"};
    size_t i = 0;

    while (i < 4 && !has_shape(text, length, shapes[i]))
        i++;
    if (i == 4 || mask_ascii_is_digit(at(text, length, DATE_LENGTH)))
        return 0;
    i = DATE_LENGTH + match_time(text + DATE_LENGTH, length - DATE_LENGTH);
    return ends_word(text, length, i) ? i : 0;
}

/* Social security numbers of the US. */
static size_t
match_us_number(const char *text, size_t length)
{
    bool is_one = has_shape(text, length, "ddd-dd-dddd") && memcmp(text, "000", 3) != 0 &&
                  memcmp(text, "666", 3) != 0 && text[0] != '9';

    return is_one && ends_word(text, length, SSN_LENGTH) ? SSN_LENGTH : 0;
}

/* National insurance numbers of the United Kingdom, with blanks between pairs or not. */
static size_t
match_uk_number(const char *text, size_t length)
{
    char compact[9];
    size_t n = 0;
    size_t i = 0;

    if (length < sizeof(compact) || !mask_ascii_is_upper(text[0]) ||
        !mask_ascii_is_upper(text[1]) || mask_ascii_is_letter(text[2]))
        return 0;
    while (i < length && n < sizeof(compact))
    {
        if (text[i] == ' ' && n > 0 && n % 2 == 0)
            i++;
        compact[n++] = at(text, length, i++);
    }
    if (n < sizeof(compact) || !ends_word(text, length, i) || compact[8] < 'A' ||
        compact[8] > 'D')
        return 0;
    return has_shape(compact + 2, sizeof(compact) - 2, "dddddd") ? i : 0;
}

typedef struct PhoneShape
{
    size_t length;
    size_t n_digits;
    size_t n_groups; /* of digits */
    size_t n_first;  /* digits of the first one */
    bool has_marks;  /* hyphens, slashes, brackets */
} PhoneShape;

/* Digits with at most two marks or blanks between two of them. */
static PhoneShape
scan_phone(const char *text, size_t length)
{
    PhoneShape shape = {0};
    size_t n_between = 1;
    bool has_mark = false;

    for (size_t i = text[0] == '+'; i < length && n_between <= 2; i++)
    {
        if (mask_ascii_is_digit(text[i]))
        {
            shape.length = i + 1;
            shape.n_groups += n_between > 0;
            shape.n_first += shape.n_groups == 1;
            shape.has_marks = shape.has_marks || has_mark;
            n_between = 0;
            if (++shape.n_digits > LONGEST_PHONE)
                break;
        }
        else if (memchr(" -./()", text[i], 6) != NULL)
        {
            has_mark = has_mark || (text[i] != ' ' && text[i] != '.');
            n_between++;
        }
        else
            break;
    }
    return shape;
}

/* Of digits that begin with none of the marks of phone numbers: not an order's number. */
static bool
is_national_phone(const PhoneShape *shape, const char *text)
{
    bool has_year =
        shape->n_first == 4 && (memcmp(text, "19", 2) == 0 || memcmp(text, "20", 2) == 0);

    if (has_year || (shape->n_digits == ISBN_LENGTH && memcmp(text, "97", 2) == 0))
        return false;
    if (shape->n_first == 1)
        return text[0] == '1' && shape->n_digits == US_PHONE && shape->n_groups > 3;
    if (shape->n_groups == 2)
        return shape->n_first == 3 && shape->n_digits == SHORTEST_PHONE &&
               shape->has_marks;
    return shape->n_groups > 2 && (shape->has_marks || shape->n_digits >= UNMARKED_PHONE);
}

static size_t
match_phone(const char *text, size_t length)
{
    PhoneShape shape = scan_phone(text, length);
    bool is_one = text[0] == '+' || text[0] == '(';

    if (shape.n_digits < SHORTEST_PHONE || shape.n_digits > LONGEST_PHONE ||
        !ends_word(text, length, shape.length))
        return 0;
    if (text[0] == '0' && shape.n_groups == 1)
        is_one = shape.n_digits >= LOCAL_PHONE && shape.n_digits <= LONGEST_LOCAL_PHONE;
    else if (text[0] == '0')
        is_one = shape.n_first > 1;
    else if (!is_one)
        is_one = is_national_phone(&shape, text);
    return is_one ? shape.length : 0;
}

static size_t
match_number(const char *text, size_t length)
{
    size_t i = 0;

    while (mask_ascii_is_digit(at(text, length, i)))
        i++;
    return i >= SHORTEST_PHONE ? i : 0;
}

/* ---- all of them */

/* What begins with a digit, +, bracket or colon. */
static ContentKind
match_digits(const char *text, size_t length, size_t *matched)
{
    static const struct
    {
        ContentKind kind;
        size_t (*match)(const char *text, size_t length);
    } forms[] = {
        {CONTENT_UUID, match_uuid},   {CONTENT_MACADDR, match_macaddr},
        {CONTENT_IP, match_ip},       {CONTENT_DATE, match_date},
        {CONTENT_CARD, match_card},   {CONTENT_NATIONAL, match_us_number},
        {CONTENT_PHONE, match_phone}, {CONTENT_NUMBER, match_number},
    };

    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
    {
        *matched = forms[i].match(text, length);
        if (*matched > 0)
            return forms[i].kind;
    }
    return CONTENT_NONE;
}

static ContentKind
match_letters(const char *text, size_t length, size_t *matched)
{
    if ((*matched = match_jwt(text, length)) > 0)
        return CONTENT_JWT;
    if ((*matched = match_iban(text, length)) > 0)
        return CONTENT_IBAN;
    if ((*matched = match_uk_number(text, length)) > 0)
        return CONTENT_NATIONAL;
    if (!mask_ascii_is_hex(text[0]))
        return CONTENT_NONE;
    if ((*matched = match_uuid(text, length)) > 0)
        return CONTENT_UUID;
    if ((*matched = match_macaddr(text, length)) > 0)
        return CONTENT_MACADDR;
    return (*matched = match_ip(text, length)) > 0 ? CONTENT_IP : CONTENT_NONE;
}

ContentKind
content_match_start(const char *text, size_t length, bool allows_high, size_t *matched)
{
    *matched = 0;
    if (length == 0)
        return CONTENT_NONE;
    if ((*matched = match_email(text, length, allows_high)) > 0)
        return CONTENT_EMAIL;
    if (mask_ascii_is_letter(text[0]))
        return match_letters(text, length, matched);
    if (mask_ascii_is_digit(text[0]) || text[0] == '+' || text[0] == '(' ||
        text[0] == ':')
        return match_digits(text, length, matched);
    return CONTENT_NONE;
}
