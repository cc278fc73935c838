// A field of velocities: an MLP of a point and a time. It also knows its divergence, by pushing the directions of the
// axes through its layers (forward mode), which is cheaper than a backward for each axis.
#pragma once

#include "../nn/activation.hpp"
#include "../nn/linear.hpp"
#include "../ops/join.hpp"
#include "../ops/products.hpp"
#include "../ops/reduce.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// A rate of change and its divergence, the trace of its Jacobian.
/// Shape    rate (n, d), divergence (n,)
template <class T>
struct WithDivergence {
    Tensor<T> rate, divergence;
};

/// Slopes of activations, for use within a map.
constexpr auto activation_slope(const Tanh&, const auto& z) {
    const auto y = tanh(z);
    return 1 - y * y;
}
constexpr auto activation_slope(const ELU& f, const auto& z) {
    return where(z > 0, 1, f.alpha * exp(where(z > 0, 0, z)));
}
constexpr auto activation_slope(const SELU&, const auto& z) {
    return where(z > 0, 1.0507009873554804934, 1.7580993408473766 * exp(where(z > 0, 0, z)));
}
constexpr auto activation_slope(const Softplus&, const auto& z) { return sigmoid(z); }
constexpr auto activation_slope(const SiLU&, const auto& z) {
    const auto s = sigmoid(z);
    return s * (1 + z * (1 - s));
}

/// An activation whose slope is known.
template <class A>
concept Sloped = requires(const A& a, const Tensor<float>& z) {
    activation_slope(a, z);
    a(z);
};

/// velocity = last(act(... act(first([x, t])))), the time behind the numbers of the point.
///   TimeMlp<SELU> field(2, {64, 64, 64}, generator);
/// Shape    t one number or (n,), x (n, d) -> (n, d)
/// Throws   ShapeError: x is not (n, d), or t is not (n,)
template <class Activation = SELU, Floating T = float>
struct TimeMlp {
    std::vector<Linear<T>> layers;
    Activation activation;
    TAPEGRAD_FIELDS(layers, activation);

    TimeMlp() = default;
    TimeMlp(int64_t dim, const std::vector<int64_t>& hidden, Generator& generator, Activation act = {})
        : activation(act) {
        int64_t in = dim + 1;
        for (const int64_t out : hidden) {
            layers.emplace_back(in, out, generator);
            in = out;
        }
        layers.emplace_back(in, dim, generator);
    }

    /// One time for each point.
    Tensor<T> operator()(const Tensor<T>& t, const Tensor<T>& x) const {
        check(x);
        if (t.shape() != Shape{x.size(0)})
            detail::fail<ShapeError>("TimeMlp", "t ", t.shape(), " has no time for each point of x ",
                                     x.shape());
        Tensor<T> h = layers[0](cat({x, unsqueeze(t, 1)}, 1));
        return rest(h);
    }
    /// One time for all.
    Tensor<T> operator()(double t, const Tensor<T>& x) const {
        check(x);
        return rest(first(t, x));
    }
    /// The velocity and its divergence.
    WithDivergence<T> with_divergence(double t, const Tensor<T>& x) const requires Sloped<Activation> {
        check(x);
        const int64_t d = x.size(1), n = x.size(0);
        Tensor<T> z = first(t, x);
        // How each number of a layer changes along each axis: (d, n, width), first the same for every point.
        Tensor<T> along = unsqueeze(transpose(narrow(layers[0].weight, 1, 0, d), 0, 1), 1);  // (d, 1, width)
        for (std::size_t i = 1; i < layers.size(); ++i) {
            along = map(
                "slope",
                [act = activation](const auto& u, const auto& v) { return u * activation_slope(act, v); },
                along, z);
            z = layers[i](activation(z));
            if (i + 1 < layers.size()) along = linear(along, layers[i].weight);
        }
        if (layers.size() == 1) return {z, expand(sum(diagonal_of(layers[0].weight, d)), {n})};
        // Of the last layer the diagonal alone: axis k of the velocity along axis k.
        const Tensor<T> own = bmm(along, unsqueeze(layers.back().weight, 2));  // (d, n, 1)
        return {z, reshape(sum(own, {0}), {n})};
    }

private:
    static Tensor<T> diagonal_of(const Tensor<T>& weight, int64_t d) {
        return narrow(weight, 1, 0, d) * eye<T>(d);
    }
    void check(const Tensor<T>& x) const {
        const int64_t d = layers.empty() ? 0 : layers[0].weight.size(1) - 1;
        if (x.rank() != 2 || x.size(1) != d)
            detail::fail<ShapeError>("TimeMlp", "x ", x.shape(), " is not (n, ", d, ")");
    }
    Tensor<T> first(double t, const Tensor<T>& x) const {
        const int64_t d = x.size(1);
        const Tensor<T>& weight = layers[0].weight;
        const Tensor<T> moved = layers[0].bias + select(weight, 1, d) * static_cast<T>(t);
        return linear(x, narrow(weight, 1, 0, d), moved);
    }
    Tensor<T> rest(Tensor<T> h) const {
        for (std::size_t i = 1; i < layers.size(); ++i) h = layers[i](activation(h));
        return h;
    }
};

}
