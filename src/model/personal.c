/*
 * A name is cut into words: at underscores, other signs, and where a small letter is
 * followed by a capital; digits at the end of a word are dropped. A kind of values has
 * names without separators, and matches where some neighbouring words make up one of
 * them: "firstname" matches first_name, firstName and firstname2. So "mail" does not
 * match mailbox, nor "ip" description.
 *
 * What follows can make a name mean something else: email_verified, card_type. A kind is
 * only for some types: a boolean is never an address. The first kind in the table whose
 * name and type match decides, so that special ones stand before general ones.
 */
#include "model/personal.h"

#include <string.h>

#include "base/sqltext.h"

enum
{
    MAX_WORDS = 16,
    MAX_NAME = 256,
    MAX_JOINED = 3 /* words that make up a name */
};

typedef struct NameWords
{
    char text[MAX_NAME];
    const char *words[MAX_WORDS];
    int n;
} NameWords;

#define TEXT MASK_TYPE_BIT(MASK_TYPE_TEXT)
#define NUMBERS                                                                          \
    (MASK_TYPE_BIT(MASK_TYPE_INTEGER) | MASK_TYPE_BIT(MASK_TYPE_NUMERIC) |               \
     MASK_TYPE_BIT(MASK_TYPE_FLOAT))
#define DATES (MASK_TYPE_BIT(MASK_TYPE_DATE) | MASK_TYPE_BIT(MASK_TYPE_TIMESTAMP))
#define BYTES MASK_TYPE_BIT(MASK_TYPE_BYTEA)
#define DOCUMENTS                                                                        \
    (MASK_TYPE_BIT(MASK_TYPE_JSON) | MASK_TYPE_BIT(MASK_TYPE_XML) |                      \
     MASK_TYPE_BIT(MASK_TYPE_HSTORE))

/* What values can be, by the name of their column. */
static const struct
{
    const char *kind;
    const char *mask;
    uint32_t types;
    bool is_certain;
    bool is_of_person; /* only in tables of persons */
    const char *names; /* separated by blanks */
} kinds[] = {
    {"e-mail address", "email", TEXT, true, false,
     "email emails emailaddress emailaddr mailaddress courriel correo emailadresse"},
    {"IP address", "ip", TEXT, true, false,
     "ip ipaddress ipaddr ipv4 ipv6 remoteaddr remoteaddress clientip remoteip"},
    {"MAC address", "hash 12", TEXT, true, false, "macaddress macaddr"},
    {"phone number", "phone", TEXT, true, false,
     "phone phones phoneno phonenumber telephone telefon telefone telefono tel mobile "
     "mobilephone mobilenumber mobil cellphone cellular fax faxnumber handynummer "
     "msisdn gsm whatsapp telefonnummer"},
    {"phone number", "phone", MASK_TYPE_BIT(MASK_TYPE_INTEGER), true, false,
     "phone phoneno phonenumber telephone mobile mobilenumber msisdn fax"},
    {"secret", "hash", TEXT | BYTES, true, false,
     "password passwd passwordhash passwort pwd motdepasse contrasena secret secretkey "
     "apikey accesstoken refreshtoken authtoken token otp totpsecret privatekey"},
    {"IBAN", "iban", TEXT, true, false, "iban"},
    {"bank account", "pattern", TEXT, true, false,
     "bankaccount accountnumber accountno kontonummer bankaccountnumber sortcode"},
    {"card number", "card", TEXT, true, false,
     "creditcard creditcardnumber cardnumber cardno ccnumber ccno"},
    {"card verification", "fixed 000", TEXT, true, false, "cvv cvc cvv2 cvc2"},
    {"national number", "pattern", TEXT, true, false,
     "ssn socialsecurity socialsecuritynumber nationalid nationalidnumber nationalnumber "
     "taxid taxnumber tin steuernummer steuerid passport passportno passportnumber "
     "driverslicense driverlicense drivinglicense drivinglicence idcard dni nif nie cpf "
     "curp codicefiscale nino nationalinsurance insurancenumber svnr personalausweis"},
    {"number of a device or vehicle", "pattern", TEXT, true, false,
     "imei vin licenseplate licenceplate numberplate kennzeichen"},
    {"date of birth", "date year", DATES, true, false,
     "birthdate birthday dateofbirth birth dob dobdate born bornon borndate geburtsdatum "
     "geburtstag datenaissance fechanacimiento datanascita datanascimento"},
    {"date of birth", "pattern", TEXT, true, false,
     "birthdate birthday dateofbirth dob bornon geburtsdatum"},
    {"year of birth", "noise 1%", NUMBERS, false, false,
     "birthyear yearofbirth geburtsjahr age"},
    {"first name", "first_name", TEXT, true, false,
     "firstname fname givenname forename middlename vorname prenom prenoms"},
    {"last name", "last_name", TEXT, true, false,
     "lastname lname surname familyname maidenname nachname nomdefamille apellido "
     "apellidos cognome sobrenome"},
    {"name of a person", "name", TEXT, true, false,
     "fullname realname personname contactname customername clientname employeename "
     "patientname studentname membername cardholder accountholder cardholdername "
     "recipientname beneficiaryname authorname billingname shippingname guestname "
     "ownername passengername drivername visitorname applicantname payername payeename "
     "sendername receivername holdername spousename parentname"},
    {"user name", "user_name", TEXT, true, false,
     "username userlogin login loginname nickname screenname benutzername usuario"},
    {"name of a person", "name", TEXT, true, true, "name nom nombre nome displayname"},
    {"postcode", "postcode", TEXT, false, false,
     "postcode postalcode zip zipcode plz postleitzahl codepostal codigopostal cap cep"},
    {"address", "street", TEXT, true, false,
     "street streetaddress streetname address addr addressline strasse rue calle "
     "homeaddress postaladdress billingaddress shippingaddress adresse direccion "
     "indirizzo endereco"},
    {"city", "city", TEXT, false, false,
     "city town ort stadt wohnort ville ciudad cidade citta municipality village"},
    {"place", "noise 1%", NUMBERS, false, false, "latitude longitude lat lng lon"},
    {"sensitive", "null", 0, false, false,
     "gender sex religion ethnicity race nationality maritalstatus disability diagnosis "
     "bloodtype bloodgroup sexualorientation politicalparty geschlecht"},
    {"income", "noise 10%", NUMBERS, false, false,
     "salary salaries income wage wages gehalt salaire salario"},
    {"company", "company", TEXT, false, false, "company companyname employer firma"},
    {"account elsewhere", "user_name", TEXT, false, false,
     "twitter facebook instagram linkedin skype telegram homepage githubuser nick"},
    {"session", "hash", TEXT, false, false,
     "sessionid session sessionkey useragent cookie deviceid fingerprint"},
    {"free text", "scrub", TEXT, false, false,
     "note notes comment comments remark remarks memo bio biography aboutme feedback "
     "message messages body review complaint kommentar bemerkung notizen"},
    {"picture", "empty", BYTES, false, false,
     "photo picture avatar image portrait signature foto bild"},
};

/* Words that say what the table's rows are: the last one of its name. */
static const char persons[] =
    " customer customers client clients user users person persons people employee "
    "employees contact contacts member members patient patients student students staff "
    "passenger passengers guest guests lead leads applicant applicants candidate "
    "candidates teacher teachers subscriber subscribers recipient recipients driver "
    "drivers visitor visitors borrower borrowers donor donors kunde kunden "
    "benutzer mitarbeiter person personen utilisateur utilisateurs cliente clientes "
    "empleado empleados usuario usuarios author authors doctor doctors ";

/* Words that end a name which is about such values, and not one. */
static const char followers[] =
    " type types kind status state template format subject verified confirmed "
    "enabled count class version provider prefix label mode length size method "
    "source category flag rating score limit quota domain optin optout allowed "
    "required valid visible sent at on by id ids ";

/* ---- types */

MaskType
personal_get_type(const Column *column)
{
    static const struct
    {
        CatalogOid oid;
        CatalogOid array;
        MaskType type;
    } types[] = {
        {25, 1009, MASK_TYPE_TEXT},        {1043, 1015, MASK_TYPE_TEXT},
        {1042, 1014, MASK_TYPE_TEXT},      {19, 1003, MASK_TYPE_TEXT},
        {21, 1005, MASK_TYPE_INTEGER},     {23, 1007, MASK_TYPE_INTEGER},
        {20, 1016, MASK_TYPE_INTEGER},     {1700, 1231, MASK_TYPE_NUMERIC},
        {700, 1021, MASK_TYPE_FLOAT},      {701, 1022, MASK_TYPE_FLOAT},
        {16, 1000, MASK_TYPE_BOOLEAN},     {1082, 1182, MASK_TYPE_DATE},
        {1114, 1115, MASK_TYPE_TIMESTAMP}, {1184, 1185, MASK_TYPE_TIMESTAMP},
        {2950, 2951, MASK_TYPE_UUID},      {869, 1041, MASK_TYPE_INET},
        {650, 651, MASK_TYPE_INET},        {829, 1040, MASK_TYPE_MACADDR},
        {774, 775, MASK_TYPE_MACADDR},     {17, 1001, MASK_TYPE_BYTEA},
        {114, 199, MASK_TYPE_JSON},        {3802, 3807, MASK_TYPE_JSON},
        {142, 143, MASK_TYPE_XML},         {3614, 3643, MASK_TYPE_TSVECTOR},
        {600, 1017, MASK_TYPE_POINT},
    };
    const char *dot = strrchr(column->type_name, '.');
    const char *name = dot != NULL ? dot + 1 : column->type_name;

    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
    {
        if (types[i].oid == column->type || types[i].array == column->type)
            return types[i].type;
    }
    if (strcmp(name, "citext") == 0 || strcmp(name, "citext[]") == 0)
        return MASK_TYPE_TEXT;
    if (strcmp(name, "hstore") == 0)
        return MASK_TYPE_HSTORE;
    return MASK_TYPE_OTHER;
}

bool
personal_is_text(const Column *column)
{
    return (MASK_TYPE_BIT(personal_get_type(column)) & (TEXT | BYTES | DOCUMENTS)) != 0;
}

/* ---- words */

static bool
is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

static bool
is_capital(char c)
{
    return c >= 'A' && c <= 'Z';
}

/* Does another word begin at c? */
static bool
is_boundary(const char *name, const char *c)
{
    return c > name && is_capital(*c) && !is_capital(c[-1]) && is_letter(c[-1]);
}

/* Digits count as a sign, except for those within a word: ipv4, cvv2. */
static void
split_name(NameWords *words, const char *name)
{
    char *out = words->text;
    bool is_in_word = false;

    words->n = 0;
    for (const char *c = name;
         *c != '\0' && out < words->text + MAX_NAME - 2 && words->n < MAX_WORDS; c++)
    {
        bool is_part = is_letter(*c) || (is_in_word && sqltext_is_digit(*c));

        if (is_in_word && (!is_part || is_boundary(name, c)))
        {
            *out++ = '\0';
            is_in_word = false;
        }
        if (!is_part)
            continue;
        if (!is_in_word)
            words->words[words->n++] = out;
        is_in_word = true;
        *out++ = sqltext_fold(*c);
    }
    *out = '\0';
}

static bool
is_listed(const char *list, const char *word, size_t length)
{
    for (const char *at = list; *at != '\0';)
    {
        size_t listed = strcspn(at, " ");

        if (listed == length && memcmp(at, word, length) == 0)
            return true;
        at += listed;
        at += strspn(at, " ");
    }
    return false;
}

/* Is it one of the names, with digits at its end or without? */
static bool
is_name(const char *names, const char *text)
{
    size_t length = strlen(text);
    size_t n_digits = 0;

    if (is_listed(names, text, length))
        return true;
    while (n_digits < length && sqltext_is_digit(text[length - 1 - n_digits]))
        n_digits++;
    return n_digits > 0 && is_listed(names, text, length - n_digits);
}

/*
 * Do words from the i-th on make up one of the names? *end: the word behind the longest
 * of them.
 */
static bool
match_at(const NameWords *words, int i, const char *names, int *end)
{
    char joined[MAX_NAME] = "";
    size_t length = 0;
    bool is_found = false;

    for (int j = i; j < words->n && j < i + MAX_JOINED; j++)
    {
        size_t more = strlen(words->words[j]);

        memcpy(joined + length, words->words[j], more + 1);
        length += more;
        if (!is_name(names, joined))
            continue;
        *end = j + 1;
        is_found = true;
    }
    return is_found;
}

static bool
match_names(const NameWords *words, const char *names)
{
    int end;

    for (int i = 0; i < words->n; i++)
    {
        if (match_at(words, i, names, &end) &&
            (end == words->n || !is_name(followers, words->words[words->n - 1])))
            return true;
    }
    return false;
}

static bool
is_table_of_persons(const Relation *relation)
{
    NameWords words;

    split_name(&words, relation->name);
    return words.n > 0 && is_name(persons, words.words[words.n - 1]);
}

/* ---- hits */

static PersonalHit
find_by_name(const Relation *relation, const Column *column, MaskType type)
{
    NameWords words;

    split_name(&words, column->name);
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
    {
        if ((kinds[i].types != 0 && (kinds[i].types & MASK_TYPE_BIT(type)) == 0) ||
            type == MASK_TYPE_BOOLEAN ||
            (kinds[i].is_of_person && !is_table_of_persons(relation)) ||
            !match_names(&words, kinds[i].names))
            continue;
        return (PersonalHit){.kind = kinds[i].kind,
                             .mask = kinds[i].mask,
                             .because = "name",
                             .is_certain = kinds[i].is_certain};
    }
    return (PersonalHit){0};
}

static PersonalHit
find_by_type(MaskType type)
{
    switch (type)
    {
        case MASK_TYPE_INET:
            return (PersonalHit){"IP address", "ip", "type", true};
        case MASK_TYPE_MACADDR:
            return (PersonalHit){"MAC address", "mac", "type", true};
        case MASK_TYPE_POINT:
            return (PersonalHit){"place", "fixed '(0,0)'", "type", true};
        case MASK_TYPE_JSON:
        case MASK_TYPE_HSTORE:
            return (PersonalHit){"document", "json all", "type", false};
        case MASK_TYPE_XML:
            return (PersonalHit){"document", "words", "type", false};
        default:
            return (PersonalHit){0};
    }
}

/* A mask by type alone, for what only a comment calls personal. */
static const char *
get_mask_of_type(MaskType type)
{
    switch (type)
    {
        case MASK_TYPE_TEXT:
            return "words";
        case MASK_TYPE_BYTEA:
            return "empty";
        case MASK_TYPE_INTEGER:
        case MASK_TYPE_NUMERIC:
        case MASK_TYPE_FLOAT:
            return "noise 10%";
        case MASK_TYPE_DATE:
        case MASK_TYPE_TIMESTAMP:
            return "date year";
        case MASK_TYPE_UUID:
            return "uuid";
        case MASK_TYPE_ENUM:
            return "pick enum";
        default:
            return "null";
    }
}

PersonalHit
personal_find(const Relation *relation, const Column *column, bool is_commented)
{
    MaskType type = personal_get_type(column);
    PersonalHit hit = find_by_type(type);

    /* its values follow those of other columns */
    if (column->is_generated)
        return (PersonalHit){0};
    if (hit.kind == NULL)
        hit = find_by_name(relation, column, type);
    if (is_commented && !hit.is_certain)
    {
        if (hit.kind == NULL)
            hit = (PersonalHit){.kind = "personal", .mask = get_mask_of_type(type)};
        hit.because = "comment";
        hit.is_certain = true;
    }
    return hit;
}
