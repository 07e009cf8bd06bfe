#include "mask/mask_lists.h"

#include <string.h>

#include "mask/mask_first_names.h"

enum
{
    N_WORDS = 16,
    N_LONG_WORDS = 8, /* of each length from LONG_WORD on */
    LONG_WORD = 10
};

static const char beginnings[64][5] = {
    "Al",  "Bal",  "Bel", "Bor", "Bran", "Cal", "Car", "Dal", "Dan", "Del", "Dor",
    "El",  "Em",   "Fal", "Fen", "Fer",  "Gal", "Gar", "Gil", "Gor", "Hal", "Han",
    "Har", "Hol",  "Il",  "Jan", "Jor",  "Kal", "Kel", "Kor", "Lan", "Lor", "Lun",
    "Mal", "Mar",  "Mel", "Mir", "Nal",  "Nel", "Nor", "Ol",  "Or",  "Pal", "Pel",
    "Pol", "Quin", "Ral", "Ren", "Ril",  "Rol", "Sal", "Sel", "Sil", "Sor", "Tal",
    "Tel", "Tor",  "Ul",  "Val", "Vel",  "Vor", "Wel", "Wil", "Zel",
};

static const char name_ends[64][8] = {
    "bardo",  "baric",  "bendo",  "benko",   "besson",  "bovic",  "bridan", "dakis",
    "danov",  "davic",  "deman",  "denholt", "dessen",  "dorin",  "dovik",  "draven",
    "fadel",  "fanti",  "fenner", "fino",    "gandero", "gesson", "gorin",  "gravik",
    "hamsen", "harvik", "jesson", "kander",  "karis",   "koven",  "kovar",  "lasko",
    "leno",   "lovan",  "mander", "melik",   "mesic",   "minov",  "mondi",  "nadero",
    "nessen", "nolik",  "novan",  "padis",   "pesko",   "radan",  "ravik",  "rendo",
    "rossen", "savik",  "senko",  "tandris", "tesson",  "tinov",  "tolin",  "tovic",
    "vadris", "vanti",  "vender", "vessen",  "vinko",   "westa",  "zander", "zinov",
};

static const char city_ends[16][8] = {
    "bridge", "burgh", "combe", "dorf",  "fields", "gate",   "haven", "leigh",
    "market", "mere",  "mouth", "stead", "sund",   "thorpe", "ville", "wold",
};

static const char street_stems[64][9] = {
    "Acorn",    "Alder",  "Amber",    "Apple",    "Ash",     "Aspen",   "Badger",
    "Barley",   "Beacon", "Beech",    "Birch",    "Bramble", "Bridge",  "Brook",
    "Cedar",    "Cherry", "Chestnut", "Clover",   "Copper",  "Coral",   "Cypress",
    "Elder",    "Elm",    "Falcon",   "Fern",     "Field",   "Forest",  "Fountain",
    "Garden",   "Garnet", "Harbor",   "Hawthorn", "Hazel",   "Heather", "Heron",
    "Hickory",  "Holly",  "Ivy",      "Juniper",  "Lake",    "Larch",   "Laurel",
    "Lavender", "Lilac",  "Linden",   "Lotus",    "Maple",   "Meadow",  "Mill",
    "Mulberry", "Oak",    "Olive",    "Orchard",  "Otter",   "Pearl",   "Pine",
    "Poplar",   "Quarry", "Rose",     "Rowan",    "Sparrow", "Spruce",  "Thistle",
    "Willow",
};

static const char street_types[16][9] = {
    "Street", "Road", "Lane", "Avenue", "Way",     "Drive", "Court",   "Place",
    "Close",  "Walk", "Row",  "Hill",   "Terrace", "Park",  "Gardens", "Crescent",
};

static const char company_ends[8][6] = {
    "benta", "dovia", "lumo", "mexa", "nesta", "rinda", "tavio", "zanto",
};

static const char businesses[16][13] = {
    "Apparel", "Carriers", "Design",   "Electric", "Energy",    "Foods",
    "Freight", "Health",   "Labs",     "Machines", "Materials", "Media",
    "Optics",  "Services", "Supplies", "Systems",
};

static const char words[LONG_WORD - 1][N_WORDS][10] = {
    {"a", "b", "c", "d", "e", "f", "g", "h", "i", "k", "l", "m", "n", "o", "p", "q"},
    {"ab", "ac", "ad", "an", "at", "de", "ea", "ei", "et", "ex", "id", "in", "is", "me",
     "ne", "ut"},
    {"aut", "bis", "dum", "ego", "est", "hic", "iam", "lex", "mea", "nam", "non", "per",
     "qui", "rex", "sed", "vel"},
    {"amet", "ante", "arcu", "bene", "cura", "diam", "erat", "haec", "idem", "inde",
     "mane", "nunc", "odio", "quam", "sine", "vita"},
    {"animi", "aptus", "brevi", "celer", "dolor", "felis", "fugit", "ipsum", "justo",
     "lacus", "lorem", "magna", "morbi", "neque", "porta", "velit"},
    {"aliqua", "auctor", "beatae", "cursus", "domine", "fortis", "gaudet", "labore",
     "lectus", "libero", "mollis", "natura", "ornare", "primis", "semper", "tempor"},
    {"aliquam", "aliquet", "blandit", "commodo", "dapibus", "egestas", "euismod",
     "gravida", "integer", "lacinia", "maximus", "nostrud", "officia", "posuere",
     "rhoncus", "viverra"},
    {"accumsan", "bibendum", "eleifend", "faucibus", "interdum", "lobortis", "molestie",
     "nascetur", "placerat", "pharetra", "pulvinar", "sagittis", "senectus", "torquent",
     "vehicula", "volutpat"},
    {"consequat", "convallis", "curabitur", "dignissim", "elementum", "facilisis",
     "fermentum", "fringilla", "habitasse", "hendrerit", "imperdiet", "malesuada",
     "tincidunt", "tristique", "venenatis", "vulputate"},
};

static const char long_words[][N_LONG_WORDS][13] = {
    {"adipiscing", "architecto", "distinctio", "doloremque", "incididunt", "laboriosam",
     "vestibulum", "voluptatem"},
    {"condimentum", "consectetur", "consequatur", "perferendis", "praesentium",
     "repellendus", "scelerisque", "ullamcorper"},
    {"benevolentia", "conscientiam", "exercitation", "necessitatem", "pellentesque",
     "perspiciatis", "sollicitudin", "voluptatibus"},
};

static size_t
put_text(char *out, const char *text)
{
    size_t length = strlen(text);

    memcpy(out, text, length);
    return length;
}

static size_t
put_two(char *out, const char *first, const char *second)
{
    size_t length = put_text(out, first);

    return length + put_text(out + length, second);
}

size_t
mask_lists_put_first_name(char *out, unsigned bits)
{
    return put_text(out, mask_first_names_get(bits));
}

size_t
mask_lists_put_last_name(char *out, unsigned bits)
{
    return put_two(out, beginnings[bits % 64], name_ends[bits / 64 % 64]);
}

size_t
mask_lists_put_street(char *out, unsigned bits)
{
    size_t length = put_two(out, street_stems[bits % 64], " ");

    return length + put_text(out + length, street_types[bits / 64 % 16]);
}

size_t
mask_lists_put_city(char *out, unsigned bits)
{
    return put_two(out, beginnings[bits % 64], city_ends[bits / 64 % 16]);
}

size_t
mask_lists_put_company(char *out, unsigned bits)
{
    size_t length = put_two(out, beginnings[bits % 64], company_ends[bits / 64 % 8]);

    length += put_text(out + length, " ");
    return length + put_text(out + length, businesses[bits / 512 % 16]);
}

const char *
mask_lists_get_word(size_t length, unsigned bits)
{
    if (length >= LONG_WORD)
        return long_words[length - LONG_WORD][bits % N_LONG_WORDS];
    return words[length - 1][bits % N_WORDS];
}

void
mask_lists_put_code(char *out, const uint8_t *bytes, size_t n)
{
    static const char alphabet[] = "0123456789bcdefghjklmnpqrstvwxyz";
    unsigned bits = 0;
    unsigned n_bits = 0;

    for (size_t i = 0; i < n; i++)
    {
        if (n_bits < 5)
        {
            bits = (bits << 8) | *bytes++;
            n_bits += 8;
        }
        n_bits -= 5;
        out[i] = alphabet[(bits >> n_bits) & 31];
    }
}
