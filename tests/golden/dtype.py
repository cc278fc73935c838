"""Bit patterns of float32 and float64 values converted to bfloat16 and float16.

Run      python dtype.py      writes dtype.safetensors beside this file
Needs    torch, numpy, safetensors

Every tensor is I64 and holds bit patterns, so that NaN payloads and signed zeros survive; row i of a group belongs to
row i of its input. Where the input is NaN only "is NaN, same sign" is meant: the bits of a NaN are nobody's promise.

Content  float32                           input, float32 bits in the low half
         float32.bfloat16, float32.float16     rounded to nearest, ties to even
         float64                           input, float64 bits
         float64.bfloat16, float64.float16     rounded once, straight from the double
         float64.via_float32.bfloat16, .float16   rounded to float32 first, as a cast in PyTorch does: differs from the
                                               single rounding where the double lies just off a tie
         bfloat16, bfloat16.float32        widening, exact: 16-bit patterns and their float32 bits
         float16, float16.float32
"""

import pathlib
from fractions import Fraction

import numpy as np
import torch
from safetensors.numpy import save_file

FORMATS = {"bfloat16": (7, -126, 127), "float16": (10, -14, 15)}  # stored mantissa bits, least and greatest exponent


def rounded(value, name):
    """The bits of a float64 in a 16-bit format, rounded once, in exact arithmetic."""
    mantissa, least, greatest = FORMATS[name]
    sign = int(np.signbit(value)) << 15
    infinity = (greatest - least + 2) << mantissa
    if np.isnan(value):
        return sign | infinity | 1 << (mantissa - 1)
    if np.isinf(value):
        return sign | infinity
    magnitude = abs(Fraction(float(value)))
    exponent = least
    while exponent <= greatest and magnitude >= Fraction(2) ** (exponent + 1):
        exponent += 1
    ulps = round(magnitude / Fraction(2) ** (exponent - mantissa))  # Fraction rounds ties to even
    return sign | min(((exponent - least) << mantissa) + ulps, infinity)


def inputs():
    """Values around everything where a rounding can go wrong."""
    base = [0.0, 1.0, 1.5, 2.0, 3.141592653589793, 1 / 3, 0.1, 123.456, 1000.0, 2048.0, 2049.0, 2051.0, 65503.0]
    for mantissa, least, greatest in FORMATS.values():
        step = 2.0**-mantissa
        for scale in (1.0, 2.0**-5, 2.0**9):
            for k in (0, 1, 2, 3, 2**mantissa - 2, 2**mantissa - 1):  # each representable value, and the tie above it
                base += [scale * (1 + k * step), scale * (1 + (k + 0.5) * step)]
        tiny = 2.0 ** (least - mantissa)
        full = 2**mantissa
        base += [tiny * k for k in (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 3.5, 7.5, full - 1, full - 0.5, full)]
        largest = 2.0**greatest * (2 - step)
        base += [largest, 2.0**greatest * (2 - step / 2), 2.0**greatest * (2 - step * 3 / 4), 2.0**greatest * (2 - step / 4)]
    base += [float(np.finfo(np.float32).max), float(np.finfo(np.float32).tiny), 2.0**-149, 2.0**-148, 2.0**-127]
    return base + [65519.996, 65520.0, 65536.0, 1e10]


def main():
    torch.set_num_threads(1)
    base = inputs()
    with np.errstate(over="ignore"):
        singles = np.array(base, dtype=np.float64).astype(np.float32)
        above, below = np.nextafter(singles, np.float32(np.inf)), np.nextafter(singles, np.float32(0))
    singles = np.concatenate([singles, above, below, np.float32([np.inf])])
    singles = np.unique(singles.view(np.uint32))
    singles = np.concatenate([singles, singles | np.uint32(1 << 31)])
    nans = [0x7FC00000, 0x7F800001, 0x7FFFFFFF, 0x7FC01234, 0x7F80FFFF, 0x7FBFFFFF, 0xFFC00000, 0xFF800001, 0xFFFFFFFF]
    singles = np.concatenate([singles, np.array(nans, dtype=np.uint32)]).view(np.float32)

    doubles = np.array(base, dtype=np.float64)
    near = [doubles * (1 + e) for e in (2.0**-30, -(2.0**-30), 2.0**-52, -(2.0**-53))]  # too near for float32 to see
    doubles = np.unique(np.concatenate([doubles, *near, [1e300, 1e-300, 5e-324, 1.7976931348623157e308, np.inf]]))
    doubles = np.concatenate([doubles, -doubles, [np.nan, -np.nan]])

    out = {"float32": singles.view(np.uint32), "float64": doubles.view(np.int64)}
    for name in FORMATS:
        dtype = getattr(torch, name)
        bits = lambda t: t.to(dtype).view(torch.int16).numpy().view(np.uint16)
        out["float32." + name] = bits(torch.from_numpy(singles))
        out["float64." + name] = np.array([rounded(v, name) for v in doubles])
        out["float64.via_float32." + name] = bits(torch.from_numpy(doubles).float())

        patterns = [*range(24), *range(0x3FE, 0x403), 0x7BFF, 0x7C00, 0x7C01, 0x7E00, 0x7FFF]
        patterns = np.array(patterns + [0x007F, 0x0080, 0x3C00, 0x3F80, 0x7F7F, 0x7F80, 0x7F81, 0x7FC0])
        patterns = np.concatenate([patterns, patterns | 0x8000]).astype(np.uint16)
        wide = torch.from_numpy(patterns.view(np.int16)).view(dtype).float()
        out[name], out[name + ".float32"] = patterns, wide.numpy().view(np.uint32)

        # Two ways to the same answer: exact arithmetic and PyTorch.
        mine = np.array([rounded(float(v), name) for v in singles])
        usable = ~np.isnan(singles)
        assert np.array_equal(mine[usable], out["float32." + name][usable]), name
        twice = (out["float64." + name] != out["float64.via_float32." + name]) & ~np.isnan(doubles)
        print(name, "double rounding shows in", int(np.sum(twice)), "rows")
    with np.errstate(over="ignore"):
        half = doubles.astype(np.float16).view(np.uint16)
    usable = ~np.isnan(doubles)
    assert np.array_equal(half[usable], out["float64.float16"][usable])
    print(len(singles), "float32 rows,", len(doubles), "float64 rows")
    save_file(
        {name: np.ascontiguousarray(a, dtype=np.int64) for name, a in out.items()},
        pathlib.Path(__file__).with_suffix(".safetensors"),
        metadata={"torch": torch.__version__.split("+")[0]},
    )


if __name__ == "__main__":
    main()
