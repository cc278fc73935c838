// The moving points of tests/golden/ode.py.
#pragma once

#include <tapegrad/io/safetensors.hpp>
#include <tapegrad/nn/module.hpp>
#include <tapegrad/ops/matmul.hpp>
#include <tapegrad/ops/primitive.hpp>

#include "tensors.hpp"

namespace support {

inline Tensor<double> ode_golden(const std::string& key) {
    static const SafetensorsFile file("tests/golden/ode.safetensors");
    return file.load<double>(key);
}

/// f(t, y) = tanh(y u + t v) w
template <class T>
struct OdeField {
    Tensor<T> u, v, w;
    TAPEGRAD_FIELDS(u, v, w);

    Tensor<T> operator()(double t, const Tensor<T>& y) const {
        return matmul(tanh(matmul(y, u) + v * static_cast<T>(t)), w);
    }
};
inline OdeField<double> golden_field() {
    OdeField<double> f{ode_golden("u"), ode_golden("v"), ode_golden("w")};
    requires_grad_(f);
    return f;
}

}
