"""Writes ode.safetensors: what torchdiffeq says of a small network that moves points, in float64.

    f(t, y) = tanh(y u + t v) w,   y (4, 2), u (2, 5), v (5,), w (5, 2);  t from 0 over 0.3 and 1 to 1.4
<method>.y is the solution at the times; with dy as its upstream gradient <method>.dy0, .du, .dv, .dw are gradients through
the steps, and <method>.adjoint.dy0, ... those of the adjoint (not of dopri8). Steps of the first four are 0.05.
event.t, event.y: when the first number of the first point passes 0.1, by dopri5; event.dy0, .du, .dw: gradients of that time.
Needs    torch, torchdiffeq, safetensors
"""

import pathlib

import torch
from safetensors.torch import save_file
from torchdiffeq import odeint, odeint_adjoint, odeint_event

torch.set_default_dtype(torch.float64)
torch.manual_seed(3)
tensors = {}


class Field(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.u = torch.nn.Parameter(torch.randn(2, 5))
        self.v = torch.nn.Parameter(torch.randn(5))
        self.w = torch.nn.Parameter(torch.randn(5, 2))

    def forward(self, t, y):
        return torch.tanh(y @ self.u + t * self.v) @ self.w


f = Field()
y0 = torch.randn(4, 2, requires_grad=True)
times = torch.tensor([0.0, 0.3, 1.0, 1.4])
dy = torch.randn(4, 4, 2)
leaves = {"dy0": y0, "du": f.u, "dv": f.v, "dw": f.w}


def keep(name, x):
    tensors[name] = x.detach().clone().contiguous()


for name, x in {"y0": y0, "u": f.u, "v": f.v, "w": f.w, "times": times, "dy": dy}.items():
    keep(name, x)

for ours, theirs in {"euler": "euler", "midpoint": "midpoint", "heun": "heun2", "rk4": "rk4", "bosh3": "bosh3",
                     "dopri5": "dopri5", "dopri8": "dopri8"}.items():
    fixed = ours in ("euler", "midpoint", "heun", "rk4")
    # dopri8 steps onto the times: its interpolant has a larger error than its steps.
    options = {"step_size": 0.05} if fixed else {"step_t": times[1:]} if ours == "dopri8" else {}
    for prefix, solve in {ours: odeint, ours + ".adjoint": odeint_adjoint}.items():
        if "step_t" in options and solve is odeint_adjoint:
            continue
        y = solve(f, y0, times, method=theirs, options=dict(options))
        if prefix == ours:
            keep(prefix + ".y", y)
        gradients = torch.autograd.grad(y, list(leaves.values()), dy)
        for name, g in zip(leaves, gradients):
            keep(f"{prefix}.{name}", g)

t, y = odeint_event(f, y0, torch.tensor(0.0), event_fn=lambda t, y: y[0, 0] - 0.1, method="dopri5",
                    odeint_interface=odeint)
keep("event.t", t)
keep("event.y", y[-1])
for name, g in zip(["dy0", "du", "dw"], torch.autograd.grad(t, [y0, f.u, f.w])):
    keep("event." + name, g)

save_file(tensors, pathlib.Path(__file__).with_suffix(".safetensors"))
