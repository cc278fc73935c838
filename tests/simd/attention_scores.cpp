#include <tapegrad/simd/attention_scores.hpp>

#include <doctest/doctest.h>

#include <vector>

#include "../support/values.hpp"

using namespace tapegrad;
using simd::AttentionOptions;
using simd::MatrixRef;
using simd::detail::SharedPanels;

TEST_CASE("attention_scores: the keys that a query sees are the first ones") {
    const AttentionOptions all{.scale = 1}, causal{.scale = 1, .causal = true, .offset = 3};
    const simd::AttentionShape shape{1, 1, 1, 10, 12, 4, 4};
    CHECK(simd::detail::visible_keys(shape, all, 0, 5) == 12);
    CHECK(simd::detail::visible_keys(shape, causal, 0, 5) == 8);
    CHECK(simd::detail::visible_keys(shape, causal, 5, 5) == 12);
    CHECK(simd::detail::visible_keys(shape, {.scale = 1, .causal = true, .offset = -9}, 0, 5) == 0);
    CHECK(simd::detail::seen_keys(all, 2, 4, 8) == 8);
    CHECK(simd::detail::seen_keys(causal, 2, 4, 8) == 2);
    CHECK(simd::detail::seen_keys(causal, 0, 4, 8) == 0);
    CHECK(simd::detail::seen_keys(causal, 9, 4, 8) == 8);
    const AttentionOptions recent{.scale = 1, .causal = true, .offset = 3, .window = 4};
    CHECK(simd::detail::first_key(causal, 7) == 0);
    CHECK(simd::detail::first_key(recent, 0) == 0);
    CHECK(simd::detail::first_key(recent, 7) == 7);
    float scores[3] = {1, 2, 3};
    simd::detail::hide_past(recent, 7, 6, 3, scores);
    CHECK(scores[0] == -std::numeric_limits<float>::infinity());
    CHECK(scores[1] == 2);
}

TEST_CASE_TEMPLATE("attention_scores: shared panels multiply with their first columns and terms", T, float,
                   double) {
    for (const int64_t k : {int64_t{1}, int64_t{40}, int64_t{530}})
        for (const int64_t n : {int64_t{2}, int64_t{33}, int64_t{100}}) {
            constexpr int64_t m = 5, count = 2;
            const std::vector<T> a = support::random_values<T>(m * k, 1),
                                 b = support::random_values<T>(count * k * n, 2);
            SharedPanels<T> panels(k, n, count);
            // The second holds fewer terms than there is room for.
            const int64_t fewer = k > 1 ? k - 1 : k;
            panels.pack(k, n, {b.data(), n, 1}, 0);
            panels.pack(fewer, n, {b.data() + k * n, n, 1}, 1);
            for (const int64_t columns : {int64_t{2}, n}) {
                for (const int64_t index : {0, 1}) {
                    const int64_t packed = index == 0 ? k : fewer;
                    const int64_t terms = packed > simd::detail::gemm_depth ? packed : (packed + 1) / 2;
                    CAPTURE(k);
                    CAPTURE(n);
                    CAPTURE(index);
                    std::vector<T> got(static_cast<std::size_t>(m * columns)), want = got;
                    panels.multiply(m, columns, terms, {a.data(), k, 1}, got.data(), columns, false, index);
                    simd::gemm(m, columns, terms, MatrixRef<T>{a.data(), k, 1},
                               MatrixRef<T>{b.data() + index * k * n, n, 1}, want.data(), columns);
                    CHECK(support::same_bits(got, want));
                }
            }
        }
}

TEST_CASE_TEMPLATE("attention_scores: scale_row writes the row and nothing behind it", T, float, double) {
    for (int64_t n = 0; n <= 2 * simd::width<T> + 1; ++n) {
        const std::vector<T> x(static_cast<std::size_t>(n), T(3));
        std::vector<T> y(static_cast<std::size_t>(n) + 1, T(7));
        simd::detail::scale_row(x.data(), n, T(2), y.data());
        for (std::size_t i = 0; i < x.size(); ++i) CHECK(y[i] == T(6));
        CHECK(y.back() == T(7));
    }
}
