// Windows of images: their largest elements, their means, and themselves as columns.
#include <tapegrad/ops/im2col.hpp>
#include <tapegrad/ops/pool.hpp>

#include "../support/through_tape.hpp"

namespace {

using namespace support;

struct Case {
    const char* name;
    Shape shape;
    int64_t window, stride, padding;
};
const Case cases[] = {
    {"stem_3x3s2_8x64x112x112", {8, 64, 112, 112}, 3, 2, 1},
    {"halve_2x2_8x128x64x64", {8, 128, 64, 64}, 2, 2, 0},
    {"around_3x3_4x256x32x32", {4, 256, 32, 32}, 3, 1, 1},
};

const bool registered = [] {
    for (const Case& c : cases) {
        add_with_gradient("max_pool2d", c.name, c.shape, [&c](const Tensor<float>& x) {
            return max_pool2d(x, c.window, {.stride = c.stride, .padding = c.padding});
        });
        add_with_gradient("avg_pool2d", c.name, c.shape, [&c](const Tensor<float>& x) {
            return avg_pool2d(x, c.window, {.stride = c.stride, .padding = c.padding});
        });
        add_with_gradient("unfold", c.name, c.shape, [&c](const Tensor<float>& x) {
            return unfold(x, c.window, {.padding = c.padding, .stride = c.stride});
        });
    }
    const Shape columns{4, 256 * 9, 32 * 32};
    add_with_gradient("fold", cases[2].name, columns, [](const Tensor<float>& y) {
        return fold(y, {32, 32}, 3, {.padding = 1});
    });
    return true;
}();

}
