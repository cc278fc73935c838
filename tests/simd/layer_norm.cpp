#include <tapegrad/simd/layer_norm.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

namespace {

using namespace tapegrad;

template <class T>
std::vector<T> values(int64_t n, uint32_t seed, T offset = T(0)) {
    std::vector<T> x(static_cast<std::size_t>(n));
    for (T& v : x) {
        seed = seed * 1664525U + 1013904223U;
        v = static_cast<T>(static_cast<int32_t>(seed)) / T(2147483648.0) + offset;
    }
    return x;
}

template <class T>
const T* data_or_null(const std::vector<T>& x, bool present) {
    return present ? x.data() : nullptr;
}

/// Everything in long double, from the definition.
struct Reference {
    std::vector<long double> y, dx, dweight, dbias, mean, rstd;

    template <class T>
    Reference(const std::vector<T>& x, const T* weight, const T* bias, const std::vector<T>& dy, int64_t rows,
              int64_t n, long double eps)
        : y(x.size()), dx(x.size()), dweight(static_cast<std::size_t>(n)), dbias(dweight.size()) {
        const auto width = static_cast<std::size_t>(n);
        const long double count = static_cast<long double>(n);
        for (std::size_t r = 0; r < static_cast<std::size_t>(rows); ++r) {
            const std::size_t at = r * width;
            long double m = 0, variance = 0, sum = 0, dot = 0;
            for (std::size_t i = 0; i < width; ++i) m += static_cast<long double>(x[at + i]) / count;
            for (std::size_t i = 0; i < width; ++i)
                variance += std::pow(static_cast<long double>(x[at + i]) - m, 2) / count;
            const long double s = 1 / std::sqrt(variance + eps);
            mean.push_back(m);
            rstd.push_back(s);
            const auto w = [&](std::size_t i) {
                return weight != nullptr ? static_cast<long double>(weight[i]) : 1.0L;
            };
            const auto normal = [&](std::size_t i) { return (static_cast<long double>(x[at + i]) - m) * s; };
            for (std::size_t i = 0; i < width; ++i) {
                const long double g = static_cast<long double>(dy[at + i]);
                y[at + i] = normal(i) * w(i) + (bias != nullptr ? static_cast<long double>(bias[i]) : 0.0L);
                sum += g * w(i) / count;
                dot += g * w(i) * normal(i) / count;
                dweight[i] += g * normal(i);
                dbias[i] += g;
            }
            for (std::size_t i = 0; i < width; ++i)
                dx[at + i] = s * (static_cast<long double>(dy[at + i]) * w(i) - sum - normal(i) * dot);
        }
    }
};

template <class T>
double worst(const std::vector<T>& got, const std::vector<long double>& expected) {
    double error = 0;
    for (std::size_t i = 0; i < got.size(); ++i) {
        const double e = static_cast<double>(std::abs(static_cast<long double>(got[i]) - expected[i]));
        error = error >= e ? error : e;  // NaN stays
    }
    return error;
}

template <class T>
void check(int64_t rows, int64_t n, bool has_weight, bool has_bias, T offset = T(0)) {
    CAPTURE(rows);
    CAPTURE(n);
    CAPTURE(has_weight);
    const auto x = values<T>(rows * n, 1, offset), w = values<T>(n, 2), b = values<T>(n, 3),
               dy = values<T>(rows * n, 4);
    std::vector<T> y(x.size()), dx(x.size()), mean(static_cast<std::size_t>(rows)), rstd(mean.size());
    std::vector<T> dw(w.size()), db(w.size());
    const T *weight = data_or_null(w, has_weight), *bias = data_or_null(b, has_bias);
    simd::layer_norm(x.data(), weight, bias, y.data(), mean.data(), rstd.data(), rows, n, T(1e-5));
    simd::layer_norm_backward(x.data(), weight, mean.data(), rstd.data(), dy.data(), dx.data(), dw.data(),
                              db.data(), rows, n);
    const Reference r(x, weight, bias, dy, rows, n, static_cast<long double>(T(1e-5)));
    double s = 1;
    for (const long double v : r.rstd) s = std::max(s, static_cast<double>(v));
    // One rounding of the mean (as large as the offset) and a few of the result, all multiplied by rstd.
    const double eps = static_cast<double>(std::numeric_limits<T>::epsilon());
    const double tolerance = eps * (8 + static_cast<double>(offset)) * s;
    CHECK(worst(y, r.y) < tolerance);
    CHECK(worst(mean, r.mean) < tolerance);
    // In one of n elements that are nearly equal the gradient is a difference of terms as large as rstd^2.
    CHECK(worst(dx, r.dx) < 4 * tolerance * s);
    CHECK(worst(dw, r.dweight) < tolerance * std::sqrt(static_cast<double>(rows)) * 2);
    CHECK(worst(db, r.dbias) < eps * static_cast<double>(rows) * 2);
}

}

TEST_CASE_TEMPLATE("layer_norm: value and gradient", T, float, double) {
    const int64_t W = simd::width<T>;
    for (const int64_t n :
         {int64_t{2}, int64_t{3}, W - 1, W, W + 1, 2 * W + 1, 4 * W, 64 * W, 64 * W + 5, int64_t{768}})
        for (const int64_t rows : {1, 3, 33, 70})
            if (n > 1) {
                check<T>(rows, n, true, true);
                check<T>(rows, n, false, false);
                check<T>(rows, n, true, false);
            }
}

TEST_CASE_TEMPLATE("layer_norm: a large mean does not cancel the variance", T, float, double) {
    check<T>(5, 300, true, true, T(1000));
}

TEST_CASE_TEMPLATE("layer_norm: sizes 0 and 1", T, float, double) {
    T* const nothing = nullptr;
    simd::layer_norm<T>(nothing, nullptr, nullptr, nothing, nothing, nothing, 3, 0, T(1e-5));
    simd::layer_norm<T>(nothing, nullptr, nullptr, nothing, nothing, nothing, 0, 3, T(1e-5));
    T dw[2] = {T(5), T(5)}, db[2] = {T(5), T(5)};
    simd::layer_norm_backward<T>(nothing, nullptr, nothing, nothing, nothing, nothing, dw, db, 0, 2);
    CHECK((dw[0] == T(0) && dw[1] == T(0) && db[0] == T(0) && db[1] == T(0)));
    const T x = T(3), bias = T(2);
    T y, mean, rstd;
    simd::layer_norm<T>(&x, nullptr, &bias, &y, &mean, &rstd, 1, 1, T(1e-5));
    CHECK((y == T(2) && mean == T(3)));
}

TEST_CASE_TEMPLATE("layer_norm: only the gradients that are asked for", T, float, double) {
    const auto x = values<T>(40 * 20, 1), dy = values<T>(40 * 20, 2), w = values<T>(20, 3);
    std::vector<T> y(x.size()), mean(40), rstd(40), dx(x.size()), dw(20), db(20), dx2(x.size()), dw2(20),
        db2(20);
    simd::layer_norm<T>(x.data(), w.data(), nullptr, y.data(), mean.data(), rstd.data(), 40, 20, T(1e-5));
    const auto backward = [&](T* a, T* b, T* c) {
        simd::layer_norm_backward<T>(x.data(), w.data(), mean.data(), rstd.data(), dy.data(), a, b, c, 40,
                                     20);
    };
    backward(dx.data(), dw.data(), db.data());
    backward(dx2.data(), nullptr, nullptr);
    backward(nullptr, dw2.data(), nullptr);
    backward(nullptr, nullptr, db2.data());
    CHECK(dx == dx2);
    CHECK(dw == dw2);
    CHECK(db == db2);
}

TEST_CASE_TEMPLATE("layer_norm: NaN at every position stays in its row", T, float, double) {
    int64_t wrong = 0;
    for (int64_t n = 1; n <= 2 * simd::width<T> + 1; ++n)
        for (int64_t i = 0; i < 2 * n; ++i) {
            std::vector<T> x = values<T>(2 * n, 1), y(x.size());
            x[static_cast<std::size_t>(i)] = std::numeric_limits<T>::quiet_NaN();
            simd::layer_norm<T>(x.data(), nullptr, nullptr, y.data(), nullptr, nullptr, 2, n, T(1e-5));
            for (int64_t k = 0; k < 2 * n; ++k)
                wrong += std::isnan(y[static_cast<std::size_t>(k)]) != (k / n == i / n);
        }
    CHECK(wrong == 0);
}

TEST_CASE_TEMPLATE("layer_norm: the same bits for any number of threads", T, float, double) {
    const auto x = values<T>(500 * 65, 1), dy = values<T>(500 * 65, 2);
    const int before = num_threads();
    std::vector<T> first;
    for (const int threads : {1, 2, 3}) {
        set_num_threads(threads);
        std::vector<T> y(x.size()), dx(x.size()), mean(500), rstd(500), sums(130);
        simd::layer_norm<T>(x.data(), nullptr, nullptr, y.data(), mean.data(), rstd.data(), 500, 65, T(1e-5));
        simd::layer_norm_backward<T>(x.data(), nullptr, mean.data(), rstd.data(), dy.data(), dx.data(),
                                     sums.data(), sums.data() + 65, 500, 65);
        y.insert(y.end(), dx.begin(), dx.end());
        y.insert(y.end(), sums.begin(), sums.end());
        if (first.empty()) first = y;
        CHECK(first == y);
    }
    set_num_threads(before);
}
