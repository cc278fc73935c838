#include <tapegrad/simd/rotary.hpp>

#include <doctest/doctest.h>

#include <vector>

#include <tapegrad/core/random.hpp>

using namespace tapegrad;

TEST_CASE_TEMPLATE("rotary: the kernel against its definition", T, float, double) {
    for (const bool interleaved : {false, true})
        for (const int64_t pairs : {0, 1, 3, 8, 16, 17, 33})
            for (const int64_t rest : {0, 5}) {
                const int64_t width = 2 * pairs + rest, row = width + 2, rows = 3, heads = 2;
                const auto n = static_cast<std::size_t>(rows * heads * row);
                std::vector<T> x(n), cos(static_cast<std::size_t>(rows * pairs) + 1), sin(cos.size());
                std::vector<T> y(n, T(7));
                Generator generator(1);
                fill_normal(x.data(), static_cast<int64_t>(n), generator);
                fill_normal(cos.data(), static_cast<int64_t>(cos.size()), generator);
                fill_normal(sin.data(), static_cast<int64_t>(sin.size()), generator);
                simd::rotary<T>({1, heads, rows, width, pairs, interleaved}, {x.data(), 0, rows * row, row},
                                {cos.data(), 0, 0, pairs}, {sin.data(), 0, 0, pairs}, T(-1),
                                {y.data(), 0, row, heads * row});
                const T tolerance = 8 * std::numeric_limits<T>::epsilon();
                for (int64_t h = 0; h < heads; ++h)
                    for (int64_t r = 0; r < rows; ++r) {
                        const T *const from = x.data() + (h * rows + r) * row, *const to =
                                                                                   y.data() +
                                                                                   (r * heads + h) * row;
                        for (int64_t i = 0; i < pairs; ++i) {
                            const int64_t first = interleaved ? 2 * i : i,
                                          second = interleaved ? 2 * i + 1 : i + pairs;
                            const T c = cos[static_cast<std::size_t>(r * pairs + i)],
                                    s = -sin[static_cast<std::size_t>(r * pairs + i)];
                            CHECK(to[first] ==
                                  doctest::Approx(static_cast<double>(from[first] * c - from[second] * s))
                                      .epsilon(static_cast<double>(tolerance)));
                            CHECK(to[second] ==
                                  doctest::Approx(static_cast<double>(from[second] * c + from[first] * s))
                                      .epsilon(static_cast<double>(tolerance)));
                        }
                        for (int64_t i = 2 * pairs; i < width; ++i) CHECK(to[i] == from[i]);
                        CHECK(to[width] == T(7));
                    }
            }
}
