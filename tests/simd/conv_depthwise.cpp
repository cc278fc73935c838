#include <tapegrad/simd/conv_depthwise.hpp>

#include "conv_definition.hpp"

using namespace conv_definition;

TEST_CASE_TEMPLATE("conv_depthwise: the definition, and both transposes", T, float, double) {
    const ConvShape shapes[] = {
        shape(1, 1, 1, 1, {1, 1, 1}, {1, 1, 1}),
        shape(3, 3, 1, 1, {1, 9, 8}, {1, 3, 3}, {1, 2, 2}, {0, 1, 1}),
        shape(2, 5, 1, 1, {1, 12, 40}, {1, 3, 3}, {1, 1, 1}, {0, 1, 1}),
        shape(2, 2, 1, 1, {1, 1, 100}, {1, 1, 7}, {1, 1, 3}, {0, 0, 5}, {1, 1, 2}),
        shape(1, 2, 1, 1, {4, 5, 17}, {2, 3, 2}, {2, 1, 3}, {1, 1, 0}, {1, 2, 1}),
        shape(1, 2, 1, 1, {1, 4, 4}, {1, 3, 3}, {1, 1, 1}, {0, 6, 5}),
        shape(1, 2, 1, 1, {1, 5, 6}, {1, 1, 2}, {1, 4, 5}),
        shape(2, 1, 1, 1, {1, 33, 16}, {1, 5, 4}, {1, 1, 2}, {0, 2, 1}, {1, 3, 1}),
        shape(0, 2, 1, 1, {1, 4, 4}, {1, 3, 3}),
    };
    for (const ConvShape& s : shapes) {
        REQUIRE(s.is_depthwise());
        check<T>(s);
    }
}

TEST_CASE("conv_depthwise: what lies outside of a window does not reach it") {
    const ConvShape s = shape(1, 1, 1, 1, {1, 1, 40}, {1, 1, 3}, {1, 1, 2}, {0, 0, 1});
    const std::vector<float> w{1, 1, 1}, dy(static_cast<std::size_t>(volume(s.result)), 1.0F);
    for (std::size_t place = 0; place < 40; ++place) {
        std::vector<float> x(40, 1.0F), y(dy.size()), dw(3);
        x[place] = std::numeric_limits<float>::quiet_NaN();
        simd::conv<float>(x.data(), w.data(), nullptr, y.data(), s);
        for (std::size_t i = 0; i < y.size(); ++i)
            REQUIRE(std::isnan(y[i]) == (place + 1 >= 2 * i && place + 1 <= 2 * i + 2));
        simd::conv_weight(x.data(), dy.data(), dw.data(), s);
        for (std::size_t t = 0; t < 3; ++t)
            REQUIRE(std::isnan(dw[t]) == ((place + 1) % 2 == t % 2 && place + 1 >= t && place + 1 < 40 + t));
    }
}
