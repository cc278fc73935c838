#include <tapegrad/simd/softmax.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

namespace {

using namespace tapegrad;

template <class T>
std::vector<T> values(int64_t n, uint32_t seed, T range) {
    std::vector<T> x(static_cast<std::size_t>(n));
    for (T& v : x) {
        seed = seed * 1664525U + 1013904223U;
        v = static_cast<T>(static_cast<int32_t>(seed)) / T(2147483648.0) * range;
    }
    return x;
}

template <class T>
T& at(std::vector<T>& x, int64_t i) {
    return x[static_cast<std::size_t>(i)];
}

/// Softmax and its gradient of one line of n elements, `inner` apart, in long double.
template <class T>
struct Reference {
    std::vector<long double> y, log_y, dx, log_dx;

    Reference(const T* x, const T* dy, int64_t n, int64_t inner) {
        long double top = static_cast<long double>(x[0]), total = 0, dot = 0, sum = 0;
        for (int64_t i = 0; i < n; ++i) top = std::max(top, static_cast<long double>(x[i * inner]));
        for (int64_t i = 0; i < n; ++i) total += std::exp(static_cast<long double>(x[i * inner]) - top);
        for (int64_t i = 0; i < n; ++i) {
            log_y.push_back(static_cast<long double>(x[i * inner]) - top - std::log(total));
            y.push_back(std::exp(log_y.back()));
            dot += y.back() * static_cast<long double>(dy[i * inner]);
            sum += static_cast<long double>(dy[i * inner]);
        }
        for (int64_t i = 0; i < n; ++i) {
            const auto k = static_cast<std::size_t>(i);
            dx.push_back(y[k] * (static_cast<long double>(dy[i * inner]) - dot));
            log_dx.push_back(static_cast<long double>(dy[i * inner]) - y[k] * sum);
        }
    }
};

template <class T>
void check(int64_t outer, int64_t n, int64_t inner) {
    CAPTURE(outer);
    CAPTURE(n);
    CAPTURE(inner);
    const int64_t size = outer * n * inner;
    const std::vector<T> x = values<T>(size, 3, T(8)), dy = values<T>(size, 4, T(1));
    std::vector<T> y(x.size()), log_y(x.size()), dx(x.size()), log_dx(x.size());
    simd::softmax(x.data(), y.data(), outer, n, inner);
    simd::log_softmax(x.data(), log_y.data(), outer, n, inner);
    simd::softmax_backward(y.data(), dy.data(), dx.data(), outer, n, inner);
    simd::log_softmax_backward(log_y.data(), dy.data(), log_dx.data(), outer, n, inner);
    // x - max has an error of 8 eps where |x - max| <= 16, which the exponential makes relative; the rest is
    // the sum.
    const long double eps = static_cast<long double>(std::numeric_limits<T>::epsilon()),
                      length = static_cast<long double>(n);
    long double worst_y = 0, worst_log = 0, worst_dx = 0, worst_log_dx = 0;
    for (int64_t o = 0; o < outer; ++o)
        for (int64_t j = 0; j < inner; ++j) {
            const int64_t first = o * n * inner + j;
            const Reference<T> r(x.data() + first, dy.data() + first, n, inner);
            for (int64_t i = 0; i < n; ++i) {
                const auto k = static_cast<std::size_t>(i), p = static_cast<std::size_t>(first + i * inner);
                worst_y = std::max(worst_y, std::abs(static_cast<long double>(y[p]) / r.y[k] - 1));
                worst_log = std::max(worst_log, std::abs(static_cast<long double>(log_y[p]) - r.log_y[k]));
                worst_dx = std::max(worst_dx, std::abs(static_cast<long double>(dx[p]) - r.dx[k]) / r.y[k]);
                worst_log_dx =
                    std::max(worst_log_dx, std::abs(static_cast<long double>(log_dx[p]) - r.log_dx[k]));
            }
        }
    CHECK(worst_y < 16 * eps);
    CHECK(worst_log < 20 * eps);
    CHECK(worst_dx < 40 * eps);
    // The sum of dy has the error of n terms of size 1, times y <= 1, and exp multiplies the error of log y.
    CHECK(worst_log_dx < (20 + 2 * std::sqrt(length)) * eps * 8);
}

}

TEST_CASE_TEMPLATE("softmax: value and gradient along rows", T, float, double) {
    const int64_t W = simd::width<T>;
    for (const int64_t n :
         {int64_t{1}, int64_t{2}, W - 1, W, W + 1, 2 * W + 1, 4 * W, 64 * W, 64 * W + 1, int64_t{1000}})
        if (n > 0) check<T>(3, n, 1);
    check<T>(2, 50257, 1);
    check<T>(300, 256, 1);
}

TEST_CASE_TEMPLATE("softmax: value and gradient along columns", T, float, double) {
    const int64_t W = simd::width<T>;
    for (const int64_t n : {int64_t{1}, int64_t{2}, int64_t{7}, int64_t{64}, int64_t{65}, int64_t{200}})
        for (const int64_t inner : {int64_t{2}, W - 1, W, W + 1, 4 * W - 1, 4 * W, 5 * W + 2, 8 * W})
            if (inner > 0) check<T>(2, n, inner);
}

TEST_CASE_TEMPLATE("softmax: shapes without elements", T, float, double) {
    T* const nothing = nullptr;
    simd::softmax(nothing, nothing, 0, 5);
    simd::softmax(nothing, nothing, 5, 0);
    simd::log_softmax_backward(nothing, nothing, nothing, 3, 2, 0);
}

TEST_CASE_TEMPLATE("softmax: in place", T, float, double) {
    std::vector<T> x = values<T>(700, 9, T(5)), y(700), dy = values<T>(700, 2, T(1)), dx(700);
    simd::softmax(x.data(), y.data(), 7, 100);
    simd::softmax(x.data(), x.data(), 7, 100);
    CHECK(x == y);
    simd::softmax_backward(y.data(), dy.data(), dx.data(), 7, 100);
    simd::softmax_backward(y.data(), dy.data(), dy.data(), 7, 100);
    CHECK(dx == dy);
}

TEST_CASE_TEMPLATE("softmax: NaN at every position", T, float, double) {
    int64_t wrong = 0;
    for (const int64_t inner : {int64_t{1}, simd::width<T> + 1})
        for (int64_t n = 1; n <= 2 * simd::width<T> + 1; ++n)
            for (int64_t i = 0; i < n * inner; ++i) {
                std::vector<T> x = values<T>(n * inner, 7, T(3)), y(x.size()), log_y(x.size());
                at(x, i) = std::numeric_limits<T>::quiet_NaN();
                simd::softmax(x.data(), y.data(), 1, n, inner);
                simd::log_softmax(x.data(), log_y.data(), 1, n, inner);
                // NaN fills the line it is in, and no other.
                for (int64_t k = 0; k < n * inner; ++k) {
                    wrong += std::isnan(at(y, k)) != (k % inner == i % inner);
                    wrong += std::isnan(at(log_y, k)) != (k % inner == i % inner);
                }
            }
    CHECK(wrong == 0);
}

TEST_CASE_TEMPLATE("softmax: infinities and large values", T, float, double) {
    const T inf = std::numeric_limits<T>::infinity();
    for (const int64_t n : {int64_t{3}, simd::width<T>, 3 * simd::width<T> + 2}) {
        std::vector<T> x(static_cast<std::size_t>(n), -inf), y(x.size());
        const auto all_nan = [&] {
            for (const T v : y)
                if (!std::isnan(v)) return false;
            return true;
        };
        simd::softmax(x.data(), y.data(), 1, n);
        CHECK(all_nan());
        x.back() = T(2);  // a masked row with one place left
        simd::softmax(x.data(), y.data(), 1, n);
        CHECK((y.front() == T(0) && y.back() == T(1)));
        simd::log_softmax(x.data(), y.data(), 1, n);
        CHECK((y.front() == -inf && y.back() == T(0)));
        simd::log_softmax_backward(y.data(), x.data() + n - 1, y.data(), 1, 1);
        x.front() = inf;
        simd::softmax(x.data(), y.data(), 1, n);
        CHECK(all_nan());
        for (T& v : x) v = T(1e5);
        x.back() = T(-1e5);
        simd::softmax(x.data(), y.data(), 1, n);
        CHECK(static_cast<double>(y.front()) == doctest::Approx(1.0 / static_cast<double>(n - 1)));
        CHECK(y.back() == T(0));
    }
}

TEST_CASE_TEMPLATE("softmax: no denormals, which are slow", T, float, double) {
    const T edge = std::log(std::numeric_limits<T>::min());
    for (const int64_t inner : {int64_t{1}, int64_t{3}, 4 * simd::width<T>}) {
        const int64_t n = 200;
        std::vector<T> x(static_cast<std::size_t>(n * inner)), y(x.size()), dx(x.size()),
            dy(x.size(), T(1e-3));
        // Half of a column is 0, which leaves e^x / 100 of the others.
        for (int64_t i = 0; i < n * inner; ++i)
            at(x, i) = i / inner % 2 == 0 ? T(0) : edge + T(i) / T(n * inner) * T(20) - T(10);
        simd::softmax(x.data(), y.data(), 1, n, inner);
        bool normal = false;
        for (int64_t i = 0; i < n * inner; ++i) {
            const T want = std::exp(at(x, i)) / T(100);
            CAPTURE(at(x, i) - edge);
            CHECK((std::isnormal(at(y, i)) || at(y, i) == T(0)));
            if (want > std::numeric_limits<T>::min() * T(1.001))
                CHECK(std::abs(at(y, i) / want - T(1)) < T(1e-4));
            normal |= i / inner % 2 == 1 && at(y, i) > T(0);
        }
        CHECK(normal);
        at(dy, 0) = T(1);
        simd::softmax_backward(y.data(), dy.data(), dx.data(), 1, n, inner);
        for (const T v : dx) CHECK((std::isnormal(v) || v == T(0)));
    }
}

TEST_CASE_TEMPLATE("softmax: the same bits for any number of threads", T, float, double) {
    const std::vector<T> x = values<T>(200 * 301, 1, T(5));
    const int before = num_threads();
    std::vector<T> first;
    for (const int threads : {1, 2, 3}) {
        set_num_threads(threads);
        std::vector<T> y(x.size());
        simd::softmax(x.data(), y.data(), 200, 301);
        simd::softmax(y.data(), y.data(), 1, 200, 301);
        if (first.empty()) first = y;
        CHECK(first == y);
    }
    set_num_threads(before);
}
