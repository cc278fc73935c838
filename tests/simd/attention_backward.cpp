#include <tapegrad/simd/attention_backward.hpp>

#include <doctest/doctest.h>

#include <tapegrad/simd/attention.hpp>
#include <vector>

#include "../support/values.hpp"

using namespace tapegrad;
using simd::HeadView;

TEST_CASE_TEMPLATE("attention_backward: weights and slopes of a row, zeros where it sees nothing", T, float,
                   double) {
    constexpr int64_t n = 40;
    for (const int64_t seen : {0, 1, 17, 40}) {
        std::vector<T> s = support::random_values<T>(n, 1), dp = s;
        const std::vector<T> before = s;
        simd::detail::score_slopes(s.data(), dp.data(), seen, n, T(0.5), T(0.25));
        for (std::size_t j = 0; j < n; ++j) {
            const double x = static_cast<double>(before[j]), p = std::exp(x - 0.5);
            const bool counts = static_cast<int64_t>(j) < seen;
            CHECK(static_cast<double>(s[j]) == doctest::Approx(counts ? p : 0));
            CHECK(static_cast<double>(dp[j]) == doctest::Approx(counts ? p * (x - 0.25) : 0));
        }
        std::vector<T> blind = before, slope = before;
        simd::detail::score_slopes(blind.data(), slope.data(), 0, n, -std::numeric_limits<T>::infinity(),
                                   T(0));
        CHECK(blind == std::vector<T>(n, T(0)));
        CHECK(slope == blind);
    }
}

TEST_CASE_TEMPLATE("attention_backward: heads inside of rows give the bits of heads in front of rows", T,
                   float, double) {
    constexpr int64_t batch = 2, heads = 3, length = 70, depth = 9, row = heads * depth;
    const simd::AttentionShape shape{batch, heads, heads, length, length, depth, depth};
    constexpr std::size_t n = batch * heads * length * depth;
    std::vector<T> apart[8], inside[8];  // q, k, v, dy, y, dq, dk, dv
    for (std::size_t t = 0; t < 8; ++t) {
        apart[t] = t < 4 ? support::random_values<T>(static_cast<int64_t>(n), static_cast<unsigned>(t))
                         : std::vector<T>(n);
        inside[t].resize(n);
    }
    const auto turned = [&](std::size_t i) {  // where element i of (B, H, T, D) lies in (B, T, H, D)
        const std::size_t d = i % depth, t = i / depth % length, h = i / depth / length % heads,
                          b = i / depth / length / heads;
        return ((b * length + t) * heads + h) * depth + d;
    };
    for (std::size_t t = 0; t < 4; ++t)
        for (std::size_t i = 0; i < n; ++i) inside[t][turned(i)] = apart[t][i];
    const auto run = [&](std::vector<T>(&x)[8], int64_t head, int64_t stride) {
        const auto in = [&](std::size_t t) {
            return HeadView<const T>{x[t].data(), heads * length * depth, head, stride};
        };
        const auto out = [&](std::size_t t) {
            return HeadView<T>{x[t].data(), heads * length * depth, head, stride};
        };
        std::vector<T> lse(batch * heads * length);
        simd::attention(shape, in(0), in(1), in(2), out(4), lse.data(), {0.3, true, 0});
        simd::attention_backward(shape, in(0), in(1), in(2), in(4), lse.data(), in(3), out(5), out(6), out(7),
                                 {0.3, true, 0});
    };
    run(apart, length * depth, depth);
    run(inside, depth, row);
    for (std::size_t t = 4; t < 8; ++t)
        for (std::size_t i = 0; i < n; ++i) REQUIRE(inside[t][turned(i)] == apart[t][i]);
}
