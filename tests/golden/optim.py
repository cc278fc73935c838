"""torch.optim's optimizers over 100 steps of given gradients, in float64; and those that torch has not, after their papers.

Run      python optim.py      writes optim.safetensors beside this file
Needs    torch, numpy, safetensors

The gradients are stored, so a test only feeds them to its own optimizer: step t sets the gradients of a and b to
grad.a[t] and grad.b[t]. They drift, change sign and differ in size by 1e6; b's element 0 never has a gradient (it
meets 0 / (0 + eps)) and element 1 has one in every tenth step only. Cases whose optimizer wants a closure (lbfgs, sam)
minimise `objective` instead.

Content  init.a  (5, 3)         init.b  (7,)
         grad.a  (100, 5, 3)    grad.b  (100, 7)
         lr      (100,)                                the learning rates of *_schedule
         <case>.a (10, 5, 3)    <case>.b (10, 7)       parameters after steps 10, 20, ..., 100; of lbfgs after
                                                       each of 10 steps
Cases    see CASES: every option that is not named there has torch's default. Muon takes matrices only: a alone.
"""

import math
import pathlib

import torch
from safetensors.numpy import save_file

STEPS = 100


class Paper:
    """An optimizer that torch has not."""

    def __init__(self, params, lr, **options):
        self.params, self.lr, self.t = list(params), lr, 0
        for name, value in {**self.defaults, **options}.items():
            setattr(self, name, value)
        self.state = [{} for _ in self.params]

    @torch.no_grad()
    def step(self):
        self.t += 1
        for p, s in zip(self.params, self.state):
            self.update(p, p.grad, s)


class Lion(Paper):
    """Chen et al., Symbolic Discovery of Optimization Algorithms, 2023, algorithm 2."""

    defaults = dict(beta1=0.9, beta2=0.99, weight_decay=0.0)

    def update(self, p, g, s):
        m = s.setdefault("m", torch.zeros_like(p))
        c = self.beta1 * m + (1 - self.beta1) * g
        p -= self.lr * (torch.sign(c) + self.weight_decay * p)
        m.copy_(self.beta2 * m + (1 - self.beta2) * g)


class LAMB(Paper):
    """You et al., Large Batch Optimization for Deep Learning: Training BERT in 76 minutes, 2020, algorithm 2."""

    defaults = dict(beta1=0.9, beta2=0.999, eps=1e-6, weight_decay=0.0, bias_correction=True)

    def update(self, p, g, s):
        m, v = s.setdefault("m", torch.zeros_like(p)), s.setdefault("v", torch.zeros_like(p))
        m.copy_(self.beta1 * m + (1 - self.beta1) * g)
        v.copy_(self.beta2 * v + (1 - self.beta2) * g * g)
        first = 1 - self.beta1**self.t if self.bias_correction else 1
        second = 1 - self.beta2**self.t if self.bias_correction else 1
        r = (m / first) / (torch.sqrt(v / second) + self.eps) + self.weight_decay * p
        weight, move = p.norm(), r.norm()
        trust = weight / move if weight > 0 and move > 0 else 1.0
        p -= self.lr * trust * r


class LARS(Paper):
    """You et al., Large Batch Training of Convolutional Networks, 2017, algorithm 1."""

    defaults = dict(momentum=0.9, weight_decay=0.0, trust_coefficient=1e-3)

    def update(self, p, g, s):
        v = s.setdefault("v", torch.zeros_like(p))
        weight, slope = p.norm(), g.norm()
        trust = 1.0
        if weight > 0 and slope > 0:
            trust = self.trust_coefficient * weight / (slope + self.weight_decay * weight)
        v.copy_(self.momentum * v + self.lr * trust * (g + self.weight_decay * p))
        p -= v


class ScheduleFree(Paper):
    """Defazio et al., The Road Less Scheduled, 2024, algorithm 1, with x written out: y = (1 - beta1) z + beta1 x."""

    defaults = dict(beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.0, warmup=0)

    def update(self, p, g, s):
        if not s:
            s.update(x=p.clone(), z=p.clone(), v=torch.zeros_like(p), total=0.0, top=0.0)
        rate = self.lr * (min(1.0, self.t / self.warmup) if self.warmup else 1.0)
        s["top"] = max(s["top"], rate)
        s["total"] += s["top"] ** 2
        part = s["top"] ** 2 / s["total"]
        s["v"] = self.beta2 * s["v"] + (1 - self.beta2) * g * g
        move = g / (torch.sqrt(s["v"] / (1 - self.beta2**self.t)) + self.eps) + self.weight_decay * p
        s["z"] = s["z"] - rate * move
        s["x"] = (1 - part) * s["x"] + part * s["z"]
        p.copy_((1 - self.beta1) * s["z"] + self.beta1 * s["x"])

    def shown(self):
        return [s["x"] for s in self.state] if self.evaluated else self.params

    evaluated = False


class Lookahead:
    """Zhang et al., Lookahead Optimizer: k steps forward, 1 step back, 2019, algorithm 1."""

    def __init__(self, params, k, alpha, **options):
        self.params = list(params)
        self.slow = [p.detach().clone() for p in self.params]
        self.inner, self.k, self.alpha, self.t = torch.optim.SGD(self.params, **options), k, alpha, 0

    @torch.no_grad()
    def step(self):
        self.inner.step()
        self.t += 1
        if self.t % self.k == 0:
            for p, slow in zip(self.params, self.slow):
                slow += self.alpha * (p - slow)
                p.copy_(slow)


class SAM:
    """Foret et al., Sharpness-Aware Minimization, 2021, algorithm 1; adaptive: Kwon et al., ASAM, 2021."""

    def __init__(self, params, rho, adaptive=False, **options):
        self.params, self.rho, self.adaptive = list(params), rho, adaptive
        self.inner = torch.optim.SGD(self.params, **options)

    def step(self, closure):
        closure()
        with torch.no_grad():
            scale = [p.abs() if self.adaptive else 1.0 for p in self.params]
            norm = math.sqrt(sum(((s * p.grad) ** 2).sum().item() for s, p in zip(scale, self.params)))
            kept = [p.clone() for p in self.params]
            for s, p in zip(scale, self.params):
                p += self.rho * s * s * p.grad / (norm + 1e-12)
        closure()
        with torch.no_grad():
            for p, before in zip(self.params, kept):
                p.copy_(before)
        self.inner.step()


def objective(a, b):
    """A bowl in a, Rosenbrock's valley in b."""
    bowl = 0.5 * (torch.arange(1.0, 16.0).reshape(5, 3) * a * a).sum()
    return bowl + (100 * (b[1:] - b[:-1] ** 2) ** 2 + (1 - b[:-1]) ** 2).sum()


O = torch.optim
CASES = {
    "sgd": (O.SGD, dict(lr=0.01)),
    "sgd_momentum": (O.SGD, dict(lr=0.01, momentum=0.9)),
    "sgd_nesterov": (O.SGD, dict(lr=0.01, momentum=0.9, nesterov=True)),
    "sgd_weight_decay": (O.SGD, dict(lr=0.01, weight_decay=0.1)),
    "sgd_dampening": (O.SGD, dict(lr=0.01, momentum=0.9, dampening=0.5)),
    "sgd_momentum_weight_decay": (O.SGD, dict(lr=0.01, momentum=0.9, dampening=0.3, weight_decay=0.1)),
    "sgd_nesterov_weight_decay": (O.SGD, dict(lr=0.01, momentum=0.9, nesterov=True, weight_decay=0.1)),
    "sgd_maximize": (O.SGD, dict(lr=0.01, momentum=0.9, weight_decay=0.1, maximize=True)),
    "sgd_momentum_schedule": (O.SGD, dict(lr=0.01, momentum=0.9)),
    # AdamW's defaults: lr 1e-3, betas (0.9, 0.999), eps 1e-8, weight decay 0.01
    "adamw": (O.AdamW, dict()),
    "adamw_weight_decay": (O.AdamW, dict(weight_decay=0.1)),
    "adamw_no_decay": (O.AdamW, dict(weight_decay=0.0)),
    "adamw_betas": (O.AdamW, dict(betas=(0.9, 0.99))),
    "adamw_eps": (O.AdamW, dict(lr=0.01, eps=1e-3)),
    "adamw_schedule": (O.AdamW, dict(betas=(0.9, 0.99), weight_decay=0.1)),
    "adamw_amsgrad": (O.AdamW, dict(betas=(0.9, 0.9), amsgrad=True)),
    "adamw_maximize": (O.AdamW, dict(weight_decay=0.1, maximize=True)),
    "adam": (O.Adam, dict()),
    "adam_weight_decay": (O.Adam, dict(lr=0.01, weight_decay=0.1)),
    "adam_amsgrad": (O.Adam, dict(betas=(0.8, 0.9), amsgrad=True, maximize=True)),
    "adam_decoupled": (O.Adam, dict(weight_decay=0.1, decoupled_weight_decay=True)),
    "adamax": (O.Adamax, dict()),
    "adamax_options": (O.Adamax, dict(lr=0.003, betas=(0.8, 0.9), weight_decay=0.1, maximize=True)),
    "nadam": (O.NAdam, dict()),
    "nadam_options": (O.NAdam, dict(betas=(0.8, 0.9), weight_decay=0.1, momentum_decay=0.1, maximize=True)),
    "nadam_decoupled": (O.NAdam, dict(weight_decay=0.1, decoupled_weight_decay=True)),
    "radam": (O.RAdam, dict()),
    "radam_options": (O.RAdam, dict(lr=0.01, betas=(0.8, 0.9), weight_decay=0.1, maximize=True)),
    "radam_decoupled": (O.RAdam, dict(weight_decay=0.1, decoupled_weight_decay=True)),
    "rmsprop": (O.RMSprop, dict()),
    "rmsprop_centered": (O.RMSprop, dict(centered=True, weight_decay=0.1, maximize=True)),
    "rmsprop_momentum": (O.RMSprop, dict(alpha=0.9, momentum=0.9)),
    "rmsprop_centered_momentum": (O.RMSprop, dict(centered=True, momentum=0.5)),
    "adagrad": (O.Adagrad, dict()),
    "adagrad_options": (O.Adagrad, dict(lr=0.1, lr_decay=0.1, weight_decay=0.1, initial_accumulator_value=0.5)),
    "adadelta": (O.Adadelta, dict()),
    "adadelta_options": (O.Adadelta, dict(lr=0.5, rho=0.8, weight_decay=0.1, maximize=True)),
    "rprop": (O.Rprop, dict()),
    "rprop_options": (O.Rprop, dict(lr=1e-3, etas=(0.4, 1.3), step_sizes=(1e-4, 0.02), maximize=True)),
    "adafactor": (O.Adafactor, dict()),
    "adafactor_options": (O.Adafactor, dict(beta2_decay=-0.5, eps=(1e-4, 1e-2), d=2.0, weight_decay=0.1)),
    "muon": (O.Muon, dict()),
    "muon_options": (O.Muon, dict(momentum=0.8, nesterov=False, weight_decay=0.0, ns_steps=3, adjust_lr_fn="match_rms_adamw")),
    "lion": (Lion, dict(lr=1e-3)),
    "lion_options": (Lion, dict(lr=1e-3, beta1=0.8, beta2=0.9, weight_decay=0.1)),
    "lamb": (LAMB, dict(lr=1e-3)),
    "lamb_options": (LAMB, dict(lr=1e-2, beta2=0.9, weight_decay=0.1, bias_correction=False)),
    "lars": (LARS, dict(lr=0.1)),
    "lars_options": (LARS, dict(lr=0.1, momentum=0.5, weight_decay=0.1, trust_coefficient=0.02)),
    "schedule_free": (ScheduleFree, dict(lr=2.5e-3)),
    "schedule_free_evaluated": (ScheduleFree, dict(lr=2.5e-3, weight_decay=0.1, warmup=20, evaluated=True)),
    "lookahead": (Lookahead, dict(lr=0.01, momentum=0.9, k=5, alpha=0.5)),
    "sam": (SAM, dict(lr=1e-4, momentum=0.5, rho=0.05)),
    "sam_adaptive": (SAM, dict(lr=1e-4, rho=0.1, adaptive=True)),
    "lbfgs": (O.LBFGS, dict(lr=1e-3, max_iter=3)),
    "lbfgs_wolfe": (O.LBFGS, dict(max_iter=3, line_search_fn="strong_wolfe")),
    "lbfgs_short_history": (O.LBFGS, dict(max_iter=6, history_size=3, line_search_fn="strong_wolfe")),
}


def run(case, kind, options, init, grads, lr):
    params = {name: p.clone().requires_grad_() for name, p in init.items() if kind is not O.Muon or p.ndim == 2}
    optimizer = kind(params.values(), **options)
    kept = {name: [] for name in params}

    def closure():
        for p in params.values():
            p.grad = None
        loss = objective(**params)
        loss.backward()
        return loss

    steps = 10 if kind is O.LBFGS else STEPS
    for t in range(steps):
        if case.endswith("_schedule"):
            optimizer.param_groups[0]["lr"] = lr[t].item()
        if kind in (O.LBFGS, SAM):
            optimizer.step(closure)
        else:
            for name, p in params.items():
                p.grad = grads[name][t].clone()
            optimizer.step()
        if (t + 1) % (steps // 10) == 0:
            shown = optimizer.shown() if kind is ScheduleFree else params.values()
            for name, p in zip(params, shown):
                kept[name].append(p.detach().clone())
    return {f"{case}.{name}": torch.stack(states) for name, states in kept.items()}


def main():
    torch.manual_seed(7)
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    torch.bfloat16 = torch.float64  # Muon's iteration rounds to bfloat16 in torch: compare the algorithm
    init = {"a": torch.randn(5, 3), "b": torch.randn(7)}
    time = torch.arange(STEPS) / 10.0
    grads = {}
    for name, p in init.items():
        scale = 10.0 ** torch.linspace(-5, 1, p.numel()).reshape(p.shape)
        phase = 6.0 * torch.rand(p.shape)
        wave = torch.stack([torch.cos(t + phase) for t in time])
        grads[name] = scale * (wave + 0.5 * torch.randn(STEPS, *p.shape))
    grads["b"][:, 0] = 0.0
    grads["b"][torch.arange(STEPS) % 10 != 0, 1] = 0.0
    lr = torch.tensor([0.001 + 0.009 * 0.5 * (1 + math.cos(math.pi * t / STEPS)) for t in range(STEPS)])

    tensors = {"lr": lr}
    for name in init:
        tensors["init." + name], tensors["grad." + name] = init[name], grads[name]
    for case, (kind, options) in CASES.items():
        tensors |= run(case, kind, options, init, grads, lr)
    save_file(
        {name: t.contiguous().numpy() for name, t in tensors.items()},
        pathlib.Path(__file__).with_suffix(".safetensors"),
        metadata={"torch": torch.__version__.split("+")[0]},
    )


if __name__ == "__main__":
    main()
