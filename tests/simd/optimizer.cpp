#include <tapegrad/simd/optimizer.hpp>

#include <doctest/doctest.h>

#include <vector>

namespace {

using namespace tapegrad;

template <class T>
std::vector<T> values(int64_t n, uint32_t seed) {
    std::vector<T> x(static_cast<std::size_t>(n));
    for (T& v : x) {
        seed = seed * 1664525U + 1013904223U;
        v = static_cast<T>(static_cast<int32_t>(seed)) / T(2147483648.0);
    }
    return x;
}

template <class T>
std::vector<int64_t> lengths() {
    const int64_t W = simd::width<T>;
    return {0, 1, W - 1, W, W + 1, 2 * W + 1, 70'001};
}

/// A rule of momentum: reads g, updates p and b.
template <class T>
void step(std::vector<T>& p, const std::vector<T>& g, std::vector<T>& b) {
    const auto keep = simd::constant<T>(0.5), rate = simd::constant<T>(-0.25);
    simd::update<T>(
        static_cast<int64_t>(p.size()),
        [=](const auto& slope, auto& at, auto& moved) TAPEGRAD_LAMBDA {
            moved = fma(moved, keep, slope);
            at = fma(moved, rate, at);
        },
        g.data(), p.data(), b.data());
}

}

TEST_CASE_TEMPLATE("optimizer: a rule reads const arrays and writes the others", T, float, double) {
    for (const int64_t n : lengths<T>()) {
        CAPTURE(n);
        std::vector<T> p = values<T>(n, 1), b = values<T>(n, 3), rp = p, rb = b;
        const std::vector<T> g = values<T>(n, 2);
        step(p, g, b);
        int64_t wrong = g != values<T>(n, 2);
        for (std::size_t i = 0; i < p.size(); ++i) {
            rb[i] = std::fma(rb[i], T(0.5), g[i]);  // a product by 0.5 is exact: with or without an fma
            rp[i] = std::fma(rb[i], T(-0.25), rp[i]);
            wrong += b[i] != rb[i];
            wrong += p[i] != rp[i];
        }
        CHECK(wrong == 0);
    }
}

TEST_CASE_TEMPLATE("optimizer: sums count no element behind the end, and what is written is stored", T, float,
                   double) {
    for (const int64_t n : lengths<T>()) {
        CAPTURE(n);
        const std::vector<T> x = values<T>(n, 5);
        std::vector<T> y = values<T>(n, 6), z = y;
        const auto sums = simd::update_sums<T, 2>(
            n,
            [](const auto& a, auto& b) TAPEGRAD_LAMBDA {
                const simd::Product<T> before{a, b};
                b = b + simd::constant<T>(1);  // 1 behind the end
                return std::array{before, simd::Product<T>{b, b}};
            },
            x.data(), y.data());
        double product = 0, square = 0, magnitude = 0;
        int64_t wrong = 0;
        for (std::size_t i = 0; i < x.size(); ++i) {
            wrong += y[i] != z[i] + T(1);
            product += static_cast<double>(x[i]) * static_cast<double>(z[i]);
            magnitude += std::fabs(static_cast<double>(x[i]) * static_cast<double>(z[i]));
            square += static_cast<double>(y[i]) * static_cast<double>(y[i]);
        }
        CHECK(wrong == 0);
        // Both sides add n doubles.
        CHECK(std::fabs(sums[0] - product) <= 1e-12 * magnitude);
        CHECK(std::fabs(sums[1] - square) <= 1e-12 * square);
        CHECK(std::fabs(simd::dot(x.data(), z.data(), n) - product) <= 1e-12 * magnitude);
    }
}

TEST_CASE_TEMPLATE("optimizer: sum of squares and scaling", T, float, double) {
    for (const int64_t n : lengths<T>()) {
        std::vector<T> x = values<T>(n, 5);
        double expected = 0;
        for (const T v : x) expected += static_cast<double>(v) * static_cast<double>(v);
        // Both sides add n doubles.
        CHECK(std::abs(simd::sum_of_squares(x.data(), n) - expected) <= 1e-12 * expected);
        std::vector<T> scaled = x;
        simd::scale_in_place(scaled.data(), n, T(0.3));
        int64_t wrong = 0;
        for (std::size_t i = 0; i < x.size(); ++i) wrong += scaled[i] != x[i] * T(0.3);
        CHECK(wrong == 0);
    }
    const float large[] = {1e30f, 1e-30f};
    CHECK(simd::sum_of_squares(large, 1) == doctest::Approx(1e60));
    CHECK(simd::sum_of_squares(large + 1, 1) == doctest::Approx(1e-60));
}

TEST_CASE_TEMPLATE("optimizer: the largest magnitude and sums of powers", T, float, double) {
    for (const int64_t n : lengths<T>()) {
        std::vector<T> x = values<T>(n, 5);
        if (n > 0) x.back() = T(-3);
        double cubes = 0;
        for (const T v : x) cubes += std::pow(std::fabs(static_cast<double>(v)) / 2, 3);
        CHECK(simd::largest_magnitude(x.data(), n) == (n > 0 ? 3 : 0));
        CHECK(simd::sum_of_powers(x.data(), n, 3, 0.5) == doctest::Approx(cubes).epsilon(1e-12));
    }
}

TEST_CASE_TEMPLATE("optimizer: the slope of a decaying parameter, the moments of Adam", T, float, double) {
    const auto first = [](const simd::Batch<T>& v) {
        T out[simd::Batch<T>::size];
        v.store(out);
        return static_cast<double>(out[0]);
    };
    const auto g = simd::constant<T>(3), p = simd::constant<T>(8), inf = simd::constant<T>(HUGE_VAL);
    CHECK(first(simd::Slope<T>(false, 0.5)(g, p)) == 7);
    CHECK(first(simd::Slope<T>(true, 0.5)(g, p)) == 1);
    CHECK(first(simd::Slope<T>(true, 0)(g, inf)) == -3);
    simd::Batch<T> m = simd::constant<T>(1), v = simd::constant<T>(2);
    simd::Moments<T>(0.5, 0.75)(g, m, v);
    CHECK(first(m) == 2);
    CHECK(first(v) == 3.75);
}

TEST_CASE_TEMPLATE("optimizer: NaN at every position stays there, and is found", T, float, double) {
    int64_t wrong = 0;
    for (int64_t n = 1; n <= 2 * simd::width<T> + 1; ++n)
        for (std::size_t i = 0; i < static_cast<std::size_t>(n); ++i) {
            std::vector<T> p = values<T>(n, 1), b = p, g = values<T>(n, 2);
            wrong += !simd::all_finite(g.data(), n);
            for (const double bad : {HUGE_VAL, -HUGE_VAL, std::nan("")}) {
                g[i] = static_cast<T>(bad);
                wrong += simd::all_finite(g.data(), n);
            }
            step(p, g, b);
            for (std::size_t k = 0; k < p.size(); ++k) {
                wrong += std::isnan(p[k]) != (k == i);
                wrong += std::isnan(b[k]) != (k == i);
            }
            wrong += !std::isnan(simd::sum_of_squares(g.data(), n));
            wrong += !std::isnan(simd::largest_magnitude(g.data(), n));
        }
    CHECK(wrong == 0);
}

TEST_CASE_TEMPLATE("optimizer: the same bits for any number of threads", T, float, double) {
    const int64_t n = 200'003;
    const std::vector<T> g = values<T>(n, 2);
    const int before = num_threads();
    std::vector<T> first;
    double squares = 0;
    for (const int threads : {1, 2, 3}) {
        set_num_threads(threads);
        std::vector<T> p = values<T>(n, 1), b(p.size());
        step(p, g, b);
        const double s = simd::sum_of_squares(p.data(), n);
        if (first.empty()) first = p, squares = s;
        CHECK(first == p);
        CHECK(squares == s);
    }
    set_num_threads(before);
}
