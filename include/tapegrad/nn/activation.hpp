// Activations as modules, for places that take a module (`Sequential`). Names and defaults are those of torch.nn.
#pragma once

#include "../ops/activation.hpp"
#include "../ops/glu.hpp"
#include "../ops/softmax.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct ReLU {
    auto operator()(const auto& x) const { return relu(x); }
};
struct ReLU6 {
    auto operator()(const auto& x) const { return relu6(x); }
};
struct LeakyReLU {
    double negative_slope = 0.01;
    auto operator()(const auto& x) const { return leaky_relu(x, negative_slope); }
};
struct ELU {
    double alpha = 1;
    auto operator()(const auto& x) const { return elu(x, alpha); }
};
struct SELU {
    auto operator()(const auto& x) const { return selu(x); }
};
struct CELU {
    double alpha = 1;
    auto operator()(const auto& x) const { return celu(x, alpha); }
};
/// The exact one, by erf, unless asked for the other.
struct GELU {
    GeluForm approximate = GeluForm::erf;
    auto operator()(const auto& x) const { return gelu(x, {.approximate = approximate}); }
};
struct SiLU {
    auto operator()(const auto& x) const { return silu(x); }
};
struct Mish {
    auto operator()(const auto& x) const { return mish(x); }
};
struct Sigmoid {
    auto operator()(const auto& x) const { return sigmoid(x); }
};
struct LogSigmoid {
    auto operator()(const auto& x) const { return logsigmoid(x); }
};
struct Hardsigmoid {
    auto operator()(const auto& x) const { return hardsigmoid(x); }
};
struct Hardswish {
    auto operator()(const auto& x) const { return hardswish(x); }
};
struct Hardtanh {
    double min_val = -1, max_val = 1;
    auto operator()(const auto& x) const { return hardtanh(x, min_val, max_val); }
};
struct Tanh {
    auto operator()(const auto& x) const { return tanh(x); }
};
struct Tanhshrink {
    auto operator()(const auto& x) const { return tanhshrink(x); }
};
struct Softplus {
    auto operator()(const auto& x) const { return softplus(x); }
};
struct Softsign {
    auto operator()(const auto& x) const { return softsign(x); }
};
struct Softshrink {
    double lambda = 0.5;
    auto operator()(const auto& x) const { return softshrink(x, lambda); }
};
struct Hardshrink {
    double lambda = 0.5;
    auto operator()(const auto& x) const { return hardshrink(x, lambda); }
};
struct Softmax {
    int64_t axis = -1;
    auto operator()(const auto& x) const { return softmax(x, axis); }
};
struct Softmin {
    int64_t axis = -1;
    auto operator()(const auto& x) const { return softmin(x, axis); }
};
struct LogSoftmax {
    int64_t axis = -1;
    auto operator()(const auto& x) const { return log_softmax(x, axis); }
};
struct GLU {
    int64_t axis = -1;
    auto operator()(const auto& x) const { return glu(x, axis); }
};

}
