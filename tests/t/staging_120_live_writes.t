# 120_live_writes.t in staging mode.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Staging;

PgSample::Test::Staging::run_original('120_live_writes');
