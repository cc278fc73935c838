"""Writes table_reduce.safetensors: sums, products, extremes, spreads and norms over axes.

Needs    as table.py
"""

import math

import torch

from table import Table

table = Table("reduce")
case, normal = table.case, torch.randn


def near_one(*shape):
    return (0.8 + 0.4 * torch.rand(shape)) * torch.sign(normal(shape))


def zeros_at(x, *places):
    x = x.clone()
    for place in places:
        x.view(-1)[place] = 0
    return x


for name, f in {"sum": torch.sum, "mean": torch.mean, "amax": torch.amax, "amin": torch.amin}.items():
    case(name, lambda x: f(x, dim=1), normal(2, 4))
    case(name, lambda x: f(x, dim=1), normal(2, 3, 2))
    case(name + ":all", lambda x: f(x, dim=tuple(range(x.dim()))), normal(3, 5))
    case(name + ":all", lambda x: f(x, dim=tuple(range(x.dim()))), normal(2, 2, 3))
    case(name + ":two axes", lambda x: f(x, dim=(0, 2), keepdim=True), normal(2, 3, 4))
case("logsumexp", lambda x: torch.logsumexp(x, 1), normal(2, 4))
case("logsumexp", lambda x: torch.logsumexp(x, 1), 300 * normal(2, 3, 2))
case("logsumexp:two axes", lambda x: torch.logsumexp(x, (0, 2), keepdim=True), normal(2, 3, 4))
case("prod", lambda x: torch.prod(x, 1), near_one(2, 4))
case("prod", lambda x: torch.prod(x, 1), zeros_at(near_one(3, 4), 1, 4, 7))
case("prod", lambda x: torch.prod(x, 1), zeros_at(near_one(2, 3, 2), 2))
case("prod:all", torch.prod, near_one(3, 5))
case("prod:all", torch.prod, zeros_at(near_one(2, 3), 4))
for name in ("argmax", "argmin"):
    case(name, lambda x: getattr(torch, name)(x, 1), normal(2, 4), grad=False)
    case(name, lambda x: getattr(torch, name)(x, 1), normal(2, 3, 2), grad=False)
    case(name + ":all", getattr(torch, name), normal(3, 5), grad=False)
for name in ("max", "min"):
    case(name, lambda x: getattr(torch, name)(x, 1).values, normal(2, 4))
    case(name, lambda x: getattr(torch, name)(x, 1).values, normal(2, 3, 2))
    case(name + ":indices", lambda x: getattr(torch, name)(x, 0, True).indices, normal(3, 4), grad=False)
for name, ours in {"var": "var", "std": "stddev"}.items():
    f, pair = getattr(torch, name), getattr(torch, name + "_mean")
    case(ours, lambda x: f(x, 1), normal(2, 4))
    case(ours, lambda x: f(x, 1), normal(2, 3, 2))
    case(ours + ":population", lambda x: f(x, (0, 2), correction=0, keepdim=True), normal(2, 3, 4))
    case(ours + ":all", lambda x: f(x), normal(3, 5))
    case(name + "_mean", lambda x: pair(x, 0)[0], normal(3, 4))
    case(name + "_mean:mean", lambda x: pair(x, 0)[1], normal(3, 4))
for p, name in {
    2: "norm", 0: "norm:0", 1: "norm:1", 3: "norm:3", 0.5: "norm:half", 1.5: "norm:1.5", -1: "norm:-1",
    math.inf: "norm:inf", -math.inf: "norm:-inf",
}.items():
    case(name, lambda x: torch.linalg.vector_norm(x, p, 1), normal(2, 4), grad=p != 0)
    case(name, lambda x: torch.linalg.vector_norm(x, p, 1), normal(2, 3, 2), grad=p != 0)
    if p in (2, math.inf):  # others have a kink there
        case(name, lambda x: torch.linalg.vector_norm(x, p, 1), zeros_at(normal(2, 3), 0), grad=False)
case("norm:all", lambda x: torch.linalg.vector_norm(x), normal(3, 5))
case("any", lambda x: torch.any(x, 1), zeros_at(normal(3, 3), 0, 3, 4, 5), grad=False)
case("all", lambda x: torch.all(x, 1), zeros_at(normal(3, 3), 0, 3, 4, 5), grad=False)
case("count_nonzero", lambda x: torch.count_nonzero(x, 1), zeros_at(normal(3, 3), 0, 3, 4, 5), grad=False)
holes = normal(3, 4)
holes[0, 1] = holes[2, 0] = holes[2, 3] = math.nan
case("nansum", lambda x: torch.nansum(x, 1), normal(2, 4))
case("nansum", lambda x: torch.nansum(x, 1), holes, grad=False)
case("nanmean", lambda x: torch.nanmean(x, 1), normal(2, 4))
case("nanmean", lambda x: torch.nanmean(x, 1), holes, grad=False)
table.save()
