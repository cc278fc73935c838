"""Cases of the table's family "indexing": elements picked, written and combined by tensors of places and masks, as
PyTorch computes them. Where several writes meet at one place PyTorch leaves open which one stays, so no case has that.

Run      python table_indexing.py      writes table_indexing.safetensors beside this file
Needs    torch, numpy, safetensors
"""

import torch
from table import Table
from torch.nn import functional as F

t = Table("indexing")


def x(*shape):
    return torch.randn(shape)


def ids(*values):
    return torch.tensor(values)


def set_at(v, value, *index):
    y = v.clone()
    y[index] = value
    return y


def add_at(v, value, *index):
    y = v.clone()
    y[index] += value
    return y


places = torch.tensor([[0, 2, 1], [1, 1, 0]])  # along axis 0 of (3, n >= 3), or any axis of size 3
apart = torch.tensor([[0, 2, 1], [1, 0, 2]])  # the same without repetition in a column
mask = torch.tensor([[True, False, True], [False, True, True]])

t.case("gather", lambda v: v.gather(0, places), x(3, 4))
t.case("gather", lambda v: v.gather(0, places), x(4, 3))
t.case("gather:last", lambda v: v.gather(1, places), x(2, 3))
t.case("take_along_axis", lambda v: torch.take_along_dim(v, ids([0], [2]), 1), x(2, 3))
t.case("take_along_axis:wide", lambda v: torch.take_along_dim(v, ids([[0, 2, 2]]), 2), x(2, 2, 3))
t.case("scatter", lambda v, s: v.scatter(0, apart, s), x(3, 3), x(2, 3))
t.case("scatter", lambda v, s: v.scatter(0, apart, s), x(4, 4), x(2, 3))
t.case("scatter:value", lambda v: v.scatter(1, apart, 1.5), x(2, 3))
t.case("scatter_add", lambda v, s: v.scatter_add(0, places, s), x(3, 3), x(2, 3))
t.case("scatter_add", lambda v, s: v.scatter_add(0, places, s), x(4, 4), x(2, 3))
t.case("scatter_add:last", lambda v, s: v.scatter_add(-1, places, s), x(2, 3), x(2, 3))
for how in "sum", "prod", "mean", "amax", "amin":
    for own in True, False:
        name = "scatter_reduce" if (how, own) == ("sum", True) else f"scatter_reduce:{how}" + ("" if own else "_alone")
        f = lambda v, s, how=how, own=own: v.scatter_reduce(0, places, s, how, include_self=own)  # noqa: E731
        t.case(name, f, x(3, 3), x(2, 3))
t.case("put_along_axis", lambda v, s: v.scatter(1, ids([0], [2]), s), x(2, 3), x(2, 1))
t.case("take", lambda v: v.take(ids([0, 5], [-1, 5])), x(2, 3))
t.case("put", lambda v, s: v.put(ids([0, 5], [-2, 1]), s), x(2, 3), x(4))
t.case("put:accumulate", lambda v, s: v.put(ids([0, 5], [-1, 5]), s, accumulate=True), x(2, 3), x(2, 2))

t.case("index_select", lambda v: v.index_select(0, ids(2, 0, 2)), x(3, 4))
t.case("index_select", lambda v: v.index_select(0, ids(2, 0, 2)), x(3))
t.case("index_select:middle", lambda v: v.index_select(1, ids(2, 0, 2, 1)), x(2, 3, 2))
t.case("index_select:last", lambda v: v.index_select(-1, ids(2, 0)), x(2, 3))
t.case("index_add", lambda v, s: v.index_add(0, ids(2, 0, 2), s), x(3, 4), x(3, 4))
t.case("index_add:last", lambda v, s: v.index_add(-1, ids(2, 0, 2, 1), s), x(2, 3), x(2, 4))
t.case("index_copy", lambda v, s: v.index_copy(0, ids(2, 0), s), x(3, 4), x(2, 4))
t.case("index_copy:middle", lambda v, s: v.index_copy(1, ids(2, 0), s), x(2, 3, 2), x(2, 2, 2))
t.case("index_fill", lambda v: v.index_fill(0, ids(2, 0), -1.5), x(3, 4))
t.case("index_fill:tensor", lambda v, s: v.index_fill(0, ids(2, 0), s), x(3, 4), torch.randn(()))
t.case("index_put", lambda v, s: v.index_put((ids(0, 2, 1), ids(1, -1, 0)), s), x(3, 4), x(3))
t.case("index_put:accumulate", lambda v, s: v.index_put((ids(0, 2, 0),), s, accumulate=True), x(3, 4), x(4))
t.case("embedding", lambda v: F.embedding(ids([0, 2], [2, 1]), v), x(3, 4))
t.case("one_hot", lambda v: F.one_hot(v.long(), 5), torch.tensor([[0.0, 3.0], [4.0, 3.0]]), grad=False)

t.case("masked_fill", lambda v: v.masked_fill(mask, 0.5), x(2, 3))
t.case("masked_fill:tensor", lambda v, s: v.masked_fill(mask, s), x(2, 3), torch.randn(()))
t.case("masked_select", lambda v: v.masked_select(mask), x(2, 3))
t.case("masked_select", lambda v: v.masked_select(mask), x(2, 2, 3))
t.case("masked_scatter", lambda v, s: v.masked_scatter(mask, s), x(2, 3), x(5))
t.case("nonzero", lambda v: v.nonzero(), torch.tensor([[0.0, -3.0, 0.0], [4.0, 3.0, 0.0]]), grad=False)
t.case("argwhere", lambda v: v.argwhere(), torch.tensor([[0.0, 3.0], [4.0, 0.0]]), grad=False)
t.case("tril", lambda v: v.tril(1), x(3, 4))
t.case("tril", lambda v: v.tril(1), x(2, 4, 2))
t.case("triu", lambda v: v.triu(-1), x(4, 3))
t.case("tril_indices", lambda v: v[tuple(torch.tril_indices(3, 4, 1))], x(3, 4))
t.case("triu_indices", lambda v: v[tuple(torch.triu_indices(4, 3, -1))], x(4, 3))

t.case("at:ids", lambda v: v[ids(2, 0, -1)], x(3, 4))
t.case("at:last", lambda v: v[..., ids(2, 0, -1)], x(2, 3))
t.case("at:pairs", lambda v: v[ids([0], [2]), ids(1, -1, 0)], x(3, 4, 2))
t.case("at:middle", lambda v: v[:, ids(1, 0), ids(1, -1), :], x(2, 2, 3, 2))
t.case("at:apart", lambda v: v[:, ids([0, 1]), 1:, ids([2], [0])], x(2, 2, 3, 3))
t.case("at:mixed", lambda v: v[1, None, :, ids(0, 1, 1)], x(2, 2, 3))
t.case("at:around", lambda v: v[ids(0, 1), 0, ids(2, 1)], x(2, 2, 3, 2))
t.case("at:mask", lambda v: v[mask], x(2, 3, 2))
t.case("at:mask_behind", lambda v: v[:, mask[1]], x(2, 3, 2))
t.case("at:mask_and_ids", lambda v: v[mask[1], 1:, ids(2, 0)], x(3, 3, 3))
t.case("set_at", lambda v, s: set_at(v, s, ids(2, 0)), x(3, 4), x(4))
t.case("set_at:view", lambda v, s: set_at(v, s, slice(None), slice(1, None, 2)), x(2, 5), x(2, 2))
t.case("set_at:apart", lambda v, s: set_at(v, s, ids(0, 1), slice(1, None), ids(2, 0)), x(2, 3, 3), x(2, 1))
t.case("set_at:mixed", lambda v, s: set_at(v, s, 1, slice(None), ids(2, 0)), x(2, 3, 3), x(3, 2))
t.case("set_at:mask", lambda v, s: set_at(v, s, mask), x(2, 3), x(4))
t.case("set_at:number", lambda v: set_at(v, 0.5, Ellipsis, ids(1)), x(2, 3))
t.case("add_at", lambda v, s: v.index_put((ids(2, 0, 2),), s, accumulate=True), x(3, 4), x(3, 4))
t.case("add_at:view", lambda v, s: add_at(v, s, slice(1, None)), x(3, 2), x(2))
t.save()
