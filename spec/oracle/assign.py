"""Writing: copies between overlapping views and between formats, fills, swaps; numpy copies first, then assigns."""
import struct

import numpy

from ndim import FORMATS
from oracle import pack, pyslice, serve, somebytes, someinteger, somefloat, somerange, unpack

NUMBERS = [f for f in FORMATS if f[-1] not in "sc"]
NARROW = [f for f in NUMBERS if struct.calcsize(f) <= 4]
STRINGS = {"c": "S1", "1s": "S1", "3s": "S3", "5s": "S5"}


def place(draw, shape, format, memory):
    """A strided view of that shape: how memview gets it out of memory (which grows as needed), and the array."""
    dtype = numpy.dtype({**FORMATS, **STRINGS}[format])
    ranges, lengths = [], []
    for n in shape:
        step = draw.choice([1, 1, 1, -1, 2, -2, 3])
        low = draw.choice([0, 0, 1])
        span = (n - 1) * abs(step) + 1 if n else 0
        first, last = (low + 1, low + span) if step > 0 else (low + span, low + 1)
        ranges.append([first, last, step] if n else [1, 0])
        lengths.append(low + span + draw.choice([0, 0, 1]))
    axes = draw.sample(range(len(shape)), len(shape))
    whole = [0] * len(shape)            # lengths before the dimensions are put in order
    for d, axis in enumerate(axes):
        whole[axis] = lengths[d]
    offset, order = draw.randint(0, 9), draw.choice("CF")
    size = int(numpy.prod(whole, dtype=int)) * dtype.itemsize
    memory.extend(somebytes(draw, max(offset + size - len(memory), 0)))
    recipe = {"offset": offset, "size": size, "format": format, "shape": whole, "order": order,
              "axes": [a + 1 for a in axes], "ranges": ranges}

    def array():
        a = numpy.ndarray(whole, dtype, memory, offset, order=order).transpose(axes)
        return a[tuple(pyslice(n, *r) for n, r in zip(a.shape, ranges))]

    return recipe, array


def someshape(draw):
    return [draw.choice([1, 2, 2, 3, 3, 4]) if draw.random() < 0.95 else 0 for _ in range(draw.choice([1, 1, 2, 2, 3]))]


def write(array, format, values):
    """Stores values of a flat list; false, and nothing stored, where one does not fit."""
    packed = [pack(format, x) for x in values]
    if None in packed:
        return False
    if packed:
        array[...] = numpy.frombuffer(b"".join(packed), array.dtype).reshape(array.shape)
    return True


def copies(draw):
    """The same format on both sides: bytes move, whatever they say."""
    memory, shape = bytearray(), someshape(draw)
    format = draw.choice(list(FORMATS))
    rows = list(shape)
    at = None
    if draw.random() < 0.3 and shape[0]:
        rows[0] = draw.randint(0, shape[0])
        at = draw.randint(1, shape[0] - rows[0] + 1)
    to, target = place(draw, shape, format, memory)
    source, origin = place(draw, rows, format, memory)
    case = {"memory": bytes(memory), "to": to, "from": source, "at": at}
    part = target() if at is None else target()[at - 1:at - 1 + rows[0]]
    part[...] = origin().copy()
    case["want"] = bytes(memory)
    return case


def conversions(draw):
    """Two formats: every value goes by its meaning, or nothing is written. Views overlap or not."""
    shape = someshape(draw)
    names = draw.choice([NUMBERS, NUMBERS, NARROW, list(STRINGS)])
    a, b = draw.choice(names), draw.choice(names)
    memory = bytearray()
    to, target = place(draw, shape, b, memory)
    source, origin = place(draw, shape, a, memory)
    if not write(origin(), a, [somevalue(draw, a, b) for _ in range(origin().size)]):
        return None
    case = {"memory": bytes(memory), "to": to, "from": source}
    values = unpack(a, origin().tobytes())
    case["fits"] = write(target(), b, values)
    case["want"] = bytes(memory)
    return case


def somevalue(draw, a, b):
    """A value that a holds, and mostly b too; no NaN, whose bits are free."""
    for _ in range(30):
        if a[-1] in "csp":
            return bytes(draw.choices(b"xyz\0", k=1 if b in ("c", "1s") else min(struct.calcsize(a), 3)))
        x = draw.choice([draw.randint(0, 127), draw.randint(-3, 200), someinteger(draw), somefloat(draw)])
        if x == x and pack(a, x) is not None and (pack(b, unpack(a, pack(a, x))[0]) or draw.random() < 0.01):
            return x
    return 1


def fills(draw):
    """fill() of a range of rows, in place."""
    memory, shape = bytearray(), someshape(draw)
    format = draw.choice(NUMBERS)
    to, target = place(draw, shape, format, memory)
    i, j, _ = somerange(draw, shape[0])
    value = somevalue(draw, format, format)
    if isinstance(value, int) and value >= 2**63 and format[-1] != "Q":
        value = float(value)
    case = {"memory": bytes(memory), "to": to, "i": i, "j": j, "value": value}
    part = target()[pyslice(shape[0], i, j)]
    write(part, format, [value] * part.size)
    case["want"] = bytes(memory)
    return case


def swaps(draw):
    """byteswap(), in place."""
    memory, shape = bytearray(), someshape(draw)
    to, target = place(draw, shape, draw.choice(list(FORMATS)), memory)
    case = {"memory": bytes(memory), "to": to}
    target().byteswap(inplace=True)
    case["want"] = bytes(memory)
    return case


def searches(draw):
    """index() and count() of a value in a strided view, with a list of its items."""
    memory, n = bytearray(), draw.randint(0, 30)
    a = draw.choice(NUMBERS)
    to, target = place(draw, [n], a, memory)
    items = [draw.choice([0, 1, 2, 100, somefloat(draw), someinteger(draw)]) for _ in range(n)]
    items = [x if pack(a, x) is not None else 1 for x in items]
    write(target(), a, items)
    items = unpack(a, target().tobytes())
    x = draw.choice([draw.choice(items or [1]), 1, 1.0, 2, 0.5, -0.0, float("nan"), 300, somefloat(draw)])
    if isinstance(x, int) and x >= 2**63 and a[-1] != "Q":
        x = float(x)
    if not isinstance(x, int) and x < 0 and a[-1] == "Q":
        return None
    i, j, _ = somerange(draw, n)
    part = pyslice(n, i, j)
    places = [k for k in range(n)[part] if items[k] == x]
    return {"memory": bytes(memory), "to": to, "value": x, "i": i, "j": j,
            "index": places[0] + 1 if places else None, "count": len(places)}


if __name__ == "__main__":
    serve(copies, conversions, fills, swaps, searches)
