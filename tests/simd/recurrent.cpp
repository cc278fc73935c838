#include <tapegrad/simd/recurrent.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

using namespace tapegrad;

TEST_CASE_TEMPLATE("recurrent: a step of an LSTM at every size", T, float, double) {
    for (const int64_t n : {1, 3, 7, 8, 9, 15, 16, 17, 33}) {
        CAPTURE(n);
        const auto size = static_cast<std::size_t>(n);
        std::vector<T> gx(3 * 4 * size), gh = gx, saved = gx, c(3 * size), h = c, c_new = c, h_new = c;
        for (std::size_t i = 0; i < gx.size(); ++i) {
            gx[i] = static_cast<T>(std::sin(static_cast<double>(i)));
            gh[i] = static_cast<T>(std::cos(2 * static_cast<double>(i)));
        }
        for (std::size_t i = 0; i < c.size(); ++i) c[i] = static_cast<T>(0.1 * static_cast<double>(i % 9));
        simd::cell_step<simd::LstmCell>(simd::CellRow<T>{gx.data(), gh.data(), nullptr, h.data(), c.data(),
                                                         saved.data(), h_new.data(), c_new.data()},
                                        3, n);
        const auto squash = [](double v) { return 1 / (1 + std::exp(-v)); };
        for (std::size_t b = 0; b < 3; ++b)
            for (std::size_t i = 0; i < size; ++i) {
                const auto in = [&](std::size_t gate) {
                    const std::size_t at = (b * 4 + gate) * size + i;
                    return static_cast<double>(gx[at]) + static_cast<double>(gh[at]);
                };
                const double next =
                    squash(in(1)) * static_cast<double>(c[b * size + i]) + squash(in(0)) * std::tanh(in(2));
                CHECK(static_cast<double>(c_new[b * size + i]) == doctest::Approx(next).epsilon(1e-5));
                CHECK(static_cast<double>(h_new[b * size + i]) ==
                      doctest::Approx(squash(in(3)) * std::tanh(next)).epsilon(1e-5));
            }
    }
}
