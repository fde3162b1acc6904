/* map.h -- files as memory. The one place of the core that asks the system.
**
** A mapping shows the file as it is: what another process writes is seen, and where
** it cuts the file short, touching the pages behind its end is an error of the
** processor (SIGBUS, or an in-page exception on Windows) that no library can turn
** into an error value; see docs/lifetime.md.
*/
#ifndef MV_MAP_H
#define MV_MAP_H

#include "common.h"

typedef enum mv_MapMode { MV_MAPREAD, MV_MAPWRITE, MV_MAPCOPY } mv_MapMode;

/* Maps a whole file. 0, or the error as errno has it, on Windows too.
** An empty file gives *bytes NULL and *size 0. */
int mv_map_open (const char *path, mv_MapMode mode, void **bytes, ptrdiff_t *size);

/* Unmaps; has the form of an mv_Release. */
void mv_map_close (void *ud, void *bytes, size_t size);

/* Writes the pages of `size` bytes at `at` to the disk. 0, or the error number. */
int mv_map_flush (void *at, size_t size);

#endif
