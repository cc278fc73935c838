#include <tapegrad/simd/gemm_batched.hpp>

#include <doctest/doctest.h>

#include <vector>

#include "../support/threads.hpp"
#include "../support/values.hpp"

namespace {

using namespace tapegrad;
using simd::Batch;
using simd::MatrixRef;
using support::random_values;
using support::same_bits;

}

TEST_CASE_TEMPLATE("gemm_batched: each product has the bits of gemm", T, float, double) {
    const int64_t shapes[][4] = {{48, 64, 64, 32}, {48, 64, 32, 64}, {3, 100, 120, 90}, {40, 1, 33, 20},
                                 {7, 5, 3, 0},     {1, 8, 8, 8},     {200, 2, 2, 2},    {2, 70, 80, 800}};
    for (const auto& [batch, m, n, k] : shapes) {
        CAPTURE(batch);
        CAPTURE(m);
        CAPTURE(n);
        CAPTURE(k);
        const auto a = random_values<T>(batch * m * k, 1), b = random_values<T>(batch * k * n, 2);
        const MatrixRef<T> left{a.data(), k, 1}, right{b.data(), 1, k};
        std::vector<T> expected(static_cast<std::size_t>(batch * m * n), T(2));
        for (int64_t q = 0; q < batch; ++q)
            simd::gemm(m, n, k, MatrixRef<T>{a.data() + q * m * k, k, 1},
                       MatrixRef<T>{b.data() + q * k * n, 1, k}, expected.data() + q * m * n, n, true);
        for (const int threads : {1, 2, 4}) {
            const support::Threads scope(threads);
            std::vector<T> c(expected.size(), T(2));
            simd::gemm_batched(batch, m, n, k, left, right, c.data(), n,
                               simd::GemmStrides{m * k, k * n, m * n}, true);
            CHECK(same_bits(c, expected));
        }
    }
}

TEST_CASE_TEMPLATE("gemm_batched: broadcast batches and offsets of several axes", T, float, double) {
    // A (2, 1, m, k) times B (1, 3, k, n), heads interleaved in B's rows.
    const int64_t m = 9, n = 20, k = 11;
    const auto a = random_values<T>(2 * m * k, 3), b = random_values<T>(k * 3 * n, 4);
    std::vector<T> c(static_cast<std::size_t>(6 * m * n)), expected = c;
    const auto offsets = [&](int64_t q) { return simd::GemmOffsets{q / 3 * m * k, q % 3 * n, q * m * n}; };
    simd::gemm_batched(int64_t{6}, m, n, k, MatrixRef<T>{a.data(), k, 1}, MatrixRef<T>{b.data(), 3 * n, 1},
                       c.data(), n, offsets);
    for (int64_t q = 0; q < 6; ++q)
        simd::gemm(m, n, k, MatrixRef<T>{a.data() + q / 3 * m * k, k, 1},
                   MatrixRef<T>{b.data() + q % 3 * n, 3 * n, 1}, expected.data() + q * m * n, n);
    CHECK(same_bits(c, expected));
}

TEST_CASE_TEMPLATE("gemm_batched: epilogue knows the index", T, float, double) {
    const int64_t batch = 5, m = 6, n = 19, k = 4;
    const auto a = random_values<T>(batch * m * k, 5), b = random_values<T>(k * n, 6);
    std::vector<T> c(static_cast<std::size_t>(batch * m * n)), expected = c;
    const MatrixRef<T> left{a.data(), k, 1}, right{b.data(), n, 1};
    const simd::GemmStrides strides{m * k, 0, m * n};
    simd::gemm_batched(batch, m, n, k, left, right, expected.data(), n, strides);
    for (std::size_t e = 0; e < expected.size(); ++e)
        expected[e] +=
            static_cast<T>(static_cast<int64_t>(e) / (m * n) * 100 + static_cast<int64_t>(e) / n % m);
    simd::gemm_batched(batch, m, n, k, left, right, c.data(), n, strides, false,
                       [](int64_t index, const Batch<T>& value, int64_t row, int64_t) {
                           return value + Batch<T>(static_cast<T>(100 * index + row));
                       });
    CHECK(same_bits(c, expected));
}
