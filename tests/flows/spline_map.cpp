#include <tapegrad/flows/spline_map.hpp>

#include <doctest/doctest.h>

#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;

namespace {

/// As many parameters as the tails want, and a way back.
template <class Map>
void check(int64_t none, int64_t linear, int64_t circular) {
    static_assert(ElementMap<Map, double>);
    const Tensor<double> x = support::uniform<double>({10}, -1, 1);
    for (const auto& [tails, count] : {std::pair{SplineTails::none, none},
                                       {SplineTails::linear, linear},
                                       {SplineTails::circular, circular}}) {
        const Map spline(4, {.tails = tails});
        REQUIRE(spline.count == count);
        const Tensor<double> p = support::normal<double>({10, spline.count});
        const auto y = spline.forward(x, p);
        const auto back = spline.inverse(y.value, p);
        CHECK(support::close(back.value, x, 1e-12));
        CHECK(support::close(back.log_slope, -y.log_slope, 1e-11));
    }
    CHECK(Map().count == Map(8).count);
}

}

TEST_CASE("spline maps: their parameters") {
    check<LinearMap>(4, 4, 4);
    check<QuadraticMap>(9, 7, 8);
    check<CubicMap>(10, 10, 10);
    check<RationalQuadraticMap>(13, 11, 12);
    check<SoftClippedMap>(13, 11, 12);
    CHECK(support::message<ValueError>([] { RationalQuadraticMap(0); }) ==
          "SplineMap: 0 pieces; there must be one or more");
}
