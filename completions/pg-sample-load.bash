# shellcheck shell=bash
# Completion of pg-sample-load's command line for bash.

# Fills COMPREPLY with those of the words in the first argument that begin with the second.
_pg_sample_load_words()
{
    mapfile -t COMPREPLY < <(compgen -W "$1" -- "$2")
}

_pg_sample_load_files()
{
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$1")
}

# The words that an option takes.
_pg_sample_load_values()
{
    case $1 in
        --format) echo 'auto csv copy pg-sample json jsonl' ;;
        --mode) echo 'incremental full slice append' ;;
        --strategy) echo 'upsert insert_only update_only' ;;
        --conflict) echo 'merge replace skip' ;;
        --immutable) echo 'keep reject' ;;
        --rollback-conflicts) echo 'fail skip force' ;;
        --timestamp-nulls) echo 'oldest newest' ;;
        --on-duplicate) echo 'last first error' ;;
        --dry-run) echo 'plan execute' ;;
        --apply) echo 'auto diff delete-insert truncate swap direct' ;;
        --staging) echo 'auto always never' ;;
        --metrics-format) echo 'json' ;;
        --log-format) echo 'text json' ;;
    esac
}

_pg_sample_load()
{
    # What an option takes.
    local takes_nothing takes_file takes_other may_take
    # BEGIN bash-options (made by scripts/update-docs)
    takes_nothing=' --status --gc --init --print-ddl -v --verbose -q --quiet
        -V --version -? --help -w --no-password -W --password --csv-header
        --no-csv-header --ignore-unknown-columns --s3-anonymous --force
        --approve --require-approval --require-queue --rollback --no-undo
        --check-only --allow-cascade --allow-same-database
        --allow-unknown-source --allow-mixed-masks --no-staging --stage-only
        --keep '
    takes_file=' --config --password-file --rejects-file --metrics-file '
    takes_other=' --older-than -d --dbname -h --host -p --port -U --username
        --source --file --format --csv-delimiter --csv-quote --csv-escape
        --csv-null -E --encoding --map --data-member -t --table-name
        -T --exclude-table --s3-endpoint --s3-region --s3-path-style
        --fetch-retries --fetch-timeout --batch-id --max-records --undo-of
        --rollback-conflicts --mode --slice --strategy --conflict
        --immutable-fields --immutable --updated-at-column --deleted-at-column
        --natural-key --timestamp-column --timestamp-compare --timestamp-nulls
        --on-duplicate --max-errors --max-delete-pct --min-rows --expect --check
        --apply --lock-timeout --transaction-timeout --max-retries --staging
        --staging-min-rows --batch-size -j --jobs --work-mem --commit-staged
        --schema-name --metrics-format --log-format '
    may_take=' --soft-delete --audit --undo --dry-run '
    # END bash-options

    local current=${COMP_WORDS[COMP_CWORD]}
    local option=${COMP_WORDS[COMP_CWORD - 1]}
    local is_attached=false

    # bash takes --name=value for three words
    if [[ $current == "=" ]]; then
        current=
        is_attached=true
    elif [[ $option == "=" ]]; then
        option=${COMP_WORDS[COMP_CWORD - 2]}
        is_attached=true
    fi

    COMPREPLY=()
    if [[ $takes_file == *[[:space:]]"$option"[[:space:]]* || $option == --source ]]; then
        _pg_sample_load_files "$current"
    elif [[ $takes_other == *[[:space:]]"$option"[[:space:]]* ||
        ($is_attached == true && $may_take == *[[:space:]]"$option"[[:space:]]*) ]]; then
        _pg_sample_load_words "$(_pg_sample_load_values "$option")" "$current"
    elif [[ $current == -* && $is_attached == false ]]; then
        _pg_sample_load_words "$takes_nothing $takes_file $takes_other $may_take" "$current"
    else
        # a source, or the file of TABLE=FILE
        _pg_sample_load_files "$current"
    fi
}

complete -F _pg_sample_load pg-sample-load
