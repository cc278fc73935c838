"""Modules of torch.nn: what is behind a state dict, in float64.

Run      python nn.py      writes nn.safetensors beside this file
Needs    torch, numpy, safetensors

Content  names are <case>.<what>
         state.<key>     the state dict at the start
         after.<key>     the buffers at the end, where there are some
         x0, x1, ...     inputs; y0, y1, ... results; dy0, dy1, ... upstream gradients
         dx0, ...        gradients of the inputs; grad.<key> of the parameters
"""

import pathlib

import torch
from safetensors.torch import save_file
from torch import nn

torch.set_default_dtype(torch.float64)
torch.manual_seed(7)
out = {}


def keep(name, tensor):
    assert name not in out, name
    out[name] = tensor.detach().clone().contiguous()


def flat(y):
    return [y] if isinstance(y, torch.Tensor) else [t for part in y for t in flat(part)]


def case(name, module, *inputs, call=None, shake=True):
    if shake:  # parameters away from their ones and zeros
        with torch.no_grad():
            for p in module.parameters():
                p.add_(0.1 * torch.randn_like(p))
    for key, value in module.state_dict().items():
        keep(f"{name}.state.{key}", value)
    leaves = [x.detach().clone().requires_grad_() for x in inputs]
    ys = flat((call or module)(*leaves))
    dys = [torch.randn_like(y) for y in ys]
    for i, x in enumerate(leaves):
        keep(f"{name}.x{i}", x)
    for i, (y, dy) in enumerate(zip(ys, dys)):
        keep(f"{name}.y{i}", y)
        keep(f"{name}.dy{i}", dy)
    torch.autograd.backward(ys, dys)
    for i, x in enumerate(leaves):
        keep(f"{name}.dx{i}", torch.zeros_like(x) if x.grad is None else x.grad)
    for key, p in module.named_parameters():
        keep(f"{name}.grad.{key}", p.grad)
    for key, b in module.named_buffers():
        keep(f"{name}.after.{key}", b)
    return module


randn = torch.randn
case("rms_norm", nn.RMSNorm(5), randn(3, 5))
case("group_norm", nn.GroupNorm(2, 4), randn(3, 4, 5))
case("instance_norm", nn.InstanceNorm2d(3, affine=True), randn(2, 3, 2, 4))
bn = case("batch_norm.2d", nn.BatchNorm2d(3), 2 + 3 * randn(4, 3, 2, 2))
bn.zero_grad()
case("batch_norm.eval", bn.eval(), randn(4, 3, 2, 2), shake=False)
case("batch_norm.1d", nn.BatchNorm1d(3, momentum=None), randn(6, 3))

for kind, make in (("lstm", nn.LSTM), ("gru", nn.GRU)):
    h, c = randn(1, 3, 4), randn(1, 3, 4)
    states = (h, c) if kind == "lstm" else (h,)
    pack = (lambda s: tuple(s)) if kind == "lstm" else (lambda s: s[0])
    m = make(2, 4)
    case(f"{kind}.plain", m, randn(5, 3, 2))
    case(f"{kind}.states", m := make(2, 4, bias=False), randn(5, 3, 2), *states, call=lambda x, *s: m(x, pack(s)))
    wide = make(2, 4, num_layers=2, bidirectional=True, batch_first=True)
    more = tuple(randn(4, 3, 4) for _ in states)
    case(f"{kind}.deep", wide, randn(3, 5, 2), *more, call=lambda x, *s: wide(x, pack(s)))
case("rnn.tanh", nn.RNN(2, 4, num_layers=2, bidirectional=True), randn(5, 3, 2))
case("rnn.relu", nn.RNN(2, 4, nonlinearity="relu"), randn(5, 3, 2))
case("rnn.cell", cell := nn.RNNCell(2, 4), randn(3, 2), randn(3, 4))
case("gru.cell", nn.GRUCell(2, 4), randn(3, 2), randn(3, 4))
case("lstm.cell", lc := nn.LSTMCell(2, 4), randn(3, 2), randn(3, 4), randn(3, 4), call=lambda x, h, c: lc(x, (h, c)))

keep("mask.padding", torch.tensor([[False, False, False, True], [False, False, False, False]]))  # of 4 keys; true: no key
causal = torch.triu(torch.ones(5, 5, dtype=torch.bool), 1)
mha = nn.MultiheadAttention(6, 2, batch_first=True)
case("attention.cross", mha, randn(2, 5, 6), randn(2, 4, 6), randn(2, 4, 6),
     call=lambda q, k, v: mha(q, k, v, need_weights=False)[0])
case("attention.padding", mha, randn(2, 5, 6), randn(2, 4, 6), shake=False,
     call=lambda q, k: mha(q, k, k, key_padding_mask=out["mask.padding"], need_weights=False)[0]) if mha.zero_grad() is None else 0
mha.zero_grad()
case("attention.self", mha, randn(2, 5, 6), call=lambda x: mha(x, x, x, attn_mask=causal, need_weights=False)[0], shake=False)
for first in (False, True):
    order = "pre" if first else "post"
    enc = nn.TransformerEncoderLayer(6, 2, 8, dropout=0.0, norm_first=first, batch_first=True, activation="gelu" if first else "relu")
    case(f"encoder_layer.{order}", enc, randn(2, 4, 6), call=lambda x: enc(x, src_key_padding_mask=out["mask.padding"]))
    dec = nn.TransformerDecoderLayer(6, 2, 8, dropout=0.0, norm_first=first, batch_first=True)
    case(f"decoder_layer.{order}", dec, randn(2, 5, 6), randn(2, 4, 6),
         call=lambda x, m: dec(x, m, tgt_mask=causal, memory_key_padding_mask=out["mask.padding"]))
    full = nn.Transformer(6, 2, 2, 2, 8, dropout=0.0, norm_first=first, batch_first=True)
    case(f"transformer.{order}", full, randn(2, 4, 6), randn(2, 5, 6),
         call=lambda s, t: full(s, t, tgt_mask=causal, src_key_padding_mask=out["mask.padding"],
                                memory_key_padding_mask=out["mask.padding"]))

case("prelu.one", nn.PReLU(), randn(2, 3))
case("prelu.channels", nn.PReLU(3), randn(2, 3, 4))
case("weight_norm", nn.utils.parametrizations.weight_norm(nn.Linear(3, 4)), randn(2, 3))
sn = nn.utils.parametrizations.spectral_norm(nn.Linear(3, 4), n_power_iterations=2)
case("spectral_norm", sn, randn(2, 3))
sn.zero_grad()
case("spectral_norm.eval", sn.eval(), randn(2, 3), shake=False)
emb = nn.Embedding(5, 3, padding_idx=1)
keep("embedding.ids", torch.tensor([[1, 2, 0], [4, 1, 2]]))
case("embedding", emb, call=lambda: emb(out["embedding.ids"]), shake=False)
tracking = case("instance_norm.tracking", nn.InstanceNorm2d(3, momentum=0.3, affine=True, track_running_stats=True),
                2 + 3 * randn(4, 3, 2, 2))
tracking.zero_grad()
case("instance_norm.eval", tracking.eval(), randn(4, 3, 2, 2), shake=False)
case("bilinear", nn.Bilinear(3, 4, 2), randn(2, 5, 3), randn(2, 5, 4))

path = pathlib.Path(__file__).parent / "nn.safetensors"
save_file(out, path)
print(path.name, len(out), "tensors", path.stat().st_size, "bytes")
