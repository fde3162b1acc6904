/* fuzz.h -- what the targets share: a failed law stops the fuzzer, memory is exactly as
** large as it was asked for (so the sanitizer sees every step outside), and a reader
** takes an input apart.
*/
#ifndef FUZZ_H
#define FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

#define LAW(holds)  ((holds) ? (void)0 : fuzz_broken(#holds, __FILE__, __LINE__))

static inline void fuzz_broken (const char *law, const char *file, int line) {
  fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, law);
  abort();
}

static inline void *fuzz_alloc (size_t n) {
  void *p = malloc(n > 0 ? n : 1);
  if (p == NULL) abort();
  return p;
}

/* A copy of n bytes in memory of its own. */
static inline void *fuzz_copy (const void *from, size_t n) {
  void *p = malloc(n);
  if (p == NULL && n > 0) abort();
  if (n > 0) memcpy(p, from, n);
  return p;
}

/* An input that is read byte by byte; zeros behind its end. */
typedef struct Input { const uint8_t *at, *end; } Input;

static inline unsigned fuzz_byte (Input *in) { return in->at < in->end ? *in->at++ : 0; }

/* One of 0 .. n - 1. */
static inline int fuzz_below (Input *in, int n) { return n <= 0 ? 0 : (int)(fuzz_byte(in) % (unsigned)n); }

#endif
