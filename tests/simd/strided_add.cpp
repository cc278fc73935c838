#include <tapegrad/simd/strided_add.hpp>

#include <doctest/doctest.h>

#include <vector>

#include "../support/threads.hpp"

using namespace tapegrad;

TEST_CASE_TEMPLATE("strided_add: any two layouts", T, float, double, int32_t) {
    const Shape shape{3, 5, 35};
    const Strides row_major_strides = row_major(shape);
    constexpr std::size_t room = 4096;
    for (const Strides& from :
         {row_major_strides, Strides{0, 0, 1}, Strides{1, 3, 15}, Strides{200, 36, 1}, Strides{5, 1, 0}})
        for (const Strides& to :
             {row_major_strides, Strides{1, 3, 15}, Strides{500, 100, 2}, Strides{40, 200, 1}}) {
            std::vector<T> x(room), y(room);
            for (std::size_t i = 0; i < room; ++i) {
                x[i] = static_cast<T>(i);
                y[i] = static_cast<T>(3 * i);
            }
            std::vector<T> want = y;
            for (int64_t i = 0; i < 3; ++i)
                for (int64_t j = 0; j < 5; ++j)
                    for (int64_t k = 0; k < 35; ++k)
                        want[static_cast<std::size_t>(i * to[0] + j * to[1] + k * to[2])] +=
                            x[static_cast<std::size_t>(i * from[0] + j * from[1] + k * from[2])];
            simd::add_strided(x.data(), from, y.data(), to, shape);
            CHECK(y == want);
        }
}

TEST_CASE("strided_add: many rows on several threads, a scalar, and nothing") {
    const support::Threads scope(3);
    const Shape shape{3000, 64};
    std::vector<float> x(3000 * 64, 1), y(3000 * 192, 2);
    simd::add_strided(x.data(), {64, 1}, y.data() + 64, {192, 1}, shape);
    for (std::size_t i = 0; i < y.size(); ++i) REQUIRE(y[i] == (i / 64 % 3 == 1 ? 3.f : 2.f));
    simd::add_strided(x.data(), {}, y.data(), {}, {});
    CHECK(y[0] == 3.f);
    simd::add_strided(x.data(), {1, 1}, y.data(), {1, 1}, {4, 0});
    CHECK(y[1] == 2.f);
}
