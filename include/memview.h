/* memview.h -- the C API of memview: typed, shaped, zero-copy views of memory for Lua.
**
** For engines and other C modules. There is nothing to link: the functions here are
** inline, and find the module by the Lua registry, where `require "memview"` (or
** luaL_requiref) has put a table of functions. Any number of modules may include this
** header; each finds the same table.
**
**   #include <memview.h>
**   ...
**   memview_import(L);                          -- once: raises where memview is not loaded
**   h = memview_frommemory(L, pixels, size, MEMVIEW_WRITABLE, NULL, NULL);
**   lua_setglobal(L, "pixels");                 -- the View was pushed
**   ...
**   memview_revoke(L, h);                       -- before `pixels` is freed or moved
**
** Lengths are in items, sizes, strides and offsets in bytes, indices count from 0.
** [-a, +b, e] behind a name says: pops a values, pushes b, and `e` that it may raise a
** Lua error, `-` that it does not. Unless a line says otherwise, a function that raises
** has changed nothing. Every function needs memview_import to have succeeded in the
** state before, and calls with another header version than the module's are refused
** there. A call that finds no module raises before it does anything: no callback is
** called then. Any thread (coroutine) of a state serves, such as the main one. All of it
** belongs to one thread of the system at a time, as the state does.
*/
#ifndef MEMVIEW_H
#define MEMVIEW_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {                    /* as lua.hpp has it; a Lua built as C++ is included before */
#endif

#include <lua.h>
#include <lauxlib.h>

/* The API of this header. A module serves every header of its own major version whose
** minor version is not newer than its own. */
#define MEMVIEW_API_MAJOR 1
#define MEMVIEW_API_MINOR 0

#define MEMVIEW_MAXDIM 64

/* Gives exported memory back to the exporter: called exactly once, when the last view
** is released or collected, when the memory is revoked, when the state is closed, or
** when the call that was to export it fails. It must not raise and must not yield; it
** may call any function of this header but those that create views of `ptr`. */
typedef void (*memview_Release) (void *ud, void *ptr, size_t size);

/* Names exported memory for memview_revoke. Never 0; never used twice in a state; good
** for ever: one whose memory is gone already is simply gone. */
typedef uint64_t memview_Handle;

/* Requests and properties. */
enum {
  MEMVIEW_WRITABLE = 1,         /* export: scripts may write; acquire: must be writable */
  MEMVIEW_C = 2,                /* acquire: must be contiguous in C order (last index fastest) */
  MEMVIEW_F = 4,                /* acquire: ... in Fortran order */
  MEMVIEW_ANY = 8,              /* acquire: ... in either of them */
  MEMVIEW_INDIRECT = 16         /* acquire: suboffsets are understood (else they raise) */
};

/* A full description of memory, as Python's Py_buffer. */
typedef struct memview_Buffer {
  void *buf;                    /* the first item: all indices 0 */
  ptrdiff_t len;                /* bytes of all items: product of shape times itemsize */
  ptrdiff_t itemsize;
  int readonly;
  int ndim;                     /* 0 to MEMVIEW_MAXDIM */
  const char *format;           /* format text; NULL: "B" */
  const ptrdiff_t *shape;       /* ndim lengths; NULL: one dimension of len / itemsize */
  const ptrdiff_t *strides;     /* ndim strides, of either sign; NULL: C order */
  const ptrdiff_t *suboffsets;  /* ndim, below 0 where no pointer is followed; NULL: none */
  memview_Release release;      /* for memview_frombuffer; may be NULL */
  void *ud;                     /* its first argument */
  void *internal;               /* of memview_acquire */
} memview_Buffer;

/* The table of functions behind the names below. Use the names. */
typedef struct memview_Api {
  int major, minor;
  void (*fromobject) (lua_State *L, int idx);
  memview_Handle (*frommemory) (lua_State *L, void *ptr, size_t size, int flags,
                                memview_Release release, void *ud);
  memview_Handle (*frombuffer) (lua_State *L, const memview_Buffer *b);
  void (*getcontiguous) (lua_State *L, int idx, int access, char order);
  int (*check) (lua_State *L, int idx);
  void (*acquire) (lua_State *L, int idx, memview_Buffer *b, int flags);
  void (*release) (lua_State *L, memview_Buffer *b);
  void (*pushbase) (lua_State *L, int idx);
  int (*iscontiguous) (const memview_Buffer *b, char order);
  void *(*getpointer) (const memview_Buffer *b, const ptrdiff_t *indices);
  int (*tocontiguous) (void *dst, ptrdiff_t size, const memview_Buffer *b, char order);
  int (*fromcontiguous) (const memview_Buffer *b, const void *src, ptrdiff_t size, char order);
  ptrdiff_t (*sizefromformat) (lua_State *L, const char *format);
  ptrdiff_t (*revoke) (lua_State *L, memview_Handle handle);
} memview_Api;

#define MEMVIEW_APIKEY "memview.capi"

/* [-0, +0, e] The functions; raises where memview is not loaded in this state, or of a
** version that this header cannot use. */
static inline const memview_Api *memview_import (lua_State *L) {
  const memview_Api *api;
  lua_getfield(L, LUA_REGISTRYINDEX, MEMVIEW_APIKEY);
  api = (const memview_Api *)lua_touserdata(L, -1);
  lua_pop(L, 1);
  if (api == NULL)
    luaL_error(L, "memview is not loaded (require \"memview\" first)");
  if (api->major != MEMVIEW_API_MAJOR || api->minor < MEMVIEW_API_MINOR)
    luaL_error(L, "memview's C API is version %d.%d, this module was built for %d.%d",
               api->major, api->minor, MEMVIEW_API_MAJOR, MEMVIEW_API_MINOR);
  return api;
}

/* ---- Exporting ---------------------------------------------------------------- */

/* [-0, +1, e] A View of the exporter at idx: a string, Buffer, View, or an object with
** __buffer; what memview(obj) gives. */
static inline void memview_fromobject (lua_State *L, int idx) {
  memview_import(L)->fromobject(L, idx);
}

/* [-0, +1, e] A View of bytes of `size` bytes at ptr (NULL only for size 0), read-only
** unless flags has MEMVIEW_WRITABLE. The memory must stay until `release` is called
** (NULL: until it is revoked or the state closed). Gives the handle for memview_revoke.
** Where it raises, release has been called. */
static inline memview_Handle memview_frommemory (lua_State *L, void *ptr, size_t size, int flags,
                                                 memview_Release release, void *ud) {
  return memview_import(L)->frommemory(L, ptr, size, flags, release, ud);
}

/* [-0, +1, e] The same for a full description, which is checked (number of dimensions,
** format and itemsize, lengths, len, spans that fit the address space) and copied; only
** the memory must stay. b->internal is not looked at. release gets b->buf and b->len.
** Where it raises, release has been called. */
static inline memview_Handle memview_frombuffer (lua_State *L, const memview_Buffer *b) {
  return memview_import(L)->frombuffer(L, b);
}

/* [-0, +0, -] Gives the memory back to the exporter now: every view of it, and every
** view derived from one, turns into a released view. 0: done (or done before). Above 0:
** refused, since consumers in C hold it by so many memview_acquire. */
static inline ptrdiff_t memview_revoke (lua_State *L, memview_Handle handle) {
  return memview_import(L)->revoke(L, handle);
}

/* ---- Consuming ------------------------------------------------------------------ */

/* [-0, +0, -] Is the value at idx a View (released or not)? */
static inline int memview_check (lua_State *L, int idx) {
  return memview_import(L)->check(L, idx);
}

/* [-0, +1, e] Describes the memory of the exporter at idx in *b, and pins it. Flags say
** what it must be; where it is not, this raises. Pushes a guard: while that lives, the
** pointers in *b are good, Buffers cannot be resized and memory cannot be revoked.
** The pin ends with memview_release or the collection of the guard, so an error
** in between leaks nothing. */
static inline void memview_acquire (lua_State *L, int idx, memview_Buffer *b, int flags) {
  memview_import(L)->acquire(L, idx, b, flags);
}

/* [-0, +0, -] Ends the pin of memview_acquire, while its guard is still on the stack or
** referenced; *b is then empty, and another call does nothing. */
static inline void memview_release (lua_State *L, memview_Buffer *b) {
  memview_import(L)->release(L, b);
}

/* [-0, +1, e] The exporter of the View at idx: v.obj. */
static inline void memview_pushbase (lua_State *L, int idx) {
  memview_import(L)->pushbase(L, idx);
}

/* [-0, +1, e] A View of the exporter at idx that is contiguous in `order` ('C', 'F', or
** 'A': either): of the memory itself where that is so. Otherwise a read-only copy, or an
** error where access has MEMVIEW_WRITABLE; that raises for read-only memory too. */
static inline void memview_getcontiguous (lua_State *L, int idx, int access, char order) {
  memview_import(L)->getcontiguous(L, idx, access, order);
}

/* ---- Descriptions ------------------------------------------------------------------ */

/* [-0, +0, -] Do the items lie without gaps in `order` ('C', 'F', 'A')? 0 for anything else. */
static inline int memview_iscontiguous (lua_State *L, const memview_Buffer *b, char order) {
  return memview_import(L)->iscontiguous(b, order);
}

/* [-0, +0, -] The address of the item at b->ndim indices; NULL where one is out of range. */
static inline void *memview_getpointer (lua_State *L, const memview_Buffer *b, const ptrdiff_t *indices) {
  return memview_import(L)->getpointer(b, indices);
}

/* [-0, +0, -] Copies all items to dst, one behind the other in `order` ('C', 'F', or 'A':
** 'F' where b is so and not 'C', else 'C'). size must be b->len. 0 for wrong arguments. */
static inline int memview_tocontiguous (lua_State *L, void *dst, ptrdiff_t size, const memview_Buffer *b,
                                        char order) {
  return memview_import(L)->tocontiguous(dst, size, b, order);
}

/* [-0, +0, -] The other way. 0 for wrong arguments, and where b is read-only. */
static inline int memview_fromcontiguous (lua_State *L, const memview_Buffer *b, const void *src,
                                          ptrdiff_t size, char order) {
  return memview_import(L)->fromcontiguous(b, src, size, order);
}

/* [-0, +0, e] Bytes of one item of that format; raises for what is no format. */
static inline ptrdiff_t memview_sizefromformat (lua_State *L, const char *format) {
  return memview_import(L)->sizefromformat(L, format);
}

/* ---- Embedding ------------------------------------------------------------------------ */

/* The C module "memview.core", for hosts that link it in: package.preload it under that
** name. The single file of `make single` has luaopen_memview, with the Lua layer inside. */
int luaopen_memview_core (lua_State *L);
int luaopen_memview (lua_State *L);

#ifdef __cplusplus
}
#endif

#endif
