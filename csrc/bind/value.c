/* value.c -- Lua values <-> items, and the arguments that many functions take. */
#include "lmv.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- Numbers as arguments ------------------------------------------------------- */

lua_Integer lmv_checkinteger (lua_State *L, int arg) {
  int exact;
  lua_Integer i;
  if (lua_type(L, arg) != LUA_TNUMBER) luaL_typeerror(L, arg, "number");
  i = lua_tointegerx(L, arg, &exact);
  if (!exact) luaL_argerror(L, arg, "number has no integer representation");
  return i;
}

lua_Integer lmv_optinteger (lua_State *L, int arg, lua_Integer def) {
  return lua_isnoneornil(L, arg) ? def : lmv_checkinteger(L, arg);
}

/* The first position of a range: clamped to 1. */
static lua_Integer clampfirst (lua_Integer i, ptrdiff_t n) {
  if (i > 0) return i;
  if (i == 0 || i < -(lua_Integer)n) return 1;
  return i + n + 1;
}

/* The last position of a range: clamped to n; 0 or less makes it empty. */
static lua_Integer clamplast (lua_Integer j, ptrdiff_t n) {
  if (j > n) return n;
  if (j >= 0) return j;
  return j < -(lua_Integer)n ? 0 : j + n + 1;
}

/* A negative step mirrors the rule: i is then the upper end. */
lmv_Range lmv_anyrange (lua_Integer i, lua_Integer j, lua_Integer step, ptrdiff_t n) {
  lua_Integer low = clampfirst(step > 0 ? i : j, n), high = clamplast(step > 0 ? j : i, n);
  lmv_Range r = {0, 0, 0};
  if (step > PTRDIFF_MAX) step = PTRDIFF_MAX;
  if (step < -PTRDIFF_MAX) step = -PTRDIFF_MAX;
  r.step = (ptrdiff_t)step;
  if (low > high) return r;
  r.start = (ptrdiff_t)(step > 0 ? low : high) - 1;
  r.length = (ptrdiff_t)(high - low) + 1;
  if (step != 1) r.length = (ptrdiff_t)((high - low) / (step > 0 ? step : -step)) + 1;
  return r;
}

lmv_Range lmv_checkrange (lua_State *L, int arg, ptrdiff_t n) {
  lua_Integer i = lmv_optinteger(L, arg, 1), j = lmv_optinteger(L, arg + 1, -1);
  return lmv_range(i, j, 1, n);
}

ptrdiff_t lmv_checkindex (lua_State *L, int arg, ptrdiff_t n, const char *what) {
  lua_Integer i = lmv_checkinteger(L, arg);
  if (i >= 1 && i <= n) return (ptrdiff_t)i - 1;
  if (i < 0 && i >= -(lua_Integer)n) return (ptrdiff_t)(i + n);
  if (n == 0) lua_pushfstring(L, "index %I out of range (%s is empty)", (LUAI_UACINT)i, what);
  else lua_pushfstring(L, "index %I out of range (1 to %I)", (LUAI_UACINT)i, (LUAI_UACINT)n);
  return luaL_argerror(L, arg, lua_tostring(L, -1));
}

void lmv_checkbytes (lua_State *L, const lmv_View *v) {
  if (v->item->size == 1 && v->ndim == 1) return;
  lmv_pushformat(L, v->item);
  luaL_error(L, "1-dimensional view of bytes expected, got %d dimension%s of '%s'", v->ndim, v->ndim == 1 ? "" : "s",
             lua_tostring(L, -1));
}

/* ---- Shapes and orders as arguments ------------------------------------------------ */

const char *lmv_shownumber (lua_State *L, int idx) {
  return lua_type(L, idx) == LUA_TNUMBER ? luaL_tolstring(L, idx, NULL) : lua_pushstring(L, lmv_typename(L, idx));
}

static ptrdiff_t checklength (lua_State *L, int arg, int idx) {
  int exact = 0;
  lua_Integer n = lua_type(L, idx) == LUA_TNUMBER ? lua_tointegerx(L, idx, &exact) : 0;
  if (exact && n >= -1 && n <= PTRDIFF_MAX) return (ptrdiff_t)n;
  if (lua_type(L, idx) != LUA_TNUMBER)
    luaL_argerror(L, arg, lua_pushfstring(L, "integer expected as length in shape, got %s", lmv_typename(L, idx)));
  luaL_argerror(L, arg, lua_pushfstring(L, exact && n > PTRDIFF_MAX ? "length %s in shape is too large"
                                        : "length %s in shape (0 or more expected)", luaL_tolstring(L, idx, NULL)));
  return 0;
}

int lmv_checkshape (lua_State *L, int arg, ptrdiff_t *lengths) {
  lua_Integer n, k;
  if (lua_type(L, arg) == LUA_TNUMBER) {
    lengths[0] = checklength(L, arg, arg);
    return 1;
  }
  if (!lua_istable(L, arg)) luaL_typeerror(L, arg, "shape (number or table)");
  n = luaL_len(L, arg);
  if (n < 0 || n > MV_MAXDIM)
    luaL_argerror(L, arg, lua_pushfstring(L, "%I dimensions (at most 64)", (LUAI_UACINT)n));
  for (k = 1; k <= n; k++) {
    lua_geti(L, arg, k);
    lengths[k - 1] = checklength(L, arg, lua_gettop(L));
    lua_pop(L, 1);
  }
  return (int)n;
}

bool lmv_islist (lua_State *L) {
  if (!lua_istable(L, -1)) return false;
  if (luaL_getmetafield(L, -1, "__buffer") == LUA_TNIL) return true;
  lua_pop(L, 1);
  return false;
}

/* Raises where the table on top has a key, besides what table.pack puts there. */
static void refusekeys (lua_State *L, int arg) {
  lua_pushnil(L);
  while (lua_next(L, -2)) {
    lua_pop(L, 1);
    if (lua_type(L, -1) == LUA_TSTRING && strcmp(lua_tostring(L, -1), "n") == 0) continue;
    luaL_argerror(L, arg, lua_pushfstring(L, "table of items expected, got one with the key '%s' and no items",
                                          luaL_tolstring(L, -1, NULL)));
  }
}

ptrdiff_t lmv_checklist (lua_State *L, int arg) {
  lua_Integer n = luaL_len(L, -1);
  if (n < 0 || n > PTRDIFF_MAX) luaL_argerror(L, arg, lua_pushfstring(L, "length %I of table is out of range", (LUAI_UACINT)n));
  if (n > 0) return (ptrdiff_t)n;
  if (luaL_getmetafield(L, -1, "__len") == LUA_TNIL) refusekeys(L, arg);
  else lua_pop(L, 1);                   /* a length of its own: what else there is is its own, too */
  return 0;
}

void lmv_pushshape (lua_State *L, int ndim, const mv_Dim *dim) {
  luaL_Buffer b;
  int d;
  luaL_buffinit(L, &b);
  luaL_addchar(&b, '{');
  for (d = 0; d < ndim; d++) {
    char text[32];
    snprintf(text, sizeof text, d == 0 ? "%td" : ",%td", dim[d].length);
    luaL_addstring(&b, text);
  }
  luaL_addchar(&b, '}');
  luaL_pushresult(&b);
}

char lmv_checkorder (lua_State *L, int arg, bool any) {
  size_t len;
  const char *s;
  if (lua_isnoneornil(L, arg)) return 'C';
  s = lua_type(L, arg) == LUA_TSTRING ? lua_tolstring(L, arg, &len) : NULL;
  if (s != NULL && len == 1 && (*s == 'C' || *s == 'F' || (any && *s == 'A'))) return *s;
  luaL_argerror(L, arg, lua_pushfstring(L, "order %s expected, got '%s'",
                any ? "'C', 'F' or 'A'" : "'C' or 'F'", luaL_tolstring(L, arg, NULL)));
  return 0;
}

const char *lmv_typename (lua_State *L, int idx) {
  if (lmv_toview(L, idx) != NULL) return "view";
  return lmv_tobuffer(L, idx) != NULL ? "buffer" : luaL_typename(L, idx);
}

/* ---- Values -------------------------------------------------------------------------- */

void lmv_pushvalue (lua_State *L, const mv_Item *item, const unsigned char *p) {
  mv_Value v = mv_item_load(item, p);
  switch (v.class) {
    case MV_INTEGER: lua_pushinteger(L, v.as.i); break;
    case MV_UNSIGNED: lua_pushinteger(L, (lua_Integer)v.as.u); break;
    case MV_NUMBER: lua_pushnumber(L, v.as.d); break;
    case MV_BOOLEAN: lua_pushboolean(L, v.as.b); break;
    case MV_BYTES: lua_pushlstring(L, v.as.bytes.at, (size_t)v.as.bytes.size); break;
  }
}

static const char *const classnames[] = {"integer", "integer", "number", "boolean", "string"};

static void pushrange (lua_State *L, const mv_Item *item) {
  char text[64];
  mv_Kind kind = (mv_Kind)item->kind;
  if (mv_kind_isinteger(kind))
    snprintf(text, sizeof text, "%" PRId64 " to %" PRIu64, mv_kind_min(kind), mv_kind_max(kind));
  else
    snprintf(text, sizeof text, "at most %.9g", kind == MV_F16 ? 65504.0 : 3.4028234663852886e38);
  lua_pushstring(L, text);
}

/* Pushes a number as Lua prints it, unsigned ones too. */
static void pushnumber (lua_State *L, const mv_Value *v) {
  char text[32];
  if (v->class == MV_INTEGER) lua_pushinteger(L, v->as.i);
  else if (v->class == MV_NUMBER) lua_pushnumber(L, v->as.d);
  else {
    snprintf(text, sizeof text, "%" PRIu64, v->as.u);
    lua_pushstring(L, text);
  }
  luaL_tolstring(L, -1, NULL);
  lua_replace(L, -2);
}

static void pushtoolong (lua_State *L, const mv_Item *item, const char *format, ptrdiff_t n) {
  if (item->kind == MV_CHAR)
    lua_pushfstring(L, "string of 1 byte expected for '%s', got %I bytes", format, (LUAI_UACINT)n);
  else
    lua_pushfstring(L, "string of %I byte%s does not fit '%s' (at most %I)", (LUAI_UACINT)n, n == 1 ? "" : "s", format,
                    (LUAI_UACINT)mv_item_capacity(item));
}

void lmv_pushmisfit (lua_State *L, const mv_Misfit *bad) {
  int top = lua_gettop(L);
  const mv_Item *item = bad->item;
  const mv_Value *v = &bad->value;
  mv_Status status = bad->status;
  const char *format;
  lmv_pushformat(L, item);
  format = lua_tostring(L, -1);
  if (status == MV_BADTYPE)
    lua_pushfstring(L, "%s expected for '%s', got %s", classnames[mv_kind_class((mv_Kind)item->kind)],
                    format, classnames[v->class]);
  else if (status == MV_TOOLONG) pushtoolong(L, item, format, v->as.bytes.size);
  else {
    pushnumber(L, v);
    if (status == MV_FRACTION)
      lua_pushfstring(L, "%s has no integer value, as '%s' needs", lua_tostring(L, -1), format);
    else {
      pushrange(L, item);
      lua_pushfstring(L, "%s does not fit '%s' (%s)", lua_tostring(L, -2), format, lua_tostring(L, -1));
    }
  }
  lua_replace(L, top + 1);
  lua_settop(L, top + 1);
}

/* A Lua value of one of the classes that items have; false for any other. */
static bool getvalue (lua_State *L, int idx, mv_Value *v) {
  size_t len;
  switch (lua_type(L, idx)) {
    case LUA_TNUMBER:
      v->class = lua_isinteger(L, idx) ? MV_INTEGER : MV_NUMBER;
      if (v->class == MV_INTEGER) v->as.i = lua_tointeger(L, idx);
      else v->as.d = lua_tonumber(L, idx);
      return true;
    case LUA_TBOOLEAN:
      v->class = MV_BOOLEAN;
      v->as.b = lua_toboolean(L, idx) != 0;
      return true;
    case LUA_TSTRING:
      v->class = MV_BYTES;
      v->as.bytes.at = lua_tolstring(L, idx, &len);
      v->as.bytes.size = (ptrdiff_t)len;
      return true;
    default: return false;
  }
}

/* A negative Lua integer, also as a float, stands for its bit pattern in 8
** unsigned bytes. */
static void aspattern (lua_State *L, int idx, const mv_Item *item, mv_Value *v) {
  int exact = 0;
  lua_Integer i = 0;
  if (item->kind != MV_U64 || v->class > MV_NUMBER) return;
  i = lua_tointegerx(L, idx, &exact);
  if (!exact) return;
  v->class = MV_UNSIGNED;
  v->as.u = (uint64_t)i;
}

/* Puts the string of a byte exporter in its place. */
static void exporttostring (lua_State *L, int idx) {
  lmv_Exporter kind = lmv_resolve(L, idx);
  ptrdiff_t n;
  const unsigned char *p;
  if (kind == LMV_NONE || kind == LMV_STRING) return;
  if (kind == LMV_VIEW && lmv_checklive(L, idx)->item->size != 1) return;        /* not bytes: no string */
  kind = lmv_pack(L, idx, kind);
  p = lmv_getbytes(L, idx, kind, &n);
  lua_pushlstring(L, (const char *)p, (size_t)n);
  lua_replace(L, idx);
}

bool lmv_tovalue (lua_State *L, int idx, const mv_Item *item, mv_Value *v) {
  mv_Misfit bad;
  mv_Class class = mv_kind_class((mv_Kind)item->kind);
  idx = lua_absindex(L, idx);
  if (class == MV_BYTES && lua_type(L, idx) != LUA_TSTRING) exporttostring(L, idx);
  if (getvalue(L, idx, v)) {
    aspattern(L, idx, item, v);
    bad.status = mv_value_fit(item, v);
    if (bad.status == MV_OK) return true;
    bad.item = item;
    bad.value = *v;
    if (bad.status != MV_BADTYPE) { lmv_pushmisfit(L, &bad); return false; }
  }
  lmv_pushformat(L, item);
  lua_pushfstring(L, "%s expected for '%s', got %s", classnames[class], lua_tostring(L, -1), lmv_typename(L, idx));
  lua_replace(L, -2);
  return false;
}

void lmv_checkvalue (lua_State *L, int arg, const mv_Item *item, mv_Value *v) {
  if (!lmv_tovalue(L, arg, item, v)) luaL_argerror(L, arg, lua_tostring(L, -1));
}

bool lmv_tosought (lua_State *L, int idx, const mv_Item *item, mv_Value *v) {
  if (mv_kind_class((mv_Kind)item->kind) == MV_BYTES && lua_type(L, idx) != LUA_TSTRING)
    exporttostring(L, idx);
  if (!getvalue(L, idx, v)) return false;
  aspattern(L, idx, item, v);
  return true;
}
