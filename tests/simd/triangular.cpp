#include <tapegrad/simd/triangular.hpp>

#include <doctest/doctest.h>

#include "../support/tensors.hpp"
#include "../support/threads.hpp"

using namespace tapegrad;

namespace {

/// Elements of the triangle t as it counts: zeros and ones in their places.
template <class T>
double element(const simd::Triangle<T>& t, int64_t i, int64_t j) {
    if (i == j) return t.unit ? 1 : static_cast<double>(*t.a.at(i, i).data);
    return (i < j) == t.upper ? static_cast<double>(*t.a.at(i, j).data) : 0;
}

/// Largest error of t x + b, in relation to |t| |x|, where x was b before.
template <class T>
double residual(const simd::Triangle<T>& t, int64_t n, const Tensor<T>& b, const simd::Columns<T>& x) {
    double worst = 0;
    for (int64_t j = 0; j < x.count; ++j)
        for (int64_t i = 0; i < n; ++i) {
            double sum = static_cast<double>(b.data()[i * x.row + j * x.col]), size = 0;
            for (int64_t p = 0; p < n; ++p) {
                const double term = element(t, i, p) * static_cast<double>(x.data[p * x.row + j * x.col]);
                sum += term;
                size += std::fabs(term);
            }
            if (!(std::fabs(sum) <= worst * size)) worst = std::fabs(sum) / size;
        }
    return worst;
}

}

TEST_CASE_TEMPLATE("triangular: value", T, float, double) {
    constexpr int64_t W = simd::width<T>;
    for (const int64_t n : {1, 2, 31, 32, 33, 64, 65, 150})
        for (const int64_t count : {int64_t{1}, int64_t{3}, W, W + 1, 4 * W + 3})
            for (const int kind : {0, 1, 2, 3, 4, 5, 6, 7}) {
                const bool upper = (kind & 1) != 0, turned = (kind & 2) != 0, rows = (kind & 4) != 0;
                Tensor<T> a = support::normal<T>({n, n});
                for (int64_t i = 0; i < n; ++i)
                    a.set({i, i}, a(i, i) < T(0) ? a(i, i) - T(n) : a(i, i) + T(n));
                const Tensor<T> b = support::normal<T>({n, count}, 2);
                Tensor<T> x = detail::copy(b);
                simd::Triangle<T> t{{a.data(), n, 1}, upper, kind == 5};
                if (turned) t.a = t.a.transposed();
                const simd::Columns<T> columns{x.mutable_data(), rows ? count : 1, rows ? 1 : n, count};
                simd::solve_triangle(t, n, columns);
                CAPTURE(n);
                CAPTURE(count);
                CAPTURE(kind);
                CHECK(residual(t, n, b, columns) <
                      (static_cast<double>(n) + 2) * static_cast<double>(std::numeric_limits<T>::epsilon()));
            }
}

TEST_CASE("triangular: what lies beside is not read, nothing is done for no columns") {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const Tensor<double> a{{2, nan}, {3, nan}};
    double x[] = {-4, -7};
    simd::solve_triangle(simd::Triangle<double>{{a.data(), 2, 1}}, 1, simd::Columns<double>{x, 1, 1, 1});
    CHECK(x[0] == 2);
    const Tensor<double> b{{nan, nan}, {3, nan}};
    double y[] = {-4, -7};
    simd::solve_triangle(simd::Triangle<double>{{b.data(), 2, 1}, false, true}, 2,
                         simd::Columns<double>{y, 1, 1, 1});
    CHECK(y[0] == 4);
    CHECK(y[1] == -5);
    simd::solve_triangle(simd::Triangle<double>{{b.data(), 2, 1}}, 0, simd::Columns<double>{y, 1, 1, 1});
    simd::solve_triangle(simd::Triangle<double>{{b.data(), 2, 1}}, 2, simd::Columns<double>{y, 1, 1, 0});
    CHECK(y[0] == 4);
}

TEST_CASE("triangular: the same bits on any number of threads") {
    const Tensor<float> a = support::normal<float>({200, 200}), b = support::normal<float>({200, 900}, 2);
    const auto solved = [&](int threads) {
        const support::Threads scope(threads);
        Tensor<float> x = detail::copy(b);
        simd::solve_triangle(simd::Triangle<float>{{a.data(), 200, 1}, true, true}, 200,
                             simd::Columns<float>{x.mutable_data(), 900, 1, 900});
        return x;
    };
    const Tensor<float> one = solved(1);
    for (const int threads : {2, 3}) CHECK(support::same_bits(solved(threads), one));
}
