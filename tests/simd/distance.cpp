#include <tapegrad/simd/distance.hpp>

#include <doctest/doctest.h>

#include <limits>

#include "../support/tensors.hpp"
#include "../support/threads.hpp"

using namespace tapegrad;

namespace {

constexpr double inf = std::numeric_limits<double>::infinity();

double reference(double p, const double* a, const double* b, int64_t n) {
    double sum = 0;
    for (int64_t k = 0; k < n; ++k) {
        const double d = std::fabs(a[k] - b[k]);
        if (p == 0)
            sum += d != 0 ? 1 : 0;
        else if (std::isinf(p))
            sum = std::fmax(sum, d);
        else
            sum += std::pow(d, p);
    }
    return p == 0 || std::isinf(p) ? sum : std::pow(sum, 1 / p);
}

template <class T>
Tensor<T> run(double p, const simd::DistanceShape& s, const Tensor<T>& x, const Tensor<T>& z) {
    Tensor<T> y = empty<T>({s.batch, s.rows, s.columns});
    simd::with_norm<T>(
        p, [&](const auto& norm) { simd::distances(s, x.data(), z.data(), detail::output(y), norm); });
    return y;
}

}

TEST_CASE_TEMPLATE("distance: values over norms and sizes", T, float, double) {
    constexpr int64_t W = simd::width<T>;
    for (const double p : {0.0, 0.5, 1.0, 2.0, 3.0, inf})
        for (const int64_t columns : {int64_t{1}, W - 1, W, W + 1, 2 * W + 1, 5 * W})
            for (const int64_t rows : {1, 3, 4, 9})
                for (const int64_t n : {0, 1, 3, 17}) {
                    const simd::DistanceShape s{2, rows, columns, n};
                    const Tensor<T> x = support::normal<T>({2, rows, n}),
                                    z = support::normal<T>({2, columns, n}, 2);
                    const Tensor<T> y = run(p, s, x, z);
                    const auto a = detail::cast<double>(x), b = detail::cast<double>(z);
                    Tensor<double> want = empty<double>(y.shape());
                    support::for_each_place(y.shape(), [&](const Dims& at, int64_t i) {
                        detail::output(want)[i] = reference(p, a.data() + (at[0] * rows + at[1]) * n,
                                                            b.data() + (at[0] * columns + at[2]) * n, n);
                    });
                    CAPTURE(p);
                    CAPTURE(columns);
                    CAPTURE(n);
                    CHECK(support::close(
                        y, want,
                        (p == 0.5 ? 100 : 20) * static_cast<double>(std::numeric_limits<T>::epsilon())));
                }
}

TEST_CASE("distance: the bits do not depend on threads or on the place of a row") {
    const Tensor<float> x = support::normal<float>({1, 130, 40}), z = support::normal<float>({1, 150, 40}, 2),
                        dy = support::normal<float>({1, 130, 150}, 3);
    const simd::DistanceShape s{1, 130, 150, 40};
    const auto all = [&](int threads) {
        const support::Threads scope(threads);
        const Tensor<float> y = run(2, s, x, z);
        Tensor<float> dx = empty<float>(x.shape());
        simd::distances_backward(s, x.data(), z.data(), y.data(), dy.data(), detail::output(dx),
                                 simd::EuclideanNorm());
        return std::array{y, dx};
    };
    const auto one = all(1);
    for (int threads = 2; threads <= 4; ++threads) {
        const auto many = all(threads);
        CHECK(support::same_bits(one[0], many[0]));
        CHECK(support::same_bits(one[1], many[1]));
    }
    for (const int64_t i : {0, 1, 66, 129}) {
        const auto row =
            run(2, {1, 1, 150, 40}, detail::copy(detail::view_of(x, {1, 1, 40}, {40, 40, 1}, i * 40)), z);
        CHECK(support::same_bits(row,
                                 detail::copy(detail::view_of(one[0], {1, 1, 150}, {150, 150, 1}, i * 150))));
    }
}

TEST_CASE("distance: a NaN reaches its row alone") {
    Tensor<double> x = support::normal<double>({1, 6, 5}), z = support::normal<double>({1, 20, 5}, 2);
    x.set({0, 3, 2}, std::numeric_limits<double>::quiet_NaN());
    for (const double p : {1.0, 2.0, 2.5, inf}) {
        const Tensor<double> y = run(p, {1, 6, 20, 5}, x, z);
        for (int64_t i = 0; i < 6; ++i)
            for (int64_t j = 0; j < 20; ++j) CHECK(std::isnan(y(0, i, j)) == (i == 3));
    }
    CHECK(run(0, {1, 6, 20, 5}, x, z)(0, 3, 0) == 5);  // it differs from everything
}
