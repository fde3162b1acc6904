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
  struct stat st;
  int fd, error;
  if (stat(path, &st) == 0 && S_ISFIFO(st.st_mode)) return ENODEV;      /* who writes to it would see it opened */
  fd = open(path, (mode == MV_MAPWRITE ? O_RDWR : O_RDONLY) | O_NONBLOCK);
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

#else

#define WIN32_LEAN_AND_MEAN
#include <windows.h>

/* What has just failed, as C numbers it. */
static int lasterror (void) {
  static const struct { DWORD windows; int c; } numbers[] = {
    {ERROR_FILE_NOT_FOUND, ENOENT}, {ERROR_PATH_NOT_FOUND, ENOENT}, {ERROR_INVALID_NAME, ENOENT},
    {ERROR_BAD_NETPATH, ENOENT}, {ERROR_INVALID_DRIVE, ENOENT},
    {ERROR_ACCESS_DENIED, EACCES}, {ERROR_SHARING_VIOLATION, EACCES}, {ERROR_LOCK_VIOLATION, EACCES},
    {ERROR_WRITE_PROTECT, EROFS}, {ERROR_TOO_MANY_OPEN_FILES, EMFILE}, {ERROR_DISK_FULL, ENOSPC},
    {ERROR_FILENAME_EXCED_RANGE, ENAMETOOLONG}, {ERROR_INSUFFICIENT_BUFFER, ENAMETOOLONG},
    {ERROR_NOT_ENOUGH_MEMORY, ENOMEM}, {ERROR_OUTOFMEMORY, ENOMEM}, {ERROR_COMMITMENT_LIMIT, ENOMEM}
  };
  DWORD error = GetLastError();
  size_t k;
  for (k = 0; k < sizeof numbers / sizeof numbers[0]; k++)
    if (numbers[k].windows == error) return numbers[k].c;
  return EIO;
}

static int mapfile (HANDLE file, mv_MapMode mode, void **bytes, ptrdiff_t *size) {
  LARGE_INTEGER length;
  HANDLE mapping;
  *bytes = NULL;
  *size = 0;
  if (!GetFileSizeEx(file, &length)) return lasterror();
  if (length.QuadPart > PTRDIFF_MAX) return EFBIG;
  if (length.QuadPart == 0) return 0;
  mapping = CreateFileMappingW(file, NULL, mode == MV_MAPREAD ? PAGE_READONLY
                               : mode == MV_MAPWRITE ? PAGE_READWRITE : PAGE_WRITECOPY, 0, 0, NULL);
  if (mapping == NULL) return lasterror();
  *bytes = MapViewOfFile(mapping, mode == MV_MAPREAD ? FILE_MAP_READ
                         : mode == MV_MAPWRITE ? FILE_MAP_WRITE : FILE_MAP_COPY, 0, 0, 0);
  *size = (ptrdiff_t)length.QuadPart;
  CloseHandle(mapping);                 /* the view keeps it */
  return *bytes == NULL ? lasterror() : 0;
}

/* Paths are UTF-8 where they are valid as such, as Lua programs have them. */
int mv_map_open (const char *path, mv_MapMode mode, void **bytes, ptrdiff_t *size) {
  wchar_t wide[1024];
  UINT page = MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, path, -1, NULL, 0) > 0 ? CP_UTF8 : CP_ACP;
  HANDLE file;
  int error;
  if (MultiByteToWideChar(page, 0, path, -1, wide, 1024) == 0) return lasterror();
  file = CreateFileW(wide, mode == MV_MAPWRITE ? GENERIC_READ | GENERIC_WRITE : GENERIC_READ,
                     FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_EXISTING,
                     FILE_ATTRIBUTE_NORMAL, NULL);
  if (file == INVALID_HANDLE_VALUE) return lasterror();
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
  return FlushViewOfFile(at, size) ? 0 : lasterror();
}

#endif
