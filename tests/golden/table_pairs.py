"""Writes table_pairs.safetensors: elementwise functions of two and three tensors.

Needs    as table.py
"""

import torch

from table import Table, spread

table = Table("pairs")


def binary(name: str, low: float, high: float, f=None, grad: bool = True, low2=None, high2=None) -> None:
    f = f or getattr(torch, name.split(":")[0])
    low2, high2 = low if low2 is None else low2, high if high2 is None else high2
    table.case(name, f, spread(low, high, 2, 4), spread(low2, high2, 4), grad=grad)
    table.case(name, f, spread(low, high, 3, 1), spread(low2, high2, 1, 2), grad=grad)
    table.case(name, f, spread(low, high, 3, 5), spread(low2, high2), grad=grad)


for name in ("add", "sub", "mul"):
    binary(name, -3, 3)
binary("div", 0.4, 3)
binary("pow", 0.4, 2.5)
binary("atan2", 0.3, 3)
binary("hypot", 0.3, 3)
binary("fmod", 3, 9, low2=0.6, high2=1.9)
binary("fmod:negative", -9, -3, torch.fmod, low2=0.6, high2=1.9)
binary("remainder", 3, 9, low2=0.6, high2=1.9)
binary("remainder:negative", -9, -3, torch.remainder, low2=0.6, high2=1.9)
binary("xlogy", 0.3, 3)
for name in ("logaddexp", "maximum", "minimum", "fmax", "fmin"):
    binary(name, -3, 3)
binary("clamp_min", -3, 3, torch.maximum)
binary("clamp_max", -3, 3, torch.minimum)
compare = {"less": torch.lt, "less_equal": torch.le, "greater": torch.gt, "greater_equal": torch.ge, "equal": torch.eq, "not_equal": torch.ne}
for name, f in compare.items():
    table.case("operator:" + name, f, torch.tensor([[1.0, 2.0, 3.0], [2.0, 5.0, -1.0]]), torch.tensor([2.0, 2.0, 3.0]), grad=False)
for name in ("logical_and", "logical_or", "logical_xor"):
    table.case(name, getattr(torch, name), torch.tensor([[0.0, 2.0], [0.0, -1.0]]), torch.tensor([[0.0, 0.0], [3.0, 1.0]]), grad=False)
whole = torch.tensor([[0.0, 13.0, -7.0], [1e6, 3.0, 255.0]]), torch.tensor([[6.0, 5.0, 3.0], [1.0, 0.0, 4.0]])
for name in ("bitwise_and", "bitwise_or", "bitwise_xor", "bitwise_left_shift", "bitwise_right_shift"):
    f = getattr(torch, name)
    table.case(name, lambda a, b, f=f: f(a.long(), b.long()), *whole, grad=False)
near = torch.tensor([[1.0, 2.0, 3.0], [0.0, -5.0, 7.0]])
table.case("isclose", torch.isclose, near, near + torch.tensor([1e-9, 1e-3, 0.0]), grad=False)
table.case("allclose", lambda a, b: torch.tensor(torch.allclose(a, b)), near, near + 1e-9, grad=False)
table.case("allclose", lambda a, b: torch.tensor(torch.allclose(a, b)), near, near + 1e-2, grad=False)
table.case("equal", lambda a, b: torch.tensor(torch.equal(a, b)), near, near, grad=False)
table.case("equal", lambda a, b: torch.tensor(torch.equal(a, b)), near, near + 1e-2, grad=False)


def ternary(name: str, f, low: float = -3, high: float = 3) -> None:
    table.case(name, f, spread(low, high, 2, 4), spread(low, high, 4), spread(low, high, 2, 4))
    table.case(name, f, spread(low, high, 3, 1), spread(low, high, 1, 2), spread(low, high))


ternary("where", lambda c, a, b: torch.where(c > 0, a, b))
ternary("clamp", lambda x, low, high: x.clamp(low.abs() * -1, high.abs()))
ternary("lerp", torch.lerp)
ternary("addcmul", lambda x, a, b: torch.addcmul(x, a, b, value=0.5))
ternary("addcdiv", lambda x, a, b: torch.addcdiv(x, a, b, value=0.5), 0.4, 3)
for name, f in {"igamma": torch.special.gammainc, "igammac": torch.special.gammaincc}.items():
    # PyTorch has no derivative by the first argument.
    table.case(name, f, spread(0.3, 4, 2, 4), spread(0.3, 4, 4), grad=False)
    table.case(name, f, spread(9, 30, 3, 1), spread(9, 30, 1, 2), grad=False)
table.save()
