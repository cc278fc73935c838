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
    const int64_t ids[] = {-9, 8, -10};
    CHECK(simd::find_outside(ids, 2, 9, -9) == -1);
    CHECK(simd::find_outside(ids, 3, 9, -9) == 2);
}

TEST_CASE("append_ids: ids below 0 count from the end, and each axis is a digit") {
    const int64_t first[] = {1, -1, 0}, second[] = {-4, 3, 2};
    int64_t out[] = {0, 0, 0};
    simd::append_ids(first, 3, 3, out);
    simd::append_ids(second, 3, 4, out);
    CHECK((out[0] == 4 && out[1] == 11 && out[2] == 2));
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
        simd::scatter(simd::Add(), y.data(), ids.data(), back.data(), layout);
        CHECK(back == want_back);
    }
}

TEST_CASE("gather: along the last axis") {
    const Shape source{3, 33, 700}, shape{3, 30, 1000};
    std::vector<int64_t> ids(90000);
    std::vector<float> x(69300), y(90000), want(90000), back(69300), want_back(69300);
    for (std::size_t i = 0; i < ids.size(); ++i) ids[i] = static_cast<int64_t>(i * 31 % 700);
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i % 1000);
    for (std::size_t i = 0; i < ids.size(); ++i) {
        const std::size_t row = i / 1000,
                          from = (row / 30 * 33 + row % 30) * 700 + static_cast<std::size_t>(ids[i]);
        want[i] = x[from];
        want_back[from] += x[from];
    }
    for (const int n : {1, 2, 4}) {
        const support::Threads threads(n);
        const simd::GatherLayout layout(source, shape, 2);
        simd::gather(x.data(), ids.data(), y.data(), layout);
        CHECK(y == want);
        std::fill(back.begin(), back.end(), 0.0F);
        simd::scatter(simd::Add(), y.data(), ids.data(), back.data(), layout);
        CHECK(back == want_back);
    }
}

TEST_CASE("scatter: one long column is summed in parts, the same for any number of threads") {
    constexpr int64_t n = 200000, size = 1000;
    const Shape source{size, 2}, shape{n, 1};  // the column is every second element
    std::vector<int64_t> ids(n);
    std::vector<float> exact(n), y(n), want(2 * size, 1.0F), last(2 * size, 1.0F), one(2 * size, 1.0F);
    for (std::size_t i = 0; i < n; ++i) {
        ids[i] = static_cast<int64_t>(i * i * 31 % size);
        exact[i] = static_cast<float>(i % 7) * 0.25F;  // sums in any order are the same
        y[i] = exact[i] + 0.1F;
        want[static_cast<std::size_t>(2 * ids[i])] += exact[i];
        last[static_cast<std::size_t>(2 * ids[i])] = y[i];
    }
    const simd::GatherLayout layout(source, shape, 0);
    for (const int threads : {1, 2, 3, 7}) {
        const support::Threads scope(threads);
        std::vector<float> got(2 * size, 1.0F), back(n);
        simd::scatter(simd::Add(), exact.data(), ids.data(), got.data(), layout);
        CHECK(got == want);
        got.assign(2 * size, 1.0F);
        simd::scatter(simd::Add(), y.data(), ids.data(), got.data(), layout);
        if (threads == 1) one = got;
        CHECK(got == one);
        simd::scatter(simd::Replace(), y.data(), ids.data(), got.data(), layout);
        bool right = true;
        for (std::size_t i = 0; i < 2 * size; i += 2) right &= got[i] == last[i] || last[i] == 1.0F;
        CHECK(right);
        simd::gather(got.data(), ids.data(), back.data(), layout);
        CHECK(back[n - 1] == y[n - 1]);
    }
}
