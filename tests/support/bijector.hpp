// What holds for every bijector: its inverse undoes it, the two volumes cancel, and log_det is that of the Jacobian
// that the tape gives.
//
//   support::check_bijector(flow, x);                       // events x, without a context
//   support::check_bijector_gradients(flow, x, context);    // of both directions by x, context and parameters
#pragma once

#include <doctest/doctest.h>

#include <cmath>
#include <tapegrad/autograd/backward.hpp>
#include <tapegrad/flows/bijector.hpp>

#include "check_grad.hpp"
#include "tensors.hpp"

namespace support {

struct BijectorCheck {
    double tolerance = 0;  // of x, relative to 1 + |x|; 0: 1e-5 in float, 1e-10 in double
    double volume = 0;     // of the sum of the two log_dets, relative to 1 + |log_det|; 0: the same
    double jacobian = 0;   // of log_det against the Jacobian's, likewise; 0: 1e-4 in float, 1e-9 in double
    bool compare_jacobian = true;  // only where an event does not depend on others
};

namespace bijector_check {

/// log |det a| of an n x n matrix, by elimination with row exchanges.
inline double log_abs_det(std::vector<double> a, std::size_t n) {
    double total = 0;
    for (std::size_t k = 0; k < n; ++k) {
        std::size_t pivot = k;
        for (std::size_t i = k + 1; i < n; ++i)
            if (std::fabs(a[i * n + k]) > std::fabs(a[pivot * n + k])) pivot = i;
        for (std::size_t j = 0; j < n; ++j) std::swap(a[k * n + j], a[pivot * n + j]);
        total += std::log(std::fabs(a[k * n + k]));
        for (std::size_t i = k + 1; i < n; ++i) {
            const double factor = a[i * n + k] / a[k * n + k];
            for (std::size_t j = k; j < n; ++j) a[i * n + j] -= factor * a[k * n + j];
        }
    }
    return total;
}

/// log |det dvalue / dx| of each event: a backward for each number of an event.
template <class T, class B>
Tensor<T> jacobian_log_det(const B& b, const Tensor<T>& x, const Tensor<T>& context) {
    const Tensor<T> at = detail::copy(x).requires_grad_();
    const Tensor<T> value = b.forward(at, context).value;
    const int64_t n = x.size(0), d = n == 0 ? 0 : x.numel() / n;
    std::vector<std::vector<double>> matrices(static_cast<std::size_t>(n),
                                              std::vector<double>(static_cast<std::size_t>(d * d)));
    for (int64_t k = 0; k < d; ++k) {
        Tensor<T> dy = zeros<T>(value.shape());
        for (int64_t e = 0; e < n; ++e) detail::output(dy)[e * d + k] = T(1);
        const Tensor<T> dx = detail::contiguous(grad(value, {at}, {.retain_graph = true}, dy)[0]);
        for (int64_t e = 0; e < n; ++e)
            for (int64_t j = 0; j < d; ++j)
                matrices[static_cast<std::size_t>(e)][static_cast<std::size_t>(k * d + j)] =
                    static_cast<double>(dx.data()[e * d + j]);
    }
    Tensor<T> y = empty<T>({n});
    for (int64_t e = 0; e < n; ++e)
        detail::output(y)[e] =
            static_cast<T>(log_abs_det(matrices[static_cast<std::size_t>(e)], static_cast<std::size_t>(d)));
    return y;
}

}

template <class B, class T>
void check_bijector(const B& b, const Tensor<T>& x, const Tensor<T>& context = {}, BijectorCheck how = {}) {
    static_assert(Bijector<B, T>);
    constexpr bool single = std::is_same_v<T, float>;
    if (how.tolerance == 0) how.tolerance = single ? 1e-5 : 1e-10;
    if (how.volume == 0) how.volume = how.tolerance;
    if (how.jacobian == 0) how.jacobian = single ? 1e-4 : 1e-9;
    const Mapped<T> z = b.forward(x, context);
    CHECK(z.value.size(0) == x.size(0));
    CHECK(z.value.numel() == x.numel());
    CHECK(z.log_det.shape() == Shape{x.size(0)});
    const Mapped<T> back = b.inverse(z.value, context);
    CHECK(close(back.value, x, how.tolerance));
    CHECK(close(back.log_det, -z.log_det, how.volume));
    if (how.compare_jacobian)
        CHECK(close(z.log_det, bijector_check::jacobian_log_det(b, x, context), how.jacobian));
}

/// The gradients of values and volumes, of both directions, against central differences.
template <class B>
void check_bijector_gradients(const B& b, const Tensor<double>& x, const Tensor<double>& context = {},
                              int order = 1) {
    B module = b;
    std::vector<Tensor<double>> at{x};
    if (context.defined()) at.push_back(context);
    for_each_parameter(module, [&](std::string_view, Tensor<double>& p) { at.push_back(p.detach()); });
    const auto direction = [&](bool forwards, bool volume) {
        return [&, forwards, volume](const std::vector<Tensor<double>>& in) {
            std::size_t i = 1;
            const Tensor<double> given = context.defined() ? in[i++] : context;
            B placed = module;
            for_each_parameter(placed, [&](std::string_view, Tensor<double>& p) { p = in[i++]; });
            const Mapped<double> y = forwards ? placed.forward(in[0], given) : placed.inverse(in[0], given);
            return volume ? y.log_det : y.value;
        };
    };
    CHECK_GRAD(direction(true, false), at, order);
    CHECK_GRAD(direction(true, true), at, order);
    at[0] = detail::contiguous(b.forward(x, context).value.detach());
    CHECK_GRAD(direction(false, false), at, order);
    CHECK_GRAD(direction(false, true), at, order);
}

}
