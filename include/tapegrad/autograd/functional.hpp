// Derivatives of functions: products of their Jacobians and Hessians with vectors. A function takes the
// tensors of a list, each as an argument of its own, and returns one tensor:
//
//   const auto f = [](const Tensor<float>& x, const Tensor<float>& w) { return tanh(x * w); };
//   const auto [y, d] = vjp(f, {x, w}, dy);      // d[0], d[1]
//   const auto [z, dz] = jvp(f, {x, w}, {dx, dw});
//
// The inputs need not require gradients. What comes back has no part in a graph, unless `create_graph` is set:
// then it is a function of the inputs, and of what f captures. jacobian and hessian are in ops/jacobian.hpp.
#pragma once

#include "backward.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct FunctionalOptions {
    bool create_graph = false;  // the results have gradients themselves
};

/// A result, and a gradient for each input.
template <class T, std::size_t N>
struct WithGradients {
    Tensor<T> y;
    std::array<Tensor<T>, N> gradients;
};
/// A result, and its change along a direction.
template <class T>
struct WithTangent {
    Tensor<T> y, dy;
};

namespace detail {

/// The gradients by `by` of results that the slots from `begin` on have computed, each weighted by its seed, in
/// one pass that stays there. Undefined and constant results count nothing; undefined where nothing arrives.
template <std::same_as<Wanted> W = Wanted>
std::vector<TensorBase> gradients_from(int64_t begin, std::span<const TensorBase> results,
                                       std::span<const TensorBase> seeds, std::span<const TensorBase> by,
                                       BackwardOptions options) {
    std::vector<W> wanted;
    for (const TensorBase& x : by) wanted.push_back(want(x, wanted.size()));
    {
        Pass pass(Tape::current(), options, wanted, begin);
        for (std::size_t k = 0; k < results.size(); ++k)
            if (results[k].defined() && results[k].requires_grad()) pass.seed(want(results[k], k), seeds[k]);
        pass.run();
    }
    std::vector<TensorBase> d;
    for (W& w : wanted) d.push_back(std::move(w.gradient));
    return d;
}

/// Inputs that nobody else sees: leaves or, where they are to stay what they are in the graph, slots of their
/// own behind the given ones.
template <class T, std::size_t N>
std::array<Tensor<T>, N> own_inputs(const Tensor<T> (&inputs)[N], FunctionalOptions options) {
    use_gradients<T>();
    std::array<Tensor<T>, N> own;
    for (std::size_t i = 0; i < N; ++i) {
        if (options.create_graph && inputs[i].requires_grad()) {
            const Input source[] = {inputs[i]};
            own[i] = append_slot("input", with_node(inputs[i], nullptr), source, [] { return PassOn{}; });
        } else {
            own[i] = inputs[i].detach().requires_grad_();
        }
    }
    return own;
}

/// A function called at inputs of its own. All that it records lies behind them on the tape.
template <class T, std::size_t N>
struct CalledFunction {
    std::array<Tensor<T>, N> inputs;
    int64_t begin;
    Tensor<T> y;
    FunctionalOptions options;

    template <class F>
    CalledFunction(const F& f, const Tensor<T> (&given)[N], FunctionalOptions o)
        : inputs(own_inputs(given, o)), begin(Tape::current().end()), y(std::apply(f, inputs)), options(o) {}

    /// The gradients of results by the inputs; zeros where nothing arrives.
    std::array<Tensor<T>, N> gradients(std::span<const TensorBase> results, std::span<const TensorBase> seeds,
                                       BackwardOptions how) const {
        const std::array<TensorBase, N> by = [&]<std::size_t... I>(std::index_sequence<I...>) {
            return std::array<TensorBase, N>{inputs[I]...};
        }
        (std::make_index_sequence<N>());
        const std::vector<TensorBase> d = gradients_from(begin, results, seeds, by, how);
        std::array<Tensor<T>, N> parts;
        for (std::size_t i = 0; i < N; ++i)
            parts[i] = d[i].defined() ? cast_handle<T>(d[i]) : zeros_like(inputs[i]);
        return parts;
    }
    std::array<Tensor<T>, N> gradients(const Tensor<T>& seed, BackwardOptions how) const {
        const TensorBase result[] = {y}, seeds[] = {seed};
        return gradients(result, seeds, how);
    }
    /// A result as the caller gets it.
    Tensor<T> out(const Tensor<T>& x) const {
        return options.create_graph || !x.requires_grad() ? x : x.detach();
    }
};

template <class T, std::size_t N>
std::array<TensorBase, N> bases(const Tensor<T>* x) {
    std::array<TensorBase, N> parts;
    for (std::size_t i = 0; i < N; ++i) parts[i] = x[i];
    return parts;
}

/// Throws   ShapeError: a vector of another shape than its input
template <class T, std::size_t N>
void check_vectors(const char* op, const Tensor<T> (&inputs)[N], const Tensor<T> (&vectors)[N]) {
    for (std::size_t i = 0; i < N; ++i)
        if (vectors[i].shape() != inputs[i].shape())
            fail<ShapeError>(op, "vector ", i, ' ', vectors[i].shape(), " of an input ", inputs[i].shape(),
                             "; the shapes must be equal");
}
inline void check_number(const char* op, const TensorBase& y) {
    if (y.numel() != 1) fail<ShapeError>(op, "the function gave ", y.shape(), ", not one number");
}

}

/// Product of a vector with the Jacobian of f: the gradients of y = f(inputs...), weighted by dy.
/// Shape    y (any), dy of the same shape, or undefined where y has one element -> {y, a gradient for each input}
/// Grad     with create_graph
/// Throws   ShapeError: dy of another shape; AutogradError: an operation on the way has no derivative
/// See      grad, jvp, jacobian
template <class F, class T, std::size_t N>
WithGradients<T, N> vjp(const F& f, const Tensor<T> (&inputs)[N], const Tensor<T>& dy = {},
                        FunctionalOptions options = {}) {
    const enable_grad recording;
    const detail::CalledFunction<T, N> at(f, inputs, options);
    const Tensor<T> seed = detail::seed_for("vjp", at.y, dy);
    return {at.out(at.y), at.gradients(seed, {.create_graph = options.create_graph})};
}

/// Product of the Jacobian of f with a vector: the change of y = f(inputs...) along a direction of the inputs.
///   dy = sum_i dy/dx_i v_i
/// Computed as the gradient, by u, of the product of u with the Jacobian, which is linear in u: two backwards,
/// about three times the time of f.
/// Shape    a vector of the shape of each input -> {y, dy of its shape}
/// Grad     with create_graph
/// Throws   ShapeError: a vector of another shape than its input; AutogradError: an operation on the way has no
///          derivative
/// See      vjp
template <class F, class T, std::size_t N>
WithTangent<T> jvp(const F& f, const Tensor<T> (&inputs)[N], const Tensor<T> (&vectors)[N],
                   FunctionalOptions options = {}) {
    detail::check_vectors("jvp", inputs, vectors);
    const enable_grad recording;
    const detail::CalledFunction<T, N> at(f, inputs, options);
    const Tensor<T> u = zeros_like(at.y).requires_grad_();
    const auto d = at.gradients(u, {.create_graph = true});
    const TensorBase by[] = {u};
    const auto dy =
        detail::gradients_from(at.begin, detail::bases<T, N>(d.data()), detail::bases<T, N>(vectors), by,
                               {.create_graph = options.create_graph});
    return {at.out(at.y), dy[0].defined() ? detail::cast_handle<T>(dy[0]) : zeros_like(at.y)};
}

/// Product of the Hessian of f with a vector: the change of the gradients of y = f(inputs...) along a direction.
///   h_i = sum_j d2y/dx_i dx_j v_j
/// Shape    a vector of the shape of each input; y has one element -> {y, h_i for each input}
/// Grad     with create_graph
/// Throws   ShapeError: y has several elements, or a vector of another shape than its input
/// Source   Pearlmutter, Fast Exact Multiplication by the Hessian, 1994 (here: backward over backward)
/// See      hessian
template <class F, class T, std::size_t N>
WithGradients<T, N> hvp(const F& f, const Tensor<T> (&inputs)[N], const Tensor<T> (&vectors)[N],
                        FunctionalOptions options = {}) {
    detail::check_vectors("hvp", inputs, vectors);
    const enable_grad recording;
    const detail::CalledFunction<T, N> at(f, inputs, options);
    detail::check_number("hvp", at.y);
    const auto d = at.gradients(ones_like(at.y), {.create_graph = true});
    return {at.out(at.y), at.gradients(detail::bases<T, N>(d.data()), detail::bases<T, N>(vectors),
                                       {.create_graph = options.create_graph})};
}

}
