#include <tapegrad/density/fvsbn.hpp>

#include "binary_model.hpp"

using namespace tapegrad;

TEST_CASE("fvsbn: PyTorch") {
    Generator g(1);
    Fvsbn<double> model(5, g);
    support::check_density("fvsbn", model, [&](const auto& x) { return model.log_prob(x); });
}

TEST_CASE("fvsbn: probabilities, draws, and what depends on what") {
    Generator g(2);
    Fvsbn<double> model(3, g);
    init::normal_(model.layer.weight, g, 0, 2);
    support::check_binary_model(model);
    support::check_autoregressive([&](const auto& x) { return model.logits(x); }, {0, 1, 2});
    CHECK(Fvsbn<float>(4, g).log_prob(zeros<float>({2, 4})).shape() == Shape{2});
}
