#include <tapegrad/flows/image_coupling.hpp>

#include <doctest/doctest.h>

#include "../support/bijector.hpp"
#include "../support/message.hpp"

using namespace tapegrad;
using support::message;

namespace {

template <class T, class B>
B disturbed(B b) {
    const no_grad values;
    Generator generator(9);
    for_each_parameter(b, [&](std::string_view, Tensor<T>& p) { init::normal_(p, generator, 0, 0.2); });
    return b;
}

}

TEST_CASE_TEMPLATE("ImageCoupling, SplitPrior: inverses and volumes", T, float, double) {
    Generator generator(5);
    const Tensor<T> x = support::normal<T>({2, 3, 2, 2});
    support::check_bijector(disturbed<T>(ImageCoupling<T>(3, 4, generator)), x);
    support::check_bijector(disturbed<T>(SplitPrior<T>(3)), x);
}

TEST_CASE("ImageCoupling, SplitPrior: how they begin, gradients, errors") {
    Generator generator(5);
    const Tensor<double> x = support::normal<double>({1, 2, 1, 2});
    const ImageCoupling<double> coupling(2, 2, generator);
    const SplitPrior<double> prior(2);
    CHECK(support::same_bits(prior.forward(x).value.detach(), x));
    CHECK(coupling.forward(x).log_det.item() == doctest::Approx(-2 * std::log1p(std::exp(-2.0))));
    support::check_bijector_gradients(disturbed<double>(coupling), x);
    support::check_bijector_gradients(disturbed<double>(prior), x);
    CHECK(message<ValueError>([&] { ImageCoupling<double>(1, 4, generator); }) ==
          "ImageCoupling: 1 channels have no halves");
    CHECK(message<ShapeError>([&] {
              prior.forward(zeros<double>({2, 3, 1, 1}));
          }) == "SplitPrior: x (2, 3, 1, 1) is not (n, 2, ...)");
    CHECK(message<ShapeError>([&] {
              prior.forward(zeros<double>({2, 2, 1}));
          }) == "SplitPrior: x (2, 2, 1) is not (n, channels, height, width)");
}
