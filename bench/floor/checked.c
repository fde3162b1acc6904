/* checked.c -- the least that an object costs which checks what memview checks: that self is its own
** userdata, by size and tag; that the key is a number with an integer value, and in range; that a value fits.
** `checked` holds 1000 bytes; checked:sub(i, j) is a new object that keeps alive what this one depends on, and
** so is checked:slice({i, j}, {i, j}), which narrows it twice. */
#include <stdint.h>
#include <string.h>

#include "floor.h"

#define TAG  UINT64_C(0x636865636b656421)

typedef struct Checked {
  uint64_t tag;
  unsigned char *bytes;
  lua_Integer length;
  char more[40];                        /* as large as a View */
} Checked;

static Checked *tochecked (lua_State *L) {
  size_t size = (size_t)lua_rawlen(L, 1);
  Checked *c = (Checked *)lua_touserdata(L, 1);
  if (c == NULL || size != sizeof(Checked) || c->tag != TAG) luaL_typeerror(L, 1, "checked");
  return c;
}

/* The byte that the number at 2 stands for. */
static unsigned char *checkitem (lua_State *L, const Checked *c) {
  int exact;
  lua_Unsigned i = (lua_Unsigned)lua_tointegerx(L, 2, &exact) - 1;
  if (!exact || i >= (lua_Unsigned)c->length) luaL_argerror(L, 2, "out of range");
  return c->bytes + i;
}

static int index (lua_State *L) {
  const Checked *c = tochecked(L);
  if (lua_type(L, 2) == LUA_TNUMBER) lua_pushinteger(L, *checkitem(L, c));
  else {
    lua_settop(L, 2);
    lua_rawget(L, lua_upvalueindex(1));
  }
  return 1;
}

static int newindex (lua_State *L) {
  const Checked *c = tochecked(L);
  unsigned char *p;
  lua_Unsigned x;
  if (lua_type(L, 2) != LUA_TNUMBER || !lua_isinteger(L, 3)) luaL_argerror(L, 2, "number expected");
  p = checkitem(L, c);
  x = (lua_Unsigned)lua_tointeger(L, 3);
  if (x > 255) luaL_argerror(L, 3, "out of range");
  *p = (unsigned char)x;
  return 0;
}

static Checked *newchecked (lua_State *L, unsigned char *bytes, lua_Integer length) {
  Checked *c = (Checked *)lua_newuserdatauv(L, sizeof(Checked), 1);
  memset(c, 0, sizeof(Checked));
  c->tag = TAG;
  c->bytes = bytes;
  c->length = length;
  return c;
}

/* Pushes bytes i..j as an object. */
static int pushpart (lua_State *L, const Checked *c, lua_Integer i, lua_Integer j) {
  if (i < 1 || i > j || j > c->length) luaL_argerror(L, 2, "out of range");
  newchecked(L, c->bytes + (i - 1), j - i + 1);
  lua_getiuservalue(L, 1, 1);
  lua_setiuservalue(L, -2, 1);
  lua_getmetatable(L, 1);
  lua_setmetatable(L, -2);
  return 1;
}

static int sub (lua_State *L) {
  const Checked *c = tochecked(L);
  if (lua_gettop(L) != 3 || !lua_isinteger(L, 2) || !lua_isinteger(L, 3)) luaL_argerror(L, 2, "range expected");
  return pushpart(L, c, lua_tointeger(L, 2), lua_tointeger(L, 3));
}

static lua_Integer checkfield (lua_State *L, int arg, int type, int idx) {
  int exact = 0;
  lua_Integer i = type == LUA_TNUMBER ? lua_tointegerx(L, idx, &exact) : 0;
  if (!exact) luaL_argerror(L, arg, "range of integers expected");
  return i;
}

/* The range {i, j} at arg, which may have a step, of the bytes *first to *last. */
static void narrow (lua_State *L, int arg, lua_Integer *first, lua_Integer *last) {
  int i, j, k;
  lua_Integer low, high, step;
  if (lua_type(L, arg) != LUA_TTABLE) luaL_argerror(L, arg, "range expected");
  i = lua_geti(L, arg, 1);
  j = lua_geti(L, arg, 2);
  k = lua_geti(L, arg, 3);
  step = k == LUA_TNIL ? 1 : checkfield(L, arg, k, -1);
  low = checkfield(L, arg, i, -3);
  high = checkfield(L, arg, j, -2);
  lua_pop(L, 3);
  if (step != 1 || low < 1 || low > high || high > *last - *first + 1) luaL_argerror(L, arg, "out of range");
  *last = *first + high - 1;
  *first += low - 1;
}

static int slice (lua_State *L) {
  const Checked *c = tochecked(L);
  lua_Integer first = 1, last = c->length;
  if (lua_gettop(L) != 3) luaL_argerror(L, 2, "two ranges expected");
  narrow(L, 2, &first, &last);
  narrow(L, 3, &first, &last);
  return pushpart(L, c, first, last);
}

void floor_openchecked (lua_State *L) {
  unsigned char *bytes = (unsigned char *)lua_newuserdatauv(L, 1000, 0);
  memset(bytes, 0, 1000);
  newchecked(L, bytes, 1000);
  lua_rotate(L, -2, 1);
  lua_setiuservalue(L, -2, 1);
  lua_newtable(L);
  lua_newtable(L);
  lua_pushcfunction(L, sub);
  lua_setfield(L, -2, "sub");
  lua_pushcfunction(L, slice);
  lua_setfield(L, -2, "slice");
  lua_pushcclosure(L, index, 1);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, newindex);
  lua_setfield(L, -2, "__newindex");
  lua_setmetatable(L, -2);
  lua_setfield(L, -2, "checked");
}
