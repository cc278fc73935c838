"""torch.optim's SGD and AdamW over 100 steps of given gradients, in float64.

Run      python optim.py      writes optim.safetensors beside this file
Needs    torch, numpy, safetensors

The gradients are stored, so a test only feeds them to its own optimizer: step t sets the gradients of a and b to
grad.a[t] and grad.b[t]. They drift, change sign and differ in size by 1e6; b's element 0 never has a gradient (it
meets 0 / (0 + eps)) and element 1 has one in every tenth step only.

Content  init.a  (5, 3)         init.b  (7,)
         grad.a  (100, 5, 3)    grad.b  (100, 7)
         lr      (100,)                                the learning rates of *_schedule
         <case>.a (10, 5, 3)    <case>.b (10, 7)       parameters after steps 10, 20, ..., 100
Cases    see CASES: every option that is not named there has torch's default.
"""

import math
import pathlib

import torch
from safetensors.numpy import save_file

STEPS = 100
CASES = {
    "sgd": (torch.optim.SGD, dict(lr=0.01)),
    "sgd_momentum": (torch.optim.SGD, dict(lr=0.01, momentum=0.9)),
    "sgd_nesterov": (torch.optim.SGD, dict(lr=0.01, momentum=0.9, nesterov=True)),
    "sgd_weight_decay": (torch.optim.SGD, dict(lr=0.01, weight_decay=0.1)),
    "sgd_dampening": (torch.optim.SGD, dict(lr=0.01, momentum=0.9, dampening=0.5)),
    "sgd_momentum_weight_decay": (torch.optim.SGD, dict(lr=0.01, momentum=0.9, dampening=0.3, weight_decay=0.1)),
    "sgd_nesterov_weight_decay": (torch.optim.SGD, dict(lr=0.01, momentum=0.9, nesterov=True, weight_decay=0.1)),
    "sgd_momentum_schedule": (torch.optim.SGD, dict(lr=0.01, momentum=0.9)),
    # AdamW's defaults: lr 1e-3, betas (0.9, 0.999), eps 1e-8, weight decay 0.01
    "adamw": (torch.optim.AdamW, dict()),
    "adamw_weight_decay": (torch.optim.AdamW, dict(weight_decay=0.1)),
    "adamw_no_decay": (torch.optim.AdamW, dict(weight_decay=0.0)),
    "adamw_betas": (torch.optim.AdamW, dict(betas=(0.9, 0.99))),
    "adamw_eps": (torch.optim.AdamW, dict(lr=0.01, eps=1e-3)),
    "adamw_schedule": (torch.optim.AdamW, dict(betas=(0.9, 0.99), weight_decay=0.1)),
}


def main():
    torch.manual_seed(7)
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
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
        params = {name: p.clone().requires_grad_() for name, p in init.items()}
        optimizer = kind(params.values(), **options)
        kept = {name: [] for name in params}
        for t in range(STEPS):
            if case.endswith("_schedule"):
                optimizer.param_groups[0]["lr"] = lr[t].item()
            for name, p in params.items():
                p.grad = grads[name][t].clone()
            optimizer.step()
            if t % 10 == 9:
                for name, p in params.items():
                    kept[name].append(p.detach().clone())
        for name, states in kept.items():
            tensors[f"{case}.{name}"] = torch.stack(states)
    save_file(
        {name: t.contiguous().numpy() for name, t in tensors.items()},
        pathlib.Path(__file__).with_suffix(".safetensors"),
        metadata={"torch": torch.__version__.split("+")[0]},
    )


if __name__ == "__main__":
    main()
