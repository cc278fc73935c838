#include <tapegrad/simd/lu.hpp>

#include <doctest/doctest.h>

#include <vector>

#include "../support/tensors.hpp"
#include "../support/threads.hpp"

using namespace tapegrad;

namespace {

/// Largest error of p a - l u, for what was -a before.
template <class T>
double residual(const Tensor<T>& a, const Tensor<T>& lu, const std::vector<int64_t>& pivots) {
    const int64_t m = a.size(0), n = a.size(1);
    Tensor<T> rows = detail::copy(a);
    T* const p = rows.mutable_data();
    for (std::size_t j = 0; j < pivots.size(); ++j)
        for (int64_t k = 0; k < n && pivots[j] != static_cast<int64_t>(j); ++k)
            std::swap(p[static_cast<int64_t>(j) * n + k], p[pivots[j] * n + k]);
    double worst = 0;
    for (int64_t i = 0; i < m; ++i)
        for (int64_t j = 0; j < n; ++j) {
            double sum = static_cast<double>(rows(i, j));
            for (int64_t k = 0; k <= std::min(i, j); ++k)
                sum += (k == i ? 1 : static_cast<double>(lu(i, k))) * static_cast<double>(lu(k, j));
            worst = std::fmax(worst, std::fabs(sum));
        }
    return worst;
}

}

TEST_CASE_TEMPLATE("lu: value", T, float, double) {
    for (const auto& [m, n] : {std::pair<int64_t, int64_t>{1, 1},
                               {3, 3},
                               {8, 8},
                               {9, 9},
                               {17, 17},
                               {65, 65},
                               {150, 150},
                               {40, 7},
                               {7, 40},
                               {100, 33},
                               {33, 100}}) {
        const Tensor<T> a = support::normal<T>({m, n});
        Tensor<T> x = detail::copy(a);
        std::vector<int64_t> pivots(static_cast<std::size_t>(std::min(m, n)));
        simd::lu(m, n, x.mutable_data(), pivots.data());
        CAPTURE(m);
        CAPTURE(n);
        CHECK(residual(a, x, pivots) < 6 * std::sqrt(static_cast<double>(m * n)) *
                                           static_cast<double>(std::numeric_limits<T>::epsilon()));
        bool largest = true;  // no factor is above 1
        for (int64_t i = 0; i < m; ++i)
            for (int64_t j = 0; j < std::min(i, n); ++j) largest &= std::fabs(x(i, j)) <= T(1);
        CHECK(largest);
        for (std::size_t j = 0; j < pivots.size(); ++j)
            CHECK((pivots[j] >= static_cast<int64_t>(j) && pivots[j] < m));
    }
}

TEST_CASE("lu: exact, with exchanges, and of a singular matrix") {
    double x[] = {-1, -2, -3, -4};
    int64_t pivots[2] = {};
    simd::lu(2, 2, x, pivots);
    CHECK(pivots[0] == 1);
    CHECK(pivots[1] == 1);
    CHECK(x[0] == 3);
    CHECK(x[1] == 4);
    CHECK(x[2] == 1.0 / 3);
    CHECK(x[3] == doctest::Approx(2.0 / 3).epsilon(1e-15));
    double zero[] = {0, 0, 0, -5};
    simd::lu(2, 2, zero, pivots);
    CHECK(zero[0] == 0);
    CHECK(zero[2] == 0);
    CHECK(zero[3] == 5);
    simd::lu<double>(0, 3, nullptr, nullptr);
}

TEST_CASE("lu: the same bits on any number of threads") {
    const Tensor<float> a = support::normal<float>({300, 300});
    const auto factored = [&](int threads) {
        const support::Threads scope(threads);
        Tensor<float> x = detail::copy(a);
        std::vector<int64_t> pivots(300);
        simd::lu(300, 300, x.mutable_data(), pivots.data());
        return x;
    };
    const Tensor<float> one = factored(1);
    for (const int threads : {2, 3}) CHECK(support::same_bits(factored(threads), one));
}
