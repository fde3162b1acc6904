/* views.c -- fuzzes the whole library: programs of operations on views and Buffers, which
** fuzz/views.lua decodes from the input, runs, and checks against a plain model.
** To be run from the root of the tree, where it finds the Lua files.
*/
#include <sanitizer/lsan_interface.h>

#include <lua.h>
#include <lauxlib.h>
#include <lualib.h>

#include "fuzz.h"

#define LIFETIME 500            /* inputs that share a state */
#define LARGEST (1 << 25)       /* bytes of one allocation; the model knows that more fails */

int luaopen_memview_core (lua_State *L);

static const char *const path =
  "package.path = 'lua/?.lua;lua/?/init.lua;spec/?.lua;fuzz/?.lua;' .. package.path\n"
  "return require 'views'.run";

/* Every block is the sanitizer's to watch; sizes that no machine has are refused here. */
static void *allocate (void *ud, void *p, size_t old, size_t n) {
  (void)ud; (void)old;
  if (n == 0) { free(p); return NULL; }
  return n > LARGEST ? NULL : realloc(p, n);
}

static void stop (const char *message) {
  fprintf(stderr, "%s\n", message);
  abort();
}

/* A state that has the function that runs an input at index 1. */
static lua_State *newstate (void) {
  lua_State *L = lua_newstate(allocate, NULL);
  if (L == NULL) abort();
  luaL_openlibs(L);
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
  lua_pushcfunction(L, luaopen_memview_core);
  lua_setfield(L, -2, "memview.core");
  lua_settop(L, 0);
  if (luaL_dostring(L, path) != LUA_OK) stop(lua_tostring(L, -1));
  lua_settop(L, 1);
  return L;
}

static int traceback (lua_State *L) {
  luaL_traceback(L, L, lua_tostring(L, 1), 1);
  return 1;
}

/* Runs one program; a disagreement, or a mistake of the model, stops the fuzzer. */
static void run (lua_State *L, const uint8_t *data, size_t size) {
  lua_pushcfunction(L, traceback);
  lua_pushvalue(L, 1);
  lua_pushlstring(L, (const char *)data, size);
  if (lua_pcall(L, 1, 0, 2) != LUA_OK) stop(lua_tostring(L, -1));
  lua_settop(L, 1);
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size) {
  static lua_State *L = NULL;
  static int inputs = 0;
  if (L == NULL) L = newstate();
  run(L, data, size);
  if (++inputs % LIFETIME == 0) {
    lua_close(L);
    L = NULL;
    if (__lsan_do_recoverable_leak_check()) abort();
  }
  return 0;
}
