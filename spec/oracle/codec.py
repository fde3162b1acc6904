"""Formats and items, with the struct module as the oracle."""
import re
import struct

from oracle import (INTEGERS, FLOATS, MASK64, isunsigned8, pack, serve, somebytes, somefloat, someformat,
                    someinteger, unpack)

ALIASES = {"u8", "i8", "u16", "i16", "u32", "i32", "u64", "i64", "f16", "f32", "f64"}


def formatcase(text, **more):
    """A text with its size, nil for a refusal, and how many values it has."""
    try:
        size = struct.calcsize(text)
    except struct.error:
        return {"format": text}
    counted = re.findall(r"(\d*)([^\d\s@=<>!x])", text)
    return {"format": text, "size": size, "values": sum(c in "sp" or int(n or 1) for n, c in counted), **more}


def sizes(draw):
    """A text of items, counts and white space. Where it has one value: bytes with that value."""
    text = draw.choice(["", "@", "=", "<", ">", "!"])
    counts = ["", "", "", "0", "1", "2", "3", "17", "007", "4294967296", "2305843009213693951"]
    for _ in range(draw.randint(0, 7)):
        space = draw.choice(["", "", "", " ", "\t\n", "\v\f\r "])
        text += space + draw.choice(counts[:draw.choice([3, 9, 9, 9, 11])]) + draw.choice("bBhHiIlLqQnNPefd?cspx")
    case = formatcase(text + draw.choice(["", "", " "]))
    if case.get("values") == 1 and 0 < case["size"] < 1000 and "0p" not in text:    # CPython fails on 0p
        case["data"] = somebytes(draw, case["size"])
        case["value"] = struct.unpack(text, case["data"])[0]
    return case


def texts(draw):
    """Mostly no formats: memview refuses what struct refuses, apart from its own T{}, (), names."""
    alphabet = "bHiqnPefd?cspx" * 2 + "0123456789" + "@=<>!" + "  \n" + "yzuwgOXZJ$&*#-+.,;'\"\\^%[]|~_\0\x01\x7f"
    text = "".join(draw.choices(alphabet, k=draw.randint(0, 6)))
    return None if text.lstrip("@=<>!") in ALIASES else formatcase(text)


def somevalue(draw, format):
    letter, wild = format[-1], draw.random() < 0.1
    if wild:
        return draw.choice([None, True, b"1", b"0x10", b"", 1, 0.5, float("nan")])
    if letter == "?":
        return draw.random() < 0.5
    if letter in "csp":
        size = struct.calcsize(format)
        return somebytes(draw, draw.choice([0, 1, size - 1, size, size + 1, draw.randint(0, 400)]))
    if letter in FLOATS:
        return draw.choice([somefloat, somefloat, someinteger])(draw)
    return draw.choice([someinteger, someinteger, somefloat])(draw)


def writes(draw):
    """One value, and its bytes or nil for a refusal."""
    format = someformat(draw)
    x = somevalue(draw, format)
    if isinstance(x, int) and not isinstance(x, bool):
        if isunsigned8(format):
            x &= MASK64
        elif x >= 2**63:
            x = float(x)
    elif isinstance(x, float) and x < 0 and isunsigned8(format):
        return None                     # -1.0: the contract leaves it open
    return {"format": format, "value": x, "want": pack(format, x), "size": struct.calcsize(format)}


def reads(draw):
    """Random bytes at a random address, and the value in them."""
    format = someformat(draw)
    data = somebytes(draw, struct.calcsize(format))
    if format[-1] in INTEGERS + FLOATS and draw.random() < 0.3:
        data = bytes(draw.choices([0, 255, 127, 128, 1, 124, 252], k=len(data)))
    shift = somebytes(draw, draw.randint(0, 7))
    return {"format": format, "shift": shift, "data": data, "want": unpack(format, data)[0]}


def packs(draw):
    """Several values in one format, with padding."""
    format, values = draw.choice(["", "@", "=", "<", ">", "!"]), []
    for _ in range(draw.randint(1, 8)):
        count = draw.choice([0, 1, 1, 2, 3])
        letter = draw.choice("bBhHiIlLqQefd?cspx")
        format += draw.choice(["", " "]) + (str(count) if count != 1 else "") + letter
        if letter in "sp":
            size = max(count - (letter == "p"), 0)
            values.append(bytes(draw.choices(range(1, 256), k=size)))
        elif letter != "x":
            size = struct.calcsize(format[0] + letter if format[0] in "@=<>!" else letter)
            one = format[0] + letter if format[0] in "=<>!" else letter
            values += unpack(one, somebytes(draw, count * size))
    if any(isinstance(x, float) and x != x for x in values) or "0p" in format:
        return None                     # the bits of NaN are free; CPython fails on 0p
    return {"format": format, "values": values, "n": len(values), "want": struct.pack(format, *values)}


def narrowings(draw):
    """A double on, beside or between two neighbours of a narrower format: ties, subnormals, the largest."""
    letter, bits, limit, above = draw.choice([("e", "H", 0x7BFF, 2.0**16), ("f", "I", 0x7F7FFFFF, 2.0**128)])
    at = draw.choice([draw.randrange(limit), draw.randrange(limit), 0, limit])
    low, high = struct.unpack("<2" + letter, struct.pack("<2" + bits, at, min(at + 1, limit)))
    x = low + ((high if at < limit else above) - low) * draw.choice([0, 0.25, 0.5, 0.5, 0.75])
    near = struct.unpack("<Q", struct.pack("<d", x))[0] + draw.choice([0, 0, 1, -1])
    x = struct.unpack("<d", struct.pack("<Q", max(near, 0)))[0] * draw.choice([1, -1])
    format = draw.choice(["", "<", ">"]) + letter
    return {"format": format, "value": x, "want": pack(format, x), "size": struct.calcsize(letter)}


serve(sizes, texts, writes, packs, reads, narrowings)
