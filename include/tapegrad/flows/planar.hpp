// Flows of one hidden unit: a plane or a point from which space is drawn apart or together.
#pragma once

#include "../nn/init.hpp"
#include "../ops/activation.hpp"
#include "../ops/matmul.hpp"
#include "../ops/norm.hpp"
#include "bijector.hpp"
#include "tanh_root.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

/// Throws   ShapeError: x is not (n, features)
template <class T>
void check_features(const char* bijector, const Tensor<T>& x, int64_t features) {
    if (x.rank() != 2 || x.size(1) != features)
        fail<ShapeError>(bijector, "x ", x.shape(), " is not (n, ", features, ')');
}
template <class T>
Tensor<T> begin_even(int64_t n, Generator& generator) {
    Tensor<T> x = empty<T>({n});
    const double bound = n > 0 ? 1 / std::sqrt(static_cast<double>(n)) : 0;
    init::uniform_(x, generator, -bound, bound);
    return parameter(x);
}

}

/// y = x + u' tanh(w x + bias); u' is u with its part along w such that w u' = softplus(w u) - 1 > -1, which makes
/// it invertible.
///   log |det| = log(1 + (1 - tanh^2) w u')
/// Shape    x (n, features) -> y, same shape; w, u (features,), bias ()
/// Numeric  begins with w and u even over [-b, b), b = 1 / sqrt(features), and bias 0; the inverse is found to the
///          last digits by Newton's method
/// Throws   ShapeError: x is not (n, features)
/// Source   Rezende and Mohamed, Variational Inference with Normalizing Flows, 2015
template <Floating T = float>
struct Planar {
    Tensor<T> w, u, bias;
    TAPEGRAD_FIELDS(w, u, bias);

    Planar() = default;
    Planar(int64_t features, Generator& generator)
        : w(detail::begin_even<T>(features, generator)),
          u(detail::begin_even<T>(features, generator)),
          bias(parameter(zeros<T>({}))) {}

    Mapped<T> forward(const Tensor<T>& x, const Tensor<T>& = {}) const {
        detail::check_features("Planar", x, w.size(0));
        const Along along = bent();
        const Tensor<T> bend = tanh(sum(x * w, 1, true) + bias);
        return {x + along.u * bend, log_det(bend, along.product)};
    }
    Mapped<T> inverse(const Tensor<T>& y, const Tensor<T>& = {}) const {
        detail::check_features("Planar", y, w.size(0));
        const Along along = bent();
        const Tensor<T> a = detail::tanh_root(sum(y * w, 1, true), along.product, ones<T>({}), bias);
        const Tensor<T> bend = tanh(a + bias);
        return {y - along.u * bend, -log_det(bend, along.product)};
    }

private:
    struct Along {
        Tensor<T> u, product;  // u' and w u'
    };
    Along bent() const {
        const Tensor<T> before = sum(w * u), after = softplus(before) - T(1);
        return {u + (after - before) * w / sum(w * w), after};
    }
    static Tensor<T> log_det(const Tensor<T>& bend, const Tensor<T>& product) {
        return squeeze(log1p(product * (T(1) - bend * bend)), 1);
    }
};
Planar(int64_t, Generator&)->Planar<float>;

/// y = x + beta (x - center) / (alpha + r), r = |x - center|; alpha = e^log_alpha, beta = softplus(raw_beta) - alpha
/// > -alpha, which makes it invertible.
///   log |det| = (features - 1) log(1 + beta / (alpha + r)) + log(1 + alpha beta / (alpha + r)^2)
/// Shape    x (n, features) -> y, same shape; center (features,), log_alpha and raw_beta ()
/// Numeric  begins as the identity, with a center even over [-b, b), b = 1 / sqrt(features); the inverse is closed: a
///          quadratic equation in r
/// Throws   ShapeError: x is not (n, features)
/// Source   Rezende and Mohamed, Variational Inference with Normalizing Flows, 2015
template <Floating T = float>
struct Radial {
    Tensor<T> center, log_alpha, raw_beta;
    TAPEGRAD_FIELDS(center, log_alpha, raw_beta);

    Radial() = default;
    Radial(int64_t features, Generator& generator)
        : center(detail::begin_even<T>(features, generator)),
          log_alpha(parameter(zeros<T>({}))),
          raw_beta(parameter(Tensor<T>(static_cast<T>(std::log(std::expm1(1.0)))))) {}

    Mapped<T> forward(const Tensor<T>& x, const Tensor<T>& = {}) const {
        detail::check_features("Radial", x, center.size(0));
        const Tensor<T> from = x - center, alpha = exp(log_alpha), inner = softplus(raw_beta);
        const Tensor<T> r = norm(from, 2, 1, true);
        return {center + from * ((r + inner) / (r + alpha)), log_det(r, alpha, inner)};
    }
    Mapped<T> inverse(const Tensor<T>& y, const Tensor<T>& = {}) const {
        detail::check_features("Radial", y, center.size(0));
        const Tensor<T> from = y - center, alpha = exp(log_alpha), inner = softplus(raw_beta);
        // r (r + inner) / (r + alpha) = s, solved such that nothing cancels.
        const Tensor<T> s = norm(from, 2, 1, true), p = s - inner, product = alpha * s;
        const Tensor<T> large = abs(p) + sqrt(p * p + product * T(4));
        const Tensor<T> r = where(p > T(0), large / 2, product * T(2) / large);
        return {center + from * ((r + alpha) / (r + inner)), -log_det(r, alpha, inner)};
    }

private:
    Tensor<T> log_det(const Tensor<T>& r, const Tensor<T>& alpha, const Tensor<T>& inner) const {
        const T others = static_cast<T>(center.size(0) - 1);
        const Tensor<T> along = r * (r + alpha * T(2)) + alpha * inner, out = log(r + alpha);
        return squeeze((log(r + inner) - out) * others + log(along) - out * T(2), 1);
    }
};
Radial(int64_t, Generator&)->Radial<float>;

}
