// Neural autoregressive distribution estimation: outputs for each variable from the variables before it.
#pragma once

#include "../simd/nade_backward.hpp"
#include "join.hpp"
#include "matmul.hpp"
#include "slicing.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

inline void check_nade(const Shape& x, const Shape& weight, const Shape& output, const Shape& bias,
                       const Shape& hidden_bias) {
    if (x.rank() != 2 || weight.rank() != 2 || output.rank() != 3 || x[1] != weight[0] ||
        output[0] != weight[0] || output[2] != weight[1] || bias != Shape{output[0], output[1]} ||
        hidden_bias != Shape{weight[1]})
        fail<ShapeError>("nade", "x ", x, ", weight ", weight, ", output ", output, ", bias ", bias,
                         " and hidden_bias ", hidden_bias,
                         " are not (B, D), (D, H), (D, K, H), (D, K) and (H,)");
}

/// The definition in operations.
template <class T>
Tensor<T> composed_nade(const Tensor<T>& x, const Tensor<T>& weight, const Tensor<T>& output_weight,
                        const Tensor<T>& bias, const Tensor<T>& hidden_bias) {
    const int64_t variables = x.size(1);
    std::vector<Tensor<T>> y;
    Tensor<T> a = expand(hidden_bias, {x.size(0), hidden_bias.size(0)});
    for (int64_t d = 0; d < variables; ++d) {
        y.push_back(linear(sigmoid(a), select(output_weight, 0, d), select(bias, 0, d)));  // (B, K)
        a = a + slice(x, 1, d, d + 1) * select(weight, 0, d);
    }
    return y.empty() ? zeros<T>({x.size(0), 0, bias.size(1)}) : stack(y, 1);
}

}

/// Outputs for each variable from the variables before it, by hidden units that take in one after the other.
///   h_d = sigmoid(hidden_bias + sum_{e < d} x_e weight_e),   y_dk = bias_dk + output_dk . h_d
/// Shape    x (B, D), weight (D, H), output (D, K, H), bias (D, K), hidden_bias (H,) -> y (B, D, K)
/// Grad     by all five; saves them and computes the units anew: nothing of size B D H is kept
/// Numeric  O(D H) for a sample; units are computed anew where a variable is not 0
/// Throws   ShapeError: sizes differ
/// Source   Larochelle and Murray, The Neural Autoregressive Distribution Estimator, 2011
template <Floating T>
Tensor<T> nade(const Tensor<T>& x, const Tensor<T>& weight, const Tensor<T>& output_weight,
               const Tensor<T>& bias, const Tensor<T>& hidden_bias) {
    detail::check_nade(x.shape(), weight.shape(), output_weight.shape(), bias.shape(), hidden_bias.shape());
    const simd::NadeSizes sizes{x.size(0), x.size(1), bias.size(1), weight.size(1)};
    const Tensor<T> u = detail::contiguous(x), w = detail::contiguous(weight),
                    v = detail::contiguous(output_weight), c = detail::contiguous(hidden_bias);
    Tensor<T> y = detail::copy(expand(bias.detach(), {sizes.samples, sizes.variables, sizes.outputs}));
    if (y.numel() > 0) simd::nade(sizes, u.data(), w.data(), v.data(), c.data(), detail::output(y));
    return record(
        "nade", y, {x, weight, output_weight, bias, hidden_bias},
        [u, w, v, c, sizes](const Tensor<T>& dy, Needs needs) {
            std::array<Tensor<T>, 5> d;
            const Tensor<T> slope = detail::contiguous(dy);
            if (needs[0]) d[0] = zeros<T>(u.shape());
            d[1] = zeros<T>(w.shape());
            d[2] = zeros<T>(v.shape());
            if (needs[3]) d[3] = sum_to(dy, {sizes.variables, sizes.outputs});
            d[4] = zeros<T>(c.shape());
            simd::nade_backward(
                sizes, u.data(), w.data(), v.data(), c.data(), slope.data(),
                simd::NadeGradients<T>{needs[0] ? detail::output(d[0]) : nullptr, detail::output(d[1]),
                                       detail::output(d[2]), detail::output(d[4])});
            return d;
        },
        [](const Tensor<T>& xs, const Tensor<T>& weights, const Tensor<T>& outputs, const Tensor<T>& biases,
           const Tensor<T>& hidden) { return detail::composed_nade(xs, weights, outputs, biases, hidden); });
}

}
