/* ops.c -- bulk methods: each checks its arguments, takes addresses last, and
** lets the core do the work. */
#include "lmv.h"

#include <limits.h>
#include <string.h>

/* ---- Bytes ---------------------------------------------------------------------------- */

/* Pushes the bytes of part l as a string. */
void lmv_pushbytes (lua_State *L, const lmv_View *v, const mv_Layout *l, char order) {
  mv_Span s = lmv_partspan(L, v, l);
  ptrdiff_t n = mv_span_bytes(&s);
  luaL_Buffer b;
  char *out;
  if (mv_dims_contiguous(l->ndim, l->dim, v->item->size, order)) {
    lua_pushlstring(L, (const char *)s.at, (size_t)n);
    return;
  }
  out = luaL_buffinitsize(L, &b, (size_t)n);
  s = lmv_partspan(L, v, l);                /* the collector may have run */
  mv_bulk_pack((unsigned char *)out, &s, order);
  luaL_pushresultsize(&b, (size_t)n);
}

/* v:tobytes([order]), v:tobytes(i [, j]) -> string */
static int view_tobytes (lua_State *L) {
  lmv_View *v = lmv_checklive(L, 1);
  mv_Layout l;
  char order = 'C';
  lmv_getlayout(v, &l);
  if (lua_type(L, 2) == LUA_TNUMBER || !lua_isnoneornil(L, 3)) lmv_checkpart(L, 2, v, &l);
  else order = lmv_checkorder(L, 2, true);
  if (order == 'A')
    order = !mv_dims_contiguous(l.ndim, l.dim, v->item->size, 'C')
         && mv_dims_contiguous(l.ndim, l.dim, v->item->size, 'F') ? 'F' : 'C';
  lmv_pushbytes(L, v, &l, order);
  return 1;
}

static lua_Integer clampint (lua_Integer i) {
  return i > INT_MAX ? INT_MAX : i < -INT_MAX ? -INT_MAX : i;
}

/* (self [, sep [, n]]) -> hex digits, n bytes between separators */
int lmv_hex (lua_State *L) {
  size_t len = 0;
  const char *sep = lua_type(L, 2) == LUA_TSTRING ? lua_tolstring(L, 2, &len) : NULL;
  ptrdiff_t group = (ptrdiff_t)clampint(lmv_optinteger(L, 3, 1)), n, again, size;
  lmv_Exporter kind = lmv_pack(L, 1, lmv_checkexporter(L, 1));
  const unsigned char *p = lmv_getbytes(L, 1, kind, &n);
  luaL_Buffer b;
  char *out;
  if (sep == NULL ? !lua_isnoneornil(L, 2) : len != 1 || (unsigned char)*sep > 127)
    luaL_argerror(L, 2, lua_pushfstring(L, sep != NULL ? "separator of one ASCII character expected, got '%s'"
                                        : "separator of one ASCII character expected, got %s",
                                        sep != NULL ? sep : lmv_typename(L, 2)));
  if (sep == NULL) group = 0;
  if (!mv_hex_length(n, group, &size)) lmv_nomemory(L);
  out = luaL_buffinitsize(L, &b, (size_t)size);
  p = lmv_getbytes(L, 1, kind, &again);
  if (again != n) luaL_error(L, "memory changed its size during the call");
  mv_hex_encode(out, p, n, sep ? *sep : '\0', group);
  luaL_pushresultsize(&b, (size_t)size);
  return 1;
}

/* ---- In place ---------------------------------------------------------------------------- */

/* v:byteswap() -> v */
static int view_byteswap (lua_State *L) {
  lmv_View *v = lmv_checklive(L, 1);
  mv_Span s;
  lmv_checkwritable(L, 1, v);
  s = lmv_viewspan(L, v);
  mv_bulk_byteswap(&s);
  lua_settop(L, 1);
  return 1;
}

/* ---- Search ---------------------------------------------------------------------------------- */

/* The members that value 2 names, as pattern and mask in blocks on the stack. */
static void soughtrecord (lua_State *L, const mv_Item *item, mv_Sought *x) {
  unsigned char *pattern = lmv_newblock(L, item->size), *mask = lmv_newblock(L, item->size);
  memset(mask, 0, (size_t)item->size);
  lmv_packvalue(L, 2, 0, NULL, item, pattern, mask);
  x->pattern = pattern;
  x->mask = mask;
}

/* Prepares a search for value 2 in items i..j of a 1-D view; false: it is nowhere. */
static bool opensearch (lua_State *L, mv_Layout *l, mv_Span *s, mv_Sought *x, ptrdiff_t *start) {
  lmv_View *v = lmv_checklive(L, 1);
  ptrdiff_t shift;
  const mv_Item *item = mv_item_value(v->item, &shift);
  if (v->ndim != 1) luaL_error(L, "1-dimensional view expected, got %d dimensions", v->ndim);
  luaL_checkany(L, 2);
  *start = lmv_checkpart(L, 3, v, l);
  x->mask = NULL;
  if (item->kind == MV_RECORD) soughtrecord(L, item, x);
  else if (!lmv_tosought(L, 2, item, &x->value)) return false;
  *s = lmv_partspan(L, v, l);
  return true;
}

/* v:index(x [, i [, j]]) -> position of the first equal item, or nil */
static int view_indexof (lua_State *L) {
  mv_Layout l;
  mv_Span s;
  mv_Sought x;
  ptrdiff_t start, found = -1;
  if (opensearch(L, &l, &s, &x, &start)) found = mv_bulk_index(&s, &x);
  if (found < 0) lua_pushnil(L);
  else lua_pushinteger(L, (lua_Integer)start + found + 1);
  return 1;
}

/* v:count(x [, i [, j]]) -> number of equal items */
static int view_count (lua_State *L) {
  mv_Layout l;
  mv_Span s;
  mv_Sought x;
  ptrdiff_t start;
  lua_pushinteger(L, opensearch(L, &l, &s, &x, &start) ? mv_bulk_count(&s, &x) : 0);
  return 1;
}

/* (self, bytes [, init]) -> start and end position of a byte sequence, or nil */
int lmv_find (lua_State *L) {
  lua_Integer init = lmv_optinteger(L, 3, 1);
  lmv_Exporter hay, needle = lmv_pack(L, 2, lmv_checkexporter(L, 2));
  ptrdiff_t n, m, at;
  const unsigned char *y, *x;
  hay = lmv_checkexporter(L, 1);
  y = lmv_getbytes(L, 1, hay, &n);
  x = lmv_getbytes(L, 2, needle, &m);
  if (init < 0) init = init < -(lua_Integer)n ? 1 : init + n + 1;
  else if (init == 0) init = 1;
  if (init > n + (lua_Integer)1) { lua_pushnil(L); return 1; }
  at = mv_bytes_find(y + (init - 1), n - (ptrdiff_t)(init - 1), x, m);
  if (at < 0) { lua_pushnil(L); return 1; }
  lua_pushinteger(L, init + at);
  lua_pushinteger(L, init + at + m - 1);
  return 2;
}

/* v:find(bytes [, init]) on contiguous views of bytes */
static int view_find (lua_State *L) {
  const lmv_View *v = lmv_checklive(L, 1);
  lmv_checkbytes(L, v);
  if (!mv_dims_contiguous(1, v->dim, 1, 'C')) lmv_badview(L, 1, LMV_NOTCONTIGUOUS);
  return lmv_find(L);
}

/* ---- Comparison -------------------------------------------------------------------------------- */

/* Bytes of their own against any byte-sized items in one dimension. */
static bool equalplain (const mv_Span *a, const mv_Span *b) {
  mv_Span x = *a, y = *b;
  if (a->item->size != 1 || b->item->size != 1 || a->ndim != 1
      || !mv_dims_sameshape(a->ndim, a->dim, b->ndim, b->dim)) return false;
  x.item = y.item = &mv_byteitem;
  return mv_bulk_equal(&x, &y);
}

/* Are the exporters at 1 and 2, both resolved, equal? */
static bool equalsources (lua_State *L, lmv_Exporter ka, lmv_Exporter kb) {
  lmv_Source a, b;
  lmv_getsource(L, 1, ka, &a);
  lmv_getsource(L, 2, kb, &b);
  if (a.plain || b.plain) return equalplain(&a.span, &b.span);
  return mv_dims_sameshape(a.span.ndim, a.span.dim, b.span.ndim, b.span.dim)
      && mv_bulk_equal(&a.span, &b.span);
}

/* (self, x) -> equal? What is no exporter equals nothing. */
int lmv_equals (lua_State *L) {
  lmv_Exporter ka, kb;
  luaL_checkany(L, 2);
  lua_settop(L, 2);
  kb = lmv_resolve(L, 2);
  ka = lmv_checkexporter(L, 1);
  if (kb == LMV_NONE) {
    lmv_Source a;
    lmv_getsource(L, 1, ka, &a);        /* a released one raises all the same */
    lua_pushboolean(L, 0);
  }
  else lua_pushboolean(L, equalsources(L, ka, kb));
  return 1;
}

static bool isours (lua_State *L, int idx) {
  return lmv_toview(L, idx) != NULL || lmv_tobuffer(L, idx) != NULL;
}

/* == never raises: what cannot be compared equals itself alone. */
int lmv_eq (lua_State *L) {
  lua_settop(L, 2);
  if (!isours(L, 1) && !isours(L, 2)) return luaL_typeerror(L, 1, "view or buffer");
  lua_pushcfunction(L, lmv_equals);
  lua_pushvalue(L, 1);
  lua_pushvalue(L, 2);
  switch (lua_pcall(L, 2, 1, 0)) {
    case LUA_OK: return 1;
    case LUA_ERRMEM: return lua_error(L);       /* that is no answer */
    default: break;
  }
  lua_pushboolean(L, lua_rawequal(L, 1, 2));
  return 1;
}

static int view_equals (lua_State *L) {
  (void)lmv_checklive(L, 1);
  return lmv_equals(L);
}

/* (self, x) -> -1, 0, 1 by the bytes in C order, then the length */
int lmv_compare (lua_State *L) {
  lmv_Exporter ka = lmv_pack(L, 1, lmv_checkexporter(L, 1)), kb = lmv_pack(L, 2, lmv_checkexporter(L, 2));
  ptrdiff_t na, nb;
  const unsigned char *a, *b;
  a = lmv_getbytes(L, 1, ka, &na);
  b = lmv_getbytes(L, 2, kb, &nb);
  lua_pushinteger(L, mv_bytes_compare(a, na, b, nb));
  return 1;
}

static int view_compare (lua_State *L) {
  (void)lmv_checklive(L, 1);
  return lmv_compare(L);
}

static int view_hex (lua_State *L) {
  (void)lmv_checklive(L, 1);
  return lmv_hex(L);
}

static lmv_Exporter checkoperand (lua_State *L, int idx) {
  lmv_Exporter kind = lmv_resolve(L, idx);
  if (kind == LMV_NONE && lua_type(L, idx) != LUA_TNUMBER)
    luaL_error(L, "attempt to concatenate a %s value", luaL_typename(L, idx));
  return lmv_pack(L, idx, kind);
}

/* Puts the string of an operand of `..` in its place. */
static void tostringoperand (lua_State *L, int idx, lmv_Exporter kind) {
  ptrdiff_t n;
  const unsigned char *p;
  if (kind == LMV_NONE || kind == LMV_STRING) return;
  p = lmv_getbytes(L, idx, kind, &n);
  lua_pushlstring(L, (const char *)p, (size_t)n);
  lua_replace(L, idx);
}

/* a .. b -> string */
int lmv_concat (lua_State *L) {
  lmv_Exporter a, b;
  lua_settop(L, 2);
  a = checkoperand(L, 1);
  b = checkoperand(L, 2);
  tostringoperand(L, 1, a);
  tostringoperand(L, 2, b);
  lua_concat(L, 2);
  return 1;
}

const luaL_Reg lmv_opsmethods[] = {
  {"tobytes", view_tobytes}, {"hex", view_hex}, {"byteswap", view_byteswap},
  {"index", view_indexof}, {"count", view_count}, {"find", view_find},
  {"equals", view_equals}, {"compare", view_compare},
  {NULL, NULL}
};
