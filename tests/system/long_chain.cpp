// A chain of a million operations trains.
#include <tapegrad/tapegrad.hpp>

#include <doctest/doctest.h>

#include <cmath>

using namespace tapegrad;

TEST_CASE("a chain of a million operations trains") {
    constexpr int length = 1'000'000;
    Tensor<double> w = full<double>({2}, 1.0).requires_grad_();
    SGD<double> optimizer({w}, {.lr = 0.1});
    // y = 2^length / 2^length w, so dloss/dw = 2 (w - 3).
    double expected = 1;
    for (int step = 0; step < 2; ++step) {
        Tensor<double> y = w;
        for (int i = 0; i < length; ++i) y = y * (i % 2 == 0 ? 2.0 : 0.5);
        const Tensor<double> loss = sum(square(y - 3.0));
        CHECK(loss.item() == doctest::Approx(2 * (expected - 3) * (expected - 3)));
        optimizer.zero_grad();
        loss.backward();
        optimizer.step();
        expected -= 0.1 * 2 * (expected - 3);
        for (const double value : to_vector(w.detach())) CHECK(value == doctest::Approx(expected));
    }
}
