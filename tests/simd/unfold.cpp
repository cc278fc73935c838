#include <tapegrad/simd/unfold.hpp>

#include <doctest/doctest.h>

#include <vector>

#include "../support/threads.hpp"

using namespace tapegrad;

TEST_CASE_TEMPLATE("fold_windows: value", T, float, double, int32_t) {
    for (const int threads : {1, 3})
        for (const int64_t n : {1, 5, 300})
            for (const int64_t size : {0, 1, 3, 5})
                for (const int64_t step : {1, 2, 7})
                    for (const int64_t inner : {1, 40}) {
                        if (size > n) continue;
                        const support::Threads scope(threads);
                        constexpr int64_t outer = 2;
                        const int64_t count = (n - size) / step + 1;
                        std::vector<T> dy(static_cast<std::size_t>(outer * count * inner * size));
                        for (std::size_t i = 0; i < dy.size(); ++i) dy[i] = static_cast<T>(i % 11);
                        std::vector<T> got(static_cast<std::size_t>(outer * n * inner), T(9)),
                            want(got.size());
                        std::size_t from = 0;
                        for (int64_t o = 0; o < outer; ++o)
                            for (int64_t w = 0; w < count; ++w)
                                for (int64_t i = 0; i < inner; ++i)
                                    for (int64_t k = 0; k < size; ++k)
                                        want[static_cast<std::size_t>((o * n + w * step + k) * inner + i)] +=
                                            dy[from++];
                        simd::fold_windows(dy.data(), got.data(), outer, n, inner, count, size, step);
                        CHECK(got == want);
                    }
}
