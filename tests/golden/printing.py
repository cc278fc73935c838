"""What PyTorch prints for tensors: the exact text.

Run      python printing.py      writes printing.txt beside this file
Needs    torch

printing.txt is a list of cases, with # comments and empty lines between them:

    case <name>
    tensor <dtype> (<sizes>) <recipe>
    [set <i> <v>]                             element i is v instead
    [requires_grad]
    text
    <the expected text, one or more lines, exact>
    end

Recipes, in C order:  values: v0 v1 ...   all elements; nan, inf, -inf and -0.0 are spelled so. A number is a decimal
                                          that names the double exactly when it is parsed; it is then cast to the dtype
                                          (float16 and bfloat16 values are listed already rounded)
                      arange: a d         element i is double(a) + i * d, cast to the dtype
                      modulo: m d s       element i is double(i * 7919 % m) * d + s, cast to the dtype
No case depends on whether a + i * d is rounded once or twice.
Print options are PyTorch's defaults: precision 4, threshold 1000, 3 edge items, line width 80.
"""

import pathlib

import torch

NAN, INF = float("nan"), float("inf")
lines = ["# Written by printing.py with PyTorch " + torch.__version__.split("+")[0] + "; the format is described there.", ""]


def number(v):
    return str(int(v)) if isinstance(v, (bool, int)) else repr(v)


def case(name, shape, values=None, dtype=torch.float32, arange=None, modulo=None, put=None, requires_grad=False):
    count = 1
    for size in shape:
        count *= size
    if arange:
        recipe = f"arange: {arange[0]!r} {arange[1]!r}"
        t = torch.tensor([arange[0] + i * arange[1] for i in range(count)], dtype=torch.float64)
    elif modulo:
        recipe = f"modulo: {modulo[0]} {modulo[1]!r} {modulo[2]!r}"
        t = torch.tensor([float(i * 7919 % modulo[0]) * modulo[1] + modulo[2] for i in range(count)], dtype=torch.float64)
    else:
        t = torch.tensor(values, dtype=dtype)
        assert t.numel() == count, name
        recipe = " ".join(["values:", *(number(v) for v in t.reshape(-1).tolist())])
    t = t.to(dtype)
    lines.extend([f"case {name}", f"tensor {str(dtype).removeprefix('torch.')} ({', '.join(map(str, shape))}) {recipe}"])
    if put:
        t[put[0]] = put[1]
        lines.append(f"set {put[0]} {put[1]!r}")
    t = t.reshape(shape)
    if requires_grad:
        t.requires_grad_()
        lines.append("requires_grad")
    lines.extend(["text", str(t), "end", ""])


def main():
    f32, f64, f16, bf16 = torch.float32, torch.float64, torch.float16, torch.bfloat16
    i32, i64, u8, boolean = torch.int32, torch.int64, torch.uint8, torch.bool

    lines.append("# No axis")
    case("scalar_float", (), [3.14159265])
    case("scalar_float_whole", (), [2.0])
    case("scalar_float_zero", (), [0.0])
    case("scalar_float_negative_zero", (), [-0.0])
    case("scalar_float_small", (), [1.25e-5])
    case("scalar_float_big", (), [123456.789])
    case("scalar_float_huge", (), [1e20])
    case("scalar_double", (), [2.718281828459045], f64)
    case("scalar_int", (), [-42], i64)
    case("scalar_int32", (), [7], i32)
    case("scalar_bool", (), [True], boolean)
    case("scalar_nan", (), [NAN])
    case("scalar_inf", (), [-INF])
    case("scalar_requires_grad", (), [0.5], requires_grad=True)

    lines.append("# Numbers: fixed, whole, scientific")
    case("float_fixed", (3,), [0.1, 0.25, -3.0])
    case("float_whole", (3,), [1.0, -2.0, 30.0])
    case("float_whole_to_100000", (3,), [1.0, 20.0, 100000.0])
    case("float_whole_above_1e8", (2,), [1.0, 2e8])
    case("float_whole_ratio_1000", (2,), [1.0, 1000.0])
    case("float_zeros", (2, 3), [0.0] * 6)
    case("float_negative_zero", (2,), [-0.0, 1.5])
    case("float_ratio_exactly_1000", (2,), [0.5, 500.0])
    case("float_ratio_above_1000", (2,), [0.5, 500.5])
    case("float_min_below_1e_4", (2,), [0.00005, 0.01])
    case("float_min_exactly_1e_4", (2,), [0.0001, 0.01])
    case("float_max_above_1e8", (2,), [1.5e8, 1.25e8])
    case("float_wide_range", (4,), [1e-10, 1.0, -12345.678, 1e10])
    case("float_three_digit_exponent", (2,), [1e-120, 1.5], f64)
    case("float_subnormal", (2,), [1e-40, 1.0])
    case("float_rounds_up", (3,), [0.99995, 9.99995, 0.00015])
    case("float_hundreds", (3,), [123.456, 7.0, -99.9])

    lines.append("# NaN and infinity take part neither in the choice of format nor in the width")
    case("float_nan_inf", (4,), [NAN, INF, -INF, 1.5])
    case("float_nan_whole", (3,), [NAN, 1.0, -2.0])
    case("float_nan_wider_than_width", (3,), [NAN, 1.0, 2.0])
    case("float_all_nan", (3,), [NAN, NAN, NAN])
    case("float_all_inf", (2,), [INF, -INF])
    case("float_nan_scientific", (3,), [NAN, 1e-9, 1.0])

    lines.append("# Integers and bool")
    case("int_row", (4,), [1, -20, 300, 0], i64)
    case("int_extremes", (2,), [-(2**63), 2**63 - 1], i64)
    case("int32_matrix", (2, 3), arange=(-2.0, 1.0), dtype=i32)
    case("uint8", (3,), [0, 128, 255], u8)
    case("bool_row", (3,), [True, False, True], boolean)
    case("bool_matrix", (2, 2), [True, False, False, True], boolean)

    lines.append("# Empty")
    case("empty", (0,), [])
    case("empty_matrix", (0, 3), [])
    case("empty_middle", (2, 0, 3), [])
    case("empty_int64", (0,), [], i64)
    case("empty_double_matrix", (3, 0), [], f64)
    case("empty_bool", (0,), [], boolean)
    case("empty_requires_grad", (0,), [], requires_grad=True)

    lines.append("# Axes and the line width of 80")
    case("matrix", (2, 3), arange=(0.5, 0.25))
    case("matrix_one_column", (3, 1), arange=(0.0, 1.0))
    case("matrix_one_row", (1, 3), arange=(0.0, 1.0))
    case("cube", (2, 2, 3), arange=(-1.5, 0.5))
    case("four_axes", (2, 1, 2, 2), arange=(0.0, 1.0))
    case("four_axes_blank_lines", (2, 2, 2, 2), arange=(0.0, 1.0), dtype=i64)
    case("row_wraps", (20,), arange=(0.5, 1.0))
    case("row_wraps_int", (40,), arange=(0.0, 1.0), dtype=i64)
    case("matrix_wraps", (2, 12), arange=(-100.5, 7.25))
    case("bool_wraps", (16,), modulo=(2, 1.0, 0.0), dtype=boolean)
    case("row_wraps_scientific", (8,), modulo=(997, 1e-6, 1e-9))

    lines.append("# More than 1000 elements")
    case("exactly_1000", (2, 500), arange=(0.0, 1.0), dtype=i64)
    case("summary_row", (1001,), arange=(0.0, 1.0))
    case("summary_row_fraction", (2000,), arange=(-1.0, 0.001))
    case("summary_int", (5000,), arange=(0.0, 1.0), dtype=i64)
    case("summary_bool", (1200,), modulo=(2, 1.0, 0.0), dtype=boolean)
    case("summary_matrix", (40, 40), modulo=(613, 0.01, -3.0))
    case("summary_narrow", (500, 3), arange=(0.0, 0.5))
    case("summary_wide", (2, 600), arange=(0.0, 0.5))
    case("summary_six_and_seven", (6, 7, 30), arange=(0.0, 1.0))
    case("summary_cube", (12, 11, 10), modulo=(1009, 0.1, -50.0))
    case("summary_format_from_edges", (1200,), arange=(1.0, 0.0), put=(600, 0.5))
    case("summary_width_from_edges", (1200,), arange=(1.0, 0.0), dtype=i64, put=(600, 123456))
    case("summary_nan_at_the_edge", (30, 40), arange=(1.0, 0.0), put=(1, NAN))
    case("summary_double", (33, 33), modulo=(101, 0.5, 0.0), dtype=f64)

    lines.append("# What follows the numbers")
    case("double", (3,), [0.1, 0.2, 0.3], f64)
    case("bfloat16", (3,), [1.0, 3.14159, -0.1], bf16)
    case("float16", (2, 2), [1.0, 0.333, 65504.0, -2.0], f16)
    case("requires_grad", (2,), [1.5, -2.0], requires_grad=True)
    case("double_requires_grad", (2,), [1.5, -2.0], f64, requires_grad=True)
    case("bfloat16_requires_grad", (2, 2), arange=(0.0, 1.0), dtype=bf16, requires_grad=True)
    case("suffix_fits", (7,), arange=(1000.5, 1.0), dtype=f64)
    case("suffix_on_its_own_line", (8,), arange=(10.5, 1.0), dtype=f64)
    case("suffix_on_its_own_line_grad", (8,), arange=(10.5, 1.0), dtype=f64, requires_grad=True)
    for n in (6, 7, 8):  # the last line grows towards the width
        case(f"suffix_grad_{n}", (n,), arange=(1.5, 1.0), requires_grad=True)
    case("empty_double_requires_grad", (0, 4), [], f64, requires_grad=True)

    pathlib.Path(__file__).with_suffix(".txt").write_text("\n".join(lines))


if __name__ == "__main__":
    main()
