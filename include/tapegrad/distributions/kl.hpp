// Divergences between distributions of two families. Those within a family stand beside it.
#pragma once

#include "laplace.hpp"
#include "normal.hpp"
#include "uniform.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// Divergence of a normal distribution q from a uniform p, in nats.
template <class T>
Tensor<T> kl_divergence(const Uniform<T>& p, const Normal<T>& q) {
    return map(
        "kl_uniform_normal",
        [](const auto& a, const auto& b, const auto& m, const auto& s) {
            const auto width = b - a, middle = 0.5 * (a + b) - m;
            return 0.91893853320467274178 + log(s / width) +
                   0.5 * (middle * middle + width * width / 12) / (s * s);
        },
        p.low, p.high, q.loc, q.scale);
}

/// Divergence of a normal distribution q from a Laplace one p, in nats.
template <class T>
Tensor<T> kl_divergence(const Laplace<T>& p, const Normal<T>& q) {
    return map(
        "kl_laplace_normal",
        [](const auto& m, const auto& b, const auto& n, const auto& s) {
            const auto z = (m - n) / s, ratio = b / s;
            return 0.22579135264472743236 - log(ratio) + 0.5 * z * z + ratio * ratio - 1;  // log(pi / 2) / 2
        },
        p.loc, p.scale, q.loc, q.scale);
}

/// Divergence of a Laplace distribution q from a normal one p, in nats.
template <class T>
Tensor<T> kl_divergence(const Normal<T>& p, const Laplace<T>& q) {
    return map(
        "kl_normal_laplace",
        [](const auto& m, const auto& s, const auto& n, const auto& b) {
            const auto z = (m - n) / s;
            // The mean distance of p to n, in deviations of p.
            const auto apart =
                0.79788456080286535588 * exp(-0.5 * z * z) + z * erf(0.70710678118654752440 * z);
            return log(2 * b) - log(s) - 1.4189385332046727418 + s * apart / b;
        },
        p.loc, p.scale, q.loc, q.scale);
}

}
