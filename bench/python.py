"""The pieces of code of the columns of Python: python3 bench/python.py JOB (see bench/children.lua)."""
import ctypes
import gc
import mmap
import re
import struct
import sys
import time
from array import array

try:
    import numpy as np
except ImportError:
    np = None

lines = open(sys.argv[1]).read().splitlines()
size, items, side, needle, path, seconds = lines[0].split("\t")
size, items, side, needle, seconds = int(size), int(items), int(side), int(needle), float(seconds)


def data(n):
    """n bytes, 1 to 250 and 0, over and over."""
    return bytes([(i + 1) % 251 for i in range(251)] * (n // 251 + 1))[:n]


def view(code, n, first=0):
    """A view of n such numbers, from `first` on, in memory of its own."""
    return memoryview(array(code, [first + x for x in data(n)]))


class Record(ctypes.LittleEndianStructure):
    _pack_ = 1
    _fields_ = [("x", ctypes.c_float), ("y", ctypes.c_float), ("z", ctypes.c_float), ("id", ctypes.c_uint32)]


def mapsample(name):
    with open(name, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        with memoryview(mapped) as whole, whole[::65536] as sample:
            return sample.tobytes()


def common():
    """Names that need no numpy. A group of operations uses its own part of them."""
    text, large = data(items), [1000 + x for x in data(items)]
    wide, long = view("B", size), view("B", size + 1)
    words = memoryview(bytearray(data(size))).cast("I")
    numbers, half = list(text), needle // 2
    noise = __import__("random").Random(1).randbytes(items)
    fixed = memoryview(bytearray(data(1024)))
    return dict(
        unpack_from=struct.unpack_from, pack_into=struct.pack_into, spack=struct.pack,
        iter_unpack=struct.iter_unpack, array=array, mapsample=mapsample, path=path, text=text,
        u8s=view("B", items), i32s=view("i", items, 1000), f32s=view("f", items), others32=view("f", items),
        u16s=view("H", items), f64s=view("d", items), items8=view("B", 1000), items32=view("i", 1000, 1000),
        items64=view("d", 1000), secondbytes=view("B", 2000)[::2],
        text2=struct.pack(">1000H", *large[:1000]), textrecords=struct.pack("<4000I", *large[:4000]),
        wide=bytearray(16000), matrix=memoryview(bytearray(32000)).cast("d", (4, 1000)),
        buffer=bytearray(data(2000)), rec=Record(), recs=(Record * 1000)(), data=data(1024),
        textview=memoryview(data(1024)), fixed=fixed, numbers=large, floats=[x + 0.5 for x in large],
        src=view("B", size), same=view("B", size), dst=view("B", size), sevens=bytes([7]) * size,
        front=long[:-1], back=long[1:], evens=wide[::2], halfbytes=view("B", size // 2),
        sevens8=bytes([7]) * (size // 2), words=words[::2], halfwords=view("I", size // 8),
        sevens32=view("I", size // 8), i32list=array("i", numbers), noise=noise, needle=noise[-16:-8][::-1],
        first=b"b" + b"a" * (needle - 1), last=b"a" * (needle - 1) + b"b", same1=b"a" * items,
        runs1=(b"a" * (half - 1) + b"b") * (items // half), middle=b"a" * half + b"b",
        hextext=data(size), hex=data(size).hex(), packed=bytes(12), many=bytes(12000), one=bytearray(12),
        ten=b"0123456789",
    )


def withnumpy():
    """Names of numpy's arrays."""
    fields = np.dtype([("x", "<f4"), ("y", "<f4"), ("z", "<f4"), ("id", "<u4")])
    text = np.frombuffer(data(items), "u1")
    wide, long = np.array(np.frombuffer(data(size), "u1")), np.array(np.frombuffer(data(size + 1), "u1"))
    words, structs = wide.copy().view("u4"), wide.copy().view(fields)
    square = np.frombuffer(data(1024), "u1").reshape(32, 32)
    records = np.zeros(1000, fields)
    itemrecords = np.frombuffer(struct.pack("<4000I", *range(1000, 5000)), fields).copy()
    return dict(
        nitems8=text[:1000].copy(), nitems32=text[:1000].astype("i4") + 1000,
        nitems64=text[:1000].astype("f8"), nitemsbig=(text[:1000].astype(">u2") + 1000).astype(">u2"),
        nsecondbytes=text[:2000].copy()[::2], nitemids=itemrecords["id"], np=np, copyto=np.copyto,
        array_equal=np.array_equal, count_nonzero=np.count_nonzero, frombuffer=np.frombuffer,
        nu8s=text.copy(), ni32s=text.astype("i4") + 1000, nf64s=text.astype("f8"), nbigs=text.astype(">i4"),
        nf32s=text.astype("f4"), nothers32=text.astype("f4"), nu16s=text.astype("u2"),
        ntofloat=np.zeros(items, "f4"), nto8=np.zeros(items, "u1"), nrow=np.zeros((2, 1000), "f4")[1],
        nrec=records[5], nrecs=records, nmatrix=np.zeros((4, 1000)), ntext=square.reshape(-1),
        nfixed=square.copy().reshape(-1), nsquare=square, nstructs=structs, nsrc=wide, nsame=wide.copy(),
        ndst=wide.copy(), nfront=long[:-1], nback=long[1:], nevens=wide.copy()[::2],
        nhalfbytes=wide[: size // 2].copy(), nwords=words[::2], nhalfwords=words[: size // 8].copy(),
        ncolumn=structs["id"], nids=structs["id"].copy(), nto4=np.zeros((side, side), "u4"),
        nturned4=np.arange(side * side, dtype="u4").reshape(side, side).T,
        nto1=np.zeros((side, side), "u1"),
        nturned1=np.arange(side * side).astype("u1").reshape(side, side).T,
    )


def loop(before, code, names):
    """A function of n that does the code n times and tells the seconds; and what n is a multiple of."""
    used = sorted(set(re.findall(r"[A-Za-z_]\w*", before + " " + code)) & set(names))
    inblocks = before != "" or re.search(r"\bi\b", re.sub("'[^']*'", "", code))
    head = "def run(n, clock, r, %s):\n start = clock()\n" % ", ".join(name + "=" + name for name in used)
    if inblocks:
        body = " for _ in range(n // 1000):\n  %s\n  for i in r:\n   %s\n" % (before or "pass", code)
    else:
        body = " for _ in range(n):\n  %s\n" % code
    made = {}
    exec(head.replace(", )", ")") + body + " return clock() - start\n", names, made)
    return (lambda n: made["run"](n, time.process_time, range(1000))), 1000 if inblocks else 1


def fit(run, unit):
    """How many turns of a loop a measurement needs."""
    n = unit
    while True:
        took = run(n)
        if took >= seconds:
            return n
        n = max(int(seconds * 1.2 / max(took, seconds / 100) * n / unit) + 1, n // unit + 1) * unit


def best(run, n):
    """The least nanoseconds of one turn of a loop: of five measurements, of one where it takes long."""
    took = run(n)
    if took < 4 * seconds:
        took = min([took] + [run(n) for _ in range(4)])
    return took / n * 1e9


def main():
    names = common()
    if np is not None:
        names.update(withnumpy())
    gc.collect()
    gc.disable()
    print("version\tCPython %s" % sys.version.split()[0])
    if np is not None:
        print("version\tnumpy %s" % np.__version__)
    loops = loop("", "pass", {}), loop("pass", "pass", {})
    empty = {unit: best(run, fit(run, unit)) for run, unit in loops}
    for line in lines[1:]:
        column, number, per, n, before, code = line.split("\t")
        if column == "numpy" and np is None:
            continue
        run, unit = loop(before, code, names)
        n = int(n) or fit(run, unit)
        print("%s\t%s\t%.4f\t%d" % (column, number, max(best(run, n) - empty[unit], 0.01) / int(per), n))


main()
