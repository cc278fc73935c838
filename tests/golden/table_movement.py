"""Cases of the table's family "movement": other shapes, orders and parts of the same elements, as PyTorch computes them.

Run      python table_movement.py      writes table_movement.safetensors beside this file
Needs    torch, numpy, safetensors
"""

import torch
from table import Table
from torch.nn import functional as F

t = Table("movement")


def x(*shape):
    return torch.randn(shape)


def weighted(parts, axis):
    """One tensor of several, that tells them apart."""
    return torch.cat([p * (k + 1) for k, p in enumerate(parts)], axis)


t.case("reshape", lambda v: v.reshape(v.shape[-1], -1), x(2, 3, 4))
t.case("reshape", lambda v: v.reshape(v.shape[-1], -1), x(6, 2))
t.case("flatten", lambda v: v.flatten(1), x(2, 3, 4))
t.case("flatten", lambda v: v.flatten(1), x(2, 3))
t.case("permute", lambda v: v.permute(2, 0, 1), x(2, 3, 4))
t.case("transpose", lambda v: v.transpose(0, -1), x(2, 3, 4))
t.case("transpose", lambda v: v.transpose(0, -1), x(3, 4))
t.case("unsqueeze", lambda v: v.unsqueeze(1), x(2, 3))
t.case("unsqueeze", lambda v: v.unsqueeze(1), x(5))
t.case("squeeze", lambda v: v.squeeze(), x(2, 1, 3))
t.case("squeeze:axis", lambda v: v.squeeze(1), x(2, 1, 3))
t.case("squeeze:axis", lambda v: v.squeeze(1), x(2, 2))
t.case("contiguous", lambda v: v.t().contiguous(), x(2, 3))
t.case("clone", lambda v: v.t().clone(), x(2, 3))
t.case("expand", lambda v: v.expand(2, 3, v.shape[-1]), x(3, 4))
t.case("expand", lambda v: v.expand(2, 3, v.shape[-1]), x(1, 5))
t.case("sum_to", lambda v: v.sum((0, 1), keepdim=True)[0], x(2, 3, 4))
t.case("movedim", lambda v: torch.movedim(v, (0, 1), (-1, 0)), x(2, 3, 4))
t.case("movedim:one", lambda v: torch.movedim(v, -1, 0), x(2, 3, 4))
t.case("swapaxes", lambda v: torch.swapaxes(v, 0, -1), x(2, 3, 4))
t.case("unflatten", lambda v: v.unflatten(0, (2, -1)), x(6, 3))
t.case("unflatten", lambda v: v.unflatten(0, (2, -1)), x(4))
t.case("broadcast_to", lambda v: torch.broadcast_to(v, (2, 3, v.shape[-1])), x(3, 4))
t.case("broadcast_tensors", lambda a, b: weighted(torch.broadcast_tensors(a, b), 0), x(3, 4), x(2, 1, 4))
t.case("broadcast_tensors", lambda a, b: weighted(torch.broadcast_tensors(a, b), 0), x(3, 1), x(1))

t.case("flip", lambda v: v.flip(-1), x(2, 5))
t.case("flip", lambda v: v.flip(-1), x(2, 3, 4))
t.case("flip:axes", lambda v: v.flip(0, 2), x(2, 3, 4))
t.case("roll", lambda v: v.roll((1, -2), (0, -1)), x(2, 5))
t.case("roll", lambda v: v.roll((1, -2), (0, -1)), x(3, 2, 4))
t.case("roll:flat", lambda v: v.roll(4), x(2, 5))
t.case("rot90", lambda v: v.rot90(1, (0, 1)), x(2, 3))
t.case("rot90:3", lambda v: v.rot90(3, (1, -1)), x(2, 3, 4))
t.case("rot90:2", lambda v: v.rot90(2, (1, 0)), x(2, 3))
t.case("rot90:0", lambda v: v.rot90(-4, (1, 0)), x(2, 3))
t.case("repeat", lambda v: v.repeat(2, 1, 3), x(2, 3))
t.case("repeat", lambda v: v.repeat(2, 1, 3), x(3))
t.case("tile", lambda v: v.tile(3, 2), x(2, 3))
t.case("tile", lambda v: v.tile(3, 2), x(2, 2, 2))
t.case("repeat_interleave", lambda v: v.repeat_interleave(3, 0), x(2, 3))
t.case("repeat_interleave:last", lambda v: v.repeat_interleave(2, -1), x(2, 3))
t.case("repeat_interleave:flat", lambda v: v.repeat_interleave(2), x(2, 3))
t.case("repeat_interleave:counts", lambda v: v.repeat_interleave(torch.tensor([2, 0, 3]), 0), x(3, 4))

t.case("diagonal", lambda v: v.diagonal(), x(3, 4))
t.case("diagonal", lambda v: v.diagonal(), x(3, 2, 2))
t.case("diagonal:offset", lambda v: v.diagonal(-1, 2, 0), x(2, 3, 4))
t.case("diagonal:far", lambda v: v.diagonal(9, 0, 1), x(2, 3, 2))
t.case("diag_embed", lambda v: v.diag_embed(), x(2, 3))
t.case("diag_embed:offset", lambda v: v.diag_embed(-2, 0, 2), x(2, 3))
t.case("diag", lambda v: v.diag(1), x(3))
t.case("diag", lambda v: v.diag(1), x(3, 4))
t.case("trace", lambda v: v.trace(), x(3, 4))
t.case("unfold", lambda v: v.unfold(0, 3, 1), x(5, 3))
t.case("unfold:last", lambda v: v.unfold(-1, 3, 2), x(2, 8))
t.case("unfold:apart", lambda v: v.unfold(1, 2, 3), x(2, 6, 2))

t.case("pad", lambda v: F.pad(v, (1, 2, 3, 0)), x(2, 3))
t.case("pad", lambda v: F.pad(v, (1, 2, 3, 0)), x(2, 2, 2))
t.case("pad:cut", lambda v: F.pad(v, (0, 1, -1, 2), value=2.5), x(3, 4))
for mode in "reflect", "replicate", "circular":
    t.case(f"pad:{mode}", lambda v, m=mode: F.pad(v, (2, 1, 1, 0), mode=m), x(2, 3, 4))
    t.case(f"pad:{mode}", lambda v, m=mode: F.pad(v, (2, 1, 1, 0), mode=m), x(1, 2, 3, 3))

t.case("meshgrid", lambda a, b, c: weighted(torch.meshgrid(a, b, c, indexing="ij"), 0), x(2), x(3), x(4))
t.case("meshgrid:xy", lambda a, b, c: weighted(torch.meshgrid(a, b, c, indexing="xy"), 0), x(2), x(3), x(4))
t.case("cartesian_prod", lambda a, b, c: torch.cartesian_prod(a, b, c), x(2), x(3), x(2))
t.case("block_diag", lambda a, b, c: torch.block_diag(a, b, c), x(2, 3), x(4), x(3, 1))
t.case("block_diag", lambda a, b, c: torch.block_diag(a, b, c), x(1, 1), torch.randn(()), x(0, 2))

t.case("cat", lambda a, b: torch.cat([a, b, a], 0), x(2, 3), x(1, 3))
t.case("cat:last", lambda a, b: torch.cat([a, b], -1), x(2, 3), x(2, 1))
t.case("stack", lambda a, b: torch.stack([a, b], 1), x(2, 3), x(2, 3))
t.case("stack", lambda a, b: torch.stack([a, b], 1), x(4), x(4))
t.case("split", lambda v: weighted(v.split((1, 0, 2), 0)[::2], 0), x(3, 4))
t.case("split:size", lambda v: weighted(v.split(2, 1), 1), x(2, 5))
t.case("chunk", lambda v: weighted(v.chunk(3, 0), 0), x(5, 2))
t.case("chunk:equal", lambda v: sum(p * (k + 1) for k, p in enumerate(v.chunk(2, 0))), x(4, 3))
t.case("unbind", lambda v: weighted(v.unbind(1), 0), x(2, 3, 4))
t.case("slice", lambda v: v[:, 1::2], x(2, 5, 3))
t.case("slice", lambda v: v[:, 1::2], x(3, 4))
t.case("narrow", lambda v: v.narrow(0, 1, 2), x(4, 3))
t.case("select", lambda v: v.select(0, -1), x(3, 4))
t.case("select", lambda v: v.select(0, -1), x(3))
t.case("at", lambda v: v[1, :, None, ::2], x(2, 3, 4))
t.case("to", lambda v: v * 1, x(2, 3))
t.save()
