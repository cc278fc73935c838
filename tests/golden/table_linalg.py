"""Writes table_linalg.safetensors: factors of matrices, systems of equations, determinants, exponentials.

The signs of eigenvectors and singular vectors are a choice: here the component of largest modulus is positive.
Needs    as table.py
"""

import torch

from table import Table

table = Table("linalg")
case, normal = table.case, torch.randn
L = torch.linalg


def near_one(*shape):
    """Matrices far from singular ones."""
    return torch.eye(shape[-2], shape[-1]) * 2 + 0.5 * normal(*shape)


def positive(x):
    return x @ x.mT + torch.eye(x.shape[-2])


def symmetric(x):
    return (x + x.mT) / 2


def signs(columns):
    """1 or -1 for each column: what makes its largest component positive."""
    largest = columns.abs().argmax(-2, keepdim=True)
    return columns.gather(-2, largest).sign().detach()


def eigenvectors(x):
    v = L.eigh(symmetric(x)).eigenvectors
    return v * signs(v)


def singular(which):
    def f(x):
        u, s, vh = L.svd(x, full_matrices=False)
        sign = signs(vh.mT if x.shape[-2] >= x.shape[-1] else u)
        return {"u": u * sign, "s": s, "vh": vh * sign.mT}[which]

    return f


for shape in [(2, 3, 3), (1, 2, 2, 2)]:
    case("cholesky", lambda x: L.cholesky(positive(x)), normal(*shape))
    case("cholesky:upper", lambda x: L.cholesky(positive(x), upper=True), normal(*shape))
    case("inverse", L.inv, near_one(*shape))
    case("det", L.det, normal(*shape))
    case("slogdet", lambda x: L.slogdet(x).logabsdet, near_one(*shape))
    case("slogdet:sign", lambda x: L.slogdet(x).sign, near_one(*shape), grad=False)
    case("eigh:values", lambda x: L.eigh(symmetric(x)).eigenvalues, normal(*shape))
    case("eigh:vectors", eigenvectors, normal(*shape))
    case("eigvalsh", lambda x: L.eigvalsh(symmetric(x)), normal(*shape))
    case("matrix_exp", torch.matrix_exp, normal(*shape))
    case("matrix_exp:large", lambda x: torch.matrix_exp(6 * x), near_one(*shape) - 2 * torch.eye(shape[-1]))
    case("matrix_exp_trace", lambda x: torch.matrix_exp(x).diagonal(dim1=-2, dim2=-1).sum(-1), normal(*shape))

for name, options in {
    "solve_triangular": dict(upper=False),
    "solve_triangular:upper": dict(upper=True),
    "solve_triangular:unit": dict(upper=False, unitriangular=True),
    "solve_triangular:upper, unit": dict(upper=True, unitriangular=True),
    "solve_triangular:right": dict(upper=False, left=False),
    "solve_triangular:upper, right, unit": dict(upper=True, left=False, unitriangular=True),
}.items():
    f = lambda a, b, options=options: L.solve_triangular(a, b, **options)
    case(name, f, near_one(2, 3, 3), normal(2, *((3, 2) if options.get("left", True) else (2, 3))))
    case(name, f, near_one(1, 2, 2), normal(3, 2, 2))
case("solve_triangular:transposed", lambda a, b: L.solve_triangular(a.mT, b, upper=True), near_one(2, 3, 3), normal(2, 3, 2))
case("solve_triangular:upper, right, transposed", lambda a, b: L.solve_triangular(a.mT, b, upper=False, left=False), near_one(2, 3, 3), normal(2, 2, 3))

for shape in [(2, 3, 3), (2, 4, 3), (2, 2, 4)]:
    case("lu_factor", lambda x: L.lu_factor(x).LU, normal(*shape))
    case("lu_factor:pivots", lambda x: L.lu_factor(x).pivots, normal(*shape), grad=False)
    case("lu:p", lambda x: L.lu(x).P, normal(*shape), grad=False)
    case("lu:l", lambda x: L.lu(x).L, normal(*shape))
    case("lu:u", lambda x: L.lu(x).U, normal(*shape))
    case("qr:q", lambda x: L.qr(x).Q, normal(*shape))
    case("qr:r", lambda x: L.qr(x).R, normal(*shape))
    for which in ["u", "s", "vh"]:
        case("svd:" + which, singular(which), normal(*shape))
    case("svdvals", L.svdvals, normal(*shape))

for name, options in {"lu_solve": {}, "lu_solve:adjoint": dict(adjoint=True), "lu_solve:right": dict(left=False),
                      "lu_solve:right, adjoint": dict(left=False, adjoint=True)}.items():
    f = lambda a, b, options=options: L.lu_solve(*L.lu_factor(a), b, **options)
    case(name, f, normal(2, 3, 3), normal(2, *((3, 2) if options.get("left", True) else (2, 3))))
case("solve", L.solve, near_one(2, 3, 3), normal(2, 3, 2))
case("solve", L.solve, near_one(2, 1, 2, 2), normal(2, 2, 2))
case("solve:vectors", L.solve, near_one(2, 3, 3), normal(2, 3))

table.save()
