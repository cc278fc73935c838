#include <tapegrad/simd/gather.hpp>

#include <doctest/doctest.h>

#include <vector>

#include "../support/threads.hpp"

using namespace tapegrad;

TEST_CASE("gather: the first id outside is found, at every position") {
    for (const int64_t n : {1, 255, 256, 257, 600})
        for (int64_t at = 0; at < n; ++at)
            for (const int64_t wrong : {int64_t{-1}, int64_t{9}, std::numeric_limits<int64_t>::min()}) {
                std::vector<int64_t> ids(static_cast<std::size_t>(n), 8);
                ids[static_cast<std::size_t>(n - 1)] = wrong;
                ids[static_cast<std::size_t>(at)] = wrong;
                REQUIRE(simd::find_outside(ids.data(), n, 9) == at);
                REQUIRE(simd::find_outside(ids.data(), at, 9) == -1);
            }
    CHECK(simd::find_outside(nullptr, 0, 0) == -1);
}

TEST_CASE_TEMPLATE("gather: value and its transpose", T, float, double) {
    const Shape source{3, 5, 700}, shape{2, 4, 600};
    std::vector<int64_t> ids(4800);
    std::vector<T> x(10500), y(4800), want(4800), back(10500), want_back(10500);
    for (std::size_t i = 0; i < ids.size(); ++i) ids[i] = static_cast<int64_t>(i * 7 % 5);
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<T>(i);
    for (int64_t o = 0; o < 2; ++o)
        for (int64_t j = 0; j < 4; ++j)
            for (int64_t i = 0; i < 600; ++i) {
                const auto k = static_cast<std::size_t>((o * 4 + j) * 600 + i);
                const auto from = static_cast<std::size_t>((o * 5 + ids[k]) * 700 + i);
                want[k] = x[from];
                want_back[from] += x[from];
            }
    for (const int n : {1, 2, 4}) {
        const support::Threads threads(n);
        const simd::GatherLayout layout(source, shape, 1);
        simd::gather(x.data(), ids.data(), y.data(), layout);
        CHECK(y == want);
        std::fill(back.begin(), back.end(), T(0));
        simd::scatter_add(y.data(), ids.data(), back.data(), layout);
        CHECK(back == want_back);
    }
}
