#include <tapegrad/flows/zero_conv.hpp>

#include <doctest/doctest.h>

#include "../support/tensors.hpp"

using namespace tapegrad;

TEST_CASE_TEMPLATE("ZeroConv: zero at first, then scaled", T, float, double) {
    ZeroConv<T> conv(2, 3);
    const Tensor<T> x = support::normal<T>({1, 2, 4, 5});
    CHECK(support::same_bits(conv(x).detach(), zeros<T>({1, 3, 4, 5})));
    conv.conv.bias = ones<T>({3});
    conv.log_scale = full<T>({3}, T(0.5));
    CHECK(support::close(conv(x).detach(), full<T>({1, 3, 4, 5}, T(std::exp(1.5))), 1e-6));
    CHECK(count_parameters(conv) == 3 * 2 * 9 + 3 + 3);
}
