"""What the scripts table_<family>.py share: cases of operations as PyTorch computes them, in float64.

A case is <name>/<i>. followed by x0, x1, ... (inputs), y (result as float64), dy (an upstream gradient) and d0, d1, ...
(gradients of the inputs); without a derivative there are only inputs and y.
Needs    torch, numpy, safetensors
"""

import pathlib

import torch
from safetensors.torch import save_file

torch.set_default_dtype(torch.float64)


def spread(low: float, high: float, *shape: int) -> torch.Tensor:
    """Points all over [low, high], none at a multiple of 1/2."""
    x = low + (high - low) * torch.rand(shape)
    return torch.where((x * 2 - (x * 2).round()).abs() < 0.05, x + 0.06, x)


class Table:
    def __init__(self, family: str) -> None:
        torch.manual_seed(sum(map(ord, family)))
        self.family, self.tensors, self.cases = family, {}, {}

    def keep(self, name: str, tensor: torch.Tensor) -> None:
        """Something that the C++ row captures: indices, a mask, targets."""
        assert name not in self.tensors, name
        self.tensors[name] = tensor.detach().clone().contiguous()

    def case(self, name: str, f, *inputs: torch.Tensor, grad: bool = True) -> None:
        """One more case of the row `name`; f takes the inputs."""
        i = self.cases.get(name, 0)
        self.cases[name] = i + 1
        leaves = [x.detach().clone().to(torch.float64).requires_grad_(grad) for x in inputs]
        y = f(*leaves)
        for k, x in enumerate(leaves):
            self.keep(f"{name}/{i}.x{k}", x)
        self.keep(f"{name}/{i}.y", y.to(torch.float64))
        if not grad:
            return
        dy = torch.randn(y.shape)
        self.keep(f"{name}/{i}.dy", dy)
        for k, d in enumerate(torch.autograd.grad(y, leaves, dy, allow_unused=True)):
            self.keep(f"{name}/{i}.d{k}", torch.zeros_like(leaves[k]) if d is None else d)

    def save(self) -> None:
        path = pathlib.Path(__file__).parent / f"table_{self.family}.safetensors"
        save_file(self.tensors, path)
        print(path.name, len(self.tensors), "tensors", path.stat().st_size, "bytes")
