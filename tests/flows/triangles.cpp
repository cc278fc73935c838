#include <tapegrad/flows/triangles.hpp>

#include <doctest/doctest.h>

#include "../support/check_grad.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;

TEST_CASE("triangles: entries row by row") {
    const Tensor<double> entries{1.0, 2.0, 3.0}, on{7.0, 8.0, 9.0};
    CHECK(support::same_bits(detail::upper_triangle(entries, on),
                             {{7.0, 1.0, 2.0}, {0.0, 8.0, 3.0}, {0.0, 0.0, 9.0}}));
    CHECK(support::same_bits(detail::unit_lower_triangle(entries, 3),
                             {{1.0, 0.0, 0.0}, {1.0, 1.0, 0.0}, {2.0, 3.0, 1.0}}));
    CHECK(detail::upper_triangle(zeros<float>({0}), ones<float>({1})).item() == 1);
    CHECK_GRAD([](const auto& v) { return detail::upper_triangle(v[0], v[1]); }, {entries, on}, 2);
    CHECK_GRAD([](const auto& v) { return detail::unit_lower_triangle(v[0], 3); }, {entries}, 2);
}
