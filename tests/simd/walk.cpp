#include <tapegrad/simd/walk.hpp>

#include <doctest/doctest.h>

#include <vector>

using namespace tapegrad;
namespace walk = tapegrad::simd::detail;

TEST_CASE_TEMPLATE("walk: every element once, and nothing behind the end", T, float, double) {
    const int64_t W = simd::width<T>;
    for (const int64_t n :
         {int64_t{0}, int64_t{1}, W - 1, W, W + 1, 2 * W + 1, 64 * W, 64 * W + 1, 200 * W + 5}) {
        std::vector<T> x(static_cast<std::size_t>(n)), y(x.size() + 1, T(-1));
        for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<T>(i % 17);
        walk::for_batches<T>(n, [&](int64_t i, int64_t count) {
            walk::store_some(walk::load_some(x.data() + i, count) + simd::Batch<T>(T(1)), y.data() + i,
                             count);
        });
        T total = T(0);
        for (std::size_t i = 0; i < x.size(); ++i) {
            CHECK(y[i] == x[i] + T(1));
            total += x[i];
        }
        CHECK(y.back() == T(-1));
        // Small integers: exact in any order.
        const auto at = [&](int64_t i, int64_t count) { return walk::load_some(x.data() + i, count); };
        CHECK(walk::sum_batches<T>(n, at) == total);
        const auto [sum, twice] = walk::sum_batch_pairs<T>(n, [&](int64_t i, int64_t count) {
            return std::pair(at(i, count), at(i, count) + at(i, count));
        });
        CHECK(sum == total);
        CHECK(twice == total + total);
    }
}
