"""Writes table_sort.safetensors: orders, ranks, quantiles, different elements, places and counts.

Needs    as table.py
"""

import torch

from table import Table

table = Table("sort")
case, normal = table.case, torch.randn
ties = lambda *shape: torch.round(2 * normal(shape))

case("sort", lambda x: torch.sort(x).values, normal(2, 4))
case("sort", lambda x: torch.sort(x).values, normal(3, 2, 3))
case("sort:falling", lambda x: torch.sort(x, 0, descending=True).values, normal(4, 3))
case("sort:indices", lambda x: torch.sort(x, stable=True, dim=1).indices, ties(3, 9), grad=False)
case("argsort", lambda x: torch.argsort(x, stable=True), ties(3, 9), grad=False)
case("argsort:falling", lambda x: torch.argsort(x, dim=0, descending=True, stable=True), ties(9, 3), grad=False)
case("topk", lambda x: torch.topk(x, 2).values, normal(2, 4))
case("topk", lambda x: torch.topk(x, 2).values, normal(3, 2, 3))
case("topk:smallest", lambda x: torch.topk(x, 2, 0, False).values, normal(5, 3))
case("topk:indices", lambda x: torch.topk(x, 2).indices, normal(2, 40), grad=False)
case("kthvalue", lambda x: torch.kthvalue(x, 2).values, normal(2, 4))
case("kthvalue:first axis", lambda x: torch.kthvalue(x, 3, 0, True).values, normal(5, 3))
case("median", lambda x: torch.median(x, 1).values, normal(2, 4))
case("median", lambda x: torch.median(x, 1).values, normal(2, 3, 3))
case("median:all", torch.median, normal(3, 4))
case("mode", lambda x: torch.mode(x).values, ties(3, 9), grad=False)
for how in ("linear", "lower", "higher", "midpoint", "nearest"):
    case("quantile" if how == "linear" else "quantile:" + how,
         lambda x: torch.quantile(x, 0.3, 1, interpolation=how), normal(2, 5))
case("quantile", lambda x: torch.quantile(x, 0.3, 1), normal(2, 4, 3))
case("quantile:all", lambda x: torch.quantile(x, 0.6), normal(3, 4))
case("quantile:several", lambda x: torch.quantile(x, torch.tensor([0.0, 0.25, 0.9, 1.0]), 0, True), normal(5, 3))
case("unique", torch.unique, ties(3, 5), grad=False)
case("unique:inverse", lambda x: torch.unique(x, return_inverse=True)[1], ties(3, 5), grad=False)
case("unique:counts", lambda x: torch.unique(x, return_counts=True)[1], ties(3, 5), grad=False)
case("unique_consecutive", torch.unique_consecutive, torch.round(normal(3, 9)), grad=False)
case("unique_consecutive:inverse", lambda x: torch.unique_consecutive(x, return_inverse=True)[1],
     torch.round(normal(3, 9)), grad=False)
case("unique_consecutive:counts", lambda x: torch.unique_consecutive(x, return_counts=True)[1],
     torch.round(normal(3, 9)), grad=False)
ordered = torch.sort(ties(7)).values
case("searchsorted", torch.searchsorted, ordered, ties(3, 4), grad=False)
case("searchsorted", torch.searchsorted, torch.sort(ties(2, 5)).values, ties(2, 4), grad=False)
case("searchsorted:right", lambda s, v: torch.searchsorted(s, v, right=True), ordered, ties(3, 4), grad=False)
case("bucketize", torch.bucketize, ties(3, 4), ordered, grad=False)
case("bucketize:right", lambda x, b: torch.bucketize(x, b, right=True), ties(3, 4), ordered, grad=False)
hist = lambda x, **options: torch.histogram(x, **options)[0]
case("histogram", lambda x: hist(x, bins=4, range=(-1.0, 2.0)), normal(5, 6), grad=False)
case("histogram:own range", lambda x: hist(x, bins=5), normal(5, 6), grad=False)
case("histogram:edges", lambda x: hist(x, bins=torch.tensor([-1, -0.5, 0, 2.0])), normal(5, 6), grad=False)
case("histogram:density", lambda x, w: hist(x, bins=4, range=(-1.0, 2.0), weight=w, density=True), normal(5, 6),
     torch.rand(5, 6), grad=False)
case("histc", lambda x: torch.histc(x, 6, -2, 2), normal(5, 6), grad=False)
ids = torch.tensor([3, 0, 1, 3, 3, 1])
table.keep("bincount.ids", ids)
for minlength, name in ((0, "bincount"), (6, "bincount:minlength")):
    case(name, lambda w: torch.zeros(max(minlength, 4)).index_add(0, ids, w), normal(6))
high, deep = torch.round(0.6 * normal(12, 2)), torch.round(0.6 * normal(2, 9, 1))
for what, of in (("axis", 0), ("axis inverse", 1), ("axis counts", 2)):
    for function in (torch.unique, torch.unique_consecutive):
        for x in (high, deep):
            case(function.__name__ + ":" + what,
                 lambda x: function(x, dim=-2, return_inverse=True, return_counts=True)[of], x, grad=False)
table.save()
