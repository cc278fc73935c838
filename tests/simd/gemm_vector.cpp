#include <tapegrad/simd/gemm_vector.hpp>

#include <doctest/doctest.h>

#include <vector>

namespace {

using namespace tapegrad;
using simd::MatrixRef;
using simd::width;

template <class T>
void check_product(int64_t m, int64_t k) {
    CAPTURE(m);
    CAPTURE(k);
    // Small integers: every sum is exact in any order.
    const auto entry = [](int64_t i, int64_t p) { return static_cast<T>((i * 5 + p * 3) % 7 - 3); };
    for (const bool by_rows : {true, false})
        for (const int64_t x_stride : {1, 3})
            for (const int64_t y_stride : {1, 2})
                for (const bool add : {false, true}) {
                    const int64_t row = by_rows ? k + 1 : 1, column = by_rows ? 1 : m + 2;
                    std::vector<T> a(static_cast<std::size_t>((m - 1) * row + (k - 1) * column + 1));
                    std::vector<T> x(static_cast<std::size_t>((k - 1) * x_stride + 1));
                    std::vector<T> y(static_cast<std::size_t>(m * y_stride), T(4));
                    for (int64_t p = 0; p < k; ++p) {
                        x[static_cast<std::size_t>(p * x_stride)] = static_cast<T>(p % 5 - 2);
                        for (int64_t i = 0; i < m; ++i)
                            a[static_cast<std::size_t>(i * row + p * column)] = entry(i, p);
                    }
                    simd::detail::gemv(m, k, MatrixRef<T>{a.data(), row, column}, x.data(), x_stride,
                                       y.data(), y_stride, add);
                    int64_t wrong = 0;
                    for (int64_t i = 0; i < m * y_stride; ++i) {
                        T expected = add || i % y_stride != 0 ? T(4) : T(0);
                        for (int64_t p = 0; p < k && i % y_stride == 0; ++p)
                            expected += entry(i / y_stride, p) * static_cast<T>(p % 5 - 2);
                        wrong += y[static_cast<std::size_t>(i)] != expected;
                    }
                    CHECK(wrong == 0);
                }
}

}

TEST_CASE_TEMPLATE("gemm_vector: value over sizes, strides and both layouts", T, float, double) {
    const int64_t w = width<T>;
    for (const int64_t k :
         {int64_t{1}, int64_t{3}, w - 1, w, w + 1, 4 * w, 4 * w + 1, 5 * w + 3, int64_t{300}})
        for (const int64_t m : {int64_t{1}, int64_t{2}, w - 1, w, 2 * w + 1, int64_t{1030}})
            if (m > 0 && k > 0) check_product<T>(m, k);
}
