#include <tapegrad/simd/reduce.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

namespace {

using namespace tapegrad;

/// Values of both signs in [-1, 1], the same on every machine.
template <class T>
std::vector<T> values(int64_t n, uint32_t seed = 1) {
    std::vector<T> x(static_cast<std::size_t>(n));
    for (T& v : x) {
        seed = seed * 1664525U + 1013904223U;
        if constexpr (std::is_floating_point_v<T>)
            v = static_cast<T>(static_cast<int32_t>(seed)) / T(2147483648.0);
        else
            v = static_cast<T>(seed >> 9);
    }
    return x;
}

struct Sizes {
    int64_t outer, n, inner;
};

template <class T>
std::vector<Sizes> sweep() {
    const auto W = static_cast<int64_t>(simd::detail::Pack<T>::size);
    std::vector<Sizes> out;
    for (const int64_t n : {int64_t{1}, int64_t{2}, W - 1, W, W + 1, 2 * W + 1, 8 * W, 64 * W - 1, 64 * W,
                            64 * W + 1, 192 * W + 3, int64_t{129}, int64_t{300}})
        for (const int64_t inner : {int64_t{1}, int64_t{2}, int64_t{3}, W - 1, W, W + 1, 2 * W + 1, 5 * W})
            for (const int64_t outer : {1, 3})
                if (n > 0 && inner > 0) out.push_back({outer, n, inner});
    // Several pieces of a row, of columns, and several strips.
    out.push_back({1, 3 * simd::detail::reduce_piece + 7, 1});
    out.push_back({2, simd::detail::reduce_piece + 1, 2});
    out.push_back({1, 1000, 70});
    out.push_back({1, 5, simd::detail::reduce_strip + 3});
    return out;
}

/// Every element of the result against `expected(o, j)`.
template <class T, class Kernel, class Expected>
void check(const Sizes& s, const Kernel& kernel, const Expected& expected, double tolerance) {
    CAPTURE(s.outer);
    CAPTURE(s.n);
    CAPTURE(s.inner);
    std::vector<T> y(static_cast<std::size_t>(s.outer * s.inner) + 1, T(77));
    kernel(y.data());
    CHECK(y.back() == T(77));
    double worst = 0;
    for (int64_t o = 0; o < s.outer; ++o)
        for (int64_t j = 0; j < s.inner; ++j) {
            const auto got = static_cast<double>(y[static_cast<std::size_t>(o * s.inner + j)]);
            worst = std::max(worst, std::abs(got - expected(o, j)));
        }
    CHECK(worst <= tolerance);
}

}

TEST_CASE_TEMPLATE("reduce: sum", T, float, double, int32_t, int64_t) {
    for (const Sizes& s : sweep<T>()) {
        const std::vector<T> x = values<T>(s.outer * s.n * s.inner);
        const auto expected = [&](int64_t o, int64_t j) {
            std::conditional_t<std::is_floating_point_v<T>, long double, uint64_t> total = 0;
            for (int64_t i = 0; i < s.n; ++i)
                total +=
                    static_cast<decltype(total)>(x[static_cast<std::size_t>((o * s.n + i) * s.inner + j)]);
            return static_cast<double>(static_cast<T>(total));
        };
        // |x| <= 1: the promised bound is relative to the sum of |x|, at most n.
        const double tolerance = std::is_floating_point_v<T>
                                     ? (20 + 2 * std::log2(static_cast<double>(s.n))) *
                                           static_cast<double>(s.n) *
                                           static_cast<double>(std::numeric_limits<T>::epsilon())
                                     : 0.0;
        check<T>(
            s, [&](T* y) { simd::sum(x.data(), y, s.outer, s.n, s.inner); }, expected, tolerance);
    }
}

TEST_CASE_TEMPLATE("reduce: prod", T, double, int64_t) {
    for (const Sizes& s : sweep<T>()) {
        std::vector<T> x = values<T>(s.outer * s.n * s.inner);
        if constexpr (std::is_floating_point_v<T>)  // near 1, so that long products neither vanish nor
                                                    // overflow
            for (T& v : x) v = 1 + v / 1000;
        else
            for (T& v : x) v = v * 2 + 1;
        const auto expected = [&](int64_t o, int64_t j) {
            std::conditional_t<std::is_floating_point_v<T>, long double, uint64_t> product = 1;
            for (int64_t i = 0; i < s.n; ++i)
                product *=
                    static_cast<decltype(product)>(x[static_cast<std::size_t>((o * s.n + i) * s.inner + j)]);
            return static_cast<double>(static_cast<T>(product));
        };
        check<T>(
            s, [&](T* y) { simd::prod(x.data(), y, s.outer, s.n, s.inner); }, expected,
            std::is_floating_point_v<T> ? 1e-11 : 0);
    }
}

TEST_CASE_TEMPLATE("reduce: amax and amin", T, float, double, int32_t, int64_t, uint8_t) {
    for (const Sizes& s : sweep<T>()) {
        const std::vector<T> x = values<T>(s.outer * s.n * s.inner);
        const auto extreme = [&](bool largest) {
            return [&, largest](int64_t o, int64_t j) {
                T best = x[static_cast<std::size_t>(o * s.n * s.inner + j)];
                for (int64_t i = 0; i < s.n; ++i) {
                    const T v = x[static_cast<std::size_t>((o * s.n + i) * s.inner + j)];
                    if (largest ? v > best : v < best) best = v;
                }
                return static_cast<double>(best);
            };
        };
        check<T>(
            s, [&](T* y) { simd::amax(x.data(), y, s.outer, s.n, s.inner); }, extreme(true), 0);
        check<T>(
            s, [&](T* y) { simd::amin(x.data(), y, s.outer, s.n, s.inner); }, extreme(false), 0);
    }
}

TEST_CASE("reduce: amax of bool is any, amin is all") {
    const bool x[] = {false, true, false, false, false, false, true, true, true};
    bool any[3], all[3];
    simd::amax(x, any, 3, 3, 1);
    simd::amin(x, all, 3, 3, 1);
    CHECK((any[0] && !any[1] && any[2]));
    CHECK((!all[0] && !all[1] && all[2]));
}

TEST_CASE_TEMPLATE("reduce: NaN at every position", T, float, double) {
    const T nan = std::numeric_limits<T>::quiet_NaN();
    int64_t lost = 0;
    for (const int64_t inner : {int64_t{1}, int64_t{3}, simd::width<T> + 1})
        for (int64_t n = 1; n <= 9 * simd::width<T> + 1; n += n < 20 ? 1 : 7) {
            std::vector<T> x = values<T>(n * inner), y(static_cast<std::size_t>(inner));
            for (int64_t i = 0; i < n * inner; ++i) {
                const T before = std::exchange(x[static_cast<std::size_t>(i)], nan);
                for (const auto reduce : {&simd::sum<T>, &simd::amax<T>, &simd::amin<T>}) {
                    reduce(x.data(), y.data(), 1, n, inner);
                    for (int64_t j = 0; j < inner; ++j)
                        lost += std::isnan(y[static_cast<std::size_t>(j)]) != (j == i % inner);
                }
                x[static_cast<std::size_t>(i)] = before;
            }
        }
    CHECK(lost == 0);
}

TEST_CASE_TEMPLATE("reduce: infinities and nothing", T, float, double) {
    const T inf = std::numeric_limits<T>::infinity();
    T y[2] = {T(7), T(7)};
    const T x[] = {T(1), -inf, inf, T(2)};
    simd::sum(x, y, 2, 2, 1);
    CHECK((y[0] == -inf && y[1] == inf));
    simd::sum(x, y, 1, 4, 1);
    CHECK(std::isnan(y[0]));
    simd::amax(x, y, 2, 2, 1);
    CHECK((y[0] == T(1) && y[1] == inf));
    simd::sum(x, y, 2, 0, 1);
    CHECK((y[0] == T(0) && y[1] == T(0)));
    simd::amax(x, y, 1, 0, 2);
    CHECK((y[0] == -inf && y[1] == -inf));
    simd::sum(x, y, 0, 5, 2);
    CHECK(simd::sum(x, 0) == T(0));
}

TEST_CASE("reduce: the error of a long sum does not grow with its length") {
    // Ten million times a float that is no dyadic fraction: a running sum is off by percents.
    const std::vector<float> x(10'000'000, 0.1f);
    const double exact = 10'000'000 * static_cast<double>(0.1f);
    CHECK(std::abs(static_cast<double>(simd::sum(x.data(), 10'000'000)) / exact - 1) < 1e-6);
    float y[10];
    simd::sum(x.data(), y, 1, 1'000'000, 10);
    for (const float v : y) CHECK(std::abs(static_cast<double>(v) / (exact / 10) - 1) < 1e-6);
}

TEST_CASE_TEMPLATE("reduce: the same bits for any number of threads", T, float, double) {
    const std::vector<T> x = values<T>(1'000'003);
    const int before = num_threads();
    std::vector<T> first;
    for (const int threads : {1, 2, 3, 4}) {
        set_num_threads(threads);
        std::vector<T> y(1 + 1000 + 7);
        simd::sum(x.data(), y.data(), 1, 1'000'003, 1);
        simd::sum(x.data(), y.data() + 1, 1, 1000, 1000);
        simd::sum(x.data(), y.data() + 1001, 1, 142'857, 7);
        if (first.empty()) first = y;
        CHECK(first == y);
    }
    set_num_threads(before);
}
