// The recurrence of NADE on pictures of 784 pixels, three in ten of them 1, with 500 units.
#include <tapegrad/ops/nade.hpp>

#include "../support/through_tape.hpp"

namespace {

using namespace support;

const bool registered = [] {
    constexpr int64_t batch = 100, variables = 784, hidden = 500;
    Generator generator(2);
    const Tensor<float> x = bernoulli<float>(0.3, {batch, variables}, generator),
                        v = randn<float>({variables, 1, hidden}, generator), b = zeros<float>({variables, 1}),
                        c = zeros<float>({hidden});
    add_with_gradient("nade", "100x784x500", {variables, hidden},
                      [=](const Tensor<float>& w) { return nade(x, w, v, b, c); });
    return true;
}();

}
