#include "load/source/source_name.h"

#include <stdlib.h>

#include "tap.h"

static void
check(const char *path, const char *name, const char *file, bool is_prefix)
{
    char *found_name = source_name_make(path);
    char *found_file = source_name_make_file(path);

    is_str(found_name, name, "what %s is called", path);
    is_str(found_file, file, "the last part of %s", path);
    ok(source_name_is_prefix(path) == is_prefix, "is %s a prefix?", path);
    free(found_name);
    free(found_file);
}

int
main(void)
{
    check("a/b.csv", "a/b.csv", "b.csv", false);
    check("b%20c.csv", "b%20c.csv", "b%20c.csv", false);
    check("a/", "a/", "", false);
    check("s3://b/k%20?x#y", "s3://b/k%20?x#y", "k%20?x#y", false);
    check("s3://b/d/k.csv", "s3://b/d/k.csv", "k.csv", false);
    check("s3://b/d/", "s3://b/d/", "", true);
    check("s3://b/", "s3://b/", "", true);
    check("s3://b", "s3://b", "", true);
    check("https://h", "https://h", "", false);
    check("https://h/", "https://h/", "", false);
    check("https://h/a%20b.csv?s=/x#y", "https://h/a%20b.csv", "a b.csv", false);
    check("http://h/%C3%BC%zz%00%2", "http://h/%C3%BC%zz%00%2", "\xc3\xbc%zz%00%2",
          false);
    check("https://user:word@h/x", "https://h/x", "x", false);
    return done_testing();
}
