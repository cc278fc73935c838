// The density of a trained flow integrates to 1 over the plane, and its draws are where the points are.
#include <doctest/doctest.h>

#include <cmath>

#include <tapegrad/data/point_sets.hpp>
#include <tapegrad/density/made.hpp>
#include <tapegrad/flows/autoregressive.hpp>
#include <tapegrad/flows/coupling.hpp>
#include <tapegrad/flows/flow.hpp>
#include <tapegrad/flows/spline_map.hpp>
#include <tapegrad/nn/residual_net.hpp>
#include <tapegrad/optim/adam.hpp>

using namespace tapegrad;

namespace {

/// sum of p(x) dA over the middles of n x n squares of [-reach, reach]^2.
template <class F>
double integral(const F& flow, double reach, int64_t n) {
    const no_grad constant;
    const double side = 2 * reach / static_cast<double>(n);
    double total = 0;
    for (int64_t r = 0; r < n; ++r) {
        Tensor<float> row = empty<float>({n, 2});
        for (int64_t c = 0; c < n; ++c) {
            row.mutable_data()[2 * c] = static_cast<float>(-reach + side * (static_cast<double>(c) + 0.5));
            row.mutable_data()[2 * c + 1] =
                static_cast<float>(-reach + side * (static_cast<double>(r) + 0.5));
        }
        total += static_cast<double>(sum(exp(flow.log_prob(row))).item()) * side * side;
    }
    return total;
}

/// Trains on batches of two moons, twice as large; gives the last losses' mean.
template <class F>
double train(F& flow, int steps) {
    Generator data(3);
    Adam<> optimizer(parameters(flow), {.lr = 2e-3});
    double last = 0;
    for (int step = 0; step < steps; ++step) {
        const Tensor<float> loss =
            -mean(flow.log_prob(two_moons<float>(256, data, {.scale = 2, .shift = -1})));
        optimizer.zero_grad();
        backward(loss);
        optimizer.step();
        if (step >= steps - 50) last += static_cast<double>(loss.item()) / 50;
    }
    return last;
}

template <class F>
void check(F flow, int steps, double nats) {
    CHECK(train(flow, steps) < nats);
    CHECK(std::abs(integral(flow, 12, 700) - 1) < 0.01);
    Generator drawing(4);
    const auto [x, log_prob] = flow.sample_with_log_prob(2000, drawing);
    CHECK(std::abs(-static_cast<double>(mean(log_prob).item()) - nats) < 0.6);
    CHECK(static_cast<double>(mean(flow.log_prob(x) - log_prob).item()) < 1e-3);
}

}

TEST_SUITE("slow") {
    TEST_CASE("a trained flow integrates to 1") {
        Generator g(1);
        const SplineOptions bounds{.low = -4, .high = 4, .scale = 0.2};
        const RationalQuadraticMap spline(8, bounds);
        std::vector<Coupling<RationalQuadraticMap, ResidualNet<>>> layers;
        for (int i = 0; i < 4; ++i)
            layers.emplace_back(alternating_mask(2, i % 2 == 0), spline,
                                ResidualNet<>(1, spline.count, 32, {.blocks = 1}, g));
        check(Flow(StandardNormal<float>({2}), ComposedList(std::move(layers))), 700, 2.8);

        using Layer = Autoregressive<AffineMap, Made<>>;
        std::vector<Layer> maf;
        for (int i = 0; i < 4; ++i)
            maf.emplace_back(
                AffineMap{AffineScale::softplus, true},
                Made<>(2, {.hidden = {32, 32}, .outputs = 2, .order = VariableOrder::random}, g));
        check(Flow(StandardNormal<float>({2}), ComposedList(std::move(maf))), 500, 3.3);
    }
}
