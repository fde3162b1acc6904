/* memview.c -- the front door: opens the rooms of the binding. */
#include "lmv.h"

#if defined(_WIN32)
#define LMV_EXPORT __declspec(dllexport)
#elif defined(__GNUC__)
#define LMV_EXPORT __attribute__((visibility("default")))
#else
#define LMV_EXPORT
#endif

const char lmv_anchor = 0;

/* Each adds its functions to the module on top of the stack, and what the Lua layer
** alone uses to the table `internal` in it. */
static void (*const openers[]) (lua_State *L) = {
  lmv_openview, lmv_openbuffer, lmv_openmake, lmv_openstruct, lmv_openfile, lmv_opencapi
};

LMV_EXPORT int luaopen_memview_core (lua_State *L);

/* Makes Lua's class of large luaL_Buffers while there is memory: Lua 5.4 leaves it broken
** for good where that fails half way. */
static void makebox (lua_State *L) {
  luaL_Buffer b;
  (void)luaL_buffinitsize(L, &b, 2 * LUAL_BUFFERSIZE);
  luaL_pushresultsize(&b, 0);
  lua_pop(L, 1);
}

int luaopen_memview_core (lua_State *L) {
  size_t k;
  luaL_checkversion(L);
  makebox(L);
  lua_newtable(L);
  for (k = 0; k < sizeof openers / sizeof openers[0]; k++) openers[k](L);
  lua_newtable(L);                      /* not the module itself: its functions are memview's */
  lua_insert(L, -2);
  lua_getfield(L, -1, "internal");
  lua_setfield(L, -3, "internal");
  lua_pushnil(L);
  lua_setfield(L, -2, "internal");
  lua_setfield(L, -2, "memview");
  return 1;
}
