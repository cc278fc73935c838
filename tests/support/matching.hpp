// The cases of tests/golden/matching.safetensors.
#pragma once

#include <tapegrad/io/safetensors.hpp>

#include "tensors.hpp"

namespace support {

template <class T = double>
Tensor<T> matching_golden(const std::string& key) {
    static const SafetensorsFile file("tests/golden/matching.safetensors");
    return file.load<T>(key);
}

}
