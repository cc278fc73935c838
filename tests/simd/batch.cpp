#include <tapegrad/simd/batch.hpp>

#include <doctest/doctest.h>

#include <limits>
#include <vector>

using namespace tapegrad;
using simd::Batch;

namespace {

template <class T>
constexpr T nan_of = std::numeric_limits<T>::quiet_NaN();
template <class T>
constexpr T inf_of = std::numeric_limits<T>::infinity();

/// The elements of a batch.
template <class T>
std::vector<T> elements(const Batch<T>& b) {
    std::vector<T> v(Batch<T>::size);
    b.store(v.data());
    return v;
}
/// start, start + 1, ...
template <class T>
std::vector<T> counting(std::size_t n, T start) {
    std::vector<T> v(n);
    for (std::size_t i = 0; i < n; ++i) v[i] = start + static_cast<T>(i);
    return v;
}
/// Whether two numbers are the same value with the same sign, or both NaN.
template <class T>
bool same(T a, T b) {
    if (a != a || b != b) return a != a && b != b;
    return a == b && std::signbit(a) == std::signbit(b);
}

}

TEST_CASE_TEMPLATE("batch: load and store", T, float, double, int, std::int64_t, std::uint8_t, bool) {
    constexpr std::size_t w = Batch<T>::size;
    // One element before, so that the address is not aligned.
    std::vector<T> from(w + 2), to(w + 2, T(0));
    for (std::size_t i = 0; i < from.size(); ++i) from[i] = static_cast<T>(i % 2 + 1);
    if constexpr (!std::is_same_v<T, bool>) {
        Batch<T>::load(from.data() + 1).store(to.data() + 1);
        CHECK(to[0] == T(0));
        for (std::size_t i = 1; i <= w; ++i) CHECK(to[i] == from[i]);
        CHECK(to[w + 1] == T(0));
    } else {
        const bool yes = true;
        bool out = false;
        Batch<T>::load(&yes).store(&out);
        CHECK(out);
    }
}

TEST_CASE_TEMPLATE("batch: partial load and store", T, float, double, int) {
    constexpr int64_t w = simd::width<T>;
    for (int64_t n = 0; n <= w; ++n) {
        CAPTURE(n);
        // Exactly n elements on the heap: a sanitizer sees a read or a write past them.
        const std::vector<T> from = counting<T>(static_cast<std::size_t>(n), T(1));
        const std::vector<T> all = elements(simd::load_partial(from.data(), n, T(-7)));
        for (int64_t i = 0; i < w; ++i)
            CHECK(all[static_cast<std::size_t>(i)] == (i < n ? static_cast<T>(i + 1) : T(-7)));
        std::vector<T> to(static_cast<std::size_t>(n) + 1, T(9));
        simd::store_partial(Batch<T>(T(3)), to.data(), n);
        for (int64_t i = 0; i < n; ++i) CHECK(to[static_cast<std::size_t>(i)] == T(3));
        CHECK(to.back() == T(9));
    }
}

TEST_CASE_TEMPLATE("batch: arithmetic", T, float, double, int) {
    const std::vector<T> x = counting<T>(Batch<T>::size, T(1));
    const Batch<T> a = Batch<T>::load(x.data()), b(T(2));
    const std::vector<T> sum = elements(a + b), difference = elements(a - b), product = elements(a * b),
                         quotient = elements(a / b), negative = elements(-a);
    Batch<T> c = a;
    c += b, c -= a, c *= b, c /= b;
    const std::vector<T> assigned = elements(c);
    for (std::size_t i = 0; i < x.size(); ++i) {
        CHECK(sum[i] == x[i] + T(2));
        CHECK(difference[i] == x[i] - T(2));
        CHECK(product[i] == x[i] * T(2));
        CHECK(quotient[i] == x[i] / T(2));
        CHECK(negative[i] == -x[i]);
        CHECK(assigned[i] == T(2));
    }
}

TEST_CASE_TEMPLATE("batch: negation flips the sign of zero", T, float, double) {
    for (const T v : elements(-Batch<T>(T(0)))) CHECK(same(v, -T(0)));
    for (const T v : elements(-Batch<T>(-T(0)))) CHECK(same(v, T(0)));
}

TEST_CASE_TEMPLATE("batch: fma is rounded once where the instruction set has it", T, float, double) {
    // (1 + e) (1 - e) - 1 = -e^2, which a rounded product loses.
    const T e = std::numeric_limits<T>::epsilon();
    const std::vector<T> got = elements(simd::fma(Batch<T>(1 + e), Batch<T>(1 - e), Batch<T>(T(-1))));
#if defined(__FMA__) || defined(__AVX512F__) || defined(__aarch64__)
    const T want = -e * e;
#else
    const T want = 0;
#endif
    for (const T v : got) CHECK(v == want);
    for (const T v : elements(simd::fma(Batch<T>(T(2)), Batch<T>(T(3)), Batch<T>(T(4))))) CHECK(v == T(10));
}

TEST_CASE_TEMPLATE("batch: comparisons follow IEEE", T, float, double) {
    const T values[] = {T(0), -T(0), T(1), T(-1), inf_of<T>, -inf_of<T>, nan_of<T>};
    const Batch<T> yes(T(1)), no(T(0));
    for (const T x : values)
        for (const T y : values) {
            CAPTURE(x);
            CAPTURE(y);
            const Batch<T> a(x), b(y);
            const auto holds = [&](const simd::Mask<T>& m, bool want) {
                for (const T v : elements(where(m, yes, no))) CHECK(v == T(want));
            };
            holds(a < b, x < y);
            holds(a <= b, x <= y);
            holds(a > b, x > y);
            holds(a >= b, x >= y);
            holds(a == b, x == y);
            holds(a != b, x != y);
            holds(!(a < b), !(x < y));
            holds((a < b) & (a == a), x < y);
            holds((a < b) | (a == b), x <= y);
            holds((a < b) && (b == b), x < y);
            holds((a < b) || (a == b), x <= y);
        }
}

TEST_CASE_TEMPLATE("batch: where takes each element by its own mask", T, float, double) {
    const std::vector<T> x = counting<T>(Batch<T>::size, T(0));
    const Batch<T> a = Batch<T>::load(x.data());
    for (std::size_t cut = 0; cut <= x.size(); ++cut) {
        // What is not chosen must not leak, not even as NaN.
        const std::vector<T> y = elements(where(a < Batch<T>(static_cast<T>(cut)), a, Batch<T>(nan_of<T>)));
        for (std::size_t i = 0; i < x.size(); ++i) CHECK(same(y[i], i < cut ? x[i] : nan_of<T>));
    }
}

TEST_CASE_TEMPLATE("batch: max and min keep NaN", T, float, double) {
    const std::size_t w = Batch<T>::size;
    for (std::size_t at = 0; at < w; ++at) {
        std::vector<T> x = counting<T>(w, T(-2));
        const std::vector<T> y(w, T(1));
        x[at] = nan_of<T>;
        const Batch<T> a = Batch<T>::load(x.data()), b = Batch<T>::load(y.data());
        const std::vector<T> first = elements(max(a, b)), second = elements(max(b, a));
        const std::vector<T> low_first = elements(min(a, b)), low_second = elements(min(b, a));
        for (std::size_t i = 0; i < w; ++i) {
            CAPTURE(i);
            CHECK(same(first[i], i == at ? nan_of<T> : std::max(x[i], y[i])));
            CHECK(same(second[i], i == at ? nan_of<T> : std::max(x[i], y[i])));
            CHECK(same(low_first[i], i == at ? nan_of<T> : std::min(x[i], y[i])));
            CHECK(same(low_second[i], i == at ? nan_of<T> : std::min(x[i], y[i])));
        }
    }
    for (const T v : elements(max(Batch<T>(inf_of<T>), Batch<T>(T(3))))) CHECK(v == inf_of<T>);
    for (const T v : elements(min(Batch<T>(-inf_of<T>), Batch<T>(T(3))))) CHECK(v == -inf_of<T>);
}

TEST_CASE_TEMPLATE("batch: reductions", T, float, double, int) {
    const std::size_t w = Batch<T>::size;
    const std::vector<T> x = counting<T>(w, T(1));
    CHECK(reduce_add(Batch<T>::load(x.data())) == static_cast<T>(w * (w + 1) / 2));
    for (std::size_t at = 0; at < w; ++at) {
        std::vector<T> y(w, T(-5));
        y[at] = T(-1);
        CHECK(reduce_max(Batch<T>::load(y.data())) == T(-1));
        if constexpr (std::is_floating_point_v<T>) {
            y[at] = nan_of<T>;
            CHECK(std::isnan(reduce_max(Batch<T>::load(y.data()))));
            CHECK(std::isnan(reduce_add(Batch<T>::load(y.data()))));
        }
    }
}
