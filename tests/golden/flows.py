"""Splines of nflows, and small flows of nflows and zuko, in float64: log-probabilities and their gradients.

Run      python flows.py      writes flows.safetensors beside this file
Needs    torch, nflows, zuko, safetensors

Content  names are <case>.<what>
         spline.<kind>  x0 elements, x1 their parameters; y and log_slope with gradients dy and dlog_slope; dx0, dx1;
                        back and back_log_slope, the inverse of y
         flow.<name>    state.<key>, the state dict; x0 events, x1 a context; y the log-probabilities, dy an upstream
                        gradient; dx0, and grad.<key> of the parameters
"""

import pathlib

import torch
from nflows import distributions, flows, transforms
from nflows.nn.nets import ResidualNet
from nflows.transforms import splines
from safetensors.torch import save_file
from zuko.flows import MAF, NSF

torch.set_default_dtype(torch.float64)
torch.manual_seed(5)
out = {}


def keep(name, tensor):
    assert name not in out, name
    out[name] = tensor.detach().clone().contiguous()


def spline(kind, bins, numbers, tails, call):
    name = f"spline.{kind}" + ("" if tails else "_none")
    x = torch.tensor([-0.9, -0.31, 0.0, 0.2, 0.55, 0.97]) * (3 if tails else 0.5) + (0 if tails else 0.5)
    if tails:
        x = torch.cat([x, torch.tensor([-7.0, 40.0])])
    p = torch.randn(len(x), numbers)
    x, p = x.requires_grad_(), p.requires_grad_()
    options = {"tails": "linear", "tail_bound": 3.0} if tails else {}
    y, log_slope = call(x, p, bins, inverse=False, **options)
    dy, dlog_slope = torch.randn_like(y), torch.randn_like(y)
    dx, dp = torch.autograd.grad((y * dy + log_slope * dlog_slope).sum(), (x, p))
    with torch.no_grad():
        back, back_log_slope = call(y, p, bins, inverse=True, **options)
    for what, value in dict(x0=x, x1=p, y=y, log_slope=log_slope, dy=dy, dlog_slope=dlog_slope, dx0=dx, dx1=dp,
                            back=back, back_log_slope=back_log_slope).items():
        keep(f"{name}.{what}", value)


def rational_quadratic(x, p, k, **o):
    f = splines.unconstrained_rational_quadratic_spline if o.get("tails") else splines.rational_quadratic_spline
    return f(x, p[:, :k], p[:, k:2 * k], p[:, 2 * k:], **o)


def linear(x, p, k, **o):
    return (splines.unconstrained_linear_spline if o.get("tails") else splines.linear_spline)(x, p, **o)


def quadratic(x, p, k, **o):
    f = splines.unconstrained_quadratic_spline if o.get("tails") else splines.quadratic_spline
    return f(x, p[:, :k], p[:, k:], **o)


def cubic(x, p, k, **o):
    f = splines.unconstrained_cubic_spline if o.get("tails") else splines.cubic_spline
    return f(x, p[:, :k], p[:, k:2 * k], p[:, 2 * k:2 * k + 1], p[:, 2 * k + 1:], **o)


for tails in (True, False):
    spline("rational_quadratic", 4, 11 if tails else 13, tails, rational_quadratic)
    spline("linear", 4, 4, tails, linear)
    spline("quadratic", 4, 7 if tails else 9, tails, quadratic)
    spline("cubic", 4, 10, tails, cubic)


def flow(name, module, log_prob, x, context=None, rename=lambda key: key):
    name = f"flow.{name}"
    with torch.no_grad():
        for p in module.parameters():
            p.add_(0.3 * torch.randn_like(p))
    for key, value in module.state_dict().items():
        if rename(key):
            keep(f"{name}.state.{rename(key)}", value.double() if value.dtype == torch.bool else value)
    x = x.clone().requires_grad_()
    y = log_prob(x, context)
    dy = torch.randn_like(y)
    y.backward(dy)
    keep(f"{name}.x0", x)
    if context is not None:
        keep(f"{name}.x1", context)
    keep(f"{name}.y", y)
    keep(f"{name}.dy", dy)
    keep(f"{name}.dx0", x.grad)
    for key, p in module.named_parameters():
        keep(f"{name}.grad.{rename(key)}", torch.zeros_like(p) if p.grad is None else p.grad)


def nflows_flow(name, layers, x, context=None):
    module = transforms.CompositeTransform(layers).double()
    whole = flows.Flow(module, distributions.StandardNormal([x.shape[1]])).double()
    flow(name, module, whole.log_prob, x, context, lambda key: key.removeprefix("_transforms."))


def mask(*bits):
    return torch.tensor(bits)


def net(context=None):
    return lambda seen, count: ResidualNet(seen, count, 6, context_features=context, num_blocks=1,
                                           activation=torch.tanh)


x, context = 2 * torch.randn(5, 3), torch.randn(5, 2)
nflows_flow("realnvp", [
    transforms.AffineCouplingTransform(mask(1, 0, 1), net(2)),
    transforms.AdditiveCouplingTransform(mask(0, 1, 0), net(2)),
    transforms.AffineCouplingTransform(mask(0, 1, 1), net(2))], x, context)
nflows_flow("nsf", [
    transforms.PiecewiseRationalQuadraticCouplingTransform(
        mask(*bits), net(), num_bins=4, tails="linear", tail_bound=3.0, apply_unconditional_transform=True)
    for bits in ((1, 0, 1), (0, 1, 0))], x)
nflows_flow("maf", [
    transforms.MaskedAffineAutoregressiveTransform(3, 8, context_features=2, num_blocks=1, activation=torch.tanh)
    for _ in range(2)], x, context)
nflows_flow("nsf_ar", [
    transforms.MaskedPiecewiseRationalQuadraticAutoregressiveTransform(
        3, 8, num_bins=4, tails="linear", tail_bound=3.0, num_blocks=1, activation=torch.tanh)], x)


def zuko_flow(name, module):
    # "transform.transforms.<i>.hyper.<2 j>.weight" and so on; the order of the variables is in the masks.
    def rename(key):
        if ".hyper." not in key:
            return None
        _, _, i, _, *rest = key.split(".")
        return f"{i}.autoregressive_net.layers.{int(rest[0]) // 2}.{rest[1]}"
    flow(name, module, lambda x, _: module().log_prob(x), x, None, rename)


zuko_flow("zuko_maf", MAF(3, transforms=2, hidden_features=(8, 8), activation=torch.nn.Tanh))
zuko_flow("zuko_nsf", NSF(3, transforms=2, bins=4, hidden_features=(8, 8), activation=torch.nn.Tanh))

path = pathlib.Path(__file__).parent / "flows.safetensors"
save_file(out, path)
print(path.name, len(out), "tensors", path.stat().st_size, "bytes")
