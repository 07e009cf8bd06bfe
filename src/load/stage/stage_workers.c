/*
 * Stages several sources at once, each in a process of its own: a fork() that connects
 * again, stages the rest of its source, and writes its counts and rejects to a temporary
 * file. So the code that stages a source is the same with and without --jobs, also where
 * it ends the program. The parent plans the sources one after the other, so that tables
 * are created once and their order does not depend on timing, and adds the results in the
 * order of the sources: the outcome is that of --jobs=1.
 *
 * A dump, whose tables are known only as it is read, is staged by the parent.
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

enum
{
    PAUSE = 10 * 1000 * 1000 /* nanoseconds between checks of the children */
};

/* A source that a child stages; its result and its messages are in unnamed files. */
typedef struct Worker
{
    pid_t pid; /* 0: it does not run */
    int source;
    int table;
    int result; /* -1: the parent stages the source */
    int errors;
    bool is_begun;
} Worker;

/* Precedes the rejects in the file. */
typedef struct WorkerResult
{
    int64_t n_source;
    int64_t n_staged;
    int64_t n_bytes;
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

/* Skips the exit handlers of the parent. */
static void
leave(int status, void *context)
{
    (void)context;
    _exit(status);
}

/*
 * Signals end the child at once, and the server rolls its transaction back; its copies of
 * the parent's connections are never used.
 */
static void
become_child(const Worker *worker, pid_t parent)
{
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    signal(SIGHUP, SIG_DFL);
    if (on_exit(leave, NULL) != 0 || prctl(PR_SET_PDEATHSIG, SIGTERM) != 0 ||
        getppid() != parent || dup2(worker->errors, STDERR_FILENO) < 0)
        _exit(EXIT_OUTPUT);
    recovery_abandon();
}

static _Noreturn void
run_child(const WorkerPool *pool, const Worker *worker, StageReader *reader, pid_t parent)
{
    StageState *state = pool->state;
    LoadTable *table = &state->batch->tables[worker->table];
    WorkerResult result;
    Rejects *rejects;
    StageCopy copy;
    Db *db;

    become_child(worker, parent);
    table->counts.n_source = 0;
    table->counts.bytes = 0;
    table->n_staged = 0;
    rejects = rejects_new(state->batch);
    db = db_connect_again(state->batch->db);
    db_session_set_encoding(db, db_encoding(state->batch->db));
    db_session_copy_settings(db, state->batch->db);
    copy = stage_copy_begin(state, db, worker->source, table, reader->encoding, rejects);
    copy.progress = &pool->progress[worker - pool->workers];
    stage_copy_rest(&copy, reader);
    stage_reader_count_bytes(state, reader);
    result = (WorkerResult){.n_source = table->counts.n_source,
                            .n_staged = table->n_staged,
                            .n_bytes = table->counts.bytes};
    tempfile_write_all(worker->result, tempfile_name, &result, sizeof(result));
    rejects_write(rejects, worker->result);
    db_close(db);
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

    worker->table = reader->plan.table;
    worker->result = tempfile_open();
    worker->errors = tempfile_open_in_memory();
    fflush(stdout);
    fflush(stderr);
    signals_check();
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
        exit(WEXITSTATUS(status));
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
    LoadTable *table = &pool->state->batch->tables[worker->table];
    WorkerResult result;

    tempfile_read_at(worker->result, &result, sizeof(result), 0);
    table->counts.n_source += result.n_source;
    table->counts.bytes += result.n_bytes;
    table->n_staged += result.n_staged;
    lseek(worker->result, (off_t)sizeof(result), SEEK_SET);
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

/* Plans the source, and starts a child for its rows; stages a dump itself. */
static void
run_source(WorkerPool *pool, Worker *worker, StageReader *reader)
{
    StageState *state = pool->state;

    if (reader->input == NULL)
        stage_reader_open(state, reader, worker->source);
    if (input_get_format(reader->input) == INPUT_DUMP)
    {
        stage_source_finish(state, reader);
        return;
    }
    if (!reader->has_table && !stage_reader_next_table(state, reader))
        return;
    if (!stage_table_need(state, stage_reader_get_table(state, reader)))
        return;
    wait_for_workers(pool, state->batch->settings->jobs);
    state->has_sent = true;
    start_worker(pool, worker, reader);
    input_close(reader->input);
    *reader = (StageReader){0};
}

static void
init_pool(WorkerPool *pool, StageState *state, int first)
{
    static bool is_registered;
    void *memory;

    *pool = (WorkerPool){.state = state, .n_workers = state->batch->n_sources - first};
    pool->workers = mem_alloc_zero((size_t)pool->n_workers, sizeof(*pool->workers));
    for (int i = 0; i < pool->n_workers; i++)
        pool->workers[i] = (Worker){.source = first + i, .result = -1};
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
        run_source(&pool, &pool.workers[i], first);
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
