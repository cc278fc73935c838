#include <tapegrad/density/rnade.hpp>

#include "../support/message.hpp"
#include "golden.hpp"

using namespace tapegrad;

TEST_CASE("rnade: PyTorch") {
    Generator g(1);
    Rnade<double> model(4, 3, 2, g);
    support::check_density("rnade", model, [&](const auto& x) { return model.log_prob(x); });
    CHECK(Rnade<float>(3, 2, 2, g).log_prob(zeros<float>({2, 3})).shape() == Shape{2});
}

TEST_CASE("rnade: the density integrates to 1, and draws have it") {
    Generator g(2);
    Rnade<double> model(2, 5, 2, g);
    init::normal_(model.output_weight, g, 0, 0.25);
    const int64_t n = 121;
    Tensor<double> x = empty<double>({n * n, 2});
    for (int64_t i = 0; i < n * n; ++i) {
        detail::output(x)[2 * i] = -9 + 0.15 * static_cast<double>(i / n);
        detail::output(x)[2 * i + 1] = -9 + 0.15 * static_cast<double>(i % n);
    }
    const no_grad constant;
    const Tensor<double> p = exp(model.log_prob(x)) * (0.15 * 0.15);
    CHECK(sum(p).item() == doctest::Approx(1).epsilon(1e-3));
    const Tensor<double> mean_of = sum(unsqueeze(p, 1) * x, {0});
    const Tensor<double> drawn = model.sample(4000, g);
    CHECK(support::close(sum(drawn, {0}) / 4000.0, mean_of, 0.1));
    const Tensor<double> given = full<double>({5, 2}, 0.7);
    const Tensor<double> filled = model.inpaint(given, Tensor<bool>{true, false}, g);
    for (int64_t i = 0; i < 5; ++i) CHECK((filled(i, 0) == 0.7 && filled(i, 1) != 0.7));
}

TEST_CASE("rnade: errors") {
    Generator g(1);
    CHECK(support::message<ValueError>([&] { static_cast<void>(Rnade<double>(2, 3, 0, g)); }) ==
          "Rnade: 0 components");
}
