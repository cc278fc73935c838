"""A GPT with every gradient and ten AdamW steps, as PyTorch computes them.

Run      python gpt_train.py               writes gpt_train.safetensors beside this file (2 layers, width 64)
         python gpt_train.py --full PATH   writes the same content for 4 layers, width 128 to PATH (6.6 MB: not kept here)
Needs    torch, numpy, safetensors

The model is nanoGPT's: token + learned position embedding, pre-norm blocks (causal attention with 4 heads, MLP of 4x
the width with the exact erf GELU), a last LayerNorm, and a head without bias that shares its matrix with the token
embedding. Every other Linear and LayerNorm has a bias. LayerNorm's epsilon is 1e-5; attention is scaled by
1/sqrt(width / heads); c_attn gives query, key, value side by side, each split into heads. Context 64, vocabulary 65,
batch 4 of random tokens. No dropout.

Content  <name>              F32  the initial parameters under GPT-2's Hugging Face names. A Linear's weight is stored
                                  (out, in), unlike Hugging Face's own GPT-2 files. lm_head is tied and not repeated
         idx, targets        I64  (4, 64)
         logits              F32  (4, 64, 65)
         loss                F32  ()  mean cross entropy
         grad.<name>         F32  d loss / d parameter, not clipped; wte's holds both of its uses
         losses              F32  (10,)  the loss at the start of each of ten steps on this one batch: losses[0] == loss
         grad_norms          F32  (10,)  the global norm of the gradients in each step, before clipping
         losses.unclipped    F32  (10,)  the same ten steps without clipping
         final.<name>        F32  a few parameters after the ten (clipped) steps
A step is: backward, clip_grad_norm_(1.0), AdamW(lr 1e-3, betas (0.9, 0.99), eps 1e-8, weight decay 0.1 on tensors of
rank >= 2, none on the others).

All of it is computed in float64 from the float32 parameters and rounded when stored, so the file holds no rounding
noise of its own. The script prints how far PyTorch's float32 is from it.
The gradient of the key third of c_attn.bias is zero but for rounding (softmax ignores a shift): compare a gradient
with the largest value of its whole tensor, never element by element.
"""

import argparse
import math
import pathlib

import numpy as np
import torch
from safetensors.numpy import save_file
from torch import nn
from torch.nn import functional as F

HEADS, CONTEXT, VOCAB, BATCH, STEPS = 4, 64, 65, 4, 10
FINAL = ("wte.weight", "h.1.attn.c_attn.weight", "h.0.mlp.c_fc.bias", "ln_f.weight")


class Attention(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.c_attn = nn.Linear(width, 3 * width)
        self.c_proj = nn.Linear(width, width)

    def forward(self, x):
        batch, length, width = x.shape
        q, k, v = (part.view(batch, length, HEADS, -1).transpose(1, 2) for part in self.c_attn(x).split(width, dim=2))
        scores = q @ k.transpose(-2, -1) / math.sqrt(width // HEADS)
        future = torch.ones(length, length, dtype=torch.bool).triu(1)
        y = scores.masked_fill(future, -math.inf).softmax(-1) @ v
        return self.c_proj(y.transpose(1, 2).reshape(batch, length, width))


class MLP(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.c_fc = nn.Linear(width, 4 * width)
        self.c_proj = nn.Linear(4 * width, width)

    def forward(self, x):
        return self.c_proj(F.gelu(self.c_fc(x)))


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.ln_1 = nn.LayerNorm(width)
        self.attn = Attention(width)
        self.ln_2 = nn.LayerNorm(width)
        self.mlp = MLP(width)

    def forward(self, x):
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))


class GPT(nn.Module):
    def __init__(self, layers, width):
        super().__init__()
        self.transformer = nn.ModuleDict(
            dict(
                wte=nn.Embedding(VOCAB, width),
                wpe=nn.Embedding(CONTEXT, width),
                h=nn.ModuleList(Block(width) for _ in range(layers)),
                ln_f=nn.LayerNorm(width),
            )
        )

    def forward(self, idx):
        t = self.transformer
        x = t.wte(idx) + t.wpe(torch.arange(idx.shape[1]))
        for block in t.h:
            x = block(x)
        return t.ln_f(x) @ t.wte.weight.T


def initial(layers, width):
    """A model whose biases and LayerNorm weights are not at their trivial values, so that a test sees them."""
    model = GPT(layers, width)
    with torch.no_grad():
        for name, p in model.named_parameters():
            std = 0.02 / math.sqrt(2 * layers) if name.endswith("c_proj.weight") else 0.02
            p.normal_(0.0, std)
            if ".ln_" in name and name.endswith("weight"):
                p.mul_(5.0).add_(1.0)
    return {name: p.detach().clone() for name, p in model.named_parameters()}


def loss_of(model, idx, targets):
    logits = model(idx)
    return logits, F.cross_entropy(logits.flatten(0, 1), targets.flatten())


def train(model, idx, targets, clip):
    groups = [
        {"params": [p for p in model.parameters() if p.dim() >= 2], "weight_decay": 0.1},
        {"params": [p for p in model.parameters() if p.dim() < 2], "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, lr=1e-3, betas=(0.9, 0.99), eps=1e-8)
    losses, norms = [], []
    for _ in range(STEPS):
        optimizer.zero_grad()
        _, loss = loss_of(model, idx, targets)
        loss.backward()
        norms.append(nn.utils.clip_grad_norm_(model.parameters(), clip).item())
        optimizer.step()
        losses.append(loss.item())
    return losses, norms


def compute(layers, width, params, idx, targets, dtype):
    def fresh():
        model = GPT(layers, width)
        model.load_state_dict(params)
        return model.to(dtype)

    out = {}
    model = fresh()
    logits, loss = loss_of(model, idx, targets)
    loss.backward()
    out["logits"], out["loss"] = logits, loss
    for name, p in model.named_parameters():
        out["grad." + name] = p.grad

    model = fresh()
    losses, norms = train(model, idx, targets, clip=1.0)
    out["losses"], out["grad_norms"] = torch.tensor(losses, dtype=dtype), torch.tensor(norms, dtype=dtype)
    for name, p in model.named_parameters():
        if name.removeprefix("transformer.") in FINAL:
            out["final." + name] = p
    out["losses.unclipped"] = torch.tensor(train(fresh(), idx, targets, clip=math.inf)[0], dtype=dtype)
    return {name: t.detach().double() for name, t in out.items()}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--full", type=pathlib.Path, help="write the full-size model to this path instead")
    full = parser.parse_args().full
    layers, width = (4, 128) if full else (2, 64)
    path = full or pathlib.Path(__file__).with_suffix(".safetensors")

    torch.manual_seed(1337)
    torch.set_num_threads(1)
    params = initial(layers, width)
    idx = torch.randint(VOCAB, (BATCH, CONTEXT))
    targets = torch.randint(VOCAB, (BATCH, CONTEXT))
    exact = compute(layers, width, params, idx, targets, torch.float64)
    single = compute(layers, width, params, idx, targets, torch.float32)

    tensors = {**params, **{name: t.float() for name, t in exact.items()}}
    tensors = {name: np.ascontiguousarray(t.numpy()) for name, t in tensors.items()}
    tensors |= {"idx": idx.numpy(), "targets": targets.numpy()}
    save_file(tensors, path, metadata={"torch": torch.__version__.split("+")[0]})

    def worst(prefix):
        ratios = {n: ((exact[n] - single[n]).abs().max() / exact[n].abs().max()).item() for n in exact if n.startswith(prefix)}
        name = max(ratios, key=ratios.get)
        return f"{ratios[name]:.1e} ({name})"

    print(f"{sum(p.numel() for p in params.values())} parameters, {path.stat().st_size} bytes")
    print("losses    ", [f"{v:.4f}" for v in exact["losses"].tolist()])
    print("grad norms", [f"{v:.4f}" for v in exact["grad_norms"].tolist()])
    for prefix in ("logits", "loss", "grad.", "losses", "final."):
        print(f"float32 against float64, largest difference over largest value: {prefix:7} {worst(prefix)}")


if __name__ == "__main__":
    main()
