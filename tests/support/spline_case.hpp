// What linear, quadratic and cubic splines must hold alike.
#pragma once

#include <doctest/doctest.h>

#include <tapegrad/ops/spline.hpp>

#include "check_grad.hpp"
#include "tensors.hpp"

namespace support {

inline constexpr SplineTails every_tail[] = {SplineTails::none, SplineTails::linear, SplineTails::circular};

/// A spline, its inverse, and how many parameters a number has.
template <class Forward, class Inverse>
struct SplineCase {
    Forward forward;
    Inverse inverse;
    int64_t (*parameters)(SplineTails, int64_t bins);

    template <class T>
    static Tensor<T> points(SplineTails tails, int64_t n) {
        const double reach = tails == SplineTails::none ? 1 : 4;
        return uniform<T>({n}, -reach, reach, 3);
    }

    template <class T>
    void check_inverse() const {
        const bool single = std::same_as<T, float>;
        for (const SplineTails tails : every_tail)
            for (const int64_t bins : {1, 2, 5})
                for (const int64_t n : {0, 1, 40}) {
                    CAPTURE(bins);
                    const SplineOptions options{.tails = tails, .scale = 0.7};
                    const Tensor<T> x = points<T>(tails, n), p = normal<T>({n, parameters(tails, bins)});
                    const auto y = forward(x, p, options);
                    const auto back = inverse(y.value, p, options);
                    CHECK(close(back.value, x, single ? 1e-5 : 1e-12));
                    CHECK(close(back.log_slope, -y.log_slope, single ? 1e-4 : 1e-10));
                }
    }
    /// log_slope is that of the value; gradients of both.
    void check_slopes() const {
        for (const SplineTails tails : every_tail) {
            const SplineOptions options{.tails = tails};
            const Tensor<double> x = points<double>(tails, 5).requires_grad_();
            const Tensor<double> p = normal<double>({5, parameters(tails, 3)}, 6);
            const auto y = forward(x, p, options);
            CHECK(
                close(log(grad(y.value, {x}, {.retain_graph = true}, ones_like(x))[0]), y.log_slope, 1e-12));
            for (const bool backwards : {false, true})
                CHECK_GRAD(
                    [&](const std::vector<Tensor<double>>& in) {
                        const auto z =
                            backwards ? inverse(in[0], in[1], options) : forward(in[0], in[1], options);
                        return z.value * 0.7 + z.log_slope * z.value;
                    },
                    {x.detach(), p}, 2);
        }
    }
    void check_far_outside() const {
        const double infinite = std::numeric_limits<double>::infinity();
        const Tensor<double> x =
            Tensor<double>{-infinite, -1e300, -1e5, 1e5, 1e300, infinite}.requires_grad_();
        const SplineOptions options;
        const Tensor<double> p = normal<double>({6, parameters(options.tails, 3)}, 2).requires_grad_();
        for (const bool backwards : {false, true}) {
            const auto y = backwards ? inverse(x, p, options) : forward(x, p, options);
            CHECK(same_bits(y.value.detach(), x.detach()));
            CHECK(same_bits(y.log_slope.detach(), zeros<double>({6})));
            const auto d = grad(y.value + y.log_slope, {x, p}, {}, ones_like(x));
            CHECK(same_bits(detail::contiguous(d[0]), ones<double>({6})));
            CHECK(close(d[1], zeros<double>(p.shape()), 0));
        }
    }
};

}
