"""Formats of several items: the struct module packs, unpacks and refuses; ctypes lays structures out as C does; numpy
takes columns of structured arrays and converts them."""
import ctypes
import struct

from oracle import INTEGERS, LETTERS, MASK64, isunsigned8, pack, serve, somebytes, somefloat, someinteger

try:
    import numpy
except ImportError:                     # the others do without
    numpy = None


# ---- struct -------------------------------------------------------------------------------------------------

def someitems(draw):
    """Order and items of a format: (count or None, letter). 0p is left out: CPython fails on it."""
    order = draw.choice(["", "@", "=", "<", ">", "!"])
    letters = (LETTERS if order in ("", "@") else LETTERS.translate({ord(c): None for c in "nNP"})) + "xx"
    items = []
    for _ in range(draw.randint(0, 7)):
        letter = draw.choice(letters)
        count = draw.choice([None, None, None, 0, 1, 2, 3, draw.choice([4, 8, 255, 256, 300]) if letter in "sp" else 4])
        items.append((1 if letter == "p" and count == 0 else count, letter))
    return order, items


def text(draw, order, items):
    """The items as a format text, with white space here and there."""
    return order + "".join(draw.choice(["", "", " ", "\n\t"]) + ("" if n is None else str(n)) + c for n, c in items)


def somevalue(draw, one, wild):
    """A value for one item: one that fits, or if `wild` anything."""
    letter, size = one[-1], struct.calcsize(one)
    if wild:
        return draw.choice([True, None, b"", b"1", 1, 0.5, 300, -1, 70000, 2.0**40, 1e300, b"x" * (size + 1)])
    if letter == "?":
        return draw.random() < 0.5
    if letter in "csp":
        most = {"c": 1, "s": size, "p": min(size - 1, 255)}[letter]
        return somebytes(draw, most if letter == "c" else draw.choice([most, draw.randint(0, most)]))
    if letter in INTEGERS:
        x = struct.unpack(one, somebytes(draw, size))[0]
        return float(x) if abs(x) < 2**53 and draw.random() < 0.1 else x
    x = draw.choice([somefloat, someinteger])(draw)
    return x if x == x and pack(one, x) is not None else 0.5        # the bits of NaN are free


def forlua(one, x):
    """x as Lua has it: integers outside of 64 signed bits are patterns for 8 unsigned bytes, elsewhere floats. A
    negative float as a pattern is not Python's question."""
    if isinstance(x, int) and not isinstance(x, bool):
        return x & MASK64 if isunsigned8(one) else x if -2**63 <= x < 2**63 else float(x)
    return 0.0 if isinstance(x, float) and x < 0 and isunsigned8(one) else x


def packcase(draw):
    """A format, values for it, and their bytes, None where memview refuses. In some a value is wrong, one too many or
    one short."""
    order, items = someitems(draw)
    format, values, ones = text(draw, order, items), [], []
    wrong = draw.random() < 0.15
    for n, letter in items:
        one = order + (str(n) if letter in "sp" and n is not None else "") + letter
        for _ in range(0 if letter == "x" else 1 if n is None or letter in "sp" else n):
            ones.append(one)
            values.append(forlua(one, somevalue(draw, one, wrong and draw.random() < 0.3)))
    wants = list(map(pack, ones, values))
    want = None
    if None not in wants:
        want = struct.pack(format, *[struct.unpack(one, data)[0] for one, data in zip(ones, wants)])
    if draw.random() < 0.05:
        values = draw.choice([values + [0], values + [True], values[:-1]])
    return format, values, want if len(values) == len(ones) else None


def packs(draw):
    """pack."""
    format, values, want = packcase(draw)
    return {"format": format, "values": values, "n": len(values), "want": want, "size": struct.calcsize(format)}


def offset(pos):
    """Python's offset for memview's position."""
    return pos - 1 if pos > 0 else pos


def attempt(f, *args):
    try:
        return f(*args)
    except (struct.error, ValueError):
        return None


def packs_into(draw):
    """pack_into, at positions inside and outside."""
    format, values, want = packcase(draw)
    size = struct.calcsize(format)
    before = somebytes(draw, max(0, size + draw.randint(-2, 6)))
    pos = draw.choice([1, 2, -size, draw.randint(-len(before) - 2, len(before) + 2)])
    after = bytearray(before)
    if want is not None and pos != 0 and attempt(struct.unpack_from, "%ds" % size, before, offset(pos)) is not None:
        struct.pack_into("%ds" % size, after, offset(pos), want)
    else:
        after = None
    return {"format": format, "values": values, "n": len(values), "before": before, "pos": pos, "want": after,
            "next": (pos if pos > 0 else pos + len(before) + 1) + size}


def unpacks(draw):
    """unpack, unpack_from and iter_unpack of random bytes; None where Python refuses."""
    order, items = someitems(draw)
    format = text(draw, order, items)
    size = struct.calcsize(format)
    data = somebytes(draw, max(0, size * draw.choice([1, 1, 1, 2, 3]) + draw.choice([0, 0, 0, 1, -1, 5])))
    pos = draw.choice([1, 1, 2, -size, draw.randint(-len(data) - 2, len(data) + 2)])
    start = attempt(struct.unpack_from, format, data, offset(pos)) if pos != 0 else None
    rows = attempt(lambda: list(struct.iter_unpack(format, data)))
    return {"format": format, "size": size, "data": data, "all": attempt(struct.unpack, format, data), "rows": rows,
            "pos": pos, "start": start, "next": (pos if pos > 0 else pos + len(data) + 1) + size}


# ---- ctypes -------------------------------------------------------------------------------------------------

CTYPES = {"b": ctypes.c_byte, "B": ctypes.c_ubyte, "h": ctypes.c_short, "H": ctypes.c_ushort, "i": ctypes.c_int,
          "I": ctypes.c_uint, "l": ctypes.c_long, "L": ctypes.c_ulong, "q": ctypes.c_longlong, "Q": ctypes.c_ulonglong,
          "n": ctypes.c_ssize_t, "N": ctypes.c_size_t, "f": ctypes.c_float, "d": ctypes.c_double, "?": ctypes.c_bool}


def somestructure(draw, depth=0):
    """A class of structures with C's layout, its members as memview's text, and f(draw) that gives a value: as ctypes
    takes it, as tolist() gives it, and flat."""
    fields, parts, makers = [], [], []
    for k in range(draw.randint(1, 6)):
        if depth < 2 and draw.random() < 0.3:
            kind, item, make = somestructure(draw, depth + 1)
        else:
            kind, item, make = somescalar(draw)
        shape = draw.choice([[], [], [], [3], [1], [2, 3]])
        for length in reversed(shape):
            kind *= length
        fields.append(("m%d" % k, kind))
        prefix = "(%s)" % ",".join(map(str, shape)) if shape else ""
        parts.append("%s%s:m%d:" % (prefix, item, k))
        makers.append((kind, shape, make))
    record = type("Record", (ctypes.Structure,), {"_fields_": fields})
    last = getattr(record, fields[-1][0])
    end = ctypes.sizeof(record) - last.offset - last.size
    return record, "T{%s%s}" % ("".join(parts), "%dx" % end if end else ""), lambda d: fill(d, record(), makers)


def somescalar(draw):
    letter = draw.choice(list(CTYPES))

    def make(d):
        x = somevalue(d, letter, False)
        if letter in INTEGERS:
            x = int(x)
        elif letter == "f":
            x = struct.unpack("f", struct.pack("f", x))[0]
        elif letter == "d":
            x = float(x)
        return x, x, [x]

    return CTYPES[letter], letter, make


def fill(draw, record, makers):
    """Gives every member of a structure a value."""
    values, flat = {}, []
    for k, (kind, shape, make) in enumerate(makers):
        x, values["m%d" % k], cells = fillarray(draw, kind, shape, make)
        setattr(record, "m%d" % k, x)
        flat += cells
    return record, values, flat


def fillarray(draw, kind, shape, make):
    if not shape:
        return make(draw)
    rows = [fillarray(draw, kind._type_, shape[1:], make) for _ in range(shape[0])]
    return kind(*[x for x, _, _ in rows]), [v for _, v, _ in rows], [c for _, _, cells in rows for c in cells]


def structures(draw):
    """A structure with what C pads it with; memview has the end of each written out, the rest by alignment."""
    kind, format, make = somestructure(draw)
    record, values, flat = make(draw)
    return {"format": format, "size": ctypes.sizeof(kind), "values": flat, "n": len(flat), "list": values,
            "data": bytes(record)}


# ---- numpy --------------------------------------------------------------------------------------------------

KINDS = "i1 u1 i2 u2 i4 u4 i8 u8 f2 f4 f8".split()
LETTER = dict(zip(KINDS, "bBhHiIqQefd"))


def sometypes(draw, depth=0):
    """Two dtypes with the same names, of which the second one holds all values of the first, and memview's texts."""
    first, second, texts = [], [], ["", ""]
    for name in draw.sample(["x", "y", "pos", "n", "weight"], draw.randint(1, 4)):
        shape = draw.choice([(), (), (2,), (2, 2)])
        if depth < 2 and draw.random() < 0.3:
            a, b, inner = sometypes(draw, depth + 1)
        else:
            a = draw.choice("<>") + draw.choice(KINDS)
            b = draw.choice("<>") + draw.choice([k for k in KINDS if numpy.can_cast(a, k, "safe")])
            inner = [k[0] + LETTER[k[1:]] for k in (a, b)]
        first.append((name, a, shape))
        second.append((name, b, shape))
        prefix = "(%s)" % ",".join(map(str, shape)) if shape else ""
        for k in (0, 1):
            texts[k] += "%s%s:%s:" % (prefix, inner[k], name)
    return numpy.dtype(first), numpy.dtype(second), ["T{%s}" % t for t in texts]


def aslist(array):
    """A structured array as memview's tolist()."""
    if not array.dtype.names:
        return array.tolist()
    if array.ndim:
        return [aslist(x) for x in array]
    return {name: aslist(numpy.asarray(array[name])) for name in array.dtype.names}


def somerecords(draw, kind, n):
    return numpy.frombuffer(somebytes(draw, n * kind.itemsize), kind)


def conversions(draw):
    """Records assigned to records of a wider dtype, from a slice with any step."""
    narrow, wide, texts = sometypes(draw)
    source = somerecords(draw, narrow, draw.randint(1, 6))
    step = draw.choice([1, 2, -1, -2])
    part = source[::step]
    target = numpy.zeros(len(part), wide)
    with numpy.errstate(all="ignore"):
        target[...] = part
    return {"from": texts[0], "to": texts[1], "data": source.tobytes(), "step": step, "list": aslist(target)}


def columns(draw):
    """A path of fields in a structured array of one or two dimensions, maybe sliced: shape, strides, items."""
    kind, _, texts = sometypes(draw)
    shape = draw.choice([[4], [2, 3]])
    array = somerecords(draw, kind, 4 if shape == [4] else 6).reshape(shape)
    step = draw.choice([1, 2, -1])
    column, path = array[::step], []
    while column.dtype.names and (not path or draw.random() < 0.8):
        path.append(draw.choice(column.dtype.names))
        column = column[path[-1]]
    return {"format": texts[0], "data": array.tobytes(), "shape": shape, "step": step, "path": ".".join(path),
            "columnshape": list(column.shape), "strides": list(column.strides), "list": aslist(column)}


serve(packs, packs_into, unpacks, structures, conversions, columns)
