#include "store/store_retry.h"

static const double first_pause = 0.25;
static const double longest_pause = 20;
static const double longest_asked_for = 60;

double
store_retry_get_pause(int n, double fraction, double asked_for)
{
    double pause = first_pause;

    while (--n > 0 && pause < longest_pause)
        pause *= 2;
    if (pause > longest_pause)
        pause = longest_pause;
    pause *= 0.5 + fraction / 2;
    if (asked_for > longest_asked_for)
        asked_for = longest_asked_for;
    return pause < asked_for ? asked_for : pause;
}
