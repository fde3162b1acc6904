/* file.c -- mapped files, and Lua's file handles as sources and targets. */
#include "lmv.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "map.h"

/* ---- Mapped files -------------------------------------------------------------------- */

static mv_MapMode checkmode (lua_State *L, int arg) {
  static const char *const names[] = {"r", "rw", "c", NULL};
  return (mv_MapMode)luaL_checkoption(L, arg, "r", names);
}

/* nil, message, errno */
static int maperror (lua_State *L, const char *path, int error) {
  errno = error;
  return luaL_fileresult(L, 0, path);
}

/* memview.map(path [, mode]) -> View of bytes, or nil, message, errno */
static int file_map (lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  mv_MapMode mode = checkmode(L, 2);
  mv_Allocator alloc = lmv_allocator(L);
  mv_Layout l = {0, 1, {{0, 1, -1}}};
  lmv_View *v;
  mv_Memory *m;
  void *bytes;
  int error;
  luaL_argcheck(L, strlen(path) == lua_rawlen(L, 1), 1, "path has a zero byte in it");
  v = lmv_allocview(L, &l, &mv_byteitem, 0);          /* first: nothing can fail once it is mapped */
  error = mv_map_open(path, mode, &bytes, &v->dim[0].length);
  if (error != 0) return maperror(L, path, error);
  m = mv_memory_foreign(&alloc, bytes, v->dim[0].length, mv_map_close, NULL);
  if (m == NULL) {
    mv_map_close(NULL, bytes, (size_t)v->dim[0].length);
    return lmv_nomemory(L);
  }
  v->readonly = mode == MV_MAPREAD;
  v->anonymous = true;
  lmv_seal(L, v, m, NULL);
  mv_memory_drop(m);                            /* the views are its owners */
  return 1;
}

/* v:flush() -> v, or nil, message, errno; the writes of a mapped file reach the disk */
static int view_flush (lua_State *L) {
  const lmv_View *v = lmv_checklive(L, 1);
  ptrdiff_t low, high;
  int error;
  if (!v->pinning || v->of.memory->release != mv_map_close) lmv_badview(L, 1, "view is not of a mapped file");
  mv_dims_span(v->ndim, v->dim, v->item->size, &low, &high);
  error = mv_map_flush(lmv_address(L, v) + low, (size_t)(high - low));
  if (error != 0) return maperror(L, NULL, error);
  lua_settop(L, 1);
  return 1;
}

/* ---- File handles ----------------------------------------------------------------------- */

static FILE *checkfile (lua_State *L, int arg) {
  luaL_Stream *p = (luaL_Stream *)luaL_checkudata(L, arg, LUA_FILEHANDLE);
  if (lua_rawlen(L, arg) < sizeof(luaL_Stream) || lmv_toview(L, arg) != NULL || lmv_tobuffer(L, arg) != NULL)
    luaL_argerror(L, arg, "file expected, got something with its metatable");   /* by debug.setmetatable */
  if (p->closef == NULL) luaL_error(L, "attempt to use a closed file");
  return p->f;
}

/* nil, message, errno, and how many bytes were done before that */
static int fileerror (lua_State *L, int error, size_t done) {
  errno = error;
  luaL_fileresult(L, 0, NULL);
  lua_pushinteger(L, (lua_Integer)done);
  return 4;
}

/* Writes n bytes and makes the system take them, so that a full disk shows here. Of
** bytes that are stuck in the handle's own buffer then, none counts as written. */
static int writebytes (lua_State *L, FILE *f, const unsigned char *p, ptrdiff_t n) {
  size_t done;
  errno = 0;
  done = n > 0 ? fwrite(p, 1, (size_t)n, f) : 0;
  if (done < (size_t)n) return fileerror(L, errno, done);
  if (fflush(f) != 0) return fileerror(L, errno, 0);
  lua_pushinteger(L, n);
  return 1;
}

/* v:writeto(file) -> bytes written, or nil, message, errno, bytes written */
static int view_writeto (lua_State *L) {
  lmv_View *v = lmv_checklive(L, 1);
  FILE *f = checkfile(L, 2);
  mv_Span s = lmv_viewspan(L, v);
  ptrdiff_t n = mv_span_bytes(&s);
  unsigned char *block;
  if (mv_span_packed(&s)) return writebytes(L, f, s.at, n);
  block = lmv_newblock(L, n);
  s = lmv_viewspan(L, v);
  mv_bulk_pack(block, &s, 'C');
  return writebytes(L, checkfile(L, 2), block, n);      /* a finalizer may have closed it */
}

/* How many bytes to read into room for `size`. */
static ptrdiff_t checkcount (lua_State *L, int arg, ptrdiff_t size) {
  lua_Integer n = lmv_optinteger(L, arg, size);
  if (n < 0 || n > size)
    luaL_argerror(L, arg, lua_pushfstring(L, "%I bytes do not fit the view (0 to %I)", (LUAI_UACINT)n,
                                          (LUAI_UACINT)size));
  return (ptrdiff_t)n;
}

/* The result of reading: a count, or an error with it. */
static int readresult (lua_State *L, FILE *f, size_t done, size_t wanted, int error) {
  if (done < wanted && ferror(f)) return fileerror(L, error, done);
  lua_pushinteger(L, (lua_Integer)done);
  return 1;
}

/* v:readfrom(file [, n]) -> bytes read, 0 at the end, or nil, message, errno, bytes read */
static int view_readfrom (lua_State *L) {
  lmv_View *v = lmv_checklive(L, 1);
  FILE *f = checkfile(L, 2);
  mv_Span s = lmv_viewspan(L, v);
  ptrdiff_t n = checkcount(L, 3, mv_span_bytes(&s));
  bool packed = mv_span_packed(&s);
  unsigned char *p = s.at;
  size_t done;
  int error;
  lmv_checkwritable(L, 1, v);
  if (!packed) {                                /* by way of a block that begins as what is there */
    p = lmv_newblock(L, mv_span_bytes(&s));
    s = lmv_viewspan(L, v);
    f = checkfile(L, 2);
    mv_bulk_pack(p, &s, 'C');
  }
  errno = 0;
  clearerr(f);
  done = n > 0 ? fread(p, 1, (size_t)n, f) : 0;
  error = errno;
  if (!packed) mv_bulk_unpack(&s, p, 'C');
  return readresult(L, f, done, (size_t)n, error);
}

int lmv_bufferwriteto (lua_State *L) {
  const mv_Memory *m = lmv_checkbuffer(L, 1)->memory;
  return writebytes(L, checkfile(L, 2), m->data, m->size);
}

/* ---- Reading into a Buffer ------------------------------------------------------------------ */

static mv_Status openroom (lua_State *L, mv_Memory *m, void *ctx) {
  (void)L;
  return mv_memory_insert(m, m->size, *(const ptrdiff_t *)ctx);
}

/* Appends up to n bytes of the file in steps that grow; gives how many. Making room may
** run finalizers, and one may close the file. */
static size_t readall (lua_State *L, const luaL_Stream *file, lua_Integer n, int *error) {
  ptrdiff_t room = 4096;
  size_t done = 0, got;
  do {
    mv_Memory *m;
    if (room < PTRDIFF_MAX / 4) room *= 2;
    if (n >= 0 && room > n - (lua_Integer)done) room = (ptrdiff_t)(n - (lua_Integer)done);
    if (done == 0) (void)lmv_attempt(L, openroom, &room);
    else {
      mv_Status status = lmv_tryattempt(L, openroom, &room);
      if (status != MV_OK) {            /* what was read stays, and is told */
        *error = ENOMEM;
        return done;
      }
    }
    m = lmv_checkbuffer(L, 1)->memory;
    errno = 0;
    got = file->closef == NULL ? 0 : fread(m->data + m->size - room, 1, (size_t)room, file->f);
    *error = errno == ENOMEM ? EIO : errno;
    (void)mv_memory_remove(m, m->size - (room - (ptrdiff_t)got), room - (ptrdiff_t)got);
    done += got;
  } while (got == (size_t)room && (n < 0 || done < (size_t)n));
  return done;
}

/* b:readfrom(file [, n]) -> bytes appended, 0 at the end, or nil, message, errno, bytes appended */
int lmv_bufferreadfrom (lua_State *L) {
  ptrdiff_t capacity = lmv_checkbuffer(L, 1)->memory->capacity;
  FILE *f = checkfile(L, 2);
  lua_Integer n = lmv_optinteger(L, 3, -1);
  size_t done;
  int error = 0, results;
  if (n < 0 && !lua_isnoneornil(L, 3))
    return luaL_argerror(L, 3, lua_pushfstring(L, "%I bytes (0 or more expected)", (LUAI_UACINT)n));
  if (n == 0) { lua_pushinteger(L, 0); return 1; }
  if (n > PTRDIFF_MAX) n = PTRDIFF_MAX;         /* more than there is room for */
  lua_settop(L, 3);
  lua_pushstring(L, strerror(ENOMEM));          /* at 4, while there is memory for it */
  clearerr(f);
  done = readall(L, (luaL_Stream *)lua_touserdata(L, 2), n, &error);
  if (error == ENOMEM) {
    luaL_pushfail(L);
    lua_pushvalue(L, 4);
    lua_pushinteger(L, error);
    lua_pushinteger(L, (lua_Integer)done);
    return 4;
  }
  f = checkfile(L, 2);
  results = readresult(L, f, done, n < 0 ? done + 1 : (size_t)n, error);
  if (lmv_checkbuffer(L, 1)->memory->capacity > capacity)
    lmv_announce(L, lmv_checkbuffer(L, 1)->memory->capacity - capacity);
  return results;
}

const luaL_Reg lmv_filemethods[] = {
  {"flush", view_flush}, {"writeto", view_writeto}, {"readfrom", view_readfrom},
  {NULL, NULL}
};

void lmv_openfile (lua_State *L) {
  lua_pushcfunction(L, file_map);
  lua_setfield(L, -2, "map");
}
