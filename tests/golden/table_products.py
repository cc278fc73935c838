"""Writes table_products.safetensors: products of vectors, matrices and tensors.

Needs    as table.py
"""

import torch
import torch.nn.functional as F

from table import Table

table = Table("products")
case, normal = table.case, torch.randn

case("matmul", torch.matmul, normal(2, 3), normal(3, 4))
case("matmul", torch.matmul, normal(2, 1, 3, 2), normal(3, 2, 2))
case("matmul:vectors", torch.matmul, normal(3), normal(3))
case("matmul:vectors", torch.matmul, normal(2, 2, 3), normal(3))
case("matmul:vectors", torch.matmul, normal(3), normal(3, 2))
case("linear", F.linear, normal(2, 3), normal(4, 3), normal(4))
case("linear", F.linear, normal(2, 2, 3), normal(2, 3), normal(2))
case("linear:no bias", F.linear, normal(2, 3), normal(4, 3))
case("dot", torch.dot, normal(5), normal(5))
case("vdot", torch.vdot, normal(5), normal(5))
case("inner", torch.inner, normal(2, 3), normal(2, 2, 3))
case("inner", torch.inner, normal(3), normal(3))
case("outer", torch.outer, normal(3), normal(4))
case("mv", torch.mv, normal(3, 4), normal(4))
case("mm", torch.mm, normal(3, 4), normal(4, 2))
case("bmm", torch.bmm, normal(2, 2, 3), normal(2, 3, 2))
case("kron", torch.kron, normal(2, 3), normal(2, 2))
case("kron", torch.kron, normal(3), normal(2, 1, 2))
case("addmm", lambda x, a, b: torch.addmm(x, a, b, beta=0.5, alpha=2), normal(2, 4), normal(2, 3), normal(3, 4))
case("addmm", lambda x, a, b: torch.addmm(x, a, b, beta=0.5, alpha=2), normal(4), normal(2, 3), normal(3, 4))
case("addmv", lambda x, a, b: torch.addmv(x, a, b, beta=-1, alpha=3), normal(2), normal(2, 3), normal(3))
case("addr", lambda x, a, b: torch.addr(x, a, b, beta=-1, alpha=3), normal(2, 3), normal(2), normal(3))
case("baddbmm", torch.baddbmm, normal(2, 2, 2), normal(2, 2, 3), normal(2, 3, 2))
case("addbmm", torch.addbmm, normal(2, 2), normal(2, 2, 3), normal(2, 3, 2))
case("cross", torch.linalg.cross, normal(2, 3), normal(2, 3))
case("cross", torch.linalg.cross, normal(2, 1, 3), normal(1, 2, 3))
case("cross:axis", lambda a, b: torch.linalg.cross(a, b, dim=0), normal(3, 2), normal(3, 2))
case("bilinear", F.bilinear, normal(2, 2), normal(2, 3), normal(2, 2, 3), normal(2))
case("bilinear", F.bilinear, normal(1, 3, 2), normal(1, 3, 2), normal(3, 2, 2), normal(3))
case("bilinear:no bias", F.bilinear, normal(2), normal(3), normal(2, 2, 3))
case("matrix_power", lambda x: torch.linalg.matrix_power(x, 5), normal(3, 3))
case("matrix_power", lambda x: torch.linalg.matrix_power(x, 5), normal(2, 2, 2))
case("multi_dot", lambda *x: torch.linalg.multi_dot(x), normal(2, 3), normal(3, 1), normal(1, 4), normal(4, 2))
case("multi_dot:vectors", lambda *x: torch.linalg.multi_dot(x), normal(2), normal(2, 3), normal(3))
case("tensordot", lambda a, b: torch.tensordot(a, b, ([1, 2], [0, 1])), normal(2, 3, 2), normal(3, 2, 2))
case("tensordot:axes", lambda a, b: torch.tensordot(a, b, ([-1, 0], [1, 2])), normal(2, 2, 3), normal(2, 3, 2))
case("tensordot:outer", lambda a, b: torch.tensordot(a, b, 0), normal(2), normal(2, 2))

for name, equation, shapes in [
    ("product", "ij,jk->ik", [(2, 3), (3, 4)]),
    ("transposed", "ij,kj->ki", [(2, 3), (4, 3)]),
    ("implicit", "ba,cb", [(2, 3), (4, 2)]),
    ("trace", "ii", [(3, 3)]),
    ("diagonal", "iji->ji", [(2, 3, 2)]),
    ("sum", "ijk->j", [(2, 3, 2)]),
    ("permute", "ijk->kij", [(2, 3, 2)]),
    ("dot", "i,i", [(4,), (4,)]),
    ("elementwise", "ij,ij->ij", [(2, 3), (2, 3)]),
    ("rows", "ij,ij->i", [(2, 3), (2, 3)]),
    ("scaled", "ij,i->ij", [(2, 3), (2,)]),
    ("outer", "i,jk->ijk", [(2,), (2, 3)]),
    ("summed first", "ij,kl->jl", [(2, 3), (2, 2)]),
    ("heads", "bhqd,bhkd->bhqk", [(2, 2, 2, 3), (2, 2, 3, 3)]),
    ("ellipsis", "...ij,...jk->...ik", [(2, 1, 2, 3), (2, 3, 2)]),
    ("ellipsis summed", "...i->i", [(2, 2, 3)]),
    ("ellipsis inside", "i...j,...->j...i", [(2, 2, 3), (2,)]),
    ("ellipsis implicit", "a...b,b", [(2, 2, 3), (3,)]),
    ("size 1", "ij,jk->ik", [(2, 1), (3, 2)]),
    ("size 1 kept", "bij,bj->bi", [(1, 2, 3), (2, 3)]),
    ("three", "ij,jk,kl->il", [(2, 3), (3, 4), (4, 2)]),
    ("three of one", "ai,bi,ci->abc", [(2, 3), (2, 3), (2, 3)]),
    ("bilinear", "bn,anm,bm->ba", [(2, 3), (2, 3, 2), (2, 2)]),
    ("five", "ab,bc,cd,de,ea->", [(2, 3), (3, 2), (2, 2), (2, 3), (3, 2)]),
    ("diagonal of a factor", "ii,ij->j", [(3, 3), (3, 2)]),
]:
    case("einsum:" + name, lambda *x, e=equation: torch.einsum(e, *x), *[normal(*s) for s in shapes])

case("masked_linear", lambda x, w, b: F.linear(x, w.tril(), b), normal(2, 3), normal(4, 3), normal(4))
case("masked_linear", lambda x, w, b: F.linear(x, w.tril(), b), normal(2, 2, 5), normal(2, 5), normal(2))


def nade(x, w, v, b, c):
    a, y = c, []
    for d in range(x.shape[1]):
        y.append(torch.sigmoid(a) @ v[d].T + b[d])
        a = a + x[:, d:d + 1] * w[d]
    return torch.stack([k.expand(x.shape[0], -1) for k in y], 1)


case("nade", nade, normal(3, 4), normal(4, 5), normal(4, 1, 5), normal(4, 1), normal(5))
case("nade", nade, normal(2, 3), normal(3, 2), normal(3, 3, 2), normal(3, 3), normal(2))
degrees = torch.arange(4)  # input i reaches output o where i <= o
case("degree_linear", lambda x, w, b: F.linear(x, w * (degrees[:3] <= degrees[:, None]), b), normal(2, 3), normal(4, 3), normal(4))
table.save()
