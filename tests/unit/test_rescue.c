/* base/recovery.h: errors that come back instead of ending the program. */

#include "base/recovery.h"

#include <stddef.h>

#include "base/log.h"
#include "tap.h"

/* What came back, and where to. */
static const char *place;

static char message[] = "it failed";

/* What is allocated here would be lost on the way back. */
static const Diag failure = {.message = message};

static void
fail_in_staging(void)
{
    die_staging(&failure);
}

static void
fail_in_table(void)
{
    die(EXIT_SERVER, &failure);
}

static void
test_way_in(void)
{
    Rescue rescue = {.kind = RESCUE_STAGING};

    ok(!rescue_is_open(RESCUE_STAGING), "nothing is open at the beginning");
    if (RESCUE_TRY(&rescue))
    {
        ok(rescue_is_open(RESCUE_STAGING), "a stretch is open within");
        ok(!rescue_is_open(RESCUE_TABLE), "but not one of another kind");
        rescue_end(&rescue);
    }
    else
        ok(false, "no error came");
    ok(!rescue_is_open(RESCUE_STAGING), "it ends where it ends");
}

static void
test_way_back(void)
{
    Rescue rescue = {.kind = RESCUE_STAGING};
    Diag diag = {0};

    diag_set_message(&diag, "no room");
    diag_set_detail(&diag, "0 bytes");
    diag_set_hint(&diag, "Make some.");
    if (RESCUE_TRY(&rescue))
        die_staging(&diag);
    ok(!rescue_is_open(RESCUE_STAGING), "a stretch that an error came back to has ended");
    ok(rescue.diag.message != diag.message && rescue.diag.detail != diag.detail &&
           rescue.diag.hint != diag.hint,
       "the error is a copy");
    diag_free(&diag);
    is_str(rescue.diag.message, "no room", "of the message");
    is_str(rescue.diag.detail, "0 bytes", "the detail");
    is_str(rescue.diag.hint, "Make some.", "and the hint");
    diag_free(&rescue.diag);

    if (RESCUE_TRY(&rescue))
        fail_in_staging();
    is_str(rescue.diag.message, "it failed", "a stretch can be used again");
    ok(rescue.diag.detail == NULL && rescue.diag.hint == NULL,
       "what is not there stays so");
    diag_free(&rescue.diag);
}

/* The innermost stretch of the kind, whatever is open within it. */
static void
nest(RescueKind outer_kind, RescueKind inner_kind, void (*fail)(void))
{
    Rescue outer = {.kind = outer_kind};
    Rescue inner = {.kind = inner_kind};

    place = "nowhere";
    if (RESCUE_TRY(&outer))
    {
        if (RESCUE_TRY(&inner))
            fail();
        place = "inner";
        diag_free(&inner.diag);
        if (outer_kind != inner_kind)
            ok(rescue_is_open(outer_kind), "the outer stretch is open still");
        rescue_end(&outer);
    }
    else
    {
        place = "outer";
        diag_free(&outer.diag);
    }
    ok(!rescue_is_open(outer_kind) && !rescue_is_open(inner_kind),
       "nothing is left open");
}

static void
test_nesting(void)
{
    nest(RESCUE_STAGING, RESCUE_TABLE, fail_in_table);
    is_str(place, "inner", "a table's error comes back to the table");
    nest(RESCUE_STAGING, RESCUE_TABLE, fail_in_staging);
    is_str(place, "outer", "one of staging goes past it");
    nest(RESCUE_TABLE, RESCUE_STAGING, fail_in_table);
    is_str(place, "outer", "and the other way round");
    nest(RESCUE_STAGING, RESCUE_STAGING, fail_in_staging);
    is_str(place, "inner", "of two of a kind the inner one gets it");
    nest(RESCUE_TABLE, RESCUE_TABLE, fail_in_table);
    is_str(place, "inner", "of tables as well");
}

/* Without a stretch for staging, its errors are those of the server. */
static void
test_staging_as_table(void)
{
    Rescue rescue = {.kind = RESCUE_TABLE};

    place = "in";
    if (RESCUE_TRY(&rescue))
        fail_in_staging();
    else
        place = "back";
    is_str(place, "back", "an error of staging comes back to a table");
    is_str(rescue.diag.message, "it failed", "as it is");
    diag_free(&rescue.diag);
}

static void
test_throw(void)
{
    Rescue rescue = {.kind = RESCUE_TABLE};

    rescue_throw(RESCUE_TABLE, &failure);
    ok(true, "nothing happens where no stretch is open");
    rescue_begin(&rescue);
    rescue_throw(RESCUE_STAGING, &failure);
    ok(rescue_is_open(RESCUE_TABLE), "nor where only one of another kind is");
    rescue_abandon();
    ok(!rescue_is_open(RESCUE_TABLE), "what is abandoned is open no longer");
    rescue_throw(RESCUE_TABLE, &failure);
    ok(true, "and gets no error");
}

int
main(void)
{
    test_way_in();
    test_way_back();
    test_nesting();
    test_staging_as_table();
    test_throw();
    return done_testing();
}
