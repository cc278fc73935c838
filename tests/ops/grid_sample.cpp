#include <tapegrad/ops/grid_sample.hpp>

#include <doctest/doctest.h>

#include <limits>

#include "../support/check_grad.hpp"
#include "../support/message.hpp"
#include "../support/tensors.hpp"

using namespace tapegrad;
using support::message;
using support::normal;
using X = Tensor<double>;

namespace {

X identity(int64_t batch, int spatial) {
    X theta = zeros<double>({batch, spatial, spatial + 1});
    for (int64_t n = 0; n < batch; ++n)
        for (int64_t i = 0; i < spatial; ++i) theta.mutable_data()[(n * spatial + i) * (spatial + 1) + i] = 1;
    return theta;
}

}

TEST_CASE("grid_sample: the grid of the identity gives the image back") {
    const X image = normal<double>({2, 3, 4, 5}), volume = normal<double>({1, 2, 3, 2, 4});
    for (const bool corners : {false, true})
        for (const SamplePadding padding :
             {SamplePadding::zeros, SamplePadding::border, SamplePadding::reflection}) {
            for (const SampleMode mode : {SampleMode::bilinear, SampleMode::nearest, SampleMode::bicubic}) {
                const X y = grid_sample(image, affine_grid(identity(2, 2), image.shape(), corners),
                                        {.mode = mode, .padding = padding, .align_corners = corners});
                CHECK(support::close(y, image, 1e-12));
            }
            const X y = grid_sample(volume, affine_grid(identity(1, 3), volume.shape(), corners),
                                    {.padding = padding, .align_corners = corners});
            CHECK(support::close(y, volume, 1e-12));
        }
}

TEST_CASE("grid_sample: a grid of the places of another size is interpolation") {
    const X x = normal<double>({1, 2, 4, 5});
    const X y = grid_sample(x, affine_grid(identity(1, 2), {1, 2, 7, 9}, true), {.align_corners = true});
    CHECK(support::close(
        y, interpolate(x, {.size = Spatial{7, 9}, .mode = InterpolateMode::bilinear, .align_corners = true}),
        1e-12));
}

TEST_CASE("grid_sample: gradients by image and grid, to the third order") {
    const X x = normal<double>({1, 2, 3, 3}), grid = normal<double>({1, 2, 2, 2}) * 0.4;
    CHECK_GRAD([](const auto& v) { return grid_sample(v[0], v[1]); }, {x, grid}, 3);
    CHECK_GRAD([&](const auto& v) { return grid_sample(x, v[0], {.mode = SampleMode::bicubic}); }, {grid}, 2);
    CHECK_GRAD(
        [&](const auto& v) {
            return grid_sample(x, affine_grid(v[0], {1, 2, 2, 2}));
        },
        {identity(1, 2) * 0.6}, 3);
}

TEST_CASE("grid_sample: outside, NaN and infinity") {
    const float nan = std::numeric_limits<float>::quiet_NaN(), inf = std::numeric_limits<float>::infinity();
    const auto x = ones<float>({1, 1, 2, 2});
    const auto grid = reshape(Tensor<float>{nan, 0, 0, nan, inf, 0, -inf, inf, 9, 9, 0, 0}, {1, 1, 6, 2});
    for (const SampleMode mode : {SampleMode::bilinear, SampleMode::nearest, SampleMode::bicubic}) {
        // The cubic kernel reaches out of the image, where its negative parts meet zeros.
        const float inside = mode == SampleMode::bicubic ? 1.1875F * 1.1875F : 1;
        CHECK(to_vector(grid_sample(x, grid, {.mode = mode})) == std::vector<float>{0, 0, 0, 0, 0, inside});
    }
    CHECK(grid_sample(zeros<float>({0, 2, 3, 3}), zeros<float>({0, 4, 5, 2})).shape() == Shape{0, 2, 4, 5});
}

TEST_CASE("grid_sample: errors") {
    const auto fault = [](const Shape& x, const Shape& grid, const GridSampleOptions& o = {}) {
        return message<Error>([&] { grid_sample(zeros<float>(x), zeros<float>(grid), o); });
    };
    CHECK(fault({1, 2, 3}, {1, 2, 1}) ==
          "grid_sample: x (1, 2, 3) must be (batch, channels) and two or three spatial axes");
    CHECK(fault({2, 1, 3, 3}, {1, 2, 2, 2}) ==
          "grid_sample: grid (1, 2, 2, 2) must be (2, ..., 2) of the rank of x (2, 1, 3, 3)");
    CHECK(fault({1, 1, 0, 3}, {1, 2, 2, 2}) == "grid_sample: axis 2 of x (1, 1, 0, 3) is empty");
    CHECK(fault({1, 1, 2, 2, 2}, {1, 1, 1, 1, 3}, {.mode = SampleMode::bicubic}) ==
          "grid_sample: bicubic is for images, and x (1, 1, 2, 2, 2) has three spatial axes");
    CHECK(message<ShapeError>([] {
              affine_grid(zeros<float>({1, 3, 3}), {1, 1, 2, 2});
          }) ==
          "affine_grid: theta (1, 3, 3) and size (1, 1, 2, 2) must be (batch, 2, 3) and (batch, channels, "
          "height, "
          "width), or with a depth (batch, 3, 4)");
}
