// Residual flows: x plus a network that changes less than x does.
#pragma once

#include <limits>

#include "../ops/det.hpp"
#include "../ops/join.hpp"
#include "../tensor/random.hpp"
#include "bijector.hpp"
#include "lipschitz.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// How log |det (1 + J)| is found: by the Jacobian itself, a backward for each feature; by the first terms of its
/// power series sum_k (-1)^(k+1) trace(J^k) / k; or by a random number of terms, weighted such that the mean is right.
enum class ResidualVolume { exact, series, roulette };

struct ResidualOptions {
    ResidualVolume volume = ResidualVolume::exact;
    int64_t terms = 8;             // of the series; of the roulette those that are always there
    double go_on = 0.5;            // the roulette's chance of one term more
    int64_t max_iterations = 500;  // of the inverse
    double tolerance = 0;          // of its last step, relative to 1 + |x|; 0: 1e-6 in float, 1e-12 in double
};

/// y = x + net(x), net with a Lipschitz constant below 1.
///   trace(J^k) is estimated by v^T J^k v with v of independent signs (Hutchinson), one for all k
/// Shape    x (n, ...) -> y, same shape, which net keeps
/// Grad     to any order; that of the inverse goes through its iterations, of which it keeps all
/// Numeric  the inverse is x <- y - net(x) until x rests. With series and roulette log_det is random, from the default
///          generator, and that of the inverse is estimated anew. Evaluate before: in training a LipschitzNet differs a
///          little from call to call
/// Throws   ShapeError: net changes the shape; ValueError: terms, go_on or max_iterations out of range, or an inverse
///          that did not come to rest: net's Lipschitz constant is not below 1, or is so close that it takes longer
/// Source   Behrmann et al., Invertible Residual Networks, 2019; Chen et al., Residual Flows, 2019
template <Floating T, class Net = LipschitzNet<T>>
struct ResidualFlow {
    Net net;
    ResidualOptions options;
    TAPEGRAD_FIELDS(net, options);

    ResidualFlow() = default;
    explicit ResidualFlow(Net net_, ResidualOptions o = {}) : net(std::move(net_)), options(o) {
        if (options.terms < 1 || !(options.go_on > 0 && options.go_on < 1) || options.max_iterations < 1)
            detail::fail<ValueError>("ResidualFlow", options.terms, " terms, go_on ", options.go_on, " and ",
                                     options.max_iterations,
                                     " iterations: they must be positive, go_on below 1");
    }

    Mapped<T> forward(const Tensor<T>& x, const Tensor<T>& = {}) const {
        detail::check_events("ResidualFlow", x);
        const bool records = grad_enabled();
        const enable_grad derivatives;
        const Tensor<T> at = records && x.requires_grad() ? x : x.detach().requires_grad_();
        const Tensor<T> g = net(at);
        if (g.shape() != x.shape())
            detail::fail<ShapeError>("ResidualFlow", "net made ", g.shape(), " of ", x.shape(),
                                     "; the shape must stay");
        const Tensor<T> log_det =
            options.volume == ResidualVolume::exact ? by_jacobian(at, g, records) : by_series(at, g, records);
        if (records) return {at + g, log_det};
        return {(at + g).detach(), log_det.detach()};
    }
    Mapped<T> inverse(const Tensor<T>& y, const Tensor<T>& = {}) const {
        detail::check_events("ResidualFlow", y);
        double limit = options.tolerance;
        if (limit == 0) limit = std::is_same_v<T, float> ? 1e-6 : 1e-12;
        Tensor<T> x = y;
        double moved = y.numel() > 0 ? std::numeric_limits<double>::infinity() : 0;
        for (int64_t i = 0; moved > limit && i < options.max_iterations; ++i) {
            const Tensor<T> next = y - net(x);
            const no_grad values;
            moved = static_cast<double>(amax(abs(next - x) / (T(1) + abs(next))).item());
            x = next;
        }
        if (!(moved <= limit))
            detail::fail<ValueError>("ResidualFlow", "the inverse did not come to rest in ",
                                     options.max_iterations, " iterations: x still moves by ", moved,
                                     ", more than ", limit);
        return {x, -forward(x).log_det};
    }

private:
    static Tensor<T> pulled(const Tensor<T>& g, const Tensor<T>& at, const Tensor<T>& by, bool records) {
        return grad(g, {at}, {.retain_graph = true, .create_graph = records}, by)[0];
    }
    static Tensor<T> by_jacobian(const Tensor<T>& at, const Tensor<T>& g, bool records) {
        const int64_t n = at.size(0), d = n == 0 ? 0 : at.numel() / n;
        std::vector<Tensor<T>> rows;
        for (int64_t k = 0; k < d; ++k) {
            Tensor<T> seed = zeros<T>({n, d});
            for (int64_t i = 0; i < n; ++i) detail::output(seed)[i * d + k] = T(1);
            rows.push_back(reshape(pulled(g, at, reshape(seed, g.shape()), records), {n, d}));
        }
        if (rows.empty()) return zeros<T>({n});
        return slogdet(eye<T>(d) + stack(rows, 1)).logabsdet;
    }
    Tensor<T> by_series(const Tensor<T>& at, const Tensor<T>& g, bool records) const {
        int64_t terms = options.terms;
        if (options.volume == ResidualVolume::roulette) {
            const double u = static_cast<double>(rand<double>({}).item());
            terms += static_cast<int64_t>(std::log1p(-u) / std::log(options.go_on));
        }
        const Tensor<T> signs = bernoulli(full<T>(at.shape(), T(0.5))) * T(2) - T(1);
        Tensor<T> power = signs, total = zeros<T>({at.size(0)});
        double weight = 1;
        for (int64_t k = 1; k <= terms; ++k) {
            power = pulled(g, at, power, records);
            if (k > options.terms) weight /= options.go_on;
            const double factor = (k % 2 == 1 ? weight : -weight) / static_cast<double>(k);
            total = total + detail::sum_events(power * signs) * static_cast<T>(factor);
        }
        return total;
    }
};
template <template <class> class Net, class T>
ResidualFlow(Net<T>, ResidualOptions = {}) -> ResidualFlow<T, Net<T>>;

}
