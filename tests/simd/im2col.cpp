#include <tapegrad/simd/im2col.hpp>

#include <doctest/doctest.h>

using namespace tapegrad;

TEST_CASE_TEMPLATE("im2col: more positions than a piece, and the transpose", T, float, double) {
    const simd::ConvShape s{2, 1, 3, 1, {1, 40, 33}, {1, 2, 3}, {1, 41, 33}, {1, 1, 1}, {0, 1, 1}};
    std::vector<T> x(static_cast<std::size_t>(2 * 3 * 40 * 33)),
        y(static_cast<std::size_t>(2 * 3 * 6 * 41 * 33)), back(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<T>(i % 97);
    simd::im2col(x.data(), y.data(), s);
    int64_t wrong = 0;
    std::vector<T> times(x.size());
    for (int64_t plane = 0; plane < 6; ++plane)
        for (int64_t a = 0; a < 2; ++a)
            for (int64_t b = 0; b < 3; ++b)
                for (int64_t i = 0; i < 41; ++i)
                    for (int64_t j = 0; j < 33; ++j) {
                        const int64_t row = i - 1 + a, column = j - 1 + b;
                        const bool inside = row >= 0 && row < 40 && column >= 0 && column < 33;
                        const auto at = static_cast<std::size_t>((plane * 40 + row) * 33 + column);
                        const T got =
                            y[static_cast<std::size_t>((((plane * 2 + a) * 3 + b) * 41 + i) * 33 + j)];
                        wrong += got == (inside ? x[at] : T(0)) ? 0 : 1;
                        if (inside) times[at] += 1;
                    }
    CHECK(wrong == 0);
    simd::col2im(y.data(), back.data(), s);
    for (std::size_t i = 0; i < x.size(); ++i) REQUIRE(back[i] == x[i] * times[i]);
}
