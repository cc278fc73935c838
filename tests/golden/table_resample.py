"""Writes table_resample.safetensors: images in other sizes.

Needs    as table.py
"""

import torch
import torch.nn.functional as F

from table import Table

table = Table("resample")
case, normal = table.case, torch.randn


def resized(name, *shapes, **options):
    for shape in shapes:
        case(name, lambda x: F.interpolate(x, **options), normal(*shape))


resized("interpolate", (1, 2, 3), (2, 1, 2, 3), (1, 1, 2, 1, 2), scale_factor=2)
resized("interpolate:nearest size", (1, 2, 3, 4), size=(5, 2))
resized("interpolate:nearest exact", (1, 2, 3), (1, 1, 7), size=5, mode="nearest-exact")
resized("interpolate:linear", (1, 2, 4), (2, 1, 1), size=7, mode="linear")
resized("interpolate:linear corners", (1, 2, 4), (1, 1, 9), size=7, mode="linear", align_corners=True)
resized("interpolate:bilinear", (1, 2, 3, 5), scale_factor=(1.7, 0.6), mode="bilinear")
resized(
    "interpolate:bilinear recomputed",
    (1, 2, 3, 5),
    scale_factor=(1.7, 0.6),
    mode="bilinear",
    recompute_scale_factor=True,
)
resized("interpolate:bilinear antialias", (1, 1, 5, 8), (1, 2, 2, 1), size=(2, 3), mode="bilinear", antialias=True)
resized("interpolate:bicubic", (1, 2, 2, 4), scale_factor=1.5, mode="bicubic")
resized("interpolate:bicubic corners", (1, 1, 4, 4), size=(3, 7), mode="bicubic", align_corners=True)
resized("interpolate:bicubic antialias", (1, 1, 5, 8), (1, 2, 1, 2), size=(2, 3), mode="bicubic", antialias=True)
resized("interpolate:trilinear", (1, 1, 2, 3, 3), size=(3, 2, 5), mode="trilinear")
resized("interpolate:area", (1, 2, 5, 3), size=(3, 2), mode="area")
case("pixel_shuffle", lambda x: F.pixel_shuffle(x, 2), normal(2, 4, 1, 2))
case("pixel_shuffle", lambda x: F.pixel_shuffle(x, 2), normal(8, 2, 2))
case("pixel_unshuffle", lambda x: F.pixel_unshuffle(x, 2), normal(2, 1, 2, 4))
case("channel_shuffle", lambda x: torch.channel_shuffle(x, 2), normal(2, 4, 1, 2))
case("unfold", lambda x: F.unfold(x, (2, 3), padding=1, stride=(1, 2)), normal(2, 2, 3, 4))
case("unfold", lambda x: F.unfold(x, (2, 3), padding=1, stride=(1, 2)), normal(1, 2, 3))
case("fold", lambda x: F.fold(x, (3, 4), 2, dilation=(1, 2), padding=(0, 1)), normal(2, 8, 8))


def sampled(name, mode="bilinear", padding_mode="zeros", align_corners=False, volume=False):
    shapes = [((2, 2, 3, 4), (2, 3, 2, 2))] + ([((1, 1, 2, 3, 2), (1, 2, 2, 1, 3))] if volume else [])
    for image, grid in shapes:
        case(
            name,
            lambda x, g: F.grid_sample(x, g, mode, padding_mode, align_corners),
            normal(*image),
            normal(*grid) * 0.7,
        )


sampled("grid_sample", volume=True)
sampled("grid_sample:corners", align_corners=True, volume=True)
sampled("grid_sample:border", padding_mode="border", volume=True)
sampled("grid_sample:reflection", padding_mode="reflection", volume=True)
sampled("grid_sample:reflection corners", padding_mode="reflection", align_corners=True)
sampled("grid_sample:bicubic", mode="bicubic")
sampled("grid_sample:bicubic reflection", mode="bicubic", padding_mode="reflection")
line = torch.linspace(-1.2, 1.1, 12, dtype=torch.float64).reshape(1, 2, 3, 2)
case("grid_sample:nearest", lambda x: F.grid_sample(x, line, "nearest", align_corners=False), normal(1, 2, 3, 4))
case("affine_grid", lambda x: F.affine_grid(x, (2, 1, 3, 2), align_corners=False), normal(2, 2, 3))
case("affine_grid:volume", lambda x: F.affine_grid(x, (1, 1, 2, 1, 3), align_corners=True), normal(1, 3, 4))

table.save()
