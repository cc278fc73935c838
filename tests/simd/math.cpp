#include <tapegrad/simd/math.hpp>

#include <doctest/doctest.h>

#include <cstring>

#include "ulp.hpp"

using namespace tapegrad;
using simd::Batch;

namespace {

// The sign and payload of a NaN are the compiler's: it may swap the operands of a sum.
template <class T>
bool same(T a, T b) {
    return std::memcmp(&a, &b, sizeof(T)) == 0 || (a != a && b != b);
}

/// f of an element must have the same bits wherever it stands and whatever stands beside it.
template <class T, class F>
void check_alone(const char* name, F f) {
    constexpr std::size_t w = Batch<T>::size;
    const std::vector<T> xs = ulp::sweep<T>(1500, T(-20), T(20)), others = ulp::specials<T>();
    std::size_t differences = 0;
    for (std::size_t i = 0; i < xs.size(); ++i) {
        T alone[w], mixed[w], got[w];
        f(Batch<T>(xs[i])).store(alone);
        const std::size_t at = i % w;
        for (std::size_t j = 0; j < w; ++j) mixed[j] = j == at ? xs[i] : others[(i + j * 5) % others.size()];
        f(Batch<T>::load(mixed)).store(got);
        differences += same(alone[0], got[at]) ? 0U : 1U;
        differences += same(alone[0], alone[w - 1]) ? 0U : 1U;
    }
    INFO(std::string(name));
    CHECK(differences == 0);
}

}

TEST_CASE_TEMPLATE("math: an element does not depend on its batch", T, float, double) {
    using B = Batch<T>;
    check_alone<T>("exp", [](const B& x) { return simd::exp(x); });
    check_alone<T>("expm1", [](const B& x) { return simd::expm1(x); });
    check_alone<T>("log", [](const B& x) { return simd::log(x); });
    check_alone<T>("log1p", [](const B& x) { return simd::log1p(x); });
    check_alone<T>("sqrt", [](const B& x) { return simd::sqrt(x); });
    check_alone<T>("sin", [](const B& x) { return simd::sin(x); });
    check_alone<T>("cos", [](const B& x) { return simd::cos(x); });
    check_alone<T>("tan", [](const B& x) { return simd::tan(x); });
    check_alone<T>("asin", [](const B& x) { return simd::asin(x); });
    check_alone<T>("acos", [](const B& x) { return simd::acos(x); });
    check_alone<T>("atan", [](const B& x) { return simd::atan(x); });
    check_alone<T>("atan2", [](const B& x) { return simd::atan2(x, B(T(0.7))); });
    check_alone<T>("sinh", [](const B& x) { return simd::sinh(x); });
    check_alone<T>("cosh", [](const B& x) { return simd::cosh(x); });
    check_alone<T>("tanh", [](const B& x) { return simd::tanh(x); });
    check_alone<T>("erf", [](const B& x) { return simd::erf(x); });
    check_alone<T>("pow", [](const B& x) { return simd::pow(x, B(T(3))); });
    check_alone<T>("pow", [](const B& x) { return simd::pow(B(T(1.5)), x); });
}
