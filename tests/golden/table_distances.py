"""Writes table_distances.safetensors: distances, unit vectors and cosines.

Needs    as table.py
"""

import torch
import torch.nn.functional as F

from table import Table

table = Table("distances")
case, normal = table.case, torch.randn

for name, p in [("cdist", 2.0), ("cdist:1", 1.0), ("cdist:inf", float("inf")), ("cdist:3.5", 3.5)]:
    case(name, lambda a, b, p=p: torch.cdist(a, b, p=p), normal(3, 2), normal(2, 2))
    case(name, lambda a, b, p=p: torch.cdist(a, b, p=p), normal(2, 2, 3), normal(2, 3))
a = normal(3, 2)
case("cdist:0 distance", torch.cdist, a, torch.cat([a[1:], a[:1] + 1]))
case("cdist:0", lambda a, b: torch.cdist(a, b, p=0), normal(3, 2).round(), normal(3, 2).round(), grad=False)
case("pairwise_distance", F.pairwise_distance, normal(2, 3), normal(2, 3))
case("pairwise_distance", F.pairwise_distance, normal(3), normal(2, 3))
case("pairwise_distance:1", lambda a, b: F.pairwise_distance(a, b, p=1, keepdim=True), normal(2, 3), normal(2, 3))
case("cosine_similarity", F.cosine_similarity, normal(2, 3), normal(2, 3))
case("cosine_similarity", F.cosine_similarity, normal(2, 2, 3), normal(2, 1, 3))
case("cosine_similarity:last", lambda a, b: F.cosine_similarity(a, b, dim=-1), normal(2, 3), normal(3))
case("normalize", F.normalize, normal(2, 3))
case("normalize", F.normalize, normal(2, 3, 2))
case("normalize:1", lambda x: F.normalize(x, p=1, dim=0), normal(3, 2))
case("normalize:3", lambda x: F.normalize(x, p=3, dim=-1), normal(2, 3))

table.save()
