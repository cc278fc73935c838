#include <tapegrad/nn/prelu.hpp>

#include "../support/message.hpp"
#include "../support/module_golden.hpp"

using namespace tapegrad;

TEST_CASE("prelu: torch.nn") {
    PReLU<double> one, channels(3);
    support::check_module("prelu.one", one, [&](const auto& x) { return std::vector{one(x[0])}; });
    support::check_module("prelu.channels", channels,
                          [&](const auto& x) { return std::vector{channels(x[0])}; });
    CHECK(PReLU<double>()(Tensor<double>(-4.0)).item() == -1);
    CHECK(support::message<ShapeError>([&] {
              static_cast<void>(channels(zeros<double>({2, 4})));
          }) == "PReLU: x (2, 4) has not the 3 channels of weight at axis 1");
}
