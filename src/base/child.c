#include "base/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/die.h"
#include "base/display.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/signals.h"
#include "base/tempfile.h"

extern char **environ;

/* Runs in the signal handler; child is the target. */
static void
child_interrupt(void *target)
{
    Child *child = target;

    if (child->pid > 0)
        kill(-child->pid, SIGTERM);
}

static Child *exit_children[8];

static void
child_kill_all(void)
{
    for (size_t i = 0; i < sizeof(exit_children) / sizeof(exit_children[0]); i++)
    {
        Child *child = exit_children[i];

        if (child == NULL || child->pid <= 0)
            continue;
        kill(-child->pid, SIGTERM);
        while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR)
            continue;
        child->pid = 0;
    }
}

static void
child_kill_at_exit(Child *child)
{
    static bool is_registered;

    if (!is_registered)
    {
        atexit(child_kill_all);
        signals_register_cleanup(child_kill_all);
    }
    is_registered = true;
    for (size_t i = 0; i < sizeof(exit_children) / sizeof(exit_children[0]); i++)
    {
        if (exit_children[i] == NULL || exit_children[i] == child)
        {
            exit_children[i] = child;
            return;
        }
    }
    die_message(EXIT_OUTPUT, "too many child processes at once");
}

static void
child_forget(Child *child)
{
    for (size_t i = 0; i < sizeof(exit_children) / sizeof(exit_children[0]); i++)
    {
        if (exit_children[i] == child)
            exit_children[i] = NULL;
    }
    signals_unregister(child->slot);
    child->pid = 0;
}

static void
spawn_redirect(posix_spawn_file_actions_t *actions, int fd, int target, int flags)
{
    if (fd < 0)
        posix_spawn_file_actions_addopen(actions, target, "/dev/null", flags, 0);
    else
        posix_spawn_file_actions_adddup2(actions, fd, target);
}

/*
 * The child gets default signal handling (SIGPIPE is ignored in the parent), and a
 * process group of its own, so that it is ended with all that it may have started.
 */
static void
spawn_set_attributes(posix_spawnattr_t *attributes)
{
    sigset_t defaults;

    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    sigaddset(&defaults, SIGINT);
    sigaddset(&defaults, SIGTERM);
    sigaddset(&defaults, SIGHUP);
    posix_spawnattr_setsigdefault(attributes, &defaults);
    posix_spawnattr_setpgroup(attributes, 0);
    posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
}

static int
spawn_program(pid_t *pid, char *const argv[], char *const env[], int in, int out,
              int errors)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int error;

    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    spawn_redirect(&actions, in, STDIN_FILENO, O_RDONLY);
    spawn_redirect(&actions, out, STDOUT_FILENO, O_WRONLY);
    spawn_redirect(&actions, errors, STDERR_FILENO, O_WRONLY);
    spawn_set_attributes(&attributes);
    error = posix_spawnp(pid, argv[0], &actions, &attributes, argv, env);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

/* Returns false, with errno set, when the program cannot be started. */
static bool
child_try_start(Child *child, char *const argv[], char *const env[], int stdin_fd,
                int stdout_fd)
{
    const char *slash = strrchr(argv[0], '/');
    int error;

    *child = (Child){.name = mem_copy_string(slash != NULL ? slash + 1 : argv[0])};
    signals_check();
    child->errors = tempfile_open_in_memory();
    error = spawn_program(&child->pid, argv, env, stdin_fd, stdout_fd, child->errors);
    if (error != 0)
    {
        child->pid = 0;
        close(child->errors);
        free(child->name);
        errno = error;
        return false;
    }
    child_kill_at_exit(child);
    child->slot = signals_register(child_interrupt, child);
    if (signals_pending() != 0)
        kill(-child->pid, SIGTERM);
    return true;
}

void
child_start(Child *child, char *const argv[], char *const env[], int stdin_fd,
            int stdout_fd)
{
    if (!child_try_start(child, argv, env, stdin_fd, stdout_fd))
        die_errno(EXIT_OUTPUT, "could not start %s", argv[0]);
}

static void
child_show_errors(Child *child)
{
    size_t size;
    char *text = tempfile_read_all(child->errors, &size);

    log_progress_clear();
    display_foreign(stderr, child->name, text, size);
    free(text);
    close(child->errors);
}

int
child_wait(Child *child)
{
    int status = 0;

    while (waitpid(child->pid, &status, 0) < 0)
    {
        if (errno != EINTR)
            die_errno(EXIT_OUTPUT, "could not wait for %s", child->name);
    }
    child_forget(child);
    signals_check();
    child_show_errors(child);
    return status;
}

void
child_wait_success(Child *child)
{
    int status = child_wait(child);

    if (WIFSIGNALED(status))
        die_message(EXIT_OUTPUT, "%s was terminated by signal %d", child->name,
                    WTERMSIG(status));
    if (WEXITSTATUS(status) != 0)
        die_message(EXIT_OUTPUT, "%s failed with exit status %d", child->name,
                    WEXITSTATUS(status));
    free(child->name);
    child->name = NULL;
}

char *
child_read_output(char *const argv[])
{
    int output = tempfile_open();
    char *text = NULL;
    Child child;
    size_t size;
    int status;

    if (!child_try_start(&child, argv, environ, -1, output))
    {
        close(output);
        return NULL;
    }
    status = child_wait(&child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        text = tempfile_read_all(output, &size);
    free(child.name);
    close(output);
    return text;
}
