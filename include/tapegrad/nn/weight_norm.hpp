// Linear layers whose weight is a function of other parameters: weight and spectral normalisation. The keys are
// those of torch.nn.utils.parametrizations.
#pragma once

#include "../ops/elementwise.hpp"
#include "../ops/reduce.hpp"
#include "../ops/write.hpp"
#include "linear.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// y = x weight^T + bias with weight = g v / |v|, a length g and a direction v for each output.
/// Shape    x (..., in) -> y (..., out); original0 = g (out, 1), original1 = v (out, in)
/// Numeric  begins as the layer that it takes
/// Source   Salimans and Kingma, Weight Normalization, 2016
template <Floating T = float>
struct WeightNorm {
    struct Parts {
        Tensor<T> original0, original1;
        TAPEGRAD_FIELDS(original0, original1);
    };
    struct Parametrizations {
        Parts weight;
        TAPEGRAD_FIELDS(weight);
    };
    Tensor<T> bias;
    Parametrizations parametrizations;
    TAPEGRAD_FIELDS(bias, parametrizations);

    WeightNorm() = default;
    explicit WeightNorm(const Linear<T>& layer) : bias(layer.bias) {
        const no_grad values;
        parametrizations.weight = {parameter(length(layer.weight.detach())),
                                   parameter(detail::copy(layer.weight))};
    }

    Tensor<T> weight() const {
        const Tensor<T>& v = parametrizations.weight.original1;
        return v * (parametrizations.weight.original0 / length(v));
    }
    Tensor<T> operator()(const Tensor<T>& x) const { return linear(x, weight(), bias); }

private:
    static Tensor<T> length(const Tensor<T>& v) { return sqrt(sum(square(v), -1, true)); }
};
template <class T>
WeightNorm(const Linear<T>&) -> WeightNorm<T>;

namespace detail {

template <class T>
Tensor<T> unit_vector(const Tensor<T>& x, double eps) {
    const Tensor<T> length = sqrt(sum(square(x)));
    return x / where(length < eps, static_cast<T>(eps), length);
}
/// Power iteration: moves u (m,) and v (n,) towards the singular vectors of w (m, n) of its largest singular value.
template <class T>
void iterate_power(const Tensor<T>& w, Tensor<T> u, Tensor<T> v, int64_t count, double eps) {
    const no_grad values;
    const Tensor<T> fixed = w.detach();
    for (int64_t i = 0; i < count; ++i) {
        copy_(u, unit_vector(matmul(fixed, v), eps));
        copy_(v, unit_vector(matmul(transpose(fixed), u), eps));
    }
}
/// The singular value of these vectors, with its gradient by w. Copies them: the graph outlives the next call, which
/// writes to the buffers.
template <class T>
Tensor<T> singular_value(const Tensor<T>& w, const Tensor<T>& u, const Tensor<T>& v) {
    return sum(copy(u) * matmul(w, copy(v)));
}

}

struct SpectralNormOptions {
    int64_t n_power_iterations = 1;  // of each call in training
    double eps = 1e-12;
};

/// y = x (weight / sigma)^T + bias, sigma the largest singular value of weight, as power iteration knows it.
/// Shape    x (..., in) -> y (..., out); original (out, in), _u (out,), _v (in,)
/// Numeric  the singular vectors are buffers, moved by each call in training and by none in evaluation
/// Source   Miyato et al., Spectral Normalization for Generative Adversarial Networks, 2018
template <Floating T = float>
struct SpectralNorm {
    struct Vectors {
        Buffer<T> _u, _v;
        TAPEGRAD_FIELDS(_u, _v);
    };
    struct Original {
        Tensor<T> original;
        TAPEGRAD_FIELDS(original);
    };
    struct Parts {  // "original", "0._u" and "0._v"
        static constexpr bool is_container = true;
        Original trained;
        std::array<Vectors, 1> vectors;
        TAPEGRAD_FIELDS(trained, vectors);
    };
    struct Parametrizations {
        Parts weight;
        TAPEGRAD_FIELDS(weight);
    };
    Tensor<T> bias;
    Parametrizations parametrizations;
    SpectralNormOptions options;
    bool training = true;
    TAPEGRAD_FIELDS(bias, parametrizations, options, training);

    SpectralNorm() = default;
    /// Begins with 15 iterations from normal vectors.
    SpectralNorm(const Linear<T>& layer, Generator& generator, SpectralNormOptions o = {})
        : bias(layer.bias), options(o) {
        const no_grad values;
        Tensor<T> u = empty<T>({layer.weight.size(0)}), v = empty<T>({layer.weight.size(1)});
        init::normal_(u, generator);
        init::normal_(v, generator);
        parametrizations.weight.trained.original = parameter(detail::copy(layer.weight));
        parametrizations.weight.vectors[0]._u = detail::unit_vector(u, options.eps);
        parametrizations.weight.vectors[0]._v = detail::unit_vector(v, options.eps);
        iterate(15);
    }

    Tensor<T> weight() const {
        if (training) iterate(options.n_power_iterations);
        const Vectors& at = parametrizations.weight.vectors[0];
        const Tensor<T>& w = parametrizations.weight.trained.original;
        return w / detail::singular_value<T>(w, at._u, at._v);
    }
    Tensor<T> operator()(const Tensor<T>& x) const { return linear(x, weight(), bias); }

private:
    void iterate(int64_t count) const {
        const Vectors& at = parametrizations.weight.vectors[0];
        detail::iterate_power<T>(parametrizations.weight.trained.original, at._u, at._v, count, options.eps);
    }
};
template <class T>
SpectralNorm(const Linear<T>&, Generator&) -> SpectralNorm<T>;

}
