/*
 * Is what masks made of a value of the type, and has it what the mask keeps? Values are
 * as the server writes them. Written without the code that it checks.
 */
#ifndef TESTS_UNIT_MASK_SYNTAX_H
#define TESTS_UNIT_MASK_SYNTAX_H

#include <stdbool.h>

bool mask_syntax_has_form(const char *value, const char *masked);
bool mask_syntax_is_int2(const char *value, const char *masked);
bool mask_syntax_is_int4(const char *value, const char *masked);
bool mask_syntax_is_int8(const char *value, const char *masked);
bool mask_syntax_is_numeric(const char *value, const char *masked);
bool mask_syntax_is_amount(const char *value, const char *masked);
bool mask_syntax_is_float8(const char *value, const char *masked);
bool mask_syntax_is_float4(const char *value, const char *masked);
bool mask_syntax_is_bucket(const char *value, const char *masked);
bool mask_syntax_is_inet(const char *value, const char *masked);
bool mask_syntax_is_cidr(const char *value, const char *masked);
bool mask_syntax_is_macaddr(const char *value, const char *masked);
bool mask_syntax_is_date(const char *value, const char *masked);
bool mask_syntax_is_timestamp(const char *value, const char *masked);
bool mask_syntax_is_date_only(const char *value, const char *masked);
bool mask_syntax_is_in_year(const char *value, const char *masked);
bool mask_syntax_is_in_month(const char *value, const char *masked);
bool mask_syntax_is_uuid(const char *value, const char *masked);
bool mask_syntax_is_hex_bytes(const char *value, const char *masked);
bool mask_syntax_is_short_hex(const char *value, const char *masked);
bool mask_syntax_is_boolean(const char *value, const char *masked);
bool mask_syntax_is_label(const char *value, const char *masked);
bool mask_syntax_is_luhn_kept(const char *value, const char *masked);

#endif
