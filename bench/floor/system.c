/* system.c -- what a mapped file costs in C, and how much memory a process has in use. */
#define _GNU_SOURCE

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "floor.h"

/* samplefile(path, step): maps a file and gives the bytes at every step as a string. */
static int samplefile (lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  size_t step = (size_t)luaL_checkinteger(L, 2), size, i;
  int fd = open(path, O_RDONLY);
  struct stat st;
  char *p, *out;
  luaL_Buffer b;
  if (fd < 0 || fstat(fd, &st) != 0) return luaL_error(L, "cannot open '%s'", path);
  size = (size_t)st.st_size;
  p = (char *)mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
  close(fd);
  if (p == MAP_FAILED) return luaL_error(L, "cannot map '%s'", path);
  out = luaL_buffinitsize(L, &b, (size + step - 1) / step);
  for (i = 0; i < size; i += step) *out++ = p[i];
  luaL_pushresultsize(&b, (size + step - 1) / step);
  munmap(p, size);
  return 1;
}

/* peak(): the most memory that the process has had in use, in bytes. */
static int peak (lua_State *L) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
#ifdef __APPLE__
  lua_pushinteger(L, usage.ru_maxrss);
#else
  lua_pushinteger(L, (lua_Integer)usage.ru_maxrss * 1024);
#endif
  return 1;
}

/* allocated(): the bytes that malloc has given out, with its own part; nil where that is not known. */
static int allocated (lua_State *L) {
#if defined(__GLIBC__) && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 33)
  struct mallinfo2 info = mallinfo2();
  lua_pushinteger(L, (lua_Integer)(info.uordblks + info.hblkhd));
#else
  lua_pushnil(L);
#endif
  return 1;
}

void floor_opensystem (lua_State *L) {
  static const luaL_Reg functions[] = {
    {"samplefile", samplefile}, {"peak", peak}, {"allocated", allocated}, {NULL, NULL}
  };
  luaL_setfuncs(L, functions, 0);
}
