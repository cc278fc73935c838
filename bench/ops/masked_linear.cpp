// Linear layers under a mask, given and of degrees, beside one without and one that multiplies the mask in before.
#include <tapegrad/ops/indexing.hpp>
#include <tapegrad/ops/masked_linear.hpp>

#include "../support/through_tape.hpp"

namespace {

using namespace support;

const bool registered = [] {
    constexpr int64_t batch = 100, in = 784, out = 500;
    Generator generator(2);
    const Tensor<float> x = randn<float>({batch, in}, generator), mask = tril(ones<float>({out, in}));
    const Tensor<int64_t> of_in = arange<int64_t>(in), of_out = arange<int64_t>(out);
    const char* const shape = "100x784x500";
    add_with_gradient("masked_linear", shape, {out, in},
                      [=](const Tensor<float>& w) { return masked_linear(x, w, mask); });
    add_with_gradient("degree_linear", shape, {out, in},
                      [=](const Tensor<float>& w) { return degree_linear(x, w, of_in, of_out); });
    add_with_gradient("linear_unmasked", shape, {out, in},
                      [=](const Tensor<float>& w) { return linear(x, w); });
    add_with_gradient("linear_of_product", shape, {out, in},
                      [=](const Tensor<float>& w) { return linear(x, w * mask); });
    return true;
}();

}
