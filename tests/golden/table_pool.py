"""Writes table_pool.safetensors: windows brought to one number.

Needs    as table.py
"""

import torch
import torch.nn.functional as F

from table import Table

table = Table("pool")
case, normal = table.case, torch.randn

case("max_pool1d", lambda x: F.max_pool1d(x, 2), normal(2, 2, 5))
case("max_pool1d", lambda x: F.max_pool1d(x, 2), normal(2, 4))
case("max_pool1d:ceil", lambda x: F.max_pool1d(x, 3, stride=2, padding=1, ceil_mode=True), normal(1, 2, 6))
case("max_pool2d", lambda x: F.max_pool2d(x, (2, 3), stride=(1, 2), padding=(1, 0)), normal(1, 2, 3, 5))
case("max_pool2d", lambda x: F.max_pool2d(x, (2, 3), stride=(1, 2), padding=(1, 0)), normal(2, 2, 4))
case("max_pool2d:dilation", lambda x: F.max_pool2d(x, 2, stride=1, padding=1, dilation=2), normal(1, 1, 4, 3))
case("max_pool3d", lambda x: F.max_pool3d(x, (1, 2, 2)), normal(1, 2, 2, 2, 5))
case("max_pool1d_with_indices", lambda x: F.max_pool1d(x, 2), normal(1, 2, 4))
case("max_pool2d_with_indices", lambda x: F.max_pool2d(x, 2), normal(1, 2, 4, 4))
case("max_pool3d_with_indices", lambda x: F.max_pool3d(x, 2), normal(1, 2, 2, 2, 4))
case("adaptive_max_pool1d", lambda x: F.adaptive_max_pool1d(x, 3), normal(2, 1, 5))
case("adaptive_max_pool2d", lambda x: F.adaptive_max_pool2d(x, (2, 3)), normal(1, 2, 5, 4))
case("adaptive_max_pool3d", lambda x: F.adaptive_max_pool3d(x, (1, 2, 2)), normal(1, 1, 2, 3, 2))
case("avg_pool1d", lambda x: F.avg_pool1d(x, 3, stride=1, padding=1), normal(2, 2, 4))
case("avg_pool2d", lambda x: F.avg_pool2d(x, (2, 3)), normal(1, 2, 5, 7))
case("avg_pool2d", lambda x: F.avg_pool2d(x, (2, 3)), normal(2, 2, 3))
ceil = {"stride": 2, "padding": 1, "ceil_mode": True}
case("avg_pool2d:ceil", lambda x: F.avg_pool2d(x, 3, count_include_pad=False, **ceil), normal(1, 1, 4, 6))
case("avg_pool2d:ceil padding", lambda x: F.avg_pool2d(x, 3, **ceil), normal(1, 1, 4, 6))
case("avg_pool2d:divisor", lambda x: F.avg_pool2d(x, 2, divisor_override=3), normal(1, 1, 4, 5))
case("avg_pool3d", lambda x: F.avg_pool3d(x, (1, 2, 2), padding=(0, 1, 0)), normal(1, 1, 2, 3, 4))
case("adaptive_avg_pool1d", lambda x: F.adaptive_avg_pool1d(x, 3), normal(2, 1, 5))
case("adaptive_avg_pool2d", lambda x: F.adaptive_avg_pool2d(x, (2, 3)), normal(1, 2, 5, 4))
case("adaptive_avg_pool3d", lambda x: F.adaptive_avg_pool3d(x, (1, 2, 2)), normal(1, 1, 2, 3, 2))
places = torch.tensor([1, 3, 0, 2]).reshape(1, 2, 2)
case("max_unpool1d", lambda x: F.max_unpool1d(x, places, 2, output_size=(4,)), normal(1, 2, 2))
corners = torch.tensor([0, 3, 8, 11]).reshape(1, 1, 2, 2)
case("max_unpool2d", lambda x: F.max_unpool2d(x, corners, 2, output_size=(3, 4)), normal(1, 1, 2, 2))
one = torch.tensor([5]).reshape(1, 1, 1, 1, 1)
case("max_unpool3d", lambda x: F.max_unpool3d(x, one, 2, output_size=(2, 2, 2)), normal(1, 1, 1, 1, 1))

table.save()
