/* The kinds of masks by their files; mask_kinds.c puts them into an order. */
#ifndef MASK_MASK_KINDS_H
#define MASK_MASK_KINDS_H

#include "mask/mask_kind.h"

/* ---- mask_plain.c */
extern const MaskKind mask_plain_keep;
extern const MaskKind mask_plain_null;
extern const MaskKind mask_plain_fixed;
extern const MaskKind mask_plain_empty;
extern const MaskKind mask_plain_sql;

/* ---- mask_digest.c */
extern const MaskKind mask_digest_hash;
extern const MaskKind mask_digest_uuid;

/* ---- mask_persons.c */
extern const MaskKind mask_persons_email;
extern const MaskKind mask_persons_user_name;
extern const MaskKind mask_persons_first_name;
extern const MaskKind mask_persons_last_name;
extern const MaskKind mask_persons_name;

/* ---- mask_wording.c */
extern const MaskKind mask_wording_words;

/* ---- mask_scrub.c */
extern const MaskKind mask_scrub_scrub;

/* ---- mask_json.c */
extern const MaskKind mask_json_json;

/* ---- mask_places.c */
extern const MaskKind mask_places_street;
extern const MaskKind mask_places_city;
extern const MaskKind mask_places_company;

/* ---- mask_digits.c */
extern const MaskKind mask_digits_phone;
extern const MaskKind mask_digits_pattern;
extern const MaskKind mask_digits_postcode;

/* ---- mask_date.c */
extern const MaskKind mask_date_date;
extern const MaskKind mask_date_shift;

/* ---- files of one kind */
extern const MaskKind mask_bucket_bucket;
extern const MaskKind mask_card_card;
extern const MaskKind mask_iban_iban;
extern const MaskKind mask_integer_key;
extern const MaskKind mask_ip_ip;
extern const MaskKind mask_macaddr_mac;
extern const MaskKind mask_number_noise;
extern const MaskKind mask_pick_pick;

#endif
