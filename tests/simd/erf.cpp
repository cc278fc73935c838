#include <tapegrad/simd/erf.hpp>

#include <doctest/doctest.h>

#include "ulp.hpp"

using namespace tapegrad;

TEST_CASE_TEMPLATE("erf: erf", T, float, double) {
    CHECK(ulp::of<T>([](const auto& x) { return simd::erf(x); }, [](auto x) { return std::erf(x); }, T(-2),
                     T(2)) <= (1.4));
    CHECK(ulp::of<T>([](const auto& x) { return simd::erf(x); }, [](auto x) { return std::erf(x); }, T(-6),
                     T(6)) <= (1.4));
}
