"""Programs of Buffer operations, with bytearray as the oracle; live views are memoryviews of it."""
from oracle import pyslice, serve, somebytes, somerange


def asbytes(x):
    return x if isinstance(x, bytes) else bytes([x])


class Program:
    """A bytearray and its live views; each operation gives its arguments and what it answers, or raises."""

    def __init__(self, draw):
        self.draw = draw
        self.bytes = bytearray(somebytes(draw, draw.randint(0, 12)))
        self.views = []

    def position(self, wide=2):
        return self.draw.randint(-len(self.bytes) - wide, len(self.bytes) + wide)

    def byte(self):
        return self.draw.randrange(256) if self.draw.random() < 0.95 else self.draw.choice([256, -1, 1000])

    def chunk(self):
        """A byte or a few."""
        return somebytes(self.draw, self.draw.randint(0, 5)) if self.draw.random() < 0.5 else self.byte()

    def range(self):
        """i, j and the slice they are; j has no default in remove()."""
        i, j, _ = somerange(self.draw, len(self.bytes))
        i, j = 1 if i is None else i, -1 if j is None else j
        return i, j, pyslice(len(self.bytes), i, j)

    # Each operation gives its arguments and a function that does it, so that arguments are known if it raises.
    # bytearray itself refuses a new size while there are views.

    def append(self):
        args = [self.chunk() for _ in range(self.draw.randint(1, 3))]

        def do():
            self.bytes[len(self.bytes):] = b"".join(map(asbytes, args))
        return args, do

    def insert(self):
        i, x = self.position(), self.chunk()

        def do():
            at = i - 1 if i > 0 else len(self.bytes) + i
            if i == 0 or not 0 <= at <= len(self.bytes):
                raise IndexError
            self.bytes[at:at] = asbytes(x)
        return [i, x], do

    def remove(self):
        if self.draw.random() < 0.5:
            i = self.position()

            def do():
                if i == 0:
                    raise IndexError
                self.bytes.pop(i - 1 if i > 0 else i)
            return [i], do
        i, j, part = self.range()

        def cut():
            del self.bytes[part]
        return [i, j], cut

    def resize(self):
        n = self.draw.choice([len(self.bytes), self.draw.randint(0, 60), len(self.bytes) + 1, -1])
        byte = self.draw.choice([None, self.byte()])

        def do():
            filler = bytes([byte or 0])
            if n < 0:
                raise ValueError
            self.bytes[min(n, len(self.bytes)):] = filler * (n - len(self.bytes))
        return [n, byte], do

    def clear(self):
        def do():
            self.bytes[:] = b""
        return [], do

    def reserve(self):
        n = self.draw.choice([0, 10, 200, -1])

        def do():
            if n < 0:
                raise ValueError
            if self.views:
                raise BufferError
        return [n], do

    def setbyte(self):
        i, x = self.position(), self.byte()

        def do():
            if i == 0:
                raise IndexError
            self.bytes[i - 1 if i > 0 else i] = x
        return [i, x], do

    def view(self):
        i, j, step = somerange(self.draw, len(self.bytes))
        view = memoryview(self.bytes)[pyslice(len(self.bytes), i, j, step)]
        self.views.append(view)
        return [i, j, step], view.tobytes

    def release(self):
        k = self.draw.randint(1, max(len(self.views), 1))
        if self.views:
            self.views.pop(k - 1).release()
        return [k], lambda: None

    def poke(self):
        """A write through a view."""
        k, x = self.draw.randint(1, max(len(self.views), 1)), self.draw.randrange(256)
        at = 0
        if self.views and len(self.views[k - 1]):
            at = self.draw.randrange(len(self.views[k - 1])) + 1
            self.views[k - 1][at - 1] = x
        return [k, at, x], lambda: None

    def tobytes(self):
        i, j, part = self.range()
        return [i, j], lambda: bytes(self.bytes[part])

    def find(self):
        needle = bytes(self.bytes[:2]) if self.draw.random() < 0.5 else somebytes(self.draw, 1)

        def do():
            at = self.bytes.find(needle)
            return at + 1 if at >= 0 else None
        return [needle], do

    def hex(self):
        args = self.draw.choice([[], [":"], [" ", 2], ["-", -3]])
        return args, lambda: self.bytes.hex(*args)

    def compare(self):
        x = bytes(self.bytes) + self.draw.choice([b"", b"\0"]) if self.draw.random() < 0.5 else somebytes(self.draw, 3)
        return [x], lambda: (self.bytes > x) - (self.bytes < x)

    def getbyte(self):
        i = self.position()

        def do():
            return self.bytes[i - 1 if i > 0 else i] if i and -len(self.bytes) <= i <= len(self.bytes) else None
        return [i], do


OPERATIONS = (["append"] * 4 + ["insert"] * 3 + ["remove"] * 3 + ["setbyte"] * 2 + ["resize"] * 2 + ["release"] * 5
              + ["clear", "reserve", "view", "view", "poke", "tobytes", "find", "hex", "compare", "getbyte"])


def programs(draw):
    """Operations, each with the contents after it and its answer, or `refused`."""
    program, steps = Program(draw), []
    case = {"init": bytes(program.bytes), "steps": steps}
    for _ in range(30):
        name = draw.choice(OPERATIONS)
        args, do = getattr(program, name)()
        step = {"name": name, "args": args, "n": len(args)}
        try:
            step["want"] = do()
        except (ValueError, IndexError, BufferError):
            step["refused"] = True
        step["bytes"] = bytes(program.bytes)
        steps.append(step)
    return case


serve(programs)
