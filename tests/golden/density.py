"""Density models written in a few lines of PyTorch, in float64: log-probabilities and their gradients.

Run      python density.py      writes density.safetensors beside this file
Needs    torch, nflows, safetensors

Content  names are <case>.<what>
         state.<key>     the state dict
         x0, x1, ...     inputs; y the result, dy an upstream gradient; grad.<key> of the parameters, dx0 of the first input
"""

import pathlib

import torch
from safetensors.torch import save_file
from torch import nn

torch.set_default_dtype(torch.float64)
torch.manual_seed(11)
out = {}


def keep(name, tensor):
    assert name not in out, name
    out[name] = tensor.detach().clone().contiguous()


def case(name, module, *inputs, call=None):
    with torch.no_grad():
        for p in module.parameters():
            p.add_(0.3 * torch.randn_like(p))
    for key, value in module.state_dict().items():
        keep(f"{name}.state.{key}", value)
    first = inputs[0].detach().clone().requires_grad_()
    y = (call or module)(first, *inputs[1:])
    dy = torch.randn_like(y)
    for i, x in enumerate(inputs):
        keep(f"{name}.x{i}", x)
    keep(f"{name}.y", y)
    keep(f"{name}.dy", dy)
    y.backward(dy)
    if first.grad is not None:
        keep(f"{name}.dx0", first.grad)
    for key, p in module.named_parameters():
        keep(f"{name}.grad.{key}", torch.zeros_like(p) if p.grad is None else p.grad)


def made():
    from functools import partial

    from nflows.transforms.made import MADE

    MADE = partial(MADE, activation=torch.tanh)
    x, context = torch.randn(3, 5), torch.randn(3, 2)
    case("made.residual", MADE(5, 9, context_features=2, num_blocks=2, output_multiplier=2).double(), x, context)
    case("made.feedforward", MADE(5, 7, num_blocks=1, use_residual_blocks=False).double(), x)
    case("made.random", MADE(5, 7, num_blocks=2, use_residual_blocks=False, random_mask=True).double(), x)
    case("made.norm", MADE(5, 6, context_features=2, num_blocks=1, use_batch_norm=True).double(), x, context)


def bits(*shape):
    return torch.randint(2, shape).double()


def bernoulli(logits, x):
    return -nn.functional.binary_cross_entropy_with_logits(logits, x, reduction="none").sum(-1)


class Fvsbn(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.layer = nn.Linear(n, n)
        self.layer.register_buffer("mask", torch.ones(n, n).tril(-1))
        self.layer.register_buffer("degrees", torch.arange(n))

    def forward(self, x):
        return bernoulli(nn.functional.linear(x, self.layer.weight * self.layer.mask, self.layer.bias), x)


class Nade(nn.Module):
    def __init__(self, n, hidden):
        super().__init__()
        for name, shape in {"weight": (n, hidden), "hidden_bias": (hidden,), "output_weight": (n, hidden), "bias": (n,)}.items():
            self.register_parameter(name, nn.Parameter(torch.randn(shape)))

    def forward(self, x):
        logits, a = [], self.hidden_bias.expand(x.shape[0], -1)
        for d in range(x.shape[1]):
            logits.append(torch.sigmoid(a) @ self.output_weight[d] + self.bias[d])
            a = a + x[:, d:d + 1] * self.weight[d]
        return bernoulli(torch.stack(logits, 1), x)


class MadeDensity(nn.Module):
    def __init__(self, n, hidden):
        from nflows.transforms.made import MADE

        super().__init__()
        self.net = MADE(n, hidden, num_blocks=1, use_residual_blocks=False, activation=torch.tanh).double()

    def forward(self, x):
        return bernoulli(self.net(x), x)


class Rnade(Nade):
    def __init__(self, n, hidden, components):
        super().__init__(n, hidden)
        self.output_weight = nn.Parameter(torch.randn(n, 3 * components, hidden))
        self.bias = nn.Parameter(torch.randn(n, 3 * components))

    def forward(self, x):
        total, a = 0, self.hidden_bias.expand(x.shape[0], -1)
        for d in range(x.shape[1]):
            w, m, s = (torch.sigmoid(a) @ self.output_weight[d].T + self.bias[d]).chunk(3, 1)
            mixture = torch.distributions.MixtureSameFamily(torch.distributions.Categorical(logits=w),
                                                            torch.distributions.Normal(m, s.exp()))
            total = total + mixture.log_prob(x[:, d])
            a = a + x[:, d:d + 1] * self.weight[d]
        return total


class Orderless(nn.Module):
    def __init__(self, *sizes):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes, sizes[1:]))

    def forward(self, x, order=(2, 0, 3, 1)):
        total, known = 0, torch.zeros_like(x)
        for d in order:
            h = torch.cat([x * known, known], 1)
            for layer in self.layers[:-1]:
                h = torch.relu(layer(h))
            total = total + bernoulli(self.layers[-1](h)[:, d:d + 1], x[:, d:d + 1])
            known = known.clone()
            known[:, d] = 1
        return total


class Vae(nn.Module):
    def __init__(self, n, hidden, latent):
        super().__init__()
        for name, a, b in [("encoder1", n, hidden), ("encoder2", hidden, hidden), ("mean_layer", hidden, latent),
                           ("log_scale_layer", hidden, latent), ("decoder1", latent, hidden), ("decoder2", hidden, hidden),
                           ("output", hidden, n)]:
            setattr(self, name, nn.Linear(a, b))

    def forward(self, x, normal):
        h = self.encoder2(self.encoder1(x).tanh()).tanh()
        q = torch.distributions.Normal(self.mean_layer(h), self.log_scale_layer(h).exp())
        z = q.mean + q.stddev * normal
        logits = self.output(self.decoder2(self.decoder1(z).tanh()).tanh())
        prior = torch.distributions.Normal(0, 1).log_prob(z).sum(-1)
        weights = bernoulli(logits, x.expand_as(logits)) + prior - q.log_prob(z).sum(-1)
        return weights.logsumexp(0) - torch.tensor(float(len(normal))).log()


made()
case("fvsbn", Fvsbn(5), bits(3, 5))
case("nade", Nade(5, 4), bits(3, 5))
case("made_density", MadeDensity(5, 7), bits(3, 5))
case("rnade", Rnade(4, 3, 2), torch.randn(3, 4))
case("orderless", Orderless(8, 6, 5, 4), bits(3, 4))
case("vae", Vae(5, 4, 2), bits(2, 5), torch.randn(3, 2, 2))
case("elbo", Vae(5, 4, 2), bits(2, 5), torch.randn(1, 2, 2))
path = pathlib.Path(__file__).parent / "density.safetensors"
save_file(out, path)
print(path.name, len(out), "tensors", path.stat().st_size, "bytes")
