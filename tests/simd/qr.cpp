#include <tapegrad/simd/qr.hpp>

#include <doctest/doctest.h>

#include "../support/tensors.hpp"

using namespace tapegrad;

namespace {

template <class T>
struct Factors {
    Tensor<T> q, r;
};
template <class T>
Factors<T> factored(const Tensor<T>& a) {
    const int64_t m = a.size(0), n = a.size(1);
    Tensor<T> work = detail::copy(a);
    Factors<T> y{empty<T>({m, n}), empty<T>({n, n})};
    simd::qr(m, n, work.mutable_data(), detail::output(y.q), detail::output(y.r));
    return y;
}
/// Largest elements of |a - q r| and |q^T q - 1|.
template <class T>
double error(const Tensor<T>& a, const Factors<T>& y) {
    const int64_t m = a.size(0), n = a.size(1);
    double worst = 0;
    for (int64_t i = 0; i < m; ++i)
        for (int64_t j = 0; j < n; ++j) {
            double sum = -static_cast<double>(a(i, j));
            for (int64_t k = 0; k <= j; ++k)
                sum += static_cast<double>(y.q(i, k)) * static_cast<double>(y.r(k, j));
            worst = std::fmax(worst, std::fabs(sum));
        }
    for (int64_t i = 0; i < n; ++i)
        for (int64_t j = 0; j < n; ++j) {
            double sum = i == j ? -1 : 0;
            for (int64_t k = 0; k < m; ++k)
                sum += static_cast<double>(y.q(k, i)) * static_cast<double>(y.q(k, j));
            worst = std::fmax(worst, std::fabs(sum));
        }
    return worst;
}

}

TEST_CASE_TEMPLATE("qr: value", T, float, double) {
    for (const auto& [m, n] : {std::pair<int64_t, int64_t>{1, 1},
                               {2, 2},
                               {5, 3},
                               {32, 32},
                               {33, 33},
                               {70, 65},
                               {150, 31},
                               {9, 1}}) {
        const Tensor<T> a = support::normal<T>({m, n});
        const auto y = factored(a);
        CAPTURE(m);
        CAPTURE(n);
        CHECK(error(a, y) <
              8 * std::sqrt(static_cast<double>(m)) * static_cast<double>(std::numeric_limits<T>::epsilon()));
        bool triangle = true;
        for (int64_t i = 0; i < n; ++i)
            for (int64_t j = 0; j < i; ++j) triangle &= y.r(i, j) == T(0);
        CHECK(triangle);
    }
}

TEST_CASE("qr: signs as LAPACK's, dependent columns, extreme lengths") {
    const auto turned = factored(Tensor<double>{{3, 0}, {4, 5}});
    CHECK(turned.r(0, 0) == doctest::Approx(-5));
    // What is below the diagonal already stays as it is, sign and all.
    const auto diagonal = factored(Tensor<double>{{-2, 1}, {0, 3}});
    CHECK(diagonal.r(0, 0) == -2);
    CHECK(diagonal.q(1, 1) == 1);
    const Tensor<double> dependent{{1, 2}, {1, 2}, {0, 0}};
    CHECK(error(dependent, factored(dependent)) < 1e-14);
    CHECK(error(zeros<double>({3, 2}), factored(zeros<double>({3, 2}))) == 0);
    for (const double scale : {1e-300, 1e-306, 1e300}) {
        const auto y = factored(Tensor<double>{{3 * scale, scale}, {4 * scale, scale}});
        CHECK(y.r(0, 0) / scale == doctest::Approx(-5));
        CHECK(y.q(0, 0) == doctest::Approx(-0.6));
    }
}
