/* memview.h -- the C side of memview, typed views of memory for Lua.
**
** For now this is what a host needs to open the library without `require`
** looking for it; exporting and acquiring memory from C comes with the C API.
*/
#ifndef MEMVIEW_H
#define MEMVIEW_H

#include <lua.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The C module "memview.core": leaves its table on the stack, gives 1. The Lua
** module "memview" (lua/memview/init.lua) loads it by that name. */
int luaopen_memview_core (lua_State *L);

#ifdef __cplusplus
}
#endif

#endif
