"""Writes table_activation.safetensors: activation functions.

Needs    as table.py
"""

import torch
import torch.nn.functional as F

from table import Table, spread

table = Table("activation")


def case(name: str, f, scale: float = 4) -> None:
    # Kinks lie at multiples of 1/2.
    table.case(name, f, spread(-scale, scale, 3, 5))
    table.case(name, f, spread(-scale, scale, 2, 1, 3))


case("relu", F.relu)
case("relu6", F.relu6, 9)
case("hardtanh", F.hardtanh)
case("hardtanh:bounds", lambda x: F.hardtanh(x, -2, 0.5))
case("leaky_relu", F.leaky_relu)
case("leaky_relu:slope", lambda x: F.leaky_relu(x, 0.2))
case("elu", F.elu)
case("elu:alpha", lambda x: F.elu(x, 0.7))
case("selu", F.selu)
case("celu", lambda x: F.celu(x, 1.5))
case("gelu", F.gelu)
case("gelu:tanh", lambda x: F.gelu(x, approximate="tanh"))
case("silu", F.silu)
case("softplus", F.softplus)
case("softplus:beta", lambda x: F.softplus(x, beta=1.5))
case("logsigmoid", F.logsigmoid)
case("mish", F.mish)
case("hardsigmoid", F.hardsigmoid)
case("hardswish", F.hardswish)
case("softsign", F.softsign)
case("softshrink", F.softshrink)
case("hardshrink", F.hardshrink)
case("tanhshrink", F.tanhshrink)
case("threshold", lambda x: F.threshold(x, 0.5, -2))
table.save()
