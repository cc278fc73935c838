#include <tapegrad/simd/svd.hpp>

#include <doctest/doctest.h>

#include "../support/tensors.hpp"

using namespace tapegrad;

namespace {

template <class T>
struct Parts {
    Tensor<T> u, s, v;
    bool found;
};
template <class T>
Parts<T> parts(const Tensor<T>& a) {
    const int64_t m = a.size(0), n = a.size(1);
    Parts<T> y{empty<T>({m, n}), empty<T>({n}), empty<T>({n, n}), false};
    y.found = simd::svd(m, n, a.data(), detail::output(y.u), detail::output(y.s), detail::output(y.v));
    return y;
}
/// Largest elements of |u^T u - 1| and |v^T v - 1|, and of |a - u s v^T| in relation to the largest s.
template <class T>
double error(const Tensor<T>& a, const Parts<T>& y) {
    const int64_t m = a.size(0), n = a.size(1);
    double worst = 0;
    for (int64_t i = 0; i < m; ++i)
        for (int64_t j = 0; j < n; ++j) {
            double sum = -static_cast<double>(a(i, j));
            for (int64_t k = 0; k < n; ++k)
                sum += static_cast<double>(y.u(i, k)) * static_cast<double>(y.s(k)) *
                       static_cast<double>(y.v(j, k));
            worst = std::fmax(worst, std::fabs(sum) / std::fmax(static_cast<double>(y.s(0)), 1e-300));
        }
    for (int64_t i = 0; i < n; ++i)
        for (int64_t j = 0; j < n; ++j)
            for (const auto* x : {&y.u, &y.v}) {
                double sum = i == j ? -1 : 0;
                for (int64_t k = 0; k < x->size(0); ++k)
                    sum += static_cast<double>((*x)(k, i)) * static_cast<double>((*x)(k, j));
                worst = std::fmax(worst, std::fabs(sum));
            }
    return worst;
}

}

TEST_CASE_TEMPLATE("svd: value", T, float, double) {
    for (const auto& [m, n] :
         {std::pair<int64_t, int64_t>{1, 1}, {2, 2}, {3, 2}, {5, 5}, {17, 16}, {60, 9}, {50, 50}}) {
        const Tensor<T> a = support::normal<T>({m, n});
        const auto y = parts(a);
        CAPTURE(m);
        CAPTURE(n);
        CHECK(y.found);
        CHECK(error(a, y) < 100 * static_cast<double>(std::numeric_limits<T>::epsilon()));
        for (int64_t j = 0; j + 1 < n; ++j) CHECK(y.s(j) >= y.s(j + 1));
    }
}

TEST_CASE("svd: few directions, extreme sizes, graded columns") {
    for (const Tensor<double>& a :
         {zeros<double>({3, 3}), full<double>({5, 4}, 1.0), eye<double>(6), eye<double>(6, 2),
          Tensor<double>{{1, 2}, {2, 4}, {3, 6}}, Tensor<double>{{0, 0}, {0, 3}},
          Tensor<double>{{1e-300, 1}, {1e-300, 1}}}) {
        const auto y = parts(a);
        CHECK(y.found);
        CHECK(error(a, y) < 1e-14);
    }
    for (const double scale : {1e-300, 1e300}) {
        const auto y = parts(Tensor<double>{{3 * scale, 0}, {0, -4 * scale}});
        CHECK(y.s(0) / scale == doctest::Approx(4));
        CHECK(y.s(1) / scale == doctest::Approx(3));
    }
    // Columns of very different length: the small value keeps its digits.
    const auto graded = parts(Tensor<double>{{1, 1e-12}, {1, -1e-12}});
    CHECK(std::fabs(graded.s(1) / (std::sqrt(2) * 1e-12) - 1) < 1e-14);
    CHECK(!parts(full<double>({2, 2}, std::numeric_limits<double>::quiet_NaN())).found);
}
