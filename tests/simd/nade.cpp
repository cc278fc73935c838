#include <tapegrad/simd/nade.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "../support/values.hpp"

using namespace tapegrad;

TEST_CASE_TEMPLATE("nade: outputs from the variables before", T, float, double) {
    const int64_t samples = 3, variables = 4, outputs = 2, hidden = simd::detail::nade_slice<T> + 2;
    const auto w = support::random_values<T>(variables * hidden, 1),
               v = support::random_values<T>(variables * outputs * hidden, 2),
               c = support::random_values<T>(hidden, 3);
    const std::vector<T> x{0, 1, 0, 1, 1, 1, 1, 1, 0, 0, 2, 0};
    std::vector<T> y(static_cast<std::size_t>(samples * variables * outputs), T(1));
    simd::nade({samples, variables, outputs, hidden}, x.data(), w.data(), v.data(), c.data(), y.data());
    for (int64_t b = 0; b < samples; ++b)
        for (int64_t d = 0; d < variables; ++d)
            for (int64_t k = 0; k < outputs; ++k) {
                double want = 1;
                for (int64_t j = 0; j < hidden; ++j) {
                    auto a = static_cast<double>(c[static_cast<std::size_t>(j)]);
                    for (int64_t e = 0; e < d; ++e)
                        a += static_cast<double>(x[static_cast<std::size_t>(b * variables + e)]) *
                             static_cast<double>(w[static_cast<std::size_t>(e * hidden + j)]);
                    want += static_cast<double>(v[static_cast<std::size_t>((d * outputs + k) * hidden + j)]) /
                            (1 + std::exp(-a));
                }
                const auto got =
                    static_cast<double>(y[static_cast<std::size_t>((b * variables + d) * outputs + k)]);
                CHECK(got == doctest::Approx(want).epsilon(std::is_same_v<T, float> ? 1e-4 : 1e-12));
            }
}
