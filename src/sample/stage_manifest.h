/* What the staging schema says of itself: its manifest and comments, and its state. */
#ifndef SAMPLE_STAGE_MANIFEST_H
#define SAMPLE_STAGE_MANIFEST_H

#include "sample/proof.h"
#include "sample/stage.h"

/* Writes down the finished and proved sample; from now on it can be kept. */
void stage_manifest_complete(Sample *sample, const Proof *proof);

#endif
