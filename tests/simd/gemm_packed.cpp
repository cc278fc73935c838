#include <tapegrad/simd/gemm_packed.hpp>

#include <doctest/doctest.h>

#include <vector>

#include "../support/threads.hpp"
#include "../support/values.hpp"

namespace {

using namespace tapegrad;
using simd::MatrixRef;
using support::random_values;
using support::same_bits;

}

TEST_CASE_TEMPLATE("gemm_packed: the bits of gemm, for operands of any strides and any number of threads", T,
                   float, double) {
    const int64_t sizes[][3] = {{2, 5, 1},     {2, 33, 7},      {5, 64, 520},  {17, 100, 1100},
                                {3, 2050, 40}, {70, 2080, 600}, {200, 96, 130}};
    for (const auto& [m, n, k] : sizes) {
        CAPTURE(m);
        CAPTURE(n);
        CAPTURE(k);
        const auto a = random_values<T>(m * k, 1), b = random_values<T>(k * n, 2);
        const MatrixRef<T> left{a.data(), k, 1};
        for (const bool transposed : {false, true}) {
            const MatrixRef<T> right{b.data(), transposed ? 1 : n, transposed ? k : 1};
            std::vector<T> expected(static_cast<std::size_t>(m * n));
            simd::gemm(m, n, k, left, right, expected.data(), n);
            for (const int threads : {1, 4}) {
                const support::Threads scope(threads);
                std::vector<T> packed(static_cast<std::size_t>(simd::packed_size<T>(k, n)), T(7)),
                    c(expected.size(), T(3));
                simd::pack_matrix(k, n, right, packed.data());
                simd::gemm_packed(m, n, k, left, packed.data(), c.data(), n);
                CHECK(same_bits(c, expected));
            }
        }
    }
}

TEST_CASE_TEMPLATE("gemm_packed: one row, an epilogue, and nothing", T, float, double) {
    constexpr int64_t n = 75, k = 900;
    const auto a = random_values<T>(2 * k, 1), b = random_values<T>(k * n, 2);
    std::vector<T> packed(static_cast<std::size_t>(simd::packed_size<T>(k, n)));
    simd::pack_matrix(k, n, MatrixRef<T>{b.data(), n, 1}, packed.data());
    std::vector<T> two(2 * n), one(n), doubled(n);
    simd::gemm_packed(2, n, k, MatrixRef<T>{a.data(), k, 1}, packed.data(), two.data(), n);
    simd::gemm_packed(1, n, k, MatrixRef<T>{a.data(), k, 1}, packed.data(), one.data(), n);
    two.resize(n);
    CHECK(same_bits(one, two));
    simd::gemm_packed(1, n, k, MatrixRef<T>{a.data(), k, 1}, packed.data(), doubled.data(), n,
                      [](const auto& v, int64_t, int64_t) TAPEGRAD_LAMBDA { return v + v; });
    for (std::size_t i = 0; i < one.size(); ++i) CHECK(doubled[i] == one[i] + one[i]);
    std::vector<T> none(static_cast<std::size_t>(simd::packed_size<T>(0, n)));
    simd::pack_matrix(0, n, MatrixRef<T>{nullptr, n, 1}, none.data());
    simd::gemm_packed(1, n, 0, MatrixRef<T>{nullptr, 0, 1}, none.data(), one.data(), n);
    for (const T v : one) CHECK(v == T(0));
}
