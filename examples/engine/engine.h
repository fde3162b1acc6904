/* engine.h -- a small engine: a window, a mesh, and a script that draws with both.
**
** The engine owns the memory: the pixels are SDL's, the vertices its own. The script sees
** them through memview.h, with no copy. Whenever the engine moves or frees any of it, it
** revokes it first, and whatever the script has kept of it raises from then on.
*/
#ifndef ENGINE_H
#define ENGINE_H

#include <SDL.h>

#include <lua.h>
#include <lauxlib.h>
#include <lualib.h>

#include "memview.h"

/* screen.c: the window, and its surface. */
typedef struct Screen {
  SDL_Window *window;
  SDL_Surface *surface;         /* SDL's; another one after each change of size */
  SDL_Renderer *renderer;       /* draws triangles on the surface */
  memview_Handle pixels;        /* engine.screen: height x width of 0x..RRGGBB */
  memview_Handle colours;       /* engine.colours: height x width x {red, green, blue} */
} Screen;

/* mesh.c: triangles. */
typedef struct Mesh {
  SDL_Vertex *vertices;         /* lent to Lua, which gives them back by a callback */
  int count;
  memview_Handle handle;        /* engine.mesh: records */
} Mesh;

/* script.c: the script, and the one before it. */
typedef struct Script {
  const char *path;
  int current, good;            /* references to what the file gave; `good` has drawn a frame */
  char message[256];            /* the last error, so as not to print it for every frame */
} Script;

typedef struct Engine {
  Screen screen;
  Mesh mesh;
  Script script;
  int api;                      /* reference to the table `engine` that the script gets */
  long frame;
  int quit;
  int ended;                    /* no more frames */
  struct { long resizes, loads, errors, meshes, freed; } count;
} Engine;

/* Functions with a lua_State run in protected mode: they may raise. What they have
** opened by then is closed by the functions that have none. */

/* Opens the window and the first surface. */
void screen_open (lua_State *L, Engine *e, int width, int height);
/* Takes the surface away from the script and gives it another one, where the size has changed. */
void screen_renew (lua_State *L, Engine *e);
/* Shows what has been drawn. */
void screen_show (Engine *e);
/* Writes a BMP file. */
void screen_save (lua_State *L, Engine *e, const char *path);
/* Takes it away for good; then closes the window. */
void screen_revoke (lua_State *L, Engine *e);
void screen_close (Engine *e);

/* Adds engine.vertices(n), and an empty mesh. */
void mesh_open (lua_State *L, Engine *e);
/* Draws the triangles, above the pixels of the script. */
void mesh_draw (Engine *e);
/* Takes the array back for good. */
void mesh_revoke (lua_State *L, Engine *e);

/* Runs the file. Where that fails it prints the error, and the last good script goes on. */
void script_load (lua_State *L, Engine *e);
/* Lets the script draw a frame; the same holds. */
void script_frame (lua_State *L, Engine *e);

#endif
