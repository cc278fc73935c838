#include <tapegrad/simd/max_pool.hpp>

#include <doctest/doctest.h>

#include <limits>

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
