#include "mask/mask_first_names.h"

#include <string.h>

/* In the order of their bytes; frozen, as all lists are: see mask_lists.h. */
static const char first_names[MASK_FIRST_NAMES][12] = {
    "Ada",        "Adam",       "Adela",      "Adele",      "Adeline",     "Adil",
    "Adriana",    "Adrien",     "Agnieszka",  "Ahmed",      "Aidan",       "Aileen",
    "Aimee",      "Aisha",      "Akira",      "Alain",      "Alan",        "Alec",
    "Alejandra",  "Alejandro",  "Aleksander", "Aleksandra", "Alessandra",  "Alessandro",
    "Alexander",  "Alexandra",  "Alexandre",  "Alfonso",    "Alfred",      "Alfredo",
    "Ali",        "Alice",      "Alina",      "Aline",      "Alisa",       "Allan",
    "Allegra",    "Allison",    "Alois",      "Alonso",     "Alvaro",      "Alvin",
    "Amalia",     "Amanda",     "Amelia",     "Amelie",     "Amina",       "Amos",
    "Amy",        "Ana",        "Anais",      "Anastasia",  "Anders",      "Andre",
    "Andrea",     "Andreas",    "Andrew",     "Andrzej",    "Anette",      "Angela",
    "Angelica",   "Angelo",     "Angus",      "Anja",       "Ann",         "Anna",
    "Annabel",    "Anneli",     "Annelie",    "Annette",    "Annie",       "Anouk",
    "Ansel",      "Anthony",    "Antoine",    "Anton",      "Antonia",     "Antonio",
    "Anya",       "Ariel",      "Arlene",     "Armand",     "Arnold",      "Aron",
    "Arthur",     "Arturo",     "Arvid",      "Ashley",     "Astrid",      "Athena",
    "Aubrey",     "Audrey",     "Aurelia",    "Avery",      "Axel",        "Ayesha",
    "Barbara",    "Barnaby",    "Bartosz",    "Beata",      "Beate",       "Beatrice",
    "Beatriz",    "Belinda",    "Bella",      "Ben",        "Benedikt",    "Bengt",
    "Benita",     "Benito",     "Benjamin",   "Benny",      "Benoit",      "Bente",
    "Bernard",    "Bernd",      "Bernice",    "Bert",       "Bertil",      "Bertrand",
    "Bettina",    "Betty",      "Bianca",     "Birger",     "Birgit",      "Bjarne",
    "Bjorn",      "Blanche",    "Bob",        "Brad",       "Brandon",     "Brenda",
    "Brendan",    "Brett",      "Brian",      "Brigitte",   "Britt",       "Britta",
    "Bruce",      "Bruno",      "Bryce",      "Brynn",      "Burak",       "Byron",
    "Calvin",     "Camilla",    "Camilo",     "Candice",    "Caren",       "Carl",
    "Carla",      "Carlos",     "Carmela",    "Carmen",     "Carol",       "Carola",
    "Caroline",   "Carolyn",    "Carsten",    "Caspar",     "Cassandra",   "Caterina",
    "Catherine",  "Cathy",      "Cesar",      "Chantal",    "Charles",     "Charlotte",
    "Cheng",      "Cheryl",     "Chloe",      "Chris",      "Christel",    "Christian",
    "Christiane", "Christina",  "Christine",  "Christoph",  "Christopher", "Ciara",
    "Cindy",      "Clara",      "Claudia",    "Claudine",   "Claudio",     "Claus",
    "Clemens",    "Clifford",   "Clotilde",   "Colette",    "Connie",      "Connor",
    "Conny",      "Conrad",     "Constantin", "Cordula",    "Corey",       "Cornelia",
    "Cristian",   "Cynthia",    "Dagmar",     "Dahlia",     "Daisuke",     "Damian",
    "Damien",     "Daniel",     "Daniela",    "Daniele",    "Danilo",      "Danny",
    "Darius",     "Dave",       "David",      "Davide",     "Debbie",      "Deborah",
    "Delia",      "Della",      "Delphine",   "Denise",     "Dennis",      "Derek",
    "Detlef",     "Diane",      "Diego",      "Dieter",     "Dimitri",     "Dina",
    "Dinah",      "Dirk",       "Dmitri",     "Domenico",   "Dominic",     "Dominik",
    "Dominique",  "Donald",     "Donna",      "Donovan",    "Dora",        "Doreen",
    "Dorothy",    "Douglas",    "Dusan",      "Eberhard",   "Eckhard",     "Edda",
    "Eddie",      "Edgar",      "Edith",      "Edmund",     "Eduard",      "Eduardo",
    "Edward",     "Edyta",      "Einar",      "Eivind",     "Elaine",      "Elana",
    "Eleanor",    "Elena",      "Eleni",      "Elias",      "Elif",        "Eliot",
    "Elisabeth",  "Elizabeth",  "Elke",       "Ella",       "Ellie",       "Elmar",
    "Elsa",       "Elvira",     "Emanuel",    "Emanuela",   "Emeline",     "Emilia",
    "Emilie",     "Emilio",     "Emily",      "Emma",       "Emre",        "Enid",
    "Enrico",     "Eric",       "Erica",      "Erich",      "Erik",        "Erika",
    "Erin",       "Ernest",     "Ernesto",    "Ernst",      "Erwin",       "Esben",
    "Esperanza",  "Esteban",    "Estelle",    "Ethan",      "Etienne",     "Eugen",
    "Eugene",     "Eugenia",    "Eva",        "Evelyn",     "Ewan",        "Ezra",
    "Fabian",     "Fabiana",    "Fabio",      "Farid",      "Fatima",      "Federica",
    "Felix",      "Ferdinand",  "Fergus",     "Fernanda",   "Fernando",    "Finja",
    "Finley",     "Finn",       "Fiona",      "Floriane",   "Floris",      "Francesco",
    "Francis",    "Francisca",  "Franco",     "Francoise",  "Frank",       "Franka",
    "Franziska",  "Freddy",     "Frederik",   "Freja",      "Frida",       "Friedrich",
    "Frode",      "Fumiko",     "Gabor",      "Gabriel",    "Gabriele",    "Gaetan",
    "Gareth",     "Gary",       "Gaston",     "Gavin",      "Geoff",       "Georg",
    "George",     "Georges",    "Georgios",   "Gerald",     "Geraldine",   "Gerard",
    "Gerd",       "Gerlinde",   "Gerrit",     "Gert",       "Gianna",      "Gilbert",
    "Gilda",      "Giles",      "Gilles",     "Gillian",    "Gina",        "Ginette",
    "Giovanni",   "Gisela",     "Giselle",    "Giulia",     "Giuseppe",    "Gladys",
    "Gloria",     "Gordon",     "Gosia",      "Greg",       "Gregor",      "Gregory",
    "Gretchen",   "Grethe",     "Gudrun",     "Guido",      "Guillaume",   "Guillermo",
    "Gunnar",     "Gunter",     "Gunther",    "Gustavo",    "Gwen",        "Hadiya",
    "Hakon",      "Halina",     "Hamish",     "Hamza",      "Hana",        "Hanna",
    "Hannah",     "Hanne",      "Hannelore",  "Hans",       "Harald",      "Hari",
    "Harold",     "Harriet",    "Harry",      "Hartmut",    "Hasan",       "Hassan",
    "Hedwig",     "Heidi",      "Heike",      "Heiner",     "Heinrich",    "Heinz",
    "Helen",      "Helena",     "Helene",     "Helga",      "Helge",       "Helmi",
    "Helmut",     "Hendrik",    "Henning",    "Henriette",  "Henry",       "Herbert",
    "Heribert",   "Hermine",    "Hilde",      "Hildegard",  "Horst",       "Howard",
    "Hubert",     "Hugo",       "Ian",        "Ibrahim",    "Ignacio",     "Igor",
    "Ilaria",     "Imogen",     "Imran",      "Ines",       "Ingmar",      "Ingo",
    "Ingrid",     "Inka",       "Ioannis",    "Irena",      "Irma",        "Isaac",
    "Isabel",     "Isabella",   "Isabelle",   "Isidro",     "Ivan",        "Ivo",
    "Ivonne",     "Iwona",      "Izabela",    "Jack",       "Jackie",      "Jacob",
    "Jacopo",     "Jacques",    "Jadwiga",    "Jaime",      "Jakob",       "Jakub",
    "James",      "Jane",       "Janet",      "Janice",     "Janine",      "Jannik",
    "Janusz",     "Jarek",      "Jarmo",      "Jaroslav",   "Jasmina",     "Jason",
    "Javier",     "Jeanette",   "Jeanne",     "Jeannine",   "Jeff",        "Jeffrey",
    "Jelena",     "Jennifer",   "Jens",       "Jeremias",   "Jerome",      "Jerzy",
    "Jesper",     "Jessica",    "Jessie",     "Jill",       "Jim",         "Jimmy",
    "Joachim",    "Joan",       "Joana",      "Joanna",     "Joanne",      "Joao",
    "Jocelyn",    "Jochen",     "Joe",        "Johan",      "Johannes",    "John",
    "Johnny",     "Jonas",      "Jonathan",   "Jordi",      "Jorge",       "Jorgen",
    "Jose",       "Josef",      "Josefine",   "Joseph",     "Josh",        "Joshua",
    "Josiane",    "Juan",       "Juana",      "Judith",     "Juergen",     "Juha",
    "Julia",      "Juliana",    "Juliane",    "Julie",      "Julien",      "Juliet",
    "Julieta",    "Juliette",   "Julius",     "Justin",     "Justina",     "Justyna",
    "Jutta",      "Kai",        "Kaisa",      "Kalle",      "Kamil",       "Karen",
    "Karin",      "Karina",     "Karl",       "Karla",      "Kasper",      "Katarina",
    "Katarzyna",  "Kate",       "Katharina",  "Katherine",  "Kathleen",    "Kathryn",
    "Kathy",      "Katja",      "Katrin",     "Katrina",    "Kayla",       "Keiko",
    "Kenneth",    "Kerstin",    "Kevin",      "Khaled",     "Kiara",       "Kieran",
    "Kilian",     "Kim",        "Kimberly",   "Kirsty",     "Kjell",       "Klara",
    "Klaus",      "Konrad",     "Kris",       "Krishna",    "Kristin",     "Kristof",
    "Krystyna",   "Krzysztof",  "Kurt",       "Kylie",      "Laila",       "Lara",
    "Larissa",    "Larry",      "Lars",       "Laura",      "Laurence",    "Laurie",
    "Lea",        "Leander",    "Leif",       "Leila",      "Lena",        "Leni",
    "Leo",        "Leonard",    "Leonardo",   "Leonie",     "Leopold",     "Leroy",
    "Lesley",     "Leticia",    "Levi",       "Lewis",      "Lia",         "Liam",
    "Lidia",      "Liesel",     "Lillian",    "Lina",       "Linda",       "Linnea",
    "Linus",      "Lisa",       "Lise",       "Lisette",    "Livia",       "Ljiljana",
    "Lorenz",     "Lorenzo",    "Louis",      "Louisa",     "Louise",      "Luca",
    "Lucas",      "Lucia",      "Luciano",    "Lucie",      "Lucien",      "Lucille",
    "Lucinda",    "Lucy",       "Ludovic",    "Ludwig",     "Luis",        "Luka",
    "Lukas",      "Luke",       "Lutz",       "Lydia",      "Lyle",        "Lynn",
    "Lysander",   "Maciej",     "Mads",       "Magda",      "Maggie",      "Maik",
    "Maike",      "Maja",       "Malcolm",    "Manon",      "Manuel",      "Manuela",
    "Mara",       "Marc",       "Marcela",    "Marcella",   "Marcia",      "Marco",
    "Marcos",     "Marcus",     "Marek",      "Margaret",   "Margit",      "Margot",
    "Maria",      "Mariam",     "Marie",      "Marieke",    "Marika",      "Mario",
    "Marion",     "Marisa",     "Marjorie",   "Markus",     "Marlene",     "Marlis",
    "Marnie",     "Marta",      "Martin",     "Martina",    "Martine",     "Mary",
    "Maryam",     "Mateusz",    "Mathias",    "Mathilde",   "Mathis",      "Matteo",
    "Matthew",    "Matthias",   "Maud",       "Maureen",    "Maurice",     "Mauro",
    "Maxime",     "Maximilian", "Maxine",     "Maya",       "Megan",       "Mehmet",
    "Meike",      "Melanie",    "Melina",     "Melissa",    "Mia",         "Michael",
    "Michal",     "Michel",     "Michele",    "Michelle",   "Miguel",      "Mikael",
    "Mikkel",     "Milan",      "Milena",     "Mina",       "Minna",       "Miranda",
    "Mireille",   "Miriam",     "Mirja",      "Mirko",      "Misaki",      "Moana",
    "Moira",      "Molly",      "Monika",     "Moritz",     "Morten",      "Muriel",
    "Mustafa",    "Myra",       "Nadine",     "Nancy",      "Naomi",       "Narek",
    "Natalia",    "Natalie",    "Natasha",    "Nathalie",   "Nathan",      "Neil",
    "Niamh",      "Nicholas",   "Nick",       "Nico",       "Nicolas",     "Nicole",
    "Nicoletta",  "Niels",      "Nikola",     "Nikolas",    "Nils",        "Noah",
    "Noel",       "Noelle",     "Norah",      "Norbert",    "Nuno",        "Nuria",
    "Octavia",    "Odette",     "Odile",      "Olav",       "Oleg",        "Olga",
    "Oliver",     "Olivia",     "Omar",       "Orson",      "Oscar",       "Oskar",
    "Oswald",     "Owen",       "Pablo",      "Pamela",     "Paolo",       "Pascal",
    "Pascale",    "Patrice",    "Patricia",   "Patricio",   "Patrick",     "Patrik",
    "Patrizia",   "Patty",      "Paul",       "Paulette",   "Peggy",       "Peter",
    "Petra",      "Petros",     "Philippa",   "Philippe",   "Phillip",     "Phoebe",
    "Pierre",     "Pieter",     "Pietro",     "Pilar",      "Piotr",       "Pippa",
    "Priscilla",  "Priya",      "Quentin",    "Rachel",     "Rafaela",     "Ragnar",
    "Rahel",      "Rainer",     "Raisa",      "Ralf",       "Ralph",       "Ramona",
    "Raphael",    "Raquel",     "Rasmus",     "Raul",       "Ravi",        "Raymond",
    "Rebecca",    "Rebekka",    "Regula",     "Reiner",     "Reinhard",    "Renata",
    "Renate",     "Renato",     "Rene",       "Renee",      "Rhonda",      "Rhys",
    "Ricardo",    "Riccardo",   "Richard",    "Rikard",     "Rita",        "Robert",
    "Roberta",    "Robin",      "Rocco",      "Roger",      "Rolf",        "Romeo",
    "Romy",       "Ronald",     "Ronny",      "Rosa",       "Rosalind",    "Rosanna",
    "Roswitha",   "Rowena",     "Roxana",     "Roxanne",    "Ruben",       "Rudolf",
    "Ruth",       "Ryan",       "Ryszard",    "Sabina",     "Sabine",      "Sacha",
    "Sally",      "Salvador",   "Sam",        "Samantha",   "Samir",       "Samuel",
    "Sandra",     "Sandro",     "Sarah",      "Sascha",     "Saskia",      "Satoshi",
    "Saul",       "Scott",      "Sergei",     "Sergio",     "Sevda",       "Severin",
    "Seyma",      "Sharon",     "Shirin",     "Shirley",    "Sibylle",     "Sidonie",
    "Sigrid",     "Silke",      "Silvana",    "Silvio",     "Simeon",      "Simon",
    "Simone",     "Siobhan",    "Sofie",      "Soledad",    "Sonia",       "Sonja",
    "Sophia",     "Sophie",     "Soren",      "Stanley",    "Stefan",      "Stefanie",
    "Steffen",    "Stephan",    "Stephanie",  "Stephen",    "Steve",       "Steven",
    "Stewart",    "Susan",      "Susana",     "Susanne",    "Susie",       "Sven",
    "Svenja",     "Svetlana",   "Sybille",    "Sylvie",     "Tabitha",     "Tanja",
    "Tarja",      "Tatiana",    "Tatjana",    "Teresa",     "Terry",       "Tessa",
    "Thaddeus",   "Thelma",     "Theo",       "Theodora",   "Theodore",    "Thilo",
    "Thomas",     "Thorsten",   "Thure",      "Tiffany",    "Tim",         "Timo",
    "Timothy",    "Toby",       "Tom",        "Tomas",      "Toni",        "Tonya",
    "Tove",       "Travis",     "Trevor",     "Trudy",      "Tyler",       "Ulla",
    "Ulrika",     "Ulrike",     "Ulysses",    "Umberto",    "Ursula",      "Urszula",
    "Uwe",        "Valentin",   "Valentina",  "Valeria",    "Valerie",     "Valter",
    "Vanessa",    "Vasilis",    "Vaughn",     "Vera",       "Verena",      "Veronika",
    "Vicente",    "Vicky",      "Victor",     "Victoria",   "Viktor",      "Vilma",
    "Vincent",    "Vincenzo",   "Violeta",    "Vito",       "Vittoria",    "Viviana",
    "Vivienne",   "Vlad",       "Volkmar",    "Waldemar",   "Waltraud",    "Wanda",
    "Wendelin",   "Wendy",      "Werner",     "Wieland",    "Wilfried",    "Wilhelm",
    "Willem",     "William",    "Winfried",   "Wolfgang",   "Wolfram",     "Xander",
    "Xaver",      "Yannick",    "Yannis",     "Yasemin",    "Yasmin",      "Yuki",
    "Yusuf",      "Yvan",       "Yves",       "Zara",       "Zeynep",      "Zita",
    "Zoe",        "Zofia",      "Zora",       "Zuzana",
};

const char *
mask_first_names_get(unsigned bits)
{
    return first_names[bits % MASK_FIRST_NAMES];
}

/* Compares the word with the name, the case of ASCII letters ignored. */
static int
compare_name(const char *word, size_t length, const char *name)
{
    for (size_t i = 0; i < length; i++)
    {
        unsigned char a = (unsigned char)word[i];
        unsigned char b = (unsigned char)name[i];

        a = a >= 'A' && a <= 'Z' ? (unsigned char)(a + 32) : a;
        b = b >= 'A' && b <= 'Z' ? (unsigned char)(b + 32) : b;
        if (a != b)
            return a < b ? -1 : 1;
    }
    return name[length] == '\0' ? 0 : -1;
}

bool
mask_first_names_contain(const char *word, size_t length)
{
    size_t low = 0;
    size_t high = MASK_FIRST_NAMES;

    if (length >= sizeof(first_names[0]))
        return false;
    while (low < high)
    {
        size_t middle = (low + high) / 2;
        int order = compare_name(word, length, first_names[middle]);

        if (order == 0)
            return true;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return false;
}
