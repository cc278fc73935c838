#include <tapegrad/simd/nade_backward.hpp>

#include <doctest/doctest.h>

#include <vector>

#include "../support/values.hpp"

using namespace tapegrad;

TEST_CASE("nade_backward: gradients against differences") {
    const simd::NadeSizes n{2, 70, 1, 3};  // two stretches
    auto w = support::random_values<double>(n.variables * n.hidden, 1);
    auto v = support::random_values<double>(n.variables * n.hidden, 2);
    auto c = support::random_values<double>(n.hidden, 3);
    auto x = support::random_values<double>(n.samples * n.variables, 4);
    for (std::size_t i = 0; i < x.size(); i += 2) x[i] = 0;
    const auto dy = support::random_values<double>(n.samples * n.variables, 5);
    std::vector<double> dx(x.size()), dw(w.size()), dv(v.size()), dc(c.size());
    simd::nade_backward(n, x.data(), w.data(), v.data(), c.data(), dy.data(),
                        simd::NadeGradients<double>{dx.data(), dw.data(), dv.data(), dc.data()});
    const auto loss = [&] {
        std::vector<double> y(dy.size());
        simd::nade(n, x.data(), w.data(), v.data(), c.data(), y.data());
        double sum = 0;
        for (std::size_t i = 0; i < y.size(); ++i) sum += y[i] * dy[i];
        return sum;
    };
    const auto check = [&](std::vector<double>& at, const std::vector<double>& gradient) {
        for (std::size_t i = 0; i < at.size(); i += 7) {
            const double before = at[i], h = 1e-5;
            at[i] = before + h;
            const double up = loss();
            at[i] = before - h;
            const double down = loss();
            at[i] = before;
            CHECK(gradient[i] == doctest::Approx((up - down) / (2 * h)).epsilon(1e-6));
        }
    };
    check(x, dx);
    check(w, dw);
    check(v, dv);
    check(c, dc);
}
