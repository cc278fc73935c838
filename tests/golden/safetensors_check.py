"""Both directions between tapegrad's safetensors files and the Python package.

Run      python safetensors_check.py write PATH    writes a file with the content below
         python safetensors_check.py check PATH    exits 0 when PATH holds exactly that content, else says what differs
         python_written.safetensors beside this file was made by `write`
Needs    torch, numpy, safetensors

Content, in C order. arange(n) is 0, 1, ..., n - 1; every value is exact in its type.

  name                     dtype  shape        values
  f32                      F32    (2, 3)       arange(6) * 0.5 - 1
  f64                      F64    (3, 2)       arange(6) * 0.25 + 2^-40
  bf16                     BF16   (2, 4)       arange(8) - 3.5
  f16                      F16    (5,)         arange(5) * 0.125
  i32                      I32    (2, 2)       arange(4) * 1000003 - 2147483648
  i64                      I64    (3,)         9007199254740993 + arange(3)      (2^53 + 1: not exact in a double)
  u8                       U8     (6,)         250 + arange(6)
  bool                     BOOL   (2, 3)       true where the index is a multiple of 3, or 5
  special                  F32    (5,)         nan, inf, -inf, -0.0, 2^-149
  scalar.f32               F32    ()           3.25
  scalar.i64               I64    ()           -7
  scalar.bool              BOOL   ()           true
  empty.f32                F32    (0,)
  empty.middle             F64    (2, 0, 3)
  rank8                    U8     (1, 2, 1, 2, 1, 2, 1, 2)   arange(16)
  слой.0.вес               F32    (3,)         1, 2, 3           (Cyrillic)
  層 0 / 重み               F32    (2,)         4, 5              (CJK, spaces, slash)
  emoji 😀                 I32    (1,)         6                 (outside the BMP)
  quote " backslash \\ end  I32    (1,)         7                 (one quote, one backslash)
  tab \\t newline \\n        I32    (1,)         8                 (a real tab and a real newline)
  control \\x01 \\x7f        I32    (1,)         9                 (real control characters)
  (no characters)          I32    (1,)         10                (the empty name)

  metadata  format = pt, empty = (no characters), note = a "quoted" line \\n and ü 😀 (a real newline)
"""

import json
import pathlib
import sys

import torch
from safetensors import safe_open
from safetensors.torch import save_file

METADATA = {"format": "pt", "empty": "", "note": 'a "quoted" line \n and ü 😀'}


def content():
    def arange(n, dtype=torch.float64):
        return torch.arange(n, dtype=dtype)

    def i32(*values):
        return torch.tensor(values, dtype=torch.int32)

    index = torch.arange(6)
    return {
        "f32": (arange(6) * 0.5 - 1).float().reshape(2, 3),
        "f64": (arange(6) * 0.25 + 2.0**-40).reshape(3, 2),
        "bf16": (arange(8) - 3.5).bfloat16().reshape(2, 4),
        "f16": (arange(5) * 0.125).half(),
        "i32": (arange(4, torch.int64) * 1000003 - 2147483648).int().reshape(2, 2),
        "i64": 9007199254740993 + arange(3, torch.int64),
        "u8": (250 + arange(6, torch.int64)).to(torch.uint8),
        "bool": ((index % 3 == 0) | (index == 5)).reshape(2, 3),
        "special": torch.tensor([float("nan"), float("inf"), -float("inf"), -0.0, 2.0**-149]),
        "scalar.f32": torch.tensor(3.25),
        "scalar.i64": torch.tensor(-7),
        "scalar.bool": torch.tensor(True),
        "empty.f32": torch.zeros(0),
        "empty.middle": torch.zeros(2, 0, 3, dtype=torch.float64),
        "rank8": arange(16, torch.uint8).reshape(1, 2, 1, 2, 1, 2, 1, 2),
        "слой.0.вес": torch.tensor([1.0, 2.0, 3.0]),
        "層 0 / 重み": torch.tensor([4.0, 5.0]),
        "emoji 😀": i32(6),
        'quote " backslash \\ end': i32(7),
        "tab \t newline \n": i32(8),
        "control \x01 \x7f": i32(9),
        "": i32(10),
    }


def same(a, b):
    """Equal bit for bit, but for the payload of a NaN."""
    if a.is_floating_point():
        nan = torch.isnan(a)
        if not torch.equal(nan, torch.isnan(b)) or not torch.equal(torch.signbit(a)[~nan], torch.signbit(b)[~nan]):
            return False
        a, b = a[~nan], b[~nan]
    return torch.equal(a, b)


def layout_problems(path):
    """What the format asks for and a lenient reader would let pass."""
    data = pathlib.Path(path).read_bytes()
    length = int.from_bytes(data[:8], "little")
    text = data[8 : 8 + length]
    if length % 8 != 0:
        yield f"header of {length} bytes: the data does not start at a multiple of 8"
    if not text.startswith(b"{"):
        yield "the header does not start with {"
    header = json.loads(text)
    header.pop("__metadata__", None)
    at = 0
    for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        begin, end = entry["data_offsets"]
        if begin != at:
            yield f"{name!r} begins at {begin}, the tensor before it ends at {at}"
        at = end
        size = {"F64": 8, "I64": 8, "F32": 4, "I32": 4, "BF16": 2, "F16": 2}.get(entry["dtype"], 1)
        if begin % size != 0:
            yield f"{name!r} begins at {begin}: not aligned to its {size}-byte elements"
    if 8 + length + at != len(data):
        yield f"the file has {len(data)} bytes, header and tensors {8 + length + at}"


def problems(path):
    wanted = content()
    with safe_open(path, framework="pt") as file:
        if file.metadata() != METADATA:
            yield f"metadata: {file.metadata()!r} instead of {METADATA!r}"
        names = set(file.keys())
        for name in sorted(wanted.keys() - names):
            yield f"{name!r} is missing"
        for name in sorted(names - wanted.keys()):
            yield f"{name!r} is too much"
        for name in sorted(names & wanted.keys()):
            a, b = file.get_tensor(name), wanted[name]
            if a.dtype != b.dtype:
                yield f"{name!r}: {a.dtype} instead of {b.dtype}"
            elif a.shape != b.shape:
                yield f"{name!r}: shape {tuple(a.shape)} instead of {tuple(b.shape)}"
            elif not same(a, b):
                yield f"{name!r}: {a.tolist()} instead of {b.tolist()}"
    yield from layout_problems(path)


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in ("write", "check"):
        sys.exit("usage: safetensors_check.py write|check PATH")
    command, path = sys.argv[1:]
    if command == "write":
        save_file(content(), path, metadata=METADATA)
        return
    found = list(problems(path))
    for problem in found:
        print("safetensors_check:", problem)
    print(f"{path}: {'differs' if found else 'ok'}, {len(content())} tensors expected")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
