#include <tapegrad/simd/gemm_block.hpp>

#include <doctest/doctest.h>

#include <vector>

namespace {

using namespace tapegrad;
using simd::detail::GemmBlock;

}

TEST_CASE_TEMPLATE("gemm_block: every part of C is finished once, after it is whole", T, float, double) {
    // Small integers: every sum is exact, so C has one right answer.
    const auto left = [](int64_t i, int64_t p) { return static_cast<T>((i * 5 + p * 3) % 7 - 3); };
    const auto right = [](int64_t p, int64_t j) { return static_cast<T>((p * 2 + j * 11) % 13 - 6); };
    const int64_t shapes[][3] = {{5, 7, 9}, {200, 130, 90}, {1000, 40, 60}, {60, 500, 80}};
    for (const auto& [m, n, k] : shapes)
        for (const bool by_rows : {true, false}) {
            CAPTURE(m);
            CAPTURE(n);
            CAPTURE(by_rows);
            std::vector<T> a(static_cast<std::size_t>(m * k)), b(static_cast<std::size_t>(k * n));
            std::vector<T> c(static_cast<std::size_t>(m * n), T(5));
            const int64_t row = by_rows ? k : 1, column = by_rows ? 1 : m;
            for (int64_t i = 0; i < m; ++i)
                for (int64_t p = 0; p < k; ++p)
                    a[static_cast<std::size_t>(i * row + p * column)] = left(i, p);
            for (int64_t p = 0; p < k; ++p)
                for (int64_t j = 0; j < n; ++j) b[static_cast<std::size_t>(p * n + j)] = right(p, j);
            GemmBlock<T> block{m, n, k, {a.data(), row, column}, {b.data(), n, 1}, {c.data(), n, n, true}};
            const auto finish = [&](int64_t i0, int64_t rows, int64_t j0, int64_t columns) {
                for (int64_t i = i0; i < i0 + rows; ++i)
                    for (int64_t j = j0; j < j0 + columns; ++j)
                        c[static_cast<std::size_t>(i * n + j)] += T(1000);
            };
            simd::detail::gemm_block(block, simd::detail::GemmFinish::calling(finish));
            int64_t wrong = 0;
            for (int64_t i = 0; i < m; ++i)
                for (int64_t j = 0; j < n; ++j) {
                    T expected(1005);
                    for (int64_t p = 0; p < k; ++p) expected += left(i, p) * right(p, j);
                    wrong += c[static_cast<std::size_t>(i * n + j)] != expected;
                }
            CHECK(wrong == 0);
        }
}
