#include <tapegrad/density/made_density.hpp>

#include "../support/message.hpp"
#include "binary_model.hpp"

using namespace tapegrad;

TEST_CASE("made_density: PyTorch") {
    Generator g(1);
    MadeDensity<double, Tanh> model(5, {.hidden = {7, 7}}, g);
    support::check_density("made_density", model, [&](const auto& x) { return model.log_prob(x); });
}

TEST_CASE("made_density: probabilities, draws, and ensembles") {
    Generator g(2);
    MadeDensity<double, Tanh> model(
        3, {.hidden = {8}, .degrees = HiddenDegrees::random, .order = VariableOrder::random}, g, 4);
    for (auto* layer : {&model.net.initial_layer, &model.net.final_layer})
        init::normal_(layer->weight, g, 0, 2);
    model.net.set_order({1, 3, 2}, g);
    support::check_binary_model(model);
    support::check_autoregressive([&](const auto& x) { return model.logits(x); }, {1, 3, 2}, false);

    const Tensor<double> x = support::every_picture(3);
    const Tensor<double> mean = exp(model.ensemble_log_prob(x, 3));
    CHECK(sum(mean).item() == doctest::Approx(1).epsilon(1e-12));
    Tensor<double> each = zeros<double>({8});
    for (const int64_t i : {2, 0, 1}) {
        model.use_mask(i);
        each = each + exp(model.log_prob(x)) / 3.0;
    }
    CHECK(support::close(mean, each, 1e-12));
}

TEST_CASE("made_density: errors") {
    Generator g(1);
    CHECK(support::message<ValueError>([&] {
              static_cast<void>(MadeDensity<double, Tanh>(3, {.outputs = 2}, g));
          }) == "MadeDensity: 2 outputs and a context of 0; a density of bits has one and none");
    MadeDensity<double, Tanh> model(3, {}, g);
    CHECK(support::message<ValueError>([&] {
              static_cast<void>(model.ensemble_log_prob(zeros<double>({1, 3}), 0));
          }) == "MadeDensity: 0 masks; there must be one or more");
}
