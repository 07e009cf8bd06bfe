# 158_slice_scans.t in staging mode.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Twin;

PgSample::Test::Twin::run_original('158_slice_scans');
