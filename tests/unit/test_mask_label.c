/* Labels of PostgreSQL Anonymizer as masks. */
#include "mask/mask_label.h"

#include <string.h>

#include "mask/mask_kind.h"
#include "tap.h"

static PQExpBufferData mask;

/* The mask that it is, which must be one. */
static void
check_label(const char *label, const char *expected)
{
    Arena *arena = arena_new();
    MaskSpec spec;
    Diag diag = {0};

    resetPQExpBuffer(&mask);
    if (ok(mask_label_translate(&mask, label, &diag), "%s", label))
    {
        is_str(mask.data, expected, "its mask");
        ok(mask_spec_parse(&spec, arena, mask.data, &diag), "which is one: %s",
           diag.message == NULL ? "" : diag.message);
    }
    diag_free(&diag);
    arena_free(arena);
}

static void
check_rejected(const char *label, const char *reason)
{
    Diag diag = {0};

    resetPQExpBuffer(&mask);
    ok(!mask_label_translate(&mask, label, &diag), "%s has no counterpart", label);
    ok(diag.message != NULL && strstr(diag.message, reason) != NULL, "since %s", reason);
    is_str(mask.data, "", "and no mask");
    diag_free(&diag);
}

static void
check_functions(void)
{
    check_label("MASKED WITH FUNCTION anon.fake_email()", "email");
    check_label(" masked  with function ANON.Fake_First_Name( ) ", "first_name");
    check_label("MASKED WITH FUNCTION anon.pseudo_last_name(id, 'salt')", "last_name");
    check_label("MASKED WITH FUNCTION anon.dummy_company_name()", "company");
    check_label("MASKED WITH FUNCTION anon.dummy_name()", "name");
    check_label("MASKED WITH FUNCTION anon.dummy_username()", "user_name");
    check_label("MASKED WITH FUNCTION anon.fake_city()", "city");
    check_label("MASKED WITH FUNCTION anon.random_phone('0033')", "phone");
    check_label("MASKED WITH FUNCTION anon.random_zip()", "postcode");
    check_label("MASKED WITH FUNCTION anon.random_date_between('1/1/2000', now())",
                "date year");
    check_label("MASKED WITH FUNCTION anon.hash(email)", "hash");
    check_label("MASKED WITH FUNCTION anon.digest(a || ')', 'x', 'sha256')", "hash");
    check_label("MASKED WITH FUNCTION anon.lorem_ipsum( words := 20 )", "words");
    check_label("MASKED WITH FUNCTION anon.fake_iban()", "iban");
    check_label("MASKED WITH FUNCTION anon.dummy_ipv6()", "ip");
    check_label("MASKED WITH FUNCTION anon.dummy_uuidv4()", "uuid");
}

static void
check_arguments(void)
{
    check_label("MASKED WITH FUNCTION anon.noise(salary, 0.33)", "noise 33%");
    check_label("MASKED WITH FUNCTION anon.dnoise(born, '1 year'::interval)",
                "shift 365d");
    check_label("MASKED WITH FUNCTION anon.dnoise(born, '2 days')", "shift 2d");
    check_label("MASKED WITH FUNCTION anon.partial(phone,2,$$******$$,2)",
                "pattern keep 2");
    check_label("MASKED WITH FUNCTION anon.partial_email(email)", "email");
    check_label("MASKED WITH FUNCTION anon.generalize_int4range(age, 5)", "bucket 5");
    check_label("MASKED WITH FUNCTION anon.generalize_daterange(born, 'decade')",
                "bucket 10y");
    check_label("MASKED WITH FUNCTION anon.random_in(ARRAY['a','it''s', 'b,c'])",
                "pick 'a'|'it''s'|'b,c'");
    check_label("MASKED WITH FUNCTION anon.random_in(ARRAY[1,2])", "pick '1'|'2'");
    check_label("MASKED WITH FUNCTION anon.random_in_enum(status)", "pick enum");
}

static void
check_values(void)
{
    check_label("MASKED WITH VALUE NULL", "null");
    check_label("MASKED WITH VALUE 'CONFIDENTIAL'", "fixed 'CONFIDENTIAL'");
    check_label("MASKED WITH VALUE 'it''s'::text", "fixed 'it''s'");
    check_label("MASKED WITH VALUE 0", "fixed '0'");
    check_label("MASKED WITH VALUE ''", "fixed ''");
    check_label("MASKED WITH VALUE TRUE", "fixed 'TRUE'");
    check_label("NOT MASKED", "keep");
}

static void
check_no_counterpart(void)
{
    static const char alone[] = "it is not a function of the schema anon alone";

    check_rejected("MASKED WITH FUNCTION pg_catalog.md5(email)", alone);
    check_rejected("MASKED WITH FUNCTION anon.fake_email() || 'x'", alone);
    check_rejected("MASKED WITH FUNCTION anon.fake_email(", alone);
    check_rejected("MASKED WITH FUNCTION anon.hash('", alone);
    check_rejected("MASKED WITH FUNCTION anon.image_blur(photo, 3)",
                   "no mask is like the function");
    check_rejected("MASKED WITH FUNCTION anon.random_int_between(1, 2)",
                   "no mask is like the function");
    check_rejected("MASKED WITH FUNCTION anon.noise(a, b)",
                   "no mask takes these arguments");
    check_rejected("MASKED WITH FUNCTION anon.random_in(ARRAY[a, 'b'])",
                   "no mask takes these arguments");
    check_rejected("MASKED WITH FUNCTION anon.random_in(ARRAY['b'",
                   "it is not a function of the schema anon alone");
    check_rejected("MASKED WITH VALUE now()", "its value is not a constant");
    check_rejected("MASKED WITH VALUE 'a' || b", "its value is not a constant");
    check_rejected("MASKED WITH VALUE 'a", "its value is not a constant");
    check_rejected("MASKED", "it is not one of a masked column");
    check_rejected("", "it is not one of a masked column");
}

int
main(void)
{
    initPQExpBuffer(&mask);
    check_functions();
    check_arguments();
    check_values();
    check_no_counterpart();
    termPQExpBuffer(&mask);
    return done_testing();
}
