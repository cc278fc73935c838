#include <tapegrad/simd/eigh.hpp>

#include <doctest/doctest.h>

#include "../support/tensors.hpp"

using namespace tapegrad;

namespace {

template <class T>
struct Spectrum {
    Tensor<T> w, v;
    bool found;
};
template <class T>
Spectrum<T> spectrum(const Tensor<T>& a) {
    const int64_t n = a.size(0);
    Tensor<T> work = detail::copy(a);
    Spectrum<T> y{empty<T>({n}), empty<T>({n, n}), false};
    y.found = simd::eigh(n, work.mutable_data(), detail::output(y.w), detail::output(y.v));
    return y;
}
/// Largest elements of |a v - v w| (a by its lower triangle) and |v^T v - 1|.
template <class T>
double error(const Tensor<T>& a, const Spectrum<T>& y) {
    const int64_t n = a.size(0);
    double worst = 0;
    for (int64_t i = 0; i < n; ++i)
        for (int64_t j = 0; j < n; ++j) {
            double sum = -static_cast<double>(y.v(i, j)) * static_cast<double>(y.w(j)),
                   product = i == j ? -1 : 0;
            for (int64_t k = 0; k < n; ++k) {
                sum += static_cast<double>(i < k ? a(k, i) : a(i, k)) * static_cast<double>(y.v(k, j));
                product += static_cast<double>(y.v(k, i)) * static_cast<double>(y.v(k, j));
            }
            worst = std::fmax(worst, std::fmax(std::fabs(sum), std::fabs(product)));
        }
    return worst;
}

}

TEST_CASE_TEMPLATE("eigh: value", T, float, double) {
    for (const int64_t n : {1, 2, 3, 4, 9, 16, 33, 100}) {
        const Tensor<T> a = support::normal<T>({n, n});  // the upper triangle is another matrix's
        const auto y = spectrum(a);
        CAPTURE(n);
        CHECK(y.found);
        CHECK(error(a, y) < 20 * std::sqrt(static_cast<double>(n)) *
                                static_cast<double>(std::numeric_limits<T>::epsilon()));
        for (int64_t j = 0; j + 1 < n; ++j) CHECK(y.w(j) <= y.w(j + 1));
    }
}

TEST_CASE("eigh: known spectra") {
    const auto two = spectrum(Tensor<double>{{2, 9}, {1, 2}});
    CHECK(two.w(0) == doctest::Approx(1));
    CHECK(two.w(1) == doctest::Approx(3));
    // Equal eigenvalues, zeros, blocks that fall apart.
    for (const Tensor<double>& a :
         {eye<double>(7), zeros<double>({5, 5}), full<double>({6, 6}, 1.0),
          Tensor<double>{{0, 0, 0}, {1, 0, 0}, {0, 0, 4}}, full<double>({40, 40}, -2.5)}) {
        const auto y = spectrum(a);
        CHECK(y.found);
        CHECK(error(a, y) < 1e-13);
    }
    // The second difference: 2 - 2 cos(pi k / (n + 1)).
    const int64_t n = 50;
    Tensor<double> a = zeros<double>({n, n});
    for (int64_t i = 0; i < n; ++i) {
        a.set({i, i}, 2);
        if (i > 0) a.set({i, i - 1}, -1);
    }
    const auto y = spectrum(a);
    for (int64_t k = 0; k < n; ++k)
        CHECK(y.w(k) == doctest::Approx(2 - 2 * std::cos(3.14159265358979323846 * static_cast<double>(k + 1) /
                                                         static_cast<double>(n + 1))));
    for (const double scale : {1e-290, 1e290}) {
        const auto large = spectrum(Tensor<double>{{2 * scale, 0}, {scale, 2 * scale}});
        CHECK(large.found);
        CHECK(large.w(1) / scale == doctest::Approx(3));
    }
}
