#include <tapegrad/simd/argmax.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

namespace {

using namespace tapegrad;

/// Few different values, so that ties are common.
template <class T>
std::vector<T> tied_values(int64_t n) {
    std::vector<T> x(static_cast<std::size_t>(n));
    uint32_t seed = 5;
    for (T& v : x) {
        seed = seed * 1664525U + 1013904223U;
        v = static_cast<T>((seed >> 20) % 50);
    }
    return x;
}

/// The first place of the extreme, NaN first of all, read off the definition.
template <class T>
int64_t place(const T* p, int64_t n, int64_t inner, bool largest) {
    int64_t best = 0;
    for (int64_t i = 1; i < n; ++i) {
        const T v = p[i * inner], top = p[best * inner];
        if (top != top) break;
        if (v != v || (largest ? v > top : v < top)) best = i;
    }
    return best;
}

template <class T>
int64_t wrong_places(const std::vector<T>& x, int64_t outer, int64_t n, int64_t inner) {
    std::vector<int64_t> high(static_cast<std::size_t>(outer * inner)), low = high;
    simd::argmax(x.data(), high.data(), outer, n, inner);
    simd::argmin(x.data(), low.data(), outer, n, inner);
    int64_t wrong = 0;
    for (int64_t k = 0; k < outer * inner; ++k) {
        const T* p = x.data() + k / inner * n * inner + k % inner;
        wrong += high[static_cast<std::size_t>(k)] != place(p, n, inner, true);
        wrong += low[static_cast<std::size_t>(k)] != place(p, n, inner, false);
    }
    return wrong;
}

}

TEST_CASE_TEMPLATE("argmax: value", T, float, double, int32_t, int64_t, uint8_t) {
    const auto W = static_cast<int64_t>(simd::Batch<float>::size);
    for (const int64_t n : {int64_t{1}, int64_t{2}, W - 1, W, W + 1, 2 * W + 1, int64_t{4096}, int64_t{9001}})
        for (const int64_t inner : {int64_t{1}, int64_t{2}, W - 1, W, W + 1, 5 * W + 3}) {
            if (n * inner == 0) continue;
            CAPTURE(n);
            CAPTURE(inner);
            CHECK(wrong_places(tied_values<T>(3 * n * inner), 3, n, inner) == 0);
        }
}

TEST_CASE_TEMPLATE("argmax: NaN at every position, and two of them", T, float, double) {
    const T nan = std::numeric_limits<T>::quiet_NaN();
    int64_t wrong = 0;
    for (const int64_t inner : {int64_t{1}, simd::width<T> + 1})
        for (int64_t n = 1; n <= 2 * simd::width<T> + 1; ++n)
            for (int64_t i = 0; i < n * inner; ++i) {
                std::vector<T> x = tied_values<T>(n * inner);
                x[static_cast<std::size_t>(i)] = nan;
                wrong += wrong_places(x, 1, n, inner);
                x.back() = nan;
                wrong += wrong_places(x, 1, n, inner);
            }
    CHECK(wrong == 0);
}

TEST_CASE_TEMPLATE("argmax: infinities", T, float, double) {
    const T inf = std::numeric_limits<T>::infinity();
    CHECK(wrong_places(std::vector<T>{-inf, -inf, -inf}, 1, 3, 1) == 0);
    CHECK(wrong_places(std::vector<T>{T(1), inf, inf, -inf}, 1, 4, 1) == 0);
    CHECK(wrong_places(std::vector<T>(100, -inf), 1, 4, 25) == 0);
}

TEST_CASE("argmax: columns longer than floats can count") {
    const int64_t n = (int64_t{1} << 20) * 2 + 5, W = simd::width<float>;
    std::vector<float> x(static_cast<std::size_t>(n * W), 0.0f);
    x[static_cast<std::size_t>((n - 3) * W)] = 1.0f;
    x[static_cast<std::size_t>(((int64_t{1} << 20) + 1) * W + 1)] = 1.0f;
    std::vector<int64_t> y(static_cast<std::size_t>(W));
    simd::argmax(x.data(), y.data(), 1, n, W);
    CHECK(y[0] == n - 3);
    CHECK(y[1] == (int64_t{1} << 20) + 1);
    CHECK(y[2] == 0);
}
