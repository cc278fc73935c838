#include <tapegrad/optim/accumulation.hpp>

#include <doctest/doctest.h>

#include <tapegrad/ops/reduce.hpp>
#include <tapegrad/ops/slicing.hpp>
#include <tapegrad/tensor/creation.hpp>

using namespace tapegrad;

namespace {
/// The mean over rows of a loss of each row.
Tensor<double> mean_loss(const Tensor<double>& x, const Tensor<double>& w) {
    return mean(square(sum(x * w, -1) - 1.0));
}
}

TEST_CASE("accumulation: parts of unequal length equal one batch") {
    const Tensor<double> x = sin(linspace<double>(0, 50, 60)).detach();
    const Tensor<double> rows = detail::view_of(x, {20, 3}, {3, 1});
    Tensor<double> w{0.5, -1.0, 2.0};
    w.requires_grad_();
    const Tensor<double> whole = mean_loss(rows, w);
    whole.backward();
    const std::vector<double> wanted = to_vector(w.grad());
    w.zero_grad();
    GradientAccumulation accumulation;
    int64_t from = 0;
    for (const int64_t length : {1, 7, 0, 10, 2}) {
        accumulation.backward(mean_loss(slice(rows, 0, from, from + length), w), length);
        from += length;
    }
    CHECK(accumulation.count() == 20);
    const double loss = accumulation.finish(std::vector{w});
    CHECK(loss == doctest::Approx(whole.item()).epsilon(1e-14));
    for (int64_t i = 0; i < 3; ++i)
        CHECK(w.grad()(i) == doctest::Approx(wanted[static_cast<std::size_t>(i)]).epsilon(1e-14));
    CHECK(accumulation.count() == 0);
}

TEST_CASE("accumulation: errors") {
    GradientAccumulation accumulation;
    Tensor<float> w = ones<float>({2}).requires_grad_();
    CHECK_THROWS_WITH_AS(accumulation.finish(std::vector{w}), "GradientAccumulation: there were no tokens",
                         ValueError);
    CHECK_THROWS_WITH_AS(accumulation.backward(sum(w), -1),
                         "GradientAccumulation: count is -1; it must not be negative", ValueError);
}
