/* What the staging schema says of itself: its manifest and comments, and its state. */
#ifndef SAMPLE_STAGING_STAGING_MANIFEST_H
#define SAMPLE_STAGING_STAGING_MANIFEST_H

#include "sample/proof.h"
#include "sample/staging/staging.h"

/* Writes down the finished and proved sample; from now on it can be kept. */
void staging_manifest_complete(Sample *sample, const Proof *proof);

#endif
