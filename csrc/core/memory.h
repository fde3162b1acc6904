/* memory.h -- who owns bytes.
**
** A Memory owns a block of bytes, counts the pins on it, and belongs to one
** owner (a Buffer). While it is pinned the block does not move. It is freed
** when the owner has dropped it and the last pin is gone, whichever comes last,
** so the order of finalizers does not matter.
**
** Views reach the bytes through `data` every time, so a memory that is taken
** back (data NULL) is gone for all of them at once.
*/
#ifndef MV_MEMORY_H
#define MV_MEMORY_H

#include "common.h"

/* realloc(ud, block, old size, new size) as in lua_Alloc: size 0 frees. */
typedef struct mv_Allocator {
  void *(*realloc) (void *ud, void *block, size_t osize, size_t nsize);
  void *ud;
} mv_Allocator;

typedef struct mv_Memory {
  unsigned char *data;          /* never NULL while the bytes are there */
  ptrdiff_t size;               /* bytes in use */
  ptrdiff_t capacity;           /* bytes allocated */
  ptrdiff_t pins;
  bool owned;                   /* has an owner yet? */
  mv_Allocator alloc;
} mv_Memory;

/* A new empty memory, owned by the caller; NULL where there is no memory. */
mv_Memory *mv_memory_new (const mv_Allocator *alloc);

static inline void mv_memory_pin (mv_Memory *m) { m->pins++; }
void mv_memory_unpin (mv_Memory *m);

/* The owner lets go. */
void mv_memory_drop (mv_Memory *m);

/* Room for `capacity` bytes in all, or more where there is more already.
** MV_PINNED while pinned, MV_NOMEMORY; nothing has changed then. */
mv_Status mv_memory_reserve (mv_Memory *m, ptrdiff_t capacity);

/* Opens a gap of n bytes (contents undefined) at `offset`, growing by half
** when the room is used up. MV_PINNED (n > 0), MV_NOMEMORY, MV_TOOLARGE. */
mv_Status mv_memory_insert (mv_Memory *m, ptrdiff_t offset, ptrdiff_t n);

/* Takes n bytes at `offset` out and gives room back where much is unused.
** MV_PINNED (n > 0). */
mv_Status mv_memory_remove (mv_Memory *m, ptrdiff_t offset, ptrdiff_t n);

#endif
