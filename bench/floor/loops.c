/* loops.c -- plain loops over memory, as one writes them in C without thinking, compiled for the machine that
** the compiler takes by default (SSE2 on x86-64). Nothing is blocked for the cache and nothing dispatched.
** They work on the memory of views, which `at(view)` gives; what memview does with it can be compared. */
#define _GNU_SOURCE

#include <stdint.h>
#include <string.h>

#include <memview.h>
#include "floor.h"

#define BLOCK 4096                      /* items that are looked at before a loop asks whether to go on */

/* Memory of one or two dimensions, pinned for as long as this lives. */
typedef struct Strip {
  char *p;
  ptrdiff_t n, stride;                  /* of the last dimension */
  ptrdiff_t rows, rowstride;            /* of the one before */
  ptrdiff_t size;                       /* of an item */
} Strip;

static const Strip *strip (lua_State *L, int arg) {
  return (const Strip *)luaL_checkudata(L, arg, "floor.Strip");
}

/* at(exporter): a Strip of its memory. */
static int at (lua_State *L) {
  memview_Buffer b;
  Strip *s = (Strip *)lua_newuserdatauv(L, sizeof(Strip), 1);
  luaL_setmetatable(L, "floor.Strip");
  memview_acquire(L, 1, &b, 0);         /* pushes the guard, */
  lua_setiuservalue(L, -2, 1);          /* which is kept */
  s->p = (char *)b.buf;
  s->size = b.itemsize;
  s->n = b.shape[b.ndim - 1];
  s->stride = b.strides[b.ndim - 1];
  s->rows = b.ndim > 1 ? b.shape[0] : 1;
  s->rowstride = b.ndim > 1 ? b.strides[0] : 0;
  return 1;
}

/* ---- Bytes in one piece: what the C library does ------------------------------------------------- */

static int pushlstring (lua_State *L) {
  const Strip *s = strip(L, 1);
  lua_pushlstring(L, s->p, (size_t)(s->n * s->size));
  return 1;
}

static int fillbytes (lua_State *L) {
  const Strip *s = strip(L, 1);
  memset(s->p, (int)luaL_checkinteger(L, 2), (size_t)s->n);
  return 0;
}

static int move (lua_State *L) {
  const Strip *d = strip(L, 1), *s = strip(L, 2);
  memmove(d->p, s->p, (size_t)(s->n * s->size));
  return 0;
}

static int samebytes (lua_State *L) {
  const Strip *a = strip(L, 1), *b = strip(L, 2);
  lua_pushboolean(L, memcmp(a->p, b->p, (size_t)(a->n * a->size)) == 0);
  return 1;
}

/* Position of a byte or a text: 1-based, nil where there is none. */
static int pushposition (lua_State *L, const Strip *s, const void *found) {
  if (found == NULL) lua_pushnil(L);
  else lua_pushinteger(L, (const char *)found - s->p + 1);
  return 1;
}

static int indexbyte (lua_State *L) {
  const Strip *s = strip(L, 1);
  return pushposition(L, s, memchr(s->p, (int)luaL_checkinteger(L, 2), (size_t)s->n));
}

/* Start and end of a text, by memmem, which is two-way. */
static int findbytes (lua_State *L) {
  const Strip *s = strip(L, 1);
  size_t n;
  const char *text = luaL_checklstring(L, 2, &n);
  pushposition(L, s, memmem(s->p, (size_t)s->n, text, n));
  if (lua_isnil(L, -1)) return 1;
  lua_pushinteger(L, lua_tointeger(L, -1) + (lua_Integer)n - 1);
  return 2;
}

/* ---- Run-time strides ---------------------------------------------------------------------------- */

#define COPY(T) do { \
    for (i = 0; i < n; i++) *(T *)(void *)(d + i * ds) = *(const T *)(const void *)(s + i * ss); \
  } while (0)

static void copyrow (char *d, ptrdiff_t ds, const char *s, ptrdiff_t ss, ptrdiff_t n, ptrdiff_t size) {
  ptrdiff_t i;
  switch (size) {
    case 1: COPY(uint8_t); break;
    case 4: COPY(uint32_t); break;
    case 8: COPY(uint64_t); break;
  }
}

/* copy(dst, src): of the same shape and itemsize, row by row. */
static int copy (lua_State *L) {
  const Strip *d = strip(L, 1), *s = strip(L, 2);
  ptrdiff_t r;
  for (r = 0; r < s->rows; r++)
    copyrow(d->p + r * d->rowstride, d->stride, s->p + r * s->rowstride, s->stride, s->n, s->size);
  return 0;
}

#define FILL(T) do { \
    for (i = 0; i < n; i++) *(T *)(void *)(p + i * stride) = (T)x; \
  } while (0)

static int fill (lua_State *L) {
  const Strip *s = strip(L, 1);
  lua_Integer x = luaL_checkinteger(L, 2);
  char *p = s->p;
  ptrdiff_t i, n = s->n, stride = s->stride;    /* in locals: bytes that are written might be *s */
  switch (s->size) {
    case 1: FILL(uint8_t); break;
    case 4: FILL(uint32_t); break;
    case 8: FILL(uint64_t); break;
  }
  return 0;
}

/* ---- Conversions --------------------------------------------------------------------------------- */

static int bytestofloats (lua_State *L) {
  const Strip *d = strip(L, 1), *s = strip(L, 2);
  float *restrict y = (float *)(void *)d->p;
  const uint8_t *restrict x = (const uint8_t *)s->p;
  ptrdiff_t i, n = s->n;
  for (i = 0; i < n; i++) y[i] = (float)x[i];
  return 0;
}

static int floatstobytes (lua_State *L) {
  const Strip *d = strip(L, 1), *s = strip(L, 2);
  uint8_t *restrict y = (uint8_t *)d->p;
  const float *restrict x = (const float *)(const void *)s->p;
  ptrdiff_t i, n = s->n;
  for (i = 0; i < n; i++) y[i] = (uint8_t)(int32_t)x[i];
  return 0;
}

/* The same after a look whether all of them are whole numbers that fit. */
static int checkedfloatstobytes (lua_State *L) {
  const Strip *s = strip(L, 2);
  const float *x = (const float *)(const void *)s->p;
  ptrdiff_t i, n = s->n;
  int bad = 0;
  for (i = 0; i < n; i++) bad |= (float)((int32_t)x[i] & 255) != x[i];
  return bad ? luaL_error(L, "a value does not fit") : floatstobytes(L);
}

/* gcc makes one instruction of the shifts that swap an item, and then takes the items one by one. SSE2 has no
** such instruction, and with the shifts left as they are the loop is the faster one. */
#if defined(__GNUC__) && !defined(__clang__)
#define ASWRITTEN __attribute__((optimize("no-expensive-optimizations")))
#else
#define ASWRITTEN
#endif

ASWRITTEN static void swap (uint32_t *y, const uint32_t *x, ptrdiff_t n) {
  ptrdiff_t i;
  for (i = 0; i < n; i++)
    y[i] = x[i] >> 24 | (x[i] >> 8 & 0xFF00) | (x[i] << 8 & 0xFF0000) | x[i] << 24;
}

/* byteswap(dst, src) of 4-byte items; dst may be src. */
static int byteswap (lua_State *L) {
  const Strip *d = strip(L, 1), *s = strip(L, 2);
  swap((uint32_t *)(void *)d->p, (const uint32_t *)(const void *)s->p, s->n);
  return 0;
}

/* ---- Comparing, searching and counting: loops that test once a block ----------------------------- */

/* A function that tells whether all items of two Strips are equal, as numbers. */
#define EQUAL(name, A, B, C) \
static int name (lua_State *L) { \
  const Strip *a = strip(L, 1), *b = strip(L, 2); \
  const A *x = (const A *)(const void *)a->p; \
  const B *y = (const B *)(const void *)b->p; \
  ptrdiff_t i = 0, n = a->n, end; \
  int differ = 0; \
  while (i < n && !differ) { \
    for (end = n - i < BLOCK ? n : i + BLOCK; i < end; i++) differ |= (C)x[i] != (C)y[i]; \
  } \
  lua_pushboolean(L, !differ); \
  return 1; \
}

EQUAL(samefloats, float, float, float)
EQUAL(samebyteshort, uint8_t, uint16_t, uint16_t)
EQUAL(samefloatdouble, float, double, double)

/* Position of the first item that equals a number. */
static int indexint (lua_State *L) {
  const Strip *s = strip(L, 1);
  const int32_t *p = (const int32_t *)(const void *)s->p, x = (int32_t)luaL_checkinteger(L, 2);
  ptrdiff_t i = 0, k, n = s->n, end;
  while (i < n) {
    int found = 0;
    end = n - i < BLOCK ? n : i + BLOCK;
    for (k = i; k < end; k++) found |= p[k] == x;
    if (found) break;
    i = end;
  }
  while (i < n && p[i] != x) i++;
  return pushposition(L, s, i < n ? s->p + i : NULL);
}

static int countbyte (lua_State *L) {
  const Strip *s = strip(L, 1);
  const uint8_t *p = (const uint8_t *)s->p, x = (uint8_t)luaL_checkinteger(L, 2);
  ptrdiff_t i = 0, n = s->n, end, count = 0;
  while (i < n) {
    uint8_t part = 0;                   /* up to 255 of them fit it */
    for (end = n - i < 240 ? n : i + 240; i < end; i++) part = (uint8_t)(part + (p[i] == x));
    count += part;
  }
  lua_pushinteger(L, count);
  return 1;
}

static int countint (lua_State *L) {
  const Strip *s = strip(L, 1);
  const int32_t *p = (const int32_t *)(const void *)s->p, x = (int32_t)luaL_checkinteger(L, 2);
  ptrdiff_t i = 0, n = s->n, end, count = 0;
  while (i < n) {
    int32_t part = 0;
    for (end = n - i < BLOCK ? n : i + BLOCK; i < end; i++) part += p[i] == x;
    count += part;
  }
  lua_pushinteger(L, count);
  return 1;
}

/* ---- Tables -------------------------------------------------------------------------------------- */

static int inttable (lua_State *L) {
  const Strip *s = strip(L, 1);
  const int32_t *p = (const int32_t *)(const void *)s->p;
  ptrdiff_t i;
  lua_createtable(L, (int)s->n, 0);
  for (i = 0; i < s->n; i++) { lua_pushinteger(L, p[i]); lua_rawseti(L, -2, i + 1); }
  return 1;
}

static int doubletable (lua_State *L) {
  const Strip *s = strip(L, 1);
  const double *p = (const double *)(const void *)s->p;
  ptrdiff_t i;
  lua_createtable(L, (int)s->n, 0);
  for (i = 0; i < s->n; i++) { lua_pushnumber(L, p[i]); lua_rawseti(L, -2, i + 1); }
  return 1;
}

/* intarray(t), doublearray(t): a userdata of the items. */
static int intarray (lua_State *L) {
  lua_Integer i, n = (lua_Integer)lua_rawlen(L, 1);
  int32_t *p = (int32_t *)lua_newuserdatauv(L, (size_t)n * sizeof(int32_t), 0);
  for (i = 1; i <= n; i++) { lua_rawgeti(L, 1, i); *p++ = (int32_t)lua_tointeger(L, -1); lua_pop(L, 1); }
  return 1;
}

static int doublearray (lua_State *L) {
  lua_Integer i, n = (lua_Integer)lua_rawlen(L, 1);
  double *p = (double *)lua_newuserdatauv(L, (size_t)n * sizeof(double), 0);
  for (i = 1; i <= n; i++) { lua_rawgeti(L, 1, i); *p++ = lua_tonumber(L, -1); lua_pop(L, 1); }
  return 1;
}

/* The bytes of such a userdata. */
static int tostring (lua_State *L) {
  lua_pushlstring(L, (const char *)lua_touserdata(L, 1), (size_t)lua_rawlen(L, 1));
  return 1;
}

static const luaL_Reg functions[] = {
  {"at", at},
  {"pushlstring", pushlstring}, {"fillbytes", fillbytes}, {"move", move}, {"samebytes", samebytes},
  {"indexbyte", indexbyte}, {"findbytes", findbytes},
  {"copy", copy}, {"fill", fill},
  {"bytestofloats", bytestofloats}, {"floatstobytes", floatstobytes},
  {"checkedfloatstobytes", checkedfloatstobytes}, {"byteswap", byteswap},
  {"samefloats", samefloats}, {"samebyteshort", samebyteshort}, {"samefloatdouble", samefloatdouble},
  {"indexint", indexint}, {"countbyte", countbyte}, {"countint", countint},
  {"inttable", inttable}, {"doubletable", doubletable},
  {"intarray", intarray}, {"doublearray", doublearray}, {"tostring", tostring},
  {NULL, NULL}
};

void floor_openloops (lua_State *L) {
  luaL_newmetatable(L, "floor.Strip");
  lua_pop(L, 1);
  luaL_setfuncs(L, functions, 0);
}

int luaopen_floor (lua_State *L);

int luaopen_floor (lua_State *L) {
  lua_newtable(L);
  floor_opencalls(L);
  floor_openchecked(L);
  floor_openloops(L);
  floor_opensystem(L);
  return 1;
}
