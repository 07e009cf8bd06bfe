# 120_live_writes.t in staging mode.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Twin;

PgSample::Test::Twin::run_original('120_live_writes');
