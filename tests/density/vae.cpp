#include <tapegrad/density/vae.hpp>

#include "../support/message.hpp"
#include "binary_model.hpp"

using namespace tapegrad;

TEST_CASE("vae: PyTorch") {
    Generator g(1);
    Vae<double> model(5, {.hidden = 4, .latent = 2}, g);
    const Tensor<double> normal = support::density_golden().get<double>("vae.x1");  // (3, B, latent)
    support::check_density("vae", model, [&](const auto& x) { return model.bound(x, normal); });
    Vae<double> single(5, {.hidden = 4, .latent = 2}, g);
    const Tensor<double> one = support::density_golden().get<double>("elbo.x1");
    support::check_density("elbo", single, [&](const auto& x) { return single.bound(x, one); });
}

TEST_CASE("vae: bounds of more draws lie nearer to the log-probability, never above it") {
    Generator g(2);
    Vae<double> model(3, {.hidden = 6, .latent = 1}, g);
    for (auto* layer : {&model.output, &model.decoder1}) init::normal_(layer->weight, g, 0, 2);
    const no_grad constant;
    const Tensor<double> x = support::every_picture(3);
    // p(x) by a sum over a grid of z.
    const int64_t n = 401;
    Tensor<double> z = empty<double>({n, 1, 1});
    for (int64_t i = 0; i < n; ++i) detail::output(z)[i] = -8 + 0.04 * static_cast<double>(i);
    const Tensor<double> log_joint =
        bernoulli_log_prob(model.decode(z), x) - squeeze(z * z, 2) / 2.0 - 0.918938533204672742;
    const Tensor<double> exact = logsumexp(log_joint, {0}) + std::log(0.04);
    CHECK(sum(exp(exact)).item() == doctest::Approx(1).epsilon(1e-6));
    const auto bound = [&](int64_t draws) {
        Tensor<double> total = zeros<double>({8});
        for (int i = 0; i < 200; ++i) total = total + model.bound(x, draws, g) / 200.0;
        return sum(total).item();
    };
    const double one = bound(1), ten = bound(10), many = bound(200), truth = sum(exact).item();
    CHECK((one < ten && ten < many && many < truth + 0.02));
    CHECK(many == doctest::Approx(truth).epsilon(0.01));
    CHECK(model.sample(5, g).shape() == Shape{5, 3});
    const Tensor<double> filled = model.inpaint(ones<double>({4, 3}), Tensor<bool>{true, false, true}, g, 3);
    for (int64_t i = 0; i < 4; ++i) CHECK((filled(i, 0) == 1 && filled(i, 2) == 1));
}

TEST_CASE("vae: errors") {
    Generator g(1);
    CHECK(support::message<ValueError>([&] { static_cast<void>(Vae<float>(3, {.latent = 0}, g)); }) ==
          "Vae: 3 variables, 200 units and 0 latent variables; there must be one or more");
    const Vae<double> model(3, {.hidden = 2, .latent = 1}, g);
    CHECK(support::message<ValueError>([&] {
              static_cast<void>(model.bound(zeros<double>({1, 3}), 0, g));
          }) == "Vae: 0 draws; there must be one or more");
}
