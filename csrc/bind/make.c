/* make.c -- views and memory from exporters, from nothing, from tables and from text. */
#include "lmv.h"

#include <string.h>

/* memview(obj), memview.view(obj) -> View */
static int make_view (lua_State *L) {
  lmv_Exporter kind;
  luaL_checkany(L, 1);
  lua_settop(L, 1);
  lua_pushvalue(L, 1);
  kind = lmv_resolve(L, 2);
  if (kind == LMV_NONE) return luaL_typeerror(L, 1, "string, buffer or view");
  lmv_viewof(L, 2, kind, lua_rawequal(L, 1, 2) ? 0 : 1);
  return 1;
}

/* ---- zeros -------------------------------------------------------------------------- */

/* Raises for argument `arg` where a view of that shape could not exist. */
static void checksize (lua_State *L, int arg, mv_Layout *l, const mv_Item *item) {
  ptrdiff_t nbytes;
  int d;
  for (d = 0; d < l->ndim; d++)
    if (l->dim[d].length < 0) luaL_argerror(L, arg, "length -1 in shape (0 or more expected)");
  if (mv_dims_pack(l->ndim, l->dim, item->size, 'C', &nbytes) == MV_OK) return;
  lmv_pushformat(L, item);
  lmv_pushshape(L, l->ndim, l->dim);
  luaL_argerror(L, arg, lua_pushfstring(L, "shape %s of '%s' is too large",
                                        lua_tostring(L, -1), lua_tostring(L, -2)));
}

/* memview.zeros(format, shape) -> View */
static int make_zeros (lua_State *L) {
  mv_Item item;
  ptrdiff_t lengths[MV_MAXDIM];
  mv_Layout l;
  lmv_View *v;
  int d;
  lua_settop(L, 2);
  lmv_checkviewable(L, 1, &item);
  l.ndim = lmv_checkshape(L, 2, lengths);
  for (d = 0; d < l.ndim; d++) l.dim[d].length = lengths[d];
  checksize(L, 2, &l, &item);
  v = lmv_viewfresh(L, &l, &item, 3, 'C');
  memset(v->own, 0, (size_t)(mv_dims_items(l.ndim, l.dim) * item.size));
  return 1;
}

/* ---- Tables -> items ------------------------------------------------------------------ */

typedef struct Packer {
  lua_State *L;
  int arg;                      /* to name in errors */
  const mv_Item *item;
  int ndim;
  const mv_Dim *dim;
  unsigned char *next;          /* where the next item goes */
  lua_Integer path[MV_MAXDIM];  /* indices that led here */
} Packer;

/* Pushes "1,2": the first `depth` indices of the path. */
static const char *pushpath (const Packer *p, int depth) {
  luaL_Buffer b;
  int k;
  luaL_buffinit(p->L, &b);
  for (k = 0; k < depth; k++) {
    if (k > 0) luaL_addchar(&b, ',');
    lua_pushinteger(p->L, p->path[k]);
    luaL_addvalue(&b);
  }
  luaL_pushresult(&b);
  return lua_tostring(p->L, -1);
}

/* The value on top is one item. */
static void packitem (Packer *p) {
  mv_Value v;
  lua_State *L = p->L;
  ptrdiff_t shift;
  const mv_Item *item = mv_item_value(p->item, &shift);
  if (item->kind == MV_RECORD) luaL_argerror(L, p->arg, "records cannot be written from tables yet");
  if (!lmv_tovalue(L, -1, item, &v)) {
    const char *reason = lua_tostring(L, -1);
    if (p->ndim == 0) luaL_argerror(L, p->arg, reason);
    luaL_argerror(L, p->arg, lua_pushfstring(L, "%s (item %s)", reason, pushpath(p, p->ndim)));
  }
  mv_item_store(item, p->next + shift, &v);
  p->next += p->item->size;
}

static void ragged (const Packer *p, int depth, lua_Integer n) {
  lua_State *L = p->L;
  LUAI_UACINT expected = (LUAI_UACINT)p->dim[depth].length, got = (LUAI_UACINT)n;
  if (depth == 0)
    lua_pushfstring(L, "table of %I items expected, got %I", expected, got);
  else
    lua_pushfstring(L, "ragged table: %I items expected in row %s, got %I", expected, pushpath(p, depth), got);
  luaL_argerror(L, p->arg, lua_tostring(L, -1));
}

/* The value on top has the dimensions from `depth` on. */
static void packlevel (Packer *p, int depth) {
  lua_State *L = p->L;
  lua_Integer n, i;
  if (depth == p->ndim) { packitem(p); return; }
  if (!lua_istable(L, -1))
    luaL_argerror(L, p->arg, lua_pushfstring(L, "ragged table: a table expected at %s, got %s",
                                             pushpath(p, depth), luaL_typename(L, -2)));
  n = luaL_len(L, -1);
  if (n != p->dim[depth].length) ragged(p, depth, n);
  luaL_checkstack(L, 8, "table nested too deeply");
  for (i = 1; i <= n; i++) {
    p->path[depth] = i;
    lua_geti(L, -1, i);
    packlevel(p, depth + 1);
    lua_pop(L, 1);
  }
}

void lmv_packtable (lua_State *L, int arg, int idx, int ndim, const mv_Dim *dim,
                    const mv_Item *item, unsigned char *dst) {
  Packer p;
  p.L = L;
  p.arg = arg;
  p.item = item;
  p.ndim = ndim;
  p.dim = dim;
  p.next = dst;
  lua_pushvalue(L, idx);
  packlevel(&p, 0);
  lua_pop(L, 1);
}

/* The shape of the nested table at idx, by its first elements. */
static void tableshape (lua_State *L, int arg, int idx, mv_Layout *l) {
  int top = lua_gettop(L);
  l->ndim = 0;
  lua_pushvalue(L, idx);
  while (lua_istable(L, -1)) {
    lua_Integer n = luaL_len(L, -1);
    if (l->ndim == MV_MAXDIM) luaL_argerror(L, arg, "tables nested deeper than 64 dimensions");
    if (n < 0 || n > PTRDIFF_MAX) luaL_argerror(L, arg, "length of table out of range");
    l->dim[l->ndim++].length = (ptrdiff_t)n;
    if (n == 0) break;
    lua_geti(L, -1, 1);
    lua_replace(L, -2);
  }
  lua_settop(L, top);
}

/* memview.array(format, values) -> View */
static int make_array (lua_State *L) {
  mv_Item item;
  mv_Layout l;
  lmv_View *v;
  lua_settop(L, 2);
  lmv_checkviewable(L, 1, &item);
  luaL_checktype(L, 2, LUA_TTABLE);
  tableshape(L, 2, 2, &l);
  checksize(L, 2, &l, &item);
  v = lmv_viewfresh(L, &l, &item, 3, 'C');
  memset(v->own, 0, (size_t)(mv_dims_items(l.ndim, l.dim) * item.size));
  lmv_packtable(L, 2, 2, v->ndim, v->dim, &v->item, v->own);
  return 1;
}

/* ---- fromhex, type ---------------------------------------------------------------------- */

/* memview.fromhex(text) -> Buffer */
static int make_fromhex (lua_State *L) {
  size_t len, bad = 0;
  const char *text;
  ptrdiff_t n;
  if (lua_type(L, 1) != LUA_TSTRING) return luaL_typeerror(L, 1, "string");
  text = lua_tolstring(L, 1, &len);
  n = mv_hex_decode(NULL, text, len, &bad);
  if (n < 0) {
    if (bad == len) return luaL_argerror(L, 1, lua_pushfstring(L, "hex digit expected at position %I, at the end of the text", (LUAI_UACINT)bad + 1));
    return luaL_argerror(L, 1, lua_pushfstring(L, "hex digit expected at position %I, got '%c'",
                                               (LUAI_UACINT)bad + 1, text[bad]));
  }
  mv_hex_decode(lmv_pushbuffer(L, n), text, len, &bad);
  return 1;
}

/* memview.type(x) -> "view", "buffer" or nil */
static int make_type (lua_State *L) {
  luaL_checkany(L, 1);
  if (lmv_toview(L, 1) != NULL) lua_pushliteral(L, "view");
  else if (lmv_tobuffer(L, 1) != NULL) lua_pushliteral(L, "buffer");
  else lua_pushnil(L);
  return 1;
}

static const luaL_Reg functions[] = {
  {"view", make_view}, {"zeros", make_zeros}, {"array", make_array},
  {"fromhex", make_fromhex}, {"type", make_type},
  {NULL, NULL}
};

void lmv_openmake (lua_State *L) {
  luaL_setfuncs(L, functions, 0);
}
