"""Normalisations for the table of operations; Run: python table_norm.py, which writes table_norm.safetensors."""

import torch
from torch.nn import functional as F

from table import Table

t = Table("norm")
randn, rand = torch.randn, torch.rand

t.case("rms_norm", lambda x: F.rms_norm(x, (x.shape[-1],)), randn(3, 5))
t.case("rms_norm", lambda x: F.rms_norm(x, (x.shape[-1],)), randn(2, 2, 9))
t.case("rms_norm:weight", lambda x, w: F.rms_norm(x, (x.shape[-1],), w, 1e-3), randn(3, 4), randn(4))
for shape in ((2, 4), (2, 4, 3), (2, 4, 2, 5)):
    t.case("group_norm", lambda x: F.group_norm(x, 2), randn(*shape))
    t.case("group_norm:affine", lambda x, w, b: F.group_norm(x, 2, w, b, 1e-3), randn(*shape), randn(4), randn(4))
for shape in ((2, 3, 4), (2, 3, 2, 3)):
    t.case("instance_norm", lambda x: F.instance_norm(x), randn(*shape))
    t.case("instance_norm:affine", lambda x, w, b: F.instance_norm(x, weight=w, bias=b, eps=1e-3), randn(*shape), randn(3), randn(3))
t.keep("mean", randn(3))
t.keep("var", rand(3) + 0.5)
for shape in ((5, 3), (3, 3, 4), (2, 3, 2, 3)):
    t.case("batch_norm", lambda x: F.batch_norm(x, None, None, training=True), randn(*shape))
    t.case("batch_norm:affine", lambda x, w, b: F.batch_norm(x, None, None, w, b, True, eps=1e-3), randn(*shape), randn(3), randn(3))
    t.case("batch_norm:eval", lambda x, w, b: F.batch_norm(x, t.tensors["mean"], t.tensors["var"], w, b), randn(*shape), randn(3), randn(3))
for shape in ((3, 3, 4), (2, 3, 2, 3)):
    t.case("instance_norm:eval", lambda x, w, b: F.instance_norm(x, t.tensors["mean"], t.tensors["var"], w, b, False),
           randn(*shape), randn(3), randn(3))
t.save()
