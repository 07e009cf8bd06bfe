/* What the staging schema contains about itself: its manifest, comments and state. */
#ifndef SAMPLE_STAGING_STAGING_MANIFEST_H
#define SAMPLE_STAGING_STAGING_MANIFEST_H

#include "sample/proof.h"
#include "sample/staging/staging.h"

/* Describes the complete and proved sample; from now on it can be kept. */
void staging_manifest_complete(Sample *sample, const Proof *proof);

#endif
