/*
 * PQExpBuffer, libpq's growing string, as the one string builder of the project. This
 * header alone includes it, because it wants pg_attribute_printf defined before.
 */
#ifndef BASE_STRBUF_H
#define BASE_STRBUF_H

#include <stddef.h> /* pqexpbuffer.h wants size_t */

#ifndef pg_attribute_printf
#define pg_attribute_printf(f, a) __attribute__((format(printf, f, a)))
#endif

#include <internal/pqexpbuffer.h> /* IWYU pragma: export */

#endif
