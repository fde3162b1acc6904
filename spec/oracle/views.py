"""cast() and equality, with memoryview and struct as the oracle; no numpy is needed."""
import math
import struct

from oracle import FLOATS, INTEGERS, pack, serve, somebytes, someformat, someinteger, somefloat, unpack


def someshape(draw, n):
    """Lengths whose product is n, in up to four dimensions."""
    shape = []
    for _ in range(draw.randint(1, 3)):
        length = draw.choice([d for d in range(1, n + 1) if n % d == 0] or [0])
        shape.append(length)
        n = n // length if length else 0
    shape.insert(draw.randint(0, len(shape)), n)
    return shape


def casts(draw):
    """A cast that CPython can do, by way of bytes and 1-D; its sizes may disagree."""
    letters = "bBhHiIlLqQnNPfd?c"
    data = somebytes(draw, draw.choice([0, 1, 4, 8, 24, 48, 64, 96]) + (draw.random() < 0.1))
    source, target = (draw.choice(["", "@"]) + draw.choice(letters) for _ in range(2))
    if len(data) % struct.calcsize(source):
        source = "B"
    case = {"data": data, "source": source, "format": target}
    count, rest = divmod(len(data), struct.calcsize(target))
    if data and draw.random() < 0.6:
        case["shape"] = someshape(draw, count) if count else [1]
        if draw.random() < 0.1:
            case["shape"][0] += 1
    if rest or math.prod(case.get("shape", [count])) != count:
        return case
    view = memoryview(data).cast(target, *([case["shape"]] if "shape" in case else []))
    case["want"] = {"shape": view.shape, "strides": view.strides, "list": view.tolist(), "nbytes": view.nbytes}
    if target[-1] == "?":               # before 3.15 memoryview reads a byte of 2 as C pleases
        case["want"]["list"] = truths(view.cast("B").cast("B", view.shape).tolist() if data else [])
    return case


def truths(x):
    return [truths(y) for y in x] if isinstance(x, list) else x != 0


def equalities(draw):
    """Two views of the same or nearly the same values in two formats, one value or the shape perhaps changed."""
    group = draw.choice([INTEGERS + FLOATS] * 4 + ["csp", "?", "csp?B"])
    a, b = someformat(draw, group), someformat(draw, group)
    n = draw.choice([0, 1, 2, 6, 6, 40])
    left, right = [], []
    for _ in range(n):
        left.append(matching(draw, a, b))
        right.append(left[-1])
    if n and draw.random() < 0.3:
        right[draw.randrange(n)] = matching(draw, b, b)
    if None in (pack(a, x) for x in left) or None in (pack(b, x) for x in right):
        return None
    one, two = (b"".join(pack(f, x) for x in xs) for f, xs in ((a, left), (b, right)))
    if n and a[-1] in FLOATS and draw.random() < 0.1:
        one = somebytes(draw, len(one))
    shapes = [[n], [n]]
    if n and draw.random() < 0.4:
        shapes[0] = someshape(draw, n)
        shapes[1] = shapes[0] if draw.random() < 0.8 else someshape(draw, n)
    case = {"a": one, "b": two, "aformat": a, "bformat": b, "ashape": shapes[0], "bshape": shapes[1]}
    case["want"] = shapes[0] == shapes[1] and alike(unpack(a, one), unpack(b, two))
    return case


def alike(xs, ys):
    """Equal lists; a boolean equals booleans only, as it does in Lua."""
    return all(x == y and isinstance(x, bool) == isinstance(y, bool) for x, y in zip(xs, ys))


def matching(draw, a, b):
    """A value for format a which b may hold too."""
    if a[-1] == "?":
        return draw.random() < 0.5
    if a[-1] in "csp":
        return bytes(draw.choices(b"ab\0", k=draw.randint(1, 3)))
    for _ in range(20):
        x = draw.choice([draw.randint(-3, 100), draw.randint(0, 255), someinteger(draw), somefloat(draw)])
        if pack(a, x) is not None and pack(b, x) is not None:
            break
    return x


def records(draw):
    """Two flat records in two orders: padding does not count, every value does."""
    letters = draw.choices("bBhHiIlLqQefd?", k=draw.randint(2, 5))
    rows = [[1 == draw.randint(0, 1) if c == "?" else draw.randint(0, 100) for c in letters] for _ in range(3)]
    formats, images = [], []
    for _ in range(2):
        items = [draw.choice(["", "x", "2x"]) + (c if draw.random() < 0.7 else widened(draw, c)) for c in letters]
        format = draw.choice(["", "<", ">", "="]) + "".join(items)
        formats.append(format)
        images.append(b"".join(struct.pack(format, *row) for row in rows))
        rows[0][0] = rows[0][0] if draw.random() < 0.7 else letters[0] != "?" and rows[0][0] + 1
    want = all(alike(x, y) for x, y in zip(*(struct.iter_unpack(f, i) for f, i in zip(formats, images))))
    return {"a": images[0], "b": images[1], "aformat": formats[0], "bformat": formats[1], "want": want,
            "ashape": [3], "bshape": [3]}


def widened(draw, letter):
    return letter if letter == "?" else draw.choice("iIqQfd")


serve(casts, equalities, records)
