/*
 * Random values of types, as the server writes them, for tests of masks. Each writes up
 * to MASK_VALUES_SIZE bytes; the same after the same mask_values_start().
 */
#ifndef TESTS_UNIT_MASK_VALUES_H
#define TESTS_UNIT_MASK_VALUES_H

#include <stdint.h>

enum
{
    MASK_VALUES_SIZE = 400
};

/* Begins the sequence of that number. */
void mask_values_start(uint64_t number);

int mask_values_count_days(int year, int month);

void mask_values_phone(char *text);
void mask_values_code(char *text);
void mask_values_card(char *text);
void mask_values_iban(char *text);
void mask_values_int2(char *text);
void mask_values_int4(char *text);
void mask_values_int8(char *text);
void mask_values_key(char *text);
void mask_values_amount(char *text);
void mask_values_numeric(char *text);
void mask_values_float8(char *text);
void mask_values_float4(char *text);
void mask_values_inet(char *text);
void mask_values_cidr(char *text);
void mask_values_macaddr(char *text);
void mask_values_macaddr8(char *text);
void mask_values_date(char *text);
void mask_values_timestamp(char *text);
void mask_values_uuid(char *text);
void mask_values_bytes(char *text);
void mask_values_boolean(char *text);
void mask_values_label(char *text);

#endif
