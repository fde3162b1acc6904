/* struct.c -- memview.struct: formats as Python's struct has them. Values are flat:
** nested and array members are values in order. Positions count from 1. */
#include "quick.h"

#include <limits.h>
#include <string.h>

/* Values of an item when everything in it is spread out. */
static ptrdiff_t countcells (const mv_Item *item) {
  return item->kind == MV_RECORD ? item->record->ncells : 1;
}

/* calcsize(format) -> bytes */
static int struct_calcsize (lua_State *L) {
  int holder;
  lua_pushinteger(L, lmv_checkformat(L, 1, &holder)->size);
  return 1;
}

/* alignment(format) -> bytes: what C would align the item to; 1 unless native */
static int struct_alignment (lua_State *L) {
  int holder;
  lua_pushinteger(L, mv_format_align(lmv_checkformat(L, 1, &holder)));
  return 1;
}

/* ---- Reading -------------------------------------------------------------------------- */

/* Bytes that are read or written: the exporter at `src`, and its memory as it was last
** seen. Userdata stays where it is while it is on the stack. */
typedef struct Reader {
  lua_State *L;
  int src;
  lmv_Exporter kind;
  union { const lmv_View *view; const lmv_Buffer *buffer; } of;
  unsigned char *base;          /* not to be written for a string */
  ptrdiff_t size;
} Reader;

/* Finds the memory where it is now. */
static void look (Reader *r) {
  switch (r->kind) {
    case LMV_VIEW:
      r->base = lmv_address(r->L, r->of.view);
      return;
    case LMV_BUFFER:
      if (r->of.buffer->memory == NULL) lmv_checkbuffer(r->L, r->src);  /* raises */
      r->base = r->of.buffer->memory->data;
      r->size = r->of.buffer->memory->size;
      return;
    default: {
      size_t len;
      r->base = (unsigned char *)lua_tolstring(r->L, r->src, &len);
      r->size = (ptrdiff_t)len;
    }
  }
}

/* A view whose items lie together: its bytes. */
static void setview (Reader *r, const lmv_View *v) {
  (void)lmv_address(r->L, v);
  r->of.view = v;
  if (v->ndim == 1 && v->dim[0].stride == v->item->size && v->dim[0].suboffset < 0)      /* as most are */
    r->size = v->dim[0].length * v->item->size;
  else if (mv_dims_contiguous(v->ndim, v->dim, v->item->size, 'C'))
    r->size = mv_dims_items(v->ndim, v->dim) * v->item->size;
  else luaL_argerror(r->L, r->src, LMV_NOTCONTIGUOUS);
}

/* What is at src, where it gives bytes by itself? */
static lmv_Exporter reading (Reader *r) {
  lmv_View *v;
  lmv_Buffer *b;
  r->kind = lmv_lookat(r->L, r->src, &v, &b);
  if (r->kind == LMV_VIEW) setview(r, v);
  else if (r->kind == LMV_BUFFER) r->of.buffer = b;
  return r->kind;
}

static void openexporter (lua_State *L, Reader *r, int src) {
  r->L = L;
  r->src = src;
  if (reading(r) == LMV_NONE) {
    (void)lmv_checkexporter(L, src);    /* asks __buffer, and puts what that gives in its place */
    (void)reading(r);
  }
  look(r);
}

/* For reading: strings, which are most, come first. */
static void openreader (lua_State *L, Reader *r, int src) {
  if (lua_type(L, src) != LUA_TSTRING) { openexporter(L, r, src); return; }
  r->L = L;
  r->src = src;
  r->kind = LMV_STRING;
  look(r);
}

static void openwriter (lua_State *L, Reader *r, int dst) {
  openexporter(L, r, dst);
  if (r->kind == LMV_STRING) luaL_argerror(L, dst, "string is read-only");
  if (r->kind == LMV_VIEW) lmv_checkwritable(L, dst, r->of.view);
}

/* Making a string may have run finalizers: looks where the memory is now. */
static void reopen (Reader *r) {
  ptrdiff_t size = r->size;
  look(r);
  if (size != r->size) luaL_error(r->L, "memory changed its size during the call");
}

/* Pushes the values of an item at `offset`; gives how many. */
static int pushcells (Reader *r, const mv_Item *item, ptrdiff_t offset) {
  const mv_Member *m;
  int n = 0;
  if (item->kind != MV_RECORD) {
    lmv_pushvalue(r->L, item, r->base + offset);
    if (mv_kind_class((mv_Kind)item->kind) == MV_BYTES) reopen(r);
    return 1;
  }
  for (m = item->record->first; m != NULL; m = m->next) {
    ptrdiff_t k, at = offset + m->offset;
    if (m->item.kind == MV_PAD) continue;
    for (k = 0; k < m->count; k++, at += m->item.size)
      n += lmv_pushquick(r->L, m->item.kind, m->item.swap, r->base + at) ? 1 : pushcells(r, &m->item, at);
  }
  return n;
}

static inline int pushflat (lua_State *L, const lmv_Flat *f, const unsigned char *p) {
  int k;
  for (k = 0; k < f->n; k++) lmv_pushcode(L, LMV_CODE(f->cell[k].kind, f->cell[k].swap), p + f->cell[k].offset);
  return k;
}

/* pushcells of an item that lmv_cachedformat has given: numbers alone need no walk. */
static int pushvalues (Reader *r, const mv_Item *item, ptrdiff_t offset) {
  const lmv_Flat *f = lmv_flatof(item);
  return f->n > 0 ? pushflat(r->L, f, r->base + offset) : pushcells(r, item, offset);
}

static void checkroom (lua_State *L, const mv_Item *item) {
  ptrdiff_t n = countcells(item);
  if (n <= LUA_MINSTACK / 2) return;
  if (n >= INT_MAX - 16 || !lua_checkstack(L, (int)n + 16)) luaL_error(L, "too many results to unpack");
}

/* The 0-based offset for position argument `arg`, with room for `size` bytes of n. */
static ptrdiff_t checkposition (lua_State *L, int arg, int formatarg, ptrdiff_t size, ptrdiff_t n) {
  lua_Integer pos = lua_isinteger(L, arg) ? lua_tointeger(L, arg) : lmv_optinteger(L, arg, 1);
  lua_Integer i = pos < 0 ? pos + n + (lua_Integer)1 : pos;
  if (i < 1 || i > n + (lua_Integer)1)
    luaL_argerror(L, arg, lua_pushfstring(L, "position %I out of range (1 to %I)", (LUAI_UACINT)pos, (LUAI_UACINT)n + 1));
  if (size > n - (ptrdiff_t)(i - 1))
    luaL_argerror(L, arg, lua_pushfstring(L, "'%s' needs %I bytes at position %I, there are %I",
                  lua_tostring(L, formatarg), (LUAI_UACINT)size, (LUAI_UACINT)i, (LUAI_UACINT)(n - (ptrdiff_t)(i - 1))));
  return (ptrdiff_t)i - 1;
}

/* Upvalues of the functions: the cache of formats, and those of the last calls. */
#define CACHE   lua_upvalueindex(1)
#define RECENT  lua_upvalueindex(2)

/* The format at argument 1; what holds it stays on the stack. */
static const mv_Item *checkformat (lua_State *L) {
  const mv_Item *item = lmv_cachedformat(L, 1, CACHE);
  lmv_remember(L, 1, RECENT);
  return item;
}

/* unpack of numbers from a string: nothing in here runs Lua. 0: take the long way. */
static int quickunpack (lua_State *L) {
  const lmv_Flat *f = lmv_recentformat(L, 1, RECENT);
  size_t n;
  const char *p;
  if (f == NULL || lua_type(L, 2) != LUA_TSTRING) return 0;
  p = lua_tolstring(L, 2, &n);
  return n == (size_t)f->size ? pushflat(L, f, (const unsigned char *)p) : 0;
}

/* unpack(format, src) -> values; src has exactly the size of the format */
static int struct_unpack (lua_State *L) {
  const mv_Item *item;
  Reader r;
  int n = quickunpack(L);
  if (n > 0) return n;
  lua_settop(L, 2);
  item = checkformat(L);
  openreader(L, &r, 2);
  if (r.size != item->size)
    return luaL_argerror(L, 2, lua_pushfstring(L, "'%s' needs %I bytes, there are %I", lua_tostring(L, 1),
                         (LUAI_UACINT)item->size, (LUAI_UACINT)r.size));
  checkroom(L, item);
  return pushvalues(&r, item, 0);
}

/* unpack_from of numbers from a string at a position within it, as most are: nothing in here
** runs Lua. 0: take the long way. */
static int quickunpackfrom (lua_State *L) {
  const lmv_Flat *f = lmv_recentformat(L, 1, RECENT);
  lua_Integer pos = 1;
  size_t n;
  const char *p;
  if (f == NULL || lua_type(L, 2) != LUA_TSTRING) return 0;
  if (lua_isinteger(L, 3)) pos = lua_tointeger(L, 3);
  else if (!lua_isnoneornil(L, 3)) return 0;
  p = lua_tolstring(L, 2, &n);
  if (pos < 1 || (lua_Unsigned)pos - 1 > n || n - (size_t)(pos - 1) < (size_t)f->size) return 0;
  (void)pushflat(L, f, (const unsigned char *)p + (pos - 1));
  lua_pushinteger(L, pos + f->size);
  return f->n + 1;
}

/* unpack_from(format, src [, pos]) -> values..., next position */
static int struct_unpackfrom (lua_State *L) {
  const mv_Item *item;
  Reader r;
  ptrdiff_t at;
  int n = quickunpackfrom(L);
  if (n > 0) return n;
  lua_settop(L, 3);
  item = checkformat(L);
  openreader(L, &r, 2);
  at = checkposition(L, 3, 1, item->size, r.size);
  checkroom(L, item);
  n = pushvalues(&r, item, at);
  lua_pushinteger(L, (lua_Integer)at + item->size + 1);
  return n + 1;
}

/* Where iter_unpack is; in a block that is an upvalue. */
typedef struct Iteration {
  ptrdiff_t at;
  const mv_Item *item;
  const lmv_Flat *flat;         /* for a string as source; or NULL */
} Iteration;

/* A step over numbers in a string. */
static int nextflat (lua_State *L, Iteration *it) {
  size_t n;
  const char *p = lua_tolstring(L, lua_upvalueindex(1), &n);
  ptrdiff_t at = it->at;
  if (p == NULL || at > (ptrdiff_t)n - it->flat->size) return 0;
  it->at = at + it->flat->size;
  return pushflat(L, it->flat, (const unsigned char *)p + at);
}

/* Step of iter_unpack; upvalues: src, the Iteration, what holds the format. */
static int nextunpack (lua_State *L) {
  Iteration *it = (Iteration *)(void *)((lmv_Block *)lua_touserdata(L, lua_upvalueindex(2)) + 1);
  Reader r;
  if (it->flat != NULL) return nextflat(L, it);
  lua_settop(L, 0);
  lua_pushvalue(L, lua_upvalueindex(1));
  openreader(L, &r, 1);
  if (it->at > r.size - it->item->size) return 0;
  it->at += it->item->size;
  checkroom(L, it->item);
  return pushvalues(&r, it->item, it->at - it->item->size);
}

/* iter_unpack(format, src) -> iterator of the values of one item after the other */
static int struct_iterunpack (lua_State *L) {
  Iteration *it;
  const mv_Item *item;
  Reader r;
  lua_settop(L, 2);
  item = checkformat(L);                /* at 3 */
  if (item->size == 0)
    return luaL_argerror(L, 1, lua_pushfstring(L, "format '%s' has 0 bytes (1 or more expected)", lua_tostring(L, 1)));
  openreader(L, &r, 2);
  if (r.size % item->size != 0)
    return luaL_argerror(L, 2, lua_pushfstring(L, "%I bytes are not a whole number of items of %I bytes ('%s')",
                         (LUAI_UACINT)r.size, (LUAI_UACINT)item->size, lua_tostring(L, 1)));
  it = (Iteration *)(void *)lmv_newblock(L, sizeof(Iteration));
  it->at = 0;
  it->item = item;
  it->flat = r.kind == LMV_STRING && lmv_flatof(item)->n > 0 ? lmv_flatof(item) : NULL;
  lua_insert(L, 3);
  lua_pushcclosure(L, nextunpack, 3);
  return 1;
}

/* ---- Writing ---------------------------------------------------------------------------- */

/* Packs arguments from *arg on into an item at p. */
static void packcells (lua_State *L, const mv_Item *item, int *arg, unsigned char *p) {
  const mv_Member *m;
  mv_Value v;
  if (item->kind != MV_RECORD) {
    lmv_checkvalue(L, (*arg)++, item, &v);
    mv_item_store(item, p, &v);
    return;
  }
  for (m = item->record->first; m != NULL; m = m->next) {
    ptrdiff_t k;
    unsigned char *q = p + m->offset;
    if (m->item.kind == MV_PAD) continue;
    for (k = 0; k < m->count; k++, q += m->item.size)
      if (lmv_storequick(L, *arg, m->item.kind, m->item.swap, q)) (*arg)++;
      else packcells(L, &m->item, arg, q);
  }
}

unsigned char *lmv_packarguments (lua_State *L, const mv_Item *item, int arg, int first, int last,
                                  unsigned char *small) {
  int given = last < first ? 0 : last - first + 1;
  ptrdiff_t expected = countcells(item);
  unsigned char *p = small;
  if (expected != given)
    luaL_error(L, "%I value%s expected for '%s', got %d", (LUAI_UACINT)expected, expected == 1 ? "" : "s",
               lua_tostring(L, arg), given);
  if (item->size > LMV_SMALL) p = lmv_newblock(L, item->size);
  memset(p, 0, (size_t)item->size);
  packcells(L, item, &first, p);
  return p;
}

/* Packs arguments from `first` to `last` into `small` where they are plain numbers for a
** format of numbers; false: take the long way. Runs no Lua. */
static bool packflat (lua_State *L, const lmv_Flat *f, int first, int last, unsigned char *small) {
  int k;
  if (f == NULL || last - first + 1 != f->n || f->size > LMV_SMALL) return false;
  memset(small, 0, (size_t)f->size);
  for (k = 0; k < f->n; k++) {
    unsigned code = LMV_CODE(f->cell[k].kind, f->cell[k].swap);
    if (!lmv_storecode(L, first + k, code, small + f->cell[k].offset)) return false;
  }
  return true;
}

/* lmv_packarguments of an item that lmv_cachedformat has given. */
static unsigned char *packvalues (lua_State *L, const mv_Item *item, int arg, int first, int last,
                                  unsigned char *small) {
  const lmv_Flat *f = lmv_flatof(item);
  if (f->n > 0 && packflat(L, f, first, last, small)) return small;
  return lmv_packarguments(L, item, arg, first, last, small);
}

/* pack(format, ...) -> string */
static int struct_pack (lua_State *L) {
  unsigned char small[LMV_SMALL];
  int last = lua_gettop(L);
  const lmv_Flat *f = lmv_recentformat(L, 1, RECENT);
  const mv_Item *item;
  const unsigned char *p;
  if (packflat(L, f, 2, last, small)) {
    lua_pushlstring(L, (const char *)small, (size_t)f->size);
    return 1;
  }
  item = checkformat(L);
  p = lmv_packarguments(L, item, 1, 2, last, small);
  lua_pushlstring(L, (const char *)p, (size_t)item->size);
  return 1;
}

/* Packs arguments from 4 on by the format at 1, to *p, and opens what is at 2; gives the size. */
static ptrdiff_t packto (lua_State *L, Reader *r, unsigned char *small, const unsigned char **p) {
  const lmv_Flat *f = lmv_recentformat(L, 1, RECENT);
  const mv_Item *item;
  ptrdiff_t size;
  int last = lua_gettop(L);
  *p = small;
  if (packflat(L, f, 4, last, small)) {
    size = f->size;
    openwriter(L, r, 2);
    return size;
  }
  item = checkformat(L);
  openwriter(L, r, 2);
  *p = lmv_packarguments(L, item, 1, 4, last, small);
  look(r);                                      /* values are converted by now */
  return item->size;
}

/* pack_into(format, dst, pos, ...) -> next position; all or nothing */
static int struct_packinto (lua_State *L) {
  unsigned char small[LMV_SMALL];
  const unsigned char *p;
  ptrdiff_t at, size;
  Reader r;
  if (lua_gettop(L) < 3) luaL_checkany(L, 3);
  size = packto(L, &r, small, &p);
  at = checkposition(L, 3, 1, size, r.size);
  if (size > 0) memcpy(r.base + at, p, (size_t)size);
  lua_pushinteger(L, (lua_Integer)at + size + 1);
  return 1;
}

/* ---- Along a cursor ------------------------------------------------------------------------
** What a cursor keeps is a table of the Lua layer, found by the cursor in upvalue 2: */

enum {
  SOURCE = 1,           /* a string, a Buffer, or a View of bytes that lie together */
  POSITION,             /* of the next byte, from 1 */
  FORMATS               /* formats -> formats with the cursor's order; nil where it has none */
};

/* Pushes the state of the cursor at 1. */
static void pushstate (lua_State *L) {
  lua_pushvalue(L, 1);
  if (lua_rawget(L, lua_upvalueindex(2)) != LUA_TTABLE) luaL_typeerror(L, 1, "cursor");
}

/* From 0; pushes a value that is of no use. */
static ptrdiff_t getposition (lua_State *L, int state) {
  lua_rawgeti(L, state, POSITION);
  return (ptrdiff_t)((lua_Unsigned)lua_tointeger(L, -1) - 1);
}

static void setposition (lua_State *L, int state, ptrdiff_t at) {
  lua_pushinteger(L, (lua_Integer)at + 1);
  lua_rawseti(L, state, POSITION);
}

/* The format at 2, which becomes the one with the cursor's order; what holds it stays on the stack. */
static const mv_Item *cursorformat (lua_State *L, int state) {
  if (lua_type(L, 2) != LUA_TSTRING) luaL_typeerror(L, 2, "format string");
  if (lua_rawgeti(L, state, FORMATS) == LUA_TTABLE) {
    lua_pushvalue(L, 2);
    lua_gettable(L, -2);
    lua_replace(L, 2);
  }
  return lmv_cachedformat(L, 2, lua_upvalueindex(1));
}

/* Raises unless there is room for the format at 2 in n bytes. */
static void checkcursor (lua_State *L, const mv_Item *item, ptrdiff_t at, ptrdiff_t n) {
  if (at < 0 || at > n)
    luaL_error(L, "position %I out of range (1 to %I)", (LUAI_UACINT)at + 1, (LUAI_UACINT)n + 1);
  if (item->size > n - at)
    luaL_argerror(L, 2, lua_pushfstring(L, "'%s' needs %I bytes at position %I, there are %I", lua_tostring(L, 2),
                  (LUAI_UACINT)item->size, (LUAI_UACINT)at + 1, (LUAI_UACINT)(n - at)));
}

static int readcursor (lua_State *L, bool move) {
  const int state = 3;
  const mv_Item *item;
  Reader r;
  ptrdiff_t at;
  int n;
  lua_settop(L, 2);
  pushstate(L);
  item = cursorformat(L, state);
  at = getposition(L, state);
  lua_rawgeti(L, state, SOURCE);
  openreader(L, &r, lua_gettop(L));
  checkcursor(L, item, at, r.size);
  checkroom(L, item);
  n = pushvalues(&r, item, at);
  if (move) setposition(L, state, at + item->size);
  return n;
}

/* c:unpack(format) -> values; c:peek does not move */
static int cursor_unpack (lua_State *L) { return readcursor(L, true); }
static int cursor_peek (lua_State *L) { return readcursor(L, false); }

/* Writes an item behind the end of the Buffer that is the cursor's. */
static void growcursor (lua_State *L, const Reader *r, ptrdiff_t at, const unsigned char *p, ptrdiff_t n) {
  lua_pushvalue(L, 1);
  lua_pushvalue(L, r->src);
  lua_replace(L, 1);
  lmv_bufferwrite(L, at, p, n);
  lua_replace(L, 1);
}

/* c:pack(format, ...) -> c; all or nothing; a Buffer grows */
static int cursor_pack (lua_State *L) {
  unsigned char small[LMV_SMALL];
  int last = lua_gettop(L), state = last + 1;
  const mv_Item *item;
  const unsigned char *p;
  ptrdiff_t at;
  Reader r;
  if (last < 1) luaL_checkany(L, 1);
  pushstate(L);
  if (last < 2) return luaL_argerror(L, 2, "format string expected, got no value");
  item = cursorformat(L, state);
  p = packvalues(L, item, 2, 3, last, small);
  at = getposition(L, state);                   /* values are converted by now */
  lua_rawgeti(L, state, SOURCE);
  openreader(L, &r, lua_gettop(L));
  if (r.kind == LMV_STRING) return luaL_error(L, "string is read-only");
  if (r.kind == LMV_VIEW) lmv_checkwritable(L, 1, r.of.view);
  if (r.kind != LMV_BUFFER || at < 0 || at > r.size) checkcursor(L, item, at, r.size);
  if (item->size > r.size - at) growcursor(L, &r, at, p, item->size);
  else if (item->size > 0) memcpy(r.base + at, p, (size_t)item->size);
  setposition(L, state, at + item->size);
  lua_settop(L, 1);
  return 1;
}

/* cursor(states) -> unpack, peek, pack */
static int struct_cursor (lua_State *L) {
  static const lua_CFunction methods[] = {cursor_unpack, cursor_peek, cursor_pack};
  size_t k;
  luaL_checktype(L, 1, LUA_TTABLE);
  for (k = 0; k < 3; k++) {
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_pushvalue(L, 1);
    lua_pushcclosure(L, methods[k], 2);
  }
  return 3;
}

static const luaL_Reg functions[] = {
  {"calcsize", struct_calcsize}, {"pack", struct_pack}, {"unpack", struct_unpack},
  {"unpack_from", struct_unpackfrom}, {"pack_into", struct_packinto}, {"iter_unpack", struct_iterunpack},
  {NULL, NULL}
};

/* For the Lua layer only. */
static const luaL_Reg internals[] = {
  {"alignment", struct_alignment}, {"cursor", struct_cursor},
  {NULL, NULL}
};

void lmv_openstruct (lua_State *L) {
  lua_newtable(L);
  lmv_pushcache(L);
  lmv_pushrecent(L);
  luaL_setfuncs(L, functions, 2);
  lua_setfield(L, -2, "struct");
  lua_getfield(L, -1, "internal");
  lmv_pushcache(L);
  luaL_setfuncs(L, internals, 1);
  lua_pop(L, 1);
}
