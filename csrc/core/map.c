/* map.c -- files as memory: POSIX first, then Windows. */
#if !defined(_WIN32)
#if !defined(_POSIX_C_SOURCE)
#define _POSIX_C_SOURCE 200809L
#endif
#if !defined(_FILE_OFFSET_BITS)
#define _FILE_OFFSET_BITS 64    /* files of 2 GiB and more on 32 bits */
#endif
#endif

#include "map.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#if !defined(_WIN32)

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* The size of an open file that can be mapped. */
static int filesize (int fd, ptrdiff_t *size) {
  struct stat st;
  if (fstat(fd, &st) != 0) return errno;
  if (S_ISDIR(st.st_mode)) return EISDIR;
  if (!S_ISREG(st.st_mode)) return ENODEV;
  if ((uintmax_t)st.st_size > (uintmax_t)PTRDIFF_MAX) return EFBIG;
  *size = (ptrdiff_t)st.st_size;
  return 0;
}

static int mapfile (int fd, mv_MapMode mode, void **bytes, ptrdiff_t *size) {
  int error = filesize(fd, size);
  void *p;
  *bytes = NULL;
  if (error != 0 || *size == 0) return error;
  p = mmap(NULL, (size_t)*size, mode == MV_MAPREAD ? PROT_READ : PROT_READ | PROT_WRITE,
           mode == MV_MAPCOPY ? MAP_PRIVATE : MAP_SHARED, fd, 0);
  if (p == MAP_FAILED) return errno;
  *bytes = p;
  return 0;
}

int mv_map_open (const char *path, mv_MapMode mode, void **bytes, ptrdiff_t *size) {
  int fd = open(path, (mode == MV_MAPWRITE ? O_RDWR : O_RDONLY) | O_NONBLOCK), error;    /* pipes: no waiting */
  if (fd < 0) return errno;
  error = mapfile(fd, mode, bytes, size);
  close(fd);
  return error;
}

void mv_map_close (void *ud, void *bytes, size_t size) {
  (void)ud;
  if (bytes != NULL) munmap(bytes, size);
}

int mv_map_flush (void *at, size_t size) {
  uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), skip = (uintptr_t)at % page;
  if (size == 0) return 0;
  return msync((char *)at - skip, size + skip, MS_SYNC) == 0 ? 0 : errno;
}

const char *mv_map_error (int error, char *buf, size_t n) {
  (void)buf; (void)n;
  return strerror(error);
}

#else

#define WIN32_LEAN_AND_MEAN
#include <windows.h>

static int mapfile (HANDLE file, mv_MapMode mode, void **bytes, ptrdiff_t *size) {
  LARGE_INTEGER length;
  HANDLE mapping;
  *bytes = NULL;
  *size = 0;
  if (!GetFileSizeEx(file, &length)) return (int)GetLastError();
  if (length.QuadPart > PTRDIFF_MAX) return ERROR_FILE_TOO_LARGE;
  if (length.QuadPart == 0) return 0;
  mapping = CreateFileMappingW(file, NULL, mode == MV_MAPREAD ? PAGE_READONLY
                               : mode == MV_MAPWRITE ? PAGE_READWRITE : PAGE_WRITECOPY, 0, 0, NULL);
  if (mapping == NULL) return (int)GetLastError();
  *bytes = MapViewOfFile(mapping, mode == MV_MAPREAD ? FILE_MAP_READ
                         : mode == MV_MAPWRITE ? FILE_MAP_WRITE : FILE_MAP_COPY, 0, 0, 0);
  *size = (ptrdiff_t)length.QuadPart;
  CloseHandle(mapping);                 /* the view keeps it */
  return *bytes == NULL ? (int)GetLastError() : 0;
}

/* Paths are UTF-8 where they are valid as such, as Lua programs have them. */
int mv_map_open (const char *path, mv_MapMode mode, void **bytes, ptrdiff_t *size) {
  wchar_t wide[1024];
  UINT page = MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, path, -1, NULL, 0) > 0 ? CP_UTF8 : CP_ACP;
  HANDLE file;
  int error;
  if (MultiByteToWideChar(page, 0, path, -1, wide, 1024) == 0) return (int)GetLastError();
  file = CreateFileW(wide, mode == MV_MAPWRITE ? GENERIC_READ | GENERIC_WRITE : GENERIC_READ,
                     FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_EXISTING,
                     FILE_ATTRIBUTE_NORMAL, NULL);
  if (file == INVALID_HANDLE_VALUE) return (int)GetLastError();
  error = mapfile(file, mode, bytes, size);
  CloseHandle(file);
  return error;
}

void mv_map_close (void *ud, void *bytes, size_t size) {
  (void)ud; (void)size;
  if (bytes != NULL) UnmapViewOfFile(bytes);
}

int mv_map_flush (void *at, size_t size) {
  if (size == 0) return 0;
  return FlushViewOfFile(at, size) ? 0 : (int)GetLastError();
}

const char *mv_map_error (int error, char *buf, size_t n) {
  DWORD len = FormatMessageA(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS, NULL, (DWORD)error, 0,
                             buf, (DWORD)n, NULL);
  if (len == 0) snprintf(buf, n, "system error %d", error);
  else while (len > 0 && (buf[len - 1] == '\n' || buf[len - 1] == '\r')) buf[--len] = '\0';
  return buf;
}

#endif
