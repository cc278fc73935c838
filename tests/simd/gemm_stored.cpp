#include <tapegrad/simd/gemm_stored.hpp>

#include <doctest/doctest.h>

#include <vector>

#include "../support/threads.hpp"
#include "../support/values.hpp"

namespace {

using namespace tapegrad;
using simd::MatrixRef;
using support::random_values;
using support::same_bits;

/// Weights (rows, columns) in each form, with what they widen to.
struct Stored {
    int64_t rows, columns, groups;
    std::vector<bfloat16> halves;
    std::vector<std::int8_t> bytes;
    std::vector<std::uint8_t> nibbles;
    std::vector<float> scales, of_halves, of_bytes, of_nibbles;

    static constexpr int shift = 5;

    Stored(int64_t r, int64_t c) : rows(r), columns(c), groups((c + 31) / 32) {
        scales = random_values<float>(r * groups, 3);
        std::uint32_t seed = 7;
        const auto values = random_values<float>(r * c, 4);
        nibbles.resize(static_cast<std::size_t>(r * groups * 16));
        for (int64_t i = 0; i < r * c; ++i) {
            halves.emplace_back(values[static_cast<std::size_t>(i)]);
            of_halves.push_back(static_cast<float>(halves.back()));
            seed = seed * 1664525U + 1013904223U;
            bytes.push_back(static_cast<std::int8_t>(seed >> 24));
            const float scale = scales[static_cast<std::size_t>(i / c * groups + i % c / 32)];
            of_bytes.push_back(static_cast<float>(bytes.back()) * scale);
            const int64_t p = i % c, group = i / c * groups + p / 32;
            nibbles[static_cast<std::size_t>(group * 16 + p % 16)] |=
                static_cast<std::uint8_t>((bytes.back() & 15) << (p % 32 < 16 ? 0 : 4));
            of_nibbles.push_back(static_cast<float>((bytes.back() & 15) - 8) * scale);
        }
    }
    simd::Bfloat16Rows half_rows() const { return {halves.data(), columns}; }
    simd::Int4Rows nibble_rows() const { return {nibbles.data(), groups, scales.data()}; }
    simd::Int8Rows byte_rows() const { return {bytes.data(), columns, scales.data(), groups, shift}; }
};

constexpr int64_t sizes[][3] = {{1, 1, 1},   {1, 5, 17},     {1, 70, 64}, {2, 33, 16},   {3, 40, 100},
                                {17, 65, 7}, {30, 130, 600}, {1, 9, 600}, {64, 96, 1100}};

}

TEST_CASE("gemm_stored: products are those of the widened weights, bit for bit with more than a few rows") {
    for (const auto& [m, n, k] : sizes) {
        CAPTURE(m);
        CAPTURE(n);
        CAPTURE(k);
        const Stored w(n, k);
        const auto x = random_values<float>(m * k, 1);
        const MatrixRef<float> a{x.data(), k, 1};
        const auto check = [&](const auto& rows, const std::vector<float>& wide) {
            std::vector<float> expected(static_cast<std::size_t>(m * n)), c;
            simd::gemm(m, n, k, a, MatrixRef<float>{wide.data(), 1, k}, expected.data(), n);
            for (const int threads : {1, 3}) {
                const support::Threads scope(threads);
                std::vector<float> y(expected.size());
                simd::gemm_stored(m, n, k, a, rows, y.data(), n);
                for (std::size_t i = 0; i < y.size(); ++i)
                    if (m > simd::few_vectors)
                        CHECK(y[i] == expected[i]);
                    else  // two orders of a sum: each errs by (k + 1) eps times the sum of sizes
                        CHECK(std::abs(y[i] - expected[i]) <= 2 * static_cast<float>(k + 1) * 1.2e-7F *
                                                                  static_cast<float>(k) *
                                                                  (&wide == &w.of_halves ? 1 : 128));
                if (threads == 1)
                    c = y;
                else
                    CHECK(same_bits(c, y));
            }
            std::vector<float> shifted(expected.size());
            simd::gemm_stored(m, n, k, a, rows, shifted.data(), n,
                              [](const auto& v, int64_t, int64_t) TAPEGRAD_LAMBDA { return v + v; });
            for (std::size_t i = 0; i < c.size(); ++i) CHECK(shifted[i] == c[i] + c[i]);
        };
        check(w.half_rows(), w.of_halves);
        check(w.byte_rows(), w.of_bytes);
        check(w.nibble_rows(), w.of_nibbles);
    }
}

TEST_CASE("gemm_stored_back: the product with weights that are not transposed") {
    for (const auto& [m, n, k] : sizes) {
        CAPTURE(m);
        CAPTURE(n);
        CAPTURE(k);
        const Stored w(k, n);
        const auto x = random_values<float>(m * k, 1);
        const MatrixRef<float> a{x.data(), 1, m};  // a column-major left operand
        const auto check = [&](const auto& rows, const std::vector<float>& wide) {
            std::vector<float> expected(static_cast<std::size_t>((m + 1) * n)), y = expected;
            // One row of zeros more, so that the reference packs even where m is 1.
            std::vector<float> copied(static_cast<std::size_t>((m + 1) * k));
            for (int64_t i = 0; i < m; ++i)
                for (int64_t p = 0; p < k; ++p)
                    copied[static_cast<std::size_t>(i * k + p)] = x[static_cast<std::size_t>(p * m + i)];
            simd::gemm(m + 1, n, k, MatrixRef<float>{copied.data(), k, 1},
                       MatrixRef<float>{wide.data(), n, 1}, expected.data(), n);
            simd::gemm_stored_back(m, n, k, a, rows, y.data(), n);
            for (int64_t i = 0; i < m * n; ++i)
                CHECK(y[static_cast<std::size_t>(i)] == expected[static_cast<std::size_t>(i)]);
        };
        check(w.half_rows(), w.of_halves);
        check(w.byte_rows(), w.of_bytes);
        check(w.nibble_rows(), w.of_nibbles);
    }
}

TEST_CASE("gemm_stored: nothing to sum is zero") {
    const Stored w(3, 4);
    float c[3] = {1, 2, 3};
    simd::gemm_stored(1, 3, 0, MatrixRef<float>{nullptr, 0, 1}, w.half_rows(), c, 3);
    for (const float v : c) CHECK(v == 0);
    simd::gemm_stored(0, 3, 4, MatrixRef<float>{nullptr, 4, 1}, w.byte_rows(), c, 3);
}
