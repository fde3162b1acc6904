/* floor.h -- the cheapest things that C can do for Lua, to measure memview against: a module of Lua in
** four rooms. Only for `make bench`: arguments are hardly checked. */
#ifndef FLOOR_H
#define FLOOR_H

#include <lua.h>
#include <lauxlib.h>

/* Each adds its functions to the table on top of the stack. */
void floor_opencalls (lua_State *L);    /* calls.c: metamethods and methods that do nothing */
void floor_openchecked (lua_State *L);  /* checked.c: objects with memview's checks and nothing else */
void floor_openloops (lua_State *L);    /* loops.c: plain loops over the memory of views */
void floor_opensystem (lua_State *L);   /* system.c: mapped files, and memory in use */

#endif
