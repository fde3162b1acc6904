/* memory.h -- who owns bytes.
**
** A Memory owns bytes and counts the pins on them. While it is pinned they do not
** move. There are two kinds:
**   growable  allocated here; freed when its owner has dropped it and the last pin
**             is gone, whichever comes last, so the order of finalizers is free
**   foreign   somebody else's; given back by a callback, exactly once, as soon as
**             the last pin is gone, or when it is revoked
** Views reach the bytes through `data` every time, so bytes that are given back
** (data NULL) are gone for all views at once.
*/
#ifndef MV_MEMORY_H
#define MV_MEMORY_H

#include "common.h"

/* realloc(ud, block, old size, new size) as in lua_Alloc: size 0 frees. */
typedef struct mv_Allocator {
  void *(*realloc) (void *ud, void *block, size_t osize, size_t nsize);
  void *ud;
} mv_Allocator;

/* Gives foreign bytes back. */
typedef void mv_Release (void *ud, void *bytes, size_t size);

typedef struct mv_Memory {
  unsigned char *data;          /* never NULL while the bytes are there */
  ptrdiff_t size;               /* bytes in use */
  ptrdiff_t capacity;           /* bytes allocated */
  ptrdiff_t reserved;           /* and kept when the size shrinks */
  ptrdiff_t pins;
  ptrdiff_t holds;              /* pins of consumers that cannot be told: no revoking */
  bool owned;                   /* has an owner yet, who knows this struct? */
  bool foreign;
  mv_Release *release;          /* of foreign bytes; may be NULL */
  void *ud;
  mv_Allocator alloc;
} mv_Memory;

/* A new empty memory, owned by the caller; NULL where there is no memory. */
mv_Memory *mv_memory_new (const mv_Allocator *alloc);

/* Foreign bytes, owned by the caller; NULL where there is no memory (then nothing
** is called). Give them up without a pin by mv_memory_revoke. */
mv_Memory *mv_memory_foreign (const mv_Allocator *alloc, void *bytes, ptrdiff_t size,
                              mv_Release *release, void *ud);

/* Gives foreign bytes back now; views of them are gone. MV_PINNED while held. */
mv_Status mv_memory_revoke (mv_Memory *m);

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
