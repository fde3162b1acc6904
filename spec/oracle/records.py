"""Record formats as ctypes and numpy export them: memview must find the same size and the same members."""
import ctypes
import warnings

from oracle import serve, somebytes

try:
    import numpy
except ImportError:                     # structures() does without
    pass

SIMPLE = [ctypes.c_byte, ctypes.c_ubyte, ctypes.c_short, ctypes.c_ushort, ctypes.c_int, ctypes.c_uint, ctypes.c_long,
          ctypes.c_ulong, ctypes.c_longlong, ctypes.c_ulonglong, ctypes.c_float, ctypes.c_double, ctypes.c_bool,
          ctypes.c_char]
MARKS = "@=<>"
NAMES = ["x", "y", "normal", "two words", "Länge", "_", "0", "T{", "end", "nbytes"]


def structure(draw, base, depth=0):
    """A random class of structures; no member needs padding before it, since older Pythons leave it out of the text."""
    fields = []
    for name in draw.sample(NAMES, draw.randint(1, 6)):
        kind = draw.choice(SIMPLE if base is ctypes.Structure else SIMPLE[:-2])     # the last two have one order
        if depth < 2 and draw.random() < 0.2:
            kind = structure(draw, base, depth + 1)
        for length in draw.choice([[], [], [], [3], [1], [2, 3]]):
            kind *= length
        fields.append((name, kind))
    return type("Record", (base,), {"_fields_": fields})


def ispacked(kind):
    """Does the class have no padding, all the way down?"""
    if hasattr(kind, "_fields_"):
        inner = [k for _, k in kind._fields_]
        return sum(map(ctypes.sizeof, inner)) == ctypes.sizeof(kind) and all(map(ispacked, inner))
    return ispacked(kind._type_) if hasattr(kind, "_length_") else True


def structures(draw):
    """The format of a structure of ctypes in either order, and the values in random bytes."""
    kind = structure(draw, draw.choice([ctypes.Structure, ctypes.LittleEndianStructure, ctypes.BigEndianStructure]))
    probe = type("Probe", (ctypes.Structure,), {"_fields_": [("a", ctypes.c_byte), ("b", ctypes.c_int)]})
    if not ispacked(kind) and "3x" not in memoryview(probe()).format:
        return None
    array = (kind * 3)()
    view = memoryview(array)
    data = bytes(draw.choices(range(1, 256), k=view.nbytes))    # ctypes cuts arrays of c_char at zeros
    ctypes.memmove(array, data, len(data))
    return {"format": view.format, "size": view.itemsize, "data": data, "list": [members(x, kind) for x in array]}


def members(x, kind):
    """A value of ctypes as memview gives it: records by name, arrays as lists."""
    if hasattr(kind, "_fields_"):
        return {name: members(getattr(x, name), inner) for name, inner in kind._fields_}
    if isinstance(x, bytes) and kind is not ctypes.c_char:
        return [bytes([c]) for c in x]
    return [members(y, kind._type_) for y in x] if hasattr(kind, "_length_") else x


def dtype(draw, depth=0):
    """A structured dtype: aligned or packed or with gaps, either order, arrays and nested ones."""
    fields = []
    for name in draw.sample(NAMES, draw.randint(1, 5)):
        kind = draw.choice("==<>") + draw.choice("i1 u1 i2 u2 i4 u4 i8 u8 f2 f4 f8 ? S1 S3 S8".split())
        if depth < 2 and draw.random() < 0.25:
            kind = dtype(draw, depth + 1)
        fields.append((name, kind, draw.choice([(), (), (), (2,), (1,), (2, 3)])))
    record = numpy.dtype(fields, align=draw.random() < 0.5)
    if draw.random() < 0.2:
        offset, offsets = 0, []
        for name in record.names:
            offset += draw.randint(0, 3)
            offsets.append(offset)
            offset += record.fields[name][0].itemsize
        record = numpy.dtype({"names": record.names, "formats": [record.fields[n][0] for n in record.names],
                              "offsets": offsets, "itemsize": offset + draw.randint(0, 3)})
    return record


def istight(record):
    """Does a record end where its last member does, all the way down? numpy leaves padding after it to be guessed,
    and memview's rule is that there is none."""
    if record.subdtype:
        return istight(record.base)
    ends = [kind.itemsize + offset for kind, offset in (record.fields[n] for n in record.names or ())]
    return max(ends, default=record.itemsize) == record.itemsize and all(istight(record[n]) for n in record.names or ())


def explicit(text):
    """numpy lets the order at a record's end stand on behind it, and align it; memview goes by the order before it:
    T{b:a:T{>i:x:}:p:q:b:} is T{b:a:>T{>i:x:}:p:q:b:} here."""
    def members(at, order):
        out = ""
        while at < len(text) and text[at] != "}":
            if text[at] == ":":
                end = text.index(":", at + 1) + 1
                out, at = out + text[at:end], end
            elif text[at] == "T":
                inner, at, last = members(at + 2, order)
                out += last + "T{" + ("" if inner[0] in MARKS else order) + inner
                order = last
            else:
                order = text[at] if text[at] in MARKS else order
                out, at = out + text[at], at + 1
        return out + text[at:at + 1], at + 1, order
    return members(0, "@")[0]


def readsback(array):
    """Can numpy read its own text? In some nested ones it cannot."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return numpy.asarray(memoryview(array)).dtype == array.dtype
        except (RuntimeError, RuntimeWarning, ValueError):
            return False


def values(array):
    """The same for numpy; its strings come with their zeros."""
    if array.dtype.names:
        flat = array.reshape(-1)
        columns = {name: values(flat[name]) for name in array.dtype.names}
        one = [{name: column[k] for name, column in columns.items()} for k in range(len(flat))]
    elif array.dtype.kind == "S":
        size = array.dtype.itemsize
        one = [bytes(x).ljust(size, b"\0") for x in array.reshape(-1)]
    else:
        one = array.reshape(-1).tolist()
    for length in reversed(array.shape[1:]):
        one = [one[k:k + length] for k in range(0, len(one), length)]
    return one


def dtypes(draw):
    """The format of a structured array of numpy, its values, and its bytes before and after byteswap()."""
    record = dtype(draw)
    data = somebytes(draw, 3 * record.itemsize)
    array = numpy.frombuffer(data, record).copy()
    if not istight(record):
        return None
    if not readsback(array):
        return None
    case = {"format": explicit(memoryview(array).format), "size": record.itemsize, "data": array.tobytes(),
            "list": values(array)}
    array.byteswap(inplace=True)
    case["swapped"] = array.tobytes()
    return case


serve(structures, dtypes)
