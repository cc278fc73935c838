#!/usr/bin/env python3
"""The models of examples/density_images.cpp in PyTorch, from the same first weights and with the same test pictures.

  density_images TRAIN --test TEST --model nade --epochs 0 --start nade.safetensors      writes both
  density.py nade.safetensors TRAIN --model nade --epochs 5                              trains as the program does

TRAIN is an IDX file of pictures, packed or not. Pixels are coins of their grey, thrown anew for every batch.
Needs    torch, numpy, safetensors
"""

import argparse
import gzip
import time

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file


def load_idx(path):
    with (gzip.open if path.endswith(".gz") else open)(path) as file:
        data = file.read()
    sizes = [int.from_bytes(data[4 + 4 * i:8 + 4 * i], "big") for i in range(data[3])]
    return torch.from_numpy(np.frombuffer(data, np.uint8, offset=4 + 4 * data[3]).copy()).reshape(sizes[0], -1)


def fvsbn(p, x):
    return F.linear(x, p["layer.weight"] * p["layer.mask"], p["layer.bias"])


def made(p, x):
    first, last = "net.initial_layer.", "net.final_layer."
    h = torch.relu(F.linear(x, p[first + "weight"] * p[first + "mask"], p[first + "bias"]))
    return F.linear(h, p[last + "weight"] * p[last + "mask"], p[last + "bias"])


def nade(p, x):
    logits, a = [], p["hidden_bias"].expand(x.shape[0], -1)
    # Rows by unbind: the gradient of an index into the whole matrix would be a matrix for each of them.
    for value, w, v, b in zip(x.t(), p["weight"].unbind(), p["output_weight"].unbind(), p["bias"].unbind()):
        logits.append(torch.sigmoid(a) @ v + b)
        a = a + value[:, None] * w
    return torch.stack(logits, 1)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("start")
    parser.add_argument("images")
    parser.add_argument("--model", choices=["fvsbn", "made", "nade"], default="nade")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--batch", type=int, default=100)
    parser.add_argument("--steps", type=int, default=0, help="stop after so many and say what one took")
    parser.add_argument("--limit", type=int, default=0)
    parser.add_argument("--lr", type=float, default=1e-3)
    parser.add_argument("--threads", type=int, default=2)
    o = parser.parse_args()
    torch.set_num_threads(o.threads)
    torch.manual_seed(1)
    logits_of = globals()[o.model]
    p = load_file(o.start)
    test = p.pop("test").float()
    trained = [w.requires_grad_() for name, w in p.items() if "weight" in name or "bias" in name]
    grey = load_idx(o.images)
    grey = grey[:o.limit or len(grey)]
    optimizer = torch.optim.Adam(trained, lr=o.lr)

    def loss_of(x):
        return F.binary_cross_entropy_with_logits(logits_of(p, x), x, reduction="sum") / len(x)

    def test_nats():
        with torch.no_grad():
            return -sum(loss_of(x).item() * len(x) for x in test.split(1000)) / len(test)

    spent, step = 0.0, 0
    for epoch in range(1, o.epochs + 1):
        began = time.perf_counter()
        total = 0.0
        for rows in torch.randperm(len(grey)).split(o.batch):
            x = torch.bernoulli(grey[rows] / 255)
            loss = loss_of(x)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total -= loss.item() * len(x)
            step += 1
            if step == o.steps:
                print(f"{1e3 * (time.perf_counter() - began) / step:.2f} ms a step")
                return
        spent += time.perf_counter() - began
        print(f"epoch {epoch}  train {total / len(grey):.2f}  test {test_nats():.2f} nats  {spent / epoch:.2f} s an epoch",
              flush=True)
    print(f"test {test_nats():.3f} nats")


main()
