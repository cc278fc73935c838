// Whole matrices of derivatives: Jacobians and Hessians of functions.
#pragma once

#include "../autograd/functional.hpp"
#include "join.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

/// The Jacobian of a result by each input of a called function: a backward for each element of the result.
template <class T, std::size_t N>
std::array<Tensor<T>, N> jacobian_of(const CalledFunction<T, N>& at, const Tensor<T>& y) {
    std::array<std::vector<Tensor<T>>, N> rows;
    const TensorBase result[] = {y};
    for (int64_t k = 0; k < y.numel(); ++k) {
        Tensor<T> seed = zeros<T>(y.shape());
        output(seed)[k] = T(1);
        const TensorBase seeds[] = {seed};
        const auto d =
            at.gradients(result, seeds, {.retain_graph = true, .create_graph = at.options.create_graph});
        for (std::size_t i = 0; i < N; ++i) rows[i].push_back(d[i]);
    }
    std::array<Tensor<T>, N> parts;
    for (std::size_t i = 0; i < N; ++i) {
        Shape shape = y.shape();
        for (const int64_t n : at.inputs[i].shape()) shape.push_back(n);
        parts[i] = rows[i].empty() ? zeros<T>(shape) : reshape(stack(rows[i]), shape);
    }
    return parts;
}

}

/// Derivatives of every element of y = f(inputs...) by every element of each input: a backward for each
/// element of y.
///   J_i[a, b] = dy[a] / dx_i[b]
/// Shape    y (a...), inputs x_i (b...) -> for each input (a..., b...), at most eight axes
/// Grad     with create_graph
/// Throws   ShapeError: more than eight axes; AutogradError: an operation on the way has no derivative
/// See      vjp, jvp, hessian
template <class F, class T, std::size_t N>
std::array<Tensor<T>, N> jacobian(const F& f, const Tensor<T> (&inputs)[N], FunctionalOptions options = {}) {
    const enable_grad recording;
    const detail::CalledFunction<T, N> at(f, inputs, options);
    auto parts = detail::jacobian_of(at, at.y);
    for (Tensor<T>& part : parts) part = at.out(part);
    return parts;
}
/// The same of a function of one tensor.
template <class F, class T>
Tensor<T> jacobian(const F& f, const Tensor<T>& input, FunctionalOptions options = {}) {
    const Tensor<T> inputs[] = {input};
    return jacobian(f, inputs, options)[0];
}

/// Second derivatives of a number y = f(inputs...): a backward over the backward for each element of each
/// input.
///   H_ij[a, b] = d2y / dx_i[a] dx_j[b]
/// Shape    inputs x_i (a...), y of one element -> blocks H[i][j] (a..., b...), at most eight axes
/// Grad     with create_graph
/// Throws   ShapeError: y has several elements, or more than eight axes
/// See      hvp, jacobian
template <class F, class T, std::size_t N>
std::array<std::array<Tensor<T>, N>, N> hessian(const F& f, const Tensor<T> (&inputs)[N],
                                                FunctionalOptions options = {}) {
    const enable_grad recording;
    const detail::CalledFunction<T, N> at(f, inputs, options);
    detail::check_number("hessian", at.y);
    const auto d = at.gradients(ones_like(at.y), {.create_graph = true});
    std::array<std::array<Tensor<T>, N>, N> blocks;
    for (std::size_t i = 0; i < N; ++i) {
        blocks[i] = detail::jacobian_of(at, d[i]);
        for (Tensor<T>& block : blocks[i]) block = at.out(block);
    }
    return blocks;
}
/// The same of a function of one tensor.
template <class F, class T>
Tensor<T> hessian(const F& f, const Tensor<T>& input, FunctionalOptions options = {}) {
    const Tensor<T> inputs[] = {input};
    return hessian(f, inputs, options)[0][0];
}

}
