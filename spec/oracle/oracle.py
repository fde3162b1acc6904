"""What the oracles share. Each script beside this one has topics; `SCRIPT TOPIC SEED COUNT` writes COUNT random
cases of a topic with Python's answers, one Lua table constructor a line. The rules that memview states otherwise
than Python (its manual says them) are applied here, so that the Lua side only compares."""
import random
import struct
import sys

LUA_WORDS = ("and break do else elseif end false for function goto if in local nil not or repeat return then true "
             "until while").split()
MASK64 = 2**64 - 1
LETTERS = "bBhHiIlLqQnNPefd?csp"
NATIVE_ONLY = "nNP"
INTEGERS = "bBhHiIlLqQnNP"
FLOATS = "efd"


def lua(x):
    """A value as Lua text; integers of 2^63 and more become the negative ones of the same bits."""
    if x is None:
        return "nil"
    if isinstance(x, bool):
        return "true" if x else "false"
    if isinstance(x, int):
        assert -2**63 <= x <= MASK64
        return "%d" % x if abs(x) < 2**63 else "0x%X" % (x & MASK64)
    if isinstance(x, float):
        if x != x:
            return "(0/0)"
        return x.hex() if abs(x) != float("inf") else "%s1e999" % ("-" if x < 0 else "")
    if isinstance(x, str):
        x = x.encode()
    if isinstance(x, (bytes, bytearray, memoryview)):
        return '"%s"' % "".join("\\x%02x" % b if b < 32 or b > 126 or b in b'"\\\\' else chr(b) for b in bytes(x))
    if isinstance(x, dict):
        keys = {k: k if k.isidentifier() and k.isascii() and k not in LUA_WORDS else "[%s]" % lua(k) for k in x}
        return "{%s}" % ",".join("%s=%s" % (keys[k], lua(v)) for k, v in x.items() if v is not None)
    return "{%s}" % ",".join(map(lua, x))


def serve(*topics):
    """Runs the topic named on the command line; a topic gives one case, or None where its draw was no use."""
    name, seed, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    topic = {t.__name__: t for t in topics}[name]
    draw = random.Random("%d %s" % (seed, name))
    while count > 0:
        case = topic(draw)
        if case is not None:
            print(lua(case))
            count -= 1


def somebytes(draw, n):
    return bytes(draw.choices(range(256), k=n))


def someformat(draw, letters=LETTERS):
    """Any letter in any order it has; s and p with a length."""
    letter = draw.choice(letters)
    order = draw.choice(["", "@"] if letter in NATIVE_ONLY else ["", "@", "=", "<", ">", "!"])
    count = str(draw.choice([1, 2, 3, 5, 8, 255, 256, 300])) if letter in "sp" else ""
    return order + count + letter


def isunsigned8(format):
    """Does memview take an integer as a pattern of 64 bits?"""
    return format[-1] in "QLNP" and struct.calcsize(format) == 8


def pack(format, x):
    """The bytes of one value as memview stores it, None where it refuses. Python takes True as 1, cuts strings,
    lets a native f overflow; memview takes no booleans or long strings and takes 2.0 for 2."""
    letter = format[-1]
    room = struct.calcsize(format)
    if letter in "csp":
        most = {"c": 1, "s": room, "p": min(room - 1, 255)}[letter]
        if not isinstance(x, bytes) or len(x) > most or (letter == "c" and len(x) < 1):
            return None
    elif letter == "?" or isinstance(x, (bool, bytes)) or x is None:
        if letter != "?" or not isinstance(x, bool):
            return None
    elif letter in INTEGERS:
        if isinstance(x, float):
            if x != x or x != x // 1 or abs(x) == float("inf"):
                return None
            x = int(x)
        if letter == "P" and room == 4 and x < 0:       # Python takes a pattern; memview only where it has 64 bits
            return None
    elif letter == "f" and format[0] not in "<>!":
        format = "=f"
    try:
        return struct.pack(format, x)
    except (struct.error, OverflowError):
        return None


def unpack(format, data):
    """All items of the data, flat."""
    return [x for item in struct.iter_unpack(format, data) for x in item]


def pyslice(n, i=None, j=None, step=None):
    """Python's slice for memview's range of a dimension of n: 1-based, inclusive, clamped."""
    step = 1 if step is None else step
    if step > 0:
        start = 0 if i is None or i == 0 else i - 1 if i > 0 else max(n + i, 0)
        stop = n if j is None or j == -1 else j if j >= 0 else max(n + j + 1, 0)
    else:
        start = n - 1 if i is None else i - 1 if i > 0 else n + i if i < 0 else -1
        if start < 0:
            return slice(0, 0, step)
        stop = None if j is None or j in (0, 1) else j - 2 if j > 0 else n + j - 1
        if stop is not None and stop < 0:
            stop = None
    return slice(start, stop, step)


def somerange(draw, n):
    """i, j, step for a dimension of n: mostly near it, at times far away; any may be None."""
    def position():
        kind = draw.random()
        if kind < 0.2:
            return None
        if kind < 0.95:
            return draw.randint(-n - 2, n + 2)
        return draw.choice([2**63 - 1, -2**63, 2**62, -2**53, 2**31, -2**31, 1000])

    step = draw.choice([None, None, 1, -1, 2, -2, 3, -3, 5, draw.choice([2**63 - 1, -2**63, 2**62, -100])])
    return position(), position(), step


def somefloat(draw):
    """Edges, ties of the narrower formats, small integers, any bits."""
    kind = draw.randrange(4)
    if kind == 0:
        return draw.choice([
            0.0, -0.0, 0.5, 1.5, -2.5, 65504.0, 65519.99, 65520.0, 2.0**-24, 2.0**-25, 2.0**-14, 2.0**-149, 2.0**-150,
            5e-324, 3.4028234663852886e38, 3.4028235677973366e38, 3.5e38, 1.7e308, 2.0**53, 2.0**63, -2.0**63, 2.0**64,
            float("inf"), float("-inf"), float("nan")])
    if kind == 1:
        return float(draw.randint(-300, 300)) * 2.0**draw.randint(-30, 30)
    if kind == 2:
        return draw.choice([1, -1]) * 2.0**draw.randint(0, 64) + draw.choice([0, 1, -1])
    return struct.unpack("d", somebytes(draw, 8))[0]


def someinteger(draw):
    """Near powers of two of either sign, within 64 bits, signed or unsigned."""
    if draw.random() < 0.2:
        return draw.randint(-2**63, MASK64)
    return min(max(draw.choice([1, -1]) * 2**draw.randint(0, 64) + draw.randint(-2, 2), -2**63), MASK64)
