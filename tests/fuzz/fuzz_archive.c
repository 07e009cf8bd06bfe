/* The table of contents of an archive is read, or refused, and its texts written. */
#include <stdlib.h>

#include "dump/toc.h"
#include "fuzz.h"

int
fuzz_archive(const uint8_t *data, size_t size)
{
    Toc *toc = toc_archive_read((const char *)data, size);

    if (toc == NULL)
        return 0;
    free(toc_script_format_settings(toc, false));
    free(toc_script_format_section(toc, TOC_PRE_DATA));
    free(toc_script_format_section(toc, TOC_POST_DATA));
    toc_remove_privileges(toc);
    toc_free(toc);
    return 0;
}
