#include <tapegrad/flows/masks.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace tapegrad;

TEST_CASE("masks") {
    const auto bits = [](const Tensor<bool>& m) {
        std::string s;
        for (int64_t i = 0; i < m.numel(); ++i) s += m.data()[i] ? '1' : '0';
        return s;
    };
    CHECK(bits(alternating_mask(5)) == "10101");
    CHECK(bits(alternating_mask(4, false)) == "0101");
    CHECK(bits(half_mask(5)) == "11100");
    CHECK(bits(half_mask(4, false)) == "0011");
    CHECK(bits(checkerboard_mask(2, 3)) == "101010");
    CHECK(checkerboard_mask(2, 3).shape() == Shape{1, 2, 3});
    CHECK(bits(checkerboard_mask(3, 2, false)) == "011001");
}
