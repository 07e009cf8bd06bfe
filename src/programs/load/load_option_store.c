/* The options of pg-sample-load about sources that are URLs. */
#include "programs/load/load_option_table.h"

#include "programs/load/load_option_value.h"

const OptionRow load_option_store[] = {
    {OPTION("s3-endpoint", 0, "URL", LOAD_WITH_READING),
     STORE(option_set_name, store.endpoint),
     .help = "where s3:// is (default: Amazon S3)",
     .manual = "The object store that s3:// URLs are about, such as "
               "https://s3.example.com:9000. The default is the value of the environment "
               "variable AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL, or else Amazon S3. See "
               "OBJECT STORES."},
    {OPTION("s3-region", 0, "REGION", LOAD_WITH_READING),
     STORE(option_set_name, store.region), .help = "region of the buckets",
     .manual = "The region of the buckets. The default is the value of the environment "
               "variable AWS_REGION or AWS_DEFAULT_REGION, or else us-east-1."},
    {OPTION("s3-path-style", 0, "auto|yes|no", LOAD_WITH_READING),
     STORE(option_set_word, store.style),
     .help = "bucket in the path of requests (default: auto)",
     .manual = "Whether the bucket is named in the path of requests "
               "(https://HOST/BUCKET/KEY) or in the name of the host "
               "(https://BUCKET.HOST/KEY). By default (auto), it is in the name of the "
               "host for Amazon S3, unless it has a dot, and in the path otherwise."},
    {OPTION("s3-anonymous", 0, NULL, LOAD_WITH_READING),
     STORE(option_set_flag, store.is_anonymous),
     .help = "do not sign requests, for public buckets",
     .manual = "Do not sign requests: for buckets that everyone can read. Credentials "
               "are not needed then."},
    {OPTION("fetch-retries", 0, "N", LOAD_WITH_READING), .is_number = true,
     STORE(option_set_number, store.n_retries),
     .help = "attempts to go on with a URL (default: 5)",
     .manual = "How often in a row a URL is tried again after a temporary failure, "
               "without anything new having arrived. The default is 5."},
    {OPTION("fetch-timeout", 0, "TIME", LOAD_WITH_READING), .is_number = true,
     STORE(load_set_fetch_timeout, store.read_timeout),
     .help = "longest wait for bytes of a URL (default: 30s)",
     .manual = "For how long (hardly) any bytes of a URL may arrive before the attempt "
               "counts as failed: whole seconds, or a number with the unit s, min, h or "
               "d. The default is 30s."},
    {.name = NULL},
};
