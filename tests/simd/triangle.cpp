#include <tapegrad/simd/triangle.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "../support/threads.hpp"

using namespace tapegrad;

TEST_CASE_TEMPLATE("triangle: value", T, float, double, std::int64_t, bool) {
    for (const auto& [rows, cols] : {std::pair<int64_t, int64_t>{1, 1}, {3, 3}, {2, 5}, {5, 2}, {300, 200}})
        for (const int64_t diagonal : {-400, -3, -1, 0, 1, 4, 400})
            for (const bool lower : {true, false})
                for (const int threads : {1, 3}) {
                    const support::Threads scope(threads);
                    std::vector<T> x(static_cast<std::size_t>(2 * rows * cols), T(1)), y(x.size());
                    std::unique_ptr<T[]> from(new T[x.size()]), to(new T[x.size()]);
                    std::copy(x.begin(), x.end(), from.get());
                    simd::triangle(from.get(), to.get(), 2, rows, cols, diagonal, lower);
                    bool right = true;
                    for (int64_t i = 0; i < 2 * rows * cols; ++i) {
                        const int64_t above = i % cols - i / cols % rows;
                        right &= to[static_cast<std::size_t>(i)] ==
                                 T(lower ? above <= diagonal : above >= diagonal);
                    }
                    CHECK(right);
                }
}
