/* memory.c -- growable memory with pins. */
#include "memory.h"

#include <string.h>

/* What an empty memory points to: views of it are alive and have no bytes. */
static unsigned char nothing[1];

static mv_Memory *newmemory (const mv_Allocator *alloc, void *bytes, ptrdiff_t size) {
  mv_Memory *m = (mv_Memory *)alloc->realloc(alloc->ud, NULL, 0, sizeof(mv_Memory));
  if (m == NULL) return NULL;
  memset(m, 0, sizeof(*m));
  m->data = bytes != NULL ? (unsigned char *)bytes : nothing;
  m->size = size;
  m->owned = true;
  m->alloc = *alloc;
  return m;
}

mv_Memory *mv_memory_new (const mv_Allocator *alloc) { return newmemory(alloc, NULL, 0); }

mv_Memory *mv_memory_foreign (const mv_Allocator *alloc, void *bytes, ptrdiff_t size,
                              mv_Release *release, void *ud) {
  mv_Memory *m = newmemory(alloc, bytes, size);
  if (m == NULL) return NULL;
  m->foreign = true;
  m->release = release;
  m->ud = ud;
  return m;
}

static void freebytes (mv_Memory *m) {
  if (m->capacity > 0) m->alloc.realloc(m->alloc.ud, m->data, (size_t)m->capacity, 0);
}

/* Everything is in order before the callback, which may come back in here. */
static void giveback (mv_Memory *m) {
  mv_Release *release = m->release;
  void *bytes = m->data;
  m->data = NULL;
  m->release = NULL;
  if (release != NULL) release(m->ud, bytes == nothing ? NULL : bytes, (size_t)m->size);
}

/* Frees what nobody needs any more. The pin of its own keeps a callback that comes
** back in here from freeing the struct under us. */
static void settle (mv_Memory *m) {
  mv_Allocator alloc = m->alloc;
  if (m->pins > 0) return;
  if (m->foreign && m->data != NULL) {
    m->pins++;
    giveback(m);
    m->pins--;
  }
  if (m->owned || m->pins > 0) return;
  if (!m->foreign) freebytes(m);
  alloc.realloc(alloc.ud, m, sizeof(mv_Memory), 0);
}

void mv_memory_unpin (mv_Memory *m) {
  m->pins--;
  settle(m);
}

void mv_memory_drop (mv_Memory *m) {
  m->owned = false;
  settle(m);
}

mv_Status mv_memory_revoke (mv_Memory *m) {
  if (m->holds > 0) return MV_PINNED;
  if (m->data != NULL) {
    m->pins++;
    giveback(m);
    mv_memory_unpin(m);
  }
  return MV_OK;
}

static mv_Status setcapacity (mv_Memory *m, ptrdiff_t capacity) {
  void *data;
  if (capacity == m->capacity) return MV_OK;
  if (capacity == 0) {
    freebytes(m);
    data = nothing;
  }
  else {
    data = m->alloc.realloc(m->alloc.ud, m->capacity > 0 ? m->data : NULL,
                            (size_t)m->capacity, (size_t)capacity);
    if (data == NULL) return MV_NOMEMORY;
  }
  m->data = (unsigned char *)data;
  m->capacity = capacity;
  return MV_OK;
}

mv_Status mv_memory_reserve (mv_Memory *m, ptrdiff_t capacity) {
  mv_Status status = MV_OK;
  if (m->pins > 0) return MV_PINNED;
  if (capacity > m->capacity) status = setcapacity(m, capacity);
  if (status == MV_OK) m->reserved = capacity;
  return status;
}

/* Room for `size` bytes, with half as much again unless that does not fit. */
static mv_Status grow (mv_Memory *m, ptrdiff_t size) {
  ptrdiff_t capacity = m->capacity;
  mv_Status status;
  if (size <= capacity) return MV_OK;
  if (!mv_add(capacity, capacity / 2 + 8, &capacity) || capacity < size) capacity = size;
  status = setcapacity(m, capacity);
  return status == MV_NOMEMORY && capacity > size ? setcapacity(m, size) : status;
}

mv_Status mv_memory_insert (mv_Memory *m, ptrdiff_t offset, ptrdiff_t n) {
  ptrdiff_t size;
  mv_Status status;
  if (n == 0) return MV_OK;
  if (m->pins > 0) return MV_PINNED;
  if (!mv_add(m->size, n, &size)) return MV_TOOLARGE;
  status = grow(m, size);
  if (status != MV_OK) return status;
  if (offset < m->size)
    memmove(m->data + offset + n, m->data + offset, (size_t)(m->size - offset));
  m->size = size;
  return MV_OK;
}

mv_Status mv_memory_remove (mv_Memory *m, ptrdiff_t offset, ptrdiff_t n) {
  if (n == 0) return MV_OK;
  if (m->pins > 0) return MV_PINNED;
  memmove(m->data + offset, m->data + offset + n, (size_t)(m->size - offset - n));
  m->size -= n;
  if (m->size < m->capacity / 4 && m->capacity > m->reserved)
    (void)setcapacity(m, m->size > m->reserved ? m->size : m->reserved);       /* a refusal loses nothing */
  return MV_OK;
}
