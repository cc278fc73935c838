#include <tapegrad/simd/quotient.hpp>

#include <doctest/doctest.h>

#include "../support/values.hpp"

using namespace tapegrad;

TEST_CASE_TEMPLATE("divide: every length, in place too", T, float, double) {
    for (int64_t n = 0; n < 3 * simd::width<T> + 2; ++n) {
        auto x = support::random_values<T>(n, 2);
        if (n > 1) x[1] = -std::numeric_limits<T>::infinity();
        std::vector<T> y(x.size()), want;
        for (const T v : x) want.push_back(v / T(0.7));
        simd::divide(x.data(), y.data(), n, T(0.7));
        CHECK(y == want);
        simd::divide(x.data(), x.data(), n, T(0.7));
        CHECK(x == want);
    }
}

TEST_CASE_TEMPLATE("finite spread: against a plain loop", T, float, double) {
    const T inf = std::numeric_limits<T>::infinity();
    for (const int64_t n :
         {int64_t{1}, int64_t{5}, int64_t{17}, int64_t{1023}, int64_t{1025}, int64_t{50257}}) {
        CAPTURE(n);
        auto x = support::random_values<T>(n, 2);
        for (T& v : x) v += T(5);
        if (n > 4) {
            x[1] = -inf;
            x[2] = inf;
            x[4] = std::numeric_limits<T>::quiet_NaN();
        }
        double mean = 0, count = 0, squares = 0;
        for (const T v : x)
            if (std::isfinite(v)) {
                mean += static_cast<double>(v);
                count += 1;
            }
        mean /= count;
        for (const T v : x)
            if (std::isfinite(v))
                squares += (static_cast<double>(v) - mean) * (static_cast<double>(v) - mean);
        const auto got = simd::finite_spread(x.data(), n);
        const double tolerance = sizeof(T) == 4 ? 3e-6 : 1e-13;
        CHECK(static_cast<double>(got.count) == count);
        CHECK(std::abs(got.mean - mean) < tolerance);
        CHECK(std::abs(got.deviation - std::sqrt(squares / count)) < tolerance);
    }
    const std::vector<T> nothing(20, -inf);
    CHECK(simd::finite_spread(nothing.data(), 20).count == 0);
    CHECK(simd::finite_spread(nothing.data(), 20).deviation == 0);
}
