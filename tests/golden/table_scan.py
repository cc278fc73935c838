"""Writes table_scan.safetensors: running values along an axis, differences and integrals.

Needs    as table.py
"""

import torch

from table import Table

table = Table("scan")
case, normal = table.case, torch.randn


def near_one(*shape):
    return (0.8 + 0.4 * torch.rand(shape)) * torch.sign(normal(shape))


def zeros_at(x, *places):
    x = x.clone()
    for place in places:
        x.view(-1)[place] = 0
    return x


for axis, suffix in ((-1, ""), (0, ":first axis")):
    case("cumsum" + suffix, lambda x: torch.cumsum(x, axis), normal(2, 4))
    case("cumsum" + suffix, lambda x: torch.cumsum(x, axis), normal(3, 2, 3))
    case("cumprod" + suffix, lambda x: torch.cumprod(x, axis), near_one(2, 4))
    case("cumprod" + suffix, lambda x: torch.cumprod(x, axis), zeros_at(near_one(4, 4), 1, 4, 6, 11, 13))
    case("cumprod" + suffix, lambda x: torch.cumprod(x, axis), zeros_at(near_one(3, 2, 3), 0, 16))
    case("logcumsumexp" + suffix, lambda x: torch.logcumsumexp(x, axis), normal(2, 4))
    case("logcumsumexp" + suffix, lambda x: torch.logcumsumexp(x, axis), 300 * normal(3, 2, 3))
    for name in ("cummax", "cummin"):
        case(name + suffix, lambda x: getattr(torch, name)(x, axis).values, normal(2, 4))
        case(name + suffix, lambda x: getattr(torch, name)(x, axis).values, normal(3, 2, 3))
        case(name + suffix + (":indices" if not suffix else " indices"), lambda x: getattr(torch, name)(x, axis).indices,
             torch.round(normal(4, 6)), grad=False)
case("diff", torch.diff, normal(2, 4))
case("diff", torch.diff, normal(5))
case("diff:twice", lambda x: torch.diff(x, n=2, dim=0), normal(4, 3))
case("diff:ends", lambda x, a, b: torch.diff(x, prepend=a, append=b), normal(2, 3), normal(2, 1), normal(2, 2))
case("trapezoid", lambda y, x: torch.trapezoid(y, x), normal(2, 4), normal(4))
case("trapezoid", lambda y, x: torch.trapezoid(y, x), normal(2, 3), normal(2, 3))
case("trapezoid:dx", lambda y: torch.trapezoid(y, dx=0.3, dim=0), normal(3, 4))
case("cumulative_trapezoid", lambda y, x: torch.cumulative_trapezoid(y, x), normal(2, 4), normal(4))
case("cumulative_trapezoid:dx", lambda y: torch.cumulative_trapezoid(y, dx=0.3, dim=0), normal(3, 4))
table.save()
