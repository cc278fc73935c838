"""Writes table_autograd.safetensors: derivatives of functions, and gradients that are no derivative.

Needs    as table.py
"""

import torch
from torch.autograd.functional import hessian, hvp, jacobian, jvp, vjp

from table import Table

table = Table("autograd")
case, normal = table.case, torch.randn


def f(x, w):
    return torch.tanh(x @ w) * x.sum()


def energy(x, w):
    return (f(x, w) ** 2).sum() + (x**3).sum()


create = {"create_graph": True}
case("vjp", lambda x, w, v: vjp(f, (x, w), v, **create)[1][0], normal(2), normal(2, 3), normal(3))
case("vjp:second", lambda x, w, v: vjp(f, (x, w), v, **create)[1][1], normal(2), normal(2, 3), normal(3))
case("jvp", lambda x, w, v, u: jvp(f, (x, w), (v, u), **create)[1], normal(2), normal(2, 2), normal(2), normal(2, 2))
case("hvp", lambda x, w, v, u: hvp(energy, (x, w), (v, u), **create)[1][0],
     normal(2), normal(2, 2), normal(2), normal(2, 2))
case("jacobian", lambda x, w: jacobian(f, (x, w), **create)[0], normal(2), normal(2, 3))
case("jacobian:second", lambda x, w: jacobian(f, (x, w), **create)[1], normal(2), normal(2, 2))
case("hessian", lambda x, w: hessian(energy, (x, w), **create)[0][0], normal(2), normal(2, 2))
case("hessian:mixed", lambda x, w: hessian(energy, (x, w), **create)[0][1], normal(2), normal(2, 2))
case("vmap", torch.vmap(f), normal(3, 2), normal(3, 2, 2))
case("checkpoint", f, normal(2), normal(2, 3))
case("straight_through", lambda x: x + (x.round() - x).detach(), 3 * normal(2, 3))
case("scale_gradient", lambda x: 0.5 * x + 0.5 * x.detach(), normal(2, 3))
case("reverse_gradient", lambda x: -2 * x + 3 * x.detach(), normal(2, 3))

x, y, dy = normal(6), normal(6), normal(6)
for i, (a, g) in enumerate([(x, dy), (y, 3 * dy)]):
    table.keep(f"clip_gradient/{i}.x0", a)
    table.keep(f"clip_gradient/{i}.y", a)
    table.keep(f"clip_gradient/{i}.dy", g)
    table.keep(f"clip_gradient/{i}.d0", g.clamp(-0.7, 0.7))

table.save()
