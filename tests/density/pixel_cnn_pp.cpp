#include <tapegrad/density/pixel_cnn_pp.hpp>

#include "../support/message.hpp"
#include "golden.hpp"

using namespace tapegrad;

namespace {
const GatedPixelsOptions small{.channels = 3, .layers = 2, .first_window = 3, .head = 4};
}

TEST_CASE("pixel_cnn_pp: PyTorch") {
    Generator g(1);
    PixelCnnPlusPlus<double> grey({.mixtures = 2, .levels = {.levels = 8}, .net = small}, g);
    support::check_density(
        "pixel_cnn_pp.grey", grey, [&](const auto& x) { return grey.log_prob(x); }, 1e-8);
    PixelCnnPlusPlus<double> colour({.colours = 3, .mixtures = 2, .levels = {.levels = 8}, .net = small}, g);
    support::check_density(
        "pixel_cnn_pp.colour", colour, [&](const auto& x) { return colour.log_prob(x); }, 1e-8);
}

TEST_CASE("pixel_cnn_pp: probabilities of all pictures, and draws with them") {
    Generator g(2);
    const no_grad constant;
    const PixelCnnPlusPlus<double> model(
        {.colours = 3, .mixtures = 2, .levels = {.low = 0, .high = 2, .levels = 3}, .net = small}, g);
    Tensor<double> x = empty<double>({27, 3, 1, 1});
    for (int64_t i = 0; i < 27; ++i)
        for (int64_t c = 0, rest = i; c < 3; ++c, rest /= 3)
            detail::output(x)[3 * i + c] = static_cast<double>(rest % 3);
    const Tensor<double> p = exp(model.log_prob(x));
    CHECK(sum(p).item() == doctest::Approx(1).epsilon(1e-12));
    const int64_t n = 4000;
    const std::vector<double> drawn = to_vector(model.sample(n, 1, 1, g));
    std::vector<double> often(27);
    for (std::size_t i = 0; i < drawn.size(); i += 3)
        often[static_cast<std::size_t>(drawn[i] + 3 * drawn[i + 1] + 9 * drawn[i + 2])] += 1.0 / n;
    for (int64_t i = 0; i < 27; ++i)
        CHECK(std::fabs(often[static_cast<std::size_t>(i)] - p(i)) < 5 * std::sqrt((p(i) + 1e-3) / n));
    const Tensor<double> kept = model.inpaint(ones<double>({1, 3, 1, 2}), Tensor<bool>{{true, false}}, g);
    for (int64_t c = 0; c < 3; ++c) CHECK(kept(0, c, 0, 0) == 1);
}

TEST_CASE("pixel_cnn_pp: errors") {
    Generator g(1);
    CHECK(support::message<ValueError>([&] {
              static_cast<void>(PixelCnnPlusPlus<double>({.colours = 2}, g));
          }) == "PixelCnnPlusPlus: 2 colours; there must be 1 or 3");
    CHECK(support::message<ValueError>([&] {
              static_cast<void>(PixelCnnPlusPlus<double>({.mixtures = 0}, g));
          }) == "PixelCnnPlusPlus: 0 mixtures; there must be one or more");
}
