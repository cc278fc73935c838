// Vectors to test kernels with: random ones, and equality of bits.
#pragma once

#include <cstdint>
#include <cstring>
#include <random>
#include <vector>

namespace support {

/// n numbers in [-1, 1).
template <class T>
std::vector<T> random_values(std::int64_t n, unsigned seed) {
    std::mt19937 random(seed);
    std::uniform_real_distribution<T> uniform(-1, 1);
    std::vector<T> values(static_cast<std::size_t>(n));
    for (T& v : values) v = uniform(random);
    return values;
}

template <class T>
bool same_bits(const std::vector<T>& a, const std::vector<T>& b) {
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0;
}

}
