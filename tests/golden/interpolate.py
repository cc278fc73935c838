"""Writes interpolate.safetensors: every mode of interpolation over a grid of sizes, one axis.

Needs    torch, safetensors
Keys     <mode>/<in>/<out>: float64 (out,), of x_i = sin(3 i + 1), i < in
"""

import itertools
import pathlib

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

tensors = {}
for before, after in itertools.product((1, 2, 3, 5, 8), (1, 2, 3, 5, 9, 16)):
    x = torch.sin(3 * torch.arange(before, dtype=torch.float64) + 1).reshape(1, 1, 1, before)
    for mode, options in {
        "nearest": {"mode": "nearest"},
        "nearest_exact": {"mode": "nearest-exact"},
        "area": {"mode": "area"},
        "bilinear": {"mode": "bilinear"},
        "bilinear_corners": {"mode": "bilinear", "align_corners": True},
        "bilinear_antialias": {"mode": "bilinear", "antialias": True},
        "bicubic": {"mode": "bicubic"},
        "bicubic_corners": {"mode": "bicubic", "align_corners": True},
        "bicubic_antialias": {"mode": "bicubic", "antialias": True},
    }.items():
        tensors[f"{mode}/{before}/{after}"] = F.interpolate(x, size=(1, after), **options).reshape(-1).contiguous()
save_file(tensors, pathlib.Path(__file__).with_suffix(".safetensors"))
