/* make.c -- views and memory from exporters, from nothing, from tables and from text. */
#include "lmv.h"

#include <string.h>

static int viewof (lua_State *L, int arg) {
  lmv_Exporter kind;
  luaL_checkany(L, arg);
  lua_settop(L, arg);
  lua_pushvalue(L, arg);
  kind = lmv_resolve(L, arg + 1);
  if (kind == LMV_NONE) return luaL_typeerror(L, arg, "string, buffer or view");
  lmv_viewof(L, arg + 1, kind, lua_rawequal(L, arg, arg + 1) ? 0 : arg);
  return 1;
}

/* memview.view(obj) -> View */
static int make_view (lua_State *L) {
  return viewof(L, 1);
}

/* memview(obj): the module's __call, which the module comes before */
static int make_call (lua_State *L) {
  if (lua_type(L, 2) != LUA_TSTRING) return viewof(L, lmv_callarg(L));
  lmv_viewof(L, 2, LMV_STRING, 0);
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
  const mv_Item *item;
  ptrdiff_t lengths[MV_MAXDIM];
  mv_Layout l;
  lmv_View *v;
  int d, format;
  lua_settop(L, 2);
  item = lmv_checkviewable(L, 1, &format);
  l.ndim = lmv_checkshape(L, 2, lengths);
  for (d = 0; d < l.ndim; d++) l.dim[d].length = lengths[d];
  checksize(L, 2, &l, item);
  v = lmv_viewfresh(L, &l, item, format, 'C');
  memset(v->of.bytes, 0, (size_t)(mv_dims_items(l.ndim, l.dim) * item->size));
  return 1;
}

/* ---- array ---------------------------------------------------------------------- */

/* Is the value on top a list whose first element is one too, or a record's table? */
static bool holdstables (lua_State *L) {
  bool yes;
  if (!lmv_islist(L)) return false;
  lua_geti(L, -1, 1);
  yes = lmv_islist(L);
  lua_pop(L, 1);
  return yes;
}

/* The shape of the nested table at idx, by its first elements. Innermost tables of a
** record format are records. */
static void tableshape (lua_State *L, int arg, int idx, bool records, mv_Layout *l) {
  int top = lua_gettop(L);
  l->ndim = 0;
  lua_pushvalue(L, idx);
  do {
    ptrdiff_t n = lmv_checklist(L, arg);
    if (l->ndim == MV_MAXDIM) luaL_argerror(L, arg, "tables nested deeper than 64 dimensions");
    l->dim[l->ndim++].length = n;
    if (n == 0) break;
    lua_geti(L, -1, 1);
    lua_replace(L, -2);
    if (records && !holdstables(L)) break;
  } while (lmv_islist(L));
  lua_settop(L, top);
}

/* memview.array(format, values) -> View */
static int make_array (lua_State *L) {
  const mv_Item *item;
  ptrdiff_t shift;
  mv_Layout l;
  lmv_View *v;
  int format;
  lua_settop(L, 2);
  item = lmv_checkviewable(L, 1, &format);
  luaL_checktype(L, 2, LUA_TTABLE);
  tableshape(L, 2, 2, mv_item_value(item, &shift)->kind == MV_RECORD, &l);
  checksize(L, 2, &l, item);
  v = lmv_viewfresh(L, &l, item, format, 'C');
  memset(v->of.bytes, 0, (size_t)(mv_dims_items(l.ndim, l.dim) * item->size));
  lmv_packvalue(L, 2, v->ndim, v->dim, v->item, v->of.bytes, NULL);
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
    return luaL_argerror(L, 1, lua_pushfstring(L, text[bad] > ' ' && text[bad] <= '~'
      ? "hex digit expected at position %I, got '%c'" : "hex digit expected at position %I, got byte %d",
      (LUAI_UACINT)bad + 1, (int)(unsigned char)text[bad]));
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
  lua_getfield(L, -1, "internal");
  lua_pushcfunction(L, make_call);
  lua_setfield(L, -2, "call");
  lua_pop(L, 1);
}
