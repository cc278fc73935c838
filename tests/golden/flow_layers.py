"""Writes flow_layers.safetensors: what nflows and normflows make of events, in float64.

A case <name>. has state.<key> (weights and buffers by this library's keys), x, value and log_det of the forward
direction, dy and dlog_det (upstream gradients) with dx and grad.<key>, and after.<key>, buffers after a call in training.
Needs    torch, nflows, normflows, safetensors
"""

import pathlib

import normflows
import torch
from nflows import transforms
from safetensors.torch import save_file

torch.set_default_dtype(torch.float64)
torch.manual_seed(7)
tensors = {}
normal = torch.randn


def keep(name, x):
    tensors[name] = x.detach().clone().contiguous()


def disturb(module):
    for p in module.parameters():
        p.data += 0.4 * normal(p.shape)
    return module


def case(name, module, x, renamed=lambda key: key, changed=lambda key, x: x, after=()):
    """`renamed` gives this library's key, or None for what it does not have; `changed` its value."""
    for key, value in module.state_dict().items():
        if (to := renamed(key)) is not None:
            keep(f"{name}.state.{to}", changed(key, value))
    module.zero_grad()
    x = x.detach().clone().requires_grad_()
    value, log_det = module(x)
    dy, dlog_det = normal(value.shape), normal(log_det.shape)
    (torch.sum(value * dy) + torch.sum(log_det * dlog_det)).backward()
    for what, t in {"x": x, "value": value, "log_det": log_det, "dy": dy, "dlog_det": dlog_det, "dx": x.grad}.items():
        keep(f"{name}.{what}", t)
    for key, p in module.named_parameters():
        if p.grad is not None and renamed(key) is not None and changed(key, p) is p:
            keep(f"{name}.grad.{renamed(key)}", p.grad)
    for key in after:
        keep(f"{name}.after.{key}", module.state_dict()[key])


events, images = normal(5, 4), normal(2, 4, 2, 3)

case("linear_lu", disturb(transforms.LULinear(4)), events)
case("linear_qr", disturb(transforms.QRLinear(4, 3)), events)
case("linear_svd", disturb(transforms.SVDLinear(4, 2)), events)
case("householder", disturb(transforms.HouseholderSequence(4, 3)), events)
case("conv1x1", disturb(transforms.OneByOneConvolution(4)), images,
     lambda key: "permutation.order" if key == "permutation._permutation" else "linear." + key)
case("permutation", transforms.RandomPermutation(4), events, lambda key: "order")
case("act_norm", disturb(transforms.ActNorm(4)), 3 * events + 1, after=["initialized", "log_scale", "shift"])
case("act_norm_images", disturb(transforms.ActNorm(4)).eval(), images)
trained = disturb(transforms.BatchNorm(4))
case("batch_norm", trained, 3 * events + 1, after=["running_mean", "running_var"])
case("batch_norm_evaluated", trained.eval(), events)
case("squeeze", transforms.SqueezeTransform(), normal(2, 3, 4, 2))
case("sigmoid", transforms.Sigmoid(), events)
case("logit", transforms.Logit(), 0.01 + 0.98 * torch.rand(5, 4))
case("tanh", transforms.Tanh(), events)
case("leaky_relu", transforms.LeakyReLU(0.2), events)

with_one_axis = lambda key, x: x.reshape(-1) if x.numel() > 1 else x.reshape(())
case("planar", disturb(normflows.flows.Planar((4,))), events,
     lambda key: {"w": "w", "u": "u", "b": "bias"}[key], with_one_axis)
case("radial", disturb(normflows.flows.Radial((4,))), events,
     lambda key: {"z_0": "center", "alpha": "log_alpha", "beta": "raw_beta", "d": None}[key],
     lambda key, x: x.abs().log().reshape(()) if key == "alpha" else with_one_axis(key, x))

save_file(tensors, pathlib.Path(__file__).with_suffix(".safetensors"))
