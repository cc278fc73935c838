#include <tapegrad/simd/combine.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <vector>

using namespace tapegrad;

TEST_CASE("combine: NaN is any extreme, whichever side it is on") {
    const float nan = std::numeric_limits<float>::quiet_NaN();
    CHECK((simd::Larger()(1.0F, 2.0F) == 2 && simd::Larger()(2.0F, 1.0F) == 2));
    CHECK((simd::Smaller()(1.0F, 2.0F) == 1 && simd::Smaller()(2.0F, 1.0F) == 1));
    for (const float y : {simd::Larger()(nan, 1.0F), simd::Larger()(1.0F, nan), simd::Smaller()(nan, 1.0F),
                          simd::Smaller()(1.0F, nan)})
        CHECK(y != y);
    CHECK(simd::Replace()(1, 2) == 2);
    CHECK(simd::Multiply()(3, 2) == 6);
}

TEST_CASE_TEMPLATE("combine_row: value", T, float, double, int64_t, bool) {
    for (const auto n : {std::size_t{0}, std::size_t{1}, std::size_t{7}, std::size_t{16}, std::size_t{33}}) {
        T from[33], to[33], start[33];
        for (std::size_t i = 0; i < 33; ++i) {
            from[i] = static_cast<T>(i % 5);
            start[i] = static_cast<T>(i % 3);
        }
        const auto check = [&](const auto& how) {
            std::copy(start, start + 33, to);
            simd::detail::combine_row(how, from, to, static_cast<int64_t>(n));
            bool right = true;
            for (std::size_t i = 0; i < 33; ++i)
                right &= to[i] == (i < n ? how(start[i], from[i]) : start[i]);
            CHECK(right);
        };
        check(simd::Replace());
        check(simd::Add());
        check(simd::Multiply());
        check(simd::Larger());
    }
}
