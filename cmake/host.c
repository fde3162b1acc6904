/* host.c -- the smallest program with memview inside: a script writes to its memory. tools/cmake.sh compiles it
** against what CMake has installed. */
#include <stdio.h>

#include <lua.h>
#include <lauxlib.h>
#include <lualib.h>

#include <memview.h>

static const char script[] =
  "local v = ...; v:cast('<H')[2] = require('memview').struct.unpack('<H', 'hi')";

int main (void) {
  char bytes[5] = "oh..";
  lua_State *L = luaL_newstate();
  int status;
  if (L == NULL) return 1;
  luaL_openlibs(L);
  luaL_requiref(L, "memview", luaopen_memview, 0);
  status = luaL_loadstring(L, script);
  if (status == LUA_OK) {
    memview_frommemory(L, bytes, 4, MEMVIEW_WRITABLE, NULL, NULL);
    status = lua_pcall(L, 1, 0, 0);
  }
  puts(status == LUA_OK ? bytes : lua_tostring(L, -1));
  lua_close(L);
  return status == LUA_OK ? 0 : 1;
}
