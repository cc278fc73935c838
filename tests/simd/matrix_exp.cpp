#include <tapegrad/simd/matrix_exp.hpp>

#include <doctest/doctest.h>

#include "../support/tensors.hpp"

using namespace tapegrad;

namespace {
template <class T>
Tensor<T> exponential(const Tensor<T>& a) {
    Tensor<T> work = detail::copy(a), y = empty<T>(a.shape());
    simd::matrix_exp(a.size(0), work.mutable_data(), detail::output(y));
    return y;
}
}

TEST_CASE_TEMPLATE("matrix_exp: value over norms", T, float, double) {
    const double eps = static_cast<double>(std::numeric_limits<T>::epsilon());
    for (const double angle : {1e-8, 0.1, 0.57, 0.59, 0.77, 0.79, 1.0, 3.0, 10.0, 100.0}) {
        // Turns, hyperbolic turns, and a chain of ones above the diagonal.
        const auto t = static_cast<T>(angle);
        const auto wide = static_cast<double>(t);
        const Tensor<T> turn = exponential(Tensor<T>{{T(0), -t}, {t, T(0)}});
        CHECK(std::fabs(static_cast<double>(turn(0, 0)) - std::cos(wide)) < 12 * (1 + angle) * eps);
        CHECK(std::fabs(static_cast<double>(turn(1, 0)) - std::sin(wide)) < 12 * (1 + angle) * eps);
        if (angle > 50) continue;
        const Tensor<T> boost = exponential(Tensor<T>{{T(0), t}, {t, T(0)}});
        CHECK(std::fabs(static_cast<double>(boost(0, 0)) / std::cosh(wide) - 1) < 12 * (1 + angle) * eps);
        const Tensor<T> chain = exponential(Tensor<T>{{T(0), t, T(0)}, {T(0), T(0), t}, {T(0), T(0), T(0)}});
        CHECK(std::fabs(static_cast<double>(chain(0, 2)) - wide * wide / 2) <= 12 * eps * (1 + wide * wide));
        CHECK(std::fabs(static_cast<double>(chain(1, 0))) == 0);
    }
    CHECK(support::same_bits(exponential(zeros<T>({4, 4})), eye<T>(4)));
}

TEST_CASE("matrix_exp: sizes, what is not finite, what overflows") {
    for (const int64_t n : {1, 5, 30}) {
        const Tensor<double> a = support::normal<double>({n, n}), y = exponential(a);
        Tensor<double> minus = detail::copy(a);
        for (int64_t i = 0; i < n * n; ++i) minus.mutable_data()[i] = -a.data()[i];
        const Tensor<double> z = exponential(minus);
        double worst = 0, largest = 0;
        for (int64_t i = 0; i < n; ++i)
            for (int64_t j = 0; j < n; ++j) {
                double sum = i == j ? -1 : 0, size = 0;
                for (int64_t k = 0; k < n; ++k) {
                    sum += y(i, k) * z(k, j);
                    size += std::fabs(y(i, k) * z(k, j));
                }
                worst = std::fmax(worst, std::fabs(sum));
                largest = std::fmax(largest, size);
            }
        CHECK(worst < 50 * 2.2e-16 * largest);
    }
    for (const double wrong :
         {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
        const Tensor<double> y = exponential(Tensor<double>{{0, wrong}, {0, 0}});
        for (int64_t i = 0; i < 4; ++i) CHECK(std::isnan(y.data()[i]));
    }
    CHECK(exponential(Tensor<double>{{1e5}})(0, 0) == std::numeric_limits<double>::infinity());
    CHECK(exponential(Tensor<double>{{-1e5}})(0, 0) == 0);
    CHECK(exponential(Tensor<double>{{700}})(0, 0) == doctest::Approx(std::exp(700.0)).epsilon(1e-12));
    CHECK(exponential(zeros<double>({0, 0})).numel() == 0);
}
