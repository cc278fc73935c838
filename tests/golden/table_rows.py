"""Writes table_rows.safetensors: what is computed along rows: softmax, normalisation, attention.

Needs    as table.py
"""

import torch
import torch.nn.functional as F

from table import Table

table = Table("rows")
case, normal = table.case, torch.randn

for name, f in [("softmax", torch.softmax), ("log_softmax", torch.log_softmax)]:
    case(name, lambda x, f=f: f(x, -1), normal(3, 5))
    case(name, lambda x, f=f: f(x, -1), 30 * normal(2, 2, 4))
    case(name + ":axis 0", lambda x, f=f: f(x, 0), normal(4, 3))
    case(name + ":axis 1", lambda x, f=f: f(x, 1), normal(2, 4, 2))

case("layer_norm", lambda x, w, b: F.layer_norm(x, x.shape[-1:], w, b), normal(2, 4), normal(4), normal(4))
case("layer_norm", lambda x, w, b: F.layer_norm(x, x.shape[-1:], w, b), normal(2, 2, 5), normal(5), normal(5))
case("layer_norm:bare", lambda x: F.layer_norm(x, x.shape[-1:], eps=1e-3), 3 + 2 * normal(3, 5))
case("layer_norm:weight", lambda x, w: F.layer_norm(x, x.shape[-1:], w), normal(2, 4), normal(4))

attention, name = F.scaled_dot_product_attention, "scaled_dot_product_attention"
case(name, attention, normal(1, 2, 3, 2), normal(1, 2, 4, 2), normal(1, 2, 4, 3))
case(name, attention, normal(2, 2), normal(3, 2), normal(3, 2))
case(name + ":causal", lambda q, k, v: attention(q, k, v, is_causal=True), normal(2, 3, 2), normal(2, 3, 2), normal(2, 3, 2))
case(name + ":scale", lambda q, k, v: attention(q, k, v, scale=2), normal(2, 3, 2), normal(2, 2, 2), normal(2, 2, 2))
case(name + ":bias", lambda q, k, v, b: attention(q, k, v, b), normal(2, 3, 2), normal(2, 2, 2), normal(2, 2, 2), normal(3, 2))
mask = torch.tensor([[1, 0, 1], [0, 1, 1]], dtype=torch.bool)
table.keep("mask", mask)
case(name + ":mask", lambda q, k, v: attention(q, k, v, mask), normal(2, 2, 2), normal(2, 3, 2), normal(2, 3, 2))
case(name + ":groups", lambda q, k, v: attention(q, k.repeat_interleave(2, 1), v.repeat_interleave(2, 1)),
     normal(1, 4, 2, 2), normal(1, 2, 3, 2), normal(1, 2, 3, 2))
case("softmin", lambda x: F.softmin(x, -1), normal(3, 5))
case("softmin:axis 0", lambda x: F.softmin(x, 0), normal(4, 3))
case("glu", F.glu, normal(2, 6))
case("glu", F.glu, 5 * normal(2, 2, 4))
case("glu:axis 1", lambda x: F.glu(x, 1), normal(2, 4, 3))


def turned(pairs):  # of the two layouts: i and i + n / 2, and 2 i and 2 i + 1
    def f(x, cos, sin):
        a, b = pairs(x)
        return a * cos - b * sin, b * cos + a * sin

    return f


halves, neighbours = turned(lambda x: x.chunk(2, -1)), turned(lambda x: (x[..., ::2], x[..., 1::2]))
for shape, angles in [((2, 3, 6), (3, 3)), ((1, 2, 2, 4), (1, 1, 2, 2))]:
    case("rotary", lambda x, c, s: torch.cat(halves(x, c, s), -1), normal(*shape), normal(*angles), normal(*angles))
    case("rotary:interleaved", lambda x, c, s: torch.stack(neighbours(x, c, s), -1).flatten(-2),
         normal(*shape), normal(*angles), normal(*angles))

table.save()
