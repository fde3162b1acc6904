/* floor.c -- the cheapest things that C can do for Lua, to measure memview against.
** Only for benchmarks: it checks nothing. */
#include <lua.h>
#include <lauxlib.h>

static int nothing (lua_State *L) { (void)L; return 1; }
static int nowrite (lua_State *L) { (void)L; return 0; }

/* A bare userdata of the size of a small View. */
static int bare (lua_State *L) {
  lua_newuserdatauv(L, 112, 1);
  return 1;
}

/* The same with a finalizer. */
static int finalized (lua_State *L) {
  lua_newuserdatauv(L, 112, 1);
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_setmetatable(L, -2);
  return 1;
}

/* __index that looks a name up, as methods are found. */
static int lookup (lua_State *L) {
  lua_settop(L, 2);
  lua_rawget(L, lua_upvalueindex(1));
  return 1;
}

static int fill (lua_State *L) {        /* rawseti of n integers */
  lua_Integer n = luaL_checkinteger(L, 1), i;
  lua_createtable(L, (int)n, 0);
  for (i = 1; i <= n; i++) { lua_pushinteger(L, i); lua_rawseti(L, -2, i); }
  return 1;
}

static int drain (lua_State *L) {       /* rawgeti of n integers */
  lua_Integer n = luaL_checkinteger(L, 2), i, sum = 0;
  for (i = 1; i <= n; i++) { lua_rawgeti(L, 1, i); sum += lua_tointeger(L, -1); lua_pop(L, 1); }
  lua_pushinteger(L, sum);
  return 1;
}

int luaopen_floor (lua_State *L);

int luaopen_floor (lua_State *L) {
  lua_newtable(L);
  lua_newuserdatauv(L, 112, 1);         /* floor.object: [] does nothing */
  lua_newtable(L);
  lua_pushcfunction(L, nothing);
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, nowrite);
  lua_setfield(L, -2, "__newindex");
  lua_setmetatable(L, -2);
  lua_setfield(L, -2, "object");
  lua_newuserdatauv(L, 112, 1);         /* floor.methods: object:bare() and so on */
  lua_newtable(L);
  lua_newtable(L);
  lua_pushcfunction(L, nothing);
  lua_setfield(L, -2, "nothing");
  lua_pushcfunction(L, bare);
  lua_setfield(L, -2, "bare");
  lua_newtable(L);
  lua_pushcfunction(L, nowrite);
  lua_setfield(L, -2, "__gc");
  lua_pushcclosure(L, finalized, 1);
  lua_setfield(L, -2, "finalized");
  lua_pushcclosure(L, lookup, 1);
  lua_setfield(L, -2, "__index");
  lua_setmetatable(L, -2);
  lua_setfield(L, -2, "methods");
  lua_pushcfunction(L, fill);
  lua_setfield(L, -2, "fill");
  lua_pushcfunction(L, drain);
  lua_setfield(L, -2, "drain");
  return 1;
}
