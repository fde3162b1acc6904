/* format.c -- parses and prints formats.
**
** The language is Python's struct (docs.python.org, "struct", Format Strings)
** with T{...}, names and array members from PEP 3118. Records are parsed by
** recursion that MV_MAXNEST bounds; every part of a text is read once.
*/
#include "format.h"

#include <string.h>

#define MV_MAXNEST 64           /* levels of T{} */
#define MV_MAXTEXT 65536        /* bytes of a format text */
#define MV_MAXEMPTY 256         /* steps over a member of 0 bytes: they cost time, not memory */

/* ---- The letters --------------------------------------------------------- */

/* The kind of numbers of a size in bytes, or of anything else. */
#define KIND_SIGNED(size)    ((size) == 1 ? MV_I8 : (size) == 2 ? MV_I16 : (size) == 4 ? MV_I32 : MV_I64)
#define KIND_UNSIGNED(size)  (KIND_SIGNED(size) + 1)
#define KIND_FLOAT(size)     ((size) == 2 ? MV_F16 : (size) == 4 ? MV_F32 : MV_F64)
#define KIND_BOOL(size)      MV_BOOL
#define KIND_CHAR(size)      MV_CHAR
#define KIND_STRING(size)    MV_STRING
#define KIND_PASCAL(size)    MV_PASCAL
#define KIND_PAD(size)       MV_PAD

#define ALIGNMENT(T)  ((unsigned char)offsetof(struct { char c; T x; }, x))
#define ITEM(letter, order, kind, size)  \
  {(unsigned char)kind(size), (size) > 1 && order != '@' && (order == '<') != MV_LITTLE, letter, order, size, NULL}

/* By letter, from FIRSTLETTER on. Native size and alignment are those of type T; `standard`
** is the size in any other order, 0 where there is none. */
#define FIRSTLETTER  '?'
#define LETTER(letter, kind, T, standard)  \
  [letter - FIRSTLETTER] = {ALIGNMENT(T), {ITEM(letter, '@', kind, sizeof(T)), \
                            ITEM(letter, '<', kind, standard), ITEM(letter, '>', kind, standard)}}

static const struct {
  unsigned char align;          /* with '@'; 0: no such letter */
  mv_Item item[3];              /* by order: '@', '<', '>' */
} letters[] = {
  LETTER('b', KIND_SIGNED, signed char, 1),
  LETTER('B', KIND_UNSIGNED, unsigned char, 1),
  LETTER('h', KIND_SIGNED, short, 2),
  LETTER('H', KIND_UNSIGNED, unsigned short, 2),
  LETTER('i', KIND_SIGNED, int, 4),
  LETTER('I', KIND_UNSIGNED, unsigned, 4),
  LETTER('l', KIND_SIGNED, long, 4),
  LETTER('L', KIND_UNSIGNED, unsigned long, 4),
  LETTER('q', KIND_SIGNED, long long, 8),
  LETTER('Q', KIND_UNSIGNED, unsigned long long, 8),
  LETTER('n', KIND_SIGNED, size_t, 0),
  LETTER('N', KIND_UNSIGNED, size_t, 0),
  LETTER('P', KIND_UNSIGNED, void *, 0),
  LETTER('e', KIND_FLOAT, short, 2),
  LETTER('f', KIND_FLOAT, float, 4),
  LETTER('d', KIND_FLOAT, double, 8),
  LETTER('?', KIND_BOOL, bool, 1),
  LETTER('c', KIND_CHAR, char, 1),
  LETTER('s', KIND_STRING, char, 1),
  LETTER('p', KIND_PASCAL, char, 1),
  LETTER('x', KIND_PAD, char, 1)
};

static const struct { char name[5]; char letter; } aliases[] = {
  {"u8", 'B'},  {"i8", 'b'},  {"u16", 'H'}, {"i16", 'h'},
  {"u32", 'I'}, {"i32", 'i'}, {"u64", 'Q'}, {"i64", 'q'},
  {"f16", 'e'}, {"f32", 'f'}, {"f64", 'd'},
  {"bool", '?'}, {"char", 'c'}
};

const mv_Item mv_byteitem = ITEM('B', '@', KIND_UNSIGNED, 1);

/* The place of a letter in the table; -1 where there is none. */
static int findletter (char c) {
  unsigned k = (unsigned)((unsigned char)c - FIRSTLETTER);
  return k < sizeof(letters) / sizeof(letters[0]) && letters[k].align != 0 ? (int)k : -1;
}

/* The item of the letter at a place; NULL where it needs native order. */
static const mv_Item *letteritem (int k, char order) {
  const mv_Item *item = &letters[k].item[order == '@' ? 0 : order == '<' ? 1 : 2];
  return item->size > 0 ? item : NULL;
}

/* The order that a mark stands for: '@', '<' or '>'; 0 for no mark. */
static char readorder (char c) {
  switch (c) {
    case '@': case '<': case '>': return c;
    case '=': return MV_LITTLE ? '<' : '>';
    case '!': return '>';
    default: return 0;
  }
}

static const mv_Item *findalias (const char *text, size_t len, char order) {
  size_t k;
  for (k = 0; k < sizeof(aliases) / sizeof(aliases[0]); k++)
    if (strlen(aliases[k].name) == len && memcmp(aliases[k].name, text, len) == 0)
      return letteritem(findletter(aliases[k].letter), order);
  return NULL;
}

const mv_Item *mv_format_plain (const char *text, size_t len) {
  char order = len > 0 ? readorder(text[0]) : 0;
  int k;
  if (order != 0) { text++; len--; }
  else order = '@';
  if (len == 0) return NULL;
  if (len > 1) return findalias(text, len, order);
  k = findletter(text[0]);
  return k >= 0 && *text != 'x' ? letteritem(k, order) : NULL;
}

/* ---- The parser ------------------------------------------------------------ */

typedef struct Parser {
  const char *text, *end;
  const char *s;                /* next byte to read */
  char order;                   /* in force */
  bool ordered;                 /* was an order written at the top level? */
  int depth;                    /* of T{} */
  const char *reason;           /* of the failure at s */
  const mv_Record *root;
  mv_Record *record;            /* next free ones in the block */
  mv_Member *member;
  const mv_Member **bucket;
  ptrdiff_t *dim;
  char *name;
} Parser;

/* Upper bounds of what a text can hold. */
typedef struct Bound { size_t records, members, dims; } Bound;

static Bound countparts (const char *text, size_t len) {
  Bound b = {1, 1, 0};          /* the root; a member that fails at once */
  bool inname = false;
  size_t k;
  for (k = 0; k < len; k++) {
    char c = text[k];
    if (c == ':') { inname = !inname; b.dims++; }     /* a named count is a dimension */
    else if (!inname) {
      b.records += c == '{';
      b.dims += c == '(' || c == ',';
      b.members++;
    }
  }
  return b;
}

/* Buckets are powers of two of at least the members of each record. */
static size_t countbuckets (const Bound *b) {
  return 2 * b->members + b->records;
}

size_t mv_format_bound (const char *text, size_t len) {
  Bound b;
  if (len > MV_MAXTEXT) return 0;
  b = countparts(text, len);
  return b.records * sizeof(mv_Record) + b.members * sizeof(mv_Member)
       + countbuckets(&b) * sizeof(mv_Member *) + b.dims * sizeof(ptrdiff_t) + len + 1;
}

static void openblock (Parser *p, const char *text, size_t len, void *block) {
  Bound b = countparts(text, len);
  p->record = (mv_Record *)block;
  p->member = (mv_Member *)(void *)(p->record + b.records);
  p->bucket = (const mv_Member **)(void *)(p->member + b.members);
  p->dim = (ptrdiff_t *)(void *)(p->bucket + countbuckets(&b));
  p->name = (char *)(p->dim + b.dims);
}

static bool fail (Parser *p, const char *where, const char *reason) {
  p->s = where;
  p->reason = reason;
  return false;
}

static void skipspace (Parser *p) {
  while (p->s < p->end && (*p->s == ' ' || (*p->s >= '\t' && *p->s <= '\r'))) p->s++;
}

static bool isdigitat (const Parser *p) {
  return p->s < p->end && *p->s >= '0' && *p->s <= '9';
}

static bool isletterat (const Parser *p) {
  char c = (char)(p->s < p->end ? *p->s | 0x20 : 0);
  return (c >= 'a' && c <= 'z') || c == '?';        /* '?' | 0x20 is '?' */
}

static bool readnumber (Parser *p, ptrdiff_t *n) {
  const char *start = p->s;
  for (*n = 0; isdigitat(p); p->s++)
    if (!mv_mul(*n, 10, n) || !mv_add(*n, *p->s - '0', n))
      return fail(p, start, "count too large");
  return true;
}

/* Reads an order mark; it stands until it is changed or the brace closes. */
static bool readmark (Parser *p, mv_Member *m) {
  char order = p->s < p->end ? readorder(*p->s) : 0;
  if (order == 0) return true;
  if (p->depth == 0 && (p->ordered || m->ndim == 0 || p->root->first != NULL))
    return fail(p, p->s, "an order stands at the start, or inside T{}");
  p->order = order;
  p->ordered = true;
  if (p->depth > 0) m->mark = order;
  p->s++;
  skipspace(p);
  return true;
}

/* (2,3): lengths of an array member */
static bool readshape (Parser *p, mv_Member *m) {
  const char *open = p->s++;
  ptrdiff_t *dims = p->dim, span = 1;   /* the product with 0 counted as 1: strides need it */
  m->shape = dims;
  do {
    skipspace(p);
    if (!isdigitat(p)) return fail(p, p->s, "length expected in an array's shape");
    if (m->ndim == MV_MAXDIM) return fail(p, open, "more than 64 dimensions");
    if (!readnumber(p, &dims[m->ndim])) return false;
    if (!mv_mul(span, dims[m->ndim] > 0 ? dims[m->ndim] : 1, &span)) return fail(p, open, "array too large");
    m->count *= dims[m->ndim++];
    skipspace(p);
  } while (p->s < p->end && *p->s == ',' && p->s++);
  if (p->s == p->end || *p->s != ')') return fail(p, p->s, "')' expected to close an array's shape");
  if (m->count == 0 && span > MV_MAXEMPTY) return fail(p, open, "array too large");
  p->s++;
  p->dim += m->ndim;
  skipspace(p);
  return true;
}

static bool readname (Parser *p, mv_Member *m) {
  const char *open = p->s++;
  const char *close = memchr(p->s, ':', (size_t)(p->end - p->s));
  if (close == NULL) return fail(p, open, "name not closed by ':'");
  if (close == p->s) return fail(p, open, "empty name");
  if (m->item.kind == MV_PAD) return fail(p, open, "padding takes no name");
  m->namelen = (size_t)(close - p->s);
  m->name = p->s;               /* of the text, until filenames takes a copy */
  p->s = close + 1;
  return true;
}

static bool readmembers (Parser *p, mv_Record *r, ptrdiff_t *size);

/* T{...}: leaves the order as it was before the brace. */
static bool readrecord (Parser *p, mv_Item *item) {
  const char *open = p->s;
  char order = p->order;
  mv_Record *r = p->record++;
  if (p->end - open < 2 || open[1] != '{') return fail(p, open, "'{' expected after 'T'");
  if (p->depth == MV_MAXNEST) return fail(p, open, "more than 64 levels of T{}");
  memset(r, 0, sizeof(*r));
  r->braces = true;
  item->kind = MV_RECORD;
  item->letter = 'T';
  item->order = order;
  item->record = r;
  p->depth++;
  p->s += 2;
  if (!readmembers(p, r, &item->size)) return false;
  if (p->s == p->end) return fail(p, open, "T{ not closed by '}'");
  if (r->nmembers == 0) return fail(p, open, "record without members");
  p->s++;
  p->depth--;
  p->order = order;
  return true;
}

static bool readscalar (Parser *p, mv_Item *item) {
  int k = findletter(*p->s);
  const mv_Item *plain = k < 0 ? NULL : letteritem(k, p->order);
  if (k < 0) return fail(p, p->s, "unknown letter");
  if (plain == NULL) return fail(p, p->s, "letter has a native size only, so it needs '@'");
  *item = *plain;
  p->s++;
  return true;
}

/* [count] letter, the count of 's' and 'p' being their size */
static bool readelement (Parser *p, mv_Member *m) {
  const char *start = p->s;
  ptrdiff_t count = 1;
  m->counted = isdigitat(p);
  if (m->counted && !readnumber(p, &count)) return false;
  if (m->counted && !isletterat(p))
    return fail(p, start, "digits with no letter after them (a count stands before its letter; "
                          "a size has a letter of its own: 'I' or 'u32', not 'I4')");
  if (p->s == p->end) return fail(p, p->s, "letter expected");
  if (!(*p->s == 'T' ? readrecord(p, &m->item) : readscalar(p, &m->item))) return false;
  if (m->item.kind == MV_STRING || m->item.kind == MV_PASCAL) {
    m->item.size = count;
    m->counted = false;
  }
  else if (m->counted) {
    if (m->ndim > 0) return fail(p, start, "a shape and a count");
    m->count = count;
  }
  return true;
}

/* A named count is an array of one dimension. */
static void namedcount (Parser *p, mv_Member *m) {
  m->shape = p->dim;
  *p->dim++ = m->count;
  m->ndim = 1;
}

static bool readmember (Parser *p, mv_Member *m) {
  memset(m, 0, sizeof(*m));
  m->count = 1;
  if (!readmark(p, m)) return false;
  if (p->s < p->end && *p->s == '(' && !(readshape(p, m) && readmark(p, m))) return false;
  if (!readelement(p, m)) return false;
  if (p->s == p->end || *p->s != ':') return true;
  if (!readname(p, m)) return false;
  if (m->counted) namedcount(p, m);
  return true;
}

ptrdiff_t mv_format_align (const mv_Item *item) {
  if (item->order != '@') return 1;
  if (item->kind == MV_RECORD) return item->record->align;
  return letters[findletter(item->letter)].align;
}

/* Puts m behind the first *size bytes of r and counts its values. */
static bool place (mv_Record *r, mv_Member *m, ptrdiff_t *size) {
  ptrdiff_t align = mv_format_align(&m->item), bytes, cells = 1, steps = 1;
  int depth = m->ndim + (m->item.kind == MV_RECORD ? m->item.record->ndim : 0);
  ptrdiff_t values = m->item.kind == MV_PAD ? 0 : m->ndim > 0 ? 1 : m->count;
  if (!mv_add(*size, (align - *size % align) % align, &m->offset)) return false;
  if (!mv_mul(m->item.size, m->count, &bytes) || !mv_add(m->offset, bytes, size)) return false;
  if (m->item.kind == MV_RECORD) {
    cells = m->item.record->ncells;
    if (!mv_add(m->item.record->nsteps, 1, &steps)) return false;
  }
  if (m->item.kind == MV_PAD) cells = 0;
  else if (!mv_mul(steps, m->count, &steps)) return false;
  if (m->item.size == 0 && steps > MV_MAXEMPTY) return false;
  if (!mv_mul(cells, m->count, &cells) || !mv_add(r->nsteps, steps, &r->nsteps)) return false;
  if (depth > r->ndim) r->ndim = depth;
  m->position = r->nvalues;
  if (align > r->align) r->align = align;
  if (m->name != NULL) r->named = true;
  r->nmembers++;
  return mv_add(r->nvalues, values, &r->nvalues) && mv_add(r->ncells, cells, &r->ncells);
}

static unsigned hashname (const char *name, size_t len) {
  unsigned h = 2166136261u;             /* FNV-1a */
  while (len-- > 0) h = (h ^ (unsigned char)*name++) * 16777619u;
  return h;
}

const mv_Member *mv_record_find (const mv_Record *r, const char *name, size_t len) {
  unsigned h = hashname(name, len);
  const mv_Member *m = r->buckets ? r->buckets[h & r->mask] : NULL;
  while (m != NULL && !(m->hash == h && m->namelen == len && memcmp(m->name, name, len) == 0))
    m = m->chain;
  return m;
}

/* Files the named members of a finished record, with copies of their names. */
static bool filenames (Parser *p, mv_Record *r) {
  mv_Member *m;
  unsigned n = 1;
  if (!r->named) return true;
  while (n < (size_t)r->nmembers) n *= 2;
  r->buckets = p->bucket;
  r->mask = n - 1;
  p->bucket += n;
  memset(r->buckets, 0, n * sizeof(*r->buckets));
  for (m = (mv_Member *)r->first; m != NULL; m = (mv_Member *)m->next) {
    if (m->name == NULL) continue;
    if (mv_record_find(r, m->name, m->namelen) != NULL)
      return fail(p, m->name - 1, "two members of this name");
    m->name = memcpy(p->name, m->name, m->namelen);
    p->name += m->namelen;
    m->hash = hashname(m->name, m->namelen);
    m->chain = r->buckets[m->hash & r->mask];
    r->buckets[m->hash & r->mask] = m;
  }
  return true;
}

/* Reads members up to the end of the text or the brace that closes r. */
static bool readmembers (Parser *p, mv_Record *r, ptrdiff_t *size) {
  const mv_Member **link = &r->first;
  r->align = 1;
  *size = 0;
  for (skipspace(p); p->s < p->end && !(*p->s == '}' && p->depth > 0); skipspace(p)) {
    const char *at = p->s;
    mv_Member *m = p->member++;
    if (!readmember(p, m)) return false;
    if (!place(r, m, size)) return fail(p, at, "items too large");
    if (r->ndim > MV_MAXDIM) return fail(p, at, "more than 64 dimensions of arrays within arrays");
    *link = m;
    link = &m->next;
  }
  return filenames(p, r);
}

/* Is m the whole of r: one plain value, unnamed? */
static const mv_Member *solevalue (const mv_Record *r) {
  const mv_Member *m = r->first;
  if (r->named || r->nvalues != 1) return NULL;
  while (m->item.kind == MV_PAD || (m->ndim == 0 && m->count == 0)) m = m->next;
  return m->ndim == 0 ? m : NULL;
}

/* The top level as one item: a sole value stands for itself. */
static void closeroot (const Parser *p, mv_Record *r, ptrdiff_t size, mv_Item *item) {
  r->sole = solevalue(r);
  if (r->sole != NULL && r->sole->offset == 0 && size == r->sole->item.size) {
    *item = r->sole->item;
    return;
  }
  item->kind = MV_RECORD;
  item->swap = false;
  item->letter = 'T';
  item->order = p->order;
  item->size = size;
  item->record = r;
}

bool mv_format_parse (const char *text, size_t len, void *block,
                      mv_Item *item, mv_FormatError *error) {
  Parser p = {0};
  ptrdiff_t size;
  mv_Record *root;
  const mv_Item *plain = mv_format_plain(text, len);
  if (plain != NULL) { *item = *plain; return true; }
  openblock(&p, text, len, block);
  p.text = p.s = text;
  p.end = text + len;
  p.order = '@';
  p.root = root = p.record++;
  memset(root, 0, sizeof(*root));
  if (len > 0 && readorder(*text) != 0) {
    p.order = readorder(*text);
    p.ordered = true;
    p.s++;
  }
  if (readmembers(&p, root, &size)) {
    closeroot(&p, root, size, item);
    return true;
  }
  error->position = (size_t)(p.s - text) + 1;
  error->reason = p.reason;
  error->byte = p.s < p.end ? *p.s : '\0';
  return false;
}

const char *mv_format_unviewable (const mv_Item *item) {
  const mv_Record *r = item->kind == MV_RECORD ? item->record : NULL;
  if (r != NULL && r->nvalues == 0) return "it has no values";
  if (item->size == 0) return "its items have 0 bytes";
  if (r != NULL && !r->braces && !r->named && r->nvalues == 1 && r->sole == NULL)
    return "it is an array; give the item's format and a shape";
  return NULL;
}

static int flattenmember (const mv_Item *item, ptrdiff_t offset, ptrdiff_t count, mv_Cell *cells, int max) {
  int n;
  if (item->kind == MV_PAD) return 0;
  if (item->kind > MV_F64 || count > max) return -1;
  for (n = 0; n < count; n++) {
    cells[n].offset = (uint16_t)(offset + n * item->size);
    cells[n].kind = item->kind;
    cells[n].swap = item->swap;
  }
  return n;
}

int mv_format_flatten (const mv_Item *item, mv_Cell *cells, int max) {
  const mv_Member *m;
  int n = 0;
  if (item->size > UINT16_MAX) return 0;
  if (item->kind != MV_RECORD) n = flattenmember(item, 0, 1, cells, max);
  else for (m = item->record->first; m != NULL; m = m->next) {
    int more = flattenmember(&m->item, m->offset, m->count, cells + n, max - n);
    if (more < 0) return 0;
    n += more;
  }
  return n < 0 ? 0 : n;
}

const mv_Member *mv_member_next (const mv_Member *m, ptrdiff_t position) {
  while (m != NULL && (m->item.kind == MV_PAD || position - m->position >= (m->ndim > 0 ? 1 : m->count)))
    m = m->next;
  return m;
}

const mv_Member *mv_record_at (const mv_Record *r, ptrdiff_t position) {
  return mv_member_next(r->first, position);
}

/* ---- The printer ----------------------------------------------------------- */

typedef struct Printer { char *buf; size_t cap, len; } Printer;

static void putbyte (Printer *p, char c) {
  if (p->len < p->cap) p->buf[p->len] = c;
  p->len++;
}

static void putnumber (Printer *p, ptrdiff_t n) {
  if (n >= 10) putnumber(p, n / 10);
  putbyte(p, (char)('0' + n % 10));
}

static void putcount (Printer *p, const mv_Member *m) {
  int d;
  if (m->counted) {
    if (m->count != 1 || m->name != NULL) putnumber(p, m->count);
    return;
  }
  for (d = 0; d < m->ndim; d++) {
    putbyte(p, d == 0 ? '(' : ',');
    putnumber(p, m->shape[d]);
  }
  if (m->ndim > 0) putbyte(p, ')');
}

static void putelement (Printer *p, const mv_Item *item);

/* Orders are printed where they were written; '@' only where it changes something. */
static void putmembers (Printer *p, const mv_Record *r, char order) {
  const mv_Member *m;
  for (m = r->first; m != NULL; m = m->next) {
    if (m->mark != 0 && !(m->mark == '@' && order == '@')) putbyte(p, m->mark);
    if (m->mark != 0) order = m->mark;
    putcount(p, m);
    putelement(p, &m->item);
    if (m->name != NULL) {
      size_t k;
      putbyte(p, ':');
      for (k = 0; k < m->namelen; k++) putbyte(p, m->name[k]);
      putbyte(p, ':');
    }
  }
}

static void putelement (Printer *p, const mv_Item *item) {
  if (item->kind == MV_RECORD) {
    if (item->record->braces) { putbyte(p, 'T'); putbyte(p, '{'); }
    putmembers(p, item->record, item->order);
    if (item->record->braces) putbyte(p, '}');
    return;
  }
  if ((item->kind == MV_STRING || item->kind == MV_PASCAL) && item->size != 1)
    putnumber(p, item->size);
  putbyte(p, item->letter);
}

size_t mv_format_print (const mv_Item *item, char *buf, size_t cap) {
  Printer p = {NULL, 0, 0};
  p.buf = buf;
  p.cap = cap;
  if (item->order != '@') putbyte(&p, item->order);
  putelement(&p, item);
  return p.len;
}
