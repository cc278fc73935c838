#include <tapegrad/simd/scan.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "../support/threads.hpp"

namespace {

using namespace tapegrad;
using support::Threads;

template <class T>
std::vector<T> values(int64_t n) {
    std::vector<T> x(static_cast<std::size_t>(n));
    uint32_t seed = 3;
    for (T& v : x) {
        seed = seed * 1664525U + 1013904223U;
        v = static_cast<T>(static_cast<int32_t>(seed)) / T(2147483648.0);
    }
    return x;
}

struct Sizes {
    int64_t outer, n, inner;
};

template <class T>
std::vector<Sizes> sweep() {
    constexpr int64_t W = simd::width<T>;
    std::vector<Sizes> out{{2, simd::detail::scan_piece + 5, 1}, {1, 200, simd::detail::scan_strip + 3}};
    for (const int64_t n : {int64_t{1}, int64_t{2}, W - 1, W, W + 1, 2 * W + 1, int64_t{150}})
        for (const int64_t inner : {int64_t{1}, int64_t{3}, W, W + 1})
            for (const int64_t outer : {1, 3}) out.push_back({outer, n, inner});
    return out;
}

/// The largest |kernel - reference| where the reference runs step(before, offset), in double.
template <class T, class Kernel, class Step>
double worst(const Sizes& s, bool reverse, const Kernel& kernel, double start, const Step& step) {
    std::vector<T> y(static_cast<std::size_t>(s.outer * s.n * s.inner) + 1, T(77));
    kernel(y.data());
    double error = y.back() == T(77) ? 0 : 1e9;
    for (int64_t k = 0; k < s.outer * s.inner; ++k) {
        double running = start;
        for (int64_t i = 0; i < s.n; ++i) {
            const int64_t at = (k / s.inner * s.n + (reverse ? s.n - 1 - i : i)) * s.inner + k % s.inner;
            running = step(running, at);
            const double off = std::abs(static_cast<double>(y[static_cast<std::size_t>(at)]) - running);
            error = off <= error ? error : off;
        }
    }
    return error;
}

}

TEST_CASE_TEMPLATE("scan: sums, products and recurrences in both directions", T, float, double) {
    const double eps = static_cast<double>(std::numeric_limits<T>::epsilon());
    for (const Sizes& s : sweep<T>())
        for (const bool reverse : {false, true}) {
            CAPTURE(s.n);
            CAPTURE(s.inner);
            const auto x = values<T>(s.outer * s.n * s.inner), b = x;
            const auto at = [](const std::vector<T>& v, int64_t i) {
                return static_cast<double>(v[static_cast<std::size_t>(i)]);
            };
            // Each addition rounds by at most half an eps of the running sum that it makes.
            const auto add = [&](double sum, int64_t i) { return sum + at(x, i); };
            const double largest = worst<T>(
                s, reverse, [&](T* y) { std::fill_n(y, s.outer * s.n * s.inner, T(0)); }, 0, add);
            CHECK(worst<T>(
                      s, reverse, [&](T* y) { simd::cumsum(x.data(), y, s.outer, s.n, s.inner, reverse); }, 0,
                      add) <= eps / 2 * static_cast<double>(s.n) * largest);
            CHECK(worst<T>(
                      s, reverse, [&](T* y) { simd::cumprod(x.data(), y, s.outer, s.n, s.inner, reverse); },
                      1, [&](double product, int64_t i) { return product * at(x, i); }) < 8 * eps);
            CHECK(worst<T>(
                      s, reverse,
                      [&](T* y) { simd::recurrence(x.data(), b.data(), y, s.outer, s.n, s.inner, reverse); },
                      0, [&](double h, int64_t i) { return at(x, i) * h + at(b, i); }) < 60 * eps);
            if (!reverse)
                CHECK(worst<T>(
                          s, false, [&](T* y) { simd::logcumsumexp(x.data(), y, s.outer, s.n, s.inner); },
                          -std::numeric_limits<double>::infinity(),
                          [&](double sum, int64_t i) {
                              return std::log(std::exp(sum) + std::exp(at(x, i)));
                          }) < eps * (20 + static_cast<double>(s.n) / 4));
        }
}

TEST_CASE("scan: the same bits for any number of threads") {
    const int64_t n = 5 * simd::detail::scan_piece + 17;
    const auto x = values<float>(n);
    std::vector<float> one(x.size()), two(x.size());
    for (const bool reverse : {false, true}) {
        {
            const Threads threads(1);
            simd::cumsum(x.data(), one.data(), 1, n, 1, reverse);
        }
        const Threads threads(3);
        simd::cumsum(x.data(), two.data(), 1, n, 1, reverse);
        CHECK(one == two);
    }
}

TEST_CASE("scan: a long sum of floats keeps its digits") {
    std::vector<float> x(1 << 22, 0.1f), y(x.size());
    simd::cumsum(x.data(), y.data(), 1, int64_t{1} << 22, 1);
    CHECK(y.back() == doctest::Approx(4194304 * 0.1).epsilon(1e-6));
    simd::cumsum(x.data(), y.data(), 1, int64_t{1} << 18, 16);
    CHECK(y.back() == doctest::Approx(262144 * 0.1).epsilon(1e-4));
}

TEST_CASE("scan: integers wrap") {
    const std::vector<int64_t> x{std::numeric_limits<int64_t>::max(), 1, 2};
    std::vector<int64_t> y(3);
    simd::cumsum(x.data(), y.data(), 1, 3, 1);
    CHECK(y[1] == std::numeric_limits<int64_t>::min());
    simd::cumprod(x.data(), y.data(), 1, 3, 1, true);
    CHECK(y == std::vector<int64_t>{-2, 2, 2});
}

TEST_CASE("scan: extremes so far") {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const std::vector<double> x{1, 3, 3, 2, nan, 5, nan, 0};
    std::vector<double> y(8);
    std::vector<int64_t> places(8);
    simd::cummax(x.data(), y.data(), places.data(), 1, 8, 1);
    CHECK(places == std::vector<int64_t>{0, 1, 2, 2, 4, 4, 6, 6});
    CHECK(y[3] == 3);
    CHECK(y[7] != y[7]);
    simd::cummin(x.data(), y.data(), places.data(), 1, 4, 2);  // columns 1 3 nan nan and 3 2 5 0
    CHECK(places == std::vector<int64_t>{0, 0, 0, 1, 2, 1, 3, 3});
}
