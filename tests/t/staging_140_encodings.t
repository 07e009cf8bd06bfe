# 140_encodings.t in staging mode.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Twin;

PgSample::Test::Twin::run_original('140_encodings');
