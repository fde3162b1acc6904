/* host.c -- a program with Lua and memview inside, and nothing else: host SCRIPT [bare]
**
** It runs the script with memview in a global variable, and with no path on which
** `require` could find a file. `bare` leaves out all libraries but the four that memview
** uses itself. The script gets `lend(size)`: a view of memory of this program, and
** `takeback()`, which revokes it and gives how often the memory has been released.
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lua.h>
#include <lauxlib.h>
#include <lualib.h>

#include "memview.h"

static memview_Handle handle;
static int released;

static void givefree (void *ud, void *ptr, size_t size) {
  (void)ud; (void)size;
  free(ptr);
  released++;
}

static int lend (lua_State *L) {
  lua_Integer size = luaL_checkinteger(L, 1);
  handle = memview_frommemory(L, calloc(1, (size_t)size), (size_t)size, MEMVIEW_WRITABLE, givefree, NULL);
  return 1;
}

static int takeback (lua_State *L) {
  memview_revoke(L, handle);
  lua_pushinteger(L, released);
  return 1;
}

static void openbare (lua_State *L) {
  luaL_requiref(L, LUA_GNAME, luaopen_base, 1);
  luaL_requiref(L, LUA_STRLIBNAME, luaopen_string, 1);
  luaL_requiref(L, LUA_TABLIBNAME, luaopen_table, 1);
  luaL_requiref(L, LUA_MATHLIBNAME, luaopen_math, 1);
}

static void openall (lua_State *L) {
  luaL_openlibs(L);
  lua_getglobal(L, LUA_LOADLIBNAME);
  lua_pushliteral(L, "");
  lua_setfield(L, -2, "path");
  lua_pushliteral(L, "");
  lua_setfield(L, -2, "cpath");
}

static int run (lua_State *L) {
  const char *const *arg = (const char *const *)lua_touserdata(L, 1);
  if (arg[1] != NULL) openbare(L);
  else openall(L);
  luaL_requiref(L, "memview", luaopen_memview, 0);
  lua_setglobal(L, "memview");
  lua_register(L, "lend", lend);
  lua_register(L, "takeback", takeback);
  if (luaL_loadfile(L, arg[0]) != LUA_OK) return lua_error(L);
  lua_call(L, 0, 0);
  return 0;
}

int main (int argc, char **argv) {
  lua_State *L = luaL_newstate();
  int status;
  if (L == NULL || argc < 2) return EXIT_FAILURE;
  lua_pushcfunction(L, run);
  lua_pushlightuserdata(L, argv + 1);
  status = lua_pcall(L, 1, 0, 0);
  if (status != LUA_OK) fprintf(stderr, "host: %s\n", lua_tostring(L, -1));
  lua_close(L);
  return status == LUA_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
