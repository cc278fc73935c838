#include <tapegrad/simd/lanes.hpp>

#include <doctest/doctest.h>

#include <vector>

using namespace tapegrad;
using simd::Batch;
namespace lanes = simd::detail;

namespace {

template <class T>
T first(const Batch<T>& b) {
    T v[Batch<T>::size];
    b.store(v);
    for (const T x : v) CHECK((x == v[0] || x != x));
    return v[0];
}

}

TEST_CASE_TEMPLATE("lanes: clamp keeps NaN", T, float, double) {
    using Limits = std::numeric_limits<T>;
    CHECK(first(lanes::clamp(Batch<T>(T(5)), T(-1), T(2))) == T(2));
    CHECK(first(lanes::clamp(Batch<T>(T(-5)), T(-1), T(2))) == T(-1));
    CHECK(first(lanes::clamp(Batch<T>(T(0.5)), T(-1), T(2))) == T(0.5));
    CHECK(first(lanes::clamp(Batch<T>(Limits::infinity()), T(-1), T(2))) == T(2));
    CHECK(first(lanes::clamp(Batch<T>(-Limits::infinity()), T(-1), T(2))) == T(-1));
    CHECK(std::isnan(first(lanes::clamp(Batch<T>(Limits::quiet_NaN()), T(-1), T(2)))));
}

TEST_CASE_TEMPLATE("lanes: powers of two", T, float, double) {
    using Limits = std::numeric_limits<T>;
    for (int n = Limits::min_exponent - 1; n < Limits::max_exponent; ++n)
        CHECK(first(lanes::pow2(Batch<T>(static_cast<T>(n)))) == std::ldexp(T(1), n));
    for (int n = 2 * Limits::min_exponent; n < 2 * Limits::max_exponent; n += 7) {
        CAPTURE(n);
        CHECK(first(lanes::scale(Batch<T>(T(1.375)), Batch<T>(static_cast<T>(n)))) ==
              std::ldexp(T(1.375), n));
    }
}

TEST_CASE_TEMPLATE("lanes: scaling from a bound on", T, float, double) {
    const T nan = std::numeric_limits<T>::quiet_NaN();
    const auto scaled = [](T x, T v, int n) {
        return first(lanes::scale_from(Batch<T>(x), T(-2), Batch<T>(v), Batch<T>(static_cast<T>(n))));
    };
    const int lowest = std::numeric_limits<T>::min_exponent - 5;
    CHECK(scaled(T(-2), T(1.375), lowest) == std::ldexp(T(1.375), lowest));
    CHECK(scaled(T(-2.5), T(1.375), lowest) == 0);
    CHECK(scaled(-std::numeric_limits<T>::infinity(), T(1.375), 3) == 0);
    CHECK(scaled(T(7), T(1.375), 3) == 11);
    CHECK(std::isnan(scaled(nan, nan, 3)));
}

TEST_CASE_TEMPLATE("lanes: bits", T, float, double) {
    CHECK(first(lanes::from_bits<T>(lanes::bits(Batch<T>(T(1.5))))) == T(1.5));
    CHECK(first(lanes::flip(Batch<T>(T(2)), lanes::signs(Batch<T>(-T(0))))) == T(-2));
    CHECK(first(lanes::flip(Batch<T>(T(2)), lanes::signs(Batch<T>(T(7))))) == T(2));
    const auto zero = lanes::bits(Batch<T>(T(0)));
    CHECK(first(lanes::choose(zero, Batch<T>(T(1)), Batch<T>(T(2)))) == T(2));
    CHECK(first(lanes::choose(zero + 4, Batch<T>(T(1)), Batch<T>(T(2)))) == T(1));
}

TEST_CASE_TEMPLATE("lanes: polynomial", T, float, double) {
    CHECK(first(lanes::polynomial(Batch<T>(T(2)), T(5))) == T(5));
    CHECK(first(lanes::polynomial(Batch<T>(T(2)), T(5), T(3), T(-1))) == T(7));
}

TEST_CASE("lanes: a float batch survives as doubles, in order") {
    std::vector<float> x(Batch<float>::size), y(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = std::ldexp(-1.25f, static_cast<int>(i) * 9 - 149);
    const lanes::Wide wide = lanes::widen(Batch<float>::load(x.data()));
    std::vector<double> d(x.size());
    wide.low.store(d.data());
    wide.high.store(d.data() + Batch<double>::size);
    narrow(wide).store(y.data());
    for (std::size_t i = 0; i < x.size(); ++i) {
        CHECK(d[i] == static_cast<double>(x[i]));
        CHECK(y[i] == x[i]);
    }
}
