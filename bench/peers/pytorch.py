#!/usr/bin/env python3
"""Measures PyTorch on the benchmarks whose names it knows.

Names come on standard input, one a line, as tapegrad_bench --benchmark_list_tests prints them; a name holds the
operation, the shape and the number of threads. Seconds (the median of runs) go out as "name<TAB>seconds".
"""
import re
import statistics
import sys
import time

import torch
import torch.nn.functional as F

aten = torch.ops.aten
cases = []


def case(pattern):
    """Registers what makes a benchmark's function from the groups of its name; numbers arrive as int."""
    def register(make):
        cases.append((re.compile(pattern + r"(?:/threads:(\d+))?(?:/batch:\d+)?(?:/real_time)?$"), make))
        return make
    return register


def function_of(name):
    for pattern, make in cases:
        if found := pattern.match(name):
            *groups, threads = found.groups()
            torch.set_num_threads(int(threads or 1))
            torch.manual_seed(1)
            return make(*[int(g) if g and g.isdigit() else g for g in groups])
    return None


def seconds_of(f, budget=0.3):
    """The median over runs of the seconds of f, called often enough to be seen by the clock."""
    f()
    begin = time.perf_counter()
    f()
    once = max(time.perf_counter() - begin, 1e-7)
    calls = max(1, int(0.002 / once))
    runs = min(max(3, int(budget / (once * calls))), 200)
    times = []
    for _ in range(runs):
        begin = time.perf_counter()
        for _ in range(calls):
            f()
        times.append((time.perf_counter() - begin) / calls)
    return statistics.median(times)


def with_gradient(f, *inputs):
    """The function that calls f and asks for the gradients of all inputs."""
    leaves = [x.requires_grad_() for x in inputs]
    dy = torch.ones_like(f(*leaves))
    return lambda: torch.autograd.grad(f(*leaves), leaves, dy)


@case(r"gemm/\w+?_(?:(\d+)_)?(\d+)x(\d+)x(\d+)_([nt])([nt])")
def gemm(batch, m, k, n, a, b):
    lead = (batch,) if batch else ()
    x = torch.randn(*lead, k, m).mT if a == "t" else torch.randn(*lead, m, k)
    y = torch.randn(*lead, n, k).mT if b == "t" else torch.randn(*lead, k, n)
    out = torch.empty(*lead, m, n)
    return lambda: torch.matmul(x, y, out=out)


@case(r"(conv|conv_data|conv_weight)/(\w+?)_(\d+)_(\d+)x(\d+)_(\d+)_k(\d)(?:_s(\d))?")
def conv_square(what, kind, batch, channels, size, out, window, stride):
    return conv(what, batch, channels, size, out, window, stride or 1, 1)


@case(r"(conv|conv_data|conv_weight)/depthwise_(\d+)_(\d+)x(\d+)_k(\d)")
def conv_depthwise(what, batch, channels, size, window):
    return conv(what, batch, channels, size, channels, window, 1, channels)


def conv(what, batch, channels, size, out, window, stride, groups):
    x = torch.randn(batch, channels, size, size)
    w = torch.randn(out, channels // groups, window, window)
    p = window // 2
    if what == "conv":
        return lambda: F.conv2d(x, w, stride=stride, padding=p, groups=groups)
    dy = torch.randn_like(F.conv2d(x, w, stride=stride, padding=p, groups=groups))
    mask = [what == "conv_data", what == "conv_weight", False]
    return lambda: aten.convolution_backward(
        dy, x, w, None, [stride] * 2, [p] * 2, [1] * 2, False, [0] * 2, groups, mask)


@case(r"attention(_grad)?/\w+?_(causal_)?(\d+)x(\d+)x(\d+)x(\d+)x(\d+)x(\d+)")
def attention(grad, causal, batch, heads, groups, queries, keys, depth):
    q = torch.randn(batch, heads, queries, depth)
    k, v = (torch.randn(batch, groups, keys, depth) for _ in range(2))
    f = lambda q, k, v: F.scaled_dot_product_attention(
        q, k, v, is_causal=bool(causal), enable_gqa=heads != groups)
    return with_gradient(f, q, k, v) if grad else lambda: f(q, k, v)


@case(r"layer_norm(_backward)?/\w+?_(\d+)x(\d+)")
def layer_norm(backward, rows, n):
    x, dy, w, b = torch.randn(rows, n), torch.randn(rows, n), torch.randn(n), torch.randn(n)
    if not backward:
        return lambda: F.layer_norm(x, (n,), w, b)
    _, mean, rstd = aten.native_layer_norm(x, (n,), w, b, 1e-5)
    return lambda: aten.native_layer_norm_backward(dy, x, (n,), mean, rstd, w, b, [True] * 3)


@case(r"(backward/)?group_norm(\d+)/\w+?_(\d+)x(\d+)x(\d+)x(\d+)")
def group_norm(backward, groups, batch, channels, height, width):
    x = torch.randn(batch, channels, height, width)
    w, b, dy = torch.randn(channels), torch.randn(channels), torch.randn_like(x)
    if not backward:
        return lambda: F.group_norm(x, groups, w, b)
    shape = batch, channels, height * width, groups
    _, mean, rstd = aten.native_group_norm(x, w, b, *shape, 1e-5)
    return lambda: aten.native_group_norm_backward(dy, x, mean, rstd, w, *shape, [True] * 3)


@case(r"(backward/)?batch_norm/\w+?_(\d+)x(\d+)(?:x(\d+)x(\d+))?")
def batch_norm(backward, batch, channels, height, width):
    x = torch.randn(*(batch, channels, height, width) if height else (batch, channels))
    w, b, dy = torch.randn(channels), torch.randn(channels), torch.randn_like(x)
    if not backward:
        return lambda: F.batch_norm(x, None, None, w, b, True)
    _, mean, rstd = aten.native_batch_norm(x, w, b, None, None, True, 0.1, 1e-5)
    return lambda: aten.native_batch_norm_backward(dy, x, w, None, None, mean, rstd, True, 1e-5, [True] * 3)


@case(r"rms_norm(_backward)?/\w+?_(\d+)x(\d+)")
def rms_norm(backward, rows, n):
    x, w = torch.randn(rows, n), torch.randn(n)
    if not backward:
        return lambda: F.rms_norm(x, (n,), w)
    x.requires_grad_(), w.requires_grad_()
    y = F.rms_norm(x, (n,), w)
    dy = torch.randn_like(y)
    return lambda: torch.autograd.grad(y, [x, w], dy, retain_graph=True)


@case(r"(log_)?softmax(_backward)?/\w+?_(\d+)x(\d+)(?:x(\d+))?")
def softmax(log, backward, outer, n, inner):
    x = torch.randn(*(outer, n, inner) if inner else (outer, n))
    f = F.log_softmax if log else F.softmax
    if not backward:
        return lambda: f(x, 1)
    y, dy = f(x, 1), torch.randn_like(x)
    slope = aten._log_softmax_backward_data if log else aten._softmax_backward_data
    return lambda: slope(dy, y, 1, torch.float32)


@case(r"cross_entropy(_smoothed)?(_backward)?/\w+?_(\d+)x(\d+)")
def cross_entropy(smoothed, backward, rows, n):
    x, labels = torch.randn(rows, n), torch.randint(0, n, (rows,))
    f = lambda x: F.cross_entropy(x, labels, label_smoothing=0.1 if smoothed else 0.0)
    if not backward:
        return lambda: f(x)
    x.requires_grad_()
    y = f(x)
    return lambda: torch.autograd.grad(y, x, retain_graph=True)


@case(r"(sum|amax|argmax|logsumexp)/(\w+?)_(\d+)(?:x(\d+)(?:x(\d+))?)?")
def reduction(what, layout, a, b, c):
    x = torch.randn(*[n for n in (a, b, c) if n])
    axis = 0 if "columns" in layout or not b else 1
    f = getattr(torch, what)
    return lambda: f(x, axis)


@case(r"(cumsum|cumprod|logcumsumexp|cummax)/\w+?_(\d+)(?:x(\d+)(?:x(\d+))?)?")
def scan(what, a, b, c):
    x = torch.randn(*[n for n in (a, b, c) if n])
    f = getattr(torch, what)
    axis = 1 if b else 0
    return lambda: f(x, axis)


@case(r"(sort|topk(\d+)|median)_(float|double)/\w+?_(\d+)(?:x(\d+))?")
def order(what, k, dtype, rows, n):
    x = torch.rand(*(rows, n) if n else (rows,), dtype=getattr(torch, dtype))
    if k:
        return lambda: torch.topk(x, k)
    f = torch.sort if what == "sort" else torch.median
    return lambda: f(x, -1)


@case(r"interpolate(_grad)?/(nearest|bilinear|bicubic|antialias)_(2x|half)_(\d+)x(\d+)x(\d+)x(\d+)")
def interpolate(grad, mode, factor, *shape):
    options = dict(scale_factor=2 if factor == "2x" else 0.5, mode="bilinear" if mode == "antialias" else mode,
                   antialias=mode == "antialias")
    x = torch.randn(*shape)
    f = lambda x: F.interpolate(x, **options)
    return with_gradient(f, x) if grad else lambda: f(x)


@case(r"grid_sample(_grad)?/(bilinear|bicubic)_(\d+)x(\d+)x(\d+)x(\d+)")
def grid_sample(grad, mode, *shape):
    x = torch.randn(*shape)
    theta = torch.tensor([[[0.8, -0.6, 0.1], [0.6, 0.8, -0.2]]])
    grid = F.affine_grid(theta, shape, align_corners=False)
    f = lambda x: F.grid_sample(x, grid, mode=mode, align_corners=False)
    return with_gradient(f, x) if grad else lambda: f(x)


@case(r"(max_pool2d|avg_pool2d|unfold)(_grad)?/(\w+?)_(\d+)x\d+(?:s(\d))?_(\d+)x(\d+)x(\d+)x(\d+)")
def windows(what, grad, kind, window, stride, *shape):
    x = torch.randn(*shape)
    stride = stride or (2 if kind == "halve" else 1)
    padding = 0 if kind == "halve" else 1
    g = getattr(F, what)
    f = lambda x: g(x, window, stride=stride, padding=padding)
    return with_gradient(f, x) if grad else lambda: f(x)


@case(r"cdist/(\d)_(\d+)x(\d+)x(\d+)(/with_gradients)?")
def cdist(p, rows, columns, n, grad):
    x, z = torch.randn(rows, n), torch.randn(columns, n)
    f = lambda x, z: torch.cdist(x, z, p, compute_mode="donot_use_mm_for_euclid_dist")
    return with_gradient(f, x, z) if grad else lambda: f(x, z)


@case(r"(adamw|sgd)/(\d+)")
def optimizer(what, n):
    p = torch.randn(n, requires_grad=True)
    p.grad = torch.randn(n)
    of = torch.optim.AdamW([p], lr=1e-3, fused=True) if what == "adamw" else torch.optim.SGD([p], lr=1e-3, fused=True)
    return of.step


@case(r"chain_of_20/forward_backward/(float|double)")
def chain(dtype):
    x = torch.full((4,), 0.5, dtype=getattr(torch, dtype), requires_grad=True)
    c = torch.full((4,), 1.1, dtype=getattr(torch, dtype))

    def f():
        y = x
        for _ in range(5):
            y = torch.tanh(y * c + c) * c
        return torch.autograd.grad(y.sum(), x)
    return f


@case(r"flow_matching_step")
def flow_matching_step():
    sizes, layers = [3, 64, 64, 64, 2], []
    for i, o in zip(sizes, sizes[1:]):
        layers += [torch.nn.Linear(i, o), torch.nn.SELU()]
    field = torch.nn.Sequential(*layers[:-1])
    optimizer = torch.optim.Adam(field.parameters(), lr=1e-3)
    x0, x1 = torch.randn(256, 2), torch.randn(256, 2)

    def f():
        t = torch.rand(256, 1)
        x = t * x1 + (1 - t) * x0 + 0.1 * torch.randn_like(x0)
        loss = torch.mean((field(torch.cat([x, t], -1)) - (x1 - x0)) ** 2)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return f


@case(r"(gpt_step|gpt2_step(?:/(\d+)x(\d+))?)")
def gpt_step(name, batch, length):
    if name == "gpt_step":
        return language_model_step(65, 12, 64, layers=4, heads=4, width=128, bias=True, context=64)
    return language_model_step(50257, batch, length, layers=12, heads=12, width=768, bias=True, context=1024)


class Block(torch.nn.Module):
    def __init__(self, width, heads, bias):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = (torch.nn.LayerNorm(width, bias=bias) for _ in range(2))
        self.qkv, self.proj = torch.nn.Linear(width, 3 * width, bias), torch.nn.Linear(width, width, bias)
        self.up, self.down = torch.nn.Linear(width, 4 * width, bias), torch.nn.Linear(4 * width, width, bias)

    def forward(self, x):
        b, t, c = x.shape
        q, k, v = self.qkv(self.norm1(x)).view(b, t, 3, self.heads, c // self.heads).permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.proj(y.transpose(1, 2).reshape(b, t, c))
        return x + self.down(F.gelu(self.up(self.norm2(x))))


class LanguageModel(torch.nn.Module):
    def __init__(self, vocabulary, layers, heads, width, bias, context):
        super().__init__()
        self.tokens, self.places = torch.nn.Embedding(vocabulary, width), torch.nn.Embedding(context, width)
        self.blocks = torch.nn.ModuleList(Block(width, heads, bias) for _ in range(layers))
        self.norm = torch.nn.LayerNorm(width, bias=bias)
        for p in self.parameters():
            if p.dim() > 1:
                torch.nn.init.normal_(p, std=0.02)

    def forward(self, ids, targets):
        x = self.tokens(ids) + self.places(torch.arange(ids.shape[1]))
        for block in self.blocks:
            x = block(x)
        logits = F.linear(self.norm(x), self.tokens.weight)
        return F.cross_entropy(logits.flatten(0, 1), targets.flatten())


class LlamaBlock(torch.nn.Module):
    def __init__(self, width, heads, groups, hidden):
        super().__init__()
        linear = lambda a, b: torch.nn.Linear(a, b, bias=False)
        self.heads, self.groups, self.depth = heads, groups, width // heads
        self.norm1, self.norm2 = (torch.nn.RMSNorm(width, 1e-5) for _ in range(2))
        self.q, self.out = linear(width, width), linear(width, width)
        self.k, self.v = (linear(width, groups * self.depth) for _ in range(2))
        self.gate, self.up, self.down = linear(width, hidden), linear(width, hidden), linear(hidden, width)

    def forward(self, x, cos, sin, cache=None, at=0):
        b, t, _ = x.shape
        y = self.norm1(x)
        heads = lambda f, n: f(y).view(b, t, n, self.depth).transpose(1, 2)
        turn = lambda z: z * cos + torch.cat((-z[..., self.depth // 2:], z[..., :self.depth // 2]), -1) * sin
        q, k, v = turn(heads(self.q, self.heads)), turn(heads(self.k, self.groups)), heads(self.v, self.groups)
        if cache is not None:
            for part, new in zip(cache, (k, v)):
                part[:, :, at:at + t] = new
            k, v = (part[:, :, :at + t] for part in cache)
        y = F.scaled_dot_product_attention(q, k, v, is_causal=t > 1, enable_gqa=self.groups != self.heads)
        x = x + self.out(y.transpose(1, 2).reshape(b, t, -1))
        y = self.norm2(x)
        return x + self.down(F.silu(self.gate(y)) * self.up(y))


class Llama(torch.nn.Module):
    def __init__(self, vocabulary, layers, heads, groups, width, hidden):
        super().__init__()
        self.tokens = torch.nn.Embedding(vocabulary, width)
        self.blocks = torch.nn.ModuleList(LlamaBlock(width, heads, groups, hidden) for _ in range(layers))
        self.norm = torch.nn.RMSNorm(width, 1e-5)
        angle = torch.outer(torch.arange(1024.0), 10000 ** -(torch.arange(0, width // heads, 2) / (width // heads)))
        self.cos, self.sin = (torch.cat((f(angle), f(angle)), -1) for f in (torch.cos, torch.sin))
        for p in self.parameters():
            if p.dim() > 1:
                torch.nn.init.normal_(p, std=0.02)

    def hidden(self, ids, caches=None, at=0):
        x, t = self.tokens(ids), ids.shape[1]
        cos, sin = (a[at:at + t].to(x.dtype) for a in (self.cos, self.sin))
        for i, block in enumerate(self.blocks):
            x = block(x, cos, sin, None if caches is None else caches[i], at)
        return self.norm(x)

    def forward(self, ids, targets):
        logits = F.linear(self.hidden(ids), self.tokens.weight)
        return F.cross_entropy(logits.flatten(0, 1), targets.flatten())


@case(r"llama_step/(\d+)x(\d+)")
def llama_step(batch, length):
    return training_step(Llama(4096, layers=8, heads=8, groups=4, width=512, hidden=1376), 4096, batch, length)


LARGE = {}  # the one model of a size that is kept


def llama_1b(dtype):
    if dtype not in LARGE:
        LARGE.clear()
        model = Llama(128256, layers=16, heads=32, groups=8, width=2048, hidden=8192)
        LARGE[dtype] = model.to(getattr(torch, dtype))
    model = LARGE[dtype]
    caches = [tuple(torch.zeros(1, 8, 1024, 64, dtype=getattr(torch, dtype)) for _ in range(2)) for _ in range(16)]

    @torch.no_grad()
    def run(length, at):
        ids = torch.zeros(1, length, dtype=torch.int64)
        return F.linear(model.hidden(ids, caches, at)[:, -1], model.tokens.weight)
    return run


@case(r"decode/llama_1B/(float32|bfloat16)")
def decode(dtype):
    run = llama_1b(dtype)
    run(64, 0)
    return lambda: [run(1, 64 + i) for i in range(32)]


@case(r"prefill/llama_1B/512")
def prefill():
    run = llama_1b("float32")
    return lambda: run(512, 0)


def language_model_step(vocabulary, batch, length, **config):
    return training_step(LanguageModel(vocabulary, **config), vocabulary, batch, length)


def training_step(model, vocabulary, batch, length):
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, fused=True)
    ids, targets = (torch.randint(0, vocabulary, (batch, length)) for _ in range(2))

    def step():
        loss = model(ids, targets)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    return step


@case(r"flow_step/(realnvp|nsf)_(\d+)")
def flow_step(kind, features):
    log_prob, parameters = nflows_flow(kind, features) or plain_flow(kind, features)
    optimizer = torch.optim.Adam(parameters, lr=1e-3)
    x = torch.randn(256, features)

    def step():
        optimizer.zero_grad()
        (-log_prob(x).mean()).backward()
        optimizer.step()
    return step


def alternating(features, i):
    return torch.tensor([float(j % 2 == i % 2) for j in range(features)])


def nflows_flow(kind, features):
    try:
        from nflows import distributions, flows, transforms
        from nflows.nn.nets import ResidualNet
    except ImportError:
        return None
    net = lambda seen, out: ResidualNet(seen, out, 128)
    spline = lambda mask: transforms.PiecewiseRationalQuadraticCouplingTransform(
        mask, net, num_bins=8, tails="linear", tail_bound=3.0)
    affine = lambda mask: transforms.AffineCouplingTransform(mask, net)
    layers = [spline(alternating(features, i)) for i in range(5)] if kind == "nsf" else [
        affine(alternating(features, i)) for i in range(8)]
    flow = flows.Flow(transforms.CompositeTransform(layers), distributions.StandardNormal([features]))
    return flow.log_prob, list(flow.parameters())


class PlainResidualNet(torch.nn.Module):
    def __init__(self, seen, out, hidden=128):
        super().__init__()
        self.first, self.last = torch.nn.Linear(seen, hidden), torch.nn.Linear(hidden, out)
        self.layers = torch.nn.ModuleList([torch.nn.Linear(hidden, hidden) for _ in range(4)])

    def forward(self, x):
        h = self.first(x)
        for a, b in (self.layers[:2], self.layers[2:]):
            h = h + b(F.relu(a(F.relu(h))))
        return self.last(h)


def plain_spline(x, parameters, bins=8, bound=3.0):
    """A rational-quadratic spline with linear tails, value and logarithm of the slope."""
    w, h, d = (parameters[..., :bins] / 128**0.5, parameters[..., bins:2 * bins] / 128**0.5, parameters[..., 2 * bins:])
    knots = lambda u: F.pad((1e-3 + (1 - 1e-3 * bins) * u.softmax(-1)).cumsum(-1), (1, 0)) * 2 * bound - bound
    xs, ys = knots(w), knots(h)
    slopes = F.pad(1e-3 + F.softplus(d), (1, 1), value=1.0)
    inside = x.clamp(-bound, bound)
    bin = torch.searchsorted(xs[..., 1:-1].detach().contiguous(), inside[..., None].contiguous(), right=True)
    pick = lambda t: t.gather(-1, bin)[..., 0]
    x0, y0, d0, d1 = pick(xs), pick(ys), pick(slopes), pick(slopes[..., 1:])
    width, height = pick(xs.diff(dim=-1)), pick(ys.diff(dim=-1))
    s, a = height / width, (inside - x0) / width
    q = a * (1 - a)
    below = s + (d0 + d1 - 2 * s) * q
    y = y0 + height * (s * a**2 + d0 * q) / below
    log_slope = torch.log(s**2 * (d1 * a**2 + 2 * s * q + d0 * (1 - a)**2)) - 2 * torch.log(below)
    outside = x.abs() > bound
    return torch.where(outside, x, y), torch.where(outside, 0.0, log_slope)


@case(r"rational_quadratic_spline(_backward)?/(\d+)")
def rational_quadratic_spline(backward, n):
    x, parameters = torch.randn(n), torch.randn(n, 23)
    if not backward:
        return lambda: plain_spline(x, parameters)
    x, parameters = x.requires_grad_(), parameters.requires_grad_()
    y, log_slope = plain_spline(x, parameters)
    return lambda: torch.autograd.grad((y, log_slope), (x, parameters), (torch.ones_like(y),) * 2, retain_graph=True)


def plain_flow(kind, features):
    count, layers = (23, 5) if kind == "nsf" else (2, 8)
    masks = [alternating(features, i).bool() for i in range(layers)]
    nets = torch.nn.ModuleList(
        [PlainResidualNet(int((~m).sum()), int(m.sum()) * count) for m in masks])

    def log_prob(x):
        total = 0
        for mask, net in zip(masks, nets):
            a, b = x[:, ~mask], x[:, mask]
            if kind == "nsf":
                b, log_slope = plain_spline(b, net(a).view(*b.shape, count))
            else:
                shift, scale = net(a).chunk(2, 1)
                scale = torch.sigmoid(scale + 2) + 1e-3
                b, log_slope = b * scale + shift, scale.log()
            x = torch.empty_like(x)
            x[:, ~mask], x[:, mask] = a, b
            total = total + log_slope.sum(1)
        return total - 0.5 * (x**2).sum(1) - 0.5 * features * 1.8378770664093453
    return log_prob, list(nets.parameters())


def main():
    for line in sys.stdin:
        name = line.strip()
        if function := function_of(name):
            enabled = torch.enable_grad() if re.search("grad|step|backward|chain", name) else torch.no_grad()
            with enabled:
                print(f"{name}\t{seconds_of(function):.9g}", flush=True)


if __name__ == "__main__":
    main()
