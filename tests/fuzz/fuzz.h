/*
 * Targets for a fuzzer: each gives bytes to a parser of the program and checks what must
 * hold whatever they are, besides what the sanitizers see. scripts/fuzz runs them under
 * libFuzzer; the program replay runs them over the corpus, which has one folder for each.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/strbuf.h"

int fuzz_answers(const uint8_t *data, size_t size);
int fuzz_archive(const uint8_t *data, size_t size);
int fuzz_config(const uint8_t *data, size_t size);
int fuzz_copytext(const uint8_t *data, size_t size);
int fuzz_csv(const uint8_t *data, size_t size);
int fuzz_display(const uint8_t *data, size_t size);
int fuzz_input(const uint8_t *data, size_t size);
int fuzz_json(const uint8_t *data, size_t size);
int fuzz_kinds(const uint8_t *data, size_t size);
int fuzz_listing(const uint8_t *data, size_t size);
int fuzz_mask(const uint8_t *data, size_t size);
int fuzz_names(const uint8_t *data, size_t size);
int fuzz_options(const uint8_t *data, size_t size);
int fuzz_rules(const uint8_t *data, size_t size);
int fuzz_script(const uint8_t *data, size_t size);
int fuzz_surrogates(const uint8_t *data, size_t size);
int fuzz_words(const uint8_t *data, size_t size);

/* Ends the program unless the property holds. */
void fuzz_expect(bool holds, const char *property);

/* A copy that ends with a NUL byte, for the caller to free. */
char *fuzz_copy_text(const uint8_t *data, size_t size);

/* The path of an open file with these bytes, which is closed by fuzz_close_file(). */
const char *fuzz_open_file(const uint8_t *data, size_t size);
void fuzz_close_file(void);

/*
 * Does it begin like a compressed file? Where such a one is damaged is seen after what
 * comes before, or at once, depending on how much is read.
 */
bool fuzz_is_compressed(const uint8_t *data, size_t size);

#endif
