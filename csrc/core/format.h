/* format.h -- the format language: text -> items.
**
** The letters of a format stand in one table in format.c; after parsing
** everything speaks of kinds. An mv_Item says what one item of a view is: a
** scalar, complete in itself, or a record, whose members live in a block that
** the caller owns. Sizes, offsets and counts are in bytes unless a line says
** otherwise.
*/
#ifndef MV_FORMAT_H
#define MV_FORMAT_H

#include "common.h"

typedef enum mv_Kind {      /* integers by size: signed even, unsigned odd */
  MV_I8, MV_U8, MV_I16, MV_U16, MV_I32, MV_U32, MV_I64, MV_U64,
  MV_F16, MV_F32, MV_F64,
  MV_BOOL,
  MV_CHAR,                  /* a string of one byte */
  MV_STRING,                /* 's': a fixed number of bytes */
  MV_PASCAL,                /* 'p': a length byte, then the bytes */
  MV_PAD,                   /* 'x': no value; only as a member */
  MV_RECORD                 /* several members, or named ones */
} mv_Kind;

typedef struct mv_Item {
  unsigned char kind;       /* an mv_Kind */
  bool swap;                /* multi-byte value in the order that is not this machine's? */
  char letter;              /* as written; 'T' for records */
  char order;               /* in force where it was written: '@', '<' or '>' */
  ptrdiff_t size;           /* itemsize */
  const struct mv_Record *record;   /* NULL unless kind is MV_RECORD */
} mv_Item;

typedef struct mv_Member {
  mv_Item item;             /* one element */
  ptrdiff_t offset;         /* from the start of the record */
  ptrdiff_t count;          /* elements: the count, or the product of the shape */
  ptrdiff_t position;       /* values of the record before this member */
  const char *name;         /* NULL where there is none */
  size_t namelen;
  const ptrdiff_t *shape;   /* ndim lengths; an array member is one value */
  const void *key;          /* for the caller: what it knows the name by, or NULL */
  const struct mv_Member *next;     /* in the same record, NULL after the last */
  const struct mv_Member *chain;    /* next of the same hash */
  unsigned hash;
  int ndim;                 /* 0: no array; `count` values in a row */
  char mark;                /* order written right before it, 0 for none */
  bool counted;             /* was a count written (and not a shape)? */
} mv_Member;

typedef struct mv_Record {
  const mv_Member *first;
  const mv_Member **buckets;        /* named members by hash; mask + 1 of them */
  unsigned mask;
  ptrdiff_t nmembers;       /* pads included */
  ptrdiff_t nvalues;        /* positions: what #rec gives */
  ptrdiff_t ncells;         /* scalars when nested members are spread out */
  ptrdiff_t nsteps;         /* of a walk over them, members without values included */
  ptrdiff_t align;          /* of the widest member in native order, else 1 */
  int ndim;                 /* most dimensions of arrays within arrays on a way down */
  bool named;               /* has a named member? */
  bool braces;              /* written as T{...}? */
  const mv_Member *sole;    /* the one unnamed value of a format such as "xH":
                               reads as that value, not as a record */
} mv_Record;

/* What bytes without a format are: "B". */
extern const mv_Item mv_byteitem;

/* Where a text went wrong. */
typedef struct mv_FormatError {
  size_t position;          /* 1-based, in bytes */
  const char *reason;       /* what was wrong; static text */
  char byte;                /* that stands there; 0 at the end */
} mv_FormatError;

/* The item of a format that is one plain letter with an optional order, or an alias
** ("<u16"): it stands in a table, for good. NULL for any other text, right or wrong. */
const mv_Item *mv_format_plain (const char *text, size_t len);

/* Bytes that mv_format_parse may need for `text`; 0 where it is too long. */
size_t mv_format_bound (const char *text, size_t len);

/* Parses any format. `block` has mv_format_bound() bytes, aligned as by malloc;
** where the item is a record, it lives there for as long as the item is used.
** False with *error filled where the text is no format. */
bool mv_format_parse (const char *text, size_t len, void *block,
                      mv_Item *item, mv_FormatError *error);

/* Writes the canonical text of an item (no spaces, no '@', orders '<' and '>'
** only) to buf, never more than cap bytes, without a final zero.
** Gives the length of the whole text. */
size_t mv_format_print (const mv_Item *item, char *buf, size_t cap);

/* What native order aligns an item to: 1 for any other order. */
ptrdiff_t mv_format_align (const mv_Item *item);

/* One number of a small item, at an offset from its start. */
typedef struct mv_Cell {
  uint16_t offset;
  unsigned char kind;       /* mv_kind_isnumber */
  bool swap;
} mv_Cell;

/* The numbers that an item consists of, in order, where it has no more than 65535 bytes,
** nothing but numbers and padding, no records in it, and no more numbers than `max`: gives
** how many; else 0. */
int mv_format_flatten (const mv_Item *item, mv_Cell *cells, int max);

/* Why an item cannot be the item of a view; NULL where it can. */
const char *mv_format_unviewable (const mv_Item *item);

/* The member with that key among the first few, or NULL: a short way for callers who
** set keys, with mv_record_find behind it. */
static inline const mv_Member *mv_record_bykey (const mv_Record *r, const void *key) {
  const mv_Member *m = r->first;
  int tries = 12;
  while (m != NULL && m->key != key) m = tries-- > 0 ? m->next : NULL;
  return m;
}

/* The member of that name, or NULL. */
const mv_Member *mv_record_find (const mv_Record *r, const char *name, size_t len);

/* The member that holds value number `position` (0-based, below nvalues); the same
** from a member on that holds that value or one before it. */
const mv_Member *mv_record_at (const mv_Record *r, ptrdiff_t position);
const mv_Member *mv_member_next (const mv_Member *m, ptrdiff_t position);

/* What `item` reads as: itself, or for "xH" the H, with its offset in *shift. */
static inline const mv_Item *mv_item_value (const mv_Item *item, ptrdiff_t *shift) {
  *shift = 0;
  while (item->kind == MV_RECORD && item->record->sole != NULL) {
    *shift += item->record->sole->offset;
    item = &item->record->sole->item;
  }
  return item;
}

#endif
