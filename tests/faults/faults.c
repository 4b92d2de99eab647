/* Makes a disk fail where and when a story says so: preloaded into the real program, which knows nothing of it.
 *
 * Environment:
 *   FAULT_TRIGGER  while this file exists, calls fail; without it nothing does
 *   FAULT_PATH     patterns (fnmatch, separated by ':') of the paths whose calls fail
 *   FAULT_CALLS    which calls, separated by ',' (default: write,sync,truncate); also open (that creates), rename, read
 *   FAULT_ERRNO    the number of the error (default: EIO)
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static const char *setting(const char *name, const char *otherwise) {
  const char *value = getenv(name);
  return value && *value ? value : otherwise;
}

/* Whether `word` is one of a list. */
static int among(const char *list, char separator, const char *word, int pattern) {
  char part[PATH_MAX];
  while (*list) {
    const char *end = strchr(list, separator);
    size_t length = end ? (size_t)(end - list) : strlen(list);
    if (length > 0 && length < sizeof part) {
      memcpy(part, list, length);
      part[length] = 0;
      if (pattern ? fnmatch(part, word, 0) == 0 : strcmp(part, word) == 0) return 1;
    }
    list += length + (end ? 1 : 0);
  }
  return 0;
}

/* The error of a call on a path, or 0. */
static int fault_at(const char *call, const char *path) {
  const char *trigger = getenv("FAULT_TRIGGER");
  int kept = errno, fails;
  if (!trigger || !among(setting("FAULT_CALLS", "write,sync,truncate"), ',', call, 0)) return 0;
  fails = access(trigger, F_OK) == 0 && among(setting("FAULT_PATH", ""), ':', path, 1);
  errno = kept;
  return fails ? atoi(setting("FAULT_ERRNO", "5")) : 0;
}

static int fault_of(const char *call, int file) {
  char link[64], path[PATH_MAX];
  int kept = errno;
  ssize_t length;
  if (!getenv("FAULT_TRIGGER")) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  length = readlink(link, path, sizeof path - 1);
  errno = kept;
  if (length <= 0) return 0;
  path[length] = 0;
  return fault_at(call, path);
}

#define REAL(type, name, parameters) \
  static type (*real) parameters;    \
  if (!real) real = (type (*) parameters)dlsym(RTLD_NEXT, name)

#define WRAP(call, type, name, parameters, arguments) \
  type name parameters {                              \
    int fault = fault_of(call, file);                 \
    REAL(type, #name, parameters);                    \
    if (fault) {                                      \
      errno = fault;                                  \
      return -1;                                      \
    }                                                 \
    return real arguments;                            \
  }

WRAP("write", ssize_t, write, (int file, const void *bytes, size_t count), (file, bytes, count))
WRAP("write", ssize_t, pwrite, (int file, const void *bytes, size_t count, off_t at), (file, bytes, count, at))
WRAP("write", ssize_t, pwrite64, (int file, const void *bytes, size_t count, off64_t at), (file, bytes, count, at))
WRAP("write", ssize_t, writev, (int file, const struct iovec *parts, int count), (file, parts, count))
WRAP("write", ssize_t, pwritev, (int file, const struct iovec *parts, int count, off_t at), (file, parts, count, at))
WRAP("write", ssize_t, pwritev64, (int file, const struct iovec *parts, int count, off64_t at), (file, parts, count, at))
WRAP("read", ssize_t, read, (int file, void *bytes, size_t count), (file, bytes, count))
WRAP("read", ssize_t, pread, (int file, void *bytes, size_t count, off_t at), (file, bytes, count, at))
WRAP("read", ssize_t, pread64, (int file, void *bytes, size_t count, off64_t at), (file, bytes, count, at))
WRAP("sync", int, fsync, (int file), (file))
WRAP("sync", int, fdatasync, (int file), (file))
WRAP("truncate", int, ftruncate, (int file, off_t length), (file, length))
WRAP("truncate", int, ftruncate64, (int file, off64_t length), (file, length))
/* posix_fallocate answers the error itself. */
int posix_fallocate(int file, off_t at, off_t length) {
  int fault = fault_of("write", file);
  REAL(int, "posix_fallocate", (int, off_t, off_t));
  return fault ? fault : real(file, at, length);
}
ssize_t copy_file_range(int from, off64_t *from_at, int file, off64_t *at, size_t length, unsigned flags) {
  int fault = fault_of("write", file);
  REAL(ssize_t, "copy_file_range", (int, off64_t *, int, off64_t *, size_t, unsigned));
  if (fault) {
    errno = fault;
    return -1;
  }
  return real(from, from_at, file, at, length, flags);
}

#define OPEN(name)                                               \
  int name(const char *path, int flags, ...) {                   \
    int fault = flags & O_CREAT ? fault_at("open", path) : 0;    \
    mode_t mode = 0;                                             \
    REAL(int, #name, (const char *, int, ...));                  \
    if (flags & (O_CREAT | O_TMPFILE)) {                         \
      va_list rest;                                              \
      va_start(rest, flags);                                     \
      mode = va_arg(rest, mode_t);                               \
      va_end(rest);                                              \
    }                                                            \
    if (fault) {                                                 \
      errno = fault;                                             \
      return -1;                                                 \
    }                                                            \
    return real(path, flags, mode);                              \
  }
OPEN(open)
OPEN(open64)

int rename(const char *from, const char *to) {
  int fault = fault_at("rename", to);
  REAL(int, "rename", (const char *, const char *));
  if (fault) {
    errno = fault;
    return -1;
  }
  return real(from, to);
}
