#include <tapegrad/simd/max_pool.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

using namespace tapegrad;

TEST_CASE_TEMPLATE("max_pool: places of windows with gaps, in three axes", T, float, double) {
    std::vector<T> x(2 * 3 * 4 * 5);
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<T>(i * 37 % 61);
    const simd::PoolWindows windows[3] = {{{0, 1}, {2, 3}, 1}, {{1}, {4}, 2}, {{0, 2, 4}, {3, 5, 5}, 2}};
    std::vector<int64_t> places(2 * 2 * 1 * 3);
    simd::max_pool_places(x.data(), 2, {3, 4, 5}, windows, places.data());
    std::size_t k = 0;
    for (std::size_t p = 0; p < 2; ++p)
        for (std::size_t a = 0; a < 2; ++a)
            for (std::size_t c = 0; c < 3; ++c, ++k) {
                T most = std::numeric_limits<T>::lowest();
                int64_t best = -1;
                for (std::size_t i = a; i < a + 2; ++i)
                    for (std::size_t j = 1; j < 4; j += 2)
                        for (std::size_t l = 2 * c; l < std::min<std::size_t>(2 * c + 3, 5); l += 2) {
                            const T v = x[p * 60 + (i * 4 + j) * 5 + l];
                            if (v > most) {
                                most = v;
                                best = static_cast<int64_t>((i * 4 + j) * 5 + l);
                            }
                        }
                CHECK(places[k] == best);
            }
}

TEST_CASE_TEMPLATE("max_pool: windows that are alike, a batch at a time, are those of one at a time", T,
                   float, double) {
    constexpr T inf = std::numeric_limits<T>::infinity(), nan = std::numeric_limits<T>::quiet_NaN();
    for (const int64_t size : {1, 5, 17, 40, 71})
        for (const int64_t stride : {1, 2, 3})
            for (const int64_t step : {1, 2})
                for (const int64_t padding : {0, 1}) {
                    constexpr int64_t taps = 3, high = 4;
                    const int64_t room = size + 2 * padding - step * (taps - 1) - 1;
                    if (room < 0) continue;
                    CAPTURE(size);
                    CAPTURE(stride);
                    CAPTURE(step);
                    CAPTURE(padding);
                    simd::PoolWindows windows[3] = {{{0}, {1}, 1}, {{0, 1, 2}, {2, 3, 4}, 1}, {}};
                    simd::PoolWindows& w = windows[2];
                    w.step = step;
                    for (int64_t i = 0; i <= room / stride; ++i) {
                        int64_t begin = i * stride - padding;
                        const int64_t end = begin + step * (taps - 1) + 1;
                        while (begin < 0) begin += step;
                        w.begin.push_back(begin);
                        w.end.push_back(end < size ? end : size);
                    }
                    std::vector<T> x(static_cast<std::size_t>(2 * high * size));
                    for (std::size_t i = 0; i < x.size(); ++i) {
                        x[i] = static_cast<T>(std::sin(static_cast<double>(i * i)));
                        if (i % 13 == 5) x[i] = -inf;
                        if (i % 29 == 7) x[i] = nan;
                        if (i % 5 < 2) x[i] = T(0.5);  // equal ones
                    }
                    for (std::size_t i = 0; i < 6; ++i) x[i % x.size()] = -inf;
                    std::vector<int64_t> expected(static_cast<std::size_t>(2 * 3 * w.count())),
                        places = expected;
                    simd::max_pool_places(x.data(), 2, {1, high, size}, windows, expected.data());
                    w.stride = stride;
                    w.first = -padding;
                    w.taps = taps;
                    simd::max_pool_places(x.data(), 2, {1, high, size}, windows, places.data());
                    CHECK(places == expected);
                }
}
