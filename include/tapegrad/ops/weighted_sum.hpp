// A sum of tensors, each with a weight that is a number: the stages of a solver, a moving average.
#pragma once

#include <span>
#include <vector>

#include "../simd/weighted_sum.hpp"
#include "elementwise.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// y = sum_k weights[k] tensors[k], in one pass over memory.
/// A tensor of weight 0 is left out, with its NaN and Inf.
/// Shape    tensors (any), one shape -> y, same shape
/// Grad     weights[k] dy to each
/// Numeric  each weight is rounded to T; sums in T, in the order given
/// Throws   ShapeError: no tensors, or shapes that differ; ValueError: another number of weights than of tensors
template <Floating T>
Tensor<T> weighted_sum(std::span<const Tensor<T>> tensors, std::span<const double> weights) {
    if (tensors.empty()) detail::fail<ShapeError>("weighted_sum", "no tensors");
    if (tensors.size() != weights.size())
        detail::fail<ValueError>("weighted_sum", weights.size(), " weights of ", tensors.size(), " tensors");
    std::vector<detail::Input> inputs;
    std::vector<Tensor<T>> packed;
    std::vector<const T*> from;
    std::vector<T> factors;
    packed.reserve(tensors.size());
    for (std::size_t k = 0; k < tensors.size(); ++k) {
        if (tensors[k].shape() != tensors[0].shape())
            detail::fail<ShapeError>("weighted_sum", "tensor ", k, ' ', tensors[k].shape(), " and tensor 0 ",
                                     tensors[0].shape(), " differ");
        if (weights[k] == 0) continue;
        inputs.emplace_back(tensors[k]);
        packed.push_back(detail::contiguous(tensors[k]));
        from.push_back(packed.back().data());
        factors.push_back(static_cast<T>(weights[k]));
    }
    Tensor<T> y = empty<T>(tensors[0].shape());
    simd::weighted_sum(from.data(), factors.data(), static_cast<int64_t>(from.size()), detail::output(y),
                       y.numel());
    return record("weighted_sum", y, std::span<const detail::Input>(inputs),
                  [factors](const Tensor<T>& dy, Needs needs) {
                      std::vector<Tensor<T>> parts(factors.size());
                      for (std::size_t k = 0; k < parts.size(); ++k)
                          if (needs[k]) parts[k] = factors[k] == T(1) ? dy : dy * factors[k];
                      return parts;
                  });
}
template <Floating T>
Tensor<T> weighted_sum(std::initializer_list<Tensor<T>> tensors, std::initializer_list<double> weights) {
    return weighted_sum(std::span<const Tensor<T>>(tensors.begin(), tensors.size()),
                        std::span<const double>(weights.begin(), weights.size()));
}

}
