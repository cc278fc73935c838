#include <tapegrad/density/nade.hpp>

#include "../support/message.hpp"
#include "binary_model.hpp"

using namespace tapegrad;

TEST_CASE("nade: PyTorch") {
    Generator g(1);
    Nade<double> model(5, 4, g);
    support::check_density("nade", model, [&](const auto& x) { return model.log_prob(x); });
}

TEST_CASE("nade: probabilities, draws, and what depends on what") {
    Generator g(2);
    Nade<double> model(3, 6, g);
    for (auto* w : {&model.weight, &model.output_weight}) init::normal_(*w, g, 0, 2);
    support::check_binary_model(model);
    support::check_autoregressive([&](const auto& x) { return model.logits(x); }, {0, 1, 2});
    CHECK(Nade<float>(4, 2, g).log_prob(zeros<float>({2, 4})).shape() == Shape{2});
    CHECK(support::message<ValueError>([&] { static_cast<void>(Nade<float>(0, 2, g)); }) ==
          "Nade: 0 variables and 2 units; there must be one or more");
}
