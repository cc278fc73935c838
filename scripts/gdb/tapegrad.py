"""Tensors and shapes as gdb shows them: print x

    Tensor<float> (2, 3) float32 [1, 2, 3, 4, 5, 6]
    Tensor<float> (1000,) float32 [0, 1, 2, 3, 4, 5, 6, 7, ...] result of exp
    Tensor<float> (3,) float32 [1, 2, 3] leaf with a gradient

Load it with `source scripts/gdb/tapegrad.py`, or from ~/.gdbinit.
"""

import re
import struct

import gdb
import gdb.printing

# In the order of core/dtype.hpp: the name, what struct reads it as, and its bytes.
DTYPES = [
    ("float32", "f", 4),
    ("float64", "d", 8),
    ("bfloat16", "H", 2),
    ("float16", "e", 2),
    ("int32", "i", 4),
    ("int64", "q", 8),
    ("uint8", "B", 1),
    ("bool", "?", 1),
]
SHOWN = 8


def dims(value):
    """The numbers of a Shape or Strides."""
    rank = int(value["rank_"])
    array = value["values_"]["_M_elems"] if gdb.types.has_field(value["values_"].type, "_M_elems") else value["values_"]
    return [int(array[i]) for i in range(rank)]


def as_tuple(numbers):
    return "(" + ", ".join(map(str, numbers)) + (",)" if len(numbers) == 1 else ")")


def element(address, dtype):
    name, code, size = DTYPES[dtype]
    (value,) = struct.unpack("<" + code, bytes(gdb.selected_inferior().read_memory(address, size)))
    if name == "bfloat16":
        (value,) = struct.unpack("<f", struct.pack("<I", value << 16))
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def offsets(shape, strides, count):
    """Where the first elements lie, in row-major order."""
    index = [0] * len(shape)
    for _ in range(count):
        yield sum(i * s for i, s in zip(index, strides))
        for axis in reversed(range(len(shape))):
            index[axis] += 1
            if index[axis] < shape[axis]:
                break
            index[axis] = 0


class DimsPrinter:
    def __init__(self, value):
        self.value = value

    def to_string(self):
        return as_tuple(dims(self.value))


class TensorPrinter:
    def __init__(self, value):
        self.value = value

    def to_string(self):
        kind = re.sub(r"^.*::(Tensor\w*)", r"\1", str(self.value.type.strip_typedefs().unqualified()))
        kind = kind.rstrip(" &")
        if int(self.value["body_"]) == 0:
            return f"{kind} undefined"
        body = self.value["body_"].dereference()
        dtype, count, address = int(body["dtype"]), int(body["numel"]), int(body["data"])
        shape, strides = dims(body["shape"]), dims(body["strides"])
        shown = [
            element(address + offset * DTYPES[dtype][2], dtype)
            for offset in offsets(shape, strides, min(count, SHOWN))
        ]
        text = f"{kind} {as_tuple(shape)} {DTYPES[dtype][0]} [" + ", ".join(shown) + (", ...]" if count > SHOWN else "]")
        return text + self.place(body)

    def place(self, body):
        """What the tensor is in a graph."""
        node = self.value["node_"]
        if int(node) != 0:
            slot = re.sub(r"\bGraphNode\b.*", "Slot", str(node.dereference().type.unqualified()))
            try:
                return " result of " + node.cast(gdb.lookup_type(slot).pointer())["name"].string()
            except gdb.error:
                return " result of an operation"
        if int(body["leaf"]) == 0 or not bool(body["leaf"]["requires_grad"]):
            return ""
        return " leaf with a gradient" if int(body["leaf"]["grad"]["body_"]) != 0 else " leaf that wants a gradient"


def build():
    printers = gdb.printing.RegexpCollectionPrettyPrinter("tapegrad")
    printers.add_printer("Tensor", r"^tapegrad::(\w+::)?Tensor(<.*>|Base)$", TensorPrinter)
    printers.add_printer("Dims", r"^tapegrad::(\w+::)?Dims$", DimsPrinter)
    return printers


gdb.printing.register_pretty_printer(gdb.current_objfile(), build(), replace=True)
