#include <tapegrad/simd/logsumexp.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

namespace {

using namespace tapegrad;

template <class T>
std::vector<T> values(int64_t n, uint32_t seed, T range) {
    std::vector<T> x(static_cast<std::size_t>(n));
    for (T& v : x) {
        seed = seed * 1664525U + 1013904223U;
        v = static_cast<T>(static_cast<int32_t>(seed)) / T(2147483648.0) * range;
    }
    return x;
}

template <class T>
void check(int64_t outer, int64_t n, int64_t inner) {
    CAPTURE(outer);
    CAPTURE(n);
    CAPTURE(inner);
    const std::vector<T> x = values<T>(outer * n * inner, 3, T(8)), dy = values<T>(outer * inner, 4, T(1));
    std::vector<T> y(dy.size()), dx(x.size());
    simd::logsumexp(x.data(), y.data(), outer, n, inner);
    simd::logsumexp_backward(x.data(), y.data(), dy.data(), dx.data(), outer, n, inner);
    long double worst = 0, worst_dx = 0;
    for (int64_t k = 0; k < outer * inner; ++k) {
        const int64_t first = k / inner * n * inner + k % inner;
        long double total = 0;
        for (int64_t i = 0; i < n; ++i)
            total += std::exp(static_cast<long double>(x[static_cast<std::size_t>(first + i * inner)]));
        worst = std::max(
            worst, std::abs(static_cast<long double>(y[static_cast<std::size_t>(k)]) - std::log(total)));
        for (int64_t i = 0; i < n; ++i) {
            const auto p = static_cast<std::size_t>(first + i * inner);
            const long double share = std::exp(static_cast<long double>(x[p])) / total;
            const long double expected = share * static_cast<long double>(dy[static_cast<std::size_t>(k)]);
            worst_dx = std::max(worst_dx, std::abs(static_cast<long double>(dx[p]) - expected));
        }
    }
    // Results up to 19, the logarithm of 50257 e^8, are rounded to 8 eps; the rest is the sum.
    CHECK(worst < 20 * static_cast<long double>(std::numeric_limits<T>::epsilon()));
    CHECK(worst_dx < 40 * static_cast<long double>(std::numeric_limits<T>::epsilon()));
}

}

TEST_CASE_TEMPLATE("logsumexp: value and gradient", T, float, double) {
    const int64_t W = simd::width<T>;
    for (const int64_t n : {int64_t{1}, int64_t{2}, W - 1, W, W + 1, 2 * W + 1, 64 * W + 1, int64_t{300}})
        for (const int64_t inner : {int64_t{1}, int64_t{2}, W - 1, W, W + 1, 4 * W, 9 * W + 1})
            if (n * inner > 0) check<T>(3, n, inner);
    check<T>(2, 50257, 1);
}

TEST_CASE_TEMPLATE("logsumexp: NaN, infinities and nothing", T, float, double) {
    const T inf = std::numeric_limits<T>::infinity(), nan = std::numeric_limits<T>::quiet_NaN();
    for (const int64_t inner : {int64_t{1}, simd::width<T> + 1})
        for (int64_t n = 1; n <= 2 * simd::width<T> + 1; ++n) {
            std::vector<T> x(static_cast<std::size_t>(n * inner), -inf), y(static_cast<std::size_t>(inner));
            simd::logsumexp(x.data(), y.data(), 1, n, inner);
            CHECK(y[0] == -inf);
            x[static_cast<std::size_t>(n / 2 * inner)] = inf;
            simd::logsumexp(x.data(), y.data(), 1, n, inner);
            CHECK((y[0] == inf && (inner == 1 || y[1] == -inf)));
            int64_t lost = 0;
            for (int64_t i = 0; i < n * inner; ++i) {
                std::vector<T> z = values<T>(n * inner, 1, T(2));
                z[static_cast<std::size_t>(i)] = nan;
                simd::logsumexp(z.data(), y.data(), 1, n, inner);
                for (int64_t j = 0; j < inner; ++j)
                    lost += std::isnan(y[static_cast<std::size_t>(j)]) != (j == i % inner);
            }
            CHECK(lost == 0);
        }
    T y[2] = {T(1), T(1)};
    simd::logsumexp(static_cast<const T*>(nullptr), y, 2, 0);
    CHECK((y[0] == -inf && y[1] == -inf));
    const T large[] = {T(1e5), T(1e5)};
    simd::logsumexp(large, y, 1, 2);
    CHECK(static_cast<double>(y[0]) == doctest::Approx(1e5 + std::log(2.0)));
}
