# 048_left_out_calls.t in staging mode.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Twin;

PgSample::Test::Twin::run_original('048_left_out_calls');
