"""Writes table_conv.safetensors: convolutions and their transposes.

Needs    as table.py
"""

import torch
import torch.nn.functional as F

from table import Table

table = Table("conv")
case, normal = table.case, torch.randn

case("conv1d", F.conv1d, normal(2, 2, 5), normal(3, 2, 3), normal(3))
case("conv1d", F.conv1d, normal(2, 4), normal(1, 2, 1), normal(1))
case(
    "conv1d:options",
    lambda x, w: F.conv1d(x, w, stride=2, padding=3, dilation=2, groups=2),
    normal(1, 4, 6),
    normal(2, 2, 3),
)
case("conv1d:same", lambda x, w: F.conv1d(x, w, padding="same"), normal(1, 2, 5), normal(2, 2, 4))
case("conv1d:same", lambda x, w: F.conv1d(x, w, padding="same"), normal(1, 1, 4), normal(1, 1, 3))
case("conv2d", F.conv2d, normal(2, 2, 4, 3), normal(2, 2, 2, 3), normal(2))
case("conv2d", F.conv2d, normal(3, 3, 2), normal(2, 3, 1, 1), normal(2))
case("conv2d:padding", lambda x, w: F.conv2d(x, w, padding=1), normal(1, 2, 3, 4), normal(2, 2, 3, 3))
case(
    "conv2d:options",
    lambda x, w, b: F.conv2d(x, w, b, stride=(2, 3), padding=(2, 1), dilation=(1, 2)),
    normal(1, 2, 4, 6),
    normal(2, 2, 2, 3),
    normal(2),
)
case(
    "conv2d:depthwise",
    lambda x, w, b: F.conv2d(x, w, b, stride=2, padding=1, groups=3),
    normal(2, 3, 4, 4),
    normal(3, 1, 3, 3),
    normal(3),
)
case(
    "conv3d",
    lambda x, w, b: F.conv3d(x, w, b, stride=(1, 2, 1), padding=(1, 0, 1)),
    normal(1, 2, 2, 4, 3),
    normal(2, 2, 2, 2, 3),
    normal(2),
)
case(
    "conv_transpose1d",
    lambda x, w, b: F.conv_transpose1d(x, w, b, stride=3, padding=1, output_padding=2),
    normal(2, 2, 3),
    normal(2, 3, 4),
    normal(3),
)
case("conv_transpose2d", F.conv_transpose2d, normal(2, 2, 2, 3), normal(2, 2, 3, 2), normal(2))
case("conv_transpose2d", F.conv_transpose2d, normal(2, 3, 2), normal(2, 1, 1, 1), normal(1))
case(
    "conv_transpose2d:options",
    lambda x, w: F.conv_transpose2d(
        x, w, stride=(2, 1), padding=(1, 2), output_padding=(1, 2), groups=2, dilation=(1, 3)
    ),
    normal(1, 4, 2, 3),
    normal(4, 1, 2, 3),
)
case(
    "conv_transpose3d",
    lambda x, w: F.conv_transpose3d(x, w, stride=2),
    normal(1, 1, 2, 1, 2),
    normal(1, 2, 2, 3, 1),
)

table.save()
