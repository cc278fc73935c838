#include <tapegrad/flows/flow_matching/loss.hpp>

#include <doctest/doctest.h>

#include <tapegrad/flows/flow.hpp>
#include <tapegrad/optim/adam.hpp>

#include "../../support/tensors.hpp"

using namespace tapegrad;

TEST_CASE_TEMPLATE("flow_matching: a field that is trained moves noise to data", T, float, double) {
    // From N(0, 1) to N((2, -1), 0.25) in the plane: the velocity is linear in x at every time.
    Generator generator(1);
    TimeMlp<SELU, T> field(2, {32, 32}, generator);
    Adam optimizer(parameters<T>(field), {.lr = 5e-3});
    const auto shift = Tensor<T>{2, -1};
    double first = 0, last = 0;
    for (int step = 0; step < 300; ++step) {
        const auto x0 = randn<T>({128, 2}, generator), x1 = randn<T>({128, 2}, generator) * T(0.5) + shift;
        const auto loss = flow_matching_loss(field, sample_path(StraightPath{}, x0, x1, generator));
        optimizer.zero_grad();
        loss.backward();
        optimizer.step();
        (step == 0 ? first : last) = static_cast<double>(loss.item());
    }
    CHECK(last < first);
    const auto x = flow_matching_sample(field, randn<T>({2000, 2}, generator));
    CHECK(!x.requires_grad());
    const auto middle = mean(x, {0});
    CHECK(support::close(middle, shift, 0.1));
    CHECK(mean(square(x - middle)).item() == doctest::Approx(0.25).epsilon(0.2));
    if constexpr (std::is_same_v<T, float>) {
        // The likelihood, by the same field: that of the normal density at its middle.
        const Flow density(StandardNormal<T>({2}), ContinuousFlow(field));
        const double want = -std::log(2 * 3.14159265358979324 * 0.25);
        CHECK(static_cast<double>(density.log_prob(reshape(shift, {1, 2})).item()) ==
              doctest::Approx(want).epsilon(0.3));
    }
}
