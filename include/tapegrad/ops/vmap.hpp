// A function of one example as a function of a batch.
#pragma once

#include "join.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct VmapOptions {
    int64_t in_axis = 0;   // of the examples, in each input
    int64_t out_axis = 0;  // of their results
};

/// f of each example of a batch: f(x_0[i], x_1[i], ...) for each place i of an axis, the results stacked.
///   vmap([&](const Tensor<float>& q, const Tensor<float>& k) { return mv(w, q * k); }, {q, k})
/// This is a loop: it costs what the calls cost, and saves writing it. What f captures is the same for every
/// example. Where f is made of operations that broadcast over leading axes - elementwise ones, matmul with
/// matrices, softmax and reductions over axes counted from the end - f(x...) itself gives the same in one call:
/// prefer that.
/// Shape    inputs (..., n, ...) with n at in_axis -> y with n at out_axis
/// Grad     that of f, to any order
/// Throws   ShapeError: no inputs' axis, sizes along it that differ, no examples, or results of different shapes
template <class F, class T, std::size_t N>
auto vmap(const F& f, const Tensor<T> (&inputs)[N], VmapOptions options = {}) {
    const int64_t n = inputs[0].size(options.in_axis);
    for (std::size_t k = 1; k < N; ++k)
        if (inputs[k].size(options.in_axis) != n)
            detail::fail<ShapeError>("vmap", "input 0 ", inputs[0].shape(), " holds ", n,
                                     " examples along axis ", options.in_axis, ", input ", k, ' ',
                                     inputs[k].shape(), " holds ", inputs[k].size(options.in_axis));
    if (n == 0)
        detail::fail<ShapeError>("vmap", "input 0 ", inputs[0].shape(),
                                 " holds no examples, and the shape of a result is not known");
    const auto example = [&]<std::size_t... I>(int64_t i, std::index_sequence<I...>) {
        return f(select(inputs[I], options.in_axis, i)...);
    };
    std::vector<decltype(example(0, std::make_index_sequence<N>()))> results;
    for (int64_t i = 0; i < n; ++i) results.push_back(example(i, std::make_index_sequence<N>()));
    return stack(results, options.out_axis);
}
template <class F, class T>
auto vmap(const F& f, const Tensor<T>& input, VmapOptions options = {}) {
    const Tensor<T> inputs[] = {input};
    return vmap(f, inputs, options);
}

}
