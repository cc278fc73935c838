// Flow matching of whole numbers: tokens that jump from noise to data at a random time.
#pragma once

#include "../../ops/convert.hpp"
#include "../../ops/indexing.hpp"
#include "../../ops/reduce.hpp"
#include "../../ops/softmax.hpp"
#include "paths.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// Tokens on their way: each is still that of the noise with probability sigma, and that of the data already with alpha.
/// Shape    x0, x1 (n, ...), t (n,) -> as x0
/// Throws   ShapeError: x0 and x1 have other shapes, or t is not (n,)
/// Source   Gat et al. 2024, Discrete flow matching
template <Scheduler S, Floating T>
Tensor<int64_t> mixture_path(const S& scheduler, const Tensor<int64_t>& x0, const Tensor<int64_t>& x1,
                             const Tensor<T>& t, Generator& generator = default_generator()) {
    detail::check_pairs("mixture_path", x0, x1);
    if (t.shape() != Shape{x0.size(0)})
        detail::fail<ShapeError>("mixture_path", "t ", t.shape(), " has no time for each event of ",
                                 x0.shape());
    const no_grad constant;
    const Tensor<T> still = scheduler(t.detach()).sigma, chance = rand<T>(x0.shape(), generator);
    return where(chance < detail::times_like(still, x0), x0, x1);
}

/// The loss of a model that says from x_t what x_1 is: a bound of its negative log likelihood, in nats a token.
///   loss = -alpha' / (1 - alpha) (p(x_t) - [x_t = x_1] + [x_t != x_1] log p(x_1)),  averaged
/// Shape    logits (n, ..., k), x1, xt (n, ...), t (n,) -> ()
/// Grad     by logits
/// Throws   ShapeError: shapes that do not belong together; IndexError: a token outside [0, k)
/// Source   Shaul et al. 2024, Flow matching with general discrete paths
/// See      cross_entropy of logits and x1, which trains the same model
template <Scheduler S, Floating T>
Tensor<T> mixture_path_loss(const S& scheduler, const Tensor<T>& logits, const Tensor<int64_t>& x1,
                            const Tensor<int64_t>& xt, const Tensor<T>& t) {
    detail::check_pairs("mixture_path_loss", xt, x1);
    Shape tokens;
    for (int i = 0; i + 1 < logits.rank(); ++i) tokens.push_back(logits.size(i));
    if (logits.rank() < 2 || tokens != x1.shape() || t.shape() != Shape{x1.size(0)})
        detail::fail<ShapeError>("mixture_path_loss", "logits ", logits.shape(), ", tokens ", x1.shape(),
                                 " and t ", t.shape(), " do not belong together");
    const Tensor<T> log_p = log_softmax(logits, -1);
    const auto of = [&](const Tensor<int64_t>& ids) {
        return squeeze(gather(log_p, -1, unsqueeze(ids, -1)), -1);
    };
    const Tensor<T> there = to<T>(xt == x1), right = of(x1), now = exp(of(xt));
    const Schedule<Tensor<T>> s = scheduler(t.detach());
    const Tensor<T> rate = detail::times_like(s.alpha_rate / (T(1) - s.alpha), x1);
    return -mean(rate * (now - there + (T(1) - there) * right));
}

/// Draws tokens along the path: at each time the model says what the data is, and a token jumps there with the rate
/// alpha' / (1 - alpha).
///   sample_discrete([&](double t, const Tensor<int64_t>& x) { return model(t, x); }, Polynomial{2}, x0, 100, generator)
/// Shape    model (t, x (n, ...)) -> logits (n, ..., k);  x0 (n, ...) -> as x0
/// Throws   ValueError: no steps
/// Source   Gat et al. 2024, algorithm 1; the last step takes what the model draws
template <Scheduler S, class Model>
Tensor<int64_t> sample_discrete(const Model& model, const S& scheduler, const Tensor<int64_t>& x0,
                                int64_t steps, Generator& generator = default_generator()) {
    if (steps < 1) detail::fail<ValueError>("sample_discrete", steps, " steps");
    const no_grad constant;
    Tensor<int64_t> x = detail::copy(x0);
    for (int64_t i = 0; i < steps; ++i) {
        const double h = 1 / static_cast<double>(steps), t = static_cast<double>(i) * h;
        const auto logits = model(t, std::as_const(x));
        using T = typename std::remove_cvref_t<decltype(logits)>::value_type;
        const auto p = softmax(reshape(logits, {x.numel(), logits.size(-1)}), -1);
        const Tensor<int64_t> drawn = reshape(multinomial(p, 1, true, generator), x.shape());
        if (i + 1 == steps) return drawn;
        const Schedule<double> s = scheduler(t);
        // 1 - e^(-h rate): a token that is drawn where it is stays.
        const double jumps = -std::expm1(-h * s.alpha_rate / (1 - s.alpha));
        x = where(rand<T>(x.shape(), generator) < static_cast<T>(jumps), drawn, x);
    }
    return x;
}

}
