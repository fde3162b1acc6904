"""Ranges, hexadecimal text, search and order of bytes, with bytes and memoryview as the oracle."""
from oracle import pyslice, serve, somebytes, somerange


def ranges(draw):
    """The positions that a range takes, and the stride of the view."""
    n = draw.choice([0, 1, 2, 3, 5, 8, 12, 40])
    i, j, step = somerange(draw, n)
    view = memoryview(bytes(range(1, n + 1)))[pyslice(n, i, j, step)]
    stride = view.strides[0] if len(view) > 1 else None
    return {"n": n, "i": i, "j": j, "step": step, "want": view.tolist(), "stride": stride}


def hexes(draw):
    """hex() of every second or so byte, with good and bad separators."""
    data = somebytes(draw, draw.choice([0, 1, 2, 3, 7, 8, 20, 100]))
    step = draw.choice([1, 1, 2, -1, -3])
    sep = draw.choice([None, ":", " ", "-", "_", "\n", "a", "\0", b"\xe9", b"", b"::", b"\x7f"])
    group = draw.choice([None, 0, 1, 2, 3, 4, -1, -2, -3, -8, 100, -100, 2**31 - 1, -2**31 + 1])
    case = {"data": data, "step": step, "sep": sep, "group": group}
    try:
        case["want"] = memoryview(data)[::step].hex(*([] if sep is None else [sep] if group is None else [sep, group]))
    except ValueError:
        pass
    return case


def texts(draw):
    """Hexadecimal text with white space in it, and at times something else."""
    text = somebytes(draw, draw.randint(0, 6)).hex(draw.choice([" ", "\n", "\t", "\f"]))
    text = "".join(draw.choice([c, c.upper()]) for c in text)
    if draw.random() < 0.5:
        at = draw.randint(0, len(text))
        text = text[:at] + draw.choice(["", " ", "  ", "a", "g", "-", "\0", "\v", "\r", "x", "é"]) + text[at:]
    try:
        return {"text": text, "want": bytes.fromhex(text)}
    except ValueError:
        return {"text": text}


def finds(draw):
    """A needle, mostly cut from the haystack, and its place; init by the rules of string.find."""
    alphabet = draw.choice([b"a", b"ab", b"ab", b"abc\0\xff", bytes(range(256))])
    hay = bytes(draw.choices(alphabet, k=draw.choice([0, 1, 2, 5, 16, 40, 300, 2000])))
    at, size = draw.randint(0, len(hay)), draw.choice([0, 1, 1, 2, 3, 4, 8, 17, 64, 500])
    needle = hay[at:at + size]
    if draw.random() < 0.4:
        needle = bytes(draw.choices(alphabet, k=size))
    init = draw.choice([None, 1, draw.randint(-len(hay) - 2, len(hay) + 3), 2**63 - 1, -2**63])
    start = 0 if init is None or init == 0 else init - 1 if init > 0 else max(len(hay) + init, 0)
    found = hay.find(needle, start) if start <= len(hay) else -1
    case = {"hay": hay, "needle": needle, "init": init, "format": draw.choice(["B", "b", "c", "?", "1s", "<B", "1p"])}
    if found >= 0:
        case["first"], case["last"] = found + 1, found + len(needle)
    return case


def orders(draw):
    """-1, 0 or 1 for two byte strings, mostly alike."""
    a = bytes(draw.choices(draw.choice([b"a\xff", bytes(range(256))]), k=4 * draw.choice([0, 1, 2, 4, 25])))
    b = draw.choice([a, a, a[:len(a) // 8 * 4], a + b"\0\0\0\0", somebytes(draw, 4)])
    if b and draw.random() < 0.5:
        at = draw.randrange(len(b))
        b = b[:at] + somebytes(draw, 1) + b[at + 1:]
    return {"a": a, "b": b, "want": (a > b) - (a < b)}


serve(ranges, hexes, texts, finds, orders)
