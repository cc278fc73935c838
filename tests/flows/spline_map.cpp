#include <tapegrad/flows/spline_map.hpp>

#include <doctest/doctest.h>

#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;

TEST_CASE_TEMPLATE("RationalQuadraticMap: as many parameters as the tails want", T, float, double) {
    static_assert(ElementMap<RationalQuadraticMap, T>);
    const Tensor<T> x = support::uniform<T>({10}, -1, 1);
    for (const auto& [tails, count] :
         {std::pair{SplineTails::none, 13}, {SplineTails::linear, 11}, {SplineTails::circular, 12}}) {
        const RationalQuadraticMap spline(4, {.tails = tails});
        REQUIRE(spline.count == count);
        const Tensor<T> p = support::normal<T>({10, spline.count});
        const auto y = spline.forward(x, p);
        CHECK(support::same_bits(y.value, rational_quadratic_spline(x, p, {.tails = tails}).value));
        CHECK(support::close(spline.inverse(y.value, p).value, x, 1e-5));
    }
    CHECK(RationalQuadraticMap().count == RationalQuadraticMap(8).count);
    CHECK(support::message<ValueError>([] { RationalQuadraticMap(0); }) ==
          "RationalQuadraticMap: 0 pieces; there must be one or more");
}
