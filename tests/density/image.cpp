#include <tapegrad/density/image.hpp>

#include <doctest/doctest.h>

#include "../support/message.hpp"

using namespace tapegrad;

TEST_CASE("image: pixels in the order of reading, but those that are known") {
    const Tensor<float> x = reshape(arange<float>(8), {1, 2, 2, 2});
    const Tensor<bool> known{{true, false}, {false, true}};
    int asked = 0;
    const Tensor<float> y =
        detail::fill_pixels(x, detail::known_pixels("PixelCnn", x, known, 2),
                            [&](const Tensor<float>& so_far, int64_t i, int64_t j) {
                                CHECK((i + j == 1 && so_far(0, 0, 0, 0) == 0 && so_far(0, 1, 0, 0) == 4));
                                return full<float>({1, 2}, static_cast<float>(10 * ++asked));
                            });
    CHECK(to_vector(y) == std::vector<float>{0, 10, 20, 3, 4, 10, 20, 7});
}

TEST_CASE("image: errors") {
    const auto call = [](const Shape& x, const Shape& known) {
        return support::message<ShapeError>([&] {
            static_cast<void>(detail::known_pixels("PixelCnn", zeros<float>(x), zeros<bool>(known), 1));
        });
    };
    CHECK(call({2, 3, 4, 4}, {4, 4}) == "PixelCnn: x (2, 3, 4, 4) is not (n, 1, height, width)");
    CHECK(call({2, 1, 4, 5}, {4, 4}) == "PixelCnn: known (4, 4) is neither (4, 5) nor (2, 4, 5)");
}
