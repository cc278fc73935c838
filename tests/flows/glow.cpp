#include <tapegrad/flows/glow.hpp>

#include <doctest/doctest.h>

#include <tapegrad/optim/adam.hpp>

#include "../support/bijector.hpp"
#include "../support/message.hpp"

using namespace tapegrad;
using support::message;

namespace {

/// Images of a bright bar at a random place on a dark ground.
Tensor<float> bars(int64_t n, int64_t size, Generator& generator) {
    Tensor<float> x = floor(rand<float>({n, 1, size, size}, generator) * 32.0F);
    const Tensor<float> places = rand<float>({n}, generator);
    float* const out = detail::output(x);
    for (int64_t i = 0; i < n; ++i) {
        const auto at = static_cast<int64_t>(places.data()[i] * static_cast<float>(size));
        for (int64_t k = 0; k < size; ++k) out[(i * size + k) * size + at] += 200;
    }
    return x;
}

}

// In float alone, which is what images take; its parts have tests in both.
TEST_CASE("Glow: inverses and volumes") {
    using T = float;
    Generator generator(4);
    Glow<T> model({1, 4, 4}, generator, {.scales = 2, .steps = 2, .hidden = 4});
    {
        const no_grad values;
        for_each_parameter(model, [&](std::string_view key, Tensor<T>& p) {
            if (key.find("last") != key.npos || key.find("prior") != key.npos)
                init::normal_(p, generator, 0, 0.1);
        });
    }
    const Tensor<T> x = support::uniform<T>({3, 1, 4, 4}, -0.5, 0.5);
    support::check_bijector(model.scales, x, {}, {.tolerance = 2e-5});
    const Tensor<T> images = floor((x + T(0.5)) * T(256));
    CHECK(support::same_bits(model.inverse(model.forward(images).value).value, images));
}

TEST_CASE("Glow: learns a tiny set of images") {
    Generator generator(2);
    manual_seed(2);
    Glow<float> model({1, 8, 8}, generator, {.scales = 2, .steps = 2, .hidden = 16});
    Adam optimizer(parameters<float>(model), {.lr = 5e-3});
    const auto mean_bits = [&] { return mean(model.bits_per_dim(bars(32, 8, generator))); };
    static_cast<void>(mean_bits());
    const float before = mean_bits().item();
    for (int i = 0; i < 60; ++i) {
        const Tensor<float> loss = mean_bits();
        zero_grad(model);
        loss.backward();
        optimizer.step();
    }
    const float after = mean_bits().item();
    CAPTURE(before);
    CAPTURE(after);
    CHECK(after < before - 1);
    const Tensor<float> drawn = model.sample(3, generator, 0.8);
    CHECK(drawn.shape() == Shape{3, 1, 8, 8});
    CHECK(amin(drawn).item() >= 0);
    CHECK(amax(drawn).item() <= 255);
    CHECK(support::same_bits(drawn, floor(drawn)));
    // The coldest draw is one image.
    const Tensor<float> cold = model.sample(2, generator, 0);
    CHECK(support::same_bits(detail::contiguous(select(cold, 0, 0)), detail::contiguous(select(cold, 0, 1))));
}

TEST_CASE("Glow: steps that are rebuilt give the same gradients and take no memory") {
    const auto run = [](int64_t steps, bool rebuilds) {
        Generator generator(2);
        manual_seed(2);
        const Glow<float> model({1, 8, 8}, generator,
                                {.scales = 1, .steps = steps, .hidden = 8, .rebuilds = rebuilds});
        const Tensor<float> images = bars(256, 8, generator);
        model.forward(images);
        manual_seed(3);
        const int64_t before = pool::statistics().live_bytes;
        pool::reset_peak();
        mean(model.bits_per_dim(images)).backward();
        const int64_t peak = pool::statistics().peak_bytes - before;
        std::vector<Tensor<float>> gradients;
        for (const auto& p : parameters<float>(model)) gradients.push_back(p.grad());
        return std::pair(peak, gradients);
    };
    const auto [deep, rebuilt] = run(8, true);
    const auto [kept_peak, kept] = run(8, false);
    for (std::size_t i = 0; i < kept.size(); ++i) CHECK(support::close(rebuilt[i], kept[i], 1e-4));
    const int64_t shallow = run(2, true).first;
    CAPTURE(shallow);
    CAPTURE(deep);
    CAPTURE(kept_peak);
    CHECK(deep < shallow + shallow / 8);
    CHECK(kept_peak > 3 * deep);
}

TEST_CASE("Glow: errors") {
    Generator generator(2);
    CHECK(message<ValueError>([&] {
              Glow<float>({1, 6, 6}, generator, {.scales = 2, .steps = 1, .hidden = 2});
          }) == "MultiScale: stage 1 cannot halve 3 x 3 places");
    CHECK(message<ValueError>([&] {
              Glow<float>({1, 8, 8}, generator, {.scales = 0});
          }) ==
          "Glow: 1 channels, 0 scales, 32 steps and 512 hidden channels: all must be positive, scales at "
          "most 16");
    const Glow<float> model({1, 2, 2}, generator, {.scales = 1, .steps = 1, .hidden = 2});
    CHECK(message<ValueError>([&] { model.sample(1, generator, -1); }) ==
          "Glow: 1 draws at temperature -1: neither may be negative");
}
