#include <tapegrad/density/orderless_nade.hpp>

#include "../support/message.hpp"
#include "binary_model.hpp"

using namespace tapegrad;

TEST_CASE("orderless_nade: PyTorch") {
    Generator g(1);
    OrderlessNade<double> model(4, {6, 5}, g);
    support::check_density("orderless", model, [&](const auto& x) {
        return model.log_prob(x, {2, 0, 3, 1});
    });
}

TEST_CASE("orderless_nade: probabilities in each order, ensembles, and the loss") {
    Generator g(2);
    OrderlessNade<double> model(3, {12}, g);
    for (auto& layer : model.layers) init::normal_(layer.weight, g, 0, 1);
    const no_grad constant;
    const Tensor<double> x = support::every_picture(3);
    Tensor<double> mean_of = zeros<double>({8}), losses = zeros<double>({8});
    std::vector<std::vector<int64_t>> orders{{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                             {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    for (const auto& order : orders) {
        const Tensor<double> l = model.log_prob(x, order);
        CHECK(sum(exp(l)).item() == doctest::Approx(1).epsilon(1e-12));
        mean_of = mean_of + exp(l) / 6.0;
        losses = losses - l / 6.0;
    }
    CHECK(support::close(exp(model.ensemble_log_prob(x, orders)), mean_of, 1e-12));
    double total = 0;
    for (int i = 0; i < 400; ++i) total += model.loss(x, g).item() / 400;
    CHECK(total == doctest::Approx(sum(losses).item() / 8).epsilon(0.05));

    const Tensor<double> drawn = model.sample(3000, g);  // the mean over orders is what is drawn
    double first = 0;
    for (int64_t i = 4; i < 8; ++i) first += mean_of(i);
    CHECK(sum(drawn, {0})(0) / 3000 == doctest::Approx(first).epsilon(0.1));
    const Tensor<double> filled = model.inpaint(ones<double>({6, 3}), Tensor<bool>{false, true, false}, g);
    for (int64_t i = 0; i < 6; ++i) CHECK(filled(i, 1) == 1);
}

TEST_CASE("orderless_nade: logits read what is known alone") {
    Generator g(3);
    const OrderlessNade<double> model(4, {20}, g);
    const Tensor<double> known{1, 0, 1, 0};
    const auto sees =
        support::dependencies([&](const Tensor<double>& x) { return model.logits(unsqueeze(x, 0), known); },
                              support::normal<double>({4}));
    for (std::size_t a = 0; a < 4; ++a)
        for (std::size_t b = 0; b < 4; ++b) CHECK(sees[a][b] == (b % 2 == 0));
}

TEST_CASE("orderless_nade: errors") {
    Generator g(1);
    const OrderlessNade<double> model(3, {2}, g);
    CHECK(support::message<ValueError>([&] {
              static_cast<void>(model.log_prob(zeros<double>({1, 3}), {0, 1, 1}));
          }) == "OrderlessNade: an order must have each of 0 .. 2 once");
    CHECK(support::message<ValueError>([&] { static_cast<void>(OrderlessNade<double>(3, {}, g)); }) ==
          "OrderlessNade: 3 variables and 0 hidden layers; there must be one or more");
}
