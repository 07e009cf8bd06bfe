# shellcheck shell=bash
# Completion of pg-sample's command line for bash.

# Fills COMPREPLY with those of the words in the first argument that begin with the second.
_pg_sample_words()
{
    mapfile -t COMPREPLY < <(compgen -W "$1" -- "$2")
}

# The same with the names of databases; none when the server is not there or wants a
# password. They are never expanded, whatever they contain.
_pg_sample_databases()
{
    local name
    while IFS= read -r name; do
        [[ $name != "$1"* ]] || COMPREPLY+=("$(printf '%q' "$name")")
    done < <(PGCONNECT_TIMEOUT=2 psql -X -A -t -w -d postgres -c \
        'SELECT datname FROM pg_catalog.pg_database WHERE datallowconn' 2>/dev/null)
}

_pg_sample()
{
    # What an option takes.
    local takes_nothing takes_file takes_other may_take
    # BEGIN bash-options (made by scripts/update-docs)
    takes_nothing=' --plan --no-sync -v --verbose -V --version -? --help
        -w --no-password -W --password --ordered-asc --ordered-desc
        --explain-edges --mask-labels --suggest-masks --mask-list -a --data-only
        -s --schema-only -c --clean --if-exists --inserts
        --on-conflict-do-nothing --disable-triggers --no-transaction
        --no-refresh -O --no-owner --owner -x --no-privileges --privileges
        --no-tablespaces --tablespaces --superuser-objects --enable-row-security
        --continue-on-error --use-staging --no-staging --force --keep
        --verify-only --resume '
    takes_file=' -f --file --report --config --pg-dump --mask-key-file
        --new-mask-key --restore-search-path '
    takes_other=' --memory-limit -d --dbname -h --host -p --port -U --username
        --limit --root --root-file --missing --children --depth --lookup-rows
        --where-column --reference --ignore-fk --max-rows --max-size --explain
        -n --schema -N --exclude-schema -t --table -T --exclude-table
        --exclude-table-data --mask -E --encoding --rows-per-insert
        --lock-timeout --staging-tables --staging-fks --sample-schema '
    may_take=' --ordered --random --mask-required --cleanup '
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
    if [[ $takes_file == *[[:space:]]"$option"[[:space:]]* ]]; then
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
    elif [[ $option == -d || $option == --dbname ]]; then
        _pg_sample_databases "$current"
    elif [[ $is_attached == true ]]; then
        case $option in
            --ordered) _pg_sample_words 'desc asc' "$current" ;;
            --random) _pg_sample_words 'stable' "$current" ;;
        esac
    elif [[ $takes_other == *[[:space:]]"$option"[[:space:]]* ]]; then
        : # whatever the user likes
    elif [[ $current == -* ]]; then
        _pg_sample_words "$takes_nothing $takes_file $takes_other $may_take" "$current"
    else
        _pg_sample_databases "$current"
    fi
}

complete -F _pg_sample pg-sample
