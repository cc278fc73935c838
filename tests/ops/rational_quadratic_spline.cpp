#include <tapegrad/ops/rational_quadratic_spline.hpp>

#include <doctest/doctest.h>

#include <tapegrad/ops/map_reduce.hpp>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;

namespace {

constexpr SplineTails every_tail[] = {SplineTails::none, SplineTails::linear, SplineTails::circular};

SplineOptions options_of(SplineTails tails) {
    return {.tails = tails, .low = -1.5, .high = 2, .min_width = 0.01, .min_height = 0.02, .scale = 0.7};
}
int64_t numbers_of(SplineTails tails, int64_t bins) {
    return 3 * bins + (tails == SplineTails::none ? 1 : tails == SplineTails::linear ? -1 : 0);
}
/// Inside for splines without tails, on both sides of the bounds for the others.
template <class T>
Tensor<T> points(SplineTails tails, const Shape& shape, std::uint64_t seed) {
    return tails == SplineTails::none ? support::uniform<T>(shape, -1.49, 1.99, seed)
                                      : support::uniform<T>(shape, -5, 5, seed);
}

}

TEST_CASE_TEMPLATE("rational_quadratic_spline: value against its definition in operations", T, float,
                   double) {
    const double tolerance = std::same_as<T, float> ? 3e-6 : 1e-13;
    for (const SplineTails tails : every_tail)
        for (const int64_t bins : {1, 2, 5, 8})
            for (const int64_t n : {0, 1, 7, 16, 17, 300}) {
                CAPTURE(bins);
                CAPTURE(n);
                const SplineOptions options = options_of(tails);
                const Tensor<T> x = points<T>(tails, {n}, 3);
                const Tensor<T> p = support::normal<T>({n, numbers_of(tails, bins)}, 4);
                const Splined<T> y = rational_quadratic_spline(x, p, options);
                const Splined<T> expected = detail::composed_spline(x, p, bins, false, options);
                CHECK(support::close(y.value, expected.value, tolerance));
                CHECK(support::close(y.log_slope, expected.log_slope, 10 * tolerance));
                const Splined<T> back = rational_quadratic_spline_inverse(y.value, p, options);
                CHECK(support::close(back.value, x, std::same_as<T, float> ? 1e-5 : 1e-12));
                CHECK(support::close(back.log_slope, -y.log_slope, std::same_as<T, float> ? 1e-4 : 1e-11));
            }
}

TEST_CASE("rational_quadratic_spline: gradient") {
    for (const SplineTails tails : every_tail)
        for (const int64_t bins : {1, 3}) {
            const SplineOptions options = options_of(tails);
            const Tensor<double> x = points<double>(tails, {3, 3}, 5);
            const Tensor<double> p = support::normal<double>({3, 3, numbers_of(tails, bins)}, 6);
            const int order = bins == 3 ? 2 : 1;
            for (const bool inverse : {false, true})
                CHECK_GRAD(
                    [&](const std::vector<Tensor<double>>& in) {
                        const auto y = inverse ? rational_quadratic_spline_inverse(in[0], in[1], options)
                                               : rational_quadratic_spline(in[0], in[1], options);
                        return y.value * 0.7 + y.log_slope * y.value;
                    },
                    {x, p}, order);
        }
}

TEST_CASE_TEMPLATE("rational_quadratic_spline: far outside, and parameters of any size", T, float, double) {
    const T huge = std::numeric_limits<T>::max(), infinite = std::numeric_limits<T>::infinity();
    const Tensor<T> x = Tensor<T>{{T(-1), T(1), T(-1e5), T(1e5), -huge, huge, -infinite, infinite, T(0.25)}}
                            .detach()
                            .requires_grad_();
    for (const double size : {0.0, 1.0, 100.0, 1e4}) {
        CAPTURE(size);
        const Tensor<T> p =
            (support::normal<T>({1, 9, 23}, 9) * static_cast<T>(size)).detach().requires_grad_();
        for (const bool inverse : {false, true}) {
            const auto y =
                inverse ? rational_quadratic_spline_inverse(x, p) : rational_quadratic_spline(x, p);
            for (int i = 0; i < 8; ++i) CHECK(y.value.data()[i] == x.data()[i]);
            for (int i = 2; i < 8; ++i) CHECK(y.log_slope.data()[i] == T(0));
            for (int i = 0; i < 9; ++i) CHECK(std::isfinite(y.log_slope.data()[i]));
            const auto d = grad(y.value + y.log_slope, {x, p}, {}, ones_like(x));
            for (int i = 2; i < 8; ++i) CHECK(detail::contiguous(d[0]).data()[i] == T(1));
            for (int64_t i = 0; i < d[0].numel(); ++i)
                CHECK(std::isfinite(detail::contiguous(d[0]).data()[i]));
            for (int64_t i = 0; i < d[1].numel(); ++i)
                REQUIRE(std::isfinite(detail::contiguous(d[1]).data()[i]));
        }
    }
    // NaN stays where it is.
    Tensor<T> some = zeros<T>({19});
    for (int64_t at = 0; at < 19; ++at) {
        detail::output(some)[at] = std::numeric_limits<T>::quiet_NaN();
        const auto y = rational_quadratic_spline(some, zeros<T>({19, 5}));
        for (int64_t i = 0; i < 19; ++i) CHECK(std::isnan(y.value.data()[i]) == (i == at));
        detail::output(some)[at] = T(0);
    }
}

TEST_CASE("rational_quadratic_spline: circular is the same on every turn") {
    const Tensor<double> p = expand(support::normal<double>({1, 15}, 2), {40, 15});
    const SplineOptions circle{.tails = SplineTails::circular, .low = 0, .high = 2};
    const Tensor<double> x = support::uniform<double>({40}, 0, 2, 3);
    const auto once = rational_quadratic_spline(x, p, circle);
    const auto later = rational_quadratic_spline(x + 6.0, p, circle);
    CHECK(support::close(later.value, once.value + 6.0, 1e-13));
    CHECK(support::close(later.log_slope, once.log_slope, 1e-12));
}

TEST_CASE("rational_quadratic_spline: layouts and errors") {
    const Tensor<double> x = support::uniform<double>({4, 5}, -2, 2), p = support::normal<double>({4, 5, 8});
    const auto y = rational_quadratic_spline(x, p),
               z = rational_quadratic_spline(support::spread(x), support::spread(p));
    CHECK(support::same_bits(y.value, z.value));
    CHECK(support::same_bits(y.log_slope, z.log_slope));
    CHECK(message<ShapeError>([&] {
              rational_quadratic_spline(x, zeros<double>({4, 5, 9}));
          }) ==
          "rational_quadratic_spline: the last axis of parameters (4, 5, 9) is not 3 K - 1 of K pieces");
    CHECK(message<ShapeError>([&] {
              rational_quadratic_spline_inverse(x, zeros<double>({4, 4, 8}));
          }) ==
          "rational_quadratic_spline_inverse: parameters (4, 4, 8) of x (4, 5): they need its axes and one "
          "for the "
          "numbers of a spline");
    CHECK(message<ValueError>([&] { rational_quadratic_spline(x, p, {.low = 1}); }) ==
          "rational_quadratic_spline: low 1 is not below high 1");
    CHECK(message<ValueError>([&] { rational_quadratic_spline(x, p, {.min_width = 0.4}); }) ==
          "rational_quadratic_spline: 3 pieces of at least 0.4 each do not fit: more than the whole");
    CHECK(message<ValueError>([&] { rational_quadratic_spline(x, p, {.min_slope = 1}); }) ==
          "rational_quadratic_spline: min_slope 1 is outside [0, 1)");
    CHECK(
        message<ValueError>([&] {
            rational_quadratic_spline(Tensor<double>{0.5, 1.5}, zeros<double>({2, 4}),
                                      {.tails = SplineTails::none});
        }) ==
        "rational_quadratic_spline: x has 1.5, outside [-1, 1], where a spline without tails is not defined");
}
