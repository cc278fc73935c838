"""Learning rates of torch.optim.lr_scheduler for the steps 0 .. 59.

Run      python schedule.py      writes schedule.safetensors beside this file
Needs    torch, numpy, safetensors
Content  <case> (60,); one_cycle* has total_steps 60; plateau.metric (60,) is what the cases plateau* were told, and their
         rates are those after each metric; one_cycle.momentum (60,)
"""

import pathlib

import torch
import torch.optim.lr_scheduler as S
from safetensors.numpy import save_file

STEPS, LR = 60, 0.1
CASES = {
    "constant": lambda o: S.ConstantLR(o, factor=0.25, total_iters=7),
    "linear": lambda o: S.LinearLR(o, start_factor=0.1, end_factor=0.8, total_iters=20),
    "polynomial": lambda o: S.PolynomialLR(o, total_iters=40, power=1.7),
    "step": lambda o: S.StepLR(o, step_size=9, gamma=0.3),
    "multi_step": lambda o: S.MultiStepLR(o, milestones=[5, 20, 20, 33], gamma=0.5),
    "exponential": lambda o: S.ExponentialLR(o, gamma=0.93),
    "cosine": lambda o: S.CosineAnnealingLR(o, T_max=25, eta_min=0.01),
    "restarts": lambda o: S.CosineAnnealingWarmRestarts(o, T_0=8, eta_min=0.01),
    "restarts_longer": lambda o: S.CosineAnnealingWarmRestarts(o, T_0=4, T_mult=2),
    "one_cycle": lambda o: S.OneCycleLR(o, max_lr=LR, total_steps=STEPS),
    "one_cycle_linear": lambda o: S.OneCycleLR(
        o, max_lr=LR, total_steps=STEPS, pct_start=0.4, anneal_strategy="linear", three_phase=True, div_factor=10, final_div_factor=100
    ),
    "chained": lambda o: S.ChainedScheduler([S.ConstantLR(o, factor=0.5, total_iters=10), S.ExponentialLR(o, gamma=0.95)]),
    "sequential": lambda o: S.SequentialLR(
        o,
        [S.LinearLR(o, start_factor=0.1, total_iters=10), S.ExponentialLR(o, gamma=0.9), S.ConstantLR(o, factor=0.2, total_iters=5)],
        milestones=[10, 40],
    ),
}
PLATEAUS = {
    "plateau": dict(patience=2),
    "plateau_options": dict(mode="max", factor=0.5, patience=1, threshold=0.05, threshold_mode="abs", cooldown=3, min_lr=0.004),
}


def optimizer():
    return torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=LR, momentum=0.9)


def main():
    torch.manual_seed(3)
    tensors = {}
    for name, make in CASES.items():
        o = optimizer()
        schedule, rates, momenta = make(o), [], []
        for _ in range(STEPS):
            rates.append(o.param_groups[0]["lr"])
            momenta.append(o.param_groups[0]["momentum"])
            o.step()
            if len(rates) < STEPS:
                schedule.step()
        tensors[name] = torch.tensor(rates, dtype=torch.float64)
        if name == "one_cycle":
            tensors["one_cycle.momentum"] = torch.tensor(momenta, dtype=torch.float64)
    metric = torch.exp(-torch.arange(STEPS, dtype=torch.float64) / 15) + 0.1 * torch.rand(STEPS, dtype=torch.float64)
    tensors["plateau.metric"] = metric
    for name, options in PLATEAUS.items():
        o = optimizer()
        schedule, rates = S.ReduceLROnPlateau(o, **options), []
        for m in metric:
            schedule.step(m.item())
            rates.append(o.param_groups[0]["lr"])
        tensors[name] = torch.tensor(rates, dtype=torch.float64)
    save_file({k: v.numpy() for k, v in tensors.items()}, pathlib.Path(__file__).with_suffix(".safetensors"))


if __name__ == "__main__":
    main()
