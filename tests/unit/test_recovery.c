/* base/recovery.h: errors that come back instead of ending the program. */

#include "base/recovery.h"

#include <stddef.h>

#include "base/die.h"
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
    Recovery recovery = {.kind = RECOVERY_STAGING};

    ok(!recovery_is_open(RECOVERY_STAGING), "nothing is open at the beginning");
    if (RECOVERY_TRY(&recovery))
    {
        ok(recovery_is_open(RECOVERY_STAGING), "a stretch is open within");
        ok(!recovery_is_open(RECOVERY_TABLE), "but not one of another kind");
        recovery_end(&recovery);
    }
    else
        ok(false, "no error came");
    ok(!recovery_is_open(RECOVERY_STAGING), "it ends where it ends");
}

static void
test_way_back(void)
{
    Recovery recovery = {.kind = RECOVERY_STAGING};
    Diag diag = {0};

    diag_set_message(&diag, "no room");
    diag_set_detail(&diag, "0 bytes");
    diag_set_hint(&diag, "Make some.");
    if (RECOVERY_TRY(&recovery))
        die_staging(&diag);
    ok(!recovery_is_open(RECOVERY_STAGING),
       "a stretch that an error came back to has ended");
    ok(recovery.diag.message != diag.message && recovery.diag.detail != diag.detail &&
           recovery.diag.hint != diag.hint,
       "the error is a copy");
    diag_free(&diag);
    is_str(recovery.diag.message, "no room", "of the message");
    is_str(recovery.diag.detail, "0 bytes", "the detail");
    is_str(recovery.diag.hint, "Make some.", "and the hint");
    diag_free(&recovery.diag);

    if (RECOVERY_TRY(&recovery))
        fail_in_staging();
    is_str(recovery.diag.message, "it failed", "a stretch can be used again");
    ok(recovery.diag.detail == NULL && recovery.diag.hint == NULL,
       "what is not there stays so");
    diag_free(&recovery.diag);
}

/* The innermost stretch of the kind, whatever is open within it. */
static void
nest(RecoveryKind outer_kind, RecoveryKind inner_kind, void (*fail)(void))
{
    Recovery outer = {.kind = outer_kind};
    Recovery inner = {.kind = inner_kind};

    place = "nowhere";
    if (RECOVERY_TRY(&outer))
    {
        if (RECOVERY_TRY(&inner))
            fail();
        place = "inner";
        diag_free(&inner.diag);
        if (outer_kind != inner_kind)
            ok(recovery_is_open(outer_kind), "the outer stretch is open still");
        recovery_end(&outer);
    }
    else
    {
        place = "outer";
        diag_free(&outer.diag);
    }
    ok(!recovery_is_open(outer_kind) && !recovery_is_open(inner_kind),
       "nothing is left open");
}

static void
test_nesting(void)
{
    nest(RECOVERY_STAGING, RECOVERY_TABLE, fail_in_table);
    is_str(place, "inner", "a table's error comes back to the table");
    nest(RECOVERY_STAGING, RECOVERY_TABLE, fail_in_staging);
    is_str(place, "outer", "one of staging goes past it");
    nest(RECOVERY_TABLE, RECOVERY_STAGING, fail_in_table);
    is_str(place, "outer", "and the other way round");
    nest(RECOVERY_STAGING, RECOVERY_STAGING, fail_in_staging);
    is_str(place, "inner", "of two of a kind the inner one gets it");
    nest(RECOVERY_TABLE, RECOVERY_TABLE, fail_in_table);
    is_str(place, "inner", "of tables as well");
}

/* Without a stretch for staging, its errors are those of the server. */
static void
test_staging_as_table(void)
{
    Recovery recovery = {.kind = RECOVERY_TABLE};

    place = "in";
    if (RECOVERY_TRY(&recovery))
        fail_in_staging();
    else
        place = "back";
    is_str(place, "back", "an error of staging comes back to a table");
    is_str(recovery.diag.message, "it failed", "as it is");
    diag_free(&recovery.diag);
}

static void
test_throw(void)
{
    Recovery recovery = {.kind = RECOVERY_TABLE};

    recovery_throw(RECOVERY_TABLE, &failure);
    ok(true, "nothing happens where no stretch is open");
    recovery_begin(&recovery);
    recovery_throw(RECOVERY_STAGING, &failure);
    ok(recovery_is_open(RECOVERY_TABLE), "nor where only one of another kind is");
    recovery_abandon();
    ok(!recovery_is_open(RECOVERY_TABLE), "what is abandoned is open no longer");
    recovery_throw(RECOVERY_TABLE, &failure);
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
