#include <tapegrad/loss/reduction.hpp>

#include <doctest/doctest.h>

#include "../support/tensors.hpp"

using namespace tapegrad;

TEST_CASE("reduction: none, mean and sum") {
    const Tensor<double> x{{1, 2}, {3, 6}};
    CHECK(detail::reduced(x, Reduction::none).is_same(x));
    CHECK(detail::reduced(x, Reduction::mean).item() == 3);
    CHECK(detail::reduced(x, Reduction::sum).item() == 12);
    CHECK(detail::reduced(x, Reduction::sum).rank() == 0);
    CHECK(std::isnan(detail::reduced(empty<double>({0}), Reduction::mean).item()));
}
