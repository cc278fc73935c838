// CHECK_GRAD(f, inputs, order): gradients of f against central differences, as one doctest check that shows
// the error.
#pragma once

#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <tapegrad/autograd/gradcheck.hpp>

namespace support {

/// One type for every lambda: the check is compiled once.
using Function = std::function<tapegrad::Tensor<double>(const std::vector<tapegrad::Tensor<double>>&)>;

/// Empty when the gradients are right.
inline std::string gradient_error(const Function& f, const std::vector<tapegrad::Tensor<double>>& inputs,
                                  int order = 3, tapegrad::GradcheckOptions options = {}) {
    options.order = order;
    try {
        tapegrad::gradcheck(f, inputs, options);
    } catch (const tapegrad::Error& e) {
        return e.what();
    }
    return {};
}

}

#define CHECK_GRAD(...) CHECK(support::gradient_error(__VA_ARGS__) == "")
