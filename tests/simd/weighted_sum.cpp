#include <tapegrad/simd/weighted_sum.hpp>

#include <doctest/doctest.h>

#include <vector>

#include "../support/threads.hpp"

using namespace tapegrad;

TEST_CASE_TEMPLATE("weighted_sum: lengths around a register, and many threads", T, float, double) {
    const support::Threads scope(3);
    for (const int64_t n : {0, 1, 7, 8, 9, 15, 16, 17, 33, 50001}) {
        const auto size = static_cast<std::size_t>(n);
        std::vector<T> a(size), b(size), c(size), y(size, T(9));
        for (std::size_t i = 0; i < size; ++i) {
            a[i] = static_cast<T>(i % 101);
            b[i] = static_cast<T>(i % 7) - 3;
            c[i] = static_cast<T>(i % 13);
        }
        const T* const x[] = {a.data(), b.data(), c.data()};
        const T w[] = {T(0.5), T(-2), T(4)};
        simd::weighted_sum(x, w, 3, y.data(), n);
        for (std::size_t i = 0; i < size; ++i) REQUIRE(y[i] == T(0.5) * a[i] - 2 * b[i] + 4 * c[i]);
        simd::weighted_sum(x, w, 1, y.data(), n);
        for (std::size_t i = 0; i < size; ++i) REQUIRE(y[i] == T(0.5) * a[i]);
        simd::weighted_sum(x, w, 0, y.data(), n);
        for (std::size_t i = 0; i < size; ++i) REQUIRE(y[i] == 0);
    }
}
