// The angles of rotary position embedding: how fast each pair turns, and its cosines and sines at given positions.
#pragma once

#include <cmath>
#include <numbers>

#include "../ops/elementwise.hpp"
#include "../ops/rotary.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// How a model reads texts longer than those that it was trained on.
enum class RotaryScaling {
    none,
    linear,  // every pair turns `factor` times slower
    ntk,     // beyond the original context theta grows with the length: Hugging Face's "dynamic"
    yarn,    // slow pairs as `linear`, fast ones as `none`, a ramp between; and sharper attention
    llama3   // the same with the ramp of LLaMA 3.1, and attention as it is
};

struct RotaryOptions {
    double theta = 10000;
    RotaryScaling scaling = RotaryScaling::none;
    double factor = 1;
    int64_t original_context = 0;  // of the training, in tokens: ntk, yarn and llama3 need it
    double low_freq_factor = 1, high_freq_factor = 4;  // llama3: turns in the original context
    double beta_fast = 32, beta_slow = 1;              // yarn: turns in the original context
    double mscale = 0, mscale_all_dim = 0;             // yarn
    double attention_factor = 0;                       // yarn; 0: from factor and mscale
    bool truncate = true;                              // yarn: the ramp from whole pair to whole pair
    RotaryLayout layout = RotaryLayout::halves;
};

/// What sharpens the attention of a YaRN model: 0.1 m log(factor) + 1.
inline double yarn_mscale(double factor, double m = 1) {
    return factor <= 1 ? 1 : 0.1 * m * std::log(factor) + 1;
}

/// What cosines and sines are multiplied by.
inline double rotary_magnitude(const RotaryOptions& o) {
    if (o.scaling != RotaryScaling::yarn) return 1;
    if (o.attention_factor != 0) return o.attention_factor;
    if (o.mscale != 0 && o.mscale_all_dim != 0)
        return yarn_mscale(o.factor, o.mscale) / yarn_mscale(o.factor, o.mscale_all_dim);
    return yarn_mscale(o.factor);
}

namespace detail {

/// 1 for a pair that is to turn `factor` times slower, 0 for one that stays, between them a ramp. `turns`: in the
/// original context.
inline double slowed(const RotaryOptions& o, int64_t pair, int64_t width, double turns) {
    const auto within = [](double x) { return x < 0 ? 0 : x > 1 ? 1 : x; };
    if (o.scaling == RotaryScaling::llama3)
        return 1 - within((turns - o.low_freq_factor) / (o.high_freq_factor - o.low_freq_factor));
    const auto pair_of = [&](double t) {  // that turns t times
        return static_cast<double>(width) *
               std::log(static_cast<double>(o.original_context) / (t * 2 * std::numbers::pi)) /
               (2 * std::log(o.theta));
    };
    double low = pair_of(o.beta_fast), high = pair_of(o.beta_slow);
    if (o.truncate) {
        low = std::floor(low);
        high = std::ceil(high);
    }
    low = low < 0 ? 0 : low;
    high = high > static_cast<double>(width - 1) ? static_cast<double>(width - 1) : high;
    if (low == high) high += 0.001;
    return within((static_cast<double>(pair) - low) / (high - low));
}

}

/// Radians that each pair of a head turns from one position to the next, for a text of `length` tokens.
///   theta^(-2 i / width), and what the scaling makes of it
/// Shape    -> (width / 2,)
/// Throws   ValueError: width odd or negative; theta or factor not positive; a scaling without its original context
/// Source   Su et al., 2021; Peng et al., YaRN: Efficient Context Window Extension of Large Language Models, 2023;
///          the defaults and the meaning of every field are those of transformers' rope_parameters
template <std::same_as<double> D = double>
Tensor<D> rotary_rates(const RotaryOptions& o, int64_t width, int64_t length = 0) {
    const bool needs_context = o.scaling != RotaryScaling::none && o.scaling != RotaryScaling::linear;
    if (width < 0 || width % 2 != 0)
        detail::fail<ValueError>("rotary", "width ", width, " is no number of pairs");
    if (!(o.theta > 0) || !(o.factor > 0))
        detail::fail<ValueError>("rotary", "theta ", o.theta, " and factor ", o.factor, " must be positive");
    if (needs_context && o.original_context < 1)
        detail::fail<ValueError>("rotary", "the scaling needs original_context, not ", o.original_context);
    double theta = o.theta;
    if (o.scaling == RotaryScaling::ntk && length > o.original_context && width > 2)
        theta *= std::pow(
            o.factor * static_cast<double>(length) / static_cast<double>(o.original_context) - (o.factor - 1),
            static_cast<double>(width) / static_cast<double>(width - 2));
    std::vector<D> rates;
    for (int64_t i = 0; i < width / 2; ++i) {
        const double rate = std::pow(theta, -2 * static_cast<double>(i) / static_cast<double>(width));
        const double turns = rate * static_cast<double>(o.original_context) / (2 * std::numbers::pi);
        double share = 0;  // of the slowed rate
        if (o.scaling == RotaryScaling::linear) share = 1;
        if (o.scaling == RotaryScaling::yarn || o.scaling == RotaryScaling::llama3)
            share = detail::slowed(o, i, width, turns);
        rates.push_back((1 - share) * rate + share * rate / o.factor);
    }
    return from_vector(rates, {width / 2});
}

/// Cosines and sines of some positions, which the layers of a model share.
template <Floating T>
struct RotaryTable {
    Tensor<T> cos,
        sin;  // (T, pairs), or (B, 1, T, pairs) when the rows of a batch differ; undefined: nothing turns
    RotaryLayout layout = RotaryLayout::halves;

    /// Queries or keys (B, H, T, width), rotated.
    Tensor<T> operator()(const Tensor<T>& x) const { return cos.defined() ? rotary(x, cos, sin, layout) : x; }
};

/// The table for heads of `width` elements at `positions`.
/// Shape    positions (T,) or (B, T) -> cos, sin (T, width / 2) or (B, 1, T, width / 2)
/// Numeric  angles are computed in double
/// Throws   ShapeError: positions of another rank; ValueError: as rotary_rates
template <Floating T>
RotaryTable<T> rotary_table(const RotaryOptions& o, int64_t width, const Tensor<int64_t>& positions,
                            int64_t length = 0) {
    if (positions.rank() != 1 && positions.rank() != 2)
        detail::fail<ShapeError>("rotary_table", "positions ", positions.shape(), " must be (T,) or (B, T)");
    const no_grad scope;
    using D = std::conditional_t<Floating<T>, double, T>;  // double, once somebody calls
    Tensor<D> at = unsqueeze(detail::cast<D>(positions), -1);
    if (positions.rank() == 2) at = unsqueeze(at, 1);  // (B, 1, T, 1)
    const Tensor<D> angle = at * rotary_rates(o, width, length);
    const double magnitude = rotary_magnitude(o);
    return {detail::cast<T>(cos(angle) * magnitude), detail::cast<T>(sin(angle) * magnitude), o.layout};
}

}
