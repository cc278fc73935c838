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


def pixel_mask(rows, columns, shown):
    """1 for the first pixels of a window, in the order of reading."""
    return (torch.arange(rows * columns) < shown).double().reshape(rows, columns)


class MaskedConv2d(nn.Module):
    def __init__(self, i, o, rows, columns, shown):
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.randn(o, i, rows, columns)), nn.Parameter(torch.randn(o))
        self.register_buffer("mask", pixel_mask(rows, columns, shown))

    def forward(self, x):
        rows, columns = self.mask.shape
        return nn.functional.conv2d(x, self.weight * self.mask, self.bias, padding=(rows // 2, columns // 2))


class PixelCnnBlock(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.down, self.masked, self.up = nn.Conv2d(c, c // 2, 1), MaskedConv2d(c // 2, c // 2, 3, 3, 5), nn.Conv2d(c // 2, c, 1)

    def forward(self, x):
        return x + self.up(self.masked(self.down(x.relu()).relu()).relu())


class PixelCnn(nn.Module):
    def __init__(self, c, head):
        super().__init__()
        self.input = MaskedConv2d(1, c, 3, 3, 4)
        self.blocks = nn.ModuleList([PixelCnnBlock(c)])
        self.head, self.output = nn.Conv2d(c, head, 1), nn.Conv2d(head, 1, 1)

    def forward(self, x):
        h = self.input(x)
        for block in self.blocks:
            h = block(h)
        return bernoulli(self.output(self.head(h.relu()).relu()).flatten(1), x.flatten(1))


def gate(x):
    a, b = x.chunk(2, 1)
    return a.tanh() * b.sigmoid()


class GatedLayer(nn.Module):
    def __init__(self, i, c, n, first):
        super().__init__()
        self.vertical = MaskedConv2d(i, 2 * c, n, n, n * (n // 2) + (0 if first else n))
        self.horizontal = MaskedConv2d(i, 2 * c, 1, n, n // 2 + (0 if first else 1))
        self.link, self.out, self.skip = nn.Conv2d(2 * c, 2 * c, 1), nn.Conv2d(c, c, 1), nn.Conv2d(c, c, 1)


class Gated(nn.Module):
    def __init__(self, i, o, c, first, head):
        super().__init__()
        self.layers = nn.ModuleList([GatedLayer(i, c, first, True), GatedLayer(c, c, 3, False)])
        self.head, self.output = nn.Conv2d(c, head, 1), nn.Conv2d(head, o, 1)

    def forward(self, x):
        v, h, skips = x, 0, 0
        for k, layer in enumerate(self.layers):
            above = layer.vertical(v)
            g = gate(layer.horizontal(x if k == 0 else h) + layer.link(above))
            skips, h, v = skips + layer.skip(g), h + layer.out(g), gate(above)
        return self.output(self.head(skips.relu()).relu())


class GatedPixelCnn(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = Gated(1, 1, 3, 5, 4)

    def forward(self, x):
        return bernoulli(self.net(x).flatten(1), x.flatten(1))


class PixelCnnPlusPlus(nn.Module):
    """Of 8 levels from -1 to 1, 2 mixtures."""

    def __init__(self, colours):
        super().__init__()
        self.colours = colours
        self.net = Gated(colours, 2 * (3 if colours == 1 else 10), 3, 3, 4)

    def forward(self, x):
        out, n = self.net(x).unflatten(1, (-1, 2)), self.colours  # (B, parts, M, H, W)
        each = out[:, 0].log_softmax(1)
        ways = out[:, 1 + 2 * n:].tanh()
        for c in range(n):
            mean = out[:, 1 + c]
            if c > 0:
                mean = mean + ways[:, c - 1] * x[:, :1]
            if c == 2:
                mean = mean + ways[:, 2] * x[:, 1:2]
            scale = out[:, 1 + n + c].clamp(min=-7).exp()
            v, half = x[:, c:c + 1], 1 / 7
            upper = torch.where(v > 0.99, 1.0, ((v - mean + half) / scale).sigmoid())
            lower = torch.where(v < -0.99, 0.0, ((v - mean - half) / scale).sigmoid())
            each = each + (upper - lower).log()
        return each.logsumexp(1).flatten(1).sum(-1)


made()
case("fvsbn", Fvsbn(5), bits(3, 5))
case("nade", Nade(5, 4), bits(3, 5))
case("made_density", MadeDensity(5, 7), bits(3, 5))
case("rnade", Rnade(4, 3, 2), torch.randn(3, 4))
case("orderless", Orderless(8, 6, 5, 4), bits(3, 4))
case("vae", Vae(5, 4, 2), bits(2, 5), torch.randn(3, 2, 2))
case("pixel_cnn", PixelCnn(4, 3), bits(2, 1, 3, 4))
case("gated_pixel_cnn", GatedPixelCnn(), bits(2, 1, 3, 4))
levels = torch.arange(8) * 2 / 7 - 1
case("pixel_cnn_pp.grey", PixelCnnPlusPlus(1), levels[torch.randint(8, (2, 1, 3, 3))])
case("pixel_cnn_pp.colour", PixelCnnPlusPlus(3), levels[torch.randint(8, (2, 3, 2, 3))])
case("elbo", Vae(5, 4, 2), bits(2, 5), torch.randn(1, 2, 2))
path = pathlib.Path(__file__).parent / "density.safetensors"
save_file(out, path)
print(path.name, len(out), "tensors", path.stat().st_size, "bytes")
