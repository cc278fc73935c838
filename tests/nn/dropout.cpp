#include <tapegrad/nn/dropout.hpp>

#include <doctest/doctest.h>

#include <tapegrad/tensor/creation.hpp>

using namespace tapegrad;

TEST_CASE("dropout: in training keeps 1 - p and divides by it, else does nothing") {
    Dropout drop{.p = 0.25};
    const auto x = ones<float>({10'000});
    Generator g(1);
    double sum = 0;
    for (const float v : to_vector(drop(x, g))) {
        CHECK((v == 0 || static_cast<double>(v) == doctest::Approx(4.0 / 3)));
        sum += static_cast<double>(v);
    }
    CHECK(sum == doctest::Approx(10'000).epsilon(
                     0.03));  // five deviations: 10'000 * sqrt(1 / 3 / 10'000) * 5 / 10'000
    eval(drop);
    const auto before = g.offset();
    CHECK(drop(x, g).is_same(x));
    CHECK(g.offset() == before);
}

TEST_CASE("dropout: the generator of the thread when none is given") {
    const Dropout drop;
    const auto x = ones<float>({100});
    manual_seed(3);
    const auto first = to_vector(drop(x));
    manual_seed(3);
    CHECK(first == to_vector(drop(x)));
    CHECK(first != to_vector(drop(x)));
}
