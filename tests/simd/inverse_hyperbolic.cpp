#include <tapegrad/simd/inverse_hyperbolic.hpp>

#include <doctest/doctest.h>

#include "ulp.hpp"

using namespace tapegrad;

TEST_CASE_TEMPLATE("inverse_hyperbolic: asinh", T, float, double) {
    for (const double high : {0.1, 5.0})
        CHECK(ulp::of<T>([](const auto& x) { return simd::asinh(x); }, [](auto x) { return std::asinh(x); },
                         T(-5), T(high)) <= 1.7);
}
TEST_CASE_TEMPLATE("inverse_hyperbolic: acosh", T, float, double) {
    for (const double high : {1.1, 5.0})
        CHECK(ulp::of<T>([](const auto& x) { return simd::acosh(x); }, [](auto x) { return std::acosh(x); },
                         T(1), T(high)) <= 2.0);
}
TEST_CASE_TEMPLATE("inverse_hyperbolic: atanh", T, float, double) {
    for (const double high : {0.1, 1.0})
        CHECK(ulp::of<T>([](const auto& x) { return simd::atanh(x); }, [](auto x) { return std::atanh(x); },
                         T(-1), T(high)) <= 2.0);
}
