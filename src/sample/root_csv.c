#include "sample/root_csv.h"

#include "base/log.h"

void
root_csv_read(RootKeys *keys, Session *session, const Relation *relation,
              const RootFile *file, const char *source)
{
    (void)keys;
    (void)session;
    (void)relation;
    (void)file;
    die_message(EXIT_USAGE, "%s: files are not read yet", source);
}
