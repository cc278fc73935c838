#include <tapegrad/train/master_weights.hpp>

#include <doctest/doctest.h>

#include <tapegrad/loss/mse.hpp>
#include <tapegrad/ops/convert.hpp>
#include <tapegrad/ops/elementwise.hpp>
#include <tapegrad/optim/sgd.hpp>
#include <tapegrad/tensor/creation.hpp>

using namespace tapegrad;

TEST_CASE("master_weights: small updates add up") {
    Tensor<bfloat16> w{bfloat16(1.0F), bfloat16(-2.0F)};
    w.requires_grad_();
    MasterWeights<bfloat16> masters({w});
    SGD<float> optimizer(masters.parameters(), {.lr = 1e-3});
    const Tensor<float> target{0, 0};
    for (int i = 0; i < 100; ++i) {
        const auto loss = mse_loss(to<float>(w), target);
        loss.backward();
        masters.take_gradients();
        CHECK(!w.grad().defined());
        optimizer.step();
        masters.write_back();
    }
    // One update is 0.001 of the value, a quarter of half a step of bfloat16: without the copies nothing moves.
    const double wanted = std::pow(1 - 1e-3, 100);
    const auto value = [](auto v) { return static_cast<double>(static_cast<float>(v)); };
    CHECK(value(masters.parameters()[0](0)) == doctest::Approx(wanted).epsilon(2e-3));
    CHECK(value(w(0)) == doctest::Approx(wanted).epsilon(4e-3));
    CHECK(value(w(1)) == doctest::Approx(-2 * wanted).epsilon(4e-3));
    CHECK(static_cast<float>(w(0)) == static_cast<float>(bfloat16(masters.parameters()[0](0))));
}

TEST_CASE("master_weights: a scaled loss, and a parameter without a gradient") {
    Tensor<float16> w{float16(3.0F)}, unused{float16(1.0F)};
    w.requires_grad_();
    unused.requires_grad_();
    MasterWeights<float16> masters({w, unused});
    (to<float>(w) * 1024.0F).backward();
    masters.take_gradients(1024);
    CHECK(masters.parameters()[0].grad()(0) == 1);
    CHECK(!masters.parameters()[1].grad().defined());
    const uint32_t version = w.version();
    masters.write_back();
    CHECK(w.version() == version + 1);
    CHECK(static_cast<float>(w(0)) == 3);
    CHECK(w.requires_grad());
}
