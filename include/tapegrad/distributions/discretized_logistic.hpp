// The logistic distribution of numbers of which only the level is known, as those of pictures.
#pragma once

#include "logistic.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct LevelOptions {
    double low = -1, high = 1;  // the lowest and the highest level
    int64_t levels = 256;       // at the same distance from each other
};

/// Probabilities of levels: what a logistic distribution has between the middles to both neighbours; the lowest and
/// the highest level have all that lies beyond too. A mixture of them is that of PixelCNN++:
///   MixtureSameFamily(Categorical<float>({.logits = scores}), DiscretizedLogistic(means, scales))
/// Shape    loc, scale broadcast together -> the batch; events (), numbers near levels
/// Grad     of log_prob by parameters and value; draws have none
/// Numeric  log(sigmoid(a) - sigmoid(b)) = log sigmoid(a) + log sigmoid(-b) + log(1 - e^(b - a)), exact however
///          small the difference is; PixelCNN++ takes the density times the distance there
/// Throws   as Logistic; ValueError: fewer than 2 levels, low not below high
/// Source   Salimans et al., PixelCNN++, 2017
template <Floating T>
struct DiscretizedLogistic {
    using Value = Tensor<T>;
    Logistic<T> base;
    LevelOptions options;

    DiscretizedLogistic(const Tensor<T>& loc, const Tensor<T>& scale, const LevelOptions& options_ = {})
        : base(loc, scale), options(options_) {
        if (options.levels < 2)
            detail::fail<ValueError>("DiscretizedLogistic", options.levels,
                                     " levels; there must be 2 or more");
        if (!(options.low < options.high))
            detail::fail<ValueError>("DiscretizedLogistic", "low ", options.low, " is not below high ",
                                     options.high);
    }

    Shape batch_shape() const { return base.batch_shape(); }
    Shape event_shape() const { return {}; }

    Tensor<T> sample(const Shape& shape, Generator& generator) const {
        const no_grad constant;
        const double low = options.low, step = 2 * half();
        const auto last = static_cast<double>(options.levels - 1);
        return map(
            "nearest_level",
            [](const auto& x, auto start, auto apart, auto end) {
                return start + apart * clamp(round((x - start) / apart), 0., end);
            },
            base.rsample(shape, generator), low, step, last);
    }
    Tensor<T> log_prob(const Tensor<T>& value) const {
        return map(
            "discretized_logistic_log_prob",
            [](const auto& x, const auto& m, const auto& s, auto h, auto lowest, auto highest) {
                const auto a = (x - m + h) / s, b = (x - m - h) / s;
                const auto between = log1mexp(-2 * h / s);
                return where(x < lowest, logsigmoid(a),
                             where(x > highest, -softplus(b), logsigmoid(a) - softplus(b) + between));
            },
            value, base.loc, base.scale, half(), options.low + half(), options.high - half());
    }
    /// The share at and below a level.
    Tensor<T> cdf(const Tensor<T>& value) const {
        return map(
            "discretized_logistic_cdf",
            [](const auto& x, const auto& m, const auto& s, auto h, auto highest) {
                return where(x > highest, 1, sigmoid((x - m + h) / s));
            },
            value, base.loc, base.scale, half(), options.high - half());
    }

private:
    double half() const { return (options.high - options.low) / static_cast<double>(options.levels - 1) / 2; }
};
template <Floating T>
DiscretizedLogistic(const Tensor<T>&, const Tensor<T>&) -> DiscretizedLogistic<T>;

}
