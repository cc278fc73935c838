// Samplers against the golden file of generation: tests/golden/generation.py says what is in it.
#pragma once

#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <tapegrad/generation/draw.hpp>
#include <tapegrad/io/safetensors.hpp>
#include <vector>

#include "../support/tensors.hpp"

namespace support {

using namespace tapegrad;

inline const SafetensorsFile& generation_golden() {
    static const SafetensorsFile file("tests/golden/generation.safetensors");
    return file;
}

template <class T>
Tensor<T> generation_case(const std::string& name) {
    const Tensor<float> stored = generation_golden().load<float>(name);
    Tensor<T> x = empty<T>(stored.shape());
    std::copy(stored.data(), stored.data() + stored.numel(), x.mutable_data());
    return x;
}

/// The rows of (B, T) as contexts, whose first `prompt` tokens were not drawn.
inline std::vector<SamplerContext> contexts(const Tensor<int64_t>& tokens, int64_t prompt = 0) {
    std::vector<SamplerContext> out;
    const auto length = static_cast<std::size_t>(tokens.size(1));
    for (int64_t b = 0; b < tokens.size(0); ++b)
        out.push_back({{tokens.data() + b * tokens.size(1), length}, prompt});
    return out;
}

/// Whether the sampler makes of the golden logits what the case says: -inf at the same places, and equal numbers.
template <class T, class S>
void check_golden(const std::string& name, const S& sampler, double tolerance = 0) {
    CAPTURE(name);
    const Tensor<T> logits = generation_case<T>("logits");
    const Tensor<int64_t> tokens = generation_golden().load<int64_t>("tokens");
    const Tensor<T> got = processed_logits(logits, sampler, contexts(tokens, 4)),
                    want = generation_case<T>(name);
    REQUIRE(got.shape() == want.shape());
    int64_t other_places = 0, other_values = 0;
    for (int64_t i = 0; i < got.numel(); ++i) {
        const T a = got.data()[i], b = want.data()[i];
        if (std::isinf(a) != std::isinf(b)) ++other_places;
        if (std::isinf(a) || std::isinf(b)) continue;
        other_values += std::abs(static_cast<double>(a) - static_cast<double>(b)) >
                                tolerance * (1 + std::abs(static_cast<double>(b)))
                            ? 1
                            : 0;
    }
    CHECK(other_places == 0);
    CHECK(other_values == 0);
}

/// A row as candidates, by what a sampler makes of it.
template <class T, class S>
std::vector<int64_t> left_of(const std::vector<T>& logits, S sampler, const SamplerContext& before = {}) {
    Candidates<T> candidates{std::span<const T>(logits)};
    sampler(candidates, before);
    std::vector<int64_t> tokens;
    for (int64_t i = 0; i < candidates.size(); ++i) tokens.push_back(candidates.token(i));
    return tokens;
}

}
