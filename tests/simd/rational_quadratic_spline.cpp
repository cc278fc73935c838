#include <tapegrad/simd/rational_quadratic_spline.hpp>

#include <doctest/doctest.h>

#include "../support/values.hpp"

using namespace tapegrad;

namespace {

/// The spline as its formulas say, of one element; linear tails.
std::pair<double, double> reference(const simd::SplineShape<double>& s, double x, const double* p) {
    if (x < s.low || x > s.high) return {x, 0};
    const auto k = static_cast<std::size_t>(s.bins);
    const auto knots = [&](const double* u, double least) {
        std::vector<double> at{s.low};
        double total = 0;
        for (std::size_t i = 0; i < k; ++i) total += std::exp(s.scale * u[i]);
        for (std::size_t i = 0; i < k; ++i)
            at.push_back(at.back() + (s.high - s.low) * (least + (1 - least * static_cast<double>(k)) *
                                                                     std::exp(s.scale * u[i]) / total));
        return at;
    };
    const auto xs = knots(p, s.min_width), ys = knots(p + k, s.min_height);
    std::vector<double> slopes{1};
    for (std::size_t i = 0; i + 1 < k; ++i)
        slopes.push_back(s.min_slope + std::log1p(std::exp(p[2 * k + i])));
    slopes.push_back(1);
    std::size_t b = 0;
    while (b + 1 < k && x >= xs[b + 1]) ++b;
    const double w = xs[b + 1] - xs[b], h = ys[b + 1] - ys[b], sl = h / w, a = (x - xs[b]) / w,
                 q = a * (1 - a);
    const double below = sl + (slopes[b] + slopes[b + 1] - 2 * sl) * q;
    const double slope = sl * sl * (slopes[b + 1] * a * a + 2 * sl * q + slopes[b] * (1 - a) * (1 - a));
    return {ys[b] + h * (sl * a * a + slopes[b] * q) / below, std::log(slope / below / below)};
}

}

TEST_CASE_TEMPLATE("rational-quadratic spline rows: against the formulas", T, float, double) {
    const double tolerance = std::same_as<T, float> ? 1e-5 : 1e-13;
    for (const int64_t bins : {1, 4, 9}) {
        const simd::SplineShape<double> exact{bins, SplineTails::linear, -1, 2, 0.01, 0.02, 0.001, 1.5};
        const simd::SplineShape<T> shape{bins,  SplineTails::linear, T(-1), T(2), T(0.01), T(0.02), T(0.001),
                                         T(1.5)};
        for (const int64_t n : {1, 16, 37, 1000}) {
            auto x = support::random_values<T>(n, 1);
            for (T& v : x) v *= T(3);
            const auto p = support::random_values<T>(n * shape.parameters(), 2);
            std::vector<T> y(x.size()), log_slope(x.size());
            simd::rational_quadratic_spline(shape, false, x.data(), p.data(), y.data(), log_slope.data(), n);
            for (std::size_t i = 0; i < x.size(); ++i) {
                std::vector<double> wide;
                for (int64_t j = 0; j < shape.parameters(); ++j)
                    wide.push_back(static_cast<double>(
                        p[i * static_cast<std::size_t>(shape.parameters()) + static_cast<std::size_t>(j)]));
                const auto [value, slope] = reference(exact, static_cast<double>(x[i]), wide.data());
                REQUIRE(std::abs(static_cast<double>(y[i]) - value) <= tolerance);
                REQUIRE(std::abs(static_cast<double>(log_slope[i]) - slope) <= 5 * tolerance);
            }
            std::vector<T> back(x.size()), other(x.size());
            simd::rational_quadratic_spline(shape, true, y.data(), p.data(), back.data(), other.data(), n);
            for (std::size_t i = 0; i < x.size(); ++i) {
                REQUIRE(std::abs(back[i] - x[i]) <= tolerance);
                REQUIRE(std::abs(other[i] + log_slope[i]) <= 20 * tolerance);
            }
        }
    }
}

TEST_CASE("rational-quadratic spline rows: a gradient that nobody wants is not written") {
    const simd::SplineShape<float> shape{3, SplineTails::circular, 0, 1, 0, 0, 0, 1};
    const auto x = support::random_values<float>(20, 1), p = support::random_values<float>(180, 2),
               dy = support::random_values<float>(20, 3), dl = support::random_values<float>(20, 4);
    for (const bool inverse : {false, true}) {
        std::vector<float> dx(20), dp(180), dx1(20), dp1(180);
        const auto run = [&](float* a, float* b) {
            simd::rational_quadratic_spline_backward(shape, inverse, x.data(), p.data(), dy.data(), dl.data(),
                                                     a, b, 20);
        };
        run(dx.data(), dp.data());
        run(dx1.data(), nullptr);
        run(nullptr, dp1.data());
        CHECK(support::same_bits(dx, dx1));
        CHECK(support::same_bits(dp, dp1));
    }
}
