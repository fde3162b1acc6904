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
  mv_Item item;
  lmv_checkformat(L, 1, &item);
  lua_pushinteger(L, item.size);
  return 1;
}

/* alignment(format) -> bytes: what C would align the item to; 1 unless native */
static int struct_alignment (lua_State *L) {
  mv_Item item;
  lmv_checkformat(L, 1, &item);
  lua_pushinteger(L, mv_format_align(&item));
  return 1;
}

/* ---- Reading -------------------------------------------------------------------------- */

/* Bytes that are read: the exporter at `src`, and its memory as it was last seen. */
typedef struct Reader {
  lua_State *L;
  int src;
  lmv_Exporter kind;
  const unsigned char *base;
  ptrdiff_t size;
} Reader;

/* Finds out who gives the bytes; may run Lua. */
static void resolvereader (lua_State *L, Reader *r, int src) {
  r->L = L;
  r->src = src;
  r->kind = lua_type(L, src) == LUA_TSTRING ? LMV_STRING : lmv_checkexporter(L, src);
  if (r->kind == LMV_VIEW) {
    const lmv_View *v = lmv_toview(L, src);
    (void)lmv_address(L, v);
    if (!mv_dims_contiguous(v->ndim, v->dim, v->item.size, 'C')) luaL_argerror(L, src, "view is not contiguous");
  }
}

static void openreader (lua_State *L, Reader *r, int src) {
  resolvereader(L, r, src);
  r->base = lmv_getbytes(L, src, r->kind, &r->size);
}

/* Making a string may have run finalizers: looks where the memory is now. */
static void reopen (Reader *r) {
  ptrdiff_t size;
  r->base = lmv_getbytes(r->L, r->src, r->kind, &size);
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

/* The format at argument 1; what holds it stays on the stack. */
static const mv_Item *checkformat (lua_State *L) {
  return lmv_cachedformat(L, 1, lua_upvalueindex(1));
}

/* unpack(format, src) -> values; src has exactly the size of the format */
static int struct_unpack (lua_State *L) {
  const mv_Item *item;
  Reader r;
  lua_settop(L, 2);
  item = checkformat(L);
  openreader(L, &r, 2);
  if (r.size != item->size)
    return luaL_argerror(L, 2, lua_pushfstring(L, "'%s' needs %I bytes, there are %I", lua_tostring(L, 1),
                         (LUAI_UACINT)item->size, (LUAI_UACINT)r.size));
  checkroom(L, item);
  return pushcells(&r, item, 0);
}

static int unpackat (lua_State *L, bool next) {
  const mv_Item *item;
  Reader r;
  ptrdiff_t at;
  int n;
  lua_settop(L, 3);
  item = checkformat(L);
  openreader(L, &r, 2);
  at = checkposition(L, 3, 1, item->size, r.size);
  checkroom(L, item);
  n = pushcells(&r, item, at);
  if (next) lua_pushinteger(L, (lua_Integer)at + item->size + 1);
  return n + next;
}

/* unpack_from(format, src [, pos]) -> values..., next position */
static int struct_unpackfrom (lua_State *L) { return unpackat(L, true); }

/* The same without the position: for the cursor. */
static int struct_unpackat (lua_State *L) { return unpackat(L, false); }

/* Where iter_unpack is; in a block that is an upvalue. */
typedef struct Iteration { ptrdiff_t at; const mv_Item *item; } Iteration;

/* Step of iter_unpack; upvalues: src, the Iteration, what holds the format. */
static int nextunpack (lua_State *L) {
  Iteration *it = (Iteration *)(void *)((lmv_Block *)lua_touserdata(L, lua_upvalueindex(2)) + 1);
  Reader r;
  lua_settop(L, 0);
  lua_pushvalue(L, lua_upvalueindex(1));
  openreader(L, &r, 1);
  if (it->at > r.size - it->item->size) return 0;
  it->at += it->item->size;
  checkroom(L, it->item);
  return pushcells(&r, it->item, it->at - it->item->size);
}

/* iter_unpack(format, src) -> iterator of the values of one item after the other */
static int struct_iterunpack (lua_State *L) {
  Iteration *it;
  const mv_Item *item;
  Reader r;
  lua_settop(L, 2);
  item = checkformat(L);                /* at 3 */
  luaL_argcheck(L, item->size > 0, 1, "format of 0 bytes");
  openreader(L, &r, 2);
  if (r.size % item->size != 0)
    return luaL_argerror(L, 2, lua_pushfstring(L, "%I bytes are not a whole number of items of %I bytes ('%s')",
                         (LUAI_UACINT)r.size, (LUAI_UACINT)item->size, lua_tostring(L, 1)));
  it = (Iteration *)(void *)lmv_newblock(L, sizeof(Iteration));
  it->at = 0;
  it->item = item;
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

/* pack(format, ...) -> string */
static int struct_pack (lua_State *L) {
  unsigned char small[LMV_SMALL];
  int last = lua_gettop(L);
  const mv_Item *item = checkformat(L);
  const unsigned char *p = lmv_packarguments(L, item, 1, 2, last, small);
  lua_pushlstring(L, (const char *)p, (size_t)item->size);
  return 1;
}

/* pack_into(format, dst, pos, ...) -> next position; all or nothing */
static int struct_packinto (lua_State *L) {
  unsigned char small[LMV_SMALL];
  int last = lua_gettop(L);
  ptrdiff_t at;
  const mv_Item *item;
  const unsigned char *p;
  Reader r;
  luaL_checkany(L, 3);
  item = checkformat(L);
  resolvereader(L, &r, 2);
  if (r.kind == LMV_STRING) return luaL_argerror(L, 2, "string is read-only");
  if (r.kind == LMV_VIEW) lmv_checkwritable(L, 2, lmv_toview(L, 2));
  p = lmv_packarguments(L, item, 1, 4, last, small);
  r.base = lmv_getbytes(L, 2, r.kind, &r.size);         /* values are converted by now */
  at = checkposition(L, 3, 1, item->size, r.size);
  if (item->size > 0) memcpy((unsigned char *)r.base + at, p, (size_t)item->size);
  lua_pushinteger(L, (lua_Integer)at + item->size + 1);
  return 1;
}

static const luaL_Reg functions[] = {
  {"calcsize", struct_calcsize}, {"pack", struct_pack}, {"unpack", struct_unpack},
  {"unpack_from", struct_unpackfrom}, {"pack_into", struct_packinto}, {"iter_unpack", struct_iterunpack},
  {NULL, NULL}
};

/* For the Lua layer only. */
static const luaL_Reg internals[] = {
  {"alignment", struct_alignment}, {"unpackat", struct_unpackat},
  {NULL, NULL}
};

void lmv_openstruct (lua_State *L) {
  lua_newtable(L);
  lmv_pushcache(L);
  luaL_setfuncs(L, functions, 1);
  lua_setfield(L, -2, "struct");
  lua_getfield(L, -1, "internal");
  lmv_pushcache(L);
  luaL_setfuncs(L, internals, 1);
  lua_pop(L, 1);
}
