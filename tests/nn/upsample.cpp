#include <tapegrad/nn/upsample.hpp>

#include <doctest/doctest.h>

#include <tapegrad/nn/sequential.hpp>

#include "../support/tensors.hpp"

using namespace tapegrad;
using support::same_bits;

TEST_CASE_TEMPLATE("upsample: layers are their operations", T, float, double) {
    const Tensor<T> x = support::normal<T>({2, 4, 3, 6});
    CHECK(same_bits(Upsample{{.size = Spatial{5, 4}, .mode = InterpolateMode::bicubic}}(x),
                    interpolate(x, {.size = Spatial{5, 4}, .mode = InterpolateMode::bicubic})));
    CHECK(same_bits(UpsamplingNearest2d{2}(x), interpolate(x, {.scale_factor = {2}})));
    const Tensor<T> y = UpsamplingBilinear2d{3}(x);
    CHECK(y.shape() == Shape{2, 4, 9, 18});
    CHECK(y(1, 2, 0, 17) == x(1, 2, 0, 5));  // a corner
    CHECK(same_bits(PixelShuffle{2}(x), pixel_shuffle(x, 2)));
    CHECK(same_bits(PixelUnshuffle{3}(x), pixel_unshuffle(x, 3)));
    CHECK(same_bits(ChannelShuffle{2}(x), channel_shuffle(x, 2)));
    const Sequential<Upsample, PixelShuffle> chain{Upsample{{.scale_factor = {2}}}, PixelShuffle{2}};
    CHECK(chain(x).shape() == Shape{2, 1, 12, 24});
    CHECK(state_dict(chain).empty());
}
