#include <tapegrad/simd/functions.hpp>

#include <doctest/doctest.h>

#include <cmath>

#include "../support/message.hpp"

using namespace tapegrad;
using simd::Batch;
using simd::Dual;
using simd::Trace;

namespace {

template <class T>
T first(const Batch<T>& b) {
    T v[Batch<T>::size];
    b.store(v);
    return v[0];
}

}

TEST_CASE_TEMPLATE("functions: of batches, with scalars in either place", T, float, double) {
    const Batch<T> x(T(0.5));
    CHECK(first(rsqrt(x)) == doctest::Approx(std::sqrt(2)));
    CHECK(first(reciprocal(x)) == 2);
    CHECK(first(hypot(x, 1.2)) == doctest::Approx(1.3));
    CHECK(first(fmod(-7.5, x + 1.5)) == T(-1.5));
    CHECK(first(remainder(-7.5, x + 1.5)) == T(0.5));
    CHECK(first(xlogy(0, x)) == 0);
    CHECK(first(logaddexp(x, 0.5)) == doctest::Approx(0.5 + std::log(2)));
    CHECK(first(log1mexp(-x)) == doctest::Approx(std::log(1 - std::exp(-0.5))));
    CHECK(first(polygamma(1, x)) == doctest::Approx(std::pow(std::acos(-1.0), 2) / 2));
    CHECK(first(nan_to_num(x / 0)) == std::numeric_limits<T>::max());
    CHECK(first(nan_to_num(x / 0, {.posinf = 3})) == 3);
}

TEST_CASE("functions: log1mexp is exact beside 0 and far from it") {
    for (const double x : {-1e-300, -1e-12, -0.3, -0.6931, -0.6932, -3.0, -50.0, -700.0}) {
        const long double e = std::exp(static_cast<long double>(x));
        const double want =
            static_cast<double>(x > -1 ? std::log(-std::expm1(static_cast<long double>(x))) : std::log1p(-e));
        CHECK(std::fabs(first(log1mexp(Batch<double>(x))) / want - 1) < 1e-15);
    }
    CHECK(first(log1mexp(Batch<double>(0.0))) == -std::numeric_limits<double>::infinity());
    CHECK(std::isnan(first(log1mexp(Batch<double>(1.0)))));
}

TEST_CASE("functions: of duals and traces") {
    const auto f = [](const auto& a, const auto& b) { return lgamma(a) * erfc(b) + polygamma(2, a); };
    using D = Dual<double, 2>;
    const D d = f(D::input<0>(Batch<double>(2.5)), D::input<1>(Batch<double>(0.3)));
    CHECK(first(d.value) == doctest::Approx(std::lgamma(2.5) * std::erfc(0.3) - 0.23620405164172741));
    CHECK(first(d.partial[0]) == doctest::Approx(0.70315664064524319 * std::erfc(0.3) + 0.22390584881725205));
    CHECK(first(d.partial[1]) ==
          doctest::Approx(-std::lgamma(2.5) * 2 / std::sqrt(std::acos(-1.0)) * std::exp(-0.09)));
    constexpr Trace t = f(Trace::input(0), Trace::input(1));
    static_assert(t.partial_reads[0] == 3 && t.partial_reads[1] == 3);
}

TEST_CASE("functions: errors") {
    CHECK(support::message<Error>([] { static_cast<void>(polygamma(-1, Batch<double>(1.0))); }) ==
          "polygamma: n = -1 is outside [0, 30]");
    CHECK(support::message<Error>([] { static_cast<void>(polygamma(31, Batch<double>(1.0))); }) ==
          "polygamma: n = 31 is outside [0, 30]");
}
