#include <tapegrad/simd/head_view.hpp>

#include <doctest/doctest.h>

using namespace tapegrad;

TEST_CASE_TEMPLATE("head_view: where an element lies", T, float, double) {
    T x[24];
    const simd::HeadView<T> rows{x, 12, 3, 6};  // (2, 2, 2, 3), heads inside rows
    CHECK(rows.at(0, 0, 0) == x);
    CHECK(rows.at(1, 1, 1) == x + 21);
    CHECK(simd::HeadView<const T>{x, 0, 0, 6}.at(1, 1, 1) == x + 6);
}
