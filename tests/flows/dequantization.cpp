#include <tapegrad/flows/dequantization.hpp>

#include <doctest/doctest.h>

#include <tapegrad/flows/flow.hpp>

#include "../support/bijector.hpp"
#include "../support/message.hpp"

using namespace tapegrad;
using support::message;

TEST_CASE_TEMPLATE("Dequantization: integers come back, the volume is that of a level", T, float, double) {
    manual_seed(3);
    const Tensor<T> x = floor(support::uniform<T>({4, 1, 30, 30}, 0, 256));
    support::check_bijector(Dequantization(), x, {}, {.compare_jacobian = false});
    const Tensor<T> y = Dequantization().forward(x).value;
    CHECK(amax(y).item() < T(1));
    CHECK(amin(y).item() >= T(0));
    CHECK(std::fabs(mean(y * T(256) - x).item() - T(0.5)) < 0.02);
    CHECK(Dequantization(4).inverse(Tensor<T>{T(1.7), T(-0.1)}).value.data()[0] == 3);
}

TEST_CASE("Dequantization: of even integers each bit costs one bit; errors") {
    const Dequantization bits(2);
    const Tensor<double> x = floor(support::uniform<double>({5, 8}, 0, 2));
    CHECK(bits.forward(x).log_det.data()[0] == doctest::Approx(-8 * std::log(2.0)));
    CHECK(message<ValueError>([] { Dequantization(0); }) == "Dequantization: 0 levels are not positive");
}
