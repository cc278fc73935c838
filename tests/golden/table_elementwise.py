"""Writes table_elementwise.safetensors: elementwise functions of one tensor.

Needs    as table.py
"""

import torch

from table import Table, spread

table = Table("elementwise")


def unary(name: str, low: float, high: float, f=None, grad: bool = True) -> None:
    f = f or getattr(torch, name.split(":")[0])
    table.case(name, f, spread(low, high, 3, 5), grad=grad)
    table.case(name, f, spread(low, high, 2, 1, 3), grad=grad)


unary("neg", -3, 3)
unary("abs", -3, 3)
unary("sign", -3, 3)
for name in ("floor", "ceil", "round", "trunc", "frac"):
    unary(name, -6, 6)
unary("sqrt", 0.2, 9)
unary("rsqrt", 0.2, 9)
unary("reciprocal", 0.3, 4)
unary("square", -3, 3)
unary("exp", -5, 5)
unary("exp2", -5, 5)
unary("expm1", -3, 3)
unary("expm1:near", -1e-6, 1e-6, torch.expm1)
unary("log", 0.2, 9)
unary("log2", 0.2, 9)
unary("log10", 0.2, 9)
unary("log1p", -0.8, 5)
unary("log1mexp", -5, -0.2, lambda x: torch.log(-torch.expm1(x)))
for name in ("sin", "cos", "atan", "sinh", "cosh", "asinh", "erf", "erfc"):
    unary(name, -3, 3)
unary("tan", -1.2, 1.2)
unary("tanh", -4, 4)
for name in ("asin", "acos", "atanh", "erfinv"):
    unary(name, -0.9, 0.9)
unary("acosh", 1.2, 6)
unary("sigmoid", -6, 6)
unary("logit", 0.1, 0.9)
unary("lgamma", 0.3, 12)
unary("lgamma:negative", -4, 0, torch.lgamma)
unary("digamma", 0.3, 12)
unary("digamma:negative", -4, 0, torch.digamma)
unary("polygamma", 0.4, 12, lambda x: torch.polygamma(2, x))
unary("polygamma:trigamma", -3, 3, lambda x: torch.polygamma(1, x))
unary("nan_to_num", -3, 3)
special = torch.tensor([[1.0, float("inf"), -2.0], [float("nan"), -float("inf"), 0.0]])
table.case("nan_to_num:specials", lambda x: x.nan_to_num(5, 9, -8), special, grad=False)
unary("pow:number", 0.3, 4, lambda x: x**2.5)
unary("pow:whole", -3, 3, lambda x: x**3)
unary("pow:exponent", -3, 3, lambda x: 2.0**x)
unary("clamp:numbers", -3, 3, lambda x: x.clamp(-1, 1.5))
for name in ("isnan", "isinf", "isfinite", "logical_not"):
    table.case(name, getattr(torch, name), special, grad=False)
table.case("bitwise_not", lambda x: ~x.long(), torch.tensor([[0.0, 1.0, -7.0], [1e6, 3.0, 255.0]]), grad=False)
unary("ndtr", -4, 4, torch.special.ndtr)
table.save()
