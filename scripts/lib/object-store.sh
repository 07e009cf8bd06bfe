# shellcheck shell=bash disable=SC2154
# A part of bench-load: the object store of the tests.

# start_object_store FOLDER DELAY FILE: serves its files as the objects of a bucket, each after DELAY
# seconds, and sets the environment for that, by way of the file.
start_object_store()
{
    perl -I"$root/tests/lib" -MPgSample::Test::ObjectStore -e '
        my ($folder, $delay, $file) = @ARGV;
        my $store = PgSample::Test::ObjectStore->start(page_size => 1000, delay => $delay);
        for my $path (glob "$folder/staging/*/*/*") {
            open my $in, "<", $path or die;
            $store->put("bench", substr($path, 1 + length $folder) => join "", <$in>);
        }
        my %variable = $store->environment;
        open my $out, ">", "$file.new" or die;
        print {$out} map { "export $_=\x27$variable{$_}\x27\n" } grep { defined $variable{$_} } sort keys %variable;
        close $out or die;
        rename "$file.new", $file or die;
        $SIG{TERM} = sub { $store->stop; exit };
        sleep 1 while 1' "$1" "$2" "$3" &
    object_store=$!
    until [[ -e $3 ]]; do
        kill -0 "$object_store"
        sleep 0.1
    done
    # shellcheck source=/dev/null
    . "$3"
}

measure_objects()
{
    local i many one
    mkdir -p "$work"/files/staging/b/t
    print_records "$n_objects" json "$work/files/staging/b/t"
    start_object_store "$work/files" "${DELAY:-0.02}" "$work/store"
    "$pg_sample_load" --init -d json 2>"$work/errors"
    for ((i = 0; i < ${REPEAT:-3}; i++)); do
        timed load_batch_from from-store b s3://bench >>"$work/from-store.total"
        check_json "$n_objects"
        timed load_batch_from from-files b "$work/files" >>"$work/from-files.total"
        check_json "$n_objects"
    done
    kill "$object_store"
    many=$(median <"$work/from-store.total")
    one=$(median <"$work/from-files.total")
    printf 'objects: %s objects with a record each, %s s for an answer: %s, %s, %s times as files (%s, %s)\n' \
        "$n_objects" "${DELAY:-0.02}" "$(seconds "$many")" "$(peak "$work/from-store.peak") kB" \
        "$(ratio "$many" "$one")" "$(seconds "$one")" "$(peak "$work/from-files.peak") kB"
}
