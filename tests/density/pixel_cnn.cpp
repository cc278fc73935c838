#include <tapegrad/density/pixel_cnn.hpp>

#include "../support/message.hpp"
#include "image_model.hpp"

using namespace tapegrad;

TEST_CASE("pixel_cnn: PyTorch") {
    Generator g(1);
    PixelCnn<double> model({.channels = 4, .blocks = 1, .window = 3, .head = 3}, g);
    support::check_density("pixel_cnn", model, [&](const auto& x) { return model.log_prob(x); });
}

TEST_CASE("pixel_cnn: probabilities, draws, and what depends on what") {
    Generator g(2);
    PixelCnn<double> model({.channels = 6, .blocks = 2, .window = 3, .head = 8}, g);
    init::normal_(model.input.weight, g);
    init::normal_(model.output.weight, g);
    support::check_binary_model(support::OfRows<PixelCnn<double>>{model, 1, 3});
    requires_grad_(model, false);
    const support::OfRows<PixelCnn<double>> rows{model, 4, 4};
    support::check_autoregressive([&](const auto& x) { return rows.logits(x); }, support::reading_order(16),
                                  false);
    CHECK(support::message<ValueError>([&] { static_cast<void>(PixelCnn<double>({.channels = 5}, g)); }) ==
          "PixelCnn: 5 channels; blocks take half of them");
}
