/*
 * Stages several ranges of sources at once, each in a process of its own: a fork() that
 * connects again, stages its range, and writes its counts and rejects to a temporary
 * file. So the code that stages sources is the same with and without --jobs, also where
 * it ends the program. The parent plans the first source of each range, one after the
 * other, so that tables are created once and their order does not depend on timing, and
 * adds the results in the order of the sources: the outcome is that of --jobs=1.
 *
 * A range is a single source if there are few. The sources of a longer one follow each
 * other and are of one table, and each job gets RANGES_PER_JOB of them, so that none is
 * idle for long at the end. A dump, whose tables are known only as it is read, is staged
 * by the parent.
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/die.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/plural.h"
#include "base/recovery.h"
#include "base/signals.h"
#include "base/tempfile.h"
#include "db/db.h"
#include "load/stage/stage_internal.h"
#include "store/store.h"

enum
{
    PAUSE = 10 * 1000 * 1000, /* nanoseconds between checks of the children */
    RANGES_PER_JOB = 8
};

/* Sources that a child stages; its result and its messages are in unnamed files. */
typedef struct Worker
{
    pid_t pid;  /* 0: it does not run */
    int source; /* the first one; in the parent earlier ones can have no rows */
    int end;    /* the first one that is not its */
    int table;
    int result; /* -1: nothing is left for a child */
    int errors;
    bool is_begun;
} Worker;

/* Precedes the hashes of the sources, if they are wanted, and the rejects in the file. */
typedef struct WorkerResult
{
    int64_t n_source;
    int64_t n_staged;
    int64_t n_bytes;
    int n_sources;
} WorkerResult;

typedef struct WorkerPool
{
    StageState *state;
    Worker *workers;
    int n_workers;
    int n_running;
    int n_collected;            /* of the first workers */
    volatile int64_t *progress; /* of each worker, in shared memory */
    size_t progress_size;
    double start;
} WorkerPool;

/* ---- in the child */

/* Skips the exit handlers of the parent, who gets the error instead of a result. */
static void
leave(int status, void *context)
{
    const Worker *worker = context;
    const char *error = log_get_error();

    if (error != NULL && ftruncate(worker->result, 0) == 0 &&
        lseek(worker->result, 0, SEEK_SET) == 0 &&
        write(worker->result, error, strlen(error)) < 0)
        _exit(EXIT_OUTPUT);
    _exit(status);
}

/*
 * Signals end the child at once, and the server rolls its transaction back; its copies of
 * the parent's connections are never used.
 */
static void
become_child(Worker *worker, pid_t parent)
{
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    signal(SIGHUP, SIG_DFL);
    if (on_exit(leave, worker) != 0 || prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 ||
        getppid() != parent || dup2(worker->errors, STDERR_FILENO) < 0)
        _exit(EXIT_OUTPUT);
    recovery_abandon();
}

/* From here on the batch is the child's own. */
static void
connect_child(const WorkerPool *pool, const Worker *worker)
{
    StageState *state = pool->state;
    LoadBatch *batch = state->batch;
    LoadTable *table = &batch->tables[worker->table];
    Db *db = db_connect_again(batch->db);

    db_session_set_encoding(db, db_encoding(batch->db));
    db_session_copy_settings(db, batch->db);
    batch->db = db;
    table->counts.n_source = 0;
    table->counts.bytes = 0;
    table->n_staged = 0;
    table->n_sources = 0;
    state->rejects = rejects_new(batch);
    state->end = worker->end;
    state->n_expected = worker->source;
    state->progress = &pool->progress[worker - pool->workers];
}

static size_t
get_hashes_size(const LoadBatch *batch, const Worker *worker)
{
    return batch->hashes != NULL
               ? (size_t)(worker->end - worker->source) * sizeof(*batch->hashes)
               : 0;
}

static void
write_result(const LoadBatch *batch, const Worker *worker, const Rejects *rejects)
{
    const LoadTable *table = &batch->tables[worker->table];
    const WorkerResult result = {.n_source = table->counts.n_source,
                                 .n_staged = table->n_staged,
                                 .n_bytes = table->counts.bytes,
                                 .n_sources = table->n_sources};
    size_t n_hashes = get_hashes_size(batch, worker);

    tempfile_write_all(worker->result, tempfile_name, &result, sizeof(result));
    if (n_hashes > 0)
        tempfile_write_all(worker->result, tempfile_name, batch->hashes + worker->source,
                           n_hashes);
    rejects_write(rejects, worker->result);
}

/* A source whose header differs is planned again, and then has the same table. */
static _Noreturn void
run_child(const WorkerPool *pool, Worker *worker, StageReader *reader, pid_t parent)
{
    StageState *state = pool->state;
    int n_tables = state->batch->n_tables;

    become_child(worker, parent);
    connect_child(pool, worker);
    stage_source_finish(state, reader);
    if (reader->plan.table != worker->table || state->batch->n_tables != n_tables)
        die_message(EXIT_SERVER,
                    "%s: the table of its rows was changed while it was "
                    "being read",
                    state->batch->sources[reader->source].name);
    write_result(state->batch, worker, state->rejects);
    db_close(state->batch->db);
    _exit(EXIT_DONE);
}

/* ---- in the parent */

static WorkerPool *running_pool;

static void
kill_workers(void)
{
    WorkerPool *pool = running_pool;

    for (int i = 0; pool != NULL && i < pool->n_workers; i++)
    {
        if (pool->workers[i].pid > 0)
            kill(pool->workers[i].pid, SIGTERM);
    }
    for (int i = 0; pool != NULL && i < pool->n_workers; i++)
    {
        while (pool->workers[i].pid > 0 && waitpid(pool->workers[i].pid, NULL, 0) < 0 &&
               errno == EINTR)
            continue;
        pool->workers[i].pid = 0;
    }
}

static void
start_worker(WorkerPool *pool, Worker *worker, StageReader *reader)
{
    pid_t parent = getpid();
    pid_t pid;

    worker->source = reader->source;
    worker->table = reader->plan.table;
    worker->result = tempfile_open();
    worker->errors = tempfile_open_in_memory();
    fflush(stdout);
    fflush(stderr);
    signals_check();
    store_end();
    pid = fork();
    if (pid < 0)
        die_errno(EXIT_OUTPUT, "could not start a process");
    if (pid == 0)
        run_child(pool, worker, reader, parent);
    worker->pid = pid;
    pool->n_running++;
}

static void
show_errors(const Worker *worker)
{
    size_t size;
    char *text = tempfile_read_all(worker->errors, &size);

    log_progress_clear();
    fwrite(text, 1, size, stderr); /* escaped by the worker's log */
    free(text);
    close(worker->errors);
}

static void
take_error(const Worker *worker)
{
    size_t size;
    char *text = tempfile_read_all(worker->result, &size);

    if (size > 0)
        log_set_error(text);
    free(text);
}

/* If a child fails the program fails, with the messages of the child. */
static void
end_worker(WorkerPool *pool, Worker *worker, int status)
{
    worker->pid = 0;
    pool->n_running--;
    signals_check();
    if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_DONE)
    {
        show_errors(worker);
        return;
    }
    kill_workers();
    show_errors(worker);
    if (WIFEXITED(status))
    {
        take_error(worker);
        exit(WEXITSTATUS(status));
    }
    die_message(EXIT_OUTPUT, "the process that staged \"%s\" was terminated by signal %d",
                pool->state->batch->sources[worker->source].name, WTERMSIG(status));
}

static void
show_progress(const WorkerPool *pool)
{
    int64_t n_rows = 0;
    double seconds = clock_seconds() - pool->start;

    for (int i = 0; i < pool->n_workers; i++)
        n_rows += pool->progress[i];
    if (seconds > 0.5)
        log_progress("staging: %" PRId64 " row%s read, %.0f a second", n_rows,
                     plural(n_rows), (double)n_rows / seconds);
}

static void
collect_result(const WorkerPool *pool, const Worker *worker)
{
    LoadBatch *batch = pool->state->batch;
    LoadTable *table = &batch->tables[worker->table];
    size_t n_hashes = get_hashes_size(batch, worker);
    WorkerResult result;

    tempfile_read_at(worker->result, &result, sizeof(result), 0);
    table->counts.n_source += result.n_source;
    table->counts.bytes += result.n_bytes;
    table->n_staged += result.n_staged;
    table->n_sources += result.n_sources;
    if (n_hashes > 0)
        tempfile_read_at(worker->result, batch->hashes + worker->source, n_hashes,
                         sizeof(result));
    lseek(worker->result, (off_t)(sizeof(result) + n_hashes), SEEK_SET);
    rejects_read(pool->state->rejects, worker->result);
    close(worker->result);
}

/* In the order of the sources. */
static void
collect_results(WorkerPool *pool)
{
    while (pool->n_collected < pool->n_workers)
    {
        const Worker *worker = &pool->workers[pool->n_collected];

        if (!worker->is_begun || worker->pid > 0)
            return;
        if (worker->result >= 0)
            collect_result(pool, worker);
        pool->n_collected++;
    }
}

/* Waits until fewer than limit children run. */
static void
wait_for_workers(WorkerPool *pool, int limit)
{
    const struct timespec pause = {.tv_nsec = PAUSE};

    while (pool->n_running >= limit && pool->n_running > 0)
    {
        for (int i = 0; i < pool->n_workers; i++)
        {
            int status;

            if (pool->workers[i].pid > 0 &&
                waitpid(pool->workers[i].pid, &status, WNOHANG) > 0)
                end_worker(pool, &pool->workers[i], status);
        }
        signals_check();
        collect_results(pool);
        show_progress(pool);
        nanosleep(&pause, NULL);
    }
}

/* Plans the first source, and starts a child for the range; stages a dump itself. */
static void
run_range(WorkerPool *pool, Worker *worker, StageReader *reader)
{
    StageState *state = pool->state;

    state->end = worker->end;
    state->n_expected = worker->end; /* a child reads them */
    if (!reader->has_table && !stage_reader_next(state, reader))
        return;
    if (input_get_format(reader->input) == INPUT_DUMP)
    {
        stage_source_finish(state, reader);
        return;
    }
    if (!stage_table_need(state, stage_reader_get_table(state, reader)))
        return;
    wait_for_workers(pool, state->batch->settings->jobs);
    state->has_sent = true;
    start_worker(pool, worker, reader);
    stage_reader_close(reader);
    reader->source = worker->end - 1;
}

/* ---- the ranges */

/* Can a child stage the two? A table that is a guess may turn out to be a dump. */
static bool
can_be_together(const LoadSource *one, const LoadSource *other)
{
    bool is_known = one->format != INPUT_AUTO || !one->is_guess;

    return is_known && one->format != INPUT_DUMP && stage_reader_are_alike(one, other);
}

static int
find_range_end(const LoadBatch *batch, int first, int most)
{
    int end = first + 1;

    while (end < batch->n_sources && end - first < most &&
           can_be_together(&batch->sources[end - 1], &batch->sources[end]))
        end++;
    return end;
}

static void
make_ranges(WorkerPool *pool, int first)
{
    const LoadBatch *batch = pool->state->batch;
    int n_left = batch->n_sources - first;
    int n_wanted = batch->settings->jobs * RANGES_PER_JOB;
    int most = (n_left + n_wanted - 1) / n_wanted;
    size_t capacity = 0;

    while (first < batch->n_sources)
    {
        Worker worker = {.source = first, .result = -1};

        worker.end = first = find_range_end(batch, first, most);
        MEM_GROW(pool->workers, capacity, (size_t)pool->n_workers);
        pool->workers[pool->n_workers++] = worker;
    }
}

static void
init_pool(WorkerPool *pool, StageState *state, int first)
{
    static bool is_registered;
    void *memory;

    *pool = (WorkerPool){.state = state};
    make_ranges(pool, first);
    pool->progress_size = (size_t)pool->n_workers * sizeof(*pool->progress);
    memory = mmap(NULL, pool->progress_size, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        mem_die();
    pool->progress = memory;
    pool->start = clock_seconds();
    /* registered after the handler that drops tables, so that it runs before that */
    if (!is_registered && atexit(kill_workers) != 0)
        die_message(EXIT_OUTPUT, "could not register the clean-up");
    is_registered = true;
    running_pool = pool;
}

void
stage_workers_run(StageState *state, StageReader *first)
{
    WorkerPool pool;

    init_pool(&pool, state, first->source);
    for (int i = 0; i < pool.n_workers; i++)
    {
        run_range(&pool, &pool.workers[i], first);
        pool.workers[i].is_begun = true;
        if (state->batch->stage_kind == STAGE_NONE ||
            rejects_are_hopeless(state->rejects))
            break;
    }
    wait_for_workers(&pool, 1);
    collect_results(&pool);
    running_pool = NULL;
    munmap((void *)(uintptr_t)pool.progress, pool.progress_size);
    free(pool.workers);
}
