#include "base/outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

enum
{
    MAX_LINKS = 40,
    MAX_ATTEMPTS = 10 /* other processes may replace the file as often */
};

static const char other_file[] = "Write to another file.";

static char *
get_directory(const char *path)
{
    char *copy = mem_copy_string(path);
    char *directory = mem_copy_string(dirname(copy));

    free(copy);
    return directory;
}

/* May everybody make files beside it? */
static bool
is_public(const char *path)
{
    char *directory = get_directory(path);
    struct stat status;
    bool is_open =
        stat(directory, &status) == 0 && (status.st_mode & (mode_t)S_IWOTH) != 0;

    free(directory);
    return is_open;
}

static bool
is_trusted_owner(const struct stat *status)
{
    return status->st_uid == geteuid() || status->st_uid == 0;
}

static void
report_errno(Diag *diag, const char *path)
{
    diag_set_message(diag, "could not open \"%s\": %s", path, strerror(errno));
}

/* ---- links */

/* Where the link leads; or NULL, with the diag unless there is no link. */
static char *
read_link(const char *path, Diag *diag)
{
    char text[PATH_MAX + 1];
    struct stat status;
    ssize_t length = -1;
    int fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);

    if (fd < 0)
        return NULL;
    if (fstat(fd, &status) == 0 && S_ISLNK(status.st_mode))
    {
        length = readlinkat(fd, "", text, PATH_MAX);
        if (!is_trusted_owner(&status) && is_public(path))
        {
            diag_set_message(diag, "\"%s\" is a symbolic link of another user", path);
            diag_set_hint(diag, "%s", other_file);
            length = -1;
        }
    }
    close(fd);
    if (length < 0)
        return NULL;
    text[length] = '\0';
    return mem_copy_string(text);
}

static char *
join_path(const char *link, const char *text)
{
    char *directory;
    char *path;

    if (text[0] == '/')
        return mem_copy_string(text);
    directory = get_directory(link);
    path = mem_format("%s/%s", directory, text);
    free(directory);
    return path;
}

char *
outfile_follow(const char *path, Diag *diag)
{
    char *current = mem_copy_string(path);
    struct stat status;

    /* a link that leads nowhere is a name like others */
    for (int i = 0; i < MAX_LINKS && stat(current, &status) == 0; i++)
    {
        char *text = read_link(current, diag);
        char *next;

        if (text == NULL)
            break;
        next = join_path(current, text);
        free(text);
        /* those of /proc/self/fd may lead to what is no path: "pipe:[123]" */
        if (stat(next, &status) != 0)
        {
            free(next);
            break;
        }
        free(current);
        current = next;
    }
    if (diag->message == NULL)
        return current;
    free(current);
    return NULL;
}

/* ---- files that will be renamed */

bool
outfile_is_at(int fd, const char *path)
{
    struct stat open_file;
    struct stat named_file;

    return fstat(fd, &open_file) == 0 && lstat(path, &named_file) == 0 &&
           open_file.st_dev == named_file.st_dev && open_file.st_ino == named_file.st_ino;
}

static bool
lock(int fd, const char *path, Diag *diag)
{
    if (flock(fd, LOCK_EX | LOCK_NB) == 0)
        return true;
    diag_set_message(diag, "another process is writing \"%s\"", path);
    diag_set_hint(diag, "Wait for it to end, or write to another file.");
    return false;
}

/* Removes what an earlier run left; false with the diag if it is not that. */
static bool
remove_left(const char *path, Diag *diag)
{
    struct stat status = {0};
    int fd = open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    bool is_done = true;

    if (fd < 0 && errno == ENOENT)
        return true;
    if (fd < 0 && errno != ELOOP && errno != ENXIO && errno != EACCES)
    {
        report_errno(diag, path);
        return false;
    }
    if (fd < 0 || fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) ||
        status.st_uid != geteuid() || status.st_nlink > 1)
    {
        diag_set_message(diag, "\"%s\" exists and is not an unfinished file of this user",
                         path);
        diag_set_detail(diag,
                        "It is a link, not a regular file, or belongs to another user.");
        diag_set_hint(diag, "Remove it, or write to another file.");
        is_done = false;
    }
    else if (!lock(fd, path, diag))
        is_done = false;
    else if (outfile_is_at(fd, path) && unlink(path) != 0)
    {
        report_errno(diag, path);
        is_done = false;
    }
    if (fd >= 0)
        close(fd);
    return is_done;
}

int
outfile_open_part(const char *path, Diag *diag)
{
    for (int i = 0; i < MAX_ATTEMPTS; i++)
    {
        int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

        if (fd < 0 && errno != EEXIST)
        {
            report_errno(diag, path);
            return -1;
        }
        if (fd < 0 && !remove_left(path, diag))
            return -1;
        if (fd >= 0 && lock(fd, path, diag) && outfile_is_at(fd, path))
            return fd;
        if (fd >= 0)
            close(fd);
        if (diag->message != NULL)
            return -1;
    }
    diag_set_message(diag, "other processes replace \"%s\"", path);
    diag_set_hint(diag, "%s", other_file);
    return -1;
}

/* ---- files that must be new */

int
outfile_create(const char *path, Diag *diag)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    if (fd < 0)
    {
        bool is_there = errno == EEXIST;

        report_errno(diag, path);
        if (is_there)
            diag_set_hint(diag, "%s", other_file);
    }
    return fd;
}

/* ---- files that are written where they are */

static bool
is_ours(int fd, const char *path)
{
    struct stat status;

    if (fstat(fd, &status) != 0)
        return false;
    if (S_ISREG(status.st_mode))
        return !is_public(path) || (status.st_uid == geteuid() && status.st_nlink == 1);
    return !S_ISFIFO(status.st_mode) || is_trusted_owner(&status) || !is_public(path);
}

int
outfile_open(const char *path, Diag *diag)
{
    char *target = outfile_follow(path, diag);
    int fd;

    if (target == NULL)
        return -1;
    /* a link of /proc/self/fd has to be followed */
    fd =
        open(target,
             O_WRONLY | O_CREAT | O_CLOEXEC | (is_public(target) ? O_NOFOLLOW : 0), 0666);
    if (fd < 0)
        report_errno(diag, path);
    else if (!is_ours(fd, target))
    {
        diag_set_message(diag,
                         "\"%s\" is in a directory that is writable for everybody, and "
                         "belongs to another user or has several links",
                         path);
        diag_set_hint(diag, "%s", other_file);
        close(fd);
        fd = -1;
    }
    free(target);
    return fd;
}

FILE *
outfile_stream(const char *path, Diag *diag)
{
    int fd = outfile_open(path, diag);
    FILE *stream = fd >= 0 ? fdopen(fd, "w") : NULL;

    /* devices have no size; whether they work shows when they are written to */
    if (fd >= 0)
        (void)!ftruncate(fd, 0);
    if (fd >= 0 && stream == NULL)
    {
        report_errno(diag, path);
        close(fd);
    }
    return stream;
}
