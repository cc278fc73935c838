"""Writes matching.safetensors: what torchcfm and flow_matching say of paths, schedulers, plans and losses, in float64.

x0, x1, noise (6, 3), t (6,). <path>.x and <path>.velocity are torchcfm's; <scheduler>.alpha, .sigma, .alpha_rate, .sigma_rate
of t are flow_matching's, and <scheduler>.x, .velocity those of its AffineProbPath. costs (6, 6), sinkhorn: the plan of POT at
regularisation 0.5, columns: the assignment of its exact plan. discrete.logits (4, 5, 7), .x1, .xt (4, 5), .t (4,), .loss and
.dlogits are those of MixturePathGeneralizedKL with a polynomial scheduler of 2.
Needs    torch, torchcfm, pot, flow_matching, safetensors
"""

import pathlib

import ot
import torch
from flow_matching.loss import MixturePathGeneralizedKL
from flow_matching.path import AffineProbPath, MixtureDiscreteProbPath
from flow_matching.path.scheduler import CondOTScheduler, CosineScheduler, PolynomialConvexScheduler, VPScheduler
from safetensors.torch import save_file
from torchcfm.conditional_flow_matching import (ConditionalFlowMatcher, SchrodingerBridgeConditionalFlowMatcher,
                                                TargetConditionalFlowMatcher,
                                                VariancePreservingConditionalFlowMatcher)

torch.set_default_dtype(torch.float64)
torch.manual_seed(7)
tensors = {}


def keep(name, x):
    tensors[name] = x.detach().clone().contiguous()


x0, x1, noise = torch.randn(6, 3), 2 * torch.randn(6, 3) + 1, torch.randn(6, 3)
t = torch.tensor([0.0, 0.1, 0.35, 0.5, 0.8, 0.95])
for name, x in {"x0": x0, "x1": x1, "noise": noise, "t": t}.items():
    keep(name, x)

for name, matcher in {"straight": ConditionalFlowMatcher(sigma=0.1), "target": TargetConditionalFlowMatcher(sigma=0.1),
                      "bridge": SchrodingerBridgeConditionalFlowMatcher(sigma=0.5),
                      "circular": VariancePreservingConditionalFlowMatcher(sigma=0.1)}.items():
    x = matcher.sample_xt(x0, x1, t, noise)
    keep(name + ".x", x)
    keep(name + ".velocity", matcher.compute_conditional_flow(x0, x1, t, x))

for name, scheduler in {"condot": CondOTScheduler(), "polynomial": PolynomialConvexScheduler(3.0), "vp": VPScheduler(),
                        "cosine": CosineScheduler()}.items():
    s = scheduler(t)
    for what, value in {"alpha": s.alpha_t, "sigma": s.sigma_t, "alpha_rate": s.d_alpha_t,
                        "sigma_rate": s.d_sigma_t}.items():
        keep(f"{name}.{what}", value)
    sample = AffineProbPath(scheduler).sample(t=t, x_0=x0, x_1=x1)
    keep(name + ".x", sample.x_t)
    keep(name + ".velocity", sample.dx_t)

costs = torch.cdist(x0, x1) ** 2
even = ot.unif(6)
keep("costs", costs)
keep("sinkhorn", torch.tensor(ot.sinkhorn(even, even, costs.numpy(), reg=0.5, numItermax=100000, stopThr=1e-13)))
keep("columns", torch.tensor(ot.emd(even, even, costs.numpy())).argmax(1))

logits = torch.randn(4, 5, 7, requires_grad=True)
d1, dt = torch.randint(7, (4, 5)), torch.randint(7, (4, 5))
dt[:, :2] = d1[:, :2]
times = torch.tensor([0.1, 0.4, 0.6, 0.9])
loss = MixturePathGeneralizedKL(MixtureDiscreteProbPath(PolynomialConvexScheduler(2.0)))(logits, d1, dt, times)
for name, x in {"logits": logits, "x1": d1, "xt": dt, "t": times, "loss": loss,
                "dlogits": torch.autograd.grad(loss, logits)[0]}.items():
    keep("discrete." + name, x)

save_file(tensors, pathlib.Path(__file__).with_suffix(".safetensors"))
