#include <tapegrad/density/gated_pixels.hpp>

#include "../support/message.hpp"
#include "image_model.hpp"

using namespace tapegrad;

TEST_CASE("gated_pixels: every pixel that comes before, and no other") {
    Generator g(3);
    GatedPixels<double> net(1, 1, {.channels = 4, .layers = 5, .first_window = 3, .head = 6}, g);
    requires_grad_(net, false);
    support::check_autoregressive(
        [&](const auto& x) {
            return flatten(net(reshape(x, {1, 1, 4, 4})), 1);
        },
        support::reading_order(16));
    GatedPixels<double> two(3, 2, {.channels = 2, .layers = 1}, g);
    CHECK(two(zeros<double>({2, 3, 5, 4})).shape() == Shape{2, 2, 5, 4});
    CHECK(support::message<ValueError>([&] {
              static_cast<void>(GatedPixels<double>(1, 1, {.layers = 0}, g));
          }) == "GatedPixels: 0 layers; there must be one or more");
}
