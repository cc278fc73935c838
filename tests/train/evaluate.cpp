#include <tapegrad/train/evaluate.hpp>

#include <doctest/doctest.h>

#include <cmath>

#include <tapegrad/loss/mse.hpp>
#include <tapegrad/nn/dropout.hpp>
#include <tapegrad/nn/linear.hpp>
#include <tapegrad/ops/elementwise.hpp>
#include <tapegrad/optim/adamw.hpp>

using namespace tapegrad;

namespace {
struct Net {
    Linear<float> in, out;
    Dropout drop{0.5};
    TAPEGRAD_FIELDS(in, out, drop);
    explicit Net(Generator& generator) : in(2, 16, generator), out(16, 1, generator) {}
    Tensor<float> operator()(const Tensor<float>& x) const { return out(drop(tanh(in(x)))); }
};
}

TEST_CASE("evaluate: means of batches count by their size, without chance, and the mode comes back") {
    Generator generator(1);
    Net net(generator);
    const std::vector<double> batches{1, 2, 6};
    const double mean = evaluate(net, batches, [&](double batch) {
        CHECK(!net.drop.training);
        CHECK(!grad_enabled());
        return std::pair(batch, batch == 6 ? 2 : 1);
    });
    CHECK(mean == (1 + 2 + 2 * 6) / 4.0);
    CHECK(net.drop.training);
    CHECK(grad_enabled());
    CHECK_THROWS_AS(
        evaluate(net, batches, [](double) -> std::pair<double, int> { throw ValueError("test: no"); }),
        ValueError);
    CHECK(net.drop.training);
    CHECK(grad_enabled());
    const std::vector<double> none;
    CHECK(std::isnan(evaluate(net, none, [](double v) { return std::pair(v, 1); })));
}

TEST_CASE("evaluate: a model learns one batch by heart, or does not") {
    Generator generator(2);
    Net net(generator);
    eval(net);
    AdamW<float> optimizer(parameters(net), {.lr = 3e-2});
    const Tensor<float> x{{0, 1}, {1, 0}, {1, 1}, {0, 0}}, y{{1}, {1}, {0}, {0}};
    const auto step = [&](bool learn) {
        return [&, learn] {
            const Tensor<float> loss = mse_loss(net(x), y);
            optimizer.zero_grad();
            loss.backward();
            if (learn) optimizer.step();
            return static_cast<double>(loss.item());
        };
    };
    const OverfitReport none = overfit_one_batch(step(false), {.steps = 5});
    CHECK(!none.reached);
    CHECK(none.steps == 5);
    CHECK(none.first == none.last);
    const OverfitReport all = overfit_one_batch(step(true), {.steps = 500});
    CHECK(all.reached);
    CHECK(all.first == none.first);
    CHECK(all.last <= 0.01);
    CHECK(all.steps < 500);
}
