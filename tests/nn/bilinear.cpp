#include <tapegrad/nn/bilinear.hpp>

#include "../support/message.hpp"
#include "../support/module_golden.hpp"

using namespace tapegrad;

TEST_CASE("bilinear: torch.nn") {
    Generator g(1);
    Bilinear<double> layer(3, 4, 2, g);
    support::check_module("bilinear", layer, [&](const auto& x) { return std::vector{layer(x[0], x[1])}; });
}

TEST_CASE("bilinear: the start, names and options") {
    Generator g(1);
    const Bilinear layer(16, 5, 30, g);
    CHECK(layer.weight.shape() == Shape{30, 16, 5});
    CHECK(layer.bias.shape() == Shape{30});
    CHECK(state_dict(layer).begin()->name == "weight");
    float most = 0;
    for (const auto& p : parameters(layer))
        for (const float v : to_vector(p)) most = std::max(most, std::fabs(v));
    CHECK(most <= 0.25F);
    CHECK(most > 0.24F);
    const Bilinear bare(16, 5, 30, g, {.bias = false});
    CHECK(count_parameters(bare) == 30 * 16 * 5);
}

TEST_CASE("bilinear: errors") {
    Generator g(1);
    CHECK(support::message<ValueError>([&] { static_cast<void>(Bilinear(0, 2, 2, g)); }) ==
          "Bilinear: in1 is 0");
    CHECK_THROWS_AS(Bilinear(2, 2, -1, g), ShapeError);
}
