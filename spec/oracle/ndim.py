"""Shapes: slices, transposes, reshapes and casts of views in N dimensions, with numpy as the oracle."""
import numpy

from oracle import pyslice, serve, somebytes, somerange

FORMATS = {"B": "u1", "b": "i1", "<h": "<i2", ">h": ">i2", "I": "u4", ">i": ">i4", "<q": "<i8", ">Q": ">u8",
           "<e": "<f2", ">f": ">f4", "d": "f8", "3s": "S3", "c": "S1"}


def someview(draw, size=None):
    """format, shape, order and bytes of a contiguous view, and the array of them."""
    format = draw.choice(list(FORMATS))
    shape = [draw.choice([0, 1, 2, 2, 3, 3, 4, 5]) for _ in range(draw.choice([0, 1, 2, 2, 3, 3, 4]))]
    order = draw.choice("CCF")
    dtype = numpy.dtype(FORMATS[format])
    count = int(numpy.prod(shape, dtype=int))
    data = somebytes(draw, count * dtype.itemsize)
    if dtype.kind == "S":               # numpy cuts zeros at the end
        data = bytes(b % 255 + 1 for b in data)
    array = numpy.frombuffer(data, dtype).reshape(shape, order=order)
    return {"format": format, "shape": shape, "order": order, "data": data}, array


def pick(draw, n):
    """One argument of slice() for a dimension of n, and what numpy takes for it."""
    if n > 0 and draw.random() < 0.25:
        i = draw.choice([draw.randint(1, n), -draw.randint(1, n)])
        return i, i - 1 if i > 0 else n + i
    if draw.random() < 0.2:
        return draw.choice([None, []]), slice(None)
    i, j, step = somerange(draw, n)
    if draw.random() < 0.5:             # keep more of the dimension than random ranges do
        i = j = None
    return [i, j, step], pyslice(n, i, j, step)


def op_slice(draw, a):
    picks = [pick(draw, n) for n in a.shape[:draw.randint(0, a.ndim)]]
    return [p[0] for p in picks], a[tuple(p[1] for p in picks) + (...,)]


def op_sub(draw, a):
    if a.ndim:
        i, j, step = somerange(draw, len(a))
        return [i, j, step], a[pyslice(len(a), i, j, step)]


def op_row(draw, a):
    if a.ndim > 1 and len(a):
        i = draw.randrange(len(a))
        return [draw.choice([i + 1, i - len(a)])], a[i]


def op_transpose(draw, a):
    if draw.random() < 0.3:
        return [], a.transpose()
    axes = draw.sample(range(a.ndim), a.ndim)
    return [draw.choice([d + 1, d - a.ndim]) for d in axes], a.transpose(axes)


def inmemory(a):
    """The items of a contiguous array, in one dimension, as they lie in memory; None for others."""
    if a.flags.c_contiguous or a.flags.f_contiguous:
        return a.reshape(-1, order="C" if a.flags.c_contiguous else "F")


def factors(draw, n, most=4):
    """A shape of n items."""
    shape = [draw.choice([1, 2, 3, 4]) for _ in range(draw.randint(0, most - 1))]
    count = int(numpy.prod(shape, dtype=int))
    if n % count:
        return [n]
    shape.insert(draw.randint(0, len(shape)), n // count)
    return shape


def op_reshape(draw, a):
    flat = inmemory(a)
    if flat is None:
        return None
    shape, order = factors(draw, a.size), draw.choice("CF")
    result = flat.reshape(shape, order=order)
    if a.size and draw.random() < 0.4:
        shape[draw.randrange(len(shape))] = -1
    return [shape, order], result


def op_clone(draw, a):
    return [], a.copy("C")


def op_tocontiguous(draw, a):
    order = draw.choice("CFA")
    fits = a.flags.c_contiguous * "CA" + a.flags.f_contiguous * "FA"
    return [order], a if order in fits else a.copy(order.replace("A", "C"))


def op_toreadonly(draw, a):
    return [], a


OPS = ([op_slice] * 4 + [op_sub, op_row] + [op_transpose] * 3 + [op_reshape] * 2
       + [op_clone, op_tocontiguous, op_toreadonly])


def someops(draw, a, most=5):
    """A few operations, as memview is to do them, and the array they make of a."""
    ops = []
    for _ in range(draw.randint(0, most)):
        op = draw.choice(OPS)
        done = op(draw, a)
        if done:
            ops.append({"name": op.__name__[3:], "args": done[0], "n": len(done[0])})
            a = done[1]
    return ops, a


def strides(a):
    """The strides that can be seen: of dimensions of one item, or of none, they are free."""
    return [s if n > 1 and a.size else False for n, s in zip(a.shape, a.strides)]


def facts(a):
    flags = a.flags
    return {
        "shape": a.shape, "strides": strides(a), "ndim": a.ndim, "itemsize": a.itemsize, "nbytes": a.nbytes,
        "c_contiguous": flags.c_contiguous, "f_contiguous": flags.f_contiguous,
        "contiguous": flags.c_contiguous or flags.f_contiguous,
        "c": a.tobytes("C"), "f": a.tobytes("F"), "a": a.tobytes("A"), "list": a.tolist(),
        "equal": bool((a == a).all()),  # no NaN in it?
    }


def shapes(draw):
    """A view, operations one after another, and all there is to see of the result; then a range of its rows."""
    case, a = someview(draw)
    case["ops"], a = someops(draw, a)
    case["want"] = facts(a)
    if a.ndim:
        i, j, _ = somerange(draw, len(a))
        rows = a[pyslice(len(a), i, j)]
        case["rows"] = {"i": 1 if i is None else i, "j": j, "bytes": rows.tobytes(), "list": rows.tolist()}
    if a.size:
        at = [draw.randrange(n) for n in a.shape]
        case["at"] = [draw.choice([k + 1, k - n]) for k, n in zip(at, a.shape)]
        case["item"] = a[tuple(at)].item() if a.dtype.kind != "S" else bytes(a[tuple(at)])
    return case


def refusals(draw):
    """The last operation is one that numpy refuses."""
    case, a = someview(draw)
    case["ops"], a = someops(draw, a, 2)
    if not a.ndim:
        return None
    kind = draw.choice(["slice", "slice", "transpose", "reshape", "get"])
    at = draw.randrange(a.ndim)
    if kind in ("slice", "get"):
        n = a.shape[at]
        args = [1] * a.ndim
        args[at] = draw.choice([0, n + 1, -n - 1, n + draw.randint(1, 2**62), -2**63])
    elif kind == "transpose":
        args = [draw.randint(1, a.ndim) for _ in range(a.ndim + draw.choice([-1, 0, 1]))]
        if not args or sorted(args) == list(range(1, a.ndim + 1)):
            return None
    else:
        args = [draw.choice([[a.size + 1], [-1, a.size + 1], [2**62, 4], [-2], [-1, -1], [0, -1]]), "C"]
        if a.size == 0 and args[0] == [-1, 1]:
            return None
    case["ops"].append({"name": kind, "args": args, "n": len(args)})
    return case


def somecast(draw, a):
    """A format, mostly one that a's last dimension can take."""
    return draw.choice([f for f, d in FORMATS.items() if a.ndim and a.size and
                        a.shape[-1] * a.itemsize % numpy.dtype(d).itemsize == 0 or draw.random() < 0.2] or ["B"])


def casts(draw):
    """cast() of whole contiguous views, with a shape or without, and of the last dimension of others."""
    case, a = someview(draw)
    case["ops"], a = someops(draw, a, 3)
    case["cast"] = somecast(draw, a)
    dtype = numpy.dtype(FORMATS[case["cast"]])
    flat = inmemory(a)
    if flat is not None:
        if a.nbytes % dtype.itemsize:
            return case
        result = flat.view("u1").view(dtype)
        if draw.random() < 0.5:
            case["castshape"], case["castorder"] = factors(draw, result.size), draw.choice("CF")
            result = result.reshape(case["castshape"], order=case["castorder"])
    else:
        if a.strides[-1] != a.itemsize and a.shape[-1] > 1:
            return case                 # numpy can where the itemsize is the same; memview does not
        if draw.random() < 0.1:
            case["castshape"] = [a.size]
            return case
        if a.shape[-1] * a.itemsize % dtype.itemsize:
            return case
        result = a.view("u1").view(dtype)
    if dtype.kind == "S" and b"\0" in result.tobytes():
        return None
    case["want"] = facts(result)
    return case


if __name__ == "__main__":
    serve(shapes, refusals, casts)
