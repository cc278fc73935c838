"""Losses for the table of operations; Run: python table_loss.py, which writes table_loss.safetensors.

Class axes are the last here, PyTorch's are the second. focal, dice and info_nce are written out by their formulas.
"""

import torch
from torch.nn import functional as F

from table import Table

t = Table("loss")
randn, rand = torch.randn, torch.rand
RED = ("mean", "sum", "none")


def away(x, *kinks):
    """x without places near a kink."""
    for k in kinks:
        x = torch.where((x - k).abs() < 0.05, x + 0.2, x)
    return x


def pair(*shape):
    """x, and a target that is neither x nor 1 or 0.5 away."""
    x = randn(*shape)
    return x, x - away(2 * randn(*shape), 0, 1, -1, 0.5, -0.5)


def signs(*shape):
    return torch.where(rand(*shape) < 0.5, 1.0, -1.0)


for r in RED:
    t.case(f"mse_loss:{r}" if r != "mean" else "mse_loss", lambda x, y: F.mse_loss(x, y, reduction=r), *pair(3, 4))
    t.case(f"l1_loss:{r}" if r != "mean" else "l1_loss", lambda x, y: F.l1_loss(x, y, reduction=r), *pair(3, 4))
    t.case("smooth_l1_loss" + (f":{r}" if r != "mean" else ""), lambda x, y: F.smooth_l1_loss(x, y, reduction=r), *pair(5))
    t.case("huber_loss" + (f":{r}" if r != "mean" else ""), lambda x, y: F.huber_loss(x, y, reduction=r), *pair(5))
t.case("smooth_l1_loss:beta", lambda x, y: F.smooth_l1_loss(x, y, beta=0.5), *pair(2, 5))
t.case("smooth_l1_loss:zero", lambda x, y: F.smooth_l1_loss(x, y, beta=0.0), *pair(2, 5))
t.case("huber_loss:delta", lambda x, y: F.huber_loss(x, y, delta=0.5), *pair(2, 5))

bce, bcel = F.binary_cross_entropy, F.binary_cross_entropy_with_logits
for r in RED:
    s = "" if r == "mean" else f":{r}"
    t.case("binary_cross_entropy_with_logits" + s, lambda x, y: bcel(x, y, reduction=r), 5 * randn(3, 4), rand(3, 4))
    t.case("binary_cross_entropy" + s, lambda x, y: bce(x, y, reduction=r), rand(3, 4) * 0.9 + 0.05, rand(3, 4))
t.keep("bce_weight", rand(4))
t.keep("pos_weight", rand(4) + 0.5)
w, pos = t.tensors["bce_weight"], t.tensors["pos_weight"]
t.case("binary_cross_entropy_with_logits:pos_weight", lambda x, y: bcel(x, y, pos_weight=pos), randn(3, 4), rand(3, 4))
t.case("binary_cross_entropy_with_logits:weight",
       lambda x, y: bcel(x, y, weight=w, pos_weight=pos, reduction="sum"), randn(3, 4), rand(3, 4))
t.case("binary_cross_entropy:weight", lambda x, y: bce(x, y, weight=w), rand(3, 4) * 0.9 + 0.05, rand(3, 4))


def focal(x, y, alpha=0.25, gamma=2.0):
    p = torch.sigmoid(x)
    ce, pt = bcel(x, y, reduction="none"), p * y + (1 - p) * (1 - y)
    loss = ce * (1 - pt) ** gamma
    return (loss * (alpha * y + (1 - alpha) * (1 - y)) if alpha >= 0 else loss).mean()


t.case("focal_loss", focal, 2 * randn(3, 4), rand(3, 4))
t.case("focal_loss:plain", lambda x, y: focal(x, y, -1, 0), 2 * randn(3, 4), rand(3, 4))
t.case("focal_loss:gamma", lambda x, y: focal(x, y, 0.5, 1.5), 2 * randn(3, 4), rand(3, 4))

target = torch.tensor([1, 4, 0, -100, 2, 4])
weight = rand(5) + 0.5
t.keep("target", target)
for r in RED:
    s = "" if r == "mean" else f":{r}"
    t.case("nll_loss" + s, lambda x: F.nll_loss(x, target, reduction=r), randn(6, 5))
    t.case("nll_loss:weight_" + r, lambda x: F.nll_loss(x, target, weight, reduction=r), randn(6, 5))
    t.case("cross_entropy" + s, lambda x: F.cross_entropy(x, target, reduction=r), randn(6, 5))
    t.case("cross_entropy:smooth_" + r, lambda x: F.cross_entropy(x, target, label_smoothing=0.1, reduction=r), randn(6, 5))
    for smooth in (0.0, 0.2):
        t.case(f"cross_entropy:weight_{smooth}_{r}",
               lambda x: F.cross_entropy(x, target, weight, label_smoothing=smooth, reduction=r), randn(6, 5))
    t.case("cross_entropy:soft_" + r,
           lambda x, y: F.cross_entropy(x, y, reduction=r), randn(3, 5), torch.softmax(randn(3, 5), -1))
    t.case("cross_entropy:soft_weight_" + r,
           lambda x, y: F.cross_entropy(x, y, weight, label_smoothing=0.2, reduction=r), randn(3, 5), torch.softmax(randn(3, 5), -1))
t.keep("weight", weight)

for r in ("batchmean", *RED):
    t.case("kl_div" + ("" if r == "mean" else f":{r}"), lambda x, y: F.kl_div(x, y, reduction=r),
           torch.log_softmax(randn(3, 4), -1), torch.softmax(randn(3, 4), -1))
t.case("kl_div:log_target", lambda x, y: F.kl_div(x, y, reduction="batchmean", log_target=True),
       torch.log_softmax(randn(3, 4), -1), torch.log_softmax(randn(3, 4), -1))
for r in RED:
    s = "" if r == "mean" else f":{r}"
    t.case("gaussian_nll_loss" + s, lambda x, y, v: F.gaussian_nll_loss(x, y, v, reduction=r), *pair(3, 4), rand(3, 4) + 0.2)
    t.case("poisson_nll_loss" + s, lambda x, y: F.poisson_nll_loss(x, y, reduction=r), randn(3, 4), 5 * rand(3, 4))
t.case("gaussian_nll_loss:full", lambda x, y, v: F.gaussian_nll_loss(x, y, v, full=True, eps=0.1), *pair(3, 4), rand(3, 4) + 0.2)
t.case("poisson_nll_loss:rate", lambda x, y: F.poisson_nll_loss(x, y, log_input=False), rand(3, 4) + 0.2, 5 * rand(3, 4))
t.case("poisson_nll_loss:full", lambda x, y: F.poisson_nll_loss(x, y, full=True), randn(3, 4), away(5 * rand(3, 4), 1))

for r in RED:
    s = "" if r == "mean" else f":{r}"
    t.keep("signs" + s, signs(3, 4))
    y = t.tensors["signs" + s]
    t.case("hinge_embedding_loss" + s, lambda x: F.hinge_embedding_loss(x, y, reduction=r), away(randn(3, 4), 1))
    t.case("soft_margin_loss" + s, lambda x: F.soft_margin_loss(x, y, reduction=r), 3 * randn(3, 4))
    a = randn(3, 4)
    t.case("margin_ranking_loss" + s, lambda a, b, y: F.margin_ranking_loss(a, b, y, margin=0.5, reduction=r),
           a, a - away(randn(3, 4), 0.5, -0.5), signs(3, 4))
t.keep("classes", torch.tensor([1, 4, 0]))
classes = t.tensors["classes"]
for p in (1, 2):
    for r in RED:
        t.case(f"multi_margin_loss" + ("" if (p, r) == (1, "mean") else f":{p}_{r}"),
               lambda x: F.multi_margin_loss(x, classes, p=p, reduction=r), 2 * randn(3, 5))
t.case("multi_margin_loss:weight", lambda x: F.multi_margin_loss(x, classes, p=2, margin=0.5, weight=weight), 2 * randn(3, 5))

triplet = F.triplet_margin_loss
for r in RED:
    t.case("triplet_margin_loss" + ("" if r == "mean" else f":{r}"),
           lambda a, p, n: triplet(a, p, n, margin=2.0, reduction=r), randn(3, 4), randn(3, 4), randn(3, 4))
for p in (1.0, 3.0, float("inf")):
    t.case(f"triplet_margin_loss:p{p}", lambda a, b, n: triplet(a, b, n, margin=3.0, p=p), randn(3, 4), randn(3, 4), randn(3, 4))
t.case("triplet_margin_loss:swap", lambda a, p, n: triplet(a, p, n, margin=3.0, swap=True), randn(3, 4), randn(3, 4), randn(3, 4))
for r in RED:
    s = "" if r == "mean" else f":{r}"
    t.keep("side" + s, torch.tensor([1.0, -1.0, -1.0, 1.0]))
    t.case("cosine_embedding_loss" + s,
           lambda a, b: F.cosine_embedding_loss(a, b, t.tensors["side"], margin=-0.9, reduction=r), randn(4, 3), randn(4, 3))


def nce(q, k, temperature=0.07, symmetric=False, normalize=True):
    if normalize:
        q, k = F.normalize(q, dim=-1), F.normalize(k, dim=-1)
    logits, own = q @ k.T / temperature, torch.arange(len(q))
    loss = F.cross_entropy(logits, own)
    return (loss + F.cross_entropy(logits.T, own)) / 2 if symmetric else loss


t.case("info_nce_loss", nce, randn(4, 3), randn(4, 3))
t.case("info_nce_loss:symmetric", lambda q, k: nce(q, k, 0.5, True), randn(4, 3), randn(4, 3))
t.case("info_nce_loss:products", lambda q, k: nce(q, k, 1.0, False, False), randn(4, 3), randn(4, 3))


def dice(x, y, smooth=1.0):
    x, y = x.flatten(1), y.flatten(1)
    return 1 - (2 * (x * y).sum(1) + smooth) / (x.sum(1) + y.sum(1) + smooth)


t.case("dice_loss", lambda x, y: dice(x, y).mean(), rand(3, 4), rand(3, 4))
t.case("dice_loss:none", lambda x, y: dice(x, y, 0.1), rand(2, 2, 3), rand(2, 2, 3))

ctc_targets = torch.tensor([[1, 2, 2], [3, 1, 0]])
input_lengths, target_lengths = torch.tensor([7, 5]), torch.tensor([3, 2])
t.keep("ctc_targets", ctc_targets)
t.keep("ctc_input_lengths", input_lengths)
t.keep("ctc_target_lengths", target_lengths)
for r in RED:
    t.case("ctc_loss" + ("" if r == "mean" else f":{r}"),
           lambda x: F.ctc_loss(torch.log_softmax(x, -1), ctc_targets, input_lengths, target_lengths, reduction=r), randn(7, 2, 4))
t.case("ctc_loss:blank", lambda x: F.ctc_loss(torch.log_softmax(x, -1), torch.tensor([[0, 1, 1], [2, 0, 0]]), input_lengths,
                                              target_lengths, blank=3), randn(7, 2, 4))
t.keep("ctc_blank_targets", torch.tensor([[0, 1, 1], [2, 0, 0]]))
t.keep("ctc_joined_targets", torch.tensor([1, 2, 2, 3, 1]))
t.case("ctc_loss:joined targets", lambda x: F.ctc_loss(torch.log_softmax(x, -1), t.tensors["ctc_joined_targets"], input_lengths,
                                                       target_lengths), randn(7, 2, 4))
for r in ("mean", "sum"):
    t.case("linear_cross_entropy:" + r, lambda x, w: F.cross_entropy(F.linear(x, w), target, reduction=r, label_smoothing=0.1),
           randn(6, 4), randn(5, 4))
t.save()
