#include <tapegrad/simd/gemm_masked.hpp>

#include <doctest/doctest.h>

#include <vector>

#include "../support/threads.hpp"
#include "../support/values.hpp"

namespace {

using namespace tapegrad;
using simd::MatrixRef;
using support::random_values;
using support::same_bits;

constexpr int64_t sizes[][3] = {{2, 1, 1},     {3, 5, 17},     {2, 33, 16},  {17, 65, 7},
                                {30, 130, 70}, {15, 31, 1100}, {64, 96, 300}};

}

TEST_CASE_TEMPLATE("gemm_masked: the product with the masked matrix, bit for bit", T, float, double) {
    for (const auto& [m, n, k] : sizes) {
        CAPTURE(m);
        CAPTURE(n);
        CAPTURE(k);
        const auto a = random_values<T>(m * k, 1), w = random_values<T>(n * k, 2);
        std::vector<T> mask(w.size()), masked(w.size());
        for (std::size_t i = 0; i < w.size(); ++i) {
            mask[i] = i % 3 == 1 ? T(0) : T(1);
            masked[i] = w[i] * mask[i];
        }
        std::vector<T> expected(static_cast<std::size_t>(m * n)), got = expected;
        for (const bool columns : {false, true}) {
            const auto b = [&](const std::vector<T>& x) {
                return columns ? MatrixRef<T>{x.data(), 1, k} : MatrixRef<T>{x.data(), n, 1};
            };
            for (const int threads : {1, 3}) {
                const support::Threads scope(threads);
                simd::gemm(m, n, k, MatrixRef<T>{a.data(), k, 1}, b(masked), expected.data(), n);
                simd::gemm_masked(m, n, k, MatrixRef<T>{a.data(), k, 1}, b(w), b(mask), got.data(), n);
                CHECK(same_bits(got, expected));
            }
        }
    }
}

TEST_CASE("gemm_masked: one row, no terms, and an epilogue") {
    const std::vector<float> a{1, 2}, w{3, 4, 5, 6, 7, 8}, mask{1, 0, 1, 0, 1, 1};
    std::vector<float> c(3);
    const auto add = [](const simd::Batch<float>& v, int64_t, int64_t) { return v + simd::Batch<float>(10); };
    simd::gemm_masked(1, 3, 2, MatrixRef<float>{a.data(), 2, 1}, MatrixRef<float>{w.data(), 3, 1},
                      MatrixRef<float>{mask.data(), 3, 1}, c.data(), 3, add);
    CHECK(c == std::vector<float>{13, 24, 31});
    simd::gemm_masked(1, 3, 0, MatrixRef<float>{a.data(), 0, 1}, MatrixRef<float>{w.data(), 3, 1},
                      MatrixRef<float>{mask.data(), 3, 1}, c.data(), 3);
    CHECK(c == std::vector<float>{0, 0, 0});
}

TEST_CASE_TEMPLATE("gemm_masked: masks of degrees, bit for bit", T, float, double) {
    for (const auto& [m, n, k] : sizes) {
        CAPTURE(n);
        const auto a = random_values<T>(m * k, 1), w = random_values<T>(n * k, 2);
        const auto terms = random_values<T>(k, 3), lanes = random_values<T>(n, 4);
        std::vector<T> masked(w.size()), expected(static_cast<std::size_t>(m * n)), got = expected;
        for (const bool columns : {false, true}) {
            const int64_t row = columns ? 1 : n, column = columns ? k : 1;
            for (int64_t i = 0; i < k; ++i)
                for (int64_t j = 0; j < n; ++j) {
                    const auto at = static_cast<std::size_t>(i * row + j * column);
                    const bool seen =
                        terms[static_cast<std::size_t>(i)] <= lanes[static_cast<std::size_t>(j)];
                    masked[at] = seen ? w[at] : T(0);
                }
            simd::gemm(m, n, k, MatrixRef<T>{a.data(), k, 1}, MatrixRef<T>{masked.data(), row, column},
                       expected.data(), n);
            simd::gemm_by_degrees(m, n, k, MatrixRef<T>{a.data(), k, 1}, MatrixRef<T>{w.data(), row, column},
                                  terms.data(), lanes.data(), got.data(), n);
            CHECK(same_bits(got, expected));
        }
    }
}
