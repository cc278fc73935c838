#include <tapegrad/simd/primitives.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <tapegrad/simd/functions.hpp>

using namespace tapegrad;
using simd::Batch;
using simd::Dual;
using simd::Mask;
using simd::Trace;

namespace {

template <class T>
T first(const Batch<T>& b) {
    T v[Batch<T>::size];
    b.store(v);
    return v[0];
}
template <class T>
bool holds(const Mask<T>& m) {
    return first(where(m, Batch<T>(T(1)), Batch<T>(T(0)))) == T(1);
}

/// One lambda for every kind of value.
const auto swiglu = [](const auto& x, const auto& g) { return x * sigmoid(x) * g; };

}

TEST_CASE_TEMPLATE("primitives: scalars join values of any kind", T, float, double) {
    const Batch<T> x(T(4));
    CHECK(first(x + 1) == 5);
    CHECK(first(1 - x) == -3);
    CHECK(first(2.0 * x) == 8);
    CHECK(first(x / 8) == T(0.5));
    CHECK(first(int64_t{2} / x) == T(0.5));
    CHECK(first(pow(x, 2)) == doctest::Approx(16));
    CHECK(first(maximum(x, 5)) == 5);
    CHECK(first(minimum(3, x)) == 3);
    CHECK(first(where(x > 3, 1, x)) == 1);
    CHECK(first(where(x > 5, 1, x)) == 4);
    CHECK(first(where(x > 3, x, 0)) == 4);
    static_assert(std::is_same_v<decltype(x * 2.0), Batch<T>>);
    static_assert(std::is_same_v<decltype(Dual<T, 3>() + 1), Dual<T, 3>>);
    static_assert(std::is_same_v<decltype(Dual<T, 3>() + x), Dual<T, 3>>);
    static_assert(std::is_same_v<decltype(1 / Trace()), Trace>);
}

TEST_CASE_TEMPLATE("primitives: comparisons, also with NaN", T, float, double) {
    const Batch<T> one(T(1)), none(std::numeric_limits<T>::quiet_NaN());
    CHECK(holds(one < 2));
    CHECK(holds(2 > one));
    CHECK(holds(one <= 1));
    CHECK(holds(1 >= one));
    CHECK(holds(one == 1));
    CHECK_FALSE(holds(one != 1));
    CHECK_FALSE(holds(none < 1));
    CHECK_FALSE(holds(none >= 1));
    CHECK_FALSE(holds(none == none));
    CHECK(holds(none != none));
    const Dual<T, 1> d = Dual<T, 1>::template input<0>(one);
    CHECK(holds(d < 2));
    CHECK(holds(d == one));
}

TEST_CASE("primitives: assigned forms give a new value to a name") {
    Batch<double> x(4.0);
    x += 1;
    x *= 2;
    x -= Batch<double>(4.0);
    x /= 3;
    CHECK(first(x) == 2);
    Dual<double, 1> d = Dual<double, 1>::input<0>(Batch<double>(3.0));
    d *= d;
    d -= 1;
    CHECK(first(d.value) == 8);
    CHECK(first(d.partial[0]) == 6);
}

TEST_CASE_TEMPLATE("primitives: one lambda is a value, a derivative and a trace", T, float, double) {
    const double x = 0.7, g = -1.3, s = 1 / (1 + std::exp(-x));
    CHECK(first(swiglu(Batch<T>(T(x)), Batch<T>(T(g)))) == doctest::Approx(x * s * g));
    using D = Dual<T, 2>;
    const D d = swiglu(D::template input<0>(Batch<T>(T(x))), D::template input<1>(Batch<T>(T(g))));
    CHECK(first(d.value) == doctest::Approx(x * s * g));
    CHECK(first(d.partial[0]) == doctest::Approx(g * (s + x * s * (1 - s))));
    CHECK(first(d.partial[1]) == doctest::Approx(x * s));
    constexpr Trace t = swiglu(Trace::input(0), Trace::input(1));
    static_assert(t.partial_reads[0] == 3 && t.partial_reads[1] == 1);
}
