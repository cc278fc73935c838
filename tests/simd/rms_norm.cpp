#include <tapegrad/simd/rms_norm.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

using namespace tapegrad;

TEST_CASE_TEMPLATE("rms_norm: rows of any length", T, float, double) {
    const double eps = 100 * static_cast<double>(std::numeric_limits<T>::epsilon());
    for (const int64_t n : {1, 3, 8, 15, 16, 17, 33, 129}) {
        CAPTURE(n);
        const int64_t rows = 37;  // a chunk of sums and a part of one
        std::vector<T> x(static_cast<std::size_t>(rows * n)),
            dy = x, y = x, dx = x, w(static_cast<std::size_t>(n)), dw = w, r(static_cast<std::size_t>(rows));
        for (std::size_t i = 0; i < x.size(); ++i) {
            x[i] = static_cast<T>(std::sin(static_cast<double>(i)) + 0.3);
            dy[i] = static_cast<T>(std::cos(3 * static_cast<double>(i)));
        }
        for (std::size_t i = 0; i < w.size(); ++i)
            w[i] = static_cast<T>(1 + 0.1 * static_cast<double>(i % 5));
        simd::rms_norm(x.data(), w.data(), y.data(), r.data(), rows, n, T(0.01));
        simd::rms_norm_backward(x.data(), w.data(), r.data(), dy.data(), dx.data(), dw.data(), rows, n);
        std::vector<double> want_dw(w.size());
        for (std::size_t row = 0; row < r.size(); ++row) {
            const std::size_t at = row * w.size();
            double square = 0, dot = 0;
            for (std::size_t i = 0; i < w.size(); ++i)
                square += static_cast<double>(x[at + i]) * static_cast<double>(x[at + i]);
            const double scale =
                1 / std::sqrt(square / static_cast<double>(n) + static_cast<double>(T(0.01)));
            const auto g = [&](std::size_t i) {
                return static_cast<double>(dy[at + i]) * static_cast<double>(w[i]);
            };
            const auto h = [&](std::size_t i) { return static_cast<double>(x[at + i]) * scale; };
            for (std::size_t i = 0; i < w.size(); ++i) dot += g(i) * h(i) / static_cast<double>(n);
            bool right = true;
            for (std::size_t i = 0; i < w.size(); ++i) {
                right &= std::fabs(static_cast<double>(y[at + i]) - h(i) * static_cast<double>(w[i])) < eps;
                right &=
                    std::fabs(static_cast<double>(dx[at + i]) - scale * (g(i) - h(i) * dot)) < eps * scale;
                want_dw[i] += static_cast<double>(dy[at + i]) * h(i);
            }
            CHECK(right);
        }
        for (std::size_t i = 0; i < w.size(); ++i)
            CHECK(static_cast<double>(dw[i]) == doctest::Approx(want_dw[i]).epsilon(eps));
    }
}
