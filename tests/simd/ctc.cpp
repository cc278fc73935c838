#include <tapegrad/simd/ctc.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

using namespace tapegrad;

namespace {

/// Losses and gradients of a batch of rows of equal probability but for a ripple.
template <class T>
std::pair<std::vector<T>, std::vector<T>> run(int64_t width) {
    const simd::CtcShape s{2 * width + 1, 2, 4, width, 0};
    std::vector<T> x(static_cast<std::size_t>(s.time * s.batch * s.classes));
    for (std::size_t i = 0; i < x.size(); ++i)
        x[i] = static_cast<T>(-1.5 + 0.01 * static_cast<double>(i % 7));
    std::vector<int64_t> targets(static_cast<std::size_t>(2 * width));
    for (std::size_t i = 0; i < targets.size(); ++i) targets[i] = 1 + static_cast<int64_t>(i * i % 3);
    const std::vector<int64_t> inputs{s.time, s.time - 1}, lengths{width, width / 2};
    std::vector<T> losses(2), alphas(static_cast<std::size_t>(2 * s.time * s.row())), dx(x.size());
    const std::vector<T> dy{1, 2};
    simd::ctc(x.data(), targets.data(), inputs.data(), lengths.data(), losses.data(), alphas.data(), s);
    simd::ctc_backward(x.data(), targets.data(), inputs.data(), lengths.data(), losses.data(), alphas.data(),
                       dy.data(), dx.data(), s);
    return {losses, dx};
}

}

TEST_CASE("ctc: each time step has one share of every alignment") {
    // The states of a step are probabilities: their gradients add up to -dloss.
    for (const int64_t width : {1, 3, 7, 8, 9, 16, 17, 40}) {
        CAPTURE(width);
        const auto [losses, dx] = run<double>(width);
        const auto [single, single_dx] = run<float>(width);
        for (std::size_t b = 0; b < 2; ++b) {
            CHECK(static_cast<double>(single[b]) == doctest::Approx(losses[b]).epsilon(1e-5));
            for (int64_t t = 0; t < 2 * width + 1; ++t) {
                double total = 0;
                for (std::size_t c = 0; c < 4; ++c)
                    total += dx[(static_cast<std::size_t>(t) * 2 + b) * 4 + c];
                const bool inside = t < 2 * width + 1 - static_cast<int64_t>(b);
                CHECK(total == doctest::Approx(inside ? -1.0 - static_cast<double>(b) : 0.0));
            }
        }
    }
}
