#include <tapegrad/simd/gemm_kernel.hpp>

#include <doctest/doctest.h>

#include <vector>

namespace {

using namespace tapegrad;
using simd::width;

template <class T, int Rows, int Columns>
void check_tile() {
    CAPTURE(Rows);
    CAPTURE(Columns);
    // Small integers: every sum is exact, so a tile has one right answer.
    const auto left = [](int64_t i, int64_t p) { return static_cast<T>((i * 5 + p * 3) % 7 - 3); };
    const auto right = [](int64_t p, int64_t j) { return static_cast<T>((p * 2 + j * 11) % 13 - 6); };
    const int64_t most = Columns * width<T>, row = most + 2;
    for (const int64_t k : {0, 1, 5, 40}) {
        std::vector<T> a(static_cast<std::size_t>(Rows * k)), b(static_cast<std::size_t>(k * most));
        for (int64_t p = 0; p < k; ++p) {
            for (int64_t i = 0; i < Rows; ++i) a[static_cast<std::size_t>(p * Rows + i)] = left(i, p);
            for (int64_t j = 0; j < most; ++j) b[static_cast<std::size_t>(p * most + j)] = right(p, j);
        }
        for (int64_t columns = most - width<T> + 1; columns <= most; ++columns)
            for (const bool add : {false, true}) {
                std::vector<T> c(static_cast<std::size_t>(Rows * row), T(9));
                const simd::detail::GemmOperands<T> of{
                    {a.data(), 1, Rows}, {b.data(), most}, {c.data(), row, columns, add}};
                simd::detail::gemm_tile<T, Rows, Columns>(k, of);
                int64_t wrong = 0;
                for (int64_t i = 0; i < Rows; ++i)
                    for (int64_t j = 0; j < row; ++j) {
                        T expected = j < columns && !add ? T(0) : T(9);
                        for (int64_t p = 0; p < k && j < columns; ++p) expected += left(i, p) * right(p, j);
                        wrong += c[static_cast<std::size_t>(i * row + j)] != expected;
                    }
                CHECK(wrong == 0);
            }
    }
}

}

TEST_CASE_TEMPLATE("gemm_kernel: tiles of every height and width, whole and cut", T, float, double) {
    constexpr int rows = simd::GemmTile<T>::rows, columns = simd::GemmTile<T>::columns;
    check_tile<T, rows, columns>();
    check_tile<T, rows, 1>();
    check_tile<T, 4, columns>();
    check_tile<T, 2, 1>();
    check_tile<T, 1, columns>();
}

TEST_CASE("gemm_kernel: short copies write what they are told and no more") {
    for (int64_t n = 0; n < 16; ++n) {
        int from[16], to[17];
        for (int i = 0; i < 16; ++i) from[i] = i + 1;
        for (int& v : to) v = -1;
        simd::detail::copy_short<8>(to, from, n);
        for (int64_t i = 0; i < 17; ++i) CHECK(to[i] == (i < n ? i + 1 : -1));
    }
}
