#include <tapegrad/simd/gemm_few.hpp>

#include <doctest/doctest.h>

#include <limits>
#include <vector>

#include "../support/threads.hpp"
#include "../support/values.hpp"

namespace {

using namespace tapegrad;
using simd::MatrixRef;
using support::random_values;
using support::same_bits;

constexpr int64_t sizes[][2] = {{1, 1}, {5, 17}, {70, 64}, {33, 31}, {40, 100}, {7, 1040}, {1300, 33}};

}

TEST_CASE("gemm_few: sums of products, for vectors of any strides") {
    for (const auto& [n, k] : sizes)
        for (int64_t m = 1; m <= simd::few_vectors; ++m) {
            CAPTURE(m);
            CAPTURE(n);
            CAPTURE(k);
            const auto x = random_values<float>(m * k, 1), w = random_values<float>(n * (k + 3), 2);
            const simd::FloatRows rows{w.data(), k + 3};
            std::vector<float> c(static_cast<std::size_t>(m * (n + 1)), 7.0F), turned = c, again = c;
            simd::gemm_few(m, n, k, MatrixRef<float>{x.data(), k, 1}, rows, c.data(), n + 1);
            for (int64_t i = 0; i < m; ++i) {
                for (int64_t j = 0; j < n; ++j) {
                    double sum = 0, size = 0;
                    for (int64_t p = 0; p < k; ++p) {
                        const double term = static_cast<double>(x[static_cast<std::size_t>(i * k + p)]) *
                                            static_cast<double>(w[static_cast<std::size_t>(j * (k + 3) + p)]);
                        sum += term;
                        size += std::abs(term);
                    }
                    const double error =
                        std::abs(static_cast<double>(c[static_cast<std::size_t>(i * (n + 1) + j)]) - sum);
                    CHECK(error <= static_cast<double>(k + 2) * 6e-8 * size);
                }
                CHECK(c[static_cast<std::size_t>(i * (n + 1) + n)] == 7);
            }
            std::vector<float> by_column(x.size());
            for (int64_t i = 0; i < m; ++i)
                for (int64_t p = 0; p < k; ++p)
                    by_column[static_cast<std::size_t>(p * m + i)] = x[static_cast<std::size_t>(i * k + p)];
            simd::gemm_few(m, n, k, MatrixRef<float>{by_column.data(), 1, m}, rows, turned.data(), n + 1);
            CHECK(same_bits(turned, c));
            const support::Threads threads(3);
            simd::gemm_few(m, n, k, MatrixRef<float>{x.data(), k, 1}, rows, again.data(), n + 1);
            CHECK(same_bits(again, c));
        }
}

TEST_CASE("gemm_few: an epilogue, nothing to sum, and no rows") {
    const auto x = random_values<float>(3 * 40, 1), w = random_values<float>(9 * 40, 2);
    const MatrixRef<float> a{x.data(), 40, 1};
    const simd::FloatRows rows{w.data(), 40};
    std::vector<float> c(27), doubled(27);
    simd::gemm_few(3, 9, 40, a, rows, c.data(), 9);
    simd::gemm_few(3, 9, 40, a, rows, doubled.data(), 9,
                   [](const auto& v, int64_t, int64_t) TAPEGRAD_LAMBDA { return v + v; });
    for (std::size_t i = 0; i < c.size(); ++i) CHECK(doubled[i] == c[i] + c[i]);
    simd::gemm_few(3, 9, 0, a, rows, c.data(), 9);
    CHECK(c == std::vector<float>(27));
    simd::gemm_few(0, 9, 40, a, rows, doubled.data(), 9);
    simd::gemm_few(3, 0, 40, a, rows, doubled.data(), 9);
    CHECK(doubled[0] != 0);
}

TEST_CASE("gemm_few: NaN and inf stay in their row and their vector") {
    constexpr int64_t m = 5, n = 11, k = 75;
    for (int64_t place = 0; place < k; place += 7)
        for (const float odd :
             {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
            auto x = random_values<float>(m * k, 1), w = random_values<float>(n * k, 2);
            x[static_cast<std::size_t>(3 * k + place)] = odd;
            w[static_cast<std::size_t>(10 * k + place)] = odd;
            std::vector<float> c(m * n);
            simd::gemm_few(m, n, k, MatrixRef<float>{x.data(), k, 1}, simd::FloatRows{w.data(), k}, c.data(),
                           n);
            for (int64_t i = 0; i < m; ++i)
                for (int64_t j = 0; j < n; ++j)
                    CHECK(std::isfinite(c[static_cast<std::size_t>(i * n + j)]) == (i != 3 && j != 10));
        }
}
