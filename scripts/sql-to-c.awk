# Turns files of one SQL query each into C.
#
#     awk -v output=header  -f sql-to-c.awk FILE.sql ... > sql_text.h
#     awk -v output=source  -f sql-to-c.awk FILE.sql ... > sql_text.c
#
# FILE.sql becomes the string sql_FILE, with '-' in the name replaced by '_'. Comment lines and blank
# lines at the top of the file are not part of the string; the header has them as a comment above the
# declaration. The rest is copied unchanged, without the last newline. The outputs are made by
# separate runs, so that make can build them in parallel.

# The text as the contents of a C string literal. Two question marks could begin a trigraph.
function c_string(text,    i, c, last, result)
{
    for (i = 1; i <= length(text); i++)
    {
        c = substr(text, i, 1)
        if (c == "\\" || c == "\"" || (c == "?" && last == "?"))
            result = result "\\"
        result = result (c == "\t" ? "\\t" : c)
        last = c
    }
    return result
}

function fail(message)
{
    print "sql-to-c.awk: " message > "/dev/stderr"
    has_failed = 1
    exit 1
}

function end_comment()
{
    if (output == "header" && n_comments > 0)
        print " */"
    n_comments = 0
}

function begin_query()
{
    end_comment()
    n_lines = 1
    if (output == "header")
        print "extern const char sql_" name "[];"
    else
        printf "\nconst char sql_%s[] =\n    \"", name
}

function begin_file()
{
    name = FILENAME
    sub(/^.*\//, "", name)
    sub(/\.sql$/, "", name)
    gsub(/-/, "_", name)
    if (name !~ /^[a-z_][a-z0-9_]*$/)
        fail("\"" FILENAME "\": the name is not lower-case letters, digits and dashes")
    if (output == "header")
        print ""
}

function end_file()
{
    if (name == "")
        return
    if (n_lines == 0)
        fail("the file of sql_" name " has no SQL in it")
    if (output == "source")
        print "\";"
    n_lines = 0
}

function print_comment(text)
{
    if (output != "header")
        return
    sub(/^[ \t]*--[ ]?/, "", text)
    gsub(/\*\//, "* /", text)
    print (n_comments++ == 0 ? "/*\n * " : " * ") text
}

BEGIN {
    if (output != "header" && output != "source")
        fail("-v output=header or -v output=source is missing")
    print "/* Made from src/sql by scripts/sql-to-c.awk; edit the .sql files. */"
    if (output == "header")
    {
        print "#ifndef DB_SQL_TEXT_H\n#define DB_SQL_TEXT_H"
    }
    else
    {
        print "#include \"db/sql_text.h\"\n"
        print "#pragma GCC diagnostic ignored \"-Woverlength-strings\""
    }
}

FNR == 1 {
    end_file()
    begin_file()
}

n_lines == 0 && /^[ \t]*--/ {
    print_comment($0)
    next
}

n_lines == 0 && /^[ \t]*$/ {
    next
}

{
    if (n_lines == 0)
        begin_query()
    else if (output == "source")
        printf "\\n\"\n    \""
    if (output == "source")
        printf "%s", c_string($0)
    n_lines++
}

END {
    if (has_failed)
        exit 1
    end_file()
    if (output == "header")
        print "\n#endif"
}
