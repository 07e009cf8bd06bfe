# 172_mask_shop.t in staging mode.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";

use PgSample::Test::Staging;

PgSample::Test::Staging::run_original('172_mask_shop');
