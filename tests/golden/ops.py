"""Values, gradients and second-order gradients of operations, as PyTorch computes them, in float64.

Run      python ops.py      writes ops.safetensors beside this file
Needs    torch, numpy, safetensors

Content  names are <operation>.<case>.<what>; numbers are F64, ids I64, masks BOOL
         <input>       x, or q, k, v, a, b, weight, bias, ids, target, index, mask
         y             the result
         dy            a random upstream gradient
         d<input>      gradients of sum(y * dy)
         d2<input>     second order: gradients of sum over inputs of sum(d<input>^2), dy held constant
Cases, and what PyTorch does that another library may not:
  <elementwise>.smooth   (4, 9): gelu (erf), silu, sigmoid, tanh, softplus, logsigmoid; d2x too
  <elementwise>.large    (22,): zeros of both signs, tiny, +-20 .. +-1000. softplus is x itself above 20 (PyTorch's
                         threshold), which is 2e-9 below the exact value; no d2x
  <elementwise>.special  (3,): nan, inf, -inf; y only (gelu and silu of -inf are nan)
  softmax, log_softmax   .axis0 .axis1 .axis2 of (2, 3, 5); .large has rows of +-1000; d2x on axis2 and axis0
  layer_norm             .affine (4, 6) with weight and bias, d2 of all three; .plain; .two_axes over the last two of
                         (2, 3, 4); .near_constant has rows whose variance is about epsilon. epsilon 1e-5
  cross_entropy          logits x (6, 5). .mean .sum .none; .ignore_* with target -100 in rows 1 and 4; .smooth_* with
                         label smoothing 0.1; .smooth_ignore_* with both; .ignore_id ignores class 2 instead;
                         .all_ignored (mean: nan; dx is zero); .large has logits of +-1000; d2x on .mean, .none,
                         .smooth_mean, .smooth_ignore_mean
  mse                    .mean .sum .none of a, b (3, 4)
  attention              q (2, 3, 5, 4), k and v (2, 3, 7, 4): batch, heads, length, width. .plain; .causal (a query
                         sees keys 0 .. its own index, aligned at the top left); .causal_square with k and v (2, 3, 5, 4);
                         .bool_mask (5, 7), true = look; .bool_mask_full (2, 3, 5, 7); .float_mask (5, 7), added;
                         .scale is 0.3 instead of 1/sqrt(4); .all_masked: query 2 sees no key (PyTorch: zeros, not nan);
                         .float_mask has dmask. d2q, d2k, d2v on .plain, .causal, .bool_mask, .float_mask
  logsumexp              .axis0 .axis2 .axes02 .keepdims of (2, 3, 5); .large; .infinite (rows with -inf, only -inf, +inf)
  embedding              .repeated: weight (6, 4), ids (2, 3) with repeats; dweight sums them
  gather                 .axis0 .axis1 of (3, 5), with repeated ids
  masked_fill            .same, .broadcast: fills -2.5 where mask
  tril                   .m1 .0 .p2: diagonal -1, 0, 2 of (2, 3, 5)
  clamp                  .both to [-1, 1], .low at -1, .high at 1: at a bound the gradient passes; nan stays nan,
                         with gradient 0
  maximum, minimum       .ties: a tie gives half to each; .nan: a nan wins, and each side gets the whole gradient
  abs, sign, relu        .zero: gradient 0 at 0. .special: y only; the sign of nan is 0
  amax, amin             .ties over axis 1 of (4, 6): tied elements share evenly; .axes over axes 0 and 2; .nan
  argmax, argmin         .axis1, .flat, .ties (first one wins), .nan (first nan wins); y is I64
"""

import pathlib

import torch
from safetensors.torch import save_file
from torch.nn import functional as F
from torch.nn.attention import SDPBackend, sdpa_kernel

NAN, INF = float("nan"), float("inf")
out = {}


def keep(name, tensor):
    assert name not in out, name
    out[name] = tensor.detach().clone().contiguous()


def value(name, f, fixed=None, **inputs):
    """Stores y only."""
    for key, tensor in {**inputs, **(fixed or {})}.items():
        keep(f"{name}.{key}", tensor)
    keep(name + ".y", f(*inputs.values()))


def record(name, f, fixed=None, second=False, **inputs):
    """Stores y, dy and the gradient of each of `inputs`; `fixed` is stored beside them."""
    leaves = {key: t.detach().clone().requires_grad_() for key, t in inputs.items()}
    y = f(*leaves.values())
    dy = torch.randn(y.shape)
    first = torch.autograd.grad(y, list(leaves.values()), dy, create_graph=second)
    for key, tensor in {**leaves, **(fixed or {}), "y": y, "dy": dy}.items():
        keep(f"{name}.{key}", tensor)
    for key, g in zip(leaves, first):
        keep(f"{name}.d{key}", g)
    if second:
        squares = sum((g * g).sum() for g in first)
        for key, g in zip(leaves, torch.autograd.grad(squares, list(leaves.values()), allow_unused=True)):
            keep(f"{name}.d2{key}", torch.zeros_like(leaves[key]) if g is None else g)


def elementwise():
    large = [s * x for x in (0.0, 1e-8, 1e-300, 5.0, 19.5, 20.0, 20.5, 37.0, 50.0, 700.0, 1000.0) for s in (1.0, -1.0)]
    functions = dict(gelu=F.gelu, silu=F.silu, sigmoid=torch.sigmoid, tanh=torch.tanh, softplus=F.softplus, logsigmoid=F.logsigmoid)
    for op, f in functions.items():
        record(f"{op}.smooth", f, second=True, x=3 * torch.randn(4, 9))
        record(f"{op}.large", f, x=torch.tensor(large))
        value(f"{op}.special", f, x=torch.tensor([NAN, INF, -INF]))
    for op, f in dict(abs=torch.abs, sign=torch.sign, relu=torch.relu).items():
        record(f"{op}.zero", f, x=torch.tensor([-2.5, -1e-300, -0.0, 0.0, 1e-300, 3.0]))
        value(f"{op}.special", f, x=torch.tensor([NAN, INF, -INF]))


def rows():
    spread = torch.tensor([[1000.0, 999.0, -1000.0, 0.0], [-1000.0, -1000.5, -1001.0, -2000.0], [0.0, 0.0, 0.0, 0.0]])
    for op, f in dict(softmax=torch.softmax, log_softmax=torch.log_softmax).items():
        for axis in range(3):
            record(f"{op}.axis{axis}", lambda x: f(x, axis), second=axis != 1, x=2 * torch.randn(2, 3, 5))
        record(f"{op}.large", lambda x: f(x, -1), x=spread)
    x = torch.randn(2, 3, 5)
    record("logsumexp.axis0", lambda x: x.logsumexp(0), x=x)
    record("logsumexp.axis2", lambda x: x.logsumexp(2), second=True, x=x)
    record("logsumexp.axes02", lambda x: x.logsumexp((0, 2)), x=x)
    record("logsumexp.keepdims", lambda x: x.logsumexp(1, keepdim=True), x=x)
    record("logsumexp.large", lambda x: x.logsumexp(-1), x=spread)
    infinite = torch.tensor([[0.0, -INF, 1.0], [-INF] * 3, [0.0, INF, 1.0], [INF, -INF, NAN]])
    value("logsumexp.infinite", lambda x: x.logsumexp(-1), x=infinite)

    def norm(x, weight=None, bias=None):
        return F.layer_norm(x, x.shape[-1:], weight, bias, eps=1e-5)

    weight, bias = 1 + 0.3 * torch.randn(6), torch.randn(6)
    record("layer_norm.affine", norm, second=True, x=torch.randn(4, 6) + 0.5, weight=weight, bias=bias)
    record("layer_norm.plain", norm, second=True, x=5 * torch.randn(3, 7) - 2)
    record(
        "layer_norm.two_axes",
        lambda x, weight, bias: F.layer_norm(x, x.shape[-2:], weight, bias, eps=1e-5),
        x=torch.randn(2, 3, 4),
        weight=torch.randn(3, 4),
        bias=torch.randn(3, 4),
    )
    record("layer_norm.near_constant", norm, x=1 + torch.tensor([[0.0], [1e-3], [3e-3], [1e-1]]) * torch.randn(4, 6))


def losses():
    target = torch.tensor([0, 3, 2, 4, 1, 2])
    ignored = torch.tensor([0, -100, 2, 4, -100, 2])
    logits = 2 * torch.randn(6, 5)

    def entropy(case, target, second=False, x=logits, **options):
        f = lambda x: F.cross_entropy(x, target, **options)
        record(f"cross_entropy.{case}", f, fixed=dict(target=target), second=second, x=x)

    for reduction in ("mean", "sum", "none"):
        entropy(reduction, target, second=reduction != "sum", reduction=reduction)
        entropy(f"ignore_{reduction}", ignored, reduction=reduction)
        entropy(f"smooth_{reduction}", target, second=reduction == "mean", reduction=reduction, label_smoothing=0.1)
        entropy(f"smooth_ignore_{reduction}", ignored, second=reduction == "mean", reduction=reduction, label_smoothing=0.1)
        f = lambda a, b: F.mse_loss(a, b, reduction=reduction)
        record(f"mse.{reduction}", f, second=True, a=torch.randn(3, 4), b=torch.randn(3, 4))
    entropy("ignore_id", target, ignore_index=2)
    entropy("all_ignored", torch.full((6,), -100))
    entropy("large", torch.tensor([0, 0, 1]), x=torch.tensor([[1000.0, 0.0, -1000.0], [-1000.0, 1000.0, 0.0], [-1000.0, -1000.0, -1000.0]]))


def attention():
    see = torch.rand(5, 7) < 0.6
    see[:, 0] = True
    see_full = torch.rand(2, 3, 5, 7) < 0.6
    see_full[..., 3] = True
    blind = see.clone()
    blind[2] = False

    def case(name, keys=7, second=False, fixed=None, mask=None, **options):
        inputs = dict(q=torch.randn(2, 3, 5, 4), k=torch.randn(2, 3, keys, 4), v=torch.randn(2, 3, keys, 4))
        boolean = fixed["mask"] if fixed else None
        if mask is not None:
            inputs["mask"] = mask

        def f(q, k, v, mask=None):
            return F.scaled_dot_product_attention(q, k, v, attn_mask=boolean if mask is None else mask, **options)

        with sdpa_kernel(SDPBackend.MATH):
            record(f"attention.{name}", f, fixed=fixed, second=second, **inputs)
        # The fused kernel and the definition agree.
        assert torch.allclose(f(*inputs.values()), out[f"attention.{name}.y"], rtol=1e-12, atol=1e-13), name

    case("plain", second=True)
    case("causal", second=True, is_causal=True)
    case("causal_square", keys=5, is_causal=True)
    case("bool_mask", second=True, fixed=dict(mask=see))
    case("bool_mask_full", fixed=dict(mask=see_full))
    case("float_mask", second=True, mask=torch.randn(5, 7))
    case("scale", scale=0.3)
    case("all_masked", fixed=dict(mask=blind))


def indexing():
    ids = torch.tensor([[1, 3, 1], [5, 1, 0]])
    record("embedding.repeated", lambda weight: F.embedding(ids, weight), fixed=dict(ids=ids), weight=torch.randn(6, 4))
    for axis, index in enumerate(([[0, 2, 2, 1, 0], [2, 2, 0, 1, 0]], [[4, 4, 0, 1], [2, 2, 2, 2], [0, 1, 3, 4]])):
        index = torch.tensor(index)
        record(f"gather.axis{axis}", lambda x: x.gather(axis, index), fixed=dict(index=index), x=torch.randn(3, 5))
    for name, mask in dict(same=torch.rand(3, 4) < 0.5, broadcast=torch.tensor([True, False, False, True])).items():
        record(f"masked_fill.{name}", lambda x: x.masked_fill(mask, -2.5), fixed=dict(mask=mask), x=torch.randn(3, 4))
    for name, diagonal in (("m1", -1), ("0", 0), ("p2", 2)):
        record(f"tril.{name}", lambda x: x.tril(diagonal), x=torch.randn(2, 3, 5))


def choices():
    x = torch.tensor([-3.0, -1.0, -0.5, -0.0, 0.0, 0.5, 1.0, 2.0, NAN, INF, -INF])
    for name, bounds in dict(both=(-1.0, 1.0), low=(-1.0, None), high=(None, 1.0)).items():
        record(f"clamp.{name}", lambda x: x.clamp(*bounds), x=x)

    a = torch.tensor([1.0, 2.0, 3.0, -1.0, 0.0, -0.0, INF, -INF])
    b = torch.tensor([1.0, 3.0, 2.0, -1.0, -0.0, 0.0, INF, -INF])
    for op, f in dict(maximum=torch.maximum, minimum=torch.minimum).items():
        record(f"{op}.ties", f, a=a, b=b)
        record(f"{op}.nan", f, a=torch.tensor([NAN, 1.0, NAN, 2.0]), b=torch.tensor([1.0, NAN, NAN, 3.0]))

    tied = torch.tensor([[1.0, 3, 3, 0, 3, -1], [2, 2, 2, 2, 2, 2], [5, 1, 2, 3, 4, 0], [-1, -1, -2, -2, -1.5, -2]])
    with_nan = torch.tensor([[1.0, NAN, 3, NAN], [4, 5, 6, 1], [NAN, -INF, INF, 0]])
    cube = torch.randint(-2, 3, (3, 4, 5)).double()
    for op in ("max", "min"):
        reduce, position = getattr(torch, "a" + op), getattr(torch, "arg" + op)
        record(f"a{op}.ties", lambda x: reduce(x, 1), x=tied)
        record(f"a{op}.axes", lambda x: reduce(x, (0, 2)), x=cube)
        value(f"a{op}.nan", lambda x: reduce(x, 1), x=with_nan)
        value(f"arg{op}.axis1", lambda x: position(x, 1), x=torch.randn(3, 6, 2))
        value(f"arg{op}.flat", position, x=torch.randn(4, 5))
        value(f"arg{op}.ties", lambda x: position(x, 1), x=tied)
        value(f"arg{op}.nan", lambda x: position(x, 1), x=with_nan)


def main():
    torch.manual_seed(3)
    torch.set_num_threads(1)
    torch.set_default_dtype(torch.float64)
    elementwise()
    rows()
    losses()
    attention()
    indexing()
    choices()
    save_file(out, pathlib.Path(__file__).with_suffix(".safetensors"), metadata={"torch": torch.__version__.split("+")[0]})
    print(len(out), "tensors")


if __name__ == "__main__":
    main()
