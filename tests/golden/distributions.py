"""Writes distributions.safetensors: what torch.distributions says of densities, moments, shares and divergences.

A case <name>. has p0, p1, ... (parameters), value, log_prob, dy (an upstream gradient of it) with d0, d1, ... and dvalue,
and entropy, mean, variance, cdf of value, icdf of share, where PyTorch has them; outside and its log_prob_outside are
values beyond the support, without validation. A divergence kl_<name>. has p0, p1, ... of both, kl, dy, d0, d1, ....
Needs    torch, safetensors
"""

import pathlib

import torch
import torch.distributions as D
import torch.nn.functional as F
from safetensors.torch import save_file

torch.set_default_dtype(torch.float64)
torch.manual_seed(5)
tensors = {}
normal = torch.randn


def positive(*shape):
    return 0.3 + 3 * torch.rand(shape)


def leaves(parameters):
    return [p.detach().clone().requires_grad_() for p in parameters]


def keep(name, x):
    tensors[name] = x.detach().clone().contiguous()


def case(name, make, parameters, value, outside=None):
    parameters = leaves(parameters)
    d = make(*parameters)
    for i, p in enumerate(parameters):
        keep(f"{name}.p{i}", p)
    keep(name + ".value", value)
    continuous = value.is_floating_point()
    if continuous:
        value = value.detach().clone().requires_grad_()
    y = d.log_prob(value)
    dy = normal(y.shape)
    keep(name + ".log_prob", y)
    keep(name + ".dy", dy)
    wanted = parameters + [value] * continuous
    for what, g in zip([f"d{i}" for i in range(len(parameters))] + ["dvalue"],
                       torch.autograd.grad(y, wanted, dy, allow_unused=True)):
        keep(f"{name}.{what}", g if g is not None else torch.zeros_like(wanted[-1]))
    for what in ["mean", "variance"]:
        try:
            keep(f"{name}.{what}", getattr(d, what))
        except NotImplementedError:
            pass
    for what, f in {"entropy": lambda: d.entropy(), "cdf": lambda: d.cdf(value)}.items():
        try:
            keep(f"{name}.{what}", f())
        except NotImplementedError:
            pass
    try:
        share = torch.rand(d.batch_shape)
        keep(name + ".icdf", d.icdf(share))
        keep(name + ".share", share)
    except NotImplementedError:
        pass
    if outside is not None:
        keep(name + ".outside", outside)
        keep(name + ".log_prob_outside", d.log_prob(outside))


def kl(name, make_p, make_q, parameters):
    parameters = leaves(parameters)
    y = D.kl_divergence(make_p(*parameters), make_q(*parameters))
    dy = normal(y.shape)
    for i, p in enumerate(parameters):
        keep(f"kl_{name}.p{i}", p)
    keep(f"kl_{name}.kl", y)
    keep(f"kl_{name}.dy", dy)
    for i, g in enumerate(torch.autograd.grad(y, parameters, dy, allow_unused=True)):
        keep(f"kl_{name}.d{i}", g if g is not None else torch.zeros_like(parameters[i]))


def free(f):
    """A distribution that does not look at its values."""
    return lambda *p, **k: f(*p, **k, validate_args=False)


far = torch.tensor([-3.0, 0.0, 1.0, 7.0, torch.inf, -torch.inf, torch.nan]).reshape(-1, 1, 1)
Normal, Laplace, Gamma, Beta, Uniform = map(free, (D.Normal, D.Laplace, D.Gamma, D.Beta, D.Uniform))
StudentT, Dirichlet, MVN = map(free, (D.StudentT, D.Dirichlet, D.MultivariateNormal))

case("normal", Normal, [normal(3, 1), positive(2)], normal(4, 3, 2), far)
case("laplace", Laplace, [normal(3, 1), positive(2)], normal(4, 3, 2), far)
case("uniform", Uniform, [-positive(3, 1), positive(2)], 0.2 * (torch.rand(4, 3, 2) - 0.5), far)
case("gamma", Gamma, [positive(3, 1), positive(2)], positive(4, 3, 2), far)
case("beta", Beta, [positive(3, 1), positive(2)], torch.rand(4, 3, 2), far)
case("student_t", StudentT, [torch.tensor([[0.5], [1.5], [5.0]]), normal(2), positive(2)], normal(4, 3, 2), far)
case("dirichlet", Dirichlet, [positive(3, 4)], torch.rand(2, 3, 4).softmax(-1),
     torch.tensor([[0.0, 0.5, 0.5, 0.0], [-1.0, 1.0, 0.5, 0.5], [torch.nan, 0.2, 0.3, 0.5]]))


class Logistic(D.TransformedDistribution):
    def __init__(self, loc, scale):
        transforms = [D.SigmoidTransform().inv, D.AffineTransform(loc, scale)]
        shape = torch.broadcast_shapes(loc.shape, scale.shape)
        super().__init__(D.Uniform(torch.zeros(shape), torch.ones(shape), validate_args=False), transforms, validate_args=False)


case("logistic", Logistic, [normal(3, 1), positive(2)], normal(4, 3, 2))
for form in ["probs", "logits"]:
    def inside(x, form=form):
        return x if form == "logits" else torch.sigmoid(x)
    case("bernoulli_" + form, lambda p: D.Bernoulli(**{form: p}, validate_args=False), [inside(normal(3, 2))],
         torch.randint(2, (4, 3, 2)).double(), far)
    case("categorical_" + form, lambda p: D.Categorical(**{form: p}, validate_args=False), [inside(normal(3, 4))],
         torch.randint(4, (5, 3)))


def covariance(*shape):
    x = normal(*shape)
    return x @ x.mT + torch.eye(shape[-1])


def triangle(x):
    """A lower triangle with a positive diagonal, of any matrix."""
    return x.tril(-1) + (x.diagonal(dim1=-2, dim2=-1).exp()).diag_embed()


tril = triangle(normal(2, 3, 3))
case("mvn_scale_tril", lambda m, l: MVN(m, scale_tril=l.tril()), [normal(3), tril], normal(4, 2, 3))
case("mvn_one", lambda m, l: MVN(m, scale_tril=l.tril()), [normal(2, 3), tril[0]], normal(4, 2, 3))
case("mvn_covariance", lambda m, c: MVN(m, covariance_matrix=c), [normal(2, 3), covariance(2, 3, 3)], normal(2, 3))
case("mvn_precision", lambda m, c: MVN(m, precision_matrix=c), [normal(2, 3), covariance(2, 3, 3)], normal(2, 3))
case("independent", lambda m, s: D.Independent(Normal(m, s), 1, validate_args=False), [normal(2, 3), positive(3)], normal(4, 2, 3))


def mixture(components):
    return lambda w, *p: D.MixtureSameFamily(D.Categorical(logits=w), components(*p), validate_args=False)


case("mixture_normal", mixture(Normal), [normal(2, 3), normal(2, 3), positive(2, 3)], normal(4, 2))
case("mixture_vectors", mixture(lambda m, s: D.Independent(Normal(m, s), 1, validate_args=False)),
     [normal(3), normal(3, 2), positive(3, 2)], normal(4, 2))
case("log_normal", free(D.LogNormal), [normal(3), positive(3)], positive(4, 3))
a, b = normal(3), torch.tensor([-0.7, 1.3, 0.4])
case("transformed", lambda m, s, a, b: D.TransformedDistribution(
    Normal(m, s), [D.TanhTransform(), D.AffineTransform(a, b), D.SigmoidTransform(), D.PowerTransform(torch.tensor(1.5))], validate_args=False),
     [normal(3), positive(3), a, b], torch.sigmoid(a + b * torch.tanh(0.5 * normal(3))) ** 1.5)
case("transformed_vectors", lambda m, l, s: D.TransformedDistribution(
    MVN(m, scale_tril=l.tril()), [D.AffineTransform(torch.zeros(3), s), D.SoftplusTransform()], validate_args=False),
     [normal(3), tril[0], positive(3)], positive(4, 3))

# Discretised logistics, as defined: the share between two middles, of which the ends have the rest.
loc, scale, weights = normal(2, 3) * 0.5, positive(2, 3) * 0.1, normal(2, 3)
levels = torch.tensor([[-1.0, -1 / 3], [1 / 3, 1.0]])


def discretized(x, m, s):
    upper = torch.where(x > 0.9, 1.0, torch.sigmoid((x - m + 1 / 3) / s))
    lower = torch.where(x < -0.9, 0.0, torch.sigmoid((x - m - 1 / 3) / s))
    return torch.log(upper - lower)


class Discretized:
    batch_shape = loc.shape

    def __init__(self, w, m, s):
        self.w, self.m, self.s = w, m, s

    def log_prob(self, x):
        return (discretized(x.unsqueeze(-1), self.m, self.s) + F.log_softmax(self.w, -1)).logsumexp(-1)

    def __getattr__(self, name):
        raise NotImplementedError


case("mixture_discretized", Discretized, [weights, loc, scale], levels)

ab = [normal(3, 1), positive(2), normal(2), positive(3, 1)]
for name, f in {"normal": Normal, "laplace": Laplace}.items():
    kl(name, lambda a, b, c, d: f(a, b), lambda a, b, c, d: f(c, d), ab)
kl("laplace_normal", lambda a, b, c, d: Laplace(a, b), lambda a, b, c, d: Normal(c, d), ab)
kl("normal_laplace", lambda a, b, c, d: Normal(a, b), lambda a, b, c, d: Laplace(c, d), ab)
kl("uniform_normal", lambda a, b, c, d: Uniform(a, a + b), lambda a, b, c, d: Normal(c, d), ab)
for name, f in {"gamma": Gamma, "beta": Beta}.items():
    kl(name, lambda a, b, c, d: f(a, b), lambda a, b, c, d: f(c, d), [positive(3, 1), positive(2), positive(2), positive(3, 1)])
kl("dirichlet", lambda a, b: Dirichlet(a), lambda a, b: Dirichlet(b), [positive(3, 4), positive(4)])
kl("uniform", lambda a, b, c, d: Uniform(a, b), lambda a, b, c, d: Uniform(c, d),
   [-positive(3), positive(3), torch.tensor([-4.0, -5.0, -6.0]), torch.tensor([5.0, 6.0, 7.0])])
kl("bernoulli", lambda a, b: D.Bernoulli(logits=a), lambda a, b: D.Bernoulli(probs=torch.sigmoid(b)), [normal(3, 2), normal(3, 2)])
kl("categorical", lambda a, b: D.Categorical(logits=a), lambda a, b: D.Categorical(logits=b), [normal(3, 4), normal(3, 4)])
kl("mvn", lambda m, l, n, k: MVN(m, scale_tril=l.tril()), lambda m, l, n, k: MVN(n, scale_tril=k.tril()),
   [normal(2, 3), tril, normal(2, 3), tril.flip(0)])
kl("independent", lambda a, b, c, d: D.Independent(Normal(a, b), 1), lambda a, b, c, d: D.Independent(Normal(c, d), 1),
   [normal(2, 3), positive(2, 3), normal(2, 3), positive(2, 3)])

path = pathlib.Path(__file__).parent / "distributions.safetensors"
save_file(tensors, path)
print(path.name, len(tensors), "tensors", path.stat().st_size, "bytes")
