/* calls.c -- what any object in C costs: metamethods and methods that do nothing. They stand in three
** objects: `noop`, where [] does nothing; `noops`, whose items are new objects where [] does nothing; and
** `methods`, whose methods are found by a C __index. */
#include "floor.h"

#define VIEWSIZE 112                    /* a small View */

/* Gives back the last argument: an item that costs nothing to find. */
static int nothing (lua_State *L) { (void)L; return 1; }
static int nowrite (lua_State *L) { (void)L; return 0; }

static int bare (lua_State *L) {
  lua_newuserdatauv(L, VIEWSIZE, 1);
  return 1;
}

/* A bare userdata with the metatable that is the upvalue. */
static int dressed (lua_State *L) {
  lua_newuserdatauv(L, VIEWSIZE, 1);
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_setmetatable(L, -2);
  return 1;
}

/* __index that looks a name up in the table that is the upvalue, as methods are found. */
static int lookup (lua_State *L) {
  lua_settop(L, 2);
  lua_rawget(L, lua_upvalueindex(1));
  return 1;
}

static void setfunction (lua_State *L, const char *name, lua_CFunction f) {
  lua_pushcfunction(L, f);
  lua_setfield(L, -2, name);
}

/* Pops a value that becomes the upvalue of f, which becomes a field of the table below. */
static void setclosure (lua_State *L, const char *name, lua_CFunction f) {
  lua_pushcclosure(L, f, 1);
  lua_setfield(L, -2, name);
}

/* Pushes a metatable where reading and writing do nothing. */
static void pushidle (lua_State *L) {
  lua_newtable(L);
  setfunction(L, "__index", nothing);
  setfunction(L, "__newindex", nowrite);
}

/* Pushes the methods of `noop`. */
static void pushmethods (lua_State *L) {
  lua_newtable(L);
  setfunction(L, "nothing", nothing);
  setfunction(L, "bare", bare);
  lua_newtable(L);
  setfunction(L, "__gc", nowrite);
  setclosure(L, "finalized", dressed);
}

/* A field of the table on top: a userdata with the metatable that is above it, which is popped. */
static void setobject (lua_State *L, const char *name) {
  lua_newuserdatauv(L, VIEWSIZE, 1);
  lua_insert(L, -2);
  lua_setmetatable(L, -2);
  lua_setfield(L, -2, name);
}

void floor_opencalls (lua_State *L) {
  pushidle(L);
  setobject(L, "noop");
  lua_newtable(L);
  pushmethods(L);
  setclosure(L, "__index", lookup);
  setobject(L, "methods");
  lua_newtable(L);
  pushidle(L);
  setclosure(L, "__index", dressed);
  setobject(L, "noops");
}
