#include <tapegrad/density/gated_pixel_cnn.hpp>

#include "image_model.hpp"

using namespace tapegrad;

TEST_CASE("gated_pixel_cnn: PyTorch") {
    Generator g(1);
    GatedPixelCnn<double> model({.channels = 3, .layers = 2, .first_window = 5, .head = 4}, g);
    support::check_density("gated_pixel_cnn", model, [&](const auto& x) { return model.log_prob(x); });
}

TEST_CASE("gated_pixel_cnn: probabilities and draws") {
    Generator g(2);
    GatedPixelCnn<double> model({.channels = 4, .layers = 2, .first_window = 3, .head = 6}, g);
    for (auto& layer : model.net.layers) init::normal_(layer.horizontal.weight, g);
    init::normal_(model.net.output.weight, g, 0, 2);
    support::check_binary_model(support::OfRows<GatedPixelCnn<double>>{model, 3, 1});
}
